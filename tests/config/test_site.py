"""What the mailboxes of one configuration have in common in memory."""

from __future__ import annotations

import dataclasses
import tracemalloc
from functools import cache
from pathlib import Path

import pytest
import yaml

from bench.fleet import fleet
from mailbot import yamlfile
from mailbot.config import settings
from mailbot.config.site import Site, open_sites
from mailbot.errors import ConfigError
from mailbot.rules import FOLDER, user_phrases
from mailbot.rules.lkpp import classify

#: What belongs to each mailbox alone.
_OWN = {"config", "calendar", "alarms"}


@pytest.mark.parametrize(
    "name",
    [
        field.name.removeprefix("read_")
        for field in dataclasses.fields(Site)
        if field.name not in {*_OWN, "renderer", "data"}
    ],
)
def test_mailboxes_with_the_same_rules_share_them_also_after_a_reload(tmp_path: Path, name: str) -> None:
    """Read anew for each mailbox, they once took ten megabytes and 40 ms of each."""
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(fleet(2, 10143, 10025, tmp_path)))
    config = settings.load(path)
    first, second = (getattr(site, name) for site in open_sites(config))
    assert first is second
    assert getattr(open_sites(settings.load(path))[0], name) is first


@pytest.fixture
def config(tmp_path: Path) -> settings.Config:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(fleet(1, 10143, 10025, tmp_path)))
    return settings.load(path)


def test_our_phrases_are_those_of_their_files(config: settings.Config) -> None:
    [site] = open_sites(config)
    assert site.lkpp_phrases is classify.load_phrases()
    assert site.user_phrases is user_phrases.load_user_phrases()
    assert site.faults_of_phrases() == []


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> dict[Path, bytes]:
    """What stands in files of ours, instead of what they hold."""
    said: dict[Path, bytes] = {}
    content = yamlfile.content
    monkeypatch.setattr(yamlfile, "content", lambda path: said[path] if path in said else content(path))
    monkeypatch.setattr(yamlfile, "_rules", cache(yamlfile._rules.__wrapped__))
    return said


def test_our_phrases_are_read_when_they_are_first_asked_for_as_they_stood_at_the_start(
    config: settings.Config, ours: dict[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    parse = yamlfile.parse

    def counted(path: Path, *given: object) -> yamlfile.Document:
        read.append(path.name)
        return parse(path, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(yamlfile, "parse", counted)
    [site] = open_sites(config)
    assert not {"lkpp_replies.yaml", "user_replies.yaml"} & set(read)
    for name in ("lkpp_replies.yaml", "user_replies.yaml"):
        ours[FOLDER / name] = b"of a later program\n"
    for _ in range(2):
        assert site.lkpp_phrases.rules and site.user_phrases.lists["thanks"]
    assert [name for name in read if name in ("lkpp_replies.yaml", "user_replies.yaml")] == [
        "lkpp_replies.yaml",
        "user_replies.yaml",
    ]


def test_mailboxes_that_share_a_file_of_rules_keep_its_bytes_once(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(fleet(300, 10143, 10025, tmp_path)))
    config = settings.load(path)
    tracemalloc.start()
    try:
        sites = open_sites(config)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(sites) == 300
    assert kept / 300 < 20_000, "bytes for each mailbox; its rules alone have 200 KB"


def test_faults_of_our_phrases_are_told_to_who_looks_for_them(config: settings.Config, ours: dict[Path, bytes]) -> None:
    ours[FOLDER / "lkpp_replies.yaml"] = b"seets: {}\n"
    [site] = open_sites(config)
    assert any("lkpp_replies.yaml:1: seets: unknown key" in line for line in site.faults_of_phrases())


@pytest.mark.parametrize("name", ["lkpp_replies.yaml", "user_replies.yaml"])
def test_faults_of_a_sites_own_phrases_are_told_at_the_start(tmp_path: Path, name: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / name).write_text("seets: {}\n", encoding="utf-8")
    written = fleet(1, 10143, 10025, tmp_path)
    written["mailboxes"][0]["rules"] = str(own)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(written))
    with pytest.raises(ConfigError, match=rf"{name}:1: seets: unknown key"):
        open_sites(settings.load(path))
