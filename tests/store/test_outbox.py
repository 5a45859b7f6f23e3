"""The outbox's rows: always the same bytes to the same recipient, never again once accepted, uncertain only by a dot.

A machine drives the functions by which a mail leaves, with a clock and a server of its own, and crashes between any two
steps and inside any transaction. What must hold is checked against what the server got and against the rows as they
were when the mails were decided.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mailbot import letters
from mailbot.model import NamedAddress
from mailbot.servers.smtp import Outcome
from mailbot.store import outbox, submissions
from mailbot.store.database import Row, Store, to_instant, to_text
from mailbot.tickets import tickets
from mailbot.tickets.case import Context
from tests import steps
from tests.examples import games
from tests.steps import links, opened, staff_writes
from tests.world import NO_CAPS, PEOPLE, PaperWorld

BUSY = Outcome(state="again", code=450, text="busy", phase="rcpt")
LOST = Outcome(state="uncertain", code=None, text="connection lost", phase="dot", scope="server")
AWAY = Outcome(state="again", code=None, text="no connection", phase="connect", scope="server")


def put(office: PaperWorld, recipient: str = "budi@penyedia.test", *, n: int = 0, **more: Any) -> int:
    """One mail in the outbox; its id."""
    shown: dict[str, Any] = {
        "organisation": letters.organisation(office.site),
        "recipient": {"name": "", "address": recipient},
        "ticket": None,
        "user": None,
        **dict.fromkeys(("actor", "text", "reason", "meaning", "authenticated", "enquiry", "deadline", "held")),
        "attachments": [],
        "actions": [],
        "summary": f"Nomor {n}",
        "items": [],
        "listed": [],
    }
    with office.store.immediate():
        letter = letters.Letter(
            template=more.pop("template", "staff_digest"),
            recipient=NamedAddress("", recipient),
            shown=shown,
            key=f"k{n}",
            subject=f"Nomor {n}",
            **more,
        )
        letters.put(Context(office.store, office.site, office.now), letter)
    return int(office.store.value("SELECT max(id) FROM outbox"))


def row(office: PaperWorld, number: int) -> Row:
    [found] = office.sent("id = ?", number)
    return cast("Row", found)


def due(office: PaperWorld, seen: Any = "now") -> list[int]:
    found = outbox.due(office.store, office.site, office.now, office.now if seen == "now" else seen)
    return [int(one["id"]) for one in found]


def claimed(office: PaperWorld, number: int) -> Row:
    found = outbox.claim(office.store, number)
    assert found is not None
    return found


@pytest.fixture
def bare(tmp_path: Path) -> PaperWorld:
    return PaperWorld(tmp_path, limits=NO_CAPS)


def test_the_bytes_of_a_mail_are_kept_beside_its_row(bare: PaperWorld) -> None:
    first, second = put(bare, n=1), put(bare, n=2)
    assert outbox.bytes_of(bare.store, first) == row(bare, first)["raw"]
    assert f"Message-ID: {row(bare, first)['message_id']}".encode() in outbox.bytes_of(bare.store, first)
    assert b"Nomor 2" in outbox.bytes_of(bare.store, second)


# --- a crash anywhere ---------------------------------------------------------------------------


class _Crash(Exception):
    """The program has died here."""


def _frozen(found: Row) -> tuple[Any, ...]:
    names = ("message_id", "recipient", "subject", "ticket_id", "party", "template", "audience", "created_at")
    return (*(found[name] for name in names), hashlib.sha256(bytes(found["raw"])).hexdigest())


class Leaving(RuleBasedStateMachine):
    """Mails of two tickets to two people, and one sender at a time that may die at any step."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mailbot-outbox-"))
        self.office = PaperWorld(self.folder, limits=NO_CAPS)
        for n in (1, 2):
            opened(self.office, subject=f"Permasalahan {n}")
        self.fixed = {int(one["id"]): _frozen(one) for one in self.office.sent()}
        self.before = set(self.fixed)
        self.at_server: Counter[int] = Counter()
        self.claims: set[int] = set()  # whose final dot may leave
        self.told: set[int] = set()  # of whose acceptance the database knows
        self.given_up: set[int] = set()
        self.row: Row | None = None
        self.at_dot = False
        self.crash = ""  # "inside": in the next transaction; "after": once it is committed
        self._patches = [
            patch.object(outbox, "kill_point", self._kill_point),
            patch.object(Store, "update", self._updating(Store.update)),
        ]
        for one in self._patches:
            one.start()

    def teardown(self) -> None:
        self.crash = ""
        try:
            self._settles_in_the_end()
        finally:
            for one in self._patches:
                one.stop()
            self.office.store.close()
            shutil.rmtree(self.folder)

    def _kill_point(self, _name: str) -> None:
        if self.crash == "after":
            self.crash = ""
            raise _Crash

    def _updating(self, update: Any) -> Any:
        def wrapped(store: Store, *args: Any, **values: Any) -> None:
            update(store, *args, **values)
            if self.crash == "inside":
                self.crash = ""
                raise _Crash

        return wrapped

    def _dies(self) -> None:
        """A new process finds what is on the disk."""
        self.row, self.at_dot, self.crash = None, False, ""
        self.office.store.close()
        self.office.store = Store.open(self.office.config.data)
        outbox.recover(self.office.store, self.office.site, self.office.now)

    def _step(self, step: Any) -> bool:
        """Carry a step out; False: the program died in it."""
        try:
            step()
        except _Crash:
            self._dies()
            return False
        return True

    def rows(self) -> list[Row]:
        return [one for one in self.office.sent() if one["id"] not in self.before]

    # --- what happens ---------------------------------------------------------------------------

    @rule(
        ticket=st.sampled_from((None, 1, 2)),
        who=st.sampled_from(("pengguna", "lkpp")),
        wait=st.sampled_from((0, 0, 3)),
        taken_back=st.booleans(),
    )
    def a_mail_is_decided(self, ticket: int | None, who: str, wait: int, taken_back: bool) -> None:
        about = None if ticket is None else tickets.load(self.office.store, ticket)
        later = self.office.now + timedelta(minutes=wait)
        more = {"not_before": later, "undo_by": 1 if taken_back and wait else None}
        number = put(self.office, PEOPLE[who], n=len(self.fixed), ticket=about, **more)
        self.fixed[number] = _frozen(row(self.office, number))

    @precondition(lambda self: self.row is None)
    @rule(which=st.integers(0, 3), crash=st.sampled_from(("", "", "", "inside", "after")))
    def the_sender_takes_one(self, which: int, crash: str) -> None:
        found = due(self.office)
        if not found:
            return
        number = found[which % len(found)]
        one = row(self.office, number)
        assert one["state"] in ("queued", "uncertain")
        assert number not in self.told, "accepted, and sent again"
        for earlier in self.rows():
            if earlier["id"] < number and earlier["ticket_id"] == one["ticket_id"] is not None:
                same = earlier["recipient"] == one["recipient"] and not earlier["held"]
                waits = same and earlier["state"] in ("queued", "uncertain", "sending")
                assert not waits or to_instant(earlier["not_before"]) > self.office.now, "overtaken"
        self.crash = crash

        def take() -> None:
            self.row = claimed(self.office, number)

        if crash != "inside":
            self.claims.add(number)
        if self._step(take):
            assert outbox.claim(self.office.store, number) is None, "claimed twice"

    @precondition(lambda self: self.row is not None and not self.at_dot)
    @rule(how=st.sampled_from(("given back", "busy", "away", "refused", "null sender", "dies")))
    def it_does_not_come_to_the_dot(self, how: str) -> None:
        store, one, now = self.office.store, self.row, self.office.now
        assert one is not None
        if how == "given back":
            self._step(lambda: outbox.give_back(store, one))
            back = row(self.office, int(one["id"]))
            assert {name: back[name] for name in ("state", "attempts")} == {
                name: one[name] for name in ("state", "attempts")
            }
        elif how == "refused":
            outbox.failed(store, one, "550 no such user", now)
        elif how == "null sender":
            outbox.under_own_address(store, self.office.site, one, "550 null sender", now)
        elif how == "dies":
            self._dies()
        elif not outbox.again(store, self.office.site, one, BUSY if how == "busy" else AWAY, how, now):
            outbox.failed(store, one, how, now)
        self.row = None

    @precondition(lambda self: self.row is not None and not self.at_dot)
    @rule()
    def it_comes_to_the_dot(self) -> None:
        self.at_dot = True

    @precondition(lambda self: self.at_dot)
    @rule(
        arrives=st.booleans(),
        answer=st.sampled_from(("accepted", "accepted", "lost", "busy", "refused", "dies")),
        crash=st.sampled_from(("", "", "inside", "after")),
    )
    def the_dot_leaves(self, arrives: bool, answer: str, crash: str) -> None:
        store, one, now = self.office.store, self.row, self.office.now
        assert one is not None
        number = int(one["id"])
        if answer == "accepted" or (answer in ("lost", "dies") and arrives):
            self.at_server[number] += 1
        self.crash = crash
        if answer == "accepted":
            survived = self._step(lambda: outbox.accepted(store, one, "250 ok", now))
            if survived or crash == "after":
                self.told.add(number)
        elif answer == "lost":
            given_up = not outbox.again(store, self.office.site, one, LOST, "lost", now) if not crash else False
            if crash:
                self._dies()
            elif given_up:
                outbox.failed(store, one, "lost", now)
        elif answer == "busy":
            if not outbox.again(store, self.office.site, one, BUSY, "450 busy", now):
                outbox.failed(store, one, "450 busy", now)
        elif answer == "refused":
            self._step(lambda: outbox.failed(store, one, "554 no", now))
        else:
            self._dies()
        self.row, self.at_dot, self.crash = None, False, ""

    @rule(minutes=st.sampled_from((0, 1, 3, 10, 61, 60 * 24 * 6, -30, -60 * 24)))
    def the_clock_goes(self, minutes: int) -> None:
        self.office.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.row is None)
    @rule()
    def staff_take_back_what_waits(self) -> None:
        with self.office.store.immediate():
            self.office.store.execute(
                "UPDATE outbox SET state = 'cancelled' WHERE state = 'queued' AND undo_by IS NOT NULL"
            )

    @rule(ticket=st.sampled_from((1, 2)), who=st.sampled_from(("orang luar", "pengguna")))
    def the_tickets_user_becomes_another(self, ticket: int, who: str) -> None:
        with self.office.store.immediate():
            self.office.store.update("tickets", ticket, user_address=PEOPLE[who], user_name="Lain", subject="Lain")

    # --- what must hold -------------------------------------------------------------------------------

    @invariant()
    def what_was_decided_never_changes(self) -> None:
        for one in self.office.sent():
            assert _frozen(one) == self.fixed[int(one["id"])]

    @invariant()
    def only_a_claim_makes_doubt(self) -> None:
        for one in self.rows():
            number = int(one["id"])
            if one["state"] == "uncertain" or (one["state"] == "sending" and one["phase"] == "dot"):
                assert number in self.claims, "uncertain, though it was never claimed"
            if number in self.told:
                assert one["state"] == "accepted"
            if one["state"] == "cancelled":
                assert not self.at_server[number], "taken back, though the server may have it"
            if one["state"] in ("queued", "uncertain"):
                assert self.row is None or self.row["id"] != number

    def _settles_in_the_end(self) -> None:
        """No mail is forgotten: with a server that works, all leave, each for the last time."""
        if self.row is not None or self.at_dot:
            self._dies()
        for _ in range(40):
            for number in due(self.office):
                one = claimed(self.office, number)
                assert number not in self.told
                self.at_server[number] += 1
                outbox.accepted(self.office.store, one, "250 ok", self.office.now)
                self.told.add(number)
            self.office.now += timedelta(minutes=61)
        left = [one for one in self.rows() if one["state"] not in ("accepted", "failed", "cancelled")]
        assert not left, [(one["id"], one["state"], one["next_try_at"]) for one in left]
        for one in self.rows():
            assert one["state"] != "accepted" or self.at_server[int(one["id"])]
        assert outbox.unsettled(self.office.store, self.office.site) == [
            int(one["id"]) for one in self.rows() if one["state"] in ("accepted", "failed")
        ]


