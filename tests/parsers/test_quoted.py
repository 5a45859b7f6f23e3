"""The writer's new words, and nobody else's: the quote styles of mail programs, and what is doubtful."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import replies
from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply import quote_heads
from mailbot.parsers.reply.quoted import MARKER, NewText, new_text
from mailbot.parsers.reply.signatures import is_footer
from tests import quick

OURS = f"{MARKER}\n\nYth. Sari,\n\nTiket LPSE-BTG-2026-000123 memerlukan tindakan.\n#eskalasi"


def quoted(text: str, prefix: str = "> ") -> str:
    return "\n".join(prefix + line for line in text.split("\n"))


HEADS = {
    "Gmail, wrapped before menulis": "Pada Sab, 15 Jun 2024 pukul 14.59 PSE <lpse@batangkab.go.id>\nmenulis:",
    "Gmail, one line": "Pada tanggal Sab, 31 Okt 2020 pukul 22.12 LPSE <lpse@batangkab.go.id> menulis:",
    "Gmail, comma before the name": "Pada Min, 20 Jul 2025 10.06, LPSE <lpse@batangkab.go.id> menulis:",
    "Gmail, old": 'Pada 3 Apr 2014 11.03, "LPSE Batang" <lpse@batangkab.go.id> menulis:',
    "Gmail, wrapped inside the address": (
        "Pada tanggal Sen, 3 Mar 2025 pukul 10.12 LPSE Kabupaten Batang <lpse@batang\nkab.go.id> menulis:"
    ),
    "Gmail, narrow no-break space": "On Mon, Mar 3, 2025 at 10:12\u202fAM LPSE <lpse@batangkab.go.id> wrote:",
    "Gmail, older still": "2014-04-03 11:03 GMT+07:00 LPSE Batang <lpse@batangkab.go.id>:",
    "Apple": "On 3 Mar 2025, at 10.12, LPSE Batang <lpse@batangkab.go.id> wrote:",
    "Yahoo": "Pada Senin, 3 Maret 2025 pukul 10.12.33 WIB, LPSE <lpse@batangkab.go.id> menulis:",
    "Thunderbird": "Pada 03/03/2025 10.12, LPSE Batang menulis:",
    "Zimbra": "----- Pada 3 Mar 2025, jam 10:12, LPSE Batang lpse@batangkab.go.id menulis:",
    "SOGo": "Pada Tanggal Senin, 03 Maret 2025 10:12 WIB, LPSE <lpse@batangkab.go.id> tulis:",
    "name first": "LPSE Batang <lpse@batangkab.go.id> menulis:",
    "Outlook, Indonesian": (
        "________________________________\nDari: LPSE Batang <lpse@batangkab.go.id>\n"
        "Dikirim: Senin, 03 Maret 2025 10:12\nKepada: Sari\nSubjek: [LPSE-BTG-2026-000123] login"
    ),
    "Outlook, English, bold": (
        "*From:* LPSE Batang <lpse@batangkab.go.id>\n*Sent:* Monday, March 3, 2025 10:12 AM\n"
        "*To:* Sari\n*Subject:* login"
    ),
    "Outlook within one Exchange": "Dari: LPSE\nTerkirim: 3 Maret 2025 10.12\nKe: Sari\nSubjek: login",
    "Zimbra's block": (
        'Dari: "LPSE" <l@x.id>\nKepada: "Sari" <s@x.id>\nTerkirim: Senin, 3 Maret 2025 10:12:33\nPerihal: a'
    ),
    "Pesan Asli": "-----Pesan Asli-----",
    "Pesan Asli with blanks": "-------- Pesan Asli --------",
    "K-9": "-------- Pesan Orisinal --------",
    "Original Message": "-----Original Message-----",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("prefix", ["> ", "", "> > "], ids=["quoted", "bare", "twice"])
def test_only_the_words_above_the_head_are_new(head: str, prefix: str) -> None:
    found = new_text(f"#jawab\nSilakan dicoba kembali.\n\n{head}\n\n{quoted(OURS, prefix)}\n")
    assert found.text == "#jawab\nSilakan dicoba kembali."
    assert "memerlukan tindakan" in found.quoted
    assert (found.doubt, found.marked, found.below) == (None, True, "")


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_a_head_ends_the_new_text_without_our_marker_too(head: str) -> None:
    found = new_text(f"Sudah kami perbaiki.\n\n{head}\n\n> Mohon bantuannya.\n> Terima kasih.")
    assert (found.text, found.doubt) == ("Sudah kami perbaiki.", None)
    assert not found.marked


@pytest.mark.parametrize(
    "line",
    [
        "Pada hari Senin, 3 Maret 2025 pukul 10.12 kami tidak dapat masuk.",
        "Pada menu Akun, pengguna menulis:",
        "Pada saat mendaftar pukul 10.12 muncul pesan yang menulis: akses ditolak",
        "On the whole it works.",
        "Dari kemarin tidak bisa login.",
        "Dari: CV Maju Jaya",
        "-- bukan tanda tangan --",
        "#12 dan > 5 MB",
        "Panitia menulis:",
        "Perihal: Permohonan reset password",
    ],
)
def test_an_ordinary_sentence_is_no_head(line: str) -> None:
    text = f"Yth. LPSE,\n{line}\nMohon dibantu."
    assert new_text(text) == NewText(text)


def test_a_letters_own_head_stays_in_the_text_and_is_doubted() -> None:
    letter = "Surat kami:\nDari: CV Maju\nKepada: LPSE\nPerihal: Permohonan\nTanggal: 3 Maret 2025\nIsi surat."
    found = new_text(letter)
    assert found.text == letter
    assert found.doubt == "ada kepala surat yang mungkin bagian dari kutipan"


FORWARDS = [
    "---------- Forwarded message ---------",
    "---------- Pesan terusan ---------",
    "-------- Pesan Diteruskan --------",
    "Begin forwarded message:",
    "Mulai pesan yang diteruskan:",
]


@pytest.mark.parametrize("head", FORWARDS)
def test_a_forwarded_mail_is_kept_but_is_not_new(head: str) -> None:
    found = new_text(f"Mohon ditindaklanjuti.\n\n{head}\nDari: Budi <budi@x.id>\n\n#tutup\nTidak bisa login.")
    assert found.text == "Mohon ditindaklanjuti."
    assert "#tutup" in found.quoted and found.quoted.startswith(head)


MARKERS = [
    MARKER,
    "> " + MARKER,
    "> > " + MARKER,
    ">── Mohon tulis balasan di\n>atas baris ini ──",
    "> ── Mohon tulis balasan\n> > di atas baris ini ──",
    "-- MOHON TULIS BALASAN DI ATAS BARIS INI --",
    "*── Mohon tulis balasan di atas baris ini ──*",
    "│ ── Mohon\u00a0tulis balasan di atas baris\u00a0ini ── │",
]


@pytest.mark.parametrize("marker", MARKERS)
def test_the_marker_is_found_however_a_mail_program_dresses_it(marker: str) -> None:
    prefix = "> " if marker.startswith(">") else ""
    found = new_text(f"Baik, sudah kami kirim.\n\n{marker}\n{prefix}rahasia")
    assert (found.text, found.doubt, found.marked) == ("Baik, sudah kami kirim.", None, True)
    assert "rahasia" in found.quoted


def test_a_marker_on_the_writers_own_line_cuts_that_line() -> None:
    found = new_text(f"Sudah selesai. {MARKER} Yth. Sari, tiket baru.")
    assert found.text == "Sudah selesai."
    assert "tiket baru" in found.quoted


def test_a_marker_that_somebody_wrote_into_raises_a_doubt() -> None:
    found = new_text("── Mohon tulis Sudah beres Pak. balasan di atas baris ini ──\nYth. Sari")
    assert "Sudah beres" in found.text
    assert found.doubt == "baris penanda kami telah berubah"


def test_an_answer_between_quoted_lines_is_doubted_and_kept() -> None:
    found = new_text(
        "Lihat di bawah.\n\nPada 3/3/2025 10.12, Budi menulis:\n> Apa NPWP-nya?\n01.234\n> Kapan?\nKemarin."
    )
    assert found.text == "Lihat di bawah."
    assert found.below == "01.234\n\nKemarin."
    assert found.own == "Lihat di bawah.\n\n01.234\n\nKemarin."
    assert found.doubt == "ada tulisan di antara atau di bawah kutipan"


def test_an_answer_under_the_quote_is_doubted_and_kept_apart() -> None:
    found = new_text("On 3 Mar 2025, at 10.12, LPSE <l@x.id> wrote:\n> Sudah?\n\nBelum.\n-- \nBudi")
    assert (found.text, found.below) == ("", "Belum.")
    assert found.doubt == "ada tulisan di antara atau di bawah kutipan"


def test_a_telephones_footer_under_the_quote_is_no_answer() -> None:
    found = new_text("Sudah.\n\nOn 3 Mar 2025, at 10.12, L <l@x.id> wrote:\n> Sudah?\n\nDikirim dari iPhone saya")
    assert (found.text, found.below, found.doubt) == ("Sudah.", "", None)


@pytest.mark.parametrize("left", ["", "  \n\n", "ok", "-", ".", "-- \nSari\nLPSE Batang"])
def test_nothing_or_nearly_nothing_above_a_quote_is_doubted(left: str) -> None:
    found = new_text(f"{left}\n\n-----Pesan Asli-----\nIsi pesan yang dikutip.")
    assert found.doubt == "tidak ada tulisan baru, atau hampir tidak ada"


def test_an_empty_mail_has_nothing_to_doubt() -> None:
    assert new_text("\n \n") == NewText("")


def test_quoted_lines_without_a_head_are_doubted() -> None:
    found = new_text("Pesannya:\n> galat saat masuk")
    assert (found.text, found.quoted) == ("Pesannya:", "> galat saat masuk")
    assert found.doubt == "batas antara tulisan baru dan kutipan tidak pasti"


def test_what_is_greater_than_something_is_no_quote() -> None:
    assert new_text("Ukurannya:\n> 10 MB\nMohon dibantu.") == NewText("Ukurannya:\n> 10 MB\nMohon dibantu.")


def test_a_quote_that_ends_the_mail_needs_no_head() -> None:
    found = new_text("Sudah kami kirim.\n\n> Mohon dikirim\n> hari ini.")
    assert (found.text, found.doubt) == ("Sudah kami kirim.", None)


def test_a_quote_that_names_its_sender_inside_is_sure() -> None:
    inside = "> Pada 3 Mar 2025, pukul 10.12, LPSE <l@x.id> menulis:\n>\n> Sudah?"
    assert new_text(f"Sudah.\n\n{inside}\n\nDikirim dari iPhone saya").doubt is None
    assert new_text(f"Berikut isinya:\n{inside.splitlines()[-1]}\n> Kapan?").doubt is not None


def test_a_quote_that_holds_its_own_head_without_an_address_is_sure() -> None:
    """Thunderbird's HTML, where the line "Am … schrieb …:" was drawn into the quote, and a signature under it."""
    found = new_text("Anbei.\n\n> Am 21.12.26 um 09:30 schrieb LPSE Batang:\n> LPSE Batang\n> Yth.\n\n-- \nKlaus\n")
    assert (found.text, found.doubt) == ("Anbei.", None)


