"""The database file: opening, migrations, transactions. The only importer of sqlite_utils.

Every write happens inside `immediate()`: BEGIN IMMEDIATE takes the write lock before the first read, because a
deferred transaction that reads and then writes fails at once beside a second writer, whatever the busy time-out.
WAL with synchronous=FULL: what is committed survives the power cut, and no effect leaves before its commit.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mailbot import log
from mailbot.errors import Damaged, DiskFull, LaterData, PermanentFailure, TemporaryFailure
from mailbot.masking import mask
from mailbot.store import disk, turns
from mailbot.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    import sqlite_utils

Row = Mapping[str, Any]
Value = str | int | bytes | float | None

MIGRATIONS_SQL = "SELECT name FROM _sqlite_migrations"


def to_text(at: datetime) -> str:
    """An aware instant as UTC text of one width."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def to_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _bring_up_to_date(connection: sqlite3.Connection, folder: Path, *, aside: bool) -> None:
    seen, known = _applied(connection), {name for name, _ in MIGRATIONS}
    if later := seen - known:
        connection.close()
        raise LaterData(
            f"{folder / NAME} was written by a later mailbot than this one ({', '.join(sorted(later))});"
            " install that one again, or restore a backup that was made before it"
        )
    if seen == known:
        return
    with _alone(folder):
        seen = _applied(connection)  # another process may have been faster
        if seen == known:
            return
        if aside and seen:
            _copy_aside(connection, folder, seen)
        _migrate(connection)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time: a migration looks at what is there before it locks the database. Where the file
    system has no such locks, the slower one fails and is tried again."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _applied(connection: sqlite3.Connection) -> set[str]:
    """The names of the migrations that the database has seen."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone() is None:
        return set()
    return {str(row[0]) for row in connection.execute(MIGRATIONS_SQL)}


def _migrate(connection: sqlite3.Connection) -> None:
    import sqlite_utils  # here, as it takes 35 ms and nearly every start finds a database that is up to date

    migrations = sqlite_utils.Migrations("mailbot")

    def script(sql: str) -> Any:
        def apply(db: sqlite_utils.Database) -> None:
            # One statement at a time: executescript() would commit the migration's transaction.
            statement = ""
            for line in sql.splitlines(keepends=True):
                statement += line
                if sqlite3.complete_statement(statement):
                    db.execute(statement)
                    statement = ""

        return apply

    for name, sql in MIGRATIONS:
        migrations(name=name)(script(sql))
    # Plugins of sqlite-utils that happen to be installed have no business in a daemon.
    migrations.apply(sqlite_utils.Database(connection, execute_plugins=False, strict=True))


def _copy_aside(connection: sqlite3.Connection, folder: Path, seen: set[str]) -> None:
    """The database as an earlier mailbot has left it, beside its own file, under the name of its last migration."""
    copy = folder / f"mailbot-{max(seen)}.sqlite"
    new = copy.with_name(f"{copy.name}.new")
    try:
        new.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(new),))
        if migrations_of(new) == seen:  # else another process has begun to change it, and has its copy
            new.chmod(0o600)
            with new.open("rb") as file:
                os.fsync(file.fileno())
            new.replace(copy)
            sync_folder(folder)
    finally:
        new.unlink(missing_ok=True)


NAME = "mailbot.sqlite"
#: Its file says that the disk has failed: the database is examined before it is worked on again.
SUSPECT = "suspect"
#: Its file says that a restore has begun and not ended: what lies in the folder may be half of each.
RESTORING = "restoring"
#: Seconds that a writer waits for another one, of this process or not.
_PATIENCE = 30.0
#: Bytes from which on a database is large, and KiB of its pages that are kept then.
_LARGE, _CACHE = 2**30, 8192
#: Pages of a copy that are written in one go: 4 MB.
_PAGES = 1024


class Store:
    """One connection, owned by one thread."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self.folder = folder
        self._turns = turns.of(folder)
        self._understood = _Understood(folder)

    @classmethod
    def open(cls, folder: Path, *, aside: bool = True) -> Store:
        """Open (or make) `mailbot.sqlite` in the data folder and bring it up to date; before its schema changes it is
        copied aside. aside: False where it is a copy itself.

        Raises TemporaryFailure when disk or lock do not allow it, Damaged for a broken file, LaterData.
        """
        path = folder / NAME
        if (folder / RESTORING).exists():
            raise Damaged(str(path), 'a restore was begun and has not ended: call "mailbot restore" once more')
        make_folders(folder)
        try:
            connection = sqlite3.connect(path, timeout=_PATIENCE)
            path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA recursive_triggers = ON")
            # What a migration copies into the search tables holds no secrets.
            connection.create_function("masked", 1, lambda text: mask(str(text))[0], deterministic=True)
            _bring_up_to_date(connection, folder, aside=aside)
        except sqlite3.OperationalError as error:
            raise _meaning(error, folder) from error
        except sqlite3.DatabaseError as error:
            suspect(folder, str(error))
            raise Damaged(str(path), f"not a usable database: {error}") from error
        except OSError as error:
            raise of_disk(folder, str(path), error) from error
        return cls(connection, folder)

    def close(self) -> None:
        self._connection.close()

    def forgettable(self) -> None:
        """For data that are thrown away in any case: nothing waits for the disk any more."""
        self._connection.execute("PRAGMA synchronous = OFF")

    def widen(self) -> None:
        """For the connection that handles mails: what one mail asks of a large database lies on more pages than SQLite
        keeps in its 2 MB."""
        with self._understood:
            if (self.folder / NAME).stat().st_size > _LARGE:
                self._connection.execute(f"PRAGMA cache_size = -{_CACHE}")

    def complete(self) -> None:
        """Everything into the one file, and that on disk: for a database that is about to be moved."""
        with self._understood:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, folder: Path) -> None:
        """The database as it is at this moment, also while others write to it, as a new file in `folder`. A piece at a
        time, each on disk before the next: who commits meanwhile waits behind one piece, not behind all of it."""
        path = folder / NAME
        source = self._connection
        with self._understood, closing(sqlite3.connect(path)) as copy, path.open("rb") as file:
            copy.execute("PRAGMA synchronous = OFF")  # each piece is brought to disk here
            _begin_to_read(source)
            try:
                source.backup(copy, pages=_PAGES, progress=lambda *_: os.fdatasync(file.fileno()), sleep=0)
            finally:
                source.execute("ROLLBACK")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            os.fsync(file.fileno())

    # --- removing for good ----------------------------------------------------------------------

    def shred(self) -> None:
        """From here on what this connection removes is overwritten where it stood."""
        with self._understood:
            self._connection.execute("PRAGMA secure_delete = ON")

    def teach(self, name: str, told: Callable[[Any], Value]) -> None:
        """A function of one value for queries of this connection."""
        self._connection.create_function(name, 1, told, deterministic=True)

    def rewrite(self, holds: Callable[[str], bool], told: Callable[[str], str]) -> int:
        """Every text of every table that holds something, as it is to be from now on; how many rows. Search tables are
        their owners' (`search`). Inside a transaction."""
        self._inside()
        self.teach("holds", lambda text: int(isinstance(text, str) and holds(text)))
        self.teach("told", lambda text: told(text) if isinstance(text, str) and holds(text) else text)
        changed = 0
        for table in self._tables():
            columns = [row["name"] for row in self.rows(f"PRAGMA table_info({table})") if row["type"] == "TEXT"]
            if not columns:
                continue
            where = " OR ".join(f"holds({column})" for column in columns)
            values = ", ".join(f"{column} = told({column})" for column in columns)
            changed += self.execute(f"UPDATE OR IGNORE {table} SET {values} WHERE {where}")
            # What would have become the same as another row.
            self.execute(f"DELETE FROM {table} WHERE {where}")
        return changed

    def _tables(self) -> list[str]:
        """The tables that hold rows of their own: neither SQLite's nor those behind a search table."""
        rows = self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
        virtual = [row["name"] for row in rows if str(row["sql"]).startswith("CREATE VIRTUAL")]
        behind = tuple(f"{name}_" for name in virtual)
        return [
            row["name"]
            for row in rows
            if row["name"] not in virtual and not row["name"].startswith((*behind, "sqlite_", "_sqlite"))
        ]

    def compact(self) -> bool:
        """The file without free pages, and its log empty: what was removed stands nowhere any more. False: the log
        could not be emptied, because another process reads. Takes a while, in which nobody else writes."""
        with self._understood, self._taking_turns():
            self._connection.execute("VACUUM")
            end = time.monotonic() + _PATIENCE
            while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > end:
                    return False
                time.sleep(0.1)
        return True

    # --- transactions -----------------------------------------------------------------------

    @contextmanager
    def immediate(self) -> Iterator[None]:
        """One transaction; nested ones join the outer. A full disk or a busy lock is a TemporaryFailure."""
        if self._connection.in_transaction:
            yield
            return
        with log.once_committed(), self._understood, self._taking_turns():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back on a full disk
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is of one moment, whoever writes meanwhile. Nothing is written inside."""
        with self._understood:
            _begin_to_read(self._connection)
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        try:
            ours = self._turns.take(_PATIENCE)
        except OSError as error:
            raise TemporaryFailure("database", f"no lock can be had: {error.strerror or error}") from error
        if not ours:
            raise TemporaryFailure("database", "another thread has not ended its transaction")
        try:
            yield
        finally:
            self._turns.give_back()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside a transaction: all of this or nothing of it, while the transaction goes on."""
        self._inside()
        self._connection.execute("SAVEPOINT part")
        try:
            with log.part():
                yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            raise
        finally:
            self._connection.execute("RELEASE part")

    @property
    def changes(self) -> int:
        """How many rows this connection has changed since it was opened."""
        return self._connection.total_changes

    # --- reading and writing -------------------------------------------------------------------

    def rows(self, sql: str, *values: Value) -> list[Row]:
        """What a SELECT finds. Straight from the connection: `query()` of sqlite-utils puts a savepoint around each."""
        with self._understood:
            cursor = self._connection.execute(sql, values)
            found = cursor.fetchall()
            if not found:  # as most often
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in found]

    def tuples(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """The same as plain tuples, for hundreds of rows at a time."""
        with self._understood:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Value) -> Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def value(self, sql: str, *values: Value) -> Any:
        """The first column of the first row, or None."""
        with self._understood:
            found = self._connection.execute(sql, values).fetchone()
            return None if found is None else found[0]

    def changed(self, sql: str, *values: Value) -> Row | None:
        """A write with RETURNING: the row as it is from now on; None: it touched none."""
        self._inside()
        return self.row(sql, *values)

    def execute(self, sql: str, *values: Value) -> int:
        """A write; the number of rows it touched."""
        self._inside()
        return int(self._connection.execute(sql, values).rowcount)

    def insert(self, table: str, **values: Value) -> int:
        """Insert one row, the id it got. Table and column names are the program's own, never input."""
        self._inside()
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        cursor = self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))
        return int(cursor.lastrowid or 0)

    def update(self, table: str, row_id: int, **values: Value) -> None:
        """Change columns of one row by id."""
        self._inside()
        columns = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(f"UPDATE {table} SET {columns} WHERE id = ?", (*values.values(), row_id))

    def _inside(self) -> None:
        if not self._connection.in_transaction:
            raise RuntimeError("a write outside immediate()")


