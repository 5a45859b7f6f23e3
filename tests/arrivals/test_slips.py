"""No slip costs a text: a mail that is not carried out comes back with a link that carries out all of it, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.commands import command_lines, mending
from mailbot.parsers.commands.vocabulary import SPECS, VOCABULARY
from mailbot.rules.sop.names import REFUSALS
from tests.quick import within
from tests.steps import closed, escalated, flat, links, minutes_later, number, opened, resolved, staff_writes
from tests.world import Letter, PaperWorld

WORDS = 'Menara ALFA di baris satu.\n\nMenara BETA di baris tiga, dengan tanda "kutip" dan 100%.'
LONG = "\n".join(f"{n}. Menara ALFA nomor {n}, mohon dicermati bersama." for n in range(1, 70))
MANUAL = [("panduan.pdf", b"%PDF-1.7 panduan")]


@dataclass(frozen=True)
class Slip:
    """before: how the ticket came to be as it is. typed: what Sari writes ({words}: her text). link: the first command
    of the link that she then uses. reader: who gets the words in the end. why: of the receipt."""

    before: Callable[[PaperWorld], Letter]
    typed: str
    link: str
    reader: str
    why: str


def _closed(office: PaperWorld) -> Letter:
    closed(office)
    return office.last("petugas", "staff_new_ticket")


def _resolved(office: PaperWorld) -> Letter:
    resolved(office)
    return office.last("petugas", "staff_new_ticket")


def _escalated(office: PaperWorld) -> Letter:
    escalated(office)
    return office.last("petugas", "staff_new_ticket")


def _handed_back(office: PaperWorld) -> Letter:
    """LKPP had the ticket and has given it back."""
    office.write("lkpp", "Permasalahan ini merupakan kewenangan LPSE, silakan ditangani.", answers=escalated(office))
    assert office.once()
    assert office.status() == "returned"
    return office.last("petugas", "staff_returned")


def _status_changed(office: PaperWorld) -> Letter:
    """The link whose status has passed is in the notice; its code goes on top of what is typed."""
    return _escalated(office)


#: Of every reason of the table, of a command with a text.
REFUSED = {
    "already_with_lkpp": Slip(_escalated, "#eskalasi {words}", "#lkpp", "lkpp", "sedang ditangani Helpdesk LKPP"),
    "never_with_lkpp": Slip(opened, "#lkpp {words}", "#jawab", "pengguna", "belum pernah dieskalasikan"),
    "no_closing_there": Slip(
        opened, "#lpse-support ditutup\n#jawab {words}", "#jawab", "pengguna", "Tidak ada penutupan di LPSE Support"
    ),
    "no_meaning_awaited": Slip(_handed_back, "#selesai {words}", "#jawab", "pengguna", "tidak sedang ditangani"),
    "no_breach": Slip(opened, "#alasan {words}", "#catat", "", "tidak melewati batas waktu"),
    "no_reply_pending": Slip(_escalated, "#abaikan {words}", "#catat", "", "Tidak ada balasan LKPP"),
    "not_closed": Slip(opened, "#buka\n#jawab {words}", "#jawab", "pengguna", "tidak sedang ditutup"),
    "not_with_lkpp": Slip(opened, "#teruskan {words}", "#eskalasi", "lkpp", "tidak sedang ditangani Helpdesk LKPP"),
    "nothing_waits": Slip(_resolved, "#batal\n#jawab {words}", "#jawab", "pengguna", "Tidak ada e-mail yang masih"),
    "ticket_closed": Slip(_closed, "#jawab {words}", "#buka", "pengguna", "sudah ditutup"),
}
#: Reasons that only meet commands without a text, or another office (below).
ELSEWHERE = {"both_with_lkpp", "by_lpse_support"}
TYPED = {
    "an unknown word": Slip(opened, "#jawba\n{words}", "#jawab", "pengguna", "Mungkin maksudnya #jawab"),
    "an unknown word before another": Slip(
        opened, "#ambli\n#jawab {words}", "#ambil", "pengguna", "Mungkin maksudnya #ambil"
    ),
    "a word like none": Slip(opened, "#qwxyz\n{words}", "#jawab", "pengguna", "tidak dikenal"),
    "two text commands": Slip(
        opened, "#jawab {words}\n#eskalasi Ringkasan saja.", "#jawab", "pengguna", "sesudah teks perintah lain"
    ),
    "the second of two": Slip(opened, "#catat Singkat.\n#jawab {words}", "#jawab", "pengguna", "sesudah teks"),
    "the text above": Slip(opened, "{words}\n\n#ambil", "#ambil", "pengguna", "Ada teks sebelum perintah"),
    "the text behind": Slip(opened, "#ambil\n{words}", "#ambil", "", "tidak termasuk perintah"),
    "the same twice": Slip(opened, "#ambil\n#ambil\n#jawab {words}", "#ambil", "pengguna", "lebih dari satu kali"),
    "a wrong value": Slip(opened, "#prioritas segera\n#jawab {words}", "#jawab", "pengguna", "angka 1, 2, 3, atau 4"),
    "a colleague nobody knows": Slip(
        opened, "#tugaskan Zulaikha\n#jawab {words}", "#jawab", "pengguna", "Tidak ada petugas"
    ),
    "a code of another command": Slip(
        opened, "Kode: {#minta-data}\n#jawab {words}", "#jawab", "pengguna", "perintah atau tiket lain"
    ),
    "a code of a status that has passed": Slip(
        _status_changed, "Kode: {#lama}\n#info {words}", "#info", "pengguna", "perintah atau tiket lain"
    ),
    "two codes": Slip(
        opened, "Kode: {#minta-data}\nKode: {#eskalasi}\n#jawab {words}", "#jawab", "pengguna", "lebih dari satu kode"
    ),
    "a line like a command": Slip(
        opened, "#jawab {words}\n#tutpu\nSekian.", "#jawab", "pengguna", "mirip perintah #tutup"
    ),
}
SLIPS = {**REFUSED, **TYPED}


def slipped(office: PaperWorld, slip: Slip, words: str) -> Letter:
    """The receipt of a mail with a slip, a text and a file."""
    notice = slip.before(office)
    typed = slip.typed.replace("{#lama}", _code(notice, "#minta-data"))
    for command in ("#minta-data", "#eskalasi"):
        typed = typed.replace(f"{{{command}}}", _code(notice, command))
    assert staff_writes(office, typed.replace("{words}", words), notice, files=MANUAL, quote=False) == "staff_receipt"
    return office.last("petugas", "staff_receipt")


def _code(notice: Letter, command: str) -> str:
    return links(notice)[command].partition("\n")[0].removeprefix("Kode: ")


def offered(refused: Letter, command: str) -> str:
    """The ready reply of the first link whose first command this is."""
    bodies = [unescape(href) for href in re.findall(r'href="(mailto:[^"]+)"', refused.html)]
    bodies = [parse_qs(urlsplit(one).query)["body"][0].replace("\r\n", "\n") for one in bodies]
    return next(one for one in bodies if one.split("\n\n", 1)[1].startswith(command))


def use(office: PaperWorld, body: str) -> Letter:
    office.new_letters("petugas")
    office.write("petugas", body, subject=f"[{number(office)}]")
    assert office.once()
    back = office.new_letters("petugas")[-1]
    minutes_later(office, 4)
    return back


def carriers(office: PaperWorld, who: str, words: str) -> list[Letter]:
    return [one for one in office.letters(who) if flat(words) in flat(one)]


@pytest.mark.parametrize("words", [WORDS, LONG], ids=["short", "long"])
@pytest.mark.parametrize("name", SLIPS)
def test_the_link_of_a_refusal_carries_out_the_whole_text_and_its_files_once(
    office: PaperWorld, name: str, words: str
) -> None:
    slip = SLIPS[name]
    refused = slipped(office, slip, words)
    assert slip.why in flat(refused)
    assert "Tidak ada yang dijalankan" in flat(refused)
    assert flat(words) in flat(refused)
    assert "panduan.pdf" in flat(refused)
    for who in ("pengguna", "lkpp"):
        assert carriers(office, who, words) == []
    body = offered(refused, slip.link)
    assert use(office, body).template == "staff_receipt"
    if not slip.reader:
        [note] = office.rows("SELECT body FROM texts WHERE kind = 'note'")
        assert flat(note["body"]) == flat(words)
    else:
        [sent] = carriers(office, slip.reader, words)
        assert MANUAL[0] in sent.attachments
    before = office.rows("SELECT count(*) AS n FROM outbox WHERE party IN ('user', 'lkpp')")[0]["n"]
    assert use(office, body).template == "staff_receipt"
    after = office.rows("SELECT count(*) AS n FROM outbox WHERE party IN ('user', 'lkpp')")[0]["n"]
    assert after == before


def test_every_refusal_of_the_table_is_told_here() -> None:
    assert set(REFUSALS) == set(REFUSED) | ELSEWHERE


def test_every_command_that_a_refusal_offers_exists_and_its_words_fit() -> None:
    for refusal in REFUSALS.values():
        assert set(refusal.instead) <= set(SPECS)


def test_where_lkpp_is_written_to_in_lpse_support_the_words_are_kept(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, lkpp={"channel": "lpse-support", "address": None})
    slip = Slip(opened, "#lkpp {words}", "#catat", "", "melalui LPSE Support")
    refused = slipped(office, slip, WORDS)
    assert slip.why in flat(refused)
    use(office, links(refused)["#catat"])
    [note] = office.rows("SELECT body FROM texts WHERE kind = 'note'")
    assert flat(note["body"]) == flat(WORDS)
    office.store.close()


def test_a_meaning_that_does_not_say_of_which_reply_comes_back_with_its_words_for_each(office: PaperWorld) -> None:
    escalation = escalated(office)
    notice = office.last("petugas", "staff_new_ticket")
    for text in ("Menara GAMA, silakan dicermati.", "Menara DELTA, silakan dicermati."):
        office.now = office.now.replace(minute=office.now.minute + 1)
        office.write("lkpp", text, answers=escalation)
        office.once()
    assert staff_writes(office, f"#selesai {WORDS}", notice, files=MANUAL, quote=False) == "staff_receipt"
    refused = office.last("petugas", "staff_receipt")
    assert "Balasan LKPP mana" in flat(refused)
    use(office, offered(refused, "#selesai"))
    [sent] = carriers(office, "pengguna", WORDS)
    assert sent.template == "user_resolved"
    assert MANUAL[0] not in sent.attachments  # with the meaning of a reply go the reply's files


def test_a_mail_that_names_two_tickets_comes_back_for_each(office: PaperWorld) -> None:
    first = opened(office)
    opened(office, subject="Paket lain")
    second = number(office)
    office.new_letters("petugas")
    office.write("petugas", f"#jawab {WORDS}", answers=first, subject=f"Re: [{second}]", quote=False, files=MANUAL)
    office.once()
    refused = office.new_letters("petugas")[-1]
    assert "menunjuk dua tiket" in flat(refused)
    assert f"{second}: Jalankan #jawab" in flat(refused)
    use(office, links(refused)["#jawab"])
    [sent] = carriers(office, "pengguna", WORDS)
    assert MANUAL[0] in sent.attachments


def test_a_note_by_chance_becomes_the_answer_with_its_file(office: PaperWorld) -> None:
    escalated(office)
    assert staff_writes(office, WORDS, office.last("petugas", "staff_receipt"), files=MANUAL, quote=False)
    asks = office.last("petugas", "staff_receipt")
    assert "catatan internal" in flat(asks)
    assert flat(WORDS) in flat(asks)
    use(office, links(asks)["#jawab"])
    [sent] = carriers(office, "pengguna", WORDS)
    assert MANUAL[0] in sent.attachments


def test_the_head_of_unit_who_answers_a_user_is_offered_the_recommendation(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#kepala Belum terselesaikan.", notice)
    report = office.last("kepala", "head_report")
    office.write("kepala", f"#jawab {WORDS}", answers=report, quote=False)
    office.once()
    refused = office.last("kepala")
    assert "tidak tersedia untuk peran Anda" in flat(refused)
    office.write("kepala", links(refused)["#arahan"], subject=f"[{number(office)}]")
    office.once()
    assert flat(WORDS) in flat(office.last("petugas", "staff_direction"))


_LINES = st.one_of(
    st.sampled_from(
        [f"#{spec.word}" for spec in VOCABULARY] + ["#jawba", "#xyz", "# Judul", "#12", "", "Terima kasih"]
    ),
    st.text("abc #\n12", max_size=20),
)


@given(st.lists(_LINES, max_size=12).map("\n".join))
def test_whatever_is_written_each_of_its_words_is_in_what_it_may_have_meant(text: str) -> None:
    found = mending.meant(text)
    kept = " ".join([found.loose, *(f"#{one.word} {one.text}" for one in found.texts)])
    if not any(line.lstrip().startswith("#") for line in text.split("\n")):
        left = "" if command_lines.only_leave(text.strip()) else " ".join(text.split())
        assert " ".join(kept.split()) == left
    for one in found.fields:
        assert not SPECS[one.name].takes_text


def test_a_text_full_of_signs_is_read_in_linear_time() -> None:
    with within(2.0):
        mending.meant("#jawba x\n" * 20_000)
    with within(2.0):
        mending.meant("# x\n" * 20_000)
