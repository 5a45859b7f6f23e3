"""The ladder inside the LPSE: staff ask the coordinator, report to the head of unit, and hear what these say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.steps import (
    clocks,
    closed,
    disposition,
    escalated,
    flat,
    links,
    minutes_later,
    number,
    opened,
    resolved,
    staff_writes,
)
from tests.world import PEOPLE, Letter, PaperWorld

QUESTION = (
    "#koordinator\nRingkasan:\nBolehkah akun diaktifkan tanpa surat?\nUpaya yang telah dilakukan:\nPengguna ditelepon."
)
OUTSIDE = ("pengguna", "lkpp", "orang luar")


def running(office: PaperWorld) -> set[str]:
    return set(clocks(office))


def answers(office: PaperWorld, who: str, text: str, letter: Letter) -> Letter:
    """A reply; what comes back to its writer."""
    office.new_letters(who)
    office.write(who, text, answers=letter)
    assert office.once()
    return office.new_letters(who)[-1]


def asked(office: PaperWorld, **more: Any) -> Letter:
    """Sari has asked for direction; the mail that the coordinator finds."""
    opened(office, **more, files=[("layar.png", b"\x89PNG")])
    assert staff_writes(office, QUESTION) == "staff_receipt"
    return office.last("koordinator", "coordinator_direction")


def reported(office: PaperWorld) -> Letter:
    opened(office)
    assert staff_writes(office, "#kepala Sudah dua hari belum selesai.") == "staff_receipt"
    return office.last("kepala", "head_report")


# --- #koordinator ----------------------------------------------------------------------------------


def test_the_coordinator_is_shown_the_question_what_was_tried_and_the_users_words_and_files(office: PaperWorld) -> None:
    mail = asked(office)
    text = flat(mail.text)
    assert "Sari memohon arahan" in text
    assert "Yang perlu diputuskan: Bolehkah akun diaktifkan tanpa surat?" in text
    assert "Upaya yang telah dilakukan: Pengguna ditelepon." in text
    assert "Permasalahan menurut pengguna: Yth. Admin, kami tidak bisa login SPSE." in text
    assert mail.attachments == [("layar.png", b"\x89PNG")]
    assert set(links(mail)) == {"#jawab", "#eskalasi", "#kepala"}
    assert "Helpdesk LPSE → Koordinator Helpdesk → Helpdesk LKPP (→ Tim Teknis LKPP)" in text
    assert "Jenjang saat ini : Koordinator Helpdesk" in text


def test_asking_changes_no_status_and_lets_the_tickets_own_clock_go_on(office: PaperWorld) -> None:
    asked(office)
    assert office.status() == "new"
    assert running(office) == {"first_response", "direction"}
    receipt = flat(office.last("petugas", "staff_receipt").text)
    assert "Permohonan arahan disampaikan kepada koordinator. Dikirim kepada Indah." in receipt
    assert office.rows("SELECT handler FROM tickets")[0]["handler"] == PEOPLE["petugas"]


def test_nothing_of_it_leaves_the_lpse(office: PaperWorld) -> None:
    mail = asked(office)
    before = {who: len(office.letters(who)) for who in OUTSIDE}
    answers(office, "koordinator", "Boleh, RAHASIA-ARAHAN.", mail)
    answers(office, "petugas", "#kepala RAHASIA-LAPORAN", office.last("petugas", "staff_direction"))
    answers(office, "kepala", "RAHASIA-REKOMENDASI", office.last("kepala", "head_report"))
    answers(office, "petugas", "#jawab Akun telah aktif.", office.last("petugas", "staff_direction"))
    minutes_later(office, 5)
    assert {who: len(office.letters(who)) for who in OUTSIDE} == {**before, "pengguna": before["pengguna"] + 1}
    assert "RAHASIA" not in "".join(letter.text for who in OUTSIDE for letter in office.letters(who))
    audiences = {row["audience"] for row in office.rows("SELECT audience FROM texts WHERE body LIKE '%RAHASIA%'")}
    assert audiences == {",coordinator,head,staff,"}


def test_an_unanswered_question_of_p2_is_asked_again_in_service_hours_and_staff_see_it(office: PaperWorld) -> None:
    office.at("2026-12-21 10:00")
    asked(office, text="Yth. Admin, kami lupa kata sandi SPSE.", subject="Lupa kata sandi SPSE")
    staff_writes(office, "#prioritas 2")
    days = {"2026-12-21 10:59": 1, "2026-12-21 11:00": 2, "2026-12-21 20:00": 2, "2026-12-22 11:00": 3}
    for when, count in {**days, "2026-12-23 11:00": 3}.items():  # each stage once; then it stands in the lists
        office.at(when)
        office.once()
        templates = [letter.template for letter in office.letters("koordinator")]
        assert templates.count("coordinator_direction") == count, when
    again = office.last("koordinator", "coordinator_direction")
    assert "Permohonan arahan ini belum dijawab" in flat(again.text)
    assert "Bolehkah akun diaktifkan tanpa surat?" in flat(again.text)
    reminders = [flat(one.text) for one in office.letters("petugas") if one.template == "staff_reminder"]
    assert any("Arahan koordinator" in text for text in reminders)


def test_an_unanswered_question_of_p3_stands_in_the_lists(office: PaperWorld) -> None:
    office.at("2026-12-21 10:00")
    asked(office, text="Yth. Admin, kami lupa kata sandi SPSE.", subject="Lupa kata sandi SPSE")
    for when in ("2026-12-21 15:00", "2026-12-22 07:30"):
        office.at(when)
        office.once()
    templates = [letter.template for letter in office.letters("koordinator")]
    assert templates == ["coordinator_direction", "coordinator_overdue"]
    assert "Arahan koordinator" in flat(office.last("koordinator").text)
    assert "Arahan koordinator" in flat(office.last("petugas", "staff_worklist").text)


def test_the_escalation_settles_the_question(office: PaperWorld) -> None:
    asked(office)
    staff_writes(office, "#eskalasi Login gagal.")
    assert running(office) == {"lkpp_status"}


@pytest.mark.parametrize(
    ("who", "changes", "words"),
    [
        ("petugas", {"coordinator": []}, "Belum ada Koordinator Helpdesk yang terdaftar"),
        ("koordinator", {}, "Anda sendiri Koordinator Helpdesk"),
    ],
)
def test_without_somebody_to_ask_the_command_is_refused(
    tmp_path: Path, who: str, changes: dict[str, object], words: str
) -> None:
    office = PaperWorld(tmp_path, **changes)
    opened(office)
    if who == "koordinator":
        staff_writes(office, "#koordinator Mohon arahan.")
        receipt = answers(office, who, "#koordinator Mohon arahan.", office.last(who))
    else:
        staff_writes(office, "#koordinator Mohon arahan.")
        receipt = office.last("petugas", "staff_receipt")
    assert "Tidak ada yang dijalankan" in flat(receipt.text)
    assert words in flat(receipt.text)
    office.store.close()


@pytest.mark.parametrize("text", ["#koordinator", "#kepala", "#alasan"])
def test_a_command_without_its_words_is_refused(office: PaperWorld, text: str) -> None:
    opened(office)
    staff_writes(office, text)
    assert "memerlukan teks" in flat(office.last("petugas", "staff_receipt").text)
    assert office.letters("koordinator") == office.letters("kepala") == []


# --- #arahan ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["Boleh, aktifkan hari ini.", "#arahan Boleh, aktifkan hari ini.", "#direction\nBoleh, aktifkan hari ini."]
)
def test_the_coordinators_answer_reaches_whoever_handles_the_ticket(office: PaperWorld, text: str) -> None:
    mail = asked(office)
    receipt = answers(office, "koordinator", text, mail)
    assert receipt.template == "staff_receipt" and "Dikirim kepada Sari" in flat(receipt.text)
    direction = office.last("petugas", "staff_direction")
    assert "Arahan dari Indah, Koordinator Helpdesk: Boleh, aktifkan hari ini." in flat(direction.text)
    assert "staff_direction" not in [letter.template for letter in office.letters("rekan")]
    assert running(office) == {"first_response"}
    assert office.status() == "new"


def test_who_asked_hears_it_although_a_colleague_handles_the_ticket(office: PaperWorld) -> None:
    opened(office)
    answers(office, "rekan", "#ambil", office.last("rekan", "staff_new_ticket"))
    staff_writes(office, QUESTION)
    answers(office, "koordinator", "Boleh, aktifkan.", office.last("koordinator"))
    assert [letter.template for who in ("petugas", "rekan") for letter in office.new_letters(who)].count(
        "staff_direction"
    ) == 2


def test_a_plain_reply_to_a_direction_is_no_answer_to_the_user(office: PaperWorld) -> None:
    answers(office, "koordinator", "Boleh, aktifkan.", asked(office))
    receipt = answers(office, "petugas", "Siap, akan saya kerjakan.", office.last("petugas", "staff_direction"))
    minutes_later(office, 5)
    assert "tidak dikirim kepada siapa pun" in flat(receipt.text) or receipt.template == "staff_confirm"
    assert "user_answer" not in [letter.template for letter in office.letters("pengguna")]


def test_a_bare_ok_of_the_coordinator_is_asked_about(office: PaperWorld) -> None:
    found = answers(office, "koordinator", "Ok, siap.", asked(office))
    assert found.template == "staff_confirm"
    assert "#arahan" in links(found)
    assert running(office) == {"first_response", "direction"}
    office.new_letters("petugas")
    office.write("koordinator", links(found)["#arahan"], subject=f"[{number(office)}] x")
    office.once()
    assert office.new_letters("petugas")[-1].template == "staff_direction"


def test_staff_give_no_direction(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#arahan Kerjakan saja.")
    assert "#arahan tidak tersedia untuk peran Anda" in flat(office.last("petugas", "staff_receipt").text)
    assert "staff_direction" not in [letter.template for letter in office.letters("petugas")]


def test_a_plain_reply_to_an_overdue_report_on_one_ticket_is_direction(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    escalated(office)
    for when in ("2026-12-23 09:00", "2026-12-28 09:00"):
        office.at(when)
        office.once()
    report = office.last("koordinator", "coordinator_overdue")
    assert number(office) in report.subject and set(links(report)) == {"#kepala"}
    answers(office, "koordinator", "Telepon Helpdesk LKPP hari ini.", report)
    assert "Telepon Helpdesk LKPP hari ini." in office.last("petugas", "staff_direction").text


def test_a_report_on_several_tickets_has_a_link_for_each_and_asks_which_is_meant(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    for who in ("budi@penyedia.test", "tono@penyedia.test"):
        office.write(who, "SPSE tidak dapat dibuka.", sender=f"Pengguna <{who}>", subject="SPSE")
        office.once()
        staff_writes(office, "#eskalasi SPSE tidak dapat dibuka.", office.last("petugas", "staff_new_ticket"))
    for when in ("2026-12-23 09:00", "2026-12-28 09:00", "2026-12-29 07:30"):
        office.at(when)
        office.once()
    report = office.last("koordinator", "coordinator_overdue")
    receipt = answers(office, "koordinator", "Telepon LKPP.", report)
    assert "Laporan itu memuat beberapa tiket" in flat(receipt.text)
    assert "staff_direction" not in [letter.template for letter in office.letters("petugas")]
    office.write("koordinator", f"{links(report)['#arahan']}Telepon LKPP.", subject=f"[{number(office)}] SPSE")
    office.once()
    assert number(office) in office.last("petugas", "staff_direction").subject


def test_direction_on_a_closed_ticket_is_not_lost(office: PaperWorld) -> None:
    mail = asked(office)
    staff_writes(office, "#tutup")
    answers(office, "koordinator", "Untuk lain kali mintalah surat.", mail)
    assert "Untuk lain kali" in office.last("petugas", "staff_direction").text
    assert office.status() == "closed"


# --- #kepala ---------------------------------------------------------------------------------------


def test_the_head_is_shown_the_report_the_last_direction_and_who_had_the_ticket_how_long(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    mail = asked(office)
    minutes_later(office, 30)
    answers(office, "koordinator", "Hubungi LKPP.", mail)
    minutes_later(office, 30)
    staff_writes(office, "#kepala Sudah kami hubungi, belum ada hasil.")
    text = flat(office.last("kepala", "head_report").text)
    assert "Sari melaporkan permasalahan yang belum dapat diselesaikan" in text
    assert "Laporan: Sudah kami hubungi, belum ada hasil." in text
    assert "Arahan terakhir, Indah, Senin, 21 Desember 2026 pukul 09.30 WIB: Hubungi LKPP." in text
    assert "Giliran LPSE : 1 jam dalam jam layanan (1 jam menurut kalender)" in text


def test_the_heads_answer_is_a_recommendation_to_coordinator_and_staff(office: PaperWorld) -> None:
    mail = reported(office)
    receipt = answers(office, "kepala", "Bersurat resmi kepada LKPP.", mail)
    assert receipt.template == "staff_receipt"
    text = flat(office.last("petugas", "staff_direction").text)
    assert "Rekomendasi dari Jamal, Kepala Unit Pengelolaan LPSE: Bersurat resmi kepada LKPP." in text
    report = office.last("koordinator", "coordinator_report")
    assert "Jamal, Kepala Unit Pengelolaan LPSE, memberikan rekomendasi" in flat(report.text)
    assert "Rekomendasi: Bersurat resmi kepada LKPP." in flat(report.text)
    assert [one.template for one in office.letters("koordinator")].count("staff_direction") == 0
    assert "Dikirim kepada Sari, Joko, Indah." in flat(receipt.text)
    assert office.rows("SELECT row FROM history ORDER BY id DESC LIMIT 1")[0]["row"] == "arahan"


def test_the_coordinators_reply_to_a_recommendation_is_direction(office: PaperWorld) -> None:
    answers(office, "kepala", "Bersurat resmi kepada LKPP.", reported(office))
    report = office.last("koordinator", "coordinator_report")
    assert "#kepala" in links(report)
    answers(office, "koordinator", "Saya susun suratnya, mohon datanya hari ini.", report)
    text = flat(office.last("petugas", "staff_direction").text)
    assert "Arahan dari Indah, Koordinator Helpdesk: Saya susun suratnya" in text
    assert [one.template for one in office.letters("koordinator")].count("coordinator_report") == 1


def test_the_head_may_command_nothing_else(office: PaperWorld) -> None:
    receipt = answers(office, "kepala", "#eskalasi Segera.", reported(office))
    assert "#eskalasi tidak tersedia untuk peran Anda. Yang tersedia: #arahan," in flat(receipt.text)
    assert office.status() == "new"


@pytest.mark.parametrize(
    "text", ["#kepala-unit Belum selesai.", "#kepala unit Belum selesai.", "#Kepala: Belum selesai."]
)
def test_the_head_is_named_in_several_ways(office: PaperWorld, text: str) -> None:
    opened(office)
    staff_writes(office, text)
    assert "Laporan: Belum selesai." in flat(office.last("kepala", "head_report").text)


@pytest.mark.parametrize(("before", "count"), [(closed, 0), (resolved, 1)])
def test_a_closed_ticket_is_neither_asked_about_nor_reported(
    office: PaperWorld, before: Callable[[PaperWorld], Letter], count: int
) -> None:
    before(office)
    for text in ("#koordinator Mohon arahan.", "#kepala Belum selesai."):
        staff_writes(office, text)
    assert [len(office.letters(who)) for who in ("koordinator", "kepala")] == [count, count]


def test_a_mail_in_the_coordinators_name_without_a_token_directs_nobody(office: PaperWorld) -> None:
    opened(office)
    office.write("koordinator", "#arahan Tutup saja.", subject=f"[{number(office)}] Tidak bisa login")
    office.once()
    assert disposition(office)[0] == "quarantined"
    assert "staff_direction" not in [letter.template for letter in office.letters("petugas")]


def test_the_tiers_have_the_names_of_the_configuration(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, tiers={"coordinator": "Admin LPSE", "technical": "Helpdesk Teknis LKPP"})
    text = flat(asked(office).text)
    assert "Yth. Bapak/Ibu Admin LPSE" in text
    assert "Helpdesk LPSE → Admin LPSE → Helpdesk LKPP (→ Helpdesk Teknis LKPP)" in text
    office.store.close()
