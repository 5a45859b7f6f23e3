"""The journal: every mail the server showed us, durable before it is understood, with one disposition at the end."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, NamedTuple

from mailbot.errors import PermanentFailure
from mailbot.killpoint import kill_point
from mailbot.model import Message, Role, Sender, Verdict
from mailbot.store import erased, folders
from mailbot.store.database import Row, Store, of_disk, to_text, write_durably

#: Larger mails lie in a file that is on disk before its row (the row stays small, the database fast).
FILE_FROM = 256 * 1024
#: Longer than any rest. Further away only a clock that ran ahead and was set back can have put a mail.
FAR = timedelta(hours=1)
#: A mail is tried so often before a person must look.
ATTEMPTS = 3
#: Until a mail that failed is tried again.
REST = timedelta(minutes=1)
#: So long after it was fetched, a mail waits for no earlier one of its sender any more.
BEHIND = timedelta(minutes=5)


def known_uids(store: Store, mailbox: str, folder: str, uidvalidity: int, after: int) -> set[int]:
    """What lies in the journal already although the cursor has not come so far."""
    rows = store.rows(
        "SELECT uid FROM journal WHERE mailbox = ? AND folder = ? AND uidvalidity = ? AND uid > ?",
        mailbox,
        folder,
        uidvalidity,
        after,
    )
    return {int(row["uid"]) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A mail as its folder holds it. `complete` is False where only the header was fetched (`raw`), because the mail is
    larger than the limit. arrived_at: the server's INTERNALDATE. latecomer: see `latecomers`. marks: whether it is
    marked on the server once it is handled."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    raw: bytes
    size: int
    complete: bool
    arrived_at: datetime
    latecomer: str = ""
    marks: bool = True

    @property
    def place(self) -> tuple[str, str, int, int]:
        return self.mailbox, self.folder, self.uidvalidity, self.uid


def remember(store: Store, mails: Sequence[Fetched], now: datetime, *, move: bool = True) -> list[int]:
    """Record mails and move the cursor, in one transaction: from here on they cannot be lost. Returns their entries.

    mails: of one folder, their UIDs rising. `move` is False where an earlier mail could not be read yet: the cursor
    stays before that one.
    """
    kept = [_kept(store, mail) for mail in mails]
    entries = []
    with store.immediate():
        for mail, one in zip(mails, kept, strict=True):
            store.execute(
                "INSERT OR IGNORE INTO journal (mailbox, folder, uidvalidity, uid, arrived_at, fetched_at, size,"
                " sha256, raw, raw_file, complete, latecomer, mark, erased_at, state, disposition)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *mail.place,
                to_text(mail.arrived_at),
                to_text(now),
                mail.size,
                one.digest,
                one.raw,
                one.file,
                int(mail.complete),
                mail.latecomer,
                "wanted" if mail.marks else "done",
                one.erased_at,
                *(("received", "") if one.erased_at is None else ("duplicate", "duplicate")),
            )
            kill_point("journalling")
            sql = "SELECT id FROM journal WHERE mailbox = ? AND folder = ? AND uidvalidity = ? AND uid = ?"
            entries.append(int(store.value(sql, *mail.place)))
        if move and mails:
            folders.move_cursor(store, *mails[-1].place)
    for _ in mails:
        kill_point("journalled")
    return entries


class _Kept(NamedTuple):
    """Where the bytes of a mail lie: in its row, or in a file that is on disk. erased_at: since when they may not."""

    digest: str
    raw: bytes | None
    file: str | None = None
    erased_at: str | None = None


def _kept(store: Store, mail: Fetched) -> _Kept:
    digest = hashlib.sha256(mail.raw).hexdigest()
    erased_at = erased.since(store, mail.mailbox, digest)
    if erased_at is not None:  # its bytes were removed at a person's request, and are not written again
        found = _Kept(erased.salted(store, digest), erased.stub(erased_at), erased_at=erased_at)
    elif len(mail.raw) >= FILE_FROM:
        found = _Kept(digest, None, file=f"{digest}.eml")
        write_durably(store.folder / "raw" / f"{digest}.eml", mail.raw, store.folder)
        kill_point("filed")
    else:
        found = _Kept(digest, mail.raw)
    kill_point("fetched")
    return found


def raw(store: Store, entry: Row) -> bytes:
    """The bytes as received. Raises PermanentFailure where they are gone, Damaged where the disk fails."""
    if entry["raw_file"]:
        path = store.folder / "raw" / str(entry["raw_file"])
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise PermanentFailure(str(path), "the file of this mail is gone") from error
        except OSError as error:
            raise of_disk(store.folder, str(path), error) from error
    return bytes(entry["raw"])


def opened(store: Store, journal_id: int) -> IO[bytes]:
    """The same as a file to be read in pieces. Raises as `raw` does."""
    found = entry(store, journal_id)
    if not found["raw_file"]:
        return io.BytesIO(bytes(found["raw"]))
    path = store.folder / "raw" / str(found["raw_file"])
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise PermanentFailure(str(path), "the file of this mail is gone") from error
    except OSError as error:
        raise of_disk(store.folder, str(path), error) from error


def entry(store: Store, journal_id: int) -> Row:
    row = find(store, journal_id)
    if row is None:
        raise LookupError(f"no journal entry {journal_id}")
    return row


def find(store: Store, journal_id: int) -> Row | None:
    """The entry of a number that a person has named."""
    return store.row("SELECT * FROM journal WHERE id = ?", journal_id)


def of_mailbox(store: Store, mailbox: str, journal_id: int) -> Row | None:
    """An entry, if it is this mailbox's."""
    return store.row("SELECT * FROM journal WHERE id = ? AND mailbox = ?", journal_id, mailbox)


