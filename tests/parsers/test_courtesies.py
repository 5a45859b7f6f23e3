"""Salutation, thanks and closing of a letter are told from its words, and nothing that says more is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.reply import courtesies
from tests.quick import within

SAYS = "Akun SPSE sudah kami aktifkan kembali."

SALUTATIONS = (
    "Yth. Ibu Siti,",
    "Yth Bapak Budi Santoso",
    "Yth. Bpk/Ibu Penyedia\ndi tempat",
    "Kepada Yth.\nBapak Budi Santoso, S.T.\nDirektur CV Maju Jaya\ndi Tempat",
    "Kepada Yth. Pimpinan PT Karya Nusantara\ndi -\nBatang",
    "Kepada Bapak Budi,",
    "Kepada: Ibu Siti Rahmawati",
    "Yang terhormat Bapak/Ibu,",
    "Bapak Budi Santoso yang kami hormati,",
    "Yth. Sdr. Budi (CV Maju Jaya),\n\nDengan hormat,",
    "Dengan hormat,",
    "Dengan segala hormat,",
    "Assalamu'alaikum wr. wb.",
    "Assalamualaikum Warahmatullahi Wabarakatuh",
    "Assalamu’alaikum Pak Budi,",
    "Ass. wr. wb.",
    "Assalamu'alaikum wr. wb.\n\nYth. Ibu Siti,",
    "Selamat pagi Bapak/Ibu,",
    "Selamat siang, Pak Budi.",
    "SELAMAT SORE BAPAK BUDI",
    "Slmt pagi Bu",
    "Pagi Pak,",
    "Malam, Bu Siti!",
    "Sugeng enjang Pak Budi,",
    "Salam sejahtera untuk kita semua,",
    "Salam sejahtera bagi kita semua, om swastiastu, namo buddhaya, salam kebajikan",
    "Salam hormat,",
    "Salam pengadaan!",
    "Shalom Ibu Siti,",
    "Om Swastiastu,",
    "Halo,",
    "Halo Kak Siti!",
    "Hai Pak Budi,",
    "Dear Bapak Budi,",
    "Dear Tim CV Maju Jaya,",
    "Pak Budi,",
    "Permisi Bu,",
    "Bismillahirrahmanirrahim\nAssalamu'alaikum wr.wb.",
    "Good morning Mr. Budi,",
)


@pytest.mark.parametrize("salutation", SALUTATIONS)
def test_a_salutation_on_lines_of_its_own_is_told_from_the_words(salutation: str) -> None:
    found = courtesies.above(f"{salutation}\n\n{SAYS}")
    assert found == ("\n".join(line for line in salutation.split("\n") if line), SAYS)


@pytest.mark.parametrize("salutation", [one for one in SALUTATIONS if "\n" not in one and one[-1] in ",!."])
def test_a_salutation_in_the_line_of_the_words_is_told_from_them(salutation: str) -> None:
    if salutation in ("Pak Budi,", "Bapak Budi Santoso yang kami hormati,"):  # "Pak Budi, Bu Siti sudah aktif"
        pytest.skip("two names are no salutation")
    assert courtesies.above(f"{salutation} akun SPSE sudah aktif.") == (salutation, "Akun SPSE sudah aktif.")


@pytest.mark.parametrize(
    "words",
    [
        "Siang ini akun sudah kami aktifkan.",
        "Kepada PPK sudah kami sampaikan.",
        "Kepada penyedia yang belum terdaftar, berlaku ketentuan berikut.",
        "Selamat, akun sudah aktif.",
        "Dengan hormat kami sampaikan bahwa akun sudah aktif.",
        "Salam pembuka pada formulir dihapus saja.",
        "Pak Budi, Bu Sari sudah aktif.",
        "Bapak Budi sudah aktif,\nIbu Siti belum.",
        "Halo BCA sudah menjawab kami.",
        "Yth. Bapak Budi: 081200001234 sudah kami catat.",
        "Yang terhormat disebut dalam surat, mohon diabaikan.",
        "Malam sebelumnya server mati.",
        "Selamat pagi.",
        "Salam,\nSari",
        "Salam hangat,\n\nSari Wulandari",
        "Yth. Bapak Budi,\n\nDengan hormat,",
        "",
    ],
)
def test_what_says_more_than_a_greeting_stays_among_the_words(words: str) -> None:
    assert courtesies.above(words) == ("", words)


@pytest.mark.parametrize(
    "thanks",
    [
        "Demikian.",
        "Demikian, terima kasih.",
        "Demikian kami sampaikan.",
        "Demikian disampaikan, atas perhatian Bapak/Ibu kami ucapkan terima kasih.",
        "Demikian kami sampaikan, atas perhatian dan\nkerja samanya kami ucapkan terima kasih.",
        "Demikian untuk menjadi maklum.",
        "Atas perhatian dan kerja sama Bapak/Ibu, kami sampaikan terima kasih.",
        "Atas perhatiannya diucapkan terimakasih",
        "Terima kasih.",
        "Terima kasih banyak Pak.",
        "Terima kasih atas kesabaran Bapak/Ibu.",
        "Terimakasih atas kerjasamanya 🙏",
        "Makasih ya",
        "Trims.",
        "Thanks!",
        "Matur nuwun.",
        "Hatur nuhun",
        "Demikian kami sampaikan. Terima kasih.",
    ],
)
@pytest.mark.parametrize("between", ["\n\n", "\n", " "])
def test_thanks_at_the_end_are_told_from_the_words(thanks: str, between: str) -> None:
    assert courtesies.below(f"{SAYS}{between}{thanks}") == (SAYS, " ".join(thanks.split()), "")


@pytest.mark.parametrize(
    "words",
    [
        f"{SAYS} Demikian kami sampaikan, mohon dicoba kembali.",
        f"{SAYS}\n\nTerima kasih, data sudah kami terima pada tanggal 3.",
        f"{SAYS}\n\nTerima kasih sebelumnya; password akan dikirim lewat SMS.",
        f"{SAYS} Demikian pula akun yang kedua: budi02.",
        f"{SAYS} Atas permintaan PPK kami buka kembali.",
        f"{SAYS} Apakah sudah bisa? Terima kasih kalau dikabari.",
        f"{SAYS}\n\nTerima kasih,\nBudi Santoso",
        "Terima kasih.",
        "",
    ],
)
def test_thanks_that_say_more_stay_among_the_words(words: str) -> None:
    assert courtesies.below(words)[0].startswith(words)


@pytest.mark.parametrize(
    "closing",
    [
        "Hormat kami,",
        "Hormat saya",
        "Salam,",
        "Salam hangat,",
        "Wassalam",
        "Wassalamu'alaikum wr. wb.",
        "Wassalamualaikum Warahmatullahi Wabarakatuh",
        "Best regards,",
        "Ttd.",
    ],
)
def test_the_last_line_that_takes_leave_is_told_from_the_words(closing: str) -> None:
    assert courtesies.below(f"{SAYS}\n\nTerima kasih.\n\n{closing}") == (SAYS, "Terima kasih.", closing)
    assert courtesies.takes_leave(f"{SAYS}\n\n{closing}\nSari Wulandari")


def test_no_word_is_lost_between_greeting_and_leave() -> None:
    text = "Yth. Ibu Siti,\n\nBaris satu.\n\n  1. menjorok\n\nBaris dua.\n\nTerima kasih."
    salutation, rest = courtesies.above(text)
    words, thanks, closing = courtesies.below(rest)
    assert (salutation, words, thanks, closing) == (
        "Yth. Ibu Siti,",
        "Baris satu.\n\n  1. menjorok\n\nBaris dua.",
        "Terima kasih.",
        "",
    )


_PIECES = st.sampled_from(
    ("Yth. ", "Ibu ", "Selamat pagi", "terima kasih", "Demikian", "Salam", ", ", ". ", "\n", "\n\n", "akun ", "#", "1")
)


@given(st.lists(_PIECES | st.text(max_size=3), max_size=30).map("".join))
def test_every_letter_and_digit_of_a_text_is_in_one_of_its_parts(text: str) -> None:
    salutation, rest = courtesies.above(text)
    words, thanks, closing = courtesies.below(rest)
    parts = " ".join((salutation, words, thanks, closing))
    assert [c for c in parts.casefold() if c.isalnum()] == [c for c in text.casefold() if c.isalnum()]


@pytest.mark.parametrize(
    "text",
    ["Yth. " * 40_000, "Yth.\n" * 40_000, "Terima kasih. " * 20_000, "a. " * 60_000, "Salam, " * 30_000, " " * 200_000],
)
def test_a_hostile_text_is_read_in_linear_time(text: str) -> None:
    with within(2):
        courtesies.below(courtesies.above(text)[1])
        courtesies.takes_leave(text)
