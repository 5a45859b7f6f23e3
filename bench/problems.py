"""How well mailbot sees what users' mails are about, whose they are, and what must not be passed on.

    python -m bench.problems      the figures, and what was wrong

The sets stand in tests/corpus/problems. `held_out.yaml` was not tuned on (its head says how the first look went);
`tuning.yaml`, `forms.yaml` and `secrets.yaml` were. All are by the author of the rules: other people's mails do worse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailbot import yamlfile
from mailbot.masking import mark_in, mask, mask_identity
from mailbot.parsers.forms import form
from mailbot.parsers.reply import quoted
from mailbot.rules import priority, problems

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "problems"
CATEGORIES = {"A": problems.COMPLAINT, "T": problems.QUESTION, "K": problems.CONSULTATION}


@dataclass
class Score:
    """What was right of how many; `faults` says the rest in words."""

    right: int = 0
    of: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, ok: bool, fault: str) -> None:
        self.of += 1
        self.right += ok
        if not ok:
            self.faults.append(fault)

    def __str__(self) -> str:
        share = f" ({100 * self.right / self.of:.1f} %)" if self.of else ""
        return f"{self.right} of {self.of}{share}"


def _read(name: str) -> Any:
    return yamlfile.read(CORPUS / name).data


def mails(name: str) -> dict[str, Score]:
    """problem, category: right. raised: P1 by deadline words, where the label says so. false: raised against it."""
    rules, table = problems.load(), priority.load()
    scores = {key: Score() for key in ("problem", "category", "raised", "false")}
    for code, level, category, subject, text in _read(name)["mails"]:
        parts = problems.read(subject, text, rules.spelling)
        about = problems.judge(parts, rules)
        proposed = priority.propose(about, parts, rules, table.deadline)
        said = f"{subject!r} {text!r}"
        also = [found.code for found in about.found]
        scores["problem"].add(about.primary.code == code, f"{said}: {also or about.primary.code}, not {code}")
        expected = CATEGORIES[category]
        scores["category"].add(
            about.category == expected, f"{said}: {about.category} ({about.category_words}), not {expected}"
        )
        if level == 1 and rules[code].priority > 1:
            scores["raised"].add(proposed.level == 1, f"{said}: not raised")
        elif rules[code].priority > 1:
            scores["false"].add(not proposed.raised, f"{said}: raised by {proposed.words!r}")
    return scores


def forms() -> dict[str, Score]:
    """found: fields that stand in the mail. wrong: fields that it does not give, or with another value."""
    found, wrong = Score(), Score()
    for case in _read("forms.yaml")["forms"]:
        new = quoted.new_text(case["text"])
        got = form.read_form(
            mask(new.own)[0], signature=mask(new.signature)[0], quoted=mask(new.quoted)[0], ours=case.get("ours", False)
        )
        said = case["text"][:60]
        for key, value in case["fields"].items():
            found.add(key in got and got[key].value == str(value), f"{said!r}: {key} is {got.get(key)}, not {value!r}")
        for key, value in got.items():
            expected = str(case["fields"].get(key, ""))
            wrong.add(value.value == expected, f"{said!r}: {key} is {value}, not {expected!r}")
    return {"found": found, "wrong": wrong}


def secrets() -> dict[str, Score]:
    """gone: words that must be masked. stays: words that must not. For LKPP and notices, then for logs and digests."""
    scores = {key: Score() for key in ("gone", "stays", "numbers gone", "numbers stay")}
    for case in _read("secrets.yaml")["secrets"]:
        text = case["text"]
        for prefix, masked in (("", mask(text)[0]), ("numbers ", mask_identity(text))):
            for word in case.get("secret", []):
                gone = str(word) not in masked and mark_in(masked) is not None
                scores[f"{prefix}gone"].add(gone, f"{masked!r} shows {word!r}")
            for word in case.get("person", []):
                shown = str(word) in masked
                scores["numbers gone" if prefix else "stays"].add(shown is not bool(prefix), f"{masked!r}: {word!r}")
            for word in case.get("stays", []):
                key = "numbers stay" if prefix else "stays"
                scores[key].add(str(word) in masked, f"{masked!r} lacks {word!r}")
    return scores


def figures() -> list[tuple[str, str]]:
    """What is measured, and the figure in words."""
    found: list[tuple[str, str]] = []
    for name, words in (("tuning.yaml", "tuned on"), ("held_out.yaml", "held out")):
        score = mails(name)
        found += [
            (f"users' mails ({words}): primary problem category right", str(score["problem"])),
            (f"users' mails ({words}): rekap category right", str(score["category"])),
            (f"users' mails ({words}): raised to P1 where a deadline is named", str(score["raised"])),
            (f"users' mails ({words}): not raised where none is", str(score["false"])),
        ]
    read, hidden = forms(), secrets()
    found += [
        ("forms, sentences and signatures (tuned on): fields found with the right value", str(read["found"])),
        ("forms, sentences and signatures (tuned on): fields read that are right", str(read["wrong"])),
        ("passwords, PIN and OTP masked (tuned on)", str(hidden["gone"])),
        ("what must survive that masking", str(hidden["stays"])),
        ("for logs and digests: secrets, NIK, NPWP and telephone numbers masked", str(hidden["numbers gone"])),
        (
            "for logs and digests: tender codes, NIP, NIB, ticket numbers, dates, amounts kept",
            str(hidden["numbers stay"]),
        ),
    ]
    return found


def _faults() -> Iterator[str]:
    for name in ("tuning.yaml", "held_out.yaml"):
        for key, score in mails(name).items():
            yield from (f"{name} {key}: {fault}" for fault in score.faults)
    for parts in (forms(), secrets()):
        for key, score in parts.items():
            yield from (f"{key}: {fault}" for fault in score.faults)


if __name__ == "__main__":
    for what, figure in figures():
        print(f"{what}: {figure}")
    for fault in _faults():
        print(fault)