def test_whatever_dies_a_mail_is_the_same_one_and_leaves_once() -> None:
    run_state_machine_as_test(
        Leaving,
        settings=games(15, 1_000, steps=30),
    )


# --- what is due ------------------------------------------------------------------------------------


def change(office: PaperWorld, number: int, **values: Any) -> None:
    with office.store.immediate():
        office.store.update("outbox", number, **values)


def test_a_mail_is_due_from_its_instant_on(bare: PaperWorld) -> None:
    number = put(bare, not_before=bare.now + timedelta(minutes=3))
    assert due(bare) == []
    bare.now += timedelta(minutes=3) - timedelta(microseconds=1)
    assert due(bare) == []
    bare.now += timedelta(microseconds=1)
    assert due(bare) == [number]


def test_what_may_be_taken_back_waits_for_a_look_after_its_window(bare: PaperWorld) -> None:
    """`#batal` counts by its arrival: it may lie in a folder that nobody has read yet."""
    end = bare.now + timedelta(minutes=3)
    store, site = bare.store, bare.site
    number = put(bare, not_before=end, undo_by=1)
    bare.now = end + timedelta(minutes=10)
    for seen in (None, end - timedelta(microseconds=1)):
        assert due(bare, seen) == []
        assert outbox.awaits_look(store, site, bare.now, seen)
    assert due(bare, end) == [number]
    assert not outbox.awaits_look(store, site, bare.now, end)
    assert not outbox.awaits_look(store, site, end - timedelta(seconds=1), None), "its window is still open"
    change(bare, number, state="uncertain")
    assert due(bare, None) == [number], "what the server may have cannot be taken back"
    assert not outbox.awaits_look(store, site, bare.now, None)
    change(bare, number, state="queued", held=1)
    assert due(bare, end) == []
    assert not outbox.awaits_look(store, site, bare.now, None)
    change(bare, number, held=0, undo_by=None)
    assert due(bare, None) == [number]
    assert not outbox.awaits_look(store, site, bare.now, None)


