"""Deciding is total and pure: whatever a ticket is and whatever happens to it, one row of its cell answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mailbot.model import Event, Role, Status, Ticket
from mailbot.rules.sop import names, table
from mailbot.rules.sop.conditions import CONDITIONS, Settings
from mailbot.rules.sop.decide import decide, decide_stage

TABLE = table.load()
NOW = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)
FACTS = (
    "says_done",
    "only_thanks",
    "not_data",
    "thanks_or_survey",
    "results_fail",
    "dangerous_attachment",
    "something_waits",
    "user_silenced",
)
NEW = Ticket(
    id=1,
    mailbox="batang",
    number="LPSE-BTG-2026-000001",
    form_number="0001/FK/LPSE-BTG/XII/2026",
    status=Status.NEW,
    priority=3,
    subject="Tidak dapat masuk",
    user_address="budi@penyedia.test",
    opened_at=NOW,
)

TICKETS = st.builds(
    Ticket,
    id=st.just(1),
    mailbox=st.just("batang"),
    number=st.just(NEW.number),
    form_number=st.just(NEW.form_number),
    status=st.sampled_from(Status),
    priority=st.integers(1, 4),
    subject=st.just(NEW.subject),
    user_address=st.just(NEW.user_address),
    opened_at=st.just(NOW),
    handler=st.sampled_from([None, "sari@batangkab.test"]),
    was_with_lkpp=st.booleans(),
    pending_replies=st.sampled_from([(), (7,), (7, 9)]),
    user_unreachable=st.booleans(),
    discarded=st.booleans(),
    clocks=st.sets(st.sampled_from(sorted(TABLE.clocks))).map(frozenset),
)
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(sorted(set(TABLE.events) - set(table.OPENING))),
    at=st.just(NOW),
    role=st.sampled_from(Role),
    facts=st.sets(st.sampled_from(FACTS)).map(frozenset),
)
SETTINGS = st.builds(Settings, by_email=st.booleans())


@given(TICKETS, EVENTS, SETTINGS)
def test_every_ticket_and_every_event_gets_the_first_row_of_its_cell_whose_conditions_hold(
    ticket: Ticket, event: Event, settings: Settings
) -> None:
    cell = TABLE.cells[ticket.status.value, event.kind]
    decision = decide(TABLE, ticket, event, settings)
    names = [row.id for row in cell]
    chosen = cell[names.index(decision.row)]
    assert all(CONDITIONS[name](ticket, event, settings) for name in chosen.conditions)
    for earlier in cell[: names.index(decision.row)]:
        assert not all(CONDITIONS[name](ticket, event, settings) for name in earlier.conditions)
    assert decision.status is (chosen.to or ticket.status)
    assert (decision.effects, decision.start, decision.stop) == (chosen.effects, chosen.start, chosen.stop)


@given(TICKETS, EVENTS, SETTINGS)
def test_a_refusal_changes_nothing(ticket: Ticket, event: Event, settings: Settings) -> None:
    decision = decide(TABLE, ticket, event, settings)
    if decision.refuse is not None:
        assert decision.status is ticket.status
        assert not (decision.effects or decision.start or decision.stop)
        assert event.kind.startswith(("staff.", "lkpp.")), "only a command can be refused; a mail is never lost"


@given(TICKETS, EVENTS, SETTINGS)
def test_what_lkpp_itself_writes_is_never_refused(ticket: Ticket, event: Event, settings: Settings) -> None:
    if event.kind.startswith("lkpp.") and event.kind != "lkpp.ignored":
        assert decide(TABLE, ticket, replace(event, role=Role.LKPP), settings).refuse is None


@given(TICKETS, EVENTS, SETTINGS)
def test_the_user_hears_from_lkpp_only_where_lkpp_has_the_ticket(
    ticket: Ticket, event: Event, settings: Settings
) -> None:
    if event.kind.startswith("lkpp.") and event.role is Role.LKPP:
        decision = decide(TABLE, ticket, event, settings)
        if any(name.startswith("user_") for name in decision.effects):
            assert ticket.status in (Status.ESCALATED, Status.AWAITING_DATA)


@given(TICKETS, EVENTS, SETTINGS)
def test_a_mail_whose_sender_is_not_believed_closes_nothing_and_reaches_nobody_outside(
    ticket: Ticket, event: Event, settings: Settings
) -> None:
    event = replace(event, kind="user.mail", role=Role.USER, facts=event.facts | {"results_fail"})
    decision = decide(TABLE, ticket, event, settings)
    assert ticket.status is Status.CLOSED or decision.status is not Status.CLOSED
    assert not any(name.startswith(("user_", "lkpp_")) for name in decision.effects)


@given(TICKETS, EVENTS)
def test_nothing_is_mailed_to_lkpp_where_staff_paste_into_lpse_support(ticket: Ticket, event: Event) -> None:
    decision = decide(TABLE, ticket, event, Settings(by_email=False))
    assert not any(name.startswith("lkpp_") and name != "lkpp_closing" for name in decision.effects)


@given(TICKETS, EVENTS, SETTINGS)
def test_a_decision_is_the_same_each_time(ticket: Ticket, event: Event, settings: Settings) -> None:
    assert decide(TABLE, ticket, event, settings) == decide(TABLE, ticket, event, settings)


@given(EVENTS, SETTINGS)
def test_a_new_mail_always_makes_a_new_ticket(event: Event, settings: Settings) -> None:
    decision = decide(TABLE, None, replace(event, kind="user.new"), settings)
    assert decision.status is Status.NEW
    assert decision.start == ("first_response",)
    assert decision.refuse is None


@given(SETTINGS, EVENTS)
def test_without_a_ticket_no_condition_about_one_holds(settings: Settings, event: Event) -> None:
    about_tickets = (
        "discarded",
        "handled",
        "last_meaning_awaited",
        "meaning_awaited",
        "never_with_lkpp",
        "urgent",
        "user_reachable",
    )
    assert not any(CONDITIONS[name](None, event, settings) for name in about_tickets)


@given(TICKETS, SETTINGS, st.data())
def test_every_stage_of_every_clock_decides(ticket: Ticket, settings: Settings, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TABLE.clocks)))
    stage = data.draw(st.sampled_from(TABLE.clocks[name].stages))
    event = Event(kind=f"due.{name}", at=NOW)
    decision = decide_stage(TABLE, ticket, event, settings, name, stage)
    holds = all(CONDITIONS[condition](ticket, event, settings) for condition in stage.conditions)
    assert decision.effects == (stage.effects if holds else stage.otherwise)
    assert decision.status is (stage.to if holds and stage.to else ticket.status)
    assert decision.row == f"{name}.{stage.id}"
    assert decision.refuse is None


def test_a_stage_ends_the_clocks_that_it_names() -> None:
    stage = replace(TABLE.clocks["user_news"].stages[-1], stop=("user_news",))
    decision = decide_stage(TABLE, NEW, Event(kind="due.user_news", at=NOW), Settings(), "user_news", stage)
    assert decision.stop == ("user_news",)


@given(TICKETS, SETTINGS, st.data())
def test_the_last_stage_of_every_clock_always_writes_to_somebody(
    ticket: Ticket, settings: Settings, data: st.DataObject
) -> None:
    reminding = [name for name, clock in TABLE.clocks.items() if not clock.from_receipt]
    name = data.draw(st.sampled_from(reminding))
    stage = TABLE.clocks[name].stages[-1]
    decision = decide_stage(TABLE, ticket, Event(kind=f"due.{name}", at=NOW), settings, name, stage)
    assert any(effect in names.MAIL_EFFECTS for effect in decision.effects)


def test_no_ticket_is_closed_behind_the_back_of_a_user_whom_no_mail_reaches() -> None:
    lost = replace(NEW, user_unreachable=True)
    for name, clock in TABLE.clocks.items():
        for stage in clock.stages:
            decision = decide_stage(TABLE, lost, Event(kind=f"due.{name}", at=NOW), Settings(), name, stage)
            assert decision.status is not Status.CLOSED, f"{name}.{stage.id}"
