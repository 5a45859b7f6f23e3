"""What a user writes on a closed ticket: thanks, an answer to the survey, or more (contract: it reopens).

The survey asks for marks from 1 to 4 on a few criteria. People answer as they like: five lines, "nilai 4 semua",
"4 4 4 3", praise, blame. An answer is filed in whatever form; one with words of its own is shown to staff, too. What
tells of a problem, asks something or brings data is none. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
from typing import Literal

from mailbot.rules.language.normalise import plain, sentences
from mailbot.rules.reply_of_user import kinds_of, user_reply, without_apology, without_names, wordless
from mailbot.rules.user_phrases import UserPhrases, consume, holds

#: thanks: courtesy, or a late SELESAI. survey: marks or praise. remark: the same with words that staff should read.
ClosedReply = Literal["thanks", "survey", "remark", "other"]

_MAX = 2000  # characters: a longer reply tells more
_COURTESY = ("greetings", "address", "thanks", "done", "works", "assent", "beside_works")
_SURVEY = (*_COURTESY, "criteria", "marks", "beside_marks", "praise", "blame", "beside_praise")
#: A number that is no mark: a code, an amount, a year.
_NUMBER = re.compile(r"[0-9]{5}|[0-9]{1,3}(?:[.][0-9]{3})+")
_MARK = re.compile(r"(?<![\w.,])[1-4](?:[.,]0)?(?![\w%])")
_MOST_MARKS = 6  # the criteria of the survey, and one over
_BETWEEN = re.compile(r"(?<=[1-4])[ \t]*[-/&;|+,][ \t]*(?=[1-4]\b)")  # "4/4/3/4"
_ITEM = re.compile(r"^[ \t]*[1-9][.)][ \t]*(?=\S)", re.MULTILINE)  # "1) 3", a numbered list of marks


def closed_reply(new_text: str, phrases: UserPhrases) -> ClosedReply:
    """What a reply to a closed ticket is. Of an empty text: other."""
    if len(new_text) > _MAX:
        return "other"
    text = without_names(plain(new_text), phrases)
    kinds = kinds_of(text, phrases, _COURTESY)
    if kinds is not None and (kinds & {"thanks", "done", "works", "assent"} or wordless(text)):
        return "thanks"
    if not text.strip() or "?" in text or _NUMBER.search(text):
        return "other"
    without_marks, marks = _MARK.subn(" ", _BETWEEN.sub(" ", _ITEM.sub("", text)))
    said, wishes = _said(without_marks, phrases)
    if said is None or marks > _MOST_MARKS:
        return "other"
    kinds = consume(said, phrases, _SURVEY)
    if kinds is not None and "blame" not in kinds:
        if marks or wishes or kinds & {"praise", "marks"}:
            return "survey"
        return "thanks" if kinds & {"thanks", "done", "works"} else "other"
    # Words that nobody knows stand beside it: filed, and shown to staff.
    answers = marks or wishes or holds(said, phrases, "marks", "praise", "thanks", "done")
    return "remark" if answers or user_reply(text, phrases) == "works" else "other"


def _said(text: str, phrases: UserPhrases) -> tuple[tuple[str, ...] | None, bool]:
    """The words without good wishes and apologies for answering late, and whether there were wishes. None where
    something is asked, or tells of a problem."""
    found: list[str] = []
    wishes = False
    for sentence in sentences(text):
        said = phrases.read(sentence.words)
        told = without_apology(said, phrases)
        if holds(said, phrases, "trouble") or holds(told, phrases, "asks"):
            return None, False
        praises = holds(said, phrases, "praise") and not holds(said, phrases, "contrasts")
        unsettled = holds(said, phrases, "unsettled", *(() if praises else ("still",)))
        if unsettled and not (holds(said, phrases, "blame") and holds(said, phrases, "criteria")):
            return None, False
        if (said[0],) in phrases.lists["wishes"] and holds(said, phrases, "blessings"):
            wishes = True
        else:
            found += told
    return tuple(found), wishes
