"""An office whose state can be put back in a moment, and whose parties' mailboxes are counted."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.kill.loaded import Ended, Loaded
from tests.mailservers.real import RealServers
from tests.world import LPSE, NAMES, NO_CAPS, PEOPLE, Letter, World, letter

#: What somebody is told: who, by which kind of mail, about which matter.
Fact = tuple[str, str, str]

_TAG = re.compile(r"\[(LPSE-BTG-\d{4}-\d{6})]")
_TITLE = re.compile(r"Perkara \d{4}")
_UNREADABLE = re.compile(rb"Subject: (berlapis \d{4})")
#: Mails about many matters, each of which counts: reminders that would have been mails of their own; work lists.
_COLLECTED = {"staff_digest": "staff_reminder", "staff_worklist": "staff_worklist"}


class Site(World):
    """One office on real servers. Each round is a process, made by `loaded`."""

    def __init__(self, servers: RealServers, folder: Path, loaded: Loaded, **changes: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.loaded, self.real, self.saved = loaded, servers, folder / "saved"
        #: What lay in the mailboxes before.
        self.before: set[str] = set()
        self.users: list[str] = []
        super().__init__(servers, folder, limits=NO_CAPS, **changes)

    # --- rounds ---------------------------------------------------------------------------------------

    def once(self) -> bool:
        ended = self.round()
        assert ended.code == 0, ended
        self.servers.settle()
        return True

    def round(self, **how: Any) -> Ended:
        """Any round, however it ends."""
        arguments = ["-c", str(self.config_file), "once", "--now", self.now.isoformat()]
        return self.loaded.round(arguments, **how)

    def recover(self, rounds: int = 8) -> tuple[int, float]:
        """Rounds that nothing disturbs until one has nothing left to do; how many, and what the last one took.

        Five minutes lie between them, so that what is tried again after a pause is tried.
        """
        for number in range(1, rounds + 1):
            ended = self.round()
            self.servers.settle()
            if ended.code == 0:
                return number, ended.seconds
            self.now += timedelta(minutes=5)
        raise AssertionError(f"{rounds} rounds were not enough: {ended}")

    # --- its state ----------------------------------------------------------------------------------------

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def save(self) -> None:
        """From here each run begins."""
        self.servers.settle()
        shutil.rmtree(self.saved, ignore_errors=True)
        self.saved.mkdir()
        self.real.save(self.saved / "mail")
        subprocess.run(["cp", "-a", self.data, self.saved / "data"], check=True)
        self.before = {one.message_id for _, one in self._letters()}

    def restore(self) -> None:
        self.servers.settle()
        self.real.restore(self.saved / "mail")
        shutil.rmtree(self.data)
        subprocess.run(["cp", "-a", self.saved / "data", self.data], check=True)

    # --- what the parties have ---------------------------------------------------------------------------

    def letters(self, who: str) -> list[Letter]:
        return [letter(raw) for raw in self.real.found(PEOPLE.get(who, who))]

    def _letters(self) -> list[tuple[str, Letter]]:
        everyone = [*PEOPLE.values(), *self.users]
        return [(who, one) for who in everyone for one in self.letters(who)]

    def about(self, who: str, template: str, title: str) -> Letter:
        """The one mail of that kind about that matter."""
        (found,) = (one for one in self.letters(who) if one.template == template and title in one.subject)
        return found

    def audit(self, owed: Counter[Fact], *, allowed: Iterable[str] = ()) -> int:
        """Of what came since `save`: nothing is missing, and nothing is there twice but the very same mail.

        allowed: kinds that may come besides. Returns the number of such copies.
        """
        letters = self._letters()
        tickets: dict[str, str] = {}
        of_matter: dict[str, str] = {}
        for _, one in letters:
            tag, title = _TAG.search(one.subject), _TITLE.search(one.subject)
            if tag and title:
                assert tickets.setdefault(tag[1], title[0]) == title[0], f"{tag[1]} is two matters"
                assert of_matter.setdefault(title[0], tag[1]) == tag[1], f"{title[0]} is two tickets"
        mails: dict[str, list[Fact]] = {}
        texts: dict[str, str] = {}
        copies = 0
        for address, one in letters:
            if one.message_id in self.before:
                continue
            tag = _TAG.search(one.subject)
            facts = [(NAMES.get(address, address), *told) for told in _told(one, tickets[tag[1]] if tag else "")]
            text = one.raw[one.raw.index(b"\nFrom: ") :].decode()
            copies += one.message_id in mails
            assert mails.setdefault(one.message_id, facts) == facts, f"{one.message_id} is two mails"
            assert texts.setdefault(one.message_id, text) == text, f"copies of {one.message_id} differ"
        found = Counter(fact for facts in mails.values() for fact in facts if fact[1] not in set(allowed))
        assert found == owed, f"missing: {owed - found}; too many: {found - owed}"
        marked = self.servers.flags(LPSE).values()
        assert all("$Mailbot" in flags for flags in marked), "a mail is not marked as done"
        return copies


def _told(one: Letter, matter: str) -> list[tuple[str, str]]:
    """What this mail tells: (kind, matter). matter: of its ticket; acknowledgements do not repeat their subject."""
    if one.template in _COLLECTED:
        return [(_COLLECTED[one.template], title) for title in _TITLE.findall(one.text)]
    if one.template == "staff_quarantine":
        (unread,) = {found.decode() for _, data in one.attachments for found in _UNREADABLE.findall(data)}
        return [(one.template, unread)]
    return [(one.template, matter)]
