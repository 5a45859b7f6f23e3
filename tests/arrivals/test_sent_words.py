"""The words of mails of ours: a search finds what we wrote, the library what an earlier version wrote otherwise."""

from __future__ import annotations

import pytest

from mailbot.arrivals import sent_words
from mailbot.arrivals.sent_words import OurMail
from tests.steps import data_requested
from tests.world import PaperWorld


def test_a_search_finds_the_same_words_as_the_library(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write("pengguna", "Tidak bisa masuk – é, x=3D.\n\n--=_a1\n", files=[("layar.txt", b"isi " * 300)])
    office.once()
    data_requested(office)
    mails = [row["raw"] for row in office.sent()]
    found = [(mail.text, mail.sent) for mail in map(OurMail, mails)]
    monkeypatch.setattr(sent_words, "_PART", b"Content-Type: %s, as nobody writes it")
    assert [(mail.text, mail.sent) for mail in map(OurMail, mails)] == found
    assert len(mails) > 5 and all(text and len(sent.texts) == 2 for text, sent in found)
