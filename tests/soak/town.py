"""Many helpdesks in one program: their users, staff and LKPP, and what each of them must find in his mailbox.

Each matter takes one of a few ways through the SOP. What is owed for it is listed by hand, from the SOP, and never
asked of the program.
"""

from __future__ import annotations

import email.policy
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import yaml

from tests.mailservers import MailServers
from tests.world import NO_CAPS, WIB, Letter, configured

LKPP = "helpdesk-lpse@lkpp.test"


@dataclass(frozen=True)
class Site:
    """One helpdesk: its address, its prefix, its people."""

    number: int

    @property
    def prefix(self) -> str:
        return f"LPSE-K{self.number:02}"

    @property
    def domain(self) -> str:
        return f"kab{self.number:02}.test"

    @property
    def address(self) -> str:
        return f"lpse@{self.domain}"

    @property
    def staff(self) -> tuple[str, str]:
        return f"sari@{self.domain}", f"joko@{self.domain}"


@dataclass(frozen=True)
class Matter:
    """What a user writes about to a desk; `way` through the SOP: one of WAYS."""

    site: Site
    number: int
    way: str

    @property
    def user(self) -> str:
        return f"p{self.number:04}@penyedia.test"

    @property
    def title(self) -> str:
        return f"Perkara {self.number:04}"


@dataclass(frozen=True)
class Turn:
    """Who finds this mail answers it with these words (and a file). Of the staff only the first one answers."""

    template: str
    words: str
    file: bool = False

    def whose(self, matter: Matter) -> str:
        party = self.template.partition("_")[0]
        return {"user": matter.user, "staff": matter.site.staff[0], "lkpp": LKPP}[party]


_ESCALATES = "#eskalasi\nRingkasan:\nTidak bisa masuk\nUpaya yang telah dilakukan:\nmengatur ulang kata sandi\n"

#: What the parties write on each way, one after the other.
WAYS: Mapping[str, tuple[Turn, ...]] = {
    "waits": (),
    "note": (Turn("staff_new_ticket", "#catat Pengguna menelepon pukul 9.\n"),),
    "answered": (
        Turn("staff_new_ticket", "Silakan hapus cache peramban, lalu coba masuk kembali."),
        Turn("user_answer", "SELESAI, terima kasih."),
    ),
    "solved": (
        Turn("staff_new_ticket", _ESCALATES),
        Turn("lkpp_escalation", "Permasalahan telah selesai ditangani, mohon dapat disampaikan kepada pengguna."),
    ),
    "data": (
        Turn("staff_new_ticket", _ESCALATES),
        Turn("lkpp_escalation", "Mohon dilengkapi tangkapan layar dan kode tender."),
        Turn("user_data_request", "Berikut terlampir tangkapan layarnya, kode tender 87654321.", file=True),
    ),
    "returned": (
        Turn("staff_new_ticket", _ESCALATES),
        Turn("lkpp_escalation", "Permasalahan tersebut merupakan kewenangan LPSE, silakan dapat ditangani Admin PPE."),
    ),
}

_ESCALATED = ("lkpp_escalation", "staff_receipt", "user_escalated")
#: What leaves for each way, once, beside the acknowledgement and the notice of the new ticket to both of the staff.
_OWED: Mapping[str, tuple[str, ...]] = {
    "waits": (),
    "note": ("staff_receipt",),
    "answered": ("staff_receipt", "user_answer", "user_closed"),
    "solved": (*_ESCALATED, "user_resolved", "staff_lkpp_reply"),
    "data": (
        *_ESCALATED,
        *("user_data_request", "staff_lkpp_reply"),
        *("lkpp_additional_data", "user_data_forwarded", "staff_user_reply"),
    ),
    "returned": (*_ESCALATED, "staff_returned"),
}

#: Recipient, template, matter.
Mail = tuple[str, str, Matter]


def owed(matter: Matter) -> Iterator[Mail]:
    """Every mail that leaves for one matter."""
    yield matter.user, "user_acknowledgement", matter
    for person in matter.site.staff:
        yield person, "staff_new_ticket", matter
    for template in _OWED[matter.way]:
        yield Turn(template, "").whose(matter), template, matter


@dataclass(frozen=True)
class Size:
    """How many desks; how many matters of each way has each; how many of its first mails come a second time. Every
    two desks also get one mail together, which is a matter of its own for each."""

    sites: int
    ways: Mapping[str, int]
    twice: int

    @property
    def mails(self) -> int:
        """That arrive at the desks by the end."""
        each = sum(count * (1 + len(WAYS[way])) for way, count in self.ways.items()) + self.twice
        return self.sites * (each + 1)


