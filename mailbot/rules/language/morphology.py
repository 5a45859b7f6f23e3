"""The forms that an Indonesian root takes, so that a phrase names the root and finds them all.

Affixes as in the reference grammar (Tata Bahasa Baku Bahasa Indonesia): the nasal of me- and pe- follows the first
sound of the root (kirim: mengirim; perbaiki: memperbaiki and, from its root, perbaikan). What is formed too many
("terkirimi") is in nobody's mail and does no harm.
"""

from __future__ import annotations

from functools import cache

_VOWELS = "aeiou"
# The first sound of the root: what stands before it, and whether the root loses the sound.
_NASALS = {
    **dict.fromkeys("bfv", ("m", False)),
    **dict.fromkeys("cdjz", ("n", False)),
    **dict.fromkeys("gh" + _VOWELS, ("ng", False)),
    "p": ("m", True),
    "t": ("n", True),
    "k": ("ng", True),
    "s": ("ny", True),
}
_ENDINGS = ("", "kan", "i", "in")  # "-in" is Jakarta's "-kan" and "-i": kirimin, benerin


@cache
def verbs(root: str) -> frozenset[str]:
    """kirim: kirim, kirimkan, dikirim, mengirimkan, terkirim, ngirim"""
    begun = {root, "di" + root, "ter" + root, *(begin + root[cut:] for begin, cut in _nasal("me", root))}
    if begun_colloquial := [(begin[2:], cut) for begin, cut in _nasal("me", root) if begin[2:]]:
        begun |= {begin + root[cut:] for begin, cut in begun_colloquial}
    return frozenset(_ended(word, ending) for word in begun for ending in _ENDINGS)


@cache
def nouns(root: str) -> frozenset[str]:
    """kirim: pengiriman, kiriman, pengirim; perbaiki: perbaikan; reset: pengresetan …"""
    stem = root.removesuffix("i") if root.startswith("per") else root
    begun = {stem, *(begin + stem[cut:] for begin, cut in _nasal("pe", stem))}
    return frozenset(_ended(word, "an") for word in begun)


def forms(root: str) -> frozenset[str]:
    """verbs and nouns"""
    return verbs(root) | nouns(root)


def _nasal(prefix: str, root: str) -> list[tuple[str, int]]:
    """Pairs of what is put before the root and how many of its letters go."""
    if sum(letter in _VOWELS for letter in root) == 1:
        return [(prefix + "nge", 0), *_long(prefix, root)]  # cek: mengecek
    return _long(prefix, root)


def _long(prefix: str, root: str) -> list[tuple[str, int]]:
    nasal, lost = _NASALS.get(root[0], ("", False))
    # Loan words and roots that begin with per- keep their sound: memproses, memperbaiki.
    return [(prefix + nasal, 1), (prefix + nasal[:1], 0)] if lost else [(prefix + nasal, 0)]


def _ended(word: str, ending: str) -> str:
    if word.endswith("kan") and ending in ("kan", "i", "in"):  # selesaikan has its ending
        return word
    if not ending or (ending == "i" and word.endswith("i")) or (ending == "an" and word.endswith("an")):
        return word
    return word + ending
