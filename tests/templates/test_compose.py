"""The bytes of a mail: nothing that a stranger wrote becomes a header, a part or a line of its own."""

from __future__ import annotations

import binascii
import email
import email.policy
import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import Message as ParsedMessage
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailbot.clean import clean, one_line
from mailbot.errors import PermanentFailure
from mailbot.model import Attachment, NamedAddress
from mailbot.templates import compose
from mailbot.templates.catalogue import MAILS
from mailbot.templates.compose import Head, build, file_name, new_message_id, subject_line
from mailbot.templates.render import Body, Renderer
from tests.sample_values import sample

NUMBER = "LPSE-BTG-2026-000123"
TAG = f"[{NUMBER}]"
RENDERER = Renderer()
BODY = Body("Halo.\n", "<p>Halo.</p>\n")
LPSE = NamedAddress("LPSE Kabupaten Batang", "lpse@batangkab.go.id")
BUDI = NamedAddress("Budi Santoso", "budi@contohjaya.co.id")
BASE = ["From", "To", "Subject", "Date", "Message-ID"]
AUTOMATIC = ["Auto-Submitted", "X-Auto-Response-Suppress"]
OURS = ["X-Mailbot-Id", "X-Mailbot-Template", "X-Mailbot-Ticket", "MIME-Version", "Content-Type"]

_SEEDS = [
    "a\r\nBcc: evil@x.example",
    "a\nBcc: evil@x.example",
    "a\rBcc: evil@x.example",
    "=?utf-8?q?a=0D=0ABcc=3A_evil=40x.example?=",
    "=?utf-8?b?YQ0KQmNjOiBldmlsQHguZXhhbXBsZQ==?=",
    "a\u2028Bcc: evil@x.example",
    "a\x85Bcc: evil@x.example",
    "a\x0bBcc: evil\x0c",
    "\r\n\r\n<html>",
    "\0\0NUL",
    "gpj.\u202eexe",
    'quo"te\\ \\" <a@b>',
    "a, b@c.example; (komentar)",
    "ä" * 300,
    "👩‍💻" * 80,
    "kata " * 100,
    "x" * 2000,
    "=?=?=?utf-8?q??=",
    "../../etc/passwd",
    "\ud800 lone",
]
PAYLOADS = [
    f"{before}{seed}{after}"
    for seed in _SEEDS
    for before in ("", "ä ")
    for after in ("", " é", "\r\n", "\t.html", "\r\n ")
]


def _build(name: str = "user_info", **other: Any) -> bytes:
    arguments: dict[str, Any] = {
        "sender": LPSE,
        "recipient": BUDI,
        "subject": f"{TAG} Tidak bisa login",
        "message_id": "<0123456789abcdef0123456789abcdef@batangkab.go.id>",
        "date": datetime(2026, 11, 23, 9, 5, tzinfo=timezone(timedelta(hours=7))),
        "ticket_number": NUMBER,
    }
    body, files = other.pop("body", BODY), other.pop("attachments", ())
    return build(MAILS[name], Head(**{**arguments, **other}), body, files)


def _attachment(name: str = "layar.png", content_type: str = "image/png", data: bytes = b"\x89PNG\r\n\0") -> Attachment:
    return Attachment(name, content_type, data, hashlib.sha256(data).hexdigest())


def _parse(raw: bytes) -> ParsedMessage:
    return email.message_from_bytes(raw)


def _assert_clean(raw: bytes) -> None:
    assert raw.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998


# --- header names ---------------------------------------------------------------------------


def test_there_are_200_hostile_payloads() -> None:
    assert len(set(PAYLOADS)) == 200


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_subject_name_or_file_name_adds_no_header(payload: str) -> None:
    raw = _build(
        subject=subject_line(MAILS["user_info"], NUMBER, payload),
        recipient=NamedAddress(payload, BUDI.address),
        sender=NamedAddress(payload, LPSE.address),
        references=[payload, f"<{payload}>", "<good@example.com>"],
        in_reply_to=payload,
        attachments=[_attachment(payload, payload)],
    )
    _assert_clean(raw)
    message = _parse(raw)
    assert message.keys() == [*BASE, "References", *OURS]
    assert message["References"].split()[-1] == "<good@example.com>"
    assert re.fullmatch(r"(?:<[!-;=?-~]+>\s+)?<good@example.com>", message["References"])
    assert "=?" not in message["References"]
    parts = [part.keys() for part in message.walk()][1:]
    file_headers = ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]
    text_headers = ["Content-Type", "Content-Transfer-Encoding"]
    assert parts == [["Content-Type"], text_headers, text_headers, file_headers]
    assert not any(part.defects for part in message.walk())


_PIECES = st.sampled_from(("\r\n", "\r", "\n", " ", "\t", ":", "Bcc: x@y.test", "\0", "é", "\r\n ", "\r\n\t", "", "="))
_HOSTILE = st.lists(st.one_of(_PIECES, st.text(max_size=6)), max_size=6).map("".join)
_NAMES = st.one_of(st.sampled_from(("From", "To", "Subject", "X-Mailbot-Id")), _HOSTILE)


