"""The last look before a mail to the user or LKPP is made: has the door let through what it shows?

Each effect chooses by itself what its mail shows. Here it is held against what the door has let through and against
what the ledger says of every text and file, so that a slip there ends in quarantine and not in somebody else's mailbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mailbot.door.passage import Passed
from mailbot.errors import PermanentFailure
from mailbot.masking import MASK
from mailbot.model import Attachment, Role
from mailbot.sentences import Sentences
from mailbot.store.database import Store
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import tickets

_SAID = Sentences(__file__)

#: The values that hold what a person wrote; all others in these mails are ours, or of the ticket's own user.
_WORDS = ("text", "summary", "tried")
#: The line of a code as mails to staff write it (`letters.links`), in whatever form a program quotes it.
_CODE = re.compile(r"\bkode\s?:[\s*]{0,4}[A-Z2-7]{5}(?:\s?[-‐-―]\s?[A-Z2-7]{5}){3}", re.IGNORECASE)


def prove(
    store: Store,
    ticket_id: int,
    template: str,
    shown: Mapping[str, Any],
    passed: Sequence[Passed] = (),
    files: Sequence[Attachment] = (),
) -> None:
    """Raises PermanentFailure, which names none of the words, if a mail outside would show what its reader may not see.

    A line counts as his if it stands, or a part of it does, in words that the door has let through to him for this
    very mail, and in a text of this ticket that carries his audience. passed: what the door has let through.
    """
    kind = MAILS[template]
    if kind.audience not in (Role.USER, Role.LKPP):
        return
    own = [one for one in passed if one.to is kind.audience]
    lines = {
        line.strip()
        for name in _WORDS
        if name in kind.variables
        for line in str(shown.get(name) or "").splitlines()
        if line.strip()
    }
    if lines:
        ledger = (str(row["body"]) for row in tickets.texts_for(store, ticket_id, kind.audience))
        if not (_all_in(lines, (one.words for one in own)) and _all_in(lines, ledger)):
            raise PermanentFailure(template, _SAID("words"))
        if holds_code("\n".join(lines)):
            raise PermanentFailure(template, _SAID("code"))
    listed = shown.get("attachments") or [] if "attachments" in kind.variables else []
    if not listed and not files:
        return
    known = tickets.files_for(store, ticket_id, kind.audience)
    names = {str(row["name"]) for row in known} & {file.name for one in own for file in one.files}
    hashes = {str(row["sha256"]) for row in known} & {file.sha256 for one in own for file in one.files}
    if not names.issuperset(str(file["name"]) for file in listed) or not hashes.issuperset(f.sha256 for f in files):
        raise PermanentFailure(template, _SAID("files"))


def holds_code(text: str) -> bool:
    """Whether a text holds the line of a code, as mails to staff do."""
    return _CODE.search(text) is not None


def without_codes(text: str) -> str:
    """The text with each code masked: of somebody outside who has come by one, which must not stop his words."""
    return _CODE.sub(MASK, text)


def _all_in(lines: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether each line is one of these texts' lines, or a part of one of the texts."""
    bodies = list(texts)
    whole = {line.strip() for body in bodies for line in body.splitlines()}
    return all(line in whole or any(line in body for body in bodies) for line in lines)
