"""Steps that many tests of the desks begin with: a ticket in a given status, reached as people reach it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.world import Letter, PaperWorld, World

BORDER = "mx.batangkab.test"
IDENTITY = "Nama: Budi Santoso\nInstansi: CV Contoh\nHP: 081234567890\n"


def results(verdict: str, domain: str) -> tuple[str, str]:
    """An Authentication-Results header of our own border server (RFC 8601)."""
    return "Authentication-Results", f"{BORDER}; dmarc={verdict} header.from={domain}"


def opened(office: PaperWorld | World, text: str = "", **more: Any) -> Letter:
    """A user's new mail; the notice of it that Sari gets."""
    more.setdefault("subject", "Tidak bisa login")
    office.write("pengguna", text or f"Yth. Admin, kami tidak bisa login SPSE.\n{IDENTITY}", **more)
    assert office.once()
    return office.last("petugas", "staff_new_ticket")


def staff_writes(office: PaperWorld | World, text: str, answers: Letter | None = None, **more: Any) -> str:
    """Sari replies to a notice (the ticket's first, if none is named); the template of what she gets back."""
    office.new_letters("petugas")
    office.write("petugas", text, answers=answers or office.last("petugas", "staff_new_ticket"), **more)
    assert office.once()
    return office.new_letters("petugas")[-1].template


def told(office: PaperWorld | World, text: str, answers: Letter | None = None, **more: Any) -> str:
    """Sari writes what may be asked about first, and then uses the link; the template of what comes back."""
    found = staff_writes(office, text, answers, **more)
    if found != "staff_confirm":
        return found
    body = sending_link(office.last("petugas", "staff_confirm"))
    office.write("petugas", body, subject=f"[{number(office)}]")
    assert office.once()
    return office.new_letters("petugas")[-1].template


def escalated(office: PaperWorld | World, **more: Any) -> Letter:
    """A ticket that LKPP has; the mail that LKPP got."""
    notice = opened(office, **more)
    assert staff_writes(office, "#eskalasi Login gagal sejak kemarin.", notice) == "staff_receipt"
    assert office.status() == "escalated"
    return office.last("lkpp", "lkpp_escalation")


def data_requested(office: PaperWorld | World) -> Letter:
    """LKPP wants data, the undo window over; the mail in which the user is asked for them."""
    escalation = escalated(office)
    office.write("lkpp", "Mohon dilengkapi screenshot dan kode tender.", answers=escalation)
    assert office.once()
    minutes_later(office, 3)
    assert office.status() == "awaiting_data"
    return office.last("pengguna", "user_data_request")


def resolved(office: PaperWorld | World) -> Letter:
    """A ticket that was answered, the undo window over; the answer that the user got."""
    opened(office)
    assert staff_writes(office, "Silakan gunakan menu lupa password.") == "staff_receipt"
    minutes_later(office, 4)
    assert office.status() == "resolved"
    return office.last("pengguna", "user_answer")


def closed(office: PaperWorld | World) -> Letter:
    """A ticket that the user has confirmed; the mail that tells him so."""
    answer = resolved(office)
    office.write("pengguna", "SELESAI, terima kasih", answers=answer)
    assert office.once()
    assert office.status() == "closed"
    return office.last("pengguna", "user_closed")


def minutes_later(office: PaperWorld | World, minutes: int) -> None:
    office.now += timedelta(minutes=minutes)
    assert office.once()


def flat(text: str | Letter) -> str:
    """A letter's words on one line."""
    words = text if isinstance(text, str) else text.text
    return " ".join(words.replace("│", " ").split())


def clocks(office: PaperWorld) -> list[str]:
    """The newest ticket's clocks that run, in the order of their names, but for those that do so by themselves."""
    newest = "SELECT max(id) FROM tickets"
    sql = f"SELECT clock FROM deadlines WHERE ended_at IS NULL AND ticket_id = ({newest}) ORDER BY clock"
    rows = office.rows(sql)
    return [str(row["clock"]) for row in rows if not office.site.table.clocks[row["clock"]].from_receipt]


def number(office: PaperWorld | World) -> str:
    """The newest ticket's number."""
    return str(office.rows("SELECT number FROM tickets ORDER BY id DESC LIMIT 1")[0]["number"])


def templates(letters: Sequence[Letter]) -> list[str]:
    return [letter.template for letter in letters]


def disposition(office: PaperWorld | World) -> tuple[str, str, str]:
    """(state, disposition, reason) of the last mail that came in."""
    row = office.rows("SELECT state, disposition, reason FROM journal ORDER BY id DESC LIMIT 1")[0]
    return str(row["state"]), str(row["disposition"]), str(row["reason"])


def sending_link(question: Letter) -> str:
    """The body of the ready reply that sends what was held; the other one drops it."""
    [body] = [body for command, body in links(question).items() if command != "#batal"]
    return body


def links(letter: Letter) -> dict[str, str]:
    """Command → body of the ready reply that its link opens."""
    found = {}
    for href in re.findall(r'href="(mailto:[^"]+)"', letter.html):
        body = parse_qs(urlsplit(unescape(href)).query)["body"][0].replace("\r\n", "\n")
        command = next((line for line in body.split("\n") if line.startswith("#")), body.strip())
        found[command] = body
    return found
