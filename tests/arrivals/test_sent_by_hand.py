"""Answers that people write by hand from the mailbox's own address: `imap.sent`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mailservers import MailServers
from tests.steps import clocks, disposition, links, minutes_later, number, opened, resolved, templates
from tests.world import LPSE, PEOPLE, PaperWorld, World

BUDI = PEOPLE["pengguna"]
WORDS = "Sudah kami perbaiki, silakan dicoba."


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PaperWorld]:
    world = PaperWorld(tmp_path, imap={"sent": "Sent"}, aliases=["helpdesk@batangkab.test"])
    yield world
    world.store.close()


def by_hand(office: Any, text: str = WORDS, **more: Any) -> str:
    """Somebody answers from the mailbox's own address; how the mail was settled."""
    more.setdefault("sender", f"LPSE <{LPSE}>")
    more.setdefault("to", BUDI)
    more.setdefault("subject", f"Re: [{number(office)}] Tidak bisa login")
    office.write(LPSE, text, folder="Sent", **more)
    assert office.once()
    return disposition(office)[1]


def kept(office: PaperWorld) -> list[dict[str, Any]]:
    return [dict(row) for row in office.rows("SELECT * FROM texts WHERE kind = 'by_hand'")]


@pytest.mark.parametrize("how", ["the tag", "a reply to the user's mail", "a reply to a mail of ours"])
def test_an_answer_by_hand_is_filed_and_staff_are_asked_for_the_status(office: PaperWorld, how: str) -> None:
    opened(office)
    before = templates(office.letters("pengguna"))
    if how == "the tag":
        done = by_hand(office)
    elif how == "a reply to a mail of ours":
        done = by_hand(office, answers=office.last("pengguna"), subject="Re: Tidak bisa login")
    else:
        message_id = office.rows("SELECT message_id FROM journal ORDER BY id LIMIT 1")[0]["message_id"]
        done = by_hand(office, subject="Re: Tidak bisa login", headers=[("In-Reply-To", message_id)])
    assert done == "sent.by_hand"
    [text] = kept(office)
    assert text["body"].startswith(WORDS) and text["audience"] == ",coordinator,head,staff,"
    row = office.rows("SELECT status, first_response_at FROM tickets")[0]
    assert row["status"] == "new" and row["first_response_at"] is not None
    assert clocks(office) == ["handling"]
    asked = office.last("petugas")
    assert "Dijawab manual dari" in " ".join(asked.text.split()) and "#tutup" in links(asked)
    minutes_later(office, 10)
    assert templates(office.letters("pengguna")) == before


def test_the_users_reply_to_it_finds_the_ticket(office: PaperWorld) -> None:
    opened(office)
    by_hand(office)
    sent = office.rows("SELECT message_id FROM journal ORDER BY id DESC LIMIT 1")[0]["message_id"]
    office.write("pengguna", "Masih gagal.", subject="Re: jawaban", headers=[("In-Reply-To", sent)])
    assert office.once()
    assert len(office.rows("SELECT 1 FROM tickets")) == 1
    assert office.last("petugas").template == "staff_user_reply"


def test_what_is_written_to_others_meets_no_first_response(office: PaperWorld) -> None:
    opened(office)
    assert by_hand(office, to="dinas@batangkab.test") == "sent.by_hand"
    assert office.rows("SELECT first_response_at AS at FROM tickets")[0]["at"] is None


@pytest.mark.parametrize(
    ("copy", "met"),
    [(f"Budi <{BUDI}>", True), (f"Budi (CV Maju, Batang) <{BUDI}>,", True), (f"x{BUDI}", False)],
)
def test_a_blind_copy_to_the_user_is_an_answer_to_him(office: PaperWorld, copy: str, met: bool) -> None:
    opened(office)
    by_hand(office, to="dinas@batangkab.test", headers=[("Bcc", copy)])
    assert (office.rows("SELECT first_response_at AS at FROM tickets")[0]["at"] is not None) == met


def test_what_is_written_to_others_is_no_answer_to_a_user_without_an_address(office: PaperWorld) -> None:
    opened(office)
    with office.store.immediate():
        office.store.execute("UPDATE tickets SET user_address = ''")  # as a consultation by telephone has it
    by_hand(office, to="dinas@batangkab.test")
    assert office.rows("SELECT first_response_at AS at FROM tickets")[0]["at"] is None


