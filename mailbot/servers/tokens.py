"""The tokens of one mail account, kept in a file that all threads and processes of one data folder share.

    account = Account(client, "lpse@batangkab.go.id", data / "tokens", given="…")
    account.access()                        # an access token, renewed shortly before it expires
    account.access(not_this=token)          # another one: the mail server did not take this one

A server may hand out a new refresh token with each access token, and take the old one back. So one at a time asks,
under a lock; room on the disk is made before the question; and the answer is durable before anybody uses it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot.servers import oauth2
from mailbot.servers.endpoint import why
from mailbot.servers.oauth2 import Client, Granted, NoToken, TokenRefused

#: A token is renewed so long before its end, or at four fifths of a short life.
_BEFORE = timedelta(minutes=5)
#: Seconds that one waits for another thread or process that is asking.
_PATIENCE = 60.0
#: After `invalid_grant` the server is asked no sooner again. A login by a person counts at once.
_DEAD_FOR = timedelta(minutes=10)
#: Octets that are reserved before a question: more than two tokens take.
_ROOM = 64 * 2**10


@dataclass(frozen=True, slots=True)
class Kept:
    """The file. refresh_from: when mailbot got the refresh token, or first saw the configured one. refresh_until,
    access_until: when they end; None: not known, or there is none. refused: the server's words since refused_at.
    given: marks of the configured refresh tokens that were begun with."""

    refresh: str = field(default="", repr=False)
    refresh_from: datetime | None = None
    refresh_until: datetime | None = None
    access: str = field(default="", repr=False)
    access_from: datetime | None = None
    access_until: datetime | None = None
    refused: str = ""
    refused_at: datetime | None = None
    given: str = ""

    def usable(self, now: datetime, not_this: str) -> bool:
        """Whether the access token will do for a login. A clock that was set back makes no old token new."""
        if not self.access or self.access == not_this or self.access_from is None or self.access_until is None:
            return False
        before = min(_BEFORE, (self.access_until - self.access_from) / 5)
        return self.access_from <= now < self.access_until - before

    def lives(self, now: datetime, not_this: str) -> bool:
        """Whether the access token has not expired, however near its end is."""
        return bool(self.access and self.access != not_this and self.access_until and now < self.access_until)


@dataclass(frozen=True, slots=True)
class Account:
    """The tokens of one account for one client. given: the refresh token of the configuration, "" where a person logs
    in instead; a new one there begins anew."""

    client: Client
    username: str
    folder: Path
    given: str = field(default="", repr=False)
    name: str = ""  # of the mailbox, as `mailbot token` takes it

    @property
    def _file(self) -> Path:
        # Not the configured token: `mailbot status` reads no secrets, and finds the file all the same.
        parts = (self.client.token_url, self.client.client_id, self.username)
        return self.folder / f"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]}.json"

    def access(self, not_this: str = "") -> str:
        """An access token; other than `not_this`, which a mail server has refused. Raises NoToken and TokenRefused."""
        kept = self.kept()
        if kept.usable(_now(), not_this):
            return kept.access
        with self._alone():
            kept = self.kept()  # another one may have asked meanwhile
            if kept.usable(_now(), not_this):
                return kept.access
            return self._renewed(kept, not_this)

    def kept(self) -> Kept:
        """What is known, without asking anybody."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            kept = Kept(**{name: _read(name, value) for name, value in found.items()})
        except FileNotFoundError:
            return self._anew(Kept())
        except OSError as error:
            raise NoToken(self.client.server, f"{self._file} cannot be read: {why(error)}") from None
        except (ValueError, TypeError, AttributeError):  # not written by us
            return self._anew(Kept())
        return kept if not self.given or self._mark in kept.given.split() else self._anew(kept)

    @property
    def _mark(self) -> str:
        return hashlib.sha256(self.given.encode()).hexdigest()[:16] if self.given else ""

    def _anew(self, kept: Kept) -> Kept:
        """With the configured token, which was not there before. Those that were are remembered: reading and sending
        may name two."""
        return Kept(self.given, given=" ".join(filter(None, [*kept.given.split(), self._mark])))

    def keep(self, granted: Granted) -> None:
        """What a person's login has brought. Raises TokenRefused where that is no refresh token, and NoToken."""
        if not granted.refresh:
            raise TokenRefused(self.client.server, "", "the login brought no refresh token")
        with self._alone(), self._writing() as write:
            write(_with(Kept(given=self._anew(self.kept()).given), granted, _now()))

    def _renewed(self, kept: Kept, not_this: str) -> str:
        now = _now()
        if not kept.refresh:
            raise TokenRefused(self.client.server, "", f'no refresh token yet: run "mailbot token {self.name}"')
        if kept.refused_at is not None and abs(now - kept.refused_at) < _DEAD_FOR:
            raise TokenRefused(self.client.server, "invalid_grant", kept.refused)
        with self._writing() as write:
            if kept.refresh_from is None:
                kept = replace(kept, refresh_from=now)
            try:
                granted = oauth2.renewed(self.client, kept.refresh)
            except NoToken:
                if kept.lives(now, not_this):
                    return kept.access
                raise
            except TokenRefused as refused:
                if refused.error != "invalid_grant":
                    raise
                said = f'{refused.reason}; the login is revoked or has expired: run "mailbot token {self.name}"'
                write(replace(kept, access="", refused=said, refused_at=now))
                raise TokenRefused(refused.server, refused.error, said) from None
            write(_with(kept, granted, now))
        return granted.access

    # --- the file -------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread of one process at a time. The kernel frees the lock of whoever dies."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _belongs_to(self.folder, self.folder.parent)
            lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NoToken(self.client.server, f"{self.folder} cannot be written: {why(error)}") from None
        try:
            with suppress(OSError):
                _belongs_to(lock, self.folder)
            end = time.monotonic() + _PATIENCE
            while not _locked(lock):
                if time.monotonic() > end:
                    raise NoToken(self.client.server, "another thread or program has been asking it for too long")
                time.sleep(0.05)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _writing(self) -> Iterator[Callable[[Kept], None]]:
        """A new file with room for the tokens, made before they are asked for: a server that has taken the old refresh
        token back must not meet a full disk. Write, bring to disk, rename, bring the name to disk."""
        try:
            handle, name = tempfile.mkstemp(prefix=".token-", dir=self.folder)
        except OSError as error:
            raise NoToken(self.client.server, f"{self.folder} cannot be written: {why(error)}") from None
        new = Path(name)
        try:
            try:
                _belongs_to(handle, self.folder)
                os.posix_fallocate(handle, 0, _ROOM)
            except OSError as error:
                raise NoToken(self.client.server, f"there is no room to keep a token: {why(error)}") from None

            def write(kept: Kept) -> None:
                written = json.dumps({one: _written(getattr(kept, one)) for one in Kept.__dataclass_fields__})
                try:
                    os.ftruncate(handle, os.pwrite(handle, written.encode(), 0))
                    os.fsync(handle)
                    new.rename(self._file)
                    folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
                    try:
                        os.fsync(folder)
                    finally:
                        os.close(folder)
                except OSError as error:
                    raise NoToken(self.client.server, f"{self._file} cannot be written: {why(error)}") from None

            yield write
        finally:
            os.close(handle)
            new.unlink(missing_ok=True)


def _with(kept: Kept, granted: Granted, now: datetime) -> Kept:
    """What counts from now on. A new refresh token begins a new age."""
    fresh = granted.refresh not in ("", kept.refresh)
    until = kept.refresh_until if not fresh else None
    if granted.refresh_lasts is not None:
        until = now + timedelta(seconds=granted.refresh_lasts)
    return Kept(
        refresh=granted.refresh or kept.refresh,
        refresh_from=now if fresh or kept.refresh_from is None else kept.refresh_from,
        refresh_until=until,
        access=granted.access,
        access_from=now,
        access_until=now + timedelta(seconds=granted.lasts),
        given=kept.given,
    )


def _belongs_to(file: int | Path, folder: Path) -> None:
    """`mailbot token` is run by root, too, and the daemon must read what it wrote."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _now() -> datetime:
    return datetime.now(UTC)


def _read(name: str, value: Any) -> Any:
    if name.endswith(("_from", "_until", "_at")):
        return None if value is None else datetime.fromisoformat(value)
    if not isinstance(value, str):
        raise ValueError(name)
    return value


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
