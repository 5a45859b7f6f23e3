"""The folder that the demo leaves behind."""

from __future__ import annotations

import shutil
from pathlib import Path

from mailbot.demo import parties
from mailbot.errors import ConfigError

#: Tells a folder of an earlier demo, which may be replaced, from somebody's own.
_MARK = ".mailbot-demo"


def prepare(folder: Path) -> None:
    """Make it, and empty it of an earlier demo. Raises ConfigError for a folder with anything else in it."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError([f"{folder}: is no folder; --to names another one"])
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / _MARK).is_file():
            raise ConfigError([f"{folder}: holds files that no demo has put there; --to names another folder"])
        for name in ("surat", "data"):
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in ("config.yaml", "password", "mailbot.log", "linimasa.html"):
            (folder / name).unlink(missing_ok=True)
    (folder / "surat").mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def write_config(folder: Path, imap_port: int, smtp_port: int) -> Path:
    """config.yaml and the password that it names. Returns its path."""
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(f"{parties.PASSWORD}\n")
    path = folder / "config.yaml"
    path.write_text(parties.config(imap_port, smtp_port), encoding="utf-8")
    return path
