"""Masks the passwords, PINs and one-time codes that people write: each value that looks like one near a word for one.

For what goes to LKPP, into notices and logs. Whatever stands between the word and its value (signs, other words, the
end of a line, a cell's border), a word too many may be masked: but a tender code (8-10 digits), an NIP (18 digits), a
telephone number and a date stay, because without them nobody can help.

Where the word is only talked about ("lupa password akun CV Maju"), the shape of what follows decides; behind a colon
and its like, everything but an ordinary word is a value.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailbot import late, wordfile
from mailbot.masking import tables, values
from mailbot.masking.labels import BEGIN, END, Label, address_around, asked_for, labels
from mailbot.masking.marks import OF_KIND
from mailbot.masking.plain import MARKED, plain

_Span = tuple[int, int]

_WORDS = wordfile.read(__file__, "secrets.txt")

_IS = rf"(?:{_WORDS['equals'].any_of}|{_WORDS['verbs'].any_of})"
# Signs between a word and its value; a mark of ours is a value.
_SIGNS = rf"[^\w\n{MARKED}]"
# Groups are atomic and not possessive: until Python 3.11.5 a possessive group that backtracks matched too little.
_OF_WHOM = re.compile(
    rf"(?>(?:[ \t]{{1,5}}{_WORDS['of whom'].any_of}{END}){{0,6}})"
    rf"(?:[ \t]{{0,3}}\([^()\n]{{0,60}}\)(?=[ \t]{{0,3}}[:=]))?",
    re.I,
)
_GAP = re.compile(rf"{_SIGNS}{{0,80}}+(?>(?:{_IS}{END}{_SIGNS}{{0,40}}+){{0,2}})", re.I)
# What makes whatever follows the value, and not the rest of the sentence.
_EQUALS = re.compile(rf"[:=→➡⇒»👉|▶]|>|\.{{3}}|…|\t| {{3}}|{BEGIN}{_IS}{END}", re.I)
# "The password is refused": what follows may be a verb.
_VERB = re.compile(rf"{BEGIN}{_WORDS['verbs'].any_of}{END}", re.I)
# "password untuk masuk apendo kami : …": words on the way to a colon.
_WORDS_TO_COLON = late.pattern(
    r"(?P<words>(?:[ \t]{1,3}[.(]?[^\W_][\w.)-]{0,20}){1,6}?)"
    rf"[ \t]{{0,20}}(?:[:=](?!/)|[-=]{{1,3}}>|→|(?P<is>(?<=[ \t]){_WORDS['equals'].any_of}(?=[ \t])))",
    re.I,
)
_SENTENCE_END = re.compile(r"[.,;!?)]")
_EMPTY_LINES = re.compile(rf"(?>(?:{_SIGNS}{{0,60}}+\n){{1,5}})[^\w\n\"'“#@$%&!{MARKED}]{{0,60}}+")
_SIGN_FIRST = re.compile(r"\n[ \t]{0,5}(?:[:=]|[-=]{1,3}>|→)[^\n]*\Z")
_NUMBERING = re.compile(r"[A-Za-z0-9]{1,2}[.)][ \t]{1,10}")
_BULLETS = re.compile(r"[^\w\n]{0,40}(?:[A-Za-z0-9]{1,2}[.)][ \t]{0,10})?[^\w\n]{0,10}")
_LINE = re.compile(r"[^\n]{1,160}")
_CLAUSE = re.compile(r"[^\n.;]{1,120}")
_TOKEN = re.compile(r"\S{1,80}")
_REST = re.compile(r"\S*")
_BEFORE_VALUE = "@#$%&*!^+?~"
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "`": "`"}
_TRAILING = ".,;:!?)]}\"'”’>`|"
# "R a h a s i a 9"
_LETTER_BY_LETTER = re.compile(r"[^\W_](?:[ ][^\W_]){3,40}(?![^\W_])")

# Behind a value: another of its kind ("Rahasia1 atau Rahasia2", "lama: …, baru: …").
_AND = late.pattern(
    rf"[ \t\"'”`.)\]]{{0,6}}(?P<and>[,;/&|]|->|→|{_WORDS['and'].any_of}(?=[ \t])|\n{_SIGNS}{{0,20}})[ \t]{{0,5}}", re.I
)
_EITHER = _WORDS["either"].words
_ANOTHER = re.compile(
    rf"(?:^[^\w\n]{{0,30}}|[,;/(.&|-][ \t]{{0,5}}|{BEGIN}{_WORDS['before another'].any_of}[ \t]{{1,3}})"
    rf"{_WORDS['another'].any_of}(?:nya)?[ \t]{{0,20}}(?:[:=]|[-=]{{1,3}}>|→|{_IS}(?=[ \t]))[:=>]{{0,2}}"
    r"[ \t\"'“`(]{0,20}(?=\S)",
    re.I | re.M,
)
_WINDOW = re.compile(r"(?>(?:\s*+\S++){0,20})")

# "Rahasia1 adalah password kami", "Rahasia1 (password)"
_FIRST = late.pattern(
    rf"(?P<value>\S{{4,60}})[ \t]{{0,3}}(?:[=(–-]|{BEGIN}{_WORDS['to the word'].any_of})"
    rf"[ \t]{{0,3}}(?:{_WORDS['article'].any_of}[ \t])?$",
    re.I,
)
_LINKS_BEFORE = frozenset((*_WORDS["to the word"].phrases, *_WORDS["article"].phrases, "=", "-", "–", "("))

# "User ID / Password : budi / rahasia": which of the two is the secret cannot be told
_USER = r"(?:user(?:[ _-]?(?:id|name))?|log[ -]?in|id|akun)"
_USER_AND = late.pattern(rf"{BEGIN}{_USER}(?:nya)?[ \t]{{0,3}}(?:/|&|\+|,|dan|and)?[ \t]{{0,3}}$", re.I)
_PAIR = late.pattern(
    r"[^\s/|&,]{1,80}(?:[ \t]{0,3}[/|&,][ \t]{0,3}|[ \t]{1,3}(?:dan|and)[ \t]{1,3})(?P<second>\S{1,80})", re.I
)
# "login: budi / rahasia", without a word for the secret
_LOGIN = re.compile(
    rf"{BEGIN}(?:{_USER}|account)(?:nya)?(?:[ \t]{{1,3}}{_WORDS['whose login'].any_of}){{0,2}}"
    rf"[ \t]{{0,20}}(?:[:=]|{_IS})[ \t]{{0,5}}(?:[^\s/|:.@]{{2,40}}|[^\s/|@:]{{1,64}}@[\w.-]{{1,80}})"
    r"[ \t]{0,3}[/|][ \t]{0,3}(?P<value>[^\s/|]{3,80})(?=[\s.,;)]|\Z)",
    re.I,
)
# "token server 127.0.0.1:8443": where a server listens is no code
_SERVER_PORT = late.pattern(
    r"(?:localhost|\[[0-9a-f:.]{2,45}\]|[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}):[0-9]{2,5}(?![^\W_])", re.I
)
_IN_LINK = re.compile(r"=(?P<value>[^\s&#]{1,80})")
#: "password akun Rahasia1": of such there is a password, too.
_HAVE_ONE = _WORDS["have one"].words
_WORDS_AWAY, _LINES_AWAY = 14, 3
_SHORT_CODE = 4
#: A mark may stand in place of a word that hid another value; the second round finds nothing as a rule.
_ROUNDS = 3
#: Characters. Of longer texts only the last ones are kept for the next who asks: a few books would fill the memory.
_LONG = 20_000


@dataclass(frozen=True, slots=True)
class _Place:
    """A label in its text. following: the next one, if any; starts: where all of them begin."""

    text: str
    label: Label
    following: Sequence[Label]
    starts: Sequence[int]

    @property
    def upto(self) -> int:
        """Where the next label begins."""
        return self.following[0].start if self.following else len(self.text)

    def next_from(self, at: int) -> int:
        """Where the next label begins that no value has in it that ends here."""
        n = bisect_left(self.starts, at)
        return self.starts[n] if n < len(self.starts) else len(self.text)

    @property
    def asked(self) -> bool:
        return asked_for(self.text, self.label)

    @property
    def is_code(self) -> bool:
        return self.label.kind != "password"

    def begins_line(self) -> bool:
        """Whether nothing but bullets and a number stand before it on its line."""
        at = self.label.start
        start = self.text.rfind("\n", max(at - 60, 0), at) + 1
        return (start > 0 or at < 60) and _BULLETS.fullmatch(self.text, start, at) is not None

    def value_begins_with_next(self) -> bool:
        """Whether the next word for a secret is itself a part of a value ("password: Pass@2024")."""
        if not self.following:
            return False
        past = self.following[0].end
        behind = self.text[past : past + 1]
        if not behind or behind in " \t\n:=,.;/|()\"'-":
            return False
        token = _TOKEN.match(self.text, self.upto)
        return token is not None and values.looks_secret(token[0]) and not re.search(r"[:=]", token[0])


def mask(text: str) -> tuple[str, bool]:
    """The text with each password, PIN and one-time code replaced by its kind's mark, and whether there was any."""
    masked = _masked if len(text) <= _LONG else _long_masked
    words = text.rstrip("\n")
    found = masked(words)
    if not found[1]:  # a text is asked about with its last line end and without, and no line end makes a secret
        return text, False
    return found if len(words) == len(text) else masked(text)