def test_a_look_and_a_try_concern_one_mailbox_only(bare: PaperWorld) -> None:
    number = put(bare, undo_by=1)
    change(bare, number, mailbox="another", attempts=1)
    assert due(bare) == []
    assert not outbox.awaits_look(bare.store, bare.site, bare.now, None)
    assert not outbox.retried(bare.store, bare.site)


def test_who_waits_for_a_sign_of_life_comes_first_and_reports_last(bare: PaperWorld) -> None:
    kinds = ("head_overdue", "staff_lkpp_reply", "user_info", "lkpp_message", "staff_receipt")
    wanted: list[int] = []
    for n, template in enumerate(kinds):
        number = put(bare, PEOPLE["petugas"], n=n)
        change(bare, number, template=template, party=template.partition("_")[0])
        wanted.insert(0, number)
    late = put(bare, PEOPLE["petugas"], n=9)
    change(bare, late, template="user_acknowledgement", party="user")
    assert due(bare) == [wanted[0], late, *wanted[1:]]
    found = outbox.due(bare.store, bare.site, bare.now, bare.now, 2)
    assert [one["id"] for one in found] == [wanted[0], late]
    assert set(found[0]) == {"id", "recipient", "template"}


def test_nothing_overtakes_an_earlier_mail_to_the_same_person_about_the_same_ticket(office: PaperWorld) -> None:
    opened(office)
    opened(office, subject="Lain")
    one, two = tickets.load(office.store, 1), tickets.load(office.store, 2)
    user = PEOPLE["pengguna"]
    first, other_ticket = put(office, user, n=1, ticket=one), put(office, user, n=2, ticket=two)
    second, other_person = put(office, user, n=3, ticket=one), put(office, PEOPLE["lkpp"], n=4, ticket=one)
    alone, also_alone = put(office, user, n=5), put(office, user, n=6)
    assert set(due(office)) == {first, other_ticket, other_person, alone, also_alone}
    for state in ("queued", "sending", "uncertain"):
        change(office, first, state=state, next_try_at=to_text(office.now + timedelta(minutes=1)))
        assert second not in due(office), state
    change(office, first, state="queued", held=1)  # what a person holds keeps nobody else's waiting
    assert second in due(office)
    change(office, first, held=0, not_before=to_text(office.now + timedelta(minutes=1)))
    assert second in due(office), "an answer that may still be taken back"
    for state in ("accepted", "failed", "cancelled", "bounced"):
        change(office, first, state=state, not_before=to_text(office.now))
        assert second in due(office), state


