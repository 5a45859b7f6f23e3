"""A mail is understood once: nothing behind `arrivals.intake` detects, cuts, classifies or asks for authority again."""

from __future__ import annotations

import ast

import pytest

from tests.project.test_imports import imported, modules

#: Modules that take a mail apart, and the values in them that the others pass on.
PARSERS: dict[str, set[str]] = {
    "parsers.reply.quoted": {"NewText", "MARKER"},
    "parsers.reply.own_quote": set(),
    "parsers.reply.users_words": {"UsersWords"},
    "parsers.robots.automatic": {"Automatic", "BY_WORDS"},
    "parsers.robots.acknowledgement": set(),
    "parsers.identity": {"Grant", "NEEDS_CODE"},
    "parsers.thread": {"Found", "Reference"},
    "parsers.webform": {"Form"},
    "rules.lkpp.classify": {"Reading"},
}
#: What stands behind the understanding of a mail.
BEHIND = ("arrivals.", "restraint.", "procedure.", "letters.")
#: Where a mail is understood.
UNDERSTANDING = {"arrivals.intake", "arrivals.quotations", "arrivals.understanding"}

#: Module → (what it may ask all the same, why).
EXCEPTIONS: dict[str, tuple[set[str], str]] = {
    "arrivals.staff.from_staff": (
        {"parsers.identity", "parsers.thread"},
        "what staff may depends on the commands in the mail, which only this room reads",
    ),
    "arrivals.staff.forwarded": ({"parsers.identity"}, "an address that an officer has written is no mail's sender"),
    "arrivals.sent_by_hand": (
        {"parsers.identity", "parsers.reply.quoted", "parsers.thread"},
        "a mail in the folder of sent mail did not come in: its writer is the mailbox itself",
    ),
    "arrivals.replay": (
        {"parsers.identity", "parsers.reply.quoted", "parsers.robots.automatic", "rules.lkpp.classify"},
        "prints how a mail is understood, also one that could not be handled",
    ),
    "arrivals.sent_words": ({"parsers.reply.own_quote"}, "takes mails of ours apart, with which others are compared"),
    "procedure.effects.to_staff": (
        {"rules.lkpp.classify"},
        "puts the meanings of a reply that waits in order, by its words as they were stored",
    ),
    "restraint.loops": ({"parsers.reply.quoted"}, "compares the texts of earlier mails, as they were stored"),
}


def asked(module: str, source: str) -> set[str]:
    """The parsers of mails that a module asks, values aside."""
    known = set(modules())
    tree = ast.parse(source)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").removeprefix("mailbot.") in PARSERS:
            name = (node.module or "").removeprefix("mailbot.")
            if {alias.name for alias in node.names} - PARSERS[name]:
                found.add(name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = {name.removeprefix("mailbot.") for _, name in imported(module, ast.Module([node], []), known)}
            found |= names & set(PARSERS)
    return found


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith(BEHIND)])
def test_a_mail_is_taken_apart_only_where_it_is_understood(module: str) -> None:
    if module in UNDERSTANDING:
        return
    allowed, _why = EXCEPTIONS.get(module, (set(), ""))
    assert asked(module, modules()[module].read_text(encoding="utf-8")) == allowed


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from mailbot.parsers.reply import quoted", {"parsers.reply.quoted"}),
        ("from mailbot.parsers.reply.quoted import NewText, new_text", {"parsers.reply.quoted"}),
        ("from mailbot.parsers.reply.quoted import NewText", set()),
        ("def f():\n    import mailbot.parsers.identity", {"parsers.identity"}),
        ("from mailbot.parsers.identity import Grant, is_lkpp", {"parsers.identity"}),
        ("from mailbot.rules.lkpp.classify import classify", {"rules.lkpp.classify"}),
    ],
)
def test_a_second_look_is_found(source: str, expected: set[str]) -> None:
    assert asked("letters.values", source) == expected


def test_every_exception_says_why() -> None:
    assert set(EXCEPTIONS) <= set(modules())
    assert all(names and why for names, why in EXCEPTIONS.values())
