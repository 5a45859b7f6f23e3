"""One ticket out of two, and two out of one: what comes over, and that nothing of one user's reaches the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.parsers.commands.command_lines import read
from mailbot.parsers.reply.other_topic import sign
from tests.steps import (
    BORDER,
    data_requested,
    disposition,
    escalated,
    flat,
    links,
    minutes_later,
    number,
    opened,
    resolved,
    results,
    staff_writes,
    templates,
)
from tests.tickets.test_parties import confirmed, sends_code, ticket
from tests.world import PEOPLE, Letter, PaperWorld

BUDI, SITI, SARI = PEOPLE["pengguna"], "siti@penyedia.test", PEOPLE["petugas"]
SECRET = "Kenarirahasia"


def writes(office: PaperWorld, who: str, text: str, **more: Any) -> str:
    """Somebody writes a mail; the ticket that is the newest then."""
    more.setdefault("sender", f"Seseorang <{PEOPLE.get(who, who)}>")
    office.write(who, text, **more)
    assert office.once()
    return number(office)


def two(office: PaperWorld) -> tuple[str, str]:
    """Budi's ticket, and one of Siti that names it: staff alone are told so."""
    opened(office)
    first = number(office)
    second = writes(office, SITI, f"Kami rekan Budi, {SECRET}.", subject=f"[{first}] Tidak bisa login")
    assert first != second
    return first, second


def texts(office: PaperWorld, one: str) -> list[dict[str, Any]]:
    sql = "SELECT x.* FROM texts x JOIN tickets t ON t.id = x.ticket_id WHERE t.number = ? ORDER BY x.id"
    return [dict(row) for row in office.rows(sql, one)]


def reads(office: PaperWorld, who: str) -> bytes:
    return (
        b"".join(each.raw for each in office.letters(who)) + "".join(each.text for each in office.letters(who)).encode()
    )


def without_code(office: PaperWorld, text: str, answers: Letter) -> Letter:
    """Sari joins two tickets of one user, for which nobody asks a code; her receipt."""
    assert staff_writes(office, text, answers) == "staff_receipt"
    return office.last("petugas", "staff_receipt")


# --- the words of the command ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "argument"),
    [
        ("#gabung LPSE-BTG-2026-000001", "LPSE-BTG-2026-000001"),
        ("#merge [LPSE-BTG-2026-000001]", "LPSE-BTG-2026-000001"),
        ("#gabung: lpse btg 2026 000001.", "lpse btg 2026 000001"),
        ("#gabung LPSE-BTG-2026-000001 pihak", "LPSE-BTG-2026-000001 pihak"),
        ("#gabung [LPSE-BTG-2026-000001], sebagai pihak.", "LPSE-BTG-2026-000001 pihak"),
    ],
)
def test_the_number_of_the_other_ticket_is_read(line: str, argument: str) -> None:
    [command] = read(line).commands
    assert (command.name, command.argument) == ("merge", argument)


@pytest.mark.parametrize("line", ["#gabung", "#gabung tiket lain", "#gabung " + "1" * 100, "#pisah sekarang juga"])
def test_without_a_number_nothing_is_done(line: str) -> None:
    assert read(line).fault is not None


# --- #gabung ---------------------------------------------------------------------------------------------


def test_two_tickets_of_one_user_become_one(office: PaperWorld) -> None:
    opened(office)
    first = number(office)
    second = writes(office, "pengguna", "Masih tidak bisa, kode tender 87654321.", subject="Susulan")
    receipt = without_code(office, f"#gabung {first}", office.last("petugas", "staff_new_ticket"))
    assert f"Tiket {second} kini bagian dari {first}" in flat(receipt)
    assert receipt.message["X-Mailbot-Ticket"] == first
    assert (office.status(first), office.status(second)) == ("new", "closed")
    assert [each["audience"] for each in texts(office, first) if "87654321" in each["body"]] == [
        ",coordinator,head,staff,user,"
    ]
    running = {row["ticket_id"] for row in office.rows("SELECT ticket_id FROM deadlines WHERE ended_at IS NULL")}
    assert running == {ticket(office, first)["id"]}


