"""The servers that other tests rest on do what these tests believe."""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from tests import ROOT
from tests.mailservers import MailServers, Server
from tests.mailservers.embedded import EmbeddedServers
from tests.mailservers.faulty import ANSWER, DROP, HANG, RESET, FaultyImap, FaultySmtp, On, pause, split
from tests.mailservers.process import wait_until
from tests.mailservers.real import missing

MAIL = b"From: budi@penyedia.test\r\nTo: lpse@batangkab.test\r\nSubject: halo\r\n\r\nisi\r\n"
LPSE = "lpse@batangkab.test"


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedServers]:
    running = EmbeddedServers()
    yield running
    running.close()


@pytest.fixture(params=["session", "embedded"])
def each(request: pytest.FixtureRequest, servers: MailServers, embedded: EmbeddedServers) -> Iterator[MailServers]:
    """The session's servers and, where these are real, the embedded ones too: one API, one set of tests."""
    if request.param == "session":
        yield servers
    else:
        yield embedded
        embedded.reset()


def submit(servers: MailServers, *to: str, raw: bytes = MAIL, sender: str = "budi@penyedia.test") -> None:
    with smtplib.SMTP(servers.smtp_host, servers.smtp_port) as client:
        client.sendmail(sender, to, raw)


def plain(servers: MailServers, **options: object) -> IMAPClient:
    return IMAPClient(servers.imap_host, servers.imap_port, ssl=False, timeout=10, **options)


@pytest.mark.mailservers
def test_the_real_servers_are_used_where_they_are_installed(servers: MailServers) -> None:
    assert servers.real
    assert missing() == ""


def test_a_delivered_mail_is_in_the_inbox_at_once(each: MailServers) -> None:
    each.deliver(MAIL, LPSE)
    [mail] = each.messages(LPSE)
    assert mail.endswith(MAIL)
    assert mail.startswith(b"Return-Path: <sender@elsewhere.test>\r\nDelivered-To: lpse@batangkab.test\r\n")


def test_a_delivered_mail_may_have_an_empty_return_path(each: MailServers) -> None:
    each.deliver(MAIL, LPSE, sender="")
    assert each.messages(LPSE)[0].startswith(b"Return-Path: <>\r\n")


def test_an_appended_mail_keeps_its_bytes_and_its_date(each: MailServers) -> None:
    when = datetime(2025, 12, 23, 8, 30, tzinfo=UTC)
    raw = b"Subject: \xe9 8-bit\r\n\r\n\xff.\r\n.\r\n"
    each.append(LPSE, raw, "Junk", when)
    assert each.messages(LPSE, "Junk") == [raw]
    with each.client(LPSE) as client:
        client.normalise_times = False
        client.select_folder("Junk")
        [answer] = client.fetch(client.search(), ["INTERNALDATE"]).values()
    assert answer[b"INTERNALDATE"] == when


def test_append_creates_a_folder_that_is_not_there(each: MailServers) -> None:
    each.append(LPSE, MAIL, "Arsip Lama")
    assert each.messages(LPSE, "Arsip Lama") == [MAIL]


def test_each_user_has_junk_archive_and_sent(each: MailServers) -> None:
    with each.client("someone@new.test") as client:
        folders = {name for _, _, name in client.list_folders()}
    assert {"INBOX", "Junk", "Archive", "Sent"} <= folders


def test_a_submitted_mail_arrives_with_every_recipient(each: MailServers) -> None:
    submit(each, LPSE, "helpdesk-lpse@lkpp.test")
    each.settle()
    for user in (LPSE, "helpdesk-lpse@lkpp.test"):
        [mail] = each.wait_for(user, 1)
        assert mail.startswith(b"Return-Path: <budi@penyedia.test>\r\n")
        assert b"Subject: halo\r\n" in mail


def test_wait_for_tells_what_is_missing(each: MailServers) -> None:
    with pytest.raises(AssertionError, match="0 mails of 1"):
        each.wait_for(LPSE, 1, timeout=0.1)


