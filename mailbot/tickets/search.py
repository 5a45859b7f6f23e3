"""`#cari`: full-text search over the tickets of a mailbox, in SQLite's FTS5.

Two tables: one row a ticket (subject, numbers, who), one a text, each written in the transaction of what it holds. They
hold no secrets, so that none can be found. A word of every second mail is looked for in the newest ones only, so that
an answer takes no longer the older an office is; what only few tickets hold is found wherever it stands. Of what a
person typed only runs of letters and digits reach MATCH, each in quotes: no operator, no quote and no column of his
does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbot.clean import one_line
from mailbot.config.site import Site
from mailbot.masking import mask
from mailbot.model import Role
from mailbot.parsers.mime.subject import find_numbers
from mailbot.rules.language import searchwords
from mailbot.rules.language.searchwords import Word
from mailbot.store import sent_mails
from mailbot.store.database import Row, Store
from mailbot.tickets import ticket_rows

#: Columns of a ticket by which it is found.
FOUND_BY = frozenset({"subject", "user_name", "user_address", "lkpp_number", "tts_number"})
#: Characters of a text that are searched: a log that somebody pasted would fill the index.
_SEARCHED = 100_000
#: Texts of a ticket that are looked through for the words around a hit, the newest first, and characters of each.
_LOOKED_THROUGH, _SHOWN = 8, 20_000
#: Characters of a snippet before and behind the word.
_BEFORE, _BEHIND = 60, 120


#: The newest texts and tickets that are looked at for one word: what stands in every second mail has no end.
_NEWEST = 2_000
#: Tickets with the rare words of a question that are read for its frequent ones, the newest first.
_READ = 100


@dataclass(frozen=True, slots=True)
class Hits:
    """tickets: ids, the best first. partly: no ticket holds all the words; these hold some. newest: there are more,
    and older ones, which nobody has counted."""

    words: tuple[Word, ...]
    tickets: tuple[int, ...]
    partly: bool = False
    newest: bool = False


@dataclass(frozen=True, slots=True)
class _Holders:
    """Tickets that hold a word. cards: of those, the ones that have it in subject, name or number. complete: there are
    no others."""

    cards: frozenset[int]
    all: frozenset[int]
    complete: bool


# --- what can be found ---------------------------------------------------------------------------


def put_ticket(store: Store, ticket_id: int) -> None:
    """Let a ticket be found by what is known of it now."""
    row = ticket_rows.one(store, ticket_id)
    if row is None:
        return
    fields = [str(one["value"]) for one in store.rows("SELECT value FROM fields WHERE ticket_id = ?", ticket_id)]
    numbers = ("".join(char for char in value if char.isdigit()) for value in fields)  # a telephone number's dashes
    columns = ("subject", "number", "form_number", "user_name", "user_address", "lkpp_number", "tts_number")
    parts = [*(str(row[name] or "") for name in columns), *fields, *(digits for digits in numbers if len(digits) > 6)]
    card = mask("\n".join(filter(None, parts)))[0]
    store.execute("INSERT OR REPLACE INTO search_tickets (rowid, card) VALUES (?, ?)", ticket_id, card)


def put_text(store: Store, text_id: int, body: str) -> None:
    """Let a text's ticket be found by it."""
    words = mask(body[:_SEARCHED])[0]
    store.execute("INSERT INTO search_texts (rowid, body) VALUES (?, ?)", text_id, words)


def drop_text(store: Store, text_id: int) -> None:
    """Let nothing be found by a text any more."""
    store.execute("DELETE FROM search_texts WHERE rowid = ?", text_id)


def merge(store: Store) -> None:
    """What was dropped is gone from the index, too: until then it stands there beside the word that it is no more."""
    store.execute("INSERT INTO search_texts (search_texts) VALUES ('optimize')")
    store.execute("INSERT INTO search_tickets (search_tickets) VALUES ('optimize')")


# --- finding -------------------------------------------------------------------------------------


def find(store: Store, site: Site, question: str, reader: Role) -> Hits:
    """The tickets of this mailbox that hold all the words, in what this reader may see; a number's own ticket first,
    then those of which the words stand in subject, name or number, then the newest."""
    words = searchwords.read(question)
    numbered = {number: None for number in find_numbers(question, [site.config.ticket_prefix])}
    named = (ticket_rows.numbered(store, site.name, number) for number in numbered)
    exact = [ticket_id for ticket_id in named if ticket_id is not None]
    holders = [_holders(store, site.name, word, reader) for word in words]
    found, whole = _holding_all(store, words, holders, reader)
    partly = not found and not exact and len(words) > 1
    counts = {each: sum(each in one.all for one in holders) for one in holders for each in one.all} if partly else {}
    if partly:
        found = set(counts)
    ranked = sorted(
        found - set(exact),
        key=lambda each: (-counts.get(each, 0), -sum(each in one.cards for one in holders), -each),
    )
    newest = bool(found) and not (whole or (partly and all(one.complete for one in holders)))
    return Hits(words, (*exact, *ranked), partly=partly and bool(found), newest=newest)


def _holding_all(
    store: Store, words: Sequence[Word], holders: Sequence[_Holders], reader: Role
) -> tuple[set[int], bool]:
    """The tickets that hold all the words, and whether these are all there are. Where a word is rare, its tickets are
    read for the frequent ones, however old they are."""
    rare = [one.all for one in holders if one.complete]
    found = set.intersection(*map(set, rare or [one.all for one in holders])) if holders else set()
    frequent = [(word, one.all) for word, one in zip(words, holders, strict=True) if not one.complete]
    read = 0
    for each in sorted(found, reverse=True) if rare and frequent else ():
        missing = [word for word, known in frequent if each not in known]
        if (missing and (read := read + 1) > _READ) or not _holds(store, each, missing, reader):
            found.discard(each)
    return found, bool(rare) and read <= _READ


