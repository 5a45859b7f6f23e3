"""A sentence of LKPP with its marks: which of its words are only spoken of, depend on a condition, negate or ask.

The marks are word lists of the phrase file. Pure; linear in the length of the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailbot.rules.language.normalise import Sentence
from mailbot.rules.language.phrases import Match
from mailbot.rules.lkpp.phrases import Phrases, Rule

REACH = 4  # words before a phrase in which a negation or wish governs it (domain: four)
_HEADING = 3  # words of a row's heading, at most
SHOWN = 300  # characters of a sentence that are kept


class Marked:
    """One sentence with its marks: where it negates, asks, sets a condition, looks ahead, repeats the report."""

    def __init__(self, sentence: Sentence, phrases: Phrases) -> None:
        self.sentence = sentence
        self.phrases = phrases
        self.shown = sentence.text if len(sentence.text) <= SHOWN else sentence.text[: SHOWN - 1] + "…"
        #: For each word the marks that it is.
        self.marks = phrases.marks.of(sentence.words)
        #: Where the phrases stand, whatever the marks make of them.
        self.found: list[tuple[Rule, Match]] = [
            (phrases.rules[number], match) for number, match in phrases.patterns.find(sentence)
        ]
        # Words inside a standing phrase ("mohon tidak membalas", "saat ini") mark nothing.
        self.neutral = phrases.neutral.named(sentence)
        self.topic = set(self._topic())
        self.neutral |= self.topic
        self.neutral |= set(self._behind("cause"))
        self.former = set(self._behind("formerly"))
        self.neutral |= self.former | set(self._reported())
        self.relative = set(self._relative())
        self.neutral |= self.relative
        self.void = {
            meaning: {i for match in patterns.matches(sentence) for i in range(match.start, match.end)}
            for meaning, patterns in phrases.void.items()
        }
        self.ignored = self.is_headed() or bool(phrases.ignore.find(sentence))
        self.conditional = set(self._scope("condition", to_end=True))
        self.dated = set(self._scope("time_clause", to_end=False))
        self.contrasts = set(self.places("contrast"))
        self.conceded = set(self._conceded())
        self.question = sentence.asks or any(True for _ in self.places("question"))

    def closes(self) -> bool:
        """Whether the letter ends with this sentence ("Hormat kami", "Demikian …, terima kasih")."""
        return bool(self.phrases.closing.find(self.sentence))

    def places(self, mark: str) -> Iterator[int]:
        return (i for i, marks in enumerate(self.marks) if mark in marks and i not in self.neutral)

    def any(self, mark: str, places: Iterable[int]) -> bool:
        return any(True for _ in self.near_marks(mark, places))

    def near_marks(self, mark: str, places: Iterable[int]) -> Iterator[int]:
        return (i for i in places if i not in self.neutral and mark in self.marks[i])

    def before(self, match: Match, count: int) -> list[int]:
        """Up to `count` places before a match, in its clause."""
        clauses = self.sentence.clauses
        first = max(match.start - count, 0)
        return [i for i in range(first, match.start) if clauses[i] == clauses[match.start]]

    def governing(self, match: Match, count: int) -> list[int]:
        """The places before a match whose negation reaches it: "tidak valid, agar dikonfirmasi" does not."""
        places = self.before(match, count)
        cut = max((k + 1 for k, i in enumerate(places) if "governs_anew" in self.marks[i]), default=0)
        return places[cut:]

    def after(self, match: Match, count: int) -> list[int]:
        clauses = self.sentence.clauses
        last = min(match.end + count, len(clauses))
        return [i for i in range(match.end, last) if clauses[i] == clauses[match.end - 1]]

    def _topic(self) -> Iterator[int]:
        """What a clause is about and does not say: "terkait paket yang belum tampil |, sudah kami perbaiki"."""
        clauses, marks = self.sentence.clauses, self.marks
        end = 0
        for i, here in enumerate(marks):
            if i < end or "topic" not in here or (i and clauses[i] == clauses[i - 1]):
                continue
            end = self._predicate(i + 1)
            if end < len(marks):
                yield from range(i, end)

    def _relative(self) -> Iterator[int]:
        """ "Dokumen yang tidak dapat dibuka | telah selesai kami tangani": what stands between tells which one."""
        words, clauses = self.sentence.words, self.sentence.clauses
        end = 0
        for i, word in enumerate(words):
            if i < end or word != "yang" or not i or clauses[i] != clauses[i - 1]:
                continue
            end = self._predicate(i + 2)
            if end < len(words) and clauses[end] == clauses[i]:
                yield from range(i, end)

    def _conceded(self) -> Iterator[int]:
        """The clauses that only concede something: "walaupun ini ranah LPSE |, kami bantu"."""
        clauses = self.sentence.clauses
        first = {clauses[i]: i for i in reversed(list(self.places("concession")))}
        return (i for i, clause in enumerate(clauses) if i >= first.get(clause, i + 1))

    def is_headed(self) -> bool:
        """A row of a list or table that repeats the report ("Permasalahan : gagal login")."""
        words, clauses = self.sentence.words, self.sentence.clauses
        return (
            bool(words)
            and "heading" in self.marks[0]
            and ":" in self.sentence.text[:40]
            and len(self.sentence.text.partition(":")[0].split()) <= _HEADING
            and (clauses[min(2, len(words) - 1)] > 0)
        )

    def _behind(self, mark: str) -> Iterator[int]:
        """What was wrong, behind the word for it: "disebabkan data yang tidak sinkron", "sebelumnya gagal …"."""
        words, clauses, marks = self.sentence.words, self.sentence.clauses, self.marks
        inside = False
        for i in range(len(words)):
            if i and (clauses[i] != clauses[i - 1] or (f"{mark}_ends" in marks[i] and words[i - 1] != "yang")):
                inside = False
            if inside:
                yield i
            denied = i and "negation" in marks[i - 1]  # "NIK yang tidak ditemukan"
            inside = inside or (mark in marks[i] and not denied)

    def _reported(self) -> Iterator[int]:
        """What was reported: "laporan Saudara bahwa penyedia tidak bisa login"."""
        words, clauses = self.sentence.words, self.sentence.clauses
        for i, word in enumerate(words):
            if word == "bahwa" and any("report" in before for before in self.marks[max(i - REACH, 0) : i]):
                yield from (k for k in range(i + 1, len(words)) if clauses[k] == clauses[i])

    def _predicate(self, start: int) -> int:
        """Where, from `start` on, the clause begins to say something, or ends."""
        words, clauses = self.sentence.words, self.sentence.clauses
        for i in range(start, len(words)):
            if clauses[i] != clauses[start - 1]:
                return i
            if "predicate" in self.marks[i] and words[i - 1] != "yang":
                return i
        return len(words)

    def _scope(self, mark: str, to_end: bool) -> Iterator[int]:
        """The places that a condition covers: its whole clause, and all that follows (`to_end`).

        "Selesai jika penyedia sudah login" is covered from its first word; a comma before "jika"
        keeps what stands before it, and "saat ini", "namun" behind a comma end it.
        """
        clauses = self.sentence.clauses
        places = list(self.places(mark))
        if not places:
            return
        covered = {clauses[i] for i in places}
        resumed = self._resumed(places[-1]) if to_end else len(clauses)
        for i, clause in enumerate(clauses):
            if i >= resumed and clause not in covered:
                break
            if to_end:
                if clause in covered or i > places[0]:
                    yield i
            elif clause in covered and any(i >= p for p in places if clauses[p] == clause):
                yield i

    def _resumed(self, start: int) -> int:
        """Where a clause behind the condition speaks of the present again."""
        clauses, marks = self.sentence.clauses, self.marks
        for i in range(start + 1, len(marks)):
            if clauses[i] != clauses[i - 1] and any("resume" in here for here in marks[i : i + 2]):
                return i
        return len(marks)
