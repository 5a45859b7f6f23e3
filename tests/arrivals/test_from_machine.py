"""Mail of machines in a whole office: delivery reports find the mail they are about; the rest is listed once a day."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.world import PEOPLE, Letter, PaperWorld, letter

USER = PEOPLE["pengguna"]


def report(
    about: str,
    recipients: Sequence[tuple[str, str, str]] = ((USER, "failed", "5.1.1"),),
    *,
    diagnostic: str = "smtp; 550 user unknown",
    number: int = 1,
) -> bytes:
    """A delivery report on the mail with this Message-ID; recipients: (address, action, status)."""
    fields = "".join(
        f"\r\nFinal-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {diagnostic}\r\n"
        for address, action, status in recipients
    )
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.penyedia.test\r\nTo: lpse@batangkab.test\r\n"
        f"Subject: Delivery Status Notification\r\nMessage-ID: <laporan{number}@mx.penyedia.test>\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="batas"\r\n\r\n'
        f"--batas\r\nContent-Type: text/plain\r\n\r\nLaporan {number}.\r\n"
        f"--batas\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.penyedia.test\r\n{fields}\r\n"
        f"--batas\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\n\r\n--batas--\r\n"
    ).encode()


def opened(office: PaperWorld) -> Letter:
    """A ticket; returns the acknowledgement that its user got."""
    office.write("pengguna", "Tidak bisa masuk.\nHP: 081234567890")
    office.once()
    for who in ("petugas", "rekan", "pengguna", "operator"):
        office.new_letters(who)
    return office.last("pengguna")


def journalled(office: PaperWorld) -> tuple[str, int | None]:
    """(disposition, ticket) of the last mail."""
    [row] = office.rows("SELECT disposition, ticket_id FROM journal ORDER BY id DESC LIMIT 1")
    return row["disposition"], row["ticket_id"]


def told(office: PaperWorld) -> list[str]:
    return [one.template for who in ("petugas", "operator") for one in office.new_letters(who)]


# --- delivery reports -----------------------------------------------------------------------------------------------


def test_a_hard_bounce_tells_staff_once_with_the_telephone_number(office: PaperWorld) -> None:
    sent = opened(office)
    office.drop(report(sent.message_id))
    office.once()
    [notice] = office.new_letters("petugas")
    assert notice.template == "staff_undeliverable"
    assert "081234567890" in notice.text and "5.1.1" in notice.text and "user unknown" in notice.text
    office.drop(report(sent.message_id, number=2))
    office.once()
    assert told(office) == []
    assert [row["user_unreachable"] for row in office.rows("SELECT user_unreachable FROM tickets")] == [1]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_not_the_end_is_filed_with_its_ticket_and_told_to_nobody(office: PaperWorld, action: str) -> None:
    sent = opened(office)
    status = "4.4.1" if action == "delayed" else "2.0.0"
    office.drop(report(sent.message_id, [(USER, action, status)]))
    office.once()
    assert told(office) == []
    assert journalled(office) == ("bounce", 1)
    office.drop(report(sent.message_id, number=2))  # and the end is told, after all
    office.once()
    assert "staff_undeliverable" in told(office)


def test_a_soft_trouble_is_told_when_the_server_has_given_up(office: PaperWorld) -> None:
    sent = opened(office)
    office.drop(report(sent.message_id, [(USER, "failed", "4.4.7")], diagnostic="smtp; 451 delivery time expired"))
    office.once()
    [notice] = office.new_letters("petugas")
    assert notice.template == "staff_undeliverable" and "4.4.7" in notice.text


def test_a_report_on_several_addresses_counts_by_the_one_that_we_wrote_to(office: PaperWorld) -> None:
    sent = opened(office)
    office.drop(
        report(sent.message_id, [("sekretaris@penyedia.test", "failed", "5.1.1"), (USER, "delivered", "2.0.0")])
    )
    office.once()
    assert told(office) == []
    # Behind a forwarding it names none that we know.
    office.drop(
        report(
            sent.message_id,
            [("a@penyedia.test", "delayed", "4.0.0"), ("b@penyedia.test", "failed", "5.2.2")],
            number=2,
        )
    )
    office.once()
    [notice] = office.new_letters("petugas")
    assert "5.2.2" in notice.text


def test_a_report_about_a_mail_of_no_ticket_reaches_the_operator(office: PaperWorld) -> None:
    opened(office)
    with office.store.immediate():
        office.store.execute("UPDATE outbox SET ticket_id = NULL WHERE recipient = ?", PEOPLE["petugas"])
    [row] = office.rows("SELECT message_id FROM outbox WHERE recipient = ?", PEOPLE["petugas"])
    office.drop(report(row["message_id"], [(PEOPLE["petugas"], "failed", "5.1.1")]))
    office.once()
    assert told(office) == ["operator_alarm"]
    office.at("2026-12-23 09:00")
    office.once()
    assert "staff_digest" not in told(office)  # nor is it listed


def test_a_forged_report_for_a_mail_that_we_never_sent_does_nothing(office: PaperWorld) -> None:
    opened(office)
    office.drop(report("<karangan@batangkab.test>"))
    office.once()
    assert told(office) == []
    assert journalled(office) == ("bounce", None)
    assert [row["user_unreachable"] for row in office.rows("SELECT user_unreachable FROM tickets")] == [0]


def test_a_report_that_comes_after_ten_days_is_not_believed(office: PaperWorld) -> None:
    sent = opened(office)
    office.at("2027-01-04 09:00")
    office.drop(report(sent.message_id))
    office.once()
    assert "staff_undeliverable" not in told(office)


# --- the digest ------------------------------------------------------------------------------------------------------


def robots(office: PaperWorld) -> None:
    office.write("promo@toko.test", "Promo!", subject="Promo akhir tahun", headers=[("Precedence", "bulk")])
    office.write("noreply@bank.test", "Rahasia", subject="Kode OTP: 123456, NIK 3325011212800001")
    office.drop(report("<karangan@batangkab.test>"))


def digests(office: PaperWorld, who: str = "petugas") -> list[Letter]:
    return [one for one in office.new_letters(who) if one.template == "staff_digest"]


def test_machine_mail_without_a_ticket_is_listed_once(office: PaperWorld) -> None:
    robots(office)
    office.once()
    assert digests(office) == []  # what comes together is listed together
    office.at("2026-12-22 07:45")
    office.once()
    [listing] = digests(office)
    assert len(digests(office, "rekan")) == 1
    for words in ("promo@toko.test", "Promo akhir tahun", "noreply@bank.test", "MAILER-DAEMON", "#proses 1", "3 surat"):
        assert words.lower() in " ".join(listing.text.lower().split()), words
    assert "123456" not in listing.text and "3325011212800001" not in listing.text and "Rahasia" not in listing.text
    others = [
        one.text for who in ("koordinator", "kepala", "pengguna", "lkpp", "operator") for one in office.letters(who)
    ]
    assert not any("toko.test" in text for text in others)
    office.at("2026-12-23 09:00")
    office.once()
    assert digests(office) == []


def test_the_number_in_the_digest_makes_the_mail_a_ticket(office: PaperWorld) -> None:
    robots(office)
    office.once()
    office.at("2026-12-22 09:00")
    office.once()
    [listing] = digests(office)
    office.write("petugas", "#proses 1", answers=listing)
    office.once()
    office.once()
    assert [row["user_address"] for row in office.rows("SELECT user_address FROM tickets")] == ["promo@toko.test"]
    assert office.letters("promo@toko.test") == []


def test_there_is_one_digest_a_day_in_service_hours(office: PaperWorld) -> None:
    robots(office)
    office.once()
    office.at("2026-12-21 20:00")
    office.once()
    assert digests(office) == []
    office.at("2026-12-22 08:00")
    office.once()
    assert len(digests(office)) == 1
    office.write("iklan@toko.test", "Lagi!", headers=[("Precedence", "bulk")])
    office.once()
    office.at("2026-12-22 11:00")
    office.once()
    assert digests(office) == []
    office.at("2026-12-23 08:00")
    office.once()
    [listing] = digests(office)
    assert "iklan@toko.test" in listing.text and "promo@toko.test" not in listing.text


def test_what_has_a_ticket_or_is_our_own_is_not_listed(office: PaperWorld) -> None:
    sent = opened(office)
    office.write("pengguna", "Saya cuti.", answers=sent, headers=[("Auto-Submitted", "auto-replied")])
    office.drop(report(sent.message_id))
    office.write("lpse@batangkab.test", "Percobaan", sender="LPSE <lpse@batangkab.test>")
    office.write("orang luar", "Tidak bisa masuk.")
    office.once()
    office.at("2026-12-22 09:00")
    office.once()
    assert digests(office) == []


def test_a_long_list_is_cut_and_counted_and_the_quarantine_is_mentioned(office: PaperWorld) -> None:
    for number in range(60):
        office.write(f"iklan{number}@toko.test", "Promo!", headers=[("Precedence", "bulk")])
    office.drop(b"From: a@b.test, c@d.test\r\nSubject: dua penulis\r\n\r\nisi\r\n")
    office.once()
    office.at("2026-12-22 09:00")
    office.once()
    [listing] = digests(office)
    text = " ".join(listing.text.split())
    assert "60 surat" in text and "10 lainnya" in text and "1 surat menunggu di karantina" in text
    assert "iklan49@" in text and "iklan50@" not in text
    assert office.rows("SELECT 1 FROM journal WHERE disposition = 'list' AND listed_at IS NULL") == []


def test_a_senders_words_do_not_become_marks_or_links(office: PaperWorld) -> None:
    office.write("x@toko.test", "Promo!", subject="## #buang 1 <a href=x>", headers=[("Precedence", "bulk")])
    office.once()
    office.at("2026-12-22 09:00")
    office.once()
    [listing] = digests(office)
    assert "<a href=x>" not in listing.html and "&lt;a href=x&gt;" in listing.html
    assert isinstance(letter(listing.raw), Letter)
