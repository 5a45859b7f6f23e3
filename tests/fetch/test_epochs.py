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
from mailbot.fetch.folder import endpoint_of
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


class Desk(PaperWorld):
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
        office._fetch(office.desks[0], "INBOX")

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
def opened(folder: Path, *scripts: Any, **changes: Any) -> Iterator[Desk]:
    """The office after its first look, at an empty folder."""
    with FaultyImap(*scripts) as server:
        desk = Desk(server, folder, **changes)
        try:
            yield desk
        finally:
            desk.store.close()


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "twenty" not in request.node.name:
        monkeypatch.setattr(latecomers, "MANY", MANY)


def asked(desk: Desk) -> list[str]:
    """What the operator was asked about them."""
    return [" ".join(text.split()) for text in alarms(desk) if "--held-by" in text]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path) as found:
        found.look()
        yield found


# --- old mail that comes as new ------------------------------------------------------------------------


def test_of_an_archive_that_somebody_moves_in_each_mail_has_its_ticket_and_nobody_is_written_to(desk: Desk) -> None:
    desk.put(LOTS, LONG_AGO)
    desk.look()
    desk.work()
    assert (desk.tickets, desk.answered, desk.held) == (LOTS, 0, ["latecomers"] * LOTS)
    [alarm] = asked(desk)
    assert f"{LOTS} surat" in alarm
    assert "mailbot outbox cancel --held-by latecomers" in alarm
    assert "mailbot outbox retry --held-by latecomers" in alarm
    desk.clock.at += timedelta(minutes=16)
    desk.work()
    assert [one.template for one in desk.letters("petugas")] == ["staff_digest"]
    assert f"{LOTS} surat pengguna" in desk.last("petugas").subject
    [row] = desk.rows("SELECT DISTINCT opened_at FROM tickets")
    assert row["opened_at"].startswith("2026-12-21"), "its limits ran out before anybody could know of it"


@pytest.mark.parametrize(("count", "held_back"), [(20, 0), (21, 21)])
def test_more_than_twenty_are_many(desk: Desk, count: int, held_back: int) -> None:
    desk.put(count, LONG_AGO)
    desk.look()
    desk.work()
    assert (desk.tickets, desk.answered, len(desk.held)) == (count, count - held_back, held_back)


def test_what_is_held_waits_for_the_operator_however_long_he_takes_and_he_is_asked_once(desk: Desk) -> None:
    desk.put(LOTS, LONG_AGO)
    desk.look()
    desk.work()
    for _ in range(5):
        desk.clock.at += timedelta(days=1)
        desk.look()
        desk.work()
    assert (desk.answered, len(desk.held), len(asked(desk))) == (0, LOTS, 1)


@pytest.mark.parametrize(("decision", "answered"), [("retry", LOTS), ("cancel", 0)])
def test_the_operator_decides_about_all_of_them_with_one_command(desk: Desk, decision: str, answered: int) -> None:
    desk.put(LOTS, LONG_AGO)
    desk.look()
    desk.work()
    command = ["-c", str(desk.config_file), "outbox", decision, "--held-by", "latecomers"]
    done = CliRunner().invoke(main.main, command)
    assert (done.exit_code, done.output.split()[0]) == (0, str(LOTS)), done.output
    again = CliRunner().invoke(main.main, command)
    assert again.exit_code == 1 and "nothing is held by latecomers" in again.output
    desk.clock.at = datetime.now(UTC) + timedelta(minutes=1)  # the command knows the true time only
    desk.work()
    assert (desk.answered, desk.held) == (answered, [])


def test_a_decision_names_one_mail_or_a_rule(desk: Desk) -> None:
    for words in ([], ["1", "--held-by", "latecomers"]):
        done = CliRunner().invoke(main.main, ["-c", str(desk.config_file), "outbox", "retry", *words])
        assert done.exit_code == 2, done.output


def test_a_few_old_mails_are_answered_like_any_others(desk: Desk) -> None:
    desk.put(MANY, LONG_AGO)
    desk.look()
    desk.work()
    assert (desk.tickets, desk.answered, desk.held, asked(desk)) == (MANY, MANY, [], [])


