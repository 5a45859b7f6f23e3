"""The commands as `#bantuan` explains them: in groups by what one wants to do, each with an example. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.model import Role
from mailbot.parsers.commands.vocabulary import CONSULTATIONS, ON_ENTRIES, ON_ONESELF, VOCABULARY, Spec

HANDLE, FIND, REPORT, HELD = "Menangani tiket", "Mencari tiket", "Melaporkan", "Karantina"
COUNTER, SELF = "Telepon dan loket", "Diri sendiri"
_GROUPS: Mapping[str, str] = {
    **dict.fromkeys(("status", "list", "search", "help"), FIND),
    **dict.fromkeys(("recap", "guestbook"), REPORT),
    **dict.fromkeys(CONSULTATIONS, COUNTER),
    **dict.fromkeys(ON_ONESELF, SELF),
    **dict.fromkeys(("quarantine", *ON_ENTRIES), HELD),
}
#: How a group is used, below its heading.
NOTES: Mapping[str, str] = {
    HANDLE: "Balas e-mail tentang tiketnya; tulis perintah di baris pertama, lalu teksnya.",
    COUNTER: "Tulis dalam e-mail baru, dengan Formulir Konsultasi di bawah perintah.",
    SELF: "Tidak memerlukan tiket.",
    FIND: "Tidak memerlukan nomor tiket pada subjek.",
    REPORT: "Tidak memerlukan nomor tiket pada subjek.",
    HELD: "N adalah nomor e-mail di karantina.",
}

EXAMPLES: Mapping[str, str] = {
    "answer": "#jawab\nAkun Bapak telah kami aktifkan kembali. Silakan login dengan User ID yang sama.",
    "info": "#info\nPermasalahan Bapak sedang kami periksa bersama pengelola jaringan.",
    "take": "#ambil",
    "ask": "#minta-data\n1. Tangkapan layar pesan kesalahan\n2. Kode tender dan waktu kejadian",
    "escalate": "#eskalasi\nRingkasan:\nPenyedia tidak dapat mengunggah dokumen penawaran sejak pukul 08.00 WIB.\n"
    "Upaya yang telah dilakukan:\nPercobaan dengan peramban dan jaringan lain; hasilnya sama.",
    "forward": "#teruskan\nBerkas pada arsip telah kami periksa dan aman dibuka.",
    "lkpp": "#lkpp\nPermasalahan ini mendesak: batas akhir pemasukan penawaran besok pukul 10.00 WIB.",
    "returned": "#kembali\nMenurut LKPP, penggantian e-mail penyedia dapat dilakukan oleh verifikator LPSE.",
    "data": "#data-tambahan\nMohon dikirimkan berkas log dan versi aplikasi yang digunakan.",
    "progress": "#perkembangan\nMelalui telepon LKPP menyampaikan bahwa permasalahan sedang diperiksa tim teknis.",
    "resolved": "#selesai\nGangguan pada server telah diperbaiki. Silakan dicoba kembali.",
    "redirect": "#alihkan\nLKPP meminta permasalahan dilaporkan melalui aplikasi LPSE Support.",
    "ignore": "#abaikan",
    "note": "#catat\nPengguna menelepon pukul 10.15; berkas penawaran sudah disimpan di komputer lain.",
    "priority": "#prioritas 1",
    "tts": "#lpse-support TTS-2026-5512",
    "close": "#tutup\nPermasalahan telah diselesaikan bersama Bapak di loket pagi ini.",
    "reopen": "#buka",
    "spam": "#buang",
    "undo": "#batal",
    "phone": "#telepon\nNama : Budi Santoso\nNomor HP : 0812-0000-0000\nB. PERMASALAHAN\nTidak bisa login SPSE.",
    "counter": "#loket\nNama : Budi Santoso\nNomor HP : 0812-0000-0000\nB. PERMASALAHAN\nLupa kata sandi SPSE.",
    "guestbook": "#bukutamu Desember 2026",
    "assign": "#tugaskan Joko",
    "category": "#kategori pertanyaan",
    "problem": "#jenis AKUN_LOGIN",
    "destination": "#tujuan Direktorat Pengembangan SPSE",
    "postpone": "#tunda 2 hari kerja menunggu surat dari dinas",
    "coordinator": "#koordinator\nPenyedia meminta penggantian e-mail tanpa surat kuasa. Apakah boleh diproses?",
    "direction": "#arahan\nBoleh, dengan pindaian surat. Mintalah aslinya menyusul.",
    "head": "#kepala\nLKPP belum memberi kabar setelah lima kali ditanya; penawaran ditutup Jumat.",
    "reason": "#alasan\nJaringan kantor terputus pukul 09.00 sampai 11.30.",
    "user": "#pengguna budi@contoh.id",
    "new": "#baru budi@contoh.id",
    "merge": "#gabung LPSE-2026-000123",
    "split": "#pisah",
    "leave": "#cuti 24-12-2026 s.d. 31-12-2026",
    "quarantine": "#karantina",
    "release": "#proses 17",
    "file": "#tiket 17 LPSE-2026-000123",
    "discard": "#buang 17",
    "status": "#status 12",
    "list": "#daftar terlambat",
    "search": "#cari gagal unggah",
    "recap": "#rekap bulan lalu",
    "help": "#bantuan eskalasi",
}


def group_of(spec: Spec) -> str:
    return _GROUPS.get(spec.name, HANDLE)


def groups(role: Role) -> list[tuple[str, list[Spec]]]:
    """The commands of this role by what one does with them, groups without any left out."""
    allowed = [spec for spec in VOCABULARY if role in spec.roles]
    names = (HANDLE, COUNTER, FIND, REPORT, SELF, HELD)
    found = ((name, [spec for spec in allowed if group_of(spec) == name]) for name in names)
    return [(name, specs) for name, specs in found if specs]
