"""A reply that quotes a mail of ours without a marker line: staff and LKPP read what is new in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply.own_quote import only_ours
from mailbot.templates.render import Renderer
from tests.arrivals import test_reply_shapes
from tests.arrivals.test_reply_shapes import PROGRAMS, sent, thunderbird
from tests.sample_values import sample
from tests.steps import opened, staff_writes
from tests.world import Letter, PaperWorld

REQUEST = Renderer().body("user_request", sample("user_request", form_missing=True))
OURS = [REQUEST.text, to_text(REQUEST.html)]


def asked(office: PaperWorld) -> Letter:
    """The user was asked for data and the form, in a mail without a marker."""
    office.at("2026-12-21 08:00")
    opened(office, "Tidak bisa masuk SPSE.")
    staff_writes(office, "#minta-data Mohon kirim tangkapan layar.")
    office.at("2026-12-21 08:05")
    office.once()
    mail = office.last("pengguna", "user_request")
    assert "baris ini" not in mail.text.split("Permintaan")[0]
    return mail


def read_by_staff(office: PaperWorld, text: str, answers: Letter, **more: Any) -> str:
    office.write("pengguna", text, answers=answers, **more)
    assert office.once()
    return office.last("petugas", "staff_user_reply").text


def test_what_only_quotes_our_form_is_passed_on_without_it(office: PaperWorld) -> None:
    shown = read_by_staff(office, "Ini tangkapan layarnya, User ID budi77.\n\nDikirim dari iPhone saya", asked(office))
    assert "budi77" in shown and "menulis:" not in shown and "iPhone" not in shown and "Kode tender/paket" not in shown
    staff_writes(office, "#eskalasi Tidak bisa masuk.", office.last("petugas", "staff_user_reply"))
    escalation = office.last("lkpp", "lkpp_escalation").text
    assert "budi77" in escalation and "menulis:" not in escalation


def test_a_form_filled_in_within_the_quote_is_passed_on_whole(office: PaperWorld) -> None:
    mail = asked(office)
    filled = mail.text.replace("a. Nama                                    :", "a. Nama : Tono Prasetyo")
    assert filled != mail.text
    quote = "\n".join(f"> {line}" for line in filled.splitlines())
    text = f"Sudah saya isi.\n\nPada Sen, 21 Des 2026 pukul 09.00 LPSE <lpse@batangkab.test> menulis:\n\n{quote}"
    assert "Tono Prasetyo" in read_by_staff(office, text, mail, quote=False)


def test_a_mail_of_somebody_else_that_is_quoted_is_passed_on_whole(office: PaperWorld) -> None:
    text = "Ini jawaban Pokja.\n\nPada Sen, 21 Des 2026 pukul 07.00 Pokja <pokja@x.test> menulis:\n\n> Silakan ke LPSE."
    assert "Silakan ke LPSE." in read_by_staff(office, text, asked(office), quote=False)


@pytest.mark.parametrize("form", ["both", "html", "plain"])
@pytest.mark.parametrize("program", [one for one in PROGRAMS if one is not thunderbird])  # his signature stands below
def test_our_mail_is_known_again_in_every_programs_quote(
    program: Callable[[str], tuple[str, str]], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_reply_shapes, "OURS", REQUEST)
    new = sent(program, "Ini tangkapan layarnya.", form)
    assert new.quoted and only_ours(new.quoted, OURS)


@pytest.mark.parametrize(
    ("quote", "known"),
    [
        ("Pada Sen LPSE menulis:\n> Mohon kirim KTP.", True),
        ("Pada Sen LPSE menulis:\n> Mohon kirim KTP.\n> Ini nomornya: 12", False),
        ("Ini KTP saya.\n> Mohon kirim KTP.", False),
        ("Pada Sen LPSE menulis:\n> Mohon kirim", True),
        ("Pada Sen LPSE\n<lpse@batangkab.test> menulis:\n\n> Mohon kirim KTP.", True),
        ("Pada saat masuk muncul galat.\n> Mohon kirim KTP.", False),
        ("> Pada saat masuk muncul galat.\nPada Sen LPSE menulis:\n> Mohon kirim KTP.", False),
        ("Pada Sen LPSE menulis:", False),
        ("", False),
    ],
)
def test_one_word_of_his_own_makes_it_his(quote: str, known: bool) -> None:
    assert only_ours(quote, ["Yth. Bapak,\n\nMohon kirim KTP.\n"]) is known