def state(store: Store, journal_id: int) -> str:
    return str(store.value("SELECT state FROM journal WHERE id = ?", journal_id))


def writer(store: Store, journal_id: int) -> Row | None:
    """Who wrote a mail (sender, role), without its bytes."""
    return store.row("SELECT sender, role FROM journal WHERE id = ?", journal_id)


def waiting(store: Store, mailbox: str, now: datetime, at_most: int = -1, without: Collection[int] = ()) -> list[int]:
    """What must be handled now, in the order of arrival; what failed comes behind the others. at_most: -1 for all.

    without: entries that are in somebody's hands already.

    A first attempt without an end was most likely cut short by a crash that was no fault of the mail: it keeps its
    place, so that a power cut does not let an answer overtake its question. From the second on it is suspect.
    """
    rows = store.rows(
        "SELECT id FROM journal INDEXED BY journal_waiting WHERE mailbox = ? AND state = 'received'"
        " AND (next_try_at IS NULL OR next_try_at <= ? OR next_try_at > ?)"
        " ORDER BY next_try_at IS NOT NULL OR attempts > 1, id LIMIT ?",
        mailbox,
        to_text(now),
        to_text(now + FAR),
        at_most + len(without) if at_most >= 0 else at_most,
    )
    found = [int(row["id"]) for row in rows if row["id"] not in without]
    return found[:at_most] if at_most >= 0 else found


def pending(store: Store, mailbox: str) -> bool:
    """Whether a mail still waits to be handled, now or later."""
    sql = "SELECT 1 FROM journal INDEXED BY journal_waiting WHERE mailbox = ? AND state = 'received'"
    return store.value(sql, mailbox) is not None


def count_attempt(store: Store, journal_id: int) -> Row:
    """Count the attempt before it is made: a mail that kills the program is counted all the same. Returns its entry."""
    with store.immediate():
        row = store.changed("UPDATE journal SET attempts = attempts + 1 WHERE id = ? RETURNING *", journal_id)
    if row is None:
        raise LookupError(f"no journal entry {journal_id}")
    kill_point("attempt_counted")
    return row


def count_first(store: Store, journal_id: int) -> bool:
    """The same with whatever else is committed: the first attempt at a mail that is whole. False: it is none."""
    sql = "UPDATE journal SET attempts = 1 WHERE id = ? AND attempts = 0 AND complete = 1 AND state = 'received'"
    return store.execute(sql, journal_id) == 1


def uncount_attempt(store: Store, journal_id: int) -> None:
    """Take the attempt back: what came of it was no fault of the mail."""
    with store.immediate():
        store.execute("UPDATE journal SET attempts = attempts - 1 WHERE id = ?", journal_id)


