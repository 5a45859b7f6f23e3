"""What `mailbot check` says of terms that are looser than the paper's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mailbot.reports.caveats import caveats
from tests.world import PaperWorld


def looser(tmp_path: Path, **more: Any) -> list[str]:
    office = PaperWorld(tmp_path, **more)
    try:
        office.at("2026-12-21 09:00")
        return [said for said in caveats(office.sites, office.now) if "looser" in said]
    finally:
        office.store.close()


@pytest.mark.parametrize(
    ("sop", "named"),
    [
        ({"escalate_within": "9m"}, 'sop.escalate_within: "9 menit" is looser than the paper\'s "5 menit"'),
        ({"forward_data_within": "1h"}, "sop.forward_data_within"),
        ({"lkpp_progress_every": "2 hari kerja"}, "sop.lkpp_progress_every"),
        ({"lkpp_status_after": "3 hari"}, "sop.lkpp_status_after"),
        ({"lkpp_status_after": {"email": "3 hari kerja", "lpse-support": "3 hari"}}, "sop.lkpp_status_after"),
    ],
)
def test_each_term_looser_than_the_papers_is_named(tmp_path: Path, sop: dict[str, Any], named: str) -> None:
    [said] = looser(tmp_path, sop=sop)
    assert named in said


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"sop": {"escalate_within": "3m", "lkpp_status_after": "1 hari kerja"}},
        {"sop": {"lkpp_status_after": "3 hari"}, "lkpp": {"channel": "lpse-support", "accept_from": ["@lkpp.test"]}},
    ],
)
def test_terms_that_are_the_papers_or_stricter_are_not(tmp_path: Path, more: dict[str, Any]) -> None:
    assert looser(tmp_path, **more) == []
