"""What the operator may ask on the command line, as plain data: the same for JSON and for the tables of `terminal`.

Instants are UTC text. Reads the database only, and needs no more of the rules than their words: a site whose
templates are broken can still see what waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailbot.config.settings import Config, MailboxConfig
from mailbot.config.site import Site, priorities_file, problems_file
from mailbot.errors import ConfigError, TemporaryFailure
from mailbot.fetch import accounts
from mailbot.model import Ball, Status
from mailbot.parsers.mime.subject import find_numbers
from mailbot.reports import past, still
from mailbot.rules import priority, problems
from mailbot.rules.sop import table
from mailbot.rules.sop.turns import holder_of
from mailbot.store import disk, instance, outages, outbox
from mailbot.store.database import Row, Store, to_text
from mailbot.tickets import ticket_rows
from mailbot.tickets import tickets as stored

#: A mail that did not arrive is worth a look for so long; staff were told by mail.
RECENT = timedelta(days=7)
#: A mail that is due leaves within seconds, or at the next round of a `mailbot once` each minute.
WAITING = timedelta(minutes=5)
#: A round of mailbot every hour is little; a limit that passed longer ago has met none in service hours.
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Words:
    """How a mailbox calls statuses, events, priorities and clocks. natures: by the code of a problem (Daftar
    Istilah). limits: every clock and norm by its name."""

    statuses: Mapping[str, str]
    events: Mapping[str, str]
    priorities: priority.PriorityTable
    clocks: Mapping[str, table.Clock]
    natures: Mapping[str, str]
    limits: Mapping[str, str]

    def priority(self, level: int) -> str:
        """As "P1 Mendesak"."""
        return f"P{level} {self.priorities[level].name}"


def words_of(mailbox: MailboxConfig | None) -> Words:
    """The words of a mailbox; the built-in ones where its files cannot be read (`mailbot check` says why)."""
    site = None if mailbox is None or mailbox.rules is None else mailbox.rules / "sop015.yaml"
    try:
        found = table.load(site if site is not None and site.is_file() else table.SOP015)
        priorities = priority.load(None if mailbox is None else priorities_file(mailbox))
        kinds = problems.load(None if mailbox is None else problems_file(mailbox))
    except ConfigError:
        found, priorities, kinds = table.load(), priority.load(), problems.load()
    return _words(found, priorities, kinds)


def words_of_site(site: Site) -> Words:
    """The same of one that is open already."""
    return _words(site.table, site.priorities, site.problems)


def _words(found: table.Table, priorities: priority.PriorityTable, kinds: problems.Problems) -> Words:
    natures = {row.code: nature for row in kinds.rows if (nature := kinds.nature(row.code))}
    limits = {name: norm.title for name, norm in found.norms.items()}
    limits |= {name: clock.title for name, clock in found.clocks.items()}
    return Words(found.statuses, found.events, priorities, found.clocks, natures, limits)


# --- the state of everything ---------------------------------------------------------------------


def status(store: Store, config: Config, now: datetime) -> dict[str, Any]:
    """Who is at work, counts per mailbox, and in sentences what a person should look at."""
    found = [_mailbox_status(store, config, mailbox, now) for mailbox in config.mailboxes]
    return {
        "at": to_text(now),
        "data": str(config.data),
        "running": _running(config),
        "disk": _disk(store),
        "mailboxes": found,
        "troubles": still.of_all(store),
        "orphans": _orphans(store, config),
    }


def _running(config: Config) -> dict[str, Any] | None:
    """The mailbot that is at work on the data folder at this moment: {process, since, state}; None: none is."""
    found = instance.holder(config.data)
    if found is None:
        return None
    since = None if found.since is None else to_text(found.since)
    return {"process": found.process, "since": since, "state": found.state}


def _disk(store: Store) -> dict[str, int]:
    """How much all mailboxes take, and each ticket of it."""
    size = disk.used(store.folder)
    tickets = int(store.value("SELECT coalesce(sum(n), 0) FROM tallies WHERE what = 'tickets'"))
    return {"bytes": size, "tickets": tickets, "bytes_a_ticket": size // max(tickets, 1)}


def _orphans(store: Store, config: Config) -> list[dict[str, Any]]:
    """Mailboxes that the database knows and the configuration does not: their clocks stand still."""
    known = {mailbox.name for mailbox in config.mailboxes}
    rows = store.rows(
        "SELECT mailbox, count(*) AS n FROM tickets INDEXED BY tickets_open WHERE status <> 'closed' GROUP BY mailbox"
    )
    return [{"mailbox": row["mailbox"], "open": row["n"]} for row in rows if row["mailbox"] not in known]


def _mailbox_status(store: Store, config: Config, mailbox: MailboxConfig, now: datetime) -> dict[str, Any]:
    name = mailbox.name
    by_status = _counts(store, "tickets", name)
    by_status = {each.value: by_status[each.value] for each in Status if each.value in by_status}
    open_tickets = _open_tickets(store, [mailbox], now)
    following = next((ticket for ticket in open_tickets if ticket["next_due"]), None)
    return {
        "mailbox": name,
        "organisation": mailbox.organisation,
        "address": mailbox.address,
        "tickets": by_status,
        "open": len(open_tickets),
        "late": [ticket["number"] for ticket in open_tickets if ticket["late"]],
        "next": None
        if following is None
        else {key: following[key] for key in ("number", "next_due", "next_clock", "estimated")},
        "journal": _counts(store, "journal", name),
        "last_received_at": _last_received(store, name),
        "folders": _folders(store, name),
        "oldest": _oldest(store, name, now),
        "held": _count(store, "outbox INDEXED BY outbox_held", "held = 1", name),
        "quarantined": _count(store, "journal INDEXED BY journal_quarantined", "state = 'quarantined'", name),
        "certificates": _certificates(store, name),
        "tokens": _tokens(config, mailbox),
        "outbox": _counts(store, "outbox", name),
        "accepted_last_hour": store.value(
            "SELECT count(*) FROM outbox INDEXED BY outbox_accepted WHERE mailbox = ? AND accepted_at > ?",
            name,
            to_text(now - timedelta(hours=1)),
        ),
        "troubles": [
            *still.of_mailbox(store, mailbox, _folders(store, name), now),
            *_troubles(store, name, now),
        ],
    }


def _counts(store: Store, what: str, mailbox: str) -> dict[str, int]:
    """How many rows stand in each state, as far as there are any."""
    rows = store.rows(
        "SELECT state, n FROM tallies WHERE mailbox = ? AND what = ? AND n > 0 ORDER BY state", mailbox, what
    )
    return {str(row["state"]): int(row["n"]) for row in rows}


def _last_received(store: Store, mailbox: str) -> str | None:
    """When the last mail was read. Not by the time of its arrival: that of a forged or moved mail may be any."""
    sql = "SELECT fetched_at FROM journal INDEXED BY journal_of WHERE mailbox = ? ORDER BY id DESC LIMIT 1"
    found = store.value(sql, mailbox)
    return None if found is None else str(found)


def _oldest(store: Store, mailbox: str, now: datetime) -> dict[str, str | None]:
    """Since when the oldest of each waits: a mail that is not handled, a mail that is due to leave, and a ticket that
    no person has answered."""
    waiting = f"FROM outbox INDEXED BY outbox_waiting WHERE mailbox = ? AND {outbox.WAITING} AND state = 'queued'"
    return {
        "unhandled": store.value(
            "SELECT min(fetched_at) FROM journal INDEXED BY journal_waiting WHERE mailbox = ? AND state = 'received'",
            mailbox,
        ),
        "unsent": store.value(
            f"SELECT min(next_try_at) {waiting} AND held = 0 AND next_try_at <= ?", mailbox, to_text(now)
        ),
        "unanswered": store.value(
            "SELECT min(opened_at) FROM tickets INDEXED BY tickets_open"
            " WHERE mailbox = ? AND status <> 'closed' AND first_response_at IS NULL",
            mailbox,
        ),
    }


def _count(store: Store, table: str, which: str, mailbox: str) -> int:
    return int(store.value(f"SELECT count(*) FROM {table} WHERE mailbox = ? AND {which}", mailbox))


def _certificates(store: Store, mailbox: str) -> list[dict[str, str]]:
    return [
        {"protocol": one.protocol, "server": one.server, "ends_at": to_text(one.ends)}
        for one in outages.certificates(store, mailbox)
    ]


def _tokens(config: Config, mailbox: MailboxConfig) -> list[dict[str, str | None]]:
    """The logins by OAuth2: since when, until when as far as the provider says, and whether the login is refused."""
    found = []
    for account in accounts.of_tokens(mailbox, config.data):
        try:
            kept = account.kept()
        except TemporaryFailure as error:  # another user's files
            since, until, refused = None, None, error.reason
        else:
            since, until, refused = kept.refresh_from, kept.refresh_until, kept.refused
        found.append(
            {
                "server": account.client.server,
                "since": None if since is None else to_text(since),
                "ends_at": None if until is None else to_text(until),
                "refused": refused,
            }
        )
    return found


def _folders(store: Store, mailbox: str) -> list[dict[str, Any]]:
    """When each folder was last looked at, to ten minutes, and how many of its mails nobody here has seen: such as were
    removed before any look (unseen, told by gaps in the UIDs: at most so many) or during one (vanished)."""
    rows = store.rows(
        "SELECT folder, max(looked_at) AS looked_at, sum(unseen) AS unseen, sum(vanished) AS vanished FROM folders"
        " WHERE mailbox = ? GROUP BY folder ORDER BY folder",
        mailbox,
    )
    return [{**dict(row), "seen_by_nobody": row["unseen"] + row["vanished"]} for row in rows]


def _troubles(store: Store, mailbox: str, now: datetime) -> Iterable[dict[str, Any]]:
    """What does not go by itself, or not yet: {count, what, state, since, detail, stops}. stops: whether mail stands
    still by it."""
    for what, state, sql, values in (
        (
            "received mail",
            "not handled yet: tried again in each round, quarantined after three times",
            "SELECT count(*) AS n, min(arrived_at) AS since, max(reason) AS detail"
            " FROM journal INDEXED BY journal_waiting WHERE mailbox = ? AND state = 'received' AND attempts > 0",
            (),
        ),
        (
            "mail",
            "in quarantine: a person must look (staff have been told)",
            "SELECT count(*) AS n, min(arrived_at) AS since, reason AS detail"
            " FROM journal INDEXED BY journal_quarantined WHERE mailbox = ? AND state = 'quarantined'",
            (),
        ),
        (
            "mail",
            "not taken by the mail server yet: tried again, nothing is lost",
            "SELECT count(*) AS n, min(created_at) AS since, max(answer) AS detail"
            " FROM outbox INDEXED BY outbox_waiting"
            f" WHERE mailbox = ? AND {outbox.WAITING} AND state = 'queued' AND attempts > 0",
            (),
        ),
        (
            "mail",
            "due for more than five minutes and not sent: is a server out of reach? The log says why",
            "SELECT count(*) AS n, min(next_try_at) AS since, '' AS detail"
            " FROM outbox INDEXED BY outbox_waiting"
            f" WHERE mailbox = ? AND {outbox.WAITING} AND state = 'queued' AND held = 0 AND attempts = 0"
            " AND next_try_at <= ?",
            (to_text(now - WAITING),),
        ),
        (
            "mail",
            "with an unknown fate: sent again with the same bytes and Message-ID",
            "SELECT count(*) AS n, min(created_at) AS since, max(answer) AS detail"
            " FROM outbox INDEXED BY outbox_waiting"
            f" WHERE mailbox = ? AND {outbox.WAITING} AND state = 'uncertain'",
            (),
        ),
        (
            "mail",
            "held: mailbot outbox list --held",
            "SELECT count(*) AS n, min(created_at) AS since, max(held_why) AS detail"
            " FROM outbox INDEXED BY outbox_held WHERE mailbox = ? AND held = 1",
            (),
        ),
        (
            "mail",
            "not delivered in the last 7 days (staff have been told)",
            "SELECT count(*) AS n, min(created_at) AS since, max(answer) AS detail"
            " FROM outbox INDEXED BY outbox_failed WHERE mailbox = ? AND state IN ('failed', 'bounced')"
            " AND created_at > ?",
            (to_text(now - RECENT),),
        ),
        (
            "limit",
            "passed without a round of mailbot in service hours: does it run?",
            "SELECT count(*) AS n, min(d.due) AS since, '' AS detail"
            " FROM deadlines d INDEXED BY deadlines_due CROSS JOIN tickets t"
            " ON t.id = d.ticket_id WHERE t.mailbox = ? AND d.ended_at IS NULL AND d.due <= ?",
            (to_text(now - PATIENCE),),
        ),
    ):
        row = store.row(sql, mailbox, *values)
        if row is not None and row["n"]:
            yield {
                "count": int(row["n"]),
                "what": what,
                "state": state,
                "since": row["since"],
                "detail": row["detail"] or "",
                "stops": what == "limit" or "not sent" in state,
            }


# --- tickets -------------------------------------------------------------------------------------


def tickets(
    store: Store,
    config: Config,
    now: datetime,
    *,
    everything: bool = False,
    statuses: Collection[str] = (),
    late: bool = False,
) -> list[dict[str, Any]]:
    """The open tickets of all mailboxes, the next limit first; with `everything` the closed ones behind them.

    statuses: only those in one of these. late: only those of which a limit has passed.
    """
    found = _open_tickets(store, config.mailboxes, now, also_unknown=True)
    if everything or Status.CLOSED.value in statuses:
        words = {mailbox.name: words_of(mailbox) for mailbox in config.mailboxes}
        found += [
            _ticket_line(row, words.get(row["mailbox"]) or words_of(None), [], now)
            for row in store.rows("SELECT * FROM tickets WHERE status = ? ORDER BY id DESC", Status.CLOSED.value)
        ]
    return [one for one in found if (not statuses or one["status"] in statuses) and (one["late"] or not late)]


def worst_first(store: Store, site: Site, now: datetime) -> list[dict[str, Any]]:
    """The open tickets of one mailbox: what is late on top, then by priority, then by the next limit."""
    found = _lines_of(store, site.name, words_of_site(site), now)
    return sorted(found, key=lambda one: (not one["late"], one["priority"], one["next_due"] or "9", one["number"]))


def _open_tickets(
    store: Store, mailboxes: Iterable[MailboxConfig], now: datetime, *, also_unknown: bool = False
) -> list[dict[str, Any]]:
    names = {mailbox.name: words_of(mailbox) for mailbox in mailboxes}
    if also_unknown:
        known = store.rows("SELECT DISTINCT mailbox FROM tickets INDEXED BY tickets_open WHERE status <> 'closed'")
        names |= {str(row["mailbox"]): words_of(None) for row in known if row["mailbox"] not in names}
    found = [line for name, words in names.items() for line in _lines_of(store, name, words, now)]
    return sorted(found, key=lambda one: (one["next_due"] is None, one["next_due"] or "", one["number"]))


def _lines_of(store: Store, mailbox: str, words: Words, now: datetime) -> list[dict[str, Any]]:
    clocks: dict[int, list[Row]] = {}
    for clock in stored.all_clock_rows(store, mailbox):
        clocks.setdefault(int(clock["ticket_id"]), []).append(clock)
    rows = store.rows(
        "SELECT * FROM tickets INDEXED BY tickets_open WHERE mailbox = ? AND status <> 'closed' ORDER BY id", mailbox
    )
    return [_ticket_line(row, words, clocks.get(int(row["id"]), []), now) for row in rows]


def line_of(store: Store, ticket_id: int, words: Words, now: datetime) -> dict[str, Any]:
    """One ticket as a line of a list. Raises LookupError."""
    row = ticket_rows.one(store, ticket_id)
    if row is None:
        raise LookupError(f"no ticket {ticket_id}")
    clocks = stored.clock_rows(store, ticket_id)
    return _ticket_line(row, words, clocks, now)


def _ticket_line(row: Row, words: Words, clocks: list[Row], now: datetime) -> dict[str, Any]:
    state = str(row["status"])
    following = next((c for c in clocks if not _beside(words, c)), clocks[0] if clocks else None)
    return {
        "id": row["id"],
        "number": row["number"],
        "mailbox": row["mailbox"],
        "status": state,
        "status_label": words.statuses.get(state, state),
        "ball": _ball(row, clocks).value,
        "priority": row["priority"],
        "priority_label": words.priority(row["priority"]),
        "subject": row["subject"],
        "user": row["user_address"],
        "channel": row["channel"],
        "handler": row["handler"],
        "opened_at": row["opened_at"],
        "closed_at": row["closed_at"],
        "next_due": None if following is None else following["due"],
        "next_clock": None if following is None else _title(words, following),
        "estimated": following is not None and bool(following["estimated"]),
        # A target that has passed asks for no act of its own.
        "late": any(is_late(words, clock, now) for clock in clocks if not _from_receipt(words, clock)),
    }


def _ball(row: Row, clocks: Sequence[Row]) -> Ball:
    """As `turns.ball_of`."""
    if row["pending_replies"]:
        return Ball.LPSE
    return holder_of(Status(row["status"]), waits=any(clock["clock"] == "forwarding" for clock in clocks))


def _beside(words: Words, clock: Row) -> bool:
    known = words.clocks.get(str(clock["clock"]))
    return known is not None and known.beside


def _from_receipt(words: Words, clock: Row) -> bool:
    known = words.clocks.get(str(clock["clock"]))
    return known is not None and known.from_receipt


def _title(words: Words, clock: Row) -> str:
    known = words.clocks.get(str(clock["clock"]))
    return str(clock["clock"]) if known is None else known.title


def is_late(words: Words, clock: Row, now: datetime) -> bool:
    """Whether the clock's first limit has passed; reminders at half time and weekly news are no limits."""
    if clock["moved_to"] is not None:  # staff have put it off
        return str(clock["moved_to"]) <= to_text(now)
    known = words.clocks.get(str(clock["clock"]))
    stages = () if known is None else known.stages
    limit = next((n for n, stage in enumerate(stages) if not stage.warns and stage.times != "always"), None)
    if limit is None:
        return False
    stage = int(clock["stage"])
    passed = stage > limit or (stage == limit and int(clock["fired"]) > 0)
    return passed or (stage == limit and str(clock["due"]) <= to_text(now))


