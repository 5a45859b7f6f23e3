"""The rooms of `mailbot`, and who may import what. The tables are the rule; the code below only reads them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests import ROOT

PACKAGE = ROOT / "mailbot"

# Room: the rooms that its modules may import, in the order of a mail's way. The words (modules of `mailbot` itself)
# may be imported by every room and import none. A folder that has no row belongs to the room around it.
ROOMS: dict[str, set[str]] = {
    # Pure: no I/O, no clock, no chance, no global state.
    "rules.language": set(),
    "rules.worktime": set(),
    "rules": {"rules.language", "rules.worktime"},
    "rules.sop": {"rules"},
    "rules.lkpp": {"rules", "rules.language"},
    "parsers.mime": set(),
    "parsers.reply": {"parsers.mime"},
    "parsers.robots": {"parsers.mime"},
    "parsers.dates": {"rules.worktime"},
    "parsers.commands": {"parsers.dates", "parsers.forms", "parsers.mime"},
    "parsers.forms": {"parsers.dates", "rules.language"},
    "parsers": {
        *("parsers.commands", "parsers.forms", "parsers.mime", "parsers.reply", "parsers.robots", "rules"),
        "rules.lkpp",
    },
    "templates": {"parsers.reply"},
    # The edges, and what one mailbox is.
    "servers": set(),
    "config": {"rules", "rules.lkpp", "rules.sop", "rules.worktime", "templates"},
    "store": {"servers"},
    # A mail's way.
    "tickets": {
        *("config", "parsers", "parsers.commands", "parsers.dates", "parsers.forms", "parsers.mime", "parsers.reply"),
        *("parsers.robots", "rules", "rules.language", "rules.sop", "rules.worktime", "store"),
    },
    "door": {"store", "templates", "tickets"},
    "letters": {
        *(
            "config",
            "door",
            "parsers.commands",
            "parsers.mime",
            "rules",
            "rules.language",
            "rules.sop",
            "rules.worktime",
            "store",
            "templates",
        ),
        "tickets",
    },
    "fetch": {"config", "letters", "parsers", "parsers.mime", "servers", "store", "tickets"},
    "restraint": {
        *("config", "fetch", "letters", "parsers", "parsers.commands", "parsers.reply", "rules", "store", "templates"),
        "tickets",
    },
    "procedure": {
        *("config", "door", "fetch", "letters", "parsers.forms", "parsers.reply", "reports", "restraint", "rules.lkpp"),
        *("rules.sop", "rules.worktime", "store", "templates", "tickets"),
    },
    "reports": {
        *("config", "fetch", "letters", "parsers.dates", "parsers.mime", "rules", "rules.language"),
        *("rules.lkpp", "rules.sop", "rules.worktime", "store", "templates", "tickets"),
    },
    "arrivals": {
        *("config", "door", "fetch", "letters", "parsers", "parsers.commands", "parsers.dates", "parsers.forms"),
        *("parsers.mime", "parsers.reply", "parsers.robots", "procedure", "reports", "restraint", "rules"),
        *("rules.lkpp", "rules.sop", "rules.worktime", "store", "templates", "tickets"),
    },
    "delivery": {
        *("config", "fetch", "letters", "procedure", "servers", "store", "templates", "tickets"),
    },
    # What keeps it turning, and who looks at it.
    "daemon": {
        *("arrivals", "config", "delivery", "fetch", "letters", "procedure", "restraint", "servers", "store"),
        "tickets",
    },
    "demo": {"config", "daemon", "parsers.mime", "parsers.reply", "reports", "rules.sop", "rules.worktime"},
    "cli": {
        *("arrivals", "config", "daemon", "delivery", "demo", "fetch", "parsers", "parsers.dates", "reports"),
        *("rules.sop", "servers", "store", "templates", "tickets"),
    },
}
#: Modules of `mailbot` itself: the words that all rooms share.
WORDS = {
    *("clean", "clock", "errors", "killpoint", "late", "log", "model", "sentences", "wordfile", "yamlfaults"),
    "yamlfile",
}
#: The way in from the command line.
ENTRY = {"__main__": {"cli"}}

PURE_ROOMS = {room for room in ROOMS if room.split(".")[0] in ("rules", "parsers", "templates")}
PURE_WORDS = {"clean", "errors", "late", "masking", "model", "sentences", "wordfile", "yamlfaults", "yamlfile"}
# The modules that read files: rules, word lists and templates, once, at the start.
FILE_READERS = {"yamlfile", "wordfile", "templates.files"}

# A folder holds at most so many modules; `mailbot` itself at most so many, beside the entry.
MOST_MODULES = 25
MOST_WORDS = 11

# Third-party library: the only modules that may import it. What is not listed may not be imported at all.
LIBRARIES: dict[str, set[str]] = {
    "aiosmtpd": {"demo.servers"},
    "aiosmtplib": {"servers.smtp"},
    "authres": {"parsers.identity"},
    "click": {
        *(
            "cli.alarm",
            "cli.arsip",
            "cli.backup",
            "cli.check",
            "cli.demo",
            "cli.evidence",
            "cli.init.command",
            "cli.main",
            "cli.month",
            "cli.outbox",
            "cli.person",
            "cli.phrases",
            "cli.quarantine",
            "cli.rekap",
            "cli.report",
            "cli.replay",
            "cli.retention",
        ),
        "cli.shared",
        "cli.sop",
        "cli.token_login",
        "cli.written",
    },
    "docx": {"templates.word_form"},
    "docxtpl": {"templates.word_form"},
    "flufl": {"parsers.robots.detectors"},
    "holidays": {"rules.worktime.holidaylist"},
    "imapclient": {"servers.imap"},
    "inscriptis": {"parsers.mime.html"},
    "jinja2": {"reports.pages", "templates.render", "templates.word_form"},
    "markupsafe": {"reports.pages", "templates.html_blocks"},
    "mailparser": {"parsers.mime.addresses"},
    "proxyprotocol": {"demo.servers"},
    "pydantic": {"config.settings", "config.fault_words"},
    "pydantic_core": {"config.settings", "config.fault_words"},
    "pymap": {"demo.servers"},
    "pysasl": {"demo.servers"},
    "rich": {"cli.demo", "cli.layout", "demo.chat"},
    "schedule": {"daemon.run"},
    "sqlite_utils": {"store.database"},
    "structlog": {"log"},
    "xlsxwriter": {"reports.sheet"},
    "yaml": {"yamlfile"},
}

# Standard library: only these may import it.
STANDARD: dict[str, set[str]] = {
    "imaplib": set(),
    "pickle": set(),
    "smtplib": set(),
    "sqlite3": {"store.database"},
    "subprocess": {"daemon.sending.process", "fetch.reader"},
}

# What would make a pure module impure.
IMPURE_IMPORTS = {
    *("asyncio", "ctypes", "fcntl", "http", "multiprocessing", "os", "random", "requests", "secrets", "select"),
    *("selectors", "shutil", "signal", "socket", "socketserver", "ssl", "tempfile", "threading", "time"),
    *("urllib.request", "uuid"),
}
IMPURE_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("open", "*.open", "*.read_text", "*.read_bytes", "*.write_text", "*.write_bytes"),
}


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name within it ("rules.sop.decide"); the package itself is ""."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip("."): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def room(module: str) -> str:
    """The room in which a module stands; "" for the words, the module's own name for the entry."""
    if module in ENTRY:
        return module
    name = module
    while name and name not in ROOMS:
        name = name.rpartition(".")[0]
    return name


