"""The play: SOP-LPSE.BTG-015 with two tickets, every step of the paper and both answers to each of its questions.

The first ticket needs data from its user (step 5 yes, 6 to 9), passes LKPP's two working days over Christmas (step 12
no, 14), is solved (13), is not solved after all, and is escalated once more, now with all data (step 5 no). The second
is LPSE's own affair (step 3 yes, 4).
"""

from __future__ import annotations

import re
from datetime import datetime

from mailbot.demo.letters import Received, screenshot
from mailbot.demo.parties import BUDI, COORDINATOR, LKPP, SITI, STAFF, Party
from mailbot.demo.record import Case
from mailbot.demo.stage import Branch, Stage

#: The play begins here; local time.
BEGINS = "2026-12-21 07:30"

_FORM_NUMBER = re.compile(r"\b\d{4}/FK/[\w./-]+\w")


def play(stage: Stage) -> tuple[Case, ...]:
    """From the first mail to the last. Raises NotPlayed."""
    first, second = _Sikap(stage), _NewAddress(stage)
    for scene in (
        first.reported,
        first.escalated,
        first.data_asked,
        first.data_sent,
        first.overdue,
        second.reported,
        second.escalated,
        second.given_back,
        second.answered,
        second.confirmed,
        first.overdue_again,
        first.progress,
        first.solved,
        first.not_solved,
        first.escalated_again,
        first.solved_at_last,
        first.confirmed,
    ):
        scene()
    stage.nothing_else()
    return first.case, second.case


class _Ticket:
    """What both have in common: they are reported, and confirmed at the end."""

    user: Party
    matter: str

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.number = self.form_number = self.subject = ""
        self.opened = self.closed = datetime.min

    @property
    def case(self) -> Case:
        return Case(
            number=self.number,
            form_number=self.form_number,
            subject=self.subject,
            user=f"{self.user.name} <{self.user.address}>",
            matter=self.matter,
            opened=self.opened,
            closed=self.closed,
        )

    def _report(self, subject: str, text: str) -> Received:
        """Returns the staff's notice of the new ticket."""
        stage = self.stage
        self.subject, self.opened = subject, stage.now
        stage.writes(self.user, text, "Pengguna melaporkan permasalahan", subject=subject)
        receipt = stage.expects(self.user, "user_acknowledgement", "Tanda terima dengan nomor tiket")
        self.number = receipt.ticket
        found = _FORM_NUMBER.search(receipt.text)
        self.form_number = found[0] if found else ""
        return self._expect(STAFF, "staff_new_ticket", "Petugas menerima tiket baru")

    def _expect(self, party: Party, template: str, title: str, step: str = "", branch: Branch = "") -> Received:
        return self.stage.expects(party, template, title, ticket=self.number, step=step, branch=branch)

    def _command(self, notice: Received, text: str, title: str, step: str = "") -> Received:
        """A staff member answers a notice; returns the receipt."""
        self.stage.writes(STAFF, text, title, answers=notice, step=step)
        return self._expect(STAFF, "staff_receipt", "Petugas menerima hasil perintahnya")

    def _confirm(self, answer: Received, text: str) -> None:
        self.stage.writes(self.user, text, "Pengguna mengonfirmasi: SELESAI", answers=answer)
        self._expect(self.user, "user_closed", "Tiket ditutup; pengguna diminta menilai layanan")
        self.closed = self.stage.now


