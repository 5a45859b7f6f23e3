"""A user's mail that only thanks or urges is told from one that says something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules.urging import nothing_new
from mailbot.rules.user_phrases import load_user_phrases
from tests.quick import within

PHRASES = load_user_phrases()


@pytest.mark.parametrize(
    "text",
    [
        "Mohon segera.",
        "Bagaimana perkembangannya?",
        "mohon segera ditindaklanjuti ya pak",
        "Gimana progresnya min?",
        "Selamat siang Bapak/Ibu,\nbagaimana kabar tiket kami?",
        "Sudah 3 hari belum ada kabar, mohon tanggapannya.",
        "Mohon update nya kak",
        "Kapan selesainya?\n\nTerima kasih,\nBudi Santoso\nCV Abadi Jaya",
        "Kami masih menunggu jawabannya. Terima kasih.",
        "Terima kasih banyak.",
        "Baik, terima kasih pak.",
        "Assalamualaikum, mohon maaf mengganggu. Apakah sudah ada tanggapan?",
        "Sudah diproses belum pak?",
        "TOLONG DIPERCEPAT!!!",
        "Mohon follow up nya",
        "Kapan bisa diselesaikan?",
    ],
)
def test_thanks_and_urging_say_nothing_new(text: str) -> None:
    assert nothing_new(text, PHRASES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mohon segera, tender ditutup besok.",
        "Masih belum bisa, mohon segera.",
        "Bagaimana cara login?",
        "Sudah selesai, terima kasih atas respons cepatnya.",
        "SELESAI",
        "Kode tender 87654321, mohon segera.",
        "Mohon segera. Ternyata kami salah memasukkan NPWP.",
        "Kapan jadwal bimbingan teknis?",
        "Permintaan kami batalkan.",
        "Mohon segera diaktifkan, User ID kami CONTOHJAYA.",
        "Sudah bisa, terima kasih.",
        "Tidak jadi.",
        "Kami masih menunggu, dan sekarang muncul galat 500.",
        "Mohon segera " * 400,
    ],
)
def test_whatever_else_stands_in_it_is_news(text: str) -> None:
    assert not nothing_new(text, PHRASES)


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    nothing_new(text, PHRASES)


@pytest.mark.parametrize("text", ["segera " * 280, "a" * 2000, "?" * 2000, "mohon\n" * 330])
def test_hostile_text_is_read_quickly(text: str) -> None:
    with within(0.5):
        nothing_new(text, PHRASES)
