"""`#cari`: what is found by what, that no secret is, and that nothing that anybody types can harm the search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Role
from mailbot.rules.language import searchwords
from mailbot.store.database import Store
from mailbot.tickets import search
from tests import older
from tests.steps import minutes_later, opened, staff_writes
from tests.world import PaperWorld

FIRST, SECOND = "LPSE-BTG-2026-000001", "LPSE-BTG-2026-000002"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaperWorld]:
    """Two tickets: one of CV Contoh Jaya with all that can be known, and one of somebody else."""
    world = PaperWorld(tmp_path_factory.mktemp("office"))
    words = (
        "Yth. Admin, kami tidak bisa mengunggah dokumen penawaran.\nPassword: Rahasia99\nKode tender: 87654321\n"
        "Nama: Budi Santoso\nInstansi: CV Contoh Jaya\nHP: 0812-3456-7890\n"
    )
    opened(world, words, subject="Gagal unggah")
    staff_writes(world, "#lpse-support TTS-5512")
    staff_writes(world, "#catat Pengguna menelepon dari Pekalongan.")
    staff_writes(world, "#jawab Silakan dicoba. Password sementara: Sementara77")
    minutes_later(world, 5)
    world.write("orang luar", "Mohon jadwal bimbingan teknis. Terima kasih.", subject="Bimbingan")
    world.once()
    with world.store.immediate():
        world.store.execute("UPDATE tickets SET lkpp_number = 'HD-778812' WHERE id = 1")
        search.put_ticket(world.store, 1)
    yield world
    world.store.close()


def found(office: PaperWorld, question: str, reader: Role = Role.STAFF) -> list[str]:
    hits = search.find(office.store, office.site, question, reader)
    return [str(office.rows("SELECT number FROM tickets WHERE id = ?", each)[0]["number"]) for each in hits.tickets]


@pytest.mark.parametrize(
    "question",
    [
        *("gagal unggah", "Budi", "budi@penyedia.test", "penyedia.test", "CV Contoh Jaya", "contoh", "santoso"),
        *("0812-3456-7890", "081234567890", "0812 3456 7890", "87654321", "8765", "TTS-5512", "tts 5512", "HD-778812"),
        *(
            FIRST,
            "lpse btg 2026 000001",
            f"[{FIRST}]",
            "0001/FK/LPSE-BTG/XII/2026",
            "000001",
            "Pekalongan",
            "PEKALONGAN",
        ),
        *("unggahan", "diunggah", "mengunggahnya", "penawaran", "menawar", "dokumennya", "menelepon"),
        *('"dokumen penawaran"', "mohon unggah", "tidak bisa mengunggah budi", "pengguna, menelepon!"),
    ],
)
def test_a_ticket_is_found_by_all_that_is_known_of_it(office: PaperWorld, question: str) -> None:
    assert found(office, question) == [FIRST]


@pytest.mark.parametrize(
    "question", ["Rahasia99", "rahasia", "Sementara77", "password Rahasia99", "gajah", "°", '"', "* OR"]
)
def test_what_is_secret_or_nowhere_is_not_found(office: PaperWorld, question: str) -> None:
    hits = search.find(office.store, office.site, question, Role.STAFF)
    assert hits.partly or not hits.tickets
    found = [search.snippet(office.store, each, hits, Role.STAFF).words for each in hits.tickets]
    assert "Rahasia99" not in "".join(found)


def test_words_in_this_order_only_where_they_stand_in_quotes(office: PaperWorld) -> None:
    assert found(office, "penawaran dokumen") == [FIRST]
    assert search.find(office.store, office.site, '"penawaran dokumen"', Role.STAFF).tickets == ()


def test_where_no_ticket_holds_all_words_those_with_the_most_come_first(office: PaperWorld) -> None:
    hits = search.find(office.store, office.site, "bimbingan teknis unggah", Role.STAFF)
    assert hits.partly
    assert hits.tickets == (2, 1)


def test_words_of_every_mail_count_where_there_are_no_others(office: PaperWorld) -> None:
    assert found(office, "terima kasih") == [SECOND]


def test_a_word_in_subject_or_name_comes_before_one_in_the_text(office: PaperWorld) -> None:
    assert found(office, "mohon") == [SECOND]
    assert found(office, FIRST + " " + SECOND) == [FIRST, SECOND]


def test_a_word_of_very_many_is_looked_for_in_the_newest_and_a_rare_one_everywhere(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_NEWEST", 1)
    hits = search.find(office.store, office.site, "terima kasih", Role.STAFF)
    assert (hits.tickets, hits.newest) == ((2,), True)
    monkeypatch.setattr(search, "_NEWEST", 2)
    more = [9001, 9002]
    with office.store.immediate():
        for text in more:
            office.store.execute(
                "INSERT INTO texts (id, ticket_id, at, role, address, kind, audience, body)"
                " VALUES (?, 2, '2026', 'user', '', 'mail', ',staff,', 'unggah')",
                text,
            )
            search.put_text(office.store, text, "unggah")
    try:
        assert search.find(office.store, office.site, "unggah", Role.STAFF).newest
        hits = search.find(office.store, office.site, "pekalongan unggah", Role.STAFF)
        assert (hits.tickets, hits.partly, hits.newest) == ((1,), False, False)
    finally:
        with office.store.immediate():
            for text in more:
                office.store.execute("DELETE FROM search_texts WHERE rowid = ?", text)
                office.store.execute("DELETE FROM texts WHERE id = ?", text)


def test_another_mailbox_is_another_office(office: PaperWorld) -> None:
    with office.store.immediate():
        office.store.execute("UPDATE tickets SET mailbox = 'lain' WHERE id = 2")
        try:
            assert found(office, "bimbingan") == []
        finally:
            office.store.execute("UPDATE tickets SET mailbox = 'batang' WHERE id = 2")
    assert found(office, "bimbingan") == [SECOND]


def test_a_text_is_found_only_by_those_who_may_read_it(office: PaperWorld) -> None:
    assert found(office, "Pekalongan", Role.HEAD) == [FIRST]
    assert found(office, "Pekalongan", Role.USER) == found(office, "Pekalongan", Role.LKPP) == []


def test_a_snippet_shows_the_words_around_with_passwords_masked(office: PaperWorld) -> None:
    hits = search.find(office.store, office.site, "sementara dicoba", Role.STAFF)
    shown = search.snippet(office.store, 1, hits, Role.STAFF).words
    assert shown == "Silakan dicoba. Password sementara: [kata sandi disamarkan]"
    hits = search.find(office.store, office.site, "unggahan", Role.STAFF)
    assert "tidak bisa mengunggah dokumen" in search.snippet(office.store, 1, hits, Role.STAFF).words


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("mengirimkan", "kirim"),
        ("pengiriman", "kirim"),
        ("terkirim", "kirim"),
        ("perbaikan", "perbaik"),
        ("diunggah", "unggah"),
    ],
)
def test_a_form_is_taken_back_to_its_root(word: str, root: str) -> None:
    assert root in searchwords.roots(word)


def test_only_so_many_words_of_a_pasted_text_are_looked_for() -> None:
    assert len(searchwords.read(" ".join(f"kata{number}" for number in range(1000)))) == searchwords.MOST_WORDS


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.text("\"*^:(){}-+ ANDORNEAT'\\\0", max_size=40))
def test_any_question_has_an_answer(office: PaperWorld, question: str) -> None:
    hits = search.find(office.store, office.site, question, Role.STAFF)
    for each in hits.tickets:
        search.snippet(office.store, each, hits, Role.STAFF)


def test_the_migration_fills_the_search_with_what_is_there_already(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = office.config.data.parent / "lama"
    folder.mkdir()
    older.database(office.store, folder, monkeypatch)
    store = Store.open(folder)
    try:
        for question in ("Budi", "HD-778812", "87654321", "Pekalongan", "unggahan"):
            assert search.find(store, office.site, question, Role.STAFF).tickets == (1,), question
        assert search.find(store, office.site, "Rahasia99", Role.STAFF).tickets == ()
        assert not store.rows("SELECT 1 FROM search_texts WHERE body LIKE '%ementara77%'")
    finally:
        store.close()
