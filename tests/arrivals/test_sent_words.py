"""The words of mails of ours: a search finds what we wrote, the library what an earlier version wrote otherwise."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from mailbot.arrivals import sent_words
from mailbot.arrivals.sent_words import Kept, OfNoTicket, OurMail
from mailbot.parsers.mime.html import plain_lines
from mailbot.parsers.reply import own_quote
from mailbot.store import sent_mails
from mailbot.store.database import Store
from tests.steps import data_requested
from tests.world import LPSE, PaperWorld


def test_a_search_finds_the_same_words_as_the_library(office: PaperWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write("pengguna", "Tidak bisa masuk – é, x=3D.\n\n--=_a1\n", files=[("layar.txt", b"isi " * 300)])
    office.once()
    data_requested(office)
    mails = [row["raw"] for row in office.sent()]
    found = [(mail.text, mail.texts) for mail in map(OurMail, mails)]
    monkeypatch.setattr(sent_words, "_PART", b"Content-Type: %s, as nobody writes it")
    assert [(mail.text, mail.texts) for mail in map(OurMail, mails)] == found
    assert len(mails) > 5 and all(text and len(texts) == 3 for text, texts in found)


def test_the_head_of_a_mail_is_that_of_the_whole_mail_as_the_library_reads_it(office: PaperWorld) -> None:
    office.write("pengguna", "Tidak bisa masuk.", subject="Gagal masuk – é", files=[("layar.txt", b"isi " * 300)])
    office.once()
    data_requested(office)
    for row in office.sent():
        mail, whole = OurMail(row["raw"]), message_from_bytes(row["raw"], policy=default)
        assert (mail.sender, mail.subject) == (str(whole["From"]), str(whole["Subject"]))
        assert mail.on == whole["Date"].datetime.date()
        assert mail.sender and mail.subject


def test_so_many_bytes_of_mails_are_kept_and_no_more(office: PaperWorld) -> None:
    data_requested(office)
    rows = office.sent()
    sizes = [len(row["raw"]) for row in rows]
    kept = Kept(most=max(sizes) + min(sizes))
    first = [kept.of(office.store, row) for row in rows]
    assert [mail.raw for mail in first] == [row["raw"] for row in rows]
    assert kept.of(office.store, rows[-1]) is first[-1]
    assert kept.of(office.store, rows[0]) is not first[0], "made room for the others"
    nothing = Kept(most=0)
    assert nothing.of(office.store, rows[0]).raw == rows[0]["raw"]


def test_a_word_with_private_characters_is_a_word_of_a_page_of_ours() -> None:
    assert plain_lines("<p>Kode \ue000rahasia\ue001 dan nama</p>").split() == ["Kode", "rahasia", "dan", "nama"]


@pytest.mark.parametrize("title", ["", "Permintaan data tambahan\n"], ids=["Roundcube", "Thunderbird"])
def test_what_a_page_does_not_show_is_ours_where_a_program_quotes_it(office: PaperWorld, title: str) -> None:
    request = data_requested(office)
    found = re.search(r"display:none;[^>]*>([^<]+)</div>", request.html)
    assert found is not None and found[1].startswith("Permintaan data tambahan.")
    quoted = "\n".join(f"> {line}" for line in f"{title}{found[1]}\n\n{request.text}".split("\n"))
    head = "Pada 2026-12-21 08:00, LPSE Kabupaten Batang menulis:"
    words = f"Kode tender kami 87654321.\n\n{head}\n{quoted}\n"
    office.write("pengguna", words, answers=request, quote=False)
    assert office.once()
    passed_on = office.last("lkpp", "lkpp_additional_data").text
    assert "Kode tender kami 87654321." in passed_on
    assert "menulis:" not in passed_on and "Permintaan data tambahan" not in passed_on


def _notice(office: PaperWorld, ending: str) -> None:
    """A notice to staff that is about no ticket: an address that only looks like LKPP's has written."""
    raw = f"From: LKPP <x{ending}@lkpp-go.test>\r\nTo: {LPSE}\r\nSubject: Solusi {ending}\r\n"
    office.drop(f"{raw}Auto-Submitted: auto-generated\r\n\r\nMesin {ending} bekerja.\r\n".encode())
    office.once()
    office.now += timedelta(days=1)
    office.once()


def test_what_users_may_quote_of_lists_is_known_anew_when_there_is_another_list(office: PaperWorld) -> None:
    asked = (office.store, "batang", ("staff", "coordinator", "head"), 30)
    lists = OfNoTicket()
    shown: list[str] = []
    for ending in "satu", "dua":
        _notice(office, ending)
        rows = sent_mails.of_no_ticket(*asked)
        newest = OurMail(sent_mails.beginning(office.store, max(int(row["id"]) for row in rows), 256_000))
        shown.append(newest.text)
        for text in shown:
            assert lists.quoted(*asked, own_quote.runs(text)) == rows
        assert lists.quoted(*asked, own_quote.runs("Kami tidak bisa masuk sejak tadi pagi, mohon dibantu")) == []
    assert len(set(shown)) == 2


def test_lists_are_not_looked_through_while_there_is_no_other(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (office.store, "batang", ("staff", "coordinator", "head"), 30)
    _notice(office, "satu")
    lists, nothing = OfNoTicket(), own_quote.runs("Kami tidak bisa masuk sejak tadi pagi, mohon dibantu")
    lists.quoted(*asked, nothing)
    seen: list[str] = []
    monkeypatch.setattr(Store, "rows", lambda store, sql, *values: seen.append(sql))
    assert lists.quoted(*asked, nothing) == []
    assert seen == []
