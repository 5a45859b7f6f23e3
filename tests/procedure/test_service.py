"""An event is carried out whole or not at all, and what was handled once is not handled again."""

from __future__ import annotations

import pytest

from mailbot.model import Event, Role, Status
from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.procedure import service
from mailbot.procedure.effects import CHANGES, MAILINGS, to_staff
from mailbot.procedure.service import Refused
from mailbot.rules.sop import names
from mailbot.sentences import Sentences
from mailbot.tickets import tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Given
from tests.steps import escalated, minutes_later, opened, resolved, staff_writes, templates
from tests.world import PaperWorld


def everything(office: PaperWorld) -> list[tuple[object, ...]]:
    names = ("tickets", "history", "deadlines", "outbox", "texts", "codes")
    return [tuple(row.values()) for name in names for row in office.rows(f"SELECT * FROM {name} ORDER BY 1")]


def _case(office: PaperWorld) -> Case:
    return Case(office.store, office.site, office.now, tickets.load(office.store, 1))


def outbox_id(office: PaperWorld, template: str) -> int:
    return int(office.rows("SELECT id FROM outbox WHERE template = ? ORDER BY id DESC", template)[0]["id"])


def test_every_effect_that_the_table_may_name_is_one_function_of_one_kind() -> None:
    assert sorted([*CHANGES, *MAILINGS]) == sorted([*names.MAIL_EFFECTS, *names.OTHER_EFFECTS])


@pytest.mark.parametrize("table", ["steps", "hints", "meanings"])
def test_each_next_step_has_the_word_of_a_command(table: str) -> None:
    assert set(Sentences(to_staff.__file__).table(table)) <= {spec.word for spec in VOCABULARY}


def test_a_refused_event_changes_nothing_and_tells_the_ticket_as_it_stays(office: PaperWorld) -> None:
    opened(office)
    before = everything(office)
    event = Event(kind="staff.reopen", at=office.now, role=Role.STAFF)
    with pytest.raises(Refused) as refused:
        service.handle(_case(office), event, Given(key="x"))
    assert refused.value.reason == "not_closed"
    assert refused.value.ticket.status is Status.NEW
    assert everything(office) == before


def test_an_event_whose_last_mail_fails_leaves_no_trace(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(office)
    before = everything(office)

    def broken(_work: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mailbot.procedure.effects.MAILINGS", {**MAILINGS, "user_escalated": broken})
    event = Event(kind="staff.escalate", at=office.now, role=Role.STAFF, text="Gagal.")
    with pytest.raises(ZeroDivisionError):
        service.handle(_case(office), event, Given(key="x"))
    assert everything(office) == before


def test_a_stage_that_is_not_due_or_has_ended_does_not_fire(office: PaperWorld) -> None:
    opened(office)
    deadline_id = tickets.running(office.store, 1)[0][0]
    before = everything(office)
    assert service.fire(office.store, office.site, deadline_id, office.now) is None
    assert service.fire(office.store, office.site, 4711, office.now) is None
    assert everything(office) == before


def test_an_acceptance_counts_once(office: PaperWorld) -> None:
    escalated(office)
    before = everything(office)
    service.accepted(office.store, office.site, outbox_id(office, "lkpp_escalation"), office.now)
    service.accepted(office.store, office.site, 4711, office.now)
    assert everything(office) == before


def test_a_mail_to_the_user_that_does_not_arrive_is_told_to_staff_once_and_stops_silent_closing(
    office: PaperWorld,
) -> None:
    resolved(office)
    row = outbox_id(office, "user_answer")
    office.new_letters("petugas")
    for _ in range(2):
        service.undelivered(office.store, office.site, row, "b", "550 5.1.1 unknown", office.now, office.now)
    office.once()
    assert templates(office.new_letters("petugas")) == ["staff_undeliverable"]
    assert "081234567890" in office.last("petugas").text
    office.at("2026-12-31 09:00")
    office.once()
    assert office.status() == "resolved"


def test_a_mail_to_lkpp_that_does_not_arrive_gives_the_ticket_back(office: PaperWorld) -> None:
    escalated(office)
    row = outbox_id(office, "lkpp_escalation")
    service.undelivered(office.store, office.site, row, "b", "550 5.1.1 unknown", office.now, office.now)
    minutes_later(office, 1)
    assert office.status() == "returned"
    assert office.last("petugas").template == "staff_undeliverable"


def test_an_unknown_mail_that_does_not_arrive_is_nobodys(office: PaperWorld) -> None:
    opened(office)
    before = everything(office)
    service.undelivered(office.store, office.site, 4711, "b", "550", office.now, office.now)
    assert everything(office) == before


def test_opening_again_forgets_when_and_how_the_ticket_was_closed(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#buang")
    staff_writes(office, "#buka")
    row = office.rows("SELECT status, closed_at, discarded FROM tickets")[0]
    assert dict(row) == {"status": "in_progress", "closed_at": None, "discarded": 0}
