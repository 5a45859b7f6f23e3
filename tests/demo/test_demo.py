"""The demo is an acceptance test by itself: it ends with an error when the program does not do what the SOP says. What
is asked here is that it shows all of the SOP, that what it shows is true, and that it does notice."""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import json
import re
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from imapclient import IMAPClient
from rich.console import Console

from mailbot import yamlfile
from mailbot.cli import main
from mailbot.clock import RehearsalClock
from mailbot.config import settings as configuration
from mailbot.config.site import open_sites
from mailbot.demo import letters, parties, play, record, run, stage, words
from mailbot.demo.chat import Chat
from mailbot.demo.excerpt import excerpt
from mailbot.demo.folder import prepare
from mailbot.demo.parties import BUDI, LKPP, STAFF, ZONE
from mailbot.demo.plain import PlainChat
from mailbot.demo.record import Record, Shown
from mailbot.demo.servers import Servers
from mailbot.demo.stage import NotPlayed, Stage
from mailbot.errors import ConfigError
from mailbot.parsers.mime.message import parse
from mailbot.parsers.reply import quoted
from mailbot.rules.sop import table
from tests import ROOT, aloud, mailcounts, world


@dataclass(frozen=True)
class Played:
    """A demo that was played to its end: where, what is known of it, what was printed."""

    folder: Path
    record: Record
    lines: list[str]

    def mails(self, word: str) -> list[Shown]:
        """All mails that a party has received."""
        return [shown for shown in self.record.shown if shown.kind == "mail" and shown.recipient == word]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "mailbot-demo"
    lines: list[str] = []
    return Played(folder, run.perform(folder, PlainChat(lines.append)), lines)


# --- what it shows -----------------------------------------------------------------------------------


def test_every_step_of_the_paper_and_both_answers_to_each_question_are_shown(played: Played) -> None:
    shown = {(step, one.branch) for one in played.record.shown for step in one.step}
    assert {step for step, _ in shown} == {str(number) for number in range(1, 15)}
    assert {(step, branch) for step in ("3", "5", "12") for branch in ("Ya", "Tidak")} <= shown
    assert all(where for _, _, where in words.steps_shown(played.record))


def test_the_steps_are_the_paper_s_in_the_words_of_the_table_that_the_program_runs_on(played: Played) -> None:
    activities = {step.no: step.activity for step in table.load().steps}
    assert [step.no for step in played.record.sop] == [str(number) for number in range(1, 15)]
    inside = [shown for shown in played.record.shown if shown.kind == "inside"]
    assert {shown.step for shown in inside} == {("2",), ("3",), ("5",), ("10",), ("11",), ("12",)}
    assert all(shown.title == activities[shown.step[0]] for shown in inside)


def test_time_never_goes_back(played: Played) -> None:
    times = [shown.at for shown in played.record.shown]
    assert times == sorted(times)
    assert all(at.tzinfo is ZONE for at in times)


def test_the_two_days_of_lkpp_pass_over_christmas(played: Played) -> None:
    days = {f"{one.at:%d/%m}": one for one in played.record.shown if one.kind == "day"}
    titles = [days[f"{day}/12"].title for day in range(22, 29)]
    assert titles == [
        "Selasa, 22 Desember 2026: hari kerja",
        "Rabu, 23 Desember 2026: hari kerja",
        "Kamis, 24 Desember 2026: Cuti Bersama Hari Raya Natal; tidak ada jam layanan",
        "Jumat, 25 Desember 2026: Hari Raya Natal; tidak ada jam layanan",
        "Sabtu, 26 Desember 2026: akhir pekan; tidak ada jam layanan",
        "Minggu, 27 Desember 2026: akhir pekan; tidak ada jam layanan",
        "Senin, 28 Desember 2026: hari kerja",
    ]
    assert days["23/12"].text == "Hari kerja ke-1 sejak Helpdesk LKPP menerima data lengkap."
    assert days["28/12"].text == "Hari kerja ke-2 sejak Helpdesk LKPP menerima data lengkap."
    enquiry = next(one for one in played.record.shown if "12" in one.step and one.kind == "mail")
    assert f"{enquiry.at:%d/%m %H.%M}" == "28/12 09.11"


