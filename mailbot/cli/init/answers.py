"""The questions of `mailbot init`: what is asked, what is proposed, and which answers are taken.

An answer comes from a person at a terminal, from a file or from the command line; it is held to the same rules, those
of the configuration itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mailbot import yamlfile
from mailbot.config import values

Answers = Mapping[str, Any]
_ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


@dataclass(frozen=True, slots=True)
class Question:
    """read: what the answer means; raises ValueError with what is allowed. proposed: for nothing; None: there must be
    an answer. fits: whether it is a question at all, after the answers before it; None: always."""

    key: str
    asked: str
    read: Callable[[Any], Any]
    proposed: Callable[[Answers], str] | None = None
    fits: Callable[[Answers], bool] | None = None


_PERSON = re.compile(r"([^<>@]+?)\s*<\s*([^<>\s]+)\s*>")


def _people(value: Any) -> tuple[dict[str, str], ...]:
    """Of "Sari, S.Kom <sari@batangkab.go.id>, Joko <joko@batangkab.go.id>", or of a list of such. A name may have a
    comma: each person ends with an address."""
    texts = (
        value if isinstance(value, list) else re.split(r"(?<=>)\s*[,;]?", value) if isinstance(value, str) else [None]
    )
    found = []
    for text in texts:
        if isinstance(text, str) and not text.strip():
            continue
        match = _PERSON.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise ValueError("names with addresses: Sari <sari@batangkab.go.id>, Joko <joko@batangkab.go.id>")
        name = match[1][1:-1] if re.fullmatch('"[^"]*"', match[1]) else match[1]
        found.append({"name": values.line(name), "address": values.address(match[2])})
    return tuple(found)


def _somebody(value: Any) -> tuple[dict[str, str], ...]:
    found = _people(value)
    if not found:
        raise ValueError("one person at least: Sari <sari@batangkab.go.id>")
    return found


def _zone(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    name = _ZONES.get(text.upper(), text)
    values.zone(name)
    return name


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value in (None, "", "-") else read(value)


def _provider(value: Any) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    if text not in providers():
        close = values.nearest(text, providers())
        hint = f"; did you mean {close}?" if close else ""
        raise ValueError(f"one of {', '.join(providers())}{hint}")
    return text


def _data(value: Any) -> str:
    text = values.line(value)
    if not text.startswith(("/", "./")):
        raise ValueError("a folder, as /var/lib/mailbot or ./data")
    return text


def _credential(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", value):
        raise ValueError("a name of letters, digits, dots and dashes, not a path and never the password")
    return value


@cache
def providers() -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = yamlfile.read(Path(__file__).with_name("providers.yaml")).data
    return MappingProxyType(found)


def by_token(answers: Answers) -> bool:
    """Whether the provider takes a token (OAuth2) and no password."""
    return "oauth2" in providers().get(str(answers.get("provider")), {})


def _domain(answers: Answers) -> str:
    return str(answers["address"]).rpartition("@")[2]


def _host(way: str) -> Callable[[Answers], str]:
    return lambda answers: str(providers()[answers["provider"]][way]["host"]).replace("DOMAIN", _domain(answers))


def _short(answers: Answers) -> str:
    """Of lpse@batangkab.go.id and of admin@lpse.batangkab.go.id "batangkab"."""
    labels = [label for label in _domain(answers).split(".") if label not in ("lpse", "mail", "www")]
    return re.sub(r"[^a-z0-9-]", "", labels[0] if labels else "lpse")[:32].strip("-") or "lpse"


#: In the order in which they are asked. `config` is the path of config.yaml, known before any answer.
QUESTIONS = (
    Question("organisation", "Name of the LPSE, as it stands in mails", values.line),
    Question("address", "Address that users write to", values.address),
    Question("name", "Short name, for logs and the command line", values.mailbox_name, _short),
    Question(
        "prefix",
        "Prefix of ticket numbers (LPSE-BTG gives LPSE-BTG-2026-000001)",
        values.ticket_prefix,
        lambda answers: f"LPSE-{re.sub(r'[^A-Z]', '', _short(answers).upper())[:3] or 'X'}",
    ),
    Question("timezone", "Time zone: WIB, WITA or WIT", _zone, lambda _: "WIB"),
    Question("street", "Street and town, for the signature", values.long_line),
    Question("phone", "Telephone, for users whom no mail reaches", values.line_or_empty, lambda _: ""),
    Question("provider", "Mail provider", _provider, lambda _: "zimbra"),
    Question("imap_host", "IMAP server", values.host, _host("imap")),
    Question("smtp_host", "SMTP server", values.host, _host("smtp")),
    Question("username", "User name at both", values.line, lambda answers: str(answers["address"])),
    Question("client_id", "Client ID at the provider", values.line, fits=by_token),
    Question("staff", "Staff (Name <address>, Name <address>)", _somebody),
    Question("coordinator", "Coordinators, the same way", _people, lambda _: ""),
    Question("head", "Head of unit", _people, lambda _: ""),
    Question("operator", "Operators, who get alarms", _people, lambda _: ""),
    Question("lkpp", "Address of Helpdesk LKPP", values.address, lambda _: "helpdesk-lpse@lkpp.go.id"),
    Question(
        "authserv_id",
        "authserv-id of your border server (- if you do not know)",
        _or_none(values.authserv_id),
        lambda _: "-",
    ),
    Question("data", "Folder for the database", _data, lambda answers: _folder_of_data(answers)),
    Question(
        "credential",
        "Name of the password's file for systemd",
        _credential,
        lambda answers: f"{answers['name']}-mail",
        lambda answers: not by_token(answers),
    ),
)
KEYS = tuple(question.key for question in QUESTIONS)


def _folder_of_data(answers: Answers) -> str:
    return "/var/lib/mailbot" if str(answers["config"]).startswith("/etc/") else "./data"
