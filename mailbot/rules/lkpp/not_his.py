"""What in LKPP's words, by its shape, belongs to somebody else than the user, or opens a door: numbers of identity,
addresses, firms, tickets, passwords, links that log in. Pure; linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailbot import late
from mailbot.masking import mask
from mailbot.rules.language.stopwords import IN_EVERY_MAIL
from mailbot.rules.lkpp.for_user_phrases import ForUserPhrases
from mailbot.rules.lkpp.pieces import Piece

# --- numbers of LKPP's tickets ----------------------------------------------------------------------------------------

#: Numbers as ours are, also those of other LPSEs.
_OURS = late.pattern(r"\b[A-Z][A-Z0-9-]{1,30}-20[0-9]{2}-[0-9]{6}\b")
NUMBER = r"(?:\#[ ]?|\b)[A-Z]{0,6}-?[0-9][0-9-]{3,20}\b"
TICKET = r"\b(?:tiket|ticket|case|kasus|aduan|pengaduan|laporan)"
_BETWEEN_WORDS = r"(?:[ ](?:id|nomor|no\.?|number|anda|saudara|ini|tersebut|kami|lkpp|tts))"
_NAMED = late.pattern(
    rf"{TICKET}(?:nya)?{_BETWEEN_WORDS}{{0,3}}[ ]{{0,5}}[:=]?[ ]{{0,3}}(?P<number>{NUMBER})",
    re.IGNORECASE,
)
_FILED = late.pattern(
    r"\b(?:(?:di|ter)?catat|(?:ter)?daftar(?:kan)?|(?:te)?registrasi|(?:di)?terima)\b"
    rf"[^.\n]{{0,40}}\bnomor[ ](?P<number>{NUMBER})",
    re.IGNORECASE,
)
_BARE = late.pattern(r"\#[ ]?(?P<number>[0-9]{4,12})\b|\b(?P<lettered>(?:TTS|TKT|TIKET|INC|REQ|SR|CASE)-[0-9]{3,12})\b")
_YEAR = late.pattern(r"(?:19|20)[0-9]{2}")


def tickets(text: str) -> list[tuple[int, int]]:
    """Where the numbers of LKPP's tickets stand, in their order."""
    ours = [found.span() for found in _OURS.finditer(text)]
    places = {found.span("number") for pattern in (_NAMED, _FILED) for found in pattern.finditer(text)}
    places |= {found.span(1 if found[1] else 2) for found in _BARE.finditer(text)}
    kept = [
        (start, end)
        for start, end in sorted(places)
        if not _YEAR.fullmatch(text[start:end]) and not any(first <= start < last for first, last in ours)
    ]
    return [place for i, place in enumerate(kept) if not i or place[0] >= kept[i - 1][1]]


def other_ticket(text: str, lkpp_number: str | None, names: Sequence[str] = ()) -> str:
    """A ticket's number that is not this one's, or nothing. names: the ticket's own number stands among them; a number
    shaped like it is another's, whether that ticket is known here or not. Of numbers of which none is known to be this
    one's, one alone is."""
    own = digits(lkpp_number or "")
    for start, end in tickets(text):
        number = digits(text[start:end])
        if not own:
            own = number
        elif number != own:
            return text[start:end]
    ours = dict.fromkeys(found[0] for found in _OURS.finditer(text))
    this = {name for name in names if _OURS.fullmatch(name)} or set(list(ours)[:1])
    return next((number for number in ours if number not in this and number != lkpp_number), "")


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


# --- persons and firms ------------------------------------------------------------------------------------------------

