"""Many mailboxes in one process: one that fails never disturbs another, and a reload adds and removes them."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fleet import served
from mailbot.clock import Clock
from mailbot.daemon import folder_thread
from mailbot.daemon.sending import postman
from mailbot.daemon.shared_state import Board
from tests.mailservers import MailServers
from tests.mailservers.faulty import FaultyImap, FaultySmtp
from tests.mailservers.process import wait_until
from tests.running import PATIENCE, RunningOffice

_SEVERAL = 12


@pytest.mark.mailservers
def test_what_is_broken_or_reloaded_disturbs_no_other_mailbox(servers: MailServers, tmp_path: Path) -> None:
    """A wrong password, a folder that is gone and a server that hangs; a faulty configuration, and one that exchanges
    two mailboxes for two others. 200 of them: `python -m bench.fleet` (docs/performance.md)."""
    found = served(_SEVERAL, servers, tmp_path, change=2, patience=90.0)
    assert found.unserved == []
    assert (len(found.first), len(found.reloaded), len(found.added)) == (9, 7, 2)
    assert max({**found.first, **found.reloaded, **found.added}.values()) < 10.0
    assert found.troubled == found.broken
    named = {form: status.named for form, status in found.statuses.items()}
    assert named == dict.fromkeys(named, found.broken) and len(named) == 4
    assert found.statuses["--check"].exit_code == 2
    assert "ticket_prefix" in found.refused and "folders" in found.refused
    assert found.again == [] and found.after_removal == 0


def test_many_mailboxes_at_one_server_share_few_connections(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server refuses a client that has more connections than it bears, and then the mails would wait."""
    monkeypatch.setattr(postman, "AT_ONCE", 3)
    office = RunningOffice(servers, tmp_path)
    with FaultySmtp(at_once=3) as smtp:
        one = office.change()["mailboxes"][0]
        office.change(mailboxes=[_mailbox(one, number, smtp.port) for number in range(_SEVERAL)])
        with office.running() as daemon:
            wait_until(lambda: all(each.tried for each in daemon.watchers), PATIENCE, "not all are watched")
            for times in (1, 2):
                for number in range(_SEVERAL):
                    user, address = f"user{times}{number}@penyedia.test", f"lpse{number}@batangkab.test"
                    servers.deliver(_mail(user, f"lpse{number}"), address, user)
                wait_until(lambda: _acknowledged(smtp) >= _SEVERAL, 10.0, "not all are acknowledged")
                smtp.mails.clear()
            assert daemon._postman.outages() == []
        assert smtp.too_many == 0 and smtp.connections > _SEVERAL


# --- a server that tells late ----------------------------------------------------------------------------


def test_how_late_a_mail_is_does_not_depend_on_the_clock_of_the_server() -> None:
    for ahead in (0.0, 3600.0, -900.0):
        board = Board([], Clock())
        found = [board.lateness("mail.test:993", delay - ahead) for delay in (0.5, 20.0, 0.5, 12.5, 0.0, 3.0)]
        assert found == pytest.approx([0.0, 19.5, 0.0, 12.0, 0.0, 3.0])


def test_a_server_tells_late_if_it_does_so_twice_within_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("mailbot.daemon.shared_state.time", SimpleNamespace(monotonic=lambda: now))
    board = Board([], Clock())
    assert not board.late("mail.test:993") and not board.tells_late("mail.test:993")
    now = 4000.0
    assert not board.late("mail.test:993"), "once may be chance"
    now = 4060.0
    assert board.late("mail.test:993") and board.tells_late("mail.test:993")
    assert [board.take_newly_late() for _ in range(2)] == [True, False]
    assert not board.late("mail.test:993"), "that is known"
    assert not board.tells_late("other.test:993")
    now += 25 * 3600
    assert not board.tells_late("mail.test:993")


