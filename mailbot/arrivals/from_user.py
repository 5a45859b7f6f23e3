"""A user's mail: a new ticket, or one more mail of a ticket. Never read for commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from mailbot.arrivals import understanding
from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.door import keeps_back, said_of
from mailbot.door.proof import without_codes
from mailbot.fetch import dangers, originals
from mailbot.letters import proposals
from mailbot.masking import mask
from mailbot.model import Event, Role, Status, Ticket, Verdict
from mailbot.parsers.forms import form
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.mime.subject import base_subject
from mailbot.parsers.reply import other_topic, ready_reply
from mailbot.parsers.reply.quoted import NewText
from mailbot.procedure import service
from mailbot.procedure.effects.shared import INSIDE
from mailbot.rules import kept_by_user, reply_of_user, second_reader, survey
from mailbot.sentences import Sentences
from mailbot.store import journal, sent_mails
from mailbot.store.database import Store
from mailbot.tickets import tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given, Kept, Work

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class _Masked:
    """The parts of a mail, passwords masked. said: the words that are its writer's, as far as can be told."""

    own: str
    signature: str
    quoted: str
    said: str


def _masked(new: NewText, said: str) -> _Masked:
    own, signature, quoted = (mask(text)[0] for text in (new.own, new.signature, new.quoted))
    return _Masked(own, signature, quoted, own if said == new.own else mask(said)[0])


def handle(context: Context, mail: IncomingMail) -> None:
    """Inside the mail's transaction."""
    store, site, now = context.store, context.site, context.now
    assert mail.words is not None
    new, files, quiet = mail.words.new, mail.files, mail.quiet
    said = ready_reply.words(mail.words.said)
    opens = mail.found.ticket_id is None
    shown, secret = mask(ready_reply.without_empty_label(mail.words.shown))
    outside = without_codes(mask(ready_reply.without_empty_label(mail.words.outside))[0])
    masked = _masked(new, said)
    believed = mail.sender.verdict is not Verdict.FAIL
    addresses_lkpp = _addresses_lkpp(site, mail)
    ticket_id = mail.found.ticket_id
    ticket = None if ticket_id is None else tickets.load(store, ticket_id)
    facts = set() if opens and mail.found.previous is None else set(_facts(site, said, bool(files), ticket))
    suggested = survey.suggestion(outside) if "thanks_or_survey" in facts else ""
    if suggested:  # it stands in the quotation of our form, and staff read it like any other
        facts = facts - {"thanks_or_survey"} | {"survey_with_words"}
    if not believed:
        facts.add("results_fail")
    found = dangers.dangers(files)
    if found:
        facts.add("dangerous_attachment")
    if any(keeps_back(file, Role.USER, Role.LKPP) for file in files):
        facts.add("file_kept_back")
    unwanted = "" if opens else mask(kept_by_user.words(said))[0]
    if unwanted:
        facts.add("kept_by_user")
    if addresses_lkpp:
        facts.add("lkpp_has_it")
    event = Event(
        kind="user.mail",
        at=mail.at,
        role=Role.USER,
        address=mail.sender.address,
        name=mail.sender.name,
        facts=frozenset(facts),
        text=outside,
        journal_id=mail.journal_id,
        rule=mail.found.reason,
    )
    given = Given(
        key=mail.key,
        text=outside,
        shown=shown,
        message=mail.message,
        attachments=[*files, *originals.doubtful_original(store, mail)],
        authenticated=mail.sender.authenticated,
        denied=mail.sender.verdict is Verdict.FAIL,
        answerable=quiet is None,
        echo=mail.sender.authenticated,
        has_secret=secret,
        remark=_remark(store, mail, facts, quiet),
        again=mail.again is not None,
        dangers="; ".join(one.said for one in found),
    )
    other = _other_party(ticket, mail)
    doubts = _doubts(mail, found, other=bool(other), unwanted=unwanted)
    if other:  # whatever is written back goes to the ticket's user, and he has not written this
        event = replace(event, facts=event.facts | {"other_party"})
        given = replace(given, answerable=False, remark=f"{other} {given.remark}".strip())
    if ticket_id is None and facts & _SURVEY:
        ticket_id = mail.found.previous  # thanks and survey lines are filed, however late they come
    if ticket_id is not None:
        ticket = ticket or tickets.load(store, ticket_id)
        wish = _SAID("suggested", words=mask(suggested)[0]) if suggested else ""
        given = replace(given, remark=" ".join(filter(None, (_meant(ticket, facts), wish, given.remark))))
        given = _about_another(store, site, mail, said, given, ticket)
        fields = _fields(mail, masked, ours=True)
        kept = _kept(mail, outside, fields, doubts, believed=believed or opens, his=not other)
        reading = proposals.read(site, "", masked.said, known=mail.topic)
        given = replace(given, kept=replace(kept, reading=reading, believed=believed))
        work = service.handle(Case(store, site, now, ticket), event, given)
    else:
        # Whoever opens a ticket is its user, proven or not; a doubtful reply may be somebody else's.
        ours = _quotes_us(site, mail, new)
        joins = [tickets.load(store, one).number for one in mail.found.stranger_to]
        kept = _kept(mail, outside, _fields(mail, masked, ours=ours), doubts, believed=True)
        given = replace(given, joins=joins, kept=kept)
        work = _open(context, mail, event, given, masked.said, "" if ours else masked.quoted)
    journal.settle(
        store,
        mail.journal_id,
        "handled",
        work.decision.row,
        reason=quiet or "",
        sender=mail.sender,
        ticket_id=work.ticket.id,
        threaded_by=mail.found.reason,
    )


