"""A table as an Excel file that an office prints and signs: A4 landscape, its head on each page, a signature block.

The only importer of XlsxWriter, and only when a file is made: the command line starts without it. What stands in a mail
is anybody's, so every cell of words is written as words: no formula, no link, no number, no hidden character.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mailbot.clean import clean, one_line
from mailbot.reports import arial, csvfile
from mailbot.sentences import Sentences

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_SAID = Sentences(__file__)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIX = ".xlsx"
#: How a day stands in the cells that this is given, and in the file.
DAY, _DAY_SHOWN = "%d/%m/%Y", "dd/mm/yyyy"

_FONT = "Arial"
_SIZE, _SMALL = 9, 8
#: Half a page: who signs a list reads no longer texts in it. (Excel makes no row higher than 409 points, and hides what
#: has no room in it.)
_LINE_HEIGHT, _MOST_LINES = 11.25, 24
#: Letters without width (accents upon accents) take no line either.
_MOST_LETTERS = 10_000
_A4 = 9
_MARGINS = {"left": 0.6, "right": 0.4, "top": 0.6, "bottom": 0.7}  # inches; the left one is for the holes
_ROOM_TO_SIGN = "\n" * 6
_LONGEST_FOOTER = 90  # characters; Excel takes 255 with its codes


@dataclass(frozen=True, slots=True)
class Column:
    """width: as Excel counts it, digits of its usual font. kind: number and day are cells that sort as such."""

    heading: str
    width: float
    kind: str = "text"  # text | number | day | code (text in the middle, such as a number that is none)


@dataclass(frozen=True, slots=True)
class Signer:
    """above: "Mengetahui," or a place and a day. title: in what capacity. name: "": left to be written by hand."""

    above: str
    title: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One worksheet. about: (label, value) under the title. rows: texts in the columns' order; nothing: what stands in
    their place. numbered: whether the columns' numbers stand above their headings, as on the paper. key: what the
    columns mean, below the table; beside it who signs, on the left and on the right: each over the columns from..to."""

    name: str
    title: str
    about: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    nothing: str
    numbered: bool = False
    key: Sequence[str] = ()
    key_to: int = 0
    signers: Sequence[tuple[int, int, Signer]] = field(default=())


def workbook(pages: Sequence[Page], *, title: str, organisation: str, at: datetime, state: str) -> bytes:
    """The whole file; the same bytes for the same values. state: as of when, for the foot of each page."""
    from xlsxwriter.workbook import Workbook

    out = io.BytesIO()
    book = Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": _FONT, "font_size": _SIZE},
        },
    )
    created = at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": one_line(title), "author": one_line(organisation), "created": created})
    looks = _Looks(book)
    for page in pages:
        _Printer(book.add_worksheet(page.name), looks, page).print(f"{organisation} · {state}")
    book.close()
    return out.getvalue()


