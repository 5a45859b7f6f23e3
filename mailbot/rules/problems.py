"""What a user's mail is about: problem category and rekap category, by phrases; proposals with their reasons.

All categories that fit are kept, the first of the file's order is the primary one. Nothing is decided here: staff
see the proposal, the words and the rule it rests on. Reads a normalised copy (abbreviations in full, common
misspellings, known words with one letter wrong); pure; linear in the length of the text.

Sources: the problem categories of LPSE and LKPP question collections; the rekap's categories Pengaduan, Pertanyaan,
Konsultasi (form "Rekap Penanganan Permasalahan", column 6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.masking import of_no_kind
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import Sentence, sentences
from mailbot.rules.language.phrasefile import PhraseReader
from mailbot.rules.language.phrases import Match, Pattern, Patterns
from mailbot.rules.language.spelling import Spelling
from mailbot.wordfile import small

BUILT_IN = FOLDER / "problems.yaml"

#: Whether deadline words raise the priority: by "hari ini" too, by certain ones only, or not at all.
URGENT = ("always", "certain", "never")
#: Priorities, mendesak first.
LEVELS = (1, 2, 3, 4)
COMPLAINT, QUESTION, CONSULTATION = "Pengaduan", "Pertanyaan", "Konsultasi"

#: A request says what it is about on its first pages; what is longer is an attachment pasted in.
MAX_CHARACTERS = 16_000
_MAX_WORDS = 3000
_SHOWN = 8  # words of a match that a reason quotes
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,30}")
# Addresses and links name systems that the mail is not about.
_LINK = re.compile(r"(?:https?://|www\.)\S{0,500}|[^\s@<>\"]{1,64}@[\w.-]{1,100}", re.IGNORECASE)
# Their own product names are spelled in ways that the words of the phrases cannot tell.
_SPELLED = (
    (re.compile(r"\be[-‐–. ]?(katalog\w{0,4}|catalog\w{0,4}|purchasing)\b", re.IGNORECASE), r"e\1"),
    (re.compile(r"\b(log|sign)[- ]in\b", re.IGNORECASE), r"\1in"),
    (re.compile(r"\btime[- ]out\b", re.IGNORECASE), "timeout"),
    (re.compile(r"\buser[-_ ]?id(nya)?\b", re.IGNORECASE), "userid"),
    (re.compile(r"\bpass[- ]word", re.IGNORECASE), "password"),
    (re.compile(r"\be[- ]contract\b", re.IGNORECASE), "econtract"),
)
_ANY_SPELLED = re.compile("|".join(pattern.pattern for pattern, _ in _SPELLED))  # of small letters


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that was found: of which category, the words (normalised), and the rule ("AKUN_OTP.02")."""

    code: str
    words: str
    rule: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One category. owner: key of `owners`. priority: 1..4. urgent: one of URGENT. nature: key of `natures`, or ""."""

    code: str
    title: str
    owner: str
    priority: int
    urgent: str
    nature: str
    phrases: tuple[Pattern, ...]
    excluded: Patterns


@dataclass(frozen=True)
class Problems:
    """The file, checked. The last problem has no phrases and stands for what was not recognised."""

    owners: Mapping[str, str]
    natures: Mapping[str, str]
    rows: tuple[Problem, ...]
    neutral: Patterns
    ignore: Patterns
    complaint: Patterns
    question: Patterns
    no_category: Patterns
    about_service: Patterns
    spelling: Spelling

    @cached_property
    def numbered(self) -> tuple[tuple[Problem, int], ...]:
        """For each of `phrases` its category, and its number there from 1."""
        return tuple((row, number) for row in self.rows for number, _ in enumerate(row.phrases, 1))

    @cached_property
    def phrases(self) -> Patterns:
        """The phrases of all categories, in the file's order."""
        return Patterns(phrase for row in self.rows for phrase in row.phrases)

    def __getitem__(self, code: str) -> Problem:
        """A category by its code (KeyError otherwise)."""
        return self._by_code[code]

    def get(self, code: str | None) -> Problem | None:
        """A category by its code; None for one that this file does not know (any more)."""
        return self._by_code.get(code or "")

    def nature(self, code: str | None) -> str | None:
        """Gangguan, Permasalahan or Permintaan Layanan, as far as the file says what this category is."""
        found = self.get(code)
        return self.natures.get(found.nature) if found else None

    @cached_property
    def _by_code(self) -> dict[str, Problem]:
        return {row.code: row for row in self.rows}

    @property
    def unknown(self) -> Problem:
        return self.rows[-1]


