"""Dates and lengths as people write them in a command: "24 Des - 2 Jan", "s.d. 28/12", "2 hari kerja". Pure.

What is left out (year, month) is inferred from the present day; what can be read in two ways is refused with a
sentence that shows how to write it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from mailbot import late
from mailbot.model import Duration
from mailbot.parsers.dates.datewords import DAYS, MONTHS, TODAY, existing, full_year
from mailbot.rules.worktime.dates import format_date
from mailbot.rules.worktime.durations import duration_of
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: Longer texts than this are no date.
_LONGEST = 100
#: A leave of more days than this is a slip of the pen (the longest, for a birth or "cuti besar", has three months).
MOST_DAYS = 190
#: A date without a year that would lie this far ahead was meant to be one that is past.
_TOO_FAR = 300
#: A date that is further away than this is a slip of the pen even with its year.
_FURTHEST = 400


class Unreadable(ValueError):
    """It is no date or length; the text is a sentence in Indonesian that says how to write one."""


# --- words ------------------------------------------------------------------------------------------

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = "|".join(sorted(DAYS, key=len, reverse=True))
_SOON = {**dict.fromkeys(TODAY, 0), "besok": 1, "esok": 1, "lusa": 2}
_NUMBERS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh")

# Every form begins at the start of what is left; each alternative is bounded, so that reading stays linear.
_FORMS = late.pattern(
    rf"(?:(?:tanggal|tgl\.?)\s{{1,3}})?(?:(?:{_DAY})\s?,?\s{{1,3}})?(?:"
    r"(?P<iso>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})"
    r"|(?P<day>\d{1,2})\s?(?P<sign>[-/.])\s?(?P<month>\d{1,2})(?:\s?(?P=sign)\s?(?P<year>\d{4}|\d{2}))?"
    rf"|(?P<named_day>\d{{1,2}})[\s./-]{{0,2}}(?P<name>{_MONTH})\b\.?(?:[\s./-]{{0,2}}(?P<named_year>\d{{4}}|\d{{2}}\b(?![.:]\d)))?"
    r"|(?P<bare>\d{1,2})"
    r")(?![\d/])",
)
# "minggu depan" is next week, and no day.
_WORDS = late.pattern(
    r"(?P<soon>hari\sini|besok|esok|lusa)\b"
    rf"|(?:hari\s)?(?P<weekday>{'|'.join(name for name in DAYS if name != 'minggu')})\b"
)
_CLOCK = late.pattern(
    r"(?:,?\s{0,3}(?:pukul|jam|pkl\.?)\s{0,2}|\s{1,3})(\d{1,2})[.:](\d{2})\b(?:\s?(?:wib|wita|wit)\b)?"
)
_BETWEEN = late.pattern(
    r"\s{0,3}(?:\bs\s?[./]\s?d\.?|\bsd\b|\bsampai(?:\s(?:dengan|dgn))?\b|\bhingga\b|\bto\b|\buntil\b|[-–—])\s{0,3}"
)
_FROM = late.pattern(r"(?:mulai|dari|sejak)\b\s{0,3}(?:tanggal|tgl\.?)?\s{0,3}")
_UNTIL = late.pattern(r"(?:s\s?[./]\s?d\.?|sd\b|sampai(?:\sdengan)?\b|hingga\b|until\b|ke\b|menjadi\b)\s{1,3}")
_LENGTH = late.pattern(
    rf"(?:selama\s)?(?:(?P<number>\d{{1,4}})|(?P<word>{'|'.join(_NUMBERS[1:])})|(?P<one>se))\s?"
    r"(?P<unit>hari\skerja|hari|jam|menit|minggu|pekan|hk|h|d|m|j)\b"
)


def _plain(text: str) -> str:
    """Small letters and single blanks, as many characters as the text has without its white space."""
    low = "".join(small if len(small := char.lower()) == 1 else char for char in text)
    return " ".join(low.replace("’", "'").split())


# --- dates -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A date as far as it was written."""

    day: int
    month: int | None = None
    year: int | None = None
    doubtful: bool = False  # "5-10" may be a date or the days from 5 to 10


def _year(text: str | None) -> int | None:
    return full_year(text) if text else None


def _part(text: str, today: date) -> tuple[_Part, int] | None:
    """The date at the start of a text and where it ends."""
    found = _WORDS.match(text)
    if found is not None:
        if found["soon"]:
            day = today + timedelta(_SOON[" ".join(found["soon"].split())])
            return _Part(day.day, day.month, day.year), found.end()
        if not _FORMS.match(text):
            ahead = (DAYS[found["weekday"]] - today.weekday()) % 7 or 7
            day = today + timedelta(ahead)
            return _Part(day.day, day.month, day.year), found.end()
    form = _FORMS.match(text)
    if form is None:
        return None
    if form["iso"]:
        return _Part(int(form["iso_day"]), int(form["iso_month"]), int(form["iso"])), form.end()
    if form["name"]:
        return _Part(int(form["named_day"]), MONTHS[form["name"]], _year(form["named_year"])), form.end()
    if form["bare"]:
        return _Part(int(form["bare"])), form.end()
    doubtful = form["sign"] == "-" and not form["year"] and int(form["day"]) < int(form["month"])
    return _Part(int(form["day"]), int(form["month"]), _year(form["year"]), doubtful), form.end()


