"""The block markup of mail templates: template text → blocks → plain text. (HTML is the layout's.)

    # Heading            ## Subheading          ordinary lines are a paragraph, "\\" ends a line hard
    ! warning            - list item            | label | value            **bold**
    -> label | mailto:… | what to reply | hint                        a button; ~> the same as a small link
    => label | mailto:… | line | line           one entry of a list of things, each with what there is to tell of it
    % label | percent | tone | value | note     a bar of a chart; its tone is good, fair, bad or plain
    ''' words of a person, as the mail's own text      \"\"\" caption: words passed on, set apart as a quote
    ``` text to copy as it is (each of the three ends with its own fence)
    ---                  what follows is small print

Values are opaque. The template engine puts each value into a list and leaves a token in the text
(`token`). Blocks are read from the template's own text alone. Values are put in afterwards. So no value
can become a heading, a link, a table row or the end of a quote, whatever the value contains.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, takewhile
from typing import NamedTuple

from mailbot.clean import clean, one_line, shorten
from mailbot.parsers.reply import courtesies
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

_LABEL_WIDTH = 44  # columns of a table's labels
_BAR = 20  # columns of a full bar
WIDTH = 78  # columns of our own prose: RFC 5322 section 2.1.1
INLINE_LIMIT = 2_000  # characters of one value inside a line of ours
PREVIEW_LENGTH = 140  # characters: a wide inbox shows about as many
_SHORT = 30  # characters: "Dengan hormat," is no news
WORDS_LIMIT = 500_000  # characters of words passed on; longer words belong into an attachment
CUT_NOTE = "\n" + _SAID("cut")

_OPEN, _CLOSE = "\ue000", "\ue001"
_TOKEN = re.compile(f"{_OPEN}([0-9]{{1,6}}){_CLOSE}")
_FENCES = {'"""': "quote", "```": "raw", "'''": "words"}
_MARKS = ("# ", "## ", "! ", "- ", "| ", "-> ", "~> ", "=> ", "% ", "---", *_FENCES)
_SCHEME = "mailto:"
HREF_LIMIT = 8_000  # characters
_HREF = re.compile(rf"mailto:[\x21\x23-\x26\x28-\x3b\x3d\x3f-\x7e]{{0,{HREF_LIMIT}}}")  # no quotes, no angle brackets


class MarkupError(ValueError):
    """The template's own text is not markup (or a value stands where it may not)."""


class Run(NamedTuple):
    """A piece of a line."""

    text: str
    bold: bool = False


Line = tuple[Run, ...]


class Action(NamedTuple):
    """A ready reply: `href` (a mailto: URL, or None) opens it, `command` is what to write by hand."""

    label: str
    href: str | None
    command: str
    hint: str


class Entry(NamedTuple):
    """One thing of a list: its name, which opens `href` (a mailto: URL, or None), and some lines below the name."""

    label: Line
    href: str | None
    lines: tuple[Line, ...]


class Bar(NamedTuple):
    """A bar of a chart: `percent` of the width, from 0 to 100; `tone`: good, fair, bad or plain."""

    label: Line
    percent: int
    tone: str
    value: Line
    note: Line


class Block(NamedTuple):
    """One block. Which fields are filled follows from `kind`.

    heading, subheading, paragraph, warning: `lines` (hard lines); list: `lines` (items);
    table: `rows`; actions, small_actions: `actions`; entries: `entries`; bars: `bars`; quote, raw, words: `text`, and
    `caption` of a quote; small_print: nothing, it is the border itself.
    """

    kind: str
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, Line], ...] = ()
    actions: tuple[Action, ...] = ()
    entries: tuple[Entry, ...] = ()
    bars: tuple[Bar, ...] = ()
    text: str = ""
    caption: Line = ()


def token(index: int) -> str:
    """What stands in the template's output for value number `index`."""
    return f"{_OPEN}{index}{_CLOSE}"


def has_token_characters(source: str) -> bool:
    """Whether a template's source contains the characters that only tokens may use."""
    return _OPEN in source or _CLOSE in source


