"""Effects that are mails to Helpdesk LKPP (SOP steps 1, 9, 12), or the text to paste into LPSE Support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailbot import letters
from mailbot.fetch.originals import attachments_of
from mailbot.model import Attachment, Role
from mailbot.procedure.effects.kinds import mailing
from mailbot.procedure.effects.mailing import Sending, post, text_of
from mailbot.procedure.effects.shared import INSIDE, enquiry, held_back, keep, lkpp_of, undo_window, user_mails
from mailbot.store.database import to_text
from mailbot.tickets import earlier, tickets
from mailbot.tickets.work import Work


def _escalation(work: Work) -> tuple[dict[str, Any], list[Attachment]]:
    """What LKPP gets at step 1: identity, summary, chronology, what LPSE tried, the user's own words and files."""
    summary, tried = split_summary(work.event.text)
    mails = user_mails(work, new_only=False)
    files = [file for entry in mails for file in attachments_of(work, int(entry["journal_id"]))]
    files += work.given.attachments
    again = earlier.escalations(work.store, work.ticket.id, work.history_id)
    tickets.widen_audience(work.store, [int(entry["journal_id"]) for entry in mails], Role.LKPP)
    keep(work, "escalation", work.event.text, (Role.LKPP, *INSIDE))
    shown = {
        "summary": summary,
        "tried": tried,
        "reason": "Permasalahan ini belum teratasi setelah penanganan sebelumnya." if again else None,
        "chronology": letters.chronology(work),
        "text": "\n\n".join(str(entry["body"]) for entry in mails),
    }
    work.change(was_with_lkpp=1, escalated_at=to_text(work.event.at))
    if work.site.config.lkpp.address:
        tickets.add_party(
            work.store,
            work.ticket.id,
            work.site.config.lkpp.address,
            Role.LKPP,
            work.event.address,
            work.event.at,
        )
    return shown, files


def split_summary(text: str) -> tuple[str, str | None]:
    """(Ringkasan, Upaya yang telah dilakukan) out of the command's text, if staff kept the headings."""
    parts: dict[str, list[str]] = {"summary": [], "tried": []}
    current = "summary"
    for line in text.splitlines():
        head, colon, rest = line.partition(":")
        name = {"ringkasan": "summary", "upaya yang telah dilakukan": "tried", "upaya": "tried"}.get(
            head.strip().lower()
        )
        if colon and name:
            current, line = name, rest.strip()
        parts[current].append(line)
    summary, tried = ("\n".join(parts[name]).strip() for name in ("summary", "tried"))
    return summary or tried, tried if summary and tried else None


@mailing
def lkpp_escalation(work: Work) -> None:
    shown, files = _escalation(work)
    sent, listed = letters.fitting(work.site, files)
    post(work, "lkpp_escalation", lkpp_of(work), Sending(files=sent), attachments=listed, **shown)


@mailing
def paste_escalation(work: Work) -> None:
    """Channel LPSE Support: the same words, for staff to paste there."""
    shown, files = _escalation(work)
    _, listed = letters.fitting(work.site, files)
    work.paste = text_of(work, "lkpp_escalation", lkpp_of(work), attachments=listed, **shown)


def _forward(work: Work) -> tuple[str, Sequence[Attachment]]:
    found = held_back(work)
    tickets.widen_audience(work.store, found.journal_ids, Role.LKPP)
    if work.event.role.inside:  # `#teruskan`: now nothing is held any more
        work.change(held_data=0)
        keep(work, "forward", work.event.text, (Role.LKPP, *INSIDE))
    return found.words, found.files


@mailing
def lkpp_additional_data(work: Work) -> None:
    """SOP step 9."""
    words, files = _forward(work)
    sent, listed = letters.fitting(work.site, files)
    post(work, "lkpp_additional_data", lkpp_of(work), Sending(files=sent), text=words, attachments=listed)


@mailing
def paste_data(work: Work) -> None:
    words, files = _forward(work)
    _, listed = letters.fitting(work.site, files)
    work.paste = text_of(work, "lkpp_additional_data", lkpp_of(work), text=words, attachments=listed)


@mailing
def lkpp_status_enquiry(work: Work) -> None:
    """SOP step 12: LKPP owes a word on the status; counted from the escalation or its last word."""
    post(work, "lkpp_status_enquiry", lkpp_of(work), enquiry=enquiry(work))


@mailing
def lkpp_message(work: Work) -> None:
    keep(work, "message", work.event.text, (Role.LKPP, *INSIDE))
    sent, listed = letters.fitting(work.site, work.given.attachments)
    post(work, "lkpp_message", lkpp_of(work), Sending(files=sent), text=work.event.text, attachments=listed)


@mailing
def lkpp_closing(work: Work) -> None:
    """LKPP has the ticket: told in one line, without a word of what was written to the user."""
    if work.site.settings.by_email:
        words = f"Tiket {work.ticket.number} telah kami tutup. Penanganan di Helpdesk LKPP tidak diperlukan lagi."
        keep(work, "closing", words, (Role.LKPP, *INSIDE))
        waits = undo_window(work) if work.event.kind == "staff.close" else {}  # `#batal` takes both back
        post(work, "lkpp_message", lkpp_of(work), Sending(**waits), text=words)