@pytest.mark.parametrize("named", ["reply", "tag"])
def test_the_merged_tickets_number_goes_on_working(office: PaperWorld, named: str) -> None:
    opened(office)
    first = number(office)
    second = writes(office, "pengguna", "Masih tidak bisa.", subject="Susulan")
    acknowledged = office.last("pengguna")
    without_code(office, f"#gabung {first}", office.last("petugas", "staff_new_ticket"))
    more = {"answers": acknowledged} if named == "reply" else {"subject": f"Re: [{second}] Susulan"}
    assert writes(office, "pengguna", "Sampai sore masih gagal.", **more) == second
    assert "Sampai sore masih gagal." in [each["body"].split("\n")[0] for each in texts(office, first)]
    assert office.last("petugas").message["X-Mailbot-Ticket"] == first


def test_gabung_always_waits_for_a_code(tmp_path: Any) -> None:
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    first, second = two(office)
    passes = [results("pass", "batangkab.test")]
    notice = office.last("petugas", "staff_new_ticket")
    assert staff_writes(office, f"#gabung {first} pihak", notice, headers=passes) == "staff_confirm"
    assert office.status(second) == "new"
    for bad in (results("fail", "batangkab.test"), ("Authentication-Results", f"{BORDER}; dmarc=none")):
        office.write("orang luar", f"#gabung {first}", answers=notice, sender=f"Sari <{SARI}>", headers=[bad])
        assert office.once()
        assert disposition(office)[0] == "quarantined"
    assert office.status(second) == "new"
    office.store.close()


def test_a_strangers_mail_offers_the_link_that_joins_the_two(office: PaperWorld) -> None:
    first, second = two(office)
    notice = office.last("petugas", "staff_new_ticket")
    body = links(notice)[f"#gabung {first} pihak"]
    office.new_letters("petugas")
    office.write("petugas", body, subject=f"[{second}] Tidak bisa login")
    assert office.once()
    asked = office.new_letters("petugas")[-1]
    assert asked.template == "staff_confirm" and f"#gabung {first} pihak" in asked.text
    receipt = sends_code(office, asked)
    assert f"{SITI} menjadi pihak" in flat(receipt)
    assert {row["address"] for row in office.rows("SELECT address FROM parties WHERE ticket_id = 1")} == {BUDI, SITI}


@pytest.mark.parametrize("party", ["", " pihak"])
def test_nothing_of_one_user_reaches_the_other(office: PaperWorld, party: str) -> None:
    first, _ = two(office)
    confirmed(office, f"#gabung {first}{party}", office.last("petugas", "staff_new_ticket"))
    [moved] = [each for each in texts(office, first) if SECRET in each["body"]]
    assert moved["audience"] == ",coordinator,head,staff,"
    assert "user" not in "".join(
        row["audience"] for row in office.rows("SELECT audience FROM texts WHERE body LIKE ?", f"%{SECRET}%")
    )
    staff_writes(office, "#minta-data Mohon kode tendernya.", office.last("petugas", "staff_receipt"))
    minutes_later(office, 4)
    assert office.last("pengguna").template == "user_request"
    minutes_later(office, 60 * 24 * 4)
    assert SECRET.encode() not in reads(office, "pengguna")
    assert b"kode tendernya" not in reads(office, SITI)


def test_without_pihak_the_other_user_stays_a_stranger(office: PaperWorld) -> None:
    first, second = two(office)
    mine = office.last(SITI)
    confirmed(office, f"#gabung {first}", office.last("petugas", "staff_new_ticket"))
    before = len(texts(office, first))
    third = writes(office, SITI, "SELESAI", answers=mine)
    assert third not in (first, second)
    assert len(texts(office, first)) == before
    assert f"#gabung {first} pihak" in links(office.last("petugas", "staff_new_ticket"))


def test_a_guessed_number_of_a_merged_ticket_opens_nothing(office: PaperWorld) -> None:
    first, second = two(office)
    confirmed(office, f"#gabung {first} pihak", office.last("petugas", "staff_new_ticket"))
    before = len(texts(office, first))
    for n, one in enumerate((first, second)):
        assert writes(office, "orang luar", f"Apa isinya? {n}", subject=f"Re: [{one}]") not in (first, second)
    assert len(texts(office, first)) == before
    assert {each.template for each in office.letters("orang luar")} == {"user_acknowledgement"}


