"""What a user's reply means: SELESAI or not (step 13), data or not (step 8), thanks, the survey.

"Nothing but" is meant literally: a reply closes a ticket only if every word of it is known to be
harmless. Whatever else stands in it is for people. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mailbot import wordfile, yamlfile
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import Sentence, plain, sentences, words

BUILT_IN = FOLDER / "user_replies.yaml"

_LISTS = (
    "greetings", "address", "thanks", "done", "assent",
    "question", "promise", "attachment", "survey", "trouble",
)  # fmt: skip
_LONGEST = 12  # words of one expression
_SIGNATURE_LINES = 12  # closing words stand so near the end
_MAX_DATA = 20_000  # characters: no question or promise is as long
_MAX_SHORT = 2000  # characters: a longer reply is more than SELESAI or thanks

# Beside letters and digits only these may stand in a reply of no further meaning: punctuation, and
# signs that thank. Any other sign (a thumb down, a cross) may say the contrary.
_HARMLESS = ".,!;:()-–—\"'’‘“”*_~/•…🙏👍😊🙂😁😃😀✅☺❤🤝👌\ufe0f\u200d🏻🏼🏽🏾🏿"
_OTHER_SIGN = re.compile(rf"[^\w\s\[\]{re.escape(_HARMLESS)}]")
_FOLDED_HANDS = "🙏"  # how thanks are written without a word
_TICKET = re.compile(r"\[?\b[A-Z][A-Z0-9-]{1,30}-20[0-9]{2}-[0-9]{6}\b\]?")
_CLOSING = re.compile(
    r"(?:.{0,60}\b)?(?:(?:terima ?kasih|trims|tks|thanks|makasih)(?: (?:atas|banyak|untuk)\b.{0,60})?"
    r"|hormat (?:kami|saya)|salam|regards)\W{0,5}"
)
_FIGURE = re.compile(r"[1-4]")
_SCORE = re.compile(r"\W{0,10}[1-4]\W{0,10}")
# What data look like, also inside a promise: a long number, an address, "user id CONTOHJAYA".
_DATA = re.compile(r"[0-9]{5}|[0-9.-]{12}|\w@\w|\buser ?(?:id|name)\b[^\w?]{1,5}(?!nya\b|apa\b|yang\b)\w{3}")

UserReply = Literal["done", "thanks", "not_done"]
DataReply = Literal["data", "question", "promise", "thanks"]
ClosedReply = Literal["thanks", "survey", "other"]


@dataclass(frozen=True, slots=True)
class UserPhrases:
    """The expressions of a phrase file, as rows of normalised words, by the name of their list."""

    lists: Mapping[str, frozenset[tuple[str, ...]]]
    survey_remark: tuple[str, ...]


def user_reply(new_text: str, phrases: UserPhrases) -> UserReply:
    """A reply to a ticket in `resolved`: SELESAI closes, pure thanks change nothing, all else is BELUM."""
    kinds = _kinds(new_text, phrases, ("greetings", "address", "thanks", "done"), also=("assent",))
    if kinds is None:
        return "not_done"
    if "done" in kinds:
        return "done"
    return "thanks" if "thanks" in kinds or _FOLDED_HANDS in new_text else "not_done"


def data_reply(new_text: str, has_attachment: bool, phrases: UserPhrases) -> DataReply:
    """A reply to a request for data (step 8): an attachment or any statement is data.

    A statement that only announces an attachment which is not there counts as a promise, and an
    empty text as thanks: both wait for staff.
    """
    if has_attachment or len(new_text) > _MAX_DATA:
        return "data"
    found: set[DataReply] = set()
    for sentence in sentences(without_signature(new_text)):
        found.add(_data_sentence(sentence, phrases))
    for kind in ("data", "question", "promise"):
        if kind in found:
            return kind
    return "thanks"


def closed_reply(new_text: str, phrases: UserPhrases) -> ClosedReply:
    """A reply to a closed ticket: thanks (or a late SELESAI), the survey filled in, or something else."""
    rest: list[str] = []
    scored = False
    for line in plain(new_text).split("\n"):
        criterion, answer = _survey_line(line, phrases)
        if criterion == "remark":
            if _holds(words(answer), phrases, "trouble"):
                return "other"
        elif criterion == "score" and (not answer.strip() or _SCORE.fullmatch(answer)):
            scored = scored or bool(answer.strip())
        else:
            rest.append(line)
    text = "\n".join(rest)
    if not scored and _bare_scores(text, phrases):
        return "survey"
    kinds = _kinds(text, phrases, ("greetings", "address", "thanks", "done"), also=("assent",))
    if kinds is None:
        return "other"
    if scored:
        return "survey"
    return "thanks" if kinds & {"thanks", "done", "assent"} or _FOLDED_HANDS in text else "other"


def only_courtesy(sentence: Sentence, phrases: UserPhrases) -> bool:
    """Whether a sentence is nothing but greetings, thanks and assent."""
    if not _harmless(sentence.text):
        return False
    return _consume(sentence.words, phrases, ("greetings", "address", "thanks", "assent")) is not None


def bare_assent(text: str, phrases: UserPhrases) -> bool:
    """Whether a staff member wrote no more than "ok", "siap", "terima kasih"."""
    kinds = _kinds(text, phrases, ("assent", "thanks", "greetings", "address"))
    return kinds is not None and bool(kinds & {"assent", "thanks"})


# --- inside -----------------------------------------------------------------------------------------


def _kinds(text: str, phrases: UserPhrases, names: Sequence[str], also: Sequence[str] = ()) -> set[str] | None:
    """The lists of which the text is made up, or None if anything else stands in it."""
    if len(text) > _MAX_SHORT or "?" in text or not _harmless(text):
        return None
    return _consume(words(_TICKET.sub(" ", without_signature(text))), phrases, (*names, *also))


def _consume(left: tuple[str, ...], phrases: UserPhrases, names: Sequence[str]) -> set[str] | None:
    """Cut the words into known expressions, the longest first; None if that fails."""
    kinds: set[str] = set()
    at = 0
    while at < len(left):
        for length in range(min(_LONGEST, len(left) - at), 0, -1):
            part = left[at : at + length]
            if name := next((n for n in names if part in phrases.lists[n]), None):
                kinds.add(name)
                at += length
                break
        else:
            return None
    return kinds


def _harmless(text: str) -> bool:
    return all(unicodedata.category(sign) == "Cf" for sign in _OTHER_SIGN.findall(text))


def without_signature(text: str) -> str:
    """The text without a name under its closing words ("Terima kasih,\\nBudi Santoso\\nCV Contoh")."""
    lines = [line.strip() for line in plain(text).strip().split("\n")]
    for i in range(max(len(lines) - _SIGNATURE_LINES, 0), len(lines) - 1):
        line = lines[i]
        below = [following for following in lines[i + 1 :] if following]
        if _CLOSING.fullmatch(line.lower()[:120]) and len(below) <= 5 and all(map(_is_name, below)):
            return "\n".join(lines[: i + 1])
    return "\n".join(lines)


def _is_name(line: str) -> bool:
    """Whether a line looks like a name, a firm or a telephone number and like no sentence."""
    parts = line.split()
    if len(parts) > 5 or "?" in line or "!" in line:
        return False
    if all(not c.isalpha() for c in line):
        return sum(c.isdigit() for c in line) >= 7
    return all(p[0].isupper() or not p[0].isalpha() for p in parts) and not (
        set(words(line)) & _NO_NAME or (line.isupper() and len(parts) > 4)
    )


_NO_NAME = wordfile.read(__file__, "no_name.txt")["no name"].words


def _data_sentence(sentence: Sentence, phrases: UserPhrases) -> DataReply:
    if _consume(sentence.words, phrases, ("greetings", "address", "thanks", "assent")) is not None:
        return "thanks"
    if _DATA.search(sentence.text.lower()):
        return "data"
    if sentence.asks or _holds(sentence.words, phrases, "question"):
        return "question"
    if _holds(sentence.words, phrases, "promise"):
        return "promise"
    # "Berikut terlampir screenshotnya", and nothing is attached: the next mail will bring it.
    return "promise" if _holds(sentence.words, phrases, "attachment") and ":" not in sentence.text else "data"


def _holds(found: tuple[str, ...], phrases: UserPhrases, name: str) -> bool:
    expressions = phrases.lists[name]
    lengths = {len(e) for e in expressions}
    return any(found[i : i + n] in expressions for n in lengths for i in range(len(found) - n + 1))


def _survey_line(line: str, phrases: UserPhrases) -> tuple[Literal["score", "remark", ""], str]:
    """Whether a line begins with a criterion or with "saran", and what stands behind it."""
    head, colon, tail = line.strip().partition(":")
    if not colon and (score := re.search(r"[1-4]\W{0,3}$", line.strip()[-6:])):
        head, tail = line.strip()[: -len(score[0])], score[0]
    if not (colon or tail):
        return "", ""
    named = words(head[:100])
    if named in phrases.lists["survey"]:
        return "score", tail
    return ("remark", tail) if colon and named == phrases.survey_remark else ("", "")


def _bare_scores(text: str, phrases: UserPhrases) -> bool:
    """Nothing but figures from 1 to 4, at most one for each criterion ("4 4 3 4"), and thanks."""
    if not _FIGURE.search(text):
        return False
    found = list(words(text[:_MAX_SHORT]))
    scores = [w for w in found if w in ("1", "2", "3", "4")]
    others = tuple(w for w in found if w not in scores)
    return (
        0 < len(scores) <= len(phrases.lists["survey"])
        and "?" not in text
        and len(text) <= _MAX_SHORT
        and _consume(others, phrases, ("greetings", "address", "thanks")) is not None
    )


def load_user_phrases(path: Path | None = None) -> UserPhrases:
    """Read a site's expressions, or the built-in ones; raises ConfigError with every fault."""
    return yamlfile.rules(_Reader, path or BUILT_IN)


class _Reader(yamlfile.Reader[UserPhrases]):
    def result(self) -> UserPhrases:
        top = self.table((), self.document.data, (*_LISTS, "survey_remark"))
        remark = words(str(top.get("survey_remark") or ""))
        if not remark:
            self.fault(("survey_remark",), "must be a word")
        return UserPhrases({name: self._expressions(name, top.get(name)) for name in _LISTS}, remark)

    def _expressions(self, name: str, data: Any) -> frozenset[tuple[str, ...]]:
        found = set()
        for i, item in enumerate(self.entries((name,), data, "of expressions", least=1)):
            expression = words(item) if isinstance(item, str) else ()
            if not 0 < len(expression) <= _LONGEST:
                self.fault((name, i), f"must be 1 to {_LONGEST} words of text")
            found.add(expression)
        return frozenset(found)
