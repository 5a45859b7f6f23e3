"""What staff write: commands, plain answers, links, and who may do what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.arrivals.staff import arguments, commands, queries
from mailbot.arrivals.staff.commands import escalate
from mailbot.arrivals.staff.commands.escalate import MOST_ESCALATIONS
from mailbot.model import Role
from mailbot.parsers.commands import vocabulary
from mailbot.parsers.commands.vocabulary import About
from mailbot.rules.sop.names import REFUSALS
from mailbot.tickets import tickets
from tests.steps import (
    BORDER,
    closed,
    data_requested,
    disposition,
    escalated,
    links,
    minutes_later,
    number,
    opened,
    resolved,
    results,
    sending_link,
    staff_writes,
    templates,
    told,
)
from tests.world import LPSE, NO_CAPS, PEOPLE, Letter, PaperWorld


def flat(text: str) -> str:
    """A letter's words on one line."""
    return " ".join(text.replace("│", " ").split())


def ticket(office: PaperWorld) -> dict[str, object]:
    return dict(office.rows("SELECT * FROM tickets ORDER BY id DESC LIMIT 1")[0])


def clocks(office: PaperWorld) -> list[tuple[str, str]]:
    rows = office.rows("SELECT clock, due FROM deadlines WHERE ended_at IS NULL ORDER BY clock")
    return [(row["clock"], row["due"]) for row in rows]


def outgoing(office: PaperWorld) -> int:
    """How many mails there are that are no receipts."""
    kinds = "('staff_receipt', 'staff_confirm', 'staff_quarantine')"
    return int(office.rows(f"SELECT count(*) AS n FROM outbox WHERE template NOT IN {kinds}")[0]["n"])


def sent(office: PaperWorld, body: str, who: str = "petugas", subject: str | None = None) -> list[Letter]:
    """Open a link's ready reply and send it as a new mail, as mail programs do with mailto; what comes back."""
    office.new_letters(who)
    office.write(who, body, subject=subject or f"[{number(office)}] Tidak bisa login")
    assert office.once()
    return office.new_letters(who)


def use(office: PaperWorld, body: str, who: str = "petugas", subject: str | None = None) -> Letter:
    """The same of a link that is answered at once."""
    return sent(office, body, who, subject)[-1]


PASS = [results("pass", "batangkab.test")]


# --- the vocabulary is complete ---------------------------------------------------------------------


def test_every_command_about_a_ticket_is_an_event_of_the_table_and_has_its_sentence(office: PaperWorld) -> None:
    for spec in vocabulary.VOCABULARY:
        about_none = spec.about in (About.QUESTION, About.ENTRY, About.ONESELF)
        assert about_none == (spec.event is None)
        assert about_none or spec.event in office.site.table.events
        assert about_none or spec.result or commands.of(spec.name).result is not None


def test_what_is_said_and_done_of_a_command_is_of_one_that_exists() -> None:
    assert set(commands.DOINGS) <= set(vocabulary.SPECS)
    assert {spec.means for spec in vocabulary.VOCABULARY} - {None} == set(arguments.MEANINGS)
    questions = {spec.name for spec in vocabulary.VOCABULARY if spec.about is About.QUESTION}
    assert questions == set(queries.ANSWERS)


def test_every_refusal_is_one_of_the_table(office: PaperWorld) -> None:
    reasons = {row.refuse for row in office.site.table.rows if row.refuse}
    assert reasons == set(REFUSALS)


# --- each command -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["#jawab Silakan coba lagi.", "#ANSWER\nSilakan coba lagi.", "Silakan coba lagi."])
def test_jawab_sends_the_text_to_the_user_after_the_undo_window(office: PaperWorld, text: str) -> None:
    opened(office)
    assert staff_writes(office, text) == "staff_receipt"
    assert office.status() == "resolved"
    assert "user_answer" not in templates(office.letters("pengguna"))
    minutes_later(office, 3)
    answer = office.last("pengguna", "user_answer")
    assert "Silakan coba lagi." in answer.text
    assert "Sari" in answer.text
    assert {"SELESAI", "BELUM\n\nKendala:"} <= set(links(answer))


