"""Where only the coordinator takes a problem to LKPP: what staff escalate waits for one link of his."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.steps import clocks, flat, links, minutes_later, number, opened, staff_writes
from tests.world import PEOPLE, Letter, PaperWorld

ASKED = "#eskalasi\nRingkasan:\nLogin gagal sejak kemarin.\nUpaya yang telah dilakukan:\nPeramban lain."


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PaperWorld]:
    world = PaperWorld(tmp_path, sop={"escalation_by": "coordinator"})
    yield world
    world.store.close()


def running(office: PaperWorld) -> set[str]:
    return set(clocks(office))


def asked(office: PaperWorld, text: str = ASKED) -> Letter:
    """Sari has escalated; what the coordinator finds."""
    opened(office)
    assert staff_writes(office, text) == "staff_receipt"
    return office.last("koordinator", "coordinator_approval")


def clicks(office: PaperWorld, letter: Letter, body: str = "", who: str = "koordinator") -> Letter:
    """The coordinator (or whoever) sends what the link opens; what comes back."""
    office.new_letters(who)
    office.write(who, body or links(letter)["#eskalasi"], subject=f"[{number(office)}]")
    assert office.once()
    return office.new_letters(who)[-1]


def replies(office: PaperWorld, who: str, text: str, letter: Letter) -> Letter:
    office.new_letters(who)
    office.write(who, text, answers=letter)
    assert office.once()
    return office.new_letters(who)[-1]


def test_until_he_approves_nothing_goes_out_and_the_tickets_own_clock_goes_on(office: PaperWorld) -> None:
    asked(office)
    assert office.status() == "new"
    assert running(office) == {"first_response", "approval"}
    assert not office.letters("lkpp")
    assert [letter.template for letter in office.letters("pengguna")] == ["user_acknowledgement"]
    # LKPP may read nothing yet
    assert not office.rows("SELECT 1 FROM texts WHERE audience LIKE '%,lkpp,%'")
    assert not office.rows("SELECT 1 FROM attachments WHERE audience LIKE '%,lkpp,%'")


def test_the_five_minutes_run_from_the_approval(office: PaperWorld) -> None:
    mail = asked(office)
    office.now += timedelta(minutes=40)
    receipt = clicks(office, mail)
    assert receipt.template == "staff_receipt"
    assert "Permohonan Sari disetujui" in flat(receipt)
    assert office.status() == "escalated"
    [row] = office.rows("SELECT note FROM history WHERE event = 'sent.lkpp_escalation'")
    assert "tepat waktu" in row["note"]
    assert "Login gagal sejak kemarin." in office.last("lkpp", "lkpp_escalation").text
    assert office.rows("SELECT handler FROM tickets")[0]["handler"] == PEOPLE["petugas"]


def test_what_the_coordinator_leaves_there_is_what_goes(office: PaperWorld) -> None:
    mail = asked(office)
    clicks(office, mail, links(mail)["#eskalasi"].replace("sejak kemarin", "sejak Senin"))
    assert "Login gagal sejak Senin." in flat(office.last("lkpp", "lkpp_escalation"))


def test_a_text_too_long_for_the_link_goes_whole(office: PaperWorld) -> None:
    long = "\n".join(f"Kejadian nomor {n} pada paket yang sama." for n in range(100))
    mail = asked(office, f"#eskalasi\n{long}")
    assert "[teks seperti di atas]" in links(mail)["#eskalasi"]
    assert flat(long) in flat(mail)
    clicks(office, mail)
    assert flat(long) in flat(office.last("lkpp", "lkpp_escalation"))


def test_the_coordinators_own_escalation_goes_at_once(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#koordinator Apa yang harus kami lakukan?")
    replies(office, "koordinator", "#eskalasi Login gagal.", office.last("koordinator", "coordinator_direction"))
    assert office.status() == "escalated"
    assert office.letters("lkpp")
    assert not [one for one in office.letters("petugas") if one.template == "staff_direction"]


def test_the_link_in_other_hands_sends_nothing_and_the_request_goes_on_waiting(office: PaperWorld) -> None:
    mail = asked(office)
    body = links(mail)["#eskalasi"]
    office.new_letters("petugas")
    office.write("petugas", body, answers=office.last("petugas", "staff_receipt"))
    assert office.once()
    assert "Hanya koordinator yang dapat menyetujui eskalasi" in flat(office.last("petugas", "staff_receipt"))
    assert len(office.rows("SELECT 1 FROM approvals")) == 1
    tag = f"[{number(office)}]"
    office.write("kepala", body, subject=tag)
    office.write("orang luar", body, subject=tag)
    assert office.once()
    assert not office.letters("lkpp")
    office.write("koordinator", body, subject=tag)
    assert office.once()
    assert office.last("lkpp", "lkpp_escalation")


def test_staff_may_take_the_request_back(office: PaperWorld) -> None:
    mail = asked(office)
    assert staff_writes(office, "#batal", office.last("petugas", "staff_receipt")) == "staff_receipt"
    assert "Permohonan persetujuan eskalasi ditarik kembali" in flat(office.last("petugas", "staff_receipt"))
    assert running(office) == {"first_response"}
    assert "tidak lagi menunggu persetujuan" in flat(clicks(office, mail))
    assert not office.letters("lkpp")


def test_of_two_requests_the_newer_waits(office: PaperWorld) -> None:
    first = asked(office)
    minutes_later(office, 2)
    staff_writes(office, "#eskalasi Login gagal, juga dengan akun lain.", office.last("petugas", "staff_receipt"))
    refused = clicks(office, first)
    assert "permohonan yang lebih baru" in flat(refused)
    assert not office.letters("lkpp")
    assert "Login gagal, juga dengan akun lain." in flat(refused)
    clicks(office, refused)
    assert "Login gagal, juga dengan akun lain." in flat(office.last("lkpp", "lkpp_escalation"))


def test_who_takes_the_ticket_meanwhile_does_not_spoil_the_link(office: PaperWorld) -> None:
    mail = asked(office)
    replies(office, "rekan", "#ambil", office.last("rekan", "staff_new_ticket"))
    assert office.status() == "in_progress"
    clicks(office, mail)
    assert office.status() == "escalated"


def test_what_the_user_has_written_since_is_shown_first(office: PaperWorld) -> None:
    mail = asked(office)
    office.now += timedelta(minutes=3)
    office.write(
        "pengguna", "Sudah bisa login, terima kasih. Tetapi unggah gagal.", answers=office.letters("pengguna")[0]
    )
    assert office.once()
    office.now += timedelta(minutes=3)
    question = clicks(office, mail)
    assert question.template == "staff_confirm"
    assert "Tetapi unggah gagal." in flat(question)
    assert not office.letters("lkpp")
    clicks(office, question)
    assert "Login gagal sejak kemarin." in flat(office.last("lkpp", "lkpp_escalation"))


def test_his_plain_reply_is_a_direction_and_answers_the_request(office: PaperWorld) -> None:
    mail = asked(office)
    replies(office, "koordinator", "Coba dulu dengan jaringan lain.", mail)
    assert "Coba dulu dengan jaringan lain." in flat(office.last("petugas", "staff_direction"))
    assert running(office) == {"first_response"}
    assert not office.letters("lkpp")


def test_it_ends_with_an_answer_to_the_user(office: PaperWorld) -> None:
    mail = asked(office)
    staff_writes(office, "#jawab Sudah kami aktifkan.", office.last("petugas", "staff_receipt"))
    assert "approval" not in running(office)
    assert "tidak lagi menunggu persetujuan" in flat(clicks(office, mail))
    assert not office.letters("lkpp")


@pytest.mark.parametrize("before", ["#minta-data Mohon tangkapan layar.", "#jawab Silakan dicoba."])
def test_while_the_user_is_awaited_a_request_brings_the_ticket_back_to_the_lpse(
    office: PaperWorld, before: str
) -> None:
    opened(office)
    staff_writes(office, before)
    minutes_later(office, 4)
    staff_writes(office, ASKED, office.last("petugas", "staff_receipt"))
    assert office.status() == "in_progress"
    assert running(office) == {"handling", "approval"}


def test_he_is_reminded_with_a_link_that_works(office: PaperWorld) -> None:
    asked(office)
    office.new_letters("koordinator")
    minutes_later(office, 24 * 60)
    [mail] = [one for one in office.new_letters("koordinator") if one.template == "coordinator_approval"]
    assert "belum disetujui" in flat(mail)
    clicks(office, mail)
    assert "Login gagal sejak kemarin." in flat(office.last("lkpp", "lkpp_escalation"))


def test_through_lpse_support_the_coordinator_has_the_text_to_paste(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, sop={"escalation_by": "coordinator"}, lkpp={"channel": "lpse-support"})
    try:
        receipt = clicks(office, asked(office))
        assert "Login gagal sejak kemarin." in flat(receipt)
        assert "koordinator menyampaikannya melalui LPSE Support" in flat(office.last("petugas", "staff_direction"))
        replies(office, "koordinator", "#lpse-support TTS-1", receipt)
        assert "tepat waktu" in flat(office.last("koordinator", "staff_receipt"))
    finally:
        office.store.close()