def test_after_an_outage_of_ours_all_that_came_meanwhile_is_answered(desk: Desk) -> None:
    desk.clock.at += timedelta(days=3)
    for hours in range(LOTS):
        desk.put(1, START + timedelta(hours=5 * hours))
    desk.look()
    desk.work()
    assert (desk.tickets, desk.answered, desk.held, asked(desk)) == (LOTS, LOTS, [], [])


def test_after_an_outage_under_another_uidvalidity_too(desk: Desk) -> None:
    desk.clock.at += timedelta(days=3)
    desk.put(LOTS, START + timedelta(hours=20))
    desk.renew()
    desk.look()
    desk.work()
    assert (desk.tickets, desk.answered, desk.held) == (LOTS, LOTS, [])


def test_what_the_first_start_is_to_read_is_answered(tmp_path: Path) -> None:
    with opened(tmp_path, imap={"since": "2020-01-01"}) as desk:
        desk.put(LOTS, LONG_AGO)
        desk.look()
        desk.work()
        assert (desk.tickets, desk.answered, desk.held) == (LOTS, LOTS, [])


def test_an_archive_that_is_moved_one_mail_at_a_time_is_noticed(desk: Desk) -> None:
    for _ in range(MANY + 2):
        desk.clock.at += timedelta(minutes=20)
        desk.put(1, LONG_AGO)
        desk.look()
        desk.work()
    assert (desk.tickets, desk.answered, desk.held) == (MANY + 2, MANY, ["latecomers"] * 2)
    assert len(asked(desk)) == 1


def test_old_mails_that_come_now_and_then_are_no_archive(desk: Desk) -> None:
    for _ in range(MANY + 2):
        desk.clock.at += timedelta(days=1)
        desk.put(1, LONG_AGO)
        desk.look()
        desk.work()
    assert (desk.answered, desk.held) == (MANY + 2, [])


def test_known_mails_under_a_new_uidvalidity_do_not_count(desk: Desk) -> None:
    desk.put(LOTS, START)
    desk.look()
    desk.work()
    assert desk.answered == LOTS
    desk.clock.at += timedelta(days=10)
    desk.look()
    desk.put(3, START + timedelta(days=1))  # from somewhere else; INBOX was looked at since
    desk.renew()
    desk.look()
    [before] = desk.rows("SELECT count(*) AS n FROM journal WHERE latecomer = 'unsure'")
    assert before["n"] == LOTS + 3
    desk.work()
    assert (desk.tickets, desk.answered, desk.held, asked(desk)) == (LOTS + 3, LOTS + 3, [], [])
    assert not desk.rows("SELECT 1 FROM journal WHERE latecomer = 'unsure'")


def test_nobody_is_answered_while_a_look_that_was_cut_short_may_bring_more(tmp_path: Path) -> None:
    done = b"%tag% OK done\r\n"
    some = b"".join(
        b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (n, n, len(letter(n)), letter(n)) for n in range(1, 5)
    )
    cut = [On("UID FETCH .*BODY.PEEK", some + done), On("UID FETCH .*BODY.PEEK", DROP)]
    with opened(tmp_path, [], cut) as desk:
        desk.look()
        desk.put(LOTS, LONG_AGO)
        with pytest.raises(TemporaryFailure):
            desk.look()
        desk.work()
        assert (desk.tickets, desk.answered, desk.held) == (4, 0, ["latecomers?"] * 4)
        desk.look()
        desk.work()
        assert (desk.tickets, desk.answered, desk.held) == (LOTS, 0, ["latecomers"] * LOTS)
        assert len(asked(desk)) == 1


def test_what_was_fetched_before_an_outage_of_ours_is_counted_after_it(desk: Desk) -> None:
    desk.put(LOTS, LONG_AGO)
    desk.look()
    desk.clock.at += timedelta(days=5)
    desk.put(1, LONG_AGO)
    desk.look()
    desk.work()
    assert (desk.tickets, desk.answered) == (LOTS + 1, 1)
    assert desk.held == ["latecomers"] * LOTS


