"""A journalled mail: understood, threaded, given to the desk of its sender's party, and settled.

The attempt is counted and committed before the mail is parsed; what cannot be understood goes to quarantine with
its reason, and the next mail is handled at once. Only mails of the same sender or ticket wait for one that is tried
again, so that an answer does not overtake its question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailbot import log
from mailbot.arrivals import from_lkpp, from_machine, from_user, quarantine, quarantine_work, quotations, sent_by_hand
from mailbot.arrivals.staff import confirmations, from_staff
from mailbot.arrivals.understanding import no_answer, of_lkpp, written_by_machine
from mailbot.config.site import Site
from mailbot.errors import Damaged, ParseError, PermanentFailure, TemporaryFailure
from mailbot.fetch import originals
from mailbot.fetch.reader import Unread
from mailbot.fetch.slow_mails import Later, Patient, Reading
from mailbot.killpoint import kill_point
from mailbot.model import Message, Role, Sender, Verdict
from mailbot.parsers import thread, webform
from mailbot.parsers.forms import form as form_fields
from mailbot.parsers.identity import sender as who_wrote
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.mime import archives
from mailbot.parsers.understood import Understood
from mailbot.sentences import Sentences
from mailbot.store import erased, journal, silences
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import lookups, tickets
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)


@dataclass(slots=True)
class _Known:
    """What was found out about a mail before something failed."""

    sender: str = ""
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Handles the journal of one mailbox. `prefixes`: the ticket prefixes of all mailboxes."""

    store: Store
    site: Site
    prefixes: Sequence[str]
    reading: Reading = field(default_factory=Patient)

    def handle_waiting(self, now: datetime, *, at_most: int = -1, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Handle what waits, `at_most` so many and only while `go_on`. False: something must be tried again later."""
        erased.delete_files(self.store)
        complete = True
        tried: set[int] = set()
        while (left := at_most - len(tried)) and (found := self._next(tried, now, left)):
            for number, journal_id in enumerate(found if at_most < 0 else found[:left]):
                if not go_on():
                    return complete
                tried.add(journal_id)
                complete = self.handle_one(journal_id, now, found[number + 1 : number + 3]) and complete
                tried.difference_update(journal.to_look_at_again(self.store, self.site.name))
        return complete

    def _next(self, tried: set[int], now: datetime, at_most: int) -> list[int]:
        """What waits and was not tried in this pass, and the two mails behind it, which are read ahead; staff may have
        sent a mail back into the queue (`#proses`)."""
        most = -1 if at_most < 0 else at_most + 2
        return journal.waiting(self.store, self.site.name, now, most, tried | self.reading.not_yet())

    def handle_one(self, journal_id: int, now: datetime, following: Sequence[int] = ()) -> bool:
        """One mail: True when it is settled. following: those that will be asked for next, two at most."""
        begun = self.reading.begun(journal_id)
        entry = journal.entry(self.store, journal_id) if begun else journal.count_attempt(self.store, journal_id)
        if not begun and entry["attempts"] > journal.ATTEMPTS:
            reason = str(entry["reason"]) or _SAID("ended_program")
            reason = _SAID("failed_often", attempts=journal.ATTEMPTS, reason=reason)
            quarantine.keep(self.store, self.site, entry, reason, now)
            return True
        known = _Known()
        try:
            settled = self._handle(entry, known, now, following)
        except Later as later:
            if not later.begun:
                self._uncount(journal_id)
            self._name_sender(entry)
            return False
        except Unread as error:
            self._unread(entry, error, now)
            return False
        except ParseError as error:
            quarantine.keep(self.store, self.site, entry, error.reason, now)
            settled = True
        except Damaged:
            raise
        except TemporaryFailure:
            self._uncount(journal_id)  # a full disk or a locked database is no fault of this mail
            raise
        except PermanentFailure as error:
            quarantine.keep(self.store, self.site, entry, _SAID("failed", reason=error.reason), now)
            settled = True
        except Exception as error:  # a fault of ours must not stop the mails behind this one
            log.failed(self.site.name, journal_id, error)
            journal.postpone(
                self.store, journal_id, f"{type(error).__name__}", now, sender=known.sender, ticket_id=known.ticket_id
            )
            return False
        kill_point("handled")
        return settled

    def _uncount(self, journal_id: int) -> None:
        """Take the attempt back, so that three rounds on a full disk do not send every mail to quarantine."""
        with suppress(TemporaryFailure):
            journal.uncount_attempt(self.store, journal_id)

    def _name_sender(self, entry: Row) -> None:
        """Of a mail that takes long to read, so that the next one of his does not overtake it."""
        slow = int(entry["id"]) in self.reading.unfinished()
        if slow and not entry["sender"] and (claimed := originals.heading_of(self.store, entry).sender):
            journal.name_sender(self.store, int(entry["id"]), claimed)

    def _unread(self, entry: Row, error: Unread, now: datetime) -> None:
        """Reading it ended the process that reads, or took too much: tried again later, behind the others."""
        log.again(self.site.name, f"reading of entry {entry['id']}", error.reason)
        sender = str(entry["sender"]) or originals.heading_of(self.store, entry).sender
        journal.postpone(self.store, int(entry["id"]), error.reason, now, sender=sender)

    def _handle(self, entry: Row, known: _Known, now: datetime, following: Sequence[int]) -> bool:
        """False: it has to wait for an earlier one."""
        if entry["released"] == "tiket":
            self._file(entry, now)
            return True
        if entry["folder"] == self.site.config.imap.sent:
            self._by_hand(entry, now)
            return True
        if not entry["released"] and self._is_known(entry):
            return True
        if not entry["complete"]:
            raise ParseError(_SAID("too_large"))
        understood = self._read(entry)
        message = understood.message
        if following:
            self._begin(following[0])
        if not entry["released"] and (why := archives.trap(message.attachments)) is not None:
            raise ParseError(why)
        config = self.site.config
        new, machine = understood.new, understood.machine
        if entry["released"] and machine is not None and machine.kind != "own":
            machine = None  # staff want it read as anybody's mail; still nothing answers it automatically (`quiet`)
        sender = who_wrote(
            message,
            self.site.people(),
            config.lkpp.accept_from,
            config.addresses,
            config.authentication.authserv_id,
        )
        if machine is None:  # delivery reports come from "MAILER-DAEMON" and from "<>" as well
            sender = _named(message, sender, self.site)
        confirmed_at = confirmations.confirmed_at(self.store, entry)
        if entry["released"] and confirmed_at is None:
            if sender.role.inside:  # known only now that it could be read
                number, why = int(entry["id"]), _SAID("not_obeyed")
                with self.store.immediate():
                    quarantine.refuse(self.store, self.site, number, sender, why, new.text, now)
                return True
            sender = quarantine_work.without_authority(sender)
        sender = _doubted(message, sender)
        message, sender, form = webform.read(message, sender, config.forms, lambda one: not config.is_users(one))
        if form is not None:
            machine = None  # a machine's mail by its nature, with a person's words
        known.sender = sender.address
        with self.store.immediate():
            journal_id = int(entry["id"])
            at = confirmed_at or to_instant(entry["arrived_at"])
            refs = tuple(lookups.references(self.store, self.site, message, sender, at))
            hits = lookups.numbers(self.store, self.site, message, sender, at, self.prefixes)
            found = thread.find(message, sender, refs, hits)
            if entry["again"] is not None:  # it is of its ticket, whatever has become of that since
                found = replace(found, ticket_id=tickets.standing(self.store, int(entry["ticket_id"])))
            known.ticket_id = found.ticket_id
            if journal.stand_behind(self.store, journal_id, sender.address, found.ticket_id, now):
                return False
            if journal.overtakes(self.store, journal_id, sender.address, self.reading.unfinished(), now):
                self.reading.wait_behind(journal_id)
                raise Later(begun=False)
            earlier = journal.identify(
                self.store, entry, message.message_id, message.fingerprint, proven=sender.authenticated
            )
            if earlier is not None:
                self._duplicate(entry, earlier, sender, message.message_id)
                return True
            about = quotations.about(refs, found, hits)
            context = Context(self.store, self.site, now)
            message = quotations.with_internal_files(context, message, sender.role, found.ticket_id, about, refs)
            if sender.role is Role.LKPP:
                new = quotations.lkpps(self.store, self.site, message, new, refs, found)
            elif sender.role.inside:
                new = quotations.staffs(self.store, self.site, message, new, refs, sender)
            users, folder = sender.role is Role.USER, str(entry["folder"])
            answers_us = any(ref.ours and ref.recipient == sender.address for ref in refs)
            silences.look(self.store, self.site.name, sender.address, at, answers_us=answers_us)
            said = understood.unanswered
            quiet = no_answer(self.store, self.site, folder, message, sender, form, said) if users else None
            mail = IncomingMail(
                journal_id=journal_id,
                folder=folder,
                at=at,
                message=message,
                new=new,
                files=tuple(originals.passed_on(message, from_user=users)),
                sender=sender,
                refs=refs,
                found=found,
                machine=machine,
                confirmed=confirmed_at is not None,
                form=form,
                lkpp=of_lkpp(self.site, message, sender, refs, new, machine),
                words=quotations.users(self.store, self.site, message, new, refs, found, hits) if users else None,
                quiet=quiet,
                fields=form_fields.believed(understood.fields) if users else None,
                topic=understood.topic if users else None,
                again=entry["again"],
            )
            self._route(mail, now)
            ahead = [one for one in following[1:] if self.reading.looks_ahead and journal.count_first(self.store, one)]
        for one in ahead:
            self.reading.counted(one)
            kill_point("attempt_counted")
        return True

    def _by_hand(self, entry: Row, now: datetime) -> None:
        """Sent mail: what cannot be read of it is nobody's trouble."""
        try:
            message = self._read(entry).message
        except ParseError as error:
            if isinstance(error, Unread) and entry["attempts"] < journal.ATTEMPTS:
                raise
            message = None
        sent_by_hand.handle(self.store, self.site, entry, message, now)

    def _read(self, entry: Row) -> Understood:
        raw, to = journal.raw(self.store, entry), originals.addressee(self.site)
        return self.reading.understand(int(entry["id"]), self.site.name, raw, to)

    def _begin(self, journal_id: int) -> None:
        """Has the next mail read while this one is handled. It is an attempt like any other, counted before: with the
        mail before this one, in the same commit, if there was one. A mail that was tried before begins in its own
        turn."""
        with suppress(TemporaryFailure, PermanentFailure):  # told in its own turn
            entry, counted = journal.entry(self.store, journal_id), self.reading.begun(journal_id)
            tried = entry["attempts"] > counted
            if not entry["complete"] or tried or not self.reading.takes_next(int(entry["size"])):
                return
            raw = journal.raw(self.store, entry)
            if not counted:
                journal.count_attempt(self.store, journal_id)
            self.reading.begin(journal_id, raw, originals.addressee(self.site))

    def _is_known(self, entry: Row) -> bool:
        """Whether these very bytes could not be read before; then they are not tried again, nor are staff told."""
        earlier = journal.known_unread(self.store, int(entry["id"]))
        if earlier is not None:
            with self.store.immediate():
                self._duplicate(entry, earlier, None, None)
        return earlier is not None

    def _duplicate(self, entry: Row, earlier: int, sender: Sender | None, message_id: str | None) -> None:
        journal_id = int(entry["id"])
        reason = _SAID("same_as", number=earlier)
        gone = erased.is_gone(self.store, earlier)
        known = sender if gone is None else None
        journal.settle(self.store, journal_id, "duplicate", "duplicate", reason=reason, sender=known)
        if gone is not None:  # its bytes were removed at a person's request
            erased.received(self.store, journal_id, gone)
        log.filed(self.site.name, journal_id, "duplicate", message_id)

    def _file(self, entry: Row, now: datetime) -> None:
        """Staff have said with which ticket it belongs: it goes there, readable or not."""
        try:
            message = self._read(entry).message
        except ParseError as error:
            if isinstance(error, Unread) and entry["attempts"] < journal.ATTEMPTS:
                raise  # it may be read yet, and then staff see its words in the ticket
            message = None
        quarantine_work.file(self.store, self.site, entry, message, now)

    def _route(self, mail: IncomingMail, now: datetime) -> None:
        context = Context(self.store, self.site, now)
        if written_by_machine(mail):
            from_machine.handle(context, mail)
        elif mail.sender.role.inside:
            from_staff.handle(context, mail)
        elif mail.sender.role is Role.LKPP:
            from_lkpp.handle(context, mail)
        else:
            from_user.handle(context, mail)


def _doubted(message: Message, sender: Sender) -> Sender:
    """A mail that two programs could read differently is proven by nothing, a user's neither: it makes a ticket, but
    nothing of it goes on to LKPP before staff, who are told why, have looked."""
    if not message.ambiguous or sender.verdict is Verdict.FAIL:
        return sender
    reason = _SAID("read_differently", why=message.ambiguous[0].rstrip("."))
    return replace(sender, verdict=Verdict.FAIL, reason=reason)


def _named(message: Message, sender: Sender, site: Site) -> Sender:
    """A From that is nobody's by the strict grammar, but holds one plain address ("Nama, SE <a@b>"), not a listed
    person's: a user whom nothing vouches for. Anything else without a sender goes to quarantine, also an address with
    an encoded word in it, which some programs decode (RFC 2047 §5 forbids it there)."""
    if sender.address:
        return sender
    if len(message.header_all("From")) != 1:
        raise ParseError(_SAID("nobodys", reason=sender.reason))
    found = {box.address.lower() for box in message.from_ if "@" in box.address}
    address = found.pop() if len(found) == 1 else ""
    config = site.config
    ours = address in config.addresses or config.role(address) or config.lkpp.accepts(address)
    if not address or ours or "=?" in address:
        raise ParseError(_SAID("nobodys", reason=sender.reason))
    return replace(sender, address=address)
