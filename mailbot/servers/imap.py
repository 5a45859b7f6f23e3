"""IMAP: read a folder by UID, and mark handled mails. The only importer of imapclient.

    with connect(endpoint) as session:
        state = session.select("INBOX")
        for item in session.fetch(session.uids_after(last_uid), max_size=25_000_000):
            ...                                 # Fetched, Vanished or Unreadable, in the order of the UIDs
        session.mark_done(uids, "keyword")      # after the commit
        session.wait_for_news(wake, 60.0)       # until the server tells of a change (IDLE), or for a minute

A session belongs to one thread. It knows no rules and decides nothing about mails.

Failures: AccountFailure when the server refuses the login; PermanentFailure when a person must look (a folder
that does not exist, a folder to which nothing can be moved); TemporaryFailure for everything else. TLS belongs
to the temporary ones: if a certificate does not verify, or STARTTLS is not offered, the attempt ends before the
password is sent, and a renewed certificate heals it without any change to mailbot. After any failure the session
is useless: make a new one.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    ProtocolError,
)

from mailbot.errors import AccountFailure, PermanentFailure, TemporaryFailure
from mailbot.servers.endpoint import BEARERS, Endpoint, Tokens, certificate_ends, why
from mailbot.servers.wake import wait_readable

KEYWORD = b"$Mailbot"

CONNECT_TIMEOUT = 30.0  # seconds
READ_TIMEOUT = 60.0  # seconds without a byte
UNACKNOWLEDGED = 60.0  # seconds after which the kernel gives up a connection whose other end acknowledges nothing
LOGOUT_TIMEOUT = 5.0  # a goodbye is not worth waiting for

UIDS_PER_COMMAND = 200  # keeps a command line below 8000 octets (RFC 7162 §4)
# imaplib gives up on a line above 1,000,000 octets; a UID takes 11 of them at most in a SEARCH answer.
UIDS_PER_SEARCH = 50_000
MAILS_PER_FETCH = 20
BYTES_PER_FETCH = 4 * 2**20
CHUNK = 2**20
HEADER_MAX = 64 * 2**10  # bytes that are read of a mail that is too large
LITERAL_MAX = 16 * 2**20  # far more than we ever ask for at once: a longer literal is a lie

Done = Literal["keyword", "seen", "move", "none"]
#: What ended a wait: the server, of itself; what it had told inside the answer to a command; a ring; "": the time was
#: over.
WaitEnd = Literal["server", "answer", "wake", ""]

# What a broken answer makes imapclient's parser raise, besides its own ProtocolError.
_NONSENSE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)

# What may stand in a command as it is: an atom (RFC 9051 §9), and no list-wildcard.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.@_-]{0,250}")

# RFC 5530 §3: the account or password is fine, the server is not.
_SERVER_TROUBLE = re.compile(r"\[(UNAVAILABLE|INUSE|SERVERBUG|LIMIT)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FolderState:
    """What SELECT tells. UIDs mean the same mails only while `uidvalidity` stays the same (RFC 9051 §2.3.1.1)."""

    uidvalidity: int
    uidnext: int
    exists: int
    keywords_allowed: bool  # whether $Mailbot would stay (PERMANENTFLAGS)
    seen_allowed: bool = False  # whether \Seen would stay


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail. If the mail is larger than asked for, `raw` is None and `header` holds its first 64 KiB at most.

    internaldate: when the server received it, aware, UTC. size: octets, as the server says.
    """

    uid: int
    internaldate: datetime
    size: int
    flags: frozenset[str]
    raw: bytes | None = field(repr=False)
    header: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Vanished:
    """The mail was moved or expunged before it could be read."""

    uid: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The mail is there, but the server does not hand it out. `reason` is the server's."""

    uid: int
    reason: str


class PushRefused(TemporaryFailure):
    """The server offers IDLE and then refuses it: connect again, and ask from time to time instead."""


class NoSuchFolder(PermanentFailure):
    """The server does not know the folder: no mail can be waiting in it."""


class ReadOnlyFolder(PermanentFailure):
    """The account may read the folder, and change nothing in it."""


class _Refused(Exception):
    """A tagged NO or BAD; the connection is still good."""


