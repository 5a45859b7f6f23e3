"""What a user's reply means: SELESAI, "it works now", or not (step 13); data or not (step 8).

"Nothing but" is meant literally: a reply closes a ticket only if every word of it is known to be harmless. Whatever
else stands in it is for people. What is said after closing: `after_closing`. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mailbot import late, wordfile
from mailbot.rules.language.normalise import Sentence, plain, sentences, words
from mailbot.rules.user_phrases import UserPhrases, consume, holds, start, without

_SIGNATURE_LINES = 12  # closing words stand so near the end
_NAME_LINES = 5  # of a signature
_NAME_WORDS, _OFFICE_WORDS = 5, 8  # of a line that is a name; that names a firm or an office
_MAX_DATA = 20_000  # characters: no question or promise is as long
_MAX_SHORT = 2000  # characters: a longer reply is more than SELESAI or thanks

# Beside letters and digits only these may stand in a reply of no further meaning: punctuation, and
# signs that thank. Any other sign (a thumb down, a cross) may say the contrary.
_HARMLESS = ".,!;:()-–—\"'’‘“”*_~/•…🙏👍😊🙂😁😃😀✅☺❤🤝👌\ufe0f\u200d🏻🏼🏽🏾🏿"
_OTHER_SIGN = re.compile(rf"[^\w\s\[\]{re.escape(_HARMLESS)}]")
#: How thanks and "ok" are written without a word.
_WORDLESS = frozenset("🙏👍👌🤝")
_OBJECTIONS = frozenset("👎❌😡😠😤🙄😒😞😢😭🤬")
_TICKET = re.compile(r"\[?\b[A-Z][A-Z0-9-]{1,30}-20[0-9]{2}-[0-9]{6}\b\]?")
_CLOSING = re.compile(
    r"(?:.{0,120}\b)?"
    r"(?:(?:terima ?kasih|trims|tks|thanks|makasih|suwun|suksma|nuhun)(?: (?:atas|banyak|untuk)\b.{0,60})?"
    r"|hormat (?:kami|saya)|salam|regards)\W{0,5}"
)
# What data look like, also inside a promise or a question: a long number, an address; but for a question also
# "user id CONTOHJAYA".
_DATA = re.compile(r"[0-9]{5}|[0-9.-]{12}|\w@\w")
_USER_ID = re.compile(r"\buser ?(?:id|name)(?:nya)?\b[^\w?]{1,5}(?!nya\b|apa\b|yang\b)\w{3}")
# What a sentence that asks and promises nothing states: "versi 5.2", "Windows 10", "kode 500", "14.20 WIB", "3 Maret",
# the words of an error in quotation marks.
_FACT = late.pattern(
    r"\bversi\W{1,3}[0-9]|\bwindows\W{0,2}(?:[0-9]|xp)|\b(?:kode|error|eror)\W{1,3}[0-9]{3}\b|[0-9]{1,2}[.:][0-9]{2}\b"
    r"|\b[0-9]{1,2} (?:jan|feb|mar|apr|mei|jun|jul|ag|sep|okt|nov|des)|[\"“][^\"“”\n]{8,300}[\"”]"
)
_NUMBERED = re.compile(r"[0-9]{3}|[a-z_][0-9]|[0-9][a-z_]")  # a code, a user ID
# "Tidak tahu versi berapa" asks nothing.
_UNKNOWN = late.pattern(
    r"\b(?:(?:tidak|kurang|belum) (?:tahu|ingat|hafal|paham|mengerti|jelas)|lupa|entah)(?: \S{1,20}){0,2}"
    r" (?:apa|berapa|siapa|kapan|mana|bagaimana|kenapa)\b"
)
# "Kami tanyakan dulu", "aku cari dulu ke arsip": the data are still to come.
_FIRST_SOMETHING = re.compile(r"\b(?:saya|kami|aku|kita|tak)(?: \S{1,20}){1,2} (?:dulu|dahulu|terlebih)\b")

_BEFORE = "sebelumnya"
_NOT_DONE = ("belum",)  # the link's word alone brings no data
#: What may stand in a reply that closes, or that changes nothing: each word of it must be found here.
_NOTHING_ELSE = ("done", "beside_done", "greetings", "address", "thanks", "assent")
COURTESY = ("greetings", "address", "thanks", "assent")
_MOST_WORDS = 50  # of a reply that only says that it works, or will be tried
_SHORT_THANKS = 6  # words
_REGIONAL = 2  # words of a regional language in a sentence that nobody here can read

UserReply = Literal["done", "works", "later", "thanks", "not_done"]
DataReply = Literal["data", "question", "promise", "thanks"]


def user_reply(new_text: str, phrases: UserPhrases) -> UserReply:
    """A reply to a ticket in `resolved`: SELESAI closes; that it works now is told to staff; thanks, "ok" and "akan
    kami coba" change nothing, but with words that nobody knows beside it staff read that, too (later); all else is
    BELUM."""
    short = _short(new_text, phrases)
    kinds = _kinds(short, phrases, _NOTHING_ELSE)
    if kinds is not None and "done" in kinds:
        return "done"
    if kinds is not None and "beside_done" not in kinds:
        return "thanks" if kinds & {"thanks", "assent"} or wordless(new_text) else "not_done"
    if _kinds(short, phrases, (*_NOTHING_ELSE, "works", "beside_works", "at_last")) and _works(new_text, phrases):
        return "works"
    # Staff read what is found below: words that nobody knows may stand in it, if none of them objects.
    said = _said(new_text, phrases)
    if said is None:
        return "not_done"
    later = holds(said.main, phrases, "later")
    if holds(said.all, phrases, "done") or (holds(said.all, phrases, "works") and holds(said.all, phrases, "at_last")):
        later = later and not _begins_done(new_text, phrases)
        return "not_done" if later or said.objects_at_all else "works"
    if said.objects or not (later and holds(said.main, phrases, "tries")):
        return "not_done"
    known = _kinds(short, phrases, ("tries", "later", *_NOTHING_ELSE, "beside_works"))
    return "later" if known is None else "thanks"


def wordless(text: str) -> bool:
    """Whether thanks or "ok" stand there as a sign."""
    return not _WORDLESS.isdisjoint(text)


def _works(text: str, phrases: UserPhrases) -> bool:
    """Whether one of the words says so; "sebelumnya sudah bisa" speaks of the past."""
    said = phrases.words(text)
    return holds(said, phrases, "works", "done", "beside_done") and _BEFORE not in said


def _begins_done(text: str, phrases: UserPhrases) -> bool:
    """Whether the first words say SELESAI, and a comma or full stop stands behind them: "selesai nanti" does not."""
    first, stop, _ = re.split(r"([,.;:\n]|$)", text.strip(), maxsplit=1)
    kinds = kinds_of(first, phrases, _NOTHING_ELSE)
    return bool(stop) and kinds is not None and "done" in kinds


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a short reply that has neither question, data nor trouble in it.

    all: without sentences that only apologise for answering late. main: also without reasons ("…, ternyata cache-nya").
    objects: whether a word of `main` objects; objects_at_all: of `all`.
    """

    all: tuple[str, ...]
    main: tuple[str, ...]
    objects: bool
    objects_at_all: bool


