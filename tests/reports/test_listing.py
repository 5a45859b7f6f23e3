"""What the operator sees: the plain data, and the tables at 80 columns."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from mailbot.cli.layout import Screen
from mailbot.cli.terminal import Terminal
from mailbot.reports import listing, still
from mailbot.rules.sop import table
from mailbot.store import folders, instance, journal, outages
from mailbot.store.database import to_instant, to_text
from mailbot.store.outages import Outage
from tests.steps import opened
from tests.world import WIB, Letter, PaperWorld

FIRST = "LPSE-BTG-2026-000001"
SECOND = "LPSE-BTG-2026-000002"


@pytest.fixture
def busy(office: PaperWorld) -> PaperWorld:
    return _made_busy(office)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaperWorld]:
    """The same for tests that change nothing."""
    world = PaperWorld(tmp_path_factory.mktemp("office"))
    yield _made_busy(world)
    world.store.close()


def _made_busy(office: PaperWorld) -> PaperWorld:
    """Two tickets: one answered on Monday, one about which nobody does anything until Wednesday."""
    office.at("2026-12-21 09:00")
    office.write("pengguna", "Lupa kata sandi.\nNama: Budi\nHP: 081234567890\n", subject="Tidak bisa login")
    office.once()
    office.write("orang luar", "Mohon arahan.", subject="Mohon arahan")
    office.once()
    office.at("2026-12-21 09:30")
    office.write("petugas", "Silakan dicoba lagi, terima kasih atas kesabarannya.", answers=_first_notice(office))
    office.once()
    office.at("2026-12-21 10:00")
    office.once()
    office.at("2026-12-23 10:00")
    office.once()  # each round fires one stage of a clock: the reminder at half time …
    office.once()  # … and the limit
    read(office, office.now)
    return office


def read(office: PaperWorld, at: datetime) -> None:
    """The folder was looked at."""
    folders.looked(office.store, "batang", "INBOX", 1, at, up_to=9, unseen=0, news=True)


def _first_notice(office: PaperWorld) -> Letter:
    return next(one for one in office.letters("petugas") if FIRST in one.subject)


def shown(office: PaperWorld, what: str, number: str = FIRST, width: int = 80) -> str:
    """The output of a terminal of this width that knows no colours: whatever is not printable came from outside."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True, color_system=None, highlight=False)
    terminal = Terminal(WIB, office.now, Screen(console))
    if what == "status":
        terminal.status(listing.status(office.store, office.config, office.now))
    elif what == "tickets":
        terminal.tickets(listing.tickets(office.store, office.config, office.now))
    else:
        terminal.ticket(listing.ticket(office.store, office.config, number, office.now))
    return stream.getvalue()


# --- status ------------------------------------------------------------------------------------


def test_status_counts_what_is_where(looked_at: PaperWorld) -> None:
    found = listing.status(looked_at.store, looked_at.config, looked_at.now)
    [mailbox] = found["mailboxes"]
    assert mailbox["tickets"] == {"new": 1, "resolved": 1}
    assert (mailbox["open"], mailbox["late"]) == (2, [SECOND])
    assert mailbox["journal"] == {"handled": 3}
    assert mailbox["troubles"] == []
    assert mailbox["next"]["next_due"] > to_text(looked_at.now)
    assert json.loads(json.dumps(found)) == found


def test_a_mail_that_claims_to_come_from_the_future_is_not_the_last_one_for_ever(busy: PaperWorld) -> None:
    now, later = busy.now, busy.now + timedelta(hours=2)
    fetched = journal.Fetched(
        mailbox="batang",
        folder="INBOX",
        uidvalidity=1,
        uid=900,
        raw=b"From: a@b.test\r\n\r\n",
        size=18,
        complete=True,
        arrived_at=now + timedelta(days=3650),
    )
    journal.remember(busy.store, [fetched], now)
    journal.remember(busy.store, [replace(fetched, uid=901, arrived_at=later)], later)
    [mailbox] = listing.status(busy.store, busy.config, later)["mailboxes"]
    assert mailbox["last_received_at"] == to_text(later)


