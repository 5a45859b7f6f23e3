"""What can happen to a ticket, in the words of a helpdesk officer, as the stories in tests/stories/ use them.

A happening is a mail as its writer would send it (read by the real parsers, classified by the real rules), or a word
of the mail server: an acceptance, a bounce. Only what no mail can bring about is given to the service directly, and
its name then says so: `(peristiwa sent.lkpp_escalation)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.arrivals.staff.commands import consultation
from mailbot.model import Decision, Event, NamedAddress, Role, Ticket
from mailbot.parsers.commands import command_lines
from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.procedure import service
from mailbot.rules.sop import decide as rules
from mailbot.store import outbox
from mailbot.store.database import to_text
from mailbot.tickets import tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Given
from tests.steps import sending_link
from tests.world import LPSE, PEOPLE, PaperWorld, letter

BORDER = "mx.batangkab.test"
PROVED = ("Authentication-Results", f"{BORDER}; dmarc=pass header.from=lkpp.test")
FORGED = ("Authentication-Results", f"{BORDER}; dmarc=none header.from=penyedia.test; spf=fail")
IMAGE = ("layar.png", b"\x89PNG\r\n\x1a\nlayar")

#: Phrase → (event, arguments of PaperWorld.write) for the mails of the user and of LKPP.
USER: Mapping[str, dict[str, Any]] = {
    "pengguna menulis lagi": {"text": "Sampai pukul 13.00 tautan pemulihannya belum kami terima."},
    "pengguna menjawab SELESAI": {"text": "SELESAI, terima kasih."},
    "pengguna menjawab BELUM": {"text": "BELUM, masih gagal masuk."},
    "pengguna berterima kasih": {"text": "Terima kasih banyak."},
    "pengguna menyatakan sudah bisa": {"text": "Alhamdulillah sudah bisa masuk, terima kasih."},
    "pengguna akan mencoba, dengan kabar lain": {"text": "Akan kami coba dulu. Direktur kami sekarang Pak Budi."},
    "pengguna menyatakan sudah bisa dan menulis kata sandi": {"text": "Sudah bisa masuk dengan password Rahasia123."},
    "pengguna memberi nilai dengan alasan": {"text": "Kecepatan 2, karena lama dibalas minggu lalu."},
    "pengguna mengirim data": {"text": "Berikut tangkapan layar, kode tender 87654321.", "files": [IMAGE]},
    "pengguna hanya bertanya": {"text": "Data apa saja yang harus kami kirim?"},
    "pengguna hanya berjanji": {"text": "Baik, akan kami kirim besok."},
    "pengguna mengirim makro": {"text": "Berikut datanya, kode tender 87654321.", "files": [("data.docm", b"PK\3\4")]},
    "pengguna mengirim data dan kata sandi": {
        "text": "Kode tender 87654321, user id CONTOH, password: Rahasia123",
    },
    "pengguna mengirim data, LKPP pada Cc": {
        "text": "Berikut kode tender 87654321.",
        "cc": PEOPLE["lkpp"],
        "files": [IMAGE],
    },
    "surat atas nama pengguna, pemeriksaan gagal": {
        "text": "Berikut kode tender 87654321.",
        "files": [IMAGE],
        "headers": [FORGED],
    },
    "SELESAI atas nama pengguna, pemeriksaan gagal": {"text": "SELESAI", "headers": [FORGED]},
    "pihak lain mengirim data": {"text": "Berikut kode tender 87654321.", "files": [IMAGE]},
    "pihak lain menjawab SELESAI": {"text": "SELESAI, terima kasih."},
    "pengguna mengisi survei": {
        "text": "Kemudahan prosedur: 4\nKecepatan penyelesaian: 3\nKejelasan jawaban: 4\nKesopanan dan keramahan: 4",
    },
    "balasan otomatis pengguna": {
        "text": "Saya sedang cuti sampai 4 Januari 2027.",
        "headers": [("Auto-Submitted", "auto-replied")],
    },
}
LKPP: Mapping[str, tuple[str, str]] = {
    "LKPP: kewenangan LPSE": (
        "lkpp.returned",
        "Permasalahan tersebut merupakan kewenangan LPSE, silakan dapat ditangani oleh Admin PPE.",
    ),
    "LKPP: minta data": ("lkpp.data_request", "Mohon dilengkapi tangkapan layar dan kode tender."),
    "LKPP: perkembangan": ("lkpp.progress", "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP."),
    "LKPP: selesai": (
        "lkpp.solved",
        "Permasalahan telah selesai ditangani, mohon dapat disampaikan kepada pengguna.",
    ),
    "LKPP: gunakan LPSE Support": (
        "lkpp.redirect",
        "Silakan menyampaikan permasalahan melalui aplikasi LPSE Support.",
    ),
    "LKPP: menolak": (
        "lkpp.refused",
        "Mohon maaf permintaan tidak dapat kami proses karena tidak sesuai ketentuan.",
    ),
    "LKPP: tidak jelas": ("lkpp.unclear", "Mengenai hal ini lihat surat kami bulan lalu."),
    "LKPP: telah diterima": ("lkpp.received", "E-mail Bapak/Ibu telah kami terima."),
}
#: Command → what stands after it on its line; of one that is not named here, what its example has there.
STAFF: Mapping[str, str] = {
    **{f"#{spec.word}": spec.example.removeprefix(f"#{spec.word}") for spec in VOCABULARY if spec.needs_ticket},
    "#jawab": "Silakan hapus cache peramban, lalu coba masuk kembali.",
    "#info": "Permasalahan sedang kami periksa.",
    "#ambil": "",
    "#tugaskan": "Joko",
    "#minta-data": "Mohon kirimkan tangkapan layar galatnya.",
    "#eskalasi": "\nRingkasan:\nLogin gagal\nUpaya yang telah dilakukan:\nreset kata sandi",
    "#teruskan": "",
    "#lkpp": "Kami sampaikan bahwa tender ditutup besok.",
    "#catat": "Pengguna menelepon pukul 9.",
    "#prioritas 1": "",
    "#prioritas 2": "",
    "#prioritas 4": "",
    "#kategori": "pertanyaan",
    "#jenis": "AKUN_LOGIN",
    "#golongan": "gangguan",
    "#pengaduan": "Pengguna mengeluhkan petugas loket.",
    "#tujuan": "Direktorat Pengembangan SPSE",
    "#tunda": "2 hari kerja menunggu surat dari dinas.",
    "#tts 12345": "",
    "#tts 67890": "",
    "#lpse-support ditutup": "",
    "#tutup": "",
    "#tutup dengan teks": "Permasalahan telah teratasi dari sisi pengguna.",
    "#buka": "",
    "#buang": "",
    "#batal": "",
    "#pengguna": "siti.baru@penyedia.test",
    "#gabung": "{other}",
    "#pisah": "{entry}",
    "#kembali": "LKPP menelepon: kewenangan LPSE.",
    "#data-tambahan": "LKPP meminta kode tender.",
    "#perkembangan": "Masih diperiksa Tim Teknis.",
    "#selesai": "Sudah diperbaiki menurut telepon LKPP.",
    "#alihkan": "",
    "#abaikan": "",
    "#koordinator": "\nRingkasan:\nLogin gagal\nUpaya yang telah dilakukan:\nreset kata sandi",
    "#kepala": "Sudah dua hari belum terselesaikan.",
    "#telepon": "\na. Nama : Budi\nB. PERMASALAHAN\nMenanyakan perkembangannya.",
    "#telepon yang dijawab": (
        "\na. Nama : Budi\nB. PERMASALAHAN\nMasih gagal masuk.\nC. JAWABAN/SOLUSI PERMASALAHAN\nGanti peramban."
    ),
    "#loket": "\na. Nama : Budi\nB. PERMASALAHAN\nMenanyakan perkembangannya.",
    "#alasan": "Jaringan kantor terputus sejak pagi.",
    "#arahan": "Eskalasikan kepada LKPP.",
}
#: Where a consultation took place → its event, the command's canonical name, and the number that stands behind it.
CONSULTED = {
    "telepon": ("staff.phone", "phone", ""),
    "loket": ("staff.counter", "counter", ""),
    "LPSE Support": ("staff.support", "support", "TTS-77"),
}
#: Commands that somebody else than staff writes.
_WRITERS = {"#arahan": "koordinator"}
#: The same commands as others than usual write them.
OTHERS: Mapping[str, tuple[str, str]] = {
    "koordinator mengeskalasi": ("koordinator", "#eskalasi"),
    "kepala unit memberi rekomendasi": ("kepala", "#arahan"),
}


def event_of(phrase: str) -> str:
    """The event of the table that a phrase stands for."""
    if phrase in USER:
        return "machine.mail" if phrase.startswith("balasan otomatis") else "user.mail"
    if phrase in LKPP:
        return LKPP[phrase][0]
    if phrase in STAFF:
        if phrase == "#lpse-support ditutup":
            return "staff.closed_there"
        spec, _ = command_lines.find(phrase.split()[0])
        if spec is not None and spec.form is not None:  # in reply to a ticket's mail
            return "staff.consulted_again"
        return "" if spec is None else str(spec.event)
    if phrase in OTHERS:
        return event_of(OTHERS[phrase][1])
    if phrase.startswith("(peristiwa "):
        return phrase.removeprefix("(peristiwa ").removesuffix(")")
    if phrase.startswith("pengguna menulis e-mail baru"):
        return "user.new"
    if phrase.startswith("petugas mencatat konsultasi"):
        return next(event for word, (event, _, _) in CONSULTED.items() if word in phrase)
    return {
        "petugas menjawab manual dari alamat LPSE": "staff.by_hand",
        "server menerima eskalasi": "sent.lkpp_escalation",
        "server menerima data tambahan": "sent.lkpp_additional_data",
        "e-mail kepada pengguna tidak sampai": "bounce.user",
        "e-mail kepada LKPP tidak sampai": "bounce.lkpp",
    }[phrase]


#: The channel to LKPP of an office whose coordinator approves each escalation.
APPROVED = "e-mail, disetujui koordinator"


def office(folder: Path, channel: str = "email", **changes: Any) -> PaperWorld:
    """A paper office whose border server's results are known."""
    folder.mkdir(parents=True, exist_ok=True)
    if channel == APPROVED:
        channel, changes = "email", {"sop": {"escalation_by": "coordinator"}, **changes}
    lkpp = {"channel": channel} if channel == "email" else {"channel": channel, "address": None}
    return PaperWorld(folder, authentication={"authserv_id": BORDER}, lkpp=lkpp, imap={"sent": "Sent"}, **changes)


