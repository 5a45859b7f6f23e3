"""A text as the search for secrets reads it: of the same length, so that each place is a place of the text."""

from __future__ import annotations

import re
import unicodedata

from mailbot import late
from mailbot.masking.marks import PATTERN as _MARK

#: Stands for each character of a mark: no blank, no letter, and in no text (a private use character).
MARKED = "\ue000"

# Full-width, bold or italic letters (Unicode's compatibility forms), and Cyrillic ones that look like Latin letters.
_FORMS = (*range(0xFF01, 0xFF5F), *range(0x1D400, 0x1D800), 0xFE55, 0x2236)
_ALIKE = dict(zip("аеорсухікмтвнАЕОРСУХІКМТВН", "aeopcyxikmtbhAEOPCYXIKMTBH", strict=True))
_BLANKS = dict.fromkeys("\r\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
_LETTERS = {
    code: form for code in _FORMS if len(form := unicodedata.normalize("NFKC", chr(code))) == 1 and form.isascii()
}
_TABLE = str.maketrans({**{chr(code): form for code, form in _LETTERS.items()}, **_ALIKE, **_BLANKS, MARKED: "?"})

_QUOTE_MARKS = re.compile(r"^[ \t]{0,20}>[> \t]{0,60}", re.MULTILINE)
# HTML that nobody rendered: tags of blocks end a line, those of cells a cell, the others nothing.
_TAG = late.pattern(
    r"</?(?:(?P<block>p|div|li|ul|ol|dl|dt|dd|tr|table|tbody|thead|br|h[1-6])|t[dh]|b|i|u|strong|em|span|font|a|code|pre)"
    r"(?:[ \t/][^<>\n]{0,200})?>|&nbsp;",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """The text with Latin letters, without marks of quotation and tags, each mark of ours as a run of MARKED."""
    text = text.translate(_TABLE) if not text.isascii() else text.replace("\r", " ")
    if "]" in text:
        text = _MARK.sub(lambda mark: MARKED * len(mark[0]), text)
    if "<" in text or "&nbsp;" in text:
        text = _TAG.sub(_blank, text)
    return _QUOTE_MARKS.sub(lambda marks: " " * len(marks[0]), text) if ">" in text else text


def _blank(tag: re.Match[str]) -> str:
    return " " * (len(tag[0]) - 1) + ("\n" if tag["block"] else " ")
