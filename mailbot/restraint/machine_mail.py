"""Machine mail that grows, and other mailbots: nothing answers them, and the operator is told once."""

from __future__ import annotations

from datetime import datetime

from mailbot.config.site import Site
from mailbot.letters import alarms
from mailbot.letters.caps import DAY, HOUR
from mailbot.model import Message
from mailbot.parsers.incoming import Mail
from mailbot.restraint import digest
from mailbot.store.database import Store, to_text

#: So many other mailbots are named in a day: who forges their headers must not flood the operator.
_NAMED = 5


def watch(store: Store, site: Site, mail: Mail, now: datetime) -> None:
    """A machine's mail has come; inside its transaction. Told once in 24 hours: a sender of too many, and too many in
    all; the limits are those of `limits.notices_…`."""
    if mail.machine is not None and mail.machine.kind == "own":
        return
    name_mailbot(store, site, mail.message, mail.sender.address, now)
    if alarms.told(store, site, "machines", now):
        return
    limits = site.config.limits
    since, at = to_text(mail.at - HOUR), to_text(mail.at)
    # What a person has written from the same address does not count.
    sql = (
        "SELECT count(*) FROM journal WHERE mailbox = ? AND sender = ? AND arrived_at > ? AND arrived_at <= ?"
        f" AND disposition IN ({digest.KINDS})"
    )
    address = mail.sender.address  # "" for all whose From is nobody's address: those are only counted together
    his = 1 + int(store.value(f"{sql} AND id <> ?", site.name, address, since, at, mail.journal_id)) if address else 1
    # What was handled, is of nobody whom we know, and has no ticket, came from a machine.
    sql = (
        "SELECT count(*) FROM journal WHERE mailbox = ? AND arrived_at > ? AND arrived_at <= ? AND state = 'handled'"
        " AND role = 'user' AND ticket_id IS NULL"
    )
    every = 1 + int(store.value(sql, site.name, since, at))
    if his > limits.notices_per_sender_per_hour:
        reason = f"{his} surat dalam satu jam dari mesin {address}."
    elif every > limits.notices_per_hour:
        reason = f"{every} surat dari berbagai mesin dalam satu jam."
    else:
        return
    alarms.once(store, site, "machines", f"{reason} Tidak satu pun dibalas otomatis; mohon diperiksa.", now)


def name_mailbot(store: Store, site: Site, message: Message, address: str, now: datetime) -> None:
    """Another mailbot writes here: nobody answers it, and a person should know. Once per sender and day."""
    if not any(name.lower().startswith("x-mailbot-") for name, _ in message.headers):
        return
    named = store.value(
        "SELECT count(*) FROM warnings WHERE mailbox = ? AND key >= 'alarm:mailbot:' AND key < 'alarm:mailbot;'"
        " AND at > ?",
        site.name,
        to_text(now - DAY),
    )
    if int(named) < _NAMED:
        reason = (
            f"Sebuah mailbot lain menulis ke kotak surat ini dari {address or 'alamat yang tidak jelas'}. Suratnya"
            " tidak dibalas otomatis; mungkin alamatnya terdaftar sebagai pengguna."
        )
        alarms.once(store, site, f"mailbot:{address}", reason, now)
