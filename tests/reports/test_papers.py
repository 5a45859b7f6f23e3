"""Each printed paper is its copy, cell by cell and letter by letter, but for marked words (tests/papers.py)."""

from __future__ import annotations

import re
from functools import cache

import pytest

from mailbot.reports.sop import printing
from mailbot.rules.sop import paper, table
from tests import papers
from tests.page import tree

page_of = cache(papers.print_of)


@pytest.mark.parametrize("name", papers.NAMES)
def test_what_differs_from_the_copy_is_exactly_what_is_marked(name: str) -> None:
    assert papers.differences(name, page_of(name)) == []


@pytest.mark.parametrize("name", papers.NAMES)
def test_what_stands_in_cells_is_the_copy_untouched(name: str) -> None:
    cells = papers.FOLDER / f"{name}.cells.txt"
    if cells.exists():
        assert re.sub("⟦[^⟧]*⟧", "", cells.read_text()) == (papers.FOLDER / f"{name}.txt").read_text()
    assert not set("⟦⟧⁰¹²³⁴⁵⁶⁷⁸⁹") & set((papers.FOLDER / f"{name}.txt").read_text())


#: What mailbot adds on the page of the paper, and what is no word.
_NOT_PAPER = re.compile(r"<(td|th|p)[^>]*[\" ]added\".*?</\1>|<(sup|title)>.*?</\2>|<[^>]*>", re.DOTALL)


@pytest.mark.parametrize("name", papers.NAMES)
def test_one_letter_more_less_or_other_is_found(name: str) -> None:
    page = page_of(name)
    begin, end = page.index("<article"), page.index("</article>")
    words = _NOT_PAPER.sub(lambda found: "\0" * len(found[0]), page[begin:end])
    places = [begin + found.start() for found in re.finditer("[A-Za-z0-9.]", words)]
    for at in places[:: len(places) // 10]:
        for changed in ("", page[at].swapcase() if page[at].isalpha() else "?", page[at] * 2):
            assert _found(name, page[:at] + changed + page[at + 1 :]), page[at - 30 : at + 30]


def _found(name: str, page: str) -> bool:
    """A changed mended word no longer is what its note says."""
    try:
        return papers.differences(name, page) != []
    except AssertionError:
        return True


@pytest.mark.parametrize("name", papers.NAMES)
def test_markdown_has_the_cells_of_the_page(name: str) -> None:
    page = [" ".join(row) for row in papers.rows(tree(page_of(name)), copied=False)]
    assert [" ".join(row) for row in papers.markdown_rows(papers.print_of(name, "markdown"))] == page


@pytest.mark.parametrize("name", papers.NAMES)
def test_the_text_has_every_cell_of_the_page(name: str) -> None:
    shown = printing.document(table.load(), width=9000) if name == "015" else ""
    letters = _letters(shown or printing.paper(paper.load(name), name, width=9000))
    for row in papers.rows(tree(page_of(name)), copied=False):
        for cell in row:
            assert _letters(cell) in letters, cell


def _letters(text: str) -> str:
    return re.sub(r"[\s│⁰¹²³⁴⁵⁶⁷⁸⁹]", "", text)


#: Number of the note → what is printed, what the copy has; of the scan there are too many to be listed here.
SYMBOLS = {1: ("Mulai", ""), 2: ("Ya / Tidak", ""), 3: ("Selesai", "")}
MARKED = {
    "015": {
        1: ("telah dibakukan dan ditetapkan.", "tel"),
        2: ("Dukungan", ""),
        3: ("Ya / Tidak", ""),
        4: ("Selesai", ""),
    },
    "telepon": SYMBOLS,
    "email-batam": SYMBOLS,
    "lpse-support": {1: ("1.", ""), 2: ("2.", ""), 3: ("4.", "")},
}


@pytest.mark.parametrize("name", MARKED)
def test_only_what_the_copy_has_broken_is_mended(name: str) -> None:
    found = papers.marks(tree(page_of(name)))
    assert {number: (mark.printed, mark.copy) for number, mark in found.items()} == MARKED[name]


def test_of_the_scan_nothing_is_supplied_but_numbers_flow_words_and_one_word() -> None:
    found = papers.marks(tree(page_of("loket"))).values()
    supplied = [mark.printed for mark in found if not mark.copy]
    assert supplied == [*("1.", "2.", "3.", "4.", "5.", "6.", "7.", "10."), "Mulai", "pengguna", "Selesai"]


def test_who_acts_stands_under_each_performer_of_the_paper() -> None:
    printed = papers.print_of("lpse-support", "markdown")
    (line,) = [line for line in printed.splitlines() if line.startswith("| 11 | Jika dibutuhkan")]
    assert [cell.strip() for cell in line.split("|")[3:8]] == ["", "●", "●", "●", "●"]
    page = page_of("lpse-support")
    flow = page[page.index('data-step="11"') : page.index('data-step="12"')]
    assert flow.count("<rect") == 4


@pytest.mark.parametrize("name", ["015", "loket"])
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_dated_note_under_the_legal_basis_names_what_has_been_replaced(name: str, form: str) -> None:
    words = " ".join(papers.print_of(name, form).split())
    begin = words.index("Catatan mailbot per 21 November 2026")
    note = words[begin : words.index("2012." if name == "loket" else "2025.", begin)]
    assert "Peraturan Pemerintah Nomor 82 Tahun 2012 telah diganti" in note
    assert ("Peraturan Presiden Nomor 16 Tahun 2018 telah diubah" in note) == (name == "loket")
    assert ("Permen PAN Nomor PER/21/M.PAN/11/2008 telah diganti" in note) == (name == "loket")


@pytest.mark.parametrize("name", ["telepon", "loket"])
def test_where_two_papers_differ_the_print_says_which_runs(name: str) -> None:
    words = " ".join(papers.print_of(name, "markdown").split())
    assert re.search(r"(2|5) menit, SOP (loket|telepon) (5|2) menit\. Yang berlaku: ", words)
    assert "Yang berlaku, juga di loket: kedua nomor." in words
