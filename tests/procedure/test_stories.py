"""The stories of tests/stories: on paper all of them, through the mail servers those that say so."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.procedure import service
from mailbot.tickets import tickets
from mailbot.tickets.work import Work
from tests.mailservers import MailServers
from tests.story import OnPaper, OnServers, Story, load, paths, play

STORIES = [load(path) for path in paths()]
ON_SERVERS = [story for story in STORIES if story.on_servers]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.path.stem)
def test_the_story_goes_as_it_is_told(story: Story, tmp_path: Path) -> None:
    play(story, lambda: OnPaper(tmp_path, story))


@pytest.mark.timeout(600)  # the longest has forty rounds, each of which waits for the mail server
@pytest.mark.parametrize("story", ON_SERVERS, ids=lambda story: story.path.stem)
def test_the_story_goes_the_same_way_through_the_mail_servers(
    story: Story, servers: MailServers, tmp_path: Path
) -> None:
    play(story, lambda: OnServers(servers, tmp_path, story))


@pytest.mark.timeout(600)
def test_the_ticket_that_is_handed_on_is_the_one_in_the_database_after_each_event_of_each_story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out, seen = service._carry_out, set[str]()

    def compared(work: Work) -> None:
        carry_out(work)
        assert work.ticket == tickets.load(work.store, work.ticket.id), work.event.kind
        seen.add(work.event.kind)

    monkeypatch.setattr(service, "_carry_out", compared)
    for number, story in enumerate(STORIES):
        folder = tmp_path / str(number)
        folder.mkdir()
        play(story, partial(OnPaper, folder, story))
    assert len(seen) > 40


def test_the_stories_on_the_servers_tell_every_step_that_can_be_seen_from_outside() -> None:
    told = {step for story in ON_SERVERS for one in story.steps for step in one.then.get("langkah") or []}
    # 5 happens inside LKPP and leaves no trace with us but the steps after it.
    assert told == {*range(1, 15)} - {5}


@pytest.mark.parametrize("command", SPECS)
def test_every_command_is_carried_out_in_a_story_through_the_mail_servers(command: str) -> None:
    assert any(command in story.commands for story in ON_SERVERS)


@pytest.mark.parametrize("command", SPECS)
def test_what_the_receipt_of_every_command_says_is_told_in_such_a_story(command: str) -> None:
    assert any(command in story.receipts for story in ON_SERVERS)


WHOLE = """
judul: Percobaan
langkah:
  - pada: 2026-10-05 09:00
    pengguna menulis: Mohon bantuan
    maka:
      {status: new, surat: {pengguna: [user_acknowledgement], petugas: [staff_new_ticket], rekan: [staff_new_ticket]}}
"""


def _story(tmp_path: Path, text: str) -> Story:
    path = tmp_path / "story.yaml"
    path.write_text(text)
    return load(path)


def test_a_story_that_is_told_right_passes(tmp_path: Path) -> None:
    story = _story(tmp_path, WHOLE)
    play(story, lambda: OnPaper(tmp_path, story))


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("status: new", "status: closed", "status: new, seharusnya closed"),
        (", rekan: [staff_new_ticket]", "", "surat rekan"),
        ("[user_acknowledgement]", "[user_answer]", "surat pengguna"),
        ("{status: new,", "{status: new, langkah: [1],", "langkah: []"),
        ("{status: new,", "{status: new, memuat: {petugas: [tidak tertulis]},", "tidak memuat 'tidak tertulis'"),
        ("{status: new,", "{status: new, tidak memuat: {petugas: [Mohon bantuan]},", "memuat 'Mohon bantuan'"),
        ("{status: new,", "{status: new, lampiran: {petugas: [layar.png]},", "lampiran petugas"),
        ("langkah:\n", "hanya sampai kepada: {bantuan: []}\nlangkah:\n", "'bantuan' sampai kepada petugas"),
        ("langkah:\n", "hanya sampai kepada: {nihil: [petugas]}\nlangkah:\n", "'nihil' tidak sampai kepada petugas"),
    ],
)
def test_a_story_that_is_told_wrong_fails_with_its_line(right: str, wrong: str, complaint: str, tmp_path: Path) -> None:
    story = _story(tmp_path, WHOLE.replace(right, wrong, 1))
    with pytest.raises(AssertionError, match=r"story\.yaml") as failed:
        play(story, lambda: OnPaper(tmp_path, story))
    assert complaint in str(failed.value)


IN_VAIN = """
  - pada: 2026-10-05 09:10
    petugas membalas staff_new_ticket: "#teruskan"
    maka: {status: new, surat: {petugas: [staff_receipt]}}
  - pada: 2026-10-05 09:11
    petugas mengeklik staff_new_ticket: {tautan: "#ambil"}
    maka: {status: in_progress}
"""


@pytest.mark.parametrize(
    ("in_vain", "complaint"),
    [
        ("tidak dilaksanakan: [teruskan]", ""),
        ("", "#forward tidak dilaksanakan"),
        ("tidak dilaksanakan: [teruskan, ambil]", "#take dilaksanakan"),
    ],
)
def test_a_story_s_commands_are_those_that_were_carried_out(in_vain: str, complaint: str, tmp_path: Path) -> None:
    story = _story(tmp_path, WHOLE + IN_VAIN + in_vain)
    assert story.commands == {"forward", "take"} - story.in_vain
    if not complaint:
        play(story, lambda: OnPaper(tmp_path, story))
        return
    with pytest.raises(AssertionError) as failed:
        play(story, lambda: OnPaper(tmp_path, story))
    assert str(failed.value).endswith(complaint)


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("maka:", "mka:", "mka: kunci tidak dikenal"),
        ("pengguna menulis", "penguna menulis", "penguna menulis"),
        ("status:", "statsu:", "statsu: kunci tidak dikenal"),
        ("rekan:", "teman:", "'teman' tidak ada di antara para pihak"),
        ("2026-10-05 09:00", "kemarin", "bukan waktu"),
        ("judul", "jdul", "judul dan langkah harus ada"),
    ],
)
def test_a_slip_in_a_story_is_found_before_it_is_played(right: str, wrong: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        _story(tmp_path, WHOLE.replace(right, wrong))
    assert any(complaint in fault for fault in refused.value.faults)