def test_jawab_while_lkpp_has_the_ticket_is_an_interim_answer(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#jawab Sedang kami tanyakan kepada LKPP.")
    minutes_later(office, 3)
    assert office.status() == "escalated"
    assert links(office.last("pengguna", "user_answer")) == {}


def test_info_leaves_the_status_as_it_is(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#info Sedang kami periksa.")
    minutes_later(office, 3)
    assert office.status() == "new"
    assert "Sedang kami periksa." in office.last("pengguna", "user_info").text
    assert ticket(office)["first_response_at"] is not None


def test_ambil_makes_the_writer_the_one_who_handles_it(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#ambil")
    assert ticket(office)["handler"] == PEOPLE["petugas"]
    office.write("rekan", "#take", answers=office.last("rekan"))
    office.once()
    assert ticket(office)["handler"] == PEOPLE["rekan"]


def test_the_first_who_acts_takes_the_ticket_and_a_colleague_does_not_take_it_away(office: PaperWorld) -> None:
    opened(office)
    office.write("rekan", "#info Sedang kami periksa.", answers=office.last("rekan"))
    office.once()
    minutes_later(office, 1)
    staff_writes(office, "#info Masih kami periksa.")
    assert ticket(office)["handler"] == PEOPLE["rekan"]


def test_minta_data_asks_the_user_and_waits_for_him(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#minta-data Mohon kirim kode tender.")
    minutes_later(office, 3)
    assert office.status() == "awaiting_user"
    assert "Mohon kirim kode tender." in office.last("pengguna", "user_request").text


def test_eskalasi_writes_to_lkpp_at_once_and_tells_the_user(office: PaperWorld) -> None:
    opened(office, files=[("layar.png", b"\x89PNG")])
    staff_writes(office, "#eskalasi\nRingkasan:\nLogin gagal\n\nUpaya yang telah dilakukan:\nSetel ulang sandi")
    assert office.status() == "escalated"
    mail = office.last("lkpp", "lkpp_escalation")
    assert "Login gagal" in mail.text and "Setel ulang sandi" in mail.text
    assert mail.attachments == [("layar.png", b"\x89PNG")]
    assert office.last("pengguna").template == "user_escalated"


@pytest.mark.parametrize("text", ["#eskalasi", "#eskalasi\nRingkasan:\n\nUpaya yang telah dilakukan:\n"])
def test_eskalasi_without_a_summary_is_refused(office: PaperWorld, text: str) -> None:
    opened(office)
    staff_writes(office, text)
    assert office.status() == "new"
    assert "memerlukan" in flat(office.last("petugas", "staff_receipt").text)
    assert office.letters("lkpp") == []


def test_eskalasi_is_refused_while_lkpp_has_the_ticket(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#eskalasi Lagi.")
    assert "sedang ditangani Helpdesk LKPP" in flat(office.last("petugas", "staff_receipt").text)
    assert len(office.letters("lkpp")) == 1


def test_eskalasi_after_the_ticket_came_back_goes_on_in_the_same_thread(office: PaperWorld) -> None:
    first = escalated(office)
    office.write("lkpp", "Hal ini merupakan kewenangan LPSE.", answers=first)
    office.once()
    assert office.status() == "returned"
    staff_writes(office, "#eskalasi Sudah dicoba, tetap gagal.", office.last("petugas", "staff_returned"))
    again = office.last("lkpp")
    assert again.template == "lkpp_escalation"
    assert first.message_id in again.message["References"]
    assert again.subject == first.subject


def test_teruskan_sends_this_mails_words_and_files_and_what_the_user_sent(office: PaperWorld) -> None:
    request = data_requested(office)
    office.write("pengguna", "Apakah ini datanya?", answers=request)
    office.once()
    staff_writes(
        office, "#teruskan Terlampir tangkapan layar.", office.last("petugas"), files=[("layar.png", b"\x89PNG")]
    )
    mail = office.last("lkpp", "lkpp_additional_data")
    assert "Apakah ini datanya?" in mail.text and "Terlampir tangkapan layar." in mail.text
    assert mail.attachments == [("layar.png", b"\x89PNG")]
    assert office.status() == "escalated"


def test_lkpp_sends_a_message_to_lkpp(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#lkpp Mohon dapat dihubungi melalui telepon.")
    assert "Mohon dapat dihubungi melalui telepon." in office.last("lkpp", "lkpp_message").text
    assert office.status() == "escalated"


@pytest.mark.parametrize("text", ["#lkpp Halo.", "#selesai", "#kembali", "#perkembangan", "#data-tambahan", "#alihkan"])
def test_what_speaks_to_or_for_lkpp_is_refused_on_a_ticket_that_lkpp_never_had(office: PaperWorld, text: str) -> None:
    opened(office)
    staff_writes(office, text)
    assert "belum pernah dieskalasikan" in flat(office.last("petugas", "staff_receipt").text)
    assert office.status() == "new"


_MEANINGS = {
    "#kembali": "returned",
    "#data-tambahan": "awaiting_data",
    "#perkembangan": "escalated",
    "#selesai": "resolved",
    "#alihkan": "returned",
    "#abaikan": "escalated",
}


@pytest.mark.parametrize(("command", "status"), _MEANINGS.items())
def test_staff_say_by_a_link_what_an_unclear_reply_means(office: PaperWorld, command: str, status: str) -> None:
    office.write("lkpp", "Menara KENARI.", answers=escalated(office))
    office.once()
    notice = office.last("petugas", "staff_classify")
    assert set(links(notice)) == set(_MEANINGS)
    receipt = use(office, links(notice)[command])
    assert receipt.template == "staff_receipt"
    assert office.status() == status
    assert ticket(office)["pending_replies"] == ""


@pytest.mark.parametrize(("command", "status"), [(c, s) for c, s in _MEANINGS.items() if c != "#abaikan"])
def test_staff_record_what_lkpp_said_by_telephone(office: PaperWorld, command: str, status: str) -> None:
    escalated(office)
    told(office, f"{command} Disampaikan melalui telepon.")
    assert office.status() == status


def test_abaikan_without_a_reply_that_waits_is_refused(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#abaikan")
    assert "Tidak ada balasan LKPP" in flat(office.last("petugas", "staff_receipt").text)


def test_catat_is_seen_by_nobody_outside(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#catat KENARI curiga palsu")
    staff_writes(office, "#eskalasi Gagal.")
    assert office.rows("SELECT audience FROM texts WHERE kind = 'note'")[0]["audience"] == ",coordinator,head,staff,"
    for who in ("pengguna", "lkpp"):
        assert all(b"KENARI" not in each.raw for each in office.letters(who))


def test_prioritas_moves_the_limits(office: PaperWorld) -> None:
    opened(office)
    before = clocks(office)
    staff_writes(office, "#prioritas 1")
    assert ticket(office)["priority"] == 1
    assert clocks(office) < before
    assert "P1" in office.last("petugas", "staff_receipt").text


@pytest.mark.parametrize("command", ["#tts", "#lpse-support"])
def test_the_number_in_lpse_support_is_kept(office: PaperWorld, command: str) -> None:
    escalated(office)
    staff_writes(office, f"{command} 20261234")
    assert ticket(office)["tts_number"] == "20261234"
    assert "20261234" in office.last("petugas", "staff_receipt").text


def test_tutup_with_a_text_tells_the_user(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#tutup Sudah selesai di loket.")
    minutes_later(office, 3)
    assert office.status() == "closed"
    assert "Sudah selesai di loket." in office.last("pengguna", "user_closed").text


def test_tutup_while_lkpp_has_the_ticket_tells_lkpp_without_the_text(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#tutup KENARI sudah selesai.")
    minutes_later(office, 3)
    assert office.status() == "closed"
    assert office.last("lkpp").template == "lkpp_message"
    assert b"KENARI" not in office.last("lkpp").raw


def test_buka_opens_again(office: PaperWorld) -> None:
    closed(office)
    staff_writes(office, "#buka")
    assert office.status() == "in_progress"
    staff_writes(office, "#buka")
    assert "tidak sedang ditutup" in flat(office.last("petugas", "staff_receipt").text)


def test_buang_closes_silently(office: PaperWorld) -> None:
    opened(office)
    office.new_letters("pengguna")
    staff_writes(office, "#buang")
    minutes_later(office, 5)
    assert office.status() == "closed"
    assert office.new_letters("pengguna") == []


@pytest.mark.parametrize(
    "text", ["#jawab Halo.", "#eskalasi Halo.", "#ambil", "#prioritas 1", "#tutup", "#minta-data x"]
)
def test_a_closed_ticket_must_be_opened_first(office: PaperWorld, text: str) -> None:
    closed(office)
    staff_writes(office, text)
    assert "sudah ditutup" in flat(office.last("petugas", "staff_receipt").text)
    assert office.status() == "closed"


# --- all or none ----------------------------------------------------------------------------------------


def test_several_commands_are_carried_out_in_order(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Selamat pagi,\n#ambil\n#prioritas 2\n#jawab Silakan coba lagi.")
    assert (ticket(office)["priority"], office.status()) == (2, "resolved")
    text = office.last("petugas", "staff_receipt").text
    assert [line.split()[0] for line in text.splitlines() if line.strip().startswith("#")] == [
        "#ambil",
        "#prioritas",
        "#jawab",
    ]


def test_if_one_command_is_refused_none_is_carried_out(office: PaperWorld) -> None:
    notice = opened(office)
    before, codes = outgoing(office), office.rows("SELECT count(*) AS n FROM codes")[0]["n"]
    staff_writes(office, "#ambil\n#prioritas 1\n#lkpp Halo", notice)
    codes += office.last("petugas", "staff_receipt").html.count("body=Kode")  # only those of the way on from here
    assert (ticket(office)["handler"], ticket(office)["priority"]) == (None, 2)
    assert outgoing(office) == before
    assert office.rows("SELECT count(*) AS n FROM codes")[0]["n"] == codes
    assert office.rows("SELECT count(*) AS n FROM history WHERE event LIKE 'staff.%'")[0]["n"] == 0
    receipt = flat(office.last("petugas", "staff_receipt").text)
    assert receipt.count("tidak dilaksanakan") == 3


@pytest.mark.parametrize(
    ("text", "nearest"), [("#jawa Halo.", "#jawab"), ("#eskalsi Halo", "#eskalasi"), ("#ambil\n#prioritas 7", "")]
)
def test_an_unknown_word_or_value_stops_everything_and_the_nearest_word_is_named(
    office: PaperWorld, text: str, nearest: str
) -> None:
    opened(office)
    staff_writes(office, text)
    assert (office.status(), ticket(office)["handler"]) == ("new", None)
    receipt = office.last("petugas", "staff_receipt").text
    assert "Tidak ada yang dijalankan" in receipt and nearest in receipt


# --- where commands do not count ---------------------------------------------------------------------------


def test_a_command_in_the_subject_does_not_count(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#catat hanya catatan", notice, subject=f"#tutup [{number(office)}]")
    assert office.status() == "new"


def test_a_command_in_the_quote_does_not_count(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#catat perlu dicek\n\n> #tutup\n", notice, quote=False)
    assert office.status() == "new"


def test_a_command_below_the_quote_is_not_carried_out_and_the_receipt_says_where_it_belongs(
    office: PaperWorld,
) -> None:
    notice = opened(office)
    quoted = "\n".join(f"> {line}" for line in notice.text.splitlines())
    staff_writes(office, f"{quoted}\n\n#tutup\n", notice, quote=False)
    assert office.status() == "new"
    assert "baris pertama" in flat(office.last("petugas", "staff_receipt").text)


def test_a_command_in_the_signature_does_not_count(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "Silakan coba lagi.\n\n-- \nSari\n#tutup\n", notice) == "staff_confirm"
    assert office.status() == "new"


# --- plain answers ---------------------------------------------------------------------------------------


def test_a_plain_reply_to_a_users_reply_is_the_answer(office: PaperWorld) -> None:
    opened(office)
    office.write("pengguna", "Masih gagal.", answers=office.last("pengguna"))
    office.once()
    staff_writes(office, "Silakan hapus cache peramban.", office.last("petugas", "staff_user_reply"))
    assert office.status() == "resolved"


def test_a_plain_reply_to_a_returned_ticket_is_the_answer(office: PaperWorld) -> None:
    office.write("lkpp", "Hal ini merupakan kewenangan LPSE.", answers=escalated(office))
    office.once()
    staff_writes(office, "Silakan datang ke loket.", office.last("petugas", "staff_returned"))
    assert office.status() == "resolved"


def test_a_plain_reply_to_anything_else_is_a_note_and_the_receipt_asks(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#ambil")
    staff_writes(office, "Nanti saya hubungi dia.", office.last("petugas", "staff_receipt"))
    assert office.status() == "in_progress"
    assert office.rows("SELECT body FROM texts WHERE kind = 'note'")[0]["body"] == "Nanti saya hubungi dia."
    assert "kirim kembali dengan #jawab" in flat(office.last("petugas", "staff_receipt").text)
    minutes_later(office, 5)
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]


@pytest.mark.parametrize("field", ["cc", "to"])
def test_a_plain_reply_with_a_colleague_among_its_recipients_is_a_note(office: PaperWorld, field: str) -> None:
    notice = opened(office)
    colleague = PEOPLE["rekan"]
    more = {"cc": colleague} if field == "cc" else {"to": f"{LPSE}, {colleague}"}
    staff_writes(office, "Mas Joko, tolong ditangani.", notice, **more)
    assert office.status() == "new"
    assert len(office.rows("SELECT 1 FROM texts WHERE kind = 'note'")) == 1


@pytest.mark.parametrize("words", ["ok", "Siap", "Terima kasih.", "Baik pak, siap"])
def test_a_bare_assent_is_held_and_asked_about(office: PaperWorld, words: str) -> None:
    notice = opened(office)
    before = outgoing(office)
    assert staff_writes(office, words, notice) == "staff_confirm"
    assert (office.status(), outgoing(office)) == ("new", before)
    question = office.last("petugas", "staff_confirm")
    assert words in question.text
    assert use(office, links(question)["#jawab"]).template == "staff_receipt"
    assert office.status() == "resolved"


@pytest.mark.parametrize(
    "words",
    [
        "I am out of office until Monday",
        "Selamat pagi,\n\nSaya sedang di luar kantor, hubungi Joko (0812-3456-7890).\n\nSari",
        "Mohon maaf slow respon, sedang bimtek",
    ],
)
def test_a_reply_that_only_says_that_its_writer_is_away_is_held_and_asked_about(office: PaperWorld, words: str) -> None:
    notice = opened(office)
    before = outgoing(office)
    assert staff_writes(office, words, notice) == "staff_confirm"
    minutes_later(office, 5)
    assert (office.status(), outgoing(office)) == ("new", before)
    question = office.last("petugas", "staff_confirm")
    assert words.partition(",")[0] in question.text and "#cuti" in question.text
    assert use(office, links(question)["#jawab"]).template == "staff_receipt"
    assert office.status() == "resolved"


def test_an_answer_that_also_says_that_its_writer_will_be_away_is_an_answer(office: PaperWorld) -> None:
    notice = opened(office)
    words = "Kata sandi sudah kami reset, silakan dicoba. Saya cuti besok."
    assert staff_writes(office, words, notice) == "staff_receipt"
    assert office.status() == "resolved"


def test_a_command_with_an_absence_note_as_its_text_is_carried_out(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "#info\nPetugas sedang dinas luar sampai Senin.", notice) == "staff_receipt"


@pytest.mark.parametrize(("who", "command"), [("koordinator", "#koordinator"), ("kepala", "#kepala")])
def test_an_absence_note_of_coordinator_or_head_is_no_direction(office: PaperWorld, who: str, command: str) -> None:
    notice = opened(office)
    staff_writes(office, f"{command} Mohon arahan.", notice)
    asked = office.letters(who)[-1]
    office.write(who, "Saya sedang cuti, hubungi sekretaris.", answers=asked)
    office.once()
    assert office.letters(who)[-1].template == "staff_confirm"
    assert "Saya sedang cuti" in office.letters(who)[-1].text
    assert "staff_direction" not in templates(office.letters("petugas"))


def test_an_empty_reply_to_a_users_words_is_held(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "", notice) == "staff_confirm"
    assert office.status() == "new"


def test_an_empty_reply_to_anything_else_says_that_it_is_empty(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#ambil")
    staff_writes(office, "", office.last("petugas", "staff_receipt"))
    assert "tidak berisi perintah" in flat(office.last("petugas", "staff_receipt").text)


def test_answers_between_quoted_lines_are_held_and_shown(office: PaperWorld) -> None:
    notice = opened(office)
    before = outgoing(office)
    text = "> Yth. Admin, kami tidak bisa login SPSE.\nSudah kami setel ulang.\n> HP: 081234567890\nTerima kasih.\n"
    assert staff_writes(office, text, notice, quote=False) == "staff_confirm"
    assert outgoing(office) == before
    question = office.last("petugas", "staff_confirm")
    assert "Sudah kami setel ulang." in question.text
    use(office, links(question)["#jawab"])
    minutes_later(office, 3)
    answer = office.last("pengguna", "user_answer")
    assert "Sudah kami setel ulang." in answer.text and "081234567890" not in answer.text


def test_an_altered_marker_line_holds_the_answer(office: PaperWorld) -> None:
    notice = opened(office)
    text = "Silakan coba lagi.\n\n── tulis balasan di atas baris ──\nTiket baru, KENARI\n"
    assert staff_writes(office, text, notice, quote=False) == "staff_confirm"
    assert "penanda" in flat(office.last("petugas").text)


def test_a_held_command_with_an_english_alias_is_asked_about_like_any_other(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "#answer Coba lagi.\n\n> kutip\n\nlagi", notice, quote=False) == "staff_confirm"
    assert "#jawab" in links(office.last("petugas"))


def test_the_link_of_a_held_answer_brings_its_files(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "ok", notice, files=[("panduan.pdf", b"%PDF")]) == "staff_confirm"
    question = office.last("petugas")
    assert "panduan.pdf" in flat(question.text) and "budi@penyedia.test" in flat(question.text)
    use(office, links(question)["#jawab"])
    minutes_later(office, 3)
    assert office.last("pengguna", "user_answer").attachments == [("panduan.pdf", b"%PDF")]


def test_several_held_commands_are_one_link(office: PaperWorld) -> None:
    notice = opened(office)
    text = "#prioritas 1\n#jawab Coba lagi.\n\n> kutip\n\nlagi"
    assert staff_writes(office, text, notice, quote=False) == "staff_confirm"
    question = office.last("petugas")
    assert "#prioritas 1, #jawab" in flat(question.text)
    assert ticket(office)["priority"] == 2
    use(office, links(question)["#prioritas 1"])
    minutes_later(office, 3)
    assert "Coba lagi." in office.last("pengguna", "user_answer").text
    assert ticket(office)["priority"] == 1


# --- new mails of staff -----------------------------------------------------------------------------------


def test_a_new_mail_of_staff_without_a_command_is_no_ticket_and_is_answered_with_the_commands(
    border: PaperWorld,
) -> None:
    border.write("petugas", "Halo, ini saya.", subject="Halo", headers=PASS)
    border.once()
    assert border.rows("SELECT 1 FROM tickets") == []
    text = border.last("petugas", "staff_receipt").text
    assert all(f"#{spec.word}" in text for spec in vocabulary.VOCABULARY if Role.STAFF in spec.roles)


def test_a_command_without_a_ticket_says_that_it_needs_one(border: PaperWorld) -> None:
    border.write("petugas", "#catat Halo", subject="Halo", headers=PASS)
    border.once()
    assert "nomor tiket pada subjek" in flat(border.last("petugas", "staff_receipt").text)


def test_a_slip_in_a_new_mail_is_explained(border: PaperWorld) -> None:
    border.write("petugas", "#statsu", subject="Halo", headers=PASS)
    border.once()
    assert "#status" in border.last("petugas", "staff_receipt").text


# --- #status and #bantuan ---------------------------------------------------------------------------------


def test_status_of_a_ticket_tells_status_ball_handler_and_limits(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#ambil\n#status")
    text = flat(office.last("petugas", "staff_receipt").text)
    assert "Dalam penanganan LPSE" in text and "giliran: LPSE" in text and "petugas: Sari" in text
    assert "paling lambat" in text or "Respons awal" in text


def test_status_without_a_ticket_counts_the_open_ones(border: PaperWorld) -> None:
    border.write("petugas", "#status", subject="Halo", headers=PASS)
    border.once()
    assert "Tidak ada tiket terbuka" in border.last("petugas").text
    opened(border)
    border.write("petugas", "#status", subject="Halo", headers=PASS)
    border.once()
    assert "Baru: 1" in border.last("petugas").text


@pytest.mark.parametrize("who", ["petugas", "koordinator", "kepala", "operator"])
def test_bantuan_lists_what_this_role_may_do(border: PaperWorld, who: str) -> None:
    border.write(who, "#bantuan", subject="Halo", headers=PASS)
    border.once()
    text = border.last(who, "staff_receipt").text
    role = {"petugas": Role.STAFF, "koordinator": Role.COORDINATOR, "kepala": Role.HEAD, "operator": Role.OPERATOR}[who]
    listed = {word for word in re.findall(r"^(?:  |- )(#[a-z-]+)", text, re.MULTILINE)}
    assert listed == {f"#{spec.word}" for spec in vocabulary.VOCABULARY if role in spec.roles}


# --- roles -------------------------------------------------------------------------------------------------


def test_the_coordinator_may_do_all_that_staff_may(office: PaperWorld) -> None:
    opened(office)
    for spec in vocabulary.VOCABULARY:
        assert vocabulary.may_use(spec.name, Role.COORDINATOR) >= vocabulary.may_use(spec.name, Role.STAFF)
    office.write("petugas", "#ambil", answers=office.last("petugas"))
    office.once()
    office.write("koordinator", "#jawab Silakan.", subject=f"[{number(office)}]", headers=_token(office, "koordinator"))
    office.once()
    assert office.status() == "resolved"


def _token(office: PaperWorld, who: str) -> list[tuple[str, str]]:
    """A reference to a mail of this ticket that was issued to this person."""
    with office.store.immediate():
        row = office.store.row("SELECT * FROM outbox WHERE ticket_id = 1 AND party = 'staff' ORDER BY id LIMIT 1")
        assert row is not None
        values = {name: row[name] for name in row if name != "id"}
        values |= {"recipient": PEOPLE[who], "message_id": f"<{who}@token.test>", "state": "accepted"}
        office.store.insert("outbox", **{**values, "outcome_handled": 1})
    return [("In-Reply-To", f"<{who}@token.test>")]


@pytest.mark.parametrize("text", ["#jawab Halo.", "#ambil", "#catat x", "Tolong dipercepat."])
def test_the_head_of_unit_may_ask_but_not_act(office: PaperWorld, text: str) -> None:
    opened(office)
    office.write("kepala", text, subject=f"[{number(office)}]", headers=_token(office, "kepala"))
    office.once()
    assert (office.status(), ticket(office)["handler"]) == ("new", None)
    allowed = "#arahan, #bukutamu, #status, #daftar, #cari, #rekap, #laporan, #arsip, #bantuan"
    assert f"tidak tersedia untuk peran Anda. Yang tersedia: {allowed}." in flat(office.last("kepala").text)


def test_the_head_of_unit_may_ask_for_the_status(office: PaperWorld) -> None:
    opened(office)
    office.write("kepala", "#status", subject=f"[{number(office)}]", headers=_token(office, "kepala"))
    office.once()
    assert "giliran: LPSE" in flat(office.last("kepala", "staff_receipt").text)


# --- who may command: verdict × token × policy ----------------------------------------------------------------


@pytest.mark.parametrize("policy", ["token", "confirm", "refuse"])
@pytest.mark.parametrize("token", [True, False], ids=["token", "no token"])
@pytest.mark.parametrize("verdict", ["pass", "fail", "none", "absent"])
@pytest.mark.parametrize("text", ["#tutup", "#catat Halo", "#status", "Catatan biasa."])
def test_who_may_command(tmp_path: Path, text: str, verdict: str, token: bool, policy: str) -> None:
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER, "without_results": policy})
    notice = opened(office)
    headers = [] if verdict == "absent" else [results(verdict, "batangkab.test")]
    if token:
        office.write("petugas", text, answers=notice, headers=headers, cc=PEOPLE["rekan"])
    else:
        office.write("petugas", text, subject=notice.subject, headers=headers, cc=PEOPLE["rekan"])
    office.once()
    harmless = text != "#tutup"  # a plain mail with a colleague in Cc is a note
    expected = {"pass": token or harmless, "absent": policy == "token" and token}.get(verdict, False)
    asked = verdict == "pass" or (verdict == "absent" and policy != "refuse")
    assert disposition(office)[0] == ("handled" if expected else "quarantined")
    assert office.status() == ("closed" if expected and text == "#tutup" else "new")
    told = "staff_receipt" if expected else "staff_confirm" if asked else "staff_quarantine"
    assert office.last("petugas").template == told
    office.store.close()


def test_a_token_older_than_ninety_days_is_none(office: PaperWorld) -> None:
    notice = opened(office)
    office.now += timedelta(days=91)
    office.write("petugas", "#tutup", answers=notice)
    office.once()
    assert disposition(office)[0] == "quarantined"


def test_a_mail_issued_to_a_colleague_is_no_token(office: PaperWorld) -> None:
    opened(office)
    office.write("petugas", "#tutup", answers=office.last("rekan"))
    office.once()
    assert disposition(office) == ("quarantined", "quarantine", "perlu kode konfirmasi")


def test_what_is_quarantined_is_kept_with_its_reason_and_the_listed_address_is_shown_it(border: PaperWorld) -> None:
    notice = opened(border)
    border.write("petugas", "#tutup KENARI", answers=notice, headers=[results("fail", "batangkab.test")])
    border.once()
    assert disposition(border)[2] == "keaslian pengirim tidak terbukti (dmarc=fail)"
    assert "KENARI" in border.last("petugas", "staff_quarantine").text
    for who in ("rekan", "koordinator", "pengguna", "lkpp"):
        assert all(b"KENARI" not in each.raw for each in border.letters(who))


def test_the_listed_address_is_told_once_an_hour(border: PaperWorld) -> None:
    office = border
    opened(office)
    told = []
    for minutes in (0, 30, 29, 1, 30, 31):
        office.now += timedelta(minutes=minutes)
        failed = [results("fail", "batangkab.test")]
        office.write("petugas", "#tutup", subject=f"[{number(office)}]", headers=failed)
        office.once()
        told.append(templates(office.letters("petugas")).count("staff_quarantine"))
    assert told == [1, 1, 1, 2, 2, 3]
    assert office.rows("SELECT count(*) AS n FROM journal WHERE state = 'quarantined'")[0]["n"] == 6


def test_twenty_escalations_an_hour_are_enough_without_a_code(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits=NO_CAPS)
    for n in range(MOST_ESCALATIONS + 2):
        opened(office, f"Tidak bisa login nomor {n}", subject=f"Login {n}")
        office.write("petugas", "#eskalasi Gagal.", answers=office.last("petugas", "staff_new_ticket"))
        office.once()
    assert len(office.letters("lkpp")) == MOST_ESCALATIONS
    state, _, reason = disposition(office)
    assert state == "quarantined"
    assert reason == "perlu kode konfirmasi: lebih dari 20 #eskalasi dalam satu jam"
    office.now += timedelta(hours=1)
    office.write("petugas", "#eskalasi Gagal.", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    assert len(office.letters("lkpp")) == MOST_ESCALATIONS + 1


def test_requests_for_approval_count_among_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a mail to every coordinator: a careless or forged stream asks for a code, and writes to nobody."""
    monkeypatch.setattr(escalate, "MOST_ESCALATIONS", 2)
    office = PaperWorld(tmp_path, limits=NO_CAPS, sop={"escalation_by": "coordinator"})
    for n in range(4):
        opened(office, f"Tidak bisa login nomor {n}", subject=f"Login {n}")
        office.write("petugas", "#eskalasi Gagal.", answers=office.last("petugas", "staff_new_ticket"))
        office.once()
    assert templates(office.letters("koordinator")) == ["coordinator_approval"] * 2
    assert disposition(office)[0] == "quarantined"
    assert office.last("petugas").template == "staff_confirm"


def test_a_colleagues_escalations_do_not_count(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalate, "MOST_ESCALATIONS", 1)
    escalated(office)
    opened(office, "Lain", subject="Lain")
    office.write("rekan", "#eskalasi Gagal.", answers=office.last("rekan"))
    office.once()
    assert len(office.letters("lkpp")) == 2


# --- links -----------------------------------------------------------------------------------------------------


def test_a_links_code_carries_out_its_command_without_a_reference(office: PaperWorld) -> None:
    notice = opened(office)
    assert sent(office, links(notice)["#ambil"]) == []  # needs no receipt (test_needed_receipts)
    assert ticket(office)["handler"] == PEOPLE["petugas"]


def test_a_code_alone_names_its_ticket(office: PaperWorld) -> None:
    notice = opened(office)
    sent(office, links(notice)["#ambil"], subject="tanpa tag")
    assert ticket(office)["handler"] == PEOPLE["petugas"]


def test_a_second_use_gets_the_first_receipt_again_and_does_nothing(office: PaperWorld) -> None:
    body = links(opened(office))["#ambil"]
    sent(office, body)
    with office.store.immediate():
        office.store.execute("UPDATE tickets SET handler = NULL")
    history = len(office.rows("SELECT 1 FROM history"))
    second = use(office, f"{body}\n")
    assert disposition(office)[1] == "staff.repeated"
    assert ticket(office)["handler"] is None
    assert len(office.rows("SELECT 1 FROM history")) == history
    assert "Tiket ini sekarang Anda tangani" in second.text
    assert flat(use(office, f"{body}\n").text).count("Tiket ini sekarang Anda tangani") == 1


def test_a_link_is_good_only_while_the_status_lasts(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#minta-data Mohon kode tender.", notice)
    receipt = use(office, links(notice)["#ambil"])
    assert "tidak berlaku lagi" in flat(receipt.text)


def test_a_link_of_another_command_is_refused_and_stays_unused(office: PaperWorld) -> None:
    notice = opened(office)
    body = links(notice)["#ambil"].replace("#ambil", "#tutup")
    assert "perintah atau tiket lain" in flat(use(office, body).text)
    assert office.status() == "new"
    sent(office, links(notice)["#ambil"])
    assert ticket(office)["handler"] == PEOPLE["petugas"]


def test_a_link_is_bound_to_its_ticket(office: PaperWorld) -> None:
    notice = opened(office)
    opened(office, "Lain", subject="Lain")
    receipt = use(office, links(notice)["#ambil"], subject=f"[{number(office)}] Lain")
    assert "perintah atau tiket lain" in flat(receipt.text)


def test_a_link_is_bound_to_its_addressee(office: PaperWorld) -> None:
    body = links(opened(office))["#ambil"]
    assert use(office, body, who="rekan").template == "staff_confirm"
    assert disposition(office)[2].startswith("perlu kode konfirmasi; kode pada e-mail ini tidak dikenal")
    assert ticket(office)["handler"] is None


def test_a_link_is_good_for_thirty_days(office: PaperWorld) -> None:
    notice = opened(office)
    arrival = office.now
    office.now = arrival + timedelta(days=30, seconds=1)
    office.write("petugas", links(notice)["#ambil"], subject="x")
    office.once()
    assert disposition(office)[0] == "quarantined"
    office.now = arrival + timedelta(days=30)
    office.write("petugas", links(notice)["#ambil"], subject="x")
    office.once()
    assert disposition(office)[0] == "handled"


@pytest.mark.parametrize(
    "change", [str.lower, lambda body: f"\n  {body}", lambda body: body.replace("Kode: ", "KODE:")]
)
def test_a_code_is_read_in_any_case_and_with_blanks_around_it(office: PaperWorld, change: Callable[[str], str]) -> None:
    body = links(opened(office))["#ambil"]
    sent(office, change(body))
    assert ticket(office)["handler"] == PEOPLE["petugas"]


def test_the_escalation_link_opens_the_headings_to_fill_in(office: PaperWorld) -> None:
    body = links(opened(office))["#eskalasi"]
    assert "Ringkasan:\n\nUpaya yang telah dilakukan:" in body
    use(office, body.replace("Ringkasan:\n", "Ringkasan:\nLogin gagal\n"))
    assert office.status() == "escalated"


# --- stale answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["#jawab Jawaban Sari.", "#eskalasi Ringkasan.", "Jawaban Sari."])
def test_an_answer_on_a_mail_older_than_a_colleagues_is_held_and_shows_the_colleagues(
    office: PaperWorld, text: str
) -> None:
    notice = opened(office)
    minutes_later(office, 1)
    office.write("rekan", "Jawaban Joko.", answers=office.last("rekan"))
    office.once()
    minutes_later(office, 1)
    before = outgoing(office)
    assert staff_writes(office, text, notice) == "staff_confirm"
    assert outgoing(office) == before
    question = office.last("petugas", "staff_confirm")
    assert "Jawaban Joko." in question.text and "Joko" in question.text
    assert "Rekan Anda telah menindaklanjuti" in flat(question.text)


def test_a_held_answer_can_be_sent_all_the_same_by_its_link(office: PaperWorld) -> None:
    notice = opened(office)
    minutes_later(office, 1)
    office.write("rekan", "#minta-data Mohon kode tender.", answers=office.last("rekan"))
    office.once()
    minutes_later(office, 1)
    staff_writes(office, "#jawab Jawaban Sari.", notice)
    use(office, links(office.last("petugas", "staff_confirm"))["#jawab"])
    assert office.status() == "resolved"


def test_a_link_older_than_a_colleagues_answer_is_held_too(office: PaperWorld) -> None:
    notice = opened(office)
    minutes_later(office, 1)
    office.write("rekan", "#jawab Jawaban Joko.", answers=office.last("rekan"))
    office.once()
    office.write("rekan", "#batal", answers=office.last("rekan", "staff_receipt"))
    office.once()
    assert office.status() == "new"  # the link's status is there again, and Sari has not seen Joko's answer
    body = links(notice)["#eskalasi"].replace("Ringkasan:\n", "Ringkasan:\nGagal\n")
    assert use(office, body).template == "staff_confirm"
    assert office.letters("lkpp") == []


def test_a_colleagues_information_is_no_reason_to_hold(office: PaperWorld) -> None:
    notice = opened(office)
    minutes_later(office, 1)
    office.write("rekan", "#info Sedang kami periksa.", answers=office.last("rekan"))
    office.once()
    assert staff_writes(office, "#jawab Silakan.", notice) == "staff_receipt"


def test_ones_own_earlier_answer_is_no_reason_to_hold(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#jawab Jawaban pertama.", notice)
    minutes_later(office, 1)
    assert staff_writes(office, "#jawab Jawaban kedua.", notice) == "staff_receipt"


@pytest.mark.parametrize("text", ["#ambil", "#tugaskan joko"])
@pytest.mark.parametrize("theirs", ["#ambil", "Jawaban Joko."])
def test_a_ticket_that_a_colleague_has_taken_meanwhile_is_not_taken_from_him_unseen(
    office: PaperWorld, theirs: str, text: str
) -> None:
    notice = opened(office)
    minutes_later(office, 1)
    office.write("rekan", theirs, answers=office.last("rekan"))
    office.once()
    minutes_later(office, 1)
    before = ticket(office)["handler"]
    assert staff_writes(office, text, notice) == "staff_confirm"
    assert ticket(office)["handler"] == before == PEOPLE["rekan"]
    body = sending_link(office.last("petugas", "staff_confirm"))
    use(office, body)
    assert office.last("petugas").template == "staff_receipt"
    assert ticket(office)["handler"] == PEOPLE["petugas" if text == "#ambil" else "rekan"]
    said = "Sebelumnya ditangani Joko" in flat(office.last("petugas").text)
    assert said == (text == "#ambil")


def test_a_ticket_that_a_colleague_has_taken_may_be_answered(office: PaperWorld) -> None:
    notice = opened(office)
    minutes_later(office, 1)
    office.write("rekan", "#ambil", answers=office.last("rekan"))
    office.once()
    assert staff_writes(office, "#jawab Silakan.", notice) == "staff_receipt"


def test_a_colleague_who_closed_without_a_word_is_named(office: PaperWorld) -> None:
    notice = opened(office)
    minutes_later(office, 1)
    office.write("rekan", "#tutup", answers=office.last("rekan"))
    office.once()
    minutes_later(office, 1)
    assert staff_writes(office, "#jawab Jawaban Sari.", notice) == "staff_confirm"
    assert "(tanpa teks)" in office.last("petugas").text


# --- #batal -----------------------------------------------------------------------------------------------------


def test_batal_takes_back_the_answer_and_restores_status_first_response_and_clocks(office: PaperWorld) -> None:
    opened(office)
    before = (office.status(), ticket(office)["first_response_at"], clocks(office))
    minutes_later(office, 10)
    staff_writes(office, "#jawab Salah kirim KENARI.")
    office.now += timedelta(minutes=2)
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert (office.status(), ticket(office)["first_response_at"], clocks(office)) == before
    minutes_later(office, 30)
    assert all(b"KENARI" not in each.raw for each in office.letters("pengguna"))


def test_the_receipts_link_takes_back(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#minta-data Salah.")
    assert use(office, links(office.last("petugas", "staff_receipt"))["#batal"]).template == "staff_receipt"
    assert office.status() == "new"


def test_batal_counts_by_its_arrival_while_the_mail_is_still_here(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#jawab Salah.")
    office.now += timedelta(minutes=9)  # nothing ran in between: the answer is due, but has not left
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert office.status() == "new"
    minutes_later(office, 30)
    assert "user_answer" not in templates(office.letters("pengguna"))


def test_batal_after_the_mail_has_left_is_refused(office: PaperWorld) -> None:
    resolved(office)
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert office.status() == "resolved"
    assert "tidak dapat ditarik kembali" in flat(office.last("petugas", "staff_receipt").text)


def test_batal_and_a_better_answer_fit_in_one_mail(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#jawab Salah KENARI.")
    staff_writes(office, "#batal\n#jawab Yang benar.", office.last("petugas", "staff_receipt"))
    minutes_later(office, 5)
    assert office.status() == "resolved"
    assert "Yang benar." in office.last("pengguna", "user_answer").text
    assert all(b"KENARI" not in each.raw for each in office.letters("pengguna"))


def test_a_closing_is_taken_back_too(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#tutup Salah tiket.")
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert office.status() == "new"
    assert ticket(office)["closed_at"] is None


def test_batal_puts_back_the_priority_with_its_clocks_and_who_handled_a_ticket_that_was_assigned(
    office: PaperWorld,
) -> None:
    opened(office)
    before = (ticket(office)["handler"], ticket(office)["priority"], clocks(office))
    staff_writes(office, "#prioritas 1\n#kategori pengaduan\n#tugaskan Joko\n#jawab Salah.")
    assert (ticket(office)["handler"], ticket(office)["priority"]) == (PEOPLE["rekan"], 1)
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert (ticket(office)["handler"], ticket(office)["priority"], clocks(office)) == before
    assert ticket(office)["category"] == "Pengaduan"  # a command of its own, which has sent nothing


def test_batal_leaves_what_a_colleague_has_changed_since(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#prioritas 1\n#jawab Salah.")
    with office.store.immediate():
        loaded = tickets.load(office.store, int(str(ticket(office)["id"])))
        tickets.change(office.store, loaded, priority=4)
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert (office.status(), ticket(office)["priority"]) == ("new", 4)
    assert ticket(office)["handler"] == PEOPLE["petugas"]  # who has acted on it goes on handling it


def test_batal_of_a_command_that_a_version_before_has_carried_out(office: PaperWorld) -> None:
    opened(office)
    before = (office.status(), ticket(office)["first_response_at"], clocks(office))
    staff_writes(office, "#jawab Salah.")
    [line] = office.rows("SELECT id, before, after FROM history WHERE event = 'staff.answer'")
    kept, left = json.loads(line["before"]), json.loads(line["after"])
    columns = {"first_response_at": None, "closed_at": None, "pending_reply": None, "held_data": 0}
    kept, left = columns | {"clocks": kept["clocks"]}, {"clocks": left["clocks"]}
    with office.store.immediate():
        office.store.update("history", line["id"], before=json.dumps(kept), after=json.dumps(left))
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert (office.status(), ticket(office)["first_response_at"], clocks(office)) == before


# --- what goes along --------------------------------------------------------------------------------------------


def test_the_files_of_an_answer_go_to_the_user_with_their_bytes(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Panduan terlampir.", files=[("panduan.pdf", b"%PDF\x00\xff")])
    minutes_later(office, 3)
    assert office.last("pengguna", "user_answer").attachments == [("panduan.pdf", b"%PDF\x00\xff")]
    row = office.rows("SELECT audience FROM attachments WHERE name = 'panduan.pdf'")[0]
    assert row["audience"] == ",coordinator,head,staff,user,"


def test_the_file_of_a_note_stays_inside(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#catat Lihat lampiran.", files=[("rahasia.pdf", b"%PDF KENARI")])
    row = office.rows("SELECT audience FROM attachments WHERE name = 'rahasia.pdf'")[0]
    assert row["audience"] == ",coordinator,head,staff,"


def test_the_signature_and_the_quote_of_staff_do_not_reach_the_user(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "Silakan coba lagi.\n\n-- \nSari KENARI\n081200000000")
    minutes_later(office, 3)
    answer = office.last("pengguna", "user_answer")
    assert b"KENARI" not in answer.raw
    assert "Batas waktu" not in answer.text


CLOSING = "\n\nHormat kami,\nSari KENARI\nHelpdesk LPSE\nTelp. (0285) 392000"


@pytest.mark.parametrize("word", ["", "#jawab ", "#jawab\n", "#minta-data ", "#info "])
def test_the_writers_own_closing_is_cut_since_our_mails_have_a_signature(office: PaperWorld, word: str) -> None:
    opened(office)
    staff_writes(office, f"{word}Silakan coba lagi.{CLOSING}")
    minutes_later(office, 3)
    mail = office.letters("pengguna")[-1]
    assert "Silakan coba lagi." in mail.text
    assert b"KENARI" not in mail.raw and "Hormat kami,\nSari" not in mail.text


def test_the_closing_of_an_escalation_does_not_reach_lkpp(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, f"#eskalasi Ringkasan: login gagal\nUpaya: hapus cache{CLOSING}")
    mail = office.last("lkpp", "lkpp_escalation")
    assert "hapus cache" in mail.text and b"KENARI" not in mail.raw


def test_a_note_is_kept_as_it_was_written(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, f"#catat Sudah ditelepon.{CLOSING}")
    assert office.rows("SELECT body FROM texts WHERE kind = 'note'")[0]["body"] == f"Sudah ditelepon.{CLOSING}"


@pytest.mark.parametrize(
    "text",
    [
        "#jawab Salam,\nSari",
        "Yth. Bapak Budi,\n\nDengan hormat,\nakun Anda sudah aktif kembali.",
        "Akun sudah aktif.\n\nSalam,\nUser ID: budi",
        "Akun sudah aktif.\n\nSalam,\nhttps://spse.contoh.test",
        "Akun sudah aktif.\n\nSalam,\nReset kata sandi lewat menu",
        "Akun sudah aktif.\n\nSalam,\nMohon segera dicoba lagi hari ini.",
    ],
)
def test_a_closing_that_may_be_more_than_a_name_reaches_the_user(office: PaperWorld, text: str) -> None:
    opened(office)
    staff_writes(office, text)
    minutes_later(office, 3)
    words = flat(office.last("pengguna", "user_answer").text)
    for line in text.removeprefix("#jawab ").split("\n"):  # a salutation stands above our own words
        assert flat(line) in words


def test_a_bare_ok_with_a_closing_is_a_bare_ok(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, f"Ok.{CLOSING}") == "staff_confirm"
    assert office.status() == "new"


def test_a_staff_mail_that_names_the_user_itself_is_recorded_and_not_passed_on_again(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "Silakan coba lagi.", notice, cc="Budi <BUDI@penyedia.test>")
    assert office.status() == "resolved"
    minutes_later(office, 5)
    assert "user_answer" not in templates(office.letters("pengguna"))
    assert len(office.rows("SELECT 1 FROM texts WHERE kind = 'answer'")) == 1
    assert "langsung kepada pengguna" in flat(office.last("petugas", "staff_receipt").text)


def test_batal_takes_back_all_that_one_mail_has_set_going_and_the_status_from_before_it(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#info Salah juga.")
    minutes_later(office, 10)
    staff_writes(office, "#kategori pertanyaan\n#jawab Salah.", office.last("petugas", "staff_receipt"))
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    assert office.status() == "new"
    minutes_later(office, 10)
    assert templates(office.letters("pengguna")) == ["user_acknowledgement", "user_info"]


def test_the_files_of_an_escalation_go_to_lkpp(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#eskalasi Gagal.", files=[("log.txt", b"galat 500")])
    assert office.last("lkpp", "lkpp_escalation").attachments == [("log.txt", b"galat 500")]


def test_teruskan_passes_on_an_unproven_reply_that_staff_have_seen(border: PaperWorld) -> None:
    opened(border, headers=[results("pass", "penyedia.test")])
    staff_writes(border, "#eskalasi Gagal.", headers=PASS)
    border.write(
        "lkpp", "Mohon kirim kode tender.", answers=border.last("lkpp"), headers=[results("pass", "lkpp.test")]
    )
    border.once()
    minutes_later(border, 3)
    border.write(
        "pengguna",
        "Kode tender 87654321.",
        answers=border.last("pengguna", "user_data_request"),
        headers=[results("none", "penyedia.test")],
    )
    border.once()
    staff_writes(border, "#teruskan", border.last("petugas", "staff_user_reply"), headers=PASS)
    assert "87654321" in border.last("lkpp", "lkpp_additional_data").text
