"""Reads our pages and the HTML of our mails as the HTML standard has it.

By html5lib, which follows the standard's own algorithm and stands in uv.lock: Python's `html.parser` took an unclosed
comment for nothing and reads it as one since the security updates of 2025, so that the same page passed or failed by
the month of the update. Browsers forgive all; this reader forgives nothing that the standard calls an error, nor an end
tag that the standard lets one leave out: Word and scripts that read mails are not browsers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import html5lib
from html5lib.constants import E as ERRORS

# Left out by the standard's leave; thead, tbody and tfoot are not: a <tbody> that nobody wrote stands in every table.
_MAY_STAY_OPEN = ("html", "head", "body", "p", "li", "dt", "dd", "tr", "th", "td", "option")


@dataclass(eq=False)
class Element:
    tag: str  # "" around the whole document
    attributes: dict[str, str] = field(default_factory=dict)
    parent: Element | None = field(default=None, repr=False)
    children: list[Element | str] = field(default_factory=list)

    @property
    def style(self) -> dict[str, str]:
        pairs = (declaration.partition(":") for declaration in self.attributes.get("style", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def line(self) -> Iterator[Element]:
        """This element and those around it, innermost first."""
        at: Element | None = self
        while at is not None:
            yield at
            at = at.parent

    def __iter__(self) -> Iterator[Element]:
        """The elements in the order of their start tags, this one first."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self if element.tag in tags]

    def attribute(self, *names: str) -> list[str]:
        """The values that any of these attributes has anywhere in this element."""
        return [element.attributes[name] for element in self for name in names if name in element.attributes]

    def inherited(self, name: str) -> str:
        return next((element.style[name] for element in self.line if name in element.style), "")

    @property
    def seen(self) -> bool:
        return not any(e.tag in ("head", "style") or e.style.get("display") == "none" for e in self.line)

    @property
    def pieces(self) -> Iterator[tuple[Element, str]]:
        """The words in the order of the page, each piece with the element that it stands in."""
        for child in self.children:
            if isinstance(child, Element):
                yield from child.pieces
            else:
                yield self, child

    @property
    def text(self) -> str:
        return "".join(piece for _, piece in self.pieces)


def tree(source: str) -> Element:
    """The elements of a whole document, without comments.

    AssertionError: an error in the document, or an element without its end tag.
    """
    reader = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = reader.parse(source)
    for (line, column), code, values in reader.errors:
        raise AssertionError(f"line {line}, column {column}: {ERRORS[code] % values}")
    root = Element("")
    root.children.append(_element(document, root))
    closed = Counter(re.findall(r"</(\w+)", re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)))
    opened = Counter(element.tag for element in root if element.tag in _MAY_STAY_OPEN)
    assert not (opened - closed), f"not closed: {dict(opened - closed)}"
    return root


def _element(found: Any, parent: Element) -> Element:
    made = Element(_local(found.tag), {_local(name): value for name, value in found.attrib.items()}, parent)
    pieces: list[Element | str | None] = [found.text]
    for child in found:
        # A comment's tag is the function that makes comments.
        pieces += [_element(child, made) if isinstance(child.tag, str) else None, child.tail]
    made.children = [piece for piece in pieces if piece]
    return made


def _local(name: str) -> str:
    """Without the namespace that html5lib writes before the names of SVG."""
    return name.rpartition("}")[2]
