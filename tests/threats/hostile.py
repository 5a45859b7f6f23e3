"""Hostile mails as bytes, and what can be seen of an office from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from tests.steps import BORDER
from tests.world import LPSE, PEOPLE, Letter, PaperWorld, letter

CANARY = "KENARI"
EVIL = PEOPLE["orang luar"]
SARI = PEOPLE["petugas"]
BUDI = PEOPLE["pengguna"]
#: Who is not of the LPSE: what reaches them has left the house.
OUTSIDE = ("pengguna", "lkpp", "orang luar")

_serial = count()


def header(name: str, value: str | bytes) -> bytes:
    return name.encode() + b": " + (value.encode() if isinstance(value, str) else value)


def raw(
    *lines: str | bytes,
    sender: str | bytes | None = EVIL,
    subject: str | bytes = "Mohon bantuan",
    text: str | bytes = "Mohon bantuan.\r\n",
    answers: Letter | None = None,
    to: str = LPSE,
) -> bytes:
    """A mail. `lines`: header lines as they are, above all others; sender None: no From but among them."""
    head = [line.encode() if isinstance(line, str) else line for line in lines]
    if sender is not None:
        head.append(header("From", sender))
    head += [header("To", to), header("Subject", subject), b"Date: Mon, 21 Dec 2026 08:00:00 +0700"]
    if not any(line.lower().startswith(b"message-id:") for line in head):
        head.append(b"Message-ID: <serangan-%d@luar.test>" % next(_serial))
    if answers is not None:
        head += [header("In-Reply-To", answers.message_id), header("References", answers.message_id)]
    return b"\r\n".join([*head, b"", text.encode() if isinstance(text, str) else text])


def parts(*written: tuple[str, str | bytes], boundary: str = "X") -> bytes:
    """A multipart's body: (header lines of a part, its content)."""
    body = b""
    for head, content in written:
        data = content.encode() if isinstance(content, str) else content
        body += b"--" + boundary.encode() + b"\r\n" + head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + data + b"\r\n"
    return body + b"--" + boundary.encode() + b"--\r\n"


MIXED = ("MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=X")


def says(verdict: str, domain: str) -> str:
    """Results of our own border server."""
    return f"Authentication-Results: {BORDER}; dmarc={verdict} header.from={domain}"


@dataclass(frozen=True)
class Seen:
    """What an attacker could have changed: the tickets, what was recorded of them, and what left the house."""

    tickets: tuple[tuple[Any, ...], ...]
    words: tuple[tuple[Any, ...], ...]
    outside: tuple[tuple[str, str], ...]


def seen(office: PaperWorld, numbers: Sequence[str] = ()) -> Seen:
    """Of all tickets, or of these; `outside`: every mail to a user of these tickets or to LKPP, held ones too."""
    which = f" WHERE t.number IN ({', '.join('?' for _ in numbers)})" if numbers else ""
    joined = "FROM {} x JOIN tickets t ON t.id = x.ticket_id" + which
    return Seen(
        tuple(tuple(row.values()) for row in map(dict, office.rows(f"SELECT t.* FROM tickets t{which}", *numbers))),
        tuple(
            tuple(dict(row).values())
            for table, columns in (("texts", "x.kind, x.address, x.body"), ("parties", "x.address, x.role"))
            for row in office.rows(f"SELECT t.number, {columns} {joined.format(table)}", *numbers)
        ),
        tuple(
            (str(row["recipient"]), str(row["template"]))
            for row in office.rows(f"SELECT x.recipient, x.template {joined.format('outbox')}", *numbers)
            if row["recipient"] not in (SARI, PEOPLE["rekan"], PEOPLE["koordinator"], PEOPLE["kepala"])
        ),
    )


def arrive(office: PaperWorld, mails: Iterable[bytes]) -> None:
    """All of them come in, and then the undo window passes."""
    for mail in mails:
        office.drop(mail)
    office.once()
    office.now += timedelta(minutes=10)
    office.once()


def written(office: PaperWorld, where: str = "1 = 1", *values: Any) -> list[Letter]:
    """Every mail that was made, whether it has left, waits or is held."""
    return [letter(row["raw"]) for row in office.sent(where, *values)]


def says_canary(found: Iterable[Letter], word: str = CANARY) -> list[str]:
    """The mails that hold a word somewhere: in a header, a text, a file's name or a file."""
    return [
        f"{one.template} to {one.message['To']}"
        for one in found
        if word.lower() in f"{one.subject} {one.text} {one.html} {one.message.items()} {one.attachments}".lower()
        or word.encode() in one.raw
    ]


def to_outside(office: PaperWorld) -> list[Letter]:
    people = [PEOPLE[who] for who in OUTSIDE]
    return written(office, f"recipient IN ({', '.join('?' for _ in people)})", *people)


def recipients(office: PaperWorld) -> set[str]:
    return {str(row["recipient"]) for row in office.rows("SELECT recipient FROM outbox")}


def states(office: PaperWorld) -> list[str]:
    """What became of each mail that came in."""
    return [str(row["state"]) for row in office.rows("SELECT state FROM journal ORDER BY id")]


def ticket(office: PaperWorld, number: str) -> dict[str, Any]:
    return dict(office.rows("SELECT * FROM tickets WHERE number = ?", number)[0])
