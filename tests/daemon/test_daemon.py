"""The daemon at work: it learns of mail by itself, survives its servers, and leaves in good order."""

from __future__ import annotations

import socket
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from mailbot.clock import Clock
from mailbot.config import settings
from mailbot.config.site import Site
from mailbot.daemon import folder_thread, ticket_thread
from mailbot.daemon.notify import Notifier
from mailbot.daemon.run import Daemon
from mailbot.daemon.sending import postman
from mailbot.daemon.ticket_thread import Clerk
from mailbot.errors import Damaged
from mailbot.store.database import Store
from mailbot.store.instance import AlreadyRunning
from tests.mailservers import MailServers
from tests.mailservers.faulty import ANSWER, HANG, FaultyImap, FaultySmtp, On, pause
from tests.mailservers.process import wait_until
from tests.running import PATIENCE, RunningOffice
from tests.world import NO_CAPS, WIB


@pytest.fixture
def office(servers: MailServers, tmp_path: Path) -> RunningOffice:
    """Nobody looks by himself for half an hour: what comes earlier was pushed, or looked for with a reason."""
    return RunningOffice(servers, tmp_path, imap={"poll": "30m"})


def _second_mailbox(office: RunningOffice, **imap: Any) -> None:
    """Another mailbox of the same configuration, at the same servers but for what is given."""
    first = office.change()["mailboxes"][0]
    other = {**first, "name": "tegal", "address": "lpse@tegalkab.test", "ticket_prefix": "LPSE-TGL"}
    other["imap"] = {**first["imap"], "username": "lpse@tegalkab.test", **imap}
    office.change(mailboxes=[first, other])


def _outbox(office: RunningOffice) -> list[tuple[str, str, int]]:
    return [
        (row["template"], row["state"], row["attempts"])
        for row in office.rows("SELECT template, state, attempts FROM outbox WHERE party <> 'operator' ORDER BY id")
    ]


# --- learning of mail ----------------------------------------------------------------------------------


def test_a_mail_is_acknowledged_at_the_servers_word_long_before_the_next_look(office: RunningOffice) -> None:
    with office.running():
        office.write("pengguna", "Kami tidak bisa masuk.")
        assert [one.template for one in office.wait("pengguna")] == ["user_acknowledgement"]
        assert office.wait("petugas")[0].template == "staff_new_ticket"


def test_where_the_server_is_not_to_push_the_folder_is_looked_at_all_the_same(
    servers: MailServers, tmp_path: Path
) -> None:
    office = RunningOffice(servers, tmp_path, imap={"idle": False, "poll": "1s"})
    with office.running() as daemon:
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.wait("pengguna")
        assert not any(each.push for each in daemon.watchers)


def test_a_server_that_refuses_the_push_it_offers_is_looked_at_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: MailServers
) -> None:
    monkeypatch.setattr("mailbot.daemon.backoff.SERVER", (0.05,))
    office = RunningOffice(servers, tmp_path)
    with FaultyImap([On("IDLE", "%tag% NO [LIMIT] not today")]) as imap:
        office.change(imap={**office.change()["mailboxes"][0]["imap"], "port": imap.port, "poll": "1s"})
        with office.running() as daemon:
            wait_until(lambda: imap.commands.count(b"NOOP") > 3, PATIENCE, "it does not look by itself")
            assert imap.commands.count(b"IDLE") == 1
            assert imap.connections == 2
            assert not daemon.watchers[0].push and not daemon.watchers[0].trouble


def test_handled_mails_are_marked_soon_but_not_one_by_one(office: RunningOffice, servers: MailServers) -> None:
    if not servers.real:
        pytest.skip("the embedded servers keep no keywords")
    with office.running():
        for index in range(3):
            office.write(f"u{index}@penyedia.test", "Mohon bantuan.", subject=f"Hal {index}")
        wait_until(
            lambda: [flags for flags in servers.flags("lpse@batangkab.test").values()] == [{"$Mailbot"}] * 3,
            PATIENCE,
            "the marks do not come",
        )


# --- servers that fail ---------------------------------------------------------------------------------


