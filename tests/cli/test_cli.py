"""The command line as its operator meets it: child processes, exit codes, and what stands on the terminal."""

from __future__ import annotations

import fcntl
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mailbot.cli import main
from mailbot.clock import Clock
from mailbot.config import settings
from mailbot.daemon.round import Office
from mailbot.reports import listing
from mailbot.rules import priority
from mailbot.rules.sop import table
from mailbot.store.database import Store
from mailbot.store.instance import AlreadyRunning, holder, note, only_instance
from tests import ROOT, preloaded, terminals
from tests.mailservers import MailServers
from tests.mailservers.faulty import FaultyImap, FaultySmtp, On
from tests.preloaded import Done
from tests.world import LPSE, PEOPLE, PaperWorld, configured, environment, known_holidays

CANARY = "kenari-RAHASIA-42"
TICKET = "LPSE-BTG-2026-000001"
COMMANDS = (
    *(
        "alarm",
        "arsip",
        "backup",
        "check",
        "demo",
        "evidence",
        "init",
        "once",
        "outbox",
        "person",
        "phrases",
        "quarantine",
        "rekap",
        "replay",
        "report",
        "restore",
        "retention",
        "run",
        "sop",
        "status",
    ),
    *("ticket", "tickets", "token"),
)
MAIL = (
    f"From: Budi <{PEOPLE['pengguna']}>\r\nTo: {LPSE}\r\nSubject: Bantuan\r\nMessage-ID: <%d@x.test>\r\n\r\nHalo %d\r\n"
)


class Site:
    """A folder with a configuration, and the program run in it."""

    def __init__(self, folder: Path, imap_port: int = 1, smtp_port: int = 1, **changes: Any) -> None:
        self.folder = folder
        self.file = folder / "config.yaml"
        self.written = configured(imap_port, smtp_port, CANARY, folder, holidays=known_holidays(), **changes)
        self.written["log"] = {"level": "info", "format": "json"}
        self.write()

    @property
    def mailbox(self) -> dict[str, Any]:
        found: dict[str, Any] = self.written["mailboxes"][0]
        return found

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def write(self) -> None:
        plain = json.loads(json.dumps(self.written))  # else what stands twice becomes an alias
        self.file.write_text(yaml.safe_dump(plain, allow_unicode=True))

    def second_mailbox(self, name: str, **changes: Any) -> None:
        """A further mailbox at the same servers."""
        other = json.loads(json.dumps(self.mailbox))
        other.update(name=name, address=f"lpse@{name}.test", ticket_prefix=f"LPSE-{name.upper()}", **changes)
        other["imap"]["username"] = other["address"]
        self.written["mailboxes"].append(other)
        self.write()

    def round(self) -> bool:
        """One round in this process: where only its effect matters."""
        found = settings.load(self.file)
        store = Store.open(found.data)
        try:
            return Office(found, store, Clock()).once()
        finally:
            store.close()

    def tickets(self) -> list[dict[str, Any]]:
        found = settings.load(self.file)
        store = Store.open(found.data)
        try:
            return listing.tickets(store, found, datetime.now(UTC))
        finally:
            store.close()

    def run(
        self, *arguments: str, limit: float = 60, variables: Mapping[str, str] | None = None, most: int = 0
    ) -> Done:
        """Run the program; never may a secret or a stack trace come out of it.

        variables: of the environment; with these (or none, {}) it starts from nothing, and not from what is loaded.
        most: the largest size of a file that it may write.
        """
        root = ROOT
        command = ["-c", str(self.file), *arguments]
        if variables is None:
            done = preloaded.run(command, cwd=root, timeout=limit)
        else:
            python = [sys.executable, "-m", "mailbot", *command]
            ended = subprocess.run(
                ["prlimit", f"--fsize={most}", *python] if most else python,
                cwd=root,
                env=environment(**variables),
                capture_output=True,
                text=True,
                timeout=limit,
            )
            done = Done(ended.returncode, ended.stdout, ended.stderr)
        assert CANARY not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Site, Callable[[], int]]]:
    """A site whose servers count how often somebody came."""
    with FaultyImap() as imap, FaultySmtp() as smtp:
        yield Site(tmp_path, imap.port, smtp.port), lambda: imap.connections + smtp.connections