class _Looks:
    """The formats of one workbook."""

    def __init__(self, book: Workbook) -> None:
        frame = {"border": 1, "valign": "top", "text_wrap": True}
        middle = {"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
        self._book = book
        self.title = self._made(bold=True, font_size=13, align="center", valign="vcenter", text_wrap=True)
        self.label = self._made(bold=True)
        self.value = self._made()
        self.number = self._made(**middle | {"font_size": _SMALL}, italic=True)
        self.heading = self._made(**middle, bold=True, bg_color="#E7E6E6")
        self.nothing = self._made(**middle)
        self.cells = {
            "text": self._made(**frame, align="left"),
            "code": self._made(**frame, align="center"),
            "number": self._made(**frame, align="center"),
            "day": self._made(**frame, align="center", num_format=_DAY_SHOWN),
        }
        # Says that what follows is text, also to who edits the cell later: else Excel would then calculate it.
        self.quoted = self._made(**frame, align="left", quote_prefix=True)
        self.key = self._made(font_size=_SMALL, valign="top", text_wrap=True)
        self.signing = self._made(align="center", valign="top", text_wrap=True)
        self.strong = self._made(bold=True, underline=1)
        self.plain = self._made()

    def _made(self, **properties: Any) -> Format:
        return self._book.add_format({"font_name": _FONT, "font_size": _SIZE, **properties})


class _Printer:
    """One worksheet, from above."""

    def __init__(self, sheet: Worksheet, looks: _Looks, page: Page) -> None:
        self.sheet, self.looks, self.page = sheet, looks, page
        self.last = len(page.columns) - 1
        self.row = 0

    def print(self, foot: str) -> None:
        for position, column in enumerate(self.page.columns):
            self.sheet.set_column(position, position, column.width)
        self._title()
        head = self.row
        self._headings()
        self._rows()
        self._signing()
        self._paper(head, foot)

    def _title(self) -> None:
        self.sheet.merge_range(0, 0, 0, self.last, one_line(self.page.title), self.looks.title)
        self.sheet.set_row(0, 22)
        for position, (label, value) in enumerate(self.page.about, 1):
            self.sheet.write_string(position, 0, one_line(label), self.looks.label)
            self.sheet.write_string(position, 2, f": {one_line(value)}", self.looks.value)
        self.row = len(self.page.about) + 2

    def _headings(self) -> None:
        if self.page.numbered:
            for position in range(len(self.page.columns)):
                self.sheet.write_number(self.row, position, position + 1, self.looks.number)
            self.row += 1
        for position, column in enumerate(self.page.columns):
            self.sheet.write_string(self.row, position, column.heading, self.looks.heading)
        self.sheet.set_row(self.row, 26)
        self.row += 1

    def _rows(self) -> None:
        begun = self.row
        for cells in self.page.rows:
            heights = [
                self._cell(position, column, value)
                for position, (column, value) in enumerate(zip(self.page.columns, cells, strict=True))
            ]
            self.sheet.set_row(self.row, max(heights) * _LINE_HEIGHT + 3)
            self.row += 1
        if self.page.rows:
            self.sheet.autofilter(begun - 1, 0, self.row - 1, self.last)
            # A telephone number is text that looks like a number, and means to be.
            self.sheet.ignore_errors({"number_stored_as_text": f"A{begun + 1}:XFD{self.row}"})
        else:
            self.sheet.merge_range(self.row, 0, self.row, self.last, self.page.nothing, self.looks.nothing)
            self.sheet.set_row(self.row, 40)
            self.row += 1

    def _cell(self, position: int, column: Column, value: str) -> int:
        """How many lines it takes."""
        look = self.looks.cells[column.kind]
        if column.kind == "number" and value.isascii() and value.isdigit():
            self.sheet.write_number(self.row, position, int(value), look)
        elif column.kind == "day" and (day := _day(value)) is not None:
            self.sheet.write_datetime(self.row, position, day, look)
        elif not value:
            self.sheet.write_blank(self.row, position, None, look)
        else:
            text = fitted(value, column.width)
            self.sheet.write_string(self.row, position, text, self.looks.quoted if csvfile.is_formula(text) else look)
            return sum(1 for _ in arial.wrapped(text, _SIZE, _room(column.width)))
        return 1

    def _signing(self) -> None:
        """One row, so that no page break can part a signature from its name."""
        self.sheet.set_row(self.row, 8)
        self.row += 1
        heights = [len(self.page.key)]
        if self.page.key:
            self.sheet.merge_range(self.row, 0, self.row, self.page.key_to, "\n".join(self.page.key), self.looks.key)
        for first, last, signer in self.page.signers:
            above = f"{one_line(signer.above)}\n{one_line(signer.title)}{_ROOM_TO_SIGN}"
            name = one_line(signer.name)
            words = (self.looks.strong, name) if name else (self.looks.plain, _SAID("no_name"))
            below = f"\n{_SAID('number')}"
            self.sheet.merge_range(self.row, first, self.row, last, "", self.looks.signing)
            parts = (self.looks.plain, above, *words, self.looks.plain, below)
            self.sheet.write_rich_string(self.row, first, *parts, self.looks.signing)
            room = sum(_room(column.width) for column in self.page.columns[first : last + 1])
            heights.append(sum(1 for _ in arial.wrapped(f"{above}{words[1]}{below}", _SIZE, room)))
        self.sheet.set_row(self.row, (max(heights) + 1) * _LINE_HEIGHT)
        self.row += 1

    def _paper(self, head: int, foot: str) -> None:
        below = head + (2 if self.page.numbered else 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(_A4)
        self.sheet.set_margins(**_MARGINS)
        self.sheet.center_horizontally()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, self.row - 1, self.last)
        self.sheet.repeat_rows(head, below - 1)
        self.sheet.freeze_panes(below, 0)
        # An ampersand begins a code of Excel's.
        left = one_line(foot, _LONGEST_FOOTER).replace("&", "&&")
        self.sheet.set_footer(f"&L&8{_apart(left)}&R&8{_SAID('page', number='&P', count='&N')}")


def _apart(text: str) -> str:
    """A digit right behind the size of the letters would be read as part of it."""
    return f" {text}" if text[:1].isdigit() else text


def _day(value: str) -> datetime | None:
    try:
        return datetime.strptime(value, DAY)
    except ValueError:
        return None


# --- how much of a text a cell shows --------------------------------------------------------------


def fitted(value: str, width: float) -> str:
    """A text as far as one row on paper can show it in a column of this width, with a remark where it is cut."""
    text = clean(value).strip("\n")
    lines = list(itertools.islice(arial.wrapped(text[:_MOST_LETTERS], _SIZE, _room(width)), _MOST_LINES + 1))
    if len(lines) <= _MOST_LINES and len(text) <= _MOST_LETTERS:
        return text
    return f"{_begun(text, lines[: _MOST_LINES - 1])}\n{_SAID('cut')}"


def _begun(text: str, lines: Sequence[str]) -> str:
    """The text as far as these lines of it go, with its own line ends and no others."""
    end = 0
    for line in lines:
        end += len(line)
        end += text[end : end + 1] == "\n"
    return text[:end].rstrip()


def _room(width: float) -> float:
    """Points for the words in a column: its pixels at 96 to the inch without what Excel keeps free, and a little."""
    return ((width * 7 + 5) - 8) * 0.75 * 0.97
