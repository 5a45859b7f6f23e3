"""Who wrote a message, and what that lets him do: From grammar, border results, tokens. Pure.

Every answer comes with its reason in Indonesian, for the quarantine and for the receipt. In doubt the
answer is no: an address that two readers could read differently belongs to nobody.

The role of a `Sender` is only a claim. Two functions decide whether it is believed. `may_command`, of the LPSE's
people: the one and only From is a listed address (`author`, `sender`), the border server's Authentication-Results do
not contradict it (`results`), and the mail carries a token, a reference to a mail that we issued to that very address
(`thread.has_token`), or needs none. `is_lkpp`, of Helpdesk LKPP: the results pass; or there are none at all, and the
mail refers to one that we sent to LKPP.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import authres

from mailbot.model import Message, Role, Sender, Verdict
from mailbot.parsers.commands.vocabulary import SPECS
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

# --- the From header ------------------------------------------------------------------------

# A From beyond this length serves nobody but an attacker (RFC 5322 §2.1.1 asks for 998 per line).
_FROM_LIMIT = 4000

# RFC 5322 §3.2.3 atext; the local part as dot-atom, the domain as RFC 5321 §4.1.2 host name.
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDR_SPEC = re.compile(rf"({_LOCAL})@({_LABEL}(?:\.{_LABEL})*)")

# A display name: quoted strings and atoms. Dots stand for obs-phrase ("Sari S.Kom"), non-ASCII for the
# raw 8-bit names that careless clients send. No "@", "," ":" ";" "(" or "<" outside quotes: those are what
# makes one reader see another mailbox than the next ("staff@lpse <evil@x>", CVE-2023-27043).
_PHRASE = re.compile(r"""(?:[ \t]|"(?:[^"\\]|\\.)*"|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x80-\U0010ffff-])*""", re.DOTALL)


def author(message: Message) -> tuple[str, str]:
    """The author's address, lower-cased, or "" with the reason why it is anybody's guess.

    Works on the raw value of the From header, since decoding first is how names turn into addresses.
    Accepted: `addr`, `<addr>`, `name <addr>`, `"quoted name" <addr>`, encoded words in the name.
    The address is a plain dot-atom at a host name, all ASCII (RFC 5322 §3.4.1 without its obsolete and
    quoted forms).
    """
    values = [value for name, value in message.headers if name.strip().lower() == "from"]
    if not values:
        return "", _SAID("no_from")
    if len(values) > 1:
        return "", _SAID("several_from")
    doubt = next((reason for reason in message.ambiguous if "from" in reason.lower()), None)
    if doubt is not None:
        return "", _SAID("doubtful_from", doubt=doubt.rstrip("."))
    return mailbox(values[0])


def mailbox(value: str) -> tuple[str, str]:
    """One RFC 5322 mailbox out of a raw From value: (address, "") or ("", reason)."""
    value = value.strip(" \t")
    if len(value) > _FROM_LIMIT:
        return "", _SAID("from_too_long")
    if any(c != "\t" and unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in value):
        return "", _SAID("control_in_from")
    spec = value
    if value.endswith(">"):
        phrase = _PHRASE.match(value)
        opened = phrase.end() if phrase else 0
        if value[opened : opened + 1] != "<":
            return "", _SAID("doubtful_name")
        spec = value[opened + 1 : -1]
    found = _ADDR_SPEC.fullmatch(spec)
    if found is None:
        return "", _SAID("no_plain_address")
    local = found[1]
    if "=?" in local or "?=" in local:
        return "", _SAID("encoded_address")
    if len(local) > 64 or len(spec) > 254:  # RFC 5321 §4.5.3.1
        return "", _SAID("address_too_long")
    return spec.lower(), ""


# --- Authentication-Results (RFC 8601) --------------------------------------------------------

NO_RESULTS = _SAID("no_results")

# The library compiles and copies the rest of the text at every token: short input keeps that harmless.
_RESULTS_LIMIT = 8192

