"""What of a mail's text its writer has written now: apart from quotes, forwarded mails and signatures.

The stored text stays whole; this only tells what may be acted on or passed on. Losing a writer's words is
the worse fault, so whatever looks like an answer somewhere else than above the quote raises a doubt, which
the caller holds and shows. One pass over the lines with bounded look-ahead: linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Stands in every mail of ours that staff or LKPP may answer; all below it is ours. Plain words between two
# rules: they survive quoting, wrapping and the way from HTML to text.
MARKER = "── Mohon tulis balasan di atas baris ini ──"


@dataclass(frozen=True, slots=True)
class NewText:
    """A mail's text, taken apart.

    text: the writer's new words above any quote. below: unquoted lines between or under quoted ones,
    which are likely his too (then there is a doubt). quoted: everything from the first quote on, forwarded
    mails included. signature: what follows "-- ", and footers such as "Dikirim dari iPhone saya".
    doubt: why `text` may not be all or only what he wrote, in Indonesian; None if there is no doubt.
    marked: our marker line was found whole.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    doubt: str | None = None
    below: str = ""
    marked: bool = False

    @property
    def own(self) -> str:
        """All that is likely the writer's: for readers who would rather see too much."""
        return "\n\n".join(part for part in (self.text, self.below) if part)


def new_text(text: str, marker: str = MARKER) -> NewText:
    """`text` taken apart. Total: any string gives an answer, in time linear in its length."""
    text, marked_at, altered = _marker_on_its_own_line(_newlines(text), marker)
    kept = text.split("\n")
    plain = [line.strip() for line in text.translate(_BLANKS).split("\n")]
    end = len(kept) if marked_at is None else text.count("\n", 0, marked_at)

    head, suspicious = _first_head(plain, end)
    if head is None:
        head = _Head(end, end, sure=True)  # the marker line, or the end of the text
    upper, signature = _without_signature(kept[: head.line], plain[: head.line])
    new = _trim(upper)
    quoted = "\n".join(kept[head.line :]).strip("\n")
    below = _trim(_unquoted(kept, plain, head.after))

    marked = marked_at is not None
    doubt = None
    if altered:
        doubt = "baris penanda kami telah berubah"
    elif below:
        doubt = "ada tulisan di antara atau di bawah kutipan"
    elif _letters(new) < _NEARLY_NOTHING and _letters(quoted) + _letters(signature) > 0:
        doubt = "tidak ada tulisan baru, atau hampir tidak ada"
    elif not marked and not head.sure:
        doubt = "batas antara tulisan baru dan kutipan tidak pasti"
    elif suspicious:
        doubt = "ada kepala surat yang mungkin bagian dari kutipan"
    elif _COMMAND_LIKE.search(signature):
        doubt = "ada baris perintah di bawah tanda tangan"
    return NewText(new, quoted, signature, doubt, below, marked)


# --- lines ----------------------------------------------------------------------------------

# Invisible or odd blanks become spaces for comparing, one for one.
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u202f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\t\v\f"), " ")

_NEARLY_NOTHING = 3
_COMMAND_LIKE = re.compile(r"^[ \t]{0,8}[#＃][A-Za-z]", re.MULTILINE)
_RULE = re.compile(r"[-–—_=*─━~]{3,}")


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _letters(text: str) -> int:
    """How many letters and digits there are, counted no further than needed."""
    count = 0
    for char in text:
        count += char.isalnum()
        if count >= _NEARLY_NOTHING:
            break
    return count


def _trim(lines: Sequence[str]) -> str:
    """The lines without blank ones at both ends and without a rule that led to the quote."""
    lines = [line.rstrip() for line in lines]
    start, end = 0, len(lines)
    while end > start and (not lines[end - 1] or _RULE.fullmatch(lines[end - 1].strip()[:200])):
        end -= 1
    while start < end and not lines[start]:
        start += 1
    return "\n".join(lines[start:end])


# --- our marker -----------------------------------------------------------------------------


