"""The work lists (contract: "Reminders are lists"): who gets one when, and that no deadline goes unmentioned."""

from __future__ import annotations

import html
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.killpoint import POINTS
from mailbot.letters import caps, worklist
from mailbot.procedure import deadlines, worklists
from mailbot.rules.worktime import listtimes
from mailbot.store.database import to_instant, to_text
from tests import mailcounts
from tests.happenings import Told, office
from tests.world import PEOPLE, WIB, Letter, PaperWorld, letter

#: Three officers, a coordinator and a head of unit.
BUDI = "budi.staf@batangkab.test"
OFFICERS = (PEOPLE["petugas"], PEOPLE["rekan"], BUDI)
STAFF = [{"name": name, "address": address} for name, address in zip(("Sari", "Joko", "Budi"), OFFICERS, strict=True)]
_OVERDUE = ("coordinator_overdue", "head_overdue")
#: Working days of October 2026, a month without holidays.
EIGHT_DAYS = [datetime(2026, 10, day, tzinfo=WIB) for day in (5, 6, 7, 8, 9, 12, 13, 14)]


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[PaperWorld]:
    world = office(tmp_path, staff=STAFF)
    yield world
    world.store.close()


def _ticket(world: PaperWorld, number: int, *happenings: str) -> Told:
    told = Told(world, user=f"pengguna{number}@penyedia.test")
    for phrase in ("pengguna menulis e-mail baru", *happenings):
        told.happens(phrase)
        told.settle()
    return told


def _round(world: PaperWorld, when: str) -> None:
    world.at(when)
    deadlines.run(world.store, world.site, world.now)


def _sent(world: PaperWorld, since: int = 0) -> list[tuple[str, Letter, datetime]]:
    """(recipient, mail, when) of what went to the LPSE's people, the operator's alarms and receipts aside."""
    rows = world.sent("id > ? AND party IN ('staff', 'coordinator', 'head')", since)
    return [(str(row["recipient"]), letter(row["raw"]), to_instant(row["created_at"])) for row in rows]


def _new(world: PaperWorld, act: Callable[[], None]) -> dict[str, list[Letter]]:
    mark = int(world.rows("SELECT coalesce(max(id), 0) AS n FROM outbox")[0]["n"])
    act()
    found: dict[str, list[Letter]] = {}
    for who, mail, _ in _sent(world, mark):
        found.setdefault(who, []).append(mail)
    return found


def _at(world: PaperWorld, when: str) -> dict[str, list[Letter]]:
    """What a round at this time makes."""
    return _new(world, lambda: _round(world, when))


def _kinds(found: dict[str, list[Letter]]) -> dict[str, list[str]]:
    return {who: sorted(mail.template for mail in mails) for who, mails in found.items()}


def _readers(found: dict[str, list[Letter]]) -> set[str]:
    """Who gets a work list."""
    return {who for who, mails in found.items() if any(mail.template == "staff_worklist" for mail in mails)}


def _list(found: dict[str, list[Letter]], who: str) -> str:
    [mail] = [mail for mail in found[who] if mail.template == "staff_worklist"]
    return mail.text


# --- eight days at the desk -------------------------------------------------------------------------------------------


def _play(world: PaperWorld) -> list[Told]:
    """Six tickets that lie for eight working days; a round whenever something is due, and each quarter of an hour."""
    world.at("2026-10-05 08:00")
    tickets = [
        _ticket(world, 1, "#prioritas 1"),
        _ticket(world, 2, "#prioritas 2"),
        _ticket(world, 3),
        _ticket(world, 4),
        _ticket(world, 5, "#prioritas 4"),
        _ticket(world, 6, "#eskalasi"),
    ]
    for day in EIGHT_DAYS:
        for opens, closes in world.site.calendar.service(day.date()):
            at = max(opens, world.now)
            while at <= closes:
                world.now = at
                deadlines.run(world.store, world.site, at)
                for told in tickets:
                    told.settle()
                rows = world.rows(
                    "SELECT min(due) AS due FROM deadlines WHERE ended_at IS NULL AND due > ?", to_text(at)
                )
                at = min(to_instant(rows[0]["due"]), at + timedelta(minutes=15))
    return tickets


