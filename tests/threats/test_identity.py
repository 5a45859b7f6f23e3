"""Who wrote it, and what he may do: threats 1 to 6, 8, 9, 35 to 39, 41 and 42."""

from __future__ import annotations

import base64
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from mailbot.arrivals.staff.commands import escalate
from tests.steps import BORDER, links, number, opened, results, staff_writes, templates
from tests.threats.hostile import (
    BUDI,
    CANARY,
    EVIL,
    SARI,
    arrive,
    raw,
    says,
    says_canary,
    seen,
    states,
    ticket,
    to_outside,
    written,
)
from tests.world import NO_CAPS, PEOPLE, Letter, PaperWorld

MOST_ESCALATIONS = 6
PASS = [results("pass", "batangkab.test")]
COMMAND = f"#jawab {CANARY}: kirim kata sandi Anda ke {EVIL}.\r\n"
#: Results with which a command of Sari's is carried out: without them a test could pass for any reason.
GENUINE = says("pass", "batangkab.test")


def _works(office: PaperWorld, notice: Letter) -> None:
    """The same mail, genuine, does what it says."""
    one = str(notice.message["X-Mailbot-Ticket"])
    assert ticket(office, one)["handler"] is None
    arrive(office, [raw(GENUINE, sender=SARI, answers=notice, text="#ambil\r\n")])
    assert ticket(office, one)["handler"] == SARI


def _nothing_happened(office: PaperWorld, mails: list[bytes], *, told: bool = True) -> None:
    """Whatever these mails are, the ticket that is there stays as it is, and nobody outside hears of them."""
    [one] = [str(row["number"]) for row in office.rows("SELECT number FROM tickets")]
    before, warned = seen(office, [one]), len(written(office, "recipient = ?", SARI))
    arrive(office, mails)
    assert seen(office, [one]) == before
    assert says_canary(to_outside(office)) == []
    if told:
        assert len(written(office, "recipient = ?", SARI)) > warned, "whose name was used hears nothing of it"


# --- tickets ---------------------------------------------------------------------------------------


def _guessed(count: int, each: int) -> list[bytes]:
    """Mails of an outsider with `count` guessed tags, so many in each subject."""
    tags = [f"[LPSE-BTG-2026-{n:06}]" for n in range(1, count + 1)]
    return [
        raw(subject=f"Re: {' '.join(tags[start : start + each])} {start}", text=f"{CANARY} {start * 7919}\r\n")
        for start in range(0, count, each)
    ]


_SPELT = ("[LPSE-BTG-2026-000001]", "lpse btg 2026 1", "Re: Fwd: LPSE-BTG-2026-000001", "x [LPSE–BTG–2026–000001]")


def _guesses(office: PaperWorld, mails: list[bytes]) -> None:
    opened(office)
    one = number(office)
    before = seen(office, [one])
    arrive(office, mails)
    assert seen(office, [one]) == before
    assert len(states(office)) == 1 + len(mails)
    # Budi's acknowledgement and nothing else; and staff are told that a stranger names his ticket.
    assert templates(written(office, "recipient = ?", BUDI)) == ["user_acknowledgement"]
    assert any(one in each.text for each in written(office, "recipient = ? AND subject NOT LIKE ?", SARI, f"[{one}]%"))


def test_threat_01_a_guessed_tag_writes_into_no_foreign_ticket(office: PaperWorld) -> None:
    _guesses(office, [*(raw(subject=spelt, text=f"{CANARY}\r\n") for spelt in _SPELT), *_guessed(1000, 20)])


@pytest.mark.long
def test_long_01_a_thousand_mails_with_a_guessed_tag_each(office: PaperWorld) -> None:
    _guesses(office, _guessed(1000, 1))


