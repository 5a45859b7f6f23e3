"""Roundup: its classic tracker on SQLite, whose mail gateway reads the mailbox.

A member of staff stands on each new issue's nosy list, and who writes a new issue gets it back: two mails for each new
ticket and one for each reply, as with the others.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from pathlib import Path

from bench import peers

NAME = "roundup"

#: Its gateway cannot be told an IMAP port.
_GATEWAY = """
import imaplib, sys
imaplib.IMAP4.__init__.__defaults__ = ("", int(sys.argv.pop(1)), None)
from roundup.scripts.roundup_mailgw import run
sys.exit(run())
"""
_STAFF = """
def staff_reads(db, cl, nodeid, values):
    values["nosy"] = sorted({{*values.get("nosy", []), db.user.lookup("{staff}")}})

def init(db):
    db.issue.audit("create", staff_reads, priority=200)
"""


def tag(ticket: int) -> str:
    return f"[issue{ticket}]"


class Roundup:
    """One tracker with an empty database."""

    def __init__(self, folder: Path, imap_port: int, smtp_port: int, address: str, password: str, staff: str) -> None:
        self._bin = peers.programs(NAME)
        self._imap_port, self._mailbox = imap_port, f"{address}:{password}@127.0.0.1"
        self.folder = folder
        folder.mkdir(parents=True)
        self._admin("install", "classic", "sqlite")
        config = (folder / "config.ini").read_text()
        for section, key, value in (
            ("main", "admin_email", address),
            ("tracker", "web", "http://127.0.0.1/lpse/"),
            ("tracker", "email", address),
            ("mail", "domain", address.rpartition("@")[2]),
            ("mail", "host", "127.0.0.1"),
            ("mail", "port", str(smtp_port)),
            ("nosy", "messages_to_author", "new"),
        ):
            config = _set(config, section, key, value)
        (folder / "config.ini").write_text(config)
        schema = (folder / "schema.py").read_text()
        allowed = "db.security.addPermissionToRole('Anonymous', 'Email Access')"
        (folder / "schema.py").write_text(schema.replace(f"#{allowed}", allowed))
        self._admin("initialise", "bench")
        self._admin("create", "user", "username=staff", f"address={staff}", "roles=User")
        (folder / "detectors" / "staff.py").write_text(_STAFF.format(staff="staff"))

    def _admin(self, *arguments: str) -> None:
        command = [str(self._bin / "roundup-admin"), "-i", str(self.folder), *arguments]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def read_mailbox(self) -> tuple[float, float]:
        """Takes all that waits. (seconds, seconds of CPU) of the process, its start included."""
        command = [str(self._bin / "python"), "-c", _GATEWAY, str(self._imap_port), str(self.folder), "imap"]
        return peers.called([*command, self._mailbox], self.folder, {"PATH": os.environ["PATH"]})

    @property
    def recorded(self) -> int:
        """Mails that it has kept."""
        with sqlite3.connect(self.folder / "db" / "db") as connection:
            return int(connection.execute("SELECT count(*) FROM _msg").fetchone()[0])


def _set(config: str, section: str, key: str, value: str) -> str:
    before, head, rest = config.partition(f"\n[{section}]")
    end = at if (at := rest.find("\n[")) >= 0 else len(rest)
    part, found = re.subn(rf"(?m)^#?\s*{key} =.*$", f"{key} = {value}", rest[:end], count=1)
    if not found:
        raise RuntimeError(f"{NAME} has no setting {section}.{key}")
    return before + head + part + rest[end:]
