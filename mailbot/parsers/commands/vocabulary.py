"""The commands of the LPSE's people as `commands.yaml` has them: a block of that file is all that a command says.

`command_lines` reads a mail by it, `#bantuan` and docs/commands.md list it, the receipts take their words from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mailbot import yamlfile
from mailbot.errors import ConfigError
from mailbot.model import Role

FILE = Path(__file__).with_name("commands.yaml")


class Takes(StrEnum):
    """What stands behind a command's word."""

    NOTHING = "nothing"
    ARGUMENT = "argument"  # one number on its line
    LEVEL = "level"  # 1 to 4, in whatever way it is written
    ENTRY = "entry"  # the number of a mail in quarantine
    ENTRY_AND_TICKET = "entry-and-ticket"
    PERIOD = "period"  # a day or a month on its line, or nothing
    FIELDS = "fields"  # fields of the ticket with their values (`fields`), or nothing
    PHRASE = "phrase"  # the rest of its line, perhaps nothing: what it means is for the desk to say
    TICKET = "ticket"  # the number of another ticket, perhaps a word after it
    NUMBER = "number"  # the number of a mail of the ticket; left out: the mail that is replied to
    ADDRESS = "address"  # an e-mail address, perhaps with a name
    OPTIONAL = "optional"  # a text, perhaps
    ADDRESS_AND_TEXT = "address-and-text"  # each of them perhaps
    TEXT = "text"  # required
    NUMBER_AND_FORM = "number-and-form"
    # The rest of its line as `questions` reads it, perhaps nothing.
    NUMBERS = "numbers"
    FILTERS = "filters"
    SOUGHT = "sought"
    MONTH = "month"
    COMMAND = "command"


class About(StrEnum):
    """What a command is about."""

    TICKET = "ticket"  # the one that its mail belongs to
    NEW_TICKET = "new-ticket"
    CONSULTATION = "consultation"  # a new mail with the Formulir Konsultasi becomes a ticket
    QUESTION = "question"  # changes nothing
    ENTRY = "entry"  # a mail in quarantine
    ONESELF = "oneself"


class Decides(StrEnum):
    """What two people may decide at the same time, each without knowing of the other."""

    STEP = "step"  # what is done next
    HANDLER = "handler"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of `#bantuan`. note: how its commands are used."""

    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Form:
    """Of a consultation: its channel; the label and the subject of the new mail with the empty form."""

    channel: str
    link: str
    subject: str


@dataclass(frozen=True, slots=True)
class Spec:
    """One command. `name` is the canonical one; the other fields are explained in `commands.yaml`."""

    name: str
    word: str
    aliases: tuple[str, ...]
    takes: Takes
    usage: str
    help: str
    example: str
    daily: bool
    group: str
    roles: frozenset[Role]
    about: About
    means: str | None
    is_field: bool
    needs_token: bool
    confirm: str
    event: str | None
    reaches: Role | None
    reported: bool
    asks: Role | None
    decides: Decides | None
    result: str
    shows_text: bool
    next_steps: bool
    to_support: bool
    anyway: str | None
    keeps_files: bool
    quiet: bool
    form: Form | None

    @property
    def takes_text(self) -> bool:
        return self.takes in (Takes.OPTIONAL, Takes.ADDRESS_AND_TEXT, Takes.TEXT, Takes.NUMBER_AND_FORM)

    @property
    def takes_words(self) -> bool:
        """Whether it asks something in words of its own; a mail may hold several of a kind."""
        return self.takes in (Takes.NUMBERS, Takes.FILTERS, Takes.SOUGHT, Takes.MONTH, Takes.COMMAND)

    @property
    def takes_commas(self) -> bool:
        """Whether a comma may stand in its value, which is a name in words of one's own."""
        return self.means == "destination"

    @property
    def takes_entry(self) -> bool:
        return self.takes in (Takes.ENTRY, Takes.ENTRY_AND_TICKET)

    @property
    def says_meaning(self) -> bool:
        """Whether it says what a reply of LKPP means."""
        return self.event is not None and self.event.startswith("lkpp.")

    @property
    def about_stored(self) -> bool:
        """Whether its argument is what it is about, a mail or penyimpangan, which is never written out on its line: a
        link's code says it, or the answered mail, or the words."""
        return self.says_meaning or self.event in ("staff.undo", "staff.reason")

    @property
    def needs_ticket(self) -> bool:
        return self.about is About.TICKET or self.takes is Takes.FIELDS