def _said(text: str, phrases: UserPhrases) -> _Said | None:
    if len(text) > _MAX_SHORT or "?" in text or _DATA.search(text.lower()) or set(text) & _OBJECTIONS:
        return None
    found: list[str] = []
    main: list[str] = []
    for sentence in sentences(_TICKET.sub(" ", without_names(text, phrases))):
        said = phrases.read(sentence.words)
        if holds(without(said, phrases, "no_objection"), phrases, "trouble", "asks"):
            return None
        said = without_apology(said, phrases)
        found += said
        main += _without_reason(said, phrases)
    if len(found) > _MOST_WORDS:
        return None
    objects, objects_at_all = (
        holds(without(tuple(words_), phrases, "no_objection"), phrases, "objects") for words_ in (main, found)
    )
    return _Said(tuple(found), tuple(main), objects, objects_at_all)


def without_apology(said: tuple[str, ...], phrases: UserPhrases) -> tuple[str, ...]:
    """The words of a sentence up to an apology for answering late and its reason, if nothing contradicts behind it."""
    at = start(said, phrases, "apologies")
    if at is None:
        return said
    behind = without(said[at:], phrases, "no_objection")  # "masih di lapangan"
    return said if holds(behind, phrases, "unsettled", "still", "contrasts", "explains") else said[:at]


