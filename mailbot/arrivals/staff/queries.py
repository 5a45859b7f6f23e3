"""What people of the LPSE ask by mail (`#status`, `#daftar`, `#cari`, `#rekap`, `#bantuan`, `#karantina`), answered.

Nothing here changes a ticket, and nothing of it is for users or LKPP: the answers go into a receipt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mailbot import letters
from mailbot.arrivals import quarantine_work
from mailbot.arrivals.staff import status_lines
from mailbot.clean import shorten
from mailbot.config.site import Site
from mailbot.fetch import originals
from mailbot.masking import mask
from mailbot.model import Attachment, NamedAddress, Role, Status, Ticket, Verdict
from mailbot.parsers.commands import command_lines, questions, vocabulary
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.commands.vocabulary import About, Spec, Takes
from mailbot.parsers.dates import months
from mailbot.parsers.incoming import IncomingMail
from mailbot.reports import guestbook, listing, recap
from mailbot.store import journal
from mailbot.store.database import Row, Store, to_instant
from mailbot.tickets import lookups, search, ticket_rows, tickets
from mailbot.tickets.case import Case, Context

#: Tickets that one answer lists: more is no list that anybody reads on a telephone.
MOST_LISTED = 25
#: Characters of a subject in a list.
_SUBJECT = 80
#: Numbers that a line names.
_MOST_NAMED = 10

_NAMES = {
    "": "tiket terbuka",
    questions.MINE: "yang Anda tangani",
    questions.LATE: "yang terlambat",
    questions.LKPP: "yang ditangani LKPP",
}
_WITH_LKPP = (Status.ESCALATED.value, Status.AWAITING_DATA.value)


@dataclass(frozen=True, slots=True)
class Asked:
    """One mail that asks: who, and about which ticket if it answers a mail about one."""

    store: Store
    site: Site
    mail: IncomingMail
    ticket: Ticket | None
    now: datetime

    @property
    def recipient(self) -> NamedAddress:
        return NamedAddress(self.mail.sender.name, self.mail.sender.address)

    def href(self, line: str, ticket: Ticket | None = None) -> str:
        """A link that asks on."""
        proven = self.mail.sender.verdict is Verdict.PASS
        context = Context(self.store, self.site, self.now)
        return letters.question_href(context, self.recipient, line, ticket=ticket, proven=proven)

    def action(self, label: str, line: str, hint: str = "") -> dict[str, Any]:
        return {"label": label, "href": self.href(line), "command": line, "hint": hint or None}


@dataclass(slots=True)
class Answered:
    """What the receipt shows. ticket: the one ticket that it is about, where the mail itself named none."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    sections: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    ticket: Ticket | None = None

    def line(self, command: str, result: str) -> None:
        self.lines.append({"command": command, "result": result})

    def section(self, title: str, entries: Sequence[dict[str, Any]], note: str | None = None) -> None:
        self.sections.append({"title": title, "note": note, "entries": list(entries)})


def answer(asked: Asked, command: Command) -> Answered:
    """The answer to one question."""
    found = Answered()
    ANSWERS[command.name](asked, command, found)
    return found


# --- tickets in lists ---------------------------------------------------------------------------


def entry(asked: Asked, line: dict[str, Any], more: str = "") -> dict[str, Any]:
    """A ticket in a list: `line` as of `listing`, `more` what else there is to say of it."""
    store, site, now = asked.store, asked.site, asked.now
    ticket = tickets.load(store, int(line["id"]))
    limit = letters.limit_of(store, site, ticket, now)
    late = ""
    if line["late"]:
        late = f" · TERLAMBAT {(limit or {}).get('overdue') or ''}".rstrip()
    person = site.config.person(ticket.handler) if ticket.handler else None
    details = [
        str(line["status_label"]),
        f"giliran: {line['ball']}" if ticket.status is not Status.CLOSED else "",
        f"umur: {letters.ticket_values(site, ticket, now)['age']}" if ticket.status is not Status.CLOSED else "",
        f"petugas: {person.name if person else ticket.handler or 'belum ada'}",
    ]
    return {
        "label": f"{ticket.number} · {line['priority_label']}{late}",
        "href": asked.href("#status", ticket),
        "text": shorten(ticket.subject, _SUBJECT),
        "details": " · ".join(filter(None, details)),
        "more": more or (f"Batas {_inside(limit['what'])}: {limit['due']}" if limit else None),
    }