def postpone(
    store: Store, journal_id: int, reason: str, now: datetime, *, sender: str = "", ticket_id: int | None = None
) -> None:
    """Try this mail again later. Only those of the same sender and ticket, as far as they are known, wait for it."""
    with store.immediate():
        store.execute(
            "UPDATE journal SET reason = ?2, next_try_at = ?3, sender = CASE ?4 WHEN '' THEN sender ELSE ?4 END,"
            " ticket_id = coalesce(?5, ticket_id) WHERE id = ?1",
            journal_id,
            reason,
            to_text(now + REST),
            sender,
            ticket_id,
        )


def stand_behind(store: Store, journal_id: int, sender: str, ticket_id: int | None, now: datetime) -> bool:
    """If an earlier mail of this sender or ticket waits for its next try, wait until then; whether it does.

    An answer must not overtake its question. Anybody may write a sender's name on a mail that fails, so that nobody
    waits for more than a few minutes.
    """
    ahead = store.value(
        "SELECT min(e.next_try_at) FROM journal j CROSS JOIN journal e INDEXED BY journal_waiting"
        " ON e.mailbox = j.mailbox AND e.state = 'received'"
        " AND e.id < j.id AND e.next_try_at IS NOT NULL AND (e.sender = ?2 AND ?2 <> '' OR e.ticket_id = ?3)"
        " WHERE j.id = ?1 AND j.fetched_at > ?4",
        journal_id,
        sender,
        ticket_id,
        to_text(now - BEHIND),
    )
    if ahead is None:
        return False
    # Both then fall due at once, and the earlier one comes first.
    store.update("journal", journal_id, sender=sender, next_try_at=ahead)
    uncount_attempt(store, journal_id)
    return True


def overtakes(store: Store, journal_id: int, sender: str, unfinished: Collection[int], now: datetime) -> bool:
    """Whether an earlier mail that bears this sender's name is among those that are still being read.

    As above, and no longer: a mail that takes long to read is anybody's.
    """
    if not unfinished or not sender:
        return False
    rows = store.rows(
        "SELECT e.id FROM journal j CROSS JOIN journal e INDEXED BY journal_waiting"
        " ON e.mailbox = j.mailbox AND e.state = 'received'"
        " AND e.id < j.id AND e.sender = ?2 WHERE j.id = ?1 AND j.fetched_at > ?3",
        journal_id,
        sender,
        to_text(now - BEHIND),
    )
    return any(int(row["id"]) in unfinished for row in rows)


def name_sender(store: Store, journal_id: int, sender: str) -> None:
    """Note whose name a mail bears that is not read yet: his later ones do not overtake it."""
    with store.immediate():
        store.update("journal", journal_id, sender=sender)


def known_unread(store: Store, journal_id: int) -> int | None:
    """An earlier entry of these very bytes that could not be read, and that staff know of; None: there is none.

    The server shows all mails once more under a new UIDVALIDITY, or in another folder.
    """
    found = store.value(
        "SELECT e.id FROM journal j CROSS JOIN journal e INDEXED BY journal_unread"
        " ON e.mailbox = j.mailbox AND e.sha256 = j.sha256"
        " AND e.size = j.size AND e.fingerprint IS NULL AND e.state IN ('quarantined', 'discarded') AND e.id <> j.id"
        " WHERE j.id = ? ORDER BY e.id LIMIT 1",
        journal_id,
    )
    return None if found is None else int(found)


def settle(
    store: Store,
    journal_id: int,
    state: str,
    disposition: str,
    *,
    reason: str = "",
    sender: Sender | None = None,
    ticket_id: int | None = None,
    threaded_by: str = "",
) -> None:
    """The one disposition of a mail; inside the transaction of its event."""
    store.update(
        "journal",
        journal_id,
        state=state,
        disposition=disposition,
        reason=reason,
        sender=sender.address if sender else "",
        role=sender.role.value if sender else "",
        verdict=sender.verdict.value if sender and (sender.role.inside or sender.verdict is Verdict.FAIL) else "",
        ticket_id=ticket_id,
        threaded_by=threaded_by,
    )