@lru_cache(maxsize=2)  # what staff read and what is his own are often the same
def _long_masked(text: str) -> tuple[str, bool]:
    return _masked.__wrapped__(text)


@lru_cache(maxsize=16)  # a mail's text and subject go to several places, and each of them masks
def _masked(text: str) -> tuple[str, bool]:
    masked = text
    for _ in range(_ROUNDS):
        before, masked = masked, _once(masked)
        if masked == before:
            break
    return masked, masked != text


def _once(text: str) -> str:
    read = plain(text)
    found = list(labels(read))
    spans: list[tuple[int, int, str]] = []
    heads: set[int] = set()
    starts = [label.start for label in found]
    for label, cells in tables.columns(read, found):
        heads.add(label.start)
        spans += ((*cell, label.kind) for cell in cells if not values.ordinary(read[slice(*cell)]))
    done = 0
    for n, label in enumerate(found):
        if label.start < done or label.start in heads:
            continue
        for start, end in _values(_Place(read, label, found[n + 1 : n + 2], starts)):
            spans.append((start, end, label.kind))
            done = max(done, end)
    if "/" in read or "|" in read:
        spans += ((*pair.span("value"), "password") for pair in _LOGIN.finditer(read) if _is_login(pair["value"]))
    spans = [span for span in spans if MARKED not in read[span[0] : span[1]]]
    return _replaced(text, spans) if spans else text


