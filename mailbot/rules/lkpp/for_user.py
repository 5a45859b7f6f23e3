"""What of LKPP's own new words is for the user, what is for the LPSE alone, and what nobody can tell.

LKPP writes to the LPSE, and most of what it writes is meant for the user: the rest is left out (salutation, thanks,
signature, LKPP's number, "mohon disampaikan kepada pengguna", instructions to the LPSE in a paragraph of their own).
Whatever forbids, is meant for staff alone, opens a door or belongs to somebody else is a doubt, and so is all that
cannot be told apart: a question costs one click, a wrong word is out for good. Pure; linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mailbot import late
from mailbot.rules.language import normalise
from mailbot.rules.language.phrases import Match
from mailbot.rules.lkpp import letter, not_his
from mailbot.rules.lkpp.for_user_phrases import BUILT_IN, ForUserPhrases, load_for_user_phrases
from mailbot.rules.lkpp.letter import Letter
from mailbot.rules.lkpp.not_his import NUMBER, TELEPHONE, TICKET, Known
from mailbot.rules.lkpp.pieces import Piece, Unit, lines, paragraphs
from mailbot.sentences import Sentences

__all__ = ("BUILT_IN", "DOUBTS", "ForUser", "ForUserPhrases", "LeftOut", "for_user", "load_for_user_phrases")

_SAID = Sentences(__file__)
#: Why nothing may go by itself, in words for staff, by the key that `ForUser.doubt` names.
DOUBTS: Mapping[str, str] = _SAID.table("doubts")

MAX_CHARACTERS = 20_000  # a reply is a page; what is longer is an attachment pasted in, and for people
_PASSES = 8  # each takes something away; a letter needs two or three
_SHOWN = 200  # characters of what a doubt rests on


class LeftOut(NamedTuple):
    """kind: salutation, thanks, signature, telephone, pass_on, lkpp_number, to_admin. words: as written."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class ForUser:
    """What of LKPP's words the user may read.

    text: the words for him, in LKPP's order, "" where there are none. Where there is a doubt: what would be left of
    them, for staff to look at.
    left_out: what was left out.
    doubt: why nothing may go by itself, a key of DOUBTS; None: `text` may go.
    because: the words of LKPP on which the doubt rests, at most 200 characters; "" where no words can be named.
    """

    text: str
    left_out: tuple[LeftOut, ...]
    doubt: str | None
    because: str = ""


def for_user(
    words: str, phrases: ForUserPhrases, *, lkpp_number: str | None = None, user_names: tuple[str, ...] = ()
) -> ForUser:
    """Tell apart LKPP's own new words (quotations already cut off).

    lkpp_number: LKPP's own number of this ticket, if it is known. user_names: all that names the user and may be said
    to him: his name, firm, addresses, NPWP, NIK, telephone, and his ticket's numbers.
    """
    text = words.replace("\r\n", "\n").replace("\r", "\n").replace(_CUT, "").replace(_CAPITAL, "")
    if len(text) > MAX_CHARACTERS:
        return ForUser(text, (), "too_long")
    known = Known(user_names, phrases.own_domains)
    left: list[LeftOut] = []
    doubts = list(_meant_for_staff(text, phrases, lkpp_number, user_names))
    for _ in range(_PASSES):
        before = text
        for step in (_without_ends, _without_frames, _without_numbers):
            text = _taken(text, step(text, phrases), left)
        doubts += _of_somebody_else(text, phrases, known, lkpp_number)
        apart, mixed = _without_admin(text, phrases)
        text = _taken(text, apart, left)
        doubts += mixed
        if text == before:
            break
    else:
        doubts.append(_Doubt("unsettled", ""))
    if not any(map(str.isalnum, text)):
        doubts.append(_Doubt("nothing", ""))
    first = doubts[0] if doubts else _Doubt(None, "")
    return ForUser(text, tuple(left), first.key, first.because[:_SHOWN])


class _Doubt(NamedTuple):
    key: str | None
    because: str


# --- cutting ----------------------------------------------------------------------------------------------------------


