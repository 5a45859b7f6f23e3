"""The name under which a mail of a ticket stands in a list of mails."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.letters.sender_name import of_ticket
from mailbot.model import Status, Ticket
from tests.world import PaperWorld

SITI = {"name": "Siti Aminah", "organisation": "CV Abadi"}


def ticket(priority: int = 2, *, verified: bool = True, name: str = "siti") -> Ticket:
    return Ticket(
        id=1,
        mailbox="batang",
        number="LPSE-BTG-2026-000001",
        form_number="1",
        status=Status.NEW,
        priority=priority,
        subject="Gagal login",
        user_address="siti@abadi.test",
        user_name=name,
        user_verified=verified,
        opened_at=datetime(2026, 11, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("of", "user", "name"),
    [
        (ticket(1), SITI, "LPSE-BTG · P1 · Siti Aminah (CV Abadi)"),
        (ticket(3), {"name": "Siti"}, "LPSE-BTG · P3 · Siti"),
        (ticket(3), None, "LPSE-BTG · P3 · siti"),
        (ticket(verified=False), SITI, "LPSE-BTG · P2 · pengirim"),
        (ticket(name=""), None, "LPSE-BTG · P2 · pengirim"),
        (ticket(), {"name": '"Kepala" <kepala@batangkab.test>'}, "LPSE-BTG · P2 · Kepala kepala batangkab.test"),
        (ticket(), {"name": "Siti\u202e\r\nBcc: x"}, "LPSE-BTG · P2 · Siti Bcc x"),
        (
            ticket(),
            {"name": "Siti", "organisation": "PT Sumber Makmur Sejahtera Abadi Nusantara Jaya"},
            "LPSE-BTG · P2 · Siti (PT Sumber Makmur Sejahtera Abadi Nus…)",
        ),
    ],
)
def test_it_says_how_urgent_and_whose(of: Ticket, user: dict[str, str] | None, name: str) -> None:
    found = of_ticket("LPSE-BTG", of, user)
    assert found == name
    assert len(found) <= 60


@given(st.text(max_size=200), st.text(max_size=200), st.booleans())
def test_whatever_the_name_it_is_one_short_line_that_looks_like_no_address(
    name: str, firm: str, verified: bool
) -> None:
    found = of_ticket("LPSE-BTG", ticket(verified=verified), {"name": name, "organisation": firm})
    assert len(found) <= 60 and found.startswith("LPSE-BTG · P2 · ")
    assert not set(found) & set('@<>"\r\n\\')
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in found)
    assert not any(unicodedata.bidirectional(sign) in ("LRO", "RLO", "LRI", "RLI", "FSI", "PDI") for sign in found)


def test_in_a_list_staff_see_priority_and_user_and_others_see_the_organisation(office: PaperWorld) -> None:
    office.write("pengguna", "Batas pemasukan penawaran satu jam lagi dan kami tidak bisa login.", subject="MENDESAK")
    assert office.once()
    heads = {
        row["template"]: message_from_bytes(row["raw"], policy=policy.default)
        for row in office.sent("template IN ('staff_new_ticket', 'user_acknowledgement')")
    }
    [level] = [row["priority"] for row in office.rows("SELECT priority FROM tickets")]
    staff, user = heads["staff_new_ticket"], heads["user_acknowledgement"]
    assert str(staff["From"]).startswith(f'"LPSE-BTG · P{level} · ') or f"P{level} ·" in str(staff["From"])
    assert (staff["Importance"] == "high") == (level == 1)
    assert "P1" not in str(user["From"]) and user["Importance"] is None
    assert "LPSE Kabupaten Batang" in str(user["From"])
