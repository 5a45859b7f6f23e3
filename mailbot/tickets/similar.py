"""Solved tickets that are like a new one, with the answers that helped.

The table `solved` holds solved tickets only, each with the words that count of its first mail (`rules.keywords`) and
what it is about. A new ticket is compared with the newest ones about the same problem: so many and no more, so that an
old office finds as fast as a new one. Words that few of these have count more, and a floor keeps away what only shares
a word. What staff are shown is without the person it was about (`rules.anonymous`), because they may send it to
somebody else.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from heapq import nlargest
from math import log1p, sqrt

from mailbot import wordfile
from mailbot.clean import one_line, shorten
from mailbot.config.site import Site
from mailbot.model import Status, Ticket
from mailbot.parsers.commands import command_lines
from mailbot.parsers.reply import quoted
from mailbot.rules.language.anonymous import anonymous
from mailbot.rules.language.keywords import keywords
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import ticket_rows, tickets

_SAID = Sentences(__file__)

#: Cases in one mail; candidates that are looked at for them (many tickets get the very same answer), and after how many
#: of them in a row that bring no other answer nobody looks further.
_MOST, _CANDIDATES, _IN_VAIN = 3, 30, 12
#: The newest solved tickets about the same problem are compared: each costs time, and old help may be wrong by now.
_COMPARED = 500
#: Share of common words from which on two cases are alike, and words of a long mail above which more change nothing.
#: docs/reading.md says what they were chosen on.
_FLOOR, _LONG = 0.4, 12
_AT_ONCE = 50
_SUBJECT = 80


@dataclass(frozen=True, slots=True)
class Case:
    """A solved ticket. solved: by whom and when, in words. answer: without what tells of its user."""

    number: str
    subject: str
    solved: str
    answer: str


# --- the index ----------------------------------------------------------------------------------


def follow(store: Store, site: Site, ticket: Ticket) -> None:
    """Into the index with what is solved, out of it with what is not (any more). Inside the event's transaction."""
    indexed = store.value("SELECT 1 FROM solved WHERE ticket_id = ?", ticket.id) is not None
    solved = _is_solved(store, ticket)
    if indexed and not solved:
        _drop(store, ticket.id)
    if not indexed and solved and (words := _words(store, site, ticket)):
        place = _place(store, site, ticket)
        store.execute(
            "INSERT INTO solved (place, ticket_id, words) VALUES (?, ?, ?)", place, ticket.id, " ".join(words)
        )


def forget(store: Store, ticket_id: int) -> None:
    """It is nobody's like any more."""
    _drop(store, ticket_id)
    _came_in(store, ticket_id)


def catch_up(store: Store, site: Site) -> bool:
    """Takes in some of the tickets that were solved before there was an index; asked again in each round."""
    rows = store.rows(
        "SELECT u.ticket_id FROM unindexed u CROSS JOIN tickets t ON t.id = u.ticket_id WHERE t.mailbox = ? LIMIT ?",
        site.name,
        _AT_ONCE,
    )
    if rows:
        with store.immediate():
            for row in rows:
                follow(store, site, tickets.load(store, int(row["ticket_id"])))
                _came_in(store, int(row["ticket_id"]))
    return True


def _drop(store: Store, ticket_id: int) -> None:
    store.execute("DELETE FROM solved WHERE ticket_id = ?", ticket_id)


def _came_in(store: Store, ticket_id: int) -> None:
    """It waits no longer to be taken in."""
    store.execute("DELETE FROM unindexed WHERE ticket_id = ?", ticket_id)


def _is_solved(store: Store, ticket: Ticket) -> bool:
    """Answered, and the user has confirmed it or not yet said otherwise."""
    return (
        ticket.status in (Status.RESOLVED, Status.CLOSED)
        and not ticket.discarded
        and ticket_rows.merged_into(store, ticket.id) is None
        and _answer(store, ticket.id) is not None
    )


def _answer(store: Store, ticket_id: int) -> Row | None:
    """The last words that solved it: staff's answer, or LKPP's solution. Not those that were taken back."""
    return store.row(
        "SELECT x.body, x.at FROM texts x WHERE x.ticket_id = ? AND x.kind IN ('answer', 'solution')"
        " AND instr(x.audience, ',user,') > 0 AND EXISTS (SELECT 1 FROM history h WHERE h.ticket_id = x.ticket_id"
        " AND h.journal_id = x.journal_id AND h.event IN ('staff.answer', 'lkpp.solved')) ORDER BY x.id DESC LIMIT 1",
        ticket_id,
    )


def _place(store: Store, site: Site, ticket: Ticket) -> str:
    """Whose it is and what it is about, as one word: only within these are cases compared."""
    problem = tickets.proposals(store, ticket.id).get("problem", (site.problems.unknown.code, ""))[0]
    return f"{site.name}/{problem.lower()}"


