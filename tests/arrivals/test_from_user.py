"""A user's mail: what is answered, what is passed on, and what is held."""

from __future__ import annotations

from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path

import pytest

from tests.steps import (
    IDENTITY,
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
    staff_writes,
    templates,
)
from tests.world import LPSE, PaperWorld, letter

UNPROVEN = "Pengirim tidak dapat dipastikan"


def flat(text: str) -> str:
    """A letter's words on one line."""
    return " ".join(text.replace("│", " ").split())


# --- a new ticket ---------------------------------------------------------------------------------------


def test_a_new_mail_gets_both_numbers_and_all_staff_a_notice(office: PaperWorld) -> None:
    opened(office)
    acknowledgement = office.last("pengguna", "user_acknowledgement")
    assert "LPSE-BTG-2026-000001" in acknowledgement.text
    assert "0001/FK/LPSE-BTG/XII/2026" in acknowledgement.text
    assert templates(office.letters("petugas")) == templates(office.letters("rekan")) == ["staff_new_ticket"]
    assert office.letters("koordinator") == office.letters("lkpp") == []


def test_staff_read_the_first_mail_in_full_with_its_signature_and_what_it_forwards(office: PaperWorld) -> None:
    office.write(
        "pengguna",
        "Mohon bantuannya.\n\n-- \nBudi Santoso\nCV Contoh, NPWP 01.234.567.8-901.000\n\n"
        "---------- Pesan Diteruskan ----------\nDari: Ani <ani@x.test>\nTanggal: 21 Des 2026 08.00\n"
        "Kepada: Budi <budi@penyedia.test>\n\nGalat 500 saat unggah penawaran.\n",
    )
    office.once()
    text = flat(office.last("petugas", "staff_new_ticket").text)
    assert "Mohon bantuannya." in text and "01.234.567.8-901.000" in text and "Galat 500" in text


def test_staff_get_the_users_attachments_unchanged(office: PaperWorld) -> None:
    notice = opened(office, files=[("layar.png", b"\x89PNG\x00\xff" * 50)])
    assert notice.attachments == [("layar.png", b"\x89PNG\x00\xff" * 50)]


def test_what_is_too_large_for_one_mail_is_listed_and_not_attached(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, smtp={"max_size": "1MB"})
    notice = opened(office, files=[("besar.png", b"x" * 2_000_000), ("kecil.png", b"y" * 1000)])
    assert [name for name, _ in notice.attachments] == ["kecil.png"]
    assert "besar.png" in notice.text and "2,0 MB" in notice.text
    office.store.close()


def test_an_acknowledgement_to_an_unauthenticated_sender_echoes_nothing_he_wrote(office: PaperWorld) -> None:
    office.write("pengguna", "Isi KENARI", subject="Perihal KENARI", sender='"Nama KENARI" <budi@penyedia.test>')
    office.once()
    answer = office.last("pengguna", "user_acknowledgement")
    assert b"KENARI" not in answer.raw
    assert answer.subject == "[LPSE-BTG-2026-000001] Tanda terima"


def test_an_acknowledgement_to_an_authenticated_sender_names_him_and_his_matter(border: PaperWorld) -> None:
    opened(border, subject="Tidak bisa login", headers=[results("pass", "penyedia.test")])
    answer = border.last("pengguna", "user_acknowledgement")
    assert answer.subject == "[LPSE-BTG-2026-000001] Tidak bisa login"
    assert "Budi Santoso" in answer.text


def test_secrets_are_masked_for_staff_and_lkpp_and_the_user_is_told_to_change_them(office: PaperWorld) -> None:
    notice = opened(office, f"User: CONTOH, password: Rahasia123\n{IDENTITY}", subject="password: Rahasia123")
    staff_writes(office, "#eskalasi Login gagal.", notice)
    assert templates(office.letters("pengguna"))[:2] == ["user_acknowledgement", "user_escalated"]
    assert "segera mengganti" in office.letters("pengguna")[0].text
    for who in ("petugas", "rekan", "lkpp", "pengguna"):
        assert all("Rahasia123" not in each.text + each.subject for each in office.letters(who))
    assert "disamarkan]" in office.last("lkpp").text


