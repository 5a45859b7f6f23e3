"""What mailbot would do today with mails that lie in files: read, decided on and answered in a copy of the data that is
thrown away afterwards. Nothing is sent, and no server is asked.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from mailbot.arrivals.intake import Intake
from mailbot.config.settings import Config
from mailbot.config.site import Site, open_sites
from mailbot.errors import MailbotError, ParseError
from mailbot.fetch import originals
from mailbot.fetch.mbox_files import HEAD, Stored
from mailbot.model import Role
from mailbot.parsers.identity import author
from mailbot.parsers.reply import quoted
from mailbot.parsers.robots.automatic import automatic
from mailbot.parsers.robots.delivery import delivery_status
from mailbot.rules.lkpp.classify import classify
from mailbot.store import folders, journal, sent_mails
from mailbot.store.database import Row, Store
from mailbot.tickets import earlier, tickets

#: The folder and UIDVALIDITY under which the copy keeps them; no server's.
_FOLDER, _EPOCH = "replay", 0
_HEADER = re.compile(rb"\r?\n\r?\n")


class Folder:
    """A folder of a mailbox in the copy, into which mails are put one after the other."""

    def __init__(self, store: Store, site: Site, name: str, now: datetime) -> None:
        self._store, self._site, self._name = store, site, name
        self._uid = 0
        folders.open_epoch(store, site.name, name, _EPOCH, 0, now)

    def remember(self, mail: Stored, at: datetime) -> int:
        """As if it arrived at that moment: its entry in the journal. Of one above the limit only the header is read, as
        from a server. Raises OSError."""
        self._uid += 1
        whole = mail.size <= self._site.config.limits.message_size
        fetched = journal.Fetched(
            mailbox=self._site.name,
            folder=self._name,
            uidvalidity=_EPOCH,
            uid=self._uid,
            raw=mail.read() if whole else _HEADER.split(mail.read(HEAD), maxsplit=1)[0],
            size=mail.size,
            complete=whole,
            arrived_at=at,
        )
        [entry] = journal.remember(self._store, [fetched], at)
        return entry


def addressed(sites: Sequence[Site], head: bytes) -> Site:
    """The site whose address stands in the beginning of a mail; else the first."""
    small = head.lower()
    named = (site for site in sites if any(address.encode() in small for address in site.config.addresses))
    return next(named, sites[0])


class Replay:
    """Handles mails one after the other, as if each arrived at `now`."""

    def __init__(self, config: Config, store: Store, now: datetime) -> None:
        """`store` will be written to. Raises ConfigError."""
        self.store, self.now = store, now
        self.sites = open_sites(config)
        self._prefixes = [site.config.ticket_prefix for site in self.sites]
        self._folders = {site.name: Folder(store, site, _FOLDER, now) for site in self.sites}

    def run(self, mails: Iterable[Stored], mailbox: str | None = None) -> Iterator[dict[str, Any]]:
        """What would be done with each; `mailbox` names the one they are for, else their To and Cc say so.
        Raises OSError where one cannot be read any more."""
        for mail in mails:
            yield self._one(mail, mailbox)

    def _one(self, mail: Stored, mailbox: str | None) -> dict[str, Any]:
        named = next((site for site in self.sites if site.name == mailbox), None)
        site = named or addressed(self.sites, mail.read(HEAD))
        sent_before = sent_mails.last_id(self.store)
        entry_id = self._folders[site.name].remember(mail, self.now)
        intake = Intake(self.store, site, self._prefixes)
        try:
            for _ in range(journal.ATTEMPTS + 1):
                if intake.handle_one(entry_id, self.now):
                    break
        except MailbotError as error:
            return {"source": mail.source, "mailbox": site.name, "outcome": "failed", "reason": str(error)}
        entry = journal.entry(self.store, entry_id)
        found = {
            "source": mail.source,
            "mailbox": site.name,
            "outcome": entry["state"],
            "disposition": entry["disposition"],
            "reason": entry["reason"],
            "sender": {"address": entry["sender"], "role": entry["role"]},
            "ticket": self._ticket(entry),
            "mails": [_shown(row) for row in sent_mails.after(self.store, sent_before)],
        }
        return found | self._reading(site, entry)

    def _ticket(self, entry: Row) -> dict[str, Any] | None:
        if entry["ticket_id"] is None:
            return None
        ticket = tickets.load(self.store, int(entry["ticket_id"]))
        step = earlier.last_step(self.store, entry["id"])
        return {
            "number": ticket.number,
            "threaded_by": entry["threaded_by"],
            "status": ticket.status.value,
            "row": step and step["row"],
            "step": step and step["step"],
            "priority": ticket.priority,
            "fields": tickets.fields(self.store, ticket.id),
            "proposals": {
                what: {"value": value, "reason": reason}
                for what, (value, reason) in tickets.proposals(self.store, ticket.id).items()
            },
        }

    def _reading(self, site: Site, entry: Row) -> dict[str, Any]:
        """How the mail itself was understood; {} where it was not."""
        try:
            message = originals.read(self.store, site.config, entry)
        except ParseError:
            return {}
        new = quoted.new_text(message.text)
        machine = automatic(message, site.config.addresses)
        found: dict[str, Any] = {
            "subject": message.subject,
            "from": author(message)[0] or [box.address for box in message.from_],
            "message_id": message.message_id,
            "text": message.text,
            "new_text": new.own,
            "below": new.below,
            "doubt": new.doubt,
            "attachments": [
                {"name": file.name, "type": file.content_type, "size": len(file.data), "sha256": file.sha256}
                for file in message.attachments
            ],
            "machine": machine and {"kind": machine.kind, "reason": machine.reason},
            "ambiguous": list(message.ambiguous),
        }
        if machine is not None and machine.kind == "bounce":
            found["delivery"] = [asdict(status) | {"outcome": status.outcome} for status in delivery_status(message)]
        if entry["role"] == Role.LKPP.value:
            reading = classify(new.text, site.lkpp_phrases)
            found["meaning"] = {"meaning": reading.meaning, "sentence": reading.sentence, "rule": reading.rule}
        return found


def _shown(row: Row) -> dict[str, Any]:
    names = ("template", "recipient", "subject", "held_why")
    return {name: row[name] for name in names} | {"held": bool(row["held"])}


@contextmanager
def copied(config: Config) -> Iterator[Store]:
    """A copy of the data as they are at this moment (empty ones where there are none), gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mailbot-replay-") as name:
        folder = Path(name)
        raw = folder / "raw"
        raw.mkdir(mode=0o700)
        if (config.data / "mailbot.sqlite").exists():
            with closing(Store.open(config.data)) as store:
                store.copy_to(folder)
            for file in (config.data / "raw").iterdir():
                (raw / file.name).symlink_to(file.resolve())
        with closing(Store.open(folder)) as store:
            yield store
