"""Tokens: asked for, kept, shared, rotated and refused; and logins with them at Dovecot and Postfix."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from mailbot.errors import AccountFailure
from mailbot.servers import imap, oauth2
from mailbot.servers.endpoint import BEARERS, Endpoint
from mailbot.servers.oauth2 import Client, NoToken, TokenRefused
from mailbot.servers.smtp import Envelope, Outcome, Submitter
from mailbot.servers.tokens import Account
from tests import ROOT
from tests.mailservers import MailServers
from tests.mailservers.faulty import FaultySmtp, On
from tests.mailservers.real import RealServers, missing
from tests.mailservers.tokens import CLIENT, SECRET, TokenServer

USER = "lpse@batangkab.test"


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


def client(server: TokenServer, **more: Any) -> Client:
    facts = {"device_url": server.device_url, "login_url": server.login_url, "scope": "mail"}
    return Client(server.url, CLIENT, SECRET, **{**facts, **more})


@pytest.fixture
def account(tokens: TokenServer, tmp_path: Path) -> Account:
    return Account(client(tokens), USER, tmp_path / "tokens", given=tokens.login(USER), name="batang")


# --- what is kept ------------------------------------------------------------------------------------------


def test_an_access_token_is_asked_for_once_and_kept_until_shortly_before_its_end(
    tokens: TokenServer, account: Account
) -> None:
    first = account.access()
    assert account.access() == replace(account).access() == first, "another process finds it, too"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=54)):
        assert account.access() == first
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=56)):
        assert account.access() != first
    assert tokens.asked == ["refresh_token"] * 2


def test_a_short_life_is_used_for_four_fifths(tokens: TokenServer, account: Account) -> None:
    tokens.lasts = 10
    first, begun = account.access(), datetime.now(UTC)
    with time_machine.travel(begun + timedelta(seconds=7)):
        assert account.access() == first
    with time_machine.travel(begun + timedelta(seconds=8.5)):
        assert account.access() != first


def test_a_clock_that_was_set_back_makes_no_old_token_new(tokens: TokenServer, account: Account) -> None:
    first = account.access()
    with time_machine.travel(datetime.now(UTC) - timedelta(days=5)):
        assert account.access() != first


def test_a_rotated_refresh_token_is_kept_and_the_next_one_is_asked_with(tokens: TokenServer, account: Account) -> None:
    tokens.rotates = True
    seen = {account.access()}
    for _ in range(3):
        seen.add(account.access(not_this=account.kept().access))
    assert len(seen) == 4 and not tokens.good(account.given) and tokens.good(account.kept().refresh)


def test_only_the_owner_reads_the_tokens_and_nothing_else_is_left_behind(account: Account) -> None:
    account.access()
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in account.folder.iterdir()}
    assert modes == {".json": 0o600, ".lock": 0o600}
    assert stat.S_IMODE(account.folder.stat().st_mode) == 0o700


def test_root_keeps_them_for_the_owner_of_the_data(tmp_path: Path, tokens: TokenServer) -> None:
    if os.geteuid() != 0:
        pytest.skip("not root")
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    account = Account(client(tokens), USER, data / "tokens", given=tokens.login(USER))
    account.access()
    assert {path.stat().st_uid for path in [account.folder, *account.folder.iterdir()]} == {65534}


def test_many_threads_and_processes_ask_one_after_the_other_and_share_the_answer(
    tokens: TokenServer, account: Account
) -> None:
    """A server that takes each refresh token once would revoke everything for the second question."""
    tokens.rotates, tokens.delay = True, 0.2
    asking = (
        "import sys; from pathlib import Path; from mailbot.servers.oauth2 import Client;"
        " from mailbot.servers.tokens import Account;"
        " url, client, secret, user, folder, given = sys.argv[1:];"
        " print(Account(Client(url, client, secret), user, Path(folder), given=given).access())"
    )
    arguments = [tokens.url, CLIENT, SECRET, USER, str(account.folder), account.given]
    processes = [
        subprocess.Popen([sys.executable, "-c", asking, *arguments], stdout=subprocess.PIPE, cwd=ROOT, text=True)
        for _ in range(3)
    ]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: account.access(), range(8)))
    found |= {process.communicate()[0].strip() for process in processes}
    assert len(found) == 1 and tokens.asked == ["refresh_token"] and tokens.most_at_once == 1


def test_a_new_refresh_token_in_the_configuration_begins_anew(tokens: TokenServer, account: Account) -> None:
    account.access()
    tokens.revoke(USER)
    with pytest.raises(TokenRefused):
        account.access(not_this=account.kept().access)
    mended = replace(account, given=tokens.login(USER))
    assert mended.access().startswith("access-")


def test_two_configured_tokens_of_one_account_share_what_is_kept(tokens: TokenServer, account: Account) -> None:
    """`imap` and `smtp` may name one each; whoever reads no secrets finds the file, too."""
    tokens.rotates = True
    sending, unread = replace(account, given=tokens.login(USER)), replace(account, given="")
    account.access()
    found = sending.access()
    assert account.access() == found and unread.kept() == account.kept()
    assert len([path for path in account.folder.iterdir() if path.suffix == ".json"]) == 1


def test_without_room_to_keep_an_answer_nothing_is_asked(
    tokens: TokenServer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens.rotates = True

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("mailbot.servers.tokens.os.posix_fallocate", full)
        with pytest.raises(NoToken, match="no room to keep a token: No space left"):
            account.access()
    assert tokens.asked == [] and account.access().startswith("access-")


def test_a_file_that_is_damaged_is_as_if_there_were_none(tokens: TokenServer, account: Account) -> None:
    first = account.access()
    [file] = account.folder.glob("*.json")
    for text in ("", "[]", '{"refresh": 7}', '{"odd": ""}', "\0"):
        file.write_text(text)
        assert account.access() != first


# --- what goes wrong ---------------------------------------------------------------------------------------


def test_a_dead_token_server_is_a_matter_of_time(tokens: TokenServer, account: Account) -> None:
    first = account.access()
    tokens.dies()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=58)):
        assert account.access() == first, "near its end, and still good"
    with (
        time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)),
        pytest.raises(NoToken, match=f"token server 127.0.0.1:{tokens.port}: Connection refused"),
    ):
        account.access()
    tokens.lives()
    assert account.access() == first


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (503, '{"error": "server_error"}'),
        (429, '{"error": "slow"}'),
        (400, "<html>a proxy</html>"),
        (400, '{"error": "temporarily_unavailable"}'),
        (302, ""),
        (200, ""),
        (200, "[]"),
        (200, '{"access_token": ""}'),
        (200, '{"access_token": "a\\r\\nA1 LOGOUT"}'),
        (200, '{"access_token": 7}'),
        (200, '{"access_token": "good", "refresh_token": "b\\u0000"}'),
        (200, "[" * 100_000),
        (200, " " * 300_000),
    ],
)
def test_what_is_no_word_of_a_token_server_changes_nothing(
    tokens: TokenServer, account: Account, status: int, body: str
) -> None:
    tokens.said = status, body
    with pytest.raises(NoToken):
        account.access()
    tokens.said = None
    assert account.access().startswith("access-")


@pytest.mark.parametrize("lasts", ["-1", "true", '"60"', '"x"', "1e400", "null", "[]"])
def test_an_odd_length_of_life_is_no_reason_to_fail(tokens: TokenServer, account: Account, lasts: str) -> None:
    tokens.said = 200, f'{{"access_token": "good", "expires_in": {lasts}}}'
    assert account.access() == "good"


def test_a_revoked_login_says_so_what_to_do_and_no_secret_and_is_not_asked_about_again_and_again(
    tokens: TokenServer, account: Account
) -> None:
    tokens.revoke(USER)
    for _ in range(3):
        with pytest.raises(TokenRefused) as refused:
            account.access()
        said = str(refused.value)
        assert "invalid_grant" in said and 'revoked or has expired: run "mailbot token batang"' in said
        assert account.given not in said and SECRET not in said
    assert tokens.asked == ["refresh_token"]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)), pytest.raises(TokenRefused):
        account.access()
    assert len(tokens.asked) == 2


def test_after_a_login_by_a_person_it_goes_on_at_once(tokens: TokenServer, account: Account) -> None:
    tokens.revoke(USER)
    with pytest.raises(TokenRefused):
        account.access()
    account.keep(_logged_in(tokens, account.client))
    assert account.access().startswith("access-")


def _logged_in(tokens: TokenServer, asking: Client) -> oauth2.Granted:
    begun = oauth2.login(asking, USER)
    return oauth2.end_login(asking, begun, tokens.browse(begun.address, USER))


def test_a_wrong_client_is_refused_and_asked_about_again_as_it_may_be_mended(
    tokens: TokenServer, account: Account
) -> None:
    wrong = replace(account, client=replace(account.client, secret="odd"))
    with pytest.raises(TokenRefused, match="invalid_client"):
        wrong.access()
    assert account.access().startswith("access-")


def test_without_any_refresh_token_the_operator_is_told_how_to_log_in(tokens: TokenServer, tmp_path: Path) -> None:
    with pytest.raises(TokenRefused, match='no refresh token yet: run "mailbot token batang"'):
        Account(client(tokens), USER, tmp_path / "tokens", name="batang").access()
    assert tokens.asked == []


# --- logging in by hand ------------------------------------------------------------------------------------


def test_a_device_login_waits_for_the_person_and_slows_down_when_asked_to(tokens: TokenServer) -> None:
    asking = client(tokens)
    begun = oauth2.device(asking)
    assert begun.address.endswith("/code") and begun.interval == 1.0
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            tokens.agree(begun.user_code, USER)
            device = next(iter(tokens._devices.values()))
            device.asked, device.interval = float("-inf"), 1.0  # as if so many seconds had passed

    granted = oauth2.await_device(asking, begun, sleep)
    assert tokens.good(granted.refresh) and pauses == [1.0, 1.0, 6.0], "the second question came too early"


def test_a_device_login_survives_a_moment_without_a_server(tokens: TokenServer) -> None:
    asking = client(tokens)
    begun = oauth2.device(asking)
    tokens.agree(begun.user_code, USER)
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        tokens.dies() if len(pauses) == 1 else tokens.lives() if len(pauses) == 2 else None

    assert tokens.good(oauth2.await_device(asking, begun, sleep).refresh)
    assert pauses == [1.0, 2.0]


def test_a_device_login_that_is_declined_or_not_confirmed_ends(tokens: TokenServer) -> None:
    asking = client(tokens)
    begun = oauth2.device(asking)
    tokens.decline(begun.user_code)
    with pytest.raises(TokenRefused, match="access_denied"):
        oauth2.await_device(asking, begun, lambda _: None)
    with pytest.raises(TokenRefused, match="not confirmed in time"):
        oauth2.await_device(asking, replace(oauth2.device(asking), lasts=0.0), lambda _: None)


def test_a_login_in_a_browser_is_bound_to_who_began_it(tokens: TokenServer) -> None:
    asking = client(tokens)
    begun, other = oauth2.login(asking, USER), oauth2.login(asking, USER)
    assert SECRET not in begun.address and begun.verifier not in begun.address
    sent = tokens.browse(begun.address, USER)
    with pytest.raises(TokenRefused, match="not the address of this login"):
        oauth2.end_login(asking, other, sent)
    with pytest.raises(TokenRefused, match="invalid_grant"):
        oauth2.end_login(asking, replace(begun, verifier=other.verifier), tokens.browse(begun.address, USER))
    with pytest.raises(TokenRefused, match="access_denied"):
        oauth2.end_login(asking, begun, f"{oauth2.REDIRECT}?error=access_denied&state={begun.state}")
    assert tokens.good(oauth2.end_login(asking, begun, f"  {sent}\n").refresh)


# --- at the mail servers -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture(scope="module")
def dovecot(asked: TokenServer) -> Iterator[MailServers]:
    if why := missing():
        pytest.skip(f"needs Dovecot and Postfix: {why}")
    servers = RealServers(introspection=f"http://127.0.0.1:{asked.introspection_port}/introspect")
    yield servers
    servers.close()


@pytest.fixture
def entry(asked: TokenServer, tmp_path: Path) -> Account:
    asked.rotates = True
    return Account(client(asked), USER, tmp_path / "tokens", given=asked.login(USER), name="batang")


@pytest.fixture(params=list(BEARERS))
def mechanism(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each mechanism by itself, as a server that has only this one offers it."""
    chosen = str(request.param)
    for edge in ("imap", "smtp"):
        monkeypatch.setattr(f"mailbot.servers.{edge}.BEARERS", {chosen: BEARERS[chosen]})
    return chosen


