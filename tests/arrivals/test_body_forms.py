"""A reply in many MIME shapes, between all parties: no form of its body leaves as a file, with the notice it quotes."""

from __future__ import annotations

import pytest

from tests.mime_shapes import REAL, SHAPES, Reply
from tests.steps import data_requested, escalated, flat, minutes_later, opened
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

SOME = [
    "Gmail with a file",
    "Outlook Rich Text",
    "Teams invitation",
    "Google invitation",
    "Lotus Notes",
    "mixed, text and HTML",
    "mixed, HTML and text",
    "related, text and HTML",
    "mixed, Outlook's two forms",
    "named inline",
    "page attached",
    "page attached under any name",
    "Rich Text attached",
    "Exchange, a copy as ATT",
    "winmail.dat with Rich Text",
    "winmail.dat with a file",
    "S/MIME around two forms",
    "HTML deep inside mixed/alternative/related",
]
#: Nobody can tell what their body is, or only Outlook can.
UNTOLD = ["winmail.dat alone", "winmail.dat that breaks off"]
CANARY = "Kenari-internal-4417"


def replied(office: PaperWorld, shape: str, who: str, words: str, answers: Letter) -> None:
    """A party replies to a mail and quotes all of it, with what else its thread holds."""
    head = (
        f"From: {who.title()} <{PEOPLE[who]}>",
        f"To: {LPSE}",
        f"Subject: Re: {answers.subject}",
        f"Message-ID: <{who}.{abs(hash(shape))}@{PEOPLE[who].partition('@')[2]}>",
        f"In-Reply-To: {answers.message_id}",
        f"References: {answers.message_id}",
        f"Date: {office.now:%a, %d %b %Y %H:%M:%S} +0700",
    )
    quoted = f"{answers.text.strip()}\nKode untuk petugas saja: {CANARY}"
    office.drop(SHAPES[shape](Reply(words, quoted, head)))
    assert office.once()


def outside(office: PaperWorld, who: str, template: str) -> list[Letter]:
    found = [letter for letter in office.letters(who) if letter.template == template]
    for letter in office.letters(who):
        assert {name for name, _ in letter.attachments} <= set(REAL)
        assert CANARY not in letter.text and CANARY not in letter.html
    return found


@pytest.mark.parametrize("shape", SOME)
def test_an_answer_of_staff_reaches_the_user_without_the_notice_it_quotes(office: PaperWorld, shape: str) -> None:
    replied(office, shape, "petugas", "Silakan gunakan menu lupa password pada halaman masuk.", opened(office))
    minutes_later(office, 4)
    [answer] = outside(office, "pengguna", "user_answer")
    assert flat(answer).count("Silakan gunakan menu lupa password") == 1


@pytest.mark.parametrize("shape", SOME)
def test_a_solution_of_lkpp_reaches_the_user_without_the_escalation_it_quotes(office: PaperWorld, shape: str) -> None:
    said = "Permasalahan login telah selesai ditangani, silakan dicoba."
    replied(office, shape, "lkpp", said, escalated(office))
    minutes_later(office, 4)
    if not outside(office, "pengguna", "user_resolved"):  # the quotation is not marked, and holds more than our mail
        assert CANARY in office.last("petugas", "staff_classify").text
        return
    notice = office.last("petugas", "staff_lkpp_reply")
    assert {name for name, _ in notice.attachments} <= set(REAL)


@pytest.mark.parametrize("shape", SOME)
def test_data_of_a_user_reach_lkpp_once_and_no_form_of_them_as_a_file(office: PaperWorld, shape: str) -> None:
    replied(office, shape, "pengguna", "Kode tender kami 87654321 dan galatnya nomor 500.", data_requested(office))
    found = [file for letter in office.letters("lkpp") for file in letter.attachments]
    assert {name for name, _ in found} <= {*REAL, "smime.p7s"}
    [data] = [letter for letter in office.letters("lkpp") if letter.template == "lkpp_additional_data"]
    assert flat(data).count("Kode tender kami 87654321") == 1


@pytest.mark.parametrize("shape", UNTOLD)
def test_a_mail_whose_body_cannot_be_told_goes_whole_to_staff_alone(office: PaperWorld, shape: str) -> None:
    replied(office, shape, "pengguna", "Kode tender kami 87654321 dan galatnya nomor 500.", data_requested(office))
    notice = office.last("petugas", "staff_user_reply")
    assert "winmail.dat" in flat(notice)
    assert [name for name, _ in notice.attachments if name.startswith("surat-asli-")]
    assert [letter.template for letter in office.letters("lkpp")] == ["lkpp_escalation"]
    before = len(office.letters("pengguna"))
    replied(office, shape, "petugas", "Silakan gunakan menu lupa password.", notice)
    minutes_later(office, 4)
    assert len(office.letters("pengguna")) == before
