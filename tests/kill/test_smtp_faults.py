"""Every fault of an SMTP server at every moment: nothing is dropped, nothing loops, and what may have arrived goes out
again with the same Message-ID only.

The servers are `smtp-sink` of Postfix, which refuses, hangs up or waits at a command, a scripted one where it cannot,
and a healthy one behind a line that is cut at a byte of the dialogue. What is owed is handed to a healthy server
afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.clock import RehearsalClock
from mailbot.config.site import Site
from mailbot.delivery import account, decisions, outcomes
from mailbot.delivery.proof import Search
from mailbot.delivery.sender import Delivery, Sender
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.smtp import Submitter, Timeouts
from mailbot.store import outbox
from mailbot.store.database import to_instant, to_text
from tests.mailservers import MailServers
from tests.mailservers.faulty import ANSWER, FaultySmtp, On, pause
from tests.mailservers.process import Daemon, free_ports
from tests.mailservers.proxy import CLIENT, SERVER, Proxy, cut, swallow
from tests.world import NO_CAPS, PEOPLE, PaperWorld, letter

SINK = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"
QUICK = Timeouts(connect=1.0, command=1.0, block=1.0, dot=1.0, quit=0.2)
USER = PEOPLE["pengguna"]


class _Office(PaperWorld):
    """An office whose outbox is sent for real, to whatever server a test names."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        super().__init__(folder, limits=NO_CAPS, **changes)
        self.max_size = 10_000_000
        self.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
        Intake(self.store, self.site, ["LPSE-BTG"]).handle_waiting(self.now)
        with self.store.immediate():  # one mail is enough
            self.store.execute("UPDATE outbox SET state = 'cancelled' WHERE recipient <> ?", USER)

    def site_at(self, port: int) -> Site:
        config = self.site.config
        smtp = config.smtp.model_copy(update={"port": port, "max_size": self.max_size})
        return replace(self.site, config=config.model_copy(update={"smtp": smtp}))

    def send(self, port: int, timeouts: Timeouts = QUICK) -> Delivery:
        """One pass of the sender at the present time, after what a dead one has left."""
        site = self.site_at(port)
        outbox.recover(self.store, site, self.now)

        async def run() -> Delivery:
            async with Submitter(Endpoint("127.0.0.1", port, "none"), "batangkab.test", timeouts) as connection:
                way, clock = account.of(site), _Clock(self)
                one = Sender(
                    self.store,
                    way,
                    clock,
                    lambda row: outcomes.settled(self.store, site, row, self.now),
                    lambda answer: outcomes.no_proof(self.store, site, answer, self.now),
                )
                return await one.send_due(connection, self.now, lambda: False)

        return asyncio.run(run())

    def drain(self, port: int, passes: int = 3) -> None:
        """What still waits, to a healthy server, an hour a pass."""
        for _ in range(passes):
            self.now += timedelta(hours=1, minutes=10)
            self.send(port)

    @property
    def row(self) -> Any:
        [row] = self.sent("recipient = ? AND template = 'user_acknowledgement'", USER)
        return row

    def requeue(self, raw: bytes | None = None) -> None:
        """As if it had just been written."""
        with self.store.immediate():
            at = to_text(self.now)
            self.store.execute(
                "UPDATE outbox SET state = 'queued', phase = '', attempts = 0, next_try_at = ?, created_at = ?,"
                " outcome_handled = 0, proof = '', deferred = 0, accepted_at = NULL WHERE id = ?",
                at,
                at,
                self.row["id"],
            )
            if raw is not None:
                self.store.execute("UPDATE outbox_bytes SET raw = ?, packed = 0 WHERE id = ?", raw, self.row["id"])


class _Clock(RehearsalClock):
    """The office's own time."""

    def __init__(self, office: _Office) -> None:
        super().__init__(office.now)
        self._office = office

    def now(self) -> datetime:
        return self._office.now


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[_Office]:
    office = _Office(tmp_path)
    yield office
    office.store.close()


@contextmanager
def sink(folder: Path, *options: str) -> Iterator[int]:
    if not Path(SINK).exists():
        pytest.skip("smtp-sink is not installed (Debian: postfix)")
    [port] = free_ports(1)
    as_root = ["-u", "nobody"] if os.geteuid() == 0 else []
    daemon = Daemon([SINK, *as_root, *options, f"127.0.0.1:{port}", "20"], ports=[port], log=folder / "sink.log")
    daemon.start()
    try:
        yield port
    finally:
        daemon.kill()


