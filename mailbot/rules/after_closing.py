"""What a user writes on a closed ticket: thanks, an answer to the survey, or more (contract: it reopens).

The survey asks for marks from 1 to 4 on a few criteria. People answer as they like: five lines, "nilai 4 semua",
"4 4 4 3", praise, blame. An answer is filed in whatever form; one with words of its own is shown to staff, too. What
tells of a problem, asks something or brings data is none. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
from typing import Literal

from mailbot.rules.language.normalise import plain, words
from mailbot.rules.reply_of_user import (
    FOLDED_HANDS,
    UserPhrases,
    consume,
    holds,
    kinds_of,
    user_reply,
    without_signature,
)

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


def closed_reply(new_text: str, phrases: UserPhrases) -> ClosedReply:
    """What a reply to a closed ticket is. Of an empty text: other."""
    if len(new_text) > _MAX:
        return "other"
    text = without_signature(plain(new_text))
    kinds = kinds_of(text, phrases, _COURTESY)
    if kinds is not None and (kinds & {"thanks", "done", "works", "assent"} or FOLDED_HANDS in text):
        return "thanks"
    if not text.strip() or "?" in text or _NUMBER.search(text):
        return "other"
    without_marks, marks = _MARK.subn(" ", _BETWEEN.sub(" ", text))
    said = words(without_marks)
    if marks > _MOST_MARKS or holds(said, phrases, "trouble") or holds(said, phrases, "asks"):
        return "other"
    kinds = consume(said, phrases, _SURVEY)
    if kinds is not None and "blame" not in kinds:
        return "survey" if marks or kinds & {"praise", "marks"} else "other"
    # Words that nobody knows stand beside it: filed, and shown to staff.
    answers = marks or any(holds(said, phrases, name) for name in ("marks", "praise", "thanks", "done"))
    return "remark" if answers or user_reply(text, phrases) == "works" else "other"