def test_a_reply_to_the_merged_tickets_notice_is_held_and_names_both(office: PaperWorld) -> None:
    """Written below Siti's words, it would go to Budi."""
    first, _ = two(office)
    notice, other = office.last("petugas", "staff_new_ticket"), office.last("rekan", "staff_new_ticket")
    confirmed(office, f"#gabung {first} pihak", notice)
    office.write("rekan", "Silakan Ibu Siti coba lagi.", answers=other)
    assert office.once()
    asked = office.last("rekan")
    assert asked.template == "staff_confirm"
    assert f"berasal dari {SITI}, sedangkan jawaban dikirim kepada pengguna tiket, {BUDI}" in flat(asked)
    minutes_later(office, 10)
    assert "user_answer" not in templates(office.letters("pengguna"))


@pytest.mark.parametrize("known", ["this", "the other"])
def test_the_ticket_that_lkpp_knows_is_the_one_that_stays(office: PaperWorld, known: str) -> None:
    escalated(office)
    first = number(office)
    second = writes(office, "pengguna", "Masih tidak bisa.", subject="Susulan")
    notices = {each.message["X-Mailbot-Ticket"]: each for each in office.letters("petugas") if "new" in each.template}
    here, there = (first, second) if known == "this" else (second, first)
    without_code(office, f"#gabung {there}", notices[here])
    assert (office.status(first), office.status(second)) == ("escalated", "closed")


def test_two_tickets_that_lkpp_knows_stay_two(office: PaperWorld) -> None:
    escalated(office)
    first = number(office)
    writes(office, "pengguna", "Apendo galat.", subject="Apendo")
    second, notice = number(office), office.last("petugas", "staff_new_ticket")
    staff_writes(office, "#eskalasi Apendo galat.", notice)
    receipt = without_code(office, f"#gabung {first}", notice)
    assert "masing-masing dengan suratnya sendiri" in flat(receipt)
    assert (office.status(first), office.status(second)) == ("escalated", "escalated")


@pytest.mark.parametrize("which", ["itself", "none", "closed", "no number"])
def test_what_cannot_be_merged_is_refused_and_said(office: PaperWorld, which: str) -> None:
    first, second = two(office)
    notice = office.last("petugas", "staff_new_ticket")
    if which == "closed":
        staff_writes(
            office, "#buang", next(each for each in office.letters("petugas") if each.template == "staff_new_ticket")
        )
    named = {"itself": second, "none": "LPSE-BTG-2026-999999", "closed": first, "no number": "12"}[which]
    staff_writes(office, f"#gabung {named}", notice)
    assert office.last("petugas").template in ("staff_receipt", "staff_quarantine")
    assert ticket(office, second)["merged_into"] is None
    assert office.status(second) == "new"


def test_while_an_answer_can_be_taken_back_nothing_is_merged(office: PaperWorld) -> None:
    first, second = two(office)
    notice = office.last("petugas", "staff_new_ticket")
    staff_writes(office, "#info Sedang diperiksa.", notice)
    staff_writes(office, f"#gabung {first}", notice)
    assert "Masih ada e-mail yang menunggu" in flat(office.last("petugas"))
    assert ticket(office, second)["merged_into"] is None


def test_the_more_urgent_of_two_stays_urgent(office: PaperWorld) -> None:
    first, second = two(office)
    staff_writes(office, "#prioritas 1", office.last("petugas", "staff_new_ticket"))
    notice = next(each for each in office.letters("petugas") if each.message["X-Mailbot-Ticket"] == second)
    confirmed(office, f"#gabung {first}", notice)
    assert ticket(office, first)["priority"] == 1


# --- another party of a ticket -----------------------------------------------------------------------------


def joined(office: PaperWorld) -> None:
    """Siti is a party of the newest ticket beside its user."""
    row = office.rows("SELECT max(id) AS id FROM tickets")[0]
    sql = "INSERT INTO parties (ticket_id, address, role, added_by, added_at) VALUES (?, ?, 'user', ?, ?)"
    with office.store.immediate():
        office.store.execute(sql, row["id"], SITI, SARI, "2026-12-21T01:00:00.000000+00:00")


