"""A mail of Helpdesk LKPP: what it means for its ticket (SOP steps 4, 6, 12 to 14), or a question to staff.

LKPP knows nothing of mailbot: it is never sent an acknowledgement, a code, a refusal or a survey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from mailbot import letters, log
from mailbot.arrivals import understanding
from mailbot.config.site import Site
from mailbot.door import keeps_back, said_of
from mailbot.fetch import originals
from mailbot.masking import mask
from mailbot.model import Event, NamedAddress, Role, Ticket
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.robots.automatic import BY_WORDS
from mailbot.procedure import service
from mailbot.procedure.effects import to_staff
from mailbot.procedure.effects.shared import INSIDE
from mailbot.rules.lkpp import proposal, reasons
from mailbot.rules.lkpp.for_user import DOUBTS, ForUser
from mailbot.sentences import Sentences
from mailbot.store import journal, sent_mails
from mailbot.store.database import Store, to_instant
from mailbot.tickets import lookups, ticket_rows, tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept, Work

_SAID = Sentences(__file__)
#: Meanings whose words go to the user; in doubt about what the words are, staff must say.
_PASSED_ON = ("data_request", "progress", "solved")


def handle(context: Context, mail: IncomingMail) -> None:
    """Inside the mail's transaction."""
    store, site, now = context.store, context.site, context.now
    assert mail.lkpp is not None
    grant = mail.lkpp.grant
    given = Given(
        key=mail.key,
        text=mail.lkpp.words,
        # In doubt which words are LKPP's, staff read all of them.
        shown=mail.message.text if mail.new.doubt is not None else mail.new.own or mail.message.text,
        message=mail.message,
        attachments=mail.files,
        authenticated=grant.allowed,
        kept=_kept(mail, mail.lkpp.words),
        again=mail.again is not None,
    )
    ticket_id = mail.found.ticket_id
    if not grant.allowed:
        log.held(site.name, mail.journal_id, None, grant.reason, mail.message.message_id)
        _only_staff(store, site, mail, given, _SAID("not_proven", reason=grant.reason), now, items=False)
        disposition = "lkpp.unverified"
    elif ticket_id is None:
        log.held(site.name, mail.journal_id, None, mail.found.reason, mail.message.message_id)
        _only_staff(store, site, mail, given, _SAID("no_ticket", reason=mail.found.reason), now, items=True)
        disposition = "lkpp.unknown"
    else:
        ticket = tickets.load(store, ticket_id)
        log.threaded(site.name, mail.journal_id, ticket.number, mail.found.reason, mail.message.message_id)
        others = _others(Case(store, site, now, ticket), mail)
        if not others:  # whose number it is, it does not say
            ticket = learn_number(store, mail, ticket)
        work = _happen(Case(store, site, now, ticket), mail, others, given)
        disposition = work.decision.row
    journal.settle(
        store,
        mail.journal_id,
        "handled",
        disposition,
        reason=grant.reason,
        sender=mail.sender,
        ticket_id=ticket_id if grant.allowed else None,
        threaded_by=mail.found.reason,
    )


def _happen(case: Case, mail: IncomingMail, others: Sequence[Ticket], given: Given) -> Work:
    """others: tickets that the mail names beside its own."""
    assert mail.lkpp is not None
    ticket, reading = case.ticket, mail.lkpp.reading
    label = _SAID.table("meanings")[reading.meaning]
    passes = understanding.for_user(case, given.text)
    taken_back = _taken_back(case, mail)
    if taken_back is None:
        meaning, remark = _decided(case, mail, others, mail.new.doubt or _doubt(passes, mail))
    else:  # staff have stopped what it was taken for: they say what it means, whatever the site has set
        meaning, remark = "unclear", _SAID("taken_back")
    remark = " ".join(filter(None, (remark, *(_asking(case, mail) if meaning == reading.meaning else ()))))
    people = (*mail.message.to, *mail.message.cc)
    event = Event(
        kind=f"lkpp.{meaning}",
        at=taken_back or mail.at,
        role=Role.LKPP,
        address=mail.sender.address,
        name=mail.sender.name or "Helpdesk LKPP",
        text=given.text,
        journal_id=mail.journal_id,
        rule=reading.rule,
        sentence=reading.sentence,
    )
    given = replace(
        given,
        remark=remark,
        meaning=(label, reading.sentence, reading.rule),
        for_user=passes.text,
        others=[other.id for other in others],
        kept=replace(given.kept, texts=[*given.kept.texts, _proposed(mail, passes.text)]),
        user_addressed=any(box.address.lower() == ticket.user_address != "" for box in people),
    )
    return service.handle(case, event, given)