def test_both_tickets_are_closed_and_known_by_their_numbers(played: Played) -> None:
    first, second = played.record.cases
    assert (first.number, second.number) == ("LPSE-BTG-2026-000001", "LPSE-BTG-2026-000002")
    assert (first.form_number, second.form_number) == ("0001/FK/LPSE-BTG/XII/2026", "0002/FK/LPSE-BTG/XII/2026")
    assert all(case.opened < case.closed for case in (first, second))
    with closing(sqlite3.connect(played.folder / "data" / "mailbot.sqlite")) as database:
        assert database.execute("SELECT number, status FROM tickets ORDER BY id").fetchall() == [
            (first.number, "closed"),
            (second.number, "closed"),
        ]


def test_the_user_s_file_reaches_lkpp_unchanged(played: Played) -> None:
    sent = letters.screenshot("tangkapan-layar.png")
    [data] = [one for one in played.mails(record.LKPP) if "9" in one.step]
    [file] = parse(data.raw or b"").attachments
    assert (file.name, file.sha256) == (sent.name, hashlib.sha256(sent.data).hexdigest())


def test_lkpp_finds_its_own_number_in_every_mail_from_then_on(played: Played) -> None:
    subjects = [letters.read(one.raw or b"").subject for one in played.mails(record.LKPP)]
    first = [subject for subject in subjects if "LPSE-BTG-2026-000001" in subject]
    assert len(first) == 5
    assert ["417203" in subject for subject in first] == [False, True, True, True, True]


def test_every_mail_to_the_users_reads_well_aloud(played: Played) -> None:
    mails = played.mails(record.USER)
    assert len(mails) > 10
    for mail in mails:
        text = world.letter(mail.raw or b"").text
        assert list(aloud.faults(text)) == [], text


def test_an_answer_that_was_taken_back_reaches_nobody_and_the_note_stays_inside(played: Played) -> None:
    for word in (record.USER, record.LKPP):
        texts = [one.text for one in played.mails(word)]
        assert texts
        assert not any("E-mail akun sudah kami ganti." in text for text in texts)
        assert not any("menelepon pukul 09.10" in text for text in texts)
    assert any("E-mail akun SPSE PT Karya Nusantara" in one.text for one in played.mails(record.USER))


def test_the_play_is_written_in_words_that_its_player_knows() -> None:
    """A key that nobody reads would be a scene that is not played."""
    told = yamlfile.read(Path(play.__file__).with_name("play.yaml")).data
    keys = {"pada", "tiket", "di lkpp", "maka", "tercatat", "hari kerja lkpp"}
    for step in told["langkah"]:
        actions = {key for key in step if play._ACTION.fullmatch(key)}
        assert set(step) - actions <= keys and len(actions) <= 1
        assert {key for name in actions for key in step[name]} <= {"judul", "perihal", "isi", "lampiran", "langkah"}
        assert {key for within in step.get("di lkpp", ()) for key in within} <= {"langkah", "jawaban", "isi"}
        assert set(step.get("maka", {})) <= {"surat"}


# --- what it leaves behind -----------------------------------------------------------------------------


def test_every_mail_lies_in_the_folder_in_order_as_it_was_shown(played: Played) -> None:
    mails = [shown for shown in played.record.shown if shown.kind == "mail"]
    files = sorted((played.folder / "surat").iterdir())
    assert [played.folder / str(shown.file) for shown in mails] == files
    assert [shown.raw for shown in mails] == [file.read_bytes() for file in files]
    assert [int(file.name[:2]) for file in files] == list(range(1, len(files) + 1))


