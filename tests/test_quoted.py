"""The writer's new words, and nobody else's: the quote styles of mail programs, and what is doubtful."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.quoted import MARKER, NewText, new_text

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
    found = new_text("Ukurannya:\n> 10 MB")
    assert (found.text, found.quoted) == ("Ukurannya:", "> 10 MB")
    assert found.doubt == "batas antara tulisan baru dan kutipan tidak pasti"


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


def test_a_long_text_under_a_dividing_line_is_no_signature() -> None:
    text = "Bagian satu.\n--\n" + "\n".join(f"Baris {n}" for n in range(30))
    assert new_text(text).text == text


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
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_megabyte_of_anything_takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        new_text(text)
        return time.process_time() - start

    # A quadratic scan would take a hundred times as long as for a tenth, and minutes in all.
    assert seconds(MEGABYTE) < max(1.0, 30 * seconds(MEGABYTE // 10))
