"""What `make fresh` reads out of the README, of this machine's settings and of pytest's output (scripts/fresh.py)."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

SCRIPT = ROOT / "scripts" / "fresh.py"

OUTPUT = """\
SKIPPED [2] tests/test_a.py:5: needs Chromium
SKIPPED [1] tests/test_b.py: takes minutes; run with -m long
FAILED tests/test_a.py::test_one[x: y] - AssertionError
============ 1 failed, 8423 passed, 3 skipped in 321.22s (0:05:21) =============
==== 500 passed, 1 warning in 9.10s ====
"""


@pytest.fixture(scope="module")
def fresh() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_the_packages_are_those_of_the_readme(fresh: dict[str, Any]) -> None:
    assert fresh["packages"]().split() == ["git", "make", "openssl", "python3-venv"]


def test_the_numbers_of_several_runs_are_added_up(fresh: dict[str, Any]) -> None:
    assert fresh["counts"](OUTPUT) == {"failed": 1, "passed": 8923, "skipped": 3, "warning": 1}
    assert fresh["reasons"](OUTPUT) == {"needs Chromium": 2, "takes minutes; run with -m long": 1}


def test_an_output_without_tests_has_no_numbers(fresh: dict[str, Any]) -> None:
    assert fresh["counts"]("make: *** No rule\n") == Counter()


def test_settings_name_files_and_folders_of_the_machine(fresh: dict[str, Any], tmp_path: Path) -> None:
    index, wheels = tmp_path / "index" / "simple", tmp_path / "wheels"
    index.mkdir(parents=True)
    wheels.mkdir()
    (tmp_path / "ca.pem").touch()
    text = f"""\
        [global]
        index-url = https://pypi.example{tmp_path}/simple
        extra-index-url = file://{index}
        find-links = {wheels} {tmp_path}/not-there
        cert={tmp_path}/ca.pem
        other = /etc/passwd
    """
    assert fresh["named_paths"](text) == {index.parent, wheels, tmp_path / "ca.pem"}


def test_the_page_keeps_what_it_says_of_the_other_system(fresh: dict[str, Any]) -> None:
    def part(suite: str, day: str, code: int) -> str:
        done = fresh["Done"]("make test", code, 329.6, OUTPUT)
        return str(fresh["section"](suite, "abc1234 of 2026-01-02", day, {"Debian": "12.1", "Python": "3"}, [done]))

    first = fresh["page"]("", "trixie", part("trixie", "2026-01-02", 0))
    both = fresh["page"](first, "bookworm", part("bookworm", "2026-01-03", 0))
    again = fresh["page"](both, "trixie", part("trixie", "2026-01-04", 2))
    assert re.findall(r"^## (.*)|^(2026-\S+),", again, re.M) == [
        ("Debian 12 (bookworm)", ""),
        ("", "2026-01-03"),
        ("Debian 13 (trixie)", ""),
        ("", "2026-01-04"),
    ]
    assert again.count("# On a fresh machine\n") == 1
    assert "| `make test` | 2 | 5:30 min | 1 failed, 8,923 passed, 3 skipped, 1 warning |" in again
    assert "- needs Chromium (2)" in again and "- `tests/test_a.py::test_one[x: y]`" in again


def test_without_its_tools_it_says_so_and_leaves_all_as_it_is(tmp_path: Path) -> None:
    page = ROOT / "docs" / "fresh.md"
    before = page.read_bytes() if page.exists() else b""
    done = subprocess.run(
        [sys.executable, SCRIPT], env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60
    )
    why = "not root" if os.geteuid() else "not installed: apt-config, apt-get, debootstrap, mount, setpriv, unshare"
    assert (done.returncode, done.stdout) == (0, f"no fresh system is tried: {why}\n"), done.stderr
    assert (page.read_bytes() if page.exists() else b"") == before
