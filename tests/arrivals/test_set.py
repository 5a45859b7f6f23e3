"""`#ubah`: one word for the fields of a ticket; all is carried out or none, and no slip costs more than a click."""

from __future__ import annotations

import pytest

from tests.steps import closed, flat, links, number, opened, staff_writes
from tests.world import PEOPLE, Letter, PaperWorld

FIELDS = "priority, category, problem, nature, destination"


def fields(office: PaperWorld) -> tuple[object, ...]:
    return tuple(dict(office.rows(f"SELECT {FIELDS} FROM tickets ORDER BY id DESC LIMIT 1")[0]).values())


def told(office: PaperWorld, text: str, answers: Letter | None = None) -> Letter:
    assert staff_writes(office, text, answers) == "staff_receipt"
    return office.last("petugas", "staff_receipt")


def use(office: PaperWorld, body: str) -> Letter:
    """A link of a mail, sent off as it opens or as its reader has changed it."""
    office.new_letters("petugas")
    office.write("petugas", body, subject=f"[{number(office)}]")
    assert office.once()
    return office.new_letters("petugas")[-1]


def test_all_fields_are_set_by_one_line_and_the_receipt_says_each(office: PaperWorld) -> None:
    opened(office)
    receipt = flat(
        told(
            office, "#ubah prioritas 2, kategori tanya, jenis otp, golongan gangguan, tujuan Direktorat SPSE, Deputi II"
        )
    )
    assert fields(office) == (2, "Pertanyaan", "AKUN_OTP", "Gangguan", "Direktorat SPSE, Deputi II")
    for words in (
        "#ubah prioritas : Prioritas menjadi P2 Tinggi.",
        "#ubah kategori : Kategori pada rekap ditetapkan: Pertanyaan.",
        "#ubah tujuan : Direktorat Tujuan ditetapkan: Direktorat SPSE, Deputi II.",
    ):
        assert words in receipt


def test_the_old_words_have_the_same_effect_and_the_same_entries_in_the_history(office: PaperWorld) -> None:
    noted = []
    for text in (
        "#prioritas 1\n#kategori konsultasi\n#jenis AKUN_LOGIN\n#golongan gangguan\n#tujuan Direktorat SPSE",
        "#ubah prioritas 1, kategori konsultasi, jenis AKUN_LOGIN, golongan gangguan, tujuan Direktorat SPSE",
    ):
        told(office, text, opened(office))
        newest = "SELECT max(id) FROM tickets"
        rows = office.rows(f"SELECT event, note FROM history WHERE event LIKE 'staff.%' AND ticket_id = ({newest})")
        noted.append((fields(office), [(row["event"], row["note"]) for row in rows]))
    assert noted[0] == noted[1]
    assert len(noted[0][1]) == 5


@pytest.mark.parametrize("word", ["mendesak", "Mendesak", "1", "P1"])
def test_a_priority_may_be_called_by_its_name(office: PaperWorld, word: str) -> None:
    opened(office)
    told(office, f"#ubah prioritas {word}")
    assert fields(office)[0] == 1


# --- slips --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "why", "link"),
    [
        ("priorits 1, jenis OTP", "Mungkin maksudnya prioritas?", "#ubah prioritas 1, jenis OTP"),
        ("prioritas 1, jenis AKUN_OPT", "Mungkin maksudnya AKUN_OTP?", "#ubah prioritas 1, jenis AKUN_OTP"),
        (
            "jenis otp, kategori pertanyan",
            "maksudnya #ubah kategori pertanyaan?",
            "#ubah jenis otp, kategori pertanyaan",
        ),
        ("golongan ganguan", "Mungkin maksudnya #ubah golongan gangguan?", "#ubah golongan gangguan"),
        ("prioritas mendesk", "memerlukan angka 1, 2, 3, atau 4", "#ubah prioritas 1"),
        ("prioritas 7, kategori konsultasi", "angka 1, 2, 3, atau 4", "#ubah prioritas 4, kategori konsultasi"),
        ("warna merah, prioritas 1", "“warna” bukan data tiket", "#ubah prioritas 1"),
        ("kategori", "memerlukan pengaduan, pertanyaan, atau konsultasi", "#ubah kategori konsultasi"),
    ],
)
def test_an_unknown_field_or_value_stops_all_and_a_link_carries_it_out(
    office: PaperWorld, typed: str, why: str, link: str
) -> None:
    opened(office)
    before = fields(office)
    refused = told(office, f"#ubah {typed}")
    assert "Tidak ada yang dijalankan" in flat(refused) and why in flat(refused)
    assert fields(office) == before
    assert use(office, links(refused)[link]).template == "staff_receipt"
    assert fields(office) != before


