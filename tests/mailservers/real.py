"""Dovecot and Postfix with configurations, data and ports of their own, for one test session.

Needs root: Postfix takes several system users. Everything lives in one folder under /tmp, since paths
of Unix sockets must be short and the servers' users must reach them.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import smtplib
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import dovecot
from .api import MailServers
from .process import Daemon, Guard, free_ports, make_certificate, wait_until

_DOVECOT_LMTP = Path("/usr/lib/dovecot/lmtp")
_POSTFIX_MASTER = Path("/usr/lib/postfix/sbin/master")
_POSTSUPER = Path("/usr/sbin/postsuper")


def missing() -> str:
    """Why Dovecot and Postfix cannot be used here, or ""."""
    absent = [str(path) for path in (dovecot.PROGRAM, _DOVECOT_LMTP, _POSTFIX_MASTER) if not path.exists()]
    if absent:
        return f"not installed: {', '.join(absent)}"
    if shutil.which("openssl") is None:
        return "not installed: openssl"
    if (version := dovecot.version()) not in dovecot.LANGUAGES:
        return f"Dovecot {version} instead of {' or '.join(dovecot.LANGUAGES)}"
    if os.geteuid() != 0:
        return "not root"
    return ""


class RealServers(MailServers):
    """See MailServers."""

    real = True

    def __init__(self, introspection: str = "") -> None:
        """introspection: as of `dovecot.mail`."""
        self._introspection = introspection
        self._folder = Path(tempfile.mkdtemp(prefix="mailbot-", dir="/tmp"))
        self._folder.chmod(0o755)
        self._guard = Guard(f"sleep 1; rm -rf -- {self._folder}")
        self._started: list[Daemon] = []
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        folder = self._folder
        self.ca_file, certificate, key = make_certificate(folder / "tls")
        self.imap_port, self.imaps_port, self.smtp_port, self.smtps_port, self._lmtp_port, auth_port = free_ports(6)
        self._mail = folder / "mail"
        self._mail.mkdir()
        shutil.chown(self._mail, "mail", "mail")
        self._logs = [folder / "dovecot.log", folder / "postfix.log"]

        imap = self.imap = self._dovecot(
            "dovecot.conf",
            dovecot.mail(
                folder,
                password=self.password,
                certificate=certificate,
                key=key,
                imap=self.imap_port,
                imaps=self.imaps_port,
                lmtp=self._lmtp_port,
                introspection=self._introspection,
            ),
            [self.imap_port, self.imaps_port, self._lmtp_port],
        )
        passwords = dovecot.passwords(folder, password=self.password, port=auth_port, introspection=self._introspection)
        auth = self._dovecot("auth.conf", passwords, [auth_port])
        self._postfix_folders()
        (folder / "postfix" / "main.cf").write_text(
            _MAIN_CF.format(folder=folder, certificate=certificate, key=key, lmtp=self._lmtp_port, auth=auth_port)
        )
        (folder / "postfix" / "master.cf").write_text(_MASTER_CF.format(smtp=self.smtp_port, smtps=self.smtps_port))
        (folder / "postfix" / "refused").write_text(
            "/^unknown@/ 550 5.1.1 no such user\n/^busy@/ 450 4.2.0 mailbox is busy\n"
        )
        (folder / "postfix" / "transport").write_text("/^bounces@/ bouncer:\n")
        self.smtp = postfix = Daemon(
            [str(_POSTFIX_MASTER), "-c", str(folder / "postfix"), "-s"],
            ports=[self.smtp_port, self.smtps_port],
            log=self._logs[1],
            environment={"MAIL_CONFIG": str(folder / "postfix")},
        )
        for daemon in (imap, auth, postfix):
            self._started.append(daemon)
            daemon.start()

    def _dovecot(self, name: str, configuration: str, ports: list[int]) -> Daemon:
        path = self._folder / name
        path.write_text(configuration)
        return Daemon([str(dovecot.PROGRAM), "-F", "-c", str(path)], ports=ports, log=self._logs[0])

    def _postfix_folders(self) -> None:
        """What `postfix check` would create, with owners and modes of Postfix's postfix-files."""
        postfix, postdrop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
        (self._folder / "postfix").mkdir()
        self._queue = queue = self._folder / "queue"
        private = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"]
        private += ["private", "saved", "trace"]
        for path, mode, owner, group in [
            (self._folder / "postfix-data", 0o700, postfix, -1),
            (queue, 0o755, 0, -1),
            (queue / "pid", 0o755, 0, -1),
            (queue / "maildrop", 0o730, postfix, postdrop),
            (queue / "public", 0o710, postfix, postdrop),
            *((queue / name, 0o700, postfix, -1) for name in private),
        ]:
            path.mkdir()
            path.chmod(mode)
            os.chown(path, owner, group)

    def deliver(self, raw: bytes, to: str, sender: str = "sender@elsewhere.test") -> None:
        with smtplib.LMTP("127.0.0.1", self._lmtp_port) as lmtp:
            lmtp.sendmail(sender, [to], raw)

    def _queued(self) -> bool:
        """Postfix sets a queue file's x bit when it is complete: what a death left half written was never accepted."""
        for name in ("maildrop", "incoming", "active", "deferred"):
            for folder, _, files in os.walk(self._queue / name):
                for file in files:
                    with contextlib.suppress(FileNotFoundError):
                        if os.stat(os.path.join(folder, file)).st_mode & stat.S_IXUSR:
                            return True
        return False

    def settle(self, timeout: float = 20) -> None:
        wait_until(lambda: not self._queued(), timeout, "the queue does not become empty")

    def wipe(self) -> None:
        if self._queued():
            subprocess.run([_POSTSUPER, "-c", self._folder / "postfix", "-d", "ALL"], check=True, capture_output=True)
        gone = self._folder / "gone"
        shutil.rmtree(gone, ignore_errors=True)  # of a test that was ended in here
        for mailbox in self._mail.iterdir():
            # Moved away in one step: Dovecot never sees a mailbox that is half gone.
            mailbox.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    # --- for tests that begin at the same point thousands of times --------------------------------------

    def save(self, to: Path) -> None:
        """A copy of all mailboxes, a new folder. Nothing may be on its way, and nobody logged in."""
        subprocess.run(["cp", "-a", self._mail, to], check=True)

    def restore(self, saved: Path) -> None:
        """All mailboxes as they were saved: the same mails, UIDs and flags."""
        gone = self._folder / "gone"
        self._mail.rename(gone)  # moved away in one step, as in `wipe`
        subprocess.run(["cp", "-a", saved, self._mail], check=True)
        shutil.rmtree(gone, ignore_errors=True)

    @contextlib.contextmanager
    def only_readable(self, user: str, folder: str) -> Iterator[None]:
        """Meanwhile Dovecot opens that folder READ-ONLY: it is not Dovecot's user's."""
        kept = self._mail / user / "Maildir" / f".{folder}" / "cur"
        kept.chmod(0o755)
        os.chown(kept, 0, 0)
        try:
            yield
        finally:
            shutil.chown(kept, "mail", "mail")

    def found(self, user: str) -> list[bytes]:
        """As `messages`, straight from the Maildir: a hundred times as fast, in any order."""
        inbox = self._mail / user / "Maildir"
        files = [file for name in ("new", "cur") if (inbox / name).is_dir() for file in (inbox / name).iterdir()]
        return [file.read_bytes() for file in files]

    def log(self, most: int = 4000) -> str:
        return "\n".join(f"--- {path}\n{path.read_text(errors='replace')[-most:]}" for path in self._logs)

    def close(self) -> None:
        for daemon in reversed(self._started):
            daemon.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._guard.dismiss()


_MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/postfix-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout

inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.mailbot.test
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
alias_database =

# Every address is a mailbox of ours, so nothing is ever delivered elsewhere.
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:[127.0.0.1]:{lmtp}
transport_maps = regexp:{folder}/postfix/transport
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtpd_peername_lookup = no

smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
  check_recipient_access regexp:{folder}/postfix/refused, permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous

message_size_limit = 31457280
mailbox_size_limit = 0
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_auth_rate_limit = 0
in_flow_delay = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
# a restarted Dovecot is found at once
destination_concurrency_failed_cohort_limit =
lmtp_destination_concurrency_failed_cohort_limit = 1000
local_header_rewrite_clients =
"""

_MASTER_CF = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
# smtpd refuses at once what goes to "error"; this one bounces later: 67 is EX_NOUSER of sysexits.h
bouncer unix - n n - - pipe
  user=nobody argv=/bin/sh -c {{exit 67}}
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
