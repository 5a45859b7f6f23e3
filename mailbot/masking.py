"""Masks what must not be read on: the passwords, PINs and one-time codes that users write, and numbers of persons.

`mask` is for what goes to LKPP, into notices and logs: secrets. A password behind an unusual word is missed, a word
too many may be masked: but a tender code (8-10 digits), an NIP (18 digits), a telephone number and a date stay,
because without them nobody can help. `mask_identity` is for logs and digests, where nobody needs to be called or
looked up: NIK, NPWP and telephone numbers too. Both are linear in the text's length, and doing it twice changes
nothing.

Imports nothing but the standard library and the reader of its words: the log uses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from mailbot import wordfile

MASK = "[disamarkan]"
_WORDS = wordfile.read(__file__, "masking.txt")

# "password" as it is typed: pasword, paswod, passwort, passwerd, passwrod, pasward, pswd, pw …
_PASSWORD = (
    r"(?:kata[ \t]?(?:sandi|kunci)|sandi|pass?s?[ \t]?w[aeiou]{0,2}r?[dt]s?|pass?s?(?:owrd|wrod|wordt)s?|paswd|passwd"
    r"|pass(?:code|phrase|key)?|psswo?rd|psswd|passw|pswd?|pwd?|p/w|kredensial|credentials?)"
)
_CODE = (
    r"(?:pin|m-?pin|t?otp|kode[ \t](?:otp|totp|verifikasi|akses|keamanan|pin|rahasia|autentikasi|otentikasi)"
    r"|security[ \t]code|passcode|verification[ \t]code|token[ \t]otp|(?:totp[ \t])?secret(?:[ \t]key)?)"
)
# "password saya", "pw akun spse yg lama", "sandi emailnya": at most four such words stand before the value.
_OF_WHOM = rf"(?:[ \t]{{1,5}}{_WORDS['of whom'].any_of}(?![^\W_])){{0,4}}"
_NYA = r"(?:[ \t]?-?nya)?"
_REMARK = r"(?:[ \t]{0,3}\([^()\n]{0,40}\))?"  # "Password (lama) :"
_SEPARATOR = r"[ \t]{0,20}(?:[:=：|]|->|=>|→|(?:adalah|yaitu|yakni|ialah|is|was)(?=[ \t]))[:=>]{0,2}[ \t]{0,20}"
_WORD = r"\S{1,80}"  # what is longer is masked to its end all the same
_VALUE = rf"(?:\"[^\"\n]{{1,80}}\"|'[^'\n]{{1,80}}'|“[^”\n]{{1,80}}”|{_WORD})"
_BEGIN = r"(?<![^\W_])"
_END = r"(?![^\W_])"

# A label and whose it is; what stands behind it is looked at by the patterns below.
_PASSWORD_LABEL = re.compile(rf"{_BEGIN}{_PASSWORD}[0-9]?{_NYA}{_END}{_OF_WHOM}{_REMARK}", re.I)
_CODE_LABEL = re.compile(rf"{_BEGIN}{_CODE}{_NYA}{_END}{_OF_WHOM}{_REMARK}", re.I)
# "password: Rahasia123", "sandi nya adalah x", "user/pass = a/b"
_NAMED = re.compile(rf"{_SEPARATOR}(?P<value>{_VALUE})", re.I)
# "Password:" at the end of a line, the value alone on the next, also in a quote
_NEXT_LINE = re.compile(
    r"[ \t]{0,20}[:=：][ \t]{0,20}\r?\n[> \t]{0,20}(?P<value>[^\s>]\S{0,80})[ \t]{0,20}(?=\r?\n|\Z)", re.I
)
# A form's line: the value may have a blank in it ("Password : Rahasia 123")
_FORM_LINE = re.compile(
    r"[ \t]{0,20}[:=：][ \t]{0,20}"
    rf"(?P<value>[^\s\[]\S{{0,80}}[ \t](?=\S{{0,80}}[0-9@#$%&*!^+=]){_WORD})[ \t]{{0,20}}$",
    re.I | re.M,
)
# "password saya Rahasia123", "pw - Rahasia123": no separator, so the value must look like one
_BARE = re.compile(rf"(?:[ \t]{{0,3}}[-–—~][ \t]{{0,3}}|[ \t]{{1,5}})(?P<value>{_WORD})", re.I)
# "kode otp 123456", "OTP saya 123 456"
_DIGITS = re.compile(r"[ \t]{1,5}(?P<value>[0-9]{3}[ -][0-9]{3}|[0-9]{4,8})(?![0-9])", re.I)
# "User ID / Password : budi / rahasia": which of the two is the secret cannot be told
_BOTH = re.compile(
    rf"{_BEGIN}user(?:[ _-]?(?:id|name))?[ \t]{{0,3}}(?:/|&|\+|dan|and)[ \t]{{0,3}}"
    rf"{_PASSWORD}{_NYA}{_END}{_OF_WHOM}{_REMARK}"
    rf"{_SEPARATOR}(?P<value>[^\s/|&,]{{1,80}}[ \t]{{0,3}}(?:[/|&,]|dan(?=[ \t])|and(?=[ \t]))[ \t]{{0,3}}{_WORD})",
    re.I,
)
# "user budi pass rahasia"
_AFTER_USER = re.compile(
    rf"{_BEGIN}user(?:[ _-]?(?:id|name))?[ \t]{{0,3}}[:=]?[ \t]{{0,3}}"
    r"(?!dan\b|atau\b|and\b|or\b)[^\s:=]{2,40}[ \t,;/&|]{1,4}"
    rf"(?:dan[ \t]{{1,3}})?{_PASSWORD}{_NYA}[ \t]{{1,5}}(?P<value>{_WORD})",
    re.I,
)
_BULLETS = re.compile(r"[ \t>*•|·-]{0,40}(?:[A-Za-z0-9]{1,2}[.)][ \t]{0,10})?")

_REMARKS = _WORDS["remarks"].words
_NOT_BLANK = re.compile(r"\S+")
_TRAILING = ".,;:!?)]}\"'”>"
# How all the labels begin: looked for first, because that is quick.
_HINT = re.compile(
    r"[Pp](?:[Aa][Ss]|[Ss][SsWw]|[Ww]|/[Ww]|[Ii][Nn])|[Ss](?:[Aa][Nn][Dd]|[Ee][Cc])|[Kk](?:[Aa][Tt][Aa]|[Oo][Dd][Ee]"
    r"|[Rr][Ee][Dd])|[Oo][Tt][Pp]|[Tt][Oo](?:[Tt][Pp]|[Kk][Ee])|[Cc][Rr][Ee][Dd]|[Vv][Ee][Rr][Ii]|[Mm]-?[Pp][Ii][Nn]"
    r"|[Uu][Ss][Ee][Rr]"
)
# "Pak Sandi: …" is a person.
_PERSON = re.compile(r"(?:pak|bapak|bpk|bp|mas|sdr|ibu|bu|kak|mbak|saudara|saya|an|a\.n|nama|yth)[.: \t]{1,4}$", re.I)


def _not_a_remark(value: str) -> bool:
    return value.lower().strip("([\"'“") not in _REMARKS and any(c.isalnum() for c in value)


def _not_a_heading(value: str) -> bool:
    return _not_a_remark(value) and not value.endswith(":")


def _looks_secret(value: str) -> bool:
    """Letters with digits or signs among them, or 4 to 7 digits; no date, no number of any other kind."""
    letters = any(c.isalpha() for c in value)
    digits = any(c.isdigit() for c in value)
    if letters:
        inner = value.strip("(\"'")
        return (digits and not _WITH_UNIT.fullmatch(inner)) or any(c in "@#$%&*!^+=" for c in inner)
    return value.isdigit() and 4 <= len(value) <= 7


def _anything(value: str) -> bool:
    return bool(value)


# "password 2x salah", "password 3kali", "reset password ke-2"
_WITH_UNIT = re.compile(r"[0-9]{1,3}(?:x|kali|hari|jam|menit)|ke-?[0-9]{1,3}", re.IGNORECASE)

_AFTER_USER_WORD = ((_BOTH, _anything), (_AFTER_USER, _not_a_remark))
_AFTER_PASSWORD = (
    (_FORM_LINE, _not_a_remark),
    (_NAMED, _not_a_remark),
    (_NEXT_LINE, _not_a_heading),
    (_BARE, _looks_secret),
)
_AFTER_CODE = ((_NAMED, _not_a_remark), (_NEXT_LINE, _not_a_heading), (_DIGITS, _anything))


def mask(text: str) -> tuple[str, bool]:
    """The text with each password, PIN and one-time code replaced by MASK, and whether there was any."""
    spans: list[tuple[int, int]] = []
    done = 0
    for hint in _HINT.finditer(text):
        if hint.start() < done:
            continue
        for start, end in _secrets_at(text, hint.start()):
            spans.append((start, end))
            done = max(done, end)
    if not spans:
        return text, False
    return _replaced(text, sorted(spans, key=lambda span: (span[0], -span[1]))), True


def _secrets_at(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where the values stand that the label at this place names."""
    if text[at] in "uU":
        yield from _values(text, at, at, _AFTER_USER_WORD)
        return
    for label, patterns in ((_PASSWORD_LABEL, _AFTER_PASSWORD), (_CODE_LABEL, _AFTER_CODE)):
        if named := label.match(text, at):
            yield from _values(text, at, named.end(), patterns)


