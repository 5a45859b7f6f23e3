"""Opening the sites of a configuration."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.config import settings
from mailbot.config.site import open_sites
from mailbot.errors import ConfigError
from tests.world import PaperWorld


def test_garbage_is_collected_again_once_the_sites_are_open_or_have_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PaperWorld(tmp_path)
    office.store.close()
    config = settings.load(office.config_file)
    before = [one["collections"] for one in gc.get_stats()][1:]
    [site] = open_sites(config)
    assert [one["collections"] for one in gc.get_stats()][1:] == before, (
        "all that was read is looked through at most once"
    )
    assert gc.isenabled()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "problems.yaml").write_text("problems: none")
    own = site.config.model_copy(update={"rules": tmp_path / "rules"})
    with pytest.raises(ConfigError):
        open_sites(replace(config, mailboxes=(own,)))
    assert gc.isenabled()
    gc.disable()
    try:
        open_sites(config)
        assert not gc.isenabled(), "as it was before"
    finally:
        gc.enable()
