"""Which mails of ours a mail that came in may quote, and what is left of it without them; and which files hold words
that were written to the LPSE's own people.

A part of `understanding`: it asks the store for the mails, `parsers.reply` compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from mailbot.arrivals import sent_words
from mailbot.config.site import Site
from mailbot.door.proof import holds_code
from mailbot.model import Attachment, Message, Role, Sender
from mailbot.parsers.commands import command_lines
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.reply import below_quotation, own_quote, users_words
from mailbot.parsers.reply.own_quote import Apart, Ours
from mailbot.parsers.reply.quotable import Quotable, Sent
from mailbot.parsers.reply.quoted import MARKER, NewText, new_text
from mailbot.parsers.reply.users_words import UsersWords
from mailbot.parsers.thread import Found, NumberHit, Reference
from mailbot.sentences import Sentences
from mailbot.store import sent_mails
from mailbot.store.database import Row, Store
from mailbot.tickets import ticket_rows, tickets
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)

#: Mails of ours to somebody with which his mail is compared besides those that it answers, and the characters in all.
_MAILS, _CHARACTERS = 12, 256_000
#: The same for mails to staff: each officer's copy has codes of its own.
_TO_STAFF, _STAFFS_CHARACTERS = 80, 1_000_000
_OF_NO_TICKET = 30  # mails to each party within the LPSE that are about no ticket, the last ones
_TITLES = 500  # of tickets that these lists name
_TICKETS = 6  # of which a mail may hold words that were written to staff
_ANSWERED = 3  # mails of ours that a mail of staff may quote
_MARKS = (">", "|")
_FILE = re.compile(r"\[[^\[\]\n]{1,200}\]")  # where a file has stood in the text
_OUTSIDE = (Role.USER.value, Role.LKPP.value)
_INSIDE = tuple(role.value for role in Role if role.inside)


def users(
    store: Store,
    site: Site,
    message: Message,
    new: NewText,
    refs: Sequence[Reference],
    found: Found,
    hits: Sequence[NumberHit],
) -> UsersWords:
    """A user's words. hits: the tickets that his mail names."""
    text, ticket_id = message.text, found.ticket_id
    own = ticket_id if ticket_id is not None else found.previous
    search = _Search(store, site, refs, text)
    mails = search.mails([] if own is None else [own], _OUTSIDE, _MAILS, _CHARACTERS)
    to_staff = search.to_staff(about(refs, found, hits))
    texts = _Texts(store, ticket_id, Role.USER)

    def known_or_his() -> Ours | None:
        unproven = [*texts.under_his_name(), *_titles(store, site, to_staff)]
        return Ours([*mails, *texts.known(), *unproven]) if unproven else None

    return users_words.read(
        text,
        new,
        lambda: _ours(site, mails),
        opens=ticket_id is None,
        continues=found.previous is not None,
        staffs=Ours(to_staff) if to_staff else None,
        known=lambda: Ours([*mails, *texts.known()]),
        known_or_his=known_or_his,
    )


def lkpps(store: Store, site: Site, message: Message, new: NewText, refs: Sequence[Reference], found: Found) -> NewText:
    """LKPP's mail taken apart: words between or below the lines of a mail of ours are its writer's, and a doubt. Where
    nothing stands above what it quotes, all that is not ours is taken for its writer's."""
    answered = [ref.message_id for ref in refs if ref.ours and ref.party is Role.LKPP]
    answer = _answer_below(store, site, message, new, answered, (Role.LKPP.value,), own_quote.PROOF)
    if answer is not None:
        return answer
    search = _Search(store, site, refs, message.text)
    about = [] if found.ticket_id is None else [found.ticket_id]
    apart = own_quote.apart(message.text, _ours(site, search.mails(about, (Role.LKPP.value,), _MAILS, _CHARACTERS)))
    if not new.below and not users_words.says_something(new.text):
        return replace(new, below=apart.rest, doubt=new.doubt or _SAID("words_between"))
    # What is marked between the lines of several mails, or follows a head, may be an earlier mail of LKPP's own.
    between = "\n".join([_unmarked(apart.between), *map(_marked, apart.within)])
    below = _unmarked(apart.below) if _unmarked(apart.below).strip() else new_text(_bare(apart.below)).text
    return _with_words_between(new, replace(apart, between=between, below=below))


