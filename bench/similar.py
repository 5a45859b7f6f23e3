"""Whether the solved tickets that staff are shown with a new one are like it, and what finding them costs.

    python -m bench.similar           the figures, and what was wrong
    python -m bench.similar --cost    CPU for a new ticket among 10,000 solved ones

`tests/corpus/similar/cases.yaml`: solved cases, near neighbours among them, and new mails of which it is known whose
answer helps. `tests/corpus/problems`: the mails of `held_out.yaml` among those of `tuning.yaml` as solved cases; there
a case counts as right if its problem category is that of the mail. Floor and words were chosen on cases.yaml and
tuning.yaml, not on held_out.yaml.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from bench.problems import CORPUS, Score
from mailbot import yamlfile
from mailbot.config import settings
from mailbot.config.site import Site, open_sites
from mailbot.letters import proposals
from mailbot.model import NamedAddress, Role
from mailbot.store.database import Store, to_text
from mailbot.tickets import similar, tickets
from tests.world import PEOPLE, configured

CASES = CORPUS.parent / "similar" / "cases.yaml"
_AT = datetime(2026, 10, 5, 2, tzinfo=UTC)
_MAIL = tuple[str, str]  # subject, text


@contextmanager
def office() -> Iterator[tuple[Store, Site]]:
    """An empty office of the usual test configuration."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(json.dumps(configured(1, 1, "secret", folder)))  # JSON is YAML
        [site] = open_sites(settings.load(folder / "config.yaml"))
        store = Store.open(folder / "data")
        try:
            yield store, site
        finally:
            store.close()


def opened(store: Store, site: Site, subject: str, text: str) -> int:
    """A ticket as a user's first mail opens it, as far as comparing is concerned."""
    new = tickets.New(
        mailbox=site.name,
        prefix=site.config.ticket_prefix,
        opened_at=_AT,
        local_opened_at=_AT,
        priority=3,
        subject=subject,
        user=NamedAddress("Budi Santoso", PEOPLE["pengguna"]),
        user_verified=True,
    )
    ticket_id = tickets.create(store, new)
    _say(store, ticket_id, Role.USER, "mail", text)
    about = proposals.read(site, subject, text).about.primary
    tickets.propose(store, ticket_id, "problem", about.code, "", journal_id=None, at=_AT)
    return ticket_id


def solved(store: Store, site: Site, subject: str, text: str, answer: str) -> int:
    """A ticket that staff have answered, in the index."""
    ticket_id = opened(store, site, subject, text)
    journal_id = store.insert(
        "journal",
        mailbox=site.name,
        folder="INBOX",
        uidvalidity=1,
        uid=ticket_id,
        arrived_at=to_text(_AT),
        fetched_at=to_text(_AT),
        size=0,
        sha256="",
    )
    _say(store, ticket_id, Role.STAFF, "answer", answer, journal_id)
    store.insert(
        "history",
        ticket_id=ticket_id,
        at=to_text(_AT),
        recorded_at=to_text(_AT),
        event="staff.answer",
        row="jawab",
        step="",
        role="staff",
        address=PEOPLE["petugas"],
        status_before="new",
        status_after="resolved",
        journal_id=journal_id,
    )
    store.update("tickets", ticket_id, status="resolved")
    similar.follow(store, site, tickets.load(store, ticket_id))
    return ticket_id


def _say(store: Store, ticket_id: int, role: Role, kind: str, body: str, journal_id: int | None = None) -> None:
    address = PEOPLE["pengguna" if role is Role.USER else "petugas"]
    text = tickets.Text(role=role, address=address, kind=kind, audience=(Role.USER, Role.STAFF), body=body)
    tickets.add_text(store, ticket_id, text, journal_id=journal_id, at=_AT)


def first_hits(known: Iterable[_MAIL], new: Iterable[_MAIL]) -> list[int | None]:
    """For each new mail which of the known ones is shown first, by its place; None: nothing is shown."""
    found: list[int | None] = []
    with office() as (store, site), store.immediate():
        for number, (subject, text) in enumerate(known):
            solved(store, site, subject, text, f"Jawaban kasus {chr(97 + number // 26)}{chr(97 + number % 26)}")
        numbers = [str(row["number"]) for row in store.rows("SELECT number FROM tickets ORDER BY id")]
        for subject, text in new:
            ticket = tickets.load(store, opened(store, site, subject, text))
            shown = similar.cases(store, site, ticket)
            found.append(numbers.index(shown[0].number) if shown else None)
    return found