def quarantine(store: Store, journal_id: int, reason: str, sender: Sender | None = None, claimed: str = "") -> None:
    """A person must look: kept with its reason, never dropped, never carried out.

    sender: of a mail that was understood, but whose authority was not proven; it has a role. claimed: the address
    that one which was not understood bears.
    """
    settle(store, journal_id, "quarantined", "quarantine", reason=reason, sender=sender)
    if sender is None:
        store.update("journal", journal_id, sender=claimed)


def identify(store: Store, entry: Row, message_id: str | None, fingerprint: str, *, proven: bool = False) -> int | None:
    """Note what the mail says it is. Returns the earlier entry of the same mail, if there is one.

    The fingerprint decides, never the Message-ID alone: a forged equal Message-ID must not suppress a mail.
    """
    journal_id, mailbox = int(entry["id"]), str(entry["mailbox"])
    salted = erased.known_as(store, fingerprint)
    gone = None if salted is None else _bearing(store, mailbox, salted, journal_id)
    if gone is not None:  # removed at a person's request: nothing of it comes back, whatever it proves
        return gone
    earlier = _bearing(store, mailbox, fingerprint, journal_id)
    # A copy whose sender is proven takes the place of one that was quarantined because its sender was not.
    sql = "UPDATE journal SET state = 'duplicate' WHERE id = ? AND state = 'quarantined' AND role <> ''"
    if earlier is not None and not (proven and store.execute(sql, earlier)):
        store.update("journal", journal_id, message_id=message_id)
        return earlier
    store.update("journal", journal_id, message_id=message_id, fingerprint=fingerprint)
    return None


def _bearing(store: Store, mailbox: str, fingerprint: str, but: int) -> int | None:
    found = store.value(
        "SELECT id FROM journal INDEXED BY journal_fingerprint"
        " WHERE mailbox = ? AND fingerprint = ? AND fingerprint IS NOT NULL AND id <> ? AND state <> 'duplicate'",
        mailbox,
        fingerprint,
        but,
    )
    return None if found is None else int(found)


def carried_out(store: Store, journal_id: int, message: Message) -> bool:
    """Whether another mail of this mailbox, of a listed person, was handled already that has this Message-ID, or (if it
    is signed) says the same at the same time under another one. Notes what this one says.

    The fingerprint knows identical copies; a replayed mail with other words, or a copy with a gateway's footer, has
    the same Message-ID, and one whose signature does not cover that may have a new one. Unlike a user's mail, a
    command must not be carried out for both.
    """
    said = _said(message)
    store.update("journal", journal_id, said=said)
    for index, same, value in (
        ("journal_message_id", "b.message_id = ?2", message.message_id),
        ("journal_said", "b.said = ?2 AND b.said <> ''", said),
    ):
        sql = (
            f"SELECT 1 FROM journal a CROSS JOIN journal b INDEXED BY {index}"
            f" ON b.mailbox = a.mailbox AND {same} AND b.id <> a.id"
            " AND b.state = 'handled' AND b.role IN ('staff', 'coordinator', 'head', 'operator') WHERE a.id = ?1"
        )
        if value and store.value(sql, journal_id, value) is not None:
            return True
    return False


def _said(message: Message) -> str:
    """Of a signed mail alone: no other can be sent once more by somebody else and still be proven."""
    if message.date is None or message.header("DKIM-Signature") is None:
        return ""
    digest = hashlib.sha256()
    files = [file.sha256 for file in message.attachments]
    for part in (message.date.isoformat(), message.subject, message.text, *files):
        digest.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()


def to_mark(store: Store, mailbox: str) -> list[Row]:
    """Committed mails whose mark on the server is still wanted (derived, idempotent, after the commit)."""
    return store.rows(
        "SELECT id, folder, uidvalidity, uid FROM journal INDEXED BY journal_mark"
        " WHERE mailbox = ? AND mark = 'wanted' AND state <> 'received' ORDER BY folder, uidvalidity, uid",
        mailbox,
    )


def marked(store: Store, ids: list[int]) -> None:
    with store.immediate():
        for journal_id in ids:
            store.update("journal", journal_id, mark="done")


def marked_in(store: Store, mailbox: str, folder: str) -> None:
    """The mails of this folder have their mark: it is where they lie."""
    with store.immediate():
        store.execute("UPDATE journal SET mark = 'done' WHERE mailbox = ? AND folder = ?", mailbox, folder)