def test_the_page_on_mails_tells_how_many_each_party_has_got(played: Played) -> None:
    letters = [world.letter(file.read_bytes()) for file in sorted((played.folder / "surat").iterdir())]
    mailcounts.check("demo", letters)


def test_the_folder_holds_the_timeline_and_a_valid_configuration(played: Played) -> None:
    page = (played.folder / "linimasa.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 1_500_000, "it must travel by mail and open on a telephone"
    assert "LPSE-BTG-2026-000001" in page
    config = configuration.load(played.folder / "config.yaml")
    assert config.all_loopback()
    assert f"Linimasa: {played.folder / 'linimasa.html'}" in played.lines


def test_the_log_tells_no_trouble_and_no_password(played: Played) -> None:
    log = (played.folder / "mailbot.log").read_text(encoding="utf-8")
    events = [json.loads(line) for line in log.splitlines()]
    assert {"received", "decided", "queued", "submitted"} <= {event["event"] for event in events}
    troubles = [event for event in events if event["level"] in ("warning", "error", "critical")]
    # The operator is told that the holidays of the year after the play are not all decreed: that is so.
    assert [event for event in troubles if "Kalender kerja" not in event.get("reason", "")] == []
    assert parties.PASSWORD not in log


def test_plain_lines_are_plain_and_fit_into_80_columns(played: Played) -> None:
    lines = [line.replace(str(played.folder), "/demo") for line in played.lines]
    assert [line for line in lines if len(line) > 80] == []
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", "".join(lines))
    assert sum(line.startswith("✓") for line in lines) == 17
    assert "    Langkah 6 · Helpdesk LKPP meminta data tambahan" in lines


@pytest.mark.parametrize("width", [80, 120, 200])
def test_on_a_terminal_each_party_has_a_lane_of_its_own(played: Played, width: int) -> None:
    output = io.StringIO()
    chat = Chat(Console(file=output, force_terminal=True, width=width, color_system=None, highlight=False))
    chat.opens(played.record.organisation)
    for shown in played.record.shown:
        chat.show(shown)
    chat.closes(played.record, played.folder)
    lines = output.getvalue().splitlines()
    assert all(len(line.rstrip()) <= width for line in lines if str(played.folder) not in line)
    user, ours, lkpp = (
        next(line for line in lines if f"╭─ {way} → " in line).index("╭")
        for way in ("Budi Santoso (Pengguna SPSE)", "LPSE", "Helpdesk LKPP")
    )
    assert 0 == user < ours < lkpp


# --- what it notices -----------------------------------------------------------------------------------


@pytest.fixture
def empty_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stage, Servers]]:
    """A stage on which nobody stands but the parties: no program runs."""
    monkeypatch.setattr(stage, "PATIENCE", 0.2)
    prepare(tmp_path / "demo")
    with closing(Servers(parties.PASSWORD, authserv_id=parties.AUTHSERV_ID)) as servers:
        clock = RehearsalClock(datetime(2026, 12, 21, 9, tzinfo=ZONE))
        (tmp_path / "demo" / "password").write_text("x")
        (tmp_path / "demo" / "config.yaml").write_text(parties.config(servers.imap_port, servers.smtp_port))
        site = open_sites(configuration.load(tmp_path / "demo" / "config.yaml"))[0]
        (tmp_path / "demo" / "mailbot.log").touch()
        built = Stage(servers, clock, site.calendar, site.table.steps, tmp_path / "demo", lambda _: None, lambda: True)
        yield built, servers


OURS = b"X-Mailbot-Template: %s\r\nX-Mailbot-Ticket: LPSE-BTG-2026-000001\r\nSubject: x\r\n\r\nisi\r\n"


def test_a_mail_that_does_not_come_ends_the_play(empty_stage: tuple[Stage, Servers]) -> None:
    built, _ = empty_stage
    with pytest.raises(NotPlayed, match=r"user_escalated to budi.* about LPSE-X did not come"):
        built.expects(BUDI, "user_escalated", "…", ticket="LPSE-X")


