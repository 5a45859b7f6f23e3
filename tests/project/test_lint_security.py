"""What no module may do, read from the syntax trees: run data as a program, call a shell, build SQL out of values, open
connections, compare secrets character by character, switch verification off. The tables are the rule."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests import ROOT

PACKAGE = ROOT / "mailbot"

#: Imported by nobody: they make objects or programs out of data, or lead around the modules that may connect.
NEVER = {
    *("pickle", "marshal", "shelve", "dill", "cloudpickle", "code", "codeop", "pty", "imp", "runpy", "xmlrpc"),
    *("http", "ftplib", "telnetlib", "webbrowser", "requests", "httpx", "aiohttp", "urllib3", "nntplib", "poplib"),
}
#: Who may open a connection. `notify`: the socket of systemd. `demo`: servers of its own, on loopback.
CONNECTS = {"servers.imap", "servers.smtp", "daemon.notify", "demo.*"}
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
#: Takes its queries from the others, which are looked at.
TAKES_QUERIES = {"store.database"}
#: Their first argument is a query.
QUERIES = {"rows", "row", "value", "execute", "executemany", "executescript"}
#: What names a secret; two of them are compared by the database, or with `hmac.compare_digest`.
SECRETS = {"code", "token", "secret", "password", "digest"}


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def faults(module: str, source: str) -> list[str]:
    """Lines "module:line: what"."""
    tree = ast.parse(source)
    found = [*_imports(module, tree), *_calls(module, tree), *_others(tree)]
    if not _among(module, TAKES_QUERIES):
        found += _queries(tree)
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


# --- queries ------------------------------------------------------------------------------------------


def _queries(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for scope in _scopes(tree):
        bound = _bound(scope, None)
        for node in _of(scope):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in QUERIES
                and node.args
                and not _constant(node.args[0], bound, set())
                and not _constant(node.args[0], _bound(scope, tree), set())
            ):
                yield node.lineno, f"a query that is not the program's own words: {ast.unparse(node.args[0])[:60]}"


Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


def _scopes(tree: ast.Module) -> Iterator[Scope]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _of(scope: Scope) -> Iterator[ast.AST]:
    """All of it, without the functions inside."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def _given(scope: ast.FunctionDef | ast.AsyncFunctionDef, tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """The arguments of a function with what they may be: of one that is the module's own, what its callers give."""
    names = [argument.arg for argument in (*scope.args.posonlyargs, *scope.args.args)]
    calls = [
        (caller, node)
        for caller in _scopes(tree)
        for node in _of(caller)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == scope.name
    ]
    for at, name in enumerate(names):
        known = scope.name.startswith("_") and bool(calls)
        for caller, call in calls:
            own = caller is scope or len(call.args) <= at
            known = known and not own and _constant(call.args[at], _bound(caller, None), set())
        yield name, ast.Constant("") if known else None
    yield from ((argument.arg, None) for argument in scope.args.kwonlyargs)


def _bound(scope: Scope, tree: ast.Module | None) -> dict[str, list[ast.expr | None]]:
    """Each name of the scope with all that it is bound to; None for what cannot be told."""
    found: dict[str, list[ast.expr | None]] = {}
    if not isinstance(scope, ast.Module):
        every = (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs)
        arguments = _given(scope, tree) if tree else ((one.arg, None) for one in every)
        for argument, given in arguments:
            found.setdefault(argument, []).append(given)
    for node in _of(scope):
        pairs: list[tuple[ast.expr, ast.expr | None]] = []
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                pairs = [(target, value)]
            case ast.AnnAssign(target=target, value=value):
                pairs = [(target, value)]
            case (
                ast.For(target=target, iter=ast.Tuple(elts=items))
                | ast.comprehension(target=target, iter=ast.Tuple(elts=items))
            ):
                pairs = [(target, item) for item in items]
            case ast.For(target=target, iter=items) | ast.comprehension(target=target, iter=items):
                pairs = [(target, items if isinstance(items, ast.Name | ast.Attribute) else None)]
        for target, value in pairs:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values: list[ast.expr | None] = [value] * len(names)
            if isinstance(value, ast.Tuple) and isinstance(target, ast.Tuple):
                values = [*value.elts]
            for name, one in zip(names, values, strict=True):
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(one)
    return found


def _constant(node: ast.expr | None, bound: dict[str, list[ast.expr | None]], seen: set[str]) -> bool:
    """Whether a text is put together of the program's own words alone."""
    match node:
        case None:
            return False
        case ast.Constant():
            return True
        case ast.JoinedStr(values=values):
            return all(_constant(value, bound, seen) for value in values)
        case ast.FormattedValue(value=value) | ast.Starred(value=value):
            return _constant(value, bound, seen)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _constant(left, bound, seen) and _constant(right, bound, seen)
        case ast.BinOp(left=left, op=ast.Mult()):
            return _constant(left, bound, seen)
        case ast.IfExp(body=body, orelse=other):
            return _constant(body, bound, seen) and _constant(other, bound, seen)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return all(_constant(item, bound, seen) for item in items)
        case ast.GeneratorExp(elt=item) | ast.ListComp(elt=item):
            return _constant(item, bound, seen)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[joined]):
            return _constant(joined, bound, seen)
        case ast.Attribute(attr=name):
            return name.strip("_").isupper()
        case ast.Name(id=name):
            if name.strip("_").isupper():
                return True
            given = bound.get(name, [None])
            return name in seen or all(_constant(value, bound, seen | {name}) for value in given)
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
        ("def f(store, name):\n    store.rows(f'SELECT {name}')", "not the program's own words"),
        ("def f(store, name):\n    store.rows('SELECT ' + name)", "not the program's own words"),
        ("def f(store, name):\n    store.rows('SELECT %s' % name)", "not the program's own words"),
        ("def f(store, name):\n    sql = f'SELECT {name}'\n    store.execute(sql)", "not the program's own words"),
        (
            "def f(store, names):\n    for name in names:\n        store.value(f'SELECT {name}')",
            "not the program's own",
        ),
        ("def _f(store, sql):\n    store.rows(sql)\n_f(store, mail.subject)", "not the program's own words"),
        ("def f(store):\n    sql = 'SELECT 1'\n    sql += mail.subject\n    store.row(sql)", "not the program's own"),
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
        ("tickets", "def f(store, name):\n    store.rows('SELECT 1 WHERE a = ?', name)"),
        (
            "tickets",
            "def f(store, ids):\n    marks = ', '.join('?' for _ in ids)\n    store.rows(f'SELECT {marks}', *ids)",
        ),
        ("tickets", "def f(store):\n    for table in ('a', 'b'):\n        store.rows(f'SELECT * FROM {table}')"),
        ("agenda", "def _f(store, sql):\n    store.rows(sql)\ndef g(store):\n    _f(store, 'SELECT 1')"),
        ("digest", "_OPEN = 'a = 1'\ndef f(store):\n    store.rows(f'SELECT 1 WHERE {_OPEN}')"),
    ],
)
def test_what_is_harmless_is_allowed(module: str, source: str) -> None:
    assert faults(module, source) == []