def quarantined(store: Store, mailbox: str) -> list[Row]:
    """What waits in quarantine, oldest first."""
    return store.rows(
        "SELECT * FROM journal INDEXED BY journal_quarantined WHERE mailbox = ? AND state = 'quarantined' ORDER BY id",
        mailbox,
    )


def in_quarantine(store: Store, mailbox: str) -> int:
    """How many wait there."""
    sql = "SELECT count(*) FROM journal INDEXED BY journal_quarantined WHERE mailbox = ? AND state = 'quarantined'"
    return int(store.value(sql, mailbox))


def read_before(store: Store, mailbox: str, moment: datetime) -> bool:
    """Whether any mail of this mailbox was fetched before."""
    sql = "SELECT 1 FROM journal INDEXED BY journal_balance WHERE mailbox = ? AND fetched_at < ? LIMIT 1"
    return store.value(sql, mailbox, to_text(moment)) is not None


# --- what becomes of a mail later ---------------------------------------------------------------------


def belongs_to(
    store: Store, journal_id: int, ticket_id: int, *, role: Role | None = None, sender: str | None = None
) -> None:
    """From now on a mail is of this ticket: its files are looked up by it. role, sender: whose it is, too."""
    whose: dict[str, str] = {} if role is None else {"role": role.value}
    store.update("journal", journal_id, ticket_id=ticket_id, **whose, **({} if sender is None else {"sender": sender}))


def named(store: Store, journal_id: int, message_id: str | None) -> None:
    """Note the Message-ID of a mail that nobody's answer hangs on."""
    store.update("journal", journal_id, message_id=message_id)


def release(store: Store, journal_id: int, decision: str, by: str, *, role_known: bool = False) -> None:
    """A mail of the quarantine is handled once more, because a person has said so (released: with which word).
    role_known: whose it is was found out before, and stays."""
    store.update(
        "journal",
        journal_id,
        state="received",
        attempts=0,
        next_try_at=None,
        released=decision,
        released_by=by,
        **({} if role_known else {"role": ""}),
    )


def look_again(store: Store, journal_id: int, ticket_id: int, by: int) -> bool:
    """A handled mail of this ticket is handled anew, because a `#batal` (its entry: `by`) has put the ticket back.
    False: it is no such mail any more."""
    sql = (
        "UPDATE journal SET state = 'received', attempts = 0, next_try_at = NULL, again = ?"
        " WHERE id = ? AND ticket_id = ? AND state = 'handled'"
    )
    return store.execute(sql, by, journal_id, ticket_id) > 0


def looked_at_again(store: Store, ticket_id: int) -> dict[int, int]:
    """Which mails of a ticket were handled anew, each with the entry of the last `#batal` that asked for it."""
    rows = store.rows("SELECT id, again FROM journal WHERE ticket_id = ? AND again IS NOT NULL", ticket_id)
    return {int(row["id"]): int(row["again"]) for row in rows}


def to_look_at_again(store: Store, mailbox: str) -> list[int]:
    """What waits to be handled anew."""
    rows = store.rows(
        "SELECT id FROM journal INDEXED BY journal_again"
        " WHERE mailbox = ? AND state = 'received' AND again IS NOT NULL",
        mailbox,
    )
    return [int(row["id"]) for row in rows]


def discard(store: Store, journal_id: int, decision: str, by: str) -> None:
    """Nothing becomes of a mail of the quarantine, because a person has said so."""
    store.update("journal", journal_id, state="discarded", released=decision, released_by=by)


def by_hand_before(store: Store, mailbox: str, message_id: str | None, journal_id: int) -> bool:
    """Whether an answer by hand with this Message-ID was filed already, under an earlier entry."""
    found = store.value(
        "SELECT 1 FROM journal INDEXED BY journal_message_id"
        " WHERE mailbox = ? AND message_id = ? AND id < ? AND state = 'handled'"
        " AND disposition = 'sent.by_hand'",
        mailbox,
        message_id,
        journal_id,
    )
    return found is not None


