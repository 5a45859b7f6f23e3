"""What stands in a mail besides its writer's words: signatures, footers of programs, disclaimers, banners.

Only what ends a text (or, for banners, begins it) is looked for, and only in a bounded number of lines. A closing
("Hormat kami," with the names under it) is the writer's own and is told apart, not cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot import late, wordfile

_WORDS = wordfile.read(__file__, "signatures.txt")

_SIGNATURE = 15  # lines; more below "--" is text after a dividing line
_TAIL = 80  # lines at the end that are looked at
_BANNER = 6  # lines at the top
_CLOSING = 12  # lines
_LONGEST = 6000
_WRAPPED = 40  # characters that the lines of a paragraph have at least, but for its last

# --- footers of telephones and programs ------------------------------------------------------

_FOOTER = late.pattern(rf"[(<\[*_ ]{{0,4}}{_WORDS['sent'].any_of}\b[^\n]{{0,110}}", re.IGNORECASE)
# Names of telephones and programs; and words that are one only by themselves ("dikirim dari HP saya").
_HAS_BRAND = late.pattern(rf"\b{_WORDS['brand'].any_of}\b", re.IGNORECASE)
_HAS_WEAK = late.pattern(rf"\b{_WORDS['weak'].any_of}\b", re.IGNORECASE)
# A sentence that only begins like a footer: "Dikirim melalui e-mail kemarin oleh bendahara"
_TELLS = late.pattern(rf"\b{_WORDS['tells'].any_of}\b", re.IGNORECASE)
_MINE = late.pattern(
    r"(?:sent|envoyé|enviado|verzonden|inviato|dikirim) \S{1,8}(?: a)? (?:my|saya|mon|mein|mi|mijn|mio)\b[^,;]{1,50}",
    re.I,
)
_FOOTER_WHOLE = _WORDS["footer whole"].pattern


# What some programs add under their footer: their page, the telephone company.
_UNDER_FOOTER = late.pattern(r"powered by [^\n]{2,60}|<?(?:https?://|www\.)\S{3,200}", re.IGNORECASE)


_MORE = late.pattern(r"<?https?:\S*|\(http\S*|,|; |(?<=[^\W_])\. (?=\S)")
_EXCUSED = late.pattern(rf"\b{_WORDS['excused'].any_of}\b", re.IGNORECASE)
# Words that begin small, of which footers, names and addresses have few.
_TOLD = late.pattern(r"(?<![^\s(\"'“])[a-zà-ÿ]{2,}(?![^\s,.;:!?)\"'”])")


def is_footer(line: str) -> bool:
    """Whether a line is what a telephone or a virus scanner adds: "Dikirim dari iPhone saya"."""
    if len(line) > 240 or len(line) < 6:
        return False
    if _FOOTER_WHOLE.fullmatch(line):
        return not _COMMAND.match(line)
    bare, rest = (*_MORE.split(line, maxsplit=1), "")[:2]
    bare = bare.strip(" .()<>[]*_")
    if rest and not _EXCUSED.search(rest) and len(_TOLD.findall(rest)) > 1:
        return False  # somebody has written on in the footer's own line
    if len(bare) > 90 or not _FOOTER.fullmatch(bare) or _TELLS.search(bare):
        return False
    if _HAS_BRAND.search(bare):
        return _count_words(bare) <= 12
    return (_count_words(bare) <= 8 and _HAS_WEAK.search(bare) is not None) or bool(
        _MINE.fullmatch(line.strip(" .()<>[]*_"))
    )


def _count_words(text: str) -> int:
    return len(text.split())


# --- disclaimers and lists ----------------------------------------------------------------------

_LEGAL_HEAD = late.pattern(
    rf"[*_\s\[(]{{0,5}}{_WORDS['legal head'].any_of}[*_\s\])]{{0,5}}:?[*_\s]{{0,3}}", re.IGNORECASE
)
_LEGAL_OPENER = rf"[*_\[(]{{0,3}}{_WORDS['legal opener'].any_of}[*_\])]{{0,3}} ?[:\-–—] ?"
_LEGAL_BEGIN = late.pattern(rf"(?:{_LEGAL_OPENER})?[*_(]{{0,3}}{_WORDS['legal begin'].any_of}", re.IGNORECASE)
_LEGAL_WORDS = tuple(late.pattern(line, re.IGNORECASE) for line in _WORDS["legal words"].lines)
_LEGAL_FORMULA = _WORDS["legal formula"].pattern
_LIST = _WORDS["list"].pattern
_RECEIVED = late.pattern(r"(?:anda menerima|you (?:are )?receiv\w+) ", re.IGNORECASE)
_LIST_RULE = late.pattern(r"[_=—-]{2,200}")


def _is_legal(paragraph: str) -> bool:
    if not 90 <= len(paragraph) <= _LONGEST or not _LEGAL_BEGIN.match(paragraph):
        return False
    least = 3 if _LEGAL_FORMULA.search(paragraph) else 4
    return sum(pattern.search(paragraph) is not None for pattern in _LEGAL_WORDS) >= least


# --- banners ----------------------------------------------------------------------------------------

_BANNERS = _WORDS["banners"].pattern
_BANNER_RULE = late.pattern(r"[-_=*─━ ]{3,200}")

# --- closings ---------------------------------------------------------------------------------------

_COMMAND = late.pattern(r"[#＃][^\W\d_]")
_CLOSES = late.pattern(rf"{_WORDS['closes'].any_of}[ ,.!:;]{{0,4}}", re.IGNORECASE)
_THANKS = late.pattern(
    r"[^\n]{0,200}\b(?:terima ?kasih|thanks|thank you|matur nuwun|trims|makasih)\b[^\n]{0,40}", re.IGNORECASE
)
_SENTENCE = late.pattern(r"[^\n]*[.!?]|[^\n]{71,}|[^\n]*\?")
_CONTACT = late.pattern(rf"\b{_WORDS['contact'].any_of}\b\.?|\+?\d[\d ()-]{{7,}}\d|@", re.IGNORECASE)


# "NB: user ID kami …" under the writer's name; so many words that begin small are a sentence and no slogan.
_POSTSCRIPT = late.pattern(
    r"(?:n\.? ?b|p\.? ?s|catatan|tambahan|note|nachtrag)(?: ?[:：]|\.(?= ))[^\n]*[^\W_]", re.IGNORECASE
)
_TOLD_ENOUGH = 5
_LONGEST_LEAVE = 60  # characters of a line that only takes leave


@dataclass(frozen=True, slots=True)
class Parts:
    """Line numbers: the writer's words are lines [start, end); his closing begins at `closing` (or equals `end`).

    Before start: banners. From end on: signature, footers and disclaimers.
    """

    start: int
    end: int
    closing: int


def apart(plain: Sequence[str], *, signed: bool = True) -> Parts:
    """Lines of a text (without blanks around them), told apart. Total; looks at a bounded number of lines.

    signed: whether "--" with a few lines under it is a signature.
    """
    start = _after_banners(plain)
    end = len(plain)
    cut = _signature_start(plain, start) if signed else end
    before = None
    while before != cut:
        before = cut
        cut = _without_footers(plain, start, cut)
    return Parts(start, cut, _closing_start(plain, start, cut))


def _signature_start(plain: Sequence[str], start: int) -> int:
    """Where "--" begins a signature. A long stretch below it is text after a dividing line."""
    end = len(plain)
    cut, lines = end, 0
    for number in range(end - 1, start - 1, -1):
        if plain[number] == "--":
            cut = number
        lines += plain[number] != ""
        if lines > _SIGNATURE:
            break
    tail = _without_footers(plain, start, end)
    if cut == end and lines > _SIGNATURE and tail < end:
        # what stands under a signature does not make it longer: a disclaimer, a list's footer
        return min(_signature_start(plain[:tail], start), tail)
    return tail if cut < tail and _is_prose(plain[cut + 1 : tail]) else cut


def _is_prose(lines: Sequence[str]) -> bool:
    """Whether what stands under "--" reads like sentences, or has a postscript: a dividing line, then, or more words
    of the writer, and no mere signature."""
    said = [line for line in lines if line and not is_footer(line) and not _LIST.fullmatch(line)]
    sentences = sum(_count_words(line) >= 3 and line[-1] in ".!?:" for line in said)
    return sentences >= 2 or any(
        line[-1] == "?" or len(line) > 100 or _POSTSCRIPT.match(line) or len(_TOLD.findall(line)) >= _TOLD_ENOUGH
        for line in said
    )


def _without_footers(plain: Sequence[str], start: int, cut: int) -> int:
    while True:
        last = cut
        while last > start:
            if not plain[last - 1] or is_footer(plain[last - 1]):
                last -= 1
            elif last - 1 > start and _UNDER_FOOTER.fullmatch(plain[last - 1]) and is_footer(plain[last - 2]):
                last -= 2
            else:
                break
        found = _legal_start(plain, start, last)
        if found is None:
            found = _list_start(plain, start, last)
        if found is None:
            return last if last < cut and any(plain[last:cut]) else cut
        cut = found


def _legal_start(plain: Sequence[str], start: int, end: int) -> int | None:
    """Where the disclaimer that ends here begins; None if the last paragraph is none."""
    first = end
    while first > start and plain[first - 1] and end - first < _TAIL:
        first -= 1
    if first == end:
        return None
    for begin in (first, *range(first + 1, min(end, first + 4))):
        wrapped = all(len(line) >= _WRAPPED for line in plain[begin : end - 1])  # not a person's short lines below it
        if wrapped and _is_legal(" ".join(plain[begin:end])):
            return _with_heading(plain, start, begin)
    # "Disclaimer" on a line of its own, whatever paragraphs come after it
    for number in range(end - 1, max(start, end - 40) - 1, -1):
        if plain[number] and _LEGAL_HEAD.fullmatch(plain[number]):
            body = " ".join(plain[number + 1 : end])[:_LONGEST]
            if sum(pattern.search(body) is not None for pattern in _LEGAL_WORDS) >= 3:
                return number
            return None
    return None


def _with_heading(plain: Sequence[str], start: int, begin: int) -> int:
    above = begin - 1
    while above > start and (not plain[above] or _BANNER_RULE.fullmatch(plain[above])):
        above -= 1
    if above >= start and plain[above] and _LEGAL_HEAD.fullmatch(plain[above]):
        return above
    return begin


def _list_start(plain: Sequence[str], start: int, end: int) -> int | None:
    """Where a mailing list's footer begins: a long rule, the list's name, its address."""
    for number in range(end - 1, max(start, end - 8) - 1, -1):
        if _LIST.fullmatch(plain[number]):
            ruled = number > start and _LIST_RULE.fullmatch(plain[number - 1]) is not None
            if ruled or _RECEIVED.match(plain[number]):
                return number - ruled
    return None


def _after_banners(plain: Sequence[str]) -> int:
    start, seen = 0, 0
    for number, line in enumerate(plain[:_TAIL]):
        if not line or (seen and _BANNER_RULE.fullmatch(line)):
            continue
        below = plain[number + 1] if number + 1 < len(plain) else ""
        if seen >= _BANNER or len(line) > 900 or not _BANNERS.fullmatch(line):
            break
        if below and not _BANNER_RULE.fullmatch(below) and not _BANNERS.fullmatch(below):
            break  # a server sets its banner apart; this is somebody's first sentence
        seen += 1
        start = number + 1
    while seen and start < len(plain) and (not plain[start] or _BANNER_RULE.fullmatch(plain[start])):
        start += 1
    return start


def takes_leave(line: str) -> bool:
    """Whether a line, without blanks around it, is a closing formula and nothing more: "Hormat kami,"."""
    return len(line) <= _LONGEST_LEAVE and _CLOSES.fullmatch(line) is not None


def _closing_start(plain: Sequence[str], start: int, end: int) -> int:
    """Where "Hormat kami," and the names under it begin; `end` if the text has no such closing."""
    lines, thanked = 0, None
    for number in range(end - 1, start - 1, -1):
        line = plain[number]
        if not line:
            continue
        lines += 1
        if lines > _CLOSING or _COMMAND.match(line) or line[0] == ">":
            break
        if takes_leave(line):
            return number
        if _THANKS.fullmatch(line):
            below = [other for other in plain[number + 1 : end] if other]
            if below and any(map(_CONTACT.search, below)):
                thanked = number + 1
            break
        if len(line) > 90 or (_count_words(line) > 7 and line[-1] in ".!?") or line[-1] == "?":
            break
    return end if thanked is None else thanked
