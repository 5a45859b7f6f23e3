"""The accounts of a mailbox as the servers are asked with them: with a password, or with tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mailbot.config.settings import Imap, MailboxConfig, Oauth2, Smtp
from mailbot.config.site import ALARMS, Site
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.oauth2 import Client
from mailbot.servers.tokens import Account

#: What a provider's accounts have where the configuration says nothing else.
_PROVIDERS: Mapping[str, Client] = {
    # Google's device login grants no mail scope ("invalid_scope"), so that a browser is needed.
    # https://developers.google.com/identity/protocols/oauth2/native-app
    "google": Client(
        token_url="https://oauth2.googleapis.com/token",
        client_id="",
        login_url="https://accounts.google.com/o/oauth2/v2/auth",
        scope="https://mail.google.com/",
    ),
    # https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
    "microsoft": Client(
        token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",
        client_id="",
        device_url="https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
    ),
    "custom": Client(token_url="", client_id=""),
}


def imap_endpoint(site: Site) -> Endpoint:
    """The account that is read."""
    return _endpoint(site, site.config.imap)


def smtp_endpoint(site: Site) -> Endpoint:
    """The account that sends; without a user name it does not log in."""
    return _endpoint(site, site.config.smtp)


def of_tokens(mailbox: MailboxConfig, data: Path) -> list[Account]:
    """The accounts of a mailbox that log in with tokens, each once: reading and sending often share one. Of the alarms'
    site only the account that sends."""
    servers = (mailbox.smtp,) if mailbox.name == ALARMS else (mailbox.imap, mailbox.smtp)
    return list(dict.fromkeys(filter(None, (_account(mailbox.name, data, each) for each in servers))))


def _endpoint(site: Site, server: Imap | Smtp) -> Endpoint:
    return Endpoint(
        host=server.host,
        port=server.port,
        security=server.security,
        ca_file=server.ca_file,
        username=server.username or "",
        password=server.password.reveal() if server.password else "",
        tokens=_account(site.name, site.data, server),
    )


def _account(name: str, data: Path, server: Imap | Smtp) -> Account | None:
    found = server.oauth2
    if found is None:
        return None
    return Account(
        client=_client(found, server.ca_file),
        username=server.username or "",
        folder=data / "tokens",
        given=found.refresh_token.reveal() if found.refresh_token else "",
        name="alarms" if name == ALARMS else name,
    )


def _client(found: Oauth2, ca_file: Path | None) -> Client:
    usual = _PROVIDERS[found.provider]
    token_url = found.token_url or usual.token_url
    device_url = usual.device_url
    if found.provider == "microsoft" and found.token_url:  # of one organisation: its device login lies beside
        device_url = f"{found.token_url.rpartition('/')[0]}/devicecode"
    return Client(
        token_url=token_url,
        client_id=found.client_id,
        secret=found.client_secret.reveal() if found.client_secret else "",
        device_url=found.device_url or device_url,
        login_url=found.login_url or usual.login_url,
        scope=found.scope or usual.scope,
        ca_file=ca_file,
    )
