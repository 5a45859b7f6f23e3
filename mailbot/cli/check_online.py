"""What a mailbox will meet, for `mailbot check --online`: logins, folders and rights, a round trip, forged mails, the
own domain in DNS, disk and calendar, and what the commands of each listed person will meet.

Mails go to the mailbox itself only. What mailbot sent it removes again; what people sent stays. Everything that is
found is said as it is found, since people wait. No secret is ever part of it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from mailbot.clean import one_line
from mailbot.cli.finding import Finding, Level
from mailbot.cli.own_domain import own_domain
from mailbot.config.settings import Proof
from mailbot.config.site import Site
from mailbot.delivery import account
from mailbot.delivery.sender import submitter
from mailbot.errors import AccountFailure, ParseError, PermanentFailure, TemporaryFailure
from mailbot.fetch import originals, reader
from mailbot.fetch.accounts import imap_endpoint
from mailbot.model import Message, Sender, Verdict
from mailbot.parsers.identity import Grant, may_command
from mailbot.parsers.identity import sender as who_wrote
from mailbot.sentences import Sentences
from mailbot.servers import imap
from mailbot.servers.dns import Address, Resolver, system_resolvers
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.smtp import Envelope, Outcome, Submitter
from mailbot.store import disk
from mailbot.templates.catalogue import MAILS
from mailbot.templates.compose import new_message_id

_SAID = Sentences(__file__)
#: Seconds until a mail to ourselves must have come.
ARRIVES = 60.0
_PAUSE = 1.0  # between two looks
#: Between the server's clock and ours; deadlines count by the server's.
_SKEW = 30.0
_CAPABILITIES = {
    "IDLE": ("new mail is known at once", "new mail is looked for each imap.poll; nothing to do"),
    "MOVE": ("mails are moved in one step", "mails are copied and removed instead; nothing to do"),
    "UIDPLUS": ("single mails can be erased", "test mails stay in the mailbox; remove them by hand"),
}
#: The rights that each mark needs in a folder (RFC 4314 §4), what a move needs where it leads to, and their names.
_NEEDS = {"keyword": "rw", "seen": "rs", "move": "rte", "none": "r"}
_MOVED_TO = "i"
_RIGHTS = {"r": "read", "w": "set flags", "s": "set \\Seen", "t": "delete", "e": "expunge", "i": "insert"}
#: Names that no DNS has (RFC 6761): of rehearsals.
_NO_NAMES = ("test", "example", "invalid", "localhost")
_LITTLE = 2**30  # bytes of a disk that are few for a mailbox of years


@dataclass(frozen=True, slots=True)
class _Arrived:
    uid: int
    internaldate: datetime
    seen: datetime
    message: Message


def check_online(
    site: Site, wait: int, arrives: float = ARRIVES, resolvers: Sequence[Address] | None = None
) -> Iterator[Finding]:
    """Everything about one mailbox, as it is found. wait: seconds for test mails of people. resolvers: who is asked for
    DNS; None: those of this machine. Raises nothing that a server does."""
    check = _Check(site, arrives)
    yield from check.here()
    yield from _told(check.mails())
    yield from check.domain(resolvers)
    if wait > 0 and check.can_read:
        yield from _told(check.people(wait))


def _told(findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except AccountFailure as error:
        yield Finding(Level.FAULT, f"{error}: check username and password (imap.username, imap.password)")
    except PermanentFailure as error:
        yield Finding(Level.FAULT, str(error))
    except TemporaryFailure as error:
        yield Finding(Level.AGAIN, f"{error}. {_advice('imap', error.reason)}")


def _advice(part: str, reason: str) -> str:
    """What to do about a server that cannot be reached."""
    if "certificate" in reason:
        return f"A site's own CA belongs into {part}.ca_file; a certificate that has ended is renewed at the server"
    if "TLS" in reason:
        return f"See whether {part}.security fits {part}.port: tls for 993 and 465, starttls for 143 and 587"
    return f"See whether {part}.host and {part}.port are right and a firewall lets this machine out, or try again later"


class _Check:
    def __init__(self, site: Site, arrives: float) -> None:
        self._site, self._arrives = site, arrives
        self._inbox = site.config.imap.folder[0]
        self._read_only = False  # the first folder
        self._signatures: list[str] = []  # of the mail to ourselves
        self.can_send = self.can_read = False

    # --- this machine -------------------------------------------------------------------------------------

    def here(self) -> Iterator[Finding]:
        """Templates with a fault, or a data folder that cannot be written, have ended the command before."""
        site = self._site
        own = "each rendered with every variable, and with none"
        yield Finding(Level.OK, f"templates: {len(MAILS)} mails and {len(site.renderer.answers)} answers, {own}")
        today = site.local(datetime.now(UTC)).date()
        for year in (today.year, today.year + 1):
            if site.calendar.incomplete(year, today) is None:  # otherwise `reports.caveats` says why
                yield Finding(Level.OK, f"calendar of {year}: holidays and collective leave are known")
        left, enough = disk.free(site.data)
        where = f"disk of {site.data}: {left / 2**20:,.0f} MB free"
        if not enough:
            yield Finding(Level.FAULT, f"{where}: too few to take any mail from the server: make room")
        elif left < _LITTLE:
            yield Finding(Level.WARNING, f"{where}: make room soon; a full disk leaves new mail on the server")
        else:
            yield Finding(Level.OK, where)

    # --- the own domain -----------------------------------------------------------------------------------

    def domain(self, resolvers: Sequence[Address] | None) -> Iterator[Finding]:
        config = self._site.config
        if resolvers is None and config.domain.rpartition(".")[2] in _NO_NAMES:
            text = "not asked: such a name is for tests only (RFC 6761)"
            yield Finding(Level.OK, f"SPF, DKIM and DMARC of {config.domain}: {text}")
            return
        resolver = Resolver(system_resolvers() if resolvers is None else resolvers)
        yield from own_domain(config.domain, config.smtp.host, self._signatures, resolver)

    # --- servers and folders ---------------------------------------------------------------------------

    def mails(self) -> Iterator[Finding]:
        yield from self.servers()
        with imap.connect(imap_endpoint(self._site)) as session:
            self.can_read = True
            yield from self.folders(session)
            if self.can_send:
                yield from self.round_trip(session)
                yield from self.forged(session)

    def servers(self) -> Iterator[Finding]:
        config = self._site.config
        where = f"smtp {config.smtp.host}:{config.smtp.port}"
        refused, size, null = asyncio.run(self._greet())
        if refused is not None and refused.scope == "account":
            yield Finding(Level.FAULT, f"{where}: {refused.text}: check smtp.username and smtp.password")
            return
        if refused is not None:
            yield Finding(Level.AGAIN, f"{where}: {refused.text}. {_advice('smtp', refused.text)}")
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
        async with submitter(account.of(self._site)) as connection:
            refused = await connection.connect()
            if refused is not None:
                return refused, None, None
            size = connection.max_size
            return None, size, await connection.probe(Envelope("", self._site.config.address))

    def folders(self, session: imap.Session) -> Iterator[Finding]:
        config = self._site.config.imap
        where = f"imap {config.host}:{config.port}"
        yield Finding(Level.OK, f"{where}: logged in")
        for name, (good, without) in _CAPABILITIES.items():
            if session.offers(name):
                yield Finding(Level.OK, f"{where}: offers {name} ({good})")
            else:
                yield Finding(Level.WARNING, f"{where}: does not offer {name} ({without})")
        if config.done.kind == "move" and not (session.offers("MOVE") or session.offers("UIDPLUS")):
            text = "cannot work, since the server offers neither MOVE nor UIDPLUS: choose keyword, seen or none"
            yield Finding(Level.FAULT, f"{where}: imap.done move:{config.done.folder} {text}")
        proof = self._site.config.proof
        moved = config.done.folder if config.done.kind == "move" else None
        wanted = [*config.folder, moved, config.sent, proof and proof.folder]
        for folder in dict.fromkeys(name for name in wanted if name):
            try:
                yield from self._folder(session, folder, f"{where}: folder {folder}", moved)
            except imap.NoSuchFolder as error:
                why = "have it made, or correct its name"
                if folder == config.sent:
                    why = "imap.sent must name the folder in which the provider keeps sent mail"
                yield Finding(Level.FAULT, f"{error}: {why}")

    def _folder(self, session: imap.Session, folder: str, name: str, moved: str | None) -> Iterator[Finding]:
        """Whether it is there, and whether the account may do in it what `imap.done` asks for. Changes nothing."""
        done = self._site.config.imap.done
        watched = folder in self._site.config.imap.folder
        marks = watched and done.kind != "none"
        try:
            state = session.select(folder, readonly=not watched)
        except imap.ReadOnlyFolder:
            state = session.select(folder, readonly=True)
            self._read_only = self._read_only or folder == self._inbox
            if marks:
                text = "may only be read; since mailbot could not mark its mails, it would not work on them: have"
                yield Finding(Level.FAULT, f"{name} {text} the account given the right to write, or set imap.done none")
                return
            text = "may only be read, which is enough for imap.done none"
            yield Finding(Level.OK, f"{name}: {state.exists} mails; {text}")
            return
        yield Finding(Level.OK, f"{name}: {state.exists} mails{'; may be written' if watched else ''}")
        keeps = {"keyword": state.keywords_allowed, "seen": state.seen_allowed}
        if marks and not keeps.get(done.kind, True):
            what, others = ("keywords", "seen") if done.kind == "keyword" else ("the flag \\Seen", "keyword")
            text = f"keeps no {what}: choose imap.done {others}, move:FOLDER or none"
            yield Finding(Level.WARNING, f"{name} {text}; mailbot itself knows what it has")
        needed = _NEEDS[done.kind] if watched else _MOVED_TO if folder == moved else "r"
        rights = session.rights(folder)
        if rights is not None and (missing := [_RIGHTS[each] for each in needed if each not in rights]):
            text = f"the account lacks the right to {', '.join(missing)} (it has {one_line(rights, 30) or 'none'})"
            level = Level.FAULT if done.kind == "move" or "r" not in rights else Level.WARNING
            yield Finding(level, f"{name}: {text}: have the server's ACL changed, or choose another imap.done")

    # --- mails to ourselves -------------------------------------------------------------------------------

    def round_trip(self, session: imap.Session) -> Iterator[Finding]:
        config = self._site.config
        mark, raw = self._mail(config.address, _SAID("there_and_back"))
        start = session.select(self._inbox, readonly=self._read_only).uidnext
        sent_at = datetime.now(UTC)
        bcc = (config.proof and config.proof.bcc) or ""
        outcome = asyncio.run(
            _submit(submitter(account.of(self._site)), Envelope(config.address, config.address, bcc), raw)
        )
        if outcome.state != "accepted":
            text = f"the server refuses a mail to ourselves: {outcome.text}"
            yield Finding(Level.FAULT, f"{text}. See whether smtp.username may send as {config.address}")
            return
        found = self._await(session, start, mark)
        if found is None:
            text = f"a mail to ourselves has not come to {self._inbox} within {self._arrives:.0f} s"
            where = "look into the other folders (junk) and the server's queue, or try again later"
            yield Finding(Level.AGAIN, f"{text}: {where}")
            return
        yield Finding(Level.OK, f"a mail to ourselves came after {(found.seen - sent_at).total_seconds():.0f} s")
        yield self._skew(found, sent_at)
        yield from self._results(found.message)
        self._signatures = [value for name, value in found.message.headers if name.lower() == "dkim-signature"]
        yield from self._marked(session, found.uid)
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

    def _marked(self, session: imap.Session, uid: int) -> Iterator[Finding]:
        """Whether the mark of handled mails stays, tried on our own mail before it goes."""
        how = self._site.config.imap.done.kind
        if self._read_only or how not in ("keyword", "seen"):
            return
        if session.mark_done([uid], how) and session.marked(uid, how):
            yield Finding(Level.OK, f"the mark of handled mails was set on it and stays (imap.done {how})")
        else:
            text = "people do not see in their mail program what mailbot has; mailbot itself knows"
            yield Finding(Level.WARNING, f"the mark of handled mails does not stay (imap.done {how}): {text}")

    def _skew(self, found: _Arrived, sent_at: datetime) -> Finding:
        """INTERNALDATE must lie between the sending and the finding; it tells whole seconds only."""
        early = (sent_at - found.internaldate).total_seconds() - 1
        late = (found.internaldate - found.seen).total_seconds()
        off = max(early, late, 0.0)
        if off <= _SKEW:
            return Finding(Level.OK, "the mail server's clock agrees with this machine's")
        way = "behind" if early > late else "ahead of"
        return Finding(
            Level.WARNING,
            f"the mail server's clock is {off:.0f} s {way} this machine's: deadlines count by the server's. Set the one"
            ' that is wrong ("timedatectl" shows this machine\'s)',
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
            text = f"authentication.authserv_id is null, and the topmost results are of {first!r}"
            yield Finding(Level.WARNING, f"{text}: if that is your own mail server, set it so")
        elif values and who.verdict is not Verdict.PASS:
            yield Finding(Level.WARNING, f"our own domain does not pass: {who.reason}. See what SPF and DKIM say below")

    def forged(self, session: imap.Session) -> Iterator[Finding]:
        """In the name of the first member of staff, with results that say pass: by our own account, and without one."""
        config = self._site.config
        person = config.staff[0]
        smtp = config.smtp
        pinned = config.authentication.authserv_id or config.domain
        domain = person.address.rpartition("@")[2]
        lie = f"Authentication-Results: {pinned}; dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
        ways: list[tuple[str, Callable[[], Submitter]]] = [
            ("sent with our own account", lambda: submitter(account.of(self._site)))
        ]
        if smtp.username:
            bare = Endpoint(smtp.host, smtp.port, smtp.security, smtp.ca_file)
            ways.append(("sent without a login", lambda: Submitter(bare, local_hostname=config.domain)))
        for way, connection in ways:
            mark, raw = self._mail(person.address, _SAID("forged"), lie)
            start = session.select(self._inbox, readonly=self._read_only).uidnext
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
            text = "is believed if it replies to a mail of ours. To have a code asked for each time, set"
            return Finding(Level.WARNING, f"{what}: {text} authentication.without_results: confirm{note}")
        return Finding(Level.OK, f"{what}: {_words(with_token)}{note}")

    # --- people ----------------------------------------------------------------------------------------------

    def people(self, wait: int) -> Iterator[Finding]:
        with imap.connect(imap_endpoint(self._site)) as session:
            yield from self._people(session, wait)

    def _people(self, session: imap.Session, wait: int) -> Iterator[Finding]:
        config = self._site.config
        mark = f"UJI-{secrets.token_hex(4).upper()}"
        missing = {person.address: person.name for person in config.people()}
        yield Finding(
            Level.OK,
            f"please have each listed person write to {config.address} from each mail program in use, with {mark} in"
            f" the subject, within {wait} s: {', '.join(missing)}",
            asks=True,
        )
        last = session.select(self._inbox, readonly=True).uidnext - 1
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
        if self._read_only:
            return Finding(Level.WARNING, "the test mail stays in the mailbox, which may only be read")
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
