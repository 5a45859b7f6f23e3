"""The caps on automatic mail: what is above one is held, told once, and let go or lapsed."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailbot import letters
from mailbot.delivery import decisions
from mailbot.letters import caps
from mailbot.model import NamedAddress
from mailbot.procedure import service
from mailbot.restraint import held, loops
from mailbot.store import traffic
from mailbot.store.database import Store, to_text
from mailbot.templates.catalogue import MAILS
from mailbot.tickets.case import Context
from tests.restraint.test_loops import AUTHENTICATED, alarms
from tests.world import LPSE, NO_CAPS, PEOPLE, PaperWorld

TOPICS = ("Lupa kata sandi", "Dokumen tidak terunduh", "Tender hilang", "Sertifikat ditolak", "Jadwal berubah", "Layar")


NOW = datetime(2026, 12, 21, 1, 0, tzinfo=UTC)


def rows(office: PaperWorld, where: str, *values: Any) -> list[Any]:
    return office.rows(f"SELECT * FROM outbox WHERE {where} ORDER BY id", *values)


def write_each_hour(office: PaperWorld, count: int, *, headers: Any = (), who: str = "pengguna") -> None:
    """Mails of one sender that have nothing in common, an hour apart."""
    for number in range(count):
        office.at(f"2026-12-21 {8 + number:02}:00")
        office.write(who, f"{TOPICS[number]}.", subject=TOPICS[number], headers=headers)
        office.once()


# --- acknowledgements ------------------------------------------------------------------------------


def test_an_unproven_sender_gets_three_acknowledgements_a_day_and_the_fourth_is_held(office: PaperWorld) -> None:
    write_each_hour(office, 5)
    assert [one.template for one in office.letters("pengguna")] == ["user_acknowledgement"] * 3
    fourth, fifth = rows(office, "held = 1")
    assert {fourth["held_by"], fifth["held_by"]} == {"unproven_day"}
    assert fourth["held_why"] == "sudah 3 tanda terima untuk pengirim yang tidak terbukti ini dalam 24 jam"
    assert fourth["held_until"] == to_text(office.now + timedelta(hours=23))
    assert len(office.rows("SELECT 1 FROM tickets")) == 5
    assert sum(one.template == "staff_new_ticket" for one in office.letters("petugas")) == 5
    assert len(alarms(office)) == 1
    assert "limits.acknowledgements_unproven_per_day" in alarms(office)[0]


def test_an_authenticated_sender_gets_as_many_as_his_own_cap_allows(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, **AUTHENTICATED, limits={"acknowledgements_proven_per_day": 4})
    passes = [("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=penyedia.test")]
    write_each_hour(office, 6, headers=passes)
    assert len(office.letters("pengguna")) == 4
    assert {row["held_by"] for row in rows(office, "held = 1")} == {"proven_day"}


def test_forged_mails_use_up_little_of_what_the_true_sender_may_get(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, **AUTHENTICATED)
    write_each_hour(office, 4)  # without any results
    assert len(office.letters("pengguna")) == 3
    office.at("2026-12-21 13:00")
    passes = [("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=penyedia.test")]
    office.write("pengguna", "Saya sendiri yang menulis.", subject="Asli", headers=passes)
    office.once()
    assert len(office.letters("pengguna")) == 4


def test_a_cap_of_zero_acknowledges_no_unproven_sender(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_day": 0})
    write_each_hour(office, 1)
    assert office.letters("pengguna") == []
    assert len(office.rows("SELECT 1 FROM tickets")) == 1


def test_without_caps_a_flood_gets_all_its_answers_and_nobody_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PaperWorld(tmp_path, limits=NO_CAPS)
    for name in ("answers", "unproven_answers", "unproven_answers_to", "notices", "notices_at_most"):
        monkeypatch.setattr(traffic, name, None)
    monkeypatch.setattr(traffic, "mails_to", None)
    users = [f"u{number}@penyedia.test" for number in range(60)]
    for user in users:
        office.write(user, "Kami tidak bisa masuk.", subject="Masuk", sender=f"Pengguna <{user}>")
    office.once()
    assert all(len(office.letters(user)) == 1 for user in users)
    kinds = Counter(one.template for one in office.letters("petugas"))
    assert (kinds["staff_new_ticket"], kinds["staff_digest"]) == (60, 0)
    assert rows(office, "held = 1") == []


def test_a_warning_of_a_password_counts_as_an_acknowledgement(office: PaperWorld) -> None:
    office.write("pengguna", TOPICS[0], subject=TOPICS[0])
    office.once()
    for number in range(3):
        office.at(f"2026-12-21 {9 + number:02}:00")
        text = f"{TOPICS[number + 1]}.\nPassword: Rahasia{number}xy"
        office.write("pengguna", text, answers=office.letters("pengguna")[0])
        office.once()
    assert len(office.letters("pengguna")) == 3
    assert len(rows(office, "held = 1 AND template = 'user_password_warning'")) == 1


def test_the_window_of_a_day_moves_on(office: PaperWorld) -> None:
    write_each_hour(office, 4)
    office.at("2026-12-22 08:30")  # the first of the three was 24 hours ago
    office.write("pengguna", "Satu hal lain lagi.", subject="Hal lain")
    office.once()
    assert len(office.letters("pengguna")) == 4


def test_a_held_acknowledgement_lapses_with_the_first_other_mail_to_its_user(office: PaperWorld) -> None:
    write_each_hour(office, 4)
    [waiting] = rows(office, "held = 1")
    notice = next(one for one in office.letters("petugas") if one.template == "staff_new_ticket")
    office.write("petugas", "Silakan dicoba kembali sekarang.", answers=notice)
    office.once()
    [lapsed] = rows(office, "id = ?", waiting["id"])
    assert (lapsed["state"], lapsed["held"]) == ("cancelled", 0)
    assert lapsed["reason"] == "gugur: pengguna sudah menerima e-mail lain"


def test_a_held_acknowledgement_lapses_after_a_day(office: PaperWorld) -> None:
    write_each_hour(office, 4)
    office.at("2026-12-22 11:01")
    office.once()
    assert [row["state"] for row in rows(office, "held_by = 'unproven_day'")] == ["cancelled"]
    assert len(office.letters("pengguna")) == 3


def _many(office: PaperWorld, count: int, text: str = "Mohon bantuan untuk akun nomor {n}.") -> None:
    for n in range(count):
        office.write(f"u{n}@luar{n}.test", text.format(n=n), subject=f"Akun {n}")
    office.once()


def test_a_few_acknowledgements_too_many_leave_when_the_hour_has_passed(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_hour": 5})
    office.at("2026-12-21 08:00")
    _many(office, 8)
    assert len(rows(office, "party = 'user' AND state = 'accepted'")) == 5
    assert len(rows(office, "held = 1")) == 3
    office.at("2026-12-21 08:59")
    office.once()
    assert len(rows(office, "held = 1")) == 3
    office.at("2026-12-21 09:01")
    office.once()
    assert rows(office, "held = 1") == []
    assert len(rows(office, "party = 'user' AND state = 'accepted'")) == 8
    assert all(row["not_before"] == to_text(office.now) for row in rows(office, "party = 'user'")[5:])


def test_of_a_flood_nothing_leaves_without_a_person(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_hour": 5})
    office.at("2026-12-21 08:00")
    _many(office, 12)
    for hour in range(9, 24):
        office.at(f"2026-12-21 {hour:02}:01")
        office.once()
    assert len(rows(office, "party = 'user' AND state = 'accepted'")) == 5
    office.at("2026-12-22 08:01")
    office.once()
    assert rows(office, "held = 1") == []
    assert len(rows(office, "state = 'cancelled'")) == 7


def test_each_kind_of_cap_is_told_once_in_a_day(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_hour": 1})
    office.at("2026-12-21 08:00")
    _many(office, 4)
    for hour in range(9, 13):
        office.at(f"2026-12-21 {hour:02}:00")
        office.once()
    assert len(alarms(office)) == 1
    office.at("2026-12-22 09:00")
    _many(office, 4, "Pertanyaan lain, nomor {n}, tentang jadwal pembukaan penawaran.")
    assert len(alarms(office)) == 2


def test_two_mailboxes_count_apart(office: PaperWorld) -> None:
    for name in ("batang", "kendal"):
        for number in range(3):
            with office.store.immediate():
                _row(office.store, name, number)
    assert caps.answers_to(office.store, office.site, "a@b.test", office.now, unproven=True) == 3


def _row(store: Store, mailbox: str, number: int, **changes: Any) -> None:
    at = to_text(NOW)
    values: dict[str, Any] = {
        "mailbox": mailbox,
        "event_key": f"j{number}",
        "party": "user",
        "template": "user_acknowledgement",
        "recipient": "a@b.test",
        "envelope_sender": "",
        "message_id": f"<{mailbox}{number}@x>",
        "subject": "",
        "audience": "user",
        "not_before": at,
        "next_try_at": at,
        "created_at": at,
        "asked_at": at,
        "answers": "unproven",
        **changes,
    }
    store.insert("outbox", **values)


# --- automatic mails to one address ----------------------------------------------------------------


def _alarm_to_sari(office: PaperWorld, key: str, template: str = "operator_alarm") -> None:
    shown = {"organisation": letters.organisation(office.site), "recipient": {"name": "Sari", "address": "s@x.test"}}
    with office.store.immediate():
        letter = letters.Letter(
            template=template,
            recipient=NamedAddress("Sari", "s@x.test"),
            shown={**shown, "reason": key, "held": None},
            key=key,
            subject=key,
        )
        letters.put(Context(office.store, office.site, office.now), letter)


def test_automatic_mails_above_an_address_s_cap_wait_and_leave_in_their_order(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"automatic_per_address_per_hour": 4})
    office.at("2026-12-21 08:00")
    for number in range(7):
        _alarm_to_sari(office, f"pesan {number}")
    office.once()
    assert [one.subject for one in office.letters("s@x.test")] == [f"pesan {n}" for n in range(4)]
    assert {row["held_by"] for row in rows(office, "held = 1")} == {"address"}
    assert all(row["held_until"] is None for row in rows(office, "held = 1"))
    office.at("2026-12-21 09:00")
    office.once()
    assert [one.subject for one in office.letters("s@x.test")] == [f"pesan {n}" for n in range(7)]
    assert any("automatic_per_address_per_hour" in text for text in alarms(office))


def test_of_what_waits_for_room_at_an_address_receipts_leave_before_reports(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"automatic_per_address_per_hour": 2})
    office.at("2026-12-21 08:00")
    for number in range(6):
        _alarm_to_sari(office, f"pesan {number}")
    with office.store.immediate():
        office.store.execute("UPDATE outbox SET template = 'staff_receipt' WHERE subject = 'pesan 5'")
    office.once()
    office.at("2026-12-21 09:00")
    office.once()
    left = {row["subject"] for row in rows(office, "recipient = 's@x.test' AND held = 0")}
    assert left == {"pesan 0", "pesan 1", "pesan 2", "pesan 5"}


def test_the_words_of_a_person_are_under_no_cap(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"automatic_per_address_per_hour": 1})
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Mohon bantuan untuk akun saya.")
    office.once()
    for number in range(3):
        office.write("petugas", f"#info\nKabar nomor {number}.", answers=office.last("petugas", "staff_new_ticket"))
        office.once()
    office.at("2026-12-21 08:05")
    office.once()
    assert sum(one.template == "user_info" for one in office.letters("pengguna")) == 3


def test_every_automatic_template_is_counted() -> None:
    marked = {name for name, mail in MAILS.items() if mail.auto_submitted}
    assert marked < caps.AUTOMATIC
    assert caps.AUTOMATIC - marked == {"lkpp_status_enquiry"}


# --- notices to staff ------------------------------------------------------------------------------


def _digests(office: PaperWorld, who: str = "petugas") -> list[Any]:
    return [one for one in office.letters(who) if one.template == "staff_digest"]


def test_above_ten_mails_an_hour_of_one_sender_staff_get_a_collected_notice(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for number in range(14):
        office.write(
            "pengguna", f"Kabar {number}: {TOPICS[number % 6]}, NPWP saya 01.234.567.8-901.000", subject=f"K{number}"
        )
    office.once()
    assert len(office.rows("SELECT 1 FROM tickets")) == 14
    assert len(office.rows("SELECT 1 FROM deadlines WHERE clock = 'first_response' AND ended_at IS NULL")) == 14
    assert sum(one.template == "staff_new_ticket" for one in office.letters("petugas")) == 10
    assert _digests(office) == []
    office.write("orang luar", "Saya orang lain.", subject="Lain")
    office.once()
    assert sum(one.template == "staff_new_ticket" for one in office.letters("petugas")) == 11
    office.at("2026-12-21 08:15")
    office.once()
    [digest] = _digests(office)
    assert "4 surat pengguna" in digest.subject
    for number in range(11, 15):
        assert f"LPSE-BTG-2026-0000{number}" in digest.text
    assert "Tiket baru dari budi@penyedia.test" in digest.text
    assert len(_digests(office, "rekan")) == 1
    office.at("2026-12-21 08:40")
    office.once()
    assert len(_digests(office)) == 1
    assert sum("pemberitahuan" in text for text in alarms(office)) == 1


def test_a_reply_that_is_collected_is_told_to_whoever_handles_its_ticket(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"notices_per_sender_per_hour": 1})
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Mohon bantuan untuk akun saya.")
    office.once()
    office.write("petugas", "#ambil", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    office.write("pengguna", "Apakah sudah ada kabar?", answers=office.last("pengguna"))
    office.once()
    office.at("2026-12-21 08:20")
    office.once()
    [digest] = _digests(office)
    assert "Balasan pengguna dari budi@penyedia.test" in digest.text
    assert _digests(office, "rekan") == []


def test_notices_leave_one_by_one_again_when_the_hour_has_passed(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"notices_per_hour": 3})
    office.at("2026-12-21 08:00")
    _many(office, 5)
    office.at("2026-12-21 09:01")
    office.write("orang luar", "Saya orang lain.", subject="Lain")
    office.once()
    assert sum(one.template == "staff_new_ticket" for one in office.letters("petugas")) == 4
    assert len(_digests(office)) == 1  # the flood is over, and what waited is told all the same


def test_mails_that_arrived_hours_apart_are_told_one_by_one_although_they_are_handled_together(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"notices_per_hour": 2})
    for hour in range(1, 8):
        office.at(f"2026-12-21 {hour:02}:00")
        office.write(f"u{hour}@luar.test", f"{TOPICS[hour % 6]} {hour}.")
    office.at("2026-12-21 08:00")
    office.once()
    assert sum(one.template == "staff_new_ticket" for one in office.letters("petugas")) == 7


def test_machine_mail_that_grows_is_told_once(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for number in range(25):
        marks = [("Auto-Submitted", "auto-generated")]
        office.write("toko", f"Promosi {number}", sender="Toko <mesin@toko.test>", headers=marks)
    office.once()
    assert office.rows("SELECT 1 FROM tickets") == []
    [told] = alarms(office)
    assert "11 surat dalam satu jam dari mesin mesin@toko.test" in told


def test_what_a_person_writes_is_not_counted_as_mail_of_the_machine_at_his_address(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for number in range(9):
        office.write("toko", f"{TOPICS[number % 6]} {number}", sender="Toko <mesin@toko.test>")
    for number in range(5):
        marks = [("Auto-Submitted", "auto-generated")]
        office.write("toko", f"Promosi {number}", sender="Toko <mesin@toko.test>", headers=marks)
    office.once()
    assert not any("dari mesin" in told for told in alarms(office))


def test_machine_mail_of_many_senders_is_told_once_too(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for number in range(60):
        marks = [("Auto-Submitted", "auto-generated")]
        office.write("toko", f"Promosi {number}", sender=f"Toko <m{number}@toko.test>", headers=marks)
    office.once()
    [told] = alarms(office)
    assert "51 surat dari berbagai mesin" in told


# --- floods that are not users' mails ------------------------------------------------------------------


def _kinds(office: PaperWorld, who: str) -> list[str]:
    return [one.template for one in office.letters(who)]


def _unclear(office: PaperWorld, number: int) -> None:
    headers = f"From: a@b.test, c@d.test\r\nTo: {LPSE}\r\nSubject: x{number}\r\nMessage-ID: <{number}@q.test>"
    office.drop(f"{headers}\r\n\r\nHalo.\r\n".encode())


def _claims_lkpp(office: PaperWorld, number: int) -> None:
    office.write(f"a{number}@lkpp.test", f"Sudah selesai {number}.", subject=f"Tiket {number}")


@pytest.mark.parametrize("flood", [_unclear, _claims_lkpp], ids=["for the quarantine", "in the name of LKPP"])
def test_a_flood_without_tickets_leaves_room_for_what_is_about_one(flood: Any, tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"automatic_per_address_per_hour": 20})
    office.at("2026-12-21 08:00")
    for number in range(30):
        flood(office, number)
    office.once()
    assert len(office.letters("petugas")) == 10
    office.now += timedelta(minutes=3)
    office.write("pengguna", "Saya lupa kata sandi akun SPSE.", subject="Kata sandi")
    office.once()
    office.write("petugas", "#ambil", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    assert _kinds(office, "petugas")[10:] == ["staff_new_ticket", "staff_receipt"]
    assert len(alarms(office)) == 1
    office.at("2026-12-21 09:02")
    office.once()
    assert len(office.letters("petugas")) == 22
    for hour in range(10, 13):
        office.at(f"2026-12-21 {hour:02}:10")
        office.once()
    assert rows(office, "held = 1") == []
    assert sum(kind in ("staff_quarantine", "staff_lkpp_reply") for kind in _kinds(office, "petugas")) == 30


def test_the_replies_to_one_ticket_are_one_line_of_the_collected_notice(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Mohon bantuan untuk akun saya.")
    office.once()
    for number in range(40):
        office.write("pengguna", f"{TOPICS[number % 6]} {number}.", answers=office.last("pengguna"))
    office.once()
    office.at("2026-12-21 08:16")
    office.once()
    [digest] = _digests(office)
    assert "31 surat pengguna" in digest.subject
    assert digest.text.count("LPSE-BTG-2026-000001") == 1
    assert "Balasan pengguna dari budi@penyedia.test (31 surat)" in digest.text


URGENT = "Mohon segera, penawaran ditutup hari ini pukul 10.00 dan dokumen tidak dapat diunggah."


def test_in_a_flood_staff_hear_of_the_highest_priority_within_minutes_and_first(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"notices_per_hour": 3})
    office.at("2026-12-21 08:00")
    _many(office, 8)
    office.write("pengguna", URGENT, subject="Tidak dapat mengunggah penawaran")
    office.once()
    assert office.rows("SELECT priority FROM tickets ORDER BY id DESC LIMIT 1")[0]["priority"] == 1
    assert _digests(office) == []
    office.at("2026-12-21 08:02")
    office.once()
    [digest] = _digests(office)
    assert digest.subject.endswith("6 surat pengguna, 1 tiket P1")
    numbers = re.findall(r"LPSE-BTG-2026-0000\d\d", digest.text)
    assert list(dict.fromkeys(numbers)) == [f"LPSE-BTG-2026-{n:06}" for n in (9, 4, 5, 6, 7, 8)]
    assert "tercantum paling atas" in digest.text


def test_a_flood_that_pretends_to_be_urgent_costs_one_collected_notice_in_two_minutes(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"notices_per_hour": 3})
    for number in range(40):
        office.at(f"2026-12-21 08:{number // 4:02}")
        office.write(f"u{number}@luar{number}.test", f"{URGENT} Nomor {number}.", subject=f"Penawaran {number}")
        office.once()
    assert 3 <= len(_digests(office)) <= 5


def test_a_vendor_in_a_hurry_gets_tickets_and_staff_his_words_at_once(office: PaperWorld) -> None:
    texts = (
        URGENT,
        "Masih gagal, layar putih setelah tombol kirim.",
        "Sudah saya coba dengan peramban lain, tetap sama. Mohon dibantu.",
        "Waktu tinggal sedikit, apakah ada yang membaca surat ini?",
    )
    for number, text in enumerate(texts):
        office.at(f"2026-12-21 08:{number + 1:02}")
        office.write("pengguna", text, subject=f"Penawaran {number}")
        office.once()
    assert len(office.rows("SELECT 1 FROM tickets")) == 4
    notices = [one for one in office.letters("petugas") if one.template == "staff_new_ticket"]
    assert [text.split(",")[0] in one.text for one, text in zip(notices, texts, strict=True)] == [True] * 4
    assert office.letters("pengguna")


# --- whom it concerns -----------------------------------------------------------------------------------


def test_what_stands_behind_a_plus_makes_no_other_sender_of_him(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for number, name in enumerate(("korban", "Korban+a", "korban+b", "KORBAN+c", "korban+d", "korbannya", "korban")):
        office.write(
            f"x{number}", f"{TOPICS[number % 6]} {number}.", sender=f"<{name}@Surat.test>", subject=f"S{number}"
        )
        office.once()
    got = [row["recipient"] for row in rows(office, "party = 'user' AND state = 'accepted'")]
    assert got == ["korban@surat.test", "korban+a@surat.test", "korban+b@surat.test", "korbannya@surat.test"]


@pytest.mark.parametrize("address", ["a_b+c@x.test", "a%+c@x.test"])
def test_no_character_of_an_address_stands_for_another(address: str, office: PaperWorld) -> None:
    with office.store.immediate():
        for number, other in enumerate(("a1b+d@x.test", "ab+d@xxtest", "a1+c@x.test", address)):
            _row(office.store, "batang", number, recipient=other)
    assert caps.answers_to(office.store, office.site, address, office.now, unproven=True) == 1


def test_whoever_is_thrown_away_gets_no_held_acknowledgement_later(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_hour": 1})
    office.at("2026-12-21 08:00")
    office.write("orang luar", "Saya orang lain.", subject="Lain")
    office.once()
    office.write("pengguna", "Beli obat murah.", subject="Obat")
    office.once()
    assert len(rows(office, "held = 1")) == 1
    office.write("petugas", "#buang", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    [row] = rows(office, "recipient = ?", PEOPLE["pengguna"])
    assert (row["state"], row["held"]) == ("cancelled", 0)
    office.at("2026-12-21 09:05")
    office.once()
    assert office.letters("pengguna") == []


def test_what_is_taken_back_is_held_no_more(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Mohon bantuan untuk akun saya.")
    office.once()
    office.write("petugas", "#info Kabar.", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    [waiting] = rows(office, "undo_by IS NOT NULL")
    decisions.hold(office.store, waiting["id"], office.now)
    office.write("petugas", "#batal", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    [row] = rows(office, "undo_by IS NOT NULL")
    assert (row["state"], row["held"]) == ("cancelled", 0)


def test_what_a_cap_holds_stays_when_a_person_holds_it_too(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"automatic_per_address_per_hour": 1})
    office.at("2026-12-21 08:00")
    for number in range(2):
        _alarm_to_sari(office, f"pesan {number}")
    [waiting] = rows(office, "held = 1")
    decisions.hold(office.store, waiting["id"], office.now)
    office.at("2026-12-21 10:00")
    office.once()
    assert [row["subject"] for row in rows(office, "held = 1")] == ["pesan 1"]
    with pytest.raises(decisions.NotNow, match="held already"):
        decisions.hold(office.store, waiting["id"], office.now)


def test_what_is_for_lkpp_and_had_to_wait_leaves_in_service_hours(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"automatic_per_address_per_hour": 1})
    office.at("2026-12-21 15:30")
    for number in range(2):
        _alarm_to_sari(office, f"pesan {number}")
    with office.store.immediate():
        office.store.execute("UPDATE outbox SET party = 'lkpp', template = 'lkpp_status_enquiry'")
    office.once()
    office.at("2026-12-21 16:45")
    office.once()
    assert len(rows(office, "held = 1")) == 1
    office.at("2026-12-22 07:45")
    office.once()
    assert rows(office, "held = 1") == []


def test_an_address_that_is_gone_makes_one_alarm_a_day(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    _many(office, 8)
    for row in rows(office, "recipient = ?", PEOPLE["rekan"]):
        service.undelivered(office.store, office.site, row["id"], f"k{row['id']}", "5.1.1", office.now, office.now)
    office.once()
    assert sum("joko@batangkab.test tidak sampai" in " ".join(text.split()) for text in alarms(office)) == 1


# --- what it costs -----------------------------------------------------------------------------------


class _Watched:
    """The store, and each question that it is asked."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def rows(self, sql: str, *values: Any) -> Any:
        self.asked.append((sql, values))
        return self.store.rows(sql, *values)

    def row(self, sql: str, *values: Any) -> Any:
        return next(iter(self.rows(sql, *values)), None)

    def value(self, sql: str, *values: Any) -> Any:
        found = self.row(sql, *values)
        return None if found is None else next(iter(found.values()))


