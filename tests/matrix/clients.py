"""Replies and forwarded mails as mail programs write them: a true mail of ours quoted, words above, between or below.

A program has a heading for a quotation, one for a forwarded mail, marks its lines or does not, and dresses its page.
`written` gives the value from which `tests.mime_shapes` builds the mail in any shape.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest

from tests.mime_shapes import Reply
from tests.world import Letter

MARKER = "Mohon tulis balasan di atas baris ini"
#: What becomes of our marker line where somebody or something has altered it.
ALTERED = (
    "Mohon tulis di atas baris ini",
    "Please write your reply above this line",
    "Mohon tulis balasan di atas",
    "tulis balasan di atas baris ini ya",
)
PLACES = ("top", "bottom", "bottom, signed", "inline", "forwarded")
#: What a program writes below the words of "bottom, signed" (RFC 3676, section 4.3).
SIGNED = "Kenaritandatanganq"
SIGNATURE = f"-- \n{SIGNED}"
MARKERS = ("whole", "altered", "gone")

_DAYS = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


@dataclass(frozen=True, slots=True)
class Ours:
    """A mail of ours as its reader's program has it. page: what stands in the body of its HTML."""

    sender: str
    address: str
    on: datetime
    subject: str
    to: str
    text: str
    page: str

    @property
    def date(self) -> str:
        return f"{self.on.day} {_MONTHS[self.on.month - 1]} {self.on.year}"

    @property
    def day(self) -> str:
        return _DAYS[self.on.weekday()]


def ours(letter: Letter) -> Ours:
    box = letter.message["From"].addresses[0]
    body = re.search(r"<body[^>]*>(.*)</body>", letter.html, re.DOTALL)
    assert body is not None
    return Ours(
        sender=box.display_name,
        address=box.addr_spec,
        on=letter.message["Date"].datetime,
        subject=letter.subject,
        to=letter.message["To"].addresses[0].addr_spec,
        text=letter.text.replace("\r\n", "\n").strip("\n"),
        page=body[1],
    )


def with_marker(mail: Ours, marker: str, number: int) -> Ours:
    """The mail with its marker line as it is, altered in one of several ways, or gone."""
    if marker == "whole":
        return mail
    if marker == "altered":
        new = ALTERED[number % len(ALTERED)]
        text, page = mail.text.replace(MARKER, new), mail.page.replace(MARKER, new)
    else:
        text = re.sub(rf"^.*{MARKER}.*\n+", "", mail.text, flags=re.MULTILINE)
        page = re.sub(rf"<p[^>]*>[^<]*{MARKER}[^<]*</p>", "", mail.page)
    return Ours(mail.sender, mail.address, mail.on, mail.subject, mail.to, text, page)


# --- programs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Client:
    """heading, passing: the lines above a quotation and above a forwarded mail. mark: before each quoted line; the
    heading is marked, too, where `marks_heading`. dressed: a quotation's page, of its heading and its content."""

    name: str
    heading: Callable[[Ours], str]
    passing: Callable[[Ours], str]
    mark: str = "> "
    marks_heading: bool = False
    dressed: Callable[[str, str], str] = lambda heading, page: (
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{heading}<br></div>'
        f'<blockquote class="gmail_quote" style="border-left:1px #ccc solid">{page}</blockquote></div>'
    )


def _cited(heading: str, page: str) -> str:
    return f'<p id="reply-intro">{heading}</p><blockquote type="cite">{page}</blockquote>'


def _ruled(heading: str, page: str) -> str:
    return f'<hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{heading}</div><div>{page}</div>'


def _yahoo(heading: str, page: str) -> str:
    return f'<div id="ydp1yahoo_quoted" class="yahoo_quoted"><div>{heading}</div><div>{page}</div></div>'


def _outlook(mail: Ours) -> str:
    return (
        f"{'_' * 32}\nFrom: {mail.sender} <{mail.address}>\nSent: {mail.on:%A, %B %d, %Y %I:%M %p}\nTo: {mail.to}\n"
        f"Subject: {mail.subject}\n"
    )


def _outlook_indonesian(mail: Ours) -> str:
    return (
        f"Dari: {mail.sender} <{mail.address}>\nDikirim: {mail.date} {mail.on:%H.%M}\nKepada: {mail.to}\n"
        f"Subjek: {mail.subject}\n"
    )


