"""What holds for whatever is read: 300 examples a property, 20,000 behind `make fuzz`."""

from __future__ import annotations

import base64
import itertools
import quopri
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mailbot.masking import mark_in, mask
from mailbot.model import Attachment, NamedAddress
from mailbot.parsers.forms.form import read_form
from mailbot.parsers.mime import html
from mailbot.parsers.mime.headers import clean_text, decode_words, normalise, one_line, parameters
from mailbot.parsers.mime.message import parse
from mailbot.parsers.mime.subject import base_subject, find_numbers, tagged
from mailbot.parsers.reply import quoted
from mailbot.rules import reply_of_user, user_phrases
from mailbot.rules.lkpp import classify
from mailbot.templates.catalogue import MAILS
from mailbot.templates.compose import Head, build
from mailbot.templates.render import Body
from tests.examples import examples
from tests.fuzz import targets
from tests.fuzz.seeds import seeds
from tests.world import PEOPLE, PaperWorld

PHRASES = classify.load_phrases()
USER_PHRASES = user_phrases.load_user_phrases()

# --- strategies ---------------------------------------------------------------------------------


def _like(target: str) -> st.SearchStrategy[bytes]:
    """Bytes of all kinds, and the target's seeds cut to pieces and put together anew."""
    given_seeds = list(seeds(target))
    lines = sorted({line + b"\r\n" for seed in given_seeds for line in seed[:4000].splitlines()})
    pieces = st.one_of(st.sampled_from(lines), st.binary(max_size=12), st.text(max_size=12).map(str.encode))
    return st.one_of(
        st.binary(max_size=600),
        st.lists(pieces, max_size=40).map(b"".join),
        st.tuples(st.sampled_from(given_seeds), st.integers(0, 4000), st.binary(max_size=20)).map(
            lambda cut: cut[0][: cut[1]] + cut[2] + cut[0][cut[1] :][:20_000]
        ),
    )


_VOCABULARY = """
    sudah belum tidak selesai bisa login kami mohon dikirim screenshot kode tender masih dalam proses pak bu ya jika
    kalau akan segera ditangani LPSE kewenangan tim teknis terima kasih dicek error apakah kenapa silakan dicoba kembali
    permasalahan telah diperbaiki , . ? !
"""
WORDS = st.lists(st.sampled_from(_VOCABULARY.split()), max_size=25).map(" ".join)
#: Any characters that a mail's text can hold once it is cleaned.
LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60)
TEXT = st.lists(LINE, max_size=12).map("\n".join)


# --- strangers' bytes -----------------------------------------------------------------------------


@given(_like("message"))
@examples()
def test_any_bytes_are_a_message_within_the_limits_or_a_reason(data: bytes) -> None:
    targets.message(data)


@given(_like("from"))
@examples()
def test_nobody_becomes_a_listed_person_by_a_from_that_readers_take_differently(data: bytes) -> None:
    targets.from_header(data)


@given(_like("results"))
@examples()
def test_nothing_smuggled_into_the_results_makes_them_pass(data: bytes) -> None:
    targets.authentication_results(data)


@given(_like("subject"))
@examples()
def test_whatever_the_subject_the_tag_is_one_and_whole(data: bytes) -> None:
    targets.subject_and_ids(data)


@given(_like("commands"))
@examples()
def test_a_text_gives_known_commands_or_a_fault(data: bytes) -> None:
    targets.command_language(data)


@given(_like("reply"))
@examples()
def test_no_word_is_lost_between_new_text_quotation_and_signature(data: bytes) -> None:
    targets.reply(data)


@given(_like("imap"))
@examples()
def test_whatever_the_server_answers_reading_ends_in_mails_or_a_failure_of_ours(data: bytes) -> None:
    targets.server_answers(data)


# --- what is written is read back -----------------------------------------------------------------


