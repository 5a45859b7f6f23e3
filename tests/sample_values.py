"""Values as the service hands them to the renderer: one believable ticket, told through every mail."""

from __future__ import annotations

from typing import Any

from mailbot.templates.catalogue import MAILS

LONG_WORDS = """Selamat siang admin LPSE,

Mohon bantuannya, akun CV Contoh Jaya tidak bisa login sudah 2 hari padahal besok terakhir upload penawaran.
Pesan yang muncul: "Maaf, terjadi kesalahan pada sistem. Silakan ulangi kembali (kode 500 / ref 8f3a)."

  1. buka https://spse.batangkab.go.id
  2. masukkan User ID dan kata sandi [disamarkan]
  3. muncul halaman putih

Terima kasih,
Budi Santoso"""

ACTIONS: list[dict[str, str | None]] = [
    {
        "label": "Saya ambil",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23ambil%20k3x9",
        "command": "#ambil",
        "hint": "tiket menjadi tanggung jawab Anda",
    },
    {
        "label": "Eskalasi ke LKPP",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23eskalasi%20p7q2",
        "command": "#eskalasi RINGKASAN",
        "hint": "",
    },
    {
        "label": "Minta data kepada pengguna",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23minta-data%20z1m8",
        "command": "#minta-data PERMINTAAN",
        "hint": None,
    },
]

CONFIRM_ACTIONS = [
    {
        "label": "Sudah teratasi",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=SELESAI",
        "command": "SELESAI",
        "hint": "",
    },
    {
        "label": "Belum teratasi",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=BELUM",
        "command": "BELUM",
        "hint": "disertai kendala yang masih dihadapi",
    },
]

_ENTRY_ACTIONS = [
    {
        "label": label,
        "href": f"mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG%5D&body=%23{command.replace(' ', '%20')}",
        "command": f"#{command}",
        "hint": hint,
    }
    for label, command, hint in (
        ("Olah sebagai e-mail biasa", "proses 17", "Tidak ada isinya yang dijalankan sebagai perintah."),
        ("Masukkan ke sebuah tiket", "tiket 17", "Tulis nomor tiketnya; hanya petugas yang membacanya."),
        ("Buang", "buang 17", "Tetap disimpan, tetapi tidak diolah."),
    )
]

_MEANINGS = [
    {
        "label": label,
        "href": f"mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23{command}%20x2c4",
        "command": f"#{command}",
        "hint": hint,
    }
    for label, command, hint in (
        ("Kewenangan LPSE", "kembali", "langkah 4"),
        ("Perlu data tambahan", "data-tambahan", "langkah 6"),
        ("Perkembangan", "perkembangan", "langkah 12/14"),
        ("Selesai", "selesai", "langkah 13"),
        ("Abaikan", "abaikan", "tidak berarti apa-apa"),
    )
]

_FOR_COORDINATOR: list[dict[str, str | None]] = [
    {"label": "Beri arahan kepada petugas", "href": None, "command": None, "hint": None},
    {
        "label": "Jawab pengguna sendiri",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23jawab%20k3x9",
        "command": "#jawab",
        "hint": "Tulis jawaban di bawah perintah.",
    },
]
_DIRECTIONS = [
    {
        "label": "Arahan untuk LPSE-BTG-2026-000123",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23arahan%20k3x9",
        "command": "#arahan",
        "hint": "Tulis arahan di bawah perintah.",
    }
]

