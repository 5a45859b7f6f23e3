"""A mail of ours, as far as somebody may quote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol


class Quotable(Protocol):
    """A mail of ours. texts: its words, as its plain text and as what a program makes of its HTML. sender: name and
    address in its From; subject, on: what else the head before a quotation may name. Most mails are asked for their
    texts alone."""

    @property
    def texts(self) -> tuple[str, ...]: ...
    @property
    def sender(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The same, known as a whole."""

    texts: tuple[str, ...]
    sender: str = ""
    subject: str = ""
    on: date | None = None
