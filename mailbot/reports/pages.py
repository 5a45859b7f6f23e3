"""Our own templates → text of any format. Jinja's only importer beside `templates.render`, whose templates a site may
replace and which are trusted less.

Whatever a template prints is escaped for its format; what a filter returns is of that format already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

Filter = Callable[..., str]


class Pages:
    """The templates of a folder. escape: for whatever is printed. filters: return text that needs no escape."""

    def __init__(
        self,
        folder: Path,
        escape: Callable[[Any], str] = escape,
        *,
        filters: Mapping[str, Filter] | None = None,
        tests: Mapping[str, Callable[[Any], bool]] | None = None,
    ) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            finalize=lambda value: value if isinstance(value, Markup) else Markup(escape(value)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {name: _finished(found) for name, found in (filters or {}).items()}
        self._environment.tests |= tests or {}

    def render(self, template: str, **values: Any) -> str:
        return self._environment.get_template(template).render(values)


def _finished(found: Filter) -> Callable[..., Markup]:
    @wraps(found)
    def filtered(*values: Any) -> Markup:
        return Markup(found(*values))

    return filtered
