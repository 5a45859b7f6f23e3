"""From a ticket to a mail in the outbox: the values that its template shows, its links, and its row."""

from mailbot.outgoing.limits import due_day, lateness, limit_values, next_limit
from mailbot.outgoing.links import canonical, code_link, code_mailto, link, mailto, new_code, reply_hint, user_link
from mailbot.outgoing.posting import lapse, post, put, subject_of, text_of, thread_of
from mailbot.outgoing.values import (
    chronology,
    fitting,
    form_missing,
    organisation,
    priority_label,
    service_hours,
    size_words,
    status_label,
    ticket_values,
    user_values,
    values,
)

__all__ = [
    "canonical",
    "chronology",
    "code_link",
    "code_mailto",
    "due_day",
    "fitting",
    "form_missing",
    "lapse",
    "lateness",
    "limit_values",
    "link",
    "mailto",
    "new_code",
    "next_limit",
    "organisation",
    "post",
    "priority_label",
    "put",
    "reply_hint",
    "service_hours",
    "size_words",
    "status_label",
    "subject_of",
    "text_of",
    "thread_of",
    "ticket_values",
    "user_link",
    "user_values",
    "values",
]
