"""Dear patterns stand behind a cheap test that every text with a find passes: with and without it the same is found."""

from __future__ import annotations

import re
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.masking import secrets
from mailbot.masking.plain import plain
from mailbot.parsers.forms import freetext
from mailbot.parsers.mime import subject

ALWAYS = re.compile("")
GAPS = st.sampled_from(["", " ", "-", "–", " - ", "_", ".", "/", "(", ") ", "\u00ad", "\n", "－"])
NUMBERS = st.integers(0, 10**16).map(str) | st.sampled_from(["2026", "000123", "0285", "62", "+62", "0812", "８１２"])


def texts(*words: str) -> st.SearchStrategy[str]:
    pieces = st.tuples(st.sampled_from(words) | NUMBERS, GAPS).map("".join)
    return st.lists(pieces, max_size=10).map("".join)


@given(texts("LPSE", "BTG", "lpse-btg", "[", "]", "nomor"))
@example("LPSE–BTG 2026_000123")
def test_a_ticket_number_is_found_only_where_a_year_and_a_count_stand(text: str) -> None:
    quick = subject.find_numbers(text, ["LPSE-BTG"])
    with patch.object(subject, "_YEAR_AND_COUNT", ALWAYS):
        assert subject.find_numbers(text, ["LPSE-BTG"]) == quick


@given(
    texts("NPWP ", "nib: ", "kode tender ", "HP ", "telp (", "user id ", "01.234.567.8-999.000", "kami", "budi_jaya ")
)
@example("telp (0285) 391-234")
@example("HP: +62 812-3456-7890")
def test_numbers_of_a_person_are_found_only_where_a_long_number_stands(text: str) -> None:
    quick = freetext.read_free_text(text)
    with patch.object(freetext, "_LONG_NUMBER", ALWAYS):
        assert freetext.read_free_text(text) == quick


class _Everything(str):
    """A text that says of every sign that it stands in it."""

    def __contains__(self, sign: object) -> bool:
        return len(str(sign)) == 1 or super().__contains__(str(sign))


@given(texts("login: ", "budi", "/", "|", "Rahasia123 ", "user ", "sandi "))
@example("user: budi / Rahasia123")
def test_a_login_is_masked_only_where_a_stroke_stands(text: str) -> None:
    quick = secrets._masked.__wrapped__(text)  # not what it remembers
    with patch.object(secrets, "plain", lambda read: _Everything(plain(read))):
        assert secrets._masked.__wrapped__(text) == quick