def test_only_a_clock_that_was_set_back_puts_a_try_further_away_than_any_rest(bare: PaperWorld) -> None:
    number = put(bare)
    change(bare, number, next_try_at=to_text(bare.now + timedelta(hours=2)))
    assert due(bare) == []
    change(bare, number, next_try_at=to_text(bare.now + timedelta(hours=2, microseconds=1)))
    assert due(bare) == [number]


def test_what_may_be_taken_back_does_not_wait_for_the_time_of_a_clock_that_ran_ahead(bare: PaperWorld) -> None:
    number = put(bare, not_before=bare.now + timedelta(minutes=3), undo_by=1)
    assert due(bare) == []
    bare.now -= timedelta(days=2)
    assert due(bare) == [number]


# --- how much --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ages", "left"),
    [
        ([], 2),
        ([0], 1),
        ([0, 59], 0),
        ([60, 61], 1),  # a minute ago no longer counts for the minute, but for the hour: 3
        ([60, 61, 3599], 0),
        ([60, 61, 3600], 1),
        ([0, 1, 2, 3, 4, 5], 0),
        ([4000, 5000, 6000, 86_399], 1),  # the day: 5
        ([4000, 5000, 6000, 86_400], 2),
        ([4000, 5000, 6000, 7000, 8000], 0),
        ([-1, -60], 2),  # dated by a clock that ran ahead
    ],
)
def test_the_rate_counts_what_left_in_the_last_minute_hour_and_day(tmp_path: Path, ages: list[int], left: int) -> None:
    office = PaperWorld(tmp_path, limits=NO_CAPS, smtp={"rate": {"per_minute": 2, "per_hour": 3, "per_day": 5}})
    for n, age in enumerate(ages):
        change(office, put(office, n=n), state="accepted", accepted_at=to_text(office.now - timedelta(seconds=age)))
    change(office, put(office, n=99), mailbox="another", state="accepted", accepted_at=to_text(office.now))
    assert outbox.room(office.store, office.site, office.now) == left


# --- one mail on its way ---------------------------------------------------------------------------


def test_a_claim_counts_the_attempt_and_is_for_one_alone(bare: PaperWorld) -> None:
    number = put(bare)
    found = claimed(bare, number)
    assert (found["state"], found["attempts"], found["number"]) == ("queued", 0, None)
    now = row(bare, number)
    assert (now["state"], now["phase"], now["attempts"]) == ("sending", "dot", 1)
    assert outbox.claim(bare.store, number) is None
    assert outbox.claim(bare.store, 4711) is None
    for state in ("accepted", "failed", "cancelled", "bounced"):
        change(bare, number, state=state)
        assert outbox.claim(bare.store, number) is None, state
    change(bare, number, state="queued", held=1)
    assert outbox.claim(bare.store, number) is None


def test_each_step_has_the_point_at_which_the_kill_tests_end_the_program(
    bare: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    monkeypatch.setattr(outbox, "kill_point", names.append)
    for n, end in enumerate(("accepted", "refused")):
        one = claimed(bare, put(bare, n=n))
        if end == "accepted":
            outbox.accepted(bare.store, one, "250", bare.now)
        else:
            outbox.failed(bare.store, one, "554", bare.now)
    assert names == ["claimed", "accepted", "claimed", "refused"]
    change(bare, put(bare, n=9), state="uncertain")
    assert outbox.found(bare.store, int(bare.store.value("SELECT max(id) FROM outbox")), "found", bare.now)
    assert names[4:] == ["accepted"]


def test_the_mail_that_goes_next_is_claimed_in_the_transaction_of_the_acceptance(
    bare: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool, str, str, str]] = []
    first, second = put(bare, n=1), put(bare, n=2)

    def passed(name: str) -> None:
        inside = bare.store._connection.in_transaction
        seen.append((name, inside, row(bare, first)["state"], row(bare, second)["state"], row(bare, second)["phase"]))

    one = claimed(bare, first)
    monkeypatch.setattr(outbox, "kill_point", passed)
    two = outbox.accepted(bare.store, one, "250", bare.now, following=second)
    assert two is not None
    assert (two["id"], two["state"], two["attempts"]) == (second, "queued", 0)
    assert seen == [(name, False, "accepted", "sending", "dot") for name in ("accepted", "claimed")]
    assert outbox.recover(bare.store, bare.site, bare.now) == 1, "its final dot may have left"
    assert row(bare, second)["state"] == "uncertain"


