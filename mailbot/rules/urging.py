"""Whether a user's mail only thanks or urges, so that whoever answers an earlier one has missed nothing. Pure; linear
in the length of the text.

Strict as `reply_of_user`: every word must be known to be harmless. Whatever else stands in it is news.
"""

from __future__ import annotations

import re

from mailbot import wordfile
from mailbot.rules.language.normalise import Sentence, sentences
from mailbot.rules.reply_of_user import only_courtesy, without_signature
from mailbot.rules.user_phrases import UserPhrases

_LISTS = {name: found.words for name, found in wordfile.read(__file__, "urging.txt").items()}
_URGES, _IF_ASKED, _BESIDE = _LISTS["urges"], _LISTS["urges if asked"], _LISTS["beside"]
_COURTESY = _LISTS["courtesy"]
_SETTLES, _HOPES = _LISTS["settles"], _LISTS["hopes"]
_NEGATIONS, _CAN = _LISTS["negations"], _LISTS["can"]
_COUNT = re.compile(r"[0-9]{1,2}")  # "sudah 3 hari"
_MAX = 2000  # characters: a longer mail says more


def nothing_new(text: str, phrases: UserPhrases) -> bool:
    """Whether the text is nothing but greetings, thanks and urging."""
    if len(text) > _MAX:
        return False
    found = sentences(without_signature(text))
    return bool(found) and all(_greets(each, phrases) or _urges(each) for each in found)


def _greets(sentence: Sentence, phrases: UserPhrases) -> bool:
    return only_courtesy(sentence, phrases) or _COURTESY.issuperset(sentence.words)


def _urges(sentence: Sentence) -> bool:
    said = set(sentence.words)
    if said & _SETTLES and not (sentence.asks or said & _HOPES):
        return False
    if said & _NEGATIONS and said & _CAN:
        return False
    if not (said & _URGES or (sentence.asks and said & _IF_ASKED)):
        return False
    return all(word in _URGES or word in _BESIDE or word in _SETTLES or _COUNT.fullmatch(word) for word in said)
