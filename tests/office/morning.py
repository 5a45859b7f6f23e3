"""A busy morning: eleven tickets come to a desk of three, real mails through an office on paper.

Five are settled, by answers, requests, links and LKPP; six are left lying: one with LKPP, one P1, one whose user has
written twice. `played` keeps every mail; what follows is the tests'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot.store.database import to_instant, to_text
from tests.happenings import office
from tests.steps import links, results
from tests.world import PEOPLE, Letter, PaperWorld

BUDI = "budi.staf@batangkab.test"
OFFICERS = (PEOPLE["petugas"], PEOPLE["rekan"], BUDI)
STAFF = [{"name": name, "address": address} for name, address in zip(("Sari", "Joko", "Budi"), OFFICERS, strict=True)]
DAY = "2026-10-05"

FORM = """\
#loket
Hari/Tanggal Konsultasi : Senin, 5 Oktober 2026
Waktu : 10.15 - 10.25
A. IDENTITAS PENGGUNA SPSE
a. Nama : Wati Rahayu
b. Nama Instansi/Perusahaan : CV Mekar
c. Alamat : Jl. Mawar 3, Batang
d. Nomor Telepon/HP : 0812-3456-7890
e. Alamat E-mail : wati@mekar.example
B. PERMASALAHAN
Tidak dapat membuka dokumen pemilihan.
C. JAWABAN/SOLUSI PERMASALAHAN
Peramban diperbarui di loket, dokumen sudah dapat dibuka.
Pemberi Penjelasan : Joko
"""


@dataclass
class Morning:
    """tickets: what each is → its number."""

    world: PaperWorld
    tickets: dict[str, str] = field(default_factory=dict)

    def at(self, clock: str) -> None:
        """A round at this time of the day, and each quarter of an hour before it."""
        while (early := self.world.now.timestamp() + 900) < self._moment(clock):
            self.world.now = self.world.now.fromtimestamp(early, tz=self.world.now.tzinfo)
            assert self.world.once()
        self.world.at(f"{DAY} {clock}")
        assert self.world.once()

    def _moment(self, clock: str) -> float:
        now = self.world.now
        self.world.at(f"{DAY} {clock}")
        then, self.world.now = self.world.now, now
        return then.timestamp()

    def comes(self, clock: str, what: str, who: str, subject: str, text: str) -> None:
        """A user's new mail; a ticket."""
        self.at(clock)
        self.writes(who, text, subject=subject)
        self.named(what)

    def writes(self, who: str, text: str, **more: Any) -> None:
        """Somebody's mail, proven; handled at once."""
        name, _, domain = who.partition("@")
        self.world.write(who, text, sender=f"{name.title()} <{who}>", headers=[results("pass", domain)], **more)
        assert self.world.once()

    def named(self, what: str) -> None:
        """The ticket that has come last."""
        [row] = self.world.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1")
        assert str(row["number"]) not in self.tickets.values()
        self.tickets[what] = str(row["number"])

    def last(self, who: str, template: str, what: str) -> Letter:
        """The last mail of this kind that somebody has of a ticket."""
        number = self.tickets[what]
        found = [mail for mail in self.world.letters(who) if mail.template == template]
        return [mail for mail in found if mail.message["X-Mailbot-Ticket"] == number][-1]

    def answers(self, clock: str, who: str, template: str, what: str, text: str) -> None:
        """A plain reply to a mail of ours."""
        self.at(clock)
        self.writes(who, text, answers=self.last(who, template, what))

    def uses(self, clock: str, who: str, template: str, what: str, link: str, words: str = "") -> None:
        """A link of a mail, with what is typed below."""
        self.at(clock)
        found = self.last(who, template, what)
        [body] = [body for command, body in links(found).items() if command.startswith(link)]
        self.writes(who, f"{body}{words}", subject=found.subject)


