"""What a reply of LKPP seems to mean where the rules do not say: the learnt reader's proposals, and its doubt."""

from __future__ import annotations

import pytest

from bench import proposals
from mailbot.rules.language import reader
from mailbot.rules.lkpp import proposal
from mailbot.rules.lkpp.classify import classify, load_phrases

READER = proposal.load()
PHRASES = load_phrases()
TRAPS = [
    "Sudah diperbaiki pada patch terbaru, mohon LPSE memasang patch.",
    "Laporan dinyatakan selesai di tingkat Helpdesk dan dilanjutkan ke Tim Teknis.",
    "Aplikasi kembali normal pukul 10.00, kemudian pukul 11.00 terganggu kembali.",
    "Laporan telah masuk pada sistem kami.",
    "Belum selesai ya bu, masih koordinasi dgn tim SIKaP",
]


@pytest.mark.parametrize("text", TRAPS)
def test_no_trap_is_read_as_solved(text: str) -> None:
    found = classify(text, PHRASES).meaning
    assert found != "solved" or proposal.doubts_solved(text, READER)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Mohon dilampirkan tangkapan layar pesan kesalahan dan user ID penyedia.", "data_request"),
        ("Masih kami koordinasikan dengan tim teknis.", "progress"),
        ("Akun penyedia sudah berhasil kami perbaiki, silakan dicoba kembali.", "solved"),
        ("Silakan buat tiket melalui aplikasi LPSE Support.", "redirect"),
    ],
)
def test_the_likeliest_meaning_is_named_with_words_of_the_reply(text: str, meaning: str) -> None:
    found = proposal.seems(text, READER)
    assert found is not None
    assert found[0] == meaning
    assert found[1]
    assert all(word in text.lower() for word in found[1])


def test_of_an_empty_reply_nothing_is_proposed() -> None:
    assert proposal.seems("", READER) is None


def test_the_weights_are_those_of_the_replies_as_they_are_labelled() -> None:
    about = reader.load(proposal.LEARNT).about
    assert about["corpus"] == proposals.corpus_sum(proposals.replies()), "run python -m bench.proposals --write"
