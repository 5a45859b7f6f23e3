"""The Formulir Konsultasi of a ticket as a Word file: what its data say, made anew whenever it is asked for.

SOP telephone, steps 3, 6 and 7: identity, problem and answer stand in the form, and the form is filed. A ticket that
came by mail has one, too: part B is the user's first mail, part C the last answer. Masked as notices are.
"""

from __future__ import annotations

import re
from datetime import datetime

from mailbot.config.site import Site
from mailbot.masking import mask
from mailbot.model import Role, Ticket
from mailbot.reports import entries
from mailbot.reports.entries import Answer, Entry
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Store, to_instant
from mailbot.templates import word_form
from mailbot.tickets import consultations, ticket_rows, tickets

_SAID = Sentences(__file__)
_CHANNELS = _SAID.table("channels")

MEDIA_TYPE = word_form.MEDIA_TYPE
#: Letters of part B or C: some pages. What is longer is a file, and stays with the ticket.
_LONGEST = 20_000
_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")


def filled(store: Store, site: Site, ticket: Ticket, now: datetime) -> bytes:
    """The first of `files`."""
    return _filled(store, site, entries.of_ticket(store, site.zone, ticket.id)[0], now)


def files(store: Store, site: Site, ticket: Ticket, now: datetime) -> list[tuple[str, bytes]]:
    """(file name, .docx) of each sheet: of the ticket, one or more, and of those that are merged into it.

    Raises PermanentFailure when the site's own template is at fault.
    """
    found: dict[str, bytes] = {}
    for entry in entries.of_ticket(store, site.zone, ticket.id):
        name = _name(entry, found)
        found[name] = _filled(store, site, entry, now)
    return list(found.items())


def of_number(store: Store, site: Site, number: str, now: datetime) -> list[tuple[str, bytes]]:
    """`files` of the ticket that has this number at this mailbox; none where no ticket has it."""
    ticket_id = ticket_rows.numbered(store, site.name, number)
    return [] if ticket_id is None else files(store, site, tickets.load(store, ticket_id), now)


def _name(entry: Entry, taken: dict[str, bytes]) -> str:
    """As "formulir-0123-FK-LPSE-BTG-XI-2026.docx"; a second one of the same number has its own."""
    base = f"formulir-{_UNFIT.sub('-', entry.form_number).strip('-')}"
    names = (f"{base}{f'-{count}' if count > 1 else ''}.docx" for count in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _filled(store: Store, site: Site, entry: Entry, now: datetime) -> bytes:
    ticket, sheet, config = entry.ticket, entry.sheet, site.config
    answer, known = entries.answer(store, site.zone, entry), tickets.fields(store, entry.ticket_id)
    name, organisation = entries.who(store, entry)
    if sheet is None:
        time = dates.format_time(to_instant(ticket["opened_at"]), site.zone)
        part_a = {"street": known.get("street", ""), "phone": known.get("phone", ""), "queue": ""}
        address, problem = str(ticket["user_address"]), f"{ticket['subject']}\n\n{entries.said(store, entry)}"
        giver = "" if answer is None else _giver(site, ticket["handler"], answer)
    else:
        time = consultations.time_words(site, sheet)
        part_a = {key: str(sheet[key]) for key in ("street", "phone", "queue")}
        address, problem, giver = str(sheet["address"]), entries.said(store, entry), str(sheet["giver"])
    values = {
        "form_number": entry.form_number,
        "ticket_number": str(ticket["number"]),
        "date": dates.format_date(entry.day),
        "time": time,
        "channel": _CHANNELS[entry.channel],
        "name": name,
        "organisation": organisation,
        "address": address,
        "userid": known.get("user_id", ""),
        **{key: known.get(key, "") for key in ("tender_code", "npwp", "nib")},
        "problem": _shown(problem),
        "solution": "" if answer is None else _shown(answer.body),
        "answered": "" if answer is None else dates.format_date(answer.day),
        "giver": giver,
        "office": config.organisation,
        "office_street": config.contact.street,
        "office_phone": config.contact.phone,
        "printed": site.say(now),
    }
    return site.renderer.form({**values, **part_a})


def _giver(site: Site, handler: str | None, answer: Answer) -> str:
    """Who explained: who wrote the answer; of LKPP's solution who handles the ticket, and whose words these are."""
    person = site.config.person(answer.address)
    if answer.role != Role.LKPP.value:
        return person.name if person else answer.address
    passed_on = site.config.person(handler) if handler else None
    tier = site.config.tiers.lkpp
    return _SAID("of_lkpp", name=passed_on.name, tier=tier) if passed_on else tier


def _shown(text: str) -> str:
    masked = mask(text)[0].strip()
    return masked if len(masked) <= _LONGEST else f"{masked[:_LONGEST].rstrip()}\n{_SAID('cut')}"