class _Cut(NamedTuple):
    """kind: "" for blanks, of which nobody need know. capital: what follows begins a sentence now."""

    start: int
    end: int
    kind: str = ""
    capital: bool = False


_CUT, _CAPITAL = "\x00", "\x01"
_MARKED = late.pattern(f"([{_CUT}{_CAPITAL}])([ \t]*)")
_HAS_WORD = late.pattern(r"[^\W_]")
_NOTHING = late.pattern(r"\s*(?:[-*•·–]|\(?(?:[0-9]{1,2}|[a-zA-Z])[.)])?[\s.,;:!()-]*")


def _taken(text: str, cuts: Iterable[_Cut], left: list[LeftOut]) -> str:
    """The text without the cuts; lines that they empty go, and the empty line beside them."""
    parts: list[str] = []
    at = 0
    for cut in sorted(cuts):
        if cut.start < at or cut.end <= cut.start:
            continue
        if cut.kind:
            left.append(LeftOut(cut.kind, text[cut.start : cut.end].strip()))
        parts += (text[at : cut.start], _CAPITAL if cut.capital else _CUT)
        at = cut.end
    marked = "".join((*parts, text[at:])).split("\n")
    mended = [_mended(line) if _CUT in line or _CAPITAL in line else line for line in marked]
    emptied = [
        before != after and _NOTHING.fullmatch(after) is not None for before, after in zip(marked, mended, strict=True)
    ]
    return "\n".join(_without_emptied(mended, emptied)).strip("\n")


def _without_emptied(written: list[str], emptied: list[bool]) -> Iterator[str]:
    """The lines but those that were emptied, of whose neighbours one empty line stays."""
    blank = gone = 0
    for line, empty in zip(written, emptied, strict=True):
        if empty or not line.strip():
            blank += not empty
            gone += empty
            continue
        yield from [""] * (min(blank, 1) if gone else blank)
        blank = gone = 0
        yield line


def _mended(line: str) -> str:
    """A line of which something was cut: no blanks where it was, and a capital where a sentence begins now."""
    line = _MARKED.sub(
        lambda found: found[1] if not line[: found.start()].strip(f" \t{_CUT}{_CAPITAL}") else found[0], line
    )
    parts = line.split(_CAPITAL)
    line = "".join((parts[0], *(_capital(part) for part in parts[1:])))
    return line.replace(_CUT, "").rstrip()


def _capital(text: str) -> str:
    found = _HAS_WORD.search(text)
    at = found.start() if found else 0
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]


# --- what is left out -------------------------------------------------------------------------------------------------


def _without_ends(text: str, phrases: ForUserPhrases) -> Iterator[_Cut]:
    """Salutation, closing and signature."""
    whole = Letter(text, phrases)
    for line in whole.cut():
        yield _Cut(line.start, line.end, line.kind)
    if place := whole.inline():
        yield _Cut(*place, "salutation", capital=True)


def _without_frames(text: str, phrases: ForUserPhrases) -> Iterator[_Cut]:
    """Thanks, and the words around what LKPP asks to be passed on."""
    for piece in _pieces(paragraphs(text, phrases.slips)):
        if letter.thanks(piece.sentence, phrases):
            yield _Cut(piece.start, piece.end, "thanks")
        elif place := _thanked(piece, phrases):
            yield _Cut(*place, "thanks", capital=True)
        else:
            yield from _frame(text, piece, phrases)
    for start, end in lines(text):
        if _is_telephone_line(text[start:end], phrases):
            yield _Cut(start, end, "telephone")


def _pieces(paras: Iterable[Iterable[Unit]]) -> Iterator[Piece]:
    return (piece for units in paras for unit in units for piece in unit.pieces)


def _thanked(piece: Piece, phrases: ForUserPhrases) -> tuple[int, int] | None:
    """Where thanks stand in front of what is said: "Terima kasih atas laporannya, akun …"."""
    said = piece.sentence
    if said.words[:1] not in (("terima",), ("demikian",)) or (
        said.words[0] == "terima" and said.words[1:2] != ("kasih",)
    ):
        return None
    rest = next((i for i, clause in enumerate(said.clauses) if clause != said.clauses[0]), None)
    if rest is None or len(said.words) - rest < 3 or said.words[rest] in ("dan", "serta", "atau"):
        return None
    if any(word in phrases.words["says_more"] for word in said.words[:rest]):
        return None
    return piece.start, piece.places[rest][0]


