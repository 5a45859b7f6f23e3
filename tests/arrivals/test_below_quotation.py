"""Staff and LKPP answer below the quotation of our mail, as Roundcube and Thunderbird have it: nobody is asked about
what is plain, and no word that was written to staff goes to anybody else."""

from __future__ import annotations

import pytest

from tests.arrivals.test_quotations import HEAD, content, marked, page_reply
from tests.steps import IDENTITY, escalated, flat, minutes_later, opened, staff_writes, templates
from tests.story import everything
from tests.world import Letter, PaperWorld

ANSWER = "Silakan gunakan menu Lupa Password.\nApabila gagal, mohon kirim tangkapan layar."
DIRECTION = "Kenariarahanq"
CODE = "Kode: AAAAA-BBBBB-CCCCC-DDDDD"
#: What stands in mails to staff alone.
INTERNAL = ("Kode:", "#ambil", "Langkah berikutnya", "LANGKAH", "penggunaan internal", DIRECTION)


def below(text: str, found: Letter, head: str = HEAD) -> str:
    return f"{head}\n{marked(found.text)}\n\n{text}"


def directed(office: PaperWorld) -> Letter:
    """The coordinator's direction to staff, on a ticket of which nobody else knows it."""
    notice = opened(office, f"Yth. Admin, kami tidak bisa login SPSE.\n{IDENTITY}")
    assert staff_writes(office, "#koordinator Mohon arahan.", notice) == "staff_receipt"
    office.write("koordinator", f"Ikuti {DIRECTION} seperti pekan lalu.", answers=office.last("koordinator"))
    assert office.once()
    return office.last("petugas", "staff_direction")


def reached(office: PaperWorld) -> list[Letter]:
    """The answers that have gone to the user, the undo window over."""
    minutes_later(office, 4)
    return [letter for letter in office.letters("pengguna") if letter.template == "user_answer"]


@pytest.mark.parametrize("signature", ["", "\n\n-- \nSari\nPetugas LPSE", "\n\nDikirim dari Thunderbird"])
@pytest.mark.parametrize("kind", ["staff_new_ticket", "staff_user_reply"])
def test_an_answer_below_all_of_our_mail_goes_to_the_user_without_a_question(
    office: PaperWorld, kind: str, signature: str
) -> None:
    found = opened(office)
    if kind == "staff_user_reply":
        office.write("pengguna", "Masih gagal.", answers=office.last("pengguna", "user_acknowledgement"))
        assert office.once()
        found = office.last("petugas", kind)
    assert staff_writes(office, below(f"{ANSWER}{signature}", found), found, quote=False) == "staff_receipt"
    [answer] = reached(office)
    assert flat(ANSWER) in flat(answer) and "Petugas LPSE" not in answer.text
    assert not [word for word in INTERNAL if word in everything(answer)]
    assert office.status() == "resolved"


def test_an_answer_below_the_notice_of_a_user_whose_identity_is_incomplete_goes_too(office: PaperWorld) -> None:
    found = opened(office, "Kami tidak bisa login SPSE.")
    assert "Identitas belum lengkap" in found.text
    assert staff_writes(office, below(ANSWER, found), found, quote=False) == "staff_receipt"
    assert len(reached(office)) == 1


@pytest.mark.parametrize("dressed", ["<blockquote>{}</blockquote>", "<div>{}</div>"])
def test_an_answer_below_a_quoted_page_goes_to_the_user_without_a_question(office: PaperWorld, dressed: str) -> None:
    found = opened(office)
    page = f"<p>{HEAD}</p>{dressed.format(content(found))}<p>Silakan gunakan menu Lupa Password.</p>"
    page_reply(office, "petugas", found, page)
    [answer] = reached(office)
    assert "Silakan gunakan menu Lupa Password." in flat(answer)
    assert not [word for word in INTERNAL if word in everything(answer)]


def test_the_file_of_an_answer_below_goes_with_it(office: PaperWorld) -> None:
    found = opened(office)
    files = [("panduan.pdf", b"%PDF-1.4 panduan")]
    assert staff_writes(office, below(ANSWER, found), found, quote=False, files=files) == "staff_receipt"
    [answer] = reached(office)
    assert "panduan.pdf" in everything(answer)


def test_a_direction_below_is_the_coordinators_direction(office: PaperWorld) -> None:
    notice = opened(office)
    assert staff_writes(office, "#koordinator Mohon arahan.", notice) == "staff_receipt"
    asked = office.last("koordinator", "coordinator_direction")
    office.write("koordinator", below("Boleh, hari ini.", asked), answers=asked, quote=False)
    assert office.once()
    assert "Boleh, hari ini." in flat(office.last("petugas", "staff_direction"))


