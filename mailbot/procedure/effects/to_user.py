"""Effects that are mails to the user. He sees only words that were meant for him."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mailbot import letters
from mailbot.door import keeps_back, repeated
from mailbot.fetch.originals import attachments_of
from mailbot.letters import caps
from mailbot.model import NamedAddress, Role, Status
from mailbot.parsers.reply import ready_reply
from mailbot.procedure.effects.kinds import mailing
from mailbot.procedure.effects.mailing import Sending, post, post_passed
from mailbot.procedure.effects.shared import (
    data_for_lkpp,
    enquiry,
    in_own_words,
    lkpp_to_user,
    passing_window,
    said,
    undo_window,
    user_has_it,
    user_mails,
    user_of,
)
from mailbot.restraint import loops, machine_mail
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.tickets import consultations, earlier
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

#: A call or a visit whose form says what was explained.
_CONSULTED = ("staff.consulted", "staff.consulted_again")


@mailing
def user_acknowledgement(work: Work) -> None:
    if not work.given.answerable:
        if work.given.message is not None:
            machine_mail.name_mailbot(work.store, work.site, work.given.message, work.event.address, work.now)
        return
    _answer(
        work,
        "user_acknowledgement",
        authenticated=work.given.echo,
        form_missing=letters.form_wanted(work),
        deadline=None if work.site.priorities.is_default else letters.user_deadline(work, "first_response"),
        file_sent=bool(work.given.attachments),
        has_secret=work.given.has_secret,
    )


@mailing
def warn_of_password(work: Work) -> None:
    """In a mail of its own: an acknowledgement says it itself."""
    if work.given.has_secret and work.given.answerable and not work.given.again:
        _answer(work, "user_password_warning")


def _answer(work: Work, template: str, **extra: Any) -> None:
    """An answer to the user's mail that nobody has asked for: to an unproven sender it echoes neither subject nor name;
    held if he is a robot, or gets too many."""
    echo, address = work.given.echo, work.ticket.user_address
    if not echo:
        extra["ticket"] = {**letters.ticket_values(work.site, work.ticket, work.now), "subject": ""}
    post(
        work,
        template,
        user_of(work) if echo else NamedAddress("", address),
        Sending(
            echo=echo,
            hold=loops.answered_by_robot(work) or caps.answer(work),
            answers="proven" if work.given.authenticated else "unproven",
        ),
        **extra,
    )


def _to_user(work: Work, template: str, kind: str, **extra: Any) -> None:
    """A person's words to the user: kept with their audience, sent after the undo window."""
    passed = said(work, Role.USER, kind)
    if not user_has_it(work):
        post_passed(work, template, user_of(work), [passed], Sending(**undo_window(work)), **extra)


def _confirmation_links(work: Work) -> list[dict[str, Any]]:
    return [
        letters.user_link(work, _SAID("solved"), "SELESAI"),
        letters.user_link(work, _SAID("not_solved"), ready_reply.NOT_SOLVED, ready_reply.OBSTACLE),
    ]


@mailing
def user_answer(work: Work) -> None:
    consulted = _consultation(work) if work.event.kind in _CONSULTED else None
    if work.ticket.status is Status.RESOLVED:
        _to_user(
            work,
            "user_answer",
            "answer",
            close_on=letters.due_day(work, "confirmation", 0),
            actions=_confirmation_links(work),
            consultation=consulted,
        )
    else:  # LKPP has the ticket: an interim answer asks for no confirmation
        _to_user(work, "user_answer", "answer", consultation=consulted)


@mailing
def user_consultation(work: Work) -> None:
    """SOP telephone and counter, step 8: both numbers, and the request to write by mail."""
    post_passed(
        work,
        "user_consultation",
        user_of(work),
        [repeated(Role.USER, work.event.text)],
        consultation=_consultation(work),
        both_ways=not work.site.settings.by_email,
        deadline=None if work.site.priorities.is_default else letters.user_deadline(work, "handling"),
    )


def _consultation(work: Work) -> dict[str, Any] | None:
    row = consultations.of(work.store, work.ticket.id)
    if row is None:
        return None
    at = consultations.at_words(work.site, row)
    return {
        "how": consultations.HOW[row["channel"]],
        "at": at,
        "giver": row["giver"],
        "queue": row["queue"] or None,
        "sheet": None if row["sheet"] == 1 else str(row["sheet"]),
    }


@mailing
def user_info(work: Work) -> None:
    _to_user(work, "user_info", "info")


