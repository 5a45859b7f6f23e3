#!/usr/bin/env python3
"""Writes mailbot/templates/formulir.docx: the Formulir Konsultasi of the SOP for telephone consultations, with fields.

    python scripts/formulir.py          writes it anew
    python scripts/formulir.py --check  only compares

Titles, parts and labels are the paper's, letter for letter. What the paper does not have stands outside its frame: the
office, both numbers (SOP telephone, step 8), and at the foot how the user came. A site changes the file in Word or puts
its own beside it (docs/configuration.md, "templates").
"""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from mailbot.templates.word_form import undated

FILE = Path(__file__).resolve().parent.parent / "mailbot" / "templates" / "formulir.docx"
FONT = "Arial"
WIDTHS = (Cm(1.0), Cm(5.4), Cm(10.6))
#: Label → field, of part A.
IDENTITY = {
    "a. Nama": "name",
    "b. Nama Instansi/Perusahaan": "organisation",
    "c. Alamat": "street",
    "d. Nomor Telepon/HP": "phone",
}


def main() -> int:
    raw = made()
    if "--check" in sys.argv[1:]:
        same = FILE.read_bytes() == raw
        print(f"{FILE.name} is {'what' if same else 'not what'} {Path(__file__).name} makes")
        return 0 if same else 1
    FILE.write_bytes(raw)
    return 0


def made() -> bytes:
    document = Document()
    _page(document)
    _letterhead(document)
    _numbers(document)
    _form(document)
    _signature(document)
    _foot(document)
    out = io.BytesIO()
    document.save(out)
    return undated(out.getvalue())


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.2), Cm(1.8)
    section.top_margin, section.bottom_margin = Cm(1.5), Cm(1.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(0)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = "Formulir Konsultasi", "", ""
    properties.created = properties.modified = datetime(2026, 11, 1)


def _letterhead(document: Any) -> None:
    _line(document, "{{ office }}", size=14, bold=True, centred=True)
    contact = "{{ office_street }}{% if office_phone %} · Telp. {{ office_phone }}{% endif %}"
    ruled = _line(document, contact, size=9, centred=True)
    _border(ruled._p.get_or_add_pPr(), "w:pBdr", "bottom", 12)
    ruled.paragraph_format.space_after = Pt(10)


def _numbers(document: Any) -> None:
    for label, name in (("Nomor Formulir Konsultasi", "form_number"), ("Nomor Tiket", "ticket_number")):
        line = _line(document, f"{label}\t: {{{{ {name} }}}}", size=9.5)
        line.paragraph_format.tab_stops.add_tab_stop(Cm(5.2))
    line.paragraph_format.space_after = Pt(6)


def _form(document: Any) -> None:
    table = document.add_table(rows=0, cols=3)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    title = _row(table, 1)[0]
    _fill(title, "FORM KONSULTASI PENGGUNA SPSE", bold=True, centred=True, size=12)
    _shade(title)
    for label, name in (("Hari/Tanggal Konsultasi", "date"), ("Waktu", "time")):
        cells = _row(table, 2)
        _fill(cells[0], label)
        _fill(cells[1], f": {{{{ {name} }}}}")
    _part(table, "A.", "IDENTITAS PENGGUNA SPSE")
    for label, name in IDENTITY.items():
        cells = _row(table, 3)
        _fill(cells[1], label)
        _fill(cells[2], f": {{{{ {name} }}}}")
    for letter, heading, name, height in (
        ("B.", "PERMASALAHAN", "problem", Cm(5.2)),
        ("C.", "JAWABAN/SOLUSI PERMASALAHAN", "solution", Cm(5.2)),
    ):
        _part(table, letter, heading)
        row = table.add_row()
        row.height, row.height_rule = height, WD_ROW_HEIGHT_RULE.AT_LEAST
        _widths(row)
        cell = row.cells[0].merge(row.cells[2])
        _fill(cell, f"{{{{ {name} }}}}")


def _part(table: Any, letter: str, heading: str) -> None:
    row = table.add_row()
    _keep_with_next(row)
    _widths(row)
    _fill(row.cells[0], letter, bold=True)
    _fill(row.cells[1].merge(row.cells[2]), heading, bold=True)


def _row(table: Any, cells: int) -> list[Any]:
    """A row of three cells, of which the first are one where fewer are wanted."""
    row = table.add_row()
    _widths(row)
    if cells == 3:
        return list(row.cells)
    first = row.cells[0].merge(row.cells[3 - cells])
    return [first, *list(row.cells)[4 - cells :]]


def _widths(row: Any) -> None:
    for cell, width in zip(row.cells, WIDTHS, strict=True):
        cell.width = width


def _signature(document: Any) -> None:
    for words, before in (("Pemberi Penjelasan", 14), ("( {{ giver or '……………………………………' }} )", 56)):
        line = _line(document, words, centred=True)
        line.paragraph_format.left_indent = Cm(9.5)
        line.paragraph_format.space_before = Pt(before)
        line.paragraph_format.keep_with_next = words[0] != "("


def _foot(document: Any) -> None:
    foot = document.sections[0].footer
    line = foot.paragraphs[0]
    line.paragraph_format.tab_stops.clear_all()
    line.paragraph_format.tab_stops.add_tab_stop(Cm(17.0), 2)
    how = (
        "Melalui {{ channel }}{% if queue %}, antrian {{ queue }}{% endif %}"
        "{% if address %} · {{ address }}{% endif %}"
        "{% if userid %} · User ID {{ userid }}{% endif %}"
        "{% if tender_code %} · Kode tender {{ tender_code }}{% endif %}"
    )
    _run(line, how, size=8)
    second = foot.add_paragraph()
    second.paragraph_format.tab_stops.add_tab_stop(Cm(17.0), 2)
    _run(second, "Keadaan per {{ printed }}\tHalaman ", size=8)
    _number(second, "PAGE")
    _run(second, " dari ", size=8)
    _number(second, "NUMPAGES")


# --- Word's parts ---------------------------------------------------------------------------------


def _line(document: Any, text: str, *, size: float = 10.5, bold: bool = False, centred: bool = False) -> Any:
    paragraph = document.add_paragraph()
    _run(paragraph, text, size=size, bold=bold)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _run(paragraph: Any, text: str, *, size: float = 10.5, bold: bool = False) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.bold = Pt(size), FONT, bold
    return run


def _fill(cell: Any, text: str, *, size: float = 10.5, bold: bool = False, centred: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2.5)
    _run(paragraph, text, size=size, bold=bold)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for more in cell.paragraphs[1:]:  # what merging cells leaves behind
        more._p.getparent().remove(more._p)


def _keep_with_next(row: Any) -> None:
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", "E7E6E6")):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _border(properties: Any, name: str, side: str, size: int) -> None:
    borders, line = OxmlElement(name), OxmlElement(f"w:{side}")
    for key, value in (("w:val", "single"), ("w:sz", str(size)), ("w:space", "4"), ("w:color", "000000")):
        line.set(qn(key), value)
    borders.append(line)
    properties.append(borders)


def _number(paragraph: Any, code: str) -> None:
    """A field that Word counts."""
    for kind in ("begin", None, "end"):
        run = _run(paragraph, "", size=8)
        if kind is None:
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = code
            run._r.append(words)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


if __name__ == "__main__":
    sys.exit(main())
