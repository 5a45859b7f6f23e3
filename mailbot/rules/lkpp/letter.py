"""What a letter of LKPP has around its words: salutation, thanks, closing, signature, disclaimer; told line by line.

Pure; linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mailbot import wordfile
from mailbot.rules import FOLDER
from mailbot.rules.language import normalise
from mailbot.rules.language.normalise import Sentence
from mailbot.rules.lkpp.for_user_phrases import ForUserPhrases
from mailbot.rules.lkpp.not_his import TELEPHONE
from mailbot.rules.lkpp.pieces import lines

_NO_NAME = wordfile.read(str(Path(FOLDER) / "__init__.py"), "no_name.txt")["no name"].words
_SALUTATION = 14  # words
_SIGNED = 12
_LEAVES = 8
_NAME = 5
_THANKS = 22
_THANKED = ("terima", "kasih")
_CLOSING = frozenset(
    {
        *_THANKED,
        "kami",
        "saya",
        "hangat",
        "sehat",
        "sejahtera",
        "sukses",
        "wishes",
        "wr",
        "wb",
        "banyak",
        "you",
        "ya",
        "nuwun",
    }
)
_CONTACT = re.compile(r"(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+|[-–—|/:,.;()+&#*_~!\"']+")
_DASHED_NAME = re.compile(r"[ \t]*[-–—~][^\s-][^\s]{1,20}(?:[ ][^\s]{2,20}){0,2}[ \t]*")
_LETTER = frozenset({"email", "surel", "pesan", "message", "disclaimer", "dokumen"})
_SECRECY = frozenset({"rahasia", "kerahasiaan", "confidential", "confidentiality", "privileged"})
_RECIPIENT = frozenset({"penerima", "ditujukan", "dituju", "intended", "recipient", "addressee", "pendapat"})
_PREFIX = 80  # characters of a salutation in a sentence's own line


class Line(NamedTuple):
    """Where a line stands, and what it is: "" the writer's words."""

    start: int
    end: int
    kind: str


