"""How well mails are read: the figures of docs/reading.md, counted on the sets in tests/corpus.

`python -m bench.reading` prints them; with `--write` the page is written anew. They are counts, not times: the same on
every machine, and a test compares them with the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from bench import classification, machines, problems, quotations, replies, similar

PAGE = Path(__file__).parent.parent / "docs" / "reading.md"
BEGIN, END = "<!-- figures: python -m bench.reading --write -->", "<!-- end of figures -->"

Figures = Callable[[], list[tuple[str, str]]]

SECTIONS: tuple[tuple[str, Figures], ...] = (
    ("The new text of a reply", replies.figures),
    ("Mails of ours in users' replies", quotations.figures),
    ("Machines", machines.figures),
    ("What LKPP means", classification.figures),
    ("What a mail is about, the form, and secrets", problems.figures),
    ("Similar cases", similar.figures),
)


def page(text: str) -> str:
    """`text` with the figures as they are now between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def tables() -> str:
    parts = []
    for title, figures in SECTIONS:
        rows = "\n".join(f"| {what} | {figure} |" for what, figure in figures())
        parts.append(f"\n## {title}\n\n| what | figure |\n|---|---|\n{rows}\n")
    return "".join(parts)


def main() -> None:
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(tables())


if __name__ == "__main__":
    main()
