"""What the tests' Dovecots are told, in the language of the version that is installed.

2.4 renamed settings and has other ways to name variables and databases of users; the rest of a configuration reads the
same in both. https://doc.dovecot.org/2.4.1/installation/upgrade/2.3-to-2.4.html
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

PROGRAM = Path("/usr/sbin/dovecot")

#: What 2.3 and 2.4 say differently: the lines of each matter, by version.
LANGUAGES = {
    "2.3": {
        "first": "",
        "tls": "ssl_cert = <{certificate}\nssl_key = <{key}",
        "plain": "disable_plaintext_auth = no",
        "lower": "auth_username_format = %Lu",
        "maildir": "mail_location = maildir:~/Maildir",
        "passwords": "passdb {{\n  driver = static\n  args = password={password}\n}}",
        "users": """\
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%Lu allow_all_users=yes
}}""",
        "oauth2": """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {oauth2_file}
}}""",
        "one_process": "service_count = 0",
        "here": "address = 127.0.0.1",
    },
    "2.4": {
        "first": "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0",
        "tls": "ssl_server_cert_file = {certificate}\nssl_server_key_file = {key}",
        "plain": "auth_allow_cleartext = yes",
        "lower": "auth_username_format = %{{user | lower}}",
        "maildir": "mail_driver = maildir\nmail_path = ~/Maildir",
        "passwords": "passdb static {{\n  password = {password}\n}}",
        "users": """\
userdb static {{
  allow_all_users = yes
  fields {{
    uid = mail
    gid = mail
    home = {folder}/mail/%{{user | lower}}
  }}
}}""",
        "oauth2": """\
oauth2 {{
  introspection_mode = post
  introspection_url = {introspection}
  username_attribute = username
  active_attribute = active
  active_value = true
  force_introspection = yes
}}""",
        "one_process": "restart_request_count = unlimited",
        "here": "listen = 127.0.0.1",
    },
}


def version() -> str:
    """The first two numbers of the installed Dovecot's version."""
    told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False).stdout
    return ".".join(told.split(" ")[0].split(".")[:2])


def logins(log: str) -> list[str]:
    """Who has logged in, in order. 2.3 writes `Login:`, 2.4 `Logged in:`."""
    return re.findall(r" (?:Login|Logged in): user=<([^>]*)>", log)


def mail(
    folder: Path,
    *,
    password: str,
    certificate: Path,
    key: Path,
    imap: int,
    imaps: int,
    lmtp: int,
    introspection: str = "",
) -> str:
    """IMAP and LMTP on loopback, for any user: mails below `folder`/mail, ports as given. introspection: where it is
    asked whether an access token is good (RFC 7662); then users may log in with tokens, too."""
    return _said(
        _MAIL,
        **_mechanisms(folder, introspection),
        folder=folder,
        password=password,
        certificate=certificate,
        key=key,
        imap=imap,
        imaps=imaps,
        lmtp=lmtp,
    )


def passwords(folder: Path, *, password: str, port: int, introspection: str = "") -> str:
    """A Dovecot that Postfix asks for passwords, so that Postfix does not stop with the one that a test kills."""
    return _said(_PASSWORDS, **_mechanisms(folder, introspection), folder=folder, password=password, auth=port)


def _mechanisms(folder: Path, introspection: str) -> dict[str, str | Path]:
    if not introspection:
        return {"mechanisms": "plain login", "oauth2_file": "", "introspection": "", "oauth2": ""}
    file = folder / "oauth2.conf.ext"
    file.write_text(_OAUTH2.format(introspection=introspection))
    return {"mechanisms": "plain login xoauth2 oauthbearer", "oauth2_file": file, "introspection": introspection}


def _said(template: str, **values: Path | str | int) -> str:
    """A configuration in the installed version's language."""
    words = {
        name: lines.format(**values)
        for name, lines in LANGUAGES[version()].items()
        if f"{{{name}}}" in template and name not in values
    }
    return template.format(**words, **values)


_MAIL = """\
{first}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
info_log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
{tls}
{plain}
auth_mechanisms = {mechanisms}
{lower}
auth_failure_delay = 0
{maildir}
mail_fsync = never
mail_max_userip_connections = 1000
first_valid_uid = 1
# user+folder@domain goes into that folder of user@domain
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes

{oauth2}
{passwords}
{users}

namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Archive {{
    auto = create
    special_use = \\Archive
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}

service imap-login {{
  # one process for all logins, and one always there: a login costs no fork
  {one_process}
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    {here}
    port = {lmtp}
  }}
}}
service anvil {{
  # many wrong passwords from one address are no attack here
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

_PASSWORDS = """\
{first}
base_dir = {folder}/auth-run
state_dir = {folder}/auth-state
log_path = /dev/stderr
info_log_path = /dev/stderr
protocols =
ssl = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
{oauth2}
{passwords}
service auth {{
  inet_listener sasl {{
    {here}
    port = {auth}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

_OAUTH2 = """\
introspection_mode = post
introspection_url = {introspection}
username_attribute = username
active_attribute = active
active_value = true
force_introspection = yes
"""