def reading(servers: MailServers, account: Account) -> Endpoint:
    return Endpoint("127.0.0.1", servers.imaps_port, "tls", servers.ca_file, account.username, tokens=account)


def sending(servers: MailServers, account: Account) -> Endpoint:
    return Endpoint("127.0.0.1", servers.smtps_port, "tls", servers.ca_file, account.username, tokens=account)


def sent(endpoint: Endpoint) -> Outcome:
    async def run() -> Outcome:
        async with Submitter(endpoint, "batang.test") as submitter:
            return await submitter.submit(Envelope(USER, USER), b"Subject: a\r\n\r\nb\r\n", lambda: None)

    return asyncio.run(run())


@pytest.mark.mailservers
def test_dovecot_and_postfix_take_the_token(dovecot: MailServers, entry: Account, mechanism: str) -> None:
    with imap.connect(reading(dovecot, entry)) as session:
        session.select("INBOX")
    assert sent(sending(dovecot, entry)).state == "accepted"


@pytest.mark.mailservers
def test_a_token_that_ended_early_is_replaced_within_the_login(
    dovecot: MailServers, asked: TokenServer, entry: Account, mechanism: str
) -> None:
    entry.access()
    asked.expire()
    with imap.connect(reading(dovecot, entry)) as session:
        session.select("INBOX")
    asked.expire()
    assert sent(sending(dovecot, entry)).state == "accepted"


