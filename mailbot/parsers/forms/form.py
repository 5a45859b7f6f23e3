"""The identity fields of the Formulir Konsultasi, as far as a mail gives them, and where each was read. Pure and total.

Source: "Form Konsultasi Pengguna SPSE", part A (nama, instansi/perusahaan, alamat, telepon/HP), and the
identifiers that users quote (User ID, kode tender, NPWP, NIB). Labels are understood with numbering, brackets,
spelling slips, in any order, several on a line, in table cells, and with the value on the next line.

Linear in the text's length: only the first part of a text is read, and no line is read twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mailbot import late, wordfile
from mailbot.parsers.forms import cells
from mailbot.parsers.forms.freetext import read_free_text
from mailbot.rules.language.normalise import one_slip
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

VALUE_LENGTH = 200

#: Where a field was read, the surest first; kept with it.
FORM = _SAID("form")
QUOTED = _SAID("quoted")
FREE = _SAID("free")
SENDER = _SAID("sender")

_WORDS = wordfile.read(__file__, "form.txt")
#: A label → its field; None for one that ends a value on the same line, and is no value on the next, but is not kept.
_BY_LABEL: dict[str, str | None] = {
    **dict.fromkeys(_WORDS["other labels"].phrases),
    **{label: key for key, labels in wordfile.read(__file__, "form_labels.txt").items() for label in labels.phrases},
}
#: Those of more than three letters, by the first: a slip in it is forgiven to nobody.
_BY_FIRST_LETTER: dict[str, list[tuple[str, str | None]]] = {}
for _label, _key in _BY_LABEL.items():
    if len(_label) > 3:
        _BY_FIRST_LETTER.setdefault(_label[0], []).append((_label, _key))
_WORDS_OF_LABELS = frozenset(
    form for label in _BY_LABEL for word in re.split(r"[ /]", label) for form in (word, f"{word}nya")
)
# These may stand behind other words without punctuation between: "Budi HP: 0812", "kami NPWP: 01".
_STRONG = ("phone", "user_id", "tender_code", "npwp", "nib")
#: The letters of our own form: in a quote only these are believed without the form's heading.
_LETTERS = {"a": "name", "b": "organisation", "c": "street", "d": "phone", "f": "user_id", "g": "tender_code"}

_MOST = 200_000  # characters, and
_MOST_LINES = 2_000  # lines: the form has twenty, and whoever fills it in writes some pages at most
_LINE = 1_000
_LABEL = 80
_HEADING_REACH = 30  # lines of a form below its heading
_MISSPELT = 300  # lines whose label is compared with the known ones letter by letter

_PREFIX = re.compile(r"[\s>|*•·–—\-\[\]☐✓]{0,40}(?:(?P<letter>[A-Za-z]|\d{1,2})[.)]\s{0,10})?[\s*_]{0,5}")
_BRACKETS = re.compile(r"\([^()]{0,60}\)")
_NUMBER_WORD = re.compile(r"^(?:no|nomor|nomer|nmr)\b ?")
_SEPARATOR = re.compile(r"(?<![0-9])[:=]|[:=](?![0-9/])")
_MARKS = re.compile(r"[:=|\t]|  ")  # without one of these a line has neither label nor cells
_CELLS = re.compile(r"\s*\|\s*|\t+\s*| {2,}")
_EMPTY = re.compile(r"[\s.…_–—*/()\[\]-]*")
# A heading stands alone: our tables have a row "Nomor Formulir Konsultasi : …" too.
_HEADING = re.compile(
    r"[\W_]{0,20}(?:[a-z0-9][.)]\s{0,5})?(?:form(?:ulir)? konsultasi(?: pengguna(?: spse)?)?"
    r"|identitas pengguna(?: spse)?|data identitas(?: pengguna)?|identitas pelapor|tambahan \(di luar formulir kertas)"
    r"[\W_]{0,40}"
)
_FORM_ENDS = re.compile(
    r"[\W_]{0,20}(?:mohon disertakan|bagian c diisi|hormat kami|e-mail ini|catatan|terima kasih|demikian|--$)"
)
_CONTACTS = re.compile(r"hubungi|narahubung|contact person|kontak kami|petugas kami|helpdesk|admin (?:ppe|agency)")
_NOTHING = frozenset(_WORDS["nothing"].phrases)
_CLOSINGS = late.pattern(
    r"(?:terima ?kasih|trims|makasih|hormat|salam|regards|best|demikian|mohon|tolong|dengan|selamat|yth|kepada|assalam"
    r"|wassalam|atas|berikut|pada|kami|saya|untuk|silakan|apabila|bila|jika|dari|dikirim|sent)\b",
    re.IGNORECASE,
)
_MASKED = re.compile(
    r"[\s,;/(|-]{0,10}(?:pass\w{0,6}|pw|sandi)?[\s:=/]{0,10}\[(?:[\w ]{0,20} )?disamarkan\].*",
    re.IGNORECASE | re.DOTALL,
)
_PHONE = re.compile(r"\+?\(?[0-9][0-9\s().-]{5,20}[0-9]")
_CODES = re.compile(r"(?<![0-9])[0-9]{5,12}(?![0-9])")
_LONG_NUMBER = re.compile(r"[0-9][0-9 .-]{11,28}[0-9]")


@dataclass(frozen=True, slots=True)
class Field:
    """What the writer says of himself, cleaned: one line of at most 200 characters; and where it was read."""

    value: str
    source: str


class _Row(NamedTuple):
    """A label and what stands behind it. key: None for a label that is no field. letter: its number in the form."""

    key: str
    value: str
    letter: str
    line: int
    bare: bool


def read_form(own: str, *, signature: str = "", quoted: str = "", ours: bool = False) -> dict[str, Field]:
    """The fields of a mail; the first value of each counts, and a form's line before free text.

    own: what the writer has written now; signature: what was cut off below it; quoted: what he quotes or forwards.
    ours: the quote is a mail of ours, so that in it only our form is his: the rest are staff's or LKPP's words.
    Keys: name, organisation, street, phone, user_id, tender_code, npwp, nib; only those that are given. The values
    are what the writer says, not what is known.
    """
    return with_quoted(read_own(own, signature), quoted, ours=ours)


def read_own(own: str, signature: str = "") -> dict[str, Field]:
    """The fields in what the writer has written now."""
    found = {key: Field(value, FORM) for key, value in _form_lines(own[:_MOST]).items()}
    for key, value in read_free_text(own, signature).items():
        cleaned = _valid(key, value)
        if cleaned:
            found.setdefault(key, Field(cleaned, FREE))
    return found


def with_quoted(own: Mapping[str, Field], quoted: str, *, ours: bool) -> dict[str, Field]:
    """The fields of a mail: those of `read_own` and those of what he quotes."""
    found = {key: field for key, field in own.items() if field.source == FORM}
    for key, value in _quoted_form(quoted[:_MOST], ours).items() if quoted else ():
        found.setdefault(key, Field(value, QUOTED))
    for key, field in own.items():
        found.setdefault(key, field)
    return found


def believed(found: Iterable[tuple[str, Field]]) -> dict[str, Field]:
    """What another process says that `read_own` has found there, as far as this can find it."""
    return {
        key: field
        for key, field in found
        if key in _CHECKS
        and field.source in (FORM, FREE)
        and 0 < len(field.value) <= VALUE_LENGTH
        and field.value.isprintable()
    }


def read_lines(text: str) -> dict[str, str]:
    """The fields that stand behind a label, and nothing out of free words: for a form that somebody else fills in."""
    return _form_lines(text[:_MOST])


def sender_name(name: str, address: str) -> Field | None:
    """The display name of a sender, where it looks like a person's and not like an address."""
    cleaned = _valid("name", _clean(name))
    if not cleaned or cleaned.lower() in (address.lower(), address.lower().partition("@")[0]):
        return None
    return Field(cleaned, SENDER)


