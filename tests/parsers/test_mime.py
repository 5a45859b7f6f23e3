"""What is the text of a mail, and what came along: structures as mail programs really write them."""

from __future__ import annotations

import base64
import hashlib
import quopri

import pytest

from mailbot.errors import ParseError
from mailbot.model import Message
from mailbot.parsers.mime.filenames import clean_name
from mailbot.parsers.mime.flowed import reflow
from mailbot.parsers.mime.headers import decode_words, parameters
from mailbot.parsers.mime.message import Limits, parse
from mailbot.parsers.mime.transfer import lenient_base64

HEAD = "From: a@contoh.example\r\nTo: lpse@batangkab.go.id\r\nSubject: x\r\n"


def part(kind: str, body: str = "", *more: str) -> str:
    return "\r\n".join([f"Content-Type: {kind}", *more, "", body])


_count = iter(range(10**9))


def multi(kind: str, *parts: str) -> str:
    boundary = f"batas.{next(_count)}."
    inner = "".join(f"--{boundary}\r\n{each}\r\n" for each in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


def read(body: str, head: str = HEAD) -> Message:
    return parse((head + body).encode())


def lines(message: Message) -> list[str]:
    return [line.strip() for line in message.text.split("\n") if line.strip()]


PLAIN = part("text/plain; charset=utf-8", "Halo dari teks.")
HTML = part("text/html; charset=utf-8", "<p>Halo dari <b>HTML</b>.</p>")
PDF = part("application/pdf; name=surat.pdf", "JVBERi0=", "Content-Transfer-Encoding: base64")
IMAGE = part("image/png", "iVBORw==", "Content-Transfer-Encoding: base64", "Content-ID: <gambar1>")
TEXT_FILE = part("text/plain; name=log.txt", "#tutup", "Content-Disposition: attachment; filename=log.txt")
CLOSED = part("message/rfc822", "From: b@c.id\r\nSubject: [LPSE-BTG-2026-000001]\r\n\r\n#tutup")
AFTER = part("text/plain", "Sesudah lampiran.")
SIGNATURE = part("application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----")


# structure, lines of the text, names of the files
SHAPES = [
    ("plain and HTML", multi("alternative", PLAIN, HTML), ["Halo dari teks."], []),
    ("HTML first", multi("alternative", HTML, PLAIN), ["Halo dari teks."], []),
    ("HTML only", HTML, ["Halo dari HTML."], []),
    ("HTML as the only alternative", multi("alternative", HTML), ["Halo dari HTML."], []),
    ("an empty plain part", multi("alternative", part("text/plain", " \r\n"), HTML), ["Halo dari HTML."], []),
    ("a plain part of signs", multi("alternative", part("text/plain", "--\r\n* "), HTML), ["Halo dari HTML."], []),
    ("an empty HTML part", multi("alternative", PLAIN, part("text/html", "<p> </p>")), ["Halo dari teks."], []),
    ("Gmail", multi("mixed", multi("alternative", PLAIN, HTML), PDF), ["Halo dari teks."], ["surat.pdf"]),
    (
        "Outlook",
        multi("mixed", multi("related", multi("alternative", PLAIN, HTML), IMAGE), PDF),
        ["Halo dari teks."],
        ["lampiran-1.png", "surat.pdf"],
    ),
    (
        "Apple Mail",
        multi("alternative", PLAIN, multi("mixed", HTML, PDF, part("text/html", "<p>Salam</p>"))),
        ["Halo dari teks.", "Salam"],
        ["surat.pdf"],
    ),
    (
        "Apple Mail without plain text",
        multi("mixed", HTML, PDF, part("text/html", "<div>Salam</div>")),
        ["Halo dari HTML.", "Salam"],
        ["surat.pdf"],
    ),
    ("iPhone", multi("mixed", PLAIN, PDF, AFTER), ["Halo dari teks.", "Sesudah lampiran."], ["surat.pdf"]),
    ("the file first", multi("mixed", PDF, AFTER), ["Sesudah lampiran."], ["surat.pdf"]),
    ("a list's footer below HTML", multi("mixed", HTML, AFTER), ["Halo dari HTML.", "Sesudah lampiran."], []),
    (
        "a footer in HTML below text",
        multi("mixed", PLAIN, part("text/html", "<i>Pesan ini rahasia sekali.</i>")),
        ["Halo dari teks.", "Pesan ini rahasia sekali."],
        [],
    ),
    (
        "both forms side by side",
        multi("mixed", PLAIN, part("text/html", "<p>Halo dari teks.</p>")),
        ["Halo dari teks."],
        [],
    ),
    ("a text as a file", multi("mixed", PLAIN, TEXT_FILE), ["Halo dari teks."], ["log.txt"]),
    ("only a text as a file", multi("mixed", TEXT_FILE), [], ["log.txt"]),
    ("a forwarded mail", multi("mixed", PLAIN, CLOSED), ["Halo dari teks."], ["surat-1.eml"]),
    ("only a forwarded mail", CLOSED, [], ["surat-1.eml"]),
    ("a digest", multi("digest", "\r\nSubject: satu\r\n\r\n#tutup"), [], ["surat-1.eml"]),
    ("PGP signed", multi("signed", PLAIN, SIGNATURE), ["Halo dari teks."], ["signature.asc"]),
    (
        "named alternatives",
        multi("alternative", part("text/plain; name=a.txt", "Halo."), part("text/html; name=b.html", "<p>Halo</p>")),
        ["Halo."],
        [],
    ),
    ("one part with a name", part("text/plain; name=pesan.txt", "Halo."), ["Halo."], []),
    ("one named part alone in a multipart", multi("mixed", part("text/plain; name=p.txt", "Halo.")), ["Halo."], []),
    (
        "related with a start",
        multi('related; start="<isi>"', IMAGE, part("text/html; name=x.htm", "<p>Isi</p>", "Content-ID: <isi>")),
        ["Isi"],
        ["lampiran-1.png"],
    ),
    (
        "AMP and the watch",
        multi("alternative", PLAIN, part("text/x-amp-html", "<amp>"), part("text/watch-html", "<b>"), HTML),
        ["Halo dari teks."],
        [],
    ),
    ("enriched only", multi("alternative", part("text/enriched", "<bold>Hai</bold>")), ["Hai"], []),
    (
        "AppleDouble",
        multi("mixed", PLAIN, multi("appledouble", part("application/applefile; name=s.pdf", "x"), PDF)),
        ["Halo dari teks."],
        ["surat.pdf"],
    ),
    (
        "an invitation",
        multi("alternative", PLAIN, HTML, part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR")),
        ["Halo dari teks."],
        [],
    ),
    (
        "a delivery report",
        multi("report; report-type=delivery-status", PLAIN, part("message/delivery-status", "Action: failed"), CLOSED),
        ["Halo dari teks."],
        ["lampiran-1.bin", "surat-2.eml"],
    ),
    ("an unknown multipart", multi("xyz", PLAIN, PDF), ["Halo dari teks."], ["surat.pdf"]),
    ("upper case", PLAIN.replace("text/plain", "TEXT/PLAIN"), ["Halo dari teks."], []),
    (
        "a forgotten type",
        'Content-Disposition: ; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\nx',
        [],
        ["a.pdf"],
    ),
]


@pytest.mark.parametrize(("body", "text", "files"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES])
def test_text_and_files_are_what_a_reader_of_this_mail_sees(body: str, text: list[str], files: list[str]) -> None:
    message = read(body)
    assert lines(message) == text
    assert [a.name for a in message.files] == files
    assert message.ambiguous == ()


STUBS = [
    "Your email client does not support HTML messages.",
    "This message is in HTML format. To view it, use an HTML compatible email viewer!",
    "To view this email in your browser, click here: https://contoh.example/x",
    "Klien surel Anda tidak mendukung HTML.",
    "Program email Anda tidak dapat menampilkan pesan HTML ini.",
    "This is a multi-part message in MIME format.",
]


@pytest.mark.parametrize("stub", STUBS)
def test_a_plain_part_that_only_excuses_itself_gives_way_to_the_html(stub: str) -> None:
    assert lines(read(multi("alternative", part("text/plain", stub), HTML))) == ["Halo dari HTML."]
    assert lines(read(multi("alternative", part("text/plain", stub)))) == [stub]


@pytest.mark.parametrize(
    "words", ["Halaman HTML di SPSE tidak mau terbuka, mohon bantuan.", "ok", "10046325", "Baik, terima kasih."]
)
def test_a_plain_part_of_few_words_is_kept_and_what_only_the_html_says_stands_below(words: str) -> None:
    page = part("text/html", f"<p>{words}</p>")
    assert lines(read(multi("alternative", part("text/plain", words), page))) == [words]
    assert lines(read(multi("alternative", part("text/plain", words), HTML))) == [words, "Halo dari HTML."]


def test_an_image_that_the_html_shows_is_inline_wherever_it_stands() -> None:
    html = part("text/html", "<p>Lihat <img src='cid:gambar1'></p>")
    [image] = read(multi("mixed", html, IMAGE)).attachments
    assert image.inline
    [image] = read(multi("mixed", PLAIN, IMAGE)).attachments
    assert not image.inline
    shown = multi("mixed", multi("alternative", PLAIN, html), PDF, IMAGE)
    assert [a.inline for a in read(shown).attachments] == [False, False]


ENCRYPTED = [
    (
        "PGP/MIME",
        multi("encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "-----")),
        "dienkripsi (PGP)",
    ),
    ("S/MIME", part("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "0"), "dienkripsi (S/MIME)"),
    (
        "S/MIME, opaque",
        part(
            "application/pkcs7-mime; name=smime.p7m",
            base64.b64encode(bytes.fromhex("308006092a864886f70d010702a080")).decode(),
            "Content-Transfer-Encoding: base64",
        ),
        "tanda tangan digital",
    ),
]


@pytest.mark.parametrize(("body", "notice"), [e[1:] for e in ENCRYPTED], ids=[e[0] for e in ENCRYPTED])
def test_an_encrypted_mail_says_so_and_keeps_its_file(body: str, notice: str) -> None:
    message = read(body)
    assert notice in message.text
    assert message.attachments


@pytest.mark.parametrize("kind", ["message/partial; id=a; number=1", "message/external-body; access-type=URL; url=x"])
def test_what_is_elsewhere_is_never_fetched_and_is_ambiguous(kind: str) -> None:
    message = read(multi("mixed", PLAIN, part(kind, "Content-Type: text/plain\r\n\r\n#tutup")))
    assert lines(message) == ["Halo dari teks."]
    assert len(message.attachments) == 1
    assert any(kind.partition(";")[0] in reason for reason in message.ambiguous)


def test_a_part_with_an_unknown_encoding_is_kept_as_it_stands() -> None:
    message = read(part("text/plain", "Halo", "Content-Transfer-Encoding: rahasia"))
    assert message.text == "Halo"
    assert "UnknownTransferEncoding" in message.defects


def test_a_text_of_many_megabytes_is_a_file_and_its_beginning_the_text() -> None:
    body = "baris\r\n" * 400_000
    message = read(part("text/plain", body))
    assert message.text.endswith("[…]")
    assert len(message.text) <= Limits().text_size + 10
    assert message.attachments[0].data == body.encode()


# --- bytes and hashes ------------------------------------------------------------------------------

DATA = bytes(range(1, 256)) * 3 + b"\r\n.\r\n\n\rend "
ENCODED = [
    ("base64", base64.encodebytes(DATA)),
    ("quoted-printable", quopri.encodestring(DATA, quotetabs=True)),
    ("8bit", DATA),
    ("binary", DATA),
]


@pytest.mark.parametrize(("encoding", "body"), ENCODED)
@pytest.mark.parametrize("kind", ["application/pdf", "text/plain", "text/html", "text/csv", "image/png"])
def test_the_bytes_of_a_file_are_as_they_were_sent(kind: str, encoding: str, body: bytes) -> None:
    if encoding == "quoted-printable":
        body = quopri.encodestring(DATA.replace(b"\r\n", b"\n").replace(b"\n\r", b"\n"))
    expected = quopri.decodestring(body) if encoding == "quoted-printable" else DATA
    head = f"Content-Type: {kind}; charset=utf-8; name=f\r\nContent-Disposition: attachment\r\n"
    raw = HEAD.encode() + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    raw += head.encode() + f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body + b"\r\n--b--\r\n"
    [file] = parse(raw).attachments
    assert file.data == expected
    assert file.sha256 == hashlib.sha256(expected).hexdigest()


INNER = b"From: b@c.id\r\nSubject: =?utf-8?q?a?=\r\n\r\nBaris satu\r\n\r\n\r\nBaris dua  \r\n"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("7bit", INNER), ("base64", base64.encodebytes(INNER)), ("quoted-printable", INNER.replace(b"=", b"=3D"))],
)
def test_an_enclosed_mail_is_kept_byte_by_byte(encoding: str, body: bytes) -> None:
    raw = HEAD.encode() + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n"
    raw += f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body + b"\r\n--b--\r\n"
    [file] = parse(raw).attachments
    assert file.data.rstrip(b"\r\n") == INNER.rstrip(b"\r\n")
    assert parse(raw).text == ""


@pytest.mark.parametrize(
    ("source", "data"),
    [
        (b"SGFsbw==", b"Halo"),
        (b"SGFsbw", b"Halo"),
        (b"SGFsbw=", b"Halo"),
        (b"SGF*s bw==\r\n", b"Halo"),
        (b"SGFsbwA", b"Halo\0"),
        (b"SGFsbw==\r\nSGFsbw==", b"HaloHalo"),
        (b"====", b""),
        (b"", b""),
    ],
)
def test_base64_is_read_as_far_as_it_goes(source: bytes, data: bytes) -> None:
    assert lenient_base64(source) == data


# --- uuencode ----------------------------------------------------------------------------------------

UU = "begin 644 layar.png\r\n#B5!.\r\n`\r\nend\r\n"


def test_a_file_written_into_the_text_is_a_file() -> None:
    message = read(part("text/plain", f"Terlampir:\r\n{UU}Salam"))
    assert lines(message) == ["Terlampir:", "[layar.png]", "Salam"]
    assert [(a.name, a.data) for a in message.attachments] == [("layar.png", b"\x89PN")]


@pytest.mark.parametrize(
    "words",
    [
        "begin 644 a.txt\nSaya mulai dari sini\nend",
        "begin 644 layar.png\n#B5!.\n",
        "> begin 644 layar.png\n> #B5!.\n> `\n> end",
        "begin 644 kosong\n`\nend",
        "begin lagi end",
    ],
)
def test_what_is_no_complete_file_stays_text(words: str) -> None:
    message = read(part("text/plain", words))
    assert message.text == words
    assert message.attachments == ()


# --- names ---------------------------------------------------------------------------------------------

NAMES = [
    ('filename="surat kuasa.pdf"', "surat kuasa.pdf"),
    ("filename=surat kuasa (1).pdf", "surat kuasa (1).pdf"),
    ('filename="=?utf-8?Q?surat=20kuasa=2Epdf?="', "surat kuasa.pdf"),
    ('filename="=?utf-8?B?c3VyYXQ=?= =?utf-8?B?LnBkZg==?="', "surat.pdf"),
    ("filename*=UTF-8''surat%20ku%C3%A1sa.pdf", "surat kuása.pdf"),
    ("filename*=utf-8'id'surat.pdf", "surat.pdf"),
    ("filename*=\"UTF-8''surat.pdf\"", "surat.pdf"),
    ("filename*=iso-8859-1''kaf%E9.pdf", "kafé.pdf"),
    ('filename*0="surat yang "; filename*1="panjang.pdf"', "surat yang panjang.pdf"),
    ('filename*1="panjang.pdf"; filename*0="surat yang "', "surat yang panjang.pdf"),
    ("filename*0*=utf-8''surat%20; filename*1=\"100%.pdf\"", "surat 100%.pdf"),
    ("filename=a.pdf; filename*=utf-8''b.pdf", "b.pdf"),
    ('filename="C:\\Users\\Budi\\surat.pdf"', "surat.pdf"),
    ('filename="..\\..\\surat.pdf"', "surat.pdf"),
    ('filename="../../../etc/passwd"', "passwd"),
    ('filename="a\\"b.pdf"', "a_b.pdf"),
    ('filename="=?utf-8?B?PT91dGYtOD9RP3N1cmF0LnBkZj89?="', "surat.pdf"),
    ('filename="=?utf-8?Q?a=0D=0Ab=00c.pdf?="', "a b c.pdf"),
    ('filename="=?utf-8?Q?tagihan=E2=80=AEfdp.exe?="', "tagihan fdp.exe"),
    ('filename="CON"', "_CON"),
    ('filename="nul.txt"', "_nul.txt"),
    ('filename=""', "lampiran-1.pdf"),
    ('filename="   ...  "', "lampiran-1.pdf"),
    ('filename="=?utf-8?Q?=E2=80=8B?="', "lampiran-1.pdf"),
    ('filename="a:b?c*d|e.pdf"', "a_b_c_d_e.pdf"),
    ('filename="' + "x" * 4096 + '.pdf"', "x" * 116 + ".pdf"),
    ('filename="surat.pdf', "surat.pdf"),
    ("filename*=utf-8''%E2%80%AE%00%0A", "lampiran-1.pdf"),
]


@pytest.mark.parametrize(("parameter", "name"), NAMES)
def test_the_name_of_a_file_is_decoded_and_cleaned(parameter: str, name: str) -> None:
    body = part("application/pdf", "x", f"Content-Disposition: attachment; {parameter}")
    assert [a.name for a in read(body).attachments] == [name]


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("foto.png", "foto.png"),
        ("https://x.example/a/foto.png?b=c", "foto.png"),
        ("https://x.example/", "lampiran-1.png"),
    ],
)
def test_a_file_without_a_name_has_that_of_its_location(location: str, name: str) -> None:
    assert [a.name for a in read(part("image/png", "x", f"Content-Location: {location}")).attachments] == [name]


def test_raw_8_bit_names_are_read_and_harmless() -> None:
    for name in ("kafé.pdf".encode(), "kafé.pdf".encode("cp1252")):
        raw = HEAD.encode() + b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=" + name
        message = parse(raw + b"\r\n\r\nx")
        assert [a.name for a in message.attachments] == ["kafé.pdf"]
        assert message.ambiguous == ()


def test_a_cleaned_name_stays_as_it_is() -> None:
    for _, name in NAMES:
        assert clean_name(name, "x") == name


# --- encoded words ---------------------------------------------------------------------------------------

WORDS = [
    ("=?utf-8?Q?Permohonan_reset?=", "Permohonan reset"),
    ("=?UTF-8?q?kaf=C3=A9?= biasa", "kafé biasa"),
    ("=?utf-8?B?a2Fmw6k=?=", "kafé"),
    ("=?utf-8?B?a2Fmw6k?=", "kafé"),
    ("=?utf-8?Q?kaf=C3?= =?utf-8?Q?=A9?=", "kafé"),
    ("=?utf-8?B?a2Fmww==?=\t=?utf-8?Q?=A9?=", "kafé"),
    ("=?utf-8?Q?a?=   =?iso-8859-1?Q?=E9?=", "aé"),
    ("=?utf-8?Q?a?= dan =?utf-8?Q?b?=", "a dan b"),
    ("=?utf-8?Q?Apa kabar dunia?=", "Apa kabar dunia"),
    ("=?utf-8?Q?Apa_kabar??=", "Apa kabar?"),
    ("Re:=?utf-8?Q?halo?=.", "Re:halo."),
    ('"=?utf-8?Q?Budi=2C_SE?="', '"Budi, SE"'),
    ("=?utf-8*id?Q?halo?=", "halo"),
    ("=?x-tidak-ada?Q?kaf=C3=A9?=", "kafé"),
    ("=?utf-8?X?halo?=", "=?utf-8?X?halo?="),
    ("=?utf-8?Q?tidak selesai", "=?utf-8?Q?tidak selesai"),
    ("=?utf-8?Q?=?utf-8?Q?dalam?=", "=?utf-8?Q?dalam"),
    ("=?utf-8?Q??=", ""),
    ("=?iso-2022-jp?B?GyRCRDRDIxsoQg==?=", "調達"),
    ("=?gb2312?B?ssm5ug==?=", "采购"),
    ("=?windows-874?B?qNG0q9fpzQ==?=", "จัดซื้อ"),
]


@pytest.mark.parametrize(("value", "text"), WORDS)
def test_encoded_words_are_read_as_they_are_written(value: str, text: str) -> None:
    assert decode_words(value) == text


def test_a_folded_word_is_one_word() -> None:
    message = parse(b"From: a@b.id\r\nSubject: =?utf-8?Q?satu?=\r\n =?utf-8?Q?_dua?=\r\n\ttiga\r\n\r\n")
    assert message.subject == "satu dua tiga"


# --- parameters ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "items"),
    [
        ('text/plain; charset="utf-8"', "text/plain", {"charset": "utf-8"}),
        ("TEXT/Plain ; Charset = UTF-8 ;", "text/plain", {"charset": "UTF-8"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("text/html (komentar); charset=utf-8", "text/html", {"charset": "utf-8"}),
        ('a/b; x="1;2"; y=3', "a/b", {"x": "1;2", "y": "3"}),
        ("filename=a.pdf", "", {"filename": "a.pdf"}),
        ("; filename=a.pdf", "", {"filename": "a.pdf"}),
        ("", "", {}),
    ],
)
def test_parameters_are_read_as_they_are_meant(value: str, kind: str, items: dict[str, str]) -> None:
    read = parameters(value)
    assert (read.value, read.items) == (kind, items)


def test_a_parameter_given_twice_with_one_value_is_not_ambiguous() -> None:
    assert parameters("text/plain; charset=utf-8; charset=UTF-8").repeated == frozenset()
    assert parameters("text/plain; charset=utf-8; charset=big5").repeated == {"charset"}


# --- format=flowed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "delsp", "lines"),
    [
        ("satu \ndua\ntiga", False, ["satu dua", "tiga"]),
        ("satu \ndua", True, ["satudua"]),
        (" From sini\n  menjorok\n >bukan kutipan", False, ["From sini", " menjorok", ">bukan kutipan"]),
        ("> a \n> b\n>> c \n> d", False, ["> a b", ">> c ", "> d"]),
        (">> a \n>> b", False, [">> a b"]),
        ("halo \n-- \nBudi", False, ["halo ", "-- ", "Budi"]),
        ("-- \nBudi \nSE", False, ["-- ", "Budi SE"]),
        ("satu \n\ndua", False, ["satu ", "", "dua"]),
        ("a \r\nb \r\nc", False, ["a b c"]),
        ("", False, [""]),
    ],
)
def test_flowed_lines_are_put_together(text: str, delsp: bool, lines: list[str]) -> None:
    assert reflow(text, delsp=delsp).split("\n") == lines


# --- what comes from old and careless programs --------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected", "defect"),
    [
        ("Date: Thu, 01 Jan 1970 00:00:00 +0000", None, "ImplausibleDate"),
        ("Date: Mon, 2 Nov 9999 08:00:00 +0700", None, "ImplausibleDate"),
        ("Date: kemarin sore", None, "InvalidDate"),
        ("Date: Mon, 99 Foo 2026 08:00:00", None, "InvalidDate"),
        ("Date: " + "9" * 5000, None, "InvalidDate"),
        ("X-Tanpa: tanggal", None, None),
        ("Date: Mon, 2 Nov 2026 08:00:00 +0700 (WIB)", 2026, None),
    ],
)
def test_a_date_that_cannot_be_is_none(header: str, expected: int | None, defect: str | None) -> None:
    message = read("\r\nisi", HEAD + header + "\r\n")
    assert (message.date.year if message.date else None) == expected
    assert message.defects == ((defect,) if defect else ())


