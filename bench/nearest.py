"""The reader of first mails that names the nearest category: learnt from tests/corpus/problems, and how well it does.

python -m bench.nearest            the figures: the held-out mails, read by what all the rest teaches
python -m bench.nearest --write    and the file of weights, learnt from all
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence

from bench import learning
from bench.problems import CORPUS
from mailbot import yamlfile
from mailbot.rules import nearest_problem, problems
from mailbot.rules.language import reader
from mailbot.rules.language.reader import Learnt, Reader

#: (category, subject, text)
Mail = tuple[str, str, str]


def mails(name: str) -> list[Mail]:
    """The labelled mails of a file; raises ValueError where one lacks its category."""
    codes, found = {row.code for row in problems.load().rows}, []
    for number, entry in enumerate(yamlfile.read(CORPUS / name).data["mails"], start=1):
        if len(entry) != 5 or entry[0] not in codes:
            raise ValueError(f"{name}: mail {number} needs a category, priority, rekap category, subject and text")
        found.append((entry[0], entry[3], entry[4]))
    return found


def described() -> list[Mail]:
    """The name of each category, and the examples of its phrases."""
    found = []
    for row in yamlfile.read(problems.BUILT_IN).data["problems"]:
        examples = [phrase["example"] for phrase in row.get("phrases", [])]
        found += [(row["code"], "", text) for text in (row["title"], *examples)]
    return found


def corpus_sum(rows: Sequence[Mail]) -> str:
    """One sum of all that is learnt."""
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


def learn(rows: Sequence[Mail]) -> Reader:
    table = problems.load()
    codes = tuple(row.code for row in table.rows)
    examples: learning.Rows = [
        (nearest_problem.marks(problems.read(subject, text, table.spelling)), code) for code, subject, text in rows
    ]
    return Reader.of(codes, learning.weights(examples, codes))


def figures() -> list[tuple[str, str]]:
    """What is measured, and the figure in words."""
    table, by = problems.load(), learn([*described(), *mails("tuning.yaml")])
    held_out = mails("held_out.yaml")
    known = [each for each in held_out if each[0] != table.unknown.code]
    right = named = greeted = 0
    for code, subject, text in held_out:
        found = nearest_problem.nearest(problems.read(subject, text, table.spelling), table, by)
        if code == table.unknown.code:
            greeted += found is not None
        elif found is not None:
            named, right = named + 1, right + (found.problem.code == code)
    return [
        ("first mails about something: nearest category named", learning.share(named, len(known))),
        ("first mails about something: named rightly, of those named", learning.share(right, named)),
        ("first mails about nothing: a category named", learning.share(greeted, len(held_out) - len(known))),
    ]


def everything() -> list[Mail]:
    """All that the file of weights is learnt from."""
    return [*described(), *mails("tuning.yaml"), *mails("held_out.yaml")]


def main() -> None:
    found = figures()
    print("\n".join(f"{what}: {figure}" for what, figure in found))
    if "--write" in sys.argv[1:]:
        rows = everything()
        about = {"corpus": corpus_sum(rows), **{what.replace(":", ","): figure for what, figure in found}}
        text = reader.as_text(Learnt(about, {"problems": learn(rows)}))
        nearest_problem.LEARNT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
