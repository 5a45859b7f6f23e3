"""Indonesia's public holidays and days of collective leave (cuti bersama), year by year.

The only importer of holidays. Its source is the joint decree of three ministers (SKB 3 Menteri) and
the President's decree on collective leave, as far as they are out; days not decreed yet are missing
(collective leave) or computed from the moon and marked as estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

#: Code → the library's module and class.
_CLASSES = {"ID": ("indonesia", "Indonesia")}
COUNTRIES = frozenset(_CLASSES)

_ESTIMATED = "(perkiraan)"  # how the library marks a computed day, in Indonesian


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """What is known of one year.

    names: every holiday, weekends too, with its Indonesian name.
    collective_leave: the days of cuti bersama among them; none as long as they are not decreed.
    estimated: the days that are computed and not decreed.
    """

    names: Mapping[date, str]
    collective_leave: frozenset[date]
    estimated: frozenset[date]


@lru_cache(maxsize=256)
def holiday_year(year: int, country: str = "ID") -> HolidayYear:
    """The holidays of a year (ValueError: a country that is not in COUNTRIES)."""
    if country not in COUNTRIES:
        raise ValueError(f"no holidays known for country {country!r}; known: {', '.join(sorted(COUNTRIES))}")

    def days(*categories: str) -> dict[date, str]:
        # expand=False: asking for a day of another year must not quietly add that year.
        found = _class(country)(years=year, categories=categories, language="id", expand=False)
        return {day: name for day, name in sorted(found.items()) if day.year == year}

    names = days("public", "government")
    return HolidayYear(
        names={day: name.replace(_ESTIMATED, "").strip() for day, name in names.items()},
        collective_leave=frozenset(days("government")),
        estimated=frozenset(day for day, name in names.items() if _ESTIMATED in name),
    )


@cache
def _class(country: str) -> Any:
    """The library's class of a country, from its file alone. `holidays.country_holidays` imports the whole world: 40 ms
    of each start, and 8 MB."""
    import holidays  # here, as most commands ask for no day

    module, name = _CLASSES[country]
    spec = spec_from_file_location(module, Path(holidays.__file__).with_name("countries") / f"{module}.py")
    assert spec is not None and spec.loader is not None
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return getattr(loaded, name)
