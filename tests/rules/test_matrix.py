"""A story for every cell of the matrix status × event (tests/stories/matrix): written from the procedure, not from
the table, and carried out by real mails through the real parsers, rules and templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from mailbot import yamlfile
from mailbot.rules.sop import table
from mailbot.rules.sop.names import REFUSALS
from mailbot.store.database import to_text
from tests import TESTS
from tests.happenings import APPROVED, Told, event_of, office
from tests.world import PaperWorld, letter

STORIES = TESTS / "stories" / "matrix"
TABLE = table.load()
CHANNELS = ("email", "lpse-support", APPROVED)
DAYS = (7, 8, 9, 10, 11, 14, 15, 16, 17, 18)  # working days of December 2026


@dataclass(frozen=True)
class Story:
    """One line of a story file."""

    file: str
    line: int
    status: str
    channel: str
    before: tuple[str, ...]
    happens: str
    then: Mapping[str, Any] = field(hash=False)

    @property
    def cell(self) -> tuple[str, str]:
        if self.channel == APPROVED and self.happens == "#eskalasi":
            return self.status, "staff.ask_approval"
        return self.status, event_of(self.happens)


def stories() -> Iterator[Story]:
    for path in sorted(STORIES.glob("*.yaml")):
        found = yamlfile.read(path)
        data = found.data
        for index, one in enumerate(data["kisah"]):
            assert set(one) <= {"bila", "sesudah", "kanal", "maka"}, (path.name, one)
            assert set(one["maka"]) <= {"status", "surat", "ditolak", "jam", "tautan", "tempel", "batal", "isi"}, one
            yield Story(
                file=path.name,
                line=found.line("kisah", index),
                status=data["dalam"],
                channel=one.get("kanal", "email"),
                before=tuple(one.get("sesudah", data["sesudah"])),
                happens=one["bila"],
                then=one["maka"],
            )


STORY_LIST = tuple(stories())


@dataclass(frozen=True)
class Outcome:
    """What came of a story."""

    before: str
    after: str
    now: str
    mails: Mapping[str, list[str]]
    words: Mapping[str, str]  # party → all that was written to it
    receipts: list[str]
    links: str
    cancelled: list[str]
    clocks_before: Mapping[str, tuple[str, str]]
    clocks: Mapping[str, tuple[str, str]]
    decided: list[tuple[str, str, str]]


class Teller:
    """Carries each story out, once for all tests of this module, with a ticket of its own in a shared office."""

    def __init__(self, offices: Mapping[str, PaperWorld]) -> None:
        self.offices = offices
        self.known: dict[tuple[str, int], Outcome] = {}

    def tell(self, story: Story) -> Outcome:
        key = (story.file, story.line)
        if key not in self.known:
            self.known[key] = self._tell(story)
        return self.known[key]

    def _tell(self, story: Story) -> Outcome:
        world = self.offices[story.channel]
        number = STORY_LIST.index(story)
        # no more stories in an hour than there may be escalations without a confirmation code
        day, minute = divmod(number * 4, 240)
        world.at(f"2026-12-{DAYS[day]:02} {8 + minute // 60:02}:{minute % 60:02}")
        told = Told(world, user=f"budi{number}@penyedia.test")
        for phrase in story.before:
            told.happens(phrase)
            if not phrase.startswith("lewat "):
                told.later()
            told.settle()
        status = told.ticket.status.value if told.number else "none"
        clocks = told.clocks() if told.number else {}
        mark = told.last_outbox()
        told.decided.clear()
        told.happens(story.happens)
        to_staff = world.sent("id > ? AND party = 'staff'", mark)
        cancelled = world.rows(
            "SELECT template FROM outbox WHERE ticket_id = ? AND state = 'cancelled'", told.ticket.id
        )
        return Outcome(
            before=status,
            after=told.ticket.status.value,
            now=to_text(world.now),
            mails=told.mails_since(mark),
            words=told.words_since(mark),
            receipts=[letter(row["raw"]).text for row in to_staff if row["template"] == "staff_receipt"],
            links="".join(letter(row["raw"]).html for row in to_staff),
            cancelled=[row["template"] for row in cancelled],
            clocks_before=clocks,
            clocks=told.clocks(),
            decided=list(told.decided),
        )


@pytest.fixture(scope="module")
def teller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    offices = {channel: office(tmp_path_factory.mktemp(channel), channel) for channel in CHANNELS}
    yield Teller(offices)
    for world in offices.values():
        world.store.close()


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


@pytest.mark.parametrize("story", STORY_LIST, ids=lambda story: f"{story.status}-{story.happens}-{story.line}")
def test_mailbot_does_what_the_story_says(teller: Teller, story: Story) -> None:
    found = teller.tell(story)
    assert found.before == story.status, "the story does not begin in its status"
    assert found.decided and found.decided[0][:2] == story.cell, "the story's last happening is not its event"
    assert found.after == story.then.get("status", story.status)
    _check_mails(found, story)
    _check_clocks(found, story.then.get("jam"))
    if story.happens.startswith("#"):
        _check_receipt(found, story)


def _check_mails(found: Outcome, story: Story) -> None:
    expected = {who: sorted(_listed(names)) for who, names in story.then.get("surat", {}).items()}
    assert found.mails == expected
    assert found.cancelled == _listed(story.then.get("batal"))
    for who, words in story.then.get("isi", {}).items():
        assert words in found.words[who]
    for command in _listed(story.then.get("tautan")):
        assert command in found.links


def _check_clocks(found: Outcome, wanted: Mapping[str, Any] | None) -> None:
    before, after = found.clocks_before, found.clocks
    if wanted is None:
        assert after == before
        return
    named = {kind: _listed(names) for kind, names in wanted.items()}
    assert set(named) <= {"baru", "tetap", "digeser", "kembali"}
    assert set(after) == {name for names in named.values() for name in names}
    for name in named.get("baru", []):
        assert after[name][0] == found.now, f"{name} does not start with this event"
    for name in named.get("tetap", []):
        assert after[name] == before[name], f"{name} does not go on as it was"
    for name in named.get("digeser", []):
        assert after[name][0] == before[name][0]
        assert after[name][1] != before[name][1], f"{name} keeps its due date"
    for name in named.get("kembali", []):
        assert after[name][0] < found.now, f"{name} does not stand as before the command"


def _check_receipt(found: Outcome, story: Story) -> None:
    assert len(found.receipts) == 1, "every staff mail gets its receipt"
    receipt = " ".join(found.receipts[0].split())
    reason = story.then.get("ditolak")
    if reason is None:
        assert "tidak dilaksanakan" not in receipt
    else:
        assert REFUSALS[reason].said in receipt
        assert "tidak dilaksanakan" in receipt
    assert story.then.get("tempel", "") in receipt


def test_every_cell_of_the_matrix_has_its_story() -> None:
    assert {story.cell for story in STORY_LIST} == set(TABLE.cells)


@pytest.mark.timeout(600)  # alone it tells all stories, which else were told before
def test_every_row_of_the_table_is_told_of(teller: Teller) -> None:
    hit = {row for story in STORY_LIST for _, _, row in teller.tell(story).decided}
    assert {row.id for row in TABLE.rows} - hit == set()


def test_every_refusal_has_its_story() -> None:
    told = {story.then["ditolak"] for story in STORY_LIST if "ditolak" in story.then}
    assert told == set(REFUSALS)