class _Sikap(_Ticket):
    """The matter that only LKPP can solve."""

    user = BUDI
    matter = "Ditangani Helpdesk LKPP: data tambahan, lewat 2 hari kerja, eskalasi ulang, selesai"

    def reported(self) -> None:
        self.stage.at("2026-12-21 09:05")
        self._notice = self._report(
            "Data SIKaP tidak dapat ditarik ke SPSE",
            "Yth. Admin LPSE Kabupaten Batang,\n\n"
            "Kami tidak dapat menarik data kualifikasi dari SIKaP ke SPSE untuk paket Rehabilitasi Puskesmas Batang I. "
            "Setiap kali tombol Tarik Data ditekan, muncul pesan bahwa data penyedia tidak ditemukan. Data kami di "
            "SIKaP sudah lengkap dan terverifikasi.\n\n"
            "Mohon bantuannya. Terima kasih.\n\n"
            "Nama: Budi Santoso\nNama Perusahaan: CV Maju Jaya\nAlamat: Jl. Gajah Mada 12, Batang\n"
            "No. HP: 0812-0000-1234",
        )

    def escalated(self) -> None:
        self.stage.at("2026-12-21 09:15")
        self._command(
            self._notice,
            "#prioritas 2\n#catat Pengguna juga menelepon pukul 09.10. Batas pemasukan penawaran 15 Januari 2027.",
            "Petugas menetapkan prioritas dan membuat catatan internal",
        )
        self.stage.at("2026-12-21 09:25")
        self._escalate(
            self._notice,
            "#eskalasi\n"
            "Ringkasan:\n"
            "Data kualifikasi penyedia tidak dapat ditarik dari SIKaP ke SPSE; muncul pesan data penyedia tidak "
            "ditemukan.\n"
            "Upaya yang telah dilakukan:\n"
            "Keluar dan masuk kembali, mencoba peramban lain, memeriksa status verifikasi pada SIKaP.",
            "Petugas tidak dapat menangani dan memutuskan eskalasi",
        )
        self.stage.at("2026-12-21 10:30")
        self.stage.inside(self.number, "2", "Helpdesk LKPP mempelajari eskalasi.")
        self.stage.at("2026-12-21 13:20")
        self.stage.inside(self.number, "3", "Bukan kewenangan LPSE; Helpdesk LKPP yang menangani.", "Tidak")
        self.stage.inside(self.number, "5", "Informasi belum lengkap; diperlukan data tambahan.", "Ya")

    def _escalate(self, notice: Received, text: str, title: str) -> None:
        self._command(notice, text, title, step="1")
        title = "Bidang Layanan dan Dukungan meneruskan kepada Helpdesk LKPP"
        self._escalation = self._expect(LKPP, "lkpp_escalation", title, step="1")
        self._expect(self.user, "user_escalated", "Pengguna diberi tahu bahwa permasalahannya dieskalasi", step="1")
        self.stage.noted(self.number, "sent.lkpp_escalation")

    def data_asked(self) -> None:
        self.stage.at("2026-12-21 13:40")
        self.stage.writes(
            LKPP,
            "Yth. LPSE Kabupaten Batang,\n\n"
            "Laporan Saudara kami catat dengan nomor tiket 417203. Mohon dapat dilengkapi data berikut:\n"
            "1. tangkapan layar pesan kesalahan,\n2. NPWP perusahaan,\n3. kode tender.\n\n"
            "Terima kasih.",
            "Helpdesk LKPP meminta data tambahan",
            subject=f"Re: {self._escalation.subject} [Tiket #417203]",  # LKPP's own helpdesk puts its number there
            answers=self._escalation,
            step="6",
        )
        title = "Permintaan data disampaikan kepada pengguna"
        self._request = self._expect(self.user, "user_data_request", title, step="7")
        self._expect(STAFF, "staff_lkpp_reply", "Petugas menerima salinan balasan LKPP")

    def data_sent(self) -> None:
        self.stage.at("2026-12-22 09:10")
        self.stage.writes(
            BUDI,
            "Yth. Admin LPSE,\n\n"
            "Berikut data yang diminta, tangkapan layar terlampir.\n"
            "NPWP: 01.234.567.8-513.000\nKode tender: 87654321\n\n"
            "Terima kasih.\nBudi Santoso",
            "Pengguna mengirim data tambahan",
            answers=self._request,
            pictures=[screenshot("tangkapan-layar.png")],
            step="8",
        )
        title = "Data tambahan diteruskan kepada Helpdesk LKPP"
        self._data = self._expect(LKPP, "lkpp_additional_data", title, step="9")
        self._expect(self.user, "user_data_forwarded", "Pengguna diberi tahu bahwa datanya diteruskan", step="9")
        self._expect(STAFF, "staff_user_reply", "Petugas menerima salinan balasan pengguna")
        self.stage.noted(self.number, "sent.lkpp_additional_data")
        self.stage.lkpp_works()
        self.stage.at("2026-12-22 09:40")
        self.stage.inside(self.number, "10", "Helpdesk LKPP menerima data tambahan.")
        self.stage.at("2026-12-22 10:15")
        self.stage.inside(self.number, "11", "Helpdesk LKPP berkoordinasi dengan pengelola SIKaP.")

    def overdue(self) -> None:
        """Two working days without a word: the 23rd and, after the holidays, the 28th."""
        self.stage.at("2026-12-28 09:11")
        self.stage.inside(self.number, "12", "Sudah 2 hari kerja berlalu tanpa kabar.", "Tidak")
        title = "Permohonan status: 2 hari kerja telah lewat"
        self._enquiry = self._expect(LKPP, "lkpp_status_enquiry", title, step="12", branch="Tidak")
        self._expect(self.user, "user_progress", "Pengguna diberi tahu bahwa status ditanyakan", step="12")
        self._expect(STAFF, "staff_reminder", "Petugas diingatkan", step="12")

    def overdue_again(self) -> None:
        self.stage.at("2026-12-29 09:11")
        title = "Permohonan status kedua"
        self._enquiry = self._expect(LKPP, "lkpp_status_enquiry", title, step="12", branch="Tidak")
        self._expect(STAFF, "staff_reminder", "Petugas diingatkan", step="12")
        self.stage.expects(COORDINATOR, "coordinator_overdue", "Koordinator menerima laporan keterlambatan", step="12")

    def progress(self) -> None:
        self.stage.at("2026-12-29 10:30")
        self.stage.writes(
            LKPP,
            "Yth. LPSE Kabupaten Batang,\n\n"
            "Permasalahan masih dalam penanganan Tim Teknis LKPP bersama pengelola SIKaP. Perkembangan berikutnya "
            "akan kami sampaikan.\n\nTerima kasih.",
            "Helpdesk LKPP menyampaikan perkembangan",
            answers=self._enquiry,
            step="14",
        )
        self._expect(self.user, "user_progress", "Perkembangan disampaikan kepada pengguna", step="14")
        self._expect(STAFF, "staff_lkpp_reply", "Petugas menerima salinan balasan LKPP")

    def solved(self) -> None:
        self.stage.at("2026-12-30 09:30")
        self.stage.inside(self.number, "12", "Permasalahan berhasil diselesaikan.", "Ya")
        self._solution(
            "Yth. LPSE Kabupaten Batang,\n\n"
            "Permasalahan telah selesai ditangani: data penyedia sudah disinkronkan. Mohon dapat disampaikan kepada "
            "pengguna.\n\nTerima kasih."
        )

    def _solution(self, text: str) -> None:
        self.stage.writes(
            LKPP,
            text,
            "Helpdesk LKPP menyatakan permasalahan telah diselesaikan",
            answers=self._enquiry,
            step="13",
        )
        title = "Penyelesaian disampaikan kepada pengguna, yang diminta mengonfirmasi"
        self._resolved = self._expect(self.user, "user_resolved", title, step="13")
        self._expect(STAFF, "staff_lkpp_reply", "Petugas menerima salinan balasan LKPP")
        self.stage.lkpp_works(working=False)

    def not_solved(self) -> None:
        self.stage.at("2026-12-30 10:40")
        self.stage.writes(
            BUDI,
            "BELUM. Data perusahaan sudah dapat ditarik, tetapi data izin usaha masih kosong. Tangkapan layar "
            "terlampir.",
            "Pengguna mengonfirmasi: BELUM",
            answers=self._resolved,
            pictures=[screenshot("izin-usaha-kosong.png")],
        )
        self._notice = self._expect(STAFF, "staff_user_reply", "Petugas menerima balasan pengguna")

    def escalated_again(self) -> None:
        self.stage.at("2026-12-30 11:00")
        self._escalate(
            self._notice,
            "#eskalasi\n"
            "Ringkasan:\n"
            "Data perusahaan sudah dapat ditarik, tetapi data izin usaha masih kosong. NPWP dan kode tender sama "
            "dengan sebelumnya; tangkapan layar pengguna terlampir.\n"
            "Upaya yang telah dilakukan:\n"
            "Menarik data kembali setelah masuk ulang; memeriksa izin usaha pada SIKaP.",
            "Petugas mengeskalasi kembali, kali ini dengan data lengkap",
        )
        self._enquiry = self._escalation
        self.stage.lkpp_works()
        self.stage.at("2026-12-30 11:15")
        self.stage.inside(self.number, "2", "Helpdesk LKPP mempelajari eskalasi lanjutan.")
        self.stage.inside(self.number, "3", "Bukan kewenangan LPSE; Helpdesk LKPP yang menangani.", "Tidak")
        self.stage.inside(self.number, "5", "Informasi sudah lengkap; penanganan dilanjutkan.", "Tidak")
        self.stage.at("2026-12-30 11:30")
        self.stage.inside(self.number, "11", "Helpdesk LKPP menyinkronkan data izin usaha.")

    def solved_at_last(self) -> None:
        self.stage.at("2026-12-30 14:30")
        self.stage.inside(self.number, "12", "Permasalahan berhasil diselesaikan.", "Ya")
        self._solution(
            "Yth. LPSE Kabupaten Batang,\n\n"
            "Permasalahan sudah kami selesaikan: data izin usaha penyedia telah dapat ditarik. Mohon dapat "
            "disampaikan kepada pengguna.\n\nTerima kasih."
        )

    def confirmed(self) -> None:
        self.stage.at("2026-12-31 08:20")
        self._confirm(self._resolved, "SELESAI. Terima kasih banyak atas bantuannya.")


