"""Bytes → Message: real shapes of mail, hostile ones, and any bytes at all."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import ParseError
from mailbot.model import Message
from mailbot.parsers.mime.headers import clean_text, decode_bytes, decode_words, has_control, one_line, parameters
from mailbot.parsers.mime.html import to_text
from mailbot.parsers.mime.message import Limits, clean_name, parse
from mailbot.parsers.mime.structure import Part, split
from tests import TESTS
from tests.quick import within

MAILS = TESTS / "fixtures" / "mails"
HEAD = b"From: a@contoh.example\r\nTo: lpse@batangkab.go.id\r\nSubject: x\r\n"


def mail(name: str) -> Message:
    return parse((MAILS / f"{name}.eml").read_bytes())


# --- what people send ----------------------------------------------------------------------------


def test_a_gmail_mail_with_a_screenshot_is_understood() -> None:
    message = mail("user_gmail_alternative")
    assert message.subject == "Tidak bisa masuk SPSE – kode tender 10046325"
    assert [(m.name, m.address) for m in message.from_] == [("Andi Wijaya", "andi.melati@gmail.com")]
    assert message.message_id == "<CAFx1abc123@mail.gmail.com>"
    assert message.date == datetime(2026, 11, 2, 1, 15, 1, tzinfo=UTC)
    assert "pemasukan penawaran ditutup besok" in message.text
    assert not message.text_from_html
    assert "\r" not in message.text
    [picture] = message.attachments
    assert (picture.name, picture.content_type, picture.inline) == ("layar.png", "image/png", False)
    assert picture.data.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.sha256 == hashlib.sha256(picture.data).hexdigest()
    assert message.ambiguous == ()
    assert message.defects == ()


def test_an_outlook_signature_image_is_inline_and_its_thread_is_kept() -> None:
    message = mail("user_outlook_related")
    assert message.text.strip() == "Berikut data yang diminta – terlampir."
    assert [(a.name, a.inline) for a in message.attachments] == [("image001.png", True)]
    assert message.in_reply_to == ("<abc@batangkab.go.id>",)
    assert message.references == ("<one@perusahaan.example>", "<abc@batangkab.go.id>")
    assert [m.name for m in message.from_] == ["Dewi, Ratna"]
    assert [m.address for m in message.cc] == ["budi@perusahaan.example", "sari@batangkab.go.id"]
    assert message.ambiguous == ()


def test_an_html_mail_shows_what_its_reader_sees_and_marks_what_is_quoted() -> None:
    message = mail("user_html_only")
    assert message.text_from_html
    assert "Akun saya terkunci." in message.text
    assert "10046325" in message.text
    for unseen in ("#tutup", "alert", "color", "judul"):
        assert unseen not in message.text
    lines = message.text.split("\n")
    assert "> Mohon sebutkan kode tender." in lines
    assert lines.index("> Mohon sebutkan kode tender.") > next(
        i for i, line in enumerate(lines) if line.endswith("menulis:")
    )


def test_a_forwarded_mail_stays_shut() -> None:
    raw = (MAILS / "user_forwards_a_mail.eml").read_bytes()
    message = parse(raw)
    assert message.text == "Saya teruskan surat berikut."
    [enclosed] = message.attachments
    assert enclosed.name == "surat-1.eml"
    assert enclosed.content_type == "message/rfc822"
    assert enclosed.data in raw
    assert enclosed.data.startswith(b"From: Sari") and enclosed.data.endswith(b"--dalam--")
    assert message.subject == "Fwd: Surat dari orang lain"


def test_raw_8_bit_headers_are_read_in_the_charset_of_the_body() -> None:
    message = mail("user_8bit_headers")
    assert message.subject == "Café – tidak bisa masuk"
    assert message.from_[0].name == "Bédi"
    assert message.text == "Harga “apa”?\n"


def test_flowed_text_is_put_together_and_its_signature_line_is_not() -> None:
    assert mail("user_flowed").text.split("\n") == [
        "Kalimat yang panjang ini dipotong oleh program surel.",
        "",
        "> Baris kutipan yang dipotong juga.",
        "> bukan kutipan",
        "-- ",
        "Andi",
        "",
    ]


def test_a_mail_without_message_id_has_none() -> None:
    assert parse(HEAD + b"\r\nisi").message_id is None


def test_header_values_are_unfolded_and_keep_their_order() -> None:
    message = parse(b"X-A: satu\r\n dua\r\nFrom: a@b.id\r\nX-A: tiga\r\n\r\n")
    assert message.headers == (("X-A", "satu dua"), ("From", "a@b.id"), ("X-A", "tiga"))


def test_a_multipart_whose_boundary_never_appears_still_shows_its_words() -> None:
    message = parse(HEAD + b"Content-Type: multipart/mixed; boundary=tidakada\r\n\r\nTolong bantu saya.\r\n")
    assert "Tolong bantu saya." in message.text
    assert message.ambiguous


def test_a_mail_cut_off_in_its_attachment_keeps_text_and_what_there_is() -> None:
    raw = (MAILS / "user_gmail_alternative.eml").read_bytes()
    message = parse(raw[: raw.index(b"iVBOR") + 8])
    assert "Saya tidak bisa masuk" in message.text
    assert message.attachments[0].data == b"\x89PNG\r\n"
    assert "CloseBoundaryNotFound" in message.defects


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (b"text/plain; charset=us-ascii", "café".encode()),
        (b"text/plain; charset=X-UNKNOWN", "café".encode()),
        (b'text/plain; charset=""', "café".encode()),
        (b"text/plain charset=utf-8", "café".encode()),
        (b"text/plain; charset=iso-8859-1", "café".encode("latin-1")),
        (b"text/plain; charset=utf-16", "café".encode("utf-16")),
        (b"text/plain; charset=utf-8", "cafe\u0301".encode()),
        (b"text/plain", "café".encode("cp1252")),
        (b"text", "café".encode()),
    ],
)
def test_text_is_read_whatever_its_label(kind: bytes, text: bytes) -> None:
    assert parse(HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + text).text == "café"


def test_utf_7_hides_nothing() -> None:
    message = parse(HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+ACM-tutup")
    assert message.text == "+ACM-tutup"
    assert "UnknownCharset" in message.defects


def test_text_holds_no_control_characters() -> None:
    text = base64.b64encode("a\x1b[31mb\x00c\x85d\x9be\u202ef\r\ng\rh\ti".encode())
    kind = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    message = parse(HEAD + kind + text)
    assert message.text == "a[31mbc\ndef\ng\nh\ti"


# --- hostile mail --------------------------------------------------------------------------------


def test_a_line_break_inside_an_encoded_word_stays_inside_the_subject() -> None:
    assert mail("hostile_attachment_names").subject == "halo Bcc: korban@contoh.example"


def test_attachment_names_lose_paths_controls_direction_marks_and_reserved_names() -> None:
    assert [a.name for a in mail("hostile_attachment_names").attachments] == [
        "passwd",
        "_CON.txt",
        "tagihan fdp.exe",
        "surat kuasa.pdf",
        "lampiran-5.bin",
        "sangat-panjang.pdf",
        "_nul",
    ]


def test_a_long_attachment_name_keeps_its_extension() -> None:
    name = clean_name("a" * 4000 + ".pdf", "x")
    assert len(name) == 120
    assert name.endswith(".pdf")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"From: a@b.id\r\nFrom: c@d.id\r\n", "From muncul lebih dari satu kali"),
        (b"From: a@b.id\r\nSubject: x\r\nsubject: y\r\n", "subject muncul lebih dari satu kali"),
        (b"From: a@b.id\r\nMessage-ID: <a@b>\r\nMessage-ID: <c@d>\r\n", "Message-ID muncul"),
        (b"From: a@b.id\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n", "Content-Type muncul"),
        (b"From: a@b.id\r\nSubject: x\rFrom: c@d.id\r\n", "tanda CR tanpa LF"),
        (b"From : a@b.id\r\n", "spasi sebelum titik dua"),
        (b"\r\nFrom: a@b.id\r\n", "diawali baris kosong"),
        (b"From: =?utf-8?b?c2FyaQBA?= <a@b.id>\r\n", "karakter kendali"),
        (b"From: <=?utf-8?q?sari=40lpse?=@jahat.example>\r\n", "kata tersandi"),
        (b"From: sari@lpse.example <jahat@x.example>\r\n", "lebih dari satu cara"),
        (b"From: <a@b.id> <c@d.id>\r\n", "lebih dari satu cara"),
        (b"From: a@b.id\r\nContent-Type: multipart/mixed; boundary=a; boundary=b\r\n", "Parameter boundary"),
        (b"From: a@b.id\r\nContent-Type: multipart/mixed\r\n", "tanpa pembatas"),
        (b"From: a@b.id\r\nbukan kepala surat\r\nTo: c@d.id\r\n", "terputus"),
        (b"From: a@b.id\r\nContent-Type: message/partial; id=1; number=1\r\n", "message/partial"),
    ],
)
def test_what_two_readers_could_read_differently_is_called_ambiguous(head: bytes, reason: str) -> None:
    message = parse(head + b"\r\nisi")
    assert any(reason in found for found in message.ambiguous), message.ambiguous


@pytest.mark.parametrize(
    "sender",
    [
        b"Sari <sari@batangkab.go.id>",
        b'"sari@batangkab.go.id" <sari@batangkab.go.id>',
        b"sari@batangkab.go.id <sari@batangkab.go.id>",
        b"=?utf-8?q?Sari_=E2=80=93_LPSE?= <sari@batangkab.go.id>",
        b"sari@batangkab.go.id (Sari)",
        # The strict readers of newer Pythons give these up.
        b"sari@batangkab.go.id (Sari, S.Kom)",
        b"Sari (UKPBJ; Batang) <sari@batangkab.go.id>",
        b"sari@batangkab.go.id <sari@batangkab.go.id> (kantor)",
    ],
)
def test_an_ordinary_sender_is_not_ambiguous(sender: bytes) -> None:
    message = parse(b"From: " + sender + b"\r\nTo: a@b.id\r\n\r\nisi")
    assert message.ambiguous == ()
    assert [m.address for m in message.from_] == ["sari@batangkab.go.id"]


def test_the_files_of_hostile_mails_are_ambiguous() -> None:
    assert mail("hostile_two_froms").ambiguous
    assert mail("hostile_bare_cr").ambiguous


def nested(levels: int) -> bytes:
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(levels)
    )
    return HEAD + opening + b"\r\nhalo"


MULTIPART = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "kosong"),
        (b"\r\n\r\n", "kosong"),
        (b"hanya teks tanpa kepala surat", "header"),
        (HEAD + b"\r\n" + b"x" * (25 * 1024 * 1024), "terlalu besar"),
        (nested(20), "tingkat"),
        (nested(5000), "tingkat"),
        (MULTIPART + b"--x\r\n\r\n" * 201, "200 bagian"),
        (HEAD + b"X: y\r\n" * 1000 + b"\r\n", "1000 baris"),
        (HEAD + b"X: " + b"y" * 65536 + b"\r\n\r\n", "65536 bita"),
        (HEAD + b"X: y\r\n" + b" y\r\n" * 40000 + b"\r\n", "65536 bita"),
        (HEAD + b"Content-Type: text/plain" + b";" * 50000 + b"\r\n\r\n", "parameter"),
        (MULTIPART + b"--x\r\n\r\n" * 100_000, "200 bagian"),
        (HEAD + b"X: y\r\n" * 100_000 + b"\r\n", "1000 baris"),
        (HEAD + b"To: " + b"a@b.id, " * 44_000 + b"\r\n\r\n", "65536 bita"),
        (MULTIPART + b"--xy\r\n" * 100_000, "menyerupai pembatas"),
        (HEAD + b"X: a\x00b\r\n\r\nisi", "karakter NUL"),
        (HEAD + b"\r\nisi\x00", "karakter NUL"),
        (MULTIPART + b"--x\r\nContent-Disposition: inline" + b";" * 50000 + b"\r\n\r\n", "parameter"),
    ],
)
def test_a_mail_over_a_limit_is_refused_with_its_reason_in_no_time(raw: bytes, reason: str) -> None:
    with within(0.5), pytest.raises(ParseError) as caught:
        parse(raw)
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason


@pytest.mark.parametrize("raw", [nested(19), MULTIPART + b"--x\r\n\r\nhalo\r\n" * 200])
def test_a_mail_at_a_limit_is_read(raw: bytes) -> None:
    assert "halo" in parse(raw).text


def test_limits_are_the_callers() -> None:
    with pytest.raises(ParseError):
        parse(HEAD + b"\r\nisi", Limits(message_size=10))


# Each of these costs a general parser, a regular expression or a normaliser quadratic time.
SLOW: list[tuple[str, Callable[[], object]]] = [
    ("addresses", lambda: parse(b"From: a@b.id\r\nTo: " + b"a@b.id, " * 8000 + b"\r\n\r\n")),
    ("To headers", lambda: parse(b"From: a@b.id\r\n" + (b"To: " + b"(" * 60000 + b"\r\n") * 30 + b"\r\n")),
    ("marks", lambda: parse(HEAD + b"\r\n" + "\u0315\u0300".encode() * 250_000)),
    ("dashes", lambda: parse(HEAD + b"Content-Type: multipart/mixed; boundary=-\r\n\r\n" + b"-" * 10**6)),
    ("boundary blanks", lambda: parse(MULTIPART + (b"--x" + b" " * 1000 + b"y\r\n") * 1000)),
    ("encoded words", lambda: decode_words("=?utf-8?q?a?= " * 50_000)),
    ("unclosed words", lambda: decode_words("=?utf-8?q?" * 100_000)),
    ("quotes", lambda: parameters("text/plain;" + 'a="\\"' * 100_000)),
    ("tags", lambda: to_text("<a x='" * 170_000)),
    ("quoted tags", lambda: to_text("<a " + '"x" ' * 250_000)),
    ("comments", lambda: to_text("<!--" * 250_000)),
    ("quotations", lambda: to_text("<blockquote>x" * 80_000)),
    ("nesting", lambda: to_text("<div>" * 200_000)),
    ("tables", lambda: to_text("<table><tr><td>" * 70_000)),
]


@pytest.mark.parametrize("run", [pytest.param(run, id=name) for name, run in SLOW])
def test_hostile_input_of_a_megabyte_takes_seconds_at_most(run: Callable[[], object]) -> None:
    with within(5):
        run()


# --- fingerprint ---------------------------------------------------------------------------------

BASE = (
    b"Message-ID: <a@b>\r\nDate: Mon, 2 Nov 2026 08:00:00 +0700\r\nFrom: a@b.id\r\nSubject: x\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
)


def test_trace_headers_folding_and_encodings_do_not_change_the_fingerprint() -> None:
    same = parse(BASE + b"\r\ncaf\xc3\xa9\r\n").fingerprint
    assert parse(b"Received: from x\r\nX-Spam: no\r\n" + BASE + b"\r\ncaf\xc3\xa9\n\n").fingerprint == same
    quoted = BASE + b"Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9\r\n"
    assert parse(quoted).fingerprint == same
    assert parse(BASE.replace(b"From: a", b"From:\r\n a") + b"\r\ncaf\xc3\xa9\r\n").fingerprint == same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<a@b>", b"<c@b>"),
        (b"08:00", b"08:01"),
        (b"a@b.id", b"c@b.id"),
        (b"x\r\n", b"y\r\n"),
        (b"isi", b"lain"),
    ],
)
def test_whatever_belongs_to_the_mail_itself_changes_the_fingerprint(old: bytes, new: bytes) -> None:
    raw = BASE + b"\r\nisi\r\n"
    assert parse(raw).fingerprint != parse(raw.replace(old, new, 1)).fingerprint


def test_another_attachment_or_html_alternative_changes_the_fingerprint() -> None:
    raw = (MAILS / "user_gmail_alternative.eml").read_bytes()
    assert parse(raw).fingerprint != parse(raw.replace(b"iVBORw0", b"iVBORw1")).fingerprint
    assert parse(raw).fingerprint != parse(raw.replace(b"<br>", b"<hr>")).fingerprint


# --- HTML ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("satu<br>dua", "satu\ndua"),
        ("<p>satu</p><p>dua</p>", "satu\n\ndua"),
        ("lihat <a href='http://x.example'>di sini</a>", "lihat di sini"),
        ("a<span hidden>b</span>c", "ac"),
        ("a<p style='display:none'>b<p>c", "a\n\nc"),
        ("a<img alt='x' style='display:none'>b", "ab"),
        ("5 < 6 dan 7 > 6", "5 < 6 dan 7 > 6"),
        ('<a title="x > y">z</a>', "z"),
        ("<!--[if mso]>x<![endif]--><![if !mso]>y<![endif]>", "y"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>> b\nc"),
        ("<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>menjorok</blockquote>", "menjorok"),
    ],
)
def test_html_becomes_text(source: str, text: str) -> None:
    assert [line for line in to_text(source).split("\n") if line] == [x for x in text.split("\n") if x]


def test_a_forged_end_of_a_quotation_does_not_set_quoted_words_free() -> None:
    for forged in ("&#xE001;", "&#57345;", "&#xe001", "\ue001"):
        text = to_text(f"<p>jawaban</p><blockquote><p>{forged}</p><p>#tutup</p></blockquote>")
        assert "> #tutup" in text.split("\n")


def test_words_nested_deeper_than_the_library_reads_are_not_lost() -> None:
    assert "dalam" in to_text("<div>" * 400 + "dalam" + "</div>" * 400)


def test_html_that_is_too_long_is_cut_and_says_so() -> None:
    text = to_text("<p>kata</p>" * 100_000)
    assert text.endswith("[…]")
    assert "kata" in text


# --- any bytes at all ----------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(b"From: a@b.id\r\n", b"From:", b"To: x <y@z>, g: a;\r\n", b"Subject: =?utf-8?b?AAA", b"?=\r\n"),
        *(
            b"Content-Type: multipart/mixed; boundary=b\r\n",
            b"--b\r\n",
            b"--b--\r\n",
            b"--c\r\n",
            b" fold\r\n",
        ),
        *(b"Content-Type: multipart/alternative; boundary=c\r\n", b"Content-Type: message/rfc822\r\n"),
        *(b"Content-Type: text/html; charset=utf-16\r\n", b"Content-Transfer-Encoding: base64\r\n"),
        *(b"\r\n", b"\n", b"\r", b"\x00", b"\xff\xfe", b"\xc3\xa9", b"=?x?q?=0A?=", b"Message-ID: <a@b>\r\n"),
        b"Content-Disposition: attachment; filename*0*=utf-8''%00; filename=\"\r\n",
        *(b"Date: Mon, 99 Foo 99999\r\n", b"<p hidden><blockquote>", b"&#xE000;", b"begin 644 x\n#86)C\n"),
        b"Content-Type: text/plain; format=flowed; charset=iso-2022-jp\r\n",
        *(b"Content-Transfer-Encoding: x-uuencode\r\n", b'Content-Type: multipart/digest; boundary="b"\r\n'),
    ]
)
ANY = st.one_of(
    st.binary(max_size=400),
    st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=40).map(b"".join),
    st.lists(PIECES, max_size=30).map(lambda pieces: HEAD + b"".join(pieces)),
)


@settings(max_examples=400, deadline=None)
@given(ANY)
def test_any_bytes_give_a_clean_message_or_a_reason(raw: bytes) -> None:
    try:
        split(raw, Limits())
    except ParseError as refused:
        assert refused.reason
        return
    message = parse(raw)  # what can be split can be read: nothing here hides behind a broad except
    assert message == parse(raw)
    shown = [message.subject, *(m.name for m in message.from_), *(a.name for a in message.attachments)]
    assert not any(has_control(text) or "\t" in text for text in shown)
    assert not has_control(message.text.replace("\n", ""))
    assert all(a.name and "/" not in a.name and "\\" not in a.name for a in message.attachments)
    assert len(message.fingerprint) == 64
    "".join([*shown, message.text, *(v for _, v in message.headers)]).encode("utf-8")


BLOCKS = st.sampled_from(
    [
        b"--b\r\n\r\nteks\r\n",
        b"--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n",
        b"--c\r\nContent-Type: multipart/mixed; boundary=cc\r\n\r\n",
        b"--c\r\nX: y\r\n\r\nteks\r\n",
        b"--cc\nContent-Type: text/html\n\nteks",
        b"--cc \t\r\n\r\nteks\r\n",
        b"--c--\r\n",
        b"--cc--\r\n",
        b"--b--\r\n",
        b"--bukan\r\n",
        b" --b\r\n",
        b"x",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(BLOCKS, max_size=12))
def test_the_parts_are_those_that_the_standard_library_finds(blocks: list[bytes]) -> None:
    """A scanner of our own must not see another structure than everybody else does."""
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(blocks)
    root, _ = split(raw, Limits())

    def shape(part: Part) -> object:
        return [shape(child) for child in part.children] if part.children else None

    def expected(part: object) -> object:
        payload = part.get_payload() if hasattr(part, "get_payload") else ""
        return [expected(child) for child in payload] if isinstance(payload, list) and payload else None

    assert shape(root) == expected(message_from_bytes(raw))


@given(st.text(max_size=200))
def test_cleaned_text_is_clean_and_stays_as_it_is(text: str) -> None:
    assert not has_control(one_line(text))
    assert one_line(one_line(text)) == one_line(text)
    assert not has_control(clean_text(text).replace("\n", ""))
    assert clean_text(clean_text(text)) == clean_text(text)


@given(
    st.binary(max_size=100),
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["utf-16", "hz", "idna", "rot13"])),
)
def test_any_bytes_in_any_charset_give_text(data: bytes, charset: str | None) -> None:
    decode_bytes(data, charset).encode("utf-8")


@settings(deadline=None)
@given(st.text(alphabet="<>/!-abp lockquote='\"hidden&#xE;\ue000\n", max_size=300))
def test_any_markup_gives_text(source: str) -> None:
    text = to_text(source)
    assert "\ue000" not in text and "\ue001" not in text
