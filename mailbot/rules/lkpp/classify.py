"""What an LKPP reply means (SOP-015 steps 4, 6, 12, 13, 14), by phrases on sentences.

The order of the questions is the policy: who reads a sentence first asks whether it is a question,
a condition, a wish, a negation, and only then what it says. A wrong "selesai" is worse than a
question to staff, so "solved" is said only if nothing in the whole text speaks against it; two
meanings at once, or any doubt, is `unclear`. Pure; linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mailbot.rules.language.normalise import sentences
from mailbot.rules.language.phrases import Match
from mailbot.rules.lkpp import solved
from mailbot.rules.lkpp.marked import REACH, SHOWN, Marked
from mailbot.rules.lkpp.phrases import BUILT_IN, MEANINGS, WEIGHT, Phrases, Rule, load_phrases

__all__ = (
    "BUILT_IN", "MEANINGS", "SHOWN", "UNCLEAR", "Finding", "Phrases", "Reading", "Rule", "classify", "load_phrases",
)  # fmt: skip

UNCLEAR = "unclear"

# What LKPP means may have a hint of these beside it: a part is done while it works, or though it refuses; the letter
# that is to be sent elsewhere has its enclosures.
_HINTS_ALLOWED = frozenset({("progress", "solved"), ("refused", "solved"), ("redirect", "data_request")})

# Of two meanings in one mail the first is what the procedure has to go on with: what LKPP still needs comes before
# that it is at work (step 5), and whose business it is before why it is not done.
_OUTWEIGHS = (("data_request", "progress"), ("returned", "refused"), ("received", "progress"))

MAX_BYTES = 64 * 1024
MAX_WORDS = 2000  # a reply is a page; what is longer is an attachment pasted in, and for people
MAX_SENTENCE = 400  # words: what belongs together in a sentence is found by looking at each pair of its words
_MENDS = frozenset({"fixing", "mended", "filler", "known"})  # words behind "selesai" that leave it as it is


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


def classify(text: str, phrases: Phrases) -> Reading:
    """Read LKPP's own new text (quotes, signature and disclaimer already cut off)."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return Reading(UNCLEAR, "", "unclear.too_long")
    parts = sentences(text)
    sizes = [len(part.words) for part in parts]
    if sum(sizes) > MAX_WORDS or max(sizes, default=0) > MAX_SENTENCE:
        return Reading(UNCLEAR, "", "unclear.too_long")
    found: list[_Said] = []
    troubles: list[Finding] = []
    hints: list[_Hint] = []
    more: list[str] = []  # sentences that a mere receipt would not hold
    read: list[tuple[_Read, list[tuple[Rule, Match]]]] = []
    closed = False
    for part in parts:
        marked = _Read(phrases.slips.corrected(part), phrases)
        # Below the closing words stands the signature ("laporkan melalui LPSE Support"), unless it is a postscript.
        closed = (closed or marked.closes()) and "postscript" not in marked.marks[0]
        if not closed:
            said, named = marked.findings()
            found += said
            hints += marked.hints(named)
            read.append((marked, marked.claims))
        troubles += marked.troubles()
        more += [marked.shown] if marked.any("weighty", range(len(marked.sentence.words))) else []
    return _proven(_hinted(_weighed(found, troubles, more), hints), read)


def _proven(reading: Reading, read: list[tuple[_Read, list[tuple[Rule, Match]]]]) -> Reading:
    """The reading, unless it is "solved" and the mail does not prove it, or too much of it is left unexplained."""
    if reading.meaning == UNCLEAR:
        return reading
    if reading.meaning == "solved":
        sentence, reason = solved.lacking(read)
    else:
        sentence = solved.strange(reading.meaning, [marked for marked, _ in read])
        reason = "strange" if sentence else ""
    return Reading(UNCLEAR, sentence, f"unclear.{reason}", reading.all) if reason else reading


class _Hint(NamedTuple):
    """against: the meanings that it speaks against."""

    finding: Finding
    against: frozenset[str]


