"""The units in systemd/: what systemd says of them, and what their service does when it is started as they say."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbot.cli import main
from tests import ROOT, cage
from tests.mailservers import MailServers
from tests.mailservers.faulty import ANSWER, HANG, FaultySmtp, On, pause
from tests.mailservers.process import wait_until
from tests.unitfile import Service, Unit, UnitError, command_line_of_this_tree, read
from tests.world import LPSE, PEOPLE, configured, known_holidays, letter

UNITS = ROOT / "systemd"
DOCS = ROOT / "docs" / "systemd.md"
#: File and instance.
BOTH = [("mailbot.service", ""), ("mailbot@.service", "kudus")]
#: What runs beside the daemon.
BESIDE = [
    ("mailbot-backup.service", ""),
    ("mailbot-backup@.service", "kudus"),
    ("mailbot-failed.service", ""),
    ("mailbot-failed@.service", "kudus"),
]
TIMERS = [("mailbot-backup.timer", ""), ("mailbot-backup@.timer", "kudus")]
INSTANCES = pytest.mark.parametrize(("file", "instance"), BOTH, ids=["mailbot", "mailbot@kudus"])
PASSWORD = "hanya-untuk-uji-7431"


# --- what systemd says ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def analyze() -> str:
    """The path of systemd-analyze. Its checks of files came with systemd 250."""
    found = shutil.which("systemd-analyze")
    version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout if found else "systemd 0"
    if found and int(version.split()[1]) >= 250:
        return found
    why = "needs systemd-analyze 250 or later (apt-get install systemd)"
    if os.environ.get("CI") == "true":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


@contextmanager
def _installed(folder: Path, file: str, instance: str) -> Iterator[Path]:
    """The unit as systemd finds it, but with a program that exists here."""
    text = (UNITS / file).read_text(encoding="utf-8")
    program = "/opt/mailbot/.venv/bin/mailbot"
    assert program in text
    text = text.replace(program, "/bin/true")
    for file_beside in ("mailbot-failed.service", "mailbot-failed@.service"):  # what OnFailure= names
        beside = (UNITS / file_beside).read_text(encoding="utf-8").replace(program, "/bin/true")
        (folder / file_beside).write_text(beside, encoding="utf-8")
    unit = folder / file.replace("@.", f"@{instance}.")
    unit.write_text(text, encoding="utf-8")
    yield unit


def _blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", DOCS.read_text(encoding="utf-8"))


DROP_INS = _blocks("ini")


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda text: text.splitlines()[-1].partition("=")[0])
def test_systemd_understands_every_drop_in_of_the_manual(analyze: str, tmp_path: Path, drop_in: str) -> None:
    with _installed(tmp_path, *BOTH[0]) as unit:
        drop_in = drop_in.replace("/opt/mailbot/.venv/bin/mailbot", "/bin/true")
        unit.write_text(unit.read_text(encoding="utf-8") + drop_in, encoding="utf-8")
        ended = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


@INSTANCES
def test_systemd_understands_every_line(analyze: str, tmp_path: Path, file: str, instance: str) -> None:
    with _installed(tmp_path, file, instance) as unit:
        ended = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


@INSTANCES
def test_the_exposure_is_at_most_1_2_of_10(analyze: str, tmp_path: Path, file: str, instance: str) -> None:
    with _installed(tmp_path, file, instance) as unit:
        command = [analyze, "security", "--offline=true", "--threshold=12", "--no-pager", str(unit)]
        ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Overall exposure level" in ended.stdout


def test_the_drop_in_of_the_manual_lowers_it_to_1_0(analyze: str, tmp_path: Path) -> None:
    [drop_in] = [block for block in DROP_INS if "IPAddressDeny=any" in block]
    with _installed(tmp_path, *BOTH[0]) as unit:
        unit.write_text(unit.read_text(encoding="utf-8") + drop_in, encoding="utf-8")
        command = [analyze, "security", "--offline=true", "--threshold=10", "--no-pager", str(unit)]
        ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@INSTANCES
def test_a_unit_runs_mailbot_and_the_shell_alone(file: str, instance: str) -> None:
    """A minimal system has no other program that could be named: not even /bin/kill."""
    unit = read(UNITS / file, instance)
    commands = [unit.command(key)[0] for _, key, _ in unit.assignments if key.startswith("Exec")]
    assert commands == ["/opt/mailbot/.venv/bin/mailbot", "/bin/sh"]


@pytest.mark.parametrize(("file", "instance"), BESIDE)
def test_systemd_understands_the_units_beside_and_their_exposure_is_no_greater(
    analyze: str, tmp_path: Path, file: str, instance: str
) -> None:
    with _installed(tmp_path, file, instance) as unit:
        verified = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
        command = [analyze, "security", "--offline=true", "--threshold=12", "--no-pager", str(unit)]
        secure = subprocess.run(command, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert secure.returncode == 0, secure.stdout + secure.stderr


@pytest.mark.parametrize(("file", "instance"), TIMERS)
def test_systemd_understands_the_timer_and_it_comes_outside_service_hours(
    analyze: str, tmp_path: Path, file: str, instance: str
) -> None:
    with _installed(tmp_path, file.replace(".timer", ".service"), instance):
        timer = tmp_path / file.replace("@.", f"@{instance}.")
        shutil.copy(UNITS / file, timer)
        verified = subprocess.run([analyze, "verify", timer], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    when = read(UNITS / file, instance).value("OnCalendar", "Timer")
    said = subprocess.run([analyze, "calendar", "--iterations=2", when], capture_output=True, text=True, check=True)
    assert len(re.findall(r" 02:30:00 ", said.stdout)) >= 2, said.stdout


# --- the units and the rest of the tree ----------------------------------------------------------


@pytest.mark.parametrize(("file", "instance"), BESIDE)
def test_the_units_beside_are_held_to_what_the_daemon_is_held_to(file: str, instance: str) -> None:
    daemon, beside = (read(UNITS / each, instance) for each in (BOTH[bool(instance)][0], file))
    text = (UNITS / "mailbot.service").read_text(encoding="utf-8")
    hardening = text[text.index("# --- hardening") : text.index("# Network")]
    for key in sorted(set(re.findall(r"(?m)^([A-Z][A-Za-z]+)=", hardening)) - {"NoExecPaths"}):
        assert beside.values(key) == daemon.values(key), key
    for key in ("User", "Group", "UMask", "LimitCORE", "MemoryMax", "LoadCredential"):
        assert beside.value(key) == daemon.value(key)


@pytest.mark.parametrize("file", [file for file, _ in [*BOTH, *BESIDE]])
def test_each_program_that_a_unit_names_is_a_command_of_mailbot(file: str) -> None:
    unit = read(UNITS / file, "kudus" if "@" in file else "")
    program, option, path, command, *rest = unit.command("ExecStart")
    assert (program, option) == ("/opt/mailbot/.venv/bin/mailbot", "--config")
    assert path == ("/etc/mailbot/kudus.yaml" if "@" in file else "/etc/mailbot/config.yaml")
    words = [word for word in rest if not word.startswith("$")]
    main.main.commands[command].make_context(command, words, resilient_parsing=False).close()


def test_whoever_ends_for_good_calls_the_operators() -> None:
    for name in ("mailbot", "mailbot-backup"):
        assert read(UNITS / f"{name}.service").value("OnFailure", "Unit") == "mailbot-failed.service"
        of_kudus = read(UNITS / f"{name}@.service", "kudus")
        assert of_kudus.value("OnFailure", "Unit") == "mailbot-failed@kudus.service"
    for file, instance in BESIDE[2:]:
        assert read(UNITS / file, instance).values("OnFailure", "Unit") == []


def test_both_units_are_the_same_but_for_the_instance() -> None:
    one, many = (read(UNITS / file, instance).assignments for file, instance in BOTH)
    assert [(section, key) for section, key, _ in one] == [(section, key) for section, key, _ in many]
    differing = {key: (a, b) for (_, key, a), (_, _, b) in zip(one, many, strict=True) if a != b}
    assert differing == {
        "Description": (
            "mailbot: helpdesk by e-mail after SOP-LPSE.BTG-015",
            "mailbot of kudus: helpdesk by e-mail after SOP-LPSE.BTG-015",
        ),
        "OnFailure": ("mailbot-failed.service", "mailbot-failed@kudus.service"),
        "ExecStart": (
            "/opt/mailbot/.venv/bin/mailbot --config /etc/mailbot/config.yaml run",
            "/opt/mailbot/.venv/bin/mailbot --config /etc/mailbot/kudus.yaml run",
        ),
        "User": ("mailbot", "mailbot-kudus"),
        "Group": ("mailbot", "mailbot-kudus"),
        "StateDirectory": ("mailbot", "mailbot-kudus"),
        "NoExecPaths": (
            "/var/lib/mailbot /tmp /var/tmp /dev/shm",
            "/var/lib/mailbot-kudus /tmp /var/tmp /dev/shm",
        ),
        "LoadCredential": ("batang-mail:/etc/mailbot/batang-mail", "kudus-mail:/etc/mailbot/kudus-mail"),
    }


@pytest.mark.parametrize("file", ["mailbot-backup.service", "mailbot-failed.service", "mailbot-backup.timer"])
def test_what_runs_beside_an_instance_is_the_same_but_for_its_name_user_folder_and_password(file: str) -> None:
    one = list(read(UNITS / file).assignments)
    many = read(UNITS / file.replace(".", "@."), "kudus").assignments
    for old, new in (
        ("mailbot: ", "mailbot of kudus: "),
        ("mailbot-failed.service", "mailbot-failed@kudus.service"),
        ("/config.yaml", "/kudus.yaml"),
        ("batang-mail", "kudus-mail"),
        ("/var/lib/mailbot ", "/var/lib/mailbot-kudus "),
    ):
        one = [(section, key, value.replace(old, new)) for section, key, value in one]
    named = {"User", "Group", "StateDirectory"}
    assert [(s, key, f"{value}-kudus" if key in named else value) for s, key, value in one] == list(many)


@pytest.mark.parametrize("file", [file for file, _ in [*BOTH, *BESIDE]] + [file for file, _ in TIMERS])
def test_every_block_of_the_units_begins_with_its_reason(file: str) -> None:
    lines = (UNITS / file).read_text(encoding="utf-8").splitlines()
    paragraphs = [n for n, line in enumerate(lines) if "=" in line and not line.startswith("#") and not lines[n - 1]]
    assert paragraphs == []


def test_the_unit_hands_over_every_password_of_the_configuration_as_shipped() -> None:
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    named = {box[part]["password"]["credential"] for box in shipped["mailboxes"] for part in ("imap", "smtp")}
    assert named
    assert named <= read(UNITS / "mailbot.service").credentials.keys()


@INSTANCES
def test_what_a_person_must_mend_is_not_started_again(file: str, instance: str) -> None:
    unit = read(UNITS / file, instance)
    assert unit.value("Restart") == "on-failure"
    assert unit.value("RestartPreventExitStatus").split() == [str(main.EX_IOERR), str(main.EX_CONFIG)]


@INSTANCES
def test_the_time_outs_leave_room_for_what_mailbot_promises(file: str, instance: str) -> None:
    unit = read(UNITS / file, instance)
    assert unit.seconds("TimeoutStopSec") > 10  # SIGTERM ends within ten seconds
    assert unit.seconds("TimeoutStartSec") >= 60
    assert unit.seconds("RestartSec") * 5 > 10  # DefaultStartLimitBurst= in DefaultStartLimitIntervalSec=


def test_nothing_that_mailbot_writes_to_can_be_run() -> None:
    unit = read(UNITS / "mailbot.service")
    assert f"/var/lib/{unit.value('StateDirectory')}" in unit.value("NoExecPaths").split()
    assert unit.values("ReadWritePaths") == []


def test_the_manual_explains_every_line_of_hardening() -> None:
    text = (UNITS / "mailbot.service").read_text(encoding="utf-8")
    hardening = set(
        re.findall(r"(?m)^([A-Z][A-Za-z]+)=", text[text.index("# --- limits ---") : text.index("[Install]")])
    )
    explained = set(re.findall(r"`([A-Z][A-Za-z]+)=[^`]*`", DOCS.read_text(encoding="utf-8")))
    assert hardening - explained == set()


# --- the stand-in's own reading ------------------------------------------------------------------


def _unit(folder: Path, text: str, name: str = "x.service", instance: str = "") -> Unit:
    (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    return read(folder / name, instance)


def test_lines_are_joined_commented_cleared_and_specified(tmp_path: Path) -> None:
    unit = _unit(
        tmp_path,
        r"""
        # a comment
        [Unit]
        Description = 100%% of %i, %n, %N, %p
        [Service]
        ExecStart=/bin/echo one \
            two \
        # in between
        ; and another
            'three four'
        Environment=A=1 "B=2 3"
        Environment=C=
        LoadCredential=a:/x
        LoadCredential=
        LoadCredential=b-%i:/etc/%i:y
        WatchdogSec=2min 30s
        TimeoutStopSec=1.5
        Restart=no
        Restart=always
        """,
        "x@.service",
        "kudus",
    )
    assert unit.value("Description", "Unit") == "100% of kudus, x@kudus.service, x@kudus, x"
    assert unit.command("ExecStart") == ["/bin/echo", "one", "two", "three four"]
    assert unit.environment == {"A": "1", "B": "2 3", "C": ""}
    assert unit.credentials == {"b-kudus": "/etc/kudus:y"}
    assert (unit.seconds("WatchdogSec"), unit.seconds("TimeoutStopSec")) == (150.0, 1.5)
    assert unit.value("Restart") == "always"


@pytest.mark.parametrize(
    "line", ["Key=before any section", "[Service]\nno assignment", "[Service]\nA=%Z", "[Service]\nA=100%"]
)
def test_what_is_not_understood_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(UnitError):
        _unit(tmp_path, line)


@pytest.mark.parametrize("value", ["soon", "2 years", "", "5 5x"])
def test_a_time_span_that_is_none_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises((UnitError, KeyError)):
        _unit(tmp_path, f"[Service]\nWatchdogSec={value}\n").seconds("WatchdogSec")


@pytest.mark.parametrize(("name", "instance"), [("x@.service", ""), ("x.service", "y")])
def test_instances_belong_to_templates(tmp_path: Path, name: str, instance: str) -> None:
    with pytest.raises(UnitError):
        _unit(tmp_path, "[Service]\n", name, instance)


SHELL = """
[Service]
ExecStart=/bin/sh -c '{script}'
ExecReload=/bin/sh -c 'kill -HUP ${{MAINPID}}'
Environment=GREETING=hello
StateDirectory=x
StateDirectoryMode=0700
UMask=0077
User=x
LimitCORE=0
WatchdogSec=30s
TimeoutStopSec=1s
"""


def test_the_stand_in_starts_a_service_as_systemd_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAK", "1")
    script = 'pwd; umask; ulimit -c; env; test "$WATCHDOG_PID" = $$ && echo its own; stat -c %a "$STATE_DIRECTORY"'
    unit = _unit(tmp_path, SHELL.format(script=script.replace("%", "%%")))
    with Service(unit, tmp_path, {}) as service:
        assert service.ended() == 0
        lines = service.journal.splitlines()
    assert lines[:3] == ["/", "0077", "0"]
    assert lines[-2:] == ["its own", "700"]
    assert {"GREETING=hello", "WATCHDOG_USEC=30000000", "USER=x"} <= set(lines)
    assert "LEAK=1" not in lines


def test_the_stand_in_kills_nobody_early_and_forgives_nobody_late(tmp_path: Path) -> None:
    deaf = _unit(tmp_path, SHELL.format(script='trap "" TERM; echo up; sleep 5 & wait; wait'))
    with Service(deaf, tmp_path, {}) as service:
        service.await_that(lambda: "up" in service.journal, "its first word")
        with pytest.raises(AssertionError):
            service.stop()


def test_a_missing_password_keeps_a_service_from_being_started(tmp_path: Path) -> None:
    unit = _unit(tmp_path, SHELL.format(script="true") + "LoadCredential=a:/nowhere/a\n")
    with pytest.raises(UnitError, match="/nowhere/a"), Service(unit, tmp_path, {}):
        pass


# --- the service ---------------------------------------------------------------------------------


class Site:
    """An installation: a unit, a configuration, a password; and where their paths are in this test."""

    def __init__(self, folder: Path, imap_port: int, smtp_port: int, file: str = "mailbot.service", instance: str = ""):
        self.folder = folder
        self.unit = read(UNITS / file, instance)
        self.config_file = folder / "config.yaml"
        self.written: dict[str, Any] = configured(imap_port, smtp_port, "unused", folder, holidays=known_holidays())
        (folder / "password").unlink()
        [(self._credential, self._credential_path)] = self.unit.credentials.items()
        (folder / "secret").write_text("secret")
        self._mailbox["imap"] |= {"password": {"credential": self._credential}, "poll": "1s"}
        self.written["data"] = str(self.service().state)
        self.written["log"] = {"level": "info"}
        self.write()

    @property
    def _mailbox(self) -> dict[str, Any]:
        found: dict[str, Any] = self.written["mailboxes"][0]
        return found

    def write(self, **changes: Any) -> None:
        """A new configuration file, with changes of the mailbox."""
        self._mailbox.update(changes)
        self.config_file.write_text(yaml.safe_dump(self.written, allow_unicode=True))

    def service(self, watchdog: float | None = None, cage_by: str = "") -> Service:
        """`cage_by`: the path of systemd-analyze, for a service that is held to the unit's system calls."""
        program, _, config, _ = self.unit.command("ExecStart")
        mailbot = command_line_of_this_tree(ROOT, sys.executable)
        places: dict[str, Sequence[str | Path]] = {
            program: cage.caged(self.unit, mailbot, cage_by) if cage_by else mailbot,
            config: [self.config_file],
            self._credential_path: [self.folder / "secret"],
        }
        return Service(self.unit, self.folder, places, watchdog=watchdog)