def _is_login(value: str) -> bool:
    return any(c.isalpha() for c in value) and not values.ordinary_there(value) and not values.other_name(value)


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            parts += (text[at:start], OF_KIND[kind])
        at = max(at, end)
    return "".join((*parts, text[at:]))


# --- where the values of a label stand ----------------------------------------------------------------


def _values(place: _Place) -> Iterator[_Span]:
    text, label = place.text, place.label
    if address_around(text, label):
        if (given := _IN_LINK.match(text, label.end)) and values.looks_secret_anywhere(given["value"]):
            yield given.span("value")
        return
    if first := _before(place):
        yield first
        return
    at = label.end
    if at < len(text) and text[at] in _QUOTES.values() and text[label.start - 1 : label.start] in _QUOTES:
        at += 1  # the word itself stands in quotation marks
    behind = _OF_WHOM.match(text, at, place.upto)
    at = behind.end() if behind else at
    end = at
    value = _direct(place, at) or _near(place, at)
    if value and _USER_AND.search(text, max(label.start - 30, 0), label.start):
        pair = _PAIR.match(text, value[0])
        if pair and not values.ordinary(pair["second"]) and not values.other_name(pair["second"]):
            value = value[0], pair.start("second") + max(1, len(pair["second"].rstrip(_TRAILING)))
    while value:
        yield value
        end = value[1]
        value = _another_behind(place, end)
    if place.next_from(end) - end > _SHORT_CODE:
        yield from _named_again(place, end, whole=end > at or place.begins_line())


