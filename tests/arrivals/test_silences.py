"""`#buang` silences an address with its proof, a forged mail nobody else; `#buka` ends it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.steps import flat, templates
from tests.world import PEOPLE, Letter, PaperWorld

MX = "mx.batangkab.test"
USERS = [("Authentication-Results", f"{MX}; dmarc=pass header.from=penyedia.test")]
STAFFS = [("Authentication-Results", f"{MX}; dmarc=pass header.from=batangkab.test")]
NOTHING_VOUCHES = [("Authentication-Results", f"{MX}; dmarc=none header.from=penyedia.test")]
FORGED = [("Authentication-Results", f"{MX}; dmarc=fail header.from=penyedia.test")]
Headers = list[tuple[str, str]]


@pytest.fixture
def office(tmp_path: Path) -> PaperWorld:
    world = PaperWorld(tmp_path, authentication={"authserv_id": MX})
    world.at("2026-12-21 08:00")
    return world


def _mail(office: PaperWorld, subject: str, headers: Headers, answers: Letter | None = None) -> list[str]:
    """A mail in the user's name; the templates of what he finds."""
    office.new_letters("pengguna")
    office.now += timedelta(minutes=5)
    office.write("pengguna", f"Isi surat {subject}.", subject=subject, headers=headers, answers=answers)
    office.once()
    return templates(office.new_letters("pengguna"))


def _staff(office: PaperWorld, text: str, notice: str = "staff_new_ticket") -> Letter:
    office.now += timedelta(minutes=5)
    office.write("petugas", text, answers=office.last("petugas", notice), headers=STAFFS)
    office.once()
    return office.last("petugas", "staff_receipt")


@pytest.mark.parametrize("headers", [NOTHING_VOUCHES, FORGED], ids=["nothing vouches", "forged"])
def test_a_forged_mail_that_is_thrown_out_does_not_silence_the_real_address(
    headers: Headers, office: PaperWorld
) -> None:
    _mail(office, "Penawaran kredit", headers)
    receipt = _staff(office, "#buang")
    assert "24 jam" in flat(receipt.text)
    assert _mail(office, "Tender", USERS) == ["user_acknowledgement"]
    assert _mail(office, "Kredit lagi", NOTHING_VOUCHES) == []


def test_what_nobody_vouches_for_is_answered_again_after_a_day(office: PaperWorld) -> None:
    _mail(office, "Penawaran kredit", NOTHING_VOUCHES)
    _staff(office, "#buang")
    office.now += timedelta(hours=23)
    assert _mail(office, "Kredit murah", NOTHING_VOUCHES) == []
    office.now += timedelta(hours=1)
    assert _mail(office, "Gagal unggah", NOTHING_VOUCHES) == ["user_acknowledgement"]


def test_or_as_soon_as_a_mail_refers_to_one_of_ours(office: PaperWorld) -> None:
    _mail(office, "Tender", NOTHING_VOUCHES)
    ours = office.last("pengguna", "user_acknowledgement")
    _mail(office, "Penawaran kredit", NOTHING_VOUCHES)
    _staff(office, "#buang")
    assert _mail(office, "Dokumen", NOTHING_VOUCHES) == []
    _mail(office, "Re: Tender", NOTHING_VOUCHES, answers=ours)
    assert _mail(office, "Unggah", NOTHING_VOUCHES) == ["user_acknowledgement"]


def test_a_message_id_that_somebody_else_got_ends_nothing(office: PaperWorld) -> None:
    office.write("orang luar", "Mohon bantuan.", subject="Lain")
    office.once()
    others = office.last("orang luar", "user_acknowledgement")
    _mail(office, "Penawaran kredit", NOTHING_VOUCHES)
    _staff(office, "#buang")
    _mail(office, "Re: Lain", NOTHING_VOUCHES, answers=others)
    assert _mail(office, "Kredit lagi", NOTHING_VOUCHES) == []


def test_a_proven_sender_stays_silenced_until_buka(office: PaperWorld) -> None:
    _mail(office, "Promosi", USERS)
    assert "sampai #buka" in flat(_staff(office, "#buang").text)
    office.now += timedelta(days=60)
    assert _mail(office, "Promosi lagi", USERS) == []
    assert "tidak lagi dijawab" in flat(office.last("petugas", "staff_new_ticket").text)
    assert _mail(office, "Promosi ketiga", NOTHING_VOUCHES) == []
    assert len(office.rows("SELECT 1 FROM tickets")) == 3


@pytest.mark.parametrize("headers", [USERS, NOTHING_VOUCHES], ids=["proven", "unproven"])
def test_buka_on_the_ticket_that_was_thrown_out_ends_it(headers: Headers, office: PaperWorld) -> None:
    _mail(office, "Promosi", headers)
    _staff(office, "#buang")
    receipt = _staff(office, "#buka")
    assert f"{PEOPLE['pengguna']} dijawab otomatis lagi" in flat(receipt.text)
    assert office.status() == "in_progress"
    assert _mail(office, "Tender", headers) == ["user_acknowledgement"]


def test_buka_on_an_open_ticket_of_that_user_ends_it_too_and_changes_no_status(office: PaperWorld) -> None:
    _mail(office, "Promosi", USERS)
    _staff(office, "#buang")
    _mail(office, "Tender", USERS)
    receipt = _staff(office, "#buka")
    assert "dijawab otomatis lagi" in flat(receipt.text)
    assert (office.status(), "Tiket dibuka kembali" in receipt.text) == ("new", False)
    assert "tidak sedang ditutup" in flat(_staff(office, "#buka").text)
    assert _mail(office, "Tender lain", USERS) == ["user_acknowledgement"]


def test_no_reminder_goes_to_a_proven_sender_who_is_silenced(office: PaperWorld) -> None:
    _mail(office, "Tender", USERS)
    first = office.last("petugas", "staff_new_ticket")
    _mail(office, "Promosi", USERS)
    _staff(office, "#buang")
    office.write("petugas", "#minta-data\nMohon kode tender.", answers=first, headers=STAFFS)
    office.once()
    for day in range(21, 32):
        for hour in range(8, 16):
            office.at(f"2026-12-{day} {hour:02}:30")
            office.once()
    found = templates(office.new_letters("pengguna"))
    assert "user_request" in found and "user_reminder" not in found and "user_closed" not in found


def test_a_ticket_that_was_opened_with_proof_and_holds_a_forged_mail_silences_for_a_day_only(
    office: PaperWorld,
) -> None:
    _mail(office, "Tender", USERS)
    _mail(office, f"Re: {office.last('pengguna').subject}", FORGED, answers=office.last("pengguna"))
    _staff(office, "#buang", "staff_user_reply")
    assert [row["why"] for row in office.rows("SELECT why FROM silences")] == ["unproven"]
    assert _mail(office, "Tender lain", USERS) == ["user_acknowledgement"]
