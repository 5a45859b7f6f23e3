"""Old mail that comes as new: an archive moved into the folder, a restored mailbox, a renewed one. And the mails that
nobody here has seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mailbot import log
from mailbot.arrivals.intake import Intake
from mailbot.cli import main
from mailbot.clock import Clock
from mailbot.daemon.round import Office
from mailbot.errors import TemporaryFailure
from mailbot.fetch import latecomers
from mailbot.fetch.accounts import imap_endpoint
from mailbot.restraint import held
from mailbot.servers import imap
from tests.mailservers.faulty import DROP, FaultyImap, On
from tests.restraint.test_loops import alarms
from tests.world import LPSE, NO_CAPS, PaperWorld

START = datetime(2026, 12, 21, 1, 0, tzinfo=UTC)
#: So that few mails are many; see test_more_than_twenty_are_many.
MANY, LOTS = 4, 6
LONG_AGO = START - timedelta(days=400)


class Wall(Clock):
    """A clock on the wall that a test sets; no rehearsal."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class Site(PaperWorld):
    """An office that reads from a server of one folder; its parties are on paper."""

    def __init__(self, server: FaultyImap, folder: Path, **changes: Any) -> None:
        wanted = {"imap": {"port": server.port, **changes.pop("imap", {})}, "limits": NO_CAPS, **changes}
        super().__init__(folder, **wanted)
        self.server, self.clock, self.uid = server, Wall(), 0
        with self.store.immediate():
            self.store.execute("DELETE FROM folders")

    def put(self, count: int, received: datetime) -> None:
        """So many mails, of as many users, in the folder."""
        for _ in range(count):
            self.uid += 1
            self.server.messages[self.uid] = letter(self.uid)
            self.server.received[self.uid] = received

    def look(self) -> None:
        office = Office(self.config, self.store, self.clock)
        office._fetch(office.sites[0], "INBOX")

    def work(self) -> None:
        """All that is to be done at this moment."""
        self.now = self.clock.at
        self.once()
        self.once()

    def renew(self) -> None:
        """Under a new UIDVALIDITY all mails have new UIDs."""
        mails = [(raw, self.server.received[uid]) for uid, raw in sorted(self.server.messages.items())]
        self.server.uidvalidity += 1
        self.server.messages = {n: raw for n, (raw, _) in enumerate(mails, 1)}
        self.server.received = {n: date for n, (_, date) in enumerate(mails, 1)}
        self.uid = len(mails)

    @property
    def tickets(self) -> int:
        return len(self.rows("SELECT 1 FROM tickets"))

    @property
    def answered(self) -> int:
        """Users who have their acknowledgement."""
        return len(self.rows("SELECT 1 FROM outbox WHERE template = 'user_acknowledgement' AND state = 'accepted'"))

    @property
    def held(self) -> list[str]:
        return [str(row["held_by"]) for row in self.rows("SELECT held_by FROM outbox WHERE held = 1")]


def letter(number: int) -> bytes:
    head = f"From: u{number}@penyedia{number}.test\r\nTo: {LPSE}\r\nSubject: Perkara {number}\r\n"
    return f"{head}Message-ID: <{number}@penyedia.test>\r\n\r\nMohon bantuan nomor {number}.\r\n".encode()


@contextmanager
def opened(folder: Path, *scripts: Any, **changes: Any) -> Iterator[Site]:
    """The office after its first look, at an empty folder."""
    with FaultyImap(*scripts) as server:
        site = Site(server, folder, **changes)
        try:
            yield site
        finally:
            site.store.close()


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "twenty" not in request.node.name:
        monkeypatch.setattr(latecomers, "MANY", MANY)


def asked(site: Site) -> list[str]:
    """What the operator was asked about them."""
    return [" ".join(text.split()) for text in alarms(site) if "--held-by" in text]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path) as found:
        found.look()
        yield found


# --- old mail that comes as new ------------------------------------------------------------------------


def test_of_an_archive_that_somebody_moves_in_each_mail_has_its_ticket_and_nobody_is_written_to(site: Site) -> None:
    site.put(LOTS, LONG_AGO)
    site.look()
    site.work()
    assert (site.tickets, site.answered, site.held) == (LOTS, 0, ["latecomers"] * LOTS)
    [alarm] = asked(site)
    assert f"{LOTS} surat" in alarm
    assert "mailbot outbox cancel --held-by latecomers" in alarm
    assert "mailbot outbox retry --held-by latecomers" in alarm
    site.clock.at += timedelta(minutes=16)
    site.work()
    assert [one.template for one in site.letters("petugas")] == ["staff_digest"]
    assert f"{LOTS} surat pengguna" in site.last("petugas").subject
    [row] = site.rows("SELECT DISTINCT opened_at FROM tickets")
    assert row["opened_at"].startswith("2026-12-21"), "its limits ran out before anybody could know of it"


