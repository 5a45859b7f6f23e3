"""What PGP writes into a text itself, not into parts of the mail (RFC 9580 §6 and §7; PGP/MIME is `content`'s)."""

from __future__ import annotations

import re

from mailbot import late

_BEGIN = "-----BEGIN PGP "
#: Base64 with its headers and its checksum. Anything else between the two lines is somebody's words.
_ARMOUR = (
    r"(?:(?:Version|Comment|Hash|Charset|MessageID): [^\r\n]{0,100}\r?\n){0,6}[ \t]*\r?\n"
    r"(?:[A-Za-z0-9+/=]{1,76}[ \t]*\r?\n){1,100000}"
)
_SEALED = late.pattern(
    rf"^-----BEGIN PGP MESSAGE-----[ \t]*\r?\n{_ARMOUR}-----END PGP MESSAGE-----[ \t]*(?:\r?\n|\Z)", re.MULTILINE
)
_SIGNATURE = late.pattern(
    rf"^-----BEGIN PGP SIGNATURE-----[ \t]*\r?\n{_ARMOUR}-----END PGP SIGNATURE-----[ \t]*(?:\r?\n|\Z)", re.MULTILINE
)
#: Two lines at most stand between it and the words; an empty one ends them.
_SIGNED = late.pattern(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n(?:Hash: [A-Za-z0-9, -]{1,60}\r?\n){0,4}[ \t]*\r?\n", re.MULTILINE
)
_DASHED = re.compile(r"^- ", re.MULTILINE)


def without_signatures(text: str) -> str:
    """The text with the words that were signed as they were written, without what surrounds them. What is not whole
    stays as it is."""
    if _BEGIN not in text:
        return text
    done: list[str] = []
    at = 0
    for signature in _SIGNATURE.finditer(text):
        begins = list(_SIGNED.finditer(text, at, signature.start()))
        if begins:
            begin = begins[-1]  # one before it lacks its end
            done += [text[at : begin.start()], _DASHED.sub("", text[begin.end() : signature.start()])]
            at = signature.end()
    return "".join([*done, text[at:]])


def without_sealed(text: str) -> tuple[str, bool]:
    """The text without what is encrypted in it, and whether anything is."""
    if _BEGIN not in text:
        return text, False
    rest, found = _SEALED.subn("", text)
    return rest, found > 0
