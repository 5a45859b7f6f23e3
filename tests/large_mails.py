"""Mails of about a megabyte that strangers can send, each of one kind: they take time in proportion to their length.

`mail(name, size)` gives the same bytes each time; whoever reads one of it and one of twice the size sees what grows.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import islice

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


def _headed(more: str, body: str = "ya") -> bytes:
    """A mail of these headers and no other From or To."""
    return f"{more}Subject: Tidak bisa masuk\nMIME-Version: 1.0\n\n{body}\n".replace("\n", "\r\n").encode()


def _addressed(unit: str, size: int, names: tuple[str, ...] = ("To", "Cc", "Reply-To")) -> bytes:
    """These addresses in each of the headers, as long as a header may be."""
    values = _filled(unit, min(size, _HEADER))
    sender = "" if "From" in names else "From: Budi <budi@cv-contoh.example>\n"
    return _headed(sender + "".join(f"{name}: {values}<lpse@batangkab.go.id>\n" for name in names))


def _parts(part: str, size: int) -> bytes:
    """A text, and as many parts as are read."""
    text = "--x\nContent-Type: text/plain\n\nMohon diperiksa, berkasnya kami lampirkan di bawah.\n"
    count = min(190, max(1, round(size / len(part))))
    return _mail(text + f"--x\n{part}\n" * count + "--x--\n", kind="multipart/mixed; boundary=x")


def _parts_of(size: int, line: str = "{}", kind: str = "plain", inside: str = "mixed") -> bytes:
    """Parts of five thousand bytes, each with words of its own."""
    lines = (line.format(" ".join(_letters(number * 12 + place) for place in range(12))) for number in range(10**6))
    count = min(190, max(1, round(size / 5_000)))
    parts = "".join(f"--x\nContent-Type: text/{kind}\n\n" + "\n".join(islice(lines, 55)) + "\n" for _ in range(count))
    return _mail(parts + "--x--\n", kind=f"multipart/{inside}; boundary=x")


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:06d}")


def _enclosed(size: int) -> bytes:
    """Mails within mails, each sent on as a file of the next."""
    opening = "".join(f"From: a{n}@b.example\nSubject: {n}\nContent-Type: message/rfc822\n\n" for n in range(18))
    inner = f"From: a@b.example\n\n{_filled(_PARAGRAPH, size)}\n"
    return (
        (_HEAD.format(subject="Berkas", more="") + "Content-Type: message/rfc822\n\n" + opening + inner)
        .replace("\n", "\r\n")
        .encode()
    )


def _encoded(body: str, encoding: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    head = _HEAD.format(subject="Tidak bisa masuk", more="")
    head += f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n"
    return (head + body).replace("\n", "\r\n").encode("latin-1")


_FILE = "Content-Type: text/{}\nContent-Disposition: attachment; filename=a.{}\n\n"
_HEADER = 64_000  # characters of a header that is read
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
    "addresses in From and To": lambda size: _addressed("a@b.id, ", size, ("From", "To")),
    "addresses in all headers": lambda size: _addressed("a@b.id, ", size, ("From", "To", "Cc", "Reply-To")),
    "names and addresses": lambda size: _addressed('"Budi, ST" <a@b.id>, ', size),
    "names beside addresses": lambda size: _addressed("a@b.id (Budi, ST), ", size),
    "comments in addresses": lambda size: _addressed("(k)", size),
    "comments nested in addresses": lambda size: _addressed("(", size),
    "groups of addresses": lambda size: _addressed("kelompok: a@b.id, c@d.id;, ", size),
    "groups without an end": lambda size: _addressed("g:", size),
    "encoded names": lambda size: _addressed("=?utf-8?q?B=C3=BCdi?= <a@b.id>, ", size),
    "encoded words in From": lambda size: _addressed("=?utf-8?q?a?= ", min(size, _HEADER // 2), ("To", "From")),
    "a subject of encoded words": lambda size: _mail(
        "ya", subject=_filled("=?utf-8?q?Balasan_otomatis?= ", min(size, _HEADER))
    ),
    "Received": lambda size: _mail(
        "ya",
        more=_filled(
            "Received: from a.example (a.example [192.0.2.1]) by mx.batangkab.go.id (Postfix) with ESMTPS id 4XyZ\n"
            "\tfor <lpse@batangkab.go.id>; Mon, 3 Mar 2025 10:12:00 +0700 (WIB)\n" + "\t(x)\n" * 200,
            size,
        ),
    ),
    "results of authentication": lambda size: _mail(
        "ya",
        more=_filled("Authentication-Results: mx.example; " + "spf=pass smtp.mailfrom=a@b.example; " * 30 + "\n", size),
    ),
    "one result of authentication": lambda size: _mail(
        "ya",
        more="Authentication-Results: mx.example; "
        + _filled("dkim=pass header.d=b.example; ", min(size, _HEADER))
        + "\n",
    ),
    "comments in a result": lambda size: _mail(
        "ya", more="Authentication-Results: mx.example (" + _filled("(", min(size, _HEADER)) + "\n"
    ),
    "ten thousand references": lambda size: _mail(
        "ya", more="References: " + _filled("<a@b> ", min(size, _HEADER)) + "\n"
    ),
    "answers to many": lambda size: _mail("ya", more="In-Reply-To: " + _filled("<a@b> ", min(size, _HEADER)) + "\n"),
    "parts of text": lambda size: _parts("Content-Type: text/plain\n\n" + _PARAGRAPH * 12, size),
    "parts of HTML": lambda size: _parts("Content-Type: text/html\n\n" + "<p>Mohon dibantu.</p>" * 250, size),
    "parts of different text": lambda size: _parts_of(size),
    "parts of different HTML": lambda size: _parts_of(size, "<p>{}</p>", "html"),
    "text as alternatives": lambda size: _parts_of(size, inside="alternative"),
    "files of text": lambda size: _parts(_FILE.format("plain", "txt") + _PARAGRAPH * 12, size),
    "files of different text": lambda size: _parts_of(size, kind="plain; name=a.txt"),
    "files of HTML": lambda size: _parts(_FILE.format("html", "html") + "<p>Mohon dibantu.</p>" * 250, size),
    "one file of HTML": lambda size: _parts(
        _FILE.format("html", "html") + _filled("<p>Mohon dibantu.</p>", size), size
    ),
    "files of RTF": lambda size: _parts(_FILE.format("rtf", "rtf") + "{\\rtf1 " + "{\\b ya}\\par " * 380 + "}", size),
    "files of events": lambda size: _parts(
        _FILE.format("calendar", "ics") + "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nSUMMARY:rapat\nEND:VEVENT\n" * 110, size
    ),
    "parts that are files": lambda size: _parts(
        'Content-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n\n' + "QUJD" * 1200, size
    ),
    "parts in header lines": lambda size: _parts("X-A: a\n" * 900 + "\nya", size // 2),
    "mails within mails": _enclosed,
    "mails in one another": lambda size: (
        (_HEAD.format(subject="x", more="") + "Content-Type: message/rfc822\n\n" * (size // 32))
        .replace("\n", "\r\n")
        .encode()
    ),
    "flowed": lambda size: _mail(_filled("Mohon dibantu \n", size), kind="text/plain; charset=utf-8; format=flowed"),
    "flowed without blanks": lambda size: _mail(
        _filled("Mohon dibantu \n", size), kind="text/plain; charset=utf-8; format=flowed; delsp=yes"
    ),
    "flowed quotations": lambda size: _mail(
        "ya\n" + _filled("> Mohon dibantu \n", size), kind="text/plain; charset=utf-8; format=flowed"
    ),
    "tables in one another": lambda size: _page(_filled("<table><tr><td>", size) + "ya"),
    "tables in one another, side by side": lambda size: _page(
        _filled("<table><tr><td>" * 15 + "ya" + "</td></tr></table>" * 15, size)
    ),
    "lists in one another": lambda size: _page(_filled("<ul><li>a", size)),
    "wide tables": lambda size: _page("<table><tr>" + _filled("<td>a</td>", size) + "</tr></table>"),
    "cells over many": lambda size: _page(
        "<table>" + _filled('<tr><td colspan="1000" rowspan="1000">a</td></tr>', size) + "</table>"
    ),
    "numbers of letters": lambda size: _page(_filled("&#x41;", size)),
    "links in HTML": lambda size: _page(_filled('<a href="https://a.example/x?y=z">tautan</a> ', size)),
    "hidden blocks": lambda size: _page(_filled('<div style="display:none">x</div>', size)),
    "hidden blocks in one another": lambda size: _page(_filled('<div style="display:none">', size)),
    "lines of preformatted text": lambda size: _page("<pre>" + _filled("a  b\n", size) + "</pre>"),
    "HTML without tags": lambda size: _page(_filled(_PARAGRAPH, size)),
    "quotations in HTML": lambda size: _page(
        _filled("<p>Pada Sen, 3 Mar 2025 LPSE &lt;lpse@b.example&gt; menulis:</p><blockquote>ya</blockquote>", size)
    ),
    "base64 with rubbish": lambda size: _encoded(_filled("QU!JD*\n", size), "base64"),
    "base64 in seams": lambda size: _encoded(_filled("QQ==\n", size), "base64"),
    "soft breaks": lambda size: _encoded(_filled("=\n", size), "quoted-printable"),
    "soft breaks behind letters": lambda size: _encoded(_filled("a=\n", size), "quoted-printable"),
    "quoted-printable": lambda size: _encoded(_filled("=61=20", size), "quoted-printable"),
    "quoted-printable that is none": lambda size: _encoded(_filled("=ZZ", size), "quoted-printable"),
    "UTF-7": lambda size: _encoded(_filled("+AGEAYg- ", size), "7bit", "text/plain; charset=utf-7"),
    "ISO-2022-JP": lambda size: _encoded(_filled('\x1b$B$"$$\x1b(B ', size), "7bit", "text/plain; charset=iso-2022-jp"),
    "bytes of no charset": lambda size: _encoded(_filled("\xff\xfe ", size), "8bit"),
    "enriched text": lambda size: _encoded(_filled("<bold>ya</bold> ", size), "7bit", "text/enriched"),
    "RTF": lambda size: _encoded("{\\rtf1 " + _filled("{\\b ya}\\par ", size) + "}", "7bit", "text/rtf"),
    "RTF in one another": lambda size: _encoded("{\\rtf1 " + _filled("{", size), "7bit", "text/rtf"),
    "an invitation": lambda size: _encoded(
        "BEGIN:VCALENDAR\n" + _filled("BEGIN:VEVENT\nSUMMARY:rapat\nDESCRIPTION:a\n b\nEND:VEVENT\n", size),
        "7bit",
        "text/calendar; method=REQUEST",
    ),
}

#: What nobody reads: each is refused, in no more time than what is read.
REFUSED: dict[str, Maker] = {
    "eight thousand Received": lambda size: _mail(
        "ya", more=_filled("Received: from a.example by b.example; x\n", size)
    ),
    "a header line of a megabyte": lambda size: _mail("ya", more="X-A: " + "a" * size + "\n"),
    "a folded header of a megabyte": lambda size: _mail("ya", more="X-A: a\n" + _filled(" b\n", size)),
    "five thousand parts": lambda size: _mail(
        _filled("--x\nContent-Type: text/plain\n\n" + "ya\n" * 60, size), kind="multipart/mixed; boundary=x"
    ),
    "parts in one another": lambda size: (
        (
            _HEAD.format(subject="x", more="")
            + "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(size // 60))
        )
        .replace("\n", "\r\n")
        .encode()
    ),
    "a name in ten thousand pieces": lambda size: _mail(
        "ya", kind="text/plain; " + "; ".join(f"name*{n}=a" for n in range(min(size, 60_000) // 12))
    ),
}


def mail(name: str, size: int = MEGABYTE) -> bytes:
    return KINDS[name](size)
