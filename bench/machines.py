"""How well mail of machines is told from people's, and delivery reports are read: on the sets of tests/corpus.

    python -m bench.machines           the figures
    python -m bench.machines --missed  and each mail that was read wrongly

A third of each set was written last and never tuned on ("held out"); both figures are given.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mailbot.model import Message
from mailbot.parsers.mime.message import parse
from mailbot.parsers.robots.automatic import automatic, no_answer_reason
from mailbot.parsers.robots.delivery import delivery_status

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
OWN = ("lpse@batangkab.go.id",)


@dataclass(frozen=True)
class Case:
    """One mail of a set: `wanted` is its entry in the file."""

    name: str
    held_out: bool
    wanted: dict[str, Any]
    raw: bytes

    @property
    def message(self) -> Message:
        return parse(self.raw)


def bounces() -> list[Case]:
    """Delivery reports; wanted: `recipients` [(address, outcome, status)], `original` Message-ID or None."""
    return [_bounce(entry, held_out) for entry, held_out in _entries("bounces")]


def autoreplies() -> list[Case]:
    """Mail of machines other than delivery reports; wanted: `kind`, `bare` (no header tells)."""
    return [_letter(entry, held_out, "budi@perusahaan.example") for entry, held_out in _entries("autoreplies")]


def people() -> list[Case]:
    """People's mail; wanted: `quiet`: whether no automatic mail may answer it, or "either"."""
    return [_letter(entry, held_out, "Andi Wijaya <andi@cv-contoh.example>") for entry, held_out in _entries("people")]


