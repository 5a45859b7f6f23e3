"""Pages in docs/ that a command writes are what the command writes today."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import reading
from mailbot.cli.main import main
from mailbot.rules.sop.paper import PAPERS
from tests import ROOT

DOCS = ROOT / "docs"

#: Page, and the arguments of `mailbot` that print it.
PAGES = {
    "sop-015.md": ["sop", "--format", "markdown"],
    **{f"sop-{name}.md": ["sop", name, "--format", "markdown"] for name in PAPERS},
}


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_program_prints(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # away from any config.yaml: the page shows what mailbot brings
    printed = CliRunner().invoke(main, PAGES[name])
    assert printed.exit_code == 0, printed.output
    page = DOCS / name
    stored = page.read_text(encoding="utf-8") if page.exists() else ""
    # Not compared in the assert: pytest would print a difference of hundreds of lines.
    same = stored == printed.stdout
    assert same, f"docs/{name} is out of date; write it anew: mailbot {' '.join(PAGES[name])} > docs/{name}"


def test_the_page_on_reading_has_the_figures_of_today() -> None:
    stored = reading.PAGE.read_text(encoding="utf-8")
    same = reading.page(stored) == stored
    assert same, "docs/reading.md is out of date; write it anew: python -m bench.reading --write"