# NPWP with its dots; NIK, NPWP, NIP and NIB bare or in groups: 13 to 18 digits, no mobile number.
_IDENTITY = late.pattern(
    r"(?<![\w.,/-])(?:[0-9]{2}[. ][0-9]{3}[. ][0-9]{3}[. ][0-9][-. ][0-9]{3}[-. ][0-9]{3}"
    r"|(?!08|628)[0-9]{13,18}|[0-9]{4}(?:[ -][0-9]{4}){3}|[0-9]{6}[ -][0-9]{6}[ -][0-9]{4}"
    r"|[0-9]{8}[ ][0-9]{6}[ ][0-9][ ][0-9]{3})(?!\w)"
)
_ADDRESS = late.pattern(r"[^\s@<>()\[\],;:\"']{1,64}@(?P<domain>[^\s@<>()\[\],;:\"'?!]{1,255})")
_FIRM = late.pattern(r"(?<!\w)(?:(?i:cv|pt|ud|fa|firma|koperasi|yayasan)|PD)\.?[ \t]{1,3}(?=[\w\"'“])")
_FIRM_WORD = late.pattern(r"[\"'“”]?(?P<word>[^\W_][\w&'’-]{0,40})[\"'”]?(?P<more>[ \t]{1,3}|)")
_LONGEST_FIRM = 6  # words
_BETWEEN = IN_EVERY_MAIL | {"menjadi", "berubah", "perorangan", "maupun"}
_PLAIN_WORD = late.pattern(r"[^\W_]+")


class Known:
    """What is known of the user: names, firm, addresses, numbers."""

    def __init__(self, names: Sequence[str], own_domains: frozenset[str]) -> None:
        self._words = [[word.casefold() for word in _PLAIN_WORD.findall(name)] for name in names]
        self._addresses = {name.strip().casefold() for name in names if "@" in name}
        self._digits = {digits(name) for name in names}
        self._own_domains = own_domains

    def number(self, text: str) -> bool:
        return digits(text) in self._digits

    def address(self, address: str, domain: str) -> bool:
        domain = domain.rstrip(".").casefold()
        ours = any(domain == own or domain.endswith(f".{own}") for own in self._own_domains)
        return ours or address.rstrip(".").casefold() in self._addresses

    def firm(self, words: Sequence[str]) -> bool:
        """Whether a firm so called may be his: LKPP may leave out the end of its name, and nothing else."""
        return any(
            name[i : i + len(words)] == list(words)
            for name in self._words
            for i in range(len(name))
            if name[i] == words[0]
        )


def other_identity(text: str, known: Known) -> str:
    """A number of identity that is not known to be the user's, or nothing."""
    return next((found[0] for found in _IDENTITY.finditer(text) if not known.number(found[0])), "")


def other_address(text: str, known: Known) -> str:
    found = (found for found in _ADDRESS.finditer(text) if not known.address(found[0], found["domain"]))
    return next((address[0] for address in found), "")


def other_firm(text: str, known: Known) -> str:
    """A firm that is not known to be the user's, or nothing."""
    for found in _FIRM.finditer(text):
        words = _firm_at(text, found.end())
        if words and not known.firm(words):
            return text[found.start() : found.end()] + " ".join(words)
    return ""


def _firm_at(text: str, at: int) -> list[str]:
    """The words of a firm's name: those with a capital, or the first alone where it has none."""
    words: list[str] = []
    while len(words) < _LONGEST_FIRM and (found := _FIRM_WORD.match(text, at)):
        if not found["word"][0].isupper() and (words or found["word"] in _BETWEEN):
            break  # "dari CV menjadi PT"
        words += [word.casefold() for word in _PLAIN_WORD.findall(found["word"])]
        at = found.end()
        if not found["more"] or not found["word"][0].isupper():
            break
    return words


# --- telephones -------------------------------------------------------------------------------------------------------

TELEPHONE = late.pattern(
    r"(?<![\w.,/-])(?:\+?62[ .-]?(?=[28])|\(?0)[0-9]{2,3}\)?(?:[ .-]{0,3}[0-9]){5,10}(?![\w]|[.,/-][0-9])"
)
_MOBILE = late.pattern(r"\+?(?:62[ .-]?|0)8")


def is_mobile(number: str) -> bool:
    return _MOBILE.match(number) is not None


# --- secrets ----------------------------------------------------------------------------------------------------------

