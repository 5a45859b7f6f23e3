"""Holds each printed paper against its text in tests/fixtures/papers, cell by cell and letter by letter.

    python -m tests.papers        what differs, and every mended word with what the copy has and why

NAME.txt is the copy, untouched. Where its lines run through several cells (a scan, a table cut by pages),
NAME.cells.txt is the same text with ⟦row.column⟧ before what belongs to a cell, a letter after it for the parts of one
cell that stand out of order, and ⟦-⟧ before what is no word: lines and symbols that the scanner took for letters.

Compared is what `mailbot sop NAME --format html` prints: its notes tell what the copy has in the place of each mended
word; with these put back, the cells must be the copy's. White space and the copy's markup (**, <i>) are no letters.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from click.testing import CliRunner

from mailbot.cli.main import main
from tests import ROOT
from tests.page import Element, tree

FOLDER = ROOT / "tests" / "fixtures" / "papers"
NAMES = ("015", "telepon", "loket", "email-batam", "lpse-support")

Row = tuple[str, ...]

_KEY = re.compile(r"⟦(-|\d+\.\d[a-z]?)⟧")
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_MARKUP = re.compile(r"</?[biu]>|\*+|^#+ ")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mended word: its note's number, what is printed, what the copy has, why."""

    number: int
    printed: str
    copy: str
    reason: str


def copy(name: str) -> list[Row]:
    """The rows of the copy."""
    cells = FOLDER / f"{name}.cells.txt"
    rows = _by_key(cells.read_text()) if cells.exists() else _by_tab((FOLDER / f"{name}.txt").read_text())
    return _without_repeated_head(rows)


