"""What happens to each matter of the month: who writes what to whom, when, and what he means by it.

A life is a generator: it writes, and yields the instant at which it goes on. What each mail means stands in the script
(`Stage.write`) under its Message-ID; the counting reads it there and never in a mail's words.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from tests.month.officetime import WIB, OfficeTime, hours_of
from tests.steps import links
from tests.world import Letter

Life = Generator[datetime, None, None]
STAFF = ("petugas", "rekan", "ketiga")
LKPP, COORDINATOR = "lkpp", "koordinator"


@dataclass(frozen=True)
class Problem:
    """What a user writes about: its priority, its rekap category, its kind by the Daftar Istilah, and the
    code of what it is about."""

    title: str
    words: str
    priority: int
    category: str
    nature: str
    code: str


_LOST, _WRONG, _WISH = "Gangguan", "Permasalahan", "Permintaan Layanan"
PROBLEMS = (
    Problem("Lupa kata sandi", "Kami lupa kata sandi SPSE. Mohon bantuannya.", 3, "Konsultasi", _WISH, "AKUN_PASSWORD"),
    Problem("Gagal login", "Kami gagal login SPSE pada saat tender berlangsung.", 2, "Konsultasi", _LOST, "AKUN_LOGIN"),
    Problem("Gagal unggah", "Gagal unggah penawaran, batas akhir hari ini.", 1, "Konsultasi", _LOST, "PENAWARAN_KIRIM"),
    Problem("Cara mendaftar", "Bagaimana cara mendaftar sebagai penyedia?", 3, "Pertanyaan", _WISH, "DAFTAR_VERIF"),
    Problem("Jadwal bimtek", "Kapan jadwal bimbingan teknis SPSE berikutnya?", 4, "Pertanyaan", _WISH, "INFO"),
    Problem("Ganti e-mail", "Mohon perubahan alamat e-mail akun kami.", 3, "Konsultasi", _WISH, "AKUN_EMAIL"),
    Problem("Pengaduan", "Kami kecewa dengan pelayanan petugas yang tidak ramah.", 3, "Pengaduan", _WISH, "LAIN"),
    Problem("Data SIKaP", "Data SIKaP kami gagal ditarik.", 2, "Konsultasi", _WRONG, "SIKAP"),
    Problem("Penggantian NPWP", "Mohon penggantian NPWP perusahaan kami.", 2, "Konsultasi", _WRONG, "ADP_NPWP"),
    Problem("Verifikasi akun", "Mohon verifikasi akun penyedia kami.", 3, "Konsultasi", _WISH, "DAFTAR_VERIF"),
)  # fmt: skip
_OF_FEW_WORDS = next(problem for problem in PROBLEMS if problem.title == "Data SIKaP")
_FIRST = ("Budi", "Siti", "Rina", "Agus", "Dewi", "Hadi", "Wati", "Tono", "Lestari", "Yusuf", "Putri", "Bambang")
_LAST = ("Santoso", "Aminah", "Wijaya", "Kusuma", "Rahayu", "Hartono", "Utami", "Nugroho", "Saputra", "Permata")


class Stage(Protocol):
    """Where the play is given."""

    time: OfficeTime

    @property
    def now(self) -> datetime: ...

    def write(
        self,
        who: str,
        meaning: Mapping[str, Any],
        text: str,
        *,
        answers: Letter | None = None,
        subject: str | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        headers: Sequence[tuple[str, str]] = (),
        twice: bool = False,
    ) -> str: ...

    def find(self, who: str, template: str, number: str) -> Letter | None: ...

    def opened_by(self, message_id: str) -> str | None: ...

    def reply_to(self, message_id: str) -> Letter | None: ...

    def bounce(self, meaning: Mapping[str, Any], letter: Letter, who: str) -> None: ...


@dataclass
class Matter:
    """One matter of one user. officer: who of the staff takes care of it. reachable: whether a form has the address."""

    stage: Stage
    case: int
    dice: random.Random
    number: str = ""
    answers: int = 0
    reachable: bool = True
    problem: Problem = field(init=False)
    officer: str = field(init=False)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.problem = self.dice.choice(PROBLEMS)
        self.officer = self.dice.choice(STAFF)
        self.name = f"{self.dice.choice(_FIRST)} {self.dice.choice(_LAST)}"

    @property
    def address(self) -> str:
        return f"{self.name.split()[0].lower()}{self.case}@penyedia.test"

    @property
    def firm(self) -> str:
        return f"CV Contoh {self.case}"

    @property
    def phone(self) -> str:
        return f"0812{34560000 + self.case}"

    @property
    def words(self) -> str:
        return f"{self.problem.words} Perkara {self.case:04}."

    # --- when ------------------------------------------------------------------------------------

    def office(self, least: int, most: int) -> datetime:
        """After so many minutes of service, or a little later: somebody at work acts."""
        return self.stage.time.after_minutes(self.stage.now, self.dice.randint(least, most))

    def days(self, least: int, most: int) -> datetime:
        """Some time in service hours, so many days of service later."""
        at = self.stage.time.after_days(self.stage.now, self.dice.randint(least, most))
        return self.stage.time.after_minutes(at, self.dice.randint(1, 90))

    def any_time(self, least: float, most: float) -> datetime:
        """So many hours later by the wall, also at night: users write when they like."""
        return self.stage.now + timedelta(seconds=int(3600 * self.dice.uniform(least, most)))

    # --- mails -----------------------------------------------------------------------------------

    def write(self, who: str, what: str, text: str, **more: Any) -> str:
        """One mail. Keyword arguments that no mail has are what more it means."""
        mail = {key: more.pop(key) for key in ("answers", "subject", "files", "headers", "twice") if key in more}
        return self.stage.write(who, {"case": self.case, "what": what, **more}, text, **mail)

    def got(self, who: str, template: str) -> Generator[datetime, None, Letter]:
        """Wait for the mail that is to be answered (the last such mail of the ticket)."""
        for _ in range(2000):
            found = self.stage.find(who, template, self.number)
            if found is not None:
                return found
            yield self.stage.now + timedelta(minutes=10)
        raise AssertionError(f"case {self.case} ({self.number}): {who} has no {template}")

    def asks(self, also: str = "", **more: Any) -> Life:
        """The user's new mail, and its ticket's number."""
        problem = self.problem
        identity = f"Nama: {self.name}\nInstansi: {self.firm}\nHP: {self.phone}\n"
        text = f"Yth. Admin LPSE,\n\n{self.words}{also}\n\n{identity}"
        sent = self.write(
            self.address,
            "new",
            text,
            subject=problem.title,
            **self._about(problem),
            **more,
        )
        yield from self.numbered(sent)

    def _about(self, problem: Problem) -> dict[str, Any]:
        about = {key: value for key, value in asdict(problem).items() if key not in ("title", "words")}
        return {**about, "name": self.name, "firm": self.firm}

    def numbered(self, sent: str) -> Life:
        for _ in range(500):
            number = self.stage.opened_by(sent)
            if number is not None:
                self.number = number
                return
            yield self.stage.now + timedelta(minutes=10)
        raise AssertionError(f"case {self.case}: no number")

    def says(self, template: str, what: str, text: str, **more: Any) -> Life:
        """The user replies."""
        letter = yield from self.got(self.address, template)
        self.write(self.address, what, text, answers=letter, **more)

    def does(self, template: str, what: str, text: str, who: str = "", **more: Any) -> Life:
        """An officer replies to a mail of the ticket."""
        who = who or self.officer
        letter = yield from self.got(who, template)
        self.write(who, what, text, answers=letter, **more)

    def lkpp(self, template: str, what: str, text: str, **more: Any) -> Life:
        letter = yield from self.got(LKPP, template)
        self.write(LKPP, what, text, answers=letter, **more)

    def answer(self, template: str = "staff_new_ticket", who: str = "") -> Life:
        self.answers += 1
        mark = f"Jawaban {self.case:04}-{self.answers}"
        words = f"Akun Bapak/Ibu sudah kami periksa dan perbaiki. {mark}."
        plain = template in ("staff_new_ticket", "staff_user_reply") and self.dice.random() < 0.5
        yield from self.does(template, "answer", words if plain else f"#jawab {words}", who, answer=mark)

    def escalate(self, template: str = "staff_new_ticket", known: datetime | None = None) -> Life:
        words = "Penyedia tidak dapat melanjutkan pekerjaannya. Kata sandi telah direset, cache telah dikosongkan."
        text = f"#eskalasi {words}"
        if known is not None:
            text = f"#eskalasi\nRingkasan:\n{words}\nDiketahui tidak dapat ditangani pukul: {known:%H.%M}"
        yield from self.does(template, "escalate", text, known=known.isoformat() if known else None)

    def solved(self, template: str = "lkpp_escalation") -> Life:
        self.answers += 1
        mark = f"Solusi {self.case:04}-{self.answers}"
        words = f"Permasalahan telah selesai ditangani. Silakan login kembali. {mark}."
        yield from self.lkpp(template, "solved", words, answer=mark)

    def confirm(self, template: str) -> Life:
        yield from self.says(template, "done", "SELESAI, terima kasih")


# --- by mail --------------------------------------------------------------------------------------------


def confirmed(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(5, 200)
    yield from one.answer()
    yield one.any_time(1, 20)
    yield from one.confirm("user_answer")


def silent(one: Matter) -> Life:
    """Answered; the user says nothing more."""
    yield from one.asks()
    yield one.office(5, 400)
    yield from one.answer()


def thanked(one: Matter) -> Life:
    """Thanks alone change nothing; silence closes."""
    yield from one.asks()
    yield one.office(5, 100)
    yield from one.answer()
    yield one.any_time(1, 10)
    yield from one.says("user_answer", "thanks", "Terima kasih.")


def surveyed(one: Matter) -> Life:
    yield from confirmed(one)
    yield one.any_time(2, 40)
    asked = ("Kemudahan prosedur", "Kecepatan penyelesaian", "Kejelasan jawaban", "Kesopanan dan keramahan")
    marks = [one.dice.randint(2, 4) for _ in asked]
    lines = "".join(f"{name}: {mark}\n" for name, mark in zip(asked, marks, strict=True))
    yield from one.says("user_closed", "survey", f"{lines}Terima kasih", marks=marks)


def not_yet(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(5, 100)
    yield from one.answer()
    yield one.any_time(1, 30)
    yield from one.says("user_answer", "not_yet", "BELUM, masih muncul pesan kesalahan yang sama.")
    yield one.office(10, 300)
    yield from one.answer("staff_user_reply")
    if one.dice.random() < 0.5:
        yield one.any_time(1, 30)
        yield from one.confirm("user_answer")


def asked(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(5, 60)
    yield from one.does("staff_new_ticket", "ask", "#minta-data Mohon kirimkan pindaian akta perusahaan.")
    yield one.any_time(2, 20)
    yield from one.says("user_request", "says", "Berikut pindaian akta kami.", files=[("akta.png", b"\x89PNG1")])
    yield one.office(10, 300)
    yield from one.answer("staff_user_reply")


def asked_in_vain(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(5, 60)
    yield from one.does("staff_new_ticket", "ask", "#minta-data Mohon kirimkan pindaian NPWP perusahaan.")


def informed(one: Matter) -> Life:
    """A word in between, and the answer later."""
    yield from one.asks()
    yield one.office(3, 60)
    yield from one.does("staff_new_ticket", "info", "#info Sedang kami periksa bersama Admin PPE.")
    yield one.office(30, 600)
    yield from one.answer("staff_receipt" if one.dice.random() < 0.3 else "staff_new_ticket")


def filled_in(one: Matter) -> Life:
    """Taken, with fields of the rekap and a note; a colleague answers."""
    yield from one.asks()
    yield one.office(1, 20)
    yield from one.does("staff_new_ticket", "take", "#ambil")
    level = one.dice.choice((1, 2, 3, 4))
    yield one.office(10, 30)
    yield from one.does("staff_new_ticket", "priority", f"#prioritas {level}", level=level)
    kind = one.dice.choice(("pengaduan", "pertanyaan", "konsultasi"))
    yield one.office(10, 30)
    yield from one.does("staff_new_ticket", "category", f"#kategori {kind}", kind=kind.capitalize())
    yield one.office(10, 30)
    yield from one.does("staff_new_ticket", "destination", "#tujuan Direktorat Pengembangan SPSE",
                        name="Direktorat Pengembangan SPSE")  # fmt: skip
    yield one.office(10, 30)
    yield from one.does("staff_new_ticket", "note", "#catat Sudah ditelepon.")
    yield one.office(10, 200)
    colleague = one.dice.choice([who for who in STAFF if who != one.officer])
    yield from one.answer(who=colleague)


def lkpp_solves(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 100)
    knew = one.stage.now.astimezone(WIB).replace(second=0) - timedelta(minutes=one.dice.randint(2, 9))
    known = knew if one.dice.random() < 0.3 else None
    yield from one.escalate(known=known)
    yield one.office(60, 500)
    if one.dice.random() < 0.5:
        words = "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP, mohon ditunggu."
        yield from one.lkpp("lkpp_escalation", "progress", words)
        yield one.office(60, 400)
    yield from one.solved()
    if one.dice.random() < 0.6:
        yield one.any_time(1, 30)
        yield from one.confirm("user_resolved")


def lkpp_is_slow(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.escalate()
    yield one.days(3, 8)
    yield from one.lkpp(
        "lkpp_status_enquiry", "progress", "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP."
    )
    yield one.days(1, 4)
    yield from one.solved("lkpp_status_enquiry")
    if one.dice.random() < 0.5:
        yield one.any_time(1, 30)
        yield from one.confirm("user_resolved")


def lkpp_says_nothing(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.escalate()


def lkpp_asks(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.escalate()
    yield one.office(30, 600)
    yield from one.lkpp("lkpp_escalation", "data_request", "Mohon dilengkapi screenshot dan kode tender.")
    yield one.any_time(3, 60)
    yield from one.says(
        "user_data_request",
        "data",
        "Berikut data yang diminta. Kode tender 87654321.",
        files=[("layar.png", b"\x89PNG2")],
    )
    yield one.days(0, 4) if one.dice.random() < 0.5 else one.office(30, 300)
    yield from one.solved()


def lkpp_asks_in_vain(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.escalate()
    yield one.office(30, 600)
    yield from one.lkpp("lkpp_escalation", "data_request", "Mohon dilengkapi screenshot dan kode tender.")
    yield one.days(5, 9)
    one.answers += 1
    mark = f"Penutup {one.case:04}-{one.answers}"
    yield from one.does(
        "staff_new_ticket", "close", f"#tutup Data tidak kami terima, tiket kami tutup. {mark}.", answer=mark
    )


def given_back(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.escalate()
    yield one.office(30, 600)
    words = "Permasalahan tersebut merupakan kewenangan LPSE, silakan dapat ditangani oleh Admin PPE."
    yield from one.lkpp("lkpp_escalation", "returned", words)
    yield one.office(20, 700)
    yield from one.answer("staff_returned")


def received_first(one: Matter) -> Life:
    """LKPP's mere receipt changes nothing."""
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.escalate()
    yield one.office(10, 20)
    yield from one.lkpp("lkpp_escalation", "received", "Laporan telah kami terima.")
    yield one.days(2, 3)
    yield from one.solved()


