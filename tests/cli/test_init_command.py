"""`mailbot init`: from answers to a configuration that is in order, and nothing half written."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.cli.init import files
from mailbot.cli.init.answers import KEYS, QUESTIONS, providers
from mailbot.config import settings
from mailbot.errors import ConfigError
from tests import ROOT, terminals
from tests.world import environment

NEEDED = {
    "organisation": "LPSE Kabupaten Batang",
    "address": "lpse@batangkab.go.id",
    "street": "Jl. Contoh 1, Batang",
    "staff": 'Sari, S.Kom <sari@batangkab.go.id>, "Joko S." <joko@batangkab.go.id>',
}
PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")


def init(folder: Path, *arguments: str, ends: int = 0, **changes: str) -> Result:
    answers = [word for key, value in {**NEEDED, **changes}.items() for word in ("--set", f"{key}={value}")]
    result = CliRunner().invoke(main.main, ["-c", str(folder / "config.yaml"), "init", *answers, *arguments])
    assert result.exit_code == ends, result.output
    return result


def made(folder: Path) -> settings.MailboxConfig:
    return settings.load(folder / "config.yaml", secrets=False).mailboxes[0]


@pytest.mark.parametrize("provider", [one for one in providers() if "oauth2" not in providers()[one]])
def test_each_provider_gives_a_configuration_that_lacks_nothing_but_the_password(tmp_path: Path, provider: str) -> None:
    init(tmp_path, provider=provider)
    with pytest.raises(ConfigError) as refused:
        settings.load(tmp_path / "config.yaml", {})
    assert [fault.split(": ")[1] for fault in refused.value.faults] == [
        "mailboxes[0].imap.password",
        "mailboxes[0].smtp.password",
    ]
    (tmp_path / "batangkab-mail").write_text("rahasia")
    found = settings.load(tmp_path / "config.yaml", {"CREDENTIALS_DIRECTORY": str(tmp_path)}).mailboxes[0]
    assert (found.name, found.ticket_prefix) == ("batangkab", "LPSE-BAT")
    assert [(one.name, one.address) for one in found.staff] == [
        ("Sari, S.Kom", "sari@batangkab.go.id"),
        ("Joko S.", "joko@batangkab.go.id"),
    ]
    expected = providers()[provider]
    assert found.imap.host == str(expected["imap"]["host"]).replace("DOMAIN", "batangkab.go.id")
    assert found.smtp.rate.per_day == expected["smtp"]["rate"]["per_day"]


@pytest.mark.parametrize(
    "text",
    ['LPSE "Kota" #1: Batam', "LPSE 'x' & *y", "- LPSE", "null", "{a: b}", "LPSE\\n", "Pukul 10:30", "%d", "{{ 7*7 }}"],
)
def test_an_answer_is_text_whatever_it_looks_like(tmp_path: Path, text: str) -> None:
    init(tmp_path, organisation=text, street=text, staff=f"Si {text} <s@x.go.id>")
    found = made(tmp_path)
    assert (found.organisation, found.contact.street, found.staff[0].name) == (text, text, f"Si {text}")


def test_all_that_is_missing_or_wrong_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    command = ["-c", str(tmp_path / "config.yaml"), "init"]
    wrong = ["--set", "provider=gogle", "--set", "staff=Sari", "--set", "address=LPSE <lpse@x.go.id>"]
    result = CliRunner().invoke(main.main, [*command, *wrong])
    assert result.exit_code == 2
    for words in (
        "organisation: must be given",
        "street: must be given",
        'address: found "LPSE <lpse@x.go.id>"; must be a plain address',
        "did you mean google?",
        'staff: found "Sari"; must be names with addresses',
    ):
        assert words in result.stderr, result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_key_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    assert "did you mean organisation?" in init(tmp_path, "--set", "organization=x", ends=2).stderr


def test_answers_that_do_not_fit_together_are_refused_without_a_file(tmp_path: Path) -> None:
    result = init(tmp_path, ends=78, staff="LPSE <lpse@batangkab.go.id>")
    assert "answers: mailboxes[0].staff[0].address: " in result.stderr
    assert "/tmp/mailbot-init" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_answers_come_from_a_file_and_a_fault_in_it_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "jawaban.yaml"
    lists = {**NEEDED, "staff": ["Sari <sari@batangkab.go.id>"], "head": ["Jamal <jamal@batangkab.go.id>"]}
    file.write_text(yaml.safe_dump(lists))
    command = ["-c", str(tmp_path / "config.yaml"), "init", "--answers", str(file)]
    assert CliRunner().invoke(main.main, command).exit_code == 0
    assert made(tmp_path).head[0].name == "Jamal"
    file.write_text("organisation: x\norganisation: y\n")
    refused = CliRunner().invoke(main.main, [*command, "--force"])
    assert refused.exit_code == 78 and f"{file}:2: " in refused.stderr


def test_nothing_is_written_over_without_force(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("mine\n")
    assert "exists already; --force writes over it" in init(tmp_path, ends=73).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml"]
    assert (tmp_path / "config.yaml").read_text() == "mine\n"
    init(tmp_path, "--force")
    assert made(tmp_path).name == "batangkab"


@pytest.mark.parametrize("drop_in_before", [None, b"old\n"])
def test_both_files_are_written_or_none(tmp_path: Path, drop_in_before: bytes | None) -> None:
    first, second = tmp_path / "a.conf", tmp_path / "nowhere" / "config.yaml"
    if drop_in_before is not None:
        first.write_bytes(drop_in_before)
    with pytest.raises(OSError, match="No such file"):
        files.put([(first, b"new\n"), (second, b"x\n")])
    assert (first.read_bytes() if first.exists() else None) == drop_in_before
    assert [path.name for path in tmp_path.iterdir()] == ([] if drop_in_before is None else ["a.conf"])


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "is no folder; make it first" in init(tmp_path / "no", ends=73).stderr


def test_systemd_understands_the_drop_in(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is missing")
    init(tmp_path)
    unit = tmp_path / "mailbot.service"
    text = (ROOT / "systemd" / "mailbot.service").read_text(encoding="utf-8")
    text = re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    drop_in = (tmp_path / "mailbot-passwords.conf").read_text(encoding="utf-8")
    unit.write_text(text + drop_in, encoding="utf-8")
    ended = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"LoadCredential=\nLoadCredential=batangkab-mail:{tmp_path}/batangkab-mail\n" in drop_in


def test_what_is_left_to_do_is_said_with_the_very_paths(tmp_path: Path) -> None:
    told = init(tmp_path).stderr
    assert f"install -m 600 /dev/null {tmp_path}/batangkab-mail" in told
    assert "check --online" in told


def test_a_provider_without_passwords_gives_a_login_by_token_and_no_credential(tmp_path: Path) -> None:
    told = init(tmp_path, provider="microsoft", client_id="1234-abc").stderr
    assert f"mailbot -c {tmp_path}/config.yaml token batangkab" in told and "password" not in told.replace(
        "passwords.conf", ""
    )
    found = settings.load(tmp_path / "config.yaml", {}).mailboxes[0]
    for way in (found.imap, found.smtp):
        assert way.password is None and way.oauth2 is not None
        assert (way.oauth2.provider, way.oauth2.client_id) == ("microsoft", "1234-abc")
    drop_in = (tmp_path / "mailbot-passwords.conf").read_text(encoding="utf-8")
    assert drop_in.rstrip().endswith("LoadCredential=")


def test_the_client_of_a_provider_without_passwords_must_be_given(tmp_path: Path) -> None:
    assert "client_id: must be given" in init(tmp_path, ends=2, provider="microsoft").output


def test_the_questions_are_listed_for_who_writes_a_file() -> None:
    result = CliRunner().invoke(main.main, ["init", "--questions"])
    assert result.exit_code == 0
    assert all(re.search(rf"^{key} ", result.stdout, re.MULTILINE) for key in KEYS)
    assert max(map(len, result.stdout.splitlines())) <= 80


# --- at a terminal -------------------------------------------------------------------------------------


class Person:
    """Types at a pseudo-terminal and reads what stands on it."""

    def __init__(self, folder: Path) -> None:
        if why := terminals.missing():
            pytest.skip(why)
        self._ours, its = pty.openpty()
        command = [sys.executable, "-m", "mailbot", "-c", str(folder / "config.yaml"), "init"]
        self.child = subprocess.Popen(
            command, cwd=ROOT, env=environment(TERM="xterm"), stdin=its, stdout=its, stderr=its, start_new_session=True
        )
        os.close(its)
        self.seen = ""

    def sees(self, words: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while words not in self.seen and time.monotonic() < end:
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self._ours, 65536).decode()
                except OSError:
                    break
        assert words in self.seen, self.seen
        self.seen = self.seen.partition(words)[2]

    def types(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def close(self) -> int:
        try:
            return self.child.wait(20)
        finally:
            self.child.kill()
            os.close(self._ours)


def test_a_person_answers_is_asked_again_after_a_slip_and_has_a_configuration(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.sees("Name of the LPSE")
    person.types("LPSE Kabupaten Batang\n")
    person.sees("Address that users write to")
    person.types("LPSE <lpse@batangkab.go.id>\n")
    person.sees("must be a plain address")
    person.sees("Address that users write to")
    person.types("lpse@batangkab.go.id\n")
    for question in [one for one in QUESTIONS[2:] if one.fits is None or one.fits({"provider": "zimbra"})]:
        person.sees(question.asked)
        person.types({"street": "Jl. Contoh 1", "staff": "Sari <sari@batangkab.go.id>"}.get(question.key, "") + "\n")
    person.sees("are written")
    assert person.close() == 0
    assert made(tmp_path).staff[0].name == "Sari"


def test_who_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.sees("Name of the LPSE")
    person.types("LPSE Kabupaten Batang\n")
    person.sees("Address that users write to")
    person.types("\x04")  # Ctrl-D: there are no more answers
    person.sees("Aborted!")
    assert person.close() == 1
    assert list(tmp_path.iterdir()) == []


# --- docs/providers.md -----------------------------------------------------------------------------------


def snippets() -> list[dict[str, Any]]:
    return [yaml.safe_load(block) for block in re.findall(r"(?ms)^```yaml\n(.*?)^```$", PAGE)]


def test_the_page_shows_each_provider_as_init_writes_it() -> None:
    known = [dict(one) for name, one in providers().items() if name != "other"]
    assert len(snippets()) == len(known)
    for snippet, one in zip(snippets(), known, strict=True):
        for way in ("imap", "smtp"):
            shown = {key: value for key, value in snippet[way].items() if key not in ("username", "password", "oauth2")}
            assert shown == {**one[way], "host": one[way]["host"].replace("DOMAIN", "batangkab.go.id")}
        text = " ".join(PAGE.split())
        assert all(limit in text for limit in one["limits"])


@pytest.mark.parametrize("number", range(5))
def test_the_configuration_s_reader_takes_each_snippet(tmp_path: Path, number: int) -> None:
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    shipped["mailboxes"][0] |= snippets()[number]
    shipped["mailboxes"][0].pop("limits")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(shipped))
    assert (
        settings.load(tmp_path / "config.yaml", secrets=False).mailboxes[0].imap.host
        == snippets()[number]["imap"]["host"]
    )
