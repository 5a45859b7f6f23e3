"""One mail of the LPSE's own people: what it says, which ticket it is about, and which mail of ours it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from mailbot.arrivals import quotations
from mailbot.arrivals.staff import drafts, forwarded
from mailbot.errors import NotCarriedOut, ParseError
from mailbot.fetch import originals
from mailbot.letters import Stored
from mailbot.model import Attachment, Message, Role, Ticket
from mailbot.parsers.commands import command_lines, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS, About
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.reply.quoted import NewText
from mailbot.procedure.effects.to_staff import ANSWERED
from mailbot.store import codes, journal, sent_mails
from mailbot.store.database import Row
from mailbot.tickets import lookups, ticket_rows, tickets
from mailbot.tickets.case import Context
from mailbot.tickets.work import Work


def only_asks(command: str) -> bool:
    """Whether the command of this name only asks: how things stand changes, so each mail with it is answered anew.

    A code's name may also be "confirm", or a command's of another version."""
    return command in SPECS and SPECS[command].about is About.QUESTION


#: The key of a mail of ours that tells of another mail, as it came or looked at again (`IncomingMail.key`).
_TELLS_OF = re.compile(r"j([0-9]+)(?:\+[0-9]+)?")


def _entry_of(key: str) -> int | None:
    """The journal's entry of the mail that a mail of ours tells of."""
    found = _TELLS_OF.fullmatch(key)
    return None if found is None else int(found[1])


