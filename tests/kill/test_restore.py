"""Backup, run on, put the old backup back, run on: from every moment of a busy morning. What is counted lies in the
parties' mailboxes."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.store import backup
from mailbot.store.database import Store
from mailbot.store.restored import NOTICE
from tests.mailservers import MailServers
from tests.world import NO_CAPS, Letter, World

pytestmark = [pytest.mark.mailservers, pytest.mark.timeout(300)]

_BEGINNING = " ".join(NOTICE.split()[:6])
_USERS = 8


def _user(n: int) -> str:
    return f"u{n}@penyedia.test"


def _says_so(one: Letter) -> bool:
    return _BEGINNING in " ".join(one.text.split())


def _title(one: Letter) -> str:
    found = re.search(r"Hal \d+\.\d+", one.subject)
    return found[0] if found else ""


def _step(world: World, chance: random.Random, turn: int, n: int) -> None:
    """One user more writes, staff escalate or answer an earlier matter, LKPP answers one; any of these may be left."""
    world.write(_user(n), "Mohon bantuan.", subject=f"Hal {turn}.{n}", sender=f"U <{_user(n)}>")
    notices = [one for one in world.letters("petugas") if one.template == "staff_new_ticket"]
    if notices and chance.random() < 0.7:
        words = chance.choice(["#eskalasi\nPengguna tidak bisa masuk.", "Silakan coba lagi besok pagi."])
        world.write("petugas", words, answers=chance.choice(notices))
    escalations = [one for one in world.letters("lkpp") if one.template == "lkpp_escalation"]
    if escalations and chance.random() < 0.5:
        world.write("lkpp", "Mohon dilengkapi tangkapan layar.", answers=chance.choice(escalations))
    if chance.random() < 0.7:  # otherwise the next round finds two steps
        world.once()
    world.now += timedelta(minutes=6)


def _restore_once(servers: MailServers, folder: Path, turn: int) -> dict[str, int]:
    chance = random.Random(turn)
    servers.wipe()
    folder.mkdir()
    world = World(servers, folder, limits=NO_CAPS)
    world.at("2026-12-21 09:00")
    made = chance.randrange(_USERS - 2)
    put_back = chance.randrange(made + 1, _USERS)
    file = folder / "backup.tar"
    for n in range(_USERS):
        _step(world, chance, turn, n)
        if n == made:
            with closing(Store.open(world.config.data)) as store:
                backup.make(store, file, world.now)
        if n == put_back:
            if turn % 2:  # another machine: the old database cannot tell which numbers were given
                for path in world.config.data.glob("mailbot.sqlite*"):
                    path.unlink()
            backup.restore(world.config.data, ["batang"], file, world.now)
            world.once()  # at the same moment: in a rehearsal a mail arrives when it is fetched
            world.now += timedelta(minutes=1)
    for _ in range(2):
        world.once()
        world.now += timedelta(minutes=6)
    return _audit(world, turn)


def _audit(world: World, turn: int) -> dict[str, int]:
    titles = sorted(str(row["subject"]) for row in world.rows("SELECT subject FROM tickets"))
    assert titles == sorted(f"Hal {turn}.{n}" for n in range(_USERS)), f"lost, or twice: {titles}"
    matters: dict[str, set[str]] = defaultdict(set)
    counted = {"repeated acknowledgements": 0, "copies": 0, "held for LKPP": 0}
    for n in range(_USERS):
        acknowledgements = [one for one in world.letters(_user(n)) if one.template == "user_acknowledgement"]
        assert acknowledgements, f"{_user(n)} was never answered"
        for one in acknowledgements:
            matters[str(one.message["X-Mailbot-Ticket"])].add(_user(n))
        different = {one.message_id: one for one in acknowledgements}
        counted["copies"] += len(acknowledgements) - len(different)
        assert len(different) <= 2
        for one in list(different.values())[1:]:
            assert _says_so(one), "a repetition that does not say so"
            counted["repeated acknowledgements"] += 1
    given_twice = {number: who for number, who in matters.items() if len(who) > 1}
    assert not given_twice, f"one number, two matters: {given_twice}"
    told = defaultdict(set)
    for one in world.letters("lkpp"):
        if one.template == "lkpp_escalation":
            told[_title(one)].add(one.message_id)
    assert all(len(ids) == 1 for ids in told.values()), f"LKPP was told twice: {dict(told)}"
    counted["held for LKPP"] = len(world.rows("SELECT 1 FROM outbox WHERE held_by = 'restored' AND held = 1"))
    assert any("dipulihkan dari cadangan" in one.text for one in world.letters("operator"))
    return counted


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_twenty_restores_lose_nothing_and_give_no_number_twice(servers: MailServers, tmp_path: Path) -> None:
    total: dict[str, int] = defaultdict(int)
    for turn in range(20):
        for what, n in _restore_once(servers, tmp_path / str(turn), turn).items():
            total[what] += n
    print(f"20 restores, {20 * _USERS} mails of users: 0 lost, 0 numbers given twice, {dict(total)}")