def test_unknown_and_busy_recipients_are_refused(each: MailServers) -> None:
    for recipient, code in (("unknown@a.test", 550), ("busy@a.test", 450)):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            submit(each, recipient)
        assert refused.value.recipients[recipient][0] == code


def test_a_bounce_comes_back_to_the_envelope_sender(each: MailServers) -> None:
    submit(each, "bounces@a.test")
    [mail] = each.wait_for("budi@penyedia.test", 1)
    assert mail.startswith(b"Return-Path: <>\r\n")
    assert b"message/delivery-status" in mail
    assert b"Status: 5.1.1" in mail


def test_a_bounced_notification_goes_nowhere(each: MailServers) -> None:
    submit(each, "bounces@a.test", sender="")
    each.settle()
    assert each.messages("bounces@a.test") == []


def test_tls_is_verified_by_the_ca_file(each: MailServers) -> None:
    trust = ssl.create_default_context(cafile=str(each.ca_file))
    with IMAPClient("localhost", each.imaps_port, ssl_context=trust, timeout=10) as client:
        client.login(LPSE, each.password)
    with smtplib.SMTP_SSL("127.0.0.1", each.smtps_port, context=trust) as smtp:
        assert smtp.noop()[0] == 250


def test_tls_is_verified_by_a_strict_reader_of_certificates(each: MailServers) -> None:
    trust = ssl.create_default_context(cafile=str(each.ca_file))
    trust.verify_flags |= ssl.VERIFY_X509_STRICT  # what Python 3.13 does by itself
    with IMAPClient("localhost", each.imaps_port, ssl_context=trust, timeout=10) as client:
        client.login(LPSE, each.password)


def test_tls_fails_without_the_ca_file(each: MailServers) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("localhost", each.imaps_port, ssl_context=ssl.create_default_context(), timeout=10)
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL("127.0.0.1", each.smtps_port, context=ssl.create_default_context())


def test_starttls_works_on_the_plain_ports(each: MailServers) -> None:
    trust = ssl.create_default_context(cafile=str(each.ca_file))
    with plain(each) as client:
        client.starttls(trust)
        client.login(LPSE, each.password)
    with smtplib.SMTP("127.0.0.1", each.smtp_port) as smtp:
        smtp.starttls(context=trust)
        smtp.login(LPSE, each.password)


def test_a_wrong_password_is_refused_by_both(each: MailServers) -> None:
    with plain(each) as client, pytest.raises(LoginError):
        client.login(LPSE, "wrong")
    with (
        smtplib.SMTP("127.0.0.1", each.smtp_port) as smtp,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        smtp.login(LPSE, "wrong")


def test_flags_persist(each: MailServers) -> None:
    each.deliver(MAIL, LPSE)
    with each.client(LPSE) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(), ["\\Seen"])
    assert list(each.flags(LPSE).values()) == [{"\\Seen"}]


@pytest.mark.mailservers
def test_a_keyword_persists(servers: MailServers) -> None:
    servers.deliver(MAIL, LPSE)
    with servers.client(LPSE) as client:
        selected = client.select_folder("INBOX")
        client.add_flags([1], ["$Mailbot"])
    assert b"\\*" in selected[b"PERMANENTFLAGS"]
    assert servers.flags(LPSE) == {1: {"$Mailbot"}}


def test_the_embedded_server_offers_no_keywords(embedded: EmbeddedServers) -> None:
    with embedded.client(LPSE) as client:
        assert b"\\*" not in client.select_folder("INBOX")[b"PERMANENTFLAGS"]


def test_idle_reports_a_new_mail(each: MailServers) -> None:
    """Read line by line: `idle_check` of imapclient breaks off at a line that has come in part."""
    with socket.create_connection((each.imap_host, each.imap_port), timeout=60) as connection:
        stream = connection.makefile("rwb", buffering=0)
        said = iter(stream.readline, b"")
        for number, command in enumerate((f"LOGIN {LPSE} {each.password}", "SELECT INBOX")):
            stream.write(f"a{number} {command}\r\n".encode())
            assert next(line for line in said if line.startswith(b"a")).startswith(f"a{number} OK".encode())
        stream.write(b"a2 IDLE\r\n")
        assert next(line for line in said if not line.startswith(b"*")).startswith(b"+")
        each.deliver(MAIL, LPSE)
        assert any(line == b"* 1 EXISTS\r\n" for line in said)


