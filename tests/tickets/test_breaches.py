"""Penyimpangan: every limit that passes is kept, with how late, whose turn it was, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.procedure import service
from tests.happenings import Told
from tests.happenings import office as paper_office
from tests.steps import flat, links, minutes_later, opened, staff_writes
from tests.world import PEOPLE, Letter, PaperWorld


def begun(office: PaperWorld) -> Letter:
    """A ticket of priority 3: four hours for the first response."""
    return opened(office, "Yth. Admin, kami lupa kata sandi SPSE.", subject="Lupa kata sandi SPSE")


def kept(office: PaperWorld) -> list[tuple[str, str, int | None, str | None]]:
    """(clock, party, minutes or None while it lasts, handler) of each breach."""
    rows = office.rows("SELECT clock, party, minutes, handler FROM breaches ORDER BY due, id")
    return [(row["clock"], row["party"], row["minutes"], row["handler"]) for row in rows]


def at(office: PaperWorld, when: str) -> None:
    office.at(when)
    assert office.once()


@pytest.fixture
def late(office: PaperWorld) -> PaperWorld:
    """A P3 ticket of 9.00 o'clock whose first response was due at 14.00; it is 14.00."""
    office.at("2026-12-21 09:00")
    begun(office)
    assert kept(office) == []
    at(office, "2026-12-21 14:00")
    return office


def test_a_limit_that_passes_is_kept_while_it_lasts(late: PaperWorld) -> None:
    assert kept(late) == [("first_response", "LPSE", None, None)]
    row = late.rows("SELECT due, step, reason FROM breaches")[0]
    assert (row["due"], row["step"], row["reason"]) == ("2026-12-21T07:00:00.000000+00:00", "", "")


def test_it_ends_with_its_clock_however_long_after(late: PaperWorld) -> None:
    at(late, "2026-12-22 08:00")  # two hours of service, and half an hour on the next day
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 150, None)]
    ended = late.rows("SELECT ended_at FROM breaches")[0]["ended_at"]
    assert ended == "2026-12-22T01:00:00.000000+00:00"


def test_what_came_in_time_and_was_read_late_is_no_breach(late: PaperWorld) -> None:
    told = late.last("petugas", "staff_new_ticket")
    late.at("2026-12-21 13:59")
    late.write("petugas", "#jawab Silakan coba lagi.", answers=told)
    at(late, "2026-12-21 14:20")
    assert late.status() == "resolved"
    assert kept(late) == []


def test_less_than_a_minute_is_no_breach(late: PaperWorld) -> None:
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == []


def test_a_limit_that_nobody_watched_is_kept_when_its_clock_ends(office: PaperWorld) -> None:
    """mailbot stood still over the limit, and the answer is the first thing that it sees."""
    office.at("2026-12-21 09:00")
    told = begun(office)
    office.at("2026-12-21 14:30")
    office.write("petugas", "#jawab Silakan coba lagi.", answers=told)
    office.once()
    assert kept(office) == [("first_response", "LPSE", 30, None)]


def test_whose_ticket_it_was_stays_with_it(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    told = begun(office)
    office.write("rekan", "#ambil", answers=office.last("rekan"))
    office.once()
    at(office, "2026-12-21 14:00")
    office.write("petugas", "#ambil", answers=told)
    at(office, "2026-12-21 14:10")
    assert kept(office) == [("first_response", "LPSE", None, PEOPLE["rekan"])]


def test_another_priority_afterwards_undoes_no_breach(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#prioritas 4")
    minutes_later(late, 10)
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 20, None)]


def test_an_answer_taken_back_lets_the_breach_go_on(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 10, None)]
    minutes_later(late, 1)
    staff_writes(late, "#batal")
    assert kept(late) == [("first_response", "LPSE", None, None)]
    minutes_later(late, 9)
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 20, None)]


