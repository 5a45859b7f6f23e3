"""The measurements themselves, in the smallest form that shows that they measure. Their figures mean nothing here."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from bench import acceptance, backlog, corpus, crossings, grown, meter, phrases, sending, size, watching
from mailbot.parsers.mime.message import parse
from mailbot.store.database import Store
from tests.mailservers import MailServers
from tests.world import LPSE


@pytest.mark.parametrize(
    ("part", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)], ids=["median", "p99", "all", "none"]
)
def test_a_quantile_is_one_of_the_values(part: float, expected: int) -> None:
    assert meter.quantile([float(value) for value in reversed(range(1, 101))], part) == expected


def test_the_work_of_this_process_counts_as_ours_and_not_as_foreign() -> None:
    foreign, before = meter.Foreign(), meter.tree_cpu(os.getpid())
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    assert meter.tree_cpu(os.getpid()) - before >= 0.15
    assert foreign.cores() <= (os.cpu_count() or 1)


@pytest.mark.mailservers
@pytest.mark.parametrize("design", ["thread per folder", "loop, 4 workers"])  # one loop waits for the time-out
def test_a_design_fetches_every_mail_beside_a_server_that_hangs(servers: MailServers, design: str) -> None:
    result = watching.deliver(servers, design, folders=2, hung=1, mails=2, quiet=0.1)
    assert result.missing == 0
    assert len(result.latency) == 2
    assert all(0 < seconds < 30 for seconds in result.latency)
    assert result.memory > 5
    assert design in watching.summary([result])


@pytest.mark.mailservers
def test_the_way_of_a_mail_is_measured_from_its_delivery_to_its_acknowledgement(
    servers: MailServers, tmp_path: Path
) -> None:
    result = acceptance.latency(servers, tmp_path, "IDLE", mails=2, rate=10, quiet=0.1)
    assert len(result.total) == 2
    for total, journalled, own in zip(result.total, result.journalled, result.own, strict=True):
        assert total == pytest.approx(journalled + own)
        assert 0 < journalled < total < 30
    assert result.cpu > 0
    assert "| IDLE | 2 |" in acceptance.summary([result])


@pytest.mark.mailservers
def test_a_burst_is_measured_to_its_last_mail(servers: MailServers, tmp_path: Path) -> None:
    result = acceptance.burst(servers, tmp_path, mails=3)
    assert 0 < result.to_first <= result.to_last <= result.all_sent
    assert "| 3 |" in acceptance.burst_summary(result)


@pytest.mark.mailservers
def test_a_backlog_is_measured_until_each_of_its_mails_is_answered(servers: MailServers, tmp_path: Path) -> None:
    mails = list(corpus.letters(20, LPSE, next(backlog.programs(None))[2]))
    assert 0 < sum(mail.answers for mail in mails) < 20
    for mail in mails:
        servers.deliver(mail.raw, LPSE)
    with backlog.sink() as port:
        result = backlog.mailbot(servers, tmp_path, port, mails)
    assert result.rate > 0 and 0 < result.main <= result.cpu
    assert 10 < result.memory < 1000 and result.written > 1
    assert "| mixed | mailbot |" in backlog.summary({("mixed", "mailbot"): [result]})


@pytest.mark.mailservers
def test_sending_is_measured_until_the_server_has_every_mail(tmp_path: Path) -> None:
    with backlog.sink() as port:
        assert 0 < sending.sent(4, tmp_path, port, None) < 1000


def test_a_corpus_is_the_same_for_the_same_seed_and_its_answers_name_earlier_tickets() -> None:
    first, again = (list(corpus.letters(60, LPSE, "[T-{}]".format, seed=3)) for _ in range(2))
    assert first == again
    opened = {mail.ticket for mail in first if not mail.answers}
    assert opened == set(range(1, len(opened) + 1)) and len(opened) < 60
    for mail in first:
        assert mail.ticket in opened and parse(mail.raw).ambiguous == ()
        assert mail.answers == (b"In-Reply-To" in mail.raw)


def test_the_way_of_a_mail_is_counted_from_the_journal_to_the_outbox(tmp_path: Path) -> None:
    found = crossings.ways(tmp_path)
    assert set(found) == {"user's first mail", "#eskalasi", "LKPP's reply"}
    for way in found.values():
        assert {"arrivals/intake", "procedure/service", "letters/posting", "store/outbox"} <= way.modules
        assert way.crossings["arrivals/intake", "store/journal"] > 0
        assert all(start != end for start, end in way.crossings)
        assert way.times("service", "_carry_out") == 1
        assert "daemon/run" not in way.modules
    assert "| LKPP's reply |" in crossings.summary(found)


def test_a_grown_office_is_one_that_the_program_could_have_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = grown.grow(tmp_path, 300, opened=20)
    with closing(Store.open(tmp_path / "data")) as store:
        assert store.rows("PRAGMA foreign_key_check") == []
        assert store.value("PRAGMA integrity_check") == "ok"
        counts = {row["status"]: row["n"] for row in store.rows("SELECT status, count(*) AS n FROM tickets GROUP BY 1")}
        assert sum(counts.values()) >= 300 and counts["closed"] >= 280 and len(counts) > 3
        assert store.rows("SELECT DISTINCT state FROM outbox") == [{"state": "accepted"}]
        assert store.value("SELECT count(*) FROM deadlines WHERE ended_at IS NULL") >= 20
        for what, state in (("journal", "state"), ("outbox", "state"), ("tickets", "status")):
            tally = f"SELECT {state} AS state, count(*) AS n FROM {what} GROUP BY 1 ORDER BY 1"
            assert store.rows("SELECT state, n FROM tallies WHERE what = ? AND n > 0 ORDER BY 1", what) == store.rows(
                tally
            )
    monkeypatch.setattr(size, "_CALLS", 1)
    found = size.measured(config.parent, 300, None, whole_backup=False)
    assert "| ticket, s |" in size.summary([found]) and "| 300 |" in size.summary([found])
    assert float(size.backing_up(tmp_path / "data", quiet=0.1).partition(";")[0]) < 60


def test_the_digest_of_what_was_read_tells_two_readings_apart() -> None:
    spent, digest = phrases.measured(str.upper, ["a", "b"])
    assert spent >= 0
    assert digest == phrases.measured(str.upper, ["a", "b"])[1] != phrases.measured(str.lower, ["a", "b"])[1]
    assert list(phrases.texts({"one": ["a", {"two": "b"}], "three": 4})) == ["a", "b"]
