"""LKPP's words on the whole labelled set: what is counted there, and what stands below an answer."""

from __future__ import annotations

import pytest

from bench import classification
from mailbot.rules.lkpp.classify import load_phrases

PHRASES = load_phrases()

REPORT = """Yth. Helpdesk LKPP,

Bersama ini kami sampaikan permasalahan penyedia yang belum bisa login.
Sampai saat ini masih gagal. Mohon bantuannya.

Terima kasih
LPSE Kab. Contoh"""
QUOTED = "\n".join(f"> {line}" for line in REPORT.split("\n"))
MAILS_BELOW = [
    f"\n\nPada Sen, 2 Mar 2026 pukul 09.15 LPSE <lpse@contoh.example> menulis:\n\n{QUOTED}",
    f"\n\nDari: LPSE <lpse@contoh.example>\nDikirim: Senin, 2 Maret 2026 09:15\n"
    f"Kepada: Helpdesk <helpdesk@contoh.example>\nSubjek: Eskalasi\n\n{REPORT}",
    f"\n\nOn Mon, Mar 2, 2026 at 9:15 AM LPSE <lpse@contoh.example> wrote:\n{QUOTED}",
    "\n\nHelpdesk LKPP\nDirektorat Pengembangan SPSE\nCall Center: 144 (Senin - Jumat, 08.00 - 16.00 WIB)\n"
    "Laporkan kendala Anda melalui LPSE Support\nwww.contoh.example",
    "\n\nE-mail ini bersifat rahasia dan hanya ditujukan bagi penerima. Jika Anda bukan penerima yang dimaksud, "
    "mohon segera menghapus e-mail ini.",
    "\n\nMohon tidak membalas email ini. Informasi lebih lanjut hubungi Call Center 144.\n"
    "Mohon mengisi survei kepuasan pada tautan berikut.",
]


@pytest.mark.parametrize("kind", classification.KINDS)
def test_the_held_out_part_has_no_wrong_solved_and_few_other_errors(kind: str) -> None:
    counts = classification.count("held_out", kind)
    assert counts.total > 0
    # Only numbers: a sentence shown here would be tuned on.
    right, left, wrong_solved = counts.right / counts.decided, counts.left / counts.definite, counts.wrong_solved
    assert wrong_solved == 0
    assert right >= FLOORS[kind][0]
    assert left <= FLOORS[kind][1]


#: Of the held-out part: the least share of the decided that is right, the greatest that is left to people.
FLOORS = {"sentences": (0.97, 0.25), "mails": (0.97, 0.30)}


def test_the_page_shows_the_figures_as_they_are() -> None:
    page = classification.PAGE.read_text(encoding="utf-8")
    # Compared by hand, so that a failure shows no text.
    assert (classification.page(page) == page) is True, "run python -m bench.classification --write"


@pytest.mark.parametrize("number", range(len(MAILS_BELOW)))
def test_what_stands_below_an_answer_does_not_change_its_meaning(number: int) -> None:
    """Each mail has one of them below it."""
    mail = MAILS_BELOW[number]
    for entry in classification.examples("tuning", "mails")[number :: len(MAILS_BELOW)]:
        if "Pada " not in entry.text and "From:" not in entry.text:
            alone = classification.answer(entry.text, "mails", PHRASES)
            assert classification.answer(entry.text.rstrip() + mail, "mails", PHRASES) == alone
