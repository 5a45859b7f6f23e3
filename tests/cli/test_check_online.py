"""`mailbot check --online` against the mail servers: what it finds, what it leaves behind, what it never prints."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbot.cli.check_online import Finding, Level, check_online
from mailbot.config import settings as configuration
from mailbot.config.site import Site, open_sites
from tests import ROOT
from tests.mailservers import MailServers
from tests.world import LPSE, PEOPLE, configured, environment

PASSWORD_IS_WRONG = "salah-KENARI-42"


def site(servers: MailServers, folder: Path, **changes: Any) -> Site:
    written = configured(servers.imap_port, servers.smtp_port, servers.password, folder, **changes)
    (folder / "config.yaml").write_text(yaml.safe_dump(written))
    return open_sites(configuration.load(folder / "config.yaml"))[0]


def said(findings: Iterator[Finding] | list[Finding], level: Level | None = None) -> str:
    return "\n".join(finding.text for finding in findings if level in (None, finding.level))


def test_all_is_tried_and_nothing_is_left_behind(servers: MailServers, tmp_path: Path) -> None:
    found = list(check_online(site(servers, tmp_path), 0, arrives=20))
    text = said(found)
    for words in (
        "folder INBOX: 0 mails",
        "offers IDLE",
        "offers UIDPLUS",
        "takes the empty envelope sender",
        "a mail to ourselves came after",
        "clock agrees",
        "no DNS was asked",
        "a forged mail in the name of sari@batangkab.test",
    ):
        assert words in text
    assert {finding.level for finding in found} <= {Level.OK, Level.WARNING}
    assert servers.messages(LPSE) == []


def test_the_proof_s_copy_is_looked_for(servers: MailServers, tmp_path: Path) -> None:
    bad = {"proof": {"folder": "Archive", "wait": "1s"}}
    found = list(check_online(site(servers, tmp_path, **bad), 0, arrives=20))
    assert "no copy of it came to Archive" in said(found, Level.FAULT)


def test_a_folder_that_is_not_there_is_a_fault(servers: MailServers, tmp_path: Path) -> None:
    found = list(check_online(site(servers, tmp_path, imap={"done": "move:Selesai"}), 0, arrives=20))
    assert "Selesai" in said(found, Level.FAULT)


def test_the_folder_of_sent_mail_must_be_there(servers: MailServers, tmp_path: Path) -> None:
    """Answers written by hand are read from it: without it they would be asked for again."""
    here = site(servers, tmp_path, imap={"sent": "Terkirim"})
    assert "Terkirim" in said(missing := list(check_online(here, 0, arrives=20)), Level.FAULT)
    assert "imap.sent" in said(missing, Level.FAULT)
    servers.append(here.config.address, b"Subject: x\r\n\r\nx\r\n", "Terkirim")
    found = list(check_online(here, 0, arrives=20))
    assert "Terkirim" not in said(found, Level.FAULT) and "folder Terkirim: 1 mails" in said(found, Level.OK)


def test_a_wrong_password_is_a_fault_and_is_not_shown(servers: MailServers, tmp_path: Path) -> None:
    wrong = site(servers, tmp_path)
    (tmp_path / "password").write_text(PASSWORD_IS_WRONG)
    wrong = open_sites(configuration.load(tmp_path / "config.yaml"))[0]
    found = list(check_online(wrong, 0, arrives=20))
    assert "check username and password" in said(found, Level.FAULT)
    assert PASSWORD_IS_WRONG not in said(found)


def test_a_server_that_keeps_forged_results_is_a_fault(servers: MailServers, tmp_path: Path) -> None:
    """Ours here adds none and removes none: whoever pins its id believes every stranger."""
    pinned = site(servers, tmp_path, authentication={"authserv_id": "mx.mailbot.test"})
    found = list(check_online(pinned, 0, arrives=20))
    if servers.real:
        assert "PASSES" in said(found, Level.FAULT)


@pytest.mark.parametrize(
    ("policy", "reply", "new"),
    [
        ("token", "passes", "needs a code"),
        ("confirm", "needs a code", "needs a code"),
        ("refuse", "refused", "refused"),
    ],
)
def test_each_person_is_told_what_his_commands_will_meet(
    servers: MailServers, tmp_path: Path, policy: str, reply: str, new: str
) -> None:
    alone = {"coordinator": [], "head": [], "operator": [], "authentication": {"without_results": policy}}
    office = site(servers, tmp_path, **alone)
    lines: list[str] = []
    for finding in check_online(office, 30, arrives=20):
        lines.append(finding.text)
        if asked := re.search(r"write to \S+ .* with (UJI-[0-9A-F]{8}) in", finding.text):
            for who in ("petugas", "rekan"):
                raw = (
                    f"From: {PEOPLE[who]}\r\nTo: {LPSE}\r\nSubject: Re: {asked[1]}\r\nX-Mailer: Uji 1.0\r\n\r\nHalo\r\n"
                )
                threading.Timer(0.5, servers.deliver, (raw.encode(), LPSE)).start()
    for who in ("petugas", "rekan"):
        [line] = [one for one in lines if one.startswith(f"{PEOPLE[who]} (Uji 1.0)")]
        assert re.search(rf"replies to mails of ours: {reply}.*; new mails: {new}", line)
    assert len(servers.messages(LPSE)) == 2  # people's mails stay


def test_whoever_sends_nothing_is_named(servers: MailServers, tmp_path: Path) -> None:
    found = list(check_online(site(servers, tmp_path), 1, arrives=20))
    assert f"{PEOPLE['kepala']}: no test mail came" in said(found, Level.WARNING)


def test_a_server_that_is_away_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(configured(1, 1, "x", tmp_path)))
    done = subprocess.run(
        [sys.executable, "-m", "mailbot", "-c", str(tmp_path / "config.yaml"), "check", "--online", "--wait", "0"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 75, done.stdout + done.stderr
    assert "again" in done.stdout and "Traceback" not in done.stderr
