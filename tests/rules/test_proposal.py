"""What a reply of LKPP seems to mean where the rules do not say: the learnt reader's proposals, and its doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import proposals
from mailbot.errors import ConfigError
from mailbot.rules.language import reader
from mailbot.rules.lkpp import proposal, reasons
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


def test_a_file_of_weights_that_was_changed_is_refused_by_its_name(tmp_path: Path) -> None:
    changed = tmp_path / "lkpp_replies_learnt.txt"
    changed.write_text(proposal.LEARNT.read_text(encoding="utf-8").replace(": selesai\n", ": beres\n", 1))
    with pytest.raises(ConfigError, match=r"lkpp_replies_learnt.txt: was changed"):
        reader.load(changed)


@pytest.mark.parametrize(
    "entry", ["- {text: Sudah selesai.}", "- {text: Sudah selesai., label: beres}", "- {label: solved}"]
)
def test_a_set_that_lost_a_label_is_refused_by_its_name_and_entry(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "tuning" / "sentences_x.yaml"
    file.parent.mkdir()
    file.write_text(f"- {{text: Ya., label: unclear}}\n{entry}\n")
    with pytest.raises(ValueError, match=r"sentences_x.yaml: entry 2 "):
        proposals.replies(tmp_path)


def test_every_reason_for_which_staff_are_asked_is_told_in_words() -> None:
    rules = {classify(each.text, PHRASES).rule for each in proposals.replies()}
    asked = {rule for rule in rules if rule.startswith("unclear.")} | {"unclear.second_reader", "unclear.too_long"}
    assert len(asked) > 20
    assert [rule for rule in sorted(asked) if not reasons.why("unclear", rule)] == []
    assert reasons.why("solved", "solved.01") == ""
