"""A plain reply goes to the user; one that is plainly meant for the house is asked about first."""

from __future__ import annotations

import pytest

from mailbot.parsers.commands import unmarked
from tests.steps import links, minutes_later, number, opened, staff_writes, templates
from tests.world import PaperWorld

COMMANDS = [
    "tutup saja",
    "Tolong eskalasi ke LKPP",
    "Diteruskan ke LKPP saja ya.",
    "batal",
    "minta data",
    "Tiket ditutup",
]
TO_COLLEAGUES = [
    "Joko, tolong tangani yang ini ya.",
    "Pak Joko mohon dibantu.",
    "@Joko tolong dicek",
    "Mas Joko, penyedia ini yang kemarin marah-marah, hati-hati menjawabnya.",
    "Yth. Bu Indah,\n\nmohon arahan atas tiket ini.",
    "Selamat pagi Pak Joko, yang ini bagian Bapak.",
]


@pytest.mark.parametrize("text", [*COMMANDS, *TO_COLLEAGUES])
def test_words_for_the_house_do_not_go_to_the_user(office: PaperWorld, text: str) -> None:
    notice = opened(office)
    assert staff_writes(office, text, notice) == "staff_confirm"
    minutes_later(office, 4)
    assert (office.status(), templates(office.letters("pengguna"))) == ("new", ["user_acknowledgement"])


def test_they_can_be_sent_all_the_same(office: PaperWorld) -> None:
    staff_writes(office, TO_COLLEAGUES[0], opened(office))
    office.write("petugas", links(office.last("petugas"))["#jawab"], subject=f"[{number(office)}]")
    assert office.once()
    minutes_later(office, 4)
    assert "tolong tangani yang ini" in office.last("pengguna", "user_answer").text


@pytest.mark.parametrize(
    "text",
    [
        "Pak Joko dari kantor kami akan menghubungi Bapak siang ini.",
        "Tutup peramban, lalu buka kembali.",
        "Akun Bapak sudah kami buka kembali.",
        "Joko sudah mengaktifkan akun Ibu.",
        "Yth. Bapak Budi,\n\nsilakan dicoba kembali.",
    ],
)
def test_an_answer_is_an_answer(office: PaperWorld, text: str) -> None:
    assert staff_writes(office, text, opened(office)) == "staff_receipt"
    assert office.status() == "resolved"


def test_a_user_may_be_called_like_a_colleague() -> None:
    text = "Pak Joko, akun Bapak sudah aktif."
    assert unmarked.colleague(text, ["Joko"], "Budi Santoso") == "Joko"
    assert unmarked.colleague(text, ["Joko"], "Joko Susilo") is None
    assert unmarked.colleague(text, ["Sari"], "") is None


@pytest.mark.parametrize("text", ["", "…", "\n", "😀", "@", "Pak", "Pak ", "a" * 10_000, "Pak " * 10_000])
def test_any_text_is_read(text: str) -> None:
    assert unmarked.command(text) is None
    assert unmarked.colleague(text, ["Joko"], "") is None
