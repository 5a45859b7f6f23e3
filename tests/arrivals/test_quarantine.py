"""What staff are told of a mail in quarantine, what they may do with it, and what never becomes of it."""

from __future__ import annotations

import base64
import io
import os
import re
import signal
import threading
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mailbot.arrivals import from_user, quarantine_work
from mailbot.arrivals.intake import Intake
from mailbot.fetch import reader
from mailbot.fetch.reader import Unread
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.understood import Addressee
from mailbot.store import journal
from mailbot.tickets.case import Context
from tests.steps import disposition, escalated, links, minutes_later, number, opened, results, templates
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

TOO_LONG_A_LINE = b"X: " + b"y" * 200_000 + b"\r\n"
USER = PEOPLE["pengguna"]


def flat(letter: Letter) -> str:
    return " ".join(letter.text.replace("│", " ").split())


def unreadable(subject: str = "Video", sender: str = f"Budi <{USER}>", body: bytes = b"isi KENARI") -> bytes:
    head = f"From: {sender}\r\nTo: {LPSE}\r\nSubject: {subject}\r\n".encode()
    return head + TOO_LONG_A_LINE + b"\r\n" + body + b"\r\n"


def quarantined(office: PaperWorld, raw: bytes = b"") -> tuple[int, Letter]:
    """An unreadable mail: its number, and the notice of it that Sari gets."""
    office.drop(raw or unreadable())
    office.once()
    row = office.rows("SELECT max(id) AS id, state FROM journal")[0]
    assert row["state"] == "quarantined"
    return int(row["id"]), office.last("petugas", "staff_quarantine")


def unproven(office: PaperWorld, text: str = "#tutup\nKENARI", who: str = "petugas") -> int:
    """A command in the name of Sari that nothing vouches for; its number in quarantine."""
    office.write(who, text, subject=f"[{number(office)}] perintah" if office.rows("SELECT 1 FROM tickets") else "x")
    office.once()
    assert disposition(office)[0] == "quarantined"
    return int(office.rows("SELECT max(id) AS id FROM journal")[0]["id"])


def answer(office: PaperWorld, text: str, notice: Letter, who: str = "petugas") -> Letter:
    """Staff answer a notice; what comes back."""
    office.new_letters(who)
    office.write(who, text, answers=notice)
    office.once()
    return next(one for one in office.new_letters(who) if one.template in ("staff_receipt", "staff_confirm"))


def state(office: PaperWorld, number: int) -> dict[str, Any]:
    return dict(office.rows("SELECT * FROM journal WHERE id = ?", number)[0])


def sent_outside(office: PaperWorld) -> list[bytes]:
    return [row["raw"] for row in office.sent("party IN ('user', 'lkpp')")]


# --- what staff are told ----------------------------------------------------------------------------------------


def test_staff_get_reason_sender_subject_arrival_number_and_the_mail_itself(office: PaperWorld) -> None:
    raw = unreadable("Video, password: Rahasia123")
    entry, notice = quarantined(office, raw)
    text = flat(notice)
    assert f"Karantina: e-mail nomor {entry}" in notice.subject
    assert "lebih panjang dari" in text
    assert USER in text and "Video" in text and "Rahasia123" not in text
    assert re.search(rf"Nomor karantina : {entry} Diterima : Senin, 21 Desember 2026 pukul 08.00 WIB", text)
    assert notice.attachments == [(f"karantina-{entry}.eml", raw)]
    assert {one.template for one in office.letters("rekan")} == {"staff_quarantine"}


def test_of_two_senders_both_are_shown_and_neither_is_believed(office: PaperWorld) -> None:
    head = f"From: Budi <{USER}>\r\nFrom: Mallory\r\n <{PEOPLE['orang luar']}>\r\nTo: {LPSE}\r\n"
    entry, notice = quarantined(office, f"{head}Subject: Video\r\n\r\nisi\r\n".encode())
    assert f"{USER}, {PEOPLE['orang luar']}" in flat(notice)
    assert state(office, entry)["sender"] == ""


def test_the_mail_is_a_file_that_no_program_opens_by_itself(office: PaperWorld) -> None:
    _, notice = quarantined(office, unreadable(body=b"\r\n--=_m\r\nContent-Type: text/html\r\n\r\n<script>"))
    [part] = list(notice.message.iter_attachments())
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_content_disposition() == "attachment"
    assert part["Content-Transfer-Encoding"] == "base64"
    assert notice.message.defects == []
    assert b"<script>" not in notice.raw


