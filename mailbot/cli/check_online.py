"""What the servers of a mailbox really do, for `mailbot check --online`: logins, folders, a round trip, forged mails,
and what the commands of each listed person will meet.

Mails go to the mailbox itself only. What mailbot sent it removes again; what people sent stays. Everything that is
found is said as it is found, since people wait. No secret is ever part of it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import Enum

from mailbot.clean import one_line
from mailbot.config.settings import Proof
from mailbot.config.site import Site
from mailbot.delivery.sender import submitter
from mailbot.errors import AccountFailure, ParseError, PermanentFailure, TemporaryFailure
from mailbot.fetch import originals, reader
from mailbot.fetch.accounts import imap_endpoint
from mailbot.model import Message, Sender, Verdict
from mailbot.parsers.identity import Grant, may_command
from mailbot.parsers.identity import sender as who_wrote
from mailbot.sentences import Sentences
from mailbot.servers import imap
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.smtp import Envelope, Outcome, Submitter
from mailbot.templates.compose import new_message_id

_SAID = Sentences(__file__)
#: Seconds until a mail to ourselves must have come.
ARRIVES = 60.0
_PAUSE = 1.0  # between two looks
#: Between the server's clock and ours; deadlines count by the server's.
_SKEW = 30.0
_CAPABILITIES = {
    "IDLE": "news of new mail come at once",
    "MOVE": "mails are moved in one step",
    "UIDPLUS": "a single mail can be erased or moved safely",
}


class Level(Enum):
    """How bad a finding is, rising."""

    OK = "ok"
    WARNING = "warning"
    AGAIN = "again"  # a server that did not answer, a mail that did not come
    FAULT = "fault"  # something must be changed


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class _Arrived:
    uid: int
    internaldate: datetime
    seen: datetime
    message: Message


def check_online(site: Site, wait: int, arrives: float = ARRIVES) -> Iterator[Finding]:
    """Everything about one mailbox, as it is found. wait: seconds for test mails of people. Raises nothing that a
    server does."""
    check = _Check(site, arrives)
    try:
        yield from check.servers()
        with imap.connect(imap_endpoint(site)) as session:
            yield from check.folders(session)
            if check.can_send:
                yield from check.round_trip(session)
                yield from check.forged(session)
            if wait > 0:
                yield from check.people(session, wait)
    except AccountFailure as error:
        yield Finding(Level.FAULT, f"{error}: check username and password")
    except PermanentFailure as error:
        yield Finding(Level.FAULT, str(error))
    except TemporaryFailure as error:
        yield Finding(Level.AGAIN, str(error))


class _Check:
    def __init__(self, site: Site, arrives: float) -> None:
        self._site, self._arrives = site, arrives
        self._inbox = site.config.imap.folder[0]
        self.can_send = False

    # --- servers and folders ---------------------------------------------------------------------------

    def servers(self) -> Iterator[Finding]:
        config = self._site.config
        where = f"smtp {config.smtp.host}:{config.smtp.port}"
        refused, size, null = asyncio.run(self._greet())
        if refused is not None:
            level = Level.FAULT if refused.scope == "account" else Level.AGAIN
            yield Finding(level, f"{where}: {refused.text}")
            return
        self.can_send = True
        limit = f"takes mails up to {size:,} bytes" if size else "announces no largest size"
        yield Finding(Level.OK, f"{where}: {'logged in' if config.smtp.username else 'connected'}; {limit}")
        if size and size < config.smtp.max_size:
            yield Finding(
                Level.WARNING, f"{where}: smtp.max_size is larger than what the server takes: set it to {size}"
            )
        if null is None:
            yield Finding(Level.OK, f"{where}: takes the empty envelope sender")
        elif config.smtp.null_sender == "auto":
            text = "refuses the empty envelope sender; receipts leave under our own address. smtp.null_sender: never"
            yield Finding(Level.WARNING, f"{where}: {text} saves the attempt ({null.text})")

    async def _greet(self) -> tuple[Outcome | None, int | None, Outcome | None]:
        async with submitter(self._site) as connection:
            refused = await connection.connect()
            if refused is not None:
                return refused, None, None
            size = connection.max_size
            return None, size, await connection.probe(Envelope("", self._site.config.address))

    def folders(self, session: imap.Session) -> Iterator[Finding]:
        config = self._site.config.imap
        where = f"imap {config.host}:{config.port}"
        yield Finding(Level.OK, f"{where}: logged in")
        for name, use in _CAPABILITIES.items():
            if session.offers(name):
                yield Finding(Level.OK, f"{where}: offers {name} ({use})")
            else:
                yield Finding(Level.WARNING, f"{where}: does not offer {name} ({use} where it is offered)")
        proof = self._site.config.proof
        moved = config.done.folder if config.done.kind == "move" else None
        wanted = [*config.folder, moved, config.sent, proof and proof.folder]
        for folder in dict.fromkeys(name for name in wanted if name):
            try:
                state = session.select(folder, readonly=folder != self._inbox)
            except imap.NoSuchFolder as error:
                why = (
                    ": imap.sent must name the folder in which the provider keeps sent mail"
                    if folder == config.sent
                    else ""
                )
                yield Finding(Level.FAULT, f"{error}{why}")
                continue
            yield Finding(Level.OK, f"{where}: folder {folder}: {state.exists} mails")
            if folder in config.folder and config.done.kind == "keyword" and not state.keywords_allowed:
                text = "keeps no keywords: choose imap.done seen, move:FOLDER or none"
                yield Finding(Level.WARNING, f"{where}: folder {folder} {text}")

    # --- mails to ourselves -------------------------------------------------------------------------------

    def round_trip(self, session: imap.Session) -> Iterator[Finding]:
        config = self._site.config
        mark, raw = self._mail(config.address, _SAID("there_and_back"))
        start = session.select(self._inbox).uidnext
        sent_at = datetime.now(UTC)
        bcc = (config.proof and config.proof.bcc) or ""
        outcome = asyncio.run(_submit(submitter(self._site), Envelope(config.address, config.address, bcc), raw))
        if outcome.state != "accepted":
            yield Finding(Level.FAULT, f"a mail to ourselves is refused: {outcome.text}")
            return
        found = self._await(session, start, mark)
        if found is None:
            yield Finding(
                Level.AGAIN, f"a mail to ourselves has not come to {self._inbox} within {self._arrives:.0f} s"
            )
            return
        yield Finding(Level.OK, f"a mail to ourselves came after {(found.seen - sent_at).total_seconds():.0f} s")
        yield self._skew(found, sent_at)
        yield from self._results(found.message)
        yield self._removed(session, found.uid)
        if config.proof is not None:
            yield self._proof(session, config.proof, mark)

    def _proof(self, session: imap.Session, proof: Proof, message_id: str) -> Finding:
        """Whether the copy of the round trip's mail lies where copies shall lie."""
        session.select(proof.folder, readonly=True)
        end = time.monotonic() + min(self._arrives, proof.wait)
        while session.find("Message-ID", message_id.strip("<>")) is None:
            if time.monotonic() >= end:
                text = f"no copy of it came to {proof.folder}: what may have been sent would be sent twice"
                return Finding(Level.FAULT, f"proof: {text}")
            time.sleep(_PAUSE)
        return Finding(Level.OK, f"proof: a copy of it lies in {proof.folder}, and stays there")

    def _skew(self, found: _Arrived, sent_at: datetime) -> Finding:
        """INTERNALDATE must lie between the sending and the finding; it tells whole seconds only."""
        early = (sent_at - found.internaldate).total_seconds() - 1
        late = (found.internaldate - found.seen).total_seconds()
        off = max(early, late, 0.0)
        if off <= _SKEW:
            return Finding(Level.OK, "the mail server's clock agrees with ours")
        way = "behind" if early > late else "ahead of"
        return Finding(
            Level.WARNING, f"the mail server's clock is {off:.0f} s {way} ours: deadlines count by the server's"
        )

    def _results(self, message: Message) -> Iterator[Finding]:
        pinned = self._site.config.authentication.authserv_id
        values = [one_line(value, 300) for name, value in message.headers if name.lower() == "authentication-results"]
        if not values:
            text = "mail from ourselves carries no Authentication-Results"
            yield Finding(
                Level.OK if pinned is None else Level.WARNING, f"{text}, as is usual between users of one server"
            )
        for value in values:
            yield Finding(Level.OK, f"Authentication-Results of mail from ourselves: {value}")
        who = self._who(message)
        if values and pinned is None:
            first = values[0].partition(";")[0].strip()
            yield Finding(Level.WARNING, f"authentication.authserv_id is null; the topmost results are of {first!r}")
        elif values and who.verdict is not Verdict.PASS:
            yield Finding(Level.WARNING, f"our own domain does not pass: {who.reason}. Check SPF, DKIM and DMARC")
        yield Finding(Level.OK, "SPF, DKIM and DMARC of the own domain are judged by these results; no DNS was asked")

    def forged(self, session: imap.Session) -> Iterator[Finding]:
        """In the name of the first member of staff, with results that say pass: by our own account, and without one."""
        config = self._site.config
        person = config.staff[0]
        smtp = config.smtp
        pinned = config.authentication.authserv_id or config.domain
        domain = person.address.rpartition("@")[2]
        lie = f"Authentication-Results: {pinned}; dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
        ways: list[tuple[str, Callable[[], Submitter]]] = [("sent with our own account", lambda: submitter(self._site))]
        if smtp.username:
            bare = Endpoint(smtp.host, smtp.port, smtp.security, smtp.ca_file)
            ways.append(("sent without a login", lambda: Submitter(bare, local_hostname=config.domain)))
        for way, connection in ways:
            mark, raw = self._mail(person.address, _SAID("forged"), lie)
            start = session.select(self._inbox).uidnext
            envelope = Envelope(config.address, config.address)
            outcome = asyncio.run(_submit(connection(), envelope, raw))
            what = f"a forged mail in the name of {person.address}, {way}"
            if outcome.state != "accepted":
                yield Finding(Level.OK, f"{what}: refused by the server ({outcome.text})")
                continue
            found = self._await(session, start, mark)
            if found is None:
                yield Finding(Level.OK, f"{what}: did not come to {self._inbox}")
                continue
            yield self._judged_forged(what, found.message)
            yield self._removed(session, found.uid)

    def _judged_forged(self, what: str, message: Message) -> Finding:
        config = self._site.config
        who = self._who(message)
        if who.verdict is Verdict.PASS:
            text = "the server keeps results that strangers write; set authentication.authserv_id to null, or have it"
            return Finding(Level.FAULT, f"{what}: PASSES: {text} remove them (RFC 8601 section 5)")
        kept = any(name.lower() == "authentication-results" for name, _ in message.headers)
        note = " (the server keeps results that strangers write; leave authserv_id null)" if kept else ""
        with_token = may_command(who, config.authentication.without_results, True, ["answer"])
        if with_token.allowed:
            text = "believed if it replies to a mail of ours; authentication.without_results: confirm asks for a code"
            return Finding(Level.WARNING, f"{what}: {text}{note}")
        return Finding(Level.OK, f"{what}: {_words(with_token)}{note}")

    # --- people ----------------------------------------------------------------------------------------------

    def people(self, session: imap.Session, wait: int) -> Iterator[Finding]:
        config = self._site.config
        mark = f"UJI-{secrets.token_hex(4).upper()}"
        missing = {person.address: person.name for person in config.people()}
        yield Finding(
            Level.OK,
            f"please have each listed person write to {config.address} from each mail program in use, with {mark} in"
            f" the subject, within {wait} s: {', '.join(missing)}",
        )
        last = session.select(self._inbox).uidnext - 1
        end = time.monotonic() + wait
        while missing and time.monotonic() < end:
            for found in self._new(session, last):
                last = found.uid
                who = self._who(found.message)
                if mark not in found.message.subject:
                    continue
                missing.pop(who.address, None)
                yield self._judged(who, found.message)
            time.sleep(min(_PAUSE, max(0.0, end - time.monotonic())))
        for address in missing:
            yield Finding(Level.WARNING, f"{address}: no test mail came; what its commands will meet is not known")

    def _judged(self, who: Sender, message: Message) -> Finding:
        """What commands of this person from this mail program will meet."""
        program = one_line(message.header("User-Agent") or message.header("X-Mailer") or "unnamed mail program", 60)
        name = f"{who.address or 'an unclear sender'} ({program})"
        if not who.role.inside:
            return Finding(Level.WARNING, f"{name}: refused: {who.reason or 'not a listed address'}")
        policy = self._site.config.authentication.without_results
        reply, new = (may_command(who, policy, token, ["answer"]) for token in (True, False))
        level = Level.OK if reply.allowed else Level.WARNING
        return Finding(level, f"{name}: replies to mails of ours: {_words(reply)}; new mails: {_words(new)}")

    # --- the mailbox -------------------------------------------------------------------------------------------

    def _who(self, message: Message) -> Sender:
        config = self._site.config
        own = config.addresses
        return who_wrote(message, self._site.people(), config.lkpp.accept_from, own, config.authentication.authserv_id)

    def _mail(self, sender: str, subject: str, *headers: str) -> tuple[str, bytes]:
        """(Message-ID, bytes) of a test mail to ourselves; it says itself that it is a program's."""
        config = self._site.config
        message_id = new_message_id(config.domain, secrets.token_bytes(16))
        lines = [
            *headers,
            f"From: <{sender}>",
            f"To: <{config.address}>",
            f"Subject: mailbot check --online: {subject}",
            f"Date: {format_datetime(datetime.now(UTC))}",
            f"Message-ID: {message_id}",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "",
            _SAID("text"),
            "",
        ]
        return message_id, "\r\n".join(lines).encode()

    def _await(self, session: imap.Session, start: int, message_id: str) -> _Arrived | None:
        end = time.monotonic() + self._arrives
        last = start - 1
        while True:
            for found in self._new(session, last):
                last = found.uid
                if found.message.message_id == message_id:
                    return found
            if time.monotonic() >= end:
                return None
            time.sleep(_PAUSE)

    def _new(self, session: imap.Session, last: int) -> Iterator[_Arrived]:
        limits = originals.limits_of(self._site.config)
        for item in session.fetch(session.uids_after(last), limits.message_size):
            if isinstance(item, imap.Fetched) and item.raw is not None:
                with suppress(ParseError):  # what others send meanwhile
                    message = reader.parse(item.raw, limits)
                    yield _Arrived(item.uid, item.internaldate, datetime.now(UTC), message)

    def _removed(self, session: imap.Session, uid: int) -> Finding:
        if session.remove(uid):
            return Finding(Level.OK, "the test mail is removed again")
        session.mark_done([uid], "seen")
        return Finding(Level.WARNING, "the test mail could not be removed, and stays in the mailbox as read")


def _words(grant: Grant) -> str:
    if grant.allowed:
        return "passes"
    return f"needs a code ({grant.reason})" if grant.ask else f"refused ({grant.reason})"


async def _submit(connection: Submitter, envelope: Envelope, raw: bytes) -> Outcome:
    async with connection:
        return await connection.submit(envelope, raw, lambda: None)
