"""What an officer met on the first morning, who had read docs/petugas.md alone (docs/trial.md)."""

from __future__ import annotations

import pytest

from tests.steps import escalated, flat, links, minutes_later, opened, resolved, staff_writes
from tests.world import PaperWorld

THANKS = "Baik bu, terima kasih infonya."


# --- looking for something ------------------------------------------------------------------------------------------


def test_what_was_never_sent_is_found_with_a_mark(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#jawab Silakan tanyakan kepada verifikator.", notice)
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    staff_writes(office, "#cari verifikator", notice)
    assert "(ditarik kembali, tidak pernah dikirim) Silakan tanyakan" in flat(office.last("petugas", "staff_receipt"))


def test_what_was_sent_is_found_without_it(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#jawab Silakan tanyakan kepada verifikator.", notice)
    minutes_later(office, 4)
    staff_writes(office, "#cari verifikator", notice)
    shown = flat(office.last("petugas", "staff_receipt"))
    assert "Silakan tanyakan kepada verifikator" in shown and "tidak pernah dikirim" not in shown


# --- what waits for whom ----------------------------------------------------------------------------------------------


def test_my_list_has_what_nobody_has_taken_and_waits_for_staff(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#ambil", notice)
    office.write("kedua", "Kami tidak bisa unggah.", sender="Kedua <kedua@lain.test>", subject="Unggah gagal")
    assert office.once()
    staff_writes(office, "#daftar saya", notice)
    shown = flat(office.last("petugas", "staff_receipt"))
    assert "Unggah gagal" in shown and "Tidak bisa login" in shown


def test_my_list_leaves_out_what_a_colleague_has_and_what_waits_for_others(office: PaperWorld) -> None:
    notice = opened(office)
    office.write("rekan", "#ambil", answers=office.last("rekan", "staff_new_ticket"))
    assert office.once()
    staff_writes(office, "#daftar saya", notice)
    assert "Tidak bisa login" not in flat(office.last("petugas", "staff_receipt")).partition("Tiket terbuka")[2]


def test_the_list_is_grouped_by_whose_turn_it_is(office: PaperWorld) -> None:
    escalated(office)
    office.write("kedua", "Kami tidak bisa unggah.", sender="Kedua <kedua@lain.test>", subject="Unggah gagal")
    office.write("ketiga", "Kami lupa kata sandi.", sender="Ketiga <ketiga@lain.test>", subject="Lupa sandi")
    assert office.once()
    sandi = next(one for one in reversed(office.letters("petugas")) if "Lupa sandi" in one.text)
    staff_writes(office, "#minta-data Kirim NPWP.", sandi)
    staff_writes(office, "#daftar", sandi)
    shown = flat(office.last("petugas", "staff_receipt"))
    staff, user, lkpp = (
        shown.index(title) for title in ("Menunggu petugas (1)", "Menunggu pengguna (1)", "Menunggu Helpdesk LKPP (1)")
    )
    assert staff < shown.index("Unggah gagal") < user < shown.rindex("Lupa sandi", user, lkpp) < lkpp


# --- nothing to answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [THANKS, f"{THANKS} Nanti kami siapkan suratnya."])
def test_after_a_bare_thanks_no_answer_is_demanded(office: PaperWorld, words: str) -> None:
    staff_writes(office, "#minta-data Surat permohonan.", opened(office))
    minutes_later(office, 4)
    office.write("pengguna", words, answers=office.last("pengguna", "user_request"))
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    now = flat(notice).partition("Sekarang:")[2].partition("Tiket")[0]
    assert now.strip().startswith("tidak perlu dijawab")
    assert {"#tunda 3 hari kerja menunggu kabar dari pengguna", "#tutup"} <= set(links(notice))
    assert "Tulis lamanya" not in flat(notice)
    body = links(notice)["#tunda 3 hari kerja menunggu kabar dari pengguna"]
    office.write("petugas", body, subject=notice.subject)
    assert office.once()
    assert "menunggu kabar dari pengguna" in flat(office.letters("petugas")[-1])


def test_words_that_ask_for_something_demand_an_answer_as_before(office: PaperWorld) -> None:
    staff_writes(office, "#minta-data Surat permohonan.", opened(office))
    minutes_later(office, 4)
    office.write("pengguna", "Terima kasih, tetapi suratnya ditujukan kepada siapa?", answers=office.last("pengguna"))
    assert office.once()
    assert "Sekarang: balas e-mail ini" in flat(office.last("petugas", "staff_user_reply"))


# --- penyimpangan -----------------------------------------------------------------------------------------------------

LATE = (
    "#eskalasi\nRingkasan: gagal unggah\nUpaya: dua peramban\nDiketahui tidak dapat ditangani pukul: 09.05\n"
    "Alasan bila terlambat atau tanpa berkas pendukung: listrik kantor padam"
)


def test_the_link_of_an_escalation_has_a_line_for_the_reason(office: PaperWorld) -> None:
    body = links(opened(office))["#eskalasi"]
    assert "Alasan bila terlambat atau tanpa berkas pendukung:" in body
    assert "Diketahui tidak dapat ditangani pukul (kosongkan bila baru saja):" in body


def test_a_reason_in_the_escalation_explains_its_breaches_and_lkpp_never_reads_it(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    notice = opened(office)
    office.at("2026-12-21 09:20")
    staff_writes(office, LATE, notice)
    assert office.status() == "escalated"
    rows = office.rows("SELECT clock, reason FROM breaches ORDER BY clock")
    assert {row["clock"]: row["reason"] for row in rows} == {
        "escalation": "listrik kantor padam",
        "supporting_data": "listrik kantor padam",
    }
    assert "listrik" not in office.last("lkpp", "lkpp_escalation").text
    assert office.rows("SELECT 1 FROM texts WHERE audience LIKE '%,lkpp,%' AND body LIKE '%listrik%'") == []
    receipt = flat(office.last("petugas", "staff_receipt"))
    assert "tanpa berkas pendukung" in receipt and "listrik kantor padam" in receipt


def test_without_a_reason_the_receipt_says_what_was_recorded_and_has_the_link_for_it(office: PaperWorld) -> None:
    escalated(office)
    receipt = office.last("petugas", "staff_receipt")
    assert "Penyimpangan : Dicatat: tanpa berkas pendukung. Tulis alasannya dengan #alasan." in flat(receipt)
    assert "#alasan" in links(receipt)


# --- small things -----------------------------------------------------------------------------------------------------


def test_batal_that_comes_too_late_says_what_has_left_and_when(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    staff_writes(office, "#jawab Silakan coba lagi.", opened(office))
    minutes_later(office, 10)
    staff_writes(office, "#batal")
    told = flat(office.last("petugas", "staff_receipt"))
    assert "“Jawaban” kepada budi@penyedia.test dikirim pada Senin, 21 Desember 2026 pukul 09.1" in told
    assert "kirim ralat dengan #jawab" in told


def test_what_is_held_for_its_shortness_says_that_it_may_be_left(office: PaperWorld) -> None:
    assert staff_writes(office, "ok", opened(office)) == "staff_confirm"
    assert "Bila tidak, biarkan saja" in flat(office.last("petugas", "staff_confirm"))


def test_after_it_works_the_first_step_is_to_close(office: PaperWorld) -> None:
    answer = resolved(office)
    office.write("pengguna", "Alhamdulillah sudah bisa masuk.", answers=answer)
    assert office.once()
    assert "Sekarang: bila benar selesai, pilih “Tutup tiket”" in flat(office.last("petugas", "staff_user_reply"))


def test_no_mail_names_a_rule(office: PaperWorld) -> None:
    office.write("lkpp", "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali.", answers=escalated(office))
    assert office.once()
    assert "Aturan" not in flat(office.last("petugas", "staff_lkpp_reply"))


@pytest.mark.parametrize("end", ["Sari", "Sari\nLPSE Kab. Batang", "sari.\n\nTim Helpdesk LPSE"])
def test_the_officers_bare_name_does_not_stand_above_our_signature(office: PaperWorld, end: str) -> None:
    staff_writes(office, f"Silakan gunakan menu lupa password.\n\n{end}", opened(office))
    minutes_later(office, 4)
    answer = office.last("pengguna", "user_answer").text
    shown = answer.partition("Silakan gunakan")[2].partition("Apabila")[0]
    assert "Sari" not in shown and "Kab. Batang" not in shown


def test_a_name_within_the_words_stays(office: PaperWorld) -> None:
    staff_writes(office, "Silakan temui petugas kami di loket:\nSari\nsetelah pukul 10.00.", opened(office))
    minutes_later(office, 4)
    assert "Sari setelah pukul 10.00" in flat(office.last("pengguna", "user_answer"))


def test_a_request_names_the_form_that_it_brings_and_asks_for_no_picture_that_is_there(office: PaperWorld) -> None:
    picture = [("layar.png", b"\x89PNG\r\n\x1a\nlayar")]
    first = opened(office, "Unggah dokumen penawaran kami gagal terus dengan kesalahan 500.", files=picture)
    assert "screenshot" not in office.last("pengguna", "user_acknowledgement").text
    assert "Identitas belum lengkap: b. Nama Instansi/Perusahaan" in flat(first)
    minutes_later(office, 1)
    office.write("pengguna", "Mohon kabarnya.", answers=office.last("pengguna"))
    assert office.once()
    staff_writes(office, "#minta-data Kode tender.", first)
    assert "Baris formulir yang belum terisi disertakan" in flat(office.last("petugas", "staff_receipt"))
    minutes_later(office, 4)
    request = office.last("pengguna", "user_request").text
    assert "FORM KONSULTASI" in request and "screenshot" not in request
