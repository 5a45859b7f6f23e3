"""How long to rest after a failure: longer each time, and never in step with others that failed at the same moment."""

from __future__ import annotations

import random
from collections.abc import Sequence

#: Seconds. A server that is gone may be back at any moment.
SERVER = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
#: Seconds. A refused password does not heal by itself, and each try may bring the account nearer to a lock-out.
ACCOUNT = (300.0, 600.0, 1800.0, 3600.0)
#: Seconds. A person must do something (a folder that does not exist).
PERSON = (60.0, 300.0, 600.0)

_JITTER = 0.2


class Backoff:
    """The rests after the failures of one thing. Used by one thread."""

    def __init__(self) -> None:
        self._failures = 0
        self._steps: Sequence[float] = ()

    def rest(self, steps: Sequence[float]) -> float:
        """Seconds to wait after one more failure; the last step repeats. A failure of another kind begins anew."""
        if steps != self._steps:
            self._steps, self._failures = steps, 0
        step = steps[min(self._failures, len(steps) - 1)]
        self._failures += 1
        return step * random.uniform(1 - _JITTER, 1 + _JITTER)

    def succeeded(self) -> None:
        self._failures = 0
