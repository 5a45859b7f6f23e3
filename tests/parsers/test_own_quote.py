"""A quotation of ours is known by comparison with what was sent; whatever else stands in a mail is its writer's."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply.own_quote import Apart, Ours, apart
from mailbot.parsers.reply.quotable import Sent
from mailbot.templates.catalogue import MAILS
from mailbot.templates.render import Renderer
from tests import quick
from tests.arrivals import test_reply_shapes
from tests.arrivals.test_reply_shapes import ADDRESS, LPSE, PROGRAMS, received
from tests.sample_values import sample

RENDERER = Renderer()
REQUEST = RENDERER.body("user_request", sample("user_request", form_missing=True))
SENT = Sent((REQUEST.text, to_text(REQUEST.html)), f"{LPSE} <{ADDRESS}>", "Tiket baru", date(2026, 11, 30))
OURS = Ours([SENT])
LINES = [line for line in REQUEST.text.split("\n") if line.strip()]
NEW = "Sudah kami coba lagi.\nTetap gagal."


def quoted(text: str, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}" for line in text.split("\n"))


def words(text: str) -> Counter[str]:
    return Counter("".join(char if char.isalnum() else " " for char in text.casefold()).split())


# --- what is left out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MAILS))
def test_each_mail_of_ours_is_known_again_in_every_programs_quote(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = RENDERER.body(name, sample(name))
    monkeypatch.setattr(test_reply_shapes, "OURS", body)
    ours = Ours([Sent((body.text, to_text(body.html)), SENT.sender, SENT.subject, SENT.on)])
    for program in PROGRAMS:
        for form in ("both", "html", "plain"):
            found = apart(received(program, NEW, form), ours)
            lines = [line.strip() for line in found.above.split("\n") if line.strip()]
            assert lines[:2] == NEW.split("\n"), (program, form)
            assert found.between == "", (program, form, found)
            assert found.below in ("", "--\nSari\nHelpdesk LPSE"), (program, form, found)
            assert len(found.above.split()) < 14, found.above  # with the program's footer


CHANGES: dict[str, Callable[[str], str]] = {
    "as it was sent": lambda text: text,
    "wrapped at 60 columns": lambda text: "\n\n".join(textwrap.fill(part, 60) for part in text.split("\n\n")),
    "wrapped at 40 columns, quoted": lambda text: quoted(textwrap.fill(text, 40)),
    "on one line": lambda text: " ".join(text.split()),
    "quoted twice": lambda text: quoted(text, ">> "),
    "with bars": lambda text: quoted(text, "| "),
    "capitals": str.upper,
    "in bold type": lambda text: text.replace("Agar permasalahan", "*Agar permasalahan*").replace("Sari", "**Sari**"),
    "blanks that do not break": lambda text: text.replace(" ", "\u00a0"),
    "soft hyphens": lambda text: text.replace("perma", "per\u00adma").replace("kami", "ka\u00admi"),
    "no width": lambda text: text.replace(" ", "\u200b "),
    "other quotation marks and dashes": lambda text: text.replace("–", "-").replace("'", "’").replace("/", "⁄"),
    "links behind words": lambda text: text.replace("e-mail ini", f"e-mail ini<mailto:{ADDRESS}?subject=a>"),
    "numbered links": lambda text: text.replace("e-mail ini", "e-mail ini [1]") + f"\n[1] mailto:{ADDRESS}",
    "words divided": lambda text: text.replace("permasalahan Bapak", "perma\nsalahan Bapak"),
    "cut off after a paragraph": lambda text: text[: text.index("Mohon disertakan")],
    "without its beginning": lambda text: text[text.index("Agar") :],
    "without blank lines": lambda text: "\n".join(line for line in text.split("\n") if line.strip()),
    "cells and rules": lambda text: text.replace(" : ", " | ").replace(
        "FORM KONSULTASI PENGGUNA SPSE\n---", "+---+\nFORM KONSULTASI PENGGUNA SPSE\n---"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_quotation_is_left_out_whatever_was_done_to_it(change: Callable[[str], str]) -> None:
    for head in ("", f"Pada Sen, 30 Nov 2026 pukul 08.00 {LPSE} <{ADDRESS}> menulis:\n\n"):
        found = apart(f"{NEW}\n\n{head}{change(REQUEST.text)}", OURS)
        assert (found.found, found.above, found.rest) == (True, NEW, NEW)


HEADS = {
    "Gmail, wrapped": f"Pada Sen, 30 Nov 2026 pukul 08.00 {LPSE}\n<{ADDRESS}>\nmenulis:",
    "Outlook": f"Dari: {LPSE} <{ADDRESS}>\nDikirim: Senin, 30 November 2026 08.00\nKepada: Budi\n"
    "Perihal: Re: Tiket baru",
    "Outlook, English": f"From: {LPSE} <{ADDRESS}>\nSent: Monday, November 30, 2026 8:00 AM\nTo: Budi\n"
    "Subject: RE: Tiket baru",
    "Thunderbird's forward": "-------- Pesan Diteruskan --------\nPerihal: Tiket baru\n"
    f"Tanggal: Mon, 30 Nov 2026 08:00:00 +0700\nDari: {LPSE} <{ADDRESS}>\nKepada: Budi <budi@x.test>",
    "a rule": "_" * 32,
    "a nickname": "Dari: Helpdesk\nDikirim: 30 Nov 2026 08:00\nKepada: saya\nSubjek: Tiket baru",
    "German": f"Am 30.11.2026 um 08:00 schrieb {LPSE} <{ADDRESS}>:",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("mark", ["", "> "])
def test_the_head_that_leads_to_our_mail_goes_with_it(head: str, mark: str) -> None:
    found = apart(f"{NEW}\n\n{quoted(head, mark)}\n\n{quoted(REQUEST.text, mark)}", OURS)
    assert found.rest == NEW


# --- what is kept ---------------------------------------------------------------------------------------

LIKE_HEADS = [
    "Dari: gudang\nTanggal: 12 Desember 2026\nPerihal: permohonan",
    "Dari : Kantor Pusat\nKepada : Pokja 3",
    "Tanggal: 12 Desember 2026\nKepada: saya",
    "Nama: Budi Santoso\nTanggal: 30 November 2026",
    "Pada tanggal 30 November 2026 saya menulis: tidak bisa.",
    "Perihal: jaminan",
]


@pytest.mark.parametrize("lines", LIKE_HEADS)
def test_lines_of_his_that_look_like_a_head_are_his(lines: str) -> None:
    head = f"Dari: {LPSE} <{ADDRESS}>\nDikirim: Senin, 30 November 2026 08.00\nKepada: Budi\nPerihal: Tiket baru"
    for between in ("", f"{head}\n\n"):
        found = apart(f"{NEW}\n\n{lines}\n\n{between}{REQUEST.text}", OURS)
        assert found.rest == f"{NEW}\n\n{lines}"


@pytest.mark.parametrize(
    "answer", ["Ya", "sudah", "21 Desember 2026", "kami", "✓", "Sari", "10 MB", "tiket", "mohon data"]
)
@pytest.mark.parametrize("mark", ["", "> "])
def test_a_short_answer_between_any_two_lines_is_kept(answer: str, mark: str) -> None:
    for number in range(len(LINES) + 1):
        text = "\n".join([*(mark + one for one in LINES[:number]), answer, *(mark + one for one in LINES[number:])])
        rest = apart(text, OURS).rest
        assert words(answer) - words(rest) == Counter(), (number, rest)
        assert answer != "✓" or answer in rest


def test_an_answer_behind_our_question_on_the_same_line_is_kept() -> None:
    text = REQUEST.text.replace("2. User ID penyedia", "2. User ID penyedia budi77").replace("  :", "  : isi saya")
    rest = apart(quoted(text), OURS).rest
    assert "budi77" in rest and rest.count("isi saya") == text.count("isi saya")


def test_a_question_of_ours_that_he_repeats_takes_none_of_his_words_with_it() -> None:
    line = "Mohon data tersebut disampaikan dengan membalas e-mail ini paling lambat Senin, 23 November 2026"
    text = f"Tentang kalimat “{line}”: apakah boleh lebih?\n\n{REQUEST.text}"
    assert "apakah boleh lebih?" in apart(text, OURS).rest


def test_a_sentence_that_also_stands_in_our_mail_is_no_quotation_by_itself() -> None:
    text = "Masih sama:\nTidak bisa login SPSE menjelang batas akhir penawaran"
    assert apart(text, OURS) == Apart(False, text, text)


def test_thanks_below_a_part_of_our_mail_are_his() -> None:
    """We go on with "Hormat kami,", and so does he."""
    part = REQUEST.text[: REQUEST.text.index("Hormat")].rstrip()
    assert apart(f"{part}\n\nHormat kami, tetapi", OURS).below == "Hormat kami, tetapi"


_HIS = st.lists(
    st.sampled_from(
        [*sorted(set(REQUEST.text.split())), "Ya", "sudah", "budi77", "tidak", "Terima", "kasih", "1", "✓"]
    ),
    min_size=1,
    max_size=5,
).map(" ".join)


@given(st.lists(st.tuples(st.integers(0, len(LINES)), _HIS), min_size=1, max_size=8), st.sampled_from(["", "> ", "| "]))
def test_words_inserted_anywhere_between_our_lines_are_all_kept(inserted: list[tuple[int, str]], mark: str) -> None:
    """Also where they are words of ours: each of ours is used but once."""
    lines = [[mark + line] for line in LINES] + [[]]
    said: Counter[str] = Counter()
    for number, text in inserted:
        lines[number].insert(0, text)
        said += words(text)
    rest = apart("\n".join(line for some in lines for line in some), OURS).rest
    assert said - words(rest) == Counter()
    assert rest.count("✓") == sum(text.count("✓") for _, text in inserted)


@given(st.integers(0, 5), st.integers(18, len(LINES)), st.sampled_from(["", "> ", ">> ", "| "]), st.booleans())
def test_a_text_of_nothing_but_our_lines_leaves_nothing(first: int, last: int, mark: str, blank: bool) -> None:
    text = ("\n\n" if blank else "\n").join(mark + line for line in LINES[first:last])
    assert words(apart(text, OURS).rest) == Counter()


@given(st.text(max_size=400))
def test_any_text_gives_an_answer(text: str) -> None:
    found = apart(text, OURS)
    assert words(found.rest) == words(found.above) + words(found.between) + words(found.below)


HOSTILE: dict[str, Callable[[], str]] = {
    "our mail many times": lambda: (REQUEST.text + "\n") * 700,
    "its first words": lambda: " ".join(REQUEST.text.split()[:8]) * 20_000,
    "first and last words in turn": lambda: (
        (" ".join([*REQUEST.text.split()[:7], *REQUEST.text.split()[-7:]]) + "\n") * 9_000
    ),
    "one word": lambda: "kami " * 200_000,
    "heads": lambda: ("Pada 3 Mar 2025 pukul 10.12 a@b.id menulis:\n" + LINES[4] + "\n" + LINES[5] + "\n") * 5_000,
    "marks": lambda: "> " * 500_000,
    "links": lambda: "<https://a.test/" * 60_000,
    "footnotes": lambda: "a [1]\n[1] https://a.test\n" * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_is_compared_in_seconds(text: Callable[[], str]) -> None:
    with quick.within(8):
        apart(text(), OURS)


def test_many_mails_of_the_same_words_are_compared_in_seconds() -> None:
    ours = Ours([Sent(("kami mohon " * 2_000 + str(number),) * 2) for number in range(12)])
    with quick.within(8):
        apart("kami mohon " * 90_000, ours)


def test_of_two_mails_that_are_alike_the_quoted_one_is_known_to_its_last_word() -> None:
    first, second = (
        RENDERER.body("user_request", sample("user_request", text=f"Mohon kirimkan kode tender, {word}.")).text
        for word in ("MERPATI", "KENARI")
    )
    lines = quoted(second).split("\n")
    [asked] = [number for number, line in enumerate(lines) if "KENARI" in line]
    text = "\n".join([*lines[: asked + 1], "", "Kodenya 87654321.", "", *lines[asked + 1 :]])
    for ours in (Ours([Sent((first,)), Sent((second,))]), Ours([Sent((second,)), Sent((first,))])):
        found = apart(text, ours)
        assert "Kodenya 87654321." in found.rest and "KENARI" not in found.rest
