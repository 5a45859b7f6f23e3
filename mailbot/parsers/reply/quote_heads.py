"""Where in a mail's text a quoted or forwarded mail begins: the heads that mail programs write before it.

No table of programs: a head is weighed by what it holds (a word for "wrote", an address, a date, a time of day, a
quote that follows), so that a translation nobody has listed is found too. What a person could have written
himself is found but not sure. Work is bounded: each line is looked at a fixed number of times, and after
_PATIENCE of them that only look like heads no more is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot import late, wordfile
from mailbot.parsers.reply import marker
from mailbot.wordfile import small

_WORDS = wordfile.read(__file__, "quote_heads.txt")
_STARTERS = _WORDS["starters"].any_of
_VERBS, _VERBS_WITHOUT_BLANKS = _WORDS["verbs"].any_of, _WORDS["verbs without blanks"].any_of
_QUOTING_WORDS = _WORDS["quoting"].any_of
_MONTHS = _WORDS["months"].any_of
_ORIGINALS = frozenset(_WORDS["originals"].phrases)
_FORWARDS, _BARE_FORWARDS = frozenset(_WORDS["forwards"].phrases), frozenset(_WORDS["bare forwards"].phrases)
_FORWARDED_BY = tuple(f"{words} " for words in _WORDS["forwarded by"].phrases)
_SENT_BY = tuple(f"{words} " for words in _WORDS["sent by"].phrases)
_END_OF = tuple(f"{words} " for words in _WORDS["end of"].phrases)
_SMALL = frozenset(_WORDS["small"].phrases)
#: A label → what it says: "from", "date", "to", "subject" or "other".
_LABELS = {
    label: role for role, labels in wordfile.read(__file__, "quote_labels.txt").items() for label in labels.phrases
}

# Longer lines are somebody's paragraph, not a head; this also bounds every pattern below.
_LONGEST = 400
_LONGEST_FLAT = 2000  # a block of headers that a program has put on one line
_SHORTEST = 3  # "De:", its value on the next line
_WRAPPED = 6  # lines that "Pada … menulis:" is wrapped over, also inside the address
_BLOCK = 16  # lines of a block of headers
_PATIENCE = 2_500
_NESTED = 12  # quoted lines in which a head is looked for

_ALL_VERBS = rf"(?:(?<![^\W_]){_VERBS}(?![^\W_])|{_VERBS_WITHOUT_BLANKS})"
_VERB = late.pattern(_ALL_VERBS, re.IGNORECASE)
_VERB_LAST = late.pattern(rf"{_ALL_VERBS}[)\]>*_\"'”» ]{{0,4}}[:：]?[\s*_–—-]{{0,30}}\Z", re.IGNORECASE)
# What may stand behind it; and how a line ends without that, which tells of nearly all lines that they need no search.
_BEHIND_VERB = ")]>*_\"'”»:：–—-" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_VERB_ENDS = tuple(
    small(verb.replace("\\", "")).rstrip(_BEHIND_VERB)
    for name in ("verbs", "verbs without blanks")
    for verb in _WORDS[name].phrases
)
_LAST_LETTERS = frozenset(end[-2:] for end in _VERB_ENDS)
_VERB_INSIDE = late.pattern(
    rf"(?:[>)\]] ?{_ALL_VERBS} ?[:：] ?|@\S{{3,80}} {_ALL_VERBS} ?[:：] {{2,9}})(?=\S)", re.IGNORECASE
)
_STARTER = late.pattern(rf"[-–—_*\" ]{{0,30}}{_STARTERS}\.?[ ,:]", re.IGNORECASE)
_CAPITAL_STARTER = late.pattern(r"(?:Pada|On|Le|El|Em|Op|Den|Il|Am|W dniu|Dnia)\b.{0,20}\d")
_DATED_START = late.pattern(
    r"[-–—*\" ]{0,12}(?:[^\W\d_]{1,14}[.,]{0,2} ){0,2}\d{1,4}(?:[./年:-]|\s|\D{1,3}\s)", re.IGNORECASE
)
_GLUED = late.pattern(
    r"(?:Pada(?: tanggal)?|On|Am|Le|El|Em|Op|Il|Den) (?:[^\W\d_]{2,12}[.,]{1,2} |)(?:[A-Z][a-z]{2,8} |)\d"
)
_CLOCK = late.pattern(r"(?<![\d.,:/-])\d{1,2}(?:[.:hH]\d{2}| : ?\d{2}| ?[时時시点])(?!\d)")
_DATE = late.pattern(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b"
    rf"|\b\d{{1,2}}\.?[ -](?:de )?{_MONTHS}|\b{_MONTHS}[^\W\d_]{{0,7}}\.? \d{{1,2}}\b|\d年|\d월",
    re.IGNORECASE,
)
_FULL_DATE = late.pattern(
    rf"\b\d{{1,2}}\.?[ -](?:de )?{_MONTHS}|\b{_MONTHS}[^\W\d_]{{0,7}}\.? \d{{1,2}}\b"
    r"|\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b|\d月",
    re.IGNORECASE,
)
_BRACKETED = late.pattern(r"[<(\[][^<>()\[\]]{0,120}@[^<>()\[\]]{1,120}(?:[>)\]]|\Z)|&lt;.{1,120}@.{1,120}&gt;")
_ADDRESS_COLON = late.pattern(r"@[^\s<>]{3,120}>{1,2} ?[:：]\Z")
_OLD_GMAIL = late.pattern(r"\d{4}[-/]\d{1,2}[-/]\d{1,2} (?:\d{1,2}[:.]\d\d )?(?:GMT ?[+-]\d|.{1,80}<[^<>\s]{3,120}>\Z)")
_QUOTING = late.pattern(rf"{_QUOTING_WORDS} .*[:：]\Z", re.IGNORECASE)
#: In the name under which we write to staff: priority and user. Many write their name and their company small.
_OF_TICKET = late.pattern(r" · P[1-4] · [^<\[@]{0,60}")
_LOWER = late.pattern(r"(?<![^\s\"'(])[^\W\d_A-Z][a-zà-ÿ]{1,30}(?![^\s,.;)\"'])")
_RULE = r"[-–—_*=─━~+#]"
_SEPARATOR = late.pattern(
    rf"[*_> ]{{0,3}}{_RULE}{{2,80}} ?([^\W\d_][^\n]{{2,120}}?)[: ]{{0,3}}{_RULE}{{2,80}}[*_]{{0,2}} {{0,3}}"
)
_RULED = ("--", "—-", "––", "——", "__")
_SEPARATING = ("--", "*-", "__", "==", "**", "––", "——", "──", "━━", "~~", "_-", "> -", "— ")
_DIGIT = late.pattern(r"\d")
_NAMING = late.pattern(r"[^\W_]")
_NAMELESS = frozenset("-–—_*=>|~─━")
_COMPARED = late.pattern(
    r">{1,2}=? ?(?:Rp\.? ?|IDR ?|USD ?|\$ ?|±)?\d[\d.,]*(?: ?[-–/] ?\d[\d.,]*)?(?: ?%| ?[^\W\d_]{1,12}\.?){0,6}"
)
_DECORATED = late.pattern(r">[> ]{1,20}[^>].{0,200}<{2,20}")
# GroupWise: ">>> Budi <b@x.id> 03/03/2025 10:12 AM >>>", and the mail below it without marks.
_BETWEEN_MARKS = late.pattern(r">{3} ?[^>\s].{3,200}>{3}")
# "Budi Santoso menulis:", "b@x.id wrote:": a name of some words or an address, and nothing else.
_NAME = late.pattern(r"[^\W\d_a-zà-ÿ][\w.'’-]*(?:[ ,]{1,2}[(]?[^\W\d_a-zà-ÿ][\w.'’)-]*){1,5}")
_ADDRESS_ONLY = late.pattern(r"(?:[\w .,'’\"-]{0,60} )?<?[\w.+-]{1,64}@[\w.-]{3,80}>?")
_CLOSING_BRACKET = late.pattern(rf">{{1,2}}\s?(?:{_ALL_VERBS}\s?)?[:：]\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a quote begins: at `line`, from `column` on; the quoted mail itself at line `after`.

    sure: only a mail program writes such a head. forward: it says that the mail is passed on.
    """

    line: int
    after: int
    sure: bool
    column: int = 0
    forward: bool = False


