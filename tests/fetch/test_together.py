"""Mails that came in one answer of the server are recorded together, and told of before the next are fetched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mailbot.errors import TemporaryFailure
from mailbot.fetch.accounts import imap_endpoint
from mailbot.fetch.folder import FolderReader
from mailbot.servers import imap
from mailbot.store.database import Store
from tests.fetch.test_epochs import START, Site
from tests.mailservers.faulty import DROP, FaultyImap, On


def _read(site: Site, seen: list[int]) -> None:
    def news() -> None:
        seen.append(len(site.rows("SELECT 1 FROM journal")))
        assert not site.store._connection.in_transaction

    with imap.connect(imap_endpoint(site.site)) as session:
        reader = FolderReader(site.store, site.site, "INBOX", site.clock, news)
        reader.read(session, session.select("INBOX"))


def _commits(site: Site, seen: list[int]) -> int:
    said: list[str] = []
    site.store._connection.set_trace_callback(said.append)
    try:
        _read(site, seen)
    finally:
        site.store._connection.set_trace_callback(None)
    return said.count("COMMIT")


@contextmanager
def _site(tmp_path: Path, *script: On) -> Iterator[Site]:
    with FaultyImap(script) as server:
        site = Site(server, tmp_path, imap={"since": "2020-01-01"})
        yield site
        site.store.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with _site(tmp_path) as found:
        yield found


def test_what_came_in_one_answer_costs_one_commit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "MAILS_PER_FETCH", 5)
    seen: list[int] = []
    site.put(12, START)
    _read(site, [])
    site.put(12, START)
    # Three answers of five, five and two mails, and the end of the look.
    assert _commits(site, seen) == 3 + 1
    assert seen == [17, 22, 24]
    assert site.rows("SELECT last_uid FROM folders") == [{"last_uid": 24}]


def test_a_large_mail_keeps_no_transaction_open_while_it_is_fetched(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "CHUNK", 1000)
    open_: list[bool] = []
    in_chunks = imap.Session._in_chunks

    def watched(session: imap.Session, uid: int, size: int, max_size: int) -> bytes | None:
        open_.append(site.store._connection.in_transaction)
        return in_chunks(session, uid, size, max_size)

    monkeypatch.setattr(imap.Session, "_in_chunks", watched)
    site.put(3, START)
    site.server.messages[2] += b"x" * 5000 + b"\r\n"
    seen: list[int] = []
    _read(site, seen)
    assert (open_, seen) == ([False], [1, 2, 3])


@pytest.mark.parametrize("second", [imap.Vanished(2), imap.Unreadable(2, "NO")], ids=["vanished", "unreadable"])
def test_the_cursor_passes_no_mail_of_an_answer_before_it_is_recorded(
    site: Site, monkeypatch: pytest.MonkeyPatch, second: imap.Vanished | imap.Unreadable
) -> None:
    """Whatever else comes in the same answer: a death between two of its mails loses none."""
    fetch, execute = imap.Session.fetch_together, Store.execute
    cursors: list[tuple[int, int]] = []

    def mixed(session: imap.Session, uids: list[int], max_size: int) -> Iterator[list[Any]]:
        for together in fetch(session, uids, max_size):
            yield [second if item.uid == 2 else item for item in together]

    def noted(store: Store, sql: str, *values: Any) -> int:
        found = execute(store, sql, *values)
        [row] = store.rows("SELECT last_uid, (SELECT count(*) FROM journal WHERE uid = 1) AS first FROM folders")
        cursors.append((row["last_uid"], row["first"]))
        return found

    site.put(3, START)
    monkeypatch.setattr(imap.Session, "fetch_together", mixed)
    monkeypatch.setattr(Store, "execute", noted)
    _read(site, [])
    assert [row["uid"] for row in site.rows("SELECT uid FROM journal ORDER BY uid")] == [1, 3]
    assert [first for last, first in cursors if last >= 1] and all(first for last, first in cursors if last >= 1)


def test_where_the_connection_breaks_the_answers_before_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAILS_PER_FETCH", 2)
    with _site(tmp_path, On(r"UID FETCH 3[,:]4 \(BODY", DROP)) as site:
        site.put(5, START)
        seen: list[int] = []
        with pytest.raises(TemporaryFailure):
            _read(site, seen)
        assert seen == [2]
        assert site.rows("SELECT last_uid FROM folders") == [{"last_uid": 2}]
