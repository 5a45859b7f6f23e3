"""winmail.dat: what Outlook packs is unpacked, whatever a stranger puts there stays bounded."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.parsers.mime import rtf, tnef
from mailbot.parsers.mime.limits import Limits
from mailbot.parsers.mime.message import parse
from tests.quick import within

HEAD = b"From: a@contoh.example\r\nTo: lpse@batangkab.go.id\r\nSubject: x\r\n"

STRING8, UNICODE, BINARY, OBJECT, LONG = 0x1E, 0x1F, 0x102, 0x0D, 0x03
MESSAGE, FILE = 1, 2


def attribute(level: int, name: int, value: bytes, kind: int = 6) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*given: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(given))
    for name, kind, value in given:
        out += struct.pack("<HH", kind, name)
        if name >= 0x8000:
            out += bytes(16) + struct.pack("<I", 1) + struct.pack("<I", 6) + "ab\0".encode("utf-16-le") + b"\0\0"
        if kind == LONG:
            out += value
            continue
        out += struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return out


def winmail(*attributes: bytes) -> bytes:
    codepage = attribute(MESSAGE, 0x9007, struct.pack("<II", 1252, 0))
    return b"\x78\x9f\x3e\x22\x01\x00" + codepage + b"".join(attributes)


def packed_file(name: str, data: bytes, kind: str = "application/pdf") -> bytes:
    return (
        attribute(FILE, 0x9002, bytes(14))
        + attribute(FILE, 0x8010, b"SHORT~1.PDF\0")
        + attribute(FILE, 0x800F, data)
        + attribute(
            FILE,
            0x9005,
            properties(
                (0x8001, UNICODE, "tak penting\0".encode("utf-16-le")),
                (0x3707, UNICODE, f"{name}\0".encode("utf-16-le")),
                (0x370E, STRING8, f"{kind}\0".encode()),
            ),
        )
    )


def compressed(source: bytes) -> bytes:
    """LZFu without a single reference: eight literals to a byte of flags, and the end mark."""
    out = bytearray()
    written = 207
    pieces = [source[i : i + 8] for i in range(0, len(source), 8)]
    for piece in pieces:
        out += b"\0" + piece
        written += len(piece)
    end = (written % 4096) << 4
    out += b"\x01" + struct.pack(">H", end)
    return struct.pack("<II4sI", len(out) + 12, len(source), b"LZFu", zlib.crc32(out)) + bytes(out)


def message_with(data: bytes, text: bytes = b"") -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\n" + text + b"\r\n" if text else b""
    return (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + part
        + b'--b\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(data)
        + b"\r\n--b--\r\n"
    )


PDF = b"%PDF-1.4\n" + bytes(range(256))


def test_files_come_out_beside_the_original_with_their_bytes_untouched() -> None:
    data = winmail(packed_file("surat kuasa.pdf", PDF), packed_file("layar.png", b"\x89PNG", "image/png"))
    message = parse(message_with(data, b"Terlampir."))
    assert [(a.name, a.content_type, a.unpacked_from) for a in message.attachments] == [
        ("winmail.dat", "application/ms-tnef", ""),
        ("surat kuasa.pdf", "application/pdf", "winmail.dat"),
        ("layar.png", "image/png", "winmail.dat"),
    ]
    assert message.attachments[0].data == data
    assert message.attachments[1].data == PDF
    assert message.attachments[1].sha256 == hashlib.sha256(PDF).hexdigest()
    assert message.text == "Terlampir."
    assert message.ambiguous == ()


def test_the_text_inside_counts_where_the_mail_does_not_say_it() -> None:
    data = winmail(attribute(MESSAGE, 0x9003, properties((0x1000, UNICODE, "Mohon bantuan.\0".encode("utf-16-le")))))
    alone = parse(message_with(data))
    assert alone.text == "Mohon bantuan."
    assert any("winmail.dat" in reason for reason in alone.ambiguous)
    assert parse(message_with(data, b"Mohon bantuan.")).text == "Mohon bantuan."
    assert parse(message_with(data, b"Mohon bantuan.")).ambiguous == ()
    other = parse(message_with(data, b"Halo."))
    assert other.text == "Halo.\n\nMohon bantuan."
    assert other.ambiguous == alone.ambiguous  # Outlook shows the one, other programs the other


def test_the_whole_mail_may_be_a_winmail_dat() -> None:
    data = winmail(attribute(MESSAGE, 0x800C, "Akun terkunci – tolong.\0".encode("cp1252")))
    raw = (
        HEAD + b"Content-Type: application/octet-stream; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    message = parse(raw + base64.encodebytes(data))
    assert message.text == "Akun terkunci – tolong."
    assert [a.name for a in message.attachments] == ["winmail.dat"]


def test_a_body_in_rich_text_is_read() -> None:
    source = (
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\*\generator x;}\pard Kode tender \b 10046325\b0\par "
        rb"Harga \'93tetap\'94 \u8211?\tab ya{\pict 0102}\line selesai\par}"
    )
    data = winmail(attribute(MESSAGE, 0x9003, properties((0x1009, BINARY, compressed(source)))))
    text = parse(message_with(data)).text
    assert text.split("\n")[:3] == ["Kode tender 10046325", "Harga “tetap” –\tya", "selesai"]


def test_a_body_in_html_is_read_in_its_own_charset() -> None:
    page = "<html><head><meta charset=utf-8></head><body>Tolong – segera</body></html>".encode()
    data = winmail(attribute(MESSAGE, 0x9003, properties((0x1013, BINARY, page))))
    message = parse(message_with(data))
    assert message.text == "Tolong – segera"
    assert message.text_from_html


def test_an_outlook_item_inside_stays_shut() -> None:
    inner = winmail(attribute(MESSAGE, 0x800C, b"[LPSE-BTG-2026-000001] rahasia\0"))
    data = winmail(
        attribute(FILE, 0x9002, bytes(14)),
        attribute(FILE, 0x9005, properties((0x3701, OBJECT, bytes(16) + inner), (0x3001, STRING8, b"Surat lama\0"))),
    )
    message = parse(message_with(data))
    assert [(a.name, a.data) for a in message.attachments[1:]] == [("Surat lama", inner)]
    assert message.text == ""


def test_rich_text_that_refers_back_is_unpacked_as_the_specification_shows() -> None:
    # MS-OXRTFCP §4.1.1 and §4.1.2: its two examples, of which the second reads what it is still writing.
    first = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.decompress(first) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    second = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert rtf.decompress(second) == rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_uncompressed_rich_text_is_cut_at_its_length() -> None:
    data = struct.pack("<II4sI", 0, 5, b"MELA", 0) + b"{abc}rest"
    assert rtf.decompress(data) == b"{abc}"


def test_what_stands_before_the_break_is_kept() -> None:
    data = winmail(packed_file("a.pdf", PDF)) + attribute(FILE, 0x9002, bytes(14))[:7]
    unpacked = tnef.unpack(data)
    assert not unpacked.complete
    assert [file.data for file in unpacked.files] == [PDF]
    assert "TnefIncomplete" in parse(message_with(data)).defects


@pytest.mark.parametrize("length", [0, 3, 6, 7, 20, 40])
def test_a_winmail_dat_that_breaks_off_is_a_file_like_any_other(length: int) -> None:
    data = winmail(packed_file("a.pdf", PDF))[:length]
    message = parse(message_with(data, b"Halo."))
    assert message.text == "Halo."
    assert message.attachments[0].data == data


def test_names_inside_are_cleaned_like_all_others() -> None:
    names = ["..\\..\\etc\\passwd", "con.txt", "a\u202efdp.exe", "", "x" * 4000 + ".pdf"]
    message = parse(message_with(winmail(*(packed_file(name, PDF) for name in names))))
    assert [a.name for a in message.attachments[1:]] == [
        "passwd",
        "_con.txt",
        "a fdp.exe",
        "SHORT~1.PDF",
        "x" * 116 + ".pdf",
    ]


def test_more_files_than_a_mail_may_have_parts_are_not_unpacked() -> None:
    message = parse(message_with(winmail(*(packed_file(f"{n}.pdf", b"x") for n in range(300)))))
    assert len(message.attachments) <= 201
    assert "TnefIncomplete" in message.defects


def test_files_for_which_the_other_parts_leave_no_room_are_told_as_missing() -> None:
    data = winmail(*(packed_file(f"{n}.pdf", b"x") for n in range(5)))
    message = parse(message_with(data, b"Halo."), Limits(parts=4))
    assert len(message.attachments) == 4
    assert "TnefIncomplete" in message.defects


HOSTILE = {
    "attributes": winmail(attribute(MESSAGE, 0x1, b"") * 100_000),
    "properties": winmail(
        attribute(MESSAGE, 0x9003, struct.pack("<I", 0xFFFFFFFF) + b"\x03\x00\x01\x00abcd" * 125_000)
    ),
    "values": winmail(attribute(MESSAGE, 0x9003, struct.pack("<IHHI", 1, 0x1102, 0x1000, 0xFFFFFFFF) + bytes(10**6))),
    "length": winmail(struct.pack("<BHHI", 1, 0x800C, 6, 0xFFFFFFFF) + b"x" * 10**6),
    "rtf bomb": winmail(
        attribute(
            MESSAGE,
            0x9003,
            properties(
                (
                    0x1009,
                    BINARY,
                    struct.pack("<II4sI", 0, 0xFFFFFFFF, b"LZFu", 0) + (b"\xff" + b"\x0c\x0f" * 8) * 60_000,
                )
            ),
        )
    ),
    "rtf braces": winmail(
        attribute(
            MESSAGE, 0x9003, properties((0x1009, BINARY, struct.pack("<II4sI", 0, 10**6, b"MELA", 0) + b"{" * 10**6))
        )
    ),
    "rtf bin": winmail(
        attribute(
            MESSAGE,
            0x9003,
            properties((0x1009, BINARY, struct.pack("<II4sI", 0, 10**6, b"MELA", 0) + rb"\bin9999999999 " * 70_000)),
        )
    ),
    "many rtf": winmail(
        attribute(
            MESSAGE,
            0x9003,
            properties(*[(0x1009, BINARY, struct.pack("<II4sI", 0, 10**6, b"LZFu", 0) + b"\0abcdefgh" * 50)] * 2000),
        )
    ),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_of_malice_takes_less_than_a_second(data: bytes) -> None:
    with within(1):
        unpacked = tnef.unpack(data)
    assert len(unpacked.text) <= rtf.LIMIT


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300).map(lambda data: b"\x78\x9f\x3e\x22\x01\x00" + data),
        st.tuples(st.integers(0, 700), st.binary(min_size=1, max_size=8)).map(
            lambda change: _changed(winmail(packed_file("a.pdf", PDF)), *change)
        ),
    )
)
def test_any_bytes_are_unpacked_or_left_alone(data: bytes) -> None:
    unpacked = tnef.unpack(data)
    assert sum(len(file.data) for file in unpacked.files) <= len(data)
    parse(message_with(data))


def _changed(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_as_rich_text_are_text(data: bytes) -> None:
    rtf.to_text(data).encode("utf-8")
    assert len(rtf.decompress(struct.pack("<II4sI", 0, 5000, b"LZFu", 0) + data)) <= 5000