def test_wipe_leaves_no_mail(each: MailServers) -> None:
    each.deliver(MAIL, LPSE)
    each.append(LPSE, MAIL, "Junk")
    each.wipe()
    assert each.messages(LPSE) == []
    assert each.messages(LPSE, "Junk") == []


@pytest.mark.parametrize("which", ["imap", "smtp"])
def test_a_killed_server_breaks_connections_and_comes_back(each: MailServers, which: str) -> None:
    server: Server = getattr(each, which)
    port: int = getattr(each, f"{which}_port")
    each.deliver(MAIL, LPSE)
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        assert connection.recv(1000)  # the greeting
        server.kill()
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1000) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)
    server.restart()
    submit(each, LPSE)
    assert len(each.wait_for(LPSE, 2)) == 2


def test_reset_restarts_what_a_test_has_killed(each: MailServers) -> None:
    each.imap.kill()
    each.smtp.kill()
    assert not each.imap.running
    assert not each.smtp.running
    each.reset()
    submit(each, LPSE)
    assert len(each.wait_for(LPSE, 1)) == 1


@pytest.mark.mailservers
def test_a_mail_waits_in_the_queue_while_imap_is_away(servers: MailServers) -> None:
    servers.imap.kill()
    submit(servers, LPSE)
    with pytest.raises(TimeoutError):
        servers.settle(0.3)
    servers.imap.restart()
    servers.settle()
    assert len(servers.messages(LPSE)) == 1


