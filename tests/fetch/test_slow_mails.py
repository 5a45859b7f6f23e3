"""Mails that are not read at once: the others do not wait for them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.errors import TemporaryFailure
from mailbot.fetch import reader, slow_mails
from mailbot.fetch.reader import Unread
from mailbot.fetch.slow_mails import Lanes, Later
from mailbot.parsers import understood
from mailbot.parsers.mime.message import Limits
from mailbot.parsers.understood import Addressee
from mailbot.store import journal
from tests.fetch.test_reader import gone, mail
from tests.mailservers import MailServers
from tests.mailservers.process import wait_until
from tests.running import RunningOffice
from tests.world import PaperWorld

TO = Addressee(("lpse@batangkab.test",), Limits())


class Clerk:
    """One that asks for mails, and is rung."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.bell = threading.Event()
        self.lanes = Lanes(self._ring)

    def _ring(self, mailbox: str) -> None:
        self.rung.append(mailbox)
        self.bell.set()

    def ask(self, entry: int, subject: str = "Login") -> str:
        return self.lanes.understand(entry, "batang", mail(subject), TO).message.subject

    def later(self, entry: int, subject: str) -> Later:
        with pytest.raises(Later) as later:
            self.ask(entry, subject)
        return later.value


@pytest.fixture
def clerk(odd: None) -> Iterator[Clerk]:
    reader.start()
    found = Clerk()
    yield found
    found.lanes.close()


def test_an_ordinary_mail_is_read_at_once_and_nobody_is_rung(clerk: Clerk) -> None:
    assert [clerk.ask(n, f"nomor {n}") for n in range(5)] == [f"nomor {n}" for n in range(5)]
    assert clerk.rung == []
    assert clerk.lanes.not_yet() == frozenset()


