"""Who handles a ticket, what it is, until when: `#tugaskan`, `#kategori`, `#jenis`, `#tujuan`, `#cuti`, `#tunda` …"""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot import letters
from mailbot.arrivals.staff import arguments
from mailbot.errors import NotCarriedOut
from mailbot.parsers.commands import command_lines
from mailbot.parsers.commands.command_lines import Command
from mailbot.rules import problems
from mailbot.tickets import postponing
from tests.steps import data_requested, escalated, flat, links, minutes_later, number, opened, templates
from tests.world import PEOPLE, Letter, PaperWorld


def ticket(office: PaperWorld) -> dict[str, object]:
    return dict(office.rows("SELECT * FROM tickets ORDER BY id DESC LIMIT 1")[0])


def told(office: PaperWorld, text: str, who: str = "petugas", answers: Letter | None = None) -> str:
    """Somebody replies to a mail of ours; the receipt in one line."""
    office.new_letters(who)
    office.write(who, text, answers=answers or office.last(who))
    assert office.once()
    kinds = ("staff_receipt", "staff_confirm")
    return flat([one for one in office.new_letters(who) if one.template in kinds][-1].text)


def notes(office: PaperWorld, event: str) -> list[tuple[str, str]]:
    rows = office.rows("SELECT address, note FROM history WHERE event = ? ORDER BY id", event)
    return [(row["address"], row["note"]) for row in rows]


# --- #tugaskan ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Joko", "pak JOKO", "joko@batangkab.test", "Joko <joko@batangkab.test>", "jok", "@joko"]
)
def test_tugaskan_gives_the_ticket_to_a_colleague_who_is_told_what_is_owed(office: PaperWorld, name: str) -> None:
    opened(office)
    receipt = told(office, f"#tugaskan {name}")
    assert "Tiket ditugaskan kepada Joko." in receipt
    assert (ticket(office)["handler"], office.status()) == (PEOPLE["rekan"], "in_progress")
    mail = office.last("rekan", "staff_assigned")
    for words in (
        "Sari menugaskan tiket ini",
        "kami tidak bisa login SPSE",
        "– Respons awal kepada pengguna.",
    ):
        assert words in flat(mail.text)
    assert {"#jawab", "#minta-data", "#eskalasi", "#tugaskan Sari"} <= set(links(mail))
    assert notes(office, "staff.assign") == [(PEOPLE["petugas"], "Joko")]
    assert "staff_assigned" not in templates(office.letters("petugas"))


def test_the_name_may_stand_on_the_line_below_as_in_a_links_reply(office: PaperWorld) -> None:
    opened(office)
    told(office, "#assign\n\nJoko")
    assert ticket(office)["handler"] == PEOPLE["rekan"]


@pytest.mark.parametrize("name", ["saya", "Sari", "sari@batangkab.test"])
def test_tugaskan_to_oneself_is_ambil(office: PaperWorld, name: str) -> None:
    opened(office)
    assert "Tiket ini sekarang Anda tangani." in told(office, f"#tugaskan {name}")
    assert (ticket(office)["handler"], office.status()) == (PEOPLE["petugas"], "in_progress")
    assert len(notes(office, "staff.take")) == 1
    assert "staff_assigned" not in templates(office.letters("petugas"))


def test_the_coordinator_may_assign_and_be_assigned_and_a_later_notice_goes_to_the_new_one(office: PaperWorld) -> None:
    first = opened(office)
    told(office, "#tugaskan Indah", answers=first)
    told(office, "#tugaskan Joko", "koordinator")
    assert notes(office, "staff.assign")[-1] == (PEOPLE["koordinator"], "Joko (sebelumnya Indah)")
    office.new_letters("petugas")
    office.write("pengguna", "Masih gagal.", answers=office.last("pengguna"))
    office.once()
    assert office.new_letters("petugas") == []
    assert office.last("rekan").template == "staff_user_reply"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "memerlukan nama atau alamat rekan: Sari"),
        ("Bambang", "Tidak ada petugas bernama “Bambang”"),
        ("Jokoo", "Mungkin maksudnya Joko <joko@batangkab.test>?"),
        ("Jamal", "Tidak ada petugas"),  # the head of unit handles no tickets
        ("budi@penyedia.test", "Tidak ada petugas"),
    ],
)
def test_nobody_else_is_given_a_ticket(office: PaperWorld, name: str, why: str) -> None:
    opened(office)
    assert why in told(office, f"#tugaskan {name}")
    assert ticket(office)["handler"] is None
    assert office.status() == "new"