def _before(place: _Place) -> _Span | None:
    """A value that stands before its word."""
    text, at = place.text, place.label.start
    words = text[max(at - 12, 0) : at].lower().split()[-1:]
    if not words or (words[0] not in _LINKS_BEFORE and words[0][-1] not in "=("):
        return None
    found = _FIRST.search(text, max(at - 90, text.rfind("\n", max(at - 90, 0), at) + 1), at)
    if found is None:
        return None
    start, end = found.span("value")
    if start and not text[start - 1].isspace():
        return None
    value = values.bare(found["value"])
    other = values.other_name(" ".join(text[max(start - 20, 0) : start].split()[-1:]))
    likely = values.looks_secret_anywhere(value) or (place.is_code and value.isdigit() and 4 <= len(value) <= 8)
    return (start, end) if (likely or MARKED in value) and not other else None


def _direct(place: _Place, at: int) -> _Span | None:
    """The value right behind the word, on its line or alone on the next."""
    text = place.text
    gap = _GAP.match(text, at)
    assert gap is not None
    end = gap.end()
    equals = _EQUALS.search(text, at, end) is not None or (place.label.is_short_form and text[at : at + 2] == ". ")
    if end >= len(text) or text[end] == "\n":
        return _on_next_line(place, end, equals)
    colon = None if equals else _WORDS_TO_COLON.match(text, at, place.upto)
    if colon and _leads(place, colon):
        gap = _GAP.match(text, colon.end())
        assert gap is not None
        if gap.end() >= len(text) or text[gap.end()] == "\n":
            return _on_next_line(place, gap.end(), equals=True)
        span = _value_at(place, colon.end(), gap.end(), equals=True)
        return span if _led_to(place, span, colon["is"] is None) else None
    if end == place.upto and not place.value_begins_with_next():
        return None
    start, stop = _value_at(place, at, end, equals)
    value = text[start:stop]
    if not _accepted(place, value):
        return None
    if MARKED in value:
        return start, stop
    if equals:
        no_value = values.ordinary_behind_verb if _VERB.search(text, at, end) else values.ordinary
        return None if no_value(value) else (start, stop)
    if not _likely_there(place, text[at:end], value, stop):
        return None
    plainly = value.isalpha() and not values.looks_secret(value)
    return (_near(place, stop) if plainly else None) or (start, stop)


def _leads(place: _Place, colon: re.Match[str]) -> bool:
    """Whether the words up to this colon lead to a value behind it."""
    words = colon["words"].split()
    if any(map(values.trouble, words)) or _is_other(_last_of(words)):
        return False
    return not _names_server(place, colon.end("words") - len(words[-1]))


def _led_to(place: _Place, span: _Span, colon: bool) -> bool:
    """Whether the sentence leads to this value ("password untuk masuk apendo: …"). colon: or a sign like it."""
    text, (start, stop) = place.text, span
    value = text[start:stop]
    if not _accepted(place, value) or values.ordinary(value.split()[0]):
        return False
    if values.looks_secret(value) or MARKED in value:
        return True
    alone = colon or text[start - 1] in _QUOTES or text[stop : stop + 1] in ("", "\n", ".", ",")
    return alone and not place.asked


