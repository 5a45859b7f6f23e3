"""Broken YAML, told by its likely cause and by the line of the slip; the parser complains of the line that it cannot go
on with. Nothing of the file is quoted but a single sign: it may be half a password.
"""

from __future__ import annotations

import re

from mailbot import late

#: The parser is up to so many lines behind the slip.
_NEAR = 3
_KEY = r"[ ]*(?:- +)?[A-Za-z_]+"
#: Spaces of web pages and word processors, which are no spaces to YAML.
_ODD_SPACE = "\u00a0\u2000-\u200b\u202f\u3000\ufeff"

#: How a line looks → what has happened to it, in this order.
_SLIPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (late.pattern(r"[ ]*```"), "``` belongs to a web page, not to the file; take this line out"),
    (
        late.pattern(rf"[ ]*[{_ODD_SPACE}]|{_KEY}[ ]*:[{_ODD_SPACE}]"),
        "a space that is no plain one, as copied from a web page or a word processor; type it anew",
    ),
    (late.pattern(rf"{_KEY}[ ]*[\uff1a\u2236\ufe55]"), "a wide colon; type a plain one and a space behind it"),
    (late.pattern(r"[ ]*\t"), "a tab at the beginning; indent with spaces"),
    (late.pattern(rf"{_KEY}:[^\s:/]"), "a space is missing after the colon"),
    (late.pattern(r"[ ]*-[A-Za-z_]+:(\s|$)"), "a space is missing after the dash"),
    (late.pattern(rf"{_KEY}[ ]*=[ ]*\S"), 'write "KEY: value", with a colon and a space instead of ='),
)
_PASSWORD = late.pattern(r".*?(?<![A-Za-z_])password[ ]*:")
_NO_PASSWORD = "a password never stands in this file; write {credential: NAME}, {file: PATH} or {env: NAME}"
_OPENED = late.pattern(r"[^#]*?[:\-,\[{] +([\"'])(?:(?!\1).)*$")
_COLON_WITHIN = late.pattern(rf"{_KEY}:[ ]+[^\"'{{\[|>#\s].*:(\s|$)")


def cause(lines: list[str], problem: str, context: str, at: tuple[int, int], since: int) -> tuple[int, str]:
    """(line, what is wrong). problem, context: the parser's words. at: line and column where it stopped; since: the
    line in which it began what it could not end. All count from 1."""
    line, column = at
    if "a tag" in context and _PASSWORD.match(lines[line - 1]):
        return line, _NO_PASSWORD
    if "tag handle" in problem or "a tag" in context:
        return line, "a tag (!…) is not used here; put text that begins with ! in quotes"
    for pattern, said in _SLIPS:
        if (found := _near(lines, line, pattern)) is not None:
            return found, said
    if "quoted scalar" in context:
        return since, "a quotation mark is opened here and never closed"
    if "cannot start any token" in problem and _PASSWORD.match(lines[line - 1]):
        return line, _NO_PASSWORD
    if "cannot start any token" in problem:
        return line, f"a text that begins with {lines[line - 1][column - 1 : column]} must stand in quotes"
    if (opened := _near(lines, line - 1, _OPENED)) is not None:
        return opened, "a quotation mark is opened here and not closed in this line"
    if "flow" in context:
        return since, "a bracket, { or [, is opened here and not closed"
    if "mapping values" in problem and _COLON_WITHIN.match(lines[line - 1]):
        return line, "a text with a colon and a space in it must stand in quotes"
    if "mapping values" in problem or "block" in context:
        return line, "this line is indented otherwise than those it belongs to; keys of one group begin in one column"
    return line, problem


def _near(lines: list[str], line: int, slip: re.Pattern[str]) -> int | None:
    """The number of such a line, at the one that was complained of or just above it."""
    near = range(min(line, len(lines)), max(0, line - _NEAR), -1)
    return next((number for number in near if slip.match(lines[number - 1])), None)