class Heads:
    """The heads in `plain`: a mail's lines without blanks around them."""

    def __init__(self, plain: Sequence[str]) -> None:
        self._plain = [_without_quote(line) if "@" in line else line for line in plain]
        self._ends: list[bool | None] = [None] * (len(plain) + 1)
        self._patience = _PATIENCE
        self._next_end = 0
        self.tired = False

    def first(self, end: int) -> tuple[Head | None, bool]:
        """The first head before line `end`, and whether a doubtful letter head was passed on the way."""
        doubtful = False
        for number in range(end):
            line = self._plain[number]
            if not line:
                continue
            if line[0] == ">":
                if line.startswith(">>>") and _between_marks(line):
                    return Head(number, number + 1, True), doubtful
                if not self._is_writers_own(number):
                    return self._quote(number), doubtful
                continue
            if len(line) < _SHORTEST or len(line) > _LONGEST_FLAT:
                continue
            head, letter = self.at(number)
            if head is not None:
                return head, doubtful
            doubtful = doubtful or letter
            if self.tired:
                break
        return None, doubtful

    def at(self, number: int) -> tuple[Head | None, bool]:
        """The head that begins in an unquoted line, if any, and whether a letter's own head does."""
        line = self._plain[number]
        if not _NAMING.search(line):
            return None, False
        if line[0] in _NAMELESS or line[-1] in ":：":
            forward = separates(line)
            if forward is not None:
                return Head(number, number + 1, True, forward=forward), False
        if marker.is_others(line):
            return Head(number, number + 1, True), False
        role = label(line)
        if role in ("from", "date", "subject"):
            if self._spent():
                return None, False
            head, letter = self._block(number, role)
            if head is not None or letter:
                return head, letter
        if len(line) > _LONGEST:
            return None, False
        return self._attribution(number), False

    def _spent(self) -> bool:
        self._patience -= 1
        self.tired = self._patience < 0
        return self.tired

    # --- quoted lines ---

    def _is_writers_own(self, number: int) -> bool:
        """ "> 10 MB" in a table or a price list, ">>> link <<<": an odd line that begins so is no quote."""
        plain = self._plain
        last = number
        while last < len(plain) and last < number + 12 and plain[last].startswith(">"):
            line = plain[last]
            if len(line) > 80 or not (_COMPARED.fullmatch(line) or _DECORATED.fullmatch(line)):
                return False
            last += 1
        return last < number + 12

    def _quote(self, number: int) -> Head:
        """Quoted lines: sure where they tell whose mail it is, or where all the rest is quoted."""
        plain = self._plain
        above = number - 1
        while above >= 0 and not plain[above]:
            above -= 1
        start = self._unnamed_head(above)
        if start is None and self._names_only(above):
            start = above
        if start is not None:
            return Head(start, number, True)
        inside = [line.removeprefix(">").lstrip() for line in plain[number : number + _NESTED] if line.startswith(">")]
        first = next((n for n, line in enumerate(inside) if line), None)
        if first is not None and not inside[first].startswith(">") and len(inside[first]) >= _SHORTEST:
            head, _ = Heads(inside).at(first)
            if head is None:  # nothing but a quote follows it, though not a quote within the quote
                head, _ = Heads([*inside[: first + 1], ">"]).at(first)
            if head is not None and head.line == first and head.column == 0:
                return Head(number, number, True, forward=head.forward)
        announced = above >= 0 and plain[above].endswith((":", "："))
        rest = [line for line in plain[number:] if line]
        sure = len(rest) > 1 and not announced and all(line[0] == ">" for line in rest)
        return Head(number, number, sure)

    def _unnamed_head(self, last: int) -> int | None:
        """Lines right above a quote that name a sender and a time, in whatever language: where they begin."""
        plain = self._plain
        if last < 0 or not plain[last].endswith((":", "：")):
            return None
        start = last
        while start > 0 and plain[start - 1] and start > last - 2:
            start -= 1
        if start > 0 and plain[start - 1]:
            return None
        joined = " ".join(plain[start : last + 1])
        if (
            len(joined) > _LONGEST
            or not _BRACKETED.search(joined)
            or not (_DATE.search(joined) or _CLOCK.search(joined))
        ):
            return None
        return start if _small_words(joined) <= 4 else None

    def _names_only(self, last: int) -> bool:
        """Whether the line right above a quote names its writer and says no more, as webmails do. What a person says of
        an office or a program ("Aplikasi menulis:") has one name, or more words."""
        if last < 0 or len(self._plain[last]) > 120 or (last > 0 and self._plain[last - 1]):
            return False
        line = self._plain[last]
        verb = _VERB_LAST.search(line)
        if verb is None or line[-1] not in ":：":
            return False
        name = line[: verb.start()].strip(' *"“”')
        return _NAME.fullmatch(name) is not None or _ADDRESS_ONLY.fullmatch(name) is not None

    # --- blocks of headers ---

    def _block(self, number: int, first: str) -> tuple[Head | None, bool]:
        """Outlook's and Zimbra's block: sender, a date with the time of day, and addressee or subject.

        A letter's own head ("Dari", "Kepada", "Perihal", "Tanggal") has no time of day: it stays, doubted.
        """
        plain = self._plain
        flat = plain[number]
        if len(flat) > 40 and first == "from" and _flat_block(flat):
            return Head(number, number + 1, True), False
        roles: dict[str, str] = {}
        current, last, other, blank = "", number, 0, 0
        for at in range(number, min(number + _BLOCK, len(plain))):
            line = plain[at]
            role = label(line) if len(line) <= _LONGEST_FLAT else None
            if role is not None:
                if role in roles and role == "from":
                    break
                current, last, other, blank = role, at, 0, 0
                roles[role] = f"{roles.get(role, '')} {line}"
            elif not line:
                blank += 1
                if blank > 1 and len(roles) > 1:
                    break
            else:
                other += 1
                if other > 3 or not current or blank or line[0] == ">":
                    break
                roles[current] += f" {line}"
        dated = roles.get("date", "")
        addressed = "@" in roles.get("from", "") or "@" in roles.get("to", "")
        named = "to" in roles or "subject" in roles
        timed = _CLOCK.search(dated) is not None
        if first != "from" and not (addressed and named):
            return None, False
        if timed and (named or addressed):
            return Head(number, last + 1, "from" in roles), False
        if "from" in roles and named and "date" in roles and addressed:
            return Head(
                number, last + 1, "subject" in roles and _FULL_DATE.search(dated) is not None and first != "from"
            ), False
        return None, first == "from" and len(roles) >= 3

    # --- "… wrote:" ---

    def _attribution(self, number: int) -> Head | None:
        """ "Pada … menulis:" and its kin, on one line or wrapped over a few."""
        plain = self._plain
        line = plain[number]
        if not self._end_within_reach(number):
            return None
        ends = self._could_end(number)
        addressed = "@" in line
        if ends or self._could_end(number + 1) or self._could_end(number + 2):
            for match in reversed(list(_GLUED.finditer(line))):
                if not any(map(str.isalnum, line[: match.start()])):
                    break
                found = self._joined(number, match.start())
                if found is not None and found.sure:
                    return found
        if (
            _STARTER.match(line)
            or _DATED_START.match(line)
            or (ends and (addressed or _ends_with_verb(line)))
            or (addressed and _VERB.search(line))
            or _QUOTING.match(line)
        ):
            return self._joined(number, 0)
        return None

    def _end_within_reach(self, number: int) -> bool:
        """Whether a head that begins here could come to its end; each line is asked once, lines go upwards."""
        self._next_end = max(self._next_end, number)
        stop = min(number + _WRAPPED, len(self._plain))
        while self._next_end < stop and not self._could_end(self._next_end):
            self._next_end += 1
        return self._next_end < stop

    def _could_end(self, number: int) -> bool:
        if number >= len(self._plain):
            return False
        known = self._ends[number]
        if known is None:
            line = self._plain[number]
            known = (
                bool(line)
                and len(line) <= _LONGEST
                and (
                    line[-1] in ":："
                    or _ends_with_verb(line)
                    or (line[0].isdecimal() and _OLD_GMAIL.match(line) is not None)
                )
            )
            self._ends[number] = known
        return known

    def _joined(self, number: int, column: int) -> Head | None:
        plain = self._plain
        joined, weighed = "", 0
        for last in range(number, min(number + _WRAPPED, len(plain))):
            part = plain[last][column:] if last == number else plain[last]
            if not part:
                if not plain[min(last + 1, len(plain) - 1)].startswith("<"):
                    return None
                continue
            if part[0] == ">" and not (joined.count("<") > joined.count(">") and _CLOSING_BRACKET.match(part)):
                return None
            if len(part) > _LONGEST or (last > number and _CAPITAL_STARTER.match(part) and self._complete(last)):
                return None
            joined = f"{joined} {part}".strip()
            if not self._could_end(last) and part[0] != ">":
                continue
            follows = next((p for p in plain[last + 1 : last + 5] if p), "").startswith((">", "|"))
            if weighed == 2 or self._spent():
                return None
            weighed += 1
            sure = _weigh(joined, follows)
            if sure is not None:
                return Head(number, last + 1, sure, column)
            if (
                last == number
                and column == 0
                and not _STARTER.match(joined)
                and "@" not in joined
                and not _CLOCK.search(joined)
            ):
                return None
        return None

    def _complete(self, number: int) -> bool:
        """Whether a head begins in this line itself: then the line above it is not part of it."""
        return any(self._could_end(n) for n in range(number, number + 3))