def test_a_head_in_a_language_that_nobody_has_listed_is_found_by_what_it_holds() -> None:
    head = "Στις Δευ, 3 Μαρ 2025 στις 10:12 π.μ., ο χρήστης LPSE <lpse@x.id> έγραψε:"
    found = new_text(f"Selesai.\n\n{head}\n\n> Sudah?")
    assert (found.text, found.doubt) == ("Selesai.", None)


def test_a_quote_on_the_line_of_its_head_is_cut_there() -> None:
    found = new_text("Belum pak.\n\n  Pada Sel, 4 Mar 2025 pada 9:20, LPSE<l@x.id> menulis:   Sudah dicoba?")
    assert (found.text, found.doubt) == ("Belum pak.", None)
    assert found.quoted.endswith("Sudah dicoba?")


def test_a_head_glued_to_the_writers_last_word_is_cut_off_it() -> None:
    found = new_text("Siap pakPada Sel, 4 Mar 2025 pukul 9.20 LPSE <l@x.id> menulis:\n> Sudah?")
    assert (found.text, found.doubt) == ("Siap pak", None)


def test_a_forwarded_mail_is_told_from_an_answered_one() -> None:
    assert new_text("Mohon dibantu.\n\n---------- Forwarded message ---------\nDari: a <a@x.id>\n\nIsi").forwarded
    assert not new_text("Mohon dibantu.\n\n-----Pesan Asli-----\nIsi").forwarded


