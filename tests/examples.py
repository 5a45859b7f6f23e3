"""How many examples hypothesis tries of a property: some at every run, very many behind `make fuzz`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

#: Set by `make fuzz`.
MANY = bool(os.environ.get("MAILBOT_MANY_EXAMPLES"))

_ODDITIES = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture)


def games(usually: int, many: int, *, steps: int) -> settings:
    """Settings for a machine that plays games of at most so many steps; `make fuzz` plays longer ones. The short form
    plays the same ones each time: what chance finds belongs to `make fuzz`, not to somebody else's change. What was
    found is told at once: to make it smaller takes minutes."""
    return settings(
        max_examples=many if MANY else usually,
        stateful_step_count=60 if MANY else steps,
        phases=(Phase.generate, Phase.shrink) if MANY else (Phase.generate,),
        derandomize=not MANY,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def examples(usually: int = 300, many: int = 20_000) -> settings:
    """Settings for a property; `usually` fewer only where an example takes long."""
    return settings(max_examples=many if MANY else usually, deadline=None, suppress_health_check=_ODDITIES)