def test_status_says_that_nothing_needs_a_look(looked_at: PaperWorld) -> None:
    output = shown(looked_at, "status")
    assert "2 open (1 new, 1 resolved), 0 closed" in output
    assert f"1: {SECOND}" in output
    assert "Nothing needs a look." in output


def test_status_names_what_needs_a_look(busy: PaperWorld) -> None:
    busy.drop(b"")
    busy.once()
    with busy.store.immediate():
        busy.store.execute("UPDATE outbox SET state = 'queued', attempts = 2, answer = '451 nanti' WHERE id = 1")
        busy.store.execute("UPDATE outbox SET state = 'uncertain' WHERE id = 2")
        busy.store.execute("UPDATE outbox SET state = 'bounced', answer = '550 tidak ada' WHERE id = 3")
        busy.store.execute("UPDATE outbox SET state = 'queued', held = 1, held_why = 'batas' WHERE id = 4")
        busy.store.execute("UPDATE journal SET state = 'received', attempts = 1, reason = 'KeyError' WHERE id = 1")
    late = busy.now + timedelta(days=2)
    read(busy, late)
    [mailbox] = listing.status(busy.store, busy.config, late)["mailboxes"]
    assert [(trouble["count"], trouble["what"], trouble["detail"]) for trouble in mailbox["troubles"]] == [
        (1, "received mail", "KeyError"),
        (1, "mail", "Surat ini kosong."),
        (1, "mail", "451 nanti"),
        (1, "mail", ""),
        (1, "mail", "batas"),
        (1, "mail", "550 tidak ada"),
        (1, "limit", ""),
    ]
    output = shown(busy, "status")
    assert "1 mail in quarantine" in output and "451 nanti" in output
    assert "Nothing needs a look" not in output


def test_a_mail_that_should_have_left_needs_a_look_though_no_attempt_was_made_at_it(busy: PaperWorld) -> None:
    """While no connection can be had, no mail has an attempt to tell of."""
    with busy.store.immediate():
        busy.store.execute("UPDATE outbox SET state = 'queued', attempts = 0 WHERE id = 1")
        due = str(busy.store.value("SELECT next_try_at FROM outbox WHERE id = 1"))
    for minutes, expected in ((4, []), (6, [(1, due)])):
        now = to_instant(due) + timedelta(minutes=minutes)
        [mailbox] = listing.status(busy.store, busy.config, now)["mailboxes"]
        late = [trouble for trouble in mailbox["troubles"] if "not sent" in trouble["state"]]
        assert [(trouble["count"], trouble["since"]) for trouble in late] == expected


def test_a_folder_that_nobody_reads_is_never_nothing(busy: PaperWorld) -> None:
    found = listing.status(busy.store, busy.config, busy.now)
    assert still.verdict(found) == (0, "OK: mailboxes 1, open tickets 2")
    found = listing.status(busy.store, busy.config, busy.now + timedelta(minutes=20))
    [trouble] = found["mailboxes"][0]["troubles"]
    assert (trouble["what"], trouble["detail"], trouble["since"]) == ("folder", "INBOX", to_text(busy.now))
    assert still.verdict(found) == (2, "CRITICAL: batang: 1 folder not read: does mailbot run?")


def test_a_mailbox_that_was_never_read_says_so(office: PaperWorld) -> None:
    [mailbox] = listing.status(office.store, office.config, office.now)["mailboxes"]
    assert [one["state"] for one in mailbox["troubles"]] == ["not read yet: has mailbot ever run?"]
    assert "1 folder not read yet: has mailbot ever run?" in shown(office, "status")