@pytest.mark.parametrize(("count", "held_back"), [(20, 0), (21, 21)])
def test_more_than_twenty_are_many(site: Site, count: int, held_back: int) -> None:
    site.put(count, LONG_AGO)
    site.look()
    site.work()
    assert (site.tickets, site.answered, len(site.held)) == (count, count - held_back, held_back)


def test_what_is_held_waits_for_the_operator_however_long_he_takes_and_he_is_asked_once(site: Site) -> None:
    site.put(LOTS, LONG_AGO)
    site.look()
    site.work()
    for _ in range(5):
        site.clock.at += timedelta(days=1)
        site.look()
        site.work()
    assert (site.answered, len(site.held), len(asked(site))) == (0, LOTS, 1)


@pytest.mark.parametrize(("decision", "answered"), [("retry", LOTS), ("cancel", 0)])
def test_the_operator_decides_about_all_of_them_with_one_command(site: Site, decision: str, answered: int) -> None:
    site.put(LOTS, LONG_AGO)
    site.look()
    site.work()
    command = ["-c", str(site.config_file), "outbox", decision, "--held-by", "latecomers"]
    done = CliRunner().invoke(main.main, command)
    assert (done.exit_code, done.output.split()[0]) == (0, str(LOTS)), done.output
    again = CliRunner().invoke(main.main, command)
    assert again.exit_code == 1 and "nothing is held by latecomers" in again.output
    site.clock.at = datetime.now(UTC) + timedelta(minutes=1)  # the command knows the true time only
    site.work()
    assert (site.answered, site.held) == (answered, [])


def test_a_decision_names_one_mail_or_a_rule(site: Site) -> None:
    for words in ([], ["1", "--held-by", "latecomers"]):
        done = CliRunner().invoke(main.main, ["-c", str(site.config_file), "outbox", "retry", *words])
        assert done.exit_code == 2, done.output


def test_a_few_old_mails_are_answered_like_any_others(site: Site) -> None:
    site.put(MANY, LONG_AGO)
    site.look()
    site.work()
    assert (site.tickets, site.answered, site.held, asked(site)) == (MANY, MANY, [], [])


def test_after_an_outage_of_ours_all_that_came_meanwhile_is_answered(site: Site) -> None:
    site.clock.at += timedelta(days=3)
    for hours in range(LOTS):
        site.put(1, START + timedelta(hours=5 * hours))
    site.look()
    site.work()
    assert (site.tickets, site.answered, site.held, asked(site)) == (LOTS, LOTS, [], [])


def test_after_an_outage_under_another_uidvalidity_too(site: Site) -> None:
    site.clock.at += timedelta(days=3)
    site.put(LOTS, START + timedelta(hours=20))
    site.renew()
    site.look()
    site.work()
    assert (site.tickets, site.answered, site.held) == (LOTS, LOTS, [])


def test_what_the_first_start_is_to_read_is_answered(tmp_path: Path) -> None:
    with opened(tmp_path, imap={"since": "2020-01-01"}) as site:
        site.put(LOTS, LONG_AGO)
        site.look()
        site.work()
        assert (site.tickets, site.answered, site.held) == (LOTS, LOTS, [])


def test_an_archive_that_is_moved_one_mail_at_a_time_is_noticed(site: Site) -> None:
    for _ in range(MANY + 2):
        site.clock.at += timedelta(minutes=20)
        site.put(1, LONG_AGO)
        site.look()
        site.work()
    assert (site.tickets, site.answered, site.held) == (MANY + 2, MANY, ["latecomers"] * 2)
    assert len(asked(site)) == 1


def test_old_mails_that_come_now_and_then_are_no_archive(site: Site) -> None:
    for _ in range(MANY + 2):
        site.clock.at += timedelta(days=1)
        site.put(1, LONG_AGO)
        site.look()
        site.work()
    assert (site.answered, site.held) == (MANY + 2, [])


def test_known_mails_under_a_new_uidvalidity_do_not_count(site: Site) -> None:
    site.put(LOTS, START)
    site.look()
    site.work()
    assert site.answered == LOTS
    site.clock.at += timedelta(days=10)
    site.look()
    site.put(3, START + timedelta(days=1))  # from somewhere else; INBOX was looked at since
    site.renew()
    site.look()
    [before] = site.rows("SELECT count(*) AS n FROM journal WHERE latecomer = 'unsure'")
    assert before["n"] == LOTS + 3
    site.work()
    assert (site.tickets, site.answered, site.held, asked(site)) == (LOTS + 3, LOTS + 3, [], [])
    assert not site.rows("SELECT 1 FROM journal WHERE latecomer = 'unsure'")


