"""Which words of a mail are a quotation of a mail of ours, proven by comparison with what was sent.

No line decides, neither our marker nor a head: programs quote without marks, people answer between our lines. Words are
compared as people read them (letters and digits, capitals aside), so that wrapping, quote marks, bold type, tables and
links that a program adds do not matter. Losing a writer's words is the worse fault: what is not surely ours is his.

Runs of `_RUN` words of ours are looked up in a table; each run is followed as far as it goes, and every word of ours is
used once in a passage. So the same words typed once more between our lines remain. Near-linear in mail and mails.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, chain, islice, pairwise
from urllib.parse import unquote

from mailbot.parsers.reply import marker, own_heads
from mailbot.parsers.reply.quotable import Quotable

#: Consecutive words that are a sign of a quotation, and words of a quotation that needs no other sign.
_RUN = 6
PROOF = 25
_DIVIDED = 8  # words, at most, that a program has divided otherwise
_LINE = 60  # words, at most, of a short line
_MOST_HEADS = 100
_ALIKE = 64  # places at which the same run is looked for

# A soft hyphen or a blank of no width inside a word is layout. A tick or an emoji is an answer, hence a word.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_WORD = re.compile(rf"[^\W_]+(?:[{_INVISIBLE}]+[^\W_]+)*|[\u221a\u2600-\u27bf\U0001f300-\U0001faff]")
_UNSEEN = dict.fromkeys(map(ord, _INVISIBLE))
_NO_BREAK = re.compile(r"[^\n]")
_LINK = re.compile(r"<(?:mailto:|https?://)[^<>\s]{1,4000}>", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"&]{1,2000}", re.IGNORECASE)
_FOOTNOTE = re.compile(
    r"^[>|\s]{0,20}(\[\d{1,3}\])[ \t]{1,9}((?:mailto:|https?:)\S{0,4000})[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_MARK = re.compile(r"[ \t\u00a0]{0,9}[>|]")
#: What a line without words may hold and still say nothing: quote marks, rules, bullets, an empty field of a table.
_DRESSING = re.compile(
    r"\+[-=+| ]{2,}|[\s>|*_=~#.:·•│─━┃\-–—\u00a0\u2007\u202f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
)
_MANY = re.compile(r"\n{3,}")
#: Of ASCII small letters, blanks for what is no word, and ends of lines.
_ASCII = bytes(byte if byte >= 128 or chr(byte).isalnum() or byte == 10 else 32 for byte in range(256)).lower()
_SIGNS = "·–—“”│…─•\u00a0"  # of the other characters those that mails have most, and that are no words
_KNOWN = re.compile(b"\x01{%d,}" % _RUN)
_LONG = 20_000  # characters: the words of longer texts are not kept, since they would fill the memory
_BREAK = "\n"  # stands between two texts of ours; no word is like it


@dataclass(frozen=True, slots=True)
class Apart:
    """A text without its quotations of ours. found: whether there are any. rest: all that is left. above, between,
    below: what of it stands above the first quotation, between quoted words, and under the last. within: of each
    quotation, from its head to the next head, the lines of `between` that stand inside of it."""

    found: bool
    rest: str
    above: str
    between: str = ""
    below: str = ""
    within: tuple[str, ...] = ()


@dataclass(slots=True)
class _Block:
    """Words [start, end) of the mail are the words [at, until) of ours."""

    start: int
    end: int
    at: int
    until: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def begin(self, start: int) -> None:
        self.at += start - self.start
        self.start = start

    def finish(self, end: int) -> None:
        self.until += end - self.end
        self.end = end


class Ours:
    """The words of some mails of ours, text behind text."""

    def __init__(self, sent: Iterable[Quotable]) -> None:
        self.sent = tuple(sent)
        self.words: list[str] = []
        self.breaks: list[int] = []
        self.begins, self.ends = set[int](), set[int]()  # where lines of ours do
        self._texts = dict.fromkeys(text for one in self.sent for text in one.texts)
        for text in self._texts:
            lines = [line for line in lines_of(text) if line]
            ends = [*accumulate(map(len, lines), initial=len(self.words))]
            self.begins.update(ends[:-1])
            self.ends.update(ends[1:])
            self.words += chain.from_iterable(lines)
            self.breaks.append(len(self.words))
            self.words.append(_BREAK)

    @cached_property
    def lines(self) -> dict[tuple[str, ...], list[int]]:
        """Where each line of ours stands."""
        found: dict[tuple[str, ...], list[int]] = {}
        for begin, end in zip(sorted(self.begins), sorted(self.ends), strict=True):
            found.setdefault(tuple(self.words[begin:end]), []).append(begin)
        return found

    @cached_property
    def urls(self) -> set[str]:
        return {_address(url) for text in self._texts for url in _URL.findall(text)}

    def places(self, words: Iterable[str]) -> dict[tuple[str, ...], list[int]]:
        """Where each run of ours stands, of those alone that consist of these words: a mail has few of ours."""
        known = bytes(map(set(words).__contains__, self.words))
        found: dict[tuple[str, ...], list[int]] = {}
        for stretch in _KNOWN.finditer(known):
            start, end = stretch.span()
            for at, run in enumerate(_runs(self.words[start:end]), start):
                found.setdefault(run, []).append(at)
        return found

    def text_of(self, at: int) -> int:
        return bisect_right(self.breaks, at - 1)

    def place(self, places: Sequence[int], expected: int) -> int:
        """Where a run stands that has these places: right behind the last one if it can be, within the same text, else
        anywhere."""
        next_one = bisect_left(places, max(0, expected - _RUN + 1))
        same = next_one < len(places) and self.text_of(places[next_one]) == self.text_of(expected)
        return places[next_one] if same else places[0]


class Mail:
    """The words of a mail, with their places and lines. A link that a program has put behind a word is none.

    Hardly any mail quotes one of ours, so places are looked up for those only that have some words of ours.
    """

    def __init__(self, text: str, ours: Ours) -> None:
        self.text = text
        self._worded = _without_links(text, ours)
        lines = lines_of(self._worded)
        self.words = [*chain.from_iterable(lines)]
        #: Of each line the place behind its last word.
        self.last = [*accumulate(map(len, lines))]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _worded_lines(self) -> list[str]:
        return self._worded.split("\n")

    @cached_property
    def first(self) -> list[int]:
        """Of each line its first word."""
        return [0, *self.last[:-1]]

    @cached_property
    def line_of(self) -> list[int]:
        """Of each word its line."""
        return [number for number, (a, b) in enumerate(zip(self.first, self.last, strict=True)) for _ in range(a, b)]

    def places(self, number: int) -> list[tuple[int, int]]:
        """Where in a line its words stand."""
        return [match.span() for match in _WORD.finditer(self._worded_lines[number])]

    def marked(self, number: int) -> bool:
        return _MARK.match(self.lines[number]) is not None


def apart(text: str, ours: Ours, *, least: int = PROOF, but: Callable[[], Ours] | None = None) -> Apart:
    """`text` without its quotations of `ours`, and without the heads that lead to these.

    least: the words that a quotation has which nothing else (a quote mark, a head) shows to be one. but: words that
    stand in these mails count as nobody's. Total: any text gives an answer.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mail = Mail(text, ours)
    blocks = _quoted(mail, ours, least)
    mine = _words_in(mail, blocks)
    if but is not None and any(mine):
        known = _words_in(mail, _quoted(mail, but(), _RUN))
        mine = [one and not other for one, other in zip(mine, known, strict=True)]
    if not any(mine):
        return Apart(False, text, text)
    heads, passages = _heads(mail, ours, blocks)
    for first, last in zip(mail.first, mail.last, strict=True):
        if marker.is_rest_of(mail.words[first:last]):
            mine[first:last] = [True] * (last - first)
    return _put_together(mail, mine, heads, passages)