@pytest.mark.mailservers
def test_the_token_of_another_account_is_refused_and_shown_nowhere(
    dovecot: MailServers, asked: TokenServer, tmp_path: Path, mechanism: str
) -> None:
    stranger = Account(client(asked), USER, tmp_path / "tokens", given=asked.login("mallory@luar.test"))
    with pytest.raises(AccountFailure) as refused, imap.connect(reading(dovecot, stranger)):
        pass
    outcome = sent(sending(dovecot, stranger))
    assert (outcome.state, outcome.scope, outcome.token) == ("again", "account", "")
    for said in (str(refused.value), repr(refused.value.__context__), outcome.text, repr(reading(dovecot, stranger))):
        assert "access-" not in said and "refresh-" not in said and SECRET not in said


@pytest.mark.mailservers
def test_a_login_without_tokens_names_the_token_server_and_not_the_mail_server(
    dovecot: MailServers, asked: TokenServer, entry: Account
) -> None:
    asked.revoke(USER)
    with pytest.raises(TokenRefused) as refused, imap.connect(reading(dovecot, entry)):
        pass
    assert refused.value.server == f"127.0.0.1:{asked.port}"
    outcome = sent(sending(dovecot, entry))
    assert (outcome.scope, outcome.token) == ("account", f"127.0.0.1:{asked.port}")
    assert 'run "mailbot token batang"' in outcome.text