def parse(source: str, values: Sequence[str]) -> list[Block]:
    """The blocks of a template's output. Raises MarkupError with the line that is at fault."""
    try:
        drafts = _kept_drafts(source) if len(source) <= _KEPT_SOURCE else _drafts(source)
    except MarkupError as error:
        raise MarkupError(filled(str(error), values)) from error
    return [draft if isinstance(draft, Fixed) else _block(draft, values) for draft in drafts]


def filled(source: str, values: Sequence[str]) -> str:
    """Plain text with its values put in, each on one line."""
    return _TOKEN.sub(lambda found: one_line(values[int(found[1])], INLINE_LIMIT), source)


# --- a template's own text, in which the numbers of the values stand ----------------------------

_Cell = tuple[str | int, ...]
_OpenLine = tuple[tuple[_Cell, bool], ...]  # pieces of a line, and whether each is bold


class _Draft(NamedTuple):
    """A block whose values are still to come. rows: the cells of a row each; a line of prose has one cell."""

    kind: str
    rows: tuple[tuple[_OpenLine, ...], ...] = ()
    text: _Cell = ()
    caption: _OpenLine = ()


class Fixed(Block):
    """A block without values: the same in each mail of its template, and the same object."""

    __slots__ = ()


def _drafts(source: str) -> tuple[_Draft | Fixed, ...]:
    """Raises MarkupError, whose text has tokens where values belong."""
    return tuple(
        Fixed(*_block(draft, ())) if _is_closed(draft) else draft for draft in _Parser(source.split("\n")).drafts()
    )


#: Characters. Of longer sources (a list of the day) hardly any comes a second time.
_KEPT_SOURCE = 4_000
# Values leave their tokens alone in a source, so that there are few: a handful for each template. Some 60 KB an entry
# at most.
_kept_drafts = lru_cache(maxsize=64)(_drafts)


def _is_closed(draft: _Draft) -> bool:
    cells = (cell for line in (draft.caption, *chain.from_iterable(draft.rows)) for cell, _ in line)
    return not any(isinstance(piece, int) for cell in (draft.text, *cells) for piece in cell)


class _Parser:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def drafts(self) -> Iterator[_Draft]:
        while self._at < len(self._lines):
            line = self._lines[self._at].strip()
            if not line:
                self._at += 1
            elif line[:3] in _FENCES:
                yield self._fenced(line)
            elif line == "---":
                self._at += 1
                yield _Draft("small_print")
            elif line.startswith("| "):
                yield _Draft("table", tuple(map(_row, self._run_of("| "))))
            elif line.startswith("-> "):
                yield _Draft("actions", tuple(map(_action, self._run_of("-> "))))
            elif line.startswith("~> "):
                yield _Draft("small_actions", tuple(map(_action, self._run_of("~> "))))
            elif line.startswith("=> "):
                yield _Draft("entries", tuple(map(_entry, self._run_of("=> "))))
            elif line.startswith("% "):
                yield _Draft("bars", tuple(map(_bar, self._run_of("% "))))
            elif line.startswith("- "):
                yield _Draft("list", tuple((_open_line(item),) for item in self._run_of("- ")))
            else:
                yield self._prose(line)

    def _run_of(self, mark: str) -> Iterator[str]:
        while self._at < len(self._lines) and (line := self._lines[self._at].strip()).startswith(mark):
            self._at += 1
            yield line[len(mark) :]

    def _prose(self, first: str) -> _Draft:
        for mark, kind in (("# ", "heading"), ("## ", "subheading")):
            if first.startswith(mark):
                self._at += 1
                return _Draft(kind, ((_open_line(first[len(mark) :]),),))
        warning = first.startswith("! ")
        self._at += 1
        hard_lines = [first.removeprefix("! ")]
        while self._at < len(self._lines):
            line = self._lines[self._at].strip()
            if not line or line.startswith(_MARKS):
                break
            self._at += 1
            if hard_lines[-1].endswith("\\"):
                hard_lines[-1] = hard_lines[-1][:-1]
                hard_lines.append(line)
            else:
                hard_lines[-1] += " " + line
        hard_lines[-1] = hard_lines[-1].removesuffix("\\")
        return _Draft("warning" if warning else "paragraph", tuple((_open_line(line),) for line in hard_lines))

    def _fenced(self, line: str) -> _Draft:
        fence, start = line[:3], self._at
        content: list[str] = []
        for inside in self._lines[start + 1 :]:
            if inside.strip() == fence:
                self._at = start + len(content) + 2
                return _Draft(_FENCES[fence], text=_cell("\n".join(content)), caption=_open_line(line[3:].strip()))
            content.append(inside)
        raise MarkupError(f"the block that begins with {fence} has no end")


