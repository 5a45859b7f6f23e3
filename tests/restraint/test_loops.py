"""Robots, mailbots and lists at the other end: silence after at most five mails a pair, and one alarm."""

from __future__ import annotations

import email
import email.policy
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.rules import silent_robots
from tests.world import LPSE, Letter, PaperWorld, World

ROBOT = "info@layanan.test"
KENDAL = "lpse@kendalkab.test"
AUTHENTICATED = {"authentication": {"authserv_id": "mx.batangkab.test"}}
PASSES = ("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=layanan.test")

T0 = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)


def alarms(office: PaperWorld | World) -> list[str]:
    """What the operator was told, next year's holidays aside."""
    return [one.text for one in office.letters("operator") if "Kalender" not in one.text]


def at(*seconds: float) -> list[datetime]:
    return [T0 + timedelta(seconds=second) for second in seconds]


# --- the rules themselves ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "arrivals", "departures", "count"),
    [
        ("a first mail", [0], [], 1),
        ("a second mail before we have answered the first", [0, 30], [], 1),
        ("a second mail, hours after our answer", [0, 7200], [5], 1),
        ("a second mail just after our answer", [0, 60], [5], 3),
        ("a third one too", [0, 60, 120], [5, 65], 5),
        ("a third one, but after a while", [0, 60, 900], [5, 65], 1),
        ("two answers of ours to one mail", [0, 60], [5, 6], 4),
        ("a reply to each of the two", [0, 60, 61], [5, 6], 5),
        ("an answer to a reminder of ours", [60], [0], 2),
        ("and then to what that got", [60, 70], [0, 65], 4),
        ("many mails at once, before we have answered any", [0, 0, 0, 1], [], 1),
        ("a reply that seems older than what it replies to", [0, 10], [11], 3),
        ("exactly three minutes later", [0, 185], [5], 3),
        ("just beyond three minutes", [0, 186], [5], 1),
    ],
)
def test_an_exchange_is_all_mails_of_quick_answers(
    what: str, arrivals: list[float], departures: list[float], count: int
) -> None:
    assert silent_robots.exchange(at(*arrivals), at(*departures)) == count, what


@settings(deadline=None)
@given(st.lists(st.integers(0, 2000), min_size=1, max_size=8), st.lists(st.integers(0, 2000), max_size=8))
def test_an_exchange_counts_the_mail_in_hand_and_none_twice(arrivals: list[int], departures: list[int]) -> None:
    count = silent_robots.exchange(at(*sorted(arrivals)), at(*sorted(departures)))
    assert 1 <= count <= len(arrivals) + len(departures)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Surat Anda kami terima dengan nomor 4711.", "Surat Anda kami terima dengan nomor 4712.", True),
        ("Terima kasih. 21 Desember 2026 pukul 09.00", "TERIMA  KASIH. 22 Desember 2026 pukul 10.15", True),
        ("Saya lupa kata sandi akun SPSE.", "Halaman tender tidak dapat dibuka sejak pagi.", False),
        (
            "Selamat pagi, mohon aktivasi akun PPK atas nama Siti Aminah, terima kasih",
            "Selamat pagi, mohon aktivasi akun PPK atas nama Budi Santoso, terima kasih",
            False,
        ),
        ("123", "456", True),  # no word in either
        ("", "Mohon bantuan", False),
    ],
)
def test_texts_are_alike_when_nearly_all_their_words_are(one: str, other: str, alike: bool) -> None:
    assert silent_robots.alike(one, other) is alike
    assert silent_robots.alike(other, one) is alike


def test_the_same_text_is_the_same_whatever_its_line_breaks() -> None:
    assert silent_robots.same("Mohon bantuan,\nakun saya terkunci.", "mohon bantuan, akun  saya terkunci.")
    assert not silent_robots.same("Tiket 1", "Tiket 2")


# --- a robot that reads its mailbox and answers every mail ------------------------------------------

Office = PaperWorld | World
Answer = Callable[[Office, Letter, int], None]


def _fresh(text: Callable[[Letter, int], str], subject: str = "Layanan informasi", *, proven: bool = False) -> Answer:
    """New mails, without tag and thread."""

    def answer(office: Office, letter: Letter, number: int) -> None:
        headers = [PASSES] if proven else []
        office.write(ROBOT, text(letter, number), subject=subject, headers=headers)

    return answer


