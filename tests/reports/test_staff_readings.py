"""What staff said that replies mean: exported with their meaning, in the corpus' form, and without the people."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.reports import staff_readings
from tests.arrivals.test_meanings import replied, use
from tests.steps import data_requested, escalated, links, resolved
from tests.world import PaperWorld

REPLY = (
    "Selamat siang Bapak Rudi Hartono,\n\nMenara ALFA milik CV Maju Terus atas nama Bapak Budi Santoso "
    "(budi@contoh.test, 081234567890), silakan dicermati.\n\nHormat kami,\nWahyu Nugroho\nHelpdesk LKPP"
)


def lkpp(office: PaperWorld, since: datetime | None = None) -> list[dict[str, Any]]:
    site = office.site
    return staff_readings.lkpp(office.store, site.config, site.for_user_phrases, since)


def users(office: PaperWorld) -> list[dict[str, Any]]:
    return staff_readings.users(office.store, office.site.config, None)


def test_a_reply_of_lkpp_is_exported_with_the_meaning_that_staff_gave(office: PaperWorld) -> None:
    asked = replied(office, REPLY, escalated(office))
    assert lkpp(office) == []
    use(office, links(asked)["#perkembangan"])
    [row] = lkpp(office)
    assert row["label"] == "progress"
    assert "Menara ALFA" in row["text"]
    assert "silakan dicermati" in row["text"]


def test_nobody_is_named_in_what_is_exported(office: PaperWorld) -> None:
    asked = replied(office, REPLY, escalated(office))
    use(office, links(asked)["#perkembangan"])
    [row] = lkpp(office)
    for told in ("Rudi", "Hartono", "Budi", "Santoso", "Maju Terus", "contoh.test", "081234567890", "Wahyu", "Nugroho"):
        assert told not in row["text"]


def test_what_staff_took_back_of_the_rules_counts_with_the_meaning_that_they_gave_instead(office: PaperWorld) -> None:
    passed = replied(office, "Mohon dilengkapi screenshot dan kode tender.", escalated(office))
    office.write("petugas", "#batal", answers=passed)
    assert office.once()
    assert lkpp(office) == []
    use(office, links(office.last("petugas", "staff_classify"))["#kembali"])
    assert [row["label"] for row in lkpp(office)] == ["returned"]


def test_of_two_replies_each_has_its_own_meaning(office: PaperWorld) -> None:
    escalation = escalated(office)
    first = replied(office, "Menara ALFA, silakan dicermati.", escalation)
    second = replied(office, "Menara BETA, silakan dicermati.", escalation)
    use(office, links(first)["#perkembangan"])
    use(office, links(second)["#abaikan"])
    found = {row["text"].split()[1]: row["label"] for row in lkpp(office)}
    assert found == {"ALFA,": "progress", "BETA,": ["received", "unclear"]}


def test_only_answers_since_a_day_are_exported(office: PaperWorld) -> None:
    asked = replied(office, "Menara ALFA, silakan dicermati.", escalated(office))
    use(office, links(asked)["#perkembangan"])
    assert len(lkpp(office, office.now - timedelta(hours=1))) == 1
    assert lkpp(office, office.now + timedelta(days=1)) == []


def test_what_the_rules_decided_alone_is_no_answer_of_staff(office: PaperWorld) -> None:
    replied(office, "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali.", escalated(office))
    assert lkpp(office) == []


def test_a_users_reply_that_staff_forwarded_is_data(office: PaperWorld) -> None:
    data_requested(office)
    office.write("pengguna", "sudah ya pak", answers=office.last("pengguna"))
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    assert users(office) == []
    use(office, links(notice)["#teruskan"])
    [row] = users(office)
    assert (row["when"], row["means"], row["text"]) == ("awaiting_data", "data", "sudah ya pak")


def test_a_users_reply_after_which_staff_closed_says_that_it_works(office: PaperWorld) -> None:
    resolved(office)
    office.write("pengguna", "alhamdulillah sudah bisa login", answers=office.last("pengguna"))
    assert office.once()
    office.write("petugas", "#tutup", answers=office.last("petugas", "staff_user_reply"))
    assert office.once()
    [row] = users(office)
    assert (row["when"], row["means"]) == ("resolved", "works")


def test_the_file_is_read_as_a_set_of_the_corpus(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": 'Baris "satu"\nbaris: dua – 100 %', "label": "solved"},
        {"text": "x", "label": ["a", "b"]},
    ]
    file = tmp_path / "replies.yaml"
    file.write_bytes(staff_readings.as_yaml(rows, staff_readings.HEADS["lkpp"]))
    assert yamlfile.read(file).data == rows
    file.write_bytes(staff_readings.as_yaml([], staff_readings.HEADS["lkpp"]))
    assert yamlfile.read(file).data == []