def test_answers_in_red_below_are_doubted() -> None:
    block = "Dari: LPSE <l@x.id>\nDikirim: 3 Maret 2025 10.12\nKepada: Sari\nSubjek: data\n\nNPWP? 01.234"
    assert (
        new_text(f"Jawaban kami di bawah, tulisan merah.\n\n{block}").doubt
        == "jawaban mungkin ditulis di dalam kutipan"
    )
    assert new_text(f"Jawaban kami terlampir.\n\n{block}").doubt is None


def test_a_closing_is_kept_and_told_apart() -> None:
    found = new_text("Akun sudah aktif.\n\nHormat kami,\nSari Utami\nHelpdesk LPSE")
    assert found.text.endswith("Hormat kami,\nSari Utami\nHelpdesk LPSE")
    assert (found.closing, found.unsigned) == ("Hormat kami,\nSari Utami\nHelpdesk LPSE", "Akun sudah aktif.")


@pytest.mark.parametrize(
    "text",
    [
        "Akun sudah aktif.\nSari",
        "Hormat kami,\n#tutup",
        "Salam,\nSari\n\nNB: besok kantor tutup, mohon datang lusa saja.",
        "Terima kasih.\nMohon segera.",
    ],
)
def test_what_may_be_more_than_a_name_is_no_closing(text: str) -> None:
    assert (new_text(text).closing, new_text(text).unsigned) == ("", text)


