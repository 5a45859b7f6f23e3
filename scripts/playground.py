#!/usr/bin/env python3
"""Mail servers on this machine's loopback, to try mailbot with: each party of a small LPSE has a mailbox there.

`make playground` starts it. It writes playground/config.yaml for mailbot and playground/accounts.json for
scripts/letter, prints the accounts, and runs until Ctrl-C, which ends the servers and removes every mail.
Dovecot and Postfix where they are installed and we are root, embedded servers otherwise; nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.mailservers import MailServers  # noqa: E402
from tests.mailservers.real import RealServers, missing  # noqa: E402

FOLDER = ROOT / "playground"
OFFICE = "lpse@batangkab.test"
PARTIES = {
    "pengguna": ("Budi Santoso", "budi@penyedia.test"),
    "petugas": ("Sari", "sari@batangkab.test"),
    "koordinator": ("Indah", "indah@batangkab.test"),
    "kepala": ("Jamal", "jamal@batangkab.test"),
    "operator": ("Joko", "joko@batangkab.test"),
    "lkpp": ("Helpdesk LKPP", "helpdesk@lkpp.test"),
}

# Only what must be given; ../config.yaml explains these keys and all others.
CONFIG = """\
# Written by `make playground`, and written anew at its next start.
data: ./data
mailboxes:
  - name: batang
    organisation: LPSE Kabupaten Batang
    address: {office}
    ticket_prefix: LPSE-BTG
    contact: {{street: "Jl. Contoh 1, Batang", phone: "(0285) 000000"}}
    imap:
      host: 127.0.0.1
      port: {imap}
      security: none
      username: {office}
      password: {{file: ./password}}
      since: 2020-01-01     # mails that arrived before mailbot's first start are read too
    smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
    staff: [{{name: {petugas[0]}, address: {petugas[1]}}}]
    coordinator: [{{name: {koordinator[0]}, address: {koordinator[1]}}}]
    head: [{{name: {kepala[0]}, address: {kepala[1]}}}]
    operator: [{{name: {operator[0]}, address: {operator[1]}}}]
    lkpp: {{address: {lkpp[1]}, accept_from: ["@lkpp.test"]}}
"""


def start() -> MailServers:
    """The real servers, or the embedded ones where these cannot run (or as for the tests, when told so)."""
    if not missing() and not os.environ.get("MAILBOT_TEST_EMBEDDED"):
        return RealServers()
    from tests.mailservers.embedded import EmbeddedServers

    return EmbeddedServers()


def write_files(servers: MailServers) -> None:
    """Begin afresh: the mails of an earlier playground are gone, so what mailbot knew of them goes too."""
    shutil.rmtree(FOLDER / "data", ignore_errors=True)
    password = FOLDER / "password"
    password.touch(mode=0o600)
    password.write_text(f"{servers.password}\n")
    (FOLDER / "config.yaml").write_text(
        CONFIG.format(office=OFFICE, imap=servers.imap_port, smtp=servers.smtp_port, **PARTIES)
    )
    accounts = {
        "imap_port": servers.imap_port,
        "smtp_port": servers.smtp_port,
        "password": servers.password,
        "office": OFFICE,
        "parties": {party: {"name": name, "address": address} for party, (name, address) in PARTIES.items()},
    }
    (FOLDER / "accounts.json").write_text(json.dumps(accounts, indent=2) + "\n")


def announce(servers: MailServers) -> None:
    kind = "Dovecot and Postfix" if servers.real else f"embedded ones (Dovecot and Postfix: {missing() or 'set aside'})"
    print(f"Mail servers on 127.0.0.1: {kind}")
    print(f"  IMAP port {servers.imap_port}, SMTP port {servers.smtp_port}, both without TLS")
    print(f"  password of every account: {servers.password}\n")
    for party, (name, address) in PARTIES.items():
        print(f"  {party:<12} {name:<14} {address}")
    print(f"  {'(mailbot)':<12} {'the helpdesk':<14} {OFFICE}\n")
    print("Ready. Leave this running and go on in a second terminal. Ctrl-C ends it and removes all mails.", flush=True)


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("A playground is open already.", file=sys.stderr)
            return 1
        # A closed terminal or `kill` ends the servers as Ctrl-C does, which a shell's background jobs would ignore.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt), contextlib.closing(start()) as servers:
            write_files(servers)
            announce(servers)
            while True:
                signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