def test_a_note_in_the_quotation_of_an_answer_below_goes_to_nobody_else(office: PaperWorld) -> None:
    """A plain reply to the coordinator's direction is a note; the same words as an answer are not."""
    found = directed(office)
    assert staff_writes(office, below(ANSWER, found), found, quote=False) == "staff_receipt"
    assert reached(office) == []
    notice = office.last("petugas", "staff_new_ticket")
    nested = f"{HEAD}\n{marked(found.text)}\n{marked(below('', notice))}\n\n{ANSWER}"
    assert staff_writes(office, nested, notice, quote=False) == "staff_confirm"
    assert reached(office) == []
    asked = office.last("petugas", "staff_confirm")
    assert ANSWER.split("\n")[0] in asked.text


DOUBTS = {
    "an answer between the lines": lambda text: text.replace("> Data pengguna", "Jangan lupa.\n> Data pengguna"),
    "a line of the quotation changed": lambda text: text.replace("Balasan tanpa perintah", "Balasan"),
    "the marker line changed": lambda text: text.replace("Mohon tulis balasan", "Mohon tulis"),
    "the end of the quotation cut off": lambda text: (
        text.replace("> Data pengguna", "\n> Data pengguna", 1).partition("> Data pengguna")[0] + f"\n{ANSWER}"
    ),
    "somebody else's mail below it": lambda text: f"{text}\n\nPada Sen, 21 Des 2026 Joko <joko@x.test> menulis:\n> Ya.",
    "words of the quotation in the answer": lambda text: (
        f"{text}\n\nBalasan tanpa perintah disampaikan kepada pengguna"
    ),
}


@pytest.mark.parametrize("change", DOUBTS.values(), ids=DOUBTS.keys())
def test_in_doubt_an_answer_below_is_held_and_shown(office: PaperWorld, change) -> None:  # type: ignore[no-untyped-def]
    found = opened(office)
    text = below(ANSWER, found)
    assert change(text) != text
    assert staff_writes(office, change(text), found, quote=False) == "staff_confirm"
    assert "Silakan gunakan menu Lupa Password." in flat(office.last("petugas", "staff_confirm"))
    assert reached(office) == []


def test_the_quotation_of_another_mail_than_the_answered_one_is_in_doubt(office: PaperWorld) -> None:
    first = opened(office)
    office.write("pengguna", "Masih gagal.", answers=office.last("pengguna", "user_acknowledgement"))
    assert office.once()
    second = office.last("petugas", "staff_user_reply")
    assert staff_writes(office, below(ANSWER, first), second, quote=False) == "staff_confirm"
    assert reached(office) == []


def test_a_colleagues_mail_below_which_somebody_answers_is_in_doubt(office: PaperWorld) -> None:
    """Its Message-ID leads to the ticket; but it was never sent to this writer."""
    opened(office)
    found = office.last("rekan", "staff_new_ticket")
    assert staff_writes(office, below(ANSWER, found), found, quote=False) == "staff_confirm"
    assert reached(office) == []


@pytest.mark.parametrize("command", ["#jawab Silakan dicoba.", "#tutup", "#jawba Silakan dicoba.", CODE])
def test_a_command_counts_only_above_the_quotation(office: PaperWorld, command: str) -> None:
    found = opened(office)
    assert staff_writes(office, below(command, found), found, quote=False) in ("staff_receipt", "staff_confirm")
    assert office.status() == "new"
    assert reached(office) == []


def test_lkpps_answer_below_our_escalation_is_read_without_a_question(office: PaperWorld) -> None:
    escalation = escalated(office)
    assert "Login gagal sejak kemarin" in escalation.text
    text = "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali.\n\nTerima kasih.\n-- \nHelpdesk LKPP"
    office.write("lkpp", below(text, escalation), answers=escalation, quote=False)
    assert office.once()
    assert templates(office.new_letters("petugas"))[-1] == "staff_lkpp_reply"
    minutes_later(office, 4)
    told = office.last("pengguna", "user_resolved")
    assert "telah selesai kami perbaiki" in flat(told)
    assert not [word for word in ("Login gagal sejak", "Mohon balasan disampaikan") if word in everything(told)]
    assert office.status() == "resolved"


def test_lkpps_answer_between_the_lines_of_our_escalation_is_asked_about(office: PaperWorld) -> None:
    escalation = escalated(office)
    text = below("Permasalahan telah selesai kami perbaiki.", escalation)
    changed = text.replace("> Login gagal", "Sudah kami cek.\n> Login gagal")
    assert changed != text
    office.write("lkpp", changed, answers=escalation, quote=False)
    assert office.once()
    assert office.last("petugas").template == "staff_classify"
    assert office.status() == "escalated"
