"""The last look: a mail outside shows nothing but what the door has let through to its reader, for this very mail, and
what the ledger says he may see."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest

from mailbot.door import Passed, prove
from mailbot.door.proof import holds_code
from mailbot.errors import PermanentFailure
from mailbot.model import Attachment, Role
from mailbot.tickets import tickets
from tests.steps import minutes_later, opened, staff_writes
from tests.world import PaperWorld

ANSWER = "Silakan gunakan menu lupa password.\nLalu coba masuk kembali."
FILE = ("panduan.pdf", b"%PDF-1.4 panduan")


@pytest.fixture
def answered(office: PaperWorld) -> tuple[PaperWorld, list[Attachment]]:
    """An office whose first ticket was answered with a file; the file."""
    opened(office)
    assert staff_writes(office, f"#info {ANSWER}", files=[FILE]) == "staff_receipt"
    minutes_later(office, 4)
    row = tickets.files_for(office.store, 1, Role.USER)[0]
    return office, [Attachment(FILE[0], str(row["content_type"]), FILE[1], str(row["sha256"]))]


def look(
    office: PaperWorld, shown: dict[str, Any], passed: list[Passed], files: list[Attachment], mail: str = "user_info"
) -> None:
    prove(office.store, 1, mail, shown, passed, files)


def through(words: str = ANSWER, files: tuple[Attachment, ...] = (), to: Role = Role.USER) -> list[Passed]:
    return [Passed(to, words, files)]


def listed(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "size": "1 KB", "sent": True} for name in names]


def test_what_the_door_let_through_and_the_ledger_knows_is_shown(answered: tuple[PaperWorld, list[Attachment]]) -> None:
    office, files = answered
    shown = {"text": ANSWER, "attachments": listed(FILE[0])}
    look(office, shown, through(files=tuple(files)), files)
    look(office, {"text": "lupa password"}, through(), [])  # a part of a line, and nothing else
    look(office, {"text": "Lalu coba masuk kembali.\n\n  Silakan gunakan menu lupa password.  "}, through(), [])


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        (ANSWER, []),
        (ANSWER, through(to=Role.LKPP)),
        (ANSWER, through("Silakan gunakan menu lupa password.")),
        (f"{ANSWER}\nCatatan internal.", through(f"{ANSWER}\nCatatan internal.")),
        ("Login gagal", through("Login gagal")),
    ],
    ids=["nothing passed", "passed to another", "one line too many", "not in the ledger", "of another text"],
)
def test_words_that_did_not_pass_or_are_not_in_the_ledger_end_the_mail(
    answered: tuple[PaperWorld, list[Attachment]], text: str, passed: list[Passed]
) -> None:
    with pytest.raises(PermanentFailure, match=r"^[a-z]+_[a-z_]+: .*kata-kata yang tidak boleh"):
        look(answered[0], {"text": text}, passed, [])


@pytest.mark.parametrize("name", ["summary", "tried", "text"])
def test_each_value_that_holds_a_persons_words_is_looked_at(
    answered: tuple[PaperWorld, list[Attachment]], name: str
) -> None:
    with pytest.raises(PermanentFailure, match="kata-kata"):
        look(answered[0], {name: "Tidak pernah dilewatkan."}, [], [], "lkpp_escalation")


def test_files_that_did_not_pass_end_the_mail(answered: tuple[PaperWorld, list[Attachment]]) -> None:
    office, files = answered
    other = Attachment("lain.pdf", "application/pdf", b"%PDF", "0" * 64)
    renamed = Attachment("lain.pdf", "application/pdf", FILE[1], files[0].sha256)
    for shown, passed, sent in [
        ({}, through(), files),  # sent, and never passed
        ({"attachments": listed(FILE[0])}, through(), []),  # named, and never passed
        ({}, through(files=(other,)), [other]),  # passed, and not in the ledger
        ({"attachments": listed("lain.pdf")}, through(files=(other,)), []),
        ({"attachments": listed("lain.pdf")}, through(files=(renamed,)), []),
        ({}, through(files=tuple(files), to=Role.LKPP), files),
        ({}, through(files=tuple(files)), [*files, other]),
    ]:
        with pytest.raises(PermanentFailure, match=r"^[a-z]+_[a-z_]+: .*lampiran yang tidak boleh"):
            look(office, shown, passed, sent)


@pytest.mark.parametrize("text", ["Kode: ABCDE-FGHIJ-KLMNO-PQRST", "*kode : abcde-fghij-klmno-pqr23*"])
def test_a_line_of_a_code_ends_the_mail_though_the_ledger_holds_it(office: PaperWorld, text: str) -> None:
    assert holds_code(text)
    opened(office)
    row = tickets.Text(role=Role.STAFF, address="a@b.test", kind="info", audience=(Role.USER,), body=text)
    with office.store.immediate():
        tickets.add_text(office.store, 1, row, journal_id=None, at=office.now)
    with pytest.raises(PermanentFailure, match=r"^[a-z]+_[a-z_]+: .*kode dari surat internal"):
        look(office, {"text": text}, through(text), [])


@pytest.mark.parametrize(
    "text", ["Kode tender: 87654321", "kode: ABCDE-FGHIJ", "Kode OTP 123456", "sandikode: ABCDE-FGHIJ-KLMNO-PQRST"]
)
def test_other_codes_are_no_codes_of_ours(text: str) -> None:
    assert not holds_code(text)


def test_mails_to_the_lpses_own_people_are_not_looked_at(answered: tuple[PaperWorld, list[Attachment]]) -> None:
    look(answered[0], {"text": "Apa pun."}, [], answered[1], "staff_user_reply")


def test_values_that_a_template_does_not_show_are_not_looked_at(
    answered: tuple[PaperWorld, list[Attachment]],
) -> None:
    look(answered[0], {"summary": "Tidak ditampilkan."}, [], [], "user_info")


def test_a_code_in_a_users_words_stops_neither_them_nor_an_escalation(office: PaperWorld) -> None:
    """He has it of a notice that was shown to him, and types it."""
    code = re.search(r"Kode: [A-Z2-7-]{23}", unquote(opened(office).html))
    assert code is not None
    office.write("pengguna", f"Kami diberi ini:\n{code[0]}\nMohon dibantu, KENARI.", answers=office.last("pengguna"))
    assert office.once()
    assert staff_writes(office, "#eskalasi Gagal masuk.", office.last("petugas", "staff_user_reply")) == "staff_receipt"
    sent = office.last("lkpp", "lkpp_escalation")
    assert "KENARI" in sent.text and not holds_code(sent.text) and code[0] not in sent.text + sent.html
