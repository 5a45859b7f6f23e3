"""Further addresses of the mailbox, and web forms whose user stands in the Reply-To."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mailbot.model import Message, NamedAddress, Role, Sender, Verdict
from mailbot.parsers.webform import Form, read
from tests.steps import BORDER, disposition, minutes_later, number, opened, resolved, results, templates
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

WEB = "web@batangkab.test"
ALIAS = "helpdesk@batangkab.test"
BUDI = PEOPLE["pengguna"]
PASS = results("pass", "batangkab.test")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PaperWorld]:
    world = PaperWorld(tmp_path, aliases=[ALIAS], forms=[{"from": WEB}], authentication={"authserv_id": BORDER})
    yield world
    world.store.close()


def fill_in(
    office: PaperWorld,
    *reply_to: str,
    text: str = "Kami tidak bisa login.",
    subject: str = "Pesan dari situs",
    sender: str = f"Formulir LPSE <{WEB}>",
    headers: Sequence[tuple[str, str]] = (PASS,),
) -> None:
    """A mail as the site's web form sends it, headers as they are given."""
    named = [*headers, ("From", sender), ("To", LPSE), *(("Reply-To", value) for value in reply_to)]
    named += [("Subject", subject), ("Message-ID", f"<{secrets.token_hex(8)}@situs.test>")]
    office.drop("\r\n".join([*(f"{name}: {value}" for name, value in named), "", text, ""]).encode())
    assert office.once()


def users(office: PaperWorld) -> list[str]:
    return [str(row["user_address"]) for row in office.rows("SELECT user_address FROM tickets ORDER BY id")]


def outside(office: PaperWorld) -> list[tuple[str, str]]:
    """(recipient, template) of every mail that is for none of the LPSE's people."""
    inside = [PEOPLE[who] for who in ("petugas", "rekan", "koordinator", "kepala", "operator")]
    rows = office.rows("SELECT recipient, template FROM outbox ORDER BY id")
    return [(row["recipient"], row["template"]) for row in rows if row["recipient"] not in inside]


# --- aliases ----------------------------------------------------------------------------------------


def test_a_mail_to_an_alias_alone_is_a_mail_to_us(office: PaperWorld) -> None:
    opened(office, to=ALIAS)
    assert outside(office) == [(BUDI, "user_acknowledgement")]
    assert f"<{LPSE}>" in str(office.last("pengguna").message["From"])


def test_an_alias_in_cc_names_us_only_in_cc(office: PaperWorld) -> None:
    opened(office, to="dinas@batangkab.test", cc=ALIAS)
    assert outside(office) == []
    assert "tembusan" in office.last("petugas").text


@pytest.mark.parametrize("proof", [(), (PASS,)])
def test_a_mail_from_an_alias_is_our_own_and_never_answered(office: PaperWorld, proof: tuple[Any, ...]) -> None:
    office.write(ALIAS, "Mohon bantuan.", headers=proof)
    assert office.once()
    assert (users(office), outside(office)) == ([], [])
    assert disposition(office)[1] == "own"


def test_an_alias_at_a_provider_makes_the_providers_hosts_none_of_ours(tmp_path: Path) -> None:
    """What stands below a line of a foreign host was written outside, whatever else that host's domain is to us."""
    world = PaperWorld(tmp_path, aliases=["lpse.batang@surel.test"], authentication={"authserv_id": BORDER})
    headers = [
        ("Received", "from x by mx.surel.test; Mon, 21 Dec 2026 08:00:00 +0700"),
        ("Authentication-Results", f"{BORDER}; dmarc=pass header.from=batangkab.test"),
    ]
    world.write("petugas", "#status", headers=headers, subject="Status")
    assert world.once()
    assert disposition(world)[0] == "quarantined"
    world.store.close()


# --- forms: who the user is ---------------------------------------------------------------------------


def test_the_user_of_a_forms_mail_is_whom_its_reply_to_names(office: PaperWorld) -> None:
    fill_in(office, f"Budi Santoso <{BUDI}>")
    assert users(office) == [BUDI]
    assert outside(office) == [(BUDI, "user_acknowledgement")]
    notice = office.last("petugas", "staff_new_ticket")
    assert f"dikirim melalui formulir web {WEB}; alamat pengguna belum terbukti" in " ".join(notice.text.split())