def _lines(first: str) -> Callable[[Ours], str]:
    return lambda mail: (
        f"{first}\nPerihal: {mail.subject}\nTanggal: {mail.date} {mail.on:%H:%M}\n"
        f"Dari: {mail.sender} <{mail.address}>\nKepada: {mail.to}\n"
    )


CLIENTS = {
    each.name: each
    for each in (
        Client(
            "Gmail",
            lambda m: f"Pada {m.day}, {m.date} pukul {m.on:%H.%M} {m.sender} <{m.address}> menulis:\n",
            lambda m: (
                f"---------- Forwarded message ---------\nDari: {m.sender} <{m.address}>\n"
                f"Date: {m.day}, {m.date} pukul {m.on:%H.%M}\nSubject: {m.subject}\nTo: <{m.to}>\n\n"
            ),
        ),
        Client("Outlook", _outlook, _outlook, mark="", dressed=_ruled),
        Client("Outlook in Indonesian", _outlook_indonesian, _outlook_indonesian, mark="", dressed=_ruled),
        Client(
            "Thunderbird",
            lambda m: f"Pada {m.on:%d/%m/%Y %H.%M}, {m.sender} menulis:",
            _lines("-------- Pesan Diteruskan --------"),
            dressed=lambda heading, page: (
                f'<div class="moz-cite-prefix">{heading}<br></div><blockquote type="cite" cite="mid:x@y">{page}'
                "</blockquote>"
            ),
        ),
        Client(
            "Apple Mail",
            lambda m: f"Pada {m.date}, pukul {m.on:%H.%M}, {m.sender} <{m.address}> menulis:\n",
            lambda m: (
                f"Mulai pesan yang diteruskan:\n\nDari: {m.sender} <{m.address}>\nPerihal: {m.subject}\n"
                f"Tanggal: {m.date} {m.on:%H.%M.%S} WIB\nKepada: {m.to}\n"
            ),
            marks_heading=True,
            dressed=lambda heading, page: (
                f'<div><br><blockquote type="cite"><div>{heading}</div><br></blockquote></div>'
                f'<blockquote type="cite"><div>{page}</div></blockquote>'
            ),
        ),
        Client(
            "Roundcube",
            lambda m: f"Pada {m.on:%Y-%m-%d %H:%M}, {m.sender} menulis:\n",
            _lines("-------- Pesan Asli --------"),
            dressed=_cited,
        ),
        Client(
            "Zimbra",
            lambda m: (
                f'----- Pesan Asli -----\nDari: "{m.sender}" <{m.address}>\nKepada: {m.to}\n'
                f"Terkirim: {m.date} {m.on:%H:%M:%S}\nPerihal: {m.subject}\n"
            ),
            _lines("----- Pesan Diteruskan -----"),
            mark="",
            dressed=_ruled,
        ),
        Client(
            "Yahoo",
            lambda m: f"    Pada {m.day}, {m.date} pukul {m.on:%H.%M.%S} WIB, {m.sender} <{m.address}> menulis:  \n ",
            lambda m: (
                f"   ----- Pesan yang Diteruskan ----- Dari: {m.sender} <{m.address}>Kepada: {m.to}Terkirim: {m.day}, "
                f"{m.date} pukul {m.on:%H.%M.%S} WIBJudul: {m.subject}\n "
            ),
            mark=" ",
            dressed=_yahoo,
        ),
    )
}
OUTLOOK = CLIENTS["Outlook"]


# --- a mail -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written(Reply):
    """A mail in four forms, two as its program and two as Outlook writes them. `words` stand above the quotation."""

    forms: tuple[str, str, str, str] = ("", "", "", "")

    @property
    def plain(self) -> str:
        return self.forms[0]

    @property
    def html(self) -> str:
        return self.forms[1]

    @property
    def outlook_plain(self) -> str:
        return self.forms[2]

    @property
    def outlook_html(self) -> str:
        return self.forms[3]


