"""The stories of tests/stories: on paper all of them, through the mail servers those that say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from tests.servers import MailServers
from tests.story import OnPaper, OnServers, Story, load, paths, play

STORIES = [load(path) for path in paths()]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.path.stem)
def test_the_story_goes_as_it_is_told(story: Story, tmp_path: Path) -> None:
    play(story, lambda: OnPaper(tmp_path, story))


@pytest.mark.parametrize("story", [story for story in STORIES if story.on_servers], ids=lambda story: story.path.stem)
def test_the_story_goes_the_same_way_through_the_mail_servers(
    story: Story, servers: MailServers, tmp_path: Path
) -> None:
    play(story, lambda: OnServers(servers, tmp_path, story))


def test_the_history_of_the_stories_tells_every_step_that_can_be_seen_from_outside() -> None:
    told = {step for story in STORIES for one in story.steps for step in one.then.get("langkah") or []}
    # 5 and 11 happen inside LKPP and leave no trace with us but the steps after them.
    assert {1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14} <= told


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