def test_where_a_server_tells_late_all_its_folders_are_looked_at_often(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Dovecot does where it has no inotify instance left. The server of this test tells nothing at all. The second
    mailbox has the same mails, and would look for them in half an hour."""
    monkeypatch.setattr("mailbot.daemon.folder_thread.LATE", 1.0)
    monkeypatch.setattr(folder_thread, "_OFTEN", 0.2)
    office = RunningOffice(servers, tmp_path)
    with FaultyImap() as imap:
        first = office.change()["mailboxes"][0]
        both = [_mailbox(first, number, first["smtp"]["port"], port=imap.port) for number in range(2)]
        both[0]["imap"]["poll"], both[1]["imap"]["poll"] = "3s", "30m"
        office.change(mailboxes=both)
        with office.running() as daemon:
            waits = []
            for uid in range(1, 6):
                head = f"From: u{uid}@penyedia.test\r\nSubject: Hal\r\n"
                imap.messages[uid] = f"{head}\r\nTidak bisa masuk.\r\n".encode()
                imap.received[uid] = datetime.now(UTC)
                began = time.monotonic()
                if uid == 1:  # found at once: how its clock stands to ours
                    daemon.watchers[0].look()
                _wait_for(office, "lpse0", uid)
                waits.append(time.monotonic() - began)
            assert min(waits[1:3]) > 1.5, "the server's silence was waited out"
            assert max(waits[3:]) < 2.5
            _wait_for(office, "lpse1", 5)


def test_in_a_crowd_a_connection_is_trusted_when_it_has_told_of_a_mail_in_time(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_thread, "CROWD", 1)
    monkeypatch.setattr(folder_thread, "_OFTEN", 1.5)  # Dovecot tells after half a second
    office = RunningOffice(servers, tmp_path)
    with FaultyImap() as silent:
        first = office.change()["mailboxes"][0]
        smtp_port, imap_port = first["smtp"]["port"], first["imap"]["port"]
        ports = [imap_port, imap_port, silent.port, silent.port]
        office.change(
            mailboxes=[_mailbox(first, number, smtp_port, port=port, poll="30m") for number, port in enumerate(ports)]
        )
        with office.running() as daemon:
            wait_until(lambda: silent.commands.count(b"NOOP") > 4, PATIENCE, "it is not looked at often")
            silent.messages[1] = b"From: a@penyedia.test\r\nSubject: Hal\r\n\r\nTidak bisa masuk.\r\n"
            _wait_for(office, "lpse2", 1)
            before = silent.commands.count(b"NOOP")
            wait_until(lambda: silent.commands.count(b"NOOP") > before + 2, PATIENCE, "silence was trusted")
            trusted = daemon.watchers[0]
            for number in range(1, 9):  # the look may come before the server's word, by chance
                servers.deliver(_mail(f"user{number}@penyedia.test", "lpse0"), "lpse0@batangkab.test")
                _wait_for(office, "lpse0", number)
                if trusted._in_time:
                    break
            assert trusted._in_time and not daemon.watchers[1]._in_time
            site = daemon._board.site("lpse0")
            assert site is not None and trusted._ask_every(site) == math.inf


def _mail(user: str, mailbox: str) -> bytes:
    head = f"From: {user}\r\nTo: {mailbox}@batangkab.test\r\nSubject: Hal\r\nMessage-ID: <{user}>\r\n"
    return f"{head}\r\nKami tidak bisa masuk.\r\n".encode()


def _wait_for(office: RunningOffice, mailbox: str, mails: int) -> None:
    sql = "SELECT count(*) AS n FROM journal WHERE mailbox = ?"
    wait_until(lambda: bool(office.rows(sql, mailbox)[0]["n"] == mails), PATIENCE, "not read")


def _mailbox(one: dict[str, Any], number: int, smtp_port: int, **imap: Any) -> dict[str, Any]:
    name = f"lpse{number}"
    address = f"{name}@batangkab.test"
    servers = {"imap": {**one["imap"], "username": address, **imap}, "smtp": {**one["smtp"], "port": smtp_port}}
    return {**one, "name": name, "address": address, "ticket_prefix": f"LPSE-B{number}", **servers}


def _acknowledged(smtp: FaultySmtp) -> int:
    return sum(b"X-Mailbot-Template: user_acknowledgement" in mail.data for mail in list(smtp.mails))
