"""A tree of MIME parts → the text that its writer wrote, and the files that came along.

Which part is the text is a matter of custom more than of standards: what mail programs really send decides here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mailbot.model import Attachment
from mailbot.parsers.mime import html, tnef
from mailbot.parsers.mime.characters import clean_text
from mailbot.parsers.mime.charsets import declared_in_html, decode_bytes, is_utf7, known_charset
from mailbot.parsers.mime.filenames import file_name
from mailbot.parsers.mime.flowed import reflow
from mailbot.parsers.mime.limits import Findings, Limits
from mailbot.parsers.mime.structure import Part
from mailbot.parsers.mime.transfer import has_seam, uuencoded

_CUT = "\n[…]"
_PGP = "[E-mail ini dienkripsi (PGP) sehingga isinya tidak dapat dibaca di sini. Berkas aslinya terlampir.]"
_SMIME = "[E-mail ini dienkripsi (S/MIME) sehingga isinya tidak dapat dibaca di sini. Berkas aslinya terlampir.]"
_OPAQUE = (
    "[E-mail ini dibungkus dalam tanda tangan digital (S/MIME) sehingga isinya tidak dapat dibaca di sini. "
    "Berkas aslinya terlampir.]"
)
# RFC 5652 §5.1: the object identifier of signed data, in DER; what is sealed begins otherwise.
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")

# The same words once more, for readers that few have: nothing is lost when nobody shows them.
_OTHER_FORMS = ("text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext")
# What programs put in place of the words when they only write HTML.
_STUB = re.compile(
    r"(?:does ?n[o']t|can ?not|can't|unable to|not able to) (?:support|display|show|view|read)[^.\n]{0,40}\bHTML"
    r"|\bHTML[- ](?:e-?mail|mail|message|format|compatible|capable|enabled)|\bHTML viewer"
    r"|(?:is|are|in) (?:an? )?HTML\b|view (?:this|the) (?:e-?mail|message) in (?:your|a) (?:web )?browser"
    r"|(?:tidak|belum) (?:dapat |bisa )?(?:mendukung|menampilkan|membaca)[^.\n]{0,40}\bHTML"
    r"|\b(?:format|berformat|versi|tampilan) HTML|(?:lihat|buka)[^.\n]{0,40} (?:peramban|browser)"
    r"|multi-?part message in MIME format",
    re.I,
)
_SHIFTED = re.compile(rb"\+[A-Za-z0-9+/]{2}")  # RFC 2152: without it, UTF-7 is ASCII
_STUB_LENGTH = 600  # characters
_CID = re.compile(r"""\bcid:([^"'\s<>)]{1,250})""", re.I)


@dataclass(frozen=True, slots=True)
class _Words:
    """A piece of the text. `source` is HTML where `markup` is set; `part` is where it stands in the mail."""

    source: str
    markup: bool = False
    part: Part | None = None

    @property
    def blank(self) -> bool:
        return not self.source.strip()

    def text(self) -> str:
        return html.to_text(self.source) if self.markup else self.source


@dataclass(slots=True)
class Content:
    """What a mail says, and what came along. `bodies`: all text of every alternative, for the fingerprint."""

    text: str = ""
    text_from_html: bool = False
    attachments: tuple[Attachment, ...] = ()
    bodies: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    words: list[_Words] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    packed: list[tnef.Unpacked] = field(default_factory=list)
    content_ids: dict[int, str] = field(default_factory=dict)  # place in `files` → Content-ID, without brackets

    def take_files(self, other: _Found) -> None:
        self.content_ids.update({len(self.files) + place: cid for place, cid in other.content_ids.items()})
        self.files.extend(other.files)
        self.bodies.extend(other.bodies)
        self.notices.extend(other.notices)
        self.packed.extend(other.packed)


def read_content(root: Part, findings: Findings, limits: Limits) -> Content:
    """The text and the files of a mail. Never opens an enclosed message; text is cleaned, files are as sent."""
    reader = _Reader(findings, limits)
    found = _Found()
    # The only part of a mail is what its writer says, though some programs give it a file name.
    reader.collect(root, found, related=False, main=True)
    return reader.content(found)


@dataclass(frozen=True, slots=True)
class _Reader:
    findings: Findings
    limits: Limits

    def content(self, found: _Found) -> Content:
        pieces, markup = self._joined(found)
        if not any(piece.strip() for piece in pieces):
            pieces, markup = self._packed_words(found)
        pieces += found.notices
        words = [piece for piece in pieces if piece.strip()] or pieces
        return Content(clean_text("\n\n".join(words)), markup, tuple(self._marked_inline(found)), tuple(found.bodies))

    def _joined(self, found: _Found) -> tuple[list[str], bool]:
        """The pieces of the text in their order, HTML as plain text; the same words twice only once."""
        texts: list[str] = []
        known: set[str] = set()
        markup = False
        for piece in found.words:
            text = piece.text()
            distinct = set(text.split())
            both_forms = texts and any(other.markup != piece.markup for other in found.words)
            if both_forms and piece.part is not None and distinct and len(distinct - known) * 10 <= len(distinct):
                # Text and HTML side by side, though not as alternatives: the second goes along as a file.
                self._attach(piece.part, found, related=False)
                continue
            known |= distinct
            markup = markup or (piece.markup and bool(text.strip()))
            texts.append(text)
        return texts, markup

    def _packed_words(self, found: _Found) -> tuple[list[str], bool]:
        """The text of a winmail.dat, where the mail itself has none."""
        for unpacked in found.packed:
            if unpacked.text.strip() or unpacked.html.strip():
                self.findings.doubt("Isi surat hanya ada di dalam winmail.dat, yang tidak dibuka semua program.")
                if unpacked.text.strip():
                    return [self._cut(unpacked.text)], False
                return [html.to_text(unpacked.html)], True
        return [], False

    def _marked_inline(self, found: _Found) -> Sequence[Attachment]:
        """Images that the HTML shows in its place are no files of their own, wherever they stand in the mail."""
        shown = {cid.lower() for words in found.words if words.markup for cid in _CID.findall(words.source)}
        return [
            replace(file, inline=True)
            if file.content_type.startswith("image/") and found.content_ids.get(place, "").lower() in shown
            else file
            for place, file in enumerate(found.files)
        ]

    # --- structure ---------------------------------------------------------------------------

    def collect(self, part: Part, found: _Found, *, related: bool, main: bool = False) -> None:
        """`main`: this part stands for the words of the mail, whether it has a file name or not."""
        kind = part.content_type
        if kind == "multipart/encrypted":
            found.notices.append(_PGP)
        if part.children:
            self._collect_children(part, found, related=related, main=main)
        elif kind.startswith("multipart/"):
            # Its boundary never appears: what stands there is shown, so that no word is lost.
            found.words.append(self._words(part, found))
        elif kind in ("text/plain", "text/html") and not _is_attached(part, main=main):
            found.words.append(self._words(part, found))
        else:
            if kind in ("message/partial", "message/external-body"):
                # RFC 2046 §5.2.2, §5.2.3: never put together, never fetched.
                self.findings.doubt(f"Surat memuat bagian {kind}, yang isinya tidak ada di dalam surat ini.")
            self._attach(part, found, related=related)

    def _collect_children(self, part: Part, found: _Found, *, related: bool, main: bool) -> None:
        kind = part.content_type
        if kind == "multipart/alternative":
            self._collect_alternatives(part, found, related=related)
            return
        children = part.children
        if kind == "multipart/appledouble" and len(children) > 1:
            # RFC 1740: the first of the two only holds what the Finder knows of the file.
            children = tuple(c for c in children if c.content_type != "application/applefile") or children
        root = _root(part) if kind == "multipart/related" else None
        for child in children:
            self.collect(
                child,
                found,
                related=related or kind == "multipart/related",
                main=child is root or (main and len(children) == 1),
            )

    def _collect_alternatives(self, part: Part, found: _Found, *, related: bool) -> None:
        """RFC 2046 §5.1.4: the same words several times. Plain text first, HTML where that says nothing."""
        options: list[_Found] = []
        unused: list[Part] = []
        for child in part.children:
            option = _Found()
            if child.content_type in _OTHER_FORMS:
                unused.append(child)
            else:
                self.collect(child, option, related=related, main=True)
            options.append(option)
        spoken = [o for o in options if any(not words.blank for words in o.words)]
        plain = next((o for o in spoken if not any(words.markup for words in o.words)), None)
        rich = next((o for o in spoken if any(words.markup for words in o.words)), None)
        chosen = plain or rich
        if plain is not None and rich is not None and _says_nothing(plain, rich):
            chosen = rich
        if chosen is not None:
            found.words.extend(chosen.words)
        for option in options:
            found.take_files(option)
        for child in unused:
            if chosen is None:
                self._attach(child, found, related=related)
            else:
                found.bodies.append(self._decoded(child))

    # --- leaves ------------------------------------------------------------------------------

    def _words(self, part: Part, found: _Found) -> _Words:
        text = self._decoded(part)
        found.bodies.append(text)
        if part.content_type == "text/html":
            return _Words(text, True, part)
        if len(text) > self.limits.text_size:
            self._attach(part, found, related=False)
            return _Words(self._cut(text))
        data = part.data()
        if b"begin " in data:
            text = self._without_files(data, text, part, found)
        if (part.content.get("format") or "").strip().lower() == "flowed":
            text = reflow(text, delsp=(part.content.get("delsp") or "").strip().lower() == "yes")
        return _Words(text, False, part)

    def _cut(self, text: str) -> str:
        return text if len(text) <= self.limits.text_size else text[: self.limits.text_size] + _CUT

    def _decoded(self, part: Part) -> str:
        charset = part.content.get("charset")
        if charset and known_charset(charset) is None:
            self.findings.defect("UnknownCharset")
        data = part.data()
        if is_utf7(charset) and _SHIFTED.search(data):
            self.findings.doubt("Bagian teks memakai UTF-7, yang tidak dibaca semua program.")
        if part.encoding == "base64" and has_seam(part.body):
            self.findings.doubt("Bagian teks (base64) berlanjut setelah tanda akhirnya.")
        if part.content_type == "text/html" and known_charset(charset) is None:
            charset = declared_in_html(data) or charset
        elif data.isascii() and (known_charset(charset) or "").startswith(("utf-16", "utf-32")) and b"\0" not in data:
            self.findings.doubt("Bagian teks tidak sesuai dengan himpunan karakter (charset) yang disebutnya.")
        return decode_bytes(data, charset)

    def _without_files(self, data: bytes, text: str, part: Part, found: _Found) -> str:
        """uuencoded files, which some scripts still write into their text, as files; the rest is the text."""
        rest: list[bytes] = []
        at = 0
        for block in uuencoded(data):
            if len(found.files) >= self.limits.parts:
                break
            number = len(found.files) + 1
            name = file_name(block.name, "application/octet-stream", number)
            found.files.append(_file(name, "application/octet-stream", block.data))
            rest += [data[at : block.start], f"[{name}]\n".encode("ascii", "replace")]
            at = block.end
        if not rest:
            return text
        return decode_bytes(b"".join([*rest, data[at:]]), part.content.get("charset"))

    def _attach(self, part: Part, found: _Found, *, related: bool) -> None:
        kind = part.content_type
        data = part.data()
        # RFC 2183 §2.3 over RFC 2045; RFC 2557 §4.2 where programs give nothing else.
        given = part.disposition.get("filename") or part.content.get("name") or _located(part)
        name = file_name(given, kind, len(found.files) + 1)
        content_id = part.header("content-id").strip(" \t<>")
        if content_id and part.disposition.value != "attachment":
            found.content_ids[len(found.files)] = content_id
        inline = related and kind.startswith("image/") and bool(content_id) and part.disposition.value != "attachment"
        found.files.append(_file(name, kind, data, inline=inline))
        if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            found.notices.append(_OPAQUE if _SIGNED_DATA in data[:64] else _SMIME)
        elif tnef.is_tnef(data):
            self._unpack(data, name, found)

    def _unpack(self, data: bytes, name: str, found: _Found) -> None:
        """The files of a winmail.dat, which stays a file itself (MS-OXTNEF)."""
        unpacked = tnef.unpack(data)
        room = max(0, self.limits.parts - len(found.files))
        if not unpacked.complete or len(unpacked.files) > room:
            self.findings.defect("TnefIncomplete")
        found.packed.append(unpacked)
        for file in unpacked.files[:room]:
            kind = file.content_type.strip().lower()
            kind = kind if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}", kind) else _UNTYPED
            inner = file_name(file.name, kind, len(found.files) + 1)
            found.files.append(_file(inner, kind, file.data, unpacked_from=name))


