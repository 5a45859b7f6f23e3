"""What a user's mail is about and how urgent it is; and the same in plain values, to be told to another process.

Only what our own rules say can be told: a site may have others, which only the process that acts has loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from mailbot.rules import nearest_problem, priority, problems
from mailbot.rules.language.normalise import Sentence
from mailbot.rules.nearest_problem import Nearest
from mailbot.rules.priority import DeadlineWords, Proposed
from mailbot.rules.problems import About, Found, Problems


class Rules(NamedTuple):
    """What a mail is held against."""

    problems: Problems
    deadline: DeadlineWords
    reader: nearest_problem.Reader


@cache
def ours() -> Rules:
    """Those that come with mailbot."""
    return Rules(problems.load(), priority.load().deadline, nearest_problem.load())


class Read(NamedTuple):
    """nearest: what it comes nearest to where it was not recognised."""

    about: About
    priority: Proposed
    nearest: Nearest | None


def read(parts: Sequence[Sentence], rules: Rules) -> Read:
    """parts: the sentences of a mail (`problems.read`)."""
    about = problems.judge(parts, rules.problems)
    proposed = priority.propose(about, parts, rules.problems, rules.deadline)
    nearest = None if about.known else nearest_problem.nearest(parts, rules.problems, rules.reader)
    return Read(about, proposed, nearest)


@dataclass(frozen=True, slots=True)
class Topic:
    """subject, text: the words that were read. The others as in About, Proposed and Nearest; categories by code."""

    subject: str
    text: str
    found: tuple[Found, ...]
    category: str
    category_words: str
    about_service: str
    level: int
    raised: bool
    deadline: str
    nearest: tuple[str, tuple[str, ...]] | None


def told(subject: str, text: str, found: Read) -> Topic:
    """What was read, as it is told. subject, text: the words that were read."""
    about, proposed, nearest = found
    return Topic(
        subject=subject,
        text=text,
        found=about.found,
        category=about.category,
        category_words=about.category_words,
        about_service=about.about_service,
        level=proposed.level,
        raised=proposed.raised,
        deadline=proposed.words,
        nearest=None if nearest is None else (nearest.problem.code, nearest.words),
    )


def heard(topic: Topic, known: Problems) -> Read | None:
    """The inverse; None where it names a category that these problems do not have."""
    codes = [each.code for each in topic.found] + ([] if topic.nearest is None else [topic.nearest[0]])
    if any(known.get(code) is None for code in codes):
        return None
    primary = known[topic.found[0].code] if topic.found else known.unknown
    about = About(primary, topic.found, topic.category, topic.category_words, topic.about_service)
    nearest = None if topic.nearest is None else Nearest(known[topic.nearest[0]], topic.nearest[1])
    return Read(about, Proposed(topic.level, topic.raised, topic.deadline), nearest)
