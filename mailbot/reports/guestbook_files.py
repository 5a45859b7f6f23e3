"""The buku tamu of a month as files: a sheet to print and sign, and CSV.

SOP counter, step 4: who came is recorded in the buku tamu with what was asked for. All texts are masked as in notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from mailbot.config.site import Site
from mailbot.masking import mask
from mailbot.parsers.dates import months
from mailbot.reports import csvfile, guestbook, sheet, signing
from mailbot.reports.sheet import Column, Page
from mailbot.sentences import Sentences
from mailbot.store.database import Row, Store
from mailbot.tickets import consultations

_SAID = Sentences(__file__)
#: Column → its heading.
COLUMNS = _SAID.table("columns")
_WIDTHS = {
    "number": (4.2, "number"),
    "day": (10.2, "day"),
    "time": (11.0, "code"),
    "queue": (8.5, "code"),
    "name": (18.0, "text"),
    "organisation": (19.0, "text"),
    "street": (19.0, "text"),
    "reach": (20.0, "text"),
    "purpose": (36.0, "text"),
    "form": (15.0, "code"),
    "giver": (12.0, "code"),
}
#: Under which columns who signs stands.
_LEFT, _RIGHT = (3, 5), (8, 9)


def visits(store: Store, site: Site, first: date) -> list[list[str]]:
    """The visits of the month that begins with `first`, in the order in which they began; cells are text."""
    found = guestbook.visits(store, site, first, months.last_day(first))
    return [_row(store, site, number, visit) for number, visit in enumerate(found, 1)]


def as_csv(found: Sequence[Sequence[str]]) -> bytes:
    return csvfile.write(list(COLUMNS.values()), found)


def as_xlsx(found: Sequence[Sequence[str]], site: Site, first: date, now: datetime, *, officer: str = "") -> bytes:
    """officer: the name under "Petugas"; "": see `signing`."""
    month = months.words(first)
    left, right = signing.signers(site.config, site.zone, now, officer)
    page = Page(
        name=_SAID("sheet"),
        title=_SAID("title"),
        about=((_SAID("office"), site.config.organisation), (_SAID("month"), month)),
        columns=[Column(heading, *_WIDTHS[name]) for name, heading in COLUMNS.items()],
        rows=found,
        nothing=_SAID("nothing", month=month),
        signers=((*_LEFT, left), (*_RIGHT, right)),
    )
    return sheet.workbook(
        [page],
        title=f"{_SAID('title')} {month}",
        organisation=site.config.organisation,
        at=now,
        state=signing.state(site.zone, now),
    )


def file_name(site: Site, first: date, suffix: str) -> str:
    """As "bukutamu-LPSE-BTG-2026-11.xlsx"."""
    return f"bukutamu-{site.config.ticket_prefix}-{first:%Y-%m}{suffix}"


def _row(store: Store, site: Site, number: int, visit: Row) -> list[str]:
    cells = {
        "number": str(number),
        "day": f"{date.fromisoformat(visit['day']):{sheet.DAY}}",
        "time": consultations.time_words(site, visit),
        "queue": str(visit["queue"]),
        "name": str(visit["name"]),
        "organisation": str(visit["organisation"]),
        "street": str(visit["street"]),
        "reach": "\n".join(filter(None, (str(visit["phone"]), str(visit["address"])))),
        "purpose": mask(consultations.problem(store, visit) or str(visit["subject"]))[0].strip(),
        "form": consultations.form_number(str(visit["form_number"]), int(visit["sheet"])),
        "giver": str(visit["giver"]),
    }
    return [cells[name] for name in COLUMNS]
