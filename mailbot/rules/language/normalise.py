"""Mail text as words and sentences for matching: a copy, never the text that is passed on.

Indonesian mails to a helpdesk are written like chat messages: "blm bs pak, mhn dicek". Abbreviations
and common misspellings become the full word here, so that the phrases of the rules stay readable.
Linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mailbot import wordfile

_WORDS = wordfile.read(__file__, "normalise.txt")

# As typed -> the words in full.
_ABBREVIATIONS = {short: full.split() for full, shorts in _WORDS["abbreviations"].rows for short in shorts.split()}
_NO_END = _WORDS["no end"].words
_CARRY = _WORDS["carry"].words
_NEW_CLAUSE = _WORDS["new clause"].words

# Negations are looked for with one letter wrong, because missing one turns a sentence round.
_NEGATIONS = ("belum", "tidak")
_NOT_A_NEGATION = frozenset({"tindak"})

_TOKEN = re.compile(r"[^\W_]+(?:_[^\W_]+)*|[%?,;:()\[\]\n/]|\.{2,}|(?<=\s)[-–—](?=\s)")
_UNTIL = re.compile(r"s(?<!\w.)\s?[./]\s?d\b\.?")  # "s/d"; its letter first, that all other places are passed over
_LINE_LENGTH = 60  # a longer line is taken for one that the mail client broke
_BULLET = re.compile(r"\s{0,20}(?:[-*•·]\s|\(?[0-9a-zA-Z]{1,2}[.)]\s)")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")
_CLAUSE_MARKS = frozenset({",", ";", ":", "(", ")", "[", "]", "-", "–", "—"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `text` as written on one line, `words` for matching.

    clauses: for each word the number of its clause, rising from 0.
    asks: whether a question mark ends it or stands in it.
    """

    text: str
    words: tuple[str, ...]
    clauses: tuple[int, ...]
    asks: bool


def sentences(text: str) -> list[Sentence]:
    """The sentences of a mail text, in order; those without a word are left out."""
    return [s for part in _split(plain(text)) if (s := _sentence(part)).words]


def words(text: str) -> tuple[str, ...]:
    """All words of a text, for matching."""
    return _sentence(plain(text)).words


def plain(text: str) -> str:
    """The text in NFKC without invisible characters (a zero-width space inside "belum" hides it)."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        if invisible := [ord(c) for c in set(text) if unicodedata.category(c) == "Cf"]:
            text = text.translate(dict.fromkeys(invisible))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str) -> Iterator[str]:
    for paragraph in _paragraphs(text):
        start = 0
        for end in ends(paragraph):
            yield paragraph[start:end]
            start = end
        yield paragraph[start:]


def _paragraphs(text: str) -> Iterator[str]:
    """Lines that belong together, on one line."""
    so_far: list[str] = []
    for line in text.split("\n"):
        if so_far and not goes_on(so_far[-1], line):
            yield " ".join(so_far)
            so_far = []
        if line.strip():
            so_far.append(line.strip())
    if so_far:
        yield " ".join(so_far)


def goes_on(line: str, following: str) -> bool:
    """Whether a line, without blanks around it, was broken by a mail program and goes on in the following one."""
    following = following.strip()
    if not following:
        return False
    last = _expand(line.rsplit(None, 1)[-1].lower())
    if last and last[-1] in _CARRY:
        return True
    if line[-1] in ".!?" or _BULLET.match(following):
        return False
    return following[0].islower() or len(line) >= _LINE_LENGTH


def ends(paragraph: str) -> Iterator[int]:
    """Where sentences end: after . ! ? before a space, but not after an abbreviation or in "..."."""
    for match in re.finditer(r"[.!?]+", paragraph):
        mark = match[0]
        if not paragraph[match.end() : match.end() + 1].isspace():
            continue
        if mark.startswith("..") and not mark.strip("."):
            continue
        before = paragraph[max(match.start() - 20, 0) : match.start()]
        word = re.split(r"[\s./(]", before)[-1].lower()
        if mark == "." and word in _NO_END:
            continue
        yield match.end()


def _sentence(text: str) -> Sentence:
    return _read(text) if len(text) <= _LONG else _read.__wrapped__(text)


@lru_cache(maxsize=256)  # several parts of the program read the sentences of the mail in hand
def _read(text: str) -> Sentence:
    found: list[str] = []
    clauses: list[int] = []
    clause = 0
    asks = False
    spelled = _UNTIL.sub(" sampai ", text.lower().replace("'", "").replace("’", ""))
    if "e-mail" in spelled:
        spelled = re.sub(r"\be-(?=mail)", "e", spelled)
    for token in _TOKEN.findall(spelled):
        if token == "?":
            asks = True
            clause += 1
        elif token in _CLAUSE_MARKS or token.startswith(".."):
            clause += 1
        elif token not in ("/", "\n"):
            for word in _expand(token):
                if word in _NEW_CLAUSE:
                    clause += 1
                if word == "support" and found and found[-1] == "lpse":
                    found[-1] = "lpse_support"  # the application, not the office
                    continue
                found.append(word)
                clauses.append(clause)
    return Sentence(" ".join(text.split()), tuple(found), tuple(clauses), asks)


#: Characters. A longer sentence is not kept for the next reader: a few pages without a full stop would fill the memory.
_LONG = 1000
#: Characters. What is longer is no word, and kept for the next time a few mails of it would fill the memory.
_LONGEST = 40


def _expand(token: str) -> tuple[str, ...]:
    return _word(token) if len(token) <= _LONGEST else _word.__wrapped__(token)


@lru_cache(maxsize=10_000)  # the words of all mails are few; a slip of the pen is looked for letter by letter
def _word(token: str) -> tuple[str, ...]:
    token = token.strip(".,;:!?()\"'")
    if not token:
        return ()
    if known := _ABBREVIATIONS.get(token):
        return tuple(known)
    token = _REPEATED.sub(r"\1", token)  # "selesaiii", "tidaaak"
    if known := _ABBREVIATIONS.get(token):
        return tuple(known)
    if token not in _NOT_A_NEGATION:
        for negation in _NEGATIONS:
            if abs(len(token) - len(negation)) <= 1 and one_slip(token, negation):
                return (negation,)
    return (token,)


def one_slip(a: str, b: str) -> bool:
    """Whether one letter left out, added, changed or swapped with its neighbour makes `b` of `a`."""
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    x, y = a[same:], b[same:]
    return x[1:] == y[1:] or x[1:] == y or x == y[1:] or (len(x) > 1 and x[1::-1] + x[2:] == y)
