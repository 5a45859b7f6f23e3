"""The rekap of a month as an office prints and signs it: the paper's ten columns, a worksheet for each channel.

Each worksheet is the paper of its channel (SOP telephone: "Rekap Penanganan Permasalahan Melalui Telepon"), with its
own title, its own No Urut Pencatatan and the paper's Keterangan below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mailbot.parsers.dates import months
from mailbot.reports import recap, sheet, signing
from mailbot.reports.sheet import Column, Page
from mailbot.sentences import Sentences, filled
from mailbot.store.database import Store

_SAID = Sentences(__file__)
_SHEETS, _KEY, _WHAT = _SAID.table("sheets"), _SAID.table("key"), _SAID.table("what")
_ALL = "all"

MEDIA_TYPE = sheet.MEDIA_TYPE
#: Column of the rekap → its width and kind: together as wide as A4 lying down, with two wide ones for the words.
_WIDTHS = {
    "number": (4.2, "number"),
    "day": (10.2, "day"),
    "address": (19.0, "text"),
    "name": (16.5, "text"),
    "message": (38.0, "text"),
    "category": (11.5, "code"),
    "destination": (13.5, "text"),
    "answered": (10.2, "day"),
    "answer": (38.0, "text"),
    "officer": (10.5, "code"),
}
#: The key stands under the first four columns; who signs, under "Isi Pesan" and under "Isi Jawaban".
_KEY_TO, _LEFT, _RIGHT = 3, (4, 5), (8, 9)


def workbook(store: Store, asked: recap.Asked, now: datetime, *, officer: str = "") -> bytes:
    """The file. officer: the name under "Petugas"; "": see `signing`."""
    return of(recap.recap(store, asked, now), asked, now, officer=officer)


def of(found: Mapping[str, Any], asked: recap.Asked, now: datetime, *, officer: str = "") -> bytes:
    """The same of what `recap.recap` has found."""
    sections: Sequence[Mapping[str, Any]] = found["sections"] or [{"channel": asked.channel, "rows": []}]
    return sheet.workbook(
        [_page(asked, section["channel"] or _ALL, section["rows"], now, officer) for section in sections],
        title=f"Rekap {found['title']}",
        organisation=asked.mailbox.organisation,
        at=now,
        state=signing.state(asked.zone, now),
    )


def file_name(prefix: str, asked: recap.Asked) -> str:
    """As "rekap-LPSE-BTG-2026-11.xlsx"."""
    named = {"month": f"{asked.first:%Y-%m}", "channel": asked.channel, "anonymous": asked.anonymous}
    return recap.file_name(prefix, named, sheet.SUFFIX)


def _page(asked: recap.Asked, channel: str, rows: Sequence[Sequence[str]], now: datetime, officer: str) -> Page:
    title = recap.HEADINGS.get(channel) or _SAID("any")
    month = months.words(asked.first)
    left, right = signing.signers(asked.mailbox, asked.zone, now, officer, named=not asked.anonymous)
    return Page(
        name=_SHEETS.get(channel) or _SAID("all"),
        title=_SAID("anonymous", title=title) if asked.anonymous else title,
        about=((_SAID("office"), asked.mailbox.organisation), (_SAID("month"), month)),
        columns=[Column(heading, *_WIDTHS[name]) for name, heading in recap.COLUMNS.items()],
        rows=[[str(number), *row[1:]] for number, row in enumerate(rows, 1)],
        nothing=_SAID("nothing", month=month),
        numbered=True,
        key=[filled(line, what=_WHAT[channel]) for line in _KEY.values()],
        key_to=_KEY_TO,
        signers=((*_LEFT, left), (*_RIGHT, right)),
    )
