"""What a secret looks like: by its shape, and by not being an ordinary word."""

from __future__ import annotations

import re

from mailbot import late, wordfile
from mailbot.masking.plain import MARKED

_WORDS = wordfile.read(__file__, "values.txt")
_REMARKS = _WORDS["remarks"].words
_COMMON = _WORDS["common"].words
_TROUBLES = _WORDS["troubles"].words
_PRODUCTS = _WORDS["products"].words
_OTHER_NAMES = _WORDS["other names"].words

_AROUND = "([{\"'“”‘’«»<>)]}.,;:!?*`_"
_SIGNS = re.compile(r"[@#$%&*!^+=_~]")
_SIGNS_ANYWHERE = re.compile(r"(?<=[^\W_])[@#$%*!^+=](?=[^\W_])")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"[0-9]")
_LETTER_OR_DIGIT = re.compile(rf"[^\W_]|{MARKED}")
# "2x", "3kali", "90hari", "ke-2", "5MB", "2x24jam", "v5.1", "12.30WIB", "H-1"
_WITH_UNIT = late.pattern(
    r"[0-9][0-9.,x]{0,8}(?:x|kali|hari|jam|menit|detik|tahun|thn|bulan|bln|orang|digit|karakter|[kmg]b|wib|jt|juta|rb|ribu|th|st|nd|rd|an)?"
    r"|ke-?[0-9]{1,3}|v[0-9][0-9.]{0,8}|[a-z][+-]?[0-9]{1,2}|[0-9]{1,2}[a-z]",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60}){1,5}|\w{1,9}://\S*|www\.\S*", re.IGNORECASE)
_FILE = re.compile(r"\S{1,80}\.(?:[a-z]{3,4}|go\.id|co\.id|id|7z)(?:/\S*)?", re.IGNORECASE)
# "BA-12/PPK/2026", "LPSE-BTG-2026-000123", "12/03/2026", "045/CV-M/X/2026"
_NUMBERED = re.compile(r"[A-Z]{1,8}(?:[-/.][A-Z0-9]{1,12}){0,4}[-/.][0-9]{1,8}|[^\s/]{1,20}(?:/[^\s/]{1,20}){2,6}")
_LETTERS_DIGITS = re.compile(r"(?P<letters>[A-Za-z-]+?)-?[0-9.]+")
# Verbs and the like, which no list could hold: "direset", "passwordnya", "mengganti".
_INFLECTED = re.compile(
    r"(?:di|ter|ber|meng|mem[bpf]|men[cdjty]|peng|pem[bpf]|pen[cdjt])[a-z]{3,}|[a-z]{3,}(?:kan|nya|lah|kah|pun)"
)
_DOUBLED = re.compile(r"[a-z]{3,20}2(?:nya|an)?")
_CAPITAL_INSIDE = re.compile(r"[a-z][A-Z]")

# Four to ten digits, alone or in groups: "882134", "88 21 34", "8829-1123", "5 5 8 1 0 2"
DIGITS = re.compile(r"[0-9](?:[ .-]?[0-9]){3,9}(?![^\W_])(?![.,/-][0-9])")
_DATE = re.compile(r"[0-9]{1,2}[ .-][0-9]{1,2}[ .-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}(?:[ .-][0-9]{1,2}){0,2}")


def bare(value: str) -> str:
    """A value without what stands around it."""
    return value.strip(_AROUND)


def ordinary(value: str) -> bool:
    """Whether "password: …" goes on with a remark and not with a password."""
    word = value.lower().strip("([\"'“”‘’«<>)].,;:!?*`")
    return word in _REMARKS or not says_something(value)


def says_something(value: str) -> bool:
    """Whether it is more than signs."""
    return _LETTER_OR_DIGIT.search(value) is not None


def has_digit(value: str) -> bool:
    return _DIGIT.search(value) is not None


def ordinary_there(value: str) -> bool:
    """The same without a colon, where any word of a sentence may follow."""
    word = bare(value).lower()
    return ordinary(value) or word in _COMMON or _INFLECTED.fullmatch(word) is not None or len(word) < 3


def ordinary_behind_verb(value: str) -> bool:
    """The same behind "is" or "jadi": "The password is refused"."""
    return ordinary_there(value) or bare(value).lower().endswith(("ed", "ing"))


def trouble(word: str) -> bool:
    """Whether a sentence with this word says what is wrong, so that a colon in it stands before no secret."""
    return word.lower() in _TROUBLES


def other_name(word: str) -> bool:
    """Whether what stands behind this word is its value, and not a secret."""
    return word.lower().strip("([\"'“)],;:=*>-") in _OTHER_NAMES


def _is_something_else(inner: str) -> bool:
    if _WITH_UNIT.fullmatch(inner) or _ADDRESS.fullmatch(inner):
        return True
    split = _LETTERS_DIGITS.fullmatch(inner)
    return split is not None and split["letters"].lower() in _PRODUCTS


def doubled(value: str) -> bool:
    """ "masuk2", "masing2nya": as a plural is typed."""
    return _DOUBLED.fullmatch(bare(value)) is not None


def looks_secret(value: str) -> bool:
    """Letters with digits, signs or capitals among them, or 4 to 7 digits, right behind the word for it."""
    inner = value.strip("([{\"'“”‘’«<>)]},;:?`.")
    if _LETTER.search(inner):
        if not has_digit(inner) and not _SIGNS.search(inner.strip("*_")):
            return mixed_capitals(inner)
        return not _is_something_else(inner) and not (doubled(inner) and ordinary_there(inner[: inner.index("2")]))
    return inner.isdigit() and 4 <= len(inner) <= 7


def looks_secret_anywhere(value: str) -> bool:
    """The same some words away, where a number, a name or a file would be more likely."""
    if not has_digit(value) and not _SIGNS_ANYWHERE.search(value):
        return False
    inner = bare(value)
    if len(inner) < 5 or not _LETTER.search(inner) or _is_something_else(inner):
        return False
    if _FILE.fullmatch(inner) or _NUMBERED.fullmatch(inner):
        return False
    return has_digit(inner) or _SIGNS_ANYWHERE.search(inner) is not None


def mixed_capitals(inner: str) -> bool:
    """ "raHaSia", "SeMangKa": two capitals or more inside a word, so that no product's name is meant."""
    if inner.islower() or inner.istitle() or not inner.isalpha():
        return False
    inside = len(_CAPITAL_INSIDE.findall(inner))
    return inside >= 1 and inner.lower() not in _PRODUCTS and (inside > 1 or inner[0].islower())


def is_code(digits: str) -> bool:
    """Whether digits (with blanks, dots or dashes) are a code, and no date and no telephone number."""
    telephone = digits[0] == "0" and len(_DIGIT.findall(digits)) >= 9
    return not (telephone or digits.startswith("628") or _DATE.fullmatch(digits))