def runs(text: str) -> frozenset[int]:
    """The runs of words of a text, as numbers that hold in this process. Two texts that have none in common do not
    quote one another: a quick look before `apart`."""
    return frozenset(map(hash, _runs(words_of(text))))


# --- words ----------------------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """The words as they are compared: in small letters, nothing invisible within."""
    return [*chain.from_iterable(lines_of(text))]


def lines_of(text: str) -> Sequence[Sequence[str]]:
    """The words of each line."""
    return _lines(text) if len(text) <= _LONG else _lines.__wrapped__(text)


@lru_cache(maxsize=8)  # the mail in hand is compared several times
def _lines(text: str) -> Sequence[Sequence[str]]:
    if not text.isascii():
        for sign in _SIGNS:
            text = text.replace(sign, " ")
    lines = text.encode("utf-8", "surrogatepass").translate(_ASCII).decode("utf-8", "surrogatepass").split("\n")
    return [line.split() if line.isascii() else _words_of_line(line) for line in lines]


def _words_of_line(line: str) -> list[str]:
    found = "\n".join(_WORD.findall(line))  # all at once: a line may have tens of thousands
    return (found if found.isascii() else found.translate(_UNSEEN)).casefold().split("\n") if found else []


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(islice(words, first, None) for first in range(_RUN)), strict=False)


