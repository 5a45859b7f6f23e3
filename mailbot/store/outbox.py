"""The rows of the outbox: what is due to leave, what is under way, what came of it. `sender` does the sending.

Always the same bytes and Message-ID, one submission per recipient. The final dot of a claimed mail may leave at any
moment, and the claim says so on disk. When the program dies, the server may have what was claimed: the row is
`uncertain`, and the mail goes out again with identical bytes and Message-ID, so that a second copy is recognisable as
the same mail (RFC 5321 §4.5.4.1; RFC 1047); where a proof is configured, only after it was looked for in vain
(`proof`). While the program lives it knows whether the dot has left: a submission that was broken off before it leaves
the row as it was. Once uncertain, a mail never counts as still ours: it cannot be taken back any more.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from mailbot.killpoint import kill_point
from mailbot.sentences import Sentences
from mailbot.store import mail_bytes, submissions
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.store.submissions import How

if TYPE_CHECKING:
    from mailbot.servers.smtp import Outcome  # which loads asyncio: commands that send nothing do without


class Limits(Protocol):
    """How many mails may leave."""

    @property
    def per_minute(self) -> int: ...

    @property
    def per_hour(self) -> int: ...

    @property
    def per_day(self) -> int: ...


class Sends(Protocol):
    """Who sends: a site, or what the process that sends knows of one (`delivery.account`)."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def rate(self) -> Limits: ...

    @property
    def proves(self) -> bool: ...


_SAID = Sentences(__file__)

#: Minutes until the next try; the last one repeats (RFC 5321 §4.5.4.1 asks for at least 30 in the long run).
_BACK_OFF = (1, 2, 4, 8, 15, 30, 60)
GIVE_UP = timedelta(days=5)
#: Longer than any rest. Further away only a clock that ran ahead and was set back can have put a mail.
FAR = timedelta(hours=2)
_RESENT_AT_ONCE = 2
#: So many refusals (within seven minutes) that could be about our account, before they count as being about the mail.
_REFUSED_FOR_GOOD = 3

#: What goes first when the rate is short: whoever waits for a sign of life, then the SOP, then reports.
ORDER = (
    "CASE WHEN template IN ('user_acknowledgement', 'staff_receipt', 'staff_confirm') THEN 0"
    " WHEN template LIKE 'lkpp_%' THEN 1 WHEN party = 'user' THEN 2"
    " WHEN template IN ('staff_new_ticket', 'staff_user_reply', 'staff_lkpp_reply') THEN 3 ELSE 4 END"
)


#: What has not come to an end: few at any time. As its index has it (`outbox_waiting`), so that it is found by that.
WAITING = "state IN ('queued', 'sending', 'uncertain')"


def add(store: Store, raw: bytes, **columns: str | int | None) -> int:
    """A new row with the mail's bytes, in the transaction of whoever decided it. Returns its id."""
    outbox_id = store.insert("outbox", **columns)
    mail_bytes.put(store, outbox_id, raw)
    return outbox_id


def bytes_of(store: Store, outbox_id: int) -> bytes:
    """The mail. Raises PermanentFailure where a file of it is gone, Damaged where the disk fails."""
    return mail_bytes.bytes_of(store, outbox_id)


def mail(store: Store, outbox_id: int) -> Row | None:
    return store.row("SELECT * FROM outbox WHERE id = ?", outbox_id)


def with_ticket(store: Store, outbox_id: int) -> Row | None:
    """A row with its ticket's number."""
    return store.row(
        "SELECT o.*, t.number FROM outbox o LEFT JOIN tickets t ON t.id = o.ticket_id WHERE o.id = ?",
        outbox_id,
    )


