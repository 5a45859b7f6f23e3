"""Writes the evidence file: a ZIP in which the same data make the same bytes, its list last.

Mails go through in pieces, so that a mail of 25 MB takes no more memory than a small one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mailbot.config.settings import Config
from mailbot.errors import PermanentFailure
from mailbot.reports.evidence import chain, dossier, forms, page
from mailbot.reports.newfile import Packed, new_file, pieces_of
from mailbot.store import journal, mail_bytes
from mailbot.store.database import Store

LIST, README, PAGE, DATA = "daftar.txt", "LIHAT-DULU.txt", "riwayat.html", "riwayat.json"

#: Told how many mails are written, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished evidence file. seal: the last line of its chain. damaged: originals that are gone or are not what they
    were at arrival, and mails of ours of which a file is."""

    path: Path
    number: str
    size: int
    sha256: str
    seal: str
    received: int
    sent: int
    damaged: tuple[str, ...]


def make(store: Store, config: Config, number: str, path: Path, progress: Progress = lambda *_: None) -> Made:
    """Write a ticket's evidence to `path`, of which there is no file yet. Raises FileExistsError, OSError,
    LookupError."""
    with store.snapshot():
        told = dossier.of(store, config, number)
        sheets = forms.of(store, config, told["ticket"]["id"], dossier.last_moment(told))
        with new_file(path) as file:
            seal = _write(store, file, told, sheets, progress)
            size = file.tell()
        digest = _digest(path)
    damaged = tuple(f"{mail['file']}: {mail['fault']}" for mail in (*told["received"], *told["sent"]) if mail["fault"])
    received, sent = len(told["received"]), len(told["sent"])
    return Made(path, told["ticket"]["number"], size, digest, seal, received, sent, damaged)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def default_name(number: str) -> str:
    return f"bukti-{number}.zip"


def _write(
    store: Store, file: IO[bytes], told: dict[str, Any], sheets: list[tuple[str, bytes]], progress: Progress
) -> str:
    """The whole ZIP; its seal. Notes with each mail of `told` what was found of it: `sha256`, `fault`."""
    listed: list[chain.Listed] = []
    total, done = len(told["received"]) + len(told["sent"]), 0
    with Packed(file, f"bukti-{told['ticket']['number']}") as packed:

        def add(name: str, pieces: Iterable[bytes], expected: int = 0) -> str:
            digest, size = packed.add(name, pieces, expected)
            listed.append(chain.Listed(name, digest, size))
            return digest

        for mail in told["received"]:
            _received(store, mail, add)
            progress(done := done + 1, total)
        for mail in told["sent"]:
            _sent(store, mail, add)
            progress(done := done + 1, total)
        for name, data in sheets:
            add(f"formulir/{name}", [data])
        add(DATA, [_json(told)])
        add(PAGE, [page.history(told).encode()])
        add(README, [page.readme(told, len(sheets)).encode()])
        text, seal = chain.written(told["ticket"]["number"], listed)
        add(LIST, [text.encode()])
    return seal


def _json(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8", "surrogatepass")


def _received(store: Store, mail: dict[str, Any], add: Callable[..., str]) -> None:
    """The bytes as they lie on the disk, beside the hash that they had at arrival."""
    try:
        with journal.opened(store, int(mail["journal_id"])) as content:
            mail["sha256"] = add(mail["file"], pieces_of(content), int(mail["size"]))
    except PermanentFailure as error:
        mail["sha256"], mail["fault"] = None, error.reason
        return
    whole = mail["erased_at"] or mail["sha256"] == mail["sha256_at_arrival"]  # a stub has the salted hash
    mail["fault"] = "" if whole else "not the bytes that had arrived"


def _sent(store: Store, mail: dict[str, Any], add: Callable[..., str]) -> None:
    try:
        mail_bytes.examine(store, int(mail["outbox_id"]))  # what is begun in a ZIP cannot be taken out again
    except PermanentFailure as error:
        mail["sha256"], mail["fault"] = None, error.reason
        return
    mail["sha256"], mail["fault"] = add(mail["file"], mail_bytes.pieces(store, int(mail["outbox_id"]))), ""
