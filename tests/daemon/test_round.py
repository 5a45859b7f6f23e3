"""Rounds in bad weather: servers that are down or refuse, a full disk, a second instance, a mailbox made anew.

Each time the exit code tells that something must be tried again, a line says what, and nothing is lost or doubled.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kill.child import Office, finish, start
from tests.mailservers import MailServers
from tests.mailservers.faulty import DROP, HANG, FaultyImap, FaultySmtp, On
from tests.mailservers.process import wait_until
from tests.small_disk import mounted
from tests.world import LPSE, Letter, letter

EX_TEMPFAIL = 75


def _kinds(office: Office, who: str) -> list[str]:
    return sorted(one.template for one in office.letters(who))


def _change(office: Office, change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite the configuration, as its owner would."""
    written = yaml.safe_load(office.config_file.read_text())
    change(written)
    office.config_file.write_text(yaml.safe_dump(written))


def _point_to(office: Office, **ports: int) -> None:
    """Other ports for `imap` or `smtp` of the first mailbox."""

    def change(written: dict[str, Any]) -> None:
        for part, port in ports.items():
            written["mailboxes"][0][part]["port"] = port

    _change(office, change)


def _plain(sender: str, to: str = LPSE) -> bytes:
    """A mail as a small program would write it."""
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: Bantuan\r\nMessage-ID: <1.{sender}>\r\n"
    return f"{head}\r\nMohon bantuan.\r\n".encode()


# --- one instance --------------------------------------------------------------------------------------


def test_a_second_instance_leaves_at_once_and_contacts_no_server(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    with FaultyImap([On("CONNECT", HANG)]) as imap, FaultySmtp() as smtp:
        _point_to(office, imap=imap.port, smtp=smtp.port)
        first = start(office.config_file, office.now)
        wait_until(lambda: imap.connections == 1, 20, "the first instance does not connect")
        began = time.monotonic()
        second = office.round()
        assert second.code == EX_TEMPFAIL
        assert time.monotonic() - began < 5
        assert "is at work on" in second.log
        assert (imap.connections, smtp.connections) == (1, 0)
        first.kill()
        finish(first)
    _point_to(office, imap=servers.imap_port, smtp=servers.smtp_port)
    assert office.round().code == 0, "a killed instance still holds the folder"


# --- disk ------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB for the data folder."""
    with mounted(tmp_path / "data", 12) as folder:
        yield folder


def _write_to_a_troubled_office(office: Office) -> None:
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk", files=[("a.bin", os.urandom(600_000))])
    office.write("orang luar", "Kami juga tidak.", subject="Juga")


def _all_was_done_once(office: Office) -> None:
    assert _kinds(office, "pengguna") == ["user_acknowledgement"]
    assert _kinds(office, "orang luar") == ["user_acknowledgement"]
    # Copies of one and the same mail may be there; nothing else may.
    assert len({one.message_id for one in office.letters("petugas")}) == 2
    assert {one.template for one in office.letters("petugas")} == {"staff_new_ticket"}


def test_on_a_full_disk_nothing_is_lost_and_afterwards_all_is_done(
    servers: MailServers, tmp_path: Path, small_disk: Path
) -> None:
    office = Office(servers, tmp_path)
    _write_to_a_troubled_office(office)
    filler = small_disk / "filler"
    for room in (0, 8, 40, 100, 300, 900, 1500):  # kB: each stops the round at another of its writes
        free = shutil.disk_usage(small_disk).free
        with filler.open("wb") as file:
            file.write(b"x" * max(0, free - room * 1024))
        ended = office.round()
        filler.unlink()
        office.now += timedelta(minutes=10)
        if ended.code == 0:
            assert room >= 900, "so little room cannot have been enough"
            continue
        assert ended.code == EX_TEMPFAIL, ended
        assert re.search("disk is full|No space left|disk I/O error", ended.log), ended.log
        assert "Traceback" not in ended.log
    office.once()
    _all_was_done_once(office)


def test_where_no_file_may_grow_nothing_is_lost_and_afterwards_all_is_done(
    servers: MailServers, tmp_path: Path
) -> None:
    office = Office(servers, tmp_path)
    _write_to_a_troubled_office(office)
    for room in (1, 33, 66, 120, 300, 700):  # kB
        limit = room * 1024
        ended = office.round(prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))  # noqa: B023
        office.now += timedelta(minutes=10)
        assert ended.code == EX_TEMPFAIL, ended
        assert "Traceback" not in ended.log
    office.once()
    _all_was_done_once(office)


# --- the mailbox -------------------------------------------------------------------------------------------