@given(
    title=LINE,
    name=LINE,
    text=TEXT,
    files=st.lists(st.tuples(LINE, st.binary(max_size=200)), max_size=3),
    kind=st.sampled_from(sorted(MAILS)),
)
@examples()
def test_a_mail_of_ours_is_read_as_it_was_written(
    title: str, name: str, text: str, files: list[tuple[str, bytes]], kind: str
) -> None:
    subject = tagged("LPSE-BTG-2026-000123", title, 150)
    head = Head(
        sender=NamedAddress("LPSE Kabupaten Batang", "lpse@batangkab.test"),
        recipient=NamedAddress(name, "budi@penyedia.test"),
        subject=subject,
        message_id="<0123456789abcdef0123456789abcdef@batangkab.test>",
        date=datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
        ticket_number="LPSE-BTG-2026-000123",
    )
    attached = [Attachment(one, "application/octet-stream", data, "") for one, data in files]
    raw = build(MAILS[kind], head, Body(text=text, html="<p>halo</p>"), attached)
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in lines)
    assert raw.isascii()
    found = parse(raw)
    assert not found.ambiguous
    assert [box.address for box in found.to] == ["budi@penyedia.test"]
    assert find_numbers(found.subject, ["LPSE-BTG"]) == ("LPSE-BTG-2026-000123",)
    assert found.message_id == "<0123456789abcdef0123456789abcdef@batangkab.test>"
    assert sorted(file.data for file in found.attachments) == sorted(data for _, data in files)
    assert [n.lower() for n, _ in found.headers].count("subject") == 1
    assert not {"bcc", "cc", "sender"} & {n.lower() for n, _ in found.headers}


_CHARSETS = """
    utf-8 iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-9 iso-8859-15 windows-1250 windows-1251 windows-1252
    windows-1254 windows-874 koi8-r koi8-u gb2312 gbk gb18030 big5 iso-2022-jp shift_jis euc-jp euc-kr utf-16 utf-32
"""


@given(
    text=TEXT,
    charset=st.sampled_from(_CHARSETS.split()),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
)
@example(text="궞", charset="euc-kr", encoding="base64")
@example(text="¢", charset="big5", encoding="base64")  # "￠" by the table of Windows and of the web
@examples()
def test_a_text_that_says_its_charset_is_read_in_it(text: str, charset: str, encoding: str) -> None:
    text = "Selamat pagi. " + text
    # Who says EUC-KR means Windows' superset of it, and never spells a syllable that EUC-KR lacks in four characters.
    codec = {"windows-874": "cp874", "euc-kr": "cp949"}.get(charset, charset)
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        assume(False)
        return
    assume(encoding == "base64" or charset not in ("utf-16", "utf-32"))  # its bytes are no lines
    if charset != "utf-8" and not data.isascii():
        with suppress(UnicodeDecodeError):  # UTF-8 under another label is read as UTF-8
            data.decode("utf-8")
            assume(False)
    if charset == "iso-8859-1":
        assume(not any("\x80" <= char <= "\x9f" for char in text))
    body = data
    if encoding != "8bit":
        body = base64.encodebytes(data) if encoding == "base64" else quopri.encodestring(data)
    raw = (
        b"From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset="
        + charset.encode()
        + b"\r\nContent-Transfer-Encoding: "
        + encoding.encode()
        + b"\r\n\r\n"
        + body
    )
    found, written = (unicodedata.normalize("NFKC", one) for one in (parse(raw).text, data.decode(codec)))
    assert _same(found, written)


def _same(found: str, written: str) -> bool:
    """Blanks, hidden characters and forms of one letter aside."""
    return one_line(found).split() == one_line(clean_text(written)).split()


@given(text=LINE, cuts=st.lists(st.integers(0, 80), max_size=6), how=st.sampled_from("bq"))
@examples()
def test_encoded_words_cut_anywhere_are_read_whole(text: str, cuts: list[int], how: str) -> None:
    data = text.encode()
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    words = []
    for start, end in itertools.pairwise(edges):
        piece = data[start:end]
        payload = base64.b64encode(piece).decode() if how == "b" else "".join(f"={byte:02X}" for byte in piece)
        words.append(f"=?UTF-8?{how}?{payload}?=")
    assert decode_words("\r\n ".join(words).replace("\r\n", "")) == text


@given(name=LINE, cuts=st.lists(st.integers(0, 80), max_size=4))
@examples()
def test_a_file_name_in_pieces_is_read_whole(name: str, cuts: list[int]) -> None:
    assume(name)
    edges = sorted({0, len(name), *(min(cut, len(name)) for cut in cuts)})
    pieces = [quote(name[start:end], safe="") for start, end in itertools.pairwise(edges)]
    written = "; ".join(
        f"filename*{n}*={'' if n else chr(39).join(('utf-8', '', ''))}{p}" for n, p in enumerate(pieces)
    )
    assert parameters(f"attachment; {written}").get("filename") == name


# --- words ------------------------------------------------------------------------------------------


