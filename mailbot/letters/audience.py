"""The last look before a mail to the user or LKPP is made: do the texts and files say that he may see them?

Each effect chooses by itself what its mail shows. Here it is held against what the database says of every text and
file, so that a slip there ends in quarantine and not in somebody else's mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mailbot.errors import PermanentFailure
from mailbot.model import Attachment, Role
from mailbot.store.database import Store
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import tickets

#: The values that hold what a person wrote; all others in these mails are ours, or of the ticket's own user.
_WORDS = ("text", "summary", "tried")


def prove(
    store: Store, ticket_id: int, template: str, shown: Mapping[str, Any], files: Sequence[Attachment] = ()
) -> None:
    """Raises PermanentFailure, which names none of the words, if a mail outside would show what its reader may not see.

    A line counts as his if it stands, or a part of it does, in a text of this ticket that carries his audience.
    """
    kind = MAILS[template]
    if kind.audience not in (Role.USER, Role.LKPP):
        return
    lines = [
        line.strip()
        for name in _WORDS
        if name in kind.variables
        for line in str(shown.get(name) or "").splitlines()
        if line.strip()
    ]
    if lines:
        bodies = [str(row["body"]) for row in tickets.texts_for(store, ticket_id, kind.audience)]
        whole = {line.strip() for body in bodies for line in body.splitlines()}
        if any(not any(line in body for body in bodies) for line in set(lines) - whole):
            raise PermanentFailure(template, "ada kata-kata yang tidak boleh dibaca penerimanya")
    listed = shown.get("attachments") or [] if "attachments" in kind.variables else []
    if not listed and not files:
        return
    known = tickets.files_for(store, ticket_id, kind.audience)
    names, hashes = {str(row["name"]) for row in known}, {str(row["sha256"]) for row in known}
    if not names.issuperset(str(file["name"]) for file in listed) or not hashes.issuperset(f.sha256 for f in files):
        raise PermanentFailure(template, "ada lampiran yang tidak boleh dibaca penerimanya")