def test_an_outage_stands_in_the_status_with_the_servers_words_until_it_is_over(busy: PaperWorld) -> None:
    refused = Outage("batang", "imap", "INBOX", "refused", "mail.test:993", "[AUTHENTICATIONFAILED] wrong")
    with busy.store.immediate():
        outages.begin(busy.store, refused, busy.now)
    output = shown(busy, "status", width=300)
    assert "1 folder not read: the server refuses the account; since " in output
    assert "INBOX at mail.test:993: [AUTHENTICATIONFAILED] wrong" in output and "Nothing needs a look" not in output
    later = listing.status(busy.store, busy.config, busy.now + timedelta(days=1))["mailboxes"][0]["troubles"]
    assert [one["what"] for one in later].count("folder") == 1, "told once"


@pytest.mark.parametrize(
    ("troubled", "said", "named"),
    [
        ([7], "1 of 200 mailboxes needs a look", "m7"),
        (list(range(30)), "30 of 200 mailboxes need a look", ", ".join(f"m{n}" for n in range(20)) + " and 10 more"),
    ],
)
def test_of_many_mailboxes_the_last_lines_name_those_that_need_a_look(
    looked_at: PaperWorld, troubled: list[int], said: str, named: str
) -> None:
    found = listing.status(looked_at.store, looked_at.config, looked_at.now)
    [one] = found["mailboxes"]
    trouble = {"count": 1, "what": "folder", "state": "not read", "since": None, "detail": "", "stops": True}
    found["mailboxes"] = [one | {"mailbox": f"m{n}", "troubles": [trouble] * (n in troubled)} for n in range(200)]
    stream = io.StringIO()
    console = Console(file=stream, width=200, force_terminal=True, color_system=None, highlight=False)
    Terminal(WIB, looked_at.now, Screen(console)).status(found)
    last = [line.strip() for line in stream.getvalue().splitlines() if line.strip()][-3:]
    assert last[0].endswith(said) and last[1] == named


def test_a_refused_configuration_is_worth_a_look_and_stops_nothing(busy: PaperWorld) -> None:
    with busy.store.immediate():
        outages.begin(busy.store, Outage("", "reload", "", "refused", "", "config.yaml:12: …"), busy.now)
    found = listing.status(busy.store, busy.config, busy.now)
    assert still.verdict(found) == (1, "WARNING: mailbot: 1 configuration refused at a reload; the old one counts")
    assert "config.yaml:12" in shown(busy, "status")


def test_status_says_whether_mailbot_runs_and_how_it_fares(looked_at: PaperWorld) -> None:
    folder = looked_at.config.data
    assert listing.status(looked_at.store, looked_at.config, looked_at.now)["running"] is None
    assert f"not running  no mailbot is at work on {folder}" in shown(looked_at, "status", width=300)
    with instance.only_instance(folder):
        instance.note(folder, "1 of 1 folders watched,\n0 by push \x1b[31m")
        found = listing.status(looked_at.store, looked_at.config, looked_at.now)["running"]
        assert found["process"] == os.getpid()
        assert abs(datetime.now(UTC) - to_instant(found["since"])) < timedelta(minutes=1)
        output = shown(looked_at, "status", width=300)
        assert f"running  process {os.getpid()}, since " in output
        assert "1 of 1 folders watched, 0 by push" in output and "\x1b[31m" not in output
    assert listing.status(looked_at.store, looked_at.config, looked_at.now)["running"] is None


def test_status_says_what_a_ticket_takes_on_the_disk(looked_at: PaperWorld) -> None:
    folder = looked_at.config.data
    (folder / "raw").mkdir(exist_ok=True)
    (folder / "raw" / "large.eml").write_bytes(bytes(3 << 20))
    found = listing.status(looked_at.store, looked_at.config, looked_at.now)["disk"]
    database = sum(path.stat().st_size for path in folder.glob("mailbot.sqlite*"))
    assert found == {
        "bytes": database + (3 << 20),
        "tickets": 2,
        "bytes_a_ticket": (database + (3 << 20)) // 2,
    }
    assert f"{found['bytes_a_ticket'] / 1024:.0f} KB a ticket" in shown(looked_at, "status")