def find(store: Store, config: Config, wanted: str) -> list[str]:
    """The ticket numbers that somebody may mean: any spelling of a number or form number, or only its last digits.

    The newest year first; more than one where mailboxes share the digits.
    """
    prefixes = {
        *(mailbox.ticket_prefix for mailbox in config.mailboxes),
        *(str(row["prefix"]) for row in store.rows("SELECT DISTINCT prefix FROM counters")),
    }
    numbers = find_numbers(wanted, prefixes)
    if numbers:
        marks = ", ".join("?" for _ in numbers)
        rows = store.rows(f"SELECT number FROM tickets WHERE number IN ({marks})", *numbers)
    else:
        text = "".join(wanted.split()).strip("[]#")
        rows = store.rows(
            "SELECT number FROM tickets INDEXED BY tickets_form WHERE upper(form_number) = upper(?)", text
        )
        if not rows and text.isascii() and text.isdigit() and len(text) <= 6:
            rows = store.rows(
                # The newest of each mailbox: the columns beside max() are those of its row.
                "SELECT t.number, max(t.id) AS newest FROM counters c"
                " CROSS JOIN tickets t ON t.number = c.prefix || '-' || c.year || '-' || ?"
                " GROUP BY t.mailbox ORDER BY newest DESC",
                f"{int(text):06d}",
            )
    return [str(row["number"]) for row in rows]


