"""The operator's answers on a terminal: what each of them says, in facts and tables (`layout`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from operator import itemgetter
from typing import Any

from mailbot.cli.layout import Cell, Column, Fact, Screen, late, quiet
from mailbot.reports.archive import COLUMNS as ARCHIVE_COLUMNS
from mailbot.reports.monthly.shown import Shown
from mailbot.reports.recap import COLUMNS
from mailbot.reports.retention import COLUMNS as RETENTION_COLUMNS

Found = Mapping[str, Any]
#: Mailboxes that are named in one line.
_NAMED = 20


class Terminal:
    """Prints to standard output. Times are shown in the zone of the configuration."""

    def __init__(self, zone: tzinfo, now: datetime, screen: Screen | None = None) -> None:
        self._zone, self._now = zone, now
        self._screen = screen or Screen()

    # --- mailbot replay ---------------------------------------------------------------------------

    def replayed(self, found: Found) -> None:
        """What would be done with one mail."""
        rest = f"for {found['mailbox']}: {found['outcome']} {found.get('disposition', '')}"
        self._screen.heading(found["source"], rest)
        self._screen.facts(_replay_facts(found))

    # --- mailbot status ---------------------------------------------------------------------------

    def status(self, found: Found) -> None:
        self._running(found["running"], found["data"])
        self._troubles(found["troubles"])
        for mailbox in found["mailboxes"]:
            self._screen.heading(mailbox["mailbox"], f"{mailbox['organisation']}, {mailbox['address']}")
            self._screen.facts(self._status_facts(mailbox))
            if not mailbox["troubles"]:
                self._screen.paragraph("Nothing needs a look.", "green")
            self._troubles(mailbox["troubles"])
        for orphan in found["orphans"]:
            self._screen.heading(orphan["mailbox"], "in the database, but not in the configuration")
            self._screen.mark(f"{_many(orphan['open'], 'open ticket')}, whose clocks stand still")
        self._screen.line(_disk(found["disk"]))
        self._needing(found["mailboxes"])
        self._ends()

    def _needing(self, mailboxes: Sequence[Found]) -> None:
        """Below hundreds of mailboxes, where the operator looks when all of them have run through."""
        names = [str(one["mailbox"]) for one in mailboxes if one["troubles"]]
        if names and len(mailboxes) > 1:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            need = "needs" if len(names) == 1 else "need"
            counted = f"{len(names)} of {len(mailboxes)} mailboxes {need} a look"
            self._screen.mark(counted, f"{', '.join(names[:_NAMED])}{more}")

    def _running(self, running: Found | None, data: str) -> None:
        if running is None:
            self._screen.heading("not running", f"no mailbot is at work on {data} at this moment")
            known = '"mailbot run" should be there always, "mailbot once" is for moments only.'
            self._screen.paragraph(quiet(known))
            return
        process = "" if running["process"] is None else f"process {running['process']}"
        since = "" if running["since"] is None else f"since {self._when(running['since'])}"
        self._screen.heading("running", ", ".join(word for word in (process, since, f"on {data}") if word))
        (self._screen.paragraph if running["state"] else self._screen.line)(running["state"])

    def _status_facts(self, mailbox: Found) -> Iterator[Fact]:
        parts = ", ".join(f"{n} {name}" for name, n in mailbox["tickets"].items() if name != "closed")
        closed = mailbox["tickets"].get("closed", 0)
        yield "tickets", f"{mailbox['open']} open{f' ({parts})' if parts else ''}, {closed} closed"
        if overdue := mailbox["late"]:
            more = f" and {len(overdue) - 3} more" if len(overdue) > 3 else ""
            yield "late", late(f"{len(overdue)}: {', '.join(overdue[:3])}{more}")
        if following := mailbox["next"]:
            due = self._when(following["next_due"], estimated=following["estimated"])
            yield "next limit", f"{due}: {following['number']}, {following['next_clock']}"
        journal, last = mailbox["journal"], mailbox["last_received_at"]
        arrived = f"{sum(journal.values())} received{f', the last on {self._when(last)}' if last else ''}"
        left = journal.get("received", 0)
        yield "mail in", f"{arrived}; {f'{left} not handled yet' if left else 'all handled'}"
        for folder in mailbox["folders"]:
            if folder["looked_at"]:
                yield "looked at", f"{folder['folder']} on {self._when(folder['looked_at'])} or up to ten minutes later"
            if count := folder["seen_by_nobody"]:
                yield "seen by nobody", f"{count} at most in {folder['folder']}: gone before mailbot read them"
        outbox = mailbox["outbox"]
        waiting = sum(outbox.get(state, 0) for state in ("queued", "sending", "uncertain"))
        accepted = f"{outbox.get('accepted', 0)} accepted by the mail server"
        yield (
            "mail out",
            f"{accepted} ({mailbox['accepted_last_hour']} in the last hour); {waiting or 'none'} waiting to leave",
        )

        if since := mailbox["oldest"]["unanswered"]:
            yield "unanswered", f"the oldest ticket without an answer by a person is of {self._when(since)}"
        for one in mailbox["certificates"]:
            yield "certificate", f"{one['server']}: good until {self._when(one['ends_at'])}"
        for one in mailbox["tokens"]:
            yield "login", self._login(one)

    def _login(self, one: Found) -> str:
        if one["refused"]:
            return f"by OAuth2 at {one['server']}: {one['refused']}"
        if one["since"] is None:
            return f"by OAuth2 at {one['server']}: not used yet"
        until = f", good until {self._when(one['ends_at'])}" if one["ends_at"] else ""
        return f"by OAuth2 at {one['server']}, since {self._when(one['since'])}{until}"

    def _troubles(self, troubles: Sequence[Found]) -> None:
        for trouble in troubles:
            many = _many(trouble["count"], trouble["what"])
            first = "the first " if trouble["count"] > 1 else ""
            since = f"; {first}since {self._when(trouble['since'])}" if trouble["since"] else ""
            text = f"{many} {trouble['state']}{since}"
            self._screen.mark(text, trouble["detail"])

    # --- mailbot tickets --------------------------------------------------------------------------

    def tickets(self, found: Sequence[Found]) -> None:
        def cell(name: str) -> Column:
            return Column(name, lambda one: _shaded(one, one["priority" if name == "P" else name]))

        columns = (
            *map(cell, ("number", "P", "status", "ball")),
            Column("next limit", lambda one: _shaded(one, self._short(one["next_due"], late=one["late"]))),
            Column("subject", lambda one: quiet(one["subject"], one["status"] == "closed"), "cut"),
        )
        overdue = sum(1 for one in found if one["late"])
        more = f", {overdue} late (!)" if overdue else ""
        self._list(columns, found, f"{_many(len(found), 'ticket')}{more}", "No such tickets.")

    def _list(self, columns: Sequence[Column], found: Sequence[Found], counted: str, nothing: str) -> None:
        if not found:
            self._screen.line(nothing)
            return
        self._screen.table(columns, found)
        self._ends(f"{counted}. ")

    # --- mailbot rekap ----------------------------------------------------------------------------

    def recap(self, found: Found) -> None:
        """The summary, and below it each line as far as it fits; all of it stands in the CSV file."""
        summary = found["summary"]
        self._screen.heading(found["title"], f"{found['organisation']}: {_many(summary['total'], 'ticket')}")
        if not summary["total"]:
            return
        over = f"{summary['over']} over{': ' + ', '.join(summary['late'][:3]) if summary['over'] else ''}"
        self._screen.facts(
            (
                ("kanal", _counted(summary["channels"])),
                ("kategori", _counted(summary["categories"])),
                ("golongan", _counted(summary["natures"])),
                ("priority", _counted(summary["priorities"])),
                ("status", _counted(summary["statuses"])),
                ("limits", f"{summary['within']} within, {over}"),
                ("penyimpangan", _counted(summary["breaches"]) or "none"),
                ("LKPP", f"{summary['escalated']} escalated, {summary['with_lkpp']} still there"),
            )
        )
        for section in found["sections"]:
            rows = [dict(zip(COLUMNS, row, strict=True)) for row in section["rows"]]
            self._screen.section(section["heading"], _RECAP, rows)
        self._screen.line(quiet('All columns: "mailbot rekap --format csv".'))

    def report(self, found: Shown, organisation: str) -> None:
        """The figures that stand on top, and each chart's as a table."""
        self._screen.heading(found.title, organisation)
        self._screen.paragraph(" ".join(found.lead))
        self._screen.facts((tile.label, f"{tile.value} ({tile.note})") for tile in found.tiles)
        for chart in found.charts:
            rows = [(bar.label, bar.value, bar.note) for bar in chart.bars]
            rows += [(fact.label, fact.value, "") for fact in chart.facts]
            rows += [(item, "", "") for item in chart.items]
            self._screen.section(chart.title, _REPORT, rows)
        self._screen.line(quiet(found.period))

    def archive(self, found: Found) -> None:
        """A line for each form number."""
        self._screen.heading(found["title"], f"{found['organisation']}: {_many(len(found['rows']), 'form')}")
        if found["rows"]:
            self._screen.table(_ARCHIVE, [dict(zip(ARCHIVE_COLUMNS, row, strict=True)) for row in found["rows"]])

    # --- mailbot quarantine -----------------------------------------------------------------------

    def quarantine(self, found: Sequence[Found]) -> None:
        several = len({one["mailbox"] for one in found}) > 1
        columns = (
            Column("N", itemgetter("number")),
            Column("arrived", lambda one: self._short(one["arrived_at"])),
            *((Column("mailbox", itemgetter("mailbox")),) if several else ()),
            Column("from, subject", lambda one: (one["sender"] or "–", quiet(one["subject"])), "folded"),
            Column("reason", itemgetter("reason"), "folded"),
        )
        self._list(columns, found, _many(len(found), "mail"), "Nothing in quarantine.")

    def quarantined(self, found: Found) -> None:
        """One of them, with its text."""
        self._screen.heading(f"mail {found['number']}", f"{found['mailbox']}: {found['state']}")
        only = "" if found["complete"] else ", only its header was fetched"
        self._screen.facts(
            (
                ("arrived", self._when(found["arrived_at"])),
                ("from", found["sender"] or None),
                ("subject", found["subject"] or None),
                ("reason", found["reason"] or None),
                ("size", f"{found['size']} bytes{only}"),
                ("decided", found["decided"] or None),
            )
        )
        files = (f"{file['name']}, {file['type']}, {file['size']} bytes" for file in found["attachments"])
        self._screen.mail(found["headers"], found["text"], files)

    # --- mailbot person ---------------------------------------------------------------------------

    def silenced(self, found: Sequence[Found]) -> None:
        columns = (
            Column("address", itemgetter("address"), "folded"),
            Column("mailbox", itemgetter("mailbox")),
            Column("why", itemgetter("why")),
            Column("since", lambda one: self._short(one["since"])),
            Column("until", lambda one: self._short(one["until"]) if one["until"] else "–"),
            Column("ticket", lambda one: one["ticket"] or "–"),
        )
        self._list(columns, found, _many(len(found), "silence"), "Nobody is silenced.")

    # --- mailbot outbox ---------------------------------------------------------------------------

    def outbox(self, found: Sequence[Found]) -> None:
        columns = (
            Column("N", itemgetter("id")),
            Column("made", lambda one: self._short(one["created_at"])),
            Column("mail", itemgetter("template")),
            Column("to, ticket", lambda one: (one["recipient"], quiet(one["number"] or one["mailbox"])), "folded"),
            Column("state", self._waits, "folded"),
        )
        self._list(columns, found, _many(len(found), "mail"), "Nothing waits, nothing is held.")

    def _waits(self, one: Found) -> Cell:
        if one["held"]:
            until = f", until {self._short(one['held_until'])}" if one["held_until"] else ""
            return late(f"held{until}"), quiet(one["held_why"])
        if one["state"] == "queued" and not one["answer"]:
            return f"leaves {self._short(one['next_try_at'])}"
        return late(one["state"]), quiet(one["answer"] or one["reason"])

    def outgoing(self, found: Found) -> None:
        """One of them, with its text."""
        rest = f"{found['mailbox']}: {found['template']} to {found['recipient']}"
        self._screen.heading(f"mail {found['id']}", rest)
        self._screen.facts(
            (
                ("ticket", found["number"] or None),
                ("state", (f"held: {found['held_why']}" if found["held"] else found["state"]) or None),
                ("made", self._when(found["created_at"])),
                ("accepted", self._when(found["accepted_at"]) if found["accepted_at"] else None),
                ("tries", found["attempts"] or None),
                ("the server said", found["answer"] or None),
                ("remark", found["reason"] or None),
                ("envelope sender", found["envelope_sender"] or "empty"),
                ("size", f"{found['size']} bytes"),
            )
        )
        self._screen.mail(found["headers"], found["text"], found["attachments"])

    # --- mailbot person find ----------------------------------------------------------------------

    def person(self, found: Found) -> None:
        """Where a person stands."""
        columns = (
            Column("ticket", itemgetter("number")),
            Column("as", lambda one: ", ".join(one["as"])),
            Column("status", itemgetter("status")),
            Column("in/out", lambda one: f"{one['mails_in']}/{one['mails_out']}"),
            Column("files", itemgetter("files")),
            Column("known of him", _known, "folded"),
        )
        listed = f" (listed as {found['listed_as']})" if found["listed_as"] else ""
        mails = f"{_many(found['mails_in'], 'mail')} from it, {found['mails_out']} to it"
        self._screen.heading(found["address"] + listed, f"{mails}, {found['without_ticket']} without a ticket")
        self._screen.section("Tickets", columns, found["tickets"], "none")

    # --- mailbot retention ------------------------------------------------------------------------

    def retention(self, found: Sequence[Found]) -> None:
        """What is due for destruction, mailbox by mailbox."""
        keys = ("number", "closed", "inactive_until", "mails", "subject")
        columns = [
            Column(RETENTION_COLUMNS[key], itemgetter(key), "cut" if key == "subject" else "whole") for key in keys
        ]
        for box in found:
            spans = f"{box['active_years']} + {box['inactive_years']} years after closing, on {box['day']}"
            self._screen.heading(box["organisation"], spans)
            self._screen.section(
                f"Past their retention: {_many(len(box['tickets']), 'ticket')}", columns, box["tickets"], "none"
            )
            if box["without_ticket"]:
                self._screen.line(quiet(f"{_many(box['without_ticket'], 'mail')} without a ticket came as long ago."))
        self._screen.line(quiet("Nothing is deleted."))

    # --- mailbot ticket NUMBER --------------------------------------------------------------------

    def ticket(self, found: Found) -> None:
        at = Column("at", lambda entry: self._short(entry["at"]))
        history = (at, Column("step", itemgetter("step")), Column("what, and the status after it", _entry, "folded"))
        due = Column("due", lambda breach: self._when(breach["due"]))
        passed = (due, Column("which, how late, and why", self._breach, "folded"))
        running = (
            Column("deadline", self._deadline),
            Column("next reminder", lambda clock: self._short(clock["due"])),
            Column("clock", _clock, "folded"),
        )
        received = (
            Column("arrived", lambda mail: self._short(mail["arrived_at"])),
            Column("from, and what was done with it", lambda mail: (mail["sender"], quiet(_done(mail))), "folded"),
        )
        sent = (
            Column("made", lambda mail: self._short(mail["created_at"])),
            Column("mail", itemgetter("template")),
            Column("to", itemgetter("recipient"), "folded"),
            Column("state", self._sent, "folded"),
        )
        screen = self._screen
        screen.heading(found["number"], found["subject"])
        screen.facts(self._ticket_facts(found))
        screen.section("Clocks", running, found["clocks"], "none runs")
        screen.line("Turns", "bold")
        screen.line("; ".join(map(_turn, found["turns"])) if found["turns"] else quiet("not known"))
        screen.line("")
        if found["breaches"]:
            screen.section("Limits that were passed", passed, found["breaches"])
        screen.section("History", history, found["history"])
        for gone in found["merged"]:
            screen.section(f"History of {gone['number']}, merged into it", history, gone["history"])
        screen.section("Received", received, found["received"])
        screen.section("Sent", sent, found["sent"])
        self._ends()

    def _ticket_facts(self, found: Found) -> Iterator[Fact]:
        ball = "" if found["ball"] == "–" else f"; the ball is with {found['ball']}"
        yield "status", f"{found['status']} ({found['status_label']}){ball}"
        yield "priority", found["priority_label"]
        user = found["user"] if not found["user_name"] else f"{found['user_name']} <{found['user']}>"
        yield "user", user + ("" if found["user_verified"] else " (not authenticated)")
        yield "merged into", found["merged_into"] or None
        yield "handled by", found["handler"] or "nobody yet"
        yield "form number", found["form_number"] or ""
        yield "LKPP's number", found["lkpp_number"] or None
        yield "TTS number", found["tts_number"] or None
        for name in ("opened", "first_response", "escalated", "closed"):
            if at := found[f"{name}_at"]:
                yield name.replace("_", " "), self._when(at)
        for name, value in found["fields"].items():
            yield name.replace("_", " "), value

    def _deadline(self, clock: Found) -> Cell:
        if clock["deadline"] is None:
            return "–"
        due = self._when(clock["deadline"], estimated=clock["estimated"])
        return late(due + " late") if clock["late"] else due

    def _breach(self, breach: Found) -> Cell:
        who = ", ".join(filter(None, (breach["party"], breach["handler"])))
        end = f"ended {self._short(breach['ended_at'])}" if breach["ended_at"] else "not ended"
        late_by = f"late {_length(breach['late_minutes'])}, {end}"
        if not breach["late_minutes"] and breach["ended_at"]:  # a matter of equipment or output
            late_by = self._short(breach["due"])
        often = f" ({breach['times']} times)" if breach["times"] > 1 else ""
        which = f"{breach['title']}{_step(breach)}: {late_by}{often}; with {who}"
        return late(which, not breach["ended_at"]), quiet(breach["reason"] or "no reason given yet")

    def _sent(self, mail: Found) -> Cell:
        if mail["state"] == "accepted":
            at = self._short(mail["accepted_at"])
            return f"accepted {at}" if at != self._short(mail["created_at"]) else "accepted"
        if mail["state"] == "queued" and mail["held"]:
            state, why = "held", mail["held_why"] or mail["reason"]
        elif mail["state"] == "queued" and not mail["answer"]:
            return f"leaves {self._short(mail['not_before'])}"
        else:
            state, why = mail["state"], (mail["held_why"] if mail["held"] else mail["answer"]) or mail["reason"]
        return (late(state), quiet(why)) if why else late(state)

    # --- times ------------------------------------------------------------------------------------

    def _ends(self, counted: str = "") -> None:
        zone = self._now.astimezone(self._zone).tzname() or "local"
        self._screen.line(quiet(f"{counted}Times are {zone}."))

    def _when(self, text: str, *, estimated: bool = False) -> str:
        at = datetime.fromisoformat(text).astimezone(self._zone)
        return f"{at:%a %d %b %Y %H:%M}" + (" (estimated)" if estimated else "")

    def _short(self, text: str | None, *, late: bool = False) -> str:
        """ "29 Dec 11:30"; of another year "29 Dec 2027"."""
        if text is None:
            return "–"
        at = datetime.fromisoformat(text).astimezone(self._zone)
        same = at.year == self._now.astimezone(self._zone).year
        return (f"{at:%d %b %H:%M}" if same else f"{at:%d %b %Y}") + (" !" if late else "")


