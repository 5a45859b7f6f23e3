"""What stands still, for `mailbot status`: the outages that the daemon has found, and folders that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from mailbot.config.settings import MailboxConfig
from mailbot.config.site import ALARMS
from mailbot.store import outages
from mailbot.store.database import Store, to_instant, to_text
from mailbot.store.outages import Known

#: Beyond `imap.poll`. A look is written down to ten minutes only (`store.folders`).
_UNWATCHED = timedelta(minutes=15)
#: By kind and how.
_WORDS = {
    ("imap", "refused"): ("folder", "not read: the server refuses the account"),
    ("imap", "gone"): ("folder", "not read: the server has no such folder"),
    ("imap", "silent"): ("folder", "not read: the server cannot be reached, or does not answer as it should"),
    ("smtp", "refused"): ("account", "not able to send: the server refuses it"),
    ("smtp", "silent"): ("account", "not able to send: the server cannot be reached, or does not answer as it should"),
    ("token", "refused"): ("login", "refused: no access token; neither read nor sent"),
    ("token", "silent"): ("login", "without an access token: the token server cannot be reached"),
    ("reload", "refused"): ("configuration", "refused at a reload; the old one counts"),
    ("copy", "late"): ("backup", "overdue: no good one was made in time"),
}


def verdict(found: Mapping[str, Any]) -> tuple[int, str]:
    """What a monitoring system asks (`mailbot status --check`), of the whole status: 0 all is well, 1 a person should
    look, 2 mail stands still; and one line that says why."""
    named = [("mailbot", one) for one in found["troubles"]]
    named += [(mailbox["mailbox"], one) for mailbox in found["mailboxes"] for one in mailbox["troubles"]]
    lines = [f"{name}: {one['count']} {one['what']} {one['state']}" for name, one in named if one["stops"]]
    if lines:
        return 2, f"CRITICAL: {'; '.join(lines)}"
    lines = [f"{name}: {one['count']} {one['what']} {one['state']}" for name, one in named]
    lines += [f"{one['mailbox']}: not configured, open tickets {one['open']}" for one in found["orphans"]]
    if lines:
        return 1, f"WARNING: {'; '.join(lines)}"
    still_open = sum(mailbox["open"] for mailbox in found["mailboxes"])
    return 0, f"OK: mailboxes {len(found['mailboxes'])}, open tickets {still_open}"


def of_all(store: Store) -> list[dict[str, Any]]:
    """What concerns no mailbox alone: a refused configuration, the account of the alarms."""
    return [_trouble(one) for one in outages.known(store).values() if one.outage.mailbox in ("", ALARMS)]


def of_mailbox(
    store: Store, mailbox: MailboxConfig, folders: Iterable[Mapping[str, Any]], now: datetime
) -> Iterator[dict[str, Any]]:
    """{count, what, state, since, detail, stops} of each. folders: when each was last looked at. A folder without an
    outage that nobody has looked at for long is one as well: a mailbox that is not read is never "nothing"."""
    told = set()
    for one in outages.known(store).values():
        if one.outage.mailbox == mailbox.name:
            told |= set(mailbox.imap.watched) if one.outage.kind == "token" else {one.outage.what}
            yield _trouble(one)
    looked = {folder["folder"]: folder["looked_at"] for folder in folders}
    longest = _UNWATCHED + timedelta(seconds=mailbox.imap.poll)
    for folder in mailbox.imap.watched:
        last = looked.get(folder)
        if folder not in told and (last is None or now - to_instant(last) > longest):
            state = "not read: does mailbot run?" if last else "not read yet: has mailbot ever run?"
            yield _line("folder", state, last, folder)


def _trouble(one: Known) -> dict[str, Any]:
    what, state = _WORDS[one.outage.kind, one.outage.how]
    named = " at ".join(word for word in (one.outage.what, one.outage.server) if word)
    return _line(what, state, to_text(one.since), ": ".join(word for word in (named, one.outage.said) if word))


def _line(what: str, state: str, since: str | None, detail: str) -> dict[str, Any]:
    return {
        "count": 1,
        "what": what,
        "state": state,
        "since": since,
        "detail": detail,
        "stops": what not in ("configuration", "backup"),
    }
