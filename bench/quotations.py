"""What users' replies leave of the mails of ours that they quote.

    python -m bench.quotations

Top-posted replies: every mail to a user, in the quotation of every mail program of
`tests/arrivals/test_reply_shapes.py` (plain text, HTML, both), and the replies of `tests/corpus/replies` that quote a
mail of ours below new text and raise no doubt. The quotation counts as left out where staff read none of its lines.
Inline answers: the ways of `tests/parsers/test_users_words.py`, with a greeting above and without one, with our marker
line whole, altered and gone. Each keeps all words of its writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

from bench.replies import replies, share
from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply import users_words
from mailbot.parsers.reply.own_quote import Ours
from mailbot.parsers.reply.quotable import Sent
from mailbot.parsers.reply.quoted import MARKER, new_text
from mailbot.templates.catalogue import MAILS
from mailbot.templates.render import Body, Renderer
from tests.arrivals import test_reply_shapes as shapes
from tests.parsers.test_own_quote import REQUEST, words
from tests.parsers.test_users_words import GREETINGS, MARKERS, VARIANTS
from tests.sample_values import sample

_NEW = "Sudah kami coba lagi, tetap gagal."


def _sent(body: Body) -> Sent:
    return Sent((body.text, to_text(body.html)), f"{shapes.LPSE} <{shapes.ADDRESS}>", "Tiket baru", date(2026, 11, 30))


def top_posted() -> Iterator[tuple[str, Sent]]:
    """(a reply's text, the mail of ours that it quotes)."""
    render, asked = Renderer(), shapes.OURS
    for name in sorted(name for name in MAILS if name.startswith("user_")):
        shapes.OURS = render.body(name, sample(name))
        for program in shapes.PROGRAMS:
            for form in ("both", "html", "plain"):
                yield shapes.received(program, _NEW, form), _sent(shapes.OURS)
    shapes.OURS = asked
    escalation = _sent(render.body("lkpp_escalation", sample("lkpp_escalation")))
    for reply in replies():
        if reply.quotes_us and reply.new and not reply.doubt:
            yield reply.text, escalation


def left_out(shown: str, sent: Sent) -> bool:
    """Whether none of the longer lines of our mail is shown."""
    there = " ".join(shown.replace(">", " ").split())
    lines = (" ".join(line.split()) for text in sent.texts for line in text.split("\n"))
    return not any(len(line.split()) > 3 and line in there for line in lines)


def read_by_staff(text: str, sent: Sent) -> str:
    ours = Ours([sent, Sent((MARKER,))])
    return users_words.read(text, new_text(text), lambda: ours, opens=False).shown


def inline() -> Iterator[tuple[str, str, Sent]]:
    """(a reply's text, its writer's words, the mail of ours among whose lines they stand)."""
    for greeting, marker, variant in product(GREETINGS, MARKERS.values(), VARIANTS.values()):
        text, his = variant(marker + REQUEST.text)
        yield greeting + text, greeting + his, _sent(REQUEST)


def figures() -> list[tuple[str, str]]:
    top = [left_out(read_by_staff(text, sent), sent) for text, sent in top_posted()]
    kept = [not words(his) - words(read_by_staff(text, sent)) for text, his, sent in inline()]
    return [
        ("top-posted replies of which our mail is left out", share(sum(top), len(top))),
        ("inline answers of which staff read every word", share(sum(kept), len(kept))),
    ]


if __name__ == "__main__":
    for what, figure in figures():
        print(f"{what}: {figure}")
