"""The Formulir Konsultasi as staff fill it in after a call or a visit. Pure and total.

Source: "Form Konsultasi Pengguna SPSE" of the SOP for telephone consultations: Hari/Tanggal Konsultasi, Waktu,
A. Identitas Pengguna SPSE, B. Permasalahan, C. Jawaban/Solusi Permasalahan, Pemberi Penjelasan. Below the paper's, as
"tambahan": the user's e-mail address, and the Nomor Antrian of a visit. Parts stand in any order; labels may be
missing, stand in table cells, have a value on the next line or a slip of the pen. Linear in the text's length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailbot import late, wordfile
from mailbot.parsers.forms import cells, form
from mailbot.rules.language.normalise import one_slip
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

_MOST = 200_000  # characters, and
_MOST_LINES = 5_000
_LABEL = 80

_WORDS = wordfile.read(__file__, "consultation.txt")
_WEAK = {"problem": _WORDS["weak problem"].phrases, "solution": _WORDS["weak solution"].phrases}
_STRONG = {part: _WORDS[part].phrases for part in ("problem", "solution", "identity")}
_LETTERS = {"a": "identity", "b": "problem", "c": "solution", "1": "identity", "2": "problem", "3": "solution"}
_LINES = {key: _WORDS[key].phrases for key in ("date", "time", "queue", "email", "giver")}
_BY_LABEL = {label: key for key, labels in _LINES.items() for label in labels}
#: Inside the parts B and C only these end them: "Waktu: kemarin" and "E-mail: …" there are the problem's own words.
_ENDING = (*_WORDS["ending date"].phrases, *_LINES["giver"])
#: What a value on the line below its label must look like.
_SHAPES = {
    "date": late.pattern(r"\d"),
    "time": late.pattern(r"\d"),
    "queue": late.pattern(r"\w"),
    "email": late.pattern("@"),
    "giver": late.pattern(r"[^\W\d_]{2}"),
}
_PREFIX = late.pattern(r"[\s>|*•·–—\-_]{0,40}(?:([A-Za-z]|\d{1,2})[.)](?=\W|$)\s{0,20})?[\s|*_]{0,20}")
_BRACKETS = late.pattern(r"\([^()]{0,80}(?:\)|$)")
_SPLIT = late.pattern(r"\s{0,20}[:=]\s{0,20}|\s{0,20}\|\s{0,20}|\t+\s{0,20}| {2,20}")
_FILLER = late.pattern(r"[\s.…_–—*/()\[\]|:-]*")
#: Begins what the paper does not have; below the giver's name only there a label is the form's.
_ADDED = late.pattern(r"\W*tambahan\W{1,4}di luar formulir kertas\W*", re.IGNORECASE)
_NOTHING = frozenset(_WORDS["nothing"].phrases)
#: The hint behind a heading of the empty form; a mail program may have broken the line before it or in it.
_BROKEN_HINT = late.pattern(r"\s*\(?(?:kosongkan\s+)?(?:bila\s+)?(?:belum\s+)?\bterjawab\)\s*")
# "Belum dapat dijawab, akan kami tanyakan": the part is filled in, and yet nothing is answered.
_NOT_YET = late.pattern(
    r"(?:belum|blm|masih|menunggu|menyusul|nanti|akan|perlu|harus|mohon waktu|meminta waktu|diteruskan|dieskalasi"
    r"|(?:tidak|tdk|tak) (?:dapat|bisa|mampu) (?:kami )?(?:di|men|ber|mem)?(?:jawab|selesai|solusi|beri|tangan))",
    re.IGNORECASE,
)
_ADDRESS = late.pattern(r"[A-Za-z0-9._%+\-']{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")


@dataclass(frozen=True, slots=True)
class Consultation:
    """A filled form as written, cleaned. Empty strings for what it does not say.

    fields: part A as `form.Field` by key (name, organisation, street, phone and the identifiers). email: one plain
    address, lower-cased; unread_email: what stands there instead; no_email: the line is there and empty. solution: part
    C; pending: part C where it only says that an answer is still to come.
    """

    date: str = ""
    time: str = ""
    queue: str = ""
    email: str = ""
    unread_email: str = ""
    no_email: bool = False
    giver: str = ""
    problem: str = ""
    solution: str = ""
    pending: str = ""
    fields: Mapping[str, form.Field] = field(default_factory=dict)


def read(text: str, source: str) -> Consultation:
    """The form in a text. source: kept with the fields of part A."""
    lines = [
        unicodedata.normalize("NFKC", line[:4000]).replace("\u200b", "").lstrip("> ")
        for line in text[:_MOST].replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_LINES]
    ]
    reader = _Reader(cells.lines_of(lines, _is_label))
    found = reader.read()
    _take_contact(found)
    solution = _written(found["solution"])
    answered = bool(solution) and not _NOT_YET.match(solution.lstrip("-*• "))
    email = _one_line(found["email"])
    addresses = sorted({address.lower() for address in _ADDRESS.findall(email)})
    return Consultation(
        date=_one_line(found["date"]),
        time=_one_line(found["time"]),
        queue=_one_line(found["queue"])[:20],
        email=addresses[0] if len(addresses) == 1 else "",
        unread_email=email if email and len(addresses) != 1 and not _says_nothing(email) else "",
        no_email="email" in reader.labels and (not email or _says_nothing(email)),
        giver=_one_line(found["giver"]).strip("() .…_")[: form.VALUE_LENGTH],
        problem=_written(found["problem"]),
        solution=solution if answered else "",
        pending="" if answered else solution,
        fields={key: form.Field(value, source) for key, value in form.read_lines("\n".join(found["identity"])).items()},
    )


class _Reader:
    """One pass over the lines: which part each belongs to."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.found: dict[str, list[str]] = {
            key: [] for key in ("identity", "problem", "solution", "date", "time", "queue", "email", "giver")
        }
        self.begun: set[str] = set()
        self.labels: set[str] = set()
        strong = {_part(*_heading(line)[:2], weak=False) for line in lines}
        self.weak = frozenset(part for part in _WEAK if part not in strong)

    def read(self) -> Mapping[str, list[str]]:
        part, waits = "identity", ""  # waits: the label whose value may stand on this line
        added: set[str] = set()  # labels below the paper's form that were there: a signature has such, too
        for line in self.lines:
            if _ADDED.fullmatch(line):
                part, waits = "added", ""
                continue
            letter, label, value = _heading(line)
            heading = _part(letter, label, weak=False) or next(
                (name for name in self.weak if _part(letter, label, weak=True) == name), None
            )
            if heading is not None and (heading not in self.begun or heading == "identity"):
                self.begun.add(heading)
                part, waits = heading, ""
                if value and heading != "identity":
                    self.found[heading].append(value)
                continue
            inside = part in ("problem", "solution")
            key = _BY_LABEL.get(label)
            self.labels |= {key} if key else set()
            if part == "added" and key is not None:
                if key in added:
                    part, waits = "rest", ""
                    continue
                added.add(key)
            if key is not None and not self.found[key] and (not inside or label in _ENDING):
                part = "identity" if key == "date" else "rest" if key == "giver" else part
                waits = "" if value else key
                self.found[key] += [value] if value else []
            elif inside and letter in "abcd" and letter and value and form.read_lines(line):
                part = "identity"
                self.found[part].append(line)
            elif waits and line.strip():
                if _SHAPES[waits].search(line) and not _FILLER.fullmatch(line):
                    self.found[waits].append(line)
                else:
                    self._add(part, line)
                waits = ""
            else:
                self._add(part, line)
        return self.found

    def _add(self, part: str, line: str) -> None:
        if part not in ("rest", "added"):  # what stands below the giver's name is his signature
            self.found[part].append(line)


