"""The alarm that leaves without the database (`mailbot alarm`): to each operator once, by the way that works."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from mailbot.cli import main
from tests.mailservers import MailServers
from tests.steps import flat
from tests.world import Letter, World


def _alarm(world: World, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(world.config_file), "alarm", *words])


def _told(world: World, unit: str) -> list[Letter]:
    """The mails about a unit; those of other tests may still be on their way."""
    return [mail for mail in world.letters("operator") if f" {unit} " in mail.subject]


def _change(world: World, **top: Any) -> None:
    data = yaml.safe_load(world.config_file.read_text()) | top
    world.config_file.write_text(yaml.safe_dump(json.loads(json.dumps(data))))


def test_an_operator_is_told_although_there_is_no_database(servers: MailServers, tmp_path: Path) -> None:
    world = World(servers, tmp_path)
    shutil.rmtree(world.config.data, ignore_errors=True)
    world.config.data.write_text("no folder can be here")
    done = _alarm(world, "mailbot.service")
    assert done.exit_code == 0, done.output
    [mail] = _told(world, "mailbot.service")
    assert mail.subject.startswith("[LPSE-BTG] Alarm: layanan mailbot.service gagal di ")
    assert "journalctl -u mailbot.service" in mail.text and "mailbot check" in flat(mail.text)
    assert mail.template == "operator_alarm" and "auto-generated" in str(mail.message["Auto-Submitted"])


def test_of_a_failed_backup_it_says_that_the_service_goes_on(servers: MailServers, tmp_path: Path) -> None:
    world = World(servers, tmp_path)
    assert _alarm(world, "mailbot-backup.service").exit_code == 0
    [mail] = _told(world, "mailbot-backup.service")
    assert "pelayanan berjalan terus" in flat(mail.text)


def test_systemd_that_does_not_name_the_unit_means_the_daemon(servers: MailServers, tmp_path: Path) -> None:
    world = World(servers, tmp_path)
    assert _alarm(world, "").exit_code == 0
    assert _told(world, "mailbot.service")


def test_who_is_operator_of_two_mailboxes_gets_one_mail_and_by_the_account_that_works(
    servers: MailServers, tmp_path: Path
) -> None:
    world = World(servers, tmp_path)
    data = yaml.safe_load(world.config_file.read_text())
    [first] = data["mailboxes"]
    second = {**first, "name": "tegal", "address": "lpse@tegalkab.test", "ticket_prefix": "LPSE-TGL"}
    second["imap"] = {**first["imap"], "username": "lpse@tegalkab.test"}
    dead = {**first, "smtp": {**first["smtp"], "port": 1}}
    _change(world, mailboxes=[dead, second])
    done = _alarm(world, "mailbot@kudus.service")
    assert done.exit_code == 0, done.output
    [mail] = _told(world, "mailbot@kudus.service")
    assert mail.subject.startswith("[LPSE-TGL]")


def test_a_server_out_of_reach_is_named_and_the_exit_code_says_so(servers: MailServers, tmp_path: Path) -> None:
    world = World(servers, tmp_path)
    [only] = yaml.safe_load(world.config_file.read_text())["mailboxes"]
    _change(world, mailboxes=[{**only, "smtp": {**only["smtp"], "port": 1}}])
    done = _alarm(world, "mailbot.service")
    assert done.exit_code == 75 and "127.0.0.1:1" in done.output
