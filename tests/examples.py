"""How many examples hypothesis tries of a property: some at every run, very many behind `make fuzz`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

#: Set by `make fuzz`.
MANY = bool(os.environ.get("MAILBOT_MANY_EXAMPLES"))

_ODDITIES = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture)


def examples(usually: int = 300, many: int = 20_000) -> settings:
    """Settings for a property; `usually` fewer only where an example takes long."""
    return settings(max_examples=many if MANY else usually, deadline=None, suppress_health_check=_ODDITIES)