def _take_contact(found: Mapping[str, list[str]]) -> None:
    """The last line of part C, where it is an e-mail line and the form has no other: written without the heading of
    what is added, it says how to reach the user, not what was explained."""
    kept, lines = found["email"], found["solution"]
    while lines and not lines[-1].strip():
        lines.pop()
    if not kept and lines:
        _, label, value = _heading(lines[-1])
        if _BY_LABEL.get(label) == "email" and _ADDRESS.fullmatch(value):
            kept.append(value)
            lines.pop()


def _heading(line: str) -> tuple[str, str, str]:
    """(numbering, label, value) of a line; the label "" where it is too long to be one."""
    prefix = _PREFIX.match(line)
    rest = line[prefix.end() :] if prefix else line
    letter = ((prefix[1] if prefix else "") or "").lower()
    label, value = rest[: _LABEL * 2], ""
    split = _SPLIT.search(label.rstrip())
    if split:
        label, value = rest[: split.start()], rest[split.end() :].strip().lstrip(":= |").strip()
    folded = " ".join(re.sub(r"[*_.]", " ", _BRACKETS.sub(" ", label.lower())).split())
    folded = re.sub(r"\s?/\s?", "/", folded).strip(" :|-")
    return letter, folded if len(folded) <= _LABEL else "", "" if _FILLER.fullmatch(value) else value


