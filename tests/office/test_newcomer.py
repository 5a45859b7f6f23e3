"""What somebody does who has read no manual and acts on what the mails tell him, from a telephone (docs/trial.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.steps import disposition, escalated, flat, links, minutes_later, number, opened, resolved, staff_writes
from tests.world import Letter, PaperWorld

IPHONE = "\n\nDikirim dari iPhone saya\n"


@pytest.fixture(autouse=True)
def at_eight(office: PaperWorld) -> Iterator[None]:
    office.at("2026-12-21 08:00")
    yield


def tapped(office: PaperWorld, link: str, signature: str = IPHONE, who: str = "petugas") -> Letter:
    """What comes back after a link's ready mail was sent from a telephone: a new mail, which answers none of ours."""
    office.new_letters(who)
    office.write(who, link + signature, subject=f"[{number(office)}]")
    assert office.once()
    return office.new_letters(who)[-1]


# --- a command in the wrong place ------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Selamat pagi, #tugaskan Joko", "Mohon (#eskalasi) ya", "Pak, #minta data KTP"])
def test_a_command_within_a_sentence_does_not_go_to_the_user_as_an_answer(office: PaperWorld, words: str) -> None:
    opened(office)
    assert staff_writes(office, words) == "staff_confirm"
    assert words[words.index("#") : words.index("#") + 6] in flat(office.last("petugas").text)
    minutes_later(office, 4)
    assert len(office.letters("pengguna")) == 1


@pytest.mark.parametrize(
    "words", ["Pilih menu #2 lalu simpan.", "Buka https://x.test/#status lalu masuk.", "Nilai C# dan F# sama saja."]
)
def test_a_hash_that_is_no_command_goes_out_as_it_is(office: PaperWorld, words: str) -> None:
    opened(office)
    assert staff_writes(office, words) == "staff_receipt"


def test_a_text_above_a_links_command_is_put_below_it_and_asked_about(office: PaperWorld) -> None:
    """iOS opens a ready mail with the cursor at its top."""
    ask = next(link for command, link in links(opened(office)).items() if command == "#minta-data")
    shown = tapped(office, f"Mohon kirim tangkapan layar.\n\n{ask}")
    assert shown.template == "staff_confirm"
    assert "Mohon kirim tangkapan layar." in shown.text and "iPhone" not in shown.text
    assert tapped(office, links(shown)["#minta-data"]).template == "staff_receipt"
    minutes_later(office, 4)
    request = office.last("pengguna", "user_request").text
    assert "Mohon kirim tangkapan layar." in request and "iPhone" not in request


def test_a_text_above_a_command_that_has_one_below_is_refused(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "Yang ini dulu saja.\n#minta-data\nMohon kirim KTP.") == "staff_receipt"
    assert "Ada teks sebelum perintah" in flat(office.last("petugas").text)


# --- a slip, and the way on from there --------------------------------------------------------------------


def test_a_refused_command_comes_back_with_the_links_that_work(office: PaperWorld) -> None:
    ask = next(link for command, link in links(opened(office)).items() if command == "#minta-data")
    shown = tapped(office, ask)
    assert "memerlukan teks" in shown.text
    assert tapped(office, links(shown)["#minta-data"].rstrip() + "\nMohon kirim KTP.").template == "staff_receipt"
    assert office.status() == "awaiting_user"


def test_a_link_that_came_too_late_brings_its_text_back_in_a_link_that_works(office: PaperWorld) -> None:
    notice = opened(office)
    escalate = links(notice)["#minta-data"].rstrip() + "\nMohon kirim NPWP."
    assert staff_writes(office, "#tutup", notice) == "staff_receipt"
    assert staff_writes(office, "#buka", notice) == "staff_receipt"
    shown = tapped(office, escalate)
    assert "tidak berlaku lagi" in flat(shown.text)
    assert "Mohon kirim NPWP." in links(shown)["#minta-data"]
    assert tapped(office, links(shown)["#minta-data"]).template == "staff_receipt"
    assert office.status() == "awaiting_user"


