"""The receipt of every command, and of every kind of refusal, word for word: one office day, one file per receipt."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.rules.sop.names import REFUSALS
from tests import TESTS
from tests.steps import BORDER, links, results
from tests.world import LPSE, NO_CAPS, PEOPLE, Letter, PaperWorld, letter

SNAPSHOTS = TESTS / "snapshots" / "receipts"
FORM = f"""\
Hari/Tanggal Konsultasi : Senin, 21 Desember 2026
Waktu : 08.50 - 08.57
A. IDENTITAS PENGGUNA SPSE
a. Nama : Tono Wibowo
b. Nama Instansi/Perusahaan : PT Maju
c. Alamat : Jl. Mawar 3, Batang
d. Nomor Telepon/HP : 0812-3456-7890
e. Alamat E-mail : {PEOPLE["pengguna"]}
B. PERMASALAHAN
Tidak bisa login SPSE sejak kemarin.
C. JAWABAN/SOLUSI PERMASALAHAN
Silakan gunakan menu lupa kata sandi.
Pemberi Penjelasan : Joko
"""

#: The commands that a file of another name shows.
_SHOWN_AS = {"discard": "karantina-buang", "tts": "lpse-support"}
#: The table's reasons for refusing → the file that shows each. One needs another office: see
#: tests/arrivals/test_receipts.py.
_REFUSED_AS = {
    "already_with_lkpp": "ditolak-sudah-di-lkpp",
    "both_with_lkpp": "ditolak-gabung-keduanya-di-lkpp",
    "never_with_lkpp": "ditolak-belum-pernah-di-lkpp",
    "no_breach": "ditolak-tanpa-penyimpangan",
    "no_closing_there": "ditolak-tanpa-penutupan-di-lpse-support",
    "no_meaning_awaited": "ditolak-lkpp-tidak-menangani",
    "no_reply_pending": "ditolak-tanpa-balasan-lkpp",
    "not_closed": "ditolak-tidak-ditutup",
    "not_with_lkpp": "ditolak-tidak-di-lkpp",
    "nothing_waits": "ditolak-tidak-ada-yang-menunggu",
    "ticket_closed": "ditolak-sudah-ditutup",
}
#: What LKPP has said by telephone is shown before it is carried out.
_TOLD = ("#kembali", "#data-tambahan", "#perkembangan", "#selesai", "#alihkan")
_CODE = re.compile(r"^Kode: [A-Z2-7-]{23}", re.MULTILINE)
_NO_CODE = "Kode: " + "-".join(["XXXXX"] * 4)


class _Day:
    """What staff write on one day, and the receipts that they get, by name."""

    def __init__(self, office: PaperWorld) -> None:
        self.office = office
        self.receipts: dict[str, Letter] = {}

    def opened(self, subject: str, *, who: str = "pengguna") -> Letter:
        """A user's new mail; the notice of it that Sari gets."""
        text = f"Yth. Admin, {subject.lower()}.\nNama: Budi Santoso\nInstansi: CV Contoh\nHP: 081234567890\n"
        self.office.write(who, text, subject=subject, sender=f"Budi Santoso <{PEOPLE.get(who, who)}>")
        assert self.office.once()
        return self.last("staff_new_ticket")

    def says(
        self, name: str, text: str, answers: Letter | None = None, *, who: str = "petugas", subject: str | None = None
    ) -> Letter:
        """Keeps the receipt of a mail as `name`; a question for a code is answered with it."""
        found = self._back(text, answers, who, subject)
        if code := _CODE.search(found.text):
            self.receipts.setdefault("tanya-kode", found)
            found = self._back(code[0], found, who, None)
        if found.template == "staff_confirm" and (command := text.split()[0]) in _TOLD:
            self.receipts[f"tanya-{command[1:]}"] = found
            found = self._back(links(found)[command], None, who, f"[{found.message['X-Mailbot-Ticket']}]")
        assert name not in self.receipts
        self.receipts[name] = found
        return found

    def _back(self, text: str, answers: Letter | None, who: str, subject: str | None) -> Letter:
        """What the writer gets back: a receipt, or a question."""
        before = self.newest()
        passes = [results("pass", "batangkab.test")]
        self.office.write(who, text, answers=answers, subject=subject, headers=passes, quote=False)
        assert self.office.once()
        return self.last("staff_receipt", "staff_confirm", who=who, after=before)

    def newest(self) -> int:
        return int(self.office.rows("SELECT ifnull(max(id), 0) AS id FROM outbox")[0]["id"])

    def last(self, *wanted: str, who: str = "petugas", after: int = 0) -> Letter:
        """The newest mail of these templates that somebody has got, only his: a day has hundreds."""
        newest = (
            "id = (SELECT max(id) FROM outbox WHERE recipient = ? AND state = 'accepted' AND id > ?"
            f" AND template IN ({', '.join('?' * len(wanted))}))"
        )
        [row] = self.office.sent(newest, PEOPLE.get(who, who), after, *wanted)
        return letter(row["raw"])

    def later(self, minutes: int) -> None:
        self.office.now += timedelta(minutes=minutes)
        assert self.office.once()

    def lkpp(self, text: str) -> None:
        escalation = self.last("lkpp_escalation", who="lkpp")
        self.office.write("lkpp", text, answers=escalation, headers=[results("pass", "lkpp.test")])
        assert self.office.once()

    # --- the day ------------------------------------------------------------------------------------------

    def play(self) -> None:
        self.about_a_ticket()
        self.with_lkpp()
        self.closing()
        self.who_it_belongs_to()
        self.at_the_counter()
        self.quarantine()
        self.questions()
        self.late()

    def about_a_ticket(self) -> None:
        notice = self.opened("Tidak bisa login SPSE")
        self.later(1)
        self.says("ambil", "#ambil", notice)
        self.says("tugaskan", "#tugaskan Joko", notice)
        self.says("prioritas", "#prioritas 2", notice)
        self.says("kategori", "#kategori konsultasi", notice)
        self.says("jenis", "#jenis AKUN_LOGIN", notice)
        self.says("ubah", "#ubah", notice)
        self.says("ubah-beberapa", "#ubah prioritas 3, kategori pertanyaan, jenis AKUN_OTP", notice)
        self.says("ditolak-nilai-tidak-dikenal", "#ubah prioritas 2, kategori pertanyan", notice)
        self.says("ditolak-data-tidak-dikenal", "#ubah priorits 2", notice)
        self.says("jenis-daftar", "#jenis", notice)
        self.says("golongan", "#golongan gangguan", notice)
        self.says("pengaduan", "#pengaduan", notice)
        self.says("tujuan", "#tujuan Direktorat Pengembangan SPSE", notice)
        self.says("catat", "#catat Sudah ditelepon, menunggu kabar.", notice)
        self.says("tunda", "#tunda 2 jam menunggu surat kuasa", notice)
        self.says("koordinator", "#koordinator Bolehkah e-mail akun diganti tanpa surat kuasa?", notice)
        asked = self.last("coordinator_direction", who="koordinator")
        self.says("arahan", "#arahan Boleh, dengan surat kuasa.", asked, who="koordinator")
        self.says("kepala", "#kepala Sudah dua hari belum terselesaikan.", notice)
        self.says("info", "#info Server dipelihara malam ini pukul 20.00 WIB.", notice)
        self.says("minta-data", "#minta-data Mohon kode tender dan tangkapan layar.", notice)
        asked = self.receipts["minta-data"]
        self.says("ditolak-batal-yang-mana", "#batal", asked)  # the information waits, too
        self.says("batal", links(asked)["#batal"], asked)
        self.says("jawab-daftar", "#jawab", notice)
        self.says("jawab-kode", "#jawab AKUN_LOGIN", notice)
        self.later(4)
        self.says(
            "tanya-rekan-sudah-menjawab", "Silakan coba lagi.", self.last("staff_new_ticket", who="rekan"), who="rekan"
        )
        self.says("ditolak-perintah-tidak-dikenal", "#eskalasii Gagal.", notice)
        self.says("ditolak-peran", "#eskalasi Gagal.", self.last("head_report", who="kepala"), who="kepala")
        self.says("ditolak-dua-kali", "#ambil\n#ambil", notice)
        self.says("ditolak-tanpa-teks", "#info", notice)
        self.says(_REFUSED_AS["never_with_lkpp"], "#lkpp Halo.", notice)
        self.says(_REFUSED_AS["no_breach"], "#alasan Server mati.", notice)
        self.says(_REFUSED_AS["no_closing_there"], "#lpse-support ditutup", notice)
        self.says(_REFUSED_AS["no_reply_pending"], "#abaikan", notice)
        self.says(_REFUSED_AS["not_with_lkpp"], "#teruskan Data.", notice)
        self.says(_REFUSED_AS["nothing_waits"], "#batal", notice)

    def with_lkpp(self) -> None:
        notice = self.opened("Unggah dokumen penawaran gagal")
        self.says(_REFUSED_AS["not_closed"], "#buka", notice)
        link = links(notice)["#eskalasi"] + "Halaman putih sesudah unggah, sudah dicoba dua peramban."
        self.says("eskalasi", link, notice)
        self.says("tautan-dipakai-lagi", link, notice)
        self.says(_REFUSED_AS["already_with_lkpp"], "#eskalasi Sekali lagi.", notice)
        self.says("lkpp", "#lkpp Mohon kabar perkembangannya.", notice)
        self.says("perkembangan", "#perkembangan Sedang diperiksa tim teknis.", notice)
        self.says("lpse-support", "#lpse-support 4711", notice)
        self.says("data-tambahan", "#data-tambahan Mohon kode tender.", notice)
        self.says("teruskan", "#teruskan Kode tender 87654321.", notice)
        self.says("kembali", "#kembali Silakan aktifkan sendiri.", notice)
        second = self.opened("Paket tidak tampil", who="siti@penyedia.test")
        self.says("beberapa-perintah", "#ambil\n#prioritas 2\n#eskalasi Paket tidak tampil.", second)
        self.lkpp("Sudah kami tindaklanjuti, mohon dicek kembali.")
        self.says("abaikan", "#abaikan", self.last("staff_classify"))
        self.says("alihkan", "#alihkan Mohon melalui LPSE Support.", second)
        self.says(_REFUSED_AS["no_meaning_awaited"], "#selesai Server telah diperbaiki.", second)
        other = self.opened("Server lambat", who="tono@penyedia.test")
        self._back("#eskalasi Server lambat.", other, "petugas", None)
        self.says("selesai", "#selesai Server telah diperbaiki.", other)
        numbers = []
        for who in ("adi@penyedia.test", "ida@penyedia.test"):
            third = self.opened("Jadwal tidak berubah", who=who)
            self._back("#eskalasi Jadwal tidak berubah.", third, "petugas", None)
            numbers.append(self.number())
        self.says(_REFUSED_AS["both_with_lkpp"], f"#gabung {numbers[0]}", third)

    def closing(self) -> None:
        notice = self.opened("Lupa kata sandi")
        self.says("jawab", "#jawab Silakan gunakan menu lupa kata sandi.", notice)
        self.later(4)
        self.says("tutup", "#tutup Sudah selesai melalui telepon.", self.receipts["jawab"])
        self.later(4)
        self.says(_REFUSED_AS["ticket_closed"], "#jawab Satu lagi.", self.receipts["tutup"])
        self.says("buka", "#buka", self.receipts["tutup"])
        self.says("buang", "#buang", self.opened("Promo murah", who="promo@iklan.test"))

    def who_it_belongs_to(self) -> None:
        first = self.opened("Sertifikat elektronik ditolak")
        number = self.number()
        second = self.opened("Sertifikat masih ditolak", who="siti@penyedia.test")
        self.says("gabung", f"#gabung {number}", second)
        self.says("pengguna", "#pengguna Rina <rina@penyedia.test>", first)
        self.opened("Undangan pembuktian tidak masuk", who="nina@penyedia.test")
        receipt = self.last("user_acknowledgement", who="nina@penyedia.test")
        self.office.write("nina@penyedia.test", "Saya juga lupa kata sandi akun lain.", answers=receipt, quote=False)
        assert self.office.once()
        self.says("pisah", "#pisah", self.last("staff_user_reply"))
        self.says("baru", "#baru umar@penyedia.test\nTidak bisa login sejak kemarin.", subject="Fwd: Tidak bisa login")

    def at_the_counter(self) -> None:
        self.says("telepon", f"#telepon\n{FORM}", subject="Telepon Pak Tono")
        unanswered = FORM.replace("Silakan gunakan menu lupa kata sandi.", "")
        self.says("loket", f"#loket\nNomor Antrian : 7\n{unanswered}", subject="Loket")
        self.says("ditolak-formulir-kurang", f"#telepon\n{FORM.replace('Tono Wibowo', '')}", subject="Telepon")
        self.says("bukutamu", "#bukutamu", subject="Buku tamu")

    def quarantine(self) -> None:
        for entry in ("Video rapat", "Undangan", "Penawaran"):
            head = f"From: Budi <{PEOPLE['pengguna']}>\r\nTo: {LPSE}\r\nSubject: {entry}\r\nX: {'y' * 200_000}"
            self.office.drop(f"{head}\r\n\r\nisi\r\n".encode())
        assert self.office.once()
        first, second, third = (
            row["id"] for row in self.office.rows("SELECT id FROM journal WHERE state = 'quarantined' ORDER BY id")
        )
        notice = self.last("staff_quarantine")
        number = self.number()
        self.says("karantina", "#karantina", notice)
        self.says("proses", f"#proses {first}", notice)
        self.says("tiket", f"#tiket {second} {number}", notice)
        self.says("karantina-buang", f"#buang {third}", notice)

    def questions(self) -> None:
        self.says("cuti", "#cuti 28 Des - 30 Des", self.last("staff_new_ticket"))
        self.says("status", f"#status {self.number()}", subject="Status")
        self.says("daftar", "#daftar", subject="Daftar")
        self.says("cari", "#cari sertifikat", subject="Cari")
        self.says("rekap", "#rekap", subject="Rekap")
        self.says("laporan", "#laporan", subject="Laporan")
        self.says("arsip", "#arsip", subject="Arsip")
        self.says("bantuan", "#bantuan", subject="Bantuan")
        self.says("bantuan-perintah", "#bantuan eskalasi", subject="Bantuan")

    def late(self) -> None:
        notice = self.opened("Verifikasi akun penyedia")
        self.later(24 * 60 * 10)
        self.says("alasan", "#alasan Jaringan kantor terputus sejak pagi.", notice)
        self.says("status-dengan-penyimpangan", "#status", notice)
        self.says("daftar-terlambat", "#daftar terlambat", subject="Daftar")

    def number(self) -> str:
        """The newest ticket's number."""
        return str(self.office.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1")[0]["number"])


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Letter]]:
    office = PaperWorld(tmp_path_factory.mktemp("day"), authentication={"authserv_id": BORDER}, limits=NO_CAPS)
    office.at("2026-12-21 09:00")
    day = _Day(office)
    day.play()
    yield day.receipts
    office.store.close()