def _is_label(cell: str) -> bool:
    """Whether a cell is a label or a heading of the form and nothing more."""
    letter, label, value = _heading(cell)
    if not label or value:
        return False
    return label in _BY_LABEL or _part(letter, label, weak=True) is not None or form.is_label(cell)


def _part(letter: str, label: str, *, weak: bool) -> str | None:
    """Which part of the form a heading begins. The paper's letter makes a weak heading a strong one."""
    for part, labels in _STRONG.items():
        if label in labels or (len(label) > 8 and any(one_slip(label, known) for known in labels)):
            return part
    part = next((name for name, labels in _WEAK.items() if label in labels), "")
    return part if part and (weak or _LETTERS.get(letter) == part) else None


def _one_line(lines: list[str]) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in " ".join(lines)[:400]).split()).strip("|*_ ")
    return "" if _FILLER.fullmatch(line) else line[: form.VALUE_LENGTH]


def _says_nothing(line: str) -> bool:
    return line.lower().strip(" .()-") in _NOTHING


def _written(lines: list[str]) -> str:
    """A part's text: without the paper's dotted lines; "" where nothing is written."""
    kept = [line.rstrip() for line in lines if not line.strip() or not _FILLER.fullmatch(line)]
    text = "\n".join(kept).strip("\n").strip()
    if hint := _BROKEN_HINT.match(text):
        text = text[hint.end() :].strip()
    return "" if _says_nothing(text) else text


# --- the empty form ------------------------------------------------------------------------------------


#: Where the paper leaves room for a name.
_DOTS = "." * 22


def blank(filled: Consultation | None = None, *, giver: str = "", at_counter: bool = False) -> str:
    """The form to fill in, with what is known already; lines end in a line feed. `read` understands it."""
    known = filled or Consultation()
    fields = dict.fromkeys(("name", "organisation", "street", "phone"), "")
    fields |= {key: found.value for key, found in known.fields.items()}
    form_text = _SAID(
        "paper",
        date=known.date,
        time=known.time,
        name=fields["name"],
        organisation=fields["organisation"],
        street=fields["street"],
        phone=fields["phone"],
        email=known.email or known.unread_email,
        problem=known.problem,
        solution=known.solution or known.pending,
        giver=known.giver or giver or _DOTS,
    )
    if at_counter:
        form_text = f"{form_text}\n{_SAID('queue', queue=known.queue)}"
    return "".join(f"{line.rstrip()}\n" for line in form_text.split("\n"))


_FIRST_SENTENCE = late.pattern(r"(?<=[.!?])\s")


def subject_of(problem: str, length: int = 80) -> str:
    """A ticket's subject out of part B: its first sentence, shortened at a word."""
    line = next((line.strip(" -*•\t") for line in problem.split("\n") if any(map(str.isalnum, line))), "")
    sentence = _FIRST_SENTENCE.split(" ".join(line[: 4 * length].split()), maxsplit=1)[0].rstrip(" .:;,")
    if len(sentence) <= length:
        return sentence
    return sentence[: length - 1].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"