@pytest.mark.parametrize(
    ("value", "found", "ambiguous"),
    [
        ("<a@b>", "<a@b>", False),
        ("a@b", "<a@b>", False),
        ("<a@b> <c@d>", "<a@b>", True),
        ("tanpa nomor", None, False),
        ("", None, False),
    ],
)
def test_the_message_id_is_found_with_its_brackets(value: str, found: str | None, ambiguous: bool) -> None:
    message = read("\r\nisi", f"From: a@b.id\r\nMessage-ID: {value}\r\n")
    assert message.message_id == found
    assert bool(message.ambiguous) is ambiguous


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("", []),
        ("<>", []),
        ("Budi Santoso via LPSE <milis@batangkab.go.id>", ["milis@batangkab.go.id"]),
        ("Panitia: a@b.id, c@d.id;", ["a@b.id", "c@d.id"]),
        ("undisclosed-recipients:;", []),
        ("a@b.id (Budi (Tim IT))", ["a@b.id"]),
        ("=?utf-8?Q?Budi=2C_SE?= <a@b.id>", ["a@b.id"]),
        ("Mail Delivery System <MAILER-DAEMON>", []),
    ],
)
def test_senders_of_every_form_are_read(value: str, addresses: list[str]) -> None:
    message = read("\r\nisi", f"From: {value}\r\nTo: x@y.id\r\n")
    assert [box.address for box in message.from_ if "@" in box.address] == addresses
    assert message.ambiguous == ()