def _whole(text: str, today: date) -> _Part | None:
    """A text that is a date and nothing else."""
    found = _part(text, today)
    return found[0] if found is not None and not text[found[1] :].strip(" .,") else None


def _on(part: _Part, year: int) -> date | None:
    return existing(year, part.month or 0, part.day)


def read_period(text: str, today: date) -> tuple[date, date]:
    """First and last day of a period that is not over yet. Raises Unreadable.

    A year that was left out is the one with which the period ends soonest, but not before today.
    """
    plain = _plain(text)
    if not plain or len(plain) > _LONGEST:
        raise Unreadable(_SAID("how"))
    if (leading := _FROM.match(plain)) is not None:
        plain = plain[leading.end() :]
    plain = plain.strip(" .,")
    parts = list(_readings(plain, today))
    if not parts:
        raise Unreadable(_SAID("unreadable", written=text.strip()[:60], how=_SAID("how")))
    periods = {period for first, last in parts for period in [_dated(first, last, today)] if period is not None}
    if any(part.doubtful for pair in parts for part in pair) or len(periods) > 1:
        raise Unreadable(_SAID("several_readings", written=text.strip()[:60], how=_SAID("how")))
    if not periods:
        raise Unreadable(_SAID("no_such_day", written=text.strip()[:60], how=_SAID("how")))
    [(start, end)] = periods
    _check(start, end, today)
    return start, end


def _check(start: date, end: date, today: date) -> None:
    if end < today:
        raise Unreadable(_SAID("is_past", day=format_date(end), how=_SAID("how")))
    if (start - today).days > _FURTHEST:
        raise Unreadable(_SAID("too_far", day=format_date(start), how=_SAID("how")))
    if (end - start).days >= MOST_DAYS:
        raise Unreadable(_SAID("too_long", first=format_date(start), last=format_date(end), most=MOST_DAYS))


def _readings(plain: str, today: date) -> Iterator[tuple[_Part, _Part]]:
    """Every way to read it as one day, or as two with something between them."""
    whole = _whole(plain, today)
    if whole is not None and whole.month is not None:
        yield whole, whole
        if not whole.doubtful:
            return
    for between in _BETWEEN.finditer(plain):
        left, right = _whole(plain[: between.start()], today), _whole(plain[between.end() :], today)
        if left is not None and right is not None and right.month is not None:
            yield left, right


def _dated(first: _Part, last: _Part, today: date) -> tuple[date, date] | None:
    """Both days with what they leave to be inferred; None: there are no such days, or they run backwards."""
    if first.month is None:
        first = _Part(first.day, last.month, first.year or last.year)
    years = [today.year - 1, today.year, today.year + 1]
    found = []
    for begin in [first.year] if first.year else years:
        for finish in [last.year] if last.year else [begin, begin + 1]:
            start, end = _on(first, begin), _on(last, finish)
            if start is not None and end is not None and start <= end:
                found.append((start, end))
    if not found:
        return None
    shortest = min((end - start) for start, end in found)
    found = [one for one in found if one[1] - one[0] == shortest]
    if first.year is not None or last.year is not None:
        return found[0]
    return _soonest(found, today)


def _soonest(found: list[tuple[date, date]], today: date) -> tuple[date, date]:
    """Of the same period in several years: the one that ends next, unless it is just over."""
    future = [one for one in found if one[1] >= today]
    nearest = min(future, default=found[-1])
    past = [one for one in found if one[1] < today]
    return past[-1] if past and (nearest[0] - today).days > _TOO_FAR else nearest


# --- until when -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Until:
    """What a text begins with: a length, or a day with or without a time; and the text behind it."""

    length: Duration | None = None
    day: date | None = None
    at: time | None = None
    rest: str = ""


def read_until(text: str, today: date) -> Until:
    """A length or a day at the start of a text, and the words behind it. Raises Unreadable.

    "hari kerja" are working days, "hari" and "minggu" calendar days, "jam" and "menit" those of service.
    """
    lines = text.strip()
    head = " ".join(lines[: 2 * _LONGEST].split())
    plain = _plain(head)
    start = 0
    if (until := _UNTIL.match(plain)) is not None:
        start = until.end()
    found = _LENGTH.match(plain[start:])
    if found is not None:
        number = int(found["number"] or _NUMBERS.index(found["word"] or "satu"))
        if not number:
            raise Unreadable(_SAID("no_length"))
        return Until(length=duration_of(number, found["unit"]), rest=_behind(lines, start + found.end()))
    part = _part(plain[start:], today)
    if part is None or part[0].month is None:
        raise Unreadable(_SAID("needs_length"))
    written, end = part
    day = _dated(written, written, today)
    if day is None or written.doubtful:
        raise Unreadable(_SAID("unreadable", written=head[start : start + end], how=_SAID("how")))
    _check(*day, today)
    end += start
    at = None
    if (clock := _CLOCK.match(plain[end:])) is not None and int(clock[1]) < 24 and int(clock[2]) < 60:
        at, end = time(int(clock[1]), int(clock[2])), end + clock.end()
    return Until(day=day[0], at=at, rest=_behind(lines, end))


def _behind(text: str, characters: int) -> str:
    """The text behind so many characters, counted with white space runs as one; signs that only lead to it left out."""
    seen, gap, end = 0, False, 0
    for char in text:
        if seen >= characters:
            break
        seen += not (gap and char.isspace())
        gap = char.isspace()
        end += 1
    return text[end:].strip().lstrip(",.:;-–— ").strip()
