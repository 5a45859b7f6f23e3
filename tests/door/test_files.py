"""Files that hold what their reader may not see stay behind the door: quoted internal mails and passwords, in whatever
form of a file; staff are told, and nothing else of the mail is lost."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from html import escape

import pytest

from tests.steps import data_requested, escalated, flat, minutes_later, opened, staff_writes
from tests.world import Letter, PaperWorld

SECRET = "Rahasia#2026"
IMAGE = ("layar.png", b"\x89PNG\r\n\x1a\n\0layar")


def enclosed(text: str, *files: tuple[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "kolega@penyedia.test", "Fwd"
    mail.set_content(text)
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(mail)


def rtf(text: str) -> bytes:
    lines = "\\par\n".join("".join(c if ord(c) < 128 else f"\\u{ord(c)}?" for c in line) for line in text.split("\n"))
    return ("{\\rtf1\\ansi " + lines + "}").encode("ascii")


def page(text: str) -> bytes:
    return ("<html><body><p>" + "</p><p>".join(text.split("\n")) + "</p></body></html>").encode()


def docx(text: str) -> bytes:
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in text.split("\n"))
    document = f'<?xml version="1.0"?><w:document xmlns:w="x"><w:body>{paragraphs}</w:body></w:document>'
    return zipped(**{"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def odt(text: str) -> bytes:
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
    content = f"<office:document-content>{paragraphs}</office:document-content>"
    return zipped(**{"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


#: Name of the file → its bytes, of a text.
FORMS: dict[str, Callable[[str], bytes]] = {
    "catatan.txt": str.encode,
    "catatan.log": lambda text: f"[08:01:02] {text}".encode("utf-16"),
    "tanpa-akhiran": str.encode,
    "halaman.html": page,
    "surat.rtf": rtf,
    "data.csv": lambda text: ("no;isi\n1;" + text.replace("\n", "\n2;")).encode("cp1252", "replace"),
    "teruskan.eml": enclosed,
    "dua-lapis.eml": lambda text: enclosed("Terlampir.", ("dalam.eml", enclosed(text))),
    "formulir.docx": docx,
    "formulir.odt": odt,
    "berkas.zip": lambda text: zipped(**{"dalam/catatan.txt": text}),
    "berisi-berkas.eml": lambda text: enclosed("Terlampir.", ("dalam.txt", text.encode())),
}


def names(letters: list[Letter]) -> set[str]:
    return {name for letter in letters for name, _ in letter.attachments}


@pytest.mark.parametrize("name", FORMS)
def test_a_users_file_with_a_password_is_held_and_never_reaches_lkpp(office: PaperWorld, name: str) -> None:
    request = data_requested(office)
    files = [(name, FORMS[name](f"Akun SPSE kami\nuser id: CONTOH\nkata sandi: {SECRET}")), IMAGE]
    office.write("pengguna", "Berikut data yang diminta, kode tender 87654321.", answers=request, files=files)
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    assert f'Lampiran "{name}" tidak disampaikan: tampaknya memuat kata sandi.' in flat(notice)
    assert {kept.removesuffix(".txt") for kept in names([notice])} >= {name.removesuffix(".txt"), IMAGE[0]}
    assert names(office.letters("lkpp")) == set()
    assert staff_writes(office, "#teruskan", notice) == "staff_receipt"
    assert f'Lampiran "{name}" tidak disampaikan' in flat(office.last("petugas", "staff_receipt"))
    sent = office.last("lkpp", "lkpp_additional_data")
    assert names([sent]) == {IMAGE[0]}
    assert name not in sent.text and SECRET not in sent.text
    assert name not in office.last("pengguna", "user_data_forwarded").text


@pytest.mark.parametrize("name", FORMS)
def test_an_escalation_leaves_a_users_file_with_a_password_out(office: PaperWorld, name: str) -> None:
    files = [(name, FORMS[name](f"user id: CONTOH\npassword: {SECRET}")), IMAGE]
    notice = opened(office, files=files)
    assert staff_writes(office, "#eskalasi Login gagal sejak kemarin.", notice) == "staff_receipt"
    assert names([office.last("lkpp", "lkpp_escalation")]) == {IMAGE[0]}
    assert f'Lampiran "{name}" tidak disampaikan' in flat(office.last("petugas", "staff_receipt"))


@pytest.mark.parametrize("name", FORMS)
def test_a_users_file_with_an_internal_notice_never_reaches_lkpp(office: PaperWorld, name: str) -> None:
    request = data_requested(office)
    staff_writes(office, "#catat Penyedia ini pernah dihukum; jangan disampaikan kepada siapa pun di luar LPSE.")
    internal = office.last("petugas", "staff_new_ticket").text
    files = [(name, FORMS[name](internal)), IMAGE]
    office.write("pengguna", "Berikut data yang diminta, kode tender 87654321.", answers=request, files=files)
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    assert f'Lampiran "{name}" tidak disampaikan: memuat isi surat internal LPSE.' in flat(notice)
    staff_writes(office, "#teruskan", notice)
    assert names(office.letters("lkpp")) == {IMAGE[0]}


def test_a_users_file_that_repeats_his_own_words_goes_on(office: PaperWorld) -> None:
    words = "Sejak kemarin pagi kami tidak dapat masuk ke SPSE, selalu muncul galat 500 sesudah captcha diisi."
    opened(office, f"{words}\nNama: Budi Santoso\nInstansi: CV Contoh\nHP: 081234567890\n")
    staff_writes(office, "#eskalasi Login gagal sejak kemarin.")
    office.write("lkpp", "Mohon dilengkapi kronologi.", answers=office.last("lkpp", "lkpp_escalation"))
    assert office.once()
    minutes_later(office, 4)
    request = office.last("pengguna", "user_data_request")
    files = [("kronologi.txt", f"Kronologi\n{words}\n".encode())]
    office.write("pengguna", "Berikut kronologinya, kode tender 87654321.", answers=request, files=files)
    assert office.once()
    assert names([office.last("lkpp", "lkpp_additional_data")]) == {"kronologi.txt"}


@pytest.mark.parametrize("name", FORMS)
def test_lkpps_file_with_a_password_is_asked_about_and_left_out(office: PaperWorld, name: str) -> None:
    escalation = escalated(office)
    files = [(name, FORMS[name](f"Akun admin sementara\nkata sandi: {SECRET}")), ("panduan.pdf", b"%PDF-1.4")]
    said = "Permasalahan login telah selesai ditangani, silakan dicoba kembali sesuai panduan terlampir."
    office.write("lkpp", said, answers=escalation, files=files)
    assert office.once()
    asked = office.last("petugas", "staff_classify")
    assert f'Lampiran "{name}" tidak disampaikan: tampaknya memuat kata sandi' in flat(asked)
    assert [letter.template for letter in office.letters("pengguna")][-1] == "user_escalated"
    assert staff_writes(office, f"#selesai\n{said}", asked) == "staff_receipt"
    minutes_later(office, 4)
    assert names([office.last("pengguna", "user_resolved")]) == {"panduan.pdf"}


@pytest.mark.parametrize("name", FORMS)
def test_an_answer_of_staff_with_an_internal_notice_as_a_file_is_asked_about(office: PaperWorld, name: str) -> None:
    notice = opened(office)
    staff_writes(office, "#catat Penyedia ini pernah dihukum; jangan disampaikan kepada siapa pun di luar LPSE.")
    files = [(name, FORMS[name](notice.text))]
    assert staff_writes(office, "Silakan lihat lampiran.", notice, files=files, quote=False) == "staff_confirm"
    assert f'Lampiran "{name}" tidak disampaikan: memuat isi surat internal LPSE.' in flat(office.last("petugas"))
    minutes_later(office, 4)
    assert [letter.template for letter in office.letters("pengguna")] == ["user_acknowledgement"]


def test_what_staff_send_a_user_may_hold_a_password(office: PaperWorld) -> None:
    notice = opened(office)
    files = [("akun.txt", f"kata sandi: {SECRET}".encode())]
    assert staff_writes(office, "Terlampir kata sandi sementara Anda.", notice, files=files) == "staff_receipt"
    minutes_later(office, 4)
    assert names([office.last("pengguna", "user_answer")]) == {"akun.txt"}


@pytest.mark.parametrize(
    "data",
    [b"\x00\x01password: Rahasia#2026", b"%PDF-1.4\n\x01password: Rahasia#2026", b"\x89PNG\r\n\x1a\nsandi: Rahasia1"],
)
def test_files_that_are_no_text_are_not_looked_into(office: PaperWorld, data: bytes) -> None:
    """Nobody unpacks or draws them: what stands in pictures and office files, their writer answers for."""
    request = data_requested(office)
    office.write("pengguna", "Berikut kode tender 87654321.", answers=request, files=[("berkas.bin", data)])
    assert office.once()
    assert names(office.letters("lkpp")) == {"berkas.bin"}
