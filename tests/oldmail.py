"""An old mailbox of an LPSE, the same bytes for the same seed: three years of mails as they lie in an mbox.

Of each hundred mails about 55 are new, 20 answer an earlier one of the same sender, 5 are copies of an earlier one, 6
come from a newsletter, 4 are out-of-office replies, 3 are bounces, 2 are of LKPP, 2 of staff and 1 cannot be read; the
rest have a picture of about 60 KB. One day is the last day of a tender, on which 40 people write within four hours.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from tests import ROOT
from tests.world import LPSE, PEOPLE

WIB = ZoneInfo("Asia/Jakarta")
FIRST = datetime(2023, 1, 2, 1, 0, tzinfo=UTC)
TENDER = datetime(2024, 6, 12, 2, 0, tzinfo=UTC)  # 09.00 in Batang
CROWD = 40


def _words() -> list[dict[str, str]]:
    read = yaml.safe_load((ROOT / "tests/corpus/people/vendors.yaml").read_text(encoding="utf-8"))
    return [one for one in read["mails"] if "from" not in one]


def mails(count: int, seed: int = 1) -> Iterator[tuple[datetime, bytes]]:
    """(arrival, bytes), in the order of arrival."""
    chance = random.Random(seed)
    words = _words()
    crowd = min(CROWD, count // 5)
    step = timedelta(days=3 * 365) / max(count - crowd, 1)
    moments = [FIRST + step * n for n in range(count - crowd)]
    moments += [TENDER + timedelta(hours=4) * n / crowd for n in range(crowd)]
    earlier: list[tuple[int, str, str]] = []
    copies: list[bytes] = []
    for number, at in enumerate(sorted(moments)):
        lot, word = chance.randrange(100), chance.choice(words)
        sender, subject, text = (
            f"user{chance.randrange(400)}@penyedia{chance.randrange(60)}.test",
            word["subject"],
            word["text"],
        )
        headers, extra = "", b""
        if TENDER <= at < TENDER + timedelta(hours=4):
            lot, sender, subject = 0, f"peserta{number}@tender.test", "Gagal kirim penawaran, mohon bantuan segera"
        if lot >= 97:
            extra = chance.randbytes(60_000)
        elif lot >= 96:
            headers = "".join(f"X-Filler-{n}: a\r\n" for n in range(1200))
        elif lot >= 94:
            sender = PEOPLE["petugas"]
        elif lot >= 92:
            sender, subject, text = (
                PEOPLE["lkpp"],
                f"[LKPP-{number}] Tindak lanjut",
                "Mohon dilengkapi tangkapan layar.",
            )
        elif lot >= 89:
            sender, subject, headers = (
                "MAILER-DAEMON@mx.test",
                "Undelivered Mail Returned to Sender",
                "Auto-Submitted: auto-replied\r\n",
            )
        elif lot >= 85:
            subject, headers = f"Balasan Otomatis: {subject}", "Auto-Submitted: auto-replied\r\n"
        elif lot >= 79:
            sender, headers = "kabar@buletin.test", "List-Id: <kabar.buletin.test>\r\nPrecedence: bulk\r\n"
        elif lot >= 74 and copies:
            yield at, _received(at, chance.choice(copies))
            continue
        elif lot >= 54 and earlier:
            before, sender, subject = chance.choice(earlier[-200:])
            headers, subject = f"In-Reply-To: <{before}@x.test>\r\nReferences: <{before}@x.test>\r\n", f"Re: {subject}"
        else:
            earlier.append((number, sender, subject))
        raw = _mail(number, at, sender, subject, text, headers, extra)
        copies = [*copies[-50:], raw]
        yield at, _received(at, raw)


def _mail(number: int, at: datetime, sender: str, subject: str, text: str, headers: str, extra: bytes) -> bytes:
    head = (
        f"From: {sender.partition('@')[0].title()} <{sender}>\r\nTo: {LPSE}\r\nSubject: =?utf-8?b?"
        f"{base64.b64encode(subject.encode()).decode()}?=\r\nMessage-ID: <{number}@x.test>\r\n"
        f"Date: {format_datetime(at.astimezone(WIB))}\r\n{headers}MIME-Version: 1.0\r\n"
    )
    body = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    if not extra:
        return (head + body).encode()
    picture = base64.encodebytes(extra).decode().replace("\n", "\r\n")
    return (
        f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n{body}--b\r\nContent-Type: image/png;'
        f' name="layar.png"\r\nContent-Disposition: attachment; filename="layar.png"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{picture}--b--\r\n"
    ).encode()


def _received(at: datetime, raw: bytes) -> bytes:
    stamp = format_datetime(at.astimezone(WIB))
    return f"Received: from mx.test by mail.batangkab.test with ESMTP; {stamp}\r\n".encode() + raw


def mbox(path: Path, count: int, seed: int = 1) -> Path:
    with path.open("wb") as file:
        for at, raw in mails(count, seed):
            file.write(f"From - {at:%a %b %d %H:%M:%S %Y}\n".encode())
            lines = raw.replace(b"\r\n", b"\n").split(b"\n")
            file.writelines(b">" * line.startswith(b"From ") + line + b"\n" for line in lines)
            file.write(b"\n")
    return path
