"""The receipt: each command, what it did, the status after it, what goes to whom and when; or why nothing was done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.steps import (
    closed,
    data_requested,
    escalated,
    links,
    minutes_later,
    number,
    opened,
    staff_writes,
    told,
)
from tests.world import PaperWorld


def flat(text: str) -> str:
    """A letter's words on one line."""
    return " ".join(text.replace("│", " ").split())


def receipt(office: PaperWorld) -> str:
    return flat(office.last("petugas", "staff_receipt").text)


def test_a_receipt_is_sent_at_once_to_the_writer_alone(office: PaperWorld) -> None:
    opened(office)
    office.new_letters("rekan")
    assert staff_writes(office, "#ambil") == "staff_receipt"
    assert office.new_letters("rekan") == []


def test_a_receipt_answers_the_mail_that_it_is_about(office: PaperWorld) -> None:
    notice = opened(office)
    office.new_letters("petugas")
    written = office.write("petugas", "#ambil", answers=notice)
    office.once()
    found = office.last("petugas", "staff_receipt").message
    assert found["In-Reply-To"] == written["Message-ID"]
    assert notice.message_id in found["References"]


def test_a_receipt_names_command_result_status_recipient_and_time(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#prioritas 2\n#jawab Silakan coba lagi.")
    text = receipt(office)
    assert "#prioritas" in text and "Prioritas menjadi P2 Tinggi." in text
    assert "Jawaban kepada pengguna disiapkan." in text
    assert "Status sekarang : Dijawab, menunggu konfirmasi pengguna" in text
    assert re.search(r"- Jawaban \S+ budi@penyedia\.test\)?: Senin, 21 Desember 2026 pukul 08\.03 WIB", text)
    assert "#batal" in text


def test_what_leaves_at_once_is_said_to(office: PaperWorld) -> None:
    escalated(office, files=[("layar.png", b"png")])
    text = receipt(office)
    assert re.search(r"Eskalasi permasalahan SPSE \S+ helpdesk-lpse@lkpp\.test\)?: segera", text)
    assert re.search(r"Permasalahan diteruskan kepada Helpdesk LKPP \S+ budi@penyedia\.test\)?: segera", text)
    assert links(office.last("petugas", "staff_receipt")) == {}


def test_without_an_undo_window_nothing_is_offered_to_be_taken_back(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, sop={"undo_window": "0m"})
    opened(office)
    staff_writes(office, "#jawab Silakan.")
    assert re.search(r"Jawaban \S+ budi@penyedia\.test\)?: segera", receipt(office))
    assert links(office.last("petugas", "staff_receipt")) == {}
    assert office.last("pengguna").template == "user_answer"
    office.store.close()


_RESULTS = {
    "#info Kabar.": "Informasi kepada pengguna disiapkan.",
    "#ambil": "Tiket ini sekarang Anda tangani.",
    "#minta-data Kode tender?": "Permintaan data kepada pengguna disiapkan.",
    "#eskalasi Gagal.": "Dieskalasikan kepada Helpdesk LKPP (langkah 1).",
    "#catat Perlu dicek.": "Dicatat sebagai catatan internal.",
    "#tts 4711": "Nomor LPSE Support 4711 dicatat.",
    "#tutup": "Tiket ditutup.",
    "#buang": "Tiket dibuang. Keaslian pengirimnya tidak terbukti",
}


@pytest.mark.parametrize(("text", "result"), _RESULTS.items())
def test_each_command_says_what_it_did(office: PaperWorld, text: str, result: str) -> None:
    opened(office)
    staff_writes(office, text)
    assert result in receipt(office)


_AT_LKPP = {
    "#lkpp Mohon kabar.": "Pesan kepada Helpdesk LKPP disiapkan.",
    "#kembali": "Dicatat: kewenangan LPSE (langkah 4).",
    "#data-tambahan Kode tender.": "Dicatat: LKPP meminta data tambahan (langkah 6 dan 7).",
    "#perkembangan Diproses.": "Dicatat: perkembangan dari LKPP (langkah 12/14).",
    "#selesai Sudah.": "Dicatat: LKPP menyatakan selesai (langkah 13).",
    "#alihkan": "Dicatat: LKPP meminta kanal lain; permohonan status dihentikan.",
    "#teruskan Data.": "Data tambahan diteruskan (langkah 9).",
}


@pytest.mark.parametrize(("text", "result"), _AT_LKPP.items())
def test_each_command_at_lkpp_says_what_it_did(office: PaperWorld, text: str, result: str) -> None:
    escalated(office)
    told(office, text)
    assert result in receipt(office)


def test_abaikan_says_that_the_reply_is_ignored(office: PaperWorld) -> None:
    office.write("lkpp", "Sudah kami tindaklanjuti, mohon dicek kembali.", answers=escalated(office))
    office.once()
    staff_writes(office, "#abaikan", office.last("petugas", "staff_classify"))
    assert "Balasan LKPP diabaikan." in receipt(office)


def test_buka_and_batal_say_what_they_did(office: PaperWorld) -> None:
    closed(office)
    staff_writes(office, "#buka")
    assert "Tiket dibuka kembali." in receipt(office)
    staff_writes(office, "#jawab Silakan.", office.last("petugas", "staff_receipt"))
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert "Dibatalkan." in receipt(office)


_REFUSED = {
    "#teruskan Data.": "tidak sedang ditangani Helpdesk LKPP",
    "#lkpp Halo.": "belum pernah dieskalasikan",
    "#batal": "Tidak ada e-mail yang masih menunggu",
    "#buka": "tidak sedang ditutup",
    "#abaikan": "Tidak ada balasan LKPP",
}


@pytest.mark.parametrize(("text", "reason"), _REFUSED.items())
def test_a_refusal_gives_its_reason_and_the_status_that_stays(office: PaperWorld, text: str, reason: str) -> None:
    opened(office)
    staff_writes(office, text)
    shown = receipt(office)
    assert "Tidak ada yang dijalankan:" in shown and reason in shown
    assert "tidak dilaksanakan" in shown
    assert "Status sekarang : Baru" in shown


def test_by_lpse_support_nothing_is_mailed_and_the_text_to_paste_stands_in_the_receipt(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, lkpp={"channel": "lpse-support"})
    opened(office)
    staff_writes(office, "#eskalasi Login gagal sejak kemarin.")
    assert office.status() == "escalated"
    assert office.letters("lkpp") == []
    assert "Login gagal sejak kemarin." in receipt(office)
    assert "#lpse-support NOMOR" in receipt(office)
    staff_writes(office, "#lkpp Halo.", office.last("petugas", "staff_receipt"))
    assert "melalui LPSE Support" in receipt(office)
    office.store.close()


def test_a_question_shows_what_would_be_sent_and_a_link_that_sends_it(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "Silakan coba lagi,\nlalu kabari kami.\n\n> kutip\n\nsalam", notice, quote=False)
    question = office.last("petugas", "staff_confirm")
    assert "Belum ada yang dijalankan atau dikirim." in question.text
    assert "Silakan coba lagi," in question.text
    body = links(question)["#jawab"]
    assert "Silakan coba lagi,\nlalu kabari kami." in body


def test_a_text_too_long_for_a_link_is_a_line_there_and_goes_whole(office: PaperWorld) -> None:
    notice = opened(office)
    words = " ".join(f"Panjang sekali, kalimat {number}." for number in range(200))
    staff_writes(office, f"{words}\n\n> kutip\n\nsalam", notice, quote=False)
    question = office.last("petugas", "staff_confirm")
    assert words in flat(question.text)
    body = links(question)["#jawab"]
    assert body.endswith("#jawab\n[teks seperti di atas]")
    office.write("petugas", body, subject=f"[{number(office)}]")
    office.once()
    minutes_later(office, 4)
    assert words in flat(office.last("pengguna", "user_answer").text)


def test_the_status_of_a_ticket_lists_its_limits(office: PaperWorld) -> None:
    data_requested(office)
    staff_writes(office, "#status", office.last("petugas"))
    text = receipt(office)
    assert "Data tambahan dari pengguna: Selasa, 22 Desember 2026 pukul 08.00 WIB" in text
    assert "petugas: Sari" in text
    assert f"Tiket : {number(office)}" in text


def test_the_second_receipt_of_a_link_repeats_the_first_word_for_word(office: PaperWorld) -> None:
    body = links(opened(office))["#minta-data"] + "Mohon kode tender."
    subject = f"[{number(office)}]"
    office.write("petugas", body, subject=subject)
    office.once()
    first = receipt(office)
    minutes_later(office, 5)
    office.write("petugas", body, subject=subject)
    office.once()
    second = receipt(office)
    assert "pukul 08.03 WIB" in first and "pukul 08.03 WIB" in second
    assert len(office.rows("SELECT 1 FROM outbox WHERE template = 'user_request'")) == 1
