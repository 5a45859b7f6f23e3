"""What each of the 55 tests rests on: the defence, and how a copy of the program looks without it.

    python -m tests.threats.without [numbers]

copies the tree, takes one defence after the other out of the copy and runs its test there, which must fail. `make kill`
does this for all (test_without.py).
"""

# ruff: noqa: E501 (lines of the program, as they stand there)

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import ROOT

_COPIED = (
    *("mailbot", "tests", "docs", "systemd", "scripts", "Makefile", "README.md", "config.yaml"),
    *("pyproject.toml", "uv.lock"),
)


@dataclass(frozen=True)
class Defence:
    """What is taken out, in words, and the edits that do it: (file, what stands there, what stands there then)."""

    what: str
    edits: tuple[tuple[str, str, str], ...]


def _out(what: str, *edits: tuple[str, str, str]) -> Defence:
    return Defence(what, edits)


_PARTY = (
    "mailbot/parsers/thread.py",
    'if hit.where == "subject" and hit.sender_is_party]',
    'if hit.where == "subject"]',
)
_MINE = (
    "mailbot/parsers/thread.py",
    "    return ref.ticket_id is not None and ref.sender_is_party",
    "    return ref.ticket_id is not None",
)
_DOUBTED = (
    "mailbot/arrivals/intake.py",
    "    if not message.ambiguous or sender.verdict is Verdict.FAIL:\n        return sender\n",
    "    if True:\n        return sender\n",
)
_AMBIGUOUS = (
    "mailbot/parsers/identity.py",
    "    if message.ambiguous and (role.inside or role is Role.LKPP):",
    "    if False:",
)
_ANY_FROM = (
    ("mailbot/parsers/identity.py", "    if len(values) > 1:\n", "    if False:\n"),
    ("mailbot/parsers/identity.py", "    if doubt is not None:\n", "    if False:\n"),
)
_AUTOMATIC = (
    "mailbot/parsers/understood.py",
    "        machine = automatic(found, to.own)\n",
    "        machine = None\n",
)

