"""What is read many thousand times in a large mail is read in a quick way; here stands the plain one beside it."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.parsers.mime import message
from mailbot.parsers.reply import own_quote

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


# --- words of a mail that may quote ours --------------------------------------------------------------------

URLS = {"https://spse.example/bantuan"}
QUOTING = texts(
    *("Kata", "sandi ", "STRASSE", "ß", "İ", "ſ", "Σ", "\u00ad", "\u200b", "✔", "\n", "> ", "_", "1", "\u2028", "\x1c"),
    *("<mailto:a@b.example>", "<https://spse.example/bantuan>", "<https://lain.example/a>", " [1]", "[1]", "[12] "),
    *("\n[1] mailto:a@b.example", "\n> [12] https://spse.example/bantuan \n", "\n\n[1]\thttps://lain.example"),
)


def _plain_words(text: str) -> tuple[list[list[str]], list[list[tuple[int, int]]]]:
    """The words of each line, and their places in it: one by one."""
    added = [match.span() for match in own_quote._LINK.finditer(text) if own_quote._is_added(match[0], URLS)]
    notes = {
        match[1]: match.span()
        for match in own_quote._FOOTNOTE.finditer(text)
        if own_quote._is_added(f"<{match[2]}>", URLS)
    }
    added += notes.values()
    added += [match.span() for match in re.finditer(r"(?<=\w)\s?\[\d{1,3}\]", text) if match[0].strip() in notes]
    words, places, offset = [], [], 0
    for line in text.split("\n"):
        found = [
            match
            for match in own_quote._WORD.finditer(line)
            if not any(start <= match.start() + offset < end for start, end in added)
        ]
        words.append([match[0].translate(own_quote._UNSEEN).casefold() for match in found])
        places.append([match.span() for match in found])
        offset += len(line) + 1
    return words, places


@given(QUOTING)
@example("Kata [1]\nsandi<mailto:a@b.example>\n> [1] https://spse.example/bantuan \nßİ")
def test_the_words_of_a_mail_and_their_places_are_those_that_are_read_one_by_one(text: str) -> None:
    words, places = _plain_words(text)
    mail = own_quote.Mail(text, URLS)
    assert mail.words == [word for line in words for word in line]
    assert [mail.words[first:last] for first, last in zip(mail.first, mail.last, strict=True)] == words
    assert [mail.places(number) for number in range(len(mail.lines))] == places
    assert mail.line_of == [number for number, line in enumerate(words) for _ in line]


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_runs_are_all_words_in_a_row_of_their_length(words: list[str]) -> None:
    length = own_quote._RUN
    assert list(own_quote._runs(words)) == [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]