def _replying(office: Office, letter: Letter, number: int) -> None:
    office.write(ROBOT, "Surat Anda telah kami catat.", answers=letter)


def _with_the_tag_only(office: Office, letter: Letter, number: int) -> None:
    office.write(ROBOT, f"Surat Anda kami catat, nomor {number}.", subject=f"Re: {letter.subject}")


_TOPICS = (
    "pembayaran listrik",
    "jadwal kereta",
    "undangan rapat",
    "harga beras",
    "cuaca esok",
    "lomba lari",
    "buku tua",
)


def _chatter(letter: Letter, number: int) -> str:
    first, second, third = (_TOPICS[(number + shift) % len(_TOPICS)] for shift in (0, 2, 5))
    return f"{first.title()} nomor {number}: {second}; {third}."


_ROBOTS: dict[str, tuple[Answer, float]] = {
    "the same words": (_fresh(lambda letter, n: "Terima kasih, surat Anda kami terima."), 2.0),
    "the same words, hours later": (_fresh(lambda letter, n: "Terima kasih, surat Anda kami terima."), 9000.0),
    "a counter in it": (_fresh(lambda letter, n: f"Surat Anda kami terima sebagai laporan nomor {n}."), 2.0),
    "a counter in it, hours later": (_fresh(lambda letter, n: f"Surat Anda kami terima, nomor {n}."), 9000.0),
    "our mail below it": (
        _fresh(lambda letter, n: f"Surat Anda:\n\n{letter.text}\n\ntelah kami terima ({n})."),
        20.0,
    ),
    "other words each time": (_fresh(_chatter), 40.0),
    "other words each time, authenticated": (_fresh(_chatter, proven=True), 40.0),
    "a counter, authenticated, hours later": (
        _fresh(lambda letter, n: f"Surat Anda kami terima, nomor {n}.", proven=True),
        4000.0,
    ),
    "a password in each": (_fresh(lambda letter, n: f"{_chatter(letter, n)}\nPassword: Rahasia{n}x"), 5.0),
    "a reply to each": (_replying, 2.0),
    "the tag only": (_with_the_tag_only, 2.0),
}


def _converse(office: Office, answer: Answer, delay: float) -> list[Letter]:
    """The robot writes first and then answers whatever it gets, until it gets nothing. Returns what it got."""
    written = 0
    got: list[Letter] = []
    office.write(ROBOT, "Selamat datang di layanan informasi kami.", subject="Layanan informasi", headers=[PASSES])
    for _ in range(30):
        office.once()
        new = office.letters(ROBOT)[len(got) :]
        got += new
        office.now += timedelta(seconds=delay)
        if not new:
            return got
        for letter in new:
            written += 1
            answer(office, letter, written)
    raise AssertionError(f"{written} mails, and no end")


@pytest.mark.parametrize("name", _ROBOTS)
def test_a_robot_without_any_headers_gets_at_most_five_mails_to_and_fro(name: str, tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, **(AUTHENTICATED if "authenticated" in name else {}))
    office.at("2026-12-21 08:00")
    answer, delay = _ROBOTS[name]
    got = _converse(office, answer, delay)
    came = office.rows("SELECT count(*) AS n FROM journal WHERE sender = ?", ROBOT)[0]["n"]
    assert got, "nobody answered the first mail"
    assert came + len(got) <= 5
    assert len(office.rows("SELECT 1 FROM journal WHERE state = 'handled' AND ticket_id IS NOT NULL")) == came
    told = alarms(office)
    if name in ("a reply to each", "the tag only"):  # its mails join the ticket, where nothing answers
        assert told == []
    else:
        assert len(told) == 1
        assert "mesin" in told[0] and ROBOT in told[0]


