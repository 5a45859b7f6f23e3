"""Mails that claim to be a member of staff's or LKPP's and are not: none is carried out, none reaches user or LKPP.

Each is tried twice, without a token and with a stolen one that is good (the Message-ID of a notice to that very
address), and the listed address is told of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime, make_msgid
from pathlib import Path

import pytest

from tests.mailservers import MailServers
from tests.steps import BORDER, links, minutes_later, number, opened
from tests.world import LPSE, NO_CAPS, PEOPLE, Letter, PaperWorld, World

SARI = f"From: Sari <{PEOPLE['petugas']}>"
MALLORY = "From: Mallory <mallory@luar.test>"
LKPP = f"From: Helpdesk LKPP <{PEOPLE['lkpp']}>"
OURS = f"Authentication-Results: {BORDER}; "
RECEIVED = f"Received: from evil.luar.test by {BORDER} with ESMTP; Mon, 21 Dec 2026 08:00:00 +0700"
FAIL = f"{OURS}dmarc=fail header.from=batangkab.test"
PASS = f"{OURS}dmarc=pass header.from=batangkab.test"
HIS = f"{OURS}dmarc=pass header.from=luar.test"  # Mallory's own domain passes, as it should
DKIM = f"{OURS}dkim=pass header.d=batangkab.test"
SIGNATURE = "DKIM-Signature: v=1; a=rsa-sha256; d=batangkab.test; s=a; h={h}; bh=x; b=y{more}"


@dataclass(frozen=True)
class Forgery:
    """The headers above the border's Received line, those that came with the mail, and whether Sari is told."""

    above: tuple[str, ...]
    below: tuple[str, ...]
    warned: bool = True


def by(above: str, *below: str, warned: bool = True) -> Forgery:
    return Forgery((above,) if above else (), below or (SARI,), warned)


RESULTS = {
    "the border says fail": by(FAIL),
    "a forged pass below the border's fail": by(FAIL, PASS, SARI),
    "a forged pass with its name in capitals": by(FAIL, PASS.upper(), SARI),
    "a forged pass with a blank before the colon": by(FAIL, PASS.replace("Results:", "Results :"), SARI),
    "a forged pass that is folded": by(FAIL, f"Authentication-Results:\r\n {BORDER};\r\n\tdmarc=pass", SARI),
    "a forged pass below a foreign server": Forgery((RECEIVED.replace("mx.batangkab", "mx.luar"), PASS), (SARI,)),
    "pass inside a comment": by(f"{OURS}spf=fail (dmarc=pass header.from=batangkab.test)"),
    "pass inside a comment that never ends": by(f"{OURS}spf=fail (x; dmarc=pass header.from=batangkab.test"),
    "pass inside a nested comment": by(f"{OURS}spf=fail (a (b) ; dmarc=pass header.from=batangkab.test)"),
    "pass inside a quoted path": by(f'{OURS}spf=fail smtp.mailfrom="x; dmarc=pass header.from=batangkab.test"'),
    "pass inside a HELO": by(f'{OURS}spf=none smtp.helo="luar.test; dkim=pass header.d=batangkab.test"'),
    "pass inside a quoted string that never ends": by(
        f'{OURS}spf=fail reason="; dmarc=pass header.from=batangkab.test'
    ),
    "pass for another domain": by(f"{OURS}dmarc=pass header.from=luar.test"),
    "pass for two domains": by(f"{OURS}dmarc=pass header.from=batangkab.test header.from=luar.test"),
    "two dmarc results": by(f"{OURS}dmarc=pass header.from=batangkab.test; dmarc=fail header.from=batangkab.test"),
    "a stranger's signature": by(f"{OURS}dkim=pass header.d=luar.test"),
    "a signature of a domain that begins alike": by(f"{OURS}dkim=pass header.d=batangkab.test.luar.test"),
    "a signature of a domain that ends alike": by(f"{OURS}dkim=pass header.d=xbatangkab.test"),
    "a signature of all of .test": by(f"{OURS}dkim=pass header.d=test"),
    "a signature over a part of the text": by(DKIM, SIGNATURE.format(h="from:subject:date", more="; l=0"), SARI),
    "a signature over a part, folded": by(
        DKIM, SIGNATURE.format(h="from:subject:date", more=";\r\n\tl\r\n =\r\n 9"), SARI
    ),
    "a signature that leaves the subject out": by(DKIM, SIGNATURE.format(h="from:to:date", more=""), SARI),
    "a signature that leaves the date out": by(PASS, SIGNATURE.format(h="From:To:Subject", more=""), SARI),
    "only spf passes": by(f"{OURS}spf=pass smtp.mailfrom={PEOPLE['petugas']}"),
    "dmarc has no answer": by(f"{OURS}dmarc=temperror header.from=batangkab.test"),
    "the border made no checks": by(f"{OURS}none"),
    "results nobody can read": by(f"{OURS}dmarc==pass header.from=batangkab.test"),
}
FROMS = {
    "an address in the name": by(HIS, f"From: {PEOPLE['petugas']} <mallory@luar.test>", warned=False),
    "two addresses": by(HIS, f"From: {PEOPLE['petugas']}, mallory@luar.test"),
    "a group": by(HIS, f"From: Tim: {PEOPLE['petugas']};"),
    "two lines": by(HIS, SARI, MALLORY),
    "two lines, the other way round": by(PASS, MALLORY, SARI),
    "a line with a blank before its colon": by(HIS, SARI.replace("From:", "From :"), MALLORY),
    "a comment": by(HIS, f"From: {PEOPLE['petugas']} (mallory@luar.test)"),
    "an encoded word for an address": by(
        HIS, "From: =?utf-8?Q?sari=40batangkab=2Etest?= <mallory@luar.test>", warned=False
    ),
    "an encoded word within the address": by(PASS, "From: <=?utf-8?Q?sari?=@batangkab.test>"),
    "a route": by(PASS, f"From: <@luar.test:{PEOPLE['petugas']}>"),
    "a quoted local part": by(PASS, 'From: "sari"@batangkab.test'),
    "a letter of another script": by(HIS, "From: s\u0430ri@batangkab.test"),
    "a bare carriage return": by(HIS, f"{MALLORY}\rFrom: {PEOPLE['petugas']}"),
    "the sender line": by(HIS, MALLORY, f"Sender: {PEOPLE['petugas']}", f"Reply-To: {PEOPLE['petugas']}", warned=False),
    "resent headers": by(HIS, f"Resent-From: {PEOPLE['petugas']}", MALLORY, warned=False),
    "mailbot's own headers": by(
        HIS, "X-Mailbot-Template: staff_receipt", "X-Mailbot-Role: staff", MALLORY, warned=False
    ),
}
ABSENT = {
    "no results at all": by(""),
    "another server's results": by(
        "", "Authentication-Results: mx.luar.test; dmarc=pass header.from=batangkab.test", SARI
    ),
    "a server whose name begins alike": by("", PASS.replace(BORDER, f"{BORDER}.luar.test"), SARI),
}
CASES = [
    *((name, one, "token") for name, one in {**RESULTS, **FROMS}.items()),
    *((name, one, "confirm") for name, one in ABSENT.items()),
    *((name, one, "refuse") for name, one in ABSENT.items()),
]
COMMANDS = ("#jawab KENARI transfer ke rekening kami.", "#eskalasi KENARI", "#tutup KENARI", "#info KENARI")


