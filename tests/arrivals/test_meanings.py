"""What a reply of LKPP means: of one reply, on one ticket, and with words that its reader has seen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot import letters
from mailbot.reports import listing
from tests.steps import escalated, flat, links, minutes_later, number, opened, staff_writes, templates
from tests.world import Letter, PaperWorld

UNCLEAR_A = "Menara ALFA, silakan dicermati."
UNCLEAR_B = "Menara BETA, silakan dicermati."
SOLVED = "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali."


def use(office: PaperWorld, body: str) -> Letter:
    """Open a link's ready reply and send it as a new mail, as mail programs do with mailto; what comes back."""
    office.new_letters("petugas")
    office.write("petugas", body, subject=f"[{number(office)}] Tidak bisa login")
    assert office.once()
    return office.new_letters("petugas")[-1]


def replied(office: PaperWorld, text: str, escalation: Letter, **more: Any) -> Letter:
    """LKPP answers the escalation a minute later; the notice of it that Sari gets."""
    office.now += timedelta(minutes=1)
    office.write("lkpp", text, answers=escalation, **more)
    assert office.once()
    return office.last("petugas")


def waiting(office: PaperWorld) -> int:
    """How many replies wait for their meaning, of all tickets."""
    rows = office.rows("SELECT pending_replies FROM tickets")
    return sum(len(row["pending_replies"].split()) for row in rows)


def to_user(office: PaperWorld) -> list[Letter]:
    """What the user has got but for the acknowledgement and the news of the escalation."""
    minutes_later(office, 4)
    return [each for each in office.letters("pengguna") if each.template not in OPENING]


OPENING = ("user_acknowledgement", "user_escalated")


def test_the_answer_to_a_reply_passes_on_its_words_and_no_others(office: PaperWorld) -> None:
    escalation = escalated(office)
    first = replied(office, UNCLEAR_A, escalation)
    second = replied(office, UNCLEAR_B, escalation)
    assert (first.template, second.template) == ("staff_classify", "staff_classify")
    assert use(office, links(first)["#perkembangan"]).template == "staff_receipt"
    [sent] = to_user(office)
    assert "ALFA" in sent.text
    assert "BETA" not in sent.text
    assert waiting(office) == 1
    use(office, links(second)["#perkembangan"])
    assert waiting(office) == 0
    assert "BETA" in to_user(office)[-1].text


def test_a_command_typed_below_a_notice_is_about_the_reply_that_the_notice_shows(office: PaperWorld) -> None:
    escalation = escalated(office)
    first = replied(office, UNCLEAR_A, escalation)
    replied(office, UNCLEAR_B, escalation)
    staff_writes(office, "#perkembangan\nMasih diperiksa.", first)
    [left] = office.rows("SELECT pending_replies FROM tickets")
    [second] = office.rows("SELECT journal_id FROM texts WHERE kind = 'lkpp' AND body LIKE '%BETA%'")
    assert left["pending_replies"] == str(second["journal_id"])


@pytest.mark.parametrize("command", ["#selesai Sudah.", "#perkembangan Masih.", "#kembali", "#abaikan", "#alihkan"])
def test_a_command_that_does_not_say_which_reply_it_means_is_asked_about(office: PaperWorld, command: str) -> None:
    escalation = escalated(office)
    notice = office.last("petugas", "staff_new_ticket")
    replied(office, UNCLEAR_A, escalation)
    assert staff_writes(office, command, notice) == "staff_receipt"
    refused = office.last("petugas", "staff_receipt")
    assert "Balasan LKPP mana" in flat(refused)
    assert {"#selesai", "#kembali"} <= set(links(refused))
    assert waiting(office) == 1
    assert to_user(office) == []


def test_a_command_typed_below_the_reminder_is_about_the_only_reply_that_waits(office: PaperWorld) -> None:
    replied(office, UNCLEAR_A, escalated(office))
    for _ in range(3):
        office.now += timedelta(days=1)
        assert office.once()
    reminder = office.last("petugas", "staff_reminder")
    assert UNCLEAR_A in flat(reminder)
    staff_writes(office, "#abaikan", reminder)
    assert waiting(office) == 0


@pytest.mark.parametrize("command", ["#selesai", "#perkembangan", "#data-tambahan"])
def test_nothing_below_the_command_sends_nothing(office: PaperWorld, command: str) -> None:
    notice = replied(office, UNCLEAR_A, escalated(office))
    staff_writes(office, command, notice)
    refused = office.last("petugas", "staff_receipt")
    assert "Tidak ada teks di bawah perintah" in flat(refused)
    assert "ALFA" in links(refused)[command]
    assert waiting(office) == 1
    assert to_user(office) == []