def test_several_people_of_one_name_are_named_and_nobody_is_given_the_ticket(tmp_path: Path) -> None:
    staff = [
        {"name": "Sari Utami, S.Kom.", "address": "sari@batangkab.test"},
        {"name": "Joko Susilo", "address": "joko@batangkab.test"},
        {"name": "Joko Widodo", "address": "jw@batangkab.test"},
    ]
    office = PaperWorld(tmp_path, staff=staff)
    for written, found in (("Joko W", "jw"), ("Susilo", "joko"), ("Sari Utami", "sari"), ("jw", "jw")):
        assert arguments.colleague(office.site, written, "").address == f"{found}@batangkab.test"
    with pytest.raises(NotCarriedOut, match=r"lebih dari satu orang: Joko Susilo <joko@.*Joko Widodo <jw@"):
        arguments.colleague(office.site, "Joko", "")
    assert letters.assignment(office.site, "sari@batangkab.test") == "#tugaskan"
    office.store.close()


# --- #kategori, #jenis, #tujuan -------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["pengaduan", "Pengaduan.", "PENGADUAN", "aduan", "pengadu"])
def test_kategori_sets_the_category_of_the_rekap(office: PaperWorld, word: str) -> None:
    opened(office)
    assert "Kategori pada rekap ditetapkan: Pengaduan." in told(office, f"#kategori {word}")
    told(office, "#kategori konsultasi")
    assert ticket(office)["category"] == "Konsultasi"
    assert notes(office, "staff.category") == [
        (PEOPLE["petugas"], "Pengaduan"),
        (PEOPLE["petugas"], "Konsultasi (sebelumnya Pengaduan)"),
    ]


@pytest.mark.parametrize(
    ("word", "hint"), [("", "konsultasi."), ("keluhan", "konsultasi."), ("konsltasi", "konsultasi?")]
)
def test_another_category_is_refused(office: PaperWorld, word: str, hint: str) -> None:
    opened(office)
    receipt = told(office, f"#kategori {word}")
    assert "memerlukan pengaduan, pertanyaan, atau konsultasi." in receipt
    assert hint in receipt
    assert ticket(office)["category"] is None


@pytest.mark.parametrize("code", ["AKUN_OTP", "akun otp", "otp", "Kode OTP, TOTP, atau Authenticator"])
def test_jenis_is_known_by_its_code_a_part_that_no_other_has_or_its_title(office: PaperWorld, code: str) -> None:
    opened(office)
    receipt = told(office, f"#jenis {code}")
    assert "Kode OTP, TOTP, atau Authenticator (AKUN_OTP), golongan Gangguan." in receipt
    assert ticket(office)["problem"] == "AKUN_OTP"


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("", "memerlukan satu kode"),
        ("AKUN_OPT", "Mungkin maksudnya AKUN_OTP?"),
        ("lupa password", "Mungkin maksudnya AKUN_PASSWORD?"),
        ("akun", "Mungkin maksudnya AKUN_OTP, AKUN_PASSWORD"),
    ],
)
def test_an_unknown_jenis_is_refused_with_the_nearest_and_the_list(office: PaperWorld, code: str, hint: str) -> None:
    opened(office)
    receipt = told(office, f"#jenis {code}")
    assert hint in receipt
    assert "#jenis SIKAP : Data kualifikasi (SIKaP)" in receipt
    assert ticket(office)["problem"] is None


def test_every_jenis_is_a_gangguan_a_permasalahan_or_a_permintaan_layanan() -> None:
    rules = problems.load()
    names = {rules.nature(row.code) for row in rules.rows}
    assert names == {"Gangguan", "Permasalahan", "Permintaan Layanan"} == set(rules.natures.values())


def test_what_staff_have_set_stands_in_their_mails_and_in_status_and_no_proposal_does(office: PaperWorld) -> None:
    opened(office)
    told(office, "#kategori pengaduan\n#jenis AKUN_OTP\n#tujuan Direktorat Sistem Pengadaan Digital.")
    office.write("pengguna", "Lupa password juga.", answers=office.last("pengguna"))
    office.once()
    for shown in (flat(office.last("petugas", "staff_user_reply").text), told(office, "#status")):
        for words in (
            "Kode OTP, TOTP, atau Authenticator (AKUN_OTP)",
            "Gangguan",
            "Direktorat Sistem Pengadaan Digital",
        ):
            assert words in shown
        assert "Kategori : Pengaduan" in shown
        assert "AKUN_PASSWORD" not in shown


