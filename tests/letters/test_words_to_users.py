"""What mails say to a user in the place of what staff are told."""

from __future__ import annotations

from tests.steps import data_requested, flat, minutes_later, opened, staff_writes
from tests.world import PaperWorld


def test_a_user_hears_the_date_and_staff_that_the_calendar_behind_it_may_change(office: PaperWorld) -> None:
    office.at("2027-03-05 08:00")  # Idul Fitri of 2027 is an estimate
    opened(office)
    staff_writes(office, "#prioritas 3")
    staff_writes(office, "#minta-data Mohon tangkapan layarnya.")
    minutes_later(office, 4)
    asked = flat(office.last("pengguna", "user_request").text)
    assert "paling lambat" in asked and "(perkiraan)" not in asked
    staff_writes(office, "#status")
    assert "(perkiraan)" in flat(office.last("petugas", "staff_receipt").text)


def test_what_lpse_asks_while_lkpp_waits_for_data_is_not_closed_by_silence(office: PaperWorld) -> None:
    data_requested(office)
    staff_writes(office, "#minta-data Mohon pula kode tendernya.")
    minutes_later(office, 4)
    assert office.status() == "awaiting_data"
    asked = flat(office.last("pengguna", "user_request").text)
    assert "paling lambat" in asked and "Bapak/Ibu akan kami ingatkan." in asked and "tutup" not in asked


def test_a_greeting_writes_the_name_as_a_name_and_the_form_to_lkpp_as_it_was_written(office: PaperWorld) -> None:
    notice = opened(office, "Tidak bisa login.\nNama: budi santoso, s.kom\nInstansi: cv contoh\nHP: 081234567890")
    staff_writes(office, "#eskalasi Login gagal.", notice)
    assert "Yth. Bapak/Ibu Budi Santoso, S.Kom," in office.last("pengguna", "user_escalated").text
    assert "budi santoso, s.kom" in office.last("lkpp", "lkpp_escalation").text
    assert "budi santoso, s.kom" in notice.text
