"""One mail of each kind, on a ticket of its own, and who has found it."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.steps import closed, data_requested, escalated, minutes_later, number, opened, resolved, staff_writes
from tests.world import Letter, World

#: A subject and words with the signs that mail programs take for their own.
SUBJECT = "Unggah & kirim <penawaran> +62 50%41 &bcc=mallory@luar.test"
WORDS = "Menu Akun & Keamanan: <Reset>, nomor +62 21 500 (kode 50%41)."

Situation = Callable[[World], tuple[str, Letter]]
SITUATIONS: dict[str, Situation] = {}


def _situation(make: Callable[[World], tuple[str, Letter]]) -> Situation:
    SITUATIONS[make.__name__] = make
    return make


def _found(office: World, who: str, template: str) -> tuple[str, Letter]:
    return who, office.last(who, template)


def _writes_again(office: World) -> None:
    """With the number in the subject: who always answers our receipts is taken for a robot."""
    office.write("pengguna", "Kami sudah mencoba lagi, dan tetap tidak bisa.", subject=f"[{number(office)}] Lagi")


@_situation
def staff_reminder(office: World) -> tuple[str, Letter]:
    opened(office, subject=SUBJECT)
    minutes_later(office, 60)
    return _found(office, "petugas", "staff_reminder")


@_situation
def staff_new_ticket(office: World) -> tuple[str, Letter]:
    return "petugas", opened(office, subject=SUBJECT)


@_situation
def staff_user_reply(office: World) -> tuple[str, Letter]:
    opened(office, subject=SUBJECT)
    _writes_again(office)
    assert office.once()
    return _found(office, "petugas", "staff_user_reply")


@_situation
def staff_receipt(office: World) -> tuple[str, Letter]:
    opened(office, subject=SUBJECT)
    assert staff_writes(office, f"#minta-data {WORDS}") == "staff_receipt"
    return _found(office, "petugas", "staff_receipt")


@_situation
def staff_confirm(office: World) -> tuple[str, Letter]:
    notice = opened(office, subject=SUBJECT)
    _writes_again(office)
    minutes_later(office, 1)
    assert staff_writes(office, f"#jawab {WORDS}", notice) == "staff_confirm"
    return _found(office, "petugas", "staff_confirm")


@_situation
def lkpp_escalation(office: World) -> tuple[str, Letter]:
    return "lkpp", escalated(office, subject=SUBJECT)


def _answered_by_lkpp(office: World, words: str) -> None:
    office.write("lkpp", words, answers=escalated(office, subject=SUBJECT))
    assert office.once()


@_situation
def staff_classify(office: World) -> tuple[str, Letter]:
    _answered_by_lkpp(office, f"Silakan dicermati.\n{WORDS}")
    return _found(office, "petugas", "staff_classify")


@_situation
def staff_classify_long(office: World) -> tuple[str, Letter]:
    """The longest words that a link brings: Outlook cuts one of more than 2,000 characters."""
    sentences = " ".join(f"Butir {number} silakan dicermati pada lampiran." for number in range(1, 23))
    _answered_by_lkpp(office, f"Silakan dicermati.\n{sentences}\n{WORDS}")
    found = office.last("petugas", "staff_classify")
    assert 1_500 < max(map(len, re.findall(r'href="(mailto:[^"]+)"', found.html))) < 2_000
    return "petugas", found


@_situation
def staff_lkpp_reply(office: World) -> tuple[str, Letter]:
    _answered_by_lkpp(office, "Mohon dilengkapi screenshot dan kode tender.")
    return _found(office, "petugas", "staff_lkpp_reply")


@_situation
def staff_returned(office: World) -> tuple[str, Letter]:
    _answered_by_lkpp(office, "Permasalahan ini menjadi kewenangan LPSE. Mohon ditangani oleh LPSE.")
    return _found(office, "petugas", "staff_returned")


@_situation
def user_request(office: World) -> tuple[str, Letter]:
    opened(office, subject=SUBJECT)
    assert staff_writes(office, f"#minta-data {WORDS}") == "staff_receipt"
    minutes_later(office, 4)
    return _found(office, "pengguna", "user_request")


@_situation
def user_data_request(office: World) -> tuple[str, Letter]:
    return "pengguna", data_requested(office)


@_situation
def user_answer(office: World) -> tuple[str, Letter]:
    return "pengguna", resolved(office)


@_situation
def user_resolved(office: World) -> tuple[str, Letter]:
    _answered_by_lkpp(office, "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali.")
    minutes_later(office, 4)
    return _found(office, "pengguna", "user_resolved")


@_situation
def user_closed(office: World) -> tuple[str, Letter]:
    return "pengguna", closed(office)
