"""The commands of the LPSE's people, read from a mail's new text. Pure and total.

A command stands on its own line, "#" first, before the text it comes with (`vocabulary`); case does not matter. At most
one command of a mail takes text, and it stands last: its text is the rest of its line and all that follows. All of a
mail's commands count or none: one that is unknown, incomplete or ambiguous makes a fault, and then there is none.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mailbot import late
from mailbot.parsers.commands import fields, questions
from mailbot.parsers.commands.vocabulary import SPECS, VOCABULARY, About, Spec, Takes, on_entry
from mailbot.parsers.commands.wide_signs import narrowed
from mailbot.parsers.dates.moment import read_span
from mailbot.parsers.forms import consultation
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a mail: canonical name, the word as typed, its argument or its text.

    Of an address the name that stands with it is the text. by_set: whether it stands behind `#ubah`. typed: what its
    writer has typed where `text` is a canned answer's (`argument` is then its code); else None.
    """

    name: str
    word: str
    argument: str = ""
    text: str = ""
    typed: str | None = None
    by_set: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Why nothing is carried out: a sentence in Indonesian, the line, and the nearest known word.

    lacks_text: the canonical name of the command that came without the text it needs, or None. above: that command
    with the text that stands above it, where nothing stands below.
    """

    sentence: str
    line: str = ""
    nearest: str | None = None
    lacks_text: str | None = None
    above: Command | None = None


@dataclass(frozen=True, slots=True)
class Commands:
    """What a new text asks for.

    commands: in order; empty if there are none or if there is a fault. leading: the text before the first
    command; the whole text if there is none. code: a link's code, found on a line of its own.
    """

    commands: tuple[Command, ...] = ()
    leading: str = ""
    fault: Fault | None = None
    code: str | None = None


def read(new_text: str) -> Commands:
    """The commands of a mail's new text (`quoted.new_text(...).text`). Any string gives an answer.

    No command and no fault: the text is a plain answer, whole in `leading`.
    """
    text, code, fault = _take_code(new_text)
    if fault is not None:
        return Commands(leading=text, fault=fault, code=code)
    lines = _joined(text.split("\n"))
    commands: list[Command] = []
    leading = ""
    before: list[str] = []  # plain lines since the last command
    for number, line in enumerate(lines):
        try:
            attempt = _attempt(line)
        except _Misread as misread:
            return Commands(leading=text, fault=misread.fault, code=code)
        if attempt is None:
            before.append(line)
            continue
        spec, word, rest = attempt
        if not commands:
            leading = "\n".join(before).strip()
        fault = _between(before, first=not commands, line=line)
        before = []
        if spec.takes is Takes.FIELDS and rest:
            given, wrong = _set(rest, line)
        else:
            command, wrong = _complete(spec, word, rest, lines[number + 1 :], line)
            given = [command]
        twice = next((one for one in given if sum(_same(one, other) for other in [*commands, *given]) > 1), None)
        if fault is None and twice is not None:
            fault = Fault(_SAID("twice", word=SPECS[twice.name].word), line.strip())
        if fault is not None and wrong is not None and wrong.lacks_text and not commands:
            fault = replace(fault, above=replace(given[0], text=leading))  # a telephone's cursor stood at the top
        fault = fault or wrong
        if fault is not None:
            return Commands(leading=leading, fault=fault, code=code)
        commands += given
        if spec.takes_text:
            return Commands(tuple(commands), leading, None, code)
    if not commands:
        return Commands(leading="\n".join(before).strip(), code=code)
    if (opening := _opening(commands, before)) is not None:
        return Commands((opening,), leading, None, code)
    if commands[-1].name == "assign" and commands[-1].argument and not _is_closing(before):
        commands[-1] = replace(commands[-1], text="\n".join(before).strip())  # to the colleague, with the ticket
        return Commands(tuple(commands), leading, None, code)
    if not _is_closing(before):
        first = next(line.strip() for line in before if line.strip())
        word = SPECS[commands[-1].name].word
        fault = Fault(_SAID("text_behind", word=word), first)
        return Commands(leading=leading, fault=fault, code=code)
    return Commands(tuple(commands), leading, None, code)


def _opening(commands: list[Command], behind: list[str]) -> Command | None:
    """ "#lpse-support NOMOR" alone above a Formulir Konsultasi: it opens a ticket for what has begun there."""
    [first, *others] = commands
    text = "\n".join(behind).strip()
    if others or first.name != "tts" or first.argument == CLOSED_THERE or not text:
        return None
    form = consultation.read(text, "")
    if not form.problem and "name" not in form.fields:
        return None
    return Command("support", first.word, first.argument, text)


def _joined(lines: list[str]) -> list[str]:
    """Those who fill in a link's ready reply write the number or name below its "#lpse-support": it belongs to it."""
    found: list[str] = []
    waiting: int | None = None  # where a command stands that still needs its word
    fielded: int | None = None  # where an `#ubah` stands: the fields below it are its own
    for number, line in enumerate(lines):
        written = line.strip()
        if waiting is not None and written:
            position, waiting = waiting, None
            if len(written) <= _AROUND_LENGTH and not _shape(line) and not _CLOSING.match(written):
                found[position] = f"{found[position]} {written}"
                continue
        if fielded is not None and written and fields.names_one(written):
            found[fielded] = f"{found[fielded]}, {written}"
            continue
        found.append(line)
        shape = _shape(line) if len(line) <= _AROUND_LENGTH else None
        known = _known(*shape[1:]) if shape is not None else None
        if written:
            fielded = len(found) - 1 if known is not None and known[0].takes is Takes.FIELDS else None
        if known is None or known[2]:
            continue
        if known[0].takes_text:  # whatever follows is its text
            return [*found, *lines[number + 1 :]]
        if known[0].takes in _ONE_WORD and known[0].about is not About.ONESELF:
            waiting = len(found) - 1
    return found


