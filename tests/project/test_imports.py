"""The direction of imports, and who may import what. The tables are the rule; the code below only reads them.

words  <-  core  <-  settings
words  <-  ground  <-  edges
all of these  <-  service (every module that no table names)  <-  command line
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests import ROOT

PACKAGE = ROOT / "mailbot"

# Layer: its modules (patterns; "rules.*" is the folder), and the other layers that these may import.
LAYERS: dict[str, tuple[list[str], list[str]]] = {
    "words": (["model", "errors", "clean", "rules.masking"], []),
    # Pure: no I/O, no clock, no chance, no global state.
    "core": (
        [
            *("parsers", "parsers.*", "rules", "rules.*", "thread", "identity", "render", "compose"),
            *("mail", "mails", "markup", "prose", "shapes", "template_files", "webform", "yamlfile"),
        ],
        ["words"],
    ),
    "settings": (["config", "config_*"], ["words", "core"]),
    # Small things that edges and service share.
    "ground": (["disk", "endpoint", "fault", "log", "wake"], ["words"]),
    # They know no rules and not one another.
    "edges": (["store", "schema", "imap", "smtp"], ["words", "ground"]),
    "service": (["*"], ["words", "core", "settings", "ground", "edges"]),
    "command line": (
        ["cli", "cli_*", "__main__"],
        ["words", "core", "settings", "ground", "edges", "service"],
    ),
}

# Edges that belong together; any other import between edges is refused.
EDGE_PAIRS = {("store", "schema")}

# Third-party library: the only modules that may import it. What is not listed may not be imported at all.
LIBRARIES: dict[str, list[str]] = {
    "aiosmtpd": ["demo.servers"],
    "aiosmtplib": ["smtp"],
    "authres": ["identity"],
    "click": ["cli", "cli_*"],
    "flufl": ["parsers.detectors"],
    "holidays": ["rules.holidaylist"],
    "imapclient": ["imap"],
    "inscriptis": ["parsers.html"],
    "jinja2": ["render", "demo.timeline"],
    "mailparser": ["parsers.addresses"],
    "proxyprotocol": ["demo.servers"],
    "pydantic": ["config", "config_*", "rules.*"],
    "pydantic_core": ["config", "config_*"],
    "pymap": ["demo.servers"],
    "pysasl": ["demo.servers"],
    "rich": ["cli", "cli_*", "terminal", "demo.chat"],
    "schedule": ["daemon"],
    "sqlite_utils": ["store"],
    "structlog": ["log"],
    "yaml": ["yamlfile"],
}

# Standard library: only these may import it.
STANDARD: dict[str, list[str]] = {
    "imaplib": [],
    "pickle": [],
    "smtplib": [],
    "sqlite3": ["store"],
    "subprocess": ["parsing"],
}

# What would make the core impure.
IMPURE_IMPORTS = {
    *(
        "asyncio",
        "ctypes",
        "fcntl",
        "http",
        "multiprocessing",
        "os",
        "random",
        "requests",
        "secrets",
        "select",
    ),
    *("selectors", "shutil", "signal", "socket", "socketserver", "ssl", "tempfile", "threading", "time"),
    *("urllib.request", "uuid"),
}
IMPURE_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("open", "*.open", "*.read_text", "*.read_bytes", "*.write_text", "*.write_bytes"),
}
# The two modules of the core that read files: rules and templates, once, at the start.
FILE_READERS = {"yamlfile", "template_files"}


def layer(module: str) -> str:
    """The first layer whose patterns name the module; "service" when none does."""
    found = [
        name
        for name, (patterns, _) in LAYERS.items()
        if name != "service" and any(fnmatchcase(module, pattern) for pattern in patterns)
    ]
    return found[0] if found else "service"


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name within it ("rules.decide"); the package itself is ""."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip("."): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imported(module: str, tree: ast.Module, known: set[str]) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of each import, also of those inside functions.

    `from mailbot import store` and `from mailbot.store import Store` both name "mailbot.store".
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
    own = layer(module)
    found = []
    for line, name in sorted(set(imported(module, tree, known))):
        top = name.split(".")[0]
        if top == "mailbot":
            reason = _project_fault(module, own, name.removeprefix("mailbot").removeprefix("."))
        elif top in sys.stdlib_module_names:
            reason = _only_in(module, STANDARD[top]) if top in STANDARD else ""
            if own in ("words", "core") and {top, name} & IMPURE_IMPORTS:
                reason = "the core has no I/O, no clock and no chance"
        else:
            reason = _only_in(module, LIBRARIES.get(top, []))
        if reason:
            found.append(f"{module}:{line}: imports {name}: {reason}")
    if own in ("words", "core"):
        found += [f"{module}:{line}: calls {call}" for line, call in _impure_calls(module, tree)]
    return found


def _project_fault(module: str, own: str, target: str) -> str:
    if target == "":  # the package itself: its version
        return ""
    other = layer(target)
    if own == other == "edges" and (module, target) not in EDGE_PAIRS:
        return "an edge knows no other edge"
    if other != own and other not in LAYERS[own][1]:
        return f"{own} may not know {other}"
    return ""


def _only_in(module: str, allowed: list[str]) -> str:
    if any(fnmatchcase(module, pattern) for pattern in allowed):
        return ""
    return f"only in {', '.join(allowed)}" if allowed else "nowhere in this project"


def _impure_calls(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            clock = call.endswith((".now", ".utcnow", ".today"))
            file = any(fnmatchcase(call, pattern) for pattern in IMPURE_CALLS)
            if clock or (file and module not in FILE_READERS):
                yield node.lineno, call


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_its_layer_may(module: str) -> None:
    known = modules()
    found = faults(module, known[module].read_text(encoding="utf-8"), set(known))
    assert found == [], "\n".join(found)


def test_there_are_modules_to_look_at() -> None:
    assert {"model", "errors", "rules.decide"} <= set(modules())


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("rules.decide", "from mailbot.store import Store", "core may not know edges"),
        ("rules.decide", "from mailbot import store", "core may not know edges"),
        ("rules.decide", "from ..store import Store", "core may not know edges"),
        ("rules.decide", "def f():\n    import mailbot.service", "core may not know service"),
        ("parsers.subject", "import socket", "no I/O"),
        ("parsers.subject", "import urllib.request", "no I/O"),
        ("thread", "from time import time", "no clock"),
        ("thread", "import datetime as d\nd.datetime.now()", "calls d.datetime.now"),
        ("render", "open('x')", "calls open"),
        ("render", "from pathlib import Path\nPath('x').read_text()", "calls Path('x').read_text"),
        ("model", "from mailbot import thread", "words may not know core"),
        ("imap", "from mailbot.rules import decide", "edges may not know core"),
        ("imap", "from mailbot import store", "no other edge"),
        ("service", "from mailbot import cli", "service may not know command line"),
        ("service", "import imapclient", "only in imap"),
        ("store", "import yaml", "only in yamlfile"),
        ("outbox", "import sqlite3", "only in store"),
        ("outbox", "import requests", "nowhere"),
        ("outbox", "import pickle", "nowhere"),
    ],
)
def test_what_is_against_the_tables_is_found(module: str, source: str, expected: str) -> None:
    known = {"store", "thread", "service", "cli", "rules.decide", "rules"}
    [fault] = faults(module, source, known)
    assert expected in fault


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("service", "from mailbot import store, thread\nfrom mailbot.rules import decide"),
        ("rules.decide", "from urllib.parse import quote\nfrom mailbot.model import Ticket"),
        ("store", "import sqlite3\nimport sqlite_utils\nfrom mailbot.schema import MIGRATIONS"),
        ("yamlfile", "import yaml\nfrom pathlib import Path\nPath('x').read_text()"),
        ("cli", "import click\nfrom mailbot import __version__, service"),
    ],
)
def test_what_the_tables_allow_is_allowed(module: str, source: str) -> None:
    assert faults(module, source, {"store", "thread", "rules", "rules.decide", "service"}) == []