def test_a_server_that_offers_no_login_with_tokens_is_told_of_none(tokens: TokenServer, account: Account) -> None:
    with FaultySmtp([On("EHLO", "250-here", "250 AUTH PLAIN LOGIN")]) as server:
        outcome = sent(Endpoint("127.0.0.1", server.port, "none", username=USER, tokens=account))
    assert outcome.scope == "account" and "OAUTHBEARER, XOAUTH2" in outcome.text
    assert tokens.asked == [] and not any(b"AUTH" in command for command in server.commands)


def test_a_server_that_repeats_the_token_does_not_bring_it_into_the_log(account: Account, mechanism: str) -> None:
    token = account.access()
    spoken = Endpoint("127.0.0.1", 1, "none", username=USER, tokens=account).bearing(token).bearer(mechanism)
    import base64

    said = [token, base64.b64encode(token.encode()).decode()]
    endpoint = Endpoint("127.0.0.1", 1, "none", username=USER, tokens=account).bearing(token)
    said.append(base64.b64encode(spoken).decode())
    assert all(one not in endpoint.said(f"535 bad: {one}") for one in said)


def test_the_waiting_of_one_does_not_outlast_the_other_for_ever(
    tokens: TokenServer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.servers.tokens._PATIENCE", 0.3)
    tokens.delay = 2.0
    first = threading.Thread(target=account.access)
    first.start()
    while not tokens.asked:
        pass
    with pytest.raises(NoToken, match="another thread or program"):
        account.access()
    first.join()
    assert json.loads(next(account.folder.glob("*.json")).read_text())["access"].startswith("access-")
