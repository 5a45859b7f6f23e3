"""mailbot: an LPSE's helpdesk by e-mail, after SOP-LPSE.BTG-015.

The way of a message, in the order in which the modules meet it:

1. `reading` has `imap` fetch it by UID; `journal` makes its raw bytes durable before anything of it is understood.
2. `intake` counts the attempt, has `parsers` read it, `identity` say who wrote it, `thread` say where it belongs.
3. The desk of its sender's party (`userdesk`, `staffdesk`, `lkppdesk`; `machines` for robots) names the event.
4. `rules.decide` looks the event up in `rules/sop015.yaml`: status, conditions, effects, clocks.
5. `service` carries that out in one transaction: status, history, clocks, and the bytes of every mail (`effects`,
   `outgoing`, `render`, `compose`).
6. `sender` hands the `outbox` to `smtp`, one recipient each, always the same bytes; acceptance is an event again.
7. `deadlines` turns what is due into events of the same kind.

`office` does all that once and ends; `daemon` keeps doing it, in several threads at a time. `cli` starts them.
"""

__version__ = "0.1.0"
