"""How a robot that says nothing of itself is known: by how soon it answers, and by its words.

A human writes a second mail too, and may write the same one twice; so a doubt costs nobody more than an automatic
mail. What a machine says of itself (RFC 3834) is for `parsers.robots.automatic`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

#: Who answers a mail of ours sooner than this has hardly read it.
QUICK = timedelta(minutes=3)
#: Mails to and fro before an answer that may still be given: mail, answer, mail; the fourth and fifth end it.
MOST = 3
#: After so many nobody is answered any more whose mails say nothing that we must answer, whatever their words.
MOST_IN_ALL = 5
#: Whoever has answered so many automatic mails in a row, however slowly, is none to answer any more; within so long.
MOST_IN_A_ROW = 5
SLOWLY = timedelta(days=30)
#: INTERNALDATE has whole seconds (RFC 9051 §2.3.3), so that a reply may seem to come before what it replies to.
_SLACK = timedelta(seconds=2)

#: Characters of a text that are compared.
_COMPARED = 8_000
_WORD = re.compile(r"[^\W\d_]{2,}")
#: Share of all their words that two texts have in common: a form letter with another name in it.
_ALIKE = 0.8


def exchange(arrivals: Sequence[datetime], departures: Sequence[datetime]) -> int:
    """To how many mails, both directions, the exchange of quick answers has come that the last arrival belongs to.

    arrivals: the sender's mails, rising, the one in hand last; departures: our automatic mails to him, rising. 1: it
    answers no mail of ours, or took its time.
    """
    first = len(arrivals) - 1
    since = arrivals[first]
    while near := [at for at in departures if -_SLACK <= arrivals[first] - at <= QUICK]:
        since = min(since, near[0])
        before = [n for n in range(first) if arrivals[n] <= near[0] + _SLACK]
        if not before:  # our mail was the first, and all of his came after it
            first = 0
            break
        first = before[-1]
        since = min(since, arrivals[first])
    ours = [at for at in departures if since - _SLACK <= at <= arrivals[-1] + _SLACK]
    return len(arrivals) - first + len(ours)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same but for spaces and case."""
    return _folded(one) == _folded(other)


def alike(one: str, other: str) -> bool:
    """Whether two texts have nearly all their words in common; figures (dates, counters, our own numbers) aside."""
    first, second = (set(_WORD.findall(_folded(text))) for text in (one, other))
    if not first or not second:
        return first == second
    return len(first & second) >= _ALIKE * len(first | second)


def _folded(text: str) -> str:
    return " ".join(text[:_COMPARED].casefold().split())