# "Nama : Budi", "d. No. HP = 0812…": who writes, not what about. "Uraian : …" is.
_FIELD = re.compile(r"[ \t>*•-]{0,8}(?:[a-z0-9][.)][ \t]{0,4})?([A-Za-z][A-Za-z./() ]{1,40}?)[ \t]{0,20}[:=]")
_TELLS = wordfile.read(__file__, "similar.txt")["tells"].pattern


def _words(store: Store, site: Site, ticket: Ticket) -> tuple[str, ...]:
    """The words that count of a ticket's first mail: its subject and what its writer himself says."""
    first = store.value("SELECT body FROM texts WHERE ticket_id = ? AND role = 'user' ORDER BY id LIMIT 1", ticket.id)
    text = str(first or "")
    own = quoted.new_text(text).own or text
    return keywords(ticket.subject, "\n".join(line for line in own.split("\n") if _says(line)), site.problems.spelling)


def _says(line: str) -> bool:
    field = _FIELD.match(line)
    return field is None or _TELLS.search(field[1]) is not None


# --- what is like a new ticket --------------------------------------------------------------------


def cases(store: Store, site: Site, new: Ticket, *, besides: str = "") -> list[Case]:
    """Up to three solved tickets like this one, the most alike first; each answer once, and not `besides`."""
    found: list[Case] = []
    seen = {_compared(besides)}
    in_vain = 0
    for ticket_id in _alike(store, site, new):
        if len(found) == _MOST or in_vain == _IN_VAIN:
            break
        in_vain += 1
        answer = _answer(store, ticket_id)
        if answer is None or _compared(written := _without_greeting(str(answer["body"]))) in seen:
            continue
        ticket = tickets.load(store, ticket_id)
        subject, _, text = anonymous(f"{one_line(ticket.subject)}\n{written}", _known(store, ticket)).partition("\n")
        if not any(map(str.isalnum, text)) or _compared(text) in seen:
            continue
        seen |= {_compared(written), _compared(text)}
        in_vain = 0
        when = _solved(store, site, ticket, str(answer["at"]))
        found.append(Case(ticket.number, shorten(subject, _SUBJECT), when, text.strip()))
    return found


def _alike(store: Store, site: Site, new: Ticket) -> list[int]:
    """The ids of those that share enough, the most alike first; of equals the newest."""
    rows = store.tuples(
        "SELECT ticket_id, words FROM solved WHERE place = ? AND ticket_id <> ? ORDER BY ticket_id DESC LIMIT ?",
        _place(store, site, new),
        new.id,
        _COMPARED,
    )
    words = frozenset(_words(store, site, new) if rows else ())
    if not words:
        return []
    alike = []
    for ticket_id, text in rows:
        others = text.split()
        common = words.intersection(others)
        if common and _share(len(common), len(words), len(others)) >= _FLOOR:
            alike.append((int(ticket_id), (common, len(others))))
    # Many have the same words in common: each choice of words is weighed once.
    chosen = Counter(how for _, how in alike)
    having = Counter[str]()
    for (common, _), count in chosen.items():
        having.update(dict.fromkeys(common, count))
    weights = {word: log1p(len(alike) / n) for word, n in having.items()}
    weight = {how: sum(map(weights.__getitem__, how[0])) / sqrt(how[1]) for how in chosen}
    return [ticket_id for ticket_id, _ in nlargest(_CANDIDATES, alike, key=lambda each: weight[each[1]])]


def _share(common: int, one: int, other: int) -> float:
    """How much of two mails' words is common to both, from 0 to 1: their cosine, long mails counted as shorter ones."""
    return common / sqrt(min(one, _LONG) * min(other, _LONG))


def _known(store: Store, ticket: Ticket) -> list[str]:
    return [ticket.user_name, ticket.user_address.partition("@")[0], *tickets.fields(store, ticket.id).values()]


def _without_greeting(text: str) -> str:
    """Without the first lines that only greet: another mail brings its own."""
    lines = text.split("\n")
    while len(lines) > 1 and command_lines.only_greetings(lines[0]):
        del lines[0]
    return "\n".join(lines)


def _compared(text: str) -> str:
    return " ".join(text.casefold().split())


def _solved(store: Store, site: Site, ticket: Ticket, at: str) -> str:
    confirmed = store.value(
        "SELECT 1 FROM history WHERE ticket_id = ? AND event = 'user.mail' AND status_before = 'resolved'"
        " AND status_after = 'closed'",
        ticket.id,
    )
    day = dates.format_date(site.local(to_instant(at)).date())
    if confirmed:
        return _SAID("confirmed", day=day)
    return _SAID("unconfirmed" if ticket.status is Status.RESOLVED else "silent", day=day)
