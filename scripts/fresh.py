#!/usr/bin/env python3
"""What README.md promises, tried on bare systems: Debian 12 and 13 with the updates of today (`make fresh`).

Each system is made by debootstrap (minbase), gets the packages that README.md names and no other, and a clone of the
last commit. In it `make demo` and `make test` run with a cleared environment. docs/fresh.md keeps what came of it.

The mirror, the certificates and the settings of apt, pip and uv are those of the machine this runs on. It needs root
and debootstrap and says so otherwise. Everything is mounted in a namespace of this run's own, so that no mount and no
process outlives it, however it ends. Only the standard library: no .venv is there yet when this starts.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "fresh.md"
LOGS = ROOT / "build" / "fresh"
SYSTEMS = {"bookworm": "Debian 12", "trixie": "Debian 13"}
COMMANDS = ("make demo", "make test")
CLONE = "/root/mailbot"
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
BARE = {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
OWN_CAS = Path("/usr/local/share/ca-certificates")
TOOLS = ("apt-config", "apt-get", "debootstrap", "mount", "setpriv", "unshare")

HEAD = """\
# On a fresh machine

<!-- written by scripts/fresh.py; do not edit -->

`make fresh` makes a bare system with debootstrap, with the updates of that day and the packages that
[README.md](../README.md) names, clones the project into it and runs README's commands with a cleared environment. It
is run before each release. This is what its last run saw.
"""

#: What the report names, each by a command that prints it.
VERSIONS = {
    "Debian": "cat /etc/debian_version",
    "Python": "dpkg-query -W -f '${Version}' $(basename $(readlink -f /usr/bin/python3))",
    "Dovecot": "dpkg-query -W -f '${Version}' dovecot-core",
    "Postfix": "dpkg-query -W -f '${Version}' postfix",
    "OpenSSL": "dpkg-query -W -f '${Version}' openssl",
    "systemd": "dpkg-query -W -f '${Version}' systemd",
    "uv": f"{CLONE}/scripts/uv --version | cut -d ' ' -f 2",
}

# --- what the machine gives ---------------------------------------------------------------------------------------


def why_not() -> str:
    """Why no bare system can be made here, or ""."""
    if os.geteuid() != 0:
        return "not root"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    if not mirrors():
        return "apt on this machine knows no mirror of Debian"
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], check=False).returncode:
        return "no namespaces can be made here"
    return ""


def mirrors() -> list[tuple[str, str, str]]:
    """This machine's mirrors of its own Debian release: (address, what follows the release's name, component)."""
    machine = platform.freedesktop_os_release()
    if machine["ID"] != "debian":
        return []
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    suites = {machine["VERSION_CODENAME"] + more: more for more in ("", "-updates", "-security")}
    named = map(str.split, dict.fromkeys(lines))
    return [(address, suites[suite], component) for address, suite, component in named if suite in suites]


def apt_settings() -> str:
    """How this machine's apt fetches: proxies, certificates, dates. What else it is told is its own affair."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    wanted = re.compile(r"Acquire::(https?|Check-|Retries|Force)", re.I)
    return "".join(f"{line}\n" for line in dump.splitlines() if wanted.match(line))


def network() -> dict[str, str]:
    """What of this machine's environment a fresh one would have too: how it reaches the network."""
    wanted = re.compile(
        r"(https?|ftp|all|no)_proxy|PIP_.+|UV_(DEFAULT_INDEX|INDEX.*|EXTRA_INDEX.*|FIND_LINKS)|SSL_CERT_(FILE|DIR)",
        re.I,
    )
    return {name: value for name, value in os.environ.items() if wanted.fullmatch(name)}


def settings_files() -> list[Path]:
    """The files of this machine that say how packages are fetched, as far as they are there."""
    home = Path.home()
    candidates = [Path("/etc/pip.conf"), home / ".config/pip/pip.conf", home / ".pip/pip.conf"]
    candidates += [Path("/etc/uv/uv.toml"), home / ".config/uv/uv.toml", Path("/etc/resolv.conf"), Path("/etc/hosts")]
    return [path for path in (*candidates, CA_BUNDLE) if path.is_file()]


def named_paths(text: str) -> set[Path]:
    """Files and folders of this machine that such settings name, as `/there` or `file:///there`.

    /etc is left out: a system has its own.
    """
    words = re.findall(r"(?<![\w:/.])(?:file://)?(/[\w./+%-]+)", text)
    found = {path for path in map(Path, map(urllib.parse.unquote, words)) if path.exists() and path.parts[1] != "etc"}
    # An index's pages name files that lie beside it (the usual layout of PEP 503).
    return {path.parent if path.name == "simple" else path for path in found}


# --- the bare system ----------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Done:
    """A command that has ended."""

    command: str
    code: int
    seconds: float
    output: str


