"""Proof: a mail that may have been sent is looked up before it is sent again (docs/configuration.md, `proof`).

Against Dovecot and Postfix, with the program as a child process that dies at its fault points; where the servers have
to behave badly, against scripted ones.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.daemon import round
from mailbot.delivery import decisions
from mailbot.servers import imap
from mailbot.servers.endpoint import Endpoint
from mailbot.store import restored
from mailbot.store.database import Store, to_text
from tests.kill.child import Office
from tests.mailservers import MailServers
from tests.mailservers.faulty import DROP, FaultySmtp, On
from tests.mailservers.process import wait_until
from tests.running import RunningOffice
from tests.world import LPSE, PEOPLE, World, letter

COPY = "lpse+proof@batangkab.test"
BCC = {"bcc": COPY, "folder": "proof", "wait": "1s"}
SENT = {"folder": "Sent", "wait": "2m"}

real = pytest.mark.mailservers  # Postfix and Dovecot: the embedded servers know no folder by address


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round in this process waits for a moment only; child processes wait as they do."""
    monkeypatch.setattr(round, "_PROOF", 0.1)


def _outgoing(world: World, template: str) -> Any:
    return world.sent("template = ?", template)[-1]


USERS = [f"u{number}@penyedia.test" for number in range(10)]


def _copies(office_: Office) -> int:
    """Mails that lie in somebody's mailbox more than once."""
    found = Counter((who, one.message_id) for who in (*PEOPLE, *USERS) for one in office_.letters(who))
    return sum(found.values()) - len(found)


# --- a second recipient of the envelope ------------------------------------------------------------------


@real
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
@pytest.mark.parametrize("point", ["claimed", "handed_over", "after_dot", "accepted"])
def test_with_proof_a_death_at_any_point_of_sending_makes_no_copy(
    servers: MailServers, tmp_path: Path, point: str, times: int
) -> None:
    office_ = Office(servers, tmp_path, proof=BCC)
    for number, user in enumerate(USERS[:times]):
        office_.write(user, "Kami tidak bisa masuk.", subject="Masuk", sender=f"Pengguna <{user}>")
        office_.die(f"{point}:{1 + number % 3}")
    office_.once()
    print(f"{point}: {times} deaths, {_copies(office_)} copies")
    assert _copies(office_) == 0
    for user in USERS[:times]:
        assert [one.template for one in office_.letters(user)] == ["user_acknowledgement"]
    assert [one.template for one in office_.letters("petugas")] == ["staff_new_ticket"] * times
    found = office_.rows("SELECT answer FROM outbox WHERE answer = 'found in proof'")
    assert len(found) == (times if point == "after_dot" else 0)


@real
def test_nobody_can_see_that_a_copy_went_along(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=BCC)
    office_.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office_.once()
    sent = [one for who in PEOPLE for one in office_.letters(who)]
    assert {one.template for one in sent} == {"operator_alarm", "user_acknowledgement", "staff_new_ticket"}
    assert not any(b"proof" in one.raw for one in sent)
    copies = [letter(raw) for raw in servers.messages(LPSE, "proof")]
    assert sorted(one.message_id for one in copies) == sorted(one.message_id for one in sent)
    office_.once()
    assert [row["n"] for row in office_.rows("SELECT count(*) AS n FROM journal")] == [1], "copies are not read"


def _at(office_: World, smtp: FaultySmtp) -> None:
    written = office_.config_file.read_text()
    office_.config_file.write_text(written.replace(f"port: {office_.servers.smtp_port}", f"port: {smtp.port}"))


REFUSALS = {
    "refused": [On(f"RCPT TO:<{COPY.replace('+', '.')}", "550 5.1.1 no such user")],
    "refused for now": [On(f"RCPT TO:<{COPY.replace('+', '.')}", "452 4.5.3 too many recipients")],
    "refused with the connection": [On(f"RCPT TO:<{COPY.replace('+', '.')}", "421 4.3.2 closing", DROP)],
    "dropped": [On(f"RCPT TO:<{COPY.replace('+', '.')}", DROP)],
    "refused with the mail": [On("EOD", "550 5.1.1 one of your recipients does not exist")],
}


