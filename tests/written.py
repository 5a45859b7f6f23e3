"""A mail as people's programs write it: where their words stand beside what they quote, in which MIME shape."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from urllib.parse import parse_qs, urlsplit

from tests.mime_shapes import ATTRIBUTION, OUTLOOK, SHAPES, Reply, attached, multi, part
from tests.world import LPSE, Letter


@dataclass(frozen=True, slots=True)
class Written(Reply):
    """A reply with a second text of its writer. between: that text. style: where it stands: `inline` behind the first
    half of the quoted lines, which are marked; `bare` the same, and nothing is marked; `below` at the end; `top`
    below the first text; `outlook` the same, above headers instead of marks. attribution, heading: what the program
    writes above a quotation."""

    between: str = ""
    style: str = "top"
    attribution: str = ATTRIBUTION
    heading: str = OUTLOOK

    @property
    def plain(self) -> str:
        if self.style in ("outlook", "bare"):
            return self.outlook_plain
        return "\n".join(self._plainly(f"\n{self.attribution}", "> "))

    @property
    def outlook_plain(self) -> str:
        return "\n".join(self._plainly(f"\n{'_' * 32}\n{self.heading}\n", ""))

    def _plainly(self, head: str, mark: str) -> Iterator[str]:
        above, middle, below = self._ordered()
        yield from (self.words, above) if above else (self.words,)
        if self.quoted:
            first, second = self._halves()
            yield head
            yield from (f"{mark}{line}" for line in first)
            yield from ("", middle, "") if middle else ()
            yield from (f"{mark}{line}" for line in second)
        yield from ("", below) if below else ()
        yield ""

    @property
    def html(self) -> str:
        if self.style in ("outlook", "bare"):
            return self.outlook_html
        return self._paged(
            f"<div>{entities.escape(self.attribution)}</div>", '<blockquote type="cite">', "</blockquote>"
        )

    @property
    def outlook_html(self) -> str:
        head = "<br>".join(
            f"<b>{line.replace(': ', ':</b> ', 1)}" for line in entities.escape(self.heading).split("\n")
        )
        return self._paged(f'<hr><div id="divRplyFwdMsg">{head}</div>', "<div>", "</div>")

    def _paged(self, head: str, start: str, end: str) -> str:
        above, middle, below = (_paragraphs(text) for text in self._ordered())
        rest = ""
        if self.quoted and not middle:
            rest = f"{head}{start}{self.below}{end}"
        elif self.quoted:
            first, second = (_paragraphs("\n".join(lines)) for lines in self._halves())
            rest = f'{head}{start}{first}{end}<div style="color:red">{middle}</div>{start}{second}{end}'
        return f"<html><body>{self.above}\n{above}{rest}{below}</body></html>"

    def _ordered(self) -> tuple[str, str, str]:
        """The second text, where it stands: below the first, between the quoted lines, below them."""
        if self.style in ("inline", "bare") and self.quoted:
            return "", self.between, ""
        return ("", "", self.between) if self.style == "below" else (self.between, "", "")

    def _halves(self) -> tuple[list[str], list[str]]:
        lines = self.quoted.split("\n")
        ends = [number for number, line in enumerate(lines) if not line.strip()]
        half = min(ends, key=lambda number: abs(number - len(lines) // 2), default=len(lines) // 2)
        return lines[:half], lines[half:]


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{entities.escape(line)}</p>" for line in text.split("\n") if line.strip())


def headings(letter: Letter) -> tuple[str, str]:
    """What stands above its quotation: as Gmail writes it, and as Outlook does."""
    message = letter.message
    sent = message["Date"].datetime
    attribution = f"Pada {sent:%d/%m/%Y} pukul {sent:%H.%M} LPSE <{LPSE}> menulis:"
    return (
        attribution,
        f"From: LPSE <{LPSE}>\nSent: {sent:%d %B %Y %H:%M}\nTo: {message['To']}\nSubject: {letter.subject}",
    )


def opened_by_links(letter: Letter) -> list[tuple[str, str]]:
    """(subject, body) of each ready reply that a link of the mail opens, in the mail's order: codes are random."""
    queries = (
        parse_qs(urlsplit(entities.unescape(href)).query) for href in re.findall(r'href="(mailto:[^"]+)"', letter.html)
    )
    return [(query["subject"][0], query["body"][0].replace("\r\n", "\n")) for query in queries]


def page_of(letter: Letter) -> str:
    """What stands inside the page of a mail of ours."""
    found = re.search(r"<body[^>]*>(.*)</body>", letter.html, re.DOTALL)
    return found[1] if found else ""


#: Of a file, by the end of its name.
_KINDS = {".txt": "text/plain", ".eml": "message/rfc822"}


def shaped(written: Written, shape: str, files: Sequence[tuple[str, bytes]]) -> bytes:
    """The whole mail in this shape, with files beside whatever the shape makes of the body."""
    entity = SHAPES[shape](replace(written, headers=()))
    if files:
        beside = [
            part(f'{_KINDS.get(name[-4:], "application/octet-stream")}; name="{name}"', data, attached(name))
            for name, data in files
        ]
        entity = b"MIME-Version: 1.0\r\n" + multi("mixed", entity, *beside)
    return "\r\n".join(written.headers).encode() + b"\r\n" + entity


def head_lines(message: Message) -> tuple[str, ...]:
    """The lines of a mail's head; message: one without a body, to be written with CRLF."""
    return tuple(bytes(message).decode().rstrip().split("\r\n"))
