"""What a list of mails shows of a mail before it is opened."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from tests.world import PaperWorld


@pytest.mark.parametrize(
    ("text", "level", "importance"),
    [
        ("Batas pemasukan penawaran satu jam lagi dan kami tidak bisa login.", 1, "high"),
        ("Bagaimana cara mendaftar sebagai penyedia?", None, None),
    ],
)
def test_only_staff_see_that_a_mail_is_important_and_only_of_the_first_priority(
    office: PaperWorld, text: str, level: int | None, importance: str | None
) -> None:
    office.write("pengguna", text, subject="Mohon bantuan")
    assert office.once()
    heads = {
        row["template"]: message_from_bytes(row["raw"], policy=policy.default)
        for row in office.sent("template IN ('staff_new_ticket', 'user_acknowledgement')")
    }
    [found] = [row["priority"] for row in office.rows("SELECT priority FROM tickets")]
    assert (found == 1) == (level == 1)
    assert heads["staff_new_ticket"]["Importance"] == importance
    assert heads["user_acknowledgement"]["Importance"] is None
