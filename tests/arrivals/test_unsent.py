"""What was held stands open until its writer sends it or drops it (contract: it stands in the work lists, and is asked
about alone after 15 minutes of service hours)."""

from __future__ import annotations

import pytest

from tests.steps import (
    closed,
    escalated,
    flat,
    links,
    minutes_later,
    number,
    opened,
    resolved,
    staff_writes,
)
from tests.world import Letter, PaperWorld

WORDS = "Silakan coba lewat menu KENARI-SARI."


def held(office: PaperWorld, command: str = "#jawab") -> Letter:
    """Sari answers a mail that the user's next one has overtaken; the question that she gets."""
    notice = opened(office)
    minutes_later(office, 1)
    office.write("pengguna", "Ternyata juga muncul galat 500 pada halaman lelang.", answers=office.last("pengguna"))
    assert office.once()
    assert staff_writes(office, f"{command} {WORDS}", notice) == "staff_confirm"
    return office.last("petugas")


def questions(office: PaperWorld, who: str = "petugas") -> list[Letter]:
    """Those that came since this was last asked."""
    return [each for each in office.new_letters(who) if each.template == "staff_confirm"]


def click(office: PaperWorld, letter: Letter, command: str, who: str = "petugas") -> Letter:
    office.write(who, links(letter)[command], subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    return office.last(who)


def test_what_was_held_is_asked_about_again_after_fifteen_minutes_of_service_hours(office: PaperWorld) -> None:
    held(office)
    minutes_later(office, 14)
    assert questions(office) == []
    minutes_later(office, 1)
    [again] = questions(office)
    assert "KENARI-SARI" in again.text and "masih ditahan" in flat(again)
    assert "budi@penyedia.test" in again.text and "pengguna menulis lagi" in flat(again)
    minutes_later(office, 60)
    assert questions(office) == []


def test_it_stands_in_each_work_list_until_it_is_sent(office: PaperWorld) -> None:
    office.at("2026-12-21 15:50")
    held(office)
    office.at("2026-12-21 16:20")  # closed since 16.00
    office.once()
    assert questions(office) == []
    office.at("2026-12-22 07:45")
    office.once()
    [again] = questions(office)
    office.at("2026-12-23 07:45")
    office.once()
    assert questions(office) == []
    assert "#jawab yang Anda tulis ditahan sejak Senin, 21 Desember" in flat(office.last("petugas", "staff_worklist"))
    click(office, again, "#jawab")
    minutes_later(office, 5)
    assert "KENARI-SARI" in office.last("pengguna", "user_answer").text
    office.at("2026-12-28 07:45")
    office.once()
    assert questions(office) == []
    assert not any("Ditahan" in one.text for one in office.letters("petugas")[-1:])


def test_its_first_link_sends_it_and_nobody_asks_again(office: PaperWorld) -> None:
    assert click(office, held(office), "#jawab").template == "staff_receipt"
    office.new_letters("petugas")
    minutes_later(office, 20)
    assert questions(office) == []


@pytest.mark.parametrize("again", [False, True], ids=["of the question", "of the second question"])
def test_its_other_link_drops_it(office: PaperWorld, again: bool) -> None:
    question = held(office)
    if again:
        minutes_later(office, 15)
        question = office.last("petugas", "staff_confirm")
    receipt = click(office, question, "#batal")
    assert "Tidak dijalankan: #jawab" in flat(receipt)
    office.new_letters("petugas")
    minutes_later(office, 20)
    assert questions(office) == []
    assert not any("KENARI-SARI" in each.text for each in office.letters("pengguna"))


def test_batal_in_a_plain_reply_drops_it(office: PaperWorld) -> None:
    question = held(office)
    office.write("petugas", "#batal", answers=question)
    assert office.once()
    assert "Tidak dijalankan: #jawab" in flat(office.last("petugas"))


def test_batal_takes_back_what_is_about_to_leave_before_what_was_held(office: PaperWorld) -> None:
    question = held(office)
    staff_writes(office, "#info Sedang kami periksa.", office.last("petugas", "staff_user_reply"))
    office.write("petugas", "#batal", answers=question)
    assert office.once()
    assert "Tidak dijalankan" not in flat(office.last("petugas"))
    assert len(office.rows("SELECT 1 FROM unsent WHERE ended_at IS NULL")) == 1


def test_what_was_dropped_is_sent_by_its_link_no_more_and_says_so(office: PaperWorld) -> None:
    question = held(office)
    click(office, question, "#batal")
    assert "sudah dikirim atau dibatalkan" in flat(click(office, question, "#jawab"))
    minutes_later(office, 5)
    assert not any("KENARI-SARI" in each.text for each in office.letters("pengguna"))


def test_what_was_sent_cannot_be_dropped_and_the_receipt_says_so(office: PaperWorld) -> None:
    question = held(office)
    click(office, question, "#jawab")
    minutes_later(office, 5)
    assert "sudah dikirim atau dibatalkan" in flat(click(office, question, "#batal"))


def test_the_same_command_written_once_more_ends_it(office: PaperWorld) -> None:
    held(office)
    staff_writes(office, "#jawab Silakan dicoba kembali.", office.last("petugas", "staff_user_reply"))
    office.new_letters("petugas")
    minutes_later(office, 20)
    assert questions(office) == []


def test_another_command_leaves_it_open(office: PaperWorld) -> None:
    held(office)
    staff_writes(office, "#catat Menunggu Joko.", office.last("petugas", "staff_user_reply"))
    minutes_later(office, 15)
    assert len(questions(office)) == 1


def test_what_is_held_once_more_is_asked_about_once(office: PaperWorld) -> None:
    question = held(office)
    minutes_later(office, 1)
    office.write("pengguna", "Galatnya juga pada halaman profil perusahaan.", answers=office.last("pengguna"))
    assert office.once()
    assert click(office, question, "#jawab").template == "staff_confirm"
    office.new_letters("petugas")
    minutes_later(office, 16)
    [again] = questions(office)
    assert again.text.count("KENARI-SARI") == 1


def test_words_that_were_overtaken_are_asked_about_again_and_their_link_brings_their_file(office: PaperWorld) -> None:
    answer = resolved(office)
    staff_writes(office, f"#info {WORDS}", office.last("petugas"), files=[("panduan.pdf", b"%PDF-1.4 panduan")])
    office.write("pengguna", "SELESAI, terima kasih.", answers=answer)
    assert office.once()
    office.new_letters("petugas")
    minutes_later(office, 15)
    [again] = questions(office)
    click(office, again, "#info")
    minutes_later(office, 5)
    sent = office.last("pengguna", "user_info")
    assert "KENARI-SARI" in sent.text and sent.attachments == [("panduan.pdf", b"%PDF-1.4 panduan")]


def test_the_others_are_asked_while_its_writer_is_away(office: PaperWorld) -> None:
    held(office)
    staff_writes(office, "#cuti 21 Des - 22 Des", office.last("petugas", "staff_user_reply"))
    office.new_letters("rekan")
    minutes_later(office, 16)
    assert len(questions(office, "rekan")) == 1
    assert questions(office) == []


def test_status_tells_of_it(office: PaperWorld) -> None:
    held(office)
    staff_writes(office, "#status", office.last("petugas", "staff_user_reply"))
    assert "Ditahan" in office.last("petugas").text and "#jawab dari Sari" in flat(office.last("petugas"))


def test_two_held_mails_of_one_writer_are_asked_about_in_one(office: PaperWorld) -> None:
    held(office)
    assert staff_writes(office, "#eskalasi KENARI-DUA", office.last("petugas", "staff_new_ticket")) == "staff_confirm"
    office.new_letters("petugas")
    minutes_later(office, 16)
    [again] = questions(office)
    assert "KENARI-SARI" in again.text and "KENARI-DUA" in again.text
    assert again.html.count("mailto:") == 4


def test_what_is_held_on_a_ticket_that_is_discarded_is_nobodys_matter(office: PaperWorld) -> None:
    held(office)
    staff_writes(office, "#buang", office.last("petugas", "staff_user_reply"))
    office.new_letters("petugas")
    minutes_later(office, 20)
    assert questions(office) == []


def test_what_is_held_goes_with_a_ticket_that_is_merged(office: PaperWorld) -> None:
    opened(office, "Masalah yang lain.", subject="Lain")
    other = number(office)
    held(office)
    assert staff_writes(office, f"#gabung {other}", office.last("petugas", "staff_user_reply")) == "staff_receipt"
    office.new_letters("petugas")
    minutes_later(office, 16)
    [again] = questions(office)
    assert other in again.text


@pytest.mark.parametrize("command", ["#info", "#batal"])
def test_one_of_those_who_are_asked_about_lkpps_words_decides_for_all(office: PaperWorld, command: str) -> None:
    escalation = escalated(office)
    office.write("lkpp", f"Permasalahan masih dalam proses penanganan Tim Teknis. {WORDS}", answers=escalation)
    assert office.once()
    staff_writes(office, "#cuti 21 Des - 28 Des", office.last("petugas", "staff_lkpp_reply"))
    office.write("rekan", "#tutup Sudah beres.", answers=office.last("rekan", "staff_new_ticket"))
    assert office.once()
    first, second = (office.last(who, "staff_confirm") for who in ("petugas", "rekan"))
    assert "KENARI-SARI" in first.text and "KENARI-SARI" in second.text
    click(office, first, command)
    assert "sudah dikirim atau dibatalkan" in flat(click(office, second, "#info", who="rekan"))
    minutes_later(office, 5)
    sent = [each for each in office.letters("pengguna") if "KENARI-SARI" in each.text]
    assert len(sent) == (command == "#info")
    for who in ("petugas", "rekan"):
        office.new_letters(who)
    minutes_later(office, 20)
    assert questions(office) == questions(office, "rekan") == []


def test_nothing_held_asks_nobody(office: PaperWorld) -> None:
    closed(office)
    office.new_letters("petugas")
    minutes_later(office, 30)
    assert questions(office) == []


def test_an_escalation_that_a_colleague_has_made_meanwhile_is_asked_about_no_more(office: PaperWorld) -> None:
    held(office, "#eskalasi")
    office.write("rekan", "#eskalasi Gagal masuk.", answers=office.last("rekan", "staff_user_reply"))
    assert office.once()
    assert office.status() == "escalated"
    office.new_letters("petugas")
    minutes_later(office, 20)
    assert questions(office) == []


def test_an_answer_that_is_possible_no_more_is_offered_as_information(office: PaperWorld) -> None:
    held(office)
    office.write("rekan", "#tutup Sudah teratasi.", answers=office.last("rekan", "staff_user_reply"))
    assert office.once()
    office.new_letters("petugas")
    minutes_later(office, 20)
    [again] = questions(office)
    assert set(links(again)) == {"#info", "#batal"}
    click(office, again, "#info")
    minutes_later(office, 5)
    assert "KENARI-SARI" in office.last("pengguna", "user_info").text


@pytest.mark.parametrize("text", ["ok", "Siap, terima kasih.", "I am out of office until Monday."])
def test_what_says_nothing_is_asked_about_once(office: PaperWorld, text: str) -> None:
    notice = opened(office)
    assert staff_writes(office, text, notice) == "staff_confirm"
    minutes_later(office, 20)
    assert questions(office) == []


def test_a_meaning_that_is_held_is_asked_about_again_and_its_link_still_gives_it(office: PaperWorld) -> None:
    escalation = escalated(office)
    office.write("lkpp", "Mengenai hal ini lihat surat kami, KENARI-SURAT.", answers=escalation)
    assert office.once()
    classify = office.last("petugas", "staff_classify")
    minutes_later(office, 1)
    office.write("lkpp", "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP.", answers=escalation)
    assert office.once()
    assert click(office, classify, "#perkembangan").template == "staff_confirm"
    office.new_letters("petugas")
    minutes_later(office, 16)
    [again] = questions(office)
    assert click(office, again, "#perkembangan").template == "staff_receipt"
    minutes_later(office, 5)
    assert "KENARI-SURAT" in office.last("pengguna", "user_progress").text


def test_what_lkpp_said_by_telephone_is_not_forgotten_when_it_fits_no_more(office: PaperWorld) -> None:
    escalation = escalated(office)
    assert staff_writes(office, f"#selesai {WORDS}") == "staff_confirm"
    office.write("lkpp", "Permasalahan tersebut merupakan kewenangan LPSE.", answers=escalation)
    assert office.once()
    assert office.status() == "returned"
    office.new_letters("petugas")
    minutes_later(office, 16)
    [again] = questions(office)
    assert "KENARI-SARI" in again.text
    assert "#jawab" in links(click(office, again, "#selesai"))  # refused, and offered as what it may be now
