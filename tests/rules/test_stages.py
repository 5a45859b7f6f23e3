"""Every deadline, stage by stage, on the calendar of December 2026 (tests/stories/tenggat.yaml)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot import yamlfile
from mailbot.letters import worklist
from mailbot.model import Role
from mailbot.procedure import deadlines
from mailbot.rules.sop import table
from mailbot.rules.worktime.listtimes import ListTime
from mailbot.tickets.case import Context
from tests import TESTS
from tests.happenings import Told, office
from tests.world import NAMES, PEOPLE, PaperWorld, letter

#: The sections of a work list in the words of the stories.
_SECTIONS = {
    "late": "terlambat",
    "today": "hari ini",
    "lpse": "menunggu petugas",
    "held": "ditahan",
    "user": "menunggu pengguna",
    "lkpp": "menunggu LKPP",
}
_TIERS = {Role.COORDINATOR: "koordinator", Role.HEAD: "kepala"}
STORIES = yamlfile.read(TESTS / "stories" / "tenggat.yaml").data
TABLE = table.load()


class Days:
    """One office whose days pass; notes what leaves, and which stages fired."""

    def __init__(self, folder: Path, channel: str = "email", **changes: Any) -> None:
        self.world = office(folder, channel, **changes)
        self.told = Told(self.world)

    def round(self) -> dict[str, list[str]]:
        """Deadlines and acceptances of this instant, and the mails that came of it (the operator's aside)."""
        mark = self.told.last_outbox()
        deadlines.run(self.world.store, self.world.site, self.world.now)
        self.told.settle()
        return self.mails(mark)

    def mails(self, mark: int) -> dict[str, list[str]]:
        """What went alone: what the lists hold at any moment, `lists` says."""
        found = self.told.mails_since(mark, lists=False)
        found.pop("operator", None)
        return found

    def lists(self) -> dict[str, list[str]]:
        """Who has the ticket in his list, if one is written now: staff by its section, the others with "ada"."""
        context = Context(self.world.store, self.world.site, self.world.now)
        time = ListTime("opening", self.world.site.local(self.world.now).date(), self.world.now, first=True)
        found = worklist.gather(context, time, None)
        people = {address: [line.section for line in lines] for address, lines in found.lines.items()}
        named = {NAMES[address]: [_SECTIONS[one] for one in sections] for address, sections in people.items()}
        if "petugas" in named and named.get("rekan") == named["petugas"]:
            named = {"semua petugas": named.pop("petugas")} | {k: v for k, v in named.items() if k != "rekan"}
        return named | {_TIERS[tier]: ["ada"] for tier, lines in found.above.items() if lines}

    def pass_until(self, then: datetime) -> None:
        """Rounds every half hour, and a minute before: nothing may leave."""
        while self.world.now + timedelta(minutes=30) < then:
            self.world.now += timedelta(minutes=30)
            assert self.round() == {}, f"at {self.world.site.local(self.world.now)}"
        self.world.now = then - timedelta(minutes=1)
        assert self.round() == {}, f"at {self.world.site.local(self.world.now)}"

    def at(self, when: str, happenings: list[str], *, dead: bool) -> dict[str, list[str]]:
        before = self.world.now
        self.world.at(when)
        then = self.world.now
        if not dead and self.told.number:
            self.world.now = before
            self.pass_until(then)
            self.world.now = then
        mark = self.told.last_outbox()
        for phrase in happenings:
            self.told.happens(phrase)
            self.told.settle()
        self.round()
        return self.mails(mark)


def _wanted(mails: dict[str, Any]) -> dict[str, list[str]]:
    return {who: sorted([names] if isinstance(names, str) else names) for who, names in mails.items()}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["kisah"])
def test_each_stage_fires_on_its_day_and_nothing_else_does(story: dict[str, Any], tmp_path: Path) -> None:
    days = Days(tmp_path, story.get("kanal", "email"), **story.get("ubah", {}))
    for line in story["jalan"]:
        found = days.at(line["pada"], line.get("terjadi", []), dead=line.get("mati", False))
        assert found == _wanted(line["surat"]), line["pada"]
        assert days.lists() == _wanted(line.get("daftar", {})), line["pada"]
    assert days.told.ticket.status.value == story["status"]
    days.world.store.close()


@pytest.mark.timeout(600)
def test_every_stage_of_every_clock_fires_in_some_story(tmp_path: Path) -> None:
    fired: set[str] = set()
    for number, story in enumerate(STORIES):
        days = Days(tmp_path / str(number), story.get("kanal", "email"), **story.get("ubah", {}))
        for line in story["jalan"]:
            days.at(line["pada"], line.get("terjadi", []), dead=True)
        fired |= {row["row"] for row in days.world.rows("SELECT row FROM history WHERE event LIKE 'due.%'")}
        days.world.store.close()
    assert fired == {f"{clock.name}.{stage.id}" for clock in TABLE.clocks.values() for stage in clock.stages}


# --- many tickets at once ---------------------------------------------------------------------------------


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[PaperWorld]:
    world = office(tmp_path)
    yield world
    world.store.close()


def _open(world: PaperWorld, count: int, *happenings: str) -> list[Told]:
    tickets = [Told(world, user=f"budi{number}@penyedia.test") for number in range(count)]
    for told in tickets:
        for phrase in ("pengguna menulis e-mail baru", *happenings):
            told.happens(phrase)
            told.settle()
    return tickets