def _holders(store: Store, mailbox: str, word: Word, reader: Role) -> _Holders:
    """Longer words are looked for only where there are few of the word itself: FTS5 gathers all that begin so."""
    found = _looked_for(store, mailbox, replace(word, begins=False), reader) if word.begins else None
    return found if found is not None and not found.complete else _looked_for(store, mailbox, word, reader)


def _looked_for(store: Store, mailbox: str, word: Word, reader: Role) -> _Holders:
    cards, all_cards = _newest(
        store.rows(
            "SELECT t.id, t.mailbox = ? AS seen FROM"
            " (SELECT rowid FROM search_tickets WHERE search_tickets MATCH ? ORDER BY rowid DESC LIMIT ?) s"
            " CROSS JOIN tickets t ON t.id = s.rowid",
            mailbox,
            _match(word),
            _NEWEST,
        )
    )
    texts, all_texts = _newest(
        store.rows(
            "SELECT t.id, t.mailbox = ? AND instr(x.audience, ?) > 0 AS seen FROM"
            " (SELECT rowid FROM search_texts WHERE search_texts MATCH ? ORDER BY rowid DESC LIMIT ?) s"
            " CROSS JOIN texts x ON x.id = s.rowid CROSS JOIN tickets t ON t.id = x.ticket_id",
            mailbox,
            f",{reader.value},",
            _match(word),
            _NEWEST,
        )
    )
    return _Holders(cards, cards | texts, all_cards and all_texts)


def _newest(rows: Sequence[Row]) -> tuple[frozenset[int], bool]:
    """The tickets among them that may be shown; whether these are all there are."""
    return frozenset(int(row["id"]) for row in rows if row["seen"]), len(rows) < _NEWEST


def _holds(store: Store, ticket_id: int, words: Sequence[Word], reader: Role) -> bool:
    """Whether a ticket holds all of these, in its card or in what this reader may see."""
    if not words:
        return True
    card = store.value("SELECT substr(card, 1, ?) FROM search_tickets WHERE rowid = ?", _SHOWN, ticket_id)
    bodies = [str(card or ""), *_bodies(store, ticket_id, reader)]
    return all(any(_first(one_line(body), [word]) is not None for body in bodies) for word in words)


def _match(word: Word) -> str:
    """An FTS5 expression of quoted runs of letters and digits alone."""
    parts = [f'"{" ".join(phrase)}"' for phrase in word.phrases]
    if word.begins:
        parts[0] += "*"
    return " OR ".join(parts)


# --- showing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snippet:
    """The words around a hit; withdrawn: staff wrote them, and they were taken back before they left."""

    words: str
    withdrawn: bool


def snippet(store: Store, ticket_id: int, hits: Hits, reader: Role) -> Snippet:
    """Of the newest text that has one; "" where only subject or name have it."""
    for row in _texts(store, ticket_id, reader):
        body = one_line(str(row["body"]))
        if (found := _first(body, hits.words)) is not None:
            outward = Role(row["role"]).inside and row["kind"] not in _STAYS
            back = outward and row["journal_id"] in sent_mails.taken_back(store, ticket_id)
            return Snippet(_around(body, *found), back)
    return Snippet("", withdrawn=False)


#: What staff write for themselves: nothing of it can be taken back.
_STAYS = ("note", "reason")


def _bodies(store: Store, ticket_id: int, reader: Role) -> list[str]:
    return [str(row["body"]) for row in _texts(store, ticket_id, reader)]


def _texts(store: Store, ticket_id: int, reader: Role) -> list[Row]:
    """What a reader may see of a ticket's texts, the newest first, with secrets masked."""
    return store.rows(
        "SELECT substr(s.body, 1, ?) AS body, x.journal_id, x.role, x.kind"
        " FROM texts x JOIN search_texts s ON s.rowid = x.id WHERE x.ticket_id = ?"
        " AND instr(x.audience, ?) > 0 ORDER BY x.id DESC LIMIT ?",
        _SHOWN,
        ticket_id,
        f",{reader.value},",
        _LOOKED_THROUGH,
    )


_TOKEN = re.compile(r"[^\W_]+")


def _first(body: str, words: Sequence[Word]) -> tuple[int, int] | None:
    """Where the first of the words stands, from its beginning to its end."""
    phrases: dict[str, list[tuple[str, ...]]] = {}
    for word in words:
        for phrase in word.phrases:
            phrases.setdefault(phrase[0], []).append(phrase)
    begins = tuple(word.phrases[0][0] for word in words if word.begins and len(word.phrases[0]) == 1)
    tokens = [(match[0].lower(), match.start(), match.end()) for match in _TOKEN.finditer(body)]
    for number, (token, start, end) in enumerate(tokens):
        for phrase in phrases.get(token, ()):
            following = tokens[number : number + len(phrase)]
            if tuple(each[0] for each in following) == phrase:
                return start, following[-1][2]
        if begins and token.startswith(begins):
            return start, end
    return None


def _around(body: str, start: int, end: int) -> str:
    first = max(start - _BEFORE, 0)
    if first:
        first = body.find(" ", first, start) + 1 or first
    last = min(end + _BEHIND, len(body))
    if last < len(body):
        last = max(body.rfind(" ", end, last), end)
    return f"{'…' if first else ''}{body[first:last].strip()}{'…' if last < len(body) else ''}"
