"""The file of users' expressions: regional words, what a line stands for, and its faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.errors import ConfigError
from mailbot.rules import user_phrases
from mailbot.rules.user_phrases import consume, holds, start, without

PHRASES = user_phrases.load_user_phrases()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("wes iso login", "sudah bisa login"),
        ("tos tiasa lebet", "sudah bisa masuk"),
        ("udeh bise", "sudah bisa"),
        ("suksma", "terima kasih"),
        ("trada sinyal", "tidak ada sinyal"),
        ("kendalanya errornya", "kendala error"),
        ("hanya bertanya sebelumnya", "hanya bertanya sebelumnya"),  # words of their own, with no -nya to lose
        ("slesai selessai seleai", "selesai selesai selesai"),
        ("seleksi selesaikan", "seleksi selesaikan"),
        ("slsei seleseii sls selesay slse", "selesai selesai selesai selesai selesai"),
        ("solusi selasa sales salsa sulis", "solusi selasa sales salsa sulis"),  # the same consonants, other words
        ("S E L E S A I, PT A B", "selesai pt a b"),
        ("ampon tiasa, ndeqman jeut", "sudah bisa belum bisa"),
    ],
)
def test_words_are_read_as_the_expressions_have_them(written: str, read: str) -> None:
    assert " ".join(PHRASES.words(written)) == read


@pytest.mark.parametrize("text", ["sudah bisa", "wes iso", "tos tiasa", "su bisa", "udeh bise", "sdh bs"])
def test_one_expression_finds_its_meaning_in_every_language(text: str) -> None:
    assert holds(PHRASES.words(text), PHRASES, "beside_done")


def test_a_word_of_the_file_is_never_harmless_and_contrary_at_once() -> None:
    """ "ning" is a Javanese sister and a Javanese but: a word that contradicts may not be skipped as an address."""
    contrary = {expression for name in ("contrasts", "unsettled", "still") for expression in PHRASES.lists[name]}
    for name in ("greetings", "address", "thanks", "assent", "beside_done", "beside_works", "done"):
        assert contrary & PHRASES.lists[name] == set(), name


def site_file(tmp_path: Path, old: str, new: str) -> Path:
    text = user_phrases.BUILT_IN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "user_replies.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_line_stands_for_each_of_its_words_and_for_none_of_the_optional_ones(tmp_path: Path) -> None:
    path = site_file(tmp_path, "\nassent:\n", "\nassent:\n  - oke|sip (bapak|ibu)? kami terima\n")
    found = user_phrases.load_user_phrases(path).lists["assent"]
    for text in ("oke kami terima", "sip kami terima", "oke bapak kami terima", "sip ibu kami terima"):
        assert tuple(text.split()) in found
    assert ("oke", "sip", "kami", "terima") not in found


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("\nsame:\n", "\nsame:\n  usai: geus\n", "same.sudah: geus stands for usai already"),
        ("\nsame:\n", "\nsame:\n  usai: [a]\n", "same.usai: must be words with spaces between them"),
        ("\nassent:\n", "\nassent:\n  - " + " ".join(["a|b|c|d"] * 8) + "\n", "assent[0]: must be 1 to 12 words"),
        ("\nassent:\n", "\nassent:\n  - (oke)?\n", "assent[0]: must be 1 to 12 words"),
        ("\nassent:\n", "\nassent:\n  - " + "oke " * 13 + "\n", "assent[0]: must be 1 to 12 words"),
        ("\nevidence:\n", "\nbukti:\n", "evidence: must be a list"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        user_phrases.load_user_phrases(site_file(tmp_path, old, new))
    assert any(fault in line and "user_replies.yaml:" in line for line in caught.value.faults), caught.value.faults


EXPRESSIONS = sorted(PHRASES.lists["assent"] | PHRASES.lists["thanks"])
SAID = st.lists(st.sampled_from([*EXPRESSIONS, ("entah",), ("tiket",)]), max_size=6).map(
    lambda parts: tuple(word for part in parts for word in part)
)


@given(SAID)
def test_what_is_consumed_holds_nothing_else_and_what_is_left_out_is_found_no_more(found: tuple[str, ...]) -> None:
    kinds = consume(found, PHRASES, ("assent", "thanks"))
    if kinds is not None:
        assert all(holds(found, PHRASES, name) for name in kinds)
        assert not {"entah", "tiket"} & set(found)
    at = start(found, PHRASES, "thanks")
    assert (at is not None) == holds(found, PHRASES, "thanks")
    assert not holds(without(found, PHRASES, "thanks"), PHRASES, "thanks")
