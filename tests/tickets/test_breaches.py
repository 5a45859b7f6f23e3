"""Penyimpangan: every limit that passes is kept, with how late, whose turn it was, and why."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.model import Decision, Event
from mailbot.procedure import service
from mailbot.reports import recap
from mailbot.reports.listing import words_of_site
from mailbot.tickets import breaches, tickets
from mailbot.tickets.work import Given, Work
from tests.happenings import Told
from tests.happenings import office as paper_office
from tests.steps import (
    closed,
    data_requested,
    escalated,
    flat,
    links,
    minutes_later,
    opened,
    resolved,
    staff_writes,
)
from tests.world import PEOPLE, WIB, Letter, PaperWorld


def begun(office: PaperWorld) -> Letter:
    """A ticket of priority 3: four hours for the first response."""
    return opened(office, "Yth. Admin, kami lupa kata sandi SPSE.", subject="Lupa kata sandi SPSE")


def kept(office: PaperWorld) -> list[tuple[str, str, int | None, str | None]]:
    """(clock, party, minutes or None while it lasts, handler) of each breach."""
    rows = office.rows("SELECT clock, party, minutes, handler FROM breaches ORDER BY due, id")
    return [(row["clock"], row["party"], row["minutes"], row["handler"]) for row in rows]


def at(office: PaperWorld, when: str) -> None:
    office.at(when)
    assert office.once()


@pytest.fixture
def late(office: PaperWorld) -> PaperWorld:
    """A P3 ticket of 9.00 o'clock whose first response was due at 14.00; it is 14.00."""
    office.at("2026-12-21 09:00")
    begun(office)
    assert kept(office) == []
    at(office, "2026-12-21 14:00")
    return office


def test_a_limit_that_passes_is_kept_while_it_lasts(late: PaperWorld) -> None:
    assert kept(late) == [("first_response", "LPSE", None, None)]
    row = late.rows("SELECT due, step, reason FROM breaches")[0]
    assert (row["due"], row["step"], row["reason"]) == ("2026-12-21T07:00:00.000000+00:00", "", "")


def test_it_ends_with_its_clock_however_long_after(late: PaperWorld) -> None:
    at(late, "2026-12-22 08:00")  # two hours of service, and half an hour on the next day
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 150, None)]
    ended = late.rows("SELECT ended_at FROM breaches")[0]["ended_at"]
    assert ended == "2026-12-22T01:00:00.000000+00:00"


def test_what_came_in_time_and_was_read_late_is_no_breach(late: PaperWorld) -> None:
    told = late.last("petugas", "staff_new_ticket")
    late.at("2026-12-21 13:59")
    late.write("petugas", "#jawab Silakan coba lagi.", answers=told)
    at(late, "2026-12-21 14:20")
    assert late.status() == "resolved"
    assert kept(late) == []


def test_less_than_a_minute_is_no_breach(late: PaperWorld) -> None:
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == []


def test_a_limit_that_nobody_watched_is_kept_when_its_clock_ends(office: PaperWorld) -> None:
    """mailbot stood still over the limit, and the answer is the first thing that it sees."""
    office.at("2026-12-21 09:00")
    told = begun(office)
    office.at("2026-12-21 14:30")
    office.write("petugas", "#jawab Silakan coba lagi.", answers=told)
    office.once()
    assert kept(office) == [("first_response", "LPSE", 30, None)]


def test_whose_ticket_it_was_stays_with_it(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    told = begun(office)
    office.write("rekan", "#ambil", answers=office.last("rekan"))
    office.once()
    at(office, "2026-12-21 14:00")
    office.write("petugas", "#ambil", answers=told)
    at(office, "2026-12-21 14:10")
    assert kept(office) == [("first_response", "LPSE", None, PEOPLE["rekan"])]


def test_another_priority_afterwards_undoes_no_breach(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#prioritas 4")
    minutes_later(late, 10)
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 20, None)]


def test_an_answer_taken_back_lets_the_breach_go_on(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 10, None)]
    minutes_later(late, 1)
    staff_writes(late, "#batal")
    assert kept(late) == [("first_response", "LPSE", None, None)]
    minutes_later(late, 9)
    staff_writes(late, "#jawab Silakan coba lagi.")
    assert kept(late) == [("first_response", "LPSE", 20, None)]


