"""The words of mails of ours, for comparison with a mail that may quote them.

The same mails are compared with each reply of a thread, and the last lists and reports with every mail. To take one
apart costs more than all else that a reply does, so that the last ones are kept. Bytes and Message-ID of a mail of ours
never change.
"""

from __future__ import annotations

import binascii
import email
import email.message
import email.policy
import html
import re
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property

from mailbot.parsers.mime.html import plain_lines
from mailbot.parsers.reply import own_quote
from mailbot.parsers.reply.below_quotation import Answered
from mailbot.store import sent_mails
from mailbot.store.database import Row, Store

_BYTES = 256_000  # of a mail of ours, in which its words stand
_PART = b"Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_END = b"\r\n--=_"  # a boundary of ours
#: The title of a page and the line that inboxes show, as `layout.html.j2` writes them.
_UNSEEN = re.compile(r'<(?:title|div style="display:none;[^"]{0,400}")>([^<]{1,1000})</')
_KEPT = 8 << 20  # bytes of mails: some 300, since most have less than 30 KB


@dataclass(frozen=True)
class OurMail:
    """raw: the mail, up to its files."""

    raw: bytes

    @cached_property
    def text(self) -> str:
        """Its plain text; "" if it has none."""
        return self._text_of("text/plain") or ""

    @cached_property
    def runs(self) -> frozenset[int]:
        """What tells whether a text may quote it (`own_quote.runs`)."""
        return own_quote.runs(self.text)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words of both its forms: a reply may quote either. Roundcube and Thunderbird quote the line that only
        inboxes show, too, and Thunderbird the title."""
        page = self._text_of("text/html") or ""
        unseen = _unseen(page)
        return tuple(text for text in (self.text, page and plain_lines(page), unseen) if text)

    @cached_property
    def _head(self) -> email.message.Message:
        """Its header fields. To read them costs as much as its words, and only blocks of headers as Outlook writes them
        are held against them."""
        head = self.raw[: self.raw.find(b"\r\n\r\n") + 4]
        return BytesHeaderParser(policy=email.policy.default).parsebytes(head)

    @cached_property
    def sender(self) -> str:
        return str(self._head["From"] or "")

    @cached_property
    def subject(self) -> str:
        return str(self._head["Subject"] or "")

    @cached_property
    def on(self) -> date | None:
        on = self._head["Date"]
        return parsedate_to_datetime(str(on)).date() if on else None

    @property
    def answered(self) -> Answered:
        """What tells a quotation of all of it. A form that is cut off here is none of its texts."""
        page = self._whole("text/html")
        texts = (self._whole("text/plain"), page and plain_lines(page))
        return Answered(self, tuple(text for text in texts if text), _unseen(page or ""))

    def _whole(self, kind: str) -> str | None:
        """Its first text of this kind, as `templates.compose` writes it; None: there is none, or it is cut off."""
        start = self.raw.find(head := _PART % kind.encode())
        end = self.raw.find(_END, start)
        return _unix(binascii.a2b_qp(self.raw[start + len(head) : end])) if start >= 0 and end >= 0 else None

    def _text_of(self, kind: str) -> str | None:
        """The same; what an earlier version wrote otherwise, the library finds, and what there is of one cut off."""
        if (whole := self._whole(kind)) is not None:
            return whole
        for part in email.message_from_bytes(self.raw).walk():
            if part.get_content_type() == kind and not part.get_filename():
                data = part.get_payload(decode=True)
                return _unix(data) if isinstance(data, bytes) else None
        return None


def _unseen(page: str) -> str:
    """What a page says that only inboxes and titles show, line by line."""
    return "\n".join(map(html.unescape, _UNSEEN.findall(page)))


def _unix(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


class Kept:
    """The mails that were asked for last, by Message-ID. Used by one thread."""

    def __init__(self, most: int = _KEPT) -> None:
        """most: bytes of them. Long mails would else fill the memory."""
        self._mails: OrderedDict[str, OurMail] = OrderedDict()
        self._most, self._size = most, 0

    def of(self, store: Store, row: Row) -> OurMail:
        """The mail of a row of `sent_mails`."""
        message_id = str(row["message_id"])
        found = self._mails.pop(message_id, None)
        if found is None:
            found = OurMail(sent_mails.beginning(store, int(row["id"]), _BYTES))
            self._size += len(found.raw)
        self._mails[message_id] = found
        while self._size > self._most:
            _, oldest = self._mails.popitem(last=False)
            self._size -= len(oldest.raw)
        return found


#: Of the one thread that handles mails.
of = Kept().of


class OfNoTicket:
    """The last mails of ours to the LPSE's own people that are about no ticket. Each user's mail is held against them,
    and nearly none quotes one: while there is no other last one, what tells it of all of them is kept. Used by one
    thread."""

    def __init__(self) -> None:
        self._asked: tuple[object, ...] | None = None
        self._last: tuple[str, ...] = ()
        self._runs = frozenset[int]()

    def quoted(
        self, store: Store, mailbox: str, parties: Collection[str], at_most: int, runs: frozenset[int]
    ) -> list[Row]:
        """The rows of `sent_mails.of_no_ticket` if a text with these runs may quote one of them, else none."""
        asked, last = (mailbox, *parties, at_most), sent_mails.last_of_no_ticket(store, mailbox, parties)
        if (asked, last) == (self._asked, self._last) and runs.isdisjoint(self._runs):
            return []
        rows = sent_mails.of_no_ticket(store, mailbox, parties, at_most)
        self._asked, self._last = asked, last
        self._runs = frozenset().union(*(of(store, row).runs for row in rows))
        return rows


#: Of the same thread.
of_no_ticket = OfNoTicket()
