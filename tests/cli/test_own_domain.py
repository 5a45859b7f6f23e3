"""What `mailbot check --online` says of SPF, DKIM and DMARC, by a name server on loopback."""

from __future__ import annotations

import time

import pytest

from mailbot.cli.finding import Finding, Level
from mailbot.cli.own_domain import own_domain
from mailbot.servers.dns import Resolver
from tests.mailservers.names import NameServer, Odd

DOMAIN, SERVER = "lpse.batangkab.go.id", "mail.batangkab.go.id"
SIGNATURE = "v=1; a=rsa-sha256; d=batangkab.go.id; s=m1;\r\n\th=from:to; bh=x=; b=eA=="
KEY = "v=DKIM1; k=rsa; p=" + "MIGf" * 120
GOOD: dict[str, list[str] | Odd] = {
    DOMAIN: ["v=spf1 mx ip4:203.0.113.0/24 include:_spf.penyedia.test -all", "verification=1"],
    "m1._domainkey.batangkab.go.id": [KEY],
    f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject; rua=mailto:ops@batangkab.go.id"],
}


def found(records: dict[str, list[str] | Odd], *signatures: str, without: str = "") -> dict[str, tuple[Level, str]]:
    """By topic: SPF, DKIM, DMARC."""
    told = {**GOOD, **records}
    told.pop(without, None)
    with NameServer(told) as names:
        all_found = list(own_domain(DOMAIN, SERVER, signatures or [SIGNATURE], Resolver([names.address])))
    by_topic = {finding.text.split()[0]: (finding.level, finding.text) for finding in all_found}
    assert len(by_topic) == len(all_found) == 3, all_found
    return by_topic


def test_what_is_in_order_is_said_in_one_line_each() -> None:
    by_topic = found({})
    assert {level for level, _ in by_topic.values()} == {Level.OK}
    assert SERVER in by_topic["SPF"][1], "whether it is among those that may send, a person must see"
    assert "DNS has the key" in by_topic["DKIM"][1]
    assert "p=reject" in by_topic["DMARC"][1]


@pytest.mark.parametrize(
    ("records", "level", "says"),
    [
        ([], Level.WARNING, f"ask whoever keeps the domain's DNS for a TXT record that lets {SERVER} send"),
        (["v=spf10 mx -all", "spf1 -all"], Level.WARNING, "no record"),
        (["v=spf1 mx -all", "V=SPF1 a -all"], Level.FAULT, "2 records, and other servers then follow none of them"),
        (["v=spf1 mx +all"], Level.FAULT, "lets every server of the world send in your name"),
        (["v=spf1 mx all"], Level.FAULT, "lets every server of the world"),
        (["v=spf1 mx ?all"], Level.WARNING, "says nothing about servers that it does not name"),
        (["v=spf1 mx"], Level.WARNING, "says nothing about servers that it does not name"),
        (["v=spf1"], Level.WARNING, "says nothing about servers"),
        (["v=spf1 mx -al"], Level.FAULT, '"-al" is no SPF'),
        (["v=spf1 ip4:203.0.113.999 -all"], Level.FAULT, '"ip4:203.0.113.999" is no SPF'),
        (["v=spf1 mx,a -all"], Level.FAULT, '"mx,a" is no SPF'),
        (
            ["v=spf1 mx/24 a:x.test//64 ip6:2001:db8::/32 exists:%{i}.x.test ptr exp=e.test ~all"],
            Level.OK,
            "one record",
        ),
        (["v=spf1 redirect=_spf.penyedia.test"], Level.OK, "one record"),
        (["v=spf1 -all +all"], Level.OK, "one record"),  # what stands behind "all" counts for nothing
    ],
)
def test_spf(records: list[str], level: Level, says: str) -> None:
    said = found({DOMAIN: records})["SPF"]
    assert said[0] is level and says in said[1], said


