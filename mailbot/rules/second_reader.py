"""What a user's reply means: the rules read first, then the second reader (`language.reader`), learnt from replies.

The two may be wrong in different ways, and not every mistake costs the same. So the reader's doubt always counts: what
it takes for a problem neither closes, nor goes on to LKPP, nor is filed. Its trust counts only where staff see the
reply all the same, where the rules find in it what data are made of, or where its writer says SELESAI and nothing
objects. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.rules import FOLDER, after_closing, reply_of_user
from mailbot.rules.after_closing import ClosedReply
from mailbot.rules.language import reader
from mailbot.rules.language.normalise import Sentence, sentences
from mailbot.rules.reply_of_user import UserReply
from mailbot.rules.user_phrases import UserPhrases, consume, holds, start, without

LEARNT = FOLDER / "user_replies_learnt.txt"
#: The questions, each with its meanings; the last one is the careful one, with which a person looks at the reply.
MEANINGS = {
    "resolved": ("done", "works", "nothing", "not_done"),
    "awaiting_data": ("data", "not_data"),
    "closed": ("filed", "reopens"),
}
# Shares: at least so sure is the reader of a meaning that counts, by what follows from it; at least so likely is the
# careful one where it doubts. Chosen on the labelled sets, each read by what the others had taught (bench/learning.py).
_SURE, _DOUBTS = 0.75, 0.5
_CLOSES = 0.65  # that SELESAI stands alone, beside words that nobody knows and that do not object
_RELEASES, _SURELY = 0.7, 0.85  # that it works: staff read it; where it has words of trouble or questions
_TRIED = 0.85  # that it will be tried: staff read it
_WITH_FIGURES, _WITHOUT = 0.8, 0.95  # that data stand beside a question
_NOTHING_ELSE = 0.3  # of a statement without figures, and of a reply that closes: up to here it is no problem
_PROBLEM = 0.5  # of one sentence
_MAX = 2000  # characters: a longer reply is read by the rules alone

Readers = Mapping[str, reader.Reader]


def load() -> Readers:
    """The readers by their questions; raises ConfigError if the file is not as it was learnt."""
    return reader.load(LEARNT).readers


def to_answer(text: str, phrases: UserPhrases, readers: Readers) -> UserReply:
    """A reply to a ticket in `resolved`, as `reply_of_user.user_reply` tells it."""
    ruled = reply_of_user.user_reply(text, phrases)
    shares = _shares(text, phrases, readers["resolved"])
    if not shares:
        return ruled
    if ruled == "thanks" and _only_courtesy(text, phrases):
        return "thanks"
    if ruled != "not_done" and shares["not_done"] >= _DOUBTS:
        return "not_done"
    if ruled == "done":
        return "works" if shares["not_done"] + shares["nothing"] > _NOTHING_ELSE else "done"
    if ruled == "thanks":
        return "thanks"
    if ruled == "not_done" and shares["not_done"] < _DOUBTS and _wishes_well(text, phrases):
        return "later"
    if ruled == "later" or _careful(text, phrases, readers["resolved"], "unsettled"):
        return ruled
    if ruled == "works":
        says_done = holds(phrases.words(text), phrases, "done")
        return "done" if says_done and shares["done"] >= _CLOSES else "works"
    if shares["nothing"] >= _TRIED:
        return "later"
    least = _SURELY if _holds(text, phrases, "trouble", "still", "asks", "question") else _RELEASES
    return "works" if shares["done"] + shares["works"] >= least else "not_done"


def brings_data(text: str, has_attachment: bool, phrases: UserPhrases, readers: Readers) -> bool:
    """Whether a reply to a request for data goes on to LKPP (step 8)."""
    ruled = reply_of_user.data_reply(text, has_attachment, phrases)
    shares = {} if has_attachment else _shares(text, phrases, readers["awaiting_data"])
    if not shares:
        return ruled == "data"
    if ruled == "data":
        return shares["not_data"] < (_SURE if reply_of_user.has_figures(text) else _NOTHING_ELSE)
    asked = _WITH_FIGURES if reply_of_user.has_figures(text) else _WITHOUT
    least = _SURE if ruled == "thanks" else asked
    if not reply_of_user.has_figures(text) and all(one.asks for one in read(text, phrases)):
        return False  # "Where can I find the user id?" names what data are made of, and brings none
    return shares["data"] >= least and reply_of_user.has_evidence(text, phrases)


def to_closing(text: str, phrases: UserPhrases, readers: Readers) -> ClosedReply:
    """A reply to a closed ticket, as `after_closing.closed_reply` tells it. What only the reader takes for thanks or an
    answer to the survey is filed, and shown to staff."""
    ruled = after_closing.closed_reply(text, phrases)
    shares = _shares(text, phrases, readers["closed"])
    if not shares:
        return ruled
    if ruled != "other":
        doubted = shares["reopens"] >= _DOUBTS and not _only_courtesy(text, phrases)
        return "other" if doubted else ruled
    sure = shares["filed"] >= _SURE and not _careful(text, phrases, readers["closed"], "trouble", "unsettled")
    return "remark" if sure else "other"


def read(text: str, phrases: UserPhrases) -> list[Sentence]:
    """The sentences that are weighed: those above the writer's names."""
    lines = reply_of_user.without_names(text, phrases).rstrip().split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or reply_of_user.only_names(lines[-1:], phrases)):
        lines.pop()
    return sentences("\n".join(lines))


def marks(read: list[Sentence], phrases: UserPhrases) -> frozenset[str]:
    """What the readers weigh: the words in Indonesian, as the expressions have them."""
    return reader.marks((phrases.read(sentence.words), sentence.asks) for sentence in read)


def _shares(text: str, phrases: UserPhrases, by: reader.Reader) -> dict[str, float]:
    """How likely each meaning is; nothing of a text that is empty or too long."""
    found = read(text, phrases) if len(text) <= _MAX else []
    return by.shares(marks(found, phrases)) if found else {}


def _careful(text: str, phrases: UserPhrases, by: reader.Reader, *lists: str) -> bool:
    """Whether one sentence asks, contrasts or seems to be a problem: no praise around it outweighs that."""
    careful = by.meanings[-1]
    return (
        "?" in text
        or _holds(text, phrases, "contrasts", *lists)
        or any(
            by.shares(marks([one], phrases))[careful] > _PROBLEM
            for one in read(text, phrases)
            if not reply_of_user.only_courtesy(one, phrases)
        )
    )


def _only_courtesy(text: str, phrases: UserPhrases) -> bool:
    """Whether every word is a greeting, thanks or assent: of these there is nothing to doubt."""
    return reply_of_user.kinds_of(text, phrases, reply_of_user.COURTESY) is not None


def _wishes_well(text: str, phrases: UserPhrases) -> bool:
    """Whether it is nothing but courtesy and good wishes, in whatever words these are."""
    if "?" in text:
        return False
    for one in read(text, phrases):
        said = phrases.read(one.words)
        at = start(said, phrases, "wishes")
        wish = said[at:] if at is not None else ()
        harmless = holds(wish, phrases, "blessings") and not holds(
            wish, phrases, "trouble", "unsettled", "contrasts", "still", "asks", "works", "done"
        )
        if consume(said[:at] if harmless else said, phrases, reply_of_user.COURTESY) is None:
            return False
    return True


def _holds(text: str, phrases: UserPhrases, *lists: str) -> bool:
    """Whether an expression of one of the lists stands in a sentence, and not within one that objects to nothing."""
    said = (without(phrases.read(one.words), phrases, "no_objection") for one in read(text, phrases))
    return any(holds(words, phrases, *lists) for words in said)
