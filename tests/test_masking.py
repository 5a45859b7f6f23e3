"""Secrets and numbers of persons: masked where they are, and nothing else touched. Simple cases: test_classify.py."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import problems as bench
from mailbot.masking import MASK, mask, mask_identity


def test_no_labelled_secret_gets_through_and_nothing_that_is_needed_is_lost() -> None:
    for score in bench.secrets().values():
        assert score.right == score.of, score.faults
        assert score.of >= 20


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
     "(0285) 391234", "12345678", MASK, "saya", '"', "-", "kode", "0", "8", "62", ".", "Pak Sandi", "1.234"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=25).map("".join) | st.text(max_size=200))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)[0]
    assert mask(once)[0] == once
    hidden = mask_identity(text)
    assert mask_identity(hidden) == hidden


@pytest.mark.parametrize(
    "unit",
    ["password ", "password:", "user / password : a / ", "user a pass ", "081", "0812 ", "+62 8 ", "(0285) ", "1.",
     "0" * 17, "12.345.678.9-", "3325 ", "user id ", "\n> password:\n", "- ", "pw nya saya kami ", "(", "kode otp 1"],
)  # fmt: skip
def test_a_megabyte_is_masked_in_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begin = time.process_time()
    mask(text)
    assert time.process_time() - begin < 1.5
    mask_identity(text[:100_000])
    assert time.process_time() - begin < 2.5
