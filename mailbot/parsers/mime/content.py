"""A tree of MIME parts → the text that its writer wrote, and the files that came along.

Which part is the text is a matter of custom more than of standards: what mail programs really send decides here.

A mail has one body. Whatever form of it comes beside the first (RFC 2046 §5.1.4, and all that programs do instead) is
marked `of_body`, so that nobody passes it on as a file: the structure says which parts are forms, and where it does
not, the words are compared. What only a further form says is joined to the text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mailbot import late
from mailbot.model import Attachment
from mailbot.parsers.mime import enriched, html, pgp, sealed, tnef
from mailbot.parsers.mime.characters import clean_text
from mailbot.parsers.mime.charsets import declared_in_html, decode_bytes, is_utf7, known_charset
from mailbot.parsers.mime.filenames import file_name
from mailbot.parsers.mime.files import words as file_words
from mailbot.parsers.mime.files.forms import Relation, Said, relation, unsaid
from mailbot.parsers.mime.files.words import EVENTS, OTHER_FORMS, PAGES, REACTION, RICH, UNTYPED
from mailbot.parsers.mime.flowed import reflow
from mailbot.parsers.mime.limits import Findings, Limits
from mailbot.parsers.mime.structure import Part
from mailbot.parsers.mime.transfer import has_seam, uuencoded
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

_CUT = "\n[…]"
# RFC 5652 §5.1: the object identifier of signed data, in DER; what is sealed begins otherwise.
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")

_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
#: Pieces of a text that Exchange calls files.
_PIECE = re.compile(r"att\d{3,8}\.(?:txt|html?)\Z", re.I)
#: The names that programs give to a body which they take for a file; "lampiran-1.html" had none.
_NAMELESS = late.pattern(
    r"(?:(?:body|message|mail|e-?mail|msg|text|noname|unnamed|untitled|part|attachment|mime-attachment|lampiran|pesan)"
    r"[ _.-]?[\d.]{0,8}|winmail)\.(?:txt|html?|rtf|bin)\Z",
    re.I,
)
_COMPARED_IN_ALL = 8 * 1024 * 1024  # bytes of text; those of a page count four times
# What programs put in place of the words when they only write HTML.
_STUB = late.pattern(
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
_FORMS = 2  # texts of the greatest length that are read and compared
_OF_FILES = {"characters": 4 * 1024 * 1024, "tokens": 40_000, "laid_out": 5000}  # of the pages among the files
_CID = re.compile(r"""\bcid:([^"'\s<>)]{1,250})""", re.I)


@dataclass(frozen=True, slots=True)
class _Words:
    """A piece of the text. page: the HTML that it was. part: where it stands in the mail. further: it is another form
    of what stands before it. alone: what it says where nothing stands before it."""

    text: str
    markup: bool = False
    part: Part | None = None
    page: str = ""
    further: bool = False
    alone: str = ""

    @property
    def blank(self) -> bool:
        return not self.text.strip()


@dataclass(slots=True)
class Content:
    """What a mail says, and what came along. `bodies`: all text of every alternative, for the fingerprint."""

    text: str = ""
    text_from_html: bool = False
    attachments: tuple[Attachment, ...] = ()
    bodies: tuple[str, ...] = ()


@dataclass(slots=True)
class _File:
    """An attachment. content_id: without brackets. given: its writer's program calls it an attachment."""

    file: Attachment
    content_id: str = ""
    charset: str | None = None
    given: bool = False
    cut: bool = False  # there was no room to read all of it
    _read: dict[bool, str] = field(default_factory=dict)

    def words(self, room: html.Room, *, alone: bool = True) -> str:
        alone = alone or _kind(self.file) not in EVENTS  # of others both are the same
        if alone not in self._read:
            file = self.file
            self._read[alone] = file_words.words(
                file.name, file.content_type, file.data, self.charset, alone=alone, room=room
            )
            self.cut = not room.tokens and _kind(file) in (*PAGES, *RICH)
        return self._read[alone]

    def belongs_to_the_body(self) -> None:
        self.file = replace(self.file, of_body=True)


@dataclass(slots=True)
class _Found:
    words: list[_Words] = field(default_factory=list)
    files: list[_File] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    packed: list[tnef.Unpacked] = field(default_factory=list)

    def take_files(self, other: _Found) -> None:
        self.files.extend(other.files)
        self.bodies.extend(other.bodies)
        self.notices.extend(other.notices)
        self.packed.extend(other.packed)


@dataclass(slots=True)
class _Joined:
    """The text as it grows. spoken: it says something. room: characters that may still be added. cut: how many pieces
    were too long for that."""

    room: int
    cut: int = 0
    pieces: list[str] = field(default_factory=list)
    markup: bool = False
    spoken: bool = False
    _said: Said = field(default_factory=Said)
    _counted: int = 0

    @property
    def said(self) -> Said:
        """The words of all pieces; most mails never ask for them."""
        for piece in self.pieces[self._counted :]:
            self._said.add(piece)
        self._counted = len(self.pieces)
        return self._said

    def add(self, text: str, *, markup: bool = False) -> None:
        if text.strip():
            self.markup = self.markup or markup
            self.spoken = self.spoken or any(map(str.isalnum, text))
        if len(text) > self.room:
            text = text[: self.room] + (_CUT if self.room else "")
            self.cut += 1
        self.room = max(0, self.room - len(text))
        self.pieces.append(text)

    def repeats(self, text: str) -> bool:
        """Whether it says nothing but what is said already, in more than a few words."""
        form = Said.of(text)
        return form.many and not unsaid(text, self.said, form)

    def add_form(self, text: str) -> str:
        """What the form alone says, which is joined; "" if there is nothing."""
        new = unsaid(text, self.said)
        if new.strip():
            self.add(new)
        return new.strip()


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
    page_room: html.Room = field(default_factory=html.Room)  # of the body's pages
    file_room: html.Room = field(default_factory=lambda: html.Room(**_OF_FILES))

    def content(self, found: _Found) -> Content:
        joined = self._joined(found)
        self._add_packed(found, joined)
        self._add_nameless(found, joined)
        self._compare_files(found, joined)
        notices = dict.fromkeys(found.notices)  # each once: plain text and HTML may hold the same
        words = [piece for piece in [*joined.pieces, *notices] if piece.strip()]
        inline = self._marked_inline(found)
        files = tuple(self._with_words(each, file) for each, file in zip(found.files, inline, strict=True))
        if joined.cut or any(each.cut for each in found.files):
            self.findings.doubt(_SAID("too_long"))
        return Content(clean_text("\n\n".join(words)), joined.markup, files, tuple(found.bodies))

    def _joined(self, found: _Found) -> _Joined:
        """The pieces of the text in their order; of the same words once more only what is new."""
        joined = _Joined(self.limits.text_size + len(_CUT))
        markups = {words.markup for words in found.words if not words.further}
        for words in found.words:
            cut = joined.cut
            if not joined.spoken:
                joined.add(words.alone or words.text, markup=words.markup)
            elif words.further:
                joined.add_form(words.text)
            elif not words.blank and (len(markups) > 1 or joined.repeats(words.text)):
                # Text and HTML side by side, though not as alternatives.
                if joined.add_form(words.text) == words.text.strip():
                    joined.markup = joined.markup or words.markup
                elif words.part is not None:
                    self._attach(words.part, found, related=False, of_body=True)
            else:
                joined.add(words.text, markup=words.markup)
            if joined.cut > cut and words.part is not None:
                self._attach(words.part, found, related=False, of_body=True)
        return joined

    def _add_packed(self, found: _Found, joined: _Joined) -> None:
        """What the text of a winmail.dat says and the mail does not."""
        for unpacked in found.packed:
            for text, markup in ((self._cut(unpacked.text), False), (html.to_text(unpacked.html), True)):
                alone = not joined.spoken
                new = joined.add_form(text) if text.strip() else ""
                if new and new == text.strip():  # who cannot open it reads something else
                    self.findings.doubt(_SAID("only_in_winmail"))
                joined.markup = joined.markup or (alone and bool(new) and markup)

    def _add_nameless(self, found: _Found, joined: _Joined) -> None:
        """The body that a program takes for a file, where the mail says nothing else."""
        if not found.files or (joined.spoken and not _is_stub("\n".join(joined.pieces))):
            return
        for each in found.files:
            event = each.file.content_type in EVENTS and not each.given
            if not each.file.of_body and (event or _NAMELESS.match(each.file.name)):
                words = self._text_of(each, alone=True)
                if words.strip():
                    joined.add_form(self._cut(words))
                    each.belongs_to_the_body()

    # --- files, or forms of the body ---------------------------------------------------------

    def _compare_files(self, found: _Found, joined: _Joined) -> None:
        """Tells forms of the body from files by their words, where the structure does not say what they are."""
        left = _COMPARED_IN_ALL
        for each in found.files:
            if each.file.content_type in _SEALED and (not joined.spoken or each.file.name == "smime.p7m"):
                each.belongs_to_the_body()
                signed = _SIGNED_DATA in each.file.data[:64]
                self._say_sealed(found, sealed.SMIME_SIGNED if signed else sealed.SMIME)
            kind = "" if each.file.of_body or not joined.spoken else _kind(each.file)
            if not kind:
                continue
            left -= min(len(each.file.data), file_words.MOST) * (4 if kind in PAGES else 1)
            text = self._text_of(each) if left >= 0 else ""
            said = Said.of(text)
            said.complete = said.complete and len(each.file.data) <= file_words.MOST
            found_out = relation(said, joined.said, event=each.given and kind in EVENTS)
            if found_out is Relation.DOUBT and said.complete and _NAMELESS.match(each.file.name):
                found_out = Relation.FORM
            unread = left < 0 or each.cut
            if unread or found_out is not Relation.FILE:
                each.belongs_to_the_body()
            if unread or found_out is Relation.DOUBT:
                self.findings.doubt(_SAID("form_or_file"))
            elif found_out is Relation.FORM:
                joined.add_form(text)

    def _text_of(self, each: _File, *, alone: bool = False) -> str:
        """The words of a file that could be a form of the body."""
        return each.words(self.file_room, alone=alone) if _kind(each.file) else ""

    def _with_words(self, each: _File, file: Attachment) -> Attachment:
        if file.of_body or file.inline:
            return file
        words = each.words(self.file_room)
        return replace(file, words=words, of_body=each.cut)  # of what nobody has read nobody knows what it holds

    def _marked_inline(self, found: _Found) -> Sequence[Attachment]:
        """Images that the HTML shows in its place are no files of their own, wherever they stand in the mail."""
        if not any(each.file.content_type.startswith("image/") for each in found.files):
            return [each.file for each in found.files]
        shown = {cid.lower() for words in found.words if not words.further for cid in _CID.findall(words.page)}
        return [
            replace(each.file, inline=True)
            if each.file.content_type.startswith("image/") and each.content_id.lower() in shown
            else each.file
            for each in found.files
        ]

    # --- structure ---------------------------------------------------------------------------

    def collect(self, part: Part, found: _Found, *, related: bool, main: bool = False) -> None:
        """`main`: this part stands for the words of the mail, whether it has a file name or not."""
        kind = part.content_type
        if part.children:
            before = len(found.files)
            self._collect_children(part, found, related=related, main=main)
            if kind == "multipart/encrypted":
                self._say_sealed(found, sealed.PGP)
                for each in found.files[before:]:
                    each.belongs_to_the_body()
        elif kind.startswith("multipart/"):
            # Its boundary never appears: what stands there is shown, so that no word is lost.
            found.words.append(self._words(part, found))
        elif kind in ("text/plain", "text/html") and not _is_attached(part, main=main):
            found.words.append(self._words(part, found))
        else:
            if kind in ("message/partial", "message/external-body"):
                # RFC 2046 §5.2.2, §5.2.3: never put together, never fetched.
                self.findings.doubt(_SAID("content_elsewhere", kind=kind))
            piece = kind in ("text/plain", "text/html") and _PIECE.match(_given_name(part)) is not None
            if piece:
                found.words.append(replace(self._fitted(self._read(part, _Found())), part=None))
            self._attach(part, found, related=related, of_body=piece)

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
        for child in part.children:
            option = _Found()
            if _is_form(child):
                self._collect_form(child, option, related=related)
            else:
                self.collect(child, option, related=related, main=True)
            options.append(option)
        spoken = [o for o in options if any(not words.blank and not words.further for words in o.words)]
        plain = next((o for o in spoken if not any(words.markup for words in o.words)), None)
        rich = next((o for o in spoken if any(words.markup for words in o.words)), None)
        chosen = plain or rich
        if plain is not None and rich is not None and _says_nothing(plain, rich):
            chosen = rich
            plain.words.clear()
        if chosen is not None:
            found.words.extend(chosen.words)
        for option in options:
            if option is not chosen:
                found.words.extend(replace(words, further=True) for words in option.words)
            found.take_files(option)

    def _collect_form(self, part: Part, found: _Found, *, related: bool) -> None:
        """A member of an alternative that is a form of the body whatever it says."""
        kind = part.content_type
        if kind in OTHER_FORMS:
            words = self._fitted(self._read(part, found))
        else:
            each = self._attach(part, found, related=related, of_body=True)
            words = _Words(self._text_of(each), alone=self._text_of(each, alone=True))
        found.words.append(replace(words, further=True))

    # --- leaves ------------------------------------------------------------------------------

    def _words(self, part: Part, found: _Found) -> _Words:
        words = self._read(part, found)
        fitted = self._fitted(words)
        if fitted.text != words.text or (words.markup and words.text.endswith(html.CUT)):
            self.findings.doubt(_SAID("too_long"))
            self._attach(part, found, related=False, of_body=True)
            return replace(fitted, part=None)
        return words

    def _fitted(self, words: _Words) -> _Words:
        """No more of it than a text may have; the text and its forms together have room for some of them."""
        most = min(self.limits.text_size, max(0, self.limits.text_size * _FORMS - self.findings.text))
        text = words.text if len(words.text) <= most else words.text[:most] + (_CUT if most else "")
        self.findings.text += len(text)
        return replace(words, text="" if text.strip() == _CUT.strip() else text)

    def _read(self, part: Part, found: _Found) -> _Words:
        words = self._as_written(part, found)
        text, hidden = pgp.without_sealed(pgp.without_signatures(words.text))
        if hidden:
            self._attach(part, found, related=False, of_body=True)
            self._say_sealed(found, sealed.PGP)
        return words if text == words.text else replace(words, text=text)

    def _say_sealed(self, found: _Found, notice: str) -> None:
        found.notices.append(notice)
        self.findings.doubt(_SAID("sealed"))

    def _as_written(self, part: Part, found: _Found) -> _Words:
        text = self._decoded(part)
        found.bodies.append(text)
        kind = part.content_type
        if kind in PAGES:
            return _Words(html.to_text(text, self.page_room), True, part, text)
        if kind in OTHER_FORMS:
            return _Words(enriched.to_text(text), False, part)
        if len(text) > self.limits.text_size:
            return _Words(text, False, part)
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
            self.findings.doubt(_SAID("utf7"))
        if part.encoding == "base64" and has_seam(part.body):
            self.findings.doubt(_SAID("goes_on"))
        if part.content_type == "text/html" and known_charset(charset) is None:
            charset = declared_in_html(data) or charset
        elif data.isascii() and (known_charset(charset) or "").startswith(("utf-16", "utf-32")) and b"\0" not in data:
            self.findings.doubt(_SAID("other_charset"))
        return decode_bytes(data, charset)

    def _without_files(self, data: bytes, text: str, part: Part, found: _Found) -> str:
        """uuencoded files, which some scripts still write into their text, as files; the rest is the text."""
        rest: list[bytes] = []
        at = 0
        for block in uuencoded(data):
            if len(found.files) >= self.limits.parts:
                break
            number = len(found.files) + 1
            name = file_name(block.name, UNTYPED, number)
            self._keep(_File(_file(name, UNTYPED, block.data), given=True), found)
            rest += [data[at : block.start], f"[{name}]\n".encode("ascii", "replace")]
            at = block.end
        if not rest:
            return text
        return decode_bytes(b"".join([*rest, data[at:]]), part.content.get("charset"))

    def _attach(self, part: Part, found: _Found, *, related: bool, of_body: bool = False) -> _File:
        kind = part.content_type
        data = part.data()
        name = file_name(_given_name(part), kind, len(found.files) + 1)
        given = part.disposition.value == "attachment"
        content_id = "" if given else part.header("content-id").strip(" \t<>")
        inline = related and kind.startswith("image/") and bool(content_id)
        each = _File(_file(name, kind, data, inline=inline), content_id, part.content.get("charset"), given)
        if of_body or kind == REACTION:
            each.belongs_to_the_body()
        self._keep(each, found)
        return each

    def _keep(self, each: _File, found: _Found) -> None:
        found.files.append(each)
        if tnef.is_tnef(each.file.data):
            each.belongs_to_the_body()  # a wrapping, whose files stand beside it
            self._unpack(each.file.data, each.file.name, found)
        elif each.file.content_type in _TNEF:
            each.belongs_to_the_body()
            self.findings.doubt(_SAID("broken_winmail"))

    def _unpack(self, data: bytes, name: str, found: _Found) -> None:
        """The text and the files of a winmail.dat (MS-OXTNEF)."""
        unpacked = tnef.unpack(data)
        room = max(0, self.limits.parts - len(found.files))
        if not unpacked.complete or len(unpacked.files) > room:
            self.findings.defect("TnefIncomplete")
            self.findings.doubt(_SAID("broken_winmail"))
        found.packed.append(unpacked)
        for file in unpacked.files[:room]:
            kind = file.content_type.strip().lower()
            kind = kind if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}", kind) else UNTYPED
            inner = file_name(file.name, kind, len(found.files) + 1)
            found.files.append(_File(_file(inner, kind, file.data, unpacked_from=name), given=True))