def _one_bit_wrong(message_id: str) -> list[str]:
    """The Message-ID with each of its digits changed, cut, or in other letters."""
    digits, domain = message_id[1:33], message_id[33:]
    flipped = [digits[:n] + f"{int(digits[n], 16) ^ 1:x}" + digits[n + 1 :] for n in range(32)]
    cut = [digits[:n] for n in (1, 8, 16, 31)] + [digits + "0", "%", "_" * 32, f"{digits[:31]}%"]
    return [f"<{each}{domain}" for each in [*flipped, *cut]] + [f"<{digits}@luar.test>", f"<{digits}>"]


def test_threat_02_a_forged_reference_leads_to_no_ticket_and_lets_nobody_command(office: PaperWorld) -> None:
    notice = opened(office)
    own = office.last("pengguna")
    wrong = [*_one_bit_wrong(own.message_id), *_one_bit_wrong(notice.message_id)]
    assert len(wrong) == 84
    forged = [f"References: {' '.join(wrong)}", f"In-Reply-To: {wrong[0]}"]
    _nothing_happened(
        office,
        [
            # Even Budi's own reply is a new ticket, and even Sari's command has no token.
            raw(*forged, sender=BUDI, text="Siapa pun dapat menulis ini.\r\n"),
            raw(*forged, sender=SARI, subject=f"Re: [{number(office)}]", text=COMMAND),
            # Genuine ones that were sent to others.
            raw(text=f"{CANARY} melihat surat Budi.\r\n", answers=own),
            raw(text=f"{CANARY} melihat surat Sari.\r\n", answers=notice),
        ],
    )
    assert len(office.rows("SELECT 1 FROM tickets")) == 4  # and one of them is Budi's own


# --- people ----------------------------------------------------------------------------------------


_AS_SARI = (SARI, f"Sari <{SARI}>", f'"Sari" <{SARI.upper()}>', f"<{SARI}>", f"=?utf-8?q?Sari?= <{SARI}>")
_UNPROVEN = (
    f"Authentication-Results: {BORDER}; none",
    says("fail", "batangkab.test"),
    says("none", "batangkab.test"),
    says("temperror", "batangkab.test"),
    says("pass", "luar.test"),
    f"Authentication-Results: {BORDER}; spf=pass smtp.mailfrom=batangkab.test; dkim=pass header.d=luar.test",
)


def test_threat_03_a_command_with_a_forged_sender_is_not_carried_out(border: PaperWorld) -> None:
    notice = opened(border)
    words = [COMMAND, f"#eskalasi {CANARY}\r\n", "#tutup\r\n", "#buang\r\n", f"{CANARY}\r\n"]
    mails = [
        raw(result, sender=sender, answers=notice, text=words[n % len(words)], subject=f"Re: {notice.subject}")
        for n, (sender, result) in enumerate(product(_AS_SARI, _UNPROVEN))
    ]
    assert len(mails) == 30
    mails.append(raw(sender=SARI, subject=f"[{number(border)}]", text=COMMAND))  # neither results nor token
    _nothing_happened(border, mails)
    _works(border, notice)


_BELOW = "Received: from mx.luar.test by relay.luar.test with ESMTP; Mon, 21 Dec 2026 08:00:00 +0700"


def test_threat_04_results_that_the_sender_wrote_himself_are_not_believed(strict: PaperWorld) -> None:
    notice = opened(strict)
    forged = [
        [says("fail", "batangkab.test"), GENUINE],  # below the genuine ones
        [f"Authentication-Results: {BORDER}; none", GENUINE],
        [_BELOW, GENUINE],  # written before it reached us
        [GENUINE.replace(BORDER, "mx.luar.test")],
        [GENUINE.replace(BORDER, f"{BORDER}.luar.test")],
        [GENUINE.replace(BORDER, f"luar.{BORDER}")],
        [GENUINE.replace(BORDER, f'"{BORDER} x"')],
        [GENUINE.replace("Authentication-Results", "X-Authentication-Results")],
        [GENUINE.replace("Authentication-Results", "ARC-Authentication-Results")],
        [GENUINE.replace("Authentication-Results: ", f"Authentication-Results: mx.luar.test; none; {BORDER}; ")],
        [f"Subject: x\r\n {GENUINE}"],
        ["Received-SPF: pass", f"X-Spam-Status: No, dmarc=pass header.from=batangkab.test; {BORDER}"],
        [],
    ]
    # A stolen token lies with each of them.
    _nothing_happened(strict, [raw(*lines, sender=SARI, answers=notice, text=COMMAND) for lines in forged])
    _works(strict, notice)


