"""`#cari`: full-text search over the tickets of a mailbox, in SQLite's FTS5.

Two tables: one row a ticket (subject, numbers, who), one a text, each written in the transaction of what it holds. They
hold no secrets, so that none can be found. Of what a person typed only runs of letters and digits reach MATCH, each in
quotes: no operator, no quote and no column of his does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.clean import one_line
from mailbot.config.site import Site
from mailbot.masking import mask
from mailbot.model import Role
from mailbot.parsers.mime.subject import find_numbers
from mailbot.rules.language import searchwords
from mailbot.rules.language.searchwords import Word
from mailbot.store.database import Store
from mailbot.tickets import ticket_rows

#: Columns of a ticket by which it is found.
FOUND_BY = frozenset({"subject", "user_name", "user_address", "lkpp_number", "tts_number"})
#: Characters of a text that are searched: a log that somebody pasted would fill the index.
_SEARCHED = 100_000
#: Texts of a ticket that are looked through for the words around a hit, the newest first, and characters of each.
_LOOKED_THROUGH, _SHOWN = 8, 20_000
#: Characters of a snippet before and behind the word.
_BEFORE, _BEHIND = 60, 120


@dataclass(frozen=True, slots=True)
class Hits:
    """tickets: ids, the best first. partly: no ticket holds all the words; these hold some."""

    words: tuple[Word, ...]
    tickets: tuple[int, ...]
    partly: bool = False


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
    store.execute("DELETE FROM search_tickets WHERE rowid = ?", ticket_id)
    card = mask("\n".join(filter(None, parts)))[0]
    store.execute("INSERT INTO search_tickets (rowid, card) VALUES (?, ?)", ticket_id, card)


def put_text(store: Store, text_id: int, body: str) -> None:
    """Let a text's ticket be found by it."""
    words = mask(body[:_SEARCHED])[0]
    store.execute("INSERT INTO search_texts (rowid, body) VALUES (?, ?)", text_id, words)


# --- finding -------------------------------------------------------------------------------------


def find(store: Store, site: Site, question: str, reader: Role) -> Hits:
    """The tickets of this mailbox that hold all the words, in what this reader may see; a number's own ticket first,
    then those of which the words stand in subject, name or number, then the newest."""
    words = searchwords.read(question)
    numbered = {number: None for number in find_numbers(question, [site.config.ticket_prefix])}
    named = (ticket_rows.numbered(store, site.name, number) for number in numbered)
    exact = [ticket_id for ticket_id in named if ticket_id is not None]
    on_cards = [_on_cards(store, site.name, word) for word in words]
    everywhere = [card | _in_texts(store, site.name, word, reader) for card, word in zip(on_cards, words, strict=True)]
    found = set.intersection(*everywhere) if everywhere else set()
    partly = not found and not exact and len(words) > 1
    counts = {each: sum(each in some for some in everywhere) for some in everywhere for each in some} if partly else {}
    if partly:
        found = set(counts)
    ranked = sorted(
        found - set(exact),
        key=lambda each: (-counts.get(each, 0), -sum(each in card for card in on_cards), -each),
    )
    return Hits(words, (*exact, *ranked), partly=partly and bool(found))


# "+t.mailbox": from the index to its tickets; SQLite would else ask the index once for each ticket of the mailbox.


def _on_cards(store: Store, mailbox: str, word: Word) -> set[int]:
    rows = store.rows(
        "SELECT t.id FROM search_tickets s JOIN tickets t ON t.id = s.rowid WHERE search_tickets MATCH ?"
        " AND +t.mailbox = ?",
        _match(word),
        mailbox,
    )
    return {int(row["id"]) for row in rows}


def _in_texts(store: Store, mailbox: str, word: Word, reader: Role) -> set[int]:
    rows = store.rows(
        "SELECT DISTINCT t.id FROM search_texts s JOIN texts x ON x.id = s.rowid JOIN tickets t ON t.id = x.ticket_id"
        " WHERE search_texts MATCH ? AND instr(x.audience, ?) > 0 AND +t.mailbox = ?",
        _match(word),
        f",{reader.value},",
        mailbox,
    )
    return {int(row["id"]) for row in rows}


def _match(word: Word) -> str:
    """An FTS5 expression of quoted runs of letters and digits alone."""
    parts = [f'"{" ".join(phrase)}"' for phrase in word.phrases]
    if word.begins:
        parts[0] += "*"
    return " OR ".join(parts)


# --- showing -------------------------------------------------------------------------------------


def snippet(store: Store, ticket_id: int, hits: Hits, reader: Role) -> str:
    """The words around a hit in the newest text that has one; "" where only subject or name have it."""
    rows = store.rows(
        "SELECT substr(s.body, 1, ?) AS body FROM texts x JOIN search_texts s ON s.rowid = x.id WHERE x.ticket_id = ?"
        " AND instr(x.audience, ?) > 0 ORDER BY x.id DESC LIMIT ?",
        _SHOWN,
        ticket_id,
        f",{reader.value},",
        _LOOKED_THROUGH,
    )
    for row in rows:
        body = one_line(str(row["body"]))
        if (found := _first(body, hits.words)) is not None:
            return _around(body, *found)
    return ""


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