LEGAL = (
    "Email ini dan lampirannya bersifat rahasia dan hanya ditujukan kepada penerima yang dituju. Apabila Anda bukan"
    " penerima, dilarang menyalin isinya dan mohon menghapusnya."
)


def test_disclaimers_banners_and_list_footers_are_no_words_of_the_writer() -> None:
    banner = "[EKSTERNAL] E-mail ini berasal dari luar organisasi."
    footer = "_____________\nforum mailing list\nforum@x.id\nhttps://x.id/forum"
    found = new_text(f"{banner}\n\nMohon dicek.\n\n{LEGAL}\n\n{footer}")
    assert (found.text, found.doubt) == ("Mohon dicek.", None)
    assert all(part in found.signature for part in (banner, LEGAL, "mailing list"))


def test_a_disclaimer_under_a_quote_is_no_answer() -> None:
    found = new_text(f"Baik.\n\nOn 3 Mar 2025, at 10.12, L <l@x.id> wrote:\n> Sudah?\n\n{LEGAL}")
    assert (found.text, found.below, found.doubt) == ("Baik.", "", None)


@pytest.mark.parametrize(
    "text",
    [
        "Peringatan: sistem menampilkan pesan dari luar jaringan.\nMohon dicek.",
        "Informasi ini rahasia.",
        "Surat tugas sudah ada.\nDikirim melalui e-mail kemarin oleh bendahara.",
        "Masalah:\n--\nAkun terkunci sejak pagi.\nUnggahan gagal terus.",
    ],
)
def test_sentences_that_sound_like_small_print_stay(text: str) -> None:
    assert new_text(text) == NewText(text)


# --- the set of replies -----------------------------------------------------------------------


@pytest.mark.parametrize("reply", replies.replies(), ids=lambda reply: reply.id)
def test_no_sentence_of_a_writer_is_lost(reply: replies.Reply) -> None:
    assert replies.lost(reply, new_text(reply.text)) == []


# A telephone's footer in the middle of a text is the writer's; at the end of a mix it would be a footer.
SENTENCES = sorted(
    {sentence for reply in replies.replies() for sentence in reply.sentences if not is_footer(sentence.strip())}
)


