"""A mail can be followed through the log, from its arrival to what became of it."""

from __future__ import annotations

import json

import pytest

from mailbot import log
from tests.world import PaperWorld


def _said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.fixture
def logged(office: PaperWorld, capsys: pytest.CaptureFixture[str]) -> PaperWorld:
    log.configure("json", "info")
    office.write("pengguna", "Tidak bisa login.", subject="Tidak bisa login")
    office.once()
    return office


def _events(lines: list[dict[str, str]]) -> list[str]:
    """Without what is said of the operator's mail about the calendar."""
    lines = [line for line in lines if line.get("template") != "operator_alarm"]
    return [line["event"] for line in lines if line["event"] not in ("submitted", "finished", "alarm")]


def test_a_mail_is_told_in_the_order_in_which_it_was_dealt_with(
    logged: PaperWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _said(capsys)
    assert _events(lines) == ["threaded", "decided", "queued", "queued", "queued"]


def test_what_a_refused_command_had_begun_is_not_told(logged: PaperWorld, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    logged.write("petugas", "#prioritas 2\n#teruskan", answers=logged.letters("petugas")[-1])
    logged.once()
    events = _events(_said(capsys))
    assert "decided" not in events
    assert events[-3:] == ["threaded", "filed", "queued"]


def test_a_second_copy_is_told(logged: PaperWorld, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    raw = bytes(logged.store.value("SELECT raw FROM journal WHERE id = 1"))
    logged.drop(raw)
    logged.once()
    [line] = [line for line in _said(capsys) if line["event"] == "filed"]
    assert line["kind"] == "duplicate" and line["message_id"]


def test_an_answer_that_was_taken_back_is_told(logged: PaperWorld, capsys: pytest.CaptureFixture[str]) -> None:
    logged.write(
        "petugas", "Silakan dicoba lagi, terima kasih atas kesabarannya.", answers=logged.letters("petugas")[-1]
    )
    logged.once()
    logged.write("petugas", "#batal", answers=logged.letters("petugas")[-1])
    logged.once()
    lines = _said(capsys)
    [queued] = [line for line in lines if line["event"] == "queued" and line["template"] == "user_answer"]
    [cancelled] = [line for line in lines if line["event"] == "cancelled"]
    assert (cancelled["message_id"], cancelled["ticket"]) == (queued["message_id"], queued["ticket"])


def test_what_lkpp_writes_about_no_ticket_is_held(logged: PaperWorld, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    logged.write("lkpp", "Permasalahan sudah selesai.", subject="Info")
    logged.once()
    assert _events(_said(capsys))[0] == "held"