#: What may stand alone on the line below its command.
_ONE_WORD = (Takes.ARGUMENT, Takes.LEVEL, Takes.PHRASE, Takes.FIELDS)


def _same(one: Command, other: Command) -> bool:
    """Whether two commands of a mail are one too many; several mails in quarantine may be worked at once, and several
    things asked."""
    if one.name != other.name:
        return False
    spec = SPECS[one.name]
    if spec.takes_words:
        return one.argument == other.argument
    return not spec.takes_entry or _entry(one) == _entry(other)


def _entry(command: Command) -> str:
    return command.argument.partition(" ")[0]


# --- one line -------------------------------------------------------------------------------

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"), None)
_SIGN = "#＃﹟"
# "#", perhaps blanks, then a word that begins with a letter, then what follows it.
_LINE = late.pattern(r"[#＃﹟](\s*)([^\W\d_]\S*)(.*)", re.DOTALL)
_AFTER_WORD = ".,;!"
_ASSIGN = late.pattern(r"[:=]")
_DASHES = late.pattern(r"[-_‐‑‒–—]")


def _fold(word: str) -> str:
    """A word as compared: compatibility forms and case levelled, dashes and underscores left out."""
    return _DASHES.sub("", unicodedata.normalize("NFKC", word[:80])).casefold()


# Of two with the same word ("#buang", "#buang 17") the first; `_complete` tells them apart.
_BY_WORD: Mapping[str, Spec] = {
    _fold(word): spec for spec in reversed(VOCABULARY) for word in (spec.word, *spec.aliases)
}
_WORDS = {_fold(word): word for spec in VOCABULARY for word in (spec.word, *spec.aliases)}