def test_what_staff_leave_below_the_command_is_what_goes(office: PaperWorld) -> None:
    notice = replied(office, UNCLEAR_A, escalated(office))
    use(office, links(notice)["#selesai"].replace("ALFA, silakan dicermati", "sudah diperbaiki"))
    [sent] = to_user(office)
    assert sent.template == "user_resolved"
    assert "Menara sudah diperbaiki." in flat(sent)
    assert "ALFA" not in sent.text


def test_a_text_too_long_for_a_link_is_one_line_there_and_whole_in_the_mail(office: PaperWorld) -> None:
    words = "\n".join(f"{n}. Menara ALFA nomor {n} silakan dicermati bersama." for n in range(1, 60))
    notice = replied(office, words, escalated(office))
    body = links(notice)["#perkembangan"]
    assert "[teks seperti di atas]" in body
    assert "nomor 59" in notice.text
    use(office, body.replace("[teks", "Pembuka dari petugas.\n[teks"))
    [sent] = to_user(office)
    assert "nomor 1 " in flat(sent)
    assert "nomor 59" in flat(sent)
    assert "Pembuka dari petugas." in flat(sent)
    assert "seperti di atas" not in flat(sent)


def test_the_notice_shows_exactly_what_its_links_send(office: PaperWorld) -> None:
    notice = replied(office, UNCLEAR_A, escalated(office))
    shown = flat(notice).partition("Yang akan disampaikan kepada pengguna")[2]
    assert UNCLEAR_A in shown
    assert all(UNCLEAR_A in links(notice)[command] for command in ("#selesai", "#perkembangan", "#data-tambahan"))


def test_a_meaning_given_to_a_reply_older_than_one_acted_on_is_held_and_the_newer_shown(office: PaperWorld) -> None:
    escalation = escalated(office)
    old = replied(office, UNCLEAR_A, escalation)
    replied(office, "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP. Menara GAMA.", escalation)
    before = len(to_user(office))
    held = use(office, links(old)["#perkembangan"])
    assert held.template == "staff_confirm"
    assert "GAMA" in held.text
    assert len(to_user(office)) == before
    assert waiting(office) == 1
    assert use(office, links(held)["#perkembangan"]).template == "staff_receipt"
    assert "ALFA" in to_user(office)[-1].text


def test_a_reply_that_has_its_meaning_gets_no_second_one(office: PaperWorld) -> None:
    notice = replied(office, UNCLEAR_A, escalated(office))
    use(office, links(notice)["#perkembangan"])
    assert "sudah ditetapkan" in flat(use(office, links(notice)["#data-tambahan"]))
    assert templates(to_user(office)) == ["user_progress"]


# --- another ticket --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "Untuk tiket {other} permasalahan telah selesai kami perbaiki, NPWP CV Lain 01.234.567.8-901.000.",
        "{other}: permasalahan telah selesai kami perbaiki. Silakan dicoba kembali.",
        "Permasalahan telah selesai kami perbaiki. Yang kami maksud {other}.",
    ],
)
def test_a_reply_that_names_another_ticket_is_acted_upon_by_staff_only(office: PaperWorld, said: str) -> None:
    escalation = escalated(office)
    own = number(office)
    office.write("kedua", "Kami tidak bisa unggah.", sender="Kedua <kedua@lain.test>", subject="Unggah")
    assert office.once()
    other = number(office)
    assert other != own
    notice = replied(office, said.format(other=other), escalation)
    assert notice.template == "staff_classify"
    assert other in flat(notice)
    assert own in flat(notice)
    assert to_user(office) == []
    labels = flat(notice)
    assert f"{own}: Sudah selesai" in labels
    assert f"{other}: Sudah selesai" in labels


@pytest.mark.parametrize("other", ["LPSE-BTG-2026-000077", "LPSE-SMG-2026-000001"])
def test_a_number_of_a_ticket_that_is_not_here_goes_to_nobody_by_itself(office: PaperWorld, other: str) -> None:
    escalation = escalated(office)
    said = f"Permasalahan telah selesai kami perbaiki. Sama seperti tiket {other} milik Ibu Ratna."
    notice = replied(office, said, escalation)
    assert notice.template == "staff_classify"
    assert other in flat(notice).partition("Catatan:")[2]
    minutes_later(office, 4)
    assert to_user(office) == []


def test_a_merged_number_is_no_other_ticket(office: PaperWorld) -> None:
    opened(office)
    stays = number(office)
    second = opened(office, subject="Masih tidak bisa login")
    gone = number(office)
    assert staff_writes(office, f"#gabung {stays}", second) == "staff_receipt"
    first = next(one for one in office.letters("petugas") if stays in one.subject)
    assert staff_writes(office, "#eskalasi Login gagal.", first) == "staff_receipt"
    notice = replied(office, f"{SOLVED} Nomor Saudara {stays} dan {gone}.", office.last("lkpp"))
    assert notice.template == "staff_lkpp_reply"
    assert office.status(stays) == "resolved"