def test_a_mailbox_whose_server_hangs_does_not_disturb_another(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.daemon.run._READY_AFTER", 0.5)
    with FaultyImap([On("LOGIN|AUTHENTICATE", HANG)]) as hanging:
        _second_mailbox(office, port=hanging.port)
        with office.running():
            office.write("pengguna", "Kami tidak bisa masuk.")
            office.wait("pengguna")
            assert hanging.connections == 1


def test_after_both_servers_were_gone_it_goes_on_by_itself(office: RunningOffice, servers: MailServers) -> None:
    with office.running():
        servers.imap.kill()
        servers.smtp.kill()
        servers.imap.restart()
        office.write("pengguna", "Kami tidak bisa masuk.")
        wait_until(lambda: len(_outbox(office)) == 3, PATIENCE, "the mail is not read")
        assert {state for _, state, _ in _outbox(office)} == {"queued"}
        servers.smtp.restart()
        office.wait("pengguna")
        assert {attempts for _, _, attempts in _outbox(office)} <= {0, 1}, "no mail is charged with a server's absence"


def test_what_the_rate_keeps_back_follows_when_it_allows(servers: MailServers, tmp_path: Path) -> None:
    rate = {"per_minute": 3, "per_hour": 1000, "per_day": 1000}
    office = RunningOffice(servers, tmp_path, smtp={"rate": rate})
    with office.running():
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.wait("pengguna")
        wait_until(lambda: [s for _, s, _ in _outbox(office)].count("accepted") == 2, PATIENCE, "two, after the alarm")
        office.set("2026-12-21 08:02")
        wait_until(lambda: [s for _, s, _ in _outbox(office)].count("accepted") == 3, PATIENCE, "the third follows")


# --- what is due ---------------------------------------------------------------------------------------


def _escalated(office: RunningOffice) -> None:
    """A ticket that LKPP has since Monday, 21 December 2026, 08.00."""
    office.write("pengguna", "Kami tidak bisa masuk.\nNama: Budi\nInstansi: CV Contoh\nHP: 081234567890")
    text = "#eskalasi\nRingkasan:\ntidak bisa masuk\nUpaya yang telah dilakukan:\nmengatur ulang kata sandi"
    office.write("petugas", text, answers=office.wait("petugas")[0])
    office.wait("lkpp")
    wait_until(lambda: office.status() == "escalated", PATIENCE, "not escalated")


def test_an_enquiry_goes_out_when_it_is_due_and_once(office: RunningOffice) -> None:
    with office.running():
        _escalated(office)
        office.set("2026-12-23 07:59")
        office.set("2026-12-23 08:01")
        office.wait("lkpp", 1, "lkpp_status_enquiry")
        office.wait("pengguna", 1, "user_progress")
        office.set("2026-12-23 15:59")
        time.sleep(1.5)  # nothing is to happen: there is no condition to wait for
    assert [one.template for one in office.letters("lkpp")] == ["lkpp_escalation", "lkpp_status_enquiry"]


def test_a_deadline_waits_for_a_mailbox_out_of_reach_so_that_an_answer_in_it_counts(
    office: RunningOffice, servers: MailServers
) -> None:
    with office.running():
        _escalated(office)
        servers.settle()
        # The answer lies in the mailbox when its server goes away; mailbot may just have read it, or not.
        office.write("lkpp", "Permasalahan telah selesai diperbaiki.", answers=office.last("lkpp"))
        servers.imap.kill()
        office.set("2026-12-23 08:01")
        time.sleep(2.5)  # nothing is to happen
        assert "lkpp_status_enquiry" not in str(_outbox(office))
        servers.imap.restart()
        office.wait("petugas", 1, "staff_lkpp_reply")
        office.set("2026-12-23 08:05")  # past the undo window
        office.wait("pengguna", 1, "user_resolved")
    assert [one.template for one in office.letters("lkpp")] == ["lkpp_escalation"]


def test_a_mailbox_that_stays_out_of_reach_gets_its_deadlines_all_the_same(
    office: RunningOffice, servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.running():
        _escalated(office)
        servers.settle()
        servers.imap.kill()
        monkeypatch.setattr(ticket_thread, "BLIND", -3600.0)  # it has been so for long, as it were
        office.set("2026-12-23 08:01")
        wait_until(lambda: "lkpp_status_enquiry" in str(_outbox(office)), PATIENCE, "no enquiry")
    servers.imap.restart()


def test_an_answer_leaves_after_its_undo_window_and_a_new_look(office: RunningOffice, servers: MailServers) -> None:
    with office.running():
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.write("petugas", "Silakan atur ulang kata sandi.", answers=office.wait("petugas")[0])
        office.wait("petugas", 1, "staff_receipt")
        servers.settle()
        servers.imap.kill()
        office.set("2026-12-21 08:04")
        time.sleep(2.5)  # nothing is to happen
        assert ("user_answer", "queued", 0) in _outbox(office)
        servers.imap.restart()
        office.wait("pengguna", 1, "user_answer")


def test_an_answer_that_is_taken_back_in_time_never_leaves(office: RunningOffice) -> None:
    with office.running():
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.write("petugas", "Silakan atur ulang kata sandi.", answers=office.wait("petugas")[0])
        receipt = office.wait("petugas", 1, "staff_receipt")[0]
        office.write("petugas", "#batal", answers=receipt)
        office.wait("petugas", 2, "staff_receipt")
        office.set("2026-12-21 08:10")
        office.write("rekan", "#info\nSedang kami periksa.", answers=office.wait("rekan")[0])
        office.wait("rekan", 1, "staff_receipt")
        office.set("2026-12-21 08:20")
        office.wait("pengguna", 1, "user_info")
    assert ("user_answer", "cancelled", 0) in _outbox(office)


def test_a_wall_clock_that_is_set_back_does_not_stop_the_looking(office: RunningOffice) -> None:
    with office.running():
        _escalated(office)
        with time_machine.travel(datetime.now(WIB) - timedelta(days=30), tick=True):
            office.set("2026-12-23 08:01")
            office.wait("lkpp", 1, "lkpp_status_enquiry")


def test_a_flood_in_one_mailbox_does_not_keep_another_waiting(office: RunningOffice) -> None:
    _second_mailbox(office)
    office.change(limits=NO_CAPS)
    with office.running():
        for index in range(60):
            office.write(f"u{index}@penyedia.test", "Mohon bantuan.", subject=f"Hal {index}")
        office.servers.deliver(
            b"From: siti@pemasok.test\r\nTo: lpse@tegalkab.test\r\nSubject: Satu\r\nMessage-ID: <1@p>\r\n\r\nBantu\r\n",
            "lpse@tegalkab.test",
        )
        office.wait("siti@pemasok.test")
        wait_until(lambda: len(_outbox(office)) == 61 * 3, PATIENCE, "not all are handled")
    order = [
        row["mailbox"] for row in office.rows("SELECT mailbox FROM outbox WHERE template LIKE 'user%' ORDER BY id")
    ]
    assert order.count("tegal") == 1 and order[-1] != "tegal"


# --- a new configuration -------------------------------------------------------------------------------


def test_a_new_mailbox_and_a_new_colleague_count_after_a_reload(office: RunningOffice) -> None:
    with office.running() as daemon:
        _second_mailbox(office)
        office.change(staff=[{"name": "Umi", "address": "umi@batangkab.test"}])
        daemon.reload()
        wait_until(
            lambda: len(daemon.watchers) == 2 and all(w.push for w in daemon.watchers), PATIENCE, "no new watcher"
        )
        office.write("pengguna", "Kami tidak bisa masuk.")
        assert office.wait("umi@batangkab.test")[0].template == "staff_new_ticket"
        assert office.letters("petugas") == []
        office.change(mailboxes=office.change()["mailboxes"][1:])
        daemon.reload()
        wait_until(lambda: [w.mailbox for w in daemon.watchers] == ["tegal"], PATIENCE, "it is watched still")


@pytest.mark.parametrize("wrong", [{"lkpp": {"address": "nobody"}}, {"data": "./elsewhere"}])
def test_a_faulty_new_configuration_is_refused_whole_and_the_old_one_stays(
    office: RunningOffice, wrong: dict[str, Any]
) -> None:
    with office.running() as daemon:
        office.change(staff=[{"name": "Umi", "address": "umi@batangkab.test"}], **wrong)
        daemon.reload()
        wait_until(lambda: "refused" in daemon.state, PATIENCE, "the fault is not told")
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.wait("petugas", 1, "staff_new_ticket")
        assert office.letters("umi@batangkab.test") == []


# --- faults of ours ------------------------------------------------------------------------------------


def test_a_thread_that_dies_of_a_fault_is_begun_anew(office: RunningOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.daemon.thread_base.SERVER", (0.05,))
    deaths = {"clerk": 0, "postman": 0, "watcher": 0}

    def dying(original: Any, name: str) -> Any:
        def once(*arguments: Any, **named: Any) -> Any:
            deaths[name] += 1
            if deaths[name] == 1:
                raise RuntimeError("a fault")
            return original(*arguments, **named)

        return once

    monkeypatch.setattr(ticket_thread.Clerk, "_turn", dying(ticket_thread.Clerk._turn, "clerk"))
    monkeypatch.setattr(postman.Postman, "_rest_after", dying(postman.Postman._rest_after, "postman"))
    monkeypatch.setattr(folder_thread.Watcher, "_look", dying(folder_thread.Watcher._look, "watcher"))
    with office.running():
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.wait("pengguna")
        office.write("orang luar", "Kami juga tidak.", subject="Juga")
        office.wait("orang luar")
        wait_until(lambda: {s for _, s, _ in _outbox(office)} == {"accepted"}, PATIENCE, "not all is sent")
    assert min(deaths.values()) >= 2, "each has died once and worked again"
    assert len(office.letters("pengguna")) == 1 and len(office.letters("petugas")) == 2


def test_a_clerk_that_hangs_starves_the_watchdog(
    office: RunningOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_thread, "_PATIENCE", 1.0)
    free = threading.Event()
    held = threading.Event()

    def hang(self: Clerk, store: Store, site: Site) -> None:
        held.set()
        free.wait(PATIENCE)

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(2.5)
        office.notifier = Notifier(str(tmp_path / "notify"), watchdog=2.0)
        with office.running():
            received = b""
            while b"WATCHDOG=1" not in received:
                received = systemd.recv(4096)
            monkeypatch.setattr(Clerk, "_turn", hang)
            office.write("pengguna", "Kami tidak bisa masuk.")
            assert held.wait(PATIENCE)
            time.sleep(1.2)  # its promise is broken now
            systemd.setblocking(False)
            with pytest.raises(BlockingIOError):
                while True:
                    systemd.recv(4096)
            systemd.settimeout(2.5)
            with pytest.raises(TimeoutError):
                while b"WATCHDOG" not in systemd.recv(4096):
                    pass
            free.set()


def test_a_damaged_database_ends_the_daemon(office: RunningOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(self: Clerk, store: Store, site: Site) -> None:
        raise Damaged("database", "damaged: page 7")

    with office.running() as daemon:
        monkeypatch.setattr(Clerk, "_turn", damaged)
        office.write("pengguna", "Kami tidak bisa masuk.")
        wait_until(lambda: daemon.stopped, PATIENCE, "it works on")
    assert isinstance(office.error, Damaged)


# --- leaving -------------------------------------------------------------------------------------------


def test_a_second_instance_leaves_at_once(office: RunningOffice) -> None:
    with office.running():
        second = Daemon(settings.load(office.config_file), Clock(), Notifier())
        began = time.monotonic()
        with pytest.raises(AlreadyRunning):
            second.run()
        assert time.monotonic() - began < 2


def test_a_stop_waits_for_the_answer_to_a_final_dot_and_sends_nothing_more(
    office: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.daemon.run._STOP_WITHIN", 1.0)
    with FaultySmtp([On("EOD", pause(3.0), ANSWER)]) as smtp:
        office.change(smtp={**office.change()["mailboxes"][0]["smtp"], "port": smtp.port})
        with office.running() as daemon:
            office.write("pengguna", "Kami tidak bisa masuk.")
            wait_until(lambda: len(smtp.mails) == 1, PATIENCE, "nothing is sent")
            daemon.stop()
            wait_until(lambda: daemon.stopped, PATIENCE, "it does not stop")
        assert len(smtp.mails) == 1
    assert sorted(state for _, state, _ in _outbox(office)) == ["accepted", "queued", "queued"]


def test_a_stop_breaks_off_a_submission_whose_dot_has_not_left_and_charges_nobody(office: RunningOffice) -> None:
    with FaultySmtp([On("RCPT", HANG)]) as smtp:
        office.change(smtp={**office.change()["mailboxes"][0]["smtp"], "port": smtp.port})
        with office.running() as daemon:
            office.write("pengguna", "Kami tidak bisa masuk.")
            wait_until(lambda: any(b"RCPT" in command for command in smtp.commands), PATIENCE, "nothing is sent")
            began = time.monotonic()
            daemon.stop()
            wait_until(lambda: daemon.stopped, PATIENCE, "it does not stop")
            assert time.monotonic() - began < 10
    assert {(state, attempts) for _, state, attempts in _outbox(office)} == {("queued", 0)}


def test_a_stop_does_not_wait_for_an_imap_server_that_hangs(office: RunningOffice) -> None:
    with FaultyImap([On("UID SEARCH", HANG)]) as imap:
        office.change(imap={**office.change()["mailboxes"][0]["imap"], "port": imap.port})
        daemon = Daemon(settings.load(office.config_file), Clock(), Notifier())
        thread = threading.Thread(target=daemon.run)
        thread.start()
        wait_until(lambda: any(b"UID SEARCH" in command for command in imap.commands), PATIENCE, "no look")
        began = time.monotonic()
        daemon.stop()
        thread.join(PATIENCE)
        assert time.monotonic() - began < 5
        assert not any(each._thread.is_alive() for each in daemon.watchers)


def test_everything_of_a_stopped_daemon_is_there_for_the_next(office: RunningOffice) -> None:
    with office.running():
        office.write("pengguna", "Kami tidak bisa masuk.")
        office.wait("petugas")
    office.write("orang luar", "Kami juga tidak.", subject="Juga")
    with office.running():
        office.wait("orang luar")
    assert [one.template for one in office.letters("pengguna")] == ["user_acknowledgement"]
    assert len(office.letters("petugas")) == 2
