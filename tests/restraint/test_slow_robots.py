"""Robots that take their time, at a listed address and elsewhere: silent after five answers, and people never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import PEOPLE, Letter, PaperWorld

PROVED = [("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=batangkab.test")]
USERS = [("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=penyedia.test")]
AUTOMATIC = ("staff_receipt", "staff_confirm")

Robot = Callable[[PaperWorld, str, Letter, int], None]


@pytest.fixture
def office(tmp_path: Path) -> PaperWorld:
    world = PaperWorld(tmp_path, authentication={"authserv_id": "mx.batangkab.test"})
    world.at("2026-12-21 08:00")
    return world


def _replies(office: PaperWorld, who: str, letter: Letter, number: int) -> None:
    office.write(who, "Surat Anda telah kami terima dan catat.", answers=letter, headers=PROVED)


def _counts(office: PaperWorld, who: str, letter: Letter, number: int) -> None:
    text = f"Surat Anda kami terima sebagai laporan nomor {4711 + number}, tanggal {1 + number % 28}."
    office.write(who, text, answers=letter, headers=PROVED, quote=False)


def _writes_anew(office: PaperWorld, who: str, letter: Letter, number: int) -> None:
    office.write(who, f"Terima kasih. Tiket Anda #{number} kami catat.", subject="Layanan kami", headers=PROVED)


def _chats(office: PaperWorld, who: str, letter: Letter, number: int) -> None:
    words = ("pagi cerah", "rapat anggaran", "hujan deras", "jalan ditutup", "lomba lari", "buku tua", "kopi hangat")
    text = f"Menarik: {words[number % 7]}, lalu {words[(number * 3 + 1) % 7]} di hari ke-{number}."
    office.write(who, text, answers=letter, headers=PROVED)


def _mistypes(office: PaperWorld, who: str, letter: Letter, number: int) -> None:
    office.write(who, f"#Infolayanan surat {number} diterima dan dicatat.", answers=letter, headers=PROVED)


ROBOTS: dict[str, Robot] = {
    "replies in the same words": _replies,
    "counts in its reply": _counts,
    "writes a new mail": _writes_anew,
    "has other words each time": _chats,
    "looks like a mistyped command": _mistypes,
}


def _rounds(office: PaperWorld, who: str, robot: Robot, delay: timedelta, rounds: int = 60) -> int:
    """The robot answers whatever it finds, each time after a while. Returns the rounds in which it got something."""
    answered = 0
    for number in range(rounds):
        office.once()
        new = [one for one in office.new_letters(who) if one.template in AUTOMATIC]
        answered += bool(new)
        office.now += delay
        for letter in new:
            robot(office, who, letter, number)
    return answered


@pytest.mark.parametrize("delay", [timedelta(minutes=20), timedelta(hours=1), timedelta(hours=6), timedelta(days=1)])
@pytest.mark.parametrize("name", ROBOTS)
def test_a_slow_robot_at_a_listed_address_is_silent_after_five_answers(
    name: str, delay: timedelta, office: PaperWorld
) -> None:
    office.write("petugas", "Kami mencatat surat Anda.", subject="Diterima", headers=PROVED)
    assert 3 <= _rounds(office, "petugas", ROBOTS[name], delay, rounds=30) <= 6
    [silence] = office.rows("SELECT * FROM silences")
    assert (silence["address"], silence["why"], silence["until"]) == (PEOPLE["petugas"], "robot", None)
    assert sum("tampaknya mesin" in one.text for one in office.letters("operator")) == 1


@pytest.mark.parametrize("who", ["koordinator", "kepala", "rekan"])
def test_whoever_is_listed(who: str, office: PaperWorld) -> None:
    office.write(who, "Kami mencatat surat Anda.", subject="Diterima", headers=PROVED)
    assert 3 <= _rounds(office, who, _replies, timedelta(minutes=20)) <= 6


def test_a_robot_is_sent_nothing_automatic_any_more_and_a_colleague_everything(office: PaperWorld) -> None:
    office.write("petugas", "Kami mencatat surat Anda.", subject="Diterima", headers=PROVED)
    _rounds(office, "petugas", _replies, timedelta(minutes=20), rounds=10)
    office.write("pengguna", "Tender kami tidak tampil.", headers=USERS)
    office.once()
    assert office.new_letters("petugas") == []
    assert "staff_new_ticket" in [one.template for one in office.letters("rekan")]
    assert "user_acknowledgement" in [one.template for one in office.letters("pengguna")]


@pytest.mark.parametrize("words", ["#status", "#ambil"])
def test_a_command_ends_the_silence_and_brings_what_was_missed(words: str, office: PaperWorld) -> None:
    office.write("petugas", "Kami mencatat surat Anda.", subject="Diterima", headers=PROVED)
    _rounds(office, "petugas", _replies, timedelta(minutes=20), rounds=10)
    office.write("pengguna", "Tender kami tidak tampil.", headers=USERS)
    office.once()
    office.now += timedelta(hours=30)
    office.new_letters("petugas")
    office.write("petugas", words, answers=office.letters("petugas")[-1], headers=PROVED)
    office.once()
    assert {"staff_receipt", "staff_new_ticket"} <= {one.template for one in office.new_letters("petugas")}
    assert office.rows("SELECT 1 FROM silences") == []


def test_mails_that_may_be_forged_silence_no_member_of_staff(office: PaperWorld) -> None:
    office.write("petugas", "#status", subject="Status", headers=PROVED)
    office.once()
    forged = [("Authentication-Results", "mx.batangkab.test; dmarc=none header.from=batangkab.test")]
    for number in range(12):
        office.now += timedelta(hours=2)
        office.write("petugas", f"Kami mencatat surat Anda nomor {number}.", subject="Diterima", headers=forged)
        office.once()
    assert office.rows("SELECT 1 FROM silences") == []


def test_a_mail_or_two_without_a_command_are_answered(office: PaperWorld) -> None:
    for number in range(4):
        office.write("petugas", f"Surat nomor {number} untuk Anda.", subject="Surat", headers=PROVED)
        office.once()
        office.now += timedelta(minutes=20)
    assert sum(one.template == "staff_receipt" for one in office.letters("petugas")) == 4
    assert office.rows("SELECT 1 FROM silences") == []


# --- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["sudah", "terima kasih", "ok siap", "Baik, sudah saya kerjakan."])
def test_an_officer_who_thanks_for_each_of_his_receipts_is_no_robot(words: str, office: PaperWorld) -> None:
    """Each of them was for a command: no mail of his answers what another such mail has caused."""
    for _ in range(8):
        office.write("petugas", "#status", subject="Status", headers=PROVED)
        office.once()
        office.now += timedelta(minutes=20)
    receipts = [one for one in office.letters("petugas") if one.template == "staff_receipt"]
    for receipt in receipts:
        office.write("petugas", words, answers=receipt, headers=PROVED)
        office.once()
        office.now += timedelta(minutes=20)
    answers = [one for one in office.letters("petugas") if one.template in AUTOMATIC]
    assert len(answers) == 2 * len(receipts) == 16
    assert office.rows("SELECT 1 FROM silences") == []


def test_an_officer_who_answers_users_all_day_gets_every_receipt(office: PaperWorld) -> None:
    for number in range(9):
        address = f"u{number}@luar.test"
        office.write(address, f"Mohon bantuan nomor {number}.", subject=f"Tender {number}", sender=f"U <{address}>")
        office.once()
        notice = office.last("petugas", "staff_new_ticket")
        office.write("petugas", "Silakan hapus cache peramban.", answers=notice, headers=PROVED)
        office.once()
        office.now += timedelta(minutes=20)
    assert sum(one.template == "staff_receipt" for one in office.letters("petugas")) == 9
    assert office.rows("SELECT 1 FROM silences") == []


def test_an_officer_who_mistypes_his_command_again_and_again_is_told_each_time(office: PaperWorld) -> None:
    office.write("petugas", "Halo", subject="Halo", headers=PROVED)
    office.once()
    for words in ("#statuss", "#daftarr", "#carii tender", "#rekkap", "#bantuann", "#stattus", "#dafftar"):
        office.now += timedelta(minutes=20)
        office.write("petugas", words, answers=office.letters("petugas")[-1], headers=PROVED)
        office.once()
    assert sum(one.template == "staff_receipt" for one in office.letters("petugas")) == 8


def test_a_user_who_writes_the_same_each_morning_always_gets_a_ticket_that_staff_see(office: PaperWorld) -> None:
    for day in range(1, 21):
        office.at(f"2027-01-{day:02} {7 + day % 3:02}:15")
        office.write("pengguna", "Mohon dibantu.", subject="Mohon dibantu", headers=USERS)
        office.once()
    assert len(office.rows("SELECT 1 FROM tickets")) == 20
    assert sum(one.template == "staff_new_ticket" for one in office.letters("petugas")) == 20
    answers = [one for one in office.letters("pengguna") if one.template == "user_acknowledgement"]
    assert 1 <= len(answers) <= 5
    assert office.rows("SELECT 1 FROM silences") == []
    office.write("pengguna", "Hari ini dokumen kualifikasi tidak terunduh.", subject="Unduh", headers=USERS)
    office.once()
    assert office.last("pengguna").message["In-Reply-To"] is not None
    assert sum(one.template == "user_acknowledgement" for one in office.letters("pengguna")) == len(answers) + 1


@pytest.mark.parametrize("delay", [timedelta(minutes=20), timedelta(hours=6), timedelta(days=1, minutes=5)])
@pytest.mark.parametrize("text", ["Surat Anda kami terima.", "Surat Anda kami terima sebagai laporan nomor {}."])
def test_a_slow_robot_of_a_user_gets_five_acknowledgements_at_most(
    text: str, delay: timedelta, office: PaperWorld
) -> None:
    for number in range(25):
        office.write("pengguna", text.format(number), subject="Layanan", headers=USERS)
        office.once()
        office.now += delay
    assert sum(one.template == "user_acknowledgement" for one in office.letters("pengguna")) <= 5
    assert len(office.rows("SELECT 1 FROM tickets")) == 25


@pytest.mark.parametrize("delay", [timedelta(hours=2), timedelta(hours=26)])
def test_slow_robots_of_lkpp_and_of_the_user_do_not_keep_mailbot_between_them(
    delay: timedelta, office: PaperWorld
) -> None:
    lkpps = [("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=lkpp.test")]
    office.write("pengguna", "Tender saya tidak tampil.", subject="Tender", headers=USERS)
    office.once()
    office.write("petugas", "#eskalasi Gagal.", answers=office.last("petugas", "staff_new_ticket"), headers=PROVED)
    office.once()
    office.now += timedelta(minutes=10)
    office.once()
    office.new_letters("pengguna")
    request = "Terima kasih atas laporannya. Mohon melengkapi data: tangkapan layar."
    for _ in range(24):
        for letter in office.new_letters("lkpp"):
            if letter.template != "lkpp_status_enquiry":
                office.write("lkpp", request, answers=letter, headers=lkpps)
        office.once()
        office.now += delay
        for letter in office.new_letters("pengguna"):
            if letter.template == "user_data_request":
                office.write("pengguna", "Kode tender 1234567.", answers=letter, headers=USERS)
        office.once()
        office.now += delay
    assert [one.template for one in office.letters("lkpp")].count("lkpp_additional_data") <= 6