def _without_links(text: str, ours: Ours) -> str:
    """The text with blanks in the place of what a program has put behind words; the rest stays where it is."""
    noise = [match.span() for match in _LINK.finditer(text) if _is_added(match[0], ours)]
    notes = {match[1]: match.span() for match in _FOOTNOTE.finditer(text) if _is_added(f"<{match[2]}>", ours)}
    if notes:
        noise += notes.values()
        noise += [match.span() for match in re.finditer(r"(?<=\w)\s?\[\d{1,3}\]", text) if match[0].strip() in notes]
        noise.sort()
    if not noise:
        return text
    parts: list[str] = []
    at = 0
    for start, end in noise:
        if end > at:
            parts += [text[at:start], _NO_BREAK.sub(" ", text[max(at, start) : end])]
            at = end
    return "".join([*parts, text[at:]])


def _address(url: str) -> str:
    return url.casefold().rstrip("/.,;:)!?")


def _is_added(link: str, ours: Ours) -> bool:
    """Whether a program has put this link behind a word: ours are to write to us; others must stand in our mail."""
    if link[1:8].lower() == "mailto:":
        return True
    return any(_address(url) in ours.urls for url in _URL.findall(link[1:-1]) + _URL.findall(unquote(link[1:-1])[8:]))


# --- comparison -----------------------------------------------------------------------------------------------


def _quoted(mail: Mail, ours: Ours, least: int) -> list[_Block]:
    """The runs of ours that are quoted, in the order of the mail."""
    passages = _passages(mail, _blocks(mail, ours), ours)
    proven = [
        _is_proven(mail, ours, passage, least, look=number < _MOST_HEADS) for number, passage in enumerate(passages)
    ]
    for order in (range(1, len(passages)), range(len(passages) - 2, -1, -1)):
        for number in order:  # nothing stands between it and one that is proven
            other = number - 1 if order.step > 0 else number + 1
            first, last = sorted((number, other))
            proven[number] |= proven[other] and passages[first][-1].end == passages[last][0].start
    return [block for passage, known in zip(passages, proven, strict=True) if known for block in passage]


def _words_in(mail: Mail, blocks: Iterable[_Block]) -> list[bool]:
    """Of each word of the mail whether it stands in one of these runs."""
    found = [False] * len(mail.words)
    for block in blocks:
        found[block.start : block.end] = [True] * block.size
    return found


def _heads(mail: Mail, ours: Ours, blocks: Iterable[_Block]) -> tuple[set[int], list[tuple[int, int]]]:
    """The lines of the heads that lead to quotations, and the first and the last line of each quotation: one that
    follows a head of its own is another. The same line may stand in several mails and texts of ours, so where it was
    found says nothing of that."""
    heads = set[int]()
    before = [False] * len(mail.words)
    looks = _MOST_HEADS
    lines: list[tuple[int, int]] = []
    for block in blocks:
        before[block.start : block.end] = [True] * block.size
        first, last = mail.line_of[block.start], mail.line_of[block.end - 1]
        head: list[int] = []
        if looks and not (block.start and before[block.start - 1]):
            looks -= 1
            head = own_heads.lead(mail.lines, first, ours.sent)
            heads.update(head)
        if not lines or (head and min(head) > lines[-1][1]):
            lines.append((first, last))
        lines[-1] = (lines[-1][0], last)
    return heads, lines


