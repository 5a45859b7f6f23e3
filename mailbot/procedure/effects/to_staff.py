"""Effects that are mails to staff: what came in, what is due, and the likely next steps as links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from mailbot import letters
from mailbot.clean import shorten
from mailbot.letters import canned, caps, proposals
from mailbot.model import NamedAddress, Role, Status
from mailbot.procedure.effects.kinds import mailing
from mailbot.procedure.effects.mailing import Sending, post
from mailbot.procedure.effects.shared import (
    LKPP_CLOCKS,
    all_staff,
    enquiry,
    fired,
    lkpp_said,
    notice,
    staff_present,
    users_own,
    who_handles,
)
from mailbot.restraint import folding
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import breaches, leaves, progress, similar, tickets
from mailbot.tickets.case import Case
from mailbot.tickets.work import Work

_MOST_JOINED = 3
#: A plain reply to one of these is the answer to the user; elsewhere it takes `#jawab`.
ANSWERED = ("staff_new_ticket", "staff_user_reply", "staff_returned")
#: What an escalation's ready mail asks to be filled in.
HEADINGS = "Ringkasan:\r\n\r\nUpaya yang telah dilakukan:\r\n"


def _links(work: Work, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
    return _steps(work, recipient, template, work)


def _steps(case: Case, recipient: NamedAddress, template: str, work: Work | None = None) -> list[dict[str, Any]]:
    """The likely next steps of a ticket in its status, each a link that opens a ready reply. work: the event that the
    mail tells of, where it tells of one."""
    found: list[dict[str, Any]] = []
    ticket, status = case.ticket, case.ticket.status
    is_due = work is not None and work.event.kind.startswith("due.")

    def add(label: str, command: str, **rest: str) -> None:
        found.append(letters.link(case, recipient, label, command, **rest))

    running = None if work is None else work.running
    if running is not None and running.clock == "escalation" and not case.site.settings.by_email:
        add("Catat nomor LPSE Support", "#lpse-support", hint="Tulis nomornya di belakang perintah.")
    if template in ANSWERED:
        found.append(letters.reply_hint("Jawab pengguna"))
    else:
        add("Jawab pengguna", "#jawab", hint="Tulis jawaban di bawah perintah.")
    if template == "staff_new_ticket" and (proposed := canned.proposed(case)) is not None:
        code, title = proposed
        add(f"Jawab dengan jawaban baku: {title}", f"#jawab {code}", hint="Teksnya di bagian akhir e-mail ini.")
    if ticket.handler is None or leaves.away_until(case.store, case.site, ticket.handler, case.now):
        add("Ambil tiket", "#ambil")
    if status in (Status.NEW, Status.IN_PROGRESS, Status.RETURNED, Status.AWAITING_USER):
        add("Minta data", "#minta-data", hint="Tulis data yang diperlukan di bawah perintah.")
        add(
            "Eskalasi ke LKPP",
            "#eskalasi",
            after=HEADINGS,
            hint="Isi ringkasan dan upaya yang telah dilakukan.",
        )
    if template == "staff_lkpp_reply" and ticket.is_with_lkpp and case.site.settings.by_email:
        add("Tulis kepada Helpdesk LKPP", "#lkpp", hint="Tulis pesan di bawah perintah.")
    if status is Status.RESOLVED:
        add("Tutup tiket", "#tutup", hint="Bila pengguna sudah menyatakan selesai.")
    if _may_ask_coordinator(case, recipient, template):
        add("Minta arahan koordinator", "#koordinator", hint="Tulis yang perlu diputuskan di bawah perintah.")
    of_user = work is not None and work.event.kind == "user.mail"
    if status is Status.AWAITING_DATA or (status is Status.ESCALATED and of_user):
        add("Teruskan ke LKPP", "#teruskan")
    if ticket.is_with_lkpp and is_due:
        add("Catat perkembangan", "#perkembangan", hint="Tulis kabar LKPP dari telepon atau TTS.")
        add("Catat selesai", "#selesai", hint="Tulis penyelesaian dari LKPP.")
    if is_due or template == "staff_assigned":
        command = letters.assignment(case.site, recipient.address)
        add("Tugaskan kepada rekan", command, hint="Nama rekan ditulis di belakang perintah.")
    if is_due:
        add("Tunda batas", "#tunda", hint="Tulis lamanya dan alasannya, misalnya: 2 hari kerja menunggu surat kuasa.")
    if is_due and breaches.unexplained(case.store, ticket.id):
        add("Catat alasan keterlambatan", "#alasan", hint="Tulis alasannya di belakang perintah.")
    if work is not None:
        for number in work.given.joins[:_MOST_JOINED]:
            add(f"Gabungkan ke {number}, pengirim menjadi pihak", f"#gabung {number} pihak")
        if work.given.separate and work.event.journal_id is not None:
            add("Pisahkan menjadi tiket baru", f"#pisah {work.event.journal_id}")
        if work.proposes is not None:
            add(f"Jadikan P{work.proposes}", f"#prioritas {work.proposes}")
    if status is Status.NEW:
        add("Buang (bukan urusan LPSE)", "#buang")
    return found


#: Characters of an old answer that a link can carry, percent-encoded, so that all of the link has less than the 2,000
#: that every mail program takes; and of its beginning, which stands in the mail in any case.
_ENCODED, _BEGINNING = 1500, 280
#: What is longer is cut in the mail too: it was a manual.
_LONGEST = 2500


def _similar(work: Work, recipient: NamedAddress, case: similar.Case) -> dict[str, Any]:
    """A solved ticket with a link that answers with its answer. A long one stands in the mail whole, to be copied."""
    after = case.answer.replace("\n", "\r\n")
    if len(quote(after, safe="")) <= _ENCODED:
        answer, label, hint = _beginning(case.answer), "Jawab dengan teks ini", "Sesuaikan teksnya sebelum dikirim."
    else:
        answer, label, after = shorten(case.answer, _LONGEST), "Jawab dengan menyalin teks ini", ""
        hint = "Jawaban ini terlalu panjang untuk tautan: salin teksnya ke bawah perintah, lalu sesuaikan."
    return {
        "number": case.number,
        "subject": case.subject,
        "solved": case.solved,
        "answer": answer,
        **letters.link(work, recipient, label, "#jawab", after=after, hint=hint),
    }


def _beginning(text: str) -> str:
    """The first lines of an answer, cut between two words."""
    if len(text) <= _BEGINNING:
        return text
    return f"{text[:_BEGINNING].rsplit(None, 1)[0].rstrip('.,;:')} …"


def next_steps(case: Case, recipient: NamedAddress) -> list[dict[str, Any]]:
    """The same for a receipt, which a plain reply answers nobody with."""
    if case.ticket.status is Status.CLOSED:
        return [letters.link(case, recipient, "Buka kembali", "#buka")]
    make = _steps if case.ticket.pending_reply is None else _meaning_links
    return make(case, recipient, "staff_receipt")


def _may_ask_coordinator(case: Case, recipient: NamedAddress, template: str) -> bool:
    """Whether to offer the next tier: where staff have begun, or are late, and do not wait for direction already."""
    begun = case.ticket.status is Status.IN_PROGRESS or template in ("staff_returned", "staff_reminder")
    others = any(one.address != recipient.address for one in case.site.config.coordinator)
    return begun and others and "direction" not in case.ticket.clocks


def _meaning_links(case: Case, recipient: NamedAddress, _template: str) -> list[dict[str, Any]]:
    return [
        letters.link(case, recipient, label, command)
        for label, command in (
            ("Kewenangan LPSE (langkah 4)", "#kembali"),
            ("Minta data tambahan (langkah 6)", "#data-tambahan"),
            ("Perkembangan (langkah 12/14)", "#perkembangan"),
            ("Sudah selesai (langkah 13)", "#selesai"),
            ("Gunakan kanal lain", "#alihkan"),
            ("Abaikan", "#abaikan"),
        )
    ]


def _meaning(work: Work) -> dict[str, Any] | None:
    if work.given.meaning is None:
        return None
    label, sentence, rule = work.given.meaning
    return {"label": label, "sentence": sentence, "rule": rule}


def _to_staff(work: Work, template: str, recipients: Sequence[NamedAddress], **extra: Any) -> None:
    sent, listed = letters.fitting(work.site, work.given.attachments)
    shared: dict[str, Any] = {
        "text": work.given.shown,
        "attachments": listed,
        "reason": "; ".join(filter(None, (work.given.remark, *work.remarks, _away(work)))) or None,
        "meaning": _meaning(work),
        "deadline": letters.next_limit(work),
        "proposals": proposals.values(work) if template == "staff_new_ticket" else None,
        **extra,
    }
    make, alike = shared.pop("links", _links), shared.pop("alike", ())
    sending = Sending(files=shared.pop("files", sent))
    for recipient in recipients:
        shown = [_similar(work, recipient, case) for case in alike]
        post(work, template, recipient, sending, actions=make(work, recipient, template), similar=shown, **shared)


def _away(work: Work) -> str | None:
    away = leaves.said(work.store, work.site, work.ticket.handler, work.now)
    return f"{away}; e-mail ini dikirim kepada semua petugas" if away else None


@mailing
def staff_assigned(work: Work) -> None:
    """To the colleague who is to handle the ticket from now on: what is owed, until when, and the user's last words."""
    person = work.site.config.person(work.event.argument)
    if person is None:
        return
    words = [row for row in tickets.texts_for(work.store, work.ticket.id, Role.STAFF) if row["role"] == Role.USER.value]
    _to_staff(
        work,
        "staff_assigned",
        [NamedAddress(person.name, person.address)],
        text=str(words[-1]["body"]) if words else "",
        reason=None,
    )


