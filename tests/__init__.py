"""The tests: a folder for each room of `mailbot`, `office` for the whole of them, `project` for pages and tools."""

from pathlib import Path

#: This folder, with stories, snapshots, corpora and fixtures; and the project around it.
TESTS = Path(__file__).parent
ROOT = TESTS.parent