def test_an_event_that_fails_leaves_no_breach(late: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes_later(late, 10)
    before = kept(late)
    monkeypatch.setattr(service, "kill_point", lambda name: 1 / 0 if name == "handling" else None)
    late.write("petugas", "#jawab Silakan.", answers=late.last("petugas", "staff_new_ticket"))
    late.once()
    assert kept(late) == before == [("first_response", "LPSE", None, None)]


# --- the two limits of the paper, and LKPP's ------------------------------------------------------------


def test_the_five_minutes_of_the_escalation_are_kept(tmp_path: Path) -> None:
    told = Told(paper_office(tmp_path, "lpse-support"))
    told.world.at("2026-12-21 09:00")
    told.happens("pengguna menulis e-mail baru")
    told.settle()
    told.happens("#eskalasi")
    told.settle()
    told.later(17)
    told.happens("#tts 12345")
    assert kept(told.world) == [("escalation", "LPSE", 12, PEOPLE["petugas"])]
    assert told.world.rows("SELECT step FROM breaches")[0]["step"] == "1"
    told.world.store.close()


def test_the_five_minutes_of_the_forwarding_are_kept(tmp_path: Path) -> None:
    told = Told(paper_office(tmp_path))
    told.world.at("2026-12-21 09:00")
    for phrase in ("pengguna menulis e-mail baru", "#eskalasi", "LKPP: minta data", "pengguna mengirim makro"):
        told.happens(phrase)
        told.settle()
    told.later(8)
    told.happens("#teruskan")
    told.settle()
    assert kept(told.world) == [("forwarding", "LPSE", 3, PEOPLE["petugas"])]
    told.world.store.close()


def test_lkpps_silence_is_lkpps_breach_and_the_users_is_nobodys(tmp_path: Path) -> None:
    told = Told(paper_office(tmp_path))
    told.world.at("2026-12-21 09:00")
    for phrase in ("pengguna menulis e-mail baru", "#eskalasi"):
        told.happens(phrase)
        told.settle()
    told.world.at("2026-12-23 10:00")  # two working days and an hour
    told.happens("LKPP: minta data")
    assert kept(told.world) == [("lkpp_status", "LKPP", 60, PEOPLE["petugas"])]
    told.world.at("2027-01-11 10:00")  # the user never sends what is asked for
    told.world.once()
    assert [each for each in kept(told.world) if each[0] != "target"] == [
        ("lkpp_status", "LKPP", 60, PEOPLE["petugas"])
    ]
    told.world.store.close()


# --- #alasan ---------------------------------------------------------------------------------------


def test_a_reason_is_given_in_reply_to_the_reminder_and_shown(late: PaperWorld) -> None:
    reminder = late.last("petugas", "staff_reminder")
    assert "#alasan" in links(reminder)
    assert "Penyimpangan" in reminder.text and "alasan belum diberikan" in flat(reminder.text)
    minutes_later(late, 10)
    staff_writes(late, "#alasan Jaringan kantor terputus.", reminder)
    receipt = flat(late.last("petugas", "staff_receipt").text)
    assert "Alasan penyimpangan dicatat. Untuk 1 penyimpangan." in receipt
    row = late.rows("SELECT reason, reason_by FROM breaches")[0]
    assert (row["reason"], row["reason_by"]) == ("Jaringan kantor terputus.", PEOPLE["petugas"])
    staff_writes(late, "#status")
    status = flat(late.last("petugas", "staff_receipt").text)
    assert "Respons awal kepada pengguna: batas Senin, 21 Desember 2026 pukul 14.00 WIB, belum selesai" in status
    assert "terlambat 10 menit dalam jam layanan; giliran LPSE (belum ada penangan)" in status
    assert "alasan: Jaringan kantor terputus." in status


def test_a_reason_goes_to_what_has_none_and_a_second_one_to_the_last(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#alasan Jaringan terputus.")
    staff_writes(late, "#alasan Jaringan dan listrik terputus.")
    assert [row["reason"] for row in late.rows("SELECT reason FROM breaches")] == ["Jaringan dan listrik terputus."]
    assert late.rows("SELECT count(*) AS n FROM texts WHERE kind = 'reason'")[0]["n"] == 2


def test_a_ticket_in_time_needs_no_reason(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#alasan Banyak pekerjaan.")
    assert "tidak melewati batas waktu apa pun" in flat(office.last("petugas", "staff_receipt").text)


def test_coordinator_and_head_read_of_it(late: PaperWorld) -> None:
    at(late, "2026-12-22 09:30")
    report = flat(late.last("koordinator", "coordinator_overdue").text)
    assert "Penyimpangan : 1 kali, tanpa alasan" in report
    assert "LPSE 8 jam dalam jam layanan" in report
    staff_writes(late, "#alasan Jaringan terputus.")
    staff_writes(late, "#kepala Belum dijawab.")
    report = flat(late.last("kepala", "head_report").text)
    assert "Respons awal kepada pengguna: batas Senin, 21 Desember 2026 pukul 14.00 WIB" in report
    assert "alasan: Jaringan terputus." in report
