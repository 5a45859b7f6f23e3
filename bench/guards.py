"""Which steps, guards and word lists of LKPP's reader no figure of the labelled and the unseen replies needs.

    python -m bench.guards            every condition of the code, then every list and entry of the phrase file
    python -m bench.guards code       conditions only; "lists": lists only

One after the other is left out: a condition is never met, one of several is not asked, a row of a table or an entry of
a list is gone. Then every reply is read again, rules and veto together. Told is what changes: "lost": a right reading
that becomes undecided; "wrong": a decided one that becomes wrong; "solved": of these, wrong "selesai"; "more": an
undecided one that is read rightly. What changes nothing stands first. That is a question to a person, not yet an
answer: the sets may lack the mail that needs the guard. Write five of these, and see whether the guard stops them.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from bench import blind, proposals
from bench.classification import CORPUS
from mailbot import yamlfile
from mailbot.rules.language import normalise
from mailbot.rules.language.phrases import Lists, Patterns
from mailbot.rules.language.slips import Slips
from mailbot.rules.lkpp import classify as classifier
from mailbot.rules.lkpp import marked, proposal, solved
from mailbot.rules.lkpp.classify import UNCLEAR, Phrases, load_phrases
from mailbot.rules.lkpp.phrases import BUILT_IN, MARKS

UNSEEN = CORPUS.parent / "unseen"
#: The modules that decide, in the order in which each uses the one before.
_MODULES = (marked, solved, classifier)


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    labels: tuple[str, ...]
    vetoed: bool  # the learnt reader doubts a "selesai" of it


@dataclass(frozen=True, slots=True)
class Effect:
    """What leaving something out does."""

    what: str
    lost: int
    wrong: int
    solved: int
    more: int

    @property
    def needed(self) -> bool:
        return bool(self.lost or self.wrong)


def cases(phrases: Phrases) -> list[Case]:
    """The labelled replies, the unseen ones and the examples of the phrases."""
    reader = proposal.load()
    rows = [(each.text, each.labels) for each in proposals.replies()]
    for name in ("lkpp", "english_lkpp", "traps"):
        rows += blind.replies(UNSEEN / f"{name}.yaml")
    rows += [(rule.example, (rule.meaning,)) for rule in phrases.rules]
    return [Case(text, labels, proposal.doubts_solved(text, reader)) for text, labels in rows]


Read = Callable[[str], str]


def meanings(read: Read, replies: Sequence[Case]) -> list[str]:
    """What each is read as; the veto counts."""
    found = []
    for case in replies:
        meaning = read(case.text)
        found.append(UNCLEAR if meaning == "solved" and case.vetoed else meaning)
    return found


def effect(what: str, replies: Sequence[Case], before: Sequence[str], after: Sequence[str]) -> Effect:
    lost = wrong = wrongly = more = 0
    for case, was, now in zip(replies, before, after, strict=True):
        if was == now:
            continue
        if now == UNCLEAR:
            lost += was in case.labels
        elif now in case.labels:
            more += was not in case.labels or UNCLEAR in case.labels
        else:
            wrong += 1
            wrongly += now == "solved"
    return Effect(what, lost, wrong, wrongly, more)


# --- the code ------------------------------------------------------------------------------------


def conditions(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Each condition of a module, and the module without it."""
    for number, node in enumerate(ast.walk(tree)):
        for place, change in _changes(node):
            left = copy.deepcopy(tree)
            twin = next(each for at, each in enumerate(ast.walk(left)) if at == number)
            change(twin)
            line = getattr(node, "lineno", 0)
            yield f"{line}: {place}", ast.fix_missing_locations(left)


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """(what is left out, how) of one node."""
    match node:
        case ast.If() | ast.IfExp():
            yield f"if {ast.unparse(node.test)}", partial(_set, "test", ast.Constant(False))
        case ast.BoolOp():
            word = "and" if isinstance(node.op, ast.And) else "or"
            for at, value in enumerate(node.values):
                yield f"{word} {ast.unparse(value)}", partial(_drop, "values", at)
        case ast.comprehension():
            for at, value in enumerate(node.ifs):
                yield f"for … if {ast.unparse(value)}", partial(_drop, "ifs", at)
        case ast.BinOp(op=ast.BitOr()):
            yield f"| {ast.unparse(node.right)}", partial(_set, "right", node.left)
        case ast.Tuple() | ast.Set() if len(node.elts) > 1 and not _is_names(node):
            for at, value in enumerate(node.elts):
                yield f"row {ast.unparse(value)}", partial(_drop, "elts", at)


def _set(name: str, value: ast.expr, twin: Any) -> None:
    setattr(twin, name, value)