_RECAP = (
    Column(COLUMNS["number"], itemgetter("number")),
    Column(COLUMNS["day"], itemgetter("day")),
    Column(COLUMNS["name"], itemgetter("name"), "cut"),
    Column(COLUMNS["message"], itemgetter("message"), "cut"),
    Column(COLUMNS["answer"], itemgetter("answer"), "cut"),
    Column(COLUMNS["officer"], itemgetter("officer")),
)


_REPORT = (
    Column("", lambda row: row[0], "folded"),
    Column("", lambda row: row[1]),
    Column("", lambda row: quiet(row[2]), "folded"),
)
_ARCHIVE = (
    *(Column(ARCHIVE_COLUMNS[name], itemgetter(name)) for name in ("number", "form", "day")),
    *(Column(ARCHIVE_COLUMNS[name], itemgetter(name), "folded") for name in ("name", "kept")),
)


def _replay_facts(found: Found) -> Iterator[Fact]:
    if sender := found.get("sender"):
        yield "from", f"{sender['address'] or '–'} ({sender['role'] or 'unknown'})"
    for name in ("subject", "reason", "new_text", "doubt"):
        yield name.replace("_", " "), found.get(name) or None
    if machine := found.get("machine"):
        yield "machine", f"{machine['kind']}: {machine['reason']}"
    for status in found.get("delivery", ()):
        yield "report", f"{status['recipient']} {status['outcome']} {status['status']}"
    for reason in found.get("ambiguous", ()):
        yield "ambiguous", late(reason)
    if meaning := found.get("meaning"):
        yield "meaning", f"{meaning['meaning']} ({meaning['rule']}): {meaning['sentence']}"
    if ticket := found.get("ticket"):
        step = f", step {ticket['step']}" if ticket["step"] else ""
        yield "ticket", f"{ticket['number']} {ticket['status']}, P{ticket['priority']}{step}"
        for what, proposal in ticket["proposals"].items():
            yield what, f"{proposal['value']}: {proposal['reason']}"
        for name, value in ticket["fields"].items():
            yield f"form {name}", value
    for file in found.get("attachments", ()):
        yield "file", f"{file['name']} ({file['type']}, {file['size']} bytes)"
    for mail in found.get("mails", ()):
        held = f" (held: {mail['held_why']})" if mail["held"] else ""
        yield "would send", f"{mail['template']} to {mail['recipient']}{held}"


