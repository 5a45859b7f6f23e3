"""What stands still is told: in time, once, with what to do, by a way that works, and again when it is over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbot.config import settings
from mailbot.config.site import ALARMS, Site, open_sites
from mailbot.daemon import outages
from mailbot.daemon.outages import Outages
from mailbot.store import outages as kept
from mailbot.store.database import Store
from mailbot.store.outages import Outage
from tests.mailservers import MailServers
from tests.mailservers.faulty import FaultyImap, On
from tests.mailservers.process import wait_until
from tests.running import PATIENCE, RunningOffice
from tests.steps import flat
from tests.world import PEOPLE, Letter, PaperWorld

SILENT = Outage("batang", "imap", "INBOX", "silent", "mail.test:993", "Connection refused")
REFUSED = Outage("batang", "smtp", "", "refused", "mail.test:465", "535 5.7.8 wrong")


#: What the operator is told each week of November and December, whatever a test is about.
_CALENDAR = "kalender hari libur"


class Watch:
    """The looks of one daemon, at moments that the test names in seconds."""

    def __init__(self, office: PaperWorld, monkeypatch: pytest.MonkeyPatch, *, sites: list[Site] | None = None) -> None:
        self.office, self.sites = office, sites or list(office.sites)
        self.outages = Outages()
        self._began, self._seconds = office.now, 0.0
        monkeypatch.setattr("mailbot.daemon.outages.time.monotonic", lambda: 1000.0 + self._seconds)
        office.new_letters("operator")

    @property
    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._seconds)

    def look(self, seconds: float, *present: Outage) -> list[Letter]:
        """The mails to the operator that a look makes; seconds: since the first one."""
        self._seconds = seconds
        self.outages.look(self.office.store, self.sites, present, self.now)
        self.office.now = self.now
        self.office.once()
        return [mail for mail in self.office.new_letters("operator") if _CALENDAR not in mail.subject]


@pytest.fixture
def watch(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> Watch:
    office.once()
    return Watch(office, monkeypatch)


# --- when it is told -----------------------------------------------------------------------------------


def test_a_server_that_is_gone_for_a_moment_is_no_alarm_and_leaves_nothing_behind(watch: Watch) -> None:
    assert watch.look(0, SILENT) == watch.look(140, SILENT) == watch.look(150) == []
    assert kept.known(watch.office.store) == {}
    assert watch.look(160, SILENT) == watch.look(300, SILENT) == [], "it counts anew"


def test_what_lasts_is_told_within_five_minutes_once_a_day_and_says_what_to_do(watch: Watch) -> None:
    assert watch.look(0, SILENT) == []
    [alarm] = watch.look(170, SILENT)
    assert alarm.subject == "[LPSE-BTG] Alarm: INBOX di mail.test:993 tidak dapat dibaca"
    text = flat(alarm.text)
    assert "sejak Senin, 21 Desember" in text and "Connection refused" in text and "Yang perlu dilakukan" in text
    assert watch.look(180, SILENT) == watch.look(80_000, SILENT) == []
    assert len(watch.look(87_000, SILENT)) == 1


def test_a_refused_account_is_told_at_once(watch: Watch) -> None:
    [alarm] = watch.look(0, REFUSED)
    assert alarm.subject == "[LPSE-BTG] Alarm: e-mail tidak dapat dikirim lewat mail.test:465"
    assert "535 5.7.8 wrong" in alarm.text and "smtp.password" in alarm.text


def test_it_is_over_when_it_has_been_away_for_ten_minutes(watch: Watch) -> None:
    watch.look(0, REFUSED)
    assert watch.look(100) == watch.look(690) == []
    [over] = watch.look(710)
    assert over.subject == "[LPSE-BTG] Alarm: e-mail dapat dikirim lagi lewat mail.test:465"
    assert kept.known(watch.office.store) == {} and watch.look(720) == []


def test_what_comes_and_goes_is_one_outage_and_told_once_an_hour_at_most(watch: Watch) -> None:
    watch.look(0, REFUSED)
    told = [mail for minute in range(1, 40) for mail in watch.look(60.0 * minute, *([REFUSED] if minute % 3 else []))]
    assert told == []
    assert len(watch.look(2_400)) == 0 and len(watch.look(3_010)) == 1, "over"
    assert watch.look(3_100, REFUSED) == [], "an hour has not passed"
    assert len(watch.look(3_700, REFUSED)) == 1


def test_a_restart_tells_nothing_twice_and_still_knows_since_when(watch: Watch) -> None:
    watch.look(0, REFUSED)
    watch.outages = Outages()
    assert watch.look(30, REFUSED) == []
    [known] = kept.known(watch.office.store).values()
    assert (watch.now - known.since).total_seconds() == 30
    watch.outages = Outages()
    assert watch.look(40) == [] and len(watch.look(650)) == 1


def test_the_servers_latest_words_are_kept(watch: Watch) -> None:
    watch.look(0, SILENT)
    watch.look(10, replace(SILENT, how="gone", said="no such mailbox"))
    [known] = kept.known(watch.office.store).values()
    assert (known.outage.how, known.outage.said) == ("gone", "no such mailbox")


def test_a_clock_that_was_set_back_by_days_silences_no_alarm(watch: Watch) -> None:
    watch.look(0, REFUSED)
    watch._began -= timedelta(days=5)
    assert len(watch.look(60, REFUSED)) == 1


# --- to whom, and by which way -------------------------------------------------------------------------


def _write(office: PaperWorld | RunningOffice, data: dict[str, Any]) -> None:
    plain = json.loads(json.dumps(data))  # else what stands twice becomes an alias
    office.config_file.write_text(yaml.safe_dump(plain))


def two_sites(office: PaperWorld, **alarms: Any) -> list[Site]:
    """Two mailboxes with one operator in common, and the configuration's `alarms`."""
    data = yaml.safe_load(office.config_file.read_text())
    [first] = data["mailboxes"]
    both = [*first["operator"], {"name": "Tata", "address": "tata@tegalkab.test"}]
    second = {**first, "name": "tegal", "address": "lpse@tegalkab.test", "ticket_prefix": "LPSE-TGL", "operator": both}
    second["imap"] = {**first["imap"], "username": "lpse@tegalkab.test"}
    _write(office, {**data, "mailboxes": [first, second], "alarms": alarms})
    return list(open_sites(settings.load(office.config_file)))