def _begin_to_read(connection: sqlite3.Connection) -> None:
    """What is read from here on stays the same until the transaction ends, whoever writes."""
    connection.execute("BEGIN")
    connection.execute("SELECT 1 FROM sqlite_master").fetchone()


class _Understood:
    """A block in which an error of SQLite becomes one of our kinds. A class, as a generator takes longer than most of
    the hundred statements of a mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _FAULTS_OF_OURS):
            raise _meaning(error, self._folder) from error


_FAULTS_OF_OURS = (sqlite3.IntegrityError, sqlite3.ProgrammingError)


def _meaning(error: sqlite3.DatabaseError, folder: Path) -> TemporaryFailure | Damaged:
    """SQLite's error in our kinds: a lock passes, a full disk too; a damaged file, or a disk that fails, does not."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    kind = code & 0xFF  # an extended code's primary one
    if kind == sqlite3.SQLITE_FULL:
        disk.ran_out(folder)
        return DiskFull("database", str(error))
    if kind in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        # SQLite names a full disk, but not a quota or a limit that is used up: so it is tried.
        if code not in _NOT_ON_DISK and (why := _lacks_room(folder)):
            return DiskFull("database", why)
        if kind == sqlite3.SQLITE_IOERR:
            suspect(folder, str(error))
            return Damaged("database", f"the disk has failed: {error}")
    if isinstance(error, sqlite3.OperationalError):
        return TemporaryFailure("database", str(error))
    suspect(folder, str(error))
    return Damaged("database", f"damaged: {error}")