@mailing
def staff_new_ticket(work: Work) -> None:
    proposed = canned.proposed(work)
    code = None if proposed is None else proposed[0]
    shown = None if code is None else {"code": code, "text": canned.text(work.store, work.site, work.ticket, code)}
    alike = similar.cases(work.store, work.site, work.ticket, besides=shown["text"] if shown else "")
    _of_user(work, "staff_new_ticket", all_staff(work), canned=shown, alike=alike)


@mailing
def staff_user_reply(work: Work) -> None:
    _of_user(work, "staff_user_reply", who_handles(work))


def _of_user(work: Work, template: str, recipients: Sequence[NamedAddress], **extra: Any) -> None:
    """A user's mail; in a flood, a line of the next collected notice."""
    if caps.latecomer(work):
        folding.fold(work, MAILS[template].kind, tell_operator=False)  # he is asked about all of them (`latecomers`)
    elif caps.too_many_notices(work):
        folding.fold(work, MAILS[template].kind)
    else:
        _to_staff(work, template, recipients, **extra)


@mailing
def staff_lkpp_reply(work: Work) -> None:
    if work.event.role is Role.LKPP:  # what staff themselves recorded comes back in the receipt
        _to_staff(work, "staff_lkpp_reply", who_handles(work))


@mailing
def staff_returned(work: Work) -> None:
    """SOP step 4: LKPP's guidance to whoever handles the ticket; the user hears nothing until staff answer."""
    words, files = lkpp_said(work)
    sent, listed = letters.fitting(work.site, files)
    _to_staff(work, "staff_returned", who_handles(work), text=words, files=sent, attachments=listed)


