"""Thousands of mails of forged senders in a few minutes: the caps hold, nobody's words go out, nothing is lost."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.restraint.test_loops import alarms
from tests.world import LPSE, PaperWorld, letter

CANARY = "https://jahat.example/klik"


def _flood(office: PaperWorld, count: int, minutes: int) -> float:
    """Different senders, evenly over some minutes; in each mail the canary. Returns the seconds that handling took."""
    began, took = office.now, 0.0
    for n in range(count):
        office.now = began + timedelta(minutes=minutes) * n / count
        office.drop(
            f'From: "Menang {CANARY}" <korban{n}@surat{n % 97}.test>\r\nTo: {LPSE}\r\nMessage-ID: <{n}@palsu.test>\r\n'
            f"Subject: Menang {n} {CANARY}\r\nDate: Mon, 21 Dec 2026 01:00:00 +0000\r\n\r\n"
            f"Klik {CANARY} nomor {n}.\r\n".encode()
        )
        if n % 20 == 19:
            start = time.perf_counter()
            office.once()
            took += time.perf_counter() - start
    office.once()
    return took


@pytest.mark.parametrize("count", [300, pytest.param(3000, marks=pytest.mark.long)])
def test_of_a_flood_at_most_the_caps_go_out_and_nothing_that_the_senders_wrote(count: int, tmp_path: Path) -> None:
    office = PaperWorld(tmp_path)
    office.at("2026-12-21 08:00")
    _flood(office, count, minutes=10)
    limits = office.site.config.limits

    # Each mail has its ticket, and its clock runs.
    assert office.rows("SELECT count(*) AS n FROM tickets")[0]["n"] == count
    running = "SELECT count(*) AS n FROM deadlines WHERE clock = 'first_response' AND ended_at IS NULL"
    assert office.rows(running)[0]["n"] == count

    # To the senders goes what one hour allows, and nothing of what they wrote.
    sent = office.rows("SELECT * FROM outbox WHERE party = 'user' AND state = 'accepted'")
    assert len(sent) == limits.acknowledgements_unproven_per_hour
    assert {row["template"] for row in sent} == {"user_acknowledgement"}
    every = office.sent("party = 'user'")
    assert len(every) == count
    for row in every[:: count // 60]:
        read = letter(bytes(row["raw"]))
        assert "jahat" not in read.text + read.html + read.subject + str(read.message["To"])
        assert "Menang" not in read.text + read.html + read.subject

    # Staff: so many notices one by one, the rest collected, and none lost.
    office.now += timedelta(minutes=16)
    office.once()
    found = office.letters("petugas")
    kinds = [one.template for one in found]
    assert kinds.count("staff_new_ticket") == limits.notices_per_hour
    told = "\n".join(one.text for one in found if one.template in ("staff_new_ticket", "staff_digest"))
    numbers = [str(row["number"]) for row in office.rows("SELECT number FROM tickets")]
    assert [number for number in numbers if number not in told] == []
    assert kinds.count("staff_digest") <= 2 + count // 250
    assert len(found) <= (limits.automatic_per_address_per_hour or 0)

    # One alarm for each kind of cap.
    assert len(alarms(office)) == 2

    # The hours after it: no more to them, whatever waits.
    for hour in range(9, 16):
        office.at(f"2026-12-21 {hour:02}:05")
        office.once()
    after = office.rows("SELECT count(*) AS n FROM outbox WHERE party = 'user' AND state = 'accepted'")[0]["n"]
    assert after == limits.acknowledgements_unproven_per_hour


def test_one_sender_s_flood_leaves_the_others_their_answers(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for n in range(80):
        office.write("orang luar", f"Serangan ke-{n} dengan kata {n * 7919 % 1000}.", subject=f"S{n}")
    office.write("pengguna", "Saya lupa kata sandi akun SPSE.", subject="Kata sandi")
    office.once()
    assert len(office.letters("orang luar")) <= 3
    assert [one.template for one in office.letters("pengguna")] == ["user_acknowledgement"]
