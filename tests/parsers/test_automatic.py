"""Machines and people: what is answered, what makes no ticket, and what delivery reports say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Attachment, Message
from mailbot.parsers.mime.message import parse
from mailbot.parsers.robots.acknowledgement import lkpp_acknowledgement, lkpp_number
from mailbot.parsers.robots.automatic import automatic, no_answer_reason, only_cc
from mailbot.parsers.robots.delivery import DeliveryStatus, delivery_status
from tests import TESTS

MAILS = TESTS / "fixtures" / "mails"
OWN = ("lpse@batangkab.go.id", "Helpdesk@batangkab.go.id")


def mail(name: str) -> Message:
    return parse((MAILS / f"{name}.eml").read_bytes())


def person(extra: str = "", text: str = "Mohon bantuan.", subject: str = "Tidak bisa masuk") -> Message:
    """A mail of an ordinary user, with further header lines."""
    extra = extra.replace("\n", "\r\n")
    base = f"From: andi@contoh.example\r\nTo: LPSE <lpse@batangkab.go.id>\r\nSubject: {subject}\r\n"
    body = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    return parse(f"{base}{extra}{body}".encode())


def unanswered(message: Message, own: Sequence[str]) -> str | None:
    return no_answer_reason(message, own, automatic(message, own))


def acknowledged(message: Message, pattern: str | None = None, prefixes: Sequence[str] = ()) -> str | None:
    return lkpp_acknowledgement(message, automatic(message, ()), pattern, prefixes)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bounce_postfix", "bounce"),
        ("bounce_gmail", "bounce"),
        ("bounce_exchange", "bounce"),
        ("bounce_exim", "bounce"),
        ("autoreply_zimbra", "autoreply"),
        ("autoreply_outlook_without_headers", "autoreply"),
        ("autoreply_away_subject", "autoreply"),
        ("lkpp_acknowledgement", "autoreply"),
        ("receipt_outlook", "receipt"),
        ("calendar_accepted", "calendar"),
        ("list_newsletter", "list"),
    ],
)
def test_a_machines_mail_is_known_and_never_answered(name: str, kind: str) -> None:
    found = automatic(mail(name), OWN)
    assert found is not None
    assert found.kind == kind
    assert found.reason.endswith(".")
    assert unanswered(mail(name), OWN) is not None


@pytest.mark.parametrize(
    "name",
    ["user_gmail_alternative", "user_outlook_related", "user_html_only", "user_8bit_headers", "user_flowed"],
)
def test_a_persons_mail_is_a_persons_and_may_be_answered(name: str) -> None:
    assert automatic(mail(name), OWN) is None
    assert unanswered(mail(name), OWN) is None


def test_mail_through_the_helpdesks_own_group_is_a_persons_but_is_not_answered() -> None:
    message = mail("list_own_google_group")
    assert automatic(message, OWN) is None
    assert "Precedence" in (unanswered(message, OWN) or "")


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ("Auto-Submitted: auto-generated\n", "autoreply"),
        ("Auto-Submitted: AUTO-REPLIED; x=y\n", "autoreply"),
        ("Auto-Submitted: sesuatu\n", "autoreply"),
        ("X-Autoreply: yes\n", "autoreply"),
        ("Precedence: auto_reply\n", "autoreply"),
        ("X-POST-MessageClass: 9; Autoresponder\n", "autoreply"),
        ("X-Failed-Recipients: x@y.example\n", "bounce"),
        ("Precedence: bulk\n", "list"),
        ("Precedence: junk\n", "list"),
        ("List-Unsubscribe: <mailto:x@y.example>\n", "list"),
        ("Auto-Submitted: no\n", None),
        ("X-Autoreply: no\n", None),
        ("X-Auto-Response-Suppress: All\n", None),
        ("List-Help: <mailto:x@y.example>\n", None),
        ("List-Id: <pokja.contoh.example>\n", None),
        ("Precedence: list\n", None),
        ("Precedence: normal\n", None),
        ("Return-Path: <>\n", None),
        ("Return-Path: <andi@contoh.example>\n", None),
        ("X-Mailbot-Template: user_answer\n", None),
    ],
)
def test_headers_tell_machines_from_people(extra: str, kind: str | None) -> None:
    found = automatic(person(extra), OWN)
    assert (found.kind if found else None) == kind


@pytest.mark.parametrize(
    "extra",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated\n",
        "X-Auto-Response-Suppress: OOF\n",
        "Precedence: bulk\n",
        "Precedence: List\n",
        "Precedence: junk\n",
        "List-Id: <pokja.contoh.example>\n",
        "List-Help: <mailto:x@y.example>\n",
        "list-archive: <https://x.example>\n",
        "Return-Path: <>\n",
        "Return-Path: < >\n",
        "X-Mailbot-Template: user_acknowledgement\n",
    ],
)
def test_the_never_answer_list_is_never_answered(extra: str) -> None:
    reason = unanswered(person(extra), OWN)
    assert reason
    assert "\n" not in reason


@pytest.mark.parametrize("extra", ["", "Auto-Submitted: no\n", "Precedence: normal\n", "Return-Path: <a@b.id>\n"])
def test_ordinary_mail_may_be_answered(extra: str) -> None:
    assert unanswered(person(extra), OWN) is None


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("MAILER-DAEMON@mail.example", "bounce"),
        ("no-reply@contoh.example", "noreply"),
        ("noreply@contoh.example", "noreply"),
        ("NoReply+123@contoh.example", "noreply"),
        ("spse-noreply@contoh.example", "noreply"),
        ("do-not-reply@contoh.example", "noreply"),
        ("donotreply@contoh.example", "noreply"),
        ("postmaster@contoh.example", None),
        ("lpse@batangkab.go.id", "own"),
        ("LPSE@BATANGKAB.GO.ID", "own"),
        ("helpdesk@batangkab.go.id", "own"),
    ],
)
def test_some_addresses_are_never_answered(sender: str, kind: str | None) -> None:
    message = parse(f"From: {sender}\r\nTo: lpse@batangkab.go.id\r\n\r\nisi".encode())
    found = automatic(message, OWN)
    assert (found.kind if found else None) == kind
    assert unanswered(message, OWN) is not None


@pytest.mark.parametrize("sender", ["noreplay.andi@contoh.example", "reply@contoh.example", "norepli@x.example"])
def test_addresses_that_only_resemble_those_are_answered(sender: str) -> None:
    assert unanswered(parse(f"From: {sender}\r\nTo: lpse@batangkab.go.id\r\n\r\nisi".encode()), OWN) is None


def test_a_mail_that_does_not_name_us_is_not_answered() -> None:
    hidden = parse(b"From: a@b.example\r\nTo: orang@lain.example\r\n\r\nisi")
    assert "alamat kami" in (unanswered(hidden, OWN) or "")
    assert automatic(hidden, OWN) is None


def test_a_discussion_list_that_does_not_name_us_is_a_machines() -> None:
    message = parse(b"From: a@b.example\r\nTo: milis@x.example\r\nList-Id: <milis.x.example>\r\n\r\nisi")
    found = automatic(message, OWN)
    assert found is not None and found.kind == "list"


def test_a_mail_without_one_clear_sender_is_not_answered() -> None:
    for head in (b"To: lpse@batangkab.go.id\r\n", b"From: a@b.id, c@d.id\r\nTo: lpse@batangkab.go.id\r\n"):
        assert unanswered(parse(head + b"\r\nisi"), OWN) is not None


@pytest.mark.parametrize(
    ("to", "cc", "expected"),
    [
        ("lpse@batangkab.go.id", "x@y.example", False),
        ("x@y.example", "LPSE@batangkab.go.id", True),
        ("lpse@batangkab.go.id", "helpdesk@batangkab.go.id", False),
        ("x@y.example", "z@y.example", False),
    ],
)
def test_only_in_cc_is_noticed(to: str, cc: str, expected: bool) -> None:
    message = parse(f"From: a@b.example\r\nTo: {to}\r\nCc: {cc}\r\n\r\nisi".encode())
    assert only_cc(message, OWN) is expected


@pytest.mark.parametrize(
    "subject",
    [
        "Balasan otomatis: Tidak bisa masuk",
        "Balasan Otomatis",
        "BALASAN OTOMATIS – cuti",
        "[EXTERNAL] Automatic reply: halo",
        "Automatic reply from Andi",
        "Out of office: halo",
        "Out of Office",
        "Out of the Office Re: halo",
        "Auto: halo",
        "Di luar kantor: halo",
        "Tidak di kantor",
        "[Auto-Reply] halo",
        "Jawaban otomatis: halo",
        "Otomatis: Re: halo",
    ],
)
def test_an_autoreply_without_headers_is_known_by_its_subject(subject: str) -> None:
    found = automatic(person(subject=subject, text="Saya kembali hari Senin."), OWN)
    assert found is not None and found.kind == "autoreply"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Balasan otomatis: Tidak bisa masuk", "Kapan dijawab?"),
        ("Balasan otomatis tidak saya terima", "Mohon dicek."),
        ("Auto logout terus", "Sistem keluar sendiri."),
        ("Cuti bersama apakah helpdesk buka?", "Mohon info."),
        ("Sistem out of office 365", "Tidak bisa."),
        ("Saya sedang cuti", "Akun saya terkunci, mohon dibuka."),
        ("Tidak bisa masuk", "Saya sedang dinas luar, mohon dibantu secepatnya."),
        ("Tidak bisa masuk", "Penawaran terkirim otomatis? Mohon penjelasan."),
        (
            "Re: halo",
            "Baik.\n\nPada 2 Nov 2026, LPSE <lpse@batangkab.go.id>\nmenulis:\nPesan ini dikirim otomatis.",
        ),
        ("Re: halo", "Baik.\n> Pesan ini dikirim otomatis, mohon tidak membalas."),
        ("Re: halo", "Baik.\n-----Pesan Asli-----\nEmail Anda telah kami terima dengan nomor 12"),
        ("Re: halo", "Baik.\nDari: LPSE\nDikirim: Senin\nPesan ini dikirim secara otomatis"),
        ("Otomatis: SPSE keluar sendiri", "Kenapa selalu keluar sendiri?"),
        ("Dibaca: pengumuman", "Pesan Anda sudah kami baca pada hari Senin. Data menyusul."),
        ("Re: halo", "Terima kasih, pesan Anda telah kami terima dan akan kami lengkapi besok."),
        ("Re: halo", "Thank you for contacting me. I have read your message and will reply tomorrow."),
        (
            "Re: halo",
            "Saya sedang cuti sampai 5 Januari dan tidak dapat membuka akun. Silakan hubungi staf saya, Rini. "
            "User ID kami CONTOH.",
        ),
    ],
)
def test_a_persons_words_about_machines_are_a_persons(subject: str, text: str) -> None:
    assert automatic(person(subject=subject, text=text), OWN) is None


@pytest.mark.parametrize(
    "text",
    [
        "Pesan ini dikirim otomatis, mohon tidak membalas.",
        "Email ini dikirimkan secara otomatis oleh sistem.",
        "Mohon untuk tidak membalas email ini.",
        "Terima kasih telah menghubungi Helpdesk LKPP. Email Anda telah kami terima dengan nomor 88123.",
        "Laporan Bapak/Ibu sudah diterima dengan nomor tiket A-1.",
        "This is an automated message.",
        "Terima kasih telah menghubungi kami. Pesan Anda telah kami terima dan akan kami balas dalam 1x24 jam kerja.",
    ],
)
def test_a_mail_that_calls_itself_automatic_is(text: str) -> None:
    found = automatic(person(text=f"Yth. Bapak/Ibu,\n\n{text}\n"), OWN)
    assert found is not None and found.kind == "autoreply"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Read: halo", "Your message\n\nTo: Budi\nSubject: halo\n\nwas read on Monday, 21 December 2026."),
        ("Not read: halo", "Your message was deleted without being read on Monday."),
        ("Dibaca: halo", "Pesan Anda telah dibaca pada Senin, 21 Desember 2026 10.12."),
        ("Tidak dibaca: halo", "Pesan Anda dihapus tanpa dibaca pada Senin."),
        (
            "Re: halo",
            "Saya sedang cuti melahirkan mulai 1 Desember 2026 hingga 28 Februari 2027. Selama periode tersebut saya"
            " tidak dapat mengakses email. Silakan hubungi rekan saya Dewi (dewi@kantor.example).",
        ),
    ],
)
def test_receipts_and_absence_notes_without_headers_are_known_by_what_comes_together(subject: str, text: str) -> None:
    found = automatic(person(subject=subject, text=text), OWN)
    assert found is not None and found.kind == "autoreply"


@pytest.mark.parametrize(
    ("text", "pattern", "number"),
    [
        ("Email Anda kami terima dengan nomor tiket LKPP-88123.", None, "LKPP-88123"),
        ("Tiket #12345 telah dibuat", None, "12345"),
        ("Nomor tiket Anda adalah: TTS/2026/11-9", None, "TTS/2026/11-9"),
        ("ticket number 7001", None, "7001"),
        ("no. tiket : abc-9", None, "ABC-9"),
        ("tiket akan kami proses", None, None),
        ("tiket 111 dan tiket 222", None, None),
        ("tiket 111, ulangi: tiket 111", None, "111"),
        ("Ref HD#2026-55", r"HD#(\d{4}-\d+)", "2026-55"),
        ("Ref HD#2026-55", r"HD#(?P<number>\d+)", "2026"),
        ("Ref HD2026", r"HD\d+", "HD2026"),
        ("", None, None),
    ],
)
def test_lkpps_number_is_read_where_there_is_exactly_one(text: str, pattern: str | None, number: str | None) -> None:
    assert lkpp_number(text, pattern) == number


def test_our_own_number_is_not_taken_for_lkpps() -> None:
    text = "Terkait tiket LPSE-BTG-2026-000123, nomor tiket kami: tiket 88."
    assert lkpp_number(text, None, ["LPSE-BTG"]) == "88"
    assert lkpp_number("tiket [LPSE-BTG-2026-000123]", None, ["LPSE-BTG"]) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Laporan Bapak/Ibu telah diterima dan tercatat dengan nomor tiket LP-2026-771.", "LP-2026-771"),
        ("Tiket Anda telah terdaftar dengan nomor 998877.", "998877"),
        ("Email ini dikirim otomatis. Nomor laporan Anda adalah: 20260305-0012", "20260305-0012"),
        ("Email ini dikirim otomatis. No. registrasi: REG/11/2026", "REG/11/2026"),
        ("Email ini dikirim otomatis. Nomor laporan: 111, nomor registrasi: 222", None),
        ("Email ini dikirim otomatis. Nomor laporan: LPSE-BTG-2026-000123", None),
        ("Email ini dikirim otomatis. Nomor laporan akan diberikan petugas.", None),
        ("Nomor laporan: 20260305-0012 sudah selesai kami tangani.", None),
    ],
)
def test_an_acknowledgement_names_its_number_in_several_ways(text: str, number: str | None) -> None:
    assert acknowledged(person(text=text), None, ["LPSE-BTG"]) == number


def test_lkpps_acknowledgement_gives_its_number() -> None:
    assert acknowledged(mail("lkpp_acknowledgement")) == "LKPP-88123"
    received = person(text="Email Anda telah kami terima dengan nomor 88-123. Mohon tidak membalas pesan ini.")
    assert acknowledged(received) == "88-123"
    assert acknowledged(person(text="Tiket LKPP-1 sudah selesai.")) is None


# --- delivery reports ----------------------------------------------------------------------------


def test_postfix_reports_each_recipient() -> None:
    gone, slow = delivery_status(mail("bounce_postfix"))
    assert gone == DeliveryStatus(
        "andi@perusahaan.example",
        "5.1.1",
        "failed",
        "550 5.1.1 <andi@perusahaan.example>: Recipient address rejected: User unknown",
        "<k3j2h1.ticket@batangkab.go.id>",
    )
    assert gone.hard
    assert (slow.recipient, slow.status, slow.action, slow.hard) == (
        "tunda@perusahaan.example",
        "4.4.1",
        "delayed",
        False,
    )


@pytest.mark.parametrize(
    ("name", "recipient", "status", "original"),
    [
        ("bounce_gmail", "tidak.ada@gmail.com", "5.1.1", "<gm1.ticket@batangkab.go.id>"),
        ("bounce_exchange", "helpdesk@lkpp.example", "5.2.2", "<ex1.ticket@batangkab.go.id>"),
        ("bounce_exim", "salah@contoh.example", "5.1.1", "<exim1.ticket@batangkab.go.id>"),
    ],
)
def test_other_servers_reports_are_read_too(name: str, recipient: str, status: str, original: str) -> None:
    [found] = delivery_status(mail(name))
    assert (found.recipient, found.status, found.action) == (recipient, status, "failed")
    assert found.original_message_id == original
    assert found.final
    assert found.hard is (status != "5.2.2")  # a mailbox that is full may be emptied (RFC 3463 §3.3)
    assert found.diagnostic


def test_a_report_without_the_returned_mail_is_matched_by_what_it_replies_to() -> None:
    raw = (MAILS / "bounce_exchange.eml").read_bytes()
    [found] = delivery_status(parse(raw.replace(b"text/rfc822-headers", b"application/x-lain")))
    assert found.original_message_id == "<ex1.ticket@batangkab.go.id>"


@pytest.mark.parametrize(
    ("fields", "status", "action", "hard"),
    [
        ("Action: failed\nStatus: 5.7.1 (blocked)", "5.7.1", "failed", True),
        ("Action: failed\nDiagnostic-Code: smtp; 552 5.2.2 full", "5.2.2", "failed", False),
        ("Action: failed\nDiagnostic-Code: smtp; 550 no such user", "5.1.1", "failed", True),
        ("Action: failed\nDiagnostic-Code: smtp; 550 failed", "5.0.0", "failed", True),
        ("Action: failed\nStatus: 4.4.7", "4.4.7", "failed", False),
        ("Action: failed", "5.0.0", "failed", True),
        ("Action: Delayed", "4.0.0", "delayed", False),
        ("Action: delivered\nStatus: 2.0.0", "2.0.0", "delivered", False),
        ("Status: 5.1.1", "5.1.1", "failed", True),
        ("Action: relayed\nStatus: 2.0.0", "2.0.0", "relayed", False),
    ],
)
def test_status_and_action_are_completed_from_each_other(fields: str, status: str, action: str, hard: bool) -> None:
    data = f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; <X@y.example>\n{fields}\n".encode()
    report = Attachment("x", "message/delivery-status", data, "")
    message = Message(headers=(), subject="", from_=(), attachments=(report,))
    [found] = delivery_status(message)
    assert (found.recipient, found.status, found.action, found.hard) == ("x@y.example", status, action, hard)


def test_a_persons_mail_reports_nothing() -> None:
    assert delivery_status(mail("user_gmail_alternative")) == ()


@settings(max_examples=200)
@given(st.binary(max_size=300), st.text(max_size=200), st.text(max_size=60))
def test_no_report_text_or_subject_breaks_anything(data: bytes, text: str, subject: str) -> None:
    parts = tuple(
        Attachment("x", kind, data, "") for kind in ("message/delivery-status", "message/rfc822", "text/calendar")
    )
    message = Message(
        headers=(("Auto-Submitted", text), ("X-Failed-Recipients", text)),
        subject=subject,
        from_=(),
        text=text,
        attachments=parts,
    )
    automatic(message, OWN)
    assert unanswered(message, OWN)
    assert all(status.action for status in delivery_status(message))
    acknowledged(message)


def test_a_megabyte_of_hostile_text_takes_a_moment() -> None:
    for unit in ("Pada ", "tiket ", "Email Anda ", "\n", " ", "> ", "no tiket : "):
        text = unit * (1_000_000 // len(unit))
        message = Message(headers=(("X-Failed-Recipients", text),), subject=text, from_=(), text=text)
        automatic(message, OWN)
        lkpp_number(text)
        delivery_status(message)
