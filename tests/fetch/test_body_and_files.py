"""A mail has one body: in whatever further form it comes, that form is never a file to be passed on."""

from __future__ import annotations

import pytest

from mailbot.fetch.originals import passed_on
from mailbot.model import Message
from mailbot.parsers.mime.message import parse
from tests.mime_shapes import (
    PDF,
    REAL,
    SHAPES,
    Reply,
    attached,
    both,
    calendar,
    enriched,
    inline,
    mail,
    multi,
    packed_rtf,
    page_of,
    part,
    rtf,
    text_of,
    tnef,
    uuencoded,
)
from tests.parsers.test_tnef import packed_file, winmail

WORDS = (
    "Selamat pagi, berikut penjelasan kami mengenai akun Penyedia yang terkunci.\n"
    "Silakan masuk kembali melalui halaman SPSE dan perbarui data perusahaan Saudara."
)
CANARY = "Rubrik-7731"
QUOTED = (
    "Yth. petugas, ada tiket baru dari penyedia yang perlu ditangani hari ini.\n"
    f"Gunakan tautan ini hanya untuk petugas dengan kode {CANARY} dan jangan diteruskan.\n"
    "Nomor tiket dan tenggat tercantum pada daftar pekerjaan bagian helpdesk."
)
REPLY = Reply(WORDS, QUOTED)
OTHERS = [
    REPLY,
    Reply("Baik.", QUOTED),
    Reply("Sudah kami perbaiki, mohon dicoba lagi.", CANARY),
    Reply("Harga & <syarat> “tetap” – 100%\nTidak ada perubahan jadwal é.", QUOTED.replace("\n", "\n\n")),
    Reply(WORDS, "\n".join(f"Baris {n} kutipan lama dengan kode {CANARY} untuk petugas {n}." for n in range(60))),
]


def squeezed(text: str) -> str:
    return " ".join(text.replace(">", " ").split())


def leaks(message: Message) -> list[str]:
    """The files that would go on with a word of the quotation in them, whatever way they write it."""
    found = {file.name: file for user in (True, False) for file in passed_on(message, from_user=user)}
    return [name for name in found if name not in REAL and not name.endswith((".p7s", ".asc"))]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("number", range(len(OTHERS)))
def test_no_further_form_of_the_body_is_a_file(shape: str, number: int) -> None:
    message = parse(SHAPES[shape](OTHERS[number]))
    assert leaks(message) == []
    for from_user in (True, False):
        for file in passed_on(message, from_user=from_user):
            assert CANARY.encode() not in file.data


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("number", range(len(OTHERS)))
def test_the_writers_words_are_read_exactly_once(shape: str, number: int) -> None:
    reply = OTHERS[number]
    text = squeezed(parse(SHAPES[shape](reply)).text)
    for line in reply.words.split("\n"):
        assert text.count(squeezed(line)) == 1, text


# --- real files -------------------------------------------------------------------------------------------

LOG = "\n".join(
    f"2026-11-02 09:{n:02d}:11 ERROR [spse.login] token kedaluwarsa untuk sesi {n * 7919}" for n in range(60)
)
REPORT = (
    "<!DOCTYPE html><html><head><title>Laporan</title></head><body><h1>Laporan galat aplikasi</h1><table>"
    + "".join(f"<tr><td>modul {n}</td><td>gagal dimuat setelah {n} detik</td></tr>" for n in range(40))
    + "</table></body></html>"
)
LETTER = (
    "Yth. Kepala Unit Layanan Pengadaan\ndi tempat\n\nDengan hormat, bersama surat ini kami sampaikan bahwa perusahaan "
    "kami telah berganti direktur sesuai akta perubahan nomor dua belas, sehingga kami memohon agar data pada aplikasi "
    "disesuaikan dengan akta tersebut. Demikian surat ini dibuat dengan sebenarnya."
)
EVENT = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTART:20261104T020000Z\r\nSUMMARY:Rapat\r\n"
EVENT += "LOCATION:Ruang rapat\r\nDESCRIPTION:Pembahasan kendala\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def beside(*files: bytes, text: str = REPLY.plain) -> bytes:
    return mail(REPLY, multi("mixed", part("text/plain", text), *files))


