"""The log: what it says of a mail, and what it never says."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from mailbot import log

ADDRESS = "budi.santoso@penyedia.test"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The log is the process's: other tests find it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


class _Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class _Written:
    """What came to standard error so far."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture, self._text = capture, ""

    def getvalue(self) -> str:
        self._text += self._capture.readouterr().err
        return self._text


@pytest.fixture
def json_log(capsys: pytest.CaptureFixture[str]) -> _Written:
    log.configure("auto", "info")
    return _Written(capsys)


def said(stream: io.StringIO | _Written) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_thing_that_happens_to_a_mail_is_one_event(json_log: _Written) -> None:
    log.received("batang", "INBOX", 7, 1200, 3)
    log.threaded("batang", 3, "LPSE-BTG-2026-000001", "tag pada subjek", "<a@x.test>")
    log.decided("batang", 3, "LPSE-BTG-2026-000001", "staff.escalate", "1-eskalasi", "1", "escalated")
    log.queued("batang", "LPSE-BTG-2026-000001", "1", "lkpp_escalation", "<b@x.test>")
    log.submitted("batang", "lkpp_escalation", "<b@x.test>", "accepted", "250 ok", "LPSE-BTG-2026-000001")
    log.held("batang", 3, "LPSE-BTG-2026-000001", "ditahan")
    log.quarantined("batang", 4, "surat ini kosong")
    log.filed("batang", 5, "auto-reply")
    log.finished(True)
    events = said(json_log)
    assert [line["event"] for line in events] == [
        *("received", "threaded", "decided", "queued", "submitted", "held", "quarantined", "filed", "finished"),
    ]
    assert {line["ticket"] for line in events[1:6]} == {"LPSE-BTG-2026-000001"}
    assert events[2]["step"] == "1"
    assert [events[n]["message_id"] for n in (1, 3, 4)] == ["<a@x.test>", "<b@x.test>", "<b@x.test>"]
    assert all(list(line)[:3] == ["timestamp", "level", "event"] for line in events)


def test_what_is_not_known_is_left_out(json_log: _Written) -> None:
    log.filed("batang", 5, "auto-reply")
    [line] = said(json_log)
    assert set(line) == {"timestamp", "level", "event", "mailbox", "entry", "kind"}


@pytest.mark.parametrize(
    "text",
    [
        f"550 5.1.1 <{ADDRESS}>: Recipient address rejected",
        f"kepada {ADDRESS}, gagal",
        f"user={ADDRESS}",
        f"To:{ADDRESS}",
        ADDRESS,
        f"'{ADDRESS}'",
    ],
)
def test_of_an_address_only_the_domain_is_said(json_log: _Written, text: str) -> None:
    log.submitted("batang", "user_answer", "<id@batang.test>", "failed", text)
    [line] = said(json_log)
    assert "budi" not in json_log.getvalue()
    assert "…@penyedia.test" in line["answer"]
    assert line["message_id"] == "<id@batang.test>"


def test_masking_addresses_takes_linear_time(json_log: _Written) -> None:
    for text in ("a" * 2_000_000, "a@" * 1_000_000, "@" * 2_000_000, " a" * 1_000_000):
        log.again("batang", "smtp", text)
    assert len(said(json_log)) == 4


@given(st.text(max_size=60))
def test_no_text_breaks_a_line_or_reaches_a_terminal_raw(text: str) -> None:
    for terminal in (False, True):
        with pytest.MonkeyPatch.context() as patched:
            stream = _Stream(terminal)
            patched.setattr("sys.stderr", stream)
            patched.setenv("NO_COLOR", "1")
            log.configure("auto", "info")
            log.again("batang", "smtp", f"x{text}x")
        [line] = stream.getvalue().split("\n")[:-1]
        assert line.isprintable()


def test_a_terminal_gets_colours_and_a_file_gets_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    outputs = {}
    for form, terminal in (("auto", True), ("auto", False), ("console", False), ("json", True)):
        stream = _Stream(terminal)
        monkeypatch.setattr("sys.stderr", stream)
        log.configure(form, "info")
        log.received("batang", "INBOX", 7, 1200, 3)
        outputs[form, terminal] = stream.getvalue()
    assert "\x1b[" in outputs["auto", True]
    assert json.loads(outputs["auto", False])["uid"] == 7
    assert "\x1b[" not in outputs["console", False] and "uid=7" in outputs["console", False]
    assert json.loads(outputs["json", True])["uid"] == 7


