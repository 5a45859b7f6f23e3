"""A letter says whose words it brings, and what is missing in it; a receipt says what was not sent, and why."""

from __future__ import annotations

from tests.steps import data_requested, escalated, flat, links, minutes_later, opened, staff_writes
from tests.world import PaperWorld


def tried(letter: str) -> str:
    return letter.partition("5. Upaya yang telah dilakukan LPSE")[2].lstrip(" :-")


def test_an_escalation_without_tries_says_so_to_lkpp_and_in_the_receipt(office: PaperWorld) -> None:
    letter = flat(escalated(office).text)
    assert tried(letter).startswith("Tidak dituliskan pada eskalasi ini.")
    receipt = flat(office.last("petugas", "staff_receipt").text)
    assert "Belum lengkap : berkas pendukung, upaya yang telah dilakukan" in receipt


def test_the_tries_may_stand_in_the_line_of_the_summary(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#eskalasi Unggah dokumen gagal. Upaya: sudah dicoba dua peramban.", notice)
    letter = flat(office.last("lkpp", "lkpp_escalation").text)
    assert "gagal. 4. Kronologi" in letter
    assert tried(letter).startswith("sudah dicoba dua peramban.")
    assert "upaya yang telah dilakukan" not in flat(office.last("petugas", "staff_receipt").text)


def test_a_time_of_knowing_beyond_the_limit_is_told_as_a_breach_in_the_receipt(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    notice = opened(office)
    office.at("2026-12-21 09:20")
    words = "#eskalasi\nRingkasan: gagal unggah\nUpaya: dua peramban\nDiketahui tidak dapat ditangani pukul: 09.05"
    staff_writes(office, words, notice)
    receipt = flat(office.last("petugas", "staff_receipt").text)
    assert "Penyimpangan" in receipt
    assert "Senin, 21 Desember 2026 pukul 09.05 WIB" in receipt and "batas 5 menit" in receipt
    assert "#alasan" in receipt


def test_a_time_of_knowing_within_the_limit_is_no_breach(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    notice = opened(office)
    office.at("2026-12-21 09:08")
    words = "#eskalasi\nRingkasan: gagal unggah\nUpaya: dua peramban\nDiketahui tidak dapat ditangani pukul: 09.05"
    staff_writes(office, words, notice)
    assert "batas 5 menit" not in flat(office.last("petugas", "staff_receipt").text)


def test_lkpp_s_words_that_staff_explain_stay_lkpp_s(office: PaperWorld) -> None:
    office.write(
        "lkpp",
        "Kemungkinan dari sisi server, mohon dipastikan. Jika masih terkendala silakan lampirkan log.",
        answers=escalated(office),
    )
    assert office.once()
    question = office.last("petugas", "staff_classify")
    office.write("petugas", links(question)["#kembali"], subject=question.subject)
    assert office.once()
    told = flat(office.last("petugas", "staff_returned").text)
    assert "Panduan LKPP: Kemungkinan dari sisi server" in told
    assert "Panduan dari Sari" not in told


def test_data_that_lkpp_asked_for_follow_its_request_and_others_follow_none(office: PaperWorld) -> None:
    request = data_requested(office)
    office.write("pengguna", "Kode tender 87654321.", answers=request)
    assert office.once()
    assert "Menindaklanjuti permintaan data tambahan" in flat(office.last("lkpp", "lkpp_additional_data").text)
    office.write("pengguna", "Ini juga pesan kesalahannya: 500.", answers=request)
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    office.write("petugas", links(notice)["#teruskan"], subject=notice.subject)
    assert office.once()
    letter = flat(office.last("lkpp", "lkpp_additional_data").text)
    assert "500" in letter and "Menindaklanjuti permintaan" not in letter
    assert "bersama ini kami sampaikan data tambahan dari pengguna" in letter.lower()


def test_what_was_taken_back_is_called_a_mail_that_does_not_go(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "Silakan gunakan menu lupa password.", notice)
    staff_writes(office, "#batal", notice)
    assert "E-mail “Jawaban” untuk budi@penyedia.test tidak jadi dikirim" in flat(office.letters("petugas")[-1].text)


def test_the_receipts_of_a_request_and_of_a_closing_show_the_words(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#minta-data Tangkapan layar pesan kesalahan.", notice)
    assert "Isi pesan: Tangkapan layar pesan kesalahan." in flat(office.last("petugas", "staff_receipt").text)
    staff_writes(office, "#batal", notice)
    staff_writes(office, "#tutup Telah diselesaikan di loket.", notice)
    assert "Isi pesan: Telah diselesaikan di loket." in flat(office.last("petugas", "staff_receipt").text)


def test_a_plain_reply_that_goes_nowhere_says_so_first(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#status", notice)
    staff_writes(office, "Silakan gunakan menu lupa password.", office.last("petugas", "staff_receipt"))
    receipt = office.letters("petugas")[-1]
    assert "BELUM DIKIRIM" in receipt.subject
    assert "BELUM DIKIRIM" in flat(receipt.text).partition("#catat")[0]


def test_an_answer_that_is_signed_within_its_text_goes_out_without_the_signature(office: PaperWorld) -> None:
    opened(office)
    signature = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEB\n=Ab1+\n-----END PGP SIGNATURE-----"
    words = "Silakan gunakan menu lupa password.\n\n- - lalu masuk kembali"
    signed = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{words}\n{signature}\n"
    assert staff_writes(office, signed) == "staff_receipt"
    minutes_later(office, 4)
    answer = office.last("pengguna", "user_answer")
    assert "Silakan gunakan menu lupa password." in answer.text and "- lalu masuk kembali" in answer.text
    assert "PGP" not in answer.text and "iQEzBAEB" not in answer.text
