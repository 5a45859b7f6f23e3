#!/usr/bin/env python3
"""Fails when fewer than 95 % of the branches of the modules that decide were taken.

Usage: scripts/branch_coverage.py COVERAGE.json

`coverage report --fail-under` counts lines and branches together; this counts branches alone.
"""

import json
import sys

FLOOR = 95.0


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        files = json.load(file)["files"]
    total = taken = 0
    for name, data in sorted(files.items()):
        summary = data["summary"]
        total += summary["num_branches"]
        taken += summary["covered_branches"]
        if summary["missing_branches"]:
            missing = ", ".join(f"{a}->{b}" for a, b in data["missing_branches"])
            print(f"{name}: branches not taken: {missing}")
    percent = 100 * taken / total if total else 100.0
    print(f"branch coverage of what decides: {taken} of {total}, {percent:.1f} % (floor {FLOOR} %)")
    return 0 if percent >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
