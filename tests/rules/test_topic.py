"""What a mail is about, told from one process to another: the same as read in one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.problems import CORPUS
from mailbot import yamlfile
from mailbot.parsers.mime import wire
from mailbot.rules import problems, topic
from mailbot.rules.topic import Read, Topic

MAILS: list[tuple[str, str]] = [
    (subject, text)
    for name in ("held_out.yaml", "tuning.yaml")
    for *_, subject, text in yamlfile.read(CORPUS / name).data["mails"]
] + [("", "tidak bisa tayang paketnya")]


def read(subject: str, text: str) -> Read:
    rules = topic.ours()
    return topic.read(problems.read(subject, text, rules.problems.spelling), rules)


def through_the_wire(found: Topic) -> Topic:
    header, files = wire.dump(found)
    plain, _ = wire.outcome(header)
    return wire.load(Topic, plain, files)


def test_what_is_told_is_heard_as_it_was_read() -> None:
    kinds = set()
    for subject, text in MAILS:
        found = read(subject, text)
        told = through_the_wire(topic.told(subject, text, found))
        assert (told.subject, told.text) == (subject, text)
        assert topic.heard(told, topic.ours().problems) == found
        kinds.add((found.about.known, found.nearest is None, found.priority.raised))
    assert len(kinds) >= 4, "recognised or not, near to something or not, urgent or not"


@pytest.mark.parametrize("changed", [{"found": "found"}, {"nearest": ("TIDAK_ADA", ("kata",))}])
def test_a_category_that_these_rules_do_not_have_is_not_heard(changed: dict[str, Any]) -> None:
    told = topic.told("Masuk", "tidak bisa login", read("Masuk", "tidak bisa login"))
    if "found" in changed:
        changed = {"found": (replace(told.found[0], code="TIDAK_ADA"),)}
    assert topic.heard(replace(told, **changed), topic.ours().problems) is None
