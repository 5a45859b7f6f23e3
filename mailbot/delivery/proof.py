"""Mails that may have been sent are looked up before they are sent again.

A copy of every mail that our server accepts lies in a folder of the account that is read: the provider files the copy
there, or a second recipient of each submission brings it there (`proof` in the configuration). A copy proves that the
server has the mail. No copy after a while nearly proves that the server does not have it. The search asks for our own
Message-ID, or for `X-Mailbot-Id` if the provider writes another Message-ID: never for a stranger's words.

While mailbot cannot look into the folder these mails wait, for hours at most: a mail that comes twice does less harm
than a mail that never comes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain, repeat

from mailbot import log
from mailbot.clock import Clock
from mailbot.config.settings import Proof
from mailbot.config.site import Site
from mailbot.errors import AccountFailure, PermanentFailure, TemporaryFailure
from mailbot.fetch.accounts import imap_endpoint
from mailbot.letters import alarms
from mailbot.sentences import Sentences
from mailbot.servers import imap
from mailbot.store import outbox
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)
#: Seconds between two looks; the last one repeats.
PAUSES = (1.0, 2.0, 5.0)
#: How long a folder that cannot be looked into keeps a mail back.
BLIND = timedelta(hours=4)
#: How long the folder may be out of reach before the operator is told. Of a missing folder the operator is told at
#: once.
_TOLD_AFTER = timedelta(minutes=15)

_OWN_ID = re.compile(r"<(([0-9a-f]{32})@[A-Za-z0-9.-]{1,180})>")


class Search:
    """Looks the uncertain mails of one mailbox up. Used by one thread, over any number of connections."""

    def __init__(self, store: Store, site: Site, clock: Clock) -> None:
        self.store, self.site, self.clock = store, site, clock
        self._since: dict[int, float] = {}  # when each was first looked for in vain, monotonic

    def run(
        self,
        patience: float,
        wait: Callable[[float], bool],
        opened: Callable[[imap.Session], None] = lambda _: None,
    ) -> bool:
        """Look until every mail is found or is to be sent again, for `patience` seconds at most; once at least.

        wait: sleeps for so many seconds; True: time to leave. Returns whether nothing is left to look for.
        Raises TemporaryFailure and PermanentFailure, after telling the operator where that is needed.
        """
        proof = self.site.config.proof
        if proof is None or not self._wanted():
            return True
        end = time.monotonic() + patience
        try:
            with imap.connect(imap_endpoint(self.site), opened=opened) as session:
                session.select(proof.folder, readonly=True)
                for pause in chain(PAUSES, repeat(PAUSES[-1])):
                    for row in self._wanted():
                        self._look(session, proof, row)
                    left = end - time.monotonic()
                    if not self._wanted():
                        return True
                    if left <= 0 or wait(min(pause, left)):
                        return False
        except (TemporaryFailure, PermanentFailure) as error:
            self._blind(proof, error)
            raise
        raise AssertionError("not reached")

    def _wanted(self) -> list[Row]:
        return outbox.to_prove(self.store, self.site, self.clock.now())

    def _look(self, session: imap.Session, proof: Proof, row: Row) -> None:
        at = self._copy(session, str(row["message_id"]))
        if at is not None:
            answer = f"found in {proof.folder}"
            if outbox.found(self.store, int(row["id"]), answer, self.clock.arrival(at)):
                log.submitted(self.site.name, row["template"], row["message_id"], "accepted", answer)
        elif row["proof"] == "once" or self._long_enough(proof, row):
            outbox.not_found(self.store, int(row["id"]), _SAID("not_found", folder=proof.folder))
            log.submitted(self.site.name, row["template"], row["message_id"], "uncertain", f"not in {proof.folder}")

    @staticmethod
    def _copy(session: imap.Session, message_id: str) -> datetime | None:
        own = _OWN_ID.fullmatch(message_id)
        if own is None:  # none of ours has another form
            return None
        return session.find("Message-ID", own[1]) or session.find("X-Mailbot-Id", own[2])

    def _long_enough(self, proof: Proof, row: Row) -> bool:
        """Whether this process or an earlier one has looked for the mail in vain for `wait`."""
        outbox_id, tick, now = int(row["id"]), time.monotonic(), self.clock.now()
        since = to_instant(row["proof_looked"]) if row["proof_looked"] else None
        if since is None or since > now:  # the first look, or a clock that was set back
            outbox.looked_in_vain(self.store, outbox_id, now)
            since = now
        return tick - self._since.setdefault(outbox_id, tick) >= proof.wait or now - since >= timedelta(
            seconds=proof.wait
        )

    def _blind(self, proof: Proof, error: TemporaryFailure | PermanentFailure) -> None:
        """Notes that the folder cannot be looked into."""
        now, rows = self.clock.now(), self._wanted()
        for row in rows:
            if self._waiting(row, now) > BLIND:
                outbox.not_found(self.store, int(row["id"]), _SAID("blind", folder=proof.folder))
        longest = max((self._waiting(row, now) for row in rows), default=timedelta())
        if isinstance(error, PermanentFailure | AccountFailure) or longest > _TOLD_AFTER:
            with self.store.immediate():
                alarms.once(
                    Context(self.store, self.site, now),
                    "proof",
                    folder=proof.folder,
                    reason=error.reason,
                    count=len(rows),
                    hours=BLIND.seconds // 3600,
                )

    def _waiting(self, row: Row, now: datetime) -> timedelta:
        since = to_instant(row["proof_since"])
        if since > now:  # a clock that was set back must not keep it waiting
            outbox.proof_wanted_since(self.store, int(row["id"]), now)
            return timedelta()
        return now - since
