"""Numbers of persons: NIK, NPWP and telephone numbers, for logs and digests, where nobody is called or looked up."""

from __future__ import annotations

import re

from mailbot.masking.marks import MASK
from mailbot.masking.secrets import mask

_NO_DIGIT_BEFORE = r"(?<![\w.,/-])"
_NO_DIGIT_AFTER = r"(?![\w]|[.,/-][0-9])"
_NUMBERS = re.compile(
    "|".join(
        (
            # NPWP: 15 digits with its dots, or bare; NIK and the new NPWP: 16 digits, also in fours
            rf"{_NO_DIGIT_BEFORE}[0-9]{{2}}[. ][0-9]{{3}}[. ][0-9]{{3}}[. ][0-9]"
            rf"[-. ][0-9]{{3}}[-. ][0-9]{{3}}{_NO_DIGIT_AFTER}",
            rf"{_NO_DIGIT_BEFORE}[0-9]{{15,16}}{_NO_DIGIT_AFTER}",
            rf"{_NO_DIGIT_BEFORE}[0-9]{{4}}[ -][0-9]{{4}}[ -][0-9]{{4}}[ -][0-9]{{4}}{_NO_DIGIT_AFTER}",
            rf"{_NO_DIGIT_BEFORE}[0-9]{{6}}[ -][0-9]{{6}}[ -][0-9]{{4}}{_NO_DIGIT_AFTER}",
            # mobile: 9 to 13 digits from 0 on, 11 to 14 from 62 on; the blanks and dashes of one line
            r"(?:(?<![.,/+-])\+62[ .-]?|(?<![\w.,/+-])(?:62[ .-]?(?=8)|0))8(?:[ .-]?[0-9]){7,11}" + _NO_DIGIT_AFTER,
            # fixed lines: "(0285) 391234", "0285-391234", "021 2993 5577", "+62 285 391234"
            rf"(?<![.,/-])\(0[2-9][0-9]{{1,2}}\)[ -]?[0-9]{{3,4}}[ .-]?[0-9]{{2,5}}{_NO_DIGIT_AFTER}",
            rf"(?<![\w.,/+-])0[2-9][0-9]{{1,2}}[ -][0-9]{{3,4}}[ .-]?[0-9]{{2,5}}{_NO_DIGIT_AFTER}",
            rf"(?<![.,/-])\+62[ -]?\(?[2-9][0-9]{{1,2}}\)?[ -]?[0-9]{{3,4}}[ .-]?[0-9]{{2,5}}{_NO_DIGIT_AFTER}",
        )
    )
)
# Numbers that are named may look like a telephone's and are none.
_NAMED_OTHERWISE = re.compile(
    r"(?:kode|tender|paket|lelang|tiket|rup|nib|nip|nomor tiket|formulir)[\s.:=#]{0,4}(?:no\.?[\s.:]{0,3})?$",
    re.IGNORECASE,
)


def mask_identity(text: str) -> str:
    """The text without secrets, and with NIK, NPWP and telephone numbers replaced by MASK, for logs and digests.

    Tender codes, NIP (18 digits), NIB, ticket numbers, dates, times and amounts stay.
    """
    return _NUMBERS.sub(_unless_named, mask(text)[0])


def numbers(text: str) -> list[str]:
    """The NIK, NPWP and telephone numbers in a text, as written, in its order."""
    return [match[0] for match in _NUMBERS.finditer(text) if not _named_otherwise(match)]


def _unless_named(match: re.Match[str]) -> str:
    return match[0] if _named_otherwise(match) else MASK


def _named_otherwise(match: re.Match[str]) -> bool:
    return bool(_NAMED_OTHERWISE.search(match.string[max(match.start() - 24, 0) : match.start()]))
