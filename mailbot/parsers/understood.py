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
from mailbot.parsers.mime.sealed import without_notices
from mailbot.parsers.mime.subject import base_subject
from mailbot.parsers.reply import ready_reply
from mailbot.parsers.reply.quoted import NewText, new_text
from mailbot.parsers.robots.automatic import Automatic, automatic, no_answer_reason
from mailbot.rules import problems, topic
from mailbot.rules.topic import Topic


@dataclass(frozen=True, slots=True)
class Addressee:
    """The mailbox that a mail came to. own: its address and aliases. tag_prefix: of its tickets' numbers. by_ours:
    whether what users write is read by the rules that come with mailbot."""

    own: tuple[str, ...]
    limits: Limits
    tag_prefix: str = ""
    by_ours: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """new: its text taken apart. machine: which machine wrote it. unanswered: why it may not be answered automatically,
    as far as the mail itself tells. fields: what its new words say of its writer, secrets masked. topic: what these
    words are about; None: nobody asked, or it is a machine's."""

    message: Message
    new: NewText
    machine: Automatic | None
    unanswered: str | None
    fields: tuple[tuple[str, Field], ...]
    topic: Topic | None


def understand(raw: bytes, to: Addressee) -> Understood:
    """Raises ParseError, and nothing else, when the bytes are over a limit or hold no mail at all."""
    from mailbot.parsers.mime import message  # here, as only the process that reads mails needs what it stands on

    found = message.parse(raw, to.limits)
    try:
        machine = automatic(found, to.own)
        new = new_text(found.text)
        own = mask(new.own)[0]
        return Understood(
            message=found,
            new=new,
            machine=machine,
            unanswered=no_answer_reason(found, to.own, machine),
            fields=tuple(read_own(own, mask(new.signature)[0]).items()),
            topic=_topic(found, new, own, to) if to.by_ours and machine is None else None,
        )
    except Exception as error:
        raise message.not_understood(error) from error


def _topic(found: Message, new: NewText, own: str, to: Addressee) -> Topic:
    """As it will most likely be asked: of a reply the text alone (`arrivals.from_user`)."""
    rules, said = topic.ours(), ready_reply.words(new.own)
    subject = "" if found.in_reply_to or found.references else mask(base_subject(found.subject, [to.tag_prefix]))[0]
    text = own if said == new.own else mask(said)[0]
    parts = problems.read(subject, without_notices(text), rules.problems.spelling)
    return topic.told(subject, text, topic.read(parts, rules))