@given(st.lists(st.sampled_from(["", *SENTENCES]), max_size=12))
def test_any_mix_of_peoples_sentences_stays_whole_or_is_doubted(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = new_text(text)
    there = text if found.doubt is not None else f"{found.own}\n"
    assert [line for line in lines if line.strip("-_") and line.strip() not in there] == []


def test_the_set_is_read_as_well_as_it_has_been() -> None:
    found = replies.judged()
    held_out = [pair for pair in found if pair[0].held_out]
    assert [reply.id for reply, new in found if not reply.held_out and not replies.right(reply, new)] == []
    assert sum(replies.right(*pair) for pair in held_out) >= 0.92 * len(held_out)
    assert len({reply.id for reply, _ in found}) == len(found) > 300
    assert sum(reply.language == "id" for reply, _ in found) > 200


@pytest.mark.parametrize("reply", [r for r in replies.replies() if r.closing], ids=lambda reply: reply.id)
def test_closings_are_told_apart(reply: replies.Reply) -> None:
    assert new_text(reply.text).closing == (reply.closing or "").strip()


# --- HTML ---------------------------------------------------------------------------------------

UNLISTED = "<b>Από:</b> L &lt;l@x.id&gt;<br><b>Στάλθηκε:</b> 3 Μαρτίου 2025 10:12<br><b>Προς:</b> S<br><b>Θέμα:</b> x"
STRUCTURES = {
    "Outlook": f'<p>Baru.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">{UNLISTED}</div><p>Lama.</p>',
    "Outlook web": f'<p>Baru.</p><div id="divRplyFwdMsg">{UNLISTED}</div><div>Lama.</div>',
    "Hotmail": '<p>Baru.</p><hr id="stopSpelling"><div>Θέμα x</div><div>Lama.</div>',
    "Outlook, bar": '<p>Baru.</p><div style="border-left:solid blue 1.5pt"><p>Lama.</p><p>Lagi.</p></div>',
    "Yahoo": '<div>Baru.</div><div class="yahoo_quoted"><div>ในวันจันทร์ LPSE เขียน</div><div>Lama.</div></div>',
    "Proton": '<div>Baru.</div><div class="protonmail_quote"><div>Lama.</div><div>Lagi.</div></div>',
    "Gmail": '<p>Baru.</p><div class="gmail_attr">έγραψε</div><blockquote class="gmail_quote">Lama.</blockquote>',
    "Thunderbird": '<p>Baru.</p><div class="moz-cite-prefix">x ha</div><blockquote type="cite">Lama.</blockquote>',
}


@pytest.mark.parametrize("source", STRUCTURES.values(), ids=STRUCTURES.keys())
def test_the_markup_tells_a_quote_whatever_its_language(source: str) -> None:
    found = new_text(to_text(source))
    assert (found.text, found.below, found.doubt) == ("Baru.", "", None)
    assert "Lama." in found.quoted


def test_what_stands_under_a_closed_quote_is_seen() -> None:
    found = new_text(to_text('<div class="yahoo_quoted"><div>Lama.</div></div><p>Jawaban saya.</p>'))
    assert found.below == "Jawaban saya."


@pytest.mark.parametrize(
    "source",
    [
        '<p>Baru.</p><div style="border-top:solid black 1pt"><p>Juga baru.</p></div>',
        '<p>Baru.</p><div class="gmail_attr">Juga baru.</div><p>Lagi.</p>',
        '<p>Baru.</p><div class="not_yahoo_quoted_x">Juga baru.</div>',
    ],
)
def test_markup_that_only_looks_alike_is_no_quote(source: str) -> None:
    found = new_text(to_text(source))
    assert "Juga baru." in found.text
    assert found.quoted == ""


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<html><body><p>Isi</p></body></html><p>Setelah</p>", "Isi\nSetelah"),
        ("<html><body>Isi</body></html>Setelah", "Isi\nSetelah"),
        ("<div>Atas</div><html><head><title>x</title></head><body>Bawah</body></html>", "Atas\nBawah"),
        ("<html><body>A</body></html>\n<html><body>B</body></html>", "A\nB"),
        ("<blockquote>Yth</blockquote></body></html>Setelah", "> Yth\nSetelah"),
    ],
)
def test_nothing_is_lost_behind_the_end_of_a_page(source: str, text: str) -> None:
    """Servers and programs write there, and browsers show it (WHATWG HTML §13.2.6.4.19)."""
    assert [line.strip() for line in to_text(source).split("\n") if line.strip()] == text.split("\n")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a &amp;amp; b</p>", "a &amp; b"),
        ("<p>tag &amp;lt;br&amp;gt; &lt;br&gt;</p>", "tag &lt;br&gt; <br>"),
        ("<p>Rp&nbsp;5 &#8211; &eacute; & co &bogus;</p>", "Rp 5 – é & co &bogus;"),
        ("<blockquote>Yth &amp;#xE001; &#xE001;#tutup</blockquote>", "> Yth &#xE001; #tutup"),
    ],
)
def test_what_stands_for_a_character_is_read_once(source: str, text: str) -> None:
    assert to_text(source).replace("\u00a0", " ") == text


def test_a_rule_in_the_page_is_a_rule_in_the_text() -> None:
    assert to_text("<p>Satu.</p><hr><p>Dua.</p>").split() == ["Satu.", "_" * 32, "Dua."]


