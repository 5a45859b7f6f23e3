"""What users' replies mean, by 1,850 that were written apart from the rules and 731 more: to an answer, to a request
for data, and on a closed ticket. The second reader reads each set by what other sets teach."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import learning
from mailbot.errors import ConfigError
from mailbot.rules import reply_of_user, second_reader, user_phrases
from mailbot.rules.language import reader
from tests.quick import within

PHRASES = user_phrases.load_user_phrases()
READERS = second_reader.load()
REPLIES = learning.examples()


@pytest.mark.timeout(600)  # it learns eight times
def test_what_users_reply_is_read_right_and_never_the_wrong_way() -> None:
    found = learning.left_out(REPLIES, PHRASES, learning.GROUPS)
    assert len(found) == 2581
    assert [(each.means, was, each.text) for each, was in found if (each.means, was) in learning.WRONG] == []
    assert sum(each.means == was for each, was in found) >= 0.97 * len(found)


def test_the_weights_are_those_of_the_replies_as_they_are_labelled() -> None:
    about = reader.load(second_reader.LEARNT).about
    assert about["corpus"] == learning.corpus_sum(REPLIES), "run python -m bench.learning --write"
    page = learning.PAGE.read_text(encoding="utf-8")
    assert learning.page(page, [(k.replace(",", ":"), v) for k, v in about.items() if k != "corpus"]) == page
    changed = [learning.Example(1, "resolved", "not_done", REPLIES[0].text), *REPLIES[1:]]
    assert learning.corpus_sum(changed) != about["corpus"]


def test_a_changed_file_of_weights_is_refused_by_its_name(tmp_path: Path) -> None:
    written = second_reader.LEARNT.read_text(encoding="utf-8")
    path = tmp_path / "user_replies_learnt.txt"
    path.write_text(written, encoding="utf-8")
    assert reader.load(path).readers == READERS
    for changed in (written.replace("-1", "-2", 1), written[: len(written) // 2], "# empty\n"):
        path.write_text(changed, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"user_replies_learnt\.txt: was changed by hand or cut off"):
            reader.load(path)


def test_a_reply_without_its_label_is_refused_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    path.write_text("- set: 99\n  when: closed\n  means: works\n  text: Sudah bisa.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"new.yaml: entry 1 must have"):
        learning.examples([path])


@pytest.mark.parametrize(
    ("text", "ruled", "meant"),
    [
        ("SELESAI. RUP sudah muncul di halaman PPK kami. Terima kasih.", "works", "done"),  # words that only it knows
        ("Mantap, dokumen penawarannya udah keupload semua barusan, kendala teratasi.", "not_done", "works"),
        ("Siap. Kalau sudah kami coba di kantor, nanti kami kabari.", "not_done", "later"),
    ],
)
def test_the_reader_releases_what_staff_see_or_what_says_selesai(text: str, ruled: str, meant: str) -> None:
    assert reply_of_user.user_reply(text, PHRASES) == ruled
    assert second_reader.to_answer(text, PHRASES, READERS) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Selesai. Sudah bisa unggah dokumen penawaran.", "done"),
        ("slsai pak. mator sakalangkong", "done"),
        ("S E L E S A I", "done"),
        ("Selesai, saya yang salah pak, ternyata pakai akun pokja lama", "works"),  # staff read the reason
        ("so boleh login skarang min, makase banyak neh", "works"),
        ("Terima kasih banyak, semoga Bapak/Ibu sehat selalu dan dilancarkan urusannya", "later"),
        ("selesai pak, cuma paket satunya belum muncul", "not_done"),
        ("can tiasa wae kang", "not_done"),  # Sundanese: not yet
        ("sudah masuk pak, lalu setelah itu klik yang mana", "not_done"),
        ("Login works, upload doesn't.", "not_done"),
    ],
)
def test_selesai_in_any_spelling_closes_and_regional_words_are_read(text: str, meant: str) -> None:
    assert second_reader.to_answer(text, PHRASES, READERS) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Hatur nuhun. kecepatan 4, kesopanan 4. Punten bilih tiasa, akun CV pun lanceuk oge dibukakeun blokirna",
        "Thanks. We also need help with our e-catalogue account.",
        "can beres kang",
    ],
)
def test_a_polite_request_in_any_words_reopens(text: str) -> None:
    assert second_reader.to_closing(text, PHRASES, READERS) == "other"


@pytest.mark.parametrize("problem", ["Tombol kirimnya hilang.", "Bagaimana cara ganti email?", "tapi menunya kosong"])
@pytest.mark.parametrize(
    "thanks", ["Selesai, terima kasih banyak.", "Sudah bisa login kembali, terima kasih.", "Siap."]
)
def test_no_thanks_outweigh_a_problem_beside_them(thanks: str, problem: str) -> None:
    for text in (f"{thanks} {problem}", f"{problem[0].upper()}{problem[1:]} {thanks}"):
        assert second_reader.to_answer(text, PHRASES, READERS) in ("not_done", "works")
    said = second_reader.to_closing(f"Pelayanannya baik sekali. {problem}", PHRASES, READERS)
    assert said in ("other", "remark")  # staff see both


def test_what_the_reader_doubts_does_not_go_on_to_lkpp() -> None:
    text = "Terima kasih sudah diteruskan ke LKPP, kami tunggu kabar di email ini."
    assert reply_of_user.data_reply("waduh kok diminta lagi, error mulu nih LPSE", False, PHRASES) == "data"
    assert not second_reader.brings_data("waduh kok diminta lagi, error mulu nih LPSE", False, PHRASES, READERS)
    assert not second_reader.brings_data(text, False, PHRASES, READERS)
    assert second_reader.brings_data(text, True, PHRASES, READERS)  # an attachment is data


def test_the_reader_is_quick_and_leaves_long_texts_to_the_rules() -> None:
    texts = [each.text for each in REPLIES]
    with within(2.0):  # under a millisecond each
        for text in texts:
            second_reader.to_answer(text, PHRASES, READERS)
    long = "Sudah bisa login kembali. " * 100
    assert second_reader.to_answer(long, PHRASES, READERS) == reply_of_user.user_reply(long, PHRASES)
