"""Mails that are hard to read, or read differently by others: threats 7, 24 to 28, and 48 to 50."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from mailbot.fetch import reader
from mailbot.masking import mask
from mailbot.parsers.commands import command_lines
from mailbot.parsers.forms import form
from mailbot.parsers.mime import html, subject
from mailbot.parsers.mime.message import parse
from mailbot.parsers.reply import quoted
from mailbot.parsers.robots import automatic, delivery
from mailbot.rules import reply_of_user
from mailbot.rules.lkpp.classify import classify
from mailbot.store import journal
from tests import quick
from tests.parsers.test_archives import declaring, packed
from tests.steps import data_requested, number, opened, templates
from tests.threats.ambiguous import ambiguous
from tests.threats.hostile import (
    BUDI,
    CANARY,
    EVIL,
    MIXED,
    SARI,
    arrive,
    parts,
    raw,
    says,
    says_canary,
    seen,
    states,
    ticket,
    to_outside,
    written,
)
from tests.world import LPSE, PEOPLE, PaperWorld


def _next_is_answered(office: PaperWorld) -> None:
    """Whatever came before it: an ordinary mail gets its acknowledgement in the same round."""
    before = len(office.letters("pengguna"))
    office.write("pengguna", f"Surat biasa nomor {before}.", subject="Biasa")
    office.once()
    assert templates(office.letters("pengguna")[before:]) == ["user_acknowledgement"]


def test_threat_07_a_mail_with_two_senders_commands_nothing_and_goes_on_to_nobody(strict: PaperWorld) -> None:
    notice = opened(strict)
    one = number(strict)
    insider = "anton@batangkab.test"  # no listed person, but his mail passes as Sari's does
    genuine = says("pass", "batangkab.test")
    order = f"#jawab {CANARY}\r\n"

    def mail(head: str | bytes, **more: str | None) -> bytes:
        lines = [genuine.encode(), head.encode() if isinstance(head, str) else head]
        return raw(*lines, sender=more.get("sender"), answers=notice, text=order)

    plain = raw(genuine, sender=SARI, answers=notice, text=order)
    mails = [
        mail(f"From: {insider}\r\nFrom: {SARI}"),
        mail(f"From: {SARI}\r\nFrom: {insider}"),
        mail(f"From: {SARI}\r\nfrom: {insider}"),
        mail(f"From : {SARI}\r\nFrom: {insider}"),
        mail(f"From: {insider}\r\nFrom : {SARI}"),
        mail(f"From\t: {SARI}", sender=insider),
        mail(f"From: {insider}\rFrom: {SARI}"),
        mail(f"From: {insider}\nFrom: {SARI}"),
        mail(f"X: y\rFrom: {SARI}", sender=insider),
        mail(f"From: {insider}\u0085From: {SARI}"),
        mail(f"From: {insider}\u2028From: {SARI}"),
        mail(f"From: {insider}\x0bFrom: {SARI}"),
        mail(f"From: {insider}\0\r\nFrom: {SARI}"),
        mail(f"\0From: {SARI}", sender=insider),
        mail(f"From:\r\n {SARI}\r\nFrom: {insider}"),
        mail(f"From: =?utf-8?q?x=0D=0AFrom=3A_{SARI}?= <{insider}>"),
        mail(f"Sender: {SARI}\r\nResent-From: {SARI}", sender=insider),
        b"\r\n" + plain,
        b" \r\n" + plain,
        b"X\r\n" + plain,
        plain.replace(b"\r\nTo:", b"\r\n \r\nTo:", 1).replace(SARI.encode(), insider.encode(), 1),
        plain.replace(b"\r\nFrom:", b"\r\n\r\nFrom:", 1),
    ]
    before = seen(strict, [one])
    arrive(strict, mails)
    assert seen(strict, [one]) == before
    assert says_canary(to_outside(strict)) == []
    assert {state for state in states(strict)} <= {"handled", "quarantined"}
    assert ticket(strict, one)["handler"] is None


# --- mails that cost --------------------------------------------------------------------------------


def _nested(levels: int) -> bytes:
    body = b"".join(b'--%d\r\nContent-Type: multipart/mixed; boundary="%d"\r\n\r\n' % (n, n + 1) for n in range(levels))
    return raw("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="0"', text=body)


def test_threat_24_a_mail_of_endless_parts_or_headers_is_quarantined_and_the_next_one_is_answered(
    office: PaperWorld,
) -> None:
    bombs = [
        _nested(21),
        _nested(3_000),
        raw(*MIXED, text=b"--X\r\n\r\na\r\n" * 100_000),
        raw(*MIXED, text=parts(*[("Content-Type: text/plain", "a")] * 201)),
        raw(*["X: y"] * 100_000),
        raw(*["X: y"] * 1_001),
        raw("X: " + "y" * 65_537),
        raw(*["X: " + "y" * 60_000] * 40),
    ]
    began = time.perf_counter()
    arrive(office, bombs)
    assert states(office) == ["quarantined"] * len(bombs)
    _next_is_answered(office)
    assert time.perf_counter() - began < 20
    told = [each for each in written(office, "recipient = ?", SARI) if each.template == "staff_quarantine"]
    assert len(told) == len(bombs)
    assert to_outside(office)[:-1] == []


def _quadratic() -> list[bytes]:
    """Headers that cost a common reader the square of their length."""
    return [
        raw("MIME-Version: 1.0", "Content-Type: text/plain" + ";" * 50_000),
        raw("MIME-Version: 1.0", "Content-Type: text/plain" + "; a*0*=b" * 6_000),
        raw("MIME-Version: 1.0", "Content-Disposition: attachment" + '; filename="' * 4_000),
        raw(to=", ".join(["a@b.test"] * 35_000)),
        raw(to="(" * 60_000),
        raw(sender="<" * 60_000),
        raw(sender='"' + "\\" * 60_000),
        raw(sender="a" * 30_000 + "@" * 30_000),
        raw(subject="=?utf-8?q?" * 6_000),
        raw(subject="=?" * 30_000),
        raw(subject="Re: " * 15_000),
        raw(subject="[LPSE-BTG-" * 6_000),
        raw("References: " + "<a@b> " * 10_000),
        raw("References: " + "<" * 60_000),
        raw("Authentication-Results: mx.batangkab.test; " + "(" * 60_000),
        raw("Authentication-Results: mx.batangkab.test; " + "a=b " * 2_000),
        raw("Received: from a by " + "b " * 30_000),
        raw("Date: " + "9" * 60_000),
        raw("Message-ID: <" + "a." * 30_000 + ">"),
        raw("Auto-Submitted: " + "(" * 60_000),
    ]


def test_threat_25_no_header_costs_more_than_a_moment(border: PaperWorld) -> None:
    slow = []
    for mail in _quadratic():
        border.drop(mail)
        reader.start()
        before = _children_seconds(border)
        took = quick.seconds(border.once) + (_children_seconds(border) - before) / quick.slowness()
        if took > 2.0:
            slow.append(mail[:60])
    assert slow == []
    assert "received" not in states(border)
    _next_is_answered(border)


def _children_seconds(office: PaperWorld) -> float:
    """Seconds of CPU of the process that reads, which is kept."""
    process = reader.take()
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100
    finally:
        reader.give_back(process)


def _endless(size: int) -> dict[str, str]:
    """Texts that keep a careless pattern busy, of about so many characters."""
    pieces = {
        "blanks": " ",
        "tabs": "\t \t",
        "empty lines": "\n",
        "angle brackets": "> ",
        "quotes in quotes": ">" * 500 + "\n",
        "dashes": "-",
        "underscores": "_",
        "stars": "* ",
        "commands": "#",
        "half commands": "#jawab",
        "tags": "[LPSE-BTG-2026-",
        "half attributions": "Pada Sen, 21 Des 2026 pukul ",
        "half attributions of others": "On Mon, Dec 21, 2026 at ",
        "headings": "From: a\nSent: b\n",
        "passwords": "password: ",
        "half passwords": "kata sandi ",
        "addresses": "a@",
        "dots": "a.",
        "links": "<a href=",
        "tags of HTML": "<div><b>",
        "comments of HTML": "<!--",
        "entities": "&#",
        "digits": "1234567890",
        "numbers": "1 2-3.4 ",
        "words": "telah selesai mohon ",
        "letters": "a",
        "colons": "Nama : : ",
        "soft breaks": "a=\n",
        "commas": ", ",
        "thanks": "terima kasih ",
    }
    return {name: piece * (size // len(piece)) for name, piece in pieces.items()}


def _readers(office: PaperWorld) -> dict[str, Callable[[str], object]]:
    """Everything that looks for something in the words of a mail."""
    site = office.site
    empty = parse(raw())

    def reads(text: str) -> object:
        new = quoted.new_text(text)
        return form.read_form(new.text, signature=new.closing, quoted=new.quoted)

    from dataclasses import replace

    def machine(text: str) -> object:
        message = replace(empty, text=text, subject=text[:2000])
        return automatic.automatic(message, [LPSE]), delivery.delivery_status(message)

    return {
        "quotations": quoted.new_text,
        "form": reads,
        "commands": command_lines.read,
        "subject": lambda text: (
            subject.base_subject(text, ["LPSE-BTG"]),
            subject.find_numbers(text, ["LPSE-BTG"]),
        ),
        "masking": mask,
        "classification": lambda text: classify(text, site.lkpp_phrases),
        "assent": lambda text: reply_of_user.bare_assent(text, site.user_phrases),
        "HTML": html.to_text,
        "machines": machine,
    }


def _slow(office: PaperWorld, size: int, limit: float) -> list[tuple[str, str, float]]:
    found = []
    for what, text in _endless(size).items():
        for name, run in _readers(office).items():
            took = quick.seconds(partial(run, text))
            if took > limit:  # once more: the first time a module may have been loaded
                took = quick.seconds(partial(run, text))
            if took > limit:
                found.append((name, what, round(took, 2)))
    return found


def test_threat_26_no_text_keeps_a_pattern_busy(office: PaperWorld) -> None:
    """What takes the square of the length would take seconds even for so little. So many characters have nearly as many
    words as a reply of LKPP that is read at all."""
    assert _slow(office, 13_000, 0.25) == []


@pytest.mark.long
def test_long_26_a_megabyte_of_any_text_is_read_in_seconds(office: PaperWorld) -> None:
    assert _slow(office, 1_000_000, 5.0) == []


def test_threat_27_a_mail_that_kills_its_reader_keeps_no_other_waiting(odd: None, office: PaperWorld) -> None:
    office.drop(raw(subject="CRASH", text="isi\r\n"))
    office.write("pengguna", "Surat biasa.")
    office.once()
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]
    for _ in range(journal.ATTEMPTS):
        office.now += journal.REST
        office.once()
    assert states(office) == ["quarantined", "handled"]
    assert templates(office.letters("petugas")).count("staff_quarantine") == 1
    reason = str(office.rows("SELECT reason FROM journal ORDER BY id")[0]["reason"])
    assert "gagal diolah 3 kali" in reason


def test_threat_28_an_archive_is_never_opened_and_a_bomb_is_quarantined(office: PaperWorld) -> None:
    request = data_requested(office)
    before = seen(office)

    def sending(name: str, data: bytes) -> bytes:
        file = f"Content-Type: application/zip\nContent-Disposition: attachment; filename={name}"
        text = ("Content-Type: text/plain", "Berikut datanya: kode tender 123456.")
        content = base64.encodebytes(data).replace(b"\n", b"\r\n")
        body = parts(text, (f"{file}\nContent-Transfer-Encoding: base64", content))
        return raw(*MIXED, sender=BUDI, answers=request, text=body)

    inner = packed(*((f"{n}.zip", b"PK") for n in range(16)))
    bombs = [
        ("42.zip", packed(*((f"lib {n}.zip", inner) for n in range(16)))),
        ("besar.zip", declaring(4_000_000_000, 40)),
        ("lebih.zip", declaring(1 << 44)),
        ("banyak.zip", declaring(10, 10_001)),
    ]
    began = time.perf_counter()
    arrive(office, [sending(name, data) for name, data in bombs])
    assert states(office)[-4:] == ["quarantined"] * 4
    assert seen(office) == before
    # One that nobody can look into waits for a person; of an ordinary one not a byte is changed.
    arrive(office, [sending("ganda.zip", packed(("dalam.zip", inner)))])
    assert templates(office.letters("lkpp")) == ["lkpp_escalation"]
    assert time.perf_counter() - began < 10
    ordinary = packed(("layar.txt", b"galat 500 " * 10))
    arrive(office, [sending("layar.zip", ordinary)])
    assert ordinary in [data for _, data in office.last("lkpp", "lkpp_additional_data").attachments]


# --- mails that others read differently ---------------------------------------------------------------


def test_threat_48_a_charset_smuggles_nothing_past_the_reader(free: PaperWorld) -> None:
    office = free
    script = "<script>alert(1)</script>"
    tricks: list[tuple[str, bytes]] = [
        ("utf-7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
        ("unicode-1-1-utf-7", b"+ADw-script+AD4-alert(1)"),
        ("utf-16", script.encode("utf-16")),
        ("utf-16le", script.encode("utf-16le")),
        ("utf-32", script.encode("utf-32")),
        ("utf-8", b"\xc0\xbcscript\xc0\xbealert(1)"),
        ("utf-8", b"\xe0\x80\xbcscript\xf0\x80\x80\xbe"),
        ("utf-8", b"\xed\xa0\x80\xed\xb0\x80 \xff\xfe"),
        ("iso-2022-jp", b"\x1b$B" + b"\x21\x21" * 10 + b"<script>"),
        ("iso-2022-cn-ext", b"\x1b$)A<script>"),
        ("hz-gb-2312", b"~{<script>~}"),
        ("x-user-defined", script.encode()),
        ("zlib", b"x\x9c\xb3)N.\xca,(\xb1K\xccI-*\xd10\xd4\xb4\xd1\x87s\x00e\xb1\x07\xf5"),
        ("rot13", b"<fpevcg>"),
        ("base64", base64.b64encode(script.encode())),
        ("punycode", b"<script>-"),
        ("idna", b"xn--a"),
        ("unicode_escape", b"\\x3cscript\\x3e"),
        ("tidak-ada", b"Tolong \xff\xfe " + script.encode()),
        ("utf-8\0", script.encode()),
        ("../../etc/passwd", script.encode()),
        ("", b"\xfe\xff\x00<\x00s"),
    ]
    mails = [
        raw(
            "MIME-Version: 1.0",
            f'Content-Type: text/{kind}; charset="{charset}"',
            "Content-Transfer-Encoding: base64",
            sender=f"u{n}@luar.test",
            subject=f"=?{charset}?b?{base64.b64encode(content).decode()}?= {n}",
            text=base64.encodebytes(content).replace(b"\n", b"\r\n"),
        )
        for n, (charset, content) in enumerate(tricks)
        for kind in (("plain", "html")[n % 2],)
    ]
    # Half a megabyte that would be four.
    mails.append(raw("MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-32", text=b"\0" * 500_000))
    arrive(office, mails)
    assert states(office).count("handled") == len(mails) - 2, "all are read, but for those with NUL"
    for each in written(office):
        assert "<script" not in each.html.lower()
        assert not any(0xD800 <= ord(c) < 0xE000 or ord(c) < 9 for c in each.text + each.subject)
    _next_is_answered(office)


_MARKED = "yang isinya tidak ada di dalam surat ini"


def test_threat_49_a_mail_in_pieces_or_elsewhere_is_neither_put_together_nor_fetched(office: PaperWorld) -> None:
    request = data_requested(office)
    escalation = len(office.letters("lkpp"))
    text = ("Content-Type: text/plain", "Berikut datanya: kode tender 123456.")
    pieces = [
        raw("MIME-Version: 1.0", f"Content-Type: message/partial; id=a; number={n}; total=2",
            sender=BUDI, answers=request, text=f"{half}\r\n")
        for n, half in enumerate(("Content-Type: text/plain\r\n\r\nKEN", "ARI"), start=1)
    ]  # fmt: skip
    elsewhere = [
        f"message/external-body; access-type={kind}; {more}"
        for kind, more in (
            ("URL", 'URL="http://127.0.0.1:1/a"'),
            ("anon-ftp", 'site="luar.test"; directory="/"; name="a"'),
            ("local-file", 'name="/etc/passwd"'),
            ("mail-server", f'server="{EVIL}"'),
        )
    ]
    arrive(office, pieces)
    arrive(
        office,
        [
            raw(*MIXED, sender=BUDI, answers=request, text=parts(text, (f"Content-Type: {kind}", "X: y\r\n\r\n")))
            for kind in elsewhere
        ],
    )
    assert len(office.letters("lkpp")) == escalation, "none of it goes on by itself"
    found = written(office)
    assert says_canary(found) == []
    assert not any(b"root:" in each.raw for each in found)
    assert EVIL not in {str(row["recipient"]) for row in office.rows("SELECT recipient FROM outbox")}
    marked = [each for each in written(office, "recipient = ?", SARI) if _MARKED in " ".join(each.text.split())]
    assert len(marked) == len(pieces) + len(elsewhere), "staff are told what it is"


def test_threat_50_what_two_programs_read_differently_goes_to_staff_alone(office: PaperWorld) -> None:
    request = data_requested(office)
    one = number(office)
    mails = list(ambiguous(request))
    assert len(mails) >= 50
    escaped = []
    for what, mail in mails:
        before = (len(office.letters("lkpp")), ticket(office, one)["status"])
        office.drop(mail)
        office.now += timedelta(minutes=10)
        office.once()
        if (len(office.letters("lkpp")), ticket(office, one)["status"]) != before:
            escaped.append(what)
    assert escaped == []
    assert says_canary(written(office, "recipient = ?", PEOPLE["lkpp"])) == []
    originals = [name for each in written(office, "recipient = ?", SARI) for name, _ in each.attachments]
    assert sum(".eml" in name for name in originals) >= len(mails), "they have the original, as a file"
    refused = [row["reason"] for row in office.rows("SELECT reason FROM journal WHERE state = 'quarantined'")]
    assert all(reason.startswith("pengirim tidak jelas") for reason in refused), "the others stand with their ticket"
    # The same words, written as everybody reads them, go on at once.
    arrive(office, [raw(sender=BUDI, answers=request, text=f"Berikut datanya: kode tender 123456. {CANARY}\r\n")])
    assert templates(office.letters("lkpp"))[-1] == "lkpp_additional_data"
