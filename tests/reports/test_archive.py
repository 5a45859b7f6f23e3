"""The Daftar Arsip of a month: each form number that was given, by mail and on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mailbot.cli.main import main
from mailbot.reports import archive
from mailbot.tickets import consultations
from tests.steps import BORDER, results
from tests.world import PaperWorld

PASS = [results("pass", "batangkab.test")]
FORM = """\
#telepon
Hari/Tanggal Konsultasi : Senin, 30 November 2026
Waktu : 10.00
a. Nama : Ani
b. Nama Instansi/Perusahaan : CV Contoh
d. Nomor Telepon/HP : 0899-111-222
B. PERMASALAHAN
Lupa kata sandi.
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaperWorld]:
    """A mail of the 2nd, its answer; a call of the 30th, recorded with its scan on the next day, in December."""
    world = PaperWorld(tmp_path_factory.mktemp("office"), authentication={"authserv_id": BORDER})
    world.at("2026-11-02 09:00")
    world.write("pengguna", "Tidak bisa login.\nNama: Budi Santoso", subject="Login", files=[("layar.png", b"layar")])
    world.once()
    world.at("2026-12-01 08:00")
    world.write("petugas", FORM, subject="Telepon", headers=PASS, files=[("pindaian.pdf", b"%PDF lembar")])
    world.once()
    yield world
    world.store.close()


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(office.config_file), "arsip", *words])


def lines(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_it_has_each_form_number_its_day_whose_it_is_and_where_it_is_kept(office: PaperWorld) -> None:
    head, mail, call = lines(run(office, "--month", "2026-11", "--format", "csv").stdout_bytes)
    assert head == ["No", "Nomor Formulir Konsultasi", "Tanggal", "Nama", "Tempat Penyimpanan"]
    assert mail[:4] == ["1", "0001/FK/LPSE-BTG/XI/2026", "02/11/2026", "Budi Santoso"]
    assert mail[4] == (
        "data mailbot, tiket LPSE-BTG-2026-000001; e-mail pengguna: e-mail nomor 1 di jurnal; lampiran: layar.png"
    )
    assert call[:4] == ["2", "0002/FK/LPSE-BTG/XII/2026", "30/11/2026", "Ani (CV Contoh)"]
    assert call[4] == (
        "data mailbot, tiket LPSE-BTG-2026-000002; formulir telepon: e-mail nomor 2 di jurnal; lampiran: pindaian.pdf"
    )


def test_by_mail_it_is_the_same_file(office: PaperWorld) -> None:
    office.write("kepala", "#arsip november", subject="Arsip", headers=PASS)
    office.once()
    receipt = office.last("kepala", "staff_receipt")
    assert "November 2026: 2 formulir." in " ".join(receipt.text.split())
    assert receipt.attachments == [
        ("arsip-LPSE-BTG-2026-11.csv", run(office, "--month", "2026-11", "--format", "csv").stdout_bytes)
    ]


@pytest.mark.parametrize(
    ("month", "said"), [("desember", "tidak ada formulir"), ("13-2026", "“13-2026” tidak dikenal")]
)
def test_a_month_without_forms_is_said_to_have_none(office: PaperWorld, month: str, said: str) -> None:
    office.write("petugas", f"#arsip {month}", subject="Arsip", headers=PASS)
    office.once()
    receipt = office.last("petugas", "staff_receipt")
    assert said in " ".join(receipt.text.split()) and receipt.attachments == []


def test_the_anonymous_one_names_nobody_and_no_file(office: PaperWorld) -> None:
    told = run(office, "--month", "2026-11", "--anonymous").stdout
    assert len(json.loads(told)["rows"]) == 2
    for word in ("Budi", "Ani", "CV Contoh", "pindaian", "layar"):
        assert word not in told


def test_people_see_a_table(office: PaperWorld) -> None:
    table = run(office, "--month", "2026-11", "--format", "table").stdout
    assert "November 2026  LPSE Kabupaten Batang: 2 forms" in table and "0002/FK/LPSE-BTG/XII/2026" in table


@pytest.mark.parametrize("words", [("--month", "2026-13"), ("--mailbox", "lain")])
def test_what_it_does_not_know_is_refused(office: PaperWorld, words: tuple[str, str]) -> None:
    assert run(office, *words).exit_code == 2


def test_every_way_in_has_its_words() -> None:
    assert archive._HOW.keys() == {"email", *consultations.HOW}


def test_every_mail_that_holds_a_part_of_the_form_is_named(tmp_path: Path) -> None:
    """A form that the user sends later, what staff scan afterwards, and each further sheet; nothing else."""
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    office.at("2026-11-02 09:00")
    office.write("pengguna", "Tidak bisa login.", subject="Login", files=[("layar.png", b"layar")])
    assert office.once()
    receipt = office.last("pengguna", "user_acknowledgement")
    office.write(
        "pengguna", "Nama : Budi\nNama Instansi/Perusahaan : CV Contoh\nNomor HP : 081234567890", answers=receipt
    )
    office.write("pengguna", "Terlampir.", answers=receipt, files=[("surat.pdf", b"%PDF surat")])
    office.write("pengguna", "Mohon segera dibantu.", answers=receipt)
    assert office.once()
    notice = office.last("petugas", "staff_new_ticket")
    office.write("petugas", "#catat Lembar bertanda tangan.", answers=notice, files=[("lembar.pdf", b"%PDF lembar")])
    office.write("petugas", "#info Panduan terlampir.", answers=notice, files=[("panduan.pdf", b"%PDF panduan")])
    assert office.once()
    form = FORM.replace("Senin, 30 November 2026", "Senin, 2 November 2026").replace("10.00", "09.00")
    office.at("2026-11-02 09:10")
    office.write("petugas", form, answers=notice, files=[("pindaian.pdf", b"%PDF pindaian")])
    assert office.once()
    office.write("pengguna", "Ini aktanya.", answers=receipt, files=[("akta.pdf", b"%PDF akta")])
    assert office.once()
    _, mail, call = lines(run(office, "--month", "2026-11", "--format", "csv").stdout_bytes)
    assert mail[4] == (
        "data mailbot, tiket LPSE-BTG-2026-000001; e-mail pengguna: e-mail nomor 1 di jurnal; lampiran: layar.png; "
        "lanjutannya: e-mail nomor 2 di jurnal; lanjutannya: e-mail nomor 3 di jurnal; lampiran: surat.pdf; "
        "lanjutannya: e-mail nomor 5 di jurnal; lampiran: lembar.pdf"
    )
    assert call[4] == (
        "data mailbot, tiket LPSE-BTG-2026-000001; formulir telepon: e-mail nomor 7 di jurnal; lampiran: pindaian.pdf; "
        "lanjutannya: e-mail nomor 8 di jurnal; lampiran: akta.pdf"
    )
    office.store.close()