def test_threat_05_a_pass_smuggled_into_the_genuine_results_does_not_count(strict: PaperWorld) -> None:
    notice = opened(strict)
    start = f"Authentication-Results: {BORDER}; "
    smuggled = [
        "spf=fail (dmarc=pass header.from=batangkab.test) smtp.mailfrom=luar.test",
        'spf=fail smtp.mailfrom="x; dmarc=pass header.from=batangkab.test"@luar.test',
        'spf=fail smtp.helo=x; dmarc=pass header.from=batangkab.test"; dmarc=fail header.from=batangkab.test',
        'spf=fail reason="; dmarc=pass header.from=batangkab.test"',
        "dmarc=fail (p=none) header.from=luar.test; spf=pass smtp.mailfrom=dmarc=pass@batangkab.test",
        "dmarc=fail header.from=batangkab.test (\\) ; dmarc=pass header.from=batangkab.test",
        "dmarc=pass header.from=luar.test header.from=batangkab.test",
        "dmarc=pass header.from=luar.test; dmarc=pass header.from=batangkab.test",
        "dmarc=fail header.from=batangkab.test; dmarc=pass header.from=batangkab.test",
        "dkim=fail header.d=batangkab.test (dkim=pass header.d=batangkab.test)",
        'dkim=pass (d=batangkab.test) header.d=luar.test header.b="; dkim=pass header.d=batangkab.test"',
        'dkim=pass header.i="@batangkab.test"@luar.test',
        "auth=pass smtp.auth=dmarc=pass@batangkab.test",
        "spf=pass smtp.mailfrom=sari@batangkab.test",
        "x-dmarc=pass header.from=batangkab.test",
        "dmarc=pass-through header.from=batangkab.test",
        "dmarc=pass header.from=batangkab.test.luar.test",
        "dmarc=fail header.from=batangkab.test;\x0bdmarc=pass header.from=batangkab.test (",
        "spf=fail smtp.mailfrom=a\\; dmarc=pass header.from=batangkab.test",
    ]
    mails = [raw(start + each, sender=SARI, answers=notice, text=COMMAND) for each in smuggled]
    _nothing_happened(strict, mails)
    _works(strict, notice)


