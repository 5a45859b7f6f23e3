"""Time and memory: whatever stands in a mail, reading it takes time in proportion to its length, and little room."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest

from mailbot.errors import ParseError
from mailbot.parsers.mime import transfer
from mailbot.parsers.mime.addresses import mailboxes
from mailbot.parsers.mime.characters import clean_text, one_line
from mailbot.parsers.mime.encodedwords import decode_words
from mailbot.parsers.mime.filenames import clean_name
from mailbot.parsers.mime.flowed import reflow
from mailbot.parsers.mime.limits import Findings, Limits
from mailbot.parsers.mime.message import fingerprint, parse
from mailbot.parsers.mime.parameters import parameters
from tests import quick
from tests.quick import within

HEAD = b"From: a@contoh.example\r\nTo: lpse@batangkab.go.id\r\nSubject: x\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
MEGABYTE = 10**6


def levels(count: int, body: bytes) -> bytes:
    opening = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(count))
    return HEAD + opening + b"\r\n" + body


def headers(lines: bytes, count: int) -> bytes:
    return HEAD + lines * count + b"\r\n"


def sender(value: str) -> Callable[[], object]:
    return lambda: mailboxes((("From", value), ("To", value)), Findings())


# Each of these costs a general parser, a careless pattern or a normaliser quadratic time.
SLOW: list[tuple[str, Callable[[], object]]] = [
    ("lines that begin like a boundary", lambda: parse(levels(19, b"\r\n--b" * 200_000))),
    ("dashes", lambda: parse(HEAD + b"Content-Type: multipart/mixed; boundary=-\r\n\r\n" + b"-" * MEGABYTE)),
    ("bare CR", lambda: parse(MIXED + b"\r" * MEGABYTE)),
    ("LF", lambda: parse(MIXED + b"\n" * MEGABYTE)),
    ("empty lines first", lambda: parse(b"\n" * MEGABYTE + HEAD + b"\r\nisi")),
    ("a boundary of blanks", lambda: parse(MIXED + (b"--x" + b" " * 1000 + b"y\r\n") * 1000)),
    ("headers", lambda: parse(headers(b"X-A: " + b"b" * 1000 + b"\r\n", 990))),
    ("one long header", lambda: parse(headers(b"X-A: " + b"(" * 65_000 + b"\r\n", 15))),
    ("folded headers", lambda: parse(headers(b"X-A: b\r\n" + b" c\r\n" * 20_000, 20))),
    ("control characters", lambda: parse(headers(b"Subject: " + b"\x01" * 65_000 + b"\r\n", 15))),
    ("8-bit headers", lambda: parse(headers(b"From: " + b"\xff" * 65_000 + b"\r\n", 15))),
    ("references", lambda: parse(headers(b"References: " + b"<" * 65_000 + b"\r\n", 15))),
    ("dates", lambda: parse(headers(b"Date: " + b"9 " * 32_000 + b"\r\n", 1))),
    ("dates of commas", lambda: parse(headers(b"Date: " + b",+" * 32_000 + b"\r\n", 1))),
    ("words", lambda: decode_words("=?utf-8?q?a?= " * 70_000)),
    ("words without an end", lambda: decode_words("=?utf-8?q?" * 100_000)),
    ("words within words", lambda: decode_words("=?utf-8?q?" * 100_000 + "?=")),
    ("words of one letter", lambda: decode_words("=?a?b?=" * 140_000)),
    ("questions", lambda: decode_words("=?" * 500_000)),
    ("quotes", lambda: parameters("text/plain;" + 'a="\\"' * 160_000)),
    ("semicolons", lambda: parameters("text/plain" + ";" * MEGABYTE)),
    ("blanks", lambda: parameters("text/plain;" + " " * MEGABYTE)),
    ("blanks after names", lambda: parameters(("text/plain;a" + " " * 1000) * 1000)),
    ("pieces", lambda: parameters("a;" + "".join(f"b*{n % 1000}*=%41;" for n in range(90_000)))),
    ("equal signs", lambda: parameters("a;" + "=" * MEGABYTE)),
    ("addresses", sender("a@b.id, " * 8000)),
    ("nested comments", sender("(" * 32_000 + "a@b.id" + ")" * 32_000)),
    ("comments side by side", sender("(k)" * 20_000 + "a@b.id")),
    ("angles", sender("<" * 64_000)),
    ("angles closed", sender("<a@b>" * 12_000)),
    ("quotes in addresses", sender('"' * 64_000)),
    ("backslashes in addresses", sender('"' + "\\" * 64_000)),
    ("groups", sender("g:" * 32_000)),
    ("commas", sender("," * 64_000)),
    ("at signs", sender("a@" * 32_000)),
    ("dots", sender("a." * 32_000 + "@b.id")),
    ("encoded words in addresses", sender("=?utf-8?q?a?= " * 4_000 + "<a@b.id>")),
    ("base64 junk", lambda: transfer.lenient_base64(b"*" * MEGABYTE)),
    ("base64 padding", lambda: transfer.lenient_base64(b"=" * MEGABYTE)),
    ("base64 seams", lambda: transfer.lenient_base64(b"QQ==" * 250_000)),
    ("base64 lines", lambda: transfer.lenient_base64(b"=\n" * 500_000)),
    ("files in the text", lambda: list(transfer.uuencoded(b"begin 644 a\n" * 80_000))),
    ("lines of files in the text", lambda: list(transfer.uuencoded(b"begin 644 a\n" + b"#B5!.\n" * 160_000))),
    ("flowed", lambda: reflow("a \n" * 330_000, delsp=True)),
    ("flowed quotes", lambda: reflow((">" * 999 + "\n") * 1000, delsp=False)),
    ("line ends", lambda: clean_text("\u2028\r\x85\n" * 250_000)),
    ("marks", lambda: one_line("a" + "\u0315\u0300" * 500_000)),
    ("names", lambda: clean_name("/" * MEGABYTE + "." * 10_000, "x")),
    ("words of a body", lambda: fingerprint("", "", "", "", ["a " * 500_000, " " * MEGABYTE], [])),
    ("stubs", lambda: parse(HEAD + b"\r\n" + b"does not support " * 60_000)),
    ("cids", lambda: parse(HEAD + b"Content-Type: text/html\r\n\r\n<!--" + b"cid:" * 250_000)),
]


def test_eight_thousand_addresses_in_two_headers_take_no_tenth_of_a_second() -> None:
    """Whoever writes to all vendors of a province in one To must not keep the others waiting."""
    took = min(quick.seconds(sender("a@b.id, " * 8000)) for _ in range(5))
    assert took < 0.1


@pytest.mark.parametrize("run", [pytest.param(run, id=name) for name, run in SLOW])
def test_a_megabyte_of_anything_takes_about_a_second(run: Callable[[], object]) -> None:
    """What grows with the square of its length takes minutes."""
    with within(1), suppress(ParseError):
        run()


def _peak(raw: bytes) -> int:
    tracemalloc.start()
    try:
        parse(raw)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_file_needs_little_more_room_than_its_own_bytes() -> None:
    data = bytes(range(256)) * (8 * 4096)  # 8 MiB
    raw = MIXED + b"--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw += base64.encodebytes(data) + b"\r\n--x--\r\n"
    assert _peak(raw) < 1.5 * len(data)


def test_a_large_text_does_not_become_millions_of_objects() -> None:
    raw = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + b"a b\r\n" * (8 * 1024 * 1024 // 5)
    assert _peak(raw) < 6 * len(raw)
    assert len(parse(raw).text) <= Limits().text_size + 10
