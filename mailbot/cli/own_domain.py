"""What DNS tells other mail servers about the LPSE's domain: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489).

Where one of them is missing or wrong, mailbot's answers end up among users' junk, and others write in the LPSE's name.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence

from mailbot.clean import one_line
from mailbot.cli.finding import Finding, Level
from mailbot.servers.dns import NoAnswer, Resolver

_WHO = "whoever keeps the domain's DNS"
#: A term of SPF (RFC 7208 §12): a mechanism with its argument, or a modifier.
_MECHANISM = re.compile(
    r"(?P<sign>[-+~?]?)(?:(?P<all>all)|(?:ip4|ip6):(?P<network>\S+)|(?:include|exists):\S+"
    r"|(?:a|mx)(?::[^/\s]+)?(?:/\d{1,2})?(?://\d{1,3})?|ptr(?::\S+)?)",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"[A-Za-z][A-Za-z0-9._-]*=\S*")
_POLICIES = ("none", "quarantine", "reject")


def own_domain(domain: str, server: str, signatures: Sequence[str], resolver: Resolver) -> Iterator[Finding]:
    """server: by which mails leave. signatures: the DKIM-Signature headers of a mail that it carried for us."""
    topics: dict[str, Callable[[], Iterator[Finding]]] = {
        "SPF": lambda: _spf(domain, server, resolver),
        "DKIM": lambda: _dkim(domain, signatures, resolver),
        "DMARC": lambda: _dmarc(domain, resolver),
    }
    for topic, judged in topics.items():
        try:
            yield from judged()
        except NoAnswer as error:
            if resolver.silent:
                text = f"SPF, DKIM and DMARC of {domain}: not asked: {error}. Ask again where DNS answers"
                yield Finding(Level.WARNING, text)
                return
            yield Finding(Level.WARNING, f"{topic} of {domain}: not known: {error}. Ask again later")
        except ValueError as error:
            yield Finding(Level.WARNING, f"{topic} of {domain}: not asked: {one_line(str(error), 200)}")


# --- SPF: which servers may send in the domain's name ------------------------------------------------


def _spf(domain: str, server: str, resolver: Resolver) -> Iterator[Finding]:
    found = [text for text in resolver.texts(domain) or [] if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    name = f"SPF of {domain}"
    if not found:
        text = f"no record, so that other servers may take mailbot's mails for forged ones: ask {_WHO} for a TXT record"
        yield Finding(Level.WARNING, f'{name}: {text} that lets {server} send, such as "v=spf1 mx a:{server} -all"')
    elif len(found) > 1:
        text = f"{len(found)} records, and other servers then follow none of them (RFC 7208 section 4.5): have {_WHO}"
        yield Finding(Level.FAULT, f"{name}: {text} make one of them: {'; '.join(map(_quoted, found))}")
    else:
        yield _of_spf(name, server, found[0])


def _of_spf(name: str, server: str, record: str) -> Finding:
    everybody = None
    for term in record.split()[1:]:
        mechanism = _MECHANISM.fullmatch(term)
        if not (_MODIFIER.fullmatch(term) if mechanism is None else _is_network(mechanism["network"])):
            text = f"{_quoted(term)} is no SPF, and other servers then follow nothing of the record: have {_WHO}"
            return Finding(Level.FAULT, f"{name}: {text} mend it: {_quoted(record)}")
        if mechanism and mechanism["all"] and everybody is None:
            everybody = mechanism["sign"] or "+"
    if everybody == "+":
        text = 'lets every server of the world send in your name ("+all"): have'
        return Finding(Level.FAULT, f"{name}: {text} {_WHO} end it with -all or ~all: {_quoted(record)}")
    if everybody == "?" or (everybody is None and "redirect=" not in record.lower()):
        text = f"says nothing about servers that it does not name: have {_WHO} end it with -all or ~all"
        return Finding(Level.WARNING, f"{name}: {text}: {_quoted(record)}")
    return Finding(Level.OK, f"{name}: one record. See that it lets {server} send: {_quoted(record)}")


def _is_network(network: str | None) -> bool:
    try:
        return network is None or bool(ipaddress.ip_network(network, strict=False))
    except ValueError:
        return False


# --- DKIM: by which key mails are signed -------------------------------------------------------------


def _dkim(domain: str, signatures: Sequence[str], resolver: Resolver) -> Iterator[Finding]:
    name = f"DKIM of {domain}"
    signed = list(dict.fromkeys((tags.get("d", "").lower(), tags.get("s", "")) for tags in map(_tags, signatures)))
    ours = [(signer, selector) for signer, selector in signed if f".{domain}".endswith(f".{signer}") and signer]
    if signed and not ours:
        others = ", ".join(_quoted(signer) for signer, _ in signed)
        text = f"mails are signed for {others} only, which proves nothing about {domain}: have signing set up for it"
        yield Finding(Level.WARNING, f"{name}: {text} where the mail account is kept")
    for signer, selector in ours:
        yield _key(f"{name}: key {_quoted(selector)}", f"{selector}._domainkey.{signer}", resolver)
    if signed:
        return
    # Below a name that does not exist there is nothing (RFC 8020).
    if resolver.texts(f"_domainkey.{domain}") is None:
        text = "DNS has no key, so that mails leave unsigned: have signing set up where the mail account is kept"
        yield Finding(Level.WARNING, f"{name}: {text}")
    else:
        text = "the mail to ourselves was not signed, as is usual within one server: write to an address elsewhere, and"
        yield Finding(Level.OK, f"{name}: {text} look there for a line DKIM-Signature with d={domain}")


def _key(what: str, name: str, resolver: Resolver) -> Finding:
    found = resolver.texts(name)
    keys = [tags["p"] for tags in map(_tags, found or []) if "p" in tags and tags.get("v", "DKIM1") == "DKIM1"]
    if not keys:
        text = f"mails are signed with it, but DNS has no key at {name}, so that no signature is good"
        return Finding(Level.FAULT, f"{what}: {text}: have {_WHO} add it")
    if not keys[0]:
        text = f"mails are signed with it, but DNS says at {name} that it is revoked: have {_WHO} put the new key there"
        return Finding(Level.FAULT, f"{what}: {text}, or signing use another one")
    try:
        base64.b64decode("".join(keys[0].split()), validate=True)
    except binascii.Error:
        return Finding(Level.FAULT, f"{what}: what DNS has at {name} is damaged: have {_WHO} enter the key anew")
    return Finding(Level.OK, f"{what}: mails are signed, and DNS has the key")


# --- DMARC: what others do with mails that are neither -----------------------------------------------


def _dmarc(domain: str, resolver: Resolver) -> Iterator[Finding]:
    name = f"DMARC of {domain}"
    for parent in _upwards(domain):
        found = [text for text in resolver.texts(f"_dmarc.{parent}") or [] if re.match(r"v=DMARC1\s*(;|$)", text)]
        if found:
            yield _of_dmarc(name if parent == domain else f"{name} (set by {parent})", found, parent != domain)
            return
    text = f"no record, so that forged mails in your name are delivered: ask {_WHO} for a TXT record at _dmarc.{domain}"
    yield Finding(Level.WARNING, f'{name}: {text}, to begin with "v=DMARC1; p=none; rua=mailto:…", later p=quarantine')


def _of_dmarc(name: str, found: list[str], below: bool) -> Finding:
    if len(found) > 1:
        text = f"{len(found)} records, and other servers then follow none of them: have {_WHO} leave one"
        return Finding(Level.FAULT, f"{name}: {text}: {'; '.join(map(_quoted, found))}")
    tags = _tags(found[0])
    policy = ((below and tags.get("sp")) or tags.get("p", "")).lower()
    if policy not in _POLICIES:
        text = f"names no policy (p=none, p=quarantine or p=reject): have {_WHO} mend it"
        return Finding(Level.FAULT, f"{name}: {text}: {_quoted(found[0])}")
    if policy == "none":
        text = "asks for nothing (p=none): forged mails in your name are delivered. Once its reports show that your own"
        return Finding(Level.WARNING, f"{name}: {text} mails pass, have {_WHO} set p=quarantine: {_quoted(found[0])}")
    return Finding(Level.OK, f"{name}: forged mails are to be refused or set aside (p={policy})")


def _upwards(domain: str) -> Iterator[str]:
    """The domain, and those around it: a record there counts for it too (RFC 7489 §6.6.3)."""
    labels = domain.split(".")
    yield domain
    for first in range(max(1, len(labels) - 4), len(labels) - 1):
        yield ".".join(labels[first:])


def _tags(text: str) -> dict[str, str]:
    """The tags of a list (RFC 6376 §3.2).

    >>> _tags("v=DKIM1; k=rsa ;p=MIG f")
    {'v': 'DKIM1', 'k': 'rsa', 'p': 'MIG f'}
    """
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): " ".join(value.split()) for name, _, value in pairs if name.strip()}


def _quoted(text: str) -> str:
    """A stranger's words: one line, no control characters, not too long."""
    return f'"{one_line(text, 200)}"'
