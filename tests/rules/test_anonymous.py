"""An old answer without whom it was for, and the words by which cases are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.masking import mark_in
from mailbot.rules import problems
from mailbot.rules.language.anonymous import anonymous
from mailbot.rules.language.keywords import keywords
from tests import quick

SPELLING = problems.load().spelling
KNOWN = ("Budi Santoso", "CV Contoh Jaya", "Jl. Mawar 5, Pekalongan", "CONTOHJAYA", "87654321")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Yth. Bapak Budi Santoso, akun Budi sudah aktif.", ("Budi", "Santoso")),
        ("Akun CV Contoh Jaya sudah kami buka.", ("Contoh", "Jaya")),
        ("User id CONTOHJAYA sudah aktif, bukan contohjaya2.", ("CONTOHJAYA",)),
        ("Kami kirim ke rumah di Jl. Mawar 5, Pekalongan.", ("Mawar", "Pekalongan")),
        ("Kode tender 87654321 sudah dibuka.", ("87654321",)),
        ("Password baru: Rahasia123, mohon diganti.", ("Rahasia123",)),
        ("Hubungi Pak Andi Wijaya, S.T. di 0812-3456-7890.", ("Andi", "Wijaya", "0812")),
        ("a.n. Siti Aminah dan PT. Dua Tiga Empat", ("Siti", "Aminah", "Dua Tiga")),
        ("E-mail siti.aminah@contoh.co.id sudah diganti.", ("siti", "contoh.co.id")),
        ("Buka https://spse.batangkab.go.id/reset?token=abc123 sekarang.", ("abc123", "reset")),
        ("NIP 198001012005011001, NPWP 01.234.567.8-999.000", ("1980", "234")),
        ("User ID: DINKES01 telah aktif", ("DINKES01",)),
        ("username nya adalah dinkes_ppk ya", ("dinkes_ppk",)),
    ],
)
def test_what_tells_of_a_person_is_masked(text: str, hidden: tuple[str, ...]) -> None:
    found = anonymous(text, KNOWN)
    assert mark_in(found)
    assert not [word for word in hidden if word in found]


@pytest.mark.parametrize(
    "text",
    [
        "Silakan Bapak/Ibu membuka menu Lupa Password, lalu login kembali.",
        "Mohon hapus cache peramban dan gunakan SPSE versi 4.5 pada pukul 08.00-16.00.",
        "Buka bantuan.inaproc.id atau https://spse.batangkab.go.id/eproc4 lalu pilih Penyedia.",
        "Muncul error 500? Ibu dapat mengulanginya besok.",
        "Kantor kami di Batang; admin LPSE siap membantu.",
    ],
)
def test_what_helps_everybody_stays(text: str) -> None:
    assert anonymous(text, (*KNOWN, "Admin LPSE", "Dinas Pekerjaan Umum")) == text


@given(st.text(), st.lists(st.text(max_size=30), max_size=4))
def test_any_text_can_be_masked_and_stays_masked(text: str, known: list[str]) -> None:
    once = anonymous(text, known)
    assert anonymous(once, [value for value in known if "samar" not in value]).count("@") <= once.count("@")


@pytest.mark.parametrize("unit", ["Pak A ", "a@", "http://x?", "CV A B ", "1234567 ", "user id: x ", "Yth A.n. "])
def test_masking_takes_linear_time(unit: str) -> None:
    def took(times: int) -> float:
        return quick.seconds(lambda: anonymous(unit * times, KNOWN))

    took(100)
    assert took(16_000) < 40 * (took(1000) + 0.005)


def test_two_ways_of_saying_the_same_have_their_words_in_common() -> None:
    one = keywords("Reset password", "Mhn bantuan min, paswod akun kami ga bs diganti", SPELLING)
    other = keywords("", "Tidak dapat mengganti kata sandi", SPELLING)
    assert {"password", "ganti"} <= set(one)
    assert "ganti" in other


def test_courtesies_numbers_and_secrets_are_no_words() -> None:
    text = "Selamat pagi, mohon bantuannya. NIK 3325010101900001, kode tender 87654321, password: Rahasia123. Error 500"
    assert keywords("Mohon bantuan", text, SPELLING) == ("password", "error", "500")


@given(st.text(), st.text())
def test_words_are_letters_or_the_number_of_an_error(subject: str, text: str) -> None:
    for word in keywords(subject, text, SPELLING):
        assert word.isalpha() or (word.isdigit() and len(word) == 3)