@pytest.fixture(scope="module")
def notices(offices: dict[str, PaperWorld]) -> dict[str, Letter]:
    """What Sari was told of the ticket, read once."""
    return {policy: office.letters("petugas")[0] for policy, office in offices.items()}


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, PaperWorld]]:
    """One office for each policy, with a ticket; what is forged changes nothing, so that all share them."""
    found = {}
    for policy in ("token", "confirm", "refuse"):
        settings = {"authserv_id": BORDER, "without_results": policy}
        office = found[policy] = PaperWorld(tmp_path_factory.mktemp(policy), authentication=settings, limits=NO_CAPS)
        opened(office)
    yield found
    for office in found.values():
        office.store.close()


def raw(forgery: Forgery, office: PaperWorld | World, body: str, stolen: Letter | None) -> bytes:
    lines = [
        *forgery.above,
        RECEIVED,
        *forgery.below,
        f"To: {LPSE}",
        f"Subject: [{number(office)}] Tidak bisa login",
        f"Date: {format_datetime(office.now)}",
        f"Message-ID: {make_msgid(domain='luar.test')}",
        *([f"In-Reply-To: {stolen.message_id}", f"References: {stolen.message_id}"] if stolen else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        body,
    ]
    return "\r\n".join(lines).encode()


def told(office: PaperWorld | World) -> int:
    """How often Sari was told of a mail in her name."""
    sql = "SELECT count(*) AS n FROM outbox WHERE recipient = ? AND template IN ('staff_quarantine', 'staff_confirm')"
    return int(office.rows(sql, PEOPLE["petugas"])[0]["n"])


def state(office: PaperWorld | World) -> list[object]:
    """What a forged mail must not change: the ticket, its history, and what its user and LKPP get."""
    ticket = office.rows("SELECT status, handler, priority, lkpp_number FROM tickets WHERE id = 1")[0]
    done = office.rows("SELECT count(*) AS n FROM history WHERE ticket_id = 1")[0]["n"]
    sql = "SELECT count(*) AS n FROM outbox WHERE recipient IN (?, ?)"
    return [*dict(ticket).values(), done, office.rows(sql, PEOPLE["pengguna"], PEOPLE["lkpp"])[0]["n"]]


def reached(office: PaperWorld | World, after: int) -> set[str]:
    """Whom the canary reached in mails beyond the outbox row `after`."""
    return {str(row["recipient"]) for row in office.sent("id > ?", after) if b"KENARI" in row["raw"]}


@pytest.mark.parametrize("stolen", ["", "reply", "link"])
@pytest.mark.parametrize(("name", "forgery", "policy"), CASES, ids=[f"{name} ({policy})" for name, _, policy in CASES])
def test_a_forged_mail_does_nothing_and_the_listed_address_is_told(
    offices: dict[str, PaperWorld],
    notices: dict[str, Letter],
    name: str,
    forgery: Forgery,
    policy: str,
    stolen: str,
) -> None:
    office, notice = offices[policy], notices[policy]
    with office.store.immediate():  # each as if it were the first of its hour
        office.store.execute("DELETE FROM warnings WHERE key LIKE 'quarantine:%'")
        office.store.execute("DELETE FROM codes WHERE command = 'confirm'")
    before, warned = state(office), told(office)
    last = office.rows("SELECT max(id) AS id FROM outbox")[0]["id"]
    body = COMMANDS[len(name) % len(COMMANDS)]
    if stolen == "link":
        body = links(notice)["#ambil"]
    office.drop(raw(forgery, office, body, notice if stolen == "reply" else None))
    assert office.once()
    assert state(office) == before
    assert (told(office) > warned) is forgery.warned
    assert reached(office, last) <= {PEOPLE["petugas"], PEOPLE["rekan"]}


def test_there_are_forty_and_more_of_them() -> None:
    assert len(CASES) >= 40


def test_the_very_same_mail_with_the_border_s_pass_is_carried_out(tmp_path: Path) -> None:
    """Otherwise the tests above could not fail."""
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    notice = opened(office)
    office.drop(raw(by(PASS), office, COMMANDS[0], notice))
    office.once()
    assert office.status() == "resolved"
    minutes_later(office, 3)
    assert "KENARI" in office.last("pengguna", "user_answer").text
    office.store.close()


def test_forty_forged_mails_in_one_hour_are_told_of_once(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    notice = opened(office)
    for _ in range(40):
        office.drop(raw(by(FAIL), office, COMMANDS[0], notice))
    office.once()
    assert told(office) == 1
    assert office.rows("SELECT count(*) AS n FROM journal WHERE state = 'quarantined'")[0]["n"] == 40
    office.store.close()


# --- LKPP ------------------------------------------------------------------------------------------------


LKPP_FAILS = f"{OURS}dmarc=fail header.from=lkpp.test"
LKPPS = {
    "the border says fail": by(LKPP_FAILS, LKPP),
    "pass for another domain": by(HIS, LKPP),
    "a forged pass below the border's fail": by(LKPP_FAILS, f"{OURS}dmarc=pass header.from=lkpp.test", LKPP),
    "a subdomain": by(f"{OURS}dmarc=pass header.from=x.lkpp.test", "From: helpdesk@x.lkpp.test"),
    "LKPP in the name": by(HIS, f'From: "{PEOPLE["lkpp"]}" <mallory@luar.test>'),
    "no results and no mail of ours": by("", LKPP),
    "a signature over a part of the text": by(
        f"{OURS}dkim=pass header.d=lkpp.test",
        SIGNATURE.format(h="from:subject:date", more="; l=9").replace("batangkab", "lkpp"),
        LKPP,
    ),
}


@pytest.mark.parametrize("forgery", LKPPS.values(), ids=LKPPS)
@pytest.mark.parametrize("words", ["Permasalahan sudah diselesaikan. KENARI", "Mohon dilengkapi KENARI, screenshot."])
def test_what_only_claims_to_be_lkpp_goes_to_staff_and_no_further(tmp_path: Path, forgery: Forgery, words: str) -> None:
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    notice = opened(office)
    office.drop(raw(by(PASS), office, "#eskalasi Login gagal.", notice))
    office.once()
    escalation = office.last("lkpp", "lkpp_escalation")
    before = state(office)
    stolen = None if forgery is LKPPS["no results and no mail of ours"] else escalation
    office.drop(raw(forgery, office, words, stolen))
    office.once()
    assert state(office) == before
    assert PEOPLE["petugas"] in reached(office, 0) <= {PEOPLE["petugas"], PEOPLE["rekan"]}
    office.store.close()


# --- over the servers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "kind"), [("refuse", "staff_quarantine"), ("confirm", "staff_confirm")])
def test_the_same_over_the_servers(servers: MailServers, tmp_path: Path, policy: str, kind: str) -> None:
    world = World(servers, tmp_path, authentication={"without_results": policy})
    world.write("pengguna", "Kami tidak bisa login.", subject="Login")
    assert world.once()
    before, notice = state(world), world.last("petugas", "staff_new_ticket")
    names = ("two lines", "a group", "an address in the name", "a bare carriage return")
    for forgery in (by("", PASS, SARI), *(FROMS[name] for name in names)):
        servers.deliver(raw(Forgery((), forgery.below), world, COMMANDS[0], notice), LPSE, "mallory@luar.test")
    assert world.once()
    assert state(world) == before
    assert kind in [letter.template for letter in world.letters("petugas")]
    assert all(b"KENARI" not in letter.raw for who in ("pengguna", "lkpp") for letter in world.letters(who))
