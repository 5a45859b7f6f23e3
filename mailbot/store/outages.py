"""What stands still at this moment (table `outages`): kept, so that a restart does not begin to count anew, and for
`mailbot status`. And what ends at a known moment: the certificates of the servers (table `certificates`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.store.database import Row, Store, to_instant, to_text

#: (mailbox, kind, what): one outage at a time.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Outage:
    """mailbox: "" for the whole program, or what sends under a name of its own. kind: "imap", "smtp", "token" (where an
    account's tokens come from), "copy" or "reload". what: the folder, or the account's user name. how: "refused" (an
    account), "gone" (a folder), "late" (a copy) or "silent". server: host:port. said: its words."""

    mailbox: str
    kind: str
    what: str
    how: str
    server: str
    said: str

    @property
    def key(self) -> Key:
        return self.mailbox, self.kind, self.what


@dataclass(frozen=True, slots=True)
class Known:
    """An outage since a moment; told: when the operator was told last."""

    id: int
    outage: Outage
    since: datetime
    told: datetime | None


def known(store: Store) -> dict[Key, Known]:
    """All of them, the oldest first."""
    found = [_read(row) for row in store.rows("SELECT * FROM outages ORDER BY since, id")]
    return {one.outage.key: one for one in found}


def begin(store: Store, outage: Outage, since: datetime) -> None:
    store.insert(
        "outages",
        mailbox=outage.mailbox,
        kind=outage.kind,
        what=outage.what,
        how=outage.how,
        server=outage.server,
        said=outage.said,
        since=to_text(since),
    )


def change(store: Store, one: Known, outage: Outage) -> None:
    """It goes on, and the server says something else."""
    store.update("outages", one.id, how=outage.how, server=outage.server, said=outage.said)


def told(store: Store, one: Known, now: datetime) -> None:
    store.update("outages", one.id, told_at=to_text(now))


def end(store: Store, one: Known) -> None:
    store.execute("DELETE FROM outages WHERE id = ?", one.id)


def _read(row: Row) -> Known:
    outage = Outage(
        mailbox=str(row["mailbox"]),
        kind=str(row["kind"]),
        what=str(row["what"]),
        how=str(row["how"]),
        server=str(row["server"]),
        said=str(row["said"]),
    )
    return Known(
        int(row["id"]), outage, to_instant(row["since"]), to_instant(row["told_at"]) if row["told_at"] else None
    )


# --- certificates --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Certificate:
    """protocol: imap or smtp. server: host:port."""

    protocol: str
    server: str
    ends: datetime


def certificate_seen(store: Store, mailbox: str, protocol: str, server: str, ends: datetime | None) -> None:
    """At a login. None: the connection is not encrypted. Writes only what is new."""
    known = {one.protocol: one for one in certificates(store, mailbox)}.get(protocol)
    found = None if ends is None else Certificate(protocol, server, ends)
    if found == known:
        return
    with store.immediate():
        store.execute("DELETE FROM certificates WHERE mailbox = ? AND protocol = ?", mailbox, protocol)
        if ends is not None:
            store.insert("certificates", mailbox=mailbox, protocol=protocol, server=server, ends_at=to_text(ends))


def certificates(store: Store, mailbox: str) -> list[Certificate]:
    rows = store.rows("SELECT protocol, server, ends_at FROM certificates WHERE mailbox = ? ORDER BY protocol", mailbox)
    return [Certificate(str(row["protocol"]), str(row["server"]), to_instant(row["ends_at"])) for row in rows]
