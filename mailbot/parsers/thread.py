"""Which ticket a message belongs to, and why. Pure: the store looks things up, this module decides.

In this order: (1) the message refers to a mail, ours or stored, of a ticket of which the sender is a party (of the
LPSE's and LKPP's people: to any of theirs); (2) the tag in the subject, if he is a party of that ticket or one of
those people; (3) nothing. Titles never match. The reason is kept with the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mailbot.model import Message, Role, Sender
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

TOKEN_AGE = timedelta(days=90)

# A thread of years needs no more; a header of a megabyte gets no further.
_MOST_IDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A stored mail whose Message-ID the new message names in References or In-Reply-To.

    ours: we sent it (it stands in the outbox), to `recipient` as `party`.
    sender_is_party: the new message's sender is a party of the stored mail's ticket.
    user: the address of that ticket's user, "" where it is not known.
    ticket_id: None for a mail of ours about no single ticket (a digest).
    issued_at: when we sent it; None for a mail that is not ours.
    closed_too_long: the ticket has been closed for longer than it may be reopened.
    """

    message_id: str
    ticket_id: int | None
    party: Role = Role.USER
    recipient: str = ""
    ours: bool = False
    sender_is_party: bool = False
    user: str = ""
    issued_at: datetime | None = None
    closed_too_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHit:
    """An existing ticket's number as it stands in the new message, in reading order.

    lkpp: it is LKPP's own number for the ticket, which counts in LKPP's mail only.
    """

    number: str
    ticket_id: int
    where: Literal["subject", "body"] = "subject"
    sender_is_party: bool = False
    closed_too_long: bool = False
    lkpp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a message belongs.

    ticket_id: the ticket, or None: a user's mail then opens a new one, any other goes to staff.
    reason: one line, Indonesian, kept with the message.
    conflict: (ticket by reference, ticket by tag) where the two differ, or the tickets of two users that an
        insider's references or subject name. Staff are asked, LKPP's goes to staff, a user's mail follows the first.
    stranger_to: tickets that the message names although the sender has no part in them; staff only.
    previous: the ticket that a user answers too late; his new ticket names it.
    """

    ticket_id: int | None
    reason: str
    conflict: tuple[int, int] | None = None
    stranger_to: tuple[int, ...] = ()
    previous: int | None = None


def lookup_ids(message: Message) -> tuple[str, ...]:
    """The Message-IDs to look up, the deepest (what was answered) last; each once, 100 at most."""
    ids = [*message.references, *message.in_reply_to]
    last_first = dict.fromkeys(reversed(ids))
    return tuple(reversed(list(last_first)[:_MOST_IDS]))


def find(message: Message, sender: Sender, refs: Sequence[Reference], numbers: Sequence[NumberHit]) -> Found:
    """The ticket of `message`.

    `refs`: what the store found for `lookup_ids(message)`, in that order.
    `numbers`: what it found for the numbers in the subject and then the body; for LKPP's mail its own
    numbers too.
    """
    if sender.role is Role.LKPP:
        return _find_lkpp(refs, numbers)
    if sender.role.inside:
        return _find_inside(refs, numbers)
    return _find_user(refs, numbers)


def has_token(sender: Sender, refs: Iterable[Reference], at: datetime) -> bool:
    """Whether the message, which arrived `at`, refers to a mail issued to this very address within 90 days.

    Our Message-IDs carry 128 random bits, so that whoever names one has seen the mail; that another
    address than the recipient's names it shows only that it leaked.
    """
    return any(
        ref.ours
        and ref.issued_at is not None
        and sender.address != ""
        and ref.recipient.lower() == sender.address
        and at - ref.issued_at <= TOKEN_AGE
        for ref in refs
    )


def refers_to_lkpp_mail(refs: Iterable[Reference]) -> bool:
    """Whether the message refers to a mail that we sent to an LKPP address."""
    return any(ref.ours and ref.party is Role.LKPP for ref in refs)


# --- users ----------------------------------------------------------------------------------


def _find_user(refs: Sequence[Reference], numbers: Sequence[NumberHit]) -> Found:
    numbers = [hit for hit in numbers if not hit.lkpp]
    mine = [ref for ref in refs if _is_mine(ref)]
    tags = [hit for hit in numbers if hit.where == "subject" and hit.sender_is_party]
    foreign = _distinct(
        [
            *(ref.ticket_id for ref in refs if not _is_mine(ref)),
            *(hit.ticket_id for hit in numbers if not hit.sender_is_party),
        ]
    )
    # The deepest reference wins; among several tags the first, which is where we write ours.
    chosen: Reference | NumberHit | None = mine[-1] if mine else tags[0] if tags else None
    if chosen is None or chosen.ticket_id is None:
        reason = _SAID("other_party" if foreign else "new")
        return Found(ticket_id=None, reason=reason, stranger_to=foreign)
    ticket_id = chosen.ticket_id
    stranger_to = tuple(ticket for ticket in foreign if ticket != ticket_id)
    if chosen.closed_too_long:
        return Found(
            ticket_id=None,
            reason=_SAID("closed_too_long"),
            stranger_to=stranger_to,
            previous=ticket_id,
        )
    conflict = None
    if mine and tags and ticket_id not in {hit.ticket_id for hit in tags}:
        conflict = (ticket_id, tags[0].ticket_id)
    return Found(ticket_id=ticket_id, reason=_why(chosen), conflict=conflict, stranger_to=stranger_to)


def _is_mine(ref: Reference) -> bool:
    """Whether a reference leads a user to a ticket: one of which he is a party. That we once wrote to him about it is
    not enough: the ticket may have become another's since (`#pengguna`, `#gabung`)."""
    return ref.ticket_id is not None and ref.sender_is_party