#: The disk did not confirm a write: the kernel may have thrown away what it could not write, and a second try that
#: succeeds says nothing about the first. Never tried again.
_NOT_ON_DISK = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)


def _lacks_room(folder: Path) -> str:
    """The kernel's reason why the database cannot grow; "" where it can, or where that is not the trouble."""
    try:
        disk.can_write(folder, max((path.stat().st_size for path in folder.glob(f"{NAME}*")), default=0))
    except OSError as tried:
        if disk.no_room(tried):
            disk.ran_out(folder)
            return tried.strerror or "no room"
    return ""


def of_disk(folder: Path, what: str, error: OSError, *, confirming: bool = False) -> TemporaryFailure | Damaged:
    """What an error of the operating system means for the data folder; confirming: it came from fsync(2)."""
    reason = error.strerror or str(error)
    if disk.no_room(error):  # said by fsync too: the file is thrown away, and nothing rests on it
        disk.ran_out(folder)
        return DiskFull(what, reason)
    if confirming or error.errno == errno.EIO:
        suspect(folder, reason)
        return Damaged(what, f"the disk has failed: {reason}")
    return TemporaryFailure(what, reason)


def migrations_of(path: Path) -> set[str]:
    """The names of the migrations that a database file has seen. Raises Damaged."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return {str(row[0]) for row in connection.execute(MIGRATIONS_SQL)}
    except sqlite3.DatabaseError as error:
        raise Damaged(str(path), f"not a database of mailbot: {error}") from error


def last_numbers(path: Path) -> dict[tuple[str, int], int]:
    """(prefix, year) → the last ticket number, of a database that may be damaged; as far as it can be read."""
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        found = connection.execute("SELECT prefix, year, last FROM counters").fetchall()
        return {(str(prefix), int(year)): int(last) for prefix, year, last in found}
    return {}


def make_folders(folder: Path) -> None:
    """The data folder and the one for large mails, for nobody else's eyes. Raises TemporaryFailure."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "raw").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise of_disk(folder, str(folder), error) from error