def _two_readings() -> list[str | bytes]:
    """From lines in which one program finds Sari and another Mallory."""
    encoded = base64.b64encode(SARI.encode()).decode()
    return [
        f"{SARI} <{EVIL}>",
        f"<{SARI}> <{EVIL}>",
        f"{SARI}, {EVIL}",
        f"{EVIL}, {SARI}",
        f"Sari <{SARI}>, Mallory <{EVIL}>",
        f'"{SARI}" <{EVIL}>',
        f'"Sari <{SARI}>" <{EVIL}>',
        f'"Sari <{SARI}>,"@x <{EVIL}>',
        f"{EVIL} <{SARI}>",
        f"({SARI}) {EVIL}",
        f"{EVIL} ({SARI})",
        f"{SARI} ({EVIL})",
        "sari@batangkab.test(x)@luar.test",
        "sari@batangkab.test@luar.test",
        "sari\\@batangkab.test@luar.test",
        '"sari@batangkab.test"@luar.test',
        '"sari"@batangkab.test',
        "sari @batangkab.test",
        "sari@ batangkab.test",
        "sari@batangkab.test.",
        "sari@(x)batangkab.test",
        "sari(x)@batangkab.test",
        "s\u0430ri@batangkab.test",
        "sari@b\u0430tangkab.test",
        f"@luar.test:{SARI}",
        f"<@luar.test:{SARI}>",
        f"<@batangkab.test,@luar.test:{EVIL}>",
        f"Petugas: {SARI};",
        f"Petugas: {SARI}, {EVIL};",
        f"{SARI};{EVIL}",
        f"<{SARI}",
        f"{SARI}>",
        f"<<{SARI}>>",
        f"<{SARI}>{EVIL}",
        f"=?utf-8?b?{encoded}?=",
        f"=?utf-8?b?{encoded}?= <{EVIL}>",
        f"=?utf-8?q?Sari_=3C{SARI.replace('@', '=40')}=3E?= <{EVIL}>",
        "<=?utf-8?q?sari?=@batangkab.test>",
        f"{SARI}\x00 <{EVIL}>",
        f"{SARI}\r\n\t<{EVIL}>",
        f"\r\n {SARI}\r\n ,{EVIL}",
        b"sari@batangkab.test\xff <mallory@luar.test>",
    ]


def test_threat_06_a_sender_that_two_programs_read_differently_is_nobody_s(strict: PaperWorld) -> None:
    """Mallory writes from within Sari's domain, where everybody's mail passes; or his own domain does."""
    notice = opened(strict)
    vectors = _two_readings()
    assert len(vectors) >= 40
    mails = [raw(GENUINE, sender=each, answers=notice, text=COMMAND) for each in vectors]
    mails += [raw(says("pass", "luar.test"), sender=each, answers=notice, text=COMMAND) for each in vectors[:8]]
    _nothing_happened(strict, mails, told=False)
    _works(strict, notice)


def test_threat_08_an_address_in_encoded_words_or_with_hidden_characters_is_nobody_s(strict: PaperWorld) -> None:
    notice = opened(strict)
    word = base64.b64encode
    vectors: list[str | bytes] = [
        f"=?utf-8?b?{word(b'sari@batangkab.test').decode()}?=",
        "=?utf-8?q?sari=40batangkab.test?=@luar.test",
        f"=?utf-8?b?{word(b'sari@batangkab.test' + bytes(1)).decode()}?=@luar.test",
        f"=?utf-8?b?{word(b'sari@batangkab.test' + b'%c>%c' % (10, 0)).decode()}?= <{EVIL}>",
        "=?utf-8?q?=3Csari=40batangkab.test=3E?= <=?utf-8?q?mallory?=@luar.test>",
        "<sari@=?utf-8?q?batangkab.test?=>",
        "=?utf-8?q?sari?=@batangkab.test",
        b"sari\x00@batangkab.test",
        b"sari@batangkab.test\x00.luar.test",
        b"sari@batangkab.test\x08\x08",
        b"sari\xc2\x85@batangkab.test",
        b"sari@batangkab.test\x1b[0K",
        "sari\u200b@batangkab.test",
        "\u202esari@batangkab.test",
        "sari@batangkab\u3002test",
    ]
    before = len(strict.rows("SELECT 1 FROM outbox"))
    _nothing_happened(strict, [raw(GENUINE, sender=each, answers=notice, text=COMMAND) for each in vectors], told=False)
    # Whoever was answered has an address that can be read in one way only.
    for row in strict.rows("SELECT recipient FROM outbox WHERE id > ?", before):
        assert str(row["recipient"]) in {EVIL, SARI, *PEOPLE.values()}
    _works(strict, notice)