def staffs(
    store: Store, site: Site, message: Message, new: NewText, refs: Sequence[Reference], sender: Sender
) -> NewText:
    """A mail of staff taken apart. Below the whole mail that it answers its words are as good as above; but a command
    counts only above. Else words within the mail that it answers or right below it, which neither marks nor our
    marker set apart, are its writer's, and a doubt. Links bring words of ours, so what stands above counts as it is,
    and a thread holds other notices, which begin with heads of their own."""
    if not new.quoted:
        return new
    answered = [ref.message_id for ref in refs if ref.ours and ref.recipient == sender.address]
    answer = _answer_below(store, site, message, new, answered, _INSIDE, users_words.OF_STAFF)
    if answer is not None and not _commands(answer.text):
        return answer
    if new.below:
        return new
    search = _Search(store, site, refs, new.quoted)
    apart = own_quote.apart(new.quoted, _ours(site, search.mails([], _INSIDE, _ANSWERED, _CHARACTERS)))
    within = "\n".join(map(_bare, apart.within[:1]))
    # What stands under a notice whose marker is whole is a server's footer more often than an answer.
    told = new.marked or _FILE.fullmatch(apart.below.strip()) is not None
    below = "" if told else new_text(_bare(apart.below)).text
    return _with_words_between(new, replace(apart, between=within, below=below))


def _answer_below(
    store: Store,
    site: Site,
    message: Message,
    new: NewText,
    answered: Sequence[str],
    parties: Sequence[str],
    least: int,
) -> NewText | None:
    """A mail that says nothing above the whole of our mail that it answers, and something below. answered: the
    Message-IDs of ours that it names, which were sent to its writer, the deepest last."""
    if not answered or not new.marked or users_words.says_something(new.text):
        return None
    rows = sent_mails.with_ids(store, site.name, answered[-1:], parties)
    return below_quotation.answer(message.text, sent_words.of(store, rows[0]).answered, least=least) if rows else None


def _commands(text: str) -> bool:
    """Whether there are commands in a text, a link's code, or what looks like one of them."""
    read = command_lines.read(text)
    return bool(read.commands) or read.fault is not None or read.code is not None


def _with_words_between(new: NewText, apart: Apart) -> NewText:
    """`new` with the words that stand between or below the lines of ours."""
    if not apart.found or not users_words.answers_below(apart):
        return new
    # Marks may have shown some of them: what they have not shown is added.
    lines = f"{apart.between}\n{apart.below}".split("\n")
    more = "\n".join(line for line in lines if line.strip() not in new.below or not line.strip()).strip("\n")
    below = "\n\n".join(part for part in (new.below, more) if part)
    return replace(new, below=below, doubt=new.doubt or _SAID("words_between"))


def with_internal_files(
    context: Context,
    message: Message,
    writer: Role,
    ticket_id: int | None,
    tickets_named: Sequence[int],
    refs: Sequence[Reference],
) -> Message:
    """The mail, each of its files marked that holds what was written to the LPSE's own people: a line with a code, or
    words of a mail to staff which neither its writer nor, in a file of staff's, the ticket's user has read or written.

    ticket_id: the ticket of which these are known. tickets_named: those of whose mails to staff words may stand in a
    file.
    """
    store = context.store
    words = "\n".join(file.words for file in message.files)
    if not words.strip():
        return message
    search = _Search(store, context.site, refs, words)
    to_staff = search.to_staff(tickets_named)
    staffs = Ours(to_staff)
    texts = _Texts(store, ticket_id, Role.LKPP if writer is Role.LKPP else Role.USER)

    @cache
    def known() -> Ours:
        return Ours([*texts.known(), *texts.under_his_name(), *_titles(store, context.site, to_staff)])

    return replace(message, attachments=tuple(_judged(file, staffs, known) for file in message.attachments))


def _judged(file: Attachment, staffs: Ours, known: Callable[[], Ours]) -> Attachment:
    internal = (
        holds_code(file.words) or own_quote.apart(file.words, staffs, least=users_words.OF_STAFF, but=known).found
    )
    return replace(file, internal=True) if internal and not file.of_body else file


def about(refs: Sequence[Reference], found: Found, hits: Sequence[NumberHit]) -> list[int]:
    """The tickets of whose mails to staff words may stand in a mail."""
    own = found.ticket_id if found.ticket_id is not None else found.previous
    named = [own, *(ref.ticket_id for ref in refs), *(hit.ticket_id for hit in hits if not hit.lkpp)]
    return list(dict.fromkeys(one for one in named if one is not None))[:_TICKETS]


