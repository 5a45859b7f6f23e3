"""Reads mails beside the clerk: the next one while he handles this one, and a slow one while he handles others.

Nearly every mail is read within milliseconds. A slower mail goes on being read in the lane beside, one mail at a time,
while the clerk turns to the next mail. When the slow mail has been read, or has used up its limits, the clerk is rung.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from mailbot.errors import MailbotError, TemporaryFailure
from mailbot.fetch import reader
from mailbot.parsers.understood import Addressee, Understood

#: Seconds that the clerk waits for one mail, and the same while another mail is being read beside (a shorter time, so
#: that a series of slow mails keeps the rest waiting for moments only).
_PATIENCE, _HURRY = 0.5, 0.2
#: Bytes. A larger mail is begun only when the lane is free, so that no two large mails take memory at once.
_LARGE = 4 << 20
#: Seconds after which the result of a mail that nobody asks for any more is forgotten.
_FORGOTTEN = 60.0


class Later(MailbotError):
    """The mail is not read yet; others go on. `begun`: the mail is being read, and this counts as an attempt."""

    def __init__(self, begun: bool) -> None:
        super().__init__("not read yet")
        self.begun = begun


class Reading(Protocol):
    """A way of reading mails. Mails are known by their number in the journal. looks_ahead: whether it begins to read
    mails before they are asked for."""

    looks_ahead: bool

    def not_yet(self) -> frozenset[int]:
        """The entries for which nobody need ask now."""
        ...

    def begun(self, entry: int) -> bool:
        """Whether this entry's attempt has been counted already."""
        ...

    def counted(self, entry: int) -> None:
        """This entry's attempt has been counted, and is not to be counted again when it begins."""
        ...

    def takes_next(self, size: int) -> bool:
        """Whether a mail of so many bytes may be begun with `begin`."""
        ...

    def begin(self, entry: int, raw: bytes, to: Addressee) -> None:
        """Begin to read the mail that will be asked for next; its attempt is counted already. Raises
        TemporaryFailure."""
        ...

    def unfinished(self) -> frozenset[int]:
        """The entries that were begun or looked at, and then left for later."""
        ...

    def wait_behind(self, entry: int) -> None:
        """Nobody asks for this entry before one of the unfinished entries is finished."""
        ...

    def understand(self, entry: int, mailbox: str, raw: bytes, to: Addressee) -> Understood:
        """Raises ParseError, TemporaryFailure and Later."""
        ...


class Patient:
    """Waits for each mail to its end, for callers that serve nobody else meanwhile."""

    looks_ahead = False

    def not_yet(self) -> frozenset[int]:
        return frozenset()

    def begun(self, entry: int) -> bool:
        return False

    def counted(self, entry: int) -> None:
        raise AssertionError("it does not look ahead")

    def takes_next(self, size: int) -> bool:
        return False

    def begin(self, entry: int, raw: bytes, to: Addressee) -> None:
        raise AssertionError("it takes no next mail")

    def unfinished(self) -> frozenset[int]:
        return frozenset()

    def wait_behind(self, entry: int) -> None:
        return

    def understand(self, entry: int, mailbox: str, raw: bytes, to: Addressee) -> Understood:
        return reader.understand(raw, to)


