"""Base subjects, ticket numbers in every spelling, and the tag in front."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mime.headers import has_control
from mailbot.parsers.mime.message import parse
from mailbot.parsers.mime.subject import base_subject, find_numbers, tagged
from tests.quick import within

PREFIXES = ("LPSE", "LPSE-BTG", "DINAS-LPSE-BTG")
NUMBER = "LPSE-BTG-2026-000123"


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Tidak bisa masuk", "Tidak bisa masuk"),
        ("Re: Tidak bisa masuk", "Tidak bisa masuk"),
        ("Bls: Balas: BALASAN: Trs: Terusan: AW: WG: TR: RES: SV: VS: halo", "halo"),
        ("RE : Fwd : halo", "halo"),
        ("Re[2]: RE(3): Re^4: halo", "halo"),
        ("Re：halo", "halo"),
        ("Bales: JWB: Tanggapan: Forward: FW: Teruskan: halo", "halo"),
        ("Réf : RIF: R: I: Odp: PD: Vá: Ynt: İlt: Rv: Enc: Doorst: halo", "halo"),
        ("回复：转发：返信: 転送: 회신: ΑΠ: ΣΧΕΤ: halo", "halo"),
        ("RE*2: Re-3: halo", "halo"),
        ("[milis-lpse] Re: [umum] [pokja] Fwd: halo", "halo"),
        ("Re: [Mendesak] halo", "[Mendesak] halo"),
        ("[EXTERNAL] Re: [Eksternal] halo", "halo"),
        ("Re: [External Email]: halo", "halo"),
        ("halo (fwd)", "halo"),
        ("[Fwd: Re: halo]", "halo"),
        ("Re: [LPSE-BTG-2026-000123] Re: halo", "halo"),
        ("halo [LPSE-BTG-2026-000123]", "halo"),
        ("[Mendesak] halo", "[Mendesak] halo"),
        ("Rekening saya: salah", "Rekening saya: salah"),
        ("Trs ke mana?", "Trs ke mana?"),
        ("Tender 2026: halo", "Tender 2026: halo"),
        ("Re:", ""),
        ("", ""),
        (" Re: \r\n halo\x00 dunia ", "halo dunia"),
    ],
)
def test_the_base_subject_is_what_the_writer_called_the_matter(subject: str, base: str) -> None:
    assert base_subject(subject) == base


def test_with_prefixes_only_our_own_numbers_go_but_in_every_spelling() -> None:
    subject = "Re: lpse btg 2026 000123 lanjutan [LKPP-2026-000001]"
    assert base_subject(subject, ["LPSE-BTG"]) == "lanjutan [LKPP-2026-000001]"


@pytest.mark.parametrize(
    "text",
    [
        "[LPSE-BTG-2026-000123] Tidak bisa masuk",
        "Re: Bls: [EXTERNAL] [LPSE-BTG-2026-000123] Tidak bisa masuk",
        "Tidak bisa masuk [LPSE-BTG-2026-000123]",
        "[lpse-btg-2026-000123]",
        "LPSE-BTG-2026-000123",
        "LPSE BTG 2026 000123",
        "[LPSE-BTG - 2026 - 000123]",
        "LPSE–BTG—2026‑000123",
        "LPSE−BTG‐2026―000123",
        "LPSE_BTG_2026_000123",
        "［ＬＰＳＥ－ＢＴＧ－２０２６－０００１２３］",
        "【LPSE-BTG-2026-000123】",
        "(LPSE-BTG-2026-000123)",
        "LPSE-BTG\u00a02026\u2009000123",
        "LPSE-BTG-2026-\u200b000123",
        "LPSE-BTG-2026-\n 000123",
        "tiket:LPSE-BTG-2026-000123.",
        "“LPSE-BTG-2026-000123”",
    ],
)
def test_a_number_is_found_in_every_spelling_that_people_use(text: str) -> None:
    assert find_numbers(text, PREFIXES) == (NUMBER,)


@pytest.mark.parametrize(
    "text",
    [
        "LPSE-BTG-2026-0001234",
        "LPSE-BTG-2026-00012",
        "LPSE-BTG-2026000123",
        "LPSEBTG-2026-000123",
        "XLPSE-BTG-2026-000123",
        "LPSE-BTG-2026-000123a",
        "LPSE-BTG-1926-000123",
        "LPSE 20261234 paket",
        "LPSE-BTG        2026        000123",
        "éLPSE-BTG-2026-000123",
        "",
    ],
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert find_numbers(text, PREFIXES) == ()


def test_longer_prefixes_win_over_those_inside_them() -> None:
    text = "DINAS-LPSE-BTG-2026-000001, LPSE-BTG-2026-000002 dan LPSE-2026-000003"
    assert find_numbers(text, PREFIXES) == (
        "DINAS-LPSE-BTG-2026-000001",
        "LPSE-BTG-2026-000002",
        "LPSE-2026-000003",
    )


def test_several_numbers_come_in_order_and_each_once() -> None:
    text = "LPSE-BTG-2026-000002 lalu [LPSE-BTG-2026-000001] lalu lpse btg 2026 000002"
    assert find_numbers(text, ["LPSE-BTG"]) == ("LPSE-BTG-2026-000002", "LPSE-BTG-2026-000001")


def test_no_prefixes_find_nothing() -> None:
    assert find_numbers(f"[{NUMBER}]", []) == ()


@pytest.mark.parametrize(
    "header",
    [
        b"=?utf-8?q?Re=3A_=5BLPSE-BTG-2026-00?=\r\n =?utf-8?q?0123=5D_halo?=",
        b"=?utf-8?b?W0xQU0UtQlRHLTIwMjYtMDAwMTIzXQ==?= halo",
        b"Re: [LPSE-BTG-2026-\r\n 000123] halo",
        b"Re: [LPSE-BTG-2026-000123]\r\n\t=?iso-8859-1?q?halo=E9?=",
    ],
)
def test_a_tag_survives_encoded_words_and_folding(header: bytes) -> None:
    message = parse(b"From: a@b.id\r\nSubject: " + header + b"\r\n\r\n")
    assert find_numbers(message.subject, PREFIXES) == (NUMBER,)


@pytest.mark.parametrize(
    ("subject", "kind", "result"),
    [
        ("Tidak bisa masuk", "", f"[{NUMBER}] Tidak bisa masuk"),
        ("Re: Tidak bisa masuk", "Tiket baru", f"[{NUMBER}] Tiket baru: Tidak bisa masuk"),
        (f"Re: [{NUMBER}] Tidak bisa masuk", "", f"[{NUMBER}] Tidak bisa masuk"),
        ("Bls: [LPSE-BTG-2025-000001] halo lpse btg 2026 000123", "", f"[{NUMBER}] halo"),
        ("［ＬＰＳＥ－ＢＴＧ－２０２６－０００００９］ halo", "", f"[{NUMBER}] halo"),
        ("", "", f"[{NUMBER}]"),
        ("Re:", "Tanda terima", f"[{NUMBER}] Tanda terima"),
        ("halo\r\nBcc: x@y.example\x1b[0m", "", f"[{NUMBER}] halo Bcc: x@y.example [0m"),
    ],
)
def test_the_tag_stands_first_and_once(subject: str, kind: str, result: str) -> None:
    assert tagged(NUMBER, subject, kind=kind) == result


def test_a_long_subject_loses_its_end_and_never_its_tag() -> None:
    subject = tagged(NUMBER, "kata " * 100, limit=60)
    assert subject.startswith(f"[{NUMBER}] kata kata")
    assert subject.endswith("…")
    assert len(subject) <= 60
    assert tagged(NUMBER, "kata " * 100, limit=5) == f"[{NUMBER}]"


def test_cutting_makes_no_second_number() -> None:
    text = "x LPSE-BTG-2026-0001234567"
    for limit in range(20, 60):
        assert find_numbers(tagged(NUMBER, text, limit=limit), ["LPSE-BTG"]) == (NUMBER,)


def test_numbers_hidden_in_one_another_do_not_survive() -> None:
    text = f"LPSE-BTG-2026-[LPSE-BTG-2026-[{NUMBER}]000124]000125"
    assert find_numbers(tagged(NUMBER, text), ["LPSE-BTG"]) == (NUMBER,)


WORDS = st.sampled_from(
    [
        "Re: ",
        "LPSE",
        "-",
        "BTG",
        "2026",
        "000123",
        " ",
        "[",
        "]",
        "０００１２３",
        "–",
        "a",
        "[EXTERNAL] ",
        "\u0301",
        "\n",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=40).map("".join)), st.integers(0, 120))
def test_whatever_the_subject_the_result_is_one_line_with_one_tag_within_its_limit(text: str, limit: int) -> None:
    subject = tagged(NUMBER, text, limit=limit, kind="Balasan")
    assert subject.startswith(f"[{NUMBER}]")
    assert find_numbers(subject, ["LPSE-BTG"]) == (NUMBER,)
    assert not has_control(subject)
    assert len(subject) <= max(limit, len(NUMBER) + 2)
    assert tagged(NUMBER, base_subject(subject, ["LPSE-BTG"]), limit=limit)  # and it can be read again


@given(st.text(max_size=60), st.from_regex(r"[A-Z]{2,6}(-[A-Z]{2,5})?", fullmatch=True), st.integers(0, 999999))
def test_every_number_that_we_write_is_found_again(text: str, prefix: str, counter: int) -> None:
    number = f"{prefix}-2026-{counter:06d}"
    assert find_numbers(f"Re: {tagged(number, text)}", [prefix])[0] == number


@pytest.mark.parametrize(
    "unit", ["Re: ", "[EXTERNAL] ", "LPSE-BTG-2026-", "LPSE BTG 2026 000123 ", "[", "(fwd)", "\u0300"]
)
def test_a_subject_of_a_megabyte_takes_seconds_at_most(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    with within(5):
        tagged(NUMBER, text)
        find_numbers(text, PREFIXES)


def test_the_canonical_form_is_the_prefix_as_configured() -> None:
    assert find_numbers("lpse-kota 2026 000009", ["Lpse-Kota"]) == ("Lpse-Kota-2026-000009",)
    assert re.fullmatch(r"Lpse-Kota-\d{4}-\d{6}", find_numbers("LPSE KOTA-2026-000009", ["Lpse-Kota"])[0])
