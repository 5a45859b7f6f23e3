"""`mailbot status --prometheus`: what the format asks for, what the numbers say, and nobody's data."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

from mailbot.cli.main import main
from mailbot.reports import listing
from mailbot.reports.prometheus import METRICS, exposition
from mailbot.store import folders, outages
from mailbot.store.outages import Outage, begin
from tests.world import PEOPLE, PaperWorld

# https://prometheus.io/docs/instrumenting/exposition_formats/ : comments, and samples without a time of their own.
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)")


def read(text: str) -> dict[str, float]:
    """Sample with its labels → value. Raises AssertionError for what the format does not allow."""
    assert text.endswith("\n") and "\n\n" not in text
    found: dict[str, float] = {}
    typed: str | None = None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped = line.split()[2]
            assert helped in METRICS and not any(name.startswith(helped + "{") for name in found), "in one group"
        elif line.startswith("# TYPE "):
            _, _, typed, kind = line.split()
            assert typed == helped and kind == "gauge"
        else:
            match = _SAMPLE.fullmatch(line)
            assert match is not None and match[1] == typed, line
            key = line.rpartition(" ")[0]
            assert key not in found
            found[key] = float(match[3])
    return found


def shown(office: PaperWorld) -> str:
    return exposition(listing.status(office.store, office.config, office.now))


def test_every_number_of_the_status_is_there(office: PaperWorld) -> None:
    office.write("pengguna", "Tidak dapat login SPSE")
    office.once()
    folders.looked(office.store, "batang", "INBOX", 1, office.now, up_to=9, unseen=0, news=True)
    outages.certificate_seen(office.store, "batang", "imap", "mail.test:993", office.now + timedelta(days=30))
    found = read(shown(office))
    assert found["mailbot_up"] == 0
    assert found["mailbot_state"] == 0
    assert found['mailbot_tickets{mailbox="batang",status="new"}'] == 1
    assert found['mailbot_received_mails{mailbox="batang",state="handled"}'] == 1
    assert found['mailbot_troubles{mailbox="batang",stops="true"}'] == 0
    looked = found['mailbot_folder_looked_timestamp_seconds{mailbox="batang",folder="INBOX"}']
    assert looked == office.now.timestamp()
    end = found['mailbot_certificate_end_timestamp_seconds{mailbox="batang",protocol="imap",server="mail.test:993"}']
    assert end == (office.now + timedelta(days=30)).timestamp()
    opened = found['mailbot_oldest_timestamp_seconds{mailbox="batang",what="unanswered"}']
    assert abs(opened - office.now.timestamp()) < 60


def test_what_stands_still_and_what_is_held_shows(office: PaperWorld) -> None:
    office.once()
    with office.store.immediate():
        begin(office.store, Outage("batang", "imap", "INBOX", "refused", "mail.test:993", "no"), office.now)
    found = read(shown(office))
    assert found["mailbot_state"] == 2 and found['mailbot_troubles{mailbox="batang",stops="true"}'] == 1


def test_nobodys_name_address_or_subject_stands_in_it(office: PaperWorld) -> None:
    office.write("pengguna", "Rahasia perusahaan kami")
    office.once()
    text = shown(office)
    assert "@" not in text and "Rahasia" not in text and "Budi" not in text
    assert not any(address in text for address in PEOPLE.values())


def test_odd_folder_names_are_escaped(office: PaperWorld) -> None:
    found = listing.status(office.store, office.config, office.now)
    found["mailboxes"][0]["folders"] = [
        {"folder": name, "looked_at": "2026-12-21T01:00:00.000000+00:00"} for name in ('a"b', "a\\b", "a\nb", "a{b},c")
    ]
    assert len([name for name in read(exposition(found)) if name.startswith("mailbot_folder")]) == 4


def test_the_command_prints_it_also_before_the_first_start(tmp_path: Path, office: PaperWorld) -> None:
    done = CliRunner().invoke(main, ["-c", str(office.config_file), "status", "--prometheus"])
    assert done.exit_code == 0 and read(done.stdout)["mailbot_up"] == 0
    written = office.config_file.read_text().replace("data: ./data", "data: ./nowhere")
    other = office.config_file.with_name("other.yaml")
    other.write_text(written)
    done = CliRunner().invoke(main, ["-c", str(other), "status", "--prometheus"])
    assert read(done.stdout) == {"mailbot_up": 0, "mailbot_state": 2}


def test_a_certificate_is_written_down_once_and_again_when_it_is_renewed(office: PaperWorld) -> None:
    store, end = office.store, datetime(2027, 1, 1, tzinfo=UTC)
    for ends in (end, end, end + timedelta(days=90)):
        outages.certificate_seen(store, "batang", "imap", "mail.test:993", ends)
        [kept] = outages.certificates(store, "batang")
        assert kept == outages.Certificate("imap", "mail.test:993", ends)
    before = store.value("SELECT total_changes()")
    outages.certificate_seen(store, "batang", "imap", "mail.test:993", kept.ends)
    assert store.value("SELECT total_changes()") == before
    outages.certificate_seen(store, "batang", "imap", "127.0.0.1:143", None)
    assert outages.certificates(store, "batang") == []