ITEMS = [
    {
        "number": "LPSE-BTG-2026-000123",
        "subject": "Tidak bisa login SPSE menjelang batas akhir penawaran",
        "priority": "P1 Mendesak",
        "ball": "LKPP",
        "late": "1 hari kerja 2 jam",
        "handler": "Sari",
        "turns": "LPSE 36 menit dalam jam layanan (36 menit menurut kalender);"
        " LKPP 15 jam dalam jam layanan (2 hari 1 jam menurut kalender)",
        "breaches": "2 kali, 1 di antaranya tanpa alasan",
        "target": "Rabu, 25 November 2026 pukul 09.05 WIB (terlampaui)",
        "what": "Menunggu keterangan status dari Helpdesk LKPP (permintaan ke-2)",
        "support": "TTS-2026-5512 – sejak Senin, 23 November 2026, 2 hari kerja",
        "postponed": None,
    },
    {
        "number": "LPSE-BTG-2026-000131",
        "subject": "Verifikasi akun penyedia",
        "priority": "P3 Sedang",
        "ball": "LPSE",
        "late": "–",
        "handler": "belum ada",
        "turns": None,
        "breaches": None,
        "target": None,
        "what": "Tanggapan pertama",
        "support": None,
        "postponed": "1 kali oleh Sari menjadi Senin, 30 November 2026 pukul 16.00 WIB: menunggu surat kuasa",
    },
]

