"""What real mail programs have made is read as the people at them meant it. Needs none of the programs."""

from __future__ import annotations

import pytest

from mailbot.arrivals.sent_words import OurMail
from mailbot.parsers.commands import command_lines
from mailbot.parsers.mime.message import parse
from mailbot.parsers.reply import below_quotation
from mailbot.parsers.reply.marker import MARKER
from mailbot.parsers.reply.own_quote import Apart, Ours, apart
from mailbot.parsers.reply.quoted import new_text
from tests.clients import kept
from tests.clients.kept import Done

ENTRIES = kept.entries()
LINKS = {f"{program} {name}": (done, raw) for program, name, done, raw in ENTRIES if done.link is not None}
REPLIES = {f"{program} {name}": (done, raw) for program, name, done, raw in ENTRIES if done.answers is not None}


def separated(done: Done, raw: bytes) -> Apart:
    assert done.answers is not None
    return apart(parse(raw).text, Ours([OurMail(done.answers)]))


def test_mails_of_each_program_are_kept() -> None:
    programs = {program for program, *_ in ENTRIES}
    assert programs == {"roundcube", "roundcube-html", "thunderbird"}
    for program in programs:
        kinds = {name.rpartition("-")[0] for kept_by, name, *_ in ENTRIES if kept_by == program}
        assert {"staff_new_ticket", "staff_classify", "staff_confirm", "user_answer", "lkpp_escalation"} <= kinds


def meant(text: str) -> tuple[list[tuple[str, str, list[str]]], list[str], str | None]:
    """The commands of a text, the words above them and its code. Of texts the words: Enter makes a paragraph in
    Thunderbird, and a paragraph two lines of plain text."""
    read = command_lines.read(text)
    assert read.fault is None
    return [(one.name, one.argument, one.text.split()) for one in read.commands], read.leading.split(), read.code


@pytest.mark.parametrize("mail", LINKS)
def test_a_link_that_was_followed_brings_its_code_its_command_and_what_was_typed(mail: str) -> None:
    done, raw = LINKS[mail]
    found = new_text(parse(raw).text)
    commands, leading, code = meant(f"{(done.link or '').rstrip()}\n{done.typed}")
    assert commands or leading
    assert (code is not None) == bool(commands)
    assert meant(found.text) == (commands, leading, code)
    assert (found.doubt, found.quoted) == (None, "")


@pytest.mark.parametrize("mail", REPLIES)
def test_an_answer_is_told_from_the_mail_of_ours_below_or_above_it(mail: str) -> None:
    done, raw = REPLIES[mail]
    found = separated(done, raw)
    assert found.found
    assert f"{found.above} {found.below}".split() == done.typed.split()
    assert (found.above == "") == done.below
    assert found.between == ""


@pytest.mark.parametrize("mail", REPLIES)
def test_an_answer_above_the_quotation_is_read_without_a_doubt_and_one_below_it_with_the_mail_that_it_answers(
    mail: str,
) -> None:
    """Only what has our marker line may be answered by staff and LKPP."""
    done, raw = REPLIES[mail]
    assert done.answers is not None
    answered = OurMail(done.answers)
    found, below = new_text(parse(raw).text), below_quotation.answer(parse(raw).text, answered.answered)
    if done.below:
        assert found.doubt is not None and found.text == ""
        assert (below is not None) == (MARKER in answered.text)
        assert below is None or (below.doubt, below.text.split()) == (None, done.typed.split())
    else:
        assert (found.doubt, found.text.split()) == (None, done.typed.split())
        assert below is None
