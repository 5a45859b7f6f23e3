"""Codes of links that nobody has used are forgotten long after they expired; one that was used is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailbot.store import codes
from tests.steps import opened, sending_link, staff_writes
from tests.world import PEOPLE, PaperWorld


def _all(office: PaperWorld) -> set[str]:
    return {str(row["code"]) for row in office.rows("SELECT code FROM codes")}


def _used(office: PaperWorld) -> set[str]:
    return {str(row["code"]) for row in office.rows("SELECT code FROM codes WHERE used_by IS NOT NULL")}


@pytest.fixture
def clicked(office: PaperWorld) -> PaperWorld:
    """One link was used, ten were not."""
    opened(office)
    assert staff_writes(office, "#eskalsi Login gagal sejak kemarin.") == "staff_receipt"
    office.write("petugas", sending_link(office.last("petugas", "staff_receipt")), subject="Re: Tidak bisa login")
    assert office.once()
    assert _used(office) and _used(office) < _all(office)
    return office


def test_an_unused_code_is_forgotten_long_after_it_expired(clicked: PaperWorld) -> None:
    before = _all(clicked)
    codes.forget(clicked.store, clicked.now + timedelta(days=80))  # 30 days good, 60 remembered
    assert _all(clicked) == before
    codes.forget(clicked.store, clicked.now + timedelta(days=91))
    assert _all(clicked) == _used(clicked)


def test_a_used_code_keeps_what_its_sender_was_told(clicked: PaperWorld) -> None:
    [code] = _used(clicked)
    told = clicked.rows("SELECT receipt FROM codes WHERE code = ?", code)
    codes.forget(clicked.store, clicked.now + timedelta(days=400))
    assert clicked.rows("SELECT receipt FROM codes WHERE code = ?", code) == told != [{"receipt": None}]
    found = codes.find(clicked.store, "batang", code, PEOPLE["petugas"], clicked.now)
    assert found is not None and found["receipt"] == told[0]["receipt"]


def test_only_some_are_forgotten_at_once(clicked: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "_AT_ONCE", 3)
    before = len(_all(clicked))
    codes.forget(clicked.store, clicked.now + timedelta(days=91))
    assert len(_all(clicked)) == before - 3
