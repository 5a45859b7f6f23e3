"""The database's schema as numbered migrations, a file each in this folder, in the order of their names.

An applied one is never changed, only followed by another: its file's name stands in each database that has seen it.
Instants are UTC text of one width ("2026-12-23T02:00:00.000000+00:00"), so that they compare as text. What a statement
cannot say, a function does that `Store.open` gives to SQLite (`masked`).
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
#: (name, statements).
MIGRATIONS: tuple[tuple[str, str], ...] = tuple(
    (path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.sql"))
)
