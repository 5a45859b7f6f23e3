"""The demo from beginning to end: servers, the program, the play, and what it leaves in its folder."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mailbot import log
from mailbot.clock import Clock, RehearsalClock
from mailbot.config import settings as configuration
from mailbot.config.settings import Config
from mailbot.config.site import open_sites
from mailbot.daemon.notify import Notifier
from mailbot.daemon.run import Daemon
from mailbot.demo import folder as folders
from mailbot.demo import parties, timeline, words
from mailbot.demo.play import BEGINS, play
from mailbot.demo.record import Record, Shown
from mailbot.demo.stage import NotPlayed, Stage
from mailbot.errors import ConfigError
from mailbot.sentences import filled

if TYPE_CHECKING:
    from mailbot.demo.servers import Servers

_EXTRA = ("aiosmtpd", "pymap")


class Teller(Protocol):
    """Who tells the play to its audience: `Chat` on a terminal, `PlainChat` elsewhere."""

    def opens(self, organisation: str) -> None: ...
    def show(self, shown: Shown) -> None: ...
    def closes(self, played: Record, folder: Path) -> None: ...
    def stays(self, lines: Iterable[str]) -> None: ...


def perform(folder: Path, teller: Teller, *, pace: float = 0.0, stay: bool = False) -> Record:
    """Play into `folder`. pace: seconds to wait after each thing that is told. stay: afterwards servers and program go
    on until KeyboardInterrupt.

    Raises ConfigError (no folder for it, or the extra is missing), and NotPlayed when the program did not do what the
    SOP says; what it did until then lies in the folder.
    """
    open_servers = _servers()
    folders.prepare(folder)

    def tell(shown: Shown) -> None:
        teller.show(shown)
        time.sleep(pace)

    with contextlib.ExitStack() as ending:
        servers = ending.enter_context(contextlib.closing(open_servers()))
        config = configuration.load(folders.write_config(folder, servers.imap_port, servers.smtp_port))
        # At the wall's speed, and set onwards from scene to scene.
        clock = RehearsalClock(datetime.fromisoformat(BEGINS).replace(tzinfo=parties.ZONE), speed=1.0)
        ending.enter_context(_logging_to(folder / "mailbot.log"))
        alive = ending.enter_context(_running(config, clock))
        site = open_sites(config)[0]
        stage = Stage(servers, clock, site.calendar, site.table.steps, folder, tell, alive)
        teller.opens(parties.ORGANISATION)
        cases = play(stage)
        played = Record(
            organisation=parties.ORGANISATION,
            address=parties.ADDRESS,
            zone=parties.ZONE,
            shown=tuple(stage.shown),
            cases=cases,
            sop=site.table.steps,
        )
        _all_steps(played)
        (folder / "linimasa.html").write_text(timeline.page(played), encoding="utf-8")
        teller.closes(played, folder.resolve())
        if stay:
            teller.stays(_accounts(servers, clock))
            _until_interrupted(alive)
    return played


def _servers() -> Callable[[], Servers]:
    try:
        from mailbot.demo.servers import Servers
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise ConfigError(
            [f"the demo needs {' and '.join(_EXTRA)}, which are not installed: scripts/uv sync --locked --extra demo"]
        ) from error
    return lambda: Servers(parties.PASSWORD, authserv_id=parties.AUTHSERV_ID)


@contextlib.contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """The program's log goes where standard error goes: into the demo's folder, not among the conversation."""
    with path.open("w", encoding="utf-8", buffering=1) as file, contextlib.redirect_stderr(file):
        log.configure("json", "info")
        yield


@contextlib.contextmanager
def _running(config: Config, clock: Clock) -> Iterator[Callable[[], bool]]:
    """The program in a thread of its own; what comes out says whether it still runs."""
    daemon = Daemon(config, clock, Notifier())
    thread = threading.Thread(target=daemon.run, name="mailbot", daemon=True)
    thread.start()
    try:
        yield thread.is_alive
    finally:
        daemon.stop()
        thread.join(15)


def _until_interrupted(alive: Callable[[], bool]) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while alive():
            time.sleep(0.5)
        raise NotPlayed("the program has ended by itself")


def _all_steps(played: Record) -> None:
    missing = [f"{step} ({activity})" for step, activity, where in words.steps_shown(played) if not where]
    if missing:
        raise NotPlayed(f"not shown: {'; '.join(missing)}")


def _accounts(servers: Servers, clock: Clock) -> list[str]:
    """Whatever a mail program asks for."""
    people = [
        *(f"  {party.word:<15} {party.name:<16} {party.address}" for party in parties.EVERYBODY),
        f"  {'mailbot':<15} {'(layanan)':<16} {parties.ADDRESS}",
    ]
    said = filled(
        words.SAID["stays"],
        host=servers.host,
        imap=servers.imap_port,
        smtp=servers.smtp_port,
        password=servers.password,
        people="\n".join(people),
        now=f"{clock.now().astimezone(parties.ZONE):%H.%M WIB, %d/%m/%Y}",
    )
    return str(said).splitlines()