_LIKE_LKPP = (
    f'"Helpdesk LKPP" <{EVIL}>',
    f'"{PEOPLE["lkpp"]}" <{EVIL}>',
    f"Helpdesk LKPP <{PEOPLE['lkpp']}> <{EVIL}>",
    "helpdesk-lpse@lkpp.test.luar.test",
    "helpdesk-lpse@1kpp.test",
    "helpdesk-lpse@xlkpp.test",
    "helpdesk-lpse@mail.lkpp.test",
    "helpdesk-lpse@lkpp.t\u0435st",
    "helpdesk-lpse@\u217ckpp.test",
    "helpdesk-lpse@lkpp\u3002test",
    "helpdesk-lpse=lkpp.test@luar.test",
    "=?utf-8?q?helpdesk-lpse=40lkpp=2Etest?= <mallory@luar.test>",
)


def test_threat_09_who_only_looks_like_lkpp_is_not_lkpp(border: PaperWorld) -> None:
    opened(border)
    staff_writes(border, "#eskalasi Gagal sejak kemarin.", headers=PASS)
    escalation, one = border.last("lkpp"), number(border)
    before = seen(border, [one])
    solved = f"Permasalahan telah selesai ditangani. {CANARY}\r\n"
    result = says("pass", "luar.test")
    mails = [raw(result, sender=each, answers=escalation, text=solved) for each in _LIKE_LKPP]
    mails.append(raw(says("fail", "lkpp.test"), sender=PEOPLE["lkpp"], answers=escalation, text=solved))
    arrive(border, mails)
    assert seen(border, [one]) == before
    assert says_canary(to_outside(border)) == []
    # Staff see the address that he has, not only the name that he gives himself.
    shown = [each for each in written(border, "recipient = ?", SARI) if CANARY in each.text]
    writers = (EVIL, "lkpp.test", "1kpp.test", "luar.test")
    assert shown and all(any(writer in each.text for writer in writers) for each in shown)
    forged = [each for each in written(border, "template = 'staff_lkpp_reply'")]
    assert forged and all("PERHATIAN" in each.text for each in forged)
    arrive(border, [raw(says("pass", "lkpp.test"), sender=PEOPLE["lkpp"], answers=escalation, text=solved)])
    assert ticket(border, one)["status"] == "resolved"


# --- tokens ----------------------------------------------------------------------------------------


def test_threat_35_a_token_that_leaked_by_forwarding_serves_nobody_else(border: PaperWorld) -> None:
    notice = opened(border)
    own = border.last("pengguna")
    body = links(notice)["#ambil"] if "#ambil" in links(notice) else next(iter(links(notice).values()))
    passes = says("pass", "luar.test")
    _nothing_happened(
        border,
        [
            # Budi has forwarded his acknowledgement, Sari her notice with its links.
            raw(passes, text=f"{CANARY}\r\n", answers=own, subject=f"Re: {own.subject}"),
            raw(passes, text=body.replace("\n", "\r\n"), answers=notice, subject=f"Re: {notice.subject}"),
            # Joko may command, but not with Sari's token.
            raw(GENUINE, sender=PEOPLE["rekan"], text=COMMAND, answers=notice, subject=f"Re: {notice.subject}"),
            raw(GENUINE, sender=PEOPLE["rekan"], text=body.replace("\n", "\r\n"), subject=notice.subject),
        ],
        told=False,
    )
    staff = [each.text for each in written(border, "template = 'staff_new_ticket' AND recipient = ?", SARI)]
    assert sum(CANARY in text for text in staff) == 1, "what the outsider wrote is a ticket of his own"
    _works(border, notice)


