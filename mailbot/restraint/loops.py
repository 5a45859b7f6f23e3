"""Robots that do not say so, found out by what they do: one that answers every mail of ours gets no answer any more.

Counted are all mails between the two, in both directions, so that whatever answers us falls silent after five.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from mailbot.config.site import Site
from mailbot.errors import ParseError
from mailbot.fetch import originals
from mailbot.letters.caps import AUTOMATIC, DAY, Hold
from mailbot.parsers.commands import command_lines
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.reply import quoted
from mailbot.rules import silent_robots
from mailbot.store import sent_mails, traffic
from mailbot.store.database import Store, to_instant
from mailbot.tickets import earlier
from mailbot.tickets.work import Work

#: Mails of an exchange that are looked at: more than it takes to end it.
_LOOKED_AT = 8
_AT_ONCE = "pengirim ini membalas surat otomatis kami seketika, berulang kali; mungkin mesin penjawab otomatis"
_SAME = "pengirim ini mengirim surat dengan isi yang sama dalam 24 jam; mungkin mesin penjawab otomatis"
_REQUESTS = "Helpdesk LKPP mengulangi permintaan data yang sama setelah data dikirim; mungkin mesin penjawab otomatis"
#: Mails to staff whose answer is for no user.
_IDLE = ("staff_receipt", "staff_confirm", "staff_quarantine", "staff_digest", "operator_alarm")


def answered_by_robot(work: Work) -> Hold | None:
    """Whether an automatic answer to this mail of a user would go to a robot, as far as it can be seen."""
    store, site, event = work.store, work.site, work.event
    before = _arrivals(store, site, event.address, event.at, event.journal_id)
    if not before:
        return None
    ours = _departures(store, site, event.address, event.at)
    # A second answer to this very mail counts too: a robot answers both.
    more = sum(planned.recipient == event.address for planned in work.planned)
    why = ""
    if silent_robots.exchange([*before, event.at], ours) + more > silent_robots.MOST:
        why = _AT_ONCE
    elif _repeats(_said(work.ticket.subject, work.given.text), _earlier(work), len(before) + 1 + len(ours) + more):
        why = _SAME
    return Hold("robot", why, work.now + DAY) if why else None


def receipt_to_robot(store: Store, site: Site, mail: IncomingMail, now: datetime) -> Hold | None:
    """Whether the receipt for this mail of staff would go to the robot that answers in their absence.

    Whoever commands is no robot, nor is who sends back a code, even twice: no receipt shows one, so that a robot that
    repeats our words has none to go on with. What has neither and comes at once, again and again, in the same words, is
    one. So is what goes on to answer our receipts at once, in whatever words. An answer to a user's mail is none of it:
    an officer gives several users the same one within minutes, and a robot's ends the round at the receipt that it
    answers next.
    """
    address, text = mail.sender.address, mail.new.own
    read = command_lines.read(text)
    if read.commands or read.code or not _to_no_user(store, site, mail):
        return None
    before = _arrivals(store, site, address, mail.at, mail.journal_id)
    mails = silent_robots.exchange([*before, mail.at], _departures(store, site, address, mail.at)) if before else 0
    if mails <= silent_robots.MOST:
        return None
    earlier = _words_before(store, site, mail)
    tried = command_lines.read(earlier)
    if tried.commands or tried.code:
        return None  # a moment ago he commanded: a person is at his desk
    repeated = bool(earlier) and (silent_robots.same(text, earlier) or silent_robots.alike(text, earlier))
    if tried.fault and (mails <= silent_robots.MOST_IN_ALL or not repeated):
        return None  # a person who mistypes tries something else; an answering machine's "#Info …" stays what it is
    return Hold("robot", _AT_ONCE, now + DAY) if repeated or mails > silent_robots.MOST_IN_ALL else None


def _words_before(store: Store, site: Site, mail: IncomingMail) -> str:
    """The new text of this sender's mail before this one, "" where it cannot be read."""
    row = traffic.entry_before(store, site.name, mail.sender.address, mail.journal_id, mail.at - DAY)
    try:
        return "" if row is None else _own(originals.read(store, site.config, row).text)
    except (ParseError, OSError):
        return ""


def _to_no_user(store: Store, site: Site, mail: IncomingMail) -> bool:
    """Whether a mail of staff answers a receipt or an alarm, or nothing at all: so nobody's words to a user."""
    ours = [ref.message_id for ref in mail.refs if ref.ours]
    return not ours or sent_mails.any_is(store, site.name, ours, _IDLE)


def asked_by_robot(work: Work) -> Hold | None:
    """Whether LKPP's request for data comes of a robot that answers whatever we send it: two robots, LKPP's and the
    user's, would otherwise keep us forwarding from one to the other. Held until a person lets it go.

    Once more the same request, as soon as the data has reached it, or a third time in a day.
    """
    store, at = work.store, work.event.at
    rows = earlier.lkpp_mails(store, work.ticket.id, at - DAY, at, work.event.journal_id, _LOOKED_AT)
    alike = [row for row in rows if silent_robots.alike(work.event.text, str(row["body"]))]
    sent = sent_mails.data_taken(store, work.ticket.id, at)
    if not alike or sent is None or sent < to_instant(alike[0]["at"]):
        return None
    at_once = at - sent <= silent_robots.QUICK
    return Hold("robot", _REQUESTS, None) if at_once or len(alike) > 1 else None


def _arrivals(store: Store, site: Site, address: str, at: datetime, journal_id: int | None) -> list[datetime]:
    """When this sender's latest mails before this one came, rising."""
    return traffic.arrivals(store, site.name, address, at - DAY, at, journal_id, _LOOKED_AT)


def _departures(store: Store, site: Site, address: str, at: datetime) -> list[datetime]:
    """When the server took our latest automatic mails to this address, rising."""
    return traffic.taken(store, site.name, address, AUTOMATIC, at - DAY, _LOOKED_AT)


def _repeats(text: str, earlier: Iterable[str], mails: int) -> bool:
    """The very same once more; or nearly the same, as a form letter or a robot's with a number in it, once so many
    mails have gone to and fro in a day."""
    return any(
        silent_robots.same(text, other) or (mails > silent_robots.MOST and silent_robots.alike(text, other))
        for other in earlier
    )


def _earlier(work: Work) -> Iterator[str]:
    """What this sender wrote in his latest mails of the day."""
    event = work.event
    rows = earlier.user_words(
        work.store, work.site.name, event.address, event.at - DAY, event.at, event.journal_id, _LOOKED_AT
    )
    for row in rows:
        yield _said(str(row["subject"]), str(row["body"]))


def _said(subject: str, text: str) -> str:
    return f"{subject}\n{_own(text)}"


def _own(text: str) -> str:
    """What the writer himself has written, without the quote."""
    return quoted.new_text(text).own
