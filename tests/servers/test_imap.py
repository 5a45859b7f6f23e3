"""The IMAP edge against Dovecot (or pymap), and against servers that misbehave."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.clean import answer_line
from mailbot.errors import AccountFailure, MailbotError, PermanentFailure, TemporaryFailure
from mailbot.servers import imap
from mailbot.servers.endpoint import Endpoint, Security
from mailbot.servers.imap import Fetched, Session, Unreadable, Vanished
from tests.mailservers import MailServers
from tests.mailservers.faulty import ANSWER, DROP, HANG, RESET, FaultyImap, On, pause

USER = "lpse@batang.test"
SECRET = "rahasia sekali"
MAIL = b"From: a@x.test\r\nSubject: halo\r\n\r\nSelamat pagi\r\n"
OTHER = b"From: b@x.test\r\nSubject: dua\r\n\r\nSelamat siang\r\n"
OK = "%tag% OK done"  # imaplib takes an OK without text for nonsense
WIB, NEWFOUNDLAND = timezone(timedelta(hours=7)), timezone(-timedelta(hours=3, minutes=30))


def site(servers: MailServers, security: Security = "tls", **more: Any) -> Endpoint:
    port = servers.imaps_port if security == "tls" else servers.imap_port
    facts: dict[str, Any] = {"ca_file": servers.ca_file, "username": USER, "password": servers.password}
    return Endpoint(servers.imap_host, port, security, **{**facts, **more})


@contextmanager
def session(server: FaultyImap, folder: str | None = "INBOX", read_timeout: float = 5) -> Iterator[Session]:
    endpoint = Endpoint(server.host, server.port, "none", username=USER, password=SECRET)
    with imap.connect(endpoint, connect_timeout=5, read_timeout=read_timeout) as one:
        if folder:
            one.select(folder)
        yield one


def put(servers: MailServers, *raws: bytes) -> list[int]:
    """Store mails in the INBOX; their UIDs."""
    for raw in raws:
        servers.append(USER, raw)
    return sorted(servers.flags(USER))


def mails(items: Iterator[Fetched | Vanished | Unreadable]) -> list[Fetched]:
    found = list(items)
    assert all(isinstance(item, Fetched) for item in found), found
    return [item for item in found if isinstance(item, Fetched)]


# --- real servers: reading ----------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_mail_is_read_byte_for_byte_over_every_kind_of_connection(servers: MailServers, security: Security) -> None:
    stored = put(servers, MAIL)
    with imap.connect(site(servers, security)) as one:
        state = one.select("INBOX")
        uids = one.uids_after(0)
        (mail,) = mails(one.fetch(uids, 1000))
    assert (state.exists, state.uidnext, uids) == (1, stored[0] + 1, stored)
    assert (mail.uid, mail.raw, mail.size) == (stored[0], MAIL, len(MAIL))


def test_reading_sets_no_flag(servers: MailServers) -> None:
    uids = put(servers, MAIL)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        assert len(mails(one.fetch(uids, 10))) == len(mails(one.fetch(uids, 1000))) == 1
    assert servers.flags(USER) == {uids[0]: set()}


@pytest.mark.parametrize(
    "when",
    [
        datetime(2025, 12, 24, 7, 30, 5, tzinfo=WIB),
        datetime(2026, 3, 1, 23, 59, 59, tzinfo=NEWFOUNDLAND),
        datetime(2026, 1, 2, 0, 0, 1, tzinfo=UTC),
    ],
)
def test_the_time_of_arrival_is_in_utc_whatever_zone_the_server_writes(servers: MailServers, when: datetime) -> None:
    servers.append(USER, MAIL, when=when)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        (mail,) = mails(one.fetch(one.uids_after(0), 1000))
    assert mail.internaldate == when
    assert mail.internaldate.tzinfo is UTC


def test_only_uids_above_the_last_one_are_found_and_the_last_mail_is_not_found_again(
    servers: MailServers,
) -> None:
    a, b, c = put(servers, MAIL, OTHER, MAIL)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        assert [one.uids_after(n) for n in (0, a, b, c, c + 1)] == [[a, b, c], [b, c], [c], [], []]
        servers.append(USER, OTHER)  # arrives after SELECT
        assert one.uids_after(c) == [c + 1]


def test_mails_since_a_date_are_found(servers: MailServers) -> None:
    for day in (1, 10, 20):
        servers.append(USER, MAIL, when=datetime(2026, 5, day, 12, tzinfo=UTC))
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        assert one.uids_since(date(2026, 5, 10)) == one.uids_after(0)[1:]
        assert len(one.uids_since(date(2026, 5, 10))) == 2
        assert one.uids_since(date(2026, 6, 1)) == []


def test_an_empty_folder_has_no_uids(servers: MailServers) -> None:
    with imap.connect(site(servers)) as one:
        assert one.select("Archive").exists == 0
        assert one.uids_after(0) == one.uids_since(date(2020, 1, 1)) == []
        assert list(one.fetch([], 10)) == []


def test_a_big_mail_is_read_in_pieces_and_a_too_big_one_by_its_header(servers: MailServers) -> None:
    big = MAIL + b"0123456789abcdef\r\n" * 150_000
    assert len(big) > 2 * imap.CHUNK
    uids = put(servers, big, MAIL)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        whole, small = mails(one.fetch(uids, len(big)))
        header, same = mails(one.fetch(uids, len(big) - 1))
    assert (whole.raw, small.raw, same.raw) == (big, MAIL, MAIL)
    assert (header.raw, header.size) == (None, len(big))
    assert header.header == b"From: a@x.test\r\nSubject: halo\r\n\r\n"


def test_hundreds_of_mails_come_in_the_order_asked_for(servers: MailServers) -> None:
    with servers.client(USER) as client:
        for n in range(230):
            client.append("INBOX", b"Subject: %d\r\n\r\n%s\r\n" % (n, b"x" * n))
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        wanted = list(reversed(one.uids_after(0)))
        found = mails(one.fetch(wanted, 10_000))
    assert [mail.uid for mail in found] == wanted
    assert [mail.raw for mail in found][:2] == [b"Subject: %d\r\n\r\n%s\r\n" % (n, b"x" * n) for n in (229, 228)]


def test_a_mail_that_a_human_removed_in_between_is_reported_as_vanished(servers: MailServers) -> None:
    uids = put(servers, MAIL, OTHER, MAIL)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        with servers.client(USER) as human:
            human.select_folder("INBOX")
            human.delete_messages(uids[1:2])
            human.uid_expunge(uids[1:2])
        found = list(one.fetch(uids, 1000))
    assert [type(item) for item in found] == [Fetched, Vanished, Fetched]
    assert found[1] == Vanished(uids[1])


# --- real servers: marking ----------------------------------------------------------------------------


def test_the_keyword_is_set_where_the_server_keeps_keywords(servers: MailServers) -> None:
    (uid,) = put(servers, MAIL)
    with imap.connect(site(servers)) as one:
        state = one.select("INBOX")
        assert state.keywords_allowed is servers.real
        assert one.mark_done([uid, 777], "keyword") is servers.real
        assert one.mark_done([uid], "keyword") is servers.real  # again: no harm
    assert servers.flags(USER) == {uid: {"$Mailbot"} if servers.real else set()}


def test_seen_marks_the_mails_that_are_there(servers: MailServers) -> None:
    a, b = put(servers, MAIL, OTHER)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        assert one.mark_done([b, 999], "seen")
        assert one.mark_done([], "seen")
        assert one.mark_done([a], "none")
    assert servers.flags(USER) == {a: set(), b: {"\\Seen"}}


def hide(monkeypatch: pytest.MonkeyPatch, *hidden: str) -> None:
    monkeypatch.setattr(Session, "_offers", lambda self, name: name not in hidden)


@pytest.mark.parametrize("hidden", [(), ("MOVE",)])
def test_a_moved_mail_is_in_the_other_folder_only(
    servers: MailServers, hidden: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, c = put(servers, MAIL, OTHER, MAIL)
    with servers.client(USER) as human:  # a bare EXPUNGE would take this mail too
        human.select_folder("INBOX")
        human.delete_messages([c])
    hide(monkeypatch, *hidden)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        assert one.mark_done([b, 888], "move", "Archive")
        assert one.mark_done([b], "move", "Archive")  # again: nothing left to do
    assert servers.flags(USER) == {a: set(), c: {"\\Deleted"}}
    assert servers.messages(USER, "Archive") == [OTHER]


def test_without_move_and_uidplus_nothing_is_copied(servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    uids = put(servers, MAIL)
    hide(monkeypatch, "MOVE", "UIDPLUS")
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        with pytest.raises(PermanentFailure, match="neither MOVE nor UIDPLUS"):
            one.mark_done(uids, "move", "Archive")
    assert (len(servers.messages(USER)), servers.messages(USER, "Archive")) == (1, [])


def test_a_move_to_a_folder_that_does_not_exist_loses_nothing(servers: MailServers) -> None:
    uids = put(servers, MAIL)
    with imap.connect(site(servers)) as one:
        one.select("INBOX")
        with pytest.raises(PermanentFailure, match="no such folder"):
            one.mark_done(uids, "move", "Tidak Ada")
    assert servers.messages(USER) == [MAIL]


# --- real servers: what goes wrong --------------------------------------------------------------------


def test_a_folder_that_does_not_exist_is_for_a_person_to_look_at(servers: MailServers) -> None:
    with imap.connect(site(servers)) as one, pytest.raises(PermanentFailure, match="no such folder"):
        one.select("Kotak masuk")


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_wrong_password_is_an_account_failure_that_does_not_show_the_password(
    servers: MailServers, security: Security
) -> None:
    endpoint = site(servers, security, password="kunci-palsu")
    with pytest.raises(AccountFailure) as caught, imap.connect(endpoint):
        pass
    assert "kunci-palsu" not in repr(caught.value) + str(caught.value)
    assert caught.value.__suppress_context__  # a traceback would quote imaplib's error


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_an_unknown_authority_ends_before_the_login(servers: MailServers, security: Security) -> None:
    with (
        pytest.raises(TemporaryFailure, match="certificate does not verify") as caught,
        imap.connect(site(servers, security, ca_file=None)),
    ):
        pass
    assert not isinstance(caught.value, AccountFailure)


def test_a_refused_connection_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TemporaryFailure, match="refused"), imap.connect(Endpoint("127.0.0.1", port, "none")):
        pass


def test_a_host_without_an_address_is_temporary() -> None:
    with pytest.raises(TemporaryFailure), imap.connect(Endpoint("mail.invalid", 993), connect_timeout=5):
        pass


# --- faulty servers: connecting -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([On("CONNECT", "* BYE overloaded", DROP)], "overloaded"),
        ([On("CONNECT", DROP)], ""),
        ([On("CONNECT", RESET)], ""),
        ([On("CONNECT", HANG)], "timed out"),
        ([On("CONNECT", "220 smtp.test ESMTP")], ""),
        ([On("LOGIN", DROP)], ""),
        ([On("LOGIN", RESET)], ""),
        ([On("LOGIN", HANG)], "timed out"),
        ([On("LOGIN", "* BYE going down", DROP)], "going down"),
        ([On("LOGIN", "%tag% NO [UNAVAILABLE] try later")], "UNAVAILABLE"),
        ([On("LOGIN", "%tag% BAD what?")], "what"),
        ([On("CONNECT", "* PREAUTH welcome")], "PREAUTH"),
    ],
)
def test_a_connection_that_breaks_is_never_taken_for_a_wrong_password(script: list[On], said: str) -> None:
    with FaultyImap(script, repeat=True) as server:
        endpoint = Endpoint(server.host, server.port, "none", username=USER, password=SECRET)
        with (
            pytest.raises(TemporaryFailure) as caught,
            imap.connect(endpoint, connect_timeout=0.5, read_timeout=0.5),
        ):
            pass
    assert not isinstance(caught.value, AccountFailure)
    assert said in str(caught.value)
    assert f"imap 127.0.0.1:{server.port}" in caught.value.what


@pytest.mark.parametrize("answer", ["[AUTHENTICATIONFAILED] no", "[EXPIRED] password expired", "login failed", ""])
def test_a_no_to_the_login_is_an_account_failure(answer: str) -> None:
    with (
        FaultyImap([On("LOGIN", f"%tag% NO {answer}")]) as server,
        pytest.raises(AccountFailure),
        session(server),
    ):
        pass


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN"])
def test_a_server_that_quotes_the_command_does_not_make_us_show_the_password(capabilities: str) -> None:
    blob = "AGxwc2VAYmF0YW5nLnRlc3QAcmFoYXNpYSBzZWthbGk="  # SASL PLAIN of USER and SECRET
    script = [On("LOGIN|AUTHENTICATE", f'%tag% NO failed: LOGIN lpse "{SECRET}" {blob}')]
    with (
        FaultyImap(script, capabilities=capabilities) as server,
        pytest.raises(AccountFailure) as caught,
        session(server),
    ):
        pass
    assert SECRET not in str(caught.value) and blob not in str(caught.value)
    assert "***" in str(caught.value)


def test_starttls_that_is_not_offered_ends_before_the_login() -> None:
    with FaultyImap() as server:
        endpoint = Endpoint(server.host, server.port, "starttls", username=USER, password=SECRET)
        with pytest.raises(TemporaryFailure, match="STARTTLS"), imap.connect(endpoint):
            pass
    assert not [command for command in server.commands if re.match(rb"LOGIN|AUTH|STARTTLS", command)]


def test_a_server_that_speaks_plain_text_on_the_tls_port_is_temporary() -> None:
    with FaultyImap([On("CONNECT", ANSWER, HANG)]) as server:
        endpoint = Endpoint("localhost", server.port, "tls", username=USER, password=SECRET)
        with pytest.raises(TemporaryFailure, match="TLS"), imap.connect(endpoint, connect_timeout=3):
            pass
    assert server.commands == []


def test_a_name_and_password_with_quotes_reach_the_server_as_they_are() -> None:
    with FaultyImap(capabilities="IMAP4rev1") as server:
        endpoint = Endpoint(server.host, server.port, "none", username='a "b"', password='p\\"q')
        with imap.connect(endpoint):
            pass
    assert rb'LOGIN "a \"b\"" "p\\\"q"' in server.commands


def test_a_password_that_is_not_ascii_needs_sasl_plain() -> None:
    with FaultyImap(capabilities="IMAP4rev1") as server:
        endpoint = Endpoint(server.host, server.port, "none", username=USER, password="kunci-é")
        with pytest.raises(AccountFailure, match="ASCII") as caught, imap.connect(endpoint):
            pass
    assert "kunci" not in str(caught.value)


def test_mail_text_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("imapclient").setLevel(logging.DEBUG)
    with FaultyImap(messages={1: MAIL}) as server, session(server) as one:
        assert mails(one.fetch([1], 1000))[0].raw == MAIL
    assert "Selamat" not in caplog.text and SECRET not in caplog.text


# --- faulty servers: reading --------------------------------------------------------------------------


SIZES = rb"* 1 FETCH (UID 1 RFC822.SIZE %d)" % len(MAIL) + b"\r\n%tag% OK done\r\n"
CUT = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(MAIL) + MAIL[:20]


@pytest.mark.parametrize(
    "actions",
    [
        (CUT, DROP),  # end of file inside the literal
        (CUT, RESET),
        (CUT, HANG),
        (b"* 1 FETCH (UID 1 BODY[] {20}\r\n" + MAIL + b")\r\n%tag% OK done\r\n",),  # says less than it sends
        (b"* 1 FETCH (UID 1 BODY[] {900}\r\n" + MAIL + b")\r\n%tag% OK done\r\n",),  # says more
        (b"* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n",),
        (b"* 1 FETCH (UID 1 BODY[] {-5}\r\nabc)\r\n%tag% OK done\r\n",),
        (b"* 1 FETCH (UID 1 " + b"(" * 5000 + b"\r\n%tag% OK done\r\n",),
        (b"* 1 FETCH (UID x BODY[] NIL)\r\n%tag% OK done\r\n",),
        (b"* 1 FETCH (17)\r\n%tag% OK done\r\n",),
        (b"* 1 FETCH (UID 1 BODY[] " + b"x" * 1_100_000 + b")\r\n%tag% OK done\r\n",),
        ("* BYE maintenance", DROP),
        (HANG,),
    ],
)
def test_a_mail_that_does_not_come_whole_is_not_handed_out(actions: tuple[Any, ...]) -> None:
    script = [On(r"UID FETCH 1 \(RFC822"), On(r"UID FETCH 1 \(BODY", *actions)]
    got: list[object] = []
    with (
        FaultyImap(script, messages={1: MAIL}) as server,
        pytest.raises(TemporaryFailure),
        session(server, read_timeout=0.5) as one,
    ):
        got.extend(one.fetch([1], 1000))
    assert got == []
    assert not server.missed


def test_a_mail_of_another_length_than_announced_is_read_again_and_refused_when_it_differs() -> None:
    short = b"* 1 FETCH (UID 1 BODY[] {20}\r\n" + MAIL[:20] + b")\r\n%tag% OK done\r\n"
    script = [On(r"UID FETCH 1 \(RFC822"), On(r"UID FETCH 1 \(BODY", short)]
    with (
        FaultyImap(script, messages={1: MAIL}) as server,
        session(server) as one,
        pytest.raises(TemporaryFailure, match=f"20 octets came, {len(MAIL)} were announced"),
    ):
        list(one.fetch([1], 1000))


@pytest.mark.parametrize("announced", [len(MAIL) - 7, len(MAIL) + 7])
def test_a_server_that_only_estimates_sizes_does_not_block_the_mailbox(announced: int) -> None:
    wrong = b"* 1 FETCH (UID 1 RFC822.SIZE %d FLAGS ())\r\n%%tag%% OK done\r\n" % announced
    with (
        FaultyImap([On(r"UID FETCH 1 \(RFC822", wrong)], messages={1: MAIL}) as server,
        session(server) as one,
    ):
        (mail,) = mails(one.fetch([1], 1000))
    assert mail.raw == MAIL


def test_an_estimate_below_the_limit_does_not_let_a_larger_mail_through() -> None:
    wrong = b"* 1 FETCH (UID 1 RFC822.SIZE 10 FLAGS ())\r\n%tag% OK done\r\n"
    with (
        FaultyImap([On(r"UID FETCH 1 \(RFC822", wrong)], messages={1: MAIL}) as server,
        session(server) as one,
    ):
        (mail,) = mails(one.fetch([1], 30))
    assert mail.raw is None
    assert mail.header == b"From: a@x.test\r\nSubject: halo"


def test_one_mail_that_the_server_refuses_does_not_hold_up_the_others() -> None:
    no = "%tag% NO [SERVERBUG] corrupted"
    script = [On(r"UID FETCH 1,2,3 \(BODY", no), On(r"UID FETCH 2 \(BODY", no)]
    with (
        FaultyImap(script, messages={1: MAIL, 2: OTHER, 3: MAIL}) as server,
        session(server) as one,
    ):
        found = list(one.fetch([1, 2, 3], 1000))
    assert [type(item) for item in found] == [Fetched, Unreadable, Fetched]
    assert found[1] == Unreadable(2, "fetch failed: [SERVERBUG] corrupted")


def test_a_refused_list_of_sizes_is_asked_for_in_halves() -> None:
    no = "%tag% NO some are gone"
    script = [On(r"UID FETCH 1,2,3 \(RFC", no), On(r"UID FETCH 1 \(RFC"), On(r"UID FETCH 2,3 \(RFC", no)]
    with (
        FaultyImap(script, messages={1: MAIL, 3: MAIL}) as server,
        session(server) as one,
    ):
        found = list(one.fetch([1, 2, 3], 1000))
    assert [type(item) for item in found] == [Fetched, Vanished, Fetched]
    assert not server.missed


def test_an_unasked_for_flags_update_is_not_taken_for_a_mail() -> None:
    unasked = b"* 2 FETCH (FLAGS (\\Seen))\r\n%tag% OK done\r\n"
    with (
        FaultyImap([On(r"UID FETCH 2", unasked)], messages={7: MAIL}) as server,
        session(server) as one,
    ):
        assert list(one.fetch([2], 1000)) == [Vanished(2)]


def test_a_nil_body_of_a_mail_that_is_gone_is_tolerated() -> None:
    nil = b"* 1 FETCH (UID 1 BODY[] NIL)\r\n%tag% OK done\r\n"
    nothing = "%tag% OK none"
    script = [
        On(r"UID FETCH 1 \(RFC"),
        On(r"UID FETCH 1 \(BODY", nil),
        On(r"UID FETCH 1 \(BODY", nothing),
        On("UID SEARCH", "* SEARCH", nothing),
    ]
    with FaultyImap(script, messages={1: MAIL}) as server, session(server) as one:
        assert list(one.fetch([1], 1000)) == [Vanished(1)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("24-Dec-2026 07:30:05 +0700", datetime(2026, 12, 24, 0, 30, 5, tzinfo=UTC)),
        (" 1-Jan-2027 00:00:00 +0900", datetime(2026, 12, 31, 15, tzinfo=UTC)),
        ("01-Mar-2026 23:00:00 -0330", datetime(2026, 3, 2, 2, 30, tzinfo=UTC)),
        ("01-Mar-2026 23:00:00 -0000", datetime(2026, 3, 1, 23, tzinfo=UTC)),
    ],
)
def test_internal_dates_are_understood(written: str, meant: datetime) -> None:
    answer = f'* 1 FETCH (UID 1 RFC822.SIZE {len(MAIL)} INTERNALDATE "{written}" FLAGS ())\r\n%tag% OK x\r\n'
    with (
        FaultyImap([On("UID FETCH", answer.encode())], messages={1: MAIL}) as server,
        session(server) as one,
    ):
        assert mails(one.fetch([1], 1000))[0].internaldate == meant


@pytest.mark.parametrize("written", ["NIL", '"yesterday"', '"32-Dec-2026 25:00:00 +0700"'])
def test_a_date_that_nobody_can_read_does_not_stop_the_mail(written: str) -> None:
    answer = f"* 1 FETCH (UID 1 RFC822.SIZE {len(MAIL)} INTERNALDATE {written} FLAGS ())\r\n%tag% OK x\r\n"
    before = datetime.now(UTC)
    with (
        FaultyImap([On("UID FETCH", answer.encode())], messages={1: MAIL}) as server,
        session(server) as one,
    ):
        (mail,) = mails(one.fetch([1], 1000))
    assert before <= mail.internaldate <= datetime.now(UTC)


def test_a_folder_of_140_000_mails_is_searched_in_ranges_that_imaplib_can_read() -> None:
    uids = range(1_000_000_000, 1_000_140_000)

    def answer(low: int, high: int) -> On:
        line = "* SEARCH " + " ".join(str(uid) for uid in uids if low <= uid <= high)
        return On("UID SEARCH", line.encode() + b"\r\n%tag% OK done\r\n")

    start = uids[0]
    script = [
        On("SELECT", f"* 140000 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT {uids[-1] + 1}] x", OK),
        answer(start, start + 49_999),
        answer(start + 50_000, start + 99_999),
        answer(start + 100_000, start + 139_999),
        On("UID SEARCH", f"* SEARCH {uids[-1]}", OK),
    ]
    with FaultyImap(script) as server, session(server) as one:
        assert one.uids_after(start - 1) == list(uids)
    assert [c for c in server.commands if b"SEARCH" in c] == [
        b"UID SEARCH UID 1000000000:1000049999",
        b"UID SEARCH UID 1000050000:1000099999",
        b"UID SEARCH UID 1000100000:1000139999",
        b"UID SEARCH UID 1000140000:*",
    ]


@pytest.mark.parametrize("command", ["NOOP", "UID SEARCH"])
@pytest.mark.parametrize(
    "actions",
    [("%tag% NO [SERVERBUG] x",), ("%tag% BAD x",), (DROP,), (HANG,)],
)
def test_a_search_that_fails_is_temporary(command: str, actions: tuple[Any, ...]) -> None:
    with (
        FaultyImap([On(command, *actions)]) as server,
        pytest.raises(TemporaryFailure),
        session(server, read_timeout=0.5) as one,
    ):
        one.uids_after(0)


def test_an_answer_of_words_is_no_list_of_uids() -> None:
    with (
        FaultyImap([On("UID SEARCH", "* SEARCH one two", OK)]) as server,
        pytest.raises(TemporaryFailure),
        session(server) as one,
    ):
        one.uids_after(0)


# --- faulty servers: selecting and marking ------------------------------------------------------------


LISTED, NOT_LISTED = ('* LIST () "/" INBOX', OK), (OK,)
NUMBERS = "* OK [UIDVALIDITY 5] x\r\n* OK [UIDNEXT 6] x"


@pytest.mark.parametrize(
    ("select", "listed", "kind"),
    [
        (("%tag% NO [SERVERBUG] internal error",), LISTED, TemporaryFailure),
        (("%tag% NO [NONEXISTENT] no such mailbox",), NOT_LISTED, imap.NoSuchFolder),
        (("%tag% NO whatever",), NOT_LISTED, imap.NoSuchFolder),
        (("%tag% BAD what?",), ("%tag% NO nor this",), TemporaryFailure),
        (("%tag% NO later",), (DROP,), TemporaryFailure),
        (("* 1 EXISTS", "%tag% OK no uids here"), LISTED, PermanentFailure),
        (("* 1 EXISTS", NUMBERS, "%tag% OK [READ-ONLY] x"), LISTED, imap.ReadOnlyFolder),
        (("* OK [UIDVALIDITY many] x", OK), LISTED, TemporaryFailure),
        ((HANG,), LISTED, TemporaryFailure),
        (("* BYE", DROP), LISTED, TemporaryFailure),
    ],
)
def test_a_folder_that_cannot_be_opened(
    select: tuple[Any, ...], listed: tuple[Any, ...], kind: type[MailbotError]
) -> None:
    with (
        FaultyImap([On("SELECT", *select), On("LIST", *listed)]) as server,
        session(server, folder=None, read_timeout=0.5) as one,
        pytest.raises(kind) as caught,
    ):
        one.select("INBOX")
    assert type(caught.value) is kind


def test_a_read_only_folder_can_be_examined() -> None:
    script = [On("EXAMINE", "* 3 EXISTS", NUMBERS, "%tag% OK [READ-ONLY] x")]
    with FaultyImap(script) as server, session(server, folder=None) as one:
        assert one.select("Sent", readonly=True) == imap.FolderState(5, 6, 3, False)


@pytest.mark.parametrize(
    ("flags", "allowed"),
    [
        ("* OK [PERMANENTFLAGS (\\Seen \\*)] x", True),
        ("* OK [PERMANENTFLAGS (\\Seen $mailbot)] x", True),
        ("* OK [PERMANENTFLAGS (\\Seen \\Deleted)] x", False),
        ("* OK [PERMANENTFLAGS ()] x", False),
        ("* FLAGS (\\Seen $Mailbot)", False),
    ],
)
def test_the_keyword_is_only_set_where_it_would_stay(flags: str, allowed: bool) -> None:
    with FaultyImap([On("SELECT", flags, NUMBERS, OK)]) as server, session(server) as one:
        assert one.mark_done([1, 2], "keyword") is allowed
    stored = [command for command in server.commands if b"STORE" in command]
    assert stored == ([b"UID STORE 1,2 +FLAGS.SILENT ($Mailbot)"] if allowed else [])


def test_a_refused_mark_is_reported_not_raised() -> None:
    with (
        FaultyImap([On("UID STORE", "%tag% NO [NOPERM] hands off")], messages={1: MAIL}) as server,
        session(server) as one,
    ):
        assert one.mark_done([1], "seen") is False
        assert mails(one.fetch([1], 1000))  # the session goes on


def test_a_no_because_one_mail_is_gone_leaves_the_others_marked() -> None:
    with (
        FaultyImap([On("UID STORE 1,2", "%tag% NO some are gone")], messages={2: MAIL}) as server,
        session(server) as one,
    ):
        assert one.mark_done([1, 2], "keyword") is True
    assert server.commands[-2] == b"UID STORE 2 +FLAGS.SILENT ($Mailbot)"


@pytest.mark.parametrize(
    "proof",
    ["", "[COPYUID 1 2 9]", "[COPYUID 1 1:2 9]", "[COPYUID 1 nonsense]", "[COPYUID 1 1,,2 8:9]"],
)
def test_nothing_is_deleted_without_proof_that_it_was_copied(proof: str) -> None:
    script = [On("UID COPY", f"%tag% OK {proof} copied")]
    with (
        FaultyImap(script, messages={1: MAIL, 2: OTHER}, capabilities="IMAP4rev1 UIDPLUS") as server,
        session(server) as one,
        pytest.raises(TemporaryFailure, match="no proof"),
    ):
        one.mark_done([1, 2], "move", "Archive")
    assert not [command for command in server.commands if b"STORE 1" in command]
    assert b"EXPUNGE" not in server.commands


@pytest.mark.parametrize("uids", [["1:*"], ["1"], [b"2"], [0], [-1], [2**32], [True], [1.0], "3"])
def test_only_numbers_reach_a_command(uids: Any) -> None:
    with FaultyImap(messages={1: MAIL}) as server, session(server) as one:
        before = len(server.commands)
        with pytest.raises(ValueError, match="not a UID"):
            list(one.fetch(uids, 1000))
        with pytest.raises(ValueError, match="not a UID"):
            one.mark_done(uids, "seen")
        assert len(server.commands) == before


def test_a_slow_server_is_waited_for() -> None:
    with (
        FaultyImap([On("UID FETCH", pause(0.3), ANSWER)], messages={1: MAIL}) as server,
        session(server, read_timeout=2) as one,
    ):
        assert mails(one.fetch([1], 1000))[0].raw == MAIL


def test_the_connection_is_kept_alive_and_without_delay() -> None:
    with FaultyImap() as server, session(server) as one:
        plain = one._client.socket()
        assert plain.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert server.commands[-1] == b"LOGOUT"


# --- endpoints ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"security": "none"}, "loopback"),
        ({"security": "none", "host": "127.0.0.1.example.id"}, "loopback"),
        ({"security": "none", "host": "10.0.0.1"}, "loopback"),
        ({"security": "ssl"}, "none of tls, starttls, none"),
        ({"password": "a\r\nA1 DELETE INBOX"}, "control character"),
        ({"username": "a\0b"}, "control character"),
        ({"host": "a b"}, "spaces"),
        ({"host": ""}, "empty"),
        ({"port": 0}, "port"),
    ],
)
def test_an_endpoint_that_is_not_safe_is_refused(change: dict[str, Any], fault: str) -> None:
    facts: dict[str, Any] = {"host": "mail.batang.test", "port": 993, "username": "u", "password": "p4ss"}
    with pytest.raises(PermanentFailure, match=fault) as caught:
        Endpoint(**{**facts, **change})
    assert "DELETE" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"])
def test_plain_text_is_for_loopback(host: str) -> None:
    assert Endpoint(host, 143, "none").security == "none"


def test_a_password_never_shows() -> None:
    endpoint = Endpoint("mail.batang.test", 993, username="u", password=SECRET)
    assert SECRET not in f"{endpoint} {endpoint!r}"
    assert endpoint.said(f"BAD {SECRET}") == "BAD ***"


def test_a_ca_file_that_cannot_be_used_is_for_a_person_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(PermanentFailure, match=name):
            Endpoint("mail.batang.test", 993, ca_file=tmp_path / name).tls_context()


@given(st.text() | st.binary())
def test_a_servers_answer_becomes_one_printable_line(answer: str | bytes) -> None:
    line = answer_line(answer)
    assert len(line) <= 300
    assert line.isprintable()