def test_a_mail_that_does_not_fit_is_not_attached_and_that_is_said(office: PaperWorld) -> None:
    entry, notice = quarantined(office, unreadable(body=b"x" * 9_900_000))
    assert notice.attachments == []
    assert "9,9 MB" in notice.text or "10," in notice.text
    assert "tidak dilampirkan karena melebihi 10 MB" in flat(notice)
    assert len(notice.raw) < 100_000
    assert state(office, entry)["state"] == "quarantined"


def test_of_a_mail_over_the_size_limit_only_the_header_is_there(office: PaperWorld) -> None:
    _giant(office)
    office.once()
    notice = office.last("petugas", "staff_quarantine")
    assert notice.attachments == []
    assert "tidak diambil seluruhnya" in flat(notice) and "#proses" not in " ".join(links(notice))


def _giant(office: PaperWorld) -> None:
    fetched = journal.Fetched(
        mailbox="batang",
        folder="INBOX",
        uidvalidity=1,
        uid=99,
        raw=f"From: Budi <{USER}>\r\nSubject: Video\r\n\r\n".encode(),
        size=90_000_000,
        complete=False,
        arrived_at=office.now,
    )
    journal.remember(office.store, [fetched], office.now)


def _link(notice: Letter, command: str) -> str:
    """The body of the ready reply that the link of this command opens."""
    return next(body for line, body in links(notice).items() if line.startswith(command))


# --- under another UID ------------------------------------------------------------------------------------------


def test_an_unreadable_mail_is_not_reported_again_under_another_uid(office: PaperWorld) -> None:
    entry, _ = quarantined(office)
    office.drop(unreadable())
    office.drop(unreadable("Lain"))
    office.once()
    rows = office.rows("SELECT state, reason FROM journal ORDER BY id")
    assert [row["state"] for row in rows] == ["quarantined", "duplicate", "quarantined"]
    assert rows[1]["reason"] == f"sama dengan {entry}"
    assert templates(office.letters("petugas")) == ["staff_quarantine"] * 2


def test_a_discarded_mail_does_not_come_back_under_another_uid(office: PaperWorld) -> None:
    entry, notice = quarantined(office)
    answer(office, f"#buang {entry}", notice)
    office.drop(unreadable())
    office.once()
    assert disposition(office)[0] == "duplicate"


# --- #karantina -------------------------------------------------------------------------------------------------


def test_the_quarantine_is_listed_by_mail_with_secrets_masked(office: PaperWorld) -> None:
    first, notice = quarantined(office, unreadable("Video, password: Rahasia123"))
    second, _ = quarantined(office, unreadable("Lagi", "Tim: a@b.test;"))
    text = flat(answer(office, "#karantina", notice))
    assert "2 e-mail menunggu keputusan" in text
    assert f"Nomor {first}" in text and f"Nomor {second}" in text
    assert USER in text and "Video" in text and "lebih panjang dari" in text
    assert "Rahasia123" not in text


def test_an_empty_quarantine_is_said_to_be_empty(office: PaperWorld) -> None:
    notice = opened(office)
    assert "Tidak ada e-mail di karantina." in answer(office, "#karantina", notice).text


def test_a_long_list_ends_with_how_many_more_there_are(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine_work, "MOST_LISTED", 1)
    _, notice = quarantined(office)
    quarantined(office, unreadable("Lagi"))
    assert "dan 1 e-mail lagi" in flat(answer(office, "#karantina", notice))


# --- #proses ----------------------------------------------------------------------------------------------------


def test_a_mail_that_can_be_read_now_becomes_a_ticket(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(reader, "understand", _unread("proses pembaca berhenti (SIGSEGV)"))
        office.write("pengguna", "Tidak bisa login.", subject="Login")
        for _ in range(journal.ATTEMPTS + 1):
            office.once()
            office.now += timedelta(minutes=1)
    assert disposition(office)[::2] == ("quarantined", "gagal diolah 3 kali: proses pembaca berhenti (SIGSEGV)")
    receipt = answer(office, "#proses 1", office.last("petugas", "staff_quarantine"))
    assert "diolah kembali sebagai e-mail biasa" in flat(receipt)
    assert office.status() == "new"
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]
    row = state(office, 1)
    assert (row["state"], row["released"], row["released_by"]) == ("handled", "proses", PEOPLE["petugas"])


