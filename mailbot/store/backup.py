"""A backup of the data as one file, also while the daemon works; and putting one back.

The file is a tar archive: the database, the large mails that lie beside it, and at its end a list with the SHA-256 of
each. What is cut off, altered or not ours is refused before anything is touched. A database that is replaced is kept
aside, never written over. `restored` and `renumbering` have what follows.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from mailbot import __version__
from mailbot.errors import Damaged, PermanentFailure
from mailbot.store import database, mail_bytes, restored
from mailbot.store.database import NAME, RESTORING, SUSPECT, Store, of_disk, sync_folder, to_instant, to_text
from mailbot.store.migrations import MIGRATIONS

_LIST = "list.json"
_RAW = re.compile(r"raw/([0-9a-f]{64})\.(?:eml|part)")
#: Bytes of the list that are read: a line a mail, of a million mails.
_LONGEST_LIST = 200 << 20
_PIECE = 1 << 20
#: Bytes of an archive after which it is brought to disk.
_ON_DISK = 4 << 20
#: Names of folders for what is not finished yet; what a killed process has left of them is in nobody's way.
_BACKING_UP, _RESTORING = ".mailbot-backup-", ".mailbot-restore-"

#: Told how many bytes have been dealt with, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup. missing: large mails of which the file was gone."""

    path: Path
    size: int
    sha256: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """made_at: when the backup was made. aside: where the replaced database lies now; None: there was none."""

    made_at: datetime
    aside: Path | None


_NAME = "mailbot-%Y%m%d-%H%M%S.tar"


def default_name(now: datetime) -> str:
    return now.astimezone(UTC).strftime(_NAME)


