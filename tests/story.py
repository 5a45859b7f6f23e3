"""Stories: the SOP with dates and people, as a helpdesk officer would tell it, carried out word by word.

A story is a YAML file in `tests/stories`. Every step names a time and at most one mail; then the office's round runs
once at that time, and what stands under `maka` must be all that happened:

    judul: …
    server: ya                       # also against the mail servers, with `mailbot once` as a process of its own
    kantor: {lkpp: {…}}              # changes to the mailbox's configuration, in its own words
    zona: Asia/Makassar              # times are local there
    kotak surat kedua: {…}           # a second mailbox in the same process: what differs from the first
    orang: {robot: robot@luar.test}  # people beside the usual ones (tests/world.py)
    langkah:
      - pada: 2026-12-21 09:00
        pengguna menulis: {perihal: …, isi: …, lampiran: [layar.png]}
        maka:
          status: new                # of the newest ticket; {1: new, 2: closed} where there are several
          langkah: [1]               # the steps of the paper form that the history now tells; none if left out
          surat: {petugas: [staff_new_ticket]}   # every mail that anybody finds; all others find none
          memuat: {petugas: [...]}   # stands in one of these mails
          tidak memuat: {...}        # stands in none of them
          lampiran: {lkpp: [layar.png]}          # exactly these files, bytes unchanged
    hanya sampai kepada: {KENARI: [petugas]}     # over the whole story; in nobody else's mail and in no log
    tidak dilaksanakan: [tutup]                  # commands that its people give in vain; all others are carried out

A mail is `A menulis`, `A membalas TEMPLATE` (the last such mail that A found) or `A mengeklik TEMPLATE` (a link in it,
named by its command; `kode` is the link that sends back a confirmation code); `tidak sampai` is a delivery report about
a mail of ours. Left out of a step, only time passes.
"""

from __future__ import annotations

import contextlib
import copy
import email.policy
import hashlib
import html
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from mailbot import log, yamlfile
from mailbot.config.site import open_sites
from mailbot.errors import ConfigError
from mailbot.letters.links import canonical
from mailbot.parsers.commands import command_lines
from mailbot.procedure import balance
from mailbot.store import folders, journal
from mailbot.store.database import Store
from tests import TESTS, aloud, preloaded
from tests.mailservers import MailServers
from tests.page import tree
from tests.world import LPSE, PEOPLE, Letter, PaperWorld, World, configured
from tests.written import Written, head_lines, headings, shaped

FOLDER = TESTS / "stories"

#: How the people sign their mails.
NAMES = {
    "pengguna": "Budi Santoso",
    "petugas": "Sari",
    "rekan": "Joko",
    "koordinator": "Indah",
    "kepala": "Jamal",
    "lkpp": "Helpdesk LKPP",
}

#: Who commands.
_COMMAND = ("petugas", "rekan", "koordinator", "kepala", "operator")

_STORY = {
    *("judul", "server", "kantor", "zona", "kotak surat kedua", "orang", "langkah"),
    *("hanya sampai kepada", "tidak dilaksanakan"),
}
_STEP = {"pada", "tanpa putaran", "tidak sampai", "maka"}
_THEN = {"status", "langkah", "surat", "memuat", "tidak memuat", "lampiran"}
_MAIL = {
    "isi",
    "perihal",
    "lampiran",
    "kepala",  # header lines on top of the mail, as a server (or a forger) puts them there
    "dari",  # the whole From
    "kepada",
    "tembusan",
    "balasan atas",  # "A TEMPLATE": in reply to a mail that A found
    "tiket",  # of which ticket that mail is, where there are several
    "rujukan tiket",  # another ticket, whose mail of the same template its References name too
    "yang pertama",  # the first such mail instead of the last
    "kutipan",  # gmail | outlook | tidak: how the answered mail is quoted; with `bentuk` also those of `_STYLES`
    "mengutip",  # "A TEMPLATE": a mail that A found, and that is quoted instead of the answered one
    "bentuk",  # the MIME shape, a name of tests/mime_shapes.py
    "sisipan",  # with `bentuk`: more words, where `kutipan` says
    "isi html",  # with `bentuk`: `isi` as HTML, if not made of it
    "masuk ke",  # the folder
    "tautan",  # the command of the link that is clicked
    "tautan bernama",  # its label, where the mail has several with that command
    "tautan tiket",  # the number of the ticket that it is about, where the mail has links of several
    "isian",  # {LABEL: what is written behind, or below, that line of what the link opens}
    "salin kode",  # ya: the line of the code that the answered mail shows stands on top
    "surat mentah",  # the mail as it stands on the wire
}
#: `kutipan` → style of tests/written.py
_STYLES = {
    "gmail": "top",
    "outlook": "outlook",
    "di antara": "inline",
    "di antara tanpa tanda": "bare",
    "bawah": "below",
}
_REPORT = {"kepada", "surat", "sebab"}
_ACTION = re.compile(r"(?P<who>.+?) (?:(?P<write>menulis)|(?P<how>membalas|mengeklik) (?P<template>[a-z_]+))")


