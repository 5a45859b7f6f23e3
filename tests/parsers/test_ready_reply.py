"""The reply that a user's link BELUM opens, as it comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.reply.ready_reply import NOT_SOLVED, OBSTACLE, without_empty_label, words


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"{NOT_SOLVED}\n\n{OBSTACLE}", "BELUM"),
        (f"{NOT_SOLVED}\n\n{OBSTACLE} ", "BELUM"),
        (f"{NOT_SOLVED}\n\n{OBSTACLE} -", "BELUM"),
        ("BELUM\n\nKendala: masih galat 503", "BELUM\n\nmasih galat 503"),
        ("BELUM\n\nKendala:\nmasih galat 503\nsejak pagi", "BELUM\n\nmasih galat 503\nsejak pagi"),
        ("belum.\nkendala : masih galat", "BELUM\n\nmasih galat"),
        ("BELUM Kendala: masih galat", "BELUM\n\nmasih galat"),  # a mail program that drops the line ends
        ("BELUM", "BELUM"),
        ("BELUM bisa", "BELUM bisa"),
        ("Kendala: masih galat", "Kendala: masih galat"),
        ("SELESAI", "SELESAI"),
        ("", ""),
    ],
)
def test_what_stands_behind_the_label_is_what_he_says(written: str, said: str) -> None:
    assert words(written) == said


def test_readers_see_a_label_only_with_words_behind_it() -> None:
    assert without_empty_label("BELUM\n\nKendala: ") == "BELUM"
    assert without_empty_label("BELUM\n\nKendala: masih galat") == "BELUM\n\nKendala: masih galat"
    assert without_empty_label("Kendala:") == "Kendala:"


@given(st.text(max_size=200))
def test_any_other_text_stays_as_it_is(text: str) -> None:
    if "kendala" not in text.lower():
        assert words(text) == without_empty_label(text) == text