def matters(size: Size) -> list[Matter]:
    found: list[Matter] = []
    number = 0
    for site in (Site(n) for n in range(1, size.sites + 1)):
        for way, count in size.ways.items():
            found += [Matter(site, number + n, way) for n in range(1, count + 1)]
            number += count
        number += site.number % 2  # the second of two desks shares this matter with the first
        found.append(Matter(site, number if site.number % 2 else _shared(found, site), "waits"))
    return found


def _shared(found: Sequence[Matter], site: Site) -> int:
    return next(m.number for m in reversed(found) if m.site.number == site.number - 1)


def configuration(servers: MailServers, folder: Path, size: Size) -> Path:
    """All desks in one file. The limits of staff and LKPP lie far off: what is owed are the mails of WAYS alone."""
    everything: dict[str, Any] = {}
    for site in (Site(n) for n in range(1, size.sites + 1)):
        one = configured(
            servers.imap_port,
            servers.smtp_port,
            servers.password,
            folder,
            name=f"k{site.number:02}",
            organisation=f"LPSE Kabupaten {site.number}",
            address=site.address,
            ticket_prefix=site.prefix,
            imap={"username": site.address, "poll": "5s"},
            smtp={"rate": {"per_minute": 10_000, "per_hour": 100_000, "per_day": 1_000_000}},
            staff=[{"name": name, "address": at} for name, at in zip(("Sari", "Joko"), site.staff, strict=True)],
            coordinator=[{"name": "Indah", "address": f"indah@{site.domain}"}],
            head=[{"name": "Jamal", "address": f"jamal@{site.domain}"}],
            operator=[{"name": "Operator", "address": f"ops@{site.domain}"}],
            lkpp={"channel": "email", "address": LKPP, "accept_from": ["@lkpp.test"]},
            limits=dict(NO_CAPS),  # each its own: one that stands twice becomes an alias in YAML
            sop={"undo_window": "0m", "escalate_within": "240m", "forward_data_within": "240m"},
        )
        one["mailboxes"] = [*everything.get("mailboxes", []), *one["mailboxes"]]
        everything = one
    everything["log"] = {"level": "warning"}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(everything, allow_unicode=True))
    return path


# --- what the parties write ---------------------------------------------------------------------------


def _message(sender: str, message_id: str, subject: str, to: Sequence[str], when: datetime) -> EmailMessage:
    message = EmailMessage(policy=email.policy.default.clone(max_line_length=200))
    message["From"] = f"{sender.partition('@')[0].title()} <{sender}>"
    message["To"] = ", ".join(to)
    message["Date"] = format_datetime(when)
    message["Message-ID"] = message_id
    message["Subject"] = subject
    return message


def first_mail(same: Sequence[Matter]) -> bytes:
    """The user's mail about a matter (of one desk or two), each time the same bytes; some have a large file."""
    matter = same[0]
    message = _message(
        matter.user,
        f"<perkara-{matter.number}@penyedia.test>",
        f"{matter.title}: lupa kata sandi",
        [each.site.address for each in same],
        datetime(2026, 12, 21, 9, 0, tzinfo=WIB),
    )
    message.set_content(f"Yth. Admin, mengenai {matter.title} kami lupa kata sandi SPSE.\n")
    if matter.number % 5 == 0:
        data = random.Random(matter.number).randbytes(200_000)
        message.add_attachment(data, maintype="image", subtype="png", filename="layar.png")
    return bytes(message)


def answer(matter: Matter, turn: Turn, found: Letter) -> bytes:
    """A party's answer to a mail of ours, quoted below as Gmail does."""
    sender = turn.whose(matter)
    message = _message(
        sender,
        f"<{turn.template}-{matter.site.number}-{matter.number}@{sender.partition('@')[2]}>",
        f"Re: {found.subject}",
        [matter.site.address],
        datetime.now(WIB),
    )
    message["In-Reply-To"] = message["References"] = found.message_id
    quoted = "\n".join(f"> {line}" for line in found.text.splitlines())
    message.set_content(
        f"{turn.words}\n\nPada Sen, 21 Des 2026 pukul 09.00 LPSE <{matter.site.address}> menulis:\n\n{quoted}\n"
    )
    if turn.file:
        message.add_attachment(b"\x89PNG456", maintype="image", subtype="png", filename="tender.png")
    return bytes(message)


def owed_in_all(all_matters: Sequence[Matter]) -> Counter[Mail]:
    return Counter(mail for matter in all_matters for mail in owed(matter))
