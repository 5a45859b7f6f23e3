"""Mails of users, the same bytes for the same seed: what an office finds in its mailbox after a long weekend.

Of each twenty mails of a mixed corpus twelve are plain text, five have an HTML form, two a file of about 200 KB and one
a file of about 2 MB. Three in ten answer an earlier mail's ticket, by the tag in the subject and by References. The
ticket of the k-th mail that answers nothing has the number k.
"""

from __future__ import annotations

import base64
import quopri
import random
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate

_NAMES = (
    "Budi Santoso",
    "Siti Nurhaliza",
    "Agus Wijaya",
    "Dewi Lestari",
    "Rizky Pratama",
    "Ayu Puspitasari",
    "Hendra Gunawan",
    "Fitri Handayani",
    "Joko Susilo",
    "Rina Marlina",
    "Bambang Hartono",
    "Indah Permata",
    "Yusuf Maulana",
    "Putri Ramadhani",
    "Eko Prasetyo",
    "Wulan Sari",
)
_SUBJECTS = (
    "Tidak bisa masuk SPSE",
    "Gagal unggah dokumen penawaran",
    "Mohon reset kata sandi",
    "Aplikasi lambat sejak pagi",
    "Perubahan alamat e-mail penyedia",
    "Data SIKaP tidak sama",
    "Tidak dapat mengirim penawaran",
    "Error 500 saat membuka paket",
    "Apendo tidak dapat dibuka",
    "Jadwal tender tidak muncul",
    "Permohonan verifikasi akun",
    "Tanya syarat pendaftaran penyedia",
)
_SENTENCES = (
    "Selamat pagi, kami ingin melaporkan kendala yang kami alami sejak kemarin sore.",
    "Mohon bantuannya untuk memeriksa akun kami karena sudah tiga kali gagal masuk.",
    "Nomor paket kami sudah dicantumkan pada lampiran beserta tangkapan layarnya.",
    "Kami sudah mencoba dengan peramban dan jaringan yang lain, namun hasilnya tetap sama.",
    "Jika memungkinkan, mohon diselesaikan sebelum batas akhir pemasukan penawaran.",
    "Sebelumnya kendala ini pernah terjadi pada bulan lalu dan ditangani oleh petugas.",
    "Kami tidak menemukan menu tersebut di dalam aplikasi versi terbaru.",
    "Pada halaman paket tertulis “diproses”, padahal sudah lewat tujuh hari kerja.",
    "Apabila diperlukan data tambahan, silakan hubungi kami di nomor kantor.",
    "Rekan kami di cabang Semarang juga mengalami hal yang sama sejak pukul 09.30 WIB.",
    "Terima kasih atas perhatian dan kerja samanya.",
)
_KINDS = ("plain",) * 12 + ("html",) * 5 + ("200 KB",) * 2 + ("2 MB",)
_SIZES = {"200 KB": 200_000, "2 MB": 2_000_000}
_FILES = (
    ("tangkapan layar.png", "image/png"),
    ("penawaran.pdf", "application/pdf"),
    ("daftar.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
)
_FIRST = 1_790_000_000  # seconds since the epoch: the Date of the first mail


@dataclass(frozen=True)
class Written:
    raw: bytes
    sender: str
    ticket: int  # the how manieth new mail it is, or answers
    answers: bool


def letters(
    count: int, to: str, tag: Callable[[int], str], *, plain: bool = False, seed: int = 18
) -> Iterator[Written]:
    """`tag`: ticket (1, 2, …) → what stands before its subject. `plain`: no HTML, no files, no answers."""
    chance = random.Random(seed)
    open_ones: list[tuple[int, int, str, str]] = []  # ticket, writer, Message-ID, subject
    kinds: list[str] = []
    tickets = 0
    for number in range(count):
        if not kinds:
            kinds = list(_KINDS)
            chance.shuffle(kinds)
        kind = kinds.pop()
        own = random.Random(seed * 1_000_003 + number)
        writer, message_id = number, f"<{number}.{own.getrandbits(40):x}@penyedia.test>"
        first = chance.choice(open_ones[-200:]) if not plain and len(open_ones) > 5 and chance.random() < 0.3 else None
        if first is None:
            tickets += 1
            ticket, subject, head = tickets, own.choice(_SUBJECTS), []
            open_ones.append((ticket, writer, message_id, subject))
        else:
            ticket, writer, before, subject = first
            head = [f"In-Reply-To: {before}", f"References: {before}"]
            subject = f"Re: {tag(ticket)} {subject}"
        name = _NAMES[writer % len(_NAMES)]
        sender = f"{name.split()[0].lower()}{writer}@penyedia{writer % 17}-{seed}.test"
        head = [
            f"Return-Path: <{sender}>",
            f"Received: from mx.penyedia.test ([192.0.2.{number % 250}]) by mx.batangkab.test; {_date(number)}",
            f"From: {name} <{sender}>",
            f"To: {to}",
            f"Subject: {subject}",
            f"Date: {_date(number)}",
            f"Message-ID: {message_id}",
            *head,
            "MIME-Version: 1.0",
        ]
        raw = _mail(head, _text(own, name, answers=first is not None), "plain" if plain else kind, own)
        yield Written(raw, sender, ticket, first is not None)


def large(to: str, size: int, seed: int = 18) -> Written:
    """One mail with one file, nearly as large as `size` bytes."""
    chance = random.Random(seed)
    sender = f"berkas{seed}@penyedia.test"
    text, data = _text(chance, "Rina Marlina", answers=False), chance.randbytes(int(size * 0.72))
    head = [
        f"Return-Path: <{sender}>",
        f"From: Rina Marlina <{sender}>",
        f"To: {to}",
        "Subject: Berkas penawaran",
        f"Date: {_date(0)}",
        f"Message-ID: <{seed}.{chance.getrandbits(40):x}@penyedia.test>",
        "MIME-Version: 1.0",
    ]
    parts = [_part("text/plain; charset=utf-8", text), _file("penawaran.pdf", "application/pdf", data)]
    return Written(_wire([*head, _several("mixed", "batas", parts)]), sender, 1, answers=False)


def _date(number: int) -> str:
    return formatdate(_FIRST + 37 * number)


def _text(chance: random.Random, name: str, *, answers: bool) -> str:
    paragraphs = [
        "\n".join(textwrap.wrap(" ".join(chance.sample(_SENTENCES, chance.randint(2, 5))), 76))
        for _ in range(chance.randint(2, 6))
    ]
    if answers:
        paragraphs = [*paragraphs[:2], *(textwrap.indent(each, "> ") for each in paragraphs[2:])]
    return "\n\n".join(("Yth. Helpdesk LPSE,", *paragraphs, f"Hormat kami,\n{name}\nPT Contoh Sejahtera\n"))


def _html(text: str, chance: random.Random) -> str:
    style = "font-family:Calibri,sans-serif;font-size:11pt;margin:0 0 8pt 0"
    shown = "".join(f'<p class="MsoNormal" style="{style}">{each}</p>\n' for each in text.split("\n\n"))
    rows = "".join(
        f'<tr><td style="{style}">Paket {chance.choice(_NAMES)}</td><td>{chance.randint(1, 99999)}</td></tr>\n'
        for _ in range(chance.randint(5, 40))
    )
    return f"<html><body>\n{shown}<table>\n{rows}</table>\n</body></html>\n"


def _mail(head: list[str], text: str, kind: str, chance: random.Random) -> bytes:
    plain = _part("text/plain; charset=utf-8", text)
    if kind == "plain":
        return _wire([*head, plain])
    boundary = f"batas{chance.getrandbits(40):x}"
    body = _several("alternative", f"isi{boundary}", [plain, _part("text/html; charset=utf-8", _html(text, chance))])
    if kind in _SIZES:
        name, media = chance.choice(_FILES)
        data = chance.randbytes(int(_SIZES[kind] * chance.uniform(0.9, 1.1)))
        body = _several("mixed", boundary, [body, _file(name, media, data)])
    return _wire([*head, body])


def _part(media: str, text: str) -> str:
    encoded = quopri.encodestring(text.encode()).decode()
    return f"Content-Type: {media}\nContent-Transfer-Encoding: quoted-printable\n\n{encoded}"


def _file(name: str, media: str, data: bytes) -> str:
    return (
        f'Content-Type: {media}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n{base64.encodebytes(data).decode()}'
    )


def _several(kind: str, boundary: str, parts: list[str]) -> str:
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inside}--{boundary}--\n'


def _wire(lines: list[str]) -> bytes:
    return "\n".join(lines).replace("\n", "\r\n").encode()
