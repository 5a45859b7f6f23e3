"""structlog set-up, and one function per thing that happened to a mail.

No bodies, no subjects, no addresses in full: ticket, step, Message-ID, and a sender's domain are enough to follow a
mail; what stands in it is in the journal.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_log: Any = structlog.get_logger("mailbot")


def configure(form: str, level: str) -> None:
    """`form`: auto (console on a terminal, JSON lines otherwise) | console | json; to standard error."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(default=str, sort_keys=False)
    )
    # show_locals would print local variables, passwords among them, into every traceback.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if console else [tracebacks]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("imapclient").setLevel(logging.WARNING)


def received(mailbox: str, folder: str, uid: int, size: int) -> None:
    _log.info("received", mailbox=mailbox, folder=folder, uid=uid, size=size)


def threaded(mailbox: str, entry: int, ticket: str, why: str) -> None:
    _log.info("threaded", mailbox=mailbox, entry=entry, ticket=ticket, why=why)


def decided(mailbox: str, ticket: str, event: str, row: str, step: str, status: str) -> None:
    _log.info("decided", mailbox=mailbox, ticket=ticket, event_kind=event, row=row, step=step, status=status)


def queued(mailbox: str, ticket: str, template: str, message_id: str) -> None:
    _log.info("queued", mailbox=mailbox, ticket=ticket, template=template, message_id=message_id)


def submitted(mailbox: str, template: str, message_id: str, state: str, answer: str) -> None:
    _log.info("submitted", mailbox=mailbox, template=template, message_id=message_id, state=state, answer=answer)


def quarantined(mailbox: str, entry: int, reason: str) -> None:
    _log.warning("quarantined", mailbox=mailbox, entry=entry, reason=reason)


def filed(mailbox: str, entry: int, kind: str) -> None:
    _log.info("filed", mailbox=mailbox, entry=entry, kind=kind)


def again(mailbox: str, what: str, reason: str) -> None:
    """Something must be tried again later."""
    _log.error("again", mailbox=mailbox, what=what, reason=reason)


def failed(mailbox: str, entry: int, error: Exception) -> None:
    """A fault of ours while handling a mail; it is tried again, the others go on."""
    _log.error("failed", mailbox=mailbox, entry=entry, error=type(error).__name__, exc_info=error)


def alarm(mailbox: str, reason: str) -> None:
    _log.error("alarm", mailbox=mailbox, reason=reason)
