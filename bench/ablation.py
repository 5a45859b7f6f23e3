"""Which phrases of lkpp_replies.yaml no figure of the labelled replies needs, rules and veto together.

    python -m bench.ablation             names them
    python -m bench.ablation --write     and takes them out of the file

A phrase may go if no labelled reply, and no phrase's example (its own too), becomes worse for it: a decided one stays
decided as it is, an undecided one undecided, and of the undecided the proposal is the reader's, whom phrases do not
concern. Its own example may become undecided if the reader proposes its meaning first. The phrases are tried one after
the other, those that the fewest replies use first, each against what is left. One that more than two use stays: with
each set left out in turn, the phrases that many replies use are missed on replies that nobody has seen.

Only replies that a phrase touches are read again: those in which it is found, and those with a word that only it knows.
What is left at the end is read whole, so that the short cut cannot be wrong unnoticed.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import proposals
from mailbot.rules.language.normalise import sentences
from mailbot.rules.language.phrases import Patterns
from mailbot.rules.lkpp import proposal
from mailbot.rules.lkpp.classify import BUILT_IN, MEANINGS, UNCLEAR, Phrases, Rule, classify, load_phrases

_MOST = 2  # texts in which a phrase that may go is found, its own example among them
_ENTRY = re.compile(r"^    - id: (\S+)\n(?:      .*\n)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """A text that must be read as it is. own: the phrase whose example it is, "" for a labelled reply."""

    text: str
    meaning: str
    own: str = ""


def without(phrases: Phrases, gone: Iterable[str]) -> Phrases:
    """The phrases but for those."""
    left = set(gone)
    rules = tuple(rule for rule in phrases.rules if rule.id not in left)
    return replace(
        phrases,
        rules=rules,
        patterns=Patterns(rule.pattern for rule in rules),
        vocabulary={meaning: _vocabulary(rules, meaning) for meaning in MEANINGS},
    )


def _vocabulary(rules: Sequence[Rule], meaning: str) -> frozenset[str]:
    wanted = (words.exact for rule in rules if rule.meaning == meaning for words in rule.pattern.required)
    return frozenset().union(*wanted)


def cases(phrases: Phrases) -> list[Case]:
    """The labelled replies and the examples, each with what is read now."""
    labelled = [Case(each.text, classify(each.text, phrases).meaning) for each in proposals.replies()]
    return labelled + [Case(r.example, classify(r.example, phrases).meaning, r.id) for r in phrases.rules]


def removable(phrases: Phrases, everything: Sequence[Case], reader: proposal.Reader) -> list[str]:
    """The phrases that may go, in the order in which they were tried."""
    users, words = _users(phrases, everything)
    gone: list[str] = []
    for rule in sorted(phrases.rules, key=lambda one: (len(users[one.id]), one.id)):
        if len(users[rule.id]) > _MOST:
            break
        tried = without(phrases, [*gone, rule.id])
        lost = without(phrases, gone).vocabulary[rule.meaning] - tried.vocabulary[rule.meaning]
        touched = users[rule.id].union(*(words[word] for word in lost))
        if all(_as_good(everything[number], tried, rule, reader) for number in sorted(touched)):
            gone.append(rule.id)
    return gone


def _users(phrases: Phrases, everything: Sequence[Case]) -> tuple[Mapping[str, set[int]], Mapping[str, set[int]]]:
    """phrase → the cases in which it is found; word → the cases that have it."""
    users: dict[str, set[int]] = defaultdict(set)
    words: dict[str, set[int]] = defaultdict(set)
    for number, case in enumerate(everything):
        for sentence in sentences(case.text):
            right = phrases.slips.corrected(sentence)
            for word in right.words:
                words[word].add(number)
            for place, _ in phrases.patterns.find(right):
                users[phrases.rules[place].id].add(number)
    return users, words


def _as_good(case: Case, phrases: Phrases, tried: Rule, reader: proposal.Reader) -> bool:
    said = classify(case.text, phrases).meaning
    if said == case.meaning:
        return True
    if case.own != tried.id or said != UNCLEAR:
        return False
    seems = proposal.seems(case.text, reader)
    return seems is not None and seems[0] == tried.meaning


def shortened(text: str, gone: Iterable[str]) -> str:
    """The file without these phrases."""
    left = set(gone)
    return _ENTRY.sub(lambda entry: "" if entry[1] in left else entry[0], text)


def main() -> None:
    phrases, reader = load_phrases(), proposal.load()
    everything = cases(phrases)
    gone = removable(phrases, everything, reader)
    print(f"{len(gone)} of {len(phrases.rules)} phrases may go:")
    print(" ".join(gone))
    if "--write" in sys.argv[1:]:
        path = Path(BUILT_IN)
        path.write_text(shortened(path.read_text(encoding="utf-8"), gone), encoding="utf-8")
        left = load_phrases()
        changed = [c for c in everything if c.own not in gone and classify(c.text, left).meaning != c.meaning]
        print("\n".join(f"read otherwise now ({c.meaning}): {c.text}" for c in changed))


if __name__ == "__main__":
    main()
