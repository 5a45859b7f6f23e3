"""The demo's page: complete, on its own, safe to open, and readable."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise, product
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.demo import timeline
from mailbot.demo.record import COORDINATOR, LKPP, MAILBOT, STAFF, USER, Case, Record, Shown
from mailbot.demo.timeline_figures import figures
from mailbot.demo.timeline_flow import strip
from mailbot.demo.timeline_mail import SOURCE_LINES, opened, size_words
from mailbot.demo.timeline_story import tell
from mailbot.rules.sop import table
from tests import ROOT
from tests.page import Element, tree

WIB = ZoneInfo("Asia/Jakarta")
CSS = ROOT / "mailbot/demo/timeline.css"
ONE, TWO = "LPSE-BTG-2026-000001", "LPSE-BTG-2026-000002"
SOP = table.load().steps


# --- a small record ----------------------------------------------------------------------------------


def at(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=WIB)


def letter(
    template: str = "",
    *,
    subject: str = "Perihal",
    sender: str = "LPSE <lpse@batang.example>",
    text: str = "Isi",
    html: str = "<p>Isi</p>",
    files: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "budi@penyedia.example", subject
    message["Date"] = at("2026-12-21 09:00")
    if template:
        message["X-Mailbot-Template"] = template
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(message)


def mail(when: str, way: tuple[str, str], step: str = "", *, ticket: str | None = ONE, **more: Any) -> Shown:
    template = more.pop("template", "")
    return Shown(
        at=at(when),
        kind="mail",
        ticket=ticket,
        step=tuple(step.split()),
        branch="",
        sender=way[0],
        recipient=way[1],
        title=more.pop("title", "Sebuah e-mail"),
        text=more.pop("text", "Isinya"),
        file=more.pop("file", "surat/01.eml"),
        raw=more.pop("raw", None) or letter(template, **more),
    )


def inside(when: str, step: str, branch: Any = "", ticket: str = ONE) -> Shown:
    title = next(one.activity for one in SOP if one.no == step)
    return Shown(
        at=at(when),
        kind="inside",
        ticket=ticket,
        step=(step,),
        branch=branch,
        sender=LKPP,
        recipient=LKPP,
        title=title,
        text="Penjelasan",
    )


def day(when: str, title: str, text: str) -> Shown:
    return Shown(
        at=at(when),
        kind="day",
        ticket=None,
        step=(),
        branch="",
        sender=MAILBOT,
        recipient=MAILBOT,
        title=title,
        text=text,
    )


TO_USER, TO_STAFF, TO_LKPP = (MAILBOT, USER), (MAILBOT, STAFF), (MAILBOT, LKPP)
FROM_USER, FROM_STAFF, FROM_LKPP = (USER, MAILBOT), (STAFF, MAILBOT), (LKPP, MAILBOT)

SHOWN = (
    mail("2026-12-21 09:00", FROM_USER, ticket=None, html="", title="Pengguna melapor"),
    mail("2026-12-21 09:00", TO_USER, template="user_acknowledgement", title="Tanda terima"),
    mail("2026-12-21 09:00", TO_STAFF, template="staff_new_ticket"),
    mail("2026-12-21 09:20", FROM_STAFF, "1", html=""),
    mail("2026-12-21 09:20", TO_STAFF, template="staff_receipt"),
    mail("2026-12-21 09:20", TO_LKPP, "1", template="lkpp_escalation", title="Eskalasi"),
    mail("2026-12-21 09:20", TO_USER, "1", template="user_escalated"),
    inside("2026-12-21 10:00", "2"),
    inside("2026-12-21 10:00", "3", "Tidak"),
    inside("2026-12-21 10:00", "5", "Ya"),
    mail("2026-12-21 10:10", FROM_LKPP, "6", html=""),
    mail("2026-12-21 10:10", TO_USER, "7", template="user_data_request"),
    mail("2026-12-22 10:30", FROM_USER, "8", html="", files=[("layar.png", b"x" * 38_000)]),
    mail("2026-12-22 10:32", TO_LKPP, "9", template="lkpp_additional_data"),
    inside("2026-12-22 11:00", "10"),
    inside("2026-12-22 11:00", "11"),
    day("2026-12-23 00:00", "Rabu, 23 Desember 2026: hari kerja", "Hari kerja ke-1."),
    day("2026-12-24 00:00", "Kamis, 24 Desember 2026: cuti bersama", "Tidak dihitung."),
    day("2026-12-28 00:00", "Senin, 28 Desember 2026: hari kerja", "Hari kerja ke-2."),
    inside("2026-12-28 10:32", "12", "Tidak"),
    mail("2026-12-28 10:32", TO_LKPP, "12", template="lkpp_status_enquiry"),
    mail("2026-12-28 10:32", (MAILBOT, COORDINATOR), "12", ticket=None, template="coordinator_overdue"),
    mail("2026-12-28 11:00", FROM_USER, ticket=None, html=""),
    mail("2026-12-28 11:00", TO_USER, ticket=TWO, template="user_acknowledgement"),
    mail("2026-12-28 11:10", FROM_STAFF, "1", ticket=TWO, html=""),
    mail("2026-12-28 11:14", TO_LKPP, "1", ticket=TWO, template="lkpp_escalation"),
    inside("2026-12-28 11:30", "2", ticket=TWO),
    inside("2026-12-28 11:30", "3", "Ya", ticket=TWO),
    mail("2026-12-28 11:40", FROM_LKPP, "4", ticket=TWO, html=""),
    mail("2026-12-29 09:00", FROM_LKPP, "14", html=""),
    inside("2026-12-30 09:00", "5", "Tidak"),
    inside("2026-12-30 09:00", "12", "Ya"),
    mail("2026-12-30 09:00", FROM_LKPP, "13", html=""),
    mail("2026-12-30 09:00", TO_USER, "13", template="user_resolved"),
)


def case(number: str = ONE, **changes: str) -> Case:
    words = {"form_number": "0001/FK", "subject": "Tidak bisa masuk", "user": "Budi", "matter": "Selesai"} | changes
    return Case(number=number, opened=at("2026-12-21 09:00"), closed=at("2026-12-30 09:00"), **words)


def record(shown: Sequence[Shown] = SHOWN, **changes: Any) -> Record:
    values: dict[str, Any] = {
        "organisation": "LPSE Kabupaten Batang",
        "address": "lpse@batang.example",
        "zone": WIB,
        "cases": (case(ONE), case(TWO)),
        "sop": SOP,
    }
    return Record(shown=tuple(shown), **(values | changes))


# --- reading the page ------------------------------------------------------------------------------------


PAGE = timeline.page(record())


def test_the_page_is_one_document() -> None:
    assert PAGE.startswith("<!DOCTYPE html>")
    assert PAGE.endswith("</html>\n")
    ids = tree(PAGE).attribute("id")
    assert len(ids) == len(set(ids))


# --- what it tells ---------------------------------------------------------------------------------------


def test_every_link_leads_to_something_on_the_page() -> None:
    page = tree(PAGE)
    links = [href.removeprefix("#") for href in page.attribute("href")]
    assert len(links) > 2 * len(SOP)
    assert set(links) <= set(page.attribute("id"))


def test_every_step_leads_to_the_first_thing_that_shows_it() -> None:
    story = tell(record())
    stops = strip(SOP, story.cards).stops
    assert [stop.no for stop in stops] == [str(number) for number in range(1, 15)]
    for stop in stops:
        assert stop.card is not None
        first = next(card for card in story.cards if stop.no in card.shown.step)
        assert stop.card.anchor == first.anchor
    assert "14 dari 14" in PAGE


def test_both_answers_of_every_question_lead_to_where_they_were_given() -> None:
    found = {
        (stop.no, answer.word): answer.card.shown.at
        for stop in strip(SOP, tell(record()).cards).stops
        for answer in stop.answers
        if answer.card
    }
    assert found == {
        ("3", "Ya"): at("2026-12-28 11:30"),
        ("3", "Tidak"): at("2026-12-21 10:00"),
        ("5", "Ya"): at("2026-12-21 10:00"),
        ("5", "Tidak"): at("2026-12-30 09:00"),
        ("12", "Ya"): at("2026-12-30 09:00"),
        ("12", "Tidak"): at("2026-12-28 10:32"),
    }
    assert "6 dari 6" in PAGE


def test_what_was_not_shown_is_not_claimed() -> None:
    page = timeline.page(record([shown for shown in SHOWN if "14" not in shown.step and shown.branch != "Ya"]))
    assert "13 dari 14" in page
    assert "3 dari 6" in page
    assert "tidak diperagakan" in page
    assert "tidak diperagakan" not in PAGE


def test_a_mail_is_shown_with_its_head_its_text_and_its_files() -> None:
    raw = letter(
        "user_answer",
        subject="[LPSE-BTG-2026-000001] Jawaban",
        text="Baris teks\n",
        html="<p>Baris HTML</p>",
        files=[("panduan.pdf", b"x" * 38_400)],
    )
    mail = opened(raw, WIB)
    assert (mail.sender, mail.sender_address) == ("LPSE", "lpse@batang.example")
    assert mail.recipient == "budi@penyedia.example"
    assert mail.subject == "[LPSE-BTG-2026-000001] Jawaban"
    assert mail.date == "Senin, 21 Desember 2026 pukul 09.00 WIB"
    assert mail.text == "Baris teks"
    assert mail.html.endswith("<p>Baris HTML</p>\n")
    assert [(file.name, file.kind, file.size) for file in mail.attachments] == [("panduan.pdf", "PDF", "38 kB")]
    page = timeline.page(record([mail_of(raw)]))
    for words in ("panduan.pdf", "38 kB", "Baris teks", "Senin, 21 Desember 2026 pukul 09.00 WIB"):
        assert words in page
    frames = tree(page).attribute("srcdoc")
    assert len(frames) == 1
    assert "<p>Baris HTML</p>" in frames[0]


def mail_of(raw: bytes) -> Shown:
    return mail("2026-12-21 09:00", TO_USER, raw=raw)


def test_a_file_is_named_and_not_contained() -> None:
    small, large = (timeline.page(record([mail_of(letter(files=[("a.bin", b"x" * n)]))])) for n in (900, 900_000))
    assert len(large) < len(small) + 1000


def test_the_source_keeps_heads_and_text_and_the_beginning_of_files() -> None:
    text = "".join(f"Baris {number}\n" for number in range(40))
    source = opened(letter(text=text, files=[("a.bin", bytes(range(256)) * 40)]), WIB).source.split("\n")
    assert [line for line in source if line.startswith("Baris ")] == text.split("\n")[:-1]
    assert 'Content-Disposition: attachment; filename="a.bin"' in source
    assert len([line for line in source if re.fullmatch(r"[A-Za-z0-9+/=]{60,}", line)]) == SOURCE_LINES
    assert any("baris tidak ditampilkan" in line for line in source)
    assert source[-1].endswith("--")  # also the end is there


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (38_400, "38 kB"), (999_499, "999 kB"), (1_449_999, "1,4 MB")],
)
def test_sizes_are_written_the_indonesian_way(size: int, words: str) -> None:
    assert size_words(size) == words


# --- order and place -----------------------------------------------------------------------------------------


def test_a_users_first_mail_belongs_to_the_ticket_that_it_opens() -> None:
    first, second = (card for card in tell(record()).cards if card.shown.ticket is None and card.shown.sender == USER)
    assert (first.ticket, second.ticket) == (1, 2)


def test_a_report_on_many_tickets_stands_beside_what_happened_in_its_minute() -> None:
    moments = [moment for day in tell(record()).days for moment in day.moments]
    [moment] = [one for one in moments if any(card.shown.recipient == COORDINATOR for card in one.cards)]
    assert (moment.time, moment.ticket, len(moment.cards)) == ("10.32", 1, 3)


def test_consequences_stand_side_by_side_below_their_cause() -> None:
    moments = [moment for day in tell(record()).days for moment in day.moments]
    places = [[(card.lane, card.row) for card in moment.cards] for moment in moments]
    assert places[0] == [("user", 1), ("user", 2), ("lpse", 2)]
    assert places[1] == [("lpse", 1), ("lpse", 2), ("lkpp", 2), ("user", 2)]
    assert places[2] == [("lkpp", 1), ("lkpp", 2), ("lkpp", 3)]


WAYS = st.sampled_from([TO_USER, TO_STAFF, TO_LKPP, FROM_USER, FROM_STAFF, FROM_LKPP, (LKPP, LKPP)])


@given(st.lists(st.tuples(WAYS, st.integers(0, 2), st.sampled_from([ONE, TWO, None])), max_size=20))
@settings(max_examples=60, deadline=None)
def test_no_two_cards_lie_on_one_another(many: list[tuple[tuple[str, str], int, str | None]]) -> None:
    start, shown = at("2026-12-21 09:00"), []
    for way, minutes, ticket in many:
        start += timedelta(minutes=minutes)
        shown.append(
            Shown(
                at=start,
                kind="inside" if way == (LKPP, LKPP) else "mail",
                ticket=ticket,
                step=(),
                branch="",
                sender=way[0],
                recipient=way[1],
                title="Sesuatu",
                text="",
            )
        )
    story = tell(record(shown))
    assert [card.shown for card in story.cards] == shown
    for moment in (moment for day in story.days for moment in day.moments):
        cells = [(card.lane, card.row + n) for card in moment.cards for n in range(card.span)]
        assert len(cells) == len(set(cells))


def test_days_without_mail_are_named_with_their_reason() -> None:
    monday = next(day for day in tell(record()).days if day.anchor == "hari-2026-12-28")
    assert [(pause.day, pause.reason, pause.off, pause.note) for pause in monday.before] == [
        ("Rab, 23 Des", "Hari kerja, tidak ada kabar", False, "Hari kerja ke-1."),
        ("Kam, 24 Des", "Cuti Bersama Hari Raya Natal", True, "Tidak dihitung."),
        ("Jum, 25 Des", "Hari Raya Natal", True, ""),
        ("Sab, 26 Des", "Akhir pekan", True, ""),
        ("Min, 27 Des", "Akhir pekan", True, ""),
    ]
    assert (monday.title, monday.note) == ("Senin, 28 Desember 2026", "Hari kerja ke-2.")


def test_between_two_days_the_open_tickets_are_known() -> None:
    assert [sorted(day.open) for day in tell(record()).days] == [[], [1], [1], [1], [1]]


@pytest.mark.parametrize(
    ("when", "template", "words"),
    [
        ("2026-12-21 09:20", "lkpp_escalation", "Kabar LKPP ditunggu sampai Rab, 23 Des pukul 09.20"),
        ("2026-12-22 10:32", "lkpp_additional_data", "Kabar LKPP ditunggu sampai Sen, 28 Des pukul 10.32"),
        ("2026-12-28 10:32", "lkpp_status_enquiry", "Kabar LKPP ditunggu sampai Sel, 29 Des pukul 10.32"),
        ("2026-12-21 10:10", "user_data_request", "Data dari pengguna ditunggu sampai Sen, 28 Des pukul 10.10"),
        ("2026-12-21 09:00", "user_acknowledgement", ""),
    ],
)
def test_the_clock_that_begins_to_run_is_named_with_its_end(when: str, template: str, words: str) -> None:
    [card] = [card for card in tell(record()).cards if card.mail and card.mail.template == template][:1]
    assert card.shown.at == at(when)
    assert card.waits == words
    assert words in PAGE


def test_a_mail_to_the_user_is_believed_on_its_own_deadline() -> None:
    text = (
        "diterima pada Senin, 28 Desember 2026 pukul 10.05 WIB; paling lambat\nKamis, 31 Desember\n2026 pukul 13.45 WIB"
    )
    shown = mail("2026-12-28 13:49", TO_USER, raw=letter("user_answer", text=text))
    [card] = tell(record([shown])).cards
    assert card.waits == "Konfirmasi pengguna ditunggu sampai Kam, 31 Des pukul 13.45"


# --- what it measures ------------------------------------------------------------------------------------------


def test_the_figures_are_measured_in_the_record() -> None:
    found = {figure.label: (figure.value, figure.note) for figure in figures(tell(record()))}
    assert found == {
        # The longer of the two tickets' ways.
        "dari perintah petugas sampai eskalasi terkirim kepada LKPP": ("4 menit", "Batas SOP: 5 menit"),
        "dari data tambahan pengguna sampai diteruskan kepada LKPP": ("2 menit", "Batas SOP: 5 menit"),
        "tanpa kabar, lalu status ditanyakan kepada LKPP": ("2 hari kerja", "4 hari libur di antaranya dilewati"),
        "ditulis dan dikirim mailbot": ("12 e-mail", "Petugas cukup menulis 2 e-mail"),
    }


def test_what_took_less_than_a_minute_says_so() -> None:
    first, *_ = figures(tell(record(SHOWN[:7])))
    assert first.value == "< 1 menit"


def test_without_anything_to_measure_nothing_is_claimed() -> None:
    assert figures(tell(record([]))) == ()


# --- records of any content --------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"cases": ()}, {"sop": ()}, {"shown": ()}, {"cases": (), "sop": (), "shown": ()}])
def test_a_record_that_lacks_something_still_makes_a_page(changes: dict[str, Any]) -> None:
    page = timeline.page(record(**({"shown": SHOWN} | changes)))
    parsed = tree(page)
    assert page.endswith("</html>\n")
    assert {href.removeprefix("#") for href in parsed.attribute("href")} <= set(parsed.attribute("id"))


BROKEN = {
    "nothing": b"",
    "no head": b"\r\n\r\nIsi",
    "unknown charset": b"Content-Type: text/plain; charset=klingon\r\n\r\nIsi \xff\xfe",
    "no date": b"Date: kapan-kapan\r\nSubject: =?utf-8?q?=ff?=\r\n\r\nIsi",
    "bad addresses": b"From: <<>,,;:@\r\nTo: undisclosed-recipients:;\r\n\r\nIsi",
    "no end": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<b>',
    "multipart without boundary": b"Content-Type: multipart/alternative\r\n\r\nIsi",
    "bad base64": b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%%",
    "8-bit head": "Subject: Tidak bisa masuk – é\r\n\r\nIsi".encode(),
    "null bytes": b"Subject: a\0b\r\n\r\nI\0si",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_a_broken_mail_is_shown_as_far_as_it_can_be_read(raw: bytes) -> None:
    page = timeline.page(record([mail("2026-12-21 09:00", TO_USER, raw=raw or b"\n")]))
    assert len(tree(page).attribute("srcdoc")) == (b"<b>" in raw)
    page.encode()


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_no_bytes_whatever_stop_the_reading_of_a_mail(noise: bytes, where: int, cut: int) -> None:
    whole = letter("user_answer", files=[("a.png", b"xyz" * 50)])
    for raw in (noise, whole[:where] + noise + whole[where + cut :]):
        opened(raw, WIB).source.encode()


# --- safe to open ------------------------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1) id='hacked'>",
    "'><svg/onload=alert(1)>",
    "</pre></iframe></article><h1>Palsu</h1>",
    "<!--",
    "--></style><style>*{display:none}</style>",
    "{{ 7 * 7 }}{% include 'x' %}",
    "javascript:alert(1)",
    "&lt;b&gt;&#x27;",
    "\u202egnp.exe \ud800 \x00 \x1b[31m",
]


def spread(words: str) -> Record:
    """A record with these words wherever a mail or a person could put them."""
    safe = words.encode("utf-8", "replace").decode()
    head = " ".join(re.sub(r"[\x00-\x1f]", " ", safe).split())
    raw = letter(subject=head, text=safe, html=safe, files=[(head, b"x")])
    odd = raw.replace(b"From: LPSE <lpse@batang.example>", b"From: " + head.encode())
    shown = [
        mail("2026-12-21 09:00", FROM_USER, "1", title=words, text=words, file=words, raw=raw),
        mail("2026-12-21 09:00", TO_USER, "1", title=words, text=words, file=words, raw=odd),
        day("2026-12-22 00:00", words, words),
        Shown(
            at=at("2026-12-23 09:00"),
            kind="inside",
            ticket=words,
            step=(words,),
            branch="",
            sender=words,
            recipient=words,
            title=words,
            text=words,
        ),
        mail("2026-12-24 09:00", (words, words), "1", title=words, text=words, file=words, raw=raw),
    ]
    cases = (case(words, form_number=words, subject=words, user=words, matter=words), case(ONE))
    return record(shown, organisation=words, cases=cases)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    def shape(page: Element) -> list[tuple[str, list[str]]]:
        return [(element.tag, sorted(element.attributes)) for element in page]

    def active(page: Element) -> list[str]:
        return [element.text for element in page.all("style", "script")]

    harmless, hostile = (tree(timeline.page(spread(each))) for each in ("biasa saja", words))
    assert shape(hostile) == shape(harmless)
    assert active(hostile) == active(harmless)
    assert hostile.attribute("id") == harmless.attribute("id")


def test_the_page_runs_its_own_script_only_and_loads_nothing() -> None:
    page = tree(PAGE)
    [script] = [element.text for element in page.all("script")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    metas = [element.attributes for element in page.all("meta")]
    policy = next(each["content"] for each in metas if each.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",  # the mails' own inline styles
        "img-src": "data:",
        "script-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not re.search(r"\beval\b|\bFunction\(|innerHTML|insertAdjacentHTML|document\.write", script)


def test_nothing_on_the_page_points_elsewhere() -> None:
    page = tree(PAGE)
    for value in page.attribute("href", "src", "action", "data", "poster", "srcset", "background", "formaction"):
        assert value.startswith(("#", "mailto:")), value
    style = "".join(element.text for element in page.all("style"))
    assert "@import" not in style
    assert set(re.findall(r"url\(\s*([^)]{0,2})", style)) <= {"#u", "#p"}
    assert not [name for element in page for name in element.attributes if name.startswith("on")]
    assert not page.all("link", "img", "object", "embed", "base", "form", "video", "audio")


def test_a_mails_html_is_shut_into_a_frame_without_scripts() -> None:
    page = tree(timeline.page(record([mail_of(letter(html="<script>x</script>"))])))
    [frame] = [element.attributes for element in page.all("iframe")]
    assert frame["sandbox"] == "allow-same-origin"
    assert "src" not in frame
    policy = frame["srcdoc"].index("default-src 'none'")
    assert policy < frame["srcdoc"].index("<script>")
    assert "script-src" not in frame["srcdoc"]


def test_on_a_dark_screen_a_mail_that_chose_colours_keeps_its_white_paper() -> None:
    dark = "color-scheme:light dark"
    assert dark in opened(letter(html="<p>Isi</p>"), WIB).html
    assert dark not in opened(letter(html='<p style="COLOR:#000">Isi</p>'), WIB).html


def screenshots() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots", ROOT / "scripts/screenshots.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules["screenshots"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not any(map(shutil.which, ("chromium", "google-chrome"))), reason="needs a Chromium")
def test_in_a_browser_mails_open_and_nothing_hostile_runs(tmp_path: Path) -> None:
    evil = (
        "<p id=isi>Isi surat</p><script>parent.hacked = 1; top.document.title = 'x'</script>"
        "<img src=http://127.0.0.1:9/x onerror='parent.hacked = 2'><style>@import 'http://127.0.0.1:9/y'</style>"
    )
    wide = "Siti Rahmawati <siti.rahmawati.yang.panjang.sekali@karyanusantara-sejahtera.example>"
    shown = [mail_of(letter(html=evil, subject=wide, files=[(f"{'w' * 90}.png", b"x")])), *SHOWN]
    file = tmp_path / "linimasa.html"
    file.write_text(timeline.page(record(shown, cases=(case(user=wide), case(TWO)))), encoding="utf-8")
    # Elements that reach over the window's edge, drawings aside; a phone's innerWidth would grow with them.
    too_wide = """[...document.querySelectorAll('main *, dialog[open] *')].filter(each => !each.closest('svg, .hidden')
        && each.getBoundingClientRect().right > WIDTH + 1).map(each => each.outerHTML.slice(0, 80))"""
    with screenshots().chromium() as browser:
        for width in (360, 1280):
            browser.look(width, 800, "light", 1.0)
            browser.open(file.as_uri())
            browser.run("document.querySelector('.card summary').click()")
            browser.settle()
            assert browser.run("document.querySelector('dialog').open") is True
            assert "Isi surat" in browser.run(
                "document.querySelector('dialog iframe').contentDocument.body.textContent"
            )
            assert browser.run("typeof hacked") == "undefined"
            assert browser.run("document.title").startswith("Peragaan")
            assert browser.run("performance.getEntriesByType('resource').length") == 0
            assert browser.run(too_wide.replace("WIDTH", str(width))) == []
            browser.run("document.querySelector('[data-close]').click()")
            browser.settle()
            assert browser.run("document.querySelector('dialog .letter') === null") is True


# --- readable ----------------------------------------------------------------------------------------------------

PAIRS = [
    *(product(["ink", "soft", "accent"], ["desk", "paper", "sunk"])),
    *(product(["ink", "soft", "accent"], ["user", "staff", "bot", "lkpp", "faint"])),
    *(product(["ink", "soft"], ["user-lane", "lpse-lane", "lkpp-lane"])),
    *((f"{party}-ink", back) for party in ("user", "staff", "bot", "lkpp") for back in (party, "paper", "desk")),
    *(("on-tone", f"{party}-ink") for party in ("user", "staff", "bot", "lkpp")),
    *product(["one", "two"], ["paper", "desk"]),
    ("hero-ink", "hero"),
    ("hero-soft", "hero"),
    ("off-ink", "off"),
    ("off-ink", "paper"),
    ("off-ink", "desk"),
    ("wait-ink", "wait"),
    ("good-ink", "paper"),
    ("on-tone", "accent"),
]


def tokens() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS.read_text(encoding="utf-8"), re.DOTALL)[:2]
    return {
        name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})\b", block))
        for name, block in (("light", light), ("dark", dark))
    }


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_they_stand_on(scheme: str) -> None:
    colours = tokens()[scheme]
    weak = {}
    for front, back in PAIRS:
        lighter, darker = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
        if (contrast := (lighter + 0.05) / (darker + 0.05)) < 4.5:
            weak[front, back] = round(contrast, 2)
    assert weak == {}


def test_every_colour_is_defined_in_both_schemes() -> None:
    style = CSS.read_text(encoding="utf-8")
    found = tokens()
    assert found["light"].keys() == found["dark"].keys()
    used = set(re.findall(r"var\(--([a-z-]+)", style))
    set_elsewhere = {"tone", "fill", "shadow", "x", "y", "row", "span", "column"}
    assert used - set_elsewhere == set(found["light"])


def test_moving_is_left_to_those_who_want_it() -> None:
    style = CSS.read_text(encoding="utf-8")
    calm, _, moving = style.partition("@media (prefers-reduced-motion: no-preference)")
    assert "scroll-behavior: smooth" in moving
    assert not re.search(r"(?<!over)scroll-behavior|animation|transition", calm)


def test_headings_do_not_skip_a_level() -> None:
    levels = [int(heading.tag[1]) for heading in tree(PAGE).all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
