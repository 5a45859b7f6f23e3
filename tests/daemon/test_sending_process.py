"""The process that sends: what it is told, what becomes of it and of the daemon when one of the two dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import mailbot
from mailbot import clock
from mailbot.clock import Clock, RehearsalClock
from mailbot.delivery import account
from mailbot.delivery.account import Rate, SubmissionAccount
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.oauth2 import Client
from mailbot.servers.tokens import Account
from mailbot.store import instance
from mailbot.store.database import NAME
from tests import ROOT
from tests.mailservers import MailServers
from tests.mailservers.faulty import DROP, FaultySmtp, On
from tests.mailservers.process import wait_until
from tests.soak.process import Program
from tests.world import World, environment

PATIENCE = 30.0
PASSWORD = "hanya-untuk-uji-5150"


class Office(World):
    """`mailbot run` as a program of its own."""

    def __init__(self, servers: MailServers, folder: Path, **changes: Any) -> None:
        super().__init__(servers, folder, **changes)
        self.program = Program(self.config_file)

    @property
    def daemon(self) -> int:
        assert self.program._process is not None
        return self.program._process.pid

    def sender(self) -> int | None:
        """The process that sends, once it is at work: it has opened the database."""
        with suppress(FileNotFoundError):  # a thread or process that has just ended
            for thread in Path(f"/proc/{self.daemon}/task").iterdir():
                for number in (thread / "children").read_text().split():
                    files = [os.readlink(file) for file in Path(f"/proc/{number}/fd").iterdir()]
                    line = Path(f"/proc/{number}/cmdline").read_bytes()
                    if b"sending.child" in line and any(file.endswith(NAME) for file in files):
                        return int(number)
        return None

    def change(self, **keys: Any) -> None:
        written = yaml.safe_load(self.config_file.read_text())
        written["mailboxes"][0].update(keys)
        self.config_file.write_text(yaml.safe_dump(written))

    def answered(self, who: str) -> bool:
        return [one.template for one in self.letters(who)] == ["user_acknowledgement"]

    def asks(self, who: str) -> None:
        """A mail, and its acknowledgement."""
        self.write(who, "Kami tidak bisa masuk.")
        wait_until(lambda: self.answered(who), PATIENCE, f"{who} has no acknowledgement\n{self.program.log()}")


@pytest.fixture
def start(servers: MailServers, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    offices = list[Office]()

    def started(**changes: Any) -> Office:
        office = Office(servers, tmp_path, **changes)
        offices.append(office)
        office.program.start_and_wait()
        wait_until(lambda: office.sender() is not None, PATIENCE, "nothing sends")
        return office

    yield started
    for office in offices:
        office.program.close()


def _gone(process: int | None) -> bool:
    try:
        return process is None or Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


# --- its life ------------------------------------------------------------------------------------------


def test_mails_leave_by_a_process_that_ends_with_the_daemon(start: Callable[..., Office]) -> None:
    office = start()
    sender = office.sender()
    office.asks("pengguna")
    assert office.sender() == sender
    assert office.program.stop() == 0
    assert _gone(sender)
    assert "crashed" not in office.program.log()


def test_the_process_is_of_the_same_program_wherever_that_lies(start: Callable[..., Office]) -> None:
    environ = Path(f"/proc/{start().sender()}/environ").read_bytes().split(b"\0")
    [folder] = [Path(os.fsdecode(each.partition(b"=")[2])) for each in environ if each.startswith(b"PYTHONPATH=")]
    assert (folder / "mailbot" / "__init__.py").samefile(mailbot.__file__)


def test_a_process_that_is_killed_is_begun_anew_and_nothing_is_sent_twice(start: Callable[..., Office]) -> None:
    office = start()
    office.asks("pengguna")
    killed = office.sender()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: office.sender() not in (None, killed), PATIENCE, "it is not begun anew")
    office.asks("orang luar")
    office.program.check()
    assert "sending process: it has ended (-9)" in office.program.log()
    assert office.answered("pengguna")
    assert office.program.stop() == 0


def test_signals_for_the_daemon_do_not_end_it(start: Callable[..., Office]) -> None:
    office = start()
    sender = office.sender()
    assert sender is not None
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(sender, one)
    office.asks("pengguna")
    assert office.sender() == sender


def test_a_daemon_that_is_killed_leaves_nobody_behind_who_sends(start: Callable[..., Office]) -> None:
    office = start()
    sender = office.sender()
    office.asks("pengguna")
    office.program.kill()
    wait_until(lambda: _gone(sender), PATIENCE, "it goes on without the daemon")
    # The first thread of a process may be over (stat: Z) an instant before the last, with which its files are closed.
    wait_until(lambda: instance.holder(office.config.data) is None, PATIENCE, "the data folder is still held")
    office.program.start_and_wait()
    office.asks("orang luar")


def test_while_it_lives_no_other_daemon_works_on_the_data_folder(start: Callable[..., Office]) -> None:
    office = start()
    sender = office.sender()
    assert sender is not None
    os.kill(sender, signal.SIGSTOP)  # it cannot end now
    try:
        office.program.kill()
        command = [sys.executable, "-m", "mailbot", "-c", str(office.config_file), "run"]
        second = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=PATIENCE)
        assert second.returncode == os.EX_TEMPFAIL
        assert "another mailbot" in second.stderr
    finally:
        os.kill(sender, signal.SIGCONT)
    wait_until(lambda: _gone(sender), PATIENCE, "it goes on without the daemon")


# --- what it is told, and tells ------------------------------------------------------------------------


def test_a_new_configuration_counts_for_it_too(start: Callable[..., Office], servers: MailServers) -> None:
    with FaultySmtp([On("CONNECT", DROP)], repeat=True) as smtp:
        office = start(smtp={"port": smtp.port})
        office.write("pengguna", "Kami tidak bisa masuk.")
        wait_until(lambda: "cannot send" in _state(office), PATIENCE, "no trouble is told")
        right = yaml.safe_load(office.config_file.read_text())["mailboxes"][0]["smtp"]
        office.change(smtp={**right, "port": servers.smtp_port})
        os.kill(office.daemon, signal.SIGHUP)
        wait_until(lambda: office.answered("pengguna"), PATIENCE, "the old server counts")
        wait_until(lambda: "cannot send" not in _state(office), PATIENCE, "the trouble is not over")


def _state(office: Office) -> str:
    holder = instance.holder(office.config.data)
    return "" if holder is None else holder.state


def test_a_copy_for_the_proof_that_is_refused_is_told_to_the_operator(start: Callable[..., Office]) -> None:
    refuses = [On("RCPT TO:<bukti", "550 5.1.1 no such user")]
    with FaultySmtp(refuses, repeat=True) as smtp:
        office = start(smtp={"port": smtp.port}, proof={"folder": "Sent", "bcc": "bukti@batangkab.test"})
        office.write("pengguna", "Kami tidak bisa masuk.")

        def told() -> bool:
            return bool(office.rows("SELECT 1 FROM outbox WHERE event_key LIKE '%proof.bcc%'"))

        wait_until(told, PATIENCE, f"the operator is not told\n{office.program.log()}")


def test_the_password_stands_in_no_place_where_others_can_read_it(start: Callable[..., Office], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    office = start(smtp={"username": "lpse", "password": {"file": str(secret)}})
    sender = office.sender()
    for place in ("cmdline", "environ"):
        assert PASSWORD.encode() not in Path(f"/proc/{sender}/{place}").read_bytes()
    assert PASSWORD not in office.program.log()


def test_it_loads_neither_templates_nor_rules_nor_what_reads_the_configuration() -> None:
    heavy = "pydantic", "jinja2", "holidays", "imapclient", "mailbot.config", "mailbot.templates", "mailbot.rules"
    program = f"import sys, mailbot.daemon.sending.child; print([one for one in {heavy!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


ENDPOINT = Endpoint("mail.batangkab.test", 465, "tls", Path("/etc/ca.pem"), "lpse", PASSWORD)
CLIENT = Client("https://login.batangkab.test/token", "app", PASSWORD, ca_file=Path("/etc/ca.pem"))


@pytest.mark.parametrize(
    "endpoint",
    [
        ENDPOINT,
        Endpoint("127.0.0.1", 25, "none"),
        Endpoint("mail.batangkab.test", 587, "starttls", username="lpse", tokens=Account(CLIENT, "lpse", Path("/t"))),
    ],
    ids=["password", "no login", "tokens"],
)
def test_an_account_is_told_whole(endpoint: Endpoint) -> None:
    told = SubmissionAccount(
        name="batang",
        address="lpse@batangkab.test",
        domain="batangkab.test",
        endpoint=endpoint,
        rate=Rate(20, 150, 1500),
        max_size=10_000_000,
        proves=True,
        copy_to="bukti@batangkab.test",
        awaited=frozenset({"lkpp_escalation"}),
    )
    assert account.read(account.plain(told)) == told


def test_a_rehearsals_clock_tells_the_same_time_in_both_processes() -> None:
    here = RehearsalClock(datetime(2026, 12, 21, 1, 0, tzinfo=UTC), 60.0)
    there = clock.read(here.plain())
    assert there.rehearsal
    assert abs(there.now() - here.now()) < timedelta(seconds=5)
    assert type(clock.read(Clock().plain())) is Clock