def verdicts(store: Store, mailbox: str, at_most: int) -> list[str]:
    """What the border server said of the latest mails of the LPSE's own people, the last first."""
    rows = store.rows(
        "SELECT verdict FROM journal INDEXED BY journal_verdict"
        " WHERE mailbox = ? AND verdict <> '' AND role NOT IN ('user', 'lkpp') ORDER BY id DESC LIMIT ?",
        mailbox,
        at_most,
    )
    return [str(row["verdict"]) for row in rows]


def without_ticket(store: Store, mailbox: str) -> int:
    """How many mails have no ticket."""
    return int(store.value("SELECT count(*) FROM journal WHERE mailbox = ? AND ticket_id IS NULL", mailbox))


# --- mail of machines ---------------------------------------------------------------------------------

#: Mail of nobody's ticket that staff have not been told of; with its kinds to be added.
_UNLISTED = "mailbox = ? AND state = 'handled' AND ticket_id IS NULL AND listed_at IS NULL"


def unlisted(store: Store, mailbox: str, dispositions: Collection[str]) -> list[Row]:
    """Mail of machines, of these kinds, that staff have not been told of, in the order of arrival."""
    marks = ", ".join("?" for _ in dispositions)
    return store.rows(
        f"SELECT * FROM journal INDEXED BY journal_unlisted WHERE {_UNLISTED} AND disposition IN ({marks}) ORDER BY id",
        mailbox,
        *dispositions,
    )


def long_unlisted(store: Store, mailbox: str, dispositions: Collection[str], before: datetime) -> bool:
    """Whether one of them has waited since `before`."""
    marks = ", ".join("?" for _ in dispositions)
    found = store.value(
        f"SELECT 1 FROM journal INDEXED BY journal_unlisted WHERE {_UNLISTED} AND disposition IN ({marks})"
        " AND fetched_at <= ? LIMIT 1",
        mailbox,
        *dispositions,
        to_text(before),
    )
    return found is not None


def machines_since(store: Store, mailbox: str, dispositions: Collection[str], since: datetime) -> int:
    """Mails of machines, of these kinds, that were fetched from then on and belong to no ticket."""
    marks = ", ".join("?" for _ in dispositions)
    found = store.value(
        "SELECT count(*) FROM journal INDEXED BY journal_balance WHERE mailbox = ? AND fetched_at >= ?"
        f" AND state = 'handled' AND ticket_id IS NULL AND disposition IN ({marks})",
        mailbox,
        to_text(since),
        *dispositions,
    )
    return int(found)


def settled_as(store: Store, mailbox: str, since: datetime, until: datetime) -> list[Row]:
    """How many mails that were fetched then have which state and disposition, with a ticket or without: read from the
    index alone."""
    return store.rows(
        "SELECT state, disposition, ticket_id IS NOT NULL AS of_ticket, count(*) AS n"
        " FROM journal INDEXED BY journal_balance WHERE mailbox = ? AND fetched_at >= ? AND fetched_at < ?"
        " GROUP BY state, disposition, of_ticket",
        mailbox,
        to_text(since),
        to_text(until),
    )


#: In SQL, with the moment before which the mail was fetched as ?1.
_NO_OUTCOME = "state = 'received' AND fetched_at < ?1 AND released = '' AND again IS NULL"
#: A mail that has no outcome yet is handled within seconds, or tried again within minutes and then quarantined.
_PATIENCE = timedelta(hours=1)


def without_outcome(store: Store, mailbox: str, now: datetime) -> int:
    """Mails that were fetched an hour ago and still wait to be handled. Those that staff have sent back into the queue
    have had their outcome, and get another."""
    sql = f"SELECT count(*) FROM journal INDEXED BY journal_waiting WHERE {_NO_OUTCOME} AND mailbox = ?2"
    return int(store.value(sql, to_text(now - _PATIENCE), mailbox))


def mailboxes_without_outcome(store: Store, now: datetime) -> set[str]:
    """The mailboxes with mails `without_outcome`."""
    sql = f"SELECT DISTINCT mailbox FROM journal INDEXED BY journal_waiting WHERE {_NO_OUTCOME}"
    return {str(row["mailbox"]) for row in store.rows(sql, to_text(now - _PATIENCE))}


def listed(store: Store, journal_ids: Iterable[int], now: datetime) -> None:
    """Whoever should know of them does."""
    for journal_id in journal_ids:
        store.update("journal", journal_id, listed_at=to_text(now))
