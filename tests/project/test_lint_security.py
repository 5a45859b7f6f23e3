"""What no module may do, read from the syntax trees: run data as a program, call a shell, open connections, compare
secrets character by character, switch verification off. The tables are the rule; `test_sql` has those of queries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests import ROOT

PACKAGE = ROOT / "mailbot"

#: Imported by nobody: they make objects or programs out of data, or lead around the modules that may connect.
NEVER = {
    *("pickle", "marshal", "shelve", "dill", "cloudpickle", "code", "codeop", "pty", "imp", "runpy", "xmlrpc"),
    *("http", "ftplib", "telnetlib", "webbrowser", "requests", "httpx", "aiohttp", "urllib3", "nntplib", "poplib"),
}
#: Who may open a connection. `dns`: to this machine's resolvers, for `check --online`. `notify`: the socket of systemd.
#: `demo`: servers of its own, on loopback.
CONNECTS = {"servers.beat", "servers.dns", "servers.imap", "servers.oauth2", "servers.smtp", "daemon.notify", "demo.*"}
#: Who speaks HTTP, to an address of the configuration: to a token server, and for a sign of life that holds nothing.
SPEAKS_HTTP = {"servers.beat", "servers.oauth2"}
HTTP = {"http", "http.client", "urllib.error", "urllib.request"}
CONNECTING = {"socket", "ssl", "socketserver"}
#: Only shapes a TLS context, and names errors.
SHAPES_TLS = {"servers.endpoint"}
#: Names that are called by nobody, wherever they come from.
CALLS = {
    *("eval", "exec", "compile", "__import__", "breakpoint", "os.system", "os.popen", "os.posix_spawn", "yaml.load"),
    *("yaml.unsafe_load", "yaml.full_load", "tempfile.mktemp", "ssl._create_unverified_context", "hashlib.md5"),
    *("hashlib.sha1", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell"),
}
CALLED_LIKE = ("os.exec*", "os.spawn*", "*.format_map", "*.open_connection", "*.create_connection", "*.urlopen")
#: What names a secret; two of them are compared by the database, or with `hmac.compare_digest`.
SECRETS = {"code", "token", "secret", "password", "digest"}


@cache
def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def faults(module: str, source: str) -> list[str]:
    """Lines "module:line: what"."""
    tree = ast.parse(source)
    found = [*_imports(module, tree), *_calls(module, tree), *_others(tree)]
    return [f"{module}:{line}: {what}" for line, what in sorted(found)]


def _among(module: str, patterns: set[str]) -> bool:
    return any(fnmatchcase(module, pattern) for pattern in patterns)


def _imports(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            top = name.split(".")[0]
            if module in SPEAKS_HTTP and name in HTTP:
                continue
            if top in NEVER or (top == "urllib" and name != "urllib.parse"):
                yield node.lineno, f"imports {name}"
            elif top in CONNECTING and not _among(module, CONNECTS) and not (top == "ssl" and module in SHAPES_TLS):
                yield node.lineno, f"imports {name}: only {', '.join(sorted(CONNECTS))} may connect"


def _calls(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        like = any(fnmatchcase(name, pattern) for pattern in CALLED_LIKE)
        if name in CALLS or (like and not _among(module, CONNECTS)):
            yield node.lineno, f"calls {name}"
        elif name.endswith(".format") and not isinstance(getattr(node.func, "value", None), ast.Constant):
            yield node.lineno, "formats a text that is not its own: a mail may hold {0.__class__}"
        for keyword in node.keywords:
            if keyword.arg == "shell" and not (
                isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            ):
                yield node.lineno, "calls a shell"


def _others(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [node.left, *node.comparators]
            if sum(_secret(side) for side in sides) > 1:
                yield node.lineno, "compares secrets character by character"
        elif isinstance(node, ast.Attribute) and node.attr in ("CERT_NONE", "CERT_OPTIONAL"):
            yield node.lineno, "switches the verification of certificates off"
        elif isinstance(node, ast.Assign) and "check_hostname" in ast.unparse(node.targets[0]):
            yield node.lineno, "touches the verification of host names"


def _secret(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name.strip("_").lower() in SECRETS
        case ast.Call(args=[inner]):
            return _secret(inner)
    return False


# --- the tests ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", modules())
def test_a_module_does_nothing_of_what_none_may_do(module: str) -> None:
    found = faults(module, modules()[module].read_text(encoding="utf-8"))
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pickle", "imports pickle"),
        ("from marshal import loads", "imports marshal"),
        ("def f():\n    import shelve", "imports shelve"),
        ("import urllib.request", "imports urllib.request"),
        ("from http.client import HTTPConnection", "imports http.client"),
        ("import requests", "imports requests"),
        ("import socket", "may connect"),
        ("import ssl", "may connect"),
        ("eval(text)", "calls eval"),
        ("exec(text)", "calls exec"),
        ("import os\nos.system('ls')", "calls os.system"),
        ("import os\nos.execvp('ls', [])", "calls os.execvp"),
        ("subprocess.run(words, shell=True)", "calls a shell"),
        ("subprocess.run(words, shell=how)", "calls a shell"),
        ("yaml.load(text)", "calls yaml.load"),
        ("text.format(1)", "formats a text"),
        ("mail.subject.format(ticket)", "formats a text"),
        ("text.format_map({})", "calls text.format_map"),
        ("asyncio.open_connection('a', 1)", "calls asyncio.open_connection"),
        ("if row['code'] == code: pass", "compares secrets"),
        ("token != self._token", "compares secrets"),
        ("context.verify_mode = ssl.CERT_NONE", "certificates off"),
        ("context.check_hostname = False", "host names"),
    ],
)
def test_what_none_may_do_is_found(source: str, expected: str) -> None:
    [fault] = faults("userdesk", source)
    assert expected in fault


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("servers.imap", "import socket\nimport ssl"),
        ("servers.endpoint", "import ssl"),
        ("compose", "from urllib.parse import quote"),
        ("clean", "'{}'.format(text)"),
        ("caps", "import re\nre.compile('a')"),
        ("caps", "reply.code == 421"),
    ],
)
def test_what_is_harmless_is_allowed(module: str, source: str) -> None:
    assert faults(module, source) == []
