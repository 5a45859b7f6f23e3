"""Lists of words and tables in plain text files, beside the modules that read them: read once, when those are loaded.

A file has lists, each below its name in brackets, one entry a line:

    # why these words are here
    [verbs]
    # French
    a écrit|écrivait
    hat geschrieben

Empty lines and those that begin with "# " are left out; "…" at the start of a line continues the one above. What an
entry is says whoever reads it (`WordList`).

Nothing but the standard library, and `late`: the log, which masks, reads its words here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot import late

_NAME = re.compile(r"\[([a-z0-9][\w .-]*)\]")
_CONTINUED = "…"
# What re.IGNORECASE takes for one letter and str.lower does not, and what str.lower makes of one letter by its place
# (the sigma at a word's end) or of one letter two (the capital I with a dot).
_ALIKE = {
    ord(other): row[0]
    for row in (
        *("iİı", "sſ", "ṡẛ", "μµ", "βϐ", "εϵ", "θϑ", "κϰ", "πϖ", "ρϱ", "σςΣ", "φϕ"),
        *("ι\u1fbe", "\u0390\u1fd3", "\u03b0\u1fe3", "\ufb06\ufb05"),  # iota with accents; "st" as one letter
        *("в\u1c80", "д\u1c81", "о\u1c82", "с\u1c83", "т\u1c84\u1c85", "ъ\u1c86", "ѣ\u1c87", "\ua64b\u1c88"),
    )
    for other in row[1:]
}
#: A line that matches letters of another script, and blanks between them.
_FOREIGN = re.compile(r"(?:\\b)?(?:[^\x00-\x7f]|[ ?|()]|\?:)+")
_ODD = re.compile(f"[{''.join(map(chr, _ALIKE))}]")


def small(text: str) -> str:
    """The text in small letters, one for each letter: `WordList.of_small` finds there what `pattern` finds in the text,
    at the same places."""
    odd = not text.isascii() and _ODD.search(text)
    return (text.translate(_ALIKE) if odd else text).lower()


class SmallPattern:
    """A pattern for texts in small letters. Lines in other scripts than ours are tried where one of their letters
    stands."""

    def __init__(self, every: re.Pattern[str], ours: re.Pattern[str], letters: str) -> None:
        """ours: without the lines that match nothing that has none of the letters."""
        self._every, self._ours = every, ours
        self._foreign = late.pattern(f"[{letters}]") if letters else None

    def search(self, text: str) -> re.Match[str] | None:
        return self._of(text).search(text)

    def match(self, text: str) -> re.Match[str] | None:
        return self._of(text).match(text)

    def _of(self, text: str) -> re.Pattern[str]:
        return self._every if self._foreign is not None and self._foreign.search(text) else self._ours


def _small_pattern(lines: Sequence[str]) -> re.Pattern[str]:
    edge = r"\b"
    begin_a_word = "|".join(line.removeprefix(edge) for line in lines if line.startswith(edge))
    others = (line for line in lines if not line.startswith(edge))
    pieces = (rf"\b(?=\w)(?:{begin_a_word})", *others) if begin_a_word else others
    return late.pattern("|".join(pieces).translate(_ALIKE))


@dataclass(frozen=True, slots=True)
class WordList:
    """The lines of one list, and the ways to read them."""

    lines: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        """Single words with blanks between them, any number on a line."""
        return frozenset(word for line in self.lines for word in line.split())

    @property
    def phrases(self) -> tuple[str, ...]:
        """Texts of one word or more, one a line or several with "|" between them."""
        return tuple(phrase for line in self.lines for phrase in line.split("|"))

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """ "left: right" on each line."""
        cells = [line.partition(": ") for line in self.lines]
        return tuple((left.strip(), right.strip()) for left, _, right in cells)

    @property
    def any_of(self) -> str:
        """A group of a regular expression that matches any of the lines, each one itself."""
        return f"(?:{'|'.join(self.lines)})"

    @property
    def pattern(self) -> re.Pattern[str]:
        """The same as a pattern that does not tell capitals from small letters."""
        return late.pattern(self.any_of, re.IGNORECASE)

    @property
    def of_small(self) -> SmallPattern:
        """The same for a text in small letters (`small`), and ten times as fast: the engine passes over a line at its
        first letter, and tests once for all whether a word begins. Which of several lines matches it does not tell."""
        foreign = [line for line in self.lines if _FOREIGN.fullmatch(line)]
        letters = {letter for line in foreign for letter in line.translate(_ALIKE) if not letter.isascii()}
        ours = tuple(line for line in self.lines if line not in foreign)
        return SmallPattern(_small_pattern(self.lines), _small_pattern(ours), "".join(sorted(letters)))


def read(module: str, name: str) -> Mapping[str, WordList]:
    """The lists of a file by their names, in the file's order. module: `__file__` of the one beside which it stands."""
    return lists(content(Path(module).with_name(name)))


def content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def lists(text: str) -> Mapping[str, WordList]:
    """The same of a file's content."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        written = line.strip()
        first = written[:1]
        if first == "[" and (named := _NAME.fullmatch(written)):
            lines = found[named[1]] = []
        elif first == _CONTINUED:
            lines[-1] += written[1:]
        elif first and not (first == "#" and (written == "#" or written.startswith("# "))):
            lines.append(written)
    return {name: WordList(tuple(lines)) for name, lines in found.items()}
