"""Reports of senders in bulk that are JSON: Amazon SES (bare and within SNS), SendGrid, Mailgun, Postmark, SparkPost,
Mandrill. The bytes are written from the services' public descriptions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailbot.model import Message, NamedAddress
from mailbot.parsers.robots import json_reports
from mailbot.parsers.robots.automatic import automatic
from mailbot.parsers.robots.delivery import delivery_status
from tests.quick import within

_SES = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bouncedRecipients": [
            {"emailAddress": "A@x.example", "status": "5.1.1", "diagnosticCode": "smtp; 550 unknown"}
        ],
    },
    "mail": {"commonHeaders": {"messageId": "<m1@batangkab.go.id>"}},
}


def mail(told: Any, sender: str = "no-reply@sns.amazonaws.com") -> Message:
    text = told if isinstance(told, str) else json.dumps(told)
    return Message(headers=(), subject="Notification", from_=(NamedAddress("", sender),), text=text)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (_SES, ("a@x.example", "hard", "5.1.1", "<m1@batangkab.go.id>")),
        (
            {"Type": "Notification", "Message": json.dumps(_SES)},
            ("a@x.example", "hard", "5.1.1", "<m1@batangkab.go.id>"),
        ),
        (
            {
                "eventType": "DeliveryDelay",
                "deliveryDelay": {"delayedRecipients": [{"emailAddress": "a@x.example", "status": "4.4.1"}]},
            },
            ("a@x.example", "delayed", "4.4.1", None),
        ),
        (
            [{"email": "a@x.example", "event": "deferred", "response": "450 4.2.0 Greylisted", "smtp-id": "<m1@b.id>"}],
            ("a@x.example", "delayed", "4.0.0", "<m1@b.id>"),
        ),
        (
            {
                "event-data": {
                    "event": "failed",
                    "severity": "temporary",
                    "recipient": "a@x.example",
                    "delivery-status": {"code": 452, "message": "mailbox full"},
                    "message": {"headers": {"message-id": "m1@b.id"}},
                }
            },
            ("a@x.example", "soft", "5.2.2", "<m1@b.id>"),
        ),
        (
            {
                "RecordType": "Bounce",
                "Type": "HardBounce",
                "Email": "a@x.example",
                "Description": "550 5.1.1 unknown",
                "MessageID": "1",
            },
            ("a@x.example", "hard", "5.1.1", None),
        ),
        (
            {
                "msys": {
                    "message_event": {
                        "type": "bounce",
                        "rcpt_to": "a@x.example",
                        "error_code": "550",
                        "reason": "550 5.7.1 blocked",
                    }
                }
            },
            ("a@x.example", "hard", "5.7.1", None),
        ),
        (
            [{"event": "hard_bounce", "msg": {"email": "a@x.example", "diag": "smtp;550 5.1.1 no user"}}],
            ("a@x.example", "hard", "5.1.1", None),
        ),
    ],
    ids=["SES", "SES in SNS", "SES delay", "SendGrid", "Mailgun", "Postmark", "SparkPost", "Mandrill"],
)
def test_a_report_says_whom_it_is_about_and_why(told: Any, expected: tuple[str, str, str, str | None]) -> None:
    message = mail(told)
    machine = automatic(message, ())
    assert machine is not None and machine.kind == "bounce"
    [status] = delivery_status(message)
    assert (status.recipient, status.outcome, status.status, status.original_message_id) == expected


def test_a_complaint_is_a_notice_and_no_failed_delivery() -> None:
    for told in (
        {"notificationType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "a@x.example"}]}},
        [{"email": "a@x.example", "event": "spamreport"}],
        {"RecordType": "SpamComplaint", "Email": "a@x.example"},
    ):
        machine = automatic(mail(told), ())
        assert machine is not None and machine.kind == "notice"
        assert delivery_status(mail(told)) == ()


def test_a_person_who_shows_such_an_object_is_a_person() -> None:
    told = json.dumps(_SES)
    for text, sender in (
        (f"Pak, apa artinya ini?\n{told}", "budi@cv-contoh.example"),
        (told, "budi@cv-contoh.example"),
        (f"Mohon dibantu.\n\n{told}", "notifications@cv-contoh.example"),
    ):
        assert automatic(mail(text, sender), ()) is None
        assert delivery_status(mail(text, sender)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"event": "bounce"',
        '{"event": "bounce"}',
        '{"event": "bounce", "email": 7}',
        '{"event": "bounce", "email": "bukan alamat"}',
        '[{"event": "open", "email": "a@x.example"}]',
        '{"notificationType": "Bounce", "bounce": []}',
        '{"notificationType": "Bounce", "bounce": {"bouncedRecipients": [7, null, []]}}',
        '{"Message": "{", "event": "bounce"}',
        "[" * 50_000 + '"event": "bounce"',
    ],
)
def test_what_is_no_report_says_nothing(text: str) -> None:
    with within(0.1):
        assert json_reports.read(text) == ()


def test_a_report_names_each_recipient_and_no_more_than_a_hundred() -> None:
    many = [{"email": f"p{n}@x.example", "event": "bounce", "status": "5.1.1"} for n in range(300)]
    assert len(delivery_status(mail(many))) == 100