def recover(store: Store, site: Sends, now: datetime) -> int:
    """What was under way when the program or its disk failed is queued again, or uncertain if its dot may have left.

    For whoever sends, before sending: nothing of this mailbox may be under way. Sent again at once; but a program that
    dies over and over (or cannot write down the answer, because the disk is full) must not flood a recipient with
    copies, so that from the third time on the back-off holds here too.
    """
    broken = store.rows(
        "SELECT id, phase, attempts FROM outbox INDEXED BY outbox_waiting"
        f" WHERE mailbox = ? AND {WAITING} AND state = 'sending'",
        site.name,
    )
    if not broken:
        return 0
    with store.immediate():
        for row in broken:
            attempts = int(row["attempts"])
            if row["phase"] == "dot":
                state, wait = "uncertain", timedelta(minutes=_back_off(attempts) if attempts > _RESENT_AT_ONCE else 0)
                proof = _unproven(site, now)
            else:
                state, wait, proof = "queued", timedelta(), {}
            store.update(
                "outbox",
                int(row["id"]),
                state=state,
                next_try_at=to_text(now + wait),
                reason=_SAID("cut_off") if state == "uncertain" else "",
                **proof,
            )
            submissions.note(store, int(row["id"]), How.CUT_OFF, "", now)
    kill_point("recovered")
    return sum(row["phase"] == "dot" for row in broken)


def _unproven(site: Sends, now: datetime) -> dict[str, str | None]:
    """Nobody knows whether the server has it: to be looked up, from the beginning, before it goes out again."""
    if not site.proves:
        return {}
    return {"proof": "wanted", "proof_since": to_text(now), "proof_looked": None}


def _back_off(attempts: int) -> int:
    return _BACK_OFF[min(attempts, len(_BACK_OFF) - 1)]


def due(store: Store, site: Sends, now: datetime, seen: datetime | None, at_most: int = -1) -> list[Row]:
    """Rows to submit now, the first of each (ticket, recipient) only: a mail never overtakes an earlier one.
    at_most: so many of them; -1: all. A recipient whose server asked for patience is left alone until it is over, and
    what is to be looked up waits for that.

    seen: up to when the mailbox was looked at and everything in it handled; None: not at all. What staff may take back
    (`#batal`, which counts by its arrival) leaves only when nothing that came before the end of its undo window can
    still lie unread. What a clock that ran ahead has decided must not wait for that clock's time.
    """
    return store.rows(
        f"SELECT id, recipient, template FROM outbox AS o INDEXED BY outbox_waiting WHERE mailbox = ?1"
        f" AND {WAITING} AND state <> 'sending' AND held = 0 AND (next_try_at <= ?2 OR next_try_at > ?4)"
        f" AND (undo_by IS NULL OR state = 'uncertain' OR not_before <= ?3 OR created_at > ?4)"
        f" AND (proof = '' OR ?6 = 0)"
        " AND NOT EXISTS (SELECT 1 FROM outbox AS d INDEXED BY outbox_deferred WHERE d.mailbox = o.mailbox"
        " AND d.recipient = o.recipient"
        f"  AND d.deferred = 1 AND d.held = 0 AND d.next_try_at > ?2 AND d.next_try_at <= ?4)"
        " AND NOT EXISTS (SELECT 1 FROM outbox AS e INDEXED BY outbox_ticket WHERE e.mailbox = o.mailbox"
        " AND e.recipient = o.recipient"
        f"  AND e.ticket_id = o.ticket_id AND e.id < o.id AND e.held = 0"
        f"  AND e.state IN ('queued', 'sending', 'uncertain') AND e.not_before <= ?2)"
        f" ORDER BY {ORDER}, id LIMIT ?5",
        site.name,
        to_text(now),
        to_text(seen) if seen else "",
        to_text(now + FAR),
        at_most,
        int(site.proves),
    )


def awaits_look(store: Store, site: Sends, now: datetime, seen: datetime | None) -> bool:
    """Whether a mail whose undo window is over waits only for the mailbox to be looked at once more."""
    sql = (
        f"SELECT 1 FROM outbox INDEXED BY outbox_waiting WHERE mailbox = ? AND {WAITING} AND state = 'queued'"
        " AND held = 0 AND undo_by IS NOT NULL AND next_try_at <= ? AND not_before > ?"
    )
    return store.value(sql, site.name, to_text(now), to_text(seen) if seen else "") is not None


