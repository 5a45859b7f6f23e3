"""The catalogue of every mail that goes out: audience, envelope, and which values its template may show.

A template sees the declared values and nothing else, down to the single field. There are things that an
audience must not read (a note, a colleague's address, LKPP's words to staff). No template of this audience
can show them, not even a site's own template.

All times, durations and sizes come as ready Indonesian words. Shapes: see `visible_fields`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from mailbot.model import Role
from mailbot.sentences import Sentences
from mailbot.templates.visible_fields import Shape, record

_SAID = Sentences(__file__)

_PERSON = record("name address")
_NAME_ONLY = record("name")
_TICKET_USER = record("number form_number tag subject status ball opened_at escalated_at tts_number")
_TICKET_LKPP = record(  # channel: "email", "telepon", "loket" or "lpse-support": how the user came
    "number form_number tag subject priority opened_at escalated_at lkpp_number tts_number tts_age age problem channel"
)
# problem, nature, category, destination: as staff have set them, None before. tts_age: since when, and how many days.
_TICKET_STAFF = record(
    "number form_number tag subject status ball priority opened_at escalated_at lkpp_number tts_number tts_age age"
    " problem nature category destination"
)
_LIMIT = record("what due overdue limit")

# The values of staff, coordinator, head and operator mails. `None` in place of a record: there is none.
_INSIDE: Mapping[str, Shape] = {
    # hours: service hours in words; complaints: where users may complain to LKPP, a line each.
    "organisation": record("name address street phone hours", complaints=[None]),
    "recipient": _PERSON,
    "ticket": _TICKET_STAFF,  # priority "P2 Tinggi", age "3 hari kerja"; None: the mail is about no ticket
    "user": record("name address organisation street phone user_id tender_code npwp verified"),
    "actor": _PERSON,  # whose mail or command this is about
    "text": None,  # the words passed on
    "own_words": None,  # whether they are the LPSE's own, though they tell what LKPP has said
    "attachments": [record("name size sent")],  # sent: whether the file is attached to this very mail
    # overdue: "2 jam 5 menit" or None when still ahead; postponed: by whom it was put off and why, or None.
    "deadline": record("what due overdue limit postponed"),
    # href: mailto: only, or None; command: what to reply; shows: the words that it would send, where the mail shows
    # them nowhere else, or None; small: whether it is no button even where there is room for one.
    "actions": [record("label href command hint shows small")],
    "requested": None,  # whether LKPP has asked for these data
    "notes": [record("who at text")],  # the last internal notes, the newest last
    "answered": record("who at text"),  # what people of the LPSE last wrote to the user
    "replied": record("who at text"),  # LKPP's last words
    "caution": None,  # what its reader must know before all else, or None
    "now": None,  # what is to be done now, where that is not one of the actions; None: it is
    "done": None,  # what has last gone out of the LPSE about the ticket, to whom and when
    "approve": record("label href command hint"),  # the link that sets what is proposed
    "authenticated": None,  # whether the border server vouches for the writer
    "denied": None,  # whether it says something, and does not vouch for him
    "has_secret": None,  # whether the user's mail holds a password, PIN or OTP
    # Whether identity fields of the Formulir Konsultasi are missing; in mails to users: and are asked for there. sent:
    # whether a mail to the user has asked for them.
    "form_missing": None,
    "form_sent": None,
    "file_sent": None,  # whether the user has sent a file, a picture perhaps
    # The labels of its lines that are missing: of part A, and of what the paper does not have.
    "form_identity": [None],
    "form_added": [None],
    "receipt": record(
        "refused status text", commands=[record("command result")], sends=[record("to what when")]
    ),  # refused: the reason why nothing was carried out, or None; text: a canned answer as it goes out, or None
    "canned": record("code text"),  # the canned answer for the proposed problem
    # Solved tickets like this one, without what tells of their users; solved: when and how sure, in words.
    "similar": [record("number subject solved answer label href command hint")],
    # The user's other open tickets, the newest first, each with a link that joins the new one to it; more_others: what
    # lists them all where there are more, or None.
    "others": [record("number subject status opened_at label href command hint")],
    "more_others": None,
    # What was asked for: lists with a heading each; href of an entry: a link that asks for more, or None.
    # short: its entries are a line each, without a link.
    "sections": [record("title note short", entries=[record("label href text details more")])],
    "meaning": record("label sentence rule"),  # how LKPP's reply was read, and what that rests on
    # What mailbot takes a new ticket to be about, each with its reason; owner: who usually handles it.
    "proposals": record("problem problem_reason owner priority priority_reason category category_reason"),
    "reason": None,  # why: what was done, held, refused or went wrong, in one or two sentences
    "chronology": [record("at who what")],
    "summary": None,
    "target": None,  # when it is to be solved according to the Tabel Prioritas, where the site has one of its own
    "for_user": None,  # what of LKPP's words would go on to the user
    # What goes on to the user by itself; when: None, it is held; stoppable: whether staff may still stop it (`#batal`).
    "passed_on": [record("what to when stoppable text files")],
    "replies": [record("at text files")],  # the same of each reply of LKPP that still waits for its meaning
    "tried": None,  # what LPSE tried before the escalation
    "items": [record("number subject priority ball late handler what support postponed turns breaches target")],
    "listed": [record("number sender subject reason")],  # mail of machines that made no ticket; number: its entry
    "enquiry": record("n days last_at first"),  # n: which enquiry this is; days: working days without a word
    "enquiries": None,  # how often LKPP was asked for the status
    # Where a ticket stands: tier and ladder, since when direction is asked for, who has had it how long, what was late.
    "standing": record("tier ladder asked", turns=[record("who long")], breaches=[record("what how")]),
    "tiers": record("staff coordinator head lkpp"),  # what the tiers are called here
    "tier": None,  # whose direction it is
    "direction": record("name at text"),  # the last direction of coordinator or head
    "survey": None,
    "reopen_until": None,
    "close_on": None,  # the day on which silence closes the ticket; None: no confirmation is asked for
    "limit_mb": None,
    "held": record("what text to files"),  # what waits, and exactly what would be sent
    # A mail that waits for a code: the line that holds it, until when it is good, and the mail as it came.
    "confirmation": record("code until arrived_at subject files"),
    "entry": record("number arrived_at size complete"),  # a mail in quarantine; complete: whether all of it was fetched
    "paste": None,  # text for LPSE Support (TTS), to be pasted there by hand
    "closing": None,  # "confirmed" | "silent" | "staff" | "consulted" (explained by telephone or at the counter)
    "both_ways": None,  # whether the user may write in LPSE Support as well
    # A call or a visit: how "melalui telepon", at: when, giver: who explained, queue: its Nomor Antrian or None, sheet:
    # which sheet of the form it is, None for the first.
    "consultation": record("how at giver queue sheet"),
    "form": None,  # a Formulir Konsultasi for staff to fill in
    # The report of a month, None in all other mails: sentences, the figures on top, charts of bars with what there is
    # beside them, and what each figure means. tone: good | fair | bad | plain.
    "month": record(
        "title period",
        lead=[None],
        tiles=[record("label value note")],
        charts=[
            record(
                "title note",
                bars=[record("label percent tone value note")],
                facts=[record("label value")],
                items=[None],
            )
        ],
        definitions=[None],
    ),
}
# What the writer of the words has around them (salutation: its lines), nothing where he has none; greeted, thanked,
# closed: whether ours is left out.
_COURTESY = record("greeted thanks thanked closing closed", salutation=[None])
_SHAPES: Mapping[Role, Mapping[str, Shape]] = {
    Role.USER: {**_INSIDE, "ticket": _TICKET_USER, "actor": _NAME_ONLY, "deadline": _LIMIT},
    Role.LKPP: {**_INSIDE, "ticket": _TICKET_LKPP, "actor": _NAME_ONLY, "deadline": _LIMIT},
}

#: The values of a canned answer, which is a text to the user: only the user's own values and the LPSE's.
ANSWER: Mapping[str, Shape] = {
    "organisation": _INSIDE["organisation"],
    "recipient": _NAME_ONLY,
    "ticket": _TICKET_USER,
    "limit_mb": None,
}


class Wording(Enum):
    """How a person's words stand in a mail to user or LKPP, with salutation, thanks and closing of their own.

    LETTER: these stand in the place of ours. AS_WRITTEN: they stay where they are, and ours are left out. REPEATED:
    they are left out of what has been said before.
    """

    LETTER = auto()
    AS_WRITTEN = auto()
    REPEATED = auto()


@dataclass(frozen=True, slots=True)
class MailKind:
    """One kind of mail.

    kind: Indonesian words; first line of the body, and of a staff subject after the tag.
    envelope: "null" (MAIL FROM:<>, RFC 3834 section 3.3) or "own" (the mailbox's address).
    auto_submitted: the value of that header (RFC 3834 section 5), None where a person's words go on.
    thread: whether the mail belongs to its ticket's thread with the recipient.
    marker: whether "write above this line" stands on top; not where a form below is to be filled in.
    variables: the names of the values that it is given.
    wording: how the words of a person stand in it.
    """

    name: str
    audience: Role
    kind: str
    envelope: str
    auto_submitted: str | None
    thread: bool
    marker: bool
    variables: tuple[str, ...]
    wording: Wording

    @property
    def outside(self) -> bool:
        """Whether it is a letter to somebody outside of the LPSE."""
        return self.audience in _SHAPES

    @property
    def letter(self) -> tuple[str, ...]:
        """The values that hold a person's words to the recipient, from the salutation to the closing."""
        return tuple(name for name in (_SUMMARY if "summary" in self.variables else _TEXT) if name in self.variables)

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """Name → shape of every value the template may use."""
        known = _SHAPES.get(self.audience, _INSIDE)
        shapes = {name: known[name] for name in self.variables}
        return {**shapes, "courtesy": _COURTESY} if self.outside else shapes


_TEXT, _SUMMARY = ("text",), ("summary", "tried")


_REPLIED = ("null", "auto-replied")
_GENERATED = ("own", "auto-generated")
_PERSONAL = ("own", None)


def _mail(
    name: str,
    sending: tuple[str, str | None],
    variables: str,
    *,
    thread: bool = True,
    marker: bool = True,
    wording: Wording = Wording.LETTER,
) -> MailKind:
    audience = Role(name.partition("_")[0])
    common = ("organisation", "recipient", "ticket") if thread else ("organisation", "recipient")
    names = (*common, *variables.split())
    return MailKind(name, audience, _SAID.table("kinds")[name], *sending, thread, marker, names, wording)


_ALL = (
    # --- to the user ---
    # deadline: only if the site set its own priorities. An unauthenticated sender sees nothing of their own words.
    _mail(
        "user_acknowledgement",
        _REPLIED,
        "authenticated deadline has_secret form_missing form_identity form_added file_sent limit_mb",
    ),
    # close_on and actions None/empty: an interim answer while LKPP has the ticket.
    _mail("user_answer", _PERSONAL, "actor consultation text attachments close_on actions"),
    # text: the problem as staff have written it down. deadline: only if the site set its own priorities.
    _mail("user_consultation", _PERSONAL, "consultation text deadline both_ways limit_mb", wording=Wording.REPEATED),
    _mail("user_info", _PERSONAL, "actor text attachments"),
    _mail(
        "user_request",
        _PERSONAL,
        "actor text attachments deadline close_on form_missing form_identity form_added file_sent limit_mb",
    ),
    _mail("user_escalated", _PERSONAL, ""),
    _mail("user_data_request", _PERSONAL, "text own_words attachments deadline limit_mb"),  # SOP step 7
    _mail("user_data_forwarded", _PERSONAL, "attachments"),  # step 9
    # text: what was asked for. close_on: None if the ticket is never closed by itself (step 7).
    _mail("user_reminder", _GENERATED, "text deadline close_on limit_mb", wording=Wording.REPEATED),
    # text: LKPP's words, or None if mailbot tells that it asked LKPP again (enquiry).
    _mail("user_progress", _PERSONAL, "text own_words enquiry"),
    _mail("user_resolved", _PERSONAL, "text own_words attachments close_on actions"),  # step 13
    # text: words of the staff member who closed it, or None.
    _mail("user_closed", _GENERATED, "closing consultation text survey reopen_until", marker=False),
    _mail("user_password_warning", _GENERATED, "", marker=False),
    # --- to staff ---
    # reason: what staff should know first (names somebody else's ticket, proposed priority …), or None.
    _mail(
        "staff_new_ticket",
        _GENERATED,
        "user text attachments authenticated denied form_missing form_identity form_sent reason"
        " proposals approve canned similar others more_others deadline caution now done actions",
    ),
    # reason: what was done with the reply or why it is held, or None.
    _mail(
        "staff_user_reply", _GENERATED, "user text attachments denied reason notes deadline caution now done actions"
    ),
    # ticket None: "belum dikenali", actions are the open escalations. reason: what was done.
    _mail(
        "staff_lkpp_reply", _GENERATED, "actor text passed_on attachments authenticated meaning reason notes actions"
    ),
    _mail("staff_returned", _GENERATED, "user actor text attachments meaning notes deadline actions"),  # step 4
    # meaning: the best guess, or None. for_user: what would go on to the user, or None.
    _mail("staff_classify", _GENERATED, "actor text for_user attachments meaning reason notes deadline actions"),
    # paste: the text for LPSE Support if the channel is lpse-support; enquiry: the status enquiry to LKPP.
    _mail(
        "staff_reminder",
        _GENERATED,
        "user notes deadline reason enquiry paste replies standing caution now done actions",
    ),
    # reason: what the text is, "Arahan" (coordinator) or "Rekomendasi" (head).
    _mail("staff_direction", _GENERATED, "user actor tier reason text attachments deadline actions"),
    # reason: who handled it before, that the recipient is away …, or None. text: the user's last words.
    _mail("staff_assigned", _GENERATED, "user actor text answered replied reason notes deadline actions"),
    # ticket None: the command was about no ticket. attachments: what was asked for as a file (`#rekap`).
    _mail("staff_receipt", _REPLIED, "actor receipt caution sections month attachments paste form actions"),
    # held: exactly what would be sent. text: a colleague's answer in between (written by actor), or None. confirmation:
    # the code without which a mail in the recipient's name is not carried out; None: something else is asked.
    _mail("staff_confirm", _REPLIED, "actor reason held text confirmation actions"),
    # entry: the mail that waits. held: its subject, and its words as far as they may be shown. ticket: the ticket with
    # which a colleague has filed the mail, or None. attachments: the mail itself.
    _mail(
        "staff_quarantine",
        _GENERATED,
        "ticket actor reason held entry attachments limit_mb actions",
        thread=False,
    ),
    # held: the mail that did not arrive, and the server's words.
    _mail("staff_undeliverable", _GENERATED, "user reason held actions"),
    # sections: what is late, what is due today, and what waits for whom; a line each, with a link that asks for more.
    _mail("staff_worklist", _GENERATED, "summary sections", thread=False),
    _mail("staff_digest", _GENERATED, "summary items listed", thread=False),
    # --- to LKPP ---
    # reason: why the ticket comes back after `returned` or BELUM, or None at the first escalation.
    _mail("lkpp_escalation", _PERSONAL, "actor user reason summary tried chronology text attachments target"),  # step 1
    # text: the user's words, which nobody changes.
    _mail(
        "lkpp_additional_data", _PERSONAL, "actor user text requested attachments", wording=Wording.AS_WRITTEN
    ),  # step 9
    _mail("lkpp_status_enquiry", _PERSONAL, "enquiry"),  # step 12
    _mail("lkpp_message", _PERSONAL, "actor text attachments"),
    # --- to coordinator and head, about one ticket ---
    # summary: what is to be decided; text: the user's words. deadline: by when, or (in a reminder) how late it is.
    _mail(
        "coordinator_direction",
        _GENERATED,
        "user actor summary tried text attachments chronology deadline standing tiers actions",
    ),
    # summary, tried, text, attachments: what would go to LKPP, which actor has asked for.
    _mail(
        "coordinator_approval",
        _GENERATED,
        "user actor summary tried text attachments chronology deadline standing tiers actions",
    ),
    # The head's recommendation (actor, text). direction: the coordinator's own last one, or None. month: of a mail that
    # is about no ticket and has nothing else.
    _mail(
        "coordinator_report",
        _GENERATED,
        "user actor text attachments direction deadline standing tiers month actions",
    ),
    _mail(
        "head_report",
        _GENERATED,
        "user actor text attachments chronology direction enquiries standing tiers month actions",
    ),
    # A complaint about the service or staff. reason: the words by which it was read as one.
    *(
        _mail(name, _GENERATED, "user text attachments authenticated reason tiers actions")
        for name in ("coordinator_complaint", "head_complaint")
    ),
    # --- to coordinator, head, operator: one mail a day for all tickets ---
    _mail("coordinator_overdue", _GENERATED, "summary items tiers actions", thread=False),
    _mail("head_overdue", _GENERATED, "summary items tiers actions", thread=False),
    _mail("operator_alarm", _GENERATED, "reason held", thread=False, marker=False),
)

MAILS: Mapping[str, MailKind] = {mail.name: mail for mail in _ALL}
