"""TXT records, asked of a name server on loopback that answers, is silent, or answers nonsense."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.servers import dns
from mailbot.servers.dns import NoAnswer, Resolver, system_resolvers
from tests.mailservers.names import NameServer, Odd
from tests.mailservers.process import free_ports

SPF = "v=spf1 mx -all"


def test_records_come_as_they_were_written() -> None:
    records = {"batang.test": [SPF, "google-site-verification=x"], "bare.test": [], "dalam.Batang.test": ["a b;c"]}
    with NameServer(records) as names:
        resolver = Resolver([names.address])
        assert resolver.texts("batang.test") == [SPF, "google-site-verification=x"]
        assert resolver.texts("bare.test") == []
        assert resolver.texts("dalam.Batang.test") == ["a b;c"]
        assert resolver.texts("nowhere.test") is None


def test_a_long_record_is_put_together_and_fetched_by_tcp() -> None:
    key = "v=DKIM1; p=" + "A" * 700
    with NameServer({"key._domainkey.batang.test": [key]}) as names:
        assert Resolver([names.address]).texts("key._domainkey.batang.test") == [key]
        assert names.by_tcp == ["key._domainkey.batang.test"]


def test_an_alias_brings_the_record_of_its_target() -> None:
    with NameServer({"batang.test": Odd.ALIAS}) as names:
        assert Resolver([names.address]).texts("batang.test") == [SPF]


def test_only_the_answer_to_the_very_question_counts() -> None:
    with NameServer({"batang.test": Odd.NOISE}) as names:
        assert Resolver([names.address]).texts("batang.test") == [SPF]


def test_silence_is_waited_for_once_and_then_believed() -> None:
    with NameServer({"batang.test": Odd.SILENT, "other.test": [SPF]}) as names:
        resolver = Resolver([names.address], patience=1.5)
        begun = time.monotonic()
        with pytest.raises(NoAnswer, match=r"no DNS answer from 127\.0\.0\.1"):
            resolver.texts("batang.test")
        assert 1.4 < time.monotonic() - begun < 2.5
        assert names.asked == ["batang.test", "batang.test"]
        begun = time.monotonic()
        with pytest.raises(NoAnswer):
            resolver.texts("other.test")
        assert resolver.silent and time.monotonic() - begun < 0.1


def test_a_resolver_that_is_not_there_or_none_at_all_is_known_at_once() -> None:
    [port] = free_ports(1)
    for addresses in ([("127.0.0.1", port)], []):
        begun = time.monotonic()
        with pytest.raises(NoAnswer, match="no DNS answer"):
            Resolver(addresses).texts("batang.test")
        assert time.monotonic() - begun < 1


def test_the_next_resolver_is_asked_when_the_first_is_silent_or_fails() -> None:
    for odd in (Odd.SILENT, Odd.SERVFAIL, Odd.GARBAGE):
        with NameServer({"batang.test": odd}) as first, NameServer({"batang.test": [SPF]}) as second:
            assert Resolver([first.address, second.address]).texts("batang.test") == [SPF]


@pytest.mark.parametrize(
    ("odd", "said"),
    [(Odd.SERVFAIL, "SERVFAIL"), (Odd.GARBAGE, "what cannot be understood")],
    ids=lambda each: str(each),
)
def test_a_resolver_that_answers_nonsense_is_named_and_asked_again_for_other_names(odd: Odd, said: str) -> None:
    with NameServer({"batang.test": odd, "other.test": [SPF]}) as names:
        resolver = Resolver([names.address])
        with pytest.raises(NoAnswer, match=f"127.0.0.1 answers {said}"):
            resolver.texts("batang.test")
        assert not resolver.silent
        assert resolver.texts("other.test") == [SPF]


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "a b.test", "é.test", "a" * 64 + ".test", "a." * 130 + "test", "x\n"]
)
def test_what_is_no_name_is_never_asked(name: str) -> None:
    with NameServer({}) as names:
        with pytest.raises(ValueError, match="not a name"):
            Resolver([names.address]).texts(name)
        assert names.asked == []


@given(st.binary(max_size=300))
def test_no_answer_whatever_it_holds_does_more_than_be_refused(octets: bytes) -> None:
    """Behind a header that says: an answer, without an error, with one question and many records."""
    header = b"\0\1\x81\x80\0\1\xff\xff\0\0\0\0"
    for answer in (octets, header + octets, header + b"\6batang\4test\0\0\x10\0\1" + octets):
        try:
            found = dns._records(answer)
        except dns._Refused:
            continue
        assert found is None or all(isinstance(text, str) for text in found)


def test_the_machine_s_resolvers_are_those_of_resolv_conf(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# nameserver 9.9.9.9\nsearch x\nnameserver 10.0.0.1\n nameserver\tfe80::1%eth0 # x\noptions a\n")
    assert system_resolvers(file) == [("10.0.0.1", 53), ("fe80::1%eth0", 53)]
    file.write_text("".join(f"nameserver 10.0.0.{n}\n" for n in range(1, 6)))
    assert [host for host, _ in system_resolvers(file)] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert system_resolvers(tmp_path / "none") == [("127.0.0.1", 53)]