class Lanes:
    """Waits for moments only. Used by one thread. `ring`: called with the mailbox, from any thread."""

    looks_ahead = True

    def __init__(self, ring: Callable[[str], None]) -> None:
        self._ring = ring
        self._beside: _Job | None = None
        self._next: _Job | None = None
        self._slow: dict[int, str] = {}  # entries that wait for that lane, and their mailboxes
        self._behind: set[int] = set()  # read already, but an earlier one of the same sender is not
        self._counted: set[int] = set()  # entries whose attempt was counted, and whose result is gone

    def not_yet(self) -> frozenset[int]:
        found = set() if self._free() else set(self._slow)
        if self._beside is not None and not self._beside.done.is_set():
            found.add(self._beside.entry)
        return frozenset(found | self._behind)

    def begun(self, entry: int) -> bool:
        return entry in self._counted or any(job is not None and job.entry == entry for job in self._jobs())

    def counted(self, entry: int) -> None:
        self._counted.add(entry)

    def takes_next(self, size: int) -> bool:
        return size <= _LARGE and self._next is None and self._free() and reader.ready()

    def begin(self, entry: int, raw: bytes, to: Addressee) -> None:
        self._counted.add(entry)  # also where it cannot be begun
        self._next = _Job(entry, raw, to)
        self._next.send(_HURRY)

    def unfinished(self) -> frozenset[int]:
        return frozenset(self._slow if self._beside is None else {*self._slow, self._beside.entry})

    def wait_behind(self, entry: int) -> None:
        self._behind.add(entry)

    def understand(self, entry: int, mailbox: str, raw: bytes, to: Addressee) -> Understood:
        if self._beside is not None and self._beside.entry == entry:
            return self._collect(self._beside)
        begun = self._take_next(entry)
        self._counted.discard(entry)
        free = self._free()
        if not free and (entry in self._slow or len(raw) > _LARGE):
            self._slow[entry] = mailbox
            raise Later(begun=False)
        job = begun or _Job(entry, raw, to)
        if job.read_within(_PATIENCE if free else _HURRY):
            if self._slow.pop(entry, None) is not None:
                self._behind.clear()
            return job.result()
        if free:
            self._slow.pop(entry, None)
            job.read_beside(lambda: self._ring(mailbox))
            self._beside = job
            reader.prepare()
            raise Later(begun=True)
        job.give_up()
        reader.prepare()
        self._slow[entry] = mailbox
        raise Later(begun=False)

    def close(self) -> frozenset[int]:
        """Gives up the mails that are still being read; they are read again after the next start. Returns the entries
        whose attempt was counted although the mail has not failed."""
        for job in filter(None, self._jobs()):
            job.give_up()
            self._counted.add(job.entry)
        given_up = frozenset(self._counted)
        self._beside = self._next = None
        for left in (self._slow, self._behind, self._counted):
            left.clear()
        return given_up

    def _collect(self, job: _Job) -> Understood:
        if not job.done.is_set():
            raise Later(begun=True)
        self._beside = None
        self._behind.clear()
        for mailbox in set(self._slow.values()):
            self._ring(mailbox)
        return job.result()

    def _jobs(self) -> tuple[_Job | None, ...]:
        return self._beside, self._next

    def _take_next(self, entry: int) -> _Job | None:
        """The reading of this entry, where it was begun. Of another one it ends: the clerk has turned elsewhere, as to
        another mailbox."""
        job, self._next = self._next, None
        if job is None or job.entry == entry:
            return job
        if not job.read_within(_HURRY):  # to wait for its process costs less than another process
            job.give_up()
        return None

    def _free(self) -> bool:
        job = self._beside
        if job is not None and job.done.is_set() and time.monotonic() > job.ended + _FORGOTTEN:
            self._counted.add(job.entry)
            self._behind.clear()
            self._beside = job = None
        return job is None


class _Job:
    """One mail that is being read: whoever waits for it takes its answer; of a slow one, a thread of its own."""

    def __init__(self, entry: int, raw: bytes, to: Addressee) -> None:
        """Raises TemporaryFailure."""
        self.entry = entry
        self.done = threading.Event()
        self.ended = 0.0
        self._process = reader.take()
        self._process.await_ready()  # a slow start is not the mail's
        self._asked = self._process.ask(raw, to)
        self._beside = False

    def send(self, seconds: float) -> None:
        """Gives the mail to the process; what it has not taken after so many seconds, it gets later."""
        self._asked.sent(seconds)

    def read_within(self, seconds: float) -> bool:
        """Whether the mail is read, after so many seconds at most."""
        if not self._asked.answered(seconds):
            return False
        self._end()
        return True

    def read_beside(self, then: Callable[[], None]) -> None:
        """Has a thread wait for the mail, and call this function when it is read. Raises TemporaryFailure."""
        self._beside = True
        try:
            threading.Thread(target=self._wait, args=(then,), name="reading", daemon=True).start()
        except RuntimeError as error:  # no more threads
            self._beside = False
            self.give_up()
            raise TemporaryFailure("parser process", str(error)) from error

    def result(self) -> Understood:
        return self._asked.answer()

    def give_up(self) -> None:
        self._process.kill()
        if not self._beside:
            self._end()

    def _wait(self, then: Callable[[], None]) -> None:
        with suppress(Exception):  # raised where the result is asked for
            self._asked.answer()
        self._end()
        then()

    def _end(self) -> None:
        reader.give_back(self._process)
        self.ended = time.monotonic()
        self.done.set()
