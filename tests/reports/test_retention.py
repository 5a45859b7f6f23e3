"""`mailbot retention`: what is past its years is listed and nothing is deleted; and the record of processing."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.reports.retention import years_later
from tests.steps import closed, opened
from tests.world import PEOPLE, PaperWorld


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(office.config_file), "retention", *words])


def listed(office: PaperWorld, *words: str) -> Any:
    done = run(office, *words)
    assert done.exit_code == 0, done.output
    [found] = json.loads(done.stdout)
    return found


def test_a_ticket_is_listed_from_the_day_on_which_both_spans_are_over(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    closed(office)
    opened(office, "Masih terbuka.")
    assert listed(office, "--on", "2031-12-20")["tickets"] == []
    [ticket] = listed(office, "--on", "2031-12-21")["tickets"]
    assert ticket == {
        "no": "1",
        "form": "0001/FK/LPSE-BTG/XII/2026",
        "number": "LPSE-BTG-2026-000001",
        "subject": "Tidak bisa login",
        "closed": "2026-12-21",
        "active_until": "2028-12-21",
        "inactive_until": "2031-12-21",
        "mails": ticket["mails"],
        "remark": "usul musnah",
    }
    assert (
        int(ticket["mails"])
        == office.rows(
            "SELECT (SELECT count(*) FROM journal WHERE ticket_id = 1)"
            " + (SELECT count(*) FROM outbox WHERE ticket_id = 1) AS n"
        )[0]["n"]
    )
    assert office.rows("SELECT count(*) AS n FROM tickets") == [{"n": 2}]


def test_the_years_are_the_sites_own(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    closed(office)
    written = yaml.safe_load(office.config_file.read_text())
    written["mailboxes"][0]["retention"] = {"active_years": 1, "inactive_years": 0}
    office.config_file.write_text(yaml.safe_dump(written))
    assert listed(office, "--on", "2027-12-20")["tickets"] == []
    assert len(listed(office, "--on", "2027-12-21")["tickets"]) == 1


@pytest.mark.parametrize(
    ("day", "years", "later"),
    [
        (date(2024, 2, 29), 1, date(2025, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2026, 1, 5), 0, date(2026, 1, 5)),
    ],
)
def test_years_are_counted_by_the_calendar(day: date, years: int, later: date) -> None:
    assert years_later(day, years) == later


def test_the_list_opens_in_a_spreadsheet_and_on_a_terminal(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    closed(office)
    done = run(office, "--on", "2032-01-01", "--format", "csv")
    head, row = csv.reader(io.StringIO(done.stdout_bytes.decode("utf-8-sig")), delimiter=";")
    assert head[:3] == ["No", "Nomor Formulir Konsultasi", "Nomor Tiket"] and row[2] == "LPSE-BTG-2026-000001"
    table = run(office, "--on", "2032-01-01", "--format", "table").stdout
    assert "LPSE-BTG-2026" in table and "2031-12-21" in table and "Nothing is deleted." in table
    assert run(office, "--mailbox", "tidak-ada").exit_code == 2


def test_the_record_of_processing_says_what_is_kept_and_what_was_done_and_names_nobody(office: PaperWorld) -> None:
    empty = run(office, "--processing").stdout
    assert "Belum ada berkas bukti" in empty and "| Banyaknya | 0 tiket dari 0 alamat" in empty
    closed(office)
    target = Path(office.folder) / "bukti.zip"
    made = CliRunner().invoke(main.main, ["-c", str(office.config_file), "evidence", "1", "--output", str(target)])
    assert made.exit_code == 0, made.output
    page = run(office, "--processing").stdout
    for words in ("LPSE Kabupaten Batang", "1 tiket dari 1 alamat", "berkas bukti dibuat", "LPSE-BTG-2026-000001"):
        assert words in page, words
    assert "2 tahun aktif dan 3 tahun inaktif" in page and PEOPLE["lkpp"] in page
    assert PEOPLE["pengguna"] not in page and "Budi Santoso" not in page
    assert run(office, "--processing", "--format", "csv").exit_code == 2
