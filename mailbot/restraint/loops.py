"""Robots that do not say so, found out by what they do: one that answers every mail of ours gets no answer any more.

Of quick ones all mails between the two are counted, in both directions, so that whatever answers us at once falls
silent after five. Slow ones are known by a row: each mail answers the automatic mail that the one before has caused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from mailbot.config.site import Site
from mailbot.errors import ParseError
from mailbot.fetch import originals
from mailbot.letters.caps import AUTOMATIC, DAY, Hold
from mailbot.model import Verdict
from mailbot.parsers.commands import command_lines
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.reply import quoted
from mailbot.rules import silent_robots
from mailbot.rules.silent_robots import SLOWLY
from mailbot.sentences import Sentences
from mailbot.store import held_mails, journal, sent_mails, silences, traffic
from mailbot.store.database import Row, Store, to_instant
from mailbot.store.silences import Why
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import earlier
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)
#: Mails of an exchange that are looked at: more than it takes to end it.
_LOOKED_AT = 8
#: Mails to staff whose answer is for no user.
_IDLE = ("staff_receipt", "staff_confirm", "staff_quarantine", "staff_digest", "operator_alarm")
#: Mails that answer by themselves what somebody has written.
_REPLIES = tuple(name for name, mail in MAILS.items() if mail.auto_submitted == "auto-replied")
#: Message-IDs of a mail that are looked up: what it answers stands last.
_NAMED = 20
#: The mail that one of ours was written for, as its key names it (`IncomingMail.key`).
_CAUSE = re.compile(r"j([0-9]+)\.")


def answered_by_robot(work: Work) -> Hold | None:
    """Whether an automatic answer to this mail of a user would go to a robot, as far as it can be seen."""
    store, site, event = work.store, work.site, work.event
    before = _arrivals(store, site, event.address, event.at, event.journal_id)
    ours = _departures(store, site, event.address, event.at)
    # A second answer to this very mail counts too: a robot answers both.
    more = sum(planned.recipient == event.address for planned in work.planned)
    rows = _earlier(work)
    said, why = _said(work.ticket.subject, work.given.text) if rows else "", ""
    today = [row for row in rows if to_instant(row["arrived_at"]) > event.at - DAY]
    if before and silent_robots.exchange([*before, event.at], ours) + more > silent_robots.MOST:
        why = _SAID("at_once")
    elif _repeats(said, map(_said_in, today), len(before) + 1 + len(ours) + more):
        why = _SAID("same")
    elif _repeats_slowly(work, said, rows):
        why = _SAID("slowly")
    return Hold("robot", why, work.now + DAY) if why else None


def receipt_to_robot(store: Store, site: Site, mail: IncomingMail, now: datetime) -> Hold | None:
    """Whether the receipt for this mail of staff would go to the robot that answers in their absence.

    Whoever commands is no robot, nor is who sends back a code, even twice: no receipt shows one, so that a robot that
    repeats our words has none to go on with. What has neither and comes at once, again and again, in the same words, is
    one. So is what goes on to answer our receipts at once, in whatever words. An answer to a user's mail is none of it:
    an officer gives several users the same one within minutes, and a robot's ends the round at the receipt that it
    answers next. What answers a row of our receipts, however slowly, is one from then on (`silences`).
    """
    address, text = mail.sender.address, mail.new.own
    read = command_lines.read(text)
    if read.commands or read.code or not _to_no_user(store, site, mail):
        return None
    if _answers_in_a_row(store, site, mail) >= silent_robots.MOST_IN_A_ROW:
        silences.silence(store, site.name, address, Why.ROBOT, mail.at, mail.found.ticket_id)
        return Hold("robot", _SAID("in_a_row", most=silent_robots.MOST_IN_A_ROW), now + DAY)
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
    return Hold("robot", _SAID("at_once"), now + DAY) if repeated or mails > silent_robots.MOST_IN_ALL else None


def commanded(store: Store, site: Site, address: str, now: datetime) -> None:
    """A command, or a code, has come: a person is there. He gets what his robot was not sent of his tickets."""
    if silences.lift(store, site.name, address, Why.ROBOT):
        held_mails.let_go_missed(store, site.name, address, "robot", now)


def _answers_in_a_row(store: Store, site: Site, mail: IncomingMail) -> int:
    """How many automatic mails of ours this one and those before it have answered: each the one that the mail before it
    has caused. A command, a code, or an answer to anything else ends the row.
    """
    address, words = mail.sender.address, mail.new.own
    ids = [ref.message_id for ref in mail.refs if ref.ours]
    known, at, number = mail.sender.authenticated, mail.at, mail.journal_id
    found = 0
    while found < silent_robots.MOST_IN_A_ROW:
        row = _answered(store, site, address, ids, at, known=known)
        if row is None:
            return found
        found += 1
        cause = _CAUSE.match(str(row["event_key"]))
        entry = None if cause is None else journal.find(store, int(cause[1]))
        if entry is None or entry["id"] >= number or entry["sender"] != address:
            return found
        if to_instant(entry["arrived_at"]) < mail.at - SLOWLY:
            return found
        try:
            message = originals.read(store, site.config, entry)
        except (ParseError, OSError):
            return found
        before = _own(message.text)
        if _commands(words, before):
            return 0
        if _commands(before, words):
            return found
        number, at, words = int(entry["id"]), to_instant(entry["arrived_at"]), before
        known = entry["verdict"] == Verdict.PASS.value
        named = (*message.references, *message.in_reply_to)[-_NAMED:]
        ids = [one for one in named if sent_mails.ours(store, site.name, one) is not None]
    return found


def _answered(store: Store, site: Site, address: str, ids: Sequence[str], at: datetime, *, known: bool) -> Row | None:
    """The automatic mail of ours that a mail answers: the last that it names, or else the last that its writer got
    before. A mail that names none, and that nothing proves (`known`), may be anybody's."""
    if not ids:
        return sent_mails.last_of(store, site.name, address, _REPLIES, at - SLOWLY, at) if known else None
    rows = (sent_mails.ours(store, site.name, one) for one in reversed(ids))
    row = next((row for row in rows if row is not None and row["recipient"] == address), None)
    return row if row is not None and row["template"] in _REPLIES else None