class _Misread(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def _shape(line: str) -> tuple[bool, str, str] | None:
    """(whether "#" touches the word, word, rest) of a line that begins with "#" and a word."""
    if "#" not in line and (line.isascii() or not any(map(line.__contains__, _SIGN))):
        return None  # as nearly all lines
    stripped = line.translate(_INVISIBLE).strip()
    if not stripped or stripped[0] not in _SIGN:
        return None
    found = _LINE.match(stripped)
    if found is None:
        return None
    # "#jawab:teks" and "#prioritas=2" are as clear as with a blank in between.
    parts = _ASSIGN.split(found[2], maxsplit=1)
    glued = parts[1] if len(parts) == 2 else ""
    return found[1] == "", parts[0].rstrip(_AFTER_WORD), f"{glued}{found[3]}".strip()


def _known(word: str, rest: str) -> tuple[Spec, str, str] | None:
    """(spec, word as typed, rest); a dash that was typed as a blank is forgiven ("#minta data")."""
    second, _, remaining = rest.partition(" ")
    joined = _fold(word) + _fold(second.rstrip(":=.,;!"))
    if second and joined in _BY_WORD and joined != _fold(word):
        return _BY_WORD[joined], f"{word} {second.rstrip(':=.,;!')}", remaining.strip()
    spec = _BY_WORD.get(_fold(word))
    return None if spec is None else (spec, word, rest)


def _attempt(line: str) -> tuple[Spec, str, str] | None:
    """The command of a line, None for text such as "# Judul" or "#12"; an unknown "#word" is a fault."""
    shape = _shape(line)
    if shape is None:
        return None
    touching, word, rest = shape
    known = _known(word, rest)
    if known is not None:
        return known
    if not touching:
        return None
    nearest = _nearest(word)
    if nearest:
        sentence = _SAID("unknown_nearest", word=word[:40], nearest=nearest)
    else:
        sentence = _SAID("unknown", word=word[:40])
    raise _Misread(Fault(sentence, line.strip()[:200], nearest))


def find(word: str) -> tuple[Spec | None, str | None]:
    """The command that a reader means by "eskalasi", "#Eskalasi" or "minta data"; else the nearest known word."""
    wanted = word.strip().lstrip(_SIGN)
    first, _, rest = wanted.partition(" ")
    known = _known(first, rest.strip()) if first else None
    if known is not None and (not rest or known[2] == ""):
        return known[0], None
    return None, _nearest(wanted) if first else None


_IN_A_LINE = late.pattern(r"(?:^|[\s(“\"'])[#＃﹟]([^\W\d_][\w‐‑‒–—-]{0,79})( [^\W\d_]{1,20})?")


def mentioned(text: str) -> str | None:
    """The first known command within the lines of a text, where it does not count ("Selamat pagi, #tugaskan Joko")."""
    for found in _IN_A_LINE.finditer(text.translate(_INVISIBLE)):
        if (known := _known(found[1], (found[2] or "").strip())) is not None:
            return known[0].word
    return None


def _nearest(word: str, cutoff: float = 0.75) -> str | None:
    found = difflib.get_close_matches(_fold(word), list(_WORDS), n=1, cutoff=cutoff)
    return _WORDS[found[0]] if found else None


# --- what a command needs -------------------------------------------------------------------

#: Whether a period can be read does not depend on the day; a leap year knows every date.
_ANY_DAY = date(2024, 1, 1)
_PRIORITY = late.pattern(r"[Pp]?\s?([1-4])[.!]?")
_NUMBER = late.pattern(r"[A-Za-z0-9][A-Za-z0-9./_#-]{0,59}")


def _complete(spec: Spec, word: str, rest: str, following: list[str], line: str) -> tuple[Command, Fault | None]:
    shown = line.strip()[:200]
    on_number = on_entry(spec.word) if spec.takes is Takes.NOTHING else None
    if on_number is not None and _ENTRY.match(unicodedata.normalize("NFKC", rest[:80])):
        spec = on_number
    command = Command(spec.name, word)
    if not spec.takes_text:
        return _READERS[spec.takes](spec, command, rest, shown)
    fault = _command_in_text(following)
    if spec.takes is Takes.ADDRESS_AND_TEXT:
        address, _ = _address(rest)
        command, rest = replace(command, argument=address), "" if address else rest
    text = "\n".join([rest, *following]).strip()
    if fault is None and spec.takes is Takes.TEXT and not any(char.isalnum() for char in text):
        fault = Fault(_SAID("needs_text", word=spec.word), shown, lacks_text=spec.name)
    return replace(command, text=text), fault


def _with_nothing(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    if rest.strip(" .!"):
        return command, Fault(_SAID("takes_nothing", word=spec.word), shown)
    return command, None


def _with_words(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    asked, sentence = questions.read(spec.takes, narrowed(rest))  # a question's link may do without a code
    return replace(command, argument=asked), Fault(sentence, shown) if sentence else None


def _set(rest: str, line: str) -> tuple[list[Command], Fault | None]:
    """The commands that set what stands behind `#ubah`."""
    said, shown = fields.read(rest), line.strip()[:200]
    listed = ", ".join(spec.word for spec in fields.FIELDS)
    if said.nearest is not None:
        nearest = said.nearest.word
        sentence = _SAID("unknown_field_nearest", word=said.unknown[:40], nearest=nearest, listed=listed)
        return [], Fault(sentence, shown, nearest)
    if said.unknown or not said.values:
        return [], Fault(_SAID("unknown_field", word=(said.unknown or rest.strip())[:40], listed=listed), shown)
    found = []
    for spec, value in said.values:
        command, fault = _READERS[spec.takes](spec, Command(spec.name, f"{fields.SET.word} {spec.word}"), value, shown)
        if fault is not None:
            return [], fault
        found.append(replace(command, by_set=True))
    return found, None


def in_set(line: str) -> str | None:
    """What stands behind the `#ubah` of a line; None: it is no such line."""
    shape = _shape(line)
    known = _known(*shape[1:]) if shape is not None else None
    return known[2] if known is not None and known[0].takes is Takes.FIELDS else None


def _with_period(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    period = rest.strip(" .!")
    if read_span(period, _ANY_DAY) is None:
        return command, Fault(_SAID("needs_period", word=spec.word), shown)
    return replace(command, argument=period), None


def _with_level(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    level = _PRIORITY.fullmatch(unicodedata.normalize("NFKC", rest[:20]).strip())
    return _with_phrase(spec, command, rest if level is None else level[1], shown)


def _with_phrase(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    if len(rest) > _AROUND_LENGTH:
        return command, Fault(_SAID("phrase_too_long", word=spec.word), shown)
    return replace(command, argument=" ".join(rest.split()).strip(" .;,")), None


def _with_number(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    entry = _ENTRY.fullmatch(unicodedata.normalize("NFKC", rest[:160]).strip(" .!"))
    if rest.strip(" .!") and (entry is None or entry[2]):
        return command, Fault(_SAID("one_number_only", word=spec.word), shown)
    return replace(command, argument=entry[1] if entry else ""), None


def _with_address(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    address, name = _address(rest)
    if not address:
        return command, Fault(_SAID("needs_address", word=spec.word), shown)
    return replace(command, argument=address, text=name), None


#: What stands behind "#lpse-support" of a ticket that is closed there.
CLOSED_THERE = "ditutup"


def _with_argument(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    number = rest.rstrip(".")
    if spec.name == "tts" and number.casefold() in (CLOSED_THERE, "tutup", "closed"):
        return replace(command, argument=CLOSED_THERE), None
    if not _NUMBER.fullmatch(number) or not any(char.isdigit() for char in number):
        return command, Fault(_SAID("needs_number", word=spec.word), shown)
    return replace(command, argument=number), None


def _with_ticket(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    """The argument becomes the number as it is written, or "NUMBER pihak"."""
    line = unicodedata.normalize("NFKC", rest[:200]).strip().rstrip(".!")
    party = ""
    if found := _AS_PARTY.search(line):
        line, party = line[: found.start()].rstrip(" ,;:"), " pihak"
    number = line.strip("[]()【】 ,;:")
    if not any(char.isdigit() for char in number) or len(number) > _LONGEST_NUMBER:
        return command, Fault(_SAID("needs_other_ticket", word=spec.word), shown)
    return replace(command, argument=f"{number}{party}"), None


_LONGEST_NUMBER = 80
_AS_PARTY = late.pattern(r" (?:(?:sebagai |jadi )?pihak|party)\Z", re.IGNORECASE)


# Whatever looks like one address; mail programs write it as "Nama <a@b>", "a@b <mailto:a@b>" or "[mailto:a@b]".
_ADDRESS = late.pattern(
    r"(?<![^\s<>()\[\],;:\"])[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}(?![^\s<>()\[\],;:\"])"
)
_AROUND_ADDRESS = " \t\"'<>()[],;:.!"


def _address(rest: str) -> tuple[str, str]:
    """The one address in the rest of a command's line, lower-cased, and the name before it; "" if it is not one."""
    line = rest[:_LONGEST_ADDRESS]
    found = {each[0].rstrip(".!'").lower() for each in _ADDRESS.finditer(line)}
    if len(found) != 1 or len(rest) > _LONGEST_ADDRESS or line.count("@") != len(_ADDRESS.findall(line)):
        return "", ""
    first = _ADDRESS.search(line)
    name = line[: first.start()] if first else ""
    return found.pop(), re.sub(r"\bmailto\b", "", name, flags=re.IGNORECASE).strip(_AROUND_ADDRESS)


_LONGEST_ADDRESS = 500


# "17", "no. 17", "#17", and what follows it.
_ENTRY = late.pattern(r"(?:(?:nomor|no)\.?\s*|#\s?)?0*([1-9]\d{0,11})(?!\w)[.,;:]?\s*(.*)", re.IGNORECASE | re.DOTALL)


def _with_entry(spec: Spec, command: Command, rest: str, shown: str) -> tuple[Command, Fault | None]:
    """The argument becomes "17", or "17 LPSE-BTG-2026-000012" for what names a ticket too."""
    found = _ENTRY.fullmatch(unicodedata.normalize("NFKC", rest[:160]).strip())
    if found is None:
        return command, Fault(_SAID("needs_entry", word=spec.word), shown)
    more = found[2].rstrip(" .!")
    if more and spec.takes is Takes.ENTRY:
        return command, Fault(_SAID("one_entry_only", word=spec.word), shown)
    return replace(command, argument=f"{found[1]} {more}".strip()), None


#: How the rest of a command's line is read where no text goes with it.
_READERS: Mapping[Takes, Callable[[Spec, Command, str, str], tuple[Command, Fault | None]]] = {
    Takes.NOTHING: _with_nothing,
    Takes.FIELDS: _with_nothing,
    Takes.ARGUMENT: _with_argument,
    Takes.LEVEL: _with_level,
    Takes.ENTRY: _with_entry,
    Takes.ENTRY_AND_TICKET: _with_entry,
    Takes.PERIOD: _with_period,
    Takes.PHRASE: _with_phrase,
    Takes.TICKET: _with_ticket,
    Takes.NUMBER: _with_number,
    Takes.ADDRESS: _with_address,
    **dict.fromkeys((Takes.NUMBERS, Takes.FILTERS, Takes.SOUGHT, Takes.MONTH, Takes.COMMAND), _with_words),
}


# Looking for the nearest word is dear; a text with more "#word" lines than this is no slip of the pen.
_MOST_LOOKED_UP = 50


def _command_in_text(lines: list[str]) -> Fault | None:
    """A command after the text of another: it would go out with the text instead of being carried out.

    "#12", "# Judul" and "#kata lain" in a text are text; a known word is not, nor a line that holds
    nothing but what looks like a mistyped one.
    """
    looked_up = 0
    for line in lines:
        shape = _shape(line)
        if shape is None or not shape[0]:
            continue
        _, word, rest = shape
        known = _known(word, rest)
        if known is not None:
            word = known[0].word
            return Fault(_SAID("command_in_text", word=word), line.strip()[:200], word)
        if rest or looked_up == _MOST_LOOKED_UP:
            continue
        looked_up += 1
        nearest = _nearest(word, cutoff=0.8)
        if nearest is not None:
            return Fault(_SAID("like_a_command", word=word[:40], nearest=nearest), line.strip()[:200], nearest)
    return None


# --- what may stand around commands -----------------------------------------------------------

# A greeting and nothing more: "Selamat pagi, mohon ditutup saja" says something and is none.
_ADDRESSEE = r"(?:[\s,./&()'’-]+[\w'’]{1,20}){0,%d}"
_PEOPLE = r"(?:bapak|ibu|bpk|pak|bu|mas|mbak|kak|rekan|tim|team|admin|semua(?:nya)?|mailbot|helpdesk|lpse|lkpp|bot)"
_WISH = (
    r"(?:selamat\s+(?:pagi|siang|sore|malam|petang)|assalam\w*['’]?\s?\w*(?:\s+w[\w.]*)?(?:\s+w[\w.]*)?"
    r"|salam(?:\s+(?:sejahtera|hormat|sehat|kebajikan))?|shalom|om\s+swastiastu|namo\s+buddhaya)"
)
_GREETING = late.pattern(
    rf"(?:{_WISH}(?:[\s,./&-]+{_PEOPLE}(?:[\s,./&-]+{_PEOPLE})*(?:[\s,./&-]+[\w'’]{{1,20}})?)?"
    rf"|(?:yth|yang\s+terhormat|kepada|dear|halo|hallo|hai|hi|hello)\b{_ADDRESSEE % 6}"
    rf"|{_PEOPLE}{_ADDRESSEE % 1}|di[\s-]*tempat)[\s,.!:;]*",
    re.IGNORECASE,
)
_CLOSING = late.pattern(
    r"(?:terima\s?kasih|makasih|trims|thanks?|salam|hormat|wassalam|demikian|best|kind|regards)\b",
    re.IGNORECASE,
)
_AROUND_LINES = 6
_AROUND_LENGTH = 120


def _is_greeting(line: str) -> bool:
    return len(line) <= _AROUND_LENGTH and _GREETING.fullmatch(line) is not None


def only_greetings(text: str) -> bool:
    """Whether each written line of a text is a greeting, and there is nothing that it leads to."""
    return all(_is_greeting(line.strip()) or not any(map(str.isalnum, line)) for line in text.split("\n"))


def _between(before: list[str], *, first: bool, line: str) -> Fault | None:
    """Plain text before a command: above the first one a greeting is welcome, anything else is ambiguous."""
    written = [part.strip() for part in before if part.strip()]
    if not written or (first and len(written) <= _AROUND_LINES and all(map(_is_greeting, written))):
        return None
    return Fault(_SAID("text_before" if first else "text_between"), line.strip()[:200])


def only_leave(text: str) -> bool:
    """Whether a text only greets or takes leave: nothing that anybody would miss."""
    return only_greetings(text) or _is_closing(text.split("\n"))


def _is_closing(after: list[str]) -> bool:
    """Whether nothing but a closing formula and a name follow the last command, which takes no text."""
    written = [part.strip() for part in after if part.strip()]
    if not written:
        return True
    short = len(written) <= _AROUND_LINES and all(len(part) <= _AROUND_LENGTH // 2 for part in written)
    return short and _CLOSING.match(written[0]) is not None


# --- a link's code ----------------------------------------------------------------------------

CODE_LENGTH = 20
_CODE = late.pattern(r"\*{0,2}kode\s?:\s?([A-Z2-7](?:[\s\-‐-―]{0,2}[A-Z2-7]){19})\*{0,2}", re.IGNORECASE)
_NOT_IN_CODE = late.pattern(r"[^A-Z2-7]")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _code_in(line: str) -> str:
    """The code that a line holds and nothing else, in capitals without dashes; "" if it holds none."""
    if len(line) < CODE_LENGTH or ":" not in line:
        return ""
    stripped = line.translate(_INVISIBLE).strip()
    found = _CODE.fullmatch(stripped) if len(stripped) <= 80 else None
    code = _NOT_IN_CODE.sub("", found[1].upper()) if found else ""
    return code if len(code) == CODE_LENGTH else ""


def above_code(text: str) -> str:
    """What stands above the first code of a text; all of it where there is none."""
    lines = _lines(text)
    for number, line in enumerate(lines):
        if _code_in(line):
            return "\n".join(lines[:number]).strip()
    return text.strip()


def may_stand(command: Command, text: str) -> bool:
    """Whether a text that is written below this command is read as just that."""
    spec = SPECS[command.name]
    if not spec.takes_text or not text:
        return True
    found = read(f"#{spec.word} -\n{text}")
    return found.fault is None and found.code is None


def without_codes(text: str) -> list[str]:
    """The lines of a text that are no codes; a number below its command stands behind it."""
    return _joined(_take_code(text)[0].split("\n"))


def _take_code(text: str) -> tuple[str, str | None, Fault | None]:
    """(text without the lines of codes and with the signs of their link as written, code in capitals without dashes,
    fault if there are two).

    A code is 20 characters of base32 (RFC 4648 §6) in groups, on a line of its own after "Kode:".
    """
    kept: list[str] = []
    codes: list[str] = []
    for line in _lines(text):
        if code := _code_in(line):
            codes.append(code)
        else:
            kept.append(line)
    distinct = list(dict.fromkeys(codes))
    fault = Fault(_SAID("two_codes")) if len(distinct) > 1 else None
    rest = "\n".join(kept)
    return narrowed(rest) if codes else rest, distinct[0] if len(distinct) == 1 else None, fault
