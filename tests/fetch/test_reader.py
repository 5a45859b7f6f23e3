"""The process that reads mails: the same answers, whatever it is given; and what happens when it does not answer."""

from __future__ import annotations

import base64
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import machines, reading_cost
from mailbot.errors import ParseError, TemporaryFailure
from mailbot.fetch import reader
from mailbot.fetch.reader import ParserProcess, Unread
from mailbot.model import Attachment, Message, NamedAddress
from mailbot.parsers import understood
from mailbot.parsers.mime import message, wire
from mailbot.parsers.mime.heading import heading
from mailbot.parsers.mime.message import Limits
from mailbot.parsers.understood import Addressee, Understood
from tests import ROOT
from tests.mailservers.process import wait_until
from tests.quick import within

MB = 1 << 20
TO = Addressee(("lpse@batangkab.test",), Limits())


def mail(subject: str = "Login", body: str = "Mohon bantuan.\r\n", *lines: str) -> bytes:
    head = ["From: Budi <budi@penyedia.test>", "To: lpse@batangkab.test", f"Subject: {subject}", *lines]
    return "\r\n".join([*head, "", body]).encode()


def with_file(data: bytes) -> bytes:
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    head = mail("Berkas", "", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=X")
    part = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + b"--X\r\n\r\nTerlampir.\r\n--X\r\n" + part + encoded + b"--X--\r\n"


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def process() -> Iterator[ParserProcess]:
    found = ParserProcess()
    yield found
    found.close()


# --- the same answers ------------------------------------------------------------------------------------------

CHARSETS = (
    *("utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "iso-2022-jp", "gb2312", "gb18030", "big5", "euc-kr"),
    *("koi8-r", "shift_jis", "utf-16", "utf-32", "utf-7", "windows-874", "mac-roman", "x-unknown", "cp437", "hz"),
    *("euc-jp", "iso-2022-kr", "koi8-u", "big5hkscs", "iso-8859-8-i", "windows-1256", "tis-620", "idna", "rot13"),
)
ODD_BYTES = bytes(range(1, 256)) + b"\x1b$B%F%9%H\x1b(B ~{<:Ky2;~} +AGEAYg-"


@pytest.mark.parametrize("charset", CHARSETS)
def test_every_charset_is_read_as_in_this_process(charset: str) -> None:
    """Nothing can be loaded in the process any more: a codec that it lacked would change the text."""
    raw = mail("x", "", f'Content-Type: text/plain; charset="{charset}"') + ODD_BYTES
    word = base64.b64encode(ODD_BYTES[:40]).decode()
    raw = raw.replace(b"Subject: x", f"Subject: =?{charset}?b?{word}?=".encode())
    assert reader.parse(raw) == message.parse(raw)


def test_every_mail_of_the_corpus_is_understood_as_in_this_process() -> None:
    mails = list(reading_cost.corpus())
    assert len(mails) > 1000
    for raw in mails:
        to = Addressee(machines.OWN, Limits())
        assert reader.understand(raw, to) == understood.understand(raw, to), raw[:2000]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([
    b"From: ", b"a@b.test", b"\r\n", b"\n", b"\r\n\r\n", b"Subject: ", b"=?utf-8?q?=00?=", b"\xff\xfe", b"\x00",
    b"Content-Type: ", b"multipart/mixed; boundary=X", b"text/html; charset=utf-7", b"--X", b"--X--", b"<table><tr>",
    b"Auto-Submitted: ", b"auto-replied", b"-- \r\n", b"> ", b"On Mon, Budi wrote:\r\n", b"Out of office",
    b"Content-Transfer-Encoding: base64", b"base64", b"\xed\xa0\x80", b"Date: Mon, 2 Nov 2026 09:00:00 +0700", b";",
]), max_size=40).map(b"".join))  # fmt: skip
def test_any_bytes_are_answered_as_in_this_process(raw: bytes) -> None:
    def outcome(parse: Callable[[], object]) -> object:
        try:
            return parse()
        except ParseError as error:
            assert not isinstance(error, Unread)
            return error.reason

    assert outcome(lambda: reader.parse(raw)) == outcome(lambda: message.parse(raw))
    assert outcome(lambda: reader.understand(raw, TO)) == outcome(lambda: understood.understand(raw, TO))


def test_whose_mailbox_it_is_is_asked_each_time() -> None:
    raw = mail("Login", "Mohon bantuan.\r\n", "Precedence: list")
    to = [Addressee((own,), Limits()) for own in ("lpse@batangkab.test", "lain@batangkab.test", "budi@penyedia.test")]
    kinds = [found.machine and found.machine.kind for found in (reader.understand(raw, one) for one in to)]
    assert kinds == [None, "list", "own"]


def test_files_come_back_byte_for_byte() -> None:
    data = os.urandom(3 * MB)
    [file] = reader.parse(with_file(data)).attachments
    assert file.data == data


def test_the_limits_of_the_caller_count() -> None:
    with pytest.raises(ParseError, match="1 baris") as refused:
        reader.parse(mail(), Limits(header_lines=1))
    assert not isinstance(refused.value, Unread)


