"""The head of a paper as a site prints it: what the site sets, and nothing of another office's.

Number, revision, dates and officers of the office whose paper mailbot brings are not printed for another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mailbot.reports.sop.words import SAID, WORDS
from mailbot.rules.sop.heads import FILE, Head
from mailbot.rules.sop.parts import Document, Field, Fields, Listing, Part, Signature, Signatures
from mailbot.sentences import filled


def of_site(document: Document, head: Head, name: str) -> Document:
    """A paper with the site's head. name: on the command line."""
    other = bool(document.office and head.organisation) and document.office.casefold() != head.organisation.casefold()
    keys = {key for part in document.parts for key in _keys(part)}
    own = tuple(_own(part, head.values, other=other) for part in document.parts)
    remarks = document.remarks
    if other and keys - set(head.values):
        said = filled(SAID["other_office"], office=document.office, own=head.organisation, file=FILE, name=name)
        remarks = (said, *remarks)
    return replace(document, parts=(*_added(head.values, keys), *own), remarks=remarks)


def _keys(part: Part) -> Iterator[str]:
    match part:
        case Fields(fields=found):
            yield from (one.key for one in found if one.key)
        case Signatures(signatures=signing):
            yield from (one.key for one in signing if one.key)
        case Listing(key=key) if key:
            yield key


def _own(part: Part, values: Mapping[str, tuple[str, ...]], *, other: bool) -> Part:
    """A part with the site's values; `other`: what the site does not set is left blank."""
    blank = (SAID["blank"],)
    match part:
        case Fields(fields=found):
            return Fields(tuple(replace(one, value=_value(one, values, other=other)) for one in found))
        case Signatures(signatures=signing):
            return Signatures(
                tuple(
                    Signature((*one.lines[: one.of], *values.get(one.key, blank)), one.of, one.key)
                    if one.key in values or (other and one.key)
                    else one
                    for one in signing
                )
            )
        case Listing(key=key) if key in values:
            return replace(part, items=_numbered(values[key]))
        case Listing(items=items, local=local) if other and local:
            first = len(items) - local
            blanks = (f"{number}. {SAID['blank']}" for number in range(first + 1, len(items) + 1))
            return replace(part, items=(*items[:first], *blanks))
    return part


def _value(one: Field, values: Mapping[str, tuple[str, ...]], *, other: bool) -> str:
    if one.key in values:
        return ", ".join(values[one.key])
    return SAID["blank"] if other and one.key else one.value


def _numbered(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{number}. {item}" for number, item in enumerate(items, 1))


def _added(values: Mapping[str, tuple[str, ...]], keys: set[str]) -> Iterator[Part]:
    """What the site sets and the paper has no place for."""
    labels: Mapping[str, str] = WORDS["heads"]
    rest = {key: words for key, words in values.items() if key not in keys}
    fields = tuple(Field(labels[key], ", ".join(words), key) for key, words in rest.items() if key != "legal_basis")
    if fields:
        yield Fields(fields)
    if basis := rest.get("legal_basis"):
        yield Listing(labels["legal_basis"], _numbered(basis), "legal_basis")