def _without_quote(line: str) -> str:
    """A head of which the program has put the quoted mail on the same line: only the head."""
    if line[0] == ">" or len(line) < 30:
        return line
    match = _VERB_INSIDE.search(line[:_LONGEST])
    if match is None:
        return line
    head = line[: match.end()].rstrip()
    return head if _CLOCK.search(head) and _DATE.search(head) else line


def label(line: str) -> str | None:
    """What a header line says: "from", "date", "to", "subject" or "other"; None for any other line."""
    end = line.find(":", 0, 34)
    wide = line.find("：", 0, 34)
    if wide >= 0 and (end < 0 or wide < end):
        end = wide
    if end < 1:
        return None
    return _LABELS.get(line[:end].strip(" *_|\t>").casefold())


_FLAT_DATE, _FLAT_OTHER = (
    late.pattern(
        rf"(?:{'|'.join(re.escape(w) for w, r in _LABELS.items() if r in roles and len(w) > 1)}) ?[:：]",
        re.IGNORECASE,
    )
    for roles in (("date",), ("to", "subject"))
)


def _flat_block(line: str) -> bool:
    if not _CLOCK.search(line) or not _FLAT_DATE.search(line, 10):
        return False
    return "@" in line or _FLAT_OTHER.search(line, 10) is not None