@pytest.mark.parametrize("how", REFUSALS)
def test_a_copy_that_is_refused_keeps_the_mail_from_nobody_and_is_told(
    servers: MailServers, tmp_path: Path, how: str
) -> None:
    office_ = World(servers, tmp_path, proof=BCC)
    office_.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    with FaultySmtp(REFUSALS[how]) as smtp:
        _at(office_, smtp)
        assert office_.once()
        assert not smtp.missed
    assert _outgoing(office_, "user_acknowledgement")["state"] == "accepted"
    alarms = [letter(mail.data).text for mail in smtp.mails if mail.recipients[0] == PEOPLE["operator"]]
    assert len(alarms) == 1
    assert "Salinan bukti" in alarms[0]
    users = [mail for mail in smtp.mails if mail.recipients[0] == PEOPLE["pengguna"]]
    assert users[-1].recipients == [PEOPLE["pengguna"]], "it went alone"
    assert all(mail.data == users[0].data for mail in users)


def test_a_bounce_of_the_copy_is_not_one_of_the_mail(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=BCC)
    office_.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    office_.once()
    bounced = office_.last("pengguna")
    for address in (COPY, "penuh@batangkab.test"):
        office_.drop(_report(address, bounced.message_id))
    office_.once()
    assert _outgoing(office_, "user_acknowledgement")["state"] == "accepted"
    assert [one.template for one in office_.letters("petugas")] == ["staff_new_ticket"]
    assert "Salinan bukti" in office_.last("operator", "operator_alarm").text
    office_.drop(_report(PEOPLE["pengguna"], bounced.message_id))
    office_.once()
    assert office_.last("petugas").template == "staff_undeliverable"


