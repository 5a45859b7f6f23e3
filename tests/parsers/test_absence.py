"""Texts that only say that their writer is away, and answers that mention it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.parsers.robots.absence import only_says_away
from tests import TESTS
from tests.quick import within

TEXTS: dict[str, Any] = yaml.safe_load((TESTS / "parsers" / "absence.yaml").read_text(encoding="utf-8"))
AWAY = [*TEXTS["away"]["seen"], *TEXTS["away"]["held out"]]


@pytest.mark.parametrize("text", AWAY)
def test_a_text_that_only_says_that_its_writer_is_away_is_seen(text: str) -> None:
    assert only_says_away(text)


@pytest.mark.parametrize(
    "around",
    [
        "Yth. Bapak/Ibu,\n\n{}\n\nHormat kami,\nSari Utami, S.Kom.\nPranata Komputer\nHP 0812-3456-7890",
        "Selamat siang.\n{}\nTerima kasih atas perhatiannya.",
        "{}\n\nUntuk hal mendesak silakan hubungi Sdr. Joko (0285) 391571.",
    ],
)
@pytest.mark.parametrize("text", AWAY)
def test_courtesy_a_deputy_and_a_signature_around_it_change_nothing(text: str, around: str) -> None:
    assert only_says_away(around.format(text))


@pytest.mark.parametrize("text", TEXTS["answers"])
def test_an_answer_that_mentions_an_absence_or_days_is_an_answer(text: str) -> None:
    assert not only_says_away(text)


@pytest.mark.parametrize("text", AWAY)
def test_an_absence_below_an_answer_leaves_it_an_answer(text: str) -> None:
    assert not only_says_away(f"Akun sudah kami aktifkan, silakan masuk dengan kata sandi baru.\n\n{text}")


@pytest.mark.parametrize("text", ["", "ok", "Terima kasih.", "Silakan hubungi Joko.", "12345", "\n\n", "…"])
def test_what_says_nothing_of_an_absence_is_none(text: str) -> None:
    assert not only_says_away(text)


@settings(deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_gives_an_answer(before: str, after: str) -> None:
    assert only_says_away(f"{before}cuti{after}") in (True, False)


@pytest.mark.parametrize("text", ["cuti " * 600, "akan " * 590 + "cuti", "a" * 2990 + " cuti", "\n" * 2990 + "cuti",
                                  "will reply " * 270, "cuti" * 100_000])  # fmt: skip
def test_hostile_texts_are_read_in_linear_time(text: str) -> None:
    with within(0.5):
        only_says_away(text)
