"""What mailbot would have done with an archive: each mail handled at the time of its arrival, in data that begin empty
and are thrown away afterwards.

What a person would have answered is in no archive, except for answers by hand out of a folder of sent mail. Therefore
no deadline fires, and no ticket is closed: reminders and work lists are left out.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from mailbot.arrivals.intake import Intake
from mailbot.arrivals.replay import Folder, addressed
from mailbot.config.settings import Config
from mailbot.config.site import Site, open_sites
from mailbot.errors import MailbotError
from mailbot.fetch.mbox_files import HEAD, Stored
from mailbot.fetch.originals import heading_of
from mailbot.model import Role
from mailbot.parsers.mime.heading import heading
from mailbot.procedure import service
from mailbot.reports.replayed.tally import Fate, Handled, Written
from mailbot.restraint import held
from mailbot.store import held_mails, journal, outbox, sent_mails
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import ticket_rows, tickets

#: The folders of each mailbox; no server's.
_INBOX, _SENT_MAIL = "replay", "replay: sent mail"
_RECEIVED = re.compile(rb"^received:", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(rb"\r?\n\r?\n")
_HOUR = timedelta(hours=1)
#: What is held lapses after a day; behind that it waits for a person, whom an archive does not have.
_HOURS = 25
#: How the journal calls mail of machines (`parsers.robots.automatic.Kind`).
_STAFF = (Role.STAFF.value, Role.COORDINATOR.value, Role.HEAD.value, Role.OPERATOR.value)
_MACHINES = ("autoreply", "bounce", "list", "noreply", "calendar", "receipt", "reaction", "notice", "automatic")


class Years:
    """Handles mails in the order of their arrival. What is due to leave has been accepted at once."""

    def __init__(self, config: Config, store: Store) -> None:
        """`store` will be written to. Raises ConfigError."""
        self.store = store
        self.sites = tuple(map(_with_sent_mail, open_sites(config)))
        self._prefixes = [site.config.ticket_prefix for site in self.sites]
        self._folders: dict[tuple[str, str], Folder] = {}
        self._looked: dict[str, datetime] = {}
        self._told = 0  # the last mail of ours that was told of

    def run(self, mails: Iterable[Stored], mailbox: str | None = None) -> Iterator[Handled]:
        """mails: in the order of their arrival. mailbox: the one they are for, else their To and Cc say so.
        Raises OSError where one cannot be read any more."""
        for mail in mails:
            head = mail.read(HEAD)
            site = next((site for site in self.sites if site.name == mailbox), None) or addressed(self.sites, head)
            self._pass_time(site, mail.at)
            before = ticket_rows.last_id(self.store)
            folder = self._folder(site, _SENT_MAIL if _by_hand(site, head) else _INBOX, mail.at)
            entry_id = folder.remember(mail, mail.at)
            yield self._handle(site, mail, entry_id, before)

    def _handle(self, site: Site, mail: Stored, entry_id: int, before: int) -> Handled:
        intake = Intake(self.store, site, self._prefixes)
        failure = ""
        try:
            for _ in range(journal.ATTEMPTS + 1):
                if intake.handle_one(entry_id, mail.at):
                    break
        except MailbotError as error:
            failure = str(error)
        self._look(site, mail.at)
        entry = journal.entry(self.store, entry_id)
        fate = "failed" if failure or entry["state"] == "received" else _fate(entry, before)
        found = Handled(
            source=mail.source,
            mailbox=site.name,
            at=mail.at,
            sender=str(entry["sender"]),
            subject=heading_of(self.store, entry).subject if fate in ("quarantined", "failed") else "",
            fate=fate,
            reason=failure or str(entry["disposition"] if fate == "machine" else entry["reason"]),
            written=self.written(),
        )
        if entry["ticket_id"] is None:
            return found
        number = tickets.load(self.store, int(entry["ticket_id"])).number
        if fate != "ticket":
            return replace(found, ticket=number)
        proposed = tickets.proposals(self.store, int(entry["ticket_id"]))
        priority, problem = (proposed.get(what, ("", ""))[0] for what in ("priority", "problem"))
        return replace(found, ticket=number, priority=priority, problem=problem)

    def written(self) -> tuple[Written, ...]:
        """What was written since this was last asked: by a mail, or since because time has passed."""
        rows = sent_mails.after(self.store, self._told)
        self._told = sent_mails.last_id(self.store)
        return tuple(
            Written(
                to_instant(row["created_at"]), row["template"], row["recipient"], row["held_why"] if row["held"] else ""
            )
            for row in rows
        )

    def finish(self) -> tuple[Written, ...]:
        """What leaves in the day behind the last mail."""
        for site in self.sites:
            if site.name in self._looked:
                self._pass_time(site, self._looked[site.name] + _HOUR * (_HOURS + 1))
        return self.written()

    def _pass_time(self, site: Site, until: datetime) -> None:
        """What is held may be let go, or lapse, before the next mail comes."""
        at = self._looked.get(site.name, until)
        for _ in range(_HOURS):
            at += _HOUR
            if at >= until or not held_mails.anything(self.store, site.name):
                return
            self._look(site, at)

    def _look(self, site: Site, now: datetime) -> None:
        self._looked[site.name] = now
        held.look(self.store, site, now)
        while rows := outbox.due(self.store, site, now, now):
            for row in rows:
                with self.store.immediate():
                    outbox.accept(self.store, int(row["id"]), "", now)
                service.accepted(self.store, site, int(row["id"]), now)

    def _folder(self, site: Site, name: str, now: datetime) -> Folder:
        if (found := self._folders.get((site.name, name))) is None:
            found = self._folders[site.name, name] = Folder(self.store, site, name, now)
        return found


def _with_sent_mail(site: Site) -> Site:
    imap = site.config.imap
    sent = imap.model_copy(update={"sent": _SENT_MAIL})
    return replace(site, config=site.config.model_copy(update={"imap": sent}))


def _by_hand(site: Site, head: bytes) -> bool:
    """A mail of the mailbox itself that no server took in (RFC 5321 §4.4): a program has filed it as sent mail."""
    header = _HEADER.split(head, maxsplit=1)[0]
    if _RECEIVED.search(header):
        return False
    first = heading(header).lower().partition(b"\r\n")[0]
    return first.startswith(b"from:") and any(address.encode() in first for address in site.config.addresses)


def _fate(entry: Row, before: int) -> Fate:
    """before: the last ticket that there was when the mail came."""
    disposition, role = str(entry["disposition"]), str(entry["role"])
    if entry["state"] == "quarantined":
        return "quarantined"
    if entry["state"] == "duplicate" or disposition == "sent.again":
        return "duplicate"
    if disposition.startswith("sent."):
        return "by_hand"
    if disposition == "own":
        return "own"
    if disposition in _MACHINES:
        return "machine"
    if role == Role.LKPP.value:
        return "lkpp"
    if role in _STAFF:
        return "staff"
    return "ticket" if entry["ticket_id"] is not None and int(entry["ticket_id"]) > before else "reply"


@contextmanager
def empty() -> Iterator[Store]:
    """Data that begin empty, gone afterwards: nothing of them need ever be on a disk. Raises what `Store.open` does."""
    with tempfile.TemporaryDirectory(prefix="mailbot-replay-") as name, closing(Store.open(Path(name))) as store:
        store.forgettable()
        yield store
