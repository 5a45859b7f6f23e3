"""Emoji reactions: a tap in Gmail, which arrives as a mail (developers.google.com/workspace/gmail/reactions/format)."""

from __future__ import annotations

import pytest

from mailbot.parsers.mime.message import parse
from mailbot.parsers.robots.automatic import automatic
from tests import TESTS

REACTION = (TESTS / "fixtures" / "mails" / "reaction_gmail.eml").read_bytes()
TEXT = REACTION[REACTION.index(b"8J+R") : REACTION.index(b"--bb\r\nContent-Type: text/vnd")]


def kind(raw: bytes) -> str:
    found = automatic(parse(raw), ())
    return found.kind if found else "person"


def said(text: str, emoji: str = "👍") -> bytes:
    """The reaction with other words before the part that names the emoji."""
    other = REACTION.replace(TEXT, text.encode() + b"\r\n").replace(b"base64", b"8bit")
    return other.replace(rb'"\ud83d\udc4d"', f'"{emoji}"'.encode())


def test_a_reaction_is_nobodys_words() -> None:
    assert kind(REACTION) == "reaction"


@pytest.mark.parametrize("emoji", ["👍", "❤️", "😂", "👨‍👩‍👧", "🙏🏽"])
def test_whatever_the_emoji_is(emoji: str) -> None:
    assert kind(said(f"{emoji}\r\n\r\nBudi menanggapi melalui Gmail", emoji)) == "reaction"


@pytest.mark.parametrize(
    "text",
    [
        "👍 kode tender kami 12345678, " + "mohon segera dibantu karena penawaran ditutup hari ini. " * 6,
        "Masih tidak bisa masuk.",
    ],
)
def test_who_writes_something_else_is_a_person(text: str) -> None:
    assert kind(said(text)) == "person"


@pytest.mark.parametrize("part", [b"{", b"[]", b'{"emoji": 1}', b"[" * 5000, b'{"emoji": ""}', b"\xff\xfe"])
def test_a_part_that_names_no_emoji_makes_no_reaction(part: bytes) -> None:
    start, end = REACTION.index(b"{"), REACTION.index(b"}") + 1
    assert kind(REACTION[:start] + part + REACTION[end:]) == "person"


def test_its_part_is_never_a_file_to_be_passed_on() -> None:
    for raw in (REACTION, REACTION.replace(b"multipart/alternative", b"multipart/mixed")):
        message = parse(raw)
        assert [file.of_body for file in message.attachments if file.content_type.endswith("+json")] == [True]
        assert "version" not in message.text
