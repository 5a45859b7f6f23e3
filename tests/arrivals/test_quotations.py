"""A reply that quotes mails of ours: what staff read of it, what goes on to LKPP, and what never does."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

import pytest

from tests.steps import (
    data_requested,
    escalated,
    flat,
    minutes_later,
    number,
    opened,
    resolved,
    staff_writes,
    templates,
)
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

HEAD = f"Pada Sen, 21 Des 2026 pukul 09.00 LPSE <{LPSE}> menulis:"


def marked(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def asked(office: PaperWorld) -> Letter:
    """The user was asked for data and, once more, for the form, which he has not filled in: without a marker."""
    office.at("2026-12-21 08:00")
    opened(office, "Tidak bisa masuk SPSE.")
    office.at("2026-12-21 08:01")
    office.write("pengguna", "Layarnya putih.", answers=office.last("pengguna", "user_acknowledgement"))
    office.once()
    staff_writes(office, "#minta-data Mohon kirim tangkapan layar.")
    office.at("2026-12-21 08:05")
    office.once()
    mail = office.last("pengguna", "user_request")
    assert "baris ini" not in mail.text.split("Permintaan")[0]
    return mail


def read_by_staff(office: PaperWorld, text: str, answers: Letter, **more: Any) -> str:
    office.write("pengguna", text, answers=answers, **more)
    assert office.once()
    return office.last("petugas", "staff_user_reply").text


# --- what staff read ------------------------------------------------------------------------------------


def test_what_only_quotes_our_form_is_passed_on_without_it(office: PaperWorld) -> None:
    shown = read_by_staff(office, "Ini tangkapan layarnya, User ID budi77.\n\nDikirim dari iPhone saya", asked(office))
    assert "budi77" in shown and "menulis:" not in shown and "iPhone" not in shown and "Kode tender/paket" not in shown
    staff_writes(office, "#eskalasi Tidak bisa masuk.", office.last("petugas", "staff_user_reply"))
    escalation = office.last("lkpp", "lkpp_escalation").text
    assert "budi77" in escalation and "menulis:" not in escalation


def test_a_form_filled_in_within_the_quote_is_passed_on_whole(office: PaperWorld) -> None:
    mail = asked(office)
    filled = re.sub(r"(Nama Instansi/Perusahaan +:)", r"\1 Tono Prasetyo", mail.text)
    assert filled != mail.text
    text = f"Sudah saya isi.\n\n{HEAD}\n\n{marked(filled)}"
    assert "Tono Prasetyo" in read_by_staff(office, text, mail, quote=False)


def test_a_mail_of_somebody_else_that_is_quoted_stands_below_a_heading(office: PaperWorld) -> None:
    text = "Ini jawaban Pokja.\n\nPada Sen, 21 Des 2026 pukul 07.00 Pokja <pokja@x.test> menulis:\n\n> Silakan ke LPSE."
    shown = flat(read_by_staff(office, text, asked(office), quote=False))
    assert "Ini jawaban Pokja. Yang dikutip atau diteruskannya:" in shown and "Silakan ke LPSE." in shown


PASTED = {
    "a notice, pasted above": "Muncul:\n-----Original Message-----\nAkses KENARI ditolak\n\n{head}\n\n{ours}",
    "a colleague's mail above": "Lihat ini.\n\nPada Sen, 21 Des 2026 pukul 07.00 Ani <ani@x.test> menulis:\n\n> KENARI"
    "\n\n{head}\n\n{ours}",
    "an answer without a mark": "Berikut.\n\n{head}\n\n{answered}",
    "a colleague's mail below": "Lihat ini.\n\n{head}\n\n{ours}\n\n"
    "-------- Pesan Diteruskan --------\nDari: Ani\n\nKENARI",
    "lines like a head": "Lihat ini.\n\nDari: gudang KENARI <a@x.test>\n"
    "Tanggal: 12 Desember 2026 08:00\nKepada: saya\n\n{ours}",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_our_marker_line_takes_no_word_of_his(office: PaperWorld, text: str) -> None:
    answer = resolved(office)
    assert "baris ini" in answer.text
    said = "Silakan gunakan menu lupa password."
    answered = answer.text.replace(said, f"{said}\n\nKENARI")
    assert answered != answer.text
    shown = read_by_staff(office, text.format(head=HEAD, ours=answer.text, answered=answered), answer, quote=False)
    assert "KENARI" in shown
    assert office.status() == "in_progress"


def test_an_older_mail_of_ours_is_known_again_too(office: PaperWorld) -> None:
    mail = asked(office)
    first = office.last("pengguna", "user_acknowledgement")
    text = f"Sudah.\n\n{HEAD}\n\n{marked(first.text)}"
    assert (
        "Terima kasih telah" not in flat(read_by_staff(office, text, mail, quote=False)).split("Balasan pengguna:")[1]
    )


# --- what was written to staff --------------------------------------------------------------------------

SECRET = "Catatan petugas: pengguna ini KENARI dan jangan dilayani dahulu"


def remarked(office: PaperWorld) -> Letter:
    """A notice to staff with words of theirs that are nobody else's business."""
    opened(office, "Tidak bisa masuk SPSE sejak pagi, mohon dibantu.")
    staff_writes(office, f"#catat {SECRET}")
    office.write("pengguna", "Bagaimana kelanjutannya?", answers=office.last("pengguna"))
    office.once()
    return office.last("petugas", "staff_new_ticket")


