"""Fuzzing guided by coverage: `python -m tests.fuzz.guided TARGET --seconds 300 [--corpus FOLDER]`. Needs atheris.

Ends with 0 when nothing was found; otherwise the input lies in the folder as `crash-…`, `timeout-…` or `oom-…`, to be
made smaller, mended, and kept under tests/fuzz/found/TARGET/.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mailbot"]):
    from tests.fuzz.targets import LARGEST, TARGETS, run

from tests.fuzz.seeds import seeds


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("target", choices=sorted(TARGETS))
    options.add_argument("--seconds", type=int, default=300)
    options.add_argument("--corpus", type=Path, required=True)
    chosen = options.parse_args()
    corpus: Path = chosen.corpus / chosen.target
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds(chosen.target):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    arguments = [
        sys.argv[0],
        f"-max_total_time={chosen.seconds}",
        f"-max_len={LARGEST if chosen.target != 'imap' else 60_000}",
        "-len_control=50",
        "-timeout=10",  # seconds of the wall; `run` looks at those of the processor
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        f"-artifact_prefix={chosen.corpus}/{chosen.target}-",
        str(corpus),
    ]
    atheris.Setup(arguments, lambda data: run(chosen.target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
