"""The values that templates show.

The renderer shows a template only the values declared for it, so that everything may be offered here; what an
audience may see of a ticket's texts is asked of the database by audience.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.config.service_hours import Week
from mailbot.config.site import Site
from mailbot.model import Attachment, Duration, NamedAddress, Status, Ticket
from mailbot.rules.language.names import as_name
from mailbot.rules.problems import QUESTION
from mailbot.rules.sop.turns import ball_of
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store import sent_mails
from mailbot.store.database import Store, to_instant
from mailbot.tickets import earlier, tickets
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)

#: Base64 makes 3 bytes 4 characters, and a line end every 57 bytes.
_ENCODED = 78 / 57
#: What the text, the HTML and the headers of a mail may take of the size limit.
_BODY_ROOM = 128 * 1024


def status_label(site: Site, status: Status) -> str:
    return site.table.statuses[status.value]


def priority_label(site: Site, level: int) -> str:
    return f"P{level} {site.priorities[level].name}"


def problem_label(site: Site, code: str) -> str:
    """As "Tidak dapat login (AKUN_LOGIN)"; the bare code of a category that the site's file has no more."""
    found = site.problems.get(code)
    return f"{found.title} ({code})" if found else code


def support_age(site: Site, ticket: Ticket, now: datetime) -> str | None:
    """Since when a ticket has had its number in LPSE Support, and for how long it has been open there."""
    if ticket.tts_at is None:
        return None
    since = dates.format_date(site.local(ticket.tts_at).date())
    days = 0 if ticket.status is Status.CLOSED else site.calendar.working_days_between(ticket.tts_at, now)
    return _SAID("since_and_age", since=since, age=_age(days)) if days else _SAID("since", since=since)


def _age(days: int) -> str:
    return dates.format_duration(Duration(working_days=days)) if days else _SAID("today")


def service_hours(site: Site) -> str:
    """The week's service hours in words: "Senin–Kamis 07.30–12.00 dan 13.00–16.00; Jumat … WIB"."""
    return _week_in_words(site.config.hours.week, site.zone)


@lru_cache(maxsize=32)  # each letter says them
def _week_in_words(week: Week, zone: ZoneInfo) -> str:
    groups: list[tuple[int, int, str]] = []
    for day, spans in enumerate(week):
        words = " dan ".join(f"{a:%H.%M}–{b:%H.%M}" for a, b in spans)
        if groups and groups[-1][2] == words:
            groups[-1] = (groups[-1][0], day, words)
        else:
            groups.append((day, day, words))
    parts = [
        f"{dates.WEEKDAYS[first]}{'' if first == last else '–' + dates.WEEKDAYS[last]} {words}"
        for first, last, words in groups
        if words
    ]
    return f"{'; '.join(parts)} {datetime(2026, 1, 1, tzinfo=zone).tzname()}"


def organisation(site: Site) -> dict[str, Any]:
    config = site.config
    return {
        "name": config.organisation,
        "address": config.address,
        "street": config.contact.street,
        "phone": config.contact.phone,
        "hours": service_hours(site),
        "complaints": list(config.lkpp.complaints),
    }


def tier_names(site: Site) -> dict[str, str]:
    """What the tiers of the ladder are called here."""
    found = site.config.tiers
    return {"staff": found.staff, "coordinator": found.coordinator, "head": found.head, "lkpp": found.lkpp}


def ticket_values(site: Site, ticket: Ticket, now: datetime) -> dict[str, Any]:
    days = site.calendar.working_days_between(ticket.opened_at, now)
    return {
        "number": ticket.number,
        "form_number": ticket.form_number,
        "tag": f"[{ticket.number}]",
        "subject": ticket.subject,
        "status": status_label(site, ticket.status),
        "ball": ball_of(ticket).value,
        "priority": priority_label(site, ticket.priority),
        "opened_at": site.say(ticket.opened_at),
        "escalated_at": None if ticket.escalated_at is None else site.say(ticket.escalated_at),
        "lkpp_number": ticket.lkpp_number,
        "tts_number": ticket.tts_number,
        "channel": ticket.channel,
        "tts_age": support_age(site, ticket, now),
        "problem": problem_label(site, ticket.problem) if ticket.problem else None,
        "nature": ticket.nature or site.problems.nature(ticket.problem),
        "category": ticket.category,
        "destination": ticket.destination,
        "age": _age(days),
    }


def user_values(store: Store, ticket: Ticket) -> dict[str, Any]:
    return _user_values(tickets.fields(store, ticket.id), ticket)


def _user_values(fields: Mapping[str, str], ticket: Ticket) -> dict[str, Any]:
    names = ("organisation", "street", "phone", "user_id", "tender_code", "npwp")
    return {
        "name": fields.get("name") or ticket.user_name or None,
        "address": ticket.user_address or None,
        "verified": ticket.user_verified,
        **{name: fields.get(name) for name in names},
    }


