"""What a letter has around its words: the writer's salutation above them, his thanks and his leave below.

A mail of ours brings a salutation, thanks and a closing; where the writer has some of his own, his stand in their
place, so that no letter greets twice. Told by whole lines and sentences; what says more than a courtesy stays among the
words. Pure; linear in the text's length.
"""

from __future__ import annotations

import re

from mailbot import late, wordfile
from mailbot.parsers.reply import signatures

_WORDS = wordfile.read(__file__, "courtesies.txt")
_GREETS = re.compile(rf"{_WORDS['greets'].any_of}(?![^\W\d_])", re.IGNORECASE)
_ADDRESSES = re.compile(rf"{_WORDS['addresses'].any_of}(?![^\W\d_])", re.IGNORECASE)
_THANKS = re.compile(rf"\b{_WORDS['thanks'].any_of}(?:nya)?\b", re.IGNORECASE)
_TITLES, _PEOPLE, _NO_NAME = (_WORDS[name].words for name in ("titles", "people", "no name"))
_SAYS_MORE = _WORDS["says more"].words

_WORD = re.compile(r"[^\W\d_][\w'’]*(?:\.[^\W\d_]+)*")
_TELLS = re.compile(r"[\d?@=]|//|:(?=.)")
#: Where a salutation may end that shares its line with the words.
_ENDS = re.compile(r"[,.!]+[ \t]+(?=\S)")
#: "S.T.", "M.Kom.": a full stop that ends no sentence.
_DEGREE = re.compile(r"\b[A-Z]{1,2}\.[A-Z][A-Za-z.]{0,5}\.$")
#: A name below his thanks: "Terima kasih,", "Budi Santoso".
_SIGNED = late.pattern(rf"{_WORDS['thanks'].any_of}\s*,\s*\n", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"[.!?][)\"”’']?\s+(?=\S)")
_LONGEST_LINE, _MOST_LINES = 150, 8
_LONGEST_THANKS = 25  # words
_SENTENCES = 3  # of thanks and leave, one behind the other
_LAST_LINES = 12
_BELOW_YTH = 8  # words of a line: "Direktur CV Maju Jaya", "di tempat"


def above(text: str) -> tuple[str, str]:
    """(salutation, all else). salutation: its lines as written, "" where there is none, or nothing below it. All else
    begins with a capital where the salutation stood before it in its line."""
    salutation, rest = _salutation(text.strip())
    signed = signatures.takes_leave(salutation) and _continues(rest)  # "Salam," above a name takes leave
    return (salutation, rest) if salutation and any(map(str.isalnum, rest)) and not signed else ("", text)


def below(text: str) -> tuple[str, str, str]:
    """(all else, thanks, closing). thanks: the sentences of thanks at the end, in one line. closing: the last line, if
    it takes leave. "" where there is none, or nothing above it."""
    rest, closing = _closing(text)
    words, thanks = _thanks(rest)
    return (words, thanks, closing) if any(map(str.isalnum, words)) else (text, "", "")


def is_salutation(line: str, *, inline: bool = False) -> bool:
    """Whether a line without blanks around it is a salutation and nothing more. inline: words follow in the line."""
    greets, addresses = _GREETS.match(line), _ADDRESSES.match(line)
    found = greets or addresses
    if len(line) > _LONGEST_LINE or _TELLS.search(line, found.end() if found else 0):
        return False
    if found:
        rest = _WORD.findall(line, found.end())
        return all(map(_is_addressed, rest)) and bool(rest or greets or not inline)
    words = _WORD.findall(line)
    titled = bool(words) and words[0].casefold() in _TITLES and line.endswith((",", "!"))
    return titled and not inline and all(map(_is_addressed, words))


def thanks_somebody(text: str) -> bool:
    """Whether words of thanks stand anywhere in a text."""
    return _THANKS.search(text) is not None


def takes_leave(text: str) -> bool:
    """Whether one of the last lines of a text takes leave: "Hormat kami,", with a name below it."""
    lines = text.rstrip().rsplit("\n", _LAST_LINES)[1:]
    return any(signatures.takes_leave(line.strip()) for line in lines)


# --- above --------------------------------------------------------------------------------------------------


def _salutation(text: str) -> tuple[str, str]:
    """(salutation, all below it)."""
    lines = text.split("\n")
    taken, addressed = 0, False
    while taken < len(lines) and taken < _MOST_LINES:
        line = lines[taken].strip()
        if not line:
            addressed = False
        elif is_salutation(line):
            addressed = _ADDRESSES.match(line) is not None and not line.endswith((",", "!"))
        elif not (addressed and _continues(line)):
            break
        else:
            addressed = not line.endswith(",")
        taken += 1
    above = [line.strip() for line in lines[:taken] if line.strip()]
    below = "\n".join(lines[taken:]).strip("\n")
    first, line_end, others = below.partition("\n")
    if above and addressed and not first:
        return "", text
    inline = _inline(first.lstrip()) if not above or not lines[taken - 1].strip() else 0
    if inline:
        above.append(first.lstrip()[:inline].strip())
        words = first.lstrip()[inline:]
        below = words[:1].upper() + words[1:] + line_end + others
    return "\n".join(above), below


def _inline(line: str) -> int:
    """How many characters of a line are a salutation in front of its words: "Selamat pagi Pak, akun …"."""
    ends = [found.end() for found in _ENDS.finditer(line[:_LONGEST_LINE])]
    return next((end for end in reversed(ends) if is_salutation(line[:end].rstrip(), inline=True)), 0)


def _continues(line: str) -> bool:
    """Whether a line below "Yth." still says whom it is for: "Direktur CV Maju Jaya", "di tempat"."""
    words = _WORD.findall(line)
    said = _TELLS.search(line) or (line.endswith(".") and not _DEGREE.search(line) and words[-1:] != ["tempat"])
    return 0 < len(words) <= _BELOW_YTH and not said and all(map(_is_addressed, words))


def _is_addressed(word: str) -> bool:
    folded = word.casefold()
    return folded in _PEOPLE or (word[0].isupper() and folded not in _NO_NAME)


# --- below --------------------------------------------------------------------------------------------------


def _closing(text: str) -> tuple[str, str]:
    """(all above, the last line if it takes leave)."""
    above, _, last = text.rstrip().rpartition("\n")
    return (above.rstrip(), last.strip()) if above and signatures.takes_leave(last.strip()) else (text.rstrip(), "")


def _thanks(text: str) -> tuple[str, str]:
    """(all above, the sentences of thanks at the end)."""
    found: list[str] = []
    for _ in range(_SENTENCES):
        start = _last_sentence(text)
        sentence = " ".join(text[start:].split())
        if not _only_thanks(sentence) or _SIGNED.search(text, start):
            break
        found.insert(0, sentence)
        text = text[:start].rstrip()
    return text, " ".join(found)


def _last_sentence(text: str) -> int:
    """Where the last sentence of a text begins; a sentence never reaches over an empty line."""
    start = max(text.rfind("\n\n") + 2 if "\n\n" in text else 0, len(text) - 400)
    ends = [found.end() for found in _SENTENCE_ENDS.finditer(text, start)]
    return ends[-1] if ends else start


def _only_thanks(sentence: str) -> bool:
    words = [word.casefold() for word in _WORD.findall(sentence)]
    if not words or len(words) > _LONGEST_THANKS or _TELLS.search(sentence) or _SAYS_MORE.intersection(words):
        return False
    thanks = _THANKS.search(sentence) is not None
    if words[0] in ("demikian", "demikianlah"):
        return True
    return thanks and (words[0] in ("atas", "sekali", "kami") or _THANKS.match(sentence) is not None)
