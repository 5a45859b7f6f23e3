"""Proposals with their reasons: on a new ticket, on later mails, and beside what staff have decided."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbot.parsers.forms.form import FORM, FREE, QUOTED, SENDER, Field
from mailbot.rules import priority, problems
from mailbot.store.database import to_text
from mailbot.tickets import tickets
from tests.world import LPSE, PaperWorld


def flat(text: str) -> str:
    return " ".join(text.split())


def proposals(office: PaperWorld) -> dict[str, tuple[str, str]]:
    return {row["what"]: (row["value"], row["reason"]) for row in office.rows("SELECT * FROM proposals")}


def ticket(office: PaperWorld) -> Any:
    return office.rows("SELECT * FROM tickets")[-1]


def due(office: PaperWorld) -> str:
    return str(office.rows("SELECT due FROM deadlines WHERE clock = 'first_response' AND ended_at IS NULL")[0]["due"])


def fields(office: PaperWorld) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["value"], row["source"]) for row in office.rows("SELECT * FROM fields")}


def write(office: PaperWorld, text: str, **rest: Any) -> None:
    office.write("pengguna", text, **rest)
    office.once()


URGENT = "mhn bantuannya akun CV. Contoh Jaya tdk bs login padahal bsk terakhir upload penawaran. kenapa ya?"


def test_a_new_ticket_has_its_proposals_with_reasons(office: PaperWorld) -> None:
    write(office, URGENT)
    found = proposals(office)
    assert found["problem"][0] == "AKUN_LOGIN" and "“tidak bisa login”" in found["problem"][1]
    assert found["priority"] == ("1", "dinaikkan dari P2 (AKUN_LOGIN) karena “besok terakhir”")
    assert found["category"] == ("Pertanyaan", "“kenapa”")
    assert ticket(office)["priority"] == 1
    note = office.rows("SELECT note FROM history WHERE event = 'user.new'")[0]["note"]
    assert "AKUN_LOGIN" in note and "besok terakhir" in note


SEALED = {
    "smime": ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "MIAGCSqGSIb3DQEHA6CAMIACAQA="),
    "smime_signed": (
        "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        "MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0BBwE=",
    ),
    "pgp": ('multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b', ""),
}


@pytest.mark.parametrize("sealed", SEALED)
def test_what_mailbot_writes_in_place_of_sealed_words_is_about_nothing(office: PaperWorld, sealed: str) -> None:
    kind, body = SEALED[sealed]
    parts = "--b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\nhQEMA\r\n--b--\r\n"
    encoding = "" if sealed == "pgp" else "Content-Transfer-Encoding: base64\r\n"
    head = f"From: Budi <budi@penyedia.test>\r\nTo: {LPSE}\r\nSubject: Mohon bantuan\r\nMessage-ID: <s@x.test>\r\n"
    office.drop(f"{head}MIME-Version: 1.0\r\nContent-Type: {kind}\r\n{encoding}\r\n{body or parts}\r\n".encode())
    assert office.once()
    assert "tidak dapat dibaca di sini" in flat(office.last("petugas", "staff_new_ticket").text)
    assert proposals(office)["problem"][0] == "LAIN"
    assert ticket(office)["priority"] == 3


def test_staff_read_category_owner_and_priority_with_their_reasons(office: PaperWorld) -> None:
    write(office, URGENT)
    text = flat(office.last("petugas", "staff_new_ticket").text)
    assert "Tidak dapat login (AKUN_LOGIN) – “tidak bisa login”" in text
    assert "Biasanya ditangani : helpdesk LPSE; bila tidak berhasil, eskalasi ke Helpdesk LKPP" in text
    assert "P1 Mendesak – dinaikkan dari P2 (AKUN_LOGIN) karena “besok terakhir”" in text
    assert "Pertanyaan – “kenapa”" in text


def test_the_user_reads_nothing_of_the_proposals(office: PaperWorld) -> None:
    write(office, URGENT)
    for letter in office.letters("pengguna"):
        assert "AKUN_LOGIN" not in letter.text + letter.html and "Usulan" not in letter.text


def test_the_clock_runs_by_the_proposed_priority(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    write(office, URGENT)
    assert due(office) == to_text(office.now.replace(hour=2, minute=7))  # half of the 15 minutes of P1


def test_a_forwarded_mail_is_read_where_its_sender_says_nothing(office: PaperWorld) -> None:
    forwarded = "---------- Forwarded message ---------\nDari: Budi <b@x.test>\nSubject: bantuan\n\nlupa password pak"
    write(office, f"Mohon ditindaklanjuti, tks\n\n{forwarded}", subject="Fwd: bantuan")
    assert proposals(office)["problem"][0] == "AKUN_PASSWORD"
    assert "diteruskan" in proposals(office)["problem"][1]


def test_a_password_is_quoted_in_no_reason(office: PaperWorld) -> None:
    write(office, "lupa password: Kucing99 mohon reset")
    assert "Kucing99" not in str(proposals(office))


# --- later mails ---------------------------------------------------------------------------------------


def test_while_nobody_has_acted_a_higher_priority_is_taken_over(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    write(office, "Mohon bantuan")
    before = due(office)
    write(office, "Akun tidak bisa login, penutupan jam 11.00 hari ini", answers=office.last("pengguna"))
    assert ticket(office)["priority"] == 1 and due(office) < before
    assert proposals(office)["problem"][0] == "AKUN_LOGIN"
    text = flat(office.last("petugas", "staff_user_reply").text)
    assert "Prioritas dinaikkan menjadi P1 Mendesak: dinaikkan dari P2 (AKUN_LOGIN) karena “penutupan jam”" in text
    note = office.rows("SELECT note FROM history WHERE event = 'user.mail'")[0]["note"]
    assert "Prioritas dinaikkan" in note


def test_the_receipt_of_a_new_priority_names_the_limits_that_moved(office: PaperWorld) -> None:
    write(office, "Bagaimana cara mengubah alamat perusahaan di SPSE?")
    office.write("petugas", "#prioritas 1", answers=office.last("petugas"))
    office.once()
    text = flat(office.last("petugas", "staff_receipt").text)
    limit = office.site.say(office.site.timing(1).add(office.now, office.site.priorities[1].first_response).at)
    assert f"Respons awal kepada pengguna: batasnya kini {limit}." in text and "sudah lewat" not in text
    office.write("petugas", "#prioritas 1", answers=office.last("petugas"))
    office.once()
    assert "batasnya kini" not in flat(office.last("petugas", "staff_receipt").text), "nothing has moved"


def test_a_limit_that_a_new_priority_moves_into_the_past_is_said_to_have_passed(office: PaperWorld) -> None:
    write(office, "Bagaimana cara mengubah alamat perusahaan di SPSE?")
    office.now += timedelta(hours=3)
    office.write("petugas", "#prioritas 1", answers=office.last("petugas"))
    office.once()
    text = flat(office.last("petugas", "staff_receipt").text)
    assert re.search(r"Respons awal kepada pengguna: batasnya kini [^.]* pukul \d\d\.\d\d WIB \(sudah lewat\)", text)


def test_nothing_is_ever_lowered(office: PaperWorld) -> None:
    write(office, URGENT)
    write(office, "jadwal bimtek kapan pak", answers=office.last("pengguna"))
    assert ticket(office)["priority"] == 1


def test_after_somebody_has_acted_a_higher_priority_is_only_proposed_with_a_link(office: PaperWorld) -> None:
    write(office, "Lupa kata sandi")
    office.write("petugas", "#minta-data NPWP perusahaan", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    office.at("2026-12-21 10:00")
    office.once()
    write(office, "gagal upload penawaran, batas akhir hari ini", answers=office.last("pengguna", "user_request"))
    assert ticket(office)["priority"] == 3
    notice = office.last("petugas", "staff_user_reply")
    assert "Usulan: prioritas P1 Mendesak" in flat(notice.text)
    assert "Usulan jenis permasalahan lain: Pengiriman penawaran (PENAWARAN_KIRIM)" in flat(notice.text)
    assert "Jadikan P1" in notice.html and "prioritas%201" in notice.html
    office.write("petugas", "#prioritas 1", answers=notice)
    office.once()
    assert ticket(office)["priority"] == 1


def test_what_staff_have_set_is_changed_by_nothing_else(office: PaperWorld) -> None:
    write(office, "Lupa kata sandi")
    office.write("petugas", "#prioritas 4", answers=office.last("petugas", "staff_new_ticket"))
    office.once()
    write(office, URGENT, answers=office.last("pengguna"))
    assert ticket(office)["priority"] == 4
    assert "gunakan #ubah prioritas 1" in flat(office.last("petugas", "staff_user_reply").text)


def test_a_forged_mail_raises_nothing(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, authentication={"authserv_id": "mx.batangkab.test"})
    write(office, "Lupa kata sandi")
    forged = [("Authentication-Results", "mx.batangkab.test; dmarc=none header.from=penyedia.test; spf=fail")]
    write(office, URGENT, answers=office.last("pengguna"), headers=forged)
    assert ticket(office)["priority"] == 3
    office.store.close()


def test_our_own_quoted_words_are_no_news(office: PaperWorld) -> None:
    write(office, "Lupa kata sandi")
    office.write("petugas", "Bila SPSE down, gagal upload, hubungi kami.", answers=office.last("petugas"))
    office.at("2026-12-21 10:00")
    office.once()
    write(office, "Belum pak", answers=office.last("pengguna", "user_answer"))
    assert "Usulan" not in office.last("petugas", "staff_user_reply").text


# --- identity ----------------------------------------------------------------------------------------


def test_each_field_is_kept_with_where_it_was_read(office: PaperWorld) -> None:
    write(office, "Perusahaan: CV Maju Jaya\nMohon dibantu, HP 0812-3456-7890")
    assert fields(office) == {
        "organisation": ("CV Maju Jaya", FORM),
        "phone": ("0812-3456-7890", FREE),
        "name": ("Pengguna", SENDER),
    }


def test_our_quoted_form_filled_in_is_the_user_s(office: PaperWorld) -> None:
    write(office, "Mohon bantuan")
    acknowledgement = office.last("pengguna", "user_acknowledgement")
    assert "b. Nama Instansi" in acknowledgement.text and "a. Nama" not in acknowledgement.text  # that is known
    quoted = []
    for line in acknowledgement.text.splitlines():
        answer = {"b.": "CV Maju", "d.": "081234567890"}.get(line.strip()[:2], "")
        quoted.append(f"> {line.rstrip()} {answer}".rstrip())
    head = "Pada Sen, 21 Des 2026 pukul 09.00 LPSE <lpse@batangkab.test> menulis:"
    write(office, "\n".join(["Sudah diisi.", "", head, "", *quoted]), answers=acknowledgement, quote=False)
    assert fields(office)["organisation"] == ("CV Maju", QUOTED)
    assert fields(office)["phone"] == ("081234567890", QUOTED)


def test_the_user_corrects_himself_by_a_later_form(office: PaperWorld) -> None:
    write(office, "Nama: Budi\nHP: 081200000000")
    write(office, "Maaf salah.\nHP: 081211111111", answers=office.last("pengguna"))
    assert fields(office)["phone"][0] == "081211111111"
    assert "memperbarui datanya: telepon/HP" in flat(office.last("petugas", "staff_user_reply").text)


def kept(office: PaperWorld, *given: tuple[str, str]) -> tuple[str, str]:
    """What is kept of one field after values from these sources, in this order: (value, source)."""
    write(office, "Mohon bantuan")
    ticket_id = ticket(office)["id"]
    with office.store.immediate():
        office.store.execute("DELETE FROM fields")
        for value, source in given:
            tickets.add_fields(office.store, ticket_id, {"phone": Field(value, source)}, journal_id=None, at=office.now)
    return fields(office)["phone"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("1", FREE), ("2", FORM)], "2"),
        ([("1", SENDER), ("2", FREE)], "2"),
        ([("1", FORM), ("2", FREE)], "1"),
        ([("1", FORM), ("2", QUOTED)], "1"),
        ([("1", FREE), ("2", FREE)], "1"),
        ([("1", FORM), ("2", FORM)], "2"),
        ([("1", "e-mail"), ("2", FREE)], "1"),
        ([("1", "e-mail"), ("2", FORM)], "2"),
        ([("1", tickets.BY_STAFF), ("2", FORM)], "1"),
        ([("1", tickets.BY_STAFF), ("2", tickets.BY_STAFF)], "1"),
    ],
)
def test_the_better_source_stays_and_staff_s_word_is_the_last(
    office: PaperWorld, given: list[tuple[str, str]], expected: str
) -> None:
    assert kept(office, *given)[0] == expected


# --- digests and logs ------------------------------------------------------------------------------------


def test_numbers_of_persons_in_a_subject_reach_no_digest(office: PaperWorld) -> None:
    office.at("2026-12-21 09:00")
    write(office, "Mohon bantuan", subject="Mohon hubungi 081234567890, NIK 3325010101900001, tender 87654321")
    for day in ("2026-12-22 09:30", "2026-12-23 07:30", "2026-12-28 07:30", "2026-12-29 07:30"):
        office.at(day)
        office.once()
    reports = office.letters("koordinator")
    assert reports
    for letter in reports:
        assert "081234567890" not in letter.text and "3325010101900001" not in letter.text
        assert "87654321" in letter.text


# --- a site's own rules ----------------------------------------------------------------------------------


def test_a_site_s_folder_of_rules_replaces_the_categories_and_the_table(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    text = problems.BUILT_IN.read_text(encoding="utf-8")
    (rules / "problems.yaml").write_text(
        text.replace("title: Tidak dapat login", "title: Gagal masuk"), encoding="utf-8"
    )
    text = priority.BUILT_IN.read_text(encoding="utf-8")
    (rules / "priorities.yaml").write_text(text.replace("name: Tinggi", "name: Penting"), encoding="utf-8")
    office = PaperWorld(tmp_path, rules="./rules")
    write(office, "tidak bisa login")
    notice = office.last("petugas", "staff_new_ticket").text
    assert "Gagal masuk (AKUN_LOGIN)" in notice and "P2 Penting" in notice
    office.store.close()


# --- what the reading process has found -------------------------------------------------------------------


def _asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are read where mails are handled, because the reading process has not read just these."""
    asked: list[str] = []
    reads = problems.read

    def read(subject: str, text: str, spelling: Any) -> Any:
        asked.append(text)
        return reads(subject, text, spelling)

    monkeypatch.setattr(problems, "read", read)
    return asked


