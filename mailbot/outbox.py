"""The outbox: claim a due row → submit → record. Always the same bytes and Message-ID, one submission per recipient.

Every step is committed before the next may have an effect outside. What was claimed when the program died has either
not been handed over (phase '') and is simply tried again, or its final dot may have left (phase 'dot'): then the server
may have it, the row is `uncertain`, and it goes out again with identical bytes and Message-ID, so that a second copy
is recognisable as the same mail (RFC 5321 §4.5.4.1; RFC 1047). Once uncertain, a mail never counts as still ours: it
cannot be taken back any more.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
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
_RESENT_AT_ONCE = 2
#: So many recipients refused one after the other by policy: it is our account that the server does not want.
_REFUSED_IN_A_ROW = 50

#: What goes first when the rate is short: whoever waits for a sign of life, then the SOP, then reports.
_ORDER = (
    "CASE WHEN template IN ('user_acknowledgement', 'staff_receipt', 'staff_confirm') THEN 0"
    " WHEN template LIKE 'lkpp_%' THEN 1 WHEN party = 'user' THEN 2"
    " WHEN template IN ('staff_new_ticket', 'staff_user_reply', 'staff_lkpp_reply') THEN 3 ELSE 4 END"
)

#: Tells the service of a recorded acceptance or refusal. False: it could not be handled yet.
Settle = Callable[[int], bool]


def recover(store: Store, desk: Desk, now: datetime) -> int:
    """After a crash: what was under way is queued again, or uncertain if its final dot may have left.

    Sent again at once; but a program that dies over and over (or cannot write down the answer, because the disk is
    full) must not flood a recipient with copies, so that from the third time on the back-off holds here too.
    """
    with store.immediate():
        broken = store.rows(
            "SELECT id, phase, attempts FROM outbox WHERE mailbox = ? AND state = 'sending'",
            desk.name,
        )
        for row in broken:
            attempts = int(row["attempts"])
            if row["phase"] == "dot":
                state, wait = "uncertain", timedelta(minutes=_back_off(attempts) if attempts > _RESENT_AT_ONCE else 0)
            else:
                state, wait = "queued", timedelta()
            store.update(
                "outbox",
                int(row["id"]),
                state=state,
                next_try_at=to_text(now + wait),
                reason="terputus sesudah titik akhir" if state == "uncertain" else "",
            )
    return sum(row["phase"] == "dot" for row in broken)


def _back_off(attempts: int) -> int:
    return _BACK_OFF[min(attempts, len(_BACK_OFF) - 1)]


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


def undoable(store: Store, desk: Desk, now: datetime) -> list[int]:
    """Mails whose undo window has ended and that can leave in this round: at once, or behind an earlier mail."""
    rows = store.rows(
        "SELECT id FROM outbox WHERE mailbox = ? AND state = 'queued' AND held = 0 AND undo_by IS NOT NULL"
        " AND next_try_at <= ? ORDER BY id",
        desk.name,
        to_text(now),
    )
    return [int(row["id"]) for row in rows]


def keep_back(store: Store, ids: Sequence[int], now: datetime) -> None:
    """What could still be taken back waits for the next round."""
    with store.immediate():
        for outbox_id in ids:
            store.update("outbox", outbox_id, next_try_at=to_text(now + timedelta(minutes=1)))


def retried(store: Store, desk: Desk) -> bool:
    """Whether a mail that did not leave at its first attempt still waits to be tried again."""
    sql = "SELECT 1 FROM outbox WHERE mailbox = ? AND state IN ('queued', 'uncertain') AND held = 0 AND attempts > 0"
    return store.value(sql, desk.name) is not None


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
            # What a clock that ran ahead has dated into the future must not use up the rate until then.
            "SELECT count(*) FROM outbox WHERE mailbox = ? AND accepted_at > ? AND accepted_at <= ?",
            desk.name,
            to_text(now - span),
            to_text(now),
        )
        left.append(limit - int(used))
    return max(0, min(left))


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
    """Sends what is due of one mailbox over one connection; `settle` tells the service how each ended."""

    def __init__(self, store: Store, desk: Desk, now: datetime, settle: Settle) -> None:
        self.store, self.desk, self.now = store, desk, now
        self._settle = settle
        self.complete = True

    def send_due(self) -> bool:
        """Submit until nothing is due, the rate is used up or the server fails. False: try again later."""
        if due(self.store, self.desk, self.now):
            asyncio.run(self._run())
        return self.complete and not retried(self.store, self.desk)

    async def _run(self) -> None:
        tried: set[int] = set()
        refused = 0  # recipients in a row that the server's policy refused
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
                        self.complete = False
                        refused += outcome.phase == "rcpt" and outcome.scope == "account"
                        if outcome.phase == "rcpt" and outcome.scope == "account" and refused < _REFUSED_IN_A_ROW:
                            continue  # "5.7.1" at RCPT may be about this recipient alone: it must not stop the others
                        return  # the server or our account as a whole: the others would meet the same
                    refused = 0

    async def _one(self, submitter: Submitter, outbox_id: int) -> Outcome | None:
        with self.store.immediate():
            row = self.store.row("SELECT * FROM outbox WHERE id = ?", outbox_id)
            if row is None or row["state"] not in ("queued", "uncertain"):
                return None
            # What the server may have already stays uncertain, should the program die before the dot this time.
            phase = "dot" if row["state"] == "uncertain" else ""
            self.store.update("outbox", outbox_id, state="sending", phase=phase, attempts=int(row["attempts"]) + 1)
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
            self.complete = self._settle(outbox_id) and self.complete
        elif outcome.null_sender_refused:
            # The host refuses an empty envelope sender: from now on this mail leaves under our own address.
            with store.immediate():
                store.update(
                    "outbox",
                    outbox_id,
                    state=row["state"],
                    phase="",
                    envelope_sender=self.desk.config.address,
                    next_try_at=to_text(self.now),
                    answer=answer,
                )
            self.complete = False
        elif outcome.state == "failed":
            self._failed(outbox_id, answer)
        else:
            self._again(row, outcome, answer)

    def _failed(self, outbox_id: int, answer: str) -> None:
        with self.store.immediate():
            self.store.update("outbox", outbox_id, state="failed", phase="", answer=answer, reason=answer)
        fault("refused")
        self.complete = self._settle(outbox_id) and self.complete

    def _again(self, row: Row, outcome: Outcome, answer: str) -> None:
        """4xx, no connection, our account refused, or nobody knows: kept, and tried again with the same bytes."""
        created = to_instant(row["created_at"])
        # A mail after whose dot the answer never comes may have arrived each time: it too is sent for so long only.
        of_this_mail = outcome.scope == "recipient" or outcome.state == "uncertain"
        if of_this_mail and self.now - created > GIVE_UP:
            self._failed(int(row["id"]), answer)
            return
        self.complete = False
        wait = timedelta(seconds=_back_off(int(row["attempts"])) * 60 * random.uniform(0.9, 1.1))
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


def unsettled(store: Store, desk: Desk) -> list[int]:
    """Accepted and refused mails of which the tickets do not know yet (the program died in between)."""
    return [
        int(row["id"])
        for row in store.rows(
            "SELECT id FROM outbox WHERE mailbox = ? AND state IN ('accepted', 'failed') AND outcome_handled = 0"
            " ORDER BY id",
            desk.name,
        )
    ]
