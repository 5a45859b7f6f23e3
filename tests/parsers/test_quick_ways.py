"""What is read many thousand times in a large mail is read in a quick way; here stands the plain one beside it."""

from __future__ import annotations


from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.parsers.mime import message

BLANKS = "".join(char for char in map(chr, range(0x110000)) if char.isspace())


def texts(*pieces: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces) | st.text(max_size=3), max_size=12).map("".join)


# --- one blank between words --------------------------------------------------------------------------------


@given(texts(" ", "\n", "\r\n", "é", "ya", *BLANKS))
@example("".join(f"a{blank}b{blank * 3}" for blank in BLANKS))
@example("\ud800 \udfff")
def test_blanks_are_taken_together_as_by_splitting_into_words(text: str) -> None:
    words = " ".join(text.split()).encode("utf-8", "surrogatepass")
    assert message._with_single_blanks(text) == words
    assert b"".join(message._words(text)) == words
