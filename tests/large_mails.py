"""Mails of about a megabyte that strangers can send, each of one kind: they take time in proportion to their length.

`mail(name, size)` gives the same bytes each time; whoever reads one of it and one of twice the size sees what grows.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

MEGABYTE = 1_000_000
_HEAD = "From: Budi <budi@cv-contoh.example>\nTo: lpse@batangkab.go.id\nSubject: {subject}\nMIME-Version: 1.0\n{more}"
_SENTENCES = (
    "Selamat pagi, kami ingin melaporkan kendala yang kami alami sejak kemarin sore.",
    "Mohon bantuannya untuk memeriksa akun kami karena sudah tiga kali gagal masuk pada pukul 09.30 WIB.",
    "Aplikasi menampilkan pesan galat 500, padahal batas akhir pemasukan penawaran tinggal dua hari lagi.",
    "Nomor paket kami 4521099 sudah dicantumkan pada lampiran beserta tangkapan layarnya.",
    "Sudah kami coba dengan peramban dan jaringan yang lain, namun hasilnya tetap sama.",
)


def _mail(
    body: str, *, kind: str = "text/plain; charset=utf-8", subject: str = "Tidak bisa masuk", more: str = ""
) -> bytes:
    head = _HEAD.format(subject=subject, more=more)
    return f"{head}Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n\n{body}".replace("\n", "\r\n").encode()


def _filled(unit: str, size: int) -> str:
    return unit * max(1, size // len(unit))


def _page(body: str) -> bytes:
    return _mail(f"<html><body><p>Mohon dibantu.</p>{body}</body></html>", kind="text/html; charset=utf-8")


def _answer(quotation: str) -> bytes:
    return _mail(f"Sudah bisa masuk, terima kasih.\n\n{quotation}", subject="Re: Jawaban")


def _report(fields: str) -> bytes:
    words = "Your message could not be delivered to the following recipients.\n"
    return (
        (
            "From: MAILER-DAEMON@mx.example\nTo: lpse@batangkab.go.id\nSubject: Undelivered Mail Returned to Sender\n"
            "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
            f"--x\nContent-Type: text/plain\n\n{words}\n"
            f"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n--x--\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )


def _nested(size: int) -> bytes:
    """As many multiparts in one another as are read, and a megabyte in the innermost."""
    opening = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(18))
    inner = f"Content-Type: text/plain\n\n{_filled(_PARAGRAPH, size)}\n"
    closing = "".join(f"--b{n}--\n" for n in reversed(range(18)))
    return (_HEAD.format(subject="Berkas", more="") + opening + inner + closing).replace("\n", "\r\n").encode()


def _threads(size: int) -> str:
    """A thread in which each mail quotes the one before whole."""
    lines, depth = [], 1
    length = 0
    while length < size:
        mark = ">" * depth
        for line in (
            f"{mark} Pada Sen, 3 Mar 2025 pukul 10.12 Andi <a@b.example> menulis:",
            f"{mark} {_SENTENCES[depth % 5]}",
        ):
            lines.append(line)
            length += len(line) + 1
        depth = depth % 60 + 1
    return "\n".join(lines)


_PARAGRAPH = "\n".join((*_SENTENCES, "", ""))
_LINE_OF_FILE = "M" + "86)C" * 15 + "\n"
_UUENCODED = "begin 644 dokumen.pdf\n" + "M" + "#" * 60 + "\n"

Maker = Callable[[int], bytes]

KINDS: dict[str, Maker] = {
    "plain sentences": lambda size: _mail(_filled(_PARAGRAPH, size)),
    "one line without an end": lambda size: _mail(_filled(_SENTENCES[1] + " ", size)),
    "letters without a blank": lambda size: _mail(_filled("a", size)),
    "digits without a blank": lambda size: _mail(_filled("0812345678", size)),
    "signs without a blank": lambda size: _mail(_filled("a@b.c/-_", size)),
    "words of two letters": lambda size: _mail(_filled("ya ", size)),
    "short lines": lambda size: _mail(_filled("ya pak\n", size)),
    "questions": lambda size: _mail(_filled("Bagaimana cara masuk? ", size)),
    "full stops": lambda size: _mail(_filled(". ", size)),
    "blank lines": lambda size: _mail("Mohon dibantu." + _filled("\n", size) + "Terima kasih."),
    "blanks": lambda size: _mail("Mohon dibantu." + _filled(" ", size) + "Terima kasih."),
    "labels of the form": lambda size: _mail(
        _filled("Nama: Budi\nNPWP: 01.234.567.8-901.000\nKode tender: 4521099\n", size)
    ),
    "colons": lambda size: _mail(_filled("Nama lengkap:\n", size)),
    "passwords": lambda size: _mail(_filled("Kata sandi akun penyedia kami: Rahasia123, mohon diperiksa.\n", size)),
    "numbers of tickets": lambda size: _mail(_filled("[LPSE-BTG-2026-000123] ", size)),
    "commands": lambda size: _mail(_filled("#jawab Sudah kami perbaiki\n", size)),
    "addresses in the text": lambda size: _mail(_filled("budi.santoso@cv-contoh.example\n", size)),
    "links": lambda size: _mail(_filled("https://spse.batangkab.example/eproc4/lelang/4521099 ", size)),
    "names": lambda size: _mail(_filled("Hormat kami, Budi Santoso, PT Maju Jaya\n", size)),
    "Chinese": lambda size: _mail(_filled("我们无法登录系统请帮忙。", size // 3)),
    "marks above letters": lambda size: _mail(_filled("e\u0301a\u0300", size // 2)),
    "quoted lines": lambda size: _answer(_filled("> " + _SENTENCES[1] + "\n", size)),
    "quotations under a head": lambda size: _answer(
        "Pada Sen, 3 Mar 2025 pukul 10.12 LPSE <lpse@b.example> menulis:\n\n"
        + _filled("> " + _SENTENCES[2] + "\n", size)
    ),
    "a quotation without marks": lambda size: _answer(
        "-----Original Message-----\nFrom: LPSE <lpse@batangkab.example>\nSent: Monday, March 3, 2025 10:12 AM\n"
        "To: Budi\nSubject: Jawaban\n\n" + _filled(_PARAGRAPH, size)
    ),
    "lines between quoted lines": lambda size: _answer(_filled("> Berapa nilainya?\nSeratus juta rupiah.\n", size)),
    "threads": lambda size: _answer(_threads(size)),
    "heads": lambda size: _answer(_filled("Pada Sen, 3 Mar 2025 pukul 10.12 LPSE <lpse@b.example> menulis:\n", size)),
    "heads without a date": lambda size: _answer(_filled("LPSE Batang menulis:\n", size)),
    "heads of Horde": lambda size: _answer(_filled("Mengutip LPSE <lpse@b.example>:\n", size)),
    "blocks of heads": lambda size: _answer(_filled("Dari: a <a@b.example>\nDikirim: Senin\nKepada: b\n", size)),
    "marks only": lambda size: _answer(_filled(">", size)),
    "lines of many marks": lambda size: _answer(_filled(">" * 500 + " ya\n", size)),
    "marker lines": lambda size: _answer(_filled("##- Harap ketik balasan Anda di atas baris ini -##\n", size)),
    "rules": lambda size: _answer(_filled("----------\n", size)),
    "signatures": lambda size: _answer(_filled("-- \nBudi\n", size)),
    "disclaimers": lambda size: _mail("Mohon dibantu.\n\n" + _filled("This e-mail is confidential. ", size)),
    "comments in HTML": lambda size: _page(_filled("<!-- -->", size)),
    "conditional comments": lambda size: _page(_filled("<!--[if mso]>x<![endif]-->", size)),
    "comments without an end": lambda size: _page(_filled("<!--", size)),
    "tags": lambda size: _page(_filled("<b>x</b>", size)),
    "paragraphs": lambda size: _page(_filled('<p class="MsoNormal" style="margin:0">Mohon bantuannya.</p>\n', size)),
    "spans": lambda size: _page(_filled('<span style="font-size:11pt;color:#000">a </span>', size)),
    "breaks": lambda size: _page(_filled("<br>", size)),
    "tables": lambda size: _page("<table>" + _filled("<tr><td>1</td><td>a</td></tr>", size) + "</table>"),
    "nested blocks": lambda size: _page(_filled("<div>", size // 2) + _filled("</div>", size // 2)),
    "nested quotations": lambda size: _page(_filled("<blockquote>", size // 2)),
    "angles": lambda size: _page(_filled("<", size)),
    "entities": lambda size: _page(_filled("&nbsp;&amp;", size)),
    "attributes": lambda size: _page("<p " + _filled("a=b ", size) + ">x</p>"),
    "styles": lambda size: _page("<style>" + _filled("p {margin:0}\n", size) + "</style>"),
    "a picture in the text": lambda size: _page(f'<img src="data:image/png;base64,{_filled("QUJD", size)}">'),
    "uuencoded that cannot be read": lambda size: _mail("Terlampir.\n" + _filled(_UUENCODED, size)),
    "uuencoded": lambda size: _mail("Terlampir.\nbegin 644 a.bin\n" + _filled(_LINE_OF_FILE, size) + "`\nend\n"),
    "uuencoded without an end": lambda size: _mail("begin 644 a.bin\n" + _filled(_LINE_OF_FILE, size)),
    "beginnings of uuencoded": lambda size: _mail(_filled("begin 644 a\n", size)),
    "Base64 in the text": lambda size: _mail(base64.encodebytes(bytes(range(256)) * (size // 346)).decode()),
    "nested parts": _nested,
    "ten thousand addresses": lambda size: _mail(
        "ya", more="Cc: " + ",\n ".join(f"p{n}@x.example" for n in range(size // 400)) + "\n"
    ),
    "long header lines": lambda size: _mail("ya", more=_filled("X-Isi: " + "kata " * 10_000 + "\n", size)),
    "many headers": lambda size: _mail("ya", more=_filled("X-Isi: " + "kata " * 200 + "\n", size * 9 // 10)),
    "folded headers": lambda size: _mail("ya", more=_filled("X-Isi: a\n" + " b\n" * 10_000, size)),
    "a long subject": lambda size: _mail("ya", subject="Balasan otomatis " * (min(size, 60_000) // 17)),
    "a long reference": lambda size: _mail(
        "ya", more="References: " + "<a@b.example> " * (min(size, 60_000) // 14) + "\n"
    ),
    "recipients of a report": lambda size: _report(
        _filled("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n", size)
    ),
    "recipients of one block": lambda size: _report(_filled("Final-Recipient: rfc822; a@b.example\n", size)),
    "a report as JSON": lambda size: _mail(
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":['
        + _filled('{"emailAddress":"a@b.example"},', size)
        + "]}}",
        subject="AWS Notification Message",
        more="X-Mailer: SNS\n",
    ),
    "open brackets": lambda size: _mail(_filled('{"a":[', size)),
}


def mail(name: str, size: int = MEGABYTE) -> bytes:
    return KINDS[name](size)
