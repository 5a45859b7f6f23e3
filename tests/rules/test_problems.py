"""What a user's mail is about: categories, false friends, the rekap, and what a site's own file is refused for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import problems as bench
from mailbot.errors import ConfigError
from mailbot.rules import priority, problems
from tests.quick import within

RULES = problems.load()
TABLE = priority.load()


def codes(text: str, subject: str = "") -> list[str]:
    return [found.code for found in problems.about(subject, text, RULES).found]


def proposed(text: str, subject: str = "") -> priority.Proposed:
    parts = problems.read(subject, text, RULES.spelling)
    return priority.propose(problems.judge(parts, RULES), parts, RULES, TABLE.deadline)


def test_there_are_21_categories_and_one_for_the_rest() -> None:
    assert len(RULES.rows) == 22
    assert RULES.unknown.code == "LAIN" and not RULES.unknown.phrases
    assert {row.owner for row in RULES.rows} == set(RULES.owners)


def test_all_matches_are_kept_and_the_first_is_the_primary_one() -> None:
    about = problems.about("", "lupa password jadi tdk bs login", RULES)
    assert [found.code for found in about.found] == ["AKUN_PASSWORD", "AKUN_LOGIN"]
    assert about.primary.code == "AKUN_PASSWORD"
    assert about.found[0].words == "lupa password"
    assert about.found[0].rule.startswith("AKUN_PASSWORD.")


def test_the_subject_is_read_too() -> None:
    assert codes("terlampir pak", subject="RESET PASSWORD") == ["AKUN_PASSWORD"]


@pytest.mark.parametrize("name", ["tuning.yaml", "held_out.yaml"])
def test_the_labelled_mails_are_recognised(name: str) -> None:
    scores = bench.mails(name)
    for key, floor in (("problem", 0.95), ("category", 0.95), ("raised", 0.9), ("false", 0.98)):
        assert scores[key].right >= floor * scores[key].of, (key, scores[key].faults)


def test_a_third_of_at_least_250_labelled_mails_is_held_out() -> None:
    tuned, held_out = (bench.mails(name)["problem"].of for name in ("tuning.yaml", "held_out.yaml"))
    assert tuned + held_out >= 250
    assert 3 * held_out >= tuned + held_out


@pytest.mark.parametrize(
    ("text", "not_that"),
    [
        ("Bagaimana sikap pokja atas hal ini?", "SIKAP"),
        ("Sikap petugas loket kurang ramah.", "SIKAP"),
        ("Mohon infonya pak", "INFO"),
        ("Demikian informasi dari kami, atas informasinya terima kasih.", "INFO"),
        ("Untuk informasi lebih lanjut dapat menghubungi kami.", "INFO"),
        ("Mohon ganti rugi atas password kami", "AKUN_PASSWORD"),
        ("kami kalah cepat dengan peserta lain", "SANGGAH_EVALUASI"),
        ("sudah tidak ada error", "ERROR_APP"),
        ("link lupa password tidak masuk ke email", "AKUN_LOGIN"),
        ("NPWP 01.234.567.8-999.000", "ADP_NPWP"),
        ("Jadwal Dinas Perumahan", "JADWAL"),
        ("alamat kami sikap@contoh.id, https://sikap.contoh.id/error?x=1", "SIKAP"),
    ],
)
def test_false_friends_are_no_sign(text: str, not_that: str) -> None:
    assert not_that not in codes(text)


def test_a_link_is_no_question() -> None:
    about = problems.about("", "bukti di https://contoh.id/a?b=1 pak", RULES)
    assert about.category == problems.CONSULTATION


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("kami kecewa, kenapa begini?", problems.COMPLAINT),
        ("kami melaporkan gangguan", problems.COMPLAINT),
        ("kenapa begini", problems.QUESTION),
        ("begitu ya?", problems.QUESTION),
        ("mohon dibantu", problems.CONSULTATION),
        ("kami minta ganti rugi", problems.CONSULTATION),
        ("sudah lapor pajak", problems.CONSULTATION),
    ],
)
def test_the_rekap_s_category_is_one_of_three(text: str, category: str) -> None:
    assert problems.about("", text, RULES).category == category


@pytest.mark.parametrize("word", ["pasword", "psasword", "passwrd", "PASSWORD", "passsword"])
def test_a_slip_of_the_pen_is_understood(word: str) -> None:
    assert codes(f"lupa {word}") == ["AKUN_PASSWORD"]


@pytest.mark.parametrize(
    ("text", "level", "raised"),
    [
        ("tdk bs login pdhl bsk terakhir upload", 1, True),
        ("hari ini tidak bisa login", 1, True),
        ("sampai hari ini belum bisa login", 2, False),
        ("tidak bisa login, batas akhir minggu depan", 2, False),
        ("lupa password, penutupan jam 10", 1, True),
        ("lupa password, hari ini saya ke kantor", 3, False),
        ("OTP tidak muncul, sisa waktu 30 menit", 1, True),
        ("akun terblokir, 2 jam lagi ditutup", 1, True),
        ("data sikap kosong, batas akhir hari ini", 2, False),
        ("jam layanan lpse tutup jam berapa, tidak bisa login", 2, False),
        ("gagal upload penawaran", 1, False),
        ("jadwal bimtek hari ini", 4, False),
        ("mohon bantuan, batas akhir hari ini", 3, False),
    ],
)
def test_a_deadline_raises_what_keeps_a_user_from_his_bid(text: str, level: int, raised: bool) -> None:
    found = proposed(text)
    assert (found.level, found.raised) == (level, raised), found


def test_deadline_words_that_raise_nothing_are_told_all_the_same() -> None:
    assert proposed("data sikap kosong, batas akhir hari ini").words == "batas akhir"


@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_has_a_category_and_a_level_that_is_never_lowered(text: str, subject: str) -> None:
    parts = problems.read(subject, text, RULES.spelling)
    about = problems.judge(parts, RULES)
    assert about.category in (problems.COMPLAINT, problems.QUESTION, problems.CONSULTATION)
    assert 1 <= priority.propose(about, parts, RULES, TABLE.deadline).level <= about.primary.priority


@pytest.mark.parametrize(
    "unit", ["tidak bisa login ", "penawaran dokumen file ", "a", "?", "\n", "x@y ", "https://", "batas "]
)
def test_a_megabyte_takes_less_than_a_second(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    with within(1):
        parts = problems.read(text[:2000], text, RULES.spelling)
        priority.propose(problems.judge(parts, RULES), parts, RULES, TABLE.deadline)


# --- a site's own file --------------------------------------------------------------------------------

SITE = """\
owners: {L: helpdesk}
spelling: lapangan
sets: {lapangan: lapangan gelanggang}
neutral: []
ignore: []
problems:
  - code: LAPANGAN
    title: Sewa lapangan
    owner: L
    priority: 2
    urgent: never
    phrases:
      - {words: "@lapangan", example: Lapangan kami.}
  - {code: LAIN, title: Lain, owner: L, priority: 4, urgent: never}
