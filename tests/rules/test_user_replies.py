"""What users' replies mean, by 1,250 that were written apart from the rules: to an answer, to a request for data, and
on a closed ticket."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mailbot import yamlfile
from mailbot.parsers.reply.quoted import new_text
from mailbot.rules import after_closing, reply_of_user, user_phrases

CORPUS = Path(__file__).parent.parent / "corpus" / "user_replies"
PHRASES = user_phrases.load_user_phrases()
#: (meant, read) of what must not happen: a ticket closed or kept resolved, or a mail forwarded to LKPP, against the
#: writer's words. On a closed ticket a problem that is filed is shown to staff all the same.
WRONG = {
    *((meant, "done") for meant in ("works", "nothing", "not_done")),
    *(("not_done", read) for read in ("works", "nothing")),
    ("works", "nothing"),
    ("not_data", "data"),
    ("reopens", "filed"),
}


def read(entry: Mapping[str, str]) -> str:
    text = new_text(entry["text"]).own
    if entry["when"] == "resolved":
        found = reply_of_user.user_reply(text, PHRASES)
        return "nothing" if found in ("thanks", "later") else found
    if entry["when"] == "awaiting_data":
        return "data" if reply_of_user.data_reply(text, False, PHRASES) == "data" else "not_data"
    return "reopens" if after_closing.closed_reply(text, PHRASES) == "other" else "filed"


@pytest.mark.parametrize(("name", "count"), [("tuning", 1100), ("held_out", 150)])
def test_what_users_reply_is_read_right_and_never_the_wrong_way(name: str, count: int) -> None:
    entries = yamlfile.read(CORPUS / f"{name}.yaml").data
    found = [(entry["means"], read(entry), entry["text"]) for entry in entries]
    assert len(found) == count
    assert [each for each in found if each[:2] in WRONG] == []
    assert sum(meant == was for meant, was, _ in found) >= 0.95 * count
