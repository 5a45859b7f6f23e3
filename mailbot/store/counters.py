"""Ticket numbers: they rise by year and prefix, and none is given twice. Inside the caller's transaction."""

from __future__ import annotations

from mailbot.store.database import Store


def following(store: Store, prefix: str, year: int) -> int:
    """The next number, which nobody else gets."""
    store.execute(
        "INSERT INTO counters (prefix, year, last) VALUES (?, ?, 1)"
        " ON CONFLICT (prefix, year) DO UPDATE SET last = last + 1",
        prefix,
        year,
    )
    return _last(store, prefix, year)


def raise_to(store: Store, prefix: str, year: int, last: int) -> int:
    """No number up to `last` is given any more; returns how far the counter stands."""
    store.execute(
        "INSERT INTO counters (prefix, year, last) VALUES (?, ?, ?)"
        " ON CONFLICT (prefix, year) DO UPDATE SET last = max(last, ?3)",
        prefix,
        year,
        last,
    )
    return _last(store, prefix, year)


def _last(store: Store, prefix: str, year: int) -> int:
    return int(store.value("SELECT last FROM counters WHERE prefix = ? AND year = ?", prefix, year))
