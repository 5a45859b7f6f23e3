"""What can go wrong, in two kinds: try again, or a person must look. Each error carries its data."""

from __future__ import annotations

from collections.abc import Sequence


class MailbotError(Exception):
    """Base of all errors that mailbot raises on purpose."""


class ConfigError(MailbotError):
    """All faults of a configuration, of rules or of templates at once.

    `faults` are ready lines "file:line: path: what was found; what is allowed".
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class ParseError(MailbotError):
    """A message or part cannot be understood. `reason` is one line for staff, in Indonesian."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotCarriedOut(MailbotError):
    """Nothing of what a person of the LPSE asked for was done. The error's text is an Indonesian sentence for this
    person.

    listed: the choices that there are, as (command, what it is). by: the canonical name of the command that was
    refused, "" where it was none or all. instead: of those that its words may fit. near: the values that may have been
    meant, where it was refused for its value.
    """

    def __init__(
        self,
        sentence: str,
        listed: Sequence[tuple[str, str]] = (),
        *,
        by: str = "",
        instead: Sequence[str] = (),
        near: Sequence[str] = (),
    ) -> None:
        super().__init__(sentence)
        self.listed = tuple(listed)
        self.by, self.instead, self.near = by, tuple(instead), tuple(near)


class TemporaryFailure(MailbotError):
    """Try again later: a refused connection, a time-out, a full disk. `what` names the thing."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason


class DiskFull(TemporaryFailure):
    """There is no room left for the data folder."""


class PermanentFailure(MailbotError):
    """Trying again does not help: a person must look."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason


class Damaged(MailbotError):
    """The database cannot be trusted any more. Everything stops, nothing is written, and a person restores a backup."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason


class LaterData(MailbotError):
    """The database was written by a later mailbot: this one does not know what stands in it, and changes nothing."""


class AccountFailure(TemporaryFailure):
    """The server refuses our account (wrong password, expired token): hold everything, tell the operator."""