# --- reading ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """A mail that arrives: who writes it, and the words of the story."""

    who: str
    mail: Mapping[str, Any]
    answers: tuple[str, str] | None = None  # (whose, template)
    clicks: str = ""

    @property
    def commands(self) -> list[str]:
        """Canonical names; none of those who have nothing to command."""
        if self.who not in _COMMAND or "dari" in self.mail:
            return []
        found = [command.name for command in command_lines.read(self.clicks or str(self.mail.get("isi", ""))).commands]
        # What a link's command still needs is written below it.
        return found or [canonical(self.clicks)] if self.clicks.startswith("#") else found


@dataclass(frozen=True)
class Step:
    line: int
    at: str
    action: Action | None
    report: Mapping[str, Any] | None
    waits: bool
    then: Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    path: Path
    title: str
    on_servers: bool
    zone: ZoneInfo
    changes: Mapping[str, Any]
    second: Mapping[str, Any] | None
    people: Mapping[str, str]
    steps: Sequence[Step]
    canaries: Mapping[str, Sequence[str]] = field(default_factory=dict)
    in_vain: frozenset[str] = frozenset()

    @property
    def commands(self) -> frozenset[str]:
        """The canonical names of what the LPSE's people command, by mail or link, and is carried out."""
        return frozenset(name for step in self.steps if step.action for name in step.action.commands) - self.in_vain

    @property
    def receipts(self) -> frozenset[str]:
        """Those of them after which the story tells what stands in their writer's mails."""
        found: set[str] = set()
        arrived: list[Action] = []
        for step in self.steps:
            arrived += [step.action] if step.action else []
            if not step.waits:
                told = step.then.get("memuat") or {}
                found |= {name for action in arrived if told.get(action.who) for name in action.commands}
                arrived = []
        return self.commands & found

    @property
    def begins(self) -> datetime:
        """An hour before the first step: then the office starts for the first time."""
        return self.instant(self.steps[0].at) - timedelta(hours=1)

    def instant(self, local: str) -> datetime:
        return datetime.fromisoformat(local).replace(tzinfo=self.zone).astimezone(UTC)

    def address(self, who: str) -> str:
        return self.people.get(who, who)

    def configuration(self, imap_port: int, smtp_port: int, password: str, folder: Path) -> dict[str, Any]:
        written = configured(imap_port, smtp_port, password, folder, **self.changes)
        written["timezone"] = self.zone.key
        written["log"] = {"format": "json", "level": "debug"}
        if self.second is not None:
            first = written["mailboxes"][0]
            second = {**copy.deepcopy(first), **self.second}
            second["imap"]["username"] = second["address"]
            written["mailboxes"].append(second)
        return written


def paths() -> list[Path]:
    """All stories: the files that begin with a number; the others have forms of their own."""
    return sorted(FOLDER.glob("[0-9]*_*.yaml"), key=lambda path: int(path.name.partition("_")[0]))


