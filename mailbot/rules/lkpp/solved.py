"""Whether "solved" is proven: a word too many, and people are asked.

A phrase is found in much that its author never thought of ("kode perbaikan sudah digabung ke cabang utama"). So
"solved" needs more than a phrase and nothing against it: what was done, done to something that can be repaired, in a
mail of which every word is accounted for. Pure; linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailbot.rules.language.phrases import Match
from mailbot.rules.lkpp.marked import Marked
from mailbot.rules.lkpp.phrases import Rule

#: What the words that nothing explains may weigh: a noun 1, a verb or a word of another place or purpose 2.
REST = 1  # in a sentence that says "solved"
ASIDE = 4  # in any other
FOREIGN = 5  # words of other meanings beside a single phrase
SHARE = 0.5  # … or, if it is fewer, this part of the sentence, at least three
_HEAVY = 2
_CURT = 6  # words of an answer that leaves out what both know: "sudah direset ya pak"
_NAME = 4  # words of a name behind "CV", "Bapak", "LPSE Kabupaten"
_AFFIXES = ("me", "di", "ber", "ter", "nge", "ke")  # of a verb, among words that nobody knows
_SHORT = 3  # letters; "di", "dan" are in every meaning's phrases
_LONG = 6  # letters; shorter words with these beginnings are mostly no verbs

#: Marks of words that name what can be repaired, and of all words that need no phrase.
_REPAIRABLE = frozenset({"thing", "problem"})
_KNOWN = _REPAIRABLE | {"known", "fixing"}

Claim = tuple[Rule, Match]


def lacking(sentences: Sequence[tuple[Marked, Sequence[Claim]]]) -> tuple[str, str]:
    """The sentence that leaves "solved" unproven and why ("rest", "head", "object"), or two empty texts.

    sentences: all that were read, each with the phrases by which it says "solved".
    """
    confirmed = any(s.phrases.confirmed.find(s.sentence) for s, _ in sentences)
    for marked, claims in sentences:
        if marked.ignored:
            continue
        if _rest(marked) > (REST if claims else ASIDE):
            return marked.shown, "rest"
        if claims and (reason := _unfounded(marked, claims, confirmed)):
            return marked.shown, reason
    return "", ""


def strange(meaning: str, sentences: Iterable[Marked]) -> str:
    """The sentence on which a meaning rests, if a single phrase says so among words of other meanings; or "".

    A phrase that stands in for one that is missing is mostly alone, and the words that it leaves over are at home in
    the phrases of what was really meant ("… tidak kami proses, gunakan menu Tiket pada laman bantuan").
    """
    shown, phrases_found = "", 0
    for marked in sentences:
        own = marked.phrases.vocabulary[meaning]
        matches = [(rule.id, match) for rule, match in marked.found if rule.meaning == meaning]
        if not matches or marked.ignored:
            continue
        phrases_found += len({rule for rule, _ in matches})
        inside = set().union(*(range(match.start, match.end) for _, match in matches))
        inside |= marked.neutral | marked.conditional
        left = [w for i, w in enumerate(marked.sentence.words) if i not in inside and len(w) > _SHORT and w not in own]
        others = [w for w in left if any(w in words for words in marked.phrases.vocabulary.values())]
        crowded = len(others) >= min(FOREIGN, max(3, len(marked.sentence.words) * SHARE))
        if phrases_found > 1 or not crowded:
            return ""
        shown = shown or marked.shown
    return shown


def _rest(marked: Marked) -> int:
    """What the words weigh that no phrase, mark or known word accounts for."""
    explained = marked.neutral | marked.conditional
    explained = explained.union(*(match.named for rule, match in marked.found if rule.meaning == "solved"))
    explained |= marked.phrases.confirmed.named(marked.sentence)
    weight, named = 0, 0
    for i, (word, marks) in enumerate(zip(marked.sentence.words, marked.marks, strict=True)):
        known = not marks.isdisjoint(_KNOWN)
        named = _NAME if "name" in marks else 0 if known else max(named - 1, 0)
        if "elsewhere" in marks and i not in marked.conditional:
            weight += _HEAVY
        elif i not in explained and not known and not named and word.isalpha():
            weight += _HEAVY if word.startswith(_AFFIXES) and len(word) > _LONG else 1
    return weight


def _unfounded(marked: Marked, claims: Sequence[Claim], confirmed: bool) -> str:
    """Why none of the phrases names what is well again, or nothing."""
    reasons = [_weakness(marked, rule, match, confirmed) for rule, match in claims]
    return min(reasons)


def _weakness(marked: Marked, rule: Rule, match: Match, confirmed: bool) -> str:
    marks, words = marked.marks, marked.sentence.words
    mended = any("mended" in marks[i] for i in match.named)
    before = _nouns(marked, marked.before(match, len(words)))
    inside = _nouns(marked, range(match.start, match.end))
    behind = _nouns(marked, marked.after(match, len(words)))
    subject = before[:1] or inside[:1] or behind[:1]
    if subject and "paper" in marks[subject[0]] and not mended:
        return "head"
    if before and marks[before[0]].isdisjoint(_REPAIRABLE):
        return "head"  # the head of an Indonesian noun phrase comes first
    if mended or confirmed or not all(marks[i].isdisjoint(_REPAIRABLE) for i in (*subject, *inside)):
        return ""
    plain = rule.state or any("plain" in marks[i] for i in match.named)
    return "" if plain and len(words) <= _CURT else "object"


def _nouns(marked: Marked, places: Iterable[int]) -> list[int]:
    """The places of words that may name something: no filler, no number, nothing that only tells when and how."""
    words, marks = marked.sentence.words, marked.marks
    return [
        i
        for i in places
        if words[i].isalpha()
        and ("problem" in marks[i] or "filler" not in marks[i])
        and ("known" not in marks[i] or not marks[i].isdisjoint(_REPAIRABLE))
    ]