def _value_at(place: _Place, begin: int, at: int, equals: bool) -> _Span:
    """The value whose first letter stands at `at`, behind signs from `begin` on: with the signs that belong to it."""
    text = place.text
    opening = text[at - 1] if at > begin else ""
    if close := _QUOTES.get(opening, ""):
        stop = text.find(close, at, at + 80)
        if stop >= 0 and "\n" not in text[at:stop]:
            return at, stop
    if place.is_code and (digits := values.DIGITS.match(text, at)) and values.is_code(digits[0]):
        return digits.span()
    if equals and (letters := _LETTER_BY_LETTER.match(text, at)):
        return letters.span()
    start = at
    while start > begin and text[start - 1] in _BEFORE_VALUE:
        start -= 1
    token = _TOKEN.match(text, at)
    stop = token.end() if token else at
    if stop - at >= 80 and (rest := _REST.match(text, stop)):
        stop = rest.end()
    stop = start + len(text[start:stop].rstrip(_TRAILING))
    if equals and place.label.is_phrase and (line := _CLAUSE.match(text, at)):
        return start, at + len(line[0].rstrip())
    if equals and place.begins_line() and (second := _SECOND_WORD.match(text, stop)):
        stop = second.end("word")
    return start, max(stop, start)


# A form's line: the value may have a blank in it ("Password : Rahasia 123").
_SECOND_WORD = re.compile(r"[ \t](?P<word>(?=\S{0,80}[0-9@#$%&*!^+=])[^\s(]\S{0,80})[ \t]{0,20}$", re.M)


def _accepted(place: _Place, value: str) -> bool:
    if not values.says_something(value):
        return False
    return not place.label.has_digits or MARKED in value or values.has_digit(value)


def _likely_there(place: _Place, gap: str, value: str, stop: int) -> bool:
    """Whether what follows without a colon is a value and not the sentence's next word."""
    text, label = place.text, place.label
    if gap and gap[-1:] in _QUOTES and not values.ordinary_there(value.split()[0]):
        return True
    if place.is_code and values.DIGITS.fullmatch(value):
        return values.is_code(value)
    ends = _SENTENCE_END.search(gap) is not None
    if values.looks_secret(value):
        return not (ends and value.isdigit() and place.asked) and not _is_whose(
            place, text[label.end : stop - len(value)]
        )
    if place.is_code or ends or not value.isascii() or values.ordinary_there(value):
        return False
    if value.isdigit():
        return len(value) == 8 and not place.asked
    if not value.replace("-", "").isalpha():
        return False
    if value[0].isupper() and (label.may_be_name or text[stop : stop + 1] not in ("", "\n") or not place.begins_line()):
        return False  # as a rule somebody's name
    return not place.asked


def _last_of(words: Sequence[str]) -> str:
    """The last word that is more than "saya" or "kami"."""
    return next((word for word in reversed(words) if word.lower() not in _WORDS["persons"].words), "")


def _is_other(word: str) -> bool:
    return values.other_name(word) and word.lower() not in _HAVE_ONE


def _is_whose(place: _Place, between: str) -> bool:
    """Whether a value says whose password is asked for ("reset password untuk user BUDI01")."""
    last = between.lower().split()[-1:]
    return bool(last) and _is_other(last[0]) and place.asked


def _on_next_line(place: _Place, at: int, equals: bool) -> _Span | None:
    """The value alone on the line below the word, or below that after empty ones."""
    text, label = place.text, place.label
    empty = _EMPTY_LINES.match(text, at)
    # A program that wraps lines puts the sign on the next one.
    equals = equals or (empty is not None and _SIGN_FIRST.search(empty[0]) is not None)
    alone = equals or (place.begins_line() and not label.may_be_name)
    if not alone or empty is None:
        return None
    begin = empty.end()
    if number := _NUMBERING.match(text, begin):
        begin = number.end()
    line = _LINE.match(text, begin)
    if line is None:
        return None
    said = line[0].rstrip()
    words = said.split()
    end = begin + len(said)
    if place.is_code and (digits := values.DIGITS.match(text, begin)) and digits.end() == end:
        return begin, end
    if not words or values.ordinary(words[0]) or not _accepted(place, said) or values.other_name(words[0]):
        return None
    if begin <= place.upto < end and not place.value_begins_with_next():
        return None
    if len(words) == 1:
        return None if said.endswith((":", "=")) else (begin, max(begin + 1, begin + len(said.rstrip(_TRAILING))))
    if label.is_phrase and len(words) <= 8 and ":" not in said:
        return begin, end
    if (
        len(words) <= 3
        and ":" not in said
        and values.looks_secret("".join(words))
        and not values.ordinary_there(words[1])
    ):
        return begin, end
    first = words[0].rstrip(_TRAILING)
    plainly = first.isalpha() and first.islower() and not values.ordinary_there(first) and not place.asked
    return (begin, begin + len(first)) if equals and (values.looks_secret(first) or plainly) else None


