"""Effects that are mails to staff: what came in, what is due, and the likely next steps as links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mailbot import letters
from mailbot.clean import shorten
from mailbot.fetch.originals import attachments_of
from mailbot.letters import canned, caps, notes, proposals
from mailbot.model import NamedAddress, Role, Status, Ticket
from mailbot.parsers.forms import escalation
from mailbot.procedure.effects.kinds import mailing
from mailbot.procedure.effects.mailing import Sending, post
from mailbot.procedure.effects.shared import (
    LKPP_CLOCKS,
    MEANING_CLOCKS,
    all_staff,
    enquiry,
    fired,
    lkpp_said,
    notice,
    reminded,
    user_mails,
    users_own,
    who_handles,
)
from mailbot.procedure.effects.to_lkpp import closing_words
from mailbot.restraint import folding
from mailbot.rules.lkpp import proposal
from mailbot.rules.lkpp.classify import classify
from mailbot.sentences import Sentences
from mailbot.store import journal, sent_mails
from mailbot.store.database import to_instant
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import approvals, breaches, earlier, joining, leaves, progress, similar, ticket_rows, tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

_MOST_JOINED = 3
#: Other open tickets of a user that the notice of his new one names, and characters of a subject there.
_MOST_OPEN, _SUBJECT = 5, 80
#: Command word → the meaning of LKPP's reply that it says.
_MEANT = {
    "perkembangan": "progress",
    "data-tambahan": "data_request",
    "selesai": "solved",
    "kembali": "returned",
    "alihkan": "redirect",
    "abaikan": "received",
}
#: The line that stands in a link for a text too long for a link: of the words that the mail shows, all.
AS_ABOVE = _SAID("as_above")


def as_above(text: str, words: str) -> str:
    """A text with these words where the line that stands for them is."""
    return "\n".join(words if line.strip() == AS_ABOVE else line for line in text.split("\n"))


def in_link(words: str) -> str:
    """What a link brings below its command: the words, or the line that stands for them."""
    return (words if letters.fits(words) else AS_ABOVE).replace("\r\n", "\n").replace("\n", "\r\n")


#: A plain reply to one of these is the answer to the user; elsewhere it takes `#jawab`.
ANSWERED = ("staff_new_ticket", "staff_user_reply", "staff_returned")
#: What an escalation's ready mail asks to be filled in.
HEADINGS = "\r\n".join(f"{heading}:\r\n" for heading in escalation.PARTS.values())


def _links(work: Work, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
    return _steps(work, recipient, template, work)


def _steps(case: Case, recipient: NamedAddress, template: str, work: Work | None = None) -> list[dict[str, Any]]:
    """The likely next steps of a ticket in its status, each a link that opens a ready reply. work: the event that the
    mail tells of, where it tells of one."""
    found: list[dict[str, Any]] = []
    ticket, status = case.ticket, case.ticket.status
    if status is Status.CLOSED:
        return [link(case, recipient, "#buka")]
    is_due = work is not None and work.event.kind.startswith("due.")

    def add(command: str, label: str = "", hint: str = "", about: str = "") -> None:
        found.append(link(case, recipient, command, label, hint, about=about))

    running = None if work is None else work.running
    if running is not None and running.clock == "escalation" and not case.site.settings.by_email:
        add("#lpse-support")
    if template in ANSWERED:
        found.append(letters.reply_hint(_SAID.table("steps")["jawab"]))
    else:
        add("#jawab")
    if template == "staff_new_ticket" and (proposed := canned.proposed(case)) is not None:
        code, title = proposed
        add(f"#jawab {code}", _SAID("canned", title=title), _SAID("canned_hint"))
    if ticket.handler is None or leaves.away_until(case.store, case.site, ticket.handler, case.now):
        add("#ambil")
    if status in (Status.NEW, Status.IN_PROGRESS, Status.RETURNED, Status.AWAITING_USER):
        add("#minta-data")
        found.append(_escalating(case, recipient))
    if template == "staff_lkpp_reply" and ticket.is_with_lkpp and case.site.settings.by_email:
        add("#lkpp")
    idle = work is not None and _needs_no_answer(work)
    if status is Status.RESOLVED or idle or (work is not None and work.event.facts & {"says_done", "says_works"}):
        found.append(_closing(case, recipient))
    if idle:
        add(f"#tunda {_SAID('wait_for_user')}", _SAID("nothing_to_answer"))
    if status is Status.RESOLVED and work is not None and "says_works" in work.event.facts:
        add("#buka")
    if _may_ask_coordinator(case, recipient, template):
        add("#koordinator")
    of_user = work is not None and work.event.kind == "user.mail"
    if status is Status.AWAITING_DATA or (status is Status.ESCALATED and of_user):
        found += _forwarding(case, recipient, work)
    if ticket.is_with_lkpp and is_due:
        add("#perkembangan")
        add("#selesai")
    if is_due or template == "staff_assigned":
        add(letters.assignment(case.site, recipient.address))
    if is_due:
        add("#tunda")
    if is_due and breaches.unexplained(case.store, ticket.id):
        add("#alasan", about="" if running is None else breaches.of_clock(case.store, ticket.id, running))
    if work is not None:
        for number in work.given.joins[:_MOST_JOINED]:
            add(f"#gabung {number} pihak", _SAID("merge", ticket=number))
        if work.given.separate and work.event.journal_id is not None:
            add(f"#pisah {work.event.journal_id}")
        if work.proposes is not None:
            add(f"#ubah prioritas {work.proposes}", _SAID("priority", level=work.proposes))
    if status is Status.NEW:
        add("#buang")
    return sorted(found, key=_likely if not idle else _likely_after_thanks)


def _needs_no_answer(work: Work) -> bool:
    """Whether the user only thanks or promises something, and it is the LPSE's turn all the same."""
    thanks = "needs_no_answer" in work.event.facts and not work.event.facts & {"says_done", "says_works"}
    return thanks and work.ticket.status in (Status.IN_PROGRESS, Status.RETURNED)


