"""A letter of ours greets once, thanks once and takes leave once, whoever has written its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.templates.catalogue import MAILS, Wording
from mailbot.templates.render import Renderer
from tests import aloud
from tests.parsers.test_courtesies import SALUTATIONS
from tests.sample_values import sample

SAYS = "Akun SPSE sudah kami aktifkan kembali."
OURS = "Yth. Bapak/Ibu Budi Santoso,"
LETTERS = [name for name, kind in MAILS.items() if kind.outside and kind.letter and kind.wording is Wording.LETTER]
TO_USER = [name for name in LETTERS if name.startswith("user_")]
ABOVE = ("", "Yth. Ibu Siti,\n\n", "Assalamu'alaikum wr. wb.\n\n", "Selamat pagi Bapak/Ibu, ")
ENDS = (
    "Terima kasih.",
    "Demikian kami sampaikan, atas perhatian Bapak/Ibu kami ucapkan terima kasih.",
    "Demikian, terima kasih.\n\nHormat kami,",
    "Atas kerja samanya kami ucapkan terima kasih.\n\nSalam hangat,",
    "Terima kasih.\n\nWassalamu'alaikum wr. wb.",
    "Hormat kami,\nSari Wulandari",
    "Makasih ya",
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def _words(name: str, words: str) -> dict[str, str]:
    names = MAILS[name].letter
    closed = {"closing": "staff"} if name == "user_closed" else {}  # no text comes with the others
    return dict.fromkeys(names, SAYS) | {names[0]: words} | closed


@pytest.mark.parametrize("name", ["user_answer", "user_resolved", "lkpp_message", "lkpp_escalation"])
@pytest.mark.parametrize("salutation", SALUTATIONS)
def test_the_writers_salutation_stands_above_the_letter_in_the_place_of_ours(
    renderer: Renderer, name: str, salutation: str
) -> None:
    text = renderer.body(name, sample(name, **_words(name, f"{salutation}\n\n{SAYS}"))).text
    lines = [line for line in text.split("\n") if line]
    own = [line for line in salutation.split("\n") if line]
    heading = lines.index(MAILS[name].kind)
    assert lines[heading + 2 : heading + 2 + len(own)] == own
    assert not {OURS, "Yth. Helpdesk LKPP"} & set(lines)
    assert SAYS in text


@pytest.mark.parametrize("name", TO_USER)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "above", ["", "Yth. Ibu Siti,\n\n", "Assalamu'alaikum wr. wb.\n\n", "Selamat pagi Bapak/Ibu, "]
)
def test_a_mail_to_a_user_reads_well_whatever_courtesies_its_words_have(
    renderer: Renderer, name: str, above: str, end: str
) -> None:
    body = renderer.body(name, sample(name, **_words(name, f"{above}{SAYS}\n\n{end}")))
    assert list(aloud.faults(body.text)) == []
    for line in (*above.strip().split("\n"), SAYS, *end.split("\n")):
        assert line.strip() in body.text


@pytest.mark.parametrize("name", [name for name in MAILS if name.startswith("user_")])
def test_a_mail_to_a_user_reads_well_without_courtesies_in_its_words(renderer: Renderer, name: str) -> None:
    values = sample(name) | ({"text": SAYS} if "text" in MAILS[name].variables else {})
    assert list(aloud.faults(renderer.body(name, values).text)) == []


def test_what_a_user_has_written_goes_to_lkpp_as_it_is_and_our_courtesies_are_left_out(renderer: Renderer) -> None:
    words = "Yth. Admin LPSE,\n\nBerikut datanya.\n\nTerima kasih.\nBudi"
    text = renderer.body("lkpp_additional_data", sample("lkpp_additional_data", text=words)).text
    assert "\n".join(f"│ {line}".rstrip() for line in words.split("\n")) in text
    assert "Yth. Helpdesk LKPP" not in text
    assert text.count("erima kasih") == 1
    assert "Hormat kami," in text
    bare = renderer.body("lkpp_additional_data", sample("lkpp_additional_data", text="NPWP 01.234")).text
    assert "Yth. Helpdesk LKPP" in bare
    assert "kami ucapkan terima\nkasih" in bare


def test_a_request_is_repeated_without_its_courtesies(renderer: Renderer) -> None:
    words = f"Selamat pagi Bu,\n\n{SAYS}\n\nTerima kasih."
    text = renderer.body("user_reminder", sample("user_reminder", text=words)).text
    assert f"{OURS}\n" in text
    assert f"│ {SAYS}" in text
    assert "Selamat pagi" not in text
    assert "Terima kasih" not in text


def test_a_template_of_the_site_that_shows_no_thanks_of_the_writer_has_his_words_whole(tmp_path: Path) -> None:
    (tmp_path / "user_info.j2").write_text("Kabar:\n\n'''\n{{ text }}\n'''\n")
    words = f"Yth. Ibu Siti,\n\n{SAYS}\n\nTerima kasih."
    renderer = Renderer(tmp_path)
    assert renderer.check() == []
    assert words in renderer.body("user_info", sample("user_info", text=words)).text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Yth. Bapak/Ibu Budi,\n\nBerikut:\n\nYth. Ibu Siti,\n\nAkun.\n\nHormat kami,", "greets 2 times"),
        ("Akun.\n\nHormat kami,", "greets 0 times"),
        ("Yth. Bapak/Ibu,\n\nAkun.", "takes leave 0 times"),
        ("Yth. Bapak/Ibu,\n\nAkun.\n\nSalam,\nSari\n\nHormat kami,", "takes leave 2 times"),
        ("Yth. Bapak/Ibu,\n\nTerima kasih. Akun.\n\nTerima kasih.\n\nHormat kami,", "thanks 2 times"),
        ("Yth. Bapak/Ibu,\n\nMohon dapat\ndisampaikan kepada pengguna.\n\nHormat kami,", "says 'Mohon dapat"),
        ("Yth. Bapak/Ibu,\n\nDicatat dengan nomor tiket 417203.\n\nHormat kami,", "says 'tiket 417203'"),
        ("Yth. LPSE Kabupaten Batang,\n\nAkun.\n\nHormat kami,", "says 'Yth. LPSE'"),
    ],
)
def test_reading_aloud_finds_what_a_user_would_stumble_over(text: str, fault: str) -> None:
    assert [one for one in aloud.faults(text) if one.startswith(fault)]
