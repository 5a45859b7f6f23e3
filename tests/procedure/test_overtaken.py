"""What waits when another mail closes, resolves or escalates the ticket is not sent behind it, and its writer is
asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.steps import escalated, flat, links, minutes_later, number, opened, resolved, staff_writes, templates
from tests.world import PaperWorld

WORDS = "Silakan coba lewat menu KENARI-SARI."

# --- what waits --------------------------------------------------------------------------------------------


def answer(office: PaperWorld) -> str:
    resolved(office)
    minutes_later(office, 1)
    staff_writes(office, f"#jawab {WORDS}", office.last("petugas"))
    return "user_answer"


def info(office: PaperWorld) -> str:
    resolved(office)
    minutes_later(office, 1)
    staff_writes(office, f"#info {WORDS}", office.last("petugas"))
    return "user_info"


def request(office: PaperWorld) -> str:
    opened(office)
    staff_writes(office, f"#minta-data {WORDS}")
    return "user_request"


def message_to_lkpp(office: PaperWorld) -> str:
    escalated(office)
    staff_writes(office, f"#lkpp {WORDS}", office.last("petugas"))
    return held_by_hand(office, "lkpp_message")


def passed_on(office: PaperWorld) -> str:
    escalation = escalated(office)
    office.write("lkpp", f"Permasalahan masih dalam proses penanganan Tim Teknis. {WORDS}", answers=escalation)
    assert office.once()
    return held_by_hand(office, "user_progress")


def escalation(office: PaperWorld) -> str:
    opened(office)
    staff_writes(office, f"#eskalasi {WORDS}")
    return held_by_hand(office, "lkpp_escalation")


def held_by_hand(office: PaperWorld, template: str) -> str:
    """The last mail of this template has not left: a person holds it."""
    with office.store.immediate():
        office.store.execute(
            "UPDATE outbox SET state = 'queued', held = 1, held_by = 'hand', accepted_at = NULL WHERE id ="
            " (SELECT max(id) FROM outbox WHERE template = ?)",
            template,
        )
    return template


# --- what comes before it -------------------------------------------------------------------------------------


def says_done(office: PaperWorld) -> None:
    office.write("pengguna", "SELESAI, terima kasih.", answers=office.last("pengguna"))
    assert office.once()


def colleague(text: str) -> Callable[[PaperWorld], None]:
    def writes(office: PaperWorld) -> None:
        """Joko has seen what Sari wrote: he is asked first, and goes on."""
        office.write("rekan", text, answers=office.last("rekan"))
        assert office.once()
        asked = office.last("rekan")
        if asked.template == "staff_confirm":
            office.write("rekan", next(iter(links(asked).values())), subject=f"[{number(office)}] Tidak bisa login")
            assert office.once()
        assert office.last("rekan").template == "staff_receipt"

    return writes


def lkpp_solves(office: PaperWorld) -> None:
    office.write("lkpp", "Permasalahan telah selesai ditangani.", answers=office.last("lkpp"))
    assert office.once()


def silence(office: PaperWorld) -> None:
    """Nobody writes until the ticket closes by itself; what waits is still held, or waits its window's last minutes."""
    while office.status() != "closed":
        [due] = office.rows("SELECT min(due) AS due FROM deadlines WHERE ended_at IS NULL")
        office.now = datetime.fromisoformat(due["due"])
        assert office.once()


closing, answering, escalating = (
    colleague("#tutup Sudah beres."),
    colleague("#jawab Sudah beres."),
    colleague("#eskalasi Gagal."),
)


def held(what: Callable[[PaperWorld], str]) -> Callable[[PaperWorld], str]:
    def waits(office: PaperWorld) -> str:
        return held_by_hand(office, what(office))

    waits.__name__ = f"held_{what.__name__}"
    return waits


CASES = [
    *((what, end) for what in (answer, info) for end in (says_done, closing, answering, escalating)),
    *((held(what), silence) for what in (answer, info, request)),
    *((request, end) for end in (closing, answering, escalating)),
    *((message_to_lkpp, end) for end in (closing, lkpp_solves)),
    *((passed_on, end) for end in (closing, lkpp_solves)),
    (escalation, closing),
]


@pytest.mark.parametrize(("waits", "ends"), CASES, ids=lambda one: getattr(one, "__qualname__", ""))
def test_what_waits_is_not_sent_behind_what_ends_the_matter(
    office: PaperWorld, waits: Callable[[PaperWorld], str], ends: Callable[[PaperWorld], None]
) -> None:
    template = waits(office)
    for who in ("pengguna", "petugas", "lkpp"):
        office.new_letters(who)
    ends(office)
    status = office.status()
    [confirm] = [each for each in office.new_letters("petugas") if each.template == "staff_confirm"]
    assert "KENARI-SARI" in confirm.text
    minutes_later(office, 10)
    assert office.rows("SELECT 1 FROM outbox WHERE state = 'queued'") == []
    outside = [*office.new_letters("pengguna"), *office.new_letters("lkpp")]
    assert not any("KENARI-SARI" in each.text for each in outside if each.template == template)
    assert office.status() == status