def _row(row: str) -> tuple[_OpenLine, ...]:
    label, bar, value = row.partition("|")
    if not bar:
        raise MarkupError(f"a table row needs a label and a value: | {row}")
    return _open_line(label.strip()), _open_line(value.strip())


def _action(row: str) -> tuple[_OpenLine, ...]:
    cells = [cell.strip() for cell in row.split("|")]
    if not 2 <= len(cells) <= 4:
        raise MarkupError(f"an action is -> label | href | command | hint: -> {row}")
    return tuple(map(_as_written, cells + [""] * (4 - len(cells))))


def _entry(row: str) -> tuple[_OpenLine, ...]:
    cells = [cell.strip() for cell in row.split("|")]
    if len(cells) < 2:
        raise MarkupError(f"an entry is => label | href | line …: => {row}")
    return _open_line(cells[0]), _as_written(cells[1]), *map(_open_line, cells[2:])


def _bar(row: str) -> tuple[_OpenLine, ...]:
    cells = [cell.strip() for cell in row.split("|")]
    if len(cells) != 5:
        raise MarkupError(f"a bar is % label | percent | tone | value | note: % {row}")
    label, percent, tone, value, note = cells
    return _open_line(label), _as_written(percent), _as_written(tone), _open_line(value), _open_line(note)


def _open_line(source: str) -> _OpenLine:
    pieces = source.split("**")
    if len(pieces) % 2 == 0:
        raise MarkupError(f"** without its partner: {source}")
    return tuple((_cell(piece), index % 2 == 1) for index, piece in enumerate(pieces) if piece)


def _as_written(source: str) -> _OpenLine:
    """Where stars are stars."""
    return ((_cell(source), False),)


def _cell(source: str) -> _Cell:
    pieces = _TOKEN.split(source)
    return tuple(int(piece) if index % 2 else piece for index, piece in enumerate(pieces) if piece)


# --- the values put in ------------------------------------------------------------------------


def _block(draft: _Draft, values: Sequence[str]) -> Block:
    kind, rows = draft.kind, draft.rows
    match kind:
        case "table":
            return Block(kind, rows=tuple([(_line(label, values), _line(value, values)) for label, value in rows]))
        case "actions" | "small_actions":
            return Block(kind, actions=tuple([_filled_action(row, values) for row in rows]))
        case "entries":
            return Block(kind, entries=tuple([_filled_entry(row, values) for row in rows]))
        case "bars":
            return Block(kind, bars=tuple([_filled_bar(row, values) for row in rows]))
        case "quote" | "raw" | "words":
            return Block(kind, text=_words(draft.text, values), caption=_line(draft.caption, values))
        case _:
            return Block(kind, lines=tuple([_line(line, values) for (line,) in rows]))


def _filled_action(row: Sequence[_OpenLine], values: Sequence[str]) -> Action:
    label, href, command, hint = row
    shown = _plain(command, values), _plain(hint, values)
    return Action(_plain(label, values), _link(href, values), *("" if words == EMPTY else words for words in shown))


def _filled_entry(row: Sequence[_OpenLine], values: Sequence[str]) -> Entry:
    label, href, *others = row
    lines = (_line(line, values) for line in others)
    written = tuple(line for line in lines if _joined(line) not in ("", EMPTY))
    return Entry(_line(label, values), _link(href, values), written)