def time_of(name: str) -> datetime | None:
    """When a file with a name as `default_name` gives it was made; None: it is named otherwise."""
    try:
        return datetime.strptime(name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


# --- making ---------------------------------------------------------------------------------------------


def make(data: Store, path: Path, now: datetime, progress: Progress = lambda *_: None) -> Made:
    """Write a backup to `path`, which has the old content or the new, never a part. `now`: aware.

    Raises Damaged where the database is not whole (nothing is written then), TemporaryFailure where the disk is full.
    """
    if faults := database.examine(data.folder):
        raise Damaged(str(data.folder / NAME), f"damaged: {faults[0]}; no backup is made of it")
    try:
        _sweep(path.parent, _BACKING_UP, before=now - timedelta(days=1))  # another one may be at work
        with tempfile.TemporaryDirectory(prefix=_BACKING_UP, dir=path.parent) as name:
            folder = Path(name)
            data.copy_to(folder)
            if faults := database.examine_file(folder / NAME):
                raise Damaged(str(path), f"the copy is damaged: {faults[0]}")
            archive = folder / "archive"
            missing = _write(archive, folder / NAME, data.folder / "raw", _large(data), now, progress)
            archive.replace(path)
            sync_folder(path.parent)
        return Made(path, path.stat().st_size, _digest(path), tuple(missing))
    except OSError as error:
        raise of_disk(path.parent, str(path), error) from error


def _large(data: Store) -> list[str]:
    """Names of files that rows name. Their files come before the rows, and stay: a row too many cannot be here."""
    rows = data.rows("SELECT DISTINCT raw_file FROM journal WHERE raw_file IS NOT NULL ORDER BY id")
    return [*(str(row["raw_file"]) for row in rows), *mail_bytes.files(data)]


def _write(archive: Path, copy: Path, raw: Path, large: Sequence[str], now: datetime, progress: Progress) -> list[str]:
    """The archive, on disk; the names of the large files that were not there."""
    files = [(NAME, copy), *((f"raw/{name}", raw / name) for name in large)]
    there = [(name, path) for name, path in files if path.exists()]
    total, done = sum(path.stat().st_size for _, path in there), 0
    digests: dict[str, str] = {}
    with open(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, path in there:
                with path.open("rb") as content:
                    reader = _Hashing(content, file)
                    tar.addfile(_entry(name, path.stat().st_size, now), reader)
                digests[name] = reader.digest()
                progress(done := done + path.stat().st_size, total)
            missing = [name.removeprefix("raw/") for name, path in files if name not in digests]
            about = {"made_at": to_text(now), "mailbot": __version__, "files": digests, "missing": missing}
            listed = json.dumps(about, indent=0).encode()
            tar.addfile(_entry(_LIST, len(listed), now), io.BytesIO(listed))
        file.flush()
        os.fsync(file.fileno())
    return missing


def _entry(name: str, size: int, now: datetime) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(now.timestamp()), 0o600
    return entry


class _Hashing(io.RawIOBase):
    """A file that is read once, and its hash afterwards. What was written of it `to` another one is brought to disk
    piece by piece: else whoever commits meanwhile waits until all of it is there."""

    def __init__(self, file: IO[bytes], to: IO[bytes]) -> None:
        self._file, self._to, self._hash, self._written = file, to, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        if self._written >= _ON_DISK:
            self._to.flush()
            os.fdatasync(self._to.fileno())
            self._written = 0
        piece = self._file.read(size)
        self._hash.update(piece)
        self._written += len(piece)
        return piece

    def digest(self) -> str:
        return self._hash.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sweep(folder: Path, prefix: str, before: datetime) -> None:
    for left in folder.glob(f"{prefix}*"):
        if left.stat().st_mtime < before.timestamp():
            shutil.rmtree(left, ignore_errors=True)


# --- opening -------------------------------------------------------------------------------------------------


def verify(path: Path) -> datetime:
    """Open a backup as `restore` does, and put nothing back; when it was made.

    Raises PermanentFailure for a file that is no whole backup, Damaged, TemporaryFailure where there is no room for its
    database a second time.
    """
    with _opening(path, path.parent), tempfile.TemporaryDirectory(prefix=_BACKING_UP, dir=path.parent) as name:
        made_at = _unpack(path, Path(name), None)
        if faults := database.examine_file(Path(name) / NAME):
            raise Damaged(str(path), f"the backup's database is damaged: {faults[0]}")
        return made_at


@contextmanager
def _opening(path: Path, onto: Path) -> Iterator[None]:
    """Around the reading of a backup. onto: the folder whose disk may be full."""
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise PermanentFailure(str(path), f"no whole backup of mailbot: {error}") from error
    except OSError as error:
        raise of_disk(onto, error.filename or str(path), error) from error


# --- putting back -----------------------------------------------------------------------------------------


def restore(data: Path, mailboxes: Sequence[str], path: Path, now: datetime) -> Restored:
    """Put a backup in the place of the database in the data folder, of which the caller holds the lock.

    Everything is unpacked and examined first. A crash after that leaves a folder that refuses to be worked on until
    this is called once more. Raises PermanentFailure for a file that is no whole backup, Damaged, TemporaryFailure.
    """
    database.make_folders(data)
    with _opening(path, data):
        _sweep(data, _RESTORING, before=datetime.now(UTC))
        with tempfile.TemporaryDirectory(prefix=_RESTORING, dir=data) as name:
            new = Path(name)
            made_at = _unpack(path, new, data / "raw")
            _prepare(new, data, mailboxes, made_at, now)
            return Restored(made_at, _exchange(data, new / NAME, now))


def _unpack(path: Path, new: Path, raw: Path | None) -> datetime:
    """The database into `new`, large files to the others (their names are their hashes); when it was made.
    raw: None where the large files are only read."""
    found: dict[str, str] = {}
    about = None
    with tarfile.open(path, "r:") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None or about is not None or entry.name in found:
                raise PermanentFailure(str(path), f"no backup of mailbot: {entry.name[:80]!r} does not belong in it")
            if entry.name == _LIST:
                about = _read_list(path, content.read(_LONGEST_LIST))
            elif entry.name == NAME:
                found[NAME] = _copy(content, new / NAME)
            elif match := _RAW.fullmatch(entry.name):
                found[entry.name] = _hash(content) if raw is None else _copy(content, new / "large")
                if found[entry.name] != match[1]:
                    raise PermanentFailure(str(path), f"{entry.name} has been altered")
                if raw is not None:
                    (new / "large").replace(raw / entry.name.removeprefix("raw/"))
            else:
                raise PermanentFailure(str(path), f"no backup of mailbot: {entry.name[:80]!r} does not belong in it")
    if about is None:
        raise PermanentFailure(str(path), "the backup is cut short")
    if about[1] != found or NAME not in found:
        raise PermanentFailure(str(path), "the backup has been altered")
    if raw is not None:
        sync_folder(raw)
    return about[0]


def _read_list(path: Path, text: bytes) -> tuple[datetime, dict[str, str]]:
    try:
        about = json.loads(text)
        made_at = to_instant(about["made_at"])
        if made_at.tzinfo is None:
            raise ValueError("without a zone")
        return made_at, dict(about["files"])
    except (ValueError, TypeError, KeyError) as error:
        raise PermanentFailure(str(path), f"the backup's list cannot be read: {error}") from error


def _hash(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := content.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _copy(content: IO[bytes], path: Path) -> str:
    """Onto the disk; its hash."""
    digest = hashlib.sha256()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _prepare(new: Path, data: Path, mailboxes: Sequence[str], made_at: datetime, now: datetime) -> None:
    """Make the unpacked database one that mailbot can go on with, and whole on disk."""
    if faults := database.examine_file(new / NAME):
        raise Damaged(str(new / NAME), f"the backup's database is damaged: {faults[0]}")
    if later := database.migrations_of(new / NAME) - {name for name, _ in MIGRATIONS}:
        raise PermanentFailure("backup", f"it is of a later mailbot than this one ({', '.join(sorted(later))})")
    given = database.last_numbers(data / NAME) if (data / NAME).exists() else {}
    with closing(Store.open(new, aside=False)) as unpacked:
        restored.note(unpacked, list(mailboxes), made_at, now, given)
        unpacked.complete()


def _exchange(data: Path, new: Path, now: datetime) -> Path | None:
    """The old database aside, the new one in its place. Names alone change; a crash in between is noticed, since a
    database without its write-ahead log, or beside another one's, would be taken for a whole one."""
    old = [path for suffix in ("", "-wal", "-shm") if (path := data / f"{NAME}{suffix}").exists()]
    with _begun(data):
        aside = None
        if old:
            aside = _aside(data, now)
            for path in old:
                path.replace(aside / path.name)
            sync_folder(aside)
        new.replace(data / NAME)
        sync_folder(data)
    (data / SUSPECT).unlink(missing_ok=True)
    return aside


@contextmanager
def _begun(data: Path) -> Iterator[None]:
    mark = data / RESTORING
    mark.write_text("")
    sync_folder(data)
    yield
    mark.unlink()
    sync_folder(data)


def _aside(data: Path, now: datetime) -> Path:
    name = f"before-restore-{now:%Y%m%d-%H%M%S}"
    for number in range(100):
        path = data / (name if number == 0 else f"{name}-{number}")
        if not path.exists():
            path.mkdir(mode=0o700)
            return path
    raise PermanentFailure(str(data), f"too many folders {name}")
