"""The process that the stories' rounds are forked from."""

from __future__ import annotations

import select
from pathlib import Path

import pytest

from tests import preloaded


def test_a_run_that_was_interrupted_does_not_answer_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as while_it_waits:
        while_it_waits.setattr(select, "select", interrupted)
        with pytest.raises(KeyboardInterrupt):
            preloaded.run(["no-such-command"], cwd=tmp_path, timeout=60)
    assert preloaded.run(["--version"], cwd=tmp_path, timeout=60).returncode == 0
