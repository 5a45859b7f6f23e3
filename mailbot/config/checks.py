"""What one value of config.yaml alone does not show: defaults, and values that must fit together.

All works on the values as YAML gave them, of any shape: these faults are reported in the same go as
those of single values, and what is no text is left to the readers of `values`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailbot.config import service_hours, values
from mailbot.yamlfile import Document, Step

Steps = tuple[Step, ...]

ONE_ROLE = ("staff", "coordinator", "head")
LISTS = (*ONE_ROLE, "operator")
SECRETS = ("password", "client_secret", "refresh_token")
_NOT_ENCRYPTED = (
    'found "none", which sends the password over the network as it is; must be tls or starttls'
    " (none is for a server on this machine: 127.0.0.1)"
)


@dataclass(frozen=True, slots=True)
class Merged:
    """A mailbox with `defaults` below it. `origins`: path in the mailbox -> path in the file."""

    document: Document
    data: dict[str, Any] = field(repr=False)
    origins: dict[Steps, Steps] = field(repr=False)

    def fault(self, path: Steps, message: str) -> str:
        """A ready line that names the place where the value stands, be it in `defaults`."""
        known = path
        while known not in self.origins:
            known = known[:-1]
        return self.document.fault((*self.origins[known], *path[len(known) :]), message)

    def get(self, *path: Step) -> Any:
        """The value at a path, None where there is none."""
        value: Any = self.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def text(self, *path: Step) -> str | None:
        """The text at a path, lower-cased, for comparing addresses and names; None if it is no text."""
        value = self.get(*path)
        return value.strip().lower() if isinstance(value, str) else None

    def items(self, *path: Step) -> range:
        value = self.get(*path)
        return range(len(value)) if isinstance(value, list) else range(0)


def merge_all(document: Document) -> list[Merged]:
    """The mailboxes of a file; what is no mapping is left out."""
    lines: dict[Steps, dict[Steps, Steps]] = {}
    for path in document.lines:
        lines.setdefault(path[:2], {})[path[2:]] = path
    listed = document.data.get("mailboxes") if isinstance(document.data, dict) else None
    if not isinstance(listed, list):
        return []
    wheres = [("mailboxes", index) for index, one in enumerate(listed) if isinstance(one, dict)]
    return [_merged(document, where, lines.get(where, {})) for where in wheres]


def _merged(document: Document, here: tuple[str, int], lines: Mapping[Steps, Steps]) -> Merged:
    """Put the file's `defaults` under a mailbox: mappings are merged, all else replaced.

    A secret's mapping is replaced as a whole: two sources of one secret are none.
    """
    defaults = document.data.get("defaults")
    own = document.data["mailboxes"][here[1]]
    origins: dict[Steps, Steps] = {(): here}
    data = _merge(defaults, own, (), ("defaults",), here, origins) if isinstance(defaults, dict) else own
    return Merged(document, data, {**origins, **lines})


def _merge(
    below: dict[str, Any],
    above: dict[str, Any],
    at: Steps,
    from_below: Steps,
    from_above: Steps,
    origins: dict[Steps, Steps],
) -> dict[str, Any]:
    merged = dict(below)
    for key in below.keys() - above.keys():
        origins[(*at, key)] = (*from_below, key)
        _note_origins(below[key], (*at, key), (*from_below, key), origins)
    for key, value in above.items():
        under = below.get(key)
        if isinstance(value, dict) and isinstance(under, dict) and key not in SECRETS:
            merged[key] = _merge(under, value, (*at, key), (*from_below, key), (*from_above, key), origins)
        else:
            merged[key] = value
    return merged


def _note_origins(value: Any, at: Steps, origin: Steps, origins: dict[Steps, Steps]) -> None:
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for step, part in parts:
        origins[(*at, step)] = (*origin, step)
        _note_origins(part, (*at, step), (*origin, step), origins)


# --- faults ---------------------------------------------------------------------------------------


def faults(mailboxes: list[Merged]) -> Iterator[str]:
    """All that does not fit together, within each mailbox and between them."""
    own = {address: box for box in reversed(mailboxes) for _, address in _addresses(box)}
    for mailbox in mailboxes:
        yield from _servers(mailbox)
        yield from _people(mailbox, own)
        yield from _forms(mailbox, own)
        yield from _proof(mailbox, own)
        yield from _lkpp(mailbox, own)
        yield from _approval(mailbox)
        yield from _lists(mailbox)
        yield from _holidays(mailbox)
    for key in ("name", "address", "ticket_prefix"):
        yield from _twice(mailboxes, key)
    yield from _aliases(mailboxes)
    yield from _folders(mailboxes)


def faults_of_alarms(document: Document, mailboxes: list[Merged]) -> Iterator[str]:
    """The second way out: encrypted on a network, and never into a mailbox that is watched."""
    security, host = _at(document, "alarms", "smtp", "security"), _at(document, "alarms", "smtp", "host")
    if security == "none" and isinstance(host, str) and not values.is_loopback(host):
        yield document.fault(("alarms", "smtp", "security"), _NOT_ENCRYPTED)
    if isinstance(_at(document, "alarms", "smtp"), dict):
        yield from _login(Merged(document, document.data["alarms"], {(): ("alarms",)}), "smtp")
    own = {address for mailbox in mailboxes for _, address in _addresses(mailbox)}
    people = _at(document, "alarms", "to")
    for index, person in enumerate(people if isinstance(people, list) else []):
        address = person.get("address") if isinstance(person, dict) else None
        if isinstance(address, str) and address.strip().lower() in own:
            text = (
                "found an address that mailbot itself reads, where an alarm would become a ticket; must be a person's"
            )
            yield document.fault(("alarms", "to", index, "address"), text)


def warnings_of_alarms(document: Document) -> Iterator[str]:
    """What makes alarms fail just when they are needed."""
    if _at(document, "alarms", "smtp") is None:
        text = "an account that is dead cannot tell of itself by mail; name another account"
        if isinstance(_at(document, "alarms"), dict):
            yield document.fault(("alarms", "smtp"), f"null: {text}")
        else:
            yield document.fault((), f"alarms.smtp is null: {text}")


def _at(document: Document, *path: str) -> Any:
    value = document.data
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _addresses(mailbox: Merged) -> Iterator[tuple[Steps, str]]:
    """Where each address of the mailbox itself stands, aliases last."""
    paths: list[Steps] = [("address",), *(("aliases", index) for index in mailbox.items("aliases"))]
    for path in paths:
        if address := mailbox.text(*path):
            yield path, address


def _aliases(mailboxes: list[Merged]) -> Iterator[str]:
    """No two mailboxes have an address in common, and no mailbox the same one twice."""
    seen = {
        address: f"mailboxes[{number}].address"
        for number, mailbox in reversed(list(enumerate(mailboxes)))
        if (address := mailbox.text("address"))
    }
    for number, mailbox in enumerate(mailboxes):
        for path, address in _addresses(mailbox):
            if path == ("address",):
                continue
            if address in seen:
                yield mailbox.fault(path, f"the same as {seen[address]}; each address stands once")
            else:
                seen[address] = f"mailboxes[{number}].aliases[{path[1]}]"


def _forms(mailbox: Merged, own: dict[str, Merged]) -> Iterator[str]:
    """What a web form writes from is its own: a mail of ours or of a person is no form's."""
    people = {mailbox.text(key, index, "address") for key in LISTS for index in mailbox.items(key)}
    lkpp = [mailbox.text("lkpp", "address")]
    lkpp += [mailbox.text("lkpp", "accept_from", index) for index in mailbox.items("lkpp", "accept_from")]
    seen: dict[str, int] = {}
    for index in mailbox.items("forms"):
        path = ("forms", index)
        if not (address := mailbox.text(*path, "from")):
            continue
        if address in own:
            yield mailbox.fault(path, "found an address that mailbot itself reads; must be the form's own")
        elif address in people or any(covers(entry, address) for entry in lkpp if entry):
            yield mailbox.fault(path, "found an address of a listed person or of LKPP; must be the form's own")
        elif address in seen:
            yield mailbox.fault(path, f"the same as forms[{seen[address]}]; each form stands once")
        seen.setdefault(address, index)


