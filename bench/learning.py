"""The second reader of users' replies: learnt from tests/corpus/user_replies, and how well it reads with the rules.

    python -m bench.learning             the figures, each set read by what other sets taught
    python -m bench.learning --write     and the file of weights, and the figures of docs/classification.md
    python -m bench.learning FILE …      how new sets are read, by the weights as they are; --wrong shows the mistakes

The rules had been made better by what the sets showed; only sets that are new to the rules, too, tell how both read
mails that nobody has seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from mailbot import yamlfile
from mailbot.parsers.reply.quoted import new_text
from mailbot.rules import second_reader
from mailbot.rules.language import reader
from mailbot.rules.language.reader import BIAS, UNIT, Learnt, Reader
from mailbot.rules.user_phrases import UserPhrases, load_user_phrases

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "corpus" / "user_replies"
PAGE = ROOT / "docs" / "classification.md"
BEGIN, END = "<!-- figures: python -m bench.learning --write -->", "<!-- end of replies' figures -->"
KEYS = {"set", "when", "means", "text"}

Rows = list[tuple[Set[str], str]]  # of each text its marks, and what it means

# Learning: passes over all texts, how far each text moves a weight, how strongly weights go back to nothing.
_PASSES, _STEP, _BACK = 15, 0.3, 0.0003
_LEFT_OUT = 0.2  # of a text's marks, others in each pass: no meaning shall hang on one of them
_SEEN = 2  # texts: a mark that stands in fewer is not learnt
GROUPS = 8  # of sets: each is read by what the sets of the other groups taught
#: (meant, read) of what must not happen: closed or kept resolved, forwarded or filed against the writer's words.
WRONG = {
    *((meant, "done") for meant in ("works", "nothing", "not_done")),
    *(("not_done", read) for read in ("works", "nothing")),
    ("works", "nothing"),
    ("not_data", "data"),
    ("reopens", "filed"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled reply. text: its writer's own words."""

    set: int
    when: str
    means: str
    text: str


def examples(paths: Iterable[Path] = ()) -> list[Example]:
    """The labelled replies; raises ValueError where one lacks its label."""
    found = []
    for path in paths or sorted(CORPUS.glob("*.yaml")):
        for number, entry in enumerate(yamlfile.read(path).data, start=1):
            if set(entry) != KEYS or entry["means"] not in second_reader.MEANINGS.get(entry["when"], ()):
                raise ValueError(f"{path}: entry {number} must have set, when, text and a meaning that fits")
            found.append(Example(entry["set"], entry["when"], entry["means"], new_text(entry["text"]).own))
    return found


def corpus_sum(replies: Iterable[Example]) -> str:
    """One sum of all texts and labels, in whatever order they stand."""
    rows = sorted(json.dumps([each.set, each.when, each.means, each.text]) for each in replies)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def learn(replies: Sequence[Example], phrases: UserPhrases) -> dict[str, Reader]:
    """The readers, one for each question."""
    found = {}
    for when, meanings in second_reader.MEANINGS.items():
        rows: Rows = [(_marks(each.text, phrases), each.means) for each in replies if each.when == when]
        found[when] = Reader.of(meanings, weights(rows, meanings))
    return found


def _marks(text: str, phrases: UserPhrases) -> frozenset[str]:
    return second_reader.marks(second_reader.read(text, phrases), phrases)


