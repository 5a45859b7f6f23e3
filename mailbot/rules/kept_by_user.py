"""What a user sends and does not want passed on: words that forbid it, or that call the mail a mistake. Pure.

Such data wait for staff (step 9): what has reached LKPP cannot be taken back.
"""

from __future__ import annotations

import re

from mailbot.rules.language.normalise import sentences

_FORBIDS = re.compile(
    r"\b(?:jangan|(?:tidak|bukan) (?:boleh|untuk|usah|perlu)|(?:mohon|tolong|harap) tidak)(?: \w+){0,6}?"
    r" (?:di)?(?:teruskan|sampaikan|kirim|kirimkan|bagikan|sebarkan|sebarluaskan|bocorkan|forward)\b"
)
_MISTAKEN = re.compile(
    r"\bsalah (?:kirim|lampir\w*|alamat|file|berkas|attach\w*)\b"
    r"|\b(?:di)?abaikan(?: \w+){0,3}? (?:email|e mail|surat|pesan|lampiran|berkas|file)\b"
)


def words(text: str) -> str:
    """The sentence that says so, "" where none does."""
    for sentence in sentences(text):
        said = " ".join(sentence.words)
        if _FORBIDS.search(said) or _MISTAKEN.search(said):
            return sentence.text.strip()
    return ""