@dataclass(frozen=True, slots=True)
class About:
    """What a mail is about. found: one entry per category, in the file's order; empty if nothing was recognised.

    category: Pengaduan, Pertanyaan or Konsultasi, and the words that say so ("" for the remaining one).
    about_service: the words that complain about the LPSE's own service or its staff, "" where none do.
    """

    primary: Problem
    found: tuple[Found, ...]
    category: str
    category_words: str
    about_service: str = ""

    @property
    def known(self) -> bool:
        return bool(self.found)


def about(subject: str, text: str, problems: Problems) -> About:
    """Read a subject and the writer's own new text (quotes and signature already cut off)."""
    return judge(read(subject, text, problems.spelling), problems)


def read(subject: str, text: str, spelling: Spelling) -> list[Sentence]:
    """The sentences of a mail as the phrases are matched on them; also for the deadline words of the priorities."""
    found: list[Sentence] = []
    count = 0
    for part in (subject, text[:MAX_CHARACTERS]):
        for sentence in sentences(_plain(of_no_kind(part))):
            found.append(replace(sentence, words=tuple(map(spelling.right, sentence.words))))
            count += len(sentence.words)
            if count > _MAX_WORDS:
                return found
    return found


def judge(parts: Iterable[Sentence], problems: Problems) -> About:
    """Which categories the sentences of a mail speak of."""
    read_ones = [part for part in parts if not problems.ignore.find(part)]
    found: dict[str, Found] = {}
    for part in read_ones:
        for hit in _spoken_of(part, problems):
            found.setdefault(hit.code, hit)
    hits = tuple(found[row.code] for row in problems.rows if row.code in found)
    primary = problems[hits[0].code] if hits else problems.unknown
    complains = find_any(read_ones, problems.about_service, problems.no_category)
    if complains:
        return About(primary, hits, COMPLAINT, complains, complains)
    return About(primary, hits, *_category(read_ones, problems))


def _spoken_of(part: Sentence, problems: Problems) -> Iterator[Found]:
    """What the phrases of all categories find in a sentence, outside of what is harmless or excluded there."""
    matches = problems.phrases.find(part)
    harmless = problems.neutral.named(part) if matches else set()
    excluded: dict[str, set[int]] = {}
    for place, match in matches:
        row, number = problems.numbered[place]
        if row.code not in excluded:
            excluded[row.code] = harmless | row.excluded.named(part)
        if not excluded[row.code].intersection(match.named):
            yield Found(row.code, quote(part, match), f"{row.code}.{number:02}")


def quote(part: Sentence, match: Match) -> str:
    """The matched words, for a reason."""
    return " ".join(part.words[match.start : min(match.end, match.start + _SHOWN)])


def _category(parts: list[Sentence], problems: Problems) -> tuple[str, str]:
    for category, patterns in ((COMPLAINT, problems.complaint), (QUESTION, problems.question)):
        if words := find_any(parts, patterns, problems.no_category):
            return category, words
        if category == QUESTION and any(part.asks for part in parts):
            return category, "?"
    return CONSULTATION, ""


def find_any(parts: Iterable[Sentence], patterns: Patterns, excluded: Patterns) -> str:
    """The words of the first of the patterns found, outside of what `excluded` finds; "" if none is."""
    for part in parts:
        if matches := patterns.matches(part):
            named = excluded.named(part)
            for match in matches:
                if not named.intersection(match.named):
                    return quote(part, match)
    return ""


def _plain(text: str) -> str:
    if "@" in text or "://" in text or "www." in text.lower():
        text = _LINK.sub(" ", text)
    if _ANY_SPELLED.search(small(text)):
        for pattern, spelled in _SPELLED:
            text = pattern.sub(spelled, text)
    return text


# --- the file --------------------------------------------------------------------------------------

_TOP = ("owners", "natures", "spelling", "sets", "neutral", "ignore", "problems", "categories")
_ROW = ("code", "title", "owner", "priority", "urgent", "nature", "phrases", "not")


