"""What passes the door is in the ledger from then on, for its reader; what stays behind is told to staff and shown to
nobody outside, also when a command is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mailbot.door import Passage, repeated, through
from mailbot.model import Attachment, Decision, Event, Role
from mailbot.tickets import tickets
from mailbot.tickets.work import Given, Work
from tests.steps import opened
from tests.world import PaperWorld

FILES = [("akta.pdf", b"%PDF-1.4"), ("akun.txt", b"kata sandi: Rahasia#2026")]


@pytest.fixture
def work(office: PaperWorld) -> Iterator[Work]:
    """An officer's event on a ticket whose user has sent two files, one of them with a password."""
    opened(office, files=FILES)
    ticket = tickets.load(office.store, 1)
    event = Event(
        kind="staff.info", at=office.now, role=Role.STAFF, address="sari@batangkab.test", name="Sari", journal_id=1
    )
    with office.store.immediate():
        decision = Decision(row="info", step="", status=ticket.status)
        yield Work(office.store, office.site, office.now, ticket, event, Given(key="j9.0"), decision)


def readers(work: Work, table: str, name: str) -> dict[str, str]:
    return {str(row[name]): str(row["audience"]) for row in work.store.rows(f"SELECT * FROM {table}")}


def his_files(*, secret: str = "akun.txt") -> list[Attachment]:
    return [
        Attachment(name, "application/octet-stream", data, f"sha of {name}", secret=name == secret)
        for name, data in FILES
    ]


def test_words_of_the_event_become_a_text_for_their_reader_and_the_lpse(work: Work) -> None:
    passed = through(work, Passage(source=Role.STAFF, to=Role.USER, why="info", words="Sedang kami periksa."))
    assert (passed.to, passed.words, passed.files, passed.back) == (Role.USER, "Sedang kami periksa.", (), ())
    [row] = [row for row in work.store.rows("SELECT * FROM texts") if row["body"] == "Sedang kami periksa."]
    assert (row["kind"], row["role"], row["address"]) == ("info", "staff", "sari@batangkab.test")
    assert (row["audience"], row["journal_id"]) == (",coordinator,head,staff,user,", 1)


def test_no_words_make_no_text(work: Work) -> None:
    before = work.store.value("SELECT count(*) FROM texts")
    through(work, Passage(source=Role.STAFF, to=Role.USER, why="info"))
    through(work, Passage(source=Role.USER, to=Role.LKPP, why="mail", words="Sudah ada.", said=False))
    assert work.store.value("SELECT count(*) FROM texts") == before


def test_what_stands_in_a_mail_may_be_read_from_then_on_but_for_the_files_that_stay(work: Work) -> None:
    [entry] = {int(row["journal_id"]) for row in work.store.rows("SELECT journal_id FROM attachments")}
    hashes = {str(row["name"]): str(row["sha256"]) for row in work.store.rows("SELECT * FROM attachments")}
    files = [replace(file, sha256=hashes[file.name]) for file in his_files()]
    passage = Passage(source=Role.USER, to=Role.LKPP, why="mail", files=files, mails=[entry], said=False)
    assert [file.name for file in through(work, passage).files] == ["akta.pdf"]
    found = readers(work, "attachments", "name")
    assert ",lkpp," in found["akta.pdf"] and ",lkpp," not in found["akun.txt"]
    assert all(",lkpp," in str(row["audience"]) for row in work.store.rows("SELECT * FROM texts WHERE kind = 'mail'"))
    through(work, passage)
    assert readers(work, "attachments", "name") == found  # once


def test_of_a_mail_with_words_of_the_event_only_the_files_may_be_read(work: Work) -> None:
    [entry] = {int(row["journal_id"]) for row in work.store.rows("SELECT journal_id FROM attachments")}
    through(work, Passage(source=Role.LKPP, to=Role.LKPP, why="solution", words="Selesai.", mails=[entry]))
    assert all(",lkpp," in found for found in readers(work, "attachments", "name").values())
    assert ",lkpp," not in next(
        str(row["audience"]) for row in work.store.rows("SELECT * FROM texts WHERE kind = 'mail'")
    )


def test_staff_are_told_of_each_file_that_stays_but_for_forms_of_a_body(work: Work) -> None:
    form = Attachment("lampiran-1.html", "text/html", b"<p>", "f", of_body=True)
    internal = Attachment("surat.eml", "message/rfc822", b"x", "i", internal=True)
    passage = Passage(source=Role.USER, to=Role.LKPP, why="mail", files=[*his_files(), form, internal], said=False)
    assert len(through(work, passage).back) == 3
    assert work.remarks == [
        'Lampiran "akun.txt" tidak disampaikan: tampaknya memuat kata sandi.',
        'Lampiran "surat.eml" tidak disampaikan: memuat isi surat internal LPSE.',
    ]


def test_what_was_shown_before_is_said_again_without_a_new_text(work: Work) -> None:
    before = work.store.value("SELECT count(*) FROM texts")
    passed = repeated(Role.USER, "Mohon kirimkan datanya.", his_files())
    assert (passed.to, passed.words) == (Role.USER, "Mohon kirimkan datanya.")
    assert [file.name for file in passed.files] == ["akta.pdf", "akun.txt"] and passed.back == ()
    assert work.store.value("SELECT count(*) FROM texts") == before