def _servers(mailbox: Merged) -> Iterator[str]:
    for server in ("imap", "smtp"):
        host = mailbox.text(server, "host")
        if mailbox.get(server, "security") == "none" and host and not values.is_loopback(host):
            yield mailbox.fault(
                (server, "security"),
                _NOT_ENCRYPTED,
            )
        yield from _login(mailbox, server)


def _login(mailbox: Merged, server: str) -> Iterator[str]:
    """A password or tokens, never both."""
    if not isinstance(mailbox.get(server), dict):
        return
    has_name, has_password, has_tokens = (
        mailbox.get(server, key) is not None for key in ("username", "password", "oauth2")
    )
    if has_password and has_tokens:
        yield mailbox.fault((server, "oauth2"), "found beside a password; one of both must be given")
    if server == "imap" and not has_password and not has_tokens:
        yield mailbox.fault((server, "password"), "missing; this key must be given, or oauth2")
    if server == "smtp" and has_name and not has_password and not has_tokens:
        yield mailbox.fault(
            (server, "password"), f"missing, with a username; must be {values.SECRET_SOURCES}; or give oauth2"
        )
    if server == "smtp" and (has_password or has_tokens) and not has_name:
        what = "oauth2" if has_tokens else "a password"
        yield mailbox.fault((server, "username"), f"missing, with {what}; both or neither must be given")
    if mailbox.get(server, "oauth2", "provider") == "custom" and mailbox.get(server, "oauth2", "token_url") is None:
        yield mailbox.fault((server, "oauth2", "token_url"), "missing; the provider custom has no other")


