"""How replies of LKPP are read that nobody who works on the rules has seen.

    python -m bench.blind FILE…     the figures, then every reply that is read wrongly

Each file is a list with `text` and `label`, as in tests/corpus/lkpp: a label is a meaning, "unclear", or a list of what
is right. A text is read as mailbot reads a mail: its new words, the rules, then the learnt reader's doubt.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import classification, learning
from mailbot import yamlfile
from mailbot.parsers.reply import quoted
from mailbot.rules.lkpp import proposal
from mailbot.rules.lkpp.classify import UNCLEAR, classify, load_phrases


@dataclass(frozen=True, slots=True)
class Judged:
    """One reply as it was read. rule: what decided, or why nothing did. first: the proposal that staff see first."""

    text: str
    labels: tuple[str, ...]
    meaning: str
    rule: str
    first: str | None

    @property
    def definite(self) -> bool:
        """Whether it has a meaning, so that "unclear" is no right answer."""
        return UNCLEAR not in self.labels


def replies(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """(text, labels) of each entry; raises ValueError where one lacks a known label."""
    known, found = set(classification.LABELS), []
    names = ", ".join(classification.LABELS)
    for number, entry in enumerate(yamlfile.read(path).data, start=1):
        given = entry.get("label") if isinstance(entry, dict) else None
        labels = tuple(given) if isinstance(given, list) else (given,)
        if not labels or not set(labels) <= known or not isinstance(entry.get("text"), str):
            raise ValueError(f"{path}: entry {number} needs a text, and a label of {names}")
        found.append((entry["text"], labels))
    return found


def judged(rows: Iterable[tuple[str, tuple[str, ...]]]) -> list[Judged]:
    """Each reply as mailbot reads it."""
    phrases, reader = load_phrases(), proposal.load()
    found = []
    for text, labels in rows:
        new = quoted.new_text(text)
        words = new.own
        reading = classify(words, phrases)
        meaning, rule = reading.meaning, reading.rule
        if meaning == "solved" and proposal.doubts_solved(words, reader):
            meaning, rule = UNCLEAR, proposal.VETO
        if new.doubt is not None and meaning in classification.PASSED_ON:
            meaning, rule = UNCLEAR, "unclear.new_words"
        seems = proposal.seems(words, reader, reading.meaning)
        found.append(Judged(text, labels, meaning, rule, seems[0] if seems else None))
    return found


def figures(rows: Sequence[Judged]) -> list[tuple[str, str]]:
    """What is measured, and the figure in words, with the interval of Wilson."""
    decided = [each for each in rows if each.meaning != UNCLEAR]
    definite = [each for each in rows if each.definite]
    undecided = [each for each in definite if each.meaning == UNCLEAR]
    proposed = sum(each.first in each.labels for each in undecided)
    shares = (
        ("right, of those decided", sum(each.meaning in each.labels for each in decided), len(decided)),
        ("decided, of those with one meaning", len(definite) - len(undecided), len(definite)),
        ("wrong 'selesai', of all", sum(wrong_solved(each) for each in rows), len(rows)),
        ("first proposal right, of the undecided", proposed, len(undecided)),
    )
    return [(what, learning.share(some, whole) if whole else "none") for what, some, whole in shares]


def wrong_solved(each: Judged) -> bool:
    return each.meaning == "solved" and "solved" not in each.labels


def misread(rows: Iterable[Judged]) -> list[str]:
    """Every reply that is decided wrongly, and every undecided one whose first proposal is wrong."""
    lines = []
    for each in rows:
        text = " / ".join(line.strip() for line in each.text.splitlines() if line.strip())
        meant = " or ".join(each.labels)
        if each.meaning not in (*each.labels, UNCLEAR):
            lines.append(f"meant {meant}, read {each.meaning} ({each.rule}): {text}")
        elif each.meaning == UNCLEAR and each.definite and each.first not in each.labels:
            lines.append(f"meant {meant}, undecided ({each.rule}), first proposal {each.first}: {text}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description="How replies of LKPP are read that nobody has seen.")
    parser.add_argument("files", nargs="+", type=Path)
    everything: list[Judged] = []
    files = parser.parse_args().files
    for path in files:
        rows = judged(replies(path))
        everything += rows
        print("\n".join([f"{path.name}: {len(rows)} replies", *(f"  {w}: {said}" for w, said in figures(rows))]))
        print("\n".join(f"    {line}" for line in misread(rows)))
    if len(files) > 1:
        lines = [f"all: {len(everything)} replies", *(f"  {what}: {said}" for what, said in figures(everything))]
        print("\n".join(lines))


if __name__ == "__main__":
    main()
