"""What the word behind a command means at this site: a colleague, a category, a code, a date. Asks no database.

People write "#tugaskan pak joko" and "#jenis otp": what fits one thing only is taken for it, what fits none or several
is refused with a sentence that names what there is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.clean import one_line
from mailbot.config.settings import Person
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.model import Role
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.parsers.dates import periods
from mailbot.rules.problems import COMPLAINT, CONSULTATION, QUESTION, about
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

CATEGORIES = (COMPLAINT, QUESTION, CONSULTATION)
#: Characters of a Direktorat Tujuan: a column of the rekap.
LONGEST_DESTINATION = 100
#: The argument of `#cuti batal`.
CANCELLED = "batal"
_CANCEL = ("batal", "dibatalkan", "selesai", "hapus", "cancel")


def settled(site: Site, command: Command, writer: str, at: datetime) -> Command:
    """The command with its argument as the program keeps it: by what `means` says in commands.yaml (see MEANINGS at the
    end). Raises NotCarriedOut."""
    means = SPECS[command.name].means
    if means is None:
        return command
    return replace(command, argument=MEANINGS[means](site, command, writer, at))


# --- people ------------------------------------------------------------------------------------------

_TITLES = frozenset(
    {
        *("pak", "bapak", "bpk", "bu", "ibu", "mas", "mbak", "mba", "kak", "kakak", "bang", "sdr", "sdri", "saudara"),
        *("saudari", "rekan", "kepada", "ke", "untuk", "yth", "petugas"),
    }
)
_ONESELF = frozenset({"saya", "aku", "sendiri", "me", "myself"})
_ADDRESS = re.compile(r"[^\s<>,;:\"]{1,64}@[^\s<>,;:\"]{1,200}")


def handlers(site: Site) -> list[Person]:
    """Everybody who may handle tickets: staff and coordinators, each once."""
    found: dict[str, Person] = {}
    for person in site.config.people():
        if person.role in (Role.STAFF, Role.COORDINATOR):
            found.setdefault(person.address, person)
    return list(found.values())


def colleague(site: Site, written: str, writer: str) -> Person:
    """Whom a name or an address means. Raises NotCarriedOut."""
    everybody = handlers(site)
    if (address := _ADDRESS.search(written)) is not None:
        found = [person for person in everybody if person.address == address[0].lower()]
    else:
        words = [word for word in _name_words(written) if word not in _TITLES]
        if words and _ONESELF.issuperset(words):
            found = [person for person in everybody if person.address == writer]
        else:
            found = _by_name(everybody, words)
    if len(found) == 1:
        return found[0]
    if found:
        raise NotCarriedOut(_SAID("several_colleagues", written=written, names=_listed(found)))
    listed = _listed(everybody)
    if near := _nearest_name(everybody, written):
        raise NotCarriedOut(
            _SAID("unknown_colleague_but_near", written=written, near=_listed([near]), everybody=listed)
        )
    raise NotCarriedOut(_SAID("unknown_colleague", written=written, everybody=listed))


def _listed(people: Sequence[Person]) -> str:
    return ", ".join(f"{person.name} <{person.address}>" for person in people)


def _colleague(site: Site, command: Command, writer: str, _at: datetime) -> str:
    if not command.argument:
        word = SPECS[command.name].word
        raise NotCarriedOut(_SAID("no_colleague", word=word, everybody=_listed(handlers(site))))
    return colleague(site, command.argument, writer).address


def _name_words(name: str) -> list[str]:
    return re.findall(r"\w+", name.casefold())


def _by_name(everybody: Sequence[Person], words: Sequence[str]) -> list[Person]:
    """Whoever has all these words in his name or before his "@": whole ones first, then beginnings of them."""
    if not words:
        return []
    names = [(person, _name_words(person.name) + _name_words(person.address.partition("@")[0])) for person in everybody]
    same = [person for person in everybody if _name_words(person.name) == list(words)]
    whole = [person for person, own in names if all(word in own for word in words)]
    begun = [person for person, own in names if all(any(name.startswith(word) for name in own) for word in words)]
    return same or whole or begun


def _nearest_name(everybody: Sequence[Person], written: str) -> Person | None:
    owners = {word: person for person in reversed(everybody) for word in _name_words(person.name)}
    for word in _name_words(written)[:5]:
        if near := difflib.get_close_matches(word, list(owners), n=1, cutoff=0.7):
            return owners[near[0]]
    return None


# --- fields ------------------------------------------------------------------------------------------


def _level(site: Site, command: Command, _writer: str, _at: datetime) -> str:
    """1 to 4, or what the site calls it."""
    levels = {row.name.casefold(): str(row.level) for row in site.priorities}
    word = command.argument.casefold()
    if word in levels or word in levels.values():
        return levels.get(word, word)
    near = difflib.get_close_matches(word, list(levels), n=1, cutoff=0.6)
    choices = [levels[near[0]]] if near else list(levels.values())
    raise NotCarriedOut(_SAID("no_level", word=command.word), near=choices)


def _category(_site: Site, command: Command, _writer: str, _at: datetime) -> str:
    names = {name.lower(): name for name in CATEGORIES} | {
        "aduan": COMPLAINT,
        "tanya": QUESTION,
        "konsul": CONSULTATION,
    }
    word = command.argument.lower()
    begun = {name for key, name in names.items() if len(word) >= 3 and key.startswith(word)}
    if word in names:
        return names[word]
    if len(begun) == 1:
        return begun.pop()
    if near := difflib.get_close_matches(word, list(names), n=1, cutoff=0.6):
        meant = names[near[0]].lower()
        raise NotCarriedOut(_SAID("no_category_but_near", word=command.word, near=meant), near=[meant])
    raise NotCarriedOut(_SAID("no_category", word=command.word), near=[name.lower() for name in CATEGORIES])


def _nature(site: Site, command: Command, _writer: str, _at: datetime) -> str:
    """One of the site's, by its name or the beginning of it."""
    names = {name.lower(): name for name in site.problems.natures.values()}
    word = command.argument.lower()
    found = {name for key, name in names.items() if key == word or (len(word) >= 3 and key.startswith(word))}
    if len(found) == 1:
        return found.pop()
    listed = ", ".join(names)
    if near := difflib.get_close_matches(word, list(names), n=1, cutoff=0.6):
        raise NotCarriedOut(_SAID("no_nature_but_near", word=command.word, listed=listed, near=near[0]), near=near)
    raise NotCarriedOut(_SAID("no_nature", word=command.word, listed=listed), near=list(names))


