"""Where a message belongs, and that one bad mail never stops the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import structlog

from mailbot import log
from mailbot.arrivals import from_user
from mailbot.errors import PermanentFailure, TemporaryFailure
from mailbot.fetch import originals
from mailbot.parsers.forms import form
from mailbot.parsers.incoming import IncomingMail
from mailbot.store import journal
from mailbot.store.journal import ATTEMPTS
from mailbot.tickets.case import Context
from tests.steps import (
    closed,
    data_requested,
    disposition,
    escalated,
    minutes_later,
    number,
    opened,
    results,
    staff_writes,
    templates,
)
from tests.world import LPSE, PaperWorld


def tickets(office: PaperWorld) -> int:
    return int(office.rows("SELECT count(*) AS n FROM tickets")[0]["n"])


def journalled(office: PaperWorld) -> dict[str, object]:
    return dict(office.rows("SELECT * FROM journal ORDER BY id DESC LIMIT 1")[0])


def ticket_of(office: PaperWorld) -> str | None:
    """The number of the ticket that the last mail was stored with."""
    row = office.rows(
        "SELECT t.number FROM journal j LEFT JOIN tickets t ON t.id = j.ticket_id ORDER BY j.id DESC LIMIT 1"
    )
    return None if row[0]["number"] is None else str(row[0]["number"])


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """Tracebacks as the program writes them; structlog's own take seconds each."""
    log.configure("json", "error")
    yield
    structlog.reset_defaults()


# --- where it is understood -----------------------------------------------------------------------


def test_what_a_user_says_of_himself_is_found_where_his_mail_is_read(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "read_own", None)  # in this process
    office.write("pengguna", "Nama: Budi Santoso\nUser ID: budi7\n\nTidak bisa login.")
    office.once()
    fields = {row["name"]: row["value"] for row in office.rows("SELECT name, value FROM fields")}
    assert fields == {"name": "Budi Santoso", "user_id": "budi7"}


# --- which ticket ---------------------------------------------------------------------------------


def test_a_reply_belongs_to_the_ticket_of_the_mail_it_answers_whatever_its_subject(office: PaperWorld) -> None:
    opened(office)
    office.write("pengguna", "Ini tambahan.", answers=office.last("pengguna"), subject="hal lain sama sekali")
    office.once()
    assert tickets(office) == 1
    assert ticket_of(office) == number(office)
    assert journalled(office)["threaded_by"] == "balasan atas e-mail kami"


def test_a_reply_to_ones_own_mail_belongs_to_its_ticket(office: PaperWorld) -> None:
    first = office.write("pengguna", "Tidak bisa login.")
    office.once()
    office.write("pengguna", "Sekarang muncul galat 500.", headers=[("In-Reply-To", first["Message-ID"])])
    office.once()
    assert tickets(office) == 1
    assert journalled(office)["threaded_by"] == "balasan atas e-mail yang tersimpan"


def test_a_message_id_that_two_mails_bear_leads_each_writer_to_his_own_ticket(office: PaperWorld) -> None:
    first = office.write("pengguna", "Tidak bisa login.")
    copied = [("In-Reply-To", first["Message-ID"])]
    office.drop(bytes(first).replace(b"budi@penyedia.test", b"mallory@luar.test"))
    office.once()
    assert tickets(office) == 2
    office.write("orang luar", "Lanjutan saya.", headers=copied)
    office.once()
    assert ticket_of(office) == "LPSE-BTG-2026-000002"
    office.write("pengguna", "Lanjutan saya.", headers=copied)
    office.once()
    assert ticket_of(office) == "LPSE-BTG-2026-000001"


@pytest.mark.parametrize(
    "subject",
    [
        "Re: [{}] Tidak bisa login",
        "Bls: Fwd: [EXTERNAL] [{}] halo",
        "Tidak bisa login ({})",
        "re: {} tanpa kurung",
    ],
)
def test_a_tag_of_a_party_leads_to_its_ticket(office: PaperWorld, subject: str) -> None:
    opened(office)
    office.write("pengguna", "Ini tambahan.", subject=subject.format(number(office).lower()))
    office.once()
    assert tickets(office) == 1
    assert journalled(office)["threaded_by"] == "tag pada subjek"


def test_equal_titles_never_match(office: PaperWorld) -> None:
    opened(office, subject="Tidak bisa login")
    office.write("pengguna", "Tidak bisa login juga.", subject="Re: Tidak bisa login")
    office.once()
    assert tickets(office) == 2


