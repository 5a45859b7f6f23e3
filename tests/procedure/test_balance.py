"""The balance of the mail: each mail has one outcome, the day's first list says which, and a mail without one is told.

That the sum is whole after every story is looked at where the stories are played (`tests/story.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from mailbot.parsers.robots.automatic import Kind
from mailbot.procedure import balance
from mailbot.store import journal
from mailbot.store.database import to_text
from tests.steps import BORDER, results, staff_writes
from tests.world import LPSE, NO_CAPS, WIB, PaperWorld

DAY = datetime(2026, 10, 5, tzinfo=WIB)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PaperWorld]:
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER}, limits=NO_CAPS)
    world.at("2026-10-05 09:00")
    yield world
    world.store.close()


def _of_day(office: PaperWorld) -> balance.Balance:
    return balance.of_time(office.store, office.site, DAY, DAY + timedelta(days=1))


def _a_day(office: PaperWorld) -> None:
    """Of each outcome one, and two of some."""
    passes = [results("pass", "penyedia.test")]
    office.write("pengguna", "Kami tidak bisa login.", subject="Login", headers=passes)
    office.once()
    notice = office.last("petugas", "staff_new_ticket")
    again = office.write("pengguna", "Mohon segera.", answers=office.last("pengguna"), headers=passes)
    office.once()
    office.drop(bytes(again))
    staff_writes(office, "#ambil", notice)
    staff_writes(office, "#prioritas 9", notice)
    staff_writes(office, "ok", notice)
    office.write("robot@luar.test", "Saya cuti.", subject="Cuti", headers=[("Auto-Submitted", "auto-replied")])
    office.write("petugas", "#tutup", subject="x", headers=[results("fail", "batangkab.test")])
    office.write("lkpp", "Mohon informasi.", subject="Perihal lain", headers=[results("pass", "lkpp.test")])
    office.drop(b"From: a@b.test, c@d.test\r\nTo: " + LPSE.encode() + b"\r\nSubject: x\r\n\r\nx\r\n")
    office.once()


def test_each_mail_of_a_day_has_one_outcome(office: PaperWorld) -> None:
    _a_day(office)
    found = _of_day(office)
    assert (found.came, found.waiting, found.without) == (10, 0, 0)
    assert found.outcomes == {
        **{"opened": 1, "joined": 1, "commands": 1, "asked": 1, "refused": 1},
        **{"unknown": 1, "automatic": 1, "duplicate": 1, "quarantined": 2},
    }


def test_the_first_list_of_the_next_day_says_it_and_what_waits(office: PaperWorld) -> None:
    _a_day(office)
    office.at("2026-10-06 07:30")
    office.once()
    text = " ".join(office.last("petugas", "staff_worklist").text.split())
    assert "Senin, 5 Oktober 2026: 10 surat masuk = 1 tiket baru, 1 masuk ke tiket yang ada," in text
    assert "2 di karantina. Semua surat jelas hasilnya. 2 surat menunggu di karantina; #karantina" in text
    assert "1 surat mesin tanpa tiket sejak daftar sebelumnya." in text
    office.write("pengguna", "Masih menunggu.", subject="Lain")
    office.once()
    office.at("2026-10-06 13:00")
    office.once()
    assert "surat masuk =" not in office.last("petugas", "staff_worklist").text


def test_after_a_weekend_it_is_of_all_days_since_the_last_working_day(office: PaperWorld) -> None:
    for day in ("2026-10-09 09:00", "2026-10-10 09:00", "2026-10-11 09:00"):  # Friday to Sunday
        office.at(day)
        office.write(f"u{day[9]}@x.test", "Halo", subject="Halo")
        office.once()
    office.at("2026-10-12 07:30")
    office.once()
    text = " ".join(office.last("petugas", "staff_worklist").text.split())
    assert "Jumat, 9 Oktober 2026 sampai dengan Minggu, 11 Oktober 2026: 3 surat masuk = 3 tiket baru." in text


def test_a_mail_that_is_said_to_be_of_a_ticket_and_is_not_has_no_outcome_and_is_told(office: PaperWorld) -> None:
    _a_day(office)
    with office.store.immediate():
        office.store.execute("UPDATE journal SET ticket_id = NULL WHERE disposition = 'baru'")
        office.store.execute("UPDATE journal SET disposition = 'lain' WHERE disposition = 'automatic' OR role = 'lkpp'")
    assert _of_day(office).without == 2
    for when in ("2026-10-06 07:30", "2026-10-06 07:31"):
        office.at(when)
        office.once()
    told = [one for one in office.letters("operator") if "tidak diketahui hasilnya" in one.text]
    assert len(told) == 1 and "2 surat kemarin" in told[0].text
    assert "operator diberi tahu" in " ".join(office.last("petugas", "staff_worklist").text.split())


def _alarms(office: PaperWorld) -> int:
    found = office.store.value("SELECT count(*) FROM outbox WHERE event_key LIKE 'alarm:balance:%'")
    return int(found)


def test_a_mail_without_an_outcome_for_an_hour_is_told_once_a_day(office: PaperWorld) -> None:
    office.write("pengguna", "Kami tidak bisa login.", subject="Login")
    for minutes, told in ((59, 0), (61, 1), (300, 1), (26 * 60, 2)):
        balance.watch(office.store, office.site, office.now + timedelta(minutes=minutes))
        assert _alarms(office) == told, minutes
    office.at("2026-10-07 09:00")
    office.once()
    assert "1 surat belum diolah lebih dari satu jam" in " ".join(office.letters("operator")[-1].text.split())


def test_a_mail_that_staff_sent_back_into_the_queue_had_its_outcome(office: PaperWorld) -> None:
    office.drop(b"From: a@b.test, c@d.test\r\nTo: " + LPSE.encode() + b"\r\nSubject: x\r\n\r\nx\r\n")
    office.once()
    with office.store.immediate():
        journal.release(office.store, 1, "proses", "sari@batangkab.test")
    later = office.now + timedelta(days=3)
    assert journal.without_outcome(office.store, "batang", later) == 0
    balance.watch(office.store, office.site, later)
    assert _alarms(office) == 0


def test_every_kind_of_machine_mail_is_an_outcome() -> None:
    assert set(get_args(Kind)) <= balance.MACHINES


def test_it_is_counted_from_the_index_alone(office: PaperWorld) -> None:
    plan = office.store.rows(
        "EXPLAIN QUERY PLAN SELECT state, disposition, ticket_id IS NOT NULL AS of_ticket, count(*) AS n"
        " FROM journal INDEXED BY journal_balance WHERE mailbox = ? AND fetched_at >= ? AND fetched_at < ?"
        " GROUP BY state, disposition, of_ticket",
        "batang",
        to_text(DAY),
        to_text(DAY + timedelta(days=1)),
    )
    assert "COVERING INDEX journal_balance (mailbox=? AND fetched_at>? AND fetched_at<?)" in str(plan[0]["detail"])
