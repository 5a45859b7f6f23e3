"""What staff and the head of unit ask by mail, and the answers: #status, #daftar, #cari, #bantuan."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailbot.arrivals.staff.queries import entries
from mailbot.model import Role
from mailbot.parsers.commands import command_lines, fields, vocabulary
from tests.steps import BORDER, disposition, escalated, opened, results, staff_writes
from tests.world import NO_CAPS, Letter, PaperWorld

PASS = [results("pass", "batangkab.test")]
FIRST, SECOND, THIRD = (f"LPSE-BTG-2026-00000{number}" for number in (1, 2, 3))


@pytest.fixture
def border(tmp_path: Path) -> Iterator[PaperWorld]:
    """An office whose border server adds Authentication-Results."""
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER}, limits=NO_CAPS)
    world.at("2026-12-21 08:00")
    yield world
    world.store.close()


def asks(office: PaperWorld, text: str, who: str = "petugas") -> Letter:
    """A new mail that answers none of ours; what comes back."""
    office.new_letters(who)
    office.write(who, text, subject="Tanya", headers=PASS)
    office.once()
    return office.new_letters(who)[-1]


def flat(letter: Letter) -> str:
    return " ".join(letter.text.split())


def numbers(letter: Letter) -> list[str]:
    """The tickets of a list, from the top."""
    return re.findall(r"^  (LPSE-BTG-2026-\d{6})", letter.text, re.MULTILINE)


def ready(letter: Letter, label: str) -> tuple[str, str]:
    """Subject and body of the mail that a link opens, found by the beginning of its label."""
    for href, words in re.findall(r'href="(mailto:[^"]+)"[^>]*>(.*?)</a>', letter.html):
        if words.startswith(label):
            query = parse_qs(urlsplit(unescape(href)).query)
            return query["subject"][0], query["body"][0].replace("\r\n", "\n")
    raise AssertionError(f"no link {label}")


def three(office: PaperWorld) -> None:
    """Three open tickets: P3 with time left, P2 late since 9 o'clock, P1 late since 8.15."""
    for subject in ("Lupa kata sandi", "Tidak bisa login", "Gagal kirim penawaran, hari ini penutupan"):
        office.write("pengguna", f"Yth. Admin, {subject}.", subject=subject)
        office.once()
    office.at("2026-12-21 10:00")
    office.once()


# --- #daftar -------------------------------------------------------------------------------------


def test_daftar_has_what_is_late_and_urgent_on_top(border: PaperWorld) -> None:
    three(border)
    found = asks(border, "#daftar")
    assert found.subject == "[LPSE-BTG] Hasil perintah: #daftar"
    assert numbers(found) == [THIRD, SECOND, FIRST]
    text = flat(found)
    assert "3 tiket terbuka, 2 di antaranya terlambat." in text
    assert f"{THIRD} · P1 Mendesak · TERLAMBAT 1 jam 45 menit Gagal kirim penawaran" in text
    assert "Baru · giliran: LPSE · umur: hari ini · petugas: belum ada" in text
    assert "Batas respons awal kepada pengguna: Senin, 21 Desember 2026 pukul 12.00 WIB" in text


def test_a_late_ticket_of_lower_priority_comes_before_an_urgent_one_in_time(border: PaperWorld) -> None:
    three(border)
    border.write("pengguna", "SPSE mati. Hari ini penutupan penawaran.", subject="Gagal kirim penawaran")
    border.once()
    assert numbers(asks(border, "#daftar"))[:2] == [THIRD, SECOND]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#daftar terlambat", [THIRD, SECOND]),
        ("#daftar saya", [THIRD, SECOND, FIRST]),  # the other two have nobody, and wait for staff
        ("#list mine", [THIRD, SECOND, FIRST]),
        ("#daftar saya terlambat", [THIRD, SECOND]),
        ("#daftar lkpp", []),
    ],
)
def test_daftar_shows_a_part(border: PaperWorld, text: str, expected: list[str]) -> None:
    three(border)
    notice = next(one for one in border.letters("petugas") if FIRST in one.subject)
    border.write("petugas", "#ambil", answers=notice, headers=PASS)
    border.once()
    assert numbers(asks(border, text)) == expected


