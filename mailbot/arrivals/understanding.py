"""What follows from a mail's bytes, its sender and its thread: the parts of an `IncomingMail` that its party asks for.

With `intake`, the only place where a mail that came in is taken apart, where its machine is detected and where LKPP's
authority is checked. What stands behind reads the `IncomingMail`.
"""

from __future__ import annotations

from dataclasses import replace

from mailbot.config.site import Site
from mailbot.fetch import originals
from mailbot.masking import mask
from mailbot.model import Message, Role, Sender
from mailbot.parsers import thread, webform
from mailbot.parsers.identity import dmarc, is_lkpp
from mailbot.parsers.identity import sender as who_wrote
from mailbot.parsers.incoming import IncomingMail, LkppMail
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.reply.quoted import NewText, new_text
from mailbot.parsers.robots import acknowledgement
from mailbot.parsers.robots.automatic import BY_WORDS, Automatic, automatic, no_answer_reason, only_cc
from mailbot.parsers.thread import Found, Reference
from mailbot.parsers.webform import Form
from mailbot.rules.lkpp import proposal
from mailbot.rules.lkpp.classify import Reading, classify
from mailbot.rules.lkpp.for_user import ForUser
from mailbot.rules.lkpp.for_user import for_user as rule
from mailbot.sentences import Sentences
from mailbot.store import silences
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import ticket_rows, tickets
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)
#: The folder of a name like this holds what the server took for junk: read, but never answered by itself.
_JUNK = ("junk", "spam", "bulk")


def of_lkpp(
    site: Site, message: Message, sender: Sender, refs: tuple[Reference, ...], new: NewText, machine: Automatic | None
) -> LkppMail | None:
    """What a mail of Helpdesk LKPP says; None of any other."""
    if sender.role is not Role.LKPP:
        return None
    grant = is_lkpp(sender, thread.refers_to_lkpp_mail(refs))
    words = new.own
    pattern = site.config.lkpp.number.pattern if site.config.lkpp.number else None
    own = [site.config.ticket_prefix]
    number = None
    if grant.allowed:
        told = acknowledgement.lkpp_acknowledgement(message, machine, pattern, own)
        number = told or acknowledgement.lkpp_number(message.subject, pattern, own)
    return LkppMail(
        grant=grant,
        words=words,
        reading=_read(site, words),
        number=number,
        spoken=grant.allowed and machine is not None and _spoken(site, new, machine),
    )


def _read(site: Site, words: str) -> Reading:
    """What the rules read, unless the learnt reader sees no sign of the "selesai" that they found."""
    found = classify(words, site.lkpp_phrases)
    if found.meaning == "solved" and proposal.doubts_solved(words, site.lkpp_reader):
        return replace(found, meaning="unclear", rule=proposal.VETO)
    return found


def for_user(case: Case, words: str) -> ForUser:
    """What of LKPP's words the ticket's user may read. Passwords are left out of what staff are shown to send."""
    fields = tickets.fields(case.store, case.ticket.id)
    numbers = (number for number in find_numbers(words, [case.site.config.ticket_prefix]) if _stands_here(case, number))
    own = (case.ticket.user_name, case.ticket.user_address, case.ticket.number, *numbers, *fields.values())
    names = tuple(str(name) for name in own if name)
    found = rule(words, case.site.for_user_phrases, lkpp_number=case.ticket.lkpp_number, user_names=names)
    return replace(found, text=mask(found.text)[0])


def _stands_here(case: Case, number: str) -> bool:
    """Whether a ticket of this number has become a part of this one."""
    found = ticket_rows.numbered(case.store, case.site.name, number)
    return found is not None and tickets.standing(case.store, found) == case.ticket.id


def _spoken(site: Site, new: NewText, machine: Automatic) -> bool:
    """Ticket systems send people's words from no-reply addresses, marked as bulk, or below an automatic line: LKPP's
    are read all the same, unless they only say that our mail has arrived."""
    if machine.reason == BY_WORDS:
        said = classify(new.own, site.lkpp_phrases).all
        return any(finding.meaning not in ("received", "progress") for finding in said)
    return machine.kind in ("list", "noreply")


def written_by_machine(mail: IncomingMail) -> bool:
    """Whether it is a machine's mail, to be filed, and nobody's words."""
    return mail.machine is not None and not (mail.lkpp is not None and mail.lkpp.spoken) and not _pasted(mail)


def _pasted(mail: IncomingMail) -> bool:
    """A user's new mail that only holds the words of a machine: users paste what SPSE has sent them ("e-mail ini
    dikirim otomatis"). It makes a ticket, which staff see; it is never answered automatically (`no_answer`)."""
    message = mail.message
    new = mail.found.ticket_id is None and not message.in_reply_to and not message.references
    by_words = mail.machine is not None and mail.machine.reason == BY_WORDS
    return new and by_words and mail.sender.role is Role.USER and mail.sender.address != ""


def no_answer(
    store: Store,
    site: Site,
    folder: str,
    message: Message,
    sender: Sender,
    form: Form | None,
    unanswered: str | None,
) -> str | None:
    """Why no automatic mail may answer this user's mail (RFC 3834; docs/security.md), or None. unanswered: why not, as
    far as the mail itself tells, also where staff want it read as a person's."""
    own = site.config.addresses
    if form is not None:
        if form.fault:
            return _SAID("web_form", address=form.address, fault=form.fault)
        message = replace(message, subject="", text="")  # a form's own words may well be a machine's, its user is none
        unanswered = no_answer_reason(message, own, automatic(message, own))
    if dmarc(message, site.config.authentication.authserv_id) == "fail":
        return "dmarc=fail"
    if any(word in folder.lower() for word in _JUNK):
        return _SAID("junk")
    if only_cc(message, own):
        return _SAID("only_copied")
    if silences.answers_nothing(store, site.name, sender.address, proven=sender.authenticated):
        return _SAID("silenced")
    return unanswered


def no_receipt(why: str) -> str:
    """What staff are told of a user's mail that `no_answer` leaves without an acknowledgement."""
    return _SAID("no_receipt", why=why)


def named(subject: str) -> str:
    """The subject of the ticket that a mail opens, whose own may be empty."""
    return subject or _SAID("no_subject")


def shown(text: str) -> str:
    """A mail's words as people read them, also where there are none."""
    return text or _SAID("no_text")


def once_more(store: Store, site: Site, entry: Row) -> IncomingMail:
    """A user's mail of the journal as it stood at its arrival (`#pisah`); of its sender only so much as could be known
    then. Raises ParseError."""
    config = site.config
    message = originals.marked(store, int(entry["id"]), originals.read(store, config, entry))
    unanswered = no_answer_reason(message, config.addresses, automatic(message, config.addresses))
    own = config.authentication.authserv_id
    sender = who_wrote(message, site.people(), config.lkpp.accept_from, config.addresses, own)
    message, sender, form = webform.read(message, sender, config.forms, lambda one: not config.is_users(one))
    if sender.address != entry["sender"] or sender.role is not Role.USER or message.ambiguous:
        sender = Sender(address=str(entry["sender"]))
    folder = str(entry["folder"])
    return IncomingMail(
        journal_id=int(entry["id"]),
        folder=folder,
        at=to_instant(entry["arrived_at"]),
        message=message,
        new=new_text(message.text),
        files=tuple(originals.passed_on(message, from_user=True)),
        sender=sender,
        refs=(),
        found=Found(ticket_id=None, reason="#pisah"),
        machine=None,
        form=form,
        quiet=no_answer(store, site, folder, message, sender, form, unanswered),
    )
