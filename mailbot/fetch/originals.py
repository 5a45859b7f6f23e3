"""A journalled mail, read (again): its message, its heading, itself as a file, and the files that may be passed on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from mailbot.config.settings import MailboxConfig
from mailbot.config.site import Site
from mailbot.errors import ParseError, TemporaryFailure
from mailbot.fetch import reader
from mailbot.masking import mask
from mailbot.model import Attachment, Message
from mailbot.parsers.incoming import IncomingMail
from mailbot.parsers.mime.heading import heading
from mailbot.parsers.mime.limits import Limits
from mailbot.parsers.understood import Addressee
from mailbot.sentences import Sentences
from mailbot.store import journal
from mailbot.store.database import Row, Store
from mailbot.tickets import consultations, tickets
from mailbot.tickets.case import Context

_SAID = Sentences(__file__)


def limits_of(config: MailboxConfig) -> Limits:
    found = config.limits
    return Limits(
        message_size=found.message_size,
        levels=found.levels,
        parts=found.parts,
        header_lines=found.header_lines,
        header_line=found.header_line,
    )


def addressee(site: Site) -> Addressee:
    config = site.config
    return Addressee(config.addresses, limits_of(config), config.ticket_prefix, site.reads_by_ours)


def read(store: Store, config: MailboxConfig, entry: Row) -> Message:
    """Parse a journal entry, in a process of its own. Raises ParseError and TemporaryFailure."""
    return reader.parse(journal.raw(store, entry), limits_of(config))


@dataclass(frozen=True, slots=True)
class Heading:
    """What a mail says of itself, unproven. `sender`: the one address in its From, "" if there is not exactly one.
    `writers`: all addresses in its From, as they may be shown. `subject`: passwords masked."""

    sender: str = ""
    writers: str = ""
    subject: str = ""


def heading_of(store: Store, entry: Row) -> Heading:
    """The heading of any mail, also of one that cannot be read. Empty if even the heading cannot be read."""
    try:
        found = reader.parse(heading(journal.raw(store, entry)))
    except (ParseError, TemporaryFailure, OSError):
        return Heading()
    addresses = list(dict.fromkeys(box.address.lower() for box in found.from_))
    only = addresses[0] if len(addresses) == 1 and "@" in addresses[0] else ""
    return Heading(only, ", ".join(addresses[:5]), mask(found.subject)[0])


def original(store: Store, entry: Row, name: str) -> Attachment:
    """The mail as it came, as a file that no mail program opens by itself. Nothing in the mail is looked at."""
    data = journal.raw(store, entry)
    return Attachment(name, "application/octet-stream", data, hashlib.sha256(data).hexdigest())


def doubtful_original(store: Store, mail: IncomingMail) -> list[Attachment]:
    """The mail itself, for staff, if two programs could read it differently: a text file that none takes for a mail."""
    if not mail.message.ambiguous:
        return []
    return [original(store, journal.entry(store, mail.journal_id), _SAID("file", entry=mail.journal_id))]


def passed_on(message: Message, *, from_user: bool) -> list[Attachment]:
    """The files that travel with a mail's words; never a further form of these words (`Attachment.of_body`).

    A user's inline picture is likely a screenshot and travels on. In a mail of staff or LKPP an inline picture is a
    signature's logo and stays here. Their quoted mails and cryptographic signatures stay here, too: these are about
    the mail, not in it.
    """
    return [file for file in message.files if from_user or not _belongs_to_the_mail(file)]


def _belongs_to_the_mail(file: Attachment) -> bool:
    kind = file.content_type.lower()
    return (file.inline and kind.startswith("image/")) or kind in _ABOUT_THE_MAIL


_ABOUT_THE_MAIL = (
    "message/rfc822",
    "message/global",
    "application/ms-tnef",  # an Outlook item within a winmail.dat
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
)


def attachments_of(case: Context, journal_id: int) -> list[Attachment]:
    """The files of an earlier mail of this ticket, bytes as received; with those of mails whose form it completed."""
    return [file for one in consultations.mails_of(case.store, journal_id) for file in _files_of(case, one)]


def _files_of(case: Context, journal_id: int) -> list[Attachment]:
    entry = journal.entry(case.store, journal_id)
    message = read(case.store, case.site.config, entry)
    forwarded = entry["disposition"] == "staff.new"  # `#baru`: an officer has sent the user's files
    return passed_on(marked(case.store, journal_id, message), from_user=forwarded or entry["role"] == "user")


def marked(store: Store, journal_id: int, message: Message) -> Message:
    """A mail that is read again, its files marked as they were found at its arrival."""
    internal = tickets.internal_files(store, journal_id)
    files = (replace(file, internal=file.sha256 in internal) for file in message.attachments)
    return replace(message, attachments=tuple(files)) if internal else message
