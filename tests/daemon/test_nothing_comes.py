"""What mailboxes to which nothing comes cost: hundreds of them share one daemon."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bench.fleet import fleet
from mailbot.clock import Clock, RehearsalClock
from mailbot.config.settings import load
from mailbot.config.site import Site, open_sites
from mailbot.daemon import folder_thread, run
from mailbot.daemon.folder_thread import Watcher
from mailbot.daemon.notify import Notifier
from mailbot.daemon.run import Daemon
from mailbot.daemon.shared_state import Board
from mailbot.daemon.ticket_thread import Clerk
from mailbot.store import agenda
from mailbot.store.database import Store
from tests.mailservers.faulty import FaultyImap, On
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


def _asked(server: FaultyImap) -> int:
    return server.commands.count(b"NOOP")


def _looks(server: FaultyImap) -> int:
    return sum(command.startswith(b"UID SEARCH") for command in list(server.commands))


def test_an_answer_that_nothing_has_changed_is_told_to_nobody_and_counts_as_a_look(tmp_path: Path) -> None:
    with FaultyImap() as server, _watched(server, tmp_path) as one:
        wait_until(lambda: one.board.looked_at(one.site.name) is not None, PATIENCE, "no look counts")
        before, asked, looks = one.board.looked_at(one.site.name), _asked(server), _looks(server)
        wait_until(lambda: _asked(server) > asked + 2, PATIENCE, "it does not ask")
        after = one.board.looked_at(one.site.name)
        assert before is not None and after is not None and before < after
        assert one.told == 1 and _looks(server) == looks


def test_after_a_look_that_did_not_bring_all_there_is_a_look_each_time(tmp_path: Path) -> None:
    with FaultyImap([On("UID FETCH", "%tag% NO not now")] * 50) as server, _watched(server, tmp_path) as one:
        server.messages[1] = _MAIL
        wait_until(lambda: _looks(server) > 4, PATIENCE, "it does not look again")
        assert one.watcher.trouble == ""


def test_a_mail_of_which_the_server_tells_sooner_than_it_finds_the_mail_is_looked_for_again(tmp_path: Path) -> None:
    with FaultyImap([On("UID SEARCH", "* SEARCH", "%tag% OK done")] * 2) as server, _watched(server, tmp_path) as one:
        server.messages[1] = _MAIL
        wait_until(lambda: one.told > 1, PATIENCE, "the mail is not found")
        assert _looks(server) > 2


def test_the_server_is_believed_for_a_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_thread, "_BELIEVED", 2.0)
    with FaultyImap() as server, _watched(server, tmp_path):
        looks, asked = _looks(server), _asked(server)
        wait_until(lambda: _looks(server) > looks + 1, PATIENCE, "it does not look again")
        assert _asked(server) - asked > _looks(server) - looks


def test_a_mail_of_which_the_server_tells_only_who_asks_is_found_in_the_next_poll(tmp_path: Path) -> None:
    with FaultyImap() as server, _watched(server, tmp_path) as one:
        looks = _looks(server)
        server.messages[1] = _MAIL
        wait_until(lambda: one.told > 1, PATIENCE, "nobody is told")
        assert _looks(server) > looks


def test_all_up_to_a_look_that_nobody_asked_for_counts_as_handled_where_no_mail_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_thread, "_BELIEVED", 1.0)
    with FaultyImap() as server, _watched(server, tmp_path) as one:
        wait_until(lambda: one.board.seen(one.site.name) is not None, PATIENCE, "no look counts")
        assert one.told == 1
        server.messages[1] = _MAIL
        wait_until(lambda: one.told > 3, PATIENCE, "the clerk is not rung")
        seen, looks = one.board.seen(one.site.name), _looks(server)
        wait_until(lambda: _looks(server) > looks + 1, PATIENCE, "it does not look")
        assert one.board.seen(one.site.name) == seen, "a mail waits"


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


def _rung(folder: Path, monkeypatch: pytest.MonkeyPatch, many: int) -> tuple[Daemon, list[str]]:
    """A daemon with so many mailboxes that has not begun, and what rings its clerk."""
    (folder / "config.yaml").write_text(yaml.safe_dump(fleet(many, 143, 25, folder)))
    daemon = Daemon(load(folder / "config.yaml"), Clock(), Notifier(), apart=True)
    rung: list[str] = []
    monkeypatch.setattr(daemon._clerk, "ring", rung.append)
    return daemon, rung


def test_each_mailbox_has_its_turn_for_what_goes_by_the_calendar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_IN_TURN", 2)
    daemon, rung = _rung(tmp_path, monkeypatch, 5)
    with contextlib.closing(Store.open(daemon.config.data)) as store:
        for _ in range(5):
            before = len(rung)
            daemon._tend(store)
            assert len(rung) == before + 2
    assert sorted(rung) == sorted(2 * [f"lpse{number}" for number in range(5)])


def test_few_mailboxes_all_have_it_each_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon, rung = _rung(tmp_path, monkeypatch, 3)
    with contextlib.closing(Store.open(daemon.config.data)) as store:
        for minute in 1, 2:
            daemon._tend(store)
            assert sorted(rung) == sorted(minute * ["lpse0", "lpse1", "lpse2"])


def test_where_something_waits_the_clerk_is_rung_each_minute(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path)
    assert agenda.to_tend(office.store, office.now) == set()
    office.drop(_MAIL)
    assert agenda.to_tend(office.store, office.now) == set(), "it is handled at once"
    assert agenda.to_tend(office.store, office.now + timedelta(hours=2)) == {"batang"}, "it has no outcome"
    office.once()
    with office.store.immediate():
        office.store.execute("UPDATE outbox SET held = 1, held_by = 'address'")
    assert agenda.to_tend(office.store, office.now) == {"batang"}
    with office.store.immediate():
        office.store.execute("UPDATE outbox SET held = 0")
        office.store.execute("INSERT INTO unindexed SELECT id FROM tickets")
    assert agenda.to_tend(office.store, office.now) == {"batang"}
