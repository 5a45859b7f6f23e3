"""Mail of a site's web form: its user is whom the Reply-To names, and nobody has proven that it is he. Pure.

Whoever fills the form in writes what he likes into its address field, so that this address counts as claimed in every
respect: it opens tickets, and its words on an existing one are staff's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from mailbot.model import Message, NamedAddress, Role, Sender, Verdict
from mailbot.parsers.identity import mailbox
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class Form:
    """A mail that a listed form has sent. address: the form's. fault: why its Reply-To names no user, in Indonesian."""

    address: str
    fault: str = ""


def read(
    message: Message, sender: Sender, forms: Collection[str], taken: Callable[[str], bool]
) -> tuple[Message, Sender, Form | None]:
    """The mail as its user's, if a listed form sent it: with him in the place of its From.

    forms: the forms' addresses. taken: whether an address is the LPSE's or LKPP's, and so no user's. A mail that only
    claims to be a form's (its results do not pass, it can be read in two ways) is left as it is: a stranger's.
    """
    if sender.role is not Role.USER or sender.address not in forms or sender.verdict is Verdict.FAIL:
        return message, sender, None
    address, fault = _user(message)
    if address and taken(address):
        address, fault = "", _SAID("not_a_user")
    if not address:
        return message, sender, Form(sender.address, fault)
    name = next((box.name for box in message.reply_to if box.address.lower() == address), "")
    user = Sender(
        address=address,
        name=name,
        verdict=Verdict.FAIL,
        reason=_SAID("not_proven", form=sender.address),
    )
    return replace(message, from_=(NamedAddress(name, address),)), user, Form(sender.address)


def _user(message: Message) -> tuple[str, str]:
    """The one address in the one Reply-To, by the grammar that holds for a From (`identity`); or "" and why not."""
    values = message.header_all("Reply-To")
    if len(values) != 1:
        return "", _SAID("several_reply_to" if values else "no_reply_to")
    address, reason = mailbox(values[0])
    return address, reason.replace("From", "Reply-To")
