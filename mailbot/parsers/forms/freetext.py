"""Identity out of plain sentences and signatures: "Saya Budi Santoso dari CV Maju Jaya, HP 0812-…". Pure and total.

Only what says itself what it is: a labelled number, a firm with its legal form, a name that is introduced or stands
under the closing words. Linear: bounded patterns on the first part of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from mailbot import late, wordfile
from mailbot.wordfile import small

_WORDS = wordfile.read(__file__, "freetext.txt")

_MOST = 20_000  # characters that are read: who introduces himself does so on the first pages
_SIGNATURE_LINES = 14

_DIGITS = late.pattern(r"\D")
_GAP = r"[\s:=.#)(-]{0,6}"

_LONG_NUMBER = late.pattern(r"[0-9][0-9 ().-]{5,25}[0-9]")  # every number below has one; a User ID needs none
_TENDER = late.pattern(
    rf"\b(?:(?:kode|id|no|nomor)\.?[ \t]{{1,3}}(?:tender|lelang|paket|pengadaan)(?:nya)?|(?:tender|lelang|paket)"
    rf"(?:[ \t]{{1,3}}(?:dengan|dgn))?(?:[ \t]{{1,3}}(?:kode|id|no|nomor|nmr)\.?)?)"
    rf"(?:[ \t]{{1,3}}(?:kami|saya|adalah|yaitu|berikut|tender|paket|ini|tersebut)){{0,2}}{_GAP}"
    r"(?P<value>[0-9]{7,10})(?![0-9])",
    re.IGNORECASE,
)
_NPWP = late.pattern(r"(?<![0-9.])[0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9][-.][0-9]{3}[.-][0-9]{3}(?![0-9])")
_NPWP_LABEL = late.pattern(
    rf"\bnpwp(?:nya)?(?:[ \t]{{1,3}}(?:kami|saya|perusahaan|adalah|yaitu|baru|no|nomor|badan|usaha)\.?){{0,3}}{_GAP}"
    r"(?P<value>[0-9][0-9 .-]{13,25}[0-9])(?![0-9])",
    re.IGNORECASE,
)
_NIB = late.pattern(
    rf"\bnib(?:nya)?(?:[ \t]{{1,3}}(?:kami|saya|perusahaan|adalah|yaitu|no|nomor)\.?){{0,2}}{_GAP}"
    r"(?P<value>[0-9][0-9 .-]{11,20}[0-9])(?![0-9])",
    re.IGNORECASE,
)
_USER_ID = late.pattern(
    r"\buser[ _-]?(?:id|name)(?:nya)?(?:[ \t]{1,3}(?:kami|saya|spse|lpse|perusahaan|penyedia|ppk|pokja)){0,2}"
    r"(?P<gap>[ \t]{0,5}(?:[:=]|(?:adalah|yaitu|yakni|ialah)(?=[ \t]))[ \t]{0,5}|[ \t]{1,5})"
    r"(?P<value>[A-Za-z0-9][A-Za-z0-9._@-]{2,39})(?![\w@])",
    re.IGNORECASE,
)
_NO_USER_ID = _WORDS["no user id"].words
_PHONE_VALUE = r"(?P<value>\+?\(?[0-9][0-9 ().-]{6,20}[0-9])(?![0-9])"
_PHONE = late.pattern(
    r"\b(?:no(?:mor|mer)?\.?[ \t]{0,3})?(?:hp|wa|whatsapp|telp|tlp|tlpn|telpon|telepon|handphone|ponsel"
    r"|hubungi[ \t]saya|hubungi[ \t]kami|kontak|cp|mobile|phone|call)"
    r"(?:[ \t]{0,3}[/&][ \t]{0,3}(?:hp|wa|telp|whatsapp))?(?:nya)?"
    rf"(?:[ \t]{{1,3}}(?:saya|kami|aktif|di|ke|nomor|no|wa|hp|kantor|adalah|yang bisa dihubungi)\.?){{0,3}}{_GAP}"
    rf"{_PHONE_VALUE}",
    re.IGNORECASE,
)
_MOBILE = late.pattern(r"(?<![0-9.+/-])(?:\+?62[ .-]?|0)8[0-9]{1,3}[ .-]?[0-9]{3,4}[ .-]?[0-9]{2,5}(?![0-9/])")
_NOT_HIS = late.pattern(
    r"(?:menghubungi|helpdesk|admin|lpse|lkpp|petugas|call center|hubungi)[^\n]{0,40}$", re.IGNORECASE
)


def _one_of(words: Iterable[str]) -> str:
    """A group for the words where they begin. Each alternative begins with a letter: at all other places nothing is
    tried."""
    rests: dict[str, list[str]] = {}
    for word in words:
        rests.setdefault(word[0], []).append(word[1:])
    return "(?:" + "|".join(rf"{first}(?<![\w.].)(?:{'|'.join(each)})" for first, each in rests.items()) + ")"


_FORMS = ("cv", "pt", "ud", "pd", "tb", "fa", "firma", "koperasi", "yayasan", "perum", "perumda", "bumdes")
_FIRM = late.pattern(rf"{_one_of(_FORMS)}\.?(?=[ \t.])")  # of a text in small letters
_OFFICE = late.pattern(rf"{_one_of(_WORDS['offices'].phrases)}\b")
_JOINS = _WORDS["joins"].words
_PLACES = frozenset({"kab", "kota", "kabupaten", "provinsi", "prov"})
_STOPS = _WORDS["stops"].words
_NO_NAME = _STOPS | _WORDS["no name"].words
_NAME_AFTER = late.pattern(  # of a text in small letters; each alternative begins with one
    r"(?:n(?<!\w.)ama[ \t]{1,3}saya|p(?<!\w.)erkenalkan,?[ \t]{1,3}(?:nama[ \t]{1,3})?saya"
    r"|s(?<!\w.)aya(?:[ \t]{1,3}(?:yang[ \t]{1,3})?bernama|[ \t]{1,3}atas[ \t]{1,3}nama)?"
    r"|m(?<!\w.)y[ \t]{1,3}name[ \t]{1,3}is)[ \t:,]{1,5}(?=\S)"
)
_INTRODUCED_BY = frozenset({"dari", "selaku", "sebagai", "direktur", "staf", "staff", "mewakili", "perwakilan"})
_WORD = late.pattern(r"[^\s,;:()\n]{1,40}")
_CLOSING = late.pattern(
    r"(?:.{0,60}\b)?(?:terima ?kasih|terimakasih|trims|tks|thanks|makasih|hormat (?:kami|saya)|salam(?: hormat)?"
    r"|regards|wassalam\w{0,12}|wassalamualaikum.{0,40}|pemohon|ttd)\W{0,8}",
    re.IGNORECASE,
)
#: What stands in each of these, in small letters.
_SIGN_OF_CLOSING = late.pattern(r"kasih|trims|tks|thanks|hormat|salam|regards|pemohon|ttd")
_FOOTER = late.pattern(r"(?:dikirim|sent|get outlook|unduh|download|virus|--|__|==)", re.IGNORECASE)


def read_free_text(own: str, signature: str = "") -> dict[str, str]:
    """Fields as `form.read_form` names them; only what is said beyond doubt."""
    text = unicodedata.normalize("NFKC", own[:_MOST])
    below = unicodedata.normalize("NFKC", signature[:_MOST])
    lines = [line.strip() for line in text.strip().split("\n")]
    signed = [*_under_closing(lines), *(line.strip() for line in below.split("\n")[:_SIGNATURE_LINES])]
    whole = f"{text}\n{below}"
    found: dict[str, str] = {}
    lowered = small(whole)
    for key, value in (*_numbers(whole, lowered), *_introduction(whole, lowered), *_signature(signed)):
        if value:
            found.setdefault(key, value)
    return found


def _numbers(text: str, lowered: str) -> Iterator[tuple[str, str]]:
    if not _LONG_NUMBER.search(text) and "user" not in lowered:
        return
    if match := _TENDER.search(text):
        yield "tender_code", match["value"]
    if plain := _NPWP.search(text):
        yield "npwp", plain[0]
    for match in _NPWP_LABEL.finditer(text):
        if len(_DIGITS.sub("", match["value"])) in (15, 16):
            yield "npwp", match["value"]
    for match in _NIB.finditer(text):
        if len(_DIGITS.sub("", match["value"])) == 13:
            yield "nib", match["value"]
    for match in _USER_ID.finditer(text):
        if _is_user_id(match):
            yield "user_id", match["value"].rstrip(".-_")
    for match in _PHONE.finditer(text):
        if 8 <= len(_DIGITS.sub("", match["value"])) <= 15 and not _NOT_HIS.search(
            text[max(match.start() - 50, 0) : match.start()]
        ):
            yield "phone", match["value"]


def _is_user_id(match: re.Match[str]) -> bool:
    value = match["value"]
    if value.lower() in _NO_USER_ID:
        return False
    if match["gap"].strip():
        return True
    # Without a colon it must look like one: letters with digits or signs in them, or capitals among small letters.
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.end() + 40].partition("\n")[0]
    return any(c.isdigit() or c in "._" for c in value.rstrip(".")) or (value.isupper() and not line.isupper())


def _introduction(text: str, lowered: str) -> Iterator[tuple[str, str]]:
    for match in _NAME_AFTER.finditer(lowered):
        weak = text[match.start() : match.end()].strip(" ,:\t").lower() == "saya"
        if name := _name_at(text, match.end(), weak=weak):
            yield "name", name
            break
    firms = list(dict.fromkeys(_firms(text, lowered)))
    if firms:
        yield "organisation", firms[0]
    for match in _OFFICE.finditer(text):
        before = text[max(match.start() - 30, 0) : match.start()].lower().split()
        if before and before[-1] in ("dari", "ppk", "pokja", "pp", "dr", "pada", "selaku"):
            yield "organisation", _run(text, match.start(), capitals=True)
            break


def _name_at(text: str, start: int, *, weak: bool) -> str:
    """A name of one to five words. weak: "saya …" alone introduces it, so what follows must say that it is one."""
    line = text[start : start + 120].partition("\n")[0]
    words: list[str] = []
    after = ""
    for match in _WORD.finditer(line):
        gap = line[: match.start()] if not words else line[match.start() - 1 : match.start()]
        word = match[0].strip(".")
        if words and gap.strip():
            after = gap.strip()
            break
        if word.lower() in _STOPS or not word.replace("'", "").replace(".", "").replace("-", "").isalpha():
            after = word.lower()
            break
        words.append(match[0].rstrip(",;"))
        if len(words) == 5:
            break
    if line[: len(line)].strip() and not after:
        rest = line[sum(len(w) + 1 for w in words) :].strip()
        after = rest[:1]
    if not words or any(len(w.strip(".")) > 25 for w in words):
        return ""
    titled = all(w[0].isupper() for w in words)
    introduced = after in _INTRODUCED_BY or (after in (",", "(") and titled and len(words) > 1)
    if weak and not (introduced and (titled or len(words) <= 4)):
        return ""
    return " ".join(words).strip(".") if not weak or titled or after in _INTRODUCED_BY else ""


def _firms(text: str, lowered: str) -> Iterator[str]:
    for match in _FIRM.finditer(lowered):
        if name := _run(text, match.start(), capitals=False):
            yield name


def _run(text: str, start: int, *, capitals: bool) -> str:
    """A firm's or office's name from its first word on: words in capitals, or up to three that stop no name."""
    line = text[start : start + 140].partition("\n")[0]
    taken: list[str] = []
    shouted = line.isupper()
    end = 0
    for match in _WORD.finditer(line):
        if line[end : match.start()].strip():
            break  # a comma, a bracket
        word = match[0]
        plain = word.strip(".").lower()
        titled = word[0].isupper() or word[0].isdigit()
        first = not taken
        joins = plain in _JOINS and not shouted and bool(taken)
        if not first and not joins:
            if plain in _STOPS and not (plain in _PLACES and capitals and titled):
                break
            if not titled and (capitals or (len(taken) > 1 and taken[1][0].isupper())):
                break
            if (shouted or not titled) and not capitals and len(taken) > 3:
                break
        taken.append(word)
        end = match.end()
        if len(taken) > 10 or (word.endswith(".") and len(plain) > 3):
            break
    while taken and taken[-1].lower() in _JOINS:
        taken.pop()
    return " ".join(taken).rstrip(".") if len(taken) > 1 else ""


# --- what stands under the closing words ------------------------------------------------------------------


def _under_closing(lines: list[str]) -> list[str]:
    first = max(len(lines) - _SIGNATURE_LINES, 0)
    for number in range(first, len(lines)):
        line = lines[number][:140]
        if _SIGN_OF_CLOSING.search(small(line)) and _CLOSING.fullmatch(line):
            return lines[number + 1 :]
    return []


def _signature(lines: list[str]) -> Iterator[tuple[str, str]]:
    for raw in lines[: 2 * _SIGNATURE_LINES]:
        line = raw.strip(" *_()[]-–—,|")
        if not line or _FOOTER.match(raw) or len(line) > 100 or "?" in line:
            continue
        if _FIRM.match(small(line)) or _OFFICE.match(line):
            yield "organisation", line if len(line.split()) <= 12 else ""
        elif mobile := _MOBILE.search(line):
            yield "phone", mobile[0]
        elif _is_name(line):
            yield "name", line


def _is_name(line: str) -> bool:
    words = re.split(r"[\s,]+", line)
    return (
        1 <= len(words) <= 5
        and len(line) >= 3
        and "@" not in line
        and not any(c.isdigit() or c in "!?:/" for c in line)
        and all(word[:1].isupper() for word in words if word)
        and not {word.lower().strip(".") for word in words} & _NO_NAME
        and not (len(words) == 1 and line.isupper() and len(line) < 4)
    )