def test_a_number_that_does_not_exist_opens_a_new_ticket(office: PaperWorld) -> None:
    office.write("pengguna", "Mohon bantuan.", subject="[LPSE-BTG-2026-000777] login")
    office.once()
    assert number(office) == "LPSE-BTG-2026-000001"
    assert "000777" not in office.last("pengguna").subject


def test_a_strangers_mail_with_anothers_tag_opens_a_ticket_of_his_own_and_staff_are_told(office: PaperWorld) -> None:
    opened(office)
    first = number(office)
    office.new_letters("pengguna")
    office.write("orang luar", "Saya ikut bertanya: KENARI.", subject=f"Re: [{first}] Tidak bisa login")
    office.once()
    assert number(office) != first
    assert first in office.last("petugas", "staff_new_ticket").text
    assert "bukan pihak" in " ".join(office.last("petugas", "staff_new_ticket").text.split())
    assert office.new_letters("pengguna") == []
    assert first not in office.last("orang luar").text
    parties = office.rows("SELECT address FROM parties WHERE address = 'mallory@luar.test'")
    assert len(parties) == 1


def test_a_strangers_reply_to_a_leaked_mail_of_ours_opens_a_ticket_of_his_own(office: PaperWorld) -> None:
    opened(office)
    first = number(office)
    office.write("orang luar", "Balasan saya.", answers=office.last("pengguna"), quote=False)
    office.once()
    assert number(office) != first
    assert first in office.last("petugas", "staff_new_ticket").text


def test_a_reply_and_a_tag_that_differ_follow_the_reply_and_staff_are_told(office: PaperWorld) -> None:
    opened(office)
    first, mail = number(office), office.last("pengguna")
    opened(office, "Hal kedua", subject="Lain")
    second = number(office)
    office.write("pengguna", "Tambahan.", answers=mail, subject=f"Re: [{second}] Lain")
    office.once()
    assert ticket_of(office) == first
    notice = " ".join(office.last("petugas", "staff_user_reply").text.split())
    assert f"menunjuk {first}, tetapi subjeknya menyebut {second}" in notice


def test_a_staff_mail_that_points_to_two_tickets_is_not_carried_out_but_asked_about(office: PaperWorld) -> None:
    notice = opened(office)
    first = number(office)
    opened(office, "Hal kedua", subject="Lain")
    second = number(office)
    assert staff_writes(office, "#tutup", notice, subject=f"Re: [{second}] Lain") == "staff_receipt"
    text = " ".join(office.last("petugas").text.split())
    assert "menunjuk dua tiket" in text and first in text and second in text
    assert office.status(first) == office.status(second) == "new"


def test_a_reply_too_late_opens_a_new_ticket_that_names_the_old_one(office: PaperWorld) -> None:
    goodbye = closed(office)
    old = number(office)
    office.at("2026-12-30 09:00")
    office.write("pengguna", "Muncul lagi masalahnya, tidak bisa login.", answers=goodbye)
    office.once()
    assert tickets(office) == 2
    assert number(office) != old
    assert f"Lanjutan dari {old}" in " ".join(office.last("petugas", "staff_new_ticket").text.split())
    row = office.rows("SELECT continues FROM tickets ORDER BY id DESC LIMIT 1")[0]
    assert row["continues"] == 1
    assert office.status(old) == "closed"


def test_a_reply_in_time_opens_the_closed_ticket_again(office: PaperWorld) -> None:
    goodbye = closed(office)
    office.at("2026-12-23 09:00")
    office.write("pengguna", "Muncul lagi masalahnya, tidak bisa login.", answers=goodbye)
    office.once()
    assert tickets(office) == 1
    assert office.status() == "in_progress"


# --- LKPP's numbers ---------------------------------------------------------------------------------


def test_lkpps_own_number_is_learned_and_recognised_from_then_on(office: PaperWorld) -> None:
    office_escalation = escalated(office)
    office.write(
        "lkpp",
        "Laporan Anda telah kami terima dan sedang kami proses.",
        answers=office_escalation,
        subject="[Tiket #INC-4711] Laporan diterima",
    )
    office.once()
    assert office.rows("SELECT lkpp_number FROM tickets")[0]["lkpp_number"] == "INC-4711"
    reference = office.last("lkpp").message_id  # without results LKPP must also refer to a mail of ours
    with office.store.immediate():
        office.store.execute("UPDATE outbox SET ticket_id = NULL WHERE message_id = ?", reference)
    office.write(
        "lkpp",
        "Permasalahan telah selesai ditangani, silakan dicoba kembali.",
        subject="Tiket INC-4711: pembaruan",
        headers=[("In-Reply-To", reference)],
    )
    office.once()
    assert journalled(office)["threaded_by"] == "nomor tiket LKPP"
    assert office.status() == "resolved"