def test_another_partys_selesai_closes_nothing(office: PaperWorld) -> None:
    resolved(office)
    joined(office)
    writes(office, SITI, "SELESAI, terima kasih", subject=f"Re: [{number(office)}]")
    assert office.status() == "resolved"
    notice = office.last("petugas")
    assert notice.template == "staff_user_reply"
    assert f"ditulis oleh pihak lain, {SITI}" in flat(notice)


def test_another_partys_data_wait_for_staff_and_the_user_hears_nothing_of_them(office: PaperWorld) -> None:
    data_requested(office)
    joined(office)
    sent, told = len(office.letters("lkpp")), len(office.letters("pengguna"))
    writes(
        office,
        SITI,
        f"Kode tender 87654321, {SECRET}.",
        subject=f"Re: [{number(office)}]",
        files=[(f"{SECRET}.png", b"x")],
    )
    assert (office.status(), len(office.letters("lkpp"))) == ("awaiting_data", sent)
    staff_writes(office, "#teruskan", office.last("petugas", "staff_user_reply"))
    assert SECRET in office.last("lkpp", "lkpp_additional_data").text
    assert len(office.letters("pengguna")) > told
    assert SECRET.encode() not in reads(office, "pengguna")
    assert office.letters(SITI) == []


def test_an_answer_below_another_partys_words_is_held(office: PaperWorld) -> None:
    opened(office)
    joined(office)
    writes(office, SITI, "Apakah sudah ada kabar?", subject=f"Re: [{number(office)}]")
    assert staff_writes(office, "Sudah, silakan dicoba.", office.last("petugas")) == "staff_confirm"
    body = links(office.last("petugas"))["#jawab"]
    office.write("petugas", body, subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    minutes_later(office, 4)
    assert "Sudah, silakan dicoba." in office.last("pengguna", "user_answer").text
    assert office.letters(SITI) == []


# --- #pisah ---------------------------------------------------------------------------------------------------


def second_mail(office: PaperWorld, text: str = "Hal lain: Apendo kami galat.", **more: Any) -> Letter:
    """A mail on a ticket that stands already; the notice of it."""
    opened(office)
    writes(office, "pengguna", text, answers=office.last("pengguna"), **more)
    return office.last("petugas", "staff_user_reply")


def test_pisah_makes_the_mail_a_ticket_of_its_own(office: PaperWorld) -> None:
    notice = second_mail(office, files=[("galat.png", b"\x89PNG\r\n\x1a\n")])
    first = number(office)
    minutes_later(office, 10)
    assert staff_writes(office, "#pisah", notice) == "staff_receipt"
    second = number(office)
    assert second != first
    row = ticket(office, second)
    assert (row["user_address"], row["split_from"]) == (BUDI, ticket(office, first)["id"])
    assert f"Dipisahkan menjadi tiket {second}" in flat(office.last("petugas", "staff_receipt"))
    assert ["Apendo" in each["body"] for each in texts(office, second)] == [True]
    assert not any("Apendo" in each["body"] and each["role"] == "user" for each in texts(office, first))
    found = office.last("petugas", "staff_new_ticket")
    assert [name for name, _ in found.attachments] == ["galat.png"]
    assert f"Dipisahkan dari tiket {first} oleh Sari" in flat(found)
    assert office.last("pengguna").message["X-Mailbot-Ticket"] == second
    assert office.last("pengguna").template == "user_acknowledgement"
    assert row["opened_at"] < str(office.rows("SELECT max(arrived_at) AS at FROM journal")[0]["at"])


def test_a_reply_to_a_receipt_without_his_subject_is_not_called_after_the_receipt(office: PaperWorld) -> None:
    """To a sender whom nothing vouches for the receipt repeats no subject; his reply bears ours."""
    notice = second_mail(office)
    assert office.last("pengguna", "user_acknowledgement").subject == f"[{number(office)}] Tanda terima"
    staff_writes(office, "#pisah", notice)
    assert [row["subject"] for row in office.rows("SELECT subject FROM tickets")] == ["Tidak bisa login"] * 2


def test_an_answer_to_the_new_ticket_goes_there(office: PaperWorld) -> None:
    notice = second_mail(office)
    staff_writes(office, "#pisah", notice)
    second = number(office)
    staff_writes(office, "Silakan perbarui Apendo.", office.last("petugas", "staff_new_ticket"))
    minutes_later(office, 4)
    assert office.last("pengguna", "user_answer").message["X-Mailbot-Ticket"] == second


@pytest.mark.parametrize("command", ["#pisah", "#pisah 999", "#pisah 1"])
def test_the_first_mail_of_a_ticket_and_what_is_none_of_its_mails_stay(office: PaperWorld, command: str) -> None:
    notice = opened(office)
    staff_writes(office, command, notice)
    assert "tidak dilaksanakan" in flat(office.last("petugas"))
    assert len(office.rows("SELECT 1 FROM tickets")) == 1


def test_a_mail_of_another_ticket_is_not_split_off_here(office: PaperWorld) -> None:
    second_mail(office)
    entry = office.rows("SELECT max(id) AS id FROM journal")[0]["id"]
    writes(office, SITI, "Mohon bantuan lain.", subject="Lain")
    staff_writes(office, f"#pisah {entry}", office.last("petugas", "staff_new_ticket"))
    assert "bukan e-mail pengguna pada tiket" in flat(office.last("petugas"))
    assert len(office.rows("SELECT 1 FROM tickets")) == 2


def test_another_partys_mail_becomes_his_own_ticket(office: PaperWorld) -> None:
    opened(office)
    joined(office)
    writes(office, SITI, f"Hal lain, {SECRET}.", subject=f"Re: [{number(office)}]")
    staff_writes(office, "#pisah", office.last("petugas"))
    assert ticket(office)["user_address"] == SITI
    assert templates(office.letters(SITI)) == ["user_acknowledgement"]
    assert SECRET.encode() not in reads(office, "pengguna")


def test_data_that_were_held_are_held_no_more_once_they_are_split_off(office: PaperWorld) -> None:
    data_requested(office)
    one = number(office)
    joined(office)
    writes(office, SITI, "Kode tender 87654321.", subject=f"Re: [{one}]")
    assert ticket(office, one)["held_data"] == 1
    staff_writes(office, "#pisah", office.last("petugas"))
    assert ticket(office, one)["held_data"] == 0


# --- a new matter on an old thread -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "text", "found"),
    [
        ("Re: [LPSE-BTG-2026-000001] Tidak bisa login", "Masih gagal.", ""),
        ("Bls: tidak BISA login!", "Masih gagal.", ""),
        ("Re: [LPSE-BTG-2026-000001] Tidak bisa login - penting", "Masih gagal.", ""),
        ("", "Masih gagal.", ""),
        ("Re: [LPSE-BTG-2026-000001] Tanda terima", "Masih gagal.", ""),
        ("Tanya", "Masih gagal.", ""),
        ("Dokumen penawaran gagal diunggah", "Mohon bantuan.", "Dokumen penawaran gagal diunggah"),
        ("Re: Tidak bisa login", "Terima kasih. Ada masalah lain: Apendo galat.", "masalah lain"),
        ("Re: Tidak bisa login", "Kami ada pertanyaan baru.", "pertanyaan baru"),
        ("Re: Tidak bisa login", "Di luar permasalahan tersebut, kami …", "Di luar permasalahan tersebut"),
    ],
)
def test_a_sign_of_a_new_matter(subject: str, text: str, found: str) -> None:
    why = sign(subject, text, ["Tidak bisa login", "[LPSE-BTG-2026-000001] Tanda terima"], "LPSE-BTG")
    assert (found in why) if found else why == ""