def beside_both(*files: bytes) -> bytes:
    return mail(REPLY, multi("mixed", both(REPLY), *files))


FILES = {
    "invitation": beside(part("text/calendar", EVENT, attached("invite.ics"))),
    "invitation beside two forms": beside_both(part("application/ics", EVENT.encode(), attached("invite.ics"))),
    "Google's invitation": mail(
        REPLY,
        multi(
            "mixed",
            multi(
                "alternative",
                part("text/plain", "Anda diundang ke acara berikut.\nRapat\nPembahasan kendala\nRuang rapat"),
                part("text/calendar", EVENT),
            ),
            part("application/ics", EVENT.encode(), attached("invite.ics")),
        ),
    ),
    "report": beside(part("text/html", REPORT, attached("laporan.html"))),
    "report beside two forms": beside_both(part("text/html", REPORT, attached("laporan.html"))),
    "report without a word beside it": mail(REPLY, multi("mixed", part("text/html", REPORT, attached("galat.html")))),
    "report of a thin mail": beside(part("text/html", REPORT, attached("laporan.html")), text="Terlampir laporan."),
    "report, its format named": beside(
        part("text/html", REPORT, attached("laporan.html")), text="Terlampir laporan berformat HTML."
    ),
    "report of no type": beside(part("application/octet-stream", REPORT.encode(), attached("laporan.html"))),
    "report that is named like a body": beside(part("text/html", REPORT, attached("message.html"))),
    "letter in Rich Text": beside(part("application/rtf", rtf(LETTER), attached("surat.rtf"))),
    "letter in Rich Text in a broken alternative": mail(
        REPLY,
        multi("alternative", part("text/plain", REPLY.plain), part("text/rtf", rtf(LETTER), attached("surat.rtf"))),
    ),
    "letter as text": beside(part("text/plain", LETTER, attached("surat.txt"))),
    "letter as an iPhone sends it": beside(part('text/plain; name="surat.txt"', LETTER, inline("surat.txt"))),
    "letter with the same salutation": beside(
        part("text/plain", LETTER, attached("surat.txt")),
        text="Yth. Kepala Unit Layanan Pengadaan\n\nMohon bantuan, surat permohonan kami terlampir. Terima kasih.",
    ),
    "log": beside(part("text/plain", LOG, attached("spse.log"))),
    "log with one line in the mail": beside(
        part("text/plain", LOG, attached("log.txt")),
        text=f"Muncul galat berikut:\n{LOG.splitlines()[7]}\nMohon bantuan.",
    ),
    "log in a winmail.dat": beside(
        part(
            "application/ms-tnef", winmail(packed_rtf(REPLY.plain), packed_file("log.txt", LOG.encode(), "text/plain"))
        )
    ),
    "log in uuencode": mail(REPLY, part("text/plain", REPLY.plain + uuencoded("log.txt", LOG.encode()))),
    "table": beside(part("text/csv", "nama;nilai\nsatu;1\ndua;2\n", attached("data.csv"))),
    "XML": beside(part("text/xml", "<data><nama>CV Abadi</nama></data>", attached("data.xml"))),
    "numbers": beside(part("text/plain", "10046325", attached("nomor.txt"))),
    "nothing": beside(part("text/plain", "", attached("kosong.txt"))),
    "card": beside(part("text/vcard", "BEGIN:VCARD\r\nFN:Siti\r\nEND:VCARD\r\n", attached("siti.vcf"))),
    "PDF in a broken alternative": mail(REPLY, multi("alternative", text_of(REPLY), page_of(REPLY), PDF)),
    "signed document": beside(part("application/pkcs7-mime", b"0\x80isi", attached("akta.pdf.p7m"))),
    "AppleDouble": beside(
        multi(
            "appledouble", part('application/applefile; name="akta.pdf"', b"\0\5\x16\7"), part("application/pdf", b"%")
        )
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_a_real_file_stays_a_file(what: str) -> None:
    message = parse(FILES[what])
    for from_user in (True, False):
        assert len(passed_on(message, from_user=from_user)) == 1
    assert message.ambiguous == ()


# --- what cannot be told ----------------------------------------------------------------------------------

HALF = "\n".join(REPLY.plain.split("\n")[:4]) + "\n" + LETTER
DOUBTS = {
    "a page with the body and more": beside(part("text/html", f"{REPLY.html}{REPORT}", attached("laporan.html"))),
    "a text with the body and more": beside(part("text/plain", f"{REPLY.plain}\n{LOG}", attached("catatan.txt"))),
    "the words with another quotation": beside(
        part("application/rtf", rtf(REPLY.plain), attached("a.rtf")), text=f"{WORDS}\n\n{LETTER}"
    ),
    "a short body and more": beside(part("text/plain", REPLY.plain, attached("a.txt")), text=WORDS.split(",")[0]),
    "half of the words": beside(part("text/plain", HALF, attached("a.txt"))),
    "a calendar with the body and more": beside(
        part("text/calendar", calendar(REPLY.plain + LETTER), attached("invite.ics"))
    ),
    "PGP": mail(
        REPLY,
        multi(
            "encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", b"rahasia")
        ),
    ),
    "S/MIME": mail(REPLY, part("application/pkcs7-mime; name=smime.p7m", b"0\x80isi")),
    "S/MIME with a list's footer": beside(
        part("application/pkcs7-mime; name=smime.p7m", b"0\x80isi"), text="Milis LPSE"
    ),
    "a text of many megabytes": mail(REPLY, part("text/plain", "baris\n" * 400_000)),
}


@pytest.mark.parametrize("what", DOUBTS)
def test_a_file_that_may_be_the_body_goes_to_nobody_outside_and_the_mail_says_why(what: str) -> None:
    message = parse(DOUBTS[what])
    assert message.attachments
    assert message.ambiguous
    for from_user in (True, False):
        assert passed_on(message, from_user=from_user) == []


# --- words of one form alone ------------------------------------------------------------------------------

ALSO = "Tambahan: rapat dipindahkan ke hari Kamis pukul sepuluh."
FORMS = {
    "HTML alternative": lambda both: multi(
        "alternative", part("text/plain", REPLY.plain), part("text/html", Reply(both, QUOTED).html)
    ),
    "HTML beside": lambda both: multi(
        "mixed", part("text/plain", REPLY.plain), part("text/html", Reply(both, QUOTED).html)
    ),
    "Rich Text": lambda both: multi(
        "alternative", part("text/plain", REPLY.plain), part("text/rtf", rtf(Reply(both, QUOTED).plain))
    ),
    "winmail.dat": lambda both: multi(
        "mixed", part("text/plain", REPLY.plain), tnef(REPLY, packed_rtf(Reply(both, QUOTED).plain))
    ),
    "calendar": lambda both: multi(
        "alternative", part("text/plain", REPLY.plain), part("text/calendar", calendar(Reply(both, QUOTED).plain))
    ),
    "enriched": lambda both: multi(
        "alternative", part("text/plain", REPLY.plain), part("text/enriched", enriched(Reply(both, QUOTED).plain))
    ),
    "attached page": lambda both: multi(
        "mixed", part("text/plain", REPLY.plain), part("text/html", Reply(both, QUOTED).html, attached("body.html"))
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("also", [f"{WORDS}\n{ALSO}", f"{ALSO}\n{WORDS}", WORDS.replace("\n", f"\n{ALSO}\n")])
def test_words_of_a_further_form_alone_are_joined_once(form: str, also: str) -> None:
    message = parse(mail(REPLY, FORMS[form](also)))
    text = squeezed(message.text)
    for line in (*WORDS.split("\n"), ALSO):
        assert text.count(squeezed(line)) == 1, text
    assert message.files == ()
    assert message.ambiguous == ()