def retried(store: Store, site: Sends) -> bool:
    """Whether a mail that did not leave at its first attempt still waits to be tried again."""
    sql = (
        f"SELECT 1 FROM outbox INDEXED BY outbox_waiting WHERE mailbox = ? AND {WAITING} AND state <> 'sending'"
        " AND held = 0 AND attempts > 0"
    )
    return store.value(sql, site.name) is not None


def room(store: Store, site: Sends, now: datetime) -> int:
    """How many mails the configured rate still allows at this instant."""
    rate = site.rate
    left = []
    for limit, span in (
        (rate.per_minute, timedelta(minutes=1)),
        (rate.per_hour, timedelta(hours=1)),
        (rate.per_day, timedelta(days=1)),
    ):
        used = store.value(
            # What a clock that ran ahead has dated into the future must not use up the rate until then.
            "SELECT count(*) FROM outbox INDEXED BY outbox_accepted"
            " WHERE mailbox = ? AND accepted_at > ? AND accepted_at <= ?",
            site.name,
            to_text(now - span),
            to_text(now),
        )
        left.append(limit - int(used))
    return max(0, min(left))


# --- one mail on its way ----------------------------------------------------------------------------


def claim(store: Store, outbox_id: int) -> Row | None:
    """Take a due row for submission, durably before anything of it leaves; None: it is not to be sent."""
    with store.immediate():
        row = _claim(store, outbox_id)
    if row is not None:
        kill_point("claimed")
    return row


def _claim(store: Store, outbox_id: int) -> Row | None:
    row = with_ticket(store, outbox_id)
    if row is None or row["state"] not in ("queued", "uncertain") or row["held"]:
        return None
    # From here on the server may have it. One more commit, right before the dot, would tell a death before the dot from
    # one behind it, and each mail would wait for the disk once more.
    store.update("outbox", outbox_id, state="sending", phase="dot", attempts=int(row["attempts"]) + 1)
    return row


def give_back(store: Store, row: Row) -> None:
    """The submission was broken off before its final dot: the row is as it was before the claim."""
    with store.immediate():
        store.update("outbox", int(row["id"]), state=row["state"], phase="", attempts=row["attempts"])


def accepted(
    store: Store, row: Row, answer: str, now: datetime, *, settled: bool = False, following: int | None = None
) -> Row | None:
    """The server has it. settled: nothing hangs on its acceptance, so that no ticket is to be told.

    following: the mail that goes next over the same connection is claimed in the same transaction; returns what `claim`
    does. Nothing that takes time may come between the answer and this: until then nobody knows that the server has it.
    """
    with store.immediate():
        accept(store, int(row["id"]), answer, now, **({"outcome_handled": 1} if settled else {}))
        submissions.note(store, int(row["id"]), How.ACCEPTED, answer, now)
        claimed = None if following is None else _claim(store, following)
    kill_point("accepted")
    if claimed is not None:
        kill_point("claimed")
    return claimed


def accept(store: Store, outbox_id: int, answer: str, at: datetime, **more: Any) -> None:
    """The server has it since then, however that is known: it waits for nothing any more. Inside a transaction."""
    store.update(
        "outbox",
        outbox_id,
        state="accepted",
        phase="",
        accepted_at=to_text(at),
        answer=answer,
        proof="",
        deferred=0,
        held=0,
        **more,
    )


def under_own_address(store: Store, site: Sends, row: Row, answer: str, now: datetime) -> None:
    """The host refuses an empty envelope sender: from now on this mail leaves under our own address."""
    with store.immediate():
        store.update(
            "outbox",
            int(row["id"]),
            state=row["state"],
            phase="",
            envelope_sender=site.address,
            next_try_at=to_text(now),
            answer=answer,
        )
        submissions.note(store, int(row["id"]), How.OWN_ADDRESS, answer, now)


