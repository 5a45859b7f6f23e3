"""What goes of LKPP's by itself waits its undo window. `#batal` takes it back; what came meanwhile is decided anew."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.arrivals.intake import Intake
from tests.arrivals.test_meanings import SOLVED, UNCLEAR_A, replied, to_user, use, waiting
from tests.steps import escalated, flat, links, minutes_later, opened, staff_writes, templates
from tests.world import Letter, PaperWorld

REQUEST = "Mohon dilengkapi tangkapan layar dan kode tender. Menara DELTA."
PROGRESS = "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP. Menara GAMA."
PASSED_ON = [
    pytest.param(REQUEST, "user_data_request", "awaiting_data", id="request"),
    pytest.param(PROGRESS, "user_progress", "escalated", id="progress"),
    pytest.param(SOLVED, "user_resolved", "resolved", id="solved"),
]


def got(office: PaperWorld) -> list[str]:
    """The templates of what the user has got of LKPP's, or because the ticket is closed or answered."""
    opening = ("user_acknowledgement", "user_escalated")
    return [one.template for one in office.letters("pengguna") if one.template not in opening]


def clocks(office: PaperWorld) -> dict[str, tuple[str, str]]:
    """The running clocks: when they began, and when they are due."""
    rows = office.rows("SELECT clock, started_at, due FROM deadlines WHERE ended_at IS NULL")
    return {row["clock"]: (row["started_at"], row["due"]) for row in rows}


def ticket(office: PaperWorld) -> dict[str, object]:
    """The ticket's row but for who handles it and its replies that wait."""
    [row] = office.rows("SELECT * FROM tickets")
    return {name: row[name] for name in row if name not in ("handler", "pending_replies")}


# --- the window -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "template", "status"), PASSED_ON)
def test_what_goes_by_itself_waits_its_window_and_staff_are_told_all_of_it(
    office: PaperWorld, text: str, template: str, status: str
) -> None:
    escalation = escalated(office)
    notice = replied(office, text, escalation, files=[("layar.pdf", b"%PDF-1.4 x")])
    assert (notice.template, office.status()) == ("staff_lkpp_reply", status)
    shown = flat(notice).partition("Terbaca sebagai")[0]
    assert "budi@penyedia.test" in shown
    assert "pada Senin, 21 Desember 2026 pukul 08.04 WIB" in shown
    assert "balas e-mail ini dengan #batal" in shown
    assert text in shown
    assert ("layar.pdf" in shown) is (template != "user_progress")
    assert "#batal" in links(notice)
    minutes_later(office, 2)
    assert got(office) == []
    minutes_later(office, 1)
    assert got(office) == [template]
    assert text in flat(office.last("pengguna"))


def test_the_window_begins_when_it_is_decided_however_late_the_mail_is_fetched(office: PaperWorld) -> None:
    escalation = escalated(office)
    office.write("lkpp", SOLVED, answers=escalation)
    office.now += timedelta(minutes=40)  # nobody has looked
    assert office.once()
    minutes_later(office, 2)
    assert got(office) == []
    minutes_later(office, 1)
    assert got(office) == ["user_resolved"]


def test_a_meaning_that_staff_give_goes_at_once(office: PaperWorld) -> None:
    notice = replied(office, UNCLEAR_A, escalated(office))
    use(office, links(notice)["#selesai"])
    assert got(office) == ["user_resolved"]


def meant(office: PaperWorld, command: str) -> Letter:
    """An unclear reply of LKPP's with a file, given its meaning in words of staff's own; the receipt."""
    notice = replied(office, UNCLEAR_A, escalated(office), files=[("layar.pdf", b"%PDF-1.4 x")])
    return use(office, links(notice)[command].replace(UNCLEAR_A, "Paket sudah muncul, silakan Ibu cek kembali."))


@pytest.mark.parametrize(
    ("command", "template"),
    [("#selesai", "user_resolved"), ("#perkembangan", "user_progress"), ("#data-tambahan", "user_data_request")],
)
def test_a_meaning_in_words_of_staffs_own_waits_and_is_told_as_the_lpses(
    office: PaperWorld, command: str, template: str
) -> None:
    receipt = meant(office, command)
    assert "dapat ditarik kembali dengan #batal" in flat(receipt)
    assert "Isi pesan: Paket sudah muncul" in flat(receipt)
    minutes_later(office, 2)
    assert got(office) == []
    minutes_later(office, 1)
    assert got(office) == [template]
    sent = flat(office.last("pengguna"))
    own = sent.partition("Paket sudah muncul")[0]
    assert "LPSE Kabupaten Batang" in own.partition("nomor tiket")[2] or "kami mohon" in own
    assert "dengan penjelasan:" not in own and "Keterangan Helpdesk LKPP" not in own


