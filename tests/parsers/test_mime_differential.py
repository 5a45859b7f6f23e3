"""Two readings of one mail: what the standard library reads otherwise than we do must be marked as ambiguous.

The other readers are the two parsers of Python's email package, compat32 and policy.default: the first is lenient as
most programs are, the second keeps to the grammar. Where one of them gives up there is nothing to compare with.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailbot.errors import ParseError
from mailbot.parsers.mime.headers import addresses, one_line, unfold
from mailbot.parsers.mime.limits import Limits
from mailbot.parsers.mime.message import parse
from mailbot.parsers.mime.structure import Part, split


class Reading(NamedTuple):
    """What one reader makes of a mail. None: he gives up."""

    senders: frozenset[str] | None
    subject: str | None
    leaves: tuple[str, ...] | None


def _squeezed(text: str) -> str:
    return "".join(one_line(text).split())


def _utf8(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def ours(raw: bytes) -> Reading:
    message = parse(raw)
    root, _ = split(raw, Limits())

    def leaves(part: Part) -> tuple[str, ...]:
        return sum((leaves(child) for child in part.children), ()) if part.children else (part.content_type,)

    senders = frozenset(box.address.lower() for box in message.from_ if "@" in box.address)
    return Reading(senders, _squeezed(message.subject), leaves(root))


def _leaves(message: Message) -> tuple[str, ...]:
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list) and payload:
        return sum((_leaves(part) for part in payload if isinstance(part, Message)), ())
    kind = message.get_content_type().split()[0]  # "text/plain charset=utf-8" is a type to it
    return (kind if kind.count("/") == 1 else "text/plain",)


def lenient(raw: bytes) -> Reading:
    message = message_from_bytes(raw)
    senders = subject = leaves = None
    with suppress(Exception):
        value = unfold(_text(message["from"]))
        senders = frozenset(address.lower() for _, address in addresses(value) if "@" in address)
    with suppress(Exception):
        subject = _text(make_header(decode_header(message["subject"] or "")))
    with suppress(Exception):
        leaves = _leaves(message)
    return Reading(_whole(senders), _known(subject), leaves)


def strict(raw: bytes) -> Reading:
    senders = subject = leaves = None
    try:
        message = message_from_bytes(raw, policy=policy.default)
    except Exception:
        return Reading(None, None, None)
    assert isinstance(message, EmailMessage)
    with suppress(Exception):
        header = message["from"]
        senders = frozenset(
            _utf8(box.addr_spec).lower() for box in (header.addresses if header else ()) if "@" in box.addr_spec
        )
    with suppress(Exception):
        subject = _text(message["subject"])
    with suppress(Exception):
        leaves = _leaves(message)
    return Reading(_whole(senders), _known(subject), leaves)


def _text(value: object) -> str:
    return "" if value is None else _utf8(str(value))


def _whole(senders: frozenset[str] | None) -> frozenset[str] | None:
    """Addresses with letters lost are no reading."""
    return None if senders is None or any("�" in address for address in senders) else senders


def _known(subject: str | None) -> str | None:
    """A subject with letters lost, or left as they came, is no reading."""
    if subject is None or "�" in subject or "=?" in subject:
        return None
    return _squeezed(subject)


def differences(raw: bytes) -> list[str]:
    """Where readers who understand the mail read another sender, subject or structure than we do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mine, others = ours(raw), (lenient(raw), strict(raw))
    found = []
    for field in ("senders", "subject", "leaves"):
        for reader, other in zip(("compat32", "default"), others, strict=True):
            theirs = getattr(other, field)
            if theirs is not None and theirs != getattr(mine, field):
                found.append(f"{field}: {reader} reads {theirs!r}, we read {getattr(mine, field)!r}")
    return found


def assert_marked(raw: bytes) -> None:
    try:
        marked = parse(raw).ambiguous
    except ParseError:
        return  # a person looks at it
    if not marked:
        assert differences(raw) == []


PLAIN = b"From: sari@batangkab.go.id\r\nTo: a@b.id\r\nSubject: x\r\n"


def mixed(parameters: bytes, body: bytes, *more: bytes) -> bytes:
    head = PLAIN + b"Content-Type: multipart/mixed; " + parameters + b"\r\n" + b"".join(more)
    return head + b"\r\n" + body


BODY = b"--b\r\n\r\nsatu\r\n--b\r\n\r\ndua\r\n--b--\r\n"

