"""Which ticket a mail belongs to: one line per case of the rules, in their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model import Message, Role, Sender
from mailbot.parsers.thread import Found, NumberHit, Reference, find, has_token, lookup_ids, refers_to_lkpp_mail

MAIL = Message(headers=(), subject="", from_=())
NOW = datetime(2026, 12, 24, 3, 0, tzinfo=UTC)

BUDI = Sender(address="budi@example.com", role=Role.USER)
NOBODY = Sender(address="", role=Role.USER)
SARI = Sender(address="sari@batangkab.go.id", role=Role.STAFF)
HEAD = Sender(address="kepala@batangkab.go.id", role=Role.HEAD)
LKPP = Sender(address="helpdesk-lpse@lkpp.go.id", role=Role.LKPP)
SELF = Sender(address="lpse@batangkab.go.id", role=Role.MAILBOT)


def ours(ticket: int | None, party: Role, recipient: str, *, mine: bool = False, late: bool = False) -> Reference:
    return Reference(
        message_id=f"<{ticket}@us>",
        ticket_id=ticket,
        party=party,
        recipient=recipient,
        ours=True,
        sender_is_party=mine,
        issued_at=NOW,
        closed_too_long=late,
    )


def stored(ticket: int, *, mine: bool, late: bool = False) -> Reference:
    return Reference(message_id=f"<{ticket}@them>", ticket_id=ticket, sender_is_party=mine, closed_too_long=late)


def tag(ticket: int, *, mine: bool = False, late: bool = False) -> NumberHit:
    return NumberHit(number=f"T-{ticket}", ticket_id=ticket, sender_is_party=mine, closed_too_long=late)


def body(ticket: int, *, mine: bool = False) -> NumberHit:
    return NumberHit(number=f"T-{ticket}", ticket_id=ticket, where="body", sender_is_party=mine)


def theirs(number: str, ticket: int, where: Literal["subject", "body"] = "subject") -> NumberHit:
    return NumberHit(number=number, ticket_id=ticket, where=where, lkpp=True)


TO_BUDI = ours(1, Role.USER, "Budi@Example.com", mine=True)
REPLY = "balasan atas e-mail kami"
KNOWN = "balasan atas e-mail yang tersimpan"
TAG = "tag pada subjek"
NEW = "e-mail baru"
OTHERS = "menyebut tiket pihak lain"
LATE = "tiket sebelumnya telah lama ditutup"


USERS = {
    "nothing": (BUDI, [], [], Found(ticket_id=None, reason=NEW)),
    "a reply to our mail to him": (BUDI, [TO_BUDI], [], Found(ticket_id=1, reason=REPLY)),
    "a reply to a stored mail of his ticket": (
        BUDI,
        [stored(1, mine=True)],
        [],
        Found(ticket_id=1, reason=KNOWN),
    ),
    "a reply and its tag": (BUDI, [TO_BUDI], [tag(1, mine=True)], Found(ticket_id=1, reason=REPLY)),
    "the tag alone": (BUDI, [], [tag(1, mine=True)], Found(ticket_id=1, reason=TAG)),
    "two of his tags": (
        BUDI,
        [],
        [tag(2, mine=True), tag(1, mine=True)],
        Found(ticket_id=2, reason=TAG),
    ),
    "the deepest reference": (
        BUDI,
        [stored(2, mine=True), TO_BUDI],
        [],
        Found(ticket_id=1, reason=REPLY),
    ),
    "the deepest of his own": (
        BUDI,
        [TO_BUDI, stored(2, mine=False)],
        [],
        Found(ticket_id=1, reason=REPLY, stranger_to=(2,)),
    ),
    "reply and tag differ": (
        BUDI,
        [TO_BUDI],
        [tag(2, mine=True)],
        Found(ticket_id=1, reason=REPLY, conflict=(1, 2)),
    ),
    "reply and somebody else's tag": (
        BUDI,
        [TO_BUDI],
        [tag(2)],
        Found(ticket_id=1, reason=REPLY, stranger_to=(2,)),
    ),
    "somebody else's tag": (BUDI, [], [tag(2)], Found(ticket_id=None, reason=OTHERS, stranger_to=(2,))),
    "somebody else's number in the body": (
        BUDI,
        [],
        [body(2), body(2)],
        Found(ticket_id=None, reason=OTHERS, stranger_to=(2,)),
    ),
    "his own number in the body only": (BUDI, [], [body(1, mine=True)], Found(ticket_id=None, reason=NEW)),
    "a mail that was sent to another": (
        BUDI,
        [ours(2, Role.USER, "siti@example.com")],
        [],
        Found(ticket_id=None, reason=OTHERS, stranger_to=(2,)),
    ),
    "a mail that we sent to him while he was its user": (
        BUDI,
        [ours(2, Role.USER, BUDI.address)],
        [tag(2)],
        Found(ticket_id=None, reason=OTHERS, stranger_to=(2,)),
    ),
    "a staff mail that leaked to him": (
        BUDI,
        [ours(2, Role.STAFF, "sari@batangkab.go.id")],
        [tag(2)],
        Found(ticket_id=None, reason=OTHERS, stranger_to=(2,)),
    ),
    "a staff mail that was sent to him when he was staff": (
        BUDI,
        [ours(2, Role.STAFF, BUDI.address)],
        [],
        Found(ticket_id=None, reason=OTHERS, stranger_to=(2,)),
    ),
    "a mail of his ticket to a colleague of his": (
        BUDI,
        [ours(1, Role.USER, "siti@example.com", mine=True)],
        [],
        Found(ticket_id=1, reason=REPLY),
    ),
    "a reply to a mail about no ticket, with his own tag": (
        BUDI,
        [ours(None, Role.USER, "budi@example.com", mine=True)],
        [tag(1, mine=True)],
        Found(ticket_id=1, reason=TAG),
    ),
    "a reply to a digest": (
        BUDI,
        [ours(None, Role.USER, BUDI.address)],
        [],
        Found(ticket_id=None, reason=NEW),
    ),
    "LKPP's number means nothing here": (BUDI, [], [theirs("77", 2)], Found(ticket_id=None, reason=NEW)),
    "a reply to a ticket closed long ago": (
        BUDI,
        [ours(1, Role.USER, BUDI.address, mine=True, late=True)],
        [],
        Found(ticket_id=None, reason=LATE, previous=1),
    ),
    "the tag of a ticket closed long ago": (
        BUDI,
        [],
        [tag(1, mine=True, late=True), tag(3)],
        Found(ticket_id=None, reason=LATE, previous=1, stranger_to=(3,)),
    ),
    "an author nobody knows": (
        NOBODY,
        [ours(1, Role.USER, "")],
        [tag(2)],
        Found(ticket_id=None, reason=OTHERS, stranger_to=(1, 2)),
    ),
    "our own address has no rights of its own": (
        SELF,
        [],
        [tag(1)],
        Found(ticket_id=None, reason=OTHERS, stranger_to=(1,)),
    ),
}

INSIDERS = {
    "nothing": (SARI, [], [], Found(ticket_id=None, reason=NEW)),
    "a reply": (SARI, [ours(1, Role.STAFF, SARI.address)], [], Found(ticket_id=1, reason=REPLY)),
    "a reply to a colleague's": (SARI, [ours(1, Role.STAFF, "x@y.id")], [], Found(ticket_id=1, reason=REPLY)),
    "a reply to a user's mail": (SARI, [stored(1, mine=False)], [], Found(ticket_id=1, reason=KNOWN)),
    "the tag": (SARI, [], [tag(1)], Found(ticket_id=1, reason=TAG)),
    "the head's tag": (HEAD, [], [tag(1)], Found(ticket_id=1, reason=TAG)),
    "a reply and its tag": (
        SARI,
        [ours(1, Role.STAFF, SARI.address)],
        [tag(1), tag(2)],
        Found(ticket_id=1, reason=REPLY),
    ),
    "reply and tag differ": (
        SARI,
        [ours(1, Role.STAFF, SARI.address)],
        [tag(2)],
        Found(
            ticket_id=None,
            reason="balasan dan tag pada subjek menunjuk tiket yang berbeda",
            conflict=(1, 2),
        ),
    ),
    "two tags": (
        SARI,
        [],
        [tag(1), tag(2)],
        Found(ticket_id=None, reason="subjek menyebut lebih dari satu tiket", conflict=(1, 2)),
    ),
    "a number in the body": (SARI, [], [body(1)], Found(ticket_id=None, reason=NEW)),
    "LKPP's number": (SARI, [], [theirs("77", 1)], Found(ticket_id=None, reason=NEW)),
    "a reply to a digest": (
        SARI,
        [ours(None, Role.STAFF, SARI.address)],
        [],
        Found(ticket_id=None, reason=NEW),
    ),
    "a digest and a tag": (
        SARI,
        [ours(None, Role.STAFF, SARI.address)],
        [tag(1)],
        Found(ticket_id=1, reason=TAG),
    ),
    "closed long ago": (
        SARI,
        [ours(1, Role.STAFF, SARI.address, late=True)],
        [],
        Found(ticket_id=1, reason=REPLY),
    ),
}

SEVERAL = "e-mail LKPP menyebut lebih dari satu tiket"
NONE = "e-mail LKPP tidak menyebut tiket"
DIFFER = "balasan dan nomor pada subjek menunjuk tiket yang berbeda"
TO_LKPP = ours(1, Role.LKPP, LKPP.address)

LKPPS = {
    "nothing": (LKPP, [], [], Found(ticket_id=None, reason=NONE)),
    "a reply": (LKPP, [TO_LKPP], [], Found(ticket_id=1, reason=REPLY)),
    "a reply from another address of theirs": (
        LKPP,
        [ours(1, Role.LKPP, "helpdeskpspe@gmail.com")],
        [],
        Found(ticket_id=1, reason=REPLY),
    ),
    "a reply to a stored mail of theirs": (
        LKPP,
        [stored(1, mine=True)],
        [],
        Found(ticket_id=1, reason=KNOWN),
    ),
    "a mail that was not meant for them": (
        LKPP,
        [ours(1, Role.STAFF, SARI.address), stored(2, mine=False)],
        [],
        Found(ticket_id=None, reason=NONE),
    ),
    "the tag": (LKPP, [], [tag(1)], Found(ticket_id=1, reason=TAG)),
    "our number in the body": (LKPP, [], [body(1)], Found(ticket_id=1, reason="nomor tiket pada isi e-mail")),
    "tag and the same number": (LKPP, [], [tag(1), body(1)], Found(ticket_id=1, reason=TAG)),
    "tag and another number": (LKPP, [], [tag(1), body(2)], Found(ticket_id=None, reason=SEVERAL)),
    "two tags": (LKPP, [], [tag(1), tag(2)], Found(ticket_id=None, reason=SEVERAL)),
    "two numbers in the body": (LKPP, [], [body(1), body(2)], Found(ticket_id=None, reason=SEVERAL)),
    "their own number": (LKPP, [], [theirs("77", 1)], Found(ticket_id=1, reason="nomor tiket LKPP")),
    "their own number in the body": (
        LKPP,
        [],
        [theirs("77", 1, "body")],
        Found(ticket_id=1, reason="nomor tiket LKPP"),
    ),
    "their own number seen with two tickets": (
        LKPP,
        [],
        [theirs("77", 1), theirs("77", 2)],
        Found(ticket_id=None, reason=NONE),
    ),
    "an equivocal number beside our tag": (
        LKPP,
        [],
        [theirs("77", 1), theirs("77", 2), tag(1)],
        Found(ticket_id=1, reason=TAG),
    ),
    "their number and our tag differ": (
        LKPP,
        [],
        [theirs("77", 1), tag(2)],
        Found(ticket_id=None, reason=SEVERAL),
    ),
    "reply and tag agree": (LKPP, [TO_LKPP], [tag(2), tag(1)], Found(ticket_id=1, reason=REPLY)),
    "reply and tag differ": (
        LKPP,
        [TO_LKPP],
        [tag(2)],
        Found(ticket_id=1, reason=DIFFER, conflict=(1, 2)),
    ),
    "reply and their own number differ": (
        LKPP,
        [TO_LKPP],
        [theirs("77", 2)],
        Found(ticket_id=1, reason=DIFFER, conflict=(1, 2)),
    ),
    "reply and another number in the body": (LKPP, [TO_LKPP], [body(2)], Found(ticket_id=1, reason=REPLY)),
}

Case = tuple[Sender, list[Reference], list[NumberHit], Found]


@pytest.mark.parametrize("case", USERS.values(), ids=USERS.keys())
def test_a_users_mail_goes_to(case: Case) -> None:
    sender, refs, numbers, expected = case
    assert find(MAIL, sender, refs, numbers) == expected


@pytest.mark.parametrize("case", INSIDERS.values(), ids=INSIDERS.keys())
def test_a_mail_of_the_lpses_people_goes_to(case: Case) -> None:
    sender, refs, numbers, expected = case
    assert find(MAIL, sender, refs, numbers) == expected


@pytest.mark.parametrize("case", LKPPS.values(), ids=LKPPS.keys())
def test_lkpps_mail_goes_to(case: Case) -> None:
    sender, refs, numbers, expected = case
    assert find(MAIL, sender, refs, numbers) == expected


REFS = st.builds(
    Reference,
    message_id=st.just("<a@b>"),
    ticket_id=st.none() | st.integers(1, 3),
    party=st.sampled_from(Role),
    recipient=st.sampled_from([SARI.address, LKPP.address, BUDI.address, ""]),
    ours=st.booleans(),
    sender_is_party=st.just(False),
)
HITS = st.builds(
    NumberHit,
    number=st.sampled_from("abc"),
    ticket_id=st.integers(1, 3),
    where=st.sampled_from(["subject", "body"]),
    sender_is_party=st.just(False),
    lkpp=st.booleans(),
)


@given(st.sampled_from([BUDI, NOBODY, SELF]), st.lists(REFS), st.lists(HITS))
def test_an_outsider_never_joins_a_ticket(outsider: Sender, refs: list[Reference], numbers: list[NumberHit]) -> None:
    found = find(MAIL, outsider, refs, numbers)
    assert found.ticket_id is None and found.previous is None and found.conflict is None


# --- tokens -----------------------------------------------------------------------------------

TOKENS = [
    (SARI, Role.STAFF, SARI.address, True, NOW - timedelta(days=1), True),
    (SARI, Role.STAFF, "Sari@BatangKab.go.id", True, NOW - timedelta(days=90), True),
    (SARI, Role.STAFF, SARI.address, True, NOW - timedelta(days=90, seconds=1), False),
    (SARI, Role.STAFF, SARI.address, True, NOW + timedelta(minutes=2), True),  # clocks differ a little
    (SARI, Role.STAFF, HEAD.address, True, NOW, False),
    (SARI, Role.STAFF, SARI.address, False, NOW, False),
    (SARI, Role.STAFF, SARI.address, True, None, False),
    (NOBODY, Role.USER, "", True, NOW, False),
]


@pytest.mark.parametrize(("sender", "party", "recipient", "is_ours", "issued_at", "expected"), TOKENS)
def test_a_token_is_a_mail_issued_to_this_very_address(
    sender: Sender, party: Role, recipient: str, is_ours: bool, issued_at: datetime | None, expected: bool
) -> None:
    ref = Reference(
        message_id="<a@b>",
        ticket_id=1,
        party=party,
        recipient=recipient,
        ours=is_ours,
        issued_at=issued_at,
    )
    assert has_token(sender, [stored(2, mine=True), ref], NOW) is expected


def test_without_references_there_is_no_token() -> None:
    assert not has_token(SARI, [], NOW)


def test_only_a_mail_of_ours_to_lkpp_is_one() -> None:
    assert refers_to_lkpp_mail([stored(1, mine=True), TO_LKPP])
    assert not refers_to_lkpp_mail([ours(1, Role.STAFF, SARI.address), stored(1, mine=True)])


def test_message_ids_are_looked_up_once_each_the_deepest_last() -> None:
    message = Message(headers=(), subject="", from_=(), references=("<a>", "<b>", "<c>"), in_reply_to=("<b>",))
    assert lookup_ids(message) == ("<a>", "<c>", "<b>")
    long = Message(headers=(), subject="", from_=(), references=tuple(f"<{n}>" for n in range(100_000)))
    assert lookup_ids(long) == tuple(f"<{n}>" for n in range(99_900, 100_000))