def _inside(title: str) -> str:
    """A clock's title in the middle of a sentence."""
    return title[:1].lower() + title[1:]


def rest(count: int, hint: str) -> dict[str, Any]:
    """The last line of a list that is longer than what is shown."""
    return {"label": f"dan {count} lagi", "href": None, "text": hint, "details": None, "more": None}


def _list(asked: Asked, command: Command, found: Answered) -> None:
    """`#daftar`: what is late on top, then by priority."""
    wanted = command.argument.split()
    lines = listing.worst_first(asked.store, asked.site, asked.now)
    chosen = [line for line in lines if _is_wanted(asked, line, wanted)]
    late = sum(1 for line in chosen if line["late"])
    what = " ".join(["tiket terbuka", *(_NAMES[each] for each in wanted)])
    told = f"{len(chosen)} {what}" if chosen else f"Tidak ada {what}"
    more = f", {late} di antaranya terlambat" if late and questions.LATE not in wanted else ""
    found.line(f"#daftar {command.argument}".strip(), f"{told}{more}.")
    entries = [entry(asked, line) for line in chosen[:MOST_LISTED]]
    if len(chosen) > MOST_LISTED:
        hint = "Persempit dengan #daftar saya, #daftar terlambat, atau #daftar lkpp; atau cari dengan #cari."
        entries.append(rest(len(chosen) - MOST_LISTED, hint))
    if entries:
        found.section(what[:1].upper() + what[1:], entries)
    for each, label in (
        (questions.MINE, "Yang saya tangani"),
        (questions.LATE, "Yang terlambat"),
        (questions.LKPP, "Yang di LKPP"),
    ):
        if each not in wanted and (lines if wanted else chosen):
            found.actions.append(asked.action(label, f"#daftar {each}"))


def _is_wanted(asked: Asked, line: dict[str, Any], wanted: Sequence[str]) -> bool:
    return (
        (questions.MINE not in wanted or line["handler"] == asked.mail.sender.address)
        and (questions.LATE not in wanted or bool(line["late"]))
        and (questions.LKPP not in wanted or line["status"] in _WITH_LKPP)
    )


def _search(asked: Asked, command: Command, found: Answered) -> None:
    """`#cari`: the newest tickets first, each with the words around what was found."""
    said = mask(command.argument)[0]
    hits = search.find(asked.store, asked.site, command.argument, asked.mail.sender.role)
    standing = dict.fromkeys(tickets.standing(asked.store, each) for each in hits.tickets)  # of two that were merged
    hits = replace(hits, tickets=tuple(standing))
    told = f"{len(hits.tickets)} tiket ditemukan" if hits.tickets else "Tidak ada tiket yang memuatnya"
    if hits.tickets and hits.partly:
        told = f"Tidak ada tiket yang memuat semuanya; {len(hits.tickets)} tiket memuat sebagian"
    found.line(f"#cari {said}", f"{told}.")
    if not hits.tickets:
        found.line("Saran", "Gunakan lebih sedikit kata, atau bagian yang pasti: nama, alamat, nomor, kode tender.")
        return
    shown = listing.words_of_site(asked.site)
    entries = [
        entry(
            asked,
            listing.line_of(asked.store, ticket_id, shown, asked.now),
            search.snippet(asked.store, ticket_id, hits, asked.mail.sender.role),
        )
        for ticket_id in hits.tickets[:MOST_LISTED]
    ]
    if len(hits.tickets) > MOST_LISTED:
        entries.append(rest(len(hits.tickets) - MOST_LISTED, "Persempit dengan kata lain."))
    found.section("Tiket yang ditemukan", entries)


# --- one ticket ---------------------------------------------------------------------------------


def _status(asked: Asked, command: Command, found: Answered) -> None:
    """`#status`: of the ticket that the mail answers, of those that it names, or of the whole office."""
    words = questions.numbers(command.argument, [asked.site.config.ticket_prefix])
    if not words and asked.ticket is None:
        found.line("#status", _overview(asked))
        found.actions.append(asked.action("Daftar tiket terbuka", "#daftar"))
        return
    named: list[Ticket] = []
    for word in words:
        ticket_id = lookups.asked_for(asked.store, asked.site, word)
        if ticket_id is None:
            found.line(f"#status {word}", "Tidak ada tiket dengan nomor itu. Cari dengan #cari.")
        else:
            named.append(tickets.load(asked.store, ticket_id))
    if not words and asked.ticket is not None:
        named = [asked.ticket]
    if len(named) > 1:
        shown = listing.words_of_site(asked.site)
        lines = [listing.line_of(asked.store, ticket.id, shown, asked.now) for ticket in named]
        found.section("Status tiket", [entry(asked, line) for line in lines])
        return
    for ticket in named:
        found.ticket = ticket
        _one(asked, ticket, found)


