"""What becomes of the data of an earlier mailbot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailbot.model import Role
from mailbot.store.database import Store
from mailbot.tickets import search, similar
from tests import older
from tests.steps import data_requested, minutes_later, opened, staff_writes
from tests.world import PaperWorld

_BYTES = "SELECT id, raw FROM outbox_bytes ORDER BY id"


def test_an_older_database_goes_on_with_all_that_it_holds(
    office: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(office, "Kami tidak bisa mengunggah dokumen penawaran.")
    staff_writes(office, "#lpse-support TTS-5512")
    staff_writes(office, "#jawab Silakan dicoba dengan peramban lain.")
    ended = office.rows("SELECT tts_at, status FROM tickets")[0]
    assert ended["status"] == "resolved"
    folder = tmp_path / "lama"
    folder.mkdir()
    older.database(office.store, folder, monkeypatch)
    store = Store.open(folder)
    try:
        assert store.value("PRAGMA integrity_check") == "ok" and store.rows("PRAGMA foreign_key_check") == []
        assert store.rows(_BYTES) == office.rows(_BYTES) != []
        [ticket] = store.rows("SELECT channel, problem, tts_at FROM tickets")
        assert ticket == {"channel": "email", "problem": None, "tts_at": ended["tts_at"]}
        assert store.rows("SELECT number, at, address FROM support_numbers") == [
            {"number": "TTS-5512", "at": ended["tts_at"], "address": "sari@batangkab.test"}
        ]
        assert search.find(store, office.site, "mengunggah", Role.STAFF).tickets == (1,)
        assert store.rows("SELECT rowid FROM similar") == []  # the words come a few at a time
        similar.catch_up(store, office.site)
        assert [row["rowid"] for row in store.rows("SELECT rowid FROM similar")] == [1]
        assert store.rows("SELECT * FROM unindexed") == []
    finally:
        store.close()


#: They grow for ever; a round that reads one of them whole takes longer each month.
_WHOLE = re.compile(
    r"SCAN (?:journal|texts|attachments|history|deadlines|outbox|tickets|breaches|[jxahdotb])\b"
    r"(?! USING INDEX deadlines_due)"  # of the running ones alone
    r"|SEARCH t USING COVERING INDEX tickets_open"  # every ticket of the mailbox, to look at what belongs to it
)


def test_no_table_that_grows_is_read_whole(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, None] = {}
    connection = office.store._db.conn
    once = office.once

    def watched() -> bool:
        connection.set_trace_callback(lambda sql: asked.setdefault(sql))
        try:
            return once()
        finally:
            connection.set_trace_callback(None)

    monkeypatch.setattr(office, "once", watched)
    data_requested(office)
    asking = office.last("pengguna", "user_data_request")
    office.write("pengguna", "Berikut datanya.", answers=asking, files=[("log.txt", b"galat 500")])
    office.once()
    staff_writes(office, "#teruskan")
    for command in ("#selesai Gangguan telah diperbaiki.", "#rekap", "#status", "#daftar", "#cari unggah", "#bukutamu"):
        minutes_later(office, 60)
        staff_writes(office, command)
    plans = {
        sql: [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
        for sql in asked
        if sql.startswith(("SELECT", "UPDATE", "DELETE"))
    }
    assert len(plans) > 100
    assert {sql: plan for sql, plan in plans.items() if any(map(_WHOLE.match, plan))} == {}
