"""The Debian package in a bare Debian of this machine's release, made by debootstrap: docs/operator.md is followed word
by word to the first ticket; then upgrade, downgrade, removal, purge. (`make package`)

systemd is not process 1 there: what `systemctl enable --now mailbot` would start is started as the installed unit says.
The mail servers run outside, on loopback, which the bare system shares.
"""

from __future__ import annotations

import os
import platform
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import ROOT
from tests.mailservers import MailServers
from tests.mailservers.process import wait_until
from tests.project.test_docs import blocks, text_of
from tests.unitfile import read
from tests.world import World, configured

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

FRESH: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "fresh.py"))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: Blocks of docs/operator.md that need a systemd at work, and what the test does in their place.
STARTS = "systemctl enable --now mailbot mailbot-backup.timer"


class Bare:
    """A bare Debian in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, script: str, *, code: int = 0) -> str:
        """A line of shell in it, as root, in /root; its output. The exit code must be the one named."""
        variables = [f"PATH={PATH}", "HOME=/root", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        command = ["chroot", str(self.root), "env", "-i", "-C", "/root", *variables, "sh", "-euc"]
        done = subprocess.run(
            [*command, f"exec 2>&1; {script}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert done.returncode == code, f"{script}\n{done.stdout}"
        return done.stdout

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make deb` builds it; MAILBOT_DEB names one that is built already."""
    if built := os.environ.get("MAILBOT_DEB"):
        return Path(built)
    folder = tmp_path_factory.mktemp("deb")
    variables = {**os.environ, "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}"}
    subprocess.run([sys.executable, ROOT / "scripts" / "deb.py", "--into", folder], check=True, env=variables)
    [found] = folder.glob("*.deb")
    return found


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    if why := FRESH["why_not"]():
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(f"no bare system can be made: {why}")
    root = tmp_path_factory.mktemp("bare")
    root.chmod(0o755)
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    address = next(address for address, more, _ in FRESH["mirrors"]() if not more)
    command = ["debootstrap", "--variant=minbase", "--include=python3,systemd", suite, root, address]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    system = Bare(root)
    yield system
    for process in Path("/proc").glob("[0-9]*"):  # of this system alone
        try:
            if process.joinpath("root").readlink() == root:
                os.kill(int(process.name), 9)
        except OSError:
            continue
    shutil.rmtree(root)