def is_pure(module: str) -> bool:
    return room(module) in PURE_ROOMS or module.split(".")[0] in PURE_WORDS


def imported(module: str, tree: ast.Module, known: set[str]) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of each import, also of those inside functions.

    `from mailbot.store import journal` and `from mailbot.store.journal import raw` both name "mailbot.store.journal".
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parents = ["mailbot", *module.split(".")]
                origin = ".".join([*parents[: len(parents) - node.level], *origin.split(".")]).rstrip(".")
            for alias in node.names:
                inner = f"{origin}.{alias.name}"
                is_module = inner.removeprefix("mailbot.") in known and inner.startswith("mailbot.")
                yield node.lineno, inner if is_module else origin


def faults(module: str, source: str, known: set[str]) -> list[str]:
    """What in this module is against the tables, as lines "module:line: what"."""
    tree = ast.parse(source)
    found = []
    for line, name in sorted(set(imported(module, tree, known))):
        top = name.split(".")[0]
        if top == "mailbot":
            reason = _project_fault(module, name.removeprefix("mailbot").removeprefix("."))
        elif top in sys.stdlib_module_names:
            reason = _only_in(module, STANDARD[top]) if top in STANDARD else ""
            if is_pure(module) and {top, name} & IMPURE_IMPORTS:
                reason = "a pure room has no I/O, no clock and no chance"
        else:
            reason = _only_in(module, LIBRARIES.get(top, set()))
        if reason:
            found.append(f"{module}:{line}: imports {name}: {reason}")
    if is_pure(module):
        found += [f"{module}:{line}: calls {call}" for line, call in _impure_calls(module, tree)]
    return found


def _project_fault(module: str, target: str) -> str:
    if target == "":  # the package itself: its version
        return ""
    own, other = room(module), room(target)
    if other in ("", own):
        return ""
    if own == "":
        return "the words import no room"
    allowed = ENTRY[own] if own in ENTRY else ROOMS[own]
    return "" if other in allowed else f"{own} may not know {other}"