VALUES: dict[str, Any] = {
    "organisation": {
        "name": "LPSE Kabupaten Batang",
        "address": "lpse@batangkab.go.id",
        "street": "Jl. Contoh 1, Batang",
        "phone": "(0285) 000000",
        "complaints": ["call center 144", "surat kepada LKPP, Jakarta"],
        "hours": "Senin–Kamis 07.30–12.00 dan 13.00–16.00; Jumat 07.30–11.30 dan 13.00–16.30 WIB",
    },
    "recipient": {"name": "Budi Santoso", "address": "budi@contohjaya.co.id"},
    "ticket": {
        "number": "LPSE-BTG-2026-000123",
        "form_number": "0123/FK/LPSE-BTG/XI/2026",
        "tag": "[LPSE-BTG-2026-000123]",
        "subject": "Tidak bisa login SPSE menjelang batas akhir penawaran",
        "status": "di LKPP",
        "ball": "LKPP",
        "priority": "P1 Mendesak",
        "opened_at": "Senin, 23 November 2026 pukul 09.05 WIB",
        "escalated_at": "Senin, 23 November 2026 pukul 09.41 WIB",
        "lkpp_number": "HD-778812",
        "tts_number": "TTS-2026-5512",
        "tts_age": "sejak Senin, 23 November 2026, 2 hari kerja",
        "problem": "Tidak dapat login (AKUN_LOGIN)",
        "nature": "Gangguan",
        "category": "Pengaduan",
        "destination": "Direktorat Pengembangan SPSE",
        "age": "2 hari kerja",
        "channel": "email",
    },
    "user": {
        "name": "Budi Santoso",
        "address": "budi@contohjaya.co.id",
        "organisation": "CV Contoh Jaya",
        "street": "Jl. Mawar 5, Pekalongan",
        "phone": "0812-0000-0000",
        "user_id": "CONTOHJAYA",
        "tender_code": "87654321",
        "npwp": "01.234.567.8-502.000",
        "verified": True,
    },
    "actor": {"name": "Sari", "address": "sari@batangkab.go.id"},
    "text": LONG_WORDS,
    "attachments": [
        {"name": "tangkapan layar.png", "size": "312 kB", "sent": True},
        {"name": "rekaman.mp4", "size": "48,2 MB", "sent": False},
    ],
    "deadline": {
        "what": "tanggapan pertama kepada pengguna",
        "due": "Senin, 23 November 2026 pukul 09.20 WIB",
        "overdue": None,
        "limit": "P1 Mendesak: 15 menit",
        "postponed": None,
    },
    "actions": ACTIONS,
    "authenticated": True,
    "denied": False,
    "has_secret": False,
    "form_missing": False,
    "form_sent": False,
    "form_identity": ["b. Nama Instansi/Perusahaan", "d. Nomor Telepon/HP"],
    "form_added": ["Peran (Penyedia/PPK/PP/Pokja)", "Waktu kejadian", "Pesan kesalahan"],
    "receipt": {
        "refused": None,
        "status": "di LKPP",
        "commands": [
            {"command": "#ambil", "result": "tiket kini ditangani Sari"},
            {"command": "#eskalasi", "result": "SOP langkah 1 dijalankan"},
        ],
        "sends": [
            {"to": "Helpdesk LKPP", "what": "Eskalasi permasalahan", "when": "segera"},
            {"to": "Budi Santoso", "what": "Pemberitahuan eskalasi", "when": "setelah diterima server LKPP"},
        ],
    },
    "sections": [
        {
            "title": "Tiket terbuka",
            "note": None,
            "entries": [
                {
                    "label": "LPSE-BTG-2026-000123 · P1 Mendesak · TERLAMBAT 1 jam 45 menit",
                    "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23status",
                    "text": "Tidak bisa login SPSE menjelang batas akhir penawaran",
                    "details": "Dalam penanganan LPSE · giliran: LPSE · umur: hari ini · petugas: Sari",
                    "more": "Batas penanganan di LPSE: Senin, 23 November 2026 pukul 09.45 WIB",
                },
                {"label": "dan 2 lagi", "href": None, "text": None, "details": None, "more": None},
            ],
        }
    ],
    "proposals": {
        "problem": "Tidak dapat login (AKUN_LOGIN)",
        "problem_reason": "“tidak bisa login”; juga AKUN_OTP (“otp”)",
        "owner": "helpdesk LPSE; bila tidak berhasil, eskalasi ke Helpdesk LKPP",
        "priority": "P1 Mendesak",
        "priority_reason": "dinaikkan dari P2 (AKUN_LOGIN) karena “batas akhir”",
        "category": "Pengaduan",
        "category_reason": "“keluhan”",
    },
    "approve": {
        "label": "Setujui usulan",
        "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23ubah%20prioritas%201",
        "command": "#ubah prioritas 1, jenis AKUN_LOGIN, kategori pengaduan",
        "hint": None,
    },
    "caution": None,
    "requested": True,
    "own_words": False,
    "file_sent": False,
    "answered": {"who": "Sari", "at": "Senin, 23 November 2026 pukul 09.40 WIB", "text": "Mohon dicoba kembali."},
    "replied": {
        "who": "helpdesk@lkpp.go.id",
        "at": "Selasa, 24 November 2026 pukul 10.00 WIB",
        "text": "Sedang kami periksa.",
    },
    "notes": [
        {
            "who": "Sari",
            "at": "Senin, 23 November 2026 pukul 10.15 WIB",
            "text": "Sudah ditelepon; menunggu surat kuasa.",
        }
    ],
    "now": None,
    "done": "“Tanda terima” kepada pengguna, dikirim Senin, 23 November 2026 pukul 09.05 WIB",
    "canned": {
        "code": "AKUN_LOGIN",
        "text": "Mohon dicoba langkah berikut:\n\n1. Ketik sendiri User ID dan kata sandi.\n2. Hapus cache peramban.",
    },
    "similar": [
        {
            "number": "LPSE-BTG-2026-000087",
            "subject": "Tidak bisa login, user id atau password salah",
            "solved": "dijawab Rabu, 11 November 2026, dikonfirmasi selesai oleh pengguna",
            "answer": "Akun Bapak terkunci. Kuncinya sudah kami buka, silakan gunakan …",
            "label": "Jawab dengan teks ini",
            "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23jawab",
            "command": "#jawab",
            "hint": "Sesuaikan teksnya sebelum dikirim.",
        }
    ],
    "others": [
        {
            "number": "LPSE-BTG-2026-000119",
            "subject": "Tidak bisa login SPSE",
            "status": "Sedang ditangani LPSE",
            "opened_at": "Kamis, 17 Desember 2026 pukul 14.05 WIB",
            "label": "Gabungkan ke LPSE-BTG-2026-000119",
            "href": "mailto:lpse@batangkab.go.id?subject=%5BLPSE-BTG-2026-000123%5D&body=%23gabung%20119",
            "command": "#gabung LPSE-BTG-2026-000119",
            "hint": None,
        }
    ],
    "more_others": None,
    "meaning": {
        "label": "perlu data tambahan (langkah 6)",
        "sentence": "Mohon dilengkapi tangkapan layar dan User ID penyedia.",
        "rule": "data.mohon-dilengkapi",
    },
    "reason": "E-mail ini menyebut tiket LPSE-BTG-2026-000099 milik pengguna lain; "
    "bila memang satu permasalahan, gabungkan dengan #gabung LPSE-BTG-2026-000099.",
    "chronology": [
        {"at": "Senin, 23 November 2026 pukul 09.05 WIB", "who": "Pengguna", "what": "menyampaikan permasalahan"},
        {"at": "Senin, 23 November 2026 pukul 09.12 WIB", "who": "Petugas Sari", "what": "menangani tiket"},
    ],
    "target": "Rabu, 25 November 2026 pukul 09.05 WIB",
    "summary": "Penyedia tidak dapat masuk ke SPSE sejak dua hari. Halaman putih setelah login (kode 500).",
    "tried": "Reset kata sandi dan pengosongan cache;\npercobaan dari jaringan LPSE: gagal pula.",
    "items": ITEMS,
    "listed": [],
    "enquiries": "2",
    "standing": {
        "tier": "Helpdesk LKPP",
        "ladder": "Helpdesk LPSE → Koordinator Helpdesk → Helpdesk LKPP (→ Tim Teknis LKPP)",
        "asked": "Selasa, 24 November 2026 pukul 10.00 WIB, belum dijawab",
        "turns": [
            {"who": "LPSE", "long": "36 menit dalam jam layanan (36 menit menurut kalender)"},
            {"who": "LKPP", "long": "15 jam dalam jam layanan (2 hari 1 jam menurut kalender)"},
        ],
        "breaches": [
            {
                "what": "Eskalasi kepada Helpdesk LKPP (langkah 1)",
                "how": "batas Senin, 23 November 2026 pukul 09.46 WIB, selesai Senin, 23 November 2026 pukul 09.58 WIB,"
                " terlambat 12 menit dalam jam layanan; giliran LPSE (Sari); alasan: server e-mail tidak menjawab",
            }
        ],
    },
    "tiers": {
        "staff": "Helpdesk LPSE",
        "coordinator": "Koordinator Helpdesk",
        "head": "Kepala Unit Pengelolaan LPSE",
        "lkpp": "Helpdesk LKPP",
    },
    "tier": "Koordinator Helpdesk",
    "direction": {
        "name": "Indah",
        "at": "Selasa, 24 November 2026 pukul 10.20 WIB",
        "text": "Hubungi Helpdesk LKPP melalui telepon, lalu catat hasilnya.",
    },
    "enquiry": {"n": 2, "days": 3, "last_at": "Rabu, 25 November 2026 pukul 09.00 WIB", "first": False},
    "survey": True,
    "reopen_until": "Senin, 7 Desember 2026",
    "close_on": "Kamis, 26 November 2026",
    "limit_mb": 10,
    "held": {"what": "Jawaban kepada Budi Santoso", "text": "Silakan dicoba kembali setelah pukul 10.00."},
    "paste": None,
    "closing": "confirmed",
    "consultation": None,
    "both_ways": False,
    "form": None,
    "month": None,
    "confirmation": None,
}
CONFIRMATION = {
    "code": "Kode: MFRGG-ZDFMZ-TWQ2L-KNNWG",
    "until": "Senin, 23 November 2026 pukul 11.12 WIB",
    "arrived_at": "Senin, 23 November 2026 pukul 09.12 WIB",
    "subject": "[LPSE-BTG-2026-000123] Tidak bisa login",
    "files": "panduan.pdf (312 kB)",
}