@contextlib.contextmanager
def connect(
    endpoint: Endpoint,
    *,
    connect_timeout: float = CONNECT_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
    opened: Callable[[Session], None] = lambda _: None,
) -> Iterator[Session]:
    """A logged-in session. At the end it logs out, or closes a broken connection. Times in seconds.

    opened: called with the session before the login, so that another thread can `hang_up` from then on.
    """
    logging.getLogger("imapclient").setLevel(logging.WARNING)  # its debug log contains whole mails
    session = Session(_open(endpoint, connect_timeout, read_timeout), endpoint)
    try:
        opened(session)
        session._login()
        yield session
    finally:
        session._close()


def _open(endpoint: Endpoint, connect_timeout: float, read_timeout: float) -> IMAPClient:
    """The connection, with TLS as configured and before the login."""
    context = endpoint.tls_context() if endpoint.security != "none" else None
    client: IMAPClient | None = None
    try:
        client = IMAPClient(
            endpoint.host,
            endpoint.port,
            ssl=endpoint.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(connect_timeout, read_timeout),
        )
        client.normalise_times = False  # else INTERNALDATE loses its zone
        client._imap.debug = 0  # imaplib formats debug text that nobody reads: four times slower
        client._imap.read = _guarded(client._imap.read)
        plain: socket.socket = client.socket()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNACKNOWLEDGED * 1000))
        if endpoint.security == "starttls":
            client.starttls(context)  # refused when not offered; what was read in plain text is thrown away
        return client
    except (IMAPClientError, OSError, *_NONSENSE) as error:
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()
        raise TemporaryFailure(f"imap {endpoint.name}", endpoint.said(why(error))) from error


