"""Every mail of the catalogue, with believable values: its words, its layout, what it must not contain."""

from __future__ import annotations

import os
import re

import pytest

from mailbot.model import Role
from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply.quoted import MARKER, new_text
from mailbot.sentences import Sentences
from mailbot.templates import catalogue
from mailbot.templates.catalogue import MAILS
from mailbot.templates.files import BUILTIN
from mailbot.templates.render import Renderer
from tests import TESTS
from tests.page import tree
from tests.sample_values import ACTIONS, CONFIRMATION, LONG_WORDS, MONTH, sample

SNAPSHOTS = TESTS / "snapshots"
RENDERER = Renderer()


@pytest.fixture(scope="module", autouse=True)
def _made_anew() -> None:
    """See tests/templates/test_render.py."""
    global RENDERER
    RENDERER = Renderer()


def seen_words(html: str) -> str:
    """What a reader of the HTML sees, on one line."""
    return " ".join(" ".join(piece for element, piece in tree(html).pieces if element.seen).split())


def test_the_shipped_templates_have_no_fault() -> None:
    assert RENDERER.check() == []


def test_every_mail_template_belongs_to_the_catalogue() -> None:
    names = {path.stem for path in BUILTIN.glob("*.j2") if not path.name.startswith(("part_", "signature_", "layout."))}
    assert names == set(MAILS)


def test_each_name_of_a_mail_is_that_of_a_mail_in_the_catalogue() -> None:
    assert list(Sentences(catalogue.__file__).table("kinds")) == list(MAILS)


def test_the_audience_is_the_first_word_of_the_name() -> None:
    assert all(kind.name.startswith(f"{kind.audience}_") for kind in MAILS.values())


@pytest.mark.parametrize(
    ("names", "envelope", "auto_submitted"),
    [
        ("user_acknowledgement staff_receipt staff_confirm", "null", "auto-replied"),
        (
            "staff_new_ticket staff_digest staff_direction coordinator_direction coordinator_overdue head_report"
            " head_overdue operator_alarm",
            "own",
            "auto-generated",
        ),
        ("user_reminder user_closed user_password_warning", "own", "auto-generated"),
        ("user_answer user_info user_request user_escalated user_data_request", "own", None),
        ("user_data_forwarded user_progress user_resolved", "own", None),
        ("lkpp_escalation lkpp_additional_data lkpp_status_enquiry lkpp_message", "own", None),
    ],
)
def test_envelope_and_auto_submitted_follow_the_kind(names: str, envelope: str, auto_submitted: str | None) -> None:
    for name in names.split():
        assert (MAILS[name].envelope, MAILS[name].auto_submitted) == (envelope, auto_submitted), name