def test_lkpps_number_seen_with_two_tickets_identifies_neither(border: PaperWorld) -> None:
    for subject in ("Satu", "Dua"):
        notice = opened(border, subject=subject, headers=[results("pass", "penyedia.test")])
        staff_writes(border, "#eskalasi Gagal.", notice, headers=[results("pass", "batangkab.test")])
    with border.store.immediate():
        border.store.execute("UPDATE tickets SET lkpp_number = 'INC-4711'")
    border.write("lkpp", "Sudah selesai.", subject="Tiket INC-4711", headers=[results("pass", "lkpp.test")])
    border.once()
    assert disposition(border)[1] == "lkpp.unknown"


def test_our_own_number_is_not_taken_for_lkpps(border: PaperWorld) -> None:
    notice = opened(border, headers=[results("pass", "penyedia.test")])
    staff_writes(border, "#eskalasi Gagal.", notice, headers=[results("pass", "batangkab.test")])
    with border.store.immediate():
        border.store.execute("UPDATE tickets SET lkpp_number = ?", number(border))
    border.write(
        "lkpp",
        f"Tiket {number(border)} telah selesai ditangani, silakan dicoba kembali.",
        subject="Pembaruan",
        headers=[results("pass", "lkpp.test")],
    )
    border.once()
    assert journalled(border)["threaded_by"] == "nomor tiket pada isi e-mail"


def test_lkpp_naming_one_existing_number_in_the_body_joins_it(border: PaperWorld) -> None:
    notice = opened(border, headers=[results("pass", "penyedia.test")])
    staff_writes(border, "#eskalasi Gagal.", notice, headers=[results("pass", "batangkab.test")])
    border.write(
        "lkpp",
        f"Terkait {number(border)}: permasalahan telah selesai ditangani.",
        subject="Pembaruan",
        headers=[results("pass", "lkpp.test")],
    )
    border.once()
    assert border.status() == "resolved"


@pytest.mark.parametrize("names", ["none", "several"])
def test_lkpp_naming_no_ticket_or_several_goes_to_staff_with_the_open_escalations(
    border: PaperWorld, names: str
) -> None:
    numbers = []
    for subject in ("Satu", "Dua"):
        notice = opened(border, subject=subject, headers=[results("pass", "penyedia.test")])
        staff_writes(border, "#eskalasi Gagal.", notice, headers=[results("pass", "batangkab.test")])
        numbers.append(number(border))
    border.new_letters("lkpp")
    words = " ".join(numbers) if names == "several" else "tanpa nomor"
    border.write("lkpp", f"Sudah selesai {words}.", subject="Pembaruan", headers=[results("pass", "lkpp.test")])
    border.once()
    letter = border.last("petugas", "staff_lkpp_reply")
    assert "belum dikenali" in letter.subject
    assert "│ Perihal: Pembaruan" in letter.text
    assert all(each in letter.text for each in numbers)
    assert tickets(border) == 2
    assert border.new_letters("lkpp") == []
    assert {border.status(each) for each in numbers} == {"escalated"}


# --- robots, folders and our own mail ------------------------------------------------------------------


def test_our_own_mail_is_filed_and_does_nothing(office: PaperWorld) -> None:
    office.write("lpse", "Salinan", sender=f"LPSE <{LPSE}>", to=LPSE)
    office.once()
    assert disposition(office)[:2] == ("handled", "own")
    assert tickets(office) == 0


def test_an_out_of_office_reply_of_a_user_changes_nothing_and_is_filed_with_its_ticket(office: PaperWorld) -> None:
    request = data_requested(office)
    office.new_letters("lkpp")
    office.write(
        "pengguna", "Saya sedang cuti sampai 4 Januari.", answers=request, headers=[("Auto-Submitted", "auto-replied")]
    )
    office.once()
    assert office.status() == "awaiting_data"
    assert office.new_letters("lkpp") == []
    assert ticket_of(office) == number(office)


def test_a_robots_mail_of_no_ticket_makes_none(office: PaperWorld) -> None:
    office.write("orang luar", "Promo!", headers=[("Precedence", "bulk")])
    office.write("noreply@bank.test", "Kode OTP Anda 123456")
    office.once()
    assert tickets(office) == 0
    assert {row["state"] for row in office.rows("SELECT state FROM journal")} == {"handled"}


