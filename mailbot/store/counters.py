"""Ticket numbers: they rise by year and prefix, and none is given twice. Inside the caller's transaction."""

from __future__ import annotations

from mailbot.store.database import Row, Store


def following(store: Store, prefix: str, year: int) -> int:
    """The next number, which nobody else gets."""
    return _last(
        store.changed(
            "INSERT INTO counters (prefix, year, last) VALUES (?, ?, 1)"
            " ON CONFLICT (prefix, year) DO UPDATE SET last = last + 1 RETURNING last",
            prefix,
            year,
        )
    )


def raise_to(store: Store, prefix: str, year: int, last: int) -> int:
    """No number up to `last` is given any more; returns how far the counter stands."""
    return _last(
        store.changed(
            "INSERT INTO counters (prefix, year, last) VALUES (?, ?, ?)"
            " ON CONFLICT (prefix, year) DO UPDATE SET last = max(last, ?3) RETURNING last",
            prefix,
            year,
            last,
        )
    )


def _last(row: Row | None) -> int:
    assert row is not None
    return int(row["last"])