def _likely_after_thanks(action: dict[str, Any]) -> int:
    """Before all else: to wait for the user, or to close."""
    word = str(action["command"]).split()[0]
    return -2 if word == "#tunda" else -1 if word == "#tutup" else _likely(action) + 1


def _likely(action: dict[str, Any]) -> int:
    """The place of a step among those of its mail; a plain reply needs no link and stands on top."""
    return -1 if action["command"] is None else _LIKELY.index(str(action["command"]).split()[0].removeprefix("#"))


_LIKELY = list(_SAID.table("steps"))


def _escalating(case: Case, recipient: NamedAddress) -> dict[str, Any]:
    """`#eskalasi`: the coordinator's link sends the request that waits, if one does; that of staff asks for approval
    where only the coordinator takes a problem to LKPP."""
    coordinator = case.site.config.role(recipient.address) is Role.COORDINATOR
    request = approvals.waiting(case.store, case.ticket) if coordinator else None
    if request is not None:
        return {**approving(case, recipient, request), "shows": request.words}
    waits = not coordinator and case.site.config.sop.escalation_by == "coordinator"
    return link(case, recipient, "#eskalasi", _SAID("ask_approval") if waits else "")


def _closing(case: Case, recipient: NamedAddress) -> dict[str, Any]:
    """`#tutup`, with what LKPP is told where they have the ticket."""
    made = link(case, recipient, "#tutup")
    told = case.ticket.is_with_lkpp and case.site.settings.by_email
    return {**made, "shows": closing_words(case.ticket)} if told else made


def completing(case: Case, recipient: NamedAddress, lacks: Sequence[str]) -> dict[str, Any]:
    """The link that asks the user for what an escalation lacks."""
    after = "\r\n".join((_SAID("complete_text"), *(f"- {one}" for one in lacks)))
    return letters.link(case, recipient, _SAID("complete"), "#minta-data", after=after, hint=_SAID("complete_hint"))


def approving(case: Case, recipient: NamedAddress, request: approvals.Request) -> dict[str, Any]:
    """The coordinator's link that sends what staff have asked to send: its code stands for the words and the files of
    that request, and for no other."""
    send = letters.Send(
        label=_SAID("approve"),
        command="#eskalasi",
        after=in_link(request.words),
        hint=_SAID("approve_hint"),
        about=str(request.entry),
        stored=letters.Stored(request.words, request.mails),
    )
    return letters.sending(case, recipient, send)