@dataclass
class Told:
    """One ticket's story in an office: it happens phrase by phrase, a minute between them."""

    world: PaperWorld
    user: str = PEOPLE["pengguna"]
    server_answers: bool = True
    number: str = ""
    decided: list[tuple[str, str, str]] = field(default_factory=list)  # (status, event, row or stage)

    @property
    def ticket(self) -> Ticket:
        found = self.world.rows("SELECT id FROM tickets WHERE number = ?", self.number)
        return tickets.load(self.world.store, int(found[0]["id"]))

    def happens(self, phrase: str) -> None:
        """One happening at the present time, handled at once; nothing leaves."""
        with self._watched():
            self._action(phrase)()

    def settle(self) -> None:
        """What is due to leave is accepted, unless the mail server does not answer."""
        if self.server_answers:
            self._accept("%")

    def later(self, minutes: int = 1) -> None:
        self.world.now += timedelta(minutes=minutes)

    def _action(self, phrase: str) -> Callable[[], None]:
        if phrase == "server tidak menjawab":
            return partial(setattr, self, "server_answers", False)
        if phrase.startswith("lewat "):
            return partial(self.later, int(phrase.split()[1]))
        if phrase.startswith("pengguna menulis e-mail baru"):
            return partial(self._opens, phrase)
        if phrase.startswith("petugas mencatat konsultasi"):
            return partial(self._consulted, phrase)
        if phrase == "petugas menjawab manual dari alamat LPSE":
            return self._by_hand
        if phrase.startswith("pihak lain "):
            return partial(self._other_writes, **USER[phrase])
        if phrase in USER:
            return partial(self._mail, "pengguna", **USER[phrase])
        if phrase in LKPP:
            return partial(self._mail, "lkpp", text=LKPP[phrase][1], headers=[PROVED])
        if phrase in STAFF:
            words = phrase.removesuffix(" dengan teks")
            who = _WRITERS.get(phrase, "petugas")
            return partial(self._mail, who, text=f"{words} {STAFF[phrase]}".strip())
        if phrase in OTHERS:
            who, command = OTHERS[phrase]
            return partial(self._mail, who, text=f"{command} {STAFF[command]}")
        if phrase.startswith("(peristiwa "):
            event = Event(kind=event_of(phrase), at=self.world.now)
            given = Given(key=f"x{self.world.now}", bounced=("Eskalasi", "550 5.1.1"))
            return lambda: self._directly(event, given)
        return {
            "server menerima eskalasi": partial(self._accept, "lkpp_escalation"),
            "server menerima data tambahan": partial(self._accept, "lkpp_additional_data"),
            "e-mail kepada pengguna tidak sampai": partial(self._bounce, "user"),
            "e-mail kepada LKPP tidak sampai": partial(self._bounce, "lkpp"),
        }[phrase]

    def _other_writes(self, text: str, files: Sequence[tuple[str, bytes]] = ()) -> None:
        """Somebody whom staff have made a party of the ticket beside its user."""
        address = f"siti.{self.user}"
        with self.world.store.immediate():
            tickets.add_party(self.world.store, self.ticket.id, address, Role.USER, "petugas", self.world.now)
        self.world.write(address, text, subject=f"[{self.number}] Susulan", files=files, sender=address)
        self._handled()

    def _by_hand(self) -> None:
        self.world.write(
            LPSE, "Sudah kami perbaiki.", subject=f"Re: [{self.number}]", to=self.user, sender=LPSE, folder="Sent"
        )
        self._handled()

    def _words(self, words: str) -> str:
        """Of a command that names another ticket or a mail: another user's ticket, or his last mail on this one."""
        world = self.world
        if "{entry}" in words:
            sql = "SELECT max(id) AS id FROM journal WHERE ticket_id = ? AND role = 'user'"
            return words.format(entry=world.rows(sql, self.ticket.id)[0]["id"])
        if "{other}" not in words:
            return words
        address = f"siti.{self.user}"
        world.write(address, "Mohon bantuan.", subject="Lain", sender=address)
        self._handled()
        self.decided.clear()
        row = world.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1")[0]
        return words.format(other=row["number"])

    def _opens(self, phrase: str) -> None:
        text = "Yth. Admin LPSE, kami lupa kata sandi SPSE.\nNama: Budi\nInstansi: CV Contoh\nHP: 081234567890\n"
        if phrase.endswith("dengan kata sandi"):
            text += "password: Rahasia123\n"
        only_cc = phrase.endswith("(kami hanya Cc)")
        self.world.write(
            self.user,
            text,
            subject="Lupa kata sandi SPSE",
            files=[IMAGE],
            sender=f"Budi <{self.user}>",
            to="dinas@batangkab.test" if only_cc else LPSE,
            cc=LPSE if only_cc else None,
        )
        self._handled()
        self.number = str(self.world.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1")[0]["number"])

    def _consulted(self, phrase: str) -> None:
        """Staff fill in the form that the link below `#bantuan` opens; its code is the token."""
        name, support = next((name, number) for word, (_, name, number) in CONSULTED.items() if word in phrase)
        sari = NamedAddress("Sari", PEOPLE["petugas"])
        with self.world.store.immediate():
            context = Context(self.world.store, self.world.site, self.world.now)
            href = consultation.link(context, sari, name, goes_on=consultation.GoesOn(support))["href"]
        body = parse_qs(urlsplit(href).query)["body"][0].replace("\r\n", "\n")
        for label, value in (
            ("a. Nama :", "Budi"),
            ("Alamat E-mail :", self.user),
            ("B. PERMASALAHAN", "\nLupa kata sandi SPSE"),
            ("C. JAWABAN/SOLUSI PERMASALAHAN", "\nPakai menu lupa sandi" if phrase.endswith("dijawab") else ""),
        ):
            body = body.replace(label, f"{label} {value}")
        self.world.write("petugas", body, subject="Konsultasi")
        self._handled()
        self.number = str(self.world.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1")[0]["number"])

    def _mail(self, who: str, text: str, **more: Any) -> None:
        """In the thread of this ticket: a reply to the last mail that this party was sent about it."""
        address = self.user if who == "pengguna" else PEOPLE[who]
        last = self.world.rows(
            "SELECT message_id FROM outbox WHERE ticket_id = ? AND recipient = ? AND state = 'accepted'"
            " ORDER BY id DESC LIMIT 1",
            self.ticket.id,
            address,
        )
        headers: Sequence[tuple[str, str]] = more.pop("headers", [])
        text = self._words(text) if text.startswith("#") else text
        if last:
            headers = [*headers, ("In-Reply-To", last[0]["message_id"])]
        self.world.write(
            address,
            text,
            subject=f"Re: [{self.number}] Tidak dapat masuk SPSE",
            headers=headers,
            sender=f"{who.title()} <{address}>",
            **more,
        )
        if not self._asked(address):
            self._handled()

    def _asked(self, address: str) -> bool:
        """Some commands wait for a code whatever proves them, and what LKPP has said by telephone is shown first: he
        sends back the code, or what the link opens, at once. What else his mail leads others to be asked, nobody
        answers."""
        world, before = self.world, self.last_outbox()
        self._handle()
        asked = world.sent(
            "id > ? AND template = 'staff_confirm' AND recipient = ?"
            " AND (event_key LIKE '%.receipt' OR event_key LIKE '%.code')",
            before,
            address,
        )
        if not asked:
            return False
        found = letter(asked[-1]["raw"])
        if str(asked[-1]["event_key"]).endswith(".code"):
            code = next(line for line in found.text.splitlines() if line.startswith("Kode: "))
            world.write(address, code, answers=found, quote=False, sender=address)
        else:
            opens = sending_link(found)
            world.write(address, opens, subject=f"[{self.number}]", sender=address)
        self._handled()
        return True

    def _handle(self) -> None:
        world = self.world
        Intake(world.store, world.site, [world.site.config.ticket_prefix]).handle_waiting(world.now)

    def _handled(self) -> None:
        world = self.world
        self._handle()
        left = world.rows("SELECT state, reason FROM journal ORDER BY id DESC LIMIT 1")[0]
        assert left["state"] == "handled", f"{left['state']}: {left['reason']}"

    def _accept(self, template: str) -> None:
        world = self.world
        while rows := [
            row
            for mine in [self._mine()]
            for row in outbox.due(world.store, world.site, world.now, world.now)
            if template in ("%", row["template"]) and row["id"] in mine
        ]:
            for row in rows:
                with world.store.immediate():
                    world.store.update("outbox", row["id"], state="accepted", accepted_at=to_text(world.now))
                service.accepted(world.store, world.site, row["id"], world.now)

    def _mine(self) -> set[int]:
        """The mails of this ticket; the office has many more."""
        return {row["id"] for row in self.world.rows("SELECT id FROM outbox WHERE ticket_id = ?", self.ticket.id)}

    def _bounce(self, party: str) -> None:
        world = self.world
        row = world.rows(
            "SELECT id FROM outbox WHERE ticket_id = ? AND party = ? ORDER BY id DESC LIMIT 1", self.ticket.id, party
        )[0]
        answer = "550 5.1.1 no such user"
        service.undelivered(world.store, world.site, row["id"], f"o{row['id']}.x", answer, world.now, world.now)

    def _directly(self, event: Event, given: Given) -> None:
        with suppress(service.Refused):
            world = self.world
            ticket = tickets.load(world.store, self.ticket.id)
            service.handle(Case(world.store, world.site, world.now, ticket), event, given)

    # --- what was seen ------------------------------------------------------------------------------

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Note which row of the table the real decision fell on, also where it refuses."""

        def decide(table: Any, ticket: Ticket | None, event: Event, settings: Any) -> Decision:
            decision = rules.decide(table, ticket, event, settings)
            self.decided.append(("none" if ticket is None else ticket.status.value, event.kind, decision.row))
            return decision

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(service, "decide", decide)
            yield

    def clocks(self) -> dict[str, tuple[str, str]]:
        """Running clock → (started, due) in the database's text, but for those that run by themselves."""
        rows = self.world.rows(
            "SELECT clock, started_at, due FROM deadlines WHERE ticket_id = ? AND ended_at IS NULL", self.ticket.id
        )
        table = self.world.site.table.clocks
        return {
            str(row["clock"]): (str(row["started_at"]), str(row["due"]))
            for row in rows
            if not table[row["clock"]].from_receipt
        }

    def last_outbox(self) -> int:
        return int(self.world.rows("SELECT coalesce(max(id), 0) AS n FROM outbox")[0]["n"])

    def mails_since(self, outbox_id: int, *, receipts: bool = False, lists: bool = True) -> dict[str, list[str]]:
        """Party → templates put into the outbox since; `semua petugas`: the same mail to every one of them. lists:
        also those of the day, which are about all tickets."""
        rows = self.world.rows(
            "SELECT template, recipient FROM outbox WHERE id > ? AND (? OR event_key NOT LIKE 'list.%') ORDER BY id",
            outbox_id,
            lists,
        )
        people: dict[str, list[str]] = {}
        for row in rows:
            if receipts or row["template"] != "staff_receipt":
                people.setdefault(_NAMES.get(row["recipient"], "pengguna"), []).append(str(row["template"]))
        both = [name for name in people.get("petugas", []) if name in people.get("rekan", [])]
        if both:
            people["semua petugas"] = both
            for who in ("petugas", "rekan"):
                people[who] = [name for name in people[who] if name not in both]
        return {who: sorted(names) for who, names in people.items() if names}

    def words_since(self, outbox_id: int) -> dict[str, str]:
        """Party → the plain text of every mail put into the outbox since, in one line."""
        words: dict[str, str] = {}
        for row in self.world.sent("id > ?", outbox_id):
            who = _NAMES.get(row["recipient"], "pengguna")
            words[who] = " ".join([words.get(who, ""), *letter(row["raw"]).text.split()])
        return words


_NAMES = {address: name for name, address in PEOPLE.items()}