def _one(asked: Asked, ticket: Ticket, found: Answered) -> None:
    site = asked.site
    shown = letters.ticket_values(site, ticket, asked.now)
    person = site.config.person(ticket.handler) if ticket.handler else None
    about = "" if asked.ticket is not None and asked.ticket.id == ticket.id else f" {ticket.number}"
    found.line(
        f"#status{about}",
        f"{shown['status']}; giliran: {shown['ball']}; prioritas {shown['priority']};"
        f" petugas: {person.name if person else 'belum ada'}; dibuka {shown['opened_at']}",
    )
    found.lines += status_lines.lines(asked.store, site, ticket, asked.now)


def _overview(asked: Asked) -> str:
    counts = ticket_rows.open_by_status(asked.store, asked.site.name)
    parts = [f"{letters.status_label(asked.site, status)}: {count}" for status, count in counts.items()]
    return "; ".join(parts) or "Tidak ada tiket terbuka."


def _guestbook(asked: Asked, command: Command, found: Answered) -> None:
    """`#bukutamu`: who came to the counter."""
    today = asked.site.local(asked.mail.at).date()
    found.lines += guestbook.lines(asked.store, asked.site, command.argument, today)


# --- a month ------------------------------------------------------------------------------------


def _recap(asked: Asked, command: Command, found: Answered) -> None:
    """`#rekap`: the month's figures, and its lines as a CSV file."""
    site = asked.site
    anonymous = command.argument.endswith(questions.ANONYMOUS)
    today = site.local(asked.mail.at).date()
    wanted = months.read(command.argument.removesuffix(questions.ANONYMOUS))
    first = months.settle(wanted or months.Month(), today)
    what = f"{months.words(first)}{', tanpa data pribadi' if anonymous else ''}"
    before = months.settle(months.Month(back=1), first)
    found.actions.append(asked.action(f"Rekap {months.words(before)}", f"#rekap {before:%m-%Y}"))
    if first > today:
        found.line("#rekap", f"{what}: bulan itu belum dimulai.")
        return
    words = listing.words_of_site(site)
    told = recap.recap(asked.store, recap.Asked(site.config, words, site.zone, first, anonymous), asked.now)
    summary = told["summary"]
    if not summary["total"]:
        found.line("#rekap", f"{what}: tidak ada tiket.")
        return
    raw = recap.as_csv(told)
    name = recap.file_name(site.config.ticket_prefix, told)
    found.files.append(Attachment(name, "text/csv", raw, hashlib.sha256(raw).hexdigest()))
    found.line("#rekap", f"{what}: {summary['total']} tiket. Rinciannya ada pada berkas {name}.")
    proposed = f" ({summary['proposed']} di antaranya usulan mailbot)" if summary["proposed"] else ""
    found.line("Kategori", f"{_counts(summary['categories'])}{proposed}")
    found.line("Prioritas", _counts(summary["priorities"]))
    found.line("Status", _counts(summary["statuses"]))
    late = f"{', '.join(summary['late'][:_MOST_NAMED])}{', …' if summary['over'] > _MOST_NAMED else ''}"
    found.line("Batas waktu LPSE", f"{summary['within']} tepat waktu, {summary['over']} melewati batas")
    if summary["over"]:
        found.line("Yang melewati batas", late)
    found.line("Helpdesk LKPP", f"{summary['escalated']} dieskalasikan, {summary['with_lkpp']} masih di sana")


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in found.items())


# --- help ---------------------------------------------------------------------------------------


def _help(asked: Asked, command: Command, found: Answered) -> None:
    """`#bantuan`: what this role may use, in groups; of one command its example."""
    role = asked.mail.sender.role
    if command.argument:
        _help_of_one(asked, command.argument, found)
        return
    for group, specs in vocabulary.grouped(role):
        found.section(group.title, [_explained(asked, spec) for spec in specs], group.note)


def _explained(asked: Asked, spec: Spec) -> dict[str, Any]:
    text = " · ".join(filter(None, (spec.help, _aliases(spec))))
    return {"label": spec.usage, "href": _ready(asked, spec), "text": text, "details": None, "more": None}