def load(path: Path) -> Story:
    """Raises ConfigError with every fault."""
    return _Reader(path).story()


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[str] = []
        self.source = yamlfile.read(path, self.faults)

    def _keys(self, where: tuple[Any, ...], found: Any, allowed: set[str]) -> Mapping[str, Any]:
        if not isinstance(found, dict):
            self.faults.append(self.source.fault(where, "bukan pasangan kunci dan isi"))
            return {}
        for key in found.keys() - allowed:
            self.faults.append(
                self.source.fault((*where, key), f"kunci tidak dikenal; ada: {', '.join(sorted(allowed))}")
            )
        return found

    def story(self) -> Story:
        data = self._keys((), self.source.data, _STORY)
        people = {**PEOPLE, **(data.get("orang") or {})}
        steps = [self._step(number, raw, people) for number, raw in enumerate(data.get("langkah") or [])]
        if not data.get("judul") or not steps:
            self.faults.append(self.source.fault((), "judul dan langkah harus ada"))
        canaries = data.get("hanya sampai kepada") or {}
        in_vain = frozenset(canonical(word) for word in data.get("tidak dilaksanakan") or [])
        for word, parties in canaries.items():
            self._parties(("hanya sampai kepada", word), parties, people)
        if self.faults:
            raise ConfigError(self.faults)
        return Story(
            path=self.path,
            title=data["judul"],
            on_servers=self._yes((), data, "server"),
            zone=ZoneInfo(data.get("zona", "Asia/Jakarta")),
            changes=data.get("kantor") or {},
            second=data.get("kotak surat kedua"),
            people=people,
            steps=steps,
            canaries=canaries,
            in_vain=in_vain,
        )

    def _yes(self, where: tuple[Any, ...], data: Mapping[str, Any], key: str) -> bool:
        if data.get(key, "tidak") not in ("ya", "tidak"):
            self.faults.append(self.source.fault((*where, key), "ya atau tidak"))
        return data.get(key) == "ya"

    def _parties(self, where: tuple[Any, ...], found: Any, people: Mapping[str, str]) -> None:
        for party in found or []:
            if party not in people:
                self.faults.append(self.source.fault(where, f"{party!r} tidak ada di antara para pihak"))

    def _step(self, number: int, raw: Any, people: Mapping[str, str]) -> Step:
        where: tuple[Any, ...] = ("langkah", number)
        if not isinstance(raw, dict):
            self._keys(where, raw, set())
            raw = {}
        actions = [key for key in raw if (found := _ACTION.fullmatch(key)) and found["who"] in people]
        self._keys(where, raw, {*_STEP, *actions})
        if len(actions) + ("tidak sampai" in raw) > 1:
            self.faults.append(self.source.fault(where, "lebih dari satu surat dalam satu langkah"))
        waits = self._yes(where, raw, "tanpa putaran")
        if ("maka" in raw) == waits:
            self.faults.append(self.source.fault(where, "maka harus ada, kecuali tanpa putaran"))
        then = self._keys((*where, "maka"), raw.get("maka", {}), _THEN)
        if "maka" in raw and "status" not in then:
            self.faults.append(self.source.fault((*where, "maka"), "status harus ada"))
        for key in ("surat", "memuat", "tidak memuat", "lampiran"):
            self._parties((*where, "maka", key), then.get(key), people)
        report = raw.get("tidak sampai")
        if report is not None:
            self._keys((*where, "tidak sampai"), report, _REPORT)
        action = self._action((*where, actions[0]), actions[0], raw[actions[0]]) if actions else None
        try:
            datetime.fromisoformat(raw.get("pada", ""))
        except (TypeError, ValueError):
            self.faults.append(self.source.fault(where, "pada: bukan waktu seperti 2026-12-21 09:00"))
        return Step(self.source.line(*where), raw.get("pada", ""), action, report, waits, then)

    def _action(self, where: tuple[Any, ...], key: str, raw: Any) -> Action:
        found = _ACTION.fullmatch(key)
        assert found is not None
        clicks = found["how"] == "mengeklik"
        if not isinstance(raw, dict):
            raw = {"tautan" if clicks else "isi": "" if raw is None else str(raw)}
        mail = self._keys(where, raw, _MAIL)
        answers = (found["who"], found["template"]) if found["template"] else None
        if "balasan atas" in mail:
            whose, _, template = str(mail["balasan atas"]).rpartition(" ")
            answers = (whose, template)
        if clicks:
            return Action(found["who"], mail, answers, clicks=str(mail.get("tautan", "")))
        return Action(found["who"], mail, answers)


# --- writing ---------------------------------------------------------------------------------------


def _file(name: str) -> bytes:
    """The bytes of a story's file: its own for each name, no text."""
    return b"\x89PNG\r\n\x1a\n" + hashlib.sha256(name.encode()).digest() * 8