def played(folder: Path) -> Morning:
    """From 07.30 to 12.00."""
    world = office(folder, staff=STAFF)
    world.at(f"{DAY} 07:30")
    assert world.once()
    day = Morning(world)
    sari, joko, lkpp = PEOPLE["petugas"], PEOPLE["rekan"], PEOPLE["lkpp"]
    andi, citra, dewi, eko, gita = (f"{who}@{who}.example" for who in ("andi", "citra", "dewi", "eko", "gita"))

    day.comes("07:40", "asked", andi, "Mendaftar", "Yth. Admin, bagaimana cara mendaftar sebagai penyedia?")
    day.answers("07:52", sari, "staff_new_ticket", "asked", "Silakan mendaftar pada halaman SPSE.")
    day.comes("08:05", "data", citra, "Gagal unggah", "Unggah dokumen penawaran kami gagal terus.")
    day.uses("08:15", joko, "staff_new_ticket", "data", "#minta-data", "Mohon kirim kode tender dan galatnya.")
    day.answers("08:20", andi, "user_answer", "asked", "SELESAI")
    day.comes("08:30", "solved by LKPP", dewi, "Galat 500", "Halaman penawaran menampilkan galat 500. HP: 081234567891")
    day.uses("08:36", sari, "staff_new_ticket", "solved by LKPP", "#ambil")
    day.uses("08:40", sari, "staff_new_ticket", "solved by LKPP", "#eskalasi", "\nRingkasan: galat 500 sejak pagi.")
    day.answers("08:50", citra, "user_request", "data", "Kode tender 87654321, galatnya ukuran berkas.")
    day.answers("09:00", joko, "staff_user_reply", "data", "Ukuran berkas paling besar 10 MB, mohon dibagi.")
    day.answers("09:10", andi, "user_closed", "asked", "Terima kasih banyak atas bantuannya.")
    day.comes("09:20", "answered twice", eko, "Tidak bisa masuk", "Kami tidak bisa login SPSE sejak pagi.")
    day.answers("09:30", sari, "staff_new_ticket", "answered twice", "Silakan gunakan menu Lupa Password.")
    day.answers("09:40", lkpp, "lkpp_escalation", "solved by LKPP", "Permasalahan telah selesai kami perbaiki.")
    day.uses("09:50", eko, "user_answer", "answered twice", "BELUM", "tautannya tidak sampai.")
    day.answers("10:00", sari, "staff_user_reply", "answered twice", "Tautan kami kirim ulang, mohon periksa spam.")
    day.uses("10:05", dewi, "user_resolved", "solved by LKPP", "SELESAI")
    day.at("10:30")
    day.writes(joko, FORM, subject="Kunjungan")
    day.named("at the counter")

    # Left lying.
    day.comes(
        "10:40",
        "with LKPP",
        "fajar@fajar.example",
        "Tanda tangan",
        "Tanda tangan kontrak gagal, galat 403. HP: 081234567892",
    )
    day.uses("10:50", joko, "staff_new_ticket", "with LKPP", "#eskalasi", "\nRingkasan: tanda tangan kontrak gagal.")
    day.comes("11:00", "written twice", gita, "Pelatihan", "Apakah jadwal pelatihan SPSE bulan ini sudah ada?")
    stranger = f"[{day.tickets['with LKPP']}] Tanya"
    day.comes(
        "11:10",
        "of a stranger",
        "hadi@hadi.example",
        stranger,
        "Saya bukan pengirim tiket itu, tetapi kendala kami sama.",
    )
    day.answers("11:15", gita, "user_acknowledgement", "written twice", "Kami juga ingin tahu tempatnya.")
    day.comes(
        "11:20", "a question", "indah@indah.example", "Sertifikat", "Bagaimana cara memperbarui sertifikat elektronik?"
    )
    day.comes("11:30", "a change", "joni@joni.example", "Alamat", "Kami ingin mengubah alamat perusahaan pada SPSE.")
    day.comes(
        "11:45",
        "P1",
        "kiki@kiki.example",
        "Mendesak",
        "Batas akhir penawaran hari ini pukul 14.00, unggah gagal terus.",
    )
    day.at("12:00")
    return day


#: The working days that follow, of a month without holidays.
LYING = ("2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09", "2026-10-12", "2026-10-13", "2026-10-14")


def left_lying(day: Morning) -> None:
    """Nobody does anything for eight working days, the rest of this one among them: a round whenever something falls
    due, and each quarter of an hour of service."""
    world = day.world
    for date in LYING:
        for opens, closes in world.site.calendar.service(datetime.fromisoformat(date).date()):
            at = max(opens, world.now)
            while at <= closes:
                world.now = at
                assert world.once()
                [row] = world.rows(
                    "SELECT min(due) AS due FROM deadlines WHERE ended_at IS NULL AND due > ?", to_text(at)
                )
                at = min(to_instant(row["due"]), at + timedelta(minutes=15))