def _hinted(reading: Reading, hints: list[_Hint]) -> Reading:
    """The reading, unless something beside it hints at another meaning: then a phrase for that one is missing."""
    for hint, against in hints:
        if reading.meaning in against - {hint.meaning} and (reading.meaning, hint.meaning) not in _HINTS_ALLOWED:
            return Reading(UNCLEAR, hint.sentence, "unclear.hint", (*reading.all, hint))
    return reading


class _Said(NamedTuple):
    """A finding with what it weighs, or how far its doubt reaches."""

    finding: Finding
    weight: int = WEIGHT
    only_solved: bool = False  # a doubt that forbids "solved" and nothing else
    aside: bool = False  # … and that only where no other sentence says it clearly

    @property
    def meaning(self) -> str:
        return self.finding.meaning


def _weighed(found: list[_Said], troubles: list[Finding], more: list[str]) -> Reading:
    """One meaning out of all that the sentences say, or why there is none."""
    everything = (
        *(said.finding for said in found if said.meaning != UNCLEAR),
        *(said.finding for said in found if said.meaning == UNCLEAR),
    )
    doubts = [said for said in found if said.meaning == UNCLEAR]
    meant = [said for said in found if said.meaning != UNCLEAR]
    heaviest = max((said.weight for said in meant), default=0)
    meant = [said for said in meant if said.weight == heaviest]
    meanings = {said.meaning for said in meant}
    for stronger, weaker in _OUTWEIGHS:
        if stronger in meanings:
            meanings.discard(weaker)
    # What LKPP asks is part of what it wants to know; what else is in doubt, people decide.
    doubts = [d for d in doubts if not (d.finding.rule == "unclear.question" and meanings == {"data_request"})]
    if meanings == {"solved"}:
        doubts = [d for d in doubts if not d.aside]
    elif heaviest > (2 if meanings in ({"progress"}, {"returned"}) else 1):
        doubts = [d for d in doubts if not d.only_solved]
    if doubts:
        return Reading(UNCLEAR, doubts[0].finding.sentence, doubts[0].finding.rule, everything)
    if not meanings:
        return Reading(UNCLEAR, "", "unclear.nothing", everything)
    first = next(said.finding for said in meant if said.meaning in meanings)
    if len(meanings) > 1:
        return Reading(UNCLEAR, first.sentence, "unclear.competing", everything)
    if first.meaning == "solved" and troubles:
        return Reading(UNCLEAR, troubles[0].sentence, "unclear.trouble", everything)
    if first.meaning == "received" and more:
        return Reading(UNCLEAR, more[0], "unclear.more", everything)
    return Reading(first.meaning, first.sentence, first.rule, everything)