# --- after its solution ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Mohon maaf, permasalahan tersebut ternyata masih dalam proses penanganan oleh Tim Teknis LKPP.",
        "Mohon dilengkapi tangkapan layar dan kode tender.",
        UNCLEAR_A,
    ],
)
def test_what_lkpp_takes_back_keeps_the_ticket_from_closing(office: PaperWorld, text: str) -> None:
    escalation = escalated(office)
    replied(office, SOLVED, escalation)
    minutes_later(office, 4)
    assert office.status() == "resolved"
    notice = replied(office, text, escalation)
    assert notice.template == "staff_classify"
    for _ in range(12):
        office.now += timedelta(days=1)
        assert office.once()
    assert office.status() == "resolved"
    assert "staff_reminder" in templates(office.letters("petugas"))
    use(office, links(notice)["#abaikan"])
    for _ in range(8):
        office.now += timedelta(days=1)
        assert office.once()
    assert office.status() == "closed"


def test_every_word_of_lkpp_waits_for_a_click_where_the_site_says_so(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, sop={"pass_on": "confirm"})
    notice = replied(office, SOLVED, escalated(office))
    assert notice.template == "staff_classify"
    assert office.status() == "escalated"
    assert to_user(office) == []
    use(office, links(notice)["#selesai"])
    assert templates(to_user(office)) == ["user_resolved"]
    office.store.close()


# --- what LKPP has said by telephone or in TTS -----------------------------------------------------------------

MANUAL = [("panduan.pdf", b"%PDF-1.7 panduan")]
TELEPHONE = {
    "#kembali": ("returned", None),
    "#data-tambahan": ("awaiting_data", "user_data_request"),
    "#perkembangan": ("escalated", "user_progress"),
    "#selesai": ("resolved", "user_resolved"),
    "#alihkan": ("returned", None),
}


def asked(office: PaperWorld, text: str, **more: Any) -> Letter:
    """Sari writes about a ticket that LKPP has; the question that she gets back."""
    escalated(office)
    assert staff_writes(office, text, **more) == "staff_confirm"
    return office.last("petugas", "staff_confirm")


@pytest.mark.parametrize("command", TELEPHONE)
def test_what_lkpp_said_by_telephone_is_shown_before_anything_leaves(office: PaperWorld, command: str) -> None:
    question = asked(office, f"{command} Kata LKPP: Menara ALFA sudah diperiksa.", files=MANUAL)
    status, template = TELEPHONE[command]
    assert "Kata LKPP: Menara ALFA sudah diperiksa." in flat(question)
    assert "panduan.pdf" in flat(question)
    assert ("budi@penyedia.test" in flat(question)) == (template is not None)
    assert to_user(office) == []
    assert office.status() == "escalated"
    assert use(office, links(question)[command]).template == "staff_receipt"
    assert office.status() == status
    sent = to_user(office)
    assert templates(sent) == ([template] if template else [])
    for one in sent:
        assert "Kata LKPP: Menara ALFA sudah diperiksa." in flat(one)
        assert one.attachments == ([] if template == "user_progress" else MANUAL)


@pytest.mark.parametrize("command", TELEPHONE)
def test_the_second_use_of_that_link_gets_the_first_receipt_and_sends_nothing(office: PaperWorld, command: str) -> None:
    body = links(asked(office, f"{command} Menara ALFA."))[command]
    first = use(office, body)
    sent = len(to_user(office))
    again = use(office, body)
    assert "Dicatat" in flat(first)
    assert (
        flat(again)
        .partition("Dicatat")[2]
        .partition("Langkah")[0]
        .startswith(flat(first).partition("Dicatat")[2].partition("Langkah")[0][:80])
    )
    assert len(to_user(office)) == sent


def test_what_staff_leave_below_that_link_is_what_goes(office: PaperWorld) -> None:
    body = links(asked(office, "#selesai Menara ALFA sudah diperbaiki.", files=MANUAL))["#selesai"]
    use(office, body.replace("ALFA", "BETA"))
    [sent] = to_user(office)
    assert "Menara BETA sudah diperbaiki." in flat(sent)
    assert "ALFA" not in sent.text
    assert sent.attachments == MANUAL


def test_nothing_left_below_that_link_sends_nothing_and_brings_the_words_once_more(office: PaperWorld) -> None:
    body = links(asked(office, "#selesai Menara ALFA sudah diperbaiki.", files=MANUAL))["#selesai"]
    refused = use(office, body.partition("#selesai")[0] + "#selesai\n")
    assert to_user(office) == []
    assert "ALFA" in links(refused)["#selesai"]
    use(office, links(refused)["#selesai"])
    [sent] = to_user(office)
    assert "Menara ALFA sudah diperbaiki." in flat(sent)
    assert sent.attachments == MANUAL