def events(done: Done, level: str | None = None) -> list[dict[str, Any]]:
    """The lines of the log."""
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return [line for line in lines if level in (None, line["level"])]


# --- help ----------------------------------------------------------------------------------------


def test_help_names_every_command_and_every_exit_code() -> None:
    done = CliRunner().invoke(main.main, ["--help"])
    assert done.exit_code == 0
    assert all(f"  {name} " in done.output for name in COMMANDS)
    assert all(f"  {code} " in done.output for code in (0, 1, 2, 65, 70, 73, 74, 75, 78))


def test_every_command_has_help_that_fits_a_terminal() -> None:
    assert sorted(main.main.commands) == sorted(COMMANDS)
    for name in COMMANDS:
        done = CliRunner().invoke(main.main, [name, "-h"])
        assert done.exit_code == 0
        assert len(done.output.split()) > 20, f"{name} is not explained"
        assert max(map(len, done.output.splitlines())) <= 80


def test_help_does_not_wait_for_libraries_of_other_commands() -> None:
    heavy = ["holidays", "imapclient", "inscriptis", "jinja2", "pydantic", "rich.table", "sqlite_utils", "aiosmtplib"]
    code = (
        "import sys\nfrom mailbot.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        f"print('LOADED', [name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert "LOADED []" in done.stdout


@pytest.mark.parametrize("command", ["status", "tickets"])
def test_a_command_that_only_reads_does_not_wait_for_what_sends_renders_and_logs(site: Site, command: str) -> None:
    heavy = ["aiosmtplib", "asyncio", "imapclient", "jinja2", "sqlite_utils", "structlog"]
    code = (
        f"import sys\nfrom mailbot.cli.main import main\ntry: main(['--config', {str(site.file)!r}, {command!r}])\n"
        f"except SystemExit as end: print('ENDED', end.code)\n"
        f"print('LOADED', [name for name in {heavy!r} if name in sys.modules])"
    )
    Store.open(site.data).close()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert "ENDED 0" in done.stdout
    assert "LOADED []" in done.stdout


def test_an_unknown_command_is_a_wrong_use(site: Site) -> None:
    assert site.run("rekapp").returncode == 2
    assert site.run("once", "--nau", "x").returncode == 2


# --- check ---------------------------------------------------------------------------------------


def test_check_says_what_is_in_order_and_connects_to_nothing(watched: tuple[Site, Callable[[], int]]) -> None:
    site, visits = watched
    done = site.run("check")
    assert done.returncode == 0
    assert "in order" in done.stdout and "batang" in done.stdout
    assert visits() == 0
    assert not site.data.exists()


@pytest.mark.parametrize("command", ["check", "once", "run"])
def test_a_data_folder_that_cannot_be_made_is_told_at_once_and_is_nothing_to_wait_for(site: Site, command: str) -> None:
    site.written["data"] = "/proc/mailbot"
    site.write()
    done = site.run(command)
    assert done.returncode == 74
    assert "data: /proc/mailbot: cannot be written: " in done.stderr and "try again" not in done.stderr


@pytest.mark.parametrize("words", [("-c", "FILE"), ("--config", "FILE"), ("--config=FILE",)])
def test_the_configuration_may_be_named_behind_the_command(site: Site, words: tuple[str, ...]) -> None:
    moved = site.file.rename(site.folder / "other.yaml")
    done = site.run("check", *(word.replace("FILE", str(moved)) for word in words))
    assert done.returncode == 0 and f"{moved}: in order." in done.stdout
    assert site.run("check", "-c").returncode == 2


def test_monitoring_asks_for_one_line_and_a_code(site: Site) -> None:
    done = site.run("status", "--check")
    assert (done.returncode, done.stdout) == (2, "CRITICAL: mailbot has never run here\n")


def test_check_warns_of_what_is_allowed_and_seldom_meant(site: Site) -> None:
    del site.mailbox["holidays"]
    site.write()
    done = site.run("check")
    assert done.returncode == 0
    assert "authserv_id" in done.stderr
    assert "batang: priorities: the Tabel Prioritas is mailbot's own default" in done.stderr
    assert re.search(r"batang: holidays: .*Kalender kerja 20\d\d belum lengkap", done.stderr)
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())


def test_check_is_silent_about_what_the_site_has_decided(site: Site) -> None:
    official = Path(priority.BUILT_IN).read_text(encoding="utf-8").replace("default: true", "default: false")
    (site.folder / "priorities.yaml").write_text(official, encoding="utf-8")
    site.mailbox["priorities"] = "priorities.yaml"
    site.mailbox["authentication"] = {"authserv_id": "mx.batangkab.test"}
    site.write()
    done = site.run("check")
    assert done.returncode == 0
    assert "priorities" not in done.stderr and "authserv_id" not in done.stderr


# --- bad configuration ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["check"], ["once"], ["status"], ["tickets"], ["ticket", "1"], ["sop"]])
def test_a_broken_configuration_is_refused_with_all_faults_before_anything_happens(
    watched: tuple[Site, Callable[[], int]], command: list[str]
) -> None:
    site, visits = watched
    site.mailbox["colour"] = "red"
    site.mailbox["imap"]["port"] = 99999
    site.mailbox["hours"] = {"mon-fri": ["07:30"]}
    site.mailbox["smtp"]["password"] = CANARY
    site.written["timezone"] = "Mars"
    site.write()
    done = site.run(*command)
    assert done.returncode == 78
    faults = [line for line in done.stderr.splitlines() if line.startswith(f"{site.file}:")]
    for key in ("colour", "imap.port", "hours", "smtp.password", "timezone"):
        assert any(re.match(rf".*:\d+: .*{re.escape(key)}", fault) for fault in faults), (key, faults)
    assert f"{len(faults)} faults; nothing was done" in done.stderr
    assert done.stdout == ""
    assert visits() == 0
    assert not site.data.exists()


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.file.unlink()
    done = site.run("check")
    assert done.returncode == 78
    assert str(site.file) in done.stderr and "No such file" in done.stderr


BROKEN = {
    "rules": ("rules", "sop015.yaml", "document: [\n", r"sop015\.yaml:\d+: "),
    "phrases": ("rules", "lkpp_replies.yaml", "rules: 3\n", r"lkpp_replies\.yaml:\d+: "),
    "template": ("templates", "user_answer.j2", "{{ nothing_of_the_kind }}\n{% if %}\n", r"user_answer\.j2:\d+: "),
}


@pytest.mark.parametrize("command", ["check", "once"])
@pytest.mark.parametrize("what", BROKEN)
def test_broken_rules_and_templates_are_refused_with_file_and_line(
    watched: tuple[Site, Callable[[], int]], what: str, command: str
) -> None:
    site, visits = watched
    key, name, text, expected = BROKEN[what]
    (site.folder / key).mkdir()
    (site.folder / key / name).write_text(text)
    site.mailbox[key] = key
    site.write()
    done = site.run(command)
    assert done.returncode == 78
    assert re.search(expected, done.stderr), done.stderr
    assert visits() == 0


@pytest.mark.parametrize("command", ["check", "once"])
def test_a_broken_table_of_priorities_is_refused_with_file_and_line(
    watched: tuple[Site, Callable[[], int]], command: str
) -> None:
    site, visits = watched
    text = Path(priority.BUILT_IN).read_text(encoding="utf-8").replace(': "4 jam kerja"', ': "sebentar"')
    (site.folder / "prioritas.yaml").write_text(text, encoding="utf-8")
    site.mailbox["priorities"] = "prioritas.yaml"
    site.write()
    done = site.run(command)
    assert done.returncode == 78
    assert re.search(r"prioritas\.yaml:\d+: priorities\.\d\.", done.stderr), done.stderr
    assert visits() == 0


def test_an_unreadable_rules_file_is_named(site: Site) -> None:
    (site.folder / "rules" / "sop015.yaml").mkdir(parents=True)
    (site.folder / "rules" / "lkpp_replies.yaml").write_bytes(b"\xff\xfe\x00")
    site.mailbox["rules"] = "rules"
    site.write()
    done = site.run("check")
    assert done.returncode == 78
    assert re.search(r"lkpp_replies\.yaml:\d+: not UTF-8", done.stderr)


# --- rehearsals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["besok", "2026-13-01", "", "25:00", "0001-01-01", "9999-12-31 23:59", "2026-12-23 9"])
def test_a_time_that_is_none_is_a_wrong_use(watched: tuple[Site, Callable[[], int]], text: str) -> None:
    site, visits = watched
    done = site.run("once", "--now", text)
    assert done.returncode == 2
    assert "--now" in done.stderr
    assert visits() == 0 and not site.data.exists()


def test_the_clock_is_not_set_for_servers_elsewhere(site: Site) -> None:
    site.mailbox["smtp"] = {"host": "mail.batangkab.test"}
    site.write()
    done = site.run("once", "--now", "2026-12-23 09:00")
    assert done.returncode == 78
    assert "--now is refused" in done.stderr and "loopback" in done.stderr
    assert not site.data.exists()


@pytest.mark.parametrize(("host", "plan"), [("mail.batangkab.test", "handled"), ("127.0.0.1", "nowhere")])
def test_fault_points_are_refused_for_servers_elsewhere_and_unknown_ones_always(
    site: Site, host: str, plan: str
) -> None:
    site.mailbox["imap"] = {**site.mailbox["imap"], "host": host, "security": "tls"}
    site.write()
    done = site.run("once", variables={"MAILBOT_FAULT": plan})
    assert done.returncode == 78
    assert "MAILBOT_FAULT" in done.stderr
    assert not site.data.exists()


@pytest.mark.parametrize(
    ("text", "opened"),
    [("2026-12-23 09:00", "2026-12-23T02:00:00"), ("2026-12-23T09:00+00:00", "2026-12-23T09:00:00")],
)
def test_a_time_is_meant_in_the_site_s_zone_unless_it_says_another(tmp_path: Path, text: str, opened: str) -> None:
    with FaultyImap() as imap, FaultySmtp() as smtp:
        site = Site(tmp_path, imap.port, smtp.port)
        assert site.round()
        imap.messages[9] = (MAIL % (9, 9)).encode()
        assert site.run("once", "--now", text).returncode == 0
    [ticket] = site.tickets()
    assert ticket["opened_at"].startswith(opened)


# --- servers that refuse -------------------------------------------------------------------------


def at_servers(servers: MailServers, folder: Path, **changes: Any) -> Site:
    """Two mailboxes; the first one's servers are changed, the second one's are healthy."""
    site = Site(folder, servers.imap_port, servers.smtp_port)
    (folder / "right").write_text(servers.password)
    (folder / "right").chmod(0o600)
    for part in ("imap", "smtp"):
        site.mailbox[part]["password"] = {"file": "right"}
        site.mailbox[part]["username"] = LPSE
    site.second_mailbox("pekalongan")
    site.written["mailboxes"][1]["smtp"]["username"] = "lpse@pekalongan.test"
    site.write()
    assert site.round()  # the first one reads from now on
    for part, change in changes.items():
        site.mailbox[part] = {**site.mailbox[part], **change}
    site.write()
    for n, box in enumerate(site.written["mailboxes"]):
        servers.deliver((MAIL % (n, n)).replace(LPSE, box["address"]).encode(), box["address"])
    return site


WRONG = {"file": "password"}  # holds the canary
FAILURES: dict[str, tuple[str, dict[str, Any], str]] = {
    "wrong IMAP password": ("imap", {"password": WRONG}, "(?i)authenticat|login"),
    "IMAP refused": ("imap", {"port": 1}, "(?i)connection refused"),
    "missing folder": ("imap", {"folder": "Tidak Ada"}, "(?i)no such folder"),
    "wrong SMTP password": ("smtp", {"password": WRONG}, "(?i)535|authenticat"),
    "SMTP refused": ("smtp", {"port": 1}, "(?i)connection refused"),
}


@pytest.mark.parametrize("what", FAILURES)
def test_a_server_that_refuses_costs_nothing_but_time(servers: MailServers, tmp_path: Path, what: str) -> None:
    part, change, cause = FAILURES[what]
    site = at_servers(servers, tmp_path, **{part: change})
    healthy = {part: {key: site.written["mailboxes"][1][part].get(key) for key in change}}
    done = site.run("once")
    assert done.returncode == 75, done.stderr
    [line] = [line for line in events(done, "error") if line["event"] == "again"]
    assert line["mailbox"] == "batang"
    assert part in line["what"] or "mail server" in line["what"]
    assert re.search(cause, line["reason"]), line
    assert events(done)[-1]["event"] == "finished" and events(done)[-1]["complete"] is False
    found = {ticket["mailbox"] for ticket in site.tickets()}
    assert "pekalongan" in found, "the other mailbox is served"
    servers.wait_for(PEOPLE["petugas"], 1)

    site.mailbox[part].update(healthy[part])
    site.write()
    with sqlite3.connect(site.data / "mailbot.sqlite") as database:  # do not wait for the back-off
        database.execute("UPDATE outbox SET next_try_at = created_at")
    assert site.round()
    assert sorted(ticket["mailbox"] for ticket in site.tickets()) == ["batang", "pekalongan"], "nothing is lost"
    [first, second] = json.loads(site.run("status").stdout)["mailboxes"]
    assert first["outbox"].keys() == second["outbox"].keys() == {"accepted"}


@pytest.mark.parametrize("part", ["imap", "smtp"])
def test_a_certificate_that_does_not_verify_ends_the_attempt_before_the_password(
    servers: MailServers, tmp_path: Path, part: str
) -> None:
    port = servers.imaps_port if part == "imap" else servers.smtps_port
    site = at_servers(servers, tmp_path, **{part: {"port": port, "security": "tls"}})
    done = site.run("once")
    assert done.returncode == 75
    [line] = events(done, "error")
    assert line["mailbox"] == "batang"
    assert "certificate does not verify" in line["reason"]
    site.mailbox[part]["ca_file"] = str(servers.ca_file)
    site.write()
    with sqlite3.connect(site.data / "mailbot.sqlite") as database:
        database.execute("UPDATE outbox SET next_try_at = created_at")
    assert site.round()


def test_a_server_that_quotes_the_password_does_not_bring_it_into_the_log(tmp_path: Path) -> None:
    refusal = f"%tag% NO [AUTHENTICATIONFAILED] LOGIN {LPSE} {CANARY} is wrong"
    with FaultyImap([On("LOGIN|AUTHENTICATE", refusal)], repeat=True) as imap:
        site = Site(tmp_path, imap.port, 1)
        done = site.run("once")  # `run` looks for the canary
        assert done.returncode == 75
        assert imap.connections == 1
    [line] = [line for line in events(done, "error") if line["event"] == "again"]
    assert "is wrong" in line["reason"] and PEOPLE["pengguna"] not in done.stderr


def test_the_log_of_a_round_is_json_without_subjects_bodies_and_addresses(servers: MailServers, tmp_path: Path) -> None:
    site = at_servers(servers, tmp_path)
    servers.deliver(
        f"From: <{PEOPLE['pengguna']}>\r\nTo: {LPSE}\r\nSubject: perihal-rahasia\r\n\r\nisi-rahasia\r\n".encode(), LPSE
    )
    done = site.run("once", variables={})
    assert done.returncode == 0
    assert len(events(done)) == len(done.stderr.splitlines())
    for hidden in ("rahasia", *PEOPLE.values(), LPSE):
        assert hidden not in done.stderr
    assert {"received", "threaded", "submitted", "finished"} <= {line["event"] for line in events(done)}


# --- the database and the disk -------------------------------------------------------------------


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(watched: tuple[Site, Callable[[], int]]) -> None:
    site, visits = watched
    site.data.mkdir()
    file = site.data / "mailbot.sqlite"
    file.write_bytes(b"not a database at all " * 500)
    before = file.read_bytes()
    for command in (["once"], ["status"], ["tickets"], ["ticket", TICKET]):
        done = site.run(*command)
        assert done.returncode == 74, (command, done.stderr)
        assert str(file) in done.stderr and "not a usable database" in done.stderr
    assert file.read_bytes() == before
    assert visits() == 0


def test_a_data_folder_that_cannot_be_made_is_named(site: Site) -> None:
    (site.folder / "data").write_text("a file where the folder should be")
    done = site.run("once")
    assert done.returncode == 74
    assert str(site.data) in done.stderr


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    with FaultyImap() as imap, FaultySmtp() as smtp:
        site = Site(tmp_path, imap.port, smtp.port)
        assert site.round()
        mails = {n: (MAIL % (n, n) + "x" * 80_000).encode() for n in range(1, 5)}
        imap.messages.update(mails)
        done = site.run("once", variables={}, most=150_000)
        assert done.returncode == 75, done.stderr
        assert [line for line in events(done, "error") if line["mailbox"] == "batang"]
        assert site.round()
    assert len(site.tickets()) == len(mails)


# --- one instance --------------------------------------------------------------------------------


def test_a_second_instance_leaves_at_once(watched: tuple[Site, Callable[[], int]]) -> None:
    site, visits = watched
    with only_instance(site.data):
        started = time.monotonic()
        done = site.run("once")
        assert time.monotonic() - started < 10
    assert done.returncode == 75
    assert f"another mailbot (process {os.getpid()}) is at work on {site.data}" in done.stderr
    assert visits() == 0
    assert not (site.data / "mailbot.sqlite").exists()


def test_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    for _ in range(2):
        with only_instance(tmp_path / "data"), pytest.raises(AlreadyRunning), only_instance(tmp_path / "data"):
            pytest.fail("two at once")
    assert (tmp_path / "data" / "lock").stat().st_mode & 0o777 == 0o600


def test_a_lock_tells_its_holder_what_was_noted_and_nothing_when_it_is_free(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert holder(folder) is None
    with only_instance(folder):
        for state in ("", "2 of 2 folders watched", "a word", "x" * 10_000):
            note(folder, state)
            found = holder(folder)
            assert found is not None and found.process == os.getpid() and found.since is not None
            assert found.state == state[: len(found.state)] and bool(found.state) == bool(state)
        with pytest.raises(AlreadyRunning, match=rf"\(process {os.getpid()}\)"), only_instance(folder):
            pytest.fail("two at once")
    assert holder(folder) is None


@pytest.mark.parametrize("content", [b"", b"4711", b"\xff\n\n", b"x\n2026-01-01\n", b"\n" * 9000])
def test_a_lock_with_odd_words_in_it_is_held_all_the_same(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "data"
    with only_instance(folder):
        (folder / "lock").write_bytes(content)
        found = holder(folder)
        assert found is not None and found.since is None
        assert found.process == (4711 if content == b"4711" else None)


def test_asking_keeps_nobody_from_starting(tmp_path: Path) -> None:
    """Who asks holds the lock for an instant, and a start in that instant is tried once more."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "lock").touch()
    asking = open(folder / "lock", "rb")  # noqa: SIM115
    fcntl.flock(asking, fcntl.LOCK_SH)
    threading.Timer(0.02, asking.close).start()
    with only_instance(folder):
        assert holder(folder) is not None


# --- asking --------------------------------------------------------------------------------------


@pytest.fixture
def answered(tmp_path: Path) -> Site:
    """A site with one ticket."""
    office = PaperWorld(tmp_path)
    office.write("pengguna", "Tidak bisa login", subject="Tidak bisa login")
    office.once()
    office.store.close()
    site = Site(tmp_path)
    return site


@pytest.mark.parametrize("command", ["status", "tickets"])
def test_asking_where_there_is_no_data_makes_none(site: Site, command: str) -> None:
    done = site.run(command)
    assert done.returncode == 0
    assert "no data yet" in done.stderr and str(site.data) in done.stderr
    assert json.loads(done.stdout) == ([] if command == "tickets" else None)
    assert not site.data.exists()


def test_a_ticket_where_there_is_no_data_is_unknown(site: Site) -> None:
    done = site.run("ticket", TICKET)
    assert done.returncode == 1
    assert "no data yet" in done.stderr
    assert not site.data.exists()


def test_lists_are_json_where_no_terminal_is(answered: Site) -> None:
    status = json.loads(answered.run("status").stdout)
    assert status["mailboxes"][0]["tickets"] == {"new": 1}
    [line] = json.loads(answered.run("tickets").stdout)
    assert (line["number"], line["ball"]) == (TICKET, "LPSE")
    assert json.loads(answered.run("ticket", TICKET).stdout)["user"] == PEOPLE["pengguna"]


@pytest.mark.parametrize(
    "written", [[TICKET], [TICKET.lower()], [f"[{TICKET}]"], ["lpse", "btg", "2026", "000001"], ["1"]]
)
def test_a_ticket_s_number_is_read_with_tolerance(answered: Site, written: list[str]) -> None:
    done = answered.run("ticket", *written)
    assert done.returncode == 0
    assert json.loads(done.stdout)["number"] == TICKET


def test_an_unknown_ticket_is_told_in_one_sentence(answered: Site) -> None:
    done = answered.run("ticket", "LPSE-BTG-2026-000777")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no ticket 'LPSE-BTG-2026-000777'" in done.stderr


def test_two_tickets_with_the_same_digits_are_both_named(answered: Site) -> None:
    with sqlite3.connect(answered.data / "mailbot.sqlite") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(tickets)") if row[1] != "id"]
        new = {"number": "'LPSE-X-2026-000001'", "form_number": "'x'", "mailbox": "'lain'"}
        values = ", ".join(new.get(column, column) for column in columns)
        database.execute(f"INSERT INTO tickets ({', '.join(columns)}) SELECT {values} FROM tickets")
        database.execute("INSERT INTO counters (prefix, year, last) VALUES ('LPSE-X', 2026, 1)")
    done = answered.run("ticket", "1")
    assert done.returncode == 1
    assert TICKET in done.stderr and "LPSE-X-2026-000001" in done.stderr


def test_asking_does_not_wait_for_a_round_that_is_under_way(answered: Site) -> None:
    with only_instance(answered.data):
        store = Store.open(answered.data)
        with store.immediate():
            store.execute("UPDATE tickets SET status = 'closed'")
            for command in (["status"], ["tickets"], ["ticket", TICKET]):
                done = answered.run(*command, limit=20)
                assert done.returncode == 0, done.stderr
                assert '"new"' in done.stdout, "what is not committed is not told"
        store.close()


def test_asking_changes_nothing(answered: Site) -> None:
    def dump() -> list[str]:
        with sqlite3.connect(answered.data / "mailbot.sqlite") as database:
            return list(database.iterdump())

    before = dump()
    for command in (["status"], ["tickets", "--all"], ["ticket", "1"], ["check"], ["sop"]):
        assert answered.run(*command).returncode == 0
    assert dump() == before


# --- a terminal ----------------------------------------------------------------------------------


def on_terminal(site: Site, *arguments: str) -> str:
    """What the program writes to a terminal of 80 columns."""
    variables = {**environment(), "TERM": "xterm-256color", "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "mailbot", "-c", str(site.file), *arguments]
    return terminals.shown(command, variables).replace("\r\n", "\n")


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b5mJudul \u202egnp.exe [bold red]merah[/] :boom:\x00"


@pytest.mark.parametrize("command", [["tickets"], ["ticket", "1"], ["status"]])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_subject_cannot_speak_to_the_terminal(answered: Site, command: list[str], form: list[str]) -> None:
    with sqlite3.connect(answered.data / "mailbot.sqlite") as database:
        database.execute("UPDATE tickets SET subject = ?, user_name = ?", (HOSTILE, HOSTILE))
    output = re.sub(r"\x1b\[[012]?m", "", on_terminal(answered, *command, *form))  # bold, dim, and their end
    assert TICKET in output
    assert all(character.isprintable() or character == "\n" for character in output)
    if command != ["status"]:
        assert "Judul" in output
        assert "[bold red]" in output or "…" in output


def test_a_terminal_gets_a_table_and_json_when_asked(answered: Site) -> None:
    assert "subject" in on_terminal(answered, "tickets") and "{" not in on_terminal(answered, "tickets")
    assert json.loads(on_terminal(answered, "tickets", "--json"))[0]["number"] == TICKET


def test_a_terminal_that_knows_no_such_signs_gets_others(answered: Site) -> None:
    done = answered.run("ticket", "1", variables={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert answered.run("sop", variables={"PYTHONIOENCODING": "ascii"}).returncode == 0


# --- the SOP -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [[], ["--format", "markdown"], ["--format", "html"]])
@pytest.mark.parametrize("matrix", [[], ["--matrix"]])
def test_the_sop_is_printed_without_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: list[str], matrix: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main.main, ["sop", *form, *matrix])
    assert done.exit_code == 0, done.output
    assert len(done.stdout) > 1000 and done.stderr == ""


def test_the_sop_has_the_texts_and_durations_of_the_site(site: Site) -> None:
    (site.folder / "rules").mkdir()
    text = Path(table.SOP015).read_text(encoding="utf-8").replace("value: SOP-LPSE.BTG-015", "value: SOP-LAIN-007")
    (site.folder / "rules" / "sop015.yaml").write_text(text, encoding="utf-8")
    site.mailbox["rules"] = "rules"
    site.mailbox["sop"] = {"lkpp_status_after": "9 hari kerja"}
    site.write()
    printed = site.run("sop", "--format", "markdown").stdout
    assert "SOP-LAIN-007" in printed and "9 hari kerja" in printed
    assert site.run("sop", "--mailbox", "batang", "--format", "markdown").stdout == printed
    assert site.run("sop", "--mailbox", "lain").returncode == 2


def test_the_sop_has_the_head_of_the_site(site: Site) -> None:
    (site.folder / "rules").mkdir()
    (site.folder / "rules" / "sop_heads.yaml").write_text('"015": {number: SOP-LAIN-008}\n', encoding="utf-8")
    (site.folder / "rules" / "sop_replaced.yaml").write_text("as_of: 1 Juli 2027\nrules: []\n", encoding="utf-8")
    site.mailbox["rules"] = "rules"
    site.mailbox["organisation"] = "LPSE Kota Batam"
    site.write()
    printed = site.run("sop").stdout
    assert "SOP-LAIN-008" in printed and "8 Januari 2017" not in printed and "Catatan mailbot per" not in printed
    assert "Hardwiyarso" in site.run("sop", "email-batam").stdout


def test_a_fault_in_the_site_s_head_is_told_by_check(site: Site) -> None:
    (site.folder / "rules").mkdir()
    (site.folder / "rules" / "sop_heads.yaml").write_text('"015": {nomor: X}\n', encoding="utf-8")
    site.mailbox["rules"] = "rules"
    site.write()
    done = site.run("check")
    assert done.returncode == 78 and "unknown key 'nomor'" in done.stdout + done.stderr


def test_the_sop_is_printed_beside_a_configuration_that_was_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text("mailboxes: []\n")
    done = CliRunner().invoke(main.main, ["sop"])
    assert done.exit_code == 0
    assert "config.yaml has faults" in done.stderr
    assert CliRunner().invoke(main.main, ["-c", "config.yaml", "sop"]).exit_code == 78


# --- faults of ours ------------------------------------------------------------------------------


def test_a_fault_of_ours_says_where_and_shows_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path, **_: object) -> None:
        raise KeyError(CANARY)

    monkeypatch.setattr(settings, "load", broken)
    done = CliRunner().invoke(main.main, ["-c", str(site.file), "status"])
    assert done.exit_code == 70
    assert "a fault in mailbot itself (KeyError" in done.stderr
    assert CANARY not in done.output
