"""What the search begins with: mails and lines of every kind that the tests hold, and what was once found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests import TESTS

MAILS = TESTS / "fixtures" / "mails"
#: Inputs that once broke a promise, by target; they stay for ever.
FOUND = Path(__file__).with_name("found")

_LINES: dict[str, tuple[bytes, ...]] = {
    "from": (
        b"Sari <sari@batangkab.test>",
        b'"Sari" <sari@batangkab.test>',
        b"sari@batangkab.test",
        b"=?utf-8?q?Sari?= <sari@batangkab.test>",
        b"sari@batangkab.test <mallory@luar.test>",
        b"sari@batangkab.test, mallory@luar.test",
        b"Tim: sari@batangkab.test, b@x.test;",
        b"sari(komentar)@batangkab.test",
        b"<sari@batangkab.test>\r\nFrom: b@x.test",
        b'"a\\"" <sari@batangkab.test>',
        b"=?utf-8?q?sari=40batangkab.test?= <b@x.test>",
        b"helpdesk-lpse@lkpp.test\x00@x.test",
        b"@a.test,@b.test:sari@batangkab.test",
    ),
    "results": (
        b"mx.batangkab.test; dmarc=pass header.from=batangkab.test",
        b"mx.batangkab.test; dkim=pass header.d=batangkab.test",
        b"x; dmarc=pass (a) header.from=batangkab.test",
        b'"; dmarc=pass header.from=batangkab.test; x="',
        b"mx.batangkab.test 1; none",
        b") dmarc=pass (",
        b"a@b.test; dmarc=pass header.from=batangkab.test",
    ),
    "subject": (
        b"Re: [LPSE-BTG-2026-000123] Tidak bisa masuk",
        b"Bls: Trs: [EXTERNAL] lpse btg 2026 000123",
        "［ＬＰＳＥ－ＢＴＧ－２０２６－０００１２３］".encode(),
        b"[Fwd: Re: [milis] UKPBJ-2-2026-000001 halo] (fwd)",
        b"<a@b.test> <c@d.test>\r\n\t<e@f.test>",
    ),
    "commands": (
        b"#jawab\nYth. Bapak,\nsilakan dicoba kembali.\n",
        b"Kode: ABCDE-FGHIJ-KLMNO-PQRST\n\n#eskalasi\nRingkasan: gagal\n",
        b"#ambil\n#prioritas 1\n#catat sudah ditelepon",
        b"halo\n#jawb tes\n",
        b"#batal\n--\nSari",
        b"# eskalasi\n#ESCALATE x",
    ),
    "reply": (
        b"sudah bisa pak\n\nPada Sen, 21 Des 2026 pukul 09.00 LPSE <lpse@batangkab.test>\nmenulis:\n\n> halo\n",
        b"ok\n\n-----Original Message-----\nFrom: a\nSent: Monday 10:00\nTo: b\nSubject: c\n\nhalo\n",
        b"ok\n\nDari: a <a@b.test>\nDikirim: Senin 21 Desember 2026 10.00\nKepada: b\nPerihal: c\n\nhalo\n",
        b"> a\njawab di sini\n> b\n\n-- \nSari\n",
        "── Mohon tulis balasan di atas baris ini ──\nhalo".encode(),
        b"Dikirim dari iPhone saya",
    ),
    "imap": (
        b"\x00\x00\x00\x00* SEARCH 1 2 3\r\n",
        b"\x00\x00* 1 EXISTS\r\n* OK [UIDVALIDITY x] .\r\n",
        b"\x00\x00\x00\x00\x00* 1 FETCH (UID 10 RFC822.SIZE 99999999999 FLAGS (\\Seen))\r\n",
        b'\x00\x00\x00\x00\x00* 1 FETCH (UID 10 INTERNALDATE "31-Feb-0000 99:00:00 +9999" RFC822.SIZE 4)\r\n',
        b"\x00\x00\x00\x00\x00\x00* 1 FETCH (UID 10 BODY[] {99999999}\r\nabc)\r\n",
        b"\x00\x00\x00\x00\x00\x00* 1 FETCH ((((((((((((((((((UID 10\r\n",
        b"* BYE\r\n",
    ),
}


def seeds(target: str) -> Iterator[bytes]:
    yield b""
    yield from _LINES.get(target, ())
    if target == "message":
        yield from (path.read_bytes() for path in sorted(MAILS.rglob("*.eml")) if path.stat().st_size < 200_000)
    yield from found(target)


def found(target: str) -> Iterator[bytes]:
    folder = FOUND / target
    if folder.is_dir():
        yield from (path.read_bytes() for path in sorted(folder.iterdir()))
