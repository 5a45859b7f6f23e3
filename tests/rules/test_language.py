"""What reading by phrases keeps for the next mail: little, whatever a stranger writes."""

from __future__ import annotations

from mailbot.rules.language import normalise
from mailbot.rules.language.phrases import Lists, compile_words


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