def test_the_acknowledgement_of_a_forms_mail_repeats_nothing(office: PaperWorld) -> None:
    fill_in(office, f"Kunjungi-jahat <{BUDI}>", text="Kunjungi-jahat", subject="Kunjungi-jahat")
    found = office.last("pengguna")
    assert found.subject == f"[{number(office)}] Tanda terima"
    assert b"jahat" not in found.raw


def test_a_forms_users_are_capped_like_all_who_are_not_proven(office: PaperWorld) -> None:
    words = ("Lupa kata sandi.", "Dokumen gagal diunggah.", "Kapan tender dibuka?", "Apendo galat.", "Ganti surel.")
    for n, text in enumerate(words):
        fill_in(office, BUDI, text=text, subject=f"Pesan {n}")
        minutes_later(office, 10)  # not at once, as a robot
    assert len(users(office)) == 5
    assert len(office.letters("pengguna")) == 3
    assert {row["answers"] for row in office.rows("SELECT answers FROM outbox WHERE party = 'user'")} == {"unproven"}


NOBODY = [
    (),
    (f"{BUDI}, {PEOPLE['orang luar']}",),
    (f"{BUDI} <{PEOPLE['orang luar']}>",),
    ("=?utf-8?q?budi?=@penyedia.test",),
    (f"Tim: {BUDI};",),
    (f"{BUDI} (Budi)",),
    ("budi",),
    (PEOPLE["petugas"],),
    (PEOPLE["koordinator"],),
    (PEOPLE["kepala"],),
    (PEOPLE["operator"],),
    (PEOPLE["lkpp"],),
    (LPSE,),
    (ALIAS,),
    (WEB,),
]  # fmt: skip


@pytest.mark.parametrize("reply_to", NOBODY)
def test_a_form_without_one_users_address_gets_a_ticket_and_nobody_an_answer(
    office: PaperWorld, reply_to: tuple[str, ...]
) -> None:
    fill_in(office, *reply_to)
    assert (users(office), outside(office)) == ([WEB], [])
    assert "#pengguna ALAMAT" in office.last("petugas", "staff_new_ticket").text


def test_two_reply_to_lines_are_read_in_two_ways_and_name_nobody(office: PaperWorld) -> None:
    fill_in(office, BUDI, PEOPLE["orang luar"])
    assert users(office) == [WEB]
    assert {recipient for recipient, _ in outside(office)} <= {WEB}


FORGED = [
    [results("fail", "batangkab.test")],
    [("Authentication-Results", f"{BORDER}; dmarc=none header.from=batangkab.test; spf=pass")],
    [("Authentication-Results", f"{BORDER}; dmarc=pass header.from=jahat.test")],
    [("Received", "from x by mx.jahat.test; Mon, 21 Dec 2026 08:00:00 +0700"), PASS],
    [PASS, ("From", "Mallory <mallory@luar.test>")],
]


@pytest.mark.parametrize("headers", FORGED)
def test_a_forged_forms_mail_makes_nobody_a_user(office: PaperWorld, headers: list[tuple[str, str]]) -> None:
    fill_in(office, BUDI, headers=headers)
    assert BUDI not in users(office)
    assert BUDI not in {recipient for recipient, _ in outside(office)}


def test_a_form_is_known_by_its_whole_address_alone(office: PaperWorld) -> None:
    for sender in (f"x{WEB}", f"{WEB}.luar.test", f'"{WEB}" <mallory@luar.test>'):
        fill_in(office, BUDI, sender=sender, headers=[])
    assert set(users(office)) == {f"x{WEB}", f"{WEB}.luar.test", "mallory@luar.test"}


def test_where_the_server_adds_no_results_a_form_is_believed_to_be_one(tmp_path: Path) -> None:
    world = PaperWorld(tmp_path, forms=[{"from": WEB}])
    fill_in(world, BUDI, headers=[])
    assert users(world) == [BUDI]
    assert world.last("pengguna").subject.endswith("Tanda terima")
    world.store.close()


