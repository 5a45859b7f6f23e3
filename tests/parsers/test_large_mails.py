"""No mail of a megabyte keeps the reader busy: each kind of `tests/large_mails.py`, read as `arrivals` reads a mail.

Two ways to see it. CPU seconds, as a quiet machine counts them, say what an office feels; the number of calls says the
same on every machine, and shows what grows faster than the mail.
"""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from bench import reading_cost
from mailbot.errors import ParseError
from mailbot.parsers.mime.message import parse
from tests import large_mails, quick

#: Seconds of CPU for a mail of a megabyte.
MOST = 0.2
_TRIES = 6  # a neighbour takes the processor for a while; what is slow by itself is so each time


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    reading_cost.read(large_mails.mail("plain sentences", 1000))


def read(raw: bytes) -> None:
    reading_cost.read(raw)


def calls(raw: bytes) -> int:
    """How many functions reading a mail calls, those of C included."""
    count = 0

    def tell(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tell)
    try:
        read(raw)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", large_mails.KINDS)
def test_a_megabyte_of_any_kind_is_read_in_a_fifth_of_a_second(kind: str) -> None:
    raw = large_mails.mail(kind)
    took = []
    for _ in range(_TRIES):
        took.append(quick.seconds(lambda: read(raw)))
        if took[-1] < MOST:
            return
    pytest.fail(f"{1000 * min(took):.0f} ms")


@pytest.mark.parametrize("kind", large_mails.KINDS)
def test_a_mail_twice_as_long_takes_no_more_than_twice_the_work(kind: str) -> None:
    """Below the limits of size, where nothing is cut off."""
    small, double = (calls(large_mails.mail(kind, size)) for size in (10_000, 20_000))
    assert double < 2.3 * small + 5_000


def test_every_kind_is_a_mail_of_about_its_size() -> None:
    for kind in large_mails.KINDS:
        raw = large_mails.mail(kind)
        bounded = ("a long subject", "a long reference", "ten thousand addresses")  # by the longest header line
        assert kind in bounded or 0.3 * large_mails.MEGABYTE < len(raw) < 2.1 * large_mails.MEGABYTE, kind
        try:
            assert parse(raw).from_, kind
        except ParseError:
            pytest.fail(kind)


def test_what_is_too_long_to_be_read_goes_along_as_a_file() -> None:
    for kind in ("plain sentences", "paragraphs"):
        message = parse(large_mails.mail(kind))
        assert len(message.text) < 110_000 and message.text.endswith("[…]")
        assert "Teks surat ini terlalu panjang untuk dibaca seluruhnya." in message.ambiguous
        [file] = message.attachments
        assert file.of_body and len(file.data) > 900_000