def _file(name: str, kind: str, data: bytes, *, inline: bool = False, unpacked_from: str = "") -> Attachment:
    return Attachment(name, kind, data, hashlib.sha256(data).hexdigest(), inline, unpacked_from)


def _kind(file: Attachment) -> str:
    return file_words.kind(file.name, file.content_type, file.data)


def _is_form(part: Part) -> bool:
    """Whether a member of an alternative is a form of the body by its type alone: only broken programs put files
    there, and call them attachments."""
    kind = part.content_type
    if kind in (*OTHER_FORMS, *EVENTS):
        return True
    return kind in (*RICH, *PAGES[1:]) and part.disposition.value != "attachment"


def _given_name(part: Part) -> str:
    """RFC 2183 §2.3 over RFC 2045; RFC 2557 §4.2 where programs give nothing else."""
    return part.disposition.get("filename") or part.content.get("name") or _located(part)


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
    text = "\n".join(words.text for words in plain.words)
    if len(text) > _STUB_LENGTH * 2 or all(words.blank for words in rich.words):
        return False
    return not any(character.isalnum() for character in text) or _is_stub(text)


def _is_stub(text: str) -> bool:
    text = text.strip()
    return len(text) <= _STUB_LENGTH and _STUB.search(" ".join(text.split())) is not None
