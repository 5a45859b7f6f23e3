"""How many mails each party gets of each ticket: tables of docs/mails.md, counted from mails that were played."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping

from tests import ROOT
from tests.world import Letter

_PAGE = ROOT / "docs" / "mails.md"
#: What the mails of a table are named by: the beginning of their template.
_PARTIES = ("user", "staff", "lkpp", "coordinator", "head")
_ALL = "all tickets together"


def table(found: Iterable[Letter]) -> str:
    """The mails that mailbot wrote, a row a ticket; the operator's aside."""
    counts = Counter(
        (str(one.message["X-Mailbot-Ticket"] or _ALL), one.template.partition("_")[0])
        for one in found
        if one.template.partition("_")[0] in _PARTIES
    )
    tickets = sorted({ticket for ticket, _ in counts}, key=lambda ticket: (ticket == _ALL, ticket))
    lines = [f"| ticket | {' | '.join(_PARTIES)} |", "|---|" + "--:|" * len(_PARTIES)]
    for ticket in tickets:
        lines.append(f"| {ticket} | {' | '.join(str(counts[ticket, party]) for party in _PARTIES)} |")
    sums = [sum(n for (_, whose), n in counts.items() if whose == party) for party in _PARTIES]
    return "\n".join([*lines, f"| **sum** | {' | '.join(map(str, sums))} |"])


def kinds(found: Mapping[str, Iterable[Letter]]) -> str:
    """The mails that mailbot wrote in each of these times, a row a template; the operator's aside."""
    counts = {when: Counter(one.template for one in mails) for when, mails in found.items()}
    named = {name for count in counts.values() for name in count if name.partition("_")[0] in _PARTIES}
    order = sorted(named, key=lambda name: (_PARTIES.index(name.partition("_")[0]), name))
    lines = [f"| mail | {' | '.join(counts)} |", "|---|" + "--:|" * len(counts)]
    lines += [f"| `{name}` | {' | '.join(str(count[name]) for count in counts.values())} |" for name in order]
    for party in _PARTIES:
        sums = [sum(n for name, n in count.items() if name.startswith(f"{party}_")) for count in counts.values()]
        lines.append(f"| **to {party}** | {' | '.join(map(str, sums))} |")
    return "\n".join(lines)


def check(name: str, found: Iterable[Letter]) -> None:
    """The page has the table of the tickets below its mark."""
    _check(name, table(found))


def check_kinds(name: str, found: Mapping[str, Iterable[Letter]]) -> None:
    """The page has the table of the templates below its mark."""
    _check(name, kinds(found))


def _check(name: str, counted: str) -> None:
    """MAILBOT_UPDATE_SNAPSHOTS=1 writes it anew, to be read in the diff."""
    text = _PAGE.read_text(encoding="utf-8")
    before, mark, rest = text.partition(f"<!-- counted: {name} -->\n")
    assert mark, f"docs/mails.md has no table {name}"
    written, end, after = rest.partition("\n<!-- end -->")
    if os.environ.get("MAILBOT_UPDATE_SNAPSHOTS"):
        _PAGE.write_text(f"{before}{mark}{counted}{end}{after}", encoding="utf-8")
        return
    assert written == counted, "docs/mails.md tells other counts"
