"""The short form of `make fuzz`: the seeds, what was once found, and blind mutations of them for a moment each."""

from __future__ import annotations

import random
import time

import pytest

from tests.fuzz.seeds import found, seeds
from tests.fuzz.targets import TARGETS, run

#: Seconds for each target.
_MOMENT = 0.5
#: Mutations of each, however slow the machine is.
_AT_LEAST = 20


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_the_seeds_and_what_was_once_found_break_no_promise(target: str) -> None:
    given = list(seeds(target))
    assert len(given) > 5
    for data in given:
        run(target, data)
    for data in found(target):
        run(target, data)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_mutations_of_the_seeds_break_no_promise(target: str) -> None:
    chance = random.Random(20261121)
    given = list(seeds(target))
    until = time.monotonic() + _MOMENT
    tried = 0
    while time.monotonic() < until or tried < _AT_LEAST:
        data = _mutated(given, chance)
        try:
            run(target, data)
        except Exception as error:
            raise AssertionError(f"{target}: {data!r}") from error
        tried += 1


def _mutated(given: list[bytes], chance: random.Random) -> bytes:
    data = bytearray(chance.choice(given)[:20_000])
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        match chance.randint(0, 5):
            case 0:
                del data[at : at + chance.randint(1, 40)]
            case 1:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
            case 2:
                data[at:at] = chance.choice(_PIECES)
            case 3:
                other = chance.choice(given)
                start = chance.randint(0, len(other))
                data[at:at] = other[start : start + chance.randint(1, 200)]
            case 4:
                data[at:at] = data[at : at + chance.randint(1, 60)] * chance.randint(1, 30)
            case _:
                if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


_PIECES = (
    b"\r\n", b"\n\n", b"\r", b"\x00", b"\x85", b"\xe2\x80\xa8", b"=?utf-8?b?", b"?=", b"(", b")", b'"', b"\\", b"<",
    b">", b"@", b",", b";", b":", b"--", b"> ", b"#", b"\xef\xbb\xbf", b"\xff\xfe", b"boundary=", b"charset=utf-7",
    b"%00", b"multipart/mixed", b"message/rfc822", b"Content-Type: ", b"From: ", b"\xcc\x81" * 40, b"menulis:",
    b"{5}\r\n",
)  # fmt: skip
