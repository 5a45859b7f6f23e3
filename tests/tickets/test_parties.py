"""Who a ticket's user is: `#pengguna` puts another in his place, `#baru` opens a ticket for somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailbot.parsers.commands.command_lines import read
from tests.steps import (
    BORDER,
    closed,
    data_requested,
    disposition,
    escalated,
    flat,
    minutes_later,
    number,
    opened,
    resolved,
    results,
    staff_writes,
    templates,
)
from tests.world import LPSE, PEOPLE, Letter, PaperWorld

BUDI, MALLORY, SARI = PEOPLE["pengguna"], PEOPLE["orang luar"], PEOPLE["petugas"]
NEW = "budi.kantor@penyedia.test"
LATER = "2026-12-21T01:30:00.000000+00:00"
PASS = results("pass", "batangkab.test")


def confirmed(office: PaperWorld, text: str, answers: Letter | None = None, **more: Any) -> Letter:
    """Sari commands, is asked for a code, and sends it back; what she gets then."""
    assert staff_writes(office, text, answers, **more) == "staff_confirm"
    asked = office.last("petugas", "staff_confirm")
    return sends_code(office, asked)


def sends_code(office: PaperWorld, asked: Letter) -> Letter:
    code = re.search(r"^Kode: [A-Z2-7-]{23}", asked.text, re.MULTILINE)
    assert code is not None
    office.new_letters("petugas")
    office.write("petugas", code[0], answers=asked, quote=False)
    assert office.once()
    return office.new_letters("petugas")[-1]


def ticket(office: PaperWorld, one: str = "") -> dict[str, Any]:
    return dict(office.rows("SELECT * FROM tickets WHERE number = ?", one or number(office))[0])


def parties(office: PaperWorld) -> set[str]:
    return {str(row["address"]) for row in office.rows("SELECT address FROM parties")}


# --- how an address is written ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "address", "name"),
    [
        ("#pengguna budi@contoh.id", "budi@contoh.id", ""),
        ("#PENGGUNA Budi@Contoh.ID.", "budi@contoh.id", ""),
        ("#user: <budi@contoh.id>", "budi@contoh.id", ""),
        ("#pengguna Budi Santoso <budi@contoh.id>", "budi@contoh.id", "Budi Santoso"),
        ('#pengguna "Budi Santoso" <budi@contoh.id>', "budi@contoh.id", "Budi Santoso"),
        ("#pengguna budi@contoh.id <mailto:budi@contoh.id>", "budi@contoh.id", ""),
        ("#pengguna Budi [mailto:budi@contoh.id]", "budi@contoh.id", "Budi"),
    ],
)
def test_an_address_is_read_as_mail_programs_write_it(line: str, address: str, name: str) -> None:
    [command] = read(line).commands
    assert (command.name, command.argument, command.text) == ("user", address, name)


@pytest.mark.parametrize(
    "rest", ["", "Budi", "budi@contoh.id siti@contoh.id", "budi@contoh.id@luar.id", "budi@", "@contoh.id", "x" * 600]
)
def test_what_is_not_one_address_is_refused(rest: str) -> None:
    found = read(f"#pengguna {rest}")
    assert found.fault is not None and "satu alamat" in found.fault.sentence


# --- #pengguna ------------------------------------------------------------------------------------------


def test_pengguna_puts_another_address_in_the_place_of_the_user(office: PaperWorld) -> None:
    opened(office)
    receipt = confirmed(office, f"#pengguna {NEW}")
    assert receipt.template == "staff_receipt"
    assert f"Pengguna sebelumnya {BUDI}, kini {NEW}" in flat(receipt)
    assert (ticket(office)["user_address"], parties(office)) == (NEW, {NEW})
    staff_writes(office, "#jawab Silakan coba lagi.", office.last("petugas", "staff_receipt"))
    minutes_later(office, 4)
    assert "Silakan coba lagi." in office.last(NEW, "user_answer").text
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]


def test_pengguna_always_waits_for_a_code(tmp_path: Path) -> None:
    """Whatever the mail proves: results that pass, and a reply to a notice of ours."""
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    notice = opened(office, headers=[results("pass", "penyedia.test")])
    assert staff_writes(office, f"#pengguna {NEW}", notice, headers=[PASS]) == "staff_confirm"
    assert ticket(office)["user_address"] == BUDI
    assert "pengguna tiket akan diganti" in flat(office.last("petugas")).lower()
    assert f"#pengguna {NEW}" in flat(office.last("petugas"))
    office.store.close()


def test_the_new_user_is_not_greeted_by_the_old_addresses_name(office: PaperWorld) -> None:
    opened(office, text="Kami tidak bisa login.", sender=f"Budi Lama <{BUDI}>")
    confirmed(office, f"#pengguna Siti Baru <{NEW}>")
    staff_writes(office, "#info Sedang diperiksa.", office.last("petugas", "staff_receipt"))
    minutes_later(office, 4)
    assert "Siti Baru" in office.last(NEW, "user_info").text
    assert "Budi Lama" not in office.last(NEW, "user_info").text


def test_without_a_name_nobodys_name_is_taken(office: PaperWorld) -> None:
    opened(office, text="Kami tidak bisa login.", sender=f"Budi Lama <{BUDI}>")
    confirmed(office, f"#pengguna {NEW}")
    staff_writes(office, "#info Sedang diperiksa.", office.last("petugas", "staff_receipt"))
    minutes_later(office, 4)
    assert b"Budi Lama" not in office.last(NEW, "user_info").raw


def test_an_answer_that_still_waits_for_the_old_user_is_taken_back(office: PaperWorld) -> None:
    notice = opened(office)
    staff_writes(office, "#jawab Kata sandi sementara: Rahasia.", notice)
    assert office.status() == "resolved"
    receipt = confirmed(office, f"#pengguna {NEW}", notice)
    assert "tidak jadi dikirim" in flat(receipt)
    assert office.status() == "new"
    minutes_later(office, 60)
    assert templates(office.letters("pengguna")) == ["user_acknowledgement"]
    assert office.letters(NEW) == []


def test_what_is_held_for_the_old_user_never_leaves(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, limits={"acknowledgements_unproven_per_hour": 0})
    opened(office)
    assert office.letters("pengguna") == []
    receipt = confirmed(office, f"#pengguna {NEW}")
    assert f"Tanda terima untuk {BUDI} ditarik" in flat(receipt)
    assert {row["state"] for row in office.rows("SELECT state FROM outbox WHERE party = 'user'")} == {"cancelled"}
    office.store.close()


def test_what_may_have_left_for_the_old_user_is_held(office: PaperWorld) -> None:
    opened(office)
    row = office.rows("SELECT id FROM outbox WHERE party = 'user'")[0]
    with office.store.immediate():
        office.store.update("outbox", row["id"], state="uncertain", accepted_at=None, next_try_at=LATER)
    receipt = confirmed(office, f"#pengguna {NEW}")
    assert "mungkin sudah sampai; kini ditahan" in flat(receipt)
    found = dict(office.rows("SELECT state, held, held_by FROM outbox WHERE id = ?", row["id"])[0])
    assert found == {"state": "uncertain", "held": 1, "held_by": "hand"}


@pytest.mark.parametrize("named", ["reply", "tag"])
def test_the_old_user_is_a_stranger_to_the_ticket_from_then_on(office: PaperWorld, named: str) -> None:
    answer = resolved(office)
    one = number(office)
    confirmed(office, f"#pengguna {NEW}", office.last("petugas", "staff_new_ticket"))
    before = len(office.rows("SELECT 1 FROM texts x JOIN tickets t ON t.id = x.ticket_id WHERE t.number = ?", one))
    reply = {"answers": answer} if named == "reply" else {"subject": f"Re: [{one}] Tidak bisa login"}
    office.write("pengguna", "SELESAI, terima kasih", **reply)
    assert office.once()
    assert office.status(one) == "resolved"
    assert number(office) != one
    after = len(office.rows("SELECT 1 FROM texts x JOIN tickets t ON t.id = x.ticket_id WHERE t.number = ?", one))
    assert after == before
    assert f"menyebut tiket {one}" in flat(office.last("petugas", "staff_new_ticket"))
    assert office.letters(NEW) == []


def test_the_new_user_is_at_home_in_the_ticket(office: PaperWorld) -> None:
    resolved(office)
    one = number(office)
    confirmed(office, f"#pengguna {NEW}", office.last("petugas", "staff_new_ticket"))
    office.write(NEW, "SELESAI, terima kasih", subject=f"Re: [{one}] Tidak bisa login", sender=NEW)
    assert office.once()
    assert office.status(one) == "closed"


@pytest.mark.parametrize(
    "address",
    [
        *(LPSE, SARI, PEOPLE["rekan"], PEOPLE["koordinator"], PEOPLE["kepala"], PEOPLE["operator"], PEOPLE["lkpp"]),
        *("tim.teknis@lkpp.test", BUDI, "budi..x@penyedia.test", "büdi@penyedia.test", "budi@penyedia_x.test"),
    ],
)
def test_pengguna_is_refused_for_an_address_that_can_be_no_users(office: PaperWorld, address: str) -> None:
    notice = opened(office)
    staff_writes(office, f"#pengguna {address}", notice)
    found = office.last("petugas")
    if found.template == "staff_confirm":
        found = sends_code(office, found)
    assert found.template in ("staff_receipt", "staff_quarantine")
    assert (ticket(office)["user_address"], parties(office)) == (BUDI, {BUDI})


def test_pengguna_is_refused_on_a_closed_ticket(office: PaperWorld) -> None:
    closed(office)
    receipt = confirmed(office, f"#pengguna {NEW}", office.last("petugas", "staff_new_ticket"))
    assert "sudah ditutup" in flat(receipt)
    assert ticket(office)["user_address"] == BUDI


@pytest.mark.parametrize(
    "headers",
    [
        [results("fail", "batangkab.test")],
        [("Authentication-Results", f"{BORDER}; dmarc=none; spf=pass")],
    ],
)
def test_a_forged_pengguna_changes_nothing_and_asks_for_no_code(tmp_path: Path, headers: list[Any]) -> None:
    office = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    notice = opened(office)
    office.write("orang luar", f"#pengguna {MALLORY}", answers=notice, sender=f"Sari <{SARI}>", headers=headers)
    assert office.once()
    assert disposition(office)[0] == "quarantined"
    assert ticket(office)["user_address"] == BUDI
    assert "staff_confirm" not in templates(office.letters("petugas"))
    office.store.close()


def test_a_forged_pengguna_without_results_is_asked_about_and_shows_what_it_would_do(office: PaperWorld) -> None:
    notice = opened(office)
    office.write("orang luar", f"#pengguna {MALLORY}", answers=notice, sender=f"Sari <{SARI}>")
    assert office.once()
    asked = office.last("petugas", "staff_confirm")
    assert f"#pengguna {MALLORY}" in asked.text
    assert office.letters("orang luar") == []
    office.write("orang luar", f"Kode: {'A' * 5}-{'A' * 5}-{'A' * 5}-{'A' * 5}", answers=asked, sender=SARI)
    assert office.once()
    assert ticket(office)["user_address"] == BUDI


def test_a_users_pengguna_is_text(office: PaperWorld) -> None:
    opened(office)
    office.write("pengguna", f"#pengguna {MALLORY}", answers=office.last("pengguna"))
    assert office.once()
    assert ticket(office)["user_address"] == BUDI


def test_a_colleague_who_has_not_seen_it_is_asked_before_he_answers_the_new_user(office: PaperWorld) -> None:
    notice = opened(office)
    other = office.last("rekan", "staff_new_ticket")
    office.now = office.now.replace(minute=office.now.minute + 1)
    confirmed(office, f"#pengguna {NEW}", notice)
    office.write("rekan", "#jawab Silakan Bapak Budi.", answers=other)
    assert office.once()
    assert office.last("rekan").template == "staff_confirm"
    assert "Sari" in office.last("rekan").text


def test_lkpps_request_goes_to_the_new_user(office: PaperWorld) -> None:
    escalation = escalated(office)
    confirmed(office, f"#pengguna {NEW}", office.last("petugas", "staff_new_ticket"))
    office.write("lkpp", "Mohon dilengkapi screenshot dan kode tender.", answers=escalation)
    assert office.once()
    minutes_later(office, 3)
    assert templates(office.letters(NEW)) == ["user_data_request"]
    assert "user_data_request" not in templates(office.letters("pengguna"))


def test_the_old_users_data_goes_nowhere(office: PaperWorld) -> None:
    request = data_requested(office)
    one, sent = number(office), len(office.letters("lkpp"))
    confirmed(office, f"#pengguna {NEW}", office.last("petugas", "staff_new_ticket"))
    office.write("pengguna", "Kode tender 87654321.", answers=request, files=[("rahasia.png", b"x")])
    assert office.once()
    assert (office.status(one), len(office.letters("lkpp"))) == ("awaiting_data", sent)
    assert office.letters(NEW) == []


# --- #baru -----------------------------------------------------------------------------------------------

FORWARD = f"""

