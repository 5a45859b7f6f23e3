"""A busy morning (issue 19): eleven tickets at a desk of three, then six left lying for eight working days. Staff get
few mails, and no deadline is forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from mailbot.store.database import to_instant
from tests import mailcounts
from tests.office.morning import OFFICERS, Morning, left_lying, played
from tests.world import PEOPLE, WIB, Letter, letter

#: What nobody has finished at noon, and who it is that has it.
LEFT = {
    "with LKPP": [PEOPLE["rekan"]],
    **{what: list(OFFICERS) for what in ("written twice", "of a stranger", "a question", "a change", "P1")},
}


@dataclass(frozen=True)
class Sent:
    to: str
    party: str
    at: datetime
    mail: Letter
    about: str


@dataclass(frozen=True)
class Played:
    day: Morning
    morning: list[Sent]
    after: list[Sent]


@pytest.fixture(scope="module")
def all_of_it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    day = played(tmp_path_factory.mktemp("morning"))
    noon = int(day.world.rows("SELECT max(id) AS n FROM outbox")[0]["n"])
    left_lying(day)
    yield Played(day, _sent(day, "id <= ?", noon), _sent(day, "id > ?", noon))
    day.world.store.close()


def _sent(day: Morning, where: str, noon: int) -> list[Sent]:
    about = {number: what for what, number in day.tickets.items()}
    found = []
    for row in day.world.sent(f"{where} AND party <> 'operator'", noon):
        mail, at = letter(row["raw"]), to_instant(row["created_at"])
        number = str(mail.message["X-Mailbot-Ticket"])
        found.append(Sent(row["recipient"], row["party"], at, mail, about.get(number, "")))
    return found


def _reminds(one: Sent) -> bool:
    return one.mail.template in ("staff_reminder", "staff_worklist", "coordinator_overdue", "head_overdue")


def test_the_morning_is_as_it_was_meant(all_of_it: Played) -> None:
    assert len(all_of_it.day.tickets) == 11
    kinds = Counter((one.about, one.mail.template) for one in all_of_it.morning if one.party != "staff")
    assert kinds["asked", "user_closed"] == kinds["solved by LKPP", "user_closed"] == 1
    assert kinds["answered twice", "user_answer"] == 2
    assert kinds["data", "user_request"] == kinds["data", "user_answer"] == 1
    assert kinds["solved by LKPP", "lkpp_escalation"] == kinds["with LKPP", "lkpp_escalation"] == 1
    assert kinds["solved by LKPP", "user_resolved"] == kinds["at the counter", "user_closed"] == 1
    settled = {one["number"] for one in all_of_it.day.world.rows("SELECT number FROM tickets WHERE status = 'closed'")}
    assert {what for what, number in all_of_it.day.tickets.items() if number not in settled} == LEFT.keys()


def test_eleven_tickets_in_a_morning_make_few_mails_to_staff(all_of_it: Played) -> None:
    """Reminders aside, which have a limit of their own: P1's are all there are before noon."""
    to_staff = [one for one in all_of_it.morning if one.party == "staff" and one.mail.template != "staff_new_ticket"]
    reminders = [one for one in to_staff if _reminds(one)]
    assert {one.about for one in reminders} <= {"P1"}
    assert len(to_staff) - len(reminders) <= 1.5 * len(all_of_it.day.tickets)


def test_six_tickets_left_lying_make_two_lists_a_person_and_day_and_few_other_mails(all_of_it: Played) -> None:
    reminders = [one for one in (*all_of_it.morning, *all_of_it.after) if _reminds(one)]
    lists = Counter(
        (one.to, one.at.astimezone(WIB).date()) for one in reminders if one.mail.template == "staff_worklist"
    )
    assert max(lists.values()) <= 2
    assert len([one for one in reminders if one.party == "staff"]) <= 70
    assert len([one for one in reminders if one.party == "coordinator"]) <= 14
    assert {one.mail.template for one in all_of_it.after if one.party == "staff"} == {
        "staff_reminder",
        "staff_worklist",
    }
    urgent = {row["number"] for row in all_of_it.day.world.rows("SELECT number FROM tickets WHERE priority <= 2")}
    for one in reminders:
        if one.mail.template == "staff_reminder" and one.mail.message["X-Mailbot-Ticket"] not in urgent:
            assert "Batas:" in one.mail.text and "Terlambat" not in one.mail.text, "a warning, before the limit"


def test_p1_is_told_alone_and_at_once_to_everybody_each_stage_once(all_of_it: Played) -> None:
    alone = [
        (one.at.astimezone(WIB).strftime("%d %H:%M"), one.mail.template)
        for one in (*all_of_it.morning, *all_of_it.after)
        if one.about == "P1" and _reminds(one) and one.to in (OFFICERS[2], PEOPLE["koordinator"], PEOPLE["kepala"])
    ]
    # The list of a day for coordinator and head may hold one ticket.
    assert [one for one in alone if not one[0].endswith("07:30")] == [
        ("05 12:00", "staff_reminder"),  # it came at 11.45: what was due at 11.56 and what is due now, in one mail
        ("05 13:15", "staff_reminder"),
        ("05 13:15", "coordinator_overdue"),
        ("06 13:15", "head_overdue"),
        ("07 13:15", "staff_reminder"),
        ("07 13:15", "coordinator_overdue"),
    ]
    importance = {one.mail.message["Importance"] for one in all_of_it.after if one.about == "P1" and _reminds(one)}
    assert importance == {"high"}


def test_no_deadline_goes_unmentioned(all_of_it: Played) -> None:
    """Whatever stage came, who has the ticket reads of it that day or the next morning; the coordinator and the head,
    of what has reached them."""
    world = all_of_it.day.world
    about = {number: what for what, number in all_of_it.day.tickets.items()}
    stages = world.rows(
        "SELECT h.at, h.row, t.number FROM history h JOIN tickets t ON t.id = h.ticket_id WHERE h.event LIKE 'due.%'"
        " AND h.row NOT LIKE 'target.%' AND h.row NOT LIKE 'user_news.%'"
    )
    stages = [stage for stage in stages if about[stage["number"]] in LEFT]
    assert len(stages) > 25
    told = [one for one in (*all_of_it.morning, *all_of_it.after) if _reminds(one)]
    last = max(one.at for one in told)
    for stage in stages:
        at = to_instant(stage["at"])
        midnight = datetime.combine(at.astimezone(WIB).date() + timedelta(days=1), datetime.min.time(), tzinfo=WIB)
        following = world.site.calendar.next_service(midnight)
        if following > last:
            continue
        for who in LEFT[about[stage["number"]]]:
            assert any(
                one.to == who and stage["number"] in one.mail.text
                for one in told
                if at - timedelta(days=1) < one.at <= following + timedelta(minutes=5)
            ), f"{stage['row']} of {about[stage['number']]} at {at}: nothing to {who}"
    for what in LEFT:
        assert any(one.party == "coordinator" and all_of_it.day.tickets[what] in one.mail.text for one in told), what


def test_the_page_on_mails_tells_what_the_morning_and_the_eight_days_make(all_of_it: Played) -> None:
    mailcounts.check_kinds(
        "eleven",
        {
            "the morning": [one.mail for one in all_of_it.morning],
            "the eight days": [one.mail for one in all_of_it.after],
        },
    )
