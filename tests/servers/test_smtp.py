"""The SMTP edge against Postfix (or aiosmtpd), and against servers that misbehave."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.errors import PermanentFailure
from mailbot.servers.endpoint import Endpoint, Security
from mailbot.servers.smtp import Envelope, Outcome, Phase, Submitter, Timeouts, address_fault, classify, stuffed
from tests.mailservers import MailServers
from tests.mailservers.faulty import ANSWER, DROP, HANG, RESET, FaultySmtp, On, pause

US, USER = "lpse@batang.test", "pengguna@warga.test"
SECRET = "rahasia sekali"
RAW = b"From: lpse@batang.test\r\nSubject: halo\r\n\r\nSelamat pagi\r\n"
ENVELOPE = Envelope(US, USER)
QUICK = Timeouts(connect=0.5, command=0.5, block=0.5, dot=0.5, quit=0.5)
PATIENT = Timeouts(connect=20, command=20, block=20, dot=20)
PLAIN = "AGxwc2VAYmF0YW5nLnRlc3QAcmFoYXNpYSBzZWthbGk="  # SASL PLAIN of US and SECRET


def at(server: FaultySmtp, **more: Any) -> Endpoint:
    facts: dict[str, Any] = {"host": server.host, "port": server.port, "security": "none"}
    return Endpoint(**{**facts, **more})


def submit(
    endpoint: Endpoint,
    *envelopes: Envelope,
    raw: bytes = RAW,
    before_dot: Callable[[], None] = lambda: None,
    timeouts: Timeouts = QUICK,
) -> list[Outcome]:
    """Submit to each envelope in turn over one Submitter."""

    async def run() -> list[Outcome]:
        async with Submitter(endpoint, "batang.test", timeouts) as submitter:
            return [await submitter.submit(one, raw, before_dot) for one in envelopes or (ENVELOPE,)]

    return asyncio.run(run())


# --- real servers -------------------------------------------------------------------------------------


def site(servers: MailServers, security: Security, **more: Any) -> Endpoint:
    port = servers.smtps_port if security == "tls" else servers.smtp_port
    facts: dict[str, Any] = {"ca_file": servers.ca_file, "username": US, "password": servers.password}
    return Endpoint(servers.smtp_host, port, security, **{**facts, **more})


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_mail_arrives_over_every_kind_of_connection(servers: MailServers, security: Security) -> None:
    (outcome,) = submit(site(servers, security), timeouts=PATIENT)
    assert (outcome.state, outcome.phase, outcome.code) == ("accepted", "dot", 250)
    (mail,) = servers.wait_for(USER, 1)
    assert mail.endswith(b"Subject: halo\r\n\r\nSelamat pagi\r\n")


def test_a_null_sender_and_dots_at_line_beginnings_survive(servers: MailServers) -> None:
    body = b".\r\n..\r\n.hidden\r\nmid.dle\r\n.\r\n"
    (outcome,) = submit(
        site(servers, "tls"), Envelope("", USER), raw=b"Subject: titik\r\n\r\n" + body, timeouts=PATIENT
    )
    assert outcome.state == "accepted"
    (mail,) = servers.wait_for(USER, 1)
    assert mail.endswith(b"\r\n\r\n" + body)
    assert re.search(rb"^Return-Path: <>", mail, re.MULTILINE | re.IGNORECASE)


def test_one_connection_takes_many_mails_also_after_a_refusal(servers: MailServers) -> None:
    recipients = ["satu@x.test", "unknown@x.test", "busy@x.test", "dua@x.test"]
    outcomes = submit(site(servers, "none"), *(Envelope(US, one) for one in recipients), timeouts=PATIENT)
    assert [(one.state, one.phase, one.scope, one.code) for one in outcomes] == [
        ("accepted", "dot", "recipient", 250),
        ("failed", "rcpt", "recipient", 550),
        ("again", "rcpt", "recipient", 450),
        ("accepted", "dot", "recipient", 250),
    ]
    assert len(servers.wait_for("dua@x.test", 1)) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_wrong_password_concerns_the_account(servers: MailServers, security: Security) -> None:
    (outcome,) = submit(site(servers, security, password="kunci-palsu"), timeouts=PATIENT)
    assert (outcome.state, outcome.phase, outcome.scope, outcome.code) == ("again", "connect", "account", 535)
    assert "kunci-palsu" not in repr(outcome)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_an_unknown_authority_ends_before_the_login(servers: MailServers, security: Security) -> None:
    (outcome,) = submit(site(servers, security, ca_file=None), timeouts=PATIENT)
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", "connect", "server")
    assert "certificate does not verify" in outcome.text


def test_the_server_tells_its_largest_size(servers: MailServers) -> None:
    async def run() -> tuple[int | None, Outcome | None, int | None]:
        async with Submitter(site(servers, "tls"), timeouts=PATIENT) as submitter:
            before = submitter.max_size
            return before, await submitter.connect(), submitter.max_size

    before, failure, size = asyncio.run(run())
    assert (before, failure) == (None, None)
    assert size is None or size > 1_000_000


# --- what reaches the server --------------------------------------------------------------------------


def test_dots_are_doubled_on_the_wire_and_line_ends_are_crlf() -> None:
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            accepted, _ = listener.accept()
            with accepted, accepted.makefile("rb") as lines:
                accepted.sendall(b"220 sink\r\n")
                for reply in (b"250 sink", b"250 ok", b"250 ok", b"354 go"):
                    lines.readline()
                    accepted.sendall(reply + b"\r\n")
                while not b"".join(got).endswith(b"\r\n.\r\n"):
                    got.append(lines.readline())
                accepted.sendall(b"250 ok\r\n")
                lines.readline()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        raw = b"Subject: x\n\n.a\r\r.\n.\r\n..b\r\n.c"
        (outcome,) = submit(Endpoint("127.0.0.1", listener.getsockname()[1], "none"), raw=raw)
        thread.join(5)
    assert outcome.state == "accepted"
    assert b"".join(got) == b"Subject: x\r\n\r\n..a\r\n\r\n..\r\n..\r\n...b\r\n..c\r\n.\r\n"


PIECES = st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"a", b"\xff", b"\0"])


@given(st.lists(PIECES, min_size=1).map(b"".join))
def test_no_message_can_end_the_data_early(raw: bytes) -> None:
    data = stuffed(raw)
    assert data.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert not re.search(rb"(?:^|\r\n)\.\r\n", data)
    unstuffed = re.sub(rb"(?m)^\.", b"", data)
    assert unstuffed.splitlines() == raw.splitlines()  # bytes.splitlines knows CR, LF and CRLF only


def test_the_envelope_and_its_parameters_are_as_the_server_offers() -> None:
    with FaultySmtp(extensions=("8BITMIME", "SIZE 1000", "SMTPUTF8")) as server:
        submit(at(server), ENVELOPE, Envelope("", USER))
        submit(at(server), raw=b"Subject: x\r\n\r\n\xc3\xa9\r\n")
        submit(at(server), Envelope(US, "siti@pos.exämple"))
    size = len(RAW)
    assert [command for command in server.commands if command.startswith((b"EHLO", b"MAIL", b"RCPT"))] == [
        b"EHLO batang.test",
        b"MAIL FROM:<lpse@batang.test> SIZE=%d" % size,
        b"RCPT TO:<pengguna@warga.test>",
        b"MAIL FROM:<> SIZE=%d" % size,
        b"RCPT TO:<pengguna@warga.test>",
        b"EHLO batang.test",
        b"MAIL FROM:<lpse@batang.test> SIZE=18 BODY=8BITMIME",
        b"RCPT TO:<pengguna@warga.test>",
        b"EHLO batang.test",
        b"MAIL FROM:<lpse@batang.test> SIZE=%d SMTPUTF8" % size,
        "RCPT TO:<siti@pos.exämple>".encode(),
    ]


def test_a_server_without_extensions_gets_no_parameters_and_no_8_bit_text() -> None:
    with FaultySmtp(extensions=()) as server:
        (plain,) = submit(at(server))
        (eight,) = submit(at(server), raw=b"Subject: x\r\n\r\n\xc3\xa9\r\n")
    assert (plain.state, eight.state) == ("accepted", "failed")
    assert "8BITMIME" in eight.text
    assert b"MAIL FROM:<lpse@batang.test>" in server.commands
    assert len(server.mails) == 1


def test_a_mail_larger_than_announced_is_not_offered() -> None:
    with FaultySmtp(extensions=("SIZE 50",)) as server:
        (outcome,) = submit(at(server))
    assert (outcome.state, outcome.too_big, outcome.code) == ("failed", True, None)
    assert not [command for command in server.commands if command.startswith(b"MAIL")]


@pytest.mark.parametrize(
    ("announced", "size"),
    [("SIZE", None), ("SIZE 0", None), ("SIZE many", None), ("SIZE 52428800", 52428800)],
)
def test_the_announced_size_is_read(announced: str, size: int | None) -> None:
    async def run(endpoint: Endpoint) -> int | None:
        async with Submitter(endpoint, timeouts=QUICK) as submitter:
            assert await submitter.connect() is None
            return submitter.max_size

    with FaultySmtp(extensions=(announced,)) as server:
        assert asyncio.run(run(at(server))) == size


INJECTIONS = [
    "a@x.test>\r\nRCPT TO:<b@x.test",
    "a@x.test> NOTIFY=NEVER",
    "a@x.test\nDATA",
    "a b@x.test",
    "<a@x.test>",
    "a@x.test\0",
    "a@x.test,b@x.test",
    '"a b"@x.test',
    "a@x.test\u2028",
    "a\u202e@x.test",
    "a@",
    "@x.test",
    "a",
    "a@-x.test",
    "a@x..test",
    "a@x.test.",
    "x" * 65 + "@x.test",
    "a@" + "x" * 64 + ".test",
    "a@" + "x." * 130 + "test",
    "a\ud800@x.test",
]


@pytest.mark.parametrize("address", [*INJECTIONS, ""])
def test_a_recipient_that_is_no_address_never_reaches_the_server(address: str) -> None:
    with FaultySmtp(extensions=("SMTPUTF8",)) as server:
        (outcome,) = submit(at(server), Envelope(US, address))
    assert (outcome.state, outcome.phase, outcome.scope) == ("failed", "rcpt", "recipient")
    assert [command[:4] for command in server.commands] == [b"EHLO", b"QUIT"]


@pytest.mark.parametrize("address", INJECTIONS)
def test_a_sender_that_is_no_address_holds_all(address: str) -> None:
    with FaultySmtp(extensions=("SMTPUTF8",)) as server:
        (outcome,) = submit(at(server), Envelope(address, USER))
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", "mail", "account")
    assert [command[:4] for command in server.commands] == [b"EHLO", b"QUIT"]


@pytest.mark.parametrize(
    "address",
    ["a@x.test", "a.b+c@sub.x-y.test", "a..b.@docomo.test", "o'brien@x.id", "root@localhost", "a@[::1]"],
)
def test_ordinary_addresses_are_allowed(address: str) -> None:
    assert address_fault(address) is None


def test_other_letters_than_ascii_need_smtputf8() -> None:
    assert "SMTPUTF8" in (address_fault("é@x.test") or "")
    assert address_fault("é@x.test", utf8=True) is None


@given(st.text())
def test_no_allowed_address_holds_what_could_end_a_command(address: str) -> None:
    if address_fault(address, utf8=True) is None:
        assert not re.search(r"[\s<>\"\x00-\x1f\x7f]", address)


# --- faulty servers: before the dot -------------------------------------------------------------------


DOWN = [(DROP,), (RESET,), (HANG,)]


@pytest.mark.parametrize("actions", [*DOWN, ("421 4.3.2 closing",), ("554 5.3.2 no",), ("* OK imap",), ("x" * 9000,)])
@pytest.mark.parametrize("when", ["CONNECT", "EHLO"])
def test_a_server_that_cannot_be_spoken_to_is_tried_again(when: str, actions: tuple[Any, ...]) -> None:
    with FaultySmtp([On(when, *actions)]) as server:
        (outcome,) = submit(at(server))
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", "connect", "server")
    assert outcome.text
    assert server.mails == []


def test_a_refused_connection_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (outcome,) = submit(Endpoint("127.0.0.1", port, "none"))
    assert (outcome.state, outcome.code, outcome.phase, outcome.scope) == ("again", None, "connect", "server")
    assert "refused" in outcome.text


@pytest.mark.parametrize("actions", [*DOWN, ("nonsense",)])
@pytest.mark.parametrize(("when", "phase"), [("MAIL", "mail"), ("RCPT", "rcpt"), ("DATA", "data")])
def test_a_drop_before_the_dot_is_tried_again(when: str, phase: Phase, actions: tuple[Any, ...]) -> None:
    dots: list[int] = []
    with FaultySmtp([On(when, *actions)]) as server:
        (outcome,) = submit(at(server), before_dot=lambda: dots.append(1))
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", phase, "server")
    assert (dots, server.mails) == ([], [])


@pytest.mark.parametrize(
    ("when", "reply", "expected"),
    [
        ("MAIL", "451 4.7.1 slow down", ("again", "mail", "account")),
        ("MAIL", "452 4.3.1 disk full", ("again", "mail", "server")),
        ("MAIL", "550 5.1.8 sender unknown", ("again", "mail", "account")),
        ("MAIL", "530 5.7.0 log in first", ("again", "mail", "account")),
        ("MAIL", "552 5.3.4 too big", ("failed", "mail", "recipient")),
        ("RCPT", "450 4.7.1 greylisted", ("again", "rcpt", "recipient")),
        ("RCPT", "421 4.7.0 too many", ("again", "rcpt", "server")),
        ("RCPT", "550 5.1.1 unknown", ("failed", "rcpt", "recipient")),
        ("RCPT", "552 5.2.2 mailbox full", ("failed", "rcpt", "recipient")),
        ("RCPT", "554 5.7.1 relay denied", ("again", "rcpt", "account")),
        ("DATA", "451 4.3.0 later", ("again", "data", "server")),
        ("DATA", "554 5.6.0 no", ("failed", "data", "recipient")),
        ("DATA", "503 5.5.1 sequence", ("again", "data", "server")),
        ("DATA", "250 ok", ("again", "data", "server")),
    ],
)
def test_a_refusal_is_told_apart_and_the_next_mail_goes_out(
    when: str, reply: str, expected: tuple[str, str, str]
) -> None:
    dots: list[int] = []
    with FaultySmtp([On(when, reply)]) as server:
        first, second = submit(at(server), ENVELOPE, ENVELOPE, before_dot=lambda: dots.append(1))
    assert (first.state, first.phase, first.scope) == expected
    assert first.text == reply[4:]
    assert second.state == "accepted"
    assert (len(dots), len(server.mails)) == (1, 1)


def test_an_idle_connection_that_the_server_closed_is_made_anew() -> None:
    for actions in ((DROP,), ("421 4.4.2 idle", DROP)):
        with FaultySmtp([On("MAIL"), On("MAIL", *actions)]) as server:
            outcomes = submit(at(server), ENVELOPE, ENVELOPE)
        assert [one.state for one in outcomes] == ["accepted", "accepted"]
        assert (server.connections, len(server.mails)) == (2, 2)


def test_a_server_that_closes_every_connection_at_mail_is_not_tried_for_ever() -> None:
    with FaultySmtp([On("MAIL"), On("MAIL", DROP)], [On("MAIL", DROP)]) as server:
        outcomes = submit(at(server), ENVELOPE, ENVELOPE)
    assert [one.state for one in outcomes] == ["accepted", "again"]
    assert server.connections == 2


@pytest.mark.parametrize(
    ("when", "reply"),
    [
        ("MAIL", "550 5.7.1 <>: Sender address rejected: Access denied"),
        ("MAIL", "501 5.1.7 invalid sender"),
        ("RCPT", "554 5.7.1 <>: Sender address rejected: Access denied"),
        ("RCPT", "550 null sender not allowed here"),
    ],
)
def test_a_host_that_refuses_the_null_sender_is_recognised(when: str, reply: str) -> None:
    with FaultySmtp([On(when, reply)], [On(when, reply)]) as server:
        (null,) = submit(at(server), Envelope("", USER))
        (named,) = submit(at(server), ENVELOPE)
    assert (null.state, null.scope, null.null_sender_refused) == ("again", "account", True)
    assert not named.null_sender_refused


def test_a_refusal_in_the_middle_of_the_message_is_heard() -> None:
    """After it no answer to a dot would come: waiting for one would take ten minutes and end uncertain."""
    dots: list[int] = []
    with FaultySmtp([On("DATA", "354 go", pause(0.2), "552 5.3.4 enough", HANG)]) as server:
        (outcome,) = submit(
            at(server), raw=(b"x" * 1000 + b"\r\n") * 70_000, before_dot=lambda: dots.append(1), timeouts=PATIENT
        )
    assert (outcome.state, outcome.phase, outcome.code, outcome.too_big) == ("failed", "data", 552, True)
    assert (dots, server.mails) == ([], [])


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one() -> None:
    dots: list[int] = []
    with FaultySmtp([On("DATA", b"354 go\r\n250 2.0.0 have it already\r\n")]) as server:
        first, second = submit(at(server), ENVELOPE, ENVELOPE, before_dot=lambda: dots.append(1))
    assert (first.state, first.phase, second.state) == ("again", "data", "accepted")
    with FaultySmtp([On("EOD", b"550 no\r\n250 well, yes\r\n")]) as server:
        first, second = submit(at(server), ENVELOPE, Envelope(US, "lain@x.test"))
    assert (first.state, second.state, server.connections) == ("failed", "accepted", 2)
    assert [mail.recipients for mail in server.mails] == [[USER], ["lain@x.test"]]
    assert dots == [1]


def test_a_server_that_stops_reading_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            accepted, _ = listener.accept()
            with accepted, accepted.makefile("rb") as lines:
                accepted.sendall(b"220 sink\r\n")
                for reply in (b"250 sink", b"250 ok", b"250 ok", b"354 go"):
                    lines.readline()
                    accepted.sendall(reply + b"\r\n")
                done.wait(20)

        threading.Thread(target=serve, daemon=True).start()
        dots: list[int] = []
        endpoint = Endpoint("127.0.0.1", listener.getsockname()[1], "none")
        (outcome,) = submit(endpoint, raw=b"x" * 70 * 2**20, before_dot=lambda: dots.append(1))
        done.set()
    assert (outcome.state, outcome.phase, outcome.text) == ("again", "data", "timed out")
    assert dots == []


# --- faulty servers: at the dot -----------------------------------------------------------------------


@pytest.mark.parametrize("actions", [*DOWN, ("nonsense",), ("354 what?",)])
def test_a_drop_after_the_dot_is_uncertain(actions: tuple[Any, ...]) -> None:
    dots: list[int] = []
    with FaultySmtp([On("EOD", *actions)]) as server:
        first, second = submit(at(server), ENVELOPE, ENVELOPE, before_dot=lambda: dots.append(1))
    assert (first.state, first.phase, first.scope) == ("uncertain", "dot", "server")
    assert second.state == "accepted"
    assert (len(dots), len(server.mails)) == (2, 2)  # the server did have the first one
    assert server.mails[0] == server.mails[1]


@pytest.mark.parametrize(
    ("reply", "state", "scope"),
    [
        ("250 2.0.0 queued as 123", "accepted", "recipient"),
        ("451 4.3.0 later", "again", "server"),
        ("450 4.2.0 later", "again", "recipient"),
        ("421 4.3.2 closing", "again", "server"),
        ("550 5.6.0 no", "failed", "recipient"),
        ("554 5.7.1 not from you", "again", "account"),
        ("550 5.0.0 STOREDRV.Deliver.Exception: DuplicateDelivery", "accepted", "recipient"),
    ],
)
def test_the_answer_to_the_dot_decides(reply: str, state: str, scope: str) -> None:
    with FaultySmtp([On("EOD", reply)]) as server:
        first, second = submit(at(server), ENVELOPE, ENVELOPE)
    assert (first.state, first.scope, first.phase, first.code) == (state, scope, "dot", int(reply[:3]))
    assert second.state == "accepted"


def test_a_slow_answer_to_the_dot_is_waited_for() -> None:
    with FaultySmtp([On("EOD", pause(0.8), ANSWER)]) as server:
        timeouts = Timeouts(connect=0.3, command=0.3, block=0.3, dot=5)
        (outcome,) = submit(at(server), timeouts=timeouts)
    assert outcome.state == "accepted"
    assert len(server.mails) == 1


def test_before_dot_comes_when_the_server_cannot_have_the_mail_yet() -> None:
    """The final dot leaves after the call, and only if it returns."""
    raw = b"Subject: besar\r\n\r\n" + b"0123456789\r\n" * 50_000
    seen: list[int] = []
    with FaultySmtp() as server:
        (outcome,) = submit(at(server), raw=raw, before_dot=lambda: seen.append(len(server.mails)))
        assert (seen, outcome.state) == ([0], "accepted")
        assert server.mails[0].data == raw


def test_a_commit_that_fails_before_the_dot_leaves_the_server_without_the_mail() -> None:
    def disk_full() -> None:
        raise OSError(28, "No space left on device")

    async def run(endpoint: Endpoint) -> Outcome:
        async with Submitter(endpoint, "batang.test", QUICK) as submitter:
            with pytest.raises(OSError, match="No space"):
                await submitter.submit(ENVELOPE, b"Subject: satu\r\n\r\n", disk_full)
            return await submitter.submit(ENVELOPE, RAW, lambda: None)

    with FaultySmtp() as server:
        outcome = asyncio.run(run(at(server)))
    assert outcome.state == "accepted"
    assert [mail.data for mail in server.mails] == [RAW]


def test_a_cancelled_submission_does_not_disturb_the_next_one() -> None:
    async def run(endpoint: Endpoint) -> Outcome:
        async with Submitter(endpoint, "batang.test", PATIENT) as submitter:
            waiting = asyncio.Event()
            first = asyncio.create_task(submitter.submit(ENVELOPE, RAW, waiting.set))
            await waiting.wait()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return await submitter.submit(ENVELOPE, RAW, lambda: None)

    with FaultySmtp([On("EOD", HANG)]) as server:
        assert asyncio.run(run(at(server))).state == "accepted"


def test_submissions_at_the_same_time_wait_for_one_another() -> None:
    async def run(endpoint: Endpoint) -> list[Outcome]:
        async with Submitter(endpoint, "batang.test", PATIENT) as submitter:
            envelopes = [Envelope(US, f"{n}@x.test") for n in range(20)]
            return await asyncio.gather(*(submitter.submit(one, RAW, lambda: None) for one in envelopes))

    with FaultySmtp() as server:
        assert {one.state for one in asyncio.run(run(at(server)))} == {"accepted"}
    assert server.connections == 1
    assert [mail.recipients for mail in server.mails] == [[f"{n}@x.test"] for n in range(20)]


# --- TLS and login ------------------------------------------------------------------------------------


def test_starttls_that_is_not_offered_ends_before_the_login() -> None:
    with FaultySmtp(extensions=("AUTH PLAIN",)) as server:
        (outcome,) = submit(at(server, security="starttls", username=US, password=SECRET))
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", "connect", "server")
    assert "STARTTLS" in outcome.text
    assert not [command for command in server.commands if command.startswith((b"AUTH", b"MAIL"))]


@pytest.mark.parametrize("actions", [("454 4.7.0 no TLS now",), ("220 go", "nonsense"), ("220 go", DROP)])
def test_starttls_that_fails_ends_before_the_login(actions: tuple[Any, ...]) -> None:
    with FaultySmtp([On("STARTTLS", *actions)], extensions=("STARTTLS", "AUTH PLAIN")) as server:
        (outcome,) = submit(at(server, security="starttls", username=US, password=SECRET))
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", "connect", "server")
    assert not [command for command in server.commands if command.startswith((b"AUTH", b"MAIL"))]


def test_a_server_that_speaks_plain_text_on_the_tls_port_is_tried_again() -> None:
    with FaultySmtp() as server:
        (outcome,) = submit(at(server, security="tls"))
    assert (outcome.state, outcome.phase) == ("again", "connect")


@pytest.mark.parametrize(
    ("reply", "scope"),
    [
        ("535 5.7.8 bad credentials", "account"),
        ("534 5.7.9 use an app password", "account"),
        ("454 4.7.0 temporary authentication failure", "server"),
        ("421 4.7.0 too many logins", "server"),
    ],
)
def test_a_refused_login_is_tried_once_and_told_apart(reply: str, scope: str) -> None:
    with FaultySmtp([On("AUTH", reply)], extensions=("AUTH CRAM-MD5 LOGIN PLAIN",)) as server:
        (outcome,) = submit(at(server, username=US, password=SECRET))
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", "connect", scope)
    assert [command for command in server.commands if b"AUTH" in command] == [b"AUTH PLAIN " + PLAIN.encode()]


def test_a_server_that_quotes_the_command_does_not_make_us_show_the_password() -> None:
    reply = f"501 5.5.4 syntax error: AUTH PLAIN {PLAIN} ({SECRET})"
    with FaultySmtp([On("AUTH", reply)], extensions=("AUTH PLAIN",)) as server:
        (outcome,) = submit(at(server, username=US, password=SECRET))
    assert outcome.text == "5.5.4 syntax error: AUTH PLAIN *** (***)"


@pytest.mark.parametrize("extensions", [(), ("AUTH NTLM",)])
def test_a_server_without_a_login_that_we_know_concerns_the_account(extensions: tuple[str, ...]) -> None:
    with FaultySmtp(extensions=extensions) as server:
        (outcome,) = submit(at(server, username=US, password=SECRET))
    assert (outcome.state, outcome.phase, outcome.scope) == ("again", "connect", "account")


def test_without_a_username_there_is_no_login() -> None:
    with FaultySmtp(extensions=("AUTH PLAIN",)) as server:
        assert submit(at(server))[0].state == "accepted"
    assert not [command for command in server.commands if command.startswith(b"AUTH")]


def test_a_ca_file_that_cannot_be_used_is_for_a_person_to_look_at(tmp_path: Any) -> None:
    with pytest.raises(PermanentFailure, match=r"no\.pem"):
        submit(Endpoint("127.0.0.1", 465, "tls", ca_file=tmp_path / "no.pem"))


# --- what a reply means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "code", "text", "expected"),
    [
        ("rcpt", 552, "mailbox full or too big, who knows", ("failed", "recipient", True)),
        ("dot", 552, "5.3.4 message too big", ("failed", "recipient", True)),
        ("dot", 554, "5.2.3 too big for that mailbox", ("failed", "recipient", True)),
        ("rcpt", 552, "5.2.2 over quota", ("failed", "recipient", False)),
        ("rcpt", 550, "no such user", ("failed", "recipient", False)),
        ("rcpt", 550, "5.7.1.2 is an address, not a code", ("failed", "recipient", False)),
        ("dot", 550, "5.3.5 misconfigured", ("again", "server", False)),
        ("rcpt", 538, "encryption needed", ("again", "account", False)),
        ("rcpt", 550, "DuplicateDelivery", ("failed", "recipient", False)),
        ("mail", 555, "5.5.4 what is SIZE?", ("again", "account", False)),
        ("dot", 250, "", ("accepted", "recipient", False)),
        ("rcpt", 299, "odd", ("again", "server", False)),
    ],
)
def test_a_reply_is_understood(phase: Phase, code: int, text: str, expected: tuple[str, str, bool]) -> None:
    outcome = classify(phase, code, text)
    assert (outcome.state, outcome.scope, outcome.too_big) == expected
    assert outcome.text == text


@given(st.sampled_from(["connect", "mail", "rcpt", "data"]), st.integers(-1, 999), st.text(), st.booleans())
def test_before_the_dot_nothing_is_ever_accepted_or_uncertain(phase: Phase, code: int, text: str, null: bool) -> None:
    assert classify(phase, code, text, null_sender=null).state in ("again", "failed")
