"""Twelve mails that are made to hurt, between ordinary ones: each ordinary one is acknowledged at once, each of the
twelve ends in quarantine with its reason, and the program stays small. With a real IMAP server and the daemon."""

from __future__ import annotations

import base64
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from mailbot.fetch import reader
from mailbot.store.journal import ATTEMPTS, REST
from tests.mailservers import MailServers
from tests.mailservers.process import wait_until
from tests.parsers.test_archives import declaring, packed
from tests.running import RunningOffice
from tests.world import LPSE, NO_CAPS, WIB

MB = 1 << 20
#: Megabytes of the program and its libraries before a mail has come.
PROGRAM = 130
#: Seconds in which an ordinary mail is to be acknowledged; on a busy machine, times what one takes that comes alone.
AT_ONCE, TIMES_ALONE = 5.0, 6


def head(subject: str, *lines: str, sender: str = "racun@luar.test", to: str = LPSE) -> bytes:
    written = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Message-ID: <{subject}@luar.test>", *lines]
    return "\r\n".join([*written, ""]).encode()


def multipart(subject: str) -> bytes:
    return head(subject, "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=X") + b"\r\n"


def nested(levels: int) -> bytes:
    raw = head("bersarang", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="0"') + b"\r\n"
    for n in range(levels):
        raw += b'--%d\r\nContent-Type: multipart/mixed; boundary="%d"\r\n\r\n' % (n, n + 1)
    return raw + b"--%d\r\n\r\nisi\r\n" % levels


def attached(subject: str, name: str, data: bytes) -> bytes:
    part = f"Content-Type: application/zip; name={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    text = b"--X\r\n\r\nMohon dibuka.\r\n--X\r\n"
    return multipart(subject) + text + part + base64.encodebytes(data).replace(b"\n", b"\r\n") + b"--X--\r\n"


def _encoded_words() -> bytes:
    """Two megabytes of encoded words, a header each below the limit."""
    word = "=?utf-8?b?" + base64.b64encode(b"bom " * 12).decode() + "?="
    line = "X-%d: " + " ".join([word] * 780)
    return head("kata-tersandi", *(line % n for n in range(40))) + b"\r\nisi\r\n"


#: Name, how it is made, and what its reason must say.
POISON: list[tuple[str, Callable[[], bytes], str]] = [
    ("deep nesting", lambda: nested(3000), "bersarang"),
    ("100,000 parts", lambda: multipart("bagian") + b"--X\r\n\r\na\r\n" * 100_000, "200 bagian"),
    ("100,000 headers", lambda: head("kepala", *["X: y"] * 100_000) + b"\r\nisi\r\n", "1000 baris"),
    ("50 KB of ;", lambda: head("titik", "Content-Type: text/plain" + ";" * 50_000) + b"\r\nisi\r\n", "param"),
    ("350 KB To", lambda: head("penerima", to=", ".join(["a@b.test"] * 35_000)) + b"\r\nisi\r\n", "lebih panjang"),
    ("NUL", lambda: head("nol\0lagi") + b"\r\nisi \0 isi\r\n", "NUL"),
    ("over 25 MB", lambda: head("raksasa") + b"\r\n" + b"Mohon bantuan.\r\n" * 1_700_000, "ukuran"),
    ("zip bomb", lambda: attached("bom", "a.zip", declaring(4_000_000_000, 40)), "mengembang menjadi 160 GB"),
    ("zips in a zip", lambda: attached("42", "42.zip", packed(*((f"{n}.zip", b"PK") for n in range(16)))), "16 arsip"),
    ("encoded words", _encoded_words, "bita"),
    ("processor", lambda: head("SPIN") + b"\r\nisi\r\n", "gagal diolah 3 kali: melebihi batas waktu"),
    ("memory", lambda: head("EAT") + b"\r\nisi\r\n", "gagal diolah 3 kali: melebihi batas memori"),
]  # fmt: skip


def _children() -> list[int]:
    """The processes that read mails."""
    found = []
    for path in Path("/proc/self/task").glob("*/children"):
        for pid in path.read_text().split():
            try:
                if b"odd_parser" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(int(pid))
            except OSError:
                continue
    return found


def _resident(pid: int | str) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


class Peak:
    """The most memory that the program and its readers had at one moment, beyond what this process had when it began:
    it holds the test as well, and what all tests before it have left."""

    def __init__(self) -> None:
        self.bytes = 0
        self._before = _resident("self")
        self._end = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            here = _resident("self") - self._before
            self.bytes = max(self.bytes, here + sum(map(_resident, _children())))


@pytest.mark.mailservers
def test_twelve_poisonous_mails_between_ordinary_ones(
    odd: None, servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = [make() for _, make, _ in POISON]
    office = RunningOffice(servers, tmp_path, limits=NO_CAPS)
    peak = Peak()
    late = []
    with office.running(), peak.watching():
        alone = _acknowledged(office, servers, "sebelum")
        # Twice what an ordinary mail takes, so that one can overtake the mail that takes all its time.
        monkeypatch.setattr(reader, "SECONDS", 1 + math.ceil(2 * alone))
        for n, raw in enumerate(poison):
            servers.deliver(raw, LPSE)
            if not _at_once(office, servers, f"biasa-{n}", alone):
                late.append(POISON[n][0])
            if POISON[n][0] == "processor":
                assert _being_read(office)  # it was read beside: nobody has waited for its end
        # What ended the reading is tried again a minute later, by the daemon's clock; ordinary mails go on coming.
        for n in range(ATTEMPTS):
            wait_until(lambda: not _being_read(office), 60, "the reading of a mail does not end")
            alone = _acknowledged(office, servers, f"sela-{n}")
            office.set(f"{(office.now + REST).astimezone(WIB):%Y-%m-%d %H:%M:%S}")
            if not _at_once(office, servers, f"lagi-{n}", alone):
                late.append(f"lagi-{n}")
        left = len(office.wait("petugas", len(POISON), "staff_quarantine"))
    assert late == []
    assert left == len(POISON)
    assert peak.bytes < (512 - PROGRAM) * MB, f"{peak.bytes // MB} MB"
    rows = office.rows("SELECT state, reason, sender FROM journal WHERE sender NOT LIKE '%@penyedia.test' ORDER BY id")
    assert [(row["state"], row["sender"]) for row in rows] == [("quarantined", "racun@luar.test")] * len(POISON)
    for (name, _, words), row in zip(POISON, rows, strict=True):
        assert words in row["reason"], (name, row["reason"])


def _at_once(office: RunningOffice, servers: MailServers, name: str, alone: float) -> bool:
    """An ordinary mail comes; whether it is acknowledged in time. On a machine that is busy, in time is what a mail
    takes that comes when nothing else does: *alone* seconds before, and once more after a mail that took long."""
    took = _acknowledged(office, servers, name)
    if took > max(AT_ONCE, TIMES_ALONE * alone):
        alone = _acknowledged(office, servers, f"{name}-lagi")
    return took <= max(AT_ONCE, TIMES_ALONE * alone)


def _acknowledged(office: RunningOffice, servers: MailServers, name: str) -> float:
    """An ordinary mail comes: the seconds after which it is acknowledged."""
    began = time.monotonic()
    servers.deliver(head(name, sender=f"{name}@penyedia.test") + b"\r\nMohon bantuan.\r\n", LPSE)
    wait_until(partial(_answered, office, name), 60, f"{name} is not acknowledged")
    return time.monotonic() - began


def _being_read(office: RunningOffice) -> bool:
    """Whether a mail is due that is not settled."""
    now = office.now.isoformat(timespec="microseconds")
    sql = "SELECT 1 FROM journal WHERE state = 'received' AND (next_try_at IS NULL OR next_try_at <= ?)"
    return bool(office.rows(sql, now))


def _answered(office: RunningOffice, name: str) -> bool:
    sql = "SELECT 1 FROM outbox WHERE recipient = ? AND template = 'user_acknowledgement' AND state = 'accepted'"
    return bool(office.rows(sql, f"{name}@penyedia.test"))