_LINK = late.pattern(r"(?:https?://|www\.)\S{1,2000}", re.IGNORECASE)
_OPENS = late.pattern(
    r"[?&#;/](?:token|key|api_?key|code|kode|auth|reset|otp|pwd|pass(?:word|wd)?|session(?:id)?|sid|sig(?:nature)?|ticket|secret"
    r"|access|hash|invite|verif\w{0,8}|aktivasi|activation|confirm\w{0,6})(?:=|/)[^\s/&]{4}",
    re.IGNORECASE,
)
_RANDOM = late.pattern(r"(?=[A-Za-z_-]{0,80}[0-9])(?=[0-9_-]{0,80}[A-Za-z])[A-Za-z0-9_-]{16,}")
_USER_INFO = late.pattern(r"https?://[^\s/@]{1,80}:[^\s/@]{1,80}@", re.IGNORECASE)
_AROUND = ".,;:()[]\"'“”?!"
_REACH = 10  # words behind "password", also over the end of its line
_SIGNS = frozenset("#@$%^&*!+=")
_UNIT = late.pattern(
    r"[0-9]{1,4}(?:[.,][0-9]+)?[a-z]{1,6}|[a-z]+2|(?:ke|se)-?[0-9]{1,3}|[0-9a-z]{1,3}|[0-9]+(?:st|nd|rd|th)",
    re.IGNORECASE,
)
_DATE = late.pattern(r"[0-9]{1,4}([-./:])[0-9]{1,2}(?:\1[0-9]{1,4})?")
_MIXED = late.pattern(r"(?=\S*[0-9])(?=\S*[A-Za-z])\S{4,80}")
_CODE = late.pattern(r"[0-9]{4,8}")
_GROUPED = late.pattern(r"[0-9]{3}(?:[ -][0-9]{3}){1,3}(?![\w.,-])")


def opening_link(text: str) -> str:
    """A link that logs in, or nothing: it has a token in it, or what looks like one."""
    for link in _LINK.finditer(text):
        if _OPENS.search(link[0]) or _RANDOM.search(link[0].partition("://")[2]) or _USER_INFO.match(link[0]):
            return link[0]
    return ""


def secret(text: str, pieces: Sequence[Piece], phrases: ForUserPhrases) -> str:
    """What looks like a password, a code or an account to log in with, or nothing."""
    if mask(text)[1]:
        return "…"
    for number, piece in enumerate(pieces):
        if phrases.find("account", piece.sentence):
            return piece.sentence.text
        for name, likely in (("secret", _is_value), ("access", _is_strong)):
            for match in phrases.find(name, piece.sentence):
                if match.end < len(piece.sentence.words) and piece.sentence.words[match.end] in ("id", "name"):
                    continue
                for before, start, end in _behind(pieces, number, match.end):
                    value = text[start:end]
                    if (
                        likely(value) or (name == "secret" and _GROUPED.match(text, start))
                    ) and before not in phrases.words["names_number"]:
                        return value
    return ""


def _behind(pieces: Sequence[Piece], number: int, word: int) -> Iterator[tuple[str, int, int]]:
    """(the word before, where the token stands) of the words that follow, in this sentence and the next."""
    left = _REACH
    piece = pieces[number]
    before, last = "", (-1, -1)
    for which in (number, number + 1):
        if which >= len(pieces):
            return
        piece, first = pieces[which], word if which == number else 0
        for i in range(first, len(piece.places)):
            if piece.places[i] == last:
                continue
            last = piece.places[i]
            before = piece.sentence.words[i - 1] if i else before
            yield before, *last
            left -= 1
            if not left:
                return


def _is_value(token: str) -> bool:
    value = token.strip(_AROUND)
    return bool(_CODE.fullmatch(value) and not _YEAR.fullmatch(value)) or _is_strong(token)


def _is_strong(token: str) -> bool:
    value = token.strip(_AROUND)
    if not value or _LINK.match(value) or _ADDRESS.fullmatch(value) or _UNIT.fullmatch(value) or _DATE.fullmatch(value):
        return False
    if value[0].isdigit() and value[-1:].isdigit() and not any(c.isalpha() for c in value):
        return False
    return bool(_MIXED.fullmatch(value)) or (
        len(value) > 4 and not _SIGNS.isdisjoint(value) and any(map(str.isalpha, value))
    )
