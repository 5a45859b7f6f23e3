"""Who writes to whom: the case as it stands, the mail that is answered, the words, and who may read what.

A scene's office is made once and kept as the bytes of its database; each case begins with these.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.steps import IDENTITY, links, minutes_later, opened, staff_writes
from tests.world import NO_CAPS, PEOPLE, Letter, PaperWorld

# Words that stand nowhere else. Digits only where a password is meant: what has digits could be the data LKPP asks for.
OLD_PASSWORD, PASSWORD = "KenariLama7xq", "KenariBaru7xq"
DIRECTION = "Kenariarahanq"  # the coordinator's, in a notice to staff
SUMMARY = "Kenariringkasanq"  # of staff to LKPP
NEIGHBOUR = "Kenaritetanggaq"  # of another user's ticket
SUBJECT = "Kenariperihalq"  # in the subject of a mail of staff or LKPP
FOR_LPSE = "Kenarirahasiaq"  # LKPP's, for the LPSE alone
PASSWORDS = (OLD_PASSWORD, PASSWORD)
#: What stands in mails to staff only.
INTERNAL = ("Hanya untuk penggunaan internal", "Usulan mailbot", "Langkah berikutnya")

INSIDE = frozenset(PEOPLE[who] for who in ("petugas", "rekan", "koordinator", "kepala"))

#: Spellings of a password in a user's sentence.
SPELLINGS = (
    f"password: {PASSWORD}",
    f"Sandi Apendo = {PASSWORD}",
    f"pass. {PASSWORD}",
    f"password --> {PASSWORD}",
    f"kata sandi kami {PASSWORD}",
)
#: Sentences of LKPP for the LPSE alone.
ASIDES = (
    f"Catatan untuk petugas saja: {FOR_LPSE} jangan sampaikan ke penyedia.",
    f"Mohon {FOR_LPSE} tidak diteruskan kepada pelaku usaha yang bersangkutan.",
    f"Untuk internal LPSE: {FOR_LPSE}.",
    f"Akun admin sementara: admin_batang, password: {FOR_LPSE}-99x",
    f"Permasalahan serupa dialami CV {FOR_LPSE} JAYA, NPWP 01.234.567.8-901.000.",
)
OF_USER = (
    "Merpati, kode tender kami 87654321 dan galatnya nomor 500.",
    "Jalak masih ditolak oleh sistem, {spelling}",
    "Cendrawasih sudah kami coba dengan peramban lain juga.",
)
OF_USER_ON = (
    "Merpati belum berhasil, galatnya masih nomor 500.",
    "Jalak masih ditolak oleh sistem, {spelling}",
    "Cendrawasih sudah kami coba dengan peramban lain juga.",
)
OF_STAFF = (
    "Merpati silakan gunakan menu pemulihan akun pada halaman masuk.",
    "Jalak hapus juga tembolok peramban sebelum mencoba kembali.",
    "Cendrawasih bila perlu kirimkan tangkapan layar yang terbaru.",
)
OF_LKPP = (
    "Permasalahan telah selesai kami perbaiki.",
    "Akun penyedia sudah dapat digunakan kembali.",
    "Silakan dicoba kembali dengan peramban terbaru.",
)
WITH_ASIDE = (OF_LKPP[0], "{aside}", OF_LKPP[2])


@dataclass(frozen=True, slots=True)
class Scene:
    """quoted: the mails that are quoted, (who got it, template), the newest first; several ways. reaches: for whom the
    words are, besides staff; None: there is no path, and no mail is made there. command: stands above the words."""

    name: str
    writer: str
    state: str
    quoted: tuple[tuple[tuple[str, str], ...], ...]
    words: tuple[str, ...]
    reaches: str | None = None
    command: str = ""
    #: Parties for whom no mail at all is made.
    silent: tuple[str, ...] = ()


_NOTICE, _REPLY = ("petugas", "staff_new_ticket"), ("petugas", "staff_user_reply")
_DIRECTED = ("petugas", "staff_direction")
_OTHERS = ("petugas", "notice of the neighbour")
_ASKED, _ANSWER = ("pengguna", "user_data_request"), ("pengguna", "user_answer")
_ESCALATION = ("lkpp", "lkpp_escalation")

SCENES = {
    each.name: each
    for each in (
        # An officer had the user in Cc, or sent a notice on: it comes back with the data.
        Scene(
            "user to LKPP",
            "pengguna",
            "awaiting_data",
            ((_ASKED, _DIRECTED), (_ASKED, _NOTICE), (_DIRECTED,), (_ASKED, _OTHERS)),
            OF_USER,
            "lkpp",
        ),
        Scene(
            "user to staff", "pengguna", "resolved", ((_ANSWER,), (_ANSWER, _DIRECTED)), OF_USER_ON, silent=("lkpp",)
        ),
        # No path: a stranger who names the ticket reaches staff alone.
        Scene(
            "user to user",
            "orang luar",
            "awaiting_data",
            ((_ASKED,), (_ASKED, _DIRECTED)),
            OF_USER_ON,
            silent=("pengguna", "lkpp"),
        ),
        Scene(
            "staff to user",
            "petugas",
            "new",
            ((_REPLY, _DIRECTED), (_NOTICE,), (_REPLY, _OTHERS)),
            OF_STAFF,
            "pengguna",
        ),
        Scene(
            "staff to LKPP",
            "petugas",
            "escalated",
            ((_REPLY, _DIRECTED), (_NOTICE,), (_REPLY, _OTHERS)),
            OF_STAFF,
            "lkpp",
            command="#lkpp",
            silent=("pengguna",),
        ),
        Scene(
            "staff to staff",
            "petugas",
            "new",
            ((_REPLY, _DIRECTED), (_NOTICE,)),
            OF_STAFF,
            "koordinator",
            command="#koordinator",
            silent=("pengguna", "lkpp"),
        ),
        Scene("LKPP to user", "lkpp", "escalated", ((_ESCALATION,),), OF_LKPP, "pengguna", silent=("lkpp",)),
        Scene("LKPP to staff", "lkpp", "escalated", ((_ESCALATION,),), WITH_ASIDE, silent=("lkpp",)),
        # No path: LKPP's own words never come back to LKPP by themselves, not with a notice that it quotes either.
        Scene(
            "LKPP to LKPP",
            "lkpp",
            "awaiting_data",
            ((_ESCALATION, _DIRECTED), (_ESCALATION, _OTHERS)),
            WITH_ASIDE,
            silent=("lkpp",),
        ),
    )
}


def forbidden(scene: Scene, reader: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Canaries that may stand in no mail to this reader. codes: of the links in the quoted notices."""
    if reader in INSIDE:
        return PASSWORDS
    never = (*PASSWORDS, DIRECTION, *codes, *INTERNAL, SUBJECT)
    if reader == PEOPLE["lkpp"]:
        return (*never, NEIGHBOUR)
    if reader == PEOPLE["pengguna"]:
        return (*never, NEIGHBOUR, SUMMARY, FOR_LPSE)
    return (*never, SUMMARY, FOR_LPSE, "Merpati", "Cendrawasih")


