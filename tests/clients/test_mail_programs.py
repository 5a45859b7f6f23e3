"""People at real mail programs: every kind of mail is opened, its links are followed, it is answered.

Dovecot and Postfix carry the mails, mailbot handles what arrives. What a link's reply does is tried on a copy of the
office, so that each link of a mail is used while its ticket is as the mail says. Run by `make clients`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest

from mailbot.parsers.commands import command_lines
from mailbot.parsers.reply.quoted import MARKER
from tests.clients import kept, roundcube, thunderbird
from tests.clients.client import Client, Composed
from tests.clients.kept import Done
from tests.clients.situations import SITUATIONS, WORDS
from tests.mailservers import MailServers
from tests.steps import disposition, flat, minutes_later, number, opened
from tests.story import everything
from tests.world import LPSE, NO_CAPS, PEOPLE, Letter, PaperWorld, World

pytestmark = [pytest.mark.long, pytest.mark.mailservers, pytest.mark.timeout(600)]

#: Program → why it cannot be used here. Roundcube as it is shipped, and with the settings of those who have chosen
#: HTML and to write above the quotation; Thunderbird as it is shipped.
PROGRAMS = {
    "roundcube": roundcube.missing,
    "roundcube-html": roundcube.missing,
    "thunderbird": thunderbird.missing,
}
NAMES = {"petugas": "Sari", "pengguna": "Budi Santoso", "lkpp": "Helpdesk LKPP"}

#: What is typed below the command of a link that asks for words.
FILLED = {
    "#jawab": "Silakan dicoba lagi.",
    "#minta-data": "Mohon kirim kode tender.",
    "#eskalasi": "\nRingkasan: Login gagal sejak kemarin.\nUpaya yang telah dilakukan: cache dikosongkan.",
    "#koordinator": "Mohon arahan.",
    "#tunda": "1 hari kerja menunggu berkas",
    "#alasan": "Petugas sakit.",
    "#lkpp": "Mohon kabar.",
}
#: Words within the LPSE, none of which may stand in what goes to others.
INTERNAL = ("Kode:", "#ambil", "#buang", "Langkah berikutnya", "Usulan mailbot", "penggunaan internal")


class Desk:
    """An office on the mail servers, and people at one mail program."""

    def __init__(self, program: str, office: World, opened: Callable[[str], Client]) -> None:
        self.program, self.office, self.opened = program, office, opened
        self.below = program != "roundcube-html"  # where the caret stands in an answer
        self._people: dict[str, Client] = {}
        self._copies = 0

    def at(self, who: str) -> Client:
        """Somebody at the program, who logs in at the first time."""
        if who not in self._people:
            self._people[who] = self.opened(who)
        return self._people[who]

    def sent(self, client: Client, name: str, done: Done) -> bytes:
        """Type, send, and take the mail out of the office's mailbox as it arrives there."""
        if done.typed:
            client.write(done.typed, at_end=done.link is not None)
        servers = self.office.servers
        with servers.client(LPSE) as mailbox:
            mailbox.select_folder("INBOX")
            before = len(mailbox.search("ALL"))
        client.send()
        servers.wait_for(LPSE, before + 1)
        with servers.client(LPSE) as mailbox:
            mailbox.select_folder("INBOX")
            uid = max(mailbox.search("ALL"))
            raw: bytes = mailbox.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
            mailbox.delete_messages([uid])
            mailbox.expunge()
        kept.keep(self.program, name, raw, done)
        return raw

    def handled(self, raw: bytes) -> PaperWorld:
        """A copy of the office that has handled this mail."""
        self._copies += 1
        folder = self.office.folder.parent / f"copy-{self._copies}"
        shutil.copytree(self.office.folder, folder)
        copy = PaperWorld(folder, limits=NO_CAPS)
        copy.now = self.office.now
        copy.new_letters("petugas")
        copy.new_letters("pengguna")
        copy.drop(raw)
        assert copy.once()
        return copy


