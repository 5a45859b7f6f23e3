"""The process that reads mails, apart from the process that acts on them. `reader` starts it.

It gets the bytes of one mail after the other on its standard input, and answers with what `parsers.understood` makes
of them, or with the message alone. A mail may cost more time or memory than any mail needs, or may crash a library:
then it ends this process and no other. This process holds no password and no database, and cannot open any. Once
everything that it needs is in memory, it gives up the right to open files and sockets, to write to files and to start
programs.

It ends when its input ends: with the process that started it, whatever ended that process.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import os
import pkgutil
import resource
import signal
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from mailbot.errors import ParseError
from mailbot.parsers import understood
from mailbot.parsers.mime import message, wire
from mailbot.parsers.mime.wire import ANSWER, QUESTION, READY

#: The answer to a mail that took all its memory. The process ends after this answer.
SPENT = b'{"spent": "memory"}'
#: Bytes of address space where the system does not tell how much is in use.
_UNKNOWN = 1 << 30

_SAMPLE = """From: =?iso-2022-jp?b?GyRCRnxLXBsoQg==?= <a@b.test>
Date: Mon, 2 Nov 2026 09:00:00 +0700
Subject: =?utf-8?q?contoh?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=X

--X
Content-Type: text/html; charset=windows-1252
Content-Transfer-Encoding: quoted-printable

<html><body><p>contoh <a href=3D"https://contoh.test">=E9</a></p><table><tr><td>1</td></tr></table></body></html>
--X
Content-Type: application/octet-stream; name*=utf-8''a%20b
Content-Transfer-Encoding: base64

YQ==
--X--
"""


def main() -> None:
    """Answer until the input ends."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # meant for the process that started this one
        signal.signal(ignored, signal.SIG_IGN)
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    statm = _statm()
    gc.disable()  # what is loaded now stays: nothing is looked for among it, now or later
    _load_everything()
    gc.freeze()
    gc.enable()
    _give_up_rights()
    _write(answers, [READY])
    while len(head := questions.read(QUESTION.size)) == QUESTION.size:
        about, size = QUESTION.unpack(head)
        asked = json.loads(questions.read(about))
        _allow(statm, asked["seconds"], asked["memory"])
        try:
            answer, files = wire.dump(_read(questions.read(size), asked))
        except ParseError as error:
            if isinstance(error.__cause__, MemoryError):
                break
            answer, files = wire.refusal(error), []
        except MemoryError:
            break
        _write(answers, [ANSWER.pack(len(answer)) + answer, *files])
        del answer, files
    else:
        return
    _allow(statm, 1.0, 1 << 24)
    _write(answers, [ANSWER.pack(len(SPENT)), SPENT])


def _read(raw: bytes, asked: dict[str, Any]) -> object:
    limits = message.Limits(**asked["limits"])
    if asked["own"] is None:
        return message.parse(raw, limits)
    to = understood.Addressee(tuple(asked["own"]), limits, asked["tag_prefix"], asked["by_ours"])
    return understood.understand(raw, to)


def _write(answers: BinaryIO, pieces: Sequence[bytes]) -> None:
    for piece in pieces:
        left = memoryview(piece)
        while left:
            left = left[answers.write(left) :]


# --- limits ----------------------------------------------------------------------------------------


def _allow(statm: int | None, seconds: float, memory: int) -> None:
    """Sets what the mail in hand may take: seconds of CPU, and bytes on top of those in use now. SIGXCPU ends the
    process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # Whole seconds (setrlimit(2)): rounded up, so that no mail gets less.
    _lower(resource.RLIMIT_CPU, math.ceil(usage.ru_utime + usage.ru_stime + seconds))
    in_use = _UNKNOWN if statm is None else int(os.pread(statm, 32, 0).split()[0]) * resource.getpagesize()
    _lower(resource.RLIMIT_AS, in_use + memory)


def _lower(what: int, soft: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _statm() -> int | None:
    try:
        return os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return None


def _give_up_rights() -> None:
    # No cores: they would hold mails. No bytes into files, no new descriptors, no programs.
    for what in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        resource.setrlimit(what, (0, 0))


def _load_everything() -> None:
    """Loads all code that reading a mail may need, since nothing can be loaded later: also codecs, and modules that
    libraries import only at need. Of `parsers` only the imports of `understood` and `mime.wire` are needed, and they
    are loaded already: the other parsers judge the result in the process that asks."""
    import email
    import encodings

    for package, without in ((encodings, _NOT_HERE), (email, ())):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2] not in without:
                importlib.import_module(found.name)
    sample = _SAMPLE.replace("\n", "\r\n").encode()
    understood.understand(sample, understood.Addressee(("b@b.test",), message.Limits(), "LPSE", True))


# Windows' own, and compressions, which are no charsets.
_NOT_HERE = ("mbcs", "oem", "cp65001", "bz2_codec", "zlib_codec", "hex_codec", "uu_codec")

if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(0)
