"""`#jawab KODE`: when a text is the code of a canned answer, and when it only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.commands.answer_codes import Chosen, Unclear, read

CODES = ("AKUN_EMAIL", "AKUN_LOGIN", "INFO", "JADWAL", "PAKET", "PENAWARAN_BUKA", "PENAWARAN_KIRIM", "SIKAP")


@pytest.mark.parametrize(
    ("text", "code", "more"),
    [
        ("AKUN_LOGIN", "AKUN_LOGIN", ""),
        ("akun_login", "AKUN_LOGIN", ""),
        ("Akun-Login.", "AKUN_LOGIN", ""),
        ("akun login", "AKUN_LOGIN", ""),
        ("ＡＫＵＮ＿ＬＯＧＩＮ", "AKUN_LOGIN", ""),
        ("akun – login", "AKUN_LOGIN", ""),
        ("  \nAKUN_LOGIN\n\n", "AKUN_LOGIN", ""),
        ("login", "AKUN_LOGIN", ""),
        ("Kirim", "PENAWARAN_KIRIM", ""),
        ("info", "INFO", ""),
        ("paket", "PAKET", ""),
        ("AKUN_LOGIN\nAkun Bapak sudah kami buka.", "AKUN_LOGIN", "Akun Bapak sudah kami buka."),
        ("akun_login\n\nMohon dicoba.\nSalam", "AKUN_LOGIN", "Mohon dicoba.\nSalam"),
        ("PAKET\nKode RUP Bapak 123.", "PAKET", "Kode RUP Bapak 123."),
        ("AKUN_LOGIN\nAKUN SUDAH DIBUKA", "AKUN_LOGIN", "AKUN SUDAH DIBUKA"),
    ],
)
def test_a_code_alone_on_its_line_is_a_code(text: str, code: str, more: str) -> None:
    assert read(text, CODES) == Chosen(code, more)


@pytest.mark.parametrize(
    "text",
    [
        "login gagal karena kata sandinya salah",
        "Paket sudah kami pindahkan.",
        "INFO: server dipelihara malam ini",
        "Paket,\nmohon dicoba kembali.",
        "Sudah",
        "Siap",  # not SIKAP
        "Sudah.\nSilakan dicoba.",
        "Silakan dicoba kembali",
        "Yth. Bapak Budi,\nAKUN_LOGIN",
        "akun",  # a part of two codes
        "",
        "#",
        "12345678",
    ],
)
def test_words_are_words(text: str) -> None:
    assert read(text, CODES) is None


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("paket\nsudah kami pindahkan.", "PAKET"),  # the client has broken the line, or a code?
        ("Info\n\nServer dipelihara malam ini.", "INFO"),
        ("akun login\nMohon dicoba.", "AKUN_LOGIN"),
        ("PAKET\nSUDAH KAMI PINDAHKAN", "PAKET"),
        ("AKUN_LOGN", "AKUN_LOGIN"),
        ("SIKPA", "SIKAP"),
        ("akun logni", "AKUN_LOGIN"),
        ("AKUN_LOGN\nMohon dicoba.", "AKUN_LOGIN"),
        ("penawarankirm", "PENAWARAN_KIRIM"),
        ("penawaran", "PENAWARAN_BUKA"),  # two codes begin so
        ("AKUN_LOGIN mohon dicoba", "AKUN_LOGIN"),
        ("AKUN_BARU", None),
        ("AKUN_BARU\nMohon dicoba.", None),
    ],
)
def test_what_could_be_either_is_asked_about(text: str, nearest: str | None) -> None:
    found = read(text, CODES)
    assert isinstance(found, Unclear)
    assert found.nearest == nearest
    assert nearest is None or nearest in found.sentence


@given(st.text(), st.lists(st.sampled_from(CODES)))
def test_any_text_gets_an_answer_and_no_word_below_a_code_is_lost(text: str, codes: list[str]) -> None:
    found = read(text, codes)
    if isinstance(found, Chosen):
        assert found.code in codes
        assert found.more == text.strip().partition("\n")[2].strip()


def test_without_codes_every_text_that_is_not_shaped_like_one_is_text() -> None:
    assert read("login", ()) is None
    assert isinstance(read("AKUN_LOGIN", ()), Unclear)