class _NewAddress(_Ticket):
    """The matter that LKPP gives back, since it is within LPSE's authority."""

    user = SITI
    matter = "Dikembalikan Helpdesk LKPP karena merupakan kewenangan LPSE, dijawab petugas, selesai"

    def reported(self) -> None:
        self.stage.at("2026-12-28 10:05")
        self._notice = self._report(
            "Penggantian e-mail akun penyedia",
            "Yth. Helpdesk LPSE,\n\n"
            "E-mail akun SPSE kami sudah tidak aktif karena karyawan yang memegangnya telah pindah. Mohon diganti "
            "dengan admin@karyanusa.example; surat permohonan sudah kami serahkan di loket LPSE.\n\n"
            "Nama: Siti Rahmawati\nNama Perusahaan: PT Karya Nusantara\nAlamat: Jl. Diponegoro 45, Pekalongan\n"
            "No. HP: 0813-0000-5678",
        )

    def escalated(self) -> None:
        self.stage.at("2026-12-28 10:20")
        self._command(
            self._notice,
            "#eskalasi\n"
            "Ringkasan:\n"
            "Penyedia ingin mengganti e-mail akun, tetapi tautan persetujuan dikirim ke e-mail lama yang sudah tidak "
            "aktif.\n"
            "Upaya yang telah dilakukan:\n"
            "Mengganti e-mail melalui akun verifikator; SPSE menunggu persetujuan dari e-mail lama.",
            "Petugas tidak dapat menangani dan memutuskan eskalasi",
            step="1",
        )
        title = "Bidang Layanan dan Dukungan meneruskan kepada Helpdesk LKPP"
        self._escalation = self._expect(LKPP, "lkpp_escalation", title, step="1")
        self._expect(self.user, "user_escalated", "Pengguna diberi tahu bahwa permasalahannya dieskalasi", step="1")
        self.stage.noted(self.number, "sent.lkpp_escalation")
        self.stage.at("2026-12-28 11:10")
        self.stage.inside(self.number, "2", "Helpdesk LKPP mempelajari eskalasi.")
        self.stage.at("2026-12-28 13:05")
        self.stage.inside(self.number, "3", "Dapat ditangani dan merupakan kewenangan LPSE.", "Ya")

    def given_back(self) -> None:
        self.stage.at("2026-12-28 13:15")
        self.stage.writes(
            LKPP,
            "Yth. LPSE Kabupaten Batang,\n\n"
            "Penggantian e-mail penyedia merupakan kewenangan LPSE dan dapat dilakukan oleh Admin PPE:\n"
            "1. periksa surat permohonan dan identitas penyedia,\n"
            "2. batalkan permintaan yang menunggu persetujuan,\n"
            "3. ganti e-mail melalui menu Penyedia.\n\nTerima kasih.",
            "Helpdesk LKPP mengembalikan kepada LPSE, dengan panduan",
            answers=self._escalation,
            step="4",
        )
        self._notice = self._expect(STAFF, "staff_returned", "Petugas menerima panduan Helpdesk LKPP", step="4")

    def answered(self) -> None:
        """The first answer is taken back within its three minutes; the second one leaves when they are over."""
        self.stage.at("2026-12-28 13:40")
        hasty = self._command(
            self._notice,
            "Yth. Ibu Siti,\n\nE-mail akun sudah kami ganti.",
            "Petugas menjawab pengguna; jawabannya menunggu 3 menit",
        )
        self.stage.at("2026-12-28 13:41")
        self._command(hasty, "#batal", "Petugas menarik kembali jawaban yang kurang lengkap")
        self.stage.at("2026-12-28 13:45")
        self._command(
            self._notice,
            "Yth. Ibu Siti,\n\n"
            "E-mail akun SPSE PT Karya Nusantara sudah kami ganti menjadi admin@karyanusa.example sesuai surat "
            "permohonan. Silakan masuk dengan User ID yang sama dan membuka tautan verifikasi pada e-mail baru itu.",
            "Petugas mengirim jawaban yang lengkap",
        )
        self.stage.at("2026-12-28 13:49")
        self._answer = self._expect(SITI, "user_answer", "Jawaban petugas disampaikan kepada pengguna")

    def confirmed(self) -> None:
        self.stage.at("2026-12-29 08:05")
        self._confirm(self._answer, "SELESAI")
