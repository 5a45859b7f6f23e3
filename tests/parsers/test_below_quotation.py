"""An answer below the quotation of our mail is taken for the whole answer only where nothing is in doubt."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mime.html import plain_lines
from mailbot.parsers.reply.below_quotation import Answered, answer
from mailbot.parsers.reply.marker import MARKER
from mailbot.parsers.reply.own_quote import words_of
from mailbot.parsers.reply.quotable import Sent
from mailbot.templates.catalogue import MAILS
from mailbot.templates.render import Renderer
from tests.sample_values import sample

NAME = "staff_user_reply"
RENDERED = {name: Renderer().body(name, sample(name)) for name, mail in MAILS.items() if mail.audience != "user"}
BODY = RENDERED[NAME]
SENT = Sent((BODY.text, plain_lines(BODY.html)), "LPSE-BTG · P2 · Siti (CV Abadi) <lpse@batangkab.test>", "Tiket")
UNSEEN = "Balasan pengguna\nBalasan pengguna. Pengguna membalas tiket yang Anda tangani"
OURS = Answered(SENT, SENT.texts, UNSEEN)
ANSWER = "Silakan gunakan menu Lupa Password.\n\nApabila gagal, mohon kirim tangkapan layar."
HEADS = {
    "Roundcube": "Pada 2026-12-21 09:53, LPSE-BTG · P2 · pengirim menulis:",
    "Thunderbird": "On 12/21/26 9:53 AM, LPSE-BTG · P2 · pengirim wrote:",
    "Gmail": "Pada Sen, 21 Des 2026 pukul 09.53 LPSE-BTG · P2 · Siti (CV Abadi) <lpse@batangkab.test> menulis:\n",
    "none": "",
}


def marked(text: str, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.strip("\n").split("\n"))


def below(text: str, quoted: str = "", head: str = HEADS["Roundcube"]) -> str:
    return f"{head}\n{quoted or marked(BODY.text)}\n\n{text}"


# --- what is accepted -------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("mark", ["> ", ">", "| ", ""])
@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("unseen", ["", UNSEEN + "\n\n", UNSEEN.partition("\n")[2] + "\n\n"])
def test_words_below_all_of_our_mail_are_the_answer(head: str, mark: str, form: int, unseen: str) -> None:
    found = answer(below(ANSWER, marked(unseen + OURS.texts[form], mark), head), OURS)
    assert found is not None
    assert (found.text, found.doubt, found.below) == (ANSWER, None, "")


@pytest.mark.parametrize("name", [name for name, body in RENDERED.items() if MARKER in body.text])
def test_every_kind_of_mail_to_staff_and_lkpp_that_may_be_answered_has_an_answer_below(name: str) -> None:
    body = RENDERED[name]
    sent = Sent((body.text, plain_lines(body.html)), SENT.sender)
    for text in sent.texts:
        found = answer(below(ANSWER, marked(text)), Answered(sent, sent.texts))
        assert found is not None and found.text == ANSWER


@pytest.mark.parametrize("name", RENDERED)
def test_both_forms_of_a_mail_end_alike_so_that_neither_is_the_beginning_of_the_other(name: str) -> None:
    text, page = RENDERED[name].text, plain_lines(RENDERED[name].html)
    assert words_of(text)[-4:] == words_of(page)[-4:]


SIGNATURES = ("-- \nSari\nLPSE Kabupaten Batang", "--\nSari", "Dikirim dari Thunderbird")


@pytest.mark.parametrize("signature", SIGNATURES)
def test_the_signature_below_the_answer_goes_no_further(signature: str) -> None:
    found = answer(below(f"{ANSWER}\n\n{signature}"), OURS)
    assert found is not None and found.text == ANSWER


def test_the_writers_own_closing_is_told_from_the_answer() -> None:
    found = answer(below(f"{ANSWER}\n\nHormat kami,\nSari"), OURS)
    assert found is not None and found.unsigned == ANSWER


def test_a_program_that_leaves_the_small_print_out_of_a_marked_quotation_is_understood() -> None:
    cut = BODY.text.rpartition("\n-- \n")[0]
    found = answer(below(ANSWER, marked(cut)), OURS)
    assert found is not None and found.text == ANSWER
    assert answer(below(ANSWER, cut), OURS) is None


def test_lines_that_are_wrapped_and_links_that_are_written_out_change_nothing() -> None:
    wrapped = re.sub(r" (\S+) (\S+)\n", r"\n\1 \2 <mailto:lpse@batangkab.test?subject=x>\n", BODY.text)
    found = answer(below(ANSWER, marked(wrapped)), OURS)
    assert found is not None and found.text == ANSWER


# --- what is left in doubt --------------------------------------------------------------------------------

LINES = BODY.text.strip("\n").split("\n")
FIRST = next(number for number, line in enumerate(LINES) if "baris ini" in line)
OTHER = RENDERED["staff_direction"].text

DOUBTS = {
    "words above as well": f"Baik.\n\n{below(ANSWER)}",
    "a mark above": f"√\n\n{below(ANSWER)}",
    "nothing below": below(""),
    "a closing alone": below("Hormat kami,\nSari"),
    "a signature alone": below("-- \nSari\nLPSE Kabupaten Batang"),
    "a mark of quotation before the answer": below(marked(ANSWER)),
    "the answer on our last line": below(ANSWER).replace("\n\nSilakan", " Silakan"),
    "a mail below the answer": below(f"{ANSWER}\n\nPada 2026-12-20 09:53, Joko menulis:\n> Mohon arahan."),
    "the older mail first": below(ANSWER, f"{marked(OTHER)}\n\n{marked(BODY.text)}"),
    "an older mail within": below(ANSWER, f"{marked(BODY.text)}\n{marked(marked(OTHER))}"),
    "an older mail within, unmarked": below(ANSWER, f"{BODY.text}\n\n{OTHER}", ""),
    "the mail twice": below(ANSWER, f"{marked(BODY.text)}\n{marked(BODY.text)}"),
    "a head of somebody else": below(ANSWER, head="Yang di bawah ini dari Pak Joko, mohon dijawab:"),
    "what answers are pointed at": below("Jawaban kami di bawah, tulisan merah."),
    "a marked line behind the answer": below(f"{ANSWER}\n> Joko: jangan lupa."),
    "words of ours copied": below(" ".join(words_of(BODY.text)[10:60])),
    "no marker line": below(ANSWER, marked("\n".join(LINES[FIRST + 1 :]))),
    "the marker line altered": below(ANSWER, marked(BODY.text.replace("Mohon tulis balasan", "Mohon tulis"))),
    "the end cut off": below(ANSWER, marked("\n".join(LINES[:-2]))),
    "the end cut off, unmarked": below(ANSWER, "\n".join(LINES[:-2])),
    "another mail of ours": below(ANSWER, marked(OTHER)),
}


@pytest.mark.parametrize("text", DOUBTS.values(), ids=DOUBTS.keys())
def test_in_doubt_there_is_no_answer(text: str) -> None:
    assert answer(text, OURS) is None


WORDED = [number for number, line in enumerate(LINES) if re.search(r"\w", line)]


@given(
    number=st.sampled_from(WORDED),
    insert=st.sampled_from(["Ya", "✓", "sudah", "???", "10 MB", "Mohon arahan Kenari", "lihat lampiran", "!", "(?)"]),
    mark=st.sampled_from(["", "> "]),
    own=st.sampled_from(["", "> "]),
    where=st.sampled_from(["before", "behind", "instead", "word out"]),
)
def test_no_quotation_that_anybody_has_touched_counts(
    number: int, insert: str, mark: str, own: str, where: str
) -> None:
    lines = [f"{mark}{line}" for line in LINES]
    if where == "word out":
        lines[number] = re.sub(r"\w+", "", lines[number], count=1)
    elif where == "instead":
        lines[number] = f"{own}{insert}"
    elif where == "before":
        lines.insert(number, f"{own}{insert}")
    elif number + 1 < len(lines):
        lines.insert(number + 1, f"{own}{insert}")
    else:
        return  # that would be the answer
    assert answer(below(ANSWER, "\n".join(lines)), OURS) is None


#: Words that stand nowhere in our mail, so that each of them tells where it came from.
OWN_LINES = st.lists(st.sampled_from(["Zebra satu.", "Zebra dua", "", "- zebra tiga", "1) zebra; zebra"]), max_size=6)


@given(
    lines=OWN_LINES,
    mark=st.sampled_from(["", "> ", ">"]),
    tail=st.sampled_from(["", "\n-- \nSari", "\nHormat kami,\nSari", "\n\n> zebra"]),
)
def test_an_answer_holds_all_of_the_writers_words_and_none_of_ours(lines: list[str], mark: str, tail: str) -> None:
    own = "\n".join(lines)
    found = answer(below(own + tail, marked(BODY.text, mark)), OURS)
    assert (found is None) == (not words_of(own) or ">" in tail), "held without a doubt, or nothing of his said"
    assert found is None or words_of(found.text + found.signature) == words_of(own + tail)


@given(st.lists(st.sampled_from([*LINES, "> ", "zebra", "-- ", HEADS["Gmail"]]), max_size=40), st.booleans())
def test_no_sentence_of_a_mail_to_staff_is_ever_in_the_answer(lines: list[str], whole: bool) -> None:
    """However its lines are mixed with a writer's, and where they follow all of it once more."""
    found = answer("\n".join([*(LINES if whole else ()), *lines]), OURS, least=6)
    assert found is None or not [line for line in LINES if len(words_of(line)) > 5 and line.strip() in found.text]


def test_words_to_staff_that_are_repeated_in_the_answer_are_asked_about() -> None:
    text = below(f"{ANSWER}\n\n{' '.join(words_of(BODY.text)[20:26])}")
    assert answer(text, OURS, least=6) is None
    assert answer(text, OURS) is not None