def test_a_discarded_sender_gets_no_automatic_answer_any_more(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#buang", notice)
    office.new_letters("pengguna")
    opened(office, subject="Lagi", text="Promo lagi")
    assert office.new_letters("pengguna") == []
    assert "tidak lagi dijawab" in flat(office.last("petugas", "staff_new_ticket").text)


# --- never answered by a machine -----------------------------------------------------------------------

_SILENT = {
    "X-Auto-Response-Suppress": [("X-Auto-Response-Suppress", "All")],
    "Precedence list": [("Precedence", "list")],
    "a List header": [("List-Id", "<lpse.batangkab.test>")],
    "an empty Return-Path": [("Return-Path", "<>")],
    "another mailbot": [("X-Mailbot-Template", "user_answer")],
}


@pytest.mark.parametrize("headers", _SILENT.values(), ids=_SILENT.keys())
def test_a_mail_that_must_not_be_answered_still_makes_a_ticket(
    office: PaperWorld, headers: list[tuple[str, str]]
) -> None:
    opened(office, headers=headers)
    assert office.letters("pengguna") == []
    assert "Tanpa tanda terima" in flat(office.last("petugas", "staff_new_ticket").text)


@pytest.mark.parametrize("address", ["postmaster@penyedia.test", "bounces+x@penyedia.test"])
def test_a_clerks_address_is_not_answered(office: PaperWorld, address: str) -> None:
    office.write(address, "Mohon bantuan untuk login.")
    office.once()
    assert office.status() == "new"
    assert office.letters(address) == []


def test_a_mail_that_names_us_nowhere_is_not_answered(office: PaperWorld) -> None:
    opened(office, to="daftar@penyedia.test")
    assert office.letters("pengguna") == []


def test_a_mail_that_names_us_only_in_cc_gets_a_ticket_but_no_answer_before_staff_act(office: PaperWorld) -> None:
    opened(office, to="dinas@batangkab.test", cc=LPSE)
    assert office.letters("pengguna") == []
    staff_writes(office, "Silakan coba lagi.")
    minutes_later(office, 4)
    assert templates(office.letters("pengguna")) == ["user_answer"]


@pytest.mark.parametrize("folder", ["Junk", "[Gmail]/Spam", "Bulk Mail"])
def test_a_mail_from_the_junk_folder_is_not_answered(office: PaperWorld, folder: str) -> None:
    opened(office, folder=folder)
    assert office.letters("pengguna") == []


def test_a_mail_with_dmarc_fail_is_not_answered_and_staff_are_warned(border: PaperWorld) -> None:
    opened(border, headers=[results("fail", "penyedia.test")])
    assert border.letters("pengguna") == []
    assert UNPROVEN in flat(border.last("petugas", "staff_new_ticket").text)


@pytest.mark.parametrize(("result", "warned"), [("fail", True), ("none", True), ("pass", False)])
def test_staff_are_warned_of_a_sender_whom_results_do_not_prove(border: PaperWorld, result: str, warned: bool) -> None:
    opened(border, headers=[results(result, "penyedia.test")])
    assert (UNPROVEN in flat(border.last("petugas", "staff_new_ticket").text)) == warned


def test_where_no_server_vouches_for_anybody_staff_are_not_warned_of_everybody(office: PaperWorld) -> None:
    opened(office)
    assert UNPROVEN not in flat(office.last("petugas", "staff_new_ticket").text)


def test_a_mail_without_a_pass_is_answered_without_an_echo(border: PaperWorld) -> None:
    opened(border, subject="KENARI", headers=[results("none", "penyedia.test")])
    assert templates(border.letters("pengguna")) == ["user_acknowledgement"]
    assert b"KENARI" not in border.last("pengguna").raw


# --- a mail of a ticket --------------------------------------------------------------------------------


def test_a_users_mail_is_never_read_for_commands(office: PaperWorld) -> None:
    opened(office)
    office.write("pengguna", "#tutup", answers=office.last("pengguna"))
    office.once()
    assert office.status() == "new"
    assert "staff_receipt" not in templates(office.letters("pengguna"))


def test_of_a_reply_staff_read_the_new_words_only(office: PaperWorld) -> None:
    opened(office)
    office.write("pengguna", "Sudah saya coba, tetap gagal.", answers=office.last("pengguna"))
    office.once()
    text = flat(office.last("petugas", "staff_user_reply").text)
    assert "Sudah saya coba, tetap gagal." in text
    assert "Terima kasih telah menghubungi" not in text


def test_a_reply_with_a_forwarded_mail_reaches_staff_whole(office: PaperWorld) -> None:
    opened(office)
    office.write(
        "pengguna",
        "Berikut jawaban bank.\n\n-------- Pesan Diteruskan --------\nDari: Bank <cs@bank.test>\n"
        "Tanggal: 21 Des 2026 08.00\nKepada: Budi <budi@penyedia.test>\n\nJaminan nomor 778899 sah.\n",
        answers=office.last("pengguna"),
        quote=False,
    )
    office.once()
    assert "Jaminan nomor 778899 sah." in flat(office.last("petugas", "staff_user_reply").text)


def test_in_doubt_the_whole_text_reaches_staff(office: PaperWorld) -> None:
    opened(office)
    quoted = "\n".join(f"> {line}" for line in office.last("pengguna").text.splitlines())
    office.write("pengguna", f"{quoted}\nJawaban saya di bawah.\n", answers=office.last("pengguna"), quote=False)
    office.once()
    assert "Jawaban saya di bawah." in flat(office.last("petugas", "staff_user_reply").text)


def test_the_one_who_handles_the_ticket_gets_later_mails_alone(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#ambil", notice)
    office.new_letters("rekan")
    office.write("pengguna", "Ada perkembangan?", answers=office.last("pengguna"))
    office.once()
    assert office.last("petugas").template == "staff_user_reply"
    assert office.new_letters("rekan") == []


@pytest.mark.parametrize(
    "words", ["SELESAI", "Selesai, terima kasih.", "Selamat pagi. Sudah selesai, terima kasih banyak pak"]
)
def test_selesai_with_nothing_but_thanks_closes(office: PaperWorld, words: str) -> None:
    office.write("pengguna", words, answers=resolved(office))
    office.once()
    assert office.status() == "closed"


def test_selesai_written_below_the_quote_closes_too(office: PaperWorld) -> None:
    answer = resolved(office)
    quoted = "\n".join(f"> {line}" for line in answer.text.splitlines())
    office.write("pengguna", f"{quoted}\n\nSELESAI\n", answers=answer, quote=False)
    office.once()
    assert office.status() == "closed"


@pytest.mark.parametrize(
    "words",
    [
        "SELESAI\nPada 21 Des 2026 pukul 09.00 Ani menulis:\nmasih gagal",
        "Selesai? Belum bisa.",
        "Selesai, tetapi paket lain masih gagal.",
    ],
)
def test_selesai_with_anything_else_is_belum(office: PaperWorld, words: str) -> None:
    office.write("pengguna", words, answers=resolved(office), quote=False)
    office.once()
    assert office.status() == "in_progress"
    assert office.last("petugas").template == "staff_user_reply"


def test_selesai_with_an_attachment_is_belum(office: PaperWorld) -> None:
    office.write("pengguna", "SELESAI", answers=resolved(office), files=[("galat.png", b"\x89PNG")])
    office.once()
    assert office.status() == "in_progress"


def test_pure_thanks_for_an_answer_change_nothing(office: PaperWorld) -> None:
    office.write("pengguna", "Terima kasih banyak.", answers=resolved(office))
    office.new_letters("petugas")
    office.once()
    assert office.status() == "resolved"
    assert office.new_letters("petugas") == []


@pytest.mark.parametrize("words", ["Terima kasih", "Kemudahan prosedur: 4"])
def test_thanks_and_survey_lines_to_a_closed_ticket_are_filed(office: PaperWorld, words: str) -> None:
    office.write("pengguna", words, answers=closed(office), quote=False)
    office.once()
    assert office.status() == "closed"
    assert disposition(office)[1] == "pengguna-survei"


# --- steps 8 and 9 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "files"),
    [("Kode tender 87654321.", []), ("", [("layar.png", b"\x89PNG")]), ("ini pak", [("surat.pdf", b"%PDF-1.7")])],
)
def test_data_go_to_lkpp_at_once_and_the_user_is_told(
    office: PaperWorld, words: str, files: list[tuple[str, bytes]]
) -> None:
    office.write("pengguna", words, answers=data_requested(office), files=files)
    office.once()
    assert office.status() == "escalated"
    forwarded = office.last("lkpp", "lkpp_additional_data")
    assert forwarded.attachments == files
    assert words in flat(forwarded.text)
    assert office.last("pengguna").template == "user_data_forwarded"


@pytest.mark.parametrize("words", ["Data yang mana maksudnya?", "Baik, akan kami kirim besok.", "Terima kasih.", "ok"])
def test_questions_promises_and_thanks_are_held_for_staff(office: PaperWorld, words: str) -> None:
    office.write("pengguna", words, answers=data_requested(office))
    office.new_letters("lkpp")
    office.once()
    assert office.status() == "awaiting_data"
    assert office.new_letters("lkpp") == []
    assert "#teruskan" in links(office.last("petugas", "staff_user_reply"))


def test_a_reply_without_new_words_does_not_send_our_own_quote_to_lkpp(office: PaperWorld) -> None:
    office.write("pengguna", "", answers=data_requested(office))
    office.once()
    assert office.status() == "awaiting_data"


def test_data_of_an_unauthenticated_sender_are_held_where_results_exist(border: PaperWorld) -> None:
    opened(border, headers=[results("pass", "penyedia.test")])
    staff_writes(border, "#eskalasi Gagal.", headers=[results("pass", "batangkab.test")])
    border.write(
        "lkpp", "Mohon kirim kode tender.", answers=border.last("lkpp"), headers=[results("pass", "lkpp.test")]
    )
    border.once()
    minutes_later(border, 3)
    request = border.last("pengguna", "user_data_request")
    border.new_letters("lkpp")
    border.write("pengguna", "Kode tender 87654321.", answers=request, headers=[results("none", "penyedia.test")])
    border.once()
    assert border.status() == "awaiting_data"
    assert border.new_letters("lkpp") == []
    notice = border.last("petugas", "staff_user_reply")
    assert "PERHATIAN" in notice.text and "#teruskan" in links(notice)


def test_an_unproven_reply_is_kept_from_lkpp_until_staff_let_it_go(border: PaperWorld) -> None:
    opened(border, headers=[results("pass", "penyedia.test")])
    border.write("pengguna", "KENARI", answers=border.last("pengguna"), headers=[results("fail", "penyedia.test")])
    border.once()
    staff_writes(border, "#eskalasi Gagal.", border.last("petugas"), headers=[results("pass", "batangkab.test")])
    assert "KENARI" not in border.last("lkpp").text


def test_the_first_mail_of_an_unproven_user_goes_to_lkpp_with_the_escalation(border: PaperWorld) -> None:
    """Many users' domains sign nothing: staff who escalate have read the mail and its warning."""
    opened(border, headers=[results("none", "penyedia.test")], files=[("layar.png", b"\x89PNG")])
    staff_writes(border, "#eskalasi Gagal.", headers=[results("pass", "batangkab.test")])
    escalation = border.last("lkpp", "lkpp_escalation")
    assert "kami tidak bisa login SPSE" in escalation.text
    assert escalation.attachments == [("layar.png", b"\x89PNG")]


@pytest.mark.parametrize("name", ["setup.exe", "makro.xlsm", "skrip.js", "rahasia.rar"])
def test_data_with_programs_macros_or_closed_archives_are_held(office: PaperWorld, name: str) -> None:
    request = data_requested(office)
    office.new_letters("lkpp")
    office.write("pengguna", "Berikut datanya.", answers=request, files=[(name, b"data")])
    office.once()
    assert office.status() == "awaiting_data"
    assert office.new_letters("lkpp") == []
    assert office.last("petugas").template == "staff_user_reply"
    staff_writes(office, "#teruskan", office.last("petugas"))
    assert office.status() == "escalated"
    assert office.last("lkpp", "lkpp_additional_data").attachments == [(name, b"data")]


def test_a_mail_that_names_lkpp_itself_is_recorded_and_not_forwarded_again(office: PaperWorld) -> None:
    request = data_requested(office)
    office.new_letters("lkpp")
    office.write("pengguna", "Kode tender 87654321.", answers=request, cc="Helpdesk <helpdesk-lpse@lkpp.test>")
    office.once()
    assert office.new_letters("lkpp") == []
    assert "menulis langsung kepada LKPP" in flat(office.last("petugas", "staff_user_reply").text)


def test_a_users_mail_while_lkpp_has_the_ticket_changes_nothing_and_offers_to_forward(office: PaperWorld) -> None:
    escalated(office)
    office.new_letters("lkpp")
    office.write("pengguna", "Ada kabar?", answers=office.last("pengguna"))
    office.once()
    assert office.status() == "escalated"
    assert "#teruskan" in links(office.last("petugas", "staff_user_reply"))
    assert office.new_letters("lkpp") == []


# --- threads and envelopes -----------------------------------------------------------------------------------


def test_every_mail_has_one_recipient_and_no_cc_and_names_its_kind(office: PaperWorld) -> None:
    office.write("pengguna", "Kode tender 87654321.", answers=data_requested(office))
    office.once()
    raws = [letter(row["raw"]) for row in office.sent()]
    assert len(raws) > 8
    for each in raws:
        assert len(each.message["To"].addresses) == 1
        assert each.message["Cc"] is None and each.message["Bcc"] is None
        assert each.message["X-Mailbot-Ticket"] in (number(office), None)
        assert each.template


def test_all_mails_of_a_ticket_to_one_party_are_one_thread(office: PaperWorld) -> None:
    office.write("pengguna", "Kode tender 87654321.", answers=data_requested(office))
    office.once()
    for who in ("pengguna", "petugas", "lkpp"):
        mails = office.letters(who)
        assert len(mails) > 1
        for before, after in pairwise(mails):
            assert mails[0].message_id in str(after.message["References"]).split()
            assert before.message_id in str(after.message["References"]).split()


def test_the_threads_of_two_parties_do_not_know_each_other(office: PaperWorld) -> None:
    data_requested(office)
    staff_ids = {each.message_id for each in office.letters("petugas")}
    for each in office.letters("pengguna") + office.letters("lkpp"):
        assert staff_ids.isdisjoint(str(each.message["References"] or "").split())


def test_staff_are_told_that_a_mail_says_nothing(office: PaperWorld) -> None:
    notice = opened(office, " \n", files=[("layar.png", b"\x89PNG")])
    assert "E-mail pengguna: (tanpa teks)" in flat(notice.text)
    office.write("pengguna", "", answers=office.last("pengguna"), quote=False)
    assert office.once()
    assert "Balasan pengguna: (tanpa teks)" in flat(office.last("petugas", "staff_user_reply").text)


def test_an_acknowledgement_answers_the_users_mail(office: PaperWorld) -> None:
    written = office.write("pengguna", "Tidak bisa login.")
    office.once()
    assert office.last("pengguna").message["In-Reply-To"] == written["Message-ID"]


def test_envelope_senders_follow_the_kind_of_mail(office: PaperWorld) -> None:
    resolved(office)
    staff_writes(office, "#eskalasi Masih gagal.")
    senders = {
        row["template"]: row["envelope_sender"] for row in office.rows("SELECT template, envelope_sender FROM outbox")
    }
    assert senders["user_acknowledgement"] == senders["staff_receipt"] == ""
    assert senders["user_answer"] == senders["staff_new_ticket"] == senders["lkpp_escalation"] == LPSE


def test_a_host_that_refuses_the_null_sender_is_given_our_own_address(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, smtp={"null_sender": "never"})
    opened(office)
    assert {row["envelope_sender"] for row in office.rows("SELECT envelope_sender FROM outbox")} == {LPSE}
    office.store.close()


def test_two_mailbots_fall_silent(office: PaperWorld) -> None:
    """Another mailbot's answers come back as a user's: not one of them is answered by a machine."""
    answer = resolved(office)
    office.new_letters("pengguna")
    reply = EmailMessage()
    for name, value in (("From", "budi@penyedia.test"), ("To", LPSE), ("Subject", answer.subject)):
        reply[name] = value
    reply["Message-ID"], reply["X-Mailbot-Template"] = "<1@penyedia.test>", "user_answer"
    reply.set_content("Silakan gunakan menu lupa password.")
    office.drop(bytes(reply))
    office.once()
    assert office.new_letters("pengguna") == []
