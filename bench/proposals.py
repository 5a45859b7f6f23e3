"""The reader of LKPP's replies that names the likeliest meaning: learnt from tests/corpus/lkpp, and how well it does.

python -m bench.proposals            the figures of rules and veto, each file by what the others taught (in six groups)
python -m bench.proposals --write    and the file of weights
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import blind, classification, learning
from mailbot.parsers.reply import quoted
from mailbot.rules.language import reader
from mailbot.rules.language.reader import Learnt, Reader
from mailbot.rules.lkpp import proposal
from mailbot.rules.lkpp.classify import MEANINGS, UNCLEAR, classify, load_phrases

_GROUPS = 6


@dataclass(frozen=True, slots=True)
class Reply:
    """One labelled reply; file: where it stands; text: LKPP's own words."""

    file: str
    labels: tuple[str, ...]
    text: str


def replies(corpus: Path = classification.CORPUS) -> list[Reply]:
    """The whole set, both parts; raises ValueError where an entry lacks its label."""
    found = []
    for path in sorted(corpus.glob("*/*.yaml")):
        if path.stem.partition("_")[0] not in classification.KINDS:
            continue
        for given, labels in blind.replies(path):
            new = quoted.new_text(given) if path.stem.startswith("mails") else None
            text = given if new is None else new.text or new.below
            found.append(Reply(f"{path.parent.name}/{path.stem}", labels, text))
    return found


def corpus_sum(rows: Iterable[Reply]) -> str:
    """One sum of all texts and labels."""
    lines = sorted(json.dumps([each.file, each.labels, each.text]) for each in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def learn(rows: Sequence[Reply]) -> Reader:
    """The reader. Of several right labels the first that is a meaning is learnt."""
    meanings = (*MEANINGS, UNCLEAR)
    examples: learning.Rows = [
        (proposal.marks(each.text), next((one for one in each.labels if one != UNCLEAR), UNCLEAR)) for each in rows
    ]
    return Reader.of(meanings, learning.weights(examples, meanings))


def figures(rows: Sequence[Reply]) -> list[tuple[str, str]]:
    """What is measured, and the figure in words: rules and veto, each set by a reader that has not seen it."""
    phrases = load_phrases()
    files = sorted({each.file for each in rows})
    judged, solved, lost = [], 0, 0
    for group in range(_GROUPS):
        left_out = set(files[group::_GROUPS])
        by = learn([each for each in rows if each.file not in left_out])
        for each in rows:
            if each.file not in left_out:
                continue
            reading = classify(each.text, phrases)
            seems = proposal.seems(each.text, by, reading.meaning)
            meaning = reading.meaning
            if meaning == "solved" and proposal.doubts_solved(each.text, by):
                meaning = UNCLEAR
            if reading.meaning == "solved" and "solved" in each.labels:
                solved, lost = solved + 1, lost + (meaning == UNCLEAR)
            judged.append(blind.Judged(each.text, each.labels, meaning, reading.rule, seems[0] if seems else None))
    return [
        *blind.figures(judged),
        ("right 'selesai' of the rules that the reader doubts", learning.share(lost, solved)),
    ]


def main() -> None:
    rows = replies()
    found = figures(rows)
    print("\n".join(f"{what}: {figure}" for what, figure in found))
    if "--write" in sys.argv[1:]:
        about = {"corpus": corpus_sum(rows), **{what.replace(":", ","): figure for what, figure in found}}
        text = reader.as_text(Learnt(about, {"lkpp": learn(rows)}))
        proposal.LEARNT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
