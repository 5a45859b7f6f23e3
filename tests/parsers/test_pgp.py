"""Words that are signed or sealed by PGP within the text: the armour is nobody's words, and what is sealed is said."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model import Message
from mailbot.parsers.mime import pgp
from mailbot.parsers.mime.message import parse

KEY = base64.encodebytes(bytes(range(256))).decode().strip()
SIGNATURE = f"-----BEGIN PGP SIGNATURE-----\n\n{KEY}\n=Ab1+\n-----END PGP SIGNATURE-----\n"
SEALED = f"-----BEGIN PGP MESSAGE-----\nVersion: GnuPG v2\n\n{KEY}\n=Ab1+\n-----END PGP MESSAGE-----\n"


def signed(words: str) -> str:
    """As GnuPG writes it: a line that begins with a dash gets another one (RFC 9580 §7.2)."""
    dashed = "\n".join(f"- {line}" if line.startswith("-") else line for line in words.split("\n"))
    return f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{dashed}\n{SIGNATURE}"


def read(text: str, kind: str = "plain") -> Message:
    head = f"From: a@b.test\r\nMessage-ID: <1@b.test>\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n"
    return parse((head + text.replace("\n", "\r\n")).encode())


def test_of_a_signed_text_only_the_words_are_left() -> None:
    words = "Silakan coba lagi.\n\n- langkah pertama\n-- \nSari"
    assert pgp.without_signatures(f"Yth. Budi\n{signed(words)}Milis LPSE\n") == f"Yth. Budi\n{words}\nMilis LPSE\n"
    assert read(signed(words)).text.split() == words.split()
    page = f"<pre>{signed(words)}</pre>"
    assert read(page, "html").text.split() == words.split()


def test_each_of_several_signed_texts_is_taken_out() -> None:
    assert pgp.without_signatures(signed("satu") + signed("dua")) == "satu\ndua\n"


@pytest.mark.parametrize(
    "text",
    [
        signed("tidak selesai").replace("-----END PGP SIGNATURE-----", ""),
        signed("tanda tangan dengan kata").replace(KEY.split("\n")[0], "mohon dibantu, Bapak"),
        signed("tanpa baris kosong").replace("SHA512\n\n", "SHA512\n"),
        "\n".join(f"> {line}" for line in signed("dikutip").split("\n")),
        SIGNATURE,
        SEALED.replace("Version", "Kata"),
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
    ],
)
def test_what_is_not_whole_stays_as_it_is(text: str) -> None:
    assert pgp.without_signatures(text) == text
    assert pgp.without_sealed(text) == (text, False)
    assert read(text).text.split() == text.split()


def test_a_beginning_without_an_end_does_not_take_the_next_text_along() -> None:
    lost = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nsatu\n"
    assert pgp.without_signatures(lost + signed("dua")) == lost + "dua\n"


def test_a_text_that_is_sealed_says_so_and_is_kept_as_a_form_of_the_body() -> None:
    message = read(f"Data kami:\n\n{SEALED}\nTerima kasih.")
    assert "BEGIN PGP" not in message.text and "dienkripsi (PGP)" in message.text
    assert message.text.startswith("Data kami:") and "Terima kasih." in message.text
    assert message.ambiguous
    assert [file.of_body for file in message.attachments] == [True]
    assert SEALED.encode().replace(b"\n", b"\r\n") in message.attachments[0].data


def test_a_sealed_text_in_both_forms_is_said_once() -> None:
    head = 'From: a@b.test\nMessage-ID: <1@b.test>\nContent-Type: multipart/alternative; boundary="x"\n\n'
    parts = [
        f"--x\nContent-Type: text/{kind}\n\n{text}\n"
        for kind, text in (("plain", SEALED), ("html", f"<pre>{SEALED}</pre>"))
    ]
    message = parse((head + "".join(parts) + "--x--\n").replace("\n", "\r\n").encode())
    assert message.text.count("dienkripsi") == 1


@given(st.lists(st.sampled_from(["-----BEGIN PGP ", "kata", "\n", "- ", "-----", "END PGP"])).map("".join))
def test_words_that_nobody_signed_or_sealed_are_left_alone(text: str) -> None:
    assert pgp.without_signatures(text) == text
    assert pgp.without_sealed(text) == (text, False)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_any_words_that_are_signed_come_back_as_they_were(words: str) -> None:
    assert pgp.without_signatures(signed(words)) in (f"{words}\n", signed(words))
    if "PGP" not in words:
        assert pgp.without_signatures(signed(words)) == f"{words}\n"
