"""Mails that wait behind one another over one connection: the next is claimed with the acceptance of the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.clock import RehearsalClock
from mailbot.delivery import account
from mailbot.delivery.sender import Delivery, Sender, submitter
from mailbot.store import outbox
from tests.mailservers.faulty import FaultySmtp, On
from tests.world import NO_CAPS, PaperWorld


def _office(folder: Path, smtp: FaultySmtp) -> PaperWorld:
    """With mails in the outbox that all are due: an acknowledgement, and a notice for each of two members of staff."""
    office = PaperWorld(folder, limits=NO_CAPS, smtp={"port": smtp.port})
    office.write("pengguna", "Kami tidak bisa masuk.")
    Intake(office.store, office.site, [office.site.config.ticket_prefix]).handle_waiting(office.now)
    return office


def _send(office: PaperWorld, stop: Callable[[], bool] = lambda: False) -> Delivery:
    async def deliver() -> Delivery:
        async with submitter(account.of(office.site)) as connection:
            sender = Sender(
                office.store, account.of(office.site), RehearsalClock(office.now), lambda _: True, lambda _: None
            )
            return await sender.send_due(connection, office.now, stop)

    return asyncio.run(deliver())


def _states(office: PaperWorld) -> list[tuple[Any, ...]]:
    rows = office.rows("SELECT state, phase, attempts FROM outbox ORDER BY accepted_at IS NULL, id")
    return [(row["state"], row["phase"], row["attempts"]) for row in rows]


def test_of_many_mails_each_costs_one_commit(tmp_path: Path) -> None:
    said: list[str] = []
    with FaultySmtp() as smtp:
        office = _office(tmp_path, smtp)
        office.store._connection.set_trace_callback(said.append)
        _send(office)
        office.store._connection.set_trace_callback(None)
        assert _states(office) == [("accepted", "", 1)] * 3
        office.store.close()
    # The first claim and each answer; one for the certificate, if the server had shown one.
    assert said.count("COMMIT") == 1 + 3


def test_at_a_stop_the_mail_that_is_claimed_already_is_given_back_untouched(tmp_path: Path) -> None:
    with FaultySmtp() as smtp:
        office = _office(tmp_path, smtp)
        _send(office, lambda: len(smtp.mails) > 0)
        assert _states(office) == [("accepted", "", 1), ("queued", "", 0), ("queued", "", 0)]
        assert outbox.recover(office.store, office.site, office.now) == 0
        _send(office)
        assert _states(office) == [("accepted", "", 1)] * 3
        office.store.close()


def test_while_the_acceptance_is_told_a_failure_gives_the_claimed_mail_back(tmp_path: Path) -> None:
    def fail(_: int) -> bool:
        raise RuntimeError("the ticket cannot be told")

    async def deliver() -> None:
        async with submitter(account.of(office.site)) as connection:
            sender = Sender(office.store, account.of(office.site), RehearsalClock(office.now), fail, lambda _: None)
            with pytest.raises(RuntimeError):
                await sender.send_due(connection, office.now, lambda: False)

    with FaultySmtp() as smtp:
        office = _office(tmp_path, smtp)
        # Something hangs on the acceptance of each of these.
        with office.store.immediate():
            office.store.execute("UPDATE outbox SET template = 'lkpp_escalation'")
        asyncio.run(deliver())
        assert _states(office) == [("accepted", "", 1), ("queued", "", 0), ("queued", "", 0)]
        office.store.close()


def test_nothing_is_claimed_before_a_lost_connection_stands_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultySmtp([On("EOD", b"250 2.0.0 Ok\r\n250 2.0.0 and once more\r\n")]) as smtp:
        office = _office(tmp_path, smtp)
        waiting: list[list[tuple[Any, ...]]] = []
        connect = type(submitter(account.of(office.site)))._connected

        async def seen(one: Any) -> Any:
            if not one.stands:
                waiting.append(_states(office))
            return await connect(one)

        monkeypatch.setattr(type(submitter(account.of(office.site))), "_connected", seen)
        _send(office)
        assert smtp.connections == 2
        assert waiting[1] == [("accepted", "", 1), ("queued", "", 0), ("queued", "", 0)]
        assert _states(office) == [("accepted", "", 1)] * 3
        office.store.close()
