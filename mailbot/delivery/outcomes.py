"""The end of a submission becomes an event of its ticket, exactly once, also if a crash came between."""

from __future__ import annotations

from datetime import datetime

from mailbot.config.site import Site
from mailbot.delivery import smaller
from mailbot.killpoint import kill_point
from mailbot.letters import alarms
from mailbot.procedure import service
from mailbot.procedure.guard import guarded
from mailbot.store import outbox, submissions
from mailbot.store.database import Row, Store
from mailbot.tickets.case import Context


def settled(store: Store, site: Site, outbox_id: int, now: datetime) -> bool:
    """The server has accepted a mail or refused it for good: the ticket learns of that. If the attachments made the
    mail too large, a smaller mail goes instead. False: try again."""

    def settle() -> bool:
        row = outbox.mail(store, outbox_id)
        if row is not None and row["state"] == "accepted":
            service.accepted(store, site, outbox_id, now)
        elif row is not None and not (row["too_big"] and smaller.replaced(store, site, outbox_id, now)):
            _undelivered(store, site, row, now)
        kill_point("settled")
        return True

    return guarded(site.name, f"outcome of mail {outbox_id}", settle)


def _undelivered(store: Store, site: Site, row: Row, now: datetime) -> None:
    """The server has refused it for good, or has not taken it for so long that the operator hears of it, too."""
    outbox_id, answer = int(row["id"]), str(row["answer"])
    with store.immediate():
        if submissions.given_up(store, outbox_id):
            his = str(row["recipient"])
            alarms.once(Context(store, site, now), "given up", of=his, recipient=his, answer=answer)
        service.undelivered(store, site, outbox_id, f"o{outbox_id}.failed", answer, now, now)


def no_proof(store: Store, site: Site, answer: str, now: datetime) -> None:
    """The server refuses the address to which copies for the proof go: the operator hears of that."""

    def tell() -> bool:
        with store.immediate():
            alarms.once(Context(store, site, now), "proof.bcc", "refused", answer=answer)
        return True

    guarded(site.name, "alarm about the proof", tell)  # else the next mail's copy is refused, too, and tells
