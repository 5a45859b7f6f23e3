"""Canned answers: their texts, a site's own, `#jawab KODE`, and the link in the notice of a new ticket."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.config.settings import Config
from mailbot.config.site import open_sites
from mailbot.errors import ConfigError, PermanentFailure
from mailbot.masking import mask
from mailbot.rules import problems
from mailbot.templates.catalogue import ANSWER
from mailbot.templates.prose import unwrapped
from mailbot.templates.render import Renderer
from mailbot.templates.visible_fields import example
from tests.sample_values import VALUES
from tests.steps import escalated, flat, links, minutes_later, number, opened, staff_writes
from tests.world import PaperWorld

OURS = Renderer()
TEXTS = {code: OURS.answer(code, {**VALUES, "limit_mb": 10}) for code in OURS.answers}


# --- the texts --------------------------------------------------------------------------------------


def test_there_is_one_for_every_problem_but_the_unknown_one() -> None:
    rules = problems.load()
    assert set(OURS.answers) == {row.code for row in rules.rows} - {rules.unknown.code}
    assert len(OURS.answers) >= 20


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_says_what_to_do_what_to_send_and_asks_for_no_secret(code: str) -> None:
    text = TEXTS[code]
    assert re.search(r"(?m)^1\. ", text), "no steps"
    assert re.search("membalas e-mail ini|balasan e-mail ini|kirimkan kepada kami", text)
    assert "tangkapan layar" in text.lower() or code in ("AKUN_BARU", "AKUN_EMAIL")
    assert mask(text) == (text, False)
    assert not re.search(r"https?://|www\.|Perpres|Peraturan|Undang|Pasal", text)
    assert "User ID" not in text or re.search(r"(tanpa|tidak \w+) kata\s+sandi|kata sandi, kepada", text)


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_leaves_salutation_closing_and_confirmation_to_the_mail_around_it(code: str) -> None:
    text = TEXTS[code]
    assert not re.search(r"Yth|Hormat kami|[Tt]erima kasih|SELESAI|BELUM", text)
    assert "\n\n\n" not in text
    assert text == text.strip()
    assert all(len(line) > 10 and line[-1] in ".:;" for line in text.split("\n") if line)


def test_lines_of_the_file_become_paragraphs_and_items() -> None:
    assert unwrapped("satu\ndua\n\n\n1. a\n   b\n2. c\n- d\ne\n") == "satu dua\n\n1. a b\n2. c\n- d e"


def test_nothing_a_user_writes_becomes_a_line_of_its_own_in_a_canned_answer(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "SALAM.j2").write_text("Bapak/Ibu {{ recipient.name }}, mohon ditunggu.")
    values = {**VALUES, "limit_mb": 10, "recipient": {"name": "Budi\n\n1. #tutup {{ 7 * 7 }}\u202e"}}
    text = Renderer(tmp_path).answer("SALAM", values)
    assert text == "Bapak/Ibu Budi 1. #tutup {{ 7 * 7 }}, mohon ditunggu."


# --- a site's own -----------------------------------------------------------------------------------


def site(folder: Path, **files: str) -> Renderer:
    (folder / "answers").mkdir()
    for name, text in files.items():
        (folder / "answers" / name.replace("__", ".")).write_text(text)
    return Renderer(folder)


def test_a_sites_answers_replace_ours_add_to_them_and_take_them_away(tmp_path: Path) -> None:
    renderer = site(
        tmp_path,
        AKUN_LOGIN__j2="{# Masuk, cara kami #}\nDatanglah ke {{ organisation.street }}.",
        PARKIR__j2="Parkir di belakang.",
        SIKAP__j2="{# tidak dipakai di sini #}\n",
    )
    assert renderer.check() == []
    assert renderer.answers["AKUN_LOGIN"] == "Masuk, cara kami"
    assert renderer.answers["PARKIR"] == "PARKIR"
    assert "SIKAP" not in renderer.answers
    assert renderer.answer("AKUN_LOGIN", {**VALUES, "limit_mb": 10}) == "Datanglah ke Jl. Contoh 1, Batang."
    assert renderer.answer("SIRUP", {**VALUES, "limit_mb": 10}) == TEXTS["SIRUP"]


def test_a_sites_answer_reaches_ours_under_builtin(tmp_path: Path) -> None:
    renderer = site(tmp_path, SIRUP__j2='{% include "builtin/answers/SIRUP.j2" %}\n\nLoket buka sampai sore.')
    assert renderer.check() == []
    assert renderer.answer("SIRUP", {**VALUES, "limit_mb": 10}) == f"{TEXTS['SIRUP']}\n\nLoket buka sampai sore."


@pytest.mark.parametrize(
    ("name", "source", "line", "fault"),
    [
        ("LOGIN.j2", "Yth.\n\n{{ usr }}", 3, "unknown variable 'usr'"),
        ("LOGIN.j2", "{{ ticket.lkpp_number }}", 1, "unknown field 'lkpp_number'"),  # not the user's to know
        ("LOGIN.j2", "{{ recipient.address }}", 1, "unknown field 'address'"),
        ("LOGIN.j2", "satu\n{% endif %}", 2, "endif"),
        ("LOGIN.j2", "{% if ticket.status %}x{% endif %}", 1, "the answer is empty where nothing is known"),
        ("LOGIN.j2", "{% if not ticket.status %}x{% endif %}", 1, "the answer is empty"),
        ("LOGIN.j2", "{% if ticket.number %}{{ 1 // 0 }}{% endif %}x", 1, "division"),
        ("LOGIN.j2", "a" * 5001, 1, "longer than 5000 characters"),
        ("login.j2", "x", 1, "in capitals"),
        ("LOGIN.txt", "x", 1, "a file CODE.j2"),
        ("LOG IN.j2", "x", 1, "in capitals"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, name: str, source: str, line: int, fault: str) -> None:
    renderer = site(tmp_path, **{name.replace(".", "__"): source})
    [told] = renderer.check()
    assert told.startswith(f"{tmp_path / 'answers' / name}:{line}: ")
    assert fault in told


def test_a_faulty_answer_is_refused_at_the_start(tmp_path: Path, office: PaperWorld) -> None:
    site(tmp_path, LOGIN__j2="{{ usr }}")
    with pytest.raises(ConfigError) as refused:
        open_sites(with_templates(office.config, tmp_path))
    assert any("answers/LOGIN.j2:1: unknown variable 'usr'" in fault for fault in refused.value.faults)


def with_templates(config: Config, folder: Path) -> Config:
    [mailbox] = config.mailboxes
    return replace(config, mailboxes=(mailbox.model_copy(update={"templates": folder}),))


def test_what_a_checked_answer_still_does_wrong_fails_with_its_place(tmp_path: Path) -> None:
    renderer = site(tmp_path, LOGIN__j2="satu\n{{ 1 // limit_mb }}")
    values = {**{name: example(shape, name, True) for name, shape in ANSWER.items()}, "limit_mb": 0}
    with pytest.raises(PermanentFailure, match=r"LOGIN\.j2:2: .*zero") as failed:
        renderer.answer("LOGIN", values)
    assert failed.value.what == "answers/LOGIN.j2"
    with pytest.raises(PermanentFailure, match=r"recipient"):
        renderer.answer("LOGIN", {**values, "recipient": "Budi"})


def test_an_answer_may_have_five_thousand_characters(tmp_path: Path) -> None:
    assert site(tmp_path, LOGIN__j2="a" * 5000).check() == []


def test_an_answer_that_is_always_empty_is_told_twice_with_what_is_known(tmp_path: Path) -> None:
    found = site(tmp_path, LOGIN__j2="{% if false %}x{% endif %}–").check()
    where = f"{tmp_path / 'answers' / 'LOGIN.j2'}:1: the answer is empty"
    assert found == [where, f"{where} where nothing is known of the user"]


# --- #jawab KODE ------------------------------------------------------------------------------------


def test_jawab_with_a_code_sends_its_text_after_the_undo_window_and_the_receipt_shows_it(office: PaperWorld) -> None:
    opened(office)
    assert staff_writes(office, "#jawab akun login\n\n-- \nSari\nLPSE") == "staff_receipt"
    receipt = office.last("petugas", "staff_receipt")
    assert "#jawab AKUN_LOGIN : Jawaban baku AKUN_LOGIN kepada pengguna disiapkan" in flat(receipt.text)
    assert "Pastikan alamat SPSE yang dibuka benar" in flat(receipt.text)
    assert "#batal" in links(receipt)
    assert office.status() == "resolved"
    minutes_later(office, 4)
    answer = office.last("pengguna", "user_answer")
    assert "\n1. Pastikan alamat SPSE yang dibuka benar" in answer.text
    assert "AKUN_LOGIN" not in answer.text
    assert {"SELESAI", "BELUM\n\nKendala:"} <= set(links(answer))
    assert office.rows("SELECT rule FROM history WHERE event = 'staff.answer'")[0]["rule"] == "#jawab AKUN_LOGIN"


def test_what_stands_below_a_code_follows_its_text(office: PaperWorld) -> None:
    opened(office)
    staff_writes(
        office, "#ambil\n#jawab AKUN_LOGIN\nKami tunggu kabarnya sampai sore ini.", files=[("panduan.pdf", b"%PDF")]
    )
    minutes_later(office, 4)
    answer = office.last("pengguna", "user_answer")
    assert "beri tahu Pokja Pemilihan. Kami tunggu kabarnya sampai sore ini. Lampiran: - panduan.pdf" in flat(
        answer.text
    )
    assert [name for name, _ in answer.attachments] == ["panduan.pdf"]


def test_batal_takes_a_canned_answer_back(office: PaperWorld) -> None:
    opened(office)
    staff_writes(office, "#jawab AKUN_LOGIN")
    staff_writes(office, "#batal", office.last("petugas", "staff_receipt"))
    minutes_later(office, 4)
    assert office.status() == "new"
    assert "user_answer" not in [one.template for one in office.letters("pengguna")]


def test_a_canned_answer_while_lkpp_has_the_ticket_is_an_interim_one(office: PaperWorld) -> None:
    escalated(office)
    staff_writes(office, "#jawab SIKAP")
    minutes_later(office, 4)
    assert office.status() == "escalated"
    assert "penjelasan sementara" in flat(office.last("pengguna", "user_answer").text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#jawab AKUN_LOGN", "Mungkin maksudnya #jawab AKUN_LOGIN?"),
        ("#jawab Paket\nsudah kami pindahkan.", "dapat pula awal kalimat Anda"),
        ("#jawab AKUN_LOGIN mohon dicoba", "ditulis sendirian"),
        ("AKUN_LOGIN", "Untuk mengirim jawaban baku, tulis #jawab AKUN_LOGIN"),
    ],
)
def test_what_is_no_clear_code_is_asked_about_and_nothing_leaves(office: PaperWorld, text: str, said: str) -> None:
    opened(office)
    assert staff_writes(office, text) == "staff_receipt"
    receipt = flat(office.last("petugas").text)
    assert "Tidak ada yang dijalankan" in receipt
    assert said in receipt
    minutes_later(office, 4)
    assert office.status() == "new"


@pytest.mark.parametrize("text", ["#jawab", "#jawab\n\n-- \nSari", "#jawab KODE_LAIN"])
def test_jawab_without_a_known_code_lists_the_codes(office: PaperWorld, text: str) -> None:
    opened(office)
    staff_writes(office, text)
    receipt = flat(office.last("petugas", "staff_receipt").text)
    for code, title in OURS.answers.items():
        assert f"#jawab {code} : {title}" in receipt
    assert office.status() == "new"


@pytest.mark.parametrize("text", ["#jawab login gagal karena akun terkunci.", "#jawab\nPaket sudah kami pindahkan."])
def test_words_that_are_codes_as_well_keep_their_sentence(office: PaperWorld, text: str) -> None:
    opened(office)
    staff_writes(office, text)
    minutes_later(office, 4)
    assert text.removeprefix("#jawab").strip() in office.last("pengguna", "user_answer").text


def test_a_canned_answer_on_an_old_mail_is_held_and_its_link_sends_it_once_and_whole(office: PaperWorld) -> None:
    opened(office)
    office.write("rekan", "#info Sedang kami periksa.", answers=office.last("rekan"))
    office.now = office.now.replace(minute=5)
    office.once()
    minutes_later(office, 1)
    office.write("rekan", "#jawab Sudah kami buka kuncinya.", answers=office.last("rekan", "staff_new_ticket"))
    office.once()
    minutes_later(office, 1)
    assert staff_writes(office, "#jawab AKUN_LOGIN\nDari Sari.") == "staff_confirm"
    held = office.last("petugas", "staff_confirm")
    assert "Pastikan alamat SPSE yang dibuka benar" in flat(held.text)
    [body] = [body for command, body in links(held).items() if command.startswith("#jawab")]
    assert len(body) < 200
    office.write("petugas", body, subject=f"[{number(office)}] Tidak bisa login")
    office.once()
    minutes_later(office, 4)
    text = office.last("pengguna", "user_answer").text
    assert text.count("Pastikan alamat SPSE yang dibuka benar") == 1
    assert text.count("Dari Sari.") == 1


# --- the notice of a new ticket ------------------------------------------------------------------------


def test_a_new_ticket_offers_the_canned_answer_for_its_problem_and_shows_it(office: PaperWorld) -> None:
    notice = opened(office, "Pak, HP saya hilang jadi kode OTP tidak bisa.")
    assert "Jawab dengan jawaban baku: Kode OTP, TOTP, atau Authenticator" in flat(notice.text)
    assert "Atur tanggal, jam, dan zona waktu telepon" in flat(notice.text)
    body = links(notice)["#jawab AKUN_OTP"]
    assert body.startswith("Kode: ")
    office.write("petugas", body, subject=f"[{number(office)}] Tidak bisa login")
    office.once()
    minutes_later(office, 4)
    assert "Atur tanggal, jam, dan zona waktu telepon" in flat(office.last("pengguna", "user_answer").text)


def test_a_ticket_that_nobody_understands_offers_none(office: PaperWorld) -> None:
    notice = opened(office, "Mohon bantuannya pak.", subject="Mohon bantuan")
    assert not [command for command in links(notice) if command.startswith("#jawab")]
    assert "Jawaban baku" not in notice.text