def test_the_counts_of_status_are_those_of_the_rows(busy: PaperWorld) -> None:
    with busy.store.immediate():
        busy.store.execute("UPDATE outbox SET state = 'bounced' WHERE id = 3")
        busy.store.execute("UPDATE journal SET state = 'quarantined' WHERE id = 1")
        busy.store.execute("UPDATE tickets SET status = 'closed' WHERE id = 1")
    [mailbox] = listing.status(busy.store, busy.config, busy.now)["mailboxes"]
    for what, state in (("journal", "state"), ("outbox", "state"), ("tickets", "status")):
        rows = busy.rows(f"SELECT {state} AS state, count(*) AS n FROM {what} GROUP BY {state}")
        assert mailbox[what] == {row["state"]: row["n"] for row in rows}


def test_old_failures_are_not_shown_for_ever(busy: PaperWorld) -> None:
    with busy.store.immediate():
        busy.store.execute("UPDATE outbox SET state = 'bounced' WHERE id = 3")
    [mailbox] = listing.status(busy.store, busy.config, busy.now + timedelta(days=30))["mailboxes"]
    assert not [trouble for trouble in mailbox["troubles"] if "not delivered" in trouble["state"]]


def test_open_tickets_of_a_mailbox_that_was_taken_out_are_named(looked_at: PaperWorld) -> None:
    config = looked_at.config
    other = replace(config, mailboxes=(config.mailboxes[0].model_copy(update={"name": "lain"}),))
    found = listing.status(looked_at.store, other, looked_at.now)
    assert found["orphans"] == [{"mailbox": "batang", "open": 2}]
    assert {ticket["number"] for ticket in listing.tickets(looked_at.store, other, looked_at.now)} == {FIRST, SECOND}


# --- tickets -----------------------------------------------------------------------------------


def test_tickets_stand_in_the_order_of_their_next_limit(looked_at: PaperWorld) -> None:
    found = listing.tickets(looked_at.store, looked_at.config, looked_at.now)
    dues = [ticket["next_due"] for ticket in found]
    assert dues == sorted(dues) and len(found) == 2
    assert {ticket["number"]: ticket["late"] for ticket in found} == {FIRST: False, SECOND: True}


def test_closed_tickets_come_last_and_only_when_asked_for(busy: PaperWorld) -> None:
    busy.write("pengguna", "SELESAI", answers=busy.last("pengguna"))
    busy.once()
    assert [t["number"] for t in listing.tickets(busy.store, busy.config, busy.now)] == [SECOND]
    everything = listing.tickets(busy.store, busy.config, busy.now, everything=True)
    assert [(t["number"], t["status"], t["next_due"]) for t in everything[1:]] == [(FIRST, "closed", None)]


@pytest.mark.parametrize(
    ("statuses", "late", "expected"),
    [
        ((), True, [SECOND]),
        (("new",), False, [SECOND]),
        (("resolved", "new"), False, [SECOND, FIRST]),
        (("resolved",), True, []),
        (("closed",), False, []),
    ],
)
def test_tickets_are_listed_by_status_or_only_what_is_late(
    looked_at: PaperWorld, statuses: tuple[str, ...], late: bool, expected: list[str]
) -> None:
    found = listing.tickets(looked_at.store, looked_at.config, looked_at.now, statuses=statuses, late=late)
    assert sorted(one["number"] for one in found) == sorted(expected)


def test_closed_tickets_are_listed_where_their_status_is_asked_for(busy: PaperWorld) -> None:
    busy.write("pengguna", "SELESAI", answers=busy.last("pengguna"))
    busy.once()
    found = listing.tickets(busy.store, busy.config, busy.now, statuses=("closed",))
    assert [one["number"] for one in found] == [FIRST]


