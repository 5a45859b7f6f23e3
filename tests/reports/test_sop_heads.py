"""A site prints its own head of a paper, and never another office's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailbot.cli.main import main
from mailbot.errors import ConfigError
from mailbot.reports.sop import printing
from mailbot.rules.sop import heads, paper, table
from mailbot.rules.sop.heads import Head
from tests import papers
from tests.page import tree

BATANG, BATAM = "LPSE Kabupaten Batang", "LPSE Kota Batam"
BATANGS_OWN = ("SOP-LPSE.BTG-015", "8 Januari 2017", "SUDIBYO", "PARAWITA", "NASER", "Naser")
OWN = """
"015":
  number: SOP-LPSE.BTM-003
  revision: "02"
  effective: 1 Maret 2026
  approved_by: [Sri Lestari, Kepala Unit]
  prepared_by: [Budi Santoso, Koordinator Helpdesk]
  reviewed_by: [Citra Dewi, Sekretaris]
  agreed_by: [Sri Lestari, Kepala Unit]
  legal_basis:
    - Peraturan Pemerintah Nomor 71 Tahun 2019
    - Peraturan Presiden Nomor 16 Tahun 2018
telepon:
  number: SOP-LPSE.BTM-004
  legal_basis: Peraturan Pemerintah Nomor 82 Tahun 2012
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / heads.FILE).write_text(OWN, encoding="utf-8")
    return tmp_path


def printed(name: str, form: str, head: Head) -> str:
    """What a site of that head prints, on one line."""
    if name == "015":
        shown = printing.document(table.load(), form, head=head)
    else:
        shown = printing.paper(paper.load(name), name, form, head=head)
    return " ".join(shown.split())


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_site_s_own_head_stands_in_the_place_of_the_paper_s(own: Path, form: str) -> None:
    words = printed("015", form, Head(BATAM, heads.load(own)["015"]))
    for value in ("SOP-LPSE.BTM-003", "02", "1 Maret 2026", "Budi Santoso", "Citra Dewi", "Sri Lestari, Kepala Unit"):
        assert value in words
    for value in (*BATANGS_OWN, "Pemda Kab. Batang", "Dokumen asli milik"):
        assert value not in words


def test_the_tables_stay_mailbot_s_under_another_head(own: Path) -> None:
    page = printing.document(table.load(), "html", head=Head(BATAM, heads.load(own)["015"]))
    found, ours = papers.rows(tree(page)), papers.rows(tree(papers.print_of("015")))
    begin = ours.index(("SOP ESKALASI PERMASALAHAN MELALUI E-MAIL",), 10)
    assert found[-len(ours[begin:]) :] == ours[begin:]


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
@pytest.mark.parametrize(
    ("name", "organisation", "anothers"),
    [("015", BATAM, (*BATANGS_OWN, "Kab. Batang")), ("email-batam", BATANG, ("Hardwiyarso", "NIP.", "2 Januari 2023"))],
)
def test_an_office_does_not_print_the_head_of_another(
    name: str, organisation: str, anothers: tuple[str, ...], form: str
) -> None:
    words = printed(name, form, Head(organisation))
    assert not [value for value in anothers if value in words]
    assert "Dokumen asli milik" in words and heads.FILE in re.sub(r"\\(.)", r"\1", words)


@pytest.mark.parametrize(("name", "organisation"), [("015", BATANG), ("015", "lpse kabupaten batang"), ("015", "")])
def test_the_office_of_the_paper_prints_it_as_it_is(name: str, organisation: str) -> None:
    assert papers.differences(name, printing.document(table.load(), "html", head=Head(organisation))) == []


def test_what_the_paper_has_no_place_for_stands_before_it(own: Path) -> None:
    words = printed("telepon", "markdown", Head(BATAM, heads.load(own)["telepon"]))
    number, basis = words.index("| Nomor : | SOP-LPSE.BTM-004 |"), words.index("**Dasar Hukum :** 1. Peraturan")
    assert number < basis < words.index("telah diganti dengan") < words.index("**SOP PENANGANAN PERMASALAHAN")


def test_the_note_on_replaced_rules_follows_the_site_s_legal_basis(own: Path) -> None:
    words = printed("015", "text", Head(BATAM, heads.load(own)["015"]))
    assert "Nomor 16 Tahun 2018 telah diubah" in words and "Nomor 82 Tahun 2012" not in words


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lain: {number: X}", "unknown key 'lain'"),
        ('"015": {nomor: X}', "unknown key 'nomor'"),
        ('"015": {revision: 2}', "must be a text or a list of texts; put figures in quotes"),
        ('"015": {legal_basis: []}', "must be a text or a list of texts"),
        ("- 015", "must be a mapping"),
    ],
)
def test_a_head_with_faults_is_refused_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / heads.FILE).write_text(text + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        heads.load(tmp_path)
    assert re.search(rf"sop_heads\.yaml:1: .*{re.escape(fault)}", "\n".join(error.value.faults))


def test_no_site_no_head(tmp_path: Path) -> None:
    assert heads.load(None) == heads.load(tmp_path) == {}
    assert CliRunner().invoke(main, ["sop", "lain"]).exit_code == 2
