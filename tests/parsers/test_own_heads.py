"""Mails to staff leave under a name for each ticket: the heads above their quotations are known whatever it is."""

from __future__ import annotations

import textwrap
from datetime import datetime

import pytest

from mailbot.parsers.reply.own_quote import Ours, apart
from mailbot.parsers.reply.quotable import Sent
from mailbot.parsers.reply.quoted import new_text
from mailbot.templates.render import Renderer
from tests.matrix import clients
from tests.matrix.clients import CLIENTS, Client
from tests.sample_values import sample

ADDRESS = "lpse@batangkab.test"
LPSE = Sent(("Mohon tulis balasan",), f"LPSE Kabupaten Batang <{ADDRESS}>")
ANSWER = "Silakan dicoba kembali."
NAMES = (
    "LPSE-BTG · P1 · Siti Aminah (CV Abadi)",
    "LPSE-BTG · P3 · pengirim",
    "LPSE-BTG · P2 · cv sumber makmur abadi jaya (pt sejahtera mandiri)",
    "LPSE-BTG · P4 · Budi (PT Sumber Makmur Sejahtera Abadi Nus…)",
    "LPSE Kabupaten Batang",
)
TEXT = Renderer().body("staff_user_reply", sample("staff_user_reply")).text
#: A notice of another ticket: some of its words stand in every notice.
OTHER = f"Tiket baru\n\nPERHATIAN: Identitas belum lengkap.\n\n{TEXT[TEXT.index('Langkah berikutnya') :]}"


def notice(name: str, subject: str, text: str) -> clients.Ours:
    on = datetime(2026, 12, 21, 8, 0)
    return clients.Ours(name, ADDRESS, on, subject, "sari@batangkab.test", text, "")


def heading(client: Client, mail: clients.Ours, width: int) -> str:
    lines = client.heading(mail).split("\n")
    return "\n".join(textwrap.fill(line, width, break_on_hyphens=False) if line.strip() else line for line in lines)


@pytest.mark.parametrize("width", [400, 72, 40])
@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_the_heads_of_two_quoted_notices_are_no_words_of_their_reader(client: Client, width: int) -> None:
    for name in NAMES:
        for other in NAMES:
            first = notice(name, "[LPSE-BTG-2026-000123] Balasan pengguna: Gagal", TEXT)
            second = notice(other, "[LPSE-BTG-2026-000007] Tiket baru: Lain", OTHER)
            quotation = f"{heading(client, first, width)}\n{TEXT}\n{heading(client, second, width)}\n{OTHER}"
            assert new_text(f"{ANSWER}\n\n{quotation}").text == ANSWER, (name, other)
            found = apart(quotation, Ours([Sent((TEXT,), f"{name} <{ADDRESS}>", first.subject, first.on.date()), LPSE]))
            assert found.found and found.within[0] == "", (name, other)


@pytest.mark.parametrize(
    ("sender", "is_head"),
    [
        (f"Helpdesk LPSE Batang <{ADDRESS}>", True),  # as an address book names us
        (f"Helpdesk [mailto:{ADDRESS}]", True),
        ("LPSE-BTG · P1 · Siti", True),
        (f"petugas lewat {ADDRESS}", False),
        ("LPSE-BTG", False),
        (f"Sari <{ADDRESS}> kemarin", False),
        ("Sari <sari@batangkab.test>", False),
    ],
)
def test_our_address_in_brackets_or_the_name_of_a_ticket_tells_whose_mail_it_was(sender: str, is_head: bool) -> None:
    lines = f"Dari: {sender}\nKepada: Budi"
    below = "Kalimat di antaranya."
    found = apart(f"{ANSWER}\n\n{lines}\n\n{below}\n\n{TEXT}", Ours([LPSE, Sent((TEXT,))]))
    assert (lines in found.rest) == (not is_head)
    assert ANSWER in found.rest and below in found.rest
