"""Similar cases: what staff are shown of solved tickets with a new one, and what they are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import similar as bench
from mailbot.config.site import Site
from mailbot.store.database import Store
from mailbot.tickets import similar, tickets
from tests.mailservers import MailServers
from tests.steps import flat, minutes_later, number, opened, staff_writes
from tests.world import Letter, PaperWorld, World

SUBJECT = "Login SPSE gagal"
PROBLEM = "Tidak bisa login, muncul Maaf User ID atau Password anda salah, padahal sudah benar."
IDENTITY = "\nNama: Budi Santoso\nInstansi: CV Contoh Jaya\nHP: 081234567890\n"
ANSWER = (
    "Yth. Bapak Budi Santoso,\n\nAkun CV Contoh Jaya terkunci karena salah kata sandi. Kuncinya sudah kami buka."
    "\n\nSilakan gunakan Lupa Password."
)


def case(office: PaperWorld, answer: str = ANSWER, *, text: str = PROBLEM, confirmed: bool = True) -> str:
    """A ticket that was answered, and confirmed; its number."""
    opened(office, text + IDENTITY, subject=SUBJECT)
    solved = number(office)
    office.write("petugas", answer, answers=office.last("petugas", "staff_new_ticket"))
    minutes_later(office, 4)
    if confirmed:
        office.write("pengguna", "SELESAI, terima kasih", answers=office.last("pengguna", "user_answer"))
        assert office.once()
    return solved


def like_it(office: PaperWorld, text: str = "password salah terus padahal sudah benar, tidak bisa login") -> Letter:
    """Somebody else's new mail; the notice of it."""
    office.write("orang luar", text, subject="Mohon bantuan login")
    assert office.once()
    return office.last("petugas", "staff_new_ticket")


def ready(notice: Letter) -> list[str]:
    """The bodies of the links that answer with an old answer."""
    bodies = [
        parse_qs(urlsplit(unescape(href)).query)["body"][0]
        for href in re.findall(r'href="(mailto:[^"]+)"', notice.html)
    ]
    return [body for body in bodies if "\r\n\r\n#jawab\r\n" in body]


def test_a_solved_ticket_like_the_new_one_is_shown_with_its_answer(office: PaperWorld) -> None:
    solved = case(office)
    notice = like_it(office)
    shown = flat(notice.text)
    assert f"{solved} : Login SPSE gagal – dijawab Senin, 21 Desember 2026, dikonfirmasi selesai oleh pengguna" in shown
    assert "terkunci karena salah kata sandi. Kuncinya sudah kami buka." in shown


def test_its_link_answers_with_its_text_which_the_officer_sees_before_he_sends_it(office: PaperWorld) -> None:
    case(office, "Mohon hapus cache peramban,\nlalu login kembali.")
    [body] = ready(like_it(office))
    assert body.endswith("#jawab\r\nMohon hapus cache peramban,\r\nlalu login kembali.")
    office.write("petugas", body.replace("login kembali", "coba masuk kembali"), subject=f"[{number(office)}] x")
    office.once()
    minutes_later(office, 4)
    assert "Mohon hapus cache peramban,\nlalu coba masuk kembali." in office.last(
        "orang luar", "user_answer"
    ).text.replace("\r", "")


def test_nothing_of_the_other_user_stands_in_what_is_shown_or_sent(office: PaperWorld) -> None:
    case(office, f"{ANSWER}\nPassword baru: Rahasia123\nHubungi budi@penyedia.test atau 0812-3456-7890.")
    notice = like_it(office)
    [body] = ready(notice)
    shown = notice.text[notice.text.index("Kasus serupa") :]
    for secret in ("Budi", "Santoso", "Contoh Jaya", "Rahasia123", "penyedia.test", "3456"):
        assert secret not in body + shown
    assert "Yth." not in body


def test_an_answer_with_masked_places_left_in_it_is_not_sent(office: PaperWorld) -> None:
    case(office)
    [body] = ready(like_it(office))
    assert "[disamarkan]" in body
    office.write("petugas", body, subject=f"[{number(office)}] x")
    office.once()
    receipt = flat(office.last("petugas", "staff_receipt").text)
    assert "Tidak ada yang dijalankan: Jawaban masih memuat “[disamarkan]”" in receipt
    assert office.status() == "new"