def _forwarding(case: Case, recipient: NamedAddress, work: Work | None) -> list[dict[str, Any]]:
    """The link that forwards to LKPP what the user wrote and LKPP has not seen, if there is any: it stands above it,
    but where it is no more than what the mail tells of anyway."""
    mails = user_mails(case, new_only=True)
    if not mails:
        return []
    label = _SAID("checked") if withheld(case) else ""
    made = link(case, recipient, "#teruskan", label, about=" ".join(str(mail["journal_id"]) for mail in mails))
    if work is not None and [(work.event.journal_id, True)] == [
        (mail["journal_id"], str(mail["body"]) in work.given.shown) for mail in mails
    ]:
        return [made]
    files = letters.listed([file for mail in mails for file in attachments_of(case, int(mail["journal_id"]))])
    hint = _SAID("with_files", files=files) if files else made["hint"]
    return [{**made, "hint": hint, "shows": "\n\n".join(str(mail["body"]) for mail in mails) or None}]


def withheld(case: Case) -> str:
    """Why what LKPP has not got of the user's data is looked at first (steps 8 and 9), "" where nothing is."""
    why = earlier.doubts(case.store, case.ticket.id)
    if not case.ticket.held_data:
        return why
    pasted = "" if case.site.settings.by_email else _SAID("to_be_pasted")
    return "; ".join(filter(None, (why, pasted))) or _SAID("not_looked_at")


def _caution(work: Work) -> str | None:
    """What whoever reads of a user's mail must know before he acts on it, in its first lines."""
    if work.ticket.is_with_lkpp:
        why = "" if _forwarded(work) or "lkpp_has_it" in work.event.facts else withheld(work)
        if not why:
            return None
        return _SAID("held" if work.ticket.held_data else "not_forwarded", why=why, checked=_SAID("checked"))
    return _SAID("dangerous", why=work.given.dangers) if work.given.dangers else None


def _forwarded(work: Work) -> bool:
    """Whether the data in hand are on their way to LKPP."""
    return any(one.template == "lkpp_additional_data" and not one.held for one in work.planned)


def link(
    case: Case, recipient: NamedAddress, command: str, label: str = "", hint: str = "", *, about: str = ""
) -> dict[str, Any]:
    """The action of a command, with its own label and hint where it is given no others. about: as in `letters.link`."""
    word = command.split()[0].removeprefix("#")
    after = HEADINGS if word == "eskalasi" else ""
    label = label or _SAID.table("steps")[word]
    complete = word in ("tugaskan", "tunda") and command != f"#{word}"
    hint = hint or ("" if complete else _SAID.table("hints").get(word, ""))
    return letters.link(case, recipient, label, command, after=after, hint=hint, about=about)


#: Characters of the beginning of an old answer, which stands in the mail in any case.
_BEGINNING = 280
#: What is longer is cut in the mail too: it was a manual.
_LONGEST = 2500


def _similar(work: Work, recipient: NamedAddress, case: similar.Case) -> dict[str, Any]:
    """A solved ticket with a link that answers with its answer. A long one stands in the mail whole, to be copied."""
    after = case.answer.replace("\n", "\r\n")
    if letters.fits(after):
        answer, label, hint = _beginning(case.answer), _SAID("answer_with"), _SAID("answer_with_hint")
    else:
        answer, after = shorten(case.answer, _LONGEST), ""
        label, hint = _SAID("answer_copying"), _SAID("answer_copying_hint")
    return {
        "number": case.number,
        "subject": case.subject,
        "solved": case.solved,
        "answer": answer,
        **letters.link(work, recipient, label, "#jawab", after=after, hint=hint),
    }


def _beginning(text: str) -> str:
    """The first lines of an answer, cut between two words."""
    if len(text) <= _BEGINNING:
        return text
    return f"{text[:_BEGINNING].rsplit(None, 1)[0].rstrip('.,;:')} …"


def next_steps(case: Case, recipient: NamedAddress) -> list[dict[str, Any]]:
    """The same for a receipt, which a plain reply answers nobody with."""
    make = _meaning_links if case.ticket.pending_replies else _steps
    return make(case, recipient, "staff_receipt")


def _may_ask_coordinator(case: Case, recipient: NamedAddress, template: str) -> bool:
    """Whether to offer the next tier: where staff have begun, or are late, and do not wait for direction already."""
    begun = case.ticket.status is Status.IN_PROGRESS or template in ("staff_returned", "staff_reminder")
    others = any(one.address != recipient.address for one in case.site.config.coordinator)
    return begun and others and "direction" not in case.ticket.clocks


