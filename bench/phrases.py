"""What reading by phrases costs: CPU of this process for each text of the labelled sets, in milliseconds.

    python -m bench.phrases

Reads every text of tests/corpus as a reply of LKPP and as a user's first mail, and prints a digest of all that was
found. It uses nothing that is new here: copy this file into another tree, and the figures and digests of both can be
compared.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.rules import priority, problems
from mailbot.rules.lkpp import classify as lkpp

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"


def texts(data: Any) -> Iterator[str]:
    """Every text in what a YAML file holds."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for one in data.values() if isinstance(data, dict) else data:
            yield from texts(one)


def measured(read: Callable[[str], object], corpus: list[str]) -> tuple[float, str]:
    """(milliseconds of CPU a text, digest of what was found)."""
    read(corpus[0])  # what is made once
    digest = hashlib.sha256()
    start = time.process_time()
    found = [read(text) for text in corpus]
    spent = time.process_time() - start
    for one in found:
        digest.update(repr(one).encode())
    return 1000 * spent / len(corpus), digest.hexdigest()[:16]


def main() -> None:
    corpus = sorted({text for file in sorted(CORPUS.rglob("*.yaml")) for text in texts(yamlfile.read(file).data)})
    phrases, rules, table = lkpp.load_phrases(), problems.load(), priority.load()

    def about(text: str) -> object:
        parts = problems.read("", text, rules.spelling)
        found = problems.judge(parts, rules)
        return found.primary.code, found.found, found.category, priority.propose(found, parts, rules, table.deadline)

    print(f"{len(corpus)} texts")
    for name, read in (("reply of LKPP", lambda text: lkpp.classify(text, phrases)), ("problem and priority", about)):
        spent, digest = measured(read, corpus)
        print(f"{name}: {spent:.3f} ms a text, found {digest}")


if __name__ == "__main__":
    main()