def timed(text: str) -> bool:
    """Whether a time of day stands in it, as programs name it in a head."""
    return _CLOCK.search(text) is not None


def separates(line: str) -> bool | None:
    """Whether the line sets a mail apart: True for one that is passed on, False for one answered, else None."""
    if not line:
        return None
    if line[-1] in ":：" and len(line) < 60:
        return True if line.strip(" *_>:：").casefold() in _BARE_FORWARDS else None
    if len(line) < 10 or not line.startswith(_SEPARATING):
        return None
    inside = line.strip(" *_>-–—=─━~+#").casefold()
    if inside not in _FORWARDS and inside not in _ORIGINALS:
        match = _SEPARATOR.match(line) if line.find("--", 8) > 0 or line.find("==", 8) > 0 else None
        if match is None:
            return None
        inside = match[1].strip(" *_").casefold()
        rest = line[match.end() :].strip()
        if rest and label(rest) is None:
            return None
    if inside in _FORWARDS or inside.startswith(_FORWARDED_BY):
        return True
    by_address = "@" in inside and inside.startswith(_SENT_BY)
    return False if by_address or inside in _ORIGINALS else None


def ends(line: str) -> bool:
    """Whether the line is the end of the mail that is answered: "----- Akhir pesan dari b@x.id -----" (Horde)."""
    if len(line) > _LONGEST or not line.startswith(_SEPARATING):
        return False
    inside = line.strip(" *_>-–—=─━~+#").casefold()
    return "@" in inside and inside.startswith(_END_OF)


