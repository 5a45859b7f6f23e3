"""Of LKPP's words the user reads those that are his: what is for the LPSE alone goes to nobody by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arrivals.test_meanings import replied, to_user, use
from tests.steps import escalated, flat, links
from tests.world import PaperWorld

SOLVED = "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali."


@pytest.mark.parametrize(
    "text",
    [
        f"{SOLVED}\n\nCatatan untuk petugas saja: KENARI jangan sampaikan ke penyedia.",
        f"{SOLVED}\n\nMohon KENARI tidak diteruskan kepada pelaku usaha yang bersangkutan.",
        f"Maaf salah tiket. {SOLVED} KENARI.",
        f"Mohon maaf, keliru tiket. {SOLVED} KENARI.",
        f"Abaikan e-mail sebelumnya, salah kirim. {SOLVED} KENARI.",
        f"{SOLVED} Untuk internal LPSE: KENARI.",
        f"{SOLVED}\n\nAkun admin sementara: admin_batang, password: KENARI-99x",
        f"{SOLVED}\n\nPermasalahan serupa dialami CV KENARI JAYA, NPWP 01.234.567.8-901.000.",
        "Perkembangan: masih diperiksa Tim Teknis. FYI khusus admin, KENARI terindikasi, mohon dirahasiakan.",
    ],
)
@pytest.mark.parametrize("setting", ["uncertain", "never"])
def test_words_for_the_lpse_alone_reach_no_user_by_themselves(tmp_path: Path, text: str, setting: str) -> None:
    office = PaperWorld(tmp_path, sop={"review": setting})
    notice = replied(office, text, escalated(office))
    assert notice.template in ("staff_classify", "staff_lkpp_reply")
    assert "KENARI" in notice.text
    assert to_user(office) == []
    office.store.close()


def test_a_file_that_may_be_the_admins_reaches_no_user_by_itself(office: PaperWorld) -> None:
    text = f"{SOLVED}\n\nMohon admin LPSE memasang patch terlampir."
    notice = replied(office, text, escalated(office), files=[("patch.zip", b"PK")])
    assert notice.template == "staff_classify"
    assert to_user(office) == []


def test_a_password_is_left_out_of_what_staff_are_shown_to_send(office: PaperWorld) -> None:
    text = f"{SOLVED}\n\nAkun admin sementara: admin_batang, password: KENARI-99x"
    notice = replied(office, text, escalated(office))
    shown = flat(notice).partition("Yang akan disampaikan kepada pengguna")[2]
    assert "KENARI-99x" not in shown
    assert "KENARI-99x" not in links(notice)["#selesai"]
    use(office, links(notice)["#selesai"])
    assert all("KENARI" not in each.text for each in to_user(office))


def test_salutation_thanks_and_frame_stay_with_the_lpse(office: PaperWorld) -> None:
    text = (
        "Yth. Admin LPSE Kabupaten Batang,\n\nTerima kasih atas laporan Bapak/Ibu.\n\n"
        "Mohon dapat disampaikan kepada pengguna bahwa permasalahan telah selesai kami perbaiki. Silakan dicoba "
        "kembali.\n\nHormat kami,\nRina\nHelpdesk LKPP"
    )
    assert replied(office, text, escalated(office)).template == "staff_lkpp_reply"
    [sent] = to_user(office)
    assert "Permasalahan telah selesai kami perbaiki. Silakan dicoba kembali." in flat(sent)
    for word in ("Yth. Admin", "atas laporan", "disampaikan kepada pengguna", "Rina", "Hormat kami, Rina"):
        assert word not in flat(sent)