# What differs from VALUES in a single mail.
_OTHER: dict[str, dict[str, Any]] = {
    "user_answer": {"actions": CONFIRM_ACTIONS, "text": "Silakan dicoba kembali; akun telah kami pulihkan."},
    "user_resolved": {"actions": CONFIRM_ACTIONS, "text": "Gangguan pada server telah diperbaiki."},
    "user_request": {"text": "1. Tangkapan layar lengkap\n2. User ID penyedia", "form_missing": True},
    "user_data_request": {"text": "Mohon dilengkapi tangkapan layar dan User ID penyedia."},
    "user_reminder": {
        "text": "Tangkapan layar lengkap",
        "deadline": {"what": "data tambahan", "due": "Kamis, 26 November 2026"},
    },
    "user_consultation": {
        "consultation": {
            "how": "melalui telepon",
            "at": "Senin, 23 November 2026 pukul 09.02 WIB",
            "giver": "Sari",
            "queue": None,
            "sheet": None,
        },
        "deadline": {"what": "Penanganan di LPSE", "due": "Senin, 23 November 2026 pukul 13.05 WIB"},
        "text": "Tidak bisa login SPSE sejak kemarin; halaman putih sesudah kata sandi.",
    },
    "user_info": {"text": "Pemeliharaan server dijadwalkan malam ini pukul 20.00–22.00 WIB."},
    "user_closed": {"text": None},
    "user_progress": {"text": None},
    "user_acknowledgement": {"deadline": None, "form_missing": True},
    "staff_classify": {
        "actions": _MEANINGS,
        "text": "Sudah kami lihat, mohon ditunggu ya.",
        "for_user": "Sudah kami lihat, mohon ditunggu ya.",
        "meaning": None,
    },
    "staff_lkpp_reply": {
        "items": [],
        "reason": None,
        "passed_on": [
            {
                "what": "Permintaan data tambahan",
                "to": "budi@penyedia.test",
                "when": "Senin, 23 November 2026 pukul 09.39 WIB",
                "stoppable": True,
                "text": "Mohon dilengkapi tangkapan layar.",
                "files": "contoh.pdf",
            }
        ],
    },
    "staff_reminder": {
        "deadline": {
            "what": "eskalasi ke LKPP",
            "due": "Senin, 23 November 2026 pukul 09.46 WIB",
            "overdue": "12 menit",
            "limit": "SOP langkah 1: 5 menit",
            "postponed": "1 kali oleh Sari menjadi Senin, 23 November 2026 pukul 09.46 WIB: LPSE Support gangguan",
        },
        "paste": "Nomor tiket: LPSE-BTG-2026-000123\nRingkasan: tidak bisa login",
        "passed_on": [
            {
                "what": "Permintaan data tambahan",
                "to": "budi@penyedia.test",
                "when": "Senin, 23 November 2026 pukul 09.39 WIB",
                "stoppable": True,
                "text": "Mohon dilengkapi tangkapan layar.",
                "files": "contoh.pdf",
            }
        ],
        "replies": [
            {
                "at": "Senin, 23 November 2026 pukul 09.36 WIB",
                "text": "Mohon dilengkapi tangkapan layar.",
                "files": "formulir.pdf (80 kB)",
            }
        ],
        "enquiry": None,
        "reason": None,
    },
    "staff_receipt": {"attachments": [{"name": "rekap-LPSE-BTG-2026-11.csv", "size": "12 kB", "sent": True}]},
    "staff_confirm": {
        "reason": "Jawaban Anda ditulis atas e-mail yang lebih lama daripada jawaban Sari.",
        "held": {
            "what": "#jawab",
            "text": "Silakan dicoba kembali setelah pukul 10.00.",
            "to": "budi@contohjaya.co.id",
            "files": "panduan.pdf (120 kB)",
        },
    },
    "staff_quarantine": {
        "ticket": None,
        "reason": "alamat petugas, tetapi keaslian e-mail tidak terbukti (dmarc=fail).",
        "held": {"what": "Re: [LPSE-BTG-2026-000123] Tidak bisa login", "text": "#tutup"},
        "entry": {
            "number": "17",
            "arrived_at": "Senin, 23 November 2026 pukul 09.12 WIB",
            "size": "4 kB",
            "complete": True,
        },
        "attachments": [{"name": "karantina-17.eml", "size": "4 kB", "sent": True}],
        "actions": _ENTRY_ACTIONS[1:],
    },
    "staff_undeliverable": {
        "reason": "E-mail kepada pengguna ditolak: alamat tidak ada.",
        "held": {"what": "Jawaban, 23 November 2026 10.02", "text": "550 5.1.1 user unknown"},
    },
    "staff_worklist": {"summary": "Yang menunggu: 3 tiket, 1 terlambat. Paling mendesak: LPSE-BTG-2026-000123 (P1)."},
    "staff_digest": {"summary": "14 pemberitahuan dalam satu putaran."},
    "coordinator_overdue": {
        "actions": _DIRECTIONS,
        "summary": "Baru 4, dalam proses 3, di LKPP 2, menunggu pengguna 5.",
    },
    "coordinator_direction": {"actions": _FOR_COORDINATOR, "deadline": {**VALUES["deadline"], "overdue": None}},
    "coordinator_report": {
        "actions": _FOR_COORDINATOR,
        "text": "Bersurat resmi kepada LKPP dan umumkan gangguan di situs LPSE.",
    },
    "head_report": {"actions": [], "text": "Sudah dua hari belum ada penyelesaian dari LKPP."},
    "head_overdue": {"actions": []},
    "staff_direction": {"reason": "Arahan", "text": "Mohon dieskalasikan kepada LKPP hari ini."},
    "lkpp_escalation": {"reason": None},
    "operator_alarm": {
        "reason": "Server IMAP menolak masuk sejak 30 menit.",
        "held": {"what": "batang/imap", "text": "NO [AUTHENTICATIONFAILED] Authentication failed."},
    },
}


