"""The figures in words: sentences for whoever reads nothing else, charts of bars with what they show, and at the end
what each figure means. The mail and the page show the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailbot.clean import one_line, shorten
from mailbot.config.site import Site
from mailbot.masking import mask, mask_identity
from mailbot.model import Ball, Status
from mailbot.parsers.dates import months
from mailbot.reports.monthly.figures import Figures, OfPriority, Satisfaction, Spread, Step, Week
from mailbot.rules.worktime import dates
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)
_CHANNELS, _PARTIES = _SAID.table("channel_names"), _SAID.table("parties")
_STEPS, _ENDINGS, _ELEMENTS = _SAID.table("steps"), _SAID.table("endings"), _SAID.table("elements")
_TITLES, _TILES = _SAID.table("titles"), _SAID.table("tiles")
_FACTS, _NOTES = _SAID.table("facts"), _SAID.table("notes")

#: Kinds of problems, and words of people, that are shown.
_MOST_PROBLEMS, _MOST_KINDS, _MOST_ITEMS = 7, 7, 5
_WORDS = 200  # characters of what somebody wrote
#: A working day of 7.5 hours (Perpres 21/2023): what takes two of them or more is said in days.
_A_DAY = 450


@dataclass(frozen=True, slots=True)
class Bar:
    """label, how long the bar is in percent, what it says, and a line below it. tone: good | fair | bad | plain."""

    label: str
    percent: int
    value: str
    note: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """name: by which a page finds its place."""

    name: str
    title: str
    note: str = ""
    bars: tuple[Bar, ...] = ()
    facts: tuple[Fact, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """tiles: the figures that stand on top."""

    title: str
    period: str
    lead: tuple[str, ...]
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    definitions: tuple[str, ...]


def shown(site: Site, found: Figures) -> Shown:
    return Shown(
        title=_SAID("title", month=months.words(found.first)),
        period=_period(site, found),
        lead=tuple(_lead(found)),
        tiles=tuple(_tiles(found)),
        charts=tuple(chart for chart in _charts(site, found) if chart.bars or chart.facts or chart.items),
        definitions=tuple(_definitions(site)),
    )


def _period(site: Site, found: Figures) -> str:
    if found.complete:
        return _SAID("whole", until=dates.format_date(months.last_day(found.first)))
    return _SAID("so_far", until=site.say(found.until))


# --- what stands on top ----------------------------------------------------------------------------------


def _lead(found: Figures) -> Iterable[str]:
    received, first, solution = found.received, found.first_response.spread, found.solution.spread
    if found.is_empty:
        yield _SAID("nothing", month=months.words(found.first))
        return
    yield _SAID("came", n=received.total, before=received.before)
    if first.n:
        yield _SAID("answered", share=_percent(first.share), within=first.within, n=first.n, median=_long(first.median))
    if found.first_response.unanswered:
        yield _SAID("unanswered", n=found.first_response.unanswered)
    if solution.n:
        median = _long(solution.median)
        yield _SAID("solved", share=_percent(solution.share), within=solution.within, n=solution.n, median=median)
    lpse = found.breaches.parties[Ball.LPSE.name.lower()]
    if found.breaches.total:
        open_ = found.breaches.unexplained
        how = _SAID("unexplained", n=open_) if open_ else _SAID("explained")
        yield _SAID("breaches", n=found.breaches.total, lpse=lpse, how=how)
    else:
        yield _SAID("no_breaches")
    yield _SAID("open", n=found.open.total) if found.open.total else _SAID("none_open")
    if found.open.confirming:
        yield _SAID("confirming", n=found.open.confirming)


def _tiles(found: Figures) -> Iterable[Tile]:
    received, first, solution = found.received, found.first_response.spread, found.solution.spread
    said, parties = found.satisfaction.month, found.breaches.parties
    yield Tile(_TILES["came"], str(received.total), _SAID("before", n=received.before))
    yield Tile(_TILES["first"], _percent(first.share), _of(first))
    yield Tile(_TILES["solved"], str(solution.n), _SAID("reopened_of", n=found.solution.reopened))
    yield Tile(_TILES["target"], _percent(solution.share), _of(solution))
    yield Tile(_TILES["breaches"], str(found.breaches.total), _SAID("of_lpse", n=parties[Ball.LPSE.name.lower()]))
    yield Tile(_TILES["lkpp"], str(found.lkpp.escalations), _SAID("finished", n=found.lkpp.finished))
    if said.answers:
        yield Tile(_TILES["survey"], _exact(said.index or 0.0), _SAID("grade", grade=said.grade, n=said.answers))
    else:
        yield Tile(_TILES["survey"], "–", _SAID("no_answers"))
    yield Tile(_TILES["open"], str(found.open.total), _SAID("confirming_of", n=found.open.confirming))


# --- the charts ------------------------------------------------------------------------------------------


def _charts(site: Site, found: Figures) -> Iterable[Chart]:
    yield _counts("channels", {_CHANNELS.get(name, name): n for name, n in found.received.channels.items()})
    weeks = found.received.weeks if found.received.total else ()
    yield _counts("weeks", {_week(week): week.n for week in weeks})
    yield _problems(site, found)
    yield _counts("categories", {name or _SAID("unknown"): n for name, n in found.received.categories.items()})
    yield _in_time("first_response", found.first_response.priorities)
    yield _in_time("solution", found.solution.priorities, _endings(found))
    yield _turns(found)
    yield _breaches(site, found)
    yield _lkpp(found)
    yield _survey(found)
    yield _repeated(found)
    yield _open(site, found)


def _week(week: Week) -> str:
    if week.first == week.last:
        return _SAID("one_day", day=week.first.day)
    return _SAID("week", first=week.first.day, last=week.last.day)


def _counts(name: str, counts: Mapping[str, int]) -> Chart:
    total, most = sum(counts.values()), max(counts.values(), default=0)
    bars = tuple(
        Bar(label, _part(n, most), _SAID("of_all", n=n, share=_percent(100 * n / total)) if n else "0")
        for label, n in counts.items()
    )
    return Chart(name, _TITLES[name], bars=bars)


def _problems(site: Site, found: Figures) -> Chart:
    problems = found.received.problems
    most = max((one.n for one in problems), default=0)
    bars = [
        Bar(_problem(site, one.name), _part(one.n, most), str(one.n), _SAID("before", n=one.before))
        for one in problems[:_MOST_PROBLEMS]
    ]
    rest = sum(one.n for one in problems[_MOST_PROBLEMS:])
    if rest:
        bars.append(Bar(_SAID("other_problems"), _part(rest, max(most, rest)), str(rest)))
    return Chart("problems", _TITLES["problems"], bars=tuple(bars))


def _problem(site: Site, code: str) -> str:
    known = site.problems.get(code)
    return known.title if known else code or _SAID("unknown")


def _in_time(name: str, priorities: Sequence[OfPriority], facts: tuple[Fact, ...] = ()) -> Chart:
    bars = []
    for one in priorities:
        label, spread = _SAID("limit", label=one.label, limit=dates.format_duration(one.limit)), one.spread
        if not spread.n:
            continue
        bars.append(Bar(label, round(spread.share or 0), _percent(spread.share), _times(spread), _tone(spread.share)))
    return Chart(name, _TITLES[name], _NOTES[name] if bars else "", tuple(bars), facts if bars else ())


def _endings(found: Figures) -> tuple[Fact, ...]:
    facts = [Fact(_ENDINGS[name], str(n)) for name, n in found.solution.endings.items() if n]
    return (*facts, Fact(_FACTS["reopened"], str(found.solution.reopened)))


def _turns(found: Figures) -> Chart:
    total = sum(found.solution.turns.values())
    bars = tuple(
        Bar(_PARTIES[name], _part(n, total), _percent(100 * n / total), _long(n))
        for name, n in found.solution.turns.items()
        if total
    )
    return Chart("turns", _TITLES["turns"], _SAID("turns_note") if bars else "", bars)


def _breaches(site: Site, found: Figures) -> Chart:
    most = max((one.n for one in found.breaches.kinds), default=0)
    bars = [
        Bar(
            _SAID("kind", what=_clock(site, one.clock), whose=_PARTIES[one.party.name.lower()]),
            _part(one.n, most),
            str(one.n),
            _SAID("unexplained", n=one.unexplained) if one.unexplained else _SAID("explained"),
            "bad" if one.unexplained else "fair",
        )
        for one in found.breaches.kinds[:_MOST_KINDS]
        if one.party is not Ball.NOBODY
    ]
    reasons = [
        _SAID("reason", ticket=one.ticket, what=_clock(site, one.clock), reason=_words(one.reason))
        for one in found.breaches.reasons[:_MOST_ITEMS]
    ]
    return Chart("breaches", _SAID("breaches_of", n=found.breaches.total), bars=tuple(bars), items=tuple(reasons))


def _clock(site: Site, name: str) -> str:
    known = site.table.clocks.get(name) or site.table.norms.get(name)
    return known.title if known else name


def _lkpp(found: Figures) -> Chart:
    lkpp = found.lkpp
    steps = [step for step in lkpp.steps if step.spread.n]
    longest = max((step.spread.median or 0 for step in steps if step.limit is None), default=0)
    bars = tuple(_step(step, longest) for step in steps)
    facts = []
    if bars or lkpp.escalations or lkpp.enquiries:
        facts = [Fact(_FACTS["escalations"], str(lkpp.escalations)), Fact(_FACTS["enquiries"], str(lkpp.enquiries))]
    if lkpp.enquiries_each is not None:
        facts.append(Fact(_FACTS["enquiries_each"], _number(lkpp.enquiries_each)))
    return Chart("lkpp", _TITLES["lkpp"], _SAID("lkpp_note") if bars else "", bars, tuple(facts))


def _step(step: Step, longest: int) -> Bar:
    spread, label = step.spread, _STEPS[step.step]
    if step.limit is not None:
        label = _SAID("limit", label=label, limit=dates.format_duration(step.limit))
        return Bar(label, round(spread.share or 0), _percent(spread.share), _times(spread), _tone(spread.share))
    note = _SAID("median_of", n=spread.n, most=_long(spread.p90))
    return Bar(label, _part(spread.median or 0, longest), _long(spread.median), note)


def _survey(found: Figures) -> Chart:
    said, quarter = found.satisfaction.month, found.satisfaction.quarter
    unread = found.satisfaction.unread
    if not (quarter.answers or unread):
        return Chart("survey", _TITLES["survey"])
    bars = tuple(
        Bar(_ELEMENTS[name], round(25 * one.mean), _exact(one.mean), _SAID("marks", n=one.n), _grade_tone(one.mean))
        for name, one in said.elements.items()
        if one.mean is not None
    )
    facts = [Fact(_FACTS["index"], _index(said))] if said.answers else []
    facts.append(Fact(_FACTS["answers"], str(said.answers)))
    if quarter.answers:
        period = _SAID("quarter", since=months.words(found.satisfaction.quarter_from))
        facts.append(Fact(period, _SAID("index_of", index=_index(quarter), n=quarter.answers)))
    if unread:
        facts.append(Fact(_FACTS["unread"], str(len(unread))))
    items = tuple(_SAID("unread_one", ticket=one.ticket, words=_words(one.words)) for one in unread[:_MOST_ITEMS])
    return Chart("survey", _TITLES["survey"], _SAID("survey_note"), bars, tuple(facts), items)


def _repeated(found: Figures) -> Chart:
    repeated = found.repeated
    if not repeated.users:
        return Chart("repeated", _TITLES["repeated"])
    facts = (
        Fact(_FACTS["repeated_users"], str(repeated.users)),
        Fact(_FACTS["repeated_tickets"], str(repeated.tickets)),
        Fact(_FACTS["repeated_most"], str(repeated.most)),
    )
    return Chart("repeated", _TITLES["repeated"], facts=facts)


def _open(site: Site, found: Figures) -> Chart:
    most = max(found.open.priorities.values(), default=0)
    bars = tuple(
        Bar(_SAID("priority", level=level, name=site.priorities[level].name), _part(n, most), str(n))
        for level, n in found.open.priorities.items()
        if n
    )
    words = site.table.statuses
    facts = [Fact(words.get(name, name), str(n)) for name, n in found.open.statuses.items()]
    if found.open.confirming:
        facts.append(Fact(words[Status.RESOLVED.value], str(found.open.confirming)))
    if found.open.oldest is not None:
        facts.append(Fact(_FACTS["oldest"], _SAID("days", n=found.open.oldest)))
    return Chart("open", _TITLES["open"], bars=bars, facts=tuple(facts))


def _definitions(site: Site) -> Iterable[str]:
    yield from _SAID.table("definitions").values()
    if site.priorities.is_default:
        yield _SAID("example_table")


# --- numbers in words ------------------------------------------------------------------------------------


def _part(n: int, whole: int) -> int:
    """In percent; what there is at all can be seen."""
    return max(round(100 * n / whole), 1) if n and whole else 0


def _percent(share: float | None) -> str:
    """As "92%", "99,6%" where rounding would say that all or none are."""
    if share is None:
        return "–"
    whole = round(share)
    exact = whole in (0, 100) and share not in (0, 100)
    return f"{_number(round(share, 1))}%" if exact else f"{whole}%"


def _of(spread: Spread) -> str:
    return _SAID("within", within=spread.within, n=spread.n) if spread.n else _SAID("none_measured")


def _times(spread: Spread) -> str:
    return _SAID("times", of=_of(spread), median=_long(spread.median), most=_long(spread.p90))


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _exact(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def _index(said: Satisfaction) -> str:
    return _SAID("index_and_grade", index=_exact(said.index or 0.0), grade=said.grade)


def _long(minutes: int | None) -> str:
    if minutes is None:
        return "–"
    if minutes < 2 * _A_DAY:
        return dates.format_minutes(minutes)
    return _SAID("working_days", days=_number(round(minutes / _A_DAY, 1)))


def _tone(share: float | None) -> str:
    if share is None:
        return "plain"
    return "good" if share >= 90 else "fair" if share >= 70 else "bad"


def _grade_tone(mean: float) -> str:
    return "good" if mean >= 3.5 else "fair" if mean >= 2.6 else "bad"


def _words(text: str) -> str:
    """What somebody wrote, on one line, and nobody named by a number."""
    return shorten(mask_identity(mask(one_line(text))[0]), _WORDS)
