"""A link's ready reply comes back as it was written, whatever a mail program does when it opens it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from tests.steps import escalated, flat, minutes_later, number, opened, staff_writes
from tests.world import Letter, PaperWorld

SIGNS = r"""Menu Akun & Keamanan: <b>50%41</b>, +62 21 500, "a=b;c" 'd' \e #f ?g /h [i] {j} $k ~l ^m `n *o |p @q !r"""
FIELDS = "Login &bcc=mallory@luar.test&to=eve@luar.test&body=x"


def opened_by_roundcube(href: str) -> dict[str, str]:
    """The fields of the window that a link opens. Roundcube 1.6 decodes the link where it shows the mail, and reads
    what is left as an address of the web (program/actions/mail/index.php and compose.php). A "<" makes HTML of the
    body, whose lines are one."""
    fields = dict(parse_qsl(unquote(urlsplit(unescape(href)).query), keep_blank_values=True))
    if "<" in fields["body"]:
        fields["body"] = " ".join(re.sub(r"<[^>]*>", "", fields["body"]).split())
    return fields


def bodies(letter: Letter) -> dict[str, str]:
    """The words of a link's command line, and the body of the window that it opens."""
    found = (opened_by_roundcube(href)["body"] for href in re.findall(r'href="(mailto:[^"]+)"', letter.html))
    return {next(line for line in body.splitlines() if line.startswith("#")): body for body in found}


def use(office: PaperWorld, body: str) -> Letter:
    office.new_letters("petugas")
    office.write("petugas", body, subject=f"[{number(office)}]")
    assert office.once()
    return office.new_letters("petugas")[-1]


def test_a_users_subject_adds_no_reader_to_what_staff_send_by_a_link(office: PaperWorld) -> None:
    notice = opened(office, subject=FIELDS)
    links = re.findall(r'href="(mailto:[^"]+)"', notice.html)
    assert links
    for href in links:
        assert set(opened_by_roundcube(href)) == {"subject", "body"}, href
        assert urlsplit(unescape(href)).path == "lpse@batangkab.test"


@pytest.mark.parametrize("command", ["#perkembangan", "#selesai"])
def test_words_of_lkpp_go_to_the_user_as_they_were_though_a_link_has_brought_them(
    office: PaperWorld, command: str
) -> None:
    office.write("lkpp", f"Silakan dicermati.\n{SIGNS}", answers=escalated(office))
    assert office.once()
    asked = office.last("petugas", "staff_classify")
    assert use(office, bodies(asked)[command]).template == "staff_receipt"
    minutes_later(office, 4)
    assert SIGNS in flat(office.last("pengguna"))


def test_what_was_held_goes_out_as_it_was(office: PaperWorld) -> None:
    notice = opened(office)
    office.write(
        "pengguna", "Kami sudah mencoba semuanya, dan tetap tidak bisa masuk.", answers=office.last("pengguna")
    )
    assert office.once()  # newer than what Sari answers
    assert staff_writes(office, f"#jawab Mohon dicoba lagi.\n{SIGNS}", notice) == "staff_confirm"
    assert use(office, bodies(office.last("petugas"))["#jawab"]).template == "staff_receipt"
    minutes_later(office, 4)
    assert SIGNS in flat(office.last("pengguna", "user_answer"))


@pytest.mark.parametrize("sign", ["Lalu kami periksa. ", "é ", "&", "\U0001f642"])
def test_a_text_that_is_long_when_encoded_is_asked_about_as_any_other(office: PaperWorld, sign: str) -> None:
    words = "Silakan dicermati. " + sign * (1400 // len(sign))
    office.write("lkpp", words, answers=escalated(office))
    assert office.once()
    asked = office.last("petugas")
    assert asked.template == "staff_classify"
    assert use(office, bodies(asked)["#perkembangan"]).template == "staff_receipt"
    minutes_later(office, 4)
    assert flat(words) in flat(office.last("pengguna"))
