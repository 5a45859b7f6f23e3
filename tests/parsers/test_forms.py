"""Two texts compared: forms of one body, a file beside it, or what cannot be told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.parsers.mime import enriched, ical
from mailbot.parsers.mime.files.forms import Relation, Said, relation, unsaid
from tests.quick import within

BODY = (
    "Yth. Admin LPSE,\nberikut kendala kami:\n1. akun terkunci\n2. akta tidak terbaca\n"
    "Lihat https://spse.inaproc.id/batangkab untuk tender 10046325.\nTerima kasih\n\nSiti"
)
SAME = {
    "other line ends": BODY.replace("\n", " "),
    "quoted": "".join(f"> {line}\n" for line in BODY.split("\n")),
    "without numbers of lists": BODY.replace("1. ", "* ").replace("2. ", "- "),
    "without addresses of links": BODY.replace("https://spse.inaproc.id/batangkab", "di sini"),
    "with pictures' names": BODY.replace("terkunci", "terkunci [cid:image001.png@01D9] [image: layar.png]"),
    "in capitals": BODY.upper(),
    "with unseen characters": BODY.replace("terkunci", "ter\u00adkun\u200bci"),
    "one word otherwise": BODY.replace("kendala", "masalah"),
    "a short line of its own": "Siti",
    "nothing": " \n",
}


@pytest.mark.parametrize("form", SAME.values(), ids=SAME.keys())
def test_another_form_of_the_same_words_says_nothing_new(form: str) -> None:
    assert unsaid(form, Said.of(BODY)).strip() == ""


NEW = {
    "a line between": (BODY.replace("Terima", "Mohon dibuka hari ini.\nTerima"), "Mohon dibuka hari ini."),
    "one word on its line": (f"{BODY}\nbatal", "batal"),
    "three words in a line": (
        BODY.replace("10046325.", "10046325, bukan nomor yang lama."),
        "Lihat https://spse.inaproc.id/batangkab untuk tender 10046325, bukan nomor yang lama.",
    ),
    "a quoted line": (f"{BODY}\n> kutipan surat yang lain", "> kutipan surat yang lain"),
    "another text": ("Rapat pukul sepuluh.\n\nTerima kasih banyak", "Rapat pukul sepuluh.\n\nTerima kasih banyak"),
}


@pytest.mark.parametrize(("form", "new"), NEW.values(), ids=NEW.keys())
def test_what_only_a_form_says_is_found_with_its_line(form: str, new: str) -> None:
    assert unsaid(form, Said.of(BODY)).strip() == new


WORDS = st.lists(st.text("abcdefg", min_size=1, max_size=3), max_size=40)


@settings(max_examples=200, deadline=None)
@given(WORDS, st.integers(1, 9))
def test_a_text_wrapped_and_quoted_otherwise_says_nothing_new(words: list[str], width: int) -> None:
    text = " ".join(words)
    wrapped = "".join(word + ("\n> " if number % width == 0 else " ") for number, word in enumerate(words))
    assert unsaid(wrapped, Said.of(text)).strip() == ""
    if words:
        assert relation(Said.of(wrapped), Said.of(text)) is Relation.FORM


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_are_compared_and_no_word_of_a_foreign_line_is_lost(form: str, body: str) -> None:
    new = unsaid(form, Said.of(body))
    relation(Said.of(form), Said.of(body))
    assert all(line in form.split("\n") for line in new.split("\n") if line)
    known = set(Said.of(body).words)
    for line in form.split("\n"):
        words = Said.of(line).words
        if words and not known.intersection(words):
            assert line in new.split("\n")


def test_a_file_longer_than_what_is_compared_is_never_taken_for_a_form() -> None:
    text = " ".join(f"kata{n}" for n in range(70_000))
    assert relation(Said.of(text), Said.of(text)) is Relation.DOUBT
    assert unsaid(f"{text}\nakhir surat", Said.of(text)).endswith("akhir surat")


HOSTILE = {
    "one word": "a " * 500_000,
    "lines": "\n" * 10**6,
    "words": " ".join(map(str, range(150_000))),
    "a long word": "a" * 10**6,
    "links": "http://" * 140_000,
    "brackets": "[cid:" * 200_000,
    "numbers": "> 1." * 250_000,
    "marks": ">" * 10**6,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_is_compared_in_seconds(text: str) -> None:
    with within(4):
        unsaid(text, Said.of(BODY, text))
        relation(Said.of(text), Said.of(BODY))


# --- calendars --------------------------------------------------------------------------------------------

EVENT = """BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VTIMEZONE\r
DTSTART:16010101T000000\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
SUMMARY;LANGUAGE=id-ID:Rapat SPSE\\, lanjutan\r
DTSTART;TZID="SE Asia; Standard:Time":20261104T090000\r
DTEND:20261104T030000Z\r
LOCATION:Ruang A\r
DESCRIPTION:Pembahasan kend\r
 ala\\nmohon hadir\\; terima kasih\r
BEGIN:VALARM\r
DESCRIPTION:REMINDER\r
END:VALARM\r
COMMENT:Saya hadir\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_event_says_what_its_writer_put_into_it() -> None:
    assert ical.words(EVENT) == "Ruang A\nPembahasan kendala\nmohon hadir; terima kasih\nSaya hadir"
    assert ical.to_text(EVENT).split("\n")[:3] == ["Rapat SPSE, lanjutan", "2026-11-04 09:00", "2026-11-04 03:00 UTC"]


@pytest.mark.parametrize(
    "source",
    ["a" * 10**6, ";" * 10**6, 'A"' * 500_000, "BEGIN:X\n" * 120_000, "\n " * 500_000, 'DESCRIPTION;X="' * 70_000],
)
def test_a_megabyte_of_calendar_is_read_in_seconds(source: str) -> None:
    with within(4):
        ical.to_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + source)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_calendar_that_says_something_or_nothing(text: str) -> None:
    ical.to_text(f"BEGIN:VEVENT\n{text}")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<bold>Halo</bold> a << b", "Halo a < b"),
        ("<fontfamily><param>Arial</param>satu\ndua\n\ntiga", "satu dua\ntiga"),
        ("satu<nl>dua<np>tiga <lt>x>", "satu\ndua\ntiga <x>"),
        ("a < b", "a < b"),
    ],
)
def test_enriched_text_is_read_as_plain(source: str, text: str) -> None:
    assert enriched.to_text(source) == text
