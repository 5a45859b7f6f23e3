"""Effects that are mails to Helpdesk LKPP (SOP steps 1, 9, 12), or the text to paste into LPSE Support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailbot import letters
from mailbot.door import Passage, Passed, through
from mailbot.fetch.originals import attachments_of
from mailbot.model import Role, Status, Ticket
from mailbot.parsers.forms import escalation
from mailbot.procedure.effects.kinds import change, mailing
from mailbot.procedure.effects.mailing import Sending, brings, post, post_passed, text_of
from mailbot.procedure.effects.shared import data_for_lkpp, enquiry, keep, lkpp_of, said, undo_window, user_mails
from mailbot.sentences import Sentences
from mailbot.store.database import to_text
from mailbot.tickets import breaches, earlier, tickets
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


def _escalation(work: Work) -> tuple[list[Passed], dict[str, Any]]:
    """What LKPP gets at step 1: identity, summary, chronology, what LPSE tried, the user's own words and files."""
    words, site = escalation.read(work.event.text), work.site
    mails = user_mails(work, new_only=False)
    files = [file for entry in mails for file in attachments_of(work, int(entry["journal_id"]))]
    again = earlier.escalations(work.store, work.ticket.id, work.history_id)
    his = Passage(
        source=Role.USER,
        to=Role.LKPP,
        why="mail",
        words="\n\n".join(str(entry["body"]) for entry in mails),
        files=files,
        mails=[int(entry["journal_id"]) for entry in mails],
        said=False,
    )
    passed = [through(work, his), said(work, Role.LKPP, "escalation")]
    shown = {
        "summary": words.summary,
        "tried": words.tried,
        "reason": _SAID("again") if again else None,
        "chronology": letters.chronology(work),
        # What mailbot brings as an example binds nobody.
        "target": None if site.priorities.is_default else letters.target(work.store, site, work.ticket, work.now),
        "text": his.words,
    }
    work.change(was_with_lkpp=1, escalated_at=to_text(work.event.at))
    if work.site.config.lkpp.address:
        tickets.add_party(
            work.store,
            work.ticket.id,
            work.site.config.lkpp.address,
            Role.LKPP,
            work.event.address,
            work.event.at,
        )
    return passed, shown


@change
def require_equipment(work: Work) -> None:
    """Peringatan, "perlengkapan": an escalation without identity or supporting data goes, and is kept."""
    if work.event.argument:
        keep(work, "reason", work.event.argument)
    labels, missing = _SAID.table("asked_for"), lacking(work)
    if any(labels[name] in missing for name in labels if name != "file"):
        breaches.lacking(work, "identity")
    if labels["file"] in missing:
        breaches.lacking(work, "supporting_data")


def lacking(work: Work) -> list[str]:
    """What an escalation lacks of what LKPP's standard for LPSE Support (component 1) and the paper's form ask for: who
    the user is, and a supporting file."""
    known = letters.user_values(work.store, work.ticket)
    found = [label for name, label in _SAID.table("asked_for").items() if name != "file" and not known[name]]
    mails = user_mails(work, new_only=False)
    files = any(attachments_of(work, int(entry["journal_id"])) for entry in mails) or work.given.attachments
    return found if files else [*found, _SAID.table("asked_for")["file"]]


@mailing
def lkpp_escalation(work: Work) -> None:
    passed, shown = _escalation(work)
    post_passed(work, "lkpp_escalation", lkpp_of(work), passed, **shown)


@mailing
def paste_escalation(work: Work) -> None:
    """Channel LPSE Support: the same words, for staff to paste there."""
    passed, shown = _escalation(work)
    work.paste = _pasted(work, "lkpp_escalation", passed, **shown)


def _pasted(work: Work, template: str, passed: Sequence[Passed], **shown: Any) -> str:
    return text_of(work, template, lkpp_of(work), passed, **{**brings(work, passed)[1], **shown})


def _forward(work: Work) -> list[Passed]:
    found = data_for_lkpp(work)
    his = Passage(
        source=Role.USER,
        to=Role.LKPP,
        why="mail",
        words=found.words,
        files=found.files,
        mails=found.journal_ids,
        said=False,
    )
    passed = [through(work, his)]
    if work.event.role.inside:  # `#teruskan`: now nothing is held any more
        work.change(held_data=0)
        passed.append(said(work, Role.LKPP, "forward"))
    return passed


@mailing
def lkpp_additional_data(work: Work) -> None:
    """SOP step 9."""
    post_passed(work, "lkpp_additional_data", lkpp_of(work), _forward(work), requested=_requested(work))


@mailing
def paste_data(work: Work) -> None:
    work.paste = _pasted(work, "lkpp_additional_data", _forward(work), requested=_requested(work))


def _requested(work: Work) -> bool:
    """Whether LKPP was waiting for data when this event came."""
    return tickets.status_before(work.store, work.history_id) is Status.AWAITING_DATA


@mailing
def lkpp_status_enquiry(work: Work) -> None:
    """SOP step 12: LKPP owes a word on the status; counted from the escalation or its last word."""
    post(work, "lkpp_status_enquiry", lkpp_of(work), enquiry=enquiry(work))


@mailing
def lkpp_message(work: Work) -> None:
    post_passed(work, "lkpp_message", lkpp_of(work), [said(work, Role.LKPP, "message")])


def closing_words(ticket: Ticket) -> str:
    """What LKPP reads of a ticket that is closed while they have it."""
    return _SAID("closed", ticket=ticket.number)


@mailing
def lkpp_closing(work: Work) -> None:
    """LKPP has the ticket: told in one line, without a word of what was written to the user."""
    if work.site.settings.by_email:
        words = closing_words(work.ticket)
        passed = through(work, Passage(source=Role.MAILBOT, to=Role.LKPP, why="closing", words=words))
        waits = undo_window(work) if work.event.kind == "staff.close" else {}  # `#batal` takes both back
        post_passed(work, "lkpp_message", lkpp_of(work), [passed], Sending(**waits))