# --- forms ---------------------------------------------------------------------------------------------


def _form_lines(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    rows = list(_rows(_lines(text)))
    bare = {row.key for row in rows if row.bare}
    for row in rows:
        # A cell "Alamat" beside a text may be anything; two such cells are a form.
        if row.key not in found and (not row.bare or row.letter or len(bare) > 1):
            found[row.key] = row.value
    return found


def _quoted_form(text: str, ours: bool) -> dict[str, str]:
    """What was filled in inside a quote: below our form's heading or with its letters; of others' mails also two
    identity lines together, unless they tell whom to call."""
    lines = _lines(text)
    folded = [line.lower() for line in lines]
    inside = _below_headings(folded)
    rows = list(_rows(lines))
    found: dict[str, str] = {}
    for number, row in enumerate(rows):
        lettered = row.letter and _LETTERS.get(row.letter.lower()) == row.key
        together = not ours and any(
            other.key != row.key
            and abs(other.line - row.line) <= 3
            and ({other.key, row.key} & {"name", "organisation"})
            for other in rows[max(number - 2, 0) : number + 3]
        )
        if together and any(_CONTACTS.search(line) for line in folded[max(row.line - 4, 0) : row.line]):
            together = False
        if row.key not in found and (row.line in inside or lettered or together):
            found[row.key] = row.value
    return found


def _below_headings(folded: Sequence[str]) -> set[int]:
    """The lines of a form: under its heading, no further than it reaches."""
    inside: set[int] = set()
    left = 0
    for number, line in enumerate(folded):
        if _HEADING.fullmatch(line[:120]):
            left = _HEADING_REACH
        elif left and _FORM_ENDS.match(line):
            left = 0
        elif left:
            inside.add(number)
            left -= 1
    return inside


def _lines(text: str) -> list[str]:
    """The lines without quote marks, every kind of blank a blank, cells of a table put together."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_LINES]
    plain = (unicodedata.normalize("NFKC", line[:_LINE]).lstrip(" >\t\u00a0") for line in lines)
    return [line.lstrip(" \t|") for line in cells.lines_of(plain, is_label)]


def is_label(cell: str) -> bool:
    """Whether a cell is one of the labels of the form, or of those that end its values, and nothing more."""
    return len(cell) <= _LABEL and _named(cell.rstrip(" :")) is not None


def _rows(lines: Sequence[str]) -> Iterator[_Row]:
    misspelt = _MISSPELT
    taken = -1
    for number, line in enumerate(lines):
        if number <= taken or not line:
            continue
        segments = list(_segments(line, misspelt > 0))
        if not segments:
            misspelt -= 1
            continue
        prefix = _PREFIX.match(line)
        letter = (prefix["letter"] or "") if prefix else ""
        for keys, value, bare in segments:
            if not value.strip() and keys and len(segments) == 1:
                following = _value_below(lines, number)
                if following is not None:
                    value, taken = lines[following], following
            for key, part in _shared(keys, value):
                cleaned = _valid(key, part)
                if cleaned:
                    yield _Row(key, cleaned, letter, number, bare)


def _segments(line: str, try_misspelt: bool) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """(fields, value, whether there was no colon) for each label on a line; no fields: a label that is none."""
    if not _MARKS.search(line):  # nearly all lines: one cell
        cell = line.strip(" ")
        if cell.strip() and len(cell) <= _LABEL and (keys := _named(cell)):
            yield keys, "", True
        return
    places = [m.start() for m in _SEPARATOR.finditer(line)][:20]
    labels: list[tuple[int, int, tuple[str, ...]]] = []  # start of the label, end of it, its fields
    begin = 0
    for place in places:
        named = _label_before(line, begin, place, try_misspelt and begin == 0)
        if named is not None:
            start, keys = named
            labels.append((start, place, keys))
            begin = place + 1
        elif begin == 0 and place > _LABEL:
            break
    if labels:
        for i, (_, end, keys) in enumerate(labels):
            stop = labels[i + 1][0] if i + 1 < len(labels) else len(line)
            yield keys, line[end + 1 : stop].lstrip(":= "), False
        return
    cells = [cell for cell in _CELLS.split(line.strip(" |\t")) if cell.strip()]
    if cells and len(cells[0]) <= _LABEL:
        named_cell = _named(cells[0])
        if named_cell:
            yield named_cell, " ".join(cells[1:]), True


def _label_before(line: str, begin: int, place: int, try_misspelt: bool) -> tuple[int, tuple[str, ...]] | None:
    """(where it starts, its fields) of the label that ends at a colon: all that stands before it, or its last words."""
    before = line[begin:place]
    if len(before) <= _LABEL:
        keys = _keys(_folded(before), try_misspelt=try_misspelt)
        if keys is not None:
            return begin, keys
    tail = before[-_LABEL:]
    offset = place - len(tail)
    starts = [m.start() for m in re.finditer(r"(?<![^\s,;|/(.])[^\s,;|/(]", tail)][-5:]
    for start in starts:
        keys = _named(tail[start:])
        if keys is None or offset + start == begin:
            continue
        punctuated = tail[:start].rstrip(" ")[-1:] in (",", ";", "|", "(", ".", "/") or tail[:start].endswith("  ")
        if punctuated or begin > 0 or (keys and all(key in _STRONG for key in keys)):
            return offset + start, keys
    return None


def _named(label: str) -> tuple[str, ...] | None:
    """The same as `_keys` for a label as it is written, and without slips. Most lines end with a word of no label."""
    last = label.rstrip(" .,_*").rpartition(" ")[2]
    if last.isalpha() and last.lower() not in _WORDS_OF_LABELS:
        return None
    return _keys(_folded(label), try_misspelt=False)


def _keys(label: str, *, try_misspelt: bool) -> tuple[str, ...] | None:
    """The fields that a folded label names; () for a label of another kind, None for no label at all."""
    if label in _BY_LABEL:
        key = _BY_LABEL[label]
        return (key,) if key else ()
    parts = [part.strip() for part in re.split(r"[/&,+]| dan ", label)]
    if 2 <= len(parts) <= 4:
        known = [_BY_LABEL.get(_NUMBER_WORD.sub("", part), "?") for part in parts]
        if "?" not in known:
            return tuple(dict.fromkeys(key or "" for key in known))
    if try_misspelt and 3 <= len(label) <= 40:
        near = {
            key
            for known, key in _BY_FIRST_LETTER.get(label[0], ())
            if abs(len(known) - len(label)) < 2 and one_slip(label, known)
        }
        if len(near) == 1:
            key = near.pop()
            return (key,) if key else ()
    return None


def _shared(keys: tuple[str, ...], value: str) -> Iterator[tuple[str, str]]:
    """The parts of a value that a label of several fields names ("Nama/Instansi: Budi / CV X")."""
    if len(keys) == 1:
        yield keys[0], value
        return
    if "phone" in keys and (phone := _PHONE.search(value)):
        yield "phone", phone[0]
        value = value.replace(phone[0], " ", 1)
        keys = tuple(key for key in keys if key != "phone")
    if len(keys) == 1:
        if keys[0]:
            yield keys[0], value.strip(" ,;/()-")
        return
    for mark in (" / ", "/", ";", " - ", ",", "("):
        parts = [part for part in value.split(mark) if part.strip()]
        if len(parts) == len(keys):
            yield from zip(keys, parts, strict=True)
            return
    if keys and keys[0]:
        yield keys[0], value


def _value_below(lines: Sequence[str], number: int) -> int | None:
    """The line under a label that holds its value; None where the next line is another label or something else."""
    for following in range(number + 1, min(number + 3, len(lines))):
        line = lines[following].strip()
        if not line:
            continue
        prefix = _PREFIX.match(line)
        if (prefix and prefix["letter"]) or len(line) > 120 or _CLOSINGS.match(line) or list(_segments(line, True)):
            return None
        return following
    return None


def _folded(label: str) -> str:
    prefix = _PREFIX.match(label)
    label = label[prefix.end() :] if prefix else label
    label = _BRACKETS.sub(" ", label.lower())
    label = " ".join(re.sub(r"[*._]", " ", label).split())
    label = re.sub(r" ?/ ?", "/", label)
    while (shorter := _NUMBER_WORD.sub("", label)) != label:
        label = shorter
    label = re.sub(r"/(?:no|nomor|nomer) ", "/", label)
    return label.removesuffix("nya") if label.endswith("nya") and label[:-3] in _BY_LABEL else label


# --- values --------------------------------------------------------------------------------------------


def _clean(value: str) -> str:
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in value[: 4 * VALUE_LENGTH])
    kept = " ".join(_MASKED.sub("", kept).split()).strip("*_| ").strip().rstrip(",;(|=").strip()
    return kept[:VALUE_LENGTH].strip()


def _valid(key: str, value: str) -> str:
    """The cleaned value, or "" where it says nothing or is no value of this field."""
    value = _clean(value)
    folded = value.lower().strip(" .()-*")
    if not value or _EMPTY.fullmatch(value) or folded in _NOTHING:
        return ""
    if not key:
        return ""
    value = _shaped(key, value)
    return value if _CHECKS[key].search(value) else ""


def _shaped(key: str, value: str) -> str:
    """A number without the sentence that goes on behind it."""
    if key == "user_id":
        return value.split()[0].rstrip(".,;/")
    if key == "tender_code" and (codes := _CODES.findall(value)):
        return ", ".join(dict.fromkeys(codes[:5]))
    shape = {"npwp": _LONG_NUMBER, "nib": _LONG_NUMBER, "phone": _PHONE}.get(key)
    if shape and any(c.isalpha() for c in value) and (match := shape.search(value)):
        return match[0]
    return value


_CHECKS: Mapping[str, re.Pattern[str]] = {
    "name": re.compile(r"^(?=[^@?]*$)(?=.*[^\W\d_]{2}).{2,}"),
    "organisation": re.compile(r"^(?=[^@?]*$)(?=.*[^\W\d_]{2})"),
    "street": re.compile(r"^(?=[^@]*$)(?=.*[^\W\d_]{2})"),
    "phone": re.compile(r"^(?=[^@]*$)(?=.*\d)"),
    "user_id": re.compile(r"^\S(?:.{0,58}\S)?$"),
    "tender_code": re.compile(r"\d"),
    "npwp": re.compile(r"\d"),
    "nib": re.compile(r"\d"),
}