def written(
    client: Client,
    quoted: Sequence[Ours],
    words: Sequence[str],
    place: str,
    headers: tuple[str, ...],
    *,
    all_above: bool,
) -> Written:
    """The words in `place` around these mails of ours, the newest first, each older one quoted within.

    all_above: for shapes of which one form holds the writer's words alone.
    """
    above, between, below = _places(words, place)
    page_above = _paragraphs(above)
    forms = []
    for each in (client, OUTLOOK):
        forms.append(_plain(each, quoted, place, above, between, below))
        page = _page(each, quoted, place, between)
        forms.append(
            f"<!DOCTYPE html>\n<html><head><style>p {{margin: 0}}</style></head><body>{page_above}\n{page}"
            f"{_paragraphs(below)}</body></html>"
        )
    first = "\n\n".join(words if all_above else above)
    return Written(first, "", headers, "" if all_above else page_above, "", (forms[0], forms[1], forms[2], forms[3]))


def _places(words: Sequence[str], place: str) -> tuple[list[str], list[str], list[str]]:
    if place in ("top", "forwarded"):
        return list(words), [], []
    if place == "bottom":
        return [], [], list(words)
    if place == "bottom, signed":
        return [], [], [*words, SIGNATURE]
    return [words[0]], list(words[1:-1]), [words[-1]]


def _paragraphs(words: Sequence[str]) -> str:
    return "".join(
        f'<div dir="auto">{"<br>".join(map(entities.escape, each.split(chr(10))))}</div><br>' for each in words
    )


def _plain(
    client: Client, quoted: Sequence[Ours], place: str, above: list[str], between: list[str], below: list[str]
) -> str:
    lines: list[str] = []
    forwards = place == "forwarded"
    for depth, mail in enumerate(quoted):
        outer = "" if forwards else client.mark * depth
        head = (client.passing if forwards else client.heading)(mail).split("\n")
        mark = "" if forwards else client.mark
        lines += [f"{outer}{mark if client.marks_heading else ''}{line}" for line in head]
        answers = dict(zip(_anchors(mail), between, strict=False)) if depth == 0 else {}
        for number, line in enumerate(mail.text.split("\n")):
            lines.append(f"{outer}{mark}{line}")
            if number in answers:
                lines += ["", answers[number], ""]
    parts = ["\n\n".join(above), "\n".join(lines), "\n\n".join(below)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _page(client: Client, quoted: Sequence[Ours], place: str, between: list[str]) -> str:
    page = ""
    for depth, mail in reversed(list(enumerate(quoted))):
        head = (client.passing if place == "forwarded" else client.heading)(mail)
        heading = "<br>".join(entities.escape(line) for line in head.strip("\n").split("\n"))
        content = _answered(mail, between) if depth == 0 else mail.page
        page = client.dressed(heading, content + page)
    return page


def _answered(mail: Ours, between: list[str]) -> str:
    """The page of our mail with answers behind some of its paragraphs, in red, as Outlook's users write them."""
    ends = list(_paragraph_ends(mail).values())
    page, done = "", 0
    for end, words in zip(ends, between, strict=False):
        page += f'{mail.page[done:end]}<p style="color:#c00000">{entities.escape(words)}</p>'
        done = end
    return page + mail.page[done:]


def _anchors(mail: Ours) -> list[int]:
    """Lines of our text behind which an answer stands, in the middle of the mail."""
    return list(_paragraph_ends(mail))


@lru_cache(maxsize=500)
def _paragraph_ends(mail: Ours) -> dict[int, int]:
    """Of two paragraphs in the middle: the last line in the text → where it ends in the page."""
    found: dict[int, int] = {}
    lines = [" ".join(re.findall(r"\w+", line)) for line in mail.text.split("\n")]
    for match in re.finditer(r"<p\b[^>]*>(.*?)</p>", mail.page, re.DOTALL):
        said = re.findall(r"\w+", entities.unescape(re.sub(r"<[^>]*>", " ", match[1])))
        if len(said) < 8:
            continue
        tail = said[-3:]
        at = [
            number
            for number, (line, before) in enumerate(zip_longest(lines, ["", *lines[:-1]], fillvalue=""))
            if line and f"{before} {line}".endswith(" ".join(tail))
        ]
        if len(at) == 1 and (not found or at[0] > max(found)):
            found[at[0]] = match.end()
    middle = max(0, len(found) // 2 - 1)
    chosen = list(found.items())[middle : middle + 2]
    assert chosen, f"no paragraph of {mail.subject} is found in its page"
    return dict(chosen)
