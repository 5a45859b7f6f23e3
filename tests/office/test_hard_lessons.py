"""Faults that were found once by trying to break the office, each with the scenario that showed it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from re import findall
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.arrivals.intake import Intake
from mailbot.clock import Clock, RehearsalClock
from mailbot.daemon.round import Office
from mailbot.delivery import account
from mailbot.delivery.sender import Delivery, Sender, submitter
from mailbot.errors import TemporaryFailure
from mailbot.store import outbox
from tests.mailservers.faulty import DROP, HANG, FaultyImap, FaultySmtp, On
from tests.steps import (
    closed,
    data_requested,
    disposition,
    escalated,
    links,
    minutes_later,
    number,
    opened,
    resolved,
    results,
    staff_writes,
    templates,
)
from tests.world import LPSE, PEOPLE, Letter, PaperWorld


@pytest.fixture
def by_support(tmp_path: Path) -> Iterator[PaperWorld]:
    """An office that reaches LKPP through LPSE Support: no mail goes there."""
    world = PaperWorld(tmp_path, lkpp={"channel": "lpse-support", "address": None})
    yield world
    world.store.close()


def flat(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def went_to(office: PaperWorld, who: str) -> list[str]:
    return templates(office.letters(who))


def lkpp_writes(office: PaperWorld, text: str, **more: Any) -> None:
    more.setdefault("answers", office.last("lkpp"))
    office.write("lkpp", text, **more)
    assert office.once()


def _escalated_and_proven(border: PaperWorld, subject: str) -> str:
    """The number of a ticket that LKPP has."""
    notice = opened(border, subject=subject)
    staff_writes(border, "#eskalasi Gagal sejak kemarin.", notice, headers=[results("pass", "batangkab.test")])
    assert border.status() == "escalated"
    return number(border)


# --- words that sound like a machine's ---------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Mohon balas email ini secepatnya.", "Silakan membalas pesan ini ke nomor saya."])
def test_who_asks_for_an_answer_is_a_person(office: PaperWorld, words: str) -> None:
    opened(office, f"Selamat pagi,\nAplikasi SPSE kami galat. {words}\nTerima kasih")
    assert office.status() == "new"
    assert went_to(office, "pengguna") == ["user_acknowledgement"]


def test_what_lkpp_asks_for_by_reply_is_asked_of_the_user(office: PaperWorld) -> None:
    escalated(office)
    lkpp_writes(office, "Mohon membalas email ini dengan melampirkan screenshot galat dan kode tender.")
    assert office.status() == "awaiting_data"
    minutes_later(office, 3)
    assert "user_data_request" in went_to(office, "pengguna")


def test_a_user_who_pastes_an_automatic_mail_gets_a_ticket_and_no_automatic_answer(office: PaperWorld) -> None:
    opened(
        office,
        "Yth. Admin LPSE,\nsaya mendapat pesan berikut, mohon penjelasan:\n\n"
        "Akun Anda diblokir. Email ini dikirim secara otomatis oleh sistem SPSE.",
    )
    assert office.status() == "new"
    assert "Akun Anda diblokir." in flat(office.last("petugas", "staff_new_ticket").text)
    assert office.letters("pengguna") == []


_RECEIVED = "Yth. LPSE, tiket Anda telah kami terima dengan nomor 77881."


def test_an_automatic_line_of_lkpp_with_a_request_below_is_asked_about(office: PaperWorld) -> None:
    escalated(office)
    seen = len(office.letters("pengguna"))
    lkpp_writes(office, f"{_RECEIVED} Mohon kirimkan screenshot galat dan kode tender.")
    assert "Mohon kirimkan screenshot" in flat(office.last("petugas", "staff_classify").text)
    assert office.status() == "escalated"
    assert office.letters("pengguna")[seen:] == []


def test_an_acknowledgement_of_lkpp_and_nothing_else_is_only_filed(office: PaperWorld) -> None:
    escalated(office)
    seen = {who: len(office.letters(who)) for who in PEOPLE}
    lkpp_writes(office, _RECEIVED)
    assert {who: len(office.letters(who)) for who in PEOPLE} == seen
    assert (office.status(), disposition(office)[0]) == ("escalated", "handled")
    assert office.rows("SELECT lkpp_number FROM tickets")[0]["lkpp_number"] == "77881"


# --- nobody's words through us to somebody else ------------------------------------------------------------


def test_a_password_warning_to_an_unproven_sender_echoes_nothing_he_wrote(office: PaperWorld) -> None:
    opened(
        office,
        "Kunjungi KENARI, password: Rahasia123",
        subject="Hadiah KENARI",
        sender='"Klik KENARI" <budi@penyedia.test>',
    )
    warning = office.last("pengguna", "user_acknowledgement")
    assert "segera mengganti" in warning.text
    assert b"KENARI" not in warning.raw
    assert "KENARI" not in warning.subject + warning.text + warning.html + str(warning.message["To"])


def test_a_password_warning_to_a_proven_sender_names_his_matter(border: PaperWorld) -> None:
    headers = [results("pass", "penyedia.test")]
    opened(border, "Nama: Budi", headers=headers)
    border.write("pengguna", "password: Rahasia123", answers=border.last("pengguna"), headers=headers)
    assert border.once()
    assert "Tidak bisa login" in border.last("pengguna", "user_password_warning").subject


def _escalated_with_a_secret(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#eskalasi KENARI: dugaan kami sendiri.")
    assert "KENARI" in office.last("lkpp", "lkpp_escalation").text


def test_a_reply_of_lkpp_without_new_words_never_passes_our_escalation_on(office: PaperWorld) -> None:
    _escalated_with_a_secret(office)
    lkpp_writes(office, "")
    question = office.last("petugas", "staff_classify")
    for command in ("#selesai", "#perkembangan", "#data-tambahan"):
        assert staff_writes(office, command, question) == "staff_receipt"
        assert "Tidak ada teks di bawah perintah" in flat(office.last("petugas", "staff_receipt").text)
        assert office.status() == "escalated"
    minutes_later(office, 10)
    assert went_to(office, "pengguna") == ["user_acknowledgement", "user_escalated"]
    assert all(b"KENARI" not in each.raw and "KENARI" not in each.text for each in office.letters("pengguna"))


def test_what_an_empty_reply_of_lkpp_means_can_be_said_in_staffs_own_words(office: PaperWorld) -> None:
    _escalated_with_a_secret(office)
    lkpp_writes(office, "")
    staff_writes(office, "#selesai Sudah diperbaiki LKPP.", office.last("petugas", "staff_classify"))
    assert office.status() == "resolved"
    minutes_later(office, 4)  # words of staff's own can be taken back for three
    answer = office.last("pengguna", "user_resolved")
    assert "Sudah diperbaiki LKPP." in answer.text and "KENARI" not in answer.text


# --- the outbox --------------------------------------------------------------------------------------------


def _sending_to(folder: Path, smtp: FaultySmtp) -> PaperWorld:
    return PaperWorld(folder, smtp={"port": smtp.port})


def _handle(office: PaperWorld) -> None:
    """What came in is handled; nothing leaves yet."""
    assert Intake(office.store, office.site, [office.site.config.ticket_prefix]).handle_waiting(office.now)


def _send(office: PaperWorld) -> bool:
    async def deliver() -> Delivery:
        async with submitter(account.of(office.site)) as connection:
            sender = Sender(
                office.store, account.of(office.site), RehearsalClock(office.now), lambda _: True, lambda _: None
            )
            return await sender.send_due(connection, office.now, lambda: False)

    return asyncio.run(deliver()).complete


def test_a_submission_broken_off_after_its_dot_is_uncertain_and_never_as_if_it_had_not_left(tmp_path: Path) -> None:
    async def broken_off() -> None:
        async with submitter(account.of(office.site)) as connection:
            sender = Sender(
                office.store, account.of(office.site), RehearsalClock(office.now), lambda _: True, lambda _: None
            )
            task = asyncio.create_task(sender.send_due(connection, office.now, lambda: False))
            while not sender.at_dot:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with FaultySmtp([On("EOD", HANG)]) as smtp:
        office = _sending_to(tmp_path, smtp)
        office.write("pengguna", "Kami tidak bisa masuk.")
        _handle(office)
        asyncio.run(broken_off())
    outbox.recover(office.store, office.site, office.now)
    states = [row["state"] for row in office.rows("SELECT state FROM outbox ORDER BY state")]
    office.store.close()
    assert states == ["queued", "queued", "uncertain"]


def test_recipients_whom_the_servers_policy_refuses_do_not_stop_the_others(tmp_path: Path) -> None:
    with FaultySmtp([On("RCPT TO:<[^>]*@blok", "550 5.7.1 rejected by policy", times=20)]) as smtp:
        office = _sending_to(tmp_path, smtp)
        for index in range(20):
            office.write(f"orang{index}@blok.test", f"Kami butuh bantuan nomor {index}.")
        office.write("pengguna", "Kami tidak bisa masuk.")
        _handle(office)
        assert not _send(office), "the refused ones are tried again"
        office.store.close()
    delivered = [mail.recipients for mail in smtp.mails]
    assert [PEOPLE["pengguna"]] in delivered
    assert [PEOPLE["petugas"]] in delivered


def test_a_server_that_refuses_everybody_is_left_alone_for_this_round(tmp_path: Path) -> None:
    with FaultySmtp([On("RCPT", "550 5.7.1 rejected by policy", times=1000)], repeat=True) as smtp:
        office = _sending_to(tmp_path, smtp)
        for index in range(60):
            office.write(f"orang{index}@blok.test", f"Kami butuh bantuan nomor {index}.")
        _handle(office)
        assert not _send(office)
        office.store.close()
    assert sum(command.upper().startswith(b"RCPT") for command in smtp.commands) == 50


def test_a_mail_whose_fate_is_never_known_is_given_up_after_five_days(tmp_path: Path) -> None:
    with FaultySmtp([On("EOD", DROP)], repeat=True) as smtp:
        office = _sending_to(tmp_path, smtp)
        office.write("pengguna", "Kami tidak bisa masuk.")
        _handle(office)
        with office.store.immediate():
            others = "template <> 'user_acknowledgement'"
            office.store.execute(f"DELETE FROM outbox_bytes WHERE id IN (SELECT id FROM outbox WHERE {others})")
            office.store.execute(f"DELETE FROM outbox WHERE {others}")
        for _ in range(3):
            _send(office)
            office.now += timedelta(hours=2)
        assert office.rows("SELECT state FROM outbox")[0]["state"] == "uncertain"
        office.now += outbox.GIVE_UP
        _send(office)
        assert office.rows("SELECT state FROM outbox")[0]["state"] == "failed"
        office.now += timedelta(days=1)
        _send(office)
        tries = [one.data for one in smtp.mails if one.recipients == [PEOPLE["pengguna"]]]
        assert len(tries) == 4 and len(set(tries)) == 1
        office.store.close()


def test_a_clock_set_back_does_not_use_up_the_rate(tmp_path: Path) -> None:
    office = PaperWorld(tmp_path, smtp={"rate": {"per_minute": 2, "per_hour": 100, "per_day": 1000}})
    office.now += timedelta(days=30)
    opened(office)
    assert outbox.room(office.store, office.site, office.now) == 0, "what has just left counts"
    assert outbox.room(office.store, office.site, office.now - timedelta(days=30)) == 2
    office.store.close()


# --- IMAP --------------------------------------------------------------------------------------------------


def _old_mail(index: int) -> bytes:
    head = f"From: lama{index}@x.test\r\nTo: {LPSE}\r\nSubject: Lama {index}\r\nMessage-ID: <{index}@x.test>\r\n"
    return f"{head}Date: Mon, 1 Jan 2018 00:00:00 +0700\r\n\r\nSurat lama {index}.\r\n".encode()


_OLD = "01-Jan-2018 00:00:00 +0000"


def _fetched(first: int, last: int) -> bytes:
    """Answers to UID FETCH: mails that the server received long ago."""
    answer = b""
    for uid in range(first, last + 1):
        raw = _old_mail(uid)
        items = f'UID {uid} FLAGS () INTERNALDATE "{_OLD}" RFC822.SIZE {len(raw)} BODY[] {{{len(raw)}}}\r\n'
        answer += f"* {uid} FETCH ({items}".encode() + raw + b")\r\n"
    return answer


def test_old_mail_stays_unread_after_a_first_look_at_a_new_uidvalidity_was_cut_short(tmp_path: Path) -> None:
    everything = {uid: _old_mail(uid) for uid in range(1, 6)}
    done = b"%tag% OK done\r\n"
    whole = [On("UID FETCH", _fetched(1, 5), done, times=10)]
    with FaultyImap([], [On("UID FETCH", _fetched(1, 2), DROP)], whole, messages=everything) as server:
        world = PaperWorld(tmp_path, imap={"port": server.port})
        with world.store.immediate():
            world.store.execute("DELETE FROM folders")
        office = Office(world.config, world.store, Clock())
        assert office._fetch(office.sites[0], "INBOX")
        server.uidvalidity = 2
        with pytest.raises(TemporaryFailure):
            office._fetch(office.sites[0], "INBOX")
        office._fetch(office.sites[0], "INBOX")
        assert world.rows("SELECT uidvalidity FROM folders ORDER BY rowid") == [{"uidvalidity": 1}, {"uidvalidity": 2}]
        assert world.rows("SELECT subject FROM outbox") == world.rows("SELECT uid FROM journal") == []
        assert server.connections == 3
        world.store.close()


# --- copies and replays ------------------------------------------------------------------------------------


def _changed(message: EmailMessage, old: bytes, new: bytes) -> bytes:
    raw = bytes(message)
    assert old in raw
    return raw.replace(old, new)


def test_a_staff_mail_sent_again_with_other_words_is_quarantined(office: PaperWorld) -> None:
    notice = opened(office)
    mail = office.write("petugas", "#info\nKami sedang memeriksa laporan ini.", answers=notice)
    office.once()
    minutes_later(office, 5)
    assert went_to(office, "pengguna")[-1] == "user_info"
    seen = len(office.letters("pengguna"))
    office.drop(_changed(mail, b"laporan ini.", b"laporan ini. KENARI"))
    office.once()
    minutes_later(office, 5)
    state, _, reason = disposition(office)
    assert (state, "Message-ID" in reason) == ("quarantined", True)
    assert office.letters("pengguna")[seen:] == []


def test_a_proven_copy_takes_the_place_of_the_unproven_one(border: PaperWorld) -> None:
    notice = opened(border)
    mail = border.write("petugas", "#ambil", answers=notice, headers=[results("fail", "batangkab.test")])
    border.once()
    assert disposition(border)[0] == "quarantined"
    assert border.rows("SELECT handler FROM tickets")[0]["handler"] is None
    border.drop(_changed(mail, b"dmarc=fail", b"dmarc=pass"))
    border.once()
    assert border.rows("SELECT handler FROM tickets")[0]["handler"] == PEOPLE["petugas"]
    states = [row["state"] for row in border.rows("SELECT state FROM journal ORDER BY id DESC LIMIT 2")]
    assert states == ["handled", "duplicate"]


def test_a_second_unproven_copy_does_not_replace_the_first(border: PaperWorld) -> None:
    notice = opened(border)
    mail = border.write("petugas", "#ambil", answers=notice, headers=[results("fail", "batangkab.test")])
    border.once()
    border.drop(bytes(mail))
    border.once()
    states = [row["state"] for row in border.rows("SELECT state FROM journal ORDER BY id DESC LIMIT 2")]
    assert states == ["duplicate", "quarantined"]


# --- what is taken back ------------------------------------------------------------------------------------


def test_a_request_taken_back_is_never_quoted_in_a_reminder(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    staff_writes(office, "#minta-data Mohon kirim kode tender.")
    minutes_later(office, 5)
    staff_writes(office, "#minta-data KENARI salah tulis.")
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    for day in (6, 7, 8, 9):
        office.at(f"2026-10-{day:02} 10:00")
        office.once()
    reminder = office.last("pengguna", "user_reminder")
    assert "Mohon kirim kode tender." in reminder.text
    assert all("KENARI" not in each.text for each in office.letters("pengguna"))


def test_of_a_closing_taken_back_lkpp_hears_nothing(office: PaperWorld) -> None:
    escalated(office)
    seen = len(office.letters("lkpp"))
    staff_writes(office, "#tutup Sudah teratasi.")
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    minutes_later(office, 10)
    assert office.status() == "escalated"
    assert office.letters("lkpp")[seen:] == []


def test_of_a_closing_that_stands_lkpp_hears_after_the_undo_window(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#tutup Sudah teratasi.")
    assert "lkpp_message" not in went_to(office, "lkpp")
    minutes_later(office, 5)
    assert "telah kami tutup" in flat(office.last("lkpp", "lkpp_message").text)


# --- LPSE Support ------------------------------------------------------------------------------------------


def _escalate_by_support(office: PaperWorld) -> None:
    office.at("2026-10-05 09:00")
    opened(office)
    staff_writes(office, "#eskalasi Login gagal sejak kemarin.")
    assert office.status() == "escalated"


def test_the_reminder_for_lpse_support_has_the_link_that_records_the_number(by_support: PaperWorld) -> None:
    _escalate_by_support(by_support)
    minutes_later(by_support, 6)
    body = links(by_support.last("petugas", "staff_reminder"))["#lpse-support"]
    staff_writes(by_support, body.replace("#lpse-support", "#lpse-support 20261234"), quote=False)
    assert by_support.rows("SELECT tts_number FROM tickets")[0]["tts_number"] == "20261234"


def test_through_lpse_support_the_user_is_not_told_that_lkpp_was_asked(by_support: PaperWorld) -> None:
    _escalate_by_support(by_support)
    staff_writes(by_support, "#tts 12345")
    for day in (6, 7, 8):
        by_support.at(f"2026-10-{day:02} 10:00")
        by_support.once()
    text = flat(by_support.last("pengguna", "user_progress").text).lower()
    assert "menanyakan" not in text and "pertanyaan" not in text
    assert by_support.letters("lkpp") == []


def test_by_mail_the_user_is_told_that_lkpp_was_asked(office: PaperWorld) -> None:
    _escalate_by_support(office)
    for day in (6, 7, 8):
        office.at(f"2026-10-{day:02} 10:00")
        office.once()
    assert "menanyakan" in flat(office.last("pengguna", "user_progress").text).lower()


# --- the user ----------------------------------------------------------------------------------------------


def test_thanks_after_the_reopening_time_make_no_new_ticket(office: PaperWorld) -> None:
    last = closed(office)
    office.now += timedelta(days=20)
    office.once()
    seen = {who: len(office.letters(who)) for who in PEOPLE}
    office.write("pengguna", "Terima kasih banyak.", answers=last)
    office.once()
    assert office.rows("SELECT count(*) AS n FROM tickets")[0]["n"] == 1
    assert office.status() == "closed"
    assert {who: len(office.letters(who)) for who in PEOPLE} == seen


def test_anything_else_after_the_reopening_time_makes_one(office: PaperWorld) -> None:
    last = closed(office)
    office.now += timedelta(days=20)
    office.write("pengguna", "Sekarang tidak bisa unggah penawaran.", answers=last)
    office.once()
    assert office.rows("SELECT count(*) AS n FROM tickets")[0]["n"] == 2


def test_selesai_of_who_wants_no_automatic_answer_closes_without_a_mail(office: PaperWorld) -> None:
    answer = resolved(office)
    seen = len(office.letters("pengguna"))
    office.write("pengguna", "SELESAI", answers=answer, headers=[("X-Auto-Response-Suppress", "All")])
    office.once()
    assert office.status() == "closed"
    assert office.letters("pengguna")[seen:] == []


def _three_weeks_on(office: PaperWorld) -> None:
    for _ in range(21):
        office.now += timedelta(days=1)
        office.once()


def _asked_for_data_and_proven(border: PaperWorld) -> Letter:
    """LKPP wants data; the mail in which the user is asked for them."""
    _escalated_and_proven(border, "Tidak bisa login")
    proven = [results("pass", "lkpp.test")]
    lkpp_writes(border, "Mohon dilengkapi screenshot dan kode tender.", headers=proven)
    minutes_later(border, 3)
    assert border.status() == "awaiting_data"
    return border.last("pengguna", "user_data_request")


def _held(office: PaperWorld) -> bool:
    return bool(office.rows("SELECT held_data FROM tickets")[0]["held_data"])


def test_a_user_whose_unproven_data_staff_hold_is_not_reminded_of_them(border: PaperWorld) -> None:
    request = _asked_for_data_and_proven(border)
    border.write("pengguna", "Kode tender 87654321.", answers=request, headers=[results("fail", "penyedia.test")])
    border.once()
    assert (border.status(), _held(border)) == ("awaiting_data", True)
    _three_weeks_on(border)
    assert "user_reminder" not in went_to(border, "pengguna")
    assert "staff_reminder" in went_to(border, "petugas")


def test_a_user_whose_program_staff_hold_is_not_reminded_of_it(office: PaperWorld) -> None:
    office.write("pengguna", "Berikut datanya.", answers=data_requested(office), files=[("data.exe", b"MZ")])
    office.once()
    assert (office.status(), _held(office)) == ("awaiting_data", True)
    _three_weeks_on(office)
    assert "user_reminder" not in went_to(office, "pengguna")
    assert "staff_reminder" in went_to(office, "petugas")


def test_who_only_promises_data_is_reminded_of_them(office: PaperWorld) -> None:
    office.write("pengguna", "Baik, akan kami kirim besok.", answers=data_requested(office))
    office.once()
    assert (office.status(), _held(office)) == ("awaiting_data", False)
    _three_weeks_on(office)
    assert "user_reminder" in went_to(office, "pengguna")


def test_data_that_staff_let_go_are_not_held_against_the_next_request(office: PaperWorld) -> None:
    office.write("pengguna", "Berikut datanya.", answers=data_requested(office), files=[("data.exe", b"MZ")])
    office.once()
    staff_writes(office, "#teruskan", office.last("petugas", "staff_user_reply"))
    assert (office.status(), _held(office)) == ("escalated", False)
    lkpp_writes(office, "Mohon dilengkapi juga kode tender.")
    assert office.status() == "awaiting_data"
    _three_weeks_on(office)
    assert "user_reminder" in went_to(office, "pengguna")


def test_who_has_sent_nothing_is_reminded_of_the_data(office: PaperWorld) -> None:
    data_requested(office)
    _three_weeks_on(office)
    assert "user_reminder" in went_to(office, "pengguna")


# --- an unknown mail of LKPP -------------------------------------------------------------------------------


def _ready_replies(notice: Letter) -> list[tuple[str, str]]:
    """(subject, body) of the mails that a notice's links open."""
    hrefs = findall(r'href="(mailto:[^"]+)"', notice.html)
    fields = [parse_qs(urlsplit(unescape(href)).query) for href in hrefs]
    return [(each["subject"][0], each["body"][0].replace("\r\n", "\n")) for each in fields]