def _ready(asked: Asked, spec: Spec) -> str | None:
    """A link that opens the command's mail: on the ticket at hand, or one that asks; else one that explains it."""
    if _is_ready(spec):
        return asked.href(f"#{spec.word}{' ' if spec.takes is Takes.SOUGHT else ''}")
    if spec.takes is Takes.COMMAND or asked.mail.sender.role is Role.OPERATOR:
        return None
    if asked.ticket is not None and _on_ticket(asked, spec):
        word = f"#{spec.word}"
        case = Case(asked.store, asked.site, asked.now, asked.ticket)
        made = letters.link(case, asked.recipient, word, word)
        return str(made["href"])
    return asked.href(f"#bantuan {spec.word}")


def _is_ready(spec: Spec) -> bool:
    """Whether it is a question that makes sense as it stands behind a link."""
    return spec.about is About.QUESTION and spec.takes is not Takes.COMMAND


def _on_ticket(asked: Asked, spec: Spec) -> bool:
    """Whether the command could be used on the ticket at hand."""
    return asked.ticket is not None and spec.about not in (About.ENTRY, About.CONSULTATION, About.ONESELF)


def _aliases(spec: Spec) -> str | None:
    return f"atau {', '.join(f'#{alias}' for alias in spec.aliases)}" if spec.aliases else None


def _help_of_one(asked: Asked, word: str, found: Answered) -> None:
    role = asked.mail.sender.role
    shown = f"#bantuan {shorten(word, _SUBJECT)}"
    spec, nearest = command_lines.find(word)
    specs = [] if spec is None else [each for each in vocabulary.VOCABULARY if each.word == spec.word]
    allowed = [each for each in specs if role in each.roles]
    if not allowed:
        hint = f" Mungkin maksudnya #{nearest}?" if nearest else ""
        why = "tidak tersedia untuk peran Anda" if specs else "tidak dikenal"
        found.line(shown, f"Perintah itu {why}.{hint} Tulis #bantuan untuk melihat semua perintah.")
        return
    for each in allowed:
        found.section(
            each.usage,
            [
                {
                    "label": "Kegunaan",
                    "href": None,
                    "text": each.help[:1].upper() + each.help[1:] + ".",
                    "details": _aliases(each),
                    "more": None,
                },
                *_example(each),
            ],
            vocabulary.GROUPS[each.group].note,
        )
        if href := _ready(asked, each) if _is_ready(each) or _on_ticket(asked, each) else None:
            found.actions.append({"label": "Tulis perintah ini", "href": href, "command": each.usage, "hint": None})


def _example(spec: Spec) -> list[dict[str, Any]]:
    lines = spec.example.split("\n")
    return [
        {
            "label": "Contoh",
            "href": None,
            "text": lines[0],
            "details": " / ".join(lines[1:]) or None,
            "more": None,
        }
    ]


# --- the quarantine -----------------------------------------------------------------------------


def _quarantine(asked: Asked, _: Command, found: Answered) -> None:
    """What waits in quarantine, a line each."""
    rows = journal.quarantined(asked.store, asked.site.name)
    if not rows:
        found.line("#karantina", "Tidak ada e-mail di karantina.")
        return
    usage = "Gunakan #proses N, #tiket N NOMOR, atau #buang N."
    found.line("#karantina", f"{len(rows)} e-mail menunggu keputusan. {usage}")
    for row in rows[: quarantine_work.MOST_LISTED]:
        found.line(f"Nomor {row['id']}", _in_quarantine(asked, row))
    if (more := len(rows) - quarantine_work.MOST_LISTED) > 0:
        found.line("#karantina", f"dan {more} e-mail lagi yang lebih baru")


def _in_quarantine(asked: Asked, row: Row) -> str:
    heading = originals.heading_of(asked.store, row)
    return (
        f"{asked.site.say(to_instant(row['arrived_at']))}, dari"
        f" {heading.writers or row['sender'] or 'pengirim tidak diketahui'}, perihal"
        f" “{shorten(heading.subject, _SUBJECT) or 'tanpa perihal'}”: {row['reason']}"
    )


#: Canonical question → how its answer is found.
ANSWERS: Mapping[str, Callable[[Asked, Command, Answered], None]] = {
    "guestbook": _guestbook,
    "help": _help,
    "list": _list,
    "quarantine": _quarantine,
    "recap": _recap,
    "search": _search,
    "status": _status,
}
