"""`mailbot replay --today`: what would be done now with mails in files, while nothing is done."""

from __future__ import annotations

import hashlib
import json
import mailbox
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mailbot.cli import main
from mailbot.fetch.mbox_files import Stored, stored
from tests.world import LPSE, PEOPLE, PaperWorld

MAIL = (
    f"From: Budi <{PEOPLE['pengguna']}>\r\nTo: {LPSE}\r\nSubject: %s\r\nMessage-ID: <%s@x.test>\r\n%s\r\n%s\r\n"
).replace("\r\n", "\n")


def mail(subject: str, text: str = "Mohon bantuan, tidak bisa login.", headers: str = "") -> bytes:
    return (MAIL % (subject, hashlib.sha256(f"{subject}{text}".encode()).hexdigest()[:12], headers, text)).encode()


def replay(office: PaperWorld, *arguments: str | Path) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main.main, ["-c", str(office.config_file), "replay", "--today", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_files_mboxes_maildirs_and_folders_of_them_are_read_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "surat"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mail("satu"))
    box = mailbox.mbox(folder / "2.mbox")
    for subject in ("dua", "tiga"):
        box.add(mail(subject, "From here on\n\nFrom: is no new mail"))
    box.close()
    maildir = mailbox.Maildir(folder / "3")
    maildir.add(mail("empat"))
    (folder / ".hidden").write_bytes(mail("nol"))
    found = [one for one in stored([folder], datetime.now(UTC)) if isinstance(one, Stored)]
    subjects = [one.read().split(b"Subject: ")[1].split(b"\n")[0] for one in found]
    assert subjects == [b"satu", b"dua", b"tiga", b"empat"]
    assert [Path(one.source).name for one in found[:3]] == ["1.eml", "2.mbox:1", "2.mbox:2"]


def test_a_new_mail_is_decided_on_and_nothing_is_left_behind(office: PaperWorld, tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(mail("Tidak bisa login"))
    before = sorted(path.relative_to(office.config.data) for path in office.config.data.rglob("*"))
    (found,) = replay(office, file)
    assert found["outcome"] == "handled"
    assert found["ticket"]["status"] == "new"
    assert {sent["template"] for sent in found["mails"]} == {"user_acknowledgement", "staff_new_ticket"}
    assert found["new_text"] == "Mohon bantuan, tidak bisa login."
    assert found["machine"] is None
    assert sorted(path.relative_to(office.config.data) for path in office.config.data.rglob("*")) == before
    assert office.rows("SELECT count(*) AS n FROM tickets") == [{"n": 0}]
    assert office.rows("SELECT count(*) AS n FROM outbox") == [{"n": 0}]


def test_a_reply_joins_the_ticket_that_the_data_know(office: PaperWorld, tmp_path: Path) -> None:
    office.write("pengguna", "Tidak bisa login.")
    office.once()
    acknowledgement = office.last("pengguna")
    file = tmp_path / "b.eml"
    file.write_bytes(mail("Re: halo", "ini datanya", f"In-Reply-To: {acknowledgement.message_id}\n"))
    (found,) = replay(office, file)
    assert found["ticket"]["number"] in acknowledgement.subject
    assert found["ticket"]["threaded_by"] == "balasan atas e-mail kami"
    assert office.rows("SELECT count(*) AS n FROM journal") == [{"n": 1}]


def test_mails_follow_one_another_as_if_they_had_arrived_so(office: PaperWorld, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.eml").write_bytes(mail("sama"))
    first, second = replay(office, tmp_path / "1.eml", tmp_path / "2.eml")
    assert first["outcome"] == "handled"
    assert second["outcome"] == "duplicate"


def test_a_machine_a_report_and_what_cannot_be_read_are_said_to_be_so(office: PaperWorld, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(mail("Balasan Otomatis: cuti", headers="Auto-Submitted: auto-replied\n"))
    (tmp_path / "2.eml").write_bytes(
        b"From: MAILER-DAEMON@x.test\nTo: lpse@batangkab.test\nSubject: Undelivered Mail\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\ngagal\n--b\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.test\n\n"
        b"Final-Recipient: rfc822; budi@y.test\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    (tmp_path / "3.eml").write_bytes(b"\n".join(b"X-%d: a" % n for n in range(2000)) + b"\n\nhalo\n")
    autoreply, report, poison = replay(office, *(tmp_path / f"{n}.eml" for n in (1, 2, 3)))
    assert autoreply["machine"]["kind"] == "autoreply"
    assert autoreply["ticket"] is None
    assert report["delivery"][0]["recipient"] == "budi@y.test"
    assert report["delivery"][0]["status"] == "5.1.1"
    assert poison["outcome"] == "quarantined"
    assert "1000" in poison["reason"]


def test_what_lkpp_would_mean_is_told(office: PaperWorld, tmp_path: Path) -> None:
    office.write("pengguna", "Tidak bisa login.")
    office.once()
    office.write("petugas", "#eskalasi Tidak bisa login.", answers=office.last("petugas"))
    office.once()
    file = tmp_path / "c.eml"
    file.write_bytes(
        mail("Re: halo", "Masih dalam proses penanganan.", f"In-Reply-To: {office.last('lkpp').message_id}\n").replace(
            PEOPLE["pengguna"].encode(), PEOPLE["lkpp"].encode()
        )
    )
    (found,) = replay(office, file)
    assert found["meaning"]["meaning"] == "progress"
    assert found["ticket"]["step"] in ("12", "14")
    assert {sent["template"] for sent in found["mails"]} == {"user_progress", "staff_lkpp_reply"}


def test_a_mailbox_that_is_not_configured_is_refused(office: PaperWorld, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main.main, ["-c", str(office.config_file), "replay", "--mailbox", "lain", str(tmp_path)]
    )
    assert result.exit_code == 2
    assert "batang" in result.output


@pytest.mark.parametrize("control", ["\x1b[31m", "\u202e"])
def test_no_control_character_of_a_mail_reaches_the_output(office: PaperWorld, tmp_path: Path, control: str) -> None:
    file = tmp_path / "d.eml"
    file.write_bytes(mail(f"a{control}b", f"isi {control} surat"))
    result = CliRunner().invoke(main.main, ["-c", str(office.config_file), "replay", "--today", str(file)])
    assert result.stdout.isascii()
    assert "\x1b" not in result.stdout
