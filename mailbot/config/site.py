"""A mailbox's site: everything that handling its mail needs to know, read once at start.

Mailboxes share nothing but the process and the database file; each has a `Site` of its own.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from mailbot import yamlfile
from mailbot.config.settings import Alarms, Config, MailboxConfig, Rate
from mailbot.errors import ConfigError
from mailbot.model import Duration, Role
from mailbot.rules import FOLDER, nearest_problem, priority, problems, second_reader, topic
from mailbot.rules.lkpp import classify, for_user_phrases, proposal
from mailbot.rules.sop import heads, table
from mailbot.rules.sop.clocks import CLASSIFY_WITHIN, ONE_WEEK, ONE_WORKING_DAY, Timing
from mailbot.rules.sop.conditions import Settings
from mailbot.rules.user_phrases import UserPhrases, load_user_phrases
from mailbot.rules.worktime import dates
from mailbot.rules.worktime.service_hours import Calendar

if TYPE_CHECKING:
    from mailbot.templates.render import Renderer

T = TypeVar("T")

#: The name under which alarms leave by an account of their own: one that no mailbox can have.
ALARMS = "(alarms)"


@dataclass(frozen=True, slots=True)
class Site:
    """One mailbox's configuration, rules and templates."""

    config: MailboxConfig
    zone: ZoneInfo
    calendar: Calendar
    table: table.Table
    priorities: priority.PriorityTable
    problems: problems.Problems
    problem_reader: nearest_problem.Reader
    read_lkpp_phrases: Callable[[], classify.Phrases]
    lkpp_reader: proposal.Reader
    for_user_phrases: for_user_phrases.ForUserPhrases
    read_user_phrases: Callable[[], UserPhrases]
    user_readers: second_reader.Readers
    renderer: Renderer
    data: Path  # the data folder, which keeps the tokens of its accounts
    alarms: Site | None = None  # by which alarms about this mailbox leave; None: by this one

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def address(self) -> str:
        return self.config.address

    @property
    def rate(self) -> Rate:
        return self.config.smtp.rate

    @property
    def proves(self) -> bool:
        """Whether what may have been sent is looked up before it is sent again."""
        return self.config.proof is not None

    @property
    def lkpp_phrases(self) -> classify.Phrases:
        return self.read_lkpp_phrases()

    @property
    def user_phrases(self) -> UserPhrases:
        return self.read_user_phrases()

    def faults_of_phrases(self) -> Sequence[str]:
        """Of those that are read later."""
        faults: list[str] = []
        for read in (self.read_lkpp_phrases, self.read_user_phrases):
            try:
                read()
            except ConfigError as error:
                faults += error.faults
        return faults

    @property
    def reads_by_ours(self) -> bool:
        """Whether what users write is read by the rules that come with mailbot, and no others."""
        return topic.Rules(self.problems, self.priorities.deadline, self.problem_reader) == topic.ours()

    @property
    def settings(self) -> Settings:
        return Settings(by_email=self.config.lkpp.channel == "email")

    def people(self) -> Mapping[str, tuple[Role, str]]:
        """Address → (role, name). Whoever is both operator and staff acts as staff."""
        found: dict[str, tuple[Role, str]] = {}
        for person in self.config.people():
            found.setdefault(person.address, (person.role, person.name))
        return found

    def lengths(self, level: int) -> Mapping[str, Duration]:
        """Every duration that the table names, for one priority."""
        return lengths(self.config, self.priorities, level)

    def timing(self, level: int) -> Timing:
        return timing(self.config, self.priorities, self.calendar, level)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def say(self, at: datetime, *, estimated: bool = False) -> str:
        """An instant in words: "Senin, 23 November 2026 pukul 14.05 WIB"."""
        return dates.format_instant(at, self.zone, estimated)


def lengths(config: MailboxConfig, priorities: priority.PriorityTable, level: int) -> Mapping[str, Duration]:
    """Every duration that the table names, but the parts of others, at one mailbox, for one priority."""
    sop, row = config.sop, priorities[level]
    return {
        "lkpp_status_after": sop.status_after(config.lkpp.channel),
        "lkpp_progress_every": sop.lkpp_progress_every,
        "forward_data_within": sop.forward_data_within,
        "escalate_within": sop.escalate_within,
        "data_from_user_within": sop.data_from_user(level),
        "close_silent_after": sop.close_silent_after,
        "confirm_close_after": sop.confirm_close_after,
        "first_response": row.first_response,
        "limit": row.limit,
        "target": row.target,
        "classify_within": CLASSIFY_WITHIN,
        "one_working_day": ONE_WORKING_DAY,
        "one_week": ONE_WEEK,
    }


def timing(config: MailboxConfig, priorities: priority.PriorityTable, calendar: Calendar, level: int) -> Timing:
    """The same, and how they are added."""
    return Timing(
        priority=level,
        add=calendar.add,
        before=calendar.before,
        closing=calendar.closes,
        lengths=lengths(config, priorities, level),
        enquiries_max=config.sop.enquiries_max,
    )


def calendar_of(config: MailboxConfig, zone: ZoneInfo) -> Calendar:
    """The working calendar of a mailbox: its hours, Ramadan hours, added and removed days."""
    hours = config.hours
    ramadan = None
    if hours.ramadan is not None:
        ramadan = (hours.ramadan.first, hours.ramadan.last, dict(enumerate(hours.ramadan.week)))
    return Calendar(
        zone=zone,
        hours=dict(enumerate(hours.week)),
        ramadan=ramadan,
        added={day.date: day.reason for day in config.holidays.add},
        removed={day.date: day.reason for day in config.holidays.remove},
        country=config.holidays.country,
    )


