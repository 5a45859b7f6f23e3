"""What an LKPP reply means (SOP-015 steps 4, 6, 12, 13, 14), by phrases on sentences.

The order of the questions is the policy: who reads a sentence first asks whether it is a question,
a condition, a wish, a negation, and only then what it says. A wrong "selesai" is worse than a
question to staff, so "solved" is said only if nothing in the whole text speaks against it; two
meanings at once, or any doubt, is `unclear`. Pure; linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mailbot import yamlfile
from mailbot.errors import ConfigError
from mailbot.rules.normalise import Sentence, sentences
from mailbot.rules.phrases import Match, Pattern, Words, compile_pattern, compile_words

BUILT_IN = Path(__file__).with_name("lkpp_replies.yaml")

MEANINGS = ("returned", "data_request", "progress", "solved", "redirect", "refused", "received")
UNCLEAR = "unclear"
MARKS = (
    "negation", "unfinished", "future", "purpose", "partial", "doubt",
    "question", "hard_question", "condition", "time_clause", "trouble_ahead", "not_solved_by",
    "other_subject", "problem",
)  # fmt: skip

MAX_BYTES = 64 * 1024
MAX_WORDS = 2000  # a reply is a page; what is longer is an attachment pasted in, and for people
REACH = 4  # words before a phrase in which a negation or wish governs it (domain: four)
SHOWN = 300  # characters of a sentence that are kept


class Finding(NamedTuple):
    """A phrase that was found: what it means, in which sentence (as written), by which rule."""

    meaning: str
    sentence: str
    rule: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply means, and the sentence and rule that this rests on.

    meaning: one of MEANINGS, or "unclear"; then `rule` is "unclear." and the reason.
    all: everything that was found, for the people who decide.
    """

    meaning: str
    sentence: str
    rule: str
    all: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One phrase. `question`: it also counts in a question ("boleh minta screenshotnya?")."""

    id: str
    meaning: str
    pattern: Pattern
    example: str
    question: bool = False


@dataclass(frozen=True, slots=True)
class Phrases:
    """A phrase file, checked. marks: name -> words; see the file for what each does."""

    marks: Mapping[str, Words]
    neutral: tuple[Pattern, ...]
    ignore: tuple[Pattern, ...]
    trouble: tuple[Pattern, ...]
    rules: tuple[Rule, ...]


def classify(text: str, phrases: Phrases) -> Reading:
    """Read LKPP's own new text (quotes, signature and disclaimer already cut off)."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return Reading(UNCLEAR, "", "unclear.too_long")
    parts = sentences(text)
    if sum(len(part.words) for part in parts) > MAX_WORDS:
        return Reading(UNCLEAR, "", "unclear.too_long")
    found: list[Finding] = []
    doubts: list[Finding] = []
    troubles: list[Finding] = []
    for part in parts:
        marked = _Marked(part, phrases)
        for finding in marked.findings():
            (doubts if finding.meaning == UNCLEAR else found).append(finding)
        troubles += marked.troubles()
    everything = tuple(found + doubts)
    meanings = {f.meaning for f in found}
    if len(meanings) > 1:
        meanings.discard("received")  # "received, and …": the rest is what matters
    if doubts:
        return Reading(UNCLEAR, doubts[0].sentence, doubts[0].rule, everything)
    if not meanings:
        return Reading(UNCLEAR, "", "unclear.nothing", everything)
    first = next(f for f in found if f.meaning in meanings)
    if len(meanings) > 1:
        return Reading(UNCLEAR, first.sentence, "unclear.competing", everything)
    if first.meaning == "solved" and troubles:
        return Reading(UNCLEAR, troubles[0].sentence, "unclear.trouble", everything)
    return Reading(first.meaning, first.sentence, first.rule, everything)


