"""The rekap of a month: its ten columns, its figures, and a file that Excel reads and does not obey."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.cli.main import main
from mailbot.reports import csvfile, recap, recap_xlsx
from mailbot.reports.listing import words_of_site
from tests.steps import BORDER, minutes_later, results, staff_writes
from tests.world import NO_CAPS, Letter, PaperWorld

PASS = [results("pass", "batangkab.test")]
FIRST = "LPSE-BTG-2026-000001"
USER_WORDS = "Kami tidak bisa login.\nPassword: Rahasia99\nNama: Budi Santoso\nInstansi: CV Contoh\nHP: 081234567890\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaperWorld]:
    """November: one ticket answered in time on the 3rd, one nobody answers, one thrown away; and one of December."""
    authentication = {"authserv_id": BORDER}
    world = PaperWorld(tmp_path_factory.mktemp("office"), authentication=authentication, limits=NO_CAPS)
    world.at("2026-11-02 09:00")
    world.write("pengguna", USER_WORDS, subject="Tidak bisa login")
    world.once()
    notice = world.last("petugas", "staff_new_ticket")
    world.at("2026-11-02 09:20")
    staff_writes(world, "#jawab\nSilakan dicoba. Password sementara: Sementara77", notice)
    minutes_later(world, 5)
    world.write("orang luar", "=HYPERLINK(1)", subject="Mohon informasi jadwal")
    world.once()
    world.write("orang luar", "Promo pinjaman", subject="Promo")
    world.once()
    staff_writes(world, "#buang")
    for day in ("2026-11-03 12:00", "2026-11-10 12:00", "2026-11-11 12:00"):
        world.at(day)
        world.once()
    world.at("2026-12-01 00:30")  # in UTC this is still November
    world.write("pengguna", "Halo", subject="Desember")
    world.once()
    yield world
    world.store.close()


def of(office: PaperWorld, first: date = date(2026, 11, 1), *, anonymous: bool = False) -> dict[str, Any]:
    return recap.recap(office.store, asked(office, first, anonymous=anonymous), office.now)


def asked(office: PaperWorld, first: date = date(2026, 11, 1), *, anonymous: bool = False) -> recap.Asked:
    site = office.site
    return recap.Asked(site.config, words_of_site(site), site.zone, first, anonymous)


def lines(raw: bytes) -> list[dict[str, str]]:
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8 only with a byte order mark"
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))


def mailed(office: PaperWorld, text: str, who: str = "petugas") -> Letter:
    office.write(who, text, subject="Rekap", headers=PASS)
    office.once()
    return office.last(who, "staff_receipt")


def test_a_line_has_the_ten_columns_of_the_form(office: PaperWorld) -> None:
    first, second = lines(recap.as_csv(of(office)))
    assert list(first) == [
        *("No", "Tgl", "Alamat E-mail", "Nama", "Isi Pesan", "Kategori", "Tujuan", "Tgl Jawaban", "Isi Jawaban"),
        "Petugas",
    ]
    assert (first["No"], first["Tgl"], first["Alamat E-mail"]) == ("1", "02/11/2026", "budi@penyedia.test")
    assert first["Nama"] == "Budi Santoso (CV Contoh)"
    assert first["Isi Pesan"].startswith(f"[{FIRST}] Tidak bisa login Kami tidak bisa login.")
    assert first["Isi Jawaban"] == "Silakan dicoba. Password sementara: [kata sandi disamarkan]"
    assert (first["Tgl Jawaban"], first["Petugas"]) == ("02/11/2026", "Sari")
    assert (second["Tgl Jawaban"], second["Isi Jawaban"], second["Petugas"]) == ("", "", "")
    assert "Rahasia99" not in str(first)


def test_months_are_those_of_the_office_and_spam_is_outside(office: PaperWorld) -> None:
    november = lines(recap.as_csv(of(office)))
    [december] = lines(recap.as_csv(of(office, date(2026, 12, 1))))
    assert [line["No"] for line in november] == ["1", "2"]
    assert "Promo" not in str(november)
    assert (december["No"], december["Tgl"]) == ("1", "01/12/2026")


def test_an_answer_that_was_taken_back_is_none(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path)
    office.at("2026-11-02 09:00")
    office.write("pengguna", USER_WORDS, subject="Tidak bisa login")
    office.once()
    staff_writes(office, "#jawab Keliru.")
    staff_writes(office, "#batal")
    [line] = lines(recap.as_csv(of(office)))
    assert (line["Tgl Jawaban"], line["Isi Jawaban"]) == ("", "")
    office.store.close()


def test_a_late_reply_opens_a_line_of_its_own_words_alone(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits=NO_CAPS)
    office.at("2026-11-02 09:00")
    office.write("pengguna", USER_WORDS, subject="Tidak bisa login")
    office.once()
    staff_writes(office, "#tutup Akun sudah dibuka kembali.")
    minutes_later(office, 5)
    closing = office.last("pengguna")
    office.at("2026-11-20 09:00")
    office.write("pengguna", "Selamat pagi, hari ini unggah dokumen gagal terus.", answers=closing)
    office.once()
    [_, late] = lines(recap.as_csv(of(office)))
    assert "unggah dokumen gagal terus" in late["Isi Pesan"]
    assert "dibuka kembali" not in late["Isi Pesan"] and "menulis:" not in late["Isi Pesan"]
    assert "dibuka kembali" in office.last("petugas", "staff_new_ticket").text, "staff read what he answers"
    office.store.close()


def test_kategori_and_tujuan_are_what_staff_say_and_else_what_is_proposed(office: PaperWorld) -> None:
    told = of(office)
    assert told["summary"]["proposed"] == 2
    with office.store.immediate():
        office.store.execute("UPDATE tickets SET category = 'Pengaduan', destination = 'Direktorat SPSE' WHERE id = 1")
    told = of(office)
    first, _ = lines(recap.as_csv(told))
    assert (first["Kategori"], first["Tujuan"]) == ("Pengaduan", "Direktorat SPSE")
    assert told["summary"]["proposed"] == 1


def test_the_summary_counts_and_names_what_was_late(office: PaperWorld) -> None:
    summary = of(office)["summary"]
    assert isinstance(summary, dict)
    assert summary["total"] == 2 == sum(summary["categories"].values()) == sum(summary["priorities"].values())
    assert summary["statuses"] == {"Ditutup": 1, "Baru": 1}
    assert (summary["within"], summary["over"], summary["late"]) == (1, 1, ["LPSE-BTG-2026-000002"])
    assert (summary["escalated"], summary["with_lkpp"]) == (0, 0)


def test_the_anonymous_one_names_nobody_and_quotes_nothing(office: PaperWorld) -> None:
    told = json.dumps(of(office, anonymous=True), ensure_ascii=False)
    for word in ("Budi", "Contoh", "budi@", "0812", "login", "Silakan", "Sari", "mallory", "HYPERLINK"):
        assert word not in told
    first, _ = lines(recap.as_csv(of(office, anonymous=True)))
    assert first["Isi Pesan"].startswith(f"[{FIRST}] ") and first["Tgl Jawaban"] == "02/11/2026"


@pytest.mark.parametrize(
    "value", ["=1+1", "+62812", "-2", "@SUM(A1)", "\t=1", "  =1", "|calc", "\r=1", "＝1+1", "\u200b=1"]
)
def test_no_cell_is_a_formula(value: str) -> None:
    [row] = list(csv.reader(io.StringIO(csvfile.write(["a"], [[value]]).decode("utf-8-sig")), delimiter=";"))[1:2] or [
        [""]
    ]
    assert csvfile.cell(value).startswith("'")
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r", "|", "＝"))


@pytest.mark.parametrize("value", ["Budi", "a=b", "0812", "[disamarkan]", "", 'kata "kutip"; titik koma'])
def test_other_cells_stay_as_they_are(value: str) -> None:
    [_, row] = list(
        csv.reader(io.StringIO(csvfile.write(["a"], [[value]]).decode("utf-8-sig"), newline=""), delimiter=";")
    )
    assert csvfile.cell(value) == value
    assert row == [value]


def test_a_cell_is_one_line_whatever_stands_in_it() -> None:
    raw = csvfile.write(["a", "b"], [["satu\r\ndua\n\n  tiga\x0bempat\u2028lima", "=1\n+2"]])
    assert raw.decode("utf-8-sig") == "a;b\r\nsatu dua tiga empat lima;'=1 +2\r\n"


@pytest.mark.parametrize("letter", ["a", "é", "😀", "\u0301"])
@pytest.mark.parametrize("count", [16_383, 32_767, 32_768, 200_000])
def test_a_long_text_is_cut_to_what_a_spreadsheet_takes_and_says_so(letter: str, count: int) -> None:
    text = letter * count
    found = csvfile.cell(text)
    assert len(found.encode("utf-16-le")) // 2 <= 32_767
    if len(text.encode("utf-16-le")) // 2 <= 32_767:
        assert found == text
    else:
        assert found.endswith(" [dipotong; selengkapnya pada tiket]") and found[:30_000:15_000] in text


# --- by mail ---------------------------------------------------------------------------------------


def test_rekap_by_mail_has_the_figures_and_the_file(office: PaperWorld) -> None:
    found = mailed(office, "#rekap november", "kepala")
    text = " ".join(found.text.split())
    assert "November 2026: 2 tiket." in text
    assert "1 tepat waktu, 1 melewati batas" in text and "Yang melewati batas : LPSE-BTG-2026-000002" in text
    [(printed, sheet), (name, raw)] = found.attachments
    assert (printed, name) == ("rekap-LPSE-BTG-2026-11.xlsx", "rekap-LPSE-BTG-2026-11.csv")
    assert sheet == recap_xlsx.of(of(office), asked(office), office.now)
    assert found.message.get_content_type() == "multipart/mixed"
    assert raw == recap.as_csv(of(office))


@pytest.mark.parametrize(
    ("text", "expected", "files"),
    [
        ("#rekap", "Desember 2026: 1 tiket.", ["rekap-LPSE-BTG-2026-12"]),
        ("#rekap bulan lalu tanpa data pribadi", "November 2026, tanpa", ["rekap-LPSE-BTG-2026-11-anonim"]),
        ("#rekap 10-2026", "Oktober 2026: tidak ada tiket. Rekap nihilnya", ["rekap-LPSE-BTG-2026-10.xlsx"]),
        ("#rekap januari 2027", "bulan itu belum dimulai.", []),
        ("#rekap 13-2026", "“13-2026” tidak dikenal", []),
    ],
)
def test_rekap_of_any_month(office: PaperWorld, text: str, expected: str, files: list[str]) -> None:
    found = mailed(office, text)
    assert expected in " ".join(found.text.split())
    both = [f"{name}{suffix}" for name in files for suffix in (".xlsx", ".csv") if "." not in name]
    assert [name for name, _ in found.attachments] == (both or files)


def test_a_file_that_is_too_large_for_a_mail_is_named_and_left_out(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recap, "as_csv", lambda _: b"x" * 20_000_000)
    found = mailed(office, "#rekap november")
    assert [name for name, _ in found.attachments] == ["rekap-LPSE-BTG-2026-11.xlsx"]
    assert "tidak disertakan pada e-mail ini" in " ".join(found.text.split())


# --- on the command line ---------------------------------------------------------------------------


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(office.config_file), "rekap", *words])


def test_the_command_line_writes_the_same_file(office: PaperWorld) -> None:
    done = run(office, "--month", "2026-11", "--format", "csv")
    assert done.exit_code == 0
    assert done.stdout_bytes == recap.as_csv(of(office))


def test_the_command_line_tells_programs_json_and_people_a_table(office: PaperWorld) -> None:
    found = json.loads(run(office, "--month", "november 2026").stdout)
    assert found == json.loads(json.dumps(of(office)))
    assert "Budi" not in run(office, "--month", "2026-11", "--anonymous").stdout
    table = run(office, "--month", "2026-11", "--mailbox", "batang", "--format", "table").stdout
    assert "November 2026  LPSE Kabupaten Batang: 2 tickets" in table and "1 within, 1 over" in table


@pytest.mark.parametrize("words", [("--month", "2026-13"), ("--mailbox", "lain"), ("--format", "xls")])
def test_what_the_command_line_does_not_know_is_refused(office: PaperWorld, words: tuple[str, str]) -> None:
    assert run(office, *words).exit_code == 2


# --- one channel ----------------------------------------------------------------------------------------


def called(tmp_path: Path) -> PaperWorld:
    """A ticket by mail and a call of the same day."""
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    office.at("2026-11-02 09:00")
    office.write("pengguna", USER_WORDS, subject="Tidak bisa login")
    assert office.once()
    form = (
        "Waktu : 08.50\nNama : Ani\nNomor HP : 0899-111-222\nB. PERMASALAHAN\nUnggah gagal.\nPemberi Penjelasan : Sari"
    )
    office.write("petugas", f"#telepon\n{form}", subject="Telepon", headers=PASS)
    assert office.once()
    return office


def test_the_rekap_of_a_channel_has_its_lines_and_no_column_more(tmp_path: Path) -> None:
    office = called(tmp_path)
    site = office.site
    all_of_it = recap.Asked(site.config, words_of_site(site), site.zone, date(2026, 11, 1))
    found = recap.recap(office.store, replace(all_of_it, channel="telepon"), office.now)
    assert len(found["columns"]) == 10
    assert [row[3] for row in found["rows"]] == ["Ani"]
    assert (found["title"], found["rows"][0][0]) == ("November 2026, melalui telepon", "1")
    assert recap.file_name("LPSE-BTG", found) == "rekap-LPSE-BTG-2026-11-telepon.csv"
    every = recap.recap(office.store, all_of_it, office.now)
    assert [(one["heading"], len(one["rows"])) for one in every["sections"]] == [
        ("Rekap Penanganan Permasalahan Melalui Telepon", 1),
        ("Rekap Penanganan Permasalahan Melalui E-mail", 1),
    ]
    assert every["summary"]["channels"] == {"e-mail": 1, "telepon": 1}
    table = run(office, "--month", "2026-11", "--channel", "telepon", "--format", "table").stdout
    assert "November 2026, melalui telepon" in table and "Rekap Penanganan Permasalahan Melalui Telepon" in table
    assert "Melalui E-mail" not in table
    office.store.close()