def _between_marks(line: str) -> bool:
    return (
        _BETWEEN_MARKS.fullmatch(line) is not None
        and (_DATE.search(line) is not None or "@" in line)
        and _CLOCK.search(line) is not None
    )


def _ends_with_verb(line: str) -> bool:
    end = line[-60:]
    bare = end.rstrip(_BEHIND_VERB)
    if small(bare[-2:]) not in _LAST_LETTERS:
        return False
    return small(bare).endswith(_VERB_ENDS) and _VERB_LAST.search(end) is not None


def _small_words(text: str) -> int:
    """How many words begin small and are none of those that programs write: a sentence has many."""
    return sum(1 for word in _LOWER.findall(_OF_TICKET.sub(" ", text)) if word not in _SMALL)


def _weigh(joined: str, follows: bool) -> bool | None:
    """Whether a line, put together again, is surely (True), perhaps (False) or not (None) a head."""
    if len(joined) > 2 * _LONGEST:
        return None
    ruled = joined.startswith(_RULED) and joined[-1] in "-–—_"
    if not ruled and "@" not in joined and not _DIGIT.search(joined):
        return None
    verb_last = _ends_with_verb(joined)
    colon = joined.rstrip("*_ -–—")[-1:] in (":", "：")
    addressed = "@" in joined
    if not verb_last and not colon:
        if _OLD_GMAIL.match(joined) is None or not (follows or "GMT" in joined):
            return None
        return follows
    if _small_words(joined) > (8 if follows else 4):
        return None
    bracketed = addressed and _BRACKETED.search(joined) is not None
    dated = _DATE.search(joined) is not None
    timed = _CLOCK.search(joined) is not None
    started = _STARTER.match(joined) is not None
    if not verb_last:
        verb = _VERB.search(joined) is not None
        if verb and (addressed or follows) and (dated or timed) and (addressed or (dated and timed)):
            return True
        if _QUOTING.match(joined) and (bracketed or follows):
            return True
        begins = started or _DATED_START.match(joined) is not None
        if bracketed and dated and timed and begins and (follows or _ADDRESS_COLON.search(joined)):
            return True
        return None
    if addressed and not follows and _said_by_a_person(joined):
        return None
    if ruled:
        return True
    if addressed and (dated or timed):
        return follows or (dated and timed) or (started and joined.startswith(_RULED))
    if bracketed and colon and len(joined) < 160 and _small_words(joined) <= 2:
        return follows
    if follows and (dated or timed or (started and addressed)):
        return True
    if started and colon and dated and (timed or _FULL_DATE.search(joined)):
        return False
    return None


def _said_by_a_person(joined: str) -> bool:
    """Whether more stands between the address and "wrote" than programs put there."""
    verb = _VERB_LAST.search(joined)
    if verb is None:
        return False
    between = joined[joined.rfind("@") : verb.start()]
    _, bracket, after = between.rpartition(">")  # an address may be wrapped: it ends at its bracket
    words = after if bracket else between.partition(" ")[2]
    return _small_words(_STARTER.sub(" ", words, count=1)) > 0
