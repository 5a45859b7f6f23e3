"""The commands, and the ready mails of their links, in the shapes in which mail programs send a reply.

A greeting above the command, the program's own signature and the quoted mail below it: in plain text, in HTML alone,
and in both.
"""

from __future__ import annotations

import email.policy
import html as entities
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from mailbot.letters.links import grouped, new_code
from mailbot.parsers.commands import command_lines
from mailbot.parsers.mime.message import parse
from mailbot.parsers.reply import quoted
from mailbot.templates.render import Renderer
from tests.sample_values import sample

OURS = Renderer().body("staff_new_ticket", sample("staff_new_ticket"))
LPSE = "LPSE Kabupaten Batang"
ADDRESS = "lpse@batangkab.test"

#: What is written, and what it comes to: (name, argument, text) of each command.
ORDERS: dict[str, list[tuple[str, str, str]]] = {
    "#gabung LPSE-BTG-2026-000002": [("merge", "LPSE-BTG-2026-000002", "")],
    "#gabung LPSE-BTG-2026-000002 pihak": [("merge", "LPSE-BTG-2026-000002 pihak", "")],
    "#pisah 17": [("split", "17", "")],
    "#tugaskan Joko": [("assign", "Joko", "")],
    "#prioritas 1\n#tugaskan joko@batangkab.test": [
        ("priority", "1", ""),
        ("assign", "joko@batangkab.test", ""),
    ],
    "#tunda 2 hari kerja menunggu surat kuasa": [("postpone", "", "2 hari kerja menunggu surat kuasa")],
    "#koordinator\nApakah boleh dibantu dari kantor?": [("coordinator", "", "Apakah boleh dibantu dari kantor?")],
    "#kepala Belum ada hasil.": [("head", "", "Belum ada hasil.")],
    "#arahan\nBoleh, hari ini.": [("direction", "", "Boleh, hari ini.")],
    "#alasan Petugas sakit.": [("reason", "", "Petugas sakit.")],
    "#kategori pengaduan": [("category", "pengaduan", "")],
    "#jenis AKUN_LOGIN": [("problem", "AKUN_LOGIN", "")],
    "#cuti 3-5 Desember 2026": [("leave", "3-5 Desember 2026", "")],
    "#pengguna budi@penyedia.test": [("user", "budi@penyedia.test", "")],
    "#jawab AKUN_LOGIN": [("answer", "", "AKUN_LOGIN")],
    "#eskalasi\nRingkasan:\nLogin gagal.\n\nUpaya yang telah dilakukan:\nReset.": [
        ("escalate", "", "Ringkasan:\nLogin gagal.\nUpaya yang telah dilakukan:\nReset.")
    ],
}


def _quoted() -> str:
    return "\n".join(f"> {line}".rstrip() for line in OURS.text.splitlines())


