"""`mailbot check --online` against the mail servers: what it finds, what it leaves behind, what it never prints."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbot.cli import check_online as online
from mailbot.cli.finding import Finding, Level
from mailbot.config import settings as configuration
from mailbot.config.site import Site, open_sites
from tests import ROOT, small_disk
from tests.mailservers import MailServers
from tests.mailservers.faulty import FaultyImap, On
from tests.mailservers.names import NameServer
from tests.mailservers.real import RealServers
from tests.world import LPSE, PEOPLE, configured, environment

PASSWORD_IS_WRONG = "salah-KENARI-42"


def site(servers: MailServers, folder: Path, **changes: Any) -> Site:
    written = configured(servers.imap_port, servers.smtp_port, servers.password, folder, **changes)
    (folder / "config.yaml").write_text(yaml.safe_dump(written))
    return open_sites(configuration.load(folder / "config.yaml"))[0]


def tried(office: Site, wait: int, arrives: float = online.ARRIVES) -> Iterator[Finding]:
    """Without DNS: tests ask no resolver of this machine."""
    return online.check_online(office, wait, arrives, resolvers=[])


def said(findings: Iterator[Finding] | list[Finding], level: Level | None = None) -> str:
    return "\n".join(finding.text for finding in findings if level in (None, finding.level))


def test_all_is_tried_and_nothing_is_left_behind(servers: MailServers, tmp_path: Path) -> None:
    found = list(tried(site(servers, tmp_path), 0, arrives=20))
    text = said(found)
    for words in (
        "folder INBOX: 0 mails",
        "offers IDLE",
        "offers UIDPLUS",
        "takes the empty envelope sender",
        "a mail to ourselves came after",
        "clock agrees with this machine's",
        "folder INBOX: 0 mails; may be written",
        "not asked: no DNS answer",
        "each rendered with every variable",
        "MB free",
        "a forged mail in the name of sari@batangkab.test",
    ):
        assert words in text
    assert {finding.level for finding in found} <= {Level.OK, Level.WARNING}
    assert servers.messages(LPSE) == []


def test_the_proof_s_copy_is_looked_for(servers: MailServers, tmp_path: Path) -> None:
    bad = {"proof": {"folder": "Archive", "wait": "1s"}}
    found = list(tried(site(servers, tmp_path, **bad), 0, arrives=20))
    assert "no copy of it came to Archive" in said(found, Level.FAULT)


def test_a_folder_that_is_not_there_is_a_fault(servers: MailServers, tmp_path: Path) -> None:
    found = list(tried(site(servers, tmp_path, imap={"done": "move:Selesai"}), 0, arrives=20))
    assert "Selesai" in said(found, Level.FAULT)


def test_the_folder_of_sent_mail_must_be_there(servers: MailServers, tmp_path: Path) -> None:
    """Answers written by hand are read from it: without it they would be asked for again."""
    here = site(servers, tmp_path, imap={"sent": "Terkirim"})
    assert "Terkirim" in said(missing := list(tried(here, 0, arrives=20)), Level.FAULT)
    assert "imap.sent" in said(missing, Level.FAULT)
    servers.append(here.config.address, b"Subject: x\r\n\r\nx\r\n", "Terkirim")
    found = list(tried(here, 0, arrives=20))
    assert "Terkirim" not in said(found, Level.FAULT) and "folder Terkirim: 1 mails" in said(found, Level.OK)


def test_a_folder_that_may_only_be_read_is_said_plainly(servers: MailServers, tmp_path: Path) -> None:
    if not isinstance(servers, RealServers):
        pytest.skip("the embedded server has no rights of folders")
    boxes = {"folder": ["INBOX", "Junk"], "done": "seen"}
    here = site(servers, tmp_path, imap=boxes)
    servers.append(LPSE, b"Subject: x\r\n\r\nx\r\n", "Junk")
    with servers.only_readable(LPSE, "Junk"):
        found = list(tried(here, 0, arrives=20))
        assert "folder Junk may only be read" in said(found, Level.FAULT)
        assert "imap.done" in said(found, Level.FAULT)
        assert "folder INBOX: 0 mails; may be written" in said(found, Level.OK)
        unmarked = site(servers, tmp_path, imap={**boxes, "done": "none"})
        found = list(tried(unmarked, 0, arrives=20))
        assert "may only be read, which is enough" in said(found, Level.OK)
    assert servers.flags(LPSE, "Junk") == {1: set()}


@pytest.mark.parametrize(
    ("done", "rights", "level", "says"),
    [
        ("keyword", "lrwstipekxa", None, ""),
        ("keyword", "lrsi", Level.WARNING, "lacks the right to set flags (it has lrsi)"),
        ("seen", "lrwi", Level.WARNING, "lacks the right to set \\Seen"),
        ("keyword", "lws", Level.FAULT, "lacks the right to read"),
        ("move:Selesai", "lrws", Level.FAULT, "folder INBOX: the account lacks the right to delete, expunge"),
        ("move:Selesai", "lrws", Level.FAULT, "folder Selesai: the account lacks the right to insert"),
        ("move:Selesai", "lrswipcd", None, ""),  # RFC 2086
        ("none", "lr", None, ""),
    ],
)
def test_what_the_account_may_not_do_is_named_where_the_server_tells_rights(
    servers: MailServers, tmp_path: Path, done: str, rights: str, level: Level | None, says: str
) -> None:
    told = [On("MYRIGHTS", f"* MYRIGHTS x {rights}", "%tag% OK done", times=2)]
    with FaultyImap(told, capabilities="IMAP4rev1 IDLE UIDPLUS MOVE ACL") as server:
        here = site(servers, tmp_path, imap={"host": "127.0.0.1", "port": server.port, "done": done})
        found = list(tried(here, 0, arrives=0.1))
        assert b'MYRIGHTS "INBOX"' in server.commands
        assert not any(command.startswith((b"SETACL", b"UID STORE")) for command in server.commands)
    assert ("lacks the right" in said(found)) == bool(says)
    assert level is None or says in said(found, level)


def test_rights_that_the_server_does_not_tell_are_no_fault(servers: MailServers, tmp_path: Path) -> None:
    for answer in ("%tag% NO not allowed", "%tag% BAD unknown", "%tag% OK done"):
        with FaultyImap([On("MYRIGHTS", answer)], capabilities="IMAP4rev1 IDLE UIDPLUS MOVE ACL") as server:
            here = site(servers, tmp_path, imap={"host": "127.0.0.1", "port": server.port})
            found = list(tried(here, 0, arrives=0.1))
            assert said(found, Level.FAULT) == "" and "folder INBOX: 0 mails; may be written" in said(found)


def test_the_mark_of_handled_mails_is_tried_on_our_own_mail(servers: MailServers, tmp_path: Path) -> None:
    kept = said(list(tried(site(servers, tmp_path, imap={"done": "seen"}), 0, arrives=20)), Level.OK)
    assert "the mark of handled mails was set on it and stays (imap.done seen)" in kept
    found = list(tried(site(servers, tmp_path, imap={"done": "keyword"}), 0, arrives=20))
    if servers.real:
        assert "stays (imap.done keyword)" in said(found, Level.OK)
    else:
        assert "does not stay (imap.done keyword)" in said(found, Level.WARNING)
    assert servers.messages(LPSE) == []


def test_the_own_domain_is_looked_up_by_the_resolver_that_is_named(servers: MailServers, tmp_path: Path) -> None:
    with NameServer({"batangkab.test": ["v=spf1 mx +all"]}) as names:
        here = site(servers, tmp_path)
        found = list(online.check_online(here, 0, 20, resolvers=[names.address]))
    assert "SPF of batangkab.test: lets every server of the world" in said(found, Level.FAULT)
    assert "DMARC of batangkab.test: no record" in said(found, Level.WARNING)
    assert "DKIM of batangkab.test: DNS has no key" in said(found, Level.WARNING)


def test_a_full_disk_is_told_with_what_it_means(servers: MailServers, tmp_path: Path) -> None:
    with small_disk.mounted(tmp_path / "data", 8) as disk:
        here = replace(site(servers, tmp_path), data=disk)
        assert "make room soon" in said(list(tried(here, 0, arrives=20)), Level.WARNING)
        (disk / "others").write_bytes(bytes(7_800_000))
        assert "too few to take any mail" in said(list(tried(here, 0, arrives=20)), Level.FAULT)


def test_a_wrong_password_is_a_fault_and_is_not_shown(servers: MailServers, tmp_path: Path) -> None:
    wrong = site(servers, tmp_path)
    (tmp_path / "password").write_text(PASSWORD_IS_WRONG)
    wrong = open_sites(configuration.load(tmp_path / "config.yaml"))[0]
    found = list(tried(wrong, 0, arrives=20))
    assert "check username and password" in said(found, Level.FAULT)
    assert PASSWORD_IS_WRONG not in said(found)


def test_a_server_that_keeps_forged_results_is_a_fault(servers: MailServers, tmp_path: Path) -> None:
    """Ours here adds none and removes none: whoever pins its id believes every stranger."""
    pinned = site(servers, tmp_path, authentication={"authserv_id": "mx.mailbot.test"})
    found = list(tried(pinned, 0, arrives=20))
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
    for finding in tried(office, 30, arrives=20):
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
    found = list(tried(site(servers, tmp_path), 1, arrives=20))
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


def test_scripts_get_json_and_an_exit_code(servers: MailServers, tmp_path: Path) -> None:
    site(servers, tmp_path)
    command = [sys.executable, "-m", "mailbot", "-c", str(tmp_path / "config.yaml"), "check", "--online", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert [each["name"] for each in found["mailboxes"]] == ["batang"]
    assert found["worst"] == "warning"
    assert {each["level"] for each in found["findings"]} == {"ok", "warning"}
    texts = {each["mailbox"]: each["text"] for each in found["findings"]}
    assert set(texts) == {None, "batang"}, "warnings of the configuration are among them"
    assert "SPF, DKIM and DMARC of batangkab.test: not asked: such a name is for tests only" in done.stdout


def test_scripts_learn_of_a_wrong_password_by_the_exit_code(servers: MailServers, tmp_path: Path) -> None:
    site(servers, tmp_path)
    (tmp_path / "password").write_text(PASSWORD_IS_WRONG)
    command = [sys.executable, "-m", "mailbot", "-c", str(tmp_path / "config.yaml"), "check", "--online", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 78 and json.loads(done.stdout)["worst"] == "fault"
    assert PASSWORD_IS_WRONG not in done.stdout + done.stderr
