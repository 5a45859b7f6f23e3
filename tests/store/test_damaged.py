"""A database that is damaged in the middle: the round ends at once, for a person to look, and nothing is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.clock import RehearsalClock
from mailbot.daemon.round import Office
from mailbot.errors import Damaged
from mailbot.store.database import Store
from tests.mailservers import MailServers
from tests.world import World


def _damage(database: Path, table: str) -> None:
    """Overwrite the root page of a table, as a failing disk does."""
    store = Store.open(database.parent)
    store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    page = int(store.value("SELECT rootpage FROM sqlite_master WHERE name = ?", table))
    size = int(store.value("PRAGMA page_size"))
    store.close()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("table", ["tickets", "journal"])
def test_a_round_on_a_damaged_database_ends_at_once(servers: MailServers, tmp_path: Path, table: str) -> None:
    world = World(servers, tmp_path)
    world.at("2026-12-21 09:00")
    world.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    world.once()
    before = len(world.letters("petugas"))
    world.write("orang luar", "Kami juga.", subject="Masuk juga")
    _damage(world.config.data / "mailbot.sqlite", table)
    store = Store.open(world.config.data)
    try:
        with pytest.raises(Damaged):
            Office(world.config, store, RehearsalClock(world.now)).once()
    finally:
        store.close()
    servers.settle()
    assert len(world.letters("petugas")) == before
