"""Login with tokens, in the daemon: their end, rotation, revocation and a dead token server. Mail waits, one alarm goes
out, and all goes on by itself; the operator is told in time before a login ends."""

from __future__ import annotations

import contextlib
import io
import re
import threading
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mailbot.cli.main import main
from mailbot.daemon import endings, outages
from mailbot.fetch.accounts import of_tokens
from mailbot.servers.oauth2 import Granted
from mailbot.servers.tokens import Account, Kept
from tests.mailservers import MailServers
from tests.mailservers.process import wait_until
from tests.mailservers.real import RealServers, missing
from tests.mailservers.tokens import SECRET, TokenServer
from tests.running import PATIENCE, RunningOffice
from tests.steps import flat
from tests.world import LPSE, Letter, PaperWorld

pytestmark = pytest.mark.mailservers


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture(scope="module")
def _dovecot(tokens: TokenServer) -> Iterator[MailServers]:
    if why := missing():
        pytest.skip(f"needs Dovecot and Postfix: {why}")
    servers = RealServers(introspection=f"http://127.0.0.1:{tokens.introspection_port}/introspect")
    yield servers
    servers.close()


@pytest.fixture
def dovecot(_dovecot: MailServers, tokens: TokenServer) -> Iterator[MailServers]:
    tokens.rotates, tokens.lasts, tokens.said = True, 3600.0, None
    yield _dovecot
    _dovecot.reset()


class Office(RunningOffice):
    """Reads and sends with tokens; the alarms leave by an account that needs none."""

    def __init__(self, servers: MailServers, tokens: TokenServer, folder: Path, given: str | None = None) -> None:
        (folder / "client").write_text(SECRET)
        (folder / "refresh").write_text(given or tokens.login(LPSE))
        oauth2 = tokens.settings(
            client_secret={"file": str(folder / "client")}, refresh_token={"file": str(folder / "refresh")}
        )
        self.tokens = tokens
        super().__init__(
            servers,
            folder,
            imap={"password": None, "oauth2": oauth2},
            smtp={"username": LPSE, "oauth2": deepcopy(oauth2)},
        )
        self.config_file.write_text(
            self.config_file.read_text()
            + f"alarms: {{smtp: {{host: 127.0.0.1, port: {servers.smtp_port}, security: none}}}}\n"
        )

    def alarms(self) -> list[Letter]:
        return [mail for mail in self.letters("operator") if "OAuth2" in mail.subject]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "PATIENCE", 1.0)
    monkeypatch.setattr(outages, "OVER_AFTER", 1.0)
    monkeypatch.setattr("mailbot.daemon.run.OUTAGES_EVERY", 1)
    monkeypatch.setattr("mailbot.daemon.folder_thread.SERVER", (0.3,))
    monkeypatch.setattr("mailbot.daemon.sending.postman.SERVER", (0.3,))


def acknowledged(office: Office, count: int, what: str) -> None:
    wait_until(lambda: len(office.letters("pengguna")) == count, PATIENCE, what)


def noticed(office: Office, count: int) -> None:
    wait_until(lambda: len(office.letters("petugas")) == count, PATIENCE, "staff are told nothing")


def test_short_tokens_that_rotate_are_renewed_while_the_daemon_reads_and_sends(
    dovecot: MailServers, tokens: TokenServer, tmp_path: Path, quick: None
) -> None:
    tokens.lasts, tokens.most_at_once = 3.0, 0
    office = Office(dovecot, tokens, tmp_path)
    with office.running():
        for count in (1, 2, 3):
            office.write("pengguna", f"Tidak dapat login {count}")
            noticed(office, count)
            tokens.expire()
            dovecot.imap.restart()
    assert office.alarms() == [] and tokens.most_at_once == 1


def test_a_dead_token_server_is_one_alarm_mail_waits_and_it_goes_on_by_itself(
    dovecot: MailServers, tokens: TokenServer, tmp_path: Path, quick: None
) -> None:
    office = Office(dovecot, tokens, tmp_path)
    with office.running():
        office.write("pengguna", "Tidak dapat login")
        acknowledged(office, 1, "no acknowledgement")
        tokens.dies()
        tokens.expire()
        try:
            dovecot.imap.restart()
            office.write("pengguna", "Masih tidak dapat login")
            wait_until(lambda: len(office.alarms()) == 1, PATIENCE, "no alarm")
        finally:
            tokens.lives()
        acknowledged(office, 2, "what waited is not handled")
        wait_until(lambda: len(office.alarms()) == 2, PATIENCE, "nobody is told that it is over")
    alarm, over = office.alarms()
    assert f"127.0.0.1:{tokens.port}" in alarm.subject and "Connection refused" in flat(alarm.text)
    assert "tidak ada yang hilang" in flat(alarm.text) and LPSE in alarm.text
    assert "mendapat token lagi" in over.subject


