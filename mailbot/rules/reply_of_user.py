"""What a user's reply means: SELESAI, "it works now", or not (step 13); data or not (step 8).

"Nothing but" is meant literally: a reply closes a ticket only if every word of it is known to be harmless, and says
that it works now only if every word may stand beside that. Whatever else stands in it is for people. What is said
after closing: `after_closing`. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from mailbot import wordfile, yamlfile
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import Sentence, plain, sentences, words

BUILT_IN = FOLDER / "user_replies.yaml"

_LISTS = (
    "greetings", "address", "thanks", "done", "beside_done", "works", "at_last", "beside_works", "assent",
    "tries", "later", "objects", "no_objection",
    "question", "no_question", "promise", "regional", "attachment",
    "criteria", "marks", "beside_marks", "praise", "blame", "beside_praise", "trouble", "asks",
)  # fmt: skip
_LONGEST = 12  # words of one expression
_SIGNATURE_LINES = 12  # closing words stand so near the end
_MAX_DATA = 20_000  # characters: no question or promise is as long
_MAX_SHORT = 2000  # characters: a longer reply is more than SELESAI or thanks

# Beside letters and digits only these may stand in a reply of no further meaning: punctuation, and
# signs that thank. Any other sign (a thumb down, a cross) may say the contrary.
_HARMLESS = ".,!;:()-–—\"'’‘“”*_~/•…🙏👍😊🙂😁😃😀✅☺❤🤝👌\ufe0f\u200d🏻🏼🏽🏾🏿"
_OTHER_SIGN = re.compile(rf"[^\w\s\[\]{re.escape(_HARMLESS)}]")
FOLDED_HANDS = "🙏"  # how thanks are written without a word
_TICKET = re.compile(r"\[?\b[A-Z][A-Z0-9-]{1,30}-20[0-9]{2}-[0-9]{6}\b\]?")
_CLOSING = re.compile(
    r"(?:.{0,60}\b)?"
    r"(?:(?:terima ?kasih|trims|tks|thanks|makasih|suwun|suksma|nuhun)(?: (?:atas|banyak|untuk)\b.{0,60})?"
    r"|hormat (?:kami|saya)|salam|regards)\W{0,5}"
)
# What data look like, also inside a promise or a question: a long number, an address; but for a question also
# "user id CONTOHJAYA".
_DATA = re.compile(r"[0-9]{5}|[0-9.-]{12}|\w@\w")
_USER_ID = re.compile(r"\buser ?(?:id|name)\b[^\w?]{1,5}(?!nya\b|apa\b|yang\b)\w{3}")

_BEFORE = "sebelumnya"
#: What may stand in a reply that closes, or that changes nothing: each word of it must be found here.
_NOTHING_ELSE = ("done", "beside_done", "greetings", "address", "thanks", "assent")
_MOST_WORDS = 50  # of a reply that only says that it works, or will be tried
_SHORT_THANKS = 6  # words
_REGIONAL = 2  # words of a regional language in a sentence that nobody here can read
_OBJECTIONS = frozenset("👎❌😡😠😤🙄😒😞😢😭🤬")
# "Kami tanyakan dulu", "aku cari dulu ke arsip": the data are still to come.
_FIRST_SOMETHING = re.compile(
    r"\b(?:saya|kami|aku|kita|tak|beta|sa|ulun|tiang|kulo|abdi|gue|ane)(?: \S{1,20}){1,2} "
    r"(?:dulu|dahulu|terlebih|heula|rumiyin|riyin|dumun|sek)\b"
)

UserReply = Literal["done", "works", "later", "thanks", "not_done"]
DataReply = Literal["data", "question", "promise", "thanks"]


@dataclass(frozen=True, slots=True)
class UserPhrases:
    """The expressions of a phrase file, as rows of normalised words, by the name of their list."""

    lists: Mapping[str, frozenset[tuple[str, ...]]]

    def begins(self, name: str) -> Mapping[str, tuple[int, ...]]:
        """The words with which the expressions of a list begin, and how many words such an expression has."""
        return _beginnings(self.lists[name])


@lru_cache(maxsize=256)  # lists: they are a phrase file's
def _beginnings(expressions: frozenset[tuple[str, ...]]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for each in expressions:
        found.setdefault(each[0], set()).add(len(each))
    return {word: tuple(sorted(lengths, reverse=True)) for word, lengths in found.items()}


def user_reply(new_text: str, phrases: UserPhrases) -> UserReply:
    """A reply to a ticket in `resolved`: SELESAI closes; that it works now is told to staff; thanks, "ok" and "akan
    kami coba" change nothing, but with words that nobody knows beside it staff read that, too (later); all else is
    BELUM."""
    kinds = kinds_of(new_text, phrases, _NOTHING_ELSE)
    if kinds is not None and "done" in kinds:
        return "done"
    if kinds is not None and "beside_done" not in kinds:
        return "thanks" if kinds & {"thanks", "assent"} or FOLDED_HANDS in new_text else "not_done"
    if kinds_of(new_text, phrases, (*_NOTHING_ELSE, "works", "beside_works", "at_last")) and _works(new_text, phrases):
        return "works"
    known = kinds_of(new_text, phrases, ("tries", "later", *_NOTHING_ELSE, "beside_works"))
    # Staff read what is found below: words that nobody knows may stand in it, if none of them objects.
    said = _unobjected(new_text, phrases)
    later = holds(said, phrases, "later")
    if holds(said, phrases, "done") or (holds(said, phrases, "works") and holds(said, phrases, "at_last")):
        return "not_done" if later else "works"
    if not (later and holds(said, phrases, "tries")):
        return "not_done"
    return "later" if known is None else "thanks"


def _works(text: str, phrases: UserPhrases) -> bool:
    """Whether one of the words says so; "sebelumnya sudah bisa" speaks of the past."""
    said = words(text)
    return any(holds(said, phrases, name) for name in ("works", "done", "beside_done")) and _BEFORE not in said


def _unobjected(text: str, phrases: UserPhrases) -> tuple[str, ...]:
    """The words of a short text; none where one of them objects, asks or brings data."""
    if len(text) > _MAX_SHORT or "?" in text or _DATA.search(text.lower()) or set(text) & _OBJECTIONS:
        return ()
    said = words(_TICKET.sub(" ", without_signature(text)))
    left = _without(said, phrases, "no_objection")
    found = len(said) > _MOST_WORDS or any(holds(left, phrases, name) for name in ("objects", "trouble", "asks"))
    return () if found else said


def data_reply(new_text: str, has_attachment: bool, phrases: UserPhrases) -> DataReply:
    """A reply to a request for data (step 8): an attachment or any statement is data.

    A statement that only announces an attachment which is not there counts as a promise, and an empty text, SELESAI
    and "sudah bisa" as thanks: they wait for staff.
    """
    if has_attachment or len(new_text) > _MAX_DATA:
        return "data"
    if user_reply(new_text, phrases) != "not_done":
        return "thanks"
    found = {_data_sentence(sentence, phrases) for sentence in sentences(without_signature(new_text))}
    # What looks like data goes on beside anything; a statement only where nothing is asked or promised beside it.
    if "certain" in found:
        return "data"
    if "question" in found or "promise" in found:
        return "question" if "question" in found else "promise"
    return "data" if "data" in found and "settled" not in found else "thanks"


def only_courtesy(sentence: Sentence, phrases: UserPhrases) -> bool:
    """Whether a sentence is nothing but greetings, thanks and assent."""
    if not _harmless(sentence.text):
        return False
    return consume(sentence.words, phrases, ("greetings", "address", "thanks", "assent")) is not None


def bare_assent(text: str, phrases: UserPhrases) -> bool:
    """Whether a staff member wrote no more than "ok", "siap", "terima kasih"."""
    kinds = kinds_of(text, phrases, ("assent", "thanks", "greetings", "address"))
    return kinds is not None and bool(kinds & {"assent", "thanks"})


# --- inside -----------------------------------------------------------------------------------------


def kinds_of(text: str, phrases: UserPhrases, names: Sequence[str]) -> set[str] | None:
    """The lists of which the text is made up, or None if anything else stands in it."""
    if len(text) > _MAX_SHORT or "?" in text or not _harmless(text):
        return None
    return consume(words(_TICKET.sub(" ", without_signature(text))), phrases, names)


def consume(left: tuple[str, ...], phrases: UserPhrases, names: Sequence[str]) -> set[str] | None:
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


def _data_sentence(sentence: Sentence, phrases: UserPhrases) -> DataReply | Literal["certain", "settled"]:
    if consume(sentence.words, phrases, ("greetings", "address", "thanks", "assent")) is not None:
        return "thanks"
    if user_reply(sentence.text, phrases) in ("done", "works"):
        return "settled"
    text = sentence.text.lower()
    if _DATA.search(text) or (not sentence.asks and _USER_ID.search(text)):
        return "certain"
    if sentence.asks or holds(_without(sentence.words, phrases, "no_question"), phrases, "question"):
        return "question"
    if len(sentence.words) <= _SHORT_THANKS and holds(sentence.words, phrases, "thanks"):
        return "thanks"
    if holds(sentence.words, phrases, "promise") or _FIRST_SOMETHING.search(" ".join(sentence.words)):
        return "promise"
    if sum((word,) in phrases.lists["regional"] for word in set(sentence.words)) >= _REGIONAL:
        return "promise"  # whether it is one, a person must read
    # "Berikut terlampir screenshotnya", and nothing is attached: the next mail will bring it.
    return "promise" if holds(sentence.words, phrases, "attachment") and ":" not in sentence.text else "data"


def _without(found: tuple[str, ...], phrases: UserPhrases, name: str) -> tuple[str, ...]:
    """The words without the expressions of a list: "apa pun" asks nothing."""
    left: list[str] = []
    at, begins = 0, phrases.begins(name)
    while at < len(found):
        step = next((n for n in begins.get(found[at], ()) if found[at : at + n] in phrases.lists[name]), 0)
        left += found[at : at + 1] if not step else ("-",)
        at += step or 1
    return tuple(left)


def holds(found: tuple[str, ...], phrases: UserPhrases, name: str) -> bool:
    """Whether an expression of a list stands in the words."""
    expressions, begins = phrases.lists[name], phrases.begins(name)
    return any(found[at : at + n] in expressions for at, word in enumerate(found) for n in begins.get(word, ()))


def load_user_phrases(path: Path | None = None) -> UserPhrases:
    """Read a site's expressions, or the built-in ones; raises ConfigError with every fault."""
    return yamlfile.rules(_Reader, path or BUILT_IN)


class _Reader(yamlfile.Reader[UserPhrases]):
    def result(self) -> UserPhrases:
        top = self.table((), self.document.data, _LISTS)
        return UserPhrases({name: self._expressions(name, top.get(name)) for name in _LISTS})

    def _expressions(self, name: str, data: Any) -> frozenset[tuple[str, ...]]:
        found = set()
        for i, item in enumerate(self.entries((name,), data, "of expressions", least=1)):
            expression = words(item) if isinstance(item, str) else ()
            if not 0 < len(expression) <= _LONGEST:
                self.fault((name, i), f"must be 1 to {_LONGEST} words of text")
            found.add(expression)
        return frozenset(found)
