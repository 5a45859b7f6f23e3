"""Who may read what, whatever happens: three parties, an outsider and machines write, and no word crosses.

Each text that anybody writes (words, subject, display name, a file's name and bytes, a password, an answer between
quoted lines, LKPP's note to the LPSE) carries a canary, a word that stands nowhere else, in every MIME shape that mail
programs make. `_Canary.readers` says who may read it, written from the SOP and docs/security.md and not
from the program: a note is the LPSE's, an escalation's summary LKPP's, an answer the user's, a mail whose sender is not
proven staff's alone. After each step every mail that left is opened, decoded as a mail program would, and searched;
no parser of the program has a part in that. And a notice about a mail of a user or of LKPP holds all words of it.

25 steps a run in `make test`; `make fuzz` takes up to 60.
"""

from __future__ import annotations

import email.policy
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mailbot.parsers.commands.vocabulary import VOCABULARY
from mailbot.parsers.reply.marker import MARKER
from tests.examples import games
from tests.mime_shapes import SHAPES
from tests.office.wordings import AWAY, NOTES, PASSWORDS, UNEVEN, found_in
from tests.steps import BORDER
from tests.world import LPSE, NO_CAPS, PEOPLE, Letter, PaperWorld, letter
from tests.written import Written, head_lines, headings, opened_by_links, page_of, shaped

#: A word of letters alone: what has digits in it could be the data that LKPP asks for.
CANARY = re.compile(r"Kenari[a-z]{4}q")
#: The LPSE's own people, who may read whatever anybody wrote. The operator is none of them.
INSIDE = frozenset(PEOPLE[who] for who in ("petugas", "rekan", "koordinator", "kepala"))
LKPP = frozenset({PEOPLE["lkpp"]})
NOBODY: frozenset[str] = frozenset()
USERS = ("pengguna", "orang luar")
COMMANDERS = ("petugas", "rekan", "koordinator", "kepala", "operator")

#: Command with a text → for whom the text is.
TEXTS = {
    "answer": "user",
    "info": "user",
    "ask": "user",
    "close": "user",
    "data": "user",
    "progress": "user",
    "resolved": "user",
    "escalate": "lkpp",
    "forward": "lkpp",
    "lkpp": "lkpp",
    "returned": "inside",
    "redirect": "inside",
    "ignore": "inside",
    "note": "inside",
    # On a ticket they make nothing without a form; in a new mail see `staff_record_a_consultation`.
    "phone": "inside",
    "counter": "inside",
    "support": "inside",
    "postpone": "inside",
    "coordinator": "inside",
    "complaint": "inside",
    "direction": "inside",
    "head": "inside",
    "reason": "inside",
    "new": "inside",  # asked for nothing here: its mails quote ours (see `staff_open_a_ticket`)
}
#: What LKPP's words may mean for the user.
MEANT = ("data", "progress", "solved")
#: Clear words that are asked about because of the ticket's status: decided anew when `#batal` takes that back.
ASKED_BY_STATUS = ("3-belum-jelas-selesai",)
#: What must stand before the text.
BEFORE = {"postpone": "1 hari kerja ", "support": "TTS-1\nNama: Budi\nB. PERMASALAHAN\n"}
#: Command without one → what stands behind it; of one that is not named here, what its example has there.
WORDLESS = {
    **{spec.name: spec.example.removeprefix(f"#{spec.word}") for spec in VOCABULARY if not spec.takes_text},
    "take": "",
    "assign": " Joko",
    "category": " pengaduan",
    "problem": " AKUN_OTP",
    "destination": " Direktorat {canary}",
    "leave": " 24 Des - 2 Jan",
    "priority": " 2",
    "tts": " 445566",
    "reopen": "",
    "spam": "",
    "undo": "",
    "merge": " {number} pihak",  # with itself, so refused (see `staff_merge_two`)
    "split": " 999999",  # no mail of the ticket
    "user": " siti@penyedia.test",  # waits for a code (see `staff_change_the_user`)
    "quarantine": "",
    "release": " {entry}",
    "file": " {entry} {number}",
    "discard": " {entry}",
    "guestbook": "",
    "status": "",
    "list": " terlambat",
    "search": " kenari",
    "recap": "",
    "archive": "",
    "help": "",
}
WORDS = {spec.name: f"#{spec.word}" for spec in VOCABULARY}
LKPP_SAYS = {
    "returned": "Permasalahan tersebut merupakan kewenangan LPSE, silakan dapat ditangani oleh Admin PPE.",
    "data": "Mohon dilengkapi tangkapan layar dan kode tender.",
    "progress": "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP.",
    "solved": "Permasalahan telah selesai ditangani, mohon dapat disampaikan kepada pengguna.",
    "unclear": "Mengenai hal ini lihat surat kami bulan lalu.",
    "received": "E-mail Bapak/Ibu telah kami terima.",
}
USER_SAYS = {
    "data": "Berikut kode tender 87654321.",
    "question": "Data {} apa saja yang harus kami kirim?",
    "promise": "Baik, {} akan kami kirim besok.",
    "thanks": "Terima kasih banyak.",
    "done": "SELESAI, terima kasih.",
    "not done": "BELUM, masih gagal masuk.",
    "more": "Sampai pukul 13.00 tautan pemulihannya belum kami terima.",
}
PROOFS = ("pass", "pass", "none at all", "fail")
#: How a mail is quoted: whole, with our line left out or damaged, and with words of the writer's in it (`STYLES`).
QUOTING = ("marked", "unmarked", "damaged", "none", "outlook", "inline", "bare", "below")
STYLES = {name: name for name in ("outlook", "inline", "bare", "below")}
#: "": text alone, which the tests of the desks write, too.
SHAPE = st.sampled_from(("", *SHAPES))
NUMBER = re.compile(r"LPSE-BTG-[0-9]{4}-[0-9]{6}")
#: The notices of a mail that came from a user or LKPP, and what they must hold of it.
NOTICES = ("staff_new_ticket", "staff_user_reply", "staff_lkpp_reply", "staff_classify", "staff_returned")
WORDS_OF = ("words", "words between", "note for the LPSE")


def test_the_machine_knows_every_command() -> None:
    assert set(WORDLESS) == {spec.name for spec in VOCABULARY if not spec.takes_text}
    assert set(TEXTS) == {spec.name for spec in VOCABULARY if spec.takes_text}


@dataclass
class _Canary:
    """One word that somebody wrote, and who may read it."""

    where: str
    writer: str
    readers: frozenset[str]
    #: Whether an automatic answer to its writer may repeat it (only to a proven one).
    echoed: bool = False
    ticket: str = ""
    #: A user's word that goes to LKPP when staff escalate; unproven ones only by `#teruskan`.
    proven: bool = True
    #: Of LKPP's words: opens a door, so that no link brings it.
    secret: bool = False
    #: May still be taken back.
    waits_until: Any = None
    #: Of a file's name: the word within the file. Whoever is shown the name is told that the file goes along.
    holds: _Canary | None = None
    seen_by: set[str] = field(default_factory=set)
    known_to: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Waiting:
    """A command that waits for its writer's code."""

    journal_id: int
    address: str
    number: str
    owner: str
    status: str
    written: list[_Canary]
    consultation: bool = False
    #: LKPP's words that the answered mail shows.
    said: Sequence[_Canary] = ()