def test_nobody_is_answered_while_a_look_that_was_cut_short_may_bring_more(tmp_path: Path) -> None:
    done = b"%tag% OK done\r\n"
    some = b"".join(
        b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (n, n, len(letter(n)), letter(n)) for n in range(1, 5)
    )
    cut = [On("UID FETCH .*BODY.PEEK", some + done), On("UID FETCH .*BODY.PEEK", DROP)]
    with opened(tmp_path, [], cut) as site:
        site.look()
        site.put(LOTS, LONG_AGO)
        with pytest.raises(TemporaryFailure):
            site.look()
        site.work()
        assert (site.tickets, site.answered, site.held) == (4, 0, ["latecomers?"] * 4)
        site.look()
        site.work()
        assert (site.tickets, site.answered, site.held) == (LOTS, 0, ["latecomers"] * LOTS)
        assert len(asked(site)) == 1


def test_what_was_fetched_before_an_outage_of_ours_is_counted_after_it(site: Site) -> None:
    site.put(LOTS, LONG_AGO)
    site.look()
    site.clock.at += timedelta(days=5)
    site.put(1, LONG_AGO)
    site.look()
    site.work()
    assert (site.tickets, site.answered) == (LOTS + 1, 1)
    assert site.held == ["latecomers"] * LOTS


def test_a_clock_that_ran_ahead_makes_no_mail_old(site: Site) -> None:
    site.clock.at += timedelta(days=30)
    site.look()
    site.clock.at -= timedelta(days=29)
    site.put(LOTS, site.clock.at)
    site.look()
    site.work()
    assert (site.answered, site.held) == (LOTS, [])


def test_a_held_answer_leaves_only_by_the_decision(site: Site) -> None:
    """Not by the caps, not by a lapse; and a staff command about its ticket goes on."""
    site.put(MANY + 1, LONG_AGO)
    site.look()
    Intake(site.store, site.site, ["LPSE-BTG"]).handle_waiting(site.clock.at, at_most=3)
    held.look(site.store, site.site, site.clock.at)
    assert site.held == ["latecomers?"] * 3, "not all of them are handled"
    site.work()
    assert site.held == ["latecomers"] * (MANY + 1)


# --- what nobody has seen ------------------------------------------------------------------------------


def folders(site: Site) -> dict[str, Any]:
    done = CliRunner().invoke(main.main, ["-c", str(site.config_file), "status", "--json"])
    [mailbox] = json.loads(done.stdout)["mailboxes"]
    [folder] = mailbox["folders"]
    return dict(folder)


def test_uids_whose_mails_were_gone_before_any_look_are_counted(site: Site) -> None:
    site.put(3, START)
    site.look()
    assert folders(site)["seen_by_nobody"] == 0
    site.uid += 4  # these came and went
    site.put(2, START)
    site.look()
    site.server.uidnext = site.uid + 3  # and two more, behind the last
    site.look()
    site.look()
    found = folders(site)
    assert (found["unseen"], found["vanished"], found["seen_by_nobody"]) == (6, 0, 6)
    assert found["folder"] == "INBOX" and found["looked_at"].startswith("2026-12-21")


def test_mails_that_were_moved_after_they_were_journalled_are_not_counted(site: Site) -> None:
    site.put(3, START)
    site.look()
    with site.store.immediate():  # as a crash before the end of the look leaves it
        site.store.execute("UPDATE folders SET counted_uid = 0")
    site.server.messages = {}
    site.server.uidnext = 4
    site.look()
    assert folders(site)["seen_by_nobody"] == 0


def test_gaps_from_before_our_time_are_not_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as site:
        site.uid = 70
        site.put(1, START)
        site.look()
        site.server.uidvalidity, site.uid = 2, 90
        site.put(1, START)
        site.look()
        assert folders(site)["seen_by_nobody"] == 0


def test_a_mail_that_vanishes_between_the_search_and_the_fetch_is_counted_once_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[tuple[str, str, int]] = []
    monkeypatch.setattr(log, "vanished", lambda *words: logged.append(words))
    gone = [On("UID SEARCH", "* SEARCH 1 2 3", "%tag% OK done")]
    with opened(tmp_path, [], gone) as site:
        site.look()
        site.put(3, START)
        del site.server.messages[2]
        site.look()
        site.look()
        found = folders(site)
        assert (found["unseen"], found["vanished"], found["seen_by_nobody"]) == (0, 1, 1)
        assert [row["uid"] for row in site.rows("SELECT uid FROM journal ORDER BY uid")] == [1, 3]
    assert logged == [("batang", "INBOX", 2)]


def test_the_dates_of_many_mails_are_asked_for_in_commands_of_a_lawful_length(tmp_path: Path) -> None:
    with opened(tmp_path) as site:
        site.put(450, LONG_AGO)
        with imap.connect(imap_endpoint(site.site)) as session:
            session.select("INBOX", readonly=True)
            assert len(session.received(range(1, 451))) == 450
        assert max(map(len, site.server.commands)) < 8000