_BEFORE = frozenset({"dan", "serta", "untuk", "agar", "sehingga", "selanjutnya", "jadi", "maka", "and"})
_TRAIL = frozenset(
    {"bersangkutan", "terkait", "dimaksud", "tersebut", "nya", "melapor", "melaporkan", "ya", "yah", "know"}
)
_CALLED = frozenset({"ya", "yah", "bapak", "ibu", "mas", "mbak", "kak", "terima", "kasih"})


def _frame(text: str, piece: Piece, phrases: ForUserPhrases) -> Iterator[_Cut]:
    """ "Mohon disampaikan kepada pengguna bahwa …": only what follows is his."""
    said, places = piece.sentence, piece.places
    found = phrases.find("pass_on", said) or phrases.find("pass_on_alone", said)
    if not found:
        return
    match = min(found, key=lambda m: (m.start, -m.end))
    words, lists = said.words, phrases.words
    start, end = match.start, match.end
    polite = lists["keeps"]
    while start and (
        words[start - 1] in polite or words[start - 1] in ("minta", "kiranya", "coba", "dapat", "could", "you")
    ):
        start -= 1
    while end < len(words) and (
        words[end] in _TRAIL or (words[end] == "yang" and words[end + 1 : end + 2] and words[end + 1] in _TRAIL)
    ):
        end += 1
    ordered = end < len(words) and words[end] in lists["so_that"]
    told = end < len(words) and words[end] in lists["that"]
    # "Mohon disampaikan kepada penyedia, akun …": behind a comma stands what is told.
    apart = end < len(words) and said.clauses[end] != said.clauses[end - 1]
    end += ordered or told
    if all(word in _CALLED for word in words[end:]):
        yield _whole_clause(text, piece, start)
        return
    keep = next((i for i in range(start, match.end) if words[i] in polite), None)
    behind = places[end][0]
    if keep is not None and places[keep][1] < behind and not told and (ordered or not apart):
        if places[keep][0] > places[start][0]:
            yield _Cut(places[start][0], places[keep][0], "pass_on", capital=text[places[start][0]].isupper())
        yield _Cut(places[keep][1], behind - 1, "pass_on")
    else:
        yield _Cut(places[start][0], behind, "pass_on", capital=start == 0)


def _whole_clause(text: str, piece: Piece, start: int) -> _Cut:
    """The frame alone, to the end of its sentence: "…, mohon disampaikan kepada pengguna."."""
    words = piece.sentence.words
    while start and words[start - 1] in _BEFORE:
        start -= 1
    if not start:
        return _Cut(piece.start, piece.end, "pass_on")
    begin = piece.places[start - 1][1]
    while begin > piece.start and text[begin - 1] in ",;:-–—":
        begin -= 1
    end = piece.end - 1 if text[piece.end - 1] in ".!" and text[begin - 1] not in ".!?" else piece.end
    return _Cut(begin, end, "pass_on")


_TICKET_WORDS = r"(?:[ ](?:id|nomor|no\.?|number|anda|saudara|bapak/ibu|ini|tersebut|kami|lkpp|tts|adalah))"
_NUMBER_LINE = late.pattern(
    rf"[ \t]*(?:(?:nomor|no\.?|id|number)[ ])?{TICKET}(?:nya)?{_TICKET_WORDS}{{0,4}}"
    rf"[ ]{{0,20}}[:=]?[ ]{{0,5}}{NUMBER}[ .]*|\[?#?{NUMBER}\]?",
    re.IGNORECASE,
)
_IN_BRACKETS = late.pattern(
    rf"[ \t]?[(\[](?:(?:nomor|no\.?|id|ref\.?)[ ]?)?(?:{TICKET}{_TICKET_WORDS}{{0,3}})?[ :=]{{0,4}}{NUMBER}[)\]]",
    re.IGNORECASE,
)
_WITH = late.pattern(
    r"\s(?:dengan|pada|di|melalui|with|under)[ ](?:(?:nomor|no\.?|number)[ ])?"
    rf"(?:{TICKET})?{_TICKET_WORDS}{{0,3}}[ ]?[:=]?[ ]?{NUMBER}",
    re.IGNORECASE,
)
_BEHIND = late.pattern(
    rf"({TICKET}(?:nya)?(?:[ ](?:anda|saudara|kami))?){_TICKET_WORDS}{{0,3}}[ ]{{0,3}}[:=]?[ ]{{0,3}}{NUMBER}",
    re.IGNORECASE,
)


