"""One conversation through every flow, the deaths on its way, and what must lie in the mailboxes at its end.

Three users write: the first one's matter goes to LKPP and back, the second one's is answered by staff, the third
one's waits too long and is then closed by staff. A fourth mail cannot be read. Everything is counted in the parties'
own mailboxes, by ticket tag, template and Message-ID; the program's database is never asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailbot.killpoint import POINTS
from tests.kill.child import Office
from tests.world import LPSE, NAMES, PEOPLE, Letter

LOGIN, UPLOAD, SCHEDULE = "Tidak bisa masuk", "Gagal unggah", "Jadwal berubah"
SITI, DEWI = "siti@pemasok.test", "dewi@pokja.test"
EVERYONE = (*PEOPLE.values(), SITI, DEWI)

#: Nested deeper than the parser goes, and than any mail program writes.
UNREADABLE = f"From: x@luar.test\r\nTo: {LPSE}\r\nSubject: berlapis\r\nMessage-ID: <berlapis@luar.test>\r\n".encode()
UNREADABLE += b"".join(
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(150)
)


# --- the conversation --------------------------------------------------------------------------------


def _three_users_write(office: Office) -> None:
    office.write(
        "pengguna",
        "Yth. Admin, kami tidak bisa masuk ke SPSE.\nNama: Budi\nInstansi: CV Contoh\nHP: 081234567890\n",
        subject=LOGIN,
        files=[("layar.png", b"\x89PNG" * 80_000)],  # large enough for a journal file of its own
    )
    office.drop(UNREADABLE)
    office.write(SITI, "Dokumen penawaran gagal diunggah.\n", subject=UPLOAD, sender=f"Siti <{SITI}>")
    office.write(DEWI, "Jadwal tender kami berubah sendiri.\n", subject=SCHEDULE, sender=f"Dewi <{DEWI}>")


def _staff_escalate_one_and_answer_another(office: Office) -> None:
    office.write(
        "petugas",
        "#eskalasi\nRingkasan:\nPengguna tidak bisa masuk\nUpaya yang telah dilakukan:\nmengatur ulang kata sandi\n",
        answers=office.letter("petugas", "staff_new_ticket", LOGIN),
    )
    office.write(
        "rekan",
        "Berkas Ibu melebihi batas 10 MB; mohon diperkecil lalu diunggah kembali.",
        answers=office.letter("rekan", "staff_new_ticket", UPLOAD),
    )


def _lkpp_asks_for_data(office: Office) -> None:
    office.write(
        "lkpp",
        "Mohon dilengkapi tangkapan layar dan kode tender.",
        answers=office.letter("lkpp", "lkpp_escalation", LOGIN),
    )


def _users_reply(office: Office) -> None:
    office.write(
        "pengguna",
        "Berikut terlampir tangkapan layarnya, kode tender 87654321.",
        answers=office.letter("pengguna", "user_data_request", LOGIN),
        files=[("tender.png", b"\x89PNG456")],
    )
    answer = office.letter(SITI, "user_answer", UPLOAD)
    office.write(SITI, "SELESAI", answers=answer, sender=f"Siti <{SITI}>")


def _lkpp_has_solved_it(office: Office) -> None:
    office.write(
        "lkpp",
        "Permasalahan telah selesai ditangani, mohon dapat disampaikan kepada pengguna.",
        answers=office.letter("lkpp", "lkpp_status_enquiry", LOGIN),
    )


def _both_are_closed(office: Office) -> None:
    office.write("pengguna", "SELESAI, terima kasih", answers=office.letter("pengguna", "user_resolved", LOGIN))
    office.write(
        "petugas",
        "#tutup\nJadwal telah dikembalikan oleh Pokja.",
        answers=office.letter("petugas", "staff_new_ticket", SCHEDULE),
    )


def _nobody_writes(_office: Office) -> None:
    """Time alone."""


@dataclass(frozen=True)
class Step:
    """A moment, what happens before it, and what the program then has to do: so often its points are passed at least.

    mails: that come in. events: of tickets. out: mails that leave.
    """

    when: str
    write: Callable[[Office], None]
    mails: int
    events: int
    out: int


STEPS = (
    Step("2026-12-21 09:00", _three_users_write, 4, 3, 12),
    Step("2026-12-21 09:30", _staff_escalate_one_and_answer_another, 2, 2, 4),
    Step("2026-12-21 09:40", _lkpp_asks_for_data, 1, 1, 2),
    Step("2026-12-21 09:44", _nobody_writes, 0, 0, 1),
    Step("2026-12-21 10:30", _users_reply, 2, 2, 4),
    Step("2026-12-21 13:40", _nobody_writes, 0, 1, 2),
    Step("2026-12-22 07:40", _nobody_writes, 0, 0, 2),
    Step("2026-12-23 07:40", _nobody_writes, 0, 0, 3),
    Step("2026-12-23 10:40", _nobody_writes, 0, 2, 3),
    Step("2026-12-23 10:50", _lkpp_has_solved_it, 1, 1, 1),
    Step("2026-12-23 10:54", _nobody_writes, 0, 0, 1),
    Step("2026-12-23 11:00", _both_are_closed, 2, 2, 2),
    Step("2026-12-23 11:10", _nobody_writes, 0, 0, 1),
)

#: How many mails of each kind lie in whose mailbox at the end, about which matter ("": about none).
EXPECTED = Counter(
    {
        ("pengguna", "user_acknowledgement", LOGIN): 1,
        ("pengguna", "user_escalated", LOGIN): 1,
        ("pengguna", "user_data_request", LOGIN): 1,
        ("pengguna", "user_data_forwarded", LOGIN): 1,
        ("pengguna", "user_progress", LOGIN): 1,
        ("pengguna", "user_resolved", LOGIN): 1,
        ("pengguna", "user_closed", LOGIN): 1,
        (SITI, "user_acknowledgement", UPLOAD): 1,
        (SITI, "user_answer", UPLOAD): 1,
        (SITI, "user_closed", UPLOAD): 1,
        (DEWI, "user_acknowledgement", SCHEDULE): 1,
        (DEWI, "user_closed", SCHEDULE): 1,
        ("lkpp", "lkpp_escalation", LOGIN): 1,
        ("lkpp", "lkpp_additional_data", LOGIN): 1,
        ("lkpp", "lkpp_status_enquiry", LOGIN): 1,
        **{(who, "staff_new_ticket", about): 1 for who in ("petugas", "rekan") for about in (LOGIN, UPLOAD, SCHEDULE)},
        **{(who, "staff_quarantine", ""): 1 for who in ("petugas", "rekan")},
        ("petugas", "staff_receipt", LOGIN): 1,
        ("rekan", "staff_receipt", UPLOAD): 1,
        ("petugas", "staff_receipt", SCHEDULE): 1,
        ("petugas", "staff_lkpp_reply", LOGIN): 2,
        ("petugas", "staff_user_reply", LOGIN): 1,
        ("petugas", "staff_reminder", LOGIN): 1,
        **{(who, "staff_reminder", SCHEDULE): 1 for who in ("petugas", "rekan")},
        **{(who, "staff_worklist", ""): 2 for who in ("petugas", "rekan")},
        ("koordinator", "coordinator_overdue", SCHEDULE): 1,
        ("operator", "operator_alarm", ""): 1,
    }
)


def audit(office: Office) -> int:
    """Nothing is missing, nothing is there twice but the very same mail. Returns the number of such copies."""
    letters = [(who, one) for who in EVERYONE for one in office.letters(who)]
    matters: dict[str, str] = {}
    for _, one in letters:
        for about in (LOGIN, UPLOAD, SCHEDULE):
            if about in one.subject:
                assert matters.setdefault(_ticket(one), about) == about, f"{_ticket(one)} is two matters"
    assert sorted(matters.values()) == sorted((LOGIN, UPLOAD, SCHEDULE)), f"tickets: {matters}"

    kinds: dict[str, tuple[str, str, str]] = {}
    texts: dict[str, set[str]] = {}
    for who, one in letters:
        kind = (NAMES.get(who, who), one.template, matters[_ticket(one)] if _ticket(one) else "")
        assert kinds.setdefault(one.message_id, kind) == kind, f"{one.message_id} is two mails"
        texts.setdefault(one.message_id, set()).add(_body(one))
    found = Counter(kinds.values())
    assert found == EXPECTED, f"missing: {EXPECTED - found}; too many: {found - EXPECTED}"
    assert all(len(same) == 1 for same in texts.values()), "copies of a mail differ"
    assert all("$Mailbot" in flags for flags in office.servers.flags(LPSE).values()), "a mail is not marked as done"
    return len(letters) - len(kinds)


def _ticket(one: Letter) -> str:
    found = re.match(r"\[(LPSE-BTG-\d{4}-\d{6})]", one.subject)
    return found[1] if found else ""


def _body(one: Letter) -> str:
    """The mail as the program made it: without what the servers put on top of it."""
    raw = one.raw
    return raw[raw.index(b"\nFrom: ") :].decode()


# --- deaths --------------------------------------------------------------------------------------------

FETCH = ("fetched", "journalling", "journalled")
HANDLE = ("attempt_counted", "handling", "handled")
SEND = ("claimed", "handed_over", "dot_sent", "after_dot", "accepted", "settled")
#: Those that this conversation passes often enough; the others are on the ways of flows.py.
ON_THE_WAY = (*FETCH, *HANDLE, "marked", *SEND)
#: After dying here the thing in hand is done and does not pass again.
_DONE = ("journalled", "handled", "accepted", "settled")
#: More deaths over one mail would be its fault: after the third it is quarantined.
_TOGETHER = 2


def deaths(points: Sequence[str], first: int = 0) -> dict[int, list[str]]:
    """Distribute deaths over the steps, beginning with step `first`, each at a varying passing of its point.

    Every one of them is reached: no step gets more than it has passings left.
    """
    plan: dict[int, list[str]] = {step: [] for step in range(len(STEPS))}
    left = {step: _passings(STEPS[step]) for step in plan}
    together: Counter[tuple[int, str]] = Counter()
    at = first
    for number, point in enumerate(points):
        for _ in STEPS:
            step, at = at % len(STEPS), at + 1
            group = next(group for group in left[step] if point in group)
            room = min(left[step][group], STEPS[step].events) if point == "handling" else left[step][group]
            if STEPS[step].mails == 0 and point in ("attempt_counted", "handled"):
                room = 0
            if room > 0 and together[step, group[0]] < _TOGETHER:
                break
        else:
            raise ValueError(f"no room for {len(points)} deaths at {point}")
        scarce = point in _DONE and group != SEND
        n = 1 + number % max(1, min(room - scarce, 3))
        left[step][group] -= n if point in _DONE else n - 1
        together[step, group[0]] += 1
        plan[step].append(f"{point}:{n}")
    for faults in plan.values():
        faults.sort(key=lambda fault: POINTS.index(fault.partition(":")[0]))
    return plan


def _passings(step: Step) -> dict[tuple[str, ...], int]:
    return {
        FETCH: step.mails,
        HANDLE: step.mails or step.events,
        ("marked",): min(step.mails, 1),
        SEND: step.out,
    }
