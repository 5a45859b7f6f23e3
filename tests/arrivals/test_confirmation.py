"""Codes: a command that lacks its proof is carried out when the listed address sends the code that only it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.arrivals.staff import missing_results
from mailbot.arrivals.staff.commands import escalate
from mailbot.arrivals.staff.confirmations import GOOD_FOR, MOST_AN_HOUR
from tests.steps import BORDER, disposition, escalated, flat, minutes_later, number, opened, results, templates
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

PASS = [results("pass", "batangkab.test")]
FAIL = [results("fail", "batangkab.test")]


@pytest.fixture
def border_office(tmp_path: Path) -> Iterator[PaperWorld]:
    """An office whose border server adds Authentication-Results."""
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    yield world
    world.store.close()


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[PaperWorld]:
    """An office that has no results and asks for a code every time."""
    world = PaperWorld(tmp_path, authentication={"without_results": "confirm"})
    yield world
    world.store.close()


def code_of(letter: Letter) -> str:
    """The line that holds the code, as a person copies it."""
    found = re.search(r"^(Kode: [A-Z2-7-]{23})\s*$", letter.text, re.MULTILINE)
    assert found is not None, letter.text
    return found[1]


def asked(office: PaperWorld, text: str, who: str = "petugas", subject: str | None = None, **more: object) -> Letter:
    """A command without a token on the newest ticket; the mail that asks for the code."""
    before = len(office.letters(who))
    office.write(who, text, subject=subject or f"[{number(office)}] Login", **more)  # type: ignore[arg-type]
    assert office.once()
    new = office.letters(who)[before:]
    found = [letter for letter in new if letter.template == "staff_confirm"]
    assert len(found) == 1, templates(new)
    return found[0]


def answered(office: PaperWorld, letter: Letter, text: str | None = None, who: str = "petugas", **more: object) -> str:
    """A reply to the mail that asks; the template of what comes back."""
    before = len(office.letters(who))
    office.write(who, code_of(letter) if text is None else text, answers=letter, **more)  # type: ignore[arg-type]
    assert office.once()
    found = office.letters(who)[before:]
    return found[-1].template if found else ""


def events(office: PaperWorld) -> list[str]:
    return [str(row["event"]) for row in office.rows("SELECT event FROM history ORDER BY id")]


# --- asked and answered -------------------------------------------------------------------------------


def test_the_reply_with_the_code_carries_the_stored_mail_out(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    office.new_letters("pengguna")
    letter = asked(office, "#jawab KENARI Silakan coba lagi.", headers=PASS, files=[("panduan.pdf", b"%PDF-1.4 x")])
    assert disposition(office)[::2] == ("quarantined", "perlu kode konfirmasi")
    assert office.status() == "new"
    text = flat(letter.text)
    assert "#jawab" in text and "KENARI Silakan coba lagi." in text and "panduan.pdf" in text
    assert answered(office, letter, headers=PASS) == "staff_receipt"
    assert office.status() == "resolved"
    minutes_later(office, 3)
    [answer] = office.new_letters("pengguna")
    assert answer.template == "user_answer" and "KENARI Silakan coba lagi." in answer.text
    assert answer.attachments == [("panduan.pdf", b"%PDF-1.4 x")]
    states = office.rows("SELECT state, disposition, released_by FROM journal ORDER BY id DESC LIMIT 2")
    assert [tuple(row.values()) for row in states] == [
        ("handled", "staff.confirmed", ""),
        ("handled", "staff.answer", PEOPLE["petugas"]),
    ]


def test_the_link_opens_a_mail_that_needs_no_change(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    [href] = re.findall(r'href="(mailto:[^"]+)"', letter.html)
    assert code_of(letter).replace(" ", "%20").replace(":", "%3A") in href
    office.write("petugas", code_of(letter), subject="Konfirmasi", headers=PASS)  # no reference, as mailto leaves none
    office.once()
    assert office.last("petugas").template == "staff_receipt"
    assert events(office)[-1] == "staff.take"


def test_where_there_are_no_results_the_code_stands_for_the_token(office: PaperWorld) -> None:
    opened(office)
    letter = asked(office, "#ambil")
    assert answered(office, letter) == "staff_receipt"
    assert events(office)[-1] == "staff.take"


@pytest.mark.parametrize("text", ["#ambil", "#status", "#catat Halo", "Jawaban untuk pengguna."])
def test_confirm_asks_for_a_code_whatever_token_there_is(careful: PaperWorld, text: str) -> None:
    notice = opened(careful)
    before = events(careful)
    letter = asked(careful, text, answers=notice, subject=notice.subject)
    assert "tidak ada hasil autentikasi" in disposition(careful)[2]
    assert events(careful) == before
    assert answered(careful, letter) == "staff_receipt"
    assert len(events(careful)) == len(before) + (text != "#status")


def test_a_confirmed_reply_without_a_command_is_the_answer_to_the_user(careful: PaperWorld) -> None:
    notice = opened(careful)
    letter = asked(careful, "Silakan coba lagi.", answers=notice, subject=notice.subject)
    assert "#jawab" in flat(letter.text)
    answered(careful, letter)
    minutes_later(careful, 3)
    assert "Silakan coba lagi." in careful.last("pengguna", "user_answer").text


def test_with_refuse_nobody_is_asked(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, authentication={"without_results": "refuse"})
    notice = opened(office)
    office.write("petugas", "#ambil", answers=notice)
    office.once()
    assert office.last("petugas").template == "staff_quarantine"
    assert office.rows("SELECT count(*) AS n FROM codes WHERE command = 'confirm'")[0]["n"] == 0


def test_whoever_fails_is_never_asked(border_office: PaperWorld) -> None:
    opened(border_office)
    border_office.write("petugas", "#ambil", subject=f"[{number(border_office)}]", headers=FAIL)
    border_office.once()
    assert border_office.last("petugas").template == "staff_quarantine"
    assert border_office.rows("SELECT count(*) AS n FROM codes WHERE command = 'confirm'")[0]["n"] == 0


def test_a_clock_starts_when_the_code_comes(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#eskalasi Login gagal.", headers=PASS)
    office.now += timedelta(minutes=50)
    answered(office, letter, headers=PASS)
    at = office.rows("SELECT at FROM history WHERE event = 'staff.escalate'")[0]["at"]
    assert at == office.now.isoformat(timespec="microseconds")
    assert office.last("lkpp", "lkpp_escalation")


# --- what a code is good for -----------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "good"), [(0, True), (1, False)])
def test_a_code_is_good_for_two_hours_by_arrival(border_office: PaperWorld, late: int, good: bool) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    office.now += GOOD_FOR + timedelta(seconds=late)
    answered(office, letter, headers=PASS)
    assert ("staff.take" in events(office)) is good
    if not good:
        assert "sudah kedaluwarsa" in flat(office.last("petugas", "staff_receipt").text)


@pytest.mark.parametrize("minutes", [0, 1, 10])
def test_a_second_use_gets_the_first_receipt_again(border_office: PaperWorld, minutes: int) -> None:
    """However soon it comes: whoever holds the code and sends it twice is no robot."""
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    answered(office, letter, headers=PASS)
    history = events(office)
    office.now += timedelta(minutes=minutes)
    assert answered(office, letter, headers=PASS) == "staff_receipt"
    assert disposition(office)[1] == "staff.repeated"
    assert events(office) == history
    assert "Tiket ini sekarang Anda tangani" in flat(office.last("petugas").text)


def test_a_code_is_good_for_the_address_that_got_it_alone(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    office.write("rekan", code_of(letter), subject="Konfirmasi", headers=PASS)
    office.once()
    office.write("pengguna", code_of(letter), subject="Konfirmasi")
    office.once()
    assert "staff.take" not in events(office)
    assert answered(office, letter, headers=PASS) == "staff_receipt"
    assert "staff.take" in events(office)


def test_a_code_that_comes_without_proof_is_quarantined_and_stays_good(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    answered(office, letter, headers=FAIL)
    assert disposition(office)[0] == "quarantined" and "staff.take" not in events(office)
    office.now += timedelta(minutes=1)
    answered(office, letter, headers=PASS)
    assert "staff.take" in events(office)


def test_a_link_s_code_confirms_nothing_and_a_confirmation_s_code_is_no_link(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    office.write("petugas", f"{code_of(letter)}\n\n#tutup", subject=f"[{number(office)}]", headers=PASS)
    office.once()
    assert "kodenya saja" in flat(office.last("petugas").text)
    assert "staff.close" not in events(office) and "staff.take" not in events(office)


def test_only_the_stored_mail_is_carried_out_not_what_the_reply_says(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#jawab KENARI-ASLI", headers=PASS)
    text = f"{code_of(letter)}\n\nKENARI-LAIN: transfer ke rekening kami."
    assert answered(office, letter, text, headers=PASS, files=[("lain.pdf", b"%PDF lain")]) == "staff_receipt"
    minutes_later(office, 3)
    answer = office.last("pengguna", "user_answer")
    assert "KENARI-ASLI" in answer.text and b"KENARI-LAIN" not in answer.raw and answer.attachments == []


@pytest.mark.parametrize("text", ["Bukan saya!\n{}", "Jangan dijalankan.\n{}", "Mohon dibatalkan, tidak jadi.\n{}"])
def test_whoever_says_no_above_the_code_is_believed(border_office: PaperWorld, text: str) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    assert answered(office, letter, text.format(code_of(letter)), headers=PASS) == "staff_receipt"
    assert "tidak ada yang dijalankan" in flat(office.last("petugas").text)
    assert "staff.take" not in events(office)


@pytest.mark.parametrize("text", ["ya", "Ya, jalankan.", "", "Siap, terima kasih"])
def test_a_reply_without_the_code_is_told_where_it_stands(border_office: PaperWorld, text: str) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    assert answered(office, letter, text, headers=PASS) == "staff_receipt"
    assert "belum memuat kodenya" in flat(office.last("petugas").text)
    assert "staff.take" not in events(office)


def test_a_code_below_the_quote_does_not_count(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    assert code_of(letter) in letter.text  # and so stands in the quote below
    answered(office, letter, "Apa ini?", headers=PASS)
    assert "staff.take" not in events(office)


@pytest.mark.parametrize("above", ["", "Saya sedang cuti.\n\n"])
@pytest.mark.parametrize("marked", [True, False], ids=["whole", "without our marker line"])
def test_a_robot_that_repeats_the_mail_that_asks_confirms_nothing(
    border_office: PaperWorld, above: str, marked: bool
) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    text = letter.text if marked else letter.text.partition("\n")[2]
    office.write("petugas", above + text, answers=letter, quote=False, headers=PASS)
    assert office.once()
    assert "staff.take" not in events(office)


def test_an_absence_note_that_holds_the_code_confirms_nothing(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    headers = [*PASS, ("Auto-Submitted", "auto-replied")]
    office.write("petugas", f"{code_of(letter)}\nSaya sedang cuti.", answers=letter, headers=headers, quote=False)
    office.once()
    assert "staff.take" not in events(office)


def test_a_mail_that_a_colleague_has_worked_meanwhile_is_not_carried_out(border_office: PaperWorld) -> None:
    office = border_office
    notice = opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    entry = office.rows("SELECT max(id) AS id FROM journal")[0]["id"]
    office.write("rekan", f"#buang {entry}", answers=office.last("rekan", "staff_new_ticket"), headers=PASS)
    office.once()
    assert answered(office, letter, headers=PASS) == "staff_receipt"
    assert "sudah diolah" in flat(office.last("petugas").text)
    assert "staff.take" not in events(office) and notice


def test_a_colleague_s_answer_in_between_holds_a_confirmed_answer(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#jawab Jawaban Sari.", headers=PASS)
    office.now += timedelta(minutes=1)
    office.write("rekan", "#jawab Jawaban Joko.", answers=office.last("rekan", "staff_new_ticket"), headers=PASS)
    office.once()
    office.now += timedelta(minutes=1)
    assert answered(office, letter, headers=PASS) == "staff_confirm"
    question = office.last("petugas", "staff_confirm")
    assert "Rekan Anda telah menindaklanjuti" in flat(question.text) and "Jawaban Joko." in question.text
    minutes_later(office, 5)
    assert [a for a in office.letters("pengguna") if "Jawaban Sari." in a.text] == []


# --- how often -------------------------------------------------------------------------------------------


def test_three_codes_an_hour_and_then_one_notice(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    office.new_letters("petugas")
    for n in range(6):
        office.write("petugas", f"#catat Nomor {n}\n\n#x", subject=f"[{number(office)}]", headers=[])
        office.write("petugas", f"#prioritas {n % 4 + 1}", subject=f"[{number(office)}]", headers=PASS)
        office.once()
        office.now += timedelta(minutes=5)
    kinds = templates(office.new_letters("petugas"))
    assert kinds.count("staff_confirm") == MOST_AN_HOUR
    assert kinds.count("staff_quarantine") == 1  # for all the rest
    assert "sudah dikirim 3 kode" in office.rows("SELECT reason FROM journal ORDER BY id DESC LIMIT 1")[0]["reason"]
    office.now += timedelta(minutes=31)
    asked(office, "#prioritas 1", headers=PASS)


def test_what_could_not_be_carried_out_costs_no_code(office: PaperWorld) -> None:
    opened(office)
    office.new_letters("petugas")
    for text in ("#tutpu", "Teks dulu\n#tutup", "#eskalasi"):
        office.write("petugas", text, subject=f"[{number(office)}]")
        office.once()
    office.write("petugas", "#tutup", subject="tanpa tag")
    office.write("petugas", "Halo, apa kabar?", subject="tanpa tag dan perintah")
    office.once()
    assert templates(office.new_letters("petugas")) == ["staff_quarantine"]
    reasons = [row["reason"] for row in office.rows("SELECT reason FROM journal WHERE state = 'quarantined'")]
    assert len(reasons) == 5 and "memerlukan nomor tiket" in reasons[3]


def test_lkpp_and_users_are_never_sent_a_code(careful: PaperWorld) -> None:
    escalation_asked = opened(careful)
    letter = asked(careful, "#eskalasi Gagal.", answers=escalation_asked, subject=escalation_asked.subject)
    answered(careful, letter)
    careful.write("lkpp", "#selesai", subject=f"[{number(careful)}]")
    careful.write("pengguna", "#selesai", subject=f"[{number(careful)}]")
    careful.once()
    for who in ("lkpp", "pengguna", "orang luar"):
        assert all("Kode:" not in each.text for each in careful.letters(who))
    addresses = {row["address"] for row in careful.rows("SELECT address FROM codes WHERE command = 'confirm'")}
    assert addresses == {PEOPLE["petugas"]}


# --- what always asks ---------------------------------------------------------------------------------------


def test_one_escalation_too_many_goes_out_with_its_code(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalate, "MOST_ESCALATIONS", 1)
    escalated(office)
    notice = opened(office, "Lain", subject="Lain")
    letter = asked(office, "#eskalasi Gagal.", answers=notice, subject=notice.subject)
    assert "Lebih dari 1 #eskalasi dalam satu jam" in flat(letter.text)
    assert len(office.letters("lkpp")) == 1
    assert answered(office, letter) == "staff_receipt"
    assert len(office.letters("lkpp")) == 2


def test_more_than_five_at_once_need_a_code(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    for n in range(6):
        office.write("rekan", f"#catat Nomor {n}", headers=FAIL)
        office.once()
    entries = [row["id"] for row in office.rows("SELECT id FROM journal WHERE state = 'quarantined' ORDER BY id")]
    assert len(entries) == 6
    few = "\n".join(f"#buang {entry}" for entry in entries[:5])
    many = "\n".join(f"#buang {entry}" for entry in entries)
    notice = office.last("petugas", "staff_new_ticket")
    letter = asked(office, many, answers=notice, subject=notice.subject, headers=PASS)
    assert "Lebih dari 5" in flat(letter.text)
    assert office.rows("SELECT count(*) AS n FROM journal WHERE state = 'discarded'")[0]["n"] == 0
    office.write("petugas", few, answers=notice, headers=PASS)
    office.once()
    assert office.rows("SELECT count(*) AS n FROM journal WHERE state = 'discarded'")[0]["n"] == 5


@pytest.mark.parametrize("text", ["#status", "#bantuan", "#catat Halo"])
def test_what_only_shows_or_notes_needs_no_token_where_results_pass(border_office: PaperWorld, text: str) -> None:
    opened(border_office)
    border_office.write("petugas", text, subject=f"[{number(border_office)}]", headers=PASS)
    border_office.once()
    assert border_office.last("petugas").template == "staff_receipt"


# --- replays ---------------------------------------------------------------------------------------------


SIGNATURE = ("DKIM-Signature", "v=1; a=rsa-sha256; d=batangkab.test; s=a; h=From:To:Subject:Date; bh=x; b=y")


@pytest.mark.parametrize(("signature", "again"), [([SIGNATURE], False), ([], True)], ids=["signed", "unsigned"])
def test_a_signed_mail_with_a_new_message_id_is_carried_out_once(
    border_office: PaperWorld, signature: list[tuple[str, str]], again: bool
) -> None:
    office = border_office
    notice = opened(office)
    for _ in range(2):  # the same second, the same words; only its Message-ID differs
        office.write("petugas", "#info Halo.", answers=notice, headers=[*PASS, *signature])
        office.once()
    assert events(office).count("staff.info") == 1 + again
    assert ("sudah pernah diterima" in disposition(office)[2]) is not again


def test_a_signed_mail_that_is_refused_is_answered_once_however_often_it_is_replayed(border_office: PaperWorld) -> None:
    office = border_office
    notice = opened(office)
    office.new_letters("petugas")
    for _ in range(3):
        office.write("petugas", "#gabung LPSE-BTG-2026-000099", answers=notice, headers=[*PASS, SIGNATURE])
        office.once()
    assert templates(office.new_letters("petugas")) == ["staff_receipt", "staff_quarantine"]  # the notice once an hour
    assert "sudah pernah diterima" in disposition(office)[2]


# --- the border server changes -------------------------------------------------------------------------------


def test_the_operator_learns_that_the_results_no_longer_come(border_office: PaperWorld) -> None:
    office = border_office
    notice = opened(office)
    office.new_letters("operator")

    def notes(count: int, headers: list[tuple[str, str]]) -> int:
        for _ in range(count):
            office.now += timedelta(minutes=1)
            office.write("petugas", "#catat Halo", answers=notice, headers=headers)
            office.once()
        return sum("tanpa hasil autentikasi" in flat(each.text) for each in office.new_letters("operator"))

    assert notes(6, PASS) == 0
    assert notes(missing_results.MOST_WITHOUT, []) == 0
    assert notes(1, []) == 1
    assert notes(5, []) == 0  # once in 24 hours


def test_a_server_that_never_added_any_is_no_news(border_office: PaperWorld) -> None:
    office = border_office
    notice = opened(office)
    office.new_letters("operator")
    for headers in ([], PASS, [], [], PASS, [], [], [], [], []):
        office.now += timedelta(minutes=1)
        office.write("petugas", "#catat Halo", answers=notice, headers=headers)
        office.once()
    assert [each for each in office.new_letters("operator") if "hasil autentikasi" in each.text] == []


def test_a_robot_at_a_listed_address_gets_no_codes_for_ever(careful: PaperWorld) -> None:
    """It answers whatever comes, at once, and marks nothing."""
    notice = opened(careful)
    careful.new_letters("petugas")
    last, got = notice, 0
    for _ in range(30):
        careful.now += timedelta(seconds=20)
        careful.write("petugas", "Terima kasih atas surat Anda, akan kami baca.", answers=last, quote=False)
        careful.once()
        new = careful.new_letters("petugas")
        got += len(new)
        last = new[-1] if new else last
    assert got <= 5


def test_the_mail_that_asks_leaves_as_an_automatic_answer(border_office: PaperWorld) -> None:
    office = border_office
    opened(office)
    letter = asked(office, "#ambil", headers=PASS)
    assert letter.message["Auto-Submitted"] == "auto-replied" and LPSE in str(letter.message["From"])
    sender = office.rows("SELECT envelope_sender AS e FROM outbox WHERE message_id = ?", letter.message_id)[0]["e"]
    assert sender == ""
