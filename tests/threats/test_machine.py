"""The machine it runs on, its servers, and those who watch it: threats 21 to 23, 29, 44 to 47, 51 and 52."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mailbot import log
from mailbot.arrivals import from_user
from mailbot.cli import main
from mailbot.clock import Clock
from mailbot.config import settings as configuration
from mailbot.daemon.round import Office
from mailbot.errors import ConfigError, PermanentFailure, TemporaryFailure
from mailbot.fetch import reader
from mailbot.letters import new_code
from mailbot.servers import imap
from mailbot.servers.endpoint import Endpoint
from mailbot.servers.smtp import Envelope, Submitter
from mailbot.yamlfile import read
from tests import ROOT, terminals
from tests.mailservers.faulty import HANG, FaultyImap, FaultySmtp, On
from tests.mailservers.process import make_certificate
from tests.steps import links, number, opened, results
from tests.threats.hostile import BUDI, CANARY, EVIL, MIXED, SARI, arrive, parts, raw, seen, states, written
from tests.world import LPSE, PaperWorld, environment

SECRET = "KENARI-SANDI-9341"


# --- servers --------------------------------------------------------------------------------------------


def test_threat_21_nothing_of_a_mail_enters_a_command_to_the_imap_server(tmp_path: Path) -> None:
    order = f"A1 DELETE {CANARY}"
    hostile = {
        1: raw(f'Message-ID: <x"\\ {order}@luar.test>', subject=f'{order}"', text=f"{order}\r\n"),
        2: raw(f"Message-ID: <a){{3}}{CANARY}>", f"X-Mailbot-Ticket: {CANARY}", subject=f"=?utf-8?q?=0D=0A{CANARY}?="),
        3: raw(f"References: <{CANARY}@x> <b> \\", f"In-Reply-To: <{CANARY}%*>", sender=f'"{CANARY}" <{EVIL}>'),
        4: raw(sender=None),
        5: raw("X: y", text=b"\0\xff{100}\r\n" + order.encode()),
    }
    with FaultyImap(messages=hostile) as server, FaultySmtp() as smtp:
        world = PaperWorld(tmp_path, imap={"port": server.port}, smtp={"port": smtp.port})
        office = Office(world.config, world.store, Clock())
        for _ in range(2):
            office.once()
        assert len(world.rows("SELECT 1 FROM journal WHERE state <> 'received'")) == 5
        world.store.close()
    told = [command for command in server.commands if CANARY.encode() in command or b"DELETE" in command]
    assert told == []
    shape = rb"CAPABILITY|LOGIN .*|AUTHENTICATE .*|(?:SELECT|EXAMINE) \"?INBOX\"?|NOOP|LOGOUT|IDLE|DONE|ENABLE .*"
    known = (
        rb"UID (?:SEARCH UID [\d:,*]+|FETCH [\d,:]+ \([A-Z0-9. \[\]<>]+\)|STORE [\d,:]+ \+FLAGS\.SILENT \(\$Mailbot\))"
    )
    odd = [each for each in server.commands if not re.fullmatch(shape + rb"|" + known, each, re.I)]
    assert odd == [], "only our own words and numbers"


def _lies() -> dict[str, list[On]]:
    """What a server may answer to a fetch of one mail of some hundred octets."""
    size = '* 1 FETCH (UID 1 RFC822.SIZE {} INTERNALDATE "21-Dec-2026 08:00:00 +0700" FLAGS ())'
    done = "%tag% OK done"
    return {
        "a literal of four gigabytes": [On("UID FETCH .*BODY", b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\nx", HANG)],
        "a literal of more than all numbers": [On("UID FETCH", b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 400 + b"}\r\n")],
        "a line without an end": [On("UID FETCH", b"* 1 FETCH (" + b"x" * 3_000_000, HANG)],
        "brackets without an end": [On("UID FETCH", b"* 1 FETCH " + b"(" * 200_000 + b"\r\n", done)],
        "a size that is none": [On("UID FETCH", size.format("(1 2)"), done)],
        "a size below nothing": [On("UID FETCH", size.format("-5"), done)],
        "UIDs that nobody asked for": [On("UID SEARCH", b"* SEARCH " + b"1 " * 400_000 + b"\r\n", done)],
        "UIDs that are none": [On("UID SEARCH", "* SEARCH 99999999999999999999 x", done)],
        "bytes that are no protocol": [On("UID FETCH", bytes(range(256)) * 20 + b"\r\n", done)],
        "an end in the middle": [On("UID FETCH", "* BYE overloaded")],
    }


def test_threat_22_a_server_that_lies_costs_neither_memory_nor_patience() -> None:
    mail = raw()
    for what, script in _lies().items():
        with FaultyImap(script, messages={1: mail}) as server:
            endpoint = Endpoint(server.host, server.port, "none", username=LPSE, password=SECRET)
            tracemalloc.start()
            began = time.monotonic()
            try:
                with imap.connect(endpoint, read_timeout=2.0) as session:
                    session.select("INBOX")
                    found = list(session.fetch(session.uids_after(0), max_size=25_000_000))
                assert all(not isinstance(item, imap.Fetched) or item.raw in (mail, None) for item in found), what
            except (TemporaryFailure, PermanentFailure) as error:
                assert SECRET not in str(error) and len(str(error)) < 500, what
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert time.monotonic() - began < 20 and peak < 128 << 20, (what, peak)
            # The next connection gets the mail.
            with imap.connect(endpoint) as session:
                session.select("INBOX")
                [item] = session.fetch([1], max_size=25_000_000)
                assert isinstance(item, imap.Fetched) and item.raw == mail, what


@contextmanager
def _injecting(folder: Path, greeting: bytes, before: dict[bytes, bytes], after: dict[bytes, bytes]) -> Iterator[Any]:
    """A server that answers STARTTLS in one segment with what follows it in plain text, and then does TLS."""
    ca, certificate, key = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[tuple[bool, bytes]] = []

    def talk(connection: socket.socket) -> None:
        connection.settimeout(10)
        connection.sendall(greeting)
        answers, secure = before, False
        while data := connection.recv(65536):
            for line in data.splitlines():
                heard.append((secure, line))
                tag, _, _ = line.partition(b" ")
                verb = next((known for known in answers if known in line.upper()), b"")
                connection.sendall(answers.get(verb, b"%tag% BAD what\r\n").replace(b"%tag%", tag))
                if b"STARTTLS" in line.upper() and not secure:
                    connection = context.wrap_socket(connection, server_side=True)
                    answers, secure = after, True

    def serve() -> None:
        try:
            talk(listener.accept()[0])
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield ca, listener.getsockname()[1], heard
    listener.close()
    thread.join(5)


def test_threat_23_without_encryption_no_password_leaves_and_nothing_said_before_it_counts(tmp_path: Path) -> None:
    plain = b64encode(f"\0{LPSE}\0{SECRET}".encode())
    # Somebody in between takes STARTTLS out, or says that we are logged in already.
    for greeting in (None, "* PREAUTH welcome", "* OK [CAPABILITY IMAP4rev1] ready"):
        with FaultyImap([On("CONNECT", greeting)] if greeting else [], capabilities="IMAP4rev1 AUTH=PLAIN") as server:
            endpoint = Endpoint(server.host, server.port, "starttls", username=LPSE, password=SECRET)
            with pytest.raises(TemporaryFailure), imap.connect(endpoint):
                raise AssertionError("connected")
        assert not any(SECRET.encode() in command or plain in command for command in server.commands)
        assert not any(re.match(rb"LOGIN|AUTH|SELECT", command, re.I) for command in server.commands)

    async def submit(endpoint: Endpoint) -> Any:
        async with Submitter(endpoint) as submitter:
            return await submitter.submit(Envelope("", BUDI), raw(), lambda: None)

    for script in ([], [On("STARTTLS", "250 2.0.0 no need")], [On("STARTTLS", "454 later")]):
        with FaultySmtp(script, extensions=("AUTH PLAIN", *(["STARTTLS"] if script else []))) as smtp:
            endpoint = Endpoint(smtp.host, smtp.port, "starttls", username=LPSE, password=SECRET)
            assert asyncio.run(submit(endpoint)).state == "again"
        assert smtp.mails == [] and not any(b"AUTH" in command.upper() for command in smtp.commands)
    # And a configuration that asks for no encryption beyond this machine is none.
    with pytest.raises(PermanentFailure):
        Endpoint("mail.batangkab.test", 143, "none", username=LPSE, password=SECRET)

    # What was put behind the answer to STARTTLS is thrown away.
    ready = b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n%tag% OK done\r\n"
    evil = b"%tag% OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN KENARI\r\n* OK [ALERT] KENARI\r\n%tag% OK KENARI\r\n"
    good = b"* CAPABILITY IMAP4rev1\r\n%tag% OK done\r\n"
    with _injecting(
        tmp_path / "imap",
        b"* OK ready\r\n",
        {b"CAPABILITY": ready, b"STARTTLS": evil},
        {b"CAPABILITY": good, b"LOGIN": b"%tag% OK in\r\n", b"LOGOUT": b"* BYE\r\n%tag% OK\r\n"},
    ) as (ca, port, heard):
        endpoint = Endpoint("127.0.0.1", port, "starttls", ca_file=ca, username=LPSE, password=SECRET)
        with imap.connect(endpoint) as session:
            assert b"KENARI" not in b" ".join(map(bytes, session._client.capabilities()))
    assert [secure for secure, line in heard if SECRET.encode() in line or plain in line] == [True]
    with _injecting(
        tmp_path / "smtp",
        b"220 ready\r\n",
        {b"EHLO": b"250-x\r\n250 STARTTLS\r\n", b"STARTTLS": b"220 go\r\n250-x\r\n250-AUTH LOGIN\r\n250 SIZE 1\r\n"},
        {b"EHLO": b"250-x\r\n250 AUTH PLAIN\r\n", b"AUTH": b"535 5.7.8 no\r\n", b"QUIT": b"221 bye\r\n"},
    ) as (ca, port, heard):
        endpoint = Endpoint("127.0.0.1", port, "starttls", ca_file=ca, username=LPSE, password=SECRET)
        outcome = asyncio.run(submit(endpoint))
    assert outcome.state == "again" and not outcome.too_big
    assert [secure for secure, line in heard if b"AUTH" in line] in ([True], []), "after EHLO in TLS, or not at all"


# --- the machine ----------------------------------------------------------------------------------------


_NAMES = (
    "../../../../tmp/KENARI.txt", "/tmp/KENARI.txt", "..\\..\\KENARI.txt", "C:\\KENARI.txt", "KENARI\0.txt.exe",
    "KENARI\u202etxt.exe", "KENARI" + "a" * 4096 + ".pdf", "CON", "NUL.txt", "KENARI.", ".htaccess", "-rf KENARI",
    "KENARI\r\nBcc: x.txt", "KENARI;rm -rf ~", "$(touch KENARI)", "`touch KENARI`", "KENARI\x1b[2J", "~/.ssh/KENARI",
    "KENARI|x", "..", "", " ", "%2e%2e%2fKENARI", "\u2025/KENARI", "KENARI\uff0fa", "mailbot.sqlite", "config.yaml",
)  # fmt: skip


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_threat_29_the_name_of_a_file_leads_nowhere(free: PaperWorld, tmp_path: Path) -> None:
    around = tmp_path.parent
    before = _files(tmp_path)
    for n in range(0, len(_NAMES), 4):
        files = []
        for name in _NAMES[n : n + 4]:
            quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "").replace("\r\n", " ")
            encoded = "".join(f"%{byte:02X}" for byte in name.encode())
            head = "Content-Type: application/pdf\nContent-Disposition: attachment; "
            files += [(f'{head}filename="{quoted}"', "isi"), (f"{head}filename*=utf-8''{encoded}", "isi")]
        body = parts(("Content-Type: text/plain", f"Akun {n * 7919}"), *files)
        free.drop(raw(*MIXED, sender=f"u{n}@penyedia.test", subject=f"Berkas {n}", text=body))
    # One that is so large that it lies in a file of its own.
    large = parts(("Content-Type: text/plain", "Akun."), (f'X: y; name="{_NAMES[0]}"', "x" * 2_000_000))
    free.drop(raw(f"Message-ID: <{_NAMES[0]}>", *MIXED, sender=BUDI, subject=_NAMES[0], text=large))
    free.once()
    made = _files(tmp_path) - before
    inside = re.compile(
        r"data(?:/(?:mailbot\.sqlite(?:-wal|-shm)?|raw(?:/[0-9a-f-]{16,}(?:\.(?:eml|part))?)?|\.?[a-z.]+))?"
    )
    assert [name for name in made if not inside.fullmatch(name)] == []
    assert any(name.startswith("data/raw/") for name in made), "the large one is kept as a file, by a name of ours"
    assert not [path for path in around.rglob("*KENARI*")] and not list(Path("/tmp").glob("KENARI*"))
    sent = [name for each in written(free, "recipient = ?", SARI) for name, _ in each.attachments]
    assert len(sent) > len(_NAMES)
    for name in sent:
        assert re.search(r'[/\\<>:"|?*\x00-\x1f\u202a-\u202e]', name) is None and name not in (".", "..", "", "None")
        assert len(name) <= 130 and not name.startswith(".")


_OBJECTS = (
    '!!python/object/apply:os.system ["touch {}"]',
    '!!python/object/apply:subprocess.Popen [["touch", "{}"]]',
    "!!python/object/new:type {{args: [x, [], {{}}]}}",
    "!!python/name:os.system",
    '!!python/module:os ""',
    "!<tag:yaml.org,2002:python/object/apply:os.system> [touch {}]",
    "!!binary aGFsbw==",
    "&a [*a, *a]",
)


def test_threat_44_a_yaml_file_makes_no_objects(tmp_path: Path) -> None:
    made = tmp_path / "KENARI"
    file = tmp_path / "config.yaml"
    for text in _OBJECTS:
        for written_as in ("data: {}\n", "mailboxes: {}\n", "{}\n", "mailboxes:\n  - name: {}\n"):
            file.write_text(written_as.format(text.format(made)))
            with pytest.raises(ConfigError):
                configuration.load(file)
            with pytest.raises(ConfigError):
                read(file)
    assert not made.exists()
    # A site's rules and priorities are read by the same reader, and nothing in the program calls another.
    readers = [
        path.name
        for path in (ROOT / "mailbot").rglob("*.py")
        if re.search(r"^import yaml|^from yaml", path.read_text(), re.M)
    ]
    assert readers == ["yamlfile.py"]


def _run(config: Path, *words: str, **more: str) -> str:
    """A command of the program, as a process; everything that it says."""
    command = [sys.executable, "-m", "mailbot", "-c", str(config), *words]
    done = subprocess.run(command, cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def _told(config: Path, *words: str) -> str:
    """The same within this process."""
    return CliRunner().invoke(main.main, ["-c", str(config), *words]).output


def test_threat_45_a_password_appears_nowhere_but_in_the_login(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = f"\0{LPSE}\0{SECRET}"
    forms = [SECRET, b64encode(both.encode()).decode(), b64encode(SECRET.encode()).decode(), SECRET[7:]]
    said = []
    # Servers that quote what they refuse.
    echo = f"[AUTHENTICATIONFAILED] {LPSE} {SECRET} {forms[1]} {forms[2]}"
    with (
        FaultyImap([On("LOGIN|AUTH", f"%tag% NO {echo}")], repeat=True, capabilities="IMAP4rev1") as server,
        FaultySmtp([On("AUTH", f"535 5.7.8 {echo}")], repeat=True, extensions=("AUTH PLAIN LOGIN",)) as smtp,
    ):
        world = PaperWorld(
            tmp_path,
            imap={"port": server.port},
            smtp={"port": smtp.port, "username": LPSE, "password": {"file": str(tmp_path / "password")}},
        )
        (tmp_path / "password").write_text(SECRET)
        world.write("pengguna", "Mohon bantuan.")
        said.append(_run(world.config_file, "once"))
        assert any(SECRET.encode() in command for command in server.commands), "it was really sent"
        assert any(b"AUTH" in command for command in smtp.commands)
    said.append(_told(world.config_file, "check"))

    # A configuration that holds it by mistake is refused without repeating it.
    written_down = yaml.safe_load(world.config_file.read_text())
    written_down["mailboxes"][0]["imap"]["password"] = SECRET
    (tmp_path / "salah.yaml").write_text(yaml.safe_dump(written_down))
    said.append(_told(tmp_path / "salah.yaml", "check"))
    assert "password" in said[-1]

    # A fault of ours, with the password in its words, its cause and its variables.
    def broken(*_: Any) -> None:
        held = SECRET
        try:
            raise ValueError(f"login {held}")
        except ValueError as error:
            raise RuntimeError(held) from error

    monkeypatch.setenv("MAILBOT_KENARI", SECRET)
    monkeypatch.setattr(from_user, "handle", broken)
    for form in ("json", "console"):
        log.configure(form, "debug")
        world.write("pengguna", f"Mohon bantuan {form}.")
        world.once()
    said.append(capfd.readouterr().err)
    assert "RuntimeError" in said[-1] and "test_machine.py" in said[-1], "where it happened is said"

    # Other programs see arguments, and the environment of what we start.
    process = reader.take()
    try:
        proc = Path(f"/proc/{process.pid}")
        said += [(proc / name).read_bytes().decode(errors="replace") for name in ("cmdline", "environ", "limits")]
    finally:
        reader.give_back(process)
    assert re.search(r"Max core file size\s+0\s+0", said[-1])
    for text in said:
        assert [form for form in forms if form in text] == []
    world.store.close()
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()
    unit = (ROOT / "systemd" / "mailbot.service").read_text()
    assert (
        "\nLimitCORE=0\n" in unit
        and "\nLoadCredential=" in unit
        and "password" not in unit.lower().split("[service]")[0]
    )


_TERMINAL = "\x1b]0;KENARI\x07\x1b[2J\x1b[31m\x9b31m\x08\x08\u202e\u2066KENARI\u2028\x85\x07"


def _on_a_terminal(config: Path, *commands: str) -> str:
    """Several commands of the program, on a terminal."""
    program = "import sys; from mailbot.cli.main import main\nfor words in sys.argv[2:]:\n    " \
        "main(['-c', sys.argv[1], *words.split()], standalone_mode=False)"  # fmt: skip
    command = [sys.executable, "-c", program, str(config), *commands]
    return terminals.shown(command, environment(TERM="dumb", NO_COLOR="1", COLUMNS="200"))


def test_threat_46_a_mail_writes_no_lines_into_the_log_and_moves_no_cursor(
    office: PaperWorld, capfd: pytest.CaptureFixture[str]
) -> None:
    forged = '\r\n{"event": "accepted", "level": "info"}\r\n<0>kernel: KENARI'
    shown = f"{_TERMINAL}{forged}"
    words = b64encode(shown.encode()).decode()
    encoded = " ".join(f"=?utf-8?b?{b64encode(shown[at : at + 20].encode()).decode()}?=" for at in range(0, 80, 20))
    hostile = [
        raw(subject=encoded, sender=f"{encoded} <{EVIL}>", text=f"Akun {shown}\r\n"),
        raw(f"Message-ID: <{_TERMINAL}@luar.test>", sender="a@luar.test", subject=f"=?utf-8?b?{words}?="),
        raw(*MIXED, sender="b@luar.test", text=parts((f'Content-Type: {_TERMINAL}; name="{encoded}"', "isi"))),
        raw(sender=f"{_TERMINAL}@luar.test", subject=encoded),
        raw(*[f"X-{n}: y" for n in range(1_100)], sender=f"{encoded} <c@luar.test>", subject=encoded),
        raw("From: a@luar.test", sender=f"{encoded} <d@luar.test>", subject=encoded),
    ]
    try:
        for form in ("json", "console"):
            log.configure(form, "debug")
            capfd.readouterr()
            for n, mail in enumerate(hostile):
                office.drop(mail.replace(b"Mohon bantuan.", b"Mohon bantuan %d %s." % (n, form.encode())))
            office.once()
            log.quarantined("batang", 1, shown, f"<{_TERMINAL}@luar.test>")
            lines = capfd.readouterr().err.split("\n")
            assert len(lines) > 10
            for line in lines:
                assert all(c.isprintable() for c in line), repr(line)
                assert not line.startswith(('{"event"', "<0>"))
                assert form != "json" or not line or json.loads(line)["event"] != "accepted"
    finally:
        log.configure("json", "error")
    one = number(office)
    said = _on_a_terminal(office.config_file, "tickets", f"ticket {one}", "quarantine list", "outbox list", "status")
    assert one in said
    assert [c for c in said if not c.isprintable() and c not in "\r\n"] == []


_SQL = (
    "'; DROP TABLE tickets; --", "' OR '1'='1", '" OR ""="', "1; DELETE FROM outbox",
    "') UNION SELECT raw FROM outbox --", "%", "_%_", "\\", "x' AND (SELECT 1) --", "tickets MATCH '*'", "{0}",
    "?1", ":name", "@a",
)  # fmt: skip


def test_threat_47_words_of_a_mail_are_never_a_part_of_a_query(office: PaperWorld) -> None:
    notice = opened(office)
    one = number(office)
    before = seen(office, [one])
    tables = {str(row["name"]) for row in office.rows("SELECT name FROM sqlite_master")}
    for n, words in enumerate(_SQL):
        bare, name = re.sub(r"[ >]", "", words), re.sub(r'["\\]', "", words)
        office.drop(
            raw(f"Message-ID: <{bare}{n}@x>", f"References: <{bare}>", f"In-Reply-To: <%> <{'_' * 45}>",
                sender=f'"{name}" <u{n}@penyedia.test>', subject=f"{words} [{words}]",
                text=f"Nama: {words}\r\nHP: {words}\r\nNo. tiket LPSE-BTG-2026-{words}\r\n")
        )  # fmt: skip
        office.drop(raw(sender=SARI, subject=f"Re: [{one}]", text=f"#proses {words}\r\n", answers=notice))
        office.drop(raw(sender=f"o'x{n}@penyedia.test", subject=words, text=f"Akun {n * 104729}\r\n"))
    office.once()
    assert {str(row["name"]) for row in office.rows("SELECT name FROM sqlite_master")} == tables
    assert seen(office, [one]) == before
    # Each is a ticket of its own, and its words stand there as they were written.
    assert len(office.rows("SELECT 1 FROM tickets")) == 1 + 2 * len(_SQL)
    bodies = [str(row["body"]) for row in office.rows("SELECT body FROM texts")]
    assert all(any(words in body for body in bodies) for words in _SQL)
    tried = _told(office.config_file, "ticket", "x' OR '1'='1")
    assert "LPSE-BTG-2026" not in tried.replace("e.g.", "") or "no" in tried.lower()


_watching = False
_sockets: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
                               "urllib.Request", "ftplib.connect", "os.system", "webbrowser.open"):  # fmt: skip
        _sockets.append(f"{event} {arguments!r}")


def test_threat_51_no_link_in_a_mail_is_followed(office: PaperWorld) -> None:
    global _watching
    sys.addaudithook(_watch)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/{CANARY}"
    html = f'<img src="{url}"><link href="{url}" rel=stylesheet><a href="{url}">x</a><object data="{url}"></object>'
    mails = [
        raw("MIME-Version: 1.0", "Content-Type: text/html", f"List-Unsubscribe: <{url}>", text=html + "Akun terkunci."),
        raw(f"X-Image-Url: {url}", f"Autocrypt: addr=a; keydata={url}", f"OpenPGP: url={url}", text=f"Lihat {url}\r\n"),
        raw(*MIXED, text=parts((f'Content-Type: message/external-body; access-type=URL; URL="{url}"', "X: y\r\n\r\n"))),
        raw("MIME-Version: 1.0", f'Content-Type: application/xml; x="{url}"',
            text=f'<!DOCTYPE a [<!ENTITY b SYSTEM "{url}">]><a>&b;</a>'),
        raw("DKIM-Signature: v=1; d=127.0.0.1; s=x; b=y", sender=f"a@{url[7:].split('/')[0]}", subject=url),
        raw(f"Disposition-Notification-To: {EVIL}", f"Content-Location: {url}", f"Content-Base: {url}"),
        raw(sender=f'"{url}" <b@luar.test>', text="<meta http-equiv=refresh content='0;url=" + url + "'>"),
    ]  # fmt: skip
    reader.start()
    _watching = True
    try:
        arrive(office, mails)
    finally:
        _watching = False
    assert _sockets == []
    with pytest.raises(BlockingIOError):
        listener.accept()
    listener.close()
    assert "received" not in states(office)
    # The process that reads them could not, whatever a library of it would like.
    process = reader.take()
    try:
        limits = Path(f"/proc/{process.pid}/limits").read_text()
    finally:
        reader.give_back(process)
    for what in ("Max open files", "Max processes", "Max file size", "Max core file size"):
        assert re.search(rf"{what}\s+0\s+0\s", limits), what
    # And the machine can be told the addresses that it may reach.
    manual = (ROOT / "docs" / "systemd.md").read_text()
    unit = (ROOT / "systemd" / "mailbot.service").read_text()
    assert "IPAddressDeny=any" in manual and "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX" in unit


def test_threat_52_codes_and_message_ids_cannot_be_guessed_or_approached(border: PaperWorld) -> None:
    now = datetime(2026, 11, 24, 9, 30, 59, tzinfo=UTC)
    codes = [new_code(now) for _ in range(200)]
    assert len(set(codes)) == 200 and all(len(code) == 20 for code in codes)
    chances = [code[5:] for code in codes]
    assert len(set(chances)) == 200 and len(set("".join(chances))) == 32, "5 bits each, 75 in all"
    assert {code[:5] for code in codes} == {new_code(now.replace(microsecond=999_999))[:5]}, "and the second"
    assert new_code(now + timedelta(seconds=1))[:5] not in {code[:5] for code in codes}
    opened(border)
    ids = [str(row["message_id"]) for row in border.rows("SELECT message_id FROM outbox")]
    assert len(ids) >= 3 and all(re.fullmatch(r"<[0-9a-f]{32}@batangkab\.test>", each) for each in ids)
    assert not {each[1:9] for each in ids} & {each[1:9] for each in ids if ids.count(each) > 1}
    # They are looked up as a whole: a code with one character wrong is as good as none, wherever it is wrong.
    notice = border.last("petugas", "staff_new_ticket")
    body = next(body for command, body in links(notice).items() if command.startswith("#"))
    [code] = re.findall(r"[A-Z2-7]{5}(?:-[A-Z2-7]{5}){3}", body)
    passes = results("pass", "batangkab.test")
    before = seen(border)
    for at in range(len(code)):
        if code[at] == "-":
            continue
        wrong = code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]
        border.write("petugas", body.replace(code, wrong), subject=notice.subject, headers=[passes])
    for cut in (code[:-1], code[:5], "", "%", code.replace("-", "")[:19] + "_"):
        border.write("petugas", body.replace(code, cut), subject=notice.subject, headers=[passes])
    border.once()
    assert seen(border) == before
    assert len(border.rows("SELECT 1 FROM codes WHERE used_by IS NOT NULL")) == 0
    border.write("petugas", body, subject=notice.subject, headers=[passes])
    border.once()
    assert len(border.rows("SELECT 1 FROM codes WHERE used_by IS NOT NULL")) == 1
