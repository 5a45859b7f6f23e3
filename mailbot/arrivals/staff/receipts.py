"""Receipts: each command, what it did, the status after it, what goes to whom and when; or why nothing was done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from mailbot import letters
from mailbot.arrivals.staff import commands, queries
from mailbot.arrivals.staff.commands import consultation
from mailbot.clean import filled, shorten
from mailbot.config.site import Site
from mailbot.errors import NotCarriedOut
from mailbot.masking import mask
from mailbot.model import BALL, Attachment, Ball, NamedAddress, Role, Status, Ticket
from mailbot.parsers.commands import vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS, About, Takes
from mailbot.parsers.identity import NEEDS_CODE
from mailbot.parsers.incoming import IncomingMail
from mailbot.procedure.effects import to_staff
from mailbot.restraint import loops
from mailbot.rules.worktime.dates import format_date
from mailbot.store.database import Store
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import tickets
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Work

_ASK = (
    "Balasan ini dicatat sebagai catatan internal dan tidak dikirim kepada siapa pun. Bila dimaksudkan untuk"
    " pengguna, kirim kembali dengan #jawab; untuk LKPP dengan #lkpp."
)
_AGAIN = (
    "Untuk tetap menjalankannya, balas e-mail ini dengan perintah di baris pertama, disusul teks dan lampirannya,"
    " tanpa kutipan."
)
#: What a receipt shows only now and then.
_NOTHING_ELSE: dict[str, Any] = {"sections": [], "attachments": [], "paste": None, "form": None, "actions": []}
#: Characters of a subject in a list.
_SUBJECT = 80
#: Mail clients cut longer mailto links.
_LINK_TEXT = 1200


#: Characters of an answer that its receipt shows.
_SHOWN = 2500


def _shown(text: str) -> str:
    return shorten(text, _SHOWN)


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _waits(work: Work) -> bool:
    """Whether something of it can still be taken back."""
    return any(planned.when > work.now for planned in work.planned)


def _named(command: Command, *, whole: bool) -> str:
    if whole and SPECS[command.name].about is not About.ONESELF:  # its result has the days
        return _written(command)
    return f"#{command.word}"


def _written(command: Command) -> str:
    """The command's line as people write it: days in words."""
    argument = command.argument
    if SPECS[command.name].means == "leave" and "/" in argument:
        first, last = (format_date(date.fromisoformat(day)) for day in argument.split("/"))
        argument = first if first == last else f"{first} s.d. {last}"
    return f"#{SPECS[command.name].word} {argument}".strip()


def _exactly(held: Sequence[Command]) -> dict[str, str | None]:
    """What would be carried out, and the words that would leave; None of a command that takes none."""
    last = held[-1]
    empty = "(tanpa teks)" if SPECS[last.name].takes_text else None
    return {"what": ", ".join(map(_written, held)), "text": last.text or empty}


