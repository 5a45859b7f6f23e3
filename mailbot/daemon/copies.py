"""The copies that a timer makes (`mailbot backup --keep`): each opened once it is made, kept by age, and missed when
the next good one does not come in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mailbot.errors import Damaged, PermanentFailure
from mailbot.store import already_told, backup
from mailbot.store.backup import Made, Progress
from mailbot.store.database import Store, to_text
from mailbot.store.outages import Outage

#: Younger copies stay, however many they are.
_ALL_WITHIN = timedelta(days=2)
#: What is remembered: when the last good copy was made, and by when the next one must be there. A restored database
#: remembers them too, so that a machine which takes over misses copies that nobody makes there.
_MADE, _DUE = "copy:made", "copy:due"


@dataclass(frozen=True, slots=True)
class Ages:
    """Of so many days, weeks and months, counted from the newest copy that there is of each, one is kept."""

    days: int
    weeks: int
    months: int


@dataclass(frozen=True, slots=True)
class Kept:
    """made: the new copy. removed: names of old ones. opened: the name of the old copy that was opened this time.
    fault: why that one cannot be put back; "": it can."""

    made: Made
    removed: tuple[str, ...]
    opened: str
    fault: str


def keep(
    store: Store, folder: Path, now: datetime, ages: Ages, within: timedelta, progress: Progress = lambda *_: None
) -> Kept:
    """Make a copy in a folder, open it, and only then remove old ones. within: when the next one is due; none: never.

    One of the old copies is opened too, each day another one: disks forget. Raises as `backup.make` and
    `backup.verify` do; a new copy that cannot be opened is removed, and the old ones stay.
    """
    made = backup.make(store, folder / backup.default_name(now), now, progress)
    try:
        backup.verify(made.path)
    except (Damaged, PermanentFailure):
        made.path.unlink(missing_ok=True)
        raise
    remember(store, now, within)
    there = {path.name: at for path in folder.iterdir() if (at := backup.time_of(path.name)) is not None}
    removed = sorted(there.keys() - to_keep(there.items(), now, ages))
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    old = sorted(there.keys() - {made.path.name, *removed})
    opened = old[now.toordinal() % len(old)] if old else ""
    return Kept(made, tuple(removed), opened, _fault(folder / opened) if opened else "")


def to_keep(copies: Iterable[tuple[str, datetime]], now: datetime, ages: Ages) -> set[str]:
    """The names of the copies that stay, of (name, when made). The newest always stays."""
    newest_first = sorted(copies, key=lambda copy: copy[1], reverse=True)
    kept = {name for name, made in newest_first if now - made < _ALL_WITHIN} | {name for name, _ in newest_first[:1]}
    for pattern, most in (("%Y-%m-%d", ages.days), ("%G-%V", ages.weeks), ("%Y-%m", ages.months)):
        last_of: dict[str, str] = {}
        for name, made in newest_first:
            last_of.setdefault(made.strftime(pattern), name)
        kept.update(list(last_of.values())[:most])
    return kept


def _fault(path: Path) -> str:
    try:
        backup.verify(path)
    except (Damaged, PermanentFailure) as error:
        return str(error)
    return ""


def remember(store: Store, now: datetime, within: timedelta) -> None:
    with store.immediate():
        already_told.again(store, "", _MADE, now)
        _expect(store, now, within)


def forget(store: Store, now: datetime) -> None:
    """No copies are made any more, and none are missed."""
    with store.immediate():
        _expect(store, now, timedelta())


def _expect(store: Store, now: datetime, within: timedelta) -> None:
    if within:
        already_told.again(store, "", _DUE, now + within)
    else:
        already_told.never_mind(store, "", _DUE)


def last(store: Store) -> datetime | None:
    """When the last good copy was made; None: none was made to be kept."""
    return already_told.last(store, "", _MADE)


def outage(store: Store, now: datetime) -> Outage | None:
    """That the next good copy has not come in time."""
    due = already_told.last(store, "", _DUE)
    if due is None or now <= due:
        return None
    made = last(store)
    return Outage("", "copy", "", "late", "", f"the last good one was made at {to_text(made)}" if made else "")
