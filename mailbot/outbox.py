"""The outbox: claim a due row → submit → record. Always the same bytes and Message-ID, one submission per recipient.

Every step is committed before the next may have an effect outside. What was claimed when the program died has either
not been handed over (phase '') and is simply tried again, or its final dot may have left (phase 'dot'): then the server
may have it, the row is `uncertain`, and it goes out again with identical bytes and Message-ID, so that a second copy
is recognisable as the same mail (RFC 5321 §4.5.4.1; RFC 1047).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from mailbot import log
from mailbot.desk import Desk
from mailbot.endpoint import Endpoint
from mailbot.fault import fault
from mailbot.smtp import Envelope, Outcome, Submitter
from mailbot.store import Row, Store, to_instant, to_text

#: Minutes until the next try; the last one repeats (RFC 5321 §4.5.4.1 asks for at least 30 in the long run).
_BACK_OFF = (1, 2, 4, 8, 15, 30, 60)
GIVE_UP = timedelta(days=5)

#: What goes first when the rate is short: whoever waits for a sign of life, then the SOP, then reports.
_ORDER = (
    "CASE WHEN template IN ('user_acknowledgement', 'staff_receipt', 'staff_confirm') THEN 0"
    " WHEN template LIKE 'lkpp_%' THEN 1 WHEN party = 'user' THEN 2"
    " WHEN template IN ('staff_new_ticket', 'staff_user_reply', 'staff_lkpp_reply') THEN 3 ELSE 4 END"
)

Accepted = Callable[[int], None]
Refused = Callable[[int, str], None]


def recover(store: Store, desk: Desk, now: datetime) -> int:
    """After a crash: what was under way is queued again, or uncertain if its final dot may have left (F6, F7, F8)."""
    with store.immediate():
        uncertain = store.execute(
            "UPDATE outbox SET state = 'uncertain', next_try_at = ?, reason = 'terputus sesudah titik akhir'"
            " WHERE mailbox = ? AND state = 'sending' AND phase = 'dot'",
            to_text(now),
            desk.name,
        )
        store.execute(
            "UPDATE outbox SET state = 'queued', next_try_at = ? WHERE mailbox = ? AND state = 'sending'",
            to_text(now),
            desk.name,
        )
    return uncertain


def due(store: Store, desk: Desk, now: datetime) -> list[Row]:
    """Rows to submit now, the first of each (ticket, recipient) only: a mail never overtakes an earlier one."""
    return store.rows(
        f"SELECT id, recipient, template, undo_by FROM outbox AS o WHERE mailbox = ?1"
        f" AND state IN ('queued', 'uncertain') AND held = 0 AND next_try_at <= ?2"
        f" AND NOT EXISTS (SELECT 1 FROM outbox AS e WHERE e.mailbox = o.mailbox AND e.recipient = o.recipient"
        f"  AND e.ticket_id IS o.ticket_id AND e.ticket_id IS NOT NULL AND e.id < o.id AND e.held = 0"
        f"  AND e.state IN ('queued', 'sending', 'uncertain') AND e.not_before <= ?2)"
        f" ORDER BY {_ORDER}, id",
        desk.name,
        to_text(now),
    )


def undoable_due(store: Store, desk: Desk, now: datetime) -> bool:
    """Whether a mail whose undo window has just ended is about to leave."""
    return any(row["undo_by"] is not None for row in due(store, desk, now))


def room(store: Store, desk: Desk, now: datetime) -> int:
    """How many mails the configured rate still allows at this instant."""
    rate = desk.config.smtp.rate
    left = []
    for limit, span in (
        (rate.per_minute, timedelta(minutes=1)),
        (rate.per_hour, timedelta(hours=1)),
        (rate.per_day, timedelta(days=1)),
    ):
        used = store.value(
            "SELECT count(*) FROM outbox WHERE mailbox = ? AND accepted_at > ?",
            desk.name,
            to_text(now - span),
        )
        left.append(limit - int(used))
    return max(0, min(left))


def later(now: datetime) -> str:
    return to_text(now + timedelta(minutes=1))


def endpoint_of(desk: Desk) -> Endpoint:
    smtp = desk.config.smtp
    return Endpoint(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        ca_file=smtp.ca_file,
        username=smtp.username or "",
        password=smtp.password.reveal() if smtp.password else "",
    )


class Sender:
    """Sends what is due of one mailbox over one connection; `accepted` and `refused` tell the service."""

    def __init__(self, store: Store, desk: Desk, now: datetime, accepted: Accepted, refused: Refused) -> None:
        self.store, self.desk, self.now = store, desk, now
        self._accepted, self._refused = accepted, refused
        self.complete = True

    def send_due(self) -> bool:
        """Submit until nothing is due, the rate is used up or the server fails. False: try again later."""
        if due(self.store, self.desk, self.now):
            asyncio.run(self._run())
        return self.complete

    async def _run(self) -> None:
        tried: set[int] = set()
        async with Submitter(endpoint_of(self.desk), local_hostname=self.desk.config.domain) as submitter:
            while True:
                rows = [row for row in due(self.store, self.desk, self.now) if row["id"] not in tried]
                if not rows:
                    return
                for row in rows:
                    if room(self.store, self.desk, self.now) == 0:
                        self.complete = False
                        log.again(self.desk.name, "outbox", "the configured rate is used up")
                        return
                    tried.add(int(row["id"]))
                    outcome = await self._one(submitter, int(row["id"]))
                    if outcome is not None and outcome.scope != "recipient" and outcome.state != "accepted":
                        return  # the server or our account as a whole: the others would meet the same

    async def _one(self, submitter: Submitter, outbox_id: int) -> Outcome | None:
        with self.store.immediate():
            row = self.store.row("SELECT * FROM outbox WHERE id = ?", outbox_id)
            if row is None or row["state"] not in ("queued", "uncertain"):
                return None
            self.store.update("outbox", outbox_id, state="sending", phase="", attempts=int(row["attempts"]) + 1)
        fault("claimed")

        def before_dot() -> None:
            with self.store.immediate():
                self.store.update("outbox", outbox_id, phase="dot")
            fault("before_dot")

        outcome = await submitter.submit(
            Envelope(str(row["envelope_sender"]), str(row["recipient"])), bytes(row["raw"]), before_dot
        )
        fault("after_dot")
        self._record(row, outcome)
        log.submitted(self.desk.name, row["template"], row["message_id"], outcome.state, outcome.text)
        return outcome

    def _record(self, row: Row, outcome: Outcome) -> None:
        outbox_id, store = int(row["id"]), self.store
        answer = f"{outcome.code or ''} {outcome.text}".strip()
        if outcome.state == "accepted":
            with store.immediate():
                store.update(
                    "outbox",
                    outbox_id,
                    state="accepted",
                    phase="",
                    accepted_at=to_text(self.now),
                    answer=answer,
                )
            fault("accepted")
            self._accepted(outbox_id)
        elif outcome.null_sender_refused:
            # The host refuses an empty envelope sender: from now on this mail leaves under our own address.
            with store.immediate():
                store.update(
                    "outbox",
                    outbox_id,
                    state="queued",
                    envelope_sender=self.desk.config.address,
                    next_try_at=to_text(self.now),
                    answer=answer,
                )
            self.complete = False
        elif outcome.state == "failed":
            with store.immediate():
                store.update("outbox", outbox_id, state="failed", phase="", answer=answer, reason=answer)
            self._refused(outbox_id, answer)
        else:
            self._again(row, outcome, answer)

    def _again(self, row: Row, outcome: Outcome, answer: str) -> None:
        """4xx, no connection, our account refused, or nobody knows: kept, and tried again with the same bytes."""
        self.complete = False
        created = to_instant(row["created_at"])
        if outcome.scope == "recipient" and outcome.state == "again" and self.now - created > GIVE_UP:
            with self.store.immediate():
                self.store.update("outbox", int(row["id"]), state="failed", phase="", answer=answer, reason=answer)
            self._refused(int(row["id"]), answer)
            return
        minutes = _BACK_OFF[min(int(row["attempts"]), len(_BACK_OFF) - 1)]
        wait = timedelta(seconds=minutes * 60 * random.uniform(0.9, 1.1))
        with self.store.immediate():
            self.store.update(
                "outbox",
                int(row["id"]),
                state="uncertain" if outcome.state == "uncertain" or row["state"] == "uncertain" else "queued",
                phase="",
                next_try_at=to_text(self.now + wait),
                answer=answer,
                reason=answer,
            )
        log.again(self.desk.name, f"{row['template']} to the mail server", answer)


def unhandled(store: Store, desk: Desk) -> list[int]:
    """Accepted mails whose acceptance the tickets do not know yet (the program died in between)."""
    return [
        int(row["id"])
        for row in store.rows(
            "SELECT id FROM outbox WHERE mailbox = ? AND state = 'accepted' AND outcome_handled = 0 ORDER BY id",
            desk.name,
        )
    ]
