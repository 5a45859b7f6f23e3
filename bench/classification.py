"""How LKPP's replies are read, counted on the labelled set in tests/corpus/lkpp.

`python -m bench.classification` prints the confusion tables; with `--write` docs/classification.md is written anew. The
held-out part is only ever counted: which of its sentences are read wrongly is printed nowhere, or it would be tuned on.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mailbot import yamlfile
from mailbot.parsers.reply import quoted
from mailbot.rules.lkpp.classify import MEANINGS, UNCLEAR, Phrases, classify, load_phrases

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "corpus" / "lkpp"
PAGE = ROOT / "docs" / "classification.md"
BEGIN, END = "<!-- figures: python -m bench.classification --write -->", "<!-- end of figures -->"

PARTS = {"tuning": "tuning part", "held_out": "held-out part"}
KINDS = ("sentences", "mails")
LABELS = (*MEANINGS, UNCLEAR)
#: Words that go on to the user; where it is in doubt which words are new, staff say what is meant.
PASSED_ON = ("data_request", "progress", "solved")


@dataclass(frozen=True, slots=True)
class Example:
    """One entry of the set. labels: the meanings that are right; the first is the one it is counted under."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """table: (label, answer) -> how many. right: of the decided, how many have one of their labels."""

    total: int
    decided: int
    right: int
    definite: int  # those for which "unclear" is no right answer
    left: int  # of these, how many were left to staff
    wrong_solved: int
    table: Counter[tuple[str, str]]


def examples(part: str, kind: str) -> list[Example]:
    """The entries of one part of the set; none if that part is not there."""
    found = []
    for path in sorted((CORPUS / part).glob(f"{kind}_*.yaml")):
        for entry in yamlfile.read(path).data:
            label = entry["label"]
            found.append(Example(entry["text"], tuple(label) if isinstance(label, list) else (label,)))
    return found


def answer(text: str, kind: str, phrases: Phrases) -> str:
    """The meaning as mailbot would take it: of a mail only the new words, and doubt about these counts as doubt."""
    if kind == "sentences":
        return classify(text, phrases).meaning
    new = quoted.new_text(text)
    meaning = classify(new.text or new.below, phrases).meaning
    return UNCLEAR if new.doubt is not None and meaning in PASSED_ON else meaning


@cache
def count(part: str, kind: str) -> Counts:
    phrases = load_phrases()
    rows = [(example.labels, answer(example.text, kind, phrases)) for example in examples(part, kind)]
    decided = [(labels, said) for labels, said in rows if said != UNCLEAR]
    definite = [said for labels, said in rows if UNCLEAR not in labels]
    return Counts(
        total=len(rows),
        decided=len(decided),
        right=sum(said in labels for labels, said in decided),
        definite=len(definite),
        left=definite.count(UNCLEAR),
        wrong_solved=sum(said == "solved" and said not in labels for labels, said in rows),
        table=Counter((said if said in labels else labels[0], said) for labels, said in rows),
    )


def figures() -> list[tuple[str, str]]:
    """What is measured, and the figure in words, for each part and kind."""
    found = []
    for part, name in PARTS.items():
        for kind in KINDS:
            counts = count(part, kind)
            if not counts.total:
                continue
            what = f"LKPP's replies, {name}, {counts.total} {kind}"
            found += [
                (f"{what}: right, of those decided", _share(counts.right, counts.decided)),
                (f"{what}: undecided, of those with one meaning", _share(counts.left, counts.definite)),
                (f"{what}: wrong 'selesai'", str(counts.wrong_solved)),
            ]
    return found


def _share(some: int, whole: int) -> str:
    return f"{some} of {whole} ({100 * some / whole:.1f} %)" if whole else "none"


def block() -> str:
    """The figures and the confusion tables as Markdown."""
    lines = ["", "| what | figure |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in figures())]
    for part, name in PARTS.items():
        for kind in KINDS:
            counts = count(part, kind)
            if counts.total:
                lines += ["", f"### {name[0].upper()}{name[1:]}: {counts.total} {kind}", "", *_table(counts)]
    return "\n".join([*lines, ""])


def _table(counts: Counts) -> list[str]:
    rows = ["| label \\ answer | " + " | ".join(LABELS) + " |", "|---|" + "---:|" * len(LABELS)]
    for label in LABELS:
        cells = [str(counts.table[label, said] or "·") for said in LABELS]
        rows.append(f"| {label} | " + " | ".join(cells) + " |")
    return rows


def page(text: str) -> str:
    """`text` with the figures as they are now between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{block()}\n{END}{after}"


def main() -> None:
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(block())


if __name__ == "__main__":
    main()
