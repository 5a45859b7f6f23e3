"""The play (play.yaml, which explains its language) on the stage, step by step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from mailbot import yamlfile
from mailbot.demo import parties
from mailbot.demo.letters import Received, screenshot
from mailbot.demo.parties import Party
from mailbot.demo.record import Case
from mailbot.demo.stage import Branch, Stage

_PLAY: Mapping[str, Any] = yamlfile.read(Path(__file__).with_name("play.yaml")).data

#: The play begins here; local time.
BEGINS: str = _PLAY["mulai"]

_PEOPLE = {"petugas": parties.STAFF, "koordinator": parties.COORDINATOR, "lkpp": parties.LKPP}
_ACTION = re.compile(r"(?P<who>\w+) (?:menulis|membalas (?P<template>[a-z_]+))")
_FORM_NUMBER = re.compile(r"\b\d{4}/FK/[\w./-]+\w")


def play(stage: Stage) -> tuple[Case, ...]:
    """From the first mail to the last. Raises NotPlayed."""
    tickets = {name: _Ticket(stage, **words) for name, words in _PLAY["tiket"].items()}
    for step in _PLAY["langkah"]:
        stage.at(step["pada"])
        tickets[step["tiket"]].plays(step)
    stage.nothing_else()
    return tuple(ticket.case for ticket in tickets.values())


@dataclass
class _Ticket:
    """A ticket of the play, and what its people have found of it so far."""

    stage: Stage
    pengguna: str
    perkara: str
    number: str = ""
    form_number: str = ""
    subject: str = ""
    opened: datetime = datetime.min
    closed: datetime = datetime.min
    found: dict[str, Received] = field(default_factory=dict)  # template → the last such mail

    @property
    def user(self) -> Party:
        return next(party for party in parties.EVERYBODY if party.address == self.pengguna)

    @property
    def case(self) -> Case:
        return Case(
            number=self.number,
            form_number=self.form_number,
            subject=self.subject,
            user=f"{self.user.name} <{self.user.address}>",
            matter=self.perkara,
            opened=self.opened,
            closed=self.closed,
        )

    def plays(self, step: Mapping[str, Any]) -> None:
        """One step of the play; its time has come."""
        for within in step.get("di lkpp", ()):
            self.stage.inside(self.number, str(within["langkah"]), within["isi"], _branch(within))
        for key, mail in step.items():
            if action := _ACTION.fullmatch(key):
                self._writes(self._party(action["who"]), mail, action["template"])
        for who, mails in step.get("maka", {}).get("surat", {}).items():
            for mail in mails:
                # A name, or a name with what it is called this time.
                [(template, otherwise)] = mail.items() if isinstance(mail, dict) else [(mail, {})]
                self._expects(self._party(who), template, {**_PLAY["surat"][template], **otherwise})
        if "tercatat" in step:
            self.stage.noted(self.number, step["tercatat"])
        if "hari kerja lkpp" in step:
            self.stage.lkpp_works(working=step["hari kerja lkpp"] == "mulai")

    def _party(self, who: str) -> Party:
        return self.user if who == "pengguna" else _PEOPLE[who]

    def _writes(self, party: Party, mail: Mapping[str, Any], template: str | None) -> None:
        answers = self.found[template] if template else None
        subject = mail.get("perihal", "")
        if answers is None:
            self.subject, self.opened = subject, self.stage.now
        else:
            subject = subject.replace("{perihal}", answers.subject)
        self.stage.writes(
            party,
            mail["isi"].rstrip("\n"),
            mail["judul"],
            subject=subject,
            answers=answers,
            pictures=[screenshot(name) for name in mail.get("lampiran", ())],
            step=_step(mail),
        )

    def _expects(self, party: Party, template: str, words: Mapping[str, Any]) -> None:
        # A ticket has no number before its user has been told one; some mails are about all tickets.
        ticket = "" if template in ("coordinator_overdue", "staff_worklist") else self.number
        mail = self.stage.expects(
            party, template, words["judul"], ticket=ticket, step=_step(words), branch=_branch(words)
        )
        self.found[template] = mail
        if template == "user_acknowledgement":
            number = _FORM_NUMBER.search(mail.text)
            self.number, self.form_number = mail.ticket, number[0] if number else ""
        elif template == "user_closed":
            self.closed = self.stage.now


def _step(words: Mapping[str, Any]) -> str:
    return str(words.get("langkah", ""))


def _branch(words: Mapping[str, Any]) -> Branch:
    return cast(Branch, words.get("jawaban", ""))