def _quoted(letter: Letter, style: str) -> str:
    if style == "tidak":
        return ""
    if style == "outlook":
        head = f"Dari: LPSE <{LPSE}>\nDikirim: Senin, 21 Desember 2026 09:00\nKepada: {letter.message['To']}"
        return f"\n\n{head}\nPerihal: {letter.subject}\n\n{letter.text}"
    lines = "\n".join(f"> {line}" for line in letter.text.splitlines())
    return f"\n\nPada Sen, 21 Des 2026 pukul 09.00 LPSE <{LPSE}> menulis:\n\n{lines}\n"


def _shaped(
    mail: Mapping[str, Any], text: str, quoted: Letter | None, head: tuple[str, ...], files: list[tuple[str, bytes]]
) -> bytes:
    """The mail in the shape that it names."""
    style = str(mail.get("kutipan", "gmail"))
    attribution, heading = headings(quoted) if quoted else ("", "")
    written = Written(
        words=text.strip("\n"),
        quoted=quoted.text if quoted and style != "tidak" else "",
        headers=head,
        words_html=str(mail.get("isi html", "")),
        between=str(mail.get("sisipan", "")).strip("\n"),
        style=_STYLES.get(style, "top"),
        attribution=attribution,
        heading=heading,
    )
    return shaped(written, str(mail["bentuk"]), files)


_CODE = re.compile(r"Kode: [A-Z2-7-]{23}")


def _link(letter: Letter, command: str, number: str = "", label: str = "") -> tuple[str, str]:
    """(subject, body) of the ready reply that a link opens. "kode": the one that holds a code and nothing else. number:
    of the ticket that the link is about. label: what its reader sees, whole."""
    for href, shown in re.findall(r'href="(mailto:[^"]+)"[^>]*>([^<]*)<', letter.html):
        if label and html.unescape(shown).strip() != label:
            continue
        parts = urlsplit(html.unescape(href))
        fields = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
        body = fields["body"][0].replace("\r\n", "\n")
        found = [line.strip() for line in body.split("\n")]
        if number not in fields["subject"][0]:
            continue
        if command in found or (command == "kode" and _CODE.fullmatch(body.strip())):
            return fields["subject"][0], body
    raise AssertionError(f"tidak ada tautan {command} pada {letter.template}")


def _copied_code(letter: Letter) -> str:
    """The line that a reader copies out of a mail that asks for a code."""
    found = _CODE.search(letter.text)
    assert found, f"{letter.template} tidak memuat kode:\n{letter.text}"
    return f"{found[0]}\n"


def _filled(body: str, values: Mapping[str, str]) -> str:
    """What a link opens, with these lines filled in: behind "Nama :", below a heading."""
    lines, wanted = [], dict(values)
    for line in body.split("\n"):
        value = wanted.pop(line.rstrip(" :").strip(), None)
        behind = line.endswith((":", " "))
        lines += [line] if value is None else [f"{line.rstrip()} {value}"] if behind else [line, value]
    assert not wanted, f"tidak ada baris {list(wanted)} dalam:\n{body}"
    return "\n".join(lines)


def delivery_report(letter: Letter, recipient: str, reason: str, now: datetime, host: str) -> bytes:
    """A delivery report as Postfix writes it (RFC 3464)."""
    address = letter.message["From"].addresses[0].addr_spec
    lines = [
        "Return-Path: <>",
        f"From: Mail Delivery System <MAILER-DAEMON@{host}>",
        f"To: {address}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: {make_msgid(domain=host)}",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="batas"',
        "",
        "--batas",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"<{recipient}>: {reason}",
        "",
        "--batas",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {host}",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        "Status: 5.1.1",
        f"Diagnostic-Code: smtp; {reason}",
        "",
        "--batas",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {letter.message_id}",
        "",
        "--batas--",
        "",
    ]
    return "\r\n".join(lines).encode()


# --- the two stages --------------------------------------------------------------------------------