def _lines(text: str, tag: str = "div", **attributes: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return "".join(f"<{tag}{given}>{entities.escape(line) or '<br>'}</{tag}>" for line in text.split("\n"))


def _block(head: str) -> str:
    return f'<blockquote type="cite">{OURS.html}</blockquote>' if not head else f"{head}<div>{OURS.html}</div>"


_GMAIL_HEAD = f"Pada Sen, 30 Nov 2026 pukul 08.00 {LPSE} <{ADDRESS}> menulis:"
_OUTLOOK_HEAD = (
    f"Dari: {LPSE} <{ADDRESS}>\nDikirim: Senin, 30 November 2026 08.00\nKepada: Sari\nSubjek: Tiket baru\n\n"
)


def gmail(text: str) -> tuple[str, str]:
    page = (
        f'{_lines(text, dir="auto")}<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        f'{entities.escape(_GMAIL_HEAD)}<br></div><blockquote class="gmail_quote">{OURS.html}</blockquote></div>'
    )
    return f"{text}\n\n{_GMAIL_HEAD}\n\n{_quoted()}\n", page


def outlook_telephone(text: str) -> tuple[str, str]:
    signed = "Dapatkan Outlook untuk Android<https://aka.ms/AAb9ysg>"
    head = _lines(_OUTLOOK_HEAD.strip())
    page = (
        f'{_lines(text, dir="ltr")}<div id="ms-outlook-mobile-signature"><br>Dapatkan '
        f'<a href="https://aka.ms/AAb9ysg">Outlook untuk Android</a></div><hr>'
        f'<div id="divRplyFwdMsg" dir="ltr">{head}</div>{OURS.html}'
    )
    return f"{text}\n\n{signed}\n{'_' * 32}\n{_OUTLOOK_HEAD}{OURS.text}", page


def outlook_desktop(text: str) -> tuple[str, str]:
    page = (
        f'{_lines(text, "p", **{"class": "MsoNormal"})}<p class="MsoNormal">&nbsp;</p><div><div style="border:none;'
        f'border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
        f"{entities.escape(_OUTLOOK_HEAD.strip()).replace(chr(10), '<br>')}</p></div></div>{OURS.html}"
    )
    return f"{text}\n\n{_OUTLOOK_HEAD}{OURS.text}", page


def thunderbird(text: str) -> tuple[str, str]:
    head = f"Pada 30/11/2026 08.00, {LPSE} menulis:"
    page = (
        f'{_lines(text, "p")}<div class="moz-cite-prefix">{head}<br></div>'
        f'<blockquote type="cite" cite="mid:a@b">{OURS.html}</blockquote>'
        f'<pre class="moz-signature" cols="72">-- \nSari\nHelpdesk LPSE</pre>'
    )
    return f"{text}\n\n{head}\n{_quoted()}\n\n-- \nSari\nHelpdesk LPSE\n", page


def roundcube(text: str) -> tuple[str, str]:
    head = f"Pada 2026-11-30 08:00, {LPSE} menulis:"
    page = (
        f'{_lines(text, "p")}<p id="reply-intro">{head}</p><blockquote type="cite" style="padding: 0 0.4em;'
        f' border-left: #1010ff 2px solid; margin: 0">{OURS.html}</blockquote>'
    )
    return f"{text}\n\n{head}\n\n{_quoted()}\n", page


def iphone(text: str) -> tuple[str, str]:
    page = (
        f'{_lines(text)}<br><div dir="ltr">Dikirim dari iPhone saya</div><div dir="ltr"><br><blockquote type="cite">'
        f"Pada 30 Nov 2026, pukul 08.00, {LPSE} &lt;{ADDRESS}&gt; menulis:<br><br></blockquote></div>"
        f'<blockquote type="cite"><div dir="ltr">{OURS.html}</div></blockquote>'
    )
    head = f"> Pada 30 Nov 2026, pukul 08.00, {LPSE} <{ADDRESS}> menulis:"
    return f"{text}\n\nDikirim dari iPhone saya\n\n{head}\n> \n> \ufeff\n{_quoted()}\n", page


def android(text: str) -> tuple[str, str]:
    """Samsung's own program."""
    page = (
        f'{_lines(text, dir="auto")}<div><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px;'
        f'color:#575757" dir="auto">Dikirim dari perangkat Galaxy saya</div></div><div><br></div>'
        f'<div style="font-size:100%;color:#000000"><!-- originalMessage --><div>-------- Pesan asli --------</div>'
        f"<div>Dari: {LPSE} &lt;{ADDRESS}&gt; </div><div>Tanggal: 30/11/26  08.00  (GMT+07:00) </div>"
        f"<div>Kepada: Sari </div><div>Subjek: Tiket baru </div><div><br></div></div>{OURS.html}"
    )
    head = (
        f"-------- Pesan asli --------\nDari: {LPSE} <{ADDRESS}>\nTanggal: 30/11/26 08.00 (GMT+07:00)\nKepada: Sari\n"
    )
    return f"{text}\n\nDikirim dari perangkat Galaxy saya\n\n{head}Subjek: Tiket baru\n\n{OURS.text}", page


PROGRAMS = (gmail, outlook_telephone, outlook_desktop, thunderbird, roundcube, iphone, android)


def sent(program: Callable[[str], tuple[str, str]], text: str, form: str) -> quoted.NewText:
    """The new text of a reply, as the staff desk reads it."""
    return quoted.new_text(received(program, text, form))


def received(program: Callable[[str], tuple[str, str]], text: str, form: str) -> str:
    """The text of a reply as it came in."""
    plain, page = program(text)
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = "Sari <sari@batangkab.test>", ADDRESS, "Re: Tiket baru"
    page = f"<html><body>{page}</body></html>"
    if form == "html":
        message.set_content(page, subtype="html")
    else:
        message.set_content(plain)
    if form == "both":
        message.add_alternative(page, subtype="html")
    return parse(bytes(message)).text


def understood(new: quoted.NewText) -> list[tuple[str, str, str]]:
    read = command_lines.read(new.text)
    assert read.fault is None, read.fault
    return [(one.name, one.argument, _said(one.text)) for one in read.commands]


def _said(text: str) -> str:
    """Some programs put a paragraph where others put a line."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


@pytest.mark.parametrize("form", ["both", "html", "plain"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_is_read_in_a_reply_below_a_greeting_and_above_signature_and_quote(
    program: Callable[[str], tuple[str, str]], form: str
) -> None:
    for written, meant in ORDERS.items():
        new = sent(program, f"Selamat pagi,\n{written}", form)
        assert understood(new) == meant, (written, new)
        assert new.doubt is None, (written, new.doubt)


@pytest.mark.parametrize("form", ["both", "html", "plain"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_links_ready_mail_is_read_whatever_stands_below_it(
    program: Callable[[str], tuple[str, str]], form: str
) -> None:
    """Some programs quote the mail in which the link stood."""
    for written, meant in list(ORDERS.items())[::4]:
        code = new_code(datetime(2026, 11, 24, tzinfo=UTC))
        new = sent(program, f"{grouped(code)}\n\n{written}", form)
        assert command_lines.read(new.text).code == code
        assert understood(new) == meant, (written, new)
