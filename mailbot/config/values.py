"""The values that config.yaml is made of: each reader takes what YAML gave and returns a typed value.

A reader raises ValueError with what is allowed ("a port …"); whoever calls it adds what was found.
It raises `Plain` with a whole sentence where what was found must not be printed, or does not help.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from mailbot.model import Duration
from mailbot.rules.worktime.durations import ALLOWED, is_positive, parse_duration
from mailbot.rules.worktime.listtimes import OPENING


class Plain(ValueError):
    """A fault told in a whole sentence, without what was found."""


class Faults(ValueError):
    """Several faults below one key: (path below the key, sentence)."""

    def __init__(self, faults: list[tuple[tuple[str | int, ...], str]]) -> None:
        super().__init__("faults")
        self.faults = faults


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like a mistyped one, if any is like it."""
    known = list(known)
    if same := next((one for one in known if one.lower() == word.lower()), None):
        return same
    return next(iter(difflib.get_close_matches(word[:60], list(known), n=1, cutoff=0.6)), None)


def shown(value: Any) -> str:
    """A value as a fault quotes it; never called for secrets."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a group of keys"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case str() if len(value) > 60:
            return json.dumps(value[:60] + "…", ensure_ascii=False)
        case _:
            return json.dumps(value, ensure_ascii=False)


# --- text ---------------------------------------------------------------------------------


def line(value: Any) -> str:
    """One line of text, 1 to 200 characters: it may stand in a header, so no control characters."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > 200 or not text.isprintable():
        comment = "; what begins with # is a comment to YAML: put such a text in quotes" if value is None else ""
        raise ValueError(f"one line of text of 1 to 200 characters, in quotes if it is a number{comment}")
    return text


def long_line(value: Any) -> str:
    """One line of text of a mail's body, 1 to 400 characters: a postal address may be long."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > 400 or not text.isprintable():
        raise ValueError("one line of text of 1 to 400 characters, in quotes")
    return text


def line_or_empty(value: Any) -> str:
    """As `line`, but null and "" are the empty text."""
    return "" if value is None or value == "" else line(value)


def mailbox_name(value: Any) -> str:
    """A mailbox's short name: it stands in logs and on the command line."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", value):
        raise ValueError("a short name of a-z, 0-9, - and _, 32 at most")
    return value