# --- the LPSE's own people ------------------------------------------------------------------


def _find_inside(refs: Sequence[Reference], numbers: Sequence[NumberHit]) -> Found:
    # Any mail of this mailbox leads them to its ticket: they are at home in all of them.
    by_reference = [ref for ref in refs if ref.ticket_id is not None]
    tags = _distinct(hit.ticket_id for hit in numbers if hit.where == "subject" and not hit.lkpp)
    if by_reference:
        deepest = by_reference[-1]
        ticket_id = deepest.ticket_id
        if ticket_id is not None and tags and tags[0] != ticket_id:
            return Found(
                ticket_id=None,
                reason=_SAID("reply_and_tag_differ"),
                conflict=(ticket_id, tags[0]),
            )
        others = [ref.ticket_id for ref in by_reference if ref.ticket_id != ticket_id and _of_another(ref, deepest)]
        if ticket_id is not None and others:
            another = others[-1]
            assert another is not None
            return Found(ticket_id=None, reason=_SAID("several_in_references"), conflict=(ticket_id, another))
        return Found(ticket_id=ticket_id, reason=_why(deepest))
    if len(tags) > 1:
        return Found(ticket_id=None, reason=_SAID("several_in_subject"), conflict=(tags[0], tags[1]))
    if tags:
        return Found(ticket_id=tags[0], reason=_SAID("tag"))
    return Found(ticket_id=None, reason=_SAID("new"))


def _of_another(one: Reference, other: Reference) -> bool:
    """Whether two mails are of different users' tickets, or may be. One user's next ticket carries the references of
    the one before."""
    return not one.user or one.user != other.user


# --- LKPP -----------------------------------------------------------------------------------


def _find_lkpp(refs: Sequence[Reference], numbers: Sequence[NumberHit]) -> Found:
    by_reference = [
        ref
        for ref in refs
        if ref.ticket_id is not None and (ref.sender_is_party or (ref.ours and ref.party is Role.LKPP))
    ]
    hits = _unequivocal(numbers)
    in_subject = _distinct(hit.ticket_id for hit in hits if hit.where == "subject")
    if by_reference:
        deepest = by_reference[-1]
        ticket_id = deepest.ticket_id
        if ticket_id is not None and in_subject and ticket_id not in in_subject:
            reason, conflict = _SAID("reply_and_number_differ"), (ticket_id, in_subject[0])
            return Found(ticket_id=ticket_id, reason=reason, conflict=conflict)
        return Found(ticket_id=ticket_id, reason=_why(deepest))
    named = _distinct(hit.ticket_id for hit in hits)
    if len(named) == 1:
        return Found(ticket_id=named[0], reason=_named(hits, named[0]))
    if named:
        return Found(ticket_id=None, reason=_SAID("several_by_lkpp"))
    return Found(ticket_id=None, reason=_SAID("none_by_lkpp"))


def _unequivocal(numbers: Sequence[NumberHit]) -> list[NumberHit]:
    """Without LKPP's own numbers that have been seen with two tickets: they identify neither."""
    tickets: dict[str, set[int]] = {}
    for hit in numbers:
        if hit.lkpp:
            tickets.setdefault(hit.number, set()).add(hit.ticket_id)
    return [hit for hit in numbers if not hit.lkpp or len(tickets[hit.number]) == 1]


# --- words ----------------------------------------------------------------------------------


def _why(chosen: Reference | NumberHit) -> str:
    if isinstance(chosen, NumberHit):
        return _SAID("tag")
    return _SAID("replies_to_ours" if chosen.ours else "replies_to_stored")


def _named(hits: Sequence[NumberHit], ticket_id: int) -> str:
    first = next(hit for hit in hits if hit.ticket_id == ticket_id)
    if first.lkpp:
        return _SAID("lkpp_number")
    return _SAID("tag" if first.where == "subject" else "number_in_text")


def _distinct(tickets: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(ticket for ticket in tickets if ticket is not None))