def _round(world: PaperWorld) -> list[tuple[str, str]]:
    """(template, recipient) of what this instant's deadlines bring about, the operator's mails aside."""
    mark = world.rows("SELECT max(id) AS n FROM outbox")[0]["n"]
    deadlines.run(world.store, world.site, world.now)
    rows = world.rows("SELECT template, recipient FROM outbox WHERE id > ? ORDER BY template, recipient", mark)
    return [(row["template"], row["recipient"]) for row in rows if row["recipient"] != PEOPLE["operator"]]


def _text(world: PaperWorld, template: str) -> str:
    return letter(world.sent("template = ?", template)[-1]["raw"]).text


def _alone(world: PaperWorld) -> list[tuple[str, str]]:
    """The same without what goes to users and LKPP."""
    return [(name, who) for name, who in _round(world) if name.startswith(("staff_", "coordinator_", "head_"))]


def test_ten_reminders_in_one_pass_are_ten_mails_a_person(paper: PaperWorld) -> None:
    paper.at("2026-12-21 09:00")
    _open(paper, 10, "#prioritas 2")
    paper.at("2026-12-21 10:00")
    both = [PEOPLE["petugas"], PEOPLE["rekan"]]
    assert sorted(_alone(paper)) == sorted(("staff_reminder", who) for who in both for _ in range(10))


def test_more_than_ten_reminders_in_one_pass_are_one_digest_a_person(paper: PaperWorld) -> None:
    paper.at("2026-12-21 09:00")
    tickets = _open(paper, 11, "#prioritas 2")
    paper.at("2026-12-21 10:00")
    assert _alone(paper) == [("staff_digest", PEOPLE["rekan"]), ("staff_digest", PEOPLE["petugas"])]
    assert all(told.number in _text(paper, "staff_digest") for told in tickets)
    assert _alone(paper) == []


def test_a_digest_replaces_no_mail_to_users_or_lkpp_and_is_one_mail_for_the_coordinator(paper: PaperWorld) -> None:
    paper.at("2026-12-21 09:00")
    tickets = _open(paper, 11, "#prioritas 2", "#eskalasi")
    paper.at("2026-12-23 09:00")
    first = _round(paper)
    assert [name for name, _ in first].count("lkpp_status_enquiry") == 11
    assert {who for name, who in first if name == "user_progress"} == {told.user for told in tickets}
    assert [name for name, _ in first].count("staff_digest") == 2
    assert "coordinator_overdue" not in {name for name, _ in first}
    paper.at("2026-12-28 09:00")
    second = _round(paper)
    assert [who for name, who in second if name == "coordinator_overdue"] == [PEOPLE["koordinator"]]
    assert all(told.number in _text(paper, "coordinator_overdue") for told in tickets)
    assert not any(name == "staff_reminder" for name, _ in second)


def test_what_stands_in_the_lists_makes_no_mail_however_much_it_is(paper: PaperWorld) -> None:
    paper.at("2026-12-21 09:00")
    _open(paper, 11, "#minta-data", "e-mail kepada pengguna tidak sampai")
    paper.at("2026-12-28 09:00")
    assert _alone(paper) == []


def test_the_coordinator_gets_one_mail_a_day_for_all_overdue_enquiries(paper: PaperWorld) -> None:
    paper.at("2026-12-21 09:00")
    early = _open(paper, 1, "#eskalasi")[0]
    paper.at("2026-12-21 11:00")
    late = _open(paper, 1, "#eskalasi")[0]
    for when in ("2026-12-23 09:00", "2026-12-23 11:00", "2026-12-28 09:00", "2026-12-28 11:00"):
        paper.at(when)
        found = _round(paper)
        assert not any(name == "coordinator_overdue" for name, _ in found)
        assert ("lkpp_status_enquiry", PEOPLE["lkpp"]) in found
    paper.at("2026-12-29 07:30")
    assert [name for name, _ in _round(paper)].count("coordinator_overdue") == 1
    report = _text(paper, "coordinator_overdue")
    assert early.number in report and late.number in report
    paper.at("2026-12-29 09:00")
    assert not any(name == "coordinator_overdue" for name, _ in _round(paper)), "a second report on one day"


def test_a_reminder_before_the_limit_names_the_limit_and_not_its_own_time(paper: PaperWorld) -> None:
    paper.at("2026-12-21 08:45")
    _open(paper, 1, "#ambil")
    paper.at("2026-12-21 11:45")
    assert {name for name, _ in _round(paper)} == {"staff_reminder"}
    assert "Batas: Senin, 21 Desember 2026 pukul 13.45 WIB" in " ".join(_text(paper, "staff_reminder").split())


def test_nothing_fires_outside_service_hours(paper: PaperWorld) -> None:
    paper.at("2026-12-21 09:00")
    _open(paper, 1, "#eskalasi")
    for when in ("2026-12-23 16:01", "2026-12-24 09:00", "2026-12-25 09:00", "2026-12-26 10:00", "2026-12-28 07:29"):
        paper.at(when)
        assert _round(paper) == [], when
    paper.at("2026-12-28 07:30")
    assert [name for name, _ in _round(paper)] == ["lkpp_status_enquiry", "staff_worklist", "user_progress"]


def test_a_user_reminded_late_reads_a_day_of_closing_that_lies_ahead(paper: PaperWorld) -> None:
    paper.at("2026-12-21 09:00")
    _open(paper, 1, "#minta-data")
    paper.at("2027-01-11 08:00")
    assert [name for name, _ in _round(paper)] == ["coordinator_report", "head_report", "user_reminder"]
    assert "18 Januari 2027" in _text(paper, "user_reminder")
