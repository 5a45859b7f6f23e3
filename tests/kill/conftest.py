"""Fixtures: the process that forks rounds, and an office whose state can be put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kill.flows import Flow
from tests.kill.loaded import Loaded
from tests.kill.site import Site
from tests.mailservers import MailServers
from tests.mailservers.real import RealServers


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    found = Loaded(tmp_path_factory.mktemp("loaded"))
    yield found
    found.close()


@pytest.fixture
def site_before(servers: MailServers, tmp_path: Path, loaded: Loaded) -> Callable[..., Site]:
    """An office in the state before a flow, for so many matters: site_before(flow, 3)."""
    assert isinstance(servers, RealServers)

    def make(flow: Flow, count: int, **changes: Any) -> Site:
        site = Site(servers, tmp_path / "site", loaded, **changes)
        flow.prepare(site, count)
        return site

    return make