@pytest.mark.parametrize("what", ["Message-ID", "X-Mailbot-Id"])
def test_what_mailbot_has_sent_is_passed_over(office: PaperWorld, what: str) -> None:
    opened(office)
    found, told = office.last("pengguna"), len(office.letters("petugas"))
    raw = found.raw
    if what == "X-Mailbot-Id":  # the provider has given it another Message-ID
        raw = raw.replace(found.message_id.encode(), b"<anders@provider.test>", 1)
        assert raw != found.raw and b"X-Mailbot-Id" in raw
    office.drop(raw, folder="Sent")
    assert office.once()
    assert (disposition(office)[:2], kept(office)) == (("handled", "sent.own"), [])
    assert len(office.letters("petugas")) == told


@pytest.mark.parametrize(
    ("more", "settled"),
    [
        ({"sender": "sari@batangkab.test"}, "sent.other"),
        ({"sender": f"LPSE <{LPSE}>, Sari <sari@batangkab.test>"}, "sent.other"),
        ({"subject": "Undangan rapat"}, "sent.unfiled"),
        ({"subject": "Re: [LPSE-BTG-2026-999999]"}, "sent.unfiled"),
        ({"sender": "helpdesk@batangkab.test"}, "sent.by_hand"),
    ],
)
def test_only_answers_of_the_mailbox_itself_are_filed(office: PaperWorld, more: dict[str, str], settled: str) -> None:
    opened(office)
    told = len(office.letters("petugas"))
    assert by_hand(office, **more) == settled
    assert len(office.letters("petugas")) == told + (settled == "sent.by_hand")


def test_a_command_in_sent_mail_is_text(office: PaperWorld) -> None:
    opened(office)
    by_hand(office, "#tutup\nSelesai.")
    assert office.status() == "new"


def test_what_cannot_be_read_is_nobodys_trouble(office: PaperWorld) -> None:
    opened(office)
    told = len(office.letters("petugas"))
    for _ in range(4):
        office.drop(b"\x00" * 100 + b"From", folder="Sent")
        assert office.once()
    assert disposition(office)[0] == "handled"
    assert len(office.letters("petugas")) == told


def test_a_folder_that_is_shown_anew_files_nothing_twice(office: PaperWorld) -> None:
    opened(office)
    by_hand(office)
    raw = bytes(office.rows("SELECT raw FROM journal ORDER BY id DESC LIMIT 1")[0]["raw"])
    office.drop(raw, folder="Sent")
    assert office.once()
    assert (disposition(office)[1], len(kept(office))) == ("sent.again", 1)


def test_the_same_folder_name_means_nothing_where_it_is_not_configured(tmp_path: Path) -> None:
    world = PaperWorld(tmp_path)
    opened(world)
    world.write(LPSE, WORDS, folder="Sent", sender=LPSE, to=BUDI, subject=f"Re: [{number(world)}]")
    assert world.once()
    assert disposition(world)[1] == "own"
    world.store.close()


def test_resolved_stays_resolved(office: PaperWorld) -> None:
    resolved(office)
    by_hand(office)
    assert office.status() == "resolved"


def test_the_servers_folder_is_read_from_the_first_start_on_and_never_changed(
    servers: MailServers, tmp_path: Path
) -> None:
    servers.append(LPSE, b"From: lpse@batangkab.test\r\nSubject: lama\r\n\r\nlama\r\n", "Sent")
    world = World(servers, tmp_path, imap={"sent": "Sent"})
    world.write("pengguna", "Kami tidak bisa login.", subject="Tidak bisa login")
    assert world.once()
    world.write(
        LPSE, WORDS, folder="Sent", sender=f"LPSE <{LPSE}>", to=BUDI, subject=f"Re: [{number(world)}] Tidak bisa login"
    )  # fmt: skip
    assert world.once()
    rows = world.rows("SELECT disposition, mark FROM journal WHERE folder = 'Sent'")
    assert [(row["disposition"], row["mark"]) for row in rows] == [("sent.by_hand", "done")]
    assert "Dijawab manual" in " ".join(world.last("petugas", "staff_reminder").text.split())
