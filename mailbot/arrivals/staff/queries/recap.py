"""`#rekap`: the month's figures, and its lines as a sheet to print and sign and as a CSV file."""

from __future__ import annotations

from mailbot.arrivals.staff.queries.asking import Answered, Asked
from mailbot.parsers.commands import questions
from mailbot.parsers.commands.command_lines import Command
from mailbot.parsers.dates import months
from mailbot.reports import csvfile, listing, recap, recap_xlsx
from mailbot.sentences import Sentences

_SAID = Sentences(__file__)

#: Numbers that a line names.
_MOST_NAMED = 10


def answer(asked: Asked, command: Command, found: Answered) -> None:
    site, wanted = asked.site, questions.report(command.argument)
    first = asked.month(wanted.month)
    month = recap.title(first, wanted.channel)
    if wanted.anonymous:
        month = _SAID("anonymous", month=month)
    before = months.settle(months.Month(back=1), first)
    found.actions.append(asked.action(_SAID("recap", month=months.words(before)), f"#rekap {before:%m-%Y}"))
    if first > site.local(asked.mail.at).date():
        found.line("#rekap", _SAID("not_begun", month=month))
        return
    words = listing.words_of_site(site)
    of = recap.Asked(site.config, words, site.zone, first, wanted.anonymous, wanted.channel)
    told = recap.recap(asked.store, of, asked.now)
    summary = told["summary"]
    printed = recap_xlsx.file_name(site.config.ticket_prefix, of)
    found.attach(printed, recap_xlsx.MEDIA_TYPE, recap_xlsx.of(told, of, asked.now, officer=asked.officer))
    if not summary["total"]:
        found.line("#rekap", _SAID("no_tickets", month=month, file=printed))
        return
    found.attach(recap.file_name(site.config.ticket_prefix, told), csvfile.MEDIA_TYPE, recap.as_csv(told))
    lines = _SAID("lines", lines=summary["lines"]) if summary["lines"] != summary["total"] else ""
    found.line("#rekap", _SAID("recapped", month=month, count=summary["total"], lines=lines, file=printed))
    if wanted.channel is None and len(summary["channels"]) > 1:
        found.line(_SAID("channel"), _counts(summary["channels"]))
        for section in told["sections"]:
            found.actions.append(asked.action(section["heading"], f"#rekap {first:%m-%Y} {section['channel']}"))
    counts, proposed = _counts(summary["categories"]), summary["proposed"]
    found.line("Kategori", _SAID("partly_proposed", counts=counts, proposed=proposed) if proposed else counts)
    found.line("Golongan", _counts(summary["natures"]))
    found.line("Prioritas", _counts(summary["priorities"]))
    found.line("Status", _counts(summary["statuses"]))
    late = f"{', '.join(summary['late'][:_MOST_NAMED])}{', …' if summary['over'] > _MOST_NAMED else ''}"
    found.line(_SAID("limits"), _SAID("within_limits", within=summary["within"], over=summary["over"]))
    if summary["over"]:
        found.line(_SAID("over_limits"), late)
    if summary["breaches"]:
        found.line("Penyimpangan", _counts(summary["breaches"]))
    found.line(_SAID("lkpp"), _SAID("with_lkpp", escalated=summary["escalated"], there=summary["with_lkpp"]))
    if site.priorities.is_default:  # the limits of this report are nobody's
        found.line("Tabel Prioritas", _SAID("example"))


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in found.items())
