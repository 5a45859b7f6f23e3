"""Effects that change who belongs to a ticket. Nothing that was one user's reaches another."""

from __future__ import annotations

from mailbot import log
from mailbot.model import Role
from mailbot.parsers.forms import form
from mailbot.procedure.effects.kinds import change
from mailbot.procedure.effects.undoing import take_back
from mailbot.sentences import Sentences
from mailbot.store import held_mails, outbox, sent_mails
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import joining, search, ticket_rows, tickets, unsent
from mailbot.tickets.work import Work

_SAID = Sentences(__file__)


@change
def set_user(work: Work) -> None:
    """`#pengguna`: from now on this address is the ticket's user, and the one before is a stranger to it."""
    before, after = work.ticket.user_address, work.event.argument
    _withdraw(work, before)
    joining.leave(work.store, work.ticket.id, before)
    tickets.add_party(work.store, work.ticket.id, after, Role.USER, work.event.address, work.event.at)
    work.change(user_address=after, user_name=work.event.text, user_verified=0, user_unreachable=0)
    # What the old address called itself is nobody's name any more; a name out of the form is the consultation's.
    joining.forget_name(work.store, work.ticket.id, form.SENDER, whatever=work.event.text != "")
    name = work.fields().get("name") or work.event.text
    was, called = before or _SAID("no_address"), name or _SAID("no_name")
    work.remark(_SAID("new_user", before=was, after=after, called=called))
    if before:
        work.remark(_SAID("not_received", before=before, after=after))


def _withdraw(work: Work, address: str) -> None:
    """What has not left for the old address never does: as by `#batal`, or simply so; what may have left is held."""
    take_back(work)
    for row in sent_mails.not_left(work.store, work.ticket.id, address):
        kind = MAILS[row["template"]].kind
        if row["state"] == "uncertain":
            held_mails.hold(work.store, row["id"], "hand", _SAID("user_changed"))
            work.remark(_SAID("perhaps_arrived", mail=kind, address=address))
            continue
        outbox.cancel(work.store, row["id"], _SAID("withdrawn_by", address=work.event.address))
        log.cancelled(work.site.name, work.ticket.number, row["template"], row["message_id"])
        work.remark(_SAID("withdrawn", mail=kind, address=address))


@change
def merge(work: Work) -> None:
    """`#gabung`: what was written on this ticket becomes a part of the other one, each text with its own readers."""
    store, gone = work.store, work.ticket
    number, _, party = work.event.argument.partition(" ")
    found = ticket_rows.numbered(store, work.site.name, number)
    assert found is not None
    stays = tickets.load(store, found)
    same = stays.user_address == gone.user_address != ""
    joining.bring_all(store, gone.id, stays.id, same_user=same)
    unsent.move(store, gone.id, stays.id)
    if same:
        joining.bring_fields(store, gone.id, stays.id)
        search.put_ticket(store, stays.id)
    if same or party:
        for address in joining.user_parties(store, gone.id):
            tickets.add_party(store, stays.id, address, Role.USER, work.event.address, work.event.at)
    work.change(merged_into=stays.id)
    work.remark(_SAID("merged", gone=gone.number, stays=stays.number))
    if same:
        work.remark(_SAID("user_not_told"))
    elif not gone.user_address:
        work.remark(_SAID("without_user"))
    elif party:
        work.remark(_SAID("party", address=gone.user_address))
        work.remark(_SAID("answers_to", address=stays.user_address))
    else:
        work.remark(_SAID("no_party", address=gone.user_address))
