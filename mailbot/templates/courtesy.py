"""One salutation, one thanks and one closing in each letter: its writer's where he has them, else ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailbot.parsers.reply import courtesies
from mailbot.templates.catalogue import MailKind, Wording


def apart(kind: MailKind, shown: Mapping[str, Any], *, shows: bool) -> dict[str, Any]:
    """The values of a mail to user or LKPP with `courtesy`, and its words without what `courtesy` shows of them.

    shows: whether the mail's template shows what is taken out of the words; without it they stay whole.
    """
    values, found = dict(shown), dict.fromkeys(("salutation", "thanks", "closing"), "")
    names = [name for name in kind.letter if shown.get(name)]
    if names and (kind.wording is Wording.REPEATED or (kind.wording is Wording.LETTER and shows)):
        found["salutation"], values[names[0]] = courtesies.above(values[names[0]])
        values[names[-1]], found["thanks"], found["closing"] = courtesies.below(values[names[-1]])
    if kind.wording is Wording.REPEATED:
        return {**values, "courtesy": {}}
    left = "\n\n".join(values[name] for name in names)
    return {
        **values,
        "courtesy": {
            **found,
            "salutation": found["salutation"].split("\n") if found["salutation"] else [],
            "greeted": bool(found["salutation"] or (names and courtesies.above(left)[0])),
            "thanked": bool(found["thanks"] or courtesies.thanks_somebody(left)),
            "closed": bool(found["closing"] or courtesies.takes_leave(left)),
        },
    }