def test_a_long_text_told_by_telephone_goes_whole(office: PaperWorld) -> None:
    words = "\n".join(f"{n}. Menara ALFA nomor {n} sudah diperbaiki bersama." for n in range(1, 80))
    question = asked(office, f"#selesai\n{words}")
    assert "nomor 79 " in flat(question)
    use(office, links(question)["#selesai"])
    [sent] = to_user(office)
    assert all(f"nomor {n} " in flat(sent) for n in range(1, 80))


def test_a_mail_that_was_confirmed_by_its_code_is_not_asked_about_twice(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, authentication={"without_results": "confirm"})
    notice = opened(office)
    office.write("petugas", "#eskalasi Login gagal.", answers=notice)
    office.once()
    use(office, copied(office.last("petugas", "staff_confirm")))
    assert office.status() == "escalated"
    office.write("petugas", "#selesai Menara ALFA sudah diperbaiki.", answers=notice)
    office.once()
    question = office.last("petugas", "staff_confirm")
    assert "Menara ALFA sudah diperbaiki." in flat(question)
    use(office, copied(question))
    assert office.status() == "resolved"
    office.store.close()


def copied(letter: Letter) -> str:
    """The line of the code that a mail asks for."""
    return next(line for line in letter.text.splitlines() if line.startswith("Kode: "))


def test_an_ignored_telephone_call_is_refused_as_before(office: PaperWorld) -> None:
    escalated(office)
    assert staff_writes(office, "#abaikan") == "staff_receipt"
    assert "Tidak ada balasan LKPP" in flat(office.last("petugas", "staff_receipt"))


def test_words_on_a_ticket_that_lkpp_does_not_have_are_not_asked_about_here(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#selesai Sudah.") == "staff_receipt"


class Died(BaseException):
    """The process is killed."""


def test_a_death_while_it_is_asked_about_or_carried_out_loses_and_repeats_nothing(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    escalated(office)
    put = letters.put

    def dies(context: Any, letter: Any) -> None:
        put(context, letter)
        raise Died

    def once_more() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(letters, "put", dies)
            with pytest.raises(Died):
                office.once()
        assert office.once()

    office.write(
        "petugas", "#selesai Menara ALFA sudah diperbaiki.", answers=office.last("petugas"), files=MANUAL, quote=False
    )
    once_more()
    body = links(office.last("petugas", "staff_confirm"))["#selesai"]
    office.write("petugas", body, subject=f"[{number(office)}]")
    once_more()
    assert templates(office.letters("petugas")).count("staff_confirm") == 1
    [sent] = to_user(office)
    assert "Menara ALFA sudah diperbaiki." in flat(sent)
    assert sent.attachments == MANUAL


def test_the_likeliest_meaning_stands_first_and_the_notice_says_why_it_asks(office: PaperWorld) -> None:
    notice = replied(office, "NPWP dan KTP direktur, segera ya pak.", escalated(office))
    assert notice.template == "staff_classify"
    assert next(iter(links(notice))) == "#data-tambahan"
    assert "Ditanyakan karena" in flat(notice)
    notice = replied(office, "Tim teknis, pemulihan.", office.last("lkpp", "lkpp_escalation"))
    assert notice.template == "staff_classify"
    assert next(iter(links(notice))) == "#perkembangan"


def test_a_selesai_that_the_reader_doubts_is_asked_about_and_says_so(office: PaperWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr("mailbot.rules.lkpp.proposal._DOUBTS_SOLVED", 1.01)
    notice = replied(office, SOLVED, escalated(office))
    assert notice.template == "staff_classify"
    assert "jarang dipakai LKPP bila permasalahan sudah selesai" in flat(notice)
    found = listing.ticket(office.store, office.config, number(office), office.now)
    decided = [entry["decided_by"] for entry in found["history"] if entry["event"] == "lkpp.unclear"]
    assert len(decided) == 1
    assert decided[0].startswith("the learnt reader's veto (terbaca “selesai”")


def test_the_history_names_the_phrase_the_person_and_the_row_of_each_decision(office: PaperWorld) -> None:
    asked = replied(office, UNCLEAR_A, escalated(office))
    use(office, links(asked)["#perkembangan"])
    replied(office, SOLVED, office.last("lkpp", "lkpp_escalation"))
    found = listing.ticket(office.store, office.config, number(office), office.now)
    decided = {(entry["event"], entry["role"]): entry["decided_by"] for entry in found["history"]}
    assert decided["lkpp.unclear", "lkpp"].startswith("no phrase, staff were asked (tidak ada ungkapan")
    assert decided["lkpp.progress", "staff"] == "sari@batangkab.test (#perkembangan); row 14-perkembangan"
    assert decided["lkpp.solved", "lkpp"].startswith("the phrase solved.")