def ticket_prefix(value: Any) -> str:
    """The part of a ticket number before the year; a last part of digits would read as a year."""
    if (
        not isinstance(value, str)
        or len(value) > 24
        or not re.fullmatch(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*", value)
        or value.rpartition("-")[2].isdigit()
    ):
        raise ValueError("capitals, digits and single dashes, 24 at most, the last part not only digits: LPSE-BTG")
    return value


# RFC 5321 §4.1.2 Dot-string and RFC 1123 §2.1 host names: no quoted strings, no literals, no comments.
_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
_ADDRESS = re.compile(f"(?P<local>{_LOCAL})@(?P<domain>{_DOMAIN})")


def address(value: Any) -> str:
    """A bare ASCII addr-spec, lower-cased: listed addresses are compared byte for byte after that."""
    text = value.lower() if isinstance(value, str) and value.isascii() and len(value) <= 254 else ""
    match = _ADDRESS.fullmatch(text)
    if match is None or len(match["local"]) > 64:
        raise ValueError(f"a plain address such as sari@batangkab.go.id{_meant_address(value)}")
    return text


def _meant_address(value: Any) -> str:
    """A hint for whoever has copied an address out of a mail program."""
    text = value.lower() if isinstance(value, str) and value.isascii() and len(value) <= 300 else ""
    found = [each[0] for each in _ADDRESS.finditer(text.replace("mailto:", ""))]
    if len(found) > 1:
        return ", one in each entry"
    plain = len(found) == 1 and found[0] != text and not re.search(r"\s@|@\s", text)
    return f"; did you mean {found[0]}?" if plain else ""


def form(value: Any) -> str:
    """A web form's entry, {from: ADDRESS}: the address that its mails come from."""
    try:
        if isinstance(value, dict) and set(value) == {"from"}:
            return address(value["from"])
    except ValueError:
        pass
    raise ValueError("{from: ADDRESS}, with one plain address and no other key")


def address_or_domain(value: Any) -> str:
    """An address, or "@domain" for every address of exactly that domain; lower-cased."""
    try:
        if isinstance(value, str) and value.startswith("@"):
            return address("x" + value)[1:]
        return address(value)
    except ValueError:
        raise ValueError('a plain address, or a domain such as "@lkpp.go.id"') from None


def authserv_id(value: Any) -> str:
    """The authserv-id of RFC 8601 §2.5, as a token; lower-cased."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", value):
        raise ValueError("the first word of the server's Authentication-Results, such as mail.batangkab.go.id")
    return value.lower()


def pattern(value: Any) -> re.Pattern[str]:
    """A regular expression, case ignored; it must ask for at least one character."""
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError("a regular expression of 1 to 200 characters")
    try:
        compiled = re.compile(value, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"a regular expression ({error})") from None
    if compiled.match(""):
        raise ValueError("a regular expression that does not match the empty text")
    return compiled


# --- numbers, dates, lengths ------------------------------------------------------------------

_UNITS = {"B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def size(value: Any) -> int:
    """ "10MB" -> bytes; decimal units (10MB = 10,000,000), the careful reading of a server's limit."""
    match = re.fullmatch(r"([1-9][0-9]{0,8}) ?(B|KB|MB|GB)", value.upper()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a size such as "10MB" or "64KB"')
    return int(match[1]) * _UNITS[match[2]]


def day(value: Any) -> date:
    """ "2026-12-24" -> date."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("a date such as 2026-12-24")


def duration(value: Any) -> Duration:
    """A duration of any kind, longer than nothing."""
    parsed = _duration_or_none(value)
    if parsed and is_positive(parsed):
        return parsed
    raise ValueError(f"a duration above zero, in quotes: {ALLOWED}")


#: The channels to LKPP, as config.yaml names them.
CHANNELS = ("email", "lpse-support")


def duration_by_channel(value: Any) -> Duration | dict[str, Duration]:
    """A duration, or one for each channel to LKPP."""
    if not isinstance(value, dict):
        return duration(value)
    if sorted(map(str, value)) != sorted(CHANNELS):
        raise ValueError(f"a duration, or one for each channel: {', '.join(CHANNELS)}")
    return {channel: duration(value[channel]) for channel in CHANNELS}


#: The priorities, as config.yaml names them, in their order.
PRIORITIES = ("P1", "P2", "P3", "P4")


def duration_by_priority(value: Any) -> Duration | dict[str, Duration]:
    """A duration, or one for each priority. Raises `Faults`, with every fault found, each with its own key."""
    if not isinstance(value, dict):
        return duration(value)
    known, found = ", ".join(PRIORITIES), dict[str, Duration]()
    faults: list[tuple[tuple[str | int, ...], str]] = []
    for key, length in value.items():
        if key not in PRIORITIES:
            close = nearest(str(key).upper(), PRIORITIES)
            hint = f"did you mean {close}?" if close and close not in value else f"known here: {known}"
            faults.append(((key,), f"unknown key; {hint}"))
            continue
        try:
            found[key] = duration(length)
        except ValueError as error:
            faults.append(((key,), f"found {shown(length)}; must be {error}"))
    if missing := [key for key in PRIORITIES if key not in value]:
        faults.append(((), f"{', '.join(missing)} missing; must be one duration, or one for each of {known}"))
    if faults:
        raise Faults(faults)
    return found


def minutes(value: Any) -> Duration:
    """A duration in minutes or hours, longer than nothing."""
    parsed = minutes_or_none(value)
    if not is_positive(parsed):
        raise ValueError('minutes or hours above zero, in quotes: "5m"')
    return parsed


def seconds(value: Any) -> float:
    """A length of time between a second and half an hour, in seconds or minutes: "60s", "5m"."""
    match = re.fullmatch(r"([0-9]{1,4}) ?(s|detik|m|menit)", value.strip().lower()) if isinstance(value, str) else None
    found = int(match[1]) * (1 if match[2] in ("s", "detik") else 60) if match else 0
    if not 1 <= found <= 1800:
        raise ValueError('seconds or minutes, "1s" to "30m", in quotes: "60s"')
    return float(found)


def minutes_or_none(value: Any) -> Duration:
    """A duration in minutes or hours; "0m" for none."""
    parsed = _duration_or_none(value)
    if parsed is None or parsed.working_days or parsed.days:
        raise ValueError('minutes or hours, in quotes: "3m"')
    return parsed


def calendar_days(value: Any) -> Duration:
    """A duration in calendar days, longer than nothing."""
    parsed = _duration_or_none(value)
    if parsed is None or not parsed.days:
        raise ValueError('calendar days above zero, in quotes: "7d" or "7 hari"')
    return parsed


def _duration_or_none(value: Any) -> Duration | None:
    try:
        return parse_duration(value) if isinstance(value, str) else None
    except ValueError:
        return None


def list_times(value: Any) -> tuple[str, ...]:
    """The times of the work lists, 1 to 6: "opening" or a local time of day as "HH:MM", in the order of the day."""
    found = [_list_time(one) for one in value] if isinstance(value, list) else []
    if not 1 <= len(found) <= 6 or None in found or len(set(found)) < len(found):
        raise ValueError('a list of 1 to 6 times, each once: opening, or a time in quotes such as "13:00"')
    return tuple(sorted(map(str, found), key=lambda one: "" if one == OPENING else one))


_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])", re.ASCII)


def _list_time(value: Any) -> str | None:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return OPENING if value == OPENING else None
    return f"{int(match[1]):02}:{match[2]}"


_INDONESIAN_ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
_BY_HOURS = {"7": "Asia/Jakarta", "8": "Asia/Makassar", "9": "Asia/Jayapura"}


def zone(value: Any) -> ZoneInfo:
    """An IANA time zone."""
    if isinstance(value, str) and (meant := _INDONESIAN_ZONES.get(value.strip().upper())):
        raise ValueError(f"an IANA time zone; {value.strip().upper()} is {meant}")
    if isinstance(value, str) and (hours := re.fullmatch(r"(?i)(?:GMT|UTC)? ?\+0?([789])(?::?00)?", value.strip())):
        raise ValueError(f"an IANA time zone; in Indonesia {value.strip()} is {_BY_HOURS[hours[1]]}")
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", value):
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            close = nearest(value, sorted(available_timezones()))
            hint = f"; did you mean {close}?" if close else ""
            raise ValueError(f"an IANA time zone such as Asia/Jakarta{hint}") from None
    raise ValueError("an IANA time zone such as Asia/Jakarta")


# --- servers and files --------------------------------------------------------------------------


def host(value: Any) -> str:
    """A host name or an IP address."""
    if isinstance(value, str) and len(value) <= 253:
        if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?", value):
            return value.lower()
        try:
            return str(ipaddress.IPv6Address(value))
        except ValueError:
            pass
    raise ValueError(f"a host name such as mail.batangkab.go.id, or an IP address{_meant_host(value)}")


def _meant_host(value: Any) -> str:
    """A hint for whoever has copied it out of a browser or a manual."""
    text = value.strip().lower() if isinstance(value, str) and len(value) <= 300 else ""
    if "://" in text:
        return ", without what stands before :// and behind the name"
    if re.fullmatch(r"[a-z0-9.-]+:[0-9]+", text):
        return "; the port has a key of its own"
    if "@" in text:
        return "; it is the server's name, not an address"
    return ""


def is_loopback(name: str) -> bool:
    """Whether a host is this machine, by its name alone (no look-up that somebody could answer)."""
    if name.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def https_url(value: Any) -> str:
    """The address of a token server: https, or http on this machine. Secrets go there."""
    if isinstance(value, str) and len(value) <= 400 and value.isascii() and value.isprintable() and " " not in value:
        try:
            found = urlsplit(value)
            name = found.hostname or ""
            found.port  # noqa: B018 - raises ValueError for what is no port
        except ValueError:
            name = ""
        plain = not (found.username or found.password or found.query or found.fragment) if name else False
        if plain and (found.scheme == "https" or (found.scheme == "http" and is_loopback(name))):
            return value
    raise ValueError("an https:// address, without user name, ? and #")


def file_or_url(value: Any, base: Path) -> Path | str:
    """A file's path, or an address that may be asked for."""
    if isinstance(value, str) and "://" in value:
        https_url(value.partition("?")[0])
        return value
    return path_from(value, base)


def existing(value: Any, base: Path, kind: Literal["file", "folder"]) -> Path:
    """The absolute path of a file or folder that exists; relative ones start at `base`."""
    path = path_from(value, base)
    if not (path.is_file() if kind == "file" else path.is_dir()):
        raise ValueError(f"an existing {kind}, or null")
    return path


def path_from(value: Any, base: Path) -> Path:
    """An absolute path; relative ones start at `base`."""
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("a path")
    return Path(os.path.abspath(base / value))


def folder_name(value: Any) -> str:
    """An IMAP folder's name, as people read it (the IMAP module encodes it)."""
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
        raise ValueError("a folder's name such as INBOX")
    return "INBOX" if value.upper() == "INBOX" else value  # RFC 9051 §5.1: in any case


def no_list(text: str) -> None:
    """Refuses folders that stand in one text. A folder may have a comma in its name: that one is written in a list."""
    names = [name.strip() for name in re.split("[,;]", text)]
    if len(names) > 1 and all(names):
        raise ValueError(
            f"one folder's name, or for several a list in brackets: [{', '.join(names)}]"
            f' (a single folder whose name is like this: ["{text}"])'
        )


@dataclass(frozen=True, slots=True)
class Done:
    """How a handled mail is marked on the IMAP server; `folder` only for `move`."""

    kind: Literal["keyword", "seen", "move", "none"]
    folder: str | None = None


def done(value: Any) -> Done:
    """ "keyword", "seen", "none" or "move:FOLDER"."""
    match value:
        case "keyword" | "seen" | "none":
            return Done(value)
        case str() if value.startswith("move:") and value[5:].strip():
            return Done("move", folder_name(value[5:].strip()))
        case _:
            raise ValueError("keyword, seen, move:FOLDER or none")


# --- secrets ------------------------------------------------------------------------------------


class Secret:
    """A password that no log, traceback or repr shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")


SECRET_SOURCES = "{credential: NAME}, {file: PATH} or {env: NAME}, never the password itself"
_MAX_SECRET = 4096


def secret(value: Any, base: Path, environment: Mapping[str, str], *, read: bool = True) -> Secret:
    """Fetch a password from where the configuration says it is. read: False: only look whether it is said well; what
    comes back is empty.

    credential: the file NAME in $CREDENTIALS_DIRECTORY (systemd's LoadCredential=). Raises `Plain`;
    names are not printed either, because people mistake the place for that of the password.
    """
    if not isinstance(value, dict) or len(value) != 1:
        raise Plain(f"found something else (not shown); must be {SECRET_SOURCES}")
    [(kind, name)] = value.items()
    if name is None and re.match("(credential|file|env):", kind):
        raise Plain("a space is missing after the colon: {credential: NAME}, {file: PATH} or {env: NAME}")
    if kind == "env" and isinstance(name, str) and name.startswith("$"):
        raise Plain("name the environment variable without the dollar sign")
    if kind not in ("credential", "file", "env") or not isinstance(name, str) or not name:
        raise Plain(f"found something else (not shown); must be {SECRET_SOURCES}")
    if kind == "credential" and ("/" in name or name in (".", "..")):
        raise Plain("a credential's name holds no slash; for a path use {file: PATH}")
    if not read:
        return Secret("")
    match kind:
        case "env":
            if not (text := environment.get(name, "")):
                raise Plain("the environment variable named here is not set, or empty")
        case "credential":
            directory = environment.get("CREDENTIALS_DIRECTORY")
            if not directory:
                raise Plain(
                    "$CREDENTIALS_DIRECTORY is not set: systemd gives credentials to the service only"
                    " (LoadCredential=); by hand, name the folder in which the password's file lies:"
                    " CREDENTIALS_DIRECTORY=/etc/mailbot mailbot …; or use {file: PATH} or {env: NAME}"
                )
            text = _secret_file(Path(directory) / name, "the credential named here")
        case _:
            text = _secret_file(path_from(name, base), "the file named here")
    if not text.isprintable():
        raise Plain("the secret named here must be one line, without control characters")
    return Secret(text)


def _secret_file(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_SECRET + 1)
    except OSError as error:
        raise Plain(f"{what} cannot be read: {error.strerror or 'unknown reason'}") from None
    except ValueError:  # a NUL in the name
        raise Plain(f"{what} cannot be read") from None
    try:
        text = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise Plain(f"{what} is not UTF-8 text") from None
    if not text or len(raw) > _MAX_SECRET:
        raise Plain(f"{what} is empty, or larger than {_MAX_SECRET} bytes")
    return text


def is_open_to_others(path: Path) -> bool:
    """Whether users beyond owner and group may read a file."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except (OSError, ValueError):
        return False
