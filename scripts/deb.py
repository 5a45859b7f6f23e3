#!/usr/bin/env python3
"""Builds a Debian package: mailbot with its libraries in /usr/lib/mailbot, units, man pages (`make deb`).

    scripts/deb.py [--into FOLDER]

It is made for the Python and the architecture of the machine it is built on: Debian 12's for Debian 12. The libraries
are those of uv.lock, by their hashes. dpkg-deb alone builds it; the maintainer scripts are in packaging/deb.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from mailbot import __version__
from mailbot.store import database
from mailbot.store.migrations import MIGRATIONS

ROOT = Path(__file__).resolve().parent.parent
SYSTEM_PYTHON = "/usr/bin/python3"
HOME = "/usr/lib/mailbot"
BUILT_FOR = "/opt/mailbot/.venv/bin/mailbot"  # the program as the units in systemd/ name it
DOCS = (
    "operator.md",
    "troubleshooting.md",
    "providers.md",
    "configuration.md",
    "systemd.md",
    "security.md",
    "reliability.md",
)

LAUNCHER = f"""\
#!{HOME}/bin/python3 -I
import sys

from mailbot.cli.main import main

sys.argv[0] = "mailbot"
sys.exit(main())
"""


def _run(*command: str | Path, **more: str) -> str:
    """The output of a command of the build; its errors are shown."""
    environment = {**os.environ, **more}
    return subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True).stdout


def _environment(stage: Path, work: Path) -> None:
    """The virtual environment, at the place that it will have, without the paths that it is built in."""
    home = stage / HOME.lstrip("/")
    _run(SYSTEM_PYTHON, "-m", "venv", "--without-pip", "--symlinks", home)
    uv = ROOT / "scripts" / "uv"
    locked = work / "locked.txt"
    locked.write_text(_run(uv, "export", "-q", "--locked", "--no-dev", "--no-emit-project"), encoding="utf-8")
    install = (uv, "pip", "install", "-q", "--python", home / "bin/python3", "--link-mode", "copy", "--no-deps")
    _run(*install, "--require-hashes", "-r", locked)
    _run(uv, "build", "-q", "--wheel", "--out-dir", work)
    _run(*install, next(work.glob("mailbot-*.whl")))
    for path in (home / "bin").iterdir():  # what was installed there names the folder of the build
        if not path.name.startswith("python"):
            path.unlink()
    cfg = (home / "pyvenv.cfg").read_text()
    (home / "pyvenv.cfg").write_text("".join(line for line in cfg.splitlines(True) if not line.startswith("command")))
    for left in [home / ".lock", *home.rglob("direct_url.json")]:  # the latter names the folder of the build, too
        left.unlink(missing_ok=True)
    (home / "bin" / "mailbot").write_text(LAUNCHER)
    (home / "bin" / "mailbot").chmod(0o755)
    # Checked by nothing at run time: only a package replaces what lies here.
    _run(
        *(SYSTEM_PYTHON, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
        *("-s", stage, "-p", "/", home),
    )


def _put(stage: Path, to: str, text: str, mode: int = 0o644) -> None:
    path = stage / to
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _files(stage: Path) -> None:
    (stage / "usr/bin").mkdir(parents=True)
    (stage / "usr/bin/mailbot").symlink_to(f"{HOME}/bin/mailbot")
    for unit in (ROOT / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace(BUILT_FOR, "/usr/bin/mailbot")
        _put(stage, f"usr/lib/systemd/system/{unit.name}", text)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, ROOT / "scripts" / "manpages.py", folder], check=True)
        for page in sorted(Path(folder).iterdir()):
            path = stage / f"usr/share/man/man{page.suffix[1:]}/{page.name}.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(page.read_bytes(), mtime=0))
    _put(stage, "usr/share/mailbot/config.yaml", (ROOT / "config.yaml").read_text(encoding="utf-8"))
    _put(stage, "usr/share/doc/mailbot/copyright", (ROOT / "LICENSE").read_text(encoding="utf-8"))
    _put(stage, "usr/share/doc/mailbot/CHANGELOG.md", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    for name in DOCS:
        if (ROOT / "docs" / name).exists():
            _put(stage, f"usr/share/doc/mailbot/{name}", (ROOT / "docs" / name).read_text(encoding="utf-8"))


def _control(stage: Path) -> None:
    major, minor = _run(SYSTEM_PYTHON, "-c", "import sys; print(*sys.version_info[:2])").split()
    size = sum(path.lstat().st_size for path in stage.rglob("*") if path.is_file()) // 1024
    values = {
        "VERSION": __version__,
        "ARCHITECTURE": _run("dpkg", "--print-architecture").strip(),
        "SIZE": str(size),
        "PYTHON": f"{major}.{minor}",
        "NEXT_PYTHON": f"{major}.{int(minor) + 1}",
        "LIBC": "libc6, " if list(stage.rglob("*.so")) else "",
        "LAST_MIGRATION": max(name for name, _ in MIGRATIONS),
        "MIGRATIONS_SQL": database.MIGRATIONS_SQL,
    }
    for name, mode in (("control", 0o644), *((f"p{each}", 0o755) for each in ("reinst", "ostinst", "rerm", "ostrm"))):
        text = (ROOT / "packaging" / "deb" / name).read_text(encoding="utf-8")
        _put(stage, f"DEBIAN/{name}", re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text), mode)


def build(into: Path) -> Path:
    """The package, in a folder."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        stage, work = Path(name) / "stage", Path(name) / "work"
        stage.mkdir(mode=0o755)
        work.mkdir()
        _environment(stage, work)
        _files(stage)
        _control(stage)
        for path in stage.rglob("*"):  # whatever umask it is built with
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        architecture = _run("dpkg", "--print-architecture").strip()
        deb = into / f"mailbot_{__version__}_{architecture}.deb"
        _run("dpkg-deb", "--root-owner-group", "--build", stage, deb)
    return deb


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--into", type=Path, default=ROOT / "build")
    print(build(arguments.parse_args().into))


if __name__ == "__main__":
    main()
