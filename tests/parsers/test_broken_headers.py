"""Headers that programs have broken: a line without a colon, a type that is none, a subject in 8 bits. No word of the
mail is lost, no header becomes text, and nobody trusts such a mail where two readers could differ."""

from __future__ import annotations

import pytest

from mailbot.parsers.mime.message import parse

HEAD = b"From: Budi <budi@cv-contoh.example>\r\nTo: lpse@batangkab.go.id\r\n"
BROKEN_OFF = "Kepala surat terputus oleh baris yang bukan kepala surat."


def test_a_broken_line_does_not_end_the_headers_nor_make_them_text() -> None:
    raw = HEAD + (
        b"Subject: Permohonan reset\r\nkata sandi akun kami\r\nMessage-ID: <1@cv-contoh.example>\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Mohon dibantu.</p>\r\n"
    )
    message = parse(raw)
    assert message.subject == "Permohonan reset kata sandi akun kami"
    assert message.text == "Mohon dibantu."
    assert message.message_id == "<1@cv-contoh.example>"
    assert message.ambiguous == (BROKEN_OFF,) and "BrokenHeaderLine" in message.defects


@pytest.mark.parametrize(
    "broken", [b"Thread-Index rusak", b"AQHZx2", b"=?utf-8?q?sisa?=", b"(dibuat oleh skrip)", "kepala é".encode()]
)
def test_whatever_the_broken_line_is_the_headers_below_it_count(broken: bytes) -> None:
    message = parse(HEAD + broken + b"\r\nSubject: Tanya\r\nDate: Mon, 02 Nov 2026 09:00:00 +0700\r\n\r\nKapan?\r\n")
    assert (message.subject, message.text) == ("Tanya", "Kapan?\n")
    assert message.date is not None and BROKEN_OFF in message.ambiguous


def test_a_broken_line_in_a_part_does_not_end_its_headers() -> None:
    raw = HEAD + (
        b"Subject: Berkas\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
        b"--q\r\nContent-Type: text/plain\r\n\r\nTerlampir.\r\n"
        b'--q\r\nContent-Type: application/pdf; name="surat.pdf"\r\nsurat.pdf\r\nContent-Transfer-Encoding: base64\r\n'
        b"Content-Disposition: attachment\r\n\r\nJVBERi0xLjQK\r\n--q--\r\n"
    )
    message = parse(raw)
    assert message.text.strip() == "Terlampir."
    assert message.attachments[0].data == b"%PDF-1.4\n"


@pytest.mark.parametrize(
    "body",
    [
        b"Oke pak, sudah.\r\nNama: Budi\r\n\r\nTerima kasih.\r\n",
        b"Oke pak, sudah.\r\n\r\nTerima kasih.\r\n",
        b"Oke pak, sudah.\r\nFrom: LPSE <l@b.id>\r\nSent: Monday\r\nTo: Budi\r\nSubject: Akun\r\n\r\nDicoba.\r\n",
    ],
    ids=["a form", "words only", "a quoted block of headers"],
)
def test_where_the_empty_line_is_missing_the_words_stay_words(body: bytes) -> None:
    message = parse(HEAD + b"Subject: Re: Akun\r\n" + body)
    assert message.text.startswith("Oke pak, sudah.")
    assert message.subject == "Re: Akun"
    assert BROKEN_OFF in message.ambiguous


@pytest.mark.parametrize("kind", [b"multipart/*", b"multipart", b"multipart/"])
def test_a_multipart_without_a_name_is_taken_apart_and_doubted(kind: bytes) -> None:
    raw = (
        HEAD
        + b"Subject: x\r\nContent-Type: "
        + kind
        + (
            b"; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nMohon dibantu.\r\n"
            b"--q\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--q--\r\n"
        )
    )
    message = parse(raw)
    assert message.text == "Mohon dibantu."
    assert [file.name for file in message.attachments] == ["a.pdf"]
    assert message.ambiguous == ("Jenis isi (Content-Type) tidak dapat dibaca dengan pasti.",)


@pytest.mark.parametrize(
    ("charset", "subject"),
    [
        ("gb18030", "无法登录系统"),
        ("big5", "無法登入系統"),
        ("shift_jis", "ログインできません"),
        ("euc-kr", "로그인할 수 없습니다"),
        ("koi8-r", "Не могу войти"),
        ("windows-1256", "لا يمكن الدخول"),
        ("tis-620", "เข้าสู่ระบบไม่ได้"),
    ],
)
def test_a_subject_in_8_bits_has_the_charset_of_the_words_also_where_these_are_a_part(
    charset: str, subject: str
) -> None:
    raw = (
        HEAD
        + b"Subject: "
        + subject.encode(charset)
        + (
            b"\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
            b"--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: text/plain; charset="
            + charset.encode()
            + b"\r\n\r\n"
            + subject.encode(charset)
            + b"\r\n"
            b"--b--\r\n--a--\r\n"
        )
    )
    message = parse(raw)
    assert message.subject == subject
    assert message.text.strip() == subject


def test_folded_lines_are_counted_as_they_were_one_by_one() -> None:
    folded = b"X-A: satu\r\n dua\r\n\ttiga\r\nSubject: panjang\r\n sekali\r\n \r\n dan lagi\r\n\r\nisi\r\n"
    message = parse(HEAD + folded)
    assert message.header("X-A") == "satu dua\ttiga"
    assert message.subject == "panjang sekali dan lagi"
    assert message.text == "isi\n"
    assert "Kepala surat memuat baris yang hanya berisi spasi." in message.ambiguous