DEFENCES: dict[int, Defence] = {
    1: _out("that the tag in a subject counts for a party of its ticket only", _PARTY),
    2: _out("that a reference counts for whom it was sent to, or for a party", _MINE),
    3: _out(
        "that results which do not say pass forbid a command",
        (
            "mailbot/parsers/identity.py",
            "    if who.verdict is Verdict.FAIL:\n        return Grant(",
            "    if False:\n        return Grant(",
        ),
    ),
    4: _out(
        "that results below a Received line of a foreign host do not count",
        (
            "mailbot/parsers/identity.py",
            "        if foreign is not None:\n            return _SAID(",
            "        if False:\n            return _SAID(",
        ),
    ),
    5: _out(
        "that every domain which the results name must be the sender's",
        ("mailbot/parsers/identity.py", "if all(_host(value) == domain for", "if any(_host(value) == domain for"),
    ),
    6: _out(
        "the grammar of From: as the standard library reads it",
        (
            "mailbot/parsers/identity.py",
            "    return mailbox(values[0])\n",
            '    from email.utils import parseaddr\n\n    return parseaddr(values[0])[1].lower(), ""\n',
        ),
        *_ANY_FROM,
        _AMBIGUOUS,
        _DOUBTED,
    ),
    7: _out("that two From lines, and other doubts, forbid authority", *_ANY_FROM, _AMBIGUOUS, _DOUBTED),
    8: _out(
        "that an address with an encoded word is nobody's",
        (
            "mailbot/arrivals/intake.py",
            '    if not address or ours or "=?" in address:\n',
            "    if not address or ours:\n",
        ),
    ),
    9: _out(
        "that LKPP's mails need results that pass, or a reference without any",
        (
            "mailbot/parsers/identity.py",
            '    if who.verdict is Verdict.PASS:\n        return Grant(True, _SAID("lkpp',
            '    if True:\n        return Grant(True, _SAID("lkpp',
        ),
    ),
    10: _out(
        "that Reply-To is not written to",
        (
            "mailbot/arrivals/from_user.py",
            "        address=mail.sender.address,\n        name=mail.sender.name,\n",
            "        address=(*(box.address for box in mail.message.reply_to), mail.sender.address)[0],\n        name=mail.sender.name,\n",
        ),
    ),
    11: _out("that the tag in a subject counts for a party of its ticket only", _PARTY),
    12: _out("that whoever once stood in Cc is no party", _MINE),
    13: _out(
        "the eye on robots that do not say so, and on other mailbots",
        (
            "mailbot/restraint/loops.py",
            "    # A second answer to this very mail",
            "    if True:\n        return None\n    # A second answer to this very mail",
        ),
    ),
    14: _out("that machines are known", _AUTOMATIC),
    15: _out(
        "the age of what a delivery report may be about",
        (
            "mailbot/arrivals/from_machine.py",
            'if row is None or mail.at - to_instant(row["created_at"]) > BOUNCE_AGE:',
            "if row is None:",
        ),
    ),
    16: _out(
        "the cap on acknowledgements to unproven senders in an hour",
        ("mailbot/letters/caps.py", "    if room_for_unproven(store, site, now) <= 0:", "    if False:"),
    ),
    17: _out(
        "that an unproven sender's words are not repeated",
        ("mailbot/arrivals/from_user.py", "        echo=mail.sender.authenticated,\n", "        echo=True,\n"),
    ),
    18: _out(
        "that every block of headers is read again before it is sent",
        ("mailbot/templates/compose.py", "        if not _VALUE.fullmatch(value):\n", "        if False:\n"),
        (
            "mailbot/templates/compose.py",
            "    if again != wanted:\n",
            "    if False:\n",
        ),
    ),
    19: _out(
        "the grammar of addresses before MAIL and RCPT",
        (
            "mailbot/servers/smtp.py",
            "        if wrong := address_fault(envelope.recipient, utf8):\n",
            "        if wrong := None:\n",
        ),
    ),
    20: _out(
        "quoted-printable, and the doubling of leading dots",
        ("mailbot/servers/smtp.py", '_LEADING_DOT.sub(b"\\n..", lines[:last])', "lines[:last]"),
        (
            "mailbot/templates/compose.py",
            "binascii.b2a_qp(clean(line).encode(), istext=True)",
            "clean(line).encode()",
        ),
    ),
    21: _out(
        "that nothing of a mail is looked for on the server: a search for its Message-ID is put in",
        (
            "mailbot/servers/imap.py",
            '        return Fetched(uid, facts.internaldate, facts.size, facts.flags, raw, header or b"")\n',
            '        for found in re.findall(rb"(?m)^Message-ID: ?([ -~]+)", raw or b""):\n'
            "            with contextlib.suppress(Exception):\n"
            '                self._client.search([b"HEADER", b"Message-ID", found])\n'
            '        return Fetched(uid, facts.internaldate, facts.size, facts.flags, raw, header or b"")\n',
        ),
    ),
    22: _out(
        "the limit on a literal, and that a UID is one",
        ("mailbot/servers/imap.py", "        if size > LITERAL_MAX:\n", "        if False:\n"),
        (
            "mailbot/servers/imap.py",
            "                return _checked(int(uid) for uid in",
            "                return list(int(uid) for uid in",
        ),
    ),
    23: _out(
        "that STARTTLS must be had",
        (
            "mailbot/servers/imap.py",
            '        if endpoint.security == "starttls":\n',
            '        if endpoint.security == "starttls" and client.has_capability("STARTTLS"):\n',
        ),
    ),
    24: _out(
        "the limits on levels, parts and header lines",
        (
            "mailbot/fetch/originals.py",
            "        levels=found.levels,\n        parts=found.parts,\n        header_lines=found.header_lines,\n",
            "        levels=10**6,\n        parts=10**7,\n        header_lines=10**7,\n",
        ),
    ),
    25: _out(
        "that limits stand before any reading, and that the standard library reads no headers: it is asked first",
        (
            "mailbot/parsers/mime/structure.py",
            '    if value.count(";") > limits.parameters:\n',
            "    from email.headerregistry import HeaderRegistry\n\n"
            '    HeaderRegistry()(name, value)\n    if value.count(";") > limits.parameters:\n',
        ),
    ),
    26: _out(
        "the limit on the length of a sentence",
        ("mailbot/rules/lkpp/classify.py", "MAX_SENTENCE = 400", "MAX_SENTENCE = 10**9"),
    ),
    27: _out(
        "that attempts are counted",
        (
            "mailbot/arrivals/intake.py",
            '        if not begun and entry["attempts"] > journal.ATTEMPTS:\n',
            "        if False:\n",
        ),
    ),
    28: _out(
        "the eye on archives that are traps",
        (
            "mailbot/arrivals/intake.py",
            'if not entry["released"] and (why := archives.trap(message.attachments)) is not None:',
            "if (why := None) is not None:",
        ),
    ),
    29: _out(
        "the cleaning of files' names",
        (
            "mailbot/parsers/mime/filenames.py",
            '    name = clean_name(decode_words(decoded) if "=?" in decoded else decoded, fallback)\n',
            "    name = decoded\n",
        ),
        ("mailbot/templates/compose.py", '.replace("/", "_").replace("\\\\", "_")\n', "\n"),
    ),
    30: _out(
        "the escaping of what is put into HTML",
        ("mailbot/templates/render.py", 'name is not None and name.endswith(".html.j2")', "False"),
        ("mailbot/templates/html_blocks.py", "    return str(markupsafe.escape(text))\n", "    return text\n"),
    ),
    31: _out(
        "that values are no templates",
        ("mailbot/templates/render.py", "            finalize=_opaque,\n", ""),
        (
            "mailbot/templates/render.py",
            "        return markup.parse(source, sink)\n",
            "        return markup.parse(self._layout.from_string(source).render(values), sink)\n",
        ),
    ),
    32: _out(
        "that a cell which begins like a formula is text",
        ("mailbot/reports/csvfile.py", ".startswith(_FORMULA)", ".startswith(())"),
    ),
    33: _out(
        "which texts go to LKPP",
        (
            "mailbot/procedure/effects/shared.py",
            '        if row["role"] == Role.USER.value\n        if row["kind"] == "mail" or (',
            '        if row["kind"] or (',
        ),
    ),
    34: _out(
        "that only what is new goes on",
        (
            "mailbot/arrivals/intake.py",
            "        new, machine = understood.new, understood.machine\n",
            "        new, machine = type(understood.new)(message.text), understood.machine\n",
        ),
    ),
    35: _out(
        "that a token counts from the address to which it was sent",
        ("mailbot/parsers/thread.py", "        and ref.recipient.lower() == sender.address\n", ""),
    ),
    36: _out(
        "that a Message-ID commands once",
        (
            "mailbot/arrivals/staff/from_staff.py",
            "    if (grant.allowed or grant.otherwise) and journal.carried_out(",
            "    if False and journal.carried_out(",
        ),
    ),
    37: _out(
        "that commands count in new text only",
        (
            "mailbot/arrivals/intake.py",
            "        new, machine = understood.new, understood.machine\n",
            '        new, machine = type(understood.new)(message.text.replace("> ", "")), understood.machine\n',
        ),
    ),
    38: _out("that automatic mail is known", _AUTOMATIC),
    39: _out(
        "that X-Mailbot-Ticket is not read",
        (
            "mailbot/tickets/lookups.py",
            '    for where, text in (("subject", message.subject), ("body", message.text)):\n',
            '    for where, text in (("subject", message.subject + str(message.header_all("X-Mailbot-Ticket"))),):\n',
        ),
        _PARTY,
    ),
    40: _out(
        "that copies are known by all that they hold",
        (
            "mailbot/arrivals/intake.py",
            "message.message_id, message.fingerprint, proven",
            'message.message_id, message.message_id or "-", proven',
        ),
    ),
    41: _out(
        "the eye on what a signature covers",
        (
            "mailbot/parsers/identity.py",
            "    if verdict is Verdict.PASS and (loose := _loose_signature(message, domain.lower())):\n",
            '    if loose := "":\n',
        ),
    ),
    42: _out(
        "the limit on escalations in an hour",
        ("mailbot/arrivals/staff/commands/escalate.py", ">= MOST_ESCALATIONS:", ">= 10**6:"),
    ),
    43: _out(
        "the folding of notices",
        (
            "mailbot/letters/caps.py",
            "def too_many_notices(work: Work) -> bool:\n",
            "def too_many_notices(work: Work) -> bool:\n    return False\n",
        ),
    ),
    44: _out(
        "the reader of YAML that makes nothing but texts, lists and tables",
        (
            "mailbot/yamlfile.py",
            '    """The bytes of a file of at most MAX_BYTES. Raises ConfigError."""\n',
            "    try:\n        yaml.unsafe_load(path.read_text())\n    except Exception:\n        pass\n",
        ),
    ),
    45: _out(
        "that a server's words are shown without our secret",
        ("mailbot/servers/endpoint.py", "        for secret in self._secrets():", "        for secret in ():"),
    ),
    46: _out(
        "the cleaning of what the log says",
        ("mailbot/log.py", "mask_identity(answer_line(value))", "mask_identity(value)"),
        ("mailbot/log.py", "values[name] = answer_line(value) if name", "values[name] = value if name"),
    ),
    47: _out(
        "the parameter in one query",
        (
            "mailbot/store/sent_mails.py",
            '        "SELECT id, event_key, ticket_id, party, template, recipient, created_at FROM outbox WHERE mailbox = ?"\n        " AND message_id = ?",\n        mailbox,\n        message_id,\n',
            '        "SELECT id, event_key, ticket_id, party, template, recipient, created_at FROM outbox WHERE mailbox = ?"\n        f" AND message_id = \'{message_id}\'",\n        mailbox,\n',
        ),
    ),
    48: _out(
        "the list of charsets that are decoded",
        (
            "mailbot/parsers/mime/charsets.py",
            '    if label.replace("-", "_") not in _NAMES:\n        return None\n',
            "",
        ),
        (
            "mailbot/parsers/mime/charsets.py",
            "    return codec if _ALLOWED.match(codec) else None\n",
            "    return codec\n",
        ),
    ),
    49: _out(
        "that a mail in pieces, or elsewhere, is a doubt",
        (
            "mailbot/parsers/mime/content.py",
            'if kind in ("message/partial", "message/external-body"):',
            "if kind in ():",
        ),
    ),
    50: _out("that a doubtful mail is proven by nothing", _DOUBTED),
    51: _out(
        "that the process which reads mails gives up its rights",
        (
            "mailbot/fetch/reader_process.py",
            "    gc.enable()\n    _give_up_rights()\n",
            "    gc.enable()\n",
        ),
    ),
    52: _out(
        "that codes hold 75 random bits",
        ("mailbot/letters/links.py", "secrets.token_bytes(10)", "secrets.token_bytes(1) * 10"),
    ),
    53: _out(
        "that what the other process says is JSON",
        (
            "mailbot/parsers/mime/wire.py",
            "        found = json.loads(header)\n",
            '        import pickle\n\n        found = pickle.loads(header) if header[:1] == b"\\x80" else json.loads(header)\n',
        ),
    ),
    54: _out(
        "that the recipient is the ticket's own user: he of the newest ticket instead",
        (
            "mailbot/procedure/effects/shared.py",
            "    return NamedAddress(name, work.ticket.user_address)\n",
            '    return NamedAddress(name, str(work.store.value("SELECT user_address FROM tickets ORDER BY id DESC")))\n',
        ),
    ),
    55: _out("that what is installed is what is locked", ("Makefile", "uv sync --locked\n", "uv sync\n")),
}