@dataclass
class StaffMail(Context):
    """One staff mail on its way through the desk.

    ticket: as it stands after what was carried out so far.
    code: the row of the link's or confirmation's code in it, if it is this writer's and still good.
    asked: its commands with all that they leave to be found out, as far as that was come to.
    works: what was carried out, or in words what was done with no ticket. links: next steps for the receipt.
    """

    mail: IncomingMail
    new: NewText
    read: command_lines.Commands
    code: dict[str, object] | None
    ticket: Ticket | None
    asked: list[Command] = field(default_factory=list)
    works: list[tuple[Command, Work | str]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ticket_id(self) -> int | None:
        return None if self.ticket is None else self.ticket.id

    @property
    def number(self) -> str | None:
        """The ticket's."""
        return None if self.ticket is None else self.ticket.number

    @property
    def own_ticket(self) -> Ticket:
        """The ticket of a command that needs one (`checks` has seen to that)."""
        assert self.ticket is not None
        return self.ticket

    @property
    def repeats(self) -> bool:
        """Whether its code was used before: then it gets the first answer again (but for a question's)."""
        # One that a form came back with is used without an answer of its own, when the next mail completes the form.
        used = self.code is not None and self.code["used_by"] is not None and self.code["receipt"] is not None
        return used and self.code is not None and not only_asks(str(self.code["command"]))

    # --- what its code stands for ---------------------------------------------------------------------------

    @property
    def stored(self) -> Stored | None:
        """The words and mails that its link's code stands for; None: for none."""
        if self.code is None or self.code["words"] is None:
            return None
        return Stored(str(self.code["words"]), tuple(map(int, str(self.code["mails"]).split())))

    @property
    def unsent(self) -> int | None:
        """What was held, which its link's code sends or drops."""
        if self.code is None or self.code["unsent"] is None:
            return None
        return int(str(self.code["unsent"]))

    @cached_property
    def messages(self) -> list[Message]:
        """The mails whose files its code stands for, read again, then the mail itself. Raises NotCarriedOut."""
        mails = self.stored.mails if self.stored is not None and self.draft is None else ()
        entries = [journal.entry(self.store, entry) for entry in mails]
        try:
            stored = [originals.read(self.store, self.site.config, entry) for entry in entries]
        except ParseError as error:
            raise NotCarriedOut(error.reason) from None
        about = [] if self.ticket_id is None else [self.ticket_id]
        role = self.mail.sender.role
        read = [quotations.with_internal_files(self, one, role, self.ticket_id, about, ()) for one in stored]
        return [*read, self.mail.message]

    @property
    def files(self) -> list[Attachment]:
        """Those that travel with its words."""
        *before, _ = self.messages
        return [*(file for one in before for file in originals.passed_on(one, from_user=False)), *self.mail.files]

    @property
    def with_files(self) -> tuple[int, ...]:
        """The journal ids of the mails whose files these are."""
        own = (self.mail.journal_id,) if self.mail.files else ()
        return (*(self.stored.mails if self.stored is not None else ()), *own)

    # --- the form that it completes ---------------------------------------------------------------------------

    @cached_property
    def draft(self) -> drafts.Draft | None:
        """The form that came back with what it answers or whose link it uses, if it goes on with that."""
        found = drafts.find(self.store, self.site, self.read.code, self.mail.refs)
        if found is None or (self.read.commands and self.read.commands[-1].name != found.command.name):
            return None
        return found

    @cached_property
    def completes(self) -> Command | None:
        """The command of a form that is completed by a reply without one; None: it is no such reply. On a ticket other
        words than the form's are a note, as ever."""
        draft = self.draft
        if draft is None or self.read.commands or self.read.fault is not None:
            return None
        command = replace(draft.command, text=self.new.unsigned)
        if self.ticket is not None and draft.after(command.text, self.new.quoted) == draft.current:
            return None
        return command

    # --- what it is without a command --------------------------------------------------------------------

    @property
    def stands_for(self) -> str:
        """The command that a reply without one stands for, by the mail that it answers."""
        if self.directs:
            return "direction"
        return "answer" if self._answers_user else "note"

    @property
    def directs(self) -> bool:
        """Whether a reply without a command is direction: the coordinator's to what he was asked or told, or the
        head's."""
        above = vocabulary.may_use("direction", self.mail.sender.role)
        return above and self._answered_template.startswith(("coordinator_", "head_"))

    @property
    def _answers_user(self) -> bool:
        """Whether it is the answer to the user: to his words, and to no colleague as well."""
        colleagues = {person.address for person in self.site.config.people()} - {self.mail.sender.address}
        addressed = {box.address.lower() for box in (*self.mail.message.to, *self.mail.message.cc)}
        return self._answered_template in ANSWERED and colleagues.isdisjoint(addressed)

    # --- which mail of ours it answers --------------------------------------------------------------------

    @cached_property
    def _answered(self) -> Row | None:
        """The outbox's row of the mail that it answers."""
        ref = self.mail.answers
        return None if ref is None else sent_mails.ours(self.store, self.site.name, ref.message_id)

    @property
    def _answered_template(self) -> str:
        return "" if self._answered is None else str(self._answered["template"])

    @property
    def answered_key(self) -> str:
        """The event key of the mail that it answers, "" where it answers none."""
        return "" if self._answered is None else str(self._answered["event_key"])

    @property
    def answered_entry(self) -> int | None:
        """The journal's entry of the mail that the answered mail tells of; None: it tells of none."""
        return _entry_of(self.answered_key)

    @property
    def answers_receipt(self) -> bool:
        """Whether it answers a receipt."""
        return self._answered_template == "staff_receipt"

    @property
    def reminded_at(self) -> datetime | None:
        """When the answered mail was made, if it is a reminder: that shows each reply of LKPP that waits by then."""
        ref = self.mail.answers
        return ref.issued_at if ref is not None and self._answered_template == "staff_reminder" else None

    def shown_users(self) -> list[str]:
        """Whose words its writer had before him: of the mail that it answers, and of the tickets in its subject."""
        found = []
        row = self._answered
        if row is not None and row["ticket_id"] is not None and row["template"] != "staff_confirm":
            found.append(self._writer(str(row["event_key"]), int(row["ticket_id"])))
        prefixes = [self.site.config.ticket_prefix]
        for number in find_numbers(self.mail.message.subject, prefixes)[: lookups.MOST_NUMBERS]:
            found.append(ticket_rows.user_of(self.store, self.site.name, number))
        return found

    def _writer(self, key: str, ticket_id: int) -> str:
        """The user whose mail made a mail of ours (`Mail.key`); of any other, the user of its ticket."""
        entry = _entry_of(key)
        if entry is not None:
            row = journal.writer(self.store, entry)
            if row is not None and row["role"] == Role.USER.value:
                return str(row["sender"])
        return self._loaded(ticket_id).user_address

    def _loaded(self, ticket_id: int) -> Ticket:
        own = self.ticket is not None and self.ticket.id == ticket_id
        return self.own_ticket if own else tickets.load(self.store, ticket_id)

    # --- a user's mail that it forwards ---------------------------------------------------------------------

    @property
    def forwarded(self) -> forwarded.Forwarded:
        return forwarded.forwarded(self.site, self.mail.message, self.new)

    @property
    def proposed_user(self) -> str:
        """Whom the forwarded mail is from, where `#baru` does not say it; "" where it does, or nothing tells."""
        if any(SPECS[command.name].about is About.NEW_TICKET and command.argument for command in self.read.commands):
            return ""
        writer = self.forwarded.writer
        return writer.address if writer is not None and not forwarded.no_user(self.site, writer.address) else ""


def read(context: Context, mail: IncomingMail) -> StaffMail:
    """What stands in the mail's own new text. A code leads to its ticket where nothing else leads to one."""
    store, site = context.store, context.site
    said = command_lines.read(mail.new.text)
    code = codes.find(store, site.name, said.code, mail.sender.address, mail.at) if said.code else None
    ticket_id = mail.found.ticket_id
    if ticket_id is None and code is not None and code["ticket_id"] is not None and mail.found.conflict is None:
        ticket_id = tickets.standing(store, int(str(code["ticket_id"])))
    ticket = None if ticket_id is None else tickets.load(store, ticket_id)
    return StaffMail(store, site, context.now, mail, mail.new, said, code, ticket)