def test_every_question_of_the_caps_is_answered_from_an_index(office: PaperWorld) -> None:
    office.write("pengguna", "Mohon bantuan.")
    office.once()
    store: Any = _Watched(office.store)
    caps.over_answers(store, office.site, "a@b.test", office.now, proven=False)
    caps.over_answers(store, office.site, "a@b.test", office.now, proven=True)
    caps.address(store, office.site, "operator_alarm", "a@b.test", office.now)
    loops._arrivals(store, office.site, "a@b.test", office.now, 1)
    loops._departures(store, office.site, "a@b.test", office.now)
    held.look(store, office.site, office.now)
    plans = [
        (sql, str(step["detail"]))
        for sql, values in store.asked
        for step in office.store.rows(f"EXPLAIN QUERY PLAN {sql}", *values)
    ]
    assert len(store.asked) >= 7
    for sql, step in plans:
        if re.match(r"(SEARCH|SCAN) (o|j|n|outbox|journal|notices)\b", step):
            assert re.search(r"USING (COVERING )?INDEX (outbox|journal|notices)_(?!state)\w+ \(\w+=\?", step), (
                sql,
                step,
            )
    used = {name for _, step in plans for name in re.findall(r"INDEX (\w+)", step)}
    assert {"outbox_answers", "outbox_recipient", "journal_sender", "outbox_held", "notices_open"} <= used


def test_the_questions_for_notices_are_answered_from_an_index_and_look_at_few(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"notices_per_sender_per_hour": 3})
    for number, (asked, too_many) in enumerate([(1, False), (2, False), (2, True)]):  # each mail: two members of staff
        office.write("pengguna", f"Mohon bantuan {number}.", subject=f"Hal {number}")
        office.once()
        store: Any = _Watched(office.store)
        event = SimpleNamespace(at=office.now)
        ticket = SimpleNamespace(user_address=PEOPLE["pengguna"])
        work: Any = SimpleNamespace(store=store, site=office.site, event=event, ticket=ticket)
        assert caps.too_many_notices(work) == too_many
        assert len(store.asked) == asked  # whose mails they tell of, only where they may be too many
        for sql, values in store.asked:
            steps = [str(step["detail"]) for step in office.store.rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
            assert any("INDEX outbox_asked (mailbox=? AND template=? AND asked_at>?" in step for step in steps), steps
            assert any("INDEX notices_mail (mailbox=? AND at>?" in step for step in steps), steps
