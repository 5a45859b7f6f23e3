"""`mailbot quarantine`, beside the office that fills it."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.cli import main
from tests import terminals
from tests.arrivals.test_quarantine import TOO_LONG_A_LINE, quarantined, state, unproven, unreadable
from tests.world import LPSE, PEOPLE, PaperWorld, environment

EVIL = "\x1b]0;kena\x07\x1b[31mmerah\u202e"


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(office.config_file), "quarantine", *words])


def answer(office: PaperWorld, *words: str) -> Any:
    done = run(office, *words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_what_waits_is_listed_with_its_reason_and_without_secrets(office: PaperWorld) -> None:
    first, _ = quarantined(office, unreadable("Video, password: Rahasia123"))
    second = unproven(office)
    found = answer(office, "list")
    assert [one["number"] for one in found] == [first, second]
    assert found[0]["sender"] == PEOPLE["pengguna"] and found[0]["subject"].startswith("Video")
    assert "lebih panjang dari" in found[0]["reason"] and found[1]["reason"].startswith("perlu kode konfirmasi")
    assert "Rahasia123" not in json.dumps(found)
    assert answer(office, "list", "--mailbox", "batang") == found


def test_without_data_there_is_nothing_and_nothing_is_made(office: PaperWorld) -> None:
    office.store.close()
    for path in office.config.data.glob("mailbot.sqlite*"):
        path.unlink()
    done = run(office, "list")
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    assert run(office, "show", "1").exit_code == 1
    assert not (office.config.data / "mailbot.sqlite").exists()


def test_an_unknown_mailbox_is_named(office: PaperWorld) -> None:
    done = run(office, "list", "--mailbox", "kudus")
    assert done.exit_code == 2 and "batang" in done.output


def test_one_is_shown_as_far_as_it_can_be_read(office: PaperWorld) -> None:
    readable = unproven(office, "#tutup\nKENARI")
    unread, _ = quarantined(office)
    found = answer(office, "show", str(readable))
    assert found["readable"] and "KENARI" in found["text"] and found["headers"][0][0] == "From"
    found = answer(office, "show", str(unread))
    assert not found["readable"] and "lebih panjang" in found["unread"]
    assert found["text"].startswith("From: Budi")


def test_the_bytes_are_written_as_they_came(office: PaperWorld) -> None:
    raw = unreadable(body=bytes(range(256)))
    entry, _ = quarantined(office, raw)
    assert run(office, "show", str(entry), "--raw").stdout_bytes == raw


@pytest.mark.parametrize("words", [("list",), ("show", "1")])
def test_a_terminal_obeys_nothing_that_stands_in_a_mail(office: PaperWorld, words: tuple[str, ...]) -> None:
    office.drop(f"From: a@b.test\r\nTo: {LPSE}\r\nSubject: {EVIL}\r\n".encode() + TOO_LONG_A_LINE + EVIL.encode())
    office.once()
    output = _on_terminal(office, *words)
    assert "merah" in output and "1" in output
    assert "\x1b]0" not in output and "\x07" not in output and "\u202e" not in output
    assert "\x1b[31m" not in output


def _on_terminal(office: PaperWorld, *words: str) -> str:
    command = [sys.executable, "-m", "mailbot", "-c", str(office.config_file), "quarantine", *words]
    return terminals.shown(command, environment(COLUMNS="200", TERM="dumb"))


def test_raw_bytes_go_to_no_terminal(office: PaperWorld) -> None:
    quarantined(office)
    with pytest.raises(AssertionError, match="file or a pipe"):
        _on_terminal(office, "show", "1", "--raw")


def test_a_released_mail_is_handled_by_the_next_round(office: PaperWorld) -> None:
    office.write("pengguna", "Mohon bantuan.", headers=[("Precedence", "bulk")], subject="Undangan")
    office.once()
    assert office.status() == "none"
    done = run(office, "release", "1")
    assert done.exit_code == 0 and "will be handled again" in done.output
    office.once()
    row = state(office, 1)
    assert (row["state"], row["released"], row["released_by"]) == ("handled", "proses", "operator (command line)")
    assert office.status() == "new"


def test_a_mail_in_a_colleagues_name_is_not_released(office: PaperWorld) -> None:
    entry = unproven(office)
    done = run(office, "release", str(entry))
    assert done.exit_code == 1 and "one of your own people" in done.output
    assert state(office, entry)["state"] == "quarantined"


def test_a_discarded_mail_is_kept_and_worked_no_more(office: PaperWorld) -> None:
    entry, _ = quarantined(office)
    assert run(office, "discard", str(entry)).exit_code == 0
    assert answer(office, "list") == []
    assert answer(office, "show", str(entry))["state"] == "discarded"
    for command in ("discard", "release"):
        done = run(office, command, str(entry))
        assert done.exit_code == 1 and "was discarded by operator" in done.output
    assert bytes(state(office, entry)["raw"]) == unreadable()


@pytest.mark.parametrize("command", ["show", "release", "discard"])
def test_a_number_that_is_none_is_refused(office: PaperWorld, command: str) -> None:
    done = run(office, command, "4711")
    assert done.exit_code == 1 and "no mail 4711" in done.output


def test_a_mail_that_was_handled_is_not_released(office: PaperWorld) -> None:
    office.write("pengguna", "Tidak bisa login.")
    office.once()
    done = run(office, "release", "1")
    assert done.exit_code == 1 and "not in quarantine" in done.output
    assert state(office, 1)["state"] == "handled"


def test_the_list_fits_80_columns_whoever_wrote(office: PaperWorld) -> None:
    import io

    from rich.console import Console

    from mailbot.cli.layout import Screen
    from mailbot.cli.terminal import Terminal
    from tests.world import WIB

    long = f"siti.{'bagian-pengadaan.' * 4}@perusahaan.example"
    one = {"number": 7, "arrived_at": "2026-12-21T01:00:00+00:00", "mailbox": "batang", "sender": long}
    entry = {**one, "subject": "Surat yang panjang perihalnya " * 4, "reason": "Kepala surat lebih dari 1000 baris."}
    stream = io.StringIO()
    screen = Screen(Console(file=stream, width=80, force_terminal=True, color_system=None, highlight=False))
    Terminal(WIB, office.now, screen).quarantine([entry])
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "21 Dec 08:00" in text and "Kepala surat" in text and long[:30] in text
    assert "batang " not in text  # one mailbox needs no name