def _drop(name: str, at: int, twin: Any) -> None:
    getattr(twin, name).pop(at)


def _is_names(node: ast.Tuple | ast.Set) -> bool:
    return isinstance(node, ast.Tuple) and not all(isinstance(one, ast.Tuple | ast.Constant) for one in node.elts)


def without_conditions(phrases: Phrases) -> Iterator[tuple[str, Read]]:
    for changed in _MODULES:
        tree = ast.parse(Path(str(changed.__file__)).read_text(encoding="utf-8"))
        for what, left in conditions(tree):
            try:
                classify = _loaded(changed, left).classify
            except Exception:  # what does not even load is needed
                continue
            yield f"{changed.__name__.rpartition('.')[2]} {what}", _careful(classify, phrases)


def _careful(classify: Callable[[str, Phrases], classifier.Reading], phrases: Phrases) -> Read:
    def read(text: str) -> str:
        try:
            return classify(text, phrases).meaning
        except Exception:
            return "broken"

    return read


def _loaded(changed: ModuleType, tree: ast.Module) -> ModuleType:
    """The classifier, with one of its modules read from this tree."""
    before = {one.__name__: sys.modules[one.__name__] for one in _MODULES}
    parent = sys.modules[classifier.__package__ or ""]
    try:
        for one in _MODULES:
            made = ModuleType(one.__name__)
            made.__dict__.update(__file__=one.__file__, __package__=one.__package__, __spec__=one.__spec__)
            source = tree if one is changed else ast.parse(Path(str(one.__file__)).read_text(encoding="utf-8"))
            sys.modules[one.__name__] = made
            setattr(parent, one.__name__.rpartition(".")[2], made)
            exec(compile(source, str(one.__file__), "exec"), made.__dict__)
        return made
    finally:
        sys.modules.update(before)
        for name, kept in before.items():
            setattr(parent, name.rpartition(".")[2], kept)


# --- the phrase file -----------------------------------------------------------------------------


class _Without:
    """The marks but for one list."""

    def __init__(self, marks: Lists[str], name: str) -> None:
        self.marks, self.name = marks, name

    def of(self, words: Iterable[str]) -> list[frozenset[str]]:
        return [found - {self.name} for found in self.marks.of(words)]


def without_entries(phrases: Phrases) -> Iterator[tuple[str, Phrases]]:
    """Each word list, each section and each pattern of one; the phrases of the meanings are for bench.ablation."""
    source = yamlfile.read(BUILT_IN).data
    for name in MARKS:
        yield f"marks {name}", replace(phrases, marks=_Without(phrases.marks, name))  # type: ignore[arg-type]
    for name in ("neutral", "ignore", "closing", "trouble", "hedge", "confirmed"):
        for what, left in _patterns(source[name], getattr(phrases, name)):
            yield f"{name} {what}", _with(phrases, name, left)
    for name in ("void", "hints"):
        table = getattr(phrases, name)
        for meaning, patterns in table.items():
            for what, left in _patterns(source[name][meaning], patterns):
                yield f"{name} {meaning} {what}", _with(phrases, name, {**table, meaning: left})


def _with(phrases: Phrases, name: str, value: Any) -> Phrases:
    return replace(phrases, **{name: value})


def _patterns(written: Sequence[str], patterns: Patterns) -> Iterator[tuple[str, Patterns]]:
    every = tuple(patterns)
    yield "all", Patterns(())
    for text, pattern in zip(written, every, strict=True):
        yield f'"{text}"', Patterns(one for one in every if one is not pattern)


def remember() -> None:
    """Sentences and where patterns stand in them are the same in every trial."""
    for owner, name in ((normalise, "sentences"), (Slips, "corrected"), (Patterns, "find")):
        setattr(owner, name, cache(getattr(owner, name)))


def main() -> None:
    remember()
    wanted = sys.argv[1:] or ["code", "lists"]
    phrases = load_phrases()
    replies = cases(phrases)
    before = meanings(_careful(classifier.classify, phrases), replies)
    tried: list[tuple[str, Read]] = []
    if "code" in wanted:
        tried += without_conditions(phrases)
    if "lists" in wanted:
        tried += [(what, _careful(classifier.classify, left)) for what, left in without_entries(phrases)]
    found = [effect(what, replies, before, meanings(read, replies)) for what, read in tried]  # minutes
    for each in sorted(found, key=lambda one: (one.needed, one.lost + one.wrong)):
        print(f"lost {each.lost}, wrong {each.wrong}, solved {each.solved}, more {each.more}: {each.what}")
    print(f"{sum(not each.needed for each in found)} of {len(found)} change nothing, or only for the better")


if __name__ == "__main__":
    main()
