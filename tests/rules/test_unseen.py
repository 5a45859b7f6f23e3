"""Replies that neither rules nor readers have been made with: how well mailbot reads what nobody has seen.

Who makes the rules better by a reply of these sets has one unseen reply less: write new ones instead.
"""

from __future__ import annotations

from bench import blind, learning
from mailbot.rules import second_reader
from mailbot.rules.user_phrases import load_user_phrases
from tests import ROOT

UNSEEN = ROOT / "tests" / "corpus" / "unseen"


def of_lkpp(name: str) -> list[blind.Judged]:
    return blind.judged(blind.replies(UNSEEN / name))


def test_of_150_replies_of_users_95_in_a_hundred_are_read_right_and_none_carelessly() -> None:
    phrases, readers = load_user_phrases(), second_reader.load()
    read = [(each.means, learning.read(each, phrases, readers)) for each in learning.examples([UNSEEN / "users.yaml"])]
    assert len(read) == 150
    assert sum(means == was for means, was in read) >= 143
    assert not learning.WRONG.intersection(read)


def test_no_reply_of_lkpp_is_wrongly_solved_and_the_first_proposal_is_mostly_right() -> None:
    read = of_lkpp("lkpp.yaml")
    undecided = [each for each in read if each.definite and each.meaning == "unclear"]
    decided = [each for each in read if each.meaning != "unclear"]
    assert len(read) == 300
    assert not any(blind.wrong_solved(each) for each in read)
    assert sum(each.meaning in each.labels for each in decided) >= 0.95 * len(decided)
    assert sum(each.first in each.labels for each in undecided) >= 0.85 * len(undecided)


def test_of_100_traps_none_is_read_as_solved() -> None:
    read = of_lkpp("traps.yaml")
    assert len(read) == 100
    assert not any(blind.wrong_solved(each) for each in read)


def test_of_60_english_replies_of_users_nine_in_ten_are_read_right_and_none_carelessly() -> None:
    phrases, readers = load_user_phrases(), second_reader.load()
    path = UNSEEN / "english_users.yaml"
    read = [(each.means, learning.read(each, phrases, readers)) for each in learning.examples([path])]
    assert len(read) == 60
    assert sum(means == was for means, was in read) >= 56
    assert not learning.WRONG.intersection(read)


def test_of_60_english_replies_of_lkpp_two_thirds_are_decided_and_none_wrongly() -> None:
    read = of_lkpp("english_lkpp.yaml")
    definite = [each for each in read if each.definite]
    assert len(read) == 60
    assert all(each.meaning in (*each.labels, "unclear") for each in read)
    assert sum(each.meaning != "unclear" for each in definite) >= 0.65 * len(definite)