@pytest.mark.parametrize("changed", [{"state": "cancelled"}, {"held": 1}, {"state": "accepted"}])
def test_a_mail_that_was_taken_back_or_held_meanwhile_is_not_claimed_with_an_acceptance(
    bare: PaperWorld, changed: dict[str, Any]
) -> None:
    first, second = put(bare, n=1), put(bare, n=2)
    one = claimed(bare, first)
    change(bare, second, **changed)
    before = dict(row(bare, second))
    assert outbox.accepted(bare.store, one, "250", bare.now, following=second) is None
    assert row(bare, first)["state"] == "accepted"
    assert dict(row(bare, second)) == before


def test_a_claim_names_the_ticket_for_the_log(office: PaperWorld) -> None:
    opened(office)
    number = int(office.store.value("SELECT id FROM outbox WHERE template = 'user_acknowledgement'"))
    change(office, number, state="queued")
    assert claimed(office, number)["number"] == "LPSE-BTG-2026-000001"


def test_what_the_server_may_have_stays_uncertain_when_the_next_try_dies_before_its_dot(bare: PaperWorld) -> None:
    number = put(bare)
    change(bare, number, state="uncertain")
    claimed(bare, number)
    assert row(bare, number)["phase"] == "dot"
    assert outbox.recover(bare.store, bare.site, bare.now) == 1
    assert row(bare, number)["state"] == "uncertain"


def test_a_submission_broken_off_leaves_the_row_as_it_was(bare: PaperWorld) -> None:
    for n, state in enumerate(("queued", "uncertain")):
        number = put(bare, n=n)
        change(bare, number, state=state, attempts=3, next_try_at=to_text(bare.now - timedelta(minutes=1)))
        before = dict(row(bare, number))
        outbox.give_back(bare.store, claimed(bare, number))
        assert dict(row(bare, number)) == before


def test_the_end_of_a_mail_is_recorded_with_the_servers_words(bare: PaperWorld) -> None:
    taken, refused = put(bare, n=1), put(bare, n=2)
    one = claimed(bare, taken)
    assert row(bare, taken)["phase"] == "dot"
    outbox.accepted(bare.store, one, "250 2.0.0 Ok", bare.now)
    found = row(bare, taken)
    assert (found["state"], found["phase"], found["answer"]) == ("accepted", "", "250 2.0.0 Ok")
    assert found["accepted_at"] == to_text(bare.now)
    two = claimed(bare, refused)
    outbox.failed(bare.store, two, "554 no", bare.now)
    found = row(bare, refused)
    assert (found["state"], found["phase"], found["answer"], found["reason"]) == ("failed", "", "554 no", "554 no")
    assert outbox.unsettled(bare.store, bare.site) == [taken, refused]
    change(bare, taken, outcome_handled=1)
    assert outbox.unsettled(bare.store, bare.site) == [refused]
    change(bare, refused, mailbox="another")
    assert outbox.unsettled(bare.store, bare.site) == []


@pytest.mark.parametrize("state", ["queued", "uncertain"])
def test_under_our_own_address_it_is_due_at_once_and_as_certain_as_before(bare: PaperWorld, state: str) -> None:
    number = put(bare)
    change(bare, number, state=state, envelope_sender="", next_try_at=to_text(bare.now - timedelta(hours=1)))
    outbox.under_own_address(bare.store, bare.site, claimed(bare, number), "550 no null sender", bare.now)
    found = row(bare, number)
    assert (found["state"], found["phase"], found["answer"]) == (state, "", "550 no null sender")
    assert found["envelope_sender"] == bare.site.config.address
    assert found["next_try_at"] == to_text(bare.now)
    assert due(bare) == [number]


MINUTES = (2, 4, 8, 15, 30, 60, 60, 60)


@pytest.mark.parametrize("outcome", [BUSY, AWAY, LOST], ids=["busy", "away", "lost"])
def test_the_rests_grow_to_an_hour_and_are_never_in_step(bare: PaperWorld, outcome: Outcome) -> None:
    number = put(bare)
    wanted = "uncertain" if outcome is LOST else "queued"
    rests = []
    for minutes in (1, *MINUTES):
        assert due(bare) == [number]
        assert outbox.again(bare.store, bare.site, claimed(bare, number), outcome, "why", bare.now)
        found = row(bare, number)
        assert (found["state"], found["phase"], found["answer"], found["reason"]) == (wanted, "", "why", "why")
        rest = (to_instant(found["next_try_at"]) - bare.now) / timedelta(minutes=minutes)
        assert 0.9 <= rest <= 1.1
        rests.append(rest)
        bare.now = to_instant(found["next_try_at"])
    assert len(set(rests)) == len(rests)
    assert outbox.retried(bare.store, bare.site)
    change(bare, number, held=1)
    assert not outbox.retried(bare.store, bare.site)
    change(bare, number, held=0, attempts=0)
    assert not outbox.retried(bare.store, bare.site)
    change(bare, number, attempts=2, state="accepted")
    assert not outbox.retried(bare.store, bare.site)