def _uidvalidity(servers: MailServers) -> int:
    with servers.client(LPSE) as client:
        return int(client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"])


def test_a_mailbox_made_anew_makes_no_second_tickets(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office.write("orang luar", "Kami juga tidak.", subject="Juga")
    office.once()
    mails, before = servers.messages(LPSE), _uidvalidity(servers)
    wait_until(lambda: int(time.time()) > before + 1, 5, "a second")  # Dovecot takes the time as the new UIDVALIDITY
    servers.wipe()
    for raw in reversed(mails):
        servers.deliver(raw, LPSE)
    servers.deliver(_plain("baru@penyedia.test"), LPSE)
    assert _uidvalidity(servers) != before
    office.once()
    assert [_kinds(office, who) for who in ("pengguna", "orang luar", "baru@penyedia.test", "petugas")] == [
        [],
        [],
        ["user_acknowledgement"],
        ["staff_new_ticket"],
    ]


def test_a_mailbox_made_anew_does_not_bring_up_what_lay_there_before_the_first_start(
    servers: MailServers, tmp_path: Path
) -> None:
    old, new = _plain("lama@penyedia.test"), _plain("baru@penyedia.test")
    servers.append(LPSE, old, when=datetime.now(UTC) - timedelta(days=3))
    office = Office(servers, tmp_path)
    shutil.rmtree(tmp_path / "data")
    assert office.round(real_time=True).code == 0  # the first start, at the real time
    before = _uidvalidity(servers)
    wait_until(lambda: int(time.time()) > before + 1, 5, "a second")
    servers.wipe()
    servers.append(LPSE, old, when=datetime.now(UTC) - timedelta(days=3))
    servers.append(LPSE, new)
    assert _uidvalidity(servers) != before
    assert office.round(real_time=True).code == 0
    servers.settle()
    assert _kinds(office, "baru@penyedia.test") == ["user_acknowledgement"]
    assert _kinds(office, "lama@penyedia.test") == []


def test_a_mail_that_a_person_removes_first_is_no_matter(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    for who in ("pengguna", "orang luar"):
        office.write(who, "Kami tidak bisa masuk.", subject="Masuk")
    _expunge(servers, "budi@penyedia.test")
    office.once()
    assert (_kinds(office, "pengguna"), _kinds(office, "orang luar")) == ([], ["user_acknowledgement"])


def test_a_mail_that_a_person_removes_after_it_was_journalled_is_handled(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office.die("journalled:1")
    _expunge(servers, "budi@penyedia.test")
    office.once()
    assert _kinds(office, "pengguna") == ["user_acknowledgement"]


def _expunge(servers: MailServers, sender: str) -> None:
    with servers.client(LPSE) as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search(["FROM", sender]))
        client.expunge()


def test_a_crash_does_not_let_an_answer_overtake_its_question(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    first = office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office.write("pengguna", "Susulan.", subject="Re: Masuk", headers=[("In-Reply-To", str(first["Message-ID"]))])
    office.die("attempt_counted:1")
    office.once()
    assert _kinds(office, "petugas") == ["staff_new_ticket", "staff_user_reply"]


def test_a_mail_that_the_server_does_not_hand_out_stops_no_other(servers: MailServers, tmp_path: Path) -> None:
    mails = {uid: _plain(f"u{uid}@penyedia.test") for uid in (1, 2, 3)}
    refused = [On("UID FETCH 1,2,3 .*BODY", "%tag% NO try later"), On("UID FETCH 2 ", "%tag% NO try later")]
    office = Office(servers, tmp_path, imap={"since": "2020-01-01"})
    shutil.rmtree(tmp_path / "data")
    with FaultyImap(refused, messages=mails) as imap:
        _point_to(office, imap=imap.port)
        ended = office.round()
        assert not imap.missed, imap.commands
        assert ended.code == EX_TEMPFAIL
        assert "uid 2" in ended.log
        servers.settle()
        assert [len(office.letters(f"u{uid}@penyedia.test")) for uid in mails] == [1, 0, 1]
        office.once()
    assert [len(office.letters(f"u{uid}@penyedia.test")) for uid in mails] == [1, 1, 1]


# --- SMTP ----------------------------------------------------------------------------------------------------


def test_while_smtp_is_down_everything_is_kept(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    servers.smtp.kill()
    for _ in range(2):
        ended = office.round()
        assert ended.code == EX_TEMPFAIL
        assert "refused" in ended.log.lower()
        office.now += timedelta(minutes=5)
    servers.smtp.restart()
    office.once()
    assert _kinds(office, "pengguna") == ["user_acknowledgement"]
    assert _kinds(office, "petugas") == ["staff_new_ticket"]


def test_a_recipient_who_is_busy_delays_nobody_else(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    office.write("busy@penyedia.test", "Mohon bantuan.", subject="Sibuk", sender="Sibuk <busy@penyedia.test>")
    ended = office.round()
    servers.settle()
    assert ended.code == EX_TEMPFAIL
    assert "mailbox is busy" in ended.log
    assert _kinds(office, "petugas") == ["staff_new_ticket"]
    assert office.round().code == EX_TEMPFAIL, "it still waits, although its time has not come"
    office.now += timedelta(days=6)
    assert office.round().code == 0, "given up after five days"
    servers.settle()
    assert "staff_undeliverable" in _kinds(office, "petugas")


def test_a_mail_whose_fate_is_unknown_goes_out_again_unchanged(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    with FaultySmtp([On("EOD", DROP)]) as smtp:
        _point_to(office, smtp=smtp.port)
        ended = office.round()
        assert ended.code == EX_TEMPFAIL
        assert not smtp.missed
        office.now += timedelta(minutes=10)
        assert office.round().code == 0
    found = [letter(mail.data) for mail in smtp.mails]
    assert sorted(one.template for one in found) == ["staff_new_ticket"] * 2 + ["user_acknowledgement"] * 2
    copies = [mail.data for mail in smtp.mails if letter(mail.data).template == "user_acknowledgement"]
    assert copies[0] == copies[1]


def test_a_mail_that_may_be_there_already_stays_uncertain_over_a_crash(servers: MailServers, tmp_path: Path) -> None:
    """`#batal` must not claim to take back what the user may be reading."""
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office.once()
    office.write("petugas", "Coba lagi besok pagi.", answers=office.last("petugas"))
    office.once()
    office.now += timedelta(minutes=4)
    office.die("after_dot:1")
    servers.settle()
    assert "user_answer" in _kinds(office, "pengguna")
    office.die("claimed:1")
    office.write("petugas", "#batal", answers=office.last("petugas", "staff_receipt"))
    office.once()
    assert "tidak dapat ditarik kembali" in office.last("petugas", "staff_receipt").text
    assert office.status() == "resolved"


# --- IMAP ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["the server is away", "the server shows a folder that is of no use"])
def test_while_imap_is_down_mails_still_leave_but_none_that_could_be_taken_back(
    servers: MailServers, tmp_path: Path, why: str
) -> None:
    office = Office(servers, tmp_path)
    useless = [On("EXAMINE", "* 0 EXISTS", "%tag% OK [READ-ONLY] without UIDVALIDITY")]
    with FaultySmtp([On("RCPT TO:<budi", "450 4.2.0 later")]) as smtp, FaultyImap(useless, repeat=True) as imap:
        _point_to(office, smtp=smtp.port)
        office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
        assert office.round().code == EX_TEMPFAIL  # the user's acknowledgement waits
        notice = next(found for mail in smtp.mails if (found := letter(mail.data)).template == "staff_new_ticket")
        office.now += timedelta(seconds=30)
        office.write("petugas", "Coba lagi besok pagi.", answers=notice)
        office.round()
        receipt = _newest(smtp, "staff_receipt")
        office.now += timedelta(minutes=1)
        office.write("petugas", "#batal", answers=receipt)  # in time: it lies in the folder
        office.now += timedelta(minutes=5)
        if why == "the server is away":
            servers.imap.kill()
        else:
            _point_to(office, imap=imap.port)
        ended = office.round()
        assert ended.code == EX_TEMPFAIL
        assert "imap INBOX" in ended.log
        assert [letter(mail.data).template for mail in smtp.mails if mail.recipients == ["budi@penyedia.test"]] == [
            "user_acknowledgement"
        ]
        servers.imap.restart()
        _point_to(office, imap=servers.imap_port)
        assert office.round().code == 0
        office.now += timedelta(minutes=5)
        assert office.round().code == 0
    assert "user_answer" not in [letter(mail.data).template for mail in smtp.mails]
    assert office.status() == "new"


def _newest(smtp: FaultySmtp, template: str) -> Letter:
    return [found for mail in smtp.mails if (found := letter(mail.data)).template == template][-1]


def test_a_broken_mailbox_does_not_disturb_another(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)

    def add(written: dict[str, Any]) -> None:
        first = written["mailboxes"][0]
        second = yaml.safe_load(yaml.safe_dump(first))
        second |= {"name": "pekalongan", "address": "lpse@pekalongan.test", "ticket_prefix": "LPSE-PKL"}
        second["imap"] |= {"username": "lpse@pekalongan.test"}
        written["mailboxes"] = [second, first]

    _change(office, add)
    office.once()
    _point_to(office, imap=1)  # nobody listens there
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Batang")
    servers.deliver(_plain("u@penyedia.test", "lpse@pekalongan.test"), "lpse@pekalongan.test")
    ended = office.round()
    servers.settle()
    assert ended.code == EX_TEMPFAIL
    assert "pekalongan" in ended.log
    assert "batang" not in ended.log.replace("batangkab", "")
    assert (_kinds(office, "pengguna"), _kinds(office, "u@penyedia.test")) == (["user_acknowledgement"], [])
    _point_to(office, imap=servers.imap_port)
    office.once()
    assert _kinds(office, "u@penyedia.test") == ["user_acknowledgement"]


def test_a_wrong_password_is_told_and_nothing_is_lost(servers: MailServers, tmp_path: Path) -> None:
    office = Office(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    (tmp_path / "password").write_text("falsch-und-geheim")
    ended = office.round()
    assert ended.code == EX_TEMPFAIL
    assert "login" in ended.log
    assert "falsch-und-geheim" not in ended.log
    (tmp_path / "password").write_text(servers.password)
    office.once()
    assert _kinds(office, "pengguna") == ["user_acknowledgement"]