def test_a_mail_that_still_cannot_be_read_is_quarantined_again_and_told_again(office: PaperWorld) -> None:
    entry, notice = quarantined(office)
    answer(office, f"#proses {entry}", notice)
    assert state(office, entry)["state"] == "quarantined"
    assert templates(office.letters("petugas")).count("staff_quarantine") == 2
    assert templates(office.letters("rekan")).count("staff_quarantine") == 2


def test_what_bears_a_colleagues_name_becomes_no_users_mail(border: PaperWorld) -> None:
    notice = opened(border)
    ticket = number(border)
    entry = unproven(border)
    good = [results("pass", "batangkab.test")]
    border.write("petugas", f"#proses {entry}", answers=notice, headers=good)
    border.once()
    assert border.status(ticket) == "new"
    assert f"atas nama {PEOPLE['petugas']}" in flat(border.last("petugas", "staff_receipt"))
    assert state(border, entry)["state"] == "quarantined"
    assert len(border.rows("SELECT 1 FROM tickets")) == 1
    assert border.rows("SELECT event FROM history WHERE event LIKE 'staff.%'") == []


def test_a_forgery_s_notice_does_not_offer_to_handle_it_as_a_users_mail(border: PaperWorld) -> None:
    border.write("petugas", "#tutup", headers=[results("fail", "batangkab.test")])
    border.once()
    assert {word.split()[0] for word in links(border.last("petugas", "staff_quarantine"))} == {"#tiket", "#buang"}


