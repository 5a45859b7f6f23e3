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
        headers_alone = raw.rstrip().endswith(b"\r\n\r\nya")  # none of their lines may be longer than 64 KB
        assert headers_alone or 0.3 * large_mails.MEGABYTE < len(raw) < 2.1 * large_mails.MEGABYTE, kind
        try:
            assert parse(raw).from_, kind
        except ParseError:
            pytest.fail(kind)


@pytest.mark.parametrize("kind", large_mails.REFUSED)
def test_what_nobody_can_read_is_refused_in_a_fifth_of_a_second(kind: str) -> None:
    raw = large_mails.REFUSED[kind](large_mails.MEGABYTE)

    def refused() -> None:
        with pytest.raises(ParseError):
            read(raw)

    assert min(quick.seconds(refused) for _ in range(_TRIES)) < MOST


def test_of_addresses_in_a_mass_mail_the_first_thousands_are_read_and_the_log_tells() -> None:
    mail = parse(large_mails.mail("addresses in From and To"))
    assert len(mail.from_) == 500 and len(mail.to) > 6000
    assert mail.ambiguous == ("Pengirim (From) dapat dibaca lebih dari satu cara.",)
    assert any(each.startswith("TooManyAddresses: to") for each in mail.defects)


def test_the_parts_of_a_mail_together_are_one_text_and_what_has_no_room_in_it_goes_along_as_a_file() -> None:
    for kind in ("parts of different text", "parts of different HTML"):
        message = parse(large_mails.mail(kind))
        assert 90_000 < len(message.text) < 110_000, kind
        assert "Teks surat ini terlalu panjang untuk dibaca seluruhnya." in message.ambiguous
        assert sum(file.of_body for file in message.attachments) > 150, kind


def test_a_long_text_and_its_page_of_the_same_words_are_no_doubt() -> None:
    lines = "".join(f"Baris ke-{n} dari surat yang panjang sekali.\n" for n in range(2000))
    page = "".join(f"<p>{line}</p>" for line in lines.splitlines())
    raw = (
        "From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n"
        f"--x\nContent-Type: text/plain\n\n{lines}\n--x\nContent-Type: text/html\n\n{page}\n--x--\n"
    )
    message = parse(raw.encode())
    assert not message.ambiguous and not message.attachments
    assert message.text.strip() == lines.strip()


def test_files_of_which_not_all_can_be_compared_are_in_doubt() -> None:
    for kind in ("files of HTML", "files of RTF"):
        message = parse(large_mails.mail(kind))
        assert "Teks surat ini terlalu panjang untuk dibaca seluruhnya." in message.ambiguous, kind
        kept_back = [file.of_body for file in message.attachments]
        assert kept_back == sorted(kept_back) and 10 < sum(kept_back) < 150, kind
        alone = parse(large_mails.mail(kind).replace(b"Mohon diperiksa, berkasnya kami lampirkan di bawah.", b""))
        assert sum(file.of_body for file in alone.attachments) == sum(kept_back), kind


def test_what_is_too_long_to_be_read_goes_along_as_a_file() -> None:
    for kind in ("plain sentences", "paragraphs"):
        message = parse(large_mails.mail(kind))
        assert len(message.text) < 110_000 and message.text.endswith("[…]")
        assert "Teks surat ini terlalu panjang untuk dibaca seluruhnya." in message.ambiguous
        [file] = message.attachments
        assert file.of_body and len(file.data) > 900_000