class _Read(Marked):
    """What one sentence says, or why that is in doubt. claims: the phrases by which it says "solved"."""

    claims: list[tuple[Rule, Match]]

    def findings(self) -> tuple[list[_Said], dict[str, set[int]]]:
        """What the sentence says, and by meaning the places of the words that say it.

        A meaning of "unclear" is a doubt about the whole mail.
        """
        named: dict[str, set[int]] = {}
        self.claims = []
        if self.ignored:
            return [], named
        matched = [(rule, match) for rule, match in self.found if self._says_something(rule, match)]
        for rule, match in matched:
            named.setdefault(rule.meaning, set()).update(match.named)
        judged = [(rule, self._judge(rule, match)) for rule, match in matched]
        self.claims = [claim for claim, (_, said) in zip(matched, judged, strict=True) if said.meaning == "solved"]
        plain = {said.meaning for _, said in judged}
        # "Tidak terlampir, mohon disusulkan": the negation belongs to what is missing.
        found = [s for rule, s in judged if not (s.finding.rule == "unclear.negated" and rule.meaning in plain)]
        if self.question and not any(rule.question for rule, _ in judged):
            found.append(self._doubt("question"))
        if doubt := self._doubtful(found, matched):
            found.append(self._doubt(doubt))
        if "redirect" in plain:  # "Mohon surat disampaikan melalui …": it is sent elsewhere, not asked for.
            found = [said for said in found if said.meaning != "data_request"]
        return found, named

    def _doubtful(self, found: list[_Said], matched: list[tuple[Rule, Match]]) -> str:
        """Why the sentence is in doubt, whatever it says, or nothing."""
        if any(not self.conditional.intersection(m.named) for m in self.phrases.hedge.matches(self.sentence)):
            return "hedge"
        behind = max(self.contrasts, default=-1)
        if found and all(match.start < behind for _, match in matched):
            return "contrast"  # "Di LPSE bisa, namun …": what is meant stands behind it, and nothing explains that
        return ""

    def hints(self, named: Mapping[str, set[int]]) -> list[_Hint]:
        """What hints at a meaning without saying it, and the meanings whose phrases do not account for it."""
        if self.ignored:
            return []
        spoken_of = self.conditional | self.neutral
        return [
            _Hint(
                Finding(meaning, self.shown, "hint"),
                frozenset(m for m in MEANINGS if named.get(m, set()).isdisjoint(match.named)),
            )
            for meaning, patterns in self.phrases.hints.items()
            for match in patterns.matches(self.sentence)
            if not spoken_of.intersection(match.named)
        ]

    def _says_something(self, rule: Rule, match: Match) -> bool:
        """Whether the rule's phrase says something where it stands."""
        spoken_of = self.topic | self.relative | self.former | self.conceded
        if not rule.condition and self.conditional.intersection(match.named):
            return False
        if match.named[-1] in spoken_of or self.void.get(rule.meaning, set()).intersection(match.named):
            return False
        if any(i in self.contrasts for i in range(match.start, match.end) if i not in match.named):
            return False  # "login bisa, tetapi unggah …": no phrase goes on behind a "but"
        # Otherwise the question itself is the doubt.
        return rule.question or not self.question

    def troubles(self) -> list[Finding]:
        """Signs that something does not work yet, outside of "apabila masih ada kendala, …"."""
        return [
            self._doubt("trouble").finding
            for match in self.phrases.trouble.matches(self.sentence)
            if not self.is_headed()
            and not self.neutral.intersection(match.named)
            and not self.conditional.intersection(match.named)
        ]

    def _judge(self, rule: Rule, match: Match) -> _Said:
        if rule.meaning == "solved":
            return self._judge_solved(rule, match)
        before = self.governing(match, 1 if rule.meaning == "refused" else REACH)
        if rule.meaning != "received" and self.any("negation", before):
            return self._doubt("negated", only_solved=rule.meaning == "progress")
        if rule.meaning in ("returned", "refused", "redirect") and self.any("future", before[-2:]):
            return self._doubt("future")
        return _Said(Finding(rule.meaning, self.shown, rule.id), rule.weight)

    def _judge_solved(self, rule: Rule, match: Match) -> _Said:
        words, clauses = self.sentence.words, self.sentence.clauses
        near = [*self.before(match, REACH), *range(match.start, match.end)]
        clause = [i for i in range(len(words)) if clauses[i] == clauses[match.end - 1]]
        open_ends = (*self.near_marks("unfinished", near), *self.near_marks("future", near))
        if open_ends or self.any("partial", clause):
            return _Said(Finding("progress", self.shown, f"{rule.id}.unfinished"), WEIGHT)
        outside = [i for i in range(len(words)) if i not in self.conditional and i not in match.named]
        for mark in ("negation", "unfinished", "future", "doubt"):
            if self.any(mark, outside):
                return self._doubt(mark, only_solved=True)
        if self.any("broken", (i for i in outside if clauses[i] > clauses[match.end - 1])):
            return self._doubt("broken", only_solved=True)
        if self._is_purpose(match):
            return self._doubt("purpose", only_solved=True)
        if self.conditional and not self.any("trouble_ahead", sorted(self.conditional)):
            return self._doubt("condition", only_solved=True)  # "sudah selesai, jika penyedia sudah login"
        if aside := self._not_claimed(rule, match, outside):
            return self._doubt(aside, only_solved=True, aside=True)
        return _Said(Finding("solved", self.shown, rule.id), rule.weight)

    def _not_claimed(self, rule: Rule, match: Match, outside: list[int]) -> str:
        """Why the phrase does not say that the trouble is over, if it does not."""
        so_far = [i for i in outside if self.sentence.clauses[i] <= self.sentence.clauses[match.end - 1]]
        if self.any("aside", outside) or (rule.state and self.any("earlier", so_far)):
            return "aside"
        if self.dated.intersection(match.named) or self._depends(match):
            return "time_clause"
        words = self.sentence.words[max(match.start - 1, 0) : match.end]
        if any(one == "yang" and then in ("sudah", "telah") for one, then in pairwise(words)):
            return "relative"  # "permasalahan yang sudah selesai" states nothing
        if self._is_another_act(match):
            return "other_act"  # "sudah selesai dianalisa"
        if self._is_about_something_else(rule, match):
            return "other_subject"
        if rule.state and self.any("check", range(match.start)):
            return "state"  # "setelah kami cek, akun sudah aktif": nothing was done
        return ""

    def _is_purpose(self, match: Match) -> bool:
        """ "Agar sudah bisa"; but "hak akses untuk 12 paket sudah diberikan"."""
        return self.any("purpose", self.before(match, len(self.sentence.words)))

    def _depends(self, match: Match) -> bool:
        """ "Sudah bisa setelah penyedia verifikasi ulang"; but "sudah normal setelah kami restart"."""
        words = self.sentence.words
        return any(
            not any("we" in self.marks[k] for k in range(i, min(i + 5, len(words))))
            for i in self.near_marks("time_clause", self.after(match, len(words)))
        )

    def _is_another_act(self, match: Match) -> bool:
        """What was finished or changed is named behind it, and it is not the trouble."""
        after = self.after(match, 3)
        connected = (k for k, i in enumerate(after) if "connective" in self.marks[i])
        after = after[: next(connected, len(after))]
        ended = "ended" in self.marks[match.end - 1]
        if self.any("not_solved_by", after) or (ended and self.any("other_subject", after)):
            return True
        verb = next((i for i in after if "we" not in self.marks[i]), None)
        if verb is None or not self.marks[verb].isdisjoint(_MENDS):
            return False
        return ended and len(self.sentence.words[verb]) > 4  # "selesai kami rangkum"

    def _is_about_something_else(self, rule: Rule, match: Match) -> bool:
        """ "Masa sanggah sudah selesai": ended is something, but no problem and nothing we did."""
        words, marks = self.sentence.words, self.marks
        before = [i for i in self.before(match, len(words)) if i not in self.topic]
        said = [words[i] for i in before]
        if "bahwa" in said:  # "bersama surat ini kami sampaikan bahwa …"
            before = before[len(said) - said[::-1].index("bahwa") :]
        if said[-1:] in (["dan"], ["serta"]):  # "sudah kami teruskan dan sudah diperbaiki"
            return False
        named = [i for i in before if words[i].isalpha() and "filler" not in marks[i]]
        if not named:
            return False
        verb = match.end - 1
        by_us = any("we" in marks[i] for i in match.named)
        acted = by_us or words[verb].startswith("di")
        # The head of an Indonesian noun phrase comes first. What we put right may be a deadline too, but no letter.
        if ("paperwork" if acted else "other_subject") in marks[named[0]]:
            return True
        if any("problem" in marks[i] for i in before):
            return False
        known = any("thing" in marks[i] for i in before)
        if by_us or (acted and all(words[i] != "dokumen" for i in named)):
            return not known or (not by_us and any("check" in marks[i] for i in named))  # "petugas sudah diganti"
        if "ended" in marks[verb] and (
            "runs_out" in marks[named[0]] or any("other_subject" in marks[i] for i in named)
        ):
            return True  # "paket tender sudah selesai"; but "dokumen kontrak sudah dapat diunggah"
        return not known

    def _doubt(self, reason: str, only_solved: bool = False, aside: bool = False) -> _Said:
        return _Said(Finding(UNCLEAR, self.shown, f"unclear.{reason}"), only_solved=only_solved, aside=aside)
