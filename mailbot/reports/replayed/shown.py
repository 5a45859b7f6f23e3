"""The figures of an archive in words, in the shape of the monthly report: the terminal and the page show the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from mailbot.clean import one_line, shorten
from mailbot.config.site import Site
from mailbot.masking import mask, mask_identity
from mailbot.parsers.dates import months
from mailbot.reports.monthly.shown import Bar, Chart, Fact, Shown, Tile
from mailbot.reports.replayed.tally import FATES, Handled, Tally, most
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)
_FATES, _MACHINES, _MAILS = _SAID.table("fates"), _SAID.table("machines"), _SAID.table("mails")
_TITLES, _TILES, _FACTS = _SAID.table("titles"), _SAID.table("tiles"), _SAID.table("facts")
_NOTES, _UNREAD = _SAID.table("notes"), _SAID.table("not_read")

#: More months than this are shown as years.
_MONTHS = 24
_MOST, _MOST_SENDERS, _MOST_ITEMS = 12, 10, 20
_WORDS = 120  # characters of what somebody wrote


def shown(sites: Sequence[Site], found: Tally, not_read: Sequence[tuple[str, str]]) -> Shown:
    """sites: those that had mail. not_read: (file, why) of what was left out; why: a name out of `not_read`."""
    charts = _charts(sites, found, not_read)
    return Shown(
        title=_SAID("title"),
        period=_SAID("period", first=_day(sites[0], found.first), last=_day(sites[0], found.last)),
        lead=tuple(_lead(sites[0], found)),
        tiles=tuple(_tiles(sites, found)),
        charts=tuple(chart for chart in charts if chart.bars or chart.facts or chart.items),
        definitions=tuple(_SAID.table("definitions").values()),
    )


def organisations(sites: Iterable[Site]) -> str:
    return ", ".join(dict.fromkeys(site.config.organisation for site in sites))


def _day(site: Site, at: datetime | None) -> str:
    return "–" if at is None else dates.format_date(site.local(at).date())


def _lead(site: Site, found: Tally) -> Iterable[str]:
    yield _SAID("would", mails=_n(found.mails), tickets=_n(found.fates["ticket"]), sent=_n(found.sent))
    if busiest := found.busiest:
        sent = sum(found.days[busiest].values())
        day = dates.format_date(busiest)
        yield _SAID("busiest", day=day, received=_n(found.in_of[busiest]), sent=_n(sent))
    looked_at = found.fates["quarantined"] + found.fates["failed"]
    yield _SAID("looked_at", n=_n(looked_at)) if looked_at else _SAID("none_looked_at")
    yield _SAID("nothing_sent")


def _tiles(sites: Sequence[Site], found: Tally) -> Iterable[Tile]:
    fates, days = found.fates, max((found.last - found.first).days + 1, 1) if found.first and found.last else 1
    yield Tile(_TILES["mails"], _n(found.mails), _SAID("in_days", n=_n(days)))
    yield Tile(_TILES["tickets"], _n(fates["ticket"]), _SAID("share", share=_percent(fates["ticket"], found.mails)))
    yield Tile(_TILES["duplicates"], _n(fates["duplicate"]), _SAID("once"))
    yield Tile(_TILES["machines"], _n(fates["machine"]), _SAID("no_answer"))
    yield Tile(_TILES["quarantined"], _n(fates["quarantined"] + fates["failed"]), _SAID("staff_look"))
    yield Tile(_TILES["sent"], _n(found.sent), _SAID("a_day", n=_number(found.sent / days)))
    yield Tile(_TILES["held"], _n(sum(found.held.values())), _SAID("not_by_itself"))
    hour = found.busiest_hour
    yield Tile(_TILES["hour"], _n(found.hours[hour] if hour else 0), _SAID("limit", n=_n(_per_hour(sites))))


def _per_hour(sites: Sequence[Site]) -> int:
    return sum(site.config.smtp.rate.per_hour for site in sites)


def _charts(sites: Sequence[Site], found: Tally, not_read: Sequence[tuple[str, str]]) -> Iterable[Chart]:
    yield Chart("fates", _TITLES["fates"], bars=_bars([(_FATES[fate], found.fates[fate]) for fate in FATES]))
    yield _over_time(found)
    yield _busiest(sites, found)
    yield Chart("mails", _TITLES["mails"], bars=_bars(_named(found.templates, _MAILS)))
    yield _rate(sites, found)
    yield Chart("held", _TITLES["held"], _NOTES["held"], _bars(most(found.held, _MOST)))
    yield _quarantined(sites[0], found)
    yield Chart("machines", _TITLES["machines"], _NOTES["machines"], _bars(_named(found.machines, _MACHINES)))
    often = [(his, n) for his, n in most(found.tickets_of, _MOST_SENDERS) if n > 1]
    yield Chart("senders", _TITLES["senders"], _NOTES["senders"], _bars(often))
    yield Chart("priorities", _TITLES["priorities"], bars=_bars(_priorities(sites[0], found)))
    yield Chart("problems", _TITLES["problems"], bars=_bars(_problems(sites[0], found)))
    yield _left_out(not_read)


def _over_time(found: Tally) -> Chart:
    if len(found.months) <= _MONTHS:
        bars = [
            (months.words(datetime.strptime(month, "%Y-%m").date()), n) for month, n in sorted(found.months.items())
        ]
        return Chart("time", _TITLES["months"], bars=_bars(bars))
    years: Counter[str] = Counter()
    for month, n in found.months.items():
        years[month[:4]] += n
    return Chart("time", _TITLES["years"], bars=_bars(sorted(years.items())))


def _busiest(sites: Sequence[Site], found: Tally) -> Chart:
    """The LPSE's own people and LKPP each, users together: whoever they are, each gets few."""
    busiest = found.busiest
    if busiest is None:
        return Chart("busiest", "")
    listed = {address for site in sites for address in (*site.people(), site.config.lkpp.address)}
    people: dict[str, Counter[str]] = {}
    users: Counter[str] = Counter()
    addresses = set()
    for (recipient, template), n in found.days[busiest].items():
        if recipient in listed:
            people.setdefault(recipient, Counter())[template] += n
        else:
            users[template] += n
            addresses.add(recipient)
    order: list[tuple[str, Counter[str]]] = sorted(people.items(), key=lambda one: (-one[1].total(), one[0]))
    if addresses:
        order.append((_SAID("users", n=_n(len(addresses))), users))
    largest = max(counts.total() for _, counts in order)
    bars = [
        Bar(
            one_line(name),
            _part(counts.total(), largest),
            _n(counts.total()),
            ", ".join(_SAID("of_kind", n=_n(n), kind=kind) for kind, n in _named(counts, _MAILS)),
        )
        for name, counts in order
    ]
    return Chart("busiest", _SAID("busiest_title", day=dates.format_date(busiest)), _NOTES["busiest"], tuple(bars))