def _only_in(module: str, allowed: set[str]) -> str:
    if module in allowed:
        return ""
    return f"only in {', '.join(sorted(allowed))}" if allowed else "nowhere in this project"


def _impure_calls(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            clock = call.endswith((".now", ".utcnow", ".today"))
            file = any(fnmatchcase(call, pattern) for pattern in IMPURE_CALLS)
            if clock or (file and module not in FILE_READERS):
                yield node.lineno, call


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_its_room_may(module: str) -> None:
    known = modules()
    found = faults(module, known[module].read_text(encoding="utf-8"), set(known))
    assert found == [], "\n".join(found)


def test_no_room_can_be_reached_from_what_it_imports() -> None:
    def reach(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way, name))
        for other in ROOMS[name]:
            reach(other, (*way, name))

    for name in ROOMS:
        reach(name, ())


def test_no_row_of_the_table_allows_what_nobody_imports() -> None:
    known = modules()
    used = {name: set[str]() for name in ROOMS}
    for module, path in known.items():
        if room(module) in used:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = {name.removeprefix("mailbot").lstrip(".") for _, name in imported(module, tree, set(known))}
            used[room(module)] |= {room(name) for name in names & set(known)} - {"", room(module)}
    assert used == ROOMS


def test_no_folder_is_crowded() -> None:
    for folder in [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir())]:
        count = sum(not path.stem.startswith("__") for path in folder.glob("*.py"))
        assert count <= (MOST_WORDS if folder == PACKAGE else MOST_MODULES), folder
    assert {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")} == WORDS


@pytest.mark.parametrize("name", ROOMS)
def test_each_room_says_in_five_lines_what_it_is_for(name: str) -> None:
    said = ast.get_docstring(ast.parse(modules()[name].read_text(encoding="utf-8")))
    assert said is not None and 1 <= len(said.splitlines()) <= 5


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("rules.sop.decide", "from mailbot.store.database import Store", "rules.sop may not know store"),
        ("rules.sop.decide", "from mailbot.store import database", "rules.sop may not know store"),
        ("rules.sop.decide", "from ...store import Store", "rules.sop may not know store"),
        ("rules.sop.decide", "def f():\n    import mailbot.procedure.service", "may not know procedure"),
        ("parsers.mime.headers", "import socket", "no I/O"),
        ("parsers.mime.headers", "import urllib.request", "no I/O"),
        ("parsers.thread", "from time import time", "no clock"),
        ("parsers.thread", "import datetime as d\nd.datetime.now()", "calls d.datetime.now"),
        ("templates.render", "open('x')", "calls open"),
        ("templates.render", "from pathlib import Path\nPath('x').read_text()", "calls Path('x').read_text"),
        ("model", "from mailbot.parsers import thread", "the words import no room"),
        ("servers.imap", "from mailbot.rules.sop import decide", "servers may not know rules.sop"),
        ("servers.imap", "from mailbot.store import database", "servers may not know store"),
        ("procedure.service", "from mailbot.cli import main", "procedure may not know cli"),
        ("procedure.effects.shared", "from mailbot.arrivals import intake", "procedure may not know arrivals"),
        ("procedure.service", "import imapclient", "only in servers.imap"),
        ("store.database", "import yaml", "only in yamlfile"),
        ("store.outbox", "import sqlite3", "only in store.database"),
        ("store.outbox", "import requests", "nowhere"),
        ("store.outbox", "import pickle", "nowhere"),
    ],
)
def test_what_is_against_the_tables_is_found(module: str, source: str, expected: str) -> None:
    known = {"store", "store.database", "parsers.thread", "procedure.service", "cli.main", "rules.sop.decide"}
    [fault] = faults(module, source, known | {"arrivals.intake"})
    assert expected in fault


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("procedure.service", "from mailbot.store import database\nfrom mailbot.rules.sop import decide"),
        ("rules.sop.decide", "from urllib.parse import quote\nfrom mailbot.model import Ticket"),
        ("store.database", "import sqlite3\nimport sqlite_utils\nfrom mailbot.store.migrations import MIGRATIONS"),
        ("yamlfile", "import yaml\nfrom pathlib import Path\nPath('x').read_text()"),
        ("cli.main", "import click\nfrom mailbot import __version__\nfrom mailbot.daemon import run"),
        ("__main__", "from mailbot.cli.main import main"),
    ],
)
def test_what_the_tables_allow_is_allowed(module: str, source: str) -> None:
    assert faults(module, source, {"store.database", "rules.sop.decide", "daemon.run", "cli.main"}) == []
