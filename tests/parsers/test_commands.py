"""The command language: what is carried out, what is refused and why, what is only text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.parsers.commands.command_lines import Commands, read
from mailbot.parsers.commands.vocabulary import SPECS, VOCABULARY, Takes
from tests import quick


def names(text: str) -> list[str]:
    found = read(text)
    assert found.fault is None, found.fault
    return [command.name for command in found.commands]


def fault(text: str) -> str:
    found = read(text)
    assert found.fault is not None
    assert found.commands == ()
    return found.fault.sentence


WORDS = [
    ("#jawab Silakan", "answer"),
    ("#answer Silakan", "answer"),
    ("#info Sedang dicek", "info"),
    ("#ambil", "take"),
    ("#take", "take"),
    ("#minta-data Mohon NPWP", "ask"),
    ("#ask Mohon NPWP", "ask"),
    ("#eskalasi Ringkasan", "escalate"),
    ("#escalate Ringkasan", "escalate"),
    ("#teruskan", "forward"),
    ("#forward", "forward"),
    ("#lkpp Mohon dicek", "lkpp"),
    ("#telepon\na. Nama: Budi", "phone"),
    ("#telpon a. Nama: Budi", "phone"),
    ("#phone", "phone"),
    ("#loket\na. Nama: Budi", "counter"),
    ("#tamu", "counter"),
    ("#bukutamu", "guestbook"),
    ("#buku tamu Desember 2026", "guestbook"),
    ("#guestbook 21/12/2026.", "guestbook"),
    ("#kembali", "returned"),
    ("#returned", "returned"),
    ("#data-tambahan", "data"),
    ("#data", "data"),
    ("#perkembangan", "progress"),
    ("#progress", "progress"),
    ("#selesai", "resolved"),
    ("#resolved", "resolved"),
    ("#alihkan", "redirect"),
    ("#redirect", "redirect"),
    ("#abaikan", "ignore"),
    ("#ignore", "ignore"),
    ("#catat Sudah ditelepon", "note"),
    ("#note Sudah ditelepon", "note"),
    ("#prioritas 1", "priority"),
    ("#priority 4", "priority"),
    ("#tutup", "close"),
    ("#close", "close"),
    ("#buka", "reopen"),
    ("#reopen", "reopen"),
    ("#buang", "spam"),
    ("#spam", "spam"),
    ("#batal", "undo"),
    ("#undo", "undo"),
    ("#status", "status"),
    ("#bantuan", "help"),
    ("#help", "help"),
    ("#lpse-support 123456", "tts"),
    ("#tts 123456", "tts"),
]


@pytest.mark.parametrize(("line", "name"), WORDS)
def test_each_word_is_known_in_both_languages(line: str, name: str) -> None:
    assert names(line) == [name]
    assert names(line.upper()) == [name]


SPELLINGS = [
    "#minta-data Mohon NPWP",
    "  #minta-data Mohon NPWP",
    "\u00a0#minta-data\u00a0Mohon NPWP",
    "\ufeff#Minta-Data: Mohon NPWP",
    "＃minta-data. Mohon NPWP",
    "# minta-data Mohon NPWP",
    "#minta_data Mohon NPWP",
    "#mintadata Mohon NPWP",
    "#minta data Mohon NPWP",
    "#minta data: Mohon NPWP",
    "#minta–data Mohon NPWP",
    "#ｍｉｎｔａ-ｄａｔａ Mohon NPWP",
    "#minta-data:Mohon NPWP",
    "#minta-data\nMohon NPWP\n",
    "#minta-data\n\n\nMohon NPWP",
    "Yth. Mailbot,\nSelamat pagi.\n\n#minta-data Mohon NPWP",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_command_is_understood_however_it_is_typed(text: str) -> None:
    (command,) = read(text).commands
    assert (command.name, command.text, command.argument) == ("ask", "Mohon NPWP", "")


def test_the_text_is_the_rest_of_the_line_and_all_that_follows() -> None:
    found = read("#ambil\n#prioritas P2\n\n#eskalasi Gagal login\n\nUpaya:\n1. reset #12\n# Judul\n#kata lain saja\n")
    assert [c.name for c in found.commands] == ["take", "priority", "escalate"]
    assert found.commands[1].argument == "2"
    assert found.commands[2].text == "Gagal login\n\nUpaya:\n1. reset #12\n# Judul\n#kata lain saja"


def test_a_mail_without_a_command_is_a_plain_answer() -> None:
    text = "Yth. Bapak Budi,\n\nSilakan dicoba #2.\n# Langkah\n#1 masuk"
    assert read(f"\n{text}\n") == Commands(leading=text)


@pytest.mark.parametrize(
    "greeting",
    [
        "Yth. Admin LPSE,",
        "Selamat pagi",
        "Selamat siang Bapak/Ibu,",
        "selamat sore pak Budi",
        "Assalamu'alaikum Wr. Wb.",
        "Halo Mailbot!",
        "Dear Tim,",
        "Kepada Yth. Helpdesk\ndi tempat",
        "Bu Sari,",
        "Salam sejahtera,",
    ],
)
def test_a_greeting_may_stand_above_a_command(greeting: str) -> None:
    found = read(f"{greeting}\n\n#ambil")
    assert (found.fault, found.leading) == (None, greeting)


@pytest.mark.parametrize(
    "text",
    [
        "Mohon tiket ini ditutup saja.\n#ambil",
        "Selamat pagi, mohon tiket ini jangan ditutup\n#tutup",
        "Sudah saya telepon.\n\n#jawab Silakan dicoba",
        "Yth. Admin,\nSudah saya telepon.\n#ambil",
    ],
)
def test_text_above_a_command_is_ambiguous(text: str) -> None:
    assert fault(text) == "Ada teks sebelum perintah. Tulis perintah di baris pertama, lalu teksnya."


def test_text_between_commands_is_ambiguous() -> None:
    assert fault("#ambil\nSaya tangani\n#prioritas 1").startswith("Ada teks di antara perintah.")


@pytest.mark.parametrize("closing", ["Terima kasih", "Salam,\nSari", "Hormat kami,\n\nSari\nLPSE Batang", ""])
def test_a_closing_formula_after_a_command_without_text_is_left_aside(closing: str) -> None:
    assert names(f"#ambil\n\n{closing}") == ["take"]


@pytest.mark.parametrize(
    "rest", ["Tolong sampaikan ke pengguna.", "Terima kasih\n" + "Tolong juga sampaikan ini. " * 5]
)
def test_other_text_after_a_command_without_text_is_a_fault(rest: str) -> None:
    assert fault(f"#ambil\n{rest}").startswith("Teks sesudah #ambil tidak termasuk perintah mana pun. Tulis ")


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("#eskalsi Ringkasan", "eskalasi"),
        ("#jawap Silakan", "jawab"),
        ("#tutp", "tutup"),
        ("#jawab/tutup", None),
        ("#xyzzy", None),
        ("#qwerty LPSE-BTG-2026-000001", None),
    ],
)
def test_an_unknown_command_is_named_with_the_nearest_known_one(line: str, nearest: str | None) -> None:
    found = read(f"#ambil\n{line}\nteks")
    assert found.fault is not None and found.commands == ()
    assert "tidak dikenal" in found.fault.sentence
    assert (found.fault.line, found.fault.nearest) == (line, nearest)
    assert ("Mungkin maksudnya" in found.fault.sentence) is (nearest is not None)


def test_a_mistyped_command_in_a_plain_answer_does_not_go_out_as_an_answer() -> None:
    assert "#tutp" in fault("Silakan dicoba.\n#tutp")


@pytest.mark.parametrize(
    "text",
    [
        "#jawab Silakan dicoba\n#tutup",
        "#jawab Silakan dicoba\n\n  ＃Tutup tiket",
        "#eskalasi Ringkasan\n#jawab Sudah diteruskan",
        "#jawab\nSilakan\n#minta data NPWP",
        "#tutup\n#ambil",
        "#catat a\n#status",
    ],
)
def test_a_command_after_a_text_is_a_fault(text: str) -> None:
    assert "ditulis sesudah teks perintah lain" in fault(text)


def test_a_mistyped_command_alone_on_a_line_of_a_text_is_a_fault() -> None:
    assert "mirip perintah #tutup" in fault("#jawab Silakan dicoba\n#tutupp")


@pytest.mark.parametrize("line", ["#12", "# Judul", "# status", "#terimakasih", "#kode 12 pada layar", "#", "##"])
def test_other_lines_with_a_hash_in_a_text_are_text(line: str) -> None:
    (command,) = read(f"#jawab Silakan\n{line}\nSalam").commands
    assert command.text == f"Silakan\n{line}\nSalam"


@pytest.mark.parametrize("name", [s.name for s in VOCABULARY if s.takes is Takes.TEXT])
@pytest.mark.parametrize("text", ["", "\n\n", " ...", "\n--\n"])
def test_a_command_that_needs_text_is_refused_without(name: str, text: str) -> None:
    word = SPECS[name].word
    assert fault(f"#{word}{text}") == f"Perintah #{word} memerlukan teks."


@pytest.mark.parametrize(("argument", "level"), [("1", "1"), ("P3", "3"), ("p 4", "4"), ("２", "2"), ("2.", "2")])
def test_a_priority_may_be_written_in_several_ways(argument: str, level: str) -> None:
    assert read(f"#prioritas {argument}").commands[0].argument == level
    assert read(f"#prioritas: {argument}").commands[0].argument == level


# --- #ubah --------------------------------------------------------------------------------------------


def values(text: str) -> list[tuple[str, str]]:
    found = read(text)
    assert found.fault is None, found.fault
    assert all(command.by_set for command in found.commands)
    return [(command.name, command.argument) for command in found.commands]


@pytest.mark.parametrize(
    "text",
    [
        "#ubah prioritas 2, jenis AKUN_LOGIN, kategori pertanyaan",
        "#set priority 2, problem AKUN_LOGIN, category pertanyaan",
        "#Ubah Prioritas: P2; JENIS=AKUN_LOGIN; kategori menjadi pertanyaan",
        "#ubah prioritas 2 jenis AKUN_LOGIN dan kategori pertanyaan",
        "#ubah\nprioritas 2\njenis AKUN_LOGIN\nKategori : pertanyaan\n\nTerima kasih,\nSari",
        "#ubah prioritas 2,\njenis AKUN_LOGIN\nkategori pertanyaan",
    ],
)
def test_ubah_sets_several_fields_however_they_are_set_apart(text: str) -> None:
    assert values(text) == [("priority", "2"), ("problem", "AKUN_LOGIN"), ("category", "pertanyaan")]


def test_each_field_of_ubah_is_read_as_its_own_command_is() -> None:
    for spec in (spec for spec in VOCABULARY if spec.is_field):
        for word in (spec.word, *spec.aliases):
            [alone] = read(f"#{word} 3").commands
            assert values(f"#ubah {word} 3") == [(alone.name, alone.argument)]


def test_a_comma_may_stand_in_the_name_of_a_directorate() -> None:
    assert values("#ubah tujuan Direktorat SPSE, Deputi II dan Humas, prioritas 3") == [
        ("destination", "Direktorat SPSE, Deputi II dan Humas"),
        ("priority", "3"),
    ]


def test_ubah_without_a_field_asks_for_them() -> None:
    assert names("#ubah") == names("#set\n\nSalam,\nSari") == ["set"]
    assert names("#ambil\n#ubah prioritas 2\n#jawab Halo") == ["take", "priority", "answer"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "#ubah priorits 2",
            "“priorits” bukan data tiket yang dapat diubah dengan #ubah. Mungkin maksudnya prioritas?",
        ),
        ("#ubah prioritas 2, jenes OTP", "Mungkin maksudnya jenis?"),
        ("#ubah warna merah", "Yang dapat diubah: prioritas, kategori, jenis, golongan, tujuan."),
        ("#ubah tujuan Direktorat SPSE, priorits 2", "“priorits” bukan data tiket"),
        ("#ubah prioritas 1, prioritas 2", "Perintah #prioritas ditulis lebih dari satu kali."),
        ("#prioritas 1\n#ubah jenis OTP, prioritas 2", "Perintah #prioritas ditulis lebih dari satu kali."),
        ("#ubah prioritas 2\nSudah saya telepon.", "Teks sesudah #prioritas tidak termasuk perintah mana pun."),
    ],
)
def test_a_slip_in_one_field_stops_all(text: str, why: str) -> None:
    assert why in fault(text)


# --- what else stands behind a command ----------------------------------------------------------------


@pytest.mark.parametrize("number", ["", "abc", "12 sudah dibuat", "1" * 61, "<script>1"])
def test_a_ticket_number_of_lpse_support_is_one_word_with_a_digit(number: str) -> None:
    assert fault(f"#tts {number}") == "Perintah #lpse-support memerlukan satu nomor tiket."


@pytest.mark.parametrize("line", ["#tts TTS-2026/0001", "#lpse support TTS-2026/0001.", "#LPSE_Support: TTS-2026/0001"])
def test_the_number_of_lpse_support_is_read(line: str) -> None:
    assert read(line).commands[0].argument == "TTS-2026/0001"


@pytest.mark.parametrize("line", ["#ambil dong", "#batal semuanya", "#karantina 3 hari"])
def test_a_command_that_takes_nothing_is_refused_with_something(line: str) -> None:
    assert "tidak memerlukan keterangan" in fault(line)


def test_the_same_command_twice_is_a_fault() -> None:
    assert fault("#prioritas 1\n#prioritas 2") == "Perintah #prioritas ditulis lebih dari satu kali."
    assert fault("#ambil\n#take") == "Perintah #ambil ditulis lebih dari satu kali."


CODE = "ABCDE-FGH23-KLMNO-PQR67"


@pytest.mark.parametrize("line", [f"Kode: {CODE}", f"  kode : {CODE.lower()} ", f"*Kode: {CODE}*"])
def test_a_links_code_is_taken_out_of_the_text(line: str) -> None:
    found = read(f"#eskalasi Gagal login\n{line}\nUpaya: reset")
    assert found.code == CODE.replace("-", "")
    assert found.commands[0].text == "Gagal login\nUpaya: reset"


@pytest.mark.parametrize("line", ["Kode: 12345", "Kode tender: 12345678", f"Kode: {CODE[:-1]}", "Kode: tolong segera"])
def test_another_kind_of_code_is_text(line: str) -> None:
    found = read(f"#jawab Silakan\n{line}")
    assert found.code is None
    assert found.commands[0].text == f"Silakan\n{line}"


def test_two_codes_are_a_fault_and_one_twice_is_not() -> None:
    other = CODE.replace("A", "B")
    assert fault(f"#ambil\nKode: {CODE}\nKode: {other}") == "Surel memuat lebih dari satu kode."
    assert read(f"#ambil\nKode: {CODE}\nKode: {CODE}").code == CODE.replace("-", "")


def test_every_usage_line_is_itself_a_command() -> None:
    for spec in VOCABULARY:
        line = (
            spec.usage.replace("1-4", "1")
            .replace("DATA NILAI, …", "")
            .replace("NOMOR FORMULIR", "123\nNama: Budi")
            .replace("NOMOR", "123")
            .replace(" N", " 17")
            .replace("[TEKS]", "")
        )
        line = (
            line.replace("[BULAN]", "Desember 2026").replace("[KANAL]", "telepon").replace("ALAMAT", "budi@contoh.id")
        )
        assert names(line) == [spec.name]


@given(st.lists(st.sampled_from([line for line, _ in WORDS] + ["", "teks", "#tutp", "Yth. Bapak", "# x", "#1"])))
def test_a_fault_leaves_no_command_and_a_text_stands_last(lines: list[str]) -> None:
    found = read("\n".join(lines))
    assert found.fault is None or found.commands == ()
    assert not any(command.text for command in found.commands[:-1])


@given(st.text())
def test_any_text_gives_an_answer(text: str) -> None:
    found = read(text)
    assert found.fault is None or found.fault.sentence.endswith((".", "?"))


UNITS = [
    "#a\n",
    "#jawa\n",
    "#zz\n",
    "#",
    "a",
    ".",
    "yth ",
    "selamat ",
    "kode: AAAAA-",
    "\n",
    "terima kasih ",
    "＃x ",
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("head", ["", "#jawab ", "#ambil\n"])
def test_a_megabyte_of_anything_takes_linear_time(head: str, unit: str) -> None:
    def seconds(size: int) -> float:
        text = head + unit * (size // len(unit))
        return quick.seconds(lambda: read(text))

    # A quadratic scan would take a hundred times as long as for a tenth, and minutes in all.
    assert seconds(1_000_000) < max(1.0, 30 * seconds(100_000))


def test_a_form_below_a_number_in_lpse_support_opens_a_ticket_and_other_text_is_asked_about() -> None:
    [command] = read("#lpse-support TTS-1\nNama: Budi\nB. PERMASALAHAN\nLupa sandi").commands
    assert (command.name, command.argument) == ("support", "TTS-1")
    assert command.text.startswith("Nama: Budi")
    assert read("#lpse-support TTS-1\nMohon ditunggu.").fault is not None
    assert names("#lpse-support TTS-1\n\nSalam,\nSari") == ["tts"]
    assert [one.argument for one in read("#lpse-support Ditutup.").commands] == ["ditutup"]
