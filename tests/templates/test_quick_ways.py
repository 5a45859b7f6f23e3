"""What is done many times for each mail is done in a quick way; here stands the plain one beside it."""

from __future__ import annotations

import base64
import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailbot.clean import clean, one_line, shorten
from mailbot.templates import compose, markup
from mailbot.templates.html_blocks import to_html

#: Lines of a template; each `{}` is a value, which may also be the template's own word.
LINES = st.sampled_from(
    [
        *("", "", "---", "# {}", "## {} dan {}", "! Awas **{}** {}", "Halo {},", "{}:", "kata **{}** dan {}\\"),
        *("- {}", "- butir **{}**", "| {} | {}", "| Nomor | [{}] – {}", "| Kosong |", "''' ", '""" Dari {}:', "```"),
        *("-> {} | mailto:a@example.id?subject={} | {} | {}", "-> {} | | {}", "~> {} | mailto:{} | {}"),
        *("=> {} | mailto:{} | {} | **{}**", "=> {} | | {}", "% {} | 40 | good | {} | {}", "% {} | {} | {} | {} | {}"),
    ]
)
#: Harmless words, so that a template might have them itself.
VALUES = st.text("abc", min_size=1, max_size=30)


@settings(max_examples=500)
@given(st.lists(LINES, max_size=12), st.data())
def test_a_template_that_is_read_once_says_the_same_as_one_with_the_words_in_it(
    lines: list[str], data: st.DataObject
) -> None:
    """Also of blocks without values, which are made once, beside the same blocks made for each mail."""
    for mark in ("'''", '"""', "```"):  # each fence has its end
        if sum(line.startswith(mark) for line in lines) % 2:
            lines = [*lines, mark]
    source = "\n".join(lines)
    values = data.draw(st.lists(VALUES, min_size=source.count("{}"), max_size=source.count("{}")))
    open_ = source.format(*map(markup.token, range(len(values))))
    written = source.format(*values)
    try:
        plain = [markup.Block(*block) for block in markup.parse(written, [])]
    except markup.MarkupError:  # fences within one another
        return
    for _ in range(2):
        read = markup.parse(open_, values)
        assert read == markup.parse(written, []) == plain
        for blocks in (read, markup.parse(written, [])):
            assert markup.to_text(blocks) == markup.to_text(plain)
            assert to_html(blocks) == to_html(plain)


@settings(max_examples=500)
@given(st.text("a -\t\n\xa0\u034f\u2028\u202e", max_size=12) | st.text(max_size=12), st.none() | st.integers(0, 8))
def test_one_line_is_made_of_words_and_blanks(text: str, limit: int | None) -> None:
    assert one_line(text, limit) == shorten(" ".join(clean(text).split()), limit)


_MANY = compose._LINE_BYTES * compose._LINES


@given(st.integers(0, 3), st.integers(-120, 120))
@example(0, 0)
@example(1, 0)
@example(1, 1)
def test_the_lines_of_a_file_are_those_that_are_encoded_one_by_one(many: int, more: int) -> None:
    data = random.Random(many).randbytes(max(0, many * _MANY + more))
    lines = base64.encodebytes(data).replace(b"\n", b"\r\n") or b"\r\n"
    assert b"".join(compose._in_base64(data)) == lines


def test_a_fault_names_the_value_that_stands_at_it() -> None:
    for _ in range(2):
        try:
            markup.parse(f"| {markup.token(0)}", ["Nomor"])
        except markup.MarkupError as fault:
            assert str(fault) == "a table row needs a label and a value: | Nomor"