def _rules_file(folder: Path | None, name: str) -> Path:
    """A site's replacement of a rules file, by name, or the built-in one."""
    if folder is not None and (folder / name).is_file():
        return folder / name
    return FOLDER / name


def priorities_file(mailbox: MailboxConfig) -> Path:
    """The Tabel Prioritas of a mailbox: the file that its configuration names, or like every other file of rules."""
    return mailbox.priorities or _rules_file(mailbox.rules, "priorities.yaml")


def problems_file(mailbox: MailboxConfig) -> Path:
    """The kinds of problems of a mailbox."""
    return _rules_file(mailbox.rules, "problems.yaml")


def _later(folder: Path | None, name: str, load: Callable[[Path, bytes], T]) -> Callable[[], T]:
    """What a file of rules says, whose bytes are read now. Ours says it when it is first asked: its phrases take their
    time, few mails need them, and the tests find its faults, as those of our templates. A site's own is looked through
    at once, and its faults are told with the others."""
    path = _rules_file(folder, name)
    found = cache(partial(load, path, _kept_once(yamlfile.content(path))))
    if path != FOLDER / name:
        found()
    return found


@lru_cache(maxsize=64)
def _kept_once(raw: bytes) -> bytes:
    """The same bytes for all mailboxes that share a file: those of ours are 200 KB."""
    return raw


@contextmanager
def _all_kept() -> Iterator[None]:
    """What is read stays: some fifty thousand objects. To look for garbage among them again and again takes a third of
    the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@_all_kept()
def open_sites(config: Config) -> tuple[Site, ...]:
    """All sites of a configuration. Raises ConfigError with every fault of rules, calendars and templates at once."""
    from mailbot.templates.render import Renderer  # here, as a command that opens no site does without Jinja

    faults: list[str] = []
    sites: list[Site] = []
    renderers: dict[Path | None, Renderer] = {}  # mailboxes with the same templates share one, which keeps nothing
    for mailbox in config.mailboxes:
        try:
            if (renderer := renderers.get(mailbox.templates)) is None:
                renderer = renderers[mailbox.templates] = Renderer(mailbox.templates)
                if mailbox.templates is not None:  # ours are rehearsed by the tests, not anew at each start
                    faults += renderer.check()
            sop = table.load(_rules_file(mailbox.rules, "sop015.yaml"))
            faults += changed_by_site(sop, _rules_file(mailbox.rules, "sop015.yaml"))
            heads.load(mailbox.rules)  # only printed, but a fault in it is told with the others
            sites.append(
                Site(
                    config=mailbox,
                    zone=config.zone,
                    calendar=calendar_of(mailbox, config.zone),
                    table=sop,
                    priorities=priority.load(priorities_file(mailbox)),
                    problems=problems.load(problems_file(mailbox)),
                    problem_reader=nearest_problem.load(),
                    read_lkpp_phrases=_later(mailbox.rules, "lkpp_replies.yaml", classify.load_phrases),
                    lkpp_reader=proposal.load(),
                    for_user_phrases=for_user_phrases.load_for_user_phrases(
                        _rules_file(mailbox.rules, "lkpp_for_user.yaml")
                    ),
                    read_user_phrases=_later(mailbox.rules, "user_replies.yaml", load_user_phrases),
                    user_readers=second_reader.load(),
                    renderer=renderer,
                    data=config.data,
                )
            )
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))
    return tuple(replace(site, alarms=_of_alarms(site, config.alarms)) for site in sites)


def _of_alarms(site: Site, alarms: Alarms) -> Site | None:
    """The site as its alarms see it: other people, and another account, from which alone they leave."""
    changed: dict[str, Any] = {}
    if alarms.to:
        changed |= {"operator": alarms.to}
    if alarms.smtp is not None:
        username = alarms.smtp.username or ""
        own = username if "@" in username else site.config.address
        changed |= {"name": ALARMS, "smtp": alarms.smtp, "address": own, "aliases": (), "proof": None}
    return replace(site, config=site.config.model_copy(update=changed)) if changed else None


def changed_by_site(found: table.Table, path: Path) -> list[str]:
    """A site may replace the paper's texts, never what the program does: who gets what, and when."""
    if path == table.SOP015:
        return []
    ours = table.load()
    faults = []
    if found.cells != ours.cells:
        changed = sorted({row.id for row in found.rows} ^ {row.id for row in ours.rows}) or sorted(
            row.id for row in found.rows if row not in ours.rows
        )
        faults.append(f"{path}: rows may not be changed, only texts: {', '.join(changed)}")
    if {n: replace(c, title="") for n, c in found.clocks.items()} != {
        n: replace(c, title="") for n, c in ours.clocks.items()
    }:
        faults.append(f"{path}: clocks may not be changed, only their titles")
    return faults


def calendar_notice(site: Site, today: date) -> tuple[str, str] | None:
    """(key of the week, text) when the operator must be told that the calendar of next year is incomplete."""
    notice = site.calendar.notice_due(today)
    return None if notice is None else (notice.key, notice.text)