def test_daftar_lkpp_shows_what_lkpp_has(border: PaperWorld) -> None:
    opened(border)
    border.write("petugas", "#eskalasi Login gagal.", answers=border.last("petugas"), headers=PASS)
    border.once()
    found = asks(border, "#daftar lkpp")
    assert numbers(found) == [FIRST]
    assert "Menunggu Helpdesk LKPP (1)" in found.text


def test_a_long_list_is_cut_and_says_so(border: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_LISTED", 1)
    three(border)
    for text in ("#daftar", "#cari admin"):
        found = asks(border, text)
        assert len(numbers(found)) == 1
        assert "dan 2 lagi" in found.text


def test_nothing_to_list_is_said(border: PaperWorld) -> None:
    assert "Tidak ada tiket terbuka." in flat(asks(border, "#daftar"))
    assert "Tidak ada tiket terbuka yang terlambat." in flat(asks(border, "#daftar terlambat"))


def test_an_unknown_list_is_answered_with_those_there_are(border: PaperWorld) -> None:
    text = flat(asks(border, "#daftar terlmbat"))
    assert "Mungkin maksudnya #daftar terlambat?" in text
    assert disposition(border)[1] == "staff.refused"


@pytest.mark.parametrize("text", ["#daftar", "#cari login", "#status 1", "#rekap", "#bantuan"])
def test_the_head_of_unit_may_ask_and_the_operator_and_users_may_not(border: PaperWorld, text: str) -> None:
    opened(border)
    assert "tidak tersedia" not in flat(asks(border, text, "kepala"))
    if text != "#bantuan":
        assert "tidak tersedia untuk peran Anda" in flat(asks(border, text, "operator"))
    before = len(border.rows("SELECT 1 FROM tickets"))
    border.write("orang luar", text, subject="Halo")
    border.once()
    assert len(border.rows("SELECT 1 FROM tickets")) == before + 1, "a user's mail is never read for commands"


# --- links ---------------------------------------------------------------------------------------


def test_a_number_in_a_list_asks_for_its_status_as_often_as_one_likes(border: PaperWorld) -> None:
    three(border)
    subject, body = ready(asks(border, "#daftar"), SECOND)
    assert SECOND in subject and body.strip() == "#status"
    for _ in range(2):
        border.new_letters("petugas")
        border.write("petugas", body, subject=subject, headers=PASS)
        border.once()
        assert f"Tiket : {SECOND}" in flat(border.new_letters("petugas")[-1])


def test_where_nothing_vouches_for_the_reader_the_link_has_a_code_and_tells_what_is_so_now(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#daftar")
    subject, body = ready(office.last("petugas", "staff_receipt"), FIRST)
    assert body.startswith("Kode: ") and body.strip().endswith("#status")
    seen = []
    for _ in range(2):
        office.new_letters("petugas")
        office.write("petugas", body, subject=subject)
        office.once()
        seen.append(flat(office.new_letters("petugas")[-1]))
        staff_writes(office, "#eskalasi Login gagal.")
    assert "Status sekarang : Baru" in seen[0]
    assert "Status sekarang : Baru" not in seen[1] and "giliran: LKPP" in seen[1]


def test_the_code_of_a_question_does_nothing_else(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#daftar")
    subject, body = ready(office.last("petugas", "staff_receipt"), FIRST)
    office.write("petugas", body.replace("#status", "#tutup"), subject=subject)
    office.once()
    assert office.status() == "new"
    assert "Kode pada e-mail ini berlaku untuk perintah atau tiket lain." in flat(office.last("petugas"))
    office.write("rekan", body, subject=subject)
    office.once()
    assert office.last("rekan").template == "staff_confirm"


def test_the_buttons_under_a_list_ask_for_its_parts(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#daftar")
    subject, body = ready(office.last("petugas", "staff_receipt"), "Yang terlambat")
    office.new_letters("petugas")
    office.write("petugas", body, subject=subject)
    office.once()
    assert "Tidak ada tiket terbuka yang terlambat." in flat(office.new_letters("petugas")[-1])


# --- #status with numbers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["#status 2, 3", "#status\n#status 2\n#status 3", f"#status [{SECOND}] dan {THIRD.lower()}"]
)
def test_several_tickets_are_asked_for_at_once(border: PaperWorld, text: str) -> None:
    three(border)
    found = asks(border, text)
    assert SECOND in found.text and THIRD in found.text and FIRST not in found.text


def test_whoever_asks_for_a_number_can_work_on_that_ticket(border: PaperWorld) -> None:
    three(border)
    found = asks(border, "#status 2")
    assert found.subject.startswith(f"[{SECOND}]")
    border.write("petugas", "#jawab Silakan dicoba lagi.", answers=found)
    border.once()
    assert border.status(SECOND) == "resolved"
    _, body = ready(asks(border, "#status 3"), "Ambil tiket")
    border.write("petugas", body, subject="Re: tiket", headers=PASS)
    border.once()
    assert border.rows("SELECT handler FROM tickets WHERE number = ?", THIRD)[0]["handler"] == "sari@batangkab.test"


def test_the_head_of_unit_gets_no_links_that_act(border: PaperWorld) -> None:
    three(border)
    assert "Ambil tiket" not in asks(border, "#status 2", "kepala").html


def test_a_late_limit_is_shown_as_it_was(border: PaperWorld) -> None:
    three(border)
    assert "pukul 08.15 WIB (terlambat 1 jam 45 menit)" in flat(asks(border, "#status 3"))


def test_a_number_that_there_is_not_is_said(border: PaperWorld) -> None:
    three(border)
    text = flat(asks(border, "#status 99, 2"))
    assert "#status 99 : Tidak ada tiket dengan nomor itu." in text and SECOND in text


def test_a_ticket_of_another_mailbox_is_not_known(border: PaperWorld) -> None:
    three(border)
    with border.store.immediate():
        border.store.execute("UPDATE tickets SET mailbox = 'lain' WHERE number = ?", SECOND)
    assert "Tidak ada tiket dengan nomor itu." in flat(asks(border, f"#status {SECOND}"))
    assert numbers(asks(border, "#daftar")) == [THIRD, FIRST]


@pytest.mark.parametrize("text", ["#status 1 2 3 4 5 6", "#status 1 2 3\n#status 4 5 6"])
def test_more_than_five_tickets_at_once_ask_for_a_code(border: PaperWorld, text: str) -> None:
    three(border)
    assert asks(border, "#status 1 2 3 4 5").template == "staff_receipt"
    assert asks(border, text).template == "staff_confirm"


def test_status_with_words_instead_of_a_number_says_how_it_is_written(border: PaperWorld) -> None:
    assert 'misalnya "#status 12"' in flat(asks(border, "#status dong"))


def test_questions_stand_beside_a_command(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#ambil\n#daftar saya\n#status") == "staff_receipt"
    text = flat(office.last("petugas", "staff_receipt"))
    assert "Tiket ini sekarang Anda tangani." in text
    assert "1 tiket terbuka yang Anda tangani atau belum ada petugasnya." in text and "petugas: Sari" in text


# --- #cari ---------------------------------------------------------------------------------------


def test_cari_shows_where_the_words_stand_without_passwords(border: PaperWorld) -> None:
    opened(border, "Akun kami terkunci.\nPassword: Rahasia99\n", subject="Tidak bisa login")
    found = asks(border, "#cari terkunci")
    assert numbers(found) == [FIRST]
    assert "Akun kami terkunci. Password: [kata sandi disamarkan]" in flat(found)
    assert "Rahasia99" not in found.text + found.html
    assert "Tidak ada tiket yang memuatnya." in flat(asks(border, "#cari gajah"))


def test_a_password_that_is_looked_for_is_not_shown_again(border: PaperWorld) -> None:
    found = asks(border, "#cari password: Rahasia99")
    assert "Rahasia99" not in found.subject + found.text + found.html


def test_cari_without_a_word_says_how_it_is_written(border: PaperWorld) -> None:
    assert "memerlukan kata yang dicari" in flat(asks(border, "#cari ?!"))


# --- #bantuan ------------------------------------------------------------------------------------


def test_bantuan_is_in_groups_by_what_one_wants_to_do(border: PaperWorld) -> None:
    text = asks(border, "#bantuan").text
    names = (
        "Yang paling sering",
        "Menangani tiket",
        "Telepon dan loket",
        "Mencari tiket",
        "Melaporkan",
        "Diri sendiri",
        "Karantina",
    )
    headings = [line for line, below in itertools.pairwise(text.splitlines()) if set(below) == {"-"}]
    assert tuple(headings[: len(names)]) == names
    assert "Karantina" not in asks(border, "#bantuan", "kepala").text


def test_bantuan_begins_with_the_eight_that_carry_the_day_each_with_an_example(border: PaperWorld) -> None:
    opened(border)
    found = asks(border, "#bantuan")
    daily, rest = found.text.replace("\r\n", "\n").split("Menangani tiket\n")
    words = ("#jawab", "#minta-data", "#eskalasi", "#teruskan", "#catat", "#tutup", "#batal", "#daftar")
    assert [spec.word for spec in vocabulary.VOCABULARY if spec.daily] == [word[1:] for word in words]
    assert daily.count("Contoh: ") == len(words)
    for word in words:
        assert f"\n  {word}" in daily and f"Contoh: {word}" in daily
    for spec in vocabulary.of_role(Role.STAFF):
        assert f"- {spec.usage} " in " ".join(rest.split()) or f"#{spec.word}" in words, spec.usage
    assert "#bantuan PERINTAH" in flat(found)


def test_every_command_has_an_example_that_is_read_as_it() -> None:
    for spec in vocabulary.VOCABULARY:
        read = command_lines.read(spec.example)
        assert {fields.SET.name if command.by_set else command.name for command in read.commands} == {spec.name}


def test_bantuan_of_a_command_explains_it_with_an_example(border: PaperWorld) -> None:
    text = flat(asks(border, "#bantuan Minta Data"))
    assert "#minta-data TEKS" in text and "Meminta data kepada pengguna" in text
    assert "Contoh #minta-data 1. Tangkapan layar pesan kesalahan" in text
    assert "#eskalasi" not in text


def test_bantuan_of_a_command_on_a_ticket_has_a_link_that_is_ready(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#bantuan ambil")
    subject, body = ready(office.last("petugas", "staff_receipt"), "Tulis perintah ini")
    office.write("petugas", body, subject=subject)
    office.once()
    assert office.rows("SELECT handler FROM tickets")[0]["handler"] == "sari@batangkab.test"


@pytest.mark.parametrize(
    ("who", "text", "expected"),
    [
        ("petugas", "#bantuan eskalsi", "Perintah itu tidak dikenal. Mungkin maksudnya #eskalasi?"),
        ("kepala", "#bantuan eskalasi", "Perintah itu tidak tersedia untuk peran Anda."),
        ("petugas", "#bantuan xyzzy", "Perintah itu tidak dikenal. Tulis #bantuan"),
    ],
)
def test_bantuan_of_what_is_not_there(border: PaperWorld, who: str, text: str, expected: str) -> None:
    assert expected in flat(asks(border, text, who))


def test_links_of_bantuan_ask_where_there_is_no_ticket(border: PaperWorld) -> None:
    found = asks(border, "#bantuan")
    assert ready(found, "#daftar")[1].strip() == "#daftar"
    assert ready(found, "#jawab")[1].strip() == "#bantuan jawab"
    assert not re.findall("mailto:", asks(border, "#bantuan", "operator").html)


def test_a_ready_link_holds_nothing_that_a_mail_program_could_misread(border: PaperWorld) -> None:
    three(border)
    for href in re.findall(r'href="([^"]+)"', asks(border, "#daftar").html):
        assert re.fullmatch(r"mailto:[!-~]+", unescape(href)) and "\n" not in unquote(unescape(href).split("&body")[0])


def test_groups_hold_every_command_of_a_role_once() -> None:
    for role in (Role.STAFF, Role.COORDINATOR, Role.HEAD, Role.OPERATOR):
        grouped = [spec for _, specs in vocabulary.grouped(role) for spec in specs]
        assert sorted(map(id, grouped)) == sorted(id(spec) for spec in vocabulary.VOCABULARY if role in spec.roles)


def test_what_lkpp_has_says_so(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#status")
    assert "giliran: LKPP" in flat(office.last("petugas", "staff_receipt"))
