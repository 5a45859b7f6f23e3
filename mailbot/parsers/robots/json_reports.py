"""Reports of senders in bulk that are JSON and nothing else: Amazon SES (also within SNS), SendGrid, Mailgun, Postmark,
SparkPost, Mandrill. Each calls the same things by names of its own.

Only a mail whose text begins with such an object is one; a person who shows what his program has written begins with
words. Pure; bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: Characters that are read, and objects of one report.
_LONGEST, _MOST = 100_000, 100
_BEGINS = re.compile(r"\s*[\[{]\s*[\[{\"]")
_EVENT = re.compile(r'"(?:notificationType|eventType|event|RecordType|Type|type)"\s*:\s*"')

_BOUNCES = frozenset(("bounce", "bounced", "failed", "dropped", "hard_bounce", "soft_bounce", "reject", "rejected"))
_DELAYS = frozenset(("deferred", "delay", "deliverydelay", "delayed", "deferral"))
_COMPLAINTS = frozenset(("complaint", "complained", "spamreport", "spamcomplaint", "spam", "spam_complaint"))
#: What is said of one recipient, by the names that the services have for it.
_ADDRESSES = ("emailaddress", "email", "recipient", "rcpt_to", "to")
_CODES = ("status", "enhanced-code", "enhanced_code", "error_code")
_REASONS = ("diagnosticcode", "reason", "description", "message", "details", "raw_reason", "diag", "response")
_IDS = ("smtp-id", "message-id", "messageid", "rfc822_message_id")
_PASSING = frozenset(("transient", "temporary", "soft", "blocked", "softbounce", "undetermined"))
_FULL = re.compile(r"mailbox[ _-]?full|over[ _-]?quota", re.I)
_CODE = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\Z")
_ADDRESS = re.compile(r"[^\s<>\",;]{1,64}@[^\s<>\",;]{1,255}\Z")


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of one recipient. kind: "bounce", "delay" or "complaint". code: of RFC 3463, "" without one.
    identifier: the Message-ID of the mail that it is about, "" where it is not told."""

    kind: str
    address: str
    code: str
    reason: str
    identifier: str


def read(text: str) -> tuple[Told, ...]:
    """What a text that is such a report says; empty for any other text."""
    if _BEGINS.match(text) is None or _EVENT.search(text[:_LONGEST]) is None:
        return ()
    return _read(text[:_LONGEST])


@lru_cache(maxsize=4)  # asked more than once of a mail
def _read(text: str) -> tuple[Told, ...]:
    found: list[Told] = []
    for event in _events(_loaded(text.lstrip())):
        kind = _kind(event)
        if kind:
            found += _told(event, kind)
        if len(found) >= _MOST:
            break
    return tuple(found[:_MOST])


def _loaded(text: str) -> Any:
    """The object with which the text begins; what stands behind it (a footer) does not count."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _events(loaded: Any) -> Iterator[dict[str, Any]]:
    for one in (loaded if isinstance(loaded, list) else [loaded])[:_MOST]:
        if not isinstance(one, dict):
            continue
        inner = one.get("Message")  # SNS wraps the report once more, as a text
        if isinstance(inner, str) and _BEGINS.match(inner):
            yield from (event for event in [_loaded(inner.lstrip())] if isinstance(event, dict))
        packed = one.get("msys")
        for place, name in (
            (one, "event-data"),
            (one, "message_event"),
            (packed, "message_event"),
        ):  # Mailgun, SparkPost
            if isinstance(place, dict) and isinstance(place.get(name), dict):
                yield place[name]
        yield one


def _kind(event: dict[str, Any]) -> str:
    named = {
        str(event.get(name, "")).lower().replace(" ", "")
        for name in ("notificationType", "eventType", "event", "RecordType", "type")
    }
    for kind, words in (("complaint", _COMPLAINTS), ("bounce", _BOUNCES), ("delay", _DELAYS)):
        if named & words:
            return kind
    return ""


def _told(event: dict[str, Any], kind: str) -> Iterator[Told]:
    passing = _passing(event)
    identifier = _identifier(event)
    for whom in _whom(event):
        address = _first(whom, _ADDRESSES)
        if _ADDRESS.match(address) is None:
            continue
        details = [
            place
            for place in (whom, event, event.get("delivery-status"), event.get("bounce"))
            if isinstance(place, dict)
        ]
        code = next((code for place in details if _CODE.match(code := _first(place, _CODES))), "")
        reason = next((reason for place in details if (reason := _first(place, _REASONS))), "")
        if not code and (passing or kind == "delay"):
            full = kind == "bounce" and _FULL.search(json.dumps(event)[:5000]) is not None
            code = "5.2.2" if full else "4.0.0"
        yield Told("delay" if kind == "delay" else kind, address.lower(), code, reason[:500], identifier)


def _whom(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where the recipients stand: in a list of their own (SES), or in the event itself."""
    listed = False
    for inside in ("bounce", "complaint", "deliveryDelay"):
        place = event.get(inside)
        for name in ("bouncedRecipients", "complainedRecipients", "delayedRecipients"):
            recipients = place.get(name) if isinstance(place, dict) else None
            if isinstance(recipients, list):
                listed = True
                yield from (one for one in recipients[:_MOST] if isinstance(one, dict))
    if not listed:
        mail = event.get("msg")
        yield mail if isinstance(mail, dict) else event


def _passing(event: dict[str, Any]) -> bool:
    """Whether the service calls the trouble one that may pass."""
    inside = event.get("bounce")
    said = [event.get("severity"), event.get("Type"), event.get("event"), event.get("type")]
    said += [inside.get("bounceType")] if isinstance(inside, dict) else []
    return any(str(word).lower().replace("_bounce", "") in _PASSING for word in said)


def _identifier(event: dict[str, Any]) -> str:
    places: list[Any] = [event, event.get("message"), event.get("mail")]
    for place in list(places):
        if isinstance(place, dict):
            places += [place.get("headers"), place.get("commonHeaders")]
    for place in places[1:] + places[:1]:
        if isinstance(place, dict) and (found := _first(place, _IDS).strip("<> ")) and "@" in found:
            return f"<{found}>"
    return ""


def _first(place: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of these values that is a word, whatever the capitals of its name."""
    small = {str(name).lower(): value for name, value in place.items()}
    return next((value for name in names if isinstance(value := small.get(name), str) and value), "")
