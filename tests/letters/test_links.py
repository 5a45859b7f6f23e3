"""The links of our mails as mail programs open them (RFC 6068)."""

from __future__ import annotations

import re
import string
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.letters.links import href
from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.parsers.commands.wide_signs import narrowed
from mailbot.procedure.effects.to_staff import AS_ABOVE, HEADINGS
from tests.steps import closed, data_requested, escalated, flat, links, minutes_later, opened, resolved, staff_writes
from tests.world import Letter, PaperWorld

#: RFC 6068 section 2: what may stand in a link as it is; "+" is left out, which some webmail takes for a blank.
_PLAIN = set(string.ascii_letters + string.digits + "-._~!$*:@?=&%")
#: Windows hands Outlook no more characters of a link.
OUTLOOK = 2083


def hrefs(letter: Letter) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="(mailto:[^"]+)"', letter.html)]


@given(st.text(max_size=300))
def test_whatever_stands_in_a_body_comes_back_as_it_was_in_lines_that_end_in_cr_lf(body: str) -> None:
    link = href("lpse@batangkab.test", "[LPSE-1] Ujian", body)
    assert set(link) <= _PLAIN
    [read] = parse_qs(urlsplit(link).query, keep_blank_values=True, strict_parsing=True)["body"]
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    written = lines.encode("utf-8", "replace").decode()
    assert narrowed(read) == narrowed(written).replace("\n", "\r\n")
    assert "%0A" not in link.replace("%0D%0A", "") and "%0D" not in link.replace("%0D%0A", "")


@pytest.mark.parametrize(
    ("written", "encoded"),
    [
        ("a b", "a%20b"),  # "+" would stay a plus: RFC 6068 section 5
        ("a+b", "a%EF%BC%8Bb"),  # the wide forms: test_ready_replies.py
        ("a&body=b", "a%EF%BC%86body%3Db"),  # would end the body
        ("#tutup", "%23tutup"),  # would end the link
        ("100%", "100%25"),
        ("50%41", "50%EF%BC%8541"),
        ('it\'s "so" <b>', "it%27s%20%22so%22%20%EF%BC%9Cb%EF%BC%9E"),  # would end the attribute
        ("a\nb", "a%0D%0Ab"),
        ("a\r\nb", "a%0D%0Ab"),
        ("a\rb", "a%0D%0Ab"),
        ("“é”", "%E2%80%9C%C3%A9%E2%80%9D"),  # UTF-8: RFC 6068 section 2
    ],
)
def test_what_a_mail_program_could_read_otherwise_is_encoded(written: str, encoded: str) -> None:
    assert href("lpse@batangkab.test", "x", written) == f"mailto:lpse@batangkab.test?subject=x&body={encoded}"


def test_a_subject_is_one_line_and_an_address_keeps_its_signs() -> None:
    link = href("lpse+a&b'c@batangkab.test", "satu\r\nBcc: x@y.test", "")
    assert link == "mailto:lpse+a%26b%27c@batangkab.test?subject=satu%20Bcc%3A%20x%40y.test&body="


def test_the_ready_words_of_our_own_are_of_ascii_which_no_mail_program_breaks() -> None:
    assert HEADINGS.isascii() and AS_ABOVE.isascii()
    assert all(spec.word.isascii() for spec in VOCABULARY)


def test_each_link_of_a_tickets_way_is_one_that_every_mail_program_opens_whole(office: PaperWorld) -> None:
    """None is longer than Outlook takes, none holds a bare line end, and what stands in the HTML is the link itself."""
    opened(office)
    closed_, asked = closed(office), data_requested(office)
    assert closed_ and asked
    escalated(office)
    resolved(office)
    staff_writes(office, "#bantuan", office.last("petugas", "staff_new_ticket"))
    found = {
        (letter.template, link)
        for who in ("petugas", "pengguna", "rekan", "lkpp")
        for letter in office.letters(who)
        for link in hrefs(letter)
    }
    assert {"user_answer", "staff_new_ticket", "staff_receipt", "staff_lkpp_reply"} <= {name for name, _ in found}
    for name, link in found:
        assert len(link) < 2000 < OUTLOOK, (name, len(link))
        assert set(link) <= _PLAIN | {"+"}, name
        assert not re.search(r"%0A", link.replace("%0D%0A", "")), name
        assert not re.search(r"[\x00-\x1f]", unquote(link).replace("\r\n", "")), name