def test_a_mail_of_another_kind_or_ticket_or_to_another_party_is_not_the_expected_one(
    empty_stage: tuple[Stage, Servers],
) -> None:
    built, servers = empty_stage
    servers.deliver(OURS % b"user_escalated", STAFF.address)
    servers.deliver(OURS % b"user_answer", BUDI.address)
    with pytest.raises(NotPlayed, match="did not come"):
        built.expects(BUDI, "user_escalated", "…")
    with pytest.raises(NotPlayed, match="did not come"):
        built.expects(BUDI, "user_answer", "…", ticket="LPSE-BTG-2026-000002")
    assert built.expects(BUDI, "user_answer", "…", ticket="LPSE-BTG-2026-000001").subject == "x"


def test_a_mail_that_nobody_expected_ends_the_play_before_the_next_scene(empty_stage: tuple[Stage, Servers]) -> None:
    built, servers = empty_stage
    servers.deliver(OURS % b"user_closed", BUDI.address)
    with pytest.raises(NotPlayed, match="nobody expected user_closed to budi"):
        built.at("2026-12-22 09:00")


def test_an_event_that_the_log_does_not_tell_ends_the_play(empty_stage: tuple[Stage, Servers], tmp_path: Path) -> None:
    built, _ = empty_stage
    told = {"event": "decided", "what": "sent.lkpp_escalation", "ticket": "T-1", "level": "info"}
    (tmp_path / "demo" / "mailbot.log").write_text(f"not json\n{json.dumps(told)}\n")
    built.noted("T-1", "sent.lkpp_escalation")
    with pytest.raises(NotPlayed, match=r"does not say sent\.lkpp_escalation of T-1"):
        built.noted("T-1", "sent.lkpp_escalation")  # a second escalation is another event


def test_a_step_that_was_not_shown_ends_the_play(played: Played) -> None:
    without = tuple(one for one in played.record.shown if (one.step, one.branch) != (("5",), "Tidak"))
    with pytest.raises(NotPlayed, match=r"^not shown: 5 \(Butuh data tambahan\? Tidak\)"):
        run._all_steps(replace(played.record, shown=without))


# --- the folder and the command ------------------------------------------------------------------------