def form_missing(fields: Mapping[str, str]) -> bool:
    """Whether the identity that the Formulir Konsultasi asks for (part A) is incomplete."""
    return not all(fields.get(name) for name in ("name", "organisation", "phone"))


def form_wanted(case: Case) -> bool:
    """Whether a mail to the user brings the lines of the form that are missing: not below a question, which needs none,
    and not a second time while an earlier mail of the ticket that brought them waits for an answer."""
    if not form_missing(case.fields()):
        return False
    if (case.ticket.category or _proposed_category(case)) == QUESTION:
        return False
    asked_at = form_sent_at(case)
    return asked_at is None or earlier.users_wrote_since(case.store, case.ticket.id, asked_at)


def form_sent_at(case: Case) -> datetime | None:
    """When the last mail was made that has asked the ticket's user for lines of the form; None: none has."""
    asked = ("user_request",) if _proposed_category(case) == QUESTION else ("user_request", "user_acknowledgement")
    return sent_mails.made_last(case.store, case.ticket.id, asked)


def _proposed_category(case: Case) -> str:
    return case.proposals().get("category", ("", ""))[0]


def _unknown(fields: Mapping[str, str], labels: Mapping[str, str]) -> list[str]:
    """The labels of the form's lines that are not known yet."""
    return [label for key, label in labels.items() if not fields.get(key)]


def listed(files: Sequence[Attachment]) -> str:
    """Files by name and size, in one line."""
    return ", ".join(f"{file.name} ({size_words(len(file.data))})" for file in files)


def size_words(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB".replace(".", ",") if size >= 1_000_000 else f"{max(1, size // 1000)} kB"


def fitting(site: Site, attachments: Sequence[Attachment]) -> tuple[list[Attachment], list[dict[str, Any]]]:
    """The attachments that fit into one mail, and the list of all of them for the text."""
    room = site.config.smtp.max_size - _BODY_ROOM
    sent: list[Attachment] = []
    listed = []
    for attachment in attachments:
        needed = int(len(attachment.data) * _ENCODED) + 1024
        fits = needed <= room
        if fits:
            room -= needed
            sent.append(attachment)
        listed.append({"name": attachment.name, "size": size_words(len(attachment.data)), "sent": fits})
    return sent, listed


_NOTHING = dict.fromkeys(
    [
        "month",
        "text",
        "requested",
        "answered",
        "replied",
        "caution",
        "now",
        "deadline",
        "receipt",
        "meaning",
        "for_user",
        "reason",
        "summary",
        "tried",
        "enquiry",
        "reopen_until",
        "close_on",
        "held",
        "paste",
        "closing",
        "consultation",
        "both_ways",
        "form",
        "enquiries",
        "standing",
        "tier",
        "direction",
    ]
)


def values(case: Case, recipient: NamedAddress, **extra: Any) -> dict[str, Any]:
    """Every value a template may ask for; `extra` overrides. Who signs (actor), and whether the mail that is answered
    is proven (authenticated), the caller says: nobody and not, else."""
    site, ticket = case.site, case.ticket
    fields = case.fields()
    return {
        **_NOTHING,
        "organisation": organisation(site),
        "recipient": {"name": as_name(recipient.name), "address": recipient.address},
        "ticket": ticket_values(site, ticket, case.now),
        "user": _user_values(fields, ticket),
        "actor": None,
        "authenticated": False,
        "form_missing": form_missing(fields),
        "form_identity": _unknown(fields, _SAID.table("form_identity")),
        "form_added": _unknown(fields, _SAID.table("form_added")),
        "form_sent": False,
        "file_sent": False,
        "limit_mb": site.config.smtp.max_size // 1_000_000,
        "attachments": [],
        "sections": [],
        "actions": [],
        "others": [],
        "more_others": None,
        "items": [],
        "replies": [],
        "notes": [],
        "chronology": [],
        "own_words": False,
        "survey": False,
        "tiers": tier_names(site),
        **extra,
    }


def chronology(case: Case) -> list[dict[str, Any]]:
    """What happened to a ticket, for LKPP: neutral words, nobody's text."""
    who, what = _SAID.table("who"), _SAID.table("chronicle")
    taken_back = sent_mails.taken_back(case.store, case.ticket.id)
    return [
        {
            "at": case.site.say(to_instant(row["at"])),
            "who": who.get(row["role"], who["lpse"]),
            "what": what[row["event"]],
        }
        for row in tickets.history(case.store, case.ticket.id)
        if row["event"] in what and row["journal_id"] not in taken_back
    ]