#: Texts of which each sign takes one character of a link, three, six, nine or twelve.
SIGNS = ("a", "a b", "é", "&", "\U0001f3c6")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("length", [100, 400, 800, 1_200, 1_600])
def test_no_link_is_longer_than_outlook_takes_whatever_its_words_and_its_subject(
    office: PaperWorld, sign: str, length: int
) -> None:
    """The words are LKPP's, an officer's that are held, and a coordinator's to approve; the subject is a user's."""
    words = f"Silakan dicermati. {(sign * length)[:length]}"
    escalation = escalated(office, subject=(sign * 200)[:150])
    office.write("lkpp", words, answers=escalation)
    assert office.once()
    opened(office, subject=(sign * 200)[:150])
    notice = office.last("petugas", "staff_new_ticket")
    assert staff_writes(office, f"{words}\n\n> kutip\n\nsalam", notice, quote=False) == "staff_confirm"
    found = [link for letter in office.letters("petugas") for link in hrefs(letter)]
    assert len(found) > 20 and max(map(len, found)) < 2000
    kinds = {letter.template: hrefs(letter) for letter in office.letters("petugas")}
    for template in ("staff_classify", "staff_confirm"):
        brought = [narrowed(unquote(link)) for link in kinds[template]]
        fits = [link for link in brought if (sign * length)[:length].strip() in " ".join(link.split())]
        above = [link for link in brought if AS_ABOVE in link]
        assert bool(fits) != bool(above)
        encoded = {"a": 1, "a b": 1.67, "é": 6, "&": 9, "\U0001f3c6": 12}[sign] * length
        assert bool(fits) == (encoded < 1_300), "the words stand in the link where they fit"


# --- BELUM ---------------------------------------------------------------------------------------------


def test_the_link_that_says_not_yet_leaves_a_line_for_what_hinders(office: PaperWorld) -> None:
    answer = resolved(office)
    [done, not_yet] = hrefs(answer)
    assert parse_qs(urlsplit(done).query)["body"] == ["SELESAI"]
    assert parse_qs(urlsplit(not_yet).query)["body"] == ["BELUM\r\n\r\nKendala: "]
    assert not_yet.endswith("&body=BELUM%0D%0A%0D%0AKendala%3A%20")
    assert "Balas dengan: BELUM" in " ".join(answer.text.split())


@pytest.mark.parametrize("words", ["", "Masih muncul galat 503, KENARI-KENDALA."])
def test_what_the_user_writes_behind_the_label_reaches_staff_and_opens_the_ticket_again(
    office: PaperWorld, words: str
) -> None:
    answer = resolved(office)
    body = links(answer)["BELUM\n\nKendala:"]
    office.write("pengguna", f"{body}{words}", subject=answer.subject)
    assert office.once()
    notice = office.last("petugas", "staff_user_reply")
    assert office.status() == "in_progress"
    [kept] = office.rows("SELECT body FROM texts WHERE role = 'user' ORDER BY id DESC LIMIT 1")
    assert kept["body"] == (f"BELUM\n\nKendala: {words}" if words else "BELUM")
    assert ("Kendala:" in notice.text) is bool(words) and words in flat(notice)


def test_a_bare_not_yet_is_no_data_for_lkpp(office: PaperWorld) -> None:
    asked = data_requested(office)
    before = len(office.letters("lkpp"))
    office.write("pengguna", "BELUM\n\nKendala: ", answers=asked)
    assert office.once()
    assert office.status() == "awaiting_data" and len(office.letters("lkpp")) == before
    assert "BELUM" in office.last("petugas", "staff_user_reply").text