def _without_reason(said: tuple[str, ...], phrases: UserPhrases) -> tuple[str, ...]:
    """The words of a sentence up to where it gives the reason of what it says."""
    at = start(said, phrases, "explains")
    return said[:at] if at else said


def data_reply(new_text: str, has_attachment: bool, phrases: UserPhrases) -> DataReply:
    """A reply to a request for data (step 8): an attachment or any statement is data.

    A statement that only announces an attachment which is not there counts as a promise, and an empty text, SELESAI,
    a bare BELUM and "sudah bisa" as thanks: they wait for staff.
    """
    if has_attachment or len(new_text) > _MAX_DATA:
        return "data"
    if user_reply(new_text, phrases) != "not_done" or words(new_text) == _NOT_DONE:
        return "thanks"
    found = {_data_sentence(sentence, phrases) for sentence in sentences(without_signature(new_text))}
    # What looks like data goes on beside anything; a statement only where nothing is asked or promised beside it.
    if "certain" in found:
        return "data"
    if "question" in found or "promise" in found:
        return "question" if "question" in found else "promise"
    return "data" if "data" in found and "settled" not in found else "thanks"


def needs_no_answer(text: str, phrases: UserPhrases) -> bool:
    """Whether all of it is thanks, assent or a promise: nothing is asked, told or complained of."""
    if "?" in text or len(text) > _MAX_SHORT or set(text) & _OBJECTIONS:
        return False
    found = sentences(without_names(text, phrases))
    said = (phrases.read(sentence.words) for sentence in found)
    return bool(found) and not any(
        holds(without(one, phrases, "no_objection"), phrases, "trouble", "asks", "objects", "question")
        or (
            consume(one, phrases, COURTESY) is None
            and not (len(one) <= _SHORT_THANKS and holds(one, phrases, "thanks"))
            and not holds(one, phrases, "promise")
        )
        for one in said
    )


def _data_sentence(sentence: Sentence, phrases: UserPhrases) -> DataReply | Literal["certain", "settled"]:
    said = phrases.read(sentence.words)
    if consume(said, phrases, COURTESY) is not None:
        return "thanks"
    if user_reply(sentence.text, phrases) in ("done", "works"):
        return "settled"
    text = sentence.text.lower()
    if _DATA.search(text) or (not sentence.asks and _USER_ID.search(text)):
        return "certain"
    if holds(said, phrases, "apologies"):
        return "thanks"
    if sentence.asks or holds(without(_without_unknown(said), phrases, "no_question"), phrases, "question"):
        return "question"
    if len(said) <= _SHORT_THANKS and holds(said, phrases, "thanks"):
        return "thanks"
    if holds(said, phrases, "promise") or _FIRST_SOMETHING.search(" ".join(said)):
        return "promise"
    if _FACT.search(text):
        return "certain"
    if sum((word,) in phrases.lists["regional"] for word in set(sentence.words)) >= _REGIONAL:
        return "promise"  # whether it is one, a person must read
    # "Berikut terlampir screenshotnya", and nothing is attached: the next mail will bring it.
    if holds(said, phrases, "attachment") and ":" not in sentence.text:
        return "promise"
    # "Terima kasih sudah diteruskan ke LKPP", "kok diminta lagi": words, and nothing that LKPP could use.
    return "data" if _NUMBERED.search(text) or holds(said, phrases, "evidence") else "thanks"


def has_evidence(text: str, phrases: UserPhrases) -> bool:
    """Whether anything in it is what data are made of: figures, an error's words, what does not exist."""
    return has_figures(text) or holds(phrases.words(without_signature(text)), phrases, "evidence")


