"""Secrets and numbers of persons: masked where they are, and nothing else touched. Simple cases: test_classify.py."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import problems as bench
from mailbot import yamlfile
from mailbot.masking import MASK, mark_in, mask, mask_identity, of_no_kind, secrets, without_marks
from tests import ROOT
from tests.quick import within


def test_no_labelled_secret_gets_through_and_nothing_that_is_needed_is_lost() -> None:
    for score in bench.secrets().values():
        assert score.right == score.of, score.faults
        assert score.of >= 20


def _corpus(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yamlfile.read(ROOT / "tests/corpus/secrets" / name).data
    return found


SETS = {name: _corpus(f"{name}.yaml") for name in ("tuning", "held_out")}


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        (case["text"], [case["secret"]] if isinstance(case["secret"], str) else case["secret"])
        for found in SETS.values()
        for case in found["secrets"]
    ],
)
def test_no_spelling_of_a_secret_gets_through(text: str, secrets: list[str]) -> None:
    masked, found = mask(text)
    assert found and [secret for secret in secrets if secret in masked] == []
    assert mask(masked) == (masked, False)


@pytest.mark.parametrize("sign", ["=", ":", "-->", "→", "= "])
@pytest.mark.parametrize("words", ["Sandi Apendo", "kata sandi kami", "ditolak, Sandi Apendo", "Password akun"])
def test_a_sign_that_a_program_has_put_on_the_next_line_leads_to_a_value(words: str, sign: str) -> None:
    assert "Kucing7xq" not in mask(f"Masih gagal, {words}\n{sign} Kucing7xq\n\nMohon dibantu.")[0]


@pytest.mark.parametrize("name", SETS)
def test_of_sentences_that_only_speak_of_secrets_hardly_one_is_masked(name: str) -> None:
    harmless = SETS[name]["harmless"]
    masked = [text for text in harmless if mask(text)[1]]
    assert len(masked) <= len(harmless) * 0.05, masked


def test_the_sets_are_as_large_as_a_figure_needs() -> None:
    sizes = {name: (len(found["secrets"]), len(found["harmless"])) for name, found in SETS.items()}
    assert sizes["tuning"] >= (75, 40) and sizes["held_out"] >= (30, 20)


@pytest.mark.parametrize(
    "text",
    [
        "token server 127.0.0.1:12345: refused",
        "token server [::1]:51234 is out of reach",
        "token server localhost:8443",
        "imap token server login.contoh.co.id:443: Connection refused",
    ],
)
def test_where_a_server_listens_is_no_code(text: str) -> None:
    assert mask(text) == (text, False)


@pytest.mark.parametrize(
    "text",
    ["token: {}", "token server kami: {}", "token spse.contoh.go.id: {}", "token server a.contoh.id:443 yaitu {}"],
)
def test_a_code_beside_a_server_s_name_is_masked_all_the_same(text: str) -> None:
    assert "482913" not in mask(text.format("482913"))[0]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password: mawar", "password: [kata sandi disamarkan]"),
        ("PIN 4321", "PIN [PIN disamarkan]"),
        ("kode OTP 123456", "kode OTP [kode disamarkan]"),
        ("token: A7F9-22KD", "token: [kode disamarkan]"),
    ],
)
def test_the_mark_names_the_kind_of_secret(text: str, masked: str) -> None:
    assert mask(text) == (masked, True)
    mark = mark_in(masked)
    assert mark is not None and mark in masked
    assert of_no_kind(masked) == masked.replace(mark, MASK)
    assert without_marks(masked) == masked.replace(mark, " ")


def test_a_text_without_a_mark_has_none() -> None:
    assert mark_in("lupa password, mohon disamarkan") is None


@pytest.mark.parametrize(
    "text",
    [
        "f. User ID (tanpa password) : MAJUJAYA",
        "Authentication-Results: mx.test; dmarc=pass header.from=contoh.test",
        "sandi@contoh.test sudah kami hubungi",
        "OTP gak masuk2 pak",
        "Hormat kami,\nSandi Wijaya\nDirektur",
    ],
)
def test_words_that_are_no_label_hide_nothing(text: str) -> None:
    assert mask(text) == (text, False)


# What names a secret, what stands between, and the secret: each with each.
NAMES = ["password", "Pasword", "pw saya", "pwd", "kata sandi", "Katasandi", "Sandi Apendo", "password akun spse",
         "password email kantor", "passwordku"]  # fmt: skip
BETWEEN = [": ", ":", "=", " --> ", " → ", " | ", "\t", " adalah ", " yaitu ", " sbb: ", " yang biasa dipakai: ", ":\n",
           ":\n\n", ":\r\n- ", "\n> ", ":\n> \n> ", " – ", " (", " 🔑 ", "\n\n"]  # fmt: skip
BEHIND = ["", ".", ", mohon dicek", "\n\nTerima kasih", " ya pak"]


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_is_masked_whatever_stands_between(name: str) -> None:
    texts = [
        (secret, f"{name}{between}{secret}{behind}")
        for between, behind in itertools.product(BETWEEN, BEHIND)
        for secret in ("Rahasia123", "mawar#77", "12ab34")
    ]
    assert [text for secret, text in texts if secret in mask(text)[0]] == []


LABELS = st.sampled_from(
    ["password", "pasword", "PW nya", "pass", "kata sandi", "Sandi akun spse", "psw", "passwd baru"]
)
SECRETS = st.text("abcXYZ@#!", min_size=3, max_size=12).map(lambda s: f"{s}7")
#: What must survive, beside what must not.
NEEDED = st.one_of(
    st.integers(10_000_000, 9_999_999_999).map(str),  # a tender code
    st.integers(19600101_000000_0_000, 20061231_999999_2_999).map(str),  # an NIP
    st.integers(1, 999_999).map(lambda n: f"[LPSE-BTG-2026-{n:06}]"),
    st.dates().map(lambda d: d.strftime("%d-%m-%Y")),
    st.dates().map(lambda d: d.isoformat()),
    st.times().map(lambda t: t.strftime("%H.%M")),
    st.integers(1, 999).map(lambda n: f"Rp {n}.500.000.000,00"),
)


@given(LABELS, st.sampled_from([": ", " = ", ":", " : "]), SECRETS, NEEDED)
def test_a_labelled_password_is_masked_and_what_stands_behind_it_stays(
    label: str, separator: str, secret: str, needed: str
) -> None:
    masked, found = mask(f"{label}{separator}{secret}\nkode {needed}")
    assert found and secret not in masked and needed in masked


@given(st.lists(NEEDED, min_size=1, max_size=6))
def test_codes_tags_dates_and_amounts_survive_the_masking_of_numbers(needed: list[str]) -> None:
    text = "tender " + "\n".join(needed)
    assert mask_identity(text) == text


PERSONS = st.one_of(
    st.from_regex(r"08[0-9]{8,11}", fullmatch=True),
    st.from_regex(r"08[0-9]{2}-[0-9]{4}-[0-9]{3,4}", fullmatch=True),
    st.from_regex(r"\+62 8[0-9]{2} [0-9]{4} [0-9]{4}", fullmatch=True),
    st.from_regex(r"\(0[2-9][0-9]{1,2}\) [0-9]{6,7}", fullmatch=True),
    st.from_regex(r"[0-9]{16}", fullmatch=True),
    st.from_regex(r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9]-[0-9]{3}\.[0-9]{3}", fullmatch=True),
)


@given(PERSONS, NEEDED)
def test_numbers_of_persons_are_masked_and_tender_codes_beside_them_are_not(person: str, needed: str) -> None:
    masked = mask_identity(f"dari {person} perihal tender {needed}")
    assert person not in masked and needed in masked


WORDS = st.sampled_from(
    ["password", "pw", ":", "=", " ", "\n", "user", "/", "&", "dan", "rahasia1", "4321", "otp", "pin", "081234567890",
     "(0285) 391234", "12345678", MASK, "saya", '"', "-", "kode", "0", "8", "62", ".", "Pak Sandi", "1.234",
     "lama: ", "baru: ", "atau", "\t", "|", "  ", "\n\n> ", "adalah", "Rahasia9", "mawar", "88 21", "[PIN disamarkan]",
     "login: ", "<td>", "p a s s w o r d", "reset"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=25).map("".join) | st.text(max_size=200))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)[0]
    assert mask(once)[0] == once
    hidden = mask_identity(text)
    assert mask_identity(hidden) == hidden


@given(st.lists(WORDS, max_size=25).map("".join) | st.text(max_size=200), st.integers(1, 3).map("\n".__mul__))
def test_line_ends_behind_a_text_make_no_secret_of_it(text: str, ends: str) -> None:
    """Of these `mask` asks about the words alone."""
    words = text.rstrip("\n")
    if not secrets._masked(words)[1]:
        assert secrets._masked(words + ends) == (words + ends, False) == mask(words + ends)
    assert mask(text) == secrets._masked(text)


@pytest.mark.parametrize(
    "unit",
    ["password ", "password:", "user / password : a / ", "user a pass ", "081", "0812 ", "+62 8 ", "(0285) ", "1.",
     "0" * 17, "12.345.678.9-", "3325 ", "user id ", "\n> password:\n", "- ", "pw nya saya kami ", "(", "kode otp 1",
     "a\tpassword\nb\tc\n", "password\t", "sandi/", "pw a b c d e f g h i j k l m n\n", "p a s s w ", "login: a / ",
     "<td "],
)  # fmt: skip
def test_a_megabyte_is_masked_in_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    with within(5):
        mask(text)
    with within(1):
        mask_identity(text[:100_000])


def test_a_text_that_was_masked_is_kept_for_the_next_who_asks_and_a_book_is_not() -> None:
    secrets._masked.cache_clear()
    said = "password: Rahasia9"
    for text in (said, said, f"{said}\n" * 5000):
        assert "Rahasia9" not in mask(text)[0]
    kept = secrets._masked.cache_info()
    assert (kept.hits, kept.currsize) == (1, 1) and (kept.maxsize or 0) <= 16
