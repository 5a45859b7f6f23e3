"""The end of a submission becomes an event of its ticket, exactly once, also if a crash came between."""

from __future__ import annotations

from datetime import datetime

from mailbot.config.site import Site
from mailbot.delivery import smaller
from mailbot.killpoint import kill_point
from mailbot.procedure import service
from mailbot.procedure.guard import guarded
from mailbot.store import outbox
from mailbot.store.database import Store


def settled(store: Store, site: Site, outbox_id: int, now: datetime) -> bool:
    """The server has accepted a mail or refused it for good: the ticket learns of that. If the attachments made the
    mail too large, a smaller mail goes instead. False: try again."""

    def settle() -> bool:
        row = outbox.mail(store, outbox_id)
        if row is not None and row["state"] == "accepted":
            service.accepted(store, site, outbox_id, now)
        elif row is not None and not (row["too_big"] and smaller.replaced(store, site, outbox_id, now)):
            service.undelivered(store, site, outbox_id, f"o{outbox_id}.failed", str(row["answer"]), now, now)
        kill_point("settled")
        return True

    return guarded(site.name, f"outcome of mail {outbox_id}", settle)
