"""A link that sends words to a user or LKPP shows exactly these: in its mail, or in the ready reply that it opens.

Every kind of link in every kind of mail that a story sends to the LPSE's people is used where it stands, in a copy
of the office, as it opens and with nothing below its command.
"""

from __future__ import annotations

import contextlib
import html
import io
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot import letters
from mailbot.arrivals.intake import Intake
from mailbot.arrivals.staff.commands import DOINGS
from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.config.site import open_sites
from mailbot.model import Role
from mailbot.parsers.commands import command_lines
from mailbot.procedure.effects import to_staff
from mailbot.store.database import Store
from mailbot.templates.catalogue import MAILS
from tests.story import OnPaper, Play, Story, load, paths
from tests.world import Letter

STORIES = [load(path) for path in paths()]
#: What these send was written before: each such link is used, of all others one of a kind.
SENDS = ("#teruskan", "#data-tambahan", "#perkembangan", "#selesai")
INSIDE = ("petugas", "rekan", "koordinator", "kepala")
#: What goes on in so many words of a person's.
_WORDS = ("text", "summary", "tried")


@dataclass
class Left:
    """What was made for users and LKPP: the template, the words of people in it, and its files."""

    template: str
    words: list[str]
    files: list[str]


def _flat(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def _opened(letter: Letter) -> Iterator[tuple[str, str]]:
    """(subject, body) of each ready reply that a link of the mail opens, if it holds a code and a command."""
    for href in re.findall(r'href="(mailto:[^"]+)"', letter.html):
        fields = parse_qs(urlsplit(html.unescape(href)).query, keep_blank_values=True)
        body = fields["body"][0].replace("\r\n", "\n")
        if "\n#" in body and body.startswith("Kode: "):
            yield fields["subject"][0], body


def _bare(body: str) -> str:
    """A ready reply with nothing below its last command."""
    lines = body.split("\n")
    last = max(number for number, line in enumerate(lines) if command_lines.read(line).commands or line[:1] == "#")
    return "\n".join(lines[: last + 1])


class Copy(OnPaper):
    """An office as it stands, where something can be tried out."""

    def __init__(self, office: OnPaper, folder: Path) -> None:
        shutil.copytree(office.folder, folder)
        self.folder, self.config_file = folder, folder / "config.yaml"
        self.now, self._uid, self._seen = office.now, office._uid + 1000, {}
        self._log, self._listening = io.StringIO(), contextlib.ExitStack()
        self.sites = open_sites(self.config)
        self.store = Store.open(self.config.data)
        self.store._connection.execute("PRAGMA synchronous = OFF")  # nothing dies here

    def handle(self) -> None:
        for site in self.sites:
            Intake(self.store, site, [one.config.ticket_prefix for one in self.sites]).handle_waiting(self.now)

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder)


@dataclass
class Clicks:
    """Uses links, and remembers which kinds the story has used: (template, commands, whether as it opens), and what
    was wrong.
    """

    folder: Path
    made: list[Left] = field(default_factory=list)
    used: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def put(self, _context: Any, letter: letters.Letter) -> None:
        if MAILS[letter.template].audience in (Role.USER, Role.LKPP):
            words = [str(letter.shown[name]) for name in _WORDS if letter.shown.get(name)]
            self.made.append(Left(letter.template, words, [file.name for file in letter.files]))

    def all_of(self, office: OnPaper, story: Story, who: str, letter: Letter) -> None:
        for subject, opened in _opened(letter):
            commands = "+".join(re.findall(r"^#(\S+)", opened, re.MULTILINE))
            for body in dict.fromkeys((opened, _bare(opened))):
                kind = (letter.template, commands, body == opened)
                if not self.used[kind] or any(word in opened for word in SENDS):
                    self.used[kind] += 1
                    self._one(office, story, story.address(who), letter, subject, body)

    def _one(self, office: OnPaper, story: Story, address: str, letter: Letter, subject: str, body: str) -> None:
        mailbox = letter.message["From"].addresses[0].addr_spec
        name = f"<{sum(self.used.values())}@uji.test>"
        head = f"From: {address}\r\nTo: {mailbox}\r\nSubject: {subject}\r\nMessage-ID: {name}"
        kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8"
        text = body.replace("\n", "\r\n")
        there = Copy(office, self.folder / "salinan")
        try:
            self.made.clear()
            there.arrive(f"{head}\r\n{kind}\r\n\r\n{text}".encode(), mailbox, "INBOX")
            there.handle()
            self._judge(story, letter, body)
        finally:
            there.close()

    def _judge(self, story: Story, letter: Letter, body: str) -> None:
        shown = f"{_flat(letter.text)} {_flat(body)}"
        where = f"{story.path.stem}: {letter.template}, {body.partition('#')[2][:60]!r}"
        for left in self.made:
            lines = [line for words in left.words for line in words.split("\n") if line.strip()]
            self.faults += [f"{where} → {left.template}: {line!r}" for line in lines if _flat(line) not in shown]
            self.faults += [f"{where} → {left.template}: file {name}" for name in left.files if name not in shown]


class Clicked(Play):
    """A story in which each link is tried where it stands."""

    def __init__(self, story: Story, office: OnPaper, clicks: Clicks) -> None:
        super().__init__(story, office)
        self.paper, self.clicks = office, clicks

    def _new_letters(self) -> dict[str, list[Letter]]:
        new = super()._new_letters()
        for who in INSIDE:
            for letter in new.get(who, []):
                self.clicks.all_of(self.paper, self.story, who, letter)
        return new


def _played(story: Story, clicks: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    put = letters.put

    def watched(context: Any, letter: letters.Letter) -> None:
        clicks.put(context, letter)
        put(context, letter)

    monkeypatch.setattr(letters, "put", watched)
    folder = clicks.folder / "kantor"
    folder.mkdir()
    office = OnPaper(folder, story)
    try:
        Clicked(story, office, clicks).run()
    finally:
        office.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.path.stem)
def test_whatever_a_link_sends_to_users_or_lkpp_stands_in_its_mail(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicks = Clicks(tmp_path)
    _played(story, clicks, monkeypatch)
    assert not clicks.faults, "\n".join(clicks.faults)


@pytest.mark.timeout(600)
def test_a_link_that_hides_what_it_sends_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        to_staff, "_forwarding", lambda case, recipient, _: [to_staff.link(case, recipient, "#teruskan")]
    )
    monkeypatch.setattr("mailbot.arrivals.staff.commands.DOINGS", {**DOINGS, "forward": Doing()})
    [story] = [story for story in STORIES if story.path.stem.startswith("18_")]
    clicks = Clicks(tmp_path)
    _played(story, clicks, monkeypatch)
    assert clicks.faults
