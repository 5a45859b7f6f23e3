"""`#jawab`: its text may be the code of a canned answer, and may hold nothing that was masked in another's answer."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.arrivals.staff.commands.doing import Doing
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.errors import NotCarriedOut
from mailbot.letters import canned
from mailbot.masking import MASK
from mailbot.parsers.commands.command_lines import Command
from mailbot.tickets.work import Work

_GAPS = (
    f"Jawaban masih memuat “{MASK}”: bagian yang disamarkan dari jawaban untuk pengguna lain. Isi atau hapus bagian"
    " itu, lalu kirim kembali."
)
_NO_ANSWER = (
    "Perintah #jawab memerlukan teks atau kode jawaban baku. Tulis teksnya di bawah perintah, atau salah satu kode"
    " berikut sendirian di belakangnya."
)


def _lacking(hand: StaffMail) -> tuple[str, Sequence[tuple[str, str]]]:
    return _NO_ANSWER, canned.listing(hand.site)


def _complete(hand: StaffMail, command: Command) -> Command:
    """The command with the text of the canned answer that it names."""
    if hand.ticket_id is None:
        return command
    return canned.filled(hand.store, hand.site, hand.ticket_id, command, plain=not hand.read.commands)


def _check(_hand: StaffMail, command: Command, _found: Sequence[Command]) -> None:
    if MASK in command.text:
        raise NotCarriedOut(_GAPS)


def _result(command: Command, _work: Work) -> str | None:
    return None if command.typed is None else f"Jawaban baku {command.argument} kepada pengguna disiapkan"


DOING = Doing(lacking=_lacking, complete=_complete, check=_check, result=_result)
