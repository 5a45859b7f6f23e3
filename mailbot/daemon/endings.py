"""What will end is told before it does: a login with tokens, at an age at which providers end those that they do not
renew and before an end that the provider has named; and the certificate of a mail server. Each stage once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from mailbot import log
from mailbot.config.site import ALARMS, Site
from mailbot.errors import MailbotError
from mailbot.fetch import accounts
from mailbot.letters import alarms
from mailbot.servers.tokens import Account, Kept
from mailbot.store import already_told, outages
from mailbot.store.database import Store, to_text
from mailbot.store.outages import Certificate
from mailbot.tickets.case import Context

#: Microsoft ends what has not been renewed for 90 days.
AGES = (timedelta(days=60), timedelta(days=80))
BEFORE_END = (timedelta(days=14), timedelta(days=3), timedelta(days=1))


def stage_of_token(kept: Kept, now: datetime) -> str | None:
    """What the operator must have been told of by now, the latest of it; None: nothing."""
    if kept.refresh_until is not None:
        return stage_of_end(kept.refresh_until, now)
    reached = [age for age in AGES if kept.refresh_from is not None and now >= kept.refresh_from + age]
    return f"age {max(reached).days}" if reached else None


def stage_of_end(end: datetime, now: datetime, before: Sequence[timedelta] = BEFORE_END) -> str | None:
    near = [length for length in before if now >= end - length]
    return f"end {min(near).days}" if near else None


def look(store: Store, sites: Iterable[Site], now: datetime) -> None:
    """Tells what has not been told yet."""
    for site in sites:
        ways = [site] if site.alarms is None or site.alarms.name != ALARMS else [site, site.alarms]
        for way in ways:  # what concerns the alarms' account concerns all mailboxes, and is told once
            context = Context(store, site, now)
            for account in accounts.of_tokens(way.config, way.data):
                _look_at_token(context, way.name, account)
            for certificate in outages.certificates(store, way.name):
                _look_at_certificate(context, way.name, certificate)


def _look_at_token(context: Context, owner: str, account: Account) -> None:
    try:
        kept = account.kept()
    except MailbotError as error:
        log.again(owner, "tokens", str(error))
        return
    reached = stage_of_token(kept, context.now)
    if reached is None or kept.refresh_from is None:
        return
    key = f"token:{reached}:{to_text(kept.refresh_from)}:{account.username}"
    if already_told.last(context.store, owner, key) is not None:
        return
    with context.store.immediate():
        already_told.once(context.store, owner, key, context.now)
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
        else:
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


def _look_at_certificate(context: Context, owner: str, found: Certificate) -> None:
    reached = stage_of_end(found.ends, context.now)
    if reached is None:
        return
    key = f"certificate:{reached}:{found.server}:{to_text(found.ends)}"
    if already_told.last(context.store, owner, key) is None:
        with context.store.immediate():
            already_told.once(context.store, owner, key, context.now)
            until = context.site.say(found.ends)
            alarms.raise_alarm(context, "certificate", key=key, server=found.server, until=until)