def _guarded(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A bounded form of imaplib's read(), which would allocate any size that a server announces."""

    def bounded(size: int) -> bytes:
        if size > LITERAL_MAX:
            raise IMAPClientAbortError(f"a literal of {size} octets was announced")
        return read(size)

    return bounded


class Session:
    """A logged-in connection; made by `connect`."""

    def __init__(self, client: IMAPClient, endpoint: Endpoint) -> None:
        self._client = client
        self._endpoint = endpoint
        self._folder: FolderState | None = None
        self._broken = False

    # --- reading --------------------------------------------------------------------------------------

    def select(self, folder: str, *, readonly: bool = False) -> FolderState:
        """Open a folder (EXAMINE when readonly). Raises PermanentFailure if the folder does not exist or is of no
        use."""
        self._folder = None
        try:
            with self._talking(f"select {folder}"):
                answer = self._client.select_folder(folder, readonly)
                state = _folder_state(answer)
        except _Refused as refused:
            raise self._folder_failure(folder, refused) from refused
        if state is None:
            raise PermanentFailure(self._what(folder), "the server gives no UIDVALIDITY or UIDNEXT")
        self._was_told_of_mail()  # SELECT tells it too
        self._folder = state
        return state

    def uids_after(self, last_uid: int) -> list[int]:
        """The UIDs above `last_uid`, in order. Only UIDs count: other people change flags."""
        self._catch_up()
        return self._search(last_uid + 1, [])

    def _catch_up(self) -> None:
        self._noop()  # a SEARCH need not see what has arrived since the last command
        self._was_told_of_mail()  # the search finds all news told until now

    def _noop(self) -> None:
        try:
            with self._talking("noop"):
                self._client.noop()
        except _Refused as refused:
            raise TemporaryFailure(self._what("noop"), str(refused)) from refused

    def find(self, header: str, value: str) -> datetime | None:
        """The INTERNALDATE of a mail with this value in this header; None: there is no such mail.

        value: one of ours (`hex@domain`), never a stranger's words, because it becomes part of a command. Raises
        ValueError for a value that could be more than one word there.
        """
        if not _WORD.fullmatch(header) or not _WORD.fullmatch(value):
            raise ValueError(f"not to be searched for: {value!r}")
        self._selected()
        self._catch_up()
        found = self._searched([b"HEADER", header.encode(), value.encode()])
        dates = [facts.internaldate for facts in self._facts(found[:UIDS_PER_COMMAND]).values()]
        return min(dates, default=None)

    def uids_since(self, day: date) -> list[int]:
        """The UIDs of mails whose INTERNALDATE is on or after `day`, in order.

        The server compares the date in its own zone (RFC 9051 §6.4.4): ask for a day earlier, and
        look at `internaldate` where the hour matters.
        """
        return self._search(1, [b"SINCE", day])

    def subjects(self, uids: Iterable[int]) -> Iterator[bytes]:
        """The Subject headers of these mails, as they stand. Mails that the server does not hand out are left out."""
        item = b"BODY.PEEK[HEADER.FIELDS (SUBJECT)]"
        for some in _chunks(_checked(uids), UIDS_PER_COMMAND):
            try:
                answer = self._fetched(some, [item])
            except _Refused:
                continue
            for items in answer.values():
                found = items.get(b"BODY[HEADER.FIELDS (SUBJECT)]")
                if isinstance(found, bytes):
                    yield found

    def fetch(self, uids: Iterable[int], max_size: int) -> Iterator[Fetched | Vanished | Unreadable]:
        """The items of `fetch_together`, one after the other."""
        for together in self.fetch_together(uids, max_size):
            yield from together

    def fetch_together(self, uids: Iterable[int], max_size: int) -> Iterator[list[Fetched | Vanished | Unreadable]]:
        r"""Read mails without setting \Seen, in the order given; one item per UID, those in one list that came in one
        answer of the server: each list is here before it is handed out, and the next one takes the network.

        max_size: octets; of a larger mail only the header is read. A mail is handed out only when it is
        complete: as long as RFC822.SIZE says, or read twice with the same result (some servers, Exchange
        among them, announce an estimate). Otherwise TemporaryFailure.
        """
        for some in _chunks(_checked(uids), UIDS_PER_COMMAND):
            facts = self._facts(some)
            for batch in _batches(some, facts, max_size):
                small = [uid for uid in batch if uid in facts and facts[uid].size <= min(CHUNK, max_size)]
                bodies = self._bodies(small)
                here: list[Fetched | Vanished | Unreadable] = []
                for uid in batch:
                    if uid in bodies and len(bodies[uid]) == facts[uid].size:
                        here.append(self._item(uid, facts[uid], bodies[uid], max_size))
                        continue
                    if here:
                        yield here
                    here = []
                    yield [self._item(uid, facts.get(uid), bodies.get(uid), max_size)]
                if here:
                    yield here

    def received(self, uids: Iterable[int]) -> list[datetime]:
        """The INTERNALDATEs of these mails, in no order. Mails of which the server tells nothing are left out."""
        some = _chunks(_checked(uids), UIDS_PER_COMMAND)
        return [facts.internaldate for each in some for facts in self._facts(each).values()]

    def _facts(self, uids: list[int]) -> dict[int, _Facts]:
        """Size, date and flags of these mails, as far as they are there and the server tells."""
        try:
            answer = self._fetched(uids, [b"RFC822.SIZE", b"INTERNALDATE", b"FLAGS"])
        except _Refused:  # because of one bad or removed mail (RFC 2180 §4.1) some servers refuse all of them
            half = len(uids) // 2
            return {**self._facts(uids[:half]), **self._facts(uids[half:])} if half else {}
        with self._talking("fetch"):  # a mail without a size is an unasked-for FLAGS update (RFC 9051 §7.5.2)
            return {uid: _facts(items) for uid, items in answer.items() if b"RFC822.SIZE" in items}

    def _bodies(self, uids: list[int]) -> dict[int, bytes]:
        """Small mails in one command. Mails that the server does not hand out are missing."""
        if not uids:
            return {}
        try:
            answer = self._fetched(uids, [b"BODY.PEEK[]"])
        except _Refused:
            return {}  # `_item` asks for each alone
        return {uid: raw for uid, items in answer.items() if isinstance(raw := items.get(b"BODY[]"), bytes)}

    def _item(
        self, uid: int, facts: _Facts | None, raw: bytes | None, max_size: int
    ) -> Fetched | Vanished | Unreadable:
        if facts is None:
            return self._absent(uid, "the server tells nothing about it")
        try:
            if facts.size > max_size:
                header = self._part(uid, b"HEADER", 0, HEADER_MAX)
            else:
                header = None
                raw = self._in_chunks(uid, facts.size, max_size) if raw is None else raw
        except _Refused as refused:
            return self._absent(uid, str(refused))
        if raw is None and header is None:
            return self._absent(uid, "the server hands out no text")
        if raw is not None and len(raw) > max_size:  # the announced size was an estimate, and too low
            header, raw = raw.partition(b"\r\n\r\n")[0][:HEADER_MAX], None
        if raw is not None and len(raw) != facts.size:
            self._read_again(uid, raw, facts.size, max_size)
        return Fetched(uid, facts.internaldate, facts.size, facts.flags, raw, header or b"")

    def _read_again(self, uid: int, raw: bytes, size: int, max_size: int) -> None:
        """For a mail of another length than announced. Raises TemporaryFailure unless a second reading is the same."""
        try:
            again = self._in_chunks(uid, size, max_size)
        except _Refused:
            again = None
        if again != raw:
            raise TemporaryFailure(self._what(f"fetch uid {uid}"), f"{len(raw)} octets came, {size} were announced")

    def _in_chunks(self, uid: int, size: int, max_size: int) -> bytes | None:
        """A whole mail, one MiB at a time: fetching it at once would take three times its size in memory."""
        whole = bytearray()
        while True:
            piece = self._part(uid, b"", len(whole), CHUNK)
            if piece is None:
                return None
            whole += piece
            if not piece or (len(piece) < CHUNK and len(whole) >= size) or len(whole) > max(size, max_size):
                return bytes(whole)

    def _part(self, uid: int, section: bytes, offset: int, length: int) -> bytes | None:
        """`length` octets of a section from `offset` on; None when the mail is not there."""
        answer = self._fetched([uid], [b"BODY.PEEK[%s]<%d.%d>" % (section, offset, length)])
        piece = answer.get(uid, {}).get(b"BODY[%s]<%d>" % (section, offset))
        if isinstance(piece, bytes):
            return piece[:length]
        return b"" if offset and uid in answer else None  # NIL beyond the end

    def _absent(self, uid: int, reason: str) -> Vanished | Unreadable:
        return Unreadable(uid, reason) if self._present([uid]) else Vanished(uid)

    def _fetched(self, uids: list[int], items: list[bytes]) -> dict[int, dict[bytes, Any]]:
        with self._talking("fetch"):
            answer: dict[int, dict[bytes, Any]] = self._client.fetch(uids, items)
            return answer

    def _present(self, uids: list[int]) -> list[int]:
        """The UIDs of this set that are in the folder now."""
        found: list[int] = []
        for some in _chunks(uids, UIDS_PER_COMMAND):
            answer = set(self._searched([b"UID", ",".join(map(str, some)).encode()]))
            found += [uid for uid in some if uid in answer]
        return found

    def _search(self, first: int, criteria: list[bytes | date]) -> list[int]:
        """UIDs from `first` on, asked for in ranges so that no answer grows beyond imaplib's line limit."""
        folder = self._selected()
        found: set[int] = set()
        while folder.exists > UIDS_PER_SEARCH and first < folder.uidnext:
            last = min(first + UIDS_PER_SEARCH, folder.uidnext) - 1
            answer = self._searched([b"UID", b"%d:%d" % (first, last), *criteria])
            found.update(uid for uid in answer if first <= uid <= last)
            first = last + 1
        # `n:*` names the last mail even when its UID is below n (RFC 9051 §9, seq-range).
        answer = self._searched([b"UID", b"%d:*" % first, *criteria])
        found.update(uid for uid in answer if uid >= first)
        return sorted(found)

    def _searched(self, criteria: Sequence[bytes | date]) -> list[int]:
        try:
            with self._talking("search"):
                return _checked(int(uid) for uid in self._client.search(list(criteria)))
        except _Refused as refused:  # our criteria are always valid
            raise TemporaryFailure(self._what("search"), str(refused)) from refused

    # --- what the server can, for `mailbot check --online` ----------------------------------------------

    def offers(self, capability: str) -> bool:
        """Whether the server names this capability now that we are logged in."""
        return self._offers(capability)

    def rights(self, folder: str) -> str | None:
        """What the account may do in this folder, in the letters of RFC 4314; None where the server tells nothing."""
        if not self._offers("ACL"):
            return None
        # imapclient has no MYRIGHTS; imaplib has, but neither encodes nor quotes the folder's name.
        try:
            with self._talking("myrights"):
                kind, answer = self._client._imap.myrights(self._client._normalise_folder(folder))
        except _Refused:
            return None
        found = (answer or [None])[-1]
        if kind != "OK" or not isinstance(found, bytes):
            return None
        letters = found.decode("ascii", "replace").rpartition(" ")[2]
        return letters + "te" if "d" in letters else letters  # RFC 2086 had one letter for both (RFC 4314 §2.1.1)

    def marked(self, uid: int, how: Done) -> bool:
        """Whether a mail of the selected folder bears the mark of `mark_done` (keyword or seen)."""
        flag = KEYWORD.decode() if how == "keyword" else "\\Seen"
        facts = self._facts(_checked([uid])).get(uid)
        return facts is not None and flag.lower() in {each.lower() for each in facts.flags}

    def remove(self, uid: int) -> bool:
        r"""Erase one mail of our own by UID EXPUNGE (RFC 4315); False where the server cannot erase just one."""
        self._selected()
        if not self._offers("UIDPLUS"):
            return False
        try:
            with self._talking("store"):
                self._client.add_flags(_checked([uid]), [rb"\Deleted"], silent=True)
            with self._talking("expunge"):
                self._client.uid_expunge(_checked([uid]))
        except _Refused:
            return False
        return True

    # --- waiting --------------------------------------------------------------------------------------

    @property
    def certificate_ends(self) -> datetime | None:
        """Until when the server's certificate is good; None: the connection is not encrypted."""
        plain = self._client.socket()
        return certificate_ends(plain.getpeercert()) if isinstance(plain, ssl.SSLSocket) else None

    def offers_push(self) -> bool:
        """Whether the server offers IDLE (RFC 2177)."""
        return self._offers("IDLE")

    def wait_for_news(self, wake: int, timeout: float, *, push: bool = True) -> WaitEnd:
        """Wait until the server tells of a change, the file descriptor `wake` is readable, or seconds are over.

        The end of the wait is only a hint: servers forget to tell, and lines get lost between two programs. Without
        `push` the server is asked nothing. Raises PushRefused if the server refuses the IDLE that it offers,
        TemporaryFailure if the connection is gone.
        """
        if self._was_told_of_mail():
            return "answer"
        if push:
            return self._idle(wake, timeout)
        return "wake" if wait_readable([wake], timeout) else ""

    def has_news(self) -> bool:
        """Ask the server whether the folder has changed since it was asked last (NOOP, RFC 9051 §6.1.2). Where it says
        no, no mail has come. One that has lost a mail and got another may tell of either. Raises TemporaryFailure."""
        self._noop()
        return any([self._was_told_of(change) for change in ("EXISTS", "EXPUNGE")])

    def _idle(self, wake: int, timeout: float) -> Literal["server", "wake", ""]:
        try:
            with self._talking("idle"):
                self._client.idle()
                server = self._client.socket().fileno()
                ready = [server] if self._has_spoken() else wait_readable([server, wake], timeout)
                # Never `idle_check()`, which takes the end of the connection for silence. This loop reads to the end.
                self._client.idle_done()
                return "server" if server in ready else "wake" if ready else ""
        except _Refused as refused:
            self._broken = True  # it may be idling all the same
            # A line about the folder that came before the "+" is no refusal, but imapclient cannot go on after it.
            kind = TemporaryFailure if "b'* " in str(refused) else PushRefused
            raise kind(self._what("idle"), str(refused)) from refused

    def _was_told_of_mail(self) -> bool:
        """Whether EXISTS has come inside the answer to another command since the last call. The server does not repeat
        it in IDLE (RFC 9051 §7.4.1)."""
        return self._was_told_of("EXISTS")

    def _was_told_of(self, change: str) -> bool:
        """Since the last call; imaplib would keep every one for ever."""
        return bool(self._client._imap.untagged_responses.pop(change, None))

    def _has_spoken(self) -> bool:
        """Whether news came in one piece with "+ idling": they lie in Python's buffer, which poll(2) does not see."""
        plain: socket.socket = self._client.socket()
        imap = self._client._imap
        stream = getattr(imap, "_file", None) or imap.file
        timeout = plain.gettimeout()
        plain.settimeout(0)
        try:
            return bool(stream.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            plain.settimeout(timeout)

    def hang_up(self) -> None:
        """Break the connection off, from any thread, and at once, even while the owner waits for the server."""
        with contextlib.suppress(Exception):
            # Not SSLSocket's own, which goes on in plain text: the owner may be about to send the password.
            socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

    # --- marking --------------------------------------------------------------------------------------

    def mark_done(self, uids: Iterable[int], how: Done, folder: str | None = None) -> bool:
        r"""Show other people's mail programs that mailbot has these mails; repeating it does no harm.

        keyword: $Mailbot. seen: \Seen. move: into `folder`. none: nothing. UIDs that are gone are no error.
        False: the server does not keep this mark, and only the caller's own ledger has it.
        PermanentFailure when a move is impossible (no such folder; neither MOVE nor UIDPLUS).
        """
        wanted = _checked(uids)
        if not wanted or how == "none":
            return True
        selected = self._selected()
        if how == "move":
            if not folder:
                raise ValueError("move needs a folder")
            for some in _chunks(wanted, UIDS_PER_COMMAND):
                self._move(some, folder)
            return True
        if how == "keyword" and not selected.keywords_allowed:
            return False
        flag = KEYWORD if how == "keyword" else rb"\Seen"
        return all([self._store(some, flag) for some in _chunks(wanted, UIDS_PER_COMMAND)])

    def _store(self, uids: list[int], flag: bytes) -> bool:
        try:
            with self._talking("store"):
                self._client.add_flags(uids, [flag], silent=True)
        except _Refused:
            # Some servers say NO because one of the mails is gone (RFC 2180 §4.2). A mail that is gone is no error.
            left = self._present(uids)
            return not left or (left != uids and self._store(left, flag))
        return True

    def _move(self, uids: list[int], folder: str) -> None:
        try:
            if self._offers("MOVE"):
                with self._talking("move"):
                    self._client.move(uids, folder)
            elif self._offers("UIDPLUS"):
                self._copy_and_remove(uids, folder)
            else:
                raise PermanentFailure(
                    self._what(folder),
                    "the server offers neither MOVE nor UIDPLUS; without them mails cannot be moved safely",
                )
        except _Refused as refused:
            raise self._folder_failure(folder, refused) from refused

    def _copy_and_remove(self, uids: list[int], folder: str) -> None:
        r"""RFC 6851 §3.3 by hand. Never a bare EXPUNGE: it would erase what a human marked \Deleted."""
        there = self._present(uids)
        if not there:
            return
        with self._talking("copy"):
            self._client._imap.response("COPYUID")  # forget an older one
            self._client.copy(there, folder)
            copied = _copied(self._client._imap.response("COPYUID")[1])
        safe = [uid for uid in there if any(first <= uid <= last for first, last in copied)]
        if safe:
            with self._talking("store"):
                self._client.add_flags(safe, [rb"\Deleted"], silent=True)
            with self._talking("expunge"):
                self._client.uid_expunge(safe)
        left = [uid for uid in there if uid not in set(safe)]
        if left and self._present(left):
            raise TemporaryFailure(self._what(folder), f"no proof that {len(left)} mails were copied")

    # --- the connection -------------------------------------------------------------------------------

    def _login(self) -> None:
        endpoint, client = self._endpoint, self._client
        if not endpoint.username:
            return
        if client._imap.state != "NONAUTH":  # PREAUTH: someone is logged in, perhaps not us
            raise TemporaryFailure(self._what("login"), "the server skipped the login (PREAUTH)")
        try:
            if endpoint.tokens is None:
                with self._talking("login"):
                    self._authenticate(client, endpoint)
            else:
                self._bear(endpoint, endpoint.tokens)
        except _Refused as refused:
            reason = str(refused)
            kind = TemporaryFailure if _SERVER_TROUBLE.search(reason) else AccountFailure
            raise kind(self._what("login"), reason) from None  # no chain: it may quote the command

    def _bear(self, endpoint: Endpoint, tokens: Tokens) -> None:
        """Log in with an access token; if the server does not take the one that is kept, with a new one."""
        token = tokens.access()
        try:
            self._bearer(endpoint.bearing(token))
        except _Refused as refused:
            if _SERVER_TROUBLE.search(str(refused)):
                raise
            self._bearer(endpoint.bearing(tokens.access(not_this=token)))

    def _bearer(self, endpoint: Endpoint) -> None:
        client, self._endpoint = self._client, endpoint  # so that what the server says is shown without the token
        with self._talking("login"):
            mechanism = next((one for one in BEARERS if client.has_capability(f"AUTH={one}")), None)
            if mechanism is None:
                raise _Refused(f"the server offers no login with a token that mailbot knows ({', '.join(BEARERS)})")
            said = iter([endpoint.bearer(mechanism), BEARERS[mechanism]])
            # A third challenge is not of these mechanisms: None ends the exchange.
            client.sasl_login(mechanism, lambda _challenge: next(said, None))

    def _authenticate(self, client: IMAPClient, endpoint: Endpoint) -> None:
        # SASL PLAIN is UTF-8 (RFC 4616) and needs no quoting; LOGIN is ASCII.
        if client.has_capability("AUTH=PLAIN"):
            secret = f"\0{endpoint.username}\0{endpoint.password}".encode()
            client.sasl_login("PLAIN", lambda _challenge: secret)
        elif client.has_capability("LOGINDISABLED"):
            raise _Refused("the server offers no login that mailbot knows (PLAIN, LOGIN)")
        elif not (endpoint.username + endpoint.password).isascii():
            raise _Refused("the server takes ASCII only in user name and password")
        else:
            client.login(_astring(endpoint.username), endpoint.password)

    @contextlib.contextmanager
    def _talking(self, doing: str) -> Iterator[None]:
        """Around every exchange: makes our errors of the library's. NO and BAD become _Refused."""
        try:
            yield
        except IMAPClientReadOnlyError as error:  # a subclass of abort, but the connection is good
            raise ReadOnlyFolder(self._what(doing), self._endpoint.said(error)) from error
        except (IMAPClientAbortError, ProtocolError, OSError) as error:
            raise self._lost(doing, error) from self._shown(doing, error)
        except IMAPClientError as error:
            # imapclient's LoginError hides what happened: a dropped connection is no wrong password.
            cause = error.__context__ if doing == "login" else None
            if isinstance(cause, IMAPClientAbortError | OSError):
                raise self._lost(doing, cause) from None
            if doing == "login" and "command error: BAD" in str(cause or error):
                raise self._lost(doing, cause or error) from None
            self._client._imap.untagged_responses.pop("FETCH", None)  # half an answer must not be read later
            raise _Refused(self._endpoint.said(cause or error)) from None
        except _NONSENSE as error:
            raise self._lost(doing, error) from self._shown(doing, error)

    def _lost(self, doing: str, error: BaseException) -> TemporaryFailure:
        self._broken = True
        return TemporaryFailure(self._what(doing), self._endpoint.said(why(error)))

    @staticmethod
    def _shown(doing: str, error: BaseException) -> BaseException | None:
        return None if doing == "login" else error

    def _folder_failure(self, folder: str, refused: _Refused) -> PermanentFailure | TemporaryFailure:
        """NO to SELECT, COPY or MOVE: a folder that is not there, or a server in trouble? LIST tells."""
        try:
            with self._talking("list"):
                exists = bool(self._client.folder_exists(folder))
        except _Refused:
            exists = True
        if exists:
            return TemporaryFailure(self._what(folder), str(refused))
        return NoSuchFolder(self._what(folder), f"no such folder: {refused}")

    def _offers(self, capability: str) -> bool:
        with self._talking("capability"):
            return bool(self._client.has_capability(capability))

    def _selected(self) -> FolderState:
        if self._folder is None:
            raise RuntimeError("no folder is selected")
        return self._folder

    def _what(self, doing: str) -> str:
        return f"imap {self._endpoint.name} {doing}"

    def _close(self) -> None:
        with contextlib.suppress(Exception):  # the work is done or has failed already
            if self._broken:
                self._client.shutdown()
            else:
                self._client.socket().settimeout(LOGOUT_TIMEOUT)
                self._client.logout()
                return
        with contextlib.suppress(Exception):
            self._client.shutdown()


# --- pure helpers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Facts:
    size: int
    internaldate: datetime
    flags: frozenset[str]


def _facts(items: dict[bytes, Any]) -> _Facts:
    size = items[b"RFC822.SIZE"]
    if not isinstance(size, int):
        raise ValueError("RFC822.SIZE is no number")
    flags = items.get(b"FLAGS") or ()
    # A keyword like `123` comes out of the parser as a number.
    names = frozenset(f.decode("ascii", "replace") if isinstance(f, bytes) else str(f) for f in flags)
    return _Facts(size, _in_utc(items.get(b"INTERNALDATE")), names)


def _in_utc(moment: datetime | None) -> datetime:
    """INTERNALDATE in UTC. If the server gives none that can be read: now, since the mail has just come."""
    if moment is None:
        return datetime.now(UTC)
    if moment.tzinfo is None:  # "-0000": no zone is known (RFC 5322 §3.3)
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.now(UTC)


def _folder_state(answer: dict[bytes, Any]) -> FolderState | None:
    if b"UIDVALIDITY" not in answer or b"UIDNEXT" not in answer:
        return None
    permanent = answer.get(b"PERMANENTFLAGS", ())
    return FolderState(
        uidvalidity=int(answer[b"UIDVALIDITY"]),
        uidnext=int(answer[b"UIDNEXT"]),
        exists=int(answer.get(b"EXISTS", 0)),
        # Without PERMANENTFLAGS nobody has promised that a new keyword stays.
        keywords_allowed=any(f == rb"\*" or f.lower() == KEYWORD.lower() for f in permanent),
        seen_allowed=any(f.lower() == rb"\seen" for f in permanent),
    )


def _checked(uids: Iterable[int]) -> list[int]:
    """The UIDs, each a number of RFC 9051's nz-number; nothing else may reach a command."""
    wanted = list(dict.fromkeys(uids))
    for uid in wanted:
        if type(uid) is not int or not 0 < uid < 2**32:
            raise ValueError(f"not a UID: {uid!r}")
    return wanted


def _chunks(uids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]


def _batches(uids: list[int], facts: dict[int, _Facts], max_size: int) -> Iterator[list[int]]:
    """Split so that no FETCH returns more than MAILS_PER_FETCH mails or BYTES_PER_FETCH octets."""
    batch: list[int] = []
    size = 0
    for uid in uids:
        more = facts[uid].size if uid in facts and facts[uid].size <= min(max_size, CHUNK) else 0
        if batch and (len(batch) == MAILS_PER_FETCH or size + more > BYTES_PER_FETCH):
            yield batch
            batch, size = [], 0
        batch.append(uid)
        size += more
    if batch:
        yield batch


def _copied(answer: list[bytes | None]) -> list[tuple[int, int]]:
    """The source ranges of a COPYUID answer (RFC 4315 §3), empty when it is missing or does not add up.

    >>> _copied([b"38505 304,319:320 3956:3958"])
    [(304, 304), (319, 320)]
    """
    match = re.fullmatch(rb"\d+ ([\d,:]+) ([\d,:]+)", (answer or [None])[-1] or b"")
    if match is None:
        return []
    try:
        sources, targets = _ranges(match[1]), _ranges(match[2])
    except ValueError:
        return []
    if sum(b - a + 1 for a, b in sources) != sum(b - a + 1 for a, b in targets):
        return []
    return sources


def _ranges(sequence_set: bytes) -> list[tuple[int, int]]:
    ranges = []
    for part in sequence_set.split(b","):
        first, _, last = part.partition(b":")
        low, high = sorted((int(first), int(last or first)))
        ranges.append((low, high))
    return ranges


def _astring(text: str) -> str:
    """A user name for LOGIN: imaplib quotes the password only."""
    if re.fullmatch(r"[A-Za-z0-9!#$&'+,\-./:;=?@^_`|~<>]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
