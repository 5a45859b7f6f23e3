"""The words of the language in which the LPSE's people give commands, and what each of them needs. Data.

Indonesian word first, English alias second. `commands` reads a mail by it, `commandhelp` explains it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mailbot.model import Role


class Takes(StrEnum):
    """Whether a command comes with text."""

    NOTHING = "nothing"
    ARGUMENT = "argument"  # one word on its line
    ENTRY = "entry"  # the number of a mail in quarantine
    PERIOD = "period"  # a day or a month on its line, or nothing
    PHRASE = "phrase"  # the rest of its line, perhaps nothing: what it means is for the desk to say
    WORDS = "words"  # the rest of its line, as `questions` reads it; may be none
    TICKET = "ticket"  # the number of another ticket, perhaps a word after it
    NUMBER = "number"  # the number of a mail of the ticket; left out: the mail that is replied to
    ADDRESS = "address"  # an e-mail address, perhaps with a name
    OPTIONAL = "optional"
    TEXT = "text"  # required


@dataclass(frozen=True, slots=True)
class Spec:
    """One word of the language. `name` is the canonical one; `usage` and `help` are for `#bantuan`."""

    name: str
    word: str
    aliases: tuple[str, ...]
    takes: Takes
    usage: str
    help: str
    roles: frozenset[Role] = frozenset({Role.STAFF, Role.COORDINATOR})


_READERS = frozenset({Role.STAFF, Role.COORDINATOR, Role.HEAD})
_EVERYBODY = _READERS | {Role.OPERATOR}
#: Who directs: staff ask.
_ABOVE = frozenset({Role.COORDINATOR, Role.HEAD})

VOCABULARY: tuple[Spec, ...] = (
    Spec(
        "answer",
        "jawab",
        ("answer",),
        Takes.TEXT,
        "#jawab TEKS",
        "mengirim jawaban kepada pengguna; #jawab KODE mengirim jawaban baku, #jawab saja menampilkan kode-kodenya",
    ),
    Spec(
        "info",
        "info",
        (),
        Takes.TEXT,
        "#info TEKS",
        "mengirim keterangan kepada pengguna; status tiket tidak berubah",
    ),
    Spec("take", "ambil", ("take",), Takes.NOTHING, "#ambil", "mengambil penanganan tiket"),
    Spec(
        "assign",
        "tugaskan",
        ("assign",),
        Takes.PHRASE,
        "#tugaskan NAMA",
        "menugaskan tiket kepada rekan, dengan nama atau alamatnya",
    ),
    Spec(
        "ask",
        "minta-data",
        ("ask",),
        Takes.TEXT,
        "#minta-data TEKS",
        "meminta data kepada pengguna dan menunggu balasannya",
    ),
    Spec(
        "escalate",
        "eskalasi",
        ("escalate",),
        Takes.TEXT,
        "#eskalasi RINGKASAN",
        "mengeskalasi permasalahan kepada Helpdesk LKPP (langkah 1)",
    ),
    Spec(
        "forward",
        "teruskan",
        ("forward",),
        Takes.OPTIONAL,
        "#teruskan [TEKS]",
        "meneruskan data tambahan dari pengguna kepada Helpdesk LKPP (langkah 9)",
    ),
    Spec("lkpp", "lkpp", (), Takes.TEXT, "#lkpp TEKS", "mengirim pesan kepada Helpdesk LKPP"),
    Spec(
        "returned",
        "kembali",
        ("returned",),
        Takes.OPTIONAL,
        "#kembali [TEKS]",
        "LKPP mengembalikan permasalahan karena merupakan kewenangan LPSE (langkah 4)",
    ),
    Spec(
        "data",
        "data-tambahan",
        ("data",),
        Takes.OPTIONAL,
        "#data-tambahan [TEKS]",
        "LKPP meminta data tambahan (langkah 6)",
    ),
    Spec(
        "progress",
        "perkembangan",
        ("progress",),
        Takes.OPTIONAL,
        "#perkembangan [TEKS]",
        "LKPP menyampaikan perkembangan penanganan (langkah 12 dan 14)",
    ),
    Spec(
        "resolved",
        "selesai",
        ("resolved",),
        Takes.OPTIONAL,
        "#selesai [TEKS]",
        "LKPP menyatakan permasalahan telah diselesaikan (langkah 13)",
    ),
    Spec(
        "redirect",
        "alihkan",
        ("redirect",),
        Takes.OPTIONAL,
        "#alihkan [TEKS]",
        "LKPP meminta permasalahan disampaikan melalui saluran lain",
    ),
    Spec(
        "ignore",
        "abaikan",
        ("ignore",),
        Takes.OPTIONAL,
        "#abaikan [TEKS]",
        "balasan LKPP tidak mengubah apa pun",
    ),
    Spec("note", "catat", ("note",), Takes.TEXT, "#catat TEKS", "menambahkan catatan internal"),
    Spec(
        "priority",
        "prioritas",
        ("priority",),
        Takes.ARGUMENT,
        "#prioritas 1-4",
        "menetapkan prioritas: 1 mendesak, 2 tinggi, 3 sedang, 4 rendah",
    ),
    Spec(
        "category",
        "kategori",
        ("category",),
        Takes.PHRASE,
        "#kategori KATEGORI",
        "menetapkan kategori pada rekap: pengaduan, pertanyaan, atau konsultasi",
    ),
    Spec(
        "problem",
        "jenis",
        ("problem",),
        Takes.PHRASE,
        "#jenis KODE",
        "menetapkan jenis permasalahan; tanpa kode menampilkan daftarnya",
    ),
    Spec(
        "destination",
        "tujuan",
        ("destination",),
        Takes.PHRASE,
        "#tujuan DIREKTORAT",
        "menetapkan Direktorat Tujuan pada rekap",
    ),
    Spec(
        "postpone",
        "tunda",
        ("postpone",),
        Takes.TEXT,
        "#tunda LAMA ALASAN",
        "menunda batas waktu yang berjalan selama, atau sampai, waktu yang ditulis, beserta alasannya",
    ),
    Spec(
        "tts",
        "lpse-support",
        ("tts",),
        Takes.ARGUMENT,
        "#lpse-support NOMOR",
        "mencatat nomor tiket pada LPSE Support/TTS",
    ),
    Spec(
        "coordinator",
        "koordinator",
        ("coordinator",),
        Takes.TEXT,
        "#koordinator TEKS",
        "memohon arahan koordinator; hanya dibaca di dalam LPSE",
    ),
    Spec(
        "direction",
        "arahan",
        ("direction", "rekomendasi"),
        Takes.TEXT,
        "#arahan TEKS",
        "memberi arahan atau rekomendasi kepada petugas; hanya dibaca di dalam LPSE",
        _ABOVE,
    ),
    Spec(
        "head",
        "kepala",
        ("head", "kepala-unit"),
        Takes.TEXT,
        "#kepala TEKS",
        "melaporkan permasalahan yang belum terselesaikan kepada kepala unit",
    ),
    Spec(
        "reason",
        "alasan",
        ("reason",),
        Takes.TEXT,
        "#alasan TEKS",
        "mencatat alasan batas waktu terlampaui (penyimpangan)",
    ),
    Spec(
        "user",
        "pengguna",
        ("user",),
        Takes.ADDRESS,
        "#pengguna ALAMAT",
        "menetapkan alamat pengguna tiket; alamat yang lama tidak lagi menerima apa pun (perlu kode)",
    ),
    Spec(
        "merge",
        "gabung",
        ("merge",),
        Takes.TICKET,
        "#gabung NOMOR [pihak]",
        "menggabungkan tiket ini ke tiket NOMOR; dengan “pihak”, penggunanya menjadi pihak di sana (perlu kode)",
    ),
    Spec(
        "split",
        "pisah",
        ("split",),
        Takes.NUMBER,
        "#pisah",
        "menjadikan e-mail pengguna yang dibalas sebuah tiket tersendiri",
    ),
    Spec(
        "new",
        "baru",
        ("new",),
        Takes.OPTIONAL,
        "#baru ALAMAT",
        "membuka tiket bagi pemilik alamat itu, dari e-mail yang Anda teruskan",
    ),
    Spec(
        "close",
        "tutup",
        ("close",),
        Takes.OPTIONAL,
        "#tutup [TEKS]",
        "menutup tiket, dengan atau tanpa pesan kepada pengguna",
    ),
    Spec("reopen", "buka", ("reopen",), Takes.NOTHING, "#buka", "membuka kembali tiket"),
    Spec(
        "spam",
        "buang",
        ("spam",),
        Takes.NOTHING,
        "#buang",
        "menutup tiket tanpa pemberitahuan dan tidak lagi menjawab pengirimnya",
    ),
    Spec(
        "undo",
        "batal",
        ("undo",),
        Takes.NOTHING,
        "#batal",
        "menarik kembali e-mail yang masih menunggu untuk dikirim",
    ),
    Spec(
        "phone",
        "telepon",
        ("phone", "telpon"),
        Takes.OPTIONAL,
        "#telepon FORMULIR",
        "mencatat konsultasi melalui telepon dengan Formulir Konsultasi; dalam e-mail baru",
    ),
    Spec(
        "counter",
        "loket",
        ("counter", "tamu"),
        Takes.OPTIONAL,
        "#loket FORMULIR",
        "mencatat konsultasi di loket dengan Formulir Konsultasi dan nomor antrian; dalam e-mail baru",
    ),
    Spec(
        "quarantine",
        "karantina",
        ("quarantine",),
        Takes.NOTHING,
        "#karantina",
        "menampilkan e-mail yang ditahan di karantina",
    ),
    Spec(
        "release",
        "proses",
        ("release",),
        Takes.ENTRY,
        "#proses N",
        "mengolah e-mail karantina nomor N sebagai e-mail biasa",
    ),
    Spec(
        "file",
        "tiket",
        (),
        Takes.ENTRY,
        "#tiket N NOMOR",
        "memasukkan e-mail karantina nomor N ke tiket, hanya untuk dibaca petugas",
    ),
    Spec(
        "discard",
        "buang",
        ("discard",),
        Takes.ENTRY,
        "#buang N",
        "membuang e-mail karantina nomor N; tetap disimpan, tetapi tidak diolah",
    ),
    Spec(
        "guestbook",
        "bukutamu",
        ("guestbook",),
        Takes.PERIOD,
        "#bukutamu [BULAN]",
        "menampilkan tamu di loket hari ini, pada tanggal atau bulan yang ditulis",
        _READERS,
    ),
    Spec(
        "leave",
        "cuti",
        ("leave",),
        Takes.PHRASE,
        "#cuti TANGGAL-TANGGAL",
        "mencatat cuti Anda; #cuti batal membatalkannya, #cuti saja menampilkannya",
    ),
    Spec(
        "status",
        "status",
        (),
        Takes.WORDS,
        "#status [NOMOR]",
        "menampilkan status tiket, juga beberapa sekaligus menurut nomornya",
        _READERS,
    ),
    Spec(
        "list",
        "daftar",
        ("list",),
        Takes.WORDS,
        "#daftar [saya|terlambat|lkpp]",
        "menampilkan tiket terbuka, yang terlambat dan mendesak paling atas",
        _READERS,
    ),
    Spec(
        "search",
        "cari",
        ("search",),
        Takes.WORDS,
        "#cari KATA",
        "mencari tiket menurut isi, perihal, nama, alamat, atau nomornya",
        _READERS,
    ),
    Spec(
        "recap",
        "rekap",
        ("recap",),
        Takes.WORDS,
        "#rekap [BULAN]",
        "mengirim rekap sebulan: ringkasan dan tabelnya sebagai berkas CSV",
        _READERS,
    ),
    Spec(
        "help",
        "bantuan",
        ("help",),
        Takes.WORDS,
        "#bantuan [PERINTAH]",
        "menampilkan daftar perintah, atau satu perintah dengan contohnya",
        _EVERYBODY,
    ),
)

SPECS: Mapping[str, Spec] = MappingProxyType({spec.name: spec for spec in VOCABULARY})
TAKES_TEXT = frozenset(s.name for s in VOCABULARY if s.takes in (Takes.OPTIONAL, Takes.TEXT))
#: They are about a mail in quarantine and need no ticket; a mail may hold several of a kind.
ON_ENTRIES = frozenset(s.name for s in VOCABULARY if s.takes is Takes.ENTRY)
#: They make a ticket of a new mail with the filled Formulir Konsultasi → the ticket's channel.
CONSULTATIONS: Mapping[str, str] = MappingProxyType({"phone": "telepon", "counter": "loket"})
#: They are about their writer and need no ticket.
ON_ONESELF = frozenset({"leave"})
#: They change nothing, and their argument is free; a mail may hold several of a kind.
QUESTIONS = frozenset(s.name for s in VOCABULARY if s.takes is Takes.WORDS)


def may_use(name: str, role: Role) -> bool:
    """Whether people of this role may use the command of this canonical name at all."""
    return name in SPECS and role in SPECS[name].roles


def on_entry(word: str) -> str:
    """The canonical name of "#buang" and its like with the number of an entry of the quarantine."""
    return next(spec.name for spec in VOCABULARY if spec.word == word.lstrip("#") and spec.takes is Takes.ENTRY)