def _asking(case: Case, mail: IncomingMail) -> Iterator[str]:
    """Why staff are asked what it means, and what it seems to mean where the rules do not say it."""
    assert mail.lkpp is not None
    reading = mail.lkpp.reading
    if why := reasons.why(reading.meaning, reading.rule):
        yield _SAID("asked", why=why)
    ruled = "solved" if reading.rule == proposal.VETO else ""
    seems = proposal.seems(mail.lkpp.words, case.site.lkpp_reader, ruled) if reading.meaning == "unclear" else None
    if seems is not None:
        words = ", ".join(f"“{word}”" for word in seems[1])
        yield _SAID("seems", meaning=_SAID.table("meanings")[seems[0]], words=words)


def _taken_back(case: Case, mail: IncomingMail) -> datetime | None:
    """When staff took back what had gone of this mail by itself, since when its meaning is owed; None: they did not."""
    if mail.again is None or mail.journal_id not in sent_mails.taken_back(case.store, case.ticket.id):
        return None
    return to_instant(journal.entry(case.store, mail.again)["arrived_at"])


def _doubt(passes: ForUser, mail: IncomingMail) -> str | None:
    """Why nothing of it may go to the user by itself, in words for staff, with LKPP's own words that it rests on."""
    if passes.doubt is None:
        for file in mail.files:
            if back := keeps_back(file, Role.LKPP, Role.USER):
                return said_of(file, back).rstrip(".")
        told_admin = any(part.kind == "to_admin" for part in passes.left_out)
        return _SAID("whose_files") if told_admin and mail.files else None
    why = DOUBTS[passes.doubt]
    return _SAID("because", why=why, words=mask(passes.because)[0]) if passes.because else why


def _decided(case: Case, mail: IncomingMail, others: Sequence[Ticket], doubt: str | None) -> tuple[str, str]:
    """(what the mail means, or "unclear" where staff are asked; why they are). doubt: about the words for the user, who
    gets none of them by themselves then, whatever the site has set."""
    assert mail.lkpp is not None
    sop, meaning = case.site.config.sop, mail.lkpp.reading.meaning
    if others:
        numbers = ", ".join(other.number for other in others)
        return "unclear", _SAID("names_others", own=case.ticket.number, others=numbers)
    if meaning in _PASSED_ON and doubt is not None:
        return "unclear", _SAID("held_back", doubt=doubt)
    if meaning in _PASSED_ON and sop.pass_on == "confirm":
        return "unclear", _SAID("confirmed_first")
    read, remark = meaning, ""
    if mail.machine is not None and mail.machine.reason == BY_WORDS:
        meaning, remark = "unclear", _SAID("seems_to_ask")
    elif sop.review == "always" and meaning != "received":
        meaning, remark = "unclear", _SAID("always_confirmed")
    elif meaning == "unclear" and doubt is not None:
        remark = _SAID("held_back", doubt=doubt)
    if sop.review == "never" and meaning in ("unclear", "redirect", "refused"):
        # The site does not want to be asked: shown to staff, who may say what it means; LKPP's clock goes on.
        left_open = _SAID("left_open", meaning=_SAID.table("meanings")[read])
        return "received", f"{remark} {left_open}".strip()
    return meaning, remark


def _others(case: Case, mail: IncomingMail) -> list[Ticket]:
    """The existing tickets that LKPP's own words or its subject name beside the one whose mail it answers. Numbers that
    were merged into one are one."""
    assert mail.lkpp is not None
    named = find_numbers(f"{mail.message.subject}\n{mail.lkpp.words}", [case.site.config.ticket_prefix])
    ids = (ticket_rows.numbered(case.store, case.site.name, number) for number in named[: lookups.MOST_NUMBERS])
    found = [tickets.standing(case.store, one) for one in ids if one is not None]
    found += [one for one in mail.found.conflict or () if one is not None]
    return [tickets.load(case.store, one) for one in dict.fromkeys(found) if one != case.ticket.id]


