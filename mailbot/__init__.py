"""mailbot: an LPSE's helpdesk by e-mail, after SOP-LPSE.BTG-015.

The way of a mail, in the order of the rooms (docs/architecture.md):

1. `fetch` has `servers.imap` fetch the mail by UID; `store.journal` makes its raw bytes durable before anything of it
   is understood.
2. `arrivals.intake` counts the attempt, has `parsers` read the mail in a process of its own, say who wrote it
   (`identity`) and where it belongs (`thread`).
3. `arrivals` names the event: `from_user`, `from_lkpp`, `from_machine`, `staff.from_staff`.
4. `rules.sop.decide` looks the event up in `rules/sop015.yaml`: status, conditions, effects, clocks.
5. `procedure.service` carries that out in one transaction: `tickets` keeps status, history and clocks, `letters` writes
   the bytes of every mail, made by `templates`, into `store.outbox`. `restraint` may hold a mail back.
6. `delivery.sender` hands the outbox to `servers.smtp`, one recipient each, always the same bytes; acceptance is an
   event again.
7. `procedure.deadlines` turns what is due into events of the same kind.

`daemon.round` does all that once and ends; `daemon.run` keeps doing it, in several threads. `cli` starts them.
"""

__version__ = "0.1.0"