# --- the form for users ----------------------------------------------------------------------------------


FORM = "FORM KONSULTASI PENGGUNA SPSE"


@pytest.mark.parametrize(
    ("text", "asked", "not_asked"),
    [
        (
            "Kami tidak bisa login SPSE.",
            ["b. Nama Instansi/Perusahaan", "c. Alamat", "d. Nomor Telepon/HP", "User ID (tanpa password)"],
            ["a. Nama", "B. PERMASALAHAN", "C. JAWABAN", "Hari/Tanggal"],
        ),
        (
            "Kami tidak bisa login SPSE.\nInstansi: CV Contoh\nUser ID: CONTOH1",
            ["c. Alamat", "d. Nomor Telepon/HP"],
            ["b. Nama Instansi/Perusahaan", "User ID (tanpa password)"],
        ),
    ],
)
def test_the_acknowledgement_asks_for_the_lines_of_the_form_that_are_missing(
    office: PaperWorld, text: str, asked: list[str], not_asked: list[str]
) -> None:
    notice = opened(office, text, sender="Budi Santoso <budi@penyedia.test>")
    sent = office.last("pengguna", "user_acknowledgement").text
    assert FORM in sent
    assert [line for line in asked if line not in sent] == [] and [line for line in not_asked if line in sent] == []
    assert "telah diminta dalam tanda terima" in flat(notice)


def test_who_has_said_who_he_is_gets_no_form(office: PaperWorld) -> None:
    opened(office)
    assert FORM not in office.last("pengguna", "user_acknowledgement").text


def test_a_question_gets_no_form(office: PaperWorld) -> None:
    notice = opened(office, "Bagaimana cara mendaftar sebagai penyedia?", subject="Tanya")
    assert FORM not in office.last("pengguna", "user_acknowledgement").text
    assert "Identitas belum lengkap" in notice.text and "telah diminta" not in flat(notice)


def test_the_form_is_not_repeated_while_nobody_has_answered_it(office: PaperWorld) -> None:
    notice = opened(office, "Kami tidak bisa login SPSE.")
    assert FORM in office.last("pengguna", "user_acknowledgement").text
    staff_writes(office, "#minta-data Mohon kirim tangkapan layar.", notice)
    minutes_later(office, 4)
    assert FORM not in office.last("pengguna", "user_request").text


def test_what_is_still_missing_after_an_answer_is_asked_for_once_more(office: PaperWorld) -> None:
    notice = opened(office, "Kami tidak bisa login SPSE.")
    office.now += timedelta(minutes=5)
    office.write("pengguna", "b. Nama Instansi/Perusahaan : CV Contoh", answers=office.last("pengguna"))
    assert office.once()
    staff_writes(office, "#minta-data Mohon kirim tangkapan layar.", notice)
    minutes_later(office, 4)
    asked = office.last("pengguna", "user_request").text
    assert FORM in asked and "d. Nomor Telepon/HP" in asked and "b. Nama Instansi" not in asked


def test_the_lines_that_are_filled_in_are_read(office: PaperWorld) -> None:
    opened(office, "Kami tidak bisa login SPSE.")
    receipt = office.last("pengguna", "user_acknowledgement")
    filled = re.sub(r"(d\. Nomor Telepon/HP\s*:)", r"\1 0812-3456-7890", receipt.text)
    lines = "\n".join(f"> {line}" for line in filled.splitlines())
    office.write(
        "pengguna", f"Sudah kami isi.\n\nPada Sen, 21 Des 2026 LPSE menulis:\n{lines}", answers=receipt, quote=False
    )
    assert office.once()
    found = {row["name"]: row["value"] for row in office.rows("SELECT name, value FROM fields")}
    assert found["phone"] == "0812-3456-7890"