def test_a_folder_with_somebody_s_files_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "disertasi.txt").write_text("bab 1")
    with pytest.raises(ConfigError, match="holds files that no demo has put there"):
        prepare(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["disertasi.txt"]


def test_an_earlier_demo_is_replaced_and_what_was_put_beside_it_stays(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "demo"
    prepare(folder)
    for name in ("surat/01-x.eml", "linimasa.html", "catatan.txt"):
        (folder / name).write_text("lama")
    prepare(folder)
    assert sorted(file.name for file in folder.iterdir()) == [".mailbot-demo", "catatan.txt", "surat"]
    assert list((folder / "surat").iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("x")
    with pytest.raises(ConfigError, match="is no folder"):
        prepare(tmp_path / "demo")


def test_without_the_extra_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules.update(dict.fromkeys(['aiosmtpd', 'pymap']));"  # as if they were not installed
        " from mailbot.cli.main import main; main(['demo', '--to', sys.argv[1]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "demo")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 78, done.stderr
    assert "scripts/uv sync --locked --extra demo" in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_demo_that_fails_exits_with_70_and_names_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise NotPlayed("2026-12-28 09:11: lkpp_status_enquiry did not come")

    monkeypatch.setattr(run, "perform", fails)
    result = CliRunner().invoke(main.main, ["demo", "--to", str(tmp_path / "demo")])
    assert result.exit_code == 70
    assert "lkpp_status_enquiry did not come" in result.stderr
    assert str(tmp_path / "demo" / "mailbot.log") in result.stderr


def test_afterwards_it_stays_for_any_mail_program_until_ctrl_c(tmp_path: Path) -> None:
    """A stranger writes by SMTP and finds his ticket's number by IMAP; the clock goes on."""
    command = [sys.executable, "-c", "from mailbot.cli.demo import demo; demo()", "--to", str(tmp_path / "d"), "--stay"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            told = ""
            for line in iter(process.stdout.readline, ""):
                told += line
                if "Ctrl-C" in line:
                    break
            ports = dict(re.findall(r"(IMAP|SMTP)  127\.0\.0\.1  port (\d+)", told))
            assert all(party.address in told for party in parties.EVERYBODY)
            _write_as_a_stranger(int(ports["SMTP"]))
            assert _found_by_imap(int(ports["IMAP"])) == ["[LPSE-BTG-2026-000003] Coba"]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


def _write_as_a_stranger(port: int) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "tono@luar.example", parties.ADDRESS, "Coba"
    message.set_content("Kami tidak bisa login.")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.login("tono@luar.example", parties.PASSWORD)
        client.send_message(message)


def _found_by_imap(port: int) -> list[str]:
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login("tono@luar.example", parties.PASSWORD)
        end = time.monotonic() + 20
        while not client.select_folder("INBOX")[b"EXISTS"] and time.monotonic() < end:
            time.sleep(0.05)
        found = client.fetch(client.search(), ["BODY.PEEK[]"])
    return [letters.read(mail[b"BODY[]"]).subject for mail in found.values()]


# --- its parts -----------------------------------------------------------------------------------------


ANSWERED = (
    b"From: LPSE Kabupaten Batang <lpse@batangkab.example>\r\nTo: Sari <sari@batangkab.example>\r\n"
    b"Subject: [LPSE-BTG-2026-000001] Data SIKaP\r\nDate: Mon, 21 Dec 2026 09:05:00 +0700\r\n"
    b"Message-ID: <b@batangkab.example>\r\nReferences: <a@batangkab.example>\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    + f"{quoted.MARKER}\r\n\r\nTiket baru\r\n\r\nSelesaikan segera.\r\n".encode()
)


@pytest.mark.parametrize("party", [BUDI, STAFF, LKPP], ids=lambda party: party.name)
def test_a_reply_says_what_its_writer_says_and_quotes_as_his_program_does(party: parties.Party) -> None:
    at = datetime(2026, 12, 21, 9, 30, tzinfo=ZONE)
    raw = letters.write(party, "Baris pertama.\nBaris kedua.", at, answers=letters.read(ANSWERED))
    message = parse(raw)
    assert message.subject == "Re: [LPSE-BTG-2026-000001] Data SIKaP"
    assert message.in_reply_to == ("<b@batangkab.example>",)
    assert message.references == ("<a@batangkab.example>", "<b@batangkab.example>")
    assert message.date == at
    assert message.defects == message.ambiguous == ()
    taken_apart = quoted.new_text(message.text)
    assert taken_apart.text == "Baris pertama.\nBaris kedua."
    assert taken_apart.doubt is None
    assert "Selesaikan segera." in taken_apart.quoted
    html = letters.read(raw).html
    assert bool(html) == (party is not LKPP)
    assert "Selesaikan segera." in html or party is LKPP


def test_a_screenshot_is_a_picture() -> None:
    picture = letters.screenshot("layar.png", width=30, height=20)
    assert picture.data.startswith(b"\x89PNG\r\n\x1a\n")
    at = picture.data.index(b"IDAT")
    length = int.from_bytes(picture.data[at - 4 : at], "big")
    body = picture.data[at + 4 : at + 4 + length]
    assert int.from_bytes(picture.data[at + 4 + length : at + 8 + length], "big") == zlib.crc32(b"IDAT" + body)
    assert len(zlib.decompress(body)) == 20 * (1 + 3 * 30)


def test_the_demo_s_border_server_vouches_for_the_sender() -> None:
    raw = letters.write(BUDI, "halo", datetime(2026, 12, 21, tzinfo=ZONE), subject="halo")
    with closing(Servers("x", authserv_id="mx.example")) as servers:
        servers.deliver(raw, parties.ADDRESS, BUDI.address)
        [found] = servers.inbox(parties.ADDRESS)
    message = email.message_from_bytes(found, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert " ".join(message["Authentication-Results"].split()) == "mx.example; dmarc=pass header.from=majujaya.example"
    assert found.endswith(raw)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tanda terima\n============\n\nYth. Bapak/Ibu Budi,\n\nSudah kami terima.", ["Sudah kami terima."]),
        ("Yth. LPSE,\n\nMohon dikirim:\n1. NPWP,\n2. kode tender.", ["Mohon dikirim:", "1. NPWP,", "2. kode tender."]),
        ("#prioritas 2\n#catat Menelepon.", ["#prioritas 2", "#catat Menelepon."]),
        ("Bagian\n------\n\nIsi.\n\nHormat kami,\n\nSari", ["Isi."]),
        ("  Nomor tiket : LPSE-BTG-2026-000001\n\nIsi.", ["Isi."]),
        ("Keterangan:\n│ Sudah selesai.\n│\n│ Terima kasih.", ["Keterangan:", "│ Sudah selesai."]),
        ("", []),
    ],
)
def test_an_excerpt_is_what_a_mail_says(text: str, expected: list[str]) -> None:
    assert excerpt(text, 76, 6) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("satu dua tiga empat lima enam tujuh", ["satu dua tiga empat", "lima enam tujuh"]),
        ("satu dua\n\ntiga\n\nempat", ["satu dua", "tiga …"]),
        ("satu\n\ndua tiga empat lima\n\nenam", ["satu", "dua tiga empat …"]),
        ("a" * 50, ["a" * 20, "a" * 18 + " …"]),
    ],
)
def test_an_excerpt_keeps_to_its_lines_and_shows_the_cut(text: str, expected: list[str]) -> None:
    assert excerpt(text, 20, 2) == expected


def test_an_excerpt_may_show_fields() -> None:
    assert excerpt("  Nomor tiket : 1\n\nIsi.", 76, 6, fields=True) == ["Nomor tiket : 1", "Isi."]


def test_a_paragraph_wrapped_by_us_is_put_together_and_one_of_a_writer_is_left_as_it_is() -> None:
    wrapped = "kata " * 14 + "akhir\nbaris berikutnya"
    assert excerpt(wrapped, 200, 6) == ["kata " * 14 + "akhir baris berikutnya"]
    assert excerpt("Nama: Budi\nHP: 0812", 200, 6) == ["Nama: Budi", "HP: 0812"]


def test_control_characters_of_a_mail_reach_no_screen() -> None:
    raw = (
        b"From: =?utf-8?q?Mal=1B=5B2Jlory?= <m@luar.example>\r\nTo: lpse@batangkab.example\r\n"
        b"Subject: =?utf-8?q?hapus=1B=5D0;layar=07?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        b"isi \x1b[31mmerah\x1b[0m [bold]tebal[/bold]\r\n"
    )
    shown = Shown(
        at=datetime(2026, 12, 21, 9, tzinfo=ZONE),
        kind="mail",
        ticket=None,
        step=(),
        branch="",
        sender=record.USER,
        recipient=record.MAILBOT,
        title="x",
        text="isi \x1b[31mmerah\x1b[0m [bold]tebal[/bold]",
        raw=raw,
    )
    lines: list[str] = []
    PlainChat(lines.append).show(shown)
    output = io.StringIO()
    Chat(Console(file=output, force_terminal=True, width=80, color_system=None)).show(shown)
    for told in ("\n".join(lines), output.getvalue()):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", told)
        assert "[bold]tebal[/bold]" in told