@pytest.mark.parametrize("address", ["noreply@batangkab.test", "wordpress@batangkab.test"])
@pytest.mark.parametrize("words", ["Kami lupa kata sandi.", "E-mail ini dikirim secara otomatis, mohon tidak dibalas."])
def test_a_machines_address_and_words_keep_a_forms_mail_from_no_ticket(
    tmp_path: Path, address: str, words: str
) -> None:
    world = PaperWorld(tmp_path, forms=[{"from": address}], authentication={"authserv_id": BORDER})
    fill_in(world, BUDI, sender=address, text=words)
    assert outside(world) == [(BUDI, "user_acknowledgement")]
    world.store.close()


def test_a_forms_mail_that_says_it_is_automatic_gets_a_ticket_and_no_answer(office: PaperWorld) -> None:
    fill_in(office, BUDI, headers=[PASS, ("Auto-Submitted", "auto-generated")])
    assert (users(office), outside(office)) == ([BUDI], [])


# --- forms: what such a mail may do on a ticket ---------------------------------------------------------


def _after(office: PaperWorld, stage: Callable[[PaperWorld], Letter], text: str) -> None:
    stage(office)
    fill_in(office, BUDI, text=text, subject=f"[{number(office)}] Pesan dari situs")


def test_a_form_filled_in_with_a_users_address_does_not_close_his_ticket(office: PaperWorld) -> None:
    _after(office, resolved, "SELESAI")
    assert office.status() == "resolved"
    assert office.last("petugas").template == "staff_user_reply"


def test_a_form_filled_in_with_a_users_address_sends_lkpp_nothing(office: PaperWorld) -> None:
    headers = [results("pass", "lkpp.test")]
    opened(office, headers=[results("pass", "penyedia.test")])
    office.write("petugas", "#eskalasi Login gagal.", answers=office.last("petugas"), headers=[PASS])
    assert office.once()
    office.write("lkpp", "Mohon dilengkapi kode tender.", answers=office.last("lkpp"), headers=headers)
    assert office.once()
    assert office.status() == "awaiting_data"
    before = len(office.letters("lkpp"))
    fill_in(office, BUDI, text="Kode tender 87654321.", subject=f"[{number(office)}] Data")
    assert (office.status(), len(office.letters("lkpp"))) == ("awaiting_data", before)
    assert {row["kind"] for row in office.rows("SELECT kind FROM texts WHERE body LIKE '%87654321%'")} == {"unverified"}


def test_a_form_filled_in_with_a_strangers_address_reaches_no_ticket(office: PaperWorld) -> None:
    opened(office)
    fill_in(office, PEOPLE["orang luar"], subject=f"[{number(office)}] Pesan dari situs")
    assert users(office) == [BUDI, PEOPLE["orang luar"]]
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]


# --- the pure part ---------------------------------------------------------------------------------------


def mail(*reply_to: str) -> Message:
    headers = tuple(("Reply-To", value) for value in reply_to)
    return Message(
        headers=headers, subject="", from_=(NamedAddress("Web", WEB),), reply_to=(NamedAddress("Budi", BUDI),)
    )


@pytest.mark.parametrize(
    "sender",
    [
        Sender(address=WEB, verdict=Verdict.FAIL),
        Sender(address=WEB, role=Role.STAFF, verdict=Verdict.PASS),
        Sender(address="lain@batangkab.test", verdict=Verdict.PASS),
        Sender(address="", verdict=Verdict.ABSENT),
    ],
)
def test_a_mail_of_no_proven_form_stays_as_it_is(sender: Sender) -> None:
    given = mail(BUDI)
    assert read(given, sender, [WEB], lambda _: False) == (given, sender, None)


def test_a_forms_mail_becomes_its_users(office: PaperWorld) -> None:
    message, sender, form = read(mail(BUDI.upper()), Sender(address=WEB), [WEB], lambda _: False)
    assert (message.from_, form) == ((NamedAddress("Budi", BUDI),), Form(WEB))
    assert (sender.address, sender.name, sender.role, sender.verdict) == (BUDI, "Budi", Role.USER, Verdict.FAIL)