def test_once_uncertain_a_mail_stays_so_whatever_the_next_try_says(bare: PaperWorld) -> None:
    number = put(bare)
    change(bare, number, state="uncertain")
    assert outbox.again(bare.store, bare.site, claimed(bare, number), BUSY, "450", bare.now)
    assert row(bare, number)["state"] == "uncertain"


@pytest.mark.parametrize(
    ("outcome", "given_up"), [(BUSY, True), (LOST, True), (AWAY, False)], ids=["busy", "lost", "away"]
)
def test_after_five_days_a_mail_is_given_up_unless_the_server_was_away(
    bare: PaperWorld, outcome: Outcome, given_up: bool
) -> None:
    number = put(bare)
    bare.now += timedelta(days=5)
    assert outbox.again(bare.store, bare.site, claimed(bare, number), outcome, "why", bare.now), (
        "five days, and not more"
    )
    bare.now += timedelta(hours=3)
    found = claimed(bare, number)
    before = dict(row(bare, number))
    assert outbox.again(bare.store, bare.site, found, outcome, "why", bare.now) is not given_up
    assert (dict(row(bare, number)) == before) is given_up, "given up: nothing is recorded"


def test_what_was_under_way_is_tried_again_at_once_and_from_the_third_copy_on_after_a_rest(bare: PaperWorld) -> None:
    wanted = {}
    for n, (phase, attempts, state, minutes) in enumerate(
        [
            ("", 1, "queued", 0),
            ("", 9, "queued", 0),
            ("dot", 1, "uncertain", 0),
            ("dot", 2, "uncertain", 0),
            ("dot", 3, "uncertain", 8),
            ("dot", 9, "uncertain", 60),
        ]
    ):
        number = put(bare, n=n)
        change(bare, number, state="sending", phase=phase, attempts=attempts, next_try_at=to_text(bare.now), reason="x")
        wanted[number] = (state, to_text(bare.now + timedelta(minutes=minutes)))
    foreign, waits = put(bare, n=10), put(bare, n=11)
    change(bare, foreign, state="sending", mailbox="another")
    assert outbox.recover(bare.store, bare.site, bare.now) == 4
    for number, (state, at) in wanted.items():
        found = row(bare, number)
        reason = "terputus saat dikirim; mungkin sudah diterima" if state == "uncertain" else ""
        assert (found["state"], found["next_try_at"], found["reason"]) == (state, at, reason)
    assert row(bare, foreign)["state"] == "sending"
    assert row(bare, waits)["state"] == "queued"
    assert outbox.recover(bare.store, bare.site, bare.now) == 0


# --- a server that asks for patience, or does not want one mail ------------------------------------------


def test_who_is_asked_for_patience_leaves_all_mails_to_that_recipient_alone(bare: PaperWorld) -> None:
    first, second, other = put(bare, n=1), put(bare, n=2), put(bare, PEOPLE["lkpp"], n=3)
    assert outbox.again(bare.store, bare.site, claimed(bare, first), BUSY, "450", bare.now)
    assert row(bare, first)["deferred"] == 1
    assert due(bare) == [other]
    change(bare, first, held=1)
    assert due(bare) == [second, other], "what a person holds asks nobody for patience"
    change(bare, first, held=0, next_try_at=to_text(bare.now + timedelta(hours=3)))
    assert due(bare) == [first, second, other], "a clock that was set back"
    change(bare, first, next_try_at=to_text(bare.now + timedelta(minutes=1)), mailbox="another")
    assert due(bare) == [second, other]


def test_the_rest_grows_with_the_refusals_of_any_mail_to_that_recipient(bare: PaperWorld) -> None:
    first, second, other = put(bare, n=1), put(bare, n=2), put(bare, PEOPLE["lkpp"], n=3)
    change(bare, first, attempts=5, deferred=1)
    for number, minutes in ((second, 30), (other, 1)):
        assert outbox.again(bare.store, bare.site, claimed(bare, number), BUSY, "450", bare.now)
        rest = to_instant(row(bare, number)["next_try_at"]) - bare.now
        assert 0.9 <= rest / timedelta(minutes=minutes) <= 1.1
    change(bare, second, deferred=0, attempts=0, state="queued")
    change(bare, first, mailbox="another")
    assert outbox.again(bare.store, bare.site, claimed(bare, second), BUSY, "450", bare.now)
    assert (to_instant(row(bare, second)["next_try_at"]) - bare.now) <= timedelta(minutes=2.2)


@pytest.mark.parametrize("outcome", [AWAY, LOST], ids=["away", "lost"])
def test_nobody_else_waits_for_a_server_that_was_away(bare: PaperWorld, outcome: Outcome) -> None:
    first, second = put(bare, n=1), put(bare, n=2)
    change(bare, first, deferred=1, attempts=6)
    assert outbox.again(bare.store, bare.site, claimed(bare, second), outcome, "why", bare.now)
    assert row(bare, second)["deferred"] == 0
    assert to_instant(row(bare, second)["next_try_at"]) - bare.now <= timedelta(minutes=2.2)


REFUSED = Outcome(state="again", code=571, text="5.7.1 no", phase="rcpt", scope="account")


