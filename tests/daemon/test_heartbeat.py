"""A sign of life while all mailboxes are served, and none otherwise; and what ends soon is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from mailbot.daemon import endings, heartbeat
from mailbot.daemon.heartbeat import Heartbeat
from mailbot.store import outages
from mailbot.store.database import Store
from tests.mailservers import MailServers
from tests.mailservers.process import free_ports, wait_until
from tests.running import PATIENCE, RunningOffice
from tests.steps import flat
from tests.world import PaperWorld


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "EVERY", 1)
    monkeypatch.setattr("mailbot.daemon.folder_thread.SERVER", (0.3,))


def beating(servers: MailServers, folder: Path, where: str) -> RunningOffice:
    office = RunningOffice(servers, folder)
    written = yaml.safe_load(office.config_file.read_text()) | {"heartbeat": where}
    office.config_file.write_text(yaml.safe_dump(written))
    return office


def test_the_file_is_touched_only_while_all_mailboxes_are_served(servers: MailServers, tmp_path: Path) -> None:
    file = tmp_path / "alive"
    with beating(servers, tmp_path, str(file)).running() as daemon:
        wait_until(file.exists, PATIENCE, "no sign of life")
        servers.imap.kill()
        wait_until(lambda: not daemon.serves_all, PATIENCE, "it takes itself for served")
        time.sleep(1.2)
        last = file.stat().st_mtime_ns
        time.sleep(2.5)
        assert file.stat().st_mtime_ns == last
        servers.imap.restart()
        wait_until(lambda: file.stat().st_mtime_ns > last, PATIENCE, "no sign of life after all is well")


@contextmanager
def listening(answer: int, seconds: float = 0.0) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            time.sleep(seconds)
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ping/secret-of-the-monitor", asked
    finally:
        server.shutdown()
        server.server_close()


def test_an_address_is_asked_for(servers: MailServers, tmp_path: Path) -> None:
    with listening(200) as (url, asked), beating(servers, tmp_path, f"{url}?up=1").running():
        wait_until(lambda: len(asked) > 1, PATIENCE, "nobody asks")
    assert set(asked) == {"/ping/secret-of-the-monitor?up=1"}


def test_an_address_that_does_not_answer_keeps_nobody_waiting_and_is_told_once(
    capfd: pytest.CaptureFixture[str],
) -> None:
    beats = Heartbeat()
    with listening(200, seconds=1.0) as (url, asked):
        begun = time.monotonic()
        for _ in range(5):
            beats.beat(url)
        assert time.monotonic() - begun < 0.5
        wait_until(lambda: len(asked) == 1, PATIENCE, "nobody asks")
        assert beats._asking is not None
        beats._asking.join()
    [port] = free_ports(1)
    for _ in range(3):
        beats.beat(f"http://127.0.0.1:{port}/ping/secret-of-the-monitor")
        assert beats._asking is not None
        beats._asking.join()
    said = capfd.readouterr().err
    assert said.count("heartbeat: Connection refused") == 1 and "secret-of-the-monitor" not in said


def test_a_file_that_cannot_be_touched_is_told_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    beats = Heartbeat()
    for _ in range(3):
        beats.beat(tmp_path / "nowhere" / "alive")
    assert capfd.readouterr().err.count("No such file or directory") == 1


# --- what ends ---------------------------------------------------------------------------------------------


@pytest.mark.mailservers
def test_the_daemon_notes_until_when_the_certificates_of_both_servers_are_good(
    servers: MailServers, tmp_path: Path
) -> None:
    encrypted = {"security": "tls", "ca_file": str(servers.ca_file)}
    office = RunningOffice(
        servers,
        tmp_path,
        imap={**encrypted, "port": servers.imaps_port},
        smtp={**encrypted, "port": servers.smtps_port},
    )
    with office.running():
        office.write("pengguna", "Tidak dapat login")
        wait_until(lambda: len(office.letters("pengguna")) == 1, PATIENCE, "no acknowledgement")
    store = Store.open(office.config.data)
    found = outages.certificates(store, "batang")
    store.close()
    assert [one.protocol for one in found] == ["imap", "smtp"]
    assert {one.server for one in found} == {f"127.0.0.1:{servers.imaps_port}", f"127.0.0.1:{servers.smtps_port}"}
    left = {(one.ends.timestamp() - time.time()) / 86_400 for one in found}
    assert all(6.5 < days <= 7 for days in left), "as the tests' own authority makes them"


def test_a_certificate_that_ends_is_told_in_time_and_each_stage_once(office: PaperWorld) -> None:
    end = office.now + timedelta(days=40)
    outages.certificate_seen(office.store, "batang", "imap", "mail.test:993", end)
    told = []
    for before in (15, 14, 13, 4, 3, 1, 0.5, -1):
        endings.look(office.store, office.sites, end - timedelta(days=before))
        office.once()
        told += [(before, mail) for mail in office.new_letters("operator") if "sertifikat" in mail.subject]
    assert [before for before, _ in told] == [14, 3, 1]
    assert "mail.test:993" in told[0][1].subject and "diperbarui" in flat(told[0][1].text)
