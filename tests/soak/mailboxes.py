"""The parties' side of the mail: they hand mails in and look into their mailboxes, whether the servers live or not;
and at the end everything that lies there is counted."""

from __future__ import annotations

import re
import smtplib
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.mailservers import MailServers
from tests.soak.town import WAYS, Mail, Matter, answer, first_mail, owed_in_all
from tests.world import Letter, letter

#: What one meets while a mail server is dead, or dies.
GONE = (OSError, smtplib.SMTPException, IMAPClientError)
_TAG = re.compile(r"\[((LPSE-K\d\d)-\d{4}-\d{6})] ")
_NUMBER = re.compile(r"Perkara (\d{4})")
_QUEUE_ID = re.compile(rb"\(Postfix\) with \w+ id (\w+)")


class Matters:
    """All matters, and which of them a mail is about: by its desk's prefix in the tag, and by its title (or, where
    the subject repeats nothing, by the user who finds it)."""

    def __init__(self, found: Sequence[Matter]) -> None:
        self.all = list(found)
        self._of = {(each.site.prefix, each.number): each for each in found}

    def same_mail(self, matter: Matter) -> list[Matter]:
        """The desks to which this matter's first mail goes: itself, and the one that it shares it with."""
        return [each for each in self.all if each.number == matter.number]

    def about(self, recipient: str, found: Letter) -> Matter | None:
        tag, number = _TAG.match(found.subject), _NUMBER.search(found.subject)
        of_user = re.fullmatch(r"p(\d{4})@penyedia\.test", recipient)
        number = of_user or number
        return self._of.get((tag[2], int(number[1]))) if tag and number else None


class Parties:
    """Everybody but the program. Each reads what comes and answers once what he would answer."""

    def __init__(self, servers: MailServers, matters: Matters) -> None:
        self._servers, self._matters = servers, matters
        self._last_uid: dict[str, int] = {}
        self._turn: Counter[Matter] = Counter()
        self._known: set[tuple[str, str]] = set()
        self.missing = owed_in_all(matters.all)
        self.delivered = self.delivered_again = 0

    # --- writing ----------------------------------------------------------------------------------

    def write(self, matter: Matter, way: str) -> None:
        """The first mail, as it comes this way: the trace on top differs, the mail does not."""
        trace = f"Received: from {way}.luar.test by mx.{matter.site.domain}; Mon, 21 Dec 2026 09:00:00 +0700\r\n"
        self._deliver(trace.encode() + first_mail(self._matters.same_mail(matter)), matter.site.address)

    def _deliver(self, raw: bytes, to: str) -> None:
        """As a border server does: until it has its 250. The same mail may so come twice, as in life."""
        end = time.monotonic() + 60
        while True:
            try:
                self._servers.deliver(raw, to)
            except GONE:
                if time.monotonic() > end:
                    raise
                self.delivered_again += 1
                time.sleep(0.1)
            else:
                self.delivered += 1
                return

    # --- reading ----------------------------------------------------------------------------------

    def look(self, recipients: Sequence[str]) -> None:
        for recipient in recipients:
            for found in self._news(recipient):
                matter = self._matters.about(recipient, found)
                if matter is None or (recipient, found.message_id) in self._known:
                    continue
                self._known.add((recipient, found.message_id))
                self.missing -= Counter([(recipient, found.template, matter)])
                turns = WAYS[matter.way][self._turn[matter] :]
                if turns and (turns[0].template, turns[0].whose(matter)) == (found.template, recipient):
                    self._turn[matter] += 1
                    self._deliver(answer(matter, turns[0], found), matter.site.address)

    def _news(self, recipient: str) -> list[Letter]:
        """What came since this was last asked; nothing while Dovecot is dead."""
        last, found = self._last_uid.get(recipient, 0), {}
        with suppress(*GONE):
            found = _inbox(self._servers, recipient, last)
        self._last_uid[recipient] = max(found, default=last)
        return [letter(found[uid]) for uid in sorted(found)]

    def those_who_answer(self) -> list[str]:
        """Whose turn it is in some matter."""
        turns = ((m, WAYS[m.way][self._turn[m] :]) for m in self._matters.all)
        return sorted({rest[0].whose(matter) for matter, rest in turns if rest})

    def still_missing(self) -> dict[str, int]:
        """How many of each template."""
        return dict(Counter(template for _, template, _ in self.missing.elements()))

    def those_who_wait(self) -> list[str]:
        """Who has not yet found all that is owed."""
        return sorted({recipient for recipient, _, _ in self.missing})


def _inbox(servers: MailServers, user: str, after: int = 0) -> dict[int, bytes]:
    """The mails above that UID. Without TLS: there are many mailboxes, and they are looked at often."""
    client = IMAPClient(servers.imap_host, servers.imap_port, ssl=False, timeout=5, use_uid=True)
    try:
        client.login(user, servers.password)
        client.select_folder("INBOX", readonly=True)
        uids = [uid for uid in client.search(["UID", f"{after + 1}:*"]) if uid > after]
        answered = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
        return {uid: answered[uid][b"BODY[]"] for uid in uids}
    finally:
        client.shutdown()


@dataclass
class Count:
    """What lies in the mailboxes."""

    #: Distinct mails by Message-ID.
    mails: Counter[Mail] = field(default_factory=Counter)
    tickets: dict[Matter, set[str]] = field(default_factory=lambda: defaultdict(set))
    strays: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    #: Second copies with the same Message-ID: that the program submitted again (Postfix gave it another queue id), and
    #: that the servers delivered again (the same queue id).
    resubmitted: int = 0
    redelivered: int = 0


def count(servers: MailServers, matters: Matters, recipients: Sequence[str]) -> Count:
    result = Count()
    for recipient in recipients:
        copies: dict[str, list[Letter]] = defaultdict(list)
        for raw in _inbox(servers, recipient).values():
            copies[letter(raw).message_id].append(letter(raw))
        for message_id, same in copies.items():
            found, matter = same[0], matters.about(recipient, same[0])
            if matter is None:
                result.strays.append(f"{recipient}: {found.template} {found.subject}")
                continue
            result.mails[recipient, found.template, matter] += 1
            tag = _TAG.match(found.subject)
            result.tickets[matter].add(tag[1] if tag else "")
            if len({_as_made(one.raw) for one in same}) > 1:
                result.differing.append(message_id)
            submissions = len({_queue_id(one.raw) for one in same})
            result.resubmitted += submissions - 1
            result.redelivered += len(same) - submissions
    return result


def _as_made(raw: bytes) -> bytes:
    """The mail without what the servers put on top of it."""
    return raw[raw.index(b"\nFrom: ") :]


def _queue_id(raw: bytes) -> bytes:
    found = _QUEUE_ID.search(raw)
    assert found, "a mail of ours did not come through Postfix"
    return found[1]