def plain(found: Letter) -> str:
    return found.text.replace("\r\n", "\n")


def test_every_receipt_is_as_its_snapshot_has_it(receipts: dict[str, Letter]) -> None:
    """MAILBOT_UPDATE_SNAPSHOTS=1 writes them anew, to be read in the diff."""
    shown = {name: f"{found.subject}\n\n{_CODE.sub(_NO_CODE, plain(found))}" for name, found in receipts.items()}
    if os.environ.get("MAILBOT_UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        for path in SNAPSHOTS.glob("*.txt"):
            path.unlink()
        for name, text in shown.items():
            (SNAPSHOTS / f"{name}.txt").write_text(text, encoding="utf-8")
    kept = {path.stem: path.read_text(encoding="utf-8") for path in SNAPSHOTS.glob("*.txt")}
    assert shown == kept


def test_every_command_and_every_refusal_of_the_table_has_a_receipt_among_the_snapshots(
    receipts: dict[str, Letter],
) -> None:
    commands = {_SHOWN_AS.get(spec.name, spec.word) for spec in VOCABULARY}
    assert commands - set(receipts) == set()
    assert set(REFUSALS) - set(_REFUSED_AS) == {"by_lpse_support"}
    for reason, name in _REFUSED_AS.items():
        assert REFUSALS[reason].said in " ".join(receipts[name].text.split()), name


def test_only_what_should_be_refused_was_refused(receipts: dict[str, Letter]) -> None:
    refused = [name for name, found in receipts.items() if "Tidak ada yang dijalankan" in found.text]
    assert {name for name in refused if not name.startswith("ditolak-")} == {"jawab-daftar", "jenis-daftar"}
