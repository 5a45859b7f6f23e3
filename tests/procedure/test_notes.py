"""A note stands where the next colleague looks, and nowhere outside; words below `#tugaskan` go with the ticket."""

from __future__ import annotations

from tests.steps import escalated, flat, links, minutes_later, opened, staff_writes
from tests.world import PaperWorld

NOTE = "Sudah ditanyakan ke Bu Indah, pelatihan tanggal 21 Oktober."


def nowhere_outside(office: PaperWorld, words: str) -> None:
    for who in ("pengguna", "lkpp"):
        assert [letter.template for letter in office.letters(who) if words in flat(letter.text)] == []


def test_a_note_stands_in_the_status_and_in_the_next_notice(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, f"#catat {NOTE}", notice)
    assert staff_writes(office, "#status", notice) == "staff_receipt"
    assert "Catatan petugas : Sari, Senin, 21 Desember 2026" in flat(office.letters("petugas")[-1].text)
    assert NOTE in flat(office.letters("petugas")[-1].text)
    office.write("pengguna", "Bagaimana kabarnya?", answers=office.last("pengguna", "user_acknowledgement"))
    assert office.once()
    assert NOTE in flat(office.last("petugas", "staff_user_reply").text)
    nowhere_outside(office, NOTE)


def test_only_the_last_notes_stand_in_a_notice_shortened(office: PaperWorld) -> None:
    notice = opened(office)
    for word in ("satu", "dua", "tiga", "empat"):
        staff_writes(office, f"#catat Catatan {word}.\n{'panjang ' * 100}", notice)
    office.write("pengguna", "Bagaimana kabarnya?", answers=office.last("pengguna", "user_acknowledgement"))
    assert office.once()
    said = flat(office.last("petugas", "staff_user_reply").text)
    assert "Catatan satu." not in said
    assert all(f"Catatan {word}." in said for word in ("dua", "tiga", "empat"))
    assert said.count("panjang") < 150


def test_words_below_an_assignment_go_to_the_colleague_and_stay_inside(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "#tugaskan Joko\nTolong tanya verifikator dulu.", notice) == "staff_receipt"
    assert "Tiket ditugaskan kepada Joko" in flat(office.letters("petugas")[-1].text)
    told = office.last("rekan", "staff_assigned")
    assert "Tolong tanya verifikator dulu." in flat(told.text)
    minutes_later(office, 5)
    nowhere_outside(office, "verifikator")


def test_words_below_an_assignment_to_oneself_are_asked_about_as_a_note(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "#tugaskan Sari\nSaya tanya verifikator dulu.", notice) == "staff_receipt"
    first = next(iter(links(office.letters("petugas")[-1])))
    assert first == "#catat"


def test_words_with_a_command_that_takes_none_are_offered_as_a_note_first(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "#ambil\nTolong tanya verifikator dulu.", notice) == "staff_receipt"
    said = office.letters("petugas")[-1].html
    assert 0 < said.index("%23ambil%0D%0A%23catat") < said.index("%23ambil%0D%0A%23jawab")


def test_who_is_given_a_ticket_reads_what_was_answered_and_what_lkpp_said(office: PaperWorld) -> None:
    escalation = escalated(office)
    staff_writes(office, "#info Kami telah meneruskannya kepada LKPP.")
    office.write("lkpp", "Masih kami periksa dengan tim teknis.", answers=escalation)
    assert office.once()
    minutes_later(office, 4)
    staff_writes(office, "#tugaskan Joko")
    said = flat(office.last("rekan", "staff_assigned").text)
    assert "Terakhir kepada pengguna" in said and "Kami telah meneruskannya kepada LKPP." in said
    assert "Terakhir dari Helpdesk LKPP" in said and "Masih kami periksa dengan tim teknis." in said