def test_the_words_of_an_answer_below_a_slip_go_with_the_link(office: PaperWorld) -> None:
    opened(office)
    refused = told(office, "#ubah priorits 1, jenis OTP\n#jawab\nSilakan dicoba kembali.")
    assert office.status() == "new"
    use(office, links(refused)["#ubah prioritas 1, jenis OTP"])
    assert (fields(office)[0], fields(office)[2], office.status()) == (1, "AKUN_OTP", "resolved")


def test_the_reader_of_a_link_may_strike_or_add_a_field(office: PaperWorld) -> None:
    refused = told(office, "#ubah priorits 1, jenis OTP", opened(office))
    body = links(refused)["#ubah prioritas 1, jenis OTP"]
    use(office, body.replace("#ubah prioritas 1, jenis OTP", "#ubah jenis AKUN_LOGIN, kategori konsultasi"))
    assert fields(office)[1:3] == ("Konsultasi", "AKUN_LOGIN")


def test_the_code_of_a_link_of_ubah_is_good_for_nothing_else(office: PaperWorld) -> None:
    refused = told(office, "#ubah priorits 1, jenis OTP", opened(office))
    body = links(refused)["#ubah prioritas 1, jenis OTP"]
    again = use(office, body.replace("#ubah prioritas 1, jenis OTP", "#tutup"))
    assert "berlaku untuk perintah atau tiket lain" in flat(again)
    assert office.status() == "new"


# --- #ubah alone ----------------------------------------------------------------------------------------


def test_ubah_alone_shows_each_field_with_its_value_and_what_it_may_become(office: PaperWorld) -> None:
    opened(office)
    told(office, "#ubah prioritas 1")
    shown = told(office, "#ubah")
    text = flat(shown)
    for words in (
        "prioritas Sekarang: P1 Mendesak Pilihan: 1 Mendesak, 2 Tinggi, 3 Sedang, 4 Rendah",
        "jenis Sekarang: Tidak dapat login (AKUN_LOGIN) (usulan mailbot) Pilihan: ",
        "kategori Sekarang: Konsultasi (usulan mailbot) Pilihan: pengaduan, pertanyaan, konsultasi",
        "golongan Sekarang: belum ditetapkan Pilihan: gangguan, ",
        "tujuan Sekarang: belum ditetapkan Pilihan: nama direktorat",
    ):
        assert words in text, text
    office.write("petugas", f"{links(shown)['#ubah kategori '].rstrip()} konsultasi", subject=f"[{number(office)}]")
    assert office.once()
    assert fields(office)[:2] == (1, "Konsultasi")


def test_fields_are_set_after_closing_too_but_the_priority(office: PaperWorld) -> None:
    closed(office)
    notice = office.last("petugas", "staff_new_ticket")
    told(office, "#ubah kategori konsultasi, jenis otp", notice)
    assert fields(office)[1:3] == ("Konsultasi", "AKUN_OTP")
    refused = told(office, "#ubah prioritas 1, kategori pengaduan", notice)
    assert "sudah ditutup" in flat(refused)
    assert fields(office)[1] == "Konsultasi"


def test_a_user_sets_nothing(office: PaperWorld) -> None:
    opened(office)
    before = fields(office)
    office.write("pengguna", "#ubah prioritas 1, kategori konsultasi", answers=office.last("pengguna"))
    assert office.once()
    assert fields(office) == before
    assert PEOPLE["pengguna"] not in {
        row["address"] for row in office.rows("SELECT * FROM history WHERE event LIKE 'staff.%'")
    }