@pytest.mark.parametrize("way", ["below", "between", "above", "forwarded", "html"])
def test_a_notice_that_a_user_quotes_does_not_reach_lkpp(office: PaperWorld, way: str) -> None:
    notice = remarked(office)
    inside = next(line for line in notice.text.splitlines() if "#bantuan" in line).strip("│ ")
    answers = office.last("pengguna")
    ours, theirs = f"{HEAD}\n{marked(answers.text)}", notice.text
    text = {
        "below": f"Mengapa MERPATI?\n\n{ours}\n\n{theirs}",
        "between": f"Mengapa MERPATI?\n\n{marked(theirs)}\n\nTolong JALAK.\n\n{ours}",
        "above": f"{theirs}\n\nMengapa MERPATI?\n\n{ours}",
        "forwarded": f"Mengapa MERPATI?\n\n-------- Pesan Diteruskan --------\n{theirs}",
        "html": f"Mengapa MERPATI?\n\n{HEAD}\n\n{marked(theirs)}",
    }[way]
    shown = read_by_staff(office, text, answers, quote=False)
    assert "MERPATI" in shown and "#bantuan" in shown and "tidak diteruskan kepada LKPP" in flat(shown)
    staff_writes(office, "#eskalasi Tidak bisa masuk.", office.last("petugas", "staff_user_reply"))
    escalation = office.last("lkpp", "lkpp_escalation").text
    assert "MERPATI" in escalation and "#bantuan" not in escalation and inside not in escalation
    assert "Tidak bisa masuk SPSE sejak pagi" in escalation
    assert ("JALAK" in text) == ("JALAK" in escalation)


@pytest.mark.parametrize("subject", ["Fwd: tolong", "tagged"])
def test_a_notice_forwarded_in_a_new_mail_does_not_reach_lkpp(office: PaperWorld, subject: str) -> None:
    notice = remarked(office)
    assert number(office) in notice.text
    subject = f"Fwd: {notice.subject}" if subject == "tagged" else subject
    head = f"-------- Pesan Diteruskan --------\nDari: LPSE <{LPSE}>\nPerihal: {notice.subject}\n\n"
    office.new_letters("petugas")
    office.write("pengguna", f"Mengapa MERPATI?\n\n{head}{notice.text}", subject=subject)
    office.once()
    told = office.new_letters("petugas")[-1]
    assert "MERPATI" in told.text and "tidak diteruskan kepada LKPP" in flat(told)
    staff_writes(office, "#eskalasi Tidak bisa masuk.", told)
    escalation = office.last("lkpp", "lkpp_escalation").text
    assert "MERPATI" in escalation and "#bantuan" not in escalation


