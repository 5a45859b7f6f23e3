"""A Formulir Konsultasi that came back incomplete, put together with what is written of it afterwards. Pure and total.

Whoever completes it may write the missing lines alone, fill in the whole form once more, or write into the quotation of
it; and a colleague may do so at the same time. So three forms are compared: as the writer had it before him (asked), as
it is by now (current), and what he has written. What he leaves empty, or as it was, stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mailbot.parsers.forms import form
from mailbot.parsers.forms.consultation import Consultation

_HEADING = re.compile(r"^[ \t>|*_]{0,20}FORM KONSULTASI PENGGUNA SPSE[ \t|*_]{0,20}$", re.MULTILINE)
#: Where the form ends in the quotation of a receipt.
_END = re.compile(r"^[ \t>|*_]{0,20}(?:Langkah berikutnya[ \t|*_]{0,20}|-- ?)$", re.MULTILINE)


def quoted_form(text: str) -> str:
    """The part of a quotation that is the form, "" where there is none."""
    begins = _HEADING.search(text)
    if begins is None:
        return ""
    ends = _END.search(text, begins.end())
    return text[begins.start() : len(text) if ends is None else ends.start()]


def says_anything(found: Consultation) -> bool:
    """Whether a text holds any line of the form."""
    lines = (found.date, found.time, found.queue, found.giver, _contact(found), found.problem, _part_c(found))
    return bool(found.fields) or any(lines)


def completed(asked: Consultation, current: Consultation, written: Consultation) -> Consultation:
    """The form after one more mail."""
    fields = {
        key: said
        for key, said in written.fields.items()
        if key not in asked.fields or not _same(said.value, asked.fields[key].value)
    }
    found = replace(
        current,
        fields={**current.fields, **fields},
        date=_line(asked.date, current.date, written.date),
        time=_line(asked.time, current.time, written.time),
        queue=_line(asked.queue, current.queue, written.queue),
        giver=_line(asked.giver, current.giver, written.giver),
        problem=_text(asked.problem, current.problem, written.problem),
    )
    if _contact(written) and not _same(_contact(written), _contact(asked)):
        found = replace(found, email=written.email, unread_email=written.unread_email)
    elif written.no_email and current.unread_email:  # what nobody could read was taken out
        found = replace(found, unread_email="")
    part = _text(_part_c(asked), _part_c(current), _part_c(written))
    if part != _part_c(current):
        answered = bool(written.solution)
        found = replace(found, solution=part if answered else "", pending="" if answered else part)
    return found


def filled_in_quote(lacking: Consultation, quoted: Consultation) -> Consultation:
    """What a quotation of the form holds that the form lacked, or that could not be read in it: a mail program may have
    broken the other lines."""
    return Consultation(
        date="" if lacking.date else quoted.date,
        time="" if lacking.time else quoted.time,
        queue="" if lacking.queue else quoted.queue,
        giver="" if lacking.giver else quoted.giver,
        fields={key: said for key, said in quoted.fields.items() if key not in lacking.fields},
        problem="" if lacking.problem else quoted.problem,
        solution="" if _part_c(lacking) else quoted.solution,
        pending="" if _part_c(lacking) else quoted.pending,
        email="" if lacking.email else quoted.email,
    )


def bare_contact(text: str) -> Consultation:
    """A first line that is nothing but an e-mail address or a telephone number, without a label; below it stands a name
    at most."""
    line, *below = [line.strip() for line in text.split("\n") if line.strip()] or [""]
    if len(below) > _NAME or any(char.isdigit() or char == "@" for char in "".join(below)):
        return Consultation()
    if _ADDRESS.fullmatch(line):
        return Consultation(email=line.lower())
    if _PHONE.fullmatch(line):
        return Consultation(fields={"phone": form.Field(line, form.FORM)})
    return Consultation()


_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-']{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_NAME = 3  # lines of a name
_PHONE = re.compile(r"\+?[0-9(][0-9 ().-]{6,20}[0-9]")


def _contact(found: Consultation) -> str:
    return found.email or found.unread_email


def _part_c(found: Consultation) -> str:
    return found.solution or found.pending


def _line(asked: str, current: str, written: str) -> str:
    return written if written and not _same(written, asked) else current


def _text(asked: str, current: str, written: str) -> str:
    """Of parts B and C nothing is lost: where two have written, both stand there."""
    if not written or _same(written, asked) or _same(written, current):
        return current
    if not current or _same(current, asked):
        return written
    return f"{current}\n\n{written}"


def _same(one: str, other: str) -> bool:
    """Whether two values are the same but for how a mail program has broken them."""
    return " ".join(one.split()) == " ".join(other.split())