@contextmanager
def _started(bare: Bare) -> Iterator[subprocess.Popen[bytes]]:
    """What `systemctl enable --now mailbot` starts, by the unit that the package has installed."""
    unit = read(bare.path("/usr/lib/systemd/system/mailbot.service"))
    handed = bare.path("/run/credentials/mailbot.service")
    handed.mkdir(parents=True, exist_ok=True)
    for name, path in unit.credentials.items():
        shutil.copyfile(bare.path(path), handed / name)
    bare.run(f"chown -R {unit.value('User')} /run/credentials/mailbot.service; chmod -R u=rX,go= /run/credentials")
    bare.run("chmod 755 /run/credentials")
    variables = [f"PATH={PATH}", "CREDENTIALS_DIRECTORY=/run/credentials/mailbot.service"]
    variables += [f"{name}={value}" for name, value in unit.environment.items()]
    who = f"--userspec={unit.value('User')}:{unit.value('Group')}"
    log = (bare.root.parent / "service.log").open("ab")
    process = subprocess.Popen(
        ["chroot", who, bare.root, "env", "-i", *variables, *unit.command("ExecStart")],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        umask=int(unit.value("UMask"), 8),
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(30) == 0
        log.close()


def _edit(bare: Bare, servers: MailServers, file: str, folder: Path) -> None:
    """What a person does in the editor that the page opens."""
    if file.endswith("batang-mail"):
        bare.path(file).write_text(f"{servers.password}\n")
        return
    shipped = yaml.safe_load(bare.path(file).read_text())
    ours = configured(servers.imap_port, servers.smtp_port, "unused", folder)["mailboxes"][0]
    [mailbox] = shipped["mailboxes"]
    secret = {"password": {"credential": "batang-mail"}}
    for key in ("name", "organisation", "address", "ticket_prefix", "staff", "coordinator", "head", "operator", "lkpp"):
        mailbox[key] = ours[key]
    for key in ("imap", "smtp"):
        mailbox[key] = {**mailbox[key], **ours[key]}
        if ours[key].get("username"):
            mailbox[key] |= secret
        else:
            mailbox[key] |= {"username": None, "password": None}
    shipped |= {"data": "/var/lib/mailbot"}
    bare.path(file).write_text(yaml.safe_dump(shipped, allow_unicode=True))


def _commands() -> list[str]:
    """The commands of docs/operator.md up to the first ticket, in its order."""
    page = text_of("operator.md")
    page = page[: page.index("## What happens without you")]
    return [line for language, body in blocks(page) if language == "sh" for line in body.splitlines()]


def _repacked(deb: Path, folder: Path, version: str) -> Path:
    """The same package as a later version, which changes the data."""
    subprocess.run(["dpkg-deb", "-R", deb, folder], check=True)
    old = re.search(r"(?m)^Version: (.*)$", (folder / "DEBIAN" / "control").read_text())
    assert old is not None
    for path in (folder / "DEBIAN").iterdir():
        text = path.read_text().replace(old[1], version)
        path.write_text(re.sub(r"(?m)^LAST_MIGRATION=.*$", "LAST_MIGRATION=9999_later", text))
    [migrations] = folder.glob("usr/lib/mailbot/lib/python3*/site-packages/mailbot/store/migrations")
    (migrations / "9999_later.sql").write_text("CREATE TABLE later (id INTEGER PRIMARY KEY);\n")
    made = folder.parent / f"mailbot_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder, made], check=True, stdout=subprocess.DEVNULL)
    return made


def test_the_page_for_the_operator_leads_from_a_bare_debian_to_the_first_ticket_and_the_package_away_again(
    deb: Path, bare: Bare, servers: MailServers, tmp_path: Path
) -> None:
    shutil.copy(deb, bare.path("/root"))
    world = World(servers, tmp_path)
    begun = time.monotonic()
    exported = ""
    lines = iter(_commands())
    for line in lines:
        if line == STARTS:
            break
        if line.startswith("nano "):
            _edit(bare, servers, line.split()[1], tmp_path)
        else:
            print(f"# {line}\n{bare.run(line)}")  # for a person to read, as the operator would
    assert next(lines) == "systemctl status mailbot"
    with _started(bare) as service:
        state = "runuser -u mailbot -- mailbot -c /etc/mailbot/config.yaml status --json"
        exported = "export CREDENTIALS_DIRECTORY=/run/credentials/mailbot.service\n"
        wait_until(lambda: "1 of 1 folders watched" in bare.run(exported + state), 60, "the daemon does not watch")
        world.write("pengguna", "Kami tidak bisa masuk.", subject="Masuk")
        wait_until(lambda: bool(world.letters("pengguna")), 60, "no acknowledgement")
        tickets = _commands()[-1]
        assert tickets.endswith(" tickets")
        print(f"# {tickets}\n{(listed := bare.run(exported + tickets))}")
        assert '"LPSE-BTG-' in listed
        assert service.poll() is None
    print(f"from the bare system to the first ticket: {time.monotonic() - begun:.0f} s")

    # What is installed is whole: units without a complaint, man pages, compiled, nothing of the build's folder.
    bare.run(
        "systemd-analyze verify /usr/lib/systemd/system/mailbot*.service /usr/lib/systemd/system/mailbot-backup*.timer"
    )
    bare.run("zcat /usr/share/man/man1/mailbot.1.gz | grep -q 'mailbot..backup'")
    assert bare.run("find /usr/lib/mailbot -name '*.pyc' | wc -l").strip() != "0"
    assert (
        bare.run("grep -rl stage/usr/lib /usr/lib/mailbot --include=*.py --include=*.cfg --include=RECORD || true")
        == ""
    )
    assert bare.run("stat -c '%U %a' /var/lib/mailbot") == "mailbot 700\n"

    # A copy and the alarm, as their units call them.
    bare.run(f"{exported}runuser -u mailbot -- {_exec(bare, 'mailbot-backup.service')}")
    assert bare.run("ls /var/lib/mailbot/backups").startswith("mailbot-2")
    bare.run(f"{exported}runuser -u mailbot -- {_exec(bare, 'mailbot-failed.service')}")
    wait_until(lambda: any("gagal di" in mail.subject for mail in world.letters("operator")), 30, "no alarm")

    # An upgrade keeps the data, after a copy, and changes its form.
    shutil.copy(_repacked(deb, tmp_path / "later", "9.0.0"), bare.path("/root/later.deb"))
    said = bare.run("dpkg -i later.deb")
    assert "the data as it was before the upgrade: /var/lib/mailbot/backups/before-9.0.0.tar" in said
    migrated = "import sqlite3; print([r[0] for r in sqlite3.connect('/var/lib/mailbot/mailbot.sqlite').execute('%s')])"
    assert "9999_later" in bare.run(f'python3 -c "{migrated % "SELECT name FROM _sqlite_migrations"}"')
    assert bare.run(f'python3 -c "{migrated % "SELECT count(*) FROM tickets"}"') == "[1]\n"
    assert bare.run("find /var/lib/mailbot ! -user mailbot") == ""

    # A downgrade is refused before anything is replaced, and says what to do.
    said = bare.run(f"dpkg -i {deb.name}", code=1)
    assert "cannot work on /var/lib/mailbot: a later mailbot" in said and "9999_later" in said
    assert "9.0.0" in bare.run("dpkg-query -W -f '${Version} ${Status}' mailbot")
    assert '"LPSE-BTG-' in bare.run(exported + tickets), "what is installed still works"

    # Removed: configuration and data stay. Purged: the configuration goes, the tickets stay.
    bare.run("dpkg -r mailbot")
    assert not bare.path("/usr/lib/mailbot").exists() and not bare.path("/usr/bin/mailbot").is_symlink()
    assert bare.path("/etc/mailbot/config.yaml").exists()
    assert "the tickets and their copies stay" in bare.run("dpkg -P mailbot")
    assert not bare.path("/etc/mailbot").exists() and bare.path("/var/lib/mailbot/mailbot.sqlite").exists()

    # Where there are no tickets, nothing is left.
    bare.run("rm -r /var/lib/mailbot; userdel mailbot")
    bare.run(f"dpkg -i {deb.name} && dpkg -P mailbot")
    assert (
        bare.run(
            "find / -xdev -name '*mailbot*' -not -path '/root/*' -not -path '/var/lib/dpkg/*'"
            " -not -path '/tmp/*' -not -path '/run/*' -not -path '/var/log/*'"
        )
        == ""
    )
    bare.run("getent passwd mailbot", code=2)


def _exec(bare: Bare, file: str, instance: str = "") -> str:
    unit = read(bare.path(f"/usr/lib/systemd/system/{file}"), instance)
    words = [word.replace("${MONITOR_UNIT}", "mailbot.service") for word in unit.command("ExecStart")]
    return shlex.join(words)


def test_the_wheel_is_installed_by_uv_as_a_tool_of_one_user(tmp_path: Path) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}")
    assert uv is not None
    subprocess.run([uv, "build", "-q", "--wheel", "--out-dir", tmp_path], check=True, cwd=ROOT)
    [wheel] = tmp_path.glob("*.whl")
    variables = {**os.environ, "UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    variables.pop("PYTHONPATH", None)
    subprocess.run([uv, "tool", "install", "-q", "--python", sys.executable, wheel], check=True, env=variables)
    done = subprocess.run([tmp_path / "bin" / "mailbot", "sop"], capture_output=True, text=True, env=variables)
    assert done.returncode == 0 and "SOP-LPSE.BTG-015" in done.stdout
    subprocess.run([uv, "tool", "uninstall", "-q", "mailbot"], check=True, env=variables)
    assert not (tmp_path / "bin" / "mailbot").exists()
