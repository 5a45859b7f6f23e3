"""The mailboxes of From, To, Cc and Reply-To. The only importer of mailparser (addresses and their defects).

From decides whose mail it is, so that its every oddity is a doubt; the others are only shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import mailparser

from mailbot import late
from mailbot.model import NamedAddress
from mailbot.parsers.mime.headers import Headers, addresses, decode_words, first, has_control, one_line
from mailbot.parsers.mime.limits import Findings
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

_ADDRESSES = 48 * 1024  # characters of Reply-To, To and Cc together, some thousand addresses: what is more is left out
_COMPARED = 4000  # characters of a From; more serve nobody (RFC 5322 §2.1.1 asks for 998 in a line)

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_SPEC = rf"{_LOCAL}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
# Names of atoms, dots (obs-phrase) and quoted strings, which stand as "" here.
_PHRASE = r"""(?:[ \t]|""|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x80-\U0010ffff-])*"""
# What every reader reads alike: `addr`, `<addr>`, `name <addr>`; and `addr <addr>`, which lacks its quotes and is
# common. Bounce programs write a local part alone, or nothing: that is nobody's address to anybody.
_MAILBOX = late.pattern(rf"[ \t]*(?:{_SPEC}|{_PHRASE}<{_SPEC}>|({_SPEC})[ \t]*<\1>)[ \t]*\Z", re.I)
_NOBODY = late.pattern(rf"[ \t]*(?:{_LOCAL}|{_PHRASE}<(?:{_LOCAL})?>)?[ \t]*\Z")
_GROUP = late.pattern(rf"{_PHRASE}:([^:;]*);[ \t]*\Z")
_COMMENT = late.pattern(r"""\((?:[^()\\"]|"")*\)""")
_SPECS = late.pattern(r"[^\s<>()\[\]:;,\"\\@]{1,128}@[^\s<>()\[\]:;,\"\\@]{1,255}")
_QUOTED = late.pattern(r'"(?:[^"\\]|\\.)*"', re.DOTALL)

# What most programs write: `addr`, `Name <addr>`, `"Name" <addr>`, in few letters and with single blanks. The library
# takes a fifth of the time of a short mail, to find the very same.
_WORD, _WORD_IN_QUOTES = r"[A-Za-z0-9.'&/_-]++", r"[A-Za-z0-9.,'()&/_-]++"
_BOX = r"[A-Za-z0-9_+-]{1,30}+(?:\.[A-Za-z0-9_+-]{1,30}+){0,3}+@[A-Za-z0-9-]{1,60}+(?:\.[A-Za-z0-9-]{1,60}+){0,4}+"
_PLAIN = re.compile(
    rf"""(?:(?:({_WORD}(?: {_WORD})*+)|"({_WORD_IN_QUOTES}(?: {_WORD_IN_QUOTES})*+)") <({_BOX})>|({_BOX}))(?:, |\Z)"""
)
_PLAIN_LENGTH = 1000  # characters


def mailboxes(headers: Headers, findings: Findings) -> dict[str, tuple[NamedAddress, ...]]:
    """The mailboxes of From, To, Cc and Reply-To. Two From headers are ambiguous: the first one counts, and only the
    beginning of one that is too long to be compared, which is in doubt."""
    sender = first(headers, "from")
    values = {"from": _begun(sender, _COMPARED) or sender}  # one with a long name stays whole
    room = _ADDRESSES
    for name in ("reply-to", "to", "cc"):
        # Repeated headers are wrong but shown.
        joined = ", ".join(v for n, v in headers if n.lower() == name and v)
        values[name] = _begun(joined, room)
        room -= len(values[name])
        if values[name] != joined:
            findings.defect(f"TooManyAddresses: {name}")
    plain = {name: boxes for name, value in values.items() if (boxes := _plain(value)) is not None}
    pairs, certain = _looked_up({name: value for name, value in values.items() if name not in plain}, findings)
    found = {name: plain[name] if name in plain else tuple(_mailboxes(pairs[name])) for name in values}
    if "from" not in plain or not certain:
        _doubt_from(sender, found["from"], findings, certain=certain)
    return found


def _plain(value: str) -> tuple[NamedAddress, ...] | None:
    """The mailboxes of a header of which nothing is odd; None of any other, which is for the library."""
    if len(value) > _PLAIN_LENGTH:
        return None
    found = []
    at = 0
    while at < len(value):
        if (box := _PLAIN.match(value, at)) is None:
            return None
        name, quoted, address, alone = box.groups()
        found.append(NamedAddress(name or quoted or "", address or alone))
        at = box.end()
    return tuple(found) if not value.endswith(", ") else None


def _looked_up(values: Mapping[str, str], findings: Findings) -> tuple[dict[str, list[tuple[str, str]]], bool]:
    """(name and address of each mailbox, by the header's name; whether all that is found in From is certain)."""
    # Header text only, on lines of its own: nothing else of the mail reaches the library.
    source = "".join(f"{name}: {_printable(value)}\r\n" for name, value in values.items() if value)
    if not source:
        return {name: [] for name in values}, True
    certain = True
    try:
        parsed = mailparser.parse_from_string(source + "\r\n")
        pairs = {"from": parsed.from_, "to": parsed.to, "cc": parsed.cc, "reply-to": parsed.reply_to}
        for defect in parsed.address_header_defects:
            findings.defect(f"AddressHeaderDefect: {defect['header']}: {defect['reason']}")
            if defect["header"] == "from" and not _harmless(defect):
                certain = False
    except Exception:
        findings.defect("AddressParserFailed")
        return {name: addresses(_printable(value)) for name, value in values.items()}, False
    return pairs, certain


def _begun(value: str, room: int) -> str:
    """The addresses of a header for which there is room."""
    return value if len(value) <= room else value[:room].rpartition(",")[0]


def _doubt_from(value: str, found: tuple[NamedAddress, ...], findings: Findings, *, certain: bool) -> None:
    if has_control(value) or has_control(decode_words(value)):
        # "=?utf-8?b?…AA==?=": readers cut the name there and show what is left (Mailsploit).
        findings.doubt(_SAID("control"))
    for address in re.findall(r"<([^<>]*)>", value):
        if "=?" in address:
            findings.doubt(_SAID("encoded_address"))
    nobody = _NOBODY.match(_QUOTED.sub('""', value[:_COMPARED])) is not None
    if not (certain or nobody) or not _well_formed(value) or not _one_reading(value, found):
        findings.doubt(_SAID("several_readings"))


def _well_formed(value: str) -> bool:
    """Whether a From keeps to the part of the grammar that all readers share (RFC 5322 §3.4)."""
    bare = _QUOTED.sub('""', value[:_COMPARED])
    for _ in range(2):  # comments, also within comments
        bare = _COMMENT.sub(" ", bare)
    if _NOBODY.match(bare):
        return True
    if (group := _GROUP.match(bare)) is not None:
        bare = group[1]
    return not bare.strip() or all(map(_MAILBOX.match, bare.split(",")))


_TWICE = late.pattern(r"\A\s*([^\s<>\",;:@]{1,64}@[^\s<>\",;:@]{1,255})\s*<\s*\1\s*>\s*\Z", re.I)


def _one_reading(value: str, found: tuple[NamedAddress, ...]) -> bool:
    """Whether a careful reader, a simple one and the standard library find the same addresses."""
    if len(value) > _COMPARED:
        return False
    ours = {box.address.lower() for box in found if "@" in box.address}
    # Before 3.11.4 the standard library read "a@b <a@b>" otherwise; everybody else agrees on it.
    plain = _TWICE.sub(r"<\1>", _printable(value))
    standard = {address.lower() for _, address in addresses(plain) if "@" in address}
    simple = {address.lower() for address in _SPECS.findall(_QUOTED.sub(" ", value))}
    if not ours == standard == simple:
        return False
    if "=?" not in value:
        return True
    # Readers who decode first take an address that only encoded words make for the sender's.
    decoded = decode_words(value)
    return decoded.count("@") == 0 or {address.lower() for address in _SPECS.findall(decoded)} == ours


def _harmless(defect: dict[str, object]) -> bool:
    """`a@b <a@b>` without quotes: wrong, common, and every reader finds the same address."""
    candidates = defect.get("candidates")
    if not defect.get("recovered") or not isinstance(candidates, list) or len(candidates) != 1:
        return False
    candidate = candidates[0]
    name = str(candidate["display_name"]).strip(" \"'").lower()
    return "@" not in name or name == str(candidate["address"]).lower()


def _mailboxes(pairs: Iterable[tuple[str, str]]) -> Iterable[NamedAddress]:
    for name, address in pairs:
        address = address.strip()
        if address and not has_control(address) and len(address.split()) == 1:
            yield NamedAddress(one_line(decode_words(name)), address)


def _printable(value: str) -> str:
    return value if value.isprintable() else "".join(c if c.isprintable() else " " for c in value)
