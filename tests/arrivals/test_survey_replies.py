"""The survey, filled in field by field where mail programs let people write: the answer is filed and can be read.

The quotations are those that Roundcube and Thunderbird have made (`tests/fixtures/clients`), of the same mail."""

from __future__ import annotations

import re

import pytest

from mailbot.parsers.mime.message import parse
from mailbot.rules import survey
from tests.arrivals.test_quotations import HEAD, marked
from tests.clients.kept import FOLDER
from tests.steps import closed, disposition, flat, number
from tests.world import Letter, PaperWorld

LINES = {
    "Kemudahan prosedur": "4",
    "Kecepatan penyelesaian": "3",
    "Kejelasan jawaban": "4",
    "Kesopanan dan keramahan": "4",
    "Saran": "loket dibuka lebih pagi",
}
MARKS = dict(zip(survey.ELEMENTS, (4, 3, 4, 4), strict=True))
TYPED = "\n".join(f"{label}: {value}" for label, value in LINES.items())


def filled(text: str) -> str:
    """The lines of the survey with what was typed behind each."""
    for label, value in LINES.items():
        text, count = re.subn(rf"({re.escape(label)}\s*:)", rf"\1 {value}", text, flags=re.IGNORECASE)
        assert count == 1, label
    return text


def quoted_by(program: str, ours: Letter, office: PaperWorld) -> str:
    """What the program quotes of this mail, head and all, without the words that were typed then."""
    text = parse((FOLDER / program / "user_closed-reply.eml").read_bytes()).text
    for theirs, this in (("LPSE-BTG-2026-000018", number(office)), ("0018/FK", f"{int(number(office)[-6:]):04}/FK")):
        assert theirs in text and this in ours.text
        text = text.replace(theirs, this)
    return text.replace("Pelayanan sangat baik, terima kasih.", "").rstrip()


def forms(office: PaperWorld, ours: Letter) -> dict[str, str]:
    roundcube, thunderbird = (quoted_by(program, ours, office) for program in ("roundcube", "thunderbird"))
    gmail = f"{HEAD}\n{marked(ours.text)}"
    return {
        "Roundcube, in the quotation": filled(roundcube),
        "Roundcube, below it": f"{roundcube}\n{TYPED}",
        "Thunderbird, in the quotation": filled(thunderbird),
        "Thunderbird, below it": f"{thunderbird}\n\n{TYPED}\n\n-- \nBudi Santoso\nCV Contoh",
        "above the quotation": f"{TYPED}\n\n{gmail}",
        "in a quotation of the plain text": filled(gmail),
        "without a quotation": TYPED,
        "in a quotation without marks": filled(f"{HEAD}\n\n{ours.text}"),
    }


@pytest.mark.parametrize(
    "form",
    [
        *("Roundcube, in the quotation", "Roundcube, below it", "Thunderbird, in the quotation"),
        *("Thunderbird, below it", "above the quotation", "in a quotation of the plain text"),
        *("without a quotation", "in a quotation without marks"),
    ],
)
def test_a_survey_that_is_filled_in_is_filed_and_its_marks_are_read(office: PaperWorld, form: str) -> None:
    ours = closed(office)
    texts = forms(office, ours)
    assert form in texts
    office.write("pengguna", texts[form], answers=ours, quote=False)
    assert office.once()
    assert disposition(office)[1].startswith("pengguna-survei") and office.status() == "closed"
    [row] = office.rows("SELECT body FROM texts WHERE role = 'user' ORDER BY id DESC LIMIT 1")
    assert survey.marks(row["body"]) == MARKS
    assert LINES["Saran"] in row["body"]
    notice = office.last("petugas", "staff_user_reply")
    assert LINES["Saran"] in flat(notice)
