"""An answer below the quotation of the very mail that it answers, where nothing about it is in doubt.

Roundcube and Thunderbird, as they are shipped, let people write there. It counts only if the mail is, from its top: a
head, our mail word for word from our marker line to its end, and then the writer's words in one piece. Everything else
(a word of ours that is missing, a word between our lines, another quotation) is asked about.
Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.parsers.reply import marker, own_heads, own_quote
from mailbot.parsers.reply.own_quote import Mail, Ours
from mailbot.parsers.reply.quotable import Quotable
from mailbot.parsers.reply.quoted import NewText, new_text, points_below

_BLANK = re.compile(r"[>|\s\u00a0\ufeff]*")
#: What a line of our mail without a word may hold: marks, rules, links, an empty field of a table.
_EMPTY = re.compile(r"[\s>|*_=~#.:·•│─━┃\-–—+\u00a0\u2007\u202f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*")
_LINK = re.compile(r"<(?:mailto:|https?://)[^<>\s]{1,4000}>|\[\d{1,3}\]|mailto:\S+", re.IGNORECASE)
_SIGNATURE = "\n-- \n"  # RFC 3676, section 4.3: a program leaves out of a quotation what stands below


@dataclass(frozen=True, slots=True)
class Answered:
    """The mail of ours that is answered. texts: its plain text, and what a program makes of its HTML; each whole, or
    not here. unseen: the lines that only inboxes show, which some programs quote in the open."""

    sent: Quotable
    texts: tuple[str, ...]
    unseen: str = ""


def answer(text: str, answered: Answered, *, least: int = own_quote.PROOF) -> NewText | None:
    """The mail taken apart, its new text below the quotation; None: there is none, or it is in doubt. least: the words
    in a row of our mail that may not stand in an answer once more."""
    ours = Ours([answered.sent])
    mail = Mail(text.replace("\r\n", "\n").replace("\r", "\n"), ours)
    begin = _only(mail.words, marker.WORDS)
    if begin is None:
        return None
    first = _first_line(mail, begin, answered)
    end = None if first is None else _end(mail, begin, first, answered.texts)
    if first is None or end is None:
        return None
    last = mail.line_of[end - 1]
    if mail.last[last] != end or not _all_empty(mail, range(last + 1)):
        return None  # his words go on in our last line, or signs without a word stand between our lines
    rest = last + 1
    while rest < len(mail.lines) and _BLANK.fullmatch(mail.lines[rest]):
        rest += 1
    below = "\n".join(mail.lines[rest:])
    own = new_text(below)
    if own.doubt is not None or own.quoted or own.below or own.marked or not any(map(str.isalnum, own.unsigned)):
        return None
    if points_below(own.text) or own_quote.apart(own.text, ours, least=least).found:
        return None
    return NewText(
        text=own.text,
        quoted="\n".join(mail.lines[:rest]).strip("\n"),
        signature=own.signature,
        marked=True,
        closing=own.closing,
    )


def _only(words: Sequence[str], sought: Sequence[str]) -> int | None:
    """Where these words stand, if they do so once."""
    found = [
        at for at, word in enumerate(words) if word == sought[0] and tuple(words[at : at + len(sought)]) == (*sought,)
    ]
    return found[0] if len(found) == 1 else None


def _first_line(mail: Mail, begin: int, answered: Answered) -> int | None:
    """The line in which the quotation begins, whose marker line is the word `begin`: nothing stands above it but a head
    and what only inboxes show."""
    lines = answered.unseen.split("\n")
    for number in range(len(lines) + 1):
        unseen = "".join(own_quote.words_of("\n".join(lines[number:])))
        start = _before(mail.words, begin, unseen)
        if start is None or (start < begin and mail.first[mail.line_of[start]] != start):
            continue
        first = mail.line_of[start]
        heads = set(own_heads.lead(mail.lines, first, [answered.sent]))
        if {mail.line_of[word] for word in range(start)} <= heads:
            return first
    return None


def _before(words: Sequence[str], end: int, letters: str) -> int | None:
    """Where the words begin that end before the word `end` and have just these letters."""
    start = end
    while letters and start:
        start -= 1
        if not letters.endswith(words[start]):
            return None
        letters = letters[: len(letters) - len(words[start])]
    return None if letters else start


def _end(mail: Mail, begin: int, first: int, texts: Sequence[str]) -> int | None:
    """The word behind the quotation: that of one of these texts, whole."""
    marked = all(mail.marked(number) for number in {mail.line_of[word] for word in range(mail.first[first], begin)})
    ends = [_behind(mail.words, begin, "".join(own_quote.words_of(text))) for text in texts]
    found = max((end for end in ends if end is not None), default=None)
    if found is not None:
        return found
    for text in texts:  # without the small print, where marks show that nothing of it is left
        end = _behind(mail.words, begin, "".join(own_quote.words_of(text.rpartition(_SIGNATURE)[0])))
        if marked and end is not None and all(mail.marked(mail.line_of[word]) for word in range(begin, end)):
            return end
    return None


def _behind(words: Sequence[str], start: int, letters: str) -> int | None:
    """The word behind those that have just these letters, however they are divided; None: others stand there."""
    done = 0
    for number in range(start, len(words)):
        if done == len(letters):
            break
        if not letters.startswith(words[number], done):
            return None
        done += len(words[number])
        start = number + 1
    return start if letters and done == len(letters) else None


def _all_empty(mail: Mail, numbers: range) -> bool:
    """Whether the lines without a word say nothing."""
    return all(
        mail.first[number] < mail.last[number] or _EMPTY.fullmatch(_LINK.sub("", mail.lines[number]))
        for number in numbers
    )
