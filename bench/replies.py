"""How well the new text of a reply is told apart: `tests/corpus/replies/`, read and judged.

    python -m bench.replies            the figures
    python -m bench.replies --wrong    and every reply that is not read as expected

A reply counts as exactly right if what is taken for the writer's own says what was expected, line for line (blanks at
the ends of lines and blank lines are layout), and a doubt is raised where one was wanted and nowhere else. No sentence
of a writer may be lost: it stands in his own text, or there is a doubt, and then the whole mail goes on.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply.quoted import NewText, new_text
from mailbot.templates.render import Renderer
from tests.sample_values import sample

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "replies"
_OURS = re.compile(r"\{ours ?(html|>[> ]*)?\}")
_TIMED = ("> kutipan\n", "Pada Sen, 3 Mar 2025\n", "Dari: a\n", "kata ", "\n")  # a megabyte of each


@dataclass(frozen=True)
class Reply:
    """text: as `Message.text` would hold it. new, doubt, closing: what is expected. sentences: the writer's.
    quotes_us: whether a mail of ours stands in it."""

    id: str
    client: str
    language: str
    text: str
    new: str
    doubt: bool
    closing: str | None
    sentences: tuple[str, ...]
    held_out: bool
    quotes_us: bool = False


@cache
def replies() -> tuple[Reply, ...]:
    """The whole set, in the order of its files."""
    return tuple(_read())


def _read() -> Iterator[Reply]:
    body = Renderer().body("lkpp_escalation", sample("lkpp_escalation"))
    for path in sorted(CORPUS.glob("*.yaml")):
        entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in entries:
            source = _OURS.sub(
                lambda match: _ours(match[1] or "", body.text, body.html), entry.get("text") or entry["html"]
            )
            sentences = entry.get("sentences") or [
                line for line in entry["new"].splitlines() if any(map(str.isalnum, line))
            ]
            yield Reply(
                id=entry["id"],
                client=entry["client"],
                language=entry["language"],
                text=source if "text" in entry else to_text(source),
                new=entry["new"],
                doubt=entry.get("doubt", False),
                closing=entry.get("closing"),
                sentences=tuple(sentences),
                held_out=path.stem.startswith("held_out"),
                quotes_us=_OURS.search(entry.get("text") or entry["html"]) is not None,
            )


def _ours(how: str, text: str, html: str) -> str:
    """A mail of ours as a mail program quotes it."""
    if how == "html":
        return html
    return "\n".join(f"{how}{line}" for line in text.splitlines()) if how else text


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def right(reply: Reply, found: NewText) -> bool:
    """Whether the writer's words and the doubt are as expected."""
    return _lines(found.own) == _lines(reply.new) and (found.doubt is not None) == reply.doubt


def lost(reply: Reply, found: NewText) -> list[str]:
    """The writer's sentences that go nowhere: neither his own text nor, in doubt, the whole has them."""
    there = " ".join((reply.text if found.doubt is not None else found.own).split())
    return [sentence for sentence in reply.sentences if " ".join(sentence.split()) not in there]


def judged() -> list[tuple[Reply, NewText]]:
    return [(reply, new_text(reply.text)) for reply in replies()]


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / max(whole, 1):.1f} %)"


def slowest() -> float:
    """Seconds of processor time for a megabyte, in the slowest of a few kinds."""
    worst = 0.0
    for unit in _TIMED:
        text = unit * (1_000_000 // len(unit))
        start = time.process_time()
        new_text(text)
        worst = max(worst, time.process_time() - start)
    return worst


def figures() -> list[tuple[str, str]]:
    """(what is measured, the figure with its counts), always the same for the same program and set."""
    found = judged()
    rows = []
    for name, chosen in (
        ("all", found),
        ("tuned on", [pair for pair in found if not pair[0].held_out]),
        ("held out", [pair for pair in found if pair[0].held_out]),
        ("in Indonesian", [pair for pair in found if pair[0].language == "id"]),
    ):
        rows.append((f"replies read exactly right ({name})", share(sum(right(*pair) for pair in chosen), len(chosen))))
    sentences = sum(len(reply.sentences) for reply, _ in found)
    rows.append(
        ("the writers' sentences that are kept", share(sentences - sum(len(lost(*p)) for p in found), sentences))
    )
    wanted = [new for reply, new in found if reply.doubt]
    clear = [new for reply, new in found if not reply.doubt]
    rows.append(("doubts raised where one is wanted", share(sum(new.doubt is not None for new in wanted), len(wanted))))
    rows.append(("doubts raised where none is wanted", share(sum(new.doubt is not None for new in clear), len(clear))))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="How well the new text of a reply is told apart.")
    parser.add_argument("--wrong", action="store_true", help="show every reply that is not read as expected")
    arguments = parser.parse_args()
    for what, figure in figures():
        print(f"{what}: {figure}")
    print(f"slowest megabyte: {slowest():.2f} s")
    if arguments.wrong:
        for reply, found in judged():
            if not right(reply, found) or lost(reply, found):
                print(f"\n== {reply.id} ({reply.client}, {reply.language}) doubt: {found.doubt}, wanted: {reply.doubt}")
                print(f"found: {found.own!r}\nwanted: {reply.new!r}\nlost: {lost(reply, found)}")


if __name__ == "__main__":
    main()