class Letter:
    """A text's lines, each with what it is; `inline`: where a salutation begins the first line of his words."""

    def __init__(self, text: str, phrases: ForUserPhrases) -> None:
        self.text = text
        self.phrases = phrases
        self.places = lines(text)
        self.kinds = [""] * len(self.places)
        self.empty = [not text[start:end].strip() for start, end in self.places]
        self._salutations()
        self._closings()
        self._last_lines()
        self._disclaimers()

    def cut(self) -> Iterator[Line]:
        """The lines that are not the writer's words."""
        for (start, end), kind in zip(self.places, self.kinds, strict=True):
            if kind:
                yield Line(start, end, kind)

    def inline(self) -> tuple[int, int] | None:
        """Where a salutation stands in front of the first words: "Selamat siang, akun …"."""
        first = next((i for i, kind in enumerate(self.kinds) if not kind and not self.empty[i]), None)
        if first is None:
            return None
        start, end = self.places[first]
        line = self.text[start : min(end, start + _PREFIX)]
        for ending in (r",[ \t]{1,5}(?=\S)", r"[.!][ \t]{1,5}(?=\S)"):
            found = re.search(ending, line)
            if (
                found
                and line[: found.start()].strip().lower() != "yth"
                and self._greets(line[: found.start()] + ",", in_line=True)
            ):
                return start, start + found.end()
        return None

    def _line(self, number: int) -> str:
        start, end = self.places[number]
        return self.text[start:end]

    # --- above ---

    def _salutations(self) -> None:
        addressed = False
        for number in range(len(self.places)):
            if self.empty[number]:
                addressed = False
                continue
            line = self._line(number)
            if not (self._greets(line) or (addressed and self._is_addressee(line))):
                return
            self.kinds[number] = "salutation"
            addressed = (addressed or "yth" in normalise.words(line[:_PREFIX])) and not line.rstrip().endswith(",")

    def _greets(self, line: str, *, in_line: bool = False) -> bool:
        bare = line.strip()
        tokens = bare.split()
        if not tokens or len(tokens) > _SALUTATION or len(bare) > 150 or ":" in bare[:-1] or bare[-1] == "?":
            return False
        listed = self.phrases.words
        words = normalise.words(bare)
        if not words:
            return False
        greets = words[0] in listed["greeting"] or "yth" in words
        if words[0] == "dengan" and words[1:2] != ("hormat",):
            return False
        if not greets and words[0] not in listed["title"]:
            return False
        if not greets and (in_line or bare[-1] not in ","):  # "Pak Budi, Bu Sari sudah aktif" tells of both
            return all(word in listed["title"] for word in words) and (bare[-1] == "," or bare[-1].isalpha())
        strange = [token for token in tokens if not self._is_addressed(token)]
        return not strange or (len(strange) == 1 and bare[-1] == "," and len(tokens) <= 5 and strange[0] == tokens[-1])

    def _is_addressed(self, token: str) -> bool:
        listed = self.phrases.words
        words = normalise.words(token)
        return all(w in listed["address"] or w in listed["greeting"] or w in listed["title"] for w in words) or (
            self._is_name(token)
        )

    def _is_addressee(self, line: str) -> bool:
        tokens = line.split()
        return len(tokens) <= 10 and line.rstrip()[-1] not in ".:?" and all(map(self._is_addressed, tokens))

    def _is_name(self, token: str) -> bool:
        bare = token.strip(".,;:()\"'!|/-")
        return bool(bare) and bare[0].isupper() and not any(c.isdigit() for c in bare) and not self._tells(bare)

    def _tells(self, token: str) -> bool:
        listed = self.phrases.words
        return any(
            word in listed["not_a_name"] or word in listed["says_more"] or word in _NO_NAME
            for word in normalise.words(token)
        )

    # --- below ---

    def _closings(self) -> None:
        number = 0
        while number < len(self.places):
            kind = "" if self.kinds[number] or self.empty[number] else self._closing(self._line(number))
            number += 1
            if not kind:
                continue
            self.kinds[number - 1] = kind
            while number < len(self.places) and (self.empty[number] or self._signs(number)):
                self.kinds[number] = self.kinds[number] or ("" if self.empty[number] else "signature")
                number += 1

    def _closing(self, line: str) -> str:
        """ "thanks" or "signature" for a line that takes leave, with or without a name behind it."""
        tokens = line.split()
        words = normalise.words(line) if len(tokens) <= _THANKS else ()
        if not words:
            return ""
        if words[0] in self.phrases.words["leave"] and len(tokens) <= _LEAVES:
            rest = [token for token in tokens[1:] if not self._goes_with(token)]
            return "signature" if not rest or (len(tokens) == 2 and not self._tells(rest[0])) else ""
        if words[:2] == _THANKED and all(self._goes_with(token) for token in tokens):
            return "thanks"  # "Tks, Andi - Tim Infra"
        if words[:2] == ("a", "n") and len(tokens) < _NAME and all(map(self._goes_with, tokens)):
            return "signature"  # "a.n. Direktur"
        return "thanks" if thanks(sentence(line), self.phrases) else ""

    def _goes_with(self, token: str) -> bool:
        """What may stand beside thanks and closing words: more of them, whom they are for, a name, an office."""
        listed = self.phrases.words
        closing = all(word in _CLOSING or word in listed["leave"] for word in normalise.words(token))
        return closing or self._is_addressed(token) or self._is_office(token)

    def _is_office(self, token: str) -> bool:
        return all(word in self.phrases.words["desk"] or word.isdigit() for word in normalise.words(token)) or (
            _CONTACT.fullmatch(token) is not None
        )

    def _signs(self, number: int) -> bool:
        """Whether a line below a closing is a name or an office."""
        line = self._line(number)
        if self._is_desk(line) or self._is_person(line):
            return True
        tokens = line.split()
        last = all(
            self.empty[i] or self._is_desk(self._line(i)) for i in range(number + 1, min(len(self.places), number + 8))
        )
        return last and len(tokens) <= 2 and not self._tells(line) and all(t.strip(".,-").isalpha() for t in tokens)

    def _is_desk(self, line: str) -> bool:
        """A line of an office: "Helpdesk LKPP | Call Center 144"; or a number, an address, a page alone."""
        bare = TELEPHONE.sub(" ", line)
        tokens = bare.split()
        if len(tokens) > _SIGNED or line.rstrip()[-1:] in ("?", ":"):
            return False
        words = normalise.words(bare)
        sure = bare != line or any(w in self.phrases.words["desk_sure"] for w in words) or "@" in line
        names = [token for token in tokens if not self._is_office(token)]
        return sure and all(map(self._is_name, names)) and not (names and line.rstrip()[-1] == ".")

    def _is_person(self, line: str) -> bool:
        tokens = line.split()
        return 0 < len(tokens) <= _NAME and all(self._is_name(t) or self._is_office(t) for t in tokens)

    def _last_lines(self) -> None:
        """A signature without a closing: an office, the name above it, or a name alone in the last paragraph."""
        left = [i for i, kind in enumerate(self.kinds) if not kind and not self.empty[i]]
        below = False
        while len(left) > 1:
            number = left[-1]
            line = self._line(number)
            alone = number and self.empty[number - 1] and self._is_person(line) and len(line.split()) <= 3
            if self._is_desk(line) or (below and self._is_person(line)) or alone or _DASHED_NAME.fullmatch(line):
                self.kinds[number] = "signature"
                below = True
                left.pop()
            else:
                return

    def _disclaimers(self) -> None:
        for number, (start, end) in enumerate(self.places):
            if not self.kinds[number] and is_disclaimer(normalise.words(self.text[start:end]), self.phrases):
                self.kinds[number] = "signature"


def is_disclaimer(words: tuple[str, ...], phrases: ForUserPhrases) -> bool:
    """ "E-mail ini bersifat rahasia dan hanya ditujukan kepada penerima": what programs add; it names nobody."""
    said = set(words)
    return bool(
        _LETTER.intersection(words[:4])
        and said & _SECRECY
        and said & _RECIPIENT
        and not said & {"jangan", "mohon", "admin", "lpse", "ppe", "petugas", "penyedia", "pengguna", "user", "vendor"}
    )


def sentence(text: str) -> Sentence:
    """A line as one sentence; empty for one without a word."""
    found = normalise.sentences(text)
    if len(found) == 1:
        return found[0]
    return Sentence(text, (), (), False)


def thanks(said: Sentence, phrases: ForUserPhrases) -> bool:
    """Whether a sentence only thanks or takes leave: "Demikian kami sampaikan, atas kerja samanya … terima kasih"."""
    words = said.words
    if words[:1] == ("demikian",) and words[-1] in ("maklum", "dimaklumi") and len(words) <= 8:
        return True
    if not words or len(words) > _THANKS or any(word in phrases.words["says_more"] for word in words) or said.asks:
        return False
    if words[:2] == _THANKED:
        return said.clauses[-1] == said.clauses[0] or all(
            w in phrases.words["address"] or w in phrases.words["desk"]
            for w, c in zip(words, said.clauses, strict=True)
            if c != said.clauses[0]
        )
    thanked = any(words[i : i + 2] == _THANKED for i in range(len(words)))
    if words[0] == "demikian":
        return thanked or len(words) <= 6
    return words[0] == "atas" and thanked
