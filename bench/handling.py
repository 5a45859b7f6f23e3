"""What handling a mail costs the thread that handles them: CPU of one thread, without servers, and what it wrote.

    python -m bench.handling                    500 plain and 500 mixed mails, three times
    python -m bench.handling --profile out.prof --only plain
    python -m bench.handling --beside       as the daemon reads: the next mail while this one is handled

Every random code comes from one seed and the clock stands still, so that two trees can be compared: the same digest
means that each wrote the same mails, letter for letter, and the same rows. With --beside the CPU of all threads of this
process counts.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import random
import secrets
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import corpus
from mailbot.arrivals.intake import Intake
from mailbot.fetch import reader
from mailbot.fetch.slow_mails import Lanes, Patient, Reading
from mailbot.store import outbox
from tests.world import LPSE, NO_CAPS, PEOPLE, PaperWorld

#: Tables whose rows the digest holds.
_TABLES = ("journal", "tickets", "fields", "texts", "history", "deadlines", "proposals", "codes", "outbox")


def handled(
    mails: list[corpus.Written], folder: Path, profile: cProfile.Profile | None, beside: bool
) -> tuple[float, str]:
    """(milliseconds of CPU a mail, digest of what was written). The reading process does not count."""
    chance = random.Random(18)
    secrets.token_bytes = lambda nbytes=16: chance.randbytes(nbytes or 16)
    changes = {"limits": NO_CAPS, "staff": [{"name": "Sari", "address": PEOPLE["petugas"]}]}
    office = PaperWorld(folder, **changes)
    office.store._connection.execute("PRAGMA synchronous = FULL")
    for mail in mails:
        office.now += timedelta(seconds=1)
        office.drop(mail.raw)
    reader.start()
    reading: Reading = Lanes(lambda mailbox: None) if beside else Patient()
    intake = Intake(office.store, office.site, [office.site.config.ticket_prefix], reading)
    clock = time.process_time if beside else time.thread_time
    start = clock()
    if profile is not None:
        profile.enable()
    while any(True for _ in office.rows(_WAITS)):
        intake.handle_waiting(office.now, at_most=20)
    if profile is not None:
        profile.disable()
    spent = clock() - start
    return 1000 * spent / len(mails), digest(office)


_WAITS = "SELECT id FROM journal WHERE state = 'received' LIMIT 1"


def digest(office: PaperWorld) -> str:
    found = hashlib.sha256()
    for table in _TABLES:
        for row in office.rows(f"SELECT * FROM {table} ORDER BY rowid"):
            found.update(repr(_plain(row)).encode())
    for row in office.rows("SELECT id FROM outbox ORDER BY id"):
        found.update(outbox.bytes_of(office.store, int(row["id"])))
    return found.hexdigest()[:16]


def _plain(row: Any) -> list[tuple[str, Any]]:
    return sorted((key, value) for key, value in dict(row).items() if not isinstance(value, bytes))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.handling", description=__doc__)
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--only", choices=("mixed", "plain"))
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    for kind in ("plain", "mixed") if options.only is None else (options.only,):
        prefix = "[LPSE-BTG-2026-{:06d}]"
        mails = list(corpus.letters(options.mails, LPSE, prefix.format, plain=kind == "plain"))
        found = []
        for _ in range(options.times):
            profile = cProfile.Profile() if options.profile else None
            with tempfile.TemporaryDirectory() as folder:
                found.append(handled(mails, Path(folder), profile, options.beside))
            if profile is not None:
                profile.dump_stats(options.profile)
        spent = [each for each, _ in found]
        digests = " ".join(sorted({each for _, each in found}))
        print(f"{kind}: {statistics.median(spent):.2f} ms a mail ({min(spent):.2f} to {max(spent):.2f}), {digests}")


if __name__ == "__main__":
    main()