class OnPaper(PaperWorld):
    """The office without servers."""

    def __init__(self, folder: Path, story: Story) -> None:
        super(PaperWorld, self).__init__(folder, story.configuration(1, 1, "secret", folder))
        self.now = story.begins
        self._uid = 0
        self._log = io.StringIO()
        self._listening = contextlib.ExitStack()
        self._listening.enter_context(contextlib.redirect_stderr(self._log))
        log.configure("json", "debug")
        self.sites = open_sites(self.config)
        self.store = Store.open(self.config.data)
        for site in self.sites:
            for name in site.config.imap.folder:
                folders.open_epoch(self.store, site.name, name, 1, 0, self.now)

    def arrive(self, raw: bytes, address: str, folder: str) -> None:
        self._uid += 1
        mailbox = next(site.name for site in self.sites if site.config.address == address)
        fetched = journal.Fetched(
            mailbox=mailbox,
            folder=folder,
            uidvalidity=1,
            uid=self._uid,
            raw=raw,
            size=len(raw),
            complete=True,
            arrived_at=self.now,
        )
        journal.remember(self.store, [fetched], self.now)

    def logged(self) -> str:
        return self._log.getvalue()

    def close(self) -> None:
        self.store.close()
        self._listening.close()


class OnServers(World):
    """The office on real servers: every round is a process of its own."""

    def __init__(self, servers: MailServers, folder: Path, story: Story) -> None:
        written = story.configuration(servers.imap_port, servers.smtp_port, servers.password, folder)
        super(World, self).__init__(folder, written)
        self.servers = servers
        self.now = story.begins
        self._logged: list[str] = []
        self.once()  # the first start reads from now on

    def once(self) -> bool:
        arguments = ["-c", str(self.config_file), "once", "--now", self.now.isoformat()]
        done = preloaded.run(arguments, cwd=self.folder, timeout=100)
        self._logged += [done.stdout, done.stderr]
        self.servers.settle()
        assert done.returncode == 0, f"mailbot once: {done.returncode}\n{done.stderr[-3000:]}"
        return True

    def arrive(self, raw: bytes, address: str, folder: str) -> None:
        if folder != "INBOX":
            self.servers.append(address, raw, folder)
        elif raw.startswith(b"Return-Path: <>"):
            self.servers.deliver(raw, address, sender="")
        else:
            self.servers.deliver(raw, address)

    def logged(self) -> str:
        return "\n".join(self._logged)

    def close(self) -> None:
        """Nothing stays open between two rounds."""


# --- playing ---------------------------------------------------------------------------------------

#: All that may stand in the head of a mail of ours. A header that somebody smuggled in is none of these.
HEADERS = {
    *("from", "to", "date", "message-id", "subject", "in-reply-to", "references", "mime-version"),
    *("content-type", "content-transfer-encoding", "content-language", "auto-submitted", "x-auto-response-suppress"),
    *(
        "x-mailbot-template",
        "x-mailbot-id",
        "x-mailbot-ticket",
        "return-path",
        "delivered-to",
        "received",
        "reply-to",
        "importance",
    ),
}
_ROLES = {"pengguna": "user", "petugas": "staff", "rekan": "staff", "koordinator": "coordinator", "kepala": "head"}


def _active(page: str) -> Iterator[str]:
    """What a mail's HTML may not have: links elsewhere, scripts, forms, remote pictures."""
    for element in tree(page):
        if element.tag in ("script", "iframe", "object", "embed", "form", "input", "img", "link", "base", "svg"):
            yield element.tag
        for name, value in element.attributes.items():
            elsewhere = name in ("href", "src", "action") and not value.startswith("mailto:")
            if elsewhere or name.startswith("on"):
                yield f"{element.tag} {name}={value}"