def queued(store: Store) -> list[tuple[str, str]]:
    """By which account and to whom the alarms leave."""
    rows = store.rows(
        "SELECT mailbox, recipient FROM outbox WHERE template = 'operator_alarm' AND instr(subject, ?) = 0 ORDER BY id",
        _CALENDAR,
    )
    return [(str(row["mailbox"]), str(row["recipient"])) for row in rows]


def test_a_refused_configuration_is_told_once_to_each_operator_of_all_mailboxes(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(office, monkeypatch, sites=two_sites(office))
    [alarm] = watch.look(0, Outage("", "reload", "", "refused", "", "config.yaml:12: timezone: found WIB"))
    assert "config.yaml:12" in alarm.text and "mailbot check" in alarm.text
    assert queued(office.store) == [("batang", PEOPLE["operator"]), ("tegal", "tata@tegalkab.test")]
    watch.look(10)
    assert len(queued(office.store)) == 4 and kept.known(office.store) == {}, "a mended one is told at once"


def test_alarms_leave_by_the_second_way_to_whom_it_names(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    smtp = {"host": "127.0.0.1", "port": 2, "security": "none", "username": "alarm@luar.test"}
    smtp["password"] = {"file": str(office.folder / "password")}
    sites = two_sites(office, smtp=smtp, to=[{"name": "Dedi", "address": "dedi@luar.test"}])
    watch = Watch(office, monkeypatch, sites=sites)
    watch.look(0, REFUSED)
    assert queued(office.store) == [(ALARMS, "dedi@luar.test")]
    assert office.store.value("SELECT envelope_sender FROM outbox WHERE mailbox = ?", ALARMS) == "alarm@luar.test"
    watch.look(10, REFUSED, Outage(ALARMS, "smtp", "", "refused", "127.0.0.1:2", "535"))
    assert queued(office.store)[1:] == [
        ("batang", PEOPLE["operator"]),
        ("tegal", "tata@tegalkab.test"),
    ], "that the second way is dead, the mailboxes tell"


# --- at work -------------------------------------------------------------------------------------------


def _told(office: RunningOffice, count: int) -> Letter:
    return office.wait("operator", count)[count - 1]


def test_a_folder_out_of_reach_is_told_and_so_is_its_return(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("daemon.run.OUTAGES_EVERY", 1), ("daemon.outages.PATIENCE", 1.0)):
        monkeypatch.setattr(f"mailbot.{name}", value)
    monkeypatch.setattr(outages, "OVER_AFTER", 1.0)
    office = RunningOffice(servers, tmp_path, imap={"poll": "1s"})
    good = office.change()["mailboxes"][0]["imap"]
    office.change(imap={**good, "port": 1})
    with office.running() as daemon:
        assert "INBOX di 127.0.0.1:1 tidak dapat dibaca" in _told(office, 2).subject, "the first is about the calendar"
        assert "batang INBOX: " in daemon.state and "Connection refused" in daemon.state
        office.change(imap=good)
        daemon.reload()
        assert "dapat dibaca lagi" in _told(office, 3).subject
        office.change(imap={**good, "prot": 1})
        daemon.reload()
        refused = _told(office, 4)
        assert "konfigurasi baru ditolak" in refused.subject and "did you mean port?" in refused.text


def test_a_refused_password_is_told_once_and_not_tried_again_at_once(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.daemon.run.OUTAGES_EVERY", 1)
    office = RunningOffice(servers, tmp_path, imap={"poll": "30m"})
    refusal = On("LOGIN|AUTHENTICATE", "%tag% NO [AUTHENTICATIONFAILED] wrong", times=9)
    with FaultyImap([refusal], repeat=True) as imap:
        office.change(imap={**office.change()["mailboxes"][0]["imap"], "port": imap.port})
        with office.running() as daemon:
            wait_until(lambda: daemon.watchers[0].refused, PATIENCE, "the refusal is not seen")
            assert "menolak akun" in _told(office, 2).text, "the first is about the calendar"
            assert imap.connections == 1
        assert len(office.letters("operator")) == 2


@pytest.mark.parametrize("how", ["run", "once"])
def test_a_dead_account_is_told_of_by_the_second_way(
    servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("mailbot.daemon.run.OUTAGES_EVERY", 1)
    monkeypatch.setattr("mailbot.daemon.outages.PATIENCE", 1.0)
    office = RunningOffice(servers, tmp_path, imap={"poll": "1s"})
    data = office.change()
    [mailbox] = data["mailboxes"]
    data["alarms"] = {"smtp": dict(mailbox["smtp"]), "to": [{"name": "Operator", "address": PEOPLE["operator"]}]}
    mailbox["smtp"]["port"] = 1
    _write(office, data)
    if how == "run":
        with office.running():
            office.write("pengguna", "Kami tidak bisa masuk.")
            assert "tidak dapat dikirim lewat 127.0.0.1:1" in _told(office, 2).subject, "the first is the calendar's"
    else:
        assert office.once(), "the account of the mailbox had nothing to send"
        assert _CALENDAR in _told(office, 1).subject
    assert office.letters("pengguna") == []