def _report(address: str, message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@batangkab.test\r\nTo: lpse@batangkab.test\r\nSubject: Undelivered\r\n"
        f"Message-ID: <{address}.1@mx.test>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nno\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


# --- where the provider files what is submitted --------------------------------------------------------------


def _uncertain(office_: World, smtp: FaultySmtp) -> bytes:
    """A user's acknowledgement whose answer never came, in a round that ends with something left to do."""
    office_.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
    _at(office_, smtp)
    assert not office_.once()
    assert _outgoing(office_, "user_acknowledgement")["state"] == "uncertain"
    return next(mail.data for mail in smtp.mails if mail.recipients == [PEOPLE["pengguna"]])


def _to_user(smtp: FaultySmtp) -> int:
    return sum(mail.recipients == [PEOPLE["pengguna"]] for mail in smtp.mails)


DEAD = [On("EOD", DROP)]


@pytest.mark.parametrize("rewritten", [False, True])
def test_what_the_provider_has_filed_is_not_sent_again(servers: MailServers, tmp_path: Path, rewritten: bool) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        raw = _uncertain(office_, smtp)
        own = str(letter(raw).message_id).encode()
        servers.append(LPSE, raw.replace(own, b"<0100019@provider.test>") if rewritten else raw, "Sent")
        office_.now += timedelta(minutes=5)
        assert office_.once()
        assert _to_user(smtp) == 1
    row = _outgoing(office_, "user_acknowledgement")
    assert (row["state"], row["answer"]) == ("accepted", "found in Sent")


def test_what_is_not_there_goes_out_again_unchanged_but_not_before_its_time(
    servers: MailServers, tmp_path: Path
) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        raw = _uncertain(office_, smtp)
        assert len(smtp.mails) == 3, "the others did not wait"
        office_.now += timedelta(seconds=100)
        assert not office_.once()
        assert _to_user(smtp) == 1
        office_.now += timedelta(seconds=21)
        assert office_.once()
        assert _to_user(smtp) == 2
        assert [mail.data for mail in smtp.mails if mail.recipients == [PEOPLE["pengguna"]]] == [raw, raw]


def test_before_each_further_try_it_is_looked_for_once_more(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD, [], [On("RCPT", "451 4.2.0 later")]) as smtp:
        raw = _uncertain(office_, smtp)
        office_.now += timedelta(minutes=3)
        office_.once()  # sent again, and refused for now
        assert _outgoing(office_, "user_acknowledgement")["state"] == "uncertain"
        servers.append(LPSE, raw, "Sent")  # the first one's copy comes late
        office_.now += timedelta(minutes=10)
        assert office_.once()
        assert _to_user(smtp) == 1


def test_a_later_mail_of_the_ticket_waits_for_the_one_that_is_looked_up(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        _uncertain(office_, smtp)
        notice = next(found for mail in smtp.mails if (found := letter(mail.data)).template == "staff_new_ticket")
        office_.now += timedelta(seconds=20)
        office_.write("petugas", "#info\nKami periksa.", answers=notice)
        office_.now += timedelta(seconds=20)
        office_.once()
        assert _outgoing(office_, "user_info")["state"] == "queued"
        assert _outgoing(office_, "staff_receipt")["state"] == "accepted"
        office_.now += timedelta(minutes=10)
        office_.once()
        kinds = [letter(mail.data).template for mail in smtp.mails if mail.recipients == [PEOPLE["pengguna"]]]
        assert kinds == ["user_acknowledgement", "user_acknowledgement", "user_info"]


def test_who_retries_by_hand_does_not_wait(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        _uncertain(office_, smtp)
        store = Store.open(office_.config.data)
        decisions.retry(store, _outgoing(office_, "user_acknowledgement")["id"], office_.now)
        store.close()
        assert office_.once()
        assert _to_user(smtp) == 2


# --- a folder that cannot be looked into -------------------------------------------------------------------------


def test_without_the_folder_it_waits_for_hours_and_the_operator_knows(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof={"folder": "Tidak ada"})
    with FaultySmtp(DEAD) as smtp:
        _uncertain(office_, smtp)
        office_.now += timedelta(hours=3, minutes=50)
        assert not office_.once()
        assert _to_user(smtp) == 1
        alarms = [letter(mail.data).text for mail in smtp.mails if mail.recipients[0] == PEOPLE["operator"]]
        assert any("Folder Tidak ada (proof) tidak dapat dibaca" in text for text in alarms)
        office_.now += timedelta(minutes=11)
        office_.once()
        assert _to_user(smtp) == 2
        assert _outgoing(office_, "user_acknowledgement")["state"] == "accepted"


def test_a_server_out_of_reach_is_not_told_at_once_and_loses_nothing(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        raw = _uncertain(office_, smtp)
        servers.append(LPSE, raw, "Sent")
        servers.imap.kill()
        office_.now += timedelta(minutes=5)
        assert not office_.once()
        alarms = "SELECT 1 FROM warnings WHERE key = 'alarm:proof'"
        assert office_.rows(alarms) == []
        office_.now += timedelta(minutes=30)
        assert not office_.once()
        assert len(office_.rows(alarms)) == 1
        servers.imap.restart()
        assert office_.once()
        assert _to_user(smtp) == 1


def test_without_proof_configured_any_more_nothing_waits_for_it(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        _uncertain(office_, smtp)
        office_.config_file.write_text(office_.config_file.read_text().replace("folder: Sent", "folder: Lain"))
        written = office_.config_file.read_text()
        start = written.index("  proof:")
        end = written.index("\n  ", written.index("wait:", start))
        office_.config_file.write_text(written[:start] + "  proof: null" + written[end:])
        office_.now += timedelta(minutes=2)
        assert office_.once()
        assert _to_user(smtp) == 2


# --- the search ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "a b", 'a"', "a)", "a\r\nb", "<a@b>", "*", "%", "{3}", "a" * 300, "NIL\\", "ä"])
def test_nothing_but_a_word_of_ours_gets_into_the_command(servers: MailServers, word: str) -> None:
    endpoint = Endpoint("127.0.0.1", servers.imap_port, "none", username=LPSE, password=servers.password)
    with imap.connect(endpoint) as session:
        session.select("INBOX", readonly=True)
        with pytest.raises(ValueError, match="not to be searched for"):
            session.find("Message-ID", word)
        assert session.find("Message-ID", "00@batangkab.test") is None


# --- the daemon ------------------------------------------------------------------------------------------------------


def test_the_daemon_looks_while_it_sends_the_others(servers: MailServers, tmp_path: Path) -> None:
    office_ = RunningOffice(servers, tmp_path, proof={"folder": "Sent"}, imap={"poll": "1s"})
    with FaultySmtp(DEAD, [On("NEVER")], repeat=True) as smtp:
        _at(office_, smtp)
        with office_.running():
            office_.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
            wait_until(lambda: _to_user(smtp) == 1, 20, "the acknowledgement does not go out")
            office_.write("orang luar", "Kami juga tidak.", subject="Juga")
            wait_until(lambda: any("mallory" in m.recipients[0] for m in smtp.mails), 20, "another mail waits")
            assert _outgoing(office_, "user_acknowledgement")["recipient"] == PEOPLE["orang luar"]
            raw = next(mail.data for mail in smtp.mails if mail.recipients == [PEOPLE["pengguna"]])
            servers.append(LPSE, raw, "Sent")
            sql = "SELECT 1 FROM outbox WHERE answer = 'found in Sent' AND outcome_handled = 1"
            wait_until(lambda: bool(office_.rows(sql)), 20, "the proof is not found")
    assert _to_user(smtp) == 1


def test_a_stop_does_not_wait_for_a_search(servers: MailServers, tmp_path: Path) -> None:
    office_ = RunningOffice(servers, tmp_path, proof={"folder": "Sent"})
    with FaultySmtp(DEAD, [On("NEVER")], repeat=True) as smtp:
        _at(office_, smtp)
        with office_.running() as daemon:
            office_.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
            sql = "SELECT 1 FROM outbox WHERE proof_looked IS NOT NULL"
            wait_until(lambda: bool(office_.rows(sql)), 20, "nobody looks")
            daemon.stop()
            wait_until(lambda: daemon.stopped, 5, "the search holds up the end")
    assert [row["state"] for row in office_.rows("SELECT state FROM outbox WHERE proof <> ''")] == ["uncertain"]


def test_a_clock_that_is_set_back_does_not_keep_it_waiting(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        _uncertain(office_, smtp)
        store = Store.open(office_.config.data)
        later = to_text(office_.now + timedelta(days=30))
        with store.immediate():
            store.execute("UPDATE outbox SET proof_since = ?, proof_looked = ? WHERE proof <> ''", later, later)
        store.close()
        office_.now += timedelta(minutes=2)
        office_.once()
        office_.now += timedelta(minutes=2, seconds=1)
        assert office_.once()
        assert _to_user(smtp) == 2


def test_what_is_held_by_hand_is_looked_up_when_it_is_let_go(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp(DEAD) as smtp:
        raw = _uncertain(office_, smtp)
        servers.append(LPSE, raw, "Sent")
        store = Store.open(office_.config.data)
        decisions.hold(store, _outgoing(office_, "user_acknowledgement")["id"], office_.now)
        store.close()
        office_.now += timedelta(minutes=5)
        office_.once()
        row = _outgoing(office_, "user_acknowledgement")
        assert (row["state"], row["held"], row["proof"]) == ("uncertain", 1, "wanted")
        assert _to_user(smtp) == 1


def test_what_had_left_before_a_backup_was_put_back_is_looked_up_too(servers: MailServers, tmp_path: Path) -> None:
    office_ = World(servers, tmp_path, proof=SENT)
    with FaultySmtp() as smtp:
        _at(office_, smtp)
        smtp.close()
        office_.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
        assert not office_.once()
    servers.append(LPSE, bytes(_outgoing(office_, "user_acknowledgement")["raw"]), "Sent")
    store = Store.open(office_.config.data)
    with store.immediate():
        restored._doubt_outbox(store, office_.now)
    store.close()
    with FaultySmtp() as smtp:
        written = office_.config_file.read_text()
        office_.config_file.write_text(
            re.sub(r"(smtp:\n(?:      .*\n)*?      port: )[0-9]+", rf"\g<1>{smtp.port}", written)
        )
        office_.now += timedelta(minutes=5)
        office_.once()
        assert _to_user(smtp) == 0
        assert _outgoing(office_, "user_acknowledgement")["answer"] == "found in Sent"