def _entries(folder: str) -> Iterator[tuple[dict[str, Any], bool]]:
    for path in sorted((CORPUS / folder).glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, entry in enumerate(content["mails"], 1):
            entry.setdefault("name", f"{path.stem}_{number}")
            yield {**content.get("all", {}), **entry}, bool(content.get("held_out"))


def _bounce(entry: dict[str, Any], held_out: bool) -> Case:
    name = entry["name"]
    identifier = f"<{name}@batangkab.go.id>"
    way = entry.get("returned", "message")
    expected = [tuple(row) for row in entry["expect"]]
    addressee = entry.get("to") or ", ".join(row[0] for row in expected if "@" in row[0])
    returned = (
        f"Return-Path: <lpse@batangkab.go.id>\nReceived: from app.batangkab.go.id ([192.0.2.1])\n"
        f"From: LPSE Kabupaten Batang <lpse@batangkab.go.id>\nTo: {addressee}\nSubject: Jawaban\n"
        f"Message-ID: {identifier}\nDate: Mon, 02 Nov 2026 09:00:00 +0700\n"
    )
    head = [
        *([] if entry.get("path") == "none" else [f"Return-Path: {entry.get('path', '<>')}"]),
        f"From: {entry['from']}",
        "To: lpse@batangkab.go.id",
        f"Subject: {entry['subject']}",
        f"Message-ID: <r.{name}@mx.example>",
        "Date: Mon, 02 Nov 2026 09:01:00 +0700",
        "MIME-Version: 1.0",
        *_lines(entry.get("headers", {})),
        *([f"In-Reply-To: {identifier}"] if way == "reply" else []),
    ]
    text = entry["text"] + (f"{returned}\nYth. Bapak/Ibu,\nberikut jawaban kami.\n" if way == "text" else "")
    shape = entry.get("shape", "report")
    if shape in ("plain", "html"):
        kind = "html" if shape == "html" else "plain"
        head.append(f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit")
        body = text
    else:
        report = entry.get("report_type", "message/delivery-status")
        declared = {"report": f"multipart/report; report-type={report.rpartition('/')[2].replace('global-', '')}"}
        head.append(f'Content-Type: {declared.get(shape, "multipart/mixed")};\n boundary="pembatas"')
        parts = [f"Content-Type: text/plain; charset=utf-8\n\n{text}"]
        if "fields" in entry:
            parts.append(f"Content-Type: {report}\n\n{entry['fields']}")
        if way == "message":
            parts.append(f"Content-Type: message/rfc822\n\n{returned}\nYth. Bapak/Ibu,\n")
        elif way == "headers":
            parts.append(f"Content-Type: text/rfc822-headers\n\n{returned}")
        body = "".join(f"--pembatas\n{part}\n" for part in parts) + "--pembatas--\n"
    known = None if way == "none" else identifier
    return Case(name, held_out, {"recipients": expected, "original": known}, _bytes(head, body))


def _letter(entry: dict[str, Any], held_out: bool, sender: str) -> Case:
    headers = entry.get("headers", {})
    head = [
        *([f"Return-Path: {entry['path']}"] if "path" in entry else []),
        f"From: {entry.get('from', sender)}",
        f"To: {entry.get('to', 'LPSE Kabupaten Batang <lpse@batangkab.go.id>')}",
        *([f"Cc: {entry['cc']}"] if "cc" in entry else []),
        f"Subject: {entry.get('subject', '')}",
        f"Message-ID: <{entry['name']}@surat.example>",
        "Date: Mon, 02 Nov 2026 09:01:00 +0700",
        "MIME-Version: 1.0",
        *(["In-Reply-To: <t1@batangkab.go.id>"] if entry.get("reply") else []),
        *_lines({name: value for name, value in headers.items() if name != "Content-Type"}),
    ]
    body = entry.get("text", "")
    if "part" in entry:
        declared = headers.get("Content-Type", "multipart/mixed")
        head.append(f'Content-Type: {declared};\n boundary="pembatas"')
        kind, _, content = entry["part"].partition("\n")
        body = (
            f"--pembatas\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
            f"--pembatas\nContent-Type: {kind}\n\n{content}\n--pembatas--\n"
        )
    else:
        declared = headers.get("Content-Type", "text/plain; charset=utf-8")
        head.append(f"Content-Type: {declared}\nContent-Transfer-Encoding: 8bit")
    kind = entry.get("kind", "autoreply")
    wanted = {
        "kind": kind,
        "bare": not headers and "path" not in entry and "part" not in entry,
        "quiet": entry.get("quiet", False),
        "language": entry.get("language", ""),
    }
    return Case(entry["name"], held_out, wanted, _bytes(head, body))


def _lines(headers: dict[str, str | list[str]]) -> Iterator[str]:
    """The header lines; a list stands for a header that is there more than once."""
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            yield f"{name}: {one}"


def _bytes(head: Sequence[str], body: str) -> bytes:
    return ("\n".join(head) + "\n\n" + body).replace("\n", "\r\n").encode()


# --- what counts as right ----------------------------------------------------------------------------------------


def is_bounce(case: Case) -> bool:
    found = automatic(case.message, OWN)
    return found is not None and found.kind == "bounce"


def recipients_right(case: Case) -> bool:
    found = delivery_status(case.message)
    return is_bounce(case) and {s.recipient for s in found} == {row[0] for row in case.wanted["recipients"]}


def outcome_right(case: Case) -> bool:
    found = delivery_status(case.message)
    return is_bounce(case) and {(s.recipient, s.outcome) for s in found} == {r[:2] for r in case.wanted["recipients"]}


def status_right(case: Case) -> bool:
    found = delivery_status(case.message)
    return {(s.recipient, s.status) for s in found} == {(r[0], str(r[2])) for r in case.wanted["recipients"]}


def original_right(case: Case) -> bool:
    return {s.original_message_id for s in delivery_status(case.message)} == {case.wanted["original"]}


def kind_right(case: Case) -> bool:
    found = automatic(case.message, OWN)
    return found is not None and found.kind == case.wanted["kind"]


def is_person(case: Case) -> bool:
    return automatic(case.message, OWN) is None


def quiet_right(case: Case) -> bool:
    """Not answered automatically where that could make a loop; answered where it is plainly a person's."""
    return case.wanted["quiet"] in (
        "either",
        no_answer_reason(case.message, OWN, automatic(case.message, OWN)) is not None,
    )


def _bare(wanted: bool) -> list[Case]:
    return [case for case in autoreplies() if case.wanted["bare"] is wanted]


Test = Callable[[Case], bool]
_MEASURED: tuple[tuple[str, Callable[[], list[Case]], Test], ...] = (
    ("delivery reports recognised", bounces, is_bounce),
    ("delivery reports: recipients right", bounces, recipients_right),
    ("delivery reports: recipients and hard, soft or delayed right", bounces, outcome_right),
    ("delivery reports: status codes right", bounces, status_right),
    ("delivery reports: Message-ID of the mail found", bounces, original_right),
    ("other machines' mail with headers recognised", lambda: _bare(False), kind_right),
    ("automatic replies without any header recognised", lambda: _bare(True), kind_right),
    ("people's mail taken for a person's", people, is_person),
    ("people's mail: automatic answer rightly given or withheld", people, quiet_right),
)  # fmt: skip


def missed(cases: Sequence[Case], right: Test) -> list[str]:
    """The names of the mails that were read wrongly."""
    return [case.name for case in cases if not right(case)]


def figures() -> list[tuple[str, str]]:
    """(what is measured, the figure in words)."""
    rows = []
    for what, cases_of, right in _MEASURED:
        cases = cases_of()
        for held_out, note in ((False, ""), (True, " (held out)")):
            chosen = [case for case in cases if case.held_out is held_out]
            if chosen:
                good = len(chosen) - len(missed(chosen, right))
                rows.append((f"{what}{note}", f"{good} of {len(chosen)} ({good / len(chosen):.1%})"))
    return rows


def main() -> None:
    for what, figure in figures():
        print(f"{what}: {figure}")
    if "--missed" in sys.argv:
        for what, cases_of, right in _MEASURED:
            for name in missed(cases_of(), right):
                print(f"{what}: {name}")


if __name__ == "__main__":
    main()
