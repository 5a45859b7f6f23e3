"""A few lines of a mail, for showing it small: what it says, without headings, greeting, tables and signature. Pure."""

from __future__ import annotations

import re
import textwrap

_UNDERLINE = re.compile(r"[=-]{3,}")
_GREETING = re.compile(r"(?:Yth\.|Dengan hormat,$|di tempat$|Terima kasih\.$|Mohon bantuannya\. Terima kasih\.$)")
_FIELD = re.compile(r" {2}\S[^:]{0,40} : ")
_ENDS = re.compile(r"(?:Hormat kami,|--|Langkah berikutnya|Lampiran(?: yang kami terima)?:?|Survei kepuasan)$")
_OWN_LINE = re.compile(r"│|#|- |\d{1,2}\. ")
#: Mails of ours are wrapped to this; a longer line is one that its writer's program has not wrapped.
_WRAPPED_AT = 78
#: No paragraph is shown further than this.
_MOST = 1000


def excerpt(text: str, width: int, most: int, *, fields: bool = False) -> list[str]:
    """At most `most` lines of at most `width` characters; a cut is visible. `fields`: also "Name : value" lines."""
    lines: list[str] = []
    for paragraph in _paragraphs(text, fields):
        quoted = paragraph.startswith("│")
        words = paragraph.removeprefix("│").strip()[:_MOST]
        hanging = "   " if re.match(r"\d{1,2}\. ", words) else ""
        wrapped = textwrap.wrap(words, width - 2 * quoted, subsequent_indent=hanging, break_on_hyphens=False)
        lines += [f"│ {line}" if quoted else line for line in wrapped]
        if len(lines) > most:
            last = lines[most - 1]
            if len(last) > width - 2:
                last = last.rpartition(" ")[0] or last[: width - 2]
            return [*lines[: most - 1], f"{last.rstrip(' .,;:')} …"]
    return lines


def _paragraphs(text: str, fields: bool) -> list[str]:
    """Wrapped lines put together again; blank lines between paragraphs left out."""
    lines = text.splitlines()
    found: list[str] = []
    goes_on = False
    for line, below in zip(lines, [*lines[1:], ""], strict=False):
        bare = line.removeprefix("│").strip()
        if _ENDS.match(line.strip()):
            break
        is_field = _FIELD.match(line) is not None
        heading = bool(_UNDERLINE.fullmatch(bare) or _UNDERLINE.fullmatch(below.strip()))
        if not bare or heading or _GREETING.match(bare) or (is_field and not fields):
            goes_on = False
            continue
        if goes_on and not is_field and not _OWN_LINE.match(line):
            found[-1] += f" {bare}"
        else:
            found.append(" ".join(line.split()))
        goes_on = not is_field and not line.startswith("│") and _is_wrapped(line, below)
    return found


def _is_wrapped(line: str, below: str) -> bool:
    """Whether the line ends only because the next word would not have fitted."""
    return len(line) <= _WRAPPED_AT < len(line) + 1 + len(below.strip().partition(" ")[0])