@pytest.mark.parametrize("tag", ["dt", "dd", "section", "fieldset", "form", "center", "div", "li"])
def test_what_stands_in_two_blocks_stands_on_two_lines(tag: str) -> None:
    lines = to_text(f"<{tag}>Kata sandi</{tag}><{tag}>kucing</{tag}>").split("\n")
    assert [line.strip(" *") for line in lines if line] == ["Kata sandi", "kucing"]


def test_a_date_and_a_name_before_wrote_could_be_a_persons_words() -> None:
    found = new_text("Berikut kutipannya.\nPada 3 Maret 2025 pukul 10.12 panitia menulis:\nDokumen kurang.")
    assert found.doubt == "batas antara tulisan baru dan kutipan tidak pasti"


SIGNATURES = {
    "Sudah.\n-- \nSari\nLPSE": ("Sudah.", "-- \nSari\nLPSE"),
    "Sudah.\n--\nSari": ("Sudah.", "--\nSari"),
    "Sudah.\n\nDikirim dari iPhone saya": ("Sudah.", "Dikirim dari iPhone saya"),
    "Sudah.\n\nSent from my iPhone": ("Sudah.", "Sent from my iPhone"),
    "Sudah.\n\nDikirim dari Yahoo Mail di Android": ("Sudah.", "Dikirim dari Yahoo Mail di Android"),
    "Sudah.\n\nDapatkan Outlook untuk Android<https://aka.ms/x>": (
        "Sudah.",
        "Dapatkan Outlook untuk Android<https://aka.ms/x>",
    ),
    "Dikirim dari kantor pusat.": ("Dikirim dari kantor pusat.", ""),
    "Dikirim dari iPhone saya\nmohon dibantu": ("Dikirim dari iPhone saya\nmohon dibantu", ""),
    "Hormat kami,\nSari": ("Hormat kami,\nSari", ""),
}


@pytest.mark.parametrize("text", SIGNATURES)
def test_signatures_and_footers_are_set_apart(text: str) -> None:
    found = new_text(text)
    assert (found.text, found.signature.strip()) == SIGNATURES[text]


@pytest.mark.parametrize(
    "line",
    [
        "Dikirim dari iPhone saya. Oya pak kode tendernya 87654321 ya",
        "Dikirim dari iPhone saya, tolong balas ke nomor 0812000111",
        "Sent from my iPhone https://contoh.example/foto mohon dibuka berkasnya",
    ],
)
def test_who_writes_on_in_a_footers_line_is_heard(line: str) -> None:
    assert new_text(f"Siap.\n\n{line}").text == f"Siap.\n\n{line}"


@pytest.mark.parametrize(
    "line",
    [
        "Dikirim dari perangkat Android saya dengan K-9 Mail. Mohon maaf jika pesan ini terlalu singkat.",
        "Sent from my iPhone, please excuse typos.",
        "Sent from my BlackBerry 10 smartphone, powered by Indosat",
        "Dapatkan Outlook untuk iOS<https://aka.ms/o0ukef>",
    ],
)
def test_a_footer_may_excuse_itself(line: str) -> None:
    assert new_text(f"Siap.\n\n{line}").text == "Siap."


def test_a_long_text_under_a_dividing_line_is_no_signature() -> None:
    text = "Bagian satu.\n--\n" + "\n".join(f"Baris {n}" for n in range(30))
    assert new_text(text).text == text


@pytest.mark.parametrize(
    "under",
    [
        "Budi Santoso\nCV Contoh Jaya\n\nNB: user ID kami CONTOHJAYA2.",
        "John\n\nP.S. the tender code is 87654321",
        "Catatan : mulai besok pakai nomor lama",
        "Tambahan: kode tender kami 87654321 dan besok terakhir upload.",
        "kode tender 87654321 besok terakhir upload mohon segera",
        "Budi Santoso\n\nOya pak kode tendernya yang benar 87654321",
    ],
)
def test_words_of_the_writer_under_his_signature_are_kept(under: str) -> None:
    found = new_text(f"Mohon reset.\n\n-- \n{under}\n\nPada 3 Mar 2025 10.12, LPSE <l@b.example> menulis:\n> Yth.")
    assert under in found.text