class _Marked:
    """One sentence with its marks: where it negates, asks, sets a condition, looks ahead."""

    def __init__(self, sentence: Sentence, phrases: Phrases) -> None:
        self.sentence = sentence
        self.phrases = phrases
        self.shown = sentence.text if len(sentence.text) <= SHOWN else sentence.text[: SHOWN - 1] + "…"
        # Words inside a standing phrase ("mohon tidak membalas", "saat ini") mark nothing.
        self.neutral = {i for p in phrases.neutral for m in p.find(sentence) for i in m.named}
        self.ignored = any(p.find(sentence) for p in phrases.ignore)
        self.conditional = set(self._scope("condition", to_end=True))
        self.dated = set(self._scope("time_clause", to_end=False))
        self.hard_question = any(True for _ in self._places("hard_question"))
        self.question = sentence.asks or self.hard_question or any(True for _ in self._places("question"))

    def findings(self) -> Iterator[Finding]:
        """What the sentence says; a meaning of "unclear" is a doubt about the whole mail."""
        if self.ignored:
            return
        asked_for_data = False
        for rule in self.phrases.rules:
            for match in rule.pattern.find(self.sentence):
                if self.conditional.intersection(match.named):
                    continue
                if self.question and (self.hard_question or not rule.question):
                    continue  # the question itself is the doubt, below
                asked_for_data = asked_for_data or rule.question
                yield self._judge(rule, match)
        if self.question and not asked_for_data and not self._only_conditional():
            yield self._doubt("question")

    def troubles(self) -> list[Finding]:
        """Signs that something does not work yet, outside of "apabila masih ada kendala, …"."""
        return [
            self._doubt("trouble")
            for pattern in self.phrases.trouble
            for match in pattern.find(self.sentence)
            if not self.neutral.intersection(match.named) and not self.conditional.intersection(match.named)
        ]

    def _judge(self, rule: Rule, match: Match) -> Finding:
        if rule.meaning == "solved":
            return self._judge_solved(rule, match)
        before = self._before(match, REACH)
        if rule.meaning != "received" and self._any("negation", before):
            return self._doubt("negated")
        if rule.meaning in ("returned", "refused", "redirect") and self._any("future", before[-2:]):
            return self._doubt("future")
        return Finding(rule.meaning, self.shown, rule.id)

    def _judge_solved(self, rule: Rule, match: Match) -> Finding:
        words, clauses = self.sentence.words, self.sentence.clauses
        near = [*self._before(match, REACH), *range(match.start, match.end)]
        clause = [i for i in range(len(words)) if clauses[i] == clauses[match.end - 1]]
        open_ends = (*self._near_marks("unfinished", near), *self._near_marks("future", near))
        if open_ends or self._any("partial", clause):
            return Finding("progress", self.shown, f"{rule.id}.unfinished")
        outside = [i for i in range(len(words)) if i not in self.conditional and i not in match.named]
        for mark in ("negation", "unfinished", "future", "purpose", "partial", "doubt"):
            if self._any(mark, outside):
                return self._doubt(mark)
        if self.dated.intersection(match.named):
            return self._doubt("time_clause")
        if match.start and words[match.start - 1] == "yang":
            return self._doubt("relative")  # "permasalahan yang sudah selesai" states nothing
        if self._any("not_solved_by", self._after(match, 2)):
            return self._doubt("other_act")  # "sudah selesai dianalisa"
        if self._is_about_something_else(match):
            return self._doubt("other_subject")
        if self.conditional and not self._any("trouble_ahead", sorted(self.conditional)):
            return self._doubt("condition")  # "sudah selesai, jika penyedia sudah login"
        return Finding("solved", self.shown, rule.id)

    def _is_about_something_else(self, match: Match) -> bool:
        """ "Masa sanggah sudah selesai": ended is something, but no problem and nothing we did."""
        before = self._before(match, len(self.sentence.words))
        ours = any(self.sentence.words[i] == "kami" for i in match.named)
        named = any(self.sentence.words[i] in self.phrases.marks["problem"] for i in before)
        return not ours and not named and self._any("other_subject", before)

    def _doubt(self, reason: str) -> Finding:
        return Finding(UNCLEAR, self.shown, f"unclear.{reason}")

    def _only_conditional(self) -> bool:
        """Whether the question words stand in the condition only ("bila ada yang kurang jelas …")."""
        asking = [*self._places("question"), *self._places("hard_question")]
        return not self.sentence.asks and all(i in self.conditional for i in asking)

    def _places(self, mark: str) -> Iterator[int]:
        listed = self.phrases.marks[mark]
        return (i for i, w in enumerate(self.sentence.words) if w in listed and i not in self.neutral)

    def _any(self, mark: str, places: Iterable[int]) -> bool:
        return any(True for _ in self._near_marks(mark, places))

    def _near_marks(self, mark: str, places: Iterable[int]) -> Iterator[int]:
        listed, words = self.phrases.marks[mark], self.sentence.words
        return (i for i in places if i not in self.neutral and words[i] in listed)

    def _before(self, match: Match, count: int) -> list[int]:
        """Up to `count` places before a match, in its clause."""
        clauses = self.sentence.clauses
        first = max(match.start - count, 0)
        return [i for i in range(first, match.start) if clauses[i] == clauses[match.start]]

    def _after(self, match: Match, count: int) -> list[int]:
        clauses = self.sentence.clauses
        last = min(match.end + count, len(clauses))
        return [i for i in range(match.end, last) if clauses[i] == clauses[match.end - 1]]

    def _scope(self, mark: str, to_end: bool) -> Iterator[int]:
        """The places that a condition covers: its whole clause, and all that follows (`to_end`).

        "Selesai jika penyedia sudah login" is covered from its first word; a comma before "jika"
        keeps what stands before it.
        """
        clauses = self.sentence.clauses
        places = list(self._places(mark))
        if not places:
            return
        covered = {clauses[i] for i in places}
        for i, clause in enumerate(clauses):
            if to_end:
                if clause in covered or i > places[0]:
                    yield i
            elif clause in covered and any(i >= p for p in places if clauses[p] == clause):
                yield i


