"""Cleaners for text that leaves the program in a mail: body words, and one-line header or table values.

Mail text may hide things from its reader: control characters that end a header line, bidirectional
overrides that turn a file name round (CVE-2021-42574), invisible characters. One pass of
`str.translate` removes them here. The visible words stay as they were written.
"""

from __future__ import annotations

_LINE_ENDS = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
_HIDDEN: dict[int, str] = {
    **{code: "" for code in (*range(0x00, 0x20), *range(0x7F, 0xA0))},  # C0, DEL, C1
    **{code: "" for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))},  # bidi
    **{code: "" for code in (0x00AD, 0x034F, 0x180E, 0x200B, *range(0x2060, 0x2066), 0xFEFF)},  # invisible
    **{code: "" for code in (*range(0xFFF9, 0xFFFC), 0xFFFE, 0xFFFF)},  # annotations, noncharacters
    **{code: "" for code in range(0xE0000, 0xE0080)},  # tag characters: invisible text
    **{code: "\ufffd" for code in range(0xD800, 0xE000)},  # lone surrogates cannot be encoded
    0xF0B7: "\u2022",  # the bullet of Outlook's Symbol font
}
#: The one hidden character that Python calls printable (a combining mark).
_JOINER = "\u034f"
_TABLE = _HIDDEN | _LINE_ENDS | {0x0A: "\n", 0x09: "\t"}


def clean(text: str) -> str:
    """The words as written, without hidden characters; every kind of line end becomes LF."""
    # Most texts hide nothing, and this check takes a hundredth of the time of `translate`.
    if _JOINER not in text and text.replace("\n", "").isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE)


def one_line(text: str, limit: int | None = None) -> str:
    """`clean`, and each run of white space becomes one space; cut at `limit` characters with an ellipsis."""
    # A blank is the only white space that is printable: most texts are one line already.
    if text.isprintable() and "  " not in text and _JOINER not in text:
        return shorten(text.strip(), limit)
    return shorten(" ".join(clean(text).split()), limit)


def shorten(text: str, limit: int | None) -> str:
    """The beginning of `text`, at most `limit` characters. An ellipsis shows a cut."""
    if limit is None or len(text) <= limit:
        return text
    return text[: max(limit - 1, 0)].rstrip() + "…"


ANSWER_MAX = 300  # characters of a server's answer that are kept: enough for a human, too few to flood a log


def answer_line(answer: object) -> str:
    """Any answer as one line of printable text, cut to ANSWER_MAX; all other characters become spaces."""
    text = answer_text(answer)[: 10 * ANSWER_MAX]  # before any work: an answer may be a megabyte long
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:ANSWER_MAX]


def answer_text(answer: object) -> str:
    """What a server answered, or an exception that holds it, as text."""
    if isinstance(answer, BaseException):
        answer = answer.args[0] if len(answer.args) == 1 else str(answer)
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
