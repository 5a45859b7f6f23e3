"""Before a login with tokens ends, the operator is told: at an age at which providers end logins that they do not
renew, and before an end that the provider has named. Each stage once for a refresh token."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from mailbot import log
from mailbot.config.site import ALARMS, Site
from mailbot.errors import MailbotError
from mailbot.fetch import accounts
from mailbot.letters import alarms
from mailbot.servers.tokens import Account, Kept
from mailbot.store import already_told
from mailbot.store.database import Store, to_text
from mailbot.tickets.case import Context

#: Microsoft ends what has not been renewed for 90 days.
AGES = (timedelta(days=60), timedelta(days=80))
BEFORE_END = (timedelta(days=14), timedelta(days=3), timedelta(days=1))


def stage(kept: Kept, now: datetime) -> str | None:
    """What the operator must have been told of by now, the latest of it; None: nothing."""
    if kept.refresh_until is not None:
        near = [length for length in BEFORE_END if now >= kept.refresh_until - length]
        return f"end {min(near).days}" if near else None
    reached = [age for age in AGES if kept.refresh_from is not None and now >= kept.refresh_from + age]
    return f"age {max(reached).days}" if reached else None


def look(store: Store, sites: Iterable[Site], now: datetime) -> None:
    """Tells what has not been told yet."""
    for site in sites:
        ways = [site] if site.alarms is None or site.alarms.name != ALARMS else [site, site.alarms]
        for way in ways:
            for account in accounts.of_tokens(way):
                # The alarms' account is that of all mailboxes, and told once.
                _look(Context(store, site, now), way.name, account)


def _look(context: Context, owner: str, account: Account) -> None:
    store, now = context.store, context.now
    try:
        kept = account.kept()
    except MailbotError as error:
        log.again(owner, "tokens", str(error))
        return
    if (reached := stage(kept, now)) and kept.refresh_from is not None:
        key = f"token:{reached}:{to_text(kept.refresh_from)}:{account.username}"
        if already_told.last(store, owner, key) is None:
            with store.immediate():
                already_told.once(store, owner, key, now)
                _tell(context, account, kept, key)


def _tell(context: Context, account: Account, kept: Kept, key: str) -> None:
    if kept.refresh_until is not None:
        alarms.raise_alarm(
            context,
            "token ages",
            "end",
            key=key,
            account=account.username,
            server=account.client.server,
            mailbox=account.name,
            until=context.site.say(kept.refresh_until),
        )
    elif kept.refresh_from is not None:
        alarms.raise_alarm(
            context,
            "token ages",
            "age",
            key=key,
            account=account.username,
            server=account.client.server,
            mailbox=account.name,
            days=(context.now - kept.refresh_from).days,
        )