@pytest.mark.parametrize(
    ("outcome", "attempts", "minutes_ago", "who", "alone"),
    [
        (REFUSED, 3, 1, "lkpp", True),  # three refusals are on record
        (REFUSED, 2, 1, "lkpp", False),
        (REFUSED, 3, 1, "pengguna", False),  # taken for the same recipient: it says nothing about the account
        (REFUSED, 3, 6, "lkpp", False),  # before the server last refused: the last rest was four minutes and a little
        (REFUSED, 3, 4.3, "lkpp", True),
        (replace(REFUSED, code=500), 3, 1, "lkpp", True),
        (replace(REFUSED, code=499), 3, 1, "lkpp", False),
        (replace(REFUSED, code=None), 3, 1, "lkpp", False),
        (replace(REFUSED, phase="data"), 3, 1, "lkpp", True),
        (replace(REFUSED, phase="dot"), 3, 1, "lkpp", True),
        (replace(REFUSED, phase="mail"), 3, 1, "lkpp", False),
        (replace(REFUSED, scope="server"), 3, 1, "lkpp", False),
    ],
)
def test_a_refusal_that_could_be_about_the_account_is_about_the_mail_when_others_are_taken(
    bare: PaperWorld, outcome: Outcome, attempts: int, minutes_ago: float, who: str, alone: bool
) -> None:
    taken, number = put(bare, PEOPLE[who], n=1), put(bare, n=2)
    at = to_text(bare.now - timedelta(minutes=minutes_ago))
    change(bare, taken, state="accepted", accepted_at=at)
    change(bare, number, attempts=attempts)
    found = claimed(bare, number)
    assert outbox.again(bare.store, bare.site, found, outcome, "571", bare.now) is not alone


def test_what_another_mailbox_got_through_says_nothing_of_this_account(bare: PaperWorld) -> None:
    taken, number = put(bare, PEOPLE["lkpp"], n=1), put(bare, n=2)
    change(bare, taken, state="accepted", accepted_at=to_text(bare.now), mailbox="another")
    found = {**claimed(bare, number), "attempts": 5}
    assert outbox.again(bare.store, bare.site, found, REFUSED, "571", bare.now)


# --- proof ---------------------------------------------------------------------------------------------


@pytest.fixture
def proving(tmp_path: Path) -> PaperWorld:
    return PaperWorld(tmp_path, limits=NO_CAPS, proof={"folder": "Sent"})


def looked_for(office: PaperWorld) -> list[int]:
    return [int(one["id"]) for one in outbox.to_prove(office.store, office.site, office.now)]


def uncertain(office: PaperWorld, number: int) -> None:
    one = claimed(office, number)
    assert outbox.again(office.store, office.site, one, LOST, "lost", office.now)


def test_what_may_have_been_sent_is_looked_up_before_it_goes_out_again(proving: PaperWorld) -> None:
    number, other = put(proving, n=1), put(proving, PEOPLE["lkpp"], n=2)
    uncertain(proving, number)
    found = row(proving, number)
    assert (found["proof"], found["proof_since"], found["proof_looked"]) == ("wanted", to_text(proving.now), None)
    assert looked_for(proving) == [number]
    proving.now += timedelta(hours=1)
    assert due(proving) == [other]
    outbox.looked_in_vain(proving.store, number, proving.now)
    assert row(proving, number)["proof_looked"] == to_text(proving.now)
    assert looked_for(proving) == [number]
    outbox.not_found(proving.store, number, "not there")
    found = row(proving, number)
    assert (found["state"], found["proof"], found["reason"]) == ("uncertain", "", "not there")
    assert looked_for(proving) == []
    assert set(due(proving)) == {number, other}


def test_what_was_claimed_at_a_death_is_looked_up_too_and_what_was_not_is_not(proving: PaperWorld) -> None:
    before, after = put(proving, n=1), put(proving, n=2)
    claimed(proving, after)
    assert outbox.recover(proving.store, proving.site, proving.now) == 1
    assert looked_for(proving) == [after]
    assert row(proving, after)["proof_since"] == to_text(proving.now)
    assert due(proving) == [before]


def test_a_copy_that_is_found_is_the_servers_acceptance_at_its_time(proving: PaperWorld) -> None:
    for n, (minutes, wanted) in enumerate(((1, 1), (-5, 0))):  # never before the mail was made
        number = put(proving, n=n)
        made = proving.now
        uncertain(proving, number)
        assert outbox.found(proving.store, number, "found in Sent", made + timedelta(minutes=minutes))
        found = row(proving, number)
        assert (found["state"], found["answer"], found["proof"]) == ("accepted", "found in Sent", "")
        assert found["accepted_at"] == to_text(made + timedelta(minutes=wanted))
        assert not outbox.found(proving.store, number, "twice", made)
        assert row(proving, number)["answer"] == "found in Sent"
        outbox.not_found(proving.store, number, "late")
        assert row(proving, number)["reason"] == "lost"
        proving.now += timedelta(minutes=10)
    assert not outbox.found(proving.store, 4711, "nothing", proving.now)
    certain = put(proving, n=9)
    assert not outbox.found(proving.store, certain, "never sent", proving.now)
    assert row(proving, certain)["state"] == "queued"


