"""A journalled mail: understood, threaded, given to the desk of its sender's party, and settled.

The attempt is counted and committed before the mail is parsed; what cannot be understood goes to quarantine with
its reason, and the next mail is handled at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot import (
    journal,
    letters,
    lkppdesk,
    log,
    lookups,
    machines,
    quarantine,
    staffdesk,
    thread,
    userdesk,
)
from mailbot.desk import Desk
from mailbot.errors import Damaged, ParseError, PermanentFailure, TemporaryFailure
from mailbot.fault import fault
from mailbot.identity import is_lkpp
from mailbot.identity import sender as who_wrote
from mailbot.mail import Mail
from mailbot.model import Message, Role, Sender
from mailbot.parsers import quoted
from mailbot.parsers.automatic import BY_WORDS, automatic
from mailbot.rules.classify import classify
from mailbot.store import Row, Store, to_instant


@dataclass(frozen=True, slots=True)
class Intake:
    """Handles the journal of one mailbox. `prefixes`: the ticket prefixes of all mailboxes."""

    store: Store
    desk: Desk
    prefixes: Sequence[str]

    def handle_waiting(self, now: datetime, *, at_most: int = -1, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Handle what waits, `at_most` so many and only while `go_on`. False: something must be tried again later."""
        complete = True
        for journal_id in journal.waiting(self.store, self.desk.name, now, at_most):
            if not go_on():
                break
            complete = self.handle_one(journal_id, now) and complete
        return complete

    def handle_one(self, journal_id: int, now: datetime) -> bool:
        """One mail: True when it is settled."""
        attempts = journal.count_attempt(self.store, journal_id)
        entry = journal.entry(self.store, journal_id)
        if attempts > journal.ATTEMPTS:
            reason = str(entry["reason"]) or "pengolahan e-mail ini menghentikan program"
            quarantine.keep(self.store, self.desk, entry, f"gagal diolah {journal.ATTEMPTS} kali: {reason}", now)
            return True
        try:
            self._handle(entry, now)
        except ParseError as error:
            quarantine.keep(self.store, self.desk, entry, error.reason, now)
        except Damaged:
            raise
        except TemporaryFailure:
            self._uncount(journal_id)  # a full disk or a locked database is no fault of this mail
            raise
        except PermanentFailure as error:
            quarantine.keep(self.store, self.desk, entry, f"tidak dapat diolah: {error.reason}", now)
        except Exception as error:  # a fault of ours must not stop the mails behind this one
            log.failed(self.desk.name, journal_id, error)
            journal.postpone(self.store, journal_id, f"{type(error).__name__}", now)
            return False
        fault("handled")
        return True

    def _uncount(self, journal_id: int) -> None:
        """Take the attempt back, so that three rounds on a full disk do not send every mail to quarantine."""
        with suppress(TemporaryFailure), self.store.immediate():
            self.store.execute("UPDATE journal SET attempts = attempts - 1 WHERE id = ?", journal_id)

    def _handle(self, entry: Row, now: datetime) -> None:
        if not entry["complete"]:
            raise ParseError("e-mail melebihi batas ukuran; hanya kepalanya yang diambil")
        message = letters.read(self.store, self.desk.config, entry)
        config = self.desk.config
        machine = automatic(message, [config.address])
        sender = who_wrote(
            message,
            self.desk.people(),
            config.lkpp.accept_from,
            [config.address],
            config.authentication.authserv_id,
        )
        if machine is None:  # delivery reports come from "MAILER-DAEMON" and from "<>" as well
            sender = _named(message, sender, self.desk)
        with self.store.immediate():
            journal_id = int(entry["id"])
            earlier = journal.identify(
                self.store, journal_id, message.message_id, message.fingerprint, proven=sender.authenticated
            )
            if earlier is not None:
                journal.settle(
                    self.store,
                    journal_id,
                    "duplicate",
                    "duplicate",
                    reason=f"sama dengan {earlier}",
                    sender=sender,
                )
                log.filed(config.name, journal_id, "duplicate", message.message_id)
                return
            at = to_instant(entry["arrived_at"])
            refs = lookups.references(self.store, self.desk, message, sender, at)
            hits = lookups.numbers(self.store, self.desk, message, sender, at, self.prefixes)
            mail = Mail(
                journal_id=journal_id,
                folder=str(entry["folder"]),
                at=at,
                message=message,
                sender=sender,
                refs=tuple(refs),
                found=thread.find(message, sender, refs, hits),
                machine=machine,
            )
            self._route(mail, now)

    def _route(self, mail: Mail, now: datetime) -> None:
        store, desk = self.store, self.desk
        if mail.machine is not None and not _spoken_by_lkpp(mail, desk) and not _pasted(mail):
            machines.handle(store, desk, mail, now)
        elif mail.sender.role.inside:
            staffdesk.handle(store, desk, mail, now)
        elif mail.sender.role is Role.LKPP:
            lkppdesk.handle(store, desk, mail, now)
        else:
            userdesk.handle(store, desk, mail, now)


def _pasted(mail: Mail) -> bool:
    """A user's new mail that only holds the words of a machine: users paste what SPSE has sent them ("e-mail ini
    dikirim otomatis"). It makes a ticket, which staff see; it is never answered automatically (userdesk)."""
    message = mail.message
    new = mail.found.ticket_id is None and not message.in_reply_to and not message.references
    by_words = mail.machine is not None and mail.machine.reason == BY_WORDS
    return new and by_words and mail.sender.role is Role.USER and mail.sender.address != ""


def _spoken_by_lkpp(mail: Mail, desk: Desk) -> bool:
    """Ticket systems send people's words from no-reply addresses, marked as bulk, or below an automatic line: LKPP's
    are read all the same, unless they only say that our mail has arrived."""
    machine = mail.machine
    if machine is None or not is_lkpp(mail.sender, thread.refers_to_lkpp_mail(mail.refs)).allowed:
        return False
    if machine.reason == BY_WORDS:
        said = classify(quoted.new_text(mail.message.text).own, desk.lkpp_phrases).all
        return any(finding.meaning not in ("received", "progress") for finding in said)
    return machine.kind in ("list", "noreply")


def _named(message: Message, sender: Sender, desk: Desk) -> Sender:
    """A From that is nobody's by the strict grammar, but holds one plain address ("Nama, SE <a@b>"), not a listed
    person's: a user whom nothing vouches for. Anything else without a sender goes to quarantine."""
    if sender.address:
        return sender
    if len(message.header_all("From")) != 1:
        raise ParseError(f"pengirim tidak jelas: {sender.reason}")
    found = {box.address.lower() for box in message.from_ if "@" in box.address}
    address = found.pop() if len(found) == 1 else ""
    config = desk.config
    if not address or address == config.address or config.role(address) or config.lkpp.accepts(address):
        raise ParseError(f"pengirim tidak jelas: {sender.reason}")
    return replace(sender, address=address)
