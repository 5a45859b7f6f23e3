"""What can go wrong, in two kinds: try again, or a person must look. Each error carries its data."""

from __future__ import annotations


class MailbotError(Exception):
    """Base of all errors that mailbot raises on purpose."""


class ConfigError(MailbotError):
    """One or more faults of configuration, rules or templates; all of them at once.

    `faults` are ready lines "file:line: path: what was found; what is allowed".
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class ParseError(MailbotError):
    """A message (or part) that cannot be understood; `reason` is one line for staff, in Indonesian."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
    """The database cannot be trusted any more: everything stops, nothing is written, a person restores it."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason


class AccountFailure(TemporaryFailure):
    """The server refuses our account (wrong password, expired token): hold everything, tell the operator."""