def _commands(text: str, other: str) -> bool:
    """Whether a person commands, or tries to: whoever mistypes a command writes another one next."""
    read = command_lines.read(text)
    return bool(read.commands or read.code or (read.fault and not silent_robots.alike(text, other)))


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

    Once more the same request, as soon as the data has reached it, a third time in a day, or a sixth in a month.
    """
    store, at = work.store, work.event.at
    rows = earlier.lkpp_mails(store, work.ticket.id, at - SLOWLY, at, work.event.journal_id, _LOOKED_AT)
    alike = [to_instant(row["at"]) for row in rows if silent_robots.alike(work.event.text, str(row["body"]))]
    sent = sent_mails.data_taken(store, work.ticket.id, at)
    if not alike or sent is None or sent < alike[0]:
        return None
    at_once = at - sent <= silent_robots.QUICK and at - alike[0] < DAY
    too_often = sum(at - one < DAY for one in alike) > 1 or len(alike) >= silent_robots.MOST_IN_A_ROW
    return Hold("robot", _SAID("requests"), None) if at_once or too_often else None


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


def _repeats_slowly(work: Work, said: str, earlier: Sequence[Row]) -> bool:
    """Whether his last five mails of a month said nearly the same, and each could be an answer to ours."""
    event, most = work.event, silent_robots.MOST_IN_A_ROW
    before = list(map(_said_in, earlier[:most]))
    if len(before) < most or not all(silent_robots.alike(said, other) for other in before):
        return False
    return len(traffic.taken(work.store, work.site.name, event.address, AUTOMATIC, event.at - SLOWLY, most)) == most


def _earlier(work: Work) -> list[Row]:
    """What this sender wrote in his latest mails of a month, the last first."""
    event = work.event
    return earlier.user_words(
        work.store, work.site.name, event.address, event.at - SLOWLY, event.at, event.journal_id, _LOOKED_AT
    )


def _said_in(row: Row) -> str:
    return _said(str(row["subject"]), str(row["body"]))


def _said(subject: str, text: str) -> str:
    return f"{subject}\n{_own(text)}"


def _own(text: str) -> str:
    """What the writer himself has written, without the quote."""
    return quoted.new_text(text).own