def test_an_ordinary_mail_takes_no_thread(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", _no_more)
    assert clerk.ask(1) == "Login"
    _begin(clerk, 2, "kedua")
    assert clerk.ask(2) == "kedua"


def test_where_no_thread_can_be_had_for_a_slow_one_it_says_so(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    [process] = reader._idle
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", _no_more)
        with pytest.raises(TemporaryFailure, match="no more threads"):
            clerk.ask(1, "SLOW")
    assert gone(process.pid)
    assert clerk.lanes.not_yet() == clerk.lanes.unfinished() == frozenset()
    assert not clerk.lanes.begun(1)
    assert clerk.later(1, "SLOW").begun


def _no_more(_thread: threading.Thread) -> None:
    raise RuntimeError("no more threads")


def test_a_slow_mail_is_read_beside_the_others(clerk: Clerk) -> None:
    began = time.monotonic()
    assert clerk.later(1, "SLOW").begun
    assert clerk.lanes.not_yet() == {1} and clerk.lanes.begun(1)
    assert clerk.ask(2) == "Login"
    assert time.monotonic() - began < 1.9  # it takes two seconds
    assert clerk.bell.wait(10)
    assert clerk.lanes.not_yet() == frozenset()
    assert clerk.ask(1, "SLOW") == "SLOW"
    assert not clerk.lanes.begun(1)


def test_a_second_slow_mail_waits_for_the_first_and_no_other_does(clerk: Clerk) -> None:
    clerk.later(1, "SLOW 1")
    assert not clerk.later(2, "SLOW 2").begun
    assert clerk.lanes.not_yet() == {1, 2}
    assert clerk.ask(3) == "Login"
    assert clerk.bell.wait(10)
    assert clerk.lanes.not_yet() == {2}
    clerk.bell.clear()
    assert clerk.ask(1, "SLOW 1") == "SLOW 1"
    assert clerk.rung == ["batang", "batang"]  # for the second one: now the lane is free
    assert clerk.lanes.not_yet() == frozenset()
    assert clerk.later(2, "SLOW 2").begun
    wait_until(lambda: clerk.lanes.not_yet() == frozenset(), 10, "")
    assert clerk.ask(2, "SLOW 2") == "SLOW 2"


def test_a_series_of_them_keeps_the_others_waiting_for_moments(clerk: Clerk) -> None:
    began = time.monotonic()
    for entry in range(1, 6):
        clerk.later(entry, "STOP")  # each would take 40 seconds
    assert clerk.ask(6) == "Login"
    assert time.monotonic() - began < 10  # 2 on a machine at rest
    assert clerk.lanes.not_yet() == frozenset(range(1, 6))


def test_what_ends_it_beside_is_told_when_it_is_asked_for(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PATIENCE", 1.0)
    assert clerk.later(1, "STOP").begun
    assert clerk.bell.wait(10)
    with pytest.raises(Unread) as failed:
        clerk.ask(1, "STOP")
    assert failed.value.reason == "proses pembaca tidak menjawab dalam 1 detik"
    assert clerk.ask(2) == "Login"


def test_a_large_mail_is_not_begun_beside_a_slow_one(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_mails, "_LARGE", 100)
    clerk.later(1, "SLOW")
    began = time.monotonic()
    assert not clerk.later(2, "besar" * 30).begun
    assert time.monotonic() - began < 0.1
    assert clerk.bell.wait(10)
    clerk.ask(1, "SLOW")
    assert clerk.ask(2, "besar").startswith("besar")


def test_a_result_that_nobody_asks_for_does_not_hold_the_lane(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_mails, "_FORGOTTEN", 0.0)
    clerk.later(1, "SLOW")
    clerk.later(2, "SLOW 2")
    assert clerk.bell.wait(10)
    wait_until(lambda: clerk.lanes.not_yet() == frozenset(), 5, "")
    assert clerk.later(2, "SLOW 2").begun


def test_at_the_end_what_is_being_read_is_given_up(clerk: Clerk) -> None:
    clerk.later(1, "STOP")
    clerk.lanes.close()
    assert clerk.bell.wait(5)


def test_where_no_process_can_be_had_it_says_so(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.stop()

    def none() -> Callable[[], None]:
        raise TemporaryFailure("parser process", "no more processes")

    monkeypatch.setattr(reader, "ParserProcess", none)
    with pytest.raises(TemporaryFailure):
        clerk.ask(1)


def test_what_is_left_for_later_is_told_and_what_waits_behind_it_is_not_asked_for(clerk: Clerk) -> None:
    assert clerk.lanes.unfinished() == frozenset()
    clerk.later(1, "SLOW 1")
    clerk.later(2, "SLOW 2")
    clerk.lanes.wait_behind(3)
    assert clerk.lanes.unfinished() == {1, 2}
    assert clerk.lanes.not_yet() == {1, 2, 3}
    assert clerk.bell.wait(10)
    assert clerk.lanes.unfinished() == {1, 2}  # read, and not asked for yet
    assert clerk.ask(1, "SLOW 1") == "SLOW 1"
    assert clerk.lanes.unfinished() == {2}
    assert clerk.lanes.not_yet() == frozenset()


def test_an_attempt_whose_result_was_forgotten_is_not_counted_twice(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.later(1, "SLOW")
    assert clerk.bell.wait(10)
    monkeypatch.setattr(slow_mails, "_FORGOTTEN", 0.0)
    wait_until(lambda: not clerk.lanes.unfinished() or not clerk.lanes.not_yet(), 5, "")
    assert clerk.ask(2) == "Login"
    assert clerk.lanes.unfinished() == frozenset()
    assert clerk.lanes.begun(1)
    assert clerk.ask(1, "Login 1") == "Login 1"
    assert not clerk.lanes.begun(1)


def test_what_is_given_up_at_the_end_has_not_failed(clerk: Clerk) -> None:
    clerk.later(1, "STOP")
    clerk.later(2, "STOP")
    assert clerk.lanes.close() == {1}  # the attempt of the second has been taken back
    assert clerk.lanes.unfinished() == clerk.lanes.not_yet() == clerk.lanes.close() == frozenset()
    assert clerk.ask(3) == "Login"


# --- the next mail -----------------------------------------------------------------------------------------------


def _begin(clerk: Clerk, entry: int, subject: str) -> None:
    assert clerk.lanes.takes_next(1000)
    clerk.lanes.begin(entry, mail(subject), TO)


def test_the_next_mail_is_read_while_this_one_is_handled(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clerk.ask(1) == "Login"
    _begin(clerk, 2, "kedua")
    assert not clerk.lanes.takes_next(1000)  # one at a time
    assert clerk.lanes.begun(2)
    monkeypatch.setattr(slow_mails, "_Job", None)  # nothing is begun a second time
    assert clerk.ask(2, "not read again") == "kedua"
    assert not clerk.lanes.begun(2)


def test_a_next_mail_that_is_slow_goes_on_beside_the_others(clerk: Clerk) -> None:
    _begin(clerk, 1, "SLOW")
    assert clerk.later(1, "SLOW").begun
    assert clerk.ask(2) == "Login"
    assert clerk.bell.wait(10)
    assert clerk.ask(1, "not read again") == "SLOW"


def test_a_next_mail_that_ends_the_process_has_had_its_attempt(clerk: Clerk) -> None:
    _begin(clerk, 1, "EXIT")
    with pytest.raises(Unread):
        clerk.ask(1, "EXIT")
    assert not clerk.lanes.begun(1)


def test_where_the_clerk_turns_elsewhere_its_attempt_is_not_counted_twice(clerk: Clerk) -> None:
    _begin(clerk, 1, "SLOW")
    assert clerk.ask(2) == "Login"
    assert clerk.lanes.begun(1)
    assert clerk.ask(1, "Login 1") == "Login 1"
    assert not clerk.lanes.begun(1)


def test_where_the_clerk_turns_elsewhere_the_process_stays_if_it_has_read_the_mail(clerk: Clerk) -> None:
    [process] = reader._idle
    _begin(clerk, 1, "Login 1")
    assert clerk.lanes._next is not None
    assert clerk.lanes._next._asked.answered(10.0)
    assert clerk.ask(2) == "Login"
    assert not gone(process.pid)
    assert clerk.lanes.begun(1)
    assert clerk.ask(1, "Login 1") == "Login 1"


def test_a_next_mail_is_given_up_at_the_end(clerk: Clerk) -> None:
    _begin(clerk, 1, "STOP")
    assert clerk.lanes.close() == {1}
    assert clerk.lanes.close() == frozenset()


def test_nothing_is_begun_beside_a_slow_mail_nor_where_it_is_large(clerk: Clerk) -> None:
    assert not clerk.lanes.takes_next(slow_mails._LARGE + 1)
    clerk.later(1, "STOP")
    assert not clerk.lanes.takes_next(1000)


def test_a_process_that_takes_nothing_keeps_the_clerk_for_moments(clerk: Clerk) -> None:
    [process] = reader._idle
    os.kill(process.pid, signal.SIGSTOP)
    raw, began = mail("besar", "x" * 2_000_000), time.monotonic()
    clerk.lanes.begin(1, raw, TO)
    assert time.monotonic() - began < 0.45  # 0.2 on a machine at rest
    with pytest.raises(Later) as later:
        clerk.lanes.understand(1, "batang", raw, TO)
    assert later.value.begun and time.monotonic() - began < 2
    os.kill(process.pid, signal.SIGCONT)
    assert clerk.bell.wait(10)
    assert clerk.lanes.understand(1, "batang", raw, TO) == understood.understand(raw, TO)


def test_each_mail_is_counted_once_whether_it_was_begun_ahead_or_not(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    monkeypatch.setattr(Lanes, "begin", _told(Lanes.begin, begun))
    reader.start()
    for n in range(4):
        office.write("pengguna", "Mohon bantuan.", subject=f"nomor {n}")
    reading = Lanes(_nobody)
    assert Intake(office.store, office.site, ["LPSE-BTG"], reading).handle_waiting(office.now)
    assert begun == [2, 3, 4]
    assert {row["attempts"] for row in office.rows("SELECT attempts FROM journal")} == {1}
    assert _subjects(office) == [f"nomor {n}" for n in range(4)]
    assert reading.close() == frozenset()


def test_the_first_mail_of_the_next_pass_is_read_ahead_too(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    monkeypatch.setattr(Lanes, "begin", _told(Lanes.begin, begun))
    reader.start()
    for n in range(5):
        office.write("pengguna", "Mohon bantuan.", subject=f"nomor {n}")
    intake = Intake(office.store, office.site, ["LPSE-BTG"], Lanes(_nobody))
    assert intake.handle_waiting(office.now, at_most=2)
    assert begun == [2, 3]
    assert _subjects(office) == ["nomor 0", "nomor 1"]
    assert intake.handle_waiting(office.now, at_most=20)
    assert begun == [2, 3, 4, 5]
    assert [row["attempts"] for row in office.rows("SELECT attempts FROM journal ORDER BY id")] == [1] * 5
    assert _subjects(office) == [f"nomor {n}" for n in range(5)]


def test_a_mail_that_was_tried_before_is_begun_in_its_own_turn(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    monkeypatch.setattr(Lanes, "begin", _told(Lanes.begin, begun))
    reader.start()
    for n in range(3):
        office.write("pengguna", "Mohon bantuan.", subject=f"nomor {n}")
    journal.count_attempt(office.store, 2)
    assert Intake(office.store, office.site, ["LPSE-BTG"], Lanes(_nobody)).handle_waiting(office.now)
    assert begun == [3]
    assert [row["attempts"] for row in office.rows("SELECT attempts FROM journal ORDER BY id")] == [1, 2, 1]


def test_the_attempt_of_the_mail_after_the_next_is_counted_in_the_commit_of_this_one(office: PaperWorld) -> None:
    reader.start()
    for n in range(5):
        office.write("pengguna", "Mohon bantuan.", subject=f"nomor {n}")
    said: list[str] = []
    office.store._connection.set_trace_callback(said.append)
    assert Intake(office.store, office.site, ["LPSE-BTG"], Lanes(_nobody)).handle_waiting(office.now)
    office.store._connection.set_trace_callback(None)
    # Those of the first two mails alone, and one for each mail.
    assert said.count("COMMIT") == 2 + 5
    assert [row["attempts"] for row in office.rows("SELECT attempts FROM journal ORDER BY id")] == [1] * 5


def test_what_a_failing_mail_would_have_counted_is_not_counted(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.start()
    for n in range(3):
        office.write("pengguna", "Mohon bantuan.", subject=f"nomor {n}")
    reading = Lanes(_nobody)
    intake = Intake(office.store, office.site, ["LPSE-BTG"], reading)

    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as faulty:
        faulty.setattr(journal, "settle", fail)
        assert not intake.handle_one(1, office.now, [2, 3])
    assert [row["attempts"] for row in office.rows("SELECT attempts FROM journal ORDER BY id")] == [1, 1, 0]
    assert not reading.begun(3)
    assert _subjects(office) == []


def test_at_a_stop_what_was_counted_ahead_is_given_back(office: PaperWorld) -> None:
    reader.start()
    for n in range(4):
        office.write("pengguna", "Mohon bantuan.", subject=f"nomor {n}")
    reading = Lanes(_nobody)
    Intake(office.store, office.site, ["LPSE-BTG"], reading).handle_one(1, office.now, [2, 3])
    assert reading.close() == {2, 3}


def _told(begin: Callable[..., None], into: list[int]) -> Callable[..., None]:
    def told(lanes: Lanes, entry: int, raw: bytes, to: Addressee) -> None:
        into.append(entry)
        begin(lanes, entry, raw, to)

    return told


# --- the order of one sender's mails ----------------------------------------------------------------------------


def _begun(office: PaperWorld, monkeypatch: pytest.MonkeyPatch, *subjects: str) -> Intake:
    """A user's mails, and one of somebody else's, looked at once by a clerk who does not wait."""
    monkeypatch.setattr(slow_mails, "_PATIENCE", 0.3)
    for subject in subjects:
        office.write("pengguna", "Mohon bantuan.", subject=subject)
    office.write("orang luar", "Mohon bantuan.", subject="lain")
    intake = Intake(office.store, office.site, ["LPSE-BTG"], Lanes(_nobody))
    intake.handle_waiting(office.now)
    return intake


def _nobody(_mailbox: str) -> None:
    """Rung in place of a clerk."""


def _reads(reading: Lanes) -> bool:
    return bool(reading.unfinished())


def _subjects(office: PaperWorld) -> list[str]:
    return [str(row["subject"]) for row in office.rows("SELECT subject FROM tickets ORDER BY id")]


def test_a_mail_does_not_overtake_an_earlier_one_of_its_sender_that_takes_long_to_read(
    office: PaperWorld, odd: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = _begun(office, monkeypatch, "SLOW", "kedua", "ketiga")
    assert _subjects(office) == ["lain"]
    assert [row["attempts"] for row in office.rows("SELECT attempts FROM journal ORDER BY id")] == [1, 0, 0, 1]
    wait_until(lambda: intake.reading.not_yet() <= {2, 3}, 10, "")
    intake.handle_waiting(office.now)
    assert _subjects(office) == ["lain", "SLOW", "kedua", "ketiga"]
    assert {row["attempts"] for row in office.rows("SELECT attempts FROM journal")} == {1}


def test_nobody_waits_for_ever_behind_a_mail_that_bears_his_name(
    office: PaperWorld, odd: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "BEHIND", timedelta(0))
    intake = _begun(office, monkeypatch, "STOP", "kedua")
    assert _subjects(office) == ["kedua", "lain"]
    assert isinstance(intake.reading, Lanes)
    assert intake.reading.close() == {1}


def test_restarts_while_a_mail_is_being_read_are_no_attempts_at_it(
    servers: MailServers, tmp_path: Path, odd: None
) -> None:
    office = RunningOffice(servers, tmp_path)
    office.write("pengguna", "Mohon bantuan.", subject="STOP")
    for _ in range(2):
        with office.running() as daemon:
            reading = daemon._clerk._reading
            wait_until(partial(_reads, reading), 20, "it is not being read")
        assert [row["attempts"] for row in office.rows("SELECT attempts FROM journal")] == [0]
