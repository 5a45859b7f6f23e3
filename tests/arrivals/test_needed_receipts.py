"""A link that worked, and wrote to nobody outside, needs no receipt of its own: the ticket's next mail tells it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailbot.killpoint import kill_point
from mailbot.procedure import service
from mailbot.store import outbox, untold
from tests.steps import flat, links, minutes_later, number, opened, staff_writes
from tests.world import PEOPLE, Letter, PaperWorld

SINCE = "Sejak e-mail sebelumnya: "


def clicks(office: PaperWorld, letter: Letter, command: str, *, text: str = "", who: str = "petugas") -> list[Letter]:
    """Sari (or a colleague) sends what the link opens; what comes back."""
    office.new_letters(who)
    office.write(who, links(letter)[command] + text, subject=f"[{number(office)}]")
    assert office.once()
    return office.new_letters(who)


def asks_again(office: PaperWorld) -> Letter:
    """The user writes once more; the notice that Sari gets."""
    office.write("pengguna", "Masih gagal.", answers=office.last("pengguna"))
    assert office.once()
    return office.last("petugas", "staff_user_reply")


def left(office: PaperWorld, who: str = "petugas") -> list[str]:
    return [one.command for one in untold.of_person(office.store, "batang", PEOPLE[who])]


def test_what_a_link_has_done_stands_in_the_tickets_next_mail_to_its_reader_and_only_there(office: PaperWorld) -> None:
    notice = opened(office)
    assert clicks(office, notice, "#ambil") == []
    assert office.status() == "in_progress"
    assert left(office) == ["#ambil"]
    told = asks_again(office)
    assert f"{SINCE}#ambil – tiket ini sekarang Anda tangani (pukul 08.00)." in flat(told.text)
    assert "tiket ini sekarang Anda tangani" in flat(told.html)
    [shown_in_a_list] = re.findall(r"display:none[^>]*>([^<]*)<", told.html)
    assert shown_in_a_list.startswith("Batas: ") and "sekarang Anda tangani" not in shown_in_a_list
    assert left(office) == []
    assert SINCE not in asks_again(office).text
    others = [letter for who in ("rekan", "pengguna", "koordinator") for letter in office.letters(who)]
    assert others and not any(SINCE in letter.text for letter in others)


def test_several_are_told_in_one_line_and_by_a_receipt_too(office: PaperWorld) -> None:
    notice = opened(office, "Kami tidak bisa login, mohon segera: batas penawaran dua jam lagi.")
    clicks(office, notice, "#ambil")
    minutes_later(office, 5)
    staff_writes(office, "#prioritas 1")
    text = flat(office.last("petugas", "staff_receipt").text)
    assert text.count(SINCE) == 1 and "#ambil – tiket ini sekarang Anda tangani (pukul 08.00)." in text
    assert left(office) == []


def test_what_was_typed_by_hand_has_its_receipt_at_once(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#ambil") == "staff_receipt"
    assert staff_writes(office, "#catat Pengguna menelepon.") == "staff_receipt"
    assert left(office) == []


def test_a_link_that_writes_to_somebody_outside_has_its_receipt_at_once(office: PaperWorld) -> None:
    notice = opened(office)
    [receipt] = clicks(office, notice, "#minta-data", text="\nMohon tangkapan layarnya.")
    assert receipt.template == "staff_receipt" and "Yang dikirim" in receipt.text


def test_a_link_that_is_refused_has_its_receipt_at_once(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#tutup")
    [receipt] = clicks(office, notice, "#ambil")
    assert "Tidak ada yang dijalankan" in receipt.text
    assert left(office) == []


def test_a_link_used_twice_gets_the_receipt_of_the_first_time(office: PaperWorld) -> None:
    notice = opened(office)
    assert clicks(office, notice, "#ambil") == []
    [receipt] = clicks(office, notice, "#ambil")
    assert "Tiket ini sekarang Anda tangani." in flat(receipt.text)
    assert [row["event"] for row in office.rows("SELECT event FROM history")].count("staff.take") == 1


def test_the_other_links_of_his_mail_are_good_after_he_has_taken_the_ticket(office: PaperWorld) -> None:
    notice = opened(office)
    clicks(office, notice, "#ambil")
    [receipt] = clicks(office, notice, "#minta-data", text="\nMohon tangkapan layarnya.")
    assert "Tidak ada yang dijalankan" not in receipt.text
    assert office.status() == "awaiting_user"


def test_they_are_not_where_anything_else_has_changed_the_status(office: PaperWorld) -> None:
    notice = opened(office)
    clicks(office, notice, "#ambil")
    staff_writes(office, "#minta-data Mohon tangkapan layarnya.")
    [receipt] = clicks(office, notice, "#buang")
    assert "Tidak ada yang dijalankan" in receipt.text
    assert office.status() == "awaiting_user"


def test_a_colleagues_links_are_not_good_after_another_has_taken_it(office: PaperWorld) -> None:
    notice = opened(office)
    his = office.last("rekan", "staff_new_ticket")
    clicks(office, notice, "#ambil")
    [answer] = clicks(office, his, "#minta-data", text="\nMohon tangkapan layarnya.", who="rekan")
    assert office.status() == "in_progress"
    assert answer.template == "staff_confirm" or "Tidak ada yang dijalankan" in answer.text


def test_where_the_site_wants_them_always_each_link_has_its_receipt(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, sop={"receipts": "always"})
    [receipt] = clicks(office, opened(office), "#ambil")
    assert receipt.template == "staff_receipt" and "Tiket ini sekarang Anda tangani." in flat(receipt.text)
    assert left(office) == []
    office.store.close()


def test_a_mail_that_never_leaves_has_told_nothing(office: PaperWorld) -> None:
    notice = opened(office)
    clicks(office, notice, "#ambil")
    asks_again(office)
    row = office.rows("SELECT id FROM outbox WHERE template = 'staff_user_reply'")[-1]
    with office.store.immediate():
        outbox.cancel(office.store, int(row["id"]))
    assert left(office) == ["#ambil"]
    assert SINCE in asks_again(office).text


class Killed(BaseException):
    pass


def test_whoever_is_killed_between_two_lines_tells_it_all_the_same(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = opened(office)

    def kill(name: str) -> None:
        if name == "handling":
            raise Killed
        kill_point(name)

    office.write("petugas", links(notice)["#ambil"], subject=f"[{number(office)}]")
    with monkeypatch.context() as patched:
        patched.setattr(service, "kill_point", kill)
        with pytest.raises(Killed):
            office.once()
    assert (office.status(), left(office)) == ("new", [])
    assert office.once()
    assert (office.status(), left(office)) == ("in_progress", ["#ambil"])
    office.write("pengguna", "Masih gagal.", answers=office.last("pengguna"))
    with monkeypatch.context() as patched:
        patched.setattr(service, "kill_point", kill)
        with pytest.raises(Killed):
            office.once()
    assert left(office) == ["#ambil"]
    assert office.once()
    assert left(office) == []
    assert [SINCE in letter.text for letter in office.letters("petugas")[-1:]] == [True]


def test_what_no_mail_of_its_ticket_has_told_stands_in_the_next_work_list_once(office: PaperWorld) -> None:
    notice = opened(office, "Yth. Admin, kami lupa kata sandi SPSE.")
    office.at("2026-12-21 15:30")  # after the warning of its limit, which goes alone
    office.once()
    clicks(office, notice, "#ambil")
    office.at("2026-12-22 07:30")
    office.once()
    told = flat(office.last("petugas", "staff_worklist").text)
    assert "Sudah dicatat atas tautan yang Anda gunakan" in told
    assert f"{number(office)} #ambil – tiket ini sekarang Anda tangani (" in told
    assert left(office) == []
    office.at("2026-12-23 07:30")
    office.once()
    assert "Sudah dicatat" not in office.last("petugas", "staff_worklist").text