@mailing
def user_request(work: Work) -> None:
    # While LKPP has the ticket its deadline is none of the user's.
    deadline = None if work.ticket.status is Status.ESCALATED else letters.user_deadline(work)
    # Only what the LPSE itself asks for is closed by silence (SOP step 7 is not).
    close_on = letters.due_day(work, "request", 1)
    form = letters.form_wanted(work)
    if form:
        work.remark(_SAID("form_added"))
    sent = any(attachments_of(work, int(entry["journal_id"])) for entry in user_mails(work, new_only=False))
    shown = {"deadline": deadline, "close_on": close_on, "form_missing": form, "file_sent": sent}
    _to_user(work, "user_request", "request", **shown)


@mailing
def user_escalated(work: Work) -> None:
    post(work, "user_escalated", user_of(work))


def _must_be_silent(work: Work) -> bool:
    """A user's mail that no automatic mail may answer: what it asks for is done all the same."""
    return work.event.kind == "user.mail" and not work.given.answerable


@mailing
def user_data_forwarded(work: Work) -> None:
    if _must_be_silent(work):
        return
    # What staff have put to it is not his, nor is what came in his name unproven; and not all of his has gone.
    his = [file for file in data_for_lkpp(work).users if keeps_back(file, Role.USER, Role.LKPP) is None]
    # What a robot of his writes again is forwarded once more, but told him no more: he would answer that too.
    hold = loops.answered_by_robot(work) if work.event.role is Role.USER else None
    listed = letters.fitting(work.site, his)[1]
    passed = [repeated(Role.USER, "", his)]
    post(work, "user_data_forwarded", user_of(work), Sending(hold=hold, passed=passed), attachments=listed)


@mailing
def user_data_request(work: Work) -> None:
    """SOP step 7, unless LKPP's mail already went to the user. LKPP asks twice: the user is asked twice, unless
    `loops.asked_by_robot` holds the mail."""
    passed = lkpp_to_user(work, "request")
    if user_has_it(work):
        return
    hold = loops.asked_by_robot(work) if work.event.role is Role.LKPP else None
    if hold is not None:
        work.remark(_SAID("held", why=hold.why))
    deadline = letters.user_deadline(work, "user_data")
    sending = Sending(hold=hold, **passing_window(work))
    own = in_own_words(work)
    post_passed(work, "user_data_request", user_of(work), [passed], sending, deadline=deadline, own_words=own)


@mailing
def user_reminder(work: Work) -> None:
    post_passed(
        work,
        "user_reminder",
        user_of(work),
        [repeated(Role.USER, earlier.last_request(work.store, work.ticket.id))],
        deadline=letters.user_deadline(work),
        close_on=letters.due_day(work, "request", 1),
    )


@mailing
def user_progress(work: Work) -> None:
    """Steps 12 and 14: LKPP's words, or that mailbot asked LKPP again."""
    if work.event.kind == "lkpp.progress":
        if not user_has_it(work):
            passed = lkpp_to_user(work, "progress", with_files=False)
            sending, own = Sending(**passing_window(work)), in_own_words(work)
            post_passed(work, "user_progress", user_of(work), [passed], sending, own_words=own)
    else:
        # Through LPSE Support nothing was asked by us: staff were reminded to.
        asked = enquiry(work) if work.site.settings.by_email else None
        post(work, "user_progress", user_of(work), enquiry=asked)


@mailing
def user_resolved(work: Work) -> None:
    """SOP step 13."""
    if user_has_it(work):
        return
    post_passed(
        work,
        "user_resolved",
        user_of(work),
        [lkpp_to_user(work, "solution")],
        Sending(**passing_window(work)),
        own_words=in_own_words(work),
        close_on=letters.due_day(work, "confirmation", 0),
        actions=_confirmation_links(work),
    )


@mailing
def user_closed(work: Work) -> None:
    if _must_be_silent(work):
        return
    consulted = work.event.kind in _CONSULTED
    staff = consulted or work.event.kind == "staff.close"
    closing = "staff" if staff else "confirmed" if work.event.kind == "user.mail" else "silent"
    until = work.event.at + timedelta(days=work.site.config.sop.reopen_within.days)
    shown: dict[str, Any] = {
        "closing": "consulted" if consulted else closing,
        "consultation": _consultation(work) if consulted else None,
        "survey": True,
        "reopen_until": dates.format_date(work.site.local(until).date()),
    }
    if not staff:
        post(work, "user_closed", user_of(work), **shown)
        return
    passed = said(work, Role.USER, "answer")
    brought = [passed] if work.event.text and not user_has_it(work) else []
    post_passed(work, "user_closed", user_of(work), brought, Sending(**undo_window(work)), **shown)