# Microsoft 365 leaves the authserv-id out. A header without one is taken for ours only where the pinned
# id says that the border is Microsoft's; anywhere else it is nobody's.
_WITHOUT_ID = ("outlook.com", "office365.com", "microsoft.com")

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~:\[\]-]+")
_METHOD = re.compile(r"\s*([A-Za-z0-9_-]+)\s*(?:/\s*\d+\s*)?=\s*([A-Za-z0-9_.-]+)")
# A whole resinfo: method and result, then "ptype.property=value" (Microsoft adds a bare "action=none").
# One property, or a reason. Matched one after the other and never taken back: that keeps the time linear, and works
# where Python's possessive quantifiers do not (before 3.11.5).
_PROPERTY = re.compile(
    r"""\s+[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*\s*=\s*(?:"(?:[^"\\]|\\.)*"(?:@[^\s";]*)?|[^\s";]*)"""
)


@dataclass(frozen=True, slots=True)
class _Result:
    """One resinfo: method and result lower-cased, properties as ("ptype.property", value) pairs."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.properties if key == name]


def results(
    message: Message, authserv_id: str | None, domain: str, own_domains: Collection[str] = ()
) -> tuple[Verdict, str]:
    """What the border server `authserv_id` says of a mail from `domain`: (verdict, reason).

    PASS: its topmost Authentication-Results say dmarc=pass for that domain, or dkim=pass with a signing
    domain equal to it or an organisational parent of it, and nothing in them says otherwise.
    ABSENT: no results of that authserv-id, or none is pinned. FAIL: everything else, also results
    that cannot be parsed by RFC 8601's grammar, or that stand below a Received line of a foreign host.

    `own_domains` are domains whose hosts are ours (the mailbox's own), besides the authserv-id's.
    RFC 8601 §5 asks the border to remove foreign headers that bear its name; where it does not, no
    reader of the message can tell a forged topmost one from a genuine one.
    """
    found = _topmost(message, authserv_id, own_domains)
    if found is None:
        return Verdict.ABSENT, NO_RESULTS
    if isinstance(found, str):
        return Verdict.FAIL, found
    verdict, reason = _verdict(found, domain.lower())
    if verdict is Verdict.PASS and (loose := _loose_signature(message, domain.lower())):
        return Verdict.FAIL, loose
    return verdict, reason


def dmarc(message: Message, authserv_id: str | None) -> str | None:
    """The DMARC result of the pinned border server ("pass", "fail", "none" …), None where it gives none."""
    found = _topmost(message, authserv_id, ())
    if not isinstance(found, tuple):
        return None
    return next((r.result for r in found if r.method == "dmarc"), None)


def _verdict(found: tuple[_Result, ...], domain: str) -> tuple[Verdict, str]:
    policies = [result for result in found if result.method == "dmarc"]
    if len(policies) > 1:  # RFC 7489 evaluates once per message: a second one was smuggled in
        return Verdict.FAIL, _SAID("several_dmarc")
    for policy in policies:
        if policy.result == "pass":
            if all(_host(value) == domain for value in policy.values("header.from")) and domain:
                return Verdict.PASS, "dmarc=pass"
            return Verdict.FAIL, _SAID("other_domain")
        if policy.result not in ("none", "temperror", "permerror"):
            return Verdict.FAIL, f"dmarc={policy.result}"
    for signature in found:
        if signature.method == "dkim" and signature.result == "pass" and not signature.values("header.l"):
            # Gmail names the signing identity (header.i) instead of the signing domain (RFC 8601 §2.7.1).
            signers = signature.values("header.d") or signature.values("header.i")
            if len(signers) == 1 and _aligned(_host(signers[0]), domain):
                return Verdict.PASS, f"dkim=pass ({_host(signers[0])})"
    return Verdict.FAIL, _SAID("not_passed")


# A signature that leaves these out lets whoever has seen one mail of a person send it again with another subject (and
# so another ticket), or at another time.
_SIGNED = frozenset({"from", "subject", "date"})
_SIGNATURES = 50


def _loose_signature(message: Message, domain: str) -> str:
    """Why what vouches for `domain` may not vouch for all of this mail, "" where nothing says so.

    Results tell that a signature holds, not what it covers: with "l=" (RFC 6376 §3.5, §8.2) anybody may have written
    the end of the text. The border's verdict may rest on any signature of the same organisation, so that each must be
    sound; whoever adds another one only loses.
    """
    values = [value for name, value in message.headers if name.strip().lower() == "dkim-signature"]
    if len(values) > _SIGNATURES:
        return _SAID("many_signatures")
    for value in values:
        tags = [part.partition("=") for part in "".join(value[:_RESULTS_LIMIT].split()).split(";")]
        found = {name: content.lower() for name, _, content in tags}
        if _organisation(found.get("d", "").rstrip(".")) != _organisation(domain):
            continue
        if "l" in found:
            return _SAID("signs_a_part")
        if not _SIGNED.issubset(found.get("h", "").split(":")):
            return _SAID("signs_no_headers")
    return ""


def _topmost(
    message: Message, authserv_id: str | None, own_domains: Collection[str]
) -> tuple[_Result, ...] | str | None:
    """The results of the topmost header of the pinned id; a reason if they cannot count; None if none."""
    if not authserv_id:
        return None
    pinned = authserv_id.strip().lower()
    ours = {_organisation(_host(name)) for name in (pinned, *own_domains)}
    foreign: str | None = None
    handed_over_inside = False
    for name, value in message.headers:
        field = name.strip().lower()
        if field == "received" and foreign is None:
            host, by_lmtp = _receiver(value)
            if host is not None and not handed_over_inside and _organisation(host) not in ours:
                foreign = host
            handed_over_inside = by_lmtp
        if field != "authentication-results":
            continue
        cleaned = _without_comments(value)
        if cleaned is None:
            return _SAID("unreadable_results")
        identity = _authserv_id(cleaned)
        if identity == "" and _within(pinned, _WITHOUT_ID):
            cleaned, identity = f"{pinned}; {cleaned}", pinned
        if identity is None:
            return _SAID("unreadable_results")
        if identity != pinned:
            continue
        if foreign is not None:
            return _SAID("below_foreign_server", host=foreign)
        parsed = _parse(cleaned)
        return _SAID("unreadable_results") if parsed is None else parsed
    return None


def _without_comments(value: str) -> str | None:
    """The header's value with each comment turned into a space; None if it breaks RFC 5322's lexis.

    Comments and quoted strings carry what strangers wrote (HELO, MAIL FROM, reasons), so "dmarc=pass"
    inside them must not be seen, and an unclosed one must not swallow or free what follows.
    """
    if len(value) > _RESULTS_LIMIT:
        return None
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
        elif char == "(":
            depth += 1
            kept.append(" ")
            continue
        elif depth:
            depth -= char == ")"
            continue
        elif char == '"':
            quoted = True
        elif char in ")\\":
            return None
        if depth:
            continue
        if not (" " <= char <= "~" or char == "\t"):
            return None
        kept.append(char)
    return None if depth or quoted or escaped else "".join(kept)


def _authserv_id(cleaned: str) -> str | None:
    """The lower-cased authserv-id, "" where the header starts with a result at once, None if unreadable."""
    first = cleaned.partition(";")[0].strip()
    if "=" in first:
        return "" if _METHOD.match(first) else None
    words = first.split()
    if not words or len(words) > 2 or not _TOKEN.fullmatch(words[0]):
        return None
    return words[0].lower()


def _parse(cleaned: str) -> tuple[_Result, ...] | None:
    """All results by RFC 8601 §2.2's grammar, or None.

    The library skips properties that it cannot read (a bare `except: pass`), so that a mangled one could
    make it lose its place. Its results therefore count only if they agree, one by one, with the parts
    between the semicolons as the quoting rules alone give them.
    """
    parts = _parts(cleaned.strip().rstrip(";").rstrip())[1:]
    try:
        header = authres.all_features().parse_value(cleaned.strip().rstrip(";").rstrip())
        parsed = tuple(
            _Result(
                str(result.method).lower(),
                str(result.result).lower(),
                tuple((f"{p.type}.{p.name}", str(p.value or "")) for p in result.properties),
            )
            for result in header.results
        )
    except (authres.AuthResError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    if not parsed:  # "none": the server made no checks (RFC 8601 §2.2 no-result)
        return () if [part.strip().lower() for part in parts] == ["none"] else None
    if len(parsed) != len(parts):
        return None
    for result, part in zip(parsed, parts, strict=True):
        seen = _METHOD.match(part)
        if (
            seen is None
            or not _only_properties(part[seen.end() :])
            or (seen[1].lower(), seen[2].lower()) != (result.method, result.result)
        ):
            return None
    return parsed


def _only_properties(text: str) -> bool:
    at = 0
    while found := _PROPERTY.match(text, at):
        at = found.end()
    return not text[at:].strip()


def _parts(text: str) -> list[str]:
    """`text` split at the semicolons that stand outside quoted strings."""
    return [part.replace("\0", ";") for part in re.sub(r'"(?:[^"\\]|\\.)*"', _hide, text).split(";")]


def _hide(quoted: re.Match[str]) -> str:
    return quoted[0].replace(";", "\0")


_BY = re.compile(r"(?:^|\s)by\s+([^\s();]+)(?:\s+with\s+([A-Za-z0-9]+))?", re.IGNORECASE)


def _receiver(value: str) -> tuple[str | None, bool]:
    """Of a Received line: the host that wrote it, and whether it came there by LMTP.

    The host is None where it names no domain (localhost, an address, a container). LMTP stays within one
    site (RFC 2033 §5), so that the next line below was written by a host of ours too.
    """
    found = _BY.search(re.sub(r"\([^()]*\)", " ", value[:2000]))
    if found is None:
        return None, False
    host = found[1].rstrip(".").lower()
    by_lmtp = "LMTP" in (found[2] or "").upper()
    if "." not in host or ":" in host or host.startswith("[") or re.fullmatch(r"[0-9.]+", host):
        return None, by_lmtp
    return host, by_lmtp


# Second-level labels under which registries sell names, so that they are no organisation's (a subset of
# the Public Suffix List, Indonesia's in full; a longer list would only narrow DKIM alignment further).
_REGISTRY = frozenset(
    {"ac", "asn", "biz", "co", "com", "desa", "edu", "go", "gov", "id", "ind", "ltd", "me", "mil", "my"}
    | {"ne", "net", "nom", "or", "org", "ponpes", "sch", "web"}
)


def _public_suffix(domain: str) -> bool:
    labels = domain.split(".")
    return len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _REGISTRY)


def _organisation(host: str) -> str:
    """The organisational domain (RFC 7489 §3.2): one label below the public suffix."""
    labels = host.split(".")
    for size in (2, 3):
        candidate = ".".join(labels[-size:])
        if not _public_suffix(candidate):
            return candidate
    return host


def _aligned(signer: str, domain: str) -> bool:
    """Whether a signing domain speaks for the From domain: itself, or a parent that is no public suffix.

    Stricter than RFC 7489's relaxed mode: a subdomain or a sister does not speak for the domain.
    """
    if _public_suffix(signer):
        return False
    return bool(domain) and (signer == domain or domain.endswith("." + signer))


def _host(value: str) -> str:
    """The domain of an address, of "@domain", or of a bare domain; lower-cased."""
    return value.rpartition("@")[2].strip().lower()


def _within(host: str, domains: Collection[str]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


# --- the sender -----------------------------------------------------------------------------


def sender(
    message: Message,
    people: Mapping[str, tuple[Role, str]],
    lkpp_accept: Sequence[str],
    own_addresses: Sequence[str],
    authserv_id: str | None,
) -> Sender:
    """Who wrote `message`, in the eyes of one mailbox.

    `people`: address → (role, name) of everyone the configuration lists. `lkpp_accept`: addresses, or
    "@domain" for exactly that domain. `own_addresses`: the mailbox and then its aliases (role `mailbot`); only the
    mailbox's own domain counts as ours in Received lines: an alias may lie with a provider of everybody.
    Compared byte for byte after lower-casing. The role is only what the mail claims; what it may do is
    decided by `may_command` and `is_lkpp`. A mail that two readers could read differently never passes
    for one of the LPSE's or LKPP's people.
    """
    address, reason = author(message)
    if not address:
        return Sender(address="", role=Role.USER, verdict=Verdict.FAIL, reason=reason)
    own = {own_address.lower() for own_address in own_addresses}
    domain = _host(address)
    verdict, reason = results(message, authserv_id, domain, tuple(_host(a) for a in own_addresses[:1]))
    listed = {person.lower(): entry for person, entry in people.items()}
    claimed = next((m.name for m in message.from_ if m.address.lower() == address), "")
    role, name = Role.USER, claimed
    if address in own:
        role = Role.MAILBOT
    elif address in listed:
        role, name = listed[address]
    elif any(entry.lower() in (address, "@" + domain) for entry in lkpp_accept):
        role = Role.LKPP
    if message.ambiguous and (role.inside or role is Role.LKPP):
        verdict, reason = Verdict.FAIL, _SAID("several_readings", doubt=message.ambiguous[0].rstrip("."))
    return Sender(address=address, name=name, role=role, verdict=verdict, reason=reason)


@dataclass(frozen=True, slots=True)
class Grant:
    """Whether something is allowed, and why (not), in Indonesian. `ask`: not as it is, but with a code that only the
    listed address can know. `otherwise`: only these commands need it, of this mail others would be allowed."""

    allowed: bool
    reason: str
    ask: bool = False
    otherwise: bool = False


NEEDS_CODE = _SAID("needs_code")


def may_command(
    who: Sender,
    without_results: str,
    token: bool,
    command_names: Sequence[str],
    *,
    step_up: str = "",
    confirmed: bool = False,
) -> Grant:
    """Whether this mail's commands may be carried out, all or none.

    `without_results`: the site's policy for mails without any results, "token", "confirm" or "refuse".
    `token`: the mail replies to one that was issued to this very address (`thread.has_token`).
    `command_names`: canonical names; a plain reply counts as the command that it stands for.
    `step_up`: why these commands need a code in every case. `confirmed`: the listed address has sent the code.
    """
    if not who.address or not who.role.inside:
        return Grant(False, who.reason or _SAID("not_listed"))
    if who.verdict is Verdict.FAIL:
        return Grant(False, _SAID("not_proven", reason=who.reason))
    proven = who.verdict is Verdict.PASS
    if not proven and without_results not in ("token", "confirm"):
        return Grant(False, NO_RESULTS)
    listed = _SAID("listed_and_passed" if proven else "listed")
    if confirmed:
        return Grant(True, _SAID("confirmed", listed=listed))
    if step_up:
        otherwise = proven or (token and without_results == "token")
        return Grant(False, f"{NEEDS_CODE}: {step_up}", ask=True, otherwise=otherwise)
    if not proven and without_results == "confirm":
        return Grant(False, f"{NEEDS_CODE}: {NO_RESULTS}", ask=True)
    if token:
        return Grant(True, _SAID("replies", listed=listed))
    # What shows or adds, and changes nothing, a listed person may do without a token where the results pass.
    if proven and command_names and not any(name not in SPECS or SPECS[name].needs_token for name in command_names):
        return Grant(True, listed)
    return Grant(False, NEEDS_CODE, ask=True)


def is_lkpp(who: Sender, refers_to_our_mail: bool) -> Grant:
    """Whether a mail that claims to be LKPP's is LKPP's.

    Either the results pass, or there are none at all and it refers to a mail that we sent to an LKPP
    address. Anything else goes to staff, marked, and no further.
    """
    if not who.address or who.role is not Role.LKPP:
        return Grant(False, who.reason or _SAID("not_lkpp"))
    if who.verdict is Verdict.PASS:
        return Grant(True, _SAID("lkpp_passed"))
    if who.verdict is Verdict.ABSENT and refers_to_our_mail:
        return Grant(True, _SAID("lkpp_replies"))
    if who.verdict is Verdict.ABSENT:
        return Grant(False, _SAID("lkpp_without_results"))
    return Grant(False, _SAID("lkpp_not_proven", reason=who.reason))
