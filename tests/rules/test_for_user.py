"""What of LKPP's words the user may read: the corpus, the shapes that raise a doubt, and what holds for any text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot import yamlfile
from mailbot.errors import ConfigError
from mailbot.rules.lkpp.for_user import DOUBTS, MAX_CHARACTERS, ForUser, for_user
from mailbot.rules.lkpp.for_user_phrases import load_for_user_phrases
from tests import ROOT
from tests.quick import within

PHRASES = load_for_user_phrases()
CORPUS = ROOT / "tests" / "corpus" / "lkpp"
TUNING: dict[str, list[dict[str, Any]]] = yamlfile.read(CORPUS / "for_user.yaml").data
HELD_OUT: dict[str, list[dict[str, Any]]] = yamlfile.read(CORPUS / "held_out" / "for_user.yaml").data


def told(entry: dict[str, Any]) -> ForUser:
    return for_user(entry["text"], PHRASES, lkpp_number=entry.get("number"), user_names=tuple(entry.get("names", ())))


def passes(words: str, *names: str, number: str | None = None) -> ForUser:
    return for_user(words, PHRASES, lkpp_number=number, user_names=names)


def leaks(entry: dict[str, Any]) -> bool:
    found = told(entry)
    return found.doubt is None and str(entry["canary"]).lower() in found.text.lower()


# --- the corpus -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", TUNING["hidden"], ids=lambda entry: f"{entry['kind']}: {entry['canary']}")
def test_words_that_are_not_for_the_user_do_not_go_by_themselves(entry: dict[str, Any]) -> None:
    assert not leaks(entry)


@pytest.mark.parametrize("entry", TUNING["ordinary"], ids=lambda entry: entry["expected"][:40])
def test_of_an_ordinary_reply_the_user_gets_exactly_his_words(entry: dict[str, Any]) -> None:
    found = told(entry)
    assert (found.doubt, found.text) == (None, entry["expected"])


def test_the_held_out_replies_leak_nothing_and_few_are_asked_about() -> None:
    # Only numbers: a reply shown here would be tuned on.
    assert sum(map(leaks, HELD_OUT["hidden"])) <= LEAKS
    assert sum(told(entry).doubt is not None for entry in HELD_OUT["ordinary"]) <= ASKED
    exact = sum(told(entry).text == entry["expected"] for entry in HELD_OUT["ordinary"])
    assert exact >= EXACT


#: Of 30 and 30: hidden words that went, ordinary replies that were asked about, those with exactly the words wanted.
LEAKS, ASKED, EXACT = 0, 0, 30


@pytest.mark.parametrize("entry", TUNING["ordinary"], ids=lambda entry: entry["expected"][:40])
def test_line_breaks_of_the_network_change_nothing(entry: dict[str, Any]) -> None:
    assert told(entry | {"text": entry["text"].replace("\n", "\r\n")}).text == entry["expected"]


# --- each clause ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("Sudah normal. Jangan disampaikan ke penyedia.", "forbidden"),
        ("Sudah normal. JANGAN DI SAMPAIKAN ke penyedia.", "forbidden"),
        ("Sudah normal. jgn d​isampaikan ke penyedia.", "forbidden"),
        ("Sudah normal. Jangan disampikan ke penyedia.", "forbidden"),
        ("Sudah normal. Catatan untuk admin: server lambat.", "staff_only"),
        ("Sudah normal. Kalau ditanya penyedia, bilang saja sedang pemeliharaan.", "to_say"),
        ("Sudah normal. Penyedia ini terindikasi curang.", "delicate"),
        ("Sudah normal.\nPassword: Rahasia77", "secret"),
        ("Sudah normal. Masuk lewat https://spse.example/masuk?token=abcd1234", "secret_link"),
        ("NPWP 01.234.567.8-513.000 sudah kami perbaiki.", "other_identity"),
        ("E-mail joko@usaha.example sudah kami hapus.", "other_address"),
        ("Akun CV Lain sudah aktif.", "other_firm"),
        ("Tiket 123456 selesai, tiket 123457 belum.", "other_ticket"),
        ("Sudah normal. Mohon admin LPSE memeriksa menu pegawai.", "to_admin"),
        ("Sudah normal. WA saya 0812-3333-4444.", "telephone"),
        ("From: a\nSubject: b\nSudah normal.", "quoted"),
        ("Yth. Admin LPSE,\n\nTerima kasih.", "nothing"),
        ("", "nothing"),
    ],
)
def test_a_doubt_names_its_reason(words: str, doubt: str) -> None:
    assert passes(words, "CV Abadi").doubt == doubt


def test_every_reason_is_said_in_indonesian() -> None:
    assert all(DOUBTS[key].strip() for key in DOUBTS)


def test_a_doubt_shows_the_words_that_it_rests_on_but_no_secret() -> None:
    assert passes("Sudah normal. Jangan disampaikan ke penyedia.").because == "Jangan disampaikan ke penyedia."
    assert "Rahasia77" not in passes("Sudah normal.\nPassword: Rahasia77").because


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Akun CV. ABADI JAYA sudah aktif.", ("CV Abadi Jaya",)),
        ("Akun CV Abadi sudah aktif.", ("CV Abadi Jaya",)),
        ("Akun abadi@usaha.example sudah aktif.", ("Abadi@Usaha.example",)),
        ("NPWP 012345678513000 sudah aktif.", ("01.234.567.8-513.000",)),
        ("Kirim ke helpdesk@lkpp.go.id ya.", ()),
    ],
)
def test_what_is_the_users_own_is_said_to_him(words: str, names: tuple[str, ...]) -> None:
    found = passes(words, *names)
    assert (found.doubt, found.text) == (None, words)


def test_a_firm_that_only_begins_like_the_users_is_another_one() -> None:
    assert passes("Akun CV Abadi Sentosa sudah aktif.", "CV Abadi Jaya").doubt == "other_firm"
    assert passes("Akun CV Abadi Jaya Sentosa sudah aktif.", "CV Abadi Jaya").doubt == "other_firm"


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("Tiket LPSE-BTG-2026-000012 sudah selesai.", None),
        ("Sudah selesai, sama seperti tiket LPSE-BTG-2026-000077.", "other_ticket"),
        ("Sudah selesai, sama seperti tiket LPSE-SMG-2026-000012.", "other_ticket"),
        ("LPSE-BTG-2026-000012 selesai, LPSE-BTG-2026-000077 belum.", "other_ticket"),
    ],
)
def test_a_number_like_ours_is_another_tickets_unless_it_is_his(words: str, doubt: str | None) -> None:
    assert passes(words, "CV Abadi", "LPSE-BTG-2026-000012").doubt == doubt


def test_what_is_left_out_is_named_by_its_kind() -> None:
    found = passes(
        "Yth. Admin LPSE,\n\nNomor tiket: 123456\n\nAkun sudah aktif. Mohon disampaikan kepada pengguna.\n\n"
        "Mohon admin LPSE memperbarui aplikasi.\n\nTerima kasih.\n\nHormat kami,\nHelpdesk LKPP",
        number="123456",
    )
    assert (found.doubt, found.text) == (None, "Akun sudah aktif.")
    kinds = {left.kind for left in found.left_out}
    assert kinds == {"salutation", "lkpp_number", "pass_on", "to_admin", "thanks", "signature"}


def test_an_instruction_to_the_admin_that_goes_on_in_the_next_paragraph_is_asked_about() -> None:
    assert passes("Sudah baik.\n\nMohon admin LPSE memasang patch.\n\nSetelah itu mulai ulang.").doubt == "to_admin"


def test_the_heading_above_an_instruction_does_not_stay_alone() -> None:
    assert passes("Sudah baik. Silakan:\n\n1. restart service tomcat pada server").doubt == "to_admin"


@pytest.mark.parametrize("number", ["123456", "#123456", "TTS-123456", "2026-123456"])
def test_lkpps_number_never_stays(number: str) -> None:
    for words in (
        f"Tiket {number} sudah selesai.",
        f"Laporan (tiket {number}) sudah selesai.",
        f"Nomor tiket: {number}\nSelesai.",
    ):
        found = passes(words, number=number)
        assert found.doubt is not None or "123456" not in found.text


# --- a site's own file ------------------------------------------------------------------------------------------------


def test_a_sites_file_adds_phrases_and_takes_none_away(tmp_path: Path) -> None:
    file = tmp_path / "lkpp_for_user.yaml"
    file.write_text('forbidden:\n  - "ojo (nganti)? diomongke"\n', encoding="utf-8")
    phrases = load_for_user_phrases(file)
    assert for_user("Sudah normal, ojo diomongke.", phrases).doubt == "forbidden"
    assert for_user("Sudah normal. Jangan disampaikan ke penyedia.", phrases).doubt == "forbidden"


def test_a_site_cannot_excuse_what_is_forbidden(tmp_path: Path) -> None:
    file = tmp_path / "lkpp_for_user.yaml"
    file.write_text('advice:\n  - "jangan disampaikan"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="advice"):
        load_for_user_phrases(file)


def test_a_fault_in_a_sites_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "lkpp_for_user.yaml"
    file.write_text('\nforbiden:\n  - "x"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_for_user_phrases(file)
    assert f"{file}:2" in caught.value.faults[0]


# --- what holds for any text ------------------------------------------------------------------------------------------

PARTS = [entry["text"] for kind in ("hidden", "ordinary") for entry in TUNING[kind]]
_LINES = sorted({line for text in PARTS for line in text.split("\n")})
MIXED = st.lists(st.sampled_from(_LINES), max_size=12).map("\n".join)


def letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def is_within(part: str, whole: str) -> bool:
    """Whether the letters stand in the whole in this order."""
    rest = iter(whole)
    return all(letter in rest for letter in part)


@given(st.one_of(MIXED, st.text(max_size=400)))
def test_any_text_has_an_answer_that_adds_nothing_to_lkpps_words(words: str) -> None:
    found = for_user(words, PHRASES, user_names=("CV Abadi",))
    assert is_within(letters(found.text), letters(words))
    assert found.doubt is None or found.doubt in DOUBTS
    assert found.doubt is not None or found.text.strip()


@given(MIXED)
@example("Mohon informasikan kepada penyedia bahwa:\nakun PPK.")  # what follows a frame begins a sentence
def test_lines_stay_in_their_order_and_as_they_were_but_for_the_frames(words: str) -> None:
    found = for_user(words, PHRASES)
    whole = words.split("\n")
    known = {line[:1].upper() + line[1:] for line in whole}
    cut = [line for line in found.text.split("\n") if line and line[:1].upper() + line[1:] not in known]
    frames = [left for left in found.left_out if left.words not in whole]
    assert len(cut) <= len(frames)


@given(MIXED)
def test_what_went_once_goes_unchanged_a_second_time(words: str) -> None:
    first = for_user(words, PHRASES)
    if first.doubt is None:
        assert for_user(first.text, PHRASES) == ForUser(first.text, (), None)


@pytest.mark.parametrize(
    "piece",
    [
        "Mohon disampaikan kepada pengguna bahwa akun aktif. ",
        "Yth. ",
        "Pak, ",
        "tiket 123456 ",
        "password ",
        "mohon admin ",
        "jangan ",
        "0812-",
        "CV Aa ",
        "(",
        "> \n",
        "Terima kasih\n",
        "a\n\n",
        "1. ",
        "https://a.example/?",
        "Helpdesk LKPP\n",
        "a",
        "1",
        "Dari:\n",
        "x@",
        ".",
        "laporan ",
    ],
)
def test_a_long_text_is_read_in_linear_time(piece: str) -> None:
    text = (piece * (MAX_CHARACTERS // len(piece) + 1))[:MAX_CHARACTERS]
    with within(8):
        for_user(text, PHRASES, lkpp_number="123456", user_names=("CV Aa",))


def test_a_text_that_is_no_reply_any_more_is_for_people() -> None:
    with within(0.5):
        assert passes("Akun sudah aktif. " * 4000).doubt == "too_long"