def test_what_was_taken_back_leaves_the_next_steps(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Silakan coba lagi.")
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert {"#jawab", "#minta-data", "#eskalasi"} <= links(office.last("petugas", "staff_receipt")).keys()


def test_a_slip_in_gabung_is_explained_and_not_put_into_quarantine(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#gabung 99") == "staff_receipt"
    assert "Tidak ada tiket 99" in flat(office.last("petugas").text)
    assert disposition(office)[1] == "staff.refused"


def test_gabung_takes_a_short_number_as_status_does(office: PaperWorld) -> None:
    opened(office)
    first = number(office)
    opened(office, subject="Tidak bisa login juga")
    assert staff_writes(office, f"#gabung {int(first[-6:])}") == "staff_receipt"  # one user's: no code is asked for
    assert first in flat(office.last("petugas").text)


# --- a person, and no robot -------------------------------------------------------------------------------


def test_somebody_who_is_quick_with_slips_gets_every_receipt(office: PaperWorld) -> None:
    """A link that was sent without its text is no robot's doing, however soon it comes."""
    opened(office)
    for words in ("#ambil", "#catat dilihat", "Baik, terima kasih"):
        office.now += timedelta(seconds=20)
        staff_writes(office, words, office.last("petugas"))
    ask = next(
        link for command, link in links(office.last("petugas", "staff_new_ticket")).items() if "minta" in command
    )
    for _ in range(2):
        office.now += timedelta(seconds=20)
        assert tapped(office, ask).template == "staff_receipt"


# --- what a mail says of itself ---------------------------------------------------------------------------


def test_a_note_by_chance_can_be_sent_to_the_user_by_a_link(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#ambil")
    staff_writes(office, "Silakan masuk lewat menu Lupa Password.", office.last("petugas", "staff_receipt"))
    shown = office.last("petugas", "staff_receipt")
    assert "Lupa Password" in links(shown)["#jawab"]
    assert tapped(office, links(shown)["#jawab"]).template == "staff_receipt"
    minutes_later(office, 4)
    assert "Lupa Password" in office.last("pengguna", "user_answer").text


def test_a_held_note_is_not_called_sending(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#ambil")
    assert staff_writes(office, "Baik, terima kasih", office.last("petugas", "staff_receipt")) == "staff_confirm"
    shown = office.last("petugas").text
    assert "Tetap kirim" not in shown and "Simpan sebagai catatan internal" in shown


def test_the_receipt_of_a_plain_answer_shows_what_goes_out(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Silakan coba lagi.\n\nHormat kami,\nSari")
    receipt = office.last("petugas", "staff_receipt").text
    assert "Isi pesan" in receipt and "Silakan coba lagi." in receipt and "Hormat kami" not in receipt


def test_a_reply_of_lkpp_can_be_answered_by_a_link(office: PaperWorld) -> None:
    office.write("lkpp", "Tim sedang melakukan pengecekan di sisi server.", answers=escalated(office))
    office.once()
    notice = office.last("petugas", "staff_lkpp_reply")
    assert "#lkpp" in links(notice)
    assert tapped(office, links(notice)["#lkpp"].rstrip() + "\nMasih terjadi.").template == "staff_receipt"
    assert "Masih terjadi." in office.last("lkpp", "lkpp_message").text


def test_an_answered_ticket_can_be_closed_by_a_link(office: PaperWorld) -> None:
    answer = resolved(office)
    office.write("pengguna", "Oh begitu, apakah ada panduannya?", answers=answer)
    office.once()
    staff_writes(office, "Ada di situs kami.", office.last("petugas", "staff_user_reply"))
    minutes_later(office, 4)
    staff_writes(office, "#status", office.last("petugas", "staff_receipt"))
    assert "#tutup" in links(office.last("petugas", "staff_receipt"))


@pytest.mark.parametrize("template", ["staff_new_ticket", "staff_user_reply"])
def test_a_notice_names_the_list_of_commands(office: PaperWorld, template: str) -> None:
    opened(office)
    office.write("pengguna", "Masih gagal.", answers=office.last("pengguna"))
    office.once()
    assert "#bantuan" in office.last("petugas", template).text
