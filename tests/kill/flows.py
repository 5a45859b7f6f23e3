"""The ways of mails through the office, each from a state that is put back before it: who writes what, and what must
then lie in whose mailbox, written down from the SOP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tests.kill.site import Fact, Site
from tests.world import LPSE

#: Hands in one mail.
Write = Callable[[], object]
_BOTH = ("petugas", "rekan")


def title(number: int) -> str:
    return f"Perkara {number:04}"


def user(number: int) -> str:
    return f"p{number:04}@penyedia.test"


@dataclass(frozen=True)
class Moment:
    """A time, and who writes then."""

    when: str
    writes: Callable[[Site, range], Sequence[Write]] = lambda _site, _numbers: ()
    #: Between two of them, if they do not come together.
    between: timedelta = timedelta(minutes=1)


@dataclass(frozen=True)
class Flow:
    """name: as in docs/reliability.md. before: how its state comes to be. points: the fault points on its way."""

    name: str
    before: Sequence[Moment]
    moments: Sequence[Moment]
    owed: Callable[[range], Counter[Fact]]
    points: Sequence[str]
    #: Matters at a time, if not as many as the test likes.
    matters: int | None = None

    def numbers(self, count: int) -> range:
        return range(1, 1 + (self.matters or count))

    def prepare(self, site: Site, count: int) -> None:
        """Bring the office into the state before, and remember that."""
        site.users = [user(number) for number in self.numbers(count)]
        for moment in self.before:
            site.at(moment.when)
            for write in moment.writes(site, self.numbers(count)):
                write()
            site.recover()
        site.save()


# --- who writes -------------------------------------------------------------------------------------------


def _new(site: Site, number: int, *, domain: str = "", file: int = 0) -> Write:
    address = domain or user(number)
    text = "Yth. Admin, kami tidak bisa masuk ke SPSE.\nNama: Budi\nInstansi: CV Contoh\nHP: 081234567890\n"
    files = [("layar.png", b"\x89PNG" * (file // 4))] if file else []
    return lambda: site.write(address, text, subject=title(number), sender=f"Budi <{address}>", files=files)


def _users_write(site: Site, numbers: range) -> list[Write]:
    return [_new(site, number) for number in numbers]


def _users_write_one_with_a_large_file(site: Site, numbers: range) -> list[Write]:
    return [_new(site, number, file=300_000 if number == 1 else 0) for number in numbers]


def _users_of_refused_addresses_write(site: Site, numbers: range) -> list[Write]:
    return [_new(site, number, domain=f"unknown@penyedia{number}.test") for number in numbers]


def _staff(who: str, template: str, text: str) -> Callable[[Site, range], list[Write]]:
    """Staff answer the mail of that kind about each matter."""

    def writes(site: Site, numbers: range) -> list[Write]:
        return [_answer(site, who, template, number, text) for number in numbers]

    return writes


def _answer(site: Site, who: str, template: str, number: int, text: str) -> Write:
    answers = site.about(who, template, title(number))
    sender = None if "@" not in who else f"Budi <{who}>"
    return lambda: site.write(who, text.format(title=title(number)), answers=answers, sender=sender)


_escalate = _staff(
    "petugas",
    "staff_new_ticket",
    "#eskalasi\nRingkasan:\nPengguna tidak bisa masuk\nUpaya yang telah dilakukan:\nmengatur ulang kata sandi\n",
)
_staff_answer = _staff("rekan", "staff_new_ticket", "Berkas {title} melebihi 10 MB; mohon diperkecil.")
_lkpp_solves = _staff(
    "lkpp", "lkpp_escalation", "Permasalahan telah selesai ditangani, mohon dapat disampaikan kepada pengguna."
)


def _answer_every_second(site: Site, numbers: range) -> list[Write]:
    return _staff_answer(site, numbers[::2])


def _users_and_staff_close(site: Site, numbers: range) -> list[Write]:
    told = [_answer(site, user(number), "user_answer", number, "SELESAI, terima kasih") for number in numbers[::2]]
    closed = [
        _answer(site, "petugas", "staff_new_ticket", number, "#tutup\nJadwal telah dikembalikan oleh Pokja.")
        for number in numbers[1::2]
    ]
    return told + closed


def _unreadable(site: Site, numbers: range) -> list[Write]:
    """Nested deeper than the parser goes, and than any mail program writes."""

    def raw(number: int) -> bytes:
        head = f"From: x{number}@luar.test\r\nTo: {LPSE}\r\nSubject: berlapis {number:04}\r\n"
        head += f"Message-ID: <berlapis.{number}@luar.test>\r\n"
        return head.encode() + b"".join(
            b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
            for n in range(150)
        )

    return [lambda number=number: site.drop(raw(number)) for number in numbers]  # type: ignore[misc]


# --- what is owed -----------------------------------------------------------------------------------------


def _each(numbers: range, *kinds: tuple[str, str]) -> Counter[Fact]:
    """kinds: (whom, by which mail); "user" is the matter's own."""
    return Counter(
        (user(number) if who == "user" else who, template, title(number))
        for number in numbers
        for who, template in kinds
    )