def _healthy_end(paper: _Office) -> int:
    """How often the user has the mail after a healthy server was there again."""
    with FaultySmtp() as smtp:
        paper.drain(smtp.port)
        mails = [mail for mail in smtp.mails if mail.recipients == [USER]]
    assert all(mail.data == bytes(paper.row["raw"]) for mail in mails), "other bytes"
    return len(mails)


# --- a server that refuses, hangs up, or waits ------------------------------------------------------------

COMMANDS = ("EHLO", "MAIL", "RCPT", "DATA", ".")
NOT_FOR_GOOD = {"-r": "refuses for now", "-q": "hangs up", "-Q": "says 421 and hangs up"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", NOT_FOR_GOOD)
def test_what_is_not_refused_for_good_is_not_dropped(paper: _Office, tmp_path: Path, option: str, command: str) -> None:
    with sink(tmp_path, option, command) as port:
        for _ in range(2):
            assert not paper.send(port).complete
            assert paper.row["state"] == ("uncertain" if (option, command) == ("-q", ".") else "queued")
            assert to_text(paper.now) < paper.row["next_try_at"] or command == "EHLO", "at once, over and over"
            paper.now += timedelta(minutes=5)
    assert _healthy_end(paper) == 1
    assert paper.row["state"] == "accepted"


@pytest.mark.parametrize(
    ("command", "reply", "state"),
    [
        ("EHLO", "554 5.3.2 no service", "queued"),  # the server's fault
        ("MAIL", "550 5.7.1 not this account", "queued"),  # ours: held
        ("RCPT", "550 5.1.1 no such user", "bounced"),
        ("DATA", "554 5.6.0 not such a mail", "bounced"),
        (".", "554 5.6.0 not such a mail", "bounced"),
    ],
)
def test_what_is_refused_for_good_is_not_sent_again_and_a_refused_account_loses_nothing(
    paper: _Office, tmp_path: Path, command: str, reply: str, state: str
) -> None:
    with sink(tmp_path, "-B", reply, "-f", command) as port:
        for _ in range(3):
            paper.send(port)
            paper.now += timedelta(minutes=10)
    assert paper.row["state"] == state
    assert _healthy_end(paper) == (1 if state == "queued" else 0)
    if state == "bounced":
        assert paper.row["attempts"] == 1
        assert paper.rows("SELECT 1 FROM outbox WHERE template = 'staff_undeliverable'"), "staff do not know"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_takes_too_long_is_given_up_and_only_behind_the_dot_may_it_have_the_mail(
    paper: _Office, tmp_path: Path, command: str
) -> None:
    with sink(tmp_path, "-W", f"{command}:5") as port:
        delivery = paper.send(port, Timeouts(connect=0.2, command=0.2, block=0.2, dot=0.2, quit=0.1))
    assert not delivery.complete
    assert paper.row["state"] == ("uncertain" if command == "." else "queued")
    assert _healthy_end(paper) == 1


def test_a_server_that_breaks_off_in_the_message_with_a_refusal_is_heard(paper: _Office, tmp_path: Path) -> None:
    with sink(tmp_path, "-A", "0") as port:
        paper.requeue(b"Subject: besar\r\n\r\n" + b"0123456789\r\n" * 400_000)
        paper.send(port)
    assert paper.row["state"] in ("bounced", "queued"), (
        "a 550, or, if the connection went first, nothing was handed over"
    )
    assert paper.row["attempts"] == 1


@pytest.mark.parametrize(
    ("delay", "patience"),
    [(1, 3.0), pytest.param(300, 600.0, marks=[pytest.mark.long, pytest.mark.timeout(400)])],
)
def test_an_answer_to_the_dot_may_take_as_long_as_the_rfc_allows(
    paper: _Office, tmp_path: Path, delay: int, patience: float
) -> None:
    """RFC 5321 §4.5.3.2.6: who gives up earlier sends again what has arrived. smtp-sink hangs up after 100 seconds."""
    assert Timeouts().dot == 600.0
    quick = Timeouts(connect=0.5, command=0.5, block=0.5, dot=patience, quit=0.2)
    with FaultySmtp([On("EOD", pause(delay), ANSWER)]) as smtp:
        assert paper.send(smtp.port, quick).complete
        assert len(smtp.mails) == 1
    if delay < 100:
        paper.requeue()
        with sink(tmp_path, "-W", f".:{delay}") as port:
            assert paper.send(port, quick).complete
    assert (paper.row["state"], paper.row["attempts"]) == ("accepted", 1)
    assert _healthy_end(paper) == 0


# --- a recipient, an account, a duplicate ------------------------------------------------------------------


def test_a_refusal_for_now_tries_ever_more_seldom_and_ends_after_five_days(paper: _Office) -> None:
    tries = []
    with FaultySmtp([On("RCPT TO:<budi", "450 4.2.0 busy", times=500)], repeat=True) as smtp:
        end = paper.now + timedelta(days=6)
        began = paper.now
        while paper.now < end and paper.row["state"] == "queued":
            before = paper.row["attempts"]
            paper.send(smtp.port)
            if paper.row["attempts"] > before or paper.row["state"] != "queued":
                tries.append((paper.now - began).total_seconds() / 60)
            due = paper.row["next_try_at"]
            paper.now = max(paper.now + timedelta(seconds=1), to_instant(due))
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    for gap, wanted in zip(gaps, (1, 2, 4, 8, 15, 30, 60, 60), strict=False):
        assert 0.9 * wanted <= gap <= 1.1 * wanted + 0.1, gaps[:8]
    assert paper.row["state"] == "bounced"
    assert 5 * 24 * 60 <= tries[-1] <= 5 * 24 * 60 + 70
    kinds = {row["template"] for row in paper.rows("SELECT template FROM outbox WHERE id > ?", paper.row["id"])}
    assert {"staff_undeliverable", "operator_alarm"} <= kinds


def test_a_recipient_who_is_busy_is_left_alone_with_all_his_mails_and_others_are_served(paper: _Office) -> None:
    for matter in ("Jadwal berubah sendiri", "Tidak dapat mengunggah penawaran", "Lupa alamat kantor"):
        paper.write("pengguna", f"{matter}, mohon bantuan.", subject=matter)
    paper.write("orang luar", "Saya juga.", subject="Juga")
    Intake(paper.store, paper.site, ["LPSE-BTG"]).handle_waiting(paper.now)
    with FaultySmtp([On("RCPT TO:<budi", "450 4.2.0 busy", times=50)], repeat=True) as smtp:
        for _ in range(4):
            paper.send(smtp.port)
            paper.now += timedelta(seconds=10)
        asked = [command for command in smtp.commands if command.startswith(b"RCPT TO:<budi")]
        assert len(asked) == 1, "once a minute at most, whichever of his mails"
        assert any(mail.recipients == [PEOPLE["orang luar"]] for mail in smtp.mails)
        paper.now += timedelta(minutes=1)
        paper.send(smtp.port)
        assert len([command for command in smtp.commands if command.startswith(b"RCPT TO:<budi")]) == 2
    with FaultySmtp() as smtp:
        paper.drain(smtp.port)
        assert sum(mail.recipients == [USER] for mail in smtp.mails) == 4


def test_a_refusal_by_policy_holds_while_it_may_be_about_us_and_ends_when_others_are_served(paper: _Office) -> None:
    script = [On("RCPT TO:<budi", "550 5.7.1 not allowed", times=50)]
    with FaultySmtp(script, repeat=True) as smtp:
        for _ in range(8):
            paper.send(smtp.port)
            paper.now += timedelta(hours=1, minutes=10)
        assert paper.row["state"] == "queued", "nobody else was served: it may be our account"
        paper.write("orang luar", "Saya juga.", subject="Juga")
        Intake(paper.store, paper.site, ["LPSE-BTG"]).handle_waiting(paper.now)
        paper.send(smtp.port)
        paper.now += timedelta(minutes=66)  # an hour's rest may be a tenth longer, and no more
        paper.send(smtp.port)
    assert paper.row["state"] == "bounced"


def test_a_duplicate_that_the_server_knows_has_been_accepted(paper: _Office) -> None:
    reply = "550 5.2.0 STOREDRV.Submission.Exception:DuplicateDeliveryException; MapiExceptionDuplicateDelivery"
    with FaultySmtp([On("EOD", reply)]) as smtp:
        assert paper.send(smtp.port).complete
    assert paper.row["state"] == "accepted"


# --- a mail that is too large ------------------------------------------------------------------------------


FILE = ("gambar besar.png", b"\x89PNG" + bytes(range(256)) * 800)


@pytest.mark.parametrize("how", ["SIZE", "MAIL", "EOD", "max_size"])
def test_a_mail_that_is_too_large_goes_again_without_its_files_and_names_them(tmp_path: Path, how: str) -> None:
    paper = _Office(tmp_path)
    with paper.store.immediate():
        paper.store.execute("UPDATE outbox SET state = 'queued'")
    with FaultySmtp() as smtp:
        paper.send(smtp.port)
    paper.write("petugas", "#info\nTerlampir panduannya.", answers=paper.last("petugas"), files=[FILE])
    Intake(paper.store, paper.site, ["LPSE-BTG"]).handle_waiting(paper.now)
    paper.now += timedelta(minutes=5)
    if how == "max_size":
        paper.max_size = 200_000
    script = {"MAIL": [On("MAIL.*SIZE", "552 5.3.4 too big")], "EOD": [On("EOD", "552 5.3.4 too big")]}.get(how, [])
    if how == "EOD":
        script = [On("RCPT TO:<budi"), On("EOD", "552 5.3.4 too big")]
    if how == "MAIL":
        script = [On("MAIL FROM:<lpse@batangkab.test> SIZE=2", "552 5.3.4 too big")]
    extensions = ("SIZE 200000", "8BITMIME") if how == "SIZE" else ("SIZE 90000000", "8BITMIME")
    with FaultySmtp(script, extensions=extensions) as smtp:
        paper.send(smtp.port)
        assert not smtp.missed
        got = [mail for mail in smtp.mails if mail.recipients == [USER]]
    first, second = paper.sent("template = 'user_info'")
    assert (first["state"], second["state"], first["outcome_handled"]) == ("failed", "accepted", 1)
    assert first["message_id"] != second["message_id"]
    assert got[-1].data == bytes(second["raw"])
    small = letter(got[-1].data)
    assert small.attachments == []
    for text in (small.text, small.html):
        assert FILE[0] in text
        assert hashlib.sha256(FILE[1]).hexdigest() in text.replace("\n", "")
        assert "Terlampir panduannya." in text
    assert small.message["In-Reply-To"] == letter(bytes(first["raw"])).message["In-Reply-To"]
    kinds = [row["template"] for row in paper.rows("SELECT template FROM outbox WHERE id > ?", first["id"])]
    assert "staff_undeliverable" in kinds
    assert "operator_alarm" in kinds
    assert paper.rows("SELECT user_unreachable AS gone FROM tickets")[0]["gone"] == 0, "he was reached"
    paper.store.close()


def test_a_mail_whose_file_is_gone_from_the_disk_is_told_to_staff_and_the_others_leave(tmp_path: Path) -> None:
    paper = _Office(tmp_path)
    paper.write("orang luar", "Layarnya terlampir.", subject="Layar", files=[FILE])
    Intake(paper.store, paper.site, ["LPSE-BTG"]).handle_waiting(paper.now)
    [part] = (paper.config.data / "raw").glob("*.part")
    part.unlink()
    with FaultySmtp() as smtp:
        paper.send(smtp.port)
        paper.send(smtp.port)
        got = {recipient for mail in smtp.mails for recipient in mail.recipients}
    states = {row["template"]: row["state"] for row in paper.rows("SELECT template, state FROM outbox WHERE id > 3")}
    assert states["staff_new_ticket"] == "bounced"
    assert {USER, PEOPLE["orang luar"]} <= got
    assert states["staff_undeliverable" if "staff_undeliverable" in states else "operator_alarm"] == "accepted"
    [row, *_] = paper.rows("SELECT answer FROM outbox WHERE state = 'bounced'")
    assert "attachment is gone" in row["answer"]
    paper.store.close()


def test_a_too_large_mail_that_is_tried_again_by_hand_is_not_replaced_twice(paper: _Office) -> None:
    with paper.store.immediate():
        paper.store.execute("UPDATE outbox SET state = 'queued'")
    with FaultySmtp() as smtp:
        paper.send(smtp.port)
    paper.write("petugas", "#info\nTerlampir.", answers=paper.last("petugas"), files=[FILE])
    Intake(paper.store, paper.site, ["LPSE-BTG"]).handle_waiting(paper.now)
    paper.now += timedelta(minutes=5)
    with FaultySmtp(extensions=("SIZE 200000", "8BITMIME")) as smtp:
        for _ in range(2):
            paper.send(smtp.port)
            first, second = paper.sent("template = 'user_info'")
            assert (first["state"], second["state"], first["outcome_handled"]) == ("failed", "accepted", 1)
            decisions.retry(paper.store, int(first["id"]), paper.now)


# --- a line that is cut ------------------------------------------------------------------------------------

SMALL = (
    b"From: lpse@batangkab.test\r\nSubject: kecil\r\nMessage-ID: <1@batangkab.test>\r\n\r\n" + b"0123456789\r\n" * 40
)


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_a_line_cut_at_any_byte_loses_nothing_and_copies_only_what_had_arrived(paper: _Office, whole: bool) -> None:
    """Every 64th byte of the dialogue, from the greeting to the goodbye; and each one around the final dot."""
    raw = bytes(paper.row["raw"]) if whole else SMALL
    cuts = copies = 0
    with FaultySmtp() as smtp, Proxy(smtp.port) as proxy:
        paper.requeue(raw)
        paper.send(proxy.port)
        length = proxy.lines[0].passed
        assert paper.row["state"] == "accepted"
        for where in (*range(0, length, 64), *range(length - 60, length)):
            smtp.mails.clear()
            paper.requeue(raw)
            proxy.next(cut(where))
            paper.send(proxy.port)
            smtp.settle()
            arrived, state = len(smtp.mails), paper.row["state"]
            assert arrived <= 1
            assert state in ("queued", "uncertain", "accepted")
            assert state != "accepted" or arrived, f"cut at {where}: it never arrived"
            assert state != "queued" or not arrived, f"cut at {where}: it has arrived and nobody says so"
            if state != "accepted":
                paper.now += timedelta(minutes=2)
                assert paper.send(proxy.port).complete
            assert len(smtp.mails) == arrived + (state != "accepted")
            assert all(mail.data == smtp.mails[0].data for mail in smtp.mails)
            assert paper.row["state"] == "accepted"
            cuts, copies = cuts + 1, copies + len(smtp.mails) - 1
    print(f"{cuts} cuts of a dialogue of {length} bytes: 0 lost, {copies} copies with the same Message-ID")
    assert 0 < copies <= 30, "only between the dot and the end of its answer"


@pytest.mark.mailservers
@pytest.mark.parametrize("step", [1024, pytest.param(64, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_with_proof_a_line_cut_at_any_byte_makes_no_copy_at_all(
    servers: MailServers, tmp_path: Path, step: int
) -> None:
    """Against Postfix and Dovecot; behind the dot too, where the answer gets lost."""
    proof = {"bcc": "lpse+proof@batangkab.test", "folder": "proof", "wait": "1s"}
    paper = _Office(tmp_path, proof=proof, imap={"port": servers.imap_port})
    (tmp_path / "password").write_text(servers.password)
    raw = bytes(paper.row["raw"])
    raw = raw[: raw.index(b"MIME-Version:")] + b"\r\n" + b"0123456789\r\n" * 100
    faults = []
    with Proxy(servers.smtp_port) as proxy:
        paper.requeue(raw)
        paper.send(proxy.port)
        length = proxy.lines[0].passed
        faults = [cut(where) for where in range(0, length, step)]
        faults += [swallow(b"\r\n.\r\n", of=CLIENT, what=SERVER), cut(b"\r\n.\r\n", of=CLIENT)]
        for number, fault in enumerate(faults):
            own = f"{number:032x}"
            with paper.store.immediate():
                paper.store.update("outbox", paper.row["id"], message_id=f"<{own}@batangkab.test>")
            paper.requeue(_renamed(raw, own))
            proxy.next(fault)
            paper.send(proxy.port)
            site = paper.site_at(proxy.port)
            for _ in range(2):
                Search(paper.store, site, _Clock(paper)).run(3.0, _sleep)
                paper.now += timedelta(minutes=2)
                paper.send(proxy.port)
            assert paper.row["state"] == "accepted", fault
            paper.now += timedelta(hours=1)
    servers.settle()
    found = [bytes(one) for one in servers.messages(USER)]
    ids = [_id(one) for one in found]
    print(f"{len(faults)} faults on a dialogue of {length} bytes: {len(ids) - len(set(ids))} copies")
    assert len(ids) == len(set(ids)) == len(faults) + 1
    paper.store.close()


def _sleep(seconds: float) -> bool:
    time.sleep(min(seconds, 0.3))
    return False


def _renamed(raw: bytes, own: str) -> bytes:
    return re.sub(rb"[0-9a-f]{32}(@batangkab|\r\nX-Mailbot-Template)", own.encode() + rb"\1", raw)


def _id(raw: bytes) -> bytes:
    found = re.search(rb"Message-ID: <([^>]+)>", raw)
    return found[1] if found else b""
