"""How often a mail asks the database: each statement costs some 15 µs, and in the course of years they become more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.store import database
from mailbot.store.database import Store
from tests.world import NO_CAPS, PEOPLE, PaperWorld

#: Of a plain mail that opens a ticket, with a mail to its user and one to a member of staff. It had been 101.
_MOST = 75


def test_a_plain_new_mail_does_not_ask_for_the_same_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PaperWorld(tmp_path, limits=NO_CAPS, staff=[{"name": "Sari", "address": PEOPLE["petugas"]}])
    office.write("pengguna", "Kami tidak bisa masuk.\n\nHormat kami,\nBudi\nPT Maju\n")
    asked: list[str] = []

    def noting(way: Callable[..., Any]) -> Callable[..., Any]:
        def noted(store: Store, sql: str, *values: Any, **named: Any) -> Any:
            asked.append(sql)
            return way(store, sql, *values, **named)

        return noted

    for name in ("rows", "value", "execute", "insert", "update"):
        monkeypatch.setattr(Store, name, noting(getattr(Store, name)))
    assert Intake(office.store, office.site, [office.site.config.ticket_prefix]).handle_one(1, office.now)
    monkeypatch.undo()
    rows = office.rows("SELECT template FROM outbox ORDER BY id")
    office.store.close()
    assert [row["template"] for row in rows] == ["user_acknowledgement", "staff_new_ticket"]
    assert 40 < len(asked) <= _MOST, "\n".join(sorted(asked))


def test_the_connection_that_handles_mails_keeps_more_pages_of_a_large_database(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.store.widen()
    assert office.store.value("PRAGMA cache_size") == -2000, "SQLite's own measure"
    monkeypatch.setattr(database, "_LARGE", 1)
    office.store.widen()
    assert office.store.value("PRAGMA cache_size") == -8192
