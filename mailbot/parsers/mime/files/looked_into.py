"""What stands in a mail's files: the words of the mails among them, and whether any file holds what looks like a
password. Files that are nobody's text keep no words: pictures, PDF, archives other than ZIP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from mailbot.errors import ParseError
from mailbot.masking import mask
from mailbot.model import Attachment, Message

#: Mails within mails that are opened; a deeper one is read as plain text.
MOST_LEVELS = 3
_MAILS = ("message/rfc822", "message/global")
#: Characters in which passwords are looked for: of one file, and of all files of a mail.
_SEARCHED, _SEARCHED_IN_ALL = 128 * 1024, 256 * 1024
#: Characters of words that all files of a mail keep.
_KEPT_IN_ALL = 2 * 1024 * 1024


def looked_into(files: Iterable[Attachment], read: Callable[[bytes], Message] | None) -> tuple[Attachment, ...]:
    """The files with their words. read: reads a mail within this one; None: it stands too deep."""
    return tuple(_marked(_opened(file, read) for file in files))


def _opened(file: Attachment, read: Callable[[bytes], Message] | None) -> Attachment:
    mail = file.content_type in _MAILS or file.name.lower().endswith(".eml")
    if not mail or file.of_body:
        return file
    try:
        message = None if read is None else read(file.data)
    except ParseError:
        message = None
    if message is None:
        return replace(file, words=file.words or file.data[:_SEARCHED].decode("utf-8", "replace"))
    inner = (message.subject, message.text, *(one.words for one in message.attachments))
    return replace(file, words="\n\n".join(text for text in inner if text.strip()))


def _marked(files: Iterable[Attachment]) -> Iterator[Attachment]:
    keep, search = _KEPT_IN_ALL, _SEARCHED_IN_ALL
    for file in files:
        words = file.words[:keep]
        looked_at = words[: min(search, _SEARCHED)]
        keep, search = keep - len(words), search - len(looked_at)
        secret = bool(looked_at) and mask(looked_at)[1]
        yield replace(file, words=words, secret=secret) if words or file.words else file