def _decoded(found: Letter) -> tuple[str, str]:
    """All that a mail shows: (headers, texts, links and files; the mails in quarantine that go along as files)."""
    message = found.message
    seen = [str(value) for value in message.values()]
    originals = []
    for part in message.walk():
        if part.is_multipart():
            continue
        seen.append(str(part.get_filename() or ""))
        data = part.get_payload(decode=True)
        if re.match(r"(karantina|surat-asli)-\d+\.eml", str(part.get_filename())):
            originals.append(data.decode("utf-8", "replace"))
        else:
            seen.append(found_in(data, page=part.get_content_type() == "text/html"))
    return "\n".join(seen), "\n".join(originals)


def _where(found: Letter, word: str) -> str:
    """In which parts of a mail a word stands."""
    parts = [part for part in found.message.walk() if not part.is_multipart()]
    names = [
        part.get_filename() or part.get_content_type()
        for part in parts
        if word in found_in(part.get_payload(decode=True), page=part.get_content_type() == "text/html")
    ]
    return ", ".join(names) or "head"


class Office(RuleBasedStateMachine):
    """One office; each rule is one mail that somebody sends, or time that passes.

    No rule has a precondition. Codes and Message-IDs are random, and now and then a reading hangs on them; hypothesis
    ends a search in which the same game has other rules to choose from the second time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mailbot-visibility-"))
        authentication = {"authserv_id": BORDER, "without_results": "token"}
        self.office = PaperWorld(self.folder, authentication=authentication, limits=NO_CAPS)
        self.office.at("2026-12-21 08:00")
        self.canaries: dict[str, _Canary] = {}
        self.owners: dict[str, str] = {}  # ticket → its user
        self.parties: dict[str, set[str]] = {}  # ticket → who has become a party of it by `#gabung`
        self.boxes: dict[str, list[Letter]] = {}
        self.tickets: dict[str, str] = {}  # Message-ID of ours → ticket
        self.waiting: list[_Waiting] = []
        self.files: dict[int, list[_Canary]] = {}  # journal entry of a staff mail → what stands in its files
        self.fresh: set[str] = set()  # what stands in the last mail of a user
        #: Ticket → words of ours that its user has quoted so that they may not be told from his own.
        self.quoted: dict[str, list[_Canary]] = {}
        self.opened: set[int] = set()
        #: (ticket, words, readers) of mails that `#batal` may let be decided anew, on the status before.
        self.again: list[tuple[str, list[_Canary], frozenset[str]]] = []
        self.new: list[tuple[Letter, str]] = []  # what left last, and for whom
        self.told: list[str] = []  # each mail into the office: a fault that chance brings once only is told whole

    def teardown(self) -> None:
        self.office.store.close()
        shutil.rmtree(self.folder)

    # --- what is written --------------------------------------------------------------------------

    def canary(self, where: str, writer: str, readers: frozenset[str] = INSIDE, **more: Any) -> str:
        number = len(self.canaries)
        word = "Kenari" + "".join(chr(97 + number // 26**place % 26) for place in (3, 2, 1, 0)) + "q"
        self.canaries[word] = _Canary(where, writer, readers, **more)
        self.fresh.add(word)
        return word

    def send(
        self,
        who: str,
        text: str,
        *,
        claims: str | None = None,
        proof: str = "none at all",
        subject: str | None = None,
        answers: Letter | None = None,
        shows: Letter | None = None,
        quoting: str = "marked",
        between: str = "",
        page: str = "",
        shape: str = "",
        files: Sequence[tuple[str, bytes]] = (),
        cc: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        name: str = "",
    ) -> str:
        """A mail into the office and a round; how it was settled. shows: the mail that is quoted, if not the answered
        one. between: words in the quotation, where `quoting` says. page: the text as HTML, if not made of it."""
        address = PEOPLE.get(claims or who, claims or who)
        more = [*headers]
        if proof != "none at all":
            more.append(("Authentication-Results", f"{BORDER}; dmarc={proof} header.from={address.partition('@')[2]}"))
        quoted = shows or answers
        shown = quoted.text if quoted is not None else ""
        if quoted is not None and claims is None:  # what he has before him he may well see again
            for word in CANARY.findall(f"{quoted.subject} {shown}"):
                self.canaries[word].known_to.add(address)
        if answers is not None:
            subject = subject or f"Re: {answers.subject}"
            more += [("In-Reply-To", answers.message_id), ("References", answers.message_id)]
        if quoting == "none":
            shown = ""
        elif quoting == "unmarked":
            shown = shown.replace(MARKER, "")
        elif quoting == "damaged":
            shown = shown.replace("balasan di atas", "balasan")
        attribution, heading = headings(quoted) if quoted is not None else ("", "")
        written = Written(
            words=text,
            quoted=shown,
            words_html=page,
            quoted_html=page_of(quoted) if quoted and shown and quoting in ("marked", "outlook", "below") else "",
            between=between,
            style=STYLES.get(quoting, "top"),
            attribution=attribution,
            heading=heading,
        )
        before = self.numbers()
        sender = f"{name} <{address}>" if name else address
        if shape:
            self.office.drop(shaped(replace(written, headers=self._head(sender, subject, cc, more)), shape, files))
        else:
            self.office.write(who, written.plain, sender=sender, subject=subject, files=files, cc=cc, headers=more)
        self.office.once()
        for number in self.numbers():
            if number not in before:
                self.owners[number] = self.writer(number) if address in INSIDE else address
        row = self.office.rows("SELECT disposition FROM journal ORDER BY id DESC LIMIT 1")[0]
        about = f"in reply to {answers.template}" if answers else f"about {shows.template}" if shows else "new"
        parts = filter(None, (text, f"between: {between}" if between else "", *(f"file: {name}" for name, _ in files)))
        head = f"{address}, {proof}, {about}, quoting {quoting}, shape {shape or 'plain'} → {row['disposition']}"
        self.told.append("\n    ".join([head, *"\n".join(parts).split("\n")]))
        return str(row["disposition"])

    def _head(
        self, sender: str, subject: str | None, cc: str | None, more: Sequence[tuple[str, str]]
    ) -> tuple[str, ...]:
        """The lines of a mail's head, without those of MIME."""
        message = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=200))
        message["From"], message["To"], message["Subject"] = sender, LPSE, subject or "Mohon bantuan"
        message["Date"], message["Message-ID"] = self.office.now, make_msgid(domain="luar.test")
        if cc:
            message["Cc"] = cc
        for name, value in more:
            message[name] = value
        return head_lines(message)

    def numbers(self) -> list[str]:
        return [str(row["number"]) for row in self.office.rows("SELECT number FROM tickets ORDER BY id")]

    def standing(self, number: str) -> str:
        """The ticket that stands for this number: another one where the two were merged."""
        sql = "SELECT b.number FROM tickets a JOIN tickets b ON b.id = a.merged_into WHERE a.number = ?"
        while rows := self.office.rows(sql, number):
            number = str(rows[0]["number"])
        return number

    def merged(self) -> set[tuple[str, str]]:
        """(number that is gone, number of which it became a part), of each merge."""
        sql = "SELECT a.number AS gone, b.number AS stays FROM tickets a JOIN tickets b ON b.id = a.merged_into"
        return {(str(row["gone"]), str(row["stays"])) for row in self.office.rows(sql)}

    def writer(self, number: str) -> str:
        """Who has written the mail that staff have made a ticket of its own (`#pisah`); "" where it is none."""
        rows = self.office.rows(
            "SELECT j.raw FROM journal j JOIN tickets t ON t.id = j.ticket_id WHERE t.number = ? ORDER BY j.id LIMIT 1",
            number,
        )
        found = [letter(bytes(row["raw"] or b"")).message["From"].addresses for row in rows]
        return str(found[0][0].addr_spec) if found and found[0] else ""

    def ticket_of_last(self) -> str:
        rows = self.office.rows(
            "SELECT t.number FROM journal j JOIN tickets t ON t.id = j.ticket_id"
            " WHERE j.id = (SELECT max(id) FROM journal)"
        )
        return str(rows[0]["number"]) if rows else ""

    def status(self, number: str) -> str:
        return self.office.status(number) if number else ""

    def pick(self, who: str, which: int) -> Letter | None:
        box = self.boxes.get(PEOPLE[who], [])
        # Mostly a late one: what people answer.
        return box[-1 - (which % len(box)) ** 2 // max(1, len(box))] if box else None

    def entry(self, which: int) -> str:
        rows = self.office.rows("SELECT id FROM journal WHERE state = 'quarantined' ORDER BY id DESC LIMIT 3")
        return str(rows[which % len(rows)]["id"]) if rows else "1"

    # --- what must hold ----------------------------------------------------------------------------

    def look(self) -> None:
        """Open every mail that has left since, for each word that its reader may not see."""
        self.new = []
        for row in self.office.sent("state = 'accepted'"):
            if row["id"] in self.opened:
                continue
            self.opened.add(row["id"])
            found, reader = letter(row["raw"]), str(row["recipient"])
            self.boxes.setdefault(reader, []).append(found)
            self.new.append((found, reader))
            if number := found.message["X-Mailbot-Ticket"]:
                self.tickets[found.message_id] = str(number)
            self._check(found, reader)
        failed = self.office.rows("SELECT reason FROM journal WHERE reason LIKE 'tidak dapat diolah%'")
        assert not failed, failed[0]["reason"]

    def _check(self, found: Letter, reader: str) -> None:
        assert [box.addr_spec for box in found.message["To"].addresses] == [reader]
        assert "Cc" not in found.message and "Bcc" not in found.message
        number = found.message["X-Mailbot-Ticket"]
        if number and reader in (PEOPLE[who] for who in USERS) and self.owners[str(number)] != reader:
            self.broken(f"{found.template} of {number} to {reader}")
        text, originals = _decoded(found)
        for word in set(CANARY.findall(text)):
            canary = self.canaries[word]
            canary.seen_by.add(reader)
            what = f"{canary.where} of {canary.writer} ({word}) in {found.template} to {reader}"
            if reader not in canary.readers | canary.known_to:
                self.broken(f"{what}: {_where(found, word)}")
            if found.template in ("user_acknowledgement", "user_password_warning") and word in self.fresh:
                assert canary.echoed, f"echoed: {what}"
        if originals:  # whoever is on the list and did not prove himself gets his own mail back
            own = f"From: {reader}" in originals or f"<{reader}>" in originals.split("To:")[0]
            assert reader in INSIDE or own, f"an original mail in {found.template} to {reader}"

    def broken(self, what: str) -> None:
        raise AssertionError("\n".join([what, *self.told]))

    def _whole(self, number: str, written: Sequence[_Canary]) -> None:
        """Whether the notices about a mail that came hold all words of it."""
        notices = [
            found
            for found, reader in self.new
            if reader in INSIDE and found.template in NOTICES and found.message["X-Mailbot-Ticket"] == number
        ]
        shown = "\n".join(_decoded(found)[0] for found in notices)
        for word, canary in self.canaries.items():
            if notices and canary.where in WORDS_OF and any(canary is one for one in written) and word not in shown:
                self.broken(f"lost: {canary.where} of {canary.writer} ({word}) in {notices[0].template}")

    def let(self, canaries: Sequence[_Canary], readers: frozenset[str]) -> None:
        for canary in canaries:
            canary.readers |= readers

    # --- users ---------------------------------------------------------------------------------------

    def _user_mail(
        self,
        who: str,
        text: str,
        proof: str,
        features: int,
        *,
        claims: str | None = None,
        answers: Letter | None = None,
        refers: Letter | None = None,
        tag: str = "",
        data: bool = True,
        quoting: str = "marked",
        shape: str = "",
        shows: Letter | None = None,
        secret: int = 0,
        files: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """A user's mail; features: bits for what it carries. secret: which spelling of it. files: further ones, in
        which no new words stand."""
        address = PEOPLE[claims or who]
        forged = claims is not None or proof == "fail"
        before = set(self.numbers())
        start = len(self.canaries)
        self.fresh.clear()
        more: dict[str, Any] = {"proven": not forged}
        own = INSIDE if forged else INSIDE | {address}
        word = self.canary("words", address, **more)
        lines = [text.format(word)] if "{}" in text else [text, f"Uraian: {word}."]
        name = "Budi Santoso"
        if features & 1:
            name = f"Budi {self.canary('display name', address, own, echoed=proof == 'pass' and not claims, **more)}"
        page = ""
        if features & 2:
            spelling, markup = PASSWORDS[secret % len(PASSWORDS)]
            password = f"{self.canary('password', address, NOBODY)}88"
            page = "".join(f"<p>{line}</p>" for line in lines) + markup.format(password) if markup else ""
            lines.append(spelling.format(password))
        files = [*files]
        if features & 4:
            title = self.canary("name of a file", address, own, **more)
            ending = "exe" if features & 8 else "txt" if secret % 2 else "png"
            files.append((f"layar {title}.{ending}", self.canary("file", address, **more).encode()))
        headers = [("In-Reply-To", refers.message_id)] if refers is not None else []
        subject = None
        if answers is None:
            word = self.canary("subject", address, own, echoed=proof == "pass" and not claims, **more)
            subject = f"{tag} Tidak bisa login {word}".strip()
        between = ""
        if quoting in ("inline", "bare", "below"):
            apart = shape in UNEVEN  # of two forms that say different things the text counts
            between = f"Jawaban kami {self.canary('words apart' if apart else 'words between', address, **more)}."
        statuses = {number: self.status(number) for number in before}
        cc = PEOPLE["lkpp"] if features & 16 else None
        self.send(
            who,
            "\n".join(lines),
            claims=claims,
            proof=proof,
            subject=subject,
            answers=answers,
            shows=shows,
            quoting=quoting,
            between=between,
            page=page,
            shape=shape,
            files=files,
            cc=cc,
            headers=headers,
            name=name,
        )
        number = self.ticket_of_last()
        written = list(self.canaries.values())[start:]
        for canary in written:
            canary.ticket = number
        # Of mails to him, what he quotes may go along where it cannot be told from his words: never what was to staff.
        quoted = shows or (answers if quoting not in ("marked", "none") else None)
        his = [self.canaries[word] for word in CANARY.findall(quoted.text)] if quoted else []
        # His own words he sends once more.
        his = [one for one in his if address in one.readers or (one.writer == address and one.proven)]
        his = [one for one in his if one.where != "password"]
        self.quoted.setdefault(number, []).extend(his)
        if set(self.numbers()) - before:
            # Whoever opens a ticket is its user, proven or not: what staff escalate of it is theirs to judge.
            for canary in written:
                canary.proven = True
                if canary.where in ("display name", "subject", "name of a file"):
                    canary.readers |= {address}
        # Steps 8 and 9: what LKPP has asked for goes on at once, unless it is doubtful or names LKPP itself.
        else:
            awaited = self.owners.get(number) == address and statuses[number] == "awaiting_data"
            doubtful = forged or features & 12 == 12 or features & 16  # a program, or LKPP has it from himself
            if awaited and (data or between or self.brought_files()) and not doubtful:
                self.let([one for one in written if one.where != "password"], LKPP)
                self.let(his, LKPP)
            elif self.owners.get(number) == address and not doubtful:
                self.again.append((number, [*(one for one in written if one.where != "password"), *his], LKPP))
        self.look()
        self._whole(number, written)

    def brought_files(self) -> bool:
        """Whether the last mail had files: some shapes bring a picture of their own, and a question with a file is data
        (step 9)."""
        return bool(self.office.rows("SELECT 1 FROM attachments WHERE journal_id = (SELECT max(id) FROM journal)"))

    @initialize(
        features=st.integers(0, 7),
        stage=st.sampled_from(("new", "escalated", "awaiting_data", "escalated", "awaiting_data", "held", "resolved")),
        another=st.booleans(),
    )
    def a_ticket_has_come_so_far(self, features: int, stage: str, another: bool) -> None:
        """another: somebody else has one, too, of which others may speak."""
        if another:
            self._user_mail("orang luar", "Kami gagal mengunggah penawaran.", "pass", 0)
        self._user_mail("pengguna", "Yth. Admin, kami tidak bisa login.", "pass", features)
        likely: dict[str, Any] = {"proof": "pass", "quoting": "marked", "features": features & 4, "which": 0}
        if stage == "resolved":
            self._command("petugas", self.boxes[PEOPLE["petugas"]][-1], ["answer"], **likely)
            self.time_passes(4)
        elif stage != "new":
            self._command("petugas", self.boxes[PEOPLE["petugas"]][-1], ["escalate"], **likely)
        if stage in ("awaiting_data", "held"):
            number = self.numbers()[-1]
            self._lkpp_mail(number, "data", "pass", "marked", features & 4, answers=self.boxes[PEOPLE["lkpp"]][-1])
        if stage == "held":  # a question, which waits for staff
            asked = self.boxes[PEOPLE["pengguna"]][-1]
            self._user_mail("pengguna", USER_SAYS["question"], "pass", features & 1, answers=asked, data=False)

    @rule(
        who=st.sampled_from(USERS),
        proof=st.sampled_from(PROOFS),
        features=st.integers(0, 31),
        which=st.integers(0, 60),
        refers=st.sampled_from(("nothing", "nothing", "tag", "own mail", "stolen mail", "tag and stolen mail")),
        shape=SHAPE,
    )
    def a_user_writes(self, who: str, proof: str, features: int, which: int, refers: str, shape: str) -> None:
        """A new mail, which may name a ticket of anybody, or refer to a mail that somebody else got."""
        numbers = self.numbers()
        tag = f"[{numbers[which % len(numbers)]}]" if "tag" in refers else ""
        letters = [one for box in self.boxes.values() for one in box] if "stolen" in refers else []
        letters = letters or (self.boxes.get(PEOPLE[who], []) if "mail" in refers else [])
        found = letters[which % len(letters)] if letters else None
        text = "Kami masih mengalami kendala."
        self._user_mail(who, text, proof, features, refers=found, tag=tag, shape=shape, secret=which)

    @rule(
        who=st.sampled_from(("pengguna", "pengguna", "orang luar")),
        which=st.integers(0, 12),
        says=st.sampled_from(sorted(USER_SAYS)),
        proof=st.sampled_from(PROOFS),
        features=st.integers(0, 31),
        quoting=st.sampled_from(QUOTING),
        shape=SHAPE,
        secret=st.integers(0, 99),
    )
    def a_user_answers(
        self, who: str, which: int, says: str, proof: str, features: int, quoting: str, shape: str, secret: int
    ) -> None:
        found = self.pick(who, which)
        if found is None:
            return
        data = bool(features & (2 | 4)) or says not in ("question", "promise")
        kept: dict[str, Any] = {"answers": found, "data": data, "quoting": quoting, "shape": shape, "secret": secret}
        self._user_mail(who, USER_SAYS[says], proof, features, **kept)

    @rule(
        which=st.integers(0, 12),
        says=st.sampled_from(("data", "more", "question")),
        proof=st.sampled_from(("pass", "none at all")),
        how=st.sampled_from(("marked", "outlook", "inline", "bare", "below")),
        refers=st.sampled_from(("answers", "refers", "new")),
        shape=SHAPE,
    )
    def a_user_quotes_an_internal_mail(
        self, which: int, says: str, proof: str, how: str, refers: str, shape: str, of_any_kind: bool = False
    ) -> None:
        """He was in its Cc, or somebody sent it on to him; if LKPP has his ticket, it has asked for data before."""
        sent = self.boxes.get(PEOPLE["lkpp"], [])
        if sent and self.status(self.standing(self.tickets[sent[-1].message_id])) == "escalated":
            self._lkpp_mail(self.tickets[sent[-1].message_id], "data", "pass", "marked", 0, answers=sent[-1])
        notice, found = self.pick("petugas", which), self.pick("pengguna", 0)
        if notice is None or found is None or not (notice.message["X-Mailbot-Ticket"] or of_any_kind):
            return
        files = [("surat.eml", bytes(notice.raw))] if how == "as a file" else []
        quoting = "none" if files else how
        answers = found if refers == "answers" else None
        more: dict[str, Any] = {"answers": answers, "shows": notice, "quoting": quoting, "shape": shape, "files": files}
        text = USER_SAYS[says].replace("{}", "apa")
        self._user_mail("pengguna", text, proof, 0, refers=found if refers == "refers" else None, **more)

    @rule(
        which=st.integers(0, 12),
        says=st.sampled_from(sorted(USER_SAYS)),
        features=st.integers(0, 15),
        proof=st.sampled_from(("fail",)),
    )
    def somebody_pretends_to_be_the_user(self, which: int, says: str, features: int, proof: str) -> None:
        """With a mail that only the user got: a leaked thread."""
        found = self.pick("pengguna", which)
        if found is not None:
            self._user_mail(
                "orang luar", USER_SAYS[says], proof, features, claims="pengguna", answers=found, quoting="none"
            )

    # --- the LPSE's people ---------------------------------------------------------------------------

    def _command(
        self,
        who: str,
        found: Letter,
        names: Sequence[str],
        *,
        proof: str,
        quoting: str,
        features: int,
        which: int,
        plain: bool = False,
        code: str = "",
        shape: str = "",
        opened: tuple[str, str] = ("", ""),
        away: str = "",
    ) -> None:
        """A mail of the LPSE's people. opened: (subject, body) of a ready reply, which is sent as it opens. away: the
        words of an absence note, which are all that the mail says."""
        address = PEOPLE[who]
        subject, body = opened
        tag = NUMBER.search(subject)
        number = tag[0] if tag else self.tickets.get(found.message_id, "")
        owner = self.owners.get(number, "")
        status = self.status(number)
        start = len(self.canaries)
        own = INSIDE | {address}  # a receipt, or what was refused
        lines: list[str] = [code] if code else []
        last = names[-1]
        for name in names:
            if body:
                lines.append(body)
            elif away:
                lines.append(away.format(self.canary("absence note", address, own)))
            elif plain:
                lines.append(f"Silakan hapus cache peramban {self.canary('plain reply', address, own)}.")
            elif name in WORDLESS:
                what = WORDLESS[name]
                word = self.canary(f"word of #{name}", address, own) if "{canary}" in what else ""
                what = what.format(entry=self.entry(which), number=number or "X", canary=word)
                lines.append(WORDS[name] + what)
            elif last in ("data", "progress", "resolved", "forward") and features & 2:
                lines.append(WORDS[name])  # LKPP's own words, or the user's, and none of his own
            else:
                word = self.canary(f"text of #{name}", address, own)
                between = " AKUN_LOGIN\n" if name == "answer" and features & 1 else " "  # a canned answer, and more
                lines.append(f"{WORDS[name]}{between}{BEFORE.get(name, '')}Silakan periksa {word}.")
        files = []
        if features & 4 and (plain or last in TEXTS):
            title = self.canary(f"name of a file of #{last}", address, own)
            ending = "txt" if which % 2 else "pdf"
            files.append((f"{title}.{ending}", self.canary(f"file of #{last}", address, own).encode()))
        between = ""
        if quoting in ("inline", "bare", "below") and (plain or last in TEXTS):
            between = f"Jawaban kami {self.canary('words between', address, own)}."
        cc = owner if features & 8 and owner else PEOPLE["rekan"] if features & 16 else None
        done = self.send(
            who,
            "\n".join(lines),
            proof=proof,
            subject=f"Re: {subject or found.subject} {self.canary('subject', address, own)}",
            answers=found,
            quoting=quoting,
            between=between,
            shape=shape,
            files=files,
            cc=cc,
            name=f"Petugas {self.canary('display name', address, own)}",
        )
        written = [
            one
            for one in list(self.canaries.values())[start:]
            if one.where not in ("subject", "display name", "word of #destination")
        ]
        # What the answered mail shows of LKPP's words, and of those that the LPSE may not pass on what the link opens.
        shown = [self.canaries[word] for word in set(CANARY.findall(_decoded(found)[0]))]
        said = [
            one for one in shown if one.writer == "LKPP" and one.where not in ("note for the LPSE", "words between")
        ]
        said += [self.canaries[word] for word in CANARY.findall(body) if self.canaries[word].writer == "LKPP"]
        said = [one for one in said if not one.secret]
        said += [one.holds for one in said if one.holds is not None]
        # What was held before, and stands in the link that sends it after all.
        brought = [self.canaries[word] for word in CANARY.findall(body) if self.canaries[word].writer in INSIDE]
        carried_out = done.removeprefix("staff.").split("+") if done.startswith("staff.") else []
        token = bool(code) or found in self.boxes.get(address, [])
        if proof == "fail" or who in ("kepala", "operator") or not token:
            carried_out = []  # whatever became of it, nobody was entitled to it
        [row] = self.office.rows("SELECT max(id) AS id FROM journal")
        self.files[int(row["id"])] = [one for one in written if "file of #" in one.where]
        for name in carried_out if not away else ():
            self._allow(name, number, owner, [*written, *brought, *self._stored_files(code)], said)
        if not done and proof != "fail" and who not in ("kepala", "operator"):
            self.waiting.append(_Waiting(int(row["id"]), address, number, owner, status, written, said=said))
        if cc == owner and owner:
            for canary in written:
                canary.readers |= {owner}
        self.look()

    def _stored_files(self, code: str) -> list[_Canary]:
        """Those of the mails that a link's code stands for."""
        found = self.office.rows("SELECT mails FROM codes WHERE code = ?", code.removeprefix("Kode: ").replace("-", ""))
        return [one for row in found for entry in row["mails"].split() for one in self.files.get(int(entry), [])]

    def _allow(
        self, name: str, number: str, owner: str, written: Sequence[_Canary], said: Sequence[_Canary] = ()
    ) -> None:
        """What a command that was carried out lets others read. said: LKPP's words that its writer had before him."""
        of_ticket = [
            one
            for one in self.canaries.values()
            if one.ticket == number and one.writer in (owner, *self.parties.get(number, ()))
        ]
        of_ticket = [one for one in of_ticket if one.where != "password"]
        if TEXTS.get(name) == "user":
            self.let(written, frozenset({owner}))
            if name in ("answer", "info", "ask", "close"):
                for canary in written:
                    canary.ticket = number
                    canary.waits_until = self.office.now + timedelta(minutes=3)
            else:  # what the reply means that he answers: its files go on, and its words unless he writes others
                wrote = any(one.where.startswith("text") for one in written)  # and did not only enclose a file
                self.let([one for one in said if not wrote or "file" in one.where], frozenset({owner}))
        elif TEXTS.get(name) == "lkpp":
            self.let(written, LKPP)
        if name == "support":  # with the form: his problem as it was recorded, which he is sent
            self.let([one for one in written if one.where.startswith("text")], frozenset({owner}))
        if name == "escalate":
            self.let([one for one in of_ticket if one.proven] + self.quoted.get(number, []), LKPP)
        elif name == "forward":
            self.let(of_ticket + self.quoted.get(number, []), LKPP)
        elif name == "undo":
            for ticket, words, readers in self.again:
                if self.standing(ticket) == number:
                    self.let(words, readers)
            for canary in self.canaries.values():
                waits = canary.waits_until is not None and canary.waits_until > self.office.now
                if waits and canary.ticket == number and owner not in canary.seen_by:
                    canary.readers -= {owner}

    @rule(
        who=st.sampled_from(COMMANDERS),
        name=st.sampled_from(sorted(TEXTS)),
        first=st.sampled_from((None, None, None, "take", "priority")),
        which=st.integers(0, 12),
        stolen=st.sampled_from((False, False, False, True)),
        proof=st.sampled_from(("pass", "none at all", "none at all", "fail")),
        quoting=st.sampled_from(QUOTING),
        features=st.integers(0, 31),
        shape=SHAPE,
    )
    def staff_command(
        self,
        who: str,
        name: str,
        first: str | None,
        which: int,
        stolen: bool,
        proof: str,
        quoting: str,
        features: int,
        shape: str,
    ) -> None:
        found = self.pick("petugas" if stolen else who, which) or self.pick("petugas", which)
        if found is not None:
            names = [first, name] if first else [name]
            more: dict[str, Any] = {"features": features, "which": which, "shape": shape}
            self._command(who, found, names, proof=proof, quoting=quoting, **more)

    @rule(
        who=st.sampled_from(("petugas", "rekan")),
        name=st.sampled_from(("escalate", "escalate", "forward", "answer", "ask", "note", "resolved", "data")),
        which=st.integers(0, 6),
        features=st.integers(0, 7),
        shape=SHAPE,
    )
    def staff_do_what_is_likely(self, who: str, name: str, which: int, features: int, shape: str) -> None:
        found = self.pick(who, which)
        if found is not None:
            more: dict[str, Any] = {"features": features, "which": which, "shape": shape}
            self._command(who, found, [name], proof="pass", quoting="marked", **more)

    @rule(
        who=st.sampled_from(COMMANDERS),
        name=st.sampled_from(sorted(WORDLESS)),
        which=st.integers(0, 12),
        proof=st.sampled_from(("pass", "none at all", "fail")),
    )
    def staff_wordless(self, who: str, name: str, which: int, proof: str) -> None:
        found = self.pick(who, which) or self.pick("petugas", which)
        if found is not None:
            self._command(who, found, [name], proof=proof, quoting="marked", features=0, which=which)

    @rule(
        who=st.sampled_from(("petugas", "rekan", *COMMANDERS)),
        name=st.sampled_from(("phone", "counter")),
        owner=st.sampled_from(("pengguna", "orang luar", "")),
        answer=st.sampled_from(("Silakan gunakan menu lupa kata sandi, {}.", "Belum terjawab, {}.", "")),
        proof=st.sampled_from(("pass", "pass", "none at all", "fail")),
    )
    def staff_record_a_consultation(self, who: str, name: str, owner: str, answer: str, proof: str) -> None:
        """A call or a visit of a user: he reads his problem and the answer, and nothing else of the mail."""
        address, user = PEOPLE[who], PEOPLE.get(owner, "")
        start = len(self.canaries)
        own = INSIDE | {address}
        giver = self.canary("giver", address, own)
        promised = "what is no answer" if answer.startswith("Belum") else "answer"
        title = self.canary("name of a file of a form", address, own)
        done = self.send(
            who,
            f"{WORDS[name]}\na. Nama: Budi {self.canary('name', address, own)}\ne. Alamat E-mail: {user}\n"
            f"B. PERMASALAHAN\nTidak bisa login, {self.canary('problem', address, own)}.\n"
            f"password: {self.canary('password', address, frozenset({address}))}\n"
            f"C. JAWABAN/SOLUSI PERMASALAHAN\n{answer.format(self.canary(promised, address, own))}\n"
            f"Pemberi Penjelasan: {giver}",
            proof=proof,
            subject=f"Telepon {self.canary('subject', address, own)}",
            files=[(f"{title}.pdf", self.canary("file of a form", address, own).encode())],
            name=f"Petugas {self.canary('display name', address, own)}",
        )
        written = list(self.canaries.values())[start:]
        if done == f"staff.{name}":
            assert proof == "pass" and who not in ("kepala", "operator")
            self._recorded(user, written)
        elif not done and proof == "none at all":
            [row] = self.office.rows("SELECT max(id) AS id FROM journal")
            self.waiting.append(_Waiting(int(row["id"]), address, "", user, "", written, consultation=True))
        self.look()

    def _recorded(self, user: str, written: Sequence[_Canary]) -> None:
        """A consultation was carried out: whose ticket it is, and what he may read of it."""
        number = self.numbers()[-1]
        self.owners[number] = user
        for canary in written:
            if canary.where in ("name", "problem", "answer", "giver"):
                canary.readers |= {user}
            if canary.where == "answer":
                canary.waits_until = self.office.now + timedelta(minutes=3)
            if canary.where in ("name", "problem", "file of a form", "name of a file of a form", "answer"):
                canary.ticket = number  # LKPP reads the user's own part when staff escalate
                canary.writer = canary.writer if canary.where == "answer" else user

    @rule(who=st.sampled_from(("petugas", "rekan")), which=st.integers(0, 3))
    def staff_take_back(self, who: str, which: int) -> None:
        found = self.pick(who, which)
        if found is not None:
            self._command(who, found, ["undo"], proof="pass", quoting="marked", features=0, which=which)

    @rule(
        who=st.sampled_from(COMMANDERS),
        which=st.integers(0, 12),
        proof=st.sampled_from(("pass", "none at all", "fail")),
        quoting=st.sampled_from(QUOTING),
        features=st.integers(0, 31),
        shape=SHAPE,
    )
    def staff_plain_reply(self, who: str, which: int, proof: str, quoting: str, features: int, shape: str) -> None:
        found = self.pick(who, which)
        if found is not None:
            more: dict[str, Any] = {"features": features, "which": which, "shape": shape, "plain": True}
            self._command(who, found, ["answer"], proof=proof, quoting=quoting, **more)

    @rule(
        who=st.sampled_from(("petugas", "rekan", "koordinator")),
        which=st.integers(0, 6),
        words=st.sampled_from(AWAY),
        proof=st.sampled_from(("pass", "none at all")),
        quoting=st.sampled_from(QUOTING[:5]),
        shape=SHAPE,
    )
    def somebody_is_away(self, who: str, which: int, words: str, proof: str, quoting: str, shape: str) -> None:
        """An absence note without a header that tells so is no answer."""
        found = self.pick(who, which)
        if found is not None:
            more: dict[str, Any] = {"features": 0, "which": which, "shape": shape, "plain": True}
            self._command(who, found, ["answer"], proof=proof, quoting=quoting, away=words, **more)
            self.time_passes(4)

    @rule(
        who=st.sampled_from(("petugas", "rekan", "orang luar")),
        which=st.integers(0, 6),
        link=st.integers(0, 5),
        proof=st.sampled_from(("pass", "none at all")),
        whole=st.booleans(),
    )
    def a_link_is_used(self, who: str, which: int, link: int, proof: str, whole: bool) -> None:
        """By its addressee, a colleague, or somebody whom it was forwarded to. whole: it is sent as it opens."""
        found = self.pick("petugas", which)
        ready = opened_by_links(found) if found is not None else []
        if found is None or not ready:
            return
        subject, body = ready[link % len(ready)]
        code, word = body.split("\n")[0], next((line for line in body.split("\n") if line.startswith("#")), "")
        name = next((name for name, known in WORDS.items() if word.split(" ")[0] == known), "")
        tag = NUMBER.search(subject)
        if who == "orang luar":
            self._user_mail(who, f"{code}\n{word}", proof, 0, refers=found, tag=f"[{tag[0]}]" if tag else "")
        elif name and name not in ("discard", "release", "file"):
            more: dict[str, Any] = {"features": 2, "which": which}
            more |= {"opened": (subject, body)} if whole else {"code": code}
            self._command(who, found, [name], proof=proof, quoting="none", **more)

    def _confirmed(self, who: str, text: str, found: Letter, proof: str, **more: Any) -> bool:
        """A command that always waits for a code, and its code; whether it was carried out."""
        before = len(self.boxes.get(PEOPLE[who], []))
        self.send(who, text, proof=proof, answers=found, **more)
        [row] = self.office.rows("SELECT max(id) AS id FROM journal")
        self.look()
        asked = [one for one in self.boxes.get(PEOPLE[who], [])[before:] if one.template == "staff_confirm"]
        code = re.search(r"^Kode: [A-Z2-7-]{23}", asked[-1].text, re.MULTILINE) if asked else None
        if code is None:
            return False
        self.send(who, code[0], proof="pass", answers=asked[-1], quoting="none")
        [row] = self.office.rows("SELECT disposition FROM journal WHERE id = ?", row["id"])
        return str(row["disposition"]) in ("staff.user", "staff.merge")

    @rule(
        who=st.sampled_from(("petugas", "rekan", "koordinator")),
        which=st.integers(0, 6),
        to=st.sampled_from(USERS),
        proof=st.sampled_from(("pass", "none at all", "fail")),
    )
    def staff_change_the_user(self, who: str, which: int, to: str, proof: str) -> None:
        """From now on what the user could read is for another; not what the old address called itself."""
        found = self.pick(who, which)
        number = self.tickets.get(found.message_id, "") if found is not None else ""
        if found is None or not number:
            return
        before, after = self.owners[number], PEOPLE[to]
        if self._confirmed(who, f"#pengguna {after}", found, proof):
            assert proof != "fail"
            self.owners[number] = after
            # The subject may repeat that of an earlier ticket, which was answered too late to reopen it.
            [row] = self.office.rows("SELECT subject FROM tickets WHERE number = ?", number)
            self.let([self.canaries[word] for word in CANARY.findall(str(row["subject"]))], frozenset({after}))
            for canary in self.canaries.values():
                # A reminder repeats what the ticket's user was asked for, by LKPP too.
                his = canary.ticket == number or canary.writer == "LKPP"
                if his and before in canary.readers and canary.where != "display name":
                    canary.readers |= {after}
                if canary.ticket == number and canary.writer == before and canary.where != "display name":
                    canary.writer = after  # it goes on to LKPP as the present user's
        self.look()

    @rule(
        who=st.sampled_from(("petugas", "rekan")),
        which=st.integers(0, 6),
        other=st.integers(0, 6),
        party=st.sampled_from(("", " pihak")),
        proof=st.sampled_from(("pass", "none at all", "fail")),
    )
    def staff_merge_two(self, who: str, which: int, other: int, party: str, proof: str) -> None:
        """Nobody may read more than before; whatever was a user's goes on to LKPP with the ticket that stays."""
        found, numbers = self.pick(who, which), self.numbers()
        if found is None or not self.tickets.get(found.message_id):
            return
        before = self.merged()
        if self._confirmed(who, f"#gabung {numbers[other % len(numbers)]}{party}", found, proof):
            assert proof != "fail"
            [(gone, stays)] = self.merged() - before
            self.quoted.setdefault(stays, []).extend(self.quoted.pop(gone, []))
            self.parties.setdefault(stays, set()).update(
                self.parties.pop(gone, set()), [self.owners[gone]] if party else []
            )
            for message_id, number in self.tickets.items():
                if number == gone:
                    self.tickets[message_id] = stays
            for canary in self.canaries.values():
                if canary.ticket == gone:
                    canary.ticket = stays
                    if canary.writer == self.owners[gone]:
                        canary.writer = self.owners[stays]
        self.look()

    @rule(
        who=st.sampled_from(("petugas", "rekan")),
        of=st.sampled_from(USERS),
        proof=st.sampled_from(("pass", "none at all", "fail")),
        named=st.booleans(),
    )
    def staff_open_a_ticket(self, who: str, of: str, proof: str, named: bool) -> None:
        """Out of a mail that they forward; what they write above it is theirs."""
        start, before = len(self.canaries), set(self.numbers())
        words = self.canary("forwarded words", PEOPLE[of])
        note = self.canary("note above a forwarded mail", PEOPLE[who])
        subject = self.canary("subject of a forwarded mail", PEOPLE[who])
        head = f"Dari: Penulis <{PEOPLE[of]}>\nDate: 21 Des 2026 08.00\nSubject: x\nTo: {PEOPLE[who]}\n"
        self.send(
            who,
            f"#baru {PEOPLE[of] if named else ''}\n{note}\n\n---------- Forwarded message ---------\n{head}\n{words}",
            proof=proof,
            subject=f"Fwd: {subject}",
        )
        for number in set(self.numbers()) - before:
            assert proof == "pass" and named
            self.owners[number] = PEOPLE[of]
            for canary in list(self.canaries.values())[start:]:
                canary.ticket = number
                if canary.where.startswith(("forwarded", "subject")):
                    canary.writer, canary.readers = PEOPLE[of], INSIDE | {PEOPLE[of]}
                if canary.where.startswith("forwarded"):
                    canary.proven = True
        self.look()

    @rule(
        which=st.integers(0, 3),
        who=st.sampled_from(("its writer", "its writer", "a colleague", "orang luar")),
        proof=st.sampled_from(("pass", "none at all", "fail")),
    )
    def a_code_is_sent_back(self, which: int, who: str, proof: str) -> None:
        """What waited is carried out as it came, if the code comes from the address that was asked."""
        if not self.waiting:
            return
        one = self.waiting[-1 - which % len(self.waiting)]
        words = {word for word, canary in self.canaries.items() if any(canary is mine for mine in one.written)}
        asked = [
            found
            for found in self.boxes.get(one.address, [])
            if found.template == "staff_confirm" and words & set(CANARY.findall(found.text))
        ]
        code = re.search(r"^Kode: [A-Z2-7-]{23}", asked[-1].text, re.MULTILINE) if asked else None
        if code is None:
            return
        writer = next(name for name, address in PEOPLE.items() if address == one.address)
        sender = {"its writer": writer, "a colleague": "rekan" if writer != "rekan" else "petugas"}.get(who, who)
        self.send(sender, code[0], proof=proof, answers=asked[-1], quoting="marked")
        [row] = self.office.rows("SELECT disposition FROM journal WHERE id = ?", one.journal_id)
        done = str(row["disposition"])
        if sender == writer and proof != "fail" and done.startswith("staff."):
            self.waiting.remove(one)
            if one.consultation:
                self._recorded(one.owner, one.written)
                self.look()
                return
            for name in done.removeprefix("staff.").split("+"):
                self._allow(name, one.number, one.owner, one.written, one.said)
        self.look()

    # --- LKPP ----------------------------------------------------------------------------------------

    @rule(
        which=st.integers(0, 6),
        says=st.sampled_from(sorted(LKPP_SAYS)),
        proof=st.sampled_from(("pass", "pass", "none at all", "fail")),
        quoting=st.sampled_from(("marked", *QUOTING)),
        features=st.integers(0, 31),
        note=st.sampled_from(("", "", *NOTES)),
        other=st.sampled_from((None, None, 0, 1)),
        shape=SHAPE,
    )
    def lkpp_answers(
        self,
        which: int,
        says: str,
        proof: str,
        quoting: str,
        features: int,
        note: str,
        other: int | None,
        shape: str,
    ) -> None:
        """other: which other ticket the answer is about."""
        found, numbers = self.pick("lkpp", which), self.numbers()
        if found is None:
            return
        about = numbers[other % len(numbers)] if other is not None else ""
        more: dict[str, Any] = {"answers": found, "note": note, "shape": shape, "about": about}
        self._lkpp_mail(self.tickets[found.message_id], says, proof, quoting, features, **more)

    @rule(
        says=st.sampled_from(("data", "progress", "solved")),
        what=st.sampled_from((*NOTES, *range(8))),
        quoting=st.sampled_from(("marked", "outlook", "none")),
        features=st.sampled_from((0, 1, 4, 16)),
        shape=SHAPE,
    )
    def lkpp_says_what_is_not_for_him(
        self, says: str, what: str | int, quoting: str, features: int, shape: str
    ) -> None:
        """A note to the LPSE beside words for the user, or words about another ticket (which of them)."""
        found = self.pick("lkpp", 0)
        if found is None:
            return
        number, numbers = self.tickets[found.message_id], self.numbers()
        more: dict[str, Any] = {"note": what} if isinstance(what, str) else {"about": numbers[what % len(numbers)]}
        self._lkpp_mail(number, says, "pass", quoting, features, answers=found, shape=shape, **more)

    @rule(
        says=st.sampled_from(("unclear", "unclear", "data", "solved")),
        name=st.sampled_from(("resolved", "data", "progress")),
        how=st.sampled_from(("link", "link and words", "command")),
        features=st.sampled_from((0, 4, 5)),
        shape=SHAPE,
    )
    def staff_answer_the_first_of_two_replies(self, says: str, name: str, how: str, features: int, shape: str) -> None:
        """LKPP writes again before staff have said what its reply means: they speak of the one that they have read."""
        found = self.pick("lkpp", 0)
        if found is None:
            return
        number = self.tickets[found.message_id]
        self._lkpp_mail(number, "unclear", "pass", "marked", 4, answers=found, shape=shape)
        asked = [one for one, reader in self.new if reader == PEOPLE["petugas"] and one.template == "staff_classify"]
        self._lkpp_mail(number, says, "pass", "marked", features, answers=found, shape=shape)
        if not asked:
            return
        ready = [(subject, body) for subject, body in opened_by_links(asked[0]) if WORDS[name] in body.split("\n")]
        more: dict[str, Any] = {"proof": "pass", "quoting": "none", "features": 2, "which": 0}
        if how == "link" and ready:
            more["opened"] = ready[0]
        elif how == "link and words" and ready:
            more |= {"code": ready[0][1].split("\n")[0], "features": 0}
        self._command("petugas", asked[0], [name], **more)

    @rule(
        which=st.integers(0, 6),
        says=st.sampled_from(sorted(LKPP_SAYS)),
        proof=st.sampled_from(PROOFS),
        features=st.integers(0, 7),
        where=st.sampled_from(("subject", "words", "nowhere")),
    )
    def lkpp_writes(self, which: int, says: str, proof: str, features: int, where: str) -> None:
        """A new mail, or one that only claims to be LKPP's."""
        numbers = self.numbers()
        number = numbers[which % len(numbers)] if where != "nowhere" else ""
        self._lkpp_mail(number, says, proof, "none", features, names=where)

    def _lkpp_mail(
        self,
        number: str,
        says: str,
        proof: str,
        quoting: str,
        features: int,
        *,
        answers: Letter | None = None,
        names: str = "",
        note: str = "",
        about: str = "",
        shape: str = "",
    ) -> None:
        stands = self.standing(number)
        owner, status = self.owners.get(stands, ""), self.status(stands)
        start = len(self.canaries)
        own = INSIDE | LKPP
        text = f"{LKPP_SAYS[says]} {self.canary('words', 'LKPP', own)}."
        if note:
            told = note.format(self.canary("note for the LPSE", "LKPP", own, secret="password" in note))
            text = f"{told}\n\n{text}" if features & 16 else f"{text}\n\n{told}"
        if about and self.standing(about) == stands:
            about = ""
        if about and not features & 2:
            text = f"Untuk tiket {about}: {text}" if features & 1 else f"{text}\n\nIni menyangkut {about}."
        if names == "words":
            text += f"\nPerihal {number}."
        files = []
        if features & 4:
            title = self.canary("name of a file", "LKPP", own)
            ending = "txt" if features & 1 else "pdf"
            inside = self.canary("file", "LKPP", own)
            self.canaries[title].holds = self.canaries[inside]
            files.append((f"{title}.{ending}", inside.encode()))
        between = ""
        if answers is not None and quoting in ("inline", "bare", "below"):
            apart = shape in UNEVEN
            between = f"Menurut kami {self.canary('words apart' if apart else 'words between', 'LKPP', own)}."
        written = list(self.canaries.values())[start:]
        cc = owner if features & 8 and owner else None
        subject = f"[{number}] " if names == "subject" else f"Re: {answers.subject} " if answers else ""
        if about and features & 2:
            subject = f"Re: [{about}] "
        done = self.send(
            "lkpp",
            text,
            proof=proof,
            subject=f"{subject}Tanggapan {self.canary('subject', 'LKPP', INSIDE)}",
            answers=answers,
            quoting=quoting,
            between=between,
            shape=shape,
            files=files,
            cc=cc,
            name=f"Helpdesk {self.canary('display name', 'LKPP', INSIDE)}",
        )
        # Proven, or nothing known and an answer to a mail of ours.
        believed = proof == "pass" or (proof == "none at all" and answers is not None)
        with_lkpp = status in ("escalated", "awaiting_data")
        clear = not note and not about and not between
        plain = clear and not done.startswith("3-belum")
        # What is unclear, for the LPSE alone, about another ticket or not to be told from a quotation waits for staff.
        if believed and with_lkpp and owner and plain and says in MEANT:  # steps 7, 12 to 14
            passed_on = written if says != "progress" else [one for one in written if one.where == "words"]
            self.let(passed_on, frozenset({owner}))
        elif believed and owner and (plain or (clear and done in ASKED_BY_STATUS)) and says in MEANT:
            self.again.append((stands, written, frozenset({owner})))
        self.look()
        if proof == "pass":
            self._whole(stands, written)

    # --- machines, and time ------------------------------------------------------------------------------

    @rule(who=st.sampled_from(("pengguna", "lkpp", "petugas", "orang luar")), which=st.integers(0, 12))
    def a_machine_answers(self, who: str, which: int) -> None:
        found = self.pick(who, which) or self.pick("petugas", which)
        if found is None:
            return
        word, subject = self.canary("automatic words", who), self.canary("automatic subject", who)
        self.send(
            who,
            f"Saya sedang cuti. {word}\n#jawab {self.canary('automatic command', who)}",
            subject=f"Automatic reply: {subject}",
            answers=found,
            headers=[("Auto-Submitted", "auto-replied")],
            name=self.canary("display name", who),
        )
        self.look()

    @rule(who=st.sampled_from(("pengguna", "lkpp", "petugas")), which=st.integers(0, 12))
    def a_mail_bounces(self, who: str, which: int) -> None:
        found = self.pick(who, which)
        if found is None:
            return
        # The server's words are for whoever must mend it.
        word = self.canary("diagnostic", "a server", INSIDE | {PEOPLE["operator"]})
        note = self.canary("words of a bounce", "a server")
        address = PEOPLE[who]
        boundary = "batas"
        raw = (
            f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: {LPSE}\nSubject: Undelivered {note}\n"
            f"Message-ID: <{len(self.canaries)}.bounce@mx.test>\nDate: Mon, 21 Dec 2026 10:00:00 +0700\n"
            f"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary={boundary}\n\n"
            f"--{boundary}\nContent-Type: text/plain\n\n{note}\n--{boundary}\nContent-Type: message/delivery-status\n\n"
            f"Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n"
            f"Diagnostic-Code: smtp; 550 5.1.1 {word}\n\n--{boundary}\nContent-Type: message/rfc822\n\n"
            f"Message-ID: {found.message_id}\nSubject: x\n\nx\n--{boundary}--\n"
        )
        self.office.drop(raw.replace("\n", "\r\n").encode())
        self.office.once()
        self.look()

    @rule(minutes=st.sampled_from((1, 2, 4, 20, 120, 60 * 24, 60 * 24 * 3, 60 * 24 * 9)))
    def time_passes(self, minutes: int) -> None:
        self.office.now += timedelta(minutes=minutes)
        self.office.once()
        self.look()


def test_the_notice_that_a_user_encloses_as_a_mail_stays_inside() -> None:
    office = Office()
    office.a_ticket_has_come_so_far(features=0, stage="awaiting_data", another=False)
    likely: dict[str, Any] = {"says": "data", "proof": "pass", "refers": "answers", "shape": ""}
    office.a_user_quotes_an_internal_mail(which=0, how="as a file", **likely)
    office.teardown()


def test_the_notice_of_no_ticket_that_a_user_quotes_stays_inside() -> None:
    office = Office()
    office.a_ticket_has_come_so_far(features=0, stage="awaiting_data", another=False)
    office.lkpp_writes(which=0, says="data", proof="none at all", features=0, where="nowhere")
    likely: dict[str, Any] = {"says": "data", "proof": "pass", "refers": "answers", "shape": ""}
    office.a_user_quotes_an_internal_mail(which=0, how="marked", of_any_kind=True, **likely)
    office.teardown()


def test_what_came_unproven_stays_inside_when_the_user_quotes_the_notice_of_it() -> None:
    office = Office()
    try:
        office.a_ticket_has_come_so_far(stage="escalated", another=False, features=0)
        office.somebody_pretends_to_be_the_user(which=0, says="data", features=0, proof="fail")
        office.a_user_quotes_an_internal_mail(
            which=0, says="data", proof="pass", how="marked", refers="answers", shape=""
        )
    finally:
        office.teardown()


def test_no_word_reaches_anybody_who_may_not_read_it() -> None:
    run_state_machine_as_test(
        Office,
        settings=games(8, 600, steps=25),
    )