def test_utf_8_headers_and_addresses_are_read() -> None:
    message = parse('From: "Jöhn" <jöhn@mäil.example>\r\nSubject: Perihal – é\r\n\r\nisi'.encode())
    assert message.subject == "Perihal – é"
    assert [(box.name, box.address) for box in message.from_] == [("Jöhn", "jöhn@mäil.example")]


# --- NUL --------------------------------------------------------------------------------------------------


def nul(head: bytes, body: bytes) -> bytes:
    return HEAD.encode() + head + b"\r\n" + body


@pytest.mark.parametrize(
    "raw",
    [
        nul(b"X-A: a\x00b\r\n", b"isi"),
        nul(b"", b"isi\x00lain"),
        nul(b"Content-Type: text/html; charset=utf-8\r\n", b"isi\x00"),
        # What Dovecot hands out in its place
        nul(b"X-A: a\x80b\r\n", b"isi"),
        nul(b"Content-Type: text/plain; charset=utf-8\r\n", b"isi\x80\x80lain"),
    ],
)
def test_nul_in_headers_and_text_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError, match="karakter NUL"):
        parse(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (nul(b"Content-Type: text/plain; charset=utf-16le\r\n", "halo".encode("utf-16-le")), "halo"),
        (nul(b"Content-Type: text/plain; charset=windows-1252\r\n", b"harga \x80 sepuluh"), "harga € sepuluh"),
        (nul(b"", b"harga \x80 10"), "harga € 10"),
        (nul(b"", b"harga \x80 sepuluh \x93ribu\x94"), "harga € sepuluh “ribu”"),
        (nul(b"Content-Type: application/pdf\r\n", b"\x00\x01"), ""),
        (nul(b"Content-Type: text/csv; name=a.csv\r\n", b"\x00\x01"), ""),
    ],
)
def test_nul_where_it_belongs_and_euros_are_read(raw: bytes, text: str) -> None:
    assert parse(raw).text == text