_NEW = (("user", "user_acknowledgement"), *((who, "staff_new_ticket") for who in _BOTH))

_IN = ("fetched", "journalling", "journalled", "attempt_counted", "handling", "handled", "marked")
_OUT = ("recovered", "claimed", "handed_over", "dot_sent", "after_dot", "accepted", "settled")

MONDAY = "2026-12-21"
_OPENED = Moment(f"{MONDAY} 09:00", _users_write)

NEW_TICKET = Flow(
    "a new ticket",
    (),
    (Moment(f"{MONDAY} 09:00", _users_write_one_with_a_large_file),),
    lambda numbers: _each(numbers, *_NEW),
    ("filed", "parted", *_IN, *_OUT),
)
#: Without the large file, which lies in staff's notices too and takes thousands of writes.
NEW_SMALL_TICKET = replace(NEW_TICKET, moments=(_OPENED,))
STAFF_REPLY = Flow(
    "b staff reply",
    (_OPENED,),
    # Who writes the same words again within three minutes of a receipt is taken for a robot.
    (Moment(f"{MONDAY} 09:10", _staff_answer, between=timedelta(minutes=4)), Moment(f"{MONDAY} 09:35")),
    lambda numbers: _each(numbers, ("rekan", "staff_receipt"), ("user", "user_answer")),
    (*_IN, *_OUT),
    matters=6,
)
ESCALATION = Flow(
    "c escalation",
    (_OPENED,),
    (Moment(f"{MONDAY} 09:10", _escalate),),
    lambda numbers: _each(
        numbers, ("petugas", "staff_receipt"), ("lkpp", "lkpp_escalation"), ("user", "user_escalated")
    ),
    (*_IN, *_OUT),
)
LKPP_ANSWER = Flow(
    "d LKPP answer",
    (_OPENED, Moment(f"{MONDAY} 09:10", _escalate)),
    (Moment(f"{MONDAY} 09:30", _lkpp_solves), Moment(f"{MONDAY} 09:34")),
    lambda numbers: _each(numbers, ("petugas", "staff_lkpp_reply"), ("user", "user_resolved")),
    (*_IN, *_OUT),
)
OVERDUE = Flow(
    "e overdue sweep",
    (_OPENED,),
    (Moment(f"{MONDAY} 13:40"),),  # an hour before the limit goes a warning
    lambda numbers: _each(numbers, *((who, "staff_reminder") for who in _BOTH)),
    ("handling", "fired", *_OUT),
    matters=20,
)
WORKLISTS = Flow(
    "i work lists",
    (_OPENED, Moment(f"{MONDAY} 13:40"), Moment(f"{MONDAY} 15:50")),  # what goes alone has gone
    (Moment("2026-12-22 07:40"),),
    lambda numbers: (
        _each(numbers, *((who, "staff_worklist") for who in _BOTH))
        + Counter({("koordinator", "coordinator_overdue", ""): 1})
    ),
    ("listing", *_OUT),
    matters=20,
)
CLOSE = Flow(
    "f close",
    (_OPENED, Moment(f"{MONDAY} 09:10", _answer_every_second), Moment(f"{MONDAY} 09:20")),
    (Moment(f"{MONDAY} 09:25", _users_and_staff_close), Moment(f"{MONDAY} 09:45")),
    lambda numbers: _each(numbers, ("user", "user_closed")) + _each(numbers[1::2], ("petugas", "staff_receipt")),
    (*_IN, *_OUT),
    matters=6,
)
QUARANTINE = Flow(
    "g quarantine",
    (),
    (Moment(f"{MONDAY} 09:00", _unreadable),),
    lambda numbers: Counter((who, "staff_quarantine", f"berlapis {number:04}") for number in numbers for who in _BOTH),
    ("fetched", "journalling", "journalled", "attempt_counted", "quarantining", "handled", "marked", *_OUT),
)
REFUSAL = Flow(
    "h refused address",
    (),
    (Moment(f"{MONDAY} 09:00", _users_of_refused_addresses_write),),
    lambda numbers: _each(
        numbers, *((who, template) for who in _BOTH for template in ("staff_new_ticket", "staff_undeliverable"))
    ),
    ("refused", "settled"),
    matters=12,
)
REPORTS = Flow(
    "j report of the month",
    (*CLOSE.before, *CLOSE.moments),  # nothing is left that lists would have
    (Moment("2027-01-04 07:40"),),
    # The operator hears of next year's calendar once a week.
    lambda _numbers: Counter(
        [("kepala", "head_report", ""), ("koordinator", "coordinator_report", ""), ("operator", "operator_alarm", "")]
    ),
    ("reporting", *_OUT),
    matters=6,
)
FLOWS = (NEW_TICKET, STAFF_REPLY, ESCALATION, LKPP_ANSWER, OVERDUE, CLOSE, QUARANTINE, REFUSAL, WORKLISTS, REPORTS)
