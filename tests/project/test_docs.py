"""What README and docs say is so: links, commands, keys, defaults, modules; and the quick start runs as it stands."""

from __future__ import annotations

import imaplib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mailbot.cli.main import main
from mailbot.config import settings as configuration
from mailbot.errors import ConfigError
from mailbot.model import Role
from mailbot.parsers.commands import command_lines, fields, vocabulary
from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.parsers.thread import TOKEN_AGE
from mailbot.reports.sop.words import lengths_in_words
from mailbot.rules.worktime.dates import format_duration
from mailbot.templates.catalogue import MAILS
from tests import ROOT
from tests.mailservers.process import listening, wait_until
from tests.world import environment

README = ROOT / "README.md"
PAGES = {
    path.name: path
    for path in (
        *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")),
        *sorted((ROOT / "docs").glob("*.md")),
    )
}
UPDATE = bool(os.environ.get("MAILBOT_UPDATE_SNAPSHOTS"))


def text_of(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """(language, text) of each fenced block, without its indentation."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [(language, re.sub(rf"(?m)^{indent}", "", body)) for indent, language, body in found]


def code(text: str) -> list[str]:
    """Every line of code: of the fenced blocks, and each inline span."""
    prose = re.sub(r"(?ms)^ *```.*?^ *```$", "", text)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    return [*spans, *(line for _, body in blocks(text) for line in body.splitlines())]


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its rank or above."""
    rank = heading.split(" ")[0]
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    following = re.search(rf"(?m)^#{{1,{len(rank)}}} ", text[start:])
    return text[start : start + following.start()] if following else text[start:]


def table(text: str) -> list[list[str]]:
    """The cells of every row of every table, without headings."""
    rows = [line.strip().strip("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows]
    return [row for n, row in enumerate(cells) if not _ruler(row) and not _ruler(cells[n + 1 : n + 2])]


def _ruler(row: list[Any]) -> bool:
    cells = row[0] if row and isinstance(row[0], list) else row
    return bool(cells) and all(set(cell) <= set("-: ") and "-" in cell for cell in cells)


# --- what pages name exists ----------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", text_of(page))
    missing = [target for target in targets if "://" not in target and not (PAGES[page].parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = {span for span in code(text_of(page)) if re.fullmatch(r"(?:mailbot|docs|tests|scripts)/[\w./-]+", span)}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def invocations(text: str) -> Iterator[list[str]]:
    """The words after each "mailbot" that is called: in code, at the start or as a path."""
    for line in code(text):
        if found := re.match(r"(?:.*[\s/])?mailbot((?: -c \S+)? [a-z]+(?: .*)?)$", line):
            yield found[1].replace("'", "").split()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_mailbot_that_a_page_calls_exists(page: str) -> None:
    for words in invocations(text_of(page)):
        name, *rest = words[2:] if words[0] == "-c" else words
        assert name in main.commands, f"mailbot {name}"
        command = main.commands[name]
        if isinstance(command, click.Group) and rest:
            command = command.commands[rest[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        unknown = [word for word in rest if word.startswith("--") and word not in known]
        assert unknown == [], f"mailbot {name} {unknown}"


def test_the_readme_calls_or_names_every_command_of_mailbot() -> None:
    named = {words[2] if words[0] == "-c" else words[0] for words in invocations(text_of("README.md"))}
    assert named == set(main.commands)


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_that_a_page_names_exists(page: str) -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    named = {line.split()[1] for line in code(text_of(page)) if re.fullmatch(r"make [a-z]+( .*)?", line)}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_of_mail_that_a_page_names_exists(page: str) -> None:
    kinds = re.compile(rf"\b(?:{'|'.join({name.partition('_')[0] for name in MAILS})})_[a-z_]+\b")
    keys = {key.rpartition(".")[2] for key in documented()}
    named = {name for line in code(text_of(page)) for name in kinds.findall(line)}
    files = {path.stem for path in (ROOT / "mailbot").rglob("*.*")}
    assert named - keys - files <= set(MAILS)


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", "commands.md", "configuration.md", "petugas.md", "security.md"]
)
def test_every_command_word_that_a_page_names_is_known(page: str) -> None:
    words = {word for spec in VOCABULARY for word in (spec.word, *spec.aliases)}
    named = {word for line in code(text_of(page)) for word in re.findall(r"^#([a-z][a-z-]+)", line)}
    assert named <= words


def test_the_changelog_names_every_command_word_and_the_version() -> None:
    changelog = text_of("CHANGELOG.md")
    assert [spec.word for spec in VOCABULARY if f"`#{spec.word}`" not in changelog] == []
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["version"] in changelog


def test_the_exit_codes_of_the_readme_are_those_of_the_program() -> None:
    listed = [row[0] for row in table(section(text_of("README.md"), "## With your own mailbox"))]
    assert listed == re.findall(r"(?m)^  (\d+) ", main.epilog or "")


def test_the_page_on_architecture_lists_every_room_and_every_module_in_it() -> None:
    package = ROOT / "mailbot"
    text = section(text_of("architecture.md"), "## The rooms")
    folders = {path.parent for path in package.rglob("__init__.py")}
    listed = {row[0].strip("`"): set(re.findall(r"`([a-z_0-9]+)`", row[2])) for row in table(text)}
    there = {
        str(folder.relative_to(package.parent)): {
            path.stem for path in folder.glob("*.py") if not path.stem.startswith("__")
        }
        for folder in folders
    }
    assert listed == there


# --- docs/commands.md: for staff -----------------------------------------------------------------

_WHO = {Role.STAFF: "petugas", Role.COORDINATOR: "koordinator", Role.HEAD: "kepala unit", Role.OPERATOR: "operator"}
_TABLE = re.compile(r"(<!-- tabel: [^\n]*-->\n).*?(<!-- akhir tabel -->)", re.DOTALL)


def command_table() -> str:
    lines = ["| perintah | nama lain | kegunaan | siapa |", "|---|---|---|---|"]
    for spec in VOCABULARY:
        others = ", ".join(f"`#{alias}`" for alias in spec.aliases) or "–"
        who = ", ".join(word for role, word in _WHO.items() if role in spec.roles)
        lines.append(f"| `{spec.usage}` | {others} | {spec.help} | {who} |")
    return "\n" + "\n".join(lines) + "\n\n"


def test_the_table_of_commands_is_that_of_the_program() -> None:
    page = text_of("commands.md")
    expected = _TABLE.sub(lambda found: found[1] + command_table() + found[2], page)
    if UPDATE:
        PAGES["commands.md"].write_text(expected, encoding="utf-8")
    assert expected == page, "refresh it with MAILBOT_UPDATE_SNAPSHOTS=1"


def heading(spec: vocabulary.Spec) -> str:
    """The second of two with the same word has its argument in its heading: "#buang", "#buang N"."""
    first = next(other for other in VOCABULARY if other.word == spec.word)
    return f"#{spec.word}" if spec is first else spec.usage


@pytest.mark.parametrize("spec", VOCABULARY, ids=lambda spec: spec.name)
def test_every_command_has_a_section_with_an_example_that_is_read_as_this_command(spec: vocabulary.Spec) -> None:
    examples = blocks(section(text_of("commands.md"), f"### {heading(spec)}"))
    assert examples
    for _, example in examples:
        read = command_lines.read(example)
        assert read.fault is None
        assert {fields.SET.name if command.by_set else command.name for command in read.commands} == {spec.name}


def test_every_example_on_the_page_of_commands_is_carried_out() -> None:
    for _, example in blocks(text_of("commands.md")):
        read = command_lines.read(example)
        assert read.fault is None, example
        assert read.commands, example


def test_the_page_of_commands_has_no_section_of_a_command_that_is_unknown() -> None:
    headings = re.findall(r"(?m)^### (#.+)$", text_of("commands.md"))
    assert sorted(headings) == sorted(map(heading, VOCABULARY))


def test_the_lengths_on_the_page_of_commands_are_the_defaults() -> None:
    sop = configuration.Sop()
    page = " ".join(text_of("commands.md").split())
    for sentence in (
        f"menunggu {format_duration(sop.undo_window)}",
        f"tanggapan dalam {format_duration(sop.confirm_close_after)}",
        f"Setelah batas menurut prioritasnya ({lengths_in_words(sop)['data_from_user_within']}) pengguna diingatkan",
        f"Bila {format_duration(sop.close_silent_after)} kemudian",
        f"dalam {format_duration(sop.reopen_within)} juga membukanya",
        f"SOP memberi waktu {format_duration(sop.escalate_within)}",
        f"setelah {format_duration(sop.status_after('email'))} tanpa kabar",
        f"sampai {sop.enquiries_max} kali",
    ):
        assert sentence in page


# --- docs/security.md ----------------------------------------------------------------------------


def test_the_page_on_security_says_who_may_use_which_command() -> None:
    said = {row[0]: row[1] for row in table(section(text_of("security.md"), "## Who may command"))}
    for role, row in ((Role.HEAD, "kepala unit"), (Role.OPERATOR, "operator")):
        assert re.findall(r"#[a-z-]+", said[row]) == [f"#{spec.word}" for spec in VOCABULARY if role in spec.roles]
    everything = [spec.name for spec in VOCABULARY]
    assert [name for name in everything if vocabulary.may_use(name, Role.COORDINATOR)] == everything
    assert said["koordinator"] == "all commands"
    withheld = [f"`#{spec.word}`" for spec in VOCABULARY if not vocabulary.may_use(spec.name, Role.STAFF)]
    assert said["petugas"] == f"all commands but {', '.join(withheld)}"


def test_the_page_on_security_says_what_goes_without_a_token_and_how_old_one_may_be() -> None:
    page = " ".join(text_of("security.md").split())
    words = [f"`#{spec.word}`" for spec in VOCABULARY if not spec.needs_token]
    sentence = re.search(r"Where the results pass, (.*?) need no token", page)
    assert sentence is not None
    assert sorted(re.findall(r"`#[a-z-]+`", sentence[1])) == sorted(words)
    assert f"within {TOKEN_AGE.days} days" in page


# --- docs/configuration.md -----------------------------------------------------------------------

REQUIRED = "*required*"


def documented() -> dict[str, str]:
    """Key → default as the page gives it: YAML, or REQUIRED."""
    rows = [row for row in table(text_of("configuration.md")) if row[0].startswith("`")]
    keys = [row[0].strip("`") for row in rows]
    assert len(keys) == len(set(keys))
    return {key: row[1].strip("`") for key, row in zip(keys, rows, strict=True)}


DEFAULTS = documented()
TOP = ("data", "timezone", "log", "alarms", "heartbeat", "defaults", "mailboxes")


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """The dotted keys of a mapping; a list, a password, the times by priority and the defaults are one value."""
    if isinstance(value, dict) and value and not path.endswith(("password", "data_from_user_within")):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}" if path else str(key))
    else:
        yield path


def test_the_page_explains_every_key_of_the_shipped_file_and_no_other() -> None:
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    [mailbox] = shipped.pop("mailboxes")
    assert sorted(DEFAULTS) == sorted([*leaves(shipped), "mailboxes", *leaves(mailbox)])


@pytest.fixture
def smallest(tmp_path: Path) -> dict[str, Any]:
    """A configuration of the required keys alone (and LKPP's address, which the default channel needs)."""
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "password").chmod(0o600)
    mailbox: dict[str, Any] = {}
    values: dict[str, Any] = {
        "address": "lpse@batangkab.test",
        "imap.password": {"file": "./password"},
        "name": "batang",
        "staff": [{"name": "Sari", "address": "sari@batangkab.test"}],
        "ticket_prefix": "LPSE-BTG",
    }
    for key, default in DEFAULTS.items():
        if default == REQUIRED and key != "mailboxes":
            put(mailbox, key, values.get(key, "mail.batangkab.test"))
    put(mailbox, "lkpp.address", "helpdesk@lkpp.test")
    return {"mailboxes": [mailbox]}


def put(mapping: dict[str, Any], key: str, value: Any) -> None:
    *above, last = key.split(".")
    for step in above:
        mapping = mapping.setdefault(step, {})
    mapping[last] = value


def loaded(data: dict[str, Any], folder: Path) -> str:
    """All that the program knows of a configuration, secrets as ***."""
    (folder / "config.yaml").write_text(yaml.safe_dump(data))
    config = configuration.load(folder / "config.yaml")
    return repr((config.data, config.zone, config.log, config.alarms, config.heartbeat, config.mailboxes))


@pytest.mark.parametrize("key", [key for key, default in DEFAULTS.items() if default != REQUIRED])
def test_a_documented_default_is_what_holds_when_the_key_is_left_out(
    key: str, smallest: dict[str, Any], tmp_path: Path
) -> None:
    [mailbox] = smallest["mailboxes"]
    if key == "lkpp.address":  # null is allowed only where nothing is mailed to LKPP
        mailbox["lkpp"] = {"channel": "lpse-support"}
    without = loaded(smallest, tmp_path)
    # Hours of single days make no week: they are given together.
    given = [one for one in DEFAULTS if one.startswith("hours.")] if key.startswith("hours.") else [key]
    for one in given:
        put(smallest if one.split(".")[0] in TOP else mailbox, one, yaml.safe_load(DEFAULTS[one]))
    assert loaded(smallest, tmp_path) == without


@pytest.mark.parametrize("key", [key for key, default in DEFAULTS.items() if default == REQUIRED])
def test_a_key_said_to_be_required_is_required(key: str, smallest: dict[str, Any], tmp_path: Path) -> None:
    *above, last = key.split(".")
    holder = smallest if key in TOP else smallest["mailboxes"][0]
    for step in above:
        holder = holder[step]
    del holder[last]
    with pytest.raises(ConfigError) as error:
        loaded(smallest, tmp_path)
    assert any(f"{key}: missing" in fault for fault in error.value.faults)


def test_the_faults_that_the_page_shows_are_worded_as_the_program_words_them(
    smallest: dict[str, Any], tmp_path: Path
) -> None:
    [mailbox] = smallest["mailboxes"]
    mailbox["imap"]["prot"] = 993
    put(mailbox, "sop.lkpp_status_after", 2)
    with pytest.raises(ConfigError) as error:
        loaded(smallest, tmp_path)
    found = [re.sub(r"^.*config\.yaml:\d+: ", "", fault) for fault in error.value.faults]
    shown = [
        line
        for language, body in blocks(text_of("configuration.md"))
        if language == "text"
        for line in body.split("\n")
    ]
    shown = [re.sub(r"^config\.yaml:\d+: ", "", line).removesuffix("…") for line in shown if line.startswith("config")]
    assert len(shown) == 2
    assert all(any(fault.startswith(line) for fault in found) for line in shown), found


# --- the quick start -----------------------------------------------------------------------------


def _tree(folder: Path) -> Path:
    """A copy of the project as a reader has it, with this very environment as its .venv."""
    tree = folder / "mailbot"
    tree.mkdir()
    for name in ("Makefile", "README.md", "config.yaml", "pyproject.toml", "uv.lock"):
        shutil.copy2(ROOT / name, tree / name)
    for name in ("mailbot", "scripts", "tests/mailservers"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "tests" / "__init__.py", tree / "tests" / "__init__.py")
    (tree / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name not in ("bin", ".synced"):
            (tree / ".venv" / entry.name).symlink_to(entry)
    (tree / ".venv" / "bin").mkdir()
    for entry in (Path(sys.prefix) / "bin").iterdir():
        if entry.name != "mailbot":
            (tree / ".venv" / "bin" / entry.name).symlink_to(entry)
    (tree / ".venv" / "bin" / "mailbot").write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m mailbot "$@"\n')
    (tree / ".venv" / "bin" / "mailbot").chmod(0o755)
    (tree / ".venv" / ".synced").touch()  # what make would otherwise fetch from the network
    return tree


@contextmanager
def _first_terminal(block: str, tree: Path, variables: dict[str, str]) -> Iterator[None]:
    """Runs the block until the others have run; then presses Ctrl-C."""
    output = tree.parent / "first-terminal"
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["bash", "-c", block],
            cwd=tree,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "\nReady." in output.read_text() or process.poll() is not None, 60, "no playground")
        assert process.poll() is None, output.read_text()
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def _mails(accounts: dict[str, Any], address: str) -> list[bytes]:
    with imaplib.IMAP4("127.0.0.1", accounts["imap_port"], timeout=20) as client:
        client.login(address, accounts["password"])
        client.select("INBOX", readonly=True)
        numbers = client.uid("SEARCH", "ALL")[1][0].split()
        return [client.uid("FETCH", number.decode(), "(BODY.PEEK[])")[1][0][1] for number in numbers]


@pytest.mark.parametrize("servers", ["embedded", pytest.param("real", marks=pytest.mark.mailservers)])
def test_the_quick_start_brings_its_reader_to_an_escalated_ticket(servers: str, tmp_path: Path) -> None:
    play = section(text_of("README.md"), "## Play it yourself")
    steps = [body for language, body in blocks(play) if language == "sh"]
    assert len(steps) > 5
    tree = _tree(tmp_path)
    variables = environment(PYTHONDONTWRITEBYTECODE="1")
    variables["PATH"] = f"{tree / '.venv' / 'bin'}:{variables['PATH']}"  # a python3 as new as the quick start asks for
    if servers == "embedded":
        variables["MAILBOT_TEST_EMBEDDED"] = "1"
    shown = []
    with _first_terminal(steps[0], tree, variables):
        for step in steps[1:]:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", step],
                cwd=tree,
                env=variables,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
            shown.append(done.stdout)
        second = subprocess.run(["make", "playground"], cwd=tree, env=variables, capture_output=True, timeout=60)
        assert b"open already" in second.stderr
        accounts = json.loads((tree / "playground" / "accounts.json").read_text())
        mails = _mails(accounts, accounts["parties"]["lkpp"]["address"])
    escalation = next(mail for mail in mails if b"X-Mailbot-Template: lkpp_escalation" in mail)
    assert b"X-Mailbot-Ticket: LPSE-BTG-2026-000001" in escalation
    for template in set(re.findall(r"scripts/letter read \w+ (\w+)", "".join(steps))):
        assert any(re.search(rf"→ +\d+ +{template} ", output) for output in shown), template
    assert "Pengguna tidak dapat login SPSE sejak pagi" in "".join(shown)
    assert not listening(accounts["imap_port"])
    after = subprocess.run(["scripts/letter", "read", "lkpp"], cwd=tree, env=variables, capture_output=True, timeout=60)
    assert b"make playground" in after.stderr
