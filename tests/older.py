"""A database as an earlier mailbot has left it."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from mailbot.store import database as module
from mailbot.store.database import NAME, Store
from mailbot.store.migrations import MIGRATIONS

#: The last migration of those that data folders outside of development may have.
LAST = "0004_assurance"


def content(path: Path) -> list[str]:
    """All that a database holds, as SQL."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


def database(of: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, last: str = LAST) -> None:
    """Makes one in `folder` in the schema of that migration, with what `of` holds as far as that schema knows it."""
    names = [name for name, _ in MIGRATIONS]
    with monkeypatch.context() as patched:
        patched.setattr(module, "MIGRATIONS", MIGRATIONS[: names.index(last) + 1])
        Store.open(folder).close()
    old = sqlite3.connect(folder / NAME)
    old.create_function("unpacked", 2, lambda raw, packed: zlib.decompress(raw) if packed else raw)
    old.execute("ATTACH ? AS present", (str(of.folder / NAME),))
    # What is searched for is made of the others, and triggers count.
    tables = (
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'"
        " AND name NOT LIKE 'search%' AND name NOT LIKE 'similar%' AND name <> 'tallies'"
    )
    for (table,) in old.execute(tables).fetchall():
        known, now = (
            [str(row[0]) for row in old.execute("SELECT name FROM pragma_table_info(?, ?)", (table, schema))]
            for schema in ("main", "present")
        )
        columns = [name for name in known if name in now]
        if not columns:  # a table that was replaced since
            continue
        values = list(columns)
        if table == "outbox" and "raw" in known and "raw" not in now:
            columns.append("raw")
            values.append("(SELECT unpacked(raw, packed) FROM present.outbox_bytes b WHERE b.id = o.id)")
        if table == "outbox_bytes" and "packed" not in known:
            values[columns.index("raw")] = "unpacked(raw, packed)"
        quoted = ", ".join(columns)
        old.execute(f"INSERT INTO main.{table} ({quoted}) SELECT {', '.join(values)} FROM present.{table} o")
    old.commit()
    old.close()
