"""Effects that change who belongs to a ticket. Nothing that was one user's reaches another."""

from __future__ import annotations

from mailbot import log
from mailbot.model import Role
from mailbot.parsers.forms import form
from mailbot.procedure.effects.changes import undo
from mailbot.procedure.effects.kinds import change
from mailbot.procedure.effects.shared import remark
from mailbot.templates.catalogue import MAILS
from mailbot.tickets import search, tickets
from mailbot.tickets.work import Work


@change
def set_user(work: Work) -> None:
    """`#pengguna`: from now on this address is the ticket's user, and the one before is a stranger to it."""
    before, after = work.ticket.user_address, work.event.argument
    _withdraw(work, before)
    work.store.execute("DELETE FROM parties WHERE ticket_id = ? AND address = ?", work.ticket.id, before)
    tickets.add_party(work.store, work.ticket.id, after, Role.USER, work.event.address, work.event.at)
    work.change(user_address=after, user_name=work.event.text, user_verified=0, user_unreachable=0)
    # What the old address called itself is nobody's name any more; a name out of the form is the consultation's.
    sql = "DELETE FROM fields WHERE ticket_id = ? AND name = 'name' AND (source = ? OR ? <> '')"
    work.store.execute(sql, work.ticket.id, form.SENDER, work.event.text)
    name = tickets.fields(work.store, work.ticket.id).get("name") or work.event.text
    remark(work, f"Pengguna sebelumnya {before or 'tanpa alamat'}, kini {after}, disapa {name or 'tanpa nama'}")
    if before:
        remark(work, f"Yang sudah dikirim kepada {before} belum diterima {after}; bila perlu, kirim kembali")


def _withdraw(work: Work, address: str) -> None:
    """What has not left for the old address never does: as by `#batal`, or simply so; what may have left is held."""
    undo(work)
    rows = work.store.rows(
        "SELECT id, template, message_id, state FROM outbox WHERE ticket_id = ? AND recipient = ? AND party = 'user'"
        " AND state IN ('queued', 'uncertain')",
        work.ticket.id,
        address,
    )
    for row in rows:
        kind = MAILS[row["template"]].kind
        if row["state"] == "uncertain":
            why = "pengguna tiket telah diganti"
            work.store.update("outbox", row["id"], held=1, held_by="hand", held_why=why, held_until=None)
            remark(work, f"{kind} untuk {address} mungkin sudah sampai; kini ditahan")
            continue
        reason = f"ditarik: pengguna diganti oleh {work.event.address}"
        work.store.update("outbox", row["id"], state="cancelled", held=0, reason=reason)
        log.cancelled(work.site.name, work.ticket.number, row["template"], row["message_id"])
        remark(work, f"{kind} untuk {address} ditarik")


@change
def merge(work: Work) -> None:
    """`#gabung`: what was written on this ticket becomes a part of the other one, each text with its own readers."""
    store, gone = work.store, work.ticket
    number, _, party = work.event.argument.partition(" ")
    found = store.value("SELECT id FROM tickets WHERE mailbox = ? AND number = ?", work.site.name, number)
    stays = tickets.load(store, int(found))
    same = stays.user_address == gone.user_address != ""
    for table in ("texts", "attachments"):
        if not same:  # "the user" is another person over there
            sql = f"UPDATE {table} SET audience = replace(audience, ',user,', ',') WHERE ticket_id = ?"
            store.execute(sql, gone.id)
        store.execute(f"UPDATE {table} SET ticket_id = ? WHERE ticket_id = ?", stays.id, gone.id)
    if same:
        sql = (
            "INSERT OR IGNORE INTO fields (ticket_id, name, value, source, journal_id, at)"
            " SELECT ?, name, value, source, journal_id, at FROM fields WHERE ticket_id = ?"
        )
        store.execute(sql, stays.id, gone.id)
        search.put_ticket(store, stays.id)
    if same or party:
        sql = "SELECT address FROM parties WHERE ticket_id = ? AND role = 'user' AND address <> ''"
        for row in store.rows(sql, gone.id):
            tickets.add_party(store, stays.id, str(row["address"]), Role.USER, work.event.address, work.event.at)
    work.change(merged_into=stays.id)
    remark(work, f"Tiket {gone.number} kini bagian dari {stays.number}; kedua nomor tetap berlaku")
    if same:
        remark(work, "Pengguna tidak diberi tahu")
    elif not gone.user_address:
        remark(work, "Tiket itu tidak mempunyai alamat pengguna")
    elif party:
        remark(work, f"{gone.user_address} menjadi pihak: e-mailnya masuk ke tiket ini, hanya untuk petugas")
        remark(work, f"Jawaban tetap dikirim kepada {stays.user_address} saja")
    else:
        remark(work, f"{gone.user_address} bukan pihak pada tiket ini; e-mailnya yang berikut menjadi tiket baru")