def test_an_unknown_mail_of_lkpp_offers_each_open_escalation_as_a_link_that_works(border: PaperWorld) -> None:
    first, second = (_escalated_and_proven(border, subject) for subject in ("Gagal masuk", "Gagal unggah"))
    border.write(
        "lkpp",
        "Permasalahan telah selesai ditangani.",
        subject="Tindak lanjut",
        headers=[results("pass", "lkpp.test")],
    )
    border.once()
    notice = border.last("petugas", "staff_lkpp_reply")
    offered = _ready_replies(notice)
    assert [sum(each in subject for subject, _ in offered) for each in (first, second)] == [1, 1]
    assert first in notice.text and second in notice.text
    subject, body = next(each for each in offered if second in each[0])
    border.write("petugas", body, subject=subject, headers=[results("pass", "batangkab.test")])
    border.once()
    assert (border.status(first), border.status(second)) == ("escalated", "resolved")
    minutes_later(border, 4)
    assert "Permasalahan telah selesai ditangani." in flat(border.last("pengguna", "user_resolved").text)


def _unknown(border: PaperWorld, said: str) -> str:
    """LKPP says this without naming the one ticket that it has, and an officer uses that ticket's link."""
    number = _escalated_and_proven(border, "Gagal masuk")
    border.write("lkpp", said, subject="Tindak lanjut", headers=[results("pass", "lkpp.test")])
    border.once()
    notice = border.last("petugas", "staff_lkpp_reply")
    [(subject, body)] = [each for each in _ready_replies(notice) if number in each[0]]
    border.write("petugas", body, subject=subject, headers=[results("pass", "batangkab.test")])
    border.once()
    return number


def test_the_link_of_an_unknown_mail_of_lkpp_brings_words_that_are_longer_than_a_link(border: PaperWorld) -> None:
    menus = "\n".join(f"{menu}. Menu nomor {menu} kini ada." for menu in range(1, 90))
    number = _unknown(border, f"Permasalahan telah selesai ditangani.\n{menus}")
    assert border.status(number) == "resolved"
    minutes_later(border, 4)
    assert "89. Menu nomor 89 kini ada." in flat(border.last("pengguna", "user_resolved").text)


def test_the_link_of_an_unknown_mail_of_lkpp_with_words_for_staff_asks_before_anything_goes(
    border: PaperWorld,
) -> None:
    number = _unknown(border, "Permasalahan telah selesai ditangani.\nCatatan untuk petugas saja: Kenari.")
    assert border.status(number) == "escalated"
    assert "Kenari" in flat(border.last("petugas", "staff_confirm").text)
    assert "user_resolved" not in went_to(border, "pengguna")