def _is_proven(mail: Mail, ours: Ours, passage: Sequence[_Block], least: int, *, look: bool) -> bool:
    """Whether a passage is a quotation, and not a sentence that the writer has taken over."""
    if sum(block.size for block in passage) >= least:
        return True
    if any(mail.marked(mail.line_of[word]) for block in passage for word in (block.start, block.end - 1)):
        return True
    return look and bool(own_heads.lead(mail.lines, mail.line_of[passage[0].start], ours.sent))


def _blocks(mail: Mail, ours: Ours) -> list[_Block]:
    """The runs of ours, in the order of the mail, none within another."""
    words, theirs = mail.words, ours.words
    blocks: list[_Block] = []
    places = ours.places(words)
    known = bytes(map(places.__contains__, _runs(words)))
    start = 0
    while (start := known.find(True, start)) >= 0:
        before = blocks[-1] if blocks else None
        at = ours.place(places[tuple(words[start : start + _RUN])], before.until if before else 0)
        block = _Block(start, start + _RUN, at, at + _RUN)
        while block.end < len(words) and words[block.end] == theirs[block.until]:
            block.finish(block.end + 1)
        if before is not None and block.end - before.end < _RUN:
            if _goes_on(before, start, words, ours, places[tuple(words[start : start + _RUN])]):
                start = before.end - _RUN + 1
                continue
            start += 1  # a few words behind the last run, which elsewhere in our mail follow the same words: chance
            continue
        _meet(block, before, words, ours)
        blocks.append(block)
        start = max(block.end - _RUN + 1, start + 1)
    found = [block for block in blocks if block.size > 0]
    _join(mail, ours, found)
    for number, block in enumerate(found):
        _to_lines(mail, ours, block, found[number - 1 : number] if number else (), found[number + 1 : number + 2])
    return [block for block in found if block.size > 0]


def _goes_on(run: _Block, start: int, words: Sequence[str], ours: Ours, places: Sequence[int]) -> bool:
    """Two mails of ours begin alike, and the run was taken for the wrong one's: the other has all of it and goes on as
    the mail does, beyond the words [start, start + _RUN), which stand in these places. The run becomes that one's."""
    theirs = ours.words
    for place in places[:_ALIKE]:
        at = place - (start - run.start)
        if at < 0 or theirs[at:place] != words[run.start : start]:
            continue
        run.at, run.end, run.until = at, start + _RUN, place + _RUN
        while run.end < len(words) and words[run.end] == theirs[run.until]:
            run.finish(run.end + 1)
        return True
    return False


def _meet(block: _Block, before: _Block | None, words: Sequence[str], ours: Ours) -> None:
    """Where a run begins: as far back as the one before it lets it. No word of ours is used twice: what the run before
    has taken too much was typed once more."""
    floor, used = 0, 0
    if before is not None:
        floor = before.end
        if block.start < floor:
            block.begin(floor)
        if ours.text_of(before.at) == ours.text_of(block.at):
            twice = before.until - block.at
            if 0 < twice < _RUN:
                before.finish(max(before.start, before.end - twice))
            used = before.until if before.until <= block.at else 0
    while block.start > floor and block.at > used and words[block.start - 1] == ours.words[block.at - 1]:
        block.begin(block.start - 1)


def _join(mail: Mail, ours: Ours, blocks: list[_Block]) -> None:
    """Words that a program has divided ("batang kab") or joined: the same letters in the same place."""
    for before, block in pairwise(blocks):
        if 0 < block.start - before.end <= _DIVIDED and 0 < block.at - before.until <= _DIVIDED:
            here, there = mail.words[before.end : block.start], ours.words[before.until : block.at]
            if "".join(here) == "".join(there):
                block.start, block.at = before.end, before.until


def _to_lines(mail: Mail, ours: Ours, block: _Block, before: Sequence[_Block], after: Sequence[_Block]) -> None:
    """Few words at the end of a run that stand on a line of their own may be the writer's, who happens to write what we
    wrote next ("Terima kasih"): ours only where they are a whole line of ours, or marked as quoted."""
    while block.size > 0 and not (after and after[0].start == block.end):
        number = mail.line_of[block.end - 1]
        first = mail.first[number]
        whole = block.end == mail.last[number] and block.until in ours.ends
        if first <= block.start or block.end - first >= _RUN or whole or mail.marked(number):
            break
        block.finish(first)
    while block.size > 0 and not (before and before[0].end == block.start):
        number = mail.line_of[block.start]
        last = mail.last[number]
        whole = block.start == mail.first[number] and block.at in ours.begins
        if last >= block.end or last - block.start >= _RUN or whole or mail.marked(number):
            break
        block.begin(last)


