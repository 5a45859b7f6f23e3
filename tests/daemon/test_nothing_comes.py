"""What mailboxes to which nothing comes cost: hundreds of them share one daemon."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mailbot.clock import Clock, RehearsalClock
from mailbot.config.settings import load
from mailbot.config.site import Site, open_sites
from mailbot.daemon.folder_thread import Watcher
from mailbot.daemon.shared_state import Board
from mailbot.daemon.ticket_thread import Clerk
from tests.mailservers.faulty import FaultyImap
from tests.mailservers.process import wait_until
from tests.running import PATIENCE
from tests.world import PaperWorld, configured

_MAIL = b"From: a@penyedia.test\r\nSubject: Hal\r\n\r\nTidak bisa masuk.\r\n"


class _Watched:
    """A folder that is watched, and how often somebody was told of news."""

    def __init__(self, site: Site, data: Path) -> None:
        self.site, self.told = site, 0
        self.board = Board([site], Clock())
        self.watcher = Watcher(site.name, "INBOX", self.board, data, self._tell, self._damaged)

    def _tell(self, mailbox: str) -> None:
        assert mailbox == self.site.name
        self.told += 1

    def _damaged(self, error: Exception) -> None:
        raise AssertionError(error)


@contextlib.contextmanager
def _watched(server: FaultyImap, folder: Path) -> Iterator[_Watched]:
    written = configured(server.port, 25, "rahasia", folder, imap={"poll": "1s"})
    (folder / "config.yaml").write_text(yaml.safe_dump(written))
    config = load(folder / "config.yaml")
    found = _Watched(open_sites(config)[0], config.data)
    found.watcher.start()
    try:
        wait_until(lambda: found.told == 1, PATIENCE, "the first look is not told")
        yield found
    finally:
        found.watcher.stop()
        assert found.watcher.join(PATIENCE)


def _looks(server: FaultyImap) -> int:
    return server.commands.count(b"NOOP")


def test_a_look_that_finds_nothing_is_told_to_nobody_and_counts_all_the_same(tmp_path: Path) -> None:
    with FaultyImap() as server, _watched(server, tmp_path) as one:
        wait_until(lambda: one.board.seen(one.site.name) is not None, PATIENCE, "no look counts")
        before, looks = one.board.seen(one.site.name), _looks(server)
        wait_until(lambda: _looks(server) > looks + 2, PATIENCE, "it does not look")
        after = one.board.seen(one.site.name)
        assert before is not None and after is not None and before < after
        assert one.told == 1


def test_while_a_mail_waits_to_be_handled_each_look_is_told_and_none_counts(tmp_path: Path) -> None:
    with FaultyImap() as server, _watched(server, tmp_path) as one:
        server.messages[1] = _MAIL
        wait_until(lambda: one.told > 3, PATIENCE, "the clerk is not rung")
        seen, looks = one.board.seen(one.site.name), _looks(server)
        wait_until(lambda: _looks(server) > looks + 1, PATIENCE, "it does not look")
        assert one.board.seen(one.site.name) == seen


def test_a_look_that_somebody_asked_for_is_told_though_it_finds_nothing(tmp_path: Path) -> None:
    with FaultyImap() as server, _watched(server, tmp_path) as one:
        one.watcher.look()
        wait_until(lambda: one.told == 2, PATIENCE, "who asked hears nothing")


@pytest.mark.parametrize(
    ("folders", "seconds"), [(1, math.inf), (100, math.inf), (101, 5.0), (200, 5.0), (600, 15.0), (601, math.inf)]
)
def test_in_a_crowd_silence_is_doubted_where_a_question_is_sooner_than_the_servers_own_look(
    tmp_path: Path, folders: int, seconds: float
) -> None:
    one = _Watched(PaperWorld(tmp_path).site, tmp_path)
    server = one.site.config.imap.server
    one.board._folders[server] = folders
    assert one.watcher._ask_every(one.site) == seconds
    for _ in range(2):
        one.board.late(server)
    assert one.watcher._ask_every(one.site) == max(5.0, folders / 40), "that it is late is known"


def test_the_postman_is_not_rung_by_a_turn_that_lets_nothing_more_leave(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path)
    rung = list[str]()
    board = Board([office.site], RehearsalClock(office.now))
    clerk = Clerk(board, office.store.folder, rung.append, lambda error: None)
    clerk._turn(office.store, office.site)  # what is told once, as of the calendar
    rung.clear()
    clerk._turn(office.store, office.site)
    assert rung == []
    board.looked(office.site.name, "INBOX", board.begin())
    clerk._turn(office.store, office.site)
    assert rung, "what waited for this look may leave"
    rung.clear()
    office.drop(_MAIL)
    clerk._turn(office.store, office.site)
    assert rung
