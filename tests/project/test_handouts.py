"""The two pages for people: what they name and quote is there, and they fit on the paper that they are printed on."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import pytest

from mailbot.config.settings import Sop
from mailbot.parsers.commands import command_lines
from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.rules.worktime.dates import format_duration
from mailbot.templates.catalogue import MAILS
from tests import ROOT
from tests.project.test_docs import code, table, text_of

PETUGAS, PENGGUNA = (text_of(f"{name}.md") for name in ("petugas", "pengguna"))
DOCS = ROOT / "docs"
KINDS = {mail.kind for mail in MAILS.values()}


@pytest.mark.parametrize("text", [PETUGAS, PENGGUNA], ids=["petugas", "pengguna"])
def test_every_mail_that_a_page_quotes_is_called_so(text: str) -> None:
    quoted = [" ".join(words.split()) for words in re.findall("“([^”]+)”", text)]
    assert len(quoted) >= 6
    assert set(quoted) <= KINDS


def test_the_page_for_users_names_only_what_they_get() -> None:
    of_users = {mail.kind for mail in MAILS.values() if mail.name.startswith("user_")}
    assert {" ".join(words.split()) for words in re.findall("“([^”]+)”", PENGGUNA)} <= of_users
    assert "#" not in re.sub("(?m)^# ", "", PENGGUNA)


def test_the_words_set_in_bold_stand_in_the_mails() -> None:
    templates = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "mailbot/templates").glob("*.j2"))
    bold = {
        "petugas": ("Yang dilakukan", "Sekarang", "Lainnya"),
        "pengguna": ("SELESAI", "BELUM"),
    }
    for name, words in bold.items():
        text = text_of(f"{name}.md")
        assert [word for word in words if f"**{word}**" not in text] == []
        assert [word for word in words if f"**{word}" not in templates and f"{word}:" not in templates] == []


def test_the_table_has_the_commands_of_every_day_each_with_an_example_that_is_read_as_it() -> None:
    daily = [spec for spec in VOCABULARY if spec.daily]
    assert len(daily) == 8
    rows = table(PETUGAS)
    assert {row[0] for row in rows} == {f"`#{spec.word}`" for spec in daily}
    for word, _, example in rows:
        read = command_lines.read(example.strip("`"))
        assert read.fault is None and [f"`#{command.word}`" for command in read.commands] == [word]


def test_every_command_on_the_page_for_staff_is_known() -> None:
    words = {word for spec in VOCABULARY for word in (spec.word, *spec.aliases)}
    named = {word for line in code(PETUGAS) for word in re.findall(r"#([a-z][a-z-]+)", line)}
    assert named <= words


def test_the_lengths_are_the_defaults() -> None:
    sop = Sop()
    assert f"menunggu **{format_duration(sop.undo_window)}**" in " ".join(PETUGAS.split())
    page = " ".join(PENGGUNA.split())
    assert f"dalam {format_duration(sop.confirm_close_after)}, tiket ditutup" in page
    assert f"dalam {format_duration(sop.reopen_within)}." in page


@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), reason="needs Chromium"
)
def test_the_page_for_staff_prints_on_one_sheet_and_that_for_users_on_half_a_one(tmp_path: Path) -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "handouts.py"))
    users = script["page"](DOCS / "pengguna.md")
    pages = {
        "petugas": script["page"](DOCS / "petugas.md"),
        "users, twice": users + users.partition("</style>")[2],
        "too long": "<p>x</p>" * 200,
    }
    found = {}
    with script["screenshots"].chromium() as browser:
        for name, html in pages.items():
            target = tmp_path / f"{name}.html"
            target.write_text(html, encoding="utf-8")
            found[name] = script["sheets"](script["printed"](browser, target))
    assert found.pop("too long") > 1
    assert found == {"petugas": 1, "users, twice": 1}