@pytest.fixture
def site(servers: MailServers, tmp_path: Path) -> Site:
    return Site(tmp_path, servers.imap_port, servers.smtp_port)


@contextmanager
def _silent_server() -> Iterator[tuple[int, socket.socket]]:
    """A server that takes connections and says nothing: (port, its socket)."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        yield listening.getsockname()[1], listening


@INSTANCES
def test_the_service_gets_ready_and_ends_when_told(
    servers: MailServers, tmp_path: Path, file: str, instance: str
) -> None:
    site = Site(tmp_path, servers.imap_port, servers.smtp_port, file, instance)
    with site.service() as service:
        ready = service.await_message("READY")
        assert ready.fields["READY"] == "1"
        assert ready.fields["STATUS"].strip()
        assert "@" not in service.status
        code, seconds = service.stop()
        assert code == 0, service.journal
        assert seconds < 10
        [*_, last] = service.told("STOPPING")
        assert last.fields["STOPPING"] == "1"
        assert len(service.told("READY")) == 1
        assert service.told("MAINPID") == []


def test_ready_waits_until_the_mailbox_has_been_tried(tmp_path: Path) -> None:
    with _silent_server() as (port, listening), ExitStack() as stack:
        service = stack.enter_context(Site(tmp_path, port, port).service())
        first, _ = listening.accept()
        with pytest.raises(TimeoutError):
            wait_until(lambda: bool(service.told("READY")), 2, "READY")
        assert service.running
        listening.close()
        first.close()
        service.await_message("READY")


def test_a_reload_before_the_start_is_complete_does_not_make_it_ready(tmp_path: Path) -> None:
    with _silent_server() as (port, listening), ExitStack() as stack:
        service = stack.enter_context(Site(tmp_path, port, port).service())
        first, _ = listening.accept()
        service.reload()
        with pytest.raises(TimeoutError):
            wait_until(lambda: bool(service.told("READY")), 2, "READY")
        assert service.running
        listening.close()
        first.close()
        service.await_message("READY")


def test_the_watchdog_hears_from_it_twice_in_its_time(site: Site) -> None:
    with site.service(watchdog=6.0) as service:
        ready = service.await_message("READY")
        service.await_that(lambda: time.monotonic() > ready.at + 8, "eight seconds")
        times = [ready.at, *(m.at for m in service.told("WATCHDOG") if m.at > ready.at), time.monotonic()]
        assert {message.fields["WATCHDOG"] for message in service.told("WATCHDOG")} == {"1"}
        assert max(later - earlier for earlier, later in pairwise(times)) <= 3.0


def test_the_longest_watchdog_silence_fits_the_unit(site: Site) -> None:
    """The unit's own WatchdogSec=, half of which must be enough: nothing depends on the short one of the test above."""
    with site.service() as service:
        service.await_message("WATCHDOG", count=3, timeout=site.unit.seconds("WatchdogSec") / 2)


