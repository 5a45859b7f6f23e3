"""Fifty mails of which two programs find different texts, files or structures: each (what it is, its bytes).

Their writer is Budi, who answers LKPP's request for data: read as one program reads it, each would go on to LKPP.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from tests.threats.hostile import BUDI, CANARY, parts, raw
from tests.world import Letter

_DATA = f"Berikut datanya: kode tender 123456. {CANARY}"
_TEXT = ("Content-Type: text/plain; charset=utf-8", _DATA)
_FILE = "Content-Type: application/pdf; name={0}\nContent-Disposition: attachment; filename={0}"
_PDF = (_FILE.format("data.pdf") + "\nContent-Transfer-Encoding: base64", base64.b64encode(b"%PDF-1.4").decode())
_WORDS = base64.b64encode(_DATA.encode()).decode()
_VERSION = "MIME-Version: 1.0"


def ambiguous(answers: Letter) -> Iterator[tuple[str, bytes]]:
    for what, lines, body in (*_tops(), *_structures(), *_part_heads(), *_heads()):
        yield what, raw(*lines, sender=BUDI, answers=answers, text=body, subject=f"Re: {answers.subject}")
    for what, old, new in (
        ("a blank line above the header", b"", b"\r\n"),
        ("a line of blanks in the header", b"\r\nTo:", b"\r\n \t\r\nTo:"),
        ("a bare CR in the header", b"\r\nTo:", b"\rX: y\r\nTo:"),
        ("a separator of mboxes in the header", b"\r\nTo:", b"\r\nFrom x Mon\r\nTo:"),
        ("two From", b"\r\nTo:", b"\r\nFrom: lain@luar.test\r\nTo:"),
        ("a blank before a colon", b"\r\nSubject:", b"\r\nSubject :"),
    ):
        yield what, raw(sender=BUDI, answers=answers, text=_DATA).replace(old, new, 1)


def _mixed(boundary: str = "boundary=X") -> list[str]:
    return [_VERSION, f"Content-Type: multipart/mixed; {boundary}"]


def _tops() -> Iterator[tuple[str, list[str], bytes]]:
    """What the mail is."""
    other = parts(("Content-Type: text/plain", "Isi yang lain."), boundary="Y")
    both = parts(_TEXT, _PDF) + other
    yield "two boundaries", _mixed("boundary=X; boundary=Y"), both
    yield "two boundaries, quoted", _mixed('boundary="X"; boundary="Y"'), both
    yield "a boundary and an extended one", _mixed("boundary=X; boundary*=us-ascii''Y"), both
    yield "a boundary and a continued one", _mixed("boundary=X; boundary*0=Y"), both
    yield "two types", [*_mixed(), "Content-Type: text/plain"], both
    yield "two types, the other way round", ["Content-Type: text/plain", *_mixed()], both
    yield "two multiparts", [*_mixed(), "Content-Type: multipart/alternative; boundary=Y"], both
    yield "no boundary", [_VERSION, "Content-Type: multipart/mixed"], both
    yield "an empty boundary", _mixed('boundary=""'), both
    yield "a quoted boundary without an end", _mixed('boundary="X'), both
    yield "a comment in the boundary", _mixed("boundary=X(Y)"), both
    yield "an encoded word as the boundary", _mixed('boundary="=?utf-8?q?X?="'), both
    yield "a boundary with a blank behind it", _mixed('boundary="X "'), both
    yield "a boundary that never comes", _mixed("boundary=Z"), both
    yield "no semicolon before the boundary", [_VERSION, "Content-Type: multipart/mixed boundary=X"], both
    yield "a comma for the semicolon", [_VERSION, "Content-Type: multipart/mixed, boundary=X"], both
    yield "a structure in base64", [*_mixed(), "Content-Transfer-Encoding: base64"], both
    encodings = "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable"
    yield "two encodings", [_VERSION, "Content-Type: text/plain", *encodings], _WORDS.encode()
    yield "two encodings, the other way round", [_VERSION, "Content-Type: text/plain", *encodings[::-1]], _DATA.encode()


def _structures() -> Iterator[tuple[str, list[str], bytes]]:
    """How it is divided."""
    whole = parts(_TEXT, _PDF)
    yield "more behind the end", _mixed(), whole + parts(("Content-Type: text/plain", "Isi yang lain."))
    yield "an end before the beginning", _mixed(), b"--X--\r\n" + whole
    inner = parts(_PDF, boundary="X")
    yield "the same boundary within", _mixed(), parts(_TEXT, ("Content-Type: multipart/mixed; boundary=X", inner))
    inner = parts(_PDF, boundary="XY")
    yield (
        "a boundary that begins another",
        _mixed(),
        parts(_TEXT, ("Content-Type: multipart/mixed; boundary=XY", inner)),
    )
    yield "one part in a multipart without boundary", _mixed(), parts(_TEXT, ("Content-Type: multipart/mixed", inner))
    partial = "Content-Type: message/partial; id=a; number=1; total=2"
    yield "a part of a mail", _mixed(), parts(_TEXT, (partial, _DATA))
    elsewhere = 'Content-Type: message/external-body; access-type=URL; URL="http://luar.test/a"'
    yield "a part that is elsewhere", _mixed(), parts(_TEXT, (elsewhere, "Content-Type: application/pdf\r\n\r\n"))


def _part_heads() -> Iterator[tuple[str, list[str], bytes]]:
    """What a part is."""
    for what, head, content in (
        ("two encodings of a part", "{}\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit", _WORDS),
        ("two types of a part", "{}\nContent-Type: text/html", _DATA),
        ("two dispositions", "{}\nContent-Disposition: inline\nContent-Disposition: attachment", _DATA),
        ("a quoted encoding", '{}\nContent-Transfer-Encoding: "base64"', _WORDS),
        ("an encoding with a word behind it", "{}\nContent-Transfer-Encoding: base64 7bit", _WORDS),
        ("an encoding with an equals sign", "{}\nContent-Transfer-Encoding: =base64", _WORDS),
        ("base64 that goes on behind its end", "{}\nContent-Transfer-Encoding: base64", _WORDS + "==\r\n" + _WORDS),
        ("two charsets", "Content-Type: text/plain; charset=utf-8; charset=utf-7", _DATA),
        ("UTF-7", "Content-Type: text/plain; charset=utf-7", "Berikut +AEs-ENARI datanya: kode tender 123456."),
        ("a charset that is not its own", "Content-Type: text/plain; charset=utf-16", _DATA),
        ("a blank before a part's colon", "Content-Type : text/html\nContent-Type: text/plain", _DATA),
    ):
        yield what, _mixed(), parts((head.format(_TEXT[0]), content), _PDF)
    for what, head in (
        ("two file names", "Content-Disposition: attachment; filename=data.pdf; filename=data.exe"),
        ("two names", "Content-Type: application/pdf; name=data.pdf; name=data.exe\nContent-Disposition: attachment"),
        ("two extended ones", "Content-Disposition: attachment; filename*=utf-8''a.pdf; filename*=utf-8''a.exe"),
        ("two dispositions of a file", "Content-Disposition: attachment; filename=a.pdf\nContent-Disposition: inline"),
    ):
        yield what, _mixed(), parts(_TEXT, (head, "%PDF-1.4"))


def _heads() -> Iterator[tuple[str, list[str], bytes]]:
    """What its headers say."""
    plain = _DATA.encode()
    yield "two subjects", ["Subject: Lain"], plain
    yield "two Message-IDs", ["Message-ID: <a@luar.test>", "Message-ID: <b@luar.test>"], plain
    yield "two dates", ["Date: Mon, 14 Dec 2026 08:00:00 +0700"], plain
    yield "an end of line in an encoded word", ["To: =?utf-8?q?a=0D=0ABcc=3A_x=40luar.test?= <a@luar.test>"], plain
    yield "UTF-7 in a header", ["To: =?utf-7?q?+AGE-?= <a@luar.test>"], plain
    yield "two replies", ["In-Reply-To: <lain@luar.test>"], plain