def _about_another(store: Store, site: Site, mail: IncomingMail, said: str, given: Given, ticket: Ticket) -> Given:
    """Staff are told of a reply that seems to be about something else; nothing follows from it by itself."""
    known = [ticket.subject, *sent_mails.subjects(store, ticket.id, mail.sender.address)]
    why = other_topic.sign(mail.message.subject, said, known, site.config.ticket_prefix)
    if not why:
        return given
    remark = _SAID("other_topic", why=mask(why)[0], number=mail.journal_id)
    return replace(given, separate=True, remark=f"{given.remark} {remark}".strip())


def _open(context: Context, mail: IncomingMail, event: Event, given: Given, said: str, forwarded: str) -> Work:
    site = context.site
    subject, _ = mask(base_subject(mail.message.subject, [site.config.ticket_prefix]))
    reading = proposals.read(site, subject, said, forwarded, mail.topic)
    opening = service.Opening(
        subject=understanding.named(subject),
        priority=reading.priority.level,
        continues=mail.found.previous,
    )
    given = replace(given, kept=replace(given.kept, reading=reading))
    return service.open_ticket(context, replace(event, kind="user.new"), given, opening)


def _quotes_us(site: Site, mail: IncomingMail, new: NewText) -> bool:
    """Whether a mail that opens a ticket quotes a mail of ours: by our marker, our tag or our address in it."""
    ours = (site.config.ticket_prefix.lower(), *site.config.addresses)
    return new.marked or mail.found.previous is not None or any(word in new.quoted.lower() for word in ours)


def _fields(mail: IncomingMail, masked: _Masked, *, ours: bool) -> dict[str, form.Field]:
    """What the mail says of its writer; ours: what it quotes are our mails, with staff's and LKPP's words in them."""
    own = mail.fields
    if own is None or mail.words is None or mail.words.new is not mail.new:
        own = form.read_own(masked.own, masked.signature)
    found = form.with_quoted(own, masked.quoted, ours=ours)
    if "name" not in found and (sender := form.sender_name(mail.sender.name, mail.sender.address)):
        found["name"] = sender
    return found


def _addresses_lkpp(site: Site, mail: IncomingMail) -> bool:
    """Whether the mail already names LKPP in To or Cc: then LKPP has it, and it is not forwarded again (step 9)."""
    lkpp = site.config.lkpp
    named = (box.address.lower() for box in (*mail.message.to, *mail.message.cc))
    return any(address == lkpp.address or lkpp.accepts(address) for address in named)


def _facts(site: Site, text: str, has_files: bool, ticket: Ticket | None) -> list[str]:
    """What the words say, as names that the table asks for where the ticket stands; None: of a first mail, to which
    they ask one thing only."""
    asked = _SURVEY if ticket is None else site.table.asked(ticket.status, "user.mail")
    by = site.user_phrases, site.user_readers
    facts = []
    if not has_files and asked & _SURVEY and (closed := second_reader.to_closing(text, *by)) != "other":
        facts.append("survey_with_words" if closed == "remark" else "thanks_or_survey")
    if ticket is None:
        return facts
    if not has_files and (reply := _reply(site, text, ticket)) != "not_done":
        facts.append(_SAYS[reply])  # staff are told so wherever the ticket stands
    if not has_files and reply_of_user.needs_no_answer(text, site.user_phrases):
        facts.append("needs_no_answer")
    if "not_data" in asked and not second_reader.brings_data(text, has_files, *by):
        facts.append("not_data")
    return facts