def _filled_bar(row: Sequence[_OpenLine], values: Sequence[str]) -> Bar:
    label, percent, tone, value, note = row
    length, said, told = _plain(percent, values), _plain(tone, values), _line(note, values)
    return Bar(
        _line(label, values),
        min(int(length), 100) if _PERCENT.fullmatch(length) else 0,
        said if said in TONES else "plain",
        _line(value, values),
        () if told in _NOTHING else told,
    )


def _link(href: _OpenLine, values: Sequence[str]) -> str | None:
    """An address is never shortened: it would lead elsewhere."""
    ((cell, _),) = href
    found = "".join([one_line(values[piece]) if isinstance(piece, int) else piece for piece in cell])
    if found in ("", EMPTY):
        return None
    if not _HREF.fullmatch(found):
        raise MarkupError(f"only {_SCHEME} links may stand in a mail, found {shorten(found, 60)!r}")
    return found


def _line(line: _OpenLine, values: Sequence[str]) -> Line:
    return tuple([Run(_text(cell, values), bold) for cell, bold in line])


def _plain(line: _OpenLine, values: Sequence[str]) -> str:
    return "".join([_text(cell, values) for cell, _ in line])


def _text(cell: _Cell, values: Sequence[str]) -> str:
    return "".join([one_line(values[piece], INLINE_LIMIT) if isinstance(piece, int) else piece for piece in cell])


def _words(cell: _Cell, values: Sequence[str]) -> str:
    text = "".join([clean(values[piece]) if isinstance(piece, int) else piece for piece in cell]).strip("\n")
    if len(text) > WORDS_LIMIT:
        return text[:WORDS_LIMIT] + CUT_NOTE
    return text


TONES = ("good", "fair", "bad")
_PERCENT = re.compile(r"[0-9]{1,3}")
EMPTY = "–"  # shown for a value that is not known
_NOTHING = ((), (Run(""),), (Run(EMPTY),))


# --- what the layouts share -----------------------------------------------------------------


def preview(blocks: Sequence[Block], *, in_subject: bool = False) -> str:
    """One line for the list of an inbox: the heading, then what the mail says first after the salutation. in_subject:
    the subject begins with the heading, which then only takes the room of what comes behind it.

    Words passed on are left out: a list is read over shoulders, and a locked telephone shows it too.
    """
    opening = list(takewhile(lambda block: block.kind not in ("quote", "raw", "words", "subheading"), blocks))
    heading = [f"{_spoken(block)}." for block in opening if block.kind == "heading"]
    prose = [_spoken(block) for block in opening if block.kind in ("paragraph", "warning")]
    said = [words for words in prose if len(words) >= _SHORT and not courtesies.is_salutation(words)]
    rows = [_spoken(block) for block in opening if block.kind == "table"]
    told = said or rows
    return shorten(" ".join(told if told and in_subject else heading + told), PREVIEW_LENGTH)


def _spoken(block: Block) -> str:
    if block.kind == "table":
        return "; ".join(f"{_joined(label)}: {_joined(value)}" for label, value in block.rows if value)
    return " ".join(map(_joined, block.lines))


def kept_spaces(text: str) -> str:
    """Words for HTML. Their columns stay, also in programs that ignore `white-space`."""
    text = text.expandtabs(4).replace("  ", " \u00a0").replace("\n ", "\n\u00a0")
    return f"\u00a0{text[1:]}" if text.startswith(" ") else text


# --- plain text -----------------------------------------------------------------------------


def to_text(blocks: Iterable[Block]) -> str:
    """The plain text alternative: UTF-8, our own prose at most WIDTH columns, words as written."""
    return "".join(
        [_kept_text(block) if isinstance(block, Fixed) else _text_of(block) for block in blocks]
    ).removesuffix("\n\n")


def _text_of(block: Block) -> str:
    return "\n".join(_text_lines(block)) + ("\n" if block.kind == "subheading" else "\n\n")


_kept_text = lru_cache(maxsize=256)(_text_of)  # of templates' own words alone