def failed(
    store: Store, row: Row, answer: str, now: datetime, *, too_big: bool = False, given_up: bool = False
) -> None:
    """given_up: not the server has refused it for good; it was tried for too long."""
    with store.immediate():
        store.update(
            "outbox",
            int(row["id"]),
            state="failed",
            phase="",
            answer=answer,
            reason=answer,
            proof="",
            deferred=0,
            too_big=int(too_big),
        )
        submissions.note(store, int(row["id"]), How.GIVEN_UP if given_up else How.FAILED, answer, now)
    kill_point("refused")


def again(store: Store, site: Sends, row: Row, outcome: Outcome, answer: str, now: datetime) -> bool:
    """4xx, no connection, our account refused, or nobody knows: kept, and tried again with the same bytes.

    False: it has been tried for so long that it is given up; then nothing was recorded.
    """
    # A mail after whose dot the answer never comes may have arrived each time: it too is sent for so long only.
    of_this_mail = outcome.scope == "recipient" or outcome.state == "uncertain"
    if (of_this_mail and now - to_instant(row["created_at"]) > GIVE_UP) or _this_one_alone(store, row, outcome, now):
        return False
    deferred = outcome.state == "again" and outcome.scope == "recipient"
    tries = _refusals(store, row) if deferred else int(row["attempts"])
    wait = timedelta(minutes=_back_off(tries) * random.uniform(0.9, 1.1))
    uncertain = "uncertain" in (outcome.state, row["state"])
    if outcome.state == "uncertain":
        proof = _unproven(site, now)
    else:  # the copy of an earlier try may have come meanwhile: one more look before the next
        proof = {"proof": "once"} if uncertain and site.proves else {}
    with store.immediate():
        store.update(
            "outbox",
            int(row["id"]),
            state="uncertain" if uncertain else "queued",
            phase="",
            next_try_at=to_text(now + wait),
            answer=answer,
            reason=answer,
            deferred=int(deferred),
            **proof,
        )
        how = How.UNCERTAIN if outcome.state == "uncertain" else How.AGAIN
        submissions.note(store, int(row["id"]), how, answer, now)
    return True


def _refusals(store: Store, row: Row) -> int:
    """How often in a row the recipient's server had asked for patience, whichever of his mails it was."""
    sql = (
        "SELECT max(attempts) FROM outbox INDEXED BY outbox_deferred"
        " WHERE mailbox = ? AND recipient = ? AND deferred = 1 AND id <> ?"
    )
    return max(int(row["attempts"]), int(store.value(sql, row["mailbox"], row["recipient"], row["id"]) or 0))


def _this_one_alone(store: Store, row: Row, outcome: Outcome, now: datetime) -> bool:
    """Whether a refusal that could be about our account (5.7.x) is about this mail or its recipient: the server has
    said the same for a while, and since it last did it has taken a mail for somebody else."""
    attempts = int(row["attempts"])
    asked = outcome.scope == "account" and outcome.phase in ("rcpt", "data", "dot") and (outcome.code or 0) >= 500
    if not asked or attempts < _REFUSED_FOR_GOOD:
        return False
    last = now - timedelta(minutes=_back_off(attempts - 1) * 1.1)
    sql = (
        "SELECT 1 FROM outbox INDEXED BY outbox_accepted"
        " WHERE mailbox = ? AND recipient <> ? AND accepted_at >= ? LIMIT 1"
    )
    return store.value(sql, row["mailbox"], row["recipient"], to_text(last)) is not None


# --- mails that may have been sent -------------------------------------------------------------------


#: What `to_prove` asks, with the present as ?2 and what is too far away to be true as ?3.
PROVABLE = (
    "proof <> '' AND state = 'uncertain' AND held = 0 AND (proof = 'wanted' OR next_try_at <= ?2 OR next_try_at > ?3)"
)