def _people(mailbox: Merged, own: dict[str, Merged]) -> Iterator[str]:
    one_role: dict[str, str] = {}
    operators: dict[str, str] = {}
    for key in LISTS:
        seen = operators if key == "operator" else one_role
        for index in mailbox.items(key):
            path = (key, index, "address")
            if not (address := mailbox.text(*path)):
                continue
            if address in own:
                yield mailbox.fault(path, "found an address that mailbot itself reads; must be a person's own")
            if address in seen:
                yield mailbox.fault(
                    path,
                    f"found an address that {seen[address]} has too; "
                    "a person stands once, in one of staff, coordinator and head (and may be operator)",
                )
            else:
                seen[address] = f"{key}[{index}]"


def _proof(mailbox: Merged, own: dict[str, Merged]) -> Iterator[str]:
    """Copies of our own mails are neither read as incoming mail nor sent to a person."""
    folder = mailbox.get("proof", "folder")
    named = mailbox.get("imap", "folder")
    read = named if isinstance(named, list) else ["INBOX" if named is None else named]
    if isinstance(folder, str):
        if folder.upper() in (each.upper() for each in read if isinstance(each, str)):
            yield mailbox.fault(("proof", "folder"), "a folder that is read; must be another one")
        elif mailbox.get("imap", "done") == f"move:{folder}":
            yield mailbox.fault(("proof", "folder"), "the folder that handled mails are moved to; must be another one")
    sent = mailbox.get("imap", "sent")
    if isinstance(sent, str):
        if sent.upper() in (each.upper() for each in read if isinstance(each, str)):
            yield mailbox.fault(("imap", "sent"), "a folder that is read for incoming mail; must be another one")
        elif mailbox.get("imap", "done") == f"move:{sent}":
            yield mailbox.fault(("imap", "sent"), "the folder that handled mails are moved to; must be another one")
    bcc = mailbox.text("proof", "bcc")
    people = {mailbox.text(key, index, "address") for key in LISTS for index in mailbox.items(key)}
    entries = [mailbox.text("lkpp", "accept_from", index) for index in mailbox.items("lkpp", "accept_from")]
    lkpp = any(covers(entry, bcc or "") for entry in (mailbox.text("lkpp", "address"), *entries) if entry)
    if bcc and (bcc in own or bcc in people or lkpp):
        yield mailbox.fault(
            ("proof", "bcc"),
            "found an address that mailbot reads or that is a person's; must be that of the folder alone",
        )


def _lkpp(mailbox: Merged, own: dict[str, Merged]) -> Iterator[str]:
    lkpp = mailbox.get("lkpp")
    if not isinstance(lkpp, dict):
        return
    if lkpp.get("channel", "email") == "email" and lkpp.get("address") is None:
        yield mailbox.fault(("lkpp", "address"), "missing; with the channel email it must be LKPP's address")
    people = {
        address for key in LISTS for index in mailbox.items(key) if (address := mailbox.text(key, index, "address"))
    }
    paths: list[Steps] = [("lkpp", "address")]
    paths += [("lkpp", "accept_from", index) for index in mailbox.items("lkpp", "accept_from")]
    for path in paths:
        entry = mailbox.text(*path)
        if entry and any(covers(entry, address) for address in own):
            yield mailbox.fault(path, "found an address that mailbot itself reads; must be LKPP's alone")
        if entry and any(covers(entry, address) for address in people):
            yield mailbox.fault(path, "found an address of staff, coordinator, head or operator; must be LKPP's alone")


def _approval(mailbox: Merged) -> Iterator[str]:
    path = ("sop", "escalation_by")
    if mailbox.text(*path) == "coordinator" and not mailbox.items("coordinator"):
        yield mailbox.fault(path, 'found "coordinator"; nobody could approve: `coordinator` must name somebody')