# --- as bytes and back -----------------------------------------------------------------------------------------


def test_every_field_survives_the_wire() -> None:
    file = Attachment("a.pdf", "application/pdf", b"\x00\xff", "f" * 64, True)
    whole = Message(
        headers=(("From", "\udcff"), ("X", "")),
        subject="“Ω”",
        from_=(NamedAddress("", "a@b.test"),),
        message_id="<a@b>",
        date=datetime(2026, 11, 2, tzinfo=UTC),
        attachments=(file, dataclasses.replace(file, data=b"")),
        ambiguous=("satu",),
    )
    header, files = wire.dump(whole)
    plain, sizes = wire.outcome(header)
    assert sizes == [2, 0]
    assert wire.load(Message, plain, files) == whole


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"{}",
        b'{"found": [], "files": [-1]}',
        b'{"found": [], "files": [true]}',
        b'{"found": null, "files": []}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_none_is_not_believed(header: bytes) -> None:
    with pytest.raises(wire.NotUnderstood):
        plain, _ = wire.outcome(header)
        wire.load(Message, plain, [])


def test_what_was_understood_survives_the_wire() -> None:
    for raw in (
        mail("Login", "Nama: Budi\r\n"),
        mail("Login", "Ya.\r\n\r\n> satu\r\n\r\ndua\r\n", "Auto-Submitted: auto-replied"),
    ):
        whole = understood.understand(raw, TO)
        plain, _ = wire.outcome(wire.dump(whole)[0])
        assert wire.load(Understood, plain, []) == whole
    assert whole.machine is not None and whole.unanswered and whole.new.below
    for wrong in ("human", 1, None):
        changed = [*plain[:2], [wrong, plain[2][1]], *plain[3:]]
        with pytest.raises(wire.NotUnderstood):
            wire.load(Understood, changed, [])
    with pytest.raises(wire.NotUnderstood):
        wire.load(Message, plain, [])


def test_a_value_of_another_type_is_not_believed() -> None:
    plain, _ = wire.outcome(wire.dump(message.parse(mail()))[0])
    names = [field.name for field in dataclasses.fields(Message)]
    for name, wrong in (("subject", 1), ("from_", [["x"]]), ("date", "besok"), ("text_from_html", 1), ("to", "a")):
        changed = list(plain)
        changed[names.index(name)] = wrong
        with pytest.raises(wire.NotUnderstood):
            wire.load(Message, changed, [])
    with pytest.raises(wire.NotUnderstood, match="belongs to nothing"):
        wire.load(Message, plain, [b"x"])


# --- what it may not do ----------------------------------------------------------------------------------------


def limits_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:].split()[0] for line in lines}


def test_it_can_open_write_and_start_nothing(process: ParserProcess) -> None:
    process.parse(mail(), Limits())
    found = limits_of(process.pid)
    for name in ("Max file size", "Max open files", "Max processes", "Max core file size"):
        assert found[name] == "0", name
    assert int(found["Max address space"]) < resident(process.pid) + 400 * MB
    assert int(found["Max cpu time"]) <= 2 * reader.SECONDS


def test_it_says_its_sentences_though_it_can_open_no_file(process: ParserProcess) -> None:
    """The file with the sentences is read before the rights are given up."""
    [doubt] = process.parse(mail("Login", "", "Subject: Lain"), Limits()).ambiguous
    assert doubt == "Kepala surat Subject muncul lebih dari satu kali."
    with pytest.raises(ParseError, match=r"^Surat ini kosong\.$") as refused:
        process.parse(b"", Limits())
    assert not isinstance(refused.value, Unread)