@mailing
def staff_classify(work: Work) -> None:
    _to_staff(
        work,
        "staff_classify",
        who_handles(work),
        links=_meaning_links,
        text=work.given.text or work.given.shown,
        deadline=letters.next_limit(work, "classify"),
    )


@mailing
def handler_warning(work: Work) -> None:
    """Before a limit, to whoever handles the ticket; to all staff where nobody does, or he is away or left the list."""
    _remind(work, who_handles(work))


@mailing
def staff_reminder(work: Work) -> None:
    """To all staff who are there: a limit comes near or has passed, so it is everybody's."""
    _remind(work, staff_present(work))


def _remind(work: Work, recipients: Sequence[NamedAddress]) -> None:
    if work.folded:
        notice(work, Role.STAFF, daily=False)
        return
    pending = work.running is not None and work.running.clock == "classify"
    _to_staff(
        work,
        "staff_reminder",
        recipients,
        links=_meaning_links if pending else _links,
        deadline=fired(work),
        enquiry=enquiry(work) if work.running and work.running.clock in LKPP_CLOCKS else None,
        standing=progress.values(work.store, work.site, work.ticket, work.now),
    )


@mailing
def staff_undeliverable(work: Work) -> None:
    """To whoever handles the ticket, never to the address that bounced; the telephone number, where it is known."""
    what, answer = work.given.bounced or ("", "")
    if work.event.kind == "bounce.user" and not users_own(work):
        reason = f"E-mail kepada {work.event.argument} tidak sampai; ia bukan pengguna tiket ini, melainkan pihak lain."
    elif work.event.kind == "bounce.user":
        phone = tickets.fields(work.store, work.ticket.id).get("phone")
        by_phone = f"melalui telepon {phone}" if phone else "dengan cara lain"
        reason = (
            f"E-mail kepada pengguna tidak sampai. Mohon hubungi pengguna {by_phone}."
            " Tiket ini tidak akan ditutup secara otomatis."
        )
    else:
        reason = "E-mail kepada Helpdesk LKPP tidak sampai. Mohon sampaikan permasalahan melalui saluran lain."
    _to_staff(
        work, "staff_undeliverable", who_handles(work), reason=reason, held={"what": what, "text": answer or None}
    )


@mailing
def staff_by_hand(work: Work) -> None:
    """Somebody has answered outside mailbot: whoever handles the ticket says what that means for its status."""

    def links(work: Work, recipient: NamedAddress, template: str) -> list[dict[str, Any]]:
        closing = [letters.link(work, recipient, "Sudah selesai: tutup tiket", "#tutup")]
        return _links(work, recipient, template) + (closing if work.ticket.status is not Status.CLOSED else [])

    _to_staff(work, "staff_reminder", who_handles(work), links=links, deadline=letters.next_limit(work), enquiry=None)
