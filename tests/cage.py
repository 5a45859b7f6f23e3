"""What a unit's sandbox refuses of system calls, for a process of a test: a library may need what the unit forbids.

SystemCallFilter=, MemoryDenyWriteExecute= and RestrictAddressFamilies= are seccomp(2) filters in systemd too, and need
no rights. `caged` gives the command line that loads the same filters by libseccomp and becomes the wanted program.
The sandbox of folders and users is not here: only systemd itself can make it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import json
import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Sequence

from tests import ROOT
from tests.unitfile import Unit

#: seccomp.h
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EQUAL, _MASKED_EQUAL = 4, 7
_SHM_EXEC = 0o100000  # sys/shm.h
_FAMILIES = 64  # sys/socket.h has fewer than 50


def missing(analyze: str | None) -> str:
    """Why there can be no cage here; empty when there can."""
    if analyze is None:
        return "needs systemd-analyze (apt-get install systemd)"
    return "" if ctypes.util.find_library("seccomp") else "needs libseccomp (apt-get install libseccomp2)"


def caged(unit: Unit, command: Sequence[str], analyze: str) -> list[str]:
    """A command line for `command` under the unit's filters; `analyze` is systemd-analyze, which knows the groups."""
    filters = {
        "calls": sorted(allowed(unit.values("SystemCallFilter"), analyze)),
        "refusal": getattr(errno, unit.value("SystemCallErrorNumber")),
        "families": [int(getattr(socket, name)) for name in unit.value("RestrictAddressFamilies").split()],
        "no_new_code": unit.value("MemoryDenyWriteExecute") == "yes",
    }
    root = ROOT
    enter = f"import sys; sys.path.insert(0, {os.fspath(root)!r}); from tests import cage; cage.enter()"
    return [sys.executable, "-P", "-c", enter, json.dumps(filters), *command]


def allowed(filters: Sequence[str], analyze: str) -> set[str]:
    """The calls that lines of SystemCallFilter= leave, the first of them a list of what is allowed."""
    listed = subprocess.run(
        [analyze, "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True
    ).stdout
    groups: dict[str, set[str]] = {}
    members: set[str] = set()
    for line in listed.splitlines():
        if line.startswith("@"):
            members = groups.setdefault(line.strip(), set())
        elif line.startswith(" ") and not line.strip().startswith("#"):
            members.add(line.strip())
        elif not line.startswith(" "):
            members = set()  # what the kernel has and no group names

    def calls(word: str) -> set[str]:
        return set().union(*map(calls, groups[word])) if word.startswith("@") else {word}

    found = calls("@default")  # systemd.exec(5): always in a list of what is allowed
    for line in filters:
        named = set().union(*map(calls, line.removeprefix("~").split()))
        found = found - named if line.startswith("~") else found | named
    return found


# --- in the child --------------------------------------------------------------------------------


class _Comparison(ctypes.Structure):
    """struct scmp_arg_cmp"""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


class _Filter:
    def __init__(self, otherwise: int) -> None:
        self._library = ctypes.CDLL(ctypes.util.find_library("seccomp"), use_errno=True)
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action: int, call: str, *comparisons: _Comparison) -> None:
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:  # of another kind of processor
            return
        array = (_Comparison * len(comparisons))(*comparisons)
        failed = self._library.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), number, len(comparisons), array
        )
        if failed:
            raise OSError(-failed, f"seccomp_rule_add_array: {call}")

    def load(self) -> None:
        if failed := self._library.seccomp_load(self._context):
            raise OSError(-failed, "seccomp_load")


def enter() -> None:
    """Load the filters of the first argument and become the command of the others."""
    filters = json.loads(sys.argv[1])
    refused = _Filter(_ALLOW)
    for family in set(range(_FAMILIES)) - set(filters["families"]):
        refused.add(_ERRNO | errno.EAFNOSUPPORT, "socket", _Comparison(0, _EQUAL, family, 0))
    if filters["no_new_code"]:
        both = mmap.PROT_WRITE | mmap.PROT_EXEC
        for call, flags in (
            ("mmap", both),
            ("mprotect", mmap.PROT_EXEC),
            ("pkey_mprotect", mmap.PROT_EXEC),
            ("shmat", _SHM_EXEC),
        ):
            refused.add(_ERRNO | errno.EPERM, call, _Comparison(2, _MASKED_EQUAL, flags, flags))
    known = _Filter(_ERRNO | filters["refusal"])
    for call in filters["calls"]:
        known.add(_ALLOW, call)
    # Loading is a call that services make too, but the second filter must not stand in the way of another.
    refused.load()
    known.load()
    os.execv(sys.argv[2], sys.argv[2:])
