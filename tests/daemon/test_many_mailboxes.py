"""Many mailboxes in one process: one that fails never disturbs another, and a reload adds and removes them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.fleet import served
from mailbot.clock import Clock
from mailbot.daemon import folder_thread, sending_thread
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
    monkeypatch.setattr(sending_thread, "AT_ONCE", 3)
    office = RunningOffice(servers, tmp_path)
    with FaultySmtp(at_once=3) as smtp:
        one = office.change()["mailboxes"][0]
        office.change(mailboxes=[_mailbox(one, number, smtp.port) for number in range(_SEVERAL)])
        with office.running() as daemon:
            wait_until(lambda: all(each.tried for each in daemon.watchers), PATIENCE, "not all are watched")
            for times in (1, 2):
                for number in range(_SEVERAL):
                    user, address = f"user{times}{number}@penyedia.test", f"lpse{number}@batangkab.test"
                    head = f"From: {user}\r\nTo: {address}\r\nSubject: Hal\r\nMessage-ID: <{user}>\r\n"
                    servers.deliver(f"{head}\r\nKami tidak bisa masuk.\r\n".encode(), address, user)
                wait_until(lambda: _acknowledged(smtp) >= _SEVERAL, 10.0, "not all are acknowledged")
                smtp.mails.clear()
            assert daemon._postman.outages() == []
        assert smtp.too_many == 0 and smtp.connections > _SEVERAL


# --- a server that tells late ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "late"),
    [
        ([(0.3, 60.0), (0.9, 60.0), (20.0, 60.0), (0.5, 60.0), (12.0, 60.0)], True),
        ([(0.3, 60.0), (20.0, 60.0), (0.5, 60.0), (0.5, 60.0)], False),  # once may be chance
        ([(3600.3, 60.0), (3620.0, 60.0), (3612.0, 60.0)], True),  # its clock is behind
        ([(-900.0, 60.0), (-899.6, 60.0), (-899.1, 60.0)], False),  # its clock is ahead
        ([(0.3, 60.0), (86400.0, 60.0), (7200.0, 60.0)], False),  # old mails that a person moves into the folder
        ([(20.0, 60.0), (21.0, 60.0)], False),  # slow, or the clock: nothing shows which
        ([(0.3, 3.0), (9.0, 3.0), (9.0, 3.0)], False),  # nobody had waited so long for its word
    ],
)
def test_a_server_tells_late_if_it_does_so_twice_whatever_its_clock_says(
    told: list[tuple[float, float]], late: bool
) -> None:
    board = Board([], Clock())
    found = [board.told("mail.test:993", delay, waited) for delay, waited in told]
    assert (any(found), found.count(True)) == (late, int(late))
    assert board.tells_late("mail.test:993") is late and not board.tells_late("other.test:993")
    assert [board.take_newly_late() for _ in range(2)] == [late, False]


def test_where_a_server_tells_late_all_its_folders_are_looked_at_often(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Dovecot does where it has no inotify instance left. The server of this test tells nothing at all. The second
    mailbox has the same mails, and would look for them in half an hour."""
    monkeypatch.setattr("mailbot.daemon.shared_state.LATE", 1.0)
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
