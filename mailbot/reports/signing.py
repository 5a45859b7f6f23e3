"""Who signs a printed list, and as of when it was true: "Mengetahui" the head of the LPSE, and "Petugas".

Names are those of the configuration. The place, and the NIP that no configuration has, are left to be written by hand.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from mailbot.config.settings import MailboxConfig
from mailbot.reports.sheet import Signer
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


def signers(
    mailbox: MailboxConfig, zone: ZoneInfo, now: datetime, officer: str = "", *, named: bool = True
) -> tuple[Signer, Signer]:
    """(left, right). officer: who made it; "": the one member of staff, where there is only one. not named: nobody is,
    as in what may be published."""
    head = mailbox.head[0].name if mailbox.head else ""
    if not officer and len(mailbox.staff) == 1:
        officer = mailbox.staff[0].name
    today = now.astimezone(zone).date()
    day = f"{today.day} {dates.MONTHS[today.month - 1]} {today.year}"
    return (
        Signer(_SAID("seen"), mailbox.tiers.head, head if named else ""),
        Signer(_SAID("place", day=day), _SAID("officer"), officer if named else ""),
    )


def state(zone: ZoneInfo, now: datetime) -> str:
    """As "Keadaan per Senin, 23 November 2026 pukul 14.05 WIB"."""
    return _SAID("state", at=dates.format_instant(now, zone))
