"""A text that leaves the house without its writer's own closing: our mails carry a signature of theirs."""

from __future__ import annotations

import re

from mailbot.parsers.commands.command_lines import only_greetings

#: Lines and their characters that a closing cut from a mail may have: what is more may be more than a name.
_CLOSING_LINES, _CLOSING_LENGTH = 8, 70
_CONTACT = re.compile(
    r"(?:telp|tlp|telepon|tel|hp|wa|whatsapp|phone|mobile|fax|faks|nip|e-?mail|surel)\b", re.IGNORECASE
)
_TELLS = re.compile(r"[:=?]|//")
#: Blanks in a line that ends like a sentence from which on it is one ("Sari Utami, S.Kom., M.T." is none).
_SENTENCE = 4
#: Words that begin small in a line from which on it is no name.
_SMALL = 2


def unsigned(text: str, closing: str) -> str:
    """The text without `closing`, the end of it that only takes leave; as it is where that may tell something.

    Cut is only what ends the text, names somebody and tells nothing, and leaves more than a greeting standing ("Yth.
    Bapak Budi, / Dengan hormat, / akun sudah aktif" has no closing).
    """
    if not closing or not text.endswith(f"\n{closing}"):
        return text
    lines = [line.strip() for line in closing.split("\n") if line.strip()]
    if len(lines) > _CLOSING_LINES or any(map(_may_tell, lines[1:])):
        return text
    kept = text.removesuffix(closing).rstrip()
    return text if only_greetings(kept) else kept


def _may_tell(line: str) -> bool:
    """Whether a line of a closing may be more than a name, an office or how to reach it."""
    if _CONTACT.match(line):
        return len(line) > _CLOSING_LENGTH
    small = sum(word[0].islower() for word in line.split())
    sentence = line[-1] in ".!" and line.count(" ") >= _SENTENCE
    return len(line) > _CLOSING_LENGTH or _TELLS.search(line) is not None or small >= _SMALL or sentence