def test_it_knows_nothing_of_our_environment(process: ParserProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KENARI_PASSWORD", "rahasia")
    other = ParserProcess()
    try:
        other.await_ready()
        seen = Path(f"/proc/{other.pid}/environ").read_bytes()
    finally:
        other.close()
    assert b"KENARI" not in seen and b"rahasia" not in seen
    assert b"PYTHONPATH" in seen


def test_it_holds_nothing_but_its_two_pipes(process: ParserProcess) -> None:
    process.parse(mail(), Limits())
    targets = {os.readlink(path) for path in Path(f"/proc/{process.pid}/fd").iterdir()}
    strange = {t for t in targets if not t.startswith("pipe:") and t != "/dev/null" and not t.endswith("/statm")}
    assert strange == set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_for_the_whole_group_do_not_end_it(process: ParserProcess, number: signal.Signals) -> None:
    process.await_ready()
    os.kill(process.pid, number)
    assert process.parse(mail(), Limits()).subject == "Login"


def test_it_ends_with_the_process_that_started_it() -> None:
    program = (
        "from mailbot.fetch import reader; import sys\n"
        "reader.start(); print(reader._idle[0].pid, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not gone(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: gone(child), 5, "it outlives its parent")


# --- what it costs ---------------------------------------------------------------------------------------------


def test_it_is_ready_quickly_and_small() -> None:
    began = time.monotonic()
    process = ParserProcess()
    try:
        process.await_ready()
        assert time.monotonic() - began < 5  # 0.15 s on a machine at rest
        assert resident(process.pid) < 48 * MB
    finally:
        process.close()


def test_two_hundred_mails_leave_it_as_it_was() -> None:
    process = ParserProcess()
    try:
        raw = with_file(os.urandom(200_000))
        for _ in range(20):
            process.parse(raw, Limits())
        before = resident(process.pid)
        for _ in range(200):
            process.parse(raw, Limits())
        assert process.usable
        assert resident(process.pid) - before < 2 * MB
    finally:
        process.close()


def test_a_mail_of_the_largest_size_is_read_within_its_memory() -> None:
    data = os.urandom(18 * 1_000_000)
    raw = with_file(data)
    assert 24 * 1_000_000 < len(raw) <= Limits().message_size
    assert reader.parse(raw).attachments[0].data == data


def test_a_process_that_has_grown_is_replaced() -> None:
    reader.stop()
    process = reader.take()
    process.await_ready()
    process._small = -reader.GROWN
    reader.give_back(process)
    assert gone(process.pid)
    assert reader.parse(mail()).subject == "Login"


def test_a_process_that_owes_an_answer_is_not_asked_again() -> None:
    reader.stop()
    process = reader.take()
    process.await_ready()
    os.kill(process.pid, signal.SIGSTOP)  # it cannot have answered
    assert process.ask(mail("nomor 1"), TO).sent(5)
    reader.give_back(process)
    assert gone(process.pid)
    assert reader.parse(mail("nomor 2")).subject == "nomor 2"


def test_one_process_is_kept_and_asked_again() -> None:
    reader.parse(mail())
    [first] = [process.pid for process in reader._idle]
    reader.parse(mail())
    assert [process.pid for process in reader._idle] == [first]


def test_many_threads_get_each_their_own_answer() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: reader.parse(mail(f"nomor {n}")).subject, range(60)))
    assert found == [f"nomor {n}" for n in range(60)]
    assert len(reader._idle) == 1


# --- what ends it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("CRASH", "proses pembaca berhenti (SIGSEGV)"),
        ("KILLED", "proses pembaca berhenti (SIGKILL)"),
        ("EXIT", "proses pembaca berhenti (kode 3)"),
        ("EAT", "melebihi batas memori"),
    ],
)
def test_what_ends_the_process_is_told_and_the_next_mail_is_read(odd: None, subject: str, reason: str) -> None:
    with pytest.raises(Unread) as failed:
        reader.parse(mail(subject))
    assert failed.value.reason == reason
    assert reader.parse(mail()).subject == "Login"


def test_a_mail_that_takes_too_much_of_the_processor_is_given_up(odd: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SECONDS", 1)
    began = time.process_time(), time.monotonic()
    with pytest.raises(Unread) as failed:
        reader.parse(mail("SPIN"))
    assert failed.value.reason == "melebihi batas waktu 1 detik"
    assert time.monotonic() - began[1] < reader.PATIENCE
    assert time.process_time() - began[0] < 1  # not ours


def test_each_mail_has_its_seconds_anew(odd: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SECONDS", 1)
    for _ in range(6):  # together more than any one of them may take
        reader.parse(mail("BUSY"))
    assert len(reader._idle) == 1


def test_a_process_that_does_nothing_is_given_up(odd: None, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.start()
    [pid] = [process.pid for process in reader._idle]
    monkeypatch.setattr(reader, "PATIENCE", 0.5)
    with pytest.raises(Unread) as failed:
        reader.parse(mail("STOP"))
    assert failed.value.reason == "proses pembaca tidak menjawab dalam 0 detik"
    assert gone(pid)


def test_a_process_that_dies_between_two_mails_is_nobodys_fault() -> None:
    reader.parse(mail())
    [process] = reader._idle
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: gone(process.pid), 5, "")
    assert reader.parse(mail()).subject == "Login"


def test_where_no_process_can_be_had_the_mail_is_not_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    reader.stop()
    with monkeypatch.context() as broken:
        broken.setattr(reader, "_MODULE", "mailbot.no_such_module")
        with pytest.raises(TemporaryFailure, match="parser process"):
            reader.parse(mail())
        broken.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(TemporaryFailure, match="parser process"):
            reader.parse(mail())
    assert reader.parse(mail()).subject == "Login"


# --- the heading of what cannot be read ----------------------------------------------------------------------------


def test_the_heading_of_a_monster_is_small_and_found_at_once() -> None:
    many = b"X: y\r\n" * 400_000
    raw = b"To: " + b"a@b.test, " * 2000 + b"\r\nSubject: Video\r\n rahasia\r\nFrom: Budi\r\n <budi@p.test>\r\n" + many
    with within(0.2):
        found = heading(raw)
    assert found == b"Subject: Video rahasia\r\nFrom: Budi <budi@p.test>\r\n\r\n"


@given(st.binary(max_size=3000))
def test_any_bytes_have_a_heading_of_known_names(raw: bytes) -> None:
    names = [line.partition(b":")[0] for line in heading(raw).split(b"\r\n") if line]
    assert set(names) <= {b"From", b"Subject", b"Date", b"Message-Id"}
    assert len(names) == len(set(names))
    assert b"\0" not in heading(raw)
