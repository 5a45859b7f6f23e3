"""What a user's mail says: what staff read of it, what of that LKPP may read, and the words that are his own.

Losing his words is the worse fault. So what staff read is cut only where a quotation of ours, proven by comparison,
ends the mail: where anything of his stands below, they read all of it, because an answer needs its question. Words that
were written to staff go to nobody else, wherever in his mail they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailbot.parsers.reply import own_quote, signatures
from mailbot.parsers.reply.own_quote import Ours
from mailbot.parsers.reply.quoted import NewText, new_text, points_below
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)
#: Letters and digits below which a mail says nothing that could be taken for more than "ok".
_NEARLY_NOTHING = 3
#: Words of a mail to staff that are taken for a quotation of it, whatever leads to them.
OF_STAFF = 6


@dataclass(frozen=True, slots=True)
class UsersWords:
    """shown: what staff read. outside: what of it LKPP may read: no word that was written to staff. said: his own
    words, as far as can be told, in which SELESAI, thanks and data are looked for. new: `outside` taken apart.
    of_staff: whether he quotes or forwards what was written to staff."""

    shown: str
    outside: str
    said: str
    new: NewText
    of_staff: bool = False


def read(
    text: str,
    new: NewText,
    ours: Callable[[], Ours],
    *,
    opens: bool,
    continues: bool = False,
    staffs: Ours | None = None,
    known: Callable[[], Ours] = lambda: Ours(()),
    known_or_his: Callable[[], Ours | None] = lambda: None,
) -> UsersWords:
    """Total.

    new: `text` taken apart. ours: the mails of ours that he may quote. opens: whether the mail opens a ticket: staff
    read such a mail in full. continues: whether it does so as a reply that came too late and quotes mails of an earlier
    ticket: the new one is about his own words. staffs: the mails to staff of which words may stand in it; known: what
    he has written and read himself, also where these repeat it; known_or_his: the same with what came under his name
    unproven and with the titles of tickets, which are his only in a mail that quotes nothing else of a mail to staff
    (he may send again what came unproven, and others ask the same in the same words); None: there is none of these.
    """
    rest, of_staff = text, False
    if staffs is not None:
        without = _without_staffs(text, staffs, known, known_or_his)
        rest, of_staff = without.rest, without.found
    outside = new_text(rest) if of_staff else new
    if not opens or outside.quoted or outside.marked:
        apart = own_quote.apart(rest, ours())
    else:
        apart = own_quote.Apart(False, rest, rest, "")
    words = _without_ours(rest, outside, apart)
    whole = text if of_staff else words
    return UsersWords(
        shown=text if opens else whole,
        outside=rest if opens and not continues else words,
        said=_own(apart.rest, new_text(apart.rest) if apart.found else outside),
        new=outside,
        of_staff=of_staff,
    )


def _without_staffs(
    text: str, staffs: Ours, known: Callable[[], Ours], known_or_his: Callable[[], Ours | None]
) -> own_quote.Apart:
    """`text` without the words of mails to staff. What may be his is asked for only where it could make a difference:
    it cannot in a mail that holds nothing of these but what he knows."""
    without = own_quote.apart(text, staffs, least=OF_STAFF, but=known)
    either = known_or_his() if without.found else None
    if either is None:
        return without
    alone = own_quote.apart(text, staffs, least=OF_STAFF, but=lambda: either)
    return without if alone.found else alone


def _without_ours(text: str, new: NewText, apart: own_quote.Apart) -> str:
    """What is passed on of a reply. new: `text` taken apart."""
    if not apart.found:
        return _set_apart(text, new)
    if not says_something(apart.above) or answers_below(apart) or points_below(apart.above):
        return text
    return _set_apart(apart.above, new_text(apart.above))


def _set_apart(text: str, new: NewText) -> str:
    """The writer's words, and below a heading what he quotes or forwards of others; all of it as it is where the two
    cannot be told apart. new: `text` taken apart."""
    if new.doubt is not None or new.marked:
        return text
    if not new.quoted:
        return new.text
    return "\n\n".join(part for part in (new.text, new.signature.strip(), _SAID("quoted"), new.quoted) if part)


def answers_below(apart: own_quote.Apart) -> bool:
    """Whether a writer's words stand between our lines, or below them: more there than a footer or a signature."""
    lines = [line.strip() for line in apart.below.split("\n")]
    parts = signatures.apart(lines)
    return bool(apart.between.strip()) or any(lines[parts.start : parts.end])


def says_something(text: str) -> bool:
    """Whether a text has more words of its writer than a mark or two."""
    return sum(map(str.isalnum, new_text(text).text[:1000])) >= _NEARLY_NOTHING


def _own(text: str, new: NewText) -> str:
    """His own words, or all where they cannot be told apart."""
    told_apart = new.doubt is None or new.below or sum(map(str.isalnum, new.own[:1000])) < _NEARLY_NOTHING
    return new.own if told_apart else text
