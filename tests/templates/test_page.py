"""The reader of our own HTML: one that takes everything would prove nothing."""

from __future__ import annotations

import pytest

from tests.page import tree

WHOLE = "<!DOCTYPE html><html><head><title>t</title></head><body>{}</body></html>"


@pytest.mark.parametrize(
    "inside",
    [
        "<xml><!--OfficeDocumentSettings></xml>",  # a comment up to the end of the page: Python 3.11.2 read </xml>
        "<![if mso]><p>a</p><![endif]>",
        "<p>a",
        "<ul><li>a</ul>",
        "<ul><li>a<li>b</li></ul>",
        "<table><tr><td>a</tr></table>",
        "<table><tr><td><p>a</td></tr></table>",
        "<table><tr><p>a</p></tr></table>",
        "<div><p>a</div></p>",
        "<b><i>a</b></i>",
        "<div>",
        "</div>",
        "<div/>",
        '<a href="x" href="y">a</a>',
        '<a href="x"class="y">a</a>',
        "<svg><g></svg>",
        "&tidakada;",
        "\x00",
    ],
)
def test_what_the_standard_calls_an_error_and_what_is_left_open_is_refused(inside: str) -> None:
    tree(WHOLE.format("<p>a</p>"))
    with pytest.raises(AssertionError):
        tree(WHOLE.format(inside))


@pytest.mark.parametrize("lost", ["<!DOCTYPE html>", "</html>", "</body>", "</head>", "</title>"])
def test_a_page_that_lacks_a_part_is_refused(lost: str) -> None:
    with pytest.raises(AssertionError):
        tree(WHOLE.replace(lost, ""))


def test_comments_are_not_read_and_what_stands_between_them_is() -> None:
    inside = "<!--[if mso]><table><tr><td><![endif]--><p>a &lt;b&gt;<br>c</p><!-- </p> -->"
    (body,) = tree(WHOLE.format(inside)).all("body")
    assert [element.tag for element in body] == ["body", "p", "br"]
    assert [(element.tag, piece) for element, piece in body.pieces] == [("p", "a <b>"), ("p", "c")]


def test_a_drawing_has_its_own_names() -> None:
    drawing = tree(WHOLE.format('<svg viewBox="0 0 9 9"><use xlink:href="#a"/><linearGradient/></svg>')).all("svg")[0]
    assert [element.tag for element in drawing] == ["svg", "use", "linearGradient"]
    assert drawing.attribute("viewBox", "href") == ["0 0 9 9", "#a"]
