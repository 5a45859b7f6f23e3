"""The SOPs beside SOP-015, as they are printed."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailbot.cli.main import main
from mailbot.errors import ConfigError
from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.reports.sop import printing
from mailbot.rules import FOLDER
from mailbot.rules.sop import paper

FORMS = ("text", "markdown", "html")


def words(printed: str) -> str:
    """The words on one line, without marks and cells."""
    printed = re.sub(r"<style.*?</style>|<sup>.*?</sup>|[⁰¹²³⁴⁵⁶⁷⁸⁹]", "", printed, flags=re.DOTALL)
    plain = unescape(re.sub(r"<[^>]*>", "", printed.replace("<br>", " ")))
    return " ".join(re.sub(r"[\\│|]", " ", plain).split()).casefold()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", paper.PAPERS)
def test_every_word_of_the_steps_and_what_mailbot_does_is_printed(name: str, form: str) -> None:
    found = paper.load(name)
    printed = words(printing.paper(found, name, form, width=4000))
    for procedure in found.procedures:
        assert procedure.title.casefold() in printed
        for step in procedure.steps:
            for line in (step.activity, step.requirements, step.time, step.output, step.remarks):
                assert words(line) in printed
            assert words(procedure.done[step.no]) in printed
            assert words(procedure.differs.get(step.no, "")) in printed


@pytest.mark.parametrize("name", paper.PAPERS)
def test_what_is_said_of_mailbot_names_commands_that_it_knows(name: str) -> None:
    known = {word for spec in VOCABULARY for word in (spec.word, *spec.aliases)}
    said = " ".join(line for procedure in paper.load(name).procedures for line in procedure.done.values())
    assert set(re.findall(r"#([a-z][a-z-]*)", said)) <= known


def test_two_procedures_of_one_page_are_told_apart() -> None:
    printed = printing.paper(paper.load("lpse-support"), "lpse-support", "html")
    ids = re.findall(r' id="([^"]+)"', printed)
    assert len(ids) == len(set(ids))
    assert {target for target in re.findall(r'href="#([^"]+)"', printed)} <= set(ids)
    assert {target for target in re.findall(r"url\(#([^)]+)\)", printed)} <= set(ids)


def test_the_time_limits_of_both_sops_stand_in_their_tables() -> None:
    def times(name: str) -> list[str]:
        return [step.time for step in paper.load(name).procedures[0].steps if step.time not in ("", "N/A")]

    assert times("telepon") == ["10 detik", "2 menit", "10 menit", "10 menit"]
    assert times("loket") == ["10 detik", "5 menit", "10 menit", "10 menit"]


def test_every_step_leads_somewhere_or_ends() -> None:
    for name in paper.PAPERS:
        for procedure in paper.load(name).procedures:
            for step in procedure.steps:
                aside = name == "lpse-support" and step.no == "11"  # "at any time": no step leads there
                assert step.following or step.ends or aside, (name, step.no)
                assert len(step.following) == (2 if step.decision else 0 if step.ends or aside else 1), (name, step.no)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("pelaksana: user", "pelaksana: siapa", "pelaksana must be one of user, lpse"),
        ("lanjut: 2", "lanjut: 99", "lanjut leads to 99, which is no step"),
        ("no: 2", "no: 1", "no is missing, or stands there twice"),
        ("mulai: true", "mulia: true", "unknown key 'mulia'"),
        ("waktu: 10 detik", "mailbot: ''", "mailbot is missing"),
        ("  title: SOP", "  judul: SOP", "document with a title is missing"),
        ("procedures:", "procedure:", "procedures must be a list"),
        ("    performers: {user: Pengguna SPSE, lpse: Helpdesk}\n", "", "performers are missing"),
        ("  parts:", "  bagian:", "unknown key 'bagian'"),
        ("    - heading: Formulir", "    - judul: Formulir", "a part is one of cover, title, heading, lines, fields"),
        ("    - procedure: 1", "    - procedure: 2", "procedure 2 is not there"),
        ('          - [Waktu, ":"]', "          - [Waktu]", "each row must have as many cells as the first"),
        ("      activity: Aktivitas", "      aktivitas: Aktivitas", "unknown key 'aktivitas'"),
        ("        head: 2", "        head: dua", "must be a number from 0 to 2"),
        ("        head: 2", "        head: 3", "must be a number from 0 to 2"),
        ("        head: 2", "        head: 2\n        steps: 2", "must be a number from 0 to 1"),
        ('[Waktu, ":"]', "[Waktu, (langkah)]", "(langkah) needs the number of a procedure under `steps`"),
        ("    - heading: Formulir Konsultasi", "    - fields: []", "must be a list with at least one field"),
        ("    - heading: Formulir Konsultasi", "    - signatures: []", "must be a list with at least one who signs"),
        ("    - heading: Formulir Konsultasi", "    - list: {label: [a]}", "must be a text"),
        ("    - heading: Formulir Konsultasi", "    - fields: [{key: nomor}]", "unknown key of a head 'nomor'"),
        ("    - heading: Formulir Konsultasi", "    - heading: {a: b}", "must be a text or a list of texts"),
    ],
)
def test_a_paper_with_faults_is_refused_with_their_lines(before: str, after: str, fault: str, tmp_path: Path) -> None:
    text = (FOLDER / "sop_telepon.yaml").read_text(encoding="utf-8")
    assert before in text
    broken = text.replace(before, after, 1)
    if after == "mailbot: ''":
        broken = re.sub(r"\n +mailbot: \"Berlangsung melalui telepon; tidak diukur.\"", "", broken)
    (tmp_path / "sop_telepon.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        paper.load("telepon", tmp_path)
    assert any(re.search(rf"sop_telepon\.yaml:\d+: .*{re.escape(fault)}", line) for line in error.value.faults)


def test_the_command_prints_each_in_each_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in paper.PAPERS:
        printed = CliRunner().invoke(main, ["sop", name])
        assert printed.exit_code == 0, printed.output
        assert f"mailbot sop {name}" in printed.stdout
    assert CliRunner().invoke(main, ["sop", "telepon", "--matrix"]).exit_code == 2
    assert CliRunner().invoke(main, ["sop", "lain"]).exit_code == 2
