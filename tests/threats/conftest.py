"""Offices that the threats are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.steps import BORDER
from tests.world import NO_CAPS, PaperWorld


@pytest.fixture
def border(tmp_path: Path) -> Iterator[PaperWorld]:
    """Its border server adds Authentication-Results; between its own users it does not (`without_results: token`)."""
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    yield world
    world.store.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[PaperWorld]:
    """As `border`, and what has no results is refused: only results that pass can have anything carried out."""
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER, "without_results": "refuse"})
    yield world
    world.store.close()


@pytest.fixture
def free(tmp_path: Path) -> Iterator[PaperWorld]:
    """Without caps on automatic mail: what a mail brings about is seen at once, however many came before it."""
    world = PaperWorld(tmp_path, limits=NO_CAPS)
    yield world
    world.store.close()
