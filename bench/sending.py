"""What sending a mail costs the thread that sends: CPU of one thread over one connection, without the server's part.

    python -m bench.sending                    1,000 mails to Postfix's smtp-sink, three times
    python -m bench.sending --profile out.prof --times 1

The mails are those of `bench.handling`: an acknowledgement and a notice to staff for each plain mail of a user. Each is
claimed, handed over and recorded as the daemon does it, with synchronous=FULL.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench import corpus
from bench.backlog import sink
from mailbot.arrivals.intake import Intake
from mailbot.clock import RehearsalClock
from mailbot.delivery import account
from mailbot.delivery.sender import Sender, submitter
from tests.world import LPSE, NO_CAPS, PEOPLE, PaperWorld

_RATE = {"per_minute": 10**6, "per_hour": 10**6, "per_day": 10**6}


def sent(mails: int, folder: Path, port: int, profile: cProfile.Profile | None) -> float:
    """Milliseconds of CPU a mail of ours."""
    smtp = {"host": "127.0.0.1", "port": port, "security": "none", "rate": _RATE}
    office = PaperWorld(folder, limits=NO_CAPS, smtp=smtp, staff=[{"name": "Sari", "address": PEOPLE["petugas"]}])
    for mail in corpus.letters(mails // 2, LPSE, "[LPSE-BTG-2026-{:06d}]".format, plain=True):
        office.now += timedelta(seconds=1)
        office.drop(mail.raw)
    Intake(office.store, office.site, [office.site.config.ticket_prefix]).handle_waiting(office.now)
    office.store._connection.execute("PRAGMA synchronous = FULL")
    spent = asyncio.run(_all_sent(office, profile))
    accepted = office.store.value("SELECT count(*) FROM outbox WHERE state = 'accepted'")
    if accepted != mails:
        raise RuntimeError(f"{accepted} mails of {mails} were accepted")
    return 1000 * spent / mails


async def _all_sent(office: PaperWorld, profile: cProfile.Profile | None) -> float:
    sender = Sender(office.store, account.of(office.site), RehearsalClock(office.now), lambda _: True, lambda _: None)
    connection = submitter(account.of(office.site))
    await connection.connect()
    start = time.thread_time()
    if profile is not None:
        profile.enable()
    await sender.send_due(connection, office.now, lambda: False)
    if profile is not None:
        profile.disable()
    spent = time.thread_time() - start
    await connection.close()
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.sending", description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    found = []
    for _ in range(options.times):
        profile = cProfile.Profile() if options.profile else None
        with sink() as port, tempfile.TemporaryDirectory() as folder:
            found.append(sent(options.mails, Path(folder), port, profile))
        if profile is not None:
            profile.dump_stats(options.profile)
    print(f"{statistics.median(found):.2f} ms a mail ({min(found):.2f} to {max(found):.2f})")


if __name__ == "__main__":
    main()
