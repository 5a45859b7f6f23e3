"""The names of attachments, made fit for a file system, a shell and a screen."""

from __future__ import annotations

import re

from mailbot import wordfile
from mailbot.parsers.mime.characters import one_line
from mailbot.parsers.mime.encodedwords import decode_words
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

_LENGTH = 120  # characters; with four bytes each still below what any file system takes

# What file systems and shells give a meaning to (Windows has the longest list).
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|\Z)", re.I)
_UNSEEN = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2064\u3164\ufe00-\ufe0f\uffa0"
_BLANK = re.compile(f"[{_UNSEEN}]")

_EXTENSIONS = dict(wordfile.read(__file__, "filenames.txt")["extensions"].rows)
ENCLOSED = ("message/rfc822", "message/global")  # RFC 2046 §5.2.1, RFC 6532 §3.7


def file_name(given: str, kind: str, number: int) -> str:
    """The cleaned name of the `number`th file of a mail, from what its headers say; `kind`: its MIME type.

    Encoded words in parameters are wrong and common (RFC 2047 §5), and so is encoding twice.
    """
    if kind in ENCLOSED:
        fallback = _SAID("mail", number=number)
    else:
        fallback = _SAID("attachment", number=number, extension=_EXTENSIONS.get(kind, ".bin"))
    decoded = decode_words(given)
    name = clean_name(decode_words(decoded) if "=?" in decoded else decoded, fallback)
    if kind in ENCLOSED and not name.lower().endswith(".eml"):
        name += ".eml"
    return name


def clean_name(name: str, fallback: str) -> str:
    """An attachment's name fit for a file system and a screen: no path, no controls, nothing reserved."""
    name = one_line(_BLANK.sub("", name)).replace("\\", "/").rsplit("/", 1)[-1]
    name = _FORBIDDEN.sub("_", name).strip(" .")
    if not name.strip("_"):
        return fallback
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > _LENGTH:
        stem, dot, extension = name.rpartition(".")
        tail = f".{extension}" if dot and 0 < len(extension) <= 10 else ""
        name = (stem if tail else name)[: _LENGTH - len(tail)].rstrip(" .") + tail
    return name