def test_six_tickets_that_lie_for_eight_days_make_two_lists_a_person_and_day_and_few_other_mails(
    paper: PaperWorld,
) -> None:
    tickets = _play(paper)
    mark = paper.rows("SELECT max(id) AS n FROM outbox WHERE template IN ('staff_new_ticket', 'staff_receipt')")[0]["n"]
    found = _sent(paper, int(mark))
    lists = Counter((who, at.astimezone(WIB).date()) for who, mail, at in found if mail.template == "staff_worklist")
    assert max(lists.values()) <= 2
    to_staff = [mail for who, mail, _ in found if who in OFFICERS]
    to_coordinator = [mail for who, mail, _ in found if who == PEOPLE["koordinator"]]
    print(f"{len(to_staff)} to staff, {len(to_coordinator)} to the coordinator, {sum(lists.values())} lists")
    assert len(to_staff) <= 70 and len(to_coordinator) <= 14
    urgent = {told.number for told in tickets[:2]}
    for mail in to_staff:
        if mail.template != "staff_worklist":
            number = str(mail.message["X-Mailbot-Ticket"])
            assert number in urgent or ("Batas:" in mail.text and "Terlambat" not in mail.text), mail.text


def test_the_page_on_mails_tells_how_many_a_morning_makes(paper: PaperWorld) -> None:
    _round(paper, "2026-10-05 07:30")
    tickets = []
    for number, (when, *happenings) in enumerate(
        [
            ("2026-10-05 08:00", "#jawab"),
            ("2026-10-05 08:30", "#minta-data", "pengguna menulis lagi", "#jawab"),
            ("2026-10-05 09:00", "#prioritas 2", "#eskalasi"),
            ("2026-10-05 09:30",),
        ]
    ):
        paper.at(when)
        tickets.append(_ticket(paper, number, *happenings))
        deadlines.run(paper.store, paper.site, paper.now)
    for when in ("2026-10-05 10:00", "2026-10-05 11:00", "2026-10-05 12:00"):
        _round(paper, when)
    mailcounts.check("morning", [letter(row["raw"]) for row in paper.sent("party <> 'operator'")])


def test_in_the_eight_days_every_limit_is_mentioned_on_its_day_to_all_whom_it_concerns(paper: PaperWorld) -> None:
    """The limits are those of the history: whatever stage came, staff read of its ticket that day or the next morning,
    and the coordinator of what reached him."""
    _play(paper)
    told = _sent(paper)
    stages = paper.rows(
        "SELECT h.at, h.row, t.number FROM history h JOIN tickets t ON t.id = h.ticket_id"
        " WHERE h.event LIKE 'due.%' AND h.row NOT LIKE 'target.%' AND h.row NOT LIKE 'user_news.%'"
    )
    assert len(stages) > 30
    for stage in stages:
        at = to_instant(stage["at"])
        following = paper.site.calendar.next_service(
            datetime.combine(at.astimezone(WIB).date() + timedelta(days=1), datetime.min.time(), tzinfo=WIB)
        )
        if following > EIGHT_DAYS[-1] + timedelta(days=1):
            continue
        handler = PEOPLE["petugas"] if stage["row"].startswith("lkpp_status") else None
        for who in [handler] if handler else OFFICERS:
            assert any(
                who == reader and at - timedelta(days=1) < when <= following + timedelta(minutes=5)
                for reader, mail, when in told
                if stage["number"] in mail.text
            ), f"{stage['row']} of {stage['number']} at {at}: nothing to {who}"


def test_p1_is_told_alone_and_at_once_each_stage_once(paper: PaperWorld) -> None:
    number = _play(paper)[0].number
    alone = [
        (at.astimezone(WIB).strftime("%d %H:%M"), mail.template)
        for who, mail, at in _sent(paper)
        if who in (OFFICERS[0], PEOPLE["koordinator"], PEOPLE["kepala"])
        if mail.message["X-Mailbot-Ticket"] == number and mail.template in ("staff_reminder", *_OVERDUE)
    ]
    assert alone == [
        ("05 08:11", "staff_reminder"),  # three quarters of 15 minutes
        ("05 08:15", "staff_reminder"),
        ("05 08:30", "staff_reminder"),
        ("05 08:30", "coordinator_overdue"),
        ("06 08:30", "head_overdue"),
        ("07 08:30", "staff_reminder"),
        ("07 08:30", "coordinator_overdue"),
    ]


# --- what stands in a list --------------------------------------------------------------------------------------------


