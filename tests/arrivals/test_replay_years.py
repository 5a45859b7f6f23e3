"""`mailbot replay` of an archive: years of old mail, each at its time, with nothing sent and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.config import settings
from mailbot.fetch import mbox_files
from mailbot.fetch.mbox_files import NotRead, Stored, stored
from tests import oldmail, terminals
from tests.kill import traced
from tests.world import LPSE, PEOPLE, PaperWorld, configured, environment

NOW = datetime(2026, 11, 23, tzinfo=UTC)
RECEIVED = "Received: from a by mail.batangkab.test; %s\n"


def mail(subject: str, at: str, *, sender: str = PEOPLE["pengguna"], headers: str = "", text: str = "Halo.") -> bytes:
    return (
        f"{RECEIVED % at}From: <{sender}>\nTo: {LPSE}\nSubject: {subject}\nMessage-ID: <{hash((subject, at))}@x.test>\n"
        f"{headers}\n{text}\n"
    ).encode()


def replay(office: PaperWorld, *arguments: str | Path, ends: int = 0) -> Result:
    result = CliRunner().invoke(main.main, ["-c", str(office.config_file), "replay", *map(str, arguments)])
    assert result.exit_code == ends, result.output
    return result


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def figures(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = lines(result)[-1]["figures"]
    return found


# --- what is in files ------------------------------------------------------------------------------------


def found_in(*paths: Path) -> list[Stored]:
    return [one for one in stored(paths, NOW) if isinstance(one, Stored)]


def left_out(*paths: Path) -> dict[str, str]:
    return {Path(one.source).name: one.why for one in stored(paths, NOW) if isinstance(one, NotRead)}


def test_a_mail_arrived_when_its_own_server_took_it(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    later = "Mon, 6 Jan 2025 10:00:00 +0700"
    file.write_bytes(mail("a", later, headers="Date: Tue, 1 Jan 2019 00:00:00 +0000\nReceived: from x; no date\n"))
    assert found_in(file)[0].at == datetime(2025, 1, 6, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("received", ["Fri, 1 Jan 2044 00:00:00 +0000", "yesterday", "Thu, 1 Jan 1970 00:00:00 +0000"])
def test_a_time_that_cannot_be_is_not_believed(tmp_path: Path, received: str) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(mail("a", received, headers="Date: Tue, 1 Jan 2019 00:00:00 +0000\n"))
    assert found_in(file)[0].at == datetime(2019, 1, 1, tzinfo=UTC)


def test_a_mail_without_any_time_has_that_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(b"From: a@x.test\n\nHalo\n")
    os.utime(file, (1_600_000_000, 1_600_000_000))
    assert found_in(file)[0].at == datetime.fromtimestamp(1_600_000_000, UTC)


def test_a_line_that_begins_with_from_is_no_new_mail(tmp_path: Path) -> None:
    file = tmp_path / "a.mbox"
    text = "Halo,\n\nFrom here on it is text.\n>From the start, quoted once\n>>From twice\n"
    envelope = b"From - Mon Jan  6 10:00:00 2025\n"
    file.write_bytes(envelope + mail("a", "x", text=text) + b"\n" + envelope + mail("b", "x"))
    first, second = found_in(file)
    raw = first.read()
    assert b"\nFrom here on" in raw and b"\nFrom the start" in raw and b"\n>From twice" in raw
    assert b"Subject: b" in second.read() and b"Subject: b" not in raw


def test_a_broken_mbox_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "a.mbox"
    envelope = b"From - Mon Jan  6 10:00:00 2025\n"
    file.write_bytes(
        envelope + mail("a", "x") + b"\n" + envelope + b"\0\xff" * 500 + b"\n\n" + envelope + b"From: half"
    )
    assert len(found_in(file)) == 3


def test_what_is_no_mail_is_named_with_what_it_is(tmp_path: Path) -> None:
    for name, raw in {
        "a.pst": b"!BDN" + b"x" * 100,
        "b.msg": b"\xd0\xcf\x11\xe0" + b"x" * 100,
        "c.zip": b"PK\x03\x04" + b"x" * 100,
        "d.mbox.gz": b"\x1f\x8b" + b"x" * 100,
        "e.png": b"\x89PNG\r\n\x1a\n",
        "f.eml": b"  \n",
    }.items():
        (tmp_path / name).write_bytes(raw)
    os.mkfifo(tmp_path / "g")
    (tmp_path / "h").symlink_to(tmp_path)
    assert left_out(tmp_path) == {
        "a.pst": "outlook",
        "b.msg": "message_file",
        "c.zip": "packed",
        "d.mbox.gz": "packed",
        "e.png": "no_mail",
        "f.eml": "empty",
        "g": "special",
        "h": "link",
    }


def test_a_link_is_followed_where_it_is_named_and_nowhere_below(tmp_path: Path) -> None:
    real, shown = tmp_path / "real", tmp_path / "shown"
    real.mkdir()
    (real / "a.eml").write_bytes(mail("a", "x"))
    shown.symlink_to(real)
    assert len(found_in(shown)) == 1


def test_the_folders_of_a_maildir_that_are_not_read_are_named(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Sent/cur", ".Arsip.2024/cur"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cur" / "1:2,S").write_bytes(mail("a", "x"))
    (tmp_path / "tmp" / "2").write_bytes(mail("b", "x"))
    assert len(found_in(tmp_path)) == 1
    (one,) = [one for one in stored([tmp_path], NOW) if isinstance(one, NotRead)]
    assert (one.why, one.detail) == ("folders", ".Arsip.2024, .Sent")


def test_a_large_file_is_never_held_as_a_whole(office: PaperWorld, tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    with file.open("wb") as big:
        big.write(mail("besar", "Mon, 6 Jan 2025 10:00:00 +0700"))
        big.truncate(100_000_000)
    measured = (  # not ru_maxrss, which a child has from the process that started it (getrusage(2))
        "import re, sys; from mailbot.cli.main import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as end: print(end.code, file=sys.stderr)\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr)"
    )
    command = [sys.executable, "-c", measured, "-c", str(office.config_file), "replay", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    code, kilobytes = done.stderr.split()[-2:]
    assert code == "0" and int(kilobytes) < 150_000
    (one, _) = [json.loads(line) for line in done.stdout.splitlines()]
    assert one["fate"] == "quarantined"


def test_what_may_not_be_read_is_said_and_the_rest_is_read(office: PaperWorld, tmp_path: Path) -> None:
    folder = tmp_path / "surat"
    folder.mkdir()
    (folder / "a.eml").write_bytes(mail("a", "Mon, 6 Jan 2025 10:00:00 +0700"))
    (folder / "b.eml").write_bytes(mail("b", "Mon, 6 Jan 2025 11:00:00 +0700"))
    (folder / "b.eml").chmod(0)
    (folder / "c").mkdir(mode=0)
    # Root may read everything, unless these rights are taken away.
    humble = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    run = [*humble, *command(office.folder, folder)]
    done = subprocess.run(run, capture_output=True, text=True, env=environment())
    (folder / "c").chmod(0o700)
    assert done.returncode == 74, done.stderr
    assert f"{folder}/b.eml: not read: Permission denied; run this as a user who may read it" in done.stderr
    assert f"{folder}/c: not read: Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 2


def test_files_without_mail_are_refused(office: PaperWorld, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    result = replay(office, tmp_path / "a.zip", ends=65)
    assert "a packed archive; unpack it first" in result.stderr
    assert "there is no mail in these files" in result.stderr


def test_every_reason_has_its_words_for_the_operator_and_for_the_page() -> None:
    from typing import get_args

    from mailbot.cli.replay import _WHY
    from mailbot.reports.replayed.shown import _UNREAD

    assert set(get_args(mbox_files.Why)) == set(_WHY) == set(_UNREAD)


# --- what would have happened ----------------------------------------------------------------------------


def test_mails_are_handled_in_the_order_of_their_arrival_and_at_their_time(office: PaperWorld, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(mail("kedua", "Fri, 10 Jan 2025 10:00:00 +0700"))
    (tmp_path / "2.eml").write_bytes(mail("pertama", "Mon, 6 Jan 2020 10:00:00 +0700"))
    first, second, last = lines(replay(office, tmp_path / "1.eml", tmp_path / "2.eml"))
    assert first["ticket"] == "LPSE-BTG-2020-000001"
    assert second["ticket"] == "LPSE-BTG-2025-000001"
    assert {mail["template"] for mail in first["written"]} == {"user_acknowledgement", "staff_new_ticket"}
    assert {mail["at"] for mail in first["written"]} == {"2020-01-06T03:00:00+00:00"}
    assert last["figures"]["months"] == {"2020-01": 1, "2025-01": 1}


def test_today_s_tickets_are_not_those_of_the_archive_and_the_data_are_not_touched(
    office: PaperWorld, tmp_path: Path
) -> None:
    office.write("pengguna", "Tidak bisa login.")
    office.once()
    (tmp_path / "a.eml").write_bytes(mail("baru", "Fri, 10 Jan 2025 10:00:00 +0700"))

    def state() -> dict[str, tuple[int, int]]:
        files = office.config.data.rglob("*")
        return {str(file): (file.stat().st_mtime_ns, file.stat().st_size) for file in files}

    before = state()
    assert lines(replay(office, tmp_path / "a.eml"))[0]["ticket"] == "LPSE-BTG-2025-000001"
    assert state() == before


def test_an_answer_by_hand_is_known_by_its_address_and_that_no_server_took_it(
    office: PaperWorld, tmp_path: Path
) -> None:
    at = "Mon, 6 Jan 2025 10:00:00 +0700"
    (tmp_path / "1.eml").write_bytes(mail("tanya", at))
    answered = f"In-Reply-To: <{hash(('tanya', at))}@x.test>\n"
    answer = mail("Re: tanya", at, sender=LPSE, headers=answered + "Date: Mon, 6 Jan 2025 11:00:00 +0700\n")
    (tmp_path / "2.eml").write_bytes(answer.partition(b"\n")[2])
    (tmp_path / "3.eml").write_bytes(answer.replace(b"10:00:00", b"12:00:00"))
    question, by_hand, from_outside, _ = lines(replay(office, *sorted(tmp_path.glob("*.eml"))))
    assert (question["fate"], by_hand["fate"], from_outside["fate"]) == ("ticket", "by_hand", "own")
    assert by_hand["ticket"] == question["ticket"]


def test_what_a_cap_would_have_held_is_told_with_its_reason(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_hour": 2})
    folder = tmp_path / "surat"
    folder.mkdir()
    for number in range(4):
        at = f"Mon, 6 Jan 2025 10:0{number}:00 +0700"
        (folder / f"{number}.eml").write_bytes(mail(f"s{number}", at, sender=f"u{number}@x{number}.test"))
    found = figures(replay(office, folder))
    assert found["sent"]["user_acknowledgement"] == 2
    assert sum(found["held"].values()) == 2
    assert all(found["held"])


def test_the_busiest_day_says_who_would_have_got_what(office: PaperWorld, tmp_path: Path) -> None:
    archive = oldmail.mbox(tmp_path / "a.mbox", 60)
    found = figures(replay(office, archive))
    assert found["busiest_day"]["day"] == "2024-06-12"
    of_sari = [one for one in found["busiest_day"]["sent"] if one["recipient"] == PEOPLE["petugas"]]
    assert of_sari[0]["template"] == "staff_new_ticket" and of_sari[0]["count"] >= 12
    assert sum(found["fates"].values()) == found["mails"] == 60


def test_the_page_names_what_was_not_read_and_no_secret(office: PaperWorld, tmp_path: Path) -> None:
    folder = tmp_path / "surat"
    folder.mkdir()
    at = "Mon, 6 Jan 2025 10:00:00 +0700"
    fillers = "".join(f"X-{n}: a\n" for n in range(1200))
    (folder / "a.eml").write_bytes(mail("password saya: Rahasia123 <i>", at, headers=fillers))
    (folder / "b.pst").write_bytes(b"!BDN")
    page = tmp_path / "a.html"
    result = replay(office, folder, "--output", page)
    assert result.stdout == ""
    text = page.read_text(encoding="utf-8")
    assert "b.pst: berkas data Outlook (.pst); ekspor dahulu" in text
    assert "Rahasia123" not in text and "<i>" not in text
    assert "Kepala surat lebih dari 1000 baris." in text
    assert "http:" not in text and "https:" not in text  # nothing is loaded from elsewhere


def test_a_command_that_logs_in_nowhere_asks_for_no_password(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path)
    (tmp_path / "password").unlink()
    (tmp_path / "a.eml").write_bytes(mail("a", "Mon, 6 Jan 2025 10:00:00 +0700"))
    replay(office, tmp_path / "a.eml")
    assert CliRunner().invoke(main.main, ["-c", str(office.config_file), "status"]).exit_code == 0
    refused = CliRunner().invoke(main.main, ["-c", str(office.config_file), "check"])
    assert refused.exit_code == 78 and "cannot be read" in refused.stderr


def test_there_must_be_room_for_the_copy(office: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.eml").write_bytes(mail("a", "x"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 0, 100))
    assert "$TMPDIR" in replay(office, tmp_path / "a.eml", ends=73).stderr


# --- as a program of its own -----------------------------------------------------------------------------


def command(folder: Path, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "mailbot", "-c", str(folder / "config.yaml"), "replay", *map(str, arguments)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("archive")
    PaperWorld(folder)
    yield folder, oldmail.mbox(folder / "old.mbox", 200)


def twice_the_same(folder: Path, mbox: Path) -> tuple[str, float, int]:
    """Two runs as processes of their own, the second one traced: page and output are the same bytes, and no socket
    is asked to connect or to send. (the output, seconds of the first run, kilobytes of it)"""
    pages, outputs, log = [folder / "1.html", folder / "2.html"], [], folder / "strace.log"
    trace = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind,listen", "-o", str(log)]
    begun = time.monotonic()
    seconds = kilobytes = 0.0
    for page, before in zip(pages, ([], trace), strict=True):
        run = command(folder, mbox, "--json", "--output", page)
        with (folder / "out").open("wb") as out:
            child = subprocess.Popen([*before, *run], stdout=out, stderr=subprocess.PIPE, env=environment())
            assert child.stderr is not None
            told = child.stderr.read().decode()
            _, status, usage = os.wait4(child.pid, 0)
        assert status == 0, told
        outputs.append((folder / "out").read_text())
        if not before:
            seconds, kilobytes = time.monotonic() - begun, usage.ru_maxrss
    assert outputs[0] == outputs[1]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    asked = log.read_text(encoding="utf-8", errors="replace")
    # To learn a user's name glibc asks for its own cache first, which is a file of this machine.
    asked = re.sub(
        r"^.* connect\(\d+, \{sa_family=AF_UNIX, sun_path=\"/var/run/nscd/socket\"\}.*$", "", asked, flags=re.M
    )
    assert not re.search(r"^\d+ +(connect|bind|listen|send)", asked, re.MULTILINE), asked[:2000]
    assert not (folder / "data" / "raw").exists() or not list((folder / "data" / "raw").iterdir())
    return outputs[0], seconds, int(kilobytes)


@traced.needed
def test_two_hundred_mails_come_to_the_same_bytes_twice_and_nobody_is_connected_to(archive: tuple[Path, Path]) -> None:
    output, _, _ = twice_the_same(*archive)
    assert len(output.splitlines()) == 201


@pytest.mark.long
@pytest.mark.timeout(3600)
@traced.needed
def test_five_thousand_mails_of_three_years(tmp_path: Path) -> None:
    PaperWorld(tmp_path)
    mbox = oldmail.mbox(tmp_path / "old.mbox", 5000)
    output, seconds, kilobytes = twice_the_same(tmp_path, mbox)
    found = json.loads(output.splitlines()[-1])["figures"]
    assert found["mails"] == 5000 and found["fates"]["failed"] == 0
    assert kilobytes < 200_000
    print(f"replay of 5,000 mails ({mbox.stat().st_size / 1e6:.0f} MB): {seconds:.0f} s, {kilobytes / 1000:.0f} MB")


def test_a_terminal_sees_the_progress_and_the_table(archive: tuple[Path, Path]) -> None:
    folder, mbox = archive
    small = folder / "small.mbox"
    small.write_bytes(mbox.read_bytes()[:60_000])
    variables = environment(TERM="xterm", COLUMNS="80", LINES="40")
    shown = terminals.shown(command(folder, small), variables)
    assert "handling" in shown
    assert re.search(r"\d+/\d+", shown)
    assert "Apa yang terjadi dengan setiap e-mail" in shown
    table = shown[shown.index("Apa yang terjadi") :]
    assert max(len(line.rstrip()) for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", table).splitlines()) <= 80


def test_the_configuration_without_its_passwords_is_read_only_where_nobody_logs_in(tmp_path: Path) -> None:
    import yaml

    from mailbot.errors import ConfigError

    written = configured(1, 1, "x", tmp_path)
    written["mailboxes"][0]["imap"]["password"] = {"credential": "nowhere"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(written))
    assert settings.load(tmp_path / "config.yaml", {}, secrets=False).mailboxes[0].name == "batang"
    with pytest.raises(ConfigError):
        settings.load(tmp_path / "config.yaml", {})
    written["mailboxes"][0]["imap"]["password"] = "rahasia"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(written))
    with pytest.raises(ConfigError):
        settings.load(tmp_path / "config.yaml", {}, secrets=False)
