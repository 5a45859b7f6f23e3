"""A journalled mail, read again: its message and the files that may be passed on."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot import journal
from mailbot.config import MailboxConfig
from mailbot.model import Attachment, Message
from mailbot.parsers.message import Limits, parse
from mailbot.store import Row, Store
from mailbot.work import Work


def limits_of(config: MailboxConfig) -> Limits:
    found = config.limits
    return Limits(
        message_size=found.message_size,
        levels=found.levels,
        parts=found.parts,
        header_lines=found.header_lines,
        header_line=found.header_line,
    )


def read(store: Store, config: MailboxConfig, entry: Row) -> Message:
    """Parse a journal entry. Raises ParseError."""
    return parse(journal.raw(store, entry), limits_of(config))


def passed_on(message: Message, *, from_user: bool) -> list[Attachment]:
    """The files that travel with a mail's words.

    A user's inline picture is likely his screenshot; in a mail of staff or LKPP it is a signature's logo.
    """
    return [
        file
        for file in message.attachments
        if from_user or not (file.inline and file.content_type.lower().startswith("image/"))
    ]


def attachments_of(work: Work, journal_id: int) -> list[Attachment]:
    """The files of an earlier mail of this ticket, bytes as received."""
    entry = journal.entry(work.store, journal_id)
    message = read(work.store, work.desk.config, entry)
    return passed_on(message, from_user=entry["role"] == "user")


_DANGEROUS = frozenset(
    [
        "exe",
        "com",
        "scr",
        "bat",
        "cmd",
        "pif",
        "cpl",
        "msi",
        "msp",
        "hta",
        "js",
        "jse",
        "vbs",
        "vbe",
        "wsf",
        "wsh",
        "ps1",
        "psm1",
        "lnk",
        "reg",
        "jar",
        "apk",
        "dll",
        "sys",
        "iso",
        "img",
        "vhd",
        "one",
        "docm",
        "dotm",
        "xlsm",
        "xltm",
        "xlam",
        "pptm",
        "potm",
        "ppam",
        "sldm",
        "xll",
        "url",
        "website",
        "chm",
        "sh",
        "py",
        "html",
        "htm",
        "svg",
    ]
)
_ARCHIVES = frozenset(["zip", "rar", "7z", "tar", "gz", "bz2", "xz", "arj", "cab", "ace"])


def dangerous(files: Sequence[Attachment]) -> bool:
    """Step 9: programs, scripts, macros, encrypted archives, which nobody forwards unseen.

    Archives are never opened: whether a ZIP is encrypted stands in its first local header (APPNOTE 4.4.4, bit 0);
    of the other kinds that cannot be told without unpacking, so they count as encrypted.
    """
    for file in files:
        parts = file.name.lower().rsplit(".", 2)
        ending = parts[-1] if len(parts) > 1 else ""
        data = file.data[:8]
        if ending in _DANGEROUS or data.startswith((b"MZ", b"\x7fELF", b"#!")):
            return True
        if data.startswith(b"PK\x03\x04"):
            if data[6] & 1 or _has_macros(file):
                return True
        elif ending in _ARCHIVES:
            return True
    return False


def _has_macros(file: Attachment) -> bool:
    """Office files keep macros in a part of this name, whatever their own name says."""
    return b"vbaProject.bin" in file.data