def _meaning_links(case: Case, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
    """What each waiting reply of LKPP may mean."""
    waiting = case.ticket.pending_replies
    found = []
    for reply in waiting:
        words = earlier.for_user(case.store, case.ticket.id, reply)
        which = _SAID("reply_of", at=_arrived(case, reply)) if len(waiting) > 1 else ""
        made = _meanings(case, recipient, reply, words, which, files=_files(case, reply))
        if template != "staff_reminder":  # that shows them anyway
            made[0]["shows"] = words or None
        found += [{**one, "small": len(waiting) > 1} for one in made]
    return found


def label_of(word: str) -> str:
    """What the link of a meaning is called."""
    return _SAID.table("meanings")[word]


def meant(text: str) -> str | None:
    """The word of the meaning that somebody names instead of using its link; None: the text says more, or other."""
    first, _, rest = text.strip().partition("\n")
    said = _plain(first if len(rest.split()) <= _NAMED else text)
    labels = _SAID.table("meanings")
    for word, others in _SAID.table("meant").items():
        if said in map(_plain, (labels[word], *others.split(","))):
            return word
    return None


#: Words below a meaning that may be its writer's name and office.
_NAMED = 6


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _files(case: Case, reply: int) -> str:
    """The files of a reply of LKPP's, in one line."""
    return letters.listed(attachments_of(case, reply))


def _meanings(
    case: Case, recipient: NamedAddress, reply: int, words: str, which: str = "", *, files: str = ""
) -> list[dict[str, Any]]:
    """What a reply of LKPP may mean, a link each, the likeliest first. One whose words go on to the user brings them
    below its command: what staff leave there is what goes. which: begins each label, where several replies or tickets
    are asked about. files: those of the reply, where its links shall name them."""
    found = []
    for word, label in _likeliest_first(case, reply):
        tells_user = letters.tells_user(word)
        waits = reply in case.ticket.pending_replies
        found.append(
            letters.link(
                case,
                recipient,
                f"{which}{label}",
                f"#{word}",
                after=in_link(words) if tells_user else "",
                hint=_hint(word, files) if tells_user else "",
                about=str(reply) if waits else "",
                # Of a ticket that LKPP's mail only names: what its reader has before him is all that would go.
                stored=None if waits else letters.Stored(words if tells_user else ""),
            )
        )
    return found


def _likeliest_first(case: Case, reply: int) -> list[tuple[str, str]]:
    """(command word, label) of what a reply may mean; as the sentences have them where nothing is kept of it."""
    offered = list(_SAID.table("meanings").items())
    words = earlier.lkpp_words(case.store, case.ticket.id, reply)
    ruled = classify(words, case.site.lkpp_phrases).meaning
    ranked = proposal.ranked(words, case.site.lkpp_reader, ruled) if words else []
    return sorted(offered, key=lambda one: ranked.index(_MEANT[one[0]])) if ranked else offered


def _hint(word: str, files: str) -> str:
    """What a link of a meaning sends to the user."""
    sent = "" if letters.keeps_files(word) else files
    return " ".join(filter(None, (_SAID("text_below"), sent and _SAID("with_files", files=sent))))


def _arrived(case: Case, reply: int) -> str:
    return case.site.say(to_instant(journal.entry(case.store, reply)["arrived_at"]))


def _meaning(work: Work) -> dict[str, Any] | None:
    if work.given.meaning is None:
        return None
    label, sentence, rule = work.given.meaning
    return {"label": label, "sentence": sentence, "rule": rule}


def _in_one(*remarks: str | None) -> str | None:
    """Remarks behind one another, of which some are sentences; None: there are none."""
    said = ""
    for remark in filter(None, remarks):
        said += f"{' ' if said.endswith('.') else '; ' if said else ''}{remark}"
    return said or None


def _to_staff(work: Work, template: str, recipients: Sequence[NamedAddress], **extra: Any) -> None:
    sent, listed = letters.fitting(work.site, work.given.attachments)
    shared: dict[str, Any] = {
        "text": work.given.shown if work.given.shown.strip() else _SAID("no_text"),
        "attachments": listed,
        "reason": _in_one(work.given.remark, *work.remarks, _away(work)),
        "meaning": _meaning(work),
        "deadline": None if _forwarded(work) else letters.next_deadline(work, _meaning_clock(work)),
        "now": _now(work),
        "proposals": proposals.values(work) if template == "staff_new_ticket" else None,
        "done": _done(work),
        "notes": notes.last(work.store, work.site, work.ticket.id),
        "denied": work.given.denied,
        **extra,
    }
    if template != "staff_classify" and not shared.get("replies"):  # these ask for the meanings themselves
        _tell_awaited(work, template, shared)
    make, alike, others = shared.pop("links", _links), shared.pop("alike", ()), shared.pop("others", ())
    sending = Sending(files=shared.pop("files", sent))
    for recipient in recipients:
        shown: dict[str, Any] = {
            "similar": [_similar(work, recipient, case) for case in alike],
            "others": [_other(work, recipient, other) for other in others],
        }
        if template == "staff_new_ticket":
            shown["approve"] = _approving_proposals(work, recipient)
        post(work, template, recipient, sending, actions=make(work, recipient, template), **shown, **shared)


def _tell_awaited(work: Work, template: str, shared: dict[str, Any]) -> None:
    """That staff owe the meaning of an earlier reply of LKPP: nothing else of it may stand in a mail about later
    things."""
    if said := letters.awaited(work.store, work.site, work.ticket, work.now):
        name = "caution" if "caution" in MAILS[template].variables else "reason"
        shared[name] = " ".join(filter(None, (f"{said}.", shared.get(name))))


def _now(work: Work) -> str | None:
    """What is to be done, where that is none of the mail's steps."""
    if _forwarded(work):
        return _SAID("nothing_to_do")
    if work.event.kind == "user.mail" and work.event.facts & {"says_done", "says_works"} and _is_open(work):
        return _SAID("seems_done")
    return _SAID("no_answer_owed") if _needs_no_answer(work) else None


def _is_open(work: Work) -> bool:
    return work.ticket.status is not Status.CLOSED and not work.ticket.pending_replies


def _approving_proposals(work: Work, recipient: NamedAddress) -> dict[str, Any] | None:
    """One link that sets all that is proposed, which its reader may change there."""
    line = proposals.line(work)
    return letters.link(work, recipient, _SAID("approve_proposals"), line) if line else None


def _done(work: Work) -> str | None:
    """What has gone to user and LKPP with this event; else the last that went to one of them before; or that what the
    user has sent LKPP did not go on."""
    outside = [one for one in work.planned if not MAILS[one.template].audience.inside]
    if outside:
        return "; ".join(
            _leaving(one.template, MAILS[one.template].audience, _leaves(work, one.when, held=one.held))
            for one in outside
        )
    if work.ticket.status is Status.AWAITING_DATA and "not_data" in work.event.facts and not work.ticket.held_data:
        return _SAID("not_data")
    row = sent_mails.last_outside(work.store, work.ticket.id)
    if row is None:
        return None
    accepted = row["accepted_at"]
    if accepted is None:
        when = _leaves(work, to_instant(row["not_before"]), held=bool(row["held"]))
    else:
        when = _SAID("sent_at", at=_at(work, to_instant(accepted)))
    return _leaving(row["template"], Role(row["party"]), when)


def _leaves(work: Work, at: datetime, *, held: bool) -> str:
    if held:
        return _SAID("sent_not")
    return _SAID("sent_later", at=_at(work, at)) if at > work.now else _SAID("sent_now")


def _at(work: Work, at: datetime) -> str:
    return letters.said_at(work.site, at, work.now)


def _leaving(template: str, party: Role, when: str) -> str:
    return _SAID("done", mail=MAILS[template].kind, whom=_SAID.table("sent_to")[party.value], when=when)


def _away(work: Work) -> str | None:
    away = leaves.said(work.store, work.site, work.ticket.handler, work.now)
    return _SAID("to_all_staff", away=away) if away else None


@mailing
def staff_assigned(work: Work) -> None:
    """To the colleague who is to handle the ticket from now on: what is owed, until when, and the user's last words."""
    person = work.site.config.person(work.event.argument)
    if person is None:
        return
    words = [row for row in tickets.texts_for(work.store, work.ticket.id, Role.STAFF) if row["role"] == Role.USER.value]
    _to_staff(
        work,
        "staff_assigned",
        [NamedAddress(person.name, person.address)],
        text=str(words[-1]["body"]) if words else "",
        reason=None,
        **notes.last_words(work.store, work.site, work.ticket.id),
    )


@mailing
def staff_new_ticket(work: Work) -> None:
    proposed = canned.proposed(work)
    code = None if proposed is None else proposed[0]
    shown = None if code is None else {"code": code, "text": canned.text(work, code)}
    alike = similar.cases(work.store, work.site, work.ticket, besides=shown["text"] if shown else "")
    address = work.ticket.user_address
    others = ticket_rows.open_of_user(work.store, work.site.name, address, work.ticket.id, _MOST_OPEN + 1)
    _of_user(
        work,
        "staff_new_ticket",
        all_staff(work),
        canned=shown,
        alike=alike,
        form_sent=letters.form_sent_at(work) is not None,
        others=[tickets.load(work.store, one) for one in others[:_MOST_OPEN]],
        more_others=f"#cari {address}" if len(others) > _MOST_OPEN else None,
    )


def _other(work: Work, recipient: NamedAddress, other: Ticket) -> dict[str, Any]:
    """Another open ticket of the new one's user, with a link that makes the new one a part of it."""
    sure = "results_fail" not in work.event.facts and joining.one_user(work.store, work.ticket, other)
    label = _SAID("merge_own", ticket=other.number)
    return {
        "number": other.number,
        "subject": shorten(other.subject, _SUBJECT),
        "status": letters.status_label(work.site, other.status),
        "opened_at": work.site.say(other.opened_at),
        **letters.link(
            work, recipient, label, f"#gabung {other.number}", hint="" if sure else _SAID("merge_needs_code")
        ),
    }


@mailing
def staff_user_reply(work: Work) -> None:
    _of_user(work, "staff_user_reply", who_handles(work))


def _of_user(work: Work, template: str, recipients: Sequence[NamedAddress], **extra: Any) -> None:
    """A user's mail; in a flood, a line of the next collected notice."""
    if caps.latecomer(work):
        folding.fold(work, MAILS[template].kind, tell_operator=False)  # he is asked about all of them (`latecomers`)
    elif caps.too_many_notices(work):
        folding.fold(work, MAILS[template].kind)
    else:
        _to_staff(work, template, recipients, caution=_caution(work), links=_meanings_first, **extra)


def _meanings_first(work: Work, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
    """The likely next steps; before them, where staff owe the meaning of a reply of LKPP, what it may be."""
    found = _links(work, recipient, template)
    if not work.ticket.pending_replies:
        return found
    return [*found[:1], *_meaning_links(work, recipient, template), *found[1:]]


@mailing
def staff_lkpp_reply(work: Work) -> None:
    if work.event.role is Role.LKPP:  # what staff themselves recorded comes back in the receipt
        _to_staff(work, "staff_lkpp_reply", who_handles(work), links=_stopping_first, passed_on=_passed_on(work))


def _passed_on(work: Work) -> list[dict[str, Any]]:
    """What goes to the user of this reply by itself, word for word, and when."""
    return [
        {
            "what": MAILS[planned.template].kind,
            "to": planned.recipient,
            "when": None if planned.held else work.site.say(planned.when),
            "stoppable": planned.when > work.now,
            "text": planned.text,
            "files": ", ".join(planned.files) or None,
        }
        for planned in work.planned
        if MAILS[planned.template].audience is Role.USER
    ]


def _stopping_first(work: Work, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
    """The likely next steps, and before them the one that is good for a few minutes only."""
    waits = any(MAILS[one.template].audience is Role.USER and one.when > work.now for one in work.planned)
    about = str(work.event.journal_id)
    stop = [letters.link(work, recipient, _SAID("stop"), "#batal", hint=_SAID("stop_hint"), about=about)]
    return [*(stop if waits else []), *_links(work, recipient, template)]


@mailing
def staff_returned(work: Work) -> None:
    """SOP step 4: LKPP's guidance to whoever handles the ticket; the user hears nothing until staff answer."""
    words, files = lkpp_said(work)
    sent, listed = letters.fitting(work.site, files)
    # By the link alone staff have explained LKPP's reply, and written nothing: the words are LKPP's.
    whose = {"actor": None} if work.settled is not None and not work.event.text else {}
    _to_staff(work, "staff_returned", who_handles(work), text=words, files=sent, attachments=listed, **whose)


@mailing
def staff_classify(work: Work) -> None:
    _to_staff(
        work,
        "staff_classify",
        who_handles(work),
        links=_asked_meanings,
        text=work.given.shown,
        for_user=work.given.for_user or None,
        deadline=letters.next_deadline(work, _meaning_clock(work)),
    )


def _meaning_clock(work: Work) -> str | None:
    """The clock by which staff owe the meaning of a reply; None: they owe none."""
    return next((name for name in MEANING_CLOCKS if name in work.ticket.clocks), None)


def _asked_meanings(work: Work, recipient: NamedAddress, _template: str) -> list[dict[str, Any]]:
    """Of the reply in hand alone. Where it names another ticket too, of either: each link names ticket and meaning."""
    reply = work.event.journal_id
    assert reply is not None
    words = work.given.for_user
    if not work.given.others:
        return _meanings(work, recipient, reply, words)
    found = _meanings(work, recipient, reply, words, f"{work.ticket.number}: ")
    for other in work.given.others:
        case = Case(work.store, work.site, work.now, tickets.load(work.store, other))
        found += _meanings(case, recipient, reply, words, f"{case.ticket.number}: ")
    return [{**one, "small": True} for one in found]  # of two tickets none is the likelier


@mailing
def staff_reminder(work: Work) -> None:
    """A limit comes near or has passed, and this stage of it goes alone (`rules.sop.reminders`)."""
    if work.folded:
        notice(work, Role.STAFF)
        return
    pending = work.running is not None and work.running.clock in MEANING_CLOCKS
    _to_staff(
        work,
        "staff_reminder",
        reminded(work),
        caution=_caution(work) if work.ticket.held_data else None,
        links=_meaning_links if pending else _reminding,
        deadline=fired(work),
        enquiry=enquiry(work) if work.running and work.running.clock in LKPP_CLOCKS else None,
        replies=_replies(work) if pending else [],
        standing=progress.values(work.store, work.site, work.ticket, work.now),
    )


def _reminding(work: Work, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
    """The likely next steps; and all of the ticket's data, which the reminder does not repeat."""
    return [*_links(work, recipient, template), link(work, recipient, "#status")]


def _replies(work: Work) -> list[dict[str, str | None]]:
    """What each waiting reply of LKPP would have the user read: the links below bring these words."""
    return [
        {"at": _arrived(work, reply), "text": words, "files": _files(work, reply) or None}
        for reply in work.ticket.pending_replies
        if (words := earlier.for_user(work.store, work.ticket.id, reply))
    ]


@mailing
def staff_undeliverable(work: Work) -> None:
    """To whoever handles the ticket, never to the address that bounced; the telephone number, where it is known."""
    what, answer = work.given.bounced or ("", "")
    if work.event.kind == "bounce.user" and not users_own(work):
        reason = _SAID("undelivered_to_party", address=work.event.argument)
    elif work.event.kind == "bounce.user":
        phone = work.fields().get("phone")
        reason = _SAID("call_user", phone=phone) if phone else _SAID("reach_user_otherwise")
    else:
        reason = _SAID("undelivered_to_lkpp")
    _to_staff(
        work, "staff_undeliverable", who_handles(work), reason=reason, held={"what": what, "text": answer or None}
    )


@mailing
def staff_by_hand(work: Work) -> None:
    """Somebody has answered outside mailbot: whoever handles the ticket says what that means for its status."""

    def links(work: Work, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
        closing = [letters.link(work, recipient, _SAID("close"), "#tutup")]
        return _links(work, recipient, template) + (closing if work.ticket.status is not Status.CLOSED else [])

    _to_staff(
        work, "staff_reminder", who_handles(work), links=links, deadline=letters.next_deadline(work), enquiry=None
    )


@mailing
def staff_support_closing(work: Work) -> None:
    """LKPP's standard for LPSE Support, step 12: a ticket that is closed here is closed there too. Whoever handles it
    is asked at once, and again until it is confirmed; who has closed it himself has the link in his receipt."""
    if "support_closing" not in work.ticket.clocks:
        return
    recipients = [one for one in who_handles(work) if one.address != work.event.address]
    _to_staff(
        work,
        "staff_reminder",
        recipients,
        links=lambda _work, recipient, _template: [closing_there(work, recipient)],
        reason=_SAID("close_there", number=work.ticket.tts_number),
        text="",
        files=[],
        attachments=[],
        deadline=None if work.running is None else fired(work),
    )


def closing_there(case: Case, recipient: NamedAddress) -> dict[str, Any]:
    """The link that confirms it."""
    return letters.link(case, recipient, _SAID("closed_there"), "#lpse-support ditutup")