def _reply(site: Site, text: str, ticket: Ticket) -> reply_of_user.UserReply:
    """The second reader has learnt from replies to an answer only; of other mails the rules say what seems done."""
    if ticket.status is Status.RESOLVED:
        return second_reader.to_answer(text, site.user_phrases, site.user_readers)
    return reply_of_user.user_reply(text, site.user_phrases)


#: What `after_closing.closed_reply` finds, as the table's conditions name it.
_SHOWN = 120  # characters of the words that data are held for
_SURVEY = frozenset({"thanks_or_survey", "survey_with_words"})
#: What `reply_of_user.user_reply` finds, as the table's conditions name it.
_SAYS = {"done": "says_done", "works": "says_works", "later": "says_later", "thanks": "only_thanks"}


def _meant(ticket: Ticket, facts: Set[str]) -> str:
    """What his words seem to mean for the ticket, as far as staff decide on it."""
    if ticket.status is Status.CLOSED:
        return _SAID("survey_with_words") if "survey_with_words" in facts else ""
    if "says_done" in facts:
        return _SAID("says_done")
    if "says_later" in facts:
        return _SAID("says_later")
    return _SAID("says_works") if "says_works" in facts else ""


def _remark(store: Store, mail: IncomingMail, facts: Set[str], quiet: str | None) -> str:
    """What staff should know before they read."""
    words = []
    if mail.sender.verdict is Verdict.FAIL:
        words.append(_SAID("not_proven", reason=mail.sender.reason))
    if mail.found.conflict:
        first, second = (tickets.load(store, ticket_id).number for ticket_id in mail.found.conflict)
        words.append(_SAID("two_tickets", first=first, second=second))
    for ticket_id in mail.found.stranger_to:
        words.append(_SAID("stranger", number=tickets.load(store, ticket_id).number))
    if mail.found.previous is not None:
        words.append(_SAID("continues", number=tickets.load(store, mail.found.previous).number))
    if "lkpp_has_it" in facts:
        words.append(_SAID("lkpp_has_it"))
    if mail.words is not None and mail.words.of_staff:
        words.append(_SAID("of_staff", number=mail.journal_id))
    for file in mail.files:
        if back := keeps_back(file, Role.USER, Role.LKPP):
            words.append(said_of(file, back))
    if mail.form is not None and mail.form.fault:
        words.append(_SAID("form_names_nobody", fault=mail.form.fault))
    if quiet:
        words.append(understanding.no_receipt(quiet))
    return " ".join(words)


def _other_party(ticket: Ticket | None, mail: IncomingMail) -> str:
    """Of a mail of somebody whom staff have made a party of the ticket beside its user: what they must know."""
    if ticket is None or ticket.user_address == mail.sender.address:
        return ""
    return _SAID("other_party", writer=mail.sender.address, user=ticket.user_address)


def _doubts(mail: IncomingMail, found: Sequence[dangers.Danger], *, other: bool, unwanted: str) -> str:
    """Why this mail is not forwarded to LKPP unseen (steps 8 and 9), "" where nothing speaks against it."""
    kept_back = [said_of(file, back) for file in mail.files if (back := keeps_back(file, Role.USER, Role.LKPP))]
    why = [one.said for one in found]
    why += [_SAID("writer_not_proven")] if mail.sender.verdict is Verdict.FAIL else []
    why += [_SAID("writer_no_user", writer=mail.sender.address)] if other else []
    why += [_SAID("kept_by_user", words=shorten(unwanted, _SHOWN))] if unwanted else []
    return "; ".join([*why, *(sentence.rstrip(".") for sentence in kept_back)])


def _kept(
    mail: IncomingMail, words: str, fields: Mapping[str, form.Field], doubts: str, *, believed: bool, his: bool = True
) -> Kept:
    """The mail's words, the form's fields and the ledger of its files, with who may see them. doubts: what staff look
    at before LKPP gets it.

    The user himself and the LPSE; LKPP only when it is forwarded. Words that may be forged are staff's alone, and so
    are those of another party (`his`: they are the user's own).
    """
    trusted = believed and his
    readers = (Role.USER, *INSIDE) if trusted else INSIDE
    kind = "mail" if believed else "unverified"
    texts = [tickets.Text(role=Role.USER, address=mail.sender.address, kind=kind, audience=readers, body=words)]
    if doubts:
        texts.append(tickets.Text(role=Role.MAILBOT, address="", kind="doubts", audience=INSIDE, body=doubts))
    return Kept(
        threaded_by=mail.found.reason,
        texts=texts,
        files=mail.message.files,
        readers=readers,
        fields=fields if trusted else {},
        claims=True,
    )
