"""The database file: opening, migrations, transactions. The only importer of sqlite_utils.

Every write happens inside `immediate()`: BEGIN IMMEDIATE takes the write lock before the first read, because a
deferred transaction that reads and then writes fails at once beside a second writer, whatever the busy time-out.
WAL with synchronous=FULL: what is committed survives the power cut, and no effect leaves before its commit.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlite_utils import Migrations

from mailbot import log
from mailbot.errors import Damaged, TemporaryFailure
from mailbot.schema import MIGRATIONS

Row = Mapping[str, Any]
Value = str | int | bytes | float | None


def to_text(at: datetime) -> str:
    """An aware instant as UTC text of one width."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def to_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _migrations() -> Migrations:
    migrations = Migrations("mailbot")

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
    return migrations


_NAME = "mailbot.sqlite"
#: Seconds that a writer waits for another one, of this process or not.
_PATIENCE = 30.0
#: One lock a database file: threads of this process that want to write wait for their turn here, where they are woken
#: at once. SQLite itself would let them sleep and ask again, up to a tenth of a second each time.
_turns: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


class Store:
    """One connection, owned by one thread."""

    def __init__(self, db: sqlite_utils.Database, folder: Path) -> None:
        self._db = db
        self.folder = folder
        self._turn = _turns[folder.resolve()]

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open (or make) `mailbot.sqlite` in the data folder and bring it up to date.

        Raises TemporaryFailure when disk or lock do not allow it, Damaged for a broken file.
        """
        path = folder / _NAME
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / "raw").mkdir(mode=0o700, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_PATIENCE)
            path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            # Plugins of sqlite-utils that happen to be installed have no business in a daemon.
            db = sqlite_utils.Database(connection, execute_plugins=False, strict=True)
            _migrations().apply(db)
        except sqlite3.OperationalError as error:
            raise TemporaryFailure(str(path), str(error)) from error
        except sqlite3.DatabaseError as error:
            raise Damaged(str(path), f"not a usable database: {error}") from error
        except OSError as error:
            raise TemporaryFailure(str(path), error.strerror or str(error)) from error
        return cls(db, folder)

    def close(self) -> None:
        self._db.close()

    def copy_to(self, folder: Path) -> None:
        """The database as it is at this moment, also while others write to it, as a new file in `folder`."""
        with _understood():
            self._db.conn.execute("VACUUM INTO ?", (str(folder / _NAME),))

    # --- transactions -----------------------------------------------------------------------

    @contextmanager
    def immediate(self) -> Iterator[None]:
        """One transaction; nested ones join the outer. A full disk or a busy lock is a TemporaryFailure."""
        if self._db.conn.in_transaction:
            yield
            return
        with log.once_committed(), _understood(), self._taking_turns():
            try:
                self._db.conn.execute("BEGIN IMMEDIATE")
                yield
                self._db.conn.execute("COMMIT")
            except BaseException:
                if self._db.conn.in_transaction:  # SQLite itself rolls back on a full disk
                    self._db.conn.execute("ROLLBACK")
                raise

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=_PATIENCE):
            raise TemporaryFailure("database", "another thread has not ended its transaction")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside a transaction: all of this or nothing of it, while the transaction goes on."""
        self._inside()
        self._db.conn.execute("SAVEPOINT part")
        try:
            with log.part():
                yield
        except BaseException:
            self._db.conn.execute("ROLLBACK TO part")
            raise
        finally:
            self._db.conn.execute("RELEASE part")

    # --- reading and writing -------------------------------------------------------------------

    def rows(self, sql: str, *values: Value) -> list[Row]:
        """What a SELECT finds. Straight from the connection: `query()` of sqlite-utils puts a savepoint around each."""
        with _understood():
            cursor = self._db.conn.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def row(self, sql: str, *values: Value) -> Row | None:
        return next(iter(self.rows(sql, *values)), None)

    def value(self, sql: str, *values: Value) -> Any:
        """The first column of the first row, or None."""
        found = self.row(sql, *values)
        return None if found is None else next(iter(found.values()))

    def execute(self, sql: str, *values: Value) -> int:
        """A write; the number of rows it touched."""
        self._inside()
        return int(self._db.execute(sql, values).rowcount)

    def insert(self, table: str, **values: Value) -> int:
        """Insert one row, the id it got. Table and column names are the program's own, never input."""
        self._inside()
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        cursor = self._db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))
        return int(cursor.lastrowid or 0)

    def update(self, table: str, row_id: int, **values: Value) -> None:
        """Change columns of one row by id."""
        self._inside()
        columns = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"UPDATE {table} SET {columns} WHERE id = ?", (*values.values(), row_id))

    def _inside(self) -> None:
        if not self._db.conn.in_transaction:
            raise RuntimeError("a write outside immediate()")


@contextmanager
def _understood() -> Iterator[None]:
    """SQLite's errors in our two kinds: a lock or a full disk passes, a damaged file does not."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise TemporaryFailure("database", str(error)) from error
    except (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError):
        raise  # a fault of ours
    except sqlite3.DatabaseError as error:
        raise Damaged("database", f"damaged: {error}") from error


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it survives the power cut before its row exists: temporary, fsync, rename, fsync folder."""
    temporary = path.with_name(path.name + ".new")
    try:
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise TemporaryFailure(str(path), error.strerror or str(error)) from error
