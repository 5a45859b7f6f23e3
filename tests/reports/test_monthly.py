"""The report of a month: each figure against a month that was counted by hand; when it goes, to whom, and once."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from mailbot.cli.main import main
from mailbot.killpoint import POINTS
from mailbot.model import Ball, Duration, Status
from mailbot.procedure import monthly
from mailbot.reports import recap, recap_xlsx
from mailbot.reports.listing import words_of_site
from mailbot.reports.monthly import page, plain, reckoning
from mailbot.reports.monthly.figures import Satisfaction, spread
from mailbot.reports.monthly.month import Breach, Change, Life, Limits, Line, Month, Run, Said
from mailbot.reports.monthly.report import of_month
from mailbot.reports.monthly.shown import shown
from tests.page import tree
from tests.steps import BORDER, results, staff_writes
from tests.world import NO_CAPS, WIB, Letter, PaperWorld

NEW, IN, LKPP, DATA, BACK, DONE, CLOSED = (
    *(Status.NEW, Status.IN_PROGRESS, Status.ESCALATED, Status.AWAITING_DATA, Status.RETURNED),
    *(Status.RESOLVED, Status.CLOSED),
)
GMAIL_CLIPS_AT = 102 * 1024  # bytes of HTML


def at(when: str) -> datetime:
    """Local time "02 09:00" of November 2026, a month without holidays; "12-01 09:00" of another one."""
    day, clock = when.split()
    day = day if "-" in day else f"11-{day}"
    return datetime.fromisoformat(f"2026-{day}T{clock}").replace(tzinfo=WIB).astimezone(UTC)


def life(number: int, opened: str, *changes: tuple[str, str, Status], answered: str | None = None, **more: Any) -> Life:
    """changes: (when, event, status from then on)."""
    before, told = NEW, [Change(at(opened), "user.new", NEW, NEW)]
    for index, (when, event, after) in enumerate(changes, 1):
        told.append(Change(at(when), event, before, after, mail=100 * number + index))
        before = after
    known = {"user": f"u{number}@x.test", "priority": 2, **more}
    return Life(
        f"T-{number}", opened=at(opened), answered=at(answered) if answered else None, changes=tuple(told), **known
    )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PaperWorld]:
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER}, limits=NO_CAPS)
    yield world
    world.store.close()


def month(office: PaperWorld, *lives: Life, until: str = "12-01 00:00", **more: Any) -> Month:
    limits = {
        1: Limits("P1 Mendesak", Duration(minutes=15), Duration(working_days=1)),
        2: Limits("P2 Tinggi", Duration(minutes=60), Duration(working_days=2)),
    }
    known: dict[str, Any] = {"lines": (), "before": (), "said": (), **more}
    return Month(
        first=date(2026, 11, 1),
        begin=at("01 00:00"),
        end=at("12-01 00:00"),
        until=at(until),
        quarter=at("10-01 00:00"),
        calendar=office.site.calendar,
        limits=limits,
        step_limits={"1": Duration(minutes=5), "9": Duration(minutes=5)},
        lives=lives,
        **known,
    )


# --- what the figures are --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lengths", "median", "p90"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([1, 4], 2, 4),
        ([5, 1, 3], 3, 5),
        (list(range(1, 11)), 5, 9),
        (list(range(1, 12)), 6, 10),
        (list(range(1, 101)), 50, 90),
        ([0] * 9 + [60], 0, 0),
        ([0] * 8 + [60, 60], 0, 60),
    ],
)
def test_median_and_p90_are_those_of_the_definition(lengths: list[int], median: int | None, p90: int | None) -> None:
    found = spread(lengths)
    assert (found.n, found.median, found.p90) == (len(lengths), median, p90)


def test_first_responses_are_counted_in_the_month_in_which_they_were_given(office: PaperWorld) -> None:
    found = reckoning.compute(
        month(
            office,
            life(1, "02 09:00", ("02 09:30", "staff.answer", DONE), answered="02 09:30"),
            life(2, "02 09:00", ("02 10:00", "staff.answer", DONE), answered="02 10:00"),  # at the limit itself
            life(
                3, "02 11:00", ("02 13:01", "staff.answer", DONE), answered="02 13:01"
            ),  # across the break, 61 minutes
            life(4, "10-30 16:00", ("02 07:40", "staff.answer", DONE), answered="02 07:40"),  # came in October
            life(5, "30 15:30", ("12-01 08:00", "staff.answer", DONE), answered="12-01 08:00"),  # December's
            life(6, "30 09:00", priority=1),  # nobody has answered
            life(7, "30 15:50", priority=2),  # its hour is not over
            life(8, "03 09:00", ("03 09:00", "staff.phone", DONE), answered="03 09:00"),  # told on the telephone
        )
    ).first_response
    assert (found.spread.n, found.spread.within, found.spread.over, found.spread.share) == (4, 3, 1, 75.0)
    assert (found.spread.median, found.spread.p90) == (50, 61)  # 30, 40, 60 and 61
    assert found.unanswered == 1
    assert [(one.priority, one.spread.n) for one in found.priorities] == [(1, 0), (2, 4)]


def test_a_ticket_is_solved_when_its_last_answer_stands_at_the_end_of_the_month(office: PaperWorld) -> None:
    confirmed = life(1, "02 09:00", ("02 10:00", "staff.answer", DONE), ("03 09:00", "user.mail", CLOSED))
    silent = life(2, "02 09:00", ("05 09:00", "staff.answer", DONE), ("10 16:00", "due.confirmation", CLOSED))
    by_staff = life(3, "03 09:00", ("03 09:30", "staff.close", CLOSED))
    waiting = life(4, "30 09:00", ("30 10:00", "staff.answer", DONE), ("12-01 09:00", "user.mail", CLOSED))
    again = life(
        *(5, "02 09:00"),
        ("02 09:10", "staff.answer", DONE),
        ("04 09:00", "user.mail", IN),
        ("04 10:00", "staff.answer", DONE),
    )
    opened_again = life(6, "02 09:00", ("02 10:00", "staff.answer", DONE), ("30 09:00", "user.mail", IN))
    undone = life(7, "02 09:00", ("02 10:00", "staff.answer", DONE), ("02 10:01", "staff.undo", IN))
    found = reckoning.compute(month(office, confirmed, silent, by_staff, waiting, again, opened_again, undone)).solution
    assert found.endings == {"confirmed": 1, "silent": 1, "staff": 1, "open": 2}
    assert found.reopened == 2  # again, opened_again; what #batal takes back was no answer
    # 30, 60, 60 minutes; two days and an hour; three days (450 minutes each).
    assert (found.spread.n, found.spread.median, found.spread.p90) == (5, 60, 3 * 450)
    assert (found.spread.within, found.spread.over) == (3, 2)  # two working days end at the same hour


def test_the_time_of_solved_tickets_is_whose_turn_it_was(office: PaperWorld) -> None:
    found = reckoning.compute(
        month(
            office,
            life(
                *(1, "02 09:00"),
                ("02 10:00", "staff.escalate", LKPP),
                ("02 11:30", "lkpp.data_request", DATA),
                ("02 14:00", "user.mail", LKPP),
                ("02 15:00", "lkpp.solved", DONE),
            ),
        )
    ).solution
    assert found.turns == {"lpse": 60, "lkpp": 90 + 60, "user": 90}  # from 11.30 to 14.00 without the break
    assert sum(found.turns.values()) == found.spread.median


def test_what_was_late_before_its_ticket_was_recorded_counts_when_it_was(office: PaperWorld) -> None:
    call = Breach("T-1", "archiving", Ball.LPSE, at("10-30 10:00"), "")
    found = reckoning.compute(month(office, life(1, "02 08:00", breaches=(call,)))).breaches
    assert (found.total, found.parties["lpse"]) == (1, 1)


def test_breaches_count_in_the_month_of_their_limit(office: PaperWorld) -> None:
    mine = (
        Breach("T-1", "first_response", Ball.LPSE, at("02 10:00"), ""),
        Breach("T-1", "lkpp_status", Ball.LKPP, at("05 10:00"), "LKPP tutup"),
        Breach("T-1", "first_response", Ball.LPSE, at("12-01 08:00"), ""),
    )
    before = Breach("T-2", "first_response", Ball.LPSE, at("10-30 10:00"), "")
    lives = (life(1, "02 09:00", breaches=mine), life(2, "10-29 09:00", breaches=(before,)))
    found = reckoning.compute(month(office, *lives)).breaches
    assert (found.total, found.unexplained, found.parties) == (2, 1, {"lpse": 1, "user": 0, "lkpp": 1})
    assert [(one.clock, one.party, one.n, one.unexplained) for one in found.kinds] == [
        ("first_response", Ball.LPSE, 1, 1),
        ("lkpp_status", Ball.LKPP, 1, 0),
    ]
    assert [one.reason for one in found.reasons] == ["LKPP tutup"]


def test_lkpps_time_is_that_in_which_it_had_the_ticket(office: PaperWorld) -> None:
    one = life(
        *(1, "02 08:00"),
        ("02 09:00", "staff.escalate", LKPP),
        ("02 09:02", "sent.lkpp_escalation", LKPP),
        ("02 11:00", "lkpp.data_request", DATA),
        ("03 09:00", "user.mail", LKPP),
        ("03 09:10", "sent.lkpp_additional_data", LKPP),
        ("03 10:10", "lkpp.progress", LKPP),
        ("04 09:00", "lkpp.unclear", LKPP),  # written then; staff say an hour later what it means
        ("04 10:00", "lkpp.solved", DONE),
        runs=(
            Run("escalation", at("02 09:00"), at("02 09:02")),
            Run("forwarding", at("03 09:00"), at("03 09:10")),
            Run("escalation", at("05 09:00"), at("05 09:01")),  # broken off
        ),
        asked=(at("03 08:00"), at("03 15:00"), at("05 08:00")),
    )
    found = reckoning.compute(month(office, one)).lkpp
    assert (found.escalations, found.finished, found.enquiries, found.enquiries_each) == (1, 1, 3, 2.0)
    steps = {step.step: (step.spread.n, step.spread.median, step.spread.over) for step in found.steps}
    assert steps == {
        "1": (1, 2, 0),
        "9": (1, 10, 1),
        "4": (0, None, 0),
        "6": (1, 120, 0),
        "12": (1, 60, 0),  # since it was given the data
        "13": (1, 120 + 450, 0),  # 3 November 09.00 to 4 November 09.00
    }


def test_a_reply_that_was_read_anew_counts_as_it_was_read_at_last(office: PaperWorld) -> None:
    one = life(
        *(1, "02 08:00"),
        ("02 09:00", "staff.escalate", LKPP),
        ("02 10:00", "lkpp.solved", DONE),
        ("02 10:01", "staff.undo", LKPP),
        ("02 10:00", "lkpp.unclear", LKPP),
        ("02 11:00", "lkpp.returned", BACK),
    )
    twice = replace(one, changes=tuple(replace(c, mail=7) if c.at == at("02 10:00") else c for c in one.changes))
    steps = {step.step: step.spread.n for step in reckoning.compute(month(office, twice)).lkpp.steps}
    assert (steps["13"], steps["4"]) == (0, 1)


def _said(*answers: tuple[int, str, str]) -> list[Said]:
    return [Said(f"T-{number}", at(when), words, True) for number, when, words in answers]


def test_one_answer_a_ticket_counts_and_what_cannot_be_read_is_shown(office: PaperWorld) -> None:
    said = [
        *_said((9, "10-05 09:00", "1 1 1 1")),
        *_said((1, "03 09:00", "2 2 2 2"), (1, "04 09:00", "4 4 4 3"), (2, "04 09:00", "kecepatan 2")),
        *_said((3, "05 09:00", "pelayanan sangat memuaskan"), (2, "06 09:00", "mantap sekali")),
        Said("T-4", at("07 09:00"), "Terima kasih", survey=False),
    ]
    found = reckoning.compute(month(office, said=said)).satisfaction
    assert found.month.answers == 2
    means = {name: (one.n, one.mean) for name, one in found.month.elements.items()}
    assert means == {"procedure": (1, 4.0), "speed": (2, 3.0), "clarity": (1, 4.0), "courtesy": (1, 3.0)}
    assert (found.month.value, found.month.index, found.month.grade) == (3.5, 87.5, "B")
    assert [one.words for one in found.unread] == ["pelayanan sangat memuaskan", "mantap sekali"]
    assert (found.quarter.answers, found.quarter_from) == (3, date(2026, 10, 1))
    assert found.quarter.elements["speed"].mean == 2.33


@pytest.mark.parametrize(
    ("marks", "grade"), [("4 4 4 4", "A"), ("4 4 3 3", "B"), ("3 3 3 3", "C"), ("2 2 3 3", "D"), ("1 1 1 1", "D")]
)
def test_the_grade_is_that_of_the_skm(office: PaperWorld, marks: str, grade: str) -> None:
    assert reckoning.compute(month(office, said=_said((1, "03 09:00", marks)))).satisfaction.month.grade == grade


def test_without_an_answer_there_is_no_index() -> None:
    assert (Satisfaction(0, {}).index, Satisfaction(0, {}).grade) == (None, None)


def test_open_is_what_stood_open_at_the_end_and_repeated_names_nobody(office: PaperWorld) -> None:
    found = reckoning.compute(
        month(
            office,
            life(1, "02 09:00", user="a@x.test", priority=1),
            life(2, "20 09:00", ("21 09:00", "staff.escalate", LKPP), user="a@x.test"),
            life(
                3, "20 09:00", ("20 10:00", "staff.answer", DONE), ("12-01 09:00", "user.mail", CLOSED), user="b@x.test"
            ),
            life(4, "20 09:00", ("20 10:00", "staff.close", CLOSED), user=""),
            life(5, "20 09:00", ("20 10:00", "staff.close", CLOSED), user=""),
        )
    )
    assert (found.open.total, found.open.confirming, found.open.oldest) == (2, 1, 28)
    assert (found.open.statuses, found.open.priorities) == ({"new": 1, "escalated": 1}, {1: 1, 2: 1})
    assert (found.repeated.users, found.repeated.tickets, found.repeated.most) == (1, 2, 2)
    assert "a@x.test" not in json.dumps(plain.as_json(found))


def test_what_came_is_counted_by_channel_jenis_and_week(office: PaperWorld) -> None:
    lines = [
        Line(date(2026, 11, 1), "email", "AKUN_LOGIN", "Konsultasi"),
        Line(date(2026, 11, 8), "email", "AKUN_LOGIN", "Konsultasi"),
        Line(date(2026, 11, 30), "telepon", "", ""),
    ]
    found = reckoning.compute(month(office, lines=lines, before=lines[:1])).received
    assert (found.total, found.before, found.channels) == (3, 1, {"email": 2, "telepon": 1})
    assert [(one.name, one.n, one.before) for one in found.problems] == [("AKUN_LOGIN", 2, 1), ("", 1, 0)]
    assert [(week.first.day, week.last.day, week.n) for week in found.weeks] == [
        *((1, 1, 1), (2, 8, 1), (9, 15, 0), (16, 22, 0), (23, 29, 0), (30, 30, 1))
    ]
    assert sum(week.n for week in found.weeks) == found.total


def test_a_month_that_is_over_gives_the_same_figures_later(office: PaperWorld) -> None:
    _year(office)
    for day in ("2026-11-04 12:00", "2026-11-10 12:00", "2026-11-30 15:00"):
        office.at(day)
        office.once()
    first = plain.as_json(of_month(office.store, office.site, date(2026, 11, 1), at("12-01 08:00")).figures)
    office.at("2026-12-10 09:00")
    staff_writes(office, "#buka", office.last("petugas", "staff_new_ticket"))
    for _ in range(2):
        office.at("2026-12-14 09:00")
        office.once()
    assert plain.as_json(of_month(office.store, office.site, date(2026, 11, 1), office.now).figures) == first


# --- an office that was played ---------------------------------------------------------------------------


def _year(office: PaperWorld) -> None:
    """November: a ticket answered after 20 minutes and closed with marks, one that nobody answers, one thrown away."""
    office.at("2026-11-02 09:00")
    office.write("pengguna", "Kami tidak bisa login.", subject="Login", headers=[results("pass", "penyedia.test")])
    office.once()
    office.at("2026-11-02 09:20")
    staff_writes(office, "#jawab\nSilakan dicoba.", office.last("petugas", "staff_new_ticket"))
    office.at("2026-11-02 09:30")
    office.once()
    _replies(office, "user_answer", "SELESAI")
    _replies(office, "user_closed", "4 3 4 4, terima kasih")
    office.write("orang luar", "Promo pinjaman", subject="Promo")
    office.once()
    staff_writes(office, "#buang", office.last("petugas", "staff_new_ticket"))
    office.at("2026-11-03 09:00")
    office.write("siti@penyedia.test", "Mohon informasi jadwal.", subject="Jadwal")
    office.once()


def _replies(office: PaperWorld, template: str, words: str) -> None:
    office.write(
        "pengguna", words, answers=office.last("pengguna", template), headers=[results("pass", "penyedia.test")]
    )
    office.once()


def test_the_figures_of_an_office_are_those_of_its_tickets(office: PaperWorld) -> None:
    _year(office)
    for day in ("2026-11-04 12:00", "2026-11-10 12:00", "2026-11-30 15:00"):
        office.at(day)
        office.once()
    found = plain.as_json(of_month(office.store, office.site, date(2026, 11, 1), at("12-01 08:00")).figures)
    assert (found["received"]["total"], found["received"]["channels"], found["complete"]) == (2, {"email": 2}, True)
    assert (found["first_response"]["n"], found["first_response"]["median"]) == (1, 20)
    assert (found["first_response"]["within"], found["first_response"]["unanswered"]) == (1, 1)
    assert (found["solution"]["n"], found["solution"]["endings"]["confirmed"]) == (1, 1)
    assert found["breaches"]["lpse"] == office.store.value("SELECT count(*) FROM breaches")
    assert (found["satisfaction"]["month"]["answers"], found["satisfaction"]["month"]["index"]) == (1, 93.75)
    assert (found["open"]["total"], found["open"]["statuses"]) == (1, {"new": 1})


def _sent(office: PaperWorld) -> dict[str, list[Letter]]:
    return {who: office.new_letters(who) for who in ("kepala", "koordinator")}


def _subjects(office: PaperWorld) -> dict[str, list[str]]:
    return {
        who: [one.subject for one in mails if one.template.endswith("_report")] for who, mails in _sent(office).items()
    }


NOVEMBER = "[LPSE-BTG] Laporan bulanan November 2026"
DECEMBER = "[LPSE-BTG] Laporan bulanan Desember 2026"


def test_it_goes_at_the_opening_of_the_first_working_day_once(office: PaperWorld) -> None:
    _year(office)
    for when, reports in (
        ("2026-11-30 15:30", []),
        ("2026-12-01 07:00", []),
        ("2026-12-01 07:30", [NOVEMBER]),
        ("2026-12-01 07:40", []),
        ("2026-12-02 07:30", []),
        ("2027-01-01 09:00", []),  # a holiday
        ("2027-01-02 09:00", []),  # a Saturday
        ("2027-01-04 07:31", [DECEMBER]),
    ):
        office.at(when)
        office.once()
        assert _subjects(office) == {"kepala": reports, "koordinator": reports}, when


def test_the_rekap_of_the_month_comes_with_it_to_be_signed(office: PaperWorld) -> None:
    _year(office)
    office.at("2026-12-01 07:30")
    office.once()
    for who, mails in _sent(office).items():
        [report] = [one for one in mails if one.template.endswith("_report")]
        [(name, raw)] = report.attachments
        assert name == "rekap-LPSE-BTG-2026-11.xlsx" and name in report.text, who
        site = office.site
        asked = recap.Asked(site.config, words_of_site(site), site.zone, date(2026, 11, 1))
        found = recap.recap(office.store, asked, office.now)
        assert len(found["rows"]) > 0 and raw == recap_xlsx.of(found, asked, office.now)


def test_a_month_without_tickets_comes_with_a_rekap_that_says_so(office: PaperWorld) -> None:
    office.at("2026-11-20 09:00")
    office.write("petugas", "#bantuan", subject="Bantuan")
    office.once()
    office.at("2026-12-01 07:30")
    office.once()
    [report] = [one for one in office.letters("kepala") if one.template == "head_report"]
    [(name, raw)] = report.attachments
    assert name == "rekap-LPSE-BTG-2026-11.xlsx"
    [page] = load_workbook(io.BytesIO(raw)).worksheets
    assert page["A7"].value == "NIHIL: tidak ada permasalahan yang dicatat pada November 2026."


def test_after_standing_still_the_reports_of_all_months_that_passed_are_sent(office: PaperWorld) -> None:
    _year(office)
    office.at("2026-11-05 09:00")
    office.once()
    assert _subjects(office)["kepala"] == []  # in October nobody read this mailbox
    office.at("2027-01-20 10:00")
    office.once()
    assert _subjects(office) == {"kepala": [NOVEMBER, DECEMBER], "koordinator": [NOVEMBER, DECEMBER]}


def test_it_is_written_once_however_often_mailbot_dies_in_it(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "reporting" in POINTS
    _year(office)
    office.at("2026-12-01 08:00")

    def die(point: str) -> None:
        raise InterruptedError(point)

    for _ in range(2):
        with monkeypatch.context() as dying, pytest.raises(InterruptedError):
            dying.setattr(monthly, "kill_point", die)
            monthly.send(office.store, office.site, office.now)
        assert office.store.value("SELECT count(*) FROM outbox WHERE template = 'head_report'") == 0
    assert monthly.send(office.store, office.site, office.now) == 2
    assert monthly.send(office.store, office.site, office.now) == 0


def test_laporan_shows_it_to_staff_coordinator_and_head(office: PaperWorld) -> None:
    _year(office)
    for who in ("petugas", "koordinator", "kepala"):
        office.at("2026-12-03 09:00")
        office.write(who, "#laporan november", subject="Laporan", headers=[results("pass", "batangkab.test")])
        office.once()
        found = office.last(who, "staff_receipt")
        assert "Laporan bulanan November 2026" in found.text and "█" in found.text and "Arti angka" in found.text
    assert "budi" not in found.text.lower()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#laporan 01-2027", "Januari 2027: bulan itu belum dimulai."),
        ("#report 03-2026", "Maret 2026: tidak ada permasalahan yang masuk, selesai, atau terbuka."),
        ("#laporan bulan purnama", "bulan purnama"),
    ],
)
def test_what_cannot_be_reported_is_said(office: PaperWorld, text: str, said: str) -> None:
    _year(office)
    office.at("2026-12-03 09:00")
    office.write("kepala", text, subject="Laporan", headers=[results("pass", "batangkab.test")])
    office.once()
    found = " ".join(office.last("kepala", "staff_receipt").text.split())
    assert said in found and "Arti angka" not in found


# --- how it looks ----------------------------------------------------------------------------------------


def _full(office: PaperWorld) -> Month:
    """A month in which every figure has something to show, and words of people that try to be markup."""
    lives = []
    for number in range(1, 41):
        breach = Breach(f"T-{number}", "first_response", Ball.LPSE, at("04 09:00"), "<b>&</b> | % 9 | good\u202e" * 9)
        escalated = (
            *(("03 09:30", "staff.escalate", LKPP), ("03 10:00", "sent.lkpp_escalation", LKPP)),
            *(("04 11:00", "lkpp.progress", LKPP), ("05 11:00", "lkpp.solved", DONE)),
        )
        more: dict[str, Any] = {
            "runs": (Run("escalation", at("03 09:30"), at("03 10:00")),),
            "breaches": (breach,),
            "asked": (at("05 10:00"),),
        }
        one = life(number, "03 09:00", *escalated, answered="03 09:30", **more)
        lives.append(replace(one, priority=number % 2 + 1, user=f"u{number // 2}@x.test"))
    codes = [row.code for row in office.site.problems.rows]
    lines = [
        Line(date(2026, 11, n % 30 + 1), ("email", "telepon")[n % 2], codes[n % 12], "Konsultasi") for n in range(400)
    ]
    said = _said(*((n, "06 09:00", "4 4 3 4") for n in range(9)), (99, "06 09:00", "<script>bagus</script>"))
    return month(office, *lives, lines=lines, said=said)


def test_the_page_is_one_file_that_loads_nothing_and_shows_every_figure(office: PaperWorld) -> None:
    found = shown(office.site, reckoning.compute(_full(office)))
    html = page.page(found, "LPSE <b>Batang</b>", "Selasa, 1 Desember 2026 pukul 07.30 WIB")
    names = [chart.name for chart in found.charts]
    assert names == [
        *("channels", "weeks", "problems", "categories", "first_response", "solution", "turns", "breaches", "lkpp"),
        *("survey", "repeated", "open"),
    ]
    assert (
        re.search(r"(?:src|href|url|@import)\s*[=(]", html) is None
        and "<script" not in html
        and "<b>Batang" not in html
    )
    assert "\u202e" not in html and "&lt;b&gt;&amp;&lt;/b&gt;" in html
    for chart in found.charts:
        assert chart.title in html.replace("&amp;", "&")
    assert html.count("<svg") == sum(len(chart.bars) for chart in found.charts)
    assert "@page { size: A4" in html and "default-src 'none'" in html


def test_the_mail_is_not_clipped_and_its_charts_are_cells(office: PaperWorld) -> None:
    office.at("2026-12-01 08:00")
    values = monthly._values(office.site, found := _made(office))
    html = office.site.renderer.body(
        "head_report", {**values, "recipient": {"name": "Jamal", "address": "j@x.test"}}
    ).html
    assert len(html.encode()) < GMAIL_CLIPS_AT * 0.95
    cells = [cell for cell in tree(html).all("td") if set(cell.classes) & {"track", "bar-plain", "bar-good", "bar-bad"}]
    assert cells and all(int(cell.attributes["width"].removesuffix("%")) <= 100 for cell in cells)
    assert not tree(html).all("img", "svg")
    assert len(found.shown.charts) > 8


def _made(office: PaperWorld) -> Any:
    from mailbot.reports.monthly.report import Report

    figures = reckoning.compute(_full(office))
    return Report(figures, shown(office.site, figures))


# --- on the command line ---------------------------------------------------------------------------------


def _asked(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(office.config_file), "report", *words])


@pytest.fixture
def known(office: PaperWorld) -> PaperWorld:
    _year(office)
    return office


def test_the_command_writes_the_page_whole_and_prints_the_figures(known: PaperWorld, tmp_path: Path) -> None:
    file = tmp_path / "laporan november.html"
    found = _asked(known, "--month", "2026-11", "--output", str(file), "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["received"]["total"] == 2
    assert "Laporan bulanan November 2026" in file.read_text()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--month", "2026-03", "--output", "x.html"), 1, "nothing is written"),
        (("--month", "2031-01"), 2, "2031-01 has not begun"),
        (("--month", "2026-13"), 2, "no month"),
        (("--month", "november\u202e\x1b[31m"), 2, "no month"),
        (("--month", "2026-11", "--mailbox", "ba\x07tang"), 2, "name one of batang"),
        (("--month", "2026-11", "--output", "lap\u202eoran.html"), 2, "cannot be the name of a file"),
        (("--month", "2026-11", "--output", "x\x1b.html"), 2, "cannot be the name of a file"),
        (("--month", "2026-11", "--output", "."), 2, "is a directory"),
        (("--month", "2026-11", "--output", "nowhere/x.html"), 74, "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    known: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, said: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    found = _asked(known, *words)
    assert (found.exit_code, list(work.iterdir())) == (code, [])
    assert said in found.stderr
    assert not {"\x1b", "\u202e", "\x07"} & set(found.output)


def test_a_page_that_cannot_be_written_leaves_the_one_before(known: PaperWorld, tmp_path: Path) -> None:
    file = tmp_path / "laporan.html"
    file.write_text("yang lama")
    assert _asked(known, "--month", "2026-03", "--output", str(file)).exit_code == 1
    assert file.read_text() == "yang lama"