SAME = "Mohon bantuan penggantian alamat surat elektronik akun"


def listed(office: PaperWorld) -> Letter:
    """Joko's work list with somebody else's ticket, whose title is what he asks."""
    office.at("2026-12-21 14:00")
    office.write("orang luar", f"{SAME}.", subject=SAME)
    assert office.once()
    office.at("2026-12-22 07:30")
    assert office.once()
    found = office.last("rekan", "staff_worklist")
    assert SAME in flat(found)
    return found


@pytest.mark.parametrize("file", [False, True])
def test_words_that_are_also_another_ticket_s_title_in_a_work_list_reach_lkpp(office: PaperWorld, file: bool) -> None:
    listed(office)
    text = f"{SAME} kami, CV Mulia."
    opened(office, "Surat terlampir." if file else text, files=[("surat.txt", text.encode())] if file else [])
    staff_writes(office, "#eskalasi Tidak dapat diganti.")
    escalation = office.last("lkpp", "lkpp_escalation")
    assert ("surat.txt", text.encode()) in escalation.attachments if file else text in flat(escalation)


@pytest.mark.parametrize("file", [False, True])
def test_a_work_list_that_a_user_sends_in_does_not_reach_lkpp(office: PaperWorld, file: bool) -> None:
    text = f"Ini daftarnya.\n\n{marked(listed(office).text)}"
    opened(office, "Surat terlampir." if file else text, files=[("daftar.txt", text.encode())] if file else [])
    staff_writes(office, "#eskalasi Tidak dapat diganti.")
    escalation = office.last("lkpp", "lkpp_escalation")
    assert SAME not in flat(escalation) and not escalation.attachments


def test_data_for_lkpp_go_on_without_the_notice_that_they_quote(office: PaperWorld) -> None:
    request = data_requested(office)
    notice = office.last("petugas", "staff_lkpp_reply")
    text = f"Terlampir, kode tender 12345.\n\n{HEAD}\n\n{marked(notice.text)}"
    office.write("pengguna", text, answers=request, files=[("layar.png", b"\x89PNG")], quote=False)
    office.once()
    data = office.last("lkpp", "lkpp_additional_data")
    assert "kode tender 12345" in data.text and "#bantuan" not in data.text and "Langkah berikutnya" not in data.text


# --- LKPP -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [marked, str], ids=["marks", "no marks"])
def test_lkpps_words_between_our_lines_reach_staff_and_are_held(office: PaperWorld, mark: Any) -> None:
    escalation = escalated(office)
    lines = escalation.text.splitlines()
    place = next(number for number, line in enumerate(lines) if "Login gagal sejak kemarin" in line)
    quoted = (
        mark("\n".join(lines[: place + 1])) + "\n\nKENARI jangan disampaikan\n\n" + mark("\n".join(lines[place + 1 :]))
    )
    office.new_letters("petugas")
    text = f"Permasalahan telah selesai ditangani.\n\n{HEAD}\n\n{quoted}"
    office.write("lkpp", text, answers=escalation, quote=False)
    office.once()
    told = office.new_letters("petugas")
    assert templates(told)[-1] == "staff_classify" and any("KENARI" in one.text for one in told)
    assert office.status() == "escalated"
    assert "user_resolved" not in templates(office.letters("pengguna"))