def test_a_clock_that_ran_ahead_makes_no_mail_old(desk: Desk) -> None:
    desk.clock.at += timedelta(days=30)
    desk.look()
    desk.clock.at -= timedelta(days=29)
    desk.put(LOTS, desk.clock.at)
    desk.look()
    desk.work()
    assert (desk.answered, desk.held) == (LOTS, [])


def test_a_held_answer_leaves_only_by_the_decision(desk: Desk) -> None:
    """Not by the caps, not by a lapse; and a staff command about its ticket goes on."""
    desk.put(MANY + 1, LONG_AGO)
    desk.look()
    Intake(desk.store, desk.desk, ["LPSE-BTG"]).handle_waiting(desk.clock.at, at_most=3)
    held.look(desk.store, desk.desk, desk.clock.at)
    assert desk.held == ["latecomers?"] * 3, "not all of them are handled"
    desk.work()
    assert desk.held == ["latecomers"] * (MANY + 1)


# --- what nobody has seen ------------------------------------------------------------------------------


def folders(desk: Desk) -> dict[str, Any]:
    done = CliRunner().invoke(main.main, ["-c", str(desk.config_file), "status", "--json"])
    [mailbox] = json.loads(done.stdout)["mailboxes"]
    [folder] = mailbox["folders"]
    return dict(folder)


def test_uids_whose_mails_were_gone_before_any_look_are_counted(desk: Desk) -> None:
    desk.put(3, START)
    desk.look()
    assert folders(desk)["seen_by_nobody"] == 0
    desk.uid += 4  # these came and went
    desk.put(2, START)
    desk.look()
    desk.server.uidnext = desk.uid + 3  # and two more, behind the last
    desk.look()
    desk.look()
    found = folders(desk)
    assert (found["unseen"], found["vanished"], found["seen_by_nobody"]) == (6, 0, 6)
    assert found["folder"] == "INBOX" and found["looked_at"].startswith("2026-12-21")


def test_mails_that_were_moved_after_they_were_journalled_are_not_counted(desk: Desk) -> None:
    desk.put(3, START)
    desk.look()
    with desk.store.immediate():  # as a crash before the end of the look leaves it
        desk.store.execute("UPDATE folders SET counted_uid = 0")
    desk.server.messages = {}
    desk.server.uidnext = 4
    desk.look()
    assert folders(desk)["seen_by_nobody"] == 0


def test_gaps_from_before_our_time_are_not_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as desk:
        desk.uid = 70
        desk.put(1, START)
        desk.look()
        desk.server.uidvalidity, desk.uid = 2, 90
        desk.put(1, START)
        desk.look()
        assert folders(desk)["seen_by_nobody"] == 0


def test_a_mail_that_vanishes_between_the_search_and_the_fetch_is_counted_once_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[tuple[str, str, int]] = []
    monkeypatch.setattr(log, "vanished", lambda *words: logged.append(words))
    gone = [On("UID SEARCH", "* SEARCH 1 2 3", "%tag% OK done")]
    with opened(tmp_path, [], gone) as desk:
        desk.look()
        desk.put(3, START)
        del desk.server.messages[2]
        desk.look()
        desk.look()
        found = folders(desk)
        assert (found["unseen"], found["vanished"], found["seen_by_nobody"]) == (0, 1, 1)
        assert [row["uid"] for row in desk.rows("SELECT uid FROM journal ORDER BY uid")] == [1, 3]
    assert logged == [("batang", "INBOX", 2)]


def test_the_dates_of_many_mails_are_asked_for_in_commands_of_a_lawful_length(tmp_path: Path) -> None:
    with opened(tmp_path) as desk:
        desk.put(450, LONG_AGO)
        with imap.connect(endpoint_of(desk.desk)) as session:
            session.select("INBOX", readonly=True)
            assert len(session.received(range(1, 451))) == 450
        assert max(map(len, desk.server.commands)) < 8000