def _problem(site: Site, command: Command, _writer: str, _at: datetime) -> str:
    """By its code, a part of it that no other has ("otp"), or its title."""
    rows, written = site.problems.rows, command.argument
    wanted = "_".join(re.findall(r"[A-Z0-9]+", written.upper()))
    exact = [row.code for row in rows if wanted == row.code or written.casefold() == row.title.casefold()]
    part = [row.code for row in rows if wanted and wanted in (row.code, *row.code.split("_"))]
    if len(exact or part) == 1:
        return (exact or part)[0]
    listed = [(f"#jenis {row.code}", row.title) for row in rows]
    if not wanted:
        raise NotCarriedOut(_SAID("no_code", word=command.word), listed)
    near = part or [code for code in (_nearest_problem(site, wanted, written),) if code]
    short = one_line(written, 40)
    if near:
        raise NotCarriedOut(_SAID("unknown_code_but_near", written=short, near=", ".join(near)), listed, near=near)
    raise NotCarriedOut(_SAID("unknown_code", written=short), listed)


def _nearest_problem(site: Site, code: str, written: str) -> str | None:
    codes = {row.code: row.code for row in site.problems.rows}
    codes |= {part: row.code for row in site.problems.rows for part in row.code.split("_") if len(part) > 3}
    if near := difflib.get_close_matches(code, list(codes), n=1, cutoff=0.7):
        return codes[near[0]]
    read = about("", written, site.problems)  # "lupa password": words that users write
    return read.primary.code if read.known else None


def _destination(_site: Site, command: Command, _writer: str, _at: datetime) -> str:
    cleaned = one_line(command.argument)
    if not any(map(str.isalnum, cleaned)):
        raise NotCarriedOut(_SAID("no_destination", word=command.word))
    if len(cleaned) > LONGEST_DESTINATION:
        raise NotCarriedOut(_SAID("destination_too_long", most=LONGEST_DESTINATION))
    return cleaned


def _leave(site: Site, command: Command, _writer: str, at: datetime) -> str:
    written = command.argument
    if not written or written.lower() in _CANCEL:
        return CANCELLED if written else ""
    try:
        first, last = periods.read_period(written, site.local(at).date())
    except periods.Unreadable as error:
        raise NotCarriedOut(str(error)) from error
    return f"{first.isoformat()}/{last.isoformat()}"


#: `means` of a command → how its argument is read.
MEANINGS: Mapping[str, Callable[[Site, Command, str, datetime], str]] = {
    "colleague": _colleague,  # an address
    "level": _level,  # "1" to "4"
    "category": _category,  # one of CATEGORIES
    "nature": _nature,  # a name of the site's natures
    "problem": _problem,  # a code
    "destination": _destination,  # cleaned
    "leave": _leave,  # "", "batal", or first and last day as "2026-12-24/2027-01-02"
}
