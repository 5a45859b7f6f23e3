"""Every Indonesian sentence stands in a file that a native speaker can read: a template or a YAML file, not Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from mailbot import wordfile, yamlfile
from tests.project.test_lint_security import PACKAGE, modules

INDONESIAN = wordfile.read(__file__, "indonesian.txt")["words"].words
#: Regular expressions recognise words and say none.
_PATTERN = re.compile(r"\(\?|\\[bsdwSWAZ]|\][{*+?]|\)[*?]|\{\d")
_WORD = re.compile(r"[^\W\d_]+")

#: What stands in Python and is read by nobody: words to recognise. (module, text) → why.
READ_BY_NOBODY: dict[tuple[str, str], str] = {
    ("config.values", 'calendar days above zero, in quotes: "7d" or "7 hari"'): "English, with an example",
    ("demo.play", "di lkpp"): "a key of play.yaml",
    ("demo.play", "hari kerja lkpp"): "a key of play.yaml",
    ("reports.evidence.package", "daftar.txt"): "the name of a file",
    ("reports.sop.document", "di-samping"): "an anchor of the page",
    ("rules.worktime.service_hours", "cuti bersama"): "how the site's reason for a holiday names collective leave",
}


def said(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of every text in a module that is no docstring and no pattern."""
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            silent.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            silent.update(map(id, node.values))
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if not _PATTERN.search(text):
            yield node.lineno, text


def sentences(module: str, source: str) -> list[str]:
    """Lines "module:line: text" with the Indonesian sentences of a module."""
    found = []
    for line, text in said(ast.parse(source)):
        words = _WORD.findall(text.lower())
        if len(words) > 1 and INDONESIAN.intersection(words) and (module, text) not in READ_BY_NOBODY:
            found.append(f"{module}:{line}: {text[:100]}")
    return found


@pytest.mark.parametrize("module", modules())
def test_no_module_holds_an_indonesian_sentence(module: str) -> None:
    assert not sentences(module, modules()[module].read_text(encoding="utf-8"))


def test_every_exception_is_needed() -> None:
    written = {
        (module, text) for module, path in modules().items() for _, text in said(ast.parse(path.read_text("utf-8")))
    }
    assert not READ_BY_NOBODY.keys() - written


@pytest.mark.parametrize(
    "source",
    [
        'raise NotCarriedOut("Perintah itu tidak dikenal.")',
        'reason = f"E-mail nomor {entry} sudah dibuang"',
        'WHY = {"robot": "alamat ini mesin"}',
    ],
)
def test_a_sentence_is_found(source: str) -> None:
    assert sentences("any", source)


@pytest.mark.parametrize(
    "source",
    ['"""Mohon dibaca oleh semua."""', r're.compile(r"\b(?:belum|tidak) ada\b")', 'log.info("not found")', 'x = "dan"'],
)
def test_docstrings_patterns_english_and_single_words_are_no_sentences(source: str) -> None:
    assert not sentences("any", source)


# --- both sides of `Sentences` ----------------------------------------------------------------------------------------

Said = dict[str, set[str] | None]  # name → fields; None: a table, or the fields are not known


def asked(tree: ast.Module) -> Said | None:
    """What a module asks its sentences for; None: it has none."""
    own = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if ast.unparse(node.value) == "Sentences(__file__)"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if not own:
        return None
    found: Said = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in own:
            fields = {keyword.arg or "**" for keyword in node.keywords}
            for name in written_out(node.args[0]):
                assert name not in found or found[name] == fields, f"{name} is filled in two ways"
                found[name] = fields
        elif called.removesuffix(".table") in own:
            found |= dict.fromkeys(written_out(node.args[0]))
    return found


def written_out(node: ast.expr) -> Iterator[str]:
    """The names that an argument can be: written out, so that each sentence can be found from its file."""
    if isinstance(node, ast.IfExp):
        yield from written_out(node.body)
        yield from written_out(node.orelse)
    else:
        assert isinstance(node, ast.Constant) and isinstance(node.value, str), f"not written out: {ast.unparse(node)}"
        yield node.value


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


FILES = sorted(PACKAGE.rglob("sentences.yaml"))


@pytest.mark.parametrize("module", modules())
def test_a_module_says_each_of_its_sentences_and_no_other(module: str) -> None:
    path = modules()[module]
    wanted = asked(ast.parse(path.read_text(encoding="utf-8")))
    file = path.with_name("sentences.yaml")
    section = path.parent.name if path.stem == "__init__" else path.stem
    written = (yamlfile.read(file).data if file.exists() else {}).get(section)
    assert (wanted is None) == (written is None), "a module with sentences has a section of its name, and only then"
    if wanted is None or written is None:
        return
    assert wanted.keys() == written.keys()
    for name, asked_fields in wanted.items():
        if asked_fields is None:
            assert all(isinstance(text, str) for text in written[name].values()), name
        else:
            assert fields(written[name]) == asked_fields, name


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.parent.relative_to(PACKAGE)))
def test_each_section_belongs_to_a_module(file: Path) -> None:
    stems = {path.stem for path in file.parent.glob("*.py")} | {file.parent.name}
    assert set(yamlfile.read(file).data) <= stems


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    else:
        yield " ".join(str(data).split())


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.parent.relative_to(PACKAGE)))
def test_no_command_in_a_sentence_is_read_as_a_comment(file: Path) -> None:
    """YAML ends a plain text at " #": such a sentence stands in quotes or in a block."""
    whole = "\n".join(_texts(yamlfile.read(file).data))
    for line in file.read_text(encoding="utf-8").splitlines():
        written = line.strip()
        if not written.startswith("#") and (command := re.search(r" #\S.*", written)):
            assert command[0].rstrip("\"' ").replace('\\"', '"') in whole, line
