"""The daemon in trouble: what must not be lost, doubled, or go on for ever when things go wrong in unlikely ways."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.daemon import folder_thread, ticket_thread
from mailbot.daemon.backoff import ACCOUNT, SERVER, Backoff
from mailbot.daemon.sending import postman
from mailbot.errors import PermanentFailure
from mailbot.servers import imap
from mailbot.servers.wake import Wake
from mailbot.store import agenda, outbox
from mailbot.store.database import to_text
from tests.mailservers import MailServers
from tests.mailservers.faulty import DROP, FaultyImap, FaultySmtp, On
from tests.mailservers.process import wait_until
from tests.running import PATIENCE, RunningOffice
from tests.world import PaperWorld

NEVER = datetime.min.replace(tzinfo=UTC)


@pytest.fixture
def office(servers: MailServers, tmp_path: Path) -> RunningOffice:
    """Nobody looks by himself for half an hour."""
    return RunningOffice(servers, tmp_path, imap={"poll": "30m"})


def _escalated(office: RunningOffice) -> None:
    """A ticket that LKPP has since Monday, 21 December 2026, 08.00; the first enquiry is due two days later."""
    office.write("pengguna", "Kami tidak bisa masuk.\nNama: Budi\nInstansi: CV Contoh\nHP: 081234567890")
    text = "#eskalasi\nRingkasan:\ntidak bisa masuk\nUpaya yang telah dilakukan:\nmengatur ulang kata sandi"
    office.write("petugas", text, answers=office.wait("petugas")[0])
    office.wait("lkpp")
    wait_until(lambda: office.status() == "escalated", PATIENCE, "not escalated")


def _templates(office: RunningOffice) -> list[str]:
    return [row["template"] for row in office.rows("SELECT template FROM outbox ORDER BY id")]


# --- what is due ---------------------------------------------------------------------------------------


def test_a_folder_that_was_read_once_and_is_out_of_reach_ever_since_does_not_silence_its_deadlines(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = RunningOffice(servers, tmp_path, imap={"poll": "1s"})
    with office.running():
        _escalated(office)
        servers.settle()
        servers.imap.kill()
        monkeypatch.setattr(ticket_thread, "BLIND", 2.0)
        office.set("2026-12-23 08:01")
        wait_until(lambda: "lkpp_status_enquiry" in _templates(office), PATIENCE, "no enquiry")
    servers.imap.restart()


def test_what_fell_due_while_nothing_ran_waits_for_the_first_look(
    office: RunningOffice, servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.daemon.run._READY_AFTER", 0.2)
    with office.running():
        _escalated(office)
    servers.settle()
    servers.imap.kill()
    office.set("2026-12-23 08:01")
    with office.running():
        time.sleep(2.0)  # nothing is to happen
        assert "lkpp_status_enquiry" not in _templates(office)
        servers.imap.restart()
        office.write("lkpp", "Permasalahan telah selesai diperbaiki.", answers=office.last("lkpp"))
        office.wait("petugas", 1, "staff_lkpp_reply")
        office.set("2026-12-23 08:05")  # past the undo window
        office.wait("pengguna", 1, "user_resolved")
    assert "lkpp_status_enquiry" not in _templates(office)


def test_a_mailbox_that_is_configured_again_is_looked_at_before_its_deadlines_fire(
    office: RunningOffice, servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.running() as daemon:
        _escalated(office)
        servers.settle()
        both = office.change()["mailboxes"]
        other = {**both[0], "name": "tegal", "address": "lpse@tegalkab.test", "ticket_prefix": "LPSE-TGL"}
        other["imap"] = {**other["imap"], "username": "lpse@tegalkab.test"}
        office.change(mailboxes=[other])
        daemon.reload()
        wait_until(lambda: [w.mailbox for w in daemon.watchers] == ["tegal"], PATIENCE, "it is watched still")
        monkeypatch.setattr(ticket_thread, "BLIND", 3.0 - 1800.0)
        time.sleep(3.5)  # for so long it is nobody's
        servers.imap.kill()
        office.set("2026-12-23 08:01")
        office.change(mailboxes=[both[0], other])
        daemon.reload()
        wait_until(lambda: len(daemon.watchers) == 2, PATIENCE, "it is not watched")
        time.sleep(1.5)  # nothing is to happen
        assert "lkpp_status_enquiry" not in _templates(office)
        monkeypatch.setattr(ticket_thread, "BLIND", 900.0)
    servers.imap.restart()


def test_no_reminder_goes_out_at_night_however_late_the_clerk_comes_to_it(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.running() as daemon:
        _escalated(office)
        with monkeypatch.context() as patched:
            patched.setattr(ticket_thread.Clerk, "_fire", lambda *_: True)  # it does not come to it in time
            office.set("2026-12-23 08:01")
            wait_until(
                lambda: to_text(office.now) == to_text(daemon._board.seen("batang") or NEVER), PATIENCE, "no look"
            )
            office.servers.imap.kill()
            office.set("2026-12-23 23:00")
        daemon._clerk.ring("batang")
        time.sleep(1.5)  # nothing is to happen
        assert "lkpp_status_enquiry" not in _templates(office)
    office.servers.imap.restart()


def test_what_a_clock_that_ran_ahead_has_put_off_leaves_once_it_is_set_right(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path)
    office.drop(b"From: budi@penyedia.test\r\nTo: lpse@batangkab.test\r\nSubject: Satu\r\n\r\nMohon bantuan.\r\n")
    right, ahead = office.now, office.now + timedelta(days=30)
    Intake(office.store, office.site, ["LPSE-BTG"]).handle_waiting(ahead)
    assert len(outbox.due(office.store, office.site, ahead, None)) == 3
    assert agenda.to_send(office.store, right) == {"batang"}
    assert len(outbox.due(office.store, office.site, right, None)) == 3
    assert outbox.due(office.store, office.site, ahead - timedelta(minutes=30), None) == []  # a rest like any other
    office.store.close()


# --- servers that behave oddly -------------------------------------------------------------------------


def test_a_server_that_ends_each_connection_after_the_first_look_is_asked_ever_more_seldom(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_thread, "SERVER", (0.05, 30.0))
    with FaultyImap([On("IDLE", DROP)], repeat=True) as server:
        office.change(imap={**office.change()["mailboxes"][0]["imap"], "port": server.port})
        with office.running() as daemon:
            wait_until(lambda: server.connections == 2 and bool(daemon.watchers[0].trouble), PATIENCE, "no second try")
            time.sleep(1.0)  # nothing is to happen
            assert server.connections == 2


def test_a_server_that_tells_of_news_without_an_end_does_not_make_us_spin(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_thread, "_MANY", 5)
    with FaultyImap([On("IDLE", "+ idling", "* 7 EXISTS", times=100_000)]) as server:
        office.change(imap={**office.change()["mailboxes"][0]["imap"], "port": server.port})
        with office.running():
            wait_until(lambda: server.commands.count(b"IDLE") >= 5, PATIENCE, "it does not look")
            time.sleep(1.0)
            assert 5 < server.commands.count(b"IDLE") <= 5 + 20


@pytest.mark.parametrize(
    ("fault", "known"),
    [
        (imap.NoSuchFolder("imap INBOX", "no such folder"), True),
        (PermanentFailure("imap", "ca_file cannot be read"), False),
    ],
)
def test_only_a_folder_that_does_not_exist_counts_as_read(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch, fault: PermanentFailure, known: bool
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise fault

    monkeypatch.setattr(imap.Session, "select", fail)
    with office.running() as daemon:
        wait_until(lambda: bool(daemon.watchers[0].trouble), PATIENCE, "no trouble")
        time.sleep(0.3)
        assert (daemon._board.seen("batang") is not None) == known


def test_a_mended_smtp_server_is_used_as_soon_as_the_configuration_says_so(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postman, "SERVER", (600.0,))
    right = office.change()["mailboxes"][0]["smtp"]
    with FaultySmtp([On("CONNECT", DROP)], repeat=True) as smtp:
        office.change(smtp={**right, "port": smtp.port})
        with office.running() as daemon:
            office.write("pengguna", "Kami tidak bisa masuk.")
            wait_until(lambda: bool(daemon._postman.outages()), PATIENCE, "no trouble")
            office.change(smtp=right)
            daemon.reload()
            office.wait("pengguna", timeout=5.0)


def test_a_name_that_nobody_looks_up_does_not_hold_up_the_end() -> None:
    answered = threading.Event()

    async def look_up() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(postman._Lookups())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loop.run_in_executor(None, answered.wait, 30.0), 0.1)
        assert await loop.run_in_executor(None, int, "7") == 7
        with pytest.raises(ValueError, match="invalid"):
            await loop.run_in_executor(None, int, "seven")

    began = time.monotonic()
    asyncio.run(look_up())
    assert time.monotonic() - began < 5
    assert not [each for each in threading.enumerate() if each.name == "lookup" and not each.daemon]
    answered.set()


# --- a new configuration -------------------------------------------------------------------------------


def test_a_fault_of_ours_while_reloading_leaves_everything_as_it_was(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any) -> Any:
        raise RuntimeError("a fault")

    with office.running() as daemon:
        monkeypatch.setattr("mailbot.daemon.run.open_sites", dies)
        daemon.reload()
        wait_until(lambda: "refused" in daemon.state, PATIENCE, "it is not told")
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.wait("pengguna")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_watcher_that_has_ended_or_could_not_begin_is_begun_again(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = [RuntimeError("can't start new thread"), SystemExit(), None]
    real = folder_thread.Watcher.work

    def work(self: folder_thread.Watcher) -> None:
        if isinstance(error := begins.pop(0), SystemExit):
            raise error
        real(self)

    def start(self: folder_thread.Watcher) -> None:
        if isinstance(begins[0], RuntimeError):
            raise begins.pop(0) or RuntimeError
        self._thread.start()

    monkeypatch.setattr(folder_thread.Watcher, "work", work)
    monkeypatch.setattr(folder_thread.Watcher, "start", start)
    with office.running() as daemon:
        for _ in range(2):
            daemon.reload()
            wait_until(lambda: not daemon._reloading, PATIENCE, "no reload")
            time.sleep(0.3)
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.wait("pengguna")


# --- small parts ---------------------------------------------------------------------------------------


def test_a_failure_of_another_kind_begins_with_the_first_rest_of_its_kind() -> None:
    rests = Backoff()
    for _ in range(10):
        assert rests.rest(SERVER) < 100
    assert rests.rest(ACCOUNT) < 400  # not an hour because the server was gone before
    assert rests.rest(ACCOUNT) > 400


def test_a_bell_that_nobody_holds_any_more_keeps_no_files_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        Wake().ring()
    assert len(os.listdir("/proc/self/fd")) <= before + 2