def lkpp_out_of_reach(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.escalate()
    letter = yield from one.got(LKPP, "lkpp_escalation")
    yield one.office(11, 30)
    one.stage.bounce({"case": one.case, "what": "bounce_lkpp"}, letter, LKPP)
    yield one.office(20, 500)
    yield from one.answer("staff_undeliverable")


def discarded(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 300)
    yield from one.does("staff_new_ticket", "discard", "#buang")


def merged(one: Matter) -> Life:
    """The user writes a second mail instead of a reply; staff make one ticket of the two."""
    yield from one.asks()
    first = one.number
    yield one.any_time(1, 5)
    yield from one.asks(" Kami menunggu kabar.")
    yield one.office(10, 60)
    yield from one.does("staff_new_ticket", "merge", f"#gabung {first}", into=first)
    one.number = first
    yield one.office(20, 200)
    yield from one.answer()
    yield one.any_time(1, 20)
    yield from one.confirm("user_answer")


def opened_again(one: Matter) -> Life:
    yield from confirmed(one)
    yield one.any_time(20, 100)
    about = one._about(one.problem)
    yield from one.says("user_closed", "again", "Ternyata muncul kembali pesan kesalahan, mohon dibantu.", **about)
    yield one.office(10, 500)
    yield from one.answer("staff_user_reply")


def long_after(one: Matter) -> Life:
    """What comes later than a week after closing is a matter of its own; the week ends in service hours."""
    yield from confirmed(one)
    yield one.any_time(24 * 7, 24 * 11)
    letter = yield from one.got(one.address, "user_closed")
    words, before = f"Ternyata muncul kembali pesan kesalahan. Perkara {one.case:04}.", one.number
    sent = one.write(one.address, "again", words, answers=letter, **one._about(one.problem))
    yield from one.numbered(sent)
    yield one.office(10, 300)
    yield from one.answer("staff_user_reply" if one.number == before else "staff_new_ticket")


def reopened_by_staff(one: Matter) -> Life:
    yield from confirmed(one)
    yield one.office(30, 900)
    yield from one.does("staff_new_ticket", "reopen", "#buka")
    yield one.office(30, 300)
    yield from one.answer("staff_receipt")


def doubted_by_staff(one: Matter) -> Life:
    """`#buka` before the user has said anything."""
    yield from one.asks()
    yield one.office(10, 100)
    yield from one.answer()
    yield one.office(30, 300)
    yield from one.does("staff_new_ticket", "reopen", "#buka")
    yield one.office(30, 600)
    yield from one.answer()


def closed_with_words(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 300)
    one.answers += 1
    mark = f"Penutup {one.case:04}-{one.answers}"
    yield from one.does(
        "staff_new_ticket", "close", f"#tutup Silakan gunakan peramban versi terbaru. {mark}.", answer=mark
    )


def closed_without_words(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(10, 300)
    yield from one.does("staff_new_ticket", "close", "#tutup")


def user_out_of_reach(one: Matter) -> Life:
    """His mailbox refuses the answer: silence closes nothing."""
    yield from one.asks()
    yield one.office(10, 200)
    yield from one.answer()
    letter = yield from one.got(one.address, "user_answer")
    yield one.office(11, 30)
    one.stage.bounce({"case": one.case, "what": "bounce_user"}, letter, one.address)
    yield one.days(5, 7)
    yield from one.does("staff_undeliverable", "close", "#tutup")


def user_away(one: Matter) -> Life:
    """An out-of-office reply changes nothing."""
    yield from one.asks()
    yield one.office(10, 200)
    yield from one.answer()
    yield one.any_time(0.3, 1)
    text = "Saya sedang cuti sampai tanggal 30. Balasan ini dikirim secara otomatis."
    yield from one.says("user_answer", "away", text, subject="Balasan otomatis: Mohon bantuan",
                        headers=[("Auto-Submitted", "auto-replied")])  # fmt: skip


def came_twice(one: Matter) -> Life:
    """The same mail is delivered a second time."""
    yield from one.asks(twice=True)
    yield one.office(10, 200)
    yield from one.answer()


def machine(one: Matter) -> Life:
    """A circular of a robot: no ticket."""
    one.write("siaran@berita.test", "machine", "Buletin pekan ini.", subject="Buletin",
              headers=[("Precedence", "bulk"), ("List-Id", "<berita.test>")])  # fmt: skip
    return
    yield


def late(one: Matter) -> Life:
    """Nobody acts in time; the reason is given."""
    yield from one.asks()
    yield one.days(2, 5)
    yield from one.answer()
    yield one.office(15, 60)
    yield from one.does("staff_new_ticket", "reason", "#alasan LPSE: Jaringan kantor terputus.")


def put_off(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(5, 30)
    yield from one.does("staff_new_ticket", "info", "#info Sedang kami periksa.")
    yield one.office(15, 20)
    days = one.dice.randint(4, 6)
    yield from one.does(
        "staff_new_ticket", "postpone", f"#tunda {days} hari kerja menunggu jadwal Admin PPE", days=days
    )
    yield one.days(1, 7)
    yield from one.answer()


def directed(one: Matter) -> Life:
    yield from one.asks()
    yield one.office(5, 60)
    yield from one.does("staff_new_ticket", "coordinator", "#koordinator Mohon arahan atas permasalahan ini.")
    yield one.office(20, 900)
    letter = yield from one.got(COORDINATOR, "coordinator_direction")
    one.write(COORDINATOR, "direction", "Silakan diselesaikan oleh Admin PPE.", answers=letter)
    yield one.office(20, 300)
    yield from one.answer("staff_direction")


def waits(one: Matter) -> Life:
    """Nobody acts at all."""
    yield from one.asks()


def writes_more(one: Matter) -> Life:
    """More words of the user, before anybody has acted."""
    yield from one.asks()
    yield one.office(20, 40)
    yield from one.says("user_acknowledgement", "says", "Sebagai tambahan, kami memakai peramban Firefox.")
    yield one.office(20, 300)
    yield from one.answer("staff_user_reply")


# --- by telephone, at the counter, and in LPSE Support -----------------------------------------------------


def _form(one: Matter, held: datetime, minutes: int, words: str, solution: str) -> str:
    lines = [
        f"Hari/Tanggal Konsultasi : {held:%d/%m/%Y}",
        f"Waktu : {held:%H.%M} - {held + timedelta(minutes=minutes):%H.%M}",
        f"a. Nama : {one.name}",
        f"b. Nama Instansi/Perusahaan : {one.firm}",
        f"d. Nomor Telepon/HP : {one.phone}",
        *([f"Alamat E-mail : {one.address}"] if one.reachable else []),
        "B. PERMASALAHAN",
        words,
    ]
    return "\n".join([*lines, *(["C. JAWABAN/SOLUSI PERMASALAHAN", solution] if solution else [])])


def _records(one: Matter, channel: str, held: datetime, *, solved: bool, letter: Letter | None = None) -> Life:
    """Staff record a call or a visit; `letter`: as a further one of its ticket."""
    minutes, mark = one.dice.randint(3, 12), ""
    if solved:
        one.answers += 1
        mark = f"Penjelasan {one.case:04}-{one.answers}"
    solution = f"Silakan memakai menu yang tersedia. {mark}." if solved else ""
    words = one.words
    if (
        channel == "lpse-support"
    ):  # the code's mail repeats the form: six words of it in another's mail would be its own
        one.problem = _OF_FEW_WORDS
        words = f"Perkara {one.case:04}. {one.problem.words}"
    command = f"#{channel}" if channel != "lpse-support" else f"#lpse-support TTS-2026-{7000 + one.case}"
    sent = one.write(
        one.officer,
        "consulted",
        f"{command}\n{_form(one, held, minutes, words, solution)}",
        subject=None if letter else "Konsultasi",
        answers=letter,
        channel=channel,
        day=f"{held:%Y-%m-%d}",
        ended=(held + timedelta(minutes=minutes)).isoformat(),
        answer=mark,
        address=one.address if one.reachable else "",
        **one._about(one.problem),
    )
    if channel == "lpse-support":  # the only form for which the code is asked also where results pass
        # At once, also when service has just ended: the code counts for two hours.
        yield one.stage.now + timedelta(minutes=one.dice.randint(11, 40))
        question = one.stage.reply_to(sent)
        assert question is not None
        one.write(one.officer, "confirms", next(iter(links(question).values())), subject="Kode", of=sent)
    if letter is None:
        yield from one.numbered(sent)


def _held(one: Matter) -> datetime:
    """A while ago, on this day of service."""
    return one.stage.now.astimezone(WIB).replace(second=0) - timedelta(minutes=one.dice.randint(20, 30))


def _the_day_before(one: Matter) -> datetime:
    day = one.stage.now.astimezone(WIB).date() - timedelta(1)
    while not hours_of(day):
        day -= timedelta(1)
    return datetime.combine(day, datetime.min.time(), WIB) + timedelta(hours=9, minutes=one.dice.randint(0, 90))


def explained(channel: str, day_before: float = 0.4) -> Callable[[Matter], Life]:
    """Recorded with its answer, on its own day or the next."""

    def life(one: Matter) -> Life:
        yield one.office(40, 100)
        held = _the_day_before(one) if one.dice.random() < day_before else _held(one)
        one.reachable = one.dice.random() < 0.6
        yield from _records(one, channel, held, solved=True)

    return life


def to_be_answered(channel: str) -> Callable[[Matter], Life]:
    """Recorded without an answer; it follows by mail."""

    def life(one: Matter) -> Life:
        yield one.office(40, 100)
        yield from _records(one, channel, _held(one), solved=False)
        yield one.office(20, 500)
        yield from one.answer("staff_receipt")

    return life


def came_back(one: Matter) -> Life:
    """A mail, then a visit about it, with or without an explanation."""
    yield from one.asks()
    yield one.office(60, 120)
    letter = yield from one.got(one.officer, "staff_new_ticket")
    solved = one.dice.random() < 0.5
    yield from _records(one, one.dice.choice(("telepon", "loket")), _held(one), solved=solved, letter=letter)
    if not solved:
        yield one.office(20, 300)
        yield from one.answer()


def called_about_it(one: Matter) -> Life:
    """A call that is answered, and a further one about the closed ticket."""
    yield from explained("telepon")(one)
    yield one.days(1, 3)
    letter = yield from one.got(one.officer, "staff_receipt")
    yield from _records(one, "telepon", _held(one), solved=True, letter=letter)


#: How often each life is lived, in a hundred.
LIVES: Mapping[Callable[[Matter], Life], int] = {
    confirmed: 7,
    silent: 6,
    thanked: 2,
    surveyed: 3,
    not_yet: 4,
    asked: 4,
    asked_in_vain: 3,
    informed: 3,
    filled_in: 4,
    lkpp_solves: 6,
    lkpp_is_slow: 5,
    lkpp_says_nothing: 2,
    lkpp_asks: 5,
    lkpp_asks_in_vain: 2,
    given_back: 3,
    received_first: 2,
    lkpp_out_of_reach: 1,
    discarded: 2,
    merged: 2,
    opened_again: 3,
    long_after: 1,
    reopened_by_staff: 2,
    doubted_by_staff: 2,
    closed_with_words: 2,
    closed_without_words: 1,
    user_out_of_reach: 1,
    user_away: 1,
    came_twice: 1,
    machine: 1,
    late: 4,
    put_off: 2,
    directed: 2,
    waits: 2,
    writes_more: 2,
    explained("telepon"): 4,
    explained("loket"): 3,
    to_be_answered("telepon"): 2,
    to_be_answered("loket"): 2,
    explained("lpse-support"): 1,
    to_be_answered("lpse-support"): 1,
    came_back: 2,
    called_about_it: 1,
}


def cast(stage: Stage, count: int, first: date, last: date, seed: int) -> Iterator[tuple[datetime, Life]]:
    """All lives with the instants at which they begin: from some days before the month until some days behind it, and
    at the edges of it by the office's clock, which is hours ahead of UTC."""
    dice = random.Random(seed)
    kinds, midnight = list(LIVES), datetime.min.time()
    chosen = dice.sample(kinds, min(count, len(kinds)))
    chosen += dice.choices(kinds, weights=[LIVES[kind] for kind in kinds], k=count - len(chosen))
    begin, end = (datetime.combine(day, midnight, WIB) for day in (first - timedelta(4), last + timedelta(4)))
    plans = [(_wakes(begin, end, dice), kind) for kind in chosen]
    for day in (first, last + timedelta(1)):
        edge = datetime.combine(day, midnight, WIB)
        plans += [(edge - timedelta(seconds=1), silent), (edge, silent), (edge, explained("telepon", day_before=1))]
    for case, (at, kind) in enumerate(plans, 1):
        yield at, kind(Matter(stage, case, random.Random(f"{seed}.{case}")))


def _wakes(begin: datetime, end: datetime, dice: random.Random) -> datetime:
    """Some instant; most of them in the daytime of a day of service."""
    while True:
        at = begin + timedelta(seconds=dice.randrange(int((end - begin).total_seconds())))
        if (hours_of(at.date()) and 7 <= at.hour < 16) or dice.random() < 0.12:
            return at
