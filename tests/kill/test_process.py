"""Starting and stopping, as init systems and people do it: several instances at once, and SIGTERM under load."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import ROOT
from tests.mailservers import MailServers, dovecot
from tests.mailservers.faulty import ANSWER, FaultySmtp, On, pause
from tests.mailservers.process import Guard, wait_until
from tests.soak.process import Program
from tests.world import NO_CAPS, World, environment

pytestmark = [pytest.mark.mailservers, pytest.mark.timeout(300)]

EX_TEMPFAIL = 75
_ALL = 10**9  # of the servers' log


# --- several at once ---------------------------------------------------------------------------------------------


def _start(config: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mailbot", "-c", str(config), "run"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _compete(office: World, turn: int) -> float:
    """Three at once on one data folder, each with a login of its own: how long the slower loser lived."""
    written: dict[str, Any] = yaml.safe_load(office.config_file.read_text())
    names = [f"turn{turn}.{number}@batangkab.test" for number in range(3)]
    configs = [office.folder / f"config{number}.yaml" for number in range(3)]
    for name, config in zip(names, configs, strict=True):
        written["mailboxes"][0]["imap"]["username"] = name
        config.write_text(yaml.safe_dump(written))
    began = time.monotonic()
    running = [_start(config) for config in configs]
    guard = Guard("; ".join(f"kill -s KILL {process.pid}" for process in running))
    try:
        wait_until(lambda: sum(process.poll() is not None for process in running) >= 2, 60, "two do not leave")
        lived = time.monotonic() - began
        [winner] = [process for process in running if process.poll() is None]
        name = names[running.index(winner)]
        wait_until(lambda: name in dovecot.logins(office.servers.log(_ALL)), 30, "the one that stays is idle")
        assert winner.poll() is None
        for process in running:
            if process is not winner:
                assert process.returncode == EX_TEMPFAIL
                assert process.stderr is not None and b"is at work on" in process.stderr.read()
        logins = set(dovecot.logins(office.servers.log(_ALL)))
        assert logins & set(names) == {name}, "a loser has logged in"
        winner.terminate()
        assert winner.wait(15) == 0
    finally:
        for process in running:
            process.kill()
            process.communicate()
        guard.dismiss()
    return lived


def test_of_three_instances_at_once_one_works_and_the_others_contact_no_server(
    servers: MailServers, tmp_path: Path
) -> None:
    _compete(World(servers, tmp_path), 0)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_of_three_instances_at_once_one_works_fifty_times(servers: MailServers, tmp_path: Path) -> None:
    office = World(servers, tmp_path)
    lived = [_compete(office, turn) for turn in range(50)]
    print(f"50 times three instances: the losers had left after {max(lived):.1f} s at most, {sum(lived) / 50:.1f} s")


# --- SIGTERM -------------------------------------------------------------------------------------------------------


def _terminate_under_load(servers: MailServers, folder: Path, times: int, seed: int = 7) -> None:
    """Mails come in all the time; the daemon is started and, at any moment, asked to stop. Then all is counted."""
    rate = {"per_minute": 1_000_000, "per_hour": 1_000_000, "per_day": 1_000_000}
    office = World(servers, folder, smtp={"rate": rate}, limits=NO_CAPS)
    chance, users, took = random.Random(seed), list[str](), list[float]()
    program = Program(office.config_file)
    try:
        for turn in range(times):
            for number in range(3):
                users.append(f"u{turn:03}.{number}@penyedia.test")
                office.write(users[-1], "Mohon bantuan.", subject=f"Hal {turn}.{number}", sender=f"U <{users[-1]}>")
            program.start_and_wait()
            time.sleep(chance.uniform(0.0, 0.8))
            began = time.monotonic()
            assert program.stop() == 0, program.log()
            took.append(time.monotonic() - began)
        program.start_and_wait()
        wait_until(lambda: len(office.letters(users[-1])) > 0, 60, "the last mail is not answered")
        wait_until(lambda: not _waiting(office), 60, "mails are left in the outbox")
        assert program.stop() == 0
    finally:
        program.close()
    servers.settle()
    for user in users:
        assert [one.template for one in office.letters(user)] == ["user_acknowledgement"], user
    for who in ("petugas", "rekan"):
        letters = office.letters(who)
        assert Counter(one.message_id for one in letters).most_common(1)[0][1] == 1, "a copy"
        assert Counter(one.template for one in letters) == {"staff_new_ticket": len(users)}
    print(
        f"{times} stops over {len(users)} mails in, {len(users) * 3} out: 0 lost, 0 doubled;"
        f" {max(took):.1f} s at most, {sum(took) / times:.1f} s on average"
    )


def _waiting(office: World) -> bool:
    return bool(office.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending', 'uncertain') AND held = 0"))


def test_a_stop_under_load_ends_well_and_doubles_nothing(servers: MailServers, tmp_path: Path) -> None:
    _terminate_under_load(servers, tmp_path, 1)


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
def test_two_hundred_stops_under_load_double_nothing(servers: MailServers, tmp_path: Path) -> None:
    _terminate_under_load(servers, tmp_path, 200)


@pytest.mark.long
def test_a_stop_that_waits_for_a_final_answer_asks_systemd_for_the_time(servers: MailServers, tmp_path: Path) -> None:
    office = World(servers, tmp_path)
    office.write("pengguna", "Kami tidak bisa masuk.")
    with (
        FaultySmtp([On("EOD", pause(12.0), ANSWER)]) as smtp,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices,
    ):
        notices.bind(str(tmp_path / "notices"))
        notices.setblocking(False)
        written = yaml.safe_load(office.config_file.read_text())
        written["mailboxes"][0]["smtp"]["port"] = smtp.port
        office.config_file.write_text(yaml.safe_dump(written))
        program = Program(office.config_file)
        try:
            program.start(str(tmp_path / "notices"))
            wait_until(lambda: len(smtp.mails) == 1, 60, "nothing is sent")
            assert program._process is not None
            program._process.terminate()
            said = b""

            def asked() -> bool:
                nonlocal said
                while True:
                    try:
                        said += notices.recv(4096) + b"\n"
                    except BlockingIOError:
                        return b"EXTEND_TIMEOUT_USEC=" in said

            wait_until(asked, 15, "it does not ask for more time")
            assert program._process.wait(30) == 0
        finally:
            program.close()
        assert len(smtp.mails) == 1
    rows = office.rows("SELECT state FROM outbox WHERE party <> 'operator' ORDER BY id")
    assert sorted(row["state"] for row in rows) == ["accepted", "queued", "queued"]