# --- the phrase file ----------------------------------------------------------------------------


def load_phrases(path: Path | None = None) -> Phrases:
    """Read a site's phrases for LKPP's replies, or the built-in ones.

    Raises ConfigError with every fault, by file:line: unknown keys and meanings, a pattern that
    cannot be read, an id given twice, an example that its own pattern does not find.
    """
    faults: list[str] = []
    document = yamlfile.read(path or BUILT_IN, faults)
    reader = _Reader(document, faults)
    phrases = reader.phrases()
    if faults:
        raise ConfigError(faults)
    return phrases


class _Reader:
    def __init__(self, document: yamlfile.Document, faults: list[str]) -> None:
        self.document = document
        self.faults = faults
        self.sets: dict[str, Words] = {}
        self.ids: set[str] = set()

    def phrases(self) -> Phrases:
        keys = ("sets", "marks", "neutral", "ignore", "trouble", "meanings")
        top = self._table((), self.document.data, keys)
        for name, value in self._table(("sets",), top.get("sets", {})).items():
            self.sets[name] = self._words(("sets", name), value)
        marks = self._table(("marks",), top.get("marks"), MARKS)
        meanings = self._table(("meanings",), top.get("meanings"), MEANINGS)
        return Phrases(
            marks={name: self._words(("marks", name), marks.get(name)) for name in MARKS},
            neutral=self._patterns("neutral", top.get("neutral")),
            ignore=self._patterns("ignore", top.get("ignore")),
            trouble=self._patterns("trouble", top.get("trouble")),
            rules=tuple(rule for m in MEANINGS for rule in self._rules(m, meanings.get(m))),
        )

    def _fault(self, at: tuple[yamlfile.Step, ...], message: str) -> None:
        self.faults.append(self.document.fault(at, message))

    def _table(self, at: tuple[yamlfile.Step, ...], data: Any, allowed: tuple[str, ...] = ()) -> dict[str, Any]:
        if not isinstance(data, dict):
            self._fault(at, f"must be a table{' with ' + ', '.join(allowed) if allowed else ''}")
            return {}
        for key in data.keys() - set(allowed) if allowed else ():
            self._fault((*at, key), f"unknown key; allowed: {', '.join(allowed)}")
        return data

    def _list(self, at: tuple[yamlfile.Step, ...], data: Any) -> list[Any]:
        if isinstance(data, list) and data:
            return data
        self._fault(at, "must be a list with at least one entry")
        return []

    def _words(self, at: tuple[yamlfile.Step, ...], data: Any) -> Words:
        try:
            return compile_words("|".join(str(data).split()) if isinstance(data, str) else "")
        except ValueError as error:
            self._fault(at, f"must be words with spaces between them: {error}")
            return Words(frozenset())

    def _pattern(self, at: tuple[yamlfile.Step, ...], data: Any) -> Pattern | None:
        try:
            return compile_pattern(data if isinstance(data, str) else "", self.sets)
        except ValueError as error:
            self._fault(at, f"not a phrase: {error}")
            return None

    def _patterns(self, key: str, data: Any) -> tuple[Pattern, ...]:
        patterns = [self._pattern((key, i), item) for i, item in enumerate(self._list((key,), data))]
        return tuple(pattern for pattern in patterns if pattern)

    def _rules(self, meaning: str, data: Any) -> Iterator[Rule]:
        for i, item in enumerate(self._list(("meanings", meaning), data)):
            at: tuple[yamlfile.Step, ...] = ("meanings", meaning, i)
            row = self._table(at, item, ("id", "words", "example", "question"))
            id_, example, question = row.get("id"), row.get("example"), row.get("question", False)
            if not isinstance(id_, str) or not id_.startswith(f"{meaning}."):
                self._fault((*at, "id"), f"must begin with {meaning}.")
                continue
            if id_ in self.ids:
                self._fault((*at, "id"), f"{id_} stands twice")
            self.ids.add(id_)
            if not isinstance(question, bool):
                self._fault((*at, "question"), "must be true or false")
            pattern = self._pattern((*at, "words"), row.get("words"))
            if pattern is None:
                continue
            if not isinstance(example, str) or not any(pattern.find(s) for s in sentences(example)):
                self._fault((*at, "example"), "must be a sentence that this phrase finds")
                continue
            yield Rule(id_, meaning, pattern, example, question is True)
