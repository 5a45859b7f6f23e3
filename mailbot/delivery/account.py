"""What sending the mail of one mailbox needs to know: plain values, without the configuration that they come from.

The process that sends has nothing else of the configuration in memory (`daemon.sending.child`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailbot.servers.endpoint import Endpoint
from mailbot.servers.oauth2 import Client
from mailbot.servers.tokens import Account

if TYPE_CHECKING:
    from mailbot.config.site import Site


@dataclass(frozen=True, slots=True)
class Rate:
    """How many mails may leave."""

    per_minute: int
    per_hour: int
    per_day: int


@dataclass(frozen=True, slots=True)
class SubmissionAccount:
    """An account at a submission server (RFC 6409), for one mailbox or for the alarms of all.

    name: of the mailbox, as in the outbox. address: its own. domain: for EHLO. max_size: octets. proves: whether what
    may have been sent is looked up before it is sent again. copy_to: who gets a copy for that, "" nobody. awaited: the
    templates on whose acceptance something of the ticket hangs.
    """

    name: str
    address: str
    domain: str
    endpoint: Endpoint
    rate: Rate
    max_size: int
    proves: bool
    copy_to: str
    awaited: frozenset[str]

    @property
    def server(self) -> str:
        """host:port, for people."""
        return f"{self.endpoint.host}:{self.endpoint.port}"


def plain(account: SubmissionAccount) -> dict[str, Any]:
    """As JSON takes it; passwords and tokens are in it."""
    found = asdict(account)
    found["awaited"] = sorted(account.awaited)
    found["endpoint"]["ca_file"] = _text(account.endpoint.ca_file)
    if isinstance(account.endpoint.tokens, Account):
        tokens = found["endpoint"]["tokens"]
        tokens["folder"] = str(tokens["folder"])
        tokens["client"]["ca_file"] = _text(tokens["client"]["ca_file"])
    return found


def read(found: Mapping[str, Any]) -> SubmissionAccount:
    """What `plain` has made."""
    endpoint = dict(found["endpoint"])
    if (tokens := endpoint["tokens"]) is not None:
        client = Client(**{**tokens["client"], "ca_file": _path(tokens["client"]["ca_file"])})
        endpoint["tokens"] = Account(**{**tokens, "client": client, "folder": Path(tokens["folder"])})
    return SubmissionAccount(
        **{
            **found,
            "endpoint": Endpoint(**{**endpoint, "ca_file": _path(endpoint["ca_file"])}),
            "rate": Rate(**found["rate"]),
            "awaited": frozenset(found["awaited"]),
        }
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def of(site: Site) -> SubmissionAccount:
    """The account that sends a site's mail."""
    from mailbot.fetch.accounts import smtp_endpoint  # here, as it loads what reads the configuration

    config = site.config
    rate, proof = config.smtp.rate, config.proof
    return SubmissionAccount(
        name=site.name,
        address=config.address,
        domain=config.domain,
        endpoint=smtp_endpoint(site),
        rate=Rate(rate.per_minute, rate.per_hour, rate.per_day),
        max_size=config.smtp.max_size,
        proves=proof is not None,
        copy_to=(proof.bcc or "") if proof is not None else "",
        awaited=frozenset(name.removeprefix("sent.") for name in site.table.events if name.startswith("sent.")),
    )
