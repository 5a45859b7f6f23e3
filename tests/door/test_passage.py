"""Which files of whom stay behind the door, for whom; and what the door says to staff of them."""

from __future__ import annotations

from itertools import product

import pytest

from mailbot.door.passage import Back, Passage, keeps_back, pass_
from mailbot.door.recording import ledger_of, said_of
from mailbot.model import Attachment, Role

PLAIN = Attachment("akta.pdf", "application/pdf", b"%PDF", "a")
FORM = Attachment("lampiran-1.html", "text/html", b"<p>", "b", of_body=True, secret=True, internal=True)
INTERNAL = Attachment("surat.eml", "message/rfc822", b"Kode", "c", internal=True, secret=True)
SECRET = Attachment("akun.txt", "text/plain", b"sandi", "d", secret=True)
OUTSIDE = (Role.USER, Role.LKPP)


@pytest.mark.parametrize(("source", "to"), list(product(Role, Role)))
def test_a_file_that_nothing_speaks_against_passes_to_everybody(source: Role, to: Role) -> None:
    assert keeps_back(PLAIN, source, to) is None


@pytest.mark.parametrize(("source", "to"), [(source, to) for source, to in product(Role, OUTSIDE) if source is not to])
def test_to_others_outside_no_form_no_internal_text_and_no_strangers_secret_passes(source: Role, to: Role) -> None:
    assert keeps_back(FORM, source, to) is Back.FORM
    assert keeps_back(INTERNAL, source, to) is Back.INTERNAL
    assert keeps_back(SECRET, source, to) is (None if source.inside else Back.SECRET)


@pytest.mark.parametrize("file", [FORM, INTERNAL, SECRET])
@pytest.mark.parametrize("source", list(Role))
def test_staff_and_whoever_has_sent_a_file_may_see_it_whatever_it_holds(file: Attachment, source: Role) -> None:
    assert all(keeps_back(file, source, to) is None for to in Role if to.inside or to is source)


def test_a_passage_parts_with_the_files_that_stay_and_keeps_the_order_of_the_others() -> None:
    other = Attachment("ktp.pdf", "application/pdf", b"%PDF-", "e")
    passage = Passage(
        source=Role.USER, to=Role.LKPP, why="mail", words="Terlampir.", files=[PLAIN, SECRET, other, INTERNAL, FORM]
    )
    passed = pass_(passage)
    assert (passed.to, passed.words, passed.files) == (Role.LKPP, "Terlampir.", (PLAIN, other))
    assert passed.back == ((SECRET, Back.SECRET), (INTERNAL, Back.INTERNAL), (FORM, Back.FORM))


def test_the_ledger_names_for_each_file_only_readers_who_may_see_it() -> None:
    readers = (Role.USER, Role.LKPP, Role.STAFF)
    found = dict(ledger_of([PLAIN, SECRET, INTERNAL], Role.LKPP, readers))
    assert found == {PLAIN: readers, SECRET: (Role.LKPP, Role.STAFF), INTERNAL: (Role.LKPP, Role.STAFF)}
    assert dict(ledger_of([SECRET], Role.STAFF, readers)) == {SECRET: readers}


@pytest.mark.parametrize(
    ("back", "words"), [(Back.INTERNAL, "memuat isi surat internal LPSE"), (Back.SECRET, "tampaknya memuat kata sandi")]
)
def test_staff_are_told_which_file_stays_and_why(back: Back, words: str) -> None:
    assert said_of(SECRET, back) == f'Lampiran "akun.txt" tidak disampaikan: {words}.'
