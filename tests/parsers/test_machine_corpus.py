"""The sets of machines' and people's mail: none of the figures may fall, and no person may be taken for a machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench import machines
from bench.machines import Case
from mailbot.model import Attachment, Message, NamedAddress
from mailbot.parsers.robots.acknowledgement import lkpp_acknowledgement
from mailbot.parsers.robots.automatic import automatic, no_answer_reason
from mailbot.parsers.robots.delivery import delivery_status
from mailbot.parsers.robots.detectors import failures
from tests.quick import within


def _unanswered(message: Message) -> str | None:
    return no_answer_reason(message, machines.OWN, automatic(message, machines.OWN))


def share(cases: list[Case], right: Callable[[Case], bool]) -> float:
    return 1 - len(machines.missed(cases, right)) / len(cases)


def test_the_sets_are_as_large_as_they_are_said_to_be() -> None:
    for cases, least in ((machines.bounces(), 80), (machines.autoreplies(), 100), (machines.people(), 150)):
        assert len(cases) >= least
        assert sum(case.held_out for case in cases) >= least / 3
        assert len({case.name for case in cases}) == len(cases)
    bare = [case for case in machines.autoreplies() if case.wanted["bare"]]
    assert len(bare) >= 40
    assert sum(case.wanted["language"] == "id" for case in bare) >= 40


@pytest.mark.parametrize("case", machines.people(), ids=lambda case: case.name)
def test_no_person_is_taken_for_a_machine(case: Case) -> None:
    assert automatic(case.message, machines.OWN) is None
    assert delivery_status(case.message) == () or case.message.attachments


@pytest.mark.parametrize(
    ("right", "least"),
    [
        (machines.is_bounce, 0.99),
        (machines.recipients_right, 0.99),
        (machines.outcome_right, 0.98),
        (machines.status_right, 0.97),
        (machines.original_right, 0.99),
    ],
)
def test_delivery_reports_are_read(right: Callable[[Case], bool], least: float) -> None:
    assert share(machines.bounces(), right) >= least


def test_machines_are_recognised_with_and_without_headers() -> None:
    assert share(machines.autoreplies(), machines.kind_right) >= 0.99


def test_people_are_answered_and_machines_are_not() -> None:
    assert share(machines.people(), machines.quiet_right) >= 0.98
    assert all(_unanswered(case.message) for case in machines.autoreplies())
    assert all(_unanswered(case.message) for case in machines.bounces())


def test_the_figures_name_both_halves_of_each_set() -> None:
    figures = dict(machines.figures())
    assert "delivery reports recognised" in figures and "delivery reports recognised (held out)" in figures
    assert all(" of " in figure for figure in figures.values())


# --- the tools -------------------------------------------------------------------------------------------------------


def test_the_library_never_fails_and_gives_bare_addresses() -> None:
    words = "Sorry, we were unable to deliver your message to the following address.\n\n<Budi@Y.example>:\n554 gone\n"
    message = Message(headers=(), subject="", from_=(NamedAddress("", "mailer-daemon@yahoo.example"),), text=words)
    assert failures(message, words) == ([], ["budi@y.example"])
    for sender in ((), (NamedAddress("", ""),), (NamedAddress("", "ü@ö"),), (NamedAddress("", "tanpa-domain"),)):
        odd = Message(headers=(("Content-Type", "multipart/x"), ("X-Mailer", "é")), subject="", from_=sender)
        assert failures(odd, words * 2) in (([], ["budi@y.example"]), ([], []))


UNITS = [
    *(
        "Pada ",
        "tiket ",
        "Email Anda ",
        "\n",
        " ",
        "> ",
        "a",
        "a@",
        "a@b ",
        "a@b\n",
        "a.b.",
        "(",
        '"',
        "--- ",
        "é",
        "\0",
    ),
    *("<a@b>: 550 ", "550 5.1.1 ", "5.1.", "To: a@b\n", "Received: x\n", "Final-Recipient: rfc822; a@b\n"),
    *("Action: failed\n\n", "user unknown ", "mailbox ", "host ", "recipient ", "message ", "your message to "),
    *(
        "could not be delivered ",
        "saya sedang cuti ",
        "terima kasih atas ",
        "untuk hal ",
        "mohon ",
        "テスト",
        "e-mail ",
    ),
]


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_a_megabyte_of_anything_takes_less_than_a_second(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    parts = tuple(
        Attachment("x", kind, text.encode(), "")
        for kind in ("message/delivery-status", "message/rfc822", "text/calendar", "message/disposition-notification")
    )
    for sender, subject, files in (
        ("mailer-daemon@x.example", text[:60_000], ()),
        ("postmaster@x.example", "Undelivered Mail", parts),
        ("budi@x.example", f"Balasan otomatis {text[:60_000]}", ()),
    ):
        message = Message(
            headers=(("From", sender), ("X-Failed-Recipients", text), ("Content-Type", text), ("List-Id", text)),
            subject=subject,
            from_=(NamedAddress("", sender),),
            text=text,
            attachments=files,
        )
        with within(1):
            automatic(message, machines.OWN)
            _unanswered(message)
            delivery_status(message)
            lkpp_acknowledgement(message, automatic(message, ()))