def has_figures(text: str) -> bool:
    """Whether a number, an address, a user ID, a version or a quotation stands in it."""
    lower = text.lower()
    return any(form.search(lower) for form in (_DATA, _FACT, _NUMBERED, _USER_ID))


def _without_unknown(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_UNKNOWN.sub("-", " ".join(said)).split())


def only_courtesy(sentence: Sentence, phrases: UserPhrases) -> bool:
    """Whether a sentence is nothing but greetings, thanks and assent."""
    return _harmless(sentence.text) and consume(phrases.read(sentence.words), phrases, COURTESY) is not None


def bare_assent(text: str, phrases: UserPhrases) -> bool:
    """Whether a staff member wrote no more than "ok", "siap", "terima kasih"."""
    kinds = kinds_of(text, phrases, COURTESY)
    return kinds is not None and bool(kinds & {"assent", "thanks"})


# --- inside -----------------------------------------------------------------------------------------


def kinds_of(text: str, phrases: UserPhrases, names: Sequence[str]) -> set[str] | None:
    """The lists of which the text is made up, or None if anything else stands in it."""
    return _kinds(_short(text, phrases), phrases, names)


def _kinds(short: tuple[str, ...] | None, phrases: UserPhrases, names: Sequence[str]) -> set[str] | None:
    return None if short is None else consume(short, phrases, names)


def _short(text: str, phrases: UserPhrases) -> tuple[str, ...] | None:
    """The words of a short reply above its signature; None: it asks, or says something by a sign."""
    if len(text) > _MAX_SHORT or "?" in text or not _harmless(text):
        return None
    return phrases.words(_TICKET.sub(" ", without_signature(text)))


def _harmless(text: str) -> bool:
    return all(unicodedata.category(sign) == "Cf" for sign in _OTHER_SIGN.findall(text))


@lru_cache(maxsize=4)  # several questions are asked of the reply in hand
def without_signature(text: str) -> str:
    """The text without a name under its closing words ("Terima kasih,\\nBudi Santoso\\nCV Contoh")."""
    lines = [line.strip() for line in plain(text).strip().split("\n")]
    for i in range(max(len(lines) - _SIGNATURE_LINES, 0), len(lines) - 1):
        line = lines[i]
        below = [following for following in lines[i + 1 :] if following]
        if _CLOSING.fullmatch(line.lower()[-180:]) and len(below) <= _NAME_LINES and all(map(_is_name, below)):
            return "\n".join(lines[: i + 1])
    return "\n".join(lines)


def without_names(text: str, phrases: UserPhrases) -> str:
    """The text without its signature, closing words or not: a last paragraph of nothing but names. A doubtful reading,
    for replies that close nothing."""
    above, gap, last = without_signature(text).rpartition("\n\n")
    return above if gap and only_names(last.split("\n"), phrases) else f"{above}{gap}{last}"


def only_names(lines: Sequence[str], phrases: UserPhrases) -> bool:
    """Whether a few lines are nothing but names: none says anything."""
    said = phrases.words("\n".join(lines))
    return len(lines) <= _NAME_LINES and all(map(_is_name, lines)) and not holds(said, phrases, *_SAYS)


#: What a name holds none of.
_SAYS = ("done", "works", "tries", "objects", "question", "praise", "blame", "trouble", "asks", "marks", "thanks")


def _is_name(line: str) -> bool:
    """Whether a line looks like a name, a firm or a telephone number and like no sentence."""
    parts = line.split()
    most = _NAME_WORDS if _OFFICE.isdisjoint(words(line)) else _OFFICE_WORDS
    if len(parts) > most or "?" in line or "!" in line:
        return False
    if all(not c.isalpha() for c in line):
        return sum(c.isdigit() for c in line) >= 7
    return all(p[0].isupper() or not p[0].isalpha() for p in parts) and not (
        set(words(line)) & _NO_NAME or (line.isupper() and len(parts) > 4)
    )


_LISTS = wordfile.read(__file__, "no_name.txt")
_NO_NAME, _OFFICE = _LISTS["no name"].words, _LISTS["office"].words