def test_commands_in_an_automatic_mail_of_staff_do_not_count(office: PaperWorld) -> None:
    notice = opened(office)
    office.write("petugas", "#tutup", answers=notice, headers=[("Auto-Submitted", "auto-replied")])
    office.once()
    assert office.status() == "new"
    assert disposition(office)[1] == "autoreply"


def test_a_delivery_report_without_a_plain_sender_is_filed_not_quarantined(office: PaperWorld) -> None:
    raw = (
        b"From: MAILER-DAEMON\r\nTo: lpse@batangkab.test\r\nSubject: Undelivered Mail\r\n"
        b"Message-ID: <b1@mx.test>\r\nX-Failed-Recipients: budi@penyedia.test\r\n\r\nfailed\r\n"
    )
    office.drop(raw)
    office.once()
    assert disposition(office)[:2] == ("handled", "bounce")
    assert office.letters("petugas") == []


def test_lkpps_mail_from_a_noreply_address_is_read_all_the_same(border: PaperWorld) -> None:
    notice = opened(border, headers=[results("pass", "penyedia.test")])
    staff_writes(border, "#eskalasi Gagal.", notice, headers=[results("pass", "batangkab.test")])
    border.write(
        "lkpp",
        "Permasalahan telah selesai ditangani, silakan dicoba kembali.",
        answers=border.last("lkpp"),
        sender="LKPP <noreply@lkpp.test>",
        headers=[results("pass", "lkpp.test"), ("Precedence", "bulk")],
    )
    border.once()
    assert border.status() == "resolved"


# --- nobody's mail --------------------------------------------------------------------------------------

_ODD = {
    "no From": b"",
    "two From lines": b"From: budi@penyedia.test\r\nFrom: sari@batangkab.test\r\n",
    "two From lines of strangers": b"From: budi@penyedia.test\r\nFrom: ani@penyedia.test\r\n",
    "two addresses": b"From: budi@penyedia.test, ani@penyedia.test\r\n",
    "a listed person behind a doubtful name": b"From: Sari, SE <sari@batangkab.test>\r\n",
    "LKPP behind a doubtful name": b"From: LKPP, Helpdesk <a@lkpp.test>\r\n",
    "a listed person in a group": b"From: Tim: sari@batangkab.test;\r\n",
}


@pytest.mark.parametrize("head", _ODD.values(), ids=_ODD.keys())
def test_a_mail_that_is_nobodys_goes_to_quarantine_with_its_reason(office: PaperWorld, head: bytes) -> None:
    office.drop(head + b"To: lpse@batangkab.test\r\nSubject: #tutup\r\nMessage-ID: <a@b.test>\r\n\r\n#tutup\r\n")
    office.once()
    state, _, reason = disposition(office)
    assert state == "quarantined"
    assert reason.startswith("pengirim tidak jelas")
    assert templates(office.letters("petugas")) == ["staff_quarantine"]
    assert templates(office.letters("rekan")) == ["staff_quarantine"]
    assert tickets(office) == 0
    assert bytes(office.rows("SELECT raw FROM journal")[0]["raw"]).endswith(b"#tutup\r\n")


def test_a_careless_display_name_is_still_a_users(office: PaperWorld) -> None:
    office.drop(
        b"From: Budi, SE <budi@penyedia.test>\r\nTo: lpse@batangkab.test\r\nSubject: Login\r\n\r\nMohon bantuan.\r\n"
    )
    office.once()
    assert tickets(office) == 1
    assert office.rows("SELECT user_address FROM tickets")[0]["user_address"] == "budi@penyedia.test"


def test_a_giant_mail_is_quarantined_and_staff_learn_whose_it_was(office: PaperWorld) -> None:
    fetched = journal.Fetched(
        mailbox="batang",
        folder="INBOX",
        uidvalidity=1,
        uid=99,
        raw=b"From: Budi <budi@penyedia.test>\r\nSubject: Video, password: Rahasia123\r\n\r\n",
        size=90_000_000,
        complete=False,
        arrived_at=office.now,
    )
    journal.remember(office.store, [fetched], office.now)
    opened(office)
    assert office.rows("SELECT state FROM journal ORDER BY id")[0]["state"] == "quarantined"
    assert tickets(office) == 1
    letter = office.last("petugas", "staff_quarantine")
    assert "ukuran" in letter.text and "budi@penyedia.test" in letter.text and "Video" in letter.text
    assert "Rahasia123" not in letter.text