def _marker_on_its_own_line(text: str, marker: str) -> tuple[str, int | None, bool]:
    """(text, offset of our marker or None, whether only a part of it is there).

    Only the marker's words count: quote prefixes, line breaks and rules around and between them are what
    mail programs do to it. Where a program has flattened the text, the marker gets a line of its own.
    """
    words = re.findall(r"\w+", marker)
    # Every gap is possessive and every word begins with a letter: no way back, hence linear.
    found = re.search(r"[\W_]+".join(map(re.escape, words)), text, re.IGNORECASE)
    if found is None:
        runs = (words[i : i + 4] for i in range(max(1, len(words) - 3)))
        part = "|".join(r"[\W_]{1,40}".join(map(re.escape, run)) for run in runs)
        return text, None, re.search(part, text, re.IGNORECASE) is not None
    at = found.start()
    line_start = text.rfind("\n", 0, at) + 1
    before = text[line_start:at]
    if not any(char.isalnum() for char in before):
        return text, line_start, False
    words_end = line_start + len(before.rstrip("-–—_=*─━~│|> \t\u00a0"))
    return f"{text[:words_end]}\n{text[words_end:]}", words_end + 1, False


# --- heads of quotes ------------------------------------------------------------------------

# Longer lines are somebody's paragraph, not a head; this also bounds every pattern below.
_HEAD_LENGTH = 400
_SHORTEST_HEAD = 5  # "Dari:", its value on the next line
_ATTRIBUTION_LINES = 4  # "Pada … menulis:" is wrapped anywhere, also inside the address
_HEADER_LINES = 10

_WROTE = ("menulis:", "menulis :", " tulis:", "wrote:", "wrote :", "writes:", "ditulis:")
_WROTE_BARE = (" ditulis", " menulis", " wrote")
_ATTRIBUTION = re.compile(r"(?:[-–—]{2,8} ?)?(?:pada|on) +\S", re.IGNORECASE)
_CLOCK = re.compile(r"\b\d{1,2}[.:]\d{2}\b")
_DATE = re.compile(
    r"\b\d{4}\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b"
    r"|\b\d{1,2} (?:jan|feb|mar|apr|mei|may|jun|jul|agu|aug|sep|okt|oct|nov|des|dec)",
    re.IGNORECASE,
)
_OLD_GMAIL = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}[:.]\d\d\b.{0,200}<[^<>\s]{3,120}>:")
_DASHES = r"[-–—_*=]{2,40}"
_SEPARATOR = re.compile(
    rf"{_DASHES} ?(?:pesan (?:asli|orisinal|asal|terusan)|pesan (?:yang )?diteruskan"
    rf"|original (?:message|appointment)|forwarded (?:message|mail)|reply message) ?{_DASHES}",
    re.IGNORECASE,
)
_APPLE_FORWARD = re.compile(
    r"(?:begin forwarded message|(?:mulai|awal) pesan (?:yang )?(?:terusan|diteruskan)) ?:", re.IGNORECASE
)
_LABEL = re.compile(r"[*_]{0,2}([A-Za-z-]{2,10}) ?[*_]{0,2} ?:")
_FROM_LABELS = frozenset({"dari", "from"})
_DATE_LABELS = frozenset({"dikirim", "terkirim", "tanggal", "sent", "date"})
_OTHER_LABELS = frozenset({"kepada", "ke", "untuk", "subjek", "perihal", "to", "subject"})
# What a head can begin with, so that the other lines cost next to nothing.
_INITIALS = frozenset("->–—_*=PpOoDdFfBbMmAa0123456789")


@dataclass(frozen=True, slots=True)
class _Head:
    """Where a quote begins: at `line`; the quote itself at `after`.

    sure: only a mail program writes such a head. A date and a name before "menulis:" could be a person's.
    """

    line: int
    after: int
    sure: bool


def _first_head(plain: Sequence[str], end: int) -> tuple[_Head | None, bool]:
    """The first head before line `end`, and whether a doubtful letter head was passed on the way."""
    suspicious = False
    for number in range(end):
        line = plain[number]
        if not line or (line[0] not in _INITIALS and not line.endswith(_WROTE)):
            continue
        if len(line) < _SHORTEST_HEAD and line[0] != ">":
            continue
        head, doubtful = _head_at(plain, number)
        if head is not None:
            return head, suspicious
        suspicious = suspicious or doubtful
    return None, suspicious


def _head_at(plain: Sequence[str], number: int) -> tuple[_Head | None, bool]:
    line = plain[number]
    if line.startswith(">"):
        return _Head(number, number, sure=False), False
    if len(line) > _HEAD_LENGTH:
        return None, False
    if _SEPARATOR.fullmatch(line) or _APPLE_FORWARD.fullmatch(line) or _OLD_GMAIL.fullmatch(line):
        return _Head(number, number + 1, sure=True), False
    label = _LABEL.match(line)
    if label is not None and label[1].lower() in _FROM_LABELS:
        return _header_block(plain, number)
    return _attribution(plain, number), False