#: The report of a month, in mails that are about no ticket.
MONTH: dict[str, Any] = {
    "title": "Laporan bulanan November 2026",
    "period": "Keadaan pada akhir Senin, 30 November 2026",
    "lead": [
        "312 permasalahan masuk (bulan sebelumnya 287).",
        "Respons awal tepat waktu 94% (280 dari 298); separuhnya dijawab dalam 22 menit.",
    ],
    "tiles": [
        {"label": "Permasalahan masuk", "value": "312", "note": "bulan sebelumnya 287"},
        {"label": "Penyimpangan", "value": "18", "note": "11 milik LPSE"},
    ],
    "charts": [
        {
            "title": "Permasalahan masuk menurut kanal",
            "note": "",
            "bars": [
                {"label": "E-mail", "percent": 100, "tone": "plain", "value": "290 (93%)", "note": ""},
                {"label": "Loket pelayanan", "percent": 8, "tone": "plain", "value": "22 (7%)", "note": ""},
                {"label": "LPSE Support", "percent": 0, "tone": "plain", "value": "0", "note": ""},
            ],
            "facts": [],
            "items": [],
        },
        {
            "title": "Respons awal",
            "note": "Bagian yang dijawab dalam batas Tabel Prioritas, menurut prioritas.",
            "bars": [
                {
                    "label": f"P{level}, batas {limit}",
                    "percent": percent,
                    "tone": tone,
                    "value": f"{percent}%",
                    "note": "9 dari 12; median 5 menit, 9 dari 10 dalam 20 menit",
                }
                for level, limit, percent, tone in (
                    (1, "15 menit", 62, "bad"),
                    (2, "1 jam", 81, "fair"),
                    (3, "4 jam", 97, "good"),
                )
            ],
            "facts": [{"label": "Dibuka kembali", "value": "3"}],
            "items": ["LPSE-BTG-2026-000123, Respons awal: petugas bimtek di luar kantor"],
        },
    ],
    "definitions": [
        "Waktu dihitung dalam jam layanan, tanpa hari libur.",
        "Penyimpangan: setiap batas yang terlewati.",
    ],
}


def sample(name: str, **other: Any) -> dict[str, Any]:
    """All declared values of mail `name`, with `other` in place of the usual ones."""
    every = {**VALUES, **_OTHER.get(name, {}), **other}
    return {variable: every[variable] for variable in MAILS[name].variables}
