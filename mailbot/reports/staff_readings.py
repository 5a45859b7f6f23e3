"""What staff said that replies mean, out of the history: real replies are what the readers learn most from.

Nothing is kept a second time. A meaning that staff give takes its reply off those that wait, and the history's line has
both; what was taken back is waiting again. A user's reply that was left to staff means what they did next. Texts come
without the people they are about, and without the signature of LKPP's letters. In the form of tests/corpus.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from mailbot.clean import clean
from mailbot.config.settings import MailboxConfig
from mailbot.rules.language.anonymous import anonymous
from mailbot.rules.lkpp.for_user_phrases import ForUserPhrases
from mailbot.rules.lkpp.letter import Letter
from mailbot.store.database import Row, Store, to_text
from mailbot.tickets import earlier, tickets

#: What staff set aside says nothing that anybody has to act on.
_IGNORED = ["received", "unclear"]
#: (status in which a user's reply was left to staff, what they did next) → what it meant.
_DONE = {
    ("awaiting_data", "staff.forward"): "data",
    ("awaiting_data", "staff.ask"): "not_data",
    ("resolved", "staff.close"): "works",
    ("resolved", "staff.reopen"): "not_done",
    ("closed", "staff.reopen"): "reopens",
}
_SET = 0  # of users' replies: not one of the sets that were written
#: What the file says of itself, by whose replies it holds.
HEADS = {
    "lkpp": "# Replies of Helpdesk LKPP, with the meaning that staff gave them.\n",
    "users": "# Replies of users that were left to staff, with what staff took them for.\n",
}


def lkpp(store: Store, mailbox: MailboxConfig, phrases: ForUserPhrases, since: datetime | None) -> list[dict[str, Any]]:
    """{text, label} of each reply whose meaning staff said, the first first. since: of the answer."""
    found: dict[tuple[int, int], tuple[Row, str]] = {}
    for row in _lines(store, mailbox, "before LIKE '%\"pending_replies\"%'"):
        before, after = (_waiting(row[side]) for side in ("before", "after"))
        ticket_id = int(row["ticket_id"])
        for reply in after - before:
            found.pop((ticket_id, reply), None)  # asked, or asked once more
        settled = before - after
        if len(settled) == 1 and row["role"] != "lkpp" and str(row["event"]).startswith("lkpp."):
            found[ticket_id, settled.pop()] = row, str(row["event"]).removeprefix("lkpp.")
    rows = []
    for (ticket_id, reply), (row, meaning) in sorted(found.items(), key=lambda one: int(one[1][0]["id"])):
        text = _without_signature(earlier.lkpp_words(store, ticket_id, reply), phrases)
        if _since(row, since) and (text := _nobodys(store, mailbox, ticket_id, reply, text)):
            rows.append({"text": text, "label": _IGNORED if meaning == "ignored" else meaning})
    return rows


def users(store: Store, mailbox: MailboxConfig, since: datetime | None) -> list[dict[str, Any]]:
    """{set, when, means, text} of each reply that was left to staff, and what they did then says what it means."""
    rows = []
    for reply, done in _left_to_staff(store, mailbox):
        ticket_id, journal_id = int(reply["ticket_id"]), int(reply["journal_id"])
        if not _since(done, since) or _has_files(store, journal_id):  # files are data, whatever the words say
            continue
        text = _nobodys(store, mailbox, ticket_id, journal_id, earlier.words_of(store, ticket_id, journal_id))
        if text:
            when = str(reply["status_before"])
            rows.append({"set": _SET, "when": when, "means": _DONE[when, str(done["event"])], "text": text})
    return rows


def as_yaml(rows: Sequence[dict[str, Any]], head: str) -> bytes:
    """The corpus' form: a list. JSON's strings and lists are YAML's, and need no library to be written."""
    lines = [head]
    for row in rows:
        cells = [f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in row.items()]
        lines.append("- " + "  ".join(cells))
    return "".join(lines if rows else [*lines, "[]\n"]).encode()


def _lines(store: Store, mailbox: MailboxConfig, which: str) -> list[Row]:
    return store.rows(
        "SELECT history.* FROM history JOIN tickets ON tickets.id = history.ticket_id WHERE tickets.mailbox = ? AND "
        f"{which} ORDER BY history.id",
        mailbox.name,
    )


def _waiting(side: str | None) -> set[int]:
    """The replies that waited for their meaning, before or after a line of the history."""
    kept = json.loads(side)["ticket"].get("pending_replies", "") if side else ""
    return set(map(int, str(kept or "").split()))


def _left_to_staff(store: Store, mailbox: MailboxConfig) -> Iterator[tuple[Row, Row]]:
    """(the line of a user's reply that changed no status, the line of what staff did about it)."""
    last: dict[int, Row] = {}
    done: dict[int, tuple[Row, Row]] = {}
    for row in _lines(store, mailbox, "(event = 'user.mail' OR event LIKE 'staff.%')"):
        ticket_id = int(row["ticket_id"])
        if row["event"] == "user.mail":
            yield from [done.pop(ticket_id)] if ticket_id in done else []
            last.pop(ticket_id, None)
            if row["status_before"] == row["status_after"] and row["journal_id"] is not None:
                last[ticket_id] = row
        elif row["event"] == "staff.undo":
            done.pop(ticket_id, None)
        elif ticket_id in last and (last[ticket_id]["status_before"], row["event"]) in _DONE:
            done[ticket_id] = last.pop(ticket_id), row
    yield from done.values()


def _since(row: Row, since: datetime | None) -> bool:
    return since is None or str(row["at"]) >= to_text(since)


def _has_files(store: Store, journal_id: int) -> bool:
    return store.value("SELECT 1 FROM attachments WHERE journal_id = ? LIMIT 1", journal_id) is not None


def _without_signature(text: str, phrases: ForUserPhrases) -> str:
    """Without salutation, thanks and signature, in which people are named."""
    gone = {(line.start, line.end) for line in Letter(text, phrases).cut()}
    at, kept = 0, []
    for line in text.split("\n"):
        if (at, at + len(line)) not in gone:
            kept.append(line)
        at += len(line) + 1
    return "\n".join(kept).strip()


def _nobodys(store: Store, mailbox: MailboxConfig, ticket_id: int, journal_id: int, text: str) -> str:
    """The text without the people it is about; "" where nothing of it is left, or it was removed at a person's wish."""
    if store.value("SELECT 1 FROM journal WHERE id = ? AND erased_at IS NOT NULL", journal_id) is not None:
        return ""
    ticket = tickets.load(store, ticket_id)
    sender = store.value("SELECT sender FROM journal WHERE id = ?", journal_id)
    known = (
        *(ticket.user_name, ticket.user_address.partition("@")[0], *tickets.fields(store, ticket_id).values()),
        *(person.name for person in mailbox.staff),
        str(sender or "").partition("@")[0],
    )
    shown = clean(anonymous(text, known)).strip()
    return shown if any(map(str.isalnum, shown)) else ""
