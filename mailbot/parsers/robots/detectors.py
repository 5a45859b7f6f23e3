"""A second opinion on delivery reports: flufl.bounce, which knows the layouts of many old servers.

Its patterns are run line by line over what a stranger wrote, some of them in quadratic time. So it never sees a mail:
it gets a new message with the words of the report only, in few and short lines.
"""

from __future__ import annotations

import logging
from email.message import Message as Envelope

from mailbot.model import Message

#: What the library gets to read: enough for what a server has to say before it returns the mail.
_LINES, _LINE, _CHARACTERS = 400, 400, 24_000
_WORD = 120  # longer runs without a blank are no address

# It writes a traceback to the log for each mail that it does not understand.
logging.getLogger("flufl.bounce").disabled = True


def failures(message: Message, words: str) -> tuple[list[str], list[str]]:
    """(for now, for good): the addresses that the library takes for failed, lower-cased. Never raises.

    `words`: the report's own text, without the mail that comes back.
    """
    from flufl.bounce import all_failures  # here, as most mails are no reports

    try:
        temporary, permanent = all_failures(_envelope(message, _bounded(words)))
    except Exception:  # written for mail as it should be; a stranger's is not
        return [], []
    return _addresses(temporary), _addresses(permanent)


def _addresses(found: frozenset[bytes]) -> list[str]:
    named = {bytes(address).decode("ascii", "ignore").strip().lower() for address in found}
    return sorted(address for address in named if "@" in address and " " not in address)


def _envelope(message: Message, words: str) -> Envelope:
    """The report's words in a message of the shape that the library expects of them."""
    part = Envelope()
    part["Content-Type"] = "text/plain"
    part["Content-Description"] = "Notification"
    part.set_payload(words)
    # A detector takes the domain of the From apart, and fails where there is none.
    writer = next((box.address for box in message.from_ if box.address.isascii()), "nobody@invalid")
    declared = (message.header("Content-Type") or "").lower()
    if not declared.startswith("multipart/"):
        whole = part
    else:
        whole = Envelope()
        whole["Content-Type"] = "multipart/report" if "multipart/report" in declared else "multipart/mixed"
        rest = Envelope()
        rest["Content-Type"] = "text/rfc822-headers"
        rest.set_payload("\n")
        whole.set_payload([part, rest])
    whole["From"] = writer
    mailer = (message.header("X-Mailer") or "")[:100]
    if mailer.isascii():
        whole["X-Mailer"] = mailer
    return whole


def _bounded(text: str) -> str:
    lines = []
    for line in text[:_CHARACTERS].split("\n")[:_LINES]:
        words = (word[:_WORD] for word in line[:_LINE].split(" "))
        lines.append(" ".join(words))
    return "\n".join(lines).encode("ascii", "replace").decode("ascii") + "\n"