def _near(place: _Place, at: int) -> _Span | None:
    """The first word that looks like a secret some words behind the word for one."""
    text = place.text
    asked: bool | None = None
    before = " ".join(text[place.label.end : at].split()[-1:])
    introduced, ended, lines, reach = False, False, 0, at
    for count, token in enumerate(_TOKEN.finditer(text, at, place.upto)):
        start, end = token.span()
        if count >= _WORDS_AWAY:
            return None
        lines += text.count("\n", reach, start) > 0
        if lines:
            asked = place.asked if asked is None else asked
            if asked or place.is_code or lines > _LINES_AWAY:
                return None
        word = token[0]
        if MARKED in word:
            return start, end
        named = values.other_name(before) or (introduced and before[:1].isupper())
        if not named and not _names_server(place, start):
            if place.is_code and (digits := values.DIGITS.match(text, start)) and values.is_code(digits[0]):
                return digits.span()
            likely = values.looks_secret_anywhere(word) and not values.doubled(word)
            if likely and not (ended and lines and not _alone(text, start, end)):
                return start, max(start + 1, start + len(word.rstrip(_TRAILING)))
        if word[-1] in ".!?;" and len(word) > 2:
            asked = place.asked if asked is None else asked
            if asked or place.is_code:
                return None
            ended = True
        introduced = word[-1] in ":="
        before = word if values.says_something(word) else before
        reach = end
    return None


def _names_server(place: _Place, at: int) -> bool:
    """Whether the word there is a server's host and port, and the label speaks of that server's tokens."""
    return place.label.kind == "token" and _SERVER_PORT.match(place.text, at) is not None


def _alone(text: str, start: int, end: int) -> bool:
    """Whether nothing else stands on its line."""
    begin = text.rfind("\n", max(start - 40, 0), start) + 1
    return _BULLETS.fullmatch(text, begin, start) is not None and text[end : end + 1] in ("", "\n")


def _another_behind(place: _Place, at: int) -> _Span | None:
    """Another value of the same kind, in a list with the one before."""
    text = place.text
    found = _AND.match(text, at, place.next_from(at))
    if found is None:
        return None
    token = _TOKEN.match(text, found.end())
    if token is None:
        return None
    start, end = token.start(), max(token.start() + 1, token.start() + len(token[0].rstrip(_TRAILING)))
    value = text[start:end]
    if MARKED in value:
        return start, end
    either = found["and"].lower() in _EITHER and not values.ordinary_there(value) and value.isalnum()
    likely = values.looks_secret_anywhere(value) or (either and not values.other_name(value))
    if found["and"].startswith("\n"):
        likely = likely and text[token.end() : token.end() + 1] in ("", "\n")
    return (start, end) if likely else None


def _named_again(place: _Place, at: int, whole: bool) -> Iterator[_Span]:
    """ "baru: …" behind "password lama: …". whole: on the lines below, too."""
    text = place.text
    window = (_WINDOW if whole else _LINE).match(text, at, place.next_from(at))
    limit = window.end() if window else at
    for named in _ANOTHER.finditer(text, at, limit):
        token = _TOKEN.match(text, named.end())
        if token is None:
            continue
        value = token[0].rstrip(_TRAILING)
        if value and not values.ordinary(value) and _accepted(place, value):
            yield token.start(), token.start() + len(value)