def _text_lines(block: Block) -> list[str]:
    match block.kind:
        case "heading":
            lines = _wrapped(_joined(block.lines[0]))
            return [*lines, "=" * max(map(len, lines), default=0)]
        case "subheading":
            lines = _wrapped(_joined(block.lines[0]))
            return [*lines, "-" * max(map(len, lines), default=0)]
        case "warning":
            return _wrapped("PERHATIAN: " + " ".join(map(_joined, block.lines)))
        case "list":
            return [line for item in block.lines for line in _wrapped(_joined(item), "- ", "  ")]
        case "table":
            return _text_table(block.rows)
        case "actions" | "small_actions":
            return [line for action in block.actions for line in _wrapped(_instruction(action), "- ", "  ")]
        case "entries":
            return [line for entry in block.entries for line in _text_entry(entry)]
        case "bars":
            return _text_bars(block.bars)
        case "quote":
            caption = _wrapped(_joined(block.caption)) if block.caption else []
            return [*caption, *(f"│ {line}".rstrip() for line in block.text.split("\n"))]
        case "raw" | "words":
            return block.text.split("\n")
        case "small_print":
            return ["-- "]  # RFC 3676 section 4.3: readers leave out of a reply what follows
        case _:
            return [wrapped for line in block.lines for wrapped in _wrapped(_joined(line))]


def _text_table(rows: Iterable[tuple[Line, Line]]) -> list[str]:
    pairs = [(_joined(label), _joined(value)) for label, value in rows]
    width = min(max(len(label) for label, _ in pairs), _LABEL_WIDTH)
    lines: list[str] = []
    for label, value in pairs:
        lead = f"  {label:<{width}} : "
        lines += _wrapped(value, lead, " " * (width + 5)) or [lead.rstrip()]
    return lines


def _text_bars(bars: Sequence[Bar]) -> list[str]:
    """Label, bar and value on a line where all labels leave room for that, else below one another."""
    labels = [_joined(bar.label) for bar in bars]
    width = max(map(len, labels))
    short = width + _BAR + max(len(_joined(bar.value)) for bar in bars) + 6 <= WIDTH
    lines: list[str] = []
    for label, bar in zip(labels, bars, strict=True):
        filled = round(_BAR * bar.percent / 100) or int(bar.percent > 0)
        drawn = "█" * filled + "░" * (_BAR - filled)
        if short:
            lines += [f"  {label:<{width}}  {drawn}  {_joined(bar.value)}"]
        else:
            lines += [*_wrapped(label, "  ", "  "), *_wrapped(_joined(bar.value), f"  {drawn}  ", " " * (_BAR + 4))]
        if bar.note:
            lines += _wrapped(_joined(bar.note), "    ", "    ")
    return lines


def _text_entry(entry: Entry) -> list[str]:
    lines = _wrapped(_joined(entry.label), "  ", "  ")
    return lines + [wrapped for line in entry.lines for wrapped in _wrapped(_joined(line), "    ", "    ")]


def _instruction(action: Action) -> str:
    if action.command:
        said = _SAID("reply_with", label=action.label, command=action.command)
    else:
        said = _SAID("reply", label=action.label)
    return f"{said} ({action.hint})" if action.hint else said


def _joined(line: Line) -> str:
    return "".join(run.text for run in line)


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """The lines of a text within WIDTH columns; words stay whole. first, rest: what stands before the lines."""
    if not text.isprintable() or "  " in text or text != text.strip() or not text:
        return _wrapped_with_white_space(text, first, rest)
    lines = []
    while len(first) + len(text) > WIDTH:
        end = text.rfind(" ", 0, max(WIDTH - len(first) + 1, 0))
        if end < 0 and (end := text.find(" ")) < 0:
            break
        lines.append(first + text[:end])
        first, text = rest, text[end + 1 :]
    return [*lines, first + text]


def _wrapped_with_white_space(text: str, first: str, rest: str) -> list[str]:
    """The same where there is more between the words than one space each: it takes eight times as long."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
