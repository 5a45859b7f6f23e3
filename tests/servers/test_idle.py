"""Waiting for news at the IMAP edge: the server's word ends the wait, and silence, lies and lost lines do no harm."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Iterator

import pytest

from mailbot.errors import TemporaryFailure
from mailbot.servers import imap
from mailbot.servers.endpoint import Security
from mailbot.servers.wake import Wake, wait_readable
from tests.mailservers import MailServers
from tests.mailservers.faulty import DROP, HANG, RESET, Action, FaultyImap, On, split
from tests.servers.test_imap import MAIL, OK, OTHER, USER, session, site

LONG = 15.0  # seconds: a wait that lasts so long has missed what should have ended it


@pytest.fixture
def wake() -> Iterator[Wake]:
    bell = Wake()
    yield bell
    bell.close()


def _waited(one: imap.Session, wake: Wake, timeout: float = LONG) -> float:
    began = time.monotonic()
    one.wait_for_news(wake.fileno(), timeout)
    return time.monotonic() - began


@pytest.mark.parametrize("security", ["tls", "none"])
def test_a_mail_that_comes_ends_the_wait(servers: MailServers, wake: Wake, security: Security) -> None:
    servers.append(USER, MAIL)
    with imap.connect(site(servers, security)) as one:
        one.select("INBOX")
        assert one.offers_push()
        assert len(one.uids_after(0)) == 1
        arrival = threading.Timer(0.3, servers.append, (USER, OTHER))
        arrival.start()
        assert 0.2 < _waited(one, wake) < LONG / 2
        arrival.join()
        assert len(one.uids_after(0)) == 2


def test_a_ring_ends_the_wait_and_the_session_goes_on(servers: MailServers, wake: Wake) -> None:
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        threading.Timer(0.2, wake.ring).start()
        assert _waited(one, wake) < LONG / 2
        wake.silence()
        servers.append(USER, MAIL)
        assert len(one.uids_after(0)) == 1


def test_the_wait_ends_by_itself(servers: MailServers, wake: Wake) -> None:
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        assert 0.2 <= _waited(one, wake, 0.2) < 5
        one.wait_for_news(wake.fileno(), 0.1, push=False)
        assert one.uids_after(0) == []


@pytest.mark.mailservers
@pytest.mark.parametrize("doing", ["reading", "marking"])
def test_a_mail_that_is_told_of_inside_another_answer_is_not_waited_for(
    servers: MailServers, wake: Wake, doing: str
) -> None:
    servers.append(USER, MAIL)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        uids = one.uids_after(0)
        servers.append(USER, OTHER)
        if doing == "reading":
            list(one.fetch(uids, 1000))
        else:
            one.mark_done(uids, "keyword")
        assert _waited(one, wake) < LONG / 2
        assert len(one.uids_after(0)) == 2


def test_a_server_that_keeps_mail_to_itself_is_asked(wake: Wake) -> None:
    with FaultyImap() as server, session(server) as one:
        server.messages[1] = MAIL
        began = time.monotonic()
        assert one.wait_for_news(wake.fileno(), 0.2) == ""
        assert 0.2 <= time.monotonic() - began < LONG / 2
        assert one.has_news()
        assert one.uids_after(0) == [1]


def test_where_nothing_has_changed_there_is_no_news(wake: Wake) -> None:
    with FaultyImap() as server, session(server) as one:
        assert not one.has_news()
        assert one.wait_for_news(wake.fileno(), 0.1) == ""
        assert not one.has_news()
        assert server.commands.count(b"NOOP") == 2


def test_a_mail_that_came_in_the_place_of_another_is_news() -> None:
    with FaultyImap([On("NOOP", "* 1 EXPUNGE", OK)]) as server, session(server) as one:
        assert one.has_news()
        assert not one.has_news()


def test_who_ended_the_wait_is_told(wake: Wake) -> None:
    with FaultyImap([On("IDLE", "+ idling", "* 1 EXISTS")]) as server, session(server) as one:
        assert one.wait_for_news(wake.fileno(), LONG) == "server"
    with FaultyImap([On("NOOP", "* 1 EXISTS", OK)]) as server, session(server) as one:
        one._noop()
        assert one.wait_for_news(wake.fileno(), LONG) == "answer"
        wake.ring()
        assert one.wait_for_news(wake.fileno(), LONG) == "wake"
        assert one.wait_for_news(wake.fileno(), LONG, push=False) == "wake"


def test_news_in_one_piece_with_the_beginning_of_idle_is_not_missed(wake: Wake) -> None:
    with FaultyImap([On("IDLE", b"+ idling\r\n* 1 EXISTS\r\n")]) as server, session(server) as one:
        assert _waited(one, wake) < LONG / 2


def test_news_in_two_pieces_is_read_whole(wake: Wake) -> None:
    script = [On("IDLE", "+ idling", split(b"* 1 EXISTS\r\n", 5))]
    with FaultyImap(script) as server, session(server) as one:
        assert _waited(one, wake) < LONG / 2
        assert one.uids_after(0) == []


@pytest.mark.parametrize("end", [DROP, RESET])
def test_the_end_of_the_connection_is_no_silence(wake: Wake, end: Action) -> None:
    with FaultyImap([On("IDLE", "+ idling", end)]) as server, session(server) as one:
        began = time.monotonic()
        with pytest.raises(TemporaryFailure):
            one.wait_for_news(wake.fileno(), LONG)
        assert time.monotonic() - began < LONG / 2


def test_a_server_that_says_goodbye_has_ended_it(wake: Wake) -> None:
    script = [On("IDLE", "+ idling", "* BYE maintenance", DROP)]
    with FaultyImap(script) as server, session(server) as one, pytest.raises(TemporaryFailure):
        one.wait_for_news(wake.fileno(), LONG)
        one.uids_after(0)


def test_a_server_that_has_died_in_silence_is_found_out_by_the_next_look(wake: Wake) -> None:
    script = [On("IDLE", "+ idling"), On("DONE", HANG)]
    with FaultyImap(script) as server, session(server, read_timeout=0.5) as one, pytest.raises(TemporaryFailure):
        one.wait_for_news(wake.fileno(), 0.2)


def test_a_server_that_offers_idle_and_refuses_it_says_so(wake: Wake) -> None:
    refused = pytest.raises(imap.PushRefused, match="not today")
    with FaultyImap([On("IDLE", "%tag% NO not today")]) as server, session(server) as one, refused:
        one.wait_for_news(wake.fileno(), LONG)


def test_news_before_idle_has_begun_is_a_reason_to_connect_again_and_no_refusal(wake: Wake) -> None:
    with FaultyImap([On("IDLE", "* 1 EXISTS", "+ idling")]) as server, session(server) as one:
        with pytest.raises(TemporaryFailure) as caught:
            one.wait_for_news(wake.fileno(), LONG)
        assert not isinstance(caught.value, imap.PushRefused)


def test_another_thread_can_break_a_wait_for_the_server_off() -> None:
    with FaultyImap([On("UID SEARCH", HANG)]) as server, session(server, read_timeout=LONG) as one:
        threading.Timer(0.3, one.hang_up).start()
        began = time.monotonic()
        with pytest.raises(TemporaryFailure):
            one.uids_after(0)
        assert time.monotonic() - began < LONG / 2


# --- the bell ------------------------------------------------------------------------------------------


def test_a_bell_rung_before_the_wait_ends_it_at_once_and_many_rings_are_one(wake: Wake) -> None:
    for _ in range(200_000):  # more than a pipe holds
        wake.ring()
    assert wake.wait(LONG)
    assert not wake.wait(0.01)


def test_a_bell_with_a_high_number_is_heard(wake: Wake) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    high = os.dup2(wake.fileno(), 1500)  # select(2) ends at 1023
    try:
        assert wait_readable([high], 0.01) == []
        wake.ring()
        assert wait_readable([high], 1.0) == [high]
    finally:
        os.close(high)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