def test_a_ticket_is_late_when_its_first_limit_has_passed_and_not_at_half_time(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    office.write("pengguna", "Lupa kata sandi")
    office.once()
    seen = {}
    for time in ("09:59", "10:01", "11:59", "13:01"):  # four hours of service, with a break at noon
        office.at(f"2026-12-21 {time}")
        office.once()
        [ticket] = listing.tickets(office.store, office.config, office.now)
        seen[time] = ticket["late"]
    assert seen == {"09:59": False, "10:01": False, "11:59": False, "13:01": True}


def test_each_ticket_is_one_line_at_80_columns(looked_at: PaperWorld) -> None:
    lines = shown(looked_at, "tickets").splitlines()
    assert len(lines) == 4
    assert all(len(line) <= 80 for line in lines)
    late = next(line for line in lines if SECOND in line)
    assert "new" in late and "LPSE" in late and " ! " in late and "Mohon arahan" in late
    assert lines[-1] == "2 tickets, 1 late (!). Times are WIB."


def test_times_are_those_of_the_site(looked_at: PaperWorld) -> None:
    found = listing.ticket(looked_at.store, looked_at.config, FIRST, looked_at.now)
    assert found["opened_at"] == "2026-12-21T02:00:00.000000+00:00"
    assert "Mon 21 Dec 2026 09:00" in shown(looked_at, "ticket")


# --- one ticket --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        FIRST,
        FIRST.lower(),
        f"[{FIRST}]",
        "lpse btg 2026 000001",
        "［ＬＰＳＥ－ＢＴＧ－２０２６－０００００１］",
        f"Re: [{FIRST}] Tidak bisa login",
        "0001/FK/LPSE-BTG/XII/2026",
        "0001/fk/lpse-btg/xii/2026",
        "1",
        "#1",
        "000001",
    ],
)
def test_a_number_may_be_written_in_many_ways(looked_at: PaperWorld, written: str) -> None:
    assert listing.find(looked_at.store, looked_at.config, written) == [FIRST]


@pytest.mark.parametrize("written", ["LPSE-BTG-2026-000009", "9", "", "[]", "%", "' OR 1=1 --", "²", "9" * 5000])
def test_a_number_that_is_none_finds_nothing(looked_at: PaperWorld, written: str) -> None:
    assert listing.find(looked_at.store, looked_at.config, written) == []


def test_a_number_of_a_mailbox_that_was_taken_out_is_found(looked_at: PaperWorld) -> None:
    config = looked_at.config
    changed = {"name": "lain", "ticket_prefix": "LPSE-LAIN"}
    other = replace(config, mailboxes=(config.mailboxes[0].model_copy(update=changed),))
    assert listing.find(looked_at.store, other, "lpse btg 2026 000001") == [FIRST]
    assert (
        listing.ticket(looked_at.store, other, FIRST, looked_at.now)["status_label"]
        == "Dijawab, menunggu konfirmasi pengguna"
    )


def test_a_ticket_shows_who_clocks_history_and_mails(looked_at: PaperWorld) -> None:
    found = listing.ticket(looked_at.store, looked_at.config, FIRST, looked_at.now)
    assert found["fields"]["name"] == "Budi"
    assert [clock["clock"] for clock in found["clocks"]] == ["confirmation"]
    assert [entry["event"] for entry in found["history"]] == ["user.new", "staff.answer"]
    assert [mail["sender"] for mail in found["received"]] == ["budi@penyedia.test", "sari@batangkab.test"]
    assert "user_answer" in [mail["template"] for mail in found["sent"]]
    assert "kesabarannya" not in json.dumps(found), "what mails say is not listed"


def test_the_deadline_of_a_clock_is_not_its_next_reminder(office: PaperWorld) -> None:
    """The norm stays where it was while reminders go on; before it, the next is a warning."""
    office.at("2026-12-21 09:00")
    opened(office)  # P2: one hour
    [before] = clocks_of(office)
    assert (before["deadline"], before["due"]) == (at_utc("10:00"), at_utc("09:30"))
    office.at("2026-12-21 10:05")
    assert office.once()
    [after] = clocks_of(office)
    assert after["deadline"] == at_utc("10:00")
    assert after["due"] > at_utc("10:05") and after["late"]
    output = " ".join(shown(office, "ticket").split())
    assert "deadline next reminder clock" in output
    assert "Mon 21 Dec 2026 10:00 late" in output


