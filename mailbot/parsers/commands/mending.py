"""What a mail with a slip in its commands may have been meant as: the commands that can be read, each with its words.

Nothing of it is carried out by itself: it is shown to its writer, with links that carry it out. Pure and total.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailbot.parsers.commands import command_lines, fields
from mailbot.parsers.commands.command_lines import Command, Commands
from mailbot.parsers.commands.vocabulary import SPECS, Spec, Takes

#: Looking for the nearest word is dear; a text with more "#word" lines than this is no slip of the pen.
_MOST_LINES = 50
_SIGNS = "#＃﹟"
#: Invisible characters and blanks that may stand before the sign.
_BEFORE_SIGN = 20


@dataclass(frozen=True, slots=True)
class Meant:
    """fields: the complete commands without a text, none twice. texts: those that take one, each with its own.
    loose: the words that stand with no command, "" where they only greet or take leave."""

    fields: tuple[Command, ...] = ()
    texts: tuple[Command, ...] = ()
    loose: str = ""


def meant(new_text: str) -> Meant:
    """The commands and words of a mail's new text, whatever is wrong with them."""
    complete: dict[str, Command] = {}
    texts: list[tuple[Command, list[str]]] = []
    loose: list[str] = []
    looked_at = 0
    for line in command_lines.without_codes(new_text):
        spec, rest = None, line
        if any(sign in line[:_BEFORE_SIGN] for sign in _SIGNS) and looked_at < _MOST_LINES:
            looked_at += 1
            spec, rest, corrected = _command(line)
            if corrected and texts:  # within the words of a command a word that is only like one is a word
                spec, rest = None, line
        if spec is fields.SET:
            complete |= {one.name: one for one in _set(rest) if one.name not in complete}
        elif spec is None:
            (texts[-1][1] if texts else loose).append(rest if not texts else line)
        elif spec.takes_text:
            texts.append((Command(spec.name, spec.word), [rest]))
        else:
            read = command_lines.read(f"#{spec.word} {rest}").commands
            if read:
                complete.setdefault(spec.name, read[0])
            elif spec.takes is Takes.NOTHING:
                complete.setdefault(spec.name, Command(spec.name, spec.word))
                loose.append(rest)
    left = "\n".join(loose).strip()
    return Meant(
        tuple(complete.values()),
        tuple(replace(command, text="\n".join(words).strip()) for command, words in texts),
        "" if command_lines.only_leave(left) else left,
    )


def _command(line: str) -> tuple[Spec | None, str, bool]:
    """(command that a line begins with, what follows it, whether its word is only like the one typed)."""
    if (rest := command_lines.in_set(line)) is not None:
        return fields.SET, rest, False
    found = command_lines.read(line)
    spec = _of(found)
    if spec is not None:
        return spec, _rest(line, spec), False
    word, _, rest = line.strip().partition(" ")
    if found.fault is None:
        return None, line, False
    spec, nearest = command_lines.find(word)
    if spec is None and nearest is not None:
        spec, _ = command_lines.find(nearest)
        return spec, rest.strip(), True
    return (spec, rest.strip(), False) if spec is not None else (None, rest, False)


def _set(rest: str) -> list[Command]:
    """The fields behind `#ubah`, where a word that names none is like one."""
    if not rest:
        return [Command(fields.SET.name, fields.SET.word)]
    written = ", ".join(f"{spec.word} {value}" for spec, value in fields.read(rest).values)
    return list(command_lines.read(f"#{fields.SET.word} {written}").commands) if written else []


def _of(found: Commands) -> Spec | None:
    if found.commands:
        return SPECS[found.commands[0].name]
    if found.fault is not None and found.fault.lacks_text is not None:
        return SPECS[found.fault.lacks_text]
    return None


def _rest(line: str, spec: Spec) -> str:
    """What stands behind the command's word, which may be typed with a blank for its dash ("#minta data")."""
    [command] = command_lines.read(line).commands or [Command(spec.name, spec.word)]
    if spec.takes_text:
        return f"{command.argument} {command.text}".strip()
    return command.argument