class Mendable(NotCarriedOut):
    """One command was not carried out that its writer may mend: it comes back to him as a link, with its text."""

    def __init__(self, sentence: str, command: Command, listed: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(sentence, listed)
        self.command = command


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who acted in between, and what he wrote."""

    name: str
    text: str


def _about(asked: Sequence[Command]) -> str:
    """What a mail has asked, for the subject of the answer."""
    words = ", ".join(map(_written, asked))
    return f": {shorten(mask(words)[0], _SUBJECT)}" if words else ""


class Receipt:
    """The answer to one staff mail."""

    def __init__(self, store: Store, site: Site, mail: IncomingMail, ticket_id: int | None, now: datetime) -> None:
        self.store, self.site, self.mail, self.now = store, site, mail, now
        # The operator looks after the program: what users write is none of his business.
        knows = ticket_id is not None and mail.sender.role is not Role.OPERATOR
        self.ticket = tickets.load(store, ticket_id) if knows and ticket_id is not None else None
        self.recipient = NamedAddress(mail.sender.name, mail.sender.address)

    def about(self, ticket_id: int | None) -> None:
        """The mail has made a ticket, or one out of two: the receipt belongs to it."""
        if ticket_id is not None and self.mail.sender.role is not Role.OPERATOR:
            self.ticket = tickets.load(self.store, ticket_id)

    def send(
        self,
        results: Sequence[tuple[Command, Work | str]],
        asked: Sequence[Command],
        *,
        asks: bool,
        links: Sequence[dict[str, Any]] = (),
    ) -> str:
        """All was carried out; a result without a work is said in its words. links: next steps.

        Returns the receipt as JSON, to be sent again if a link is used twice.
        """
        if self.ticket is not None:
            self.ticket = tickets.load(self.store, self.ticket.id)
        works = [(command, work) for command, work in results if isinstance(work, Work)]
        lines = [
            {
                "command": _named(command, whole=isinstance(found, str) or command.typed is not None),
                "result": f"{found}." if isinstance(found, str) else self._result(command, found),
            }
            for command, found in results
        ]
        for command, work in works:
            more = commands.of(command.name).lines
            lines += more(work) if more is not None else []
        answers = [queries.answer(self._asked(), command) for command in asked]
        lines += [line for found in answers for line in found.lines]
        sections = [section for found in answers for section in found.sections]
        files, listed = letters.fitting(self.site, [file for found in answers for file in found.files])
        self._about_one([found.ticket for found in answers])
        sends = [
            {"to": planned.recipient, "what": MAILS[planned.template].kind, "when": self._when(planned.when)}
            for _, work in works
            for planned in work.planned
            if not MAILS[planned.template].audience.inside
        ]
        paste = next((work.paste for _, work in works if work.paste), None)
        text = next((command.text for command, _ in results if command.typed is not None), None)
        text = text or next(
            (_shown(command.text) for command, work in works if SPECS[command.name].shows_text and _waits(work)), None
        )
        receipt = {"refused": None, "commands": lines, "sends": sends, "status": self._status(), "text": text}
        actions = [*self._undo(works), *self._support(works), *self._next(works, asked), *links]
        actions += [action for found in answers for action in found.actions]
        if not works and any(found.ticket for found in answers):
            actions += self._next_steps()
        if asks:
            lines.append({"command": "Perlu penegasan", "result": _ASK})
            actions += self._meant(results[0][0])
        shown: dict[str, Any] = {"receipt": receipt, "sections": sections, "paste": paste}
        self._post("staff_receipt", files=files, about=_about(asked), attachments=listed, actions=actions, **shown)
        return json.dumps(shown)

    def refuse(self, error: NotCarriedOut, words: Sequence[str] = ()) -> None:
        """Nothing was carried out. words: the commands that were not. A Formulir Konsultasi that is not complete is
        shown as far as it is, and linked; else what can be mended comes back as a link, or the ticket's next steps."""
        lines = [{"command": f"#{word}", "result": "tidak dilaksanakan"} for word in words]
        lines += [{"command": command, "result": words} for command, words in error.listed]
        receipt = {"refused": str(error), "commands": lines, "sends": [], "status": self._status()}
        form, actions = None, self._once_more(error.command) if isinstance(error, Mendable) else []
        actions = actions or self._next_steps()
        if isinstance(error, consultation.Incomplete):
            form = consultation.form_of(error, self.recipient.name)
            name = error.command.name
            actions = [consultation.link(self.store, self.site, self.recipient, name, self.now, error.form)]
        shown = {**_NOTHING_ELSE, "form": form, "actions": actions}
        self._post("staff_receipt", receipt=receipt, **shown)

    def repeat(self, kept: str) -> None:
        """A link used twice gets the first receipt again, and nothing happens."""
        saved = json.loads(kept)
        shown: dict[str, Any] = {**_NOTHING_ELSE, **saved}
        self._post("staff_receipt", **shown)

    def ask(self, reason: str, held: Sequence[Command], colleague: Colleague | None) -> None:
        """Held: shows exactly what would be sent, with a link that sends it."""
        text, files = held[-1].text, self.mail.message.attachments
        actions = []
        typed = text if held[-1].typed is None else held[-1].typed  # its code brings the rest of it once more
        whole = len(text) > 0 or not SPECS[held[-1].name].takes_text
        fits = whole and len(typed) <= _LINK_TEXT
        if self.ticket is not None and len(held) == 1 and not files and fits:
            after = _crlf(typed)
            label, hint = "Tetap jalankan", ""
            if text:
                label = SPECS[held[-1].name].anyway or "Tetap kirim"
                hint = "Bila membalas tanpa tautan, sertakan teksnya."
            actions = [letters.link(self._case(), self.recipient, label, _written(held[0]), after=after, hint=hint)]
        else:  # a link carries neither files nor two commands nor long texts
            reason = f"{reason} {_AGAIN}"
        self._post(
            "staff_confirm",
            reason=reason,
            held=_exactly(held),
            text=colleague.text or "(tanpa teks)" if colleague else None,
            actor={"name": colleague.name if colleague else "", "address": ""},
            confirmation=None,
            actions=actions,
        )

    def ask_code(self, code: str, until: datetime, reason: str, held: Sequence[Command]) -> None:
        """A mail in this person's name waits: shows exactly what it would do, and the code that lets it."""
        message = self.mail.message
        files = ", ".join(f"{file.name} ({letters.size_words(len(file.data))})" for file in message.attachments)
        subject = message.subject or "tanpa perihal"
        why = reason.removeprefix(NEEDS_CODE).lstrip(":; ") or "bukan balasan atas e-mail kami"
        self._post(
            "staff_confirm",
            key=f"{self.mail.key}.code",
            reason=why[:1].upper() + why[1:],
            held=_exactly(held),
            text=None,
            actor={"name": "", "address": ""},
            confirmation={
                "code": code,
                "until": self.site.say(until),
                "arrived_at": self.site.say(self.mail.at),
                "subject": shorten(subject, _SUBJECT),
                "files": files or None,
            },
            actions=[
                {
                    "label": "Ya, e-mail ini dari saya: jalankan",
                    "href": letters.code_mailto(self.site, f"Konfirmasi: {shorten(subject, _SUBJECT)}", code),
                    "command": "baris kode di bawah ini",
                    "hint": None,
                }
            ],
        )

    # --- words ------------------------------------------------------------------------------------

    def _next(self, works: Sequence[tuple[Command, Work]], queries: Sequence[Command]) -> list[dict[str, Any]]:
        """What a new consultation needs next; and below `#bantuan` the forms for one."""
        found: list[dict[str, Any]] = []
        for command, work in works:
            spec = SPECS[command.name]
            if spec.about is About.CONSULTATION and work.ticket.status is not Status.CLOSED:
                found += to_staff.next_steps(work, self.recipient)
            elif spec.next_steps and not _waits(work) and self.ticket is not None:
                found += self._next_steps() if BALL[self.ticket.status] is Ball.LPSE else []
        helped = any(SPECS[command.name].takes is Takes.COMMAND and not command.argument for command in queries)
        if helped and any(spec.about is About.CONSULTATION for spec in vocabulary.of_role(self.mail.sender.role)):
            found += consultation.links(self.store, self.site, self.recipient, self.now)
        return found

    def _result(self, command: Command, work: Work) -> str:
        own, said = commands.of(command.name).result, ". ".join(work.remarks)
        words = own(command, work) if own is not None else None
        if words is None:
            words = SPECS[command.name].result
            if "{said}" in words:
                return f"{filled(words, said=said)}."
            ticket = work.ticket
            words = filled(
                words,
                number=ticket.number,
                user=ticket.user_address,
                priority=letters.priority_label(self.site, ticket.priority),
                tts=ticket.tts_number,
            )
        return ". ".join(filter(None, (words, said))) + "."

    def _when(self, at: datetime) -> str:
        if at <= self.now:
            return "segera"
        return f"{self.site.say(at)} (dapat ditarik kembali dengan #batal)"

    def _status(self) -> str | None:
        if self.ticket is None:
            return None
        return letters.status_label(self.site, self.ticket.status)

    # --- mail ---------------------------------------------------------------------------------------

    def _asked(self) -> queries.Asked:
        return queries.Asked(self.store, self.site, self.mail, self.ticket, self.now)

    def _about_one(self, found: Sequence[Ticket | None]) -> None:
        """A mail that names no ticket and asks for one by its number is answered in that ticket's thread: whoever
        wants to act on it replies."""
        one = {ticket.id: ticket for ticket in found if ticket is not None}
        if self.ticket is None and len(one) == 1:
            [self.ticket] = one.values()

    def _next_steps(self) -> list[dict[str, Any]]:
        may_act = self.mail.sender.role in (Role.STAFF, Role.COORDINATOR)
        return to_staff.next_steps(self._case(), self.recipient) if may_act and self.ticket is not None else []

    def _once_more(self, command: Command) -> list[dict[str, Any]]:
        """A link with the command and what was written for it; the escalation's headings, where nothing was."""
        spec = SPECS[command.name]
        after = command.text if command.typed is None else command.typed
        if self.ticket is None or len(after) > _LINK_TEXT or not vocabulary.may_use(spec.name, self.mail.sender.role):
            return []
        after = after or commands.of(command.name).blank
        hint = "Periksa teksnya sebelum dikirim." if command.text else "Tulis teksnya di bawah perintah."
        label, line = f"Ulangi #{spec.word}", _written(command)
        return [letters.link(self._case(), self.recipient, label, line, after=_crlf(after), hint=hint)]

    def _meant(self, note: Command) -> list[dict[str, Any]]:
        """A note by chance, as the answer or the message to LKPP that it may have been meant for."""
        may_act = self.mail.sender.role in (Role.STAFF, Role.COORDINATOR)
        if self.ticket is None or self.mail.message.attachments or len(note.text) > _LINK_TEXT or not may_act:
            return []
        meant = [("Kirim kepada pengguna", "#jawab")] if self.ticket.status is not Status.CLOSED else []
        if BALL[self.ticket.status] is Ball.LKPP and self.site.settings.by_email:
            meant.append(("Kirim kepada Helpdesk LKPP", "#lkpp"))
        case = self._case()
        return [letters.link(case, self.recipient, label, word, after=_crlf(note.text)) for label, word in meant]

    def _undo(self, works: Sequence[tuple[Command, Work]]) -> list[dict[str, Any]]:
        waits = any(_waits(work) for _, work in works)
        return [letters.link(self._case(), self.recipient, "Tarik kembali", "#batal")] if waits else []

    def _support(self, works: Sequence[tuple[Command, Work]]) -> list[dict[str, Any]]:
        """What is to be reported in LPSE Support gets a number there."""
        reported = any(SPECS[command.name].to_support or work.paste for command, work in works)
        if self.ticket is None or not reported or self.ticket.status is Status.CLOSED:
            return []
        hint = "Tulis nomornya di belakang perintah."
        return [letters.link(self._case(), self.recipient, "Catat nomor LPSE Support", "#lpse-support", hint=hint)]

    def _case(self) -> Case:
        assert self.ticket is not None
        return Case(self.store, self.site, self.now, self.ticket)

    def _post(
        self, template: str, *, key: str = "", files: Sequence[Attachment] = (), about: str = "", **shown: Any
    ) -> None:
        me = {"name": self.recipient.name, "address": self.recipient.address}
        letter = letters.Letter(
            template=template,
            recipient=self.recipient,
            shown={},
            key=key or f"{self.mail.key}.receipt",
            subject=f"[{self.site.config.ticket_prefix}] {MAILS[template].kind}{about}",
            files=files,
            hold=loops.receipt_to_robot(self.store, self.site, self.mail, self.now),
        )
        answered = self.mail.message.message_id
        if self.ticket is None:
            base = {
                "organisation": letters.organisation(self.site),
                "recipient": me,
                "ticket": None,
                "actor": me,
                "reason": None,
                "held": None,
                "text": None,
                "form": None,
            }
            references = [answered] if answered else []
            letter = replace(letter, shown={**base, **shown}, in_reply_to=answered, references=references)
        else:
            party = MAILS[template].audience
            signed = {**me, "name": me["name"] or me["address"]}
            parent, references = letters.thread_of(self.store, self.ticket, self.recipient.address, party, answered)
            letter = replace(
                letter,
                shown=letters.values(self._case(), self.recipient, **{"actor": signed, "authenticated": True, **shown}),
                subject=letters.subject_of(template, self.ticket),
                ticket=self.ticket,
                asked_at=self.mail.at,
                in_reply_to=parent,
                references=references,
            )
        letters.put(Context(self.store, self.site, self.now), letter)
