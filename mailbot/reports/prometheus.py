"""`mailbot status` as Prometheus reads it: the text format 0.0.4, for the textfile collector of the node exporter.

Labels hold what the operator configured (the short names of mailboxes, folders) and words of ours: nobody's name,
address or subject. Moments are seconds since 1970 in UTC; one that is not known has no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mailbot.reports import still
from mailbot.store.database import to_instant

#: Name: (type, help). In the order in which they are printed.
METRICS = {
    "mailbot_up": ("gauge", "Whether a mailbot is at work on the data folder."),
    "mailbot_state": ("gauge", "0: all is well, 1: a person should look, 2: mail stands still."),
    "mailbot_data_bytes": ("gauge", "What all mailboxes take on the disk."),
    "mailbot_tickets": ("gauge", "Tickets by status."),
    "mailbot_tickets_late": ("gauge", "Open tickets that are past a limit."),
    "mailbot_received_mails": ("gauge", "Mails received, by state."),
    "mailbot_sent_mails": ("gauge", "Mails to be sent or sent, by state."),
    "mailbot_held_mails": ("gauge", "Mails that are held until a person decides."),
    "mailbot_quarantined_mails": ("gauge", "Mails that a person must look at."),
    "mailbot_troubles": ("gauge", "What needs a look, by whether mail stands still by it."),
    "mailbot_folder_looked_timestamp_seconds": ("gauge", "When a folder was last looked at, to ten minutes."),
    "mailbot_last_received_timestamp_seconds": ("gauge", "When the last mail was read."),
    "mailbot_oldest_timestamp_seconds": ("gauge", "Since when the oldest of each waits."),
    "mailbot_certificate_end_timestamp_seconds": ("gauge", "Until when a server's certificate is good."),
    "mailbot_login_since_timestamp_seconds": ("gauge", "Since when a login by OAuth2 lasts."),
    "mailbot_login_end_timestamp_seconds": ("gauge", "When a login by OAuth2 ends."),
    "mailbot_login_refused": ("gauge", "Whether a login by OAuth2 is refused."),
}
_Sample = tuple[str, dict[str, str], float]


def exposition(found: Mapping[str, Any] | None) -> str:
    """found: of `listing.status`; None: mailbot has never run here."""
    samples: dict[str, list[str]] = {name: [] for name in METRICS}
    for name, labels, value in _samples(found):
        samples[name].append(f"{name}{_labelled(labels)} {value:.17g}")
    lines = []
    for name, (kind, told) in METRICS.items():
        if samples[name]:
            lines += [f"# HELP {name} {told}", f"# TYPE {name} {kind}", *samples[name]]
    return "\n".join(lines) + "\n"


def _samples(found: Mapping[str, Any] | None) -> Iterator[_Sample]:
    if found is None:
        yield "mailbot_up", {}, 0
        yield "mailbot_state", {}, 2
        return
    yield "mailbot_up", {}, int(found["running"] is not None)
    yield "mailbot_state", {}, still.verdict(found)[0]
    yield "mailbot_data_bytes", {}, found["disk"]["bytes"]
    for mailbox in found["mailboxes"]:
        yield from _of_mailbox(mailbox)


def _of_mailbox(mailbox: Mapping[str, Any]) -> Iterator[_Sample]:
    name = {"mailbox": str(mailbox["mailbox"])}
    for metric, key in (("tickets", "tickets"), ("received_mails", "journal"), ("sent_mails", "outbox")):
        label = "status" if key == "tickets" else "state"
        for state, count in mailbox[key].items():
            yield f"mailbot_{metric}", name | {label: state}, count
    yield "mailbot_tickets_late", name, len(mailbox["late"])
    yield "mailbot_held_mails", name, mailbox["held"]
    yield "mailbot_quarantined_mails", name, mailbox["quarantined"]
    for stops in (True, False):
        count = sum(one["count"] for one in mailbox["troubles"] if one["stops"] is stops)
        yield "mailbot_troubles", name | {"stops": str(stops).lower()}, count
    for folder in mailbox["folders"]:
        labels = name | {"folder": folder["folder"]}
        yield from _moment("mailbot_folder_looked_timestamp_seconds", labels, folder["looked_at"])
    yield from _moment("mailbot_last_received_timestamp_seconds", name, mailbox["last_received_at"])
    for what, since in mailbox["oldest"].items():
        yield from _moment("mailbot_oldest_timestamp_seconds", name | {"what": what}, since)
    for one in mailbox["certificates"]:
        labels = name | {"protocol": one["protocol"], "server": one["server"]}
        yield from _moment("mailbot_certificate_end_timestamp_seconds", labels, one["ends_at"])
    for number, one in enumerate(mailbox["tokens"]):
        labels = name | {"login": str(number), "server": one["server"]}
        yield from _moment("mailbot_login_since_timestamp_seconds", labels, one["since"])
        yield from _moment("mailbot_login_end_timestamp_seconds", labels, one["ends_at"])
        yield "mailbot_login_refused", labels, int(bool(one["refused"]))


def _moment(name: str, labels: dict[str, str], moment: str | None) -> Iterator[_Sample]:
    if moment is not None:
        yield name, labels, to_instant(moment).timestamp()


def _labelled(labels: Mapping[str, str]) -> str:
    """A folder's name may hold what the format must escape."""
    escaped = {
        name: value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}" if labels else ""
