"""Data that the user does not want passed on wait for staff: LKPP cannot give them back."""

from __future__ import annotations

import pytest

from mailbot.rules import kept_by_user
from tests.steps import data_requested, flat, staff_writes, templates
from tests.world import PaperWorld

FILE = [("akta.pdf", b"%PDF-1.4 akta")]
KEPT = [
    "Hanya untuk LPSE, mohon jangan diteruskan ke LKPP. Kode tender 12345678.",
    "Terlampir akta kami; jgn disampaikan kepada pihak lain.",
    "Lampiran ini tidak untuk disebarluaskan.",
    "Maaf salah kirim, yang terlampir itu milik perusahaan lain.",
    "Mohon diabaikan lampiran pada email ini.",
]


@pytest.mark.parametrize("text", KEPT)
def test_data_that_the_user_keeps_from_lkpp_are_held_and_staff_read_why(office: PaperWorld, text: str) -> None:
    request = data_requested(office)
    before = len(office.letters("lkpp"))
    office.write("pengguna", text, answers=request, files=FILE)
    assert office.once()
    assert (office.status(), len(office.letters("lkpp"))) == ("awaiting_data", before)
    notice = office.last("petugas", "staff_user_reply")
    assert "Ditahan, belum diteruskan kepada Helpdesk LKPP: pengguna tampaknya tidak ingin" in flat(notice)
    assert "user_data_forwarded" not in templates(office.letters("pengguna"))


def test_staff_may_forward_them_all_the_same(office: PaperWorld) -> None:
    office.write("pengguna", KEPT[0], answers=data_requested(office), files=FILE)
    assert office.once()
    assert staff_writes(office, "#teruskan", office.last("petugas")) == "staff_receipt"
    assert office.status() == "escalated"
    assert [name for name, _ in office.last("lkpp", "lkpp_additional_data").attachments] == ["akta.pdf"]


@pytest.mark.parametrize(
    "text",
    [
        "Terlampir akta kami, mohon diteruskan ke LKPP.",
        "Kode tender 12345678. Jangan sampai terlambat ya Pak, penawaran ditutup besok.",
        "Kami tidak bisa kirim penawaran, terlampir tangkapan layarnya.",
        "Password yang dimasukkan tidak salah.",
        "",
    ],
)
def test_other_words_keep_nothing_back(text: str) -> None:
    assert kept_by_user.words(text) == ""