class Play:
    """One story on one stage."""

    def __init__(self, story: Story, office: OnPaper | OnServers) -> None:
        self.story, self.office = story, office
        self.seen: dict[str, set[str]] = {who: set() for who in story.people}
        self.found: dict[str, list[Letter]] = {who: [] for who in story.people}
        self.files: dict[str, bytes] = {}
        self.threads: dict[tuple[str, str], set[str]] = {}
        self.history = 0

    def run(self) -> None:
        for step in self.story.steps:
            where = f"{self.story.path.name}:{step.line} ({step.at})"
            assert self.story.instant(step.at) >= self.office.now, f"{where}: waktu berjalan mundur"
            self.office.now = self.story.instant(step.at)
            if step.action is not None:
                self._write(step.action)
            if step.report is not None:
                self._bounce(step.report)
            if step.waits:
                continue
            assert self.office.once(), f"{where}: putaran tidak tuntas\n{self.office.logged()[-3000:]}"
            faults = list(self._check(step.then))
            assert not faults, "\n".join([where, *faults])
        faults = [*self._canaries(), *self._commands(), *self._balance()]
        assert not faults, "\n".join([self.story.path.name, *faults])

    # --- what arrives -----------------------------------------------------------------------------

    def _letter(self, answers: tuple[str, str], mail: Mapping[str, Any]) -> Letter:
        whose, template = answers
        number = str(mail.get("tiket", ""))
        found = [
            letter
            for letter in self.found[whose]
            if letter.template == template and str(letter.message["X-Mailbot-Ticket"] or "").endswith(number)
        ]
        assert found, f"{whose} tidak menerima {template}, tetapi {[one.template for one in self.found[whose]]}"
        return found[0 if mail.get("yang pertama") == "ya" else -1]

    def _write(self, action: Action) -> None:
        mail = action.mail
        own = [mailbox["address"] for mailbox in self._mailboxes()]
        to = str(mail.get("kepada", own[0]))
        folder = str(mail.get("masuk ke", "INBOX"))
        raw = self._raw(action, to)
        top = "".join(f"{line}\r\n" for line in mail.get("kepala") or [])
        named = [address for address in own if address in f"{to} {mail.get('tembusan', '')}"]
        for address in named or own[:1]:  # a mail that names nobody of us was sent in blind copy
            self.office.arrive(top.encode() + raw, address, folder)

    def _mailboxes(self) -> list[dict[str, Any]]:
        first = {"address": self.story.changes.get("address", LPSE)}
        return [first, dict(self.story.second)] if self.story.second else [first]

    def _raw(self, action: Action, to: str) -> bytes:
        mail, who = action.mail, action.who
        if "surat mentah" in mail:
            return str(mail["surat mentah"]).replace("\n", "\r\n").encode()
        letter = self._letter(action.answers, mail) if action.answers else None
        address = self.story.address(who)
        text, subject = str(mail.get("isi", "")), mail.get("perihal")
        message = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=200))
        message["From"] = mail.get("dari") or f"{NAMES.get(who, who.title())} <{address}>"
        message["To"] = to
        if "tembusan" in mail:
            message["Cc"] = mail["tembusan"]
        message["Date"] = format_datetime(self.office.now)
        message["Message-ID"] = make_msgid(domain=address.partition("@")[2])
        if action.clicks and letter is not None:
            subject, opened = _link(
                letter,
                action.clicks,
                str(action.mail.get("tautan tiket", "")),
                str(action.mail.get("tautan bernama", "")),
            )
            text = f"{_filled(opened, mail.get('isian') or {})}{text}"
        elif letter is not None:
            text = f"{_copied_code(letter)}{text}" if mail.get("salin kode") == "ya" else text
            message["In-Reply-To"] = letter.message_id
            message["References"] = self._references(action, letter)
            subject = subject or f"Re: {letter.subject}"
        message["Subject"] = subject or "Mohon bantuan"
        quoted = letter if not action.clicks else None
        if "mengutip" in mail:
            whose, _, template = str(mail["mengutip"]).rpartition(" ")
            quoted = self._letter((whose, template), {})
        names = mail.get("lampiran") or []
        self.files |= {name: _file(name) for name in names}
        if "bentuk" in mail:
            return _shaped(mail, text, quoted, head_lines(message), [(name, self.files[name]) for name in names])
        message.set_content(text + (_quoted(quoted, str(mail.get("kutipan", "gmail"))) if quoted else ""))
        for name in names:
            message.add_attachment(self.files[name], maintype="image", subtype="png", filename=name)
        return bytes(message)

    def _references(self, action: Action, letter: Letter) -> str:
        """What a mail names as its thread; also the mail of another ticket, where its writer has mixed two."""
        other = str(action.mail.get("rujukan tiket", ""))
        if not other or action.answers is None:
            return letter.message_id
        return f"{self._letter(action.answers, {'tiket': other}).message_id} {letter.message_id}"

    def _bounce(self, report: Mapping[str, Any]) -> None:
        who = str(report["kepada"])
        letter = self._letter((who, str(report["surat"])), {})
        reason = str(report.get("sebab", "550 5.1.1 user unknown"))
        raw = delivery_report(letter, self.story.address(who), reason, self.office.now, "mx.penyedia.test")
        self.office.arrive(raw, letter.message["From"].addresses[0].addr_spec, "INBOX")

    # --- what must have happened --------------------------------------------------------------------

    def _check(self, then: Mapping[str, Any]) -> Iterator[str]:
        new = self._new_letters()
        wanted = {who: sorted(names) for who, names in (then.get("surat") or {}).items()}
        for who, letters in new.items():
            found = sorted(letter.template for letter in letters)
            if found != wanted.get(who, []):
                yield f"surat {who}: {found}, seharusnya {wanted.get(who, [])}"
            for letter in letters:
                yield from self._always(who, letter)
        yield from self._words(new, then)
        for who, names in (then.get("lampiran") or {}).items():
            found_files = [pair for letter in new[who] for pair in letter.attachments]
            if sorted(name for name, _ in found_files) != sorted(names or []):
                yield f"lampiran {who}: {[name for name, _ in found_files]}, seharusnya {names}"
            yield from (
                f"lampiran {who}: {name} berubah" for name, data in found_files if self.files.get(name, data) != data
            )
        yield from self._tickets(then)
        strangers = {row["recipient"] for row in self.office.rows("SELECT DISTINCT recipient FROM outbox")}
        if strangers := strangers - set(self.story.people.values()):
            yield f"ada surat kepada {sorted(strangers)}, yang bukan pihak"

    def _new_letters(self) -> dict[str, list[Letter]]:
        new: dict[str, list[Letter]] = {}
        for who, address in self.story.people.items():
            letters = [one for one in self.office.letters(address) if one.message_id not in self.seen[who]]
            self.seen[who] |= {letter.message_id for letter in letters}
            self.found[who] += letters
            new[who] = letters
        return new

    def _always(self, who: str, letter: Letter) -> Iterator[str]:
        """What holds for every mail of ours (contract: one recipient, no Cc, nothing smuggled in)."""
        smuggled = {name.lower() for name in letter.message} - HEADERS
        if smuggled:
            yield f"{letter.template} kepada {who}: kepala surat {sorted(smuggled)}"
        recipients = [one.addr_spec for one in letter.message["To"].addresses]
        if recipients != [self.story.address(who)]:
            yield f"{letter.template} kepada {who}: To {recipients}"
        if (role := _ROLES.get(who)) == "user" and not letter.template.startswith("user_"):
            yield f"{letter.template} kepada pengguna"
        if role is not None and role != "user" and letter.template.startswith(("user_", "lkpp_")):
            yield f"{letter.template} kepada {who}"
        if who == "lkpp" and not letter.template.startswith("lkpp_"):
            yield f"{letter.template} kepada LKPP"
        if not letter.subject.startswith("["):
            yield f"{letter.template}: perihal {letter.subject!r} tidak diawali tag"
        if active := list(_active(letter.html)):
            yield f"{letter.template} kepada {who}: HTML memuat {active}"
        if letter.template.startswith("user_"):
            yield from (
                f"{letter.template} kepada {who} {fault}:\n{letter.text}" for fault in aloud.faults(letter.text)
            )
        yield from self._thread(who, letter)

    def _thread(self, who: str, letter: Letter) -> Iterator[str]:
        """Every mail of a ticket to one party is one thread: each names one of them, or what one of them names."""
        number = letter.message["X-Mailbot-Ticket"]
        alone = letter.template in ("staff_quarantine", "coordinator_overdue", "head_overdue")
        if number is None or alone:
            return
        named = {letter.message_id, *str(letter.message["References"] or "").split()}
        thread = self.threads.setdefault((who, str(number)), set(named))
        if named.isdisjoint(thread):
            yield f"{letter.template} kepada {who}: di luar percakapan tiket {number}"
        thread |= named

    def _words(self, new: Mapping[str, list[Letter]], then: Mapping[str, Any]) -> Iterator[str]:
        for who, words in (then.get("memuat") or {}).items():
            shown = [_plain(f"{letter.subject} {letter.text}") for letter in new[who]]
            for word in words:
                if not any(_plain(word) in text for text in shown):
                    yield f"surat {who} tidak memuat {word!r}:" + "".join(f"\n  | {text}" for text in shown)
        for who, words in (then.get("tidak memuat") or {}).items():
            for letter in new[who]:
                yield from (
                    f"{letter.template} {who} memuat {word!r}:\n  | {letter.text}"
                    for word in words
                    if word in everything(letter)
                )

    def _tickets(self, then: Mapping[str, Any]) -> Iterator[str]:
        rows = self.office.rows("SELECT id, number, status FROM tickets ORDER BY id")
        wanted = then["status"]
        if isinstance(wanted, dict):
            found: Any = {
                suffix: ", ".join(row["status"] for row in rows if row["number"].endswith(suffix)) for suffix in wanted
            }
            if len(rows) != len(wanted):
                yield f"tiket: {[row['number'] for row in rows]}, seharusnya {len(wanted)}"
        else:
            found = rows[-1]["status"] if rows else "belum ada"
        if found != wanted:
            yield f"status: {found}, seharusnya {wanted}"
        lines = self.office.rows("SELECT id, step, row FROM history WHERE id > ? ORDER BY id", self.history)
        self.history = max([self.history, *(line["id"] for line in lines)])
        steps = [int(step) for line in lines for step in re.findall(r"\d+", line["step"])]
        steps = [step for number, step in enumerate(steps) if number == 0 or steps[number - 1] != step]
        if steps != (then.get("langkah") or []):
            yield f"langkah: {steps} {[line['row'] for line in lines]}, seharusnya {then.get('langkah') or []}"
        for row in self.office.rows(
            "SELECT number FROM tickets WHERE status <> 'closed' AND id NOT IN"
            " (SELECT ticket_id FROM deadlines WHERE ended_at IS NULL)"
        ):
            yield f"{row['number']}: tidak ada batas waktu yang berjalan; tiket dapat terlupakan"

    def _commands(self) -> Iterator[str]:
        """What the story's people command is carried out somewhere in it, and what is in vain nowhere."""
        rows = self.office.rows("SELECT disposition FROM journal WHERE disposition LIKE 'staff.%'")
        done = {name for row in rows for name in row["disposition"].removeprefix("staff.").split("+")}
        yield from (f"#{name} tidak dilaksanakan" for name in sorted(self.story.commands - done))
        yield from (f"#{name} dilaksanakan" for name in sorted(self.story.in_vain & done))

    def _balance(self) -> Iterator[str]:
        """Each mail that came has one outcome that is known."""
        if isinstance(self.office, OnPaper):
            since, until = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2040))
            for site in self.office.sites:
                found = balance.of_time(self.office.store, site, since, until)
                if found.without or found.waiting or found.came != sum(found.outcomes.values()):
                    yield f"neraca surat {site.name}: {found}"

    def _canaries(self) -> Iterator[str]:
        for word, parties in self.story.canaries.items():
            for who, letters in self.found.items():
                holders = [letter.template for letter in letters if word in everything(letter)]
                if who in (parties or []) and not holders:
                    yield f"{word!r} tidak sampai kepada {who}"
                if who not in (parties or []) and holders:
                    yield f"{word!r} sampai kepada {who} dalam {holders}"
            if word in self.office.logged():
                yield f"{word!r} ada dalam log"
        if "threaded" not in self.office.logged():
            yield "log tidak tertangkap"


def everything(letter: Letter) -> str:
    """All that a reader, or his program, could find in a mail: head, text, HTML, links, files and their names."""
    parts = [str(value) for value in letter.message.values()]
    for part in letter.message.walk():
        parts.append(str(part.get_filename() or ""))
        if not part.is_multipart():
            data = part.get_payload(decode=True)
            text = data.decode(part.get_content_charset() or "latin-1", "replace")
            parts += [text, unquote(html.unescape(text))]
    return "\n".join(parts)


def _plain(text: str) -> str:
    """The words without line ends and the bars that mark a quotation."""
    return " ".join(str(text).replace("│", " ").split())


def play(story: Story, stage: Callable[[], OnPaper | OnServers]) -> None:
    """Raises AssertionError at the first step that went another way, with the line of the story."""
    office = stage()
    try:
        Play(story, office).run()
    finally:
        office.close()
