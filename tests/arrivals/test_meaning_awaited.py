"""While a reply of LKPP waits for its meaning: it is not lost behind a slip, and every mail says that it waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.arrivals.test_meanings import UNCLEAR_A, replied, to_user, use, waiting
from tests.steps import escalated, flat, links, staff_writes
from tests.world import Letter, PaperWorld

WAITS = "Balasan Helpdesk LKPP pukul 08.01 WIB masih menunggu penegasan Anda"


def unclear(office: PaperWorld) -> Letter:
    return replied(office, UNCLEAR_A, escalated(office))


# --- the words of a choice ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "command", "template"),
    [
        ("Sudah selesai", "#selesai", "user_resolved"),
        ("sudah selesai.\n\nSari", "#selesai", "user_resolved"),
        ("Selesai", "#selesai", "user_resolved"),
        ("Ada kabar, belum selesai", "#perkembangan", "user_progress"),
        ("perkembangan", "#perkembangan", "user_progress"),
        ("Minta data tambahan", "#data-tambahan", "user_data_request"),
    ],
)
def test_the_words_of_a_choice_carry_out_nothing_and_offer_that_choice_first(
    office: PaperWorld, words: str, command: str, template: str
) -> None:
    notice = unclear(office)
    assert staff_writes(office, words, notice) == "staff_confirm"
    question = office.last("petugas", "staff_confirm")
    assert (office.status(), waiting(office), to_user(office)) == ("escalated", 1, [])
    assert UNCLEAR_A in flat(question)
    offered = links(question)
    assert next(iter(offered)) == command
    assert {"#selesai", "#perkembangan", "#data-tambahan", "#kembali", "#alihkan", "#abaikan"} <= set(offered)
    assert "#jawab" not in offered
    assert use(office, offered[command]).template == "staff_receipt"
    [sent] = to_user(office)
    assert sent.template == template
    assert UNCLEAR_A in flat(sent)
    assert waiting(office) == 0


@pytest.mark.parametrize("words", ["Abaikan", "Kewenangan LPSE", "Gunakan kanal lain"])
def test_so_do_those_of_a_choice_that_tells_the_user_nothing(office: PaperWorld, words: str) -> None:
    notice = unclear(office)
    assert staff_writes(office, words, notice) == "staff_confirm"
    assert (office.status(), waiting(office)) == ("escalated", 1)
    question = office.last("petugas", "staff_confirm")
    use(office, next(iter(links(question).values())))
    assert waiting(office) == 0
    assert to_user(office) == []


def test_the_words_of_a_choice_below_the_reminder_do_the_same(office: PaperWorld) -> None:
    unclear(office)
    office.now += timedelta(minutes=10)
    assert office.once()
    reminder = office.last("petugas", "staff_reminder")
    assert staff_writes(office, "Sudah selesai", reminder) == "staff_confirm"
    assert "#selesai" in links(office.last("petugas", "staff_confirm"))


def test_other_words_become_a_note_and_the_meanings_stand_first(office: PaperWorld) -> None:
    notice = unclear(office)
    assert staff_writes(office, "Tadi sudah saya telepon, katanya besok.", notice) == "staff_receipt"
    receipt = office.last("petugas", "staff_receipt")
    offered = list(links(receipt))
    assert offered.index("#selesai") < offered.index("#jawab")
    assert waiting(office) == 1


# --- what says that it waits ------------------------------------------------------------------------------------------


def test_the_users_next_mail_tells_staff_that_lkpps_answer_lies_here(office: PaperWorld) -> None:
    unclear(office)
    office.now += timedelta(minutes=1)
    office.write("pengguna", "Bagaimana perkembangannya?", answers=office.last("pengguna", "user_escalated"))
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    assert WAITS in flat(notice)
    assert "Penetapan arti balasan Helpdesk LKPP" in flat(notice).partition("Yang dilakukan")[0]
    assert "(menunggu: LPSE)" in flat(notice)
    assert {"#selesai", "#perkembangan", "#kembali"} <= set(links(notice))
    body = links(notice)["#perkembangan"]
    use(office, body)
    assert waiting(office) == 0


@pytest.mark.parametrize("command", ["#status", "#daftar", "#daftar saya"])
def test_lists_and_status_say_so_too(office: PaperWorld, command: str) -> None:
    notice = unclear(office)
    staff_writes(office, command, notice)
    shown = flat(office.last("petugas", "staff_receipt"))
    assert WAITS in shown
    assert "menunggu: LPSE" in shown or "giliran: LPSE" in shown
    assert "giliran: LKPP" not in shown


def test_the_work_list_says_so_too(office: PaperWorld) -> None:
    unclear(office)
    office.at("2026-12-22 07:31")
    assert office.once()
    shown = flat(office.last("petugas", "staff_worklist"))
    assert (
        "Balasan Helpdesk LKPP tanggal 21 Desember 2026 pukul 08.01 WIB" in shown or "masih menunggu penegasan" in shown
    )
    assert "giliran: LPSE" in shown


def test_when_its_meaning_is_said_nothing_waits_any_more(office: PaperWorld) -> None:
    notice = unclear(office)
    use(office, links(notice)["#abaikan"])
    office.write("pengguna", "Bagaimana perkembangannya?", answers=office.last("pengguna", "user_escalated"))
    assert office.once()
    shown = flat(office.last("petugas", "staff_user_reply"))
    assert "menunggu penegasan" not in shown
    assert "(menunggu: LKPP)" in shown