@given(LINE)
@examples()
def test_a_base_subject_is_its_own_base(text: str) -> None:
    base = base_subject(f"Re: Bls: {text}", ["LPSE-BTG"])
    assert base_subject(base, ["LPSE-BTG"]) == base
    assert base_subject(f"[LPSE-BTG-2026-000001] Fwd: {base}", ["LPSE-BTG"]) == base


_TAGS = ("<p>", "</p>", "<blockquote>", "<td>", "<div>", "&lt;")


@given(st.lists(st.one_of(st.sampled_from(_TAGS), LINE)))
@examples()
def test_what_a_page_hides_is_not_read(pieces: list[str]) -> None:
    source = "".join(piece if piece in _TAGS else piece.replace("<", "") for piece in pieces)
    found = html.to_text(f"{source}<script>KENARI</script><p style='display:none'>KENARI</p>")
    assert "KENARI" not in found


@given(new=TEXT, old=TEXT)
@examples()
def test_what_stands_below_our_marker_is_never_new(new: str, old: str) -> None:
    assume("balasan" not in new and "Mohon" not in new)
    found = quoted.new_text(f"{new}\n\n{quoted.MARKER}\nKENARI{old}")
    assert "KENARI" not in found.text


@given(WORDS)
@examples()
def test_a_reply_that_says_it_is_not_done_is_never_solved(text: str) -> None:
    for remark in ("Namun sampai saat ini belum selesai.", "Apakah sudah selesai?", "Masih error."):
        assert classify.classify(f"{text}.\n{remark}", PHRASES).meaning != "solved"


def _letters(text: str) -> str:
    return "".join(char for char in normalise(text, "NFKC") if char.isalnum())


@given(st.one_of(WORDS, TEXT))
@examples()
def test_a_meaning_rests_on_a_sentence_that_stands_in_the_text(text: str) -> None:
    reading = classify.classify(text, PHRASES)
    assert reading.meaning in (*classify.MEANINGS, classify.UNCLEAR)
    assert reading.rule
    assert _letters(reading.sentence.rstrip("…")) in _letters(text)


@given(WORDS)
@examples()
def test_an_answer_with_a_complaint_is_no_confirmation(text: str) -> None:
    assert reply_of_user.user_reply(f"{text}\ntapi masih error", USER_PHRASES) != "done"
    assert reply_of_user.user_reply(f"belum {text}", USER_PHRASES) != "done"


@given(TEXT, st.integers(10_000_000, 9_999_999_999), st.from_regex(r"\A19[0-9]{16}\Z"))
@examples()
def test_masking_twice_is_masking_once_and_numbers_that_help_survive(text: str, code: int, nip: str) -> None:
    masked, _ = mask(f"Kode tender {code}, NIP {nip}.\npassword: Rahasia123\n{text}")
    assert f"Kode tender {code}, NIP {nip}." in masked
    assert "Rahasia123" not in masked.partition("\n")[2].partition("\n")[0]
    assert mark_in(masked)
    assert mask(masked)[0] == masked


@given(st.lists(st.tuples(st.sampled_from(["Nama", "NPWP", "a. Alamat", "> HP", "Kode Tender", LINE]), LINE)))
@examples()
def test_what_a_form_gives_is_one_clean_line(pairs: list[tuple[object, str]]) -> None:
    text = "\n".join(f"{label if isinstance(label, str) else 'Catatan'} : {value}" for label, value in pairs)
    for field in read_form(clean_text(text)).values():
        assert 0 < len(field.value) <= 200
        assert one_line(field.value) == field.value


# --- a whole office -----------------------------------------------------------------------------------


@given(order=st.permutations(range(4)), again=st.lists(st.integers(0, 3), max_size=4))
@examples(usually=12, many=500)
def test_mails_in_any_order_and_as_often_as_they_come_make_the_same_tickets(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], again: list[int]
) -> None:
    office = PaperWorld(tmp_path_factory.mktemp("office"))
    try:
        mails = [
            f"From: Budi <{PEOPLE['pengguna']}>\r\nTo: lpse@batangkab.test\r\nSubject: hal {n}\r\n"
            f"Message-ID: <{n}@x.test>\r\n\r\nMohon bantuan hal {n}.\r\n".encode()
            for n in range(4)
        ]
        for n in [*order, *again]:
            office.drop(mails[n])
            office.once()
        subjects = [row["subject"] for row in office.rows("SELECT subject FROM tickets")]
        assert sorted(subjects) == [f"hal {n}" for n in range(4)]
    finally:
        office.store.close()