def to_prove(store: Store, site: Sends, now: datetime) -> list[Row]:
    """Uncertain mails to be looked up at this moment. What a person holds waits; it is looked up when let go."""
    if not site.proves:
        return []
    return store.rows(
        f"SELECT id, message_id, template, recipient, created_at, proof, proof_since, proof_looked"
        f" FROM outbox INDEXED BY outbox_proof WHERE mailbox = ?1 AND {PROVABLE} ORDER BY id",
        site.name,
        to_text(now),
        to_text(now + FAR),
    )


def found(store: Store, outbox_id: int, answer: str, at: datetime) -> bool:
    """A copy of it was found: the server accepted it, at that moment. False: it is not uncertain any more."""
    with store.immediate():
        row = store.row("SELECT created_at FROM outbox WHERE id = ? AND state = 'uncertain'", outbox_id)
        if row is None:
            return False
        taken_at = max(at, to_instant(row["created_at"]))
        accept(store, outbox_id, answer, taken_at)
        submissions.note(store, outbox_id, How.FOUND, answer, taken_at)
    kill_point("accepted")
    return True


def looked_in_vain(store: Store, outbox_id: int, now: datetime) -> None:
    """It is not there yet."""
    with store.immediate():
        store.update("outbox", outbox_id, proof_looked=to_text(now))


def not_found(store: Store, outbox_id: int, reason: str) -> None:
    """It goes out again, with the same bytes."""
    with store.immediate():
        store.execute(
            "UPDATE outbox SET proof = '', reason = ? WHERE id = ? AND state = 'uncertain'", reason, outbox_id
        )


def unsettled(store: Store, site: Sends) -> list[int]:
    """Accepted and refused mails of which the tickets do not know yet (the program died in between)."""
    return [
        int(row["id"])
        for row in store.rows(
            "SELECT id FROM outbox INDEXED BY outbox_unsettled"
            " WHERE mailbox = ? AND state IN ('accepted', 'failed') AND outcome_handled = 0 ORDER BY id",
            site.name,
        )
    ]


def proof_wanted_since(store: Store, outbox_id: int, now: datetime) -> None:
    """From when on its proof is waited for: a clock that was set back had put it into the future."""
    with store.immediate():
        store.update("outbox", outbox_id, proof_since=to_text(now))


# --- what comes of a mail, inside the transaction of whoever decides it --------------------------------


def settled(store: Store, outbox_id: int, *, reason: str | None = None) -> None:
    """What the server said of it is known to its ticket."""
    store.update("outbox", outbox_id, outcome_handled=1, **({} if reason is None else {"reason": reason}))


def bounced(store: Store, outbox_id: int, answer: str) -> None:
    """It did not arrive, and its ticket knows."""
    store.update("outbox", outbox_id, state="bounced", answer=answer, outcome_handled=1)


def cancel(store: Store, outbox_id: int, reason: str = "") -> None:
    """It never leaves, and has told nobody anything (`untold`)."""
    store.update("outbox", outbox_id, state="cancelled", held=0, reason=reason)
    store.execute("UPDATE untold INDEXED BY untold_told SET told_in = NULL WHERE told_in = ?", outbox_id)


def queue_again(store: Store, outbox_id: int) -> None:
    """It was refused, and is to be sent as if for the first time."""
    store.update("outbox", outbox_id, state="queued", phase="", attempts=0, outcome_handled=0, answer="")


def due_from(store: Store, outbox_id: int, at: str) -> None:
    """It is due from this instant on (UTC text), neither looked up first nor kept back for its recipient's server."""
    store.update("outbox", outbox_id, not_before=at, next_try_at=at, proof="", deferred=0)


def say_why(store: Store, outbox_id: int, reason: str) -> None:
    store.update("outbox", outbox_id, reason=reason)