def page_reply(office: PaperWorld, who: str, answers: Letter, page: str) -> None:
    """A reply in HTML alone."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = PEOPLE[who], LPSE, f"Re: {answers.subject}"
    message["Message-ID"] = f"<halaman.{len(page)}@{PEOPLE[who].partition('@')[2]}>"
    message["In-Reply-To"] = message["References"] = answers.message_id
    message.set_content(page, subtype="html")
    office.drop(bytes(message))
    assert office.once()


def content(letter: Letter) -> str:
    return letter.html.partition("</head>")[2].partition(">")[2].partition("</body>")[0]


def test_lkpps_red_words_within_a_marked_page_of_ours_reach_staff_and_are_held(office: PaperWorld) -> None:
    escalation = escalated(office)
    page = content(escalation).replace("</p>", '</p><p style="color:red">Akun sudah KENARI kembali.</p>', 4)
    page = page.replace("Akun sudah KENARI kembali.", "", 3)
    quoted = f"<p>Permasalahan telah selesai ditangani.</p><p>{HEAD}</p><blockquote>{page}</blockquote>"
    page_reply(office, "lkpp", escalation, f"{quoted}<p>Terima kasih sudah menunggu.</p>")
    told = office.last("petugas")
    assert told.template == "staff_classify" and "KENARI" in told.text
    assert office.status() == "escalated"


def test_lkpps_words_at_the_end_of_outlooks_page_reach_staff(office: PaperWorld) -> None:
    escalation = escalated(office)
    head = f'<hr><div id="divRplyFwdMsg"><b>From:</b> LPSE &lt;{LPSE}&gt;<br><b>Subject:</b> {escalation.subject}</div>'
    page_reply(office, "lkpp", escalation, f"{head}<div>{content(escalation)}</div><div>Sudah KENARI selesai.</div>")
    assert "KENARI" in office.last("petugas").text


@pytest.mark.parametrize(("place", "marker"), [("within", "whole"), ("within", "gone"), ("below", "gone")])
def test_words_of_staff_that_no_mark_sets_apart_hold_the_answer(office: PaperWorld, place: str, marker: str) -> None:
    notice = opened(office)
    lines = notice.text.splitlines()
    if marker == "gone":
        lines = [line for line in lines if "baris ini" not in line]
    at = next(number for number, line in enumerate(lines) if "Data pengguna" in line) - 1
    lines.insert(at if place == "within" else len(lines), "\nJangan lupa KENARI dibawa ke kantor.\n")
    head = f"From: LPSE Kabupaten Batang <{LPSE}>\nSent: Monday, December 21, 2026 8:00 AM\nSubject: {notice.subject}"
    text = f"Silakan gunakan menu lupa password.\n\n{head}\n\n" + "\n".join(lines)
    assert staff_writes(office, text, notice, quote=False) == "staff_confirm"
    assert "KENARI" in office.last("petugas").text
    minutes_later(office, 4)
    assert "user_answer" not in templates(office.letters("pengguna"))


def test_an_older_notice_below_the_quoted_one_holds_no_answer(office: PaperWorld) -> None:
    first = opened(office)
    office.write("pengguna", "Bagaimana kelanjutannya?", answers=office.last("pengguna"))
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    head = "From: LPSE Kabupaten Batang <{}>\nSent: Monday, December 21, 2026 8:00 AM\nSubject: {}\n\n"
    quoted = [head.format(LPSE, one.subject) + one.text for one in (notice, first)]
    text = "\n\n".join(["Silakan gunakan menu lupa password.", *quoted])
    assert staff_writes(office, text, notice, quote=False) == "staff_receipt"


def test_lkpps_reply_above_our_escalation_is_read_as_before(office: PaperWorld) -> None:
    escalation = escalated(office)
    office.write("lkpp", "Permasalahan telah selesai ditangani.", answers=escalation)
    office.once()
    assert office.status() == "resolved"


def test_lkpps_own_earlier_reply_that_it_quotes_with_ours_holds_nothing(office: PaperWorld) -> None:
    escalation = escalated(office)
    first = f"Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP.\n\n{HEAD}\n{marked(escalation.text)}"
    office.write("lkpp", first, answers=escalation, quote=False)
    assert office.once()
    head = "Pada Sen, 21 Des 2026 pukul 10.00 Helpdesk LKPP <helpdesk-lpse@lkpp.test> menulis:"
    second = f"Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali.\n\n{head}\n{marked(first)}"
    office.write("lkpp", second, answers=escalation, quote=False)
    assert office.once()
    assert office.last("petugas").template == "staff_lkpp_reply"
    assert office.status() == "resolved"
