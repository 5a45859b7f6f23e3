"""A tap on an emoji is no answer, no data and no confirmation: nothing follows from it, for whomever it is meant."""

from __future__ import annotations

from tests import TESTS
from tests.steps import data_requested, disposition, escalated, minutes_later, opened, resolved
from tests.world import PEOPLE, Letter, PaperWorld

_REACTION = (TESTS / "fixtures" / "mails" / "reaction_gmail.eml").read_bytes()


def reacts(office: PaperWorld, who: str, to: Letter) -> None:
    """Nobody hears of it, and the ticket stands as it stood."""
    before = {one: len(office.letters(one)) for one in PEOPLE}, office.status()
    raw = _REACTION.replace(PEOPLE["pengguna"].encode(), PEOPLE[who].encode())
    office.drop(raw.replace(b"MIME-Version", f"In-Reply-To: {to.message_id}\r\nMIME-Version".encode(), 1))
    assert office.once()
    minutes_later(office, 4)
    assert ({one: len(office.letters(one)) for one in PEOPLE}, office.status()) == before
    assert disposition(office)[:2] == ("handled", "reaction")


def test_of_the_user_to_a_request_is_no_data_for_lkpp(office: PaperWorld) -> None:
    reacts(office, "pengguna", data_requested(office))


def test_of_the_user_to_an_answer_neither_closes_nor_reopens(office: PaperWorld) -> None:
    reacts(office, "pengguna", resolved(office))


def test_of_staff_to_a_notice_is_no_answer_to_the_user(office: PaperWorld) -> None:
    reacts(office, "petugas", opened(office))


def test_of_lkpp_to_the_escalation_says_nothing(office: PaperWorld) -> None:
    reacts(office, "lkpp", escalated(office))
