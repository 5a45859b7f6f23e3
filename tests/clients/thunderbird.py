"""Thunderbird as Debian packages it, without a screen, with a profile of its own.

Its settings are those of a new profile, but for the account and for what would speak to the world.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.clients.client import Composed
from tests.clients.marionette import Marionette
from tests.mailservers import MailServers
from tests.mailservers.process import Guard, free_ports

_PREFERENCES = {
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.update.enabled": False,
    "mail.account.account1.identities": "id1",
    "mail.account.account1.server": "server1",
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.identity.id1.doBcc": False,
    "mail.identity.id1.fcc": False,
    "mail.identity.id1.smtpServer": "smtp1",
    "mail.identity.id1.valid": True,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.server.server1.authMethod": 3,  # a password as it is
    "mail.server.server1.hostname": "127.0.0.1",
    "mail.server.server1.login_at_startup": False,
    "mail.server.server1.socketType": 0,  # plain
    "mail.server.server1.type": "imap",
    "mail.shell.checkDefaultClient": False,
    "mail.smtpserver.smtp1.authMethod": 1,  # none
    "mail.smtpserver.smtp1.hostname": "127.0.0.1",
    "mail.smtpserver.smtp1.try_ssl": 0,
    "mail.smtpserver.smtp1.hello_argument": "thunderbird.batangkab.test",
    "mail.smtpservers": "smtp1",
    "mailnews.start_page.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}
_TOOLS = """
    const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
    const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
    const main = Services.wm.getMostRecentWindow("mail:3pane");
    const composing = Services.wm.getMostRecentWindow("msgcompose");
    const message = Services.wm.getMostRecentWindow("mail:messageWindow")?.messageBrowser?.contentWindow;
    const shown = () => message?.document.getElementById("messagepane")?.contentDocument;
"""


def missing() -> str:
    """Why Thunderbird cannot be used here, or ""."""
    return "" if shutil.which("thunderbird") else "not installed: thunderbird"


class Thunderbird:
    """See Client."""

    def __init__(self, marionette: Marionette, servers: MailServers, user: str) -> None:
        self._marionette, self._servers, self._user = marionette, servers, user

    def _run(self, script: str, *arguments: object) -> object:
        return self._marionette.run(_TOOLS + script, *arguments)

    def _wait(self, script: str, *arguments: object) -> object:
        return self._marionette.wait(_TOOLS + script, *arguments)

    def start(self) -> None:
        """Wait for its first window, and let it remember the account's password."""
        self._wait("return main?.document.readyState == 'complete' && main.tabmail?.currentAbout3Pane?.folderTree;")
        self._run(
            """
            const Login = Components.Constructor("@mozilla.org/login-manager/loginInfo;1", Ci.nsILoginInfo, "init");
            const origin = "imap://127.0.0.1";
            await Services.logins.addLoginAsync(new Login(origin, null, origin, args[0], args[1], "", ""));
            """,
            self._user,
            self._servers.password,
        )

    def open(self, message_id: str) -> None:
        self._wait(
            """
            for (const kind of ["msgcompose", "mail:messageWindow"])
              for (const window of Services.wm.getEnumerator(kind)) window.close();
            const server = MailServices.accounts.accounts[0].incomingServer;
            const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
            if (!inbox) {  // of a new profile
              server.performExpand(null);
              await new Promise(done => main.setTimeout(done, 500));
              return false;
            }
            inbox.updateFolder(null);
            await new Promise(done => main.setTimeout(done, 300));
            const header = inbox.msgDatabase.getMsgHdrForMessageID(args[0]);
            if (header) MailUtils.openMessageInNewWindow(header);
            return !!header;
            """,
            message_id.strip("<>"),
        )
        self._wait("return shown()?.readyState == 'complete' && shown().body?.innerText.length > 10;")

    def follow(self, number: int) -> Composed:
        self._run("shown().querySelectorAll(`a[href^='mailto:']`)[args[0]].click();", number)
        return self._composing()

    def reply(self) -> Composed:
        self._run("message.document.getElementById('hdrReplyButton').click();")
        return self._composing()

    def write(self, text: str, *, at_end: bool = False) -> None:
        self._run(
            """
            const editor = composing.GetCurrentEditor();
            if (args[1]) editor.endOfDocument();
            args[0].split("\\n").forEach((line, number) => {
              if (number) editor.document.execCommand("insertParagraph");
              if (line) editor.document.execCommand("insertText", false, line);
            });
            """,
            text,
            at_end,
        )

    def send(self) -> None:
        self._run("composing.goDoCommand('cmd_sendNow');")
        self._wait("return !Services.wm.getMostRecentWindow('msgcompose');")

    def _composing(self) -> Composed:
        self._wait("return composing?.composeEditorReady;")
        shown = self._run(
            """
            const find = selector => [...composing.document.querySelectorAll(selector)];
            const readers = name => find(`#${name}AddrContainer mail-address-pill`).map(pill => pill.emailAddress);
            const body = composing.GetCurrentEditor().document.body.innerText;
            const subject = find("#msgSubject")[0].value;
            return JSON.stringify([readers("to"), [...readers("cc"), ...readers("bcc")], subject, body]);
            """
        )
        to, copies, subject, body = json.loads(str(shown))
        return Composed([one.lower() for one in to], [one.lower() for one in copies], subject, body)


@contextlib.contextmanager
def opened(servers: MailServers, folder: Path, user: str, name: str) -> Iterator[Thunderbird]:
    """Thunderbird of one user, who need not log in. name: what stands in his From."""
    [port] = free_ports(1)
    profile = folder / "profile"
    profile.mkdir(parents=True)
    preferences = _PREFERENCES | {
        "mail.identity.id1.fullName": name,
        "mail.identity.id1.useremail": user,
        "mail.server.server1.port": servers.imap_port,
        "mail.server.server1.userName": user,
        "mail.smtpserver.smtp1.port": servers.smtp_port,
        "marionette.port": port,
    }
    lines = (f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in preferences.items())
    (profile / "user.js").write_text("".join(lines))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "thunderbird",
                "--headless",
                "--no-remote",
                "--marionette",
                "--remote-allow-system-access",
                "--profile",
                profile,
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder), "TZ": "Asia/Jakarta", "MOZ_CRASHREPORTER_DISABLE": "1"},
            start_new_session=True,
        )
    guard = Guard(f"kill -s KILL -- -{process.pid}")
    try:
        marionette = Marionette(port)
        user_of = Thunderbird(marionette, servers, user)
        user_of.start()
        yield user_of
        marionette.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
        guard.dismiss()