def by_hand() -> dict[str, Score]:
    """right: what is shown first helps. found: where something could help, that it does. silent: elsewhere nothing."""
    data = yamlfile.read(CASES).data
    names = list(data["cases"])
    hits = first_hits([tuple(mail) for mail in data["cases"].values()], [(s, t) for _, s, t in data["news"]])
    scores = {key: Score() for key in ("right", "found", "silent")}
    for (wanted, subject, text), hit in zip(data["news"], hits, strict=True):
        name = None if hit is None else names[hit]
        said = f"{subject!r} {text!r}: {name}, not {wanted}"
        if name is not None:
            scores["right"].add(name in wanted, said)
        scores["found" if wanted else "silent"].add(name in wanted if wanted else name is None, said)
    return scores


def by_category() -> dict[str, Score]:
    known, new = (yamlfile.read(CORPUS / name).data["mails"] for name in ("tuning.yaml", "held_out.yaml"))
    hits = first_hits([(s, t) for *_, s, t in known], [(s, t) for *_, s, t in new])
    scores = {key: Score() for key in ("right", "found")}
    for (code, _, _, subject, text), hit in zip(new, hits, strict=True):
        scores["found"].add(hit is not None, f"{subject!r} {text!r}: nothing shown")
        if hit is not None:
            scores["right"].add(known[hit][0] == code, f"{subject!r} {text!r}: {known[hit]}")
    return scores


def figures() -> list[tuple[str, str]]:
    """What is measured, and the figure in words."""
    cases, held_out = by_hand(), by_category()
    return [
        ("similar cases (tuned on): the first one shown has an answer that helps", str(cases["right"])),
        ("similar cases (tuned on): a helping one is shown first where there is one", str(cases["found"])),
        ("similar cases (tuned on): nothing is shown where there is none", str(cases["silent"])),
        ("similar cases (held out): the first one shown is about the same problem", str(held_out["right"])),
        ("similar cases (held out): mails with which one is shown", str(held_out["found"])),
    ]


# --- cost ---------------------------------------------------------------------------------------------


def cost(size: int = 10_000, asked: int = 300) -> None:
    """CPU of `similar.cases` and `similar.follow` among `size` solved tickets."""
    chance = random.Random(4)
    data = yamlfile.read(CASES).data["cases"].values()
    mails = [*map(tuple, data), *((s, t) for *_, s, t in yamlfile.read(CORPUS / "tuning.yaml").data["mails"])]
    vocabulary = sorted({word for mail in mails for word in f"{mail[0]} {mail[1]}".split()})

    def written() -> _MAIL:
        subject, text = chance.choice(mails)
        return subject, f"{text}\n{' '.join(chance.choices(vocabulary, k=chance.randrange(4, 60)))}\nNama: Budi Santoso"

    with office() as (store, site):
        with store.immediate():
            for number in range(size):
                solved(store, site, *written(), answer=f"Jawaban nomor {number}: " + "silakan dicoba kembali " * 12)
        took: list[float] = []
        shown = 0
        with store.immediate():
            for _ in range(asked):
                ticket = tickets.load(store, opened(store, site, *written()))
                begun = time.process_time()
                found = similar.cases(store, site, ticket)
                took.append(1000 * (time.process_time() - begun))
                shown += len(found)
            followed: list[float] = []
            for _ in range(asked):
                ticket_id = solved(store, site, *written(), answer="Silakan dicoba kembali.")
                store.execute("DELETE FROM solved WHERE ticket_id = ?", ticket_id)
                ticket = tickets.load(store, ticket_id)
                begun = time.process_time()
                similar.follow(store, site, ticket)
                followed.append(1000 * (time.process_time() - begun))
        pages = store.value("SELECT sum(length(place) + length(words)) FROM solved")
    for what, times in (("looking for similar cases", took), ("into the index", followed)):
        print(f"{what}: {median(times):.2f} / {quantiles(times, n=100)[98]:.2f} / {max(times):.2f} ms CPU")
    print(f"{size} solved tickets, {shown / asked:.1f} cases shown a mail, index {pages / 1e6:.1f} MB")


def main() -> None:
    if "--cost" in sys.argv[1:]:
        cost()
        return
    for what, figure in figures():
        print(f"{what}: {figure}")
    for scores in (by_hand(), by_category()):
        for key, score in scores.items():
            for fault in score.faults:
                print(f"  {key}: {fault}")


if __name__ == "__main__":
    main()