def _values(
    text: str, at: int, behind: int, patterns: Sequence[tuple[re.Pattern[str], Callable[[str], bool]]]
) -> Iterator[tuple[int, int]]:
    for pattern, likely in patterns:
        match = pattern.match(text, behind)
        if match is None or (pattern is _FORM_LINE and not _begins_line(text, at)):
            continue
        start, end = match.span("value")
        if end - start >= 80 and (rest := _NOT_BLANK.match(text, end)):
            end = rest.end()
        kept = text[start:end].rstrip(_TRAILING)
        if kept and MASK not in text[start:end] and likely(kept) and not _is_person(text, at):
            yield start, start + len(kept)


def _begins_line(text: str, at: int) -> bool:
    """Whether nothing but quote marks, bullets and a number stand before it on its line."""
    start = text.rfind("\n", max(at - 60, 0), at) + 1
    return (start > 0 or at < 60) and _BULLETS.fullmatch(text, start, at) is not None


def _is_person(text: str, at: int) -> bool:
    return text[at : at + 5].lower() == "sandi" and _PERSON.search(text[max(at - 12, 0) : at]) is not None


def _replaced(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        if start >= at:
            parts += (text[at:start], MASK)
        at = max(at, end)
    return "".join((*parts, text[at:]))


# --- numbers of persons ------------------------------------------------------------------------------

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


def _unless_named(match: re.Match[str]) -> str:
    named = _NAMED_OTHERWISE.search(match.string[max(match.start() - 24, 0) : match.start()])
    return match[0] if named else MASK