def test_threat_36_a_genuine_mail_that_is_sent_once_more_does_nothing_more(border: PaperWorld) -> None:
    notice = opened(border)
    genuine = raw(GENUINE, sender=SARI, answers=notice, text="#info Sedang kami periksa.\r\n")
    arrive(border, [genuine])
    assert templates(border.letters("pengguna")) == ["user_acknowledgement", "user_info"]
    [identity] = [line for line in genuine.split(b"\r\n") if line.startswith(b"Message-ID")]
    later = genuine.replace(GENUINE.encode(), GENUINE.encode() + b"\r\nReceived: from a by " + BORDER.encode())
    changed = raw(GENUINE, identity, sender=SARI, answers=notice, text=f"#info {CANARY}\r\n")
    before = seen(border)
    arrive(border, [genuine, later, changed])
    assert seen(border) == before
    assert states(border)[-3:] == ["duplicate", "duplicate", "quarantined"]
    # A link's code is good once.
    code = links(notice)["#ambil"] if "#ambil" in links(notice) else f"{next(iter(links(notice).values()))}"
    for _ in range(2):
        border.write("petugas", code, subject=notice.subject, headers=PASS)
        border.once()
    assert border.rows("SELECT disposition FROM journal ORDER BY id DESC LIMIT 1")[0]["disposition"] == "staff.repeated"
    # And a token lasts 90 days.
    border.now += timedelta(days=91)
    before = seen(border, [number(border)])
    border.drop(raw(GENUINE, sender=SARI, answers=notice, text=COMMAND))
    border.once()
    assert says_canary(to_outside(border)) == []


_QUOTED = (
    "Terima kasih, sudah saya baca.\r\n\r\nPada Sen, 21 Des 2026 pukul 09.00 Budi <b@x.test> menulis:\r\n> {}\r\n",
    "Sudah.\r\n\r\n-----Original Message-----\r\nFrom: Budi\r\nSent: Monday\r\nTo: Sari\r\nSubject: x\r\n\r\n{}\r\n",
    "Untuk diketahui.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Budi <b@x.test>\r\n\r\n{}\r\n",
    "Sudah kami catat.\r\n\r\n-- \r\nSari\r\n{}\r\n",
    "> {}\r\n\r\nSaya periksa dahulu.\r\n",
    "> {}\r\n",
    "Selamat pagi,\r\n\r\n> {}\r\n",
)


def test_threat_37_a_command_in_a_quotation_a_signature_or_a_user_s_mail_is_not_one(border: PaperWorld) -> None:
    notice = opened(border)
    own, one = border.last("pengguna"), number(border)
    order = f"#eskalasi {CANARY}"
    arrive(border, [raw(GENUINE, sender=SARI, answers=notice, text=each.format(order)) for each in _QUOTED])
    arrive(border, [raw(GENUINE, sender=SARI, answers=notice, subject=f"{order} [{one}]", text="#catat Dibaca.\r\n")])
    assert border.letters("lkpp") == []
    arrive(border, [raw(says("pass", "penyedia.test"), sender=BUDI, answers=own, text=f"{order}\r\n#tutup\r\n")])
    assert border.letters("lkpp") == []
    assert ticket(border, one)["closed_at"] is None
    assert not [row for row in border.rows("SELECT event FROM history") if row["event"] == "staff.escalate"]


def test_threat_38_an_absence_note_that_quotes_the_commands_carries_none_out(border: PaperWorld) -> None:
    notice = opened(border)
    menu = "".join(f"{body}\r\n" for body in links(notice).values()).replace("\n", "\r\n")
    away = f"Saya sedang cuti sampai 4 Januari.\r\n\r\n{COMMAND}{menu}"
    before, sent = seen(border), len(border.rows("SELECT 1 FROM outbox"))
    arrive(
        border,
        [
            raw(GENUINE, line, sender=SARI, answers=notice, text=away, subject=f"{subject} {notice.subject}")
            for line, subject in (
                ("Auto-Submitted: auto-replied", "Re:"),
                ("Auto-Submitted: auto-generated (vacation)", "Automatic reply:"),
                ("X-Autoreply: yes", "Out of Office:"),
                ("Precedence: auto_reply", "Re:"),
                ("X-Auto-Response-Suppress: All", "Balasan Otomatis:"),
            )
        ],
    )
    assert seen(border) == before
    assert len(border.rows("SELECT 1 FROM outbox")) == sent, "and none of them is answered"