class Unknown(Exception):
    """What is to be taken out is not there any more: the table has to follow the program."""


@contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="without-") as name:
        folder = Path(name)
        for each in _COPIED:
            source = ROOT / each
            if source.is_dir():
                shutil.copytree(source, folder / each, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / each)
        yield folder


def fails_without(number: int) -> str:
    """Empty if the test fails without its defence, else what it did; raises Unknown."""
    with _copy() as folder:
        for file, old, new in DEFENCES[number].edits:
            path = folder / file
            text = path.read_text(encoding="utf-8")
            if not old or old not in text:
                raise Unknown(f"{number}: not in {file}: {old[:60]!r}")
            path.write_text(text.replace(old, new), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "--tb=line",
            "--show-capture=no",
            "tests/threats",
        ]
        done = subprocess.run(
            [*command, "-k", f"test_threat_{number:02}_"],
            cwd=folder,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": str(folder), "HOME": str(folder)},
            timeout=300,
        )
        # 1: tests have failed. Anything else would mean that none has run.
        failed = done.returncode == 1 and re.search(r"^1 failed", done.stdout, re.MULTILINE)
        return "" if failed else f"(return code {done.returncode}) {done.stdout[-600:]}"


def _tried(number: int) -> tuple[int, str]:
    try:
        return number, fails_without(number)
    except Unknown as error:
        return number, str(error)


def tried(numbers: Iterable[int], at_once: int = 2) -> Iterator[tuple[int, str]]:
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(_tried, numbers)


def main() -> int:
    wanted = [int(word) for word in sys.argv[1:]] or sorted(DEFENCES)
    wrong = 0
    for number, did in tried(wanted):
        wrong += bool(did)
        print(f"{number:2} {'DOES NOT FAIL' if did else 'fails'} without: {DEFENCES[number].what} {did}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
