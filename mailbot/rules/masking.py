"""Masks the passwords, PINs and one-time codes that users write into their mails.

What goes to LKPP, into notices and into logs goes through here. A password behind an unusual word
is missed, a word too many may be masked: but a tender code (8-10 digits), an NIP (18 digits), a
telephone number and a date stay, because without them nobody can help. Linear in the text's length.
"""

from __future__ import annotations

import re

MASK = "[disamarkan]"

_PASSWORD = (
    r"(?:kata[ \t]?sandi|sandi|pass?[ \t]?wor?ds?|pass?wrods?|pass?werds?|passw[ou]rt|pasw[ou]rd|passwd"
    r"|pass(?:code|phrase)?|psswo?rd|pswd?|pwd?)"
)
_CODE = (
    r"(?:pin|m-?pin|t?otp|kode[ \t](?:otp|totp|verifikasi|akses|keamanan|pin)|security[ \t]code|passcode"
    r"|token[ \t]otp)"
)
# "password saya", "pw akun spse", "sandi emailnya": at most three such words stand before the value.
_OF_WHOM = (
    r"(?:[ \t]{1,5}(?:saya|kami|nya|baru|lama|sementara|default|akun(?:nya)?|e-?mail(?:nya)?|spse|lpse|sikap"
    r"|sirup|inaproc|user(?:nya)?|login(?:nya)?|perusahaan|ppk|pokja|penyedia|tersebut|ini|itu)){0,3}"
)
_SEPARATOR = r"[ \t]{0,20}(?:[:=]|->|=>|(?:adalah|yaitu|yakni|ialah|is)(?=[ \t]))[:=>]{0,2}[ \t]{0,20}"
_VALUE = r"(?:\"[^\"\n]{1,80}\"|'[^'\n]{1,80}'|“[^”\n]{1,80}”|\S+)"

# "password: Rahasia123", "sandi nya adalah x", "user/pass = a/b"
_NAMED = re.compile(
    rf"(?<![^\W_])(?:{_PASSWORD}|{_CODE})(?:[ \t]?-?nya)?{_OF_WHOM}{_SEPARATOR}(?P<value>{_VALUE})",
    re.IGNORECASE,
)
# "Password:" at the end of a line, the value alone on the next
_NEXT_LINE = re.compile(
    rf"(?<![^\W_])(?:{_PASSWORD}|{_CODE})(?:[ \t]?-?nya)?{_OF_WHOM}[ \t]{{0,20}}[:=][ \t]{{0,20}}"
    r"\r?\n[ \t]{0,20}(?P<value>\S+)[ \t]{0,20}(?=\r?\n|\Z)",
    re.IGNORECASE,
)
# "password saya Rahasia123": no separator, so the value must look like one
_BARE = re.compile(rf"(?<![^\W_]){_PASSWORD}(?:[ \t]?-?nya)?{_OF_WHOM}[ \t]{{1,5}}(?P<value>\S+)", re.IGNORECASE)
# "kode otp 123456", "OTP saya 123 456"
_DIGITS = re.compile(
    rf"(?<![^\W_]){_CODE}(?:[ \t]?-?nya)?{_OF_WHOM}[ \t]{{1,5}}"
    r"(?P<value>[0-9]{3}[ -][0-9]{3}|[0-9]{4,8})(?![0-9])",
    re.IGNORECASE,
)

# After "password:" these begin a remark and are no password.
_REMARKS = frozenset(
    {"lihat", "terlampir", "lampiran", "tidak", "tdk", "sudah", "sdh", "belum", "blm"}
    | {"lupa", "salah", "ada", "kosong", "yang", "dan", "atau", "di", "ke", "dari", "untuk"}
    | {"mohon", "sama", "terkirim", "reset", "saya", "kami", "link", "tautan", "bagaimana"}
    | {"apakah", "kenapa", "minimal", "harus", "selalu", "gagal", "error", "ditolak"}
    | {"berhasil", "dikirim", "akan", "bisa", "tetap", "masih", "ini", "itu", "kode"}
    | {"nama", "npwp", "nip", "user", "n/a", "-", "--", "disamarkan"}
)
_TRAILING = ".,;:!?)]}\"'”>"


def mask(text: str) -> tuple[str, bool]:
    """The text with each secret replaced by MASK, and whether there was any."""
    spans: list[tuple[int, int]] = []
    for pattern, likely in (
        (_NAMED, _not_a_remark),
        (_NEXT_LINE, _not_a_heading),
        (_BARE, _looks_secret),
        (_DIGITS, _anything),
    ):
        for match in pattern.finditer(text):
            start, end = match.span("value")
            value = text[start:end]
            kept = value.rstrip(_TRAILING)
            if kept and likely(kept):
                spans.append((start, start + len(kept)))
    if not spans:
        return text, False
    return _replaced(text, sorted(spans)), True


def _replaced(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        if start >= at:
            parts += (text[at:start], MASK)
        at = max(at, end)
    return "".join((*parts, text[at:]))


def _not_a_remark(value: str) -> bool:
    return value.lower().strip("([") not in _REMARKS


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
