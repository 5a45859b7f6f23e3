"""`mailbot person`: who gets no automatic mail, and who gets it again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from click.testing import CliRunner, Result

from mailbot.cli import main
from mailbot.store import silences
from mailbot.store.silences import Why
from tests.world import PEOPLE, PaperWorld

SPAMMER = "promo@toko.test"


def run(office: PaperWorld, *words: str) -> Result:
    return CliRunner().invoke(main.main, ["-c", str(office.config_file), "person", *words])


def answer(office: PaperWorld, *words: str) -> Any:
    done = run(office, *words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def silenced(office: PaperWorld, address: str, why: Why, at: datetime | None = None) -> None:
    with office.store.immediate():
        silences.silence(office.store, "batang", address, why, at or datetime.now(UTC))


def test_who_is_silenced_is_listed_with_the_reason_and_the_end(office: PaperWorld) -> None:
    assert answer(office, "silenced") == []
    silenced(office, SPAMMER, Why.DISCARDED)
    silenced(office, PEOPLE["pengguna"], Why.UNPROVEN)
    silenced(office, "lama@luar.test", Why.UNPROVEN, datetime.now(UTC) - timedelta(days=2))
    found = {one["address"]: one for one in answer(office, "silenced")}
    assert {address: one["why"] for address, one in found.items()} == {
        SPAMMER: "discarded",
        PEOPLE["pengguna"]: "unproven",
    }
    assert found[SPAMMER]["until"] is None and found[PEOPLE["pengguna"]]["until"] is not None


def test_a_silence_is_ended_and_ending_it_again_says_so(office: PaperWorld) -> None:
    silenced(office, SPAMMER, Why.DISCARDED)
    silenced(office, SPAMMER, Why.ROBOT)
    done = run(office, "unsilence", SPAMMER.upper())
    assert (done.exit_code, SPAMMER in done.output, "batang" in done.output) == (0, True, True)
    assert answer(office, "silenced") == []
    again = run(office, "unsilence", SPAMMER)
    assert again.exit_code == 1 and "is not silenced" in again.output


def test_without_data_nobody_is_silenced_and_nothing_is_made(office: PaperWorld) -> None:
    office.store.close()
    for path in office.config.data.glob("mailbot.sqlite*"):
        path.unlink()
    done = run(office, "silenced")
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    assert run(office, "unsilence", SPAMMER).exit_code == 1
    assert not (office.config.data / "mailbot.sqlite").exists()
