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
from mailbot.arrivals.staff.contents import StaffMail
from mailbot.arrivals.staff.held import Held, WhichBreach, WhichMail
from mailbot.clean import shorten
from mailbot.door import keeps_back
from mailbot.errors import NotCarriedOut
from mailbot.fetch import originals
from mailbot.masking import mask
from mailbot.model import BALL, Attachment, Ball, NamedAddress, Role, Status, Ticket
from mailbot.parsers.commands import command_lines, fields, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import SPECS, About, Spec, Takes
from mailbot.parsers.identity import NEEDS_CODE
from mailbot.parsers.incoming import IncomingMail
from mailbot.procedure.effects import shared, to_lkpp, to_staff
from mailbot.restraint import loops
from mailbot.rules.sop.turns import ball_of
from mailbot.rules.worktime.dates import format_date
from mailbot.sentences import Sentences, filled
from mailbot.store import codes, untold
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import breaches
from mailbot.tickets.case import Case, Context
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)

#: What a receipt shows only now and then.
_NOTHING_ELSE: dict[str, Any] = {
    **{"sections": [], "month": None, "attachments": [], "paste": None, "form": None, "actions": []},
}
#: Characters of a subject in a list.
_SUBJECT = 80


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
    """The command's line as people write it, or its part of an `#ubah`: days in words."""
    argument = "" if SPECS[command.name].about_stored else command.argument
    if SPECS[command.name].means == "leave" and "/" in argument:
        first, last = (format_date(date.fromisoformat(day)) for day in argument.split("/"))
        argument = first if first == last else _SAID("days", first=first, last=last)
    return f"{'' if command.by_set else '#'}{SPECS[command.name].word} {argument}".strip()


_SET = f"#{fields.SET.word} "


def _lines(asked: Sequence[Command]) -> list[str]:
    """The commands as lines of a mail: fields that were set together, in one."""
    found: list[str] = []
    for command in asked:
        line = _written(command)
        if command.by_set and found and found[-1].startswith(_SET):
            found[-1] += f", {line}"
        else:
            found.append(f"{_SET}{line}" if command.by_set else line)
    return found


def _name(line: str) -> str:
    """A command's line in the label of a link: whole, where it sets a field."""
    word = line.split()[0]
    return line if any(word == f"#{spec.word}" for spec in (fields.SET, *fields.FIELDS)) else word


