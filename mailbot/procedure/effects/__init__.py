"""What the names under `then` in the table do: changes of the ticket, and mails into the outbox. One function each.

Changes come first and mails afterwards, so that every mail of an event tells the same state. All of it happens in
the event's one transaction (service.py); nothing here talks to a server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mailbot.procedure.effects import changes, fields, ladder, parties, to_lkpp, to_staff, to_superiors, to_user
from mailbot.tickets.work import Work

Effect = Callable[[Work], None]

CHANGES: Mapping[str, Effect] = {
    function.__name__: function
    for function in (
        changes.first_response,
        changes.take,
        changes.set_priority,
        fields.assign,
        fields.set_problem,
        fields.set_category,
        fields.set_destination,
        fields.set_number,
        fields.postpone,
        changes.note,
        changes.give_reason,
        changes.hold_data,
        changes.await_meaning,
        changes.settle_meaning,
        changes.mark_unreachable,
        changes.measure_escalation,
        changes.measure_forwarding,
        changes.measure_numbers,
        changes.measure_archiving,
        changes.discard,
        changes.undo,
        changes.file,
        parties.set_user,
        parties.merge,
    )
}

MAILINGS: Mapping[str, Effect] = {
    function.__name__: function
    for function in (
        to_user.user_acknowledgement,
        to_user.user_answer,
        to_user.user_consultation,
        to_user.user_info,
        to_user.user_request,
        to_user.user_escalated,
        to_user.user_data_request,
        to_user.user_data_forwarded,
        to_user.user_reminder,
        to_user.user_progress,
        to_user.user_resolved,
        to_user.user_closed,
        to_user.warn_of_password,
        to_staff.staff_new_ticket,
        to_staff.staff_user_reply,
        to_staff.staff_lkpp_reply,
        to_staff.staff_returned,
        to_staff.staff_classify,
        to_staff.staff_reminder,
        to_staff.handler_warning,
        to_staff.staff_undeliverable,
        to_staff.staff_assigned,
        fields.coordinator_postponed,
        to_staff.staff_by_hand,
        to_lkpp.lkpp_escalation,
        to_lkpp.paste_escalation,
        to_lkpp.lkpp_additional_data,
        to_lkpp.paste_data,
        to_lkpp.lkpp_status_enquiry,
        to_lkpp.lkpp_message,
        to_lkpp.lkpp_closing,
        ladder.coordinator_direction,
        ladder.head_report,
        ladder.staff_direction,
        ladder.coordinator_report,
        to_superiors.coordinator_overdue,
        to_superiors.head_overdue,
        to_superiors.coordinator_overdue_daily,
        to_superiors.head_overdue_daily,
    )
}
