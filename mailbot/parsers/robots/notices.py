"""Notices of programs: monitoring, scheduled jobs, virus and spam filters, senders' verification, mail statistics.

Each is known by what its program writes, from its own kind of address; a person's "[SPAM] …" or "virus?" is none.
"""

from __future__ import annotations

from mailbot import late, wordfile
from mailbot.model import Message
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

# Headers that only such programs write.
_SCHEDULER = "x-cron-env"
_CHALLENGERS = (
    *("x-tmda-confirm-append", "x-tmda-fingerprint", "x-boxbe-challenge", "x-spamarrest-noauth"),
    "x-challenge-response",
)
_PROGRAMS = late.pattern(
    r"(?:root|cron|daemon|nobody|www-data|apache|nginx|logwatch|fail2ban|nagios|icinga\d?|zabbix|monit(?:or(?:ing)?)?|prtg|uptime(?:-?robot)?|grafana"
    r"|alert(?:s|manager)?|backup|amavis(?:d)?|clamav|virus-?alert|anti-?virus|anti-?spam|spam(?:-?filter|-?digest|assassin)?|quarantine|karantina|mailscanner"
    r"|mail-?gateway|postmaster|mailer|system|server|security-?alert|notifications?|notifikasi|no-?reply|do-?not-?reply|dmarc.{0,30}|.{0,20}-?dmarc.{0,20}|.{0,30}reports?|challenge|verify|verification|confirm)(?:[+=-].*)?\Z"
)
_WORDS = wordfile.read(__file__, "notices.txt")
_SCHEDULED = _WORDS["scheduled"].pattern
_MONITORING = _WORDS["monitoring"].pattern
_FILTER = _WORDS["filter"].pattern
_CHALLENGE = _WORDS["challenge"].pattern
_CHALLENGE_TEXT = _WORDS["challenge text"].pattern
_STATISTICS = _WORDS["statistics"].pattern


def reason(message: Message, sender: str, *, nobody: bool) -> str | None:
    """Why this mail is a program's notice, in Indonesian for staff; None: it is none.

    `sender`: the bare address; `nobody`: the mail has no return address.
    """
    if message.header(_SCHEDULER) is not None:
        return _SAID("cron")
    if any(message.header(name) is not None for name in _CHALLENGERS):
        return _SAID("challenge")
    subject = message.subject[:400]
    program = nobody or _PROGRAMS.match(sender.partition("@")[0]) is not None
    if not program:
        return _challenge(message, subject)
    if _SCHEDULED.match(subject):
        return _SAID("scheduled")
    if _STATISTICS.match(subject):
        return _SAID("statistics")
    if _MONITORING.match(subject):
        return _SAID("monitoring")
    if _FILTER.match(subject):
        return _SAID("filter")
    return _challenge(message, subject)


def _challenge(message: Message, subject: str) -> str | None:
    """Whoever must prove to be a person is not written to by one: both the subject and the text must say so."""
    if _CHALLENGE.match(subject) and _CHALLENGE_TEXT.search(message.text[:4000]):
        return _SAID("challenge")
    return None