def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _Stream(terminal=True)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("NO_COLOR", "1")
    log.configure("auto", "info")
    log.received("batang", "INBOX", 7, 1200, 3)
    assert "\x1b" not in stream.getvalue()


def test_a_line_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        log.configure("json", "info")
        log.received("batang", "INBOX", 7, 1200, 3)
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()


@pytest.mark.parametrize("journal", ["", "8:12345"])
def test_the_journal_of_systemd_gets_each_line_s_priority(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], journal: str
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", journal)
    log.configure("auto", "info")
    log.received("batang", "INBOX", 7, 1200, 3)
    log.again("batang", "smtp", "refused")
    first, second = capsys.readouterr().err.splitlines()
    assert (first.partition("{")[0], second.partition("{")[0]) == (("<6>", "<3>") if journal else ("", ""))


@pytest.mark.parametrize("terminal", [False, True])
def test_a_fault_says_where_it_was_and_nothing_that_it_held(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    stream = _Stream(terminal)
    monkeypatch.setattr("sys.stderr", stream)
    log.configure("auto", "info")

    def inner(password: str) -> None:
        body = "isi surat RAHASIA"
        raise ValueError(f"cannot read {body!r} with {password}")

    try:
        try:
            inner("canary")
        except ValueError as error:
            raise KeyError("canary") from error
    except KeyError as error:
        log.failed("batang", 3, error)
    output = stream.getvalue()
    assert "canary" not in output and "RAHASIA" not in output
    assert "KeyError" in output and "ValueError" in output
    assert "test_log.py" in output and "inner" in output


def test_an_endless_chain_of_errors_ends(json_log: _Written) -> None:
    error = ValueError()
    other = KeyError()
    error.__context__, other.__context__ = other, error
    log.crashed(error)
    [line] = said(json_log)
    assert line["trace"] == ["KeyError", "ValueError"]


def test_what_is_said_in_a_transaction_appears_when_it_ends_well(json_log: _Written) -> None:
    with log.once_committed():
        log.queued("batang", "T", "", "user_answer", "<a@x>")
        with log.once_committed():
            log.decided("batang", 3, "T", "user.new", "baru", "", "new")
        assert json_log.getvalue() == ""
    assert [line["event"] for line in said(json_log)] == ["queued", "decided"]


def test_what_is_said_in_a_transaction_that_fails_never_appears(json_log: _Written) -> None:
    with pytest.raises(ZeroDivisionError), log.once_committed():
        log.queued("batang", "T", "", "user_answer", "<a@x>")
        raise ZeroDivisionError
    log.received("batang", "INBOX", 7, 1200, 3)
    assert [line["event"] for line in said(json_log)] == ["received"]


def test_warnings_of_libraries_go_the_same_way_and_their_debug_log_nowhere(json_log: _Written) -> None:
    logging.getLogger("imapclient").debug("a whole mail")
    logging.getLogger("imapclient").info("a whole mail")
    try:
        raise ValueError("canary")
    except ValueError:
        logging.getLogger("asyncio").exception("lost %s", ADDRESS)
    logging.getLogger("py.warnings").warning("old")
    [mine] = [each for each in logging.getLogger().handlers if isinstance(each, log._Libraries)]
    mine.handle(logging.makeLogRecord({"name": "other", "msg": "%d", "args": ("no number",)}))
    lines = said(json_log)
    assert [line["library"] for line in lines] == ["asyncio", "py.warnings", "other"]
    assert (lines[0]["message"], lines[0]["error"]) == ("lost …@penyedia.test", "ValueError")
    assert "canary" not in json_log.getvalue()


def test_the_level_of_the_configuration_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _Stream(terminal=False)
    monkeypatch.setattr("sys.stderr", stream)
    log.configure("json", "error")
    log.received("batang", "INBOX", 7, 1200, 3)
    log.again("batang", "smtp", "later")
    assert [line["event"] for line in said(stream)] == ["again"]


def test_a_log_that_nobody_has_set_up_is_discreet_too(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    try:
        raise KeyError("canary")
    except KeyError as error:
        log.crashed(error)
    output = capsys.readouterr()
    assert "KeyError" in output.err
    assert "canary" not in output.err + output.out


def test_the_log_loads_nothing_that_prints_stack_traces_with_the_values_of_variables() -> None:
    code = (
        "import sys\nfrom mailbot import log\nlog.configure('json', 'info')\nlog.finished(complete=True)\n"
        "print('LOADED', [name for name in sys.modules if name.partition('.')[0] == 'rich'])\n"
        "import rich.console"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "LOADED []\n"
    assert json.loads(done.stderr)["event"] == "finished"