class System:
    """A bare system in a folder. Lives in a mount and process namespace of its own (`_inside`)."""

    def __init__(self, suite: str, root: Path, log: Path) -> None:
        self.suite = suite
        self.root = root
        self._log = log.open("w", buffering=1)

    def _outside(self, *command: str | Path) -> None:
        """Run a command of the machine; its output goes into the log."""
        print("$", *command, file=self._log)
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT)

    def inside(self, command: str, *, folder: str = "/root") -> Done:
        """Run a line of shell in the system, with a cleared environment."""
        print(f"{self.suite}$ {command}", file=self._log)
        variables = [f"{name}={value}" for name, value in (BARE | network()).items()]
        started = time.monotonic()
        process = subprocess.Popen(
            ["chroot", self.root, "env", "-i", "-C", folder, *variables, "sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        output = []
        for line in process.stdout:
            output.append(line)
            self._log.write(line)
        return Done(command, process.wait(), time.monotonic() - started, "".join(output))

    def must(self, command: str) -> None:
        """As `inside`, for what comes before README's commands. RuntimeError if it fails."""
        done = self.inside(f"export DEBIAN_FRONTEND=noninteractive; {command}")
        if done.code:
            raise RuntimeError(f"{self.suite}: {command} ended with {done.code}\n{done.output[-2000:]}")

    def make(self, cache: Path | None) -> None:
        """Debian's minimal system with the updates of today, and this machine's ways to the network."""
        stored = cache / f"{self.suite}.tar" if cache else None
        if stored and stored.exists():
            self._outside("tar", "-xpf", stored, "--numeric-owner", "-C", self.root)
        else:
            address = next(address for address, more, _ in mirrors() if not more)
            proxy = re.search(r'^Acquire::http::Proxy "(.+)";', apt_settings(), re.M | re.I)
            through = [f"http_proxy={proxy[1]}"] if proxy else []  # debootstrap does not ask apt
            self._outside("env", *through, "debootstrap", "--variant=minbase", self.suite, self.root, address)
            if stored:
                stored.parent.mkdir(parents=True, exist_ok=True)
                part = stored.with_suffix(".part")
                self._outside("tar", "-cpf", part, "--numeric-owner", "-C", self.root, ".")
                part.rename(stored)
        self._mount()
        self._take_settings()
        self.must("apt-get update && apt-get -y dist-upgrade")

    def _mount(self) -> None:
        """The kernel's file systems, with pseudo-terminals of the system's own. They go with the namespace."""
        dev = self.root / "dev"
        for kind, options, at in (
            ("proc", "nosuid,nodev,noexec", self.root / "proc"),
            ("sysfs", "ro,nosuid,nodev,noexec", self.root / "sys"),
            ("devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5", dev / "pts"),
            ("tmpfs", "mode=1777,nosuid,nodev", dev / "shm"),
        ):
            at.mkdir(exist_ok=True)
            self._outside("mount", "-t", kind, "-o", options, kind, at)
        (dev / "ptmx").unlink(missing_ok=True)
        (dev / "ptmx").symlink_to("pts/ptmx")

    def _take_settings(self) -> None:
        """Mirrors, proxies, certificates, the settings of pip and uv, and what these name on this machine."""
        lines = [f"deb {address} {self.suite}{more} {component}\n" for address, more, component in mirrors()]
        (self.root / "etc/apt/sources.list").write_text("".join(lines))
        (self.root / "etc/apt/apt.conf.d/99machine").write_text(apt_settings())
        files = settings_files()
        texts = [*(path.read_text(errors="replace") for path in files if path != CA_BUNDLE), *network().values()]
        for path in named_paths("\n".join(texts)):
            if path.is_dir():
                inner = self.root / path.relative_to("/")
                inner.mkdir(parents=True, exist_ok=True)
                self._outside("mount", "-o", "bind,ro", path, inner)
            else:
                files.append(path)
        for path in files:
            self._copy(path)
        if OWN_CAS.is_dir():
            shutil.copytree(OWN_CAS, self.root / OWN_CAS.relative_to("/"), dirs_exist_ok=True)

    def _copy(self, path: Path) -> None:
        inner = self.root / path.relative_to("/")
        inner.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, inner)

    def clone(self, bundle: Path, packages: str) -> None:
        """Install what README names, and clone the project."""
        self.must(f"apt-get -y install {packages}")
        if CA_BUNDLE.is_file():  # the package ca-certificates has written its own
            self._copy(CA_BUNDLE)
        shutil.copyfile(bundle, self.root / "root/mailbot.bundle")
        self.must(f"git clone -q /root/mailbot.bundle {CLONE}")


def packages() -> str:
    """What README.md tells to install, in its words."""
    found = re.search(r"`sudo apt-get install ([a-z0-9.+ -]+)`", (ROOT / "README.md").read_text())
    if found is None:
        raise RuntimeError("README.md names no packages to install")
    return found[1]


# --- what came of it ----------------------------------------------------------------------------------------------


def counts(output: str) -> Counter[str]:
    """How many tests passed, failed, were skipped …, over all of pytest's last lines in an output."""
    found: Counter[str] = Counter()
    for line in re.findall(r"^=+ (.*) in [0-9.]+s(?: \(.*\))? =+$", output, re.M):
        for number, what in re.findall(r"(\d+) (\w+)", line):
            found[what] += int(number)
    return found


def reasons(output: str) -> Counter[str]:
    """Why tests were skipped, and how many for each reason."""
    found: Counter[str] = Counter()
    for number, reason in re.findall(r"^SKIPPED \[(\d+)\] \S+?: (.*)$", output, re.M):
        found[reason] += int(number)
    return found


def section(suite: str, commit: str, day: str, versions: Mapping[str, str], done: list[Done]) -> str:
    """A system's part of the page."""
    lines = [f"## {SYSTEMS[suite]} ({suite})", "", f"{day}, commit {commit}."]
    lines += ["", ", ".join(f"{name} {version}" for name, version in versions.items()) + "."]
    lines += ["", "| command | exit code | time | |", "|---|---|---|---|"]
    for one in done:
        numbers = ", ".join(f"{number:,} {what}" for what, number in counts(one.output).items())
        minutes, seconds = divmod(round(one.seconds), 60)
        lines.append(f"| `{one.command}` | {one.code} | {minutes}:{seconds:02} min | {numbers} |")
    output = "".join(one.output for one in done)
    if skipped := reasons(output):
        lines += ["", "Skipped:", "", *(f"- {why} ({number})" for why, number in skipped.most_common())]
    if failed := re.findall(r"^(?:FAILED|ERROR) (tests/.*?)(?: - .*)?$", output, re.M):
        lines += ["", "Failed:", "", *(f"- `{test}`" for test in failed)]
    return "\n".join(lines) + "\n"


def page(old: str, suite: str, new: str) -> str:
    """The page with a system's part replaced; what it says of others stays."""
    parts = {
        name: found[0]
        for name in SYSTEMS
        if (found := re.search(rf"^## [^\n]*\({name}\)\n.*?(?=^## |\Z)", old, re.M | re.S))
    }
    parts[suite] = new
    return "\n".join([HEAD, *(f"{parts[name].rstrip()}\n" for name in SYSTEMS if name in parts)])


# --- the run ------------------------------------------------------------------------------------------------------


def _inside(suite: str, root: Path, cache: Path | None) -> int:
    """One system, from nothing to the page: 0 if both commands ended well."""
    git = ["git", "-C", str(ROOT)]
    bundle = root.parent / "mailbot.bundle"
    subprocess.run([*git, "bundle", "create", "-q", bundle, "HEAD"], check=True)
    commit = subprocess.run(
        [*git, "log", "-1", "--format=%h of %cs"], check=True, capture_output=True, text=True
    ).stdout.strip()
    system = System(suite, root, LOGS / f"{suite}.log")
    system.make(cache)
    system.clone(bundle, packages())
    print(f"{suite}: the system is ready; {' and '.join(COMMANDS)} follow", flush=True)
    done = []
    for command in COMMANDS:
        done.append(one := system.inside(command, folder=CLONE))
        numbers = ", ".join(f"{number} {what}" for what, number in counts(one.output).items())
        print(f"{suite}: {command} ended with {one.code} after {one.seconds:.0f} s {numbers}".rstrip(), flush=True)
    told = {name: system.inside(command) for name, command in VERSIONS.items()}
    versions = {name: "(none)" if one.code else one.output.strip() for name, one in told.items()}
    new = section(suite, commit, datetime.now(UTC).date().isoformat(), versions, done)
    PAGE.write_text(page(PAGE.read_text() if PAGE.exists() else "", suite, new))
    return int(any(one.code for one in done))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one system; nothing is mounted in it on this side of the namespace."""
    folder = Path(tempfile.mkdtemp(prefix="mailbot-fresh-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for _ in range(50):  # the last processes of a killed namespace may still be going
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)
        else:
            print(f"left behind: {folder}", file=sys.stderr)


def _run(suite: str, cache: Path | None) -> int:
    """`_inside` in namespaces of its own: their mounts and processes go when it ends, or when we do."""
    with _folder() as folder:
        (folder / "system").mkdir()
        told = json.dumps([suite, str(folder / "system"), str(cache) if cache else None])
        # A shell is the first process of the new namespace, since the first must reap the orphans.
        namespace = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        namespace += ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, __file__, "--inside", told]
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *namespace], stdin=subprocess.DEVNULL)
        try:
            return process.wait()
        finally:
            process.kill()
            process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("system", nargs="?", choices=list(SYSTEMS), help="only this one")
    parser.add_argument("--cache", type=Path, help="a folder that keeps the bare systems for the next run")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        suite, root, cache = json.loads(given.inside)
        return _inside(suite, Path(root), Path(cache) if cache else None)
    if reason := why_not():
        print(f"no fresh system is tried: {reason}")
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):  # `kill` and a closed terminal clean up as Ctrl-C does
        signal.signal(number, signal.default_int_handler)
    if subprocess.run(["git", "-C", ROOT, "status", "--porcelain"], capture_output=True, check=True).stdout:
        print("what is not committed is not tried")
    LOGS.mkdir(parents=True, exist_ok=True)
    cache = given.cache.resolve() if given.cache else None
    try:
        failed = [suite for suite in ([given.system] if given.system else SYSTEMS) if _run(suite, cache)]
    except KeyboardInterrupt:
        return 130
    print(f"{PAGE.relative_to(ROOT)} has the result, {LOGS.relative_to(ROOT)}/ the output")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