_UNTYPED = "application/octet-stream"


def _file(name: str, kind: str, data: bytes, *, inline: bool = False, unpacked_from: str = "") -> Attachment:
    return Attachment(name, kind, data, hashlib.sha256(data).hexdigest(), inline, unpacked_from)


def _is_attached(part: Part, *, main: bool) -> bool:
    if part.disposition.value == "attachment":
        return True
    return not main and bool(part.disposition.get("filename") or part.content.get("name"))


def _located(part: Part) -> str:
    last = part.header("content-location").strip(" <>\"'").partition("?")[0].rpartition("/")[2]
    return last if "." in last else ""


def _root(part: Part) -> Part:
    """The part that the others belong to (RFC 2387 §3.2)."""
    start = (part.content.get("start") or "").strip(" \t<>")
    return next(
        (child for child in part.children if start and child.header("content-id").strip(" \t<>") == start),
        part.children[0],
    )


def _says_nothing(plain: _Found, rich: _Found) -> bool:
    """Whether the plain text only stands there because there has to be one."""
    text = "\n".join(words.source for words in plain.words)
    if len(text) > _STUB_LENGTH * 2 or not any(words.text().strip() for words in rich.words):
        return False
    text = text.strip()
    if not any(character.isalnum() for character in text):
        return True
    return len(text) <= _STUB_LENGTH and _STUB.search(" ".join(text.split())) is not None
