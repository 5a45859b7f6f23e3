"""Subjects: the base subject without prefixes, ticket numbers in them, and our tag in front.

All functions are pure, total and linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from mailbot import wordfile
from mailbot.parsers.mime.headers import normalise, one_line

_PREFIXES = wordfile.read(__file__, "subject.txt")["prefixes"].words
_REPLY = f"(?:{'|'.join(sorted(_PREFIXES, key=lambda word: (-len(word), word)))})"
# "Re[2]:", "Re(3):", "Re^4:", "RE*5:", "Re-6:"
_PREFIX = re.compile(rf"\s*{_REPLY}\s?(?:[\[(^*-]\s?\d{{1,4}}\s?[\])]?)?\s?[:：]\s*", re.I)
# RFC 5256 §2.1 subj-blob, as far as a reply prefix follows: "[milis] Re: halo". A label in front of the matter itself
# ("[MENDESAK] halo") is the writer's word and stays, unlike in §2.1 (4).
_BLOB = re.compile(rf"\s*(?:\[[^\[\]]{{0,60}}\]\s?){{1,3}}(?={_REPLY}\s?[:：])", re.I)
# What border servers put in front of mail from outside.
_LABEL = re.compile(
    r"\s*[\[(【［]\s?(?:ext|external|eksternal|extern|luar|external[ -](?:e-?mail|sender|message)"
    r"|(?:e-?mail|surel|pesan) (?:eksternal|luar)|caution|waspada|spam|suspected spam)\s?[\])】］]:?\s*",
    re.I,
)
_FORWARDED = ("(fwd)", "(diteruskan)")  # RFC 5256 §2.1 subj-trailer
_LOOSE = " :|–—-"  # what prefixes leave behind
_LEADERS = (_PREFIX, _LABEL, _BLOB, re.compile(r"[ :|–—-]+"))
_FORWARD_BLOB = re.compile(r"\s*\[fwd?:\s?(.*)\]\s*\Z", re.I | re.S)  # RFC 5256 §2.1 subj-fwd-hdr

# Between the parts of a number: blanks, underscores, and every dash there is. At most five.
_GAP = r"[\s_\-\u00ad\u00b7\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\u30fc\ufe58\ufe63\uff0d]{1,5}"
_LEFT = r"(?<![^\W_])"  # no letter or digit directly before …
_RIGHT = r"(?![^\W_])"  # … or after: seven digits are no number of ours
_YEAR_AND_COUNT = re.compile(rf"20[0-9]{{2}}{_GAP}[0-9]{{6}}")
_BRACKETS = "[\\[(【［〔〖<]"
_CLOSING = "[\\])】］〕〗>]"
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\u180e]")

_ANY_TAG = re.compile(r"\[[A-Z0-9]{1,20}(?:-[A-Z0-9]{1,20}){0,5}-20\d\d-\d{6}\]", re.I)
_ELLIPSIS = "…"


def base_subject(subject: str, prefixes: Iterable[str] | None = None) -> str:
    """What the writer called the matter: no reply prefixes, no "[EXTERNAL]", no tag (RFC 5256 §2.1).

    `prefixes` are the ticket prefixes whose numbers are taken out in every spelling that is read;
    without them whatever looks like a tag, `[…-2026-000123]`, goes.
    """
    text = one_line(subject)
    if prefixes is None:
        return _trimmed(_ANY_TAG.sub(" ", text))
    wanted = tuple(dict.fromkeys(prefixes))
    text = _without_numbers(text, wanted)
    return _trimmed(text)


def find_numbers(text: str, prefixes: Iterable[str]) -> tuple[str, ...]:
    """The ticket numbers in a text, in canonical form (`LPSE-BTG-2026-000123`), each once, in order.

    Tolerates case, blanks and dashes of any kind between the parts (also inside the prefix), full-width
    characters and missing brackets. Give the prefixes of all mailboxes: the longest one that fits wins,
    so that one that ends in another is not mistaken for it. Whether a number exists is for others to say.
    """
    plain = _plain(text)
    if not _YEAR_AND_COUNT.search(plain):
        return ()  # nearly all texts
    wanted = _canonical(tuple(prefixes))
    if not wanted:
        return ()
    found = _pattern(tuple(wanted)).finditer(plain)
    numbers = (f"{wanted[_key(m[1])]}-{m[2]}-{m[3]}" for m in found)
    return tuple(dict.fromkeys(numbers))


@lru_cache(maxsize=32)  # each link in a mail bears the same subject
def tagged(number: str, subject: str, limit: int = 200, kind: str = "", prefixes: tuple[str, ...] = ()) -> str:
    """`[NUMBER] kind: subject` on one line of at most `limit` characters.

    The tag stands first, once and whole; old tags (of this number's prefix and of `prefixes`) and reply
    prefixes go; what is too long loses its end. A limit below the tag's length still gives the tag.
    """
    own = number[: -len("-2026-000123")]
    head = f"[{number}]" + (f" {one_line(kind)}" if kind else "")
    known = [own, *prefixes]
    base = base_subject(subject, known)
    if base:
        full = _shortened(f"{head}{':' if kind else ''} {base}", limit, len(number) + 2)
        if find_numbers(full, known) == (number,):  # cutting may make a number out of a longer one
            return full
    return _shortened(head, limit, len(number) + 2)


def _trimmed(text: str) -> str:
    """Prefixes and labels off, any number of them (by position: no text is copied for each)."""
    for _ in range(20):
        start = 0
        while match := next(filter(None, (pattern.match(text, start) for pattern in _LEADERS)), None):
            start = match.end()
        shorter = text[start : max(start, _without_trailers(text))].rstrip(_LOOSE)
        if (blob := _FORWARD_BLOB.match(shorter)) is not None:
            shorter = blob[1]
        if shorter == text:
            break
        text = shorter
    return text


def _without_trailers(text: str) -> int:
    """Where the text ends without "(fwd)" behind it, any number of times."""
    end = len(text)
    while True:
        while end and text[end - 1].isspace():
            end -= 1
        trailer = next((t for t in _FORWARDED if text[max(0, end - len(t)) : end].lower() == t), None)
        if trailer is None:
            return end
        end -= len(trailer)


def _without_numbers(text: str, prefixes: tuple[str, ...]) -> str:
    wanted = _canonical(prefixes)
    if not wanted:
        return text
    pattern = _bracketed(tuple(wanted))
    for candidate in (text, _plain(text, fold=False)):
        # Taking a number out may join the pieces of another one: again, but not for ever.
        for _ in range(5):
            candidate, count = pattern.subn(" ", candidate)
            if not count:
                break
        candidate = re.sub(r" {2,}", " ", candidate)
        if not find_numbers(candidate, prefixes):
            return candidate
    return ""  # built to keep a number whatever is removed: nothing of it is repeated


def _shortened(text: str, limit: int, least: int) -> str:
    limit = max(limit, least)
    if len(text) <= limit:
        return text
    end = max(least, limit - len(_ELLIPSIS))
    while end > least and unicodedata.combining(text[end]):
        end -= 1  # a letter keeps its accents
    short = text[:end].rstrip(" :,;-–—\u200d")
    return short + _ELLIPSIS if len(short) + len(_ELLIPSIS) <= limit else short


def _plain(text: str, *, fold: bool = True) -> str:
    text = _INVISIBLE.sub("", normalise(text, "NFKC"))
    return text.casefold() if fold else text


def _key(prefix: str) -> str:
    return "-".join(re.split(_GAP, prefix))


@lru_cache(maxsize=32)
def _canonical(prefixes: tuple[str, ...]) -> Mapping[str, str]:
    """Folded spelling → prefix as configured."""
    return {_key(_plain(prefix)): prefix for prefix in prefixes if prefix.strip(" -_")}


def _alternatives(keys: tuple[str, ...]) -> str:
    longest_first = sorted(keys, key=len, reverse=True)
    return "|".join(_GAP.join(re.escape(part) for part in key.split("-")) for key in longest_first)


@lru_cache(maxsize=32)
def _pattern(keys: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{_LEFT}({_alternatives(keys)}){_GAP}(20[0-9]{{2}}){_GAP}([0-9]{{6}}){_RIGHT}")


@lru_cache(maxsize=32)
def _bracketed(keys: tuple[str, ...]) -> re.Pattern[str]:
    number = rf"{_LEFT}(?:{_alternatives(keys)}){_GAP}20[0-9]{{2}}{_GAP}[0-9]{{6}}{_RIGHT}"
    return re.compile(rf"(?:{_BRACKETS}\s?{number}\s?{_CLOSING}|{number})", re.I)
