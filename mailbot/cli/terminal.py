"""The operator's answers as tables on a terminal. The only importer of rich.

Text out of mails reaches the terminal only as `Text(one_line(…))`: no escape sequences, no hidden characters,
no markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mailbot.clean import clean, one_line

_LATE = "bold red"
_QUIET = "dim"
#: Longer than this, a text out of a mail would push everything else off the screen.
_MOST = 300

Found = Mapping[str, Any]


class Terminal:
    """Prints to standard output. Times are shown in the zone of the configuration."""

    def __init__(self, zone: tzinfo, now: datetime, console: Console | None = None) -> None:
        self._zone, self._now = zone, now
        self._console = console or Console(highlight=False)

    # --- mailbot replay ---------------------------------------------------------------------------

    def replayed(self, found: Found) -> None:
        """What would be done with one mail."""
        self._heading(found["source"], f"for {found['mailbox']}: {found['outcome']} {found.get('disposition', '')}")
        self._print(self._facts(self._replay_facts(found)))

    @staticmethod
    def _replay_facts(found: Found) -> Iterable[tuple[str, RenderableType]]:
        if found.get("sender"):
            yield "from", _text(f"{found['sender']['address'] or '–'} ({found['sender']['role'] or 'unknown'})")
        for name in ("subject", "reason", "new_text", "doubt"):
            if found.get(name):
                yield name.replace("_", " "), _text(found[name])
        if machine := found.get("machine"):
            yield "machine", _text(f"{machine['kind']}: {machine['reason']}")
        for status in found.get("delivery", ()):
            yield "report", _text(f"{status['recipient']} {status['outcome']} {status['status']}")
        for reason in found.get("ambiguous", ()):
            yield "ambiguous", _text(reason, _LATE)
        if meaning := found.get("meaning"):
            yield "meaning", _text(f"{meaning['meaning']} ({meaning['rule']}): {meaning['sentence']}")
        if ticket := found.get("ticket"):
            step = f", step {ticket['step']}" if ticket["step"] else ""
            yield "ticket", _text(f"{ticket['number']} {ticket['status']}, P{ticket['priority']}{step}")
            for what, proposal in ticket["proposals"].items():
                yield what, _text(f"{proposal['value']}: {proposal['reason']}")
            for name, value in ticket["fields"].items():
                yield f"form {name}", _text(value)
        for file in found.get("attachments", ()):
            yield "file", _text(f"{file['name']} ({file['type']}, {file['size']} bytes)")
        for mail in found.get("mails", ()):
            held = f" (held: {mail['held_why']})" if mail["held"] else ""
            yield "would send", _text(f"{mail['template']} to {mail['recipient']}{held}")

    # --- mailbot status ---------------------------------------------------------------------------

    def status(self, found: Found) -> None:
        self._running(found["running"], found["data"])
        for mailbox in found["mailboxes"]:
            self._heading(mailbox["mailbox"], f"{mailbox['organisation']}, {mailbox['address']}")
            self._print(self._facts(self._status_facts(mailbox)))
            self._troubles(mailbox["troubles"])
        for orphan in found["orphans"]:
            self._heading(orphan["mailbox"], "in the database, but not in the configuration")
            self._print(_mark(f"{_many(orphan['open'], 'open ticket')}, whose clocks stand still"))
        self._console.print(_text(f"Times are {self._zone_name()}.", _QUIET))

    def _running(self, running: Found | None, data: str) -> None:
        if running is None:
            self._heading("not running", f"no mailbot is at work on {data} at this moment")
            known = '"mailbot run" should be there always, "mailbot once" is for moments only.'
            self._print(Group(_text(known, _QUIET)))
            return
        process = "" if running["process"] is None else f"process {running['process']}"
        since = "" if running["since"] is None else f"since {self._when(running['since'])}"
        self._heading("running", ", ".join(word for word in (process, since, f"on {data}") if word))
        self._print(Group(_text(running["state"])) if running["state"] else _text(""))

    def _status_facts(self, mailbox: Found) -> Iterable[tuple[str, RenderableType]]:
        open_now = {name: n for name, n in mailbox["tickets"].items() if name != "closed"}
        parts = ", ".join(f"{n} {name}" for name, n in open_now.items())
        closed = mailbox["tickets"].get("closed", 0)
        yield "tickets", _text(f"{mailbox['open']} open{f' ({parts})' if parts else ''}, {closed} closed")
        if late := mailbox["late"]:
            more = f" and {len(late) - 3} more" if len(late) > 3 else ""
            yield "late", _text(f"{len(late)}: {', '.join(late[:3])}{more}", _LATE)
        if following := mailbox["next"]:
            due = self._when(following["next_due"], estimated=following["estimated"])
            yield "next limit", _text(f"{due}: {following['number']}, {following['next_clock']}")
        journal, last = mailbox["journal"], mailbox["last_received_at"]
        arrived = f"{sum(journal.values())} received{f', the last on {self._when(last)}' if last else ''}"
        left = journal.get("received", 0)
        yield "mail in", _text(f"{arrived}; {f'{left} not handled yet' if left else 'all handled'}")
        for folder in mailbox["folders"]:
            if folder["seen_by_nobody"]:
                yield (
                    "seen by nobody",
                    _text(f"{folder['seen_by_nobody']} at most in {folder['folder']}: gone before mailbot read them"),
                )
        outbox = mailbox["outbox"]
        waiting = sum(outbox.get(state, 0) for state in ("queued", "sending", "uncertain"))
        yield (
            "mail out",
            _text(
                f"{outbox.get('accepted', 0)} accepted by the mail server"
                f" ({mailbox['accepted_last_hour']} in the last hour); {waiting or 'none'} waiting to leave"
            ),
        )

    def _troubles(self, troubles: Sequence[Found]) -> None:
        if not troubles:
            self._print(Group(_text("Nothing needs a look.", "green")))
        for trouble in troubles:
            many = _many(trouble["count"], trouble["what"])
            first = "the first " if trouble["count"] > 1 else ""
            text = f"{many} {trouble['state']}; {first}since {self._when(trouble['since'])}"
            self._print(_mark(text, trouble["detail"]))

    # --- mailbot tickets --------------------------------------------------------------------------

    def tickets(self, found: Sequence[Found]) -> None:
        if not found:
            self._console.print("No such tickets.")
            return
        table = _columns("number", "P", "status", "ball", "next limit")
        table.add_column("subject", no_wrap=True, overflow="ellipsis", ratio=1)
        table.expand = True
        for one in found:
            style = _LATE if one["late"] else _QUIET if one["status"] == "closed" else ""
            due = self._short(one["next_due"], late=one["late"])
            table.add_row(
                *(_text(cell, style) for cell in (one["number"], one["priority"], one["status"], one["ball"], due)),
                _text(one["subject"], "" if one["status"] != "closed" else _QUIET),
            )
        self._console.print(table)
        late = sum(1 for one in found if one["late"])
        words = f"{_many(len(found), 'ticket')}{f', {late} late (!)' if late else ''}. Times are {self._zone_name()}."
        self._console.print(_text(words, _QUIET))

    # --- mailbot rekap ----------------------------------------------------------------------------

    def recap(self, found: Found) -> None:
        """The summary, and below it each line as far as it fits; all of it stands in the CSV file."""
        summary = found["summary"]
        self._heading(found["title"], f"{found['organisation']}: {_many(summary['total'], 'ticket')}")
        within, over = summary["within"], summary["over"]
        facts = [
            (name, ", ".join(f"{what} {count}" for what, count in summary[key].items()))
            for name, key in (("kategori", "categories"), ("priority", "priorities"), ("status", "statuses"))
        ]
        limits = f"{within} within, {over} over{': ' + ', '.join(summary['late'][:3]) if over else ''}"
        lkpp = f"{summary['escalated']} escalated, {summary['with_lkpp']} still there"
        if summary["total"]:
            self._print(self._facts((n, _text(v)) for n, v in (*facts, ("limits", limits), ("LKPP", lkpp))))
            table = _columns("No", "Tgl")
            for name in ("Nama", "Isi Pesan", "Isi Jawaban"):
                table.add_column(name, no_wrap=True, overflow="ellipsis", ratio=1)
            table.add_column("Petugas", no_wrap=True)
            table.expand = True
            for row in found["rows"]:
                table.add_row(*(_text(row[place]) for place in (0, 1, 3, 4, 8, 9)))
            self._console.print(table)
            self._console.print(_text('All columns: "mailbot rekap --format csv".', _QUIET))

    # --- mailbot quarantine -----------------------------------------------------------------------

    def quarantine(self, found: Sequence[Found]) -> None:
        if not found:
            self._console.print("Nothing in quarantine.")
            return
        table = _columns("N", "arrived", "mailbox", "from")
        table.add_column("subject", overflow="ellipsis", no_wrap=True, ratio=1)
        table.add_column("reason", overflow="fold", ratio=1)
        table.expand = True
        for one in found:
            cells = (one["number"], self._short(one["arrived_at"]), one["mailbox"], one["sender"] or "–")
            table.add_row(*(_text(cell) for cell in (*cells, one["subject"], one["reason"])))
        self._console.print(table)
        words = f"{_many(len(found), 'mail')}. Times are {self._zone_name()}."
        self._console.print(_text(words, _QUIET))

    def quarantined(self, found: Found) -> None:
        """One of them, with its text; nothing in it that a terminal would obey."""
        self._heading(f"mail {found['number']}", f"{found['mailbox']}: {found['state']}")
        self._print(
            self._facts(
                (name, _text(value))
                for name, value in (
                    ("arrived", self._when(found["arrived_at"])),
                    ("from", found["sender"]),
                    ("subject", found["subject"]),
                    ("reason", found["reason"]),
                    ("size", f"{found['size']} bytes{'' if found['complete'] else ', only its header was fetched'}"),
                    ("decided", found["decided"]),
                )
                if value
            )
        )
        for name, value in found["headers"]:
            self._console.print(Text(f"{one_line(name)}: {one_line(value, _MOST)}", style=_QUIET))
        self._console.print(Text("\n" + clean(found["text"])))
        for file in found["attachments"]:
            self._console.print(_text(f"[{file['name']}, {file['type']}, {file['size']} bytes]", _QUIET))

    # --- mailbot outbox ---------------------------------------------------------------------------

    def outbox(self, found: Sequence[Found]) -> None:
        if not found:
            self._console.print("Nothing waits, nothing is held.")
            return
        table = _columns("N", "made", "mail")
        table.add_column("to, ticket", overflow="fold", ratio=1)
        table.add_column("state", overflow="fold", ratio=1)
        table.expand = True
        for one in found:
            to = _text(one["recipient"]) + "\n" + _text(one["number"] or one["mailbox"], _QUIET)
            cells = (_text(one["id"]), _text(self._short(one["created_at"])), _text(one["template"]))
            table.add_row(*cells, to, self._waits(one))
        self._console.print(table)
        self._console.print(_text(f"{_many(len(found), 'mail')}. Times are {self._zone_name()}.", _QUIET))

    def _waits(self, one: Found) -> Text:
        if one["held"]:
            until = f", until {self._short(one['held_until'])}" if one["held_until"] else ""
            return _text(f"held{until}", _LATE) + "\n" + _text(one["held_why"], _QUIET)
        if one["state"] == "queued" and not one["answer"]:
            return _text(f"leaves {self._short(one['next_try_at'])}")
        return _text(one["state"], _LATE) + "\n" + _text(one["answer"] or one["reason"], _QUIET)

    def outgoing(self, found: Found) -> None:
        """One of them, with its text; nothing in it that a terminal would obey."""
        self._heading(f"mail {found['id']}", f"{found['mailbox']}: {found['template']} to {found['recipient']}")
        held = f"held: {found['held_why']}" if found["held"] else found["state"]
        facts = (
            ("ticket", found["number"]),
            ("state", held),
            ("made", self._when(found["created_at"])),
            ("accepted", found["accepted_at"] and self._when(found["accepted_at"])),
            ("tries", found["attempts"]),
            ("the server said", found["answer"]),
            ("remark", found["reason"]),
            ("envelope sender", found["envelope_sender"] or "empty"),
            ("size", f"{found['size']} bytes"),
        )
        self._print(self._facts((name, _text(value)) for name, value in facts if value))
        for name, value in found["headers"]:
            self._console.print(Text(f"{one_line(name)}: {one_line(value, _MOST)}", style=_QUIET))
        self._console.print(Text("\n" + clean(found["text"])))
        for name in found["attachments"]:
            self._console.print(_text(f"[{name}]", _QUIET))

    # --- mailbot ticket NUMBER --------------------------------------------------------------------

    def ticket(self, found: Found) -> None:
        self._heading(found["number"], found["subject"])
        self._print(self._facts(self._ticket_facts(found)))
        self._section("Clocks", self._clocks(found["clocks"]))
        self._section("Turns", self._turns(found["turns"]))
        if found["breaches"]:
            self._section("Limits that were passed", self._breaches(found["breaches"]))
        self._section("History", self._history(found["history"]))
        for gone in found["merged"]:
            self._section(f"History of {gone['number']}, merged into it", self._history(gone["history"]))
        self._section("Received", self._received(found["received"]))
        self._section("Sent", self._sent(found["sent"]))
        self._console.print(_text(f"Times are {self._zone_name()}.", _QUIET))

    def _ticket_facts(self, found: Found) -> Iterable[tuple[str, RenderableType]]:
        ball = "" if found["ball"] == "–" else f"; the ball is with {found['ball']}"
        yield "status", _text(f"{found['status']} ({found['status_label']}){ball}")
        yield "priority", _text(found["priority_label"])
        user = found["user"] if not found["user_name"] else f"{found['user_name']} <{found['user']}>"
        yield "user", _text(user + ("" if found["user_verified"] else " (not authenticated)"))
        if found["merged_into"]:
            yield "merged into", _text(found["merged_into"])
        yield "handled by", _text(found["handler"] or "nobody yet")
        yield "form number", _text(found["form_number"])
        for name, key in (("LKPP's number", "lkpp_number"), ("TTS number", "tts_number")):
            if found[key]:
                yield name, _text(found[key])
        for name in ("opened", "first_response", "escalated", "closed"):
            if at := found[f"{name}_at"]:
                yield name.replace("_", " "), _text(self._when(at))
        for name, value in found["fields"].items():
            yield name.replace("_", " "), _text(value)

    def _clocks(self, clocks: Sequence[Found]) -> RenderableType:
        table = _columns("due")
        table.add_column("clock", overflow="fold")
        for clock in clocks:
            style = _LATE if clock["late"] else ""
            step = f" (step {clock['step']})" if clock["step"] else ""
            due = self._when(clock["due"], estimated=clock["estimated"]) + (" late" if clock["late"] else "")
            table.add_row(_text(due, style), _text(f"{clock['title']}{step}"))
        return table if clocks else _text("none runs", _QUIET)

    def _turns(self, turns: Sequence[Found]) -> RenderableType:
        said = [
            f"{turn['who']} {_length(turn['service_minutes'])} ({_length(turn['minutes'])} by the calendar)"
            for turn in turns
        ]
        return _text("; ".join(said)) if said else _text("not known", _QUIET)

    def _breaches(self, breaches: Sequence[Found]) -> RenderableType:
        table = _columns("due")
        table.add_column("which, how late, and why", overflow="fold", ratio=1)
        for breach in breaches:
            step = f" (step {breach['step']})" if breach["step"] else ""
            who = ", ".join(filter(None, (breach["party"], breach["handler"])))
            end = f"ended {self._short(breach['ended_at'])}" if breach["ended_at"] else "not ended"
            late = f"{breach['clock']}{step}: late {_length(breach['late_minutes'])}, {end}; with {who}"
            line = _text(late, "" if breach["ended_at"] else _LATE)
            table.add_row(
                _text(self._when(breach["due"])), line + "\n" + _text(breach["reason"] or "no reason given yet", _QUIET)
            )
        return table

    def _history(self, entries: Sequence[Found]) -> RenderableType:
        table = _columns("at", "step")
        table.add_column("what, and the status after it", overflow="fold", ratio=1)
        for entry in entries:
            by = entry["address"] or "mailbot"
            change = entry["status_after"]
            if entry["status_before"] != change:
                change = f"{entry['status_before']} → {change}"
            what = entry["row"] if entry["event"].startswith("due.") else entry["event"]
            words = _text(f"{what} by {by}: {change}")
            for extra in (entry["note"], entry["sentence"] and f"“{entry['sentence']}” ({entry['rule']})"):
                if extra:
                    words = words + "\n" + _text(extra, _QUIET)
            table.add_row(_text(self._short(entry["at"])), _text(entry["step"]), words)
        return table if entries else _text("nothing yet", _QUIET)

    def _received(self, mails: Sequence[Found]) -> RenderableType:
        table = _columns("arrived", "from")
        table.add_column("what was done with it", overflow="fold", ratio=1)
        for mail in mails:
            words = ", ".join(word for word in (mail["disposition"], mail["threaded_by"]) if word)
            table.add_row(_text(self._short(mail["arrived_at"])), _text(mail["sender"]), _text(words))
        return table if mails else _text("nothing yet", _QUIET)

    def _sent(self, mails: Sequence[Found]) -> RenderableType:
        table = _columns("made", "mail")
        table.add_column("to", overflow="fold", ratio=1)
        table.add_column("state", overflow="fold", ratio=1)
        for mail in mails:
            state, style, words = _out(mail["state"], bool(mail["held"])), "", ""
            if state == "accepted":
                if self._short(mail["accepted_at"]) != self._short(mail["created_at"]):
                    state = f"accepted {self._short(mail['accepted_at'])}"
            elif state == "queued" and not mail["answer"]:
                state = f"leaves {self._short(mail['not_before'])}"
            else:
                style, words = _LATE, (mail["held_why"] if mail["held"] else mail["answer"]) or mail["reason"]
            line = _text(state, style)
            if words:
                line = line + "\n" + _text(words, _QUIET)
            table.add_row(
                _text(self._short(mail["created_at"])), _text(mail["template"]), _text(mail["recipient"]), line
            )
        return table if mails else _text("nothing yet", _QUIET)

    # --- words ------------------------------------------------------------------------------------

    def _local(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(self._zone)

    def _zone_name(self) -> str:
        return self._now.astimezone(self._zone).tzname() or "local"

    def _when(self, text: str, *, estimated: bool = False) -> str:
        return f"{self._local(text):%a %d %b %Y %H:%M}" + (" (estimated)" if estimated else "")

    def _short(self, text: str | None, *, late: bool = False) -> str:
        """ "29 Dec 11:30"; of another year "29 Dec 2027"."""
        if text is None:
            return "–"
        at = self._local(text)
        same = at.year == self._now.astimezone(self._zone).year
        return (f"{at:%d %b %H:%M}" if same else f"{at:%d %b %Y}") + (" !" if late else "")

    # --- layout -----------------------------------------------------------------------------------

    def _heading(self, first: str, rest: str) -> None:
        self._console.print(Text.assemble((one_line(first), "bold"), "  ", one_line(rest, _MOST)))

    def _section(self, title: str, body: RenderableType) -> None:
        self._console.print(_text(title, "bold"))
        self._print(body)

    def _print(self, body: RenderableType) -> None:
        self._console.print(Padding(body, (0, 0, 1, 2)) if not isinstance(body, Text) else body)

    @staticmethod
    def _facts(facts: Iterable[tuple[str, RenderableType]]) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style=_QUIET)
        table.add_column(overflow="fold")
        for name, value in facts:
            table.add_row(_text(name), value)
        return table


def _columns(*names: str) -> Table:
    """A plain table whose first columns are never broken."""
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        table.add_column(name, no_wrap=True)
    return table


def _text(value: object, style: str = "") -> Text:
    return Text(one_line(str("" if value is None else value), _MOST), style=style)


def _mark(text: str, detail: str = "") -> RenderableType:
    """A line that stands out, and below it what was said."""
    lines = Table.grid(padding=(0, 1))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    said = [_text(text, "yellow"), *([_text(detail, _QUIET)] if detail else [])]
    lines.add_row(_text("!", _LATE), Group(*said))
    return lines


def _length(minutes: int) -> str:
    """As "45 min", "3 h", "3 h 5 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _out(state: str, held: bool) -> str:
    return "held" if held and state == "queued" else state


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