def _passages(mail: Mail, blocks: Sequence[_Block], ours: Ours) -> list[list[_Block]]:
    """Runs that follow each other here as they do in one text of ours: one quotation, whatever stands between."""
    found: list[list[_Block]] = []
    for block in blocks:
        last = found[-1][-1] if found else None
        if last is not None and ours.text_of(last.at) == ours.text_of(block.at) and last.until <= block.at:
            found[-1] += [*_fill(mail, ours, last, block), block]
        else:
            found.append([block])
    return found


def _fill(mail: Mail, ours: Ours, before: _Block, block: _Block) -> list[_Block]:
    """Short lines of ours between two runs of a passage, with a writer's words around them: whole lines only, in our
    order, each once."""
    found: list[_Block] = []
    if before.end == block.start or before.until == block.at:
        return found
    used = before.until
    for number in range(mail.line_of[before.end], mail.line_of[block.start - 1] + 1):
        first, last = mail.first[number], mail.last[number]
        if first < before.end or last > block.start or not 0 < last - first <= _LINE:
            continue
        places = ours.lines.get(tuple(mail.words[first:last]), [])
        next_one = bisect_left(places, used)
        if next_one < len(places) and places[next_one] + last - first <= block.at:
            used = places[next_one] + last - first
            found.append(_Block(first, last, places[next_one], used))
    return found


# --- what is left ---------------------------------------------------------------------------------------------


def _put_together(mail: Mail, mine: Sequence[bool], heads: set[int], passages: Sequence[tuple[int, int]]) -> Apart:
    above: list[str] = []
    between: list[str] = []
    below: list[str] = []
    wordless: list[str] = []  # lines since the last one with words: the writer's if the next words are
    seen = False
    for number, line in enumerate(mail.lines):
        words = range(mail.first[number], mail.last[number])
        quoted = number in heads or any(mine[word] for word in words)
        if not quoted and not words and (_DRESSING.fullmatch(line) or _FOOTNOTE.match(line)):
            wordless.append("" if mail.marked(number) or not line.isascii() else line.rstrip())
            continue
        if not quoted:
            (below if seen else above).extend([*wordless, line])
            wordless = []
            continue
        parts = [] if number in heads else _unquoted(mail, mine, number)
        if parts and not seen and not mine[words[0]]:
            above += [*wordless, parts.pop(0)]  # his words, and ours behind them on the same line
        between += [*below, ""]
        below = []
        if parts and not mine[words[-1]]:
            below = [parts.pop()]
        between += parts
        wordless = [""]
        seen = True
    parts = [_MANY.sub("\n\n", "\n".join(lines)).strip("\n") for lines in (above, between, below)]
    rest = "\n\n".join(part for part in parts if part.strip())
    within = _within(mail, mine, heads, passages)
    return Apart(True, rest, above=parts[0], between=parts[1], below=parts[2], within=within)


def _within(mail: Mail, mine: Sequence[bool], heads: set[int], passages: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Of each quotation the lines between its first and its last that hold no word of it."""
    found = []
    for first, last in passages:
        lines = []
        for number in range(first, last + 1):
            words = range(mail.first[number], mail.last[number])
            if words and number not in heads and not any(mine[word] for word in words):
                lines.append(mail.lines[number])
        found.append("\n".join(lines))
    return tuple(found)


def _unquoted(mail: Mail, mine: Sequence[bool], number: int) -> list[str]:
    """The parts of a line that are not quoted."""
    parts = []
    line, begin = mail.lines[number], 0
    words = range(mail.first[number], mail.last[number])
    for word, (start, end) in zip(words, mail.places(number), strict=True):
        if mine[word]:
            if word > words[0] and not mine[word - 1]:
                parts.append(line[begin:start])
            begin = end
    if words and not mine[words[-1]]:
        parts.append(line[begin:])
    return [part.strip().lstrip(".,;:!?)*│| ").rstrip() for part in parts]