# a mail, and a word of the reason that staff read
AMBIGUOUS = [
    (PLAIN + b"From: lain@jahat.example\r\n\r\nisi", "From muncul"),
    (PLAIN + b"Subject: y\r\n\r\nisi", "Subject muncul"),
    (PLAIN + b"To: c@d.id\r\n\r\nisi", "To muncul"),
    (PLAIN + b"Message-ID: <a@b>\r\nMessage-Id: <c@d>\r\n\r\nisi", "Message-Id muncul"),
    (PLAIN + b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nisi", "Content-Type muncul"),
    (b"From : sari@batangkab.go.id\r\n" + PLAIN + b"\r\nisi", "sebelum titik dua"),
    (b"\r\n" + PLAIN + b"\r\nisi", "diawali baris kosong"),
    (PLAIN.replace(b"x\r\n", b"x\rFrom: b@c.id\r\n") + b"\r\nisi", "CR tanpa LF"),
    (PLAIN + b"X-A: b\xc2\x85From: b@c.id\r\n\r\nisi", "pemisah baris"),
    (PLAIN + b"X-A: b\xe2\x80\xa8From: b@c.id\r\n\r\nisi", "pemisah baris"),
    (PLAIN + b"X-A: b\x0bFrom: b@c.id\r\n\r\nisi", "pemisah baris"),
    (PLAIN + b"X-A: b\r\n \r\nFrom: b@c.id\r\n\r\nisi", "hanya berisi spasi"),
    (PLAIN + b"X-A: b\r\n>From sari\r\nX-B: c\r\n\r\nisi", "mbox"),
    (PLAIN + b"X\xc3\xa9: b\r\nFrom: b@c.id\r\n\r\nisi", "terputus"),
    (PLAIN + b": tanpa nama\r\nX-B: c\r\n\r\nisi", "terputus"),
    (PLAIN + b"Reply-To: =?utf-8?q?a=0D=0ABcc=3A_x=40y.id?= <c@d.id>\r\n\r\n", "akhir baris"),
    (PLAIN.replace(b": x", b": =?utf-8?q?a=0D=0ABcc=3A_b?=") + b"\r\nisi", "akhir baris"),
    (PLAIN.replace(b": x", b": =?utf-7?q?+ACM-tutup?=") + b"\r\nisi", "UTF-7"),
    (PLAIN + b"Message-ID: <a@\xff>\r\n\r\nisi", "bukan UTF-8"),
    (PLAIN + b"Message-ID: <a@b> <c@d>\r\n\r\nisi", "lebih dari satu nomor"),
    (PLAIN + b"Content-Type: text/plain; charset=a; charset=b\r\n\r\nisi", "Parameter charset"),
    (PLAIN + b'Content-Type: text/plain; name="a\r\n\r\nisi', "kutip"),
    (PLAIN + b"Content-Type: multipart/mixed/x; boundary=b\r\n\r\n" + BODY, "dibaca dengan pasti"),
    (PLAIN + b"Content-Type: multipart/mixed (k); boundary=b\r\n\r\n" + BODY, "dibaca dengan pasti"),
    (PLAIN + b"Content-Type: multipart/mixed boundary=b\r\n\r\n" + BODY, "dibaca dengan pasti"),
    (PLAIN + b"Content-Transfer-Encoding: base64;\r\n\r\naXNp", "Sandi isi"),
    (PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\naXNp\r\nYQ==\r\naXNp", "tanda akhirnya"),
    (PLAIN + b"Content-Type: text/plain; charset=utf-16\r\n\r\n#tutup", "charset"),
    (mixed(b"boundary=b; boundary=c", BODY), "Parameter boundary"),
    (mixed(b'boundary="b', BODY), "kutip"),
    (mixed(b'boundary="b"x', BODY), "kutip"),
    (mixed(b"boundary*=utf-8''b", BODY), "tidak dikenal semua program"),
    (mixed(b"boundary*0=b", BODY), "tidak dikenal semua program"),
    (mixed(b"boundary=b (komentar)", BODY), "tidak lazim"),
    (mixed(b"boundary=b c", BODY), "tidak lazim"),
    (mixed(b'boundary="a\r\n b"', BODY.replace(b"--b", b"--a b")), "terputus"),
    (mixed(b"charset=x", BODY), "tanpa pembatas"),
    (mixed(b"boundary=lain", BODY), "tidak pernah muncul"),
    (mixed(b"boundary=b", BODY, b"Content-Transfer-Encoding: base64\r\n"), "satu kesatuan"),
    (mixed(b"boundary=b", BODY.replace(b"satu", b"--bc")), "awal dari pembatas lain"),
    (mixed(b"boundary=b", BODY + BODY), "setelah penutupnya"),
    (mixed(b"boundary=b", b"--b\r\n--b--\r\n\r\nisi\r\n"), "sebelum ada isinya"),
    (mixed(b"boundary=b", b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + BODY), "dua kali"),
    (mixed(b"boundary=b", BODY.replace(b"--b\r\n\r\nsatu", b"--b\r\nA: b\r\nA : c\r\n\r\nsatu")), "titik dua"),
]
SENDERS = [
    b"=?utf-8?q?sari=40batangkab.go.id?=",
    b"=?utf-8?q?sari=40batangkab.go.id?= <jahat@x.example>",
    b"=?utf-8?q?sari=40batangkab.go.id=2C?= <jahat@x.example>",
    b"sari@batangkab.go.id <jahat@x.example>",
    b"sari@batangkab.go.id, jahat@x.example <y@z.id>",
    b"<sari@batangkab.go.id> <jahat@x.example>",
    b"sari@batangkab.go.id jahat@x.example",
    b"Budi Santoso, SE <budi@x.example>",
    b"<=?utf-8?q?sari=40batangkab.go.id?=@x.example>",
    b"=?utf-8?q?sari=40batangkab.go.id=00?= <jahat@x.example>",
    b"sari@batangkab.go.id(<jahat@x.example>)",
    b"(sari@batangkab.go.id) jahat@x.example (",
    b"<sari@batangkab.go.id",
    b'"sari@batangkab.go.id <jahat@x.example>',
    b"sari@batangkab.go.id\\ <jahat@x.example>",
    b"jahat@x.example;sari@batangkab.go.id",
    b"<sari @batangkab.go.id>",
    b"sari@batangkab.go.id@x.example",
    b"<\xc0\xbcsari@batangkab.go.id>",
    b"\xff@batangkab.go.id",
    b"Nama\xc0\xbc <jahat@x.example>",
]


@pytest.mark.parametrize(("raw", "reason"), AMBIGUOUS)
def test_a_mail_with_two_readings_is_marked_with_its_reason(raw: bytes, reason: str) -> None:
    marked = parse(raw).ambiguous
    assert any(reason in found for found in marked), marked
    assert all("\n" not in found and len(found) < 200 for found in marked)


@pytest.mark.parametrize("sender", SENDERS)
def test_a_sender_with_two_readings_is_marked(sender: bytes) -> None:
    marked = parse(PLAIN.replace(b"sari@batangkab.go.id", sender) + b"\r\nisi").ambiguous
    assert any("From" in reason for reason in marked), marked


HARMLESS = [
    b"From: Sari <sari@batangkab.go.id>\r\n",
    b'From: "Sari, SE" <sari@batangkab.go.id>\r\n',
    b"From: =?utf-8?q?Sari?= =?utf-8?q?_W?= <sari@batangkab.go.id>\r\n",
    b"From: =?utf-8?q?sari=40batangkab.go.id?= <sari@batangkab.go.id>\r\n",
    b"From: =?utf-8?q?Sari_=40_LPSE?= <sari@batangkab.go.id>\r\n",
    b"From:sari@batangkab.go.id\r\n",
    b"from:\tsari@batangkab.go.id\r\n",
    b"From:\r\n Sari\r\n <sari@batangkab.go.id>\r\n",
    b"From: sari@batangkab.go.id (Sari)\r\n",
    b"From: Sari <sari@batangkab.go.id>, Budi <budi@batangkab.go.id>\r\n",
    b"From: Rapat: sari@batangkab.go.id;\r\n",
    b"From: S\xe1ri <sari@batangkab.go.id>\r\n",
    "From: Sári <sari@batangkab.go.id>\r\n".encode(),
    b"From: a@b.id\r\nSubject: \xa0kaf\xe9 [SPAM]=?utf-8?q?halo?=\r\n",
    b"From: a@b.id\r\nReceived: x\r\nReceived: y\r\nDKIM-Signature: a; b=c\r\nDKIM-Signature: d\r\n",
    b"From sari Mon Nov  2 08:00:00 2026\r\nFrom: a@b.id\r\n",
    b"From: a@b.id\r\nContent-Type: text/plain; charset=UTF-8; format=flowed\r\n",
    b"From: a@b.id\r\nContent-Type: text/plain charset=utf-8\r\n",
    b"From: a@b.id\r\nContent-Type: text\r\nContent-Transfer-Encoding: 8BIT\r\n",
    b"From: a@b.id\r\nContent-Type: TEXT/HTML\r\nContent-Transfer-Encoding: Quoted-Printable \r\n",
    b"From: a@b.id\r\nContent-Type: multipart/report; boundary=b\r\n",
    b'From: a@b.id\r\nContent-Type: multipart/mixed;\r\n\tboundary="=_alternative 00AB_=="\r\n',
]


@pytest.mark.parametrize("head", HARMLESS)
def test_ordinary_mail_is_not_marked_and_everybody_reads_it_alike(head: bytes) -> None:
    body = b"--b\r\n\r\nisi\r\n--b--\r\n" if b"=b\r\n" in head else b"--=_alternative 00AB_==\r\n\r\nisi\r\n"
    raw = head + b"To: a@b.id\r\n\r\n" + body
    assert parse(raw).ambiguous == ()
    assert differences(raw) == []


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"From: sari@batangkab.go.id <jahat@x.example>\r\nTo: a@b.id\r\n\r\n", "senders"),
        (PLAIN + b"Content-Type: multipart/mixed; boundary=b (komentar)\r\n\r\n" + BODY, "leaves"),
        (b"From: a@b.id\r\nSubject: x=?utf-8?q?a?=\r\n b\r\nX-A\r\nSubject: y\r\n\r\n", ""),
    ],
)
def test_the_other_readers_do_read_some_mails_otherwise(raw: bytes, field: str) -> None:
    assert bool(differences(raw)) is bool(field)
    assert all(found.startswith(field) for found in differences(raw))


