"""What comes after two tickets became one: reports on mails of the one that went, searches, and its history."""

from __future__ import annotations

from dataclasses import replace

from mailbot.reports import listing
from tests.arrivals.test_from_machine import report
from tests.reports.test_listing import shown
from tests.steps import closed, links, minutes_later, number, opened, staff_writes
from tests.world import PaperWorld

SITI = "Siti <siti@penyedia2.test>"


def merged(office: PaperWorld, sender: str = "") -> tuple[str, str, str]:
    """(number that went, number that stays, Message-ID of the acknowledgement of the one that went)."""
    opened(office)
    stays = number(office)
    more = {"sender": sender} if sender else {}
    opened(office, "Masih gagal. HP: 085712345678", subject="Susulan", **more)
    gone = number(office)
    acknowledgement = office.rows(
        "SELECT o.message_id FROM outbox o JOIN tickets t ON t.id = o.ticket_id"
        " WHERE t.number = ? AND o.template = 'user_acknowledgement'",
        gone,
    )[0]["message_id"]
    assert staff_writes(office, f"#gabung {stays}", office.last("petugas", "staff_new_ticket")) == (
        "staff_confirm" if sender else "staff_receipt"
    )
    if sender:  # two users' tickets
        code = next(iter(links(office.last("petugas", "staff_confirm")).values()))
        office.write("petugas", code, subject="Konfirmasi")
        assert office.once()
    assert office.status(gone) == "closed"
    return gone, stays, acknowledgement


# --- reports -------------------------------------------------------------------------------------------


def test_a_bounce_of_a_merged_tickets_mail_is_told_on_the_ticket_that_stands(office: PaperWorld) -> None:
    _, stays, message_id = merged(office)
    office.drop(report(message_id))
    assert office.once()
    notice = office.last("petugas", "staff_undeliverable")
    assert notice.message["X-Mailbot-Ticket"] == stays
    rows = office.rows("SELECT number, user_unreachable AS gone FROM tickets ORDER BY id")
    assert [(row["number"] == stays, row["gone"]) for row in rows] == [(True, 1), (False, 0)]
    [entry] = office.rows("SELECT ticket_id FROM journal WHERE disposition = 'bounce'")
    assert entry["ticket_id"] == 1


def test_a_bounce_from_another_user_does_not_make_this_one_unreachable(office: PaperWorld) -> None:
    _, stays, message_id = merged(office, SITI)
    office.drop(report(message_id, [("siti@penyedia2.test", "failed", "5.1.1")]))
    assert office.once()
    notice = office.last("petugas", "staff_undeliverable")
    assert notice.message["X-Mailbot-Ticket"] == stays and "siti@penyedia2.test" in notice.text
    assert "081234567890" not in notice.text.split("Data pengguna")[0]
    assert [row["gone"] for row in office.rows("SELECT user_unreachable AS gone FROM tickets")] == [0, 0]


# --- searches ------------------------------------------------------------------------------------------


def test_a_search_finds_the_ticket_that_stands_and_only_once(office: PaperWorld) -> None:
    gone, stays, _ = merged(office)
    for words in ("Susulan", "085712345678", gone):
        staff_writes(office, f"#cari {words}", office.last("petugas", "staff_receipt"))
        found = office.last("petugas", "staff_receipt").text
        assert "1 tiket ditemukan" in found and f"{stays} ·" in found and f"{gone} ·" not in found, words


def test_a_solved_ticket_that_was_merged_is_no_similar_case_any_more(office: PaperWorld) -> None:
    opened(office, subject="Lain")
    stays = number(office)
    opened(office)
    staff_writes(office, "Silakan gunakan menu lupa password.", office.last("petugas", "staff_new_ticket"))
    minutes_later(office, 4)
    assert [row["ticket_id"] for row in office.rows("SELECT ticket_id FROM solved")] == [2]
    staff_writes(office, f"#gabung {stays}", office.last("petugas", "staff_new_ticket"))
    assert office.rows("SELECT ticket_id FROM solved") == []


# --- `mailbot ticket` ----------------------------------------------------------------------------------


def test_the_ticket_that_stands_shows_the_history_of_the_one_that_went(office: PaperWorld) -> None:
    gone, stays, _ = merged(office)
    found = listing.ticket(office.store, office.config, stays, office.now)
    assert [each["number"] for each in found["merged"]] == [gone]
    assert [entry["event"] for entry in found["merged"][0]["history"]] == ["user.new", "staff.merge"]
    assert listing.ticket(office.store, office.config, gone, office.now)["merged_into"] == stays
    assert f"History of {gone}" in shown(office, "ticket", stays)


def test_a_ticket_shows_turns_and_breaches(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    office.at("2026-12-21 12:00")
    office.once()
    found = listing.ticket(office.store, office.config, number(office), office.now)
    assert found["turns"] == [{"who": "LPSE", "service_minutes": 180, "minutes": 180}]
    [breach] = found["breaches"]
    assert (breach["clock"], breach["ended_at"], breach["reason"]) == ("first_response", None, "")
    assert breach["late_minutes"] == 120
    text = " ".join(shown(office, "ticket").split())
    assert "LPSE 3 h (3 h by the calendar)" in text and "late 2 h" in text and "no reason given yet" in text


def test_a_ticket_of_an_unknown_mailbox_shows_no_turns(office: PaperWorld) -> None:
    closed(office)
    other = replace(office.config, mailboxes=())
    found = listing.ticket(office.store, other, number(office), office.now)
    assert (found["turns"], found["breaches"]) == ([], [])