def test_a_run_that_the_same_event_ends_and_sets_going_again_has_one_breach_which_goes_on(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    begun(office)
    [(number, clock)] = [one for one in tickets.running(office.store, 1) if one[1].clock == "first_response"]
    office.at("2026-12-21 14:10")
    ticket = tickets.load(office.store, 1)
    event, decision = Event(kind="staff.undo", at=office.now), Decision(row="batal", step="", status=ticket.status)
    work = Work(office.store, office.site, office.now, ticket, event, Given(key="j2"), decision)
    with office.store.immediate():
        breaches.review(work, ticket, [(number, clock)], [(number + 100, clock)])
    assert kept(office) == [("first_response", "LPSE", None, None)]


def test_an_event_that_fails_leaves_no_breach(late: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes_later(late, 10)
    before = kept(late)
    monkeypatch.setattr(service, "kill_point", lambda name: 1 / 0 if name == "handling" else None)
    late.write("petugas", "#jawab Silakan.", answers=late.last("petugas", "staff_new_ticket"))
    late.once()
    assert kept(late) == before == [("first_response", "LPSE", None, None)]


# --- the two limits of the paper, and LKPP's ------------------------------------------------------------


def test_the_five_minutes_of_the_escalation_are_kept(tmp_path: Path) -> None:
    told = Told(paper_office(tmp_path, "lpse-support"))
    told.world.at("2026-12-21 09:00")
    told.happens("pengguna menulis e-mail baru")
    told.settle()
    told.happens("#eskalasi")
    told.settle()
    told.later(17)
    told.happens("#tts 12345")
    assert kept(told.world) == [("escalation", "LPSE", 12, PEOPLE["petugas"])]
    assert told.world.rows("SELECT step FROM breaches")[0]["step"] == "1"
    told.world.store.close()


def test_the_five_minutes_of_the_forwarding_are_kept(tmp_path: Path) -> None:
    told = Told(paper_office(tmp_path))
    told.world.at("2026-12-21 09:00")
    for phrase in ("pengguna menulis e-mail baru", "#eskalasi", "LKPP: minta data", "pengguna mengirim makro"):
        told.happens(phrase)
        told.settle()
    told.later(8)
    told.happens("#teruskan")
    told.settle()
    assert kept(told.world) == [("forwarding", "LPSE", 3, PEOPLE["petugas"])]
    told.world.store.close()


def test_lkpps_silence_is_lkpps_breach_and_the_users_is_nobodys(tmp_path: Path) -> None:
    told = Told(paper_office(tmp_path))
    told.world.at("2026-12-21 09:00")
    for phrase in ("pengguna menulis e-mail baru", "#eskalasi"):
        told.happens(phrase)
        told.settle()
    told.world.at("2026-12-23 10:00")  # two working days and an hour
    told.happens("LKPP: minta data")
    assert kept(told.world) == [("lkpp_status", "LKPP", 60, PEOPLE["petugas"])]
    told.world.at("2027-01-11 10:00")  # the user never sends what is asked for
    told.world.once()
    assert [each for each in kept(told.world) if each[0] != "target"] == [
        ("lkpp_status", "LKPP", 60, PEOPLE["petugas"])
    ]
    told.world.store.close()


# --- #alasan ---------------------------------------------------------------------------------------


def test_a_reminder_of_what_is_late_has_a_link_for_its_reason(late: PaperWorld) -> None:
    staff_writes(late, "#prioritas 2")
    late.once()
    reminder = late.last("petugas", "staff_reminder")
    assert "#alasan" in links(reminder)
    assert "Penyimpangan : Respons awal kepada pengguna" in flat(reminder.text)


def test_a_reason_is_given_and_shown(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#alasan Jaringan kantor terputus.")
    receipt = flat(late.last("petugas", "staff_receipt").text)
    assert "Alasan penyimpangan dicatat. Untuk penyimpangan LPSE: Respons awal kepada pengguna." in receipt
    row = late.rows("SELECT reason, reason_by FROM breaches")[0]
    assert (row["reason"], row["reason_by"]) == ("Jaringan kantor terputus.", PEOPLE["petugas"])
    staff_writes(late, "#status")
    status = flat(late.last("petugas", "staff_receipt").text)
    assert "Respons awal kepada pengguna: batas Senin, 21 Desember 2026 pukul 14.00 WIB, belum selesai" in status
    assert "terlambat 10 menit dalam jam layanan; giliran LPSE (belum ada penangan)" in status
    assert "alasan: Jaringan kantor terputus." in status


def test_a_reason_goes_to_what_has_none_and_a_second_one_to_the_last(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#alasan Jaringan terputus.")
    staff_writes(late, "#alasan Jaringan dan listrik terputus.")
    assert [row["reason"] for row in late.rows("SELECT reason FROM breaches")] == ["Jaringan dan listrik terputus."]
    assert late.rows("SELECT count(*) AS n FROM texts WHERE kind = 'reason'")[0]["n"] == 2


def test_a_ticket_in_time_needs_no_reason(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#alasan Banyak pekerjaan.")
    assert "tidak melewati batas waktu apa pun" in flat(office.last("petugas", "staff_receipt").text)


def test_coordinator_and_head_read_of_it(late: PaperWorld) -> None:
    at(late, "2026-12-22 09:30")
    at(late, "2026-12-23 07:30")
    report = flat(late.last("koordinator", "coordinator_overdue").text)
    assert "Penyimpangan : 1 kali, tanpa alasan" in report
    assert "LPSE 13 jam 30 menit dalam jam layanan" in report
    staff_writes(late, "#alasan Jaringan terputus.")
    staff_writes(late, "#kepala Belum dijawab.")
    report = flat(late.last("kepala", "head_report").text)
    assert "Respons awal kepada pengguna: batas Senin, 21 Desember 2026 pukul 14.00 WIB" in report
    assert "alasan: Jaringan terputus." in report


# --- the target of the Tabel Prioritas (step 11) ---------------------------------------------------------


def of_clock(office: PaperWorld, clock: str) -> list[tuple[str, str, int | None, str | None]]:
    return [each for each in kept(office) if each[0] == clock]


def test_the_target_passes_as_lkpps_while_lkpp_has_the_ticket_and_is_over_with_the_solution(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    lkpps = escalated(office)  # P2: two working days
    at(office, "2026-12-23 09:00")
    assert of_clock(office, "target") == [("target", "LKPP", None, PEOPLE["petugas"])]
    office.at("2026-12-23 09:30")
    office.write("lkpp", "Permasalahan telah selesai ditangani.", answers=lkpps)
    office.once()
    assert of_clock(office, "target") == [("target", "LKPP", 30, PEOPLE["petugas"])]


def test_the_target_counts_from_the_receipt_also_after_an_answer_that_did_not_help(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    answer = resolved(office)
    at(office, "2026-12-23 09:30")  # the user thinks about it; nothing runs
    assert of_clock(office, "target") == []
    office.write("pengguna", "BELUM, masih gagal.", answers=answer)
    at(office, "2026-12-23 09:31")
    assert office.status() == "in_progress"
    assert of_clock(office, "target") == [("target", "LPSE", None, PEOPLE["petugas"])]


def test_a_ticket_that_is_opened_again_has_its_target_anew(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    over = closed(office)
    office.at("2026-12-23 09:30")
    office.write("pengguna", "Kendalanya muncul lagi, kami tidak bisa login.", answers=over)
    at(office, "2026-12-23 09:31")
    assert office.status() == "in_progress"
    assert of_clock(office, "target") == []


def test_the_target_stands_in_status_and_list_and_what_is_held_with_its_age(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    request = data_requested(office)
    office.write("pengguna", "Data apa saja yang harus kami kirim?", answers=request, files=[("data.docm", b"PK")])
    minutes_later(office, 1)
    minutes_later(office, 12)
    staff_writes(office, "#status", office.last("petugas"))
    shown = flat(office.last("petugas", "staff_receipt"))
    assert "Target penyelesaian menurut Tabel Prioritas (langkah 11): Rabu, 23 Desember 2026 pukul 09.00 WIB" in shown
    assert "Data ditahan : sejak Senin, 21 Desember 2026 pukul 09.03 WIB (13 menit jam layanan)" in shown
    staff_writes(office, "#daftar", office.last("petugas"))
    listed = flat(office.last("petugas", "staff_receipt"))
    assert "target: Rabu, 23 Desember 2026 pukul 09.00 WIB" in listed
    assert "data pengguna ditahan sejak Senin, 21 Desember 2026 pukul 09.03 WIB" in listed


# --- each day without news (step 14) ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "many"),
    [
        ("2026-12-23 09:05", 1),
        ("2026-12-28 08:59", 1),  # 24 and 25 are holidays, 26 and 27 a weekend
        ("2026-12-28 09:00", 2),
        ("2026-12-29 10:00", 3),
    ],
)
def test_each_working_day_without_news_counts_as_lkpps_breach(office: PaperWorld, until: str, many: int) -> None:
    office.at("2026-12-21 09:00")
    escalated(office)
    at(office, "2026-12-23 09:02")
    at(office, until)
    [status] = [each for each in breaches.of(office.store, office.site, 1, office.now) if each.clock == "lkpp_status"]
    assert status.times == many
    staff_writes(office, "#status", office.last("petugas"))
    said = f"({many} kali: setiap hari kerja dihitung)"
    assert (said in flat(office.last("petugas", "staff_receipt"))) == (many > 1)


# --- equipment and output ----------------------------------------------------------------------------------


def test_a_ticket_closed_without_any_answer_is_a_breach_until_that_is_taken_back(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    staff_writes(office, "#tutup")
    assert of_clock(office, "answer") == [("answer", "LPSE", 0, PEOPLE["petugas"])]
    assert "Ditutup tanpa jawaban kepada pengguna" in flat(office.last("petugas", "staff_receipt"))
    minutes_later(office, 1)
    staff_writes(office, "#batal")
    assert office.status() == "new" and of_clock(office, "answer") == []


@pytest.mark.parametrize("closing", ["#tutup Sudah kami perbaiki.", "#tutup"])
def test_a_ticket_closed_with_or_after_an_answer_is_none(office: PaperWorld, closing: str) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    if closing == "#tutup":
        staff_writes(office, "#info Gangguan sudah teratasi.")
        minutes_later(office, 4)
    staff_writes(office, closing)
    assert office.status() == "closed" and of_clock(office, "answer") == []


# --- step 1: from when the five minutes run -----------------------------------------------------------------


def test_the_five_minutes_run_from_the_time_at_which_the_lpse_knew(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    office.at("2026-12-21 09:20")
    told_at = "#eskalasi\nRingkasan: Gagal login.\nDiketahui tidak dapat ditangani pukul: 09.08"
    assert staff_writes(office, told_at) == "staff_receipt"
    assert of_clock(office, "escalation") == [("escalation", "LPSE", 7, None)]  # nobody had taken it by then
    notes = " ".join(str(row["note"]) for row in office.rows("SELECT note FROM history"))
    assert "12 menit jam layanan sejak Senin, 21 Desember 2026 pukul 09.08 WIB, waktu diketahuinya" in notes
    assert "pukul: 09.08" not in office.last("lkpp", "lkpp_escalation").text


def test_left_empty_they_run_from_the_command_and_reports_say_so(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    told_at = "#eskalasi\nRingkasan: Gagal login.\nDiketahui tidak dapat ditangani pukul:\n"
    assert staff_writes(office, told_at) == "staff_receipt"
    assert of_clock(office, "escalation") == []
    notes = " ".join(str(row["note"]) for row in office.rows("SELECT note FROM history"))
    assert "pukul 09.00 WIB, diukur sejak perintah (tepat waktu)" in notes


@pytest.mark.parametrize(
    ("written", "why"),
    [("besok", "tidak terbaca"), ("10.45", "belum tiba"), ("08.15", "lebih awal daripada masuknya")],
)
def test_a_time_that_cannot_be_comes_back_with_the_text(office: PaperWorld, written: str, why: str) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    text = f"#eskalasi\nRingkasan: Gagal login KENARI.\nDiketahui tidak dapat ditangani pukul: {written}"
    assert staff_writes(office, text) == "staff_receipt"
    receipt = office.last("petugas", "staff_receipt")
    assert why in flat(receipt) and "KENARI" in links(receipt)["#eskalasi"]
    assert office.status() == "new"


def test_data_that_were_held_are_measured_from_their_arrival(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    request = data_requested(office)
    office.write("pengguna", "Data apa saja yang harus kami kirim?", answers=request, files=[("data.docm", b"PK")])
    minutes_later(office, 1)
    minutes_later(office, 12)
    staff_writes(office, "#teruskan", office.last("petugas", "staff_user_reply"))
    assert of_clock(office, "forwarding") == [("forwarding", "LPSE", 8, PEOPLE["petugas"])]
    notes = " ".join(str(row["note"]) for row in office.rows("SELECT note FROM history"))
    assert "13 menit jam layanan sejak Senin, 21 Desember 2026 pukul 09.03 WIB" in notes
    assert "penyimpangan: melewati batas 5 menit" in notes


def test_a_reason_is_counted_as_reports_count_it(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    escalated(office, files=[("layar.png", b"png")])
    at(office, "2026-12-23 09:02")
    at(office, "2026-12-29 10:00")
    staff_writes(office, "#alasan LKPP: tidak ada kabar.", office.last("petugas", "staff_reminder"))
    receipt = flat(office.last("petugas", "staff_receipt"))
    [daily] = [one for one in breaches.of(office.store, office.site, 1, office.now) if one.clock == "lkpp_status"]
    assert daily.times > 1
    assert f"Untuk penyimpangan LKPP: Status penanganan dari Helpdesk LKPP (langkah 12) ({daily.times} kali)" in receipt


# --- which of several a reason is for --------------------------------------------------------------------


def both(office: PaperWorld) -> Letter:
    """A ticket on which the LPSE was half an hour late, and LKPP is late twice; a reminder of it."""
    office.at("2026-12-21 09:00")
    told = opened(office, files=[("layar.png", b"png")])
    at(office, "2026-12-21 10:30")
    staff_writes(office, "#eskalasi Gagal login.", told)
    at(office, "2026-12-28 10:31")
    assert [(clock, party) for clock, party, *_ in kept(office)] == [
        ("first_response", "LPSE"),
        ("target", "LKPP"),
        ("lkpp_status", "LKPP"),
    ]
    return office.last("petugas", "staff_reminder")


def reasons(office: PaperWorld) -> list[str]:
    """Of each breach, in the order of `both`."""
    return [str(row["reason"]) for row in office.rows("SELECT reason FROM breaches ORDER BY due, id")]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Server mati.", ["Server mati.", "", ""]),  # the only one of the LPSE
        ("10:30 server mati.", ["10:30 server mati.", "", ""]),  # a time, no number
        ("2 jam listrik padam.", ["2 jam listrik padam.", "", ""]),
        ("LPSE: server mati.", ["server mati.", "", ""]),
        ("LKPP: tidak ada kabar.", ["", "tidak ada kabar.", "tidak ada kabar."]),
        ("untuk nomor 1: server mati.", ["server mati.", "", ""]),
        ("1, 2: server mati.", ["server mati.", "server mati.", ""]),
        ("Menunggu LKPP.", ["", "", ""]),  # whose is meant?
        ("9: server mati.", ["", "", ""]),  # there is no such number
    ],
)
def test_a_reason_belongs_to_what_its_words_name(office: PaperWorld, written: str, found: list[str]) -> None:
    reminder = both(office)
    numbers = [int(row["id"]) for row in office.rows("SELECT id FROM breaches ORDER BY due, id")]
    assert sorted(numbers) == [1, 2, 3]
    if written.startswith("1, 2"):  # numbers follow the order in which they were kept
        found = [found[0], *(found[1] if number == 2 else "" for number in numbers[1:])]
    staff_writes(office, f"#alasan {written}", reminder)
    assert reasons(office) == found
    refused = "belum jelas untuk yang mana" in flat(office.last("petugas", "staff_receipt"))
    assert refused == (found == ["", "", ""])


def test_a_party_s_reason_may_be_bettered_while_another_party_s_is_still_open(office: PaperWorld) -> None:
    reminder = both(office)
    staff_writes(office, "#alasan LPSE: server mati.", reminder)
    staff_writes(office, "#alasan LPSE: listrik padam.", reminder)
    assert reasons(office) == ["listrik padam.", "", ""]


def test_one_reason_is_enough_for_one_party_s_late_ones_of_one_kind(late: PaperWorld) -> None:
    at(late, "2026-12-29 10:00")
    assert {(clock, party) for clock, party, *_ in kept(late)} == {("first_response", "LPSE"), ("target", "LPSE")}
    staff_writes(late, "#alasan Server mati.")
    assert reasons(late) == ["Server mati.", "Server mati."]


def test_what_was_lacking_is_not_explained_by_why_something_was_late(late: PaperWorld) -> None:
    minutes_later(late, 10)
    staff_writes(late, "#eskalasi Gagal login.")  # without identity and a supporting file
    assert [clock for clock, *_ in kept(late)] == ["first_response", "identity", "supporting_data"]
    staff_writes(late, "#alasan Server mati.")
    assert reasons(late) == ["", "", ""]
    staff_writes(late, "#alasan 1: Server mati.", late.last("petugas", "staff_receipt"))
    assert reasons(late) == ["Server mati.", "", ""]


def test_the_link_of_a_reminder_is_for_what_it_reminds_of(office: PaperWorld) -> None:
    body = links(both(office))["#alasan"]
    office.write("petugas", body.replace("#alasan", "#alasan Menunggu LKPP."), subject="Re: pengingat")
    assert office.once()
    assert reasons(office) == ["", "", "Menunggu LKPP."]


def test_the_link_of_one_is_good_whatever_has_become_of_the_ticket_since(office: PaperWorld) -> None:
    reminder = both(office)
    staff_writes(office, "#alasan Menunggu LKPP.", reminder)
    asked = office.last("petugas", "staff_receipt")
    [*_, last] = re.findall(r'href="(mailto:[^"]+)"[^>]*>\s*Alasan untuk semua penyimpangan LKPP', asked.html)
    body = parse_qs(urlsplit(unescape(last)).query)["body"][0].replace("\r\n", "\n")
    office.write("lkpp", "Permasalahan telah selesai ditangani.", answers=office.last("lkpp", "lkpp_escalation"))
    minutes_later(office, 10)
    assert office.status() == "resolved"
    office.write("petugas", body, subject=asked.subject)
    assert office.once()
    assert reasons(office) == ["", "Menunggu LKPP.", "Menunggu LKPP."]


def test_the_target_follows_the_priority_that_staff_set(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    target = "SELECT due FROM deadlines WHERE clock = 'target'"
    dues = {2: "2026-10-07T02:00", 1: "2026-10-06T02:00", 4: "2026-10-12T02:00"}
    assert office.rows(target)[0]["due"].startswith(dues[2])
    for level in (1, 4):
        staff_writes(office, f"#prioritas {level}")
        assert office.rows(target)[0]["due"].startswith(dues[level])


def test_who_had_the_turn_at_the_limit_bears_it_though_the_round_comes_later(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    escalation = escalated(office)
    office.at("2026-10-06 16:00")
    office.write("lkpp", "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP.", answers=escalation)
    at(office, "2026-10-07 08:59")
    office.at("2026-10-07 09:02")
    office.write("lkpp", "Mohon dilengkapi screenshot dan kode tender.", answers=escalation)
    at(office, "2026-10-07 09:05")
    assert office.status() == "awaiting_data"
    assert [each[:2] for each in kept(office) if each[0] == "target"] == [("target", "LKPP")]


def test_what_is_done_at_the_very_limit_is_late_in_no_rekap(office: PaperWorld) -> None:
    """Step 1: within 5 minutes. Whoever looks at the limit itself has seen it come."""
    office.at("2026-10-05 09:00")
    notice = opened(office)
    office.at("2026-10-05 09:10")
    office.write("petugas", "#eskalasi Login gagal.", answers=notice)
    office.at("2026-10-05 09:15")
    assert office.once()
    row = office.rows("SELECT due, ended_at FROM deadlines WHERE clock = 'escalation'")[0]
    assert row["due"] > row["ended_at"] == "2026-10-05T02:15:00.000000+00:00"
    asked = recap.Asked(office.site.config, words_of_site(office.site), WIB, date(2026, 10, 1))
    found = recap.recap(office.store, asked, office.now)["summary"]
    assert (found["within"], found["over"]) == (1, 0)