@pytest.mark.parametrize("name", MAILS)
def test_the_plain_text_is_as_the_snapshot_has_it(name: str) -> None:
    """MAILBOT_UPDATE_SNAPSHOTS=1 writes them anew, to be read in the diff."""
    text, path = RENDERER.body(name, sample(name)).text, SNAPSHOTS / f"{name}.txt"
    if os.environ.get("MAILBOT_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["head_report", "coordinator_report"])
def test_the_report_of_a_month_is_as_the_snapshot_has_it(name: str) -> None:
    text, path = RENDERER.body(name, sample(name, month=MONTH, ticket=None)).text, SNAPSHOTS / "month" / f"{name}.txt"
    if os.environ.get("MAILBOT_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert max(map(len, text.split("\n"))) <= 78


@pytest.mark.parametrize("name", MAILS)
def test_our_own_prose_stays_within_78_columns(name: str) -> None:
    text = RENDERER.body(name, sample(name)).text
    passed_on = set(LONG_WORDS.split("\n")) | {sample("lkpp_escalation")["summary"]}
    long = [line for line in text.split("\n") if len(line) > 78 and line.removeprefix("│ ") not in passed_on]
    assert long == []


@pytest.mark.parametrize("name", MAILS)
def test_the_first_line_after_the_marker_is_the_kind_of_mail(name: str) -> None:
    lines = RENDERER.body(name, sample(name)).text.removeprefix(MARKER).lstrip("\n").split("\n")
    assert lines[0] == MAILS[name].kind


@pytest.mark.parametrize("name", MAILS)
def test_the_html_is_well_formed_and_loads_nothing_from_elsewhere(name: str) -> None:
    html = RENDERER.body(name, sample(name)).html
    page = tree(html)
    assert not page.all("script", "img", "link", "iframe", "object", "form", "svg", "base", "video")
    attributes = {name for element in page for name in element.attributes}
    assert not any(name.startswith("on") or name in ("src", "background") for name in attributes)
    assert all(link.startswith("mailto:") for link in page.attribute("href"))
    assert re.search(r"url\s*\(|@import|@font-face", html) is None


@pytest.mark.parametrize("name", MAILS)
def test_plain_text_and_html_say_the_same_words(name: str) -> None:
    body = RENDERER.body(name, sample(name))

    def words(text: str) -> set[str]:
        return set(re.findall(r"\w{4,}", text.lower()))

    in_html = words(seen_words(body.html))
    # The text names the warning and the way of replying where the HTML has colour and buttons.
    assert words(body.text) - in_html <= {"perhatian", "balas", "dengan", "mail"}


@pytest.mark.parametrize("name", [name for name, kind in MAILS.items() if "actions" in kind.variables])
def test_actions_are_buttons_in_html_and_instructions_in_text(name: str) -> None:
    # Those have links of their own.
    body = RENDERER.body(name, sample(name, actions=ACTIONS, similar=[], others=[], sections=[], approve=None))
    assert tree(body.html).attribute("href") == [str(action["href"]) for action in ACTIONS]
    assert "Balas dengan: #ambil" in " ".join(body.text.split())
    assert "mailto:" not in body.text


def test_the_entries_of_a_list_are_links_in_html_and_lines_in_text() -> None:
    hostile = {"label": "a | b => c", "href": None, "text": "<b>x</b>\n=> y | mailto:z", "details": None, "more": "m"}
    linked = {**hostile, "label": "LPSE-1", "href": "mailto:lpse@batang.test?body=%23status"}
    section = {"title": "Daftar", "note": "Catatan.", "entries": [hostile, linked]}
    body = RENDERER.body("staff_receipt", sample("staff_receipt", actions=[], sections=[section]))
    assert tree(body.html).attribute("href") == ["mailto:lpse@batang.test?body=%23status"]
    assert "&lt;b&gt;x&lt;/b&gt;" in body.html and "<b>x" not in body.html
    expected = "Daftar\n------\nCatatan.\n\n  a | b => c\n    <b>x</b> => y | mailto:z\n    m\n  LPSE-1\n"
    assert expected in body.text


@pytest.mark.parametrize("name", MAILS)
def test_the_marker_line_stands_on_top_of_what_people_answer(name: str) -> None:
    body = RENDERER.body(name, sample(name, form_missing=False))
    wanted = name not in ("user_closed", "user_password_warning", "operator_alarm")
    assert body.text.startswith(MARKER + "\n") is wanted
    assert seen_words(body.html).startswith(MARKER) is wanted


@pytest.mark.parametrize("name", ["user_acknowledgement", "user_request"])
def test_a_form_to_fill_in_stands_below_no_marker(name: str) -> None:
    body = RENDERER.body(name, sample(name, form_missing=True))
    assert MARKER not in body.text + body.html
    assert "d. Nomor Telepon/HP" in body.text


@pytest.mark.parametrize("name", [name for name, kind in MAILS.items() if kind.audience is Role.USER])
def test_users_learn_that_the_service_is_free_and_never_asks_for_passwords(name: str) -> None:
    text = " ".join(RENDERER.body(name, sample(name)).text.split())
    assert "Layanan ini tidak dipungut biaya. Mohon tidak mengirimkan password, PIN, atau kode OTP" in text
    assert text.count("Hormat kami,") == 1


@pytest.mark.parametrize("name", [name for name, kind in MAILS.items() if kind.audience in (Role.USER, Role.LKPP)])
def test_what_an_outsider_may_not_read_is_shown_by_no_template(name: str) -> None:
    values = sample(name)
    for record in values.values():
        if isinstance(record, dict):
            record_copy = dict.fromkeys(("handler", "note", "secret"), "CANARY")
            values = {key: ({**value, **record_copy} if value is record else value) for key, value in values.items()}
    values["internal"] = "CANARY"
    if "actor" in values:
        values["actor"] = {"name": "Sari", "address": "CANARY@example.com"}
    body = RENDERER.body(name, values)
    assert "CANARY" not in body.text + body.html


def test_an_acknowledgement_to_an_unauthenticated_sender_echoes_nothing_of_his() -> None:
    values = sample("user_acknowledgement", authenticated=False, recipient={"name": "CANARY", "address": "c@x.id"})
    values["ticket"] = {**values["ticket"], "subject": "CANARY http://spam.example"}
    body = RENDERER.body("user_acknowledgement", values)
    assert "CANARY" not in body.text + body.html
    assert "spam.example" not in body.text + body.html
    assert "Yth. Bapak/Ibu,\n" in body.text


def test_a_time_for_the_answer_is_promised_only_where_the_site_set_one() -> None:
    due = {"what": "tanggapan", "due": "Selasa, 24 November 2026", "overdue": None, "limit": None}
    with_time = RENDERER.body("user_acknowledgement", sample("user_acknowledgement", deadline=due)).text
    without = RENDERER.body("user_acknowledgement", sample("user_acknowledgement", deadline=None)).text
    assert "paling lambat Selasa, 24 November 2026" in " ".join(with_time.split())
    assert "paling lambat" not in without
    # The hours themselves stand once, in the signature.
    words = " ".join(without.split())
    assert "menyampaikan tanggapan pada jam layanan." in words and words.count("Senin–Kamis") == 1


def test_the_acknowledgement_warns_of_a_password_in_the_words_of_the_warning() -> None:
    def paragraphs(name: str, **values: object) -> list[str]:
        return [" ".join(part.split()) for part in RENDERER.body(name, sample(name, **values)).text.split("\n\n")]

    with_it = paragraphs("user_acknowledgement", has_secret=True)
    added = [one for one in with_it if one not in paragraphs("user_acknowledgement")]
    assert len(added) == 3 and "segera mengganti" in added[1]
    assert set(added) < set(paragraphs("user_password_warning"))


def test_a_request_speaks_of_closing_only_where_silence_closes_the_ticket() -> None:
    due = {"what": "data", "due": "Selasa, 24 November 2026", "overdue": None, "limit": None}
    closes = RENDERER.body("user_request", sample("user_request", deadline=due)).text
    stays = RENDERER.body("user_request", sample("user_request", deadline=due, close_on=None)).text
    assert "sebelum tiket kami tutup" in " ".join(closes.split())
    assert "Bapak/Ibu akan kami ingatkan." in " ".join(stays.split()) and "tutup" not in stays


@pytest.mark.parametrize("text", ["Sedang kami periksa.", None])
def test_whoever_is_waited_for_is_not_told_that_lkpp_is_at_work(text: str | None) -> None:
    waiting = {**sample("user_progress")["ticket"], "ball": "Pengguna"}
    values = sample("user_progress", text=text, enquiry=None, ticket=waiting)
    found = " ".join(RENDERER.body("user_progress", values).text.split())
    assert "masih dalam penanganan" not in found
    assert "dilanjutkan setelah data tambahan dari Bapak/Ibu kami terima." in found
    assert "Menunggu data tambahan dari Bapak/Ibu" in found


def test_an_interim_answer_asks_for_no_confirmation() -> None:
    interim = RENDERER.body("user_answer", sample("user_answer", close_on=None, actions=[])).text
    final = RENDERER.body("user_answer", sample("user_answer", actions=[])).text
    assert "SELESAI" not in interim
    assert "masih dalam penanganan" in interim
    assert "SELESAI" in final


@pytest.mark.parametrize(
    ("closing", "words"),
    [
        ("confirmed", "Terima kasih atas konfirmasi"),
        ("silent", "belum ada tanggapan"),
        ("staff", "Tiket berikut telah"),
    ],
)
def test_the_closing_mail_says_why(closing: str, words: str) -> None:
    assert words in RENDERER.body("user_closed", sample("user_closed", closing=closing)).text


def test_the_survey_comes_only_when_it_is_asked_for() -> None:
    assert "Kecepatan penyelesaian" in RENDERER.body("user_closed", sample("user_closed", survey=True)).text
    assert "urvei" not in RENDERER.body("user_closed", sample("user_closed", survey=False)).text


def test_lkpp_mail_of_an_unknown_ticket_lists_the_open_escalations() -> None:
    label = "LPSE-BTG-2026-000123 – Tidak bisa login"
    link = {"label": label, "href": "mailto:lpse@batangkab.go.id", "command": "#selesai", "hint": None}
    text = RENDERER.body("staff_lkpp_reply", sample("staff_lkpp_reply", ticket=None, meaning=None, actions=[link])).text
    assert "belum dikenali" in text
    assert label in text


def test_a_warning_holds_its_own_words_alone_and_the_links_have_one_heading() -> None:
    link = {"label": "LPSE-BTG-2026-000123", "href": "mailto:x@y.id", "command": "#selesai", "hint": None}
    unknown = sample("staff_lkpp_reply", ticket=None, meaning=None, authenticated=False, actions=[link])
    text = RENDERER.body("staff_lkpp_reply", unknown).text
    assert "dijalankan atau diteruskan.\n\nE-mail LKPP ini belum dikenali" in text
    assert "yang mana dimaksud?\n" in text and "Langkah berikutnya" not in text
    late = {"what": "eskalasi", "due": "Senin", "overdue": "12 menit", "limit": None, "postponed": "1 kali"}
    for name in ("staff_reminder", "staff_new_ticket"):
        lines = RENDERER.body(name, sample(name, deadline=late)).text.split("\n")
        [end] = [
            number for number, line in enumerate(lines) if line.endswith("Terlambat 12 menit: eskalasi. Batas: Senin.")
        ]
        assert lines[end + 1] == "", name


@pytest.mark.parametrize(
    "name", [name for name, kind in MAILS.items() if "deadline" in kind.variables and kind.audience is Role.STAFF]
)
def test_staff_read_what_is_due_before_the_ticket(name: str) -> None:
    text = RENDERER.body(name, sample(name)).text
    assert "Batas:" in text.partition("  Tiket ")[0]


def test_words_with_a_hyphen_are_not_torn_apart_at_the_end_of_a_line() -> None:
    html = RENDERER.body("user_acknowledgement", sample("user_acknowledgement")).html
    for word in ("e-mail", "[LPSE-BTG-2026-000123]", "07.30–12.00", "13.00–16.00;"):
        assert f'<span style="white-space:nowrap;">{word}</span>' in html
    long = "x-" * 60  # what is wider than a telephone must break
    html = RENDERER.body("user_info", sample("user_info", recipient={"name": long, "address": "x@y.id"})).html
    assert f"{long}," in html and f';">{long}' not in html
    hostile = RENDERER.body("user_info", sample("user_info", recipient={"name": "a-<b>", "address": "x@y.id"})).html
    assert "a-&lt;b&gt;" in hostile and "a-<b>" not in hostile


def test_a_refused_command_is_told_first() -> None:
    refused = {
        "refused": "#eskalasii tidak dikenal; maksud Anda #eskalasi?",
        "status": "baru",
        "commands": [],
        "sends": [],
    }
    text = RENDERER.body("staff_receipt", sample("staff_receipt", receipt=refused)).text
    assert "PERHATIAN: Tidak ada yang dijalankan: #eskalasii tidak dikenal" in " ".join(text.split())


def test_the_text_for_lpse_support_is_kept_character_by_character() -> None:
    paste = "Nomor : LPSE-BTG-2026-000123\n\n  kolom   lebar | # bukan judul\n" + "panjang " * 30 + "akhir"
    for name in ("staff_receipt", "staff_reminder"):
        assert f"\n\n{paste}\n" in RENDERER.body(name, sample(name, paste=paste)).text


@pytest.mark.parametrize("name", [name for name, kind in MAILS.items() if kind.marker])
def test_a_reply_above_our_mail_is_found_again_without_it(name: str) -> None:
    body = RENDERER.body(name, sample(name, form_missing=False))
    quoted = "\n".join(f"> {line}" for line in body.text.split("\n"))
    for reply in (f"Sudah kami coba.\n\n{quoted}", to_text(f"<p>Sudah kami coba.</p>{body.html}")):
        assert new_text(reply).text == "Sudah kami coba."


def test_a_code_stands_on_a_line_of_its_own_with_how_long_it_is_good() -> None:
    held = {"what": "#jawab", "text": "Silakan dicoba kembali."}
    values = sample("staff_confirm", confirmation=CONFIRMATION, held=held, text=None, reason="Perlu kode konfirmasi")
    body = RENDERER.body("staff_confirm", values)
    assert f"\n\n{CONFIRMATION['code']}\n" in body.text
    assert CONFIRMATION["code"] in body.html
    assert "pukul 11.12 WIB" in " ".join(body.text.split()) and "panduan.pdf" in body.text