@given(st.lists(st.tuples(_NAMES, _HOSTILE), max_size=5))
@example([("Subject", "x\r\n y"), ("To", "a@b.test")])
@example([("Subject: x\r\nBcc", "a@b.test")])
def test_a_block_of_headers_leaves_only_if_the_standard_parser_reads_just_these(headers: list[tuple[str, str]]) -> None:
    try:
        raw = compose._checked(tuple(headers))
    except ValueError:
        return
    _assert_clean(raw)
    found = email.message_from_bytes(raw)
    assert [(name, value.split()) for name, value in found.items()] == [
        (name, value.split()) for name, value in headers
    ]
    assert (found.get_payload(), found.defects) == ("", [])


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_has_exactly_its_intended_headers(name: str) -> None:
    kind = MAILS[name]
    raw = _build(name, body=RENDERER.body(name, sample(name)), in_reply_to="<a@b>", references=["<a@b>"])
    _assert_clean(raw)
    message = _parse(raw)
    automatic = AUTOMATIC if kind.auto_submitted else []
    assert message.keys() == [*BASE, "In-Reply-To", "References", *automatic, *OURS]
    assert message["Auto-Submitted"] == kind.auto_submitted
    assert message["X-Mailbot-Template"] == name
    assert message["X-Mailbot-Ticket"] == NUMBER
    assert message["Date"] == "Mon, 23 Nov 2026 09:05:00 +0700"
    if kind.auto_submitted:
        assert message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"


def test_a_mail_about_no_ticket_names_none() -> None:
    raw = _build("operator_alarm", ticket_number=None, subject="Alarm: disk")
    assert "X-Mailbot-Ticket" not in _parse(raw)


# --- subject --------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_the_tag_is_literal_on_the_first_line_whatever_follows(title: str) -> None:
    subject = subject_line(MAILS["user_info"], NUMBER, title)
    raw = _build(subject=subject)
    lines = raw.split(b"\r\n")
    assert sum(line.startswith(f"Subject: {TAG}".encode()) for line in lines) == 1
    decoded = str(make_header(decode_header(_parse(raw)["Subject"].replace("\r\n", ""))))
    assert " ".join(decoded.split()) == one_line(subject)


@pytest.mark.parametrize(
    ("name", "number", "title", "other", "subject"),
    [
        ("user_answer", NUMBER, "Gagal login", {}, f"{TAG} Gagal login"),
        ("user_answer", NUMBER, f"Re: {TAG} Gagal", {}, f"{TAG} Re: Gagal"),
        ("user_answer", NUMBER, "", {}, f"{TAG} Konsultasi SPSE"),
        ("user_acknowledgement", NUMBER, "Beli obat", {"echo": False}, f"{TAG} Tanda terima"),
        ("staff_new_ticket", NUMBER, "Gagal login", {}, f"{TAG} Tiket baru: Gagal login"),
        ("lkpp_message", NUMBER, "Gagal", {"lkpp_number": "HD-7"}, f"{TAG} Gagal - Tiket LKPP HD-7"),
        ("user_answer", NUMBER, "Gagal", {"lkpp_number": "HD-7"}, f"{TAG} Gagal"),
        ("coordinator_overdue", None, "3 tiket", {}, "Tiket terlambat: 3 tiket"),
    ],
)
def test_subjects_begin_with_the_tag_once(
    name: str, number: str | None, title: str, other: dict[str, Any], subject: str
) -> None:
    assert subject_line(MAILS[name], number, title, **other) == subject


def test_a_long_subject_is_shortened_at_its_end() -> None:
    subject = subject_line(MAILS["lkpp_message"], NUMBER, "sangat " * 100, lkpp_number="HD-7")
    assert subject.startswith(f"{TAG} sangat")
    assert subject.endswith("… - Tiket LKPP HD-7")
    assert len(subject) < 250


def test_encoded_words_keep_within_75_characters() -> None:
    raw = _build(subject=f"{TAG} " + "Kesalahan é " * 12)
    words = re.findall(rb"=\?[^?]+\?[bq]\?[^?]*\?=", raw.split(b"\r\n\r\n")[0])
    assert words
    assert max(map(len, words)) <= 75


# --- addresses, identifiers -----------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "",
        "budi",
        "a@b\r\nBcc: c@d",
        "a b@c.id",
        "<a@b.id>",
        "a@b.id, c@d.id",
        "é@b.id",
        "a@-b.id",
        '"a b"@c.id',
        "a@b\0.id",
    ],
)
def test_an_address_that_may_not_stand_in_a_header_is_refused(address: str) -> None:
    with pytest.raises(PermanentFailure, match="deliverable address"):
        _build(recipient=NamedAddress("", address))


