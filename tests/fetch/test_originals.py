"""Files that travel with a mail, and files that nobody forwards unseen."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.fetch.originals import dangerous, passed_on
from mailbot.model import Attachment, Message


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


def unpacked(name: str, container: str) -> Attachment:
    return Attachment(name, "image/png", name.encode(), "", False, container)


def test_a_winmail_dat_stays_where_its_files_go_on() -> None:
    files = (file("winmail.dat"), unpacked("layar.png", "winmail.dat"), unpacked("b.pdf", "winmail.dat"), file("c.pdf"))
    message = Message(headers=(), subject="", from_=(), attachments=files)
    for from_user in (True, False):
        assert [each.name for each in passed_on(message, from_user=from_user)] == ["layar.png", "b.pdf", "c.pdf"]


def test_of_several_winmail_dat_those_without_files_of_their_own_go_on() -> None:
    files = (
        file("winmail.dat", b"text only"),
        file("winmail.dat", b"files"),
        unpacked("winmail.dat", "winmail.dat"),
        unpacked("layar.png", "winmail.dat"),
        file("winmail.dat", b"no TNEF"),
    )
    message = Message(headers=(), subject="", from_=(), attachments=files)
    assert [each.data for each in passed_on(message, from_user=True)] == [
        b"text only",
        b"winmail.dat",
        b"layar.png",
        b"no TNEF",
    ]


def test_a_winmail_dat_that_could_not_be_unpacked_as_a_whole_goes_on_with_what_was_in_it() -> None:
    files = (file("winmail.dat"), unpacked("layar.png", "winmail.dat"))
    message = Message(headers=(), subject="", from_=(), attachments=files, defects=("TnefIncomplete",))
    assert passed_on(message, from_user=True) == list(files)
