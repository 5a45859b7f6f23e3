"""SOP step 9: files that nobody forwards unseen (programs, scripts, macros, locked archives), and why.

Nothing is unpacked. A ZIP's directory names its content and says whether the content is encrypted (APPNOTE 4.3.12).
Other archives do not tell that, so they count as encrypted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from mailbot.model import Attachment
from mailbot.parsers.mime import archives
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)


@dataclass(frozen=True, slots=True)
class Danger:
    """kind: what the file is, as the sentences name it. inside: the file in the archive that is so, "" where it is the
    file itself."""

    file: str
    kind: str
    inside: str = ""

    @property
    def said(self) -> str:
        """As "setup.exe adalah program"."""
        if self.inside:
            return _SAID("inside", file=self.file, inside=self.inside, what=_SAID.table("one_inside")[self.kind])
        return f"{self.file} {_SAID.table('kinds')[self.kind]}"


def dangers(files: Sequence[Attachment]) -> list[Danger]:
    """One a file, at most: the first that is found."""
    found = (next(iter(_of(file)), None) for file in files)
    return [one for one in found if one is not None]


def dangerous(files: Sequence[Attachment]) -> bool:
    return bool(dangers(files))


#: Kind → the endings of its files' names.
_ENDINGS = {
    "program": "apk app com cpl dll exe jar msi msp one pif scr sys xll",
    "script": "bat chm cmd hta js jse lnk ps1 psm1 py reg sh url vb vbe vbs wsf wsh",
    "macro": "docm dotm potm ppam ppsm pptm sldm xlam xlsm xltm",
    "page": "htm html mht mhtml svg website xhtml",
    "disk": "img iso vhd vhdx",
    "archive": "7z ace arj bz2 cab gz lzh rar tar tgz xz z zst",
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
_PROGRAM = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"L\0\0\0\x01\x14\x02\0")
_SCRIPT = b"#!"
_ARCHIVED = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The storage of macros in Word's and Excel's binary formats, as their directory spells it (MS-CFB 2.6, UTF-16).
_OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")
#: No user's ZIP of screenshots has more entries than this.
_MOST_ENTRIES = 2000


def _of(file: Attachment) -> Iterable[Danger]:
    kind = _by_bytes(file.data) or _by_name(file.name)
    if kind is not None:
        yield Danger(file.name, kind)
    elif archives.is_zip(file.data):
        yield from _in_zip(file)


def _ending(name: str) -> str:
    # Windows drops dots and blanks at the end of a name: "a.exe. " starts a program.
    return name.lower().rstrip(". ").rpartition(".")[2]


def _by_name(name: str) -> str | None:
    return _KINDS.get(_ending(name)) if "." in name else None


def _by_bytes(data: bytes) -> str | None:
    if data.startswith(_PROGRAM):
        return "program"
    if data.startswith(_SCRIPT):
        return "script"
    if data.startswith(_ARCHIVED):
        return "archive"
    return "macros" if data.startswith(_OLE) and _OLE_MACROS in data else None


def _in_zip(file: Attachment) -> Iterable[Danger]:
    """Also for Office files: they are ZIPs, and keep macros in a part of a fixed name, whatever the file's own name
    is."""
    try:
        found = list(islice(archives.entries(file.data), _MOST_ENTRIES + 1))
    except archives.Broken:
        yield Danger(file.name, "broken")
        return
    if len(found) > _MOST_ENTRIES:
        yield Danger(file.name, "crowded")
    for entry in found:
        base = entry.name.rpartition("/")[2].lower()
        if entry.encrypted:
            yield Danger(file.name, "locked")
        elif base == "vbaproject.bin":
            yield Danger(file.name, "macros")
        elif (kind := _by_name(base)) is not None or _ending(base) == "zip":
            yield Danger(file.name, kind or "archive", entry.name.rpartition("/")[2])
