"""Fixtures for all tests: the mail servers, and offices on paper."""

from __future__ import annotations

import ctypes.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from mailbot.fetch import reader
from tests import terminals
from tests.mailservers import MailServers, dovecot
from tests.mailservers.real import RealServers, missing
from tests.steps import BORDER
from tests.world import PaperWorld

# A busy machine takes its time, and no test is about that: --timeout ends what hangs.
settings.register_profile("mailbot", deadline=None)
settings.load_profile("mailbot")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--embedded",
        action="store_true",
        default=bool(os.environ.get("MAILBOT_TEST_EMBEDDED")),
        help="use the embedded mail servers even where Dovecot and Postfix are installed"
        " (also: MAILBOT_TEST_EMBEDDED=1)",
    )


def _why_embedded(config: pytest.Config) -> str:
    return "--embedded was given" if config.getoption("--embedded") else missing()


def _absent() -> list[str]:
    """What of the things that some tests need is not on this machine: those tests are skipped."""
    absent = [program for program in ("mount", "strace", "systemd-analyze") if shutil.which(program) is None]
    if ctypes.util.find_library("seccomp") is None:
        absent.append("libseccomp")
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        absent.append("a Chromium")
    return [*absent, *filter(None, [terminals.missing()])]


def pytest_report_header(config: pytest.Config) -> list[str]:
    why = _why_embedded(config)
    servers = f"embedded ({why})" if why else f"Dovecot {dovecot.version()} and Postfix"
    absent = ", ".join(_absent())
    return [f"mail servers: {servers}", *([f"missing, so that tests are skipped: {absent}"] if absent else [])]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("-m")
    why = _why_embedded(config)
    for item in items:
        if item.get_closest_marker("long") and "long" not in chosen:
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with -m long"))
        # With CI=true these tests run all the same, and fail at the fixture: see `servers`.
        if item.get_closest_marker("mailservers") and why and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=f"needs Dovecot and Postfix: {why}"))


@pytest.fixture(scope="session")
def _servers(pytestconfig: pytest.Config) -> Iterator[MailServers]:
    why = _why_embedded(pytestconfig)
    if why and os.environ.get("CI") == "true" and not pytestconfig.getoption("--embedded"):
        pytest.fail(f"Dovecot and Postfix are needed with CI=true: {why}", pytrace=False)
    if why:
        from tests.mailservers.embedded import EmbeddedServers

        running: MailServers = EmbeddedServers()
    else:
        running = RealServers()
    yield running
    running.close()


@pytest.fixture
def servers(_servers: MailServers) -> Iterator[MailServers]:
    """Dovecot and Postfix, or the embedded servers: empty for each test, one pair per session and worker."""
    yield _servers
    _servers.reset()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PaperWorld]:
    """An office without mail servers: for what is decided, not how it travels."""
    world = PaperWorld(tmp_path)
    yield world
    world.store.close()


@pytest.fixture
def border(tmp_path: Path) -> Iterator[PaperWorld]:
    """An office whose border server adds Authentication-Results."""
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    yield world
    world.store.close()


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mails are read by a process that takes some of them very ill: they name in their subject what shall happen."""
    reader.stop()
    monkeypatch.setattr(reader, "_MODULE", "tests.odd_parser")
    yield
    reader.stop()