@pytest.mark.parametrize("name", ["", "Budi", "Budi, S.T.", 'Budi "Bud" \\ S', "Búdi", "=?utf-8?q?x?="])
def test_a_display_name_reads_back_as_it_was(name: str) -> None:
    message = email.message_from_bytes(_build(recipient=NamedAddress(name, BUDI.address)), policy=email.policy.default)
    (mailbox,) = message["To"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == (name, BUDI.address)


@pytest.mark.parametrize("bad", [{"message_id": "<a b@c>"}, {"message_id": "a@b"}, {"ticket_number": "A]\r\nX: y"}])
def test_our_own_identifiers_are_held_to_the_grammar(bad: dict[str, Any]) -> None:
    with pytest.raises(PermanentFailure):
        _build(**bad)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        _build(date=datetime(2026, 11, 23))


def test_references_keep_the_first_and_the_last_ten_each_once() -> None:
    references = [f"<{n}@x>" for n in range(40)] + ["<39@x>", "bad", "<b\r\nX: y@x>"]
    found = re.findall(r"<[^>]+>", _parse(_build(references=references))["References"])
    assert found == ["<0@x>", *(f"<{n}@x>" for n in range(30, 40))]


def test_message_ids_carry_128_bits() -> None:
    assert new_message_id("batangkab.go.id", bytes(range(16))) == "<000102030405060708090a0b0c0d0e0f@batangkab.go.id>"
    for domain, random in (("x.id", b"short"), ("x.id>\r\n", bytes(16)), ("", bytes(16))):
        with pytest.raises(ValueError, match=r"Message-ID|domain"):
            new_message_id(domain, random)


# --- bodies and files -----------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("a é.=\n-_漢 From:\t"), max_size=400))
def test_the_text_reads_back_and_no_bare_line_end_is_on_the_wire(text: str) -> None:
    raw = _build(body=Body(text + "\n.\n\r\n.\r\nFrom x\n" + "y" * 3000, "<p>"))
    _assert_clean(raw)
    plain = _parse(raw).get_payload(0)
    assert isinstance(plain, ParsedMessage)
    payload = plain.get_payload(decode=True)
    assert isinstance(payload, bytes)
    read = payload.decode().replace("\r\n", "\n")
    assert read == text + "\n.\n\n.\nFrom x\n" + "y" * 3000


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["x" * 70, "é", "=", ".", " ", "\t", "a" * 5, "b", "\n", "\r\n", "\r", "\x0b", "\x1c"]))
)
def test_a_text_that_is_encoded_line_by_line_is_as_one_that_is_encoded_whole(pieces: list[str]) -> None:
    text = "".join(pieces)
    whole = binascii.b2a_qp(clean(text).encode(), istext=True).replace(b"\n", b"\r\n")
    assert b"quoted-printable\r\n\r\n" + whole + b"\r\n--=_a" in _build(body=Body(text, "<p>"))


def test_the_same_input_gives_the_same_bytes() -> None:
    assert _build(attachments=[_attachment()]) == _build(attachments=[_attachment()])


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=3000))
def test_attachments_arrive_unchanged(data: bytes) -> None:
    pdf = _attachment("dua.pdf", "application/pdf", b"%PDF")
    message = _parse(_build(attachments=[_attachment(data=data), pdf]))
    first, second = [part for part in message.walk() if part.get_content_disposition() == "attachment"]
    assert first.get_payload(decode=True) == data
    assert (second.get_content_type(), second.get_filename()) == ("application/pdf", "dua.pdf")


@pytest.mark.parametrize(
    ("name", "content_type", "sent_as", "sent_type"),
    [
        ("layar.png", "image/png", "layar.png", "image/png"),
        ("Berita Acara – «akhir».pdf", "application/pdf", "Berita Acara – «akhir».pdf", "application/pdf"),
        ("漢字" * 40 + ".docx", "application/x", ("漢字" * 40)[:80] + "….docx", ""),
        ("halaman.HTML", "text/html", "halaman.HTML.txt", "application/octet-stream"),
        ("gambar.svg", "image/svg+xml", "gambar.svg.txt", "application/octet-stream"),
        ("data", "text/xml", "data", "application/octet-stream"),
        ("x.html", "image/png", "x.html.txt", "application/octet-stream"),
        ("surat.eml", "message/rfc822", "surat.eml", "application/octet-stream"),
        ("isi.txt", "text/plain; charset=x\r\nBcc: y", "isi.txt", "application/octet-stream"),
        ("../../a\\b.txt", "text/plain", "_.._a_b.txt", "text/plain"),
        ("gpj.\u202eexe", "x/y", "gpj.exe", "application/octet-stream"),
        ("...", "image/png", "lampiran", "image/png"),
        (
            "surat.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "surat.docx",
            "",
        ),
    ],
)
def test_file_names_and_types_are_harmless(name: str, content_type: str, sent_as: str, sent_type: str) -> None:
    attachment = _attachment(name, content_type)
    message = email.message_from_bytes(_build(attachments=[attachment]), policy=email.policy.default)
    (part,) = message.iter_attachments()
    assert part.get_filename() == file_name(attachment)
    assert len(file_name(attachment)) <= 124
    if "…" not in sent_as:
        assert part.get_filename() == sent_as
    if sent_type:
        assert part.get_content_type() == sent_type


def test_the_date_may_be_in_any_zone() -> None:
    assert _parse(_build(date=datetime(2026, 11, 23, 2, 5, tzinfo=UTC)))["Date"] == "Mon, 23 Nov 2026 02:05:00 +0000"