@pytest.mark.parametrize("command", ["#selesai", "#perkembangan", "#data-tambahan"])
def test_what_staff_meant_in_their_own_words_can_be_taken_back_and_the_reply_waits_again(
    office: PaperWorld, command: str
) -> None:
    receipt = meant(office, command)
    undone_receipt = use(office, links(receipt)["#batal"])
    assert "tidak jadi dikirim" in flat(undone_receipt)
    assert {"#selesai", "#kembali"} <= set(links(undone_receipt))
    assert (office.status(), waiting(office)) == ("escalated", 1)
    assert set(clocks(office)) >= {"classify", "lkpp_status"}
    assert office.rows("SELECT name FROM attachments WHERE audience LIKE '%,user,%'") == []
    assert to_user(office) == []


def test_what_lkpp_told_by_telephone_waits_its_window_too(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#selesai Menara ALFA sudah diperbaiki.")
    use(office, links(office.last("petugas", "staff_confirm"))["#selesai"])
    minutes_later(office, 2)
    assert got(office) == []
    minutes_later(office, 1)
    assert "Penjelasan dari LPSE Kabupaten Batang: Menara ALFA" in flat(office.last("pengguna"))


def test_words_of_lkpps_that_a_client_has_wrapped_or_lines_left_out_of_stay_lkpps(office: PaperWorld) -> None:
    words = "Menara ALFA, silakan dicermati.\n\nMenara BETA, silakan dicermati juga."
    body = links(replied(office, words, escalated(office)))["#selesai"]
    use(office, body.replace("Menara BETA, silakan dicermati juga.", "").replace("ALFA, silakan", "ALFA,\nsilakan"))
    assert got(office) == ["user_resolved"]
    assert "dengan penjelasan: Menara ALFA, silakan" in flat(office.last("pengguna"))


def test_without_an_undo_window_it_goes_at_once_and_nothing_is_offered(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, sop={"undo_window": "0m"})
    notice = replied(office, SOLVED, escalated(office))
    assert got(office) == ["user_resolved"]
    assert "#batal" not in links(notice)
    office.store.close()


# --- #batal of it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["link", "reply"])
@pytest.mark.parametrize(("text", "template", "status"), PASSED_ON)
def test_batal_puts_all_back_and_the_reply_waits_for_its_meaning(
    office: PaperWorld, text: str, template: str, status: str, how: str
) -> None:
    escalation = escalated(office)
    before = clocks(office), ticket(office)
    notice = replied(office, text, escalation, files=[("layar.pdf", b"%PDF-1.4 x")])
    office.new_letters("petugas")
    minutes_later(office, 1)
    if how == "link":
        office.write("petugas", links(notice)["#batal"], subject=notice.subject)
    else:
        office.write("petugas", "#batal", answers=notice)
    assert office.once()
    receipt, asked = office.new_letters("petugas")
    assert (receipt.template, asked.template) == ("staff_receipt", "staff_classify")
    assert "tidak jadi dikirim" in flat(receipt)
    assert "menunggu penegasan" in flat(receipt)
    assert text in flat(asked).partition("Yang akan disampaikan kepada pengguna")[2]
    assert waiting(office) == 1
    after = clocks(office)
    assert after.pop("classify")[0].startswith("2026-12-21T01:02")  # since it was taken back
    assert (after, ticket(office)) == before
    assert to_user(office) == []
    assert use(office, links(asked)["#selesai"]).template == "staff_receipt"
    [sent] = to_user(office)
    assert sent.template == "user_resolved"
    assert sent.attachments == [("layar.pdf", b"%PDF-1.4 x")]
    assert waiting(office) == 0


def test_what_was_taken_back_is_no_longer_the_users_to_see(office: PaperWorld) -> None:
    notice = replied(office, REQUEST, escalated(office), files=[("layar.pdf", b"%PDF-1.4 x")])
    staff_writes(office, "#batal", notice)
    shown = office.rows("SELECT body FROM texts WHERE audience LIKE '%,user,%' AND role = 'lkpp'")
    files = office.rows("SELECT name FROM attachments WHERE audience LIKE '%,user,%'")
    assert (shown, files) == ([], [])


def test_batal_after_the_window_says_that_it_has_left(office: PaperWorld) -> None:
    notice = replied(office, SOLVED, escalated(office))
    minutes_later(office, 4)
    staff_writes(office, "#batal", notice)
    assert "sudah dikirim pada Senin, 21 Desember 2026 pukul 08.05 WIB" in flat(office.last("petugas"))
    assert office.status() == "resolved"
    assert got(office) == ["user_resolved"]


def test_batal_that_has_come_in_time_but_is_read_late_still_counts(office: PaperWorld) -> None:
    notice = replied(office, SOLVED, escalated(office))
    office.now += timedelta(minutes=2)
    office.write("petugas", "#batal", answers=notice)
    office.now += timedelta(minutes=5)
    assert office.once()
    assert (office.status(), got(office)) == ("escalated", [])


@pytest.mark.parametrize("who", ["petugas", "rekan"])
def test_a_second_batal_is_told_that_it_is_done(office: PaperWorld, who: str) -> None:
    """The same reply twice, or a colleague who had the same notice."""
    replied(office, SOLVED, escalated(office))
    staff_writes(office, "#batal", office.last("petugas", "staff_lkpp_reply"))
    notice = office.last(who, "staff_lkpp_reply") if who == "petugas" else office.last("rekan", "staff_new_ticket")
    office.new_letters(who)
    office.write(who, "#batal", answers=notice)
    assert office.once()
    told = flat(office.new_letters(who)[-1])
    assert "sudah ditarik kembali sebelumnya" in told or "Tidak ada e-mail yang masih menunggu" in told
    assert (office.status(), waiting(office), to_user(office)) == ("escalated", 1, [])


def test_a_colleague_may_take_it_back(office: PaperWorld) -> None:
    escalation = escalated(office)
    office.write("petugas", "#tugaskan Joko", answers=office.last("petugas", "staff_new_ticket"))
    assert office.once()
    notice = replied(office, SOLVED, escalation)
    assert notice.template != "staff_lkpp_reply"  # Joko's now
    office.write("rekan", "#batal", answers=office.last("rekan", "staff_lkpp_reply"))
    assert office.once()
    assert office.last("rekan").template == "staff_classify"
    assert (office.status(), to_user(office)) == ("escalated", [])


def test_the_link_used_twice_gets_the_first_receipt_again(office: PaperWorld) -> None:
    body = links(replied(office, SOLVED, escalated(office)))["#batal"]
    use(office, body)
    again = use(office, body)
    assert "tidak jadi dikirim" in flat(again)
    assert waiting(office) == 1


def test_the_link_is_good_though_the_user_has_written_meanwhile(office: PaperWorld) -> None:
    escalation = escalated(office)
    notice = replied(office, SOLVED, escalation)
    office.write("pengguna", "Masih gagal.", answers=office.last("pengguna", "user_escalated"))
    assert office.once()
    assert office.status() == "in_progress"
    use(office, links(notice)["#batal"])
    assert office.status() == "escalated"
    assert waiting(office) == 1
    assert to_user(office) == []


def test_what_a_colleague_has_decided_meanwhile_stays(office: PaperWorld) -> None:
    notice = replied(office, SOLVED, escalated(office))
    office.write("petugas", "#eskalasi Belum selesai.", answers=notice)
    assert office.once()
    assert office.status() == "escalated"
    again = clocks(office)
    assert office.last("petugas", "staff_confirm").text  # what waited is not sent behind it
    staff_writes(office, "#batal", notice)
    assert "Tidak ada yang dijalankan" in flat(office.last("petugas", "staff_receipt"))
    assert clocks(office) == again
    assert "user_resolved" not in got(office)


def test_a_site_that_is_never_asked_is_asked_about_what_staff_have_stopped(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, sop={"review": "never"})
    notice = replied(office, SOLVED, escalated(office))
    staff_writes(office, "#batal", notice)
    assert office.last("petugas").template == "staff_classify"
    assert (office.status(), waiting(office), to_user(office)) == ("escalated", 1, [])
    office.store.close()


def test_a_change_of_the_user_takes_back_what_waits_for_the_old_one(office: PaperWorld) -> None:
    replied(office, SOLVED, escalated(office))
    office.write("petugas", "#pengguna ani@lain.test", answers=office.last("petugas", "staff_new_ticket"))
    assert office.once()
    code = re.search(r"Kode: [A-Z2-7-]+", office.last("petugas", "staff_confirm").text)
    assert code is not None
    office.write("petugas", code[0], answers=office.last("petugas", "staff_confirm"), quote=False)
    assert office.once()
    [row] = office.rows("SELECT user_address, status FROM tickets")
    assert (row["user_address"], row["status"], waiting(office)) == ("ani@lain.test", "escalated", 1)
    minutes_later(office, 5)
    assert "user_resolved" not in got(office)
    use(office, links(office.last("petugas", "staff_classify"))["#selesai"])
    assert [one.template for one in office.letters("ani@lain.test")] == ["user_resolved"]


# --- several things ---------------------------------------------------------------------------------------------------


def two_waiting(office: PaperWorld) -> tuple[Letter, Letter]:
    """LKPP's progress, and then its solution, both in their windows."""
    escalation = escalated(office)
    first = replied(office, PROGRESS, escalation)
    return first, replied(office, SOLVED, escalation)


def test_of_several_things_batal_elsewhere_takes_back_none_and_names_each(office: PaperWorld) -> None:
    two_waiting(office)
    assert staff_writes(office, "#batal") == "staff_receipt"
    receipt = office.last("petugas", "staff_receipt")
    told = flat(receipt)
    assert "Tidak ada yang dijalankan: Ada lebih dari satu yang masih menunggu" in told
    assert "GAMA" in told
    assert SOLVED in told
    assert receipt.html.count("Tarik kembali:") == 2
    assert templates(to_user(office)) == ["user_progress", "user_resolved"]


def test_each_of_several_links_takes_back_its_own(office: PaperWorld) -> None:
    two_waiting(office)
    staff_writes(office, "#batal")
    receipt = office.last("petugas", "staff_receipt")
    # Both links bear the same command: the first is the progress's.
    bodies = [body for body in all_links(receipt) if "#batal" in body]
    assert len(bodies) == 2
    use(office, bodies[0])
    assert templates(to_user(office)) == ["user_resolved"]


def all_links(letter: Letter) -> list[str]:
    hrefs = dict.fromkeys(re.findall(r'href="(mailto:[^"]+)"', letter.html))
    return [parse_qs(urlsplit(unescape(href)).query)["body"][0] for href in hrefs]


def test_the_answered_notice_says_which_of_several_is_meant(office: PaperWorld) -> None:
    first, second = two_waiting(office)
    staff_writes(office, "#batal", second)
    assert (office.status(), waiting(office)) == ("escalated", 1)
    assert templates(to_user(office)) == ["user_progress"]
    assert first.template == "staff_lkpp_reply"


def test_too_late_for_one_says_what_still_waits(office: PaperWorld) -> None:
    escalation = escalated(office)
    first = replied(office, PROGRESS, escalation)
    minutes_later(office, 3)
    replied(office, SOLVED, escalation)
    staff_writes(office, "#batal", first)
    told = flat(office.last("petugas", "staff_receipt"))
    assert "sudah dikirim" in told
    assert SOLVED in told
    assert office.status() == "resolved"


def test_of_two_answers_the_second_stands_when_the_first_is_taken_back(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Jawaban PERTAMA.")
    first = office.last("petugas", "staff_receipt")
    staff_writes(office, "#jawab Jawaban KEDUA.")
    second = office.last("petugas", "staff_receipt")
    use(office, links(first)["#batal"])
    assert office.status() == "resolved"
    assert "PERTAMA" not in flat(office.letters("pengguna")[-1])
    use(office, links(second)["#batal"])
    assert office.status() == "new"  # nothing of either is left
    assert to_user(office) == []


def test_a_closing_and_what_it_closed_are_taken_back_one_by_one(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Jawaban PERTAMA.")
    answer = office.last("petugas", "staff_receipt")
    staff_writes(office, "#tutup")
    closing = office.last("petugas", "staff_receipt")
    use(office, links(answer)["#batal"])
    assert office.status() == "closed"
    use(office, links(closing)["#batal"])
    assert office.status() == "new"
    assert to_user(office) == []


# --- what came meanwhile ----------------------------------------------------------------------------------------------


def closed_by_mistake(office: PaperWorld) -> tuple[Letter, dict[str, tuple[str, str]]]:
    """A ticket that LKPP has, closed a moment ago; LKPP's mail, and the clocks as they were."""
    escalation = escalated(office)
    before = clocks(office)
    staff_writes(office, "#tutup Salah tiket.")
    assert office.status() == "closed"
    return escalation, before


def undone(office: PaperWorld) -> Letter:
    closing = next(one for one in reversed(office.letters("petugas")) if "#batal" in links(one))
    return use(office, links(closing)["#batal"])


def test_lkpps_request_within_the_window_of_a_closing_is_looked_at_again(office: PaperWorld) -> None:
    escalation, _ = closed_by_mistake(office)
    notice = replied(office, REQUEST, escalation, files=[("contoh.pdf", b"%PDF-1.4 x")])
    assert (notice.template, office.status()) == ("staff_lkpp_reply", "closed")
    assert "#batal" not in links(notice)
    receipt = undone(office)
    assert office.status() == "awaiting_data"
    announced = office.last("petugas", "staff_lkpp_reply")
    assert "Dilihat kembali setelah #batal" in flat(announced)
    assert "DELTA" in announced.text
    assert "#batal" in links(announced)
    assert receipt.template in ("staff_receipt", "staff_lkpp_reply")
    minutes_later(office, 2)
    assert got(office) == []
    minutes_later(office, 2)
    assert got(office) == ["user_data_request"]
    assert office.last("pengguna").attachments == [("contoh.pdf", b"%PDF-1.4 x")]
    assert len(office.rows("SELECT 1 FROM texts WHERE kind = 'lkpp'")) == 1
    assert len(office.rows("SELECT 1 FROM attachments WHERE name = 'contoh.pdf'")) == 1


def test_what_was_looked_at_again_can_be_taken_back_too(office: PaperWorld) -> None:
    escalation, before = closed_by_mistake(office)
    replied(office, REQUEST, escalation)
    undone(office)
    assert office.status() == "awaiting_data"
    staff_writes(office, "#batal", office.last("petugas", "staff_lkpp_reply"))
    after = clocks(office)
    after.pop("classify")
    assert (office.status(), waiting(office), after) == ("escalated", 1, before)
    assert to_user(office) == []


@pytest.mark.parametrize(
    ("text", "template", "status"),
    [
        (SOLVED, "staff_lkpp_reply", "resolved"),
        (UNCLEAR_A, "staff_classify", "escalated"),
        ("Permasalahan ini merupakan kewenangan LPSE, silakan ditangani LPSE.", "staff_returned", "returned"),
    ],
)
def test_every_reply_of_lkpp_is(office: PaperWorld, text: str, template: str, status: str) -> None:
    escalation, _ = closed_by_mistake(office)
    replied(office, text, escalation)
    undone(office)
    assert (office.last("petugas").template, office.status()) == (template, status)


def test_so_is_the_users_mail_that_has_opened_the_ticket_again(office: PaperWorld) -> None:
    _, before = closed_by_mistake(office)
    office.now += timedelta(minutes=1)
    office.write("pengguna", "Masih gagal, KENARI.", answers=office.last("pengguna", "user_escalated"))
    assert office.once()
    assert office.status() == "in_progress"
    undone(office)
    assert (office.status(), clocks(office)) == ("escalated", before)
    again = office.last("petugas", "staff_user_reply")
    assert "Dilihat kembali setelah #batal" in flat(again)
    assert "#teruskan" in links(again)
    assert len(office.rows("SELECT 1 FROM texts WHERE body LIKE '%KENARI%'")) == 1
    assert to_user(office) == []


def test_data_that_came_for_a_request_meanwhile_go_to_lkpp_once(office: PaperWorld) -> None:
    escalation = escalated(office)
    replied(office, REQUEST, escalation)
    minutes_later(office, 4)
    staff_writes(office, "#tutup", office.last("petugas", "staff_new_ticket"))
    files = [("layar.png", b"\x89PNG\r\n\x1a\nx")]
    office.write("pengguna", "Terlampir tangkapan layarnya.", answers=office.last("pengguna"), files=files)
    assert office.once()
    assert office.status() == "in_progress"
    undone(office)
    assert office.status() == "escalated"
    minutes_later(office, 10)
    assert [one.template for one in office.letters("lkpp")] == ["lkpp_escalation", "lkpp_additional_data"]
    assert got(office) == ["user_data_request", "user_data_forwarded"]


def test_data_that_have_gone_to_lkpp_stay_there(office: PaperWorld) -> None:
    """The user sends by himself what LKPP's request, not yet passed on, asks for."""
    escalation = escalated(office)
    notice = replied(office, REQUEST, escalation)
    files = [("layar.png", b"\x89PNG\r\n\x1a\nx")]
    office.write("pengguna", "Terlampir tangkapan layarnya.", answers=office.last("pengguna"), files=files)
    assert office.once()
    assert office.status() == "escalated"
    staff_writes(office, "#batal", notice)
    assert (office.status(), waiting(office)) == ("escalated", 1)
    minutes_later(office, 10)
    assert [one.template for one in office.letters("lkpp")] == ["lkpp_escalation", "lkpp_additional_data"]
    assert got(office) == ["user_data_forwarded"]


def test_a_users_answer_to_nothing_yet_is_looked_at_again_without_the_answer(office: PaperWorld) -> None:
    opened(office)
    before = clocks(office)
    staff_writes(office, "Jawaban keliru.")
    office.write("pengguna", "Masih gagal juga.", answers=office.last("pengguna"))
    assert office.once()
    assert office.status() == "in_progress"
    undone(office)
    assert (office.status(), clocks(office)) == ("new", before)
    assert to_user(office) == []


def test_a_password_warning_goes_once(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Jawaban keliru.")
    office.write("pengguna", "Masih gagal. Password: kucing-99-hijau", answers=office.last("pengguna"))
    assert office.once()
    undone(office)
    assert templates(to_user(office)) == ["user_password_warning"]


def test_what_has_closed_the_ticket_for_the_user_stays_closed(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Jawaban keliru.")
    office.write("pengguna", "SELESAI, terima kasih", answers=office.last("pengguna"))
    assert office.once()
    assert got(office) == ["user_closed"]
    undone(office)
    assert "Tidak dijalankan: Jawaban" in flat(office.last("petugas", "staff_receipt"))  # which was held meanwhile
    assert office.status() == "closed"
    assert templates(to_user(office)) == ["user_closed"]


def test_two_replies_of_lkpp_meanwhile_are_each_looked_at_again(office: PaperWorld) -> None:
    escalation, _ = closed_by_mistake(office)
    replied(office, UNCLEAR_A, escalation)
    replied(office, "Menara BETA, silakan dicermati.", escalation)
    undone(office)
    assert (office.status(), waiting(office)) == ("escalated", 2)


def test_it_is_looked_at_again_after_a_restart_in_between(office: PaperWorld) -> None:
    escalation, _ = closed_by_mistake(office)
    receipt = office.last("petugas", "staff_receipt")
    replied(office, REQUEST, escalation)
    office.write("petugas", "#batal", answers=receipt)
    Intake(office.store, office.site, ["LPSE-BTG"]).handle_waiting(office.now, at_most=1)  # and the program ends
    assert office.status() == "escalated"
    assert office.once()
    assert office.status() == "awaiting_data"
    assert templates(to_user(office)) == ["user_data_request"]


def test_it_is_looked_at_again_in_the_pass_that_has_brought_both(office: PaperWorld) -> None:
    escalation, _ = closed_by_mistake(office)
    receipt = office.last("petugas", "staff_receipt")
    office.write("lkpp", REQUEST, answers=escalation)
    office.write("petugas", "#batal", answers=receipt)
    assert office.once()
    assert office.status() == "awaiting_data"
    assert templates(to_user(office)) == ["user_data_request"]


def test_batal_with_a_better_closing_in_one_mail_keeps_that(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#tutup Salah.")
    office.write("petugas", "#batal\n#jawab Yang benar.", answers=office.last("petugas", "staff_receipt"))
    assert office.once()
    assert office.status() == "resolved"
    undone(office)
    assert office.status() == "new"
    assert to_user(office) == []
