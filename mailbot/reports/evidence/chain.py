"""The list of an evidence file: a line a file, and the hash of each line covers the line before. Pure.

    mailbot-bukti 1 LPSE-BTG-2026-000123
    0001 CHAIN SHA-256 SIZE diterima/0001.eml
    …
    0014 CHAIN akhir

CHAIN is the SHA-256 of the chain before (of the first line: of the head), a blank, and the line without its chain. So
nothing can be changed, added, removed or put elsewhere without the last one, the seal, being another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: First words of the list; the number is the form's.
HEAD = "mailbot-bukti 1"
_END = "akhir"
_LINE = re.compile(r"(?P<no>\d{4,}) (?P<chain>[0-9a-f]{64}) (?:akhir|(?P<sha>[0-9a-f]{64}) (?P<size>\d+) (?P<path>.+))")


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the list has it."""

    path: str
    sha256: str
    size: int


def written(number: str, files: Iterable[Listed]) -> tuple[str, str]:
    """The list's text, and its seal."""
    head = f"{HEAD} {number}"
    lines, before = [head], _hash(head)
    contents = [*(f"{file.sha256} {file.size} {file.path}" for file in files), _END]
    for no, content in enumerate(contents, 1):
        before = _hash(f"{before} {no:04} {content}")
        lines.append(f"{no:04} {before} {content}")
    return "\n".join(lines) + "\n", before


@dataclass(frozen=True, slots=True)
class Read:
    """A list that was read. faults: what is wrong with it as a chain, each with its line in the text."""

    number: str
    files: Sequence[Listed]
    seal: str
    faults: Sequence[str]


def read(text: str) -> Read:
    """A list's files as far as they can be read, and each place at which its chain is broken. Total."""
    head, *lines = text.split("\n")
    faults: list[str] = []
    if not head.startswith(f"{HEAD} "):
        faults.append(f"line 1: no list of an evidence file: {head[:60]!r}")
    if lines and lines[-1] == "":
        lines.pop()
    else:
        faults.append("the list is cut off: its last line has no end")
    found = [_LINE.fullmatch(line) for line in lines]
    chains = {_hash(head): 0, **{match["chain"]: int(match["no"]) for match in found if match}}
    before, expected, ended = _hash(head), 1, False
    files: list[Listed] = []
    for at, match in enumerate(found, 2):
        if match is None:
            faults.append(f"line {at}: changed: {lines[at - 2][:60]!r} is no line of a list")
            expected += 1
            continue
        no, content = int(match["no"]), _content(match)
        if ended:
            faults.append(f"line {at}: added behind the end: {content[-80:]}")
        if _hash(f"{before} {content}") == match["chain"]:
            if no != expected:
                faults.append(f"line {at}: its number is {no}, not {expected}")
        else:
            faults.append(f"line {at}: {_broken(match, content, expected, chains)}")
        before, expected, ended = match["chain"], no + 1, ended or match["sha"] is None
        if match["sha"] is not None:
            files.append(Listed(match["path"], match["sha"], int(match["size"])))
    if not ended:
        faults.append("the list is cut off: lines at its end were removed")
    return Read(head.removeprefix(f"{HEAD} "), files, before, faults)


def _broken(match: re.Match[str], content: str, expected: int, chains: dict[str, int]) -> str:
    """What has become of a line that does not follow from the one above."""
    no, name = int(match["no"]), match["path"] or _END
    for chain, before in chains.items():
        if _hash(f"{chain} {content}") == match["chain"]:
            return f"moved, or what stands above it was added: {name} has followed number {before}"
    if no > expected:
        gone = f"number {expected}" if no == expected + 1 else f"numbers {expected} to {no - 1}"
        return f"lines were removed above {name}: {gone}"
    if no < expected:
        return f"added, or changed: {name} has the number {no}, where {expected} belongs"
    return f"changed: {name} is not what the chain says, or the line above it is not"


def _content(match: re.Match[str]) -> str:
    rest = _END if match["sha"] is None else f"{match['sha']} {match['size']} {match['path']}"
    return f"{match['no']} {rest}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
