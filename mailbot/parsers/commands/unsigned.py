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


def unsigned(text: str, closing: str, name: str = "") -> str:
    """The text without `closing`, the end of it that only takes leave; as it is where that may tell something. name:
    its writer's, which is cut without a closing formula, too, and below it the office's.

    Cut is only what ends the text, names somebody and tells nothing, and leaves more than a greeting standing ("Yth.
    Bapak Budi, / Dengan hormat, / akun sudah aktif" has no closing).
    """
    if not closing or not text.endswith(f"\n{closing}"):
        return _without_name(text, name)
    lines = [line.strip() for line in closing.split("\n") if line.strip()]
    if len(lines) > _CLOSING_LINES or any(map(_may_tell, lines[1:])):
        return text
    kept = text.removesuffix(closing).rstrip()
    return text if only_greetings(kept) else kept


#: Words of a line below a name that says where its bearer works.
_OFFICE = re.compile(r"(?:tim )?(?:lpse|helpdesk|petugas|admin)\b", re.IGNORECASE)
_OFFICE_WORDS = 6


def _without_name(text: str, name: str) -> str:
    """The text without its last lines, if they are its writer's name, and perhaps the office's below it."""
    names = {name.casefold(), name.split()[0].casefold()} if name.split() else set()
    lines = text.rstrip().split("\n")
    last = len(lines) - 1
    while last > 0 and (not lines[last].strip() or _is_office(lines[last])):
        last -= 1
    if last < 1 or lines[last].strip(" .,-").casefold() not in names:
        return text
    kept = "\n".join(lines[:last]).rstrip()
    return kept if any(map(str.isalnum, kept)) and not only_greetings(kept) else text


def _is_office(line: str) -> bool:
    return _OFFICE.match(line.strip()) is not None and len(line.split()) <= _OFFICE_WORDS


def _may_tell(line: str) -> bool:
    """Whether a line of a closing may be more than a name, an office or how to reach it."""
    if _CONTACT.match(line):
        return len(line) > _CLOSING_LENGTH
    small = sum(word[0].islower() for word in line.split())
    sentence = line[-1] in ".!" and line.count(" ") >= _SENTENCE
    return len(line) > _CLOSING_LENGTH or _TELLS.search(line) is not None or small >= _SMALL or sentence
