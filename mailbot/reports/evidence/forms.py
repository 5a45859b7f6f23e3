"""The Formulir Konsultasi of a ticket for its evidence: the same data make the same bytes, whenever it is printed."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

from mailbot.config.settings import Config
from mailbot.config.site import open_sites
from mailbot.errors import ConfigError, PermanentFailure
from mailbot.reports import consultation_form
from mailbot.reports.newfile import Packed
from mailbot.store.database import Store
from mailbot.tickets import tickets


def of(store: Store, config: Config, ticket_id: int, at: datetime) -> list[tuple[str, bytes]]:
    """(file name, .docx) of each sheet as it is filled in. at: the last moment of the ticket. None where the site's own
    files are at fault: `mailbot check` says why, and everything else is evidence all the same."""
    ticket = tickets.load(store, ticket_id)
    try:
        site = next((one for one in open_sites(config) if one.name == ticket.mailbox), None)
        found = [] if site is None else consultation_form.files(store, site, ticket, at)
    except (ConfigError, PermanentFailure):
        return []
    return [(name, _timeless(data)) for name, data in found]


def _timeless(document: bytes) -> bytes:
    """The document without the times at which its parts were packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as archive, Packed(packed) as into:
        for name in archive.namelist():
            into.add(name, [archive.read(name)])
    return packed.getvalue()