@pytest.mark.parametrize("name", ["other words each time", "the same words"])
def test_what_a_robot_would_get_is_held_for_a_day_and_then_lapses(name: str, office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    answer, delay = _ROBOTS[name]
    _converse(office, answer, delay)
    [held] = office.rows("SELECT * FROM outbox WHERE held = 1")
    assert (held["held_by"], held["template"], held["state"]) == ("robot", "user_acknowledgement", "queued")
    assert "mesin penjawab otomatis" in held["held_why"]
    office.at("2026-12-22 07:50")
    office.once()
    assert office.rows("SELECT 1 FROM outbox WHERE held = 1")
    office.at("2026-12-22 08:10")
    office.once()
    [lapsed] = office.rows("SELECT * FROM outbox WHERE held_by = 'robot'")
    assert (lapsed["state"], lapsed["held"]) == ("cancelled", 0)
    assert lapsed["reason"].startswith("gugur")


def test_a_human_who_writes_two_mails_quickly_gets_an_answer_to_each(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Saya lupa kata sandi akun SPSE.", subject="Kata sandi")
    office.once()
    office.at("2026-12-21 08:01")
    office.write("pengguna", "Satu lagi: dokumen lelang tidak dapat diunduh.", subject="Dokumen lelang")
    office.once()
    assert [one.template for one in office.letters("pengguna")] == ["user_acknowledgement"] * 2
    assert alarms(office) == []


def test_a_human_who_writes_again_later_is_answered_each_time_up_to_the_cap(office: PaperWorld) -> None:
    for hour, text in enumerate(("Lupa kata sandi.", "Dokumen tidak terunduh.", "Tender tertutup terlalu cepat."), 8):
        office.at(f"2026-12-21 {hour:02}:00")
        office.write("pengguna", text, subject=text)
        office.once()
    assert len(office.letters("pengguna")) == 3


# --- staff's own robots ---------------------------------------------------------------------------


def test_a_robot_in_the_place_of_a_member_of_staff_falls_silent_too(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, **AUTHENTICATED)
    office.at("2026-12-21 08:00")
    passes = ("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=batangkab.test")
    office.write("petugas", "Surat Anda diterima dan dicatat.", subject="Diterima", headers=[passes])
    written = 1
    for number in range(20):
        office.once()
        new = office.new_letters("petugas")
        office.now += timedelta(seconds=3)
        if not new:
            break
        for _ in new:
            written += 1
            text = f"Surat Anda diterima dan dicatat, nomor {number}."
            office.write("petugas", text, subject="Diterima", headers=[passes])
    assert written + len(office.letters("petugas")) <= 5
    assert len(alarms(office)) == 1


def test_a_robot_whose_words_look_like_a_mistyped_command_ends_too(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Saya lupa kata sandi akun SPSE.", subject="Kata sandi")
    written = 0
    for number in range(20):
        office.once()
        new = office.new_letters("petugas")
        office.now += timedelta(seconds=5)
        for letter in new:
            written += 1
            office.write("petugas", f"#Infolayanan surat {number} diterima dan dicatat.", answers=letter)
    assert written <= 4
    assert len(alarms(office)) == 1


def test_a_member_of_staff_who_gives_many_commands_gets_every_receipt(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, **AUTHENTICATED)
    office.at("2026-12-21 08:00")
    passes = ("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=batangkab.test")
    for _ in range(6):
        office.write("petugas", "#status\n", subject="Status", headers=[passes])
        office.once()
        office.now += timedelta(seconds=20)
    assert [one.template for one in office.letters("petugas")] == ["staff_receipt"] * 6


def test_a_robot_that_answers_a_mail_of_ours_first_ends_after_five_mails_too(office: PaperWorld) -> None:
    """Our reminder or closing begins the exchange: the robot answers it with new mails, and whatever follows."""
    office.at("2026-12-21 08:00")
    office.write(ROBOT, "Tender kami tidak tampil.", subject="Tender")
    office.once()
    office.at("2026-12-22 08:00")
    office.write("petugas", "#tutup", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    office.now += timedelta(minutes=5)
    got = len(office.letters(ROBOT))
    exchanged = 0
    for number in range(20):
        office.once()
        new = office.letters(ROBOT)[got:]
        got += len(new)
        exchanged += 2 * len(new)
        office.now += timedelta(seconds=20)
        if not new:
            break
        for letter in new:
            office.write(ROBOT, _chatter(letter, number), subject="Layanan informasi")
    assert 2 <= exchanged <= 5
    assert len(alarms(office)) == 1


@pytest.mark.parametrize("authenticated", [False, True])
def test_a_robot_in_the_place_of_staff_with_other_words_each_time_ends_too(authenticated: bool, tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, **(AUTHENTICATED if authenticated else {}))
    passes = [("Authentication-Results", "mx.batangkab.test; dmarc=pass header.from=batangkab.test")]
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Saya lupa kata sandi akun SPSE.", subject="Kata sandi")
    mails = 0
    for number in range(20):
        office.once()
        new = office.new_letters("petugas")
        office.now += timedelta(seconds=5)
        if not new:
            break
        mails += 2 * len(new)
        for letter in new:
            office.write("petugas", _chatter(letter, number), answers=letter, headers=passes if authenticated else [])
    assert mails <= 6  # the last of them is the robot's, and nothing answers it
    assert len(alarms(office)) == 1


@pytest.mark.parametrize("words", ["Untuk {}: silakan dicoba sekali lagi sekarang.", "Silakan hapus cache peramban."])
def test_a_member_of_staff_who_answers_many_tickets_quickly_gets_every_receipt(office: PaperWorld, words: str) -> None:
    """Also where he gives all of them the same answer."""
    office.at("2026-12-21 08:00")
    for number in range(7):
        office.write(f"u{number}@luar.test", f"Mohon bantuan untuk {_TOPICS[number]}.", subject=_TOPICS[number])
    office.once()
    for notice in [one for one in office.letters("petugas") if one.template == "staff_new_ticket"]:
        office.now += timedelta(seconds=20)
        office.write("petugas", words.format(notice.subject[-8:]), answers=notice)
        office.once()
    receipts = [one for one in office.letters("petugas") if one.template == "staff_receipt"]
    assert len(receipts) == 7
    assert alarms(office) == []


def _asked_for_data(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Tender saya tidak tampil.", subject="Tender")
    office.once()
    office.write("petugas", "#eskalasi Gagal.", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    office.now += timedelta(minutes=10)
    office.once()


REQUEST = "Terima kasih atas laporannya. Mohon melengkapi data: tangkapan layar."


@pytest.mark.parametrize("delay", [30, 900])
def test_a_robot_of_lkpp_and_one_of_the_user_do_not_keep_mailbot_between_them(delay: int, office: PaperWorld) -> None:
    _asked_for_data(office)
    to_user = len(office.letters("pengguna"))
    to_lkpp = 0
    for _ in range(12):
        for letter in office.letters("lkpp")[to_lkpp:]:
            office.write("lkpp", REQUEST, answers=letter)
        to_lkpp = len(office.letters("lkpp"))
        for letter in office.letters("pengguna")[to_user:]:
            office.write("pengguna", "Saya dinas luar sampai 24 Desember. Kode tender 1234567.", answers=letter)
        to_user = len(office.letters("pengguna"))
        office.once()
        office.now += timedelta(seconds=delay)
    assert [one.template for one in office.letters("lkpp")].count("lkpp_additional_data") <= 3
    held = office.rows("SELECT * FROM outbox WHERE held = 1")
    assert {row["held_by"] for row in held} == {"robot"}
    requests = [row for row in held if row["template"] == "user_data_request"]  # a person decides about these
    assert requests and all(row["held_until"] is None for row in requests)
    assert len(alarms(office)) == 1
    assert "mungkin mesin" in office.last("petugas", "staff_lkpp_reply").text


def test_a_second_request_of_lkpp_in_other_words_goes_to_the_user_at_once(office: PaperWorld) -> None:
    _asked_for_data(office)
    office.write("lkpp", REQUEST, answers=office.last("lkpp"))
    office.once()
    office.write("pengguna", "Kode tender 1234567.", answers=office.last("pengguna"))
    office.once()
    office.now += timedelta(minutes=1)
    office.write("lkpp", "Mohon dikirimkan pula surat kuasa direktur dan nomor NIB.", answers=office.last("lkpp"))
    office.once()
    office.now += timedelta(minutes=3)
    office.once()
    assert [one.template for one in office.letters("pengguna")].count("user_data_request") == 2


def test_the_same_request_of_lkpp_goes_to_the_user_again_when_a_person_had_time_to_look(office: PaperWorld) -> None:
    _asked_for_data(office)
    office.write("lkpp", REQUEST, answers=office.last("lkpp"))
    office.once()
    office.write("pengguna", "Kode tender 1234567.", answers=office.last("pengguna"))
    office.once()
    office.now += timedelta(minutes=20)
    office.write("lkpp", REQUEST, answers=office.last("lkpp"))
    office.once()
    office.now += timedelta(minutes=3)
    office.once()
    assert [one.template for one in office.letters("pengguna")].count("user_data_request") == 2


def test_what_answers_alarms_is_answered_a_few_times_and_makes_no_more_alarms(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for number in range(60):
        office.write(
            "toko", f"Promosi {number}", sender=f"Toko <m{number}@toko.test>", headers=[("Precedence", "bulk")]
        )
    for number in range(15):
        office.once()
        office.now += timedelta(seconds=5)
        for letter in office.new_letters("operator"):
            office.write("operator", f"Saya tidak di tempat, nomor {number}.", answers=letter)
    told = [text for text in alarms(office) if text.startswith("Alarm")]
    assert len(told) == 2  # of the machines, and that the operator's address seems to be one
    assert sum(one.template == "staff_receipt" for one in office.letters("operator")) <= 2
    assert office.rows("SELECT 1 FROM tickets") == []


# --- mailbots, lists and bounces ----------------------------------------------------------------


def _relay(sender: PaperWorld, seen: int, to: PaperWorld, address: str, *, strip: bool) -> int:
    """What `sender` wrote to an address since, into the other office; strip: without what marks it as automatic."""
    found = sender.letters(address)
    for one in found[seen:]:
        message = email.message_from_bytes(one.raw, _class=EmailMessage, policy=email.policy.SMTP)
        if strip:
            for name in list(message.keys()):
                if name.lower().startswith(("x-", "auto-submitted", "in-reply-to", "references")):
                    del message[name]
        to.drop(bytes(message))
    return len(found)


@pytest.mark.parametrize("strip", [False, True], ids=["as they are", "with all marks of a machine removed on the way"])
def test_two_mailbots_set_on_each_other_fall_silent(strip: bool, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    batang = PaperWorld(tmp_path / "a")
    kendal = PaperWorld(tmp_path / "b", address=KENDAL, ticket_prefix="LPSE-KDL")
    batang.write("lpse kendal", "Mohon bantuan.", sender=f"LPSE Kendal <{KENDAL}>")
    to_batang = to_kendal = 0
    for _ in range(12):
        for office in (batang, kendal):
            office.once()
            office.now += timedelta(seconds=5)
        to_kendal = _relay(batang, to_kendal, kendal, KENDAL, strip=strip)
        to_batang = _relay(kendal, to_batang, batang, LPSE, strip=strip)
    assert to_kendal > 0
    assert 1 + to_kendal + to_batang <= 5
    told = [len(alarms(office)) for office in (batang, kendal)]
    assert strip or sum(told) >= 1  # without the marks the second acknowledgement's own words end it, before any alarm
    assert max(told) <= 1


def test_another_mailbot_is_named_to_the_operator_once_a_day_and_a_flood_of_them_a_few_times(
    office: PaperWorld,
) -> None:
    for n in range(12):
        for _ in range(2):
            marks = [("X-Mailbot-Template", "user_answer"), ("X-Mailbot-Ticket", "LPSE-X-2026-000001")]
            office.write(f"bot{n}@luar.test", f"Jawaban {n}.", subject=f"Jawaban {n}", headers=marks)
    office.once()
    named = [one.text for one in office.letters("operator") if "mailbot lain" in one.text]
    assert len(named) == 5
    assert len({text for text in named}) == 5


def _list_post(office: PaperWorld, number: int, marks: list[tuple[str, str]]) -> None:
    office.write(f"anggota{number}@milis.test", f"Kiriman {number} untuk semua.", to="milis@milis.test", headers=marks)


@pytest.mark.parametrize(
    "marks", [[("List-Id", "<milis.milis.test>"), ("Precedence", "list")], []], ids=["marked", "a bare alias"]
)
def test_a_list_to_which_mailbot_is_subscribed_is_never_answered(
    marks: list[tuple[str, str]], office: PaperWorld
) -> None:
    for number in range(4):
        _list_post(office, number, marks)
        office.once()
        office.now += timedelta(seconds=30)
    assert not office.rows("SELECT 1 FROM outbox WHERE party = 'user'")


def test_our_own_mails_that_come_back_are_filed(office: PaperWorld) -> None:
    office.write("pengguna", "Mohon bantuan untuk akun saya.")
    office.once()
    for _ in range(3):
        office.drop(office.last("pengguna").raw.replace(b"X-Mailbot-", b"X-Old-"))
        office.once()
    assert len(office.rows("SELECT 1 FROM tickets")) == 1
    assert len(office.letters("pengguna")) == 1


def _odd_bounce(office: Office, letter: Letter, number: int) -> None:
    """A report that is marked by nothing, as home-made servers send it; from an address of its own."""
    text = f"Your message could not be delivered. Error {number}.\n\n----- Original -----\n{letter.text}"
    office.write(ROBOT, text, subject="Problem with your message")


def test_reports_that_nothing_marks_end_after_five_mails(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    got = _converse(office, _odd_bounce, 1.0)
    assert len(got) <= 2


def test_reminders_of_a_ticket_go_out_once_per_stage(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Tender saya tidak tampil.")
    office.once()
    office.at("2026-12-21 08:10")
    office.write("petugas", "#minta-data\nMohon kode tender.", answers=office.last("petugas"))
    office.once()
    for day, hour in itertools.product(range(21, 32), range(8, 16)):
        office.at(f"2026-12-{day} {hour:02}:30")
        office.once()
    kinds = [one.template for one in office.letters("pengguna")]
    assert kinds.count("user_reminder") == 1
    assert kinds.count("user_closed") <= 1


# --- with mail servers ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["the same words", "other words each time", "a reply to each"])
def test_a_robot_on_real_servers_is_silent_after_five_mails(name: str, servers: Any, tmp_path: Path) -> None:
    office = World(servers, tmp_path)
    got = _converse(office, *_ROBOTS[name])
    assert got
    assert office.rows("SELECT count(*) AS n FROM journal WHERE sender = ?", ROBOT)[0]["n"] + len(got) <= 5


@pytest.fixture
def two(servers: Any, tmp_path: Path) -> Iterator[World]:
    """Two desks in one program, each with a mailbox of its own on the servers."""
    world = World(servers, tmp_path)
    written = yaml.safe_load(world.config_file.read_text())
    other = {**written["mailboxes"][0], "name": "kendal", "address": KENDAL, "ticket_prefix": "LPSE-KDL"}
    other["imap"] = {**other["imap"], "username": KENDAL}
    written["mailboxes"].append(other)
    plain = json.loads(json.dumps(written))  # else what stands twice becomes an alias
    world.config_file.write_text(yaml.safe_dump(plain))
    world.once()
    yield world


def test_two_mailbots_on_real_servers_are_silent_after_five_mails(two: World) -> None:
    two.write("lpse kendal", "Mohon bantuan.", sender=f"LPSE Kendal <{KENDAL}>")
    for _ in range(6):
        two.once()
        two.now += timedelta(seconds=5)
    between = [*two.letters(KENDAL), *two.letters(LPSE)]
    assert 2 <= len(between) <= 5
    assert len([one for one in two.letters("operator") if "mailbot lain" in one.text]) == 1


def test_a_bounce_on_real_servers_is_told_once_and_answered_by_nothing(servers: Any, tmp_path: Path) -> None:
    world = World(servers, tmp_path)
    world.write("bounces@luar.test", "Mohon bantuan.", sender="Orang <bounces@luar.test>")
    world.once()
    world.write("petugas", "Silakan dicoba kembali.", answers=world.last("petugas"))
    world.once()
    world.now += timedelta(minutes=4)
    for _ in range(5):
        world.once()
        world.now += timedelta(seconds=5)
    assert [row["state"] for row in world.rows("SELECT state FROM outbox WHERE party = 'user'")] == ["bounced"], [
        dict(row) for row in world.rows("SELECT sender, disposition, reason, threaded_by FROM journal")
    ]
    told = [one for one in world.letters("petugas") if one.template == "staff_undeliverable"]
    assert len(told) == 1
    assert len(world.rows("SELECT 1 FROM tickets")) == 1
