"""An alarm that leaves without the database: a unit of systemd has failed, and the database may be the reason.

It is handed over once, to each operator, and kept nowhere. Whether it arrived, the journal of the unit says.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime

from mailbot.config.settings import Listed
from mailbot.config.site import Site
from mailbot.delivery import account
from mailbot.delivery.sender import submitter
from mailbot.letters import alarms
from mailbot.model import NamedAddress
from mailbot.servers.smtp import Envelope, Outcome
from mailbot.templates.catalogue import MAILS
from mailbot.templates.compose import Head, build, new_message_id


def unit_failed(sites: Sequence[Site], unit: str, machine: str, now: datetime) -> dict[str, str]:
    """Tell the operators of all mailboxes; address → why it is not told ("" where a server took the mail). Each address
    gets one mail, by the first account that takes it."""
    found: dict[str, str] = {}
    for site in sites:
        way = site.alarms or site
        for person in way.config.operator:
            if found.get(person.address) != "":
                raw = _bytes(site, way, person, unit, machine, now)
                outcome = asyncio.run(_submit(way, person.address, raw))
                server = f"smtp {way.config.smtp.host}:{way.config.smtp.port}"
                found[person.address] = "" if outcome.state == "accepted" else f"{server}: {outcome.text}"
    return found


def _bytes(site: Site, way: Site, person: Listed, unit: str, machine: str, now: datetime) -> bytes:
    of_copies = unit.startswith("mailbot-backup")
    letter = alarms.letter(site, "unit", "backup" if of_copies else "text", person, key="", unit=unit, machine=machine)
    config = way.config
    head = Head(
        sender=NamedAddress(config.organisation, config.address),
        recipient=letter.recipient,
        subject=letter.subject,
        message_id=new_message_id(config.domain, secrets.token_bytes(16)),
        date=site.local(now),
    )
    return build(MAILS[letter.template], head, way.renderer.body(letter.template, letter.shown))


async def _submit(way: Site, address: str, raw: bytes) -> Outcome:
    """Its sender is a null one where the host allows that, as with every alarm: a bounce of it goes nowhere."""
    null = MAILS["operator_alarm"].envelope == "null" and way.config.smtp.null_sender == "auto"
    async with submitter(account.of(way)) as connection:
        sender = "" if null else way.config.address
        outcome = await connection.submit(Envelope(sender, address), raw, lambda: None)
        if outcome.null_sender_refused:
            outcome = await connection.submit(Envelope(way.config.address, address), raw, lambda: None)
        return outcome
