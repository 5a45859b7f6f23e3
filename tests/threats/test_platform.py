"""What the program is made of: threats 32, 53 and 55."""

from __future__ import annotations

import ast
import csv
import io
import json
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from mailbot.cli import main
from mailbot.model import Message
from mailbot.parsers.mime import wire
from mailbot.yamlfile import read
from tests import ROOT
from tests.steps import opened
from tests.threats.hostile import MIXED, arrive, parts, raw, states
from tests.world import PaperWorld

#: What mailbot itself asks for; a further one is a decision.
RUNTIME = {
    *("aiosmtplib", "authres", "click", "docxtpl", "flufl-bounce", "holidays", "imapclient", "inscriptis", "jinja2"),
    *("mail-parser", "pydantic", "pyyaml", "rich", "schedule", "sqlite-utils", "structlog", "tzdata", "xlsxwriter"),
}


def _imported() -> Iterator[tuple[str, str]]:
    """(file, what it imports) of all that is delivered or run in the project's tree."""
    for path in [*(ROOT / "mailbot").rglob("*.py"), *(ROOT / "scripts").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            yield from ((path.name, name.split(".")[0]) for name in names)


def test_threat_32_no_table_is_written_that_a_spreadsheet_would_calculate(office: PaperWorld) -> None:
    """The rekap as a file, by mail and on the command line: whatever a user writes is text in its cells."""
    formulas = ('=HYPERLINK("http://jahat.test")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0")
    for n, words in enumerate(formulas):
        office.drop(
            raw(
                sender=f'"{words[:1]}1" <u{n}@penyedia.test>',
                subject=words.strip(),
                text=f"{words}\r\nNama: {words}\r\n",
            )
        )
    office.once()
    month = f"{office.now:%Y-%m}"
    command = ["-c", str(office.config_file), "rekap", "--month", month, "--format", "csv"]
    told = CliRunner().invoke(main.main, command).stdout_bytes
    office.write("petugas", f"#rekap {month}", answers=office.last("petugas"))
    office.once()
    [(_, mailed)] = [file for file in office.last("petugas", "staff_receipt").attachments if file[0].endswith(".csv")]
    for file in (told, mailed):
        rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))
        cells = [cell for row in rows for cell in row]
        assert sum("HYPERLINK" in cell for cell in cells) >= 1, "the user's words stand in it"
        assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
    [(_, printed)] = [file for file in office.last("petugas", "staff_receipt").attachments if file[0].endswith(".xlsx")]
    [page] = load_workbook(io.BytesIO(printed)).worksheets
    filled = [cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert sum("HYPERLINK" in str(cell.value) for cell in filled) >= 1, "the user's words stand in it"
    assert {cell.data_type for cell in filled} == {"s"} and not any(cell.hyperlink for cell in filled)
    assert all(cell.quotePrefix for cell in filled if str(cell.value).lstrip().startswith(("=", "+", "-", "@")))
    writers = {"csv", "openpyxl", "xlsxwriter", "xlwt", "pandas", "odf", "pyexcel"}
    found = {pair for pair in _imported() if pair[1] in writers}
    assert found == {("csvfile.py", "csv"), ("sheet.py", "xlsxwriter")}, "by two modules, which guard"


class _Bomb:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, (f"open({str(self.mark)!r}, 'w').close()",))


def test_threat_53_nothing_that_is_stored_or_received_is_run(office: PaperWorld, tmp_path: Path) -> None:
    mark = tmp_path / "KENARI"
    bomb = pickle.dumps(_Bomb(mark))
    # In a mail, in what the process that reads says, and in the database.
    head = "Content-Type: application/{}\nContent-Transfer-Encoding: 8bit"
    kinds = ("python-pickle", "x-python", "x-sh", "java-serialized-object", "octet-stream")
    files = [(head.format(kind), bomb) for kind in kinds]
    arrive(office, [raw(*MIXED, text=parts(("Content-Type: text/plain", "__import__('os').system('x')"), *files))])
    for said in (bomb, b'{"py/reduce": [{"py/type": "os.system"}]}', b"[\"__import__('os')\"]"):
        with pytest.raises(wire.NotUnderstood):
            plain, sizes = wire.outcome(said)
            wire.load(Message, plain, [bomb for _ in sizes])
    opened(office)
    with office.store.immediate():
        office.store.execute("UPDATE tickets SET subject = ?, user_name = ?", bomb.decode("latin-1"), "f'{exec(1)}'")
    office.at("2026-12-29 09:00")
    office.once()
    (tmp_path / "sop015.yaml").write_text("rows: [{when: \"__import__('os').system('touch KENARI')\"}]\n")
    assert read(tmp_path / "sop015.yaml").data["rows"][0]["when"].startswith("__import__"), "words, and nothing else"
    assert "received" not in states(office)
    assert not mark.exists() and not (ROOT / "KENARI").exists()
    makers = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle", "joblib", "code", "runpy"}
    assert [pair for pair in _imported() if pair[1] in makers] == []


def _lock() -> dict[str, Any]:
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


def test_threat_55_every_dependency_is_known_and_fixed_by_its_hash() -> None:
    lock = _lock()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=!~ ;\[]", line)[0].lower().replace(".", "-") for line in project["dependencies"]}
    own = next(package for package in lock["package"] if package["name"] == "mailbot")
    assert names == RUNTIME == {each["name"] for each in own["dependencies"]}

    for package in lock["package"]:
        if package["name"] == "mailbot":
            continue
        assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
        assert files, package["name"]
        for file in files:
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]), file["url"]
            assert file["url"].startswith("https://files.pythonhosted.org/packages/")

    # What is installed is what the lock file says, or nothing.
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    syncs = re.findall(r"^.*uv sync.*$", makefile, re.MULTILINE)
    assert syncs and all("--locked" in line for line in syncs)
    installs = re.findall(r"(?:pip|uv pip) install [^`\n]*", "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "README.md", "docs/systemd.md", ".ci/run")
        if (ROOT / name).exists()
    ))  # fmt: skip
    assert [line for line in installs if "--require-hashes" not in line] == []

    # The bill of materials says the same, and is renewed with it.
    bom = json.loads((ROOT / "docs" / "sbom.json").read_text(encoding="utf-8"))
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert subprocess.run([sys.executable, str(ROOT / "scripts" / "sbom"), "--check"], check=False).returncode == 0
    listed = {each["name"]: each["version"] for each in bom["components"]}
    versions = {package["name"]: package.get("version") for package in lock["package"]}
    assert listed.keys() >= RUNTIME and all(versions[name] == version for name, version in listed.items())
    assert {each["scope"] for each in bom["components"]} == {"required", "optional"}