categories: {pengaduan: [buruk], pertanyaan: [apa], not: []}
"""


def site_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "problems.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_site_s_own_categories_replace_ours(tmp_path: Path) -> None:
    own = problems.load(site_file(tmp_path, SITE))
    assert problems.about("", "sewa lapagan", own).primary.code == "LAPANGAN"
    assert problems.about("", "lupa password", own).primary.code == "LAIN"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("owner: L\n    priority: 2", "owner: X\n    priority: 2", ":9: problems[0].owner: must be one of L"),
        ("priority: 2", "priority: 5", ":10: problems[0].priority: must be 1, 2, 3 or 4"),
        ("urgent: never\n    phrases", "urgent: soon\n    phrases", ":11: problems[0].urgent: must be one of always"),
        ("code: LAPANGAN", "code: lapangan", ":7: problems[0].code: must be capital letters"),
        ("code: LAIN", "code: LAPANGAN", ":14: problems[1].code: LAPANGAN stands twice"),
        ('"@lapangan"', '"@asing"', ":13: problems[0].phrases[0].words: not a phrase: unknown set"),
        ('"@lapangan"', '".. x"', ":13: problems[0].phrases[0].words: not a phrase: a phrase begins"),
        ("Lapangan kami.", "Sawah kami.", ":13: problems[0].phrases[0].example: must be a sentence that"),
        ("neutral: []", "asing: []", ":4: asing: unknown key"),
        ("urgent: never}", "urgent: never, phrases: [{words: x, example: x}]}", "has no phrases"),
        ("pertanyaan: [apa]", "pertanyaan: apa", "categories.pertanyaan: must be a list of phrases"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in SITE
    with pytest.raises(ConfigError) as caught:
        problems.load(site_file(tmp_path, SITE.replace(old, new, 1)))
    assert any(fault in line and "problems.yaml:" in line for line in caught.value.faults), caught.value.faults


# --- who or what does not answer: people and telephones are not the application ---------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Petugas tidak menjawab telepon.",
        "Petugas LPSE tidak menjawab telepon kami sejak pagi.",
        "Petugas SPSE tidak menjawab telepon.",
        "Petugas LPSE tidak bisa dihubungi, telepon LPSE down.",
        "Petugas lpse tidak menjawab telepon, tidak bisa diakses.",
        "Petugas LPSE lambat sekali menjawab telepon.",
        "Telepon LPSE gangguan.",
        "Telepon kantor LPSE mati.",
        "Nomor telepon LPSE tidak bisa diakses.",
        "Telepon ke LPSE tidak bisa masuk.",
        "Kami menelepon LPSE tidak bisa masuk.",
        "WA helpdesk LPSE offline.",
        "Hotline LPSE error.",
        "Helpdesk LPSE mati.",
        "Helpdesk LPSE tidak merespon pesan kami.",
        "Admin aplikasi tidak merespon.",
        "LPSE tidak merespon.",
        "LPSE lambat merespon.",
        "LPSE lambat menjawab email kami.",
        "Pelayanan LPSE lambat.",
        "Kantor LPSE tutup, telepon mati.",
        "Call center LKPP tidak menjawab.",
        "Pokja tidak menjawab pertanyaan kami.",
        "Aduan kami di aplikasi SPSE tidak ada respon.",
        "Tiket kami di LPSE Support tidak ada respons.",
    ],
)
def test_people_and_telephones_that_do_not_answer_are_not_the_application(text: str) -> None:
    found = problems.about("", text, RULES)
    assert not {"AKSES_LPSE", "AKUN_LOGIN"} & {one.code for one in found.found}
    assert found.primary.priority > 1


@pytest.mark.parametrize(
    "text",
    [
        "SPSE tidak merespon.",
        "Aplikasi SPSE tidak merespons saat dibuka.",
        "Server tidak menjawab.",
        "Website LPSE not responding.",
        "Situs LPSE tidak merespon sama sekali.",
        "Halaman SPSE tidak merespon ketika kami menekan kirim.",
        "Sistem SPSE tidak ada respon.",
        "Portal LPSE tidak ada respons sejak tadi.",
        "Aplikasi tidak menanggapi klik kami.",
        "Server LPSE tidak merespon, petugas juga tidak menjawab telepon.",
        "SPSE tidak dapat diakses dan telepon tidak diangkat.",
        "Petugas LPSE mengatakan server down.",
        "Menurut helpdesk LPSE website sedang gangguan.",
        "Sudah telepon, SPSE tidak bisa dibuka.",
        "Sudah telepon LPSE, SPSE down.",
        "Yth. Admin LPSE, website tidak bisa dibuka.",
        "Mohon bantuan admin LPSE, SPSE lemot.",
    ],
)
def test_an_application_that_does_not_answer_is_mendesak(text: str) -> None:
    found = problems.about("", text, RULES)
    assert (found.primary.code, found.primary.priority) == ("AKSES_LPSE", 1)
