"""The marks of an answer to the survey of the closing mail: four elements, each from 1 to 4 (SKM, Permenpan 14/2017).

People answer as they like: the mail's own lines, "4 4 4 3", "nilai 4 semua", "kecepatan 2, lainnya 4". What cannot be
told is no mark: an element with two marks, a number beyond the scale, five numbers for four elements. Pure and total;
linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mailbot import late, wordfile
from mailbot.rules.language.normalise import plain

_LISTS = wordfile.read(__file__, "survey.txt")
#: The elements in the order of the mail.
ELEMENTS: tuple[str, ...] = tuple(name for name, _ in _LISTS["elements"].rows)
BEST = 4

_MAX = 2000  # characters: a longer reply tells more
#: Our own explanation of the scale, where it is quoted: "(1 = tidak baik, 2 = kurang baik, …)".
_SCALE = late.pattern(r"\(?\s?1\s?=\s?tidak baik[^\n]{0,120}|angka\s+1\s?[-–]\s?4")
#: The end of that explanation, in whatever lines a program quotes it: the form follows. What stands before is ours.
_FORM = late.pattern(r"4[\s>]{0,4}=[\s>]{0,4}sangat[\s>]{1,6}baik", re.IGNORECASE)
#: The form's last line, with whatever blanks a program puts there.
_SUGGESTION = late.pattern(
    r"^(?:[^\S\n]|[>*|•-]){0,8}Saran(?:[^\S\n]|[*|]){0,20}:(?:[^\S\n]|[*|]){0,8}(?P<words>[^\n]{1,500})$",
    re.MULTILINE | re.IGNORECASE,
)
#: The number of a line: "1) 3", "2. Kecepatan: 4".
_ITEM = late.pattern(r"^[ \t>*•-]{0,8}(?:[1-9][.)][ \t]*(?=[a-z1-4]))?", re.MULTILINE)
#: Without a space between them they are no decimals: "4,4,3,4".
_GLUED = late.pattern(
    r"(?<=[1-4])[,./|;-](?=[1-4](?:[,./|;-][1-4])+(?![0-9]))|(?<=[1-4][,./|;-][1-4])[,./|;-](?=[1-4])"
)


def _phrases() -> Iterator[tuple[str, str, str]]:
    """(phrase, what it is, which)."""
    for name, phrases in _LISTS["elements"].rows:
        yield from ((phrase, "element", name) for phrase in phrases.split("|"))
    for value, phrases in _LISTS["marks"].rows:
        yield from ((phrase, "digit" if phrase[0].isdigit() else "word", value) for phrase in phrases.split("|"))
    for kind in ("words", "all", "rest", "other scale"):
        yield from ((phrase, kind, "") for phrase in _LISTS[kind].phrases)


_KNOWN: Mapping[str, tuple[str, str]] = {phrase: (kind, which) for phrase, kind, which in _phrases()}
_TOKEN = late.pattern(
    "|".join(
        (
            *(rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(_KNOWN, key=lambda one: (-len(one), one))),
            r"(?<![\w.,])[0-9][0-9.,]*(?![\w%])",
            r"\n|[^\W\d_]+",
        )
    )
)


def marks(text: str) -> Mapping[str, int]:
    """Element → its mark, of those that can be told; empty: none can. Who fills in the form within the quotation sends
    all of our mail back, with its dates and telephone numbers."""
    return _marks(_FORM.split(text)[-1]) or _marks(text)


def suggestion(text: str) -> str:
    """What stands in the line "Saran" of the form, where it was filled in within the quotation; "" where nothing."""
    _, *below = _FORM.split(text)
    found = _SUGGESTION.search(below[-1]) if below else None
    return found["words"].strip() if found and any(map(str.isalpha, found["words"])) else ""


def _marks(text: str) -> Mapping[str, int]:
    if len(text) > _MAX:
        return {}
    return _Reading(_tokens(text)).marks()


def _tokens(text: str) -> list[tuple[str, str]]:
    """(what it is, which); other words are ("other", the word)."""
    written = _GLUED.sub(" ", _ITEM.sub("", _SCALE.sub(" ", plain(text).lower())))
    return [_token(found[0]) for found in _TOKEN.finditer(written)]


def _token(word: str) -> tuple[str, str]:
    if word in _KNOWN:
        return _KNOWN[word]
    if word == "\n":
        return "line", ""
    if not word[0].isdigit():
        return "other", word
    number = word.rstrip(".,")
    return ("digit", number) if number in ("1", "2", "3", "4") else ("number", number)


class _Reading:
    """One pass over the tokens. given: element → the marks that it is given; loose: the marks that name no element."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._given: dict[str, set[int]] = {}
        self._loose: list[int] = []
        self._for_rest: int | None = None
        self._last = ""  # the element of this line that has its mark already
        self._all = self._doubt = False

    def marks(self) -> Mapping[str, int]:
        at, element, target = 0, "", ""
        while at < len(self._tokens):
            kind, which = self._tokens[at]
            following = self._tokens[at + 1 : at + 3]
            at += 1
            if kind == "words":  # free words up to the next line that names an element
                at, element, target = self._behind_words(at), "", ""
            elif kind == "element":
                element, target, self._last = which, "element", ""
            elif kind in ("all", "rest"):
                self._all = self._all or kind == "all"
                target = kind
            elif kind == "other scale":
                self._doubt = True
            elif kind == "digit" or (kind == "word" and (target or self._all)):
                if kind == "digit" and not target and (named := _named_behind(following)):
                    self._give(named, int(which))
                    at += 2
                elif kind == "word" and following and following[0][0] in ("digit", "word"):
                    continue  # "empat (4)"
                else:
                    self._put(target, element, int(which))
                    element, target = "", ""
            elif kind == "number":
                if target == "element":
                    self._given.setdefault(element, set()).add(0)
                else:
                    self._doubt = True
            elif kind == "line":
                self._last, target = "", "" if target in ("all", "rest") else target
        return self._settled()

    def _behind_words(self, at: int) -> int:
        while at < len(self._tokens):
            if (
                self._tokens[at][0] == "line"
                and self._tokens[at + 1 : at + 2]
                and (self._tokens[at + 1][0] == "element")
            ):
                return at
            at += 1
        return at

    def _give(self, element: str, mark: int) -> None:
        self._given.setdefault(element, set()).add(mark)

    def _put(self, target: str, element: str, mark: int) -> None:
        if target == "element":
            self._give(element, mark)
            self._last = element
        elif target == "rest":
            self._doubt = self._doubt or self._for_rest is not None
            self._for_rest = mark
        elif self._last:
            self._give(self._last, mark)
        else:
            self._loose.append(mark)

    def _settled(self) -> Mapping[str, int]:
        if self._doubt:
            return {}
        found = {name: next(iter(given)) for name, given in self._given.items() if len(given) == 1 and 0 not in given}
        left = [name for name in ELEMENTS if name not in self._given]
        if self._for_rest is not None:
            return {} if self._loose or not self._given else {**found, **dict.fromkeys(left, self._for_rest)}
        if not self._loose:
            return found
        if len(self._loose) == 1 and (self._all or not self._given):
            return {**found, **dict.fromkeys(left, self._loose[0])}
        if len(self._loose) == len(ELEMENTS) and not self._given:
            return dict(zip(ELEMENTS, self._loose, strict=True))
        return {}


def _named_behind(following: list[tuple[str, str]]) -> str:
    """The element of "4 untuk kecepatan"."""
    if len(following) == 2 and following[0] in (("other", "untuk"), ("other", "utk"), ("other", "buat")):
        return following[1][1] if following[1][0] == "element" else ""
    return ""
