"""What a person may decide about a mail of the outbox while the daemon works. Each decision is logged and noted."""

from __future__ import annotations

from datetime import datetime

from mailbot import log
from mailbot.errors import MailbotError
from mailbot.sentences import Sentences, filled
from mailbot.store import held_mails, outbox, restored
from mailbot.store.database import Row, Store, to_instant, to_text

_SAID = Sentences(__file__)


class NotNow(MailbotError):
    """The mail's state does not allow this decision. The message says why."""


def hold(store: Store, outbox_id: int, now: datetime) -> None:
    """The mail leaves only when a person lets it go. If a cap held it, it neither lapses nor leaves under the cap.
    Raises NotNow."""
    with store.immediate():
        row = _row(store, outbox_id)
        if row["held"] and row["held_by"] == "hand":
            raise NotNow(f"mail {outbox_id} is held already: {row['held_why']}")
        if row["state"] not in ("queued", "uncertain"):
            raise NotNow(_ended(row))
        held_mails.hold(store, outbox_id, "hand", _SAID("held"))
        _noted(store, row, "hold", now)


def retry(store: Store, outbox_id: int, now: datetime) -> None:
    """A held or refused mail is due again, whatever the caps say. A mail that waits for its next try waits no longer.

    The bytes and the Message-ID stay, so that a second copy is known as the same mail. The window in which staff may
    take the mail back is kept. Raises NotNow.
    """
    with store.immediate():
        row = _row(store, outbox_id)
        refused = row["state"] in ("failed", "bounced") and row["accepted_at"] is None
        if not refused and row["state"] not in ("queued", "uncertain"):
            raise NotNow(_ended(row))
        if row["held"]:
            held_mails.let_go(store, outbox_id, now)
        if refused:
            outbox.queue_again(store, outbox_id)
        waits = row["undo_by"] is not None and str(row["not_before"]) > to_text(now)
        due = str(row["not_before"]) if waits else to_text(now)
        # A person has decided: the mail is neither looked up first nor kept back for its recipient's server.
        outbox.due_from(store, outbox_id, due)
        _noted(store, row, "retry", now)


def cancel(store: Store, outbox_id: int, now: datetime) -> None:
    """The mail never leaves. Raises NotNow if the server may have the mail already."""
    with store.immediate():
        row = _row(store, outbox_id)
        if row["state"] == "uncertain":
            raise NotNow(f"mail {outbox_id} may have arrived already: it cannot be cancelled, only held")
        if row["state"] != "queued":
            raise NotNow(_ended(row))
        outbox.cancel(store, outbox_id)
        _noted(store, row, "cancel", now)


def arrived(store: Store, outbox_id: int, now: datetime) -> None:
    """A person has seen that the mail arrived. The mail counts as accepted, and its ticket goes on from there. Raises
    NotNow if the mail cannot have arrived."""
    with store.immediate():
        row = _row(store, outbox_id)
        if row["state"] != "uncertain" and not (row["state"] == "queued" and row["held_by"] == restored.HELD_BY):
            waits = row["state"] == "queued"
            raise NotNow(f"mail {outbox_id} has not been handed over yet" if waits else _ended(row))
        outbox.accept(store, outbox_id, str(row["answer"]), to_instant(row["asked_at"]))
        _noted(store, row, "sent", now)


def _row(store: Store, outbox_id: int) -> Row:
    row = outbox.with_ticket(store, outbox_id)
    if row is None:
        raise NotNow(f'there is no mail {outbox_id}; "mailbot outbox list" names them')
    return row


def _ended(row: Row) -> str:
    why = {
        "sending": "is being handed over at this moment; ask again",
        "accepted": f"was accepted by the mail server on {str(row['accepted_at'])[:16].replace('T', ' ')} UTC",
        "bounced": "was accepted by the mail server and came back" if row["accepted_at"] else "was refused for good",
        "failed": "was refused for good",
        "cancelled": f"was cancelled: {row['reason']}",
    }
    return f"mail {row['id']} {why[str(row['state'])]}"


def _noted(store: Store, row: Row, action: str, now: datetime) -> None:
    outbox.say_why(store, int(row["id"]), filled(_SAID.table("done")[action], at=to_text(now)))
    log.by_hand(row["mailbox"], action, int(row["id"]), row["template"], row["message_id"], row["number"])