def test_a_colleagues_mail_that_can_be_read_now_is_neither_obeyed_nor_a_users(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = opened(office)
    with monkeypatch.context() as broken:
        broken.setattr(reader, "understand", _unread("proses pembaca berhenti (SIGSEGV)"))
        office.write("petugas", "#jawab KENARI", answers=notice)
        for _ in range(journal.ATTEMPTS + 1):
            office.once()
            office.now += timedelta(minutes=1)
    entry = int(office.rows("SELECT max(id) AS id FROM journal")[0]["id"])
    answer(office, f"#proses {entry}", office.last("rekan", "staff_quarantine"), who="rekan")
    assert state(office, entry)["state"] == "quarantined"
    assert "mohon dikirim ulang" in flat(office.last("petugas", "staff_quarantine"))
    assert len(office.rows("SELECT 1 FROM tickets")) == 1
    minutes_later(office, 10)
    assert not any(b"KENARI" in raw for raw in sent_outside(office))


@pytest.mark.parametrize("command", ["#eskalasi Gagal KENARI", "#jawab KENARI", "#tutup"])
def test_no_command_of_a_released_mail_is_ever_carried_out(office: PaperWorld, command: str) -> None:
    notice = opened(office)
    ticket = number(office)
    entry = unproven(office, command)
    answer(office, f"#proses {entry}", notice)
    minutes_later(office, 10)
    assert office.status(ticket) == "new"
    assert not any(b"KENARI" in raw for raw in sent_outside(office))


def test_a_machines_mail_without_a_ticket_becomes_one_and_is_not_answered(office: PaperWorld) -> None:
    office.write("pengguna", "Mohon bantuan.", headers=[("Precedence", "bulk")], subject="Undangan")
    notice_of_other = opened(office, subject="Lain")
    assert disposition(office)[0] == "handled"
    answers_before = len(office.letters("pengguna"))
    answer(office, "#proses 1", notice_of_other)
    assert len(office.rows("SELECT 1 FROM tickets")) == 2
    assert state(office, 1)["ticket_id"] == 2
    assert len(office.letters("pengguna")) == answers_before


def test_a_machine_without_an_address_can_only_be_filed(office: PaperWorld) -> None:
    office.drop(
        b"From: MAILER-DAEMON\r\nTo: lpse@batangkab.test\r\nSubject: Undelivered Mail\r\n"
        b"Message-ID: <b1@mx.test>\r\nX-Failed-Recipients: x@y.test\r\n\r\nfailed\r\n"
    )
    notice = opened(office)
    assert "tidak memiliki alamat pengirim" in flat(answer(office, "#proses 1", notice))
    assert state(office, 1)["released"] == ""
    assert "dimasukkan ke tiket" in flat(answer(office, f"#tiket 1 {number(office)}", notice))


def test_what_was_not_fetched_whole_cannot_be_handled(office: PaperWorld) -> None:
    _giant(office)
    office.once()
    receipt = answer(office, "#proses 1", office.last("petugas", "staff_quarantine"))
    assert "hanya kepalanya yang diambil" in flat(receipt)
    assert state(office, 1)["state"] == "quarantined"


# --- #tiket -----------------------------------------------------------------------------------------------------


def test_a_mail_filed_with_a_ticket_is_seen_by_staff_alone(office: PaperWorld) -> None:
    escalation = escalated(office)
    ticket = number(office)
    entry = unproven(office, "#tutup\nKENARI, password: Rahasia123")
    outside = len(sent_outside(office))
    receipt = answer(office, f"#tiket {entry} {ticket}", office.last("petugas", "staff_new_ticket"))
    assert f"dimasukkan ke tiket {ticket}" in flat(receipt)
    row = state(office, entry)
    assert (row["state"], row["disposition"], row["ticket_id"], row["sender"]) == ("handled", "filed", 1, "")
    [text] = office.rows("SELECT * FROM texts WHERE journal_id = ?", entry)
    assert text["audience"] == ",coordinator,head,staff,"
    assert "KENARI" in text["body"] and "Rahasia123" not in text["body"]
    notice = office.last("petugas", "staff_quarantine")
    assert notice.subject.startswith(f"[{ticket}]")
    assert "dimasukkan ke tiket ini oleh Sari" in flat(notice)
    assert notice.attachments[0][0] == f"karantina-{entry}.eml"
    # Whatever happens to the ticket afterwards, neither user nor LKPP reads it.
    office.write("lkpp", "Mohon dilengkapi kode tender.", answers=escalation)
    office.once()
    office.write("petugas", "#teruskan", answers=office.last("petugas", "staff_lkpp_reply"))
    office.write("petugas", "#jawab Sudah kami periksa.", answers=office.last("petugas", "staff_new_ticket"))
    minutes_later(office, 10)
    assert len(sent_outside(office)) > outside
    assert not any(b"KENARI" in raw for raw in sent_outside(office))


def test_a_mail_whose_reading_failed_once_is_read_again_before_it_is_filed(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    escalated(office)
    entry = unproven(office, "KENARI, mohon dicatat.")
    with monkeypatch.context() as broken:
        broken.setattr(reader, "understand", _unread("terhenti", b"KENARI"))
        answer(office, f"#tiket {entry} {number(office)}", office.last("petugas", "staff_new_ticket"))
    assert state(office, entry)["state"] != "handled"
    minutes_later(office, 2)
    assert state(office, entry)["state"] == "handled"
    [text] = office.rows("SELECT body FROM texts WHERE journal_id = ?", entry)
    assert "KENARI" in text["body"]


def test_an_unreadable_mail_is_filed_all_the_same(office: PaperWorld) -> None:
    opened(office)
    entry, notice = quarantined(office)
    answer(office, f"#tiket {entry} {number(office)}", notice)
    assert state(office, entry)["state"] == "handled"
    filed = office.last("petugas", "staff_quarantine")
    assert "tidak dapat dibaca" in filed.text
    assert filed.attachments == [(f"karantina-{entry}.eml", unreadable())]
    assert office.status() == "new"
    assert [row["rule"] for row in office.rows("SELECT rule FROM history WHERE journal_id = ?", entry)] == ["#tiket"]


@pytest.mark.parametrize(
    ("which", "reason"),
    [
        ("", "memerlukan satu nomor tiket"),
        ("LPSE-BTG-2026-000001 LPSE-BTG-2026-000002", "memerlukan satu nomor tiket"),
        ("LPSE-BTG-2026-000099", "Tidak ada tiket LPSE-BTG-2026-000099"),
        ("besok", "memerlukan satu nomor tiket"),
    ],
)
def test_a_ticket_that_is_not_clear_is_refused(office: PaperWorld, which: str, reason: str) -> None:
    opened(office)
    entry, notice = quarantined(office)
    receipt = answer(office, f"#tiket {entry} {which}", notice)
    assert reason in flat(receipt) and "Tidak ada yang dijalankan" in flat(receipt)
    assert state(office, entry)["state"] == "quarantined"


# --- #buang N ---------------------------------------------------------------------------------------------------


def test_a_discarded_mail_is_kept_and_nothing_becomes_of_it(office: PaperWorld) -> None:
    entry, notice = quarantined(office)
    receipt = answer(office, f"#buang {entry}", notice)
    assert f"E-mail karantina nomor {entry} dibuang" in flat(receipt)
    row = state(office, entry)
    assert (row["state"], row["released"], row["released_by"]) == ("discarded", "buang", PEOPLE["petugas"])
    assert bytes(row["raw"]) == unreadable()
    assert office.rows("SELECT 1 FROM tickets") == []
    assert office.rows("SELECT 1 FROM silences") == []


def test_several_mails_are_worked_at_once_or_none(office: PaperWorld) -> None:
    first, _ = quarantined(office)
    second, notice = quarantined(office, unreadable("Lagi"))
    refused = answer(office, f"#buang {first}\n#buang 999", notice)
    assert "Tidak ada e-mail nomor 999" in flat(refused)
    assert state(office, first)["state"] == "quarantined"
    answer(office, f"#buang {first}\n#buang {second}", notice)
    assert {state(office, entry)["state"] for entry in (first, second)} == {"discarded"}


def test_buang_without_a_number_is_still_about_the_ticket(office: PaperWorld) -> None:
    notice = opened(office)
    answer(office, "#buang", notice)
    assert office.status() == "closed"


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["#proses", "#buang", "#tiket"])
def test_an_entry_is_worked_once(office: PaperWorld, command: str) -> None:
    opened(office)
    more = f" {number(office)}" if command == "#tiket" else ""
    entry, notice = quarantined(office)
    answer(office, f"#buang {entry}", notice)
    receipt = answer(office, f"{command} {entry}{more}", notice)
    assert f"sudah dibuang oleh {PEOPLE['petugas']}" in flat(receipt)
    assert state(office, entry)["state"] == "discarded"


@pytest.mark.parametrize("command", ["#proses", "#buang", "#tiket"])
def test_a_mail_that_is_in_no_quarantine_is_refused(office: PaperWorld, command: str) -> None:
    notice = opened(office)
    more = f" {number(office)}" if command == "#tiket" else ""
    for entry, reason in ((1, "tidak berada di karantina"), (4711, "Tidak ada e-mail nomor 4711")):
        assert reason in flat(answer(office, f"{command} {entry}{more}", notice))
    assert state(office, 1)["state"] == "handled"


def test_another_mailboxs_entry_is_as_if_it_were_not_there(office: PaperWorld) -> None:
    entry, notice = quarantined(office)
    with office.store.immediate():
        office.store.update("journal", entry, mailbox="kudus")
    assert f"Tidak ada e-mail nomor {entry}" in flat(answer(office, f"#buang {entry}", notice))
    assert state(office, entry)["state"] == "quarantined"


@pytest.mark.parametrize("who", ["kepala", "operator"])
def test_only_staff_and_coordinator_work_the_quarantine(office: PaperWorld, who: str) -> None:
    entry, _ = quarantined(office)
    with office.store.immediate():  # a mail of ours to reply to
        office.store.execute("UPDATE outbox SET recipient = ? WHERE recipient = ?", PEOPLE[who], PEOPLE["rekan"])
    notice = office.last(who, "staff_quarantine")
    assert "tidak tersedia untuk peran Anda" in flat(answer(office, f"#buang {entry}", notice, who))
    assert state(office, entry)["state"] == "quarantined"


def test_without_a_token_nothing_is_worked(office: PaperWorld) -> None:
    entry, _ = quarantined(office)
    office.write("petugas", f"#buang {entry}")
    office.once()
    assert state(office, entry)["state"] == "quarantined"
    assert disposition(office)[0] == "quarantined"


def test_a_users_words_work_no_quarantine(office: PaperWorld) -> None:
    entry, _ = quarantined(office)
    office.write("pengguna", f"#buang {entry}")
    office.once()
    assert state(office, entry)["state"] == "quarantined"


# --- links ------------------------------------------------------------------------------------------------------


def _open(office: PaperWorld, notice: Letter, command: str, more: str = "") -> Letter:
    """Open a link's ready reply and send it as a new mail; what comes back."""
    office.new_letters("petugas")
    office.write("petugas", _link(notice, command).rstrip() + more, subject="Karantina")
    office.once()
    return office.new_letters("petugas")[0]


def test_a_link_works_without_a_reply_and_once(office: PaperWorld) -> None:
    entry, notice = quarantined(office)
    assert f"nomor {entry} dibuang" in flat(_open(office, notice, "#buang"))
    assert state(office, entry)["state"] == "discarded"
    again = _open(office, notice, "#buang")
    assert again.template == "staff_receipt" and f"nomor {entry} dibuang" in flat(again)


def test_a_link_leaves_room_for_the_tickets_number(office: PaperWorld) -> None:
    opened(office)
    entry, notice = quarantined(office)
    assert "dimasukkan ke tiket" in flat(_open(office, notice, "#tiket", f" {number(office)}"))
    assert state(office, entry)["disposition"] == "filed"


def test_a_link_is_good_for_its_own_entry_and_command(office: PaperWorld) -> None:
    first, notice = quarantined(office)
    second, _ = quarantined(office, unreadable("Lagi"))
    body = _link(notice, "#buang")
    for wrong in (f"#buang {second}", f"#proses {first}", f"#buang {first}\n#buang {second}", "#karantina"):
        office.new_letters("petugas")
        office.write("petugas", body.replace(f"#buang {first}", wrong), subject="Karantina")
        office.once()
        [receipt] = office.new_letters("petugas")
        assert "berlaku untuk perintah atau tiket lain" in flat(receipt), wrong
    assert {state(office, entry)["state"] for entry in (first, second)} == {"quarantined"}


def test_a_colleagues_link_is_nobody_elses(office: PaperWorld) -> None:
    entry, notice = quarantined(office)
    office.write("rekan", _link(notice, "#buang"), subject="Karantina")
    office.once()
    assert state(office, entry)["state"] == "quarantined"


# --- mails that two programs could read differently ---------------------------------------------------------------

AMBIGUOUS = (
    f"From: Budi <{USER}>\r\nTo: {LPSE}\r\nSubject: Data\r\nSubject: Data lain\r\nMessage-ID: <1@penyedia.test>\r\n%s"
    "\r\nKode tender 87654321, screenshot terlampir. KENARI\r\n"
)


def test_an_ambiguous_mail_makes_a_ticket_and_staff_get_the_reason_and_the_original(office: PaperWorld) -> None:
    raw = (AMBIGUOUS % "").encode()
    office.drop(raw)
    office.once()
    assert office.status() == "new"
    notice = office.last("petugas", "staff_new_ticket")
    assert "dapat dibaca lebih dari satu cara" in flat(notice)
    assert ("surat-asli-1.eml.txt", raw) in notice.attachments
    [part] = [part for part in notice.message.iter_attachments()]
    assert part.get_content_type() in ("text/plain", "application/octet-stream")


def test_an_ambiguous_mail_is_proven_by_nothing_and_goes_no_further(border: PaperWorld) -> None:
    escalation = escalated_at(border)
    border.write("lkpp", "Mohon dilengkapi kode tender.", answers=escalation, headers=[results("pass", "lkpp.test")])
    border.once()
    minutes_later(border, 3)
    assert border.status() == "awaiting_data"
    asked = border.last("pengguna", "user_data_request")
    seen = len(border.letters("lkpp"))
    name, value = results("pass", "penyedia.test")
    lines = f"{name}: {value}\r\nIn-Reply-To: {asked.message_id}\r\nReferences: {asked.message_id}\r\n"
    border.drop((AMBIGUOUS % lines).encode())
    border.once()
    assert border.status() == "awaiting_data"
    assert border.letters("lkpp")[seen:] == []
    notice = border.last("petugas", "staff_user_reply")
    assert "dapat dibaca lebih dari satu cara" in flat(notice)
    assert any(name.endswith(".eml.txt") for name, _ in notice.attachments)
    assert not any(b"KENARI" in raw for raw in sent_outside(border))


def escalated_at(border: PaperWorld) -> Letter:
    notice = opened(border, headers=[results("pass", "penyedia.test")])
    border.write("petugas", "#eskalasi Gagal.", answers=notice, headers=[results("pass", "batangkab.test")])
    border.once()
    return border.last("lkpp", "lkpp_escalation")


# --- order ------------------------------------------------------------------------------------------------------


def _breaking(word: str) -> Callable[..., None]:
    """The user's desk, failing at mails that contain a word."""
    real = from_user.handle

    def handle(context: Context, mail: IncomingMail) -> None:
        if word in mail.message.text:
            raise ZeroDivisionError
        real(context, mail)

    return handle


def _unread(reason: str, word: bytes = b"") -> Callable[..., object]:
    """Reading fails at mails that contain a word."""
    real = reader.understand

    def understand(raw: bytes, to: Addressee) -> object:
        if word in raw:
            raise Unread(reason)
        return real(raw, to)

    return understand


def _order(office: PaperWorld) -> list[str]:
    return [str(row["subject"]) for row in office.rows("SELECT subject FROM tickets ORDER BY id")]


def test_later_mails_of_the_same_sender_wait_for_the_one_that_failed_and_others_do_not(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(from_user, "handle", _breaking("BOM"))
        office.write("pengguna", "BOM waktu", subject="pertama")
        office.write("pengguna", "Maaf, ini lagi", subject="kedua")
        office.write("orang luar", "Mohon bantuan", subject="orang lain")
        assert not office.once()
    assert _order(office) == ["orang lain"]
    assert [row["attempts"] for row in office.rows("SELECT attempts FROM journal ORDER BY id")] == [1, 0, 1]
    minutes_later(office, 2)
    assert _order(office) == ["orang lain", "pertama", "kedua"]


def test_a_mail_that_fails_for_ever_holds_its_sender_up_for_minutes_only(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_user, "handle", _breaking("BOM"))
    office.write("pengguna", "BOM waktu", subject="pertama")
    office.write("pengguna", "Maaf, ini lagi", subject="kedua")
    for _ in range(journal.ATTEMPTS + 2):
        office.once()
        office.now += timedelta(minutes=1)
    assert _order(office) == ["kedua"]
    assert state(office, 1)["state"] == "quarantined"


def test_a_stream_of_failing_mails_in_somebodys_name_holds_him_up_for_minutes_only(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_user, "handle", _breaking("BOM"))
    office.write("pengguna", "BOM", subject="palsu 0")
    office.once()
    office.write("pengguna", "Tidak bisa login", subject="asli")
    for minute in range(8):
        office.write("pengguna", f"BOM {minute}", subject="palsu")
        office.once()
        if _order(office):
            break
        office.now += timedelta(minutes=1)
    assert minute <= 5
    assert _order(office) == ["asli"]


def test_mails_of_the_same_ticket_wait_whoever_writes_them(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = opened(office)
    acknowledgement = office.last("pengguna", "user_acknowledgement")
    with monkeypatch.context() as broken:
        broken.setattr(from_user, "handle", _breaking("BOM"))
        office.write("pengguna", "BOM: jangan ditutup dulu", answers=acknowledgement)
        office.write("petugas", "#tutup", answers=notice)
        office.once()
    assert office.status() == "new"
    minutes_later(office, 2)
    events = [row["event"] for row in office.rows("SELECT event FROM history ORDER BY id")]
    assert events.index("user.mail") < events.index("staff.close")


def test_the_sender_of_a_mail_whose_reading_was_ended_is_taken_from_its_heading(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(reader, "understand", _unread("melebihi batas memori", b"BOM"))
        office.write("pengguna", "BOM", subject="pertama")
        office.write("pengguna", "Maaf, ini lagi", subject="kedua")
        office.write("orang luar", "Mohon bantuan", subject="orang lain")
        office.once()
        row = state(office, 1)
        assert (row["reason"], row["sender"]) == ("melebihi batas memori", USER)
        assert _order(office) == ["orang lain"]
    minutes_later(office, 2)
    assert _order(office) == ["orang lain", "pertama", "kedua"]


def test_a_mail_whose_reader_is_killed_is_handled_at_its_next_try(odd: None, office: PaperWorld) -> None:
    reader.start()
    [process] = reader._idle
    office.write("pengguna", "Tidak bisa login", subject="SLOW")
    office.write("orang luar", "Mohon bantuan", subject="orang lain")
    killing = threading.Timer(0.5, os.kill, (process.pid, signal.SIGKILL))
    killing.start()
    assert not office.once()
    killing.join()
    assert state(office, 1)["reason"] == "proses pembaca berhenti (SIGKILL)"
    assert _order(office) == ["orang lain"]
    minutes_later(office, 2)
    assert _order(office) == ["orang lain", "SLOW"]
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]


def test_where_the_sender_is_not_known_nobody_waits(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "understand", _unread("melebihi batas memori", b"BOM"))
    office.drop(f"To: {LPSE}\r\nFrom: a@b.test, {USER}\r\n\r\nBOM\r\n".encode())
    office.write("pengguna", "Tidak bisa login", subject="kedua")
    office.once()
    assert _order(office) == ["kedua"]


def test_three_readings_that_are_ended_are_the_last(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "understand", _unread("melebihi batas waktu 10 detik", b"BOM"))
    office.write("pengguna", "BOM", subject="bom")
    tries = 0
    while state(office, 1)["state"] == "received":
        office.once()
        office.now += timedelta(minutes=1)
        tries += 1
    assert tries == journal.ATTEMPTS + 1
    assert disposition(office)[2] == "gagal diolah 3 kali: melebihi batas waktu 10 detik"
    [notice] = [one for one in office.letters("petugas") if one.template == "staff_quarantine"]
    assert "melebihi batas waktu 10 detik" in flat(notice)
    assert notice.attachments[0][0] == "karantina-1.eml"


def test_what_waits_in_another_hand_is_left_out_and_nobody_behind_it(office: PaperWorld) -> None:
    for subject in ("satu", "dua", "tiga"):
        office.write("orang luar", subject, subject=subject)
    assert journal.waiting(office.store, "batang", office.now, 1, {1, 2}) == [3]
    assert journal.waiting(office.store, "batang", office.now, -1, {2}) == [1, 3]
    assert Intake(office.store, office.site, ["LPSE-BTG"]).handle_waiting(office.now, at_most=2)
    assert _order(office) == ["satu", "dua"]


# --- LKPP and forged words ------------------------------------------------------------------------------


def test_a_mail_of_lkpp_that_staff_let_go_on_goes_to_staff_and_makes_lkpp_nobodys_user(office: PaperWorld) -> None:
    raw = b"From: Helpdesk <helpdesk-lpse@lkpp.test>\r\nTo: " + LPSE.encode() + b"\r\nSubject: Kabar\r\n"
    entry, notice = quarantined(office, _with_trap(raw, "Perkembangan KENARI."))
    answer(office, f"#proses {entry}", notice)
    assert office.letters("lkpp") == [] and office.rows("SELECT 1 FROM tickets") == []
    told = office.last("petugas", "staff_lkpp_reply")
    assert "KENARI" in told.text and "keasliannya tidak terbukti" in flat(told)
    assert state(office, entry)["disposition"] == "lkpp.unverified"


def test_of_a_doubtful_mail_of_lkpp_staff_get_the_original_and_nobody_else_anything(border: PaperWorld) -> None:
    head = [
        ": ".join(results("pass", "lkpp.test")),
        "From: helpdesk-lpse@lkpp.test",
        f"To: {LPSE}",
        "Subject: Kabar",
        "Content-Type: text/plain",
        "Content-Type: text/html",
    ]
    raw = "\r\n".join([*head, "", "Telah selesai KENARI.", ""]).encode()
    border.drop(raw)
    border.once()
    told = border.last("petugas", "staff_lkpp_reply")
    assert told.attachments == [("surat-asli-1.eml.txt", raw)]
    assert sent_outside(border) == []


def test_passwords_in_a_refused_command_are_masked_in_its_notice(office: PaperWorld) -> None:
    unproven(office, "#jawab Silakan masuk.\nPassword: Rahasia123")
    notice = office.last("petugas", "staff_quarantine")
    assert "Silakan masuk" in notice.text and "Rahasia123" not in notice.text + notice.html


def _with_trap(head: bytes, text: str) -> bytes:
    """A mail with a ZIP of nothing but ZIPs."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number in range(9):
            archive.writestr(f"{number}.zip", b"")
    part = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    head += b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n--X\r\n\r\n"
    return head + text.encode() + b"\r\n--X\r\n" + part + base64.encodebytes(data.getvalue()) + b"--X--\r\n"