def test_an_unreadable_mail_is_quarantined_and_the_next_is_handled_at_once(office: PaperWorld) -> None:
    office.drop(b"From: a@b.test\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\nx\r\n")
    opened(office)
    assert tickets(office) == 1
    assert office.rows("SELECT state FROM journal ORDER BY id")[0]["state"] == "quarantined"
    assert "staff_quarantine" in templates(office.letters("petugas"))


# --- faults ---------------------------------------------------------------------------------------------


def _breaking(word: str, error: Exception) -> Callable[..., None]:
    """The user's desk, failing at mails that contain a word."""
    real = from_user.handle

    def handle(context: Context, mail: IncomingMail) -> None:
        if word in mail.message.text:
            raise error
        real(context, mail)

    return handle


def test_a_mail_at_which_the_program_fails_is_tried_three_times_and_then_quarantined(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_user, "handle", _breaking("BOM", ZeroDivisionError("x")))
    office.write("pengguna", "BOM waktu")
    office.write("orang luar", "Mohon bantuan")
    assert not office.once()
    assert tickets(office) == 1  # the mail behind it did not wait
    assert office.once()  # its next try is a minute away
    for _ in range(ATTEMPTS - 1):
        office.now += timedelta(minutes=1)
        assert not office.once()
    office.now += timedelta(minutes=1)
    assert office.once()
    first = office.rows("SELECT state, reason, attempts FROM journal ORDER BY id")[0]
    assert first["state"] == "quarantined"
    assert first["reason"] == "gagal diolah 3 kali: ZeroDivisionError"
    assert templates(office.letters("petugas")).count("staff_quarantine") == 1


def test_a_mail_whose_notice_fails_too_is_quarantined_all_the_same_and_stops_no_other(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> str:
        raise RecursionError("at the second reading too")

    monkeypatch.setattr(originals, "heading_of", failing)
    office.drop(b"Subject: tanpa pengirim\r\n\r\nisi\r\n")
    office.write("orang luar", "Mohon bantuan")
    assert office.once()
    assert [row["state"] for row in office.rows("SELECT state FROM journal ORDER BY id")] == ["quarantined", "handled"]


def test_a_mail_that_failed_once_and_then_succeeds_is_handled_like_any_other(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(from_user, "handle", _breaking("BOM", KeyError("x")))
        office.write("pengguna", "BOM waktu")
        assert not office.once()
        assert tickets(office) == 0
        assert office.letters("pengguna") == []
    minutes_later(office, 2)
    assert tickets(office) == 1
    assert disposition(office)[0] == "handled"


def test_a_mail_that_cannot_ever_be_handled_is_quarantined_at_once(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_user, "handle", _breaking("BOM", PermanentFailure("mail", "rusak")))
    office.write("pengguna", "BOM waktu")
    assert office.once()
    assert disposition(office) == ("quarantined", "quarantine", "tidak dapat diolah: rusak")


def test_a_full_disk_is_no_fault_of_the_mail_and_never_sends_it_to_quarantine(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(from_user, "handle", _breaking("BOM", TemporaryFailure("database", "disk full")))
        office.write("pengguna", "BOM waktu")
        for _ in range(ATTEMPTS + 3):
            with pytest.raises(TemporaryFailure):
                office.once()
    assert office.once()
    assert tickets(office) == 1


def test_the_same_mail_twice_is_handled_once(office: PaperWorld) -> None:
    raw = bytes(office.write("pengguna", "Tidak bisa login."))
    office.drop(raw, "Junk")
    office.once()
    assert tickets(office) == 1
    states = [row["state"] for row in office.rows("SELECT state FROM journal ORDER BY id")]
    assert states == ["handled", "duplicate"]


def test_an_equal_message_id_alone_does_not_suppress_a_mail(office: PaperWorld) -> None:
    first = office.write("pengguna", "Tidak bisa login.")
    second = bytes(first).replace(b"Tidak bisa login.", b"Tidak bisa unggah.")
    office.drop(second)
    office.once()
    assert [row["state"] for row in office.rows("SELECT state FROM journal")] == ["handled", "handled"]


def test_a_mail_that_names_very_many_tickets_is_handled_quickly(office: PaperWorld) -> None:
    opened(office)
    numbers = "\n".join(f"LPSE-BTG-2026-{n:06d}" for n in range(1, 20_000))
    office.write("orang luar", numbers)
    assert office.once()
    assert tickets(office) == 2
