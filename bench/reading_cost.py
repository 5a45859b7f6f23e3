"""What reading a mail costs: CPU of this process, in milliseconds, for each mail of the own corpus and for large ones.

    python -m bench.reading_cost            median, 99 % and longest of each step, over the corpus in turns
    python -m bench.reading_cost --large    one mail of a megabyte of each kind of tests/large_mails.py

A mail goes the way that `arrivals` sends it: its bytes are taken apart, then its own text, the machine, the words and
secrets, the form, the problem and the priority, what a reply means, what LKPP means, the commands. It uses nothing that
is new here: copy this file, tests/large_mails.py and the corpus into another tree, and both can be compared.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

import yaml

from bench import machines
from bench.meter import quantile, table
from bench.replies import CORPUS as REPLIES
from mailbot.masking import mask, secrets
from mailbot.model import Message
from mailbot.parsers.commands import command_lines
from mailbot.parsers.forms import form
from mailbot.parsers.mime.message import parse
from mailbot.parsers.mime.subject import find_numbers
from mailbot.parsers.reply import quoted, users_words
from mailbot.parsers.reply.own_quote import Ours
from mailbot.parsers.reply.quotable import Sent
from mailbot.parsers.robots import acknowledgement, autoreplies
from mailbot.parsers.robots.automatic import automatic, no_answer_reason
from mailbot.parsers.robots.delivery import delivery_status
from mailbot.rules import priority, problems, second_reader, user_phrases
from mailbot.rules.lkpp import classify as lkpp
from mailbot.templates.render import Renderer
from tests import large_mails
from tests.sample_values import sample

_OWN = machines.OWN
_ROUNDS = 3


def corpus() -> Iterator[bytes]:
    """The mails of tests/corpus: machines', people's, replies, and users' first mails."""
    for cases in (machines.bounces(), machines.autoreplies(), machines.people()):
        yield from (case.raw for case in cases)
    ours = Renderer().body("lkpp_escalation", sample("lkpp_escalation"))
    for path in sorted(REPLIES.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            page = "html" in entry
            text = entry["html"] if page else entry["text"]
            text = text.replace("{ours html}", ours.html).replace("{ours}", ours.text)
            yield _mail("Re: Jawaban", text, "html" if page else "plain")
    for name in ("tuning", "held_out"):
        content = yaml.safe_load((machines.CORPUS / "problems" / f"{name}.yaml").read_text(encoding="utf-8"))
        yield from (_mail(subject, text, "plain") for _, _, _, subject, text in content["mails"])


def _mail(subject: str, text: str, kind: str) -> bytes:
    head = f"From: Budi <budi@cv-contoh.example>\nTo: lpse@batangkab.go.id\nSubject: {' '.join(subject.split())}\n"
    return f"{head}Content-Type: text/{kind}; charset=utf-8\n\n{text}".replace("\n", "\r\n").encode()


T = TypeVar("T")
Clocked = list[tuple[str, float]]


@cache
def _tables() -> tuple[problems.Problems, priority.PriorityTable, lkpp.Phrases]:
    return problems.load(), priority.load(), lkpp.load_phrases()


@cache
def _of_users() -> tuple[user_phrases.UserPhrases, second_reader.Readers]:
    return user_phrases.load_user_phrases(), second_reader.load()


@cache
def _sent() -> Ours:
    body = Renderer().body("user_acknowledgement", sample("user_acknowledgement"))
    return Ours([Sent((body.text,), "LPSE <lpse@batangkab.go.id>", "Tiket baru", None)])


def read(raw: bytes) -> Clocked:
    """Seconds of CPU of each step."""
    rules, levels, phrases = _tables()
    spent: Clocked = []

    def step(name: str, work: Callable[[], T]) -> T:
        begin = time.process_time_ns()
        found = work()
        spent.append((name, (time.process_time_ns() - begin) / 1e9))
        return found

    for kept in (*vars(quoted).values(), *vars(secrets).values(), *vars(autoreplies).values()):
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()  # the mail is read for the first time
    message = step("bytes to text and files", lambda: parse(raw))
    new = step("own text", lambda: quoted.new_text(message.text))
    step("machine", lambda: _machine(message))
    words = step("user's words", lambda: users_words.read(message.text, new, _sent, opens=False))
    own, *_ = step("secrets", lambda: [mask(text)[0] for text in (words.said, new.signature, new.quoted, words.shown)])
    step("form", lambda: form.read_form(own, signature=new.signature, quoted=new.quoted, ours=False))

    def about() -> object:
        parts = problems.read(message.subject, own, rules.spelling)
        found = problems.judge(parts, rules)
        return priority.propose(found, parts, rules, levels.deadline)

    step("problem and priority", about)
    step("ticket numbers", lambda: find_numbers(message.subject + "\n" + new.own, ("LPSE-BTG",)))
    step("user's reply", lambda: second_reader.to_answer(own, *_of_users()))
    step("LKPP's reply", lambda: lkpp.classify(new.own, phrases))
    step("commands", lambda: command_lines.read(new.text))
    return spent


def _machine(message: Message) -> object:
    found = automatic(message, _OWN)
    no_answer_reason(message, _OWN, found)
    return delivery_status(message), acknowledgement.lkpp_acknowledgement(message, found)


def steps(mails: list[bytes], rounds: int = _ROUNDS) -> dict[str, list[float]]:
    """For each step, and for "all", the seconds of each mail: the least of some rounds in turns."""
    best: list[dict[str, float]] = [{} for _ in mails]
    for _ in range(rounds):
        for raw, least in zip(mails, best, strict=True):
            found = read(raw)
            for name, seconds in [*found, ("all", sum(seconds for _, seconds in found))]:
                least[name] = min(least.get(name, seconds), seconds)
    return {name: [least[name] for least in best] for name in best[0]}


def large(size: int) -> Iterator[tuple[str, float, str]]:
    """(kind, seconds, its three costliest steps) of each large mail."""
    for name in large_mails.KINDS:
        found = read(large_mails.mail(name, size))
        costly = sorted(found, key=lambda one: -one[1])[:3]
        said = ", ".join(f"{step} {1000 * seconds:.0f}" for step, seconds in costly)
        yield name, sum(seconds for _, seconds in found), said


def main() -> None:
    parser = argparse.ArgumentParser(description="What reading a mail costs.")
    parser.add_argument("--large", action="store_true", help="large mails instead of the corpus")
    parser.add_argument("--size", type=int, default=large_mails.MEGABYTE)
    options = parser.parse_args()
    mails = list(corpus())
    read(mails[0])  # what is made once
    if options.large:
        found = sorted(large(options.size), key=lambda row: -row[1])
        rows = [(name, f"{1000 * seconds:.0f}", said) for name, seconds, said in found]
        print(table(("large mail", "ms", "costliest steps"), rows))
        return
    print(f"{len(mails)} mails, Python {sys.version.split()[0]}")
    print(table(("step", "median ms", "99 % ms", "longest ms"), [
        (name, *(f"{1000 * value:.2f}" for value in (quantile(spent, 0.5), quantile(spent, 0.99), max(spent))))
        for name, spent in steps(mails).items()
    ]))  # fmt: skip


if __name__ == "__main__":
    main()