def ticket(store: Store, config: Config, number: str, now: datetime) -> dict[str, Any]:
    """Everything about one ticket but what the mails say. Raises LookupError."""
    row = ticket_rows.by_number(store, number)
    if row is None:
        raise LookupError(f"no ticket {number}")
    ticket_id = int(row["id"])
    mailbox = next((each for each in config.mailboxes if each.name == row["mailbox"]), None)
    words = words_of(mailbox)
    clocks = stored.clock_rows(store, ticket_id)
    deadlines = past.deadlines(store, config, mailbox, words.clocks, words.priorities, row)
    passed = past.past(store, config, mailbox, words.clocks, row, now)
    return {
        **_ticket_line(row, words, clocks, now),
        "form_number": row["form_number"],
        "user_name": row["user_name"],
        "user_verified": bool(row["user_verified"]),
        "lkpp_number": row["lkpp_number"],
        "tts_number": row["tts_number"],
        "first_response_at": row["first_response_at"],
        "escalated_at": row["escalated_at"],
        "fields": stored.fields(store, ticket_id),
        "clocks": [
            {
                "clock": clock["clock"],
                "title": _title(words, clock),
                "step": words.clocks[clock["clock"]].step if clock["clock"] in words.clocks else "",
                "deadline": deadlines.get(clock["id"]),
                "due": clock["due"],
                "estimated": bool(clock["estimated"]),
                "late": is_late(words, clock, now),
            }
            for clock in clocks
        ],
        "history": past.history(store, ticket_id),
        **passed,
        "breaches": [{**one, "title": words.limits.get(one["clock"], one["clock"])} for one in passed["breaches"]],
        "received": [
            dict(mail)
            for mail in store.rows(
                "SELECT arrived_at, sender, role, disposition, threaded_by, message_id, size FROM journal"
                " WHERE ticket_id = ? ORDER BY id",
                ticket_id,
            )
        ],
        "sent": [
            dict(mail)
            for mail in store.rows(
                "SELECT created_at, template, recipient, state, held, held_why, not_before, accepted_at, message_id,"
                " answer, reason FROM outbox WHERE ticket_id = ? ORDER BY id",
                ticket_id,
            )
        ],
    }
