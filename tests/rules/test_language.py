"""What reading by phrases keeps for the next mail: little, whatever a stranger writes."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules import after_closing, problems, user_phrases
from mailbot.rules.language import normalise
from mailbot.rules.language.phrases import Lists, Patterns, compile_pattern, compile_words


def test_the_answer_for_a_word_is_remembered_and_for_pages_without_a_blank_it_is_not() -> None:
    lists = Lists([("salam", compile_words("halo|hai*")), ("kata", compile_words("hai"))])
    assert lists.holding("hai") == lists.holding("hai") == ("salam", "kata")
    assert lists.holding("hai" + "x" * 500_000) == ("salam",)
    assert list(lists._known) == ["hai"]
    for number in range(10_000):
        lists.holding(f"kata{number}")
    assert len(lists._known) <= 4000


def test_a_long_sentence_is_read_as_a_short_one_and_not_kept() -> None:
    normalise._read.cache_clear()
    [short] = normalise.sentences("Kami blm bisa masuk ")
    [long] = normalise.sentences("Kami blm bisa masuk " * 1000)
    assert short.words == ("kami", "belum", "bisa", "masuk") and long.words == short.words * 1000
    assert normalise._read.cache_info().currsize == 1


WORDS = ("akun", "kami", "sandi", "sandinya", "lupa", "terkunci", "masuk", ",")
ELEMENTS = st.sampled_from([*WORDS[:-1], "akun|sandi", "ma*", "..", "...", "(kami)?", "$"])


@given(
    st.lists(st.tuples(st.sampled_from(["", "^ "]), st.sampled_from(WORDS[:-1]), st.lists(ELEMENTS, max_size=3))),
    st.lists(st.sampled_from(WORDS), max_size=9),
)
def test_patterns_together_find_what_each_finds_alone(
    written: list[tuple[str, str, list[str]]], words: list[str]
) -> None:
    patterns = [compile_pattern(" ".join((f"{start}{first}", *others)), {}) for start, first, others in written]
    for sentence in normalise.sentences(" ".join(words)):
        alone = [(number, match) for number, one in enumerate(patterns) for match in one.find(sentence)]
        assert Patterns(patterns).find(sentence) == alone


@given(
    st.lists(st.sampled_from(["e-katalog", "Log in", "sign-in", "TIME OUT", "user_id", "pass word", "e contract", "x"]))
)
def test_products_are_spelled_alike_whether_or_not_one_is_looked_for_first(words: list[str]) -> None:
    text = " ".join(words)
    expected = text
    for pattern, spelled in problems._SPELLED:
        expected = pattern.sub(spelled, expected)
    assert problems._plain(text) == expected


@given(st.text(st.sampled_from("sSdD/. \n9a"), max_size=12))
def test_until_is_found_wherever_a_word_begins(text: str) -> None:
    assert normalise._UNTIL.sub("!", text) == re.sub(r"\bs\s?[./]\s?d\b\.?", "!", text)


def test_no_abbreviation_stands_for_a_score() -> None:
    # A reply without a figure is not asked whether it is nothing but scores.
    assert not {"1", "2", "3", "4"} & {word for words in normalise._ABBREVIATIONS.values() for word in words}
    assert after_closing.closed_reply("④ 3 4", user_phrases.load_user_phrases()) == "survey"