def load(path: Path | None = None) -> Problems:
    """Read a site's categories, or the built-in ones.

    Raises ConfigError with every fault, by file:line: unknown keys, owners and sets, a code given twice, a phrase
    that cannot be read, an example that its own phrase does not find, a last category with phrases.
    """
    return yamlfile.rules(_Reader, path or BUILT_IN)


class _Reader(PhraseReader[Problems]):
    def result(self) -> Problems:
        top = self.table((), self.document.data, _TOP)
        for name, value in self.table(("sets",), top.get("sets", {})).items():
            self.sets[name] = self.words(("sets", name), value)
        spelling = Spelling(sorted(self.words(("spelling",), top.get("spelling")).exact))
        owners = self.table(("owners",), top.get("owners"))
        owners = {key: self.text(("owners", key), value) for key, value in owners.items()}
        natures = self.table(("natures",), top.get("natures", {}))
        natures = {key: self.text(("natures", key), value) for key, value in natures.items()}
        groups = self.table(("categories",), top.get("categories"), ("pengaduan", "pertanyaan", "not", "layanan"))
        complaint, question, no_category = (
            self.patterns(("categories", key), groups.get(key)) for key in ("pengaduan", "pertanyaan", "not")
        )
        return Problems(
            owners=owners,
            natures=natures,
            rows=tuple(self._rows(top.get("problems"), owners, natures, spelling)),
            neutral=self.patterns(("neutral",), top.get("neutral")),
            ignore=self.patterns(("ignore",), top.get("ignore")),
            complaint=complaint,
            question=question,
            no_category=no_category,
            about_service=self.patterns(("categories", "layanan"), groups.get("layanan", [])),
            spelling=spelling,
        )

    def _rows(
        self, data: Any, owners: Mapping[str, str], natures: Mapping[str, str], spelling: Spelling
    ) -> Iterator[Problem]:
        codes: set[str] = set()
        listed = self.entries(("problems",), data, "with at least one category", least=1)
        for i, item in enumerate(listed):
            at: tuple[yamlfile.Step, ...] = ("problems", i)
            row = self.table(at, item, _ROW)
            code = row.get("code")
            if not isinstance(code, str) or not _CODE.fullmatch(code):
                self.fault((*at, "code"), "must be capital letters, digits and underscores")
                continue
            if code in codes:
                self.fault((*at, "code"), f"{code} stands twice")
            codes.add(code)
            if row.get("owner") not in owners:
                self.fault((*at, "owner"), f"must be one of {', '.join(owners)}")
            if row.get("priority") not in LEVELS or isinstance(row.get("priority"), bool):
                self.fault((*at, "priority"), "must be 1, 2, 3 or 4")
            if row.get("urgent") not in URGENT:
                self.fault((*at, "urgent"), f"must be one of {', '.join(URGENT)}")
            if row.get("nature", "") not in ("", *natures):
                self.fault((*at, "nature"), f"must be one of {', '.join(natures)}, or left out")
            last = i == len(listed) - 1
            if last and (row.get("phrases") or row.get("not")):
                self.fault((*at, "phrases"), "the last category stands for all the rest and has no phrases")
            yield Problem(
                code=code,
                title=self.text((*at, "title"), row.get("title")),
                owner=str(row.get("owner")),
                priority=row.get("priority", 3),
                urgent=str(row.get("urgent")),
                nature=str(row.get("nature", "")),
                phrases=() if last else tuple(self._phrases((*at, "phrases"), row.get("phrases"), spelling)),
                excluded=self.patterns((*at, "not"), row.get("not", [])),
            )

    def _phrases(self, at: tuple[yamlfile.Step, ...], data: Any, spelling: Spelling) -> Iterator[Pattern]:
        for i, item in enumerate(self.entries(at, data, "with at least one phrase", least=1)):
            row = self.table((*at, i), item, ("words", "example"))
            pattern = self.pattern((*at, i, "words"), row.get("words"))
            if pattern is None:
                continue
            example = row.get("example")
            if not isinstance(example, str) or not any(pattern.find(s) for s in read("", example, spelling)):
                self.fault((*at, i, "example"), "must be a sentence that this phrase finds")
            yield pattern
