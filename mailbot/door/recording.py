"""What the door lets through is recorded in the transaction of its event: from then on, the reader may see it."""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.door.passage import Back, Passage, Passed, keeps_back, pass_
from mailbot.model import Attachment, Role
from mailbot.sentences import Sentences
from mailbot.tickets import tickets
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)
#: Who may see what is internal to the LPSE.
INSIDE = (Role.STAFF, Role.COORDINATOR, Role.HEAD)


def through(work: Work, passage: Passage) -> Passed:
    """Lets a passage through: the ledger shows its words, and the files that may pass, to their reader. Staff read in
    the event's remarks which files stay behind, and why."""
    passed = pass_(passage)
    store, event = work.store, work.event
    stays = [file.sha256 for file, _ in passed.back]
    if passage.mails:
        tickets.widen_audience(store, passage.mails, passage.to, but=stays, files_only=passage.said)
    if passage.said and passage.words:
        text = tickets.Text(
            role=event.role,
            address=event.address,
            kind=passage.why,
            audience=(passage.to, *INSIDE),
            body=passage.words,
        )
        tickets.add_text(store, work.ticket.id, text, journal_id=event.journal_id, at=event.at)
    for file, back in passed.back:
        if back is not Back.FORM:  # nobody has sent a form as a file
            work.remark(said_of(file, back))
    return passed


def said_of(file: Attachment, back: Back) -> str:
    """What staff are told of a file that stays behind."""
    return _SAID("stays", name=file.name, why=_SAID.table("why")[back.value])


def repeated(to: Role, words: str, files: Sequence[Attachment] = ()) -> Passed:
    """What this reader may see already: he has written it, or the door has let it through before. `prove` asks the
    ledger whether that is so."""
    return Passed(to, words, tuple(files))


def ledger_of(
    files: Sequence[Attachment], source: Role, readers: Sequence[Role]
) -> list[tuple[Attachment, tuple[Role, ...]]]:
    """The files of a mail that `source` has written, with who of `readers` may see each."""
    return [(file, tuple(reader for reader in readers if keeps_back(file, source, reader) is None)) for file in files]