def test_what_the_reading_process_has_found_is_not_looked_for_again(
    office: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _asked(monkeypatch)
    write(office, "Kami tidak bisa login ke SPSE, password: Rahasia123x", subject="Masuk")
    assert "(AKUN_LOGIN)" in office.last("petugas", "staff_new_ticket").text
    office.write("pengguna", "Sekarang dokumen penawaran gagal diunggah.", answers=office.last("pengguna"))
    office.once()
    assert asked == []


def test_a_site_with_rules_of_its_own_reads_by_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    text = problems.BUILT_IN.read_text(encoding="utf-8")
    (rules / "problems.yaml").write_text(text.replace("title: Tidak dapat login", "title: Lain"), encoding="utf-8")
    office = PaperWorld(tmp_path, rules="./rules")
    asked = _asked(monkeypatch)
    write(office, "tidak bisa login")
    assert "Lain (AKUN_LOGIN)" in office.last("petugas", "staff_new_ticket").text
    assert len(asked) == 1
    office.store.close()


def test_a_table_of_priorities_of_its_own_leaves_the_words_of_deadlines_ours(tmp_path: Path) -> None:
    text = yaml.safe_load(priority.BUILT_IN.read_text(encoding="utf-8"))
    del text["deadline"]
    (tmp_path / "priorities.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    assert PaperWorld(tmp_path, priorities="./priorities.yaml").site.reads_by_ours
