"""The rekap, the guest book and the Formulir Konsultasi as LibreOffice prints them (`make office`)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pytest import approx

from mailbot.reports import guestbook_files, recap, recap_xlsx
from mailbot.reports.listing import words_of_site
from mailbot.templates import word_form
from tests import ROOT
from tests.reports import printing
from tests.world import PaperWorld

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(printing.missing()), reason=printing.missing() or "all is there"),
]

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
LYING = approx((297, 210), abs=0.5)
STANDING = approx((210, 297), abs=0.5)
WORDS = (
    "Saya tidak bisa login ke SPSE sejak kemarin, sudah dicoba dua peramban.\n\nNama: Budi Santoso\nHP: 0812-3456-7890",
    "Dokumen penawaran gagal diunggah, halaman putih sesudah tombol kirim ditekan.",
    "panjang sekali " * 500,
    '=HYPERLINK("http://x.test") \u202efdp.exe\x01 <b>&amp;</b>',
)


@pytest.fixture
def office(tmp_path: Path) -> PaperWorld:
    return PaperWorld(tmp_path)


def asked(office: PaperWorld) -> recap.Asked:
    site = office.site
    return recap.Asked(site.config, words_of_site(site), site.zone, date(2026, 11, 1))


def rows(count: int) -> list[list[str]]:
    return [
        [
            *(str(number), f"{number % 28 + 1:02d}/11/2026", "pengguna.bernama.panjang@perusahaan-konstruksi.co.id"),
            *(
                f"Budi Santoso {number} (Dinas Pekerjaan Umum)",
                f"[{number:06d}] {WORDS[number % 4]}",
            ),
            *("Konsultasi", "Direktorat Pengembangan SPSE", "30/11/2026", f"Silakan dicoba lagi.\nAKHIR{number:03d}"),
            "Sari Dewi",
        ]
        for number in range(1, count + 1)
    ]


def on_paper(tmp_path: Path, name: str, raw: bytes) -> printing.Printed:
    (tmp_path / name).write_bytes(raw)
    return printing.printed(tmp_path / name)


def test_the_rekap_of_a_busy_month_fills_pages_that_can_be_signed(office: PaperWorld, tmp_path: Path) -> None:
    found = {"title": "November 2026", "sections": [{"channel": "email", "rows": rows(60)}]}
    paper = on_paper(tmp_path, "a.xlsx", recap_xlsx.of(found, asked(office), NOW, officer="Sari Dewi"))
    assert paper.size == LYING
    count = len(paper.pages)
    assert 8 <= count <= 25
    for number, page in enumerate(paper.pages, 1):
        assert f"Halaman {number} dari {count}" in page and "Keadaan per Selasa, 1 Desember 2026" in page
        assert re.search(r"Alamat E-mail\s+Nama\s+Isi Pesan\s+Kategori\s+Tujuan", page), "the head stands on each page"
        assert paper.ink(number, 5) == (True, False), f"page {number} reaches into the margin"
    every = "\n".join(paper.pages)
    assert [f"AKHIR{number:03d}" in every for number in range(1, 61)] == [True] * 60
    assert "Rekap Penanganan Permasalahan Melalui E-mail" in paper.pages[0]
    assert every.count("Mengetahui,") == 1
    for words in ("Mengetahui,", "Kepala Unit Pengelolaan LPSE", "Jamal", "Sari Dewi", "NIP.", "Keterangan :"):
        assert words in paper.pages[-1]
    assert "#" not in every, "no column is too narrow for its dates and numbers"


def test_a_month_without_tickets_is_one_page(office: PaperWorld, tmp_path: Path) -> None:
    paper = on_paper(tmp_path, "nihil.xlsx", recap_xlsx.workbook(office.store, asked(office), NOW))
    assert paper.size == LYING and len(paper.pages) == 1
    assert "NIHIL: tidak ada permasalahan yang dicatat pada November 2026." in paper.pages[0]
    assert paper.ink(1, 5) == (True, False)


def test_the_guest_book_is_as_wide_as_the_page(office: PaperWorld, tmp_path: Path) -> None:
    visit = ["1", "03/11/2026", "08.50 WIB (7 menit)", "7", "Budi Santoso", "CV Maju Jaya", "Jl. Mawar 3, Batang"]
    visit += ["0812-3456-7890\nbudi@penyedia.test", WORDS[0], "0001/FK/LPSE-BTG/XI/2026 lembar 2", "Sari Dewi"]
    raw = guestbook_files.as_xlsx([visit] * 30, office.site, date(2026, 11, 1), NOW)
    paper = on_paper(tmp_path, "tamu.xlsx", raw)
    assert paper.size == LYING and 2 <= len(paper.pages) <= 8
    assert all("Keperluan/Permasalahan" in page for page in paper.pages)
    assert paper.ink(1, 5) == (True, False)


def test_the_formulir_konsultasi_is_one_page_of_a4(tmp_path: Path) -> None:
    template = (ROOT / "mailbot" / "templates" / "formulir.docx").read_bytes()
    paper = on_paper(tmp_path, "formulir.docx", word_form.filled(template, word_form.FIELDS))
    assert paper.size == STANDING and len(paper.pages) == 1
    flat = " ".join(paper.pages[0].split())
    for words in (
        *("FORM KONSULTASI PENGGUNA SPSE", "A. IDENTITAS PENGGUNA SPSE", "a. Nama : Siti Rahmawati", "B. PERMASALAHAN"),
        *("C. JAWABAN/SOLUSI PERMASALAHAN", "Pemberi Penjelasan", "( Sari Dewi )", "Halaman 1 dari 1"),
        *("0123/FK/LPSE-BTG/XI/2026", "Sudah mencoba peramban lain."),
    ):
        assert words in flat
    assert paper.ink(1, 5) == (True, False)


def test_a_long_problem_goes_on_on_the_next_page(tmp_path: Path) -> None:
    template = (ROOT / "mailbot" / "templates" / "formulir.docx").read_bytes()
    values = {**word_form.FIELDS, "problem": f"{WORDS[3]}\n\n{'Saya tidak bisa login. ' * 300}AKHIR"}
    paper = on_paper(tmp_path, "panjang.docx", word_form.filled(template, values))
    assert len(paper.pages) == 2 and "AKHIR" in "".join(paper.pages)
    assert "Pemberi Penjelasan" in paper.pages[-1] and "( Sari Dewi )" in paper.pages[-1]