# --- offices ----------------------------------------------------------------------------------------------

#: A folder in memory, where the system has one.
_FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@dataclass
class Stage:
    """An office at the moment before the case's mail. image: its database then."""

    office: PaperWorld
    image: sqlite3.Connection
    neighbours: Letter
    found: dict[tuple[str, str], Letter] = field(default_factory=dict)
    outbox: int = 0

    def letter(self, who: str, template: str) -> Letter:
        if template == "notice of the neighbour":
            return self.neighbours
        if (who, template) not in self.found:
            self.found[who, template] = self.office.last(who, template)
        return self.found[who, template]

    def begin(self) -> None:
        """The office as it was."""
        self.image.backup(self.office.store._connection)

    def left(self) -> list[Any]:
        """Every mail made since, as `PaperWorld.sent` has them."""
        return self.office.sent("id > ?", self.outbox)


@cache
def stage(state: str) -> Stage:
    office = PaperWorld(Path(tempfile.mkdtemp(prefix="mailbot-matrix-", dir=_FAST)), limits=NO_CAPS)
    office.at("2026-12-21 08:00")
    office.write(
        "orang luar", f"Kendala kami di {NEIGHBOUR}, mohon dibantu.\nNama: Ani", subject="Tidak dapat mengunduh"
    )
    assert office.once()
    neighbours = office.last("petugas", "staff_new_ticket")
    notice = opened(office, f"Yth. Admin, kami tidak bisa login SPSE.\n{IDENTITY}Password: {OLD_PASSWORD}\n")
    assert staff_writes(office, "#koordinator Mohon arahan.", notice) == "staff_receipt"
    office.write("koordinator", f"Ikuti {DIRECTION} seperti pekan lalu.", answers=office.last("koordinator"))
    assert office.once()
    assert DIRECTION in office.last("petugas", "staff_direction").text
    office.write("pengguna", "Bagaimana kelanjutannya?", answers=office.last("pengguna", "user_acknowledgement"))
    assert office.once()
    _STATES[state](office, notice)
    minutes_later(office, 4)
    image = sqlite3.connect(":memory:")
    office.store._connection.backup(image)
    made = Stage(office, image, neighbours)
    made.outbox = int(office.rows("SELECT max(id) AS last FROM outbox")[0]["last"])
    return made


def _escalated(office: PaperWorld, notice: Letter) -> None:
    assert staff_writes(office, f"#eskalasi Login gagal sejak kemarin, {SUMMARY}.", notice) == "staff_receipt"
    assert office.status() == "escalated"


def _awaiting_data(office: PaperWorld, notice: Letter) -> None:
    _escalated(office, notice)
    office.write("lkpp", "Mohon dilengkapi screenshot dan kode tender.", answers=office.last("lkpp", "lkpp_escalation"))
    assert office.once()
    assert office.status() == "awaiting_data"


def _resolved(office: PaperWorld, notice: Letter) -> None:
    assert staff_writes(office, "Silakan gunakan menu lupa kata sandi pada halaman masuk.", notice) == "staff_receipt"
    minutes_later(office, 4)
    assert office.status() == "resolved"


_STATES: dict[str, Callable[[PaperWorld, Letter], None]] = {
    "new": lambda office, notice: None,
    "escalated": _escalated,
    "awaiting_data": _awaiting_data,
    "resolved": _resolved,
}


def codes_of(letter: Letter) -> tuple[str, ...]:
    """The codes of a notice's links, as letters and digits."""
    bodies = links(letter).values() if letter.template.startswith(("staff_", "coordinator_")) else ()
    return tuple(body.split("\n")[0].partition(":")[2].strip() for body in bodies if body.startswith("Kode:"))