def _bound(case: Case, command: Command) -> str:
    """What the code of a link that carries it out is bound to beside ticket and command: the mail that it is about, or
    the mails of the user's that go with it."""
    if command.name == "forward":
        return " ".join(str(mail["journal_id"]) for mail in shared.user_mails(case, new_only=True))
    return command.argument if SPECS[command.name].about_stored else ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a refused mail may have been meant as, on which ticket."""

    ticket: Ticket
    commands: tuple[Command, ...]


class Mendable(NotCarriedOut):
    """One command was not carried out that its writer may mend: it comes back to him as a link, with its text."""

    def __init__(self, sentence: str, command: Command, listed: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(sentence, listed)
        self.command = command


def _about(asked: Sequence[Command]) -> str:
    """What a mail has asked, for the subject of the answer."""
    words = ", ".join(_lines(asked))
    return f": {shorten(mask(words)[0], _SUBJECT)}" if words else ""


class Receipt(Context):
    """The answer to one staff mail."""

    def __init__(self, hand: StaffMail, mail: IncomingMail, ticket: Ticket | None) -> None:
        super().__init__(hand.store, hand.site, hand.now)
        self.hand, self.mail = hand, mail
        # The operator looks after the program: what users write is none of his business.
        self.ticket = None if mail.sender.role is Role.OPERATOR else ticket
        self.recipient = NamedAddress(mail.sender.name, mail.sender.address)

    def about(self, ticket: Ticket | None) -> None:
        """The ticket as it stands now, or that the mail has made: the receipt belongs to it."""
        if ticket is not None and self.mail.sender.role is not Role.OPERATOR:
            self.ticket = ticket

    def send(
        self,
        results: Sequence[tuple[Command, Work | str]],
        asked: Sequence[Command],
        *,
        asks: bool,
        links: Sequence[dict[str, Any]] = (),
    ) -> str:
        """All was carried out; a result without a work is said in its words. links: next steps.

        Returns the receipt as JSON, to be sent again if a link is used twice. What a link has done without anybody
        outside being written to needs none of its own, where the site wants only those that are needed.
        """
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
            lines.append({"command": _SAID("was_it_meant"), "result": _SAID("only_noted")})
            pending = self.ticket is not None and self.ticket.pending_replies
            actions += [*(self._next_steps() if pending else []), *self._meant(results[0][0])]
        month = next((found.month for found in answers if found.month is not None), None)
        shown: dict[str, Any] = {"receipt": receipt, "sections": sections, "month": month, "paste": paste}
        shown["caution"] = _SAID("not_sent") if asks else None
        if not (asked or asks or links) and len(lines) == len(works) and self._may_wait(works):
            self._tell_later(lines)
            return json.dumps(shown)
        self._post("staff_receipt", files=files, about=_about(asked), attachments=listed, actions=actions, **shown)
        return json.dumps(shown)

    def _may_wait(self, works: Sequence[tuple[Command, Work]]) -> bool:
        """Whether nothing is to be said at once: a link that worked as its reader knew it would. One that mends what
        was refused or held (it stands for words) is answered: its writer had reason to doubt."""
        by_link = self.hand.code is not None and self.hand.stored is None and not self.mail.confirmed
        quiet = all(SPECS[command.name].quiet and not work.planned for command, work in works)
        return self.site.config.sop.receipts == "needed" and by_link and quiet and self.ticket is not None

    def _tell_later(self, lines: Sequence[dict[str, str]]) -> None:
        """The ticket's next mail to this person says it (`letters.put`), or a list of several tickets."""
        assert self.ticket is not None
        for line in lines:
            untold.add(
                self.store,
                self.ticket.id,
                self.recipient.address,
                self.mail.journal_id,
                command=line["command"],
                said=line["result"],
                at=self.mail.at,
            )

    def refuse(self, error: NotCarriedOut, words: Sequence[str] = (), offers: Sequence[Offer] = ()) -> None:
        """Nothing was carried out. words: the commands that were not. A Formulir Konsultasi that is not complete is
        shown as far as it is, and linked; else what can be mended comes back as a link, or what the mail may have been
        meant as (offers), or the ticket's next steps."""
        lines = [{"command": f"#{word}", "result": _SAID("not_done")} for word in words]
        lines += [{"command": command, "result": words} for command, words in error.listed]
        receipt = {"refused": str(error), "commands": lines, "sends": [], "status": self._status()}
        form, actions = None, self._once_more(error.command) if isinstance(error, Mendable) else []
        if isinstance(error, WhichMail):
            actions = [self._undo_one(label, entry) for label, entry in error.waiting]
        if isinstance(error, WhichBreach):
            actions = [
                {**self._stored(commands, label, ""), "command": typed} for label, typed, commands in error.choices
            ]
        actions = actions or self._offered(offers) or self._blank(error.instead)
        if not actions or (self.ticket is not None and self.ticket.pending_replies):  # what else the replies may mean
            actions = [*actions, *self._next_steps()]
        if isinstance(error, consultation.Incomplete):
            form = consultation.form_of(error, self.recipient.name)
            actions = self._form_once_more(error, form)
        shown = {**_NOTHING_ELSE, "form": form, "actions": actions}
        self._post("staff_receipt", receipt=receipt, **shown)

    def _form_once_more(self, error: consultation.Incomplete, form: str) -> list[dict[str, Any]]:
        """A link that opens the form as far as it is filled in: a reply where the mail was one to a ticket's mail. Its
        code stands for the form (`drafts`). Of one that a colleague has recorded by now: what can be done with this."""
        name, draft, entry = error.command.name, self.hand.draft, self.mail.journal_id
        if isinstance(error, consultation.AlreadyRecorded):
            return self._besides(error)
        stored = letters.Stored(form, (*(draft.mails if draft is not None else ()), entry))
        goes_on = consultation.GoesOn(error.command.argument, str(entry), stored)
        if draft is not None:
            codes.use(self.store, draft.code, entry)
        if self.ticket is None:
            return [consultation.link(self, self.recipient, name, error.form, goes_on=goes_on)]
        return [consultation.reply_link(self._case(), self.recipient, name, error.form, goes_on=goes_on)]

    def _besides(self, error: consultation.AlreadyRecorded) -> list[dict[str, Any]]:
        """What was written of a form that is recorded already: as a note, or as a further sheet, on its ticket."""
        found, made = [], self.hand.asked or self.hand.read.commands
        words = made[-1].text if made else self.hand.new.unsigned
        label, sheet = consultation.besides(self._case(error.ticket), self.recipient, error)
        if words or self.hand.with_files:
            note = Command("note", SPECS["note"].word, text=words)
            found.append(self._stored([note], label, _SAID("inside"), error.ticket))
        return [*found, sheet]

    def repeat(self, kept: str) -> None:
        """A link used twice gets the first receipt again, and nothing happens."""
        saved = json.loads(kept)
        shown: dict[str, Any] = {**_NOTHING_ELSE, **saved}
        self._post("staff_receipt", **shown)

    def ask(self, question: Held) -> None:
        """Held: shows exactly what would be sent, to whom and with which files, and a link that sends it. Its code
        stands for the mail that is held: for all of its words, and its files."""
        reason, held, colleague = question.reason, question.held, question.colleague
        last, actions = held[-1], []
        if self.ticket is not None and not any(SPECS[command.name].takes_entry for command in held):
            text = bool(last.text)
            label = SPECS[last.name].anyway or _SAID("send_it_anyway" if text else "do_it_anyway")
            hint = _SAID("idle") if question.idle else _SAID("bring_text") if text else ""
            if question.idle and SPECS[last.name].says_meaning:
                label, hint = to_staff.label_of(last.word), f"{SPECS[last.name].anyway or ''}"
            send = self._sending(held, label, hint)
            if question.idle:
                actions = [letters.sending(self._case(), self.recipient, send)]
            else:
                entry = self.mail.journal_id
                shown = {**self._exactly(held), "why": reason}
                actions = letters.leave_open(self._case(), entry, self.recipient, shown, send)
            if SPECS[last.name].says_meaning and question.idle:  # what else it may mean
                others = to_staff.next_steps(self._case(), self.recipient)
                actions += [{**one, "shows": None} for one in others if one["command"] != actions[0]["command"]]
        else:  # about no ticket yet
            reason = f"{reason} {_SAID('without_link')}"
        self._post(
            "staff_confirm",
            reason=reason,
            held=self._exactly(held),
            text=colleague.text or _SAID("no_text") if colleague else None,
            actor={"name": colleague.name if colleague else "", "address": ""},
            confirmation=None,
            actions=actions,
        )

    def _offered(self, offers: Sequence[Offer]) -> list[dict[str, Any]]:
        """A link for each, below the words that it brings; the same words stand there once."""
        found, before = [], ""
        several = len({offer.ticket.id for offer in offers}) > 1
        for offer in offers:
            label = _SAID("carry_out", words=", ".join(map(_name, _lines(offer.commands))))
            if several:
                label = f"{offer.ticket.number}: {label}"
            words, _ = self._brings(offer.commands[-1], offer.ticket)
            made = self._stored(offer.commands, label, self._leaves(offer.commands, offer.ticket), offer.ticket)
            found.append({**made, "shows": words if words != before else None})
            before = words
        return found

    def _blank(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """A link for each of these commands, below which its text is to be written."""
        if self.ticket is None:
            return []
        hint, role = _SAID("write_text_below"), self.mail.sender.role
        return [
            letters.link(self._case(), self.recipient, _SAID("carry_out", words=line), line, hint=hint)
            for line in (f"#{SPECS[name].word}" for name in names if vocabulary.may_use(name, role))
        ]

    def _leaves(self, asked: Sequence[Command], ticket: Ticket | None = None) -> str:
        """To whom a link sends its words, and which files, for its hint."""
        shown = self._exactly(asked, ticket)
        inside = SPECS[asked[-1].name].reaches is None
        to = _SAID("inside") if inside else _SAID("sent_to", to=shown["to"]) if shown["to"] else ""
        files = _SAID("with_files", files=shown["files"]) if shown["files"] else ""
        return f"{to} {files}".strip()

    def _stored(self, asked: Sequence[Command], label: str, hint: str, ticket: Ticket | None = None) -> dict[str, Any]:
        """A link that carries these commands out: its code stands for the words of the last, also where they are too
        many for a link, and for the files of this mail."""
        return letters.sending(self._case(ticket), self.recipient, self._sending(asked, label, hint, ticket))

    def _sending(self, asked: Sequence[Command], label: str, hint: str, ticket: Ticket | None = None) -> letters.Send:
        last = asked[-1]
        words = last.text if last.typed is None else last.typed  # its code brings the rest of it once more
        return letters.Send(
            label=label,
            command="\r\n".join(_lines(asked)),
            after=to_staff.in_link(words) if command_lines.may_stand(last, words) else to_staff.AS_ABOVE,
            hint=hint,
            about=_bound(self._case(ticket), last),
            stored=letters.Stored(words, self.hand.with_files),
        )

    def _exactly(self, held: Sequence[Command], ticket: Ticket | None = None) -> dict[str, str | None]:
        """What would be carried out, and the words (None of a command that takes none) and files that would leave."""
        spec = SPECS[held[-1].name]
        words, mine = self._brings(held[-1], ticket or self.ticket)
        files = letters.listed(mine)
        if files and (spec.reaches is None or spec.keeps_files):
            files = _SAID("files_stay", files=files)
        return {
            "what": ", ".join(_lines(held)),
            "text": words or (_SAID("no_text") if spec.takes_text else None),
            "to": self._reader(spec, ticket or self.ticket) if spec.takes_text else None,
            "files": files or None,
        }

    def _brings(self, command: Command, about: Ticket | None) -> tuple[str, list[Attachment]]:
        """The words and files that a command would send: with what goes on to LKPP go the words of the user."""
        spec, words = SPECS[command.name], command.text
        mine = self._passing(self.hand.files, self.mail.sender.role, spec)
        if about is not None and command.name in ("forward", "escalate"):
            mails = shared.user_mails(self._case(about), new_only=command.name == "forward")
            words = "\n\n".join(filter(None, (*(str(one["body"]).strip() for one in mails), words)))
            his = [file for one in mails for file in originals.attachments_of(self, int(one["journal_id"]))]
            mine = [*self._passing(his, Role.USER, spec), *mine]
        elif command.argument and spec.says_meaning:  # LKPP's own
            mine = self._passing(originals.attachments_of(self, int(command.argument)), Role.LKPP, spec)
        return words, mine

    @staticmethod
    def _passing(files: Sequence[Attachment], source: Role, spec: Spec) -> list[Attachment]:
        """Those that the door lets through; all where they stay inside."""
        return [file for file in files if spec.reaches is None or keeps_back(file, source, spec.reaches) is None]

    def _reader(self, spec: Spec, ticket: Ticket | None) -> str | None:
        """Who outside the LPSE would read it."""
        if spec.reaches is None:
            return _SAID("nobody_outside")
        if spec.reaches is Role.LKPP:
            return _SAID("lkpp")
        return ticket.user_address or None if ticket is not None else None

    def ask_code(self, code: str, until: datetime, reason: str, held: Sequence[Command]) -> None:
        """A mail in this person's name waits: shows exactly what it would do, and the code that lets it."""
        message = self.mail.message
        subject = shorten(message.subject, _SUBJECT) or _SAID("no_subject")
        why = reason.removeprefix(NEEDS_CODE).lstrip(":; ") or _SAID("no_reply_to_us")
        self._post(
            "staff_confirm",
            key=f"{self.mail.key}.code",
            reason=why[:1].upper() + why[1:],
            held=self._exactly(held),
            text=None,
            actor={"name": "", "address": ""},
            confirmation={
                "code": code,
                "until": self.site.say(until),
                "arrived_at": self.site.say(self.mail.at),
                "subject": subject,
                "files": letters.listed(message.files) or None,
            },
            actions=[
                {
                    "label": _SAID("it_was_me"),
                    "href": letters.code_mailto(self.site, _SAID("confirmation", subject=subject), code),
                    "command": _SAID("code_line"),
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
            if command.name == "escalate" and (lacks := to_lkpp.lacking(work)):
                found.append(to_staff.completing(self._case(), self.recipient, lacks))
                if self.ticket is not None and breaches.unexplained(self.store, self.ticket.id):
                    found.append(to_staff.link(self._case(), self.recipient, "#alasan"))
            if spec.about is About.CONSULTATION and work.ticket.status is not Status.CLOSED:
                found += to_staff.next_steps(work, self.recipient)
            elif spec.next_steps and not _waits(work) and self.ticket is not None:
                found += self._next_steps() if ball_of(self.ticket) is Ball.LPSE else []
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
            return _SAID("at_once")
        return _SAID("may_be_undone", at=self.site.say(at))

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
        if self.ticket is None or not vocabulary.may_use(spec.name, self.mail.sender.role):
            return []
        label = _SAID("once_more", word=spec.word)
        if command.text or self.hand.with_files:
            return [self._stored([command], label, _SAID("look_at_text" if command.text else "write_text_below"))]
        after, hint = _crlf(commands.of(command.name).blank), _SAID("write_text_below")
        [line], about = _lines([command]), _bound(self._case(), command)
        return [letters.link(self._case(), self.recipient, label, line, after=after, hint=hint, about=about)]

    def _meant(self, note: Command) -> list[dict[str, Any]]:
        """A note by chance, as the answer or the message to LKPP that it may have been meant for."""
        may_act = self.mail.sender.role in (Role.STAFF, Role.COORDINATOR)
        if self.ticket is None or not may_act:
            return []
        meant = [(_SAID("send_to_user"), "answer")] if self.ticket.status is not Status.CLOSED else []
        if BALL[self.ticket.status] is Ball.LKPP and self.site.settings.by_email:
            meant.append((_SAID("send_to_lkpp"), "lkpp"))
        found = []
        for label, name in meant:
            command = Command(name, SPECS[name].word, text=note.text)
            found.append({**self._stored([command], label, self._leaves([command])), "shows": None})
        if found:
            found[0]["shows"] = note.text
        return found

    def _undo(self, works: Sequence[tuple[Command, Work]]) -> list[dict[str, Any]]:
        waits = any(_waits(work) for _, work in works)
        return [self._undo_one(_SAID("undo"), self.mail.journal_id)] if waits else []

    def _undo_one(self, label: str, entry: int) -> dict[str, Any]:
        """A link that takes back what one mail has set going, and nothing else."""
        return letters.link(self._case(), self.recipient, label, "#batal", about=str(entry))

    def _support(self, works: Sequence[tuple[Command, Work]]) -> list[dict[str, Any]]:
        """What is to be reported in LPSE Support gets a number there."""
        reported = any(SPECS[command.name].to_support or work.paste for command, work in works)
        if self.ticket is not None and "support_closing" in self.ticket.clocks:
            return [to_staff.closing_there(self._case(), self.recipient)]
        if self.ticket is None or not reported or self.ticket.status is Status.CLOSED:
            return []
        label, hint = _SAID("record_support_number"), _SAID("write_number_behind")
        return [letters.link(self._case(), self.recipient, label, "#lpse-support", hint=hint)]

    def _case(self, ticket: Ticket | None = None) -> Case:
        ticket = ticket or self.ticket
        assert ticket is not None
        return Case(self.store, self.site, self.now, ticket)

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
                "caution": None,
                "held": None,
                "text": None,
                "form": None,
                "month": None,
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
                subject=letters.subject_of(template, self.ticket, but=_SAID("unsent") if shown.get("caution") else ""),
                ticket=self.ticket,
                asked_at=self.mail.at,
                in_reply_to=parent,
                references=references,
            )
        letters.put(self, letter)
