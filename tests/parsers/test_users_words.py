"""What staff and LKPP read of a user's reply: every word of his, wherever he writes it, and never a mail to staff."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply import users_words
from mailbot.parsers.reply.own_quote import Ours, apart
from mailbot.parsers.reply.quotable import Sent
from mailbot.parsers.reply.quoted import MARKER, new_text
from mailbot.parsers.reply.users_words import UsersWords, read
from mailbot.templates.render import Renderer
from tests.arrivals import test_reply_shapes
from tests.arrivals.test_reply_shapes import ADDRESS, LPSE, PROGRAMS, received
from tests.parsers.test_own_quote import OURS, REQUEST, SENT, quoted, words
from tests.sample_values import sample

GMAIL = f"Pada Sen, 30 Nov 2026 pukul 08.00 {LPSE} <{ADDRESS}> menulis:"
OUTLOOK = f"Dari: {LPSE} <{ADDRESS}>\nDikirim: Senin, 30 November 2026 08.00\nKepada: Budi\nPerihal: Tiket baru"
COLLEAGUE = (
    "-------- Pesan Diteruskan --------\nDari: Ani <ani@x.test>\nTanggal: 21 Des 2026 08.00\n"
    "Kepada: Budi <budi@x.test>\n\nGalat KENARI saat unggah penawaran."
)
PASTED = "Dari: gudang KENARI\nTanggal: 12 Desember 2026\nPerihal: permohonan MERPATI"

ITEM_1, ITEM_2 = "1. Tangkapan layar lengkap", "2. User ID penyedia"
NAME, PHONE = "  b. Nama Instansi/Perusahaan :", "  d. Nomor Telepon/HP         :"
CLOSING = "Mohon melengkapi pula formulir berikut."


def behind(text: str, **answers: str) -> str:
    """Our mail with an answer behind or below each of some lines."""
    for line, answer in ((ITEM_1, "one"), (ITEM_2, "two"), (NAME, "name"), (PHONE, "phone"), (CLOSING, "end")):
        if answer in answers:
            assert line in text
            text = text.replace(line, line + answers[answer])
    return text


def wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, 60) if len(line) > 60 else line for line in text.split("\n"))


#: A user's reply made of our mail, and the words in it that are his.
VARIANTS: dict[str, Callable[[str], tuple[str, str]]] = {
    "Outlook, no marks": lambda ours: (
        f"{OUTLOOK}\n\n{behind(ours, one=chr(10) + 'Sudah KENARI', two=chr(10) + 'budi77')}",
        "Sudah KENARI budi77",
    ),
    "Outlook, words above too": lambda ours: (
        f"Selamat pagi MERPATI\n\n{OUTLOOK}\n\n{behind(ours, one=chr(10) + 'KENARI')}",
        "Selamat pagi MERPATI KENARI",
    ),
    "Gmail, no marks": lambda ours: (f"{GMAIL}\n\n{behind(ours, two=chr(10) + 'KENARI')}", "KENARI"),
    "Gmail, marks": lambda ours: (
        f"Terlampir.\n\n{GMAIL}\n\n" + quoted(ours).replace(f"> {ITEM_2}", f"> {ITEM_2}\nKENARI"),
        "Terlampir KENARI",
    ),
    "marks before his words too": lambda ours: (f"{GMAIL}\n\n{quoted(behind(ours, one=chr(10) + 'KENARI'))}", "KENARI"),
    "same line": lambda ours: (f"{GMAIL}\n\n{behind(ours, one=' KENARI', two=': budi77')}", "KENARI budi77"),
    "same line, marks": lambda ours: (
        f"{GMAIL}\n\n{quoted(behind(ours, one=' KENARI', two=': budi77'))}",
        "KENARI budi77",
    ),
    "[Budi]": lambda ours: (f"{GMAIL}\n\n{behind(ours, one=chr(10) + '[Budi] KENARI')}", "Budi KENARI"),
    "arrow": lambda ours: (f"{GMAIL}\n\n{behind(ours, one=' --> KENARI')}", "KENARI"),
    "one word": lambda ours: (f"{GMAIL}\n\n{behind(ours, one=chr(10) + 'Ya', two=chr(10) + 'sudah')}", "Ya sudah"),
    "a date": lambda ours: (f"{OUTLOOK}\n\n{behind(ours, two=chr(10) + '21 Desember 2026')}", "21 Desember 2026"),
    "a tick": lambda ours: (f"{OUTLOOK}\n\n{behind(ours, one=' ✓', two=' budi77')}", "✓ budi77"),
    "the form, filled in": lambda ours: (
        f"{GMAIL}\n\n{behind(ours, name=' Budi KENARI', phone=' 0812')}",
        "Budi KENARI 0812",
    ),
    "the form, filled in with marks": lambda ours: (
        f"Sudah saya isi.\n\n{GMAIL}\n\n{quoted(behind(ours, name=' Budi KENARI', phone=' 0812'))}",
        "Sudah saya isi Budi KENARI 0812",
    ),
    "values on the next line": lambda ours: (f"{OUTLOOK}\n\n{behind(ours, name=chr(10) + 'KENARI')}", "KENARI"),
    "between rows": lambda ours: (f"{OUTLOOK}\n\n{behind(ours, phone=chr(10) + 'Catatan: KENARI')}", "Catatan KENARI"),
    "the rows cell by cell": lambda ours: (
        f"{OUTLOOK}\n\n" + behind(ours, name="\nKENARI", phone="\n0812").replace("  :", "\n:"),
        "KENARI 0812",
    ),
    "below": lambda ours: (f"{GMAIL}\n\n{quoted(ours)}\n\nKENARI", "KENARI"),
    "below, no marks": lambda ours: (f"{ours}\n\nKENARI", "KENARI"),
    "below and above": lambda ours: (f"MERPATI\n\n{GMAIL}\n{quoted(ours)}\n\nKENARI", "MERPATI KENARI"),
    "below a part": lambda ours: (f"{ours[: ours.index(CLOSING)]}\nKENARI", "KENARI"),
    "under the head": lambda ours: (f"{OUTLOOK}\n\nKENARI\n\n{ours}", "KENARI"),
    "pasted above": lambda ours: (f"{PASTED}\n\n{OUTLOOK}\n\n{ours}", PASTED),
    "pasted right above": lambda ours: (f"Mohon dicek:\n{PASTED}\n{ours}", f"Mohon dicek {PASTED}"),
    "pasted between": lambda ours: (f"{OUTLOOK}\n\n{behind(ours, end=chr(10) + PASTED)}", PASTED),
    "pasted below": lambda ours: (f"Berikut\n\n{GMAIL}\n{quoted(ours)}\n\n{PASTED}", f"Berikut {PASTED}"),
    "a notice pasted above": lambda ours: (
        "Muncul:\n-----Original Message-----\nKENARI ditolak\n\n" + f"{OUTLOOK}\n\n{ours}",
        "Muncul KENARI ditolak",
    ),
    "a colleague's mail above": lambda ours: (
        f"Lihat ini.\n\n{COLLEAGUE}\n\n{GMAIL}\n\n{quoted(ours)}",
        f"Lihat ini {COLLEAGUE}",
    ),
    "a colleague's mail below": lambda ours: (
        f"Lihat ini.\n\n{GMAIL}\n\n{quoted(ours)}\n\n{COLLEAGUE}",
        f"Lihat ini {COLLEAGUE}",
    ),
    "a colleague's mail between": lambda ours: (
        f"Lihat\n\n{OUTLOOK}\n\n{behind(ours, end=chr(10) * 2 + COLLEAGUE)}",
        f"Lihat {COLLEAGUE}",
    ),
    "a colleague quotes us": lambda ours: (
        f"Lihat.\n\nPada Sen, 21 Des 2026 pukul 07.00 Ani <ani@x.test> menulis:\n> KENARI\n>\n{quoted(quoted(ours))}",
        "Lihat KENARI",
    ),
    "wrapped at 60 columns": lambda ours: (wrapped(f"{GMAIL}\n\n{behind(ours, two=chr(10) + 'KENARI')}"), "KENARI"),
    "cut off": lambda ours: (behind(ours, one="\nKENARI")[: len(ours) // 2], "KENARI"),
    "his question repeats ours": lambda ours: (
        "Maksud kalimat “Mohon disertakan pula tangkapan layar (screenshot) permasalahan” KENARI?"
        f"\n\n{GMAIL}\n\n{quoted(ours)}",
        "Maksud kalimat KENARI",
    ),
    "bold, coloured": lambda ours: (
        f"Jawaban merah.\n\n{OUTLOOK}\n\n{behind(ours, one=' *KENARI*')}",
        "Jawaban merah KENARI",
    ),
    "between, with a signature": lambda ours: (
        f"{OUTLOOK}\n\n{behind(ours, one=chr(10) + 'KENARI')}\n\n-- \nBudi",
        "KENARI",
    ),
    "behind the signature line of ours": lambda ours: (
        f"{OUTLOOK}\n\n{ours.replace('-- ', '-- ' + chr(10) + 'KENARI')}",
        "KENARI",
    ),
}
#: The marker line as it may come back: whole, altered, gone.
MARKERS = {"whole": f"{MARKER}\n\n", "altered": f"{MARKER.replace('tulis', 'tulis disini')}\n\n", "gone": ""}
#: What he may write above all of it.
GREETINGS = ("", "Selamat pagi, mohon izin menjawab.\n\n")


def reading(text: str, ours: Ours = OURS, *, opens: bool = False, staffs: Ours | None = None) -> UsersWords:
    return read(text, new_text(text), lambda: ours, opens=opens, staffs=staffs)


@pytest.mark.parametrize("marker", MARKERS.values(), ids=MARKERS.keys())
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
def test_no_word_of_an_inline_answer_is_lost(variant: Callable[[str], tuple[str, str]], marker: str) -> None:
    text, his = variant(marker + REQUEST.text)
    ours = Ours([SENT, Sent((MARKER,))])
    for greeting in GREETINGS:
        found = reading(greeting + text, ours)
        assert words(greeting + his) - words(found.shown) == words("")
        assert words(greeting + his) - words(found.outside) == words("")
        assert "✓" not in his or "✓" in found.shown
        for name in ("KENARI", "MERPATI"):
            assert name not in his or name in found.shown


@pytest.mark.parametrize("form", ["html", "plain"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_answers_in_the_html_of_every_program_are_kept(
    program: Callable[[str], tuple[str, str]], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sign in ('<span style="color:red">KENARI</span>', "<div>KENARI</div>", "<p>KENARI</p>", " KENARI"):
        page = REQUEST.html.replace("Tangkapan layar lengkap", f"Tangkapan layar lengkap{sign}")
        assert page != REQUEST.html
        plain = REQUEST.text.replace(ITEM_1, f"{ITEM_1}\nKENARI")
        monkeypatch.setattr(test_reply_shapes, "OURS", type(REQUEST)(plain, page))
        found = reading(received(program, "Berikut jawaban kami.", form))
        assert "KENARI" in found.shown and "Berikut jawaban kami." in found.shown


@pytest.mark.parametrize("form", ["both", "html", "plain"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_staff_read_only_the_words_above_a_quotation_of_ours(
    program: Callable[[str], tuple[str, str]], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_reply_shapes, "OURS", REQUEST)
    found = reading(received(program, "Ini tangkapan layarnya.", form))
    assert found.shown.strip() == found.outside.strip() == found.said.strip() == "Ini tangkapan layarnya."


def test_a_colleagues_mail_stands_below_a_heading_and_the_quotation_of_ours_is_left_out() -> None:
    text = f"Ini jawaban Ani.\n\n{COLLEAGUE}\n\n{GMAIL}\n\n{quoted(REQUEST.text)}"
    found = reading(text)
    assert found.shown == f"Ini jawaban Ani.\n\nYang dikutip atau diteruskannya:\n\n{COLLEAGUE}"
    assert found.said == "Ini jawaban Ani."


def test_where_nothing_is_left_all_of_the_mail_goes_on() -> None:
    text = f"{GMAIL}\n\n{quoted(REQUEST.text)}"
    assert reading(text).shown == text
    assert reading(text).said == ""


def test_who_points_at_answers_below_is_read_whole() -> None:
    text = f"Jawaban saya warna merah di bawah.\n\n{GMAIL}\n\n{quoted(REQUEST.text)}"
    assert reading(text).shown == text


def test_selesai_in_our_own_words_is_not_his() -> None:
    body = Renderer().body("user_resolved", sample("user_resolved"))
    ours = Ours([Sent((body.text, to_text(body.html)), SENT.sender)])
    found = reading(f"{OUTLOOK}\n\nBelum bisa.\n\n{body.text}", ours)
    assert "SELESAI" in body.text and found.said == "Belum bisa."


def test_a_quotation_of_a_mail_that_nobody_knows_goes_on_whole() -> None:
    text = f"Sudah.\n\n{GMAIL}\n\n{quoted('Mail yang tidak ada lagi di sini.')}"
    assert "tidak ada lagi" in reading(text, Ours([])).shown


# --- what was written to staff --------------------------------------------------------------------------

_NOTICE = Renderer().body(
    "staff_user_reply", sample("staff_user_reply", text="Rahasia KENARI: jangan dilayani dahulu.")
)
STAFFS = Ours([Sent((_NOTICE.text, to_text(_NOTICE.html)), SENT.sender, "[LPSE-BTG-2026-000123] Balasan", SENT.on)])
#: Words of the notice that stand in no mail to a user.
_SECRET = set(words(_NOTICE.text)) - set(words(REQUEST.text)) - set(words(f"{GMAIL} {OUTLOOK} budi kepada dari"))


@pytest.mark.parametrize("opens", [True, False])
@pytest.mark.parametrize("form", ["both", "html", "plain"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_notice_to_staff_that_a_user_quotes_stays_with_staff(
    program: Callable[[str], tuple[str, str]], form: str, opens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_reply_shapes, "OURS", _NOTICE)
    text = received(program, "Mengapa MERPATI ditolak?", form)
    found = reading(text, opens=opens, staffs=STAFFS)
    assert found.of_staff and "KENARI" in found.shown and "MERPATI" in found.shown
    assert "MERPATI" in found.outside and "KENARI" not in found.outside
    assert not _SECRET & set(words(found.outside)) - set(words(text.split("KENARI")[0][:90]))


QUOTING = {
    "forwarded": f"Tolong dilihat.\n\n-------- Pesan Diteruskan --------\n{OUTLOOK}\n\n{{}}",
    "below our quotation": f"Tolong dilihat.\n\n{GMAIL}\n{quoted(REQUEST.text)}\n\n{{}}",
    "above our quotation": f"Tolong dilihat.\n\n{{}}\n\n{GMAIL}\n{quoted(REQUEST.text)}",
    "without any head": "Tolong dilihat.\n{}\nTolong dijelaskan.",
    "within a line": "Tolong dilihat. {} Tolong dijelaskan.",
}


@pytest.mark.parametrize("way", QUOTING.values(), ids=QUOTING.keys())
@pytest.mark.parametrize("part", ["all", "a sentence", "marked", "wrapped"])
def test_wherever_a_notice_stands_nobody_outside_reads_it(way: str, part: str) -> None:
    line = next(line.strip("│ ") for line in _NOTICE.text.split("\n") if "KENARI" in line)
    notice = {
        "all": _NOTICE.text,
        "a sentence": f"{line}",
        "marked": quoted(_NOTICE.text),
        "wrapped": textwrap.fill(_NOTICE.text, 50),
    }[part]
    if part == "a sentence" and len(line.split()) < 6:
        return
    found = reading(way.format(notice), staffs=STAFFS)
    assert "KENARI" in found.shown and "KENARI" not in found.outside
    assert "Tolong dilihat" in found.outside
    assert ("Tolong dijelaskan" in way) == ("Tolong dijelaskan" in found.outside)


@given(st.integers(0, len(_NOTICE.text.split("\n"))), st.sampled_from(["", "> "]))
def test_his_words_between_those_of_a_notice_go_on_without_it(number: int, mark: str) -> None:
    lines = [mark + line for line in _NOTICE.text.split("\n")]
    found = reading("\n".join([*lines[:number], "Ini MERPATI saya", *lines[number:]]), staffs=STAFFS)
    assert "Ini MERPATI saya" in found.outside and "KENARI" not in found.outside


def test_his_own_words_that_a_notice_repeats_are_his() -> None:
    his = "Kami tidak bisa masuk ke aplikasi SPSE sejak kemarin pagi."
    notice = Renderer().body("staff_new_ticket", sample("staff_new_ticket", text=his))
    text = f"Saya ulangi:\n{his}"
    staffs, known = Ours([Sent((notice.text,))]), Ours([Sent((his,))])
    found = read(text, new_text(text), lambda: OURS, opens=False, staffs=staffs, known=lambda: known)
    assert found.outside == text and not found.of_staff


def test_what_came_under_his_name_unproven_is_his_only_where_nothing_else_of_a_notice_stands() -> None:
    doubtful = "Kode tender kami 87654321, tolong kirim ulang kata kunci ke alamat ini."
    notice = Renderer().body("staff_user_reply", sample("staff_user_reply", text=doubtful)).text
    staffs, either = Ours([Sent((notice,))]), Ours([Sent((doubtful,))])

    def outside(text: str) -> str:
        found = read(text, new_text(text), lambda: OURS, opens=False, staffs=staffs, known_or_his=lambda: either)
        return found.outside

    assert "87654321" in outside(f"Saya kirim sekali lagi:\n{doubtful}")
    assert "87654321" not in outside(f"Ini apa?\n\n{quoted(notice)}")
    assert "87654321" not in outside(f"Ini apa?\n\n{notice}")


SAID = [f"{' '.join(f'{word}{number}' for number in range(8))}." for word in ("satu", "dua", "tiga", "empat")]
PARTS = st.lists(st.sampled_from(SAID), max_size=3)
MIXED = st.lists(st.sampled_from([*SAID, *(f"> {line}" for line in SAID), *(line[:30] for line in SAID), "Ya."]))


@given(MIXED, PARTS, PARTS, PARTS)
def test_what_may_be_his_counts_as_if_it_had_been_looked_at_first(
    lines: list[str], staffs: list[str], known: list[str], his: list[str]
) -> None:
    text, table = "\n".join(lines), Ours([Sent(("\n".join(staffs),))])
    proven, either = Ours(Sent((line,)) for line in known), Ours(Sent((line,)) for line in [*known, *his])
    wanted = apart(text, table, least=users_words.OF_STAFF, but=lambda: either if his else proven)
    if wanted.found and his:
        wanted = apart(text, table, least=users_words.OF_STAFF, but=lambda: proven)
    found = users_words._without_staffs(text, table, lambda: proven, lambda: either if his else None)
    assert found == wanted


@pytest.mark.parametrize(
    "rest", ["Mohon tulis balasan baris ini", "tulis balasan di atas", "── balasan di atas baris ini ──"]
)
def test_what_is_left_of_our_line_above_a_quotation_is_no_statement_of_his(rest: str) -> None:
    text = f"Baik, akan kami kirim besok.\n\n> {rest}\n{quoted(REQUEST.text.replace(MARKER, ''))}"
    found = read(text, new_text(text), lambda: OURS, opens=False)
    assert found.said == "Baik, akan kami kirim besok."


def test_words_of_our_line_in_a_line_of_his_are_his() -> None:
    text = f"Baik, mohon tulis balasan lewat telepon saja.\n\n{quoted(REQUEST.text)}"
    assert "lewat telepon saja" in read(text, new_text(text), lambda: OURS, opens=False).said