#: Errors of a folder that no patience mends.
_NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)


def probe(folder: Path) -> None:
    """Whether the data folder can be made, or written if it is there; leaves nothing behind. Raises PermanentFailure
    where a person must mend it. Of other troubles the first write will tell."""
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with TemporaryDirectory(prefix=".mailbot-", dir=nearest):
            pass
    except OSError as error:
        if error.errno in _NOT_OURS:
            raise PermanentFailure(f"data: {folder}", f"cannot be written: {error.strerror}") from error


# --- whether it can be trusted ----------------------------------------------------------------------


def suspect(folder: Path, reason: str) -> None:
    """From now on the database is examined before the next start; as well as a failing disk lets us note it."""
    with suppress(OSError):
        (folder / SUSPECT).write_text(f"{reason}\n")


def trust(folder: Path) -> None:
    """Before work begins: after a failure of the disk the database is examined. Raises Damaged if it is not whole."""
    if (folder / RESTORING).exists() or not (folder / SUSPECT).exists():
        return
    if faults := examine(folder):
        raise Damaged(str(folder / NAME), f"damaged: {faults[0]}; restore a backup of it")
    with suppress(OSError):
        (folder / SUSPECT).unlink()


def examine(folder: Path) -> list[str]:
    """What is wrong with the database in `folder`, read only; empty: nothing, or there is none. Takes a while."""
    return examine_file(folder / NAME) if (folder / NAME).exists() else []


def examine_file(path: Path) -> list[str]:
    """The same of any database file."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(10)")]
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise TemporaryFailure(str(path), str(error)) from error
        return [str(error)]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [] if found == ["ok"] else found


#: Bytes that one call writes. With 2.7 MB it took Linux 6.18 and ext4 five times as long as eleven calls with these.
_AT_ONCE = 256 * 1024


def write_durably(path: Path, data: bytes, folder: Path) -> None:
    """Write a file so that it survives the power cut before its row exists: temporary, fsync, rename, fsync folder.

    folder: the data folder. Raises DiskFull, TemporaryFailure, or Damaged where the disk fails; then `path` is as it
    was.
    """
    temporary = path.with_name(path.name + ".new")
    confirming = False
    try:
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            for start in range(0, len(data), _AT_ONCE):
                file.write(memoryview(data)[start : start + _AT_ONCE])
            file.flush()
            confirming = True
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise of_disk(folder, str(path), error, confirming=confirming) from error


def sync_folder(folder: Path) -> None:
    """That its names are on disk. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
