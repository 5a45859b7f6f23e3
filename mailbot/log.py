"""structlog set-up, and one function per thing that happened to a mail.

There is one event for each thing: received, threaded, decided, queued, submitted, filed, quarantined. Ticket, SOP step
and Message-ID connect the lines of one mail. A line holds no body and no subject, and of an address only its domain. Of
an error it tells the place, not the words: an exception's words and local variables quote mails and passwords.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from mailbot.clean import answer_line
from mailbot.masking import mask_identity

_Line = tuple[str, str, dict[str, Any]]  # level, event, values
_waiting: ContextVar[list[_Line] | None] = ContextVar("mailbot_log_waiting", default=None)

#: Matches only where a word begins, so that the search stays linear in a line's length.
_LOCAL_PART = re.compile(r"(?<![^\s<>()\[\]\"',;:=])[^\s<>()\[\]\"',;:=@]+@(?=[^\s@])")
#: A Message-ID looks like an address and is needed in full.
_AS_IT_IS = frozenset({"message_id", "timestamp", "level", "event", "trace"})
#: syslog(3), by the name of the level.
_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
#: A stack trace keeps its innermost frames.
_FRAMES = 12
#: Characters of a value that may stand in many lines: a mailbox, a template, a ticket's number.
_RECURS = 64


def configure(form: str, level: str) -> None:
    """Logs go to standard error. `form`: auto (console on a terminal, JSON lines otherwise) | console | json."""
    with _without_rich():
        import structlog  # here, as it loads asyncio, and a command that only reads logs nothing

    terminal = sys.stderr.isatty()
    console = form == "console" or (form == "auto" and terminal)
    renderer: Any = structlog.processors.JSONRenderer(default=str)
    if console:
        # The usual formatter of exceptions would print local variables, passwords among them.
        renderer = structlog.dev.ConsoleRenderer(
            colors=terminal and not os.environ.get("NO_COLOR"),
            sort_keys=False,
            pad_event_to=12,
            exception_formatter=structlog.dev.plain_traceback,
        )
    elif os.environ.get("JOURNAL_STREAM"):  # systemd.exec(5): standard error goes to the journal
        renderer = _with_priority(renderer)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True)
            if not console
            else structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            _stack,
            _discreet,
            _in_order,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Warnings of libraries go the same way; imapclient's own log contains whole mails.
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)


@contextmanager
def _without_rich() -> Iterator[None]:
    """structlog loads rich where it is installed, for stack traces with local variables: 5 MiB and 60 ms for what no
    line of ours may show. None stands for a module that is not there (import statement of the language reference)."""
    if "structlog" in sys.modules or "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["rich"]


# --- what happened to a mail ---------------------------------------------------------------------


def received(mailbox: str, folder: str, uid: int, size: int, entry: int) -> None:
    """The journal has the mail, as this entry: the mail cannot be lost any more."""
    _say("info", "received", mailbox=mailbox, folder=folder, uid=uid, size=size, entry=entry)


def vanished(mailbox: str, folder: str, uid: int) -> None:
    """The server listed a mail that was gone when we asked for it: somebody moved or removed the mail."""
    _say("warning", "vanished", mailbox=mailbox, folder=folder, uid=uid)


def unseen(mailbox: str, folder: str, count: int) -> None:
    """UIDs were given out whose mails were gone before any look: nobody here has seen them."""
    _say("warning", "unseen", mailbox=mailbox, folder=folder, count=count)


def threaded(mailbox: str, entry: int, ticket: str, why: str, message_id: str | None) -> None:
    """Which ticket the mail belongs to ("-": none), and why."""
    _say("info", "threaded", mailbox=mailbox, entry=entry, ticket=ticket, why=why, message_id=message_id)


def decided(mailbox: str, entry: int | None, ticket: str, event: str, row: str, step: str, status: str) -> None:
    """What the SOP's table said of an event. status: the ticket's new status. entry: the mail that caused the event."""
    _say(
        "info",
        "decided",
        mailbox=mailbox,
        entry=entry,
        ticket=ticket,
        what=event,
        row=row,
        step=step or None,
        status=status,
    )


def queued(mailbox: str, ticket: str | None, step: str, template: str, message_id: str) -> None:
    """A mail of ours is in the outbox. Its bytes and its Message-ID are fixed."""
    _say("info", "queued", mailbox=mailbox, ticket=ticket, step=step or None, template=template, message_id=message_id)


def cancelled(mailbox: str, ticket: str, template: str, message_id: str) -> None:
    """A mail of ours was taken back before it left (`#batal`)."""
    _say("info", "cancelled", mailbox=mailbox, ticket=ticket, template=template, message_id=message_id)


def held_back(mailbox: str, ticket: str | None, template: str, message_id: str, reason: str) -> None:
    """A mail of ours is written, and must not leave yet."""
    _say(
        "warning",
        "held back",
        mailbox=mailbox,
        ticket=ticket,
        template=template,
        message_id=message_id,
        reason=reason,
    )


def by_hand(mailbox: str, action: str, entry: int, template: str, message_id: str, ticket: str | None) -> None:
    """A person has decided about one mail of the outbox: hold | retry | cancel."""
    _say(
        "warning",
        "by hand",
        mailbox=mailbox,
        action=action,
        mail=entry,
        ticket=ticket,
        template=template,
        message_id=message_id,
    )


def submitted(mailbox: str, template: str, message_id: str, state: str, answer: str, ticket: str | None = None) -> None:
    """What the mail server said to a mail of ours: state accepted | again | uncertain | failed."""
    _say(
        "info" if state == "accepted" else "error",
        "submitted",
        mailbox=mailbox,
        ticket=ticket,
        template=template,
        message_id=message_id,
        state=state,
        answer=answer,
    )


def held(mailbox: str, entry: int, ticket: str | None, reason: str, message_id: str | None = None) -> None:
    """A mail is understood. It is carried out only when a person has confirmed it."""
    _say("info", "held", mailbox=mailbox, entry=entry, ticket=ticket, reason=reason, message_id=message_id)


def quarantined(mailbox: str, entry: int, reason: str, message_id: str | None = None) -> None:
    """A mail is kept with the reason; a person must look."""
    _say("warning", "quarantined", mailbox=mailbox, entry=entry, reason=reason, message_id=message_id)


def released(mailbox: str, entry: int, decision: str, message_id: str | None = None) -> None:
    """A person has decided about a mail in quarantine: proses | tiket | buang."""
    _say("info", "released", mailbox=mailbox, entry=entry, decision=decision, message_id=message_id)


def filed(mailbox: str, entry: int, kind: str, message_id: str | None = None, ticket: str | None = None) -> None:
    """A mail is kept, and nothing else is done: a robot's mail, a second copy, a mail of our own."""
    _say("info", "filed", mailbox=mailbox, entry=entry, kind=kind, ticket=ticket, message_id=message_id)