def clocks_of(office: PaperWorld) -> list[dict[str, Any]]:
    found = listing.ticket(office.store, office.config, FIRST, office.now)["clocks"]
    return [clock for clock in found if clock["clock"] == "first_response"]


def at_utc(local: str) -> str:
    """A time of that day in WIB, as the database keeps it."""
    hours, minutes = map(int, local.split(":"))
    return f"2026-12-21T{hours - 7:02}:{minutes:02}:00.000000+00:00"


def test_a_clock_of_a_mailbox_that_is_configured_no_more_has_no_deadline(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    opened(office)
    config = replace(office.config, mailboxes=())
    found = listing.ticket(office.store, config, FIRST, office.now)["clocks"]
    assert {clock["deadline"] for clock in found} == {None}


def test_an_unknown_ticket_is_a_lookup_error(office: PaperWorld) -> None:
    with pytest.raises(LookupError):
        listing.ticket(office.store, office.config, FIRST, office.now)


@pytest.mark.parametrize("what", ["status", "tickets", "ticket"])
@pytest.mark.parametrize("width", [80, 200])
def test_nothing_is_wider_than_the_terminal(looked_at: PaperWorld, what: str, width: int) -> None:
    output = shown(looked_at, what, width=width)
    assert output.count("\n") > 3
    assert max(len(line) for line in output.splitlines()) <= width


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m[bold red]BESAR[/] \u202egnp.exe :boom: \u2066x\u200b\r\nbaris\x00"


@pytest.mark.parametrize("what", ["tickets", "ticket"])
def test_a_hostile_subject_cannot_speak_to_the_terminal(busy: PaperWorld, what: str) -> None:
    with busy.store.immediate():
        busy.store.execute("UPDATE tickets SET subject = ?, user_name = ?", HOSTILE, HOSTILE)
        busy.store.execute("UPDATE history SET note = ?, sentence = ?, rule = ?", HOSTILE, HOSTILE, HOSTILE)
        busy.store.execute("UPDATE outbox SET answer = ?, state = 'failed'", HOSTILE)
        busy.store.execute("UPDATE fields SET value = ?", HOSTILE)
    output = shown(busy, what, width=200)
    assert "[bold red]BESAR[/]" in output, "markup is text"
    assert ":boom:" in output
    assert all(character.isprintable() or character == "\n" for character in output)


def test_a_site_s_words_are_used_and_broken_ones_do_not_hide_the_tickets(office: PaperWorld, tmp_path: Path) -> None:
    office.write("pengguna", "Tidak bisa login")
    office.once()
    site = tmp_path / "aturan"
    site.mkdir()
    [mailbox] = office.config.mailboxes
    mine = mailbox.model_copy(update={"rules": site})
    built_in = Path(table.SOP015).read_text(encoding="utf-8")
    (site / "sop015.yaml").write_text(built_in.replace("new: Baru\n", "new: Baru masuk\n"), encoding="utf-8")
    assert listing.words_of(mine).statuses["new"] == "Baru masuk"
    (site / "sop015.yaml").write_text("][", encoding="utf-8")
    assert listing.words_of(mine).statuses["new"] == "Baru"


def test_a_long_address_leaves_room_for_the_rest_of_its_line(office: PaperWorld) -> None:
    office.write(f"siti.{'pengadaan.' * 5}x@perusahaan-yang-panjang-namanya.example", "Mohon bantuan.")
    office.once()
    text = shown(office, "ticket")
    received = text[text.index("Received") : text.index("Sent")]
    assert "21 Dec 08:00" in received and "e-mail baru" in received
    assert max(map(len, text.splitlines())) <= 80


def test_a_limit_that_was_passed_has_the_name_that_its_table_gives_it(looked_at: PaperWorld) -> None:
    found = listing.ticket(looked_at.store, looked_at.config, SECOND, looked_at.now)
    assert [one["title"] for one in found["breaches"]] == ["Respons awal kepada pengguna"]
    assert "Respons awal kepada pengguna: late" in shown(looked_at, "ticket", SECOND)