_STAFF = (Role.STAFF.value, Role.COORDINATOR.value)
#: The heading of a command that names none.
_GROUP = {
    About.TICKET: "handle",
    About.NEW_TICKET: "handle",
    About.CONSULTATION: "counter",
    About.QUESTION: "find",
    About.ENTRY: "held",
    About.ONESELF: "oneself",
}
_REQUIRED = {"word", "help", "example"}
_KEYS = {
    *_REQUIRED,
    *("also", "behind", "takes", "means", "field", "about", "who", "group", "token", "confirm", "event", "reaches"),
    *("reported", "daily", "asks", "decides", "form", "result", "shows_text", "next_steps"),
    *("to_support", "anyway", "keeps_files", "quiet"),
}


def load(path: Path = FILE) -> tuple[Mapping[str, Group], tuple[Spec, ...]]:
    """(the headings of `#bantuan`, the commands), both in the file's order. Raises ConfigError with every fault."""
    file = yamlfile.read(path)
    faults: list[str] = []
    groups = {name: Group(**raw) for name, raw in file.data["groups"].items()}
    specs = []
    for name, raw in file.data["commands"].items():
        wrong = sorted(({*raw} - _KEYS) | (_REQUIRED - {*raw}))
        if wrong:
            faults.append(file.fault(("commands", name), f"unknown or missing: {', '.join(wrong)}"))
            continue
        try:
            spec = _spec(name, raw)
            if spec.group not in groups:
                raise ValueError(f"no group {spec.group!r}")
            specs.append(spec)
        except ValueError as error:
            faults.append(file.fault(("commands", name), str(error)))
    if faults:
        raise ConfigError(faults)
    return MappingProxyType(groups), tuple(specs)


def _spec(name: str, raw: Mapping[str, Any]) -> Spec:
    about = About(raw.get("about", About.TICKET))
    return Spec(
        name=name,
        word=raw["word"],
        aliases=tuple(raw.get("also", ())),
        takes=Takes(raw.get("takes", Takes.NOTHING)),
        usage=f"#{raw['word']} {raw.get('behind', '')}".strip(),
        help=raw["help"],
        example=raw["example"],
        daily=raw.get("daily", False),
        group=raw.get("group", _GROUP[about]),
        roles=frozenset(map(Role, raw.get("who", _STAFF))),
        about=about,
        means=raw.get("means"),
        is_field=raw.get("field", False),
        needs_token=raw.get("token", True),
        confirm=raw.get("confirm", ""),
        event=raw.get("event"),
        reaches=Role(raw["reaches"]) if "reaches" in raw else None,
        reported=raw.get("reported", False),
        asks=Role(raw["asks"]) if "asks" in raw else None,
        decides=Decides(raw["decides"]) if "decides" in raw else None,
        result=raw.get("result", ""),
        shows_text=raw.get("shows_text", False),
        next_steps=raw.get("next_steps", False),
        to_support=raw.get("to_support", False),
        anyway=raw.get("anyway"),
        keeps_files=raw.get("keeps_files", False),
        quiet=raw.get("quiet", False),
        form=Form(**raw["form"]) if "form" in raw else None,
    )


#: The heading of those that carry the day.
DAILY = "daily"

GROUPS, VOCABULARY = load()
SPECS: Mapping[str, Spec] = MappingProxyType({spec.name: spec for spec in VOCABULARY})


def named(specs: Iterable[Spec]) -> list[str]:
    """Their words as people write them."""
    return [f"#{spec.word}" for spec in specs]


def may_use(name: str, role: Role) -> bool:
    """Whether people of this role may use the command of this canonical name at all."""
    return name in SPECS and role in SPECS[name].roles


def of_role(role: Role) -> list[Spec]:
    return [spec for spec in VOCABULARY if role in spec.roles]


def grouped(role: Role) -> list[tuple[Group, list[Spec]]]:
    """The commands of this role: those of every day, then the others by what one does with them; headings without any
    left out."""
    found = (
        (group, [spec for spec in of_role(role) if (DAILY if spec.daily else spec.group) == name])
        for name, group in GROUPS.items()
    )
    return [(group, specs) for group, specs in found if specs]


def on_entry(word: str) -> Spec | None:
    """The command with this word that is about an entry of the quarantine ("#buang" with a number); None: there is
    none."""
    return next((spec for spec in VOCABULARY if spec.word == word.lstrip("#") and spec.takes_entry), None)