# --- the oracle ------------------------------------------------------------------------------------

_ATOMS = st.sampled_from(
    [
        *(b"sari@batangkab.go.id", b"<jahat@x.example>", b"<a@b.id>", b"Sari", b'"Sari"', b'"a@b.id"', b"(k)", b"("),
        *(b")", b",", b";", b":", b"<", b">", b'"', b"\\", b" ", b"\t", b"@", b".", b"=?utf-8?q?a=40b?=", b"\xc3\xa9"),
        *(b"=?utf-8?b?YQ==?=", b"=?x?q?=C3?=", b"\xff", b"\r\n ", b"\r\n\t", b"?=", b"=?", b"Grup: a@b.id;", b"via"),
    ]
)
_VALUE = st.lists(_ATOMS, max_size=6).map(b"".join)
_NAMES = st.sampled_from([b"From", b"FROM", b"Subject", b"From ", b"To", b"X", b"", b"Content-Type", b"F\xc3\xa9"])
_FIELD = st.tuples(_NAMES, _VALUE).map(lambda pair: pair[0] + b": " + pair[1] + b"\r\n")
_KIND = st.sampled_from(
    [b"multipart/mixed", b"multipart/alternative", b"multipart/digest", b"text/plain", b"MULTIPART/x"]
)
_BOUNDARY = st.sampled_from(
    [
        *(b"; boundary=b", b'; boundary="b"', b"; boundary=b;", b"; boundary = b", b'; boundary="b ', b" boundary=b"),
        *(b"; boundary=bb", b'; boundary="b b"', b"; boundary*=b", b"; boundary*0=b; boundary*1=b", b"; BOUNDARY=b"),
        *(b"; boundary=b (x)", b'; x="; boundary=b"; boundary=bb', b"", b";", b"; boundary=", b"; boundary='b'"),
        *(
            b'; boundary="\\b"',
            b'; boundary="b"; boundary=bb',
            b'; boundary=b"',
            b"; a=b; boundary=b",
            b"; boundary=b\r\n c",
        ),
    ]
)
_TYPE = st.tuples(_KIND, _BOUNDARY).map(lambda pair: b"Content-Type: " + pair[0] + pair[1] + b"\r\n")
_BLOCK = st.sampled_from(
    [
        *(
            b"--b\r\n",
            b"--b\n",
            b"--b \r\n",
            b"--b--\r\n",
            b"--bb\r\n",
            b"--bb--\r\n",
            b"--b b\r\n",
            b"--\r\n",
            b"-b\r\n",
        ),
        *(b"\r\n", b"isi\r\n", b"isi", b"--b", b" --b\r\n", b"Content-Type: text/html\r\n", b"A: b\r\n", b"A\r\n"),
        *(b"Content-Type: multipart/mixed; boundary=bb\r\n\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
        *(b"Content-Type: message/rfc822\r\n\r\n", b"\r--b\r", b"--b\r", b"--bx\r\n", b"From: x@y.id\r\n"),
    ]
)


@settings(deadline=None)
@given(st.lists(_FIELD, max_size=4), _VALUE, _VALUE)
@example([], b"sari@batangkab.go.id", b"=?utf-8?q?a?=b")
def test_headers_that_others_read_otherwise_are_marked(fields: list[bytes], sender: bytes, subject: bytes) -> None:
    head = b"From: " + sender + b"\r\nSubject: " + subject + b"\r\n" + b"".join(fields)
    assert_marked(head + b"\r\nisi")


@settings(deadline=None)
@given(_TYPE, st.lists(_BLOCK, max_size=14), st.sampled_from([b"", b"Content-Transfer-Encoding: base64\r\n"]))
def test_structures_that_others_read_otherwise_are_marked(kind: bytes, blocks: list[bytes], more: bytes) -> None:
    assert_marked(PLAIN + more + kind + b"\r\n" + b"".join(blocks))
