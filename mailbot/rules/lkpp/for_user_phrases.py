"""The phrases that tell LKPP's words for the user from those for the LPSE: the file lkpp_for_user.yaml, checked.

A site's own file adds to the built-in one and takes nothing away: no setting lifts what the user may not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mailbot import yamlfile
from mailbot.rules import FOLDER
from mailbot.rules.language.normalise import Sentence
from mailbot.rules.language.phrasefile import PhraseReader
from mailbot.rules.language.phrases import Match, Patterns, Words
from mailbot.rules.language.slips import Slips

BUILT_IN = FOLDER / "lkpp_for_user.yaml"

LISTS = (
    "greeting", "address", "title", "leave", "desk", "desk_sure", "not_a_name", "says_more", "that", "so_that", "keeps",
    "follows", "names_number", "hotline", "firm",
)  # fmt: skip
DOMAINS = "own_domains"
PHRASES = (
    "forbidden", "staff_only", "delicate", "others", "to_admin", "pass_on", "pass_on_alone", "pass_on_left",
    "to_say", "cite_number", "secret", "account", "access", "advice",
)  # fmt: skip
#: What takes a doubt away: no site may add to it.
_EXCUSES = "advice"
#: Those in which a slip of the pen must not hide what is meant.
_WATCHED = ("forbidden", "staff_only", "delicate", "others", "to_admin", "pass_on")


@dataclass(frozen=True, slots=True)
class ForUserPhrases:
    """The built-in file, and a site's own beside it if there is one.

    words: word lists by their names. phrases: patterns by theirs. own_domains: of addresses that are no user's.
    """

    words: Mapping[str, Words]
    phrases: Mapping[str, Patterns]
    own_domains: frozenset[str]
    slips: Slips

    def find(self, name: str, sentence: Sentence) -> list[Match]:
        """Where the phrases of one list stand."""
        return self.phrases[name].matches(sentence)


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    words: Mapping[str, Words]
    phrases: Mapping[str, Patterns]
    own_domains: frozenset[str]
    real_words: Words


def load_for_user_phrases(path: Path | None = None) -> ForUserPhrases:
    """Read the built-in phrases, and add those of a site. Raises ConfigError with every fault, by file:line."""
    files = [yamlfile.rules(_Reader, BUILT_IN)]
    if path is not None and path != BUILT_IN:
        files.append(yamlfile.rules(_Reader, path))
    return _together(*files)


@lru_cache(maxsize=64)
def _together(*files: _File) -> ForUserPhrases:
    """The phrases of some files as one; made once for all mailboxes that share them."""
    words = {name: _both([file.words[name] for file in files]) for name in LISTS}
    phrases = {name: Patterns(p for file in files for p in file.phrases[name]) for name in PHRASES}
    watched = [w for name in _WATCHED for pattern in phrases[name] for w in pattern.words]
    return ForUserPhrases(
        words=words,
        phrases=phrases,
        own_domains=frozenset().union(*(file.own_domains for file in files)),
        slips=Slips(frozenset().union(*(w.exact for w in watched)), _both([file.real_words for file in files])),
    )


def _both(lists: Sequence[Words]) -> Words:
    return Words(
        frozenset().union(*(words.exact for words in lists)), tuple(p for words in lists for p in words.prefixes)
    )


class _Reader(PhraseReader[_File]):
    """Each part may be left out, so that a site's file need only hold what it adds."""

    def result(self) -> _File:
        top = self.table((), self.document.data, ("real_words", "sets", "words", *PHRASES))
        if _EXCUSES in top and self.document.path != BUILT_IN:
            self.fault((_EXCUSES,), "takes doubts away and cannot be added to")
        for name, value in self.table(("sets",), top.get("sets", {})).items():
            self.sets[name] = self.words(("sets", name), value)
        listed = self.table(("words",), top.get("words", {}), (*LISTS, DOMAINS))
        domains = self.text(("words", DOMAINS), listed[DOMAINS]) if DOMAINS in listed else ""
        return _File(
            words={name: self._listed(("words", name), listed.get(name)) for name in LISTS},
            phrases={name: self.patterns((name,), top.get(name, [])) for name in PHRASES},
            own_domains=frozenset(domains.lower().split()),
            real_words=self._listed(("real_words",), top.get("real_words")),
        )

    def _listed(self, at: tuple[yamlfile.Step, ...], data: object) -> Words:
        return Words(frozenset()) if data is None else self.words(at, data)
