"""A Formulir Konsultasi that came back to be completed, as a later mail of staff goes on with it.

The code of the link in the receipt that brought it back stands for it: its argument is the journal's entry of the mail
that was not complete, its words the form as far as it is filled in, below its command, its mails all that have written
of it, the first first. A mail that completes it, or does not yet, uses that code; what still lacks something gets a
code of its own. So the codes are a chain: its last one is the form as it stands, and nothing is lost where two people
complete it at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mailbot.arrivals.staff import confirmations
from mailbot.config.site import Site
from mailbot.masking import mask
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.parsers.forms import completing, consultation
from mailbot.parsers.forms.consultation import Consultation
from mailbot.parsers.thread import Reference
from mailbot.sentences import Sentences
from mailbot.store import codes, journal, sent_mails
from mailbot.store.database import Row, Store

_SAID = Sentences(__file__)
#: The key of a receipt, with the entry of the mail that it tells of (`Receipt._post`).
_RECEIPT = re.compile(r"j([0-9]+)(?:\+[0-9]+)?\.receipt")
_FORMS = tuple(name for name, spec in SPECS.items() if spec.form is not None)


@dataclass(frozen=True, slots=True)
class Draft:
    """asked: the form as its reader had it before him; current: as it stands now. mails: the journal's entries of all
    that have written of it. code: the last one that stands for it. recorded_by: the entry of the mail that has recorded
    it; None: none has. confirmed: who has sent back the one code that is asked for, "" where nobody was asked."""

    command: Command
    asked: Consultation
    current: Consultation
    mails: tuple[int, ...]
    code: str
    recorded_by: int | None
    confirmed: str

    def after(self, text: str, quoted: str) -> Consultation:
        """The form after one more mail: its own text, and what it quotes."""
        name, current = self.command.name, self.current
        if in_quote := completing.quoted_form(quoted):
            more = completing.filled_in_quote(self.asked, read(name, in_quote))
            current = completing.completed(self.asked, current, more)
        written = read(name, text)
        if not completing.says_anything(written):
            written = completing.bare_contact(text)
        return completing.completed(self.asked, current, written)


def find(store: Store, site: Site, code: str | None, refs: Sequence[Reference]) -> Draft | None:
    """By the line of a code in a mail, else by the receipt that it answers; whomever these were for: colleagues
    complete each other's forms, and whether they may command is asked elsewhere."""
    asked = codes.anybodys(store, site.name, code) if code else None
    if asked is None or not _is_one(asked):
        asked = _by_receipt(store, site, refs)
    if asked is None:
        return None
    last, recorded_by = asked, None
    while last["used_by"] is not None and recorded_by is None:
        following = codes.standing_for(store, site.name, str(asked["command"]), str(last["used_by"]))
        if following is None:
            recorded_by = int(last["used_by"])
        else:
            last = following
    command, form = _form(asked)
    mails = tuple(map(int, str(last["mails"]).split()))
    first = journal.entry(store, mails[0])
    return Draft(
        command=command,
        asked=form,
        current=_form(last)[1],
        mails=mails,
        code=str(last["code"]),
        recorded_by=recorded_by,
        confirmed=str(first["sender"]) if first["released"] == confirmations.RELEASED else "",
    )


def _by_receipt(store: Store, site: Site, refs: Sequence[Reference]) -> Row | None:
    for ref in reversed(refs):
        mail = sent_mails.ours(store, site.name, ref.message_id) if ref.ours else None
        told = _RECEIPT.fullmatch(str(mail["event_key"])) if mail is not None else None
        for name in _FORMS if told is not None else ():
            row = codes.standing_for(store, site.name, name, told[1] if told is not None else "")
            if row is not None and _is_one(row):
                return row
    return None


def _is_one(row: Mapping[str, Any]) -> bool:
    return row["command"] in _FORMS and row["words"] is not None and row["argument"] != ""


def _form(row: Mapping[str, Any]) -> tuple[Command, Consultation]:
    """What the words of a code hold."""
    name = str(row["command"])
    line, _, words = str(row["words"]).partition("\n")
    number = line.removeprefix(f"#{SPECS[name].word}").strip()
    return Command(name, SPECS[name].word, number), read(name, words)


def read(name: str, text: str) -> Consultation:
    """The form in a text. The answer goes to the user as staff wrote it; what he said is masked wherever it goes."""
    form = SPECS[name].form
    assert form is not None
    source = _SAID("source", channel=form.channel)
    masked, written = consultation.read(mask(text)[0], source), consultation.read(text, source)
    return replace(masked, solution=written.solution, pending=written.pending)