def test_the_link_sends_the_words_after_all(office: PaperWorld) -> None:
    info(office)
    says_done(office)
    confirm = office.last("petugas", "staff_confirm")
    assert "Ditutup" in flat(confirm) and "SELESAI, terima kasih." in flat(confirm)
    office.write("petugas", links(confirm)["#info"], subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    minutes_later(office, 4)
    assert "KENARI-SARI" in office.last("pengguna", "user_info").text
    assert office.status() == "closed"


def test_an_answer_of_a_closed_ticket_is_offered_as_information(office: PaperWorld) -> None:
    answer(office)
    says_done(office)
    assert set(links(office.last("petugas", "staff_confirm"))) == {"#info", "#batal"}


def test_ones_own_later_answer_lets_the_earlier_one_leave_first(office: PaperWorld) -> None:
    info(office)
    office.now += timedelta(minutes=1)
    staff_writes(office, "#jawab Sudah kami perbaiki.", office.last("petugas"))
    minutes_later(office, 10)
    assert templates(office.letters("pengguna"))[-2:] == ["user_info", "user_answer"]
    assert "staff_confirm" not in templates(office.letters("petugas"))


def test_ones_own_escalation_asks_about_the_answer_that_would_come_behind_it(office: PaperWorld) -> None:
    answer(office)
    staff_writes(office, "#eskalasi Ternyata gagal.", office.last("petugas"))
    minutes_later(office, 10)
    assert "KENARI-SARI" in office.last("petugas", "staff_confirm").text
    assert not any("KENARI-SARI" in each.text for each in office.letters("pengguna"))


def test_two_waiting_mails_of_one_writer_are_asked_about_together(office: PaperWorld) -> None:
    info(office)
    staff_writes(office, "#jawab Coba juga KENARI-DUA.", office.last("petugas"))
    says_done(office)
    [confirm] = [each for each in office.letters("petugas") if each.template == "staff_confirm"]
    assert "KENARI-SARI" in confirm.text and "KENARI-DUA" in confirm.text
    assert confirm.html.count("mailto:") == 4  # to send and to drop each


def test_what_never_left_is_quoted_in_no_later_mail(office: PaperWorld) -> None:
    info(office)
    colleague("#eskalasi Gagal.")(office)
    assert not any("KENARI-SARI" in each.text for each in office.letters("lkpp"))


def test_the_link_brings_the_file_with_the_words(office: PaperWorld) -> None:
    resolved(office)
    staff_writes(office, "#info Terlampir panduannya.", office.last("petugas"), files=[("panduan.pdf", b"%PDF-1.4")])
    says_done(office)
    confirm = office.last("petugas", "staff_confirm")
    office.write("petugas", links(confirm)["#info"], subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    minutes_later(office, 4)
    assert office.last("pengguna", "user_info").attachments == [("panduan.pdf", b"%PDF-1.4")]


def test_what_is_taken_back_stays_its_writers_own(office: PaperWorld) -> None:
    passed_on(office)
    closing(office)
    rows = office.rows("SELECT kind, audience FROM texts WHERE role = 'lkpp' ORDER BY id")
    assert [",user," in row["audience"] for row in rows] == [False] * len(rows)
    assert [",lkpp," in row["audience"] for row in rows if row["kind"] == "lkpp"] == [True]


# --- LKPP's own next mail -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "template"),
    [
        (f"Permasalahan telah selesai ditangani, silakan dicoba kembali. {WORDS}", "user_resolved"),
        (f"Permasalahan masih dalam proses penanganan Tim Teknis. {WORDS}", "user_progress"),
        (f"Mohon dilengkapi screenshot dan kode tender. {WORDS}", "user_data_request"),
    ],
)
def test_what_lkpp_takes_back_in_time_is_not_sent_and_can_be_after_all(
    office: PaperWorld, words: str, template: str
) -> None:
    escalation = escalated(office)
    office.write("lkpp", words, answers=escalation)
    assert office.once()
    office.new_letters("petugas")
    minutes_later(office, 1)
    office.write("lkpp", "Mohon maaf, email sebelumnya salah kirim, mohon diabaikan.", answers=escalation)
    assert office.once()
    assert templates(office.new_letters("petugas")) == ["staff_confirm", "staff_classify"]
    minutes_later(office, 5)
    assert template not in templates(office.letters("pengguna"))
    confirm = office.last("petugas", "staff_confirm")
    assert "LKPP menulis lagi" in flat(confirm) and "salah kirim" in flat(confirm) and "KENARI-SARI" in flat(confirm)
    assert "petugas ditanya" in flat(office.last("petugas", "staff_classify"))
    office.write("petugas", links(confirm)["#info"], subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    minutes_later(office, 4)
    assert "KENARI-SARI" in flat(office.last("pengguna", "user_info"))


def test_what_lkpp_says_next_without_a_doubt_stops_nothing(office: PaperWorld) -> None:
    escalation = escalated(office)
    for words in ("Permasalahan masih dalam proses penanganan Tim Teknis.", "Permasalahan telah selesai ditangani."):
        office.write("lkpp", words, answers=escalation)
        assert office.once()
    minutes_later(office, 4)
    assert templates(office.letters("pengguna"))[-2:] == ["user_progress", "user_resolved"]