def _header_block(plain: Sequence[str], number: int) -> tuple[_Head | None, bool]:
    """Outlook's and Zimbra's block: sender, a date with the time of day, and addressee or subject.

    A letter's own head ("Dari", "Kepada", "Perihal", "Tanggal") has no time of day: it stays, doubted.
    """
    dated = others = False
    labels = 0
    for line in plain[number + 1 : number + _HEADER_LINES]:
        label = _LABEL.match(line)
        if label is None or len(line) > 4 * _HEAD_LENGTH:
            continue
        name = label[1].lower()
        dated = dated or (name in _DATE_LABELS and _CLOCK.search(line) is not None)
        others = others or name in _OTHER_LABELS
        labels += name in _DATE_LABELS or name in _OTHER_LABELS
    if dated and others:
        return _Head(number, number + 1, sure=True), False
    return None, labels >= 2


def _attribution(plain: Sequence[str], number: int) -> _Head | None:
    """ "Pada … menulis:" and its kin, on one line or wrapped over a few."""
    line = plain[number]
    started = _ATTRIBUTION.match(line) is not None
    if not started and not line.endswith(_WROTE):
        return None
    joined = ""
    for last in range(number, min(number + (_ATTRIBUTION_LINES if started else 1), len(plain))):
        part = plain[last]
        if not part or part.startswith(">") or len(part) > _HEAD_LENGTH:
            return None
        joined = f"{joined} {part}"
        bare = joined.endswith(_WROTE_BARE)
        if not bare and not joined.endswith(_WROTE):
            continue
        quote_follows = next((p for p in plain[last + 1 : last + 4] if p), "").startswith(">")
        addressed = "@" in joined
        dated = _CLOCK.search(joined) is not None and _DATE.search(joined) is not None
        if quote_follows or (not bare and (addressed or (started and dated))):
            return _Head(number, last + 1, sure=quote_follows or addressed)
        return None
    return None


def _unquoted(kept: Sequence[str], plain: Sequence[str], start: int) -> list[str]:
    """Unquoted lines in a quote that marks its lines with ">"; none in a quote that does not."""
    first = next((number for number in range(start, len(plain)) if plain[number]), None)
    if first is None or not plain[first].startswith(">"):
        return []
    found: list[str] = []
    for number in range(first, len(plain)):
        line = plain[number]
        if not line or line.startswith(">"):
            if found and found[-1]:
                found.append("")
            continue
        if line == "--" or (line[0] in _INITIALS and _head_at(plain, number)[0] is not None):
            break
        if not _is_footer(line):
            found.append(kept[number])
    return found


# --- signatures -----------------------------------------------------------------------------

_SIGNATURE_LINES = 15
_FOOTER = re.compile(
    r"(?:(?:di|ter)kirim (?:dari|melalui|dengan)|sent (?:from|via|with|using)|get outlook for"
    r"|(?:dapatkan|unduh) outlook (?:untuk|for))\b.{0,90}",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"\b(?:iphone|ipad|ios|android|yahoo|outlook|samsung|galaxy|xiaomi|redmi|poco|oppo|vivo|realme|infinix"
    r"|huawei|blackberry|windows|gmail|zimbra|mail|ponsel|smartphone)\b",
    re.IGNORECASE,
)


def _is_footer(line: str) -> bool:
    """Whether a line is what a telephone adds: "Dikirim dari iPhone saya"."""
    return len(line) <= 120 and bool(_FOOTER.fullmatch(line)) and bool(_DEVICE.search(line))


def _without_signature(kept: list[str], plain: Sequence[str]) -> tuple[list[str], str]:
    """(lines, signature). A long stretch below "--" is no signature but text after a dividing line."""
    end = len(kept)
    cut = end
    lines = 0
    for number in range(end - 1, -1, -1):
        if plain[number] == "--":
            cut = number
        lines += plain[number] != ""
        if lines > _SIGNATURE_LINES:
            break
    while cut > 0 and (not plain[cut - 1] or _is_footer(plain[cut - 1])):
        cut -= 1
    signature = "\n".join(kept[cut:]).strip("\n")
    return kept[:cut], signature if signature.strip() else ""