def test_threat_39_control_headers_of_ours_have_no_meaning_in_a_stranger_s_mail(border: PaperWorld) -> None:
    opened(border)
    one = number(border)
    forged = [
        [f"X-Mailbot-Ticket: {one}"],
        [f"X-Mailbot-Ticket: {one}", "X-Mailbot-Template: staff_new_ticket"],
        [f"X-Mailbot-Ticket: {one}", "X-Mailbot-Template: user_answer", "X-Mailbot-Role: staff"],
        ["X-Mailbot-Template: lkpp_escalation", "X-Mailbot-Authenticated: yes"],
    ]
    _nothing_happened(
        border,
        [raw(*lines, text=f"{CANARY} {n}\r\n") for n, lines in enumerate(forged)]
        + [raw(*lines, sender=SARI, text=COMMAND) for lines in forged],
        told=False,
    )
    # Nothing is lost by them either: each of the stranger's is a ticket, or listed as a machine's.
    assert states(border).count("handled") >= 1 + len(forged)


def test_threat_41_a_signature_counts_only_as_far_as_it_reaches(strict: PaperWorld) -> None:
    notice = opened(strict)
    signed = "DKIM-Signature: v=1; a=rsa-sha256; d=batangkab.test; s=k; h=from:to:subject:date; {}bh=x; b=y"
    passes = f"Authentication-Results: {BORDER}; dkim=pass header.d=batangkab.test"
    partly = [
        # l=: whatever follows is not signed.
        [passes, signed.format("l=120; ")],
        [passes, signed.format("l=0; ")],
        [f"{passes}; dmarc=pass header.from=batangkab.test", signed.format("l = 5; ")],
        [passes, signed.format("").replace("from:to:subject", "to:subject")],
        # What the border server found out, and named.
        [f'Authentication-Results: {BORDER}; dkim=policy reason="signature covers a part" header.d=batangkab.test'],
        [f"Authentication-Results: {BORDER}; dkim=neutral (key too small) header.d=batangkab.test"],
        [f"Authentication-Results: {BORDER}; dkim=permerror (key too large) header.d=batangkab.test"],
        [f"{passes}; dmarc=fail header.from=batangkab.test"],
        # Whose signature it is.
        [f"Authentication-Results: {BORDER}; dkim=pass header.d=luar.test"],
        [f"Authentication-Results: {BORDER}; dkim=pass header.d=test"],
        [f"Authentication-Results: {BORDER}; dkim=pass header.d=mail.batangkab.test"],
    ]
    _nothing_happened(strict, [raw(*lines, sender=SARI, answers=notice, text=COMMAND) for lines in partly])
    arrive(strict, [raw(passes, signed.format(""), sender=SARI, answers=notice, text="#ambil\r\n")])
    assert ticket(strict, number(strict))["handler"] == SARI


def test_threat_42_escalations_beyond_what_a_person_writes_do_not_reach_lkpp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert escalate.MOST_ESCALATIONS == 20
    monkeypatch.setattr(escalate, "MOST_ESCALATIONS", MOST_ESCALATIONS)
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER}, limits=NO_CAPS)
    for n in range(MOST_ESCALATIONS + 2):
        office.write(f"u{n}@penyedia.test", f"Kami tidak bisa masuk, akun {n * 7919}.", subject=f"Akun {n}")
    office.once()
    notices = [each for each in office.letters("petugas") if each.template == "staff_new_ticket"]
    assert len(notices) == MOST_ESCALATIONS + 2
    for each in notices:
        office.drop(raw(GENUINE, sender=SARI, answers=each, text="#eskalasi Gagal sejak kemarin.\r\n"))
    office.drop(raw(GENUINE, sender=SARI, answers=notices[0], text="#eskalasi Sekali lagi.\r\n"))
    office.once()
    assert templates(office.letters("lkpp")) == ["lkpp_escalation"] * MOST_ESCALATIONS
    office.store.close()
