"""What the long tests measured: one line each for people, and one for `docs/reliability.md`'s figures."""

from __future__ import annotations

import json
import os
from typing import Any


def report(test: str, text: str, **figures: Any) -> None:
    """Print it, and append it to the file that MAILBOT_FIGURES names."""
    print(f"{test}: {text}")
    if path := os.environ.get("MAILBOT_FIGURES"):
        with open(path, "a") as file:
            file.write(json.dumps({"test": test, "text": text, **figures}) + "\n")
