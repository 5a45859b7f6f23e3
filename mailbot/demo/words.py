"""The words in which the play is told, on the screen and in plain lines alike. Text from mails comes out on one line,
without control characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.clean import one_line
from mailbot.demo import letters, record
from mailbot.demo.excerpt import excerpt
from mailbot.demo.record import Record, Shown
from mailbot.sentences import filled

SAID: Mapping[str, Any] = yamlfile.read(Path(__file__).with_name("words.yaml")).data
_LINES = 6
_TAG = re.compile(r"\[[^\[\]]*\d{6}\] ?")
#: The mail that is about its fields: the numbers of the ticket.
_NUMBERS = "user_acknowledgement"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the conversation shows it."""

    way: str  # "Budi Santoso (Pengguna SPSE) → LPSE"
    subject: str  # without the tag of the ticket
    lines: tuple[str, ...]
    files: str  # "layar.png", "" without any


def title(organisation: str) -> str:
    return str(filled(SAID["title"], organisation=organisation))


def time(shown: Shown) -> str:
    """As "09.05 WIB"."""
    return f"{shown.at:%H.%M} {shown.at.tzname()}"


def heading(shown: Shown) -> str:
    """What happens, with the SOP's step where there is one."""
    steps = filled(SAID["steps"], steps=" dan ".join(shown.step)) if shown.step else ""
    return one_line(steps + shown.title)


def answer(shown: Shown) -> str:
    """What a step inside LKPP comes to."""
    return one_line(f"{shown.branch}. {shown.text}" if shown.branch else shown.text)


def is_notice(shown: Shown) -> bool:
    """A mail of the program to the LPSE's own people, which tells them what the conversation shows anyway."""
    return shown.sender == record.MAILBOT and shown.recipient not in (record.USER, record.LKPP)


def letter(shown: Shown, width: int) -> Letter:
    """`width`: of its lines."""
    mail = letters.read(shown.raw or b"")
    names = (parseaddr(str(mail.message[header] or ""))[0] for header in ("From", "To"))
    writer, reader = (_person(name, word) for name, word in zip(names, (shown.sender, shown.recipient), strict=True))
    return Letter(
        way=one_line(f"{writer} → {reader}"),
        subject=one_line(_TAG.sub("", mail.subject)),
        lines=tuple(map(one_line, excerpt(shown.text, width, _LINES, fields=mail.template == _NUMBERS))),
        files=one_line(", ".join(str(part.get_filename()) for part in mail.message.iter_attachments())),
    )


def _person(name: str, word: str) -> str:
    if word == record.MAILBOT:
        return "LPSE"
    return word if name == word else f"{name} ({word})"


# --- the end -----------------------------------------------------------------------------------------


def steps_shown(played: Record) -> Iterator[tuple[str, str, str]]:
    """(step, its short name, where it was shown) for every step of the paper, for a question once for each answer."""
    for step in played.sop:
        for branch in ("Ya", "Tidak") if step.decision else ("",):
            name = SAID["names"].get(step.no, step.activity)
            yield step.no, one_line(f"{name} {branch}" if branch else name), where(played.shown, step.no, branch)


def where(shown: Iterable[Shown], step: str, branch: str = "") -> str:
    """Where a step (with that answer) was shown: the numbers of its mails, or its day; "" if it never was."""
    found = [one for one in shown if step in one.step and (not branch or one.branch == branch)]
    mails = [str(int(one.file.removeprefix("surat/").partition("-")[0])) for one in found if one.file]
    if mails:
        return str(filled(SAID["mails"], numbers=", ".join(mails)))
    return ", ".join(dict.fromkeys(f"{one.at:%d/%m %H.%M}" for one in found))


def left_behind(played: Record) -> tuple[tuple[str, str], ...]:
    """(name in the demo's folder, what it is)."""
    mails = sum(shown.kind == "mail" for shown in played.shown)
    return tuple((name, filled(what, mails=mails)) for name, what in SAID["left"].items())
