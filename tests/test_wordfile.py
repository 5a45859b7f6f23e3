"""Word lists in text files: what an entry is, and that nothing stands there that nobody reads."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot import wordfile
from mailbot.parsers.robots import autoreplies
from mailbot.wordfile import small
from tests import ROOT

#: What the second readers have learnt is no file of words.
_LEARNT = "_learnt.txt"
FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "mailbot").rglob("*.txt") if not path.name.endswith(_LEARNT))


def lists(tmp_path: Path, text: str) -> dict[str, wordfile.WordList]:
    (tmp_path / "words.txt").write_text(text, encoding="utf-8")
    return dict(wordfile.read(str(tmp_path / "module.py"), "words.txt"))


def test_a_list_is_what_stands_below_its_name(tmp_path: Path) -> None:
    found = lists(tmp_path, "# why\n[first]\n# French\na écrit|écrivait\n\nschrieb\n[second one]\nno-reply\n")
    assert {name: one.lines for name, one in found.items()} == {
        "first": ("a écrit|écrivait", "schrieb"),
        "second one": ("no-reply",),
    }
    assert found["first"].phrases == ("a écrit", "écrivait", "schrieb")


def test_a_line_may_go_on_in_the_next(tmp_path: Path) -> None:
    assert lists(tmp_path, "[x]\none|two\n…|three\n# four\nfive\n")["x"].lines == ("one|two|three", "five")


def test_words_stand_between_blanks_and_rows_have_a_left_and_a_right(tmp_path: Path) -> None:
    found = lists(tmp_path, "[x]\nbelum tidak\nbelum\n[y]\nbelum: blm  dereng\ntidak bisa: gabisa\n")
    assert found["x"].words == {"belum", "tidak"}
    assert found["y"].rows == (("belum", "blm  dereng"), ("tidak bisa", "gabisa"))


def test_alternatives_are_regular_expressions_and_brackets_at_the_start_of_one_are_no_name(tmp_path: Path) -> None:
    found = lists(tmp_path, "[x]\n[^:]{2,9} is away\n\\[fail2ban\\]\n[#*] note\n")["x"]
    assert found.any_of == r"(?:[^:]{2,9} is away|\[fail2ban\]|[#*] note)"
    assert found.pattern.fullmatch("BUDI is AWAY") and found.pattern.fullmatch("[Fail2Ban]")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_list_of_a_file_is_read_by_the_module_beside_it(path: Path) -> None:
    [module] = [
        one
        for one in (ROOT / path).parent.glob("*.py")
        if f'wordfile.read(__file__, "{path.name}")' in (one.read_text(encoding="utf-8"))
    ]
    tree = ast.parse(module.read_text(encoding="utf-8"))
    whole = f"wordfile.read(__file__, '{path.name}').items()" in ast.unparse(tree)
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert whole or set(wordfile.read(str(module), path.name)) <= said


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_entry_hides_a_blank_at_its_end_or_a_tab(path: Path) -> None:
    faults = re.findall(r"(?m)^.*(?:[ \t]$|\t).*$", (ROOT / path).read_text(encoding="utf-8"))
    assert faults == []


def test_small_letters_are_alike_where_a_pattern_that_minds_no_capitals_takes_them_for_alike() -> None:
    every = list(map(chr, range(0x110000)))
    shown = {letter: small(letter) for letter in every}
    cased = [x for x in every if {x.lower(), x.upper(), x.title(), x.casefold()} != {x}]
    assert len(cased) > 2900
    text = "".join(cased)
    alike = {letter: {other for other in cased if shown[other] == shown[letter]} for letter in "aiksßσµвé"}
    assert alike == {letter: set(re.findall(letter, text, re.IGNORECASE)) for letter in alike}
    others = {x: y for x, y in shown.items() if x != y and (len(y) != 1 or not re.fullmatch(re.escape(y), x, re.I))}
    assert others == {}


LISTS = [
    *(
        "ticket words",
        "thanks contact",
        "will be handled",
        "says automatic",
        "received",
        "has come",
        "was read",
        "thanks",
    ),
    *("away", "return", "urgent", "instead", "will answer", "vocative", "asks", "personal", "pleads"),
]
WORDS = sorted({word for name in LISTS for line in autoreplies._WORDS[name].lines for word in re.findall(r"\w+", line)})


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=20)
@given(st.data())
def test_a_pattern_of_small_letters_finds_what_the_list_finds_in_any(name: str, data: st.DataObject) -> None:
    found = autoreplies._WORDS[name]
    line = st.sampled_from(found.lines).flatmap(lambda each: st.from_regex(re.compile(each, re.IGNORECASE)))
    parts = data.draw(st.lists(st.one_of(line, st.sampled_from(WORDS), st.text(max_size=3)), max_size=6))
    text = " ".join(parts)
    for one in (text, text.upper()):
        assert (found.of_small.search(small(one)) is None) == (found.pattern.search(one) is None)


@pytest.mark.parametrize("name", LISTS)
def test_a_line_in_another_script_matches_nothing_without_its_letters(name: str) -> None:
    foreign = [line for line in autoreplies._WORDS[name].lines if wordfile._FOREIGN.fullmatch(line)]
    assert [line for line in foreign if re.search(line, "") or re.search(line, " " * 20)] == []
    letters = autoreplies._WORDS[name].of_small._foreign
    assert all(letters is not None and letters.search(wordfile.small(line)) for line in foreign)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_is_read_in_small_letters_has_no_capital_and_no_bar_outside_a_group(name: str) -> None:
    for line in autoreplies._WORDS[name].lines:
        bare = re.sub(r"\\.|\[[^\]]*\]", "", line)
        assert re.sub(r"\\.", "", line) == re.sub(r"\\.", "", line).lower()
        while (inner := re.sub(r"\([^()]*\)", "", bare)) != bare:
            bare = inner
        assert "|" not in bare
