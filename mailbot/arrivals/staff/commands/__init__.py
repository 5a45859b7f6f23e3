"""The commands of staff. What a command says is a block of mailbot/parsers/commands/commands.yaml, what it does the row
of its event in sop015.yaml; a command that does more has a module here, and its line in DOINGS.
"""

from collections.abc import Mapping

from mailbot.arrivals.staff.commands import (
    answer,
    assign,
    change_user,
    complaint,
    consultation,
    entries,
    escalate,
    forward,
    leave,
    meaning,
    merging,
    new_ticket,
    note,
    postpone,
    reason,
    reopen,
    splitting,
    support,
    undo,
)
from mailbot.arrivals.staff.commands.doing import Doing

DOINGS: Mapping[str, Doing] = {
    "answer": answer.DOING,
    "assign": assign.DOING,
    "escalate": escalate.DOING,
    "forward": forward.DOING,
    "note": note.DOING,
    "tts": support.DOING,
    "postpone": postpone.DOING,
    "reason": reason.DOING,
    "user": change_user.DOING,
    "complaint": complaint.DOING,
    "merge": merging.DOING,
    "split": splitting.DOING,
    "reopen": reopen.DOING,
    "undo": undo.DOING,
    "new": new_ticket.DOING,
    "phone": consultation.DOING,
    "counter": consultation.DOING,
    "support": consultation.DOING,
    "release": entries.RELEASE,
    "file": entries.FILE,
    "discard": entries.DISCARD,
    "leave": leave.DOING,
    **dict.fromkeys(("returned", "data", "progress", "resolved", "redirect", "ignore"), meaning.DOING),
}
_COMMON = Doing()


def of(name: str) -> Doing:
    """What the command of this canonical name does in its own way."""
    return DOINGS.get(name, _COMMON)