def _without_numbers(text: str, phrases: ForUserPhrases) -> Iterator[_Cut]:
    """LKPP's number: the line or clause that only tells it, and it alone where the sentence can do without."""
    places = not_his.tickets(text)
    if not places:
        return
    for piece in _pieces(paragraphs(text, phrases.slips)):
        if any(piece.start <= start < piece.end for start, _ in places):
            said = text[piece.start : piece.end]
            if _NUMBER_LINE.fullmatch(said) or phrases.find("cite_number", piece.sentence):
                yield _Cut(piece.start, piece.end, "lkpp_number")
    for pattern in (_IN_BRACKETS, _WITH, _BEHIND):
        for found in pattern.finditer(text):
            if any(found.start() <= start < found.end() for start, _ in places):
                start = found.end(1) if pattern is _BEHIND else found.start()
                yield _Cut(start, found.end(), "lkpp_number")


def _is_telephone_line(line: str, phrases: ForUserPhrases) -> bool:
    """A line that tells nothing but a telephone's number."""
    if len(line) > 120 or not TELEPHONE.search(line):
        return False
    rest = normalise.words(TELEPHONE.sub(" ", line))
    return all(word in phrases.words["desk"] for word in rest)


# --- instructions to the LPSE -----------------------------------------------------------------------------------------

_TO = frozenset(
    {
        "ke",
        "di",
        "kepada",
        "melalui",
        "dari",
        "pada",
        "dengan",
        "untuk",
        "oleh",
        "via",
        "lewat",
        "hubungi",
        "menghubungi",
        "to",
    }
)


def _without_admin(text: str, phrases: ForUserPhrases) -> tuple[list[_Cut], list[_Doubt]]:
    """Paragraphs that only tell the LPSE's admin what to do; a doubt where they stand among other words."""
    cuts: list[_Cut] = []
    doubts: list[_Doubt] = []
    heading = behind = False  # the paragraph above ended in "admin …:", or was left out
    above = ""
    for units in paragraphs(text, phrases.slips):
        start, end = units[0].start, units[-1].end
        pieces = [piece for unit in units for piece in unit.pieces]
        told = [piece for piece in pieces if _tells_admin(piece, phrases)]
        listed = len(units) > 1 and all(unit.bullet for unit in units[1:])
        headed = (
            bool(told)
            and told[0] == pieces[0]
            and units[0].pieces[-1:] == (pieces[0],)
            and text[pieces[0].end - 1] == ":"
        )
        if (told and (len(told) == len(pieces) or (headed and listed))) or (
            heading and all(unit.bullet for unit in units)
        ):
            cuts.append(_Cut(start, end, "to_admin"))
            if above.endswith(":"):  # what leads to it would stay
                doubts.append(_Doubt("to_admin", above))
            heading = text[start:end].rstrip().endswith(":")
            behind = True
            continue
        if told:
            doubts.append(_Doubt("to_admin", told[0].sentence.text))
        elif behind and (heading or any(word in phrases.words["follows"] for word in pieces[0].sentence.words[:1])):
            doubts.append(_Doubt("to_admin", pieces[0].sentence.text))
        heading = behind = False
        above = pieces[-1].sentence.text
    return cuts, doubts


#: Between a wish and a server where LKPP tells of its own work: "mohon menunggu, kami sedang restart tomcat".
_OURSELVES = frozenset(
    {"kami", "kita", "saya", "tim", "sedang", "sudah", "telah", "masih", "akan", "lagi", "pusat", "we"}
)


