"""Many mailboxes in one process: one that fails never disturbs another, and a reload adds and removes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.fleet import served
from mailbot.daemon import sending_thread
from tests.mailservers import MailServers
from tests.mailservers.faulty import FaultySmtp
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


def _mailbox(one: dict[str, Any], number: int, smtp_port: int) -> dict[str, Any]:
    name = f"lpse{number}"
    address = f"{name}@batangkab.test"
    servers = {"imap": {**one["imap"], "username": address}, "smtp": {**one["smtp"], "port": smtp_port}}
    return {**one, "name": name, "address": address, "ticket_prefix": f"LPSE-B{number}", **servers}


def _acknowledged(smtp: FaultySmtp) -> int:
    return sum(b"X-Mailbot-Template: user_acknowledgement" in mail.data for mail in list(smtp.mails))