def test_a_long_answer_stands_in_the_mail_whole_and_the_link_opens_an_empty_one(office: PaperWorld) -> None:
    long = " ".join(f"Langkah ke-{n} adalah membuka menu berikutnya." for n in range(40))
    case(office, long)
    notice = like_it(office)
    assert long in flat(notice.text)
    [body] = ready(notice)
    assert body.endswith("#jawab\r\n")
    assert all(len(href) < 2000 for href in re.findall(r'href="(mailto:[^"]+)"', notice.html))


def test_an_answer_that_many_got_is_shown_once_and_the_proposed_canned_one_not_at_all(office: PaperWorld) -> None:
    case(office, "Kuncinya sudah kami buka, silakan login.")
    case(office, "Kuncinya sudah kami buka,\nSilakan login.")
    case(office, "#jawab AKUN_LOGIN")
    assert len(ready(like_it(office))) == 1


def test_at_most_three_are_shown(office: PaperWorld) -> None:
    for what in ("cache", "peramban", "jaringan", "komputer"):
        case(office, f"Mohon diperiksa {what} Bapak.")
    assert len(ready(like_it(office))) == 3


def test_what_is_not_solved_any_more_taken_back_thrown_away_or_never_answered_is_not_shown(office: PaperWorld) -> None:
    case(office, "Sudah kami buka.", confirmed=False)
    assert len(ready(like_it(office))) == 1
    office.write("pengguna", "BELUM, masih sama.", answers=office.last("pengguna", "user_answer"))
    office.once()
    assert ready(like_it(office, "login gagal, password salah padahal sudah benar")) == []
    opened(office, PROBLEM, subject=SUBJECT)
    staff_writes(office, "Sudah kami buka kuncinya.", office.last("petugas", "staff_new_ticket"))
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    opened(office, PROBLEM, subject=SUBJECT)
    staff_writes(office, "#tutup Tiket ini kami tutup.", office.last("petugas", "staff_new_ticket"))
    opened(office, PROBLEM, subject=SUBJECT)
    staff_writes(office, "#buang", office.last("petugas", "staff_new_ticket"))
    assert office.rows("SELECT count(*) AS n FROM solved")[0]["n"] == 0
    assert ready(like_it(office, "password dibilang salah padahal benar, tidak bisa login")) == []


def test_another_problem_and_another_mailbox_are_not_shown(office: PaperWorld) -> None:
    case(office, "Sudah kami buka.")
    assert ready(like_it(office, "Kode OTP salah terus padahal sudah benar, jadi tidak bisa login.")) == []
    with office.store.immediate():
        office.store.execute("UPDATE solved SET place = 'lain/akun_login'")
    assert ready(like_it(office)) == []


def test_what_only_shares_a_word_is_not_shown(office: PaperWorld) -> None:
    case(office, "Sudah kami buka.")
    alone = "Login gagal sejak jaringan kami diperbarui, halaman berputar tanpa akhir di semua laptop pegawai."
    assert ready(like_it(office, alone)) == []


def test_lkpp_solution_counts_as_the_answer(office: PaperWorld) -> None:
    notice = opened(office, PROBLEM, subject=SUBJECT)
    staff_writes(office, "#eskalasi Login gagal sejak kemarin.", notice)
    office.write(
        "lkpp",
        "Permasalahan telah selesai ditangani: sinkronisasi akun sudah kami perbaiki, mohon dapat disampaikan.",
        answers=office.last("lkpp", "lkpp_escalation"),
    )
    office.once()
    assert office.status() == "resolved"
    assert "sinkronisasi akun sudah kami perbaiki" in ready(like_it(office))[0]


def test_only_staff_are_shown_them(office: PaperWorld) -> None:
    case(office)
    office.new_letters("orang luar")
    like_it(office)
    for found in office.new_letters("orang luar") + office.letters("lkpp") + office.letters("operator"):
        assert "Kuncinya" not in found.text


