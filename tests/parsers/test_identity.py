"""Who wrote a mail and what he may do: forged, ambiguous and genuine ones, one line each."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailbot.model import Message, NamedAddress, Role, Sender, Verdict
from mailbot.parsers.identity import NEEDS_CODE, author, dmarc, is_lkpp, may_command, results, sender
from tests.quick import within

SARI = "sari@batangkab.go.id"
US = "mx.batangkab.go.id"


def mail(*headers: tuple[str, str], ambiguous: tuple[str, ...] = (), name: str = "") -> Message:
    return Message(headers=headers, subject="", from_=(NamedAddress(name, SARI),), ambiguous=ambiguous)


def from_(*values: str) -> Message:
    return mail(*(("From", value) for value in values))


# --- From -----------------------------------------------------------------------------------

ONE_ADDRESS = [
    "sari@batangkab.go.id",
    "<sari@batangkab.go.id>",
    " sari@batangkab.go.id ",
    "SARI@BatangKab.GO.ID",
    "Sari <sari@batangkab.go.id>",
    "Sari<sari@batangkab.go.id>",
    "Sari S.Kom M.T. <sari@batangkab.go.id>",
    '"Sari, S.Kom (LPSE) <evil@x.id>" <sari@batangkab.go.id>',
    r'"Sari \"LPSE\" Batang" <sari@batangkab.go.id>',
    '"budi@x.id" <sari@batangkab.go.id>',
    "=?utf-8?B?U2FyaQ==?= <sari@batangkab.go.id>",
    "=?utf-8?Q?Sari?= =?utf-8?Q?_LPSE?=<sari@batangkab.go.id>",
    "S\udcc3\udca9ri <sari@batangkab.go.id>",
    "Séri\tLPSE <sari@batangkab.go.id>",
]


@pytest.mark.parametrize("value", ONE_ADDRESS)
def test_one_plain_mailbox_has_one_author(value: str) -> None:
    assert author(from_(value)) == (SARI, "")


NOBODYS = [
    "",
    "   ",
    "Sari",
    "sari",
    "sari@",
    "@batangkab.go.id",
    "sari@batangkab.go.id <evil@x.id>",
    "Sari sari@batangkab.go.id",
    "<sari@batangkab.go.id> <evil@x.id>",
    "<sari@batangkab.go.id><evil@x.id>",
    "sari@batangkab.go.id, evil@x.id",
    "evil@x.id, sari@batangkab.go.id",
    "Sari <sari@batangkab.go.id>, Evil <evil@x.id>",
    "Sari, S.Kom <sari@batangkab.go.id>",
    "sari@batangkab.go.id; evil@x.id",
    "Tim: sari@batangkab.go.id;",
    "undisclosed-recipients:;",
    "sari@batangkab.go.id (Sari)",
    "(evil@x.id) sari@batangkab.go.id",
    "sari(x)@batangkab.go.id",
    "Sari (LPSE) <sari@batangkab.go.id>",
    "<sari@batangkab.go.id> Sari",
    "<@evil.id:sari@batangkab.go.id>",
    "<@evil.id,@x.id:sari@batangkab.go.id>",
    '"sari"@batangkab.go.id',
    '"sari@batangkab.go.id"@evil.id',
    '"sari@batangkab.go.id\\"" <evil@x.id',
    '"Sari <sari@batangkab.go.id>',
    '"Sari\\" <sari@batangkab.go.id>',
    "sari @batangkab.go.id",
    "sari@ batangkab.go.id",
    "< sari@batangkab.go.id>",
    "<sari@batangkab.go.id >",
    "<<sari@batangkab.go.id>>",
    "<sari@batangkab.go.id",
    "sari@batangkab.go.id>",
    "=?utf-8?Q?sari=40batangkab=2Ego=2Eid?=",
    "=?utf-8?Q?sari?=@batangkab.go.id",
    "<=?utf-8?B?c2FyaUBiYXRhbmdrYWIuZ28uaWQ=?=@evil.id>",
    "sari@batangkab.go.id\x00",
    "sari@batangkab.go.id\x00@evil.id",
    "Sari\r\nX: y <sari@batangkab.go.id>",
    "Sari\n <sari@batangkab.go.id>",
    "Sari\x85 <sari@batangkab.go.id>",
    "Sari\u2028 <sari@batangkab.go.id>",
    "Sari\x7f <sari@batangkab.go.id>",
    "sari@batangkab.go.іd",  # a Cyrillic і
    "sаri@batangkab.go.id",  # a Cyrillic а
    "sari＠batangkab.go.id",
    "＜sari@batangkab.go.id＞",
    "sari@batangkab．go．id",
    "sari@batangkab.go.id.",
    "sari@.batangkab.go.id",
    "sari@batangkab..go.id",
    "sari@-batangkab.go.id",
    "sari@batang_kab.go.id",
    "sari@[10.0.0.1]",
    ".sari@batangkab.go.id",
    "sari.@batangkab.go.id",
    "sa..ri@batangkab.go.id",
    "sari@batangkab.go.id@evil.id",
    "sari%batangkab.go.id@",
    "mailto:sari@batangkab.go.id",
    "x" * 65 + "@batangkab.go.id",
    "s@" + ".".join(["a" * 60] * 5),
    '"' + "x" * 5000 + '" <sari@batangkab.go.id>',
]


@pytest.mark.parametrize("value", NOBODYS)
def test_what_could_be_read_in_two_ways_is_nobodys(value: str) -> None:
    address, reason = author(from_(value))
    assert address == ""
    assert reason


def test_a_mail_without_from_or_with_two_is_nobodys() -> None:
    assert author(mail()) == ("", "tidak ada baris From")
    two = mail(("From", SARI), ("FROM", SARI))
    assert author(two) == ("", "lebih dari satu baris From")
    assert author(mail(("From ", "evil@x.id"), ("From", SARI)))[0] == ""


def test_a_from_that_the_parser_doubts_is_nobodys() -> None:
    assert author(mail(("From", SARI), ambiguous=("dua baris From",)))[0] == ""
    assert author(mail(("From", SARI), ambiguous=("dua batas multipart",)))[0] == SARI


PEOPLE = {
    SARI: (Role.STAFF, "Sari"),
    "Kepala@batangkab.go.id": (Role.HEAD, "Bapak Kepala"),
    "koordinator@batangkab.go.id": (Role.COORDINATOR, "Ibu Koordinator"),
}
LKPP = ["@lkpp.go.id", "helpdeskpspe@gmail.com"]
OWN = ["lpse@batangkab.go.id"]


def sent(value: str, *, ambiguous: tuple[str, ...] = (), name: str = "") -> Sender:
    message = Message(
        headers=(("From", value),),
        subject="",
        from_=(NamedAddress(name, value.rpartition("<")[2].strip("<>")),),
        ambiguous=ambiguous,
    )
    return sender(message, PEOPLE, LKPP, OWN, None)


ROLES = [
    (SARI, Role.STAFF),
    ("Sari <SARI@BATANGKAB.GO.ID>", Role.STAFF),
    ("kepala@batangkab.go.id", Role.HEAD),
    ("koordinator@batangkab.go.id", Role.COORDINATOR),
    ("lpse@batangkab.go.id", Role.MAILBOT),
    ("helpdesk-lpse@lkpp.go.id", Role.LKPP),
    ("siapa.saja@LKPP.go.id", Role.LKPP),
    ("helpdeskpspe@gmail.com", Role.LKPP),
    ("x@sub.lkpp.go.id", Role.USER),
    ("x@evil-lkpp.go.id", Role.USER),
    ("x@lkpp.go.id.evil.com", Role.USER),
    ("lkpp.go.id@evil.com", Role.USER),
    ("helpdesk.pspe@gmail.com", Role.USER),
    ("sari+x@batangkab.go.id", Role.USER),
    ("budi@example.com", Role.USER),
    ("x@1kpp.go.id", Role.USER),
]


@pytest.mark.parametrize(("value", "role"), ROLES)
def test_a_role_goes_with_the_exact_address(value: str, role: Role) -> None:
    assert sent(value).role is role


def test_listed_people_keep_their_listed_name_and_others_the_name_they_give() -> None:
    assert sent(SARI, name="Palsu").name == "Sari"
    assert sent("Budi <budi@example.com>", name="Budi").name == "Budi"


def test_an_ambiguous_author_has_no_address_and_no_authority() -> None:
    who = sent(f"{SARI}, evil@x.id")
    assert (who.address, who.role, who.verdict) == ("", Role.USER, Verdict.FAIL)
    assert not may_command(who, "token", True, ["status"]).allowed
    assert not is_lkpp(who, True).allowed


def test_an_ambiguous_mail_is_never_one_of_the_lpses_or_lkpps_people() -> None:
    for value in (SARI, "a@lkpp.go.id"):
        assert sent(value, ambiguous=("dua batas multipart",)).verdict is Verdict.FAIL
    assert sent("budi@example.com", ambiguous=("dua batas multipart",)).verdict is Verdict.ABSENT


NOISE = st.sampled_from([*'<>@",;:()\\. \t', "=?utf-8?Q?", "?=", SARI, "evil@x.id", "sari", "a", "\x00", "é", "＠"])


@given(st.lists(NOISE, max_size=12).map("".join) | st.text(max_size=60))
def test_whoever_is_privileged_equals_a_listed_address_byte_for_byte(value: str) -> None:
    who = sender(from_(value), PEOPLE, LKPP, OWN, None)
    if who.role is not Role.USER:
        assert who.address in {SARI, "kepala@batangkab.go.id", "koordinator@batangkab.go.id", *OWN} or (
            who.address == "helpdeskpspe@gmail.com" or who.address.endswith("@lkpp.go.id")
        )
        # and it stands in the header as such, at the end of it, with nothing unquoted that competes
        assert value.strip(" \t").lower().rstrip(">").endswith(who.address)
    assert who.address == "" or who.address.isascii()


# --- Authentication-Results -------------------------------------------------------------------


def judged(*values: str, domain: str = "batangkab.go.id", authserv_id: str | None = US) -> Verdict:
    message = mail(*(("Authentication-Results", value) for value in values), ("From", f"sari@{domain}"))
    return results(message, authserv_id, domain)[0]


PASSES = [
    f"{US}; dmarc=pass header.from=batangkab.go.id",
    f"{US}; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=batangkab.go.id",
    f"{US.upper()} 1; DMARC=PASS header.from=BatangKab.go.id",
    f"{US}; dmarc=pass",
    f"{US};\tspf=fail smtp.mailfrom=x@y.id; dmarc=pass header.from=batangkab.go.id;",
    f"({US}) {US} (border) ; dmarc = pass (ok) header . from = batangkab.go.id",
    f"{US}; dkim=pass header.d=batangkab.go.id",
    f'{US}; dkim=pass header.d=batangkab.go.id header.s=mail header.b="abc/def+"',
    f"{US}; dkim=fail header.d=x.id; dkim=pass header.d=batangkab.go.id",
    f"{US}; dmarc=none; dkim=pass header.d=batangkab.go.id",
    f"{US}; dmarc=temperror header.from=batangkab.go.id; dkim=pass header.d=batangkab.go.id",
    (
        f"{US}; dkim=pass header.i=@batangkab.go.id header.s=google header.b=XyZ12/+a; arc=none;"
        " spf=pass (google.com: domain of sari@batangkab.go.id designates 10.0.0.1 as permitted sender)"
        " smtp.mailfrom=sari@batangkab.go.id; dmarc=pass (p=NONE dis=NONE) header.from=batangkab.go.id"
    ),
]


@pytest.mark.parametrize("value", PASSES)
def test_our_servers_pass_is_a_pass(value: str) -> None:
    assert judged(value) is Verdict.PASS


def test_a_parent_domain_may_sign_for_a_subdomain_and_not_the_other_way_round() -> None:
    assert judged(f"{US}; dkim=pass header.d=batangkab.go.id", domain="dinkes.batangkab.go.id") is Verdict.PASS
    assert judged(f"{US}; dkim=pass header.d=mail.batangkab.go.id") is Verdict.FAIL


FAILS = [
    f"{US}; none",
    f"{US}; dmarc=fail header.from=batangkab.go.id",
    f"{US}; dmarc=none header.from=batangkab.go.id",
    f"{US}; dmarc=bestguesspass header.from=batangkab.go.id",
    f"{US}; dmarc=passed header.from=batangkab.go.id",
    f"{US}; dmarc=pass header.from=evil.id",
    f"{US}; dmarc=pass header.from=sub.batangkab.go.id",
    f"{US}; dmarc=pass header.from=batangkab.go.id header.from=evil.id",
    f"{US}; dmarc=pass header.from=evil.id; dmarc=pass header.from=batangkab.go.id",
    f"{US}; dmarc=fail; dmarc=pass header.from=batangkab.go.id",
    f"{US}; dmarc=pass header.from=batangkab.go.id; dmarc=fail",
    f"{US}; dmarc=fail; dkim=pass header.d=batangkab.go.id",
    f"{US}; dmarc=quarantine; dkim=pass header.d=batangkab.go.id",
    f"{US}; spf=pass smtp.mailfrom=batangkab.go.id",
    f"{US}; dkim=fail header.d=batangkab.go.id",
    f"{US}; dkim=pass",
    f"{US}; dkim=pass header.d=evil.id",
    f"{US}; dkim=pass header.d=evil.id header.d=batangkab.go.id",
    f"{US}; dkim=pass header.d=go.id",
    f"{US}; dkim=pass header.d=id",
    f"{US}; dkim=pass header.d=tangkab.go.id",
    f"{US}; dkim=pass header.d=batangkab.go.id.evil.id",
    f"{US}; dkim=pass header.i=batangkab.go.id@evil.id",
    f"{US}; x-dmarc=pass header.from=batangkab.go.id",
    # What a stranger may write into a genuine header: HELO, MAIL FROM, comments, reasons.
    f"{US}; spf=none (dmarc=pass header.from=batangkab.go.id) smtp.mailfrom=evil.id",
    f"{US}; spf=none (x; dmarc=pass header.from=batangkab.go.id) smtp.mailfrom=evil.id",
    f"{US}; spf=none (x\\); dmarc=pass header.from=batangkab.go.id) smtp.mailfrom=evil.id",
    f"{US}; spf=none ((x); dmarc=pass header.from=batangkab.go.id) smtp.mailfrom=evil.id",
    f'{US}; spf=pass smtp.mailfrom="x; dmarc=pass header.from=batangkab.go.id"@evil.id',
    f'{US}; spf=pass smtp.mailfrom="x\\"; dmarc=pass header.from=batangkab.go.id; x=\\""@evil.id',
    f'{US}; spf=fail reason="; dmarc=pass header.from=batangkab.go.id"',
    f"{US}; spf=pass smtp.helo=dmarc=pass",
    f'{US}; spf=pass smtp.mailfrom="x; dmarc=pass header.from=batangkab.go.id',
    f"{US}; spf=pass (x; dmarc=pass header.from=batangkab.go.id",
    f"{US}; spf=pass x); dmarc=pass header.from=batangkab.go.id",
    f"{US}; spf=pass smtp.mailfrom=é; dmarc=pass header.from=batangkab.go.id",
    f"{US}; spf=pass\x00; dmarc=pass header.from=batangkab.go.id",
    f"{US}; spf=pass\r\n; dmarc=pass header.from=batangkab.go.id",
    f"{US}; ; dmarc=pass header.from=batangkab.go.id",
    f"{US}; none; dmarc=pass header.from=batangkab.go.id",
    f"{US}; dmarc=pass header.from=batangkab.go.id junk!",
    f'{US}; dmarc=pass header.from="evil.id" header.x',
    f"{US} 2; dmarc=pass header.from=batangkab.go.id",
    f"{US}",
    f"{US};",
    f"{US} x y; dmarc=pass header.from=batangkab.go.id",
    "",
    ";",
    "(" * 3000 + "x" + ")" * 3000,
    f"{US}; spf=pass " + "(x) " * 4000 + "; dmarc=pass header.from=batangkab.go.id",
]


@pytest.mark.parametrize("value", FAILS)
def test_results_that_do_not_say_pass_clearly_are_a_fail(value: str) -> None:
    assert judged(value) is Verdict.FAIL


ABSENT = [
    (),
    ("mx.evil.id; dmarc=pass header.from=batangkab.go.id",),
    (f"x{US}; dmarc=pass header.from=batangkab.go.id",),
    (f"{US}.evil.id; dmarc=pass header.from=batangkab.go.id",),
    (f"mx.evil.id ({US}); dmarc=pass header.from=batangkab.go.id",),
    ("dmarc=pass header.from=batangkab.go.id",),
]


@pytest.mark.parametrize("values", ABSENT)
def test_results_of_others_are_none_at_all(values: tuple[str, ...]) -> None:
    assert judged(*values) is Verdict.ABSENT


def test_without_a_pinned_server_there_are_no_results() -> None:
    assert judged(PASSES[0], authserv_id=None) is Verdict.ABSENT
    assert judged(PASSES[0], authserv_id="") is Verdict.ABSENT


def test_only_the_topmost_header_of_our_server_counts() -> None:
    forged, genuine = PASSES[0], f"{US}; dmarc=fail header.from=batangkab.go.id"
    assert judged(genuine, forged) is Verdict.FAIL
    assert judged(forged, genuine) is Verdict.PASS
    assert judged("mx.other.id; dmarc=fail", forged) is Verdict.PASS


def test_microsoft_leaves_its_name_out_and_only_microsoft_may() -> None:
    value = (
        "spf=pass (sender IP is 10.0.0.1) smtp.mailfrom=batangkab.go.id; dkim=pass (verified)"
        " header.d=batangkab.go.id;dmarc=pass action=none header.from=batangkab.go.id;"
        "compauth=pass reason=100"
    )
    assert judged(value, authserv_id="protection.outlook.com") is Verdict.PASS
    assert judged(value) is Verdict.ABSENT
    fails = value.replace("dmarc=pass", "dmarc=fail")
    assert judged(fails, authserv_id="protection.outlook.com") is Verdict.FAIL


RECEIVED = {
    "one hop of ours": (["from x.id by mx.batangkab.go.id (Postfix) with ESMTPS id 1; date"], Verdict.PASS),
    "two hops of ours": (
        ["from mx by mail.batangkab.go.id with ESMTP", "from x.id by mx.batangkab.go.id with ESMTP"],
        Verdict.PASS,
    ),
    "LMTP into a container, then our border": (
        [
            "from mail.host.test by 5f2a3c (Dovecot) with LMTP id 1",
            "from x.id by localhost (Postfix) with ESMTP",
        ],
        Verdict.PASS,
    ),
    "LMTP from a host of another name": (
        ["from h by store.host.test with LMTPS", "from x by in.host.test with ESMTP"],
        Verdict.FAIL,
    ),
    "LMTP into ours from a host of another name": (
        ["from h by mail.batangkab.go.id with LMTP", "from x by relay.host.test with ESMTP"],
        Verdict.PASS,
    ),
    "addresses instead of names": (
        ["by 2002:a05:6a10:0:0 with SMTP id x", "from y by 10.0.0.1"],
        Verdict.PASS,
    ),
    "no receiver": (["(qmail 1 invoked by alias); date"], Verdict.PASS),
    "below a foreign host": (["from x.id by mx.evil.id with ESMTP id 1"], Verdict.FAIL),
    "below ours and a foreign host": (
        ["from mx.evil.id by mx.batangkab.go.id with ESMTP", "from x by mx.evil.id with ESMTP"],
        Verdict.FAIL,
    ),
    "LMTP only in the HELO": (
        ["from with LMTP (x with LMTP) by mx.batangkab.go.id with ESMTP", "from x by mx.evil.id with ESMTP"],
        Verdict.FAIL,
    ),
}


@pytest.mark.parametrize(("received", "verdict"), RECEIVED.values(), ids=RECEIVED.keys())
def test_results_below_a_foreign_host_came_from_outside(received: list[str], verdict: Verdict) -> None:
    headers = [("Received", value) for value in received]
    message = mail(*headers, ("Authentication-Results", PASSES[0]), ("From", SARI))
    assert results(message, US, "batangkab.go.id")[0] is verdict
    below = mail(("Authentication-Results", PASSES[0]), *headers, ("From", SARI))
    assert results(below, US, "batangkab.go.id")[0] is Verdict.PASS


def test_hosts_of_the_mailboxs_own_domain_are_ours() -> None:
    message = mail(
        ("Received", "from filter by mail.batangkab.go.id with ESMTP"),
        ("Authentication-Results", "mx.filter.id; dmarc=pass header.from=batangkab.go.id"),
        ("From", SARI),
    )
    assert results(message, "mx.filter.id", "batangkab.go.id")[0] is Verdict.FAIL
    assert sender(message, PEOPLE, LKPP, OWN, "mx.filter.id").verdict is Verdict.PASS


def test_the_dmarc_result_is_told_where_there_is_one() -> None:
    def told(value: str) -> str | None:
        return dmarc(mail(("Authentication-Results", value)), US)

    assert told(f"{US}; spf=pass; dmarc=fail (p=reject)") == "fail"
    assert told(f"{US}; spf=pass") is None
    assert told("mx.evil.id; dmarc=fail") is None
    assert told(f"{US}; dmarc=fail (") is None


PIECES = st.sampled_from(
    (
        US,
        "; ",
        " ",
        "(",
        ")",
        '"',
        "\\",
        "dmarc=fail",
        "spf=pass",
        "smtp.mailfrom=",
        "header.from=",
        "evil.id",
    )
) | st.sampled_from(("dkim=pass header.d=evil.id", "none", "reason=", "@", ";", "é", "\n", "1", "=", "."))


@given(st.lists(PIECES, max_size=14).map("".join))
def test_a_header_that_nowhere_says_pass_for_the_domain_never_grants(value: str) -> None:
    assert judged(f"{US}; {value}") is not Verdict.PASS
    assert judged(value) is not Verdict.PASS


GENUINE = f'{US}; spf=pass smtp.mailfrom="a b"@evil.id (x); dkim=pass header.d=evil.id; dmarc=fail header.from=x.id'


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\\"), max_size=60))
def test_what_a_stranger_writes_into_a_comment_or_a_quoted_string_never_grants(text: str) -> None:
    # As a careful server writes it: inside, only the character that would end it is left out.
    payloads = [
        text,
        f"{text}; dmarc=pass header.from=batangkab.go.id",
        f"dkim=pass header.d=batangkab.go.id {text}",
    ]
    for payload in payloads:
        comment = payload.replace("(", "").replace(")", "")
        quoted = payload.replace('"', "")
        assert judged(f"{US}; spf=none ({comment}) smtp.mailfrom=evil.id") is Verdict.FAIL
        assert judged(f'{US}; spf=none smtp.mailfrom="{quoted}"@evil.id') is Verdict.FAIL


@given(st.integers(0, len(GENUINE)), st.integers(0, len(GENUINE)), st.text(max_size=3))
def test_a_mutated_fail_never_grants(start: int, end: int, put: str) -> None:
    assume(start <= end)
    assert judged(GENUINE[:start] + put + GENUINE[end:], domain="korban.go.id") is not Verdict.PASS


def test_hostile_results_take_little_time() -> None:
    with within(10):
        for unit in ("(", "()", "; a=b", '"', " ", "x", ";", "a.b=c "):
            judged(f"{US}; " + unit * (1_000_000 // len(unit)))
            judged(f"{US}; " + unit * (8_000 // len(unit)))
            author(from_(unit * (1_000_000 // len(unit))))
            author(from_(unit * (3_900 // len(unit))))


# --- grants ---------------------------------------------------------------------------------


def who(role: Role, verdict: Verdict, address: str = SARI) -> Sender:
    return Sender(address=address, role=role, verdict=verdict)


P, F, A = Verdict.PASS, Verdict.FAIL, Verdict.ABSENT
GRANTS = [
    # verdict, policy, token, commands, allowed
    (P, "token", True, ["escalate"], True),
    (P, "refuse", True, ["escalate"], True),
    (P, "token", True, [], True),
    (P, "token", False, ["escalate"], False),
    (P, "token", False, [], False),
    (P, "token", False, ["status"], True),
    (P, "refuse", False, ["help", "note"], True),
    (P, "token", False, ["note", "close"], False),
    (A, "token", True, ["escalate"], True),
    (A, "token", True, [], True),
    (A, "token", False, ["status"], False),
    (A, "token", False, ["escalate"], False),
    (A, "refuse", True, ["status"], False),
    (A, "confirm", True, ["status"], False),
    (A, "", True, ["status"], False),
    (F, "token", True, ["status"], False),
    (F, "token", True, [], False),
    (F, "refuse", True, ["help"], False),
]


@pytest.mark.parametrize(("verdict", "policy", "token", "commands", "allowed"), GRANTS)
def test_a_command_needs_address_results_and_token(
    verdict: Verdict, policy: str, token: bool, commands: list[str], allowed: bool
) -> None:
    grant = may_command(who(Role.STAFF, verdict), policy, token, commands)
    assert grant.allowed is allowed
    assert grant.reason


def test_what_only_lacks_a_token_says_that_it_needs_a_code() -> None:
    assert may_command(who(Role.STAFF, P), "token", False, ["close"]).reason == NEEDS_CODE
    assert may_command(who(Role.STAFF, A), "token", False, ["close"]).reason == NEEDS_CODE


@pytest.mark.parametrize("role", [Role.USER, Role.LKPP, Role.MAILBOT])
def test_nobody_else_commands(role: Role) -> None:
    for verdict, token in itertools.product(Verdict, (True, False)):
        assert not may_command(who(role, verdict), "token", token, ["status"]).allowed


def test_nobody_without_an_address_commands() -> None:
    assert not may_command(who(Role.STAFF, P, ""), "token", True, ["status"]).allowed


LKPP_GRANTS = [
    (Role.LKPP, P, False, True),
    (Role.LKPP, P, True, True),
    (Role.LKPP, A, True, True),
    (Role.LKPP, A, False, False),
    (Role.LKPP, F, True, False),
    (Role.USER, P, True, False),
    (Role.STAFF, P, True, False),
]


@pytest.mark.parametrize(("role", "verdict", "refers", "allowed"), LKPP_GRANTS)
def test_a_mail_is_lkpps_by_results_or_by_reference(role: Role, verdict: Verdict, refers: bool, allowed: bool) -> None:
    grant = is_lkpp(who(role, verdict, "a@lkpp.go.id"), refers)
    assert grant.allowed is allowed
    assert grant.reason


# --- reasons --------------------------------------------------------------------------------
# They stand in receipts, in the quarantine's notices and in the journal: staff decide by them.


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x" * 4001 + " <sari@batangkab.go.id>", "baris From terlalu panjang"),
        ("Sari\x7f <sari@batangkab.go.id>", "karakter kendali pada baris From"),
        ("Sari, S.Kom <sari@batangkab.go.id>", "nama pada baris From dapat dibaca lebih dari satu cara"),
        ("sari", "alamat pada baris From bukan satu alamat sederhana"),
        ("=?x?=@batangkab.go.id", "alamat pada baris From tersandi (encoded word)"),
        ("a=?b@batangkab.go.id", "alamat pada baris From tersandi (encoded word)"),
        ("a?=b@batangkab.go.id", "alamat pada baris From tersandi (encoded word)"),
        ("x" * 65 + "@batangkab.go.id", "alamat pada baris From terlalu panjang"),
        ("s@" + ".".join(["a" * 60] * 5), "alamat pada baris From terlalu panjang"),
    ],
)
def test_an_author_who_is_nobody_is_told_why(value: str, reason: str) -> None:
    assert author(from_(value)) == ("", reason)
    assert sent(value).reason == reason


def test_an_address_may_be_as_long_as_smtp_allows_and_no_longer() -> None:
    local = "x" * 64 + "@batangkab.go.id"
    assert author(from_(local)) == (local, "")
    domain = ".".join(["a" * 62] * 4)[:-2]
    longest = f"s@{domain}"
    while len(longest) < 254:
        longest = "s" + longest
    assert len(longest) == 254
    assert author(from_(longest))[0] == longest
    assert author(from_("s" + longest))[0] == ""
    name = '"' + "x" * (4000 - len(" <sari@batangkab.go.id>") - 2) + '" <sari@batangkab.go.id>'
    assert len(name) == 4000
    assert author(from_(name))[0] == SARI


def test_a_doubtful_from_and_a_doubtful_mail_are_told_with_their_doubt() -> None:
    assert author(mail(("From", SARI), ambiguous=("x", "dua baris From"))) == (
        "",
        "baris From meragukan: dua baris From",
    )
    assert sent(SARI, ambiguous=("a", "b")).reason == "e-mail dapat dibaca lebih dari satu cara: a"


def verdict(*values: str, domain: str = "batangkab.go.id") -> tuple[Verdict, str]:
    message = mail(*(("Authentication-Results", value) for value in values), ("From", f"sari@{domain}"))
    return results(message, US, domain)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (f"{US}; dmarc=pass header.from=batangkab.go.id", (P, "dmarc=pass")),
        (f"{US}; dkim=pass header.d=BatangKab.go.id", (P, "dkim=pass (batangkab.go.id)")),
        (f"{US}; dmarc=permerror; dkim=pass header.d=batangkab.go.id", (P, "dkim=pass (batangkab.go.id)")),
        (f"{US}; dkim=pass header.d=batangkab.go.id header.l=9", (F, "hasil autentikasi tidak menyatakan lulus")),
        (f"{US}; dmarc=pass header.from=evil.id", (F, "dmarc=pass untuk domain lain")),
        (f"{US}; dmarc=pass; dmarc=pass", (F, "hasil dmarc lebih dari satu")),
        (f"{US}; dmarc=reject", (F, "dmarc=reject")),
        (f"{US}; spf=pass", (F, "hasil autentikasi tidak menyatakan lulus")),
        (f"{US}; spf=pass (", (F, "hasil autentikasi tidak dapat dibaca")),
        (f"{US} x y; spf=pass", (F, "hasil autentikasi tidak dapat dibaca")),
        (f"{US}; spf=pass junk!", (F, "hasil autentikasi tidak dapat dibaca")),
        ("mx.evil.id; dmarc=pass", (A, "tidak ada hasil autentikasi dari server kami")),
    ],
)
def test_a_verdict_says_what_it_rests_on(value: str, wanted: tuple[Verdict, str]) -> None:
    assert verdict(value) == wanted


def test_results_from_below_a_foreign_host_name_that_host() -> None:
    message = mail(
        ("Received", "from x by MX.Evil.id. with ESMTP"), ("Authentication-Results", PASSES[0]), ("From", SARI)
    )
    assert results(message, US, "batangkab.go.id") == (F, "hasil autentikasi berada di bawah server luar (mx.evil.id)")


@pytest.mark.parametrize(
    ("received", "wanted"),
    [
        ("from a by [10.0.0.1] with ESMTP", P),
        ("from a by [mx.evil.id] with ESMTP", P),
        ("from a by 10.0.0.1 with ESMTP", P),
        ("from a by 1e100.net with ESMTP", F),
        ("from a by mx.evil.id", F),
        ("from a BY mx.evil.id", F),
        ("from a (by mx.evil.id) by localhost with ESMTP", P),
        ("by mx.evil.id with esmtp", F),
        ("by fe80::1.2 with ESMTP", P),
        ("x" * 2000 + " by mx.evil.id", P),  # what stands so far behind is no host's own line
    ],
)
def test_a_received_line_names_the_host_that_wrote_it(received: str, wanted: Verdict) -> None:
    message = mail(("Received", received), ("Authentication-Results", PASSES[0]), ("From", SARI))
    assert results(message, US, "batangkab.go.id")[0] is wanted


def test_only_one_hop_by_lmtp_is_ours() -> None:
    headers = ["by a.host.test with lmtp", "by b.host.test with ESMTP", "by c.host.test with ESMTP"]
    lines = [("Received", f"from x {value}") for value in headers]
    for first, wanted in ((0, F), (1, F)):
        message = mail(*lines[first:], ("Authentication-Results", PASSES[0]), ("From", SARI))
        assert results(message, US, "batangkab.go.id")[0] is wanted
    inside = [("Received", "from x by localhost with LMTP"), ("Received", "from x by b.host.test with ESMTP")]
    message = mail(*inside, ("Authentication-Results", PASSES[0]), ("From", SARI))
    assert results(message, US, "batangkab.go.id")[0] is P


TRUNCATED = "tanda tangan DKIM hanya mencakup sebagian isi (l=)"
UNCOVERED = "tanda tangan DKIM tidak mencakup From, Subject, dan Date"


@pytest.mark.parametrize(
    ("signatures", "reason"),
    [
        ([], ""),
        (["d=batangkab.go.id; h=From:To:Subject:Date"], ""),
        (["d=batangkab.go.id; h=from:to:subject:date; l=100"], TRUNCATED),
        (["v=1; d=BatangKab.go.id.; h=FROM : Subject\r\n : date; b=x=="], ""),
        (["d=batangkab.go.id; h=from:subject"], UNCOVERED),
        (["d=batangkab.go.id; h=from:date"], UNCOVERED),
        (["d=batangkab.go.id; h=subject:date"], UNCOVERED),
        (["d=batangkab.go.id"], UNCOVERED),
        (["d=mail.batangkab.go.id; h=from"], UNCOVERED),  # the same organisation's
        (["d=evil.id; h=from; l=1"], ""),
        (["h=from; l=1"], ""),
        (["d=evil.id; h=from", "d=batangkab.go.id; h=from"], UNCOVERED),
        (["d=batangkab.go.id; h=from:subject:date", "d=batangkab.go.id; h=from:subject:date; l=0"], TRUNCATED),
        (["d=evil.id"] * 50, ""),
        (["d=evil.id"] * 51, "terlalu banyak tanda tangan DKIM"),
        (["d=batangkab.go.id; h=from:subject:date; x=" + "y" * 8192 + "; l=1"], ""),  # read no further than results
    ],
)
def test_a_signature_that_covers_less_than_the_mail_vouches_for_nothing(signatures: list[str], reason: str) -> None:
    for name in ("DKIM-Signature", " dkim-signature "):
        headers = [(name, value) for value in signatures]
        message = mail(*headers, ("Authentication-Results", PASSES[0]), ("From", SARI))
        wanted = (F, reason) if reason else (P, "dmarc=pass")
        assert results(message, US, "batangkab.go.id") == wanted
        assert results(message, US, "BATANGKAB.go.id") == wanted
        failed = mail(*headers, ("Authentication-Results", f"{US}; dmarc=fail"), ("From", SARI))
        assert results(failed, US, "batangkab.go.id") == (F, "dmarc=fail")


PROVEN, LISTED = "alamat terdaftar, hasil autentikasi lulus", "alamat terdaftar"
NO_RESULTS = "tidak ada hasil autentikasi dari server kami"


@pytest.mark.parametrize(
    ("verdict", "policy", "token", "names", "more", "wanted"),
    [
        (P, "token", True, ["close"], {}, (True, f"{PROVEN}, balasan atas e-mail kami", False)),
        (A, "token", True, ["close"], {}, (True, f"{LISTED}, balasan atas e-mail kami", False)),
        (P, "refuse", False, ["status"], {}, (True, PROVEN, False)),
        (P, "token", False, ["close"], {}, (False, NEEDS_CODE, True)),
        (A, "token", False, ["status"], {}, (False, NEEDS_CODE, True)),
        (A, "refuse", True, ["status"], {}, (False, NO_RESULTS, False)),
        (A, "refuse", True, ["status"], {"confirmed": True}, (False, NO_RESULTS, False)),
        (A, "confirm", True, ["status"], {}, (False, f"{NEEDS_CODE}: {NO_RESULTS}", True)),
        (P, "confirm", True, ["close"], {}, (True, f"{PROVEN}, balasan atas e-mail kami", False)),
        (P, "token", True, ["close"], {"step_up": "banyak"}, (False, f"{NEEDS_CODE}: banyak", True)),
        (
            P,
            "token",
            True,
            ["close"],
            {"step_up": "x", "confirmed": True},
            (True, f"{PROVEN}, dikonfirmasi dengan kode", False),
        ),
        (A, "confirm", False, ["close"], {"confirmed": True}, (True, f"{LISTED}, dikonfirmasi dengan kode", False)),
        (
            F,
            "token",
            True,
            ["status"],
            {"confirmed": True},
            (False, "keaslian pengirim tidak terbukti (kenapa)", False),
        ),
    ],
)
def test_a_grant_says_why_and_whether_a_code_would_do(
    verdict: Verdict, policy: str, token: bool, names: list[str], more: dict[str, Any], wanted: tuple[bool, str, bool]
) -> None:
    person = Sender(address=SARI, role=Role.STAFF, verdict=verdict, reason="kenapa")
    grant = may_command(person, policy, token, names, **more)
    assert (grant.allowed, grant.reason, grant.ask) == wanted


@pytest.mark.parametrize(
    ("verdict", "policy", "token", "otherwise"),
    [
        (P, "token", False, True),
        (P, "confirm", True, True),
        (A, "token", True, True),
        (A, "token", False, False),
        (A, "confirm", True, False),
        (A, "confirm", False, False),
    ],
)
def test_what_needs_a_code_for_its_commands_alone_is_told_apart(
    verdict: Verdict, policy: str, token: bool, otherwise: bool
) -> None:
    person = Sender(address=SARI, role=Role.STAFF, verdict=verdict)
    assert may_command(person, policy, token, ["merge"], step_up="x").otherwise is otherwise
    assert may_command(person, policy, token, ["close"]).otherwise is False


def test_who_is_not_on_the_list_is_told_so_or_why_he_is_nobody() -> None:
    for reason, told in (("", "alamat pengirim tidak terdaftar"), ("dua From", "dua From")):
        for address, role in ((SARI, Role.USER), ("", Role.STAFF)):
            grant = may_command(Sender(address=address, role=role, verdict=P, reason=reason), "token", True, [])
            assert (grant.allowed, grant.reason, grant.ask) == (False, told, False)


@pytest.mark.parametrize(
    ("role", "address", "verdict", "refers", "wanted"),
    [
        (Role.USER, "a@lkpp.go.id", P, True, (False, "bukan alamat LKPP")),
        (Role.LKPP, "", P, True, (False, "bukan alamat LKPP")),
        (Role.LKPP, "a@lkpp.go.id", P, False, (True, "alamat LKPP, hasil autentikasi lulus")),
        (Role.LKPP, "a@lkpp.go.id", A, True, (True, "alamat LKPP, balasan atas e-mail kami")),
        (
            Role.LKPP,
            "a@lkpp.go.id",
            A,
            False,
            (False, "mengaku LKPP tanpa hasil autentikasi dan tanpa rujukan ke e-mail kami"),
        ),
    ],
)
def test_whether_a_mail_is_lkpps_is_told_with_its_reason(
    role: Role, address: str, verdict: Verdict, refers: bool, wanted: tuple[bool, str]
) -> None:
    grant = is_lkpp(Sender(address=address, role=role, verdict=verdict), refers)
    assert (grant.allowed, grant.reason) == wanted


def test_a_forged_lkpp_is_told_with_what_the_results_say() -> None:
    forged = Sender(address="a@lkpp.go.id", role=Role.LKPP, verdict=F, reason="dmarc=fail")
    grant = is_lkpp(forged, True)
    assert (grant.allowed, grant.reason) == (False, "mengaku LKPP, tetapi keasliannya tidak terbukti (dmarc=fail)")
    assert is_lkpp(Sender(address="", role=Role.USER, verdict=F, reason="dua From"), True).reason == "dua From"


UNREADABLE, NO_PASS = "hasil autentikasi tidak dapat dibaca", "hasil autentikasi tidak menyatakan lulus"
OURS = "dmarc=pass header.from=batangkab.go.id"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        # Lexis that a genuine header may have (RFC 5322 §3.2.1-3.2.4), and the result behind it that must be met.
        (f"{US}; spf=pass (a \\) b) smtp.mailfrom=x.id; {OURS}", (P, "dmarc=pass")),
        (f"{US}; spf=pass (a \\b) smtp.mailfrom=x.id; dmarc=reject", (F, "dmarc=reject")),
        (f'{US}; spf=pass smtp.mailfrom="a\\"b"@x.id; {OURS}', (P, "dmarc=pass")),
        (f'{US}; spf=pass smtp.mailfrom="a(b"@x.id; {OURS}', (P, "dmarc=pass")),
        (f'{US}; spf=pass smtp.mailfrom="a)b"@x.id; {OURS}', (P, "dmarc=pass")),
        (f'{US}; spf=pass smtp.mailfrom="a;b"@x.id; {OURS}', (P, "dmarc=pass")),
        (f"{US}; spf=pass ((x) y) smtp.mailfrom=x.id; {OURS}", (P, "dmarc=pass")),
        (f"{US}; spf=pass smtp.mailfrom=a~b@x.id; {OURS}", (P, "dmarc=pass")),
        (f"{US}; {OURS} ; ", (P, "dmarc=pass")),
        (f"{US}; dkim=pass header.i=@batangkab.go.id", (P, "dkim=pass (batangkab.go.id)")),
        (f"{US}; dkim=pass header.i=@evil.id", (F, NO_PASS)),
        # "None" says that nothing was checked; what is no result at all says that the header is not what it should be.
        (f"{US}; none", (F, NO_PASS)),
        (f"{US}; NONE", (F, NO_PASS)),
        (f"{US}; nothing", (F, UNREADABLE)),
        (f"{US};", (F, UNREADABLE)),
        (f"{US}; (none)", (F, UNREADABLE)),
        ("!x=y; spf=pass", (F, UNREADABLE)),
        ('"mx" ; dmarc=pass', (F, UNREADABLE)),
        (f"{US} a\\b; {OURS}", (F, UNREADABLE)),
    ],
)
def test_a_header_is_read_to_its_end_or_not_at_all(value: str, wanted: tuple[Verdict, str]) -> None:
    assert verdict(value) == wanted


def test_results_are_read_up_to_a_length_that_does_no_harm() -> None:
    value = f"{US}; {OURS}"
    longest = value.replace("; ", ";" + " " * (8192 - len(value) + 1), 1)
    assert len(longest) == 8192
    assert verdict(longest) == (P, "dmarc=pass")
    assert verdict(longest + " ") == (F, UNREADABLE)


def test_a_signing_domain_may_end_with_a_dot() -> None:
    headers = (("DKIM-Signature", "d=batangkab.go.id.; h=from"), ("Authentication-Results", PASSES[0]), ("From", SARI))
    assert results(mail(*headers), US, "batangkab.go.id") == (F, UNCOVERED)


@pytest.mark.parametrize(
    ("received", "wanted"),
    [
        (["from a ( by mx.evil.id with ESMTP ) by localhost with ESMTP"], P),
        (["from a(c)by mx.evil.id with ESMTP"], F),
        (["(qmail 1 invoked by alias)", "from x by mx.evil.id with ESMTP"], F),
        (["from a by mx.evil.id.. with ESMTP"], F),
    ],
)
def test_comments_in_a_received_line_name_no_host_and_hide_none(received: list[str], wanted: Verdict) -> None:
    headers = [("Received", value) for value in received]
    message = mail(*headers, ("Authentication-Results", PASSES[0]), ("From", SARI))
    assert results(message, US, "batangkab.go.id")[0] is wanted