def test_after_a_refusal_in_between_it_is_looked_for_once_more_when_it_is_due(proving: PaperWorld) -> None:
    number = put(proving)
    uncertain(proving, number)
    outbox.not_found(proving.store, number, "not there")
    assert outbox.again(proving.store, proving.site, claimed(proving, number), AWAY, "away", proving.now)
    found = row(proving, number)
    assert (found["state"], found["proof"]) == ("uncertain", "once")
    assert looked_for(proving) == []
    proving.now = to_instant(found["next_try_at"])
    assert looked_for(proving) == [number]
    assert due(proving) == []
    change(proving, number, held=1)
    assert looked_for(proving) == []
    change(proving, number, held=0, next_try_at=to_text(proving.now + timedelta(hours=2, seconds=1)))
    assert looked_for(proving) == [number], "a clock that was set back"
    change(proving, number, mailbox="another")
    assert looked_for(proving) == []


def test_a_mail_that_was_never_at_its_dot_needs_no_proof(proving: PaperWorld) -> None:
    number = put(proving)
    assert outbox.again(proving.store, proving.site, claimed(proving, number), AWAY, "away", proving.now)
    assert row(proving, number)["proof"] == ""


def test_without_proof_configured_nothing_is_looked_for_and_nothing_waits_for_it(bare: PaperWorld) -> None:
    number = put(bare)
    uncertain(bare, number)
    assert row(bare, number)["proof"] == ""
    change(bare, number, proof="wanted", next_try_at=to_text(bare.now))
    assert looked_for(bare) == []
    assert due(bare) == [number]
    assert outbox.again(bare.store, bare.site, claimed(bare, number), AWAY, "away", bare.now)
    assert row(bare, number)["proof"] == "wanted"


def test_an_end_clears_what_was_to_be_looked_up(proving: PaperWorld) -> None:
    taken, refused, too_big = (put(proving, n=n) for n in range(3))
    for number in (taken, refused, too_big):
        change(proving, number, state="uncertain", proof="wanted", deferred=1)
    outbox.accepted(proving.store, claimed(proving, taken), "250", proving.now)
    outbox.failed(proving.store, claimed(proving, refused), "554", proving.now)
    outbox.failed(proving.store, claimed(proving, too_big), "552", proving.now, too_big=True)
    found = [row(proving, number) for number in (taken, refused, too_big)]
    assert [(one["state"], one["proof"], one["deferred"], one["too_big"]) for one in found] == [
        ("accepted", "", 0, 0),
        ("failed", "", 0, 0),
        ("failed", "", 0, 1),
    ]


# --- threat 54: the wrong person after a change --------------------------------------------------------


def test_the_recipient_is_the_one_of_the_moment_when_the_mail_was_decided(office: PaperWorld) -> None:
    """Whoever becomes the ticket's user later gets what is decided from then on, and nothing of before."""
    opened(office)
    assert staff_writes(office, "#jawab Silakan coba lagi.") == "staff_receipt"
    [waiting] = office.sent("state = 'queued'")
    before = _frozen(waiting)
    with office.store.immediate():
        office.store.update("tickets", 1, user_address=PEOPLE["orang luar"], user_name="Mallory")
    office.now += timedelta(minutes=4)
    assert office.once()
    assert _frozen(row(office, waiting["id"])) == before
    assert row(office, waiting["id"])["state"] == "accepted"
    assert office.last("pengguna", "user_answer").text.count("Silakan coba lagi.") == 1
    assert office.letters("orang luar") == []
    # It was written below the other's words: staff are asked, and send it all the same.
    assert staff_writes(office, "#info Masih diperiksa.") == "staff_confirm"
    ready = links(office.last("petugas", "staff_confirm"))["#info"]
    office.write("petugas", ready, subject=f"[{steps.number(office)}]")
    assert office.once()
    office.now += timedelta(minutes=4)
    assert office.once()
    assert [one.template for one in office.letters("orang luar")] == ["user_info"]
    assert "Silakan coba lagi." not in office.last("orang luar").text


def test_each_try_is_kept_with_what_the_server_said(bare: PaperWorld) -> None:
    number = put(bare)
    assert outbox.again(bare.store, bare.site, claimed(bare, number), BUSY, "450 4.2.0 busy", bare.now)
    bare.now += timedelta(minutes=2)
    began = bare.now
    outbox.under_own_address(bare.store, bare.site, claimed(bare, number), "550 no null sender", bare.now)
    claimed(bare, number)
    outbox.recover(bare.store, bare.site, bare.now)  # the program died on its answer
    bare.now += timedelta(minutes=1)
    outbox.accepted(bare.store, claimed(bare, number), "250 2.0.0 Ok: queued as 4F", bare.now)
    tries = submissions.of(bare.store, number)
    assert [(one["outcome"], one["answer"]) for one in tries] == [
        ("again", "450 4.2.0 busy"),
        ("own_address", "550 no null sender"),
        ("cut_off", ""),
        ("accepted", "250 2.0.0 Ok: queued as 4F"),
    ]
    assert [one["at"] for one in tries[1:]] == [to_text(began), to_text(began), to_text(bare.now)]
    refused = put(bare, n=1)
    outbox.failed(bare.store, claimed(bare, refused), "550 5.1.1 unknown", bare.now)
    assert [(one["outcome"], one["answer"]) for one in submissions.of(bare.store, refused)] == [
        ("failed", "550 5.1.1 unknown")
    ]
