"""Many mailboxes in one process: one that fails never disturbs another, and a reload adds and removes them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.mailboxes import served
from tests.mailservers import MailServers


@pytest.mark.mailservers
def test_three_broken_mailboxes_keep_no_other_waiting(servers: MailServers, tmp_path: Path) -> None:
    """A wrong password, a folder that is gone and a server that hangs. 200 of them: `python -m bench.mailboxes --served
    200` (docs/performance.md)."""
    began = time.monotonic()
    found = served(12, servers, tmp_path, patience=60.0)
    assert found.unserved == [] and len(found.waits) == 9
    assert max(found.waits) < 10.0, f"after {time.monotonic() - began:.0f} s"
    assert {"lpse9", "lpse10"} <= set(found.troubled) <= {"lpse9", "lpse10", "lpse11"}