def weights(rows: Rows, meanings: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Logistic regression, text after text, with steps that become smaller for marks that are seen often (AdaGrad)."""
    seen = Counter(mark for found, _ in rows for mark in found)
    texts = [(sorted(mark for mark in found if seen[mark] >= _SEEN), meanings.index(means)) for found, means in rows]
    weight = {mark: [0.0] * len(meanings) for mark in (BIAS, *(m for m in sorted(seen) if seen[m] >= _SEEN))}
    moved = {mark: [0.01] * len(meanings) for mark in weight}
    chance = random.Random(1)
    for _ in range(_PASSES):
        chance.shuffle(texts)
        for whole, meant in texts:
            found = [mark for mark in whole if chance.random() >= _LEFT_OUT]
            scale = 1 / math.sqrt(len(found) + 1)
            sums = [b + scale * sum(column) for b, *column in zip(*(weight[m] for m in (BIAS, *found)), strict=True)]
            parts = [math.exp(one - max(sums)) for one in sums]
            for mark in (BIAS, *found):
                for i, part in enumerate(parts):
                    off = (part / sum(parts) - (i == meant)) * (1 if mark == BIAS else scale) + _BACK * weight[mark][i]
                    moved[mark][i] += off * off
                    weight[mark][i] -= _STEP * off / math.sqrt(moved[mark][i])
    return {mark: tuple(round(UNIT * one) for one in row) for mark, row in weight.items()}


def read(reply: Example, phrases: UserPhrases, readers: Mapping[str, Reader]) -> str:
    """The meaning as mailbot takes it, rules and reader together, in the words of the labels."""
    if reply.when == "resolved":
        found = second_reader.to_answer(reply.text, phrases, readers)
        return "nothing" if found in ("thanks", "later") else found
    if reply.when == "awaiting_data":
        return "data" if second_reader.brings_data(reply.text, False, phrases, readers) else "not_data"
    return "reopens" if second_reader.to_closing(reply.text, phrases, readers) == "other" else "filed"


def left_out(replies: Sequence[Example], phrases: UserPhrases, groups: int) -> list[tuple[Example, str]]:
    """Each reply with its meaning, as read by what the sets of the other groups taught."""
    found = []
    for group in range(groups):
        readers = learn([each for each in replies if each.set % groups != group], phrases)
        found += [(each, read(each, phrases, readers)) for each in replies if each.set % groups == group]
    return found


def share(right: int, whole: int) -> str:
    """ "573 of 600 (95.5 %, 93.5 to 96.9)": with the interval of Wilson, in which 95 of 100 such figures are right."""
    z, p = 1.96, right / whole
    middle, half = p + z * z / (2 * whole), z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    low, high = (max((middle + sign * half) / (1 + z * z / whole), 0.0) for sign in (-1, 1))
    return f"{right} of {whole} ({100 * p:.1f} %, {100 * low:.1f} to {100 * high:.1f})"


def figures(judged: Sequence[tuple[Example, str]]) -> list[tuple[str, str]]:
    """What is measured, and the figure in words."""
    rows = []
    for when in ("", *second_reader.MEANINGS):
        some = [(each.means, was) for each, was in judged if when in ("", each.when)]
        if some:
            rows.append((f"replies in {when or 'all'}: right", share(sum(m == was for m, was in some), len(some))))
            rows.append((f"replies in {when or 'all'}: wrong the careless way", str(sum(p in WRONG for p in some))))
    return rows


def page(text: str, rows: Iterable[tuple[str, str]]) -> str:
    """`text` with the figures between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "".join(f"| {what} | {figure} |\n" for what, figure in rows)
    return f"{before}{BEGIN}\n\n| what | figure |\n|---|---|\n{table}\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description="The second reader of users' replies.")
    parser.add_argument("--write", action="store_true", help="write the weights and the page")
    parser.add_argument("--wrong", action="store_true", help="show every reply that is read wrongly")
    parser.add_argument("files", nargs="*", type=Path, help="new sets, read by the weights as they are")
    arguments = parser.parse_args()
    phrases = load_user_phrases()
    replies = examples(arguments.files)
    if arguments.files:
        readers = second_reader.load()
        judged = [(each, read(each, phrases, readers)) for each in replies]
    else:
        judged = left_out(replies, phrases, GROUPS)
    rows = figures(judged)
    print("\n".join(f"{what}: {figure}" for what, figure in rows))
    if arguments.wrong:
        for each, was in judged:
            if was != each.means:
                print(f"{each.set} {each.when}: meant {each.means}, read {was}: {' / '.join(each.text.splitlines())}")
    if arguments.write:
        about = {"corpus": corpus_sum(replies), **{what.replace(":", ","): figure for what, figure in rows}}
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")
        second_reader.LEARNT.write_text(reader.as_text(Learnt(about, learn(replies, phrases))), encoding="utf-8")


if __name__ == "__main__":
    main()
