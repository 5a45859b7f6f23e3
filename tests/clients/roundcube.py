"""Roundcube as Debian packages it, on PHP's own web server, used in a browser as its users do.

Its configuration, database, logs and sessions stand in a folder of the test; the packages' own files are only read.
The settings are those that it is shipped with, but for what one of its users may choose by himself: `Settings`.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path

from tests.clients import chromium
from tests.clients.client import Composed
from tests.mailservers import MailServers
from tests.mailservers.process import Daemon, free_ports

_DOCUMENTS = Path("/var/lib/roundcube/public_html")
_SHIPPED = Path("/etc/roundcube")
_SCHEMA = Path("/usr/share/roundcube/SQL/sqlite.initial.sql")
_SETTINGS = """\
<?php
$config = [
    'db_dsnw' => 'sqlite:///{folder}/roundcube.db?mode=0600',
    'imap_host' => '127.0.0.1:{imap}',
    'smtp_host' => '127.0.0.1:{smtp}',
    'smtp_helo_host' => 'webmail.batangkab.test',
    'des_key' => 'twenty-four characters..',
    'log_dir' => '{folder}/logs',
    'temp_dir' => '{folder}/temp',
    'language' => 'id_ID',
    'timezone' => 'Asia/Jakarta',
    'drafts_mbox' => '',
    'draft_autosave' => 0,
    'plugins' => [],
    'skin' => 'elastic',
    'htmleditor' => {html},
    'reply_mode' => {mode},
];
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may choose. html: whether mails are written as HTML (`htmleditor`). below: the caret of a reply
    stands below the quotation, as it does where nobody has chosen (`reply_mode`)."""

    html: bool = False
    below: bool = True


def missing() -> str:
    """Why Roundcube cannot be used here, or ""."""
    absent = [
        str(path) for path in (_DOCUMENTS / "index.php", _SHIPPED / "defaults.inc.php", _SCHEMA) if not path.exists()
    ]
    absent += ["php"] if shutil.which("php") is None else []
    absent += ["a Chromium"] if not any(map(shutil.which, chromium.browsers())) else []
    return f"not installed: {', '.join(absent)}" if absent else ""


class Roundcube:
    """See Client."""

    def __init__(self, window: chromium.Window, url: str, servers: MailServers, user: str) -> None:
        self._window, self._url, self._servers, self._user = window, url, servers, user

    def log_in(self) -> None:
        self._window.open(f"{self._url}/")
        for field, words in (("#rcmloginuser", self._user), ("#rcmloginpwd", self._servers.password)):
            self._window.click(field)
            self._window.type(words)
        self._window.click("#rcmloginsubmit")
        self._window.wait("window.rcmail && rcmail.env.task == 'mail' && document.readyState == 'complete'")

    def open(self, message_id: str) -> None:
        with self._servers.client(self._user) as client:
            client.select_folder("INBOX", readonly=True)
            [uid] = client.search(["HEADER", "Message-ID", message_id])
        self._window.open(f"{self._url}/?_task=mail&_mbox=INBOX&_uid={uid}&_action=show")
        self._ready("show")

    def follow(self, number: int) -> Composed:
        links = "document.querySelectorAll('#messagebody a[href^=\"mailto:\"]')"
        self._window.run(f"{links}[{number}].id = 'followed'")
        self._window.click("#followed")
        self._window.click("#mailto-menu a.compose")  # "Tulis surat kepada", and not "Tambah ke buku alamat"
        return self._composing()

    def reply(self) -> Composed:
        self._window.click("a.button.reply, #toolbar-menu a.reply")
        return self._composing()

    def write(self, text: str, *, at_end: bool = False) -> None:
        if at_end:
            self._window.press("End", 35, control=True)
        self._window.type(text)

    def send(self) -> None:
        self._window.click("a.button.send, button.send")
        self._window.wait("window.rcmail && rcmail.env.action != 'compose'")

    def picture(self) -> bytes:
        return self._window.picture()

    def _ready(self, action: str) -> None:
        self._window.wait(
            f"window.rcmail && rcmail.env.action == '{action}' && document.readyState == 'complete' && !rcmail.busy"
        )

    def _composing(self) -> Composed:
        """The window, and the caret in its text: at its first use Roundcube leaves it in the field of the readers where
        a link has opened the window."""
        self._ready("compose")
        if self._window.run("document.querySelector('[name=_is_html]').value == '1'"):
            self._window.wait("window.tinymce && tinymce.activeEditor && tinymce.activeEditor.initialized")
            self._window.run("tinymce.activeEditor.focus()")
            body = "tinymce.activeEditor.getBody().innerText"
        else:
            body = "document.querySelector('#composebody').value"
            self._window.run("document.querySelector('#composebody').focus()")
        fields = [f"document.querySelector('#{name}').value" for name in ("_to", "_cc", "_bcc", "compose-subject")]
        to, cc, bcc, subject, shown = json.loads(self._window.run(f"JSON.stringify([{', '.join([*fields, body])}])"))
        return Composed(_addresses(to), _addresses(f"{cc},{bcc}"), subject, shown)


def _addresses(field: str) -> list[str]:
    return [address.lower() for _, address in getaddresses([field]) if address]


@contextlib.contextmanager
def opened(servers: MailServers, folder: Path, user: str, name: str, settings: Settings) -> Iterator[Roundcube]:
    """Roundcube in the browser of one user, who has logged in. name: what stands in his From."""
    for part in ("logs", "temp"):
        (folder / part).mkdir(parents=True)
    for shipped in ("defaults.inc.php", "mimetypes.php"):
        shutil.copy(_SHIPPED / shipped, folder)
    (folder / "config.inc.php").write_text(
        _SETTINGS.format(
            folder=folder,
            imap=servers.imap_port,
            smtp=servers.smtp_port,
            html=int(settings.html),
            mode=0 if settings.below else 1,
        )
    )
    database = folder / "roundcube.db"
    with contextlib.closing(sqlite3.connect(database)) as made:
        made.executescript(_SCHEMA.read_text())
    [port] = free_ports(1)
    php = Daemon(
        [str(shutil.which("php")), "-S", f"127.0.0.1:{port}", "-t", str(_DOCUMENTS)],
        ports=[port],
        log=folder / "php.log",
        environment={"ROUNDCUBE_CONFIG_DIR": str(folder), "PHP_CLI_SERVER_WORKERS": "3", "TMPDIR": str(folder)},
    )
    php.start()
    try:
        with chromium.window() as window:
            user_of = Roundcube(window, f"http://127.0.0.1:{port}", servers, user)
            user_of.log_in()
            with contextlib.closing(sqlite3.connect(database)) as named:
                named.execute("UPDATE identities SET name = ?", (name,))
                named.commit()
            yield user_of
    finally:
        php.kill()
