"""After a restore, and before anything is handled: no ticket number may be given twice.

The backup does not know how many tickets were opened after it was made. Subjects do not tell either: a user may never
have replied with the number. But each ticket comes from a mail, and UIDs rise without reuse (RFC 9051 §2.3.1.1). So
there are at most as many new tickets as UIDs given since, plus mails in the backup without a ticket. The counters start
above this bound, and above the highest tag found in the folders. The numbers between stay unused. They are noted, and
the operator is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mailbot import log
from mailbot.clock import Clock
from mailbot.config.site import Site
from mailbot.errors import ParseError
from mailbot.fetch import reader
from mailbot.fetch.folder import FolderReader
from mailbot.letters import alarms
from mailbot.parsers.mime.heading import heading
from mailbot.parsers.mime.subject import find_numbers
from mailbot.sentences import Sentences
from mailbot.servers import imap
from mailbot.store import counters, folders, journal, outbox, restored
from mailbot.store.database import Store
from mailbot.store.restored import Restoration
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)
#: How far above the bound a tag is believed: some mails of staff open several tickets (`#proses`). Anybody may write a
#: higher tag into a subject, and a year has only a million numbers.
_BELIEVED = 10_000
#: For a folder whose UIDs have begun anew, so that nobody knows how many there were.
_ANEW = 1_000


def settle(store: Store, site: Site, session: imap.Session, clock: Clock) -> bool:
    """Look through the folders and raise the counters. Selects other folders. True: done, or there was nothing to do.

    Raises TemporaryFailure and PermanentFailure, as the session does.
    """
    restoration = restored.pending(store, site.name)
    if restoration is None:
        return True
    since = (restoration.made_at - timedelta(days=1)).date()
    bound, tags = journal.without_ticket(store, site.name), dict[int, int]()
    read, moved = site.config.imap.folder, site.config.imap.done.folder
    for folder in dict.fromkeys([*([moved] if moved else []), *read]):
        try:
            state = session.select(folder, readonly=True)
        except imap.NoSuchFolder as error:  # nothing lies in it
            log.again(site.name, "restore", str(error))
            continue
        bound += _given_since(restoration, folder, state) if folder in read else 0
        # In a rehearsal the mails are of another time than ours.
        uids = session.uids_after(0) if clock.rehearsal else session.uids_since(since)
        _find_tags(site, session.subjects(uids), tags)
        _begin(store, site, folder, state, uids, clock)
        if folder == moved and folder not in read:
            _read_moved(store, site, session, state, clock)
    if site.config.proof is not None:
        _look_up(store, site, session, site.config.proof.folder, since, tags, clock)
    _raise(store, site, restoration, bound, tags, clock.now())
    return True


def _given_since(restoration: Restoration, folder: str, state: imap.FolderState) -> int:
    epoch, last = restoration.cursors.get(folder, (state.uidvalidity, 0))
    if epoch != state.uidvalidity:
        return state.uidnext - 1 + _ANEW
    return max(0, state.uidnext - 1 - last)


def _find_tags(site: Site, headers: Iterable[bytes], tags: dict[int, int]) -> None:
    """year → the highest number in a subject. Strangers write subjects, so the process that reads mails reads them."""
    prefix = site.config.ticket_prefix
    for raw in headers:
        try:
            subject = reader.parse(heading(raw)).subject
        except ParseError:
            continue
        for number in find_numbers(subject, [prefix]):
            year, serial = (int(part) for part in number.removeprefix(f"{prefix}-").split("-"))
            tags[year] = max(tags.get(year, 0), serial)


def _begin(store: Store, site: Site, folder: str, state: imap.FolderState, uids: list[int], clock: Clock) -> None:
    """A folder that the backup does not know is read from the backup's time on, and not from now on."""
    if folders.started(store, site.name, folder) is None:
        last = min(uids, default=state.uidnext) - 1
        folders.open_epoch(store, site.name, folder, state.uidvalidity, last, clock.now())


def _read_moved(store: Store, site: Site, session: imap.Session, state: imap.FolderState, clock: Clock) -> None:
    """With `done: move:FOLDER` handled mails lie elsewhere. Those from after the backup are read from there, once."""
    folder = str(site.config.imap.done.folder)
    FolderReader(store, site, folder, clock).read(session, state)
    journal.marked_in(store, site.name, folder)


def _look_up(
    store: Store, site: Site, session: imap.Session, folder: str, since: date, tags: dict[int, int], clock: Clock
) -> None:
    """Looks at the copies of sent mails. Their tags are our own. If a held mail is among them, it has left."""
    session.select(folder, readonly=True)
    _find_tags(site, session.subjects(session.uids_after(0) if clock.rehearsal else session.uids_since(since)), tags)
    for outbox_id, message_id in restored.to_look_up(store, site.name):
        at = session.find("Message-ID", message_id.strip("<>"))
        if at is not None:
            outbox.found(store, outbox_id, f"found in {folder}", clock.arrival(at))


def _raise(store: Store, site: Site, restoration: Restoration, bound: int, tags: dict[int, int], now: datetime) -> None:
    prefix = site.config.ticket_prefix
    gaps = {}
    with store.immediate():
        for year in range(site.local(restoration.made_at).year, site.local(now).year + 1):
            known = restoration.counters.get(f"{prefix} {year}", 0)
            last, tag = known + bound, tags.get(year, 0)
            if last < tag <= last + _BELIEVED:
                last = tag
            elif tag > last:
                log.again(site.name, "restore", f"a subject names {prefix}-{year}-{tag:06d}: not believed")
            last = counters.raise_to(store, prefix, year, last)
            if last > known:
                gaps[str(year)] = [known + 1, last]
        restored.settled(store, restoration.id, site.name, gaps, now)
        context, key, made = Context(store, site, now), f"restored.{restoration.id}", site.say(restoration.made_at)
        if gaps:
            ranges = [
                _SAID("numbers", first=f"{prefix}-{year}-{first:06d}", last=f"{last:06d}")
                for year, (first, last) in gaps.items()
            ]
            alarms.raise_alarm(context, "renumbered", "skipped", key=key, made=made, numbers="; ".join(ranges))
        else:
            alarms.raise_alarm(context, "renumbered", "none_skipped", key=key, made=made)