@pytest.fixture(scope="module", params=list(PROGRAMS))
def desk(
    request: pytest.FixtureRequest, _servers: MailServers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    program: str = request.param
    if why := PROGRAMS[program]():
        pytest.skip(why)
    _servers.reset()
    folder = tmp_path_factory.mktemp(program)
    (folder / "office").mkdir()
    with ExitStack() as stack:

        def opened(who: str) -> Client:
            if program == "thunderbird":
                return stack.enter_context(thunderbird.opened(_servers, folder / who, PEOPLE[who], NAMES[who]))
            chosen = program == "roundcube-html"
            settings = roundcube.Settings(html=chosen, below=not chosen)
            return stack.enter_context(roundcube.opened(_servers, folder / who, PEOPLE[who], NAMES[who], settings))

        yield Desk(program, World(_servers, folder / "office", limits=NO_CAPS), opened)
    _servers.reset()


def promised(found: Letter) -> list[tuple[str, str]]:
    """(subject, body) of each link as RFC 6068 has it."""
    queries = (urlsplit(unescape(href)).query for href in re.findall(r'href="(mailto:[^"]+)"', found.html))
    pairs = (dict(part.split("=", 1) for part in query.split("&")) for query in queries)
    return [(unquote(pair["subject"]), unquote(pair["body"]).replace("\r\n", "\n")) for pair in pairs]


def check(composed: Composed, subject: str, body: str) -> None:
    assert (composed.to, composed.copies) == ([LPSE], [])
    assert composed.subject == subject
    assert composed.body.replace("\xa0", " ").rstrip().split("\n") == body.rstrip().split("\n")


WITHOUT_LINKS = {"lkpp_escalation", "user_closed", "user_data_request", "user_request"}


@pytest.mark.parametrize("kind", sorted(SITUATIONS.keys() - WITHOUT_LINKS))
def test_every_link_opens_its_ready_reply_and_is_carried_out(desk: Desk, kind: str) -> None:
    minutes_later(desk.office, 4)  # what waits in its undo window would hinder a merger
    who, found = SITUATIONS[kind](desk.office)
    person = desk.at(who)
    assert promised(found)
    for position, (subject, body) in enumerate(promised(found)):
        person.open(found.message_id)
        check(person.follow(position), subject, body)
        command = next((line for line in body.split("\n") if line.startswith("#")), body.strip())
        typed = FILLED.get(command, "") if body.rstrip().endswith((command, ":")) else ""
        name = f"{kind}-{re.sub(r'[^a-z]+', '_', command.lower()).strip('_')}"
        copy = desk.handled(desk.sent(person, name, Done(link=body, typed=typed)))
        state, done, why = disposition(copy)
        assert state == "handled", (command, done, why)
        if who == "petugas":
            asked = command_lines.read(f"{body.rstrip()}\n{typed}").commands
            assert done == f"staff.{'+'.join(one.name for one in asked)}", (command, done, why)
        if command in ("#jawab", "#perkembangan", "#selesai") and not typed:  # the link has brought the words
            minutes_later(copy, 4)
            assert WORDS in flat(copy.last("pengguna")), command
        if command == "SELESAI":
            assert copy.status(number(desk.office)) == "closed"
        copy.store.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is typed in answer to a mail, the ticket's status then, and who gets the words in which mail."""

    typed: str
    status: str
    to: str = ""
    template: str = ""


ANSWERS = {
    "staff_new_ticket": Answer(
        "Silakan gunakan menu Lupa Password.\nApabila gagal, mohon kirim tangkapan layar.",
        "resolved",
        "pengguna",
        "user_answer",
    ),
    "staff_returned": Answer("Akun telah kami aktifkan, silakan dicoba.", "resolved", "pengguna", "user_answer"),
    "user_request": Answer("Kode tender kami 87654321.", "in_progress", "petugas", "staff_user_reply"),
    "user_data_request": Answer("Kode tender kami 87654321.", "escalated", "lkpp", "lkpp_additional_data"),
    "user_answer": Answer("Sudah kami coba, tetapi masih gagal.", "in_progress", "petugas", "staff_user_reply"),
    "user_resolved": Answer("SELESAI", "closed"),
    "user_closed": Answer("Pelayanan sangat baik, terima kasih.", "closed"),
    "lkpp_escalation": Answer("Permasalahan telah selesai kami perbaiki.", "resolved", "pengguna", "user_resolved"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_mail_is_answered(desk: Desk, kind: str) -> None:
    """Above or below the quotation, wherever the program lets people write."""
    who, found = SITUATIONS[kind](desk.office)
    answer = ANSWERS[kind]
    person = desk.at(who)
    person.open(found.message_id)
    composed = person.reply()
    assert (composed.to, composed.copies) == ([LPSE], [])
    assert f"[{number(desk.office)}]" in composed.subject
    done = Done(answers=found.raw, typed=answer.typed, below=desk.below)
    copy = desk.handled(desk.sent(person, f"{kind}-reply", done))
    minutes_later(copy, 4)
    assert disposition(copy)[0] == "handled"
    assert copy.status() == answer.status
    if answer.to:
        reached = copy.last(answer.to, answer.template)
        assert flat(answer.typed) in flat(reached)
        if answer.to != "petugas":
            assert not any(word in everything(reached) for word in INTERNAL)
            assert desk.below or MARKER not in reached.text.split("\n", 1)[1], "no quotation"
    copy.store.close()


def test_a_ticket_goes_its_way_through_the_mail_servers(desk: Desk) -> None:
    office = desk.office

    def use(who: str, found: Letter, word: str, typed: str = "") -> None:
        person = desk.at(who)
        person.open(found.message_id)
        person.follow(next(at for at, (_, body) in enumerate(promised(found)) if word in body))
        if typed:
            person.write(typed, at_end=True)
        before = len(office.servers.messages(LPSE))
        person.send()
        office.servers.wait_for(LPSE, before + 1)
        assert office.once()

    use("petugas", opened(office), "#eskalasi", FILLED["#eskalasi"])
    assert office.status() == "escalated"
    assert "Login gagal sejak kemarin." in flat(office.last("lkpp", "lkpp_escalation"))
    office.write("lkpp", "Permasalahan telah selesai kami perbaiki.", answers=office.last("lkpp"))
    assert office.once()
    minutes_later(office, 4)
    use("pengguna", office.last("pengguna", "user_resolved"), "SELESAI")
    assert office.status() == "closed"