@pytest.mark.mailservers
def test_no_server_outlives_a_killed_test_run(servers: MailServers) -> None:
    """What PR_SET_PDEATHSIG does not do for a daemon that changes its user, the guards do."""
    program = textwrap.dedent("""
        import os, signal
        from tests.mailservers.real import RealServers
        running = RealServers()
        print(running.imap_port, running.smtp_port, running.ca_file, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    root = ROOT
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    imap, smtp, ca_file = done.stdout.split()

    def gone() -> bool:
        for port in (int(imap), int(smtp)):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return False
        return not Path(ca_file).exists()

    wait_until(gone, 10, "a server or its folder was left behind")


# --- servers that fail on order ----------------------------------------------------------------


def imap_to(server: FaultyImap, timeout: float = 5) -> IMAPClient:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=timeout)
    client.login("a", "b")
    client.select_folder("INBOX")
    return client


def test_without_a_script_the_imap_server_is_healthy() -> None:
    with FaultyImap(messages={3: MAIL, 7: MAIL + b"more"}) as server:
        client = imap_to(server)
        assert client.search("ALL") == [3, 7]
        answer = client.fetch([7], ["BODY.PEEK[]", "RFC822.SIZE", "FLAGS", "INTERNALDATE", "BODY.PEEK[]<0.4>"])
        assert answer[7][b"BODY[]"] == MAIL + b"more"
        assert answer[7][b"BODY[]<0>"] == MAIL[:4]
        assert answer[7][b"RFC822.SIZE"] == len(MAIL) + 4
        client.append("INBOX", b"x")
        client.idle()
        client.idle_done()
        client.logout()
    assert server.appended == [b"x"]
    assert server.commands[-1] == b"LOGOUT"


def fetch(client: IMAPClient) -> object:
    return client.fetch([1], ["BODY.PEEK[]"])


@pytest.mark.parametrize(
    ("step", "act", "error"),
    [
        (On("UID FETCH", DROP), fetch, IMAPClientError),
        (On("UID FETCH", RESET), fetch, ConnectionResetError),
        (On("UID FETCH", HANG), fetch, TimeoutError),
        (On("UID FETCH", "* 1 FETCH (UID 1 BODY[] {900}\r\nshort", DROP), fetch, IMAPClientError),
        (On("UID FETCH", "* BYE shutting down", DROP), fetch, IMAPClientError),
        (On("UID FETCH", "%tag% NO [UNAVAILABLE] later"), fetch, IMAPClientError),
        (On("UID SEARCH", pause(0.01), "%tag% BAD what?"), lambda c: c.search("ALL"), IMAPClientError),
        (On("IDLE", "* 2 EXISTS", "+ idling"), lambda c: c.idle(), IMAPClientError),
    ],
    ids=lambda value: repr(value) if isinstance(value, On) else "",
)
def test_an_imap_fault_happens_as_written(
    step: On, act: Callable[[IMAPClient], object], error: type[Exception]
) -> None:
    with FaultyImap([step], messages={1: MAIL}) as server:
        client = imap_to(server, timeout=0.5)
        with pytest.raises(error):
            act(client)
        healthy = imap_to(server)
        assert healthy.search("ALL") == [1]
        healthy.logout()
    assert server.missed == []
    assert server.connections == 2


def test_a_split_line_arrives_whole() -> None:
    with FaultyImap([On("NOOP", split("* 5 EXISTS\r\n", 4), ANSWER)]) as server:
        client = imap_to(server)
        assert client.noop()[1] == [(5, b"EXISTS")]
        client.logout()


def test_a_greeting_can_refuse() -> None:
    with FaultyImap([On("CONNECT", "* BYE too many connections", DROP)], repeat=True) as server:
        for _ in range(2):
            with pytest.raises(IMAPClientError):
                imap_to(server)


def test_an_entry_that_nobody_reached_is_told() -> None:
    with FaultyImap([On("EXPUNGE", DROP)]) as server:
        imap_to(server).logout()
    assert [step.pattern for step in server.missed] == ["EXPUNGE"]


def test_without_a_script_the_smtp_server_takes_a_mail() -> None:
    with FaultySmtp() as server, smtplib.SMTP(server.host, server.port) as client:
        client.sendmail("a@x.test", ["b@x.test"], b"Subject: x\r\n\r\n.dot\r\n")
    [mail] = server.mails
    assert (mail.sender, mail.recipients) == ("a@x.test", ["b@x.test"])
    assert mail.data == b"Subject: x\r\n\r\n.dot\r\n"


@pytest.mark.parametrize(
    ("step", "error", "received"),
    [
        (On("CONNECT", "554 go away"), smtplib.SMTPConnectError, 0),
        (On("MAIL", "451 4.3.0 later"), smtplib.SMTPSenderRefused, 0),
        (On("RCPT", "550 5.1.1 unknown", times=2), smtplib.SMTPRecipientsRefused, 0),
        (On("DATA", "452 4.3.1 disk full"), smtplib.SMTPDataError, 0),
        (On("EOD", "554 5.7.1 spam"), smtplib.SMTPDataError, 1),
        (On("EOD", DROP), smtplib.SMTPServerDisconnected, 1),
        (On("EOD", HANG), smtplib.SMTPServerDisconnected, 1),
        (On("RCPT", "421 4.3.2 closing", DROP), smtplib.SMTPRecipientsRefused, 0),
    ],
    ids=lambda value: repr(value) if isinstance(value, On) else "",
)
def test_an_smtp_fault_happens_as_written(step: On, error: type[Exception], received: int) -> None:
    with FaultySmtp([step]) as server:
        with pytest.raises(error):
            client = smtplib.SMTP(server.host, server.port, timeout=0.5)
            client.sendmail("a@x.test", ["b@x.test", "c@x.test"], MAIL)
        assert len(server.mails) == received
        with smtplib.SMTP(server.host, server.port) as healthy:
            healthy.sendmail("a@x.test", ["b@x.test"], MAIL)
        assert len(server.mails) == received + 1
    assert server.missed == []


def test_one_recipient_of_two_can_be_refused() -> None:
    script = [On("RCPT"), On("RCPT", "450 4.2.0 busy")]
    with FaultySmtp(script) as server, smtplib.SMTP(server.host, server.port) as client:
        refused = client.sendmail("a@x.test", ["b@x.test", "c@x.test"], MAIL)
    assert list(refused) == ["c@x.test"]
    assert server.mails[0].recipients == ["b@x.test"]
