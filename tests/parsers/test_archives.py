"""What a ZIP declares, read without unpacking; checked against the library that makes them."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model import Attachment
from mailbot.parsers.mime.archives import MOST_ENTRIES, Broken, entries, trap
from tests.quick import within


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
        archive.comment = comment
    return data.getvalue()


def declaring(size: int, count: int = 1, name: str = "a.txt") -> bytes:
    """A ZIP of a few bytes whose directory declares so many files of that size, all of them the same bytes."""
    local = b"PK\x03\x04" + b"\0" * 26
    wide = size >= 0xFFFFFFFF
    extra = struct.pack("<HHQ", 1, 8, size) if wide else b""
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, 10, 0xFFFFFFFF if wide else size,
        len(name), len(extra), 0, 0, 0, 0, 0,
    )  # fmt: skip
    directory = (head + name.encode() + extra) * count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, min(count, 65535), min(count, 65535), len(directory), 30, 0)
    return local + directory + end


def attached(data: bytes, name: str = "data.zip") -> Attachment:
    return Attachment(name, "application/zip", data, "")


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\0\\/:", exclude_categories=["Cs"]), min_size=1, max_size=20),
        st.binary(max_size=200),
        max_size=20,
    ),
    st.binary(max_size=30),
)
def test_names_and_sizes_are_those_that_the_library_finds(files: dict[str, bytes], comment: bytes) -> None:
    data = packed(*files.items(), comment=comment.replace(b"PK", b""))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        expected = [(info.filename, info.file_size) for info in archive.infolist()]
    assert [(entry.name, entry.size) for entry in entries(data)] == expected


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 255))
def test_any_bytes_are_read_or_refused(noise: bytes, where: int, byte: int) -> None:
    data = bytearray(packed(("a.txt", b"isi"), ("b.txt", b"lagi")))
    data[where % len(data)] = byte
    for broken in (bytes(data), noise, bytes(data[: where % len(data)]), bytes(data) + noise):
        with contextlib.suppress(Broken):
            list(entries(broken))
        trap([attached(b"PK\x03\x04" + broken)])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (declaring(4_000_000_000, 20), "mengembang menjadi 80 GB"),
        (declaring(5 << 40), "mengembang menjadi 5497 GB"),
        (packed(*((f"{n}.zip", b"x") for n in range(16))), "hanya berisi 16 arsip lain"),
        (packed(*((f"lib {n}.7z", b"x") for n in range(8))), "hanya berisi 8 arsip lain"),
        (declaring(1, MOST_ENTRIES + 1), "lebih dari 10000 berkas"),
    ],
)
def test_a_trap_is_known_by_what_it_declares(data: bytes, words: str) -> None:
    found = trap([attached(b"%PDF", "a.pdf"), attached(data)])
    assert found is not None and words in found and found.startswith("Lampiran data.zip")


@pytest.mark.parametrize(
    "data",
    [
        packed(("layar.png", b"x" * 100_000)),
        packed(*((f"{n}.zip", b"x") for n in range(7))),
        packed(*((f"{n}.zip", b"x") for n in range(10)), ("baca.txt", b"y")),
        packed(("log.txt", b"\0" * 5_000_000)),  # a thousand times smaller, and still nothing to fear
        packed(),
        b"PK\x03\x04 rusak",
        b"%PDF",
    ],
    ids=["screenshot", "seven archives", "archives and a text", "log", "empty", "broken", "no zip"],
)
def test_what_people_send_is_no_trap(data: bytes) -> None:
    assert trap([attached(data)]) is None


def test_a_directory_of_a_million_entries_is_left_at_once() -> None:
    data = declaring(1, 400_000)
    with within(1):
        assert trap([attached(data)]) is not None


def test_a_name_ends_where_unpackers_end_it() -> None:
    data = packed(("a.exeX.txt", b"x")).replace(b"a.exeX.txt", b"a.exe\0.txt")
    assert [entry.name for entry in entries(data)] == ["a.exe"]
