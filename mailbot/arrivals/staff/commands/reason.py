"""`#alasan`: of which penyimpangan it tells. A reason belongs to one, or to those of one party.

Its link's code says which, or its first words do ("2: …", "LKPP: …"). Said by neither, it tells of all that are open
where these are one party's and of one kind, or of the only one of the LPSE where its words speak of nobody else. In
every other case each is named, with its link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import WhichBreach
from mailbot.model import Ball
from mailbot.parsers.commands.command_lines import Command
from mailbot.sentences import Sentences
from mailbot.tickets import breaches, progress
from mailbot.tickets.breaches import Breach

_SAID = Sentences(__file__)

#: What it tells of, before a colon that is not that of a time ("10:30").
_NAMED = re.compile(
    r"(?:(?:untuk|nomor|no\.?|penyimpangan|milik)\s+)*"
    r"(?P<which>\d{1,3}(?:\s*(?:,|dan|&)\s*\d{1,3})*|lpse|lkpp|pengguna)\s*:(?!\d)\s*",
    re.IGNORECASE,
)
#: Whoever speaks of them may tell of theirs.
_OTHERS = re.compile(r"\b(?:lkpp|pengguna)\b", re.IGNORECASE)
_PARTY = {"lpse": Ball.LPSE, "lkpp": Ball.LKPP, "pengguna": Ball.USER}


def _complete(hand: StaffMail, command: Command) -> Command:
    """The command with the ids of what it tells of, "" where that cannot be told."""
    if hand.ticket is None:
        return command
    if hand.code is not None and hand.code["argument"]:
        return replace(command, argument=str(hand.code["argument"]))
    kept = breaches.of(hand.store, hand.site, hand.ticket.id, hand.now)
    named = _NAMED.match(command.text)
    if named is not None and (party := _PARTY.get(named["which"].lower())) in {None, *(one.party for one in kept)}:
        text = command.text[named.end() :]
        if party is not None:
            return replace(command, text=text, argument=_ids(_open([one for one in kept if one.party is party])))
        numbered, wanted = breaches.numbered(kept), [int(number) for number in re.findall(r"\d+", named["which"])]
        if all(number in numbered for number in wanted):
            return replace(command, text=text, argument=_ids(numbered[number] for number in wanted))
        return replace(command, text=text)
    return replace(command, argument=_ids(_only(_open(kept), command.text)))


def _only(found: Sequence[Breach], text: str) -> Sequence[Breach]:
    own = [one for one in found if one.party is Ball.LPSE]
    if len({(one.party, one.of_time) for one in found}) == 1:
        return found
    return own if len(own) == 1 and not _OTHERS.search(text) else ()


def _open(kept: Sequence[Breach]) -> Sequence[Breach]:
    """Those without a reason; all, where each has one that a better one may replace."""
    return [one for one in kept if not one.reason] or kept


def _ids(chosen: Iterable[Breach]) -> str:
    return " ".join(str(one.id) for one in chosen)


def _check(hand: StaffMail, command: Command, found: Sequence[Command]) -> None:
    """Raises WhichBreach where it does not say of which of several it tells."""
    kept = breaches.of(hand.store, hand.site, hand.own_ticket.id, hand.now)
    if command.argument or not kept:  # without any the table refuses it
        return
    numbered = {number: one for number, one in breaches.numbered(kept).items() if one in _open(kept)}
    listed = [
        (
            _SAID("numbered", number=number, what=progress.breach_name(hand.site, one)),
            progress.breach_course(hand.site, one),
        )
        for number, one in numbered.items()
    ]
    choices = [
        (_SAID("for_one", number=number, whose=one.party.value), str(number), [one]) for number, one in numbered.items()
    ]
    for party in Ball:
        of_party = [one for one in numbered.values() if one.party is party]
        if len(of_party) > 1:
            choices.append((_SAID("for_party", whose=party.value), party.value, of_party))
    raise WhichBreach(
        _SAID("which"),
        listed,
        [
            (
                label,
                f"#{command.word} {typed}:",
                [replace(one, argument=_ids(chosen)) if one is command else one for one in found],
            )
            for label, typed, chosen in choices
        ],
    )


DOING = Doing(complete=_complete, check=_check)