# --- what did not work ---------------------------------------------------------------------------


def again(mailbox: str, what: str, reason: str) -> None:
    """Something must be tried again later."""
    _say("error", "again", mailbox=mailbox, what=what, reason=reason)


def failed(mailbox: str, entry: int, error: Exception) -> None:
    """A fault of ours while handling a mail. The mail is tried again, the others go on."""
    _say("error", "failed", mailbox=mailbox, entry=entry, error=type(error).__name__, exc_info=error)


def crashed(error: Exception) -> None:
    """A fault of ours that is not about one mail."""
    _say("critical", "crashed", error=type(error).__name__, exc_info=error)


def alarm(mailbox: str, name: str, reason: str) -> None:
    """An alarm, which the operator also gets by mail; name: what it is about, one of a fixed list."""
    _say("error", "alarm", mailbox=mailbox, name=name, reason=reason)


def unbalanced(mailbox: str, count: int) -> None:
    """So many mails have no outcome: those of the day before, or since more than an hour."""
    _say("error", "unbalanced", mailbox=mailbox, count=count)


def watching(mailbox: str, folder: str, *, push: bool) -> None:
    """A connection to a folder stands; push: the server tells of new mail by itself."""
    _say("info", "watching", mailbox=mailbox, folder=folder, push=push)


def daemon(doing: str, **values: Any) -> None:
    """The daemon itself: started, ready, reloaded, kept (a faulty configuration was refused), stopping, stopped."""
    _say("warning" if doing == "kept" else "info", doing, **values)


