"""`mailbot outbox`: what waits, and what a person decides about it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from mailbot.cli import main
from mailbot.cli.layout import Screen
from mailbot.cli.terminal import Terminal
from mailbot.delivery import decisions
from mailbot.delivery.decisions import NotNow
from mailbot.reports import outbox as report
from mailbot.store import outbox
from tests.world import WIB, PaperWorld


@pytest.fixture
def busy(tmp_path: Path) -> PaperWorld:
    """One mail held by a cap, one refused by the server, one that waits for its undo window."""
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_day": 1})
    for hour, text in ((8, "Lupa kata sandi."), (9, "Dokumen \x1b[31mtidak terunduh.")):
        office.at(f"2026-12-21 {hour:02}:00")
        office.write("pengguna", text, subject=text.replace("\x1b", ""))
        office.once()
    office.write("orang luar", "Halaman kosong.", subject="Halaman kosong")
    office.once()
    office.write("petugas", "#info\nKami periksa.", answers=office.last("petugas"))
    office.once()
    with office.store.immediate():
        office.store.execute("UPDATE outbox SET state = 'failed', accepted_at = NULL, answer = '550 no' WHERE id = 1")
    return office


def one(office: PaperWorld, where: str) -> Any:
    [row] = office.sent(where)
    return row


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(office.config_file), "outbox", *words])


def held(office: PaperWorld) -> int:
    return int(one(office, "held = 1 OR held_by = 'unproven_day'")["id"])


def test_the_list_names_what_waits_is_held_or_did_not_arrive(busy: PaperWorld) -> None:
    found = json.loads(run(busy, "list").stdout)
    assert [(each["state"], each["held"]) for each in found if each["template"].startswith("user_")] == [
        ("failed", False),
        ("queued", True),
        ("queued", False),
    ]
    [only] = json.loads(run(busy, "list", "--held").stdout)
    assert (only["held_by"], only["recipient"]) == ("unproven_day", "budi@penyedia.test")
    assert only["held_until"] > only["created_at"]


def test_a_mail_is_shown_with_its_headers_and_text(busy: PaperWorld) -> None:
    shown = json.loads(run(busy, "show", str(held(busy))).stdout)
    assert dict(shown["headers"])["X-Mailbot-Template"] == "user_acknowledgement"
    assert "LPSE-BTG-2026-000002" in shown["text"]
    assert run(busy, "show", "999").exit_code == 1


def test_a_held_mail_leaves_after_a_retry_whatever_the_cap_says(busy: PaperWorld) -> None:
    before = len(busy.letters("pengguna"))
    number = held(busy)
    done = run(busy, "retry", str(number))
    assert (done.exit_code, done.stdout.strip()) == (0, f"mail {number} is due")
    row = one(busy, f"id = {number}")
    assert (row["held"], row["held_why"], row["held_until"]) == (0, "", None)
    busy.now = datetime.now(UTC)
    busy.once()
    assert len(busy.letters("pengguna")) >= before + 1
    assert one(busy, f"id = {number}")["state"] == "accepted"


def test_a_refused_mail_is_due_again_with_the_same_bytes(busy: PaperWorld) -> None:
    raw, message_id = one(busy, "id = 1")["raw"], one(busy, "id = 1")["message_id"]
    decisions.retry(busy.store, 1, busy.now)
    row = one(busy, "id = 1")
    assert (row["state"], row["attempts"], row["outcome_handled"]) == ("queued", 0, 0)
    assert (row["raw"], row["message_id"]) == (raw, message_id)


def test_a_retry_does_not_shorten_the_time_in_which_staff_may_take_a_mail_back(busy: PaperWorld) -> None:
    waiting = one(busy, "undo_by IS NOT NULL")
    decisions.retry(busy.store, waiting["id"], busy.now)
    assert one(busy, "undo_by IS NOT NULL")["next_try_at"] == waiting["not_before"]


def test_a_mail_held_by_hand_stays_until_a_retry(busy: PaperWorld) -> None:
    number = one(busy, "undo_by IS NOT NULL")["id"]
    assert run(busy, "hold", str(number)).exit_code == 0
    busy.at("2026-12-28 09:00")
    busy.once()
    assert (one(busy, f"id = {number}")["state"], one(busy, f"id = {number}")["held_by"]) == ("queued", "hand")
    decisions.retry(busy.store, number, busy.now)
    busy.once()
    assert one(busy, f"id = {number}")["state"] == "accepted"


def test_a_cancelled_mail_never_leaves(busy: PaperWorld) -> None:
    number = held(busy)
    assert run(busy, "cancel", str(number)).exit_code == 0
    busy.at("2026-12-28 09:00")
    busy.once()
    assert one(busy, f"id = {number}")["state"] == "cancelled"
    assert "dibatalkan oleh operator" in one(busy, f"id = {number}")["reason"]


@pytest.mark.parametrize(
    ("state", "hold", "retry", "cancel"),
    [
        ("queued", True, True, True),
        ("sending", False, False, False),
        ("uncertain", True, True, False),
        ("accepted", False, False, False),
        ("failed", False, True, False),
        ("cancelled", False, False, False),
    ],
)
def test_what_may_be_done_follows_from_the_state(
    state: str, hold: bool, retry: bool, cancel: bool, busy: PaperWorld
) -> None:
    actions = {decisions.hold: hold, decisions.retry: retry, decisions.cancel: cancel}
    for act, allowed in actions.items():
        with busy.store.immediate():
            busy.store.update("outbox", 1, state=state, held=0, accepted_at="x" if state == "accepted" else None)
        if allowed:
            act(busy.store, 1, busy.now)
        else:
            with pytest.raises(NotNow):
                act(busy.store, 1, busy.now)
            assert one(busy, "id = 1")["state"] == state


def test_a_mail_that_came_back_after_the_server_took_it_is_not_sent_again(busy: PaperWorld) -> None:
    with busy.store.immediate():
        busy.store.update("outbox", 1, state="bounced", accepted_at="2026-12-21T01:00:00+00:00")
    with pytest.raises(NotNow, match="came back"):
        decisions.retry(busy.store, 1, busy.now)


def test_a_mail_that_was_held_after_it_had_become_due_is_not_claimed(busy: PaperWorld) -> None:
    busy.at("2026-12-21 09:10")
    [due] = outbox.due(busy.store, busy.site, busy.now, busy.now)
    decisions.hold(busy.store, due["id"], busy.now)
    assert outbox.claim(busy.store, due["id"]) is None


def test_each_decision_is_logged(busy: PaperWorld, capsys: pytest.CaptureFixture[str]) -> None:
    busy_config = busy.config_file.read_text().replace("level: error", "level: info\n  format: json")
    busy.config_file.write_text(busy_config)
    for action in ("hold", "retry", "cancel"):
        number = one(busy, "undo_by IS NOT NULL")["id"]
        done = run(busy, action, str(number))
        assert done.exit_code == 0
        line = json.loads(done.stderr.splitlines()[-1])
        assert (line["event"], line["action"], line["mail"]) == ("by hand", action, number)


def test_what_cannot_be_done_is_said_with_exit_code_1(busy: PaperWorld) -> None:
    for words in (("retry", "4711"), ("cancel", "1"), ("hold", "1")):
        done = run(busy, *words)
        assert done.exit_code == 1
        assert done.stderr.startswith("Error: ")
    assert run(busy, "retry", "x").exit_code == 2


def _on_a_terminal(office: PaperWorld, what: str, found: Any) -> str:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    getattr(Terminal(WIB, office.now, Screen(console)), what)(found)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_tables_fit_a_terminal_and_hold_nothing_that_it_obeys(busy: PaperWorld) -> None:
    listed = _on_a_terminal(busy, "outbox", report.mails(busy.store))
    shown = _on_a_terminal(busy, "outgoing", report.mail(busy.store, held(busy)))
    for text in (listed, shown):
        assert "\x1b[31m" not in text
    assert max(map(len, listed.splitlines())) <= 80
    assert "held, until" in listed and "sudah 1 tanda terima" in " ".join(listed.split())
    assert "Nothing waits" in _on_a_terminal(busy, "outbox", [])


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path)
    office.store.close()
    for file in office.config.data.glob("mailbot.sqlite*"):
        file.unlink()
    done = run(office, "list")
    assert (done.exit_code, done.stdout.strip()) == (0, "[]")
    assert not (office.config.data / "mailbot.sqlite").exists()
