"""`#bantuan`: what this role may use, in groups; of one command its example."""

from __future__ import annotations

import re
from typing import Any

from mailbot import letters
from mailbot.arrivals.staff.queries.asking import SUBJECT, Answered, Asked
from mailbot.clean import shorten
from mailbot.model import Role
from mailbot.parsers.commands import command_lines, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import About, Spec, Takes
from mailbot.sentences import Sentences
from mailbot.tickets.case import Case

_SAID = Sentences(__file__)


def answer(asked: Asked, command: Command, found: Answered) -> None:
    role = asked.mail.sender.role
    if command.argument:
        _help_of_one(asked, command.argument, found)
        return
    for group, specs in vocabulary.grouped(role):
        of_every_day = all(spec.daily for spec in specs)
        entries = [_explained(asked, spec) if of_every_day else _named(spec) for spec in specs]
        found.section(group.title, entries, group.note, short=not of_every_day)
    found.line("#bantuan", _SAID("more"))


def _explained(asked: Asked, spec: Spec) -> dict[str, Any]:
    """With its example, on one line."""
    example = _SAID("example", example=" / ".join(spec.example.split("\n")))
    return {"label": spec.usage, "href": _ready(asked, spec), "text": spec.help, "details": example, "more": None}


def _named(spec: Spec) -> dict[str, Any]:
    """With the first clause of what it is for: `#bantuan` with its word tells all of it."""
    return {"label": spec.usage, "href": None, "text": _CLAUSE.split(spec.help)[0], "details": None, "more": None}


_CLAUSE = re.compile(r"[;:(,] ?")


def _ready(asked: Asked, spec: Spec) -> str | None:
    """A link that opens the command's mail: on the ticket at hand, or one that asks; else one that explains it."""
    if _is_ready(spec):
        return asked.href(f"#{spec.word}{' ' if spec.takes is Takes.SOUGHT else ''}")
    if spec.takes is Takes.COMMAND or asked.mail.sender.role is Role.OPERATOR:
        return None
    if asked.ticket is not None and _on_ticket(asked, spec):
        word = f"#{spec.word}"
        case = Case(asked.store, asked.site, asked.now, asked.ticket)
        made = letters.link(case, asked.recipient, word, word)
        return str(made["href"])
    return asked.href(f"#bantuan {spec.word}")


def _is_ready(spec: Spec) -> bool:
    """Whether it is a question that makes sense as it stands behind a link."""
    return spec.about is About.QUESTION and spec.takes not in (Takes.COMMAND, Takes.FIELDS)


def _on_ticket(asked: Asked, spec: Spec) -> bool:
    """Whether the command could be used on the ticket at hand."""
    return asked.ticket is not None and spec.about not in (About.ENTRY, About.CONSULTATION, About.ONESELF)


def _aliases(spec: Spec) -> str | None:
    return _SAID("or_aliases", aliases=", ".join(f"#{alias}" for alias in spec.aliases)) if spec.aliases else None


def _help_of_one(asked: Asked, word: str, found: Answered) -> None:
    role = asked.mail.sender.role
    shown = f"#bantuan {shorten(word, SUBJECT)}"
    spec, nearest = command_lines.find(word)
    specs = [] if spec is None else [each for each in vocabulary.VOCABULARY if each.word == spec.word]
    allowed = [each for each in specs if role in each.roles]
    if not allowed:
        if nearest:
            found.line(shown, _SAID("unknown_command_but_near", near=nearest))
        else:
            found.line(shown, _SAID("not_for_your_role" if specs else "unknown_command"))
        return
    for each in allowed:
        found.section(
            each.usage,
            [
                {
                    "label": "Kegunaan",
                    "href": None,
                    "text": each.help[:1].upper() + each.help[1:] + ".",
                    "details": _aliases(each),
                    "more": None,
                },
                *_example(each),
            ],
            vocabulary.GROUPS[each.group].note,
        )
        if href := _ready(asked, each) if _is_ready(each) or _on_ticket(asked, each) else None:
            found.actions.append({"label": _SAID("write_command"), "href": href, "command": each.usage, "hint": None})


def _example(spec: Spec) -> list[dict[str, Any]]:
    lines = spec.example.split("\n")
    return [
        {
            "label": "Contoh",
            "href": None,
            "text": lines[0],
            "details": " / ".join(lines[1:]) or None,
            "more": None,
        }
    ]