def _rate(sites: Sequence[Site], found: Tally) -> Chart:
    busiest, hour = found.busiest, found.busiest_hour
    if busiest is None or hour is None:
        return Chart("rate", "")
    a_day = sum(site.config.smtp.rate.per_day for site in sites)
    facts = (
        Fact(_FACTS["hour"], _SAID("of_limit", n=_n(found.hours[hour]), limit=_n(_per_hour(sites)))),
        Fact(_FACTS["day"], _SAID("of_limit", n=_n(sum(found.days[busiest].values())), limit=_n(a_day))),
    )
    return Chart("rate", _TITLES["rate"], _NOTES["rate"], facts=facts)


def _quarantined(site: Site, found: Tally) -> Chart:
    items = tuple(_item(site, one) for one in reversed(found.quarantined_last))
    bars = _bars([(shorten(one_line(reason), _WORDS), n) for reason, n in most(found.quarantined, _MOST)])
    return Chart("quarantined", _TITLES["quarantined"], _NOTES["quarantined"], bars, items=items)


def _item(site: Site, one: Handled) -> str:
    subject = shorten(mask_identity(mask(one_line(one.subject))[0]), _WORDS)
    at = f"{site.local(one.at):%Y-%m-%d}"
    return _SAID("item", at=at, sender=one_line(one.sender) or "–", subject=subject or "–", source=one_line(one.source))


def _priorities(site: Site, found: Tally) -> Iterable[tuple[str, int]]:
    for level, n in sorted(found.priorities.items()):
        known = level.isdigit() and int(level) in (1, 2, 3, 4)
        yield (_SAID("priority", level=level, name=site.priorities[int(level)].name) if known else _SAID("none"), n)


def _problems(site: Site, found: Tally) -> Iterable[tuple[str, int]]:
    for code, n in most(found.problems, _MOST):
        problem = site.problems.get(code)
        yield (problem.title if problem else code or _SAID("none"), n)


def _left_out(not_read: Sequence[tuple[str, str]]) -> Chart:
    items = [_SAID("left_out", file=one_line(file), why=_UNREAD[why]) for file, why in not_read[:_MOST_ITEMS]]
    if (more := len(not_read) - _MOST_ITEMS) > 0:
        items.append(_SAID("more", n=_n(more)))
    return Chart("left_out", _SAID("left_out_title", n=_n(len(not_read))), items=tuple(items))


# --- numbers and names ----------------------------------------------------------------------------------


def _named(counts: Counter[str], names: Mapping[str, str]) -> list[tuple[str, int]]:
    return [(names.get(name, name), n) for name, n in most(counts)]


def _bars(counts: Iterable[tuple[str, int]]) -> tuple[Bar, ...]:
    found = [(one_line(label), n) for label, n in counts if n]
    largest = max((n for _, n in found), default=0)
    return tuple(Bar(label, _part(n, largest), _n(n)) for label, n in found)


def _part(n: int, whole: int) -> int:
    """In percent; what there is at all can be seen."""
    return max(round(100 * n / whole), 1) if n and whole else 0


def _percent(n: int, whole: int) -> str:
    return f"{round(100 * n / whole)}%" if whole else "–"


def _n(n: int) -> str:
    """As "12.345"."""
    return f"{n:,}".replace(",", ".")


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