def _known(ticket: Found) -> Cell:
    fields = (f"{name}: {value}" for name, value in ticket["fields"].items())
    return tuple(filter(None, (ticket["subject"], *ticket["names"], *fields, *ticket["numbers"]))) or "–"


def _shaded(ticket: Found, value: object) -> Cell:
    return late(value) if ticket["late"] else quiet(value, ticket["status"] == "closed")


def _clock(clock: Found) -> str:
    return f"{clock['title']}{_step(clock)}"


def _step(found: Found) -> str:
    return f" (step {found['step']})" if found["step"] else ""


def _turn(turn: Found) -> str:
    return f"{turn['who']} {_length(turn['service_minutes'])} ({_length(turn['minutes'])} by the calendar)"


def _entry(entry: Found) -> Cell:
    change = entry["status_after"]
    if entry["status_before"] != change:
        change = f"{entry['status_before']} → {change}"
    what = entry["row"] if entry["event"].startswith("due.") else entry["event"]
    sentence = entry["sentence"] and f"“{entry['sentence']}”"
    by = entry["decided_by"] and f"decided by {entry['decided_by']}"
    below = (quiet(words) for words in (entry["note"], sentence, by) if words)
    return f"{what} by {entry['address'] or 'mailbot'}: {change}", *below


def _done(mail: Found) -> str:
    return ", ".join(word for word in (mail["disposition"], mail["threaded_by"]) if word)


def _counted(found: Mapping[str, int]) -> str:
    return ", ".join(f"{what} {count}" for what, count in found.items())


def _length(minutes: int) -> str:
    """As "45 min", "3 h", "3 h 5 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _disk(found: Found) -> str:
    each = f", {found['bytes_a_ticket'] / 1024:.0f} KB a ticket" if found["tickets"] else ""
    return f"The data folder takes {found['bytes'] / 2**20:,.0f} MB{each}."


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