def finished(complete: bool) -> None:
    """The end of a round. complete: nothing must be tried again."""
    _say("info" if complete else "warning", "finished", complete=complete)


# --- saying it -----------------------------------------------------------------------------------


@contextmanager
def once_committed() -> Iterator[None]:
    """For the outermost transaction: its lines appear when the block ends well. When the block fails they never appear,
    because nothing of it has happened. A block inside another one leaves its lines to the outer one."""
    if _waiting.get() is not None:
        yield
        return
    lines: list[_Line] = []
    token = _waiting.set(lines)
    try:
        yield
    finally:
        _waiting.reset(token)
    for line in lines:
        _emit(*line)


@contextmanager
def part() -> Iterator[None]:
    """For a part of a transaction that may be undone by itself: if the part is undone, its lines are dropped, too."""
    lines = _waiting.get()
    before = 0 if lines is None else len(lines)
    try:
        yield
    except BaseException:
        if lines is not None:
            del lines[before:]
        raise


def _say(level: str, event: str, **values: Any) -> None:
    lines = _waiting.get()
    if lines is None:
        _emit(level, event, values)
    else:
        lines.append((level, event, values))


def _emit(level: str, event: str, values: dict[str, Any]) -> None:
    loaded = sys.modules.get("structlog")
    if loaded is None or not loaded.is_configured():  # a fault before `configure`: the default shows local variables
        configure("auto", "info")
    import structlog

    speak: Callable[..., None] = getattr(structlog.get_logger("mailbot"), level)
    with suppress(OSError, ValueError):  # a full disk or a closed pipe must not end what the line is about
        speak(event, **{name: value for name, value in values.items() if value is not None})


class _Libraries(logging.Handler):
    """Warnings of libraries, without their stack traces."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level = "error" if record.levelno >= logging.ERROR else "warning"
            error = record.exc_info[0] if record.exc_info else None
            _say(
                level,
                "library",
                library=record.name,
                message=record.getMessage(),
                error=error.__name__ if error else None,
            )
        except Exception:  # a library's odd message must not end a round
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        _say("warning", "library", library=record.name, message="(a message that cannot be shown)")


# --- processors ----------------------------------------------------------------------------------

_Values = MutableMapping[str, Any]


def _stack(_logger: Any, _method: str, values: _Values) -> _Values:
    """An exception as "file:line function" lines, the raising one last, its causes first."""
    error = values.pop("exc_info", None)
    lines: list[str] = []
    seen: set[int] = set()
    while isinstance(error, BaseException) and id(error) not in seen and len(seen) < _FRAMES:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        lines = [type(error).__name__, *(f"{f.filename}:{f.lineno} {f.name}" for f in frames), *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if lines:
        values["trace"] = lines
    return values


def _discreet(_logger: Any, _method: str, values: _Values) -> _Values:
    """Makes one line of each text from outside, without control characters, secrets, identity numbers and the local
    part of an address."""
    for name, value in values.items():
        if isinstance(value, str) and name not in ("event", "level", "timestamp"):
            values[name] = answer_line(value) if name in _AS_IT_IS else _told(value)
    return values


def _told(value: str) -> str:
    return _told_again(value) if len(value) <= _RECURS else _told_once(value)


def _told_once(value: str) -> str:
    line = mask_identity(answer_line(value))
    return _LOCAL_PART.sub("…@", line) if "@" in line else line


_told_again = lru_cache(maxsize=512)(_told_once)


def _with_priority(render: Any) -> Any:
    """systemd's journal takes a line's priority from a prefix (sd-daemon(3)), so that `journalctl -p warning` works."""

    def prefixed(logger: Any, method: str, values: _Values) -> str:
        return f"<{_PRIORITIES.get(method, 6)}>{render(logger, method, values)}"

    return prefixed


def _in_order(_logger: Any, _method: str, values: _Values) -> _Values:
    """When, how bad and what come first, also in a line of JSON; the long Message-ID comes last."""
    ordered = {name: values[name] for name in ("timestamp", "level", "event") if name in values} | dict(values)
    if "message_id" in ordered:
        ordered["message_id"] = ordered.pop("message_id")
    return ordered
