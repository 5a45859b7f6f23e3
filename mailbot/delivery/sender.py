"""Submits the mails of one mailbox that are due: claim a row → submit → record the server's answer.

Each step is committed before the next may have an effect outside (`store.outbox` says what a crash in between leaves).
No mail is claimed before the server has been reached and has let us in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from mailbot import log
from mailbot.clock import Clock
from mailbot.delivery.account import SubmissionAccount
from mailbot.errors import PermanentFailure
from mailbot.killpoint import kill_point
from mailbot.servers.smtp import Envelope, Outcome, Submitter
from mailbot.store import mail_bytes, outages, outbox
from mailbot.store.database import Row, Store

#: After so many mails the outbox is asked anew: a person who has just written waits for the receipt, not for old
#: reports.
_AT_A_TIME = 10
#: If the server refuses so many recipients one after the other by policy, it does not want our account. Fewer refusals
#: of whole mails (as spam) mean the same.
_REFUSED_IN_A_ROW, _MAILS_REFUSED_IN_A_ROW = 50, 5
#: After so many tries a mail goes without the copy for the proof: one answer to both may be about the copy alone.
_WITH_COPY = 5

#: Tells `procedure` of a recorded acceptance or refusal. False: the outcome could not be handled yet.
Settle = Callable[[int], bool]
#: Tells the operator that the server refuses the address that gets the copy for the proof, in these words.
NoProof = Callable[[str], None]


def submitter(account: SubmissionAccount) -> Submitter:
    """A connection to be made to the server of this account."""
    return Submitter(account.endpoint, local_hostname=account.domain)


@dataclass(slots=True)
class Delivery:
    """What one pass over the outbox came to.

    complete: nothing failed. rate_used: mails wait for the configured rate. trouble: the pass ended early because of
    the server as a whole or of our account.
    """

    complete: bool = True
    rate_used: bool = False
    trouble: Outcome | None = None

    @property
    def account_refused(self) -> bool:
        """Whether the server does not want our account. Waiting does not mend that: all mails are held."""
        trouble = self.trouble
        return trouble is not None and trouble.scope == "account" and (trouble.code or 500) >= 500


class Sender:
    """Sends the mails of one mailbox that are due, over one connection. `settle` is called with how each mail ended."""

    def __init__(
        self, store: Store, account: SubmissionAccount, clock: Clock, settle: Settle, no_proof: NoProof
    ) -> None:
        self.store, self.account, self.clock = store, account, clock
        self._settle, self._no_proof = settle, no_proof
        #: Whether the final dot of a mail may have left and the answer is not recorded yet: the program must not end
        #: now.
        self.at_dot = False
        self._delivery = Delivery()
        #: The mail that was claimed with the acceptance of the one before it.
        self._claimed: Row | None = None

    async def send_due(self, submitter: Submitter, seen: datetime | None, stop: Callable[[], bool]) -> Delivery:
        """Submit until nothing is due, the rate is used up, the server fails, or `stop` says so between two mails.

        seen: see `outbox.due`.
        """
        try:
            return await self._send_due(submitter, seen, stop)
        finally:
            claimed, self._claimed = self._claimed, None
            if claimed is not None:  # we are told to stop, or something has failed
                outbox.give_back(self.store, claimed)

    async def _send_due(self, submitter: Submitter, seen: datetime | None, stop: Callable[[], bool]) -> Delivery:
        self._delivery = delivery = Delivery()
        tried: set[int] = set()
        waiting: set[str] = set()  # recipients whose server has asked for patience in this pass
        refused = 0  # recipients in a row that the server's policy refused
        while rows := [row for row in self._due(seen) if row["id"] not in tried]:
            room = 0
            for row, after in zip_longest(rows, rows[1:]):
                if stop():
                    return delivery
                room = room or outbox.room(self.store, self.account, self.clock.now())
                if room == 0:
                    delivery.complete, delivery.rate_used = False, True
                    return delivery
                trouble = await submitter.connect()
                if trouble is not None:
                    log.again(self.account.name, "smtp", f"smtp {self.account.server}: {trouble.text}")
                    delivery.complete, delivery.trouble = False, trouble
                    return delivery
                if not tried:
                    mailbox, server = self.account.name, self.account.server
                    outages.certificate_seen(self.store, mailbox, "smtp", server, submitter.certificate_ends)
                tried.add(int(row["id"]))
                if row["recipient"] in waiting:
                    continue
                room -= 1  # at most; it is asked anew when nothing is left of it
                goes_on = after is not None and room > 0 and after["recipient"] not in waiting
                following = int(after["id"]) if goes_on else None
                outcome = await self._one(submitter, int(row["id"]), following)
                if outcome is None or outcome.scope == "recipient" or outcome.state == "accepted":
                    refused = 0
                    if outcome is not None and outcome.state == "again":
                        waiting.add(str(row["recipient"]))
                    continue
                delivery.complete = False
                most = _REFUSED_IN_A_ROW if outcome.phase == "rcpt" else _MAILS_REFUSED_IN_A_ROW
                of_one = outcome.phase in ("rcpt", "data", "dot") and outcome.scope == "account"
                if of_one and not outcome.null_sender_refused and refused + 1 < most:
                    refused += 1
                    continue  # "5.7.1" may concern this recipient or mail alone, and must not stop the others
                if outcome.null_sender_refused:
                    tried.discard(int(row["id"]))  # the mail has our own address as its sender now
                    continue
                delivery.trouble = outcome  # the other mails would end in the same way
                return delivery
        return delivery

    def _due(self, seen: datetime | None) -> list[Row]:
        return outbox.due(self.store, self.account, self.clock.now(), seen, _AT_A_TIME)

    async def _one(self, submitter: Submitter, outbox_id: int, following: int | None) -> Outcome | None:
        """following: the mail that is claimed with the acceptance of this one, if the connection stands."""
        claimed, self._claimed = self._claimed, None
        row = claimed or outbox.claim(self.store, outbox_id)
        if row is None:
            return None

        def before_dot() -> None:
            kill_point("handed_over")
            self.at_dot = True

        try:
            raw = outbox.bytes_of(self.store, outbox_id)
        except PermanentFailure as error:  # the mails behind this one go on, and staff are told
            outcome = Outcome("failed", None, error.reason, "mail")
            self._record(row, outcome)
            return outcome
        if row["too_big"] == 0 and len(raw) > self.account.max_size and mail_bytes.has_files(raw):
            text = f"the mail has {len(raw)} octets, smtp.max_size is {self.account.max_size}"
            outcome = Outcome("failed", None, text, "mail", too_big=True)
            self._record(row, outcome)
            return outcome
        proof = self.account.copy_to if int(row["attempts"]) < _WITH_COPY else ""
        envelope = Envelope(str(row["envelope_sender"]), str(row["recipient"]), proof)
        try:
            outcome = await submitter.submit(envelope, raw, before_dot)
        except asyncio.CancelledError:
            if not self.at_dot:  # else the server may have it, and its row goes on saying so
                outbox.give_back(self.store, row)
            raise
        kill_point("after_dot")
        self._record(row, outcome, following if submitter.stands else None)
        self.at_dot = False
        return outcome

    def _record(self, row: Row, outcome: Outcome, following: int | None = None) -> None:
        store, account, now = self.store, self.account, self.clock.now()
        answer = f"{outcome.code or ''} {outcome.text}".strip()
        final = True
        awaited = row["ticket_id"] is not None and row["template"] in account.awaited
        done = outcome.state == "accepted" and not awaited
        if outcome.state == "accepted":
            self._claimed = outbox.accepted(store, row, answer, now, settled=done, following=following)
        elif outcome.null_sender_refused:
            outbox.under_own_address(store, account, row, answer, now)
            final = False
        elif outcome.state == "failed":
            outbox.failed(store, row, answer, now, too_big=outcome.too_big)
        elif not outbox.again(store, account, row, outcome, answer, now):
            outbox.failed(store, row, answer, now, given_up=True)
        else:
            final = False
        if outcome.proof_refused:
            self._no_proof(outcome.proof_refused)
        log.submitted(
            account.name, row["template"], row["message_id"], outcome.state, outcome.text, ticket=row["number"]
        )
        if done:
            kill_point("settled")
        settled = final and (done or self._settle(int(row["id"])))
        self._delivery.complete = self._delivery.complete and settled
