"""The phrases by which LKPP's replies are read: the file lkpp_replies.yaml, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import sentences
from mailbot.rules.language.phrasefile import PhraseReader
from mailbot.rules.language.phrases import Lists, Pattern, Patterns, Words
from mailbot.rules.language.slips import Slips

BUILT_IN = FOLDER / "lkpp_replies.yaml"

MEANINGS = ("returned", "data_request", "progress", "solved", "redirect", "refused", "received")
MARKS = (
    "negation", "unfinished", "future", "purpose", "partial", "doubt", "aside", "broken", "earlier",
    "contrast", "concession", "governs_anew",
    "cause", "formerly", "formerly_ends", "report", "heading", "postscript", "weighty",
    "question", "condition", "resume", "time_clause", "trouble_ahead",
    "topic", "predicate", "check", "ended", "connective", "fixing", "not_solved_by",
    "other_subject", "paperwork", "we", "runs_out", "problem", "thing", "filler",
    "mended", "plain", "paper", "known", "name", "elsewhere",
)  # fmt: skip
EXPLAINED = ("known", "name", "elsewhere")
#: Lists that no longer count: a site's own file may still have them.
RETIRED = (
    "must", "cause_ends", "reports", "reports_ends", "hard_question", "topic_inside", "no_topic", "explained",
)  # fmt: skip

KEYS = (
    "real_words", "sets", "marks", "neutral", "ignore", "closing", "void", "trouble", "hedge", "hints", "confirmed",
    "meanings",
)  # fmt: skip

WEIGHT = 3  # of a phrase; "received, and …": the rest is what matters, so a receipt weighs 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One phrase.

    weight: of all phrases in a mail only those of the greatest weight count.
    question: it also counts in a question ("boleh minta screenshotnya?").
    condition: it also counts beside a condition ("kami kabari kalau sudah selesai").
    state: it tells how something is, not what was done ("sudah aktif").
    """

    id: str
    meaning: str
    pattern: Pattern
    example: str
    weight: int = WEIGHT
    question: bool = False
    condition: bool = False
    state: bool = False


@dataclass(frozen=True, slots=True)
class Phrases:
    """A phrase file, checked.

    marks: the word lists by their names; see the file for what each does.
    hedge: what leaves a sentence in doubt. hints: by meaning, what speaks against any other reading.
    confirmed: what invites to use again what was put right.
    patterns: those of `rules`, in the order of the rules.
    vocabulary: by meaning, the words that its phrases are made of.
    """

    marks: Lists[str]
    neutral: Patterns
    ignore: Patterns
    closing: Patterns
    void: Mapping[str, Patterns]
    trouble: Patterns
    hedge: Patterns
    hints: Mapping[str, Patterns]
    confirmed: Patterns
    rules: tuple[Rule, ...]
    patterns: Patterns
    vocabulary: Mapping[str, frozenset[str]]
    slips: Slips


def load_phrases(path: Path | None = None, raw: bytes | None = None) -> Phrases:
    """Read a site's phrases for LKPP's replies, or the built-in ones. raw: the file's bytes, where they have been read.

    Raises ConfigError with every fault, by file:line: unknown keys and meanings, a pattern that
    cannot be read, an id given twice, an example that its own pattern does not find.
    """
    return yamlfile.rules(_Reader, path or BUILT_IN, raw)


_SHORT = 3  # letters of a prefix; "di*" is no reason to take "diprbaiki" for a word
_FLAGS = ("question", "condition", "state")


class _Reader(PhraseReader[Phrases]):
    def __init__(self, path: Path, raw: bytes) -> None:
        super().__init__(path, raw)
        self.ids: set[str] = set()

    def result(self) -> Phrases:
        top = self.table((), self.document.data, (*KEYS, *RETIRED))
        for name, value in self.table(("sets",), top.get("sets", {})).items():
            self.sets[name] = self.words(("sets", name), value)
        marks = self.table(("marks",), top.get("marks"), (*MARKS, *RETIRED))
        meanings = self.table(("meanings",), top.get("meanings"), MEANINGS)
        words = {name: self.words(("marks", name), marks.get(name)) for name in MARKS}
        neutral, ignore, closing, trouble, hedge, confirmed = (
            self.patterns((key,), top.get(key))
            for key in ("neutral", "ignore", "closing", "trouble", "hedge", "confirmed")
        )
        voids = self.table(("void",), top.get("void"), MEANINGS)
        void = {m: self.patterns(("void", m), voids[m]) for m in MEANINGS if m in voids}
        hinted = self.table(("hints",), top.get("hints"), MEANINGS)
        hints = {m: self.patterns(("hints", m), hinted[m]) for m in MEANINGS if m in hinted}
        rules = tuple(rule for m in MEANINGS for rule in self._rules(m, meanings.get(m)))
        patterns = [p for each in (neutral, ignore, trouble, hedge, *void.values(), *hints.values()) for p in each]
        patterns += [rule.pattern for rule in rules]
        # The words that are merely explained are real, but no slip is put right into one of them.
        named = [w for name, w in words.items() if name not in EXPLAINED]
        named += [w for pattern in patterns for w in pattern.words]
        known = frozenset().union(*(w.exact for w in named))
        real = self.words(("real_words",), top.get("real_words"))
        explained_words = frozenset().union(*(words[name].exact for name in EXPLAINED))
        others = Words(
            real.exact | explained_words,
            tuple({*real.prefixes, *(p for w in named for p in w.prefixes if len(p) > _SHORT)}),
        )
        slips = Slips(known, others)
        vocabulary = {
            m: frozenset().union(*(w.exact for rule in rules if rule.meaning == m for w in rule.pattern.required))
            for m in MEANINGS
        }
        return Phrases(
            marks=Lists(words.items()),
            neutral=neutral,
            ignore=ignore,
            closing=closing,
            void=void,
            trouble=trouble,
            hedge=hedge,
            hints=hints,
            confirmed=confirmed,
            rules=rules,
            patterns=Patterns(rule.pattern for rule in rules),
            vocabulary=vocabulary,
            slips=slips,
        )

    def patterns(self, at: tuple[yamlfile.Step, ...], data: Any) -> Patterns:
        return super().patterns(at, self.entries(at, data, "with at least one entry", least=1))

    def _rules(self, meaning: str, data: Any) -> Iterator[Rule]:
        for i, item in enumerate(self.entries(("meanings", meaning), data, "with at least one entry", least=1)):
            at: tuple[yamlfile.Step, ...] = ("meanings", meaning, i)
            row = self.table(at, item, ("id", "words", "example", "weight", *_FLAGS))
            id_, example, weight = row.get("id"), row.get("example"), row.get("weight", WEIGHT)
            if not isinstance(id_, str) or not id_.startswith(f"{meaning}."):
                self.fault((*at, "id"), f"must begin with {meaning}.")
                continue
            if id_ in self.ids:
                self.fault((*at, "id"), f"{id_} stands twice")
            self.ids.add(id_)
            flags = {flag: self.flag((*at, flag), row.get(flag, False)) for flag in _FLAGS}
            if not isinstance(weight, int) or not 0 <= weight <= WEIGHT:
                self.fault((*at, "weight"), f"must be a number from 0 to {WEIGHT}")
            pattern = self.pattern((*at, "words"), row.get("words"))
            if pattern is None:
                continue
            if not isinstance(example, str) or not any(pattern.find(s) for s in sentences(example)):
                self.fault((*at, "example"), "must be a sentence that this phrase finds")
                continue
            yield Rule(id_, meaning, pattern, example, weight if isinstance(weight, int) else WEIGHT, **flags)
