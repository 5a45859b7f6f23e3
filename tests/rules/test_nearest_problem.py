"""What a first mail comes nearest to where no phrase is found in it: the learnt reader's proposals to staff."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import nearest as bench
from mailbot.errors import ConfigError
from mailbot.rules import nearest_problem, problems
from mailbot.rules.language import reader
from tests.steps import flat, opened
from tests.world import PaperWorld

RULES = problems.load()
READER = nearest_problem.load()


def nearest(text: str) -> nearest_problem.Nearest | None:
    return nearest_problem.nearest(problems.read("", text, RULES.spelling), RULES, READER)


@pytest.mark.parametrize("text", ["error 500", "Error 500 Internal Server Error", "tampil 500", "halaman 502 terus"])
def test_a_number_of_the_server_is_an_error_of_the_application(text: str) -> None:
    assert problems.about("Mohon bantuan", text, RULES).primary.code == "ERROR_APP"


def test_what_no_phrase_finds_is_named_by_its_words() -> None:
    text = "tidak bisa tayang paketnya"
    assert not problems.about("", text, RULES).known
    found = nearest(text)
    assert found is not None
    assert found.problem.code == "PAKET"
    assert found.words
    assert all(word in text for word in found.words)


@pytest.mark.parametrize("text", ["", "selamat pagi", "mohon bantuan pak", "xxxx", "🙏"])
def test_a_mail_about_nothing_is_near_to_nothing(text: str) -> None:
    assert nearest(text) is None


def test_a_category_that_the_site_does_not_have_is_not_proposed() -> None:
    own = problems.Problems(**{name: getattr(RULES, name) for name in FIELDS} | {"rows": RULES.rows[-2:]})
    parts = problems.read("", "tidak bisa tayang paketnya", RULES.spelling)
    assert nearest_problem.nearest(parts, own, READER) is None


FIELDS = problems.Problems.__dataclass_fields__


def test_staff_read_the_nearest_category_as_a_proposal_and_the_ticket_has_none(office: PaperWorld) -> None:
    notice = opened(office, "tidak bisa tayang paketnya", subject="Mohon bantuan")
    assert "belum dikenali; paling mirip dengan" in flat(notice)
    assert "gunakan #jenis PAKET" in flat(notice)
    assert [row["problem"] for row in office.rows("SELECT problem FROM tickets")] == [None]


def test_the_weights_are_those_of_the_mails_as_they_are_labelled() -> None:
    about = reader.load(nearest_problem.LEARNT).about
    assert about["corpus"] == bench.corpus_sum(bench.everything()), "run python -m bench.nearest --write"


def test_a_changed_file_is_refused_by_its_name(tmp_path: Path) -> None:
    changed = tmp_path / "problems_learnt.txt"
    changed.write_text(nearest_problem.LEARNT.read_text(encoding="utf-8").replace(": paket\n", ": pakat\n", 1))
    with pytest.raises(ConfigError, match=r"problems_learnt.txt: was changed"):
        reader.load(changed)