def print_of(name: str, form: str = "html") -> str:
    """What the command prints."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # away from any config.yaml
        return CliRunner().invoke(main, ["sop", name, "--format", form], catch_exceptions=False).stdout


def marks(page: Element) -> dict[int, Mark]:
    """The notes at the foot of the page."""
    (notes,) = [section for section in page.all("section") if "notes" in section.classes]
    found, reason = {}, ""
    for element in notes.all("h3", "li"):
        if element.tag == "h3":
            reason = _words(element.text)
            continue
        number = int(element.attributes["id"].removeprefix("catatan-"))
        printed, had = ("".join(_words(one.text) for one in element.all(tag)) for tag in ("b", "q"))
        found[number] = Mark(number, printed, had, reason)
    return found


def rows(page: Element, *, copied: bool = True) -> list[Row]:
    """The rows of the printed paper as the copy has them, each mended word put back; or, not `copied`, as printed."""
    notes = marks(page)
    if not copied:
        notes = {number: replace(mark, copy=mark.printed) for number, mark in notes.items()}
    (paper,) = [article for article in page.all("article") if "paper" in article.classes]
    return [row for row in map(_row, _rows(paper, notes)) if row]


def differences(name: str, page: str | None = None) -> list[str]:
    """What differs beside the marks; none where the print is true to its copy."""
    found = rows(tree(page or print_of(name)))
    wanted = copy(name)
    told = [f"{name}: copy {want!r}, print {have!r}" for want, have in zip(wanted, found, strict=False) if want != have]
    if len(wanted) != len(found):
        told.append(f"{name}: {len(wanted)} rows in the copy, {len(found)} in the print")
    return told


def markdown_rows(printed: str) -> list[Row]:
    """The rows of a paper printed as Markdown."""
    found: list[Row] = []
    own = False  # whether the last column of this table is mailbot's
    for line in printed[: printed.index("\n## Catatan pada cetakan")].splitlines()[1:]:
        if re.fullmatch(r"(\| (--- )?)+\|", line) or line.startswith("> "):
            continue
        plain = re.sub(r"\[(\d+)\]\(#[^)]*\)", r"\1", re.sub(f"[{_RAISED}●]|<br>$|\\*\\*|^#+ ", "", line))
        cells = re.split(r"(?<!\\)\|", plain)[1:-1] if line.startswith("|") else [plain]
        own = line.startswith("|") and (own or cells[-1].strip() == "Dengan mailbot")
        read = _row([re.sub(r"\\(.)", r"\1", cell.replace("<br>", " ")) for cell in (cells[:-1] if own else cells)])
        found += [read] if read else []
    return found


# --- the copy --------------------------------------------------------------------------------------------


def _by_tab(text: str) -> list[Row]:
    found = (_row(_MARKUP.sub("", line).split("\t")) for line in text.split("\n"))
    return [row for row in found if row]


def _by_key(text: str) -> list[Row]:
    pieces: dict[tuple[int, int, str], list[str]] = {}
    _, *keyed = _KEY.split(text)
    for key, words in zip(keyed[::2], keyed[1::2], strict=True):
        if key != "-":
            row, column = key.split(".")
            pieces.setdefault((int(row), int(column[0]), column[1:]), []).append(_MARKUP.sub("", words))
    table: dict[int, dict[int, str]] = {}
    for (row, column, _), parts in sorted(pieces.items()):
        cells = table.setdefault(row, {})
        cells[column] = f"{cells.get(column, '')} {' '.join(parts)}"
    return [_row([cells.get(column, "") for column in range(max(cells) + 1)]) for cells in table.values()]


def _without_repeated_head(found: Sequence[Row]) -> list[Row]:
    """The head of a table is printed once, however many pages it has on paper: its first row tells a second one."""
    kept: list[Row] = []
    skip = 0
    for row in found:
        if row[:2] == ("No", "Aktivitas") and row in kept:
            skip = 2
        if skip:
            skip -= 1
        else:
            kept.append(row)
    return kept


# --- the print -------------------------------------------------------------------------------------------


def _rows(paper: Element, notes: dict[int, Mark]) -> Iterator[list[str]]:
    for element in paper.all("h1", "h2", "h3", "p", "dl", "li", "table"):
        if any("added" in around.classes for around in element.line):
            continue
        if element.tag == "table":
            yield from _cells(element, notes)
        elif element.tag == "dl":
            for label, value in zip(element.all("dt"), element.all("dd"), strict=True):
                yield [f"{_as_copied(label, notes)} {_as_copied(value, notes)}"]
        else:
            yield from ([line] for line in _as_copied(element, notes).split("\n"))


def _cells(table: Element, notes: dict[int, Mark]) -> Iterator[list[str]]:
    """A table's rows; what a cell covers beside the first place is empty."""
    covered: dict[int, int] = {}  # column → rows below that a cell above still takes
    for row in table.all("tr"):
        found: list[str] = []
        for cell in row.all("th", "td"):
            if "added" in cell.classes:
                continue
            while covered.get(len(found)):
                covered[len(found)] -= 1
                found.append("")
            wide = int(cell.attributes.get("colspan", 1))
            deep = int(cell.attributes.get("rowspan", 1))
            for column in range(len(found), len(found) + wide):
                covered[column] = deep - 1
            found += [_as_copied(cell, notes), *[""] * (wide - 1)]
        for column in range(len(found), max(covered, default=-1) + 1):
            covered[column] = max(0, covered[column] - 1)
        yield found


def _as_copied(element: Element, notes: dict[int, Mark]) -> str:
    """The words of an element as its copy has them, with its line ends."""
    if "mended" in element.classes:
        (note,) = element.all("sup")
        mark = notes[int(note.text)]
        read = _words("".join(piece for place, piece in element.pieces if all(e.tag != "sup" for e in place.line)))
        assert read == mark.printed, f"note {mark.number} is of {mark.printed!r}, printed is {read!r}"
        return mark.copy
    assert element.tag != "sup", "a mark that belongs to no word"
    parts = (_as_copied(child, notes) if isinstance(child, Element) else child for child in element.children)
    return "\n" if element.tag == "br" else "".join(parts)


def _row(cells: Sequence[str]) -> Row:
    """White space is no letter; what is empty at the end is no cell."""
    found = [_words(cell) for cell in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _words(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    for paper_name in NAMES:
        printed_page = print_of(paper_name)
        print(f"\n{paper_name}: {len(copy(paper_name))} rows")
        for difference in differences(paper_name, printed_page):
            print(f"  DIFFERS {difference}")
        for mark in marks(tree(printed_page)).values():
            print(f"  {mark.number:3} {mark.printed!r}: the copy has {mark.copy!r} ({mark.reason})")