def test_the_list_at_opening_has_all_that_waits_and_the_one_at_13_only_what_is_new(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    late, later = _ticket(paper, 1), _ticket(paper, 2, "#prioritas 4", "#ambil")
    with_user, with_lkpp = _ticket(paper, 3, "#minta-data"), _ticket(paper, 4, "#eskalasi")
    opening = _list(_at(paper, "2026-10-06 07:30"), PEOPLE["petugas"])
    sections = [line for line in opening.splitlines() if re.fullmatch(r".+ \(\d+\)", line)]
    assert sections == [
        "Terlambat (1)",
        "Jatuh tempo hari ini (1)",
        "Menunggu pengguna (1)",
        "Menunggu Helpdesk LKPP (1)",
    ]
    order = [opening.index(told.number) for told in (late, later, with_user, with_lkpp)]
    assert order == sorted(order)
    assert "Lupa kata sandi SPSE" in opening and "Budi (CV Contoh)" in opening
    assert "Respons awal kepada pengguna, batas Senin, 5 Oktober 2026 pukul 14.00 WIB" in " ".join(opening.split())
    at_13 = _at(paper, "2026-10-06 13:00")
    assert set(at_13) == {PEOPLE["petugas"]}, "nothing is new to the others"
    assert later.number in _list(at_13, PEOPLE["petugas"])
    assert late.number not in _list(at_13, PEOPLE["petugas"])


def test_a_ticket_that_came_since_the_opening_and_is_due_today_stands_in_the_list_at_13(paper: PaperWorld) -> None:
    _round(paper, "2026-10-05 07:30")
    paper.at("2026-10-05 09:30")
    told = _ticket(paper, 1)
    found = _at(paper, "2026-10-05 13:00")
    assert set(found) == set(OFFICERS)
    assert "Jatuh tempo hari ini (1)" in _list(found, BUDI) and told.number in _list(found, BUDI)


def test_p1_stands_on_top_of_each_section(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    usual = _ticket(paper, 1)
    paper.at("2026-10-05 11:00")
    urgent = _ticket(paper, 2, "#prioritas 1")
    text = _list(_at(paper, "2026-10-06 07:30"), BUDI)
    assert text.index(urgent.number) < text.index(usual.number)
    assert f"Paling mendesak: {urgent.number} (P1)." in " ".join(text.split())


def test_a_colleagues_ticket_stands_in_his_list_alone_and_in_all_when_he_is_away(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    _ticket(paper, 1, "#ambil")
    assert _readers(_at(paper, "2026-10-06 07:30")) == {PEOPLE["petugas"]}
    paper.at("2026-10-06 09:00")
    [mail] = [mail for who, mail, _ in _sent(paper) if who == PEOPLE["petugas"] and mail.template == "staff_receipt"]
    paper.write("petugas", "#cuti 7-8 Oktober 2026", answers=mail)
    paper.once()
    assert _readers(_at(paper, "2026-10-07 07:30")) == {PEOPLE["rekan"], BUDI}
    assert _readers(_at(paper, "2026-10-09 07:30")) == {PEOPLE["petugas"]}


def test_the_coordinator_has_a_work_list_of_the_tickets_that_he_handles(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    told = _ticket(paper, 1, "koordinator mengeskalasi")
    paper.at("2026-10-05 10:00")
    told.happens("LKPP: kewenangan LPSE")
    found = _at(paper, "2026-10-06 07:30")
    assert _readers(found) == {PEOPLE["koordinator"]}


def test_coordinator_and_head_get_one_list_a_day_of_what_has_reached_their_stage(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    told, other = _ticket(paper, 1, "#prioritas 2"), _ticket(paper, 2, "#prioritas 4")
    for when in ("2026-10-05 10:00", "2026-10-05 11:00"):
        _round(paper, when)
    second = _at(paper, "2026-10-06 07:30")
    assert _kinds(second)[PEOPLE["koordinator"]] == ["coordinator_overdue"]
    assert PEOPLE["kepala"] not in second
    [report] = second[PEOPLE["koordinator"]]
    assert told.number in report.text and other.number not in report.text
    _round(paper, "2026-10-06 11:00")  # the head's stage of P2, alone
    third = _at(paper, "2026-10-07 07:30")
    assert _kinds(third)[PEOPLE["koordinator"]] == ["coordinator_overdue"]
    assert _kinds(third)[PEOPLE["kepala"]] == ["head_overdue"]


def test_a_reply_to_the_coordinators_list_of_one_ticket_is_a_direction(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    told = _ticket(paper, 1)
    _round(paper, "2026-10-05 14:00")
    _round(paper, "2026-10-06 09:30")
    [report] = _at(paper, "2026-10-07 07:30")[PEOPLE["koordinator"]]
    assert report.message["X-Mailbot-Ticket"] == told.number


def test_what_was_held_is_asked_about_once_and_stands_in_the_list_of_whoever_wrote_it(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    told = _ticket(paper, 1)
    notice = next(one for who, one, _ in _sent(paper) if who == PEOPLE["petugas"])
    paper.at("2026-10-05 09:05")
    told.happens("pengguna menulis lagi")  # the answer is older than that
    paper.write("petugas", "Silakan coba menu lupa kata sandi.", answers=notice)
    paper.once()
    assert _kinds(_at(paper, "2026-10-05 09:20")) == {PEOPLE["petugas"]: ["staff_confirm"]}
    found = _at(paper, "2026-10-06 07:30")
    assert "Ditahan, belum dikirim (1)" in _list(found, PEOPLE["petugas"])
    assert "Ditahan" not in _list(found, BUDI)
    assert "staff_confirm" not in str(_kinds(found) | _kinds(_at(paper, "2026-10-06 09:30")))


def test_a_link_of_a_list_asks_for_the_ticket(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    told = _ticket(paper, 1, "#ambil")
    [mail] = _at(paper, "2026-10-06 07:30")[PEOPLE["petugas"]]
    href = next(href for href in re.findall(r'href="(mailto:[^"]+)"', mail.html) if told.number in href)
    body = parse_qs(urlsplit(html.unescape(href)).query)["body"][0]
    paper.write("petugas", body.replace("\r\n", "\n"), subject=f"[{told.number}] Lupa kata sandi SPSE")
    found = _new(paper, lambda: (paper.once(), None)[1])
    [receipt] = found[PEOPLE["petugas"]]
    assert receipt.template == "staff_receipt" and "terlambat" in receipt.text


# --- when -------------------------------------------------------------------------------------------------------------


def test_a_time_outside_the_service_hours_of_a_day_is_left_out(tmp_path: Path) -> None:
    ramadan = {"from": "2026-02-18", "to": "2026-03-19", "mon-thu": ["08:00-12:00", "12:30-15:00"]}
    hours = {"mon-thu": ["07:30-12:00", "13:00-16:00"], "fri": ["07:30-11:30", "13:30-16:30"]}
    hours["ramadan"] = {**ramadan, "fri": ["08:00-11:30", "13:30-15:30"]}  # type: ignore[assignment]
    world = office(tmp_path, hours=hours, sop={"worklists": ["opening", "13:00", "15:30"]})
    found = {
        day: [
            (one.name, one.at.astimezone(WIB).strftime("%H:%M"), one.first)
            for one in listtimes.of_day(
                world.site.calendar, datetime.fromisoformat(day).date(), world.site.config.sop.worklists
            )
        ]
        for day in ("2026-10-05", "2026-10-09", "2026-10-10", "2026-02-23", "2026-02-27", "2026-12-25")
    }
    usual = [("opening", "07:30", True), ("13:00", "13:00", False), ("15:30", "15:30", False)]
    assert found == {
        "2026-10-05": usual,
        "2026-10-09": [usual[0], usual[2]],  # Friday's break
        "2026-10-10": [],
        "2026-02-23": [("opening", "08:00", True), ("13:00", "13:00", False)],  # Ramadan, closed at 15.00
        "2026-02-27": [("opening", "08:00", True)],
        "2026-12-25": [],
    }
    world.store.close()


def test_the_first_time_within_a_days_hours_has_all_that_waits(tmp_path: Path) -> None:
    world = office(tmp_path, sop={"worklists": ["08:15", "13:00"]})
    world.at("2026-10-05 09:00")
    _ticket(world, 1)
    assert _at(world, "2026-10-06 07:30") == {}
    found = _at(world, "2026-10-06 08:15")
    assert set(found) == {PEOPLE["petugas"], PEOPLE["rekan"]}
    world.store.close()


@pytest.mark.parametrize(("when", "goes"), [("07:29", False), ("07:30", True), ("07:59", True), ("08:00", False)])
def test_a_list_goes_up_to_half_an_hour_late_and_one_that_was_missed_is_not_sent_later(
    paper: PaperWorld, when: str, goes: bool
) -> None:
    paper.at("2026-10-05 09:00")
    _ticket(paper, 1)
    _round(paper, "2026-10-05 14:00")
    found = _at(paper, f"2026-10-06 {when}")
    assert ("staff_worklist" in str(_kinds(found))) is goes
    assert "staff_worklist" not in str(_kinds(_at(paper, "2026-10-06 08:45")))


def test_after_a_missed_opening_the_list_at_13_has_what_is_new_since_the_last_one(paper: PaperWorld) -> None:
    _round(paper, "2026-10-05 07:30")
    paper.at("2026-10-05 09:00")
    told = _ticket(paper, 1)
    assert told.number in _list(_at(paper, "2026-10-06 13:00"), BUDI)


def test_each_list_is_written_once_however_often_mailbot_dies_in_it(
    paper: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "listing" in POINTS
    paper.at("2026-10-05 09:00")
    _ticket(paper, 1)
    paper.at("2026-10-06 07:30")

    def die(point: str) -> None:
        raise InterruptedError(point)

    for _ in range(2):
        with monkeypatch.context() as dying, pytest.raises(InterruptedError):
            dying.setattr(worklists, "kill_point", die)
            worklists.send(paper.store, paper.site, paper.now)
        assert not [mail for _, mail, _ in _sent(paper) if mail.template == "staff_worklist"]
    assert worklists.send(paper.store, paper.site, paper.now) == 3
    assert worklists.send(paper.store, paper.site, paper.now + timedelta(minutes=5)) == 0


# --- many -------------------------------------------------------------------------------------------------------------


def test_lists_are_not_counted_by_the_limits(tmp_path: Path) -> None:
    world = office(tmp_path, limits={"automatic_per_address_per_hour": 1})
    world.at("2026-10-05 09:00")
    for number in range(3):
        _ticket(world, number)
    found = _at(world, "2026-10-06 07:30")
    assert set(found) == {PEOPLE["petugas"], PEOPLE["rekan"]}
    held = world.rows("SELECT held FROM outbox WHERE template = 'staff_worklist'")
    assert [row["held"] for row in held] == [0, 0]
    room = caps.room_at(world.store, world.site, PEOPLE["petugas"], world.now)
    assert room == 1, "a list has used up the cap"
    world.store.close()


def test_a_long_list_is_cut_but_never_a_p1(paper: PaperWorld) -> None:
    paper.at("2026-10-05 08:00")
    for number in range(50):
        _ticket(paper, number, *(["#prioritas 1"] if number >= 47 else []))
    [mail] = [one for one in _at(paper, "2026-10-06 07:30")[BUDI] if one.template == "staff_worklist"]
    numbers = set(re.findall(r"LPSE-BTG-2026-\d{6}", mail.text))
    assert len(numbers) == worklist.MOST + 3
    assert {f"LPSE-BTG-2026-{number:06}" for number in (48, 49, 50)} <= numbers
    assert "dan 7 lainnya" in mail.text and "Terlambat (50)" in mail.text
    assert len(mail.html) < 102_000, "Gmail cuts it off"


def test_a_sweep_of_a_thousand_limits_that_stand_in_the_lists_takes_a_second_at_most(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    told = _ticket(paper, 1)
    _round(paper, "2026-10-05 13:00")  # the warning
    _multiply(paper, told, 1_000)
    paper.at("2026-10-05 14:05")  # behind the lists of 13.00
    began = time.process_time()
    assert deadlines.run(paper.store, paper.site, paper.now) == 1_000
    took = time.process_time() - began
    print(f"a sweep of 1,000 limits: {took:.2f} s")
    assert took < 1.0


@pytest.mark.timeout(300)
def test_a_list_over_ten_thousand_open_tickets_is_quick(paper: PaperWorld) -> None:
    paper.at("2026-10-05 09:00")
    _multiply(paper, _ticket(paper, 1), 10_000)
    paper.at("2026-10-06 07:30")
    began = time.process_time()
    assert worklists.send(paper.store, paper.site, paper.now) == 3
    took = time.process_time() - began
    print(f"the lists over 10,000 open tickets: {took:.2f} s")
    assert took < 3.0


def _multiply(world: PaperWorld, told: Told, count: int) -> None:
    """So many tickets like this one, by the columns of its rows."""
    row = dict(world.rows("SELECT * FROM tickets WHERE number = ?", told.number)[0])
    clocks = [dict(one) for one in world.rows("SELECT * FROM deadlines WHERE ticket_id = ?", row["id"])]
    with world.store.immediate():
        for number in range(2, count + 1):
            mine = {**row, "number": f"LPSE-BTG-2026-{number:06}", "form_number": f"{number:04}/FK/LPSE-BTG/X/2026"}
            mine.pop("id")
            ticket_id = world.store.insert("tickets", **mine)
            for clock in clocks:
                world.store.insert("deadlines", **{**clock, "ticket_id": ticket_id, "id": None})
