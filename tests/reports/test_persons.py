"""`mailbot person find` and `export`: what is kept about a person, and a copy of it that holds nobody else's data."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from mailbot.cli import main
from tests.steps import data_requested, opened, staff_writes
from tests.world import PEOPLE, PaperWorld

BUDI = PEOPLE["pengguna"]
NIK = "3325010101800001"


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(office.config_file), "person", *words])


def found(office: PaperWorld, address: str = BUDI) -> Any:
    done = run(office, "find", address)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def exported(office: PaperWorld, address: str = BUDI) -> dict[str, bytes]:
    path = office.folder / "data.zip"
    done = run(office, "export", address, "--output", str(path))
    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        files = {entry.filename.removeprefix("data-pribadi/"): archive.read(entry) for entry in archive.infolist()}
    path.unlink()
    return files


def test_each_ticket_says_as_what_the_person_stands_in_it(office: PaperWorld) -> None:
    opened(
        office,
        f"Kami tidak bisa login. NIK saya {NIK}.\nNama: Budi Santoso\nHP: 081234567890\n",
        files=[("a.txt", b"a")],
    )
    office.write("orang luar", "Mohon bantuan.", subject="Lain")
    office.once()
    answer = found(office, BUDI.upper())
    [ticket] = answer["tickets"]
    assert (ticket["number"], ticket["as"], ticket["mails_in"], ticket["mails_out"], ticket["files"]) == (
        "LPSE-BTG-2026-000001",
        ["party", "recipient", "user", "writer"],
        1,
        1,
        1,
    )
    assert (
        ticket["fields"]["name"] == "Budi Santoso" and NIK in ticket["numbers"] and "081234567890" in ticket["numbers"]
    )
    assert answer["listed_as"] is None and found(office, PEOPLE["petugas"])["listed_as"] == "staff"


def test_of_a_ticket_of_another_only_that_he_stands_in_it_is_shown(office: PaperWorld) -> None:
    opened(office, "Kami tidak bisa login.")
    office.write("orang luar", "Sama.", subject="Rahasia orang lain")
    office.once()
    with office.store.immediate():
        office.store.insert(
            "parties",
            ticket_id=2,
            address=BUDI,
            role="user",
            added_by="sari",
            added_at="2026-12-21T01:00:00.000000+00:00",
        )
    other = next(one for one in found(office)["tickets"] if one["number"].endswith("2"))
    assert other["as"] == ["party"] and "Rahasia" not in json.dumps(other)


def test_the_copy_holds_what_he_wrote_and_was_sent_and_no_word_of_others(office: PaperWorld) -> None:
    data_requested(office)
    staff_writes(office, "#catat CATATAN-RAHASIA tentang penyedia ini.")
    office.write("orang luar", "RAHASIA-ORANG-LAIN", subject="RAHASIA-ORANG-LAIN")
    office.once()
    files = exported(office)
    everything = b"\n".join(files.values())
    assert b"Yth. Admin, kami tidak bisa login" in files["ditulis/0001.eml"]
    assert {name for name in files if name.startswith("dikirim/")} == {f"dikirim/{n:04}.eml" for n in range(1, 4)}
    for secret in (b"CATATAN-RAHASIA", b"RAHASIA-ORANG-LAIN", PEOPLE["petugas"].encode(), PEOPLE["lkpp"].encode()):
        assert secret not in everything, secret
    told = json.loads(files["data.json"])
    [ticket] = told["tickets"]
    assert ticket["fields"]["name"] == "Budi Santoso" and [one["to"] for one in ticket["passed_on"]] == [
        "Helpdesk LKPP"
    ]
    page = files["data.html"].decode()
    assert "Budi Santoso" in page and "Helpdesk LKPP" in page and "kami tidak bisa login" in page


def test_a_mail_that_is_proven_forged_is_not_his(border: PaperWorld) -> None:
    from tests.steps import results

    opened(border, "Kami tidak bisa login.", headers=[results("pass", "penyedia.test")])
    border.write("pengguna", "SURAT-PALSU", subject="Lain", headers=[results("fail", "penyedia.test")])
    border.once()
    files = exported(border)
    assert b"SURAT-PALSU" not in b"".join(data for name, data in files.items() if name.startswith("ditulis/"))
    assert b"kami tidak bisa login" in b"".join(files.values()).lower()


def test_that_a_copy_was_made_is_recorded_without_his_name(office: PaperWorld) -> None:
    opened(office)
    exported(office)
    [row] = office.rows("SELECT * FROM processings")
    assert row["what"] == "export" and json.loads(row["counts"]) == {"tickets": 1, "written": 1, "sent": 1}
    assert "budi" not in json.dumps({**row}).lower()


def test_nobody_is_told_in_a_sentence_and_nothing_is_written(office: PaperWorld) -> None:
    opened(office)
    target = office.folder / "x.zip"
    for words in (("find", "siapa@luar.test"), ("export", "siapa@luar.test", "--output", str(target))):
        done = run(office, *words)
        assert done.exit_code == 1 and "nothing is kept about 'siapa@luar.test'" in done.output
    assert not target.exists() and not office.rows("SELECT 1 FROM processings")
    target.write_text("ada")
    done = run(office, "export", BUDI, "--output", str(target))
    assert done.exit_code == 73 and target.read_text() == "ada"
    assert not [one for one in Path(office.folder).iterdir() if one.name.startswith(".")]