def test_staff_are_told_of_what_seems_a_new_matter_and_nothing_else_happens(office: PaperWorld) -> None:
    notice = second_mail(office, "Terima kasih. Ada masalah lain: Apendo galat.")
    assert "Tampaknya tentang hal lain" in flat(notice)
    assert len(office.rows("SELECT 1 FROM tickets")) == 1
    body = next(body for command, body in links(notice).items() if command.startswith("#pisah"))
    office.new_letters("petugas")
    office.write("petugas", body, subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    assert "staff_receipt" in templates(office.new_letters("petugas"))
    assert len(office.rows("SELECT 1 FROM tickets")) == 2


def test_an_ordinary_reply_proposes_nothing(office: PaperWorld) -> None:
    notice = second_mail(office, "Masih belum bisa sampai siang ini.")
    assert "#pisah" not in notice.text


# --- a second mail of the same user ----------------------------------------------------------------------


def _proven(office: PaperWorld, verdict: str, subject: str = "Tidak bisa login", **more: Any) -> Letter:
    """Budi's new mail, as the border server judges it; the notice of it that Sari gets."""
    headers = [results(verdict, "penyedia.test")] if verdict != "none" else []
    return opened(office, headers=headers, subject=subject, **more)


@pytest.fixture
def with_results(tmp_path: Path) -> Iterator[PaperWorld]:
    """An office whose border server judges each mail."""
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    yield world
    world.store.close()


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("pass", "pass", False),
        ("none", "none", False),
        ("pass", "none", True),
        ("pass", "fail", True),
        ("none", "pass", True),
        ("none", "fail", True),  # unproven both, but of one the results say that it is not his
        ("fail", "none", True),
    ],
)
def test_two_tickets_of_one_address_are_joined_without_a_code_where_both_are_as_well_proven(
    with_results: PaperWorld, first: str, second: str, code: bool
) -> None:
    office = with_results
    _proven(office, first)
    stays = number(office)
    notice = _proven(office, second, "Susulan")
    goes = number(office)
    assert "Pengguna ini juga mempunyai tiket terbuka" in notice.text
    assert ("diminta kode konfirmasi" in flat(notice)) is code
    assert ("belum terbukti. Mohon dipastikan" in flat(notice)) is (second != "pass")
    body = links(notice)[f"#gabung {stays}"]
    got = staff_writes(office, body, notice, headers=[results("pass", "batangkab.test")])
    assert got == ("staff_confirm" if code else "staff_receipt")
    assert ticket(office, goes)["status"] == ("new" if code else "closed")