def _proposed(mail: IncomingMail, words: str) -> tickets.Text:
    """What staff are asked about, as they were shown it: their links stand for these very words."""
    return tickets.Text(role=Role.LKPP, address=mail.sender.address, kind="for_user", audience=INSIDE, body=words)


def learn_number(store: Store, mail: IncomingMail, ticket: Ticket) -> Ticket:
    """LKPP's own ticket number, from LKPP's authenticated mail only; shown in every mail to LKPP from then on."""
    number = None if mail.lkpp is None else mail.lkpp.number
    if number is None or ticket.lkpp_number is not None or mail.found.conflict is not None:
        return ticket
    return tickets.change(store, ticket, lkpp_number=number)


def _only_staff(
    store: Store, site: Site, mail: IncomingMail, given: Given, reason: str, now: datetime, *, items: bool
) -> None:
    """What belongs to no ticket, or only claims to be LKPP's: staff see it, marked, and nobody else."""
    files = [*given.attachments, *originals.doubtful_original(store, mail)]
    sent, listed = letters.fitting(site, files)
    subject, _ = mask(mail.message.subject)  # often the only place that says what it is about
    for person in site.config.staff:
        recipient = NamedAddress(person.name, person.address)
        shown = {
            "organisation": letters.organisation(site),
            "recipient": {"name": recipient.name, "address": recipient.address},
            "ticket": None,
            "actor": {"name": mail.sender.name, "address": mail.sender.address},
            "text": _SAID("unknown_mail", subject=understanding.named(subject), words=understanding.shown(given.shown)),
            "attachments": listed,
            "authenticated": given.authenticated,
            "meaning": None,
            "passed_on": [],
            "notes": [],
            "reason": reason,
            "actions": _open_escalations(store, site, mail, recipient, now) if items else [],
        }
        letter = letters.Letter(
            template="staff_lkpp_reply",
            recipient=recipient,
            shown=shown,
            key=mail.key,
            subject=_SAID("subject", prefix=site.config.ticket_prefix),
            files=sent,
        )
        letters.put(Context(store, site, now), letter)


#: Meaning → the command that records it with the ticket that LKPP meant.
_RECORDED = {
    "returned": "#kembali",
    "data_request": "#data-tambahan",
    "progress": "#perkembangan",
    "solved": "#selesai",
    "redirect": "#alihkan",
}


def _open_escalations(
    store: Store, site: Site, mail: IncomingMail, recipient: NamedAddress, now: datetime
) -> list[dict[str, Any]]:
    """One link per ticket that LKPP may have meant: it records LKPP's words there, once staff have read them. Of words
    that go on to the user it brings what is for him; in doubt what that is, staff are asked once more."""
    assert mail.lkpp is not None
    command = _RECORDED.get(mail.lkpp.reading.meaning, "#catat")
    found = []
    for ticket_id in ticket_rows.with_lkpp(store, site.name, 10):
        case = Case(store, site, now, tickets.load(store, ticket_id))
        words, doubt = mail.lkpp.words, mail.new.doubt
        if letters.tells_user(command):
            passes = understanding.for_user(case, words)
            words, doubt = passes.text, doubt or _doubt(passes, mail)
        sure = doubt is None
        found.append(
            letters.link(
                case,
                recipient,
                f"{case.ticket.number} – {case.ticket.subject}",
                command,
                after=to_staff.in_link(words) if sure or letters.fits(words) else "",
                hint=_SAID("check_text") if sure else _SAID("held_back", doubt=doubt),
                stored=letters.Stored(words) if sure else None,
            )
        )
    return found


def _kept(mail: IncomingMail, words: str) -> Kept:
    """LKPP's words are for staff; the user sees them only through an effect that passes them on."""
    readers = (Role.LKPP, *INSIDE)
    text = tickets.Text(role=Role.LKPP, address=mail.sender.address, kind="lkpp", audience=readers, body=words)
    return Kept(texts=[text], files=mail.message.files, readers=readers)
