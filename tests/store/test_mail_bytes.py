"""Large files within mails of ours lie beside the database, each once, and come back byte for byte."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.errors import PermanentFailure
from mailbot.store import mail_bytes, outbox
from tests.examples import examples
from tests.world import PaperWorld

PICTURE = random.Random(1).randbytes(200_000)

_PIECE = st.sampled_from(
    (
        b"Content-Transfer-Encoding: base64\r\n\r\n",
        b"\r\n--",
        b"\r\n--=_mabc\r\n",
        b"-",
        b"\r\n\r\n",
        b"QUJD" * (mail_bytes.LARGE // 4),
        b"QUJD" * (mail_bytes.LARGE // 4 - 1),
        b"QUJD\r\n",
        b"",
    )
)


@examples(300)
@given(st.lists(st.one_of(_PIECE, st.binary(max_size=40)), max_size=12).map(b"".join))
def test_any_bytes_taken_apart_are_the_same_put_together(raw: bytes) -> None:
    rest, parts = mail_bytes.apart(raw)
    assert b"".join(mail_bytes.joined(rest, [(at, [part]) for at, part in parts])) == raw
    assert all(len(part) >= mail_bytes.LARGE for _, part in parts)


@examples(300)
@given(st.lists(st.one_of(_PIECE, st.binary(max_size=40)), max_size=12).map(b"".join), st.integers(0, 200))
@example(b"\r\n--", 2)
@example(b"-\r\n--", 0)
def test_a_part_ends_at_the_first_boundary_behind_its_beginning(raw: bytes, begin: int) -> None:
    end = raw.find(b"\r\n--", begin)
    assert mail_bytes._end(raw, begin) == (end if end >= 0 else len(raw))


@pytest.fixture
def office(tmp_path: Path) -> PaperWorld:
    world = PaperWorld(tmp_path)
    world.write("pengguna", "SPSE tidak dapat dibuka.", files=[("layar.png", PICTURE)])
    world.once()
    return world


def parts(office: PaperWorld) -> list[Path]:
    return sorted((office.config.data / "raw").glob("*.part"))


def test_a_file_that_goes_to_two_of_staff_is_kept_once(office: PaperWorld) -> None:
    assert len(parts(office)) == 1
    for who in ("petugas", "rekan"):
        assert office.last(who, "staff_new_ticket").attachments == [("layar.png", PICTURE)]
    small = office.rows("SELECT max(length(raw)) AS size FROM outbox_bytes")[0]["size"]
    assert small < mail_bytes.LARGE


def test_the_same_file_on_its_way_to_lkpp_is_not_written_again(office: PaperWorld) -> None:
    [before] = parts(office)
    written = before.stat().st_mtime_ns
    office.write("petugas", "#eskalasi Mohon bantuannya.", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    assert office.last("lkpp", "lkpp_escalation").attachments == [("layar.png", PICTURE)]
    assert [path.stat().st_mtime_ns for path in parts(office)] == [written]


def test_a_file_that_is_not_as_it_was_is_written_anew_by_the_next_mail_that_brings_it(office: PaperWorld) -> None:
    [file] = parts(office)
    before = file.read_bytes()
    file.write_bytes(before[:-100])
    office.write("orang luar", "Sama di sini.", files=[("layar.png", PICTURE)])
    office.once()
    assert [path.read_bytes() for path in parts(office)] == [before]


def test_packed_bytes_that_are_not_as_they_were_are_refused_with_the_reason(office: PaperWorld) -> None:
    with office.store.immediate():
        office.store.execute("UPDATE outbox_bytes SET raw = substr(raw, 1, 100)")
    with pytest.raises(PermanentFailure, match="mail 1: its bytes have been altered"):
        outbox.bytes_of(office.store, 1)


@pytest.mark.parametrize("fault", ["gone", "altered"])
def test_a_mail_whose_file_is_not_as_it_was_is_refused_with_the_reason(office: PaperWorld, fault: str) -> None:
    [file] = parts(office)
    if fault == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"A", b"B", 1))
    [row, _] = office.rows("SELECT id FROM outbox WHERE template = 'staff_new_ticket'")
    with pytest.raises(PermanentFailure, match=f"(?s){file.name}.*{fault}"):
        outbox.bytes_of(office.store, row["id"])
