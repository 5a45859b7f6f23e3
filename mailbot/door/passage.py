"""What goes from one party to another, and which files of it stay behind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from mailbot.model import Attachment, Role


class Back(Enum):
    """Why a file stays behind."""

    FORM = "form"  # a further form of its mail's body, with all that the body's words were cut from
    INTERNAL = "internal"  # it holds what was written to the LPSE's own people
    SECRET = "secret"  # it holds what looks like a password, and its writer is not the LPSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """source: whose words and files. to: the user or LKPP, who will read them. why: the kind of text as the ledger
    names it ("answer", "forward", …). mails: the journal ids of the mails in which they stand, if these may be read
    from now on. said: they are the event's own, hence a text of their own in the ledger."""

    source: Role
    to: Role
    why: str
    words: str = ""
    files: Sequence[Attachment] = ()
    mails: Sequence[int] = ()
    said: bool = True


@dataclass(frozen=True, slots=True)
class Passed:
    """What may be shown to `to`. back: the files that stay, with the reason."""

    to: Role
    words: str
    files: tuple[Attachment, ...]
    back: tuple[tuple[Attachment, Back], ...] = ()


def keeps_back(file: Attachment, source: Role, to: Role) -> Back | None:
    """Why this file of `source` may not go to `to`; None: it may. Whoever has sent a file may read of it."""
    if source is to or to.inside:
        return None
    if file.of_body:
        return Back.FORM
    if file.internal:
        return Back.INTERNAL
    if file.secret and not source.inside:
        return Back.SECRET
    return None


def pass_(passage: Passage) -> Passed:
    """The passage without the files that stay behind."""
    judged = [(file, keeps_back(file, passage.source, passage.to)) for file in passage.files]
    files = tuple(file for file, back in judged if back is None)
    return Passed(passage.to, passage.words, files, tuple((file, back) for file, back in judged if back is not None))