def test_a_revoked_login_is_one_alarm_that_says_what_to_do_and_a_new_login_mends_it(
    dovecot: MailServers, tokens: TokenServer, tmp_path: Path, quick: None
) -> None:
    office = Office(dovecot, tokens, tmp_path)
    with office.running():
        office.write("pengguna", "Tidak dapat login")
        acknowledged(office, 1, "no acknowledgement")
        tokens.revoke(LPSE)
        dovecot.imap.restart()
        office.write("pengguna", "Masih tidak dapat login")
        wait_until(lambda: len(office.alarms()) == 1, PATIENCE, "no alarm")
        [alarm] = office.alarms()
        assert "invalid_grant" in alarm.text and '"mailbot token batang"' in flat(alarm.text)
        assert "refresh-" not in alarm.text and SECRET not in alarm.text
        status = CliRunner().invoke(main, ["-c", str(office.config_file), "status", "--check"])
        assert status.exit_code == 2 and "no access token" in status.output
        numbers = CliRunner().invoke(main, ["-c", str(office.config_file), "status", "--prometheus"]).stdout
        assert re.search(r'mailbot_login_refused\{mailbox="batang",.*\} 1\n', numbers), "without reading any secret"
        login(office, tokens)
        acknowledged(office, 2, "what waited is not handled")
        wait_until(lambda: len(office.alarms()) == 2, PATIENCE, "nobody is told that it is over")


def login(office: Office, tokens: TokenServer) -> str:
    """`mailbot token batang`, and a person who agrees as soon as there is a code."""
    known = set(tokens._user_codes)

    def person() -> None:
        wait_until(lambda: bool(set(tokens._user_codes) - known), PATIENCE, "no code")
        tokens.agree(next(iter(set(tokens._user_codes) - known)), LPSE)

    agreeing = threading.Thread(target=person)
    agreeing.start()
    told = CliRunner().invoke(main, ["-c", str(office.config_file), "token", "batang"])
    agreeing.join()
    assert told.exit_code == 0, told.output
    assert "enter the code" in told.output and "refresh-" not in told.output
    return told.output


# --- the command -------------------------------------------------------------------------------------------


def test_the_command_refuses_what_it_cannot_do(dovecot: MailServers, tokens: TokenServer, tmp_path: Path) -> None:
    office = Office(dovecot, tokens, tmp_path)

    def told(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["-c", str(office.config_file), "token", *words])
        return done.exit_code, done.output

    assert told("solo")[0] == 2 and "there are batang, alarms" in told("solo")[1]
    assert told("alarms")[0] == 1 and "no oauth2" in told("alarms")[1]
    tokens.said = 400, '{"error": "invalid_scope"}'
    assert told("batang")[0] == 77 and "invalid_scope" in told("batang")[1]
    tokens.said = 503, ""
    assert told("batang")[0] == 69 and "HTTP 503" in told("batang")[1]
    tokens.said = None


def test_google_is_logged_in_to_by_a_browser_whose_address_is_pasted(
    dovecot: MailServers, tokens: TokenServer, tmp_path: Path
) -> None:
    office = Office(dovecot, tokens, tmp_path)
    oauth2: dict[str, Any] = {
        "provider": "google",
        "client_id": "mailbot-client",
        "client_secret": {"file": str(tmp_path / "client")},
        "token_url": tokens.url,
        "login_url": tokens.login_url,
    }
    [mailbox] = office.change()["mailboxes"]
    mailbox["imap"]["oauth2"], mailbox["smtp"]["oauth2"] = oauth2, dict(oauth2)
    office.change(mailboxes=[mailbox])

    class Person:
        """Types only after having read what was asked."""

        def readline(self) -> str:
            return tokens.browse(next(line for line in seen() if line.startswith(tokens.login_url)), LPSE) + "\n"

    out = io.StringIO()

    def seen() -> list[str]:
        return out.getvalue().splitlines()

    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(out):
        patched.setattr("mailbot.cli.token_login.sys.stdin", Person())
        main(["-c", str(office.config_file), "token", "batang"], standalone_mode=False)
    assert "scope=https%3A%2F%2Fmail.google.com%2F" in out.getvalue() and "the login is kept" in out.getvalue()
    office.write("pengguna", "Tidak dapat login")
    office.once()
    office.once()
    assert len(office.letters("pengguna")) == 1


# --- before the end ----------------------------------------------------------------------------------------

NOW = datetime(2026, 12, 21, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "left", "expected"),
    [
        (0, None, None),
        (59, None, None),
        (60, None, "age 60"),
        (79, None, "age 60"),
        (80, None, "age 80"),
        (400, None, "age 80"),
        (80, 15, None),
        (1, 14, "end 14"),
        (1, 3, "end 3"),
        (1, 1, "end 1"),
        (1, -1, "end 1"),
    ],
)
def test_each_stage_has_its_day(age: int, left: int | None, expected: str | None) -> None:
    until = None if left is None else NOW + timedelta(days=left)
    assert endings.stage_of_token(Kept("r", NOW - timedelta(days=age), until), NOW) == expected


def test_the_operator_is_told_of_each_stage_once(tmp_path: Path) -> None:
    (tmp_path / "client").write_text(SECRET)
    oauth2 = {"provider": "microsoft", "client_id": "a", "client_secret": {"file": str(tmp_path / "client")}}
    office = PaperWorld(
        tmp_path, imap={"password": None, "oauth2": oauth2}, smtp={"username": LPSE, "oauth2": deepcopy(oauth2)}
    )
    [site] = office.sites
    [account] = of_tokens(site.config, site.data)
    assert isinstance(account, Account)
    account.keep(Granted("access", 3600, "refresh", 20 * 86_400.0))
    end = account.kept().refresh_until
    assert end is not None
    told = []
    for before in (15, 14, 13, 4, 3, 2, 1, 0.5):
        endings.look(office.store, office.sites, end - timedelta(days=before))
        office.once()
        told += [(before, mail) for mail in office.new_letters("operator") if "OAuth2" in mail.subject]
    assert [before for before, _ in told] == [14, 3, 1]
    assert '"mailbot token batang"' in flat(told[0][1].text) and "berakhir pada" in told[0][1].text
    office.store.close()
