"""Bytes → text: every charset that mail is written in, and every way in which its label is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.mime.charsets import declared_in_html, decode_bytes, known_charset
from mailbot.parsers.mime.message import parse
from tests.quick import within

HEAD = b"From: a@contoh.example\r\nTo: lpse@batangkab.go.id\r\nSubject: x\r\n"


def text_of(label: str, data: bytes, kind: str = "text/plain") -> str:
    charset = f"; charset={label}" if label else ""
    return parse(HEAD + f"Content-Type: {kind}{charset}\r\n\r\n".encode() + data).text


# label as mail carries it, codec that wrote the bytes, words
WRITTEN = [
    ("utf-8", "utf-8", "pengadaan – “e-Katalog” 中文 ✓"),
    ("UTF8", "utf-8", "kafé"),
    ('"utf-8"', "utf-8", "kafé"),
    ("utf-8 (Unicode)", "utf-8", "kafé"),
    ("unicode-1-1-utf-8", "utf-8", "kafé"),
    ("utf8mb4", "utf-8", "kafé"),
    ("us-ascii", "utf-8", "kafé"),
    ("ansi_x3.4-1968", "utf-8", "kafé"),
    ("windows-1252", "cp1252", "Rp 5 – “harga”"),
    ("iso-8859-1", "cp1252", "Rp 5 – “harga”"),
    ("ISO8859-1", "latin-1", "kafé"),
    ("latin1", "latin-1", "kafé"),
    ("cp-1252", "cp1252", "‘kafé’"),
    ("x-cp1250", "cp1250", "žluťoučký"),
    ("win-1251", "cp1251", "закупка"),
    ("windows1251", "cp1251", "закупка"),
    ("windows-1253", "cp1253", "ελληνικά"),
    ("windows-1254", "cp1254", "İstanbul"),
    ("windows-1255", "cp1255", "שלום"),
    ("windows-1256", "cp1256", "مرحبا"),
    ("windows-1257", "cp1257", "ąžuolas"),
    ("windows-1258", "cp1258", "đông"),
    ("iso-8859-2", "iso-8859-2", "žluťoučký"),
    ("iso_8859-5", "iso-8859-5", "закупка"),
    ("iso-8859-7", "iso-8859-7", "ελληνικά"),
    ("iso-8859-8-i", "iso-8859-8", "שלום"),
    ("iso-8859-9", "cp1254", "İstanbul"),
    ("iso-8859-15", "iso-8859-15", "5 €"),
    ("koi8-r", "koi8-r", "закупка"),
    ("koi8-u", "koi8-u", "їжак"),
    ("gb2312", "gb18030", "采购€"),
    ("x-gbk", "gbk", "采购"),
    ("GB18030", "gb18030", "采购𠀀"),
    ("cp936", "gbk", "采购"),
    ("big5", "cp950", "採購"),
    ("big5", "big5hkscs", "喺度採購"),
    ("iso-2022-jp", "iso2022_jp", "調達のお知らせ"),
    ("iso-2022-jp", "iso2022_jp_ext", "ｱｲｳ"),
    ("shift_jis", "cp932", "調達①"),
    ("x-sjis", "cp932", "調達"),
    ("windows-31j", "cp932", "髙橋"),
    ("euc-jp", "euc_jp", "調達"),
    ("euc-kr", "cp949", "조달"),
    ("ks_c_5601-1987", "cp949", "똠방각하"),
    ("iso-2022-kr", "iso2022_kr", "조달"),
    ("tis-620", "cp874", "จัดซื้อ"),
    ("windows-874", "cp874", "จัดซื้อ"),
    ("iso-8859-11", "cp874", "จัดซื้อ"),
    ("macintosh", "mac-roman", "kafé"),
    ("x-mac-roman", "mac-roman", "“kafé”"),
    ("x-mac-cyrillic", "mac-cyrillic", "закупка"),
    ("x-mac-ce", "mac-latin2", "žluť"),
    ("x-mac-japanese", "shift_jis", "調達"),
    ("utf-16", "utf-16", "kafé"),
    ("utf-16", "utf-16-be", "surat lama"),
    ("utf-16", "utf-16-le", "surat lama"),
    ("utf-16be", "utf-16-be", "kafé"),
    ("utf-32", "utf-32", "kafé"),
    ("utf-32le", "utf-32-le", "kafé"),
]


@pytest.mark.parametrize(("label", "codec", "words"), WRITTEN)
def test_text_is_read_in_the_charset_that_its_label_means(label: str, codec: str, words: str) -> None:
    assert text_of(label, words.encode(codec)) == words


@pytest.mark.parametrize("label", ["", "x-unknown", "unknown-8bit", "default", "none", "8bit", "x-user-defined", "%s"])
@pytest.mark.parametrize("codec", ["utf-8", "cp1252"])
def test_without_a_label_of_use_text_is_utf_8_or_else_windows_1252(label: str, codec: str) -> None:
    assert text_of(label, "harga “kafé” – 中".encode(codec, "ignore")).rstrip("中") == "harga “kafé” – "


@pytest.mark.parametrize(
    ("label", "data", "words"),
    [
        ("utf-8", "harga “kafé”".encode("cp1252"), "harga “kafé”"),
        ("iso-8859-1", "harga “kafé”".encode(), "harga “kafé”"),
        ("windows-1252", "Selamat pagi 😀".encode(), "Selamat pagi 😀"),
        ("gb2312", "kafé – 中文".encode(), "kafé – 中文"),
        ("utf-8", "satu – dua ".encode() + "“tiga”".encode("cp1252"), "satu – dua “tiga”"),
        ("utf-8", "pengadaan – “".encode()[:-1], "pengadaan – �"),
        ("utf-16", b"bukan utf-16 sama sekali", "bukan utf-16 sama sekali"),
        ("utf-8", b"\xc0\xbcscript\xc0\xbe", "À¼scriptÀ¾"),
        ("", "調達のお知らせ".encode("iso2022_jp"), "調達のお知らせ"),
        ("us-ascii", "調達のお知らせ".encode("iso2022_jp"), "調達のお知らせ"),
        # characters of the makers, in rows that JIS X 0208 leaves empty: ① (NEC), 髙 (IBM)
        ("iso-2022-jp", b"\x1b$BD4C#-!\x1b(B abc \x1b$B$*\x1b(J\\", "調達① abc お\\"),
        ("iso-2022-jp", b"\x1b$B|b;3\x1b(B", "髙山"),
        ("iso-2022-jp", b"ok \x1b$BD4C#-!\x1b(B\r\n\x1b(I12\x1b(B \x1b$B!", "ok 調達①\nｱｲ \ufffd"),
        ("utf-8", "\ufeffhalo".encode(), "halo"),
    ],
)
def test_a_wrong_label_costs_no_letter_that_can_be_known(label: str, data: bytes, words: str) -> None:
    assert text_of(label, data) == words


def test_a_byte_order_mark_is_a_label() -> None:
    assert decode_bytes("kafé".encode("utf-16"), None) == "kafé"
    assert decode_bytes(b"\xff\xfea", None) == "ÿþa"


@pytest.mark.parametrize("label", ["utf-7", "unicode-1-1-utf-7", "x-utf-7", "hz-gb-2312", "punycode", "base64", "zip"])
def test_charsets_that_hide_words_are_not_decoded(label: str) -> None:
    assert known_charset(label) is None
    assert text_of(label, b"+ACM-tutup ~{ halo") == "+ACM-tutup ~{ halo"


def test_utf_7_is_ambiguous_where_it_hides_something_only() -> None:
    head = HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n"
    assert any("UTF-7" in reason for reason in parse(head + b"+ACM-tutup").ambiguous)
    assert parse(head + b"Delivery failed, 1 + 1 = 2").ambiguous == ()


@pytest.mark.parametrize(
    "page",
    [
        '<html><head><meta charset="windows-1251"></head><body>закупка</body>',
        "<META http-equiv=Content-Type content='text/html; charset=windows-1251'>закупка",
        '<?xml version="1.0" encoding="windows-1251"?><p>закупка</p>',
    ],
)
@pytest.mark.parametrize("label", ["", "x-unknown"])
def test_html_without_a_label_is_read_as_it_says_itself(page: str, label: str) -> None:
    assert text_of(label, page.encode("cp1251"), "text/html") == "закупка"


def test_the_label_of_the_part_is_believed_over_that_of_the_page() -> None:
    assert text_of("koi8-r", '<meta charset="windows-1251">закупка'.encode("koi8-r"), "text/html") == "закупка"


def test_a_page_that_can_be_searched_for_its_charset_is_not_utf_16() -> None:
    assert declared_in_html(b'<meta charset="utf-16">') == "utf-8"
    assert declared_in_html(b'<meta charset="rot13">') is None


@pytest.mark.parametrize(
    "data",
    [b"\xff" * 10**6, b"\xffa" * 500_000, b"\xe2\x80" * 500_000, b"<meta charset " * 70_000, b"\x1b$B" * 300_000],
)
@pytest.mark.parametrize("label", ["utf-8", "", "big5", "iso-2022-jp", "utf-16"])
def test_a_megabyte_of_rubbish_takes_less_than_a_second(data: bytes, label: str) -> None:
    with within(1):
        declared_in_html(data)
        decode_bytes(data, label)


# Codecs that are read as they are; the others are read as their supersets, as the tables above say.
EXACT = ["utf-8", "cp1251", "koi8-r", "iso-8859-2", "cp874", "cp932", "cp949", "gb18030", "mac-cyrillic", "utf-16-be"]


@given(st.text(alphabet=st.characters(exclude_characters="\x1b\0"), max_size=60), st.sampled_from(EXACT))
def test_what_a_codec_can_write_is_read_again(words: str, codec: str) -> None:
    written = words.encode(codec, "ignore")
    if codec == "utf-16-be" and written.isascii():
        return  # taken for a wrong label
    assert decode_bytes(written, codec) == written.decode(codec)


@given(st.binary(max_size=80), st.text(max_size=30))
def test_any_bytes_under_any_label_are_text(data: bytes, label: str) -> None:
    decode_bytes(data, label).encode("utf-8", "strict")