@pytest.mark.parametrize(
    "under",
    [
        "Ir. Budi Santoso, S.T., M.T.\nKepala Bidang Layanan Pengadaan Secara Elektronik\nTelp. (0285) 391000",
        'Budi\nCV Jaya\n"Melayani dengan sepenuh hati."',
        "Dikirim dari perangkat Android saya dengan K-9 Mail. Mohon maaf jika pesan ini terlalu singkat.",
        "PS Batang Raya, Jl. Veteran no. 3 kel. Kauman kec. Batang",
        "NB Motor\nsewa mobil dan motor",
    ],
)
def test_names_addresses_and_slogans_are_no_words_of_the_writer(under: str) -> None:
    assert new_text(f"Mohon reset.\n\n-- \n{under}").text == "Mohon reset."


def test_a_command_under_the_signature_is_doubted() -> None:
    assert new_text("Salam.\n-- \nSari\n#tutup").doubt == "ada baris perintah di bawah tanda tangan"


def test_a_site_may_have_a_marker_of_its_own() -> None:
    found = new_text("Sudah.\n> == Balas di atas garis ini ya ==\n> x", "== Balas di atas garis ini ya ==")
    assert (found.text, found.doubt) == ("Sudah.", None)


@given(
    st.lists(st.sampled_from([*HEADS.values(), MARKER, "> x", "-- ", "Dikirim dari iPhone saya", "kata", "", "#tutup"]))
)
def test_every_word_is_somewhere(parts: list[str]) -> None:
    text = "\n".join(parts)
    found = new_text(text)
    everything = f"{found.text}\n{found.signature}\n{found.quoted}"
    assert [w for w in everything.split() if w.isalnum()] == [w for w in text.split() if w.isalnum()]


@given(st.text())
def test_any_text_gives_an_answer(text: str) -> None:
    found = new_text(text)
    assert len(found.text) <= len(text)


MEGABYTE = 1_000_000
HOSTILE = [
    "P\n",
    "Pada x\n",
    "Pada 1 ",
    "Dari: a\n",
    "From: x\nDate: 10:12\n",
    ">\n",
    "x\n> a\nfoo\n",
    "-",
    "---\n",
    "--\n",
    " ",
    "\n",
    "mohon tulis balasan di atas baris ",
    "mohon" + " " * 50,
    "x menulis:\n",
    "Dikirim dari iPhone saya\n",
    "2024-01-01 10:10 <",
    "*",
    "\u200b",
    "> a\n",
    ">>",
    "On ",
    "On 1 a@b menulis:\n",
    "a@b menulis:\n",
    "2024-01-01 10:10 <a@b>\n",
    "Am 1 schrieb <x@y>:\nfoo ",
    "a:" * 100 + "\n",
    "----- a\n",
    "x: y\n",
    "Date: 10:12\n",
    "From: " * 60 + "\n",
    "> 10 MB\n",
    "Email ini dan lampirannya rahasia penerima dilarang hapus ",
    "Disclaimer\n",
    "[EXTERNAL] x\n",
    "Hormat kami,\n",
    "a",
]


PAGES = [
    '<div style="border-top:solid">',
    '<div class="gmail_attr"></div>',
    '<div class="yahoo_quoted">',
    "<hr>",
    '<div class="' + "class=" * 200 + '">',
    "<blockquote>a</blockquote>",
]


@pytest.mark.parametrize("unit", PAGES)
def test_a_megabyte_of_markup_takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        page = unit * (size // len(unit))
        return quick.seconds(lambda: to_text(page))

    assert seconds(MEGABYTE) < max(3.0, 30 * seconds(MEGABYTE // 10))


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_megabyte_of_anything_takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        return quick.seconds(lambda: new_text(text))

    # A quadratic scan would take a hundred times as long as for a tenth, and minutes in all.
    assert seconds(MEGABYTE) < max(1.0, 30 * seconds(MEGABYTE // 10))


VERBS = [
    verb.replace("\\", "") for name in ("verbs", "verbs without blanks") for verb in quote_heads._WORDS[name].phrases
]


@given(
    st.sampled_from(VERBS).flatmap(lambda verb: st.sampled_from([verb, verb.upper(), verb.title(), verb[:-1]])),
    st.text(st.sampled_from(")]>*_\"'”» :：–—-\u00a0\t"), max_size=8),
)
def test_a_line_is_searched_for_a_verb_at_its_end_wherever_there_is_one(verb: str, behind: str) -> None:
    line = f"Pada Senin Budi {verb}{behind}"
    assert quote_heads._ends_with_verb(line) == (quote_heads._VERB_LAST.search(line[-60:]) is not None)
