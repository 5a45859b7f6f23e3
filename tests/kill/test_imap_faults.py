"""The way in, under whatever happens to it: a line that is cut at any byte of a FETCH, a server that says goodbye or
refuses, silence, new UIDVALIDITYs, and a person who removes mails while they are read.

Counted are the mails in the parties' mailboxes: nothing is lost, and nothing makes two tickets.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from mailbot.reports import listing
from mailbot.servers import imap
from mailbot.store.database import Store
from tests.mailservers import MailServers
from tests.mailservers.faulty import DROP, Action, FaultyImap, On
from tests.mailservers.process import wait_until
from tests.mailservers.proxy import SERVER, Proxy, cut, reset
from tests.mailservers.real import RealServers
from tests.running import PATIENCE, RunningOffice
from tests.world import LPSE, NO_CAPS, World

pytestmark = [pytest.mark.mailservers, pytest.mark.timeout(300)]

#: Seconds, with the times as they are delivered.
RECOVERY = 180.0


def _letter(number: int) -> bytes:
    head = f"From: u{number}@p{number}.test\r\nTo: {LPSE}\r\nSubject: Perkara {number}\r\nMessage-ID: <{number}@p.test>"
    return f"{head}\r\n\r\nMohon bantuan nomor {number}.\r\n".encode()


def _answered(servers: MailServers, number: int) -> int:
    """How many acknowledgements a user has."""
    return len(servers.messages(f"u{number}@p{number}.test"))


def _told(office: World) -> Counter[str]:
    """Of which tickets staff were told, and how often."""
    return Counter(one.subject for one in office.letters("petugas") if one.template == "staff_new_ticket")


# --- cut lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [16 * 1024, pytest.param(512, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_a_line_that_breaks_at_any_byte_of_a_fetch_loses_and_doubles_nothing(
    servers: MailServers, tmp_path: Path, every: int
) -> None:
    cuts, slowest = 0, 0.0
    with Proxy(servers.imap_port) as proxy:
        office = World(servers, tmp_path, imap={"port": proxy.port})
        office.write("pengguna", "Tidak bisa masuk.", subject="Masuk", files=[("a.bin", os.urandom(150_000))])
        while not office.rows("SELECT 1 FROM journal"):
            breaks = (cut, reset)[cuts % 2]
            proxy.every(breaks(cuts * every, of=SERVER))
            began = time.monotonic()
            complete = office.once()
            slowest = max(slowest, time.monotonic() - began)
            if not office.rows("SELECT 1 FROM journal"):
                assert not complete, f"the line broke after {cuts * every} bytes, and nothing was to be tried again"
                cuts += 1
            del proxy.lines[:]
        proxy.every()
        assert office.once()
    print(f"{cuts} lines broken at every {every}th byte; the slowest round took {slowest:.1f} s")
    assert cuts * every > 200_000, "not all of the mail was reached"
    assert [one.template for one in office.letters("pengguna")] == ["user_acknowledgement"]
    assert list(_told(office).values()) == [1]


# --- what servers say -----------------------------------------------------------------------------------

_BYE: tuple[Action, ...] = ("* BYE shutting down", DROP)
_NO: tuple[Action, ...] = ("%tag% NO [UNAVAILABLE] later",)
_COMMANDS = ("CONNECT", "AUTHENTICATE|LOGIN", "EXAMINE", "NOOP", "UID SEARCH", "UID FETCH", "UID FETCH .*BODY")


@pytest.mark.parametrize("said", [_BYE, _NO], ids=["BYE", "NO"])
def test_a_server_that_says_goodbye_or_no_at_any_command_loses_and_doubles_nothing(
    servers: MailServers, tmp_path: Path, said: tuple[Action, ...]
) -> None:
    commands = _COMMANDS if said is _BYE else _COMMANDS[1:5]  # a FETCH that is refused is another matter: test_rounds
    there = [On("LIST", '* LIST () "/" INBOX', "%tag% OK done")]  # asked where a folder is refused
    broken = [[On(command, *said), *(there if (command, said) == ("EXAMINE", _NO) else [])] for command in commands]
    with FaultyImap([], *broken, [], [On("UID STORE", *said)], [], []) as server:
        office = World(servers, tmp_path, imap={"port": server.port})
        server.messages = {1: _letter(1)}
        for command in commands:
            assert not office.once(), f"{command}: nothing is to be tried again"
            assert not office.rows("SELECT 1 FROM journal"), command
        office.once()  # the mail is read; marking it fails
        office.once()
        assert not server.missed, server.missed
    assert _answered(servers, 1) == 1
    assert list(_told(office).values()) == [1]


# --- silence ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("poll", "read_timeout", "within"),
    [(1, 1.0, 15.0), pytest.param(60, imap.READ_TIMEOUT, RECOVERY, marks=pytest.mark.long)],
)
def test_a_connection_that_dies_in_silence_while_it_idles_is_found(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poll: int, read_timeout: float, within: float
) -> None:
    times = imap.connect.__wrapped__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(times, "read_timeout", read_timeout)
    with Proxy(servers.imap_port) as proxy:
        office = RunningOffice(servers, tmp_path, imap={"port": proxy.port, "poll": f"{poll}s"})
        with office.running():
            wait_until(lambda: any(b"IDLE\r\n" in each.client for each in proxy.lines), PATIENCE, "it does not idle")
            proxy.black_hole()
            began = time.monotonic()
            office.write("pengguna", "Tidak bisa masuk.", subject="Masuk")
            office.wait("pengguna", timeout=within)
            took = time.monotonic() - began
            print(f"poll {poll} s, read time-out {read_timeout:.0f} s: found and answered {took:.1f} s later")
            office.wait("petugas")
    assert list(_told(office).values()) == [1]


# --- new UIDVALIDITYs ----------------------------------------------------------------------------------------


def _uidvalidity(servers: MailServers) -> int:
    with servers.client(LPSE) as client:
        return int(client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"])


def _forget_uids(servers: MailServers) -> None:
    """What a broken or restored Dovecot does: it gives all mails new UIDs."""
    assert isinstance(servers, RealServers)
    for path in (servers._mail / LPSE / "Maildir").glob("dovecot*"):
        if path.name.startswith(("dovecot-uidlist", "dovecot.index", "dovecot.list.index")):
            path.unlink()


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.long)])
def test_mails_under_new_uids_make_no_second_tickets(servers: MailServers, tmp_path: Path, times: int) -> None:
    office = World(servers, tmp_path, limits=NO_CAPS)
    epochs = set()
    for number in range(times + 1):
        servers.deliver(_letter(number), LPSE)
        office.once()
        epochs.add(_uidvalidity(servers))
        _forget_uids(servers)
    assert office.once()
    assert len(epochs) == times + 1, "Dovecot kept its UIDVALIDITY"
    assert [_answered(servers, number) for number in range(times + 1)] == [1] * (times + 1)
    assert list(_told(office).values()) == [1] * (times + 1)
    print(f"{len(epochs)} UIDVALIDITYs, {times + 1} mails: each has one ticket")


# --- a person at the same mailbox ------------------------------------------------------------------------------


class Human(threading.Thread):
    """Removes three of ten mails as he sees them, or moves them away."""

    def __init__(self, servers: MailServers, seed: int) -> None:
        super().__init__(name="human")
        self._servers, self._random = servers, random.Random(seed)
        self._done = threading.Event()
        self.removed = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._look()
        except Exception as error:
            self.error = error

    def _look(self) -> None:
        known: set[int] = set()
        with self._servers.client(LPSE) as client:
            client.select_folder("INBOX")
            while not self._done.is_set():
                client.noop()
                new = [uid for uid in client.search("ALL") if uid not in known]
                known.update(new)
                gone = [uid for uid in new if self._random.random() < 0.3]
                if gone and self._random.random() < 0.5:
                    client.move(gone, "Archive")
                elif gone:
                    client.delete_messages(gone)
                    client.uid_expunge(gone)
                self.removed += len(gone)
                self._done.wait(self._random.uniform(0, 0.05))  # sometimes he is the first, sometimes mailbot

    def leave(self) -> None:
        self._done.set()
        self.join(PATIENCE)
        assert self.error is None, self.error


@pytest.mark.parametrize("count", [10, pytest.param(150, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_mails_that_a_person_removes_while_they_are_read_are_handled_or_counted(
    servers: MailServers, tmp_path: Path, count: int
) -> None:
    office = RunningOffice(servers, tmp_path, imap={"poll": "1s"}, limits=NO_CAPS)
    human = Human(servers, seed=count)
    with office.running():
        human.start()
        for number in range(count):
            servers.deliver(_letter(number), LPSE)
        human.leave()
        servers.deliver(_letter(count), LPSE)
        wait_until(lambda: _answered(servers, count) == 1, 120, "the last mail is not answered")
        wait_until(lambda: not office.rows("SELECT 1 FROM journal WHERE state = 'received'"), 120, "not all is handled")
        # Not asked of the mailboxes: to read them again and again keeps the daemon, in this process, from its work.
        unsent = "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending', 'uncertain') AND held = 0"
        wait_until(lambda: not office.rows(unsent), 120, "not all has left")
    tickets = office.rows("SELECT user_address FROM tickets")
    servers.settle()
    store = Store.open(office.config.data)
    try:
        [mailbox] = listing.status(store, office.config, office.now)["mailboxes"]
    finally:
        store.close()
    unseen = sum(folder["seen_by_nobody"] for folder in mailbox["folders"])
    left = {raw.partition(b"Message-ID: <")[2].partition(b"@")[0] for raw in servers.messages(LPSE)}
    answered = [_answered(servers, number) for number in range(count + 1)]
    print(f"{count + 1} mails, {human.removed} removed by a person, {unseen} of them seen by nobody else")
    assert max(answered) == 1 and list(_told(office).values()) == [1] * len(tickets)
    assert all(answered[int(number)] == 1 for number in left), "a mail that is still there was not answered"
    assert len(tickets) + unseen == count + 1, "a mail was neither handled nor counted"