def test_a_reload_is_announced_and_completed(site: Site) -> None:
    with site.service() as service:
        service.await_message("READY")
        site.write(organisation="LPSE Kabupaten Lain")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        service.reload()
        reloading = service.await_message("RELOADING")
        assert before <= int(reloading.fields["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        service.await_message("READY", count=2)
        order = [key for message in service.messages for key in message.fields if key in ("READY", "RELOADING")]
        assert order == ["READY", "RELOADING", "READY"]
        assert service.stop()[0] == 0


def _acknowledged(servers: MailServers, subject: str) -> bool:
    """Whether the mail of that subject (and Message-ID) has been acknowledged to its writer."""
    found = [letter(raw) for raw in servers.messages(PEOPLE["pengguna"])]
    return any(
        one.template == "user_acknowledgement" and f"<{subject}@" in str(one.message["In-Reply-To"]) for one in found
    )


def _write(servers: MailServers, subject: str) -> None:
    lines = [
        f"From: {PEOPLE['pengguna']}",
        f"To: {LPSE}",
        f"Subject: {subject}",
        f"Message-ID: <{subject}@penyedia.test>",
    ]
    servers.deliver("\r\n".join([*lines, "", "Mohon bantuan.", ""]).encode(), LPSE)


def test_a_broken_configuration_is_refused_and_the_old_one_goes_on(servers: MailServers, site: Site) -> None:
    with site.service() as service:
        service.await_message("READY")
        usual = service.status
        whole = site.config_file.read_text()
        site.config_file.write_text(whole.replace("organisation:", "organization:"))
        service.reload()
        service.await_message("READY", count=2)
        assert service.status != usual
        assert re.search(r"configuration\b.*\b(refused|faults?)", service.status), service.status
        _write(servers, "sesudah-salah")
        service.await_that(lambda: _acknowledged(servers, "sesudah-salah"), "an acknowledgement")
        assert "organization" in service.journal  # the fault, with its line
        # It stays to be read: whoever looks later must not take the new configuration for the one at work.
        beats = len(service.told("WATCHDOG"))
        service.await_message("WATCHDOG", count=beats + 12)
        assert re.search(r"configuration\b.*\b(refused|faults?)", service.status), service.status
        # Mended, it is taken again.
        site.config_file.write_text(whole)
        service.reload()
        service.await_message("READY", count=3)
        assert not re.search(r"refused", service.status)
        assert service.stop()[0] == 0


def test_a_stop_waits_for_the_answer_to_a_mail_that_was_handed_over(servers: MailServers, tmp_path: Path) -> None:
    """To leave between the final dot and its answer would mean to send the mail once more (RFC 1047)."""
    silence = Site(tmp_path, 1, 1).unit.seconds("TimeoutStopSec") + 2
    with FaultySmtp([On("EOD", pause(silence), ANSWER)]) as smtp, ExitStack() as stack:
        service = stack.enter_context(Site(tmp_path, servers.imap_port, smtp.port).service())
        service.await_message("READY")
        _write(servers, "titik")
        service.await_that(lambda: bool(smtp.mails), "a mail that was handed over whole")
        code, seconds = service.stop()
        assert code == 0, service.journal
        assert seconds > silence - 2
        assert service.told("EXTEND_TIMEOUT_USEC")
        assert '"state": "accepted"' in service.journal
        assert len(smtp.mails) == 1


def test_a_stop_waits_for_no_other_answer(servers: MailServers, tmp_path: Path) -> None:
    with FaultySmtp([On("RCPT", HANG)], repeat=True) as smtp, ExitStack() as stack:
        service = stack.enter_context(Site(tmp_path, servers.imap_port, smtp.port).service())
        service.await_message("READY")
        _write(servers, "bisu")
        service.await_that(lambda: any(b"RCPT" in command for command in smtp.commands), "a recipient")
        code, seconds = service.stop()
        assert code == 0, service.journal
        assert seconds < 10
        assert service.told("EXTEND_TIMEOUT_USEC") == []
        assert smtp.mails == []


def test_a_second_one_on_the_same_data_leaves_at_once(site: Site) -> None:
    with site.service() as first:
        first.await_message("READY")
        with site.service() as second:
            assert second.ended(10) == main.EX_TEMPFAIL
            assert second.told("READY") == []
            assert "another mailbot" in second.journal
        assert first.running


def test_a_wrong_configuration_is_never_ready(site: Site) -> None:
    site.write(colour="blue")
    with site.service() as service:
        assert service.ended(10) == main.EX_CONFIG
        assert service.told("READY") == []
        assert "colour" in service.journal


def test_an_empty_password_is_a_wrong_configuration(site: Site) -> None:
    (site.folder / "secret").write_text("")
    with site.service() as service:
        assert service.ended(10) == main.EX_CONFIG
        assert service.told("READY") == []


def test_what_the_watchdog_kills_says_where_it_stood_and_no_secret(site: Site) -> None:
    (site.folder / "secret").write_text(PASSWORD)  # the server refuses it: it passes through every layer
    with site.service() as service:
        service.await_message("READY")
        service.process.send_signal(signal.SIGABRT)  # WatchdogSignal=
        assert service.ended(10) == -signal.SIGABRT
        assert "Fatal Python error: Aborted" in service.journal
        assert "mailbot/daemon/run.py" in service.journal
        told = [value for message in service.messages for value in message.fields.values()]
        assert all(PASSWORD not in text for text in [service.journal, *told])


def test_it_writes_nowhere_but_into_its_state_folder(servers: MailServers, site: Site) -> None:
    def outside() -> dict[Path, int]:
        found = (path for path in site.folder.rglob("*") if path.is_file())
        return {p: p.stat().st_mtime_ns for p in found if not p.is_relative_to(service.state) and p != service.log}

    with site.service() as service:
        before = outside()
        service.await_message("READY")
        _write(servers, "jejak")
        service.await_that(lambda: _acknowledged(servers, "jejak"), "an acknowledgement")
        assert service.stop()[0] == 0
        assert outside() == before
        assert (service.state / "mailbot.sqlite").exists()
        open_to_others = [p for p in service.state.rglob("*") if p.stat().st_mode & 0o077]
        assert open_to_others == []


# --- the service in the unit's cage of system calls ------------------------------------------------


@pytest.fixture(scope="module")
def analyze_for_cage(analyze: str) -> str:
    if why := cage.missing(analyze):
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
    return analyze


REFUSED = [
    ("no privileged call", "os.chown('.', os.getuid(), os.getgid())", "PermissionError"),
    ("no altered limits", "os.nice(1)", "PermissionError"),
    ("no new code", "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)", "PermissionError"),
    ("no netlink", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "OSError"),
]


@pytest.mark.parametrize(("tried", "error"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_the_cage_refuses_what_the_unit_forbids(analyze_for_cage: str, tmp_path: Path, tried: str, error: str) -> None:
    unit = read(UNITS / "mailbot.service")
    python = [sys.executable, "-c", f"import mmap, os, socket; {tried}"]
    free = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True)
    held = subprocess.run(cage.caged(unit, python, analyze_for_cage), cwd=tmp_path, capture_output=True, text=True)
    assert free.returncode == 0, free.stderr
    assert held.returncode == 1
    assert held.stderr.splitlines()[-1].startswith(error), held.stderr


def test_mailbot_needs_nothing_that_the_unit_forbids(analyze_for_cage: str, servers: MailServers, site: Site) -> None:
    with site.service(cage_by=analyze_for_cage) as service:
        service.await_message("READY")
        assert re.search(r"(?m)^Seccomp:\t2$", Path(f"/proc/{service.process.pid}/status").read_text())
        _write(servers, "terkurung")
        service.await_that(lambda: _acknowledged(servers, "terkurung"), "an acknowledgement")
        service.reload()
        service.await_message("READY", count=2)
        assert service.stop()[0] == 0
        assert '"level": "error"' not in service.journal
