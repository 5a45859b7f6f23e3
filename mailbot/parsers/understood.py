"""What a mail says by itself, whoever has written it and whatever is known of its ticket: raw bytes → Understood.

The process that reads mails works it out (`fetch.reader`), all at once, so that the process that acts need not. Nothing
of it is more certain than the text: who may do what is judged where the mail is handled.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.masking import mask
from mailbot.model import Message
from mailbot.parsers.forms.form import Field, read_own
from mailbot.parsers.mime.limits import Limits
from mailbot.parsers.reply.quoted import NewText, new_text
from mailbot.parsers.robots.automatic import Automatic, automatic, no_answer_reason


@dataclass(frozen=True, slots=True)
class Addressee:
    """The mailbox that a mail came to. own: its address and aliases."""

    own: tuple[str, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Understood:
    """new: its text taken apart. machine: which machine wrote it. unanswered: why it may not be answered automatically,
    as far as the mail itself tells. fields: what its new words say of its writer, secrets masked."""

    message: Message
    new: NewText
    machine: Automatic | None
    unanswered: str | None
    fields: tuple[tuple[str, Field], ...]


def understand(raw: bytes, to: Addressee) -> Understood:
    """Raises ParseError, and nothing else, when the bytes are over a limit or hold no mail at all."""
    from mailbot.parsers.mime import message  # here, as only the process that reads mails needs what it stands on

    found = message.parse(raw, to.limits)
    try:
        machine = automatic(found, to.own)
        new = new_text(found.text)
        return Understood(
            message=found,
            new=new,
            machine=machine,
            unanswered=no_answer_reason(found, to.own, machine),
            fields=tuple(read_own(mask(new.own)[0], mask(new.signature)[0]).items()),
        )
    except Exception as error:
        raise message.not_understood(error) from error