---------- Forwarded message ---------
Dari: Budi Santoso <{BUDI}>
Date: Sen, 21 Des 2026 pukul 08.00
Subject: Tidak bisa login
To: Sari <{SARI}>

Yth. Ibu Sari, kami tidak bisa login SPSE sejak pagi.
Nama: Budi Santoso
Instansi: CV Contoh
HP: 081234567890
"""


@pytest.fixture
def border(tmp_path: Path) -> Iterator[PaperWorld]:
    world = PaperWorld(tmp_path, authentication={"authserv_id": BORDER})
    yield world
    world.store.close()


def forwards(office: PaperWorld, text: str, **more: Any) -> list[Letter]:
    """Sari forwards a mail, her results pass; what she gets."""
    office.new_letters("petugas")
    more.setdefault("headers", [PASS])
    office.write("petugas", text, subject=more.pop("subject", "Fwd: Tidak bisa login"), **more)
    assert office.once()
    return office.new_letters("petugas")


def body_of(office: PaperWorld, kind: str = "mail") -> str:
    rows = office.rows("SELECT body FROM texts WHERE kind = ? ORDER BY id DESC LIMIT 1", kind)
    return str(rows[0]["body"]) if rows else ""


def test_baru_opens_a_ticket_out_of_the_forwarded_mail(border: PaperWorld) -> None:
    found = forwards(border, f"#baru {BUDI}{FORWARD}", files=[("layar.png", b"\x89PNG\r\n\x1a\n")])
    assert sorted(templates(found)) == ["staff_new_ticket", "staff_receipt"]
    one = ticket(border)
    assert (one["user_address"], one["user_name"], one["subject"]) == (BUDI, "Budi Santoso", "Tidak bisa login")
    assert body_of(border).startswith("Yth. Ibu Sari, kami tidak bisa login SPSE")
    assert SARI not in body_of(border)
    notice, receipt = sorted(found, key=lambda each: each.template)
    assert "Dibuka oleh Sari dengan #baru" in flat(notice)
    assert [name for name, _ in notice.attachments] == ["layar.png"]
    assert f"Tiket {one['number']} dibuka untuk {BUDI}" in flat(receipt)
    fields = border.rows("SELECT name, value FROM fields")
    assert {"organisation": "CV Contoh", "phone": "081234567890"}.items() <= {
        r["name"]: r["value"] for r in fields
    }.items()


def test_the_user_gets_both_numbers_and_nothing_of_the_words(border: PaperWorld) -> None:
    forwards(border, f"#baru {BUDI}{FORWARD}")
    [found] = border.letters("pengguna")
    assert (found.template, found.subject) == ("user_acknowledgement", f"[{number(border)}] Tanda terima")
    assert ticket(border)["form_number"] in found.text
    assert SARI not in str(found.message["References"]) + str(found.message["In-Reply-To"])


def test_what_stands_above_the_forwarded_mail_is_a_note_of_the_lpse(border: PaperWorld) -> None:
    forwards(border, f"#baru {BUDI}\nIni tetangga saya, tolong didahulukan.{FORWARD}")
    assert body_of(border, "note") == "Ini tetangga saya, tolong didahulukan."
    assert "tetangga" not in body_of(border)
    [audience] = border.rows("SELECT audience FROM texts WHERE kind = 'note'")
    assert "user" not in audience["audience"] and "lkpp" not in audience["audience"]


def test_without_a_forwarded_mail_the_text_is_the_users_matter(border: PaperWorld) -> None:
    forwards(border, f"#baru {BUDI}\nMelalui WhatsApp: akun terkunci sejak kemarin.", subject="WA dari Budi")
    assert body_of(border) == "Melalui WhatsApp: akun terkunci sejak kemarin."


def test_a_mail_forwarded_as_a_file_is_read(border: PaperWorld) -> None:
    inner = f"From: Budi <{BUDI}>\r\nTo: {SARI}\r\nSubject: Login\r\n\r\nAkun kami terkunci.\r\n"
    raw = (
        f"From: Sari <{SARI}>\r\nTo: {LPSE}\r\nSubject: Fwd: Login\r\nMessage-ID: <f1@batangkab.test>\r\n"
        f"Authentication-Results: {BORDER}; dmarc=pass header.from=batangkab.test\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        f"#baru {BUDI}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    )
    border.drop(raw.encode())
    assert border.once()
    assert (ticket(border)["user_address"], body_of(border).strip()) == (BUDI, "Akun kami terkunci.")


def test_without_an_address_the_forwarded_mails_writer_is_proposed_and_asked_about(border: PaperWorld) -> None:
    [asked] = forwards(border, f"#baru{FORWARD}")
    assert asked.template == "staff_confirm"
    assert f"#baru {BUDI}" in asked.text
    assert border.rows("SELECT 1 FROM tickets") == []
    code = re.search(r"^Kode: [A-Z2-7-]{23}", asked.text, re.MULTILINE)
    assert code is not None
    forwards(border, code[0], subject=f"Re: {asked.subject}", headers=[PASS, ("In-Reply-To", asked.message_id)])
    assert ticket(border)["user_address"] == BUDI


@pytest.mark.parametrize(
    "head",
    [
        f"From: Budi <{BUDI}>\nSent: Monday, 21 December 2026 08:00\nTo: Sari <{SARI}>\nSubject: Login\n",
        f"-------- Pesan Terusan --------\nSubjek: \tLogin\nTanggal: \t21/12/26\nDari: \tBudi <{BUDI}>\nKe: \t{SARI}\n",
        f"Begin forwarded message:\n\nFrom: Budi <{BUDI}>\nSubject: Login\nDate: 21 December 2026\nTo: {SARI}\n",
        f"Dari: Budi [mailto:{BUDI}]\nDikirim: 21 Desember 2026 08:00\nKepada: {SARI}\nPerihal: Login\n",
    ],
)
def test_the_header_block_of_every_usual_program_is_read(border: PaperWorld, head: str) -> None:
    [asked] = forwards(border, f"#baru\n\n{head}\nAkun kami terkunci.")
    assert f"#baru {BUDI}" in asked.text


@pytest.mark.parametrize("writer", [SARI, PEOPLE["lkpp"], LPSE, "Budi", f"{BUDI}, {MALLORY}"])
def test_a_forwarded_mail_of_nobody_who_could_be_a_user_proposes_nobody(border: PaperWorld, writer: str) -> None:
    found = forwards(border, "#baru" + FORWARD.replace(f"Budi Santoso <{BUDI}>", writer))
    assert "memerlukan satu alamat e-mail" in flat(found[-1])
    assert border.rows("SELECT 1 FROM tickets") == []


@pytest.mark.parametrize("address", [LPSE, SARI, PEOPLE["lkpp"], PEOPLE["operator"]])
def test_baru_opens_no_ticket_for_our_own_people_or_lkpp(border: PaperWorld, address: str) -> None:
    [found] = forwards(border, f"#baru {address}{FORWARD}")
    assert (found.template, border.rows("SELECT 1 FROM tickets")) == ("staff_receipt", [])
    assert "bukan alamat pengguna" in flat(found)


def test_baru_takes_nothing_out_of_a_mail_of_ours(border: PaperWorld) -> None:
    opened(border, headers=[results("pass", "penyedia.test")])
    notice = border.last("petugas")
    border.write("petugas", f"#baru {MALLORY}", answers=notice, headers=[PASS])
    assert border.once()
    assert "mengutip e-mail mailbot" in flat(border.last("petugas"))
    assert border.letters("orang luar") == []


def test_an_empty_baru_opens_no_empty_ticket(border: PaperWorld) -> None:
    [found] = forwards(border, f"#baru {BUDI}")
    assert "tiketnya akan kosong" in flat(found)


def test_where_results_pass_baru_needs_no_token_and_elsewhere_a_code(border: PaperWorld, tmp_path: Path) -> None:
    assert "staff_receipt" in templates(forwards(border, f"#baru {BUDI}{FORWARD}"))
    [asked] = forwards(border, f"#baru {MALLORY}{FORWARD}", headers=[])
    assert asked.template == "staff_confirm"


def test_the_receipt_of_a_code_that_is_sent_twice_is_about_the_ticket_that_it_made(office: PaperWorld) -> None:
    [asked] = forwards(office, f"#baru {BUDI}{FORWARD}", headers=[])
    sends_code(office, asked)
    repeated = sends_code(office, asked)
    assert repeated.message["X-Mailbot-Ticket"] == number(office)


@pytest.mark.parametrize("sender", [BUDI, f"Sari <{SARI}>"])
def test_a_baru_of_nobody_opens_no_ticket_for_others(border: PaperWorld, sender: str) -> None:
    domain = sender.strip(">").partition("@")[2]
    border.write("orang luar", f"#baru {MALLORY}{FORWARD}", sender=sender, headers=[results("fail", domain)])
    assert border.once()
    assert MALLORY not in parties(border)
    assert border.letters("orang luar") == []


def test_the_forwarded_files_go_to_lkpp_with_the_escalation(border: PaperWorld) -> None:
    forwards(border, f"#baru {BUDI}{FORWARD}", files=[("layar.png", b"\x89PNG\r\n\x1a\n")])
    border.write(
        "petugas", "#eskalasi Login gagal.", answers=border.last("petugas", "staff_new_ticket"), headers=[PASS]
    )
    assert border.once()
    found = border.last("lkpp", "lkpp_escalation")
    assert ("layar.png", b"\x89PNG\r\n\x1a\n") in found.attachments
    assert "kami tidak bisa login SPSE sejak pagi" in found.text
