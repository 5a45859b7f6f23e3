"""Automatic replies that carry no header of their kind: known by the words of their subject and their text.

Words are the weakest evidence. A person writes about automatic replies, leave and being away as well, and then loses a
mail to the file of machines. So a subject counts only from its beginning and in the form that programs give it; a text
counts only when several things come together that only an absence note says, and nothing in it asks for anything.

An `opening` is what `own_opening` gives, in small letters (`wordfile.small`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from mailbot import late, wordfile
from mailbot.wordfile import small

_WORDS = wordfile.read(__file__, "autoreplies.txt")
_REPLY_TITLES = _WORDS["reply titles"].any_of
_AWAY_TITLES = _WORDS["away titles"].any_of
_NOTES_REST = _WORDS["notes rest"].pattern
_NAMED_AWAY = _WORDS["named away"].pattern
_TICKET_TITLES = _WORDS["ticket titles"].pattern
_TICKET_WORDS = _WORDS["ticket words"].of_small
_THANKS_CONTACT = _WORDS["thanks contact"].of_small
_WILL_BE_HANDLED = _WORDS["will be handled"].of_small
_SAYS_AUTOMATIC = _WORDS["says automatic"].of_small
_UNATTENDED = _WORDS["unattended"].of_small
_RECEIVED = _WORDS["received"].of_small
_HAS_COME = _WORDS["has come"].of_small
_READ_TITLES = _WORDS["read titles"].pattern
_WAS_READ = _WORDS["was read"].of_small
_THANKS = _WORDS["thanks"].of_small
_AWAY = _WORDS["away"].of_small
_RETURN = _WORDS["return"].of_small
_URGENT = _WORDS["urgent"].of_small
_INSTEAD = _WORDS["instead"].of_small
_WILL_ANSWER = _WORDS["will answer"].of_small
_VOCATIVE = _WORDS["vocative"].of_small
_ASKS = _WORDS["asks"].of_small
_PERSONAL = _WORDS["personal"].of_small
_PLEADS = _WORDS["pleads"].of_small

# Behind the words of a subject: nothing more, or what a program puts there.
_END = r"(?:\s*\Z|\s*[:：!\])】–—|-]|\s*\.{1,3}\s*\Z)"
_FOLLOWED = (
    r"(?:\s+(?:re|aw|dari|from|untuk|for|until|till|through|sampai|hingga|s\.?d\.?|mulai|vom|von|bis|du|jusqu|hasta|del"
    r"|dal|al|até|tot|van|fram|t\.?o\.?m|do|od)\b|\s+[\d(])"
)
_OPEN = r"[\[(【*]{0,2}\s?"
_REPLY_START = late.pattern(rf"{_OPEN}{_REPLY_TITLES}(?:(?P<end>{_END})|(?P<followed>{_FOLLOWED}))", re.I)
_AWAY_START = late.pattern(rf"{_OPEN}{_AWAY_TITLES}(?:(?P<end>{_END})|(?P<followed>{_FOLLOWED}))", re.I)
_ANSWERS = late.pattern(r"\s*(?:re|aw)\b", re.I)
# "AUTO: Budi is out of the office (returning 02/01/2027)" (Notes), "Auto: Re: …" (RFC 5230 §4.8)
_AUTO = late.pattern(r"(?:auto|otomatis)\s?:\s*(?P<rest>.{0,300})", re.I)
_LEAVE = late.pattern(
    r"(?:saya )?(?:sedang )?(?:cuti|dinas luar|tugas luar|perjalanan dinas|diklat)"
    r"(?: (?:tahunan|besar|bersalin|melahirkan|sakit|bersama|lebaran|natal))?"
    rf"(?:{_END}|{_FOLLOWED})|(?:saya )?sedang (?:cuti|dinas luar|tugas luar|bertugas di luar"
    r"|melaksanakan (?:cuti|tugas|dinas))\b",
    re.I,
)
_MAYBE = late.pattern(
    rf"\W{{0,3}}(?:{_REPLY_TITLES}|{_AWAY_TITLES}|(?:auto|otomatis)\s?:"
    r"|(?:saya |kami )?(?:sedang )?(?:cuti|dinas luar|tugas luar)\b)",
    re.I,
)
# "…" in a sentence: somebody cites.
_QUOTED_WORDS = late.pattern(r"\"[^\"]{3,300}\"|“[^”]{3,300}”|(?<!\w)'[^']{3,300}'(?!\w)|«[^»]{3,300}»")
_QUOTE = late.pattern(
    r"\s*(?:>|-{3,}|_{8,}|\*?(?:dari|from|pengirim|von|de)\*?\s?:|(?:pada|on)\b.{4,300}(?:menulis|wrote|tulis)\s?:)",
    re.I,
)
_SALUTATION = late.pattern(
    r"\A(?:(?:yth|kepada|dear|halo|hai|salam|selamat \w{3,6})\b[^!?:]{0,80}?[,!]\s{0,3}){1,3}", re.I
)
_READ = 20_000  # characters of a text in which it opens


def own_opening(text: str, lines: int = 40) -> str:
    """The first lines of a mail's new text, joined by blanks: up to the first mark of a quotation.

    Only for recognising machines by their words; never to decide what is passed on to anybody.
    """
    return _opening(text[:_READ], lines)


@lru_cache(maxsize=4)  # asked more than once of a mail
def _opening(text: str, lines: int) -> str:
    kept: list[str] = []
    pending = [line[:600] for line in text.split("\n")[: lines * 3]]
    for number, line in enumerate(pending):
        # "Pada … <a@b>" and "menulis:" are often two lines
        if _QUOTE.match(f"{line[:300]} {pending[number + 1][:300] if number + 1 < len(pending) else ''}"):
            break
        if line.strip():
            kept.append(line.strip())
        if len(kept) >= lines:
            break
    return " ".join(kept)[:4000]


def subject_says_reply(subject: str, opening: str, *, answers: bool) -> bool:
    """Whether a subject is an automatic reply's. `answers`: the mail names the one that it answers (In-Reply-To,
    References) or has no return address, as replies of programs do."""
    subject = subject[:400]
    starts = (_REPLY_START.match(subject), _AWAY_START.match(subject), _AUTO.match(subject))
    if not any(starts) and _NAMED_AWAY.match(subject) is None:
        return False  # nearly all mail: its words need not be searched
    wants = asks(opening) or "?" in subject
    away = _away_note(opening) >= 1
    if (found := starts[0]) is not None:
        if found["end"] is not None and (subject[found.end() :].strip() or subject.rstrip().endswith((":", "："))):
            return True  # "Balasan otomatis: Tidak bisa masuk"
        # "Automatic reply from Budi"; not "Balasan otomatis dari SPSE tidak masuk ke e-mail"
        short = (
            len(subject[found.start("followed") :].split()) <= 3 or _ANSWERS.match(found["followed"] or "") is not None
        )
        return answers or (not wants and (found["end"] is not None or away or short))
    if (found := starts[1]) is not None:
        named = found["end"] is not None and subject[found.end() :].strip() != ""
        whole = found["end"] is not None or _ANSWERS.match(found["followed"]) is not None
        return (answers and named) if wants else (answers or away or whole)
    if (found := starts[2]) is not None and (answers or _NOTES_REST.search(found["rest"]) or not wants):
        return True
    return _NAMED_AWAY.match(subject) is not None and (answers or not wants)


def subject_says_leave(subject: str, opening: str, *, answers: bool) -> bool:
    """ "Cuti: …", "Sedang dinas luar": people write that too, so the text must be an absence note or answer a mail."""
    if _LEAVE.match(subject[:400]) is None or "?" in subject or asks(opening):
        return False
    return answers or _AWAY.search(opening) is not None


def text_says_automatic(opening: str, subject: str = "") -> bool:
    """Whether a text calls itself automatic, or acknowledges a mail as ticket systems do."""
    if _RECEIVED.match(_SALUTATION.sub("", opening[:400])) is not None:
        return True  # "Yth. LPSE, tiket Anda telah kami terima dengan nomor …" is all that such a machine says
    if _PERSONAL.search(opening[:600]) is not None:
        return False  # a person who tells of a machine
    opening = _QUOTED_WORDS.sub(" ", opening)
    told = " ".join(sentence for sentence in re.split(r"(?<=[.!?])\s", opening) if not sentence.endswith("?"))
    if _SAYS_AUTOMATIC.search(told) is not None or _RECEIVED.search(opening) is not None:
        return True
    if _UNATTENDED.search(told) is not None and "@" in told and _ASKS.search(opening) is None:
        return True  # with the address that is read
    if _READ_TITLES.match(subject[:300]) is not None and _WAS_READ.search(told) is not None:
        return True
    titled = _TICKET_TITLES.match(subject[:300]) is not None
    numbered = _TICKET_WORDS.search(opening) is not None
    thanked = _THANKS_CONTACT.search(opening) is not None
    promised = _WILL_BE_HANDLED.search(opening) is not None
    if thanked and promised and _HAS_COME.search(opening) is not None:
        return not asks(opening)
    return (titled or thanked) + numbered + promised >= 2 and (numbered or titled) and not asks(opening)


def text_is_away_note(opening: str) -> bool:
    """Whether a text can hardly be anything but an absence note, with no word about anything else."""
    if len(opening) > 1500 or _away_note(opening) < 3:
        return False
    to_everybody = any(p.search(opening) is not None for p in (_THANKS, _WILL_ANSWER, _URGENT))
    return to_everybody and not asks(opening) and _VOCATIVE.search(opening[:300]) is None


@lru_cache(maxsize=4)  # asked more than once of a mail
def _away_note(opening: str) -> int:
    """How many things that absence notes say come together here; 0 without the absence itself."""
    if _AWAY.search(opening) is None:
        return 0
    instead = _INSTEAD.search(opening) is not None or _URGENT.search(opening) is not None
    return 1 + instead + sum(p.search(opening) is not None for p in (_THANKS, _RETURN, _WILL_ANSWER))


@lru_cache(maxsize=4)
def asks(opening: str) -> bool:
    """Whether somebody wants something; the sentence that names a deputy does not count."""
    kept = (
        s
        for s in re.split(r"(?<=[.!])\s", opening[:3000])
        if "?" in s or (_INSTEAD.search(s) is None and _URGENT.search(s) is None)
    )
    return _ASKS.search(" ".join(kept)) is not None


def says_received(opening: str) -> bool:
    """Whether a text only says that a mail has come."""
    promised = _WILL_BE_HANDLED.search(opening) is not None
    return _SAYS_AUTOMATIC.search(opening) is not None or (promised and _HAS_COME.search(opening) is not None)


def somebody_pleads(text: str) -> bool:
    """Whether a text greets or asks in its first lines, as people do who pass a machine's words on."""
    first = small(own_opening(text, 8)[:600])
    return any(p.search(first) is not None for p in (_PLEADS, _PERSONAL, _VOCATIVE))


def received_number(opening: str) -> re.Match[str] | None:
    """ "… telah kami terima dengan nomor", up to where the number begins."""
    return _RECEIVED.search(opening)


def sounds_automatic(subject: str, opening: str) -> bool:
    """Whether a person's mail sounds a little like a machine's: then no machine answers it."""
    return (
        _MAYBE.match(subject[:400]) is not None
        or (_away_note(opening) >= 2 and not asks(opening))
        or _SAYS_AUTOMATIC.search(opening) is not None
    )