def _lists(mailbox: Merged) -> Iterator[str]:
    """No ticket may be forgotten: each day of service has a list, and each time of a list is within the hours of some
    day."""
    path = ("sop", "worklists")
    try:
        times = values.list_times(mailbox.get(*path))
        found = service_hours.hours(mailbox.get("hours") or {})
    except ValueError:  # told elsewhere
        return
    weeks = {"": found.week} | ({" in Ramadan": found.ramadan.week} if found.ramadan else {})
    open_at = {
        f"{service_hours.DAYS[number]}{when}": spans
        for when, week in weeks.items()
        for number, spans in enumerate(week)
        if spans
    }
    for at in times:
        if not any(service_hours.has_time(spans, at) for spans in open_at.values()):
            yield mailbox.fault(path, f'found "{at}", which lies in the service hours of no day')
    bare = [day for day, spans in open_at.items() if not any(service_hours.has_time(spans, at) for at in times)]
    if bare:
        listed = ", ".join(bare)
        yield mailbox.fault(path, f"no time within the service hours of {listed}; `opening` lies in those of every day")


def covers(entry: str, address: str) -> bool:
    """Whether an entry of `accept_from`, an address or "@domain", means an address (lower-case both)."""
    return address.endswith(entry) if entry.startswith("@") else address == entry


def _holidays(mailbox: Merged) -> Iterator[str]:
    seen: dict[str, str] = {}
    for key in ("add", "remove"):
        for index in mailbox.items("holidays", key):
            path = ("holidays", key, index, "date")
            if not (date := mailbox.text(*path)):
                continue
            if date in seen:
                yield mailbox.fault(path, f"found a date that {seen[date]} has too; must stand once")
            else:
                seen[date] = f"holidays.{key}[{index}]"


def _twice(mailboxes: list[Merged], key: str) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, mailbox in enumerate(mailboxes):
        if not (text := mailbox.text(key)):
            continue
        if text in seen:
            yield mailbox.fault((key,), f"the same as that of mailboxes[{seen[text]}]; must be its own")
        else:
            seen[text] = number


def _folders(mailboxes: list[Merged]) -> Iterator[str]:
    seen: dict[tuple[Any, ...], str] = {}
    for number, mailbox in enumerate(mailboxes):
        named = mailbox.get("imap", "folder")
        folders = named if isinstance(named, list) else ["INBOX" if named is None else named]
        account = (mailbox.text("imap", "host"), mailbox.get("imap", "port"), mailbox.get("imap", "username"))
        if not all(isinstance(part, str | int | None) for part in account):
            continue
        for index, folder in enumerate(folders):
            if not isinstance(folder, str):
                continue
            path: Steps = ("imap", "folder", index) if isinstance(named, list) else ("imap", "folder")
            one = (*account, "INBOX" if folder.upper() == "INBOX" else folder)
            if one in seen:
                yield mailbox.fault(path, f"the folder that {seen[one]} reads already; each must be read once")
            else:
                seen[one] = f"mailboxes[{number}]"
            if mailbox.get("imap", "done") == f"move:{folder}":
                yield mailbox.fault(("imap", "done"), "moves into a folder that is read; must be another one")


# --- warnings ---------------------------------------------------------------------------------------


_WITHOUT_ANY = {
    "confirm": "with confirm, every command by mail waits for a code that its listed address sends back",
    "refuse": "with refuse, no command by mail is carried out",
}


def warnings(mailboxes: list[Merged], base: Path) -> Iterator[str]:
    """What is allowed and yet seldom meant. `base` is the folder of the file."""
    for mailbox in mailboxes:
        if mailbox.get("authentication", "authserv_id") is None:
            policy = mailbox.get("authentication", "without_results")
            yield mailbox.fault(
                ("authentication", "authserv_id"),
                "null, so that no mail counts as authenticated: "
                + _WITHOUT_ANY.get(str(policy), "the tokens alone prove who writes"),
            )
        for key in ("coordinator", "head", "operator"):
            if not mailbox.items(key):
                yield mailbox.fault((key,), "empty: nobody is told what this role has to know")
        address = mailbox.text("lkpp", "address")
        accepted = mailbox.get("lkpp", "accept_from")
        if address and isinstance(accepted, list):
            entries = [entry.lower() for entry in accepted if isinstance(entry, str)]
            if not any(covers(entry, address) for entry in entries):
                yield mailbox.fault(
                    ("lkpp", "accept_from"),
                    "does not name lkpp.address: answers from there are not taken for LKPP's",
                )
        for server in ("imap", "smtp"):
            named = mailbox.get(server, "password", "file")
            if isinstance(named, str) and values.is_open_to_others(base / named):
                yield mailbox.fault((server, "password"), "the secret's file may be read by every user; chmod 600 it")
    parts = [(mailbox.text("ticket_prefix") or "").split("-") for mailbox in mailboxes]
    endings = {"-".join(each[start:]) for each in parts for start in range(1, len(each))}
    for mailbox in mailboxes:
        if mailbox.text("ticket_prefix") in endings:
            yield mailbox.fault(
                ("ticket_prefix",),
                "another mailbox's prefix ends with this one: easily mistaken by people",
            )
