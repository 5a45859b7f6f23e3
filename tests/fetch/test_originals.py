"""Files that travel with a mail, and files that nobody forwards unseen."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.fetch.dangers import dangerous
from mailbot.fetch.originals import passed_on
from mailbot.model import Attachment, Message
from mailbot.parsers.mime.message import parse
from tests.mime_shapes import multi, part
from tests.parsers.test_tnef import packed_file, winmail


def file(name: str, data: bytes = b"data", kind: str = "application/octet-stream", inline: bool = False) -> Attachment:
    return Attachment(name, kind, data, hashlib.sha256(data).hexdigest(), inline)


def packed(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "isi")
    return data.getvalue()


def encrypted(data: bytes, entry: int) -> bytes:
    """The ZIP with the encryption bit set for one entry of its directory (APPNOTE 4.4.4)."""
    at = -1
    for _ in range(entry + 1):
        at = data.index(b"PK\x01\x02", at + 1)
    return data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]


HARMLESS = [
    file("layar.png", b"\x89PNG"),
    file("surat.pdf", b"%PDF-1.7"),
    file("tanpa nama"),
    file("foto.JFIF"),
    file("penawaran.rhs"),
    file("foto.zip", packed("a.jpg", "b.pdf")),
    file("surat.docx", packed("[Content_Types].xml", "word/document.xml")),
    file("lama.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100),
    file("exe", b"tentang exe"),
]
DANGEROUS = [
    file("setup.exe"),
    file("SETUP.EXE. "),
    file("surat.pdf.scr"),
    file("surat.pdf", b"MZ\x90\0"),
    file("surat", b"\x7fELF\x02"),
    file("a.txt", b"#!/bin/sh"),
    file("makro.xlsm"),
    file("surat.docx", packed("word/document.xml", "word/vbaProject.bin")),
    file("lama.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40 + "_VBA_PROJECT".encode("utf-16-le")),
    file("isi.zip", packed("a.jpg", "folder/b.EXE")),
    file("isi.zip", packed("a.jpg", "lagi.zip")),
    file("isi.zip", encrypted(packed("a.jpg"), 0)),
    file("isi.zip", encrypted(packed("a.jpg", "b.jpg"), 1)),
    file("rusak.zip", b"PK\x03\x04" + b"\0" * 30),
    file("banyak.zip", packed(*(f"{n}.txt" for n in range(2001)))),
    file("foto.rar"),
    file("foto.jpg", b"Rar!\x1a\x07\x01\0"),
    file("foto.7z"),
    file("halaman.html"),
]


@pytest.mark.parametrize("harmless", HARMLESS, ids=lambda each: each.name)
def test_pictures_documents_and_open_archives_may_go_on(harmless: Attachment) -> None:
    assert not dangerous([harmless])


@pytest.mark.parametrize("each", DANGEROUS, ids=lambda each: each.name)
def test_programs_scripts_macros_and_closed_archives_may_not(each: Attachment) -> None:
    assert dangerous([each])
    assert dangerous([HARMLESS[0], each])


def test_no_files_are_no_danger() -> None:
    assert not dangerous([])


@given(st.text(max_size=20), st.binary(max_size=60))
def test_any_file_gets_an_answer(name: str, data: bytes) -> None:
    assert dangerous([file(name, data)]) in (True, False)
    assert dangerous([file(name, b"PK\x03\x04" + data)]) in (True, False)


FILES = [
    file("logo.png", kind="image/png", inline=True),
    file("layar.png", kind="image/png"),
    file("catatan.txt", kind="text/plain", inline=True),
    file("kutipan.eml", kind="message/rfc822"),
    file("signature.asc", kind="application/pgp-signature"),
    file("smime.p7s", kind="application/pkcs7-signature"),
]
MESSAGE = Message(headers=(), subject="", from_=(), attachments=tuple(FILES))


def test_signature_pictures_quoted_mails_and_signatures_of_staff_stay_here() -> None:
    assert [each.name for each in passed_on(MESSAGE, from_user=False)] == ["layar.png", "catatan.txt"]


def test_a_users_files_all_go_on_since_his_inline_picture_is_his_screenshot() -> None:
    assert passed_on(MESSAGE, from_user=True) == FILES


def test_a_further_form_of_the_body_stays_here_whoever_wrote_it() -> None:
    form = replace(file("lampiran-1.html", kind="text/html"), of_body=True)
    message = Message(headers=(), subject="", from_=(), attachments=(form, file("c.pdf")))
    for from_user in (True, False):
        assert [each.name for each in passed_on(message, from_user=from_user)] == ["c.pdf"]


def with_winmails(*winmails: bytes) -> Message:
    parts = (part('application/ms-tnef; name="winmail.dat"', data) for data in winmails)
    return parse(b"From: a@contoh.example\r\n" + multi("mixed", part("text/plain", "Halo."), *parts))


def test_a_winmail_dat_stays_here_and_its_files_go_on() -> None:
    both = packed_file("layar.png", b"\x89PNG", "image/png"), packed_file("b.pdf", b"%PDF")
    message = with_winmails(winmail(*both), winmail(packed_file("winmail.dat", b"of no TNEF")))
    for from_user in (True, False):
        passed = passed_on(message, from_user=from_user)
        assert [each.name for each in passed] == ["layar.png", "b.pdf", "winmail.dat"]
    assert message.ambiguous == ()


def test_a_winmail_dat_that_cannot_be_unpacked_as_a_whole_goes_to_staff_alone_with_the_whole_mail() -> None:
    for broken in (winmail(packed_file("b.pdf", b"%PDF"))[:60], b"no TNEF"):
        message = with_winmails(winmail(packed_file("a.pdf", b"%PDF")), broken)
        assert [each.name for each in passed_on(message, from_user=True)] == ["a.pdf"]
        assert any("winmail.dat" in reason for reason in message.ambiguous)


def test_an_outlook_item_inside_is_a_mail_of_its_own_and_only_a_users_goes_on() -> None:
    message = with_winmails(winmail(packed_file("Surat lama", winmail(), "application/ms-tnef")))
    assert [each.name for each in passed_on(message, from_user=True)] == ["Surat lama"]
    assert passed_on(message, from_user=False) == []