def test_the_notice_of_a_new_ticket_names_the_users_five_newest_open_tickets(office: PaperWorld) -> None:
    numbers = []
    for which in range(8):
        office.now += timedelta(minutes=20)  # no flood
        notice = opened(office, subject=f"Masalah {which}")
        numbers.append(number(office))
    staff_writes(office, "#buang", next(one for one in office.letters("petugas") if numbers[6] in one.subject))
    office.now += timedelta(minutes=20)
    notice = opened(office, subject="Masalah lagi")
    shown = [link.removeprefix("#gabung ") for link in links(notice) if link.startswith("#gabung")]
    assert shown == [numbers[7], *numbers[5:1:-1]]
    assert f"#cari {BUDI}" in flat(notice)
    assert "Masalah 7 – Baru" in notice.text


def test_the_ticket_of_another_user_is_not_named(office: PaperWorld) -> None:
    opened(office)
    writes(office, SITI, "Kami tidak bisa login.")
    assert "juga mempunyai tiket terbuka" not in office.last("petugas", "staff_new_ticket").text


def test_a_ticket_to_which_somebody_else_is_a_party_is_joined_with_a_code_only(office: PaperWorld) -> None:
    first, _ = two(office)
    confirmed(office, f"#gabung {first} pihak", office.last("petugas", "staff_new_ticket"))
    opened(office, subject="Susulan")
    notice = office.last("petugas", "staff_new_ticket")
    assert staff_writes(office, links(notice)[f"#gabung {first}"], notice) == "staff_confirm"


def test_the_users_words_and_files_stand_in_the_ticket_that_stays_and_go_to_nobody_else(office: PaperWorld) -> None:
    opened(office)
    stays = number(office)
    notice = opened(office, f"Berikut layarnya, {SECRET}.", subject="Susulan")
    before = len(office.letters("pengguna"))
    assert staff_writes(office, links(notice)[f"#gabung {stays}"], notice) == "staff_receipt"
    assert any(SECRET in str(text["body"]) for text in texts(office, stays))
    assert len(office.letters("pengguna")) == before