def test_what_was_solved_before_there_was_an_index_comes_into_it_a_few_at_a_time(office: PaperWorld) -> None:
    solved = case(office)
    store: Store = office.store
    with store.immediate():
        store.execute("DELETE FROM solved")
        store.execute("INSERT INTO unindexed SELECT id FROM tickets")
    assert ready(like_it(office)) == []
    assert similar.catch_up(store, office.site)
    assert store.rows("SELECT * FROM unindexed") == []
    [row] = store.rows("SELECT t.number FROM solved s JOIN tickets t ON t.id = s.ticket_id")
    assert row["number"] == solved
    assert similar.catch_up(store, office.site)


@pytest.fixture
def young() -> Iterator[tuple[Store, Site]]:
    with bench.office() as found:
        yield found


def solved_often(store: Store, site: Site, times: int) -> None:
    with store.immediate():
        for n in range(times):
            bench.solved(store, site, SUBJECT, PROBLEM, f"Kuncinya sudah kami buka, {chr(97 + n % 26)}.")


def test_an_old_office_finds_them_in_as_many_steps_as_a_young_one(young: tuple[Store, Site]) -> None:
    store, site = young
    counted: list[int] = []
    for more in (600, 1800):
        solved_often(store, site, more)
        with store.immediate():
            new = tickets.load(store, bench.opened(store, site, SUBJECT, PROBLEM))
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        store._connection.set_progress_handler(step, 1)
        assert len(similar.cases(store, site, new)) == 3
        store._connection.set_progress_handler(None, 0)
        counted.append(steps)
    assert counted[1] < 1.05 * counted[0] < 25_000


def test_the_newest_about_a_problem_are_compared_however_many_tickets_lie_between(young: tuple[Store, Site]) -> None:
    store, site = young
    with store.immediate():
        bench.solved(store, site, "Apendo", "Aplikasi Apendo tertutup sendiri di Windows.", "Pasang versi terbaru.")
    solved_often(store, site, 600)
    with store.immediate():
        new = tickets.load(store, bench.opened(store, site, "Apendo", "Apendo tertutup sendiri pada Windows kami."))
    [case] = similar.cases(store, site, new)
    assert case.answer == "Pasang versi terbaru."


@pytest.fixture(scope="module")
def bare() -> Iterator[tuple[Store, Site]]:
    with bench.office() as found:
        yield found


@settings(max_examples=60, deadline=None, print_blob=False)
@given(st.text(), st.text())
def test_whatever_a_mail_says_its_like_is_found(bare: tuple[Store, Site], subject: str, text: str) -> None:
    store, site = bare
    with store.immediate():
        ticket = tickets.load(store, bench.solved(store, site, subject, text, "Sudah."))
        again = tickets.load(store, bench.opened(store, site, subject, text))
        found = similar.cases(store, site, again)
        words = similar._words(store, site, ticket)
        assert found or not words


def test_through_the_mail_servers_an_old_answer_helps_another_user(servers: MailServers, tmp_path: Path) -> None:
    office = World(servers, tmp_path)
    office.write("pengguna", PROBLEM + IDENTITY, subject=SUBJECT)
    office.once()
    office.write("petugas", "Mohon hapus cache peramban.", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    office.now += timedelta(minutes=4)
    office.once()
    office.write("orang luar", "password salah terus padahal sudah benar, tidak bisa login", subject="login")
    office.once()
    [body] = ready(office.last("petugas", "staff_new_ticket"))
    [ticket] = office.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1")
    office.write("petugas", body, subject=f"[{ticket['number']}] login")
    office.once()
    office.now += timedelta(minutes=4)
    office.once()
    assert "Mohon hapus cache peramban." in office.last("orang luar", "user_answer").text


def test_after_many_alike_with_one_answer_nobody_looks_further(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "Nonaktifkan pemblokir jendela pada peramban."
    case(office, other, text="Tidak bisa login, jendela masuk tidak muncul, salah apa.")
    for _ in range(3):
        case(office)
    notice = like_it(office, PROBLEM)
    assert "Kuncinya sudah kami buka." in flat(notice.text) and other in flat(notice.text)
    monkeypatch.setattr(similar, "_IN_VAIN", 2)
    notice = like_it(office, PROBLEM)
    assert "Kuncinya sudah kami buka." in flat(notice.text) and other not in flat(notice.text)
