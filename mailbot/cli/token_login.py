"""`mailbot token`: a person logs in for an account that is read or sends with OAuth2."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.shared import refused

if TYPE_CHECKING:
    from mailbot.servers.oauth2 import Granted
    from mailbot.servers.tokens import Account

EX_UNAVAILABLE, EX_NOPERM = 69, 77


@click.command()
@click.argument("name")
@click.pass_obj
def token(path: Path, name: str) -> None:
    """Log in with OAuth2 for the mailbox NAME, and keep its tokens.

    For accounts with `oauth2` in config.yaml ("alarms" names that of alarms.smtp). Shows an address and a code: open
    the address in any browser, on any machine, log in as the account itself and enter the code. Google grants no mail
    by such a code: there the browser ends at an address that does not open, which is pasted back here.

    The tokens lie in the data folder, for its owner only. A daemon at work takes them within a minute. Exit code 69:
    the token server cannot be reached; 77: it refused.
    """
    from mailbot.config import settings as configuration
    from mailbot.config.site import ALARMS, open_sites
    from mailbot.errors import TemporaryFailure
    from mailbot.fetch import accounts
    from mailbot.servers.oauth2 import TokenRefused

    config = configuration.load(path)
    sites = {site.name: site for site in open_sites(config)}
    way = next((site.alarms for site in sites.values() if site.alarms and site.alarms.name == ALARMS), None)
    if way is not None:
        sites.setdefault("alarms", way)
    if name not in sites:
        raise click.BadParameter(f"there is no such mailbox; there are {', '.join(sites)}", param_hint="NAME")
    found = accounts.of_tokens(sites[name].config, sites[name].data)
    if not found:
        raise click.ClickException(f"{name} logs in with a password: there is no oauth2 in {path}")
    for account in found:
        try:
            account.keep(_granted(account))
        except TokenRefused as error:
            raise refused(str(error), EX_NOPERM) from None
        except TemporaryFailure as error:
            raise refused(str(error), EX_UNAVAILABLE) from None
        click.echo(f"{account.username}: the login is kept. A daemon at work goes on within a minute.")


def _granted(account: Account) -> Granted:
    from mailbot.servers import oauth2

    client = account.client
    if client.device_url:
        begun = oauth2.device(client)
        click.echo(f"Open {begun.address} and enter the code {begun.user_code} as {account.username}.")
        if begun.complete:
            click.echo(f"Or open {begun.complete}")
        click.echo(f"Waiting for at most {begun.lasts / 60:.0f} minutes …")
        return oauth2.await_device(client, begun)
    if not client.login_url:
        raise click.ClickException("oauth2.device_url is missing in the configuration, or oauth2.login_url")
    login = oauth2.login(client, account.username)
    click.echo(f"Open this address and log in as {account.username}:\n\n{login.address}\n")
    click.echo(f"At the end the browser cannot open a page of {oauth2.REDIRECT}. That is as it should be.")
    click.echo("Copy its whole address from the browser's address line, paste it here and press Enter:")
    return oauth2.end_login(client, login, sys.stdin.readline())