def _tells_admin(piece: Piece, phrases: ForUserPhrases) -> bool:
    words, clauses = piece.sentence.words, piece.sentence.clauses
    return any(
        (clauses[match.start] == clauses[match.end - 1] or _OURSELVES.isdisjoint(words[match.start : match.end]))
        and not (match.start and words[match.start - 1] in _TO)
        and words[match.start : match.start + 2] != ("mohon", "maaf")
        for match in phrases.find("to_admin", piece.sentence)
    )


# --- doubts -----------------------------------------------------------------------------------------------------------

_HEADER = late.pattern(
    r"[ \t>*]*(?P<label>from|dari|sent|dikirim|to|kepada|subject|perihal|subjek|cc|date|tanggal)\*?[ \t]*:",
    re.IGNORECASE,
)
_FROM = frozenset({"from", "dari"})


def _meant_for_staff(
    text: str, phrases: ForUserPhrases, lkpp_number: str | None, names: Sequence[str]
) -> Iterator[_Doubt]:
    """What LKPP forbids to pass on, keeps to the LPSE, or wrote of another ticket; secrets."""
    pieces = list(_pieces(paragraphs(text, phrases.slips)))
    for piece in pieces:
        if letter.is_disclaimer(piece.sentence.words, phrases):
            continue
        for key in ("forbidden", "staff_only", "others", "delicate"):
            if phrases.find(key, piece.sentence) and not (
                key == "forbidden" and phrases.find("advice", piece.sentence)
            ):
                yield _Doubt(_KEYS[key], piece.sentence.text)
    if not_his.opening_link(text):
        yield _Doubt("secret_link", "")
    if not_his.secret(text, pieces, phrases):
        yield _Doubt("secret", "")  # the words themselves are the secret
    if number := not_his.other_ticket(text, lkpp_number, names):
        yield _Doubt("other_ticket", number)
    labels = {found["label"].lower() for start, end in lines(text) if (found := _HEADER.match(text, start, end))}
    if len(labels) > 1 and labels & _FROM:
        yield _Doubt("quoted", "")
    if any(text[start:end].lstrip().startswith(">") for start, end in lines(text)):
        yield _Doubt("quoted", "")


_KEYS = {"forbidden": "forbidden", "staff_only": "staff_only", "others": "other_ticket", "delicate": "delicate"}


#: Before a verb of telling: LKPP has told, or will tell, the user itself.
_DONE = frozenset({"kami", "saya", "sudah", "telah", "kita", "akan", "we"})


def _of_somebody_else(text: str, phrases: ForUserPhrases, known: Known, lkpp_number: str | None) -> Iterator[_Doubt]:
    """What in the words that are left names another party, LKPP's number or its staff's telephones."""
    for key, found in (
        ("other_identity", not_his.other_identity(text, known)),
        ("other_address", not_his.other_address(text, known)),
        ("other_firm", not_his.other_firm(text, known)),
    ):
        if found:
            yield _Doubt(key, found)
    left = [text[start:end] for start, end in not_his.tickets(text)]
    if left or (lkpp_number and len(not_his.digits(lkpp_number)) > 3 and not_his.digits(lkpp_number) in text):
        yield _Doubt("lkpp_number", left[0] if left else lkpp_number or "")
    for piece in _pieces(paragraphs(text, phrases.slips)):
        said = text[piece.start : piece.end]
        served = any(word in phrases.words["hotline"] for word in piece.sentence.words)
        for number in TELEPHONE.finditer(said):
            if not_his.is_mobile(number[0].lstrip("(")) and not served and not known.number(number[0]):
                yield _Doubt("telephone", number[0])
        if phrases.find("pass_on_left", piece.sentence):
            yield _Doubt("pass_on", piece.sentence.text)
        if any(not _is_told(piece, match) for match in phrases.find("to_say", piece.sentence)):
            yield _Doubt("to_say", piece.sentence.text)


def _is_told(piece: Piece, match: Match) -> bool:
    """Whether LKPP speaks of what it told the user itself."""
    words, clauses = piece.sentence.words, piece.sentence.clauses
    before = range(max(match.start - 3, 0), match.start)
    return any(words[i] in _DONE and clauses[i] == clauses[match.start] for i in before)
