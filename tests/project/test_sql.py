"""SQL stands in its rooms only, each statement once, and none is built out of values. Read from the syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT

PACKAGE = ROOT / "mailbot"

#: The rooms that keep mails and tickets; and the one that reads them for people.
KEEP, READS = {"store", "tickets"}, {"reports"}
#: What a `Store` is asked and told. Of these, the first argument is a query.
ASKS = {"rows", "tuples", "row", "value", "changed", "execute"}
WRITES = {"execute", "insert", "update"}
#: The names by which a `Store` goes.
STORES = {"store", "_store"}
#: Takes its queries from the others, which are looked at.
TAKES_QUERIES = {"store.database"}

_SQL = re.compile(
    r"\b(?:SELECT\b.*\bFROM|INSERT\b.*\bINTO|UPDATE \S+ SET|DELETE FROM|CREATE (?:TABLE|INDEX)|PRAGMA)\b", re.DOTALL
)
_CHANGES = re.compile(r"\b(?:INSERT\b.*\bINTO|UPDATE \S+ SET|DELETE FROM)\b", re.DOTALL)
_BEGINS = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b")


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def faults(module: str, source: str) -> list[str]:
    """Lines "module:line: what"."""
    tree, room = ast.parse(source), module.split(".")[0]
    found: list[tuple[int, str]] = []
    if room not in KEEP | READS:
        found += [(line, f"SQL outside of its rooms: {text[:60]}") for line, text in texts(tree) if _SQL.search(text)]
        found += [(line, f"the database outside of its rooms: {call}") for line, call in calls(tree, ASKS | WRITES)]
    elif room in READS:
        found += [(line, f"a report that writes: {text[:60]}") for line, text in texts(tree) if _CHANGES.search(text)]
        found += [(line, f"a report that writes: {call}") for line, call in calls(tree, WRITES)]
    if module not in TAKES_QUERIES:
        found += built_of_values(tree)
    return [f"{module}:{line}: {what}" for line, what in sorted(found)]


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each text of a module with its line; what is put into an f-string stands in braces."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (
                part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part)}}}" for part in node.values
            )
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def calls(tree: ast.Module, names: set[str]) -> Iterator[tuple[int, str]]:
    """Where a `Store` is asked or told something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            receiver = ast.unparse(node.func.value).rpartition(".")[2]
            if receiver in STORES:
                yield node.lineno, ast.unparse(node)[:60]


def statements(source: str) -> Iterator[tuple[int, str]]:
    """Each statement of a module, with its line, in one spelling."""
    for line, text in texts(ast.parse(source)):
        if _BEGINS.match(text) and _SQL.search(text):
            yield line, re.sub(r"\?\d+", "?", " ".join(text.split()))


def twice(sources: dict[str, str]) -> dict[str, list[str]]:
    """Each statement that stands in more than one place, with the places."""
    places: dict[str, list[str]] = {}
    for module, source in sources.items():
        for line, statement in statements(source):
            places.setdefault(statement, []).append(f"{module}:{line}")
    return {statement: where for statement, where in places.items() if len(where) > 1}


# --- queries that are built of values ------------------------------------------------------------------


def built_of_values(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for scope in _scopes(tree):
        bound = _bound(scope, None)
        for node in _of(scope):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ASKS
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
def test_a_module_asks_the_database_only_what_its_room_may(module: str) -> None:
    found = faults(module, modules()[module].read_text(encoding="utf-8"))
    assert found == [], "\n".join(found)


def test_no_statement_stands_in_two_places() -> None:
    assert twice({module: path.read_text(encoding="utf-8") for module, path in modules().items()}) == {}


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("letters.caps", "def f(store):\n    store.rows('SELECT 1 FROM outbox')", "the database outside of its rooms"),
        ("letters.caps", "QUERY = 'SELECT a FROM outbox'", "SQL outside of its rooms"),
        ("letters.caps", "def f(name):\n    return f'DELETE FROM {name}'", "SQL outside of its rooms"),
        ("letters.caps", "work.store.update('outbox', 1, held=0)", "the database outside of its rooms"),
        ("daemon.run", "self._store.insert('warnings', key='a')", "the database outside of its rooms"),
        ("reports.recap", "store.update('tickets', 1, problem='')", "a report that writes"),
        ("reports.recap", "QUERY = 'UPDATE tickets SET a = 1'", "a report that writes"),
    ],
)
def test_what_stands_in_the_wrong_room_is_found(module: str, source: str, expected: str) -> None:
    assert any(expected in fault for fault in faults(module, source))


def test_a_statement_that_is_only_spelt_otherwise_is_the_same() -> None:
    one = "store.rows('SELECT a FROM b WHERE c = ?')"
    other = "store.value(\n    'SELECT a FROM b'\n    ' WHERE c = ?1')"
    assert twice({"store.x": one, "tickets.y": other}) == {"SELECT a FROM b WHERE c = ?": ["store.x:1", "tickets.y:2"]}


@pytest.mark.parametrize(
    "source",
    [
        "def f(store, name):\n    store.rows(f'SELECT {name}')",
        "def f(store, name):\n    store.rows('SELECT ' + name)",
        "def f(store, name):\n    store.rows('SELECT %s' % name)",
        "def f(store, name):\n    sql = f'SELECT {name}'\n    store.execute(sql)",
        "def f(store, names):\n    for name in names:\n        store.value(f'SELECT {name}')",
        "def _f(store, sql):\n    store.rows(sql)\n_f(store, mail.subject)",
        "def f(store):\n    sql = 'SELECT 1'\n    sql += mail.subject\n    store.row(sql)",
    ],
)
def test_a_query_that_is_built_of_values_is_found(source: str) -> None:
    [fault] = faults("store.x", source)
    assert "not the program's own words" in fault


@pytest.mark.parametrize(
    "source",
    [
        "def f(store, name):\n    store.rows('SELECT 1 WHERE a = ?', name)",
        "def f(store, ids):\n    marks = ', '.join('?' for _ in ids)\n    store.rows(f'SELECT {marks}', *ids)",
        "def f(store):\n    for table in ('a', 'b'):\n        store.rows(f'SELECT * FROM {table}')",
        "def _f(store, sql):\n    store.rows(sql)\ndef g(store):\n    _f(store, 'SELECT 1')",
        "_OPEN = 'a = 1'\ndef f(store):\n    store.rows(f'SELECT 1 WHERE {_OPEN}')",
    ],
)
def test_a_query_of_the_programs_own_words_is_allowed(source: str) -> None:
    assert faults("store.x", source) == []
