"""Is this mail a delivery report? Known by its type, by who writes it, or by what it says where both agree.

People pass reports on and ask what they mean, and some of them are called "postmaster". So a title alone proves
nothing, and a text of somebody who greets or asks is his.
"""

from __future__ import annotations

import re

from mailbot import late
from mailbot.model import Message
from mailbot.parsers.mime.headers import parameters
from mailbot.parsers.robots import delivery_text, json_reports
from mailbot.parsers.robots.autoreplies import somebody_pleads
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

REPORTS = ("message/delivery-status", "message/global-delivery-status")
RECEIPTS = ("message/disposition-notification", "message/global-disposition-notification")

# Addresses that only mail servers write from, whatever their administrators call them.
_DAEMON = late.pattern(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|mail[-_.]?delivery(?:[-_.](?:sub)?system)?|mail[-_.]?system"
    r"|delivery[-_.]?(?:failure|report|status)[a-z]{0,12}|smtpd?[-_.]?daemon|bounce[-_.]?notif[a-z]{0,10})(?:[+=-].*)?\Z"
)
# Addresses that servers write from, and sometimes people: the mail must look like a report as well.
_LIKELY_DAEMON = late.pattern(
    r"(?:post[-_.]?master|mail[-_.]?master|bounces?|daemon|smtp|(?:no|do[-_.]?not)[-_.]?"
    r"reply|microsoftexchange[0-9a-f]*|quarantine|mail[-_.]?(?:admin|gateway|marshal|server)|.{1,40}-(?:admin|owner)"
    r"|.{0,30}(?:smtp|ndr|imss|anti-?virus|mail[-_.]?(?:service|server|relay)|delivery).{0,40})"
    r"(?:[+=-].*)?\Z"
)
_NOTIFIER = late.pattern(
    r"(?:.{0,30}[._-])?(?:notifications?|notify|events?|webhooks?|alerts?|reports?|feedback|fbl)(?:[+=-].*)?\Z"
)
_SUBJECT = late.pattern(rf"[*\s\[(\"]{{0,5}}{delivery_text.TITLES}", re.I)
_EXTERNAL = late.pattern(r"\A(?:\[(?:external|eksternal|ext|spam\??)\]\s*|\*{2,5}\s?spam\s?\*{2,5}\s*)+", re.I)


def report_reason(message: Message) -> str | None:
    """Why this mail is a delivery report, in Indonesian for staff; None: it is none, or a person forwards one."""
    kinds = {attachment.content_type for attachment in message.attachments}
    declared = parameters(message.header("Content-Type") or "")
    standard = declared.value == "multipart/report" and declared.get("report-type")
    if standard and (declared.get("report-type") or "").lower() == "delivery-status":
        return _SAID("delivery_report")
    if kinds.intersection(RECEIPTS) and _refused(message):
        return _SAID("refused_as_receipt")
    sender = message.from_[0].address.lower() if len(message.from_) == 1 else ""
    local = sender.partition("@")[0]
    if any(one.kind != "complaint" for one in told_as_json(message)):
        return _SAID("delivery_report")
    if message.header("X-Failed-Recipients") is not None or _DAEMON.match(local) or _nameless_daemon(message):
        return _SAID("mailer_daemon")
    titled = _SUBJECT.match(_EXTERNAL.sub("", message.subject)) is not None
    nobody = _nobody(message)
    likely = _LIKELY_DAEMON.match(local) is not None and not somebody_pleads(message.text)
    if kinds.intersection(REPORTS) and (titled or nobody or likely):
        return _SAID("delivery_report")
    if (nobody or likely) and (titled or _opens(message)):
        return _SAID("not_delivered")
    if titled and delivery_text.begins_as_a_report(message.text) and not somebody_pleads(message.text):
        return _SAID("says_not_delivered")
    return None


def told_as_json(message: Message) -> tuple[json_reports.Told, ...]:
    """What a sender in bulk tells in JSON, from an address of a program: nobody pastes an object and not a word."""
    local = message.from_[0].address.lower().partition("@")[0] if len(message.from_) == 1 else ""
    if not _nobody(message) and _LIKELY_DAEMON.match(local) is None and _NOTIFIER.match(local) is None:
        return ()
    return json_reports.read(message.text)


def _opens(message: Message) -> bool:
    return delivery_text.opens_like_a_report(message.text) and not somebody_pleads(message.text)


def _nobody(message: Message) -> bool:
    """No return address, or none to see: RFC 5321 §4.5.5 asks that of reports, and people's mail has one."""
    path = message.header("Return-Path")
    if path is not None and re.sub(r"\s", "", path) == "<>":
        return True
    return not message.from_


def _nameless_daemon(message: Message) -> bool:
    """From: MAILER-DAEMON <>, From: Mail Delivery System <MAILER-DAEMON>: a name and no address."""
    written = (message.header("From") or "")[:500]
    return (
        "@" not in written and re.search(r"mailer[-_ ]?daemon|mail delivery (?:sub)?system", written, re.I) is not None
    )


def _refused(message: Message) -> bool:
    """Some servers refuse a mail by a "read receipt" of a mail that was deleted unread (RFC 8098 §3.2.6)."""
    return re.search(r"\bautomatically rejected\b|\bover quota\b", message.text[:4000]) is not None