def test_status_says_that_a_proposal_is_one(office: PaperWorld) -> None:
    opened(office)
    shown = told(office, "#status")
    assert "Jenis : Tidak dapat login (AKUN_LOGIN) (usulan)" in shown
    assert "Golongan" not in shown and "golongan" not in shown


def test_a_destination_is_short_and_says_something(office: PaperWorld) -> None:
    opened(office)
    assert "memerlukan nama Direktorat Tujuan" in told(office, "#tujuan ...")
    assert "terlalu panjang" in told(office, f"#tujuan {'x' * 130}")
    assert "paling panjang 100 huruf" in told(office, f"#tujuan {'x' * 110}")
    assert ticket(office)["destination"] is None


def test_the_fields_of_a_closed_ticket_may_still_be_set_for_the_rekap(office: PaperWorld) -> None:
    opened(office)
    told(office, "#tutup")
    told(office, "#kategori pertanyaan\n#jenis INFO\n#tujuan Direktorat A")
    found = ticket(office)
    assert (found["category"], found["problem"], found["destination"]) == ("Pertanyaan", "INFO", "Direktorat A")


# --- #lpse-support --------------------------------------------------------------------------------------


def test_the_number_in_lpse_support_stands_in_every_mail_to_lkpp_with_its_days(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    first = opened(office)
    told(office, "#jenis AKUN_LOGIN\n#lpse-support TTS-1", answers=first)
    told(office, "#eskalasi Gagal login.")
    told(office, "#lkpp Mohon kabar.")
    office.at("2026-10-07 09:01")
    office.once()
    office.write("lkpp", "Mohon dilengkapi tangkapan layar dan kode tender.", answers=office.last("lkpp"))
    office.once()
    minutes_later(office, 3)
    office.write("pengguna", "Kode tender 87654321.", answers=office.last("pengguna", "user_data_request"))
    office.once()
    told(office, "#tutup")
    minutes_later(office, 4)
    found = {mail.template: flat(mail.text) for mail in office.letters("lkpp")}
    assert set(found) == {"lkpp_escalation", "lkpp_message", "lkpp_status_enquiry", "lkpp_additional_data"}
    assert len(office.letters("lkpp")) == 5
    for mail in office.letters("lkpp"):
        assert "Nomor tiket LPSE Support : TTS-1 (sejak Senin, 5 Oktober 2026" in flat(mail.text)
        assert "Gangguan" not in mail.text
    assert "2 hari kerja)" in found["lkpp_status_enquiry"]
    assert "Jenis : Tidak dapat login (AKUN_LOGIN)" in found["lkpp_escalation"]
    assert "TTS-1 (sejak Senin, 5 Oktober 2026, 2 hari kerja)" in flat(office.last("petugas", "staff_user_reply").text)


def test_several_numbers_keep_their_history_and_one_of_another_ticket_is_said(office: PaperWorld) -> None:
    first = opened(office)
    told(office, "#tts TTS-1", answers=first)
    assert "Nomor LPSE Support TTS-2 dicatat. Sebelumnya TTS-1." in told(office, "#tts TTS-2")
    assert "sudah tercatat sebelumnya" in told(office, "#tts tts-2")
    assert "TTS-2 (sejak Senin, 21 Desember 2026); sebelumnya TTS-1 sejak" in told(office, "#status")
    earlier = number(office)
    second = opened(office, subject="Lain")
    assert f"Perhatian: nomor ini tercatat juga pada {earlier}" in told(office, "#tts TTS-1", answers=second)
    rows = office.rows("SELECT number, address FROM support_numbers ORDER BY id")
    assert [(row["number"], row["address"]) for row in rows] == [
        (n, PEOPLE["petugas"]) for n in ("TTS-1", "TTS-2", "TTS-1")
    ]


def test_who_is_to_report_in_lpse_support_gets_a_link_for_the_number(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, lkpp={"channel": "lpse-support"})
    opened(office)
    told(office, "#eskalasi Gagal login.")
    ready = links(office.last("petugas", "staff_receipt"))["#lpse-support"]
    office.write("petugas", f"{ready}\nTTS-77", subject=f"[{number(office)}] Tidak bisa login")
    office.once()
    assert ticket(office)["tts_number"] == "TTS-77"
    office.store.close()


# --- #cuti ------------------------------------------------------------------------------------------------


def test_cuti_sends_later_notices_to_all_staff_and_does_not_remind_him(office: PaperWorld) -> None:
    opened(office)
    told(office, "#ambil")
    receipt = told(office, "#cuti 21 Des - 28 Des")
    assert "Cuti dicatat: Senin, 21 Desember 2026 s.d. Senin, 28 Desember 2026." in receipt
    assert f"Tiket terbuka yang Anda tangani (1): {number(office)} (Tidak bisa login)" in receipt
    handing_over = links(office.last("petugas", "staff_receipt"))["#tugaskan Joko"]
    office.write("pengguna", "Bagaimana, Pak?", answers=office.last("pengguna"))
    office.once()
    notice = office.last("rekan", "staff_user_reply")
    assert "Sari sedang cuti sampai dengan Senin, 28 Desember 2026" in flat(notice.text)
    assert "#ambil" in links(notice)
    office.at("2026-12-21 09:01")
    office.once()
    assert "staff_reminder" in templates(office.letters("rekan"))
    assert "staff_reminder" not in templates(office.letters("petugas"))
    office.write("petugas", handing_over, subject=f"[{number(office)}] Tidak bisa login")
    office.once()
    assert ticket(office)["handler"] == PEOPLE["rekan"]


def test_after_the_last_day_everything_is_as_before(office: PaperWorld) -> None:
    opened(office)
    told(office, "#ambil")
    told(office, "#cuti hari ini")
    office.at("2026-12-22 07:30")
    office.once()
    office.new_letters("rekan")
    office.write("pengguna", "Bagaimana, Pak?", answers=office.last("pengguna"))
    office.once()
    assert "staff_user_reply" in templates(office.letters("petugas"))
    assert "staff_user_reply" not in templates(office.letters("rekan"))
    assert "staff_reminder" in templates(office.letters("petugas"))


def test_where_all_are_away_all_are_reminded(office: PaperWorld) -> None:
    opened(office)
    told(office, "#cuti 21-22 Des")
    told(office, "#cuti 21-22 Des", "rekan")
    office.at("2026-12-21 09:01")
    office.once()
    assert "staff_reminder" in templates(office.letters("rekan"))


def test_a_ticket_may_be_given_to_someone_away_but_the_receipt_says_so(office: PaperWorld) -> None:
    opened(office)
    told(office, "#cuti 21-23 Des", "rekan")
    receipt = told(office, "#tugaskan Joko")
    assert "Perhatian: Joko sedang cuti sampai dengan Rabu, 23 Desember 2026" in receipt
    assert ticket(office)["handler"] == PEOPLE["rekan"]


def test_cuti_alone_shows_and_batal_cancels_and_a_new_one_replaces_what_it_meets(office: PaperWorld) -> None:
    opened(office)
    told(office, "#cuti 28-30 Des", "rekan")
    assert "Tidak ada cuti Anda yang tercatat." in told(office, "#cuti")
    told(office, "#cuti 23 Des")
    assert "Menggantikan cuti Rabu, 23 Desember 2026." in told(office, "#cuti 23-28 Des")
    assert "Cuti Anda: Rabu, 23 Desember 2026 s.d. Senin, 28 Desember 2026." in told(office, "#cuti")
    assert "Dibatalkan: cuti Rabu, 23 Desember 2026" in told(office, "#cuti batal")
    assert "Tidak ada cuti Anda yang tercatat." in told(office, "#cuti batal")
    assert "Rekan yang sedang cuti" not in told(office, "#cuti")
    office.at("2026-12-28 09:00")
    assert "Rekan yang sedang cuti: Joko s.d. Rabu, 30 Desember 2026." in told(office, "#cuti")


def test_an_absurd_leave_is_refused_and_nothing_else_of_the_mail_happens(office: PaperWorld) -> None:
    opened(office)
    assert "sudah lewat" in told(office, "#ambil\n#cuti 1-12-2026")
    assert ticket(office)["handler"] is None
    assert office.rows("SELECT * FROM leaves") == []


def test_cuti_needs_no_ticket_but_a_code_where_it_answers_no_mail_of_ours(office: PaperWorld) -> None:
    opened(office)
    office.write("petugas", "#cuti 24 Des", subject="Cuti")
    office.once()
    asked = office.last("petugas")
    assert (asked.template, office.rows("SELECT * FROM leaves")) == ("staff_confirm", [])
    code = next(line for line in asked.text.splitlines() if line.startswith("Kode:"))
    office.write("petugas", code, answers=asked)
    office.once()
    assert [(row["address"], row["first"]) for row in office.rows("SELECT * FROM leaves")] == [
        (PEOPLE["petugas"], "2026-12-24")
    ]


# --- #tunda -----------------------------------------------------------------------------------------------


def main(office: PaperWorld) -> tuple[str, str]:
    """(clock, local due) of the running limit."""
    found = postponing.main_clock(office.store, office.site, 1)
    assert found is not None
    return found[1].clock, f"{office.site.local(found[1].due):%Y-%m-%d %H:%M}"


def test_tunda_moves_the_limit_and_each_stage_still_fires_once(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    told(office, "#ambil")
    receipt = told(office, "#tunda 1 hari kerja menunggu surat kuasa")
    assert "“Respons awal kepada pengguna” kini paling lambat Selasa, 6 Oktober 2026 pukul 10.00 WIB" in receipt
    fired = []
    for when in ("05 10:01", "05 14:15", "06 09:59", "06 10:00", "06 10:01", "06 11:00", "06 11:01", "06 12:00"):
        office.at(f"2026-10-{when}")
        office.once()
        fired.append(len(office.rows("SELECT * FROM history WHERE event = 'due.first_response'")))
    rows = [row["row"] for row in office.rows("SELECT row FROM history WHERE event = 'due.first_response' ORDER BY id")]
    assert rows == ["first_response.setengah", "first_response.petugas", "first_response.koordinator"]
    assert fired == [0, 1, 1, 2, 2, 3, 3, 3]
    shown = flat(office.last("petugas", "staff_reminder").text)
    assert (
        "sudah ditunda 1 kali oleh Sari menjadi Selasa, 6 Oktober 2026 pukul 10.00 WIB: menunggu surat kuasa." in shown
    )
    assert "Terlambat 1 jam" in shown
    assert "menunggu surat kuasa" in office.last("koordinator", "coordinator_overdue").text
    assert "Ditunda : 1 kali oleh Sari" in told(office, "#status")


def test_a_limit_that_is_past_is_put_off_from_now_on_and_the_next_stage_waits(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    told(office, "#ambil")
    for when in ("09:30", "10:00"):
        office.at(f"2026-10-05 {when}")
        office.once()
    told(office, "#tunda 3 jam menunggu rapat")
    assert main(office) == ("first_response", "2026-10-05 14:00")
    office.at("2026-10-05 13:59")
    office.once()
    assert "coordinator_overdue" not in templates(office.letters("koordinator"))
    office.at("2026-10-05 14:00")
    office.once()
    assert "coordinator_overdue" in templates(office.letters("koordinator"))


@pytest.mark.parametrize(
    ("until", "due"),
    [
        ("9-10-2026", "2026-10-09 16:30"),  # the end of that day's service
        ("Jumat pukul 10.00", "2026-10-09 10:00"),
        ("10 Okt", "2026-10-12 16:00"),  # a Saturday
    ],
)
def test_tunda_until_a_day_is_until_its_end_of_service(office: PaperWorld, until: str, due: str) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    told(office, "#minta-data Kode tender?")
    told(office, f"#tunda {until} pengguna sedang dinas")
    assert main(office) == ("request", due)
    minutes_later(office, 4)
    assert "pengguna sedang dinas" not in "".join(mail.text for mail in office.letters("pengguna"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2 hari kerja", "memerlukan alasan"),
        ("menunggu surat", "memerlukan lamanya atau tanggalnya"),
        ("3 minggu menunggu", "Sekali tunda paling lama 10 hari kerja"),
        ("5 Okt pukul 09.10 menunggu", "#tunda hanya memundurkannya"),
    ],
)
def test_tunda_is_bounded_and_needs_a_reason(office: PaperWorld, text: str, why: str) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    before = main(office)
    assert why in told(office, f"#tunda {text}")
    assert main(office) == before


def test_a_third_postponement_is_told_to_the_coordinator_and_in_all_it_ends(office: PaperWorld) -> None:
    office.at("2026-08-31 09:00")
    opened(office)
    told(office, "#info Sedang kami periksa.")
    said = []
    for _ in range(5):
        said.append(told(office, "#tunda 8 hari kerja menunggu surat"))
        found = postponing.main_clock(office.store, office.site, 1)
        assert found is not None and found[1].moved is not None
        office.now = found[1].moved.to
    assert ["Koordinator diberi tahu" in one for one in said[:3]] == [False, False, True]
    assert "hanya dapat ditunda sampai 30 hari kerja" in said[-1]
    report = flat(office.last("koordinator", "coordinator_overdue").text)
    assert "ditunda untuk ke-" in report and "menunggu surat" in report


def test_the_five_minutes_of_the_sop_are_put_off_by_a_working_day_at_most_and_measured_all_the_same(
    tmp_path: Path,
) -> None:
    office = PaperWorld(tmp_path, lkpp={"channel": "lpse-support"})
    office.at("2026-10-05 09:00")
    opened(office)
    told(office, "#eskalasi Gagal login.")
    assert "hanya dapat ditunda sampai 1 hari kerja" in told(office, "#tunda 2 hari kerja LPSE Support gangguan")
    assert "tetap diukur" in told(office, "#tunda 2 jam LPSE Support gangguan")
    assert main(office) == ("escalation", "2026-10-05 10:02")  # the warning on the way to 11.05
    office.at("2026-10-05 10:00")
    assert "1 jam jam layanan" in (said := told(office, "#tts 77")) and "penyimpangan" in said
    office.store.close()


def test_a_closed_ticket_has_no_limit_to_put_off(office: PaperWorld) -> None:
    opened(office)
    told(office, "#tutup")
    assert "Tiket ini sudah ditutup" in told(office, "#tunda 2 jam rapat")


def test_a_postponement_does_not_hide_what_has_become_urgent(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    told(office, "#tunda 2 hari kerja menunggu surat")
    told(office, "#prioritas 3")
    assert office.rows("SELECT moved_to FROM deadlines WHERE ended_at IS NULL")[0]["moved_to"] is not None
    assert "Penundaan batas gugur" in told(office, "#prioritas 1")
    assert main(office) == ("first_response", "2026-10-05 09:07")  # half of its 15 minutes


def test_lkpps_limit_may_be_put_off_and_the_user_hears_nothing_of_it(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    escalated(office)
    office.new_letters("pengguna")
    told(office, "#tunda 1 hari kerja LKPP berjanji besok lusa")
    assert main(office) == ("lkpp_status", "2026-10-08 09:00")
    office.at("2026-10-07 09:01")
    office.once()
    assert "lkpp_status_enquiry" not in templates(office.letters("lkpp"))
    office.at("2026-10-08 09:00")
    office.once()
    assert "lkpp_status_enquiry" in templates(office.letters("lkpp"))
    assert "berjanji" not in "".join(mail.text for who in ("pengguna", "lkpp") for mail in office.letters(who))


def test_the_users_own_limit_is_told_him_as_it_now_is_without_the_reason(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    data_requested(office)
    told(office, "#tunda 2 hari kerja pengguna sakit menurut telepon")
    office.at("2026-10-08 09:00")  # P2: one working day, and two more
    office.once()
    reminder = office.last("pengguna", "user_reminder").text
    assert "Kamis, 8 Oktober 2026 pukul 09.00" in flat(reminder)
    assert "sakit" not in reminder and "Sari" not in reminder


def test_a_reminder_at_half_time_names_the_limit_and_not_the_half(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    told(office, "#ambil")
    office.at("2026-10-05 09:30")
    office.once()
    assert "Batas: Senin, 5 Oktober 2026 pukul 10.00 WIB (1 jam) – " in flat(
        office.last("petugas", "staff_reminder").text
    )


# --- the language -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#tugaskan: Joko", [("assign", "Joko")]),
        ("#assign\nJoko\nTerima kasih", [("assign", "Joko")]),
        ("#kategori pertanyaan\n#jenis\nINFO", [("category", "pertanyaan"), ("problem", "INFO")]),
        ("#cuti\nTerima kasih", [("leave", "")]),
        ("#lpse support\n\n4711", [("tts", "4711")]),
        ("#jenis\n#ambil", [("problem", ""), ("take", "")]),
    ],
)
def test_the_word_of_a_command_may_stand_below_it(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.argument) for one in command_lines.read(text).commands] == found


def test_words_below_a_text_are_no_arguments() -> None:
    [command] = command_lines.read("#jawab Tulis:\n#12\nINFO").commands
    assert command == Command("answer", "jawab", text="Tulis:\n#12\nINFO")


def test_a_thousand_commands_without_their_words_take_no_time() -> None:
    assert command_lines.read("#jenis\n" * 100_000).fault is not None