@pytest.mark.parametrize(
    ("records", "level", "says"),
    [
        (["v=DMARC1; p=none"], Level.WARNING, "asks for nothing (p=none)"),
        (["v=DMARC1;p=Quarantine"], Level.OK, "p=quarantine"),
        (["v=DMARC1; p=keep"], Level.FAULT, "names no policy"),
        (["v=DMARC1"], Level.FAULT, "names no policy"),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], Level.FAULT, "2 records"),
        (["v=DMARC2; p=reject"], Level.WARNING, "no record"),
        ([], Level.WARNING, f"ask whoever keeps the domain's DNS for a TXT record at _dmarc.{DOMAIN}"),
    ],
)
def test_dmarc(records: list[str], level: Level, says: str) -> None:
    said = found({f"_dmarc.{DOMAIN}": records})["DMARC"]
    assert said[0] is level and says in said[1], said


def test_a_record_of_a_domain_around_it_counts_with_what_it_says_of_those_below() -> None:
    around: dict[str, list[str] | Odd] = {"_dmarc.batangkab.go.id": ["v=DMARC1; p=reject; sp=none"]}
    level, text = found(around, without=f"_dmarc.{DOMAIN}")["DMARC"]
    assert level is Level.WARNING and "set by batangkab.go.id" in text and "p=none" in text


@pytest.mark.parametrize(
    ("key", "level", "says"),
    [
        (None, Level.FAULT, "DNS has no key at m1._domainkey.batangkab.go.id"),
        (["v=DKIM1; p="], Level.FAULT, "revoked"),
        (["v=DKIM1; p=tidak-ada"], Level.FAULT, "damaged"),
        (["v=DKIM2; p=MIGf"], Level.FAULT, "DNS has no key"),
        (["p=MIG fMIGf"], Level.OK, "DNS has the key"),
    ],
)
def test_dkim_is_judged_by_the_key_that_mails_are_signed_with(key: list[str] | None, level: Level, says: str) -> None:
    name = "m1._domainkey.batangkab.go.id"
    said = found({}, without=name)["DKIM"] if key is None else found({name: key})["DKIM"]
    assert said[0] is level and says in said[1], said


def test_a_signature_of_another_domain_alone_proves_nothing() -> None:
    level, text = found({}, "v=1; d=penyedia.test; s=m1; b=x")["DKIM"]
    assert level is Level.WARNING and '"penyedia.test" only' in text


def test_a_mail_that_is_not_signed_says_little_but_a_domain_without_any_key_says_all() -> None:
    unsigned = ["X: y"]
    with NameServer({**GOOD, f"_domainkey.{DOMAIN}": []}) as names:
        texts = [each.text for each in own_domain(DOMAIN, SERVER, [], Resolver([names.address]))]
    assert any("write to an address elsewhere" in text for text in texts), unsigned
    with NameServer(GOOD) as names:
        all_found = list(own_domain(DOMAIN, SERVER, [], Resolver([names.address])))
    assert Finding(Level.WARNING, next(f.text for f in all_found if "mails leave unsigned" in f.text)) in all_found


def test_what_a_signature_names_is_asked_only_if_it_is_a_name() -> None:
    level, text = found({}, "v=1; d=batangkab.go.id; s=a b\x1b[31m; b=x")["DKIM"]
    assert level is Level.WARNING and "not asked" in text and "\x1b" not in text


def test_a_machine_without_dns_says_so_once_and_soon() -> None:
    begun = time.monotonic()
    with NameServer({DOMAIN: Odd.SILENT}) as names:
        all_found = list(own_domain(DOMAIN, SERVER, [SIGNATURE], Resolver([names.address])))
    assert time.monotonic() - begun < 5
    [finding] = all_found
    assert finding.level is Level.WARNING
    assert "not asked: no DNS answer" in finding.text


@pytest.mark.parametrize("odd", [Odd.SERVFAIL, Odd.GARBAGE], ids=str)
def test_one_question_without_an_answer_leaves_the_others(odd: Odd) -> None:
    by_topic = found({DOMAIN: odd})
    assert by_topic["SPF"][0] is Level.WARNING and "not known: 127.0.0.1 answers" in by_topic["SPF"][1]
    assert by_topic["DMARC"][0] is Level.OK


def test_a_record_s_words_reach_a_terminal_as_one_clean_line() -> None:
    _, text = found({DOMAIN: ["v=spf1 \x1b[2Jx\r\nok " + "y" * 400]})["SPF"]
    assert text.isprintable() and len(text) < 700