def _unmarked(text: str) -> str:
    """Without lines that their mail program has marked as quoted: of LKPP's own earlier mails in the thread, say."""
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(_MARKS))


def _marked(text: str) -> str:
    """The other lines, without their marks."""
    return _bare("\n".join(line for line in text.split("\n") if line.lstrip().startswith(_MARKS)))


def _bare(text: str) -> str:
    """The lines without marks of quotation."""
    return "\n".join(line.lstrip("> |\t") for line in text.split("\n"))


def _ours(site: Site, mails: Iterable[Quotable]) -> Ours:
    """With our own name and address, which stand above mails of ours that were not looked up."""
    return Ours([*mails, Sent((MARKER,), f"{site.config.organisation} <{site.config.address}>")])


@dataclass(frozen=True)
class _Search:
    """For the mails of ours of which words may stand in a mail. text: of that mail."""

    store: Store
    site: Site
    refs: Sequence[Reference]
    text: str

    @cached_property
    def _runs(self) -> frozenset[int]:
        return own_quote.runs(self.text)

    def mails(self, about: Sequence[int], parties: Sequence[str], at_most: int, characters: int) -> list[Quotable]:
        """Mails of ours to these parties: those that the mail answers, then the last of the tickets; not more than
        `characters` of them."""
        named = [ref.message_id for ref in reversed(self.refs) if ref.ours and ref.party.value in parties][:at_most]
        rows = sent_mails.with_ids(self.store, self.site.name, named, parties) if named else []
        rows += sent_mails.of_tickets(self.store, about, parties, at_most) if about else []
        return self._that_share(rows, characters)

    def to_staff(self, about: Sequence[int]) -> list[Quotable]:
        """Mails to the LPSE's own people, of these tickets and of none: lists, reports, notices of mail that belongs to
        no ticket."""
        found = self.mails(about, _INSIDE, _TO_STAFF, _STAFFS_CHARACTERS)
        if not self._runs:
            return found
        rows = sent_words.of_no_ticket.quoted(self.store, self.site.name, _INSIDE, _OF_NO_TICKET, self._runs)
        return [*found, *self._that_share(rows, _STAFFS_CHARACTERS)]

    def _that_share(self, rows: Sequence[Row], characters: int) -> list[Quotable]:
        found: list[Quotable] = []
        for row in {int(row["id"]): row for row in rows}.values() if rows and self._runs else ():
            mail = sent_words.of(self.store, row)
            if characters > 0 and not self._runs.isdisjoint(mail.runs):
                found.append(mail)
                characters -= sum(map(len, mail.texts))
        return found


@dataclass(frozen=True)
class _Texts:
    """The texts of a ticket, as mails to staff repeat them. party: who has written a mail."""

    store: Store
    ticket_id: int | None
    party: Role

    @cached_property
    def _rows(self) -> list[Row]:
        return [] if self.ticket_id is None else tickets.texts_for(self.store, self.ticket_id, Role.STAFF)

    def known(self) -> list[Sent]:
        """What the party has read, and written for others than staff."""
        known = [row for row in self._rows if self._may_read(row)]
        read = [row for row in known if row["role"] != self.party.value]
        written = [row for row in known if row["role"] == self.party.value]
        return [*_bodies(read), *_bodies(written)]

    def under_his_name(self) -> list[Sent]:
        """What has come under the party's name and is staff's alone, as its writer is not proven."""
        return _bodies([row for row in self._rows if row["role"] == self.party.value and not self._may_read(row)])

    def _may_read(self, row: Row) -> bool:
        return f",{self.party}," in str(row["audience"])


def _titles(store: Store, site: Site, mails: Iterable[Quotable]) -> list[Sent]:
    """The titles of tickets that these mails name: lists repeat them, and users say the same things in the same words.
    Whoever quotes no more of a list than a title has written it himself."""
    prefix = site.config.ticket_prefix
    numbers = dict.fromkeys(number for mail in mails for text in mail.texts for number in find_numbers(text, [prefix]))
    return [Sent((title,)) for title in ticket_rows.titles(store, site.name, list(numbers)[:_TITLES]) if title]


def _bodies(rows: Sequence[Row]) -> list[Sent]:
    return [Sent((str(row["body"]),)) for row in rows[-_MAILS:]]
