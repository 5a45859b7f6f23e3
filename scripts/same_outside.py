"""Compares what two states of the project show to the outside: `python scripts/same_outside.py REVISION`.

Plays every story of tests/stories on paper, with the program of REVISION and with the one that stands here, and
compares the bytes of all mails, the rows of `TABLES` and the log. Codes and Message-IDs are drawn from the same seed;
what still is chance (boundaries of the players' own mails) is numbered in the order of its appearance first. Snapshots
and generated pages are compared by git.
Exit code 0: the same; 1: it differs, with the first difference of each story.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Pages and snapshots that must not have changed since.
STILL = (
    *("tests/snapshots", "tests/stories", "docs/sop-015.md", "docs/sop-email-batam.md", "docs/sop-loket.md"),
    *("docs/sop-lpse-support.md", "docs/sop-telepon.md"),
)
#: What is kept of a story: who may read each text and file stands there, too.
TABLES = (
    *("tickets", "parties", "texts", "attachments", "fields", "history", "deadlines", "breaches", "consultations"),
    *("codes", "notices", "warnings", "silenced", "leaves", "journal", "outbox"),
)
#: Played in each tree with that tree's own tests and program; prints one file a story.
_PLAYED = """
import email.utils, itertools, random, secrets, sys, tempfile
from pathlib import Path
count = itertools.count(10**9)
email.utils.make_msgid = lambda idstring=None, domain="x.test": f"<{next(count)}@{domain}>"
from tests import story as stories
out, *TABLES = Path(sys.argv[1]), *sys.argv[2:]
class Kept(stories.OnPaper):
    def close(self):
        lines = []
        for table in TABLES:
            rows = self.store.rows(f"SELECT * FROM {table} ORDER BY rowid")
            # before, after: what #batal needs to know; nobody is shown them.
            shown = [{name: row[name] for name in row.keys() if name not in ("before", "after")} for row in rows]
            lines += [f"{table} {row!r}" for row in shown]
        for row in self.store.rows("SELECT id, raw FROM outbox_bytes ORDER BY id"):
            lines += [f"mail {row['id']}", bytes(row["raw"]).decode("utf-8", "backslashreplace")]
        lines.append(self.logged())
        (out / self.told).write_text("\\n".join(lines).replace(self.where, "FOLDER"), encoding="utf-8")
        super().close()
for path in stories.paths():
    chance, count = random.Random(1), itertools.count(10**9)
    secrets.choice, secrets.token_bytes = chance.choice, chance.randbytes
    told = stories.load(path)
    with tempfile.TemporaryDirectory() as folder:
        def stage():
            office = Kept(Path(folder), told)
            office.told, office.where = path.stem, folder
            return office
        stories.play(told, stage)
"""
#: Message-IDs, multipart boundaries, link codes: chance.
_CHANCE = re.compile(
    r"\d{10,}\.\d+\.[0-9]+(?=@)|[0-9a-f]{16,40}|(?<![A-Z2-7])[A-Z2-7]{10,32}(?![A-Z2-7])|={15}\d+==|[0-9A-Za-z+/]{22}(?=@)"
)
#: When a line was logged, and where in the program.
_LOGGED = re.compile(r'"(timestamp|filename|lineno|func_name|took|seconds)": ?("[^"]*"|[\d.]+),? ?')


def _numbered(text: str) -> list[str]:
    seen: dict[str, str] = {}
    text = _LOGGED.sub("", text)
    return _CHANCE.sub(lambda found: seen.setdefault(found[0], f"CHANCE{len(seen)}"), text).splitlines()


def _play(tree: Path, out: Path) -> None:
    out.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.fspath(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _PLAYED, os.fspath(out), *TABLES]
    subprocess.run(command, cwd=tree, env=environment, check=True)


def main(revision: str) -> int:
    """0 when everything is the same."""
    with tempfile.TemporaryDirectory() as folder:
        before, here = Path(folder) / "before", Path(folder) / "here"
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, revision], cwd=ROOT, check=True)
        try:
            _play(tree, before)
            _play(ROOT, here)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)
        names = sorted({path.name for path in (*before.iterdir(), *here.iterdir())})
        different = 0
        for name in names:
            old, new = (_numbered(path.read_text(encoding="utf-8")) for path in (before / name, here / name))
            if old != new:
                different += 1
                print(f"{name}: differs")
                print("\n".join([*difflib.unified_diff(old, new, "before", "here", lineterm="", n=0)][:12]))
    still = subprocess.run(["git", "diff", "--stat", revision, "--", *STILL], cwd=ROOT, capture_output=True, text=True)
    print(f"{len(names)} stories played twice, {different} differ")
    print(still.stdout or "snapshots, stories and generated pages: unchanged")
    return 1 if different or still.stdout else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
