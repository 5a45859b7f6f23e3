"""What comes in an order that nobody had in mind: each clock, each waiting word and each command stays true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.steps import (
    clocks,
    data_requested,
    escalated,
    flat,
    links,
    minutes_later,
    number,
    opened,
    resolved,
    sending_link,
    staff_writes,
    templates,
)
from tests.world import PEOPLE, Letter, PaperWorld

# --- step 9: data that LKPP has already ------------------------------------------------------------------

HELPDESK = f"Helpdesk LKPP <{PEOPLE['lkpp'].upper()}>"
OTHER_DESK = "=?utf-8?q?Tim_Teknis?= <teknis@lkpp.test>"
TO_BOTH = f"lpse@batangkab.test, LKPP: {PEOPLE['lkpp']};"


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("Kode tender 87654321, NPWP 01.234.567.8-901.000.", {"cc": PEOPLE["lkpp"]}),
        ("Kami tidak memiliki akta perubahan.", {"cc": HELPDESK}),
        ("", {"cc": OTHER_DESK, "files": [("akta.pdf", b"%PDF-1.4 akta")]}),
        ("Galat muncul pada langkah ketiga, setelah tombol Kirim ditekan.", {"to": TO_BOTH}),
        ("Tidak ada pesan galat yang tampil.", {"cc": f"direktur@penyedia.test, {PEOPLE['lkpp']}", "quote": False}),
    ],
)
def test_data_that_name_lkpp_are_not_forwarded_again_and_lkpp_s_clock_starts_anew(
    office: PaperWorld, words: str, more: dict[str, object]
) -> None:
    request = data_requested(office)
    for who in ("lkpp", "petugas", "pengguna"):
        office.new_letters(who)
    office.write("pengguna", words, answers=request, **more)  # type: ignore[arg-type]
    assert office.once()
    assert office.status() == "escalated"
    assert office.new_letters("lkpp") == office.new_letters("pengguna") == []
    [notice] = office.new_letters("petugas")
    assert notice.template == "staff_user_reply"
    assert "tidak diteruskan lagi" in flat(notice)
    assert "#teruskan" in links(notice)
    assert clocks(office) == ["lkpp_status"]
    staff_writes(office, "#teruskan", notice)
    assert templates(office.new_letters("lkpp")) == ["lkpp_additional_data"]


@pytest.mark.parametrize("words", ["Data yang mana maksudnya?", "Baik, akan kami kirim besok.", "Terima kasih."])
def test_what_is_no_data_leaves_lkpp_s_clock_paused_whoever_else_reads_it(office: PaperWorld, words: str) -> None:
    office.write("pengguna", words, answers=data_requested(office), cc=PEOPLE["lkpp"])
    assert office.once()
    assert office.status() == "awaiting_data"
    assert clocks(office) == ["user_data"]


def test_a_program_that_names_lkpp_is_held_like_any_other(office: PaperWorld) -> None:
    office.write(
        "pengguna", "Berikut datanya.", answers=data_requested(office), cc=PEOPLE["lkpp"], files=[("a.exe", b"MZ")]
    )
    assert office.once()
    assert office.status() == "awaiting_data"


# --- `#buka` while the user is asked for his confirmation ------------------------------------------------


@pytest.mark.parametrize("text", ["#buka", "#reopen", "#BUKA\n\nTerima kasih,\nSari"])
def test_an_answered_ticket_is_opened_again_with_the_clock_of_the_next_answer(office: PaperWorld, text: str) -> None:
    resolved(office)
    assert staff_writes(office, text) == "staff_receipt"
    assert "tidak dijalankan" not in flat(office.last("petugas"))
    assert office.status() == "in_progress"
    assert clocks(office) == ["next_response"]


def test_a_user_who_says_that_it_does_not_work_starts_the_clock_of_the_next_answer(office: PaperWorld) -> None:
    answer = resolved(office)
    office.write("pengguna", "Belum, masih gagal.", answers=answer)
    assert office.once()
    assert clocks(office) == ["next_response"]
    assert "Tanggapan berikutnya" in flat(office.last("petugas", "staff_user_reply"))


# --- what LKPP means, on a ticket that it does not have ----------------------------------------------------

_SAID_SO = "Menurut Bu Rina di LKPP, akun penyedia sudah dipulihkan."
_MEANINGS = ["#kembali", "#data-tambahan", "#perkembangan", "#selesai", "#alihkan", "#abaikan"]


@pytest.mark.parametrize("command", _MEANINGS)
@pytest.mark.parametrize("had_it", [False, True], ids=["never had", "has no more"])
def test_a_meaning_on_a_ticket_that_lkpp_does_not_have_is_refused_and_its_text_is_kept(
    office: PaperWorld, command: str, had_it: bool
) -> None:
    notice = handed_back(office) if had_it else opened(office)
    before = office.status()
    office.new_letters("pengguna")
    assert staff_writes(office, f"{command}\n{_SAID_SO}", notice) == "staff_receipt"
    refused = office.last("petugas", "staff_receipt")
    assert "tidak dilaksanakan" in flat(refused)
    assert (office.status(), office.new_letters("pengguna")) == (before, [])
    found = links(refused)
    assert set(found) >= {"#tutup", "#jawab"}
    assert all(_SAID_SO in body for body in found.values())
    staff_writes(office, found["#jawab"], refused)
    minutes_later(office, 4)
    assert office.status() == "resolved"
    assert _SAID_SO in office.last("pengguna", "user_answer").text


def test_a_meaning_without_a_text_is_refused_for_the_same_reason(office: PaperWorld) -> None:
    staff_writes(office, "#selesai", handed_back(office))
    refused = office.last("petugas", "staff_receipt")
    assert "tidak sedang ditangani Helpdesk LKPP" in flat(refused)
    assert set(links(refused)) == {"#tutup", "#jawab"}


def test_a_reply_that_waits_gets_its_meaning_on_whatever_ticket_it_waits(office: PaperWorld) -> None:
    escalation = escalated(office)
    office.write("lkpp", "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali.", answers=escalation)
    assert office.once()
    office.now += timedelta(minutes=1)
    office.write("lkpp", "Menara ALFA, silakan dicermati.", answers=escalation)
    assert office.once()
    assert office.status() == "resolved"
    staff_writes(office, "#kembali", office.last("petugas", "staff_classify"))
    assert office.status() == "returned"


def handed_back(office: PaperWorld) -> Letter:
    """A ticket that LKPP has handed back; the notice of it."""
    escalation = escalated(office)
    office.write("lkpp", "Hal tersebut merupakan kewenangan LPSE, silakan ditangani Admin PPE.", answers=escalation)
    assert office.once()
    assert office.status() == "returned"
    return office.last("petugas", "staff_returned")


# --- a staff reply in the threads of two users -------------------------------------------------------------


def two_threads(office: PaperWorld) -> tuple[Letter, Letter]:
    """Tickets of two users; the notice of each."""
    first = opened(office)
    office.write("siti@lain.test", "Kami tidak dapat mengunggah penawaran.", subject="Gagal unggah")
    assert office.once()
    return first, office.last("petugas", "staff_new_ticket")


@pytest.mark.parametrize(
    ("parent", "references"),
    [("{b}", "{a} {b}"), ("{a} {b}", ""), ("{a}", "{b}"), ("", "{b} {a}"), ("{b}", "<x@y.test> {a}\n {b}")],
)
@pytest.mark.parametrize("text", ["Silakan hapus cache peramban.", "#jawab Silakan hapus cache peramban."])
def test_a_reply_in_the_threads_of_two_users_is_asked_about(
    office: PaperWorld, parent: str, references: str, text: str
) -> None:
    a, b = two_threads(office)
    named = [
        (name, value.format(a=a.message_id, b=b.message_id).replace("\n", ""))
        for name, value in (("In-Reply-To", parent), ("References", references))
        if value
    ]
    office.new_letters("petugas")
    office.write("petugas", text, subject="Re: Gagal", headers=named)
    assert office.once()
    [asked] = office.new_letters("petugas")
    assert "dua tiket" in flat(asked)
    assert [row["status"] for row in office.rows("SELECT status FROM tickets")] == ["new", "new"]
    minutes_later(office, 4)
    assert templates(office.letters("siti@lain.test")) == ["user_acknowledgement"]
    assert asked.html.count("mailto:") == 2
    command = "#jawab" if "#jawab" in text or parent or references else "#catat"
    assert "Silakan hapus cache peramban." in links(asked)[command]


def test_the_link_of_one_ticket_carries_the_text_to_its_user(office: PaperWorld) -> None:
    a, b = two_threads(office)
    both = [("In-Reply-To", a.message_id), ("References", f"{b.message_id} {a.message_id}")]
    office.write("petugas", "Silakan hapus cache peramban.", subject="Re: Gagal", headers=both)
    assert office.once()
    asked = office.last("petugas", "staff_receipt")
    office.write("petugas", links(asked)["#jawab"], subject=f"[{number(office)}] Gagal unggah")
    assert office.once()
    minutes_later(office, 4)
    assert "hapus cache" in office.last("siti@lain.test", "user_answer").text
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]


def test_the_references_of_a_users_next_ticket_name_his_last_one_too(office: PaperWorld) -> None:
    first = opened(office)
    second = opened(office, "Kami juga tidak dapat mengunggah.", subject="Gagal unggah")
    both = [("In-Reply-To", second.message_id), ("References", f"{first.message_id} {second.message_id}")]
    office.write("petugas", "#info Sedang kami periksa.", subject="Re: Gagal unggah", headers=both)
    assert office.once()
    assert "dua tiket" not in flat(office.last("petugas", "staff_receipt"))


# --- what came since the mail that is answered -----------------------------------------------------------


def user_writes(office: PaperWorld, text: str, **more: object) -> None:
    office.now += timedelta(minutes=10)
    office.write("pengguna", text, answers=office.last("pengguna"), **more)  # type: ignore[arg-type]
    assert office.once()


NEWS = "Ternyata yang gagal adalah unggah dokumen, bukan login."


@pytest.mark.parametrize("text", ["Silakan ganti kata sandi.", "#jawab Silakan ganti kata sandi.", "#eskalasi Gagal."])
@pytest.mark.parametrize("files", [(), [("layar.png", b"\x89PNG")]], ids=["words", "file"])
def test_an_answer_on_a_mail_older_than_the_users_next_one_is_held_and_shows_it(
    office: PaperWorld, text: str, files: list[tuple[str, bytes]]
) -> None:
    notice = opened(office)
    user_writes(office, NEWS, files=files)
    assert staff_writes(office, text, notice) == "staff_confirm"
    confirm = office.last("petugas", "staff_confirm")
    assert NEWS in flat(confirm) and "pengguna menulis lagi" in flat(confirm)
    assert office.status() == "new"
    assert office.letters("lkpp") == []
    body = sending_link(confirm)
    office.write("petugas", body, subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    assert office.status() in ("resolved", "escalated")


@pytest.mark.parametrize(
    "text",
    ["Mohon segera.", "Bagaimana perkembangannya, pak?", "Terima kasih.", "Mohon updatenya, kami masih menunggu"],
)
def test_thanks_and_urging_hold_nothing(office: PaperWorld, text: str) -> None:
    notice = opened(office)
    user_writes(office, text)
    assert staff_writes(office, "Silakan ganti kata sandi.", notice) == "staff_receipt"
    assert office.status() == "resolved"


def test_a_file_with_thanks_is_news(office: PaperWorld) -> None:
    notice = opened(office)
    user_writes(office, "Terima kasih.", files=[("layar.png", b"\x89PNG")])
    assert staff_writes(office, "Silakan ganti kata sandi.", notice) == "staff_confirm"


def test_an_answer_on_the_users_newest_mail_is_sent(office: PaperWorld) -> None:
    opened(office)
    user_writes(office, NEWS)
    assert staff_writes(office, "Silakan unggah ulang.", office.last("petugas", "staff_user_reply")) == "staff_receipt"


def test_of_two_mails_of_one_pass_the_first_ones_notice_has_not_shown_the_second(office: PaperWorld) -> None:
    opened(office)
    acknowledgement = office.last("pengguna")
    office.now += timedelta(minutes=10)
    office.write("pengguna", "Kami memakai Chrome.", answers=acknowledgement)
    office.write("pengguna", NEWS, answers=acknowledgement)
    office.new_letters("petugas")
    assert office.once()
    first, second = office.new_letters("petugas")
    assert staff_writes(office, "Silakan ganti kata sandi.", first) == "staff_confirm"
    assert staff_writes(office, "Silakan unggah ulang.", second) == "staff_receipt"


@pytest.mark.parametrize(
    ("reply", "held"),
    [
        ("Permasalahan masih dalam proses penanganan Tim Teknis.", True),
        ("Menara ALFA, silakan dicermati.", True),
        ("E-mail Bapak/Ibu telah kami terima.", False),
    ],
)
def test_an_interim_answer_on_a_mail_older_than_lkpp_s_next_reply_is_held(
    office: PaperWorld, reply: str, held: bool
) -> None:
    escalation = escalated(office)
    notice = office.last("petugas")
    office.now += timedelta(minutes=10)
    office.write("lkpp", reply, answers=escalation)
    assert office.once()
    got = staff_writes(office, "#jawab LKPP belum memberi kabar.", notice)
    assert got == ("staff_confirm" if held else "staff_receipt")
    if held:
        assert reply in flat(office.last("petugas")) and "Helpdesk LKPP menulis lagi" in flat(office.last("petugas"))


def test_all_that_came_is_shown(office: PaperWorld) -> None:
    notice = opened(office)
    user_writes(office, "Kami memakai Chrome versi terbaru.")
    user_writes(office, NEWS)
    staff_writes(office, "Silakan ganti kata sandi.", notice)
    shown = flat(office.last("petugas", "staff_confirm"))
    assert "Kami memakai Chrome versi terbaru." in shown and NEWS in shown


@pytest.mark.parametrize("text", ["#info Sedang kami periksa.", "#catat Pengguna menelepon.", "#ambil"])
def test_what_decides_nothing_is_not_held(office: PaperWorld, text: str) -> None:
    notice = opened(office)
    user_writes(office, NEWS)
    assert staff_writes(office, text, notice) == "staff_receipt"
