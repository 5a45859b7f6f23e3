"""The wordings that decide who may read a word ("{}" is the place of a canary), and what a reader finds in bytes."""

from __future__ import annotations

import binascii
import html as entities
import re
from urllib.parse import unquote

#: Shapes of which one form lacks the quotation, and so lacks words that stand inside it.
UNEVEN = ("the quotation in the HTML only", "the quotation in the HTML alternative only")

#: Spellings of a secret: as text, and as HTML where a page writes it in another way.
PASSWORDS: tuple[tuple[str, str], ...] = (
    ("Password: {}", ""),
    ("Sandi Apendo = {}", ""),
    ("pass. {}", ""),
    ("password --> {}", ""),
    ("passwordku {}", ""),
    ("Kata sandi kami:\n\n{}", ""),
    ("Password\n- {}", ""),
    ("Sandi lama: Rahasia11, baru: {}", ""),
    ("Kata Sandi\t{}", "<table><tr><td>Kata Sandi</td><td>{}</td></tr></table>"),
    ("Kata sandi\n{}", "<dl><dt>Kata sandi</dt><dd>{}</dd></dl>"),
    ("User ID CONTOH dan kata sandinya adalah {}", ""),
    ("Pwd SPSE kami \u201c{}\u201d", ""),
    ("PASSWORD\n:\n{}", "<ul><li>PASSWORD</li><li>{}</li></ul>"),
    ("login pakai sandi {} tetap gagal", ""),
)

#: What LKPP tells the LPSE and no user: nothing of such a mail goes by itself.
NOTES = (
    "Catatan untuk petugas saja: jangan sampaikan ke penyedia bahwa {} sedang kami periksa.",
    "Internal LPSE, tidak untuk diteruskan: {}.",
    "(Khusus Admin LPSE, mohon tidak diinformasikan kepada pengguna: {})",
    "NB untuk Mas Admin: {}, cukup kita yang tahu.",
    "FYI for the LPSE team only, do not forward to the vendor: {}.",
    "Mohon jangan disampaikan kepada penyedia: {} terindikasi dipalsukan.",
    "Info buat Bapak/Ibu petugas, dirahasiakan dulu dari pengguna: {}.",
    "Sementara silakan masuk dengan akun admin PPE, password: {}7.",
)

#: What staff, or their programs without a header, write when they are away.
AWAY = (
    "I am out of office until Monday. {}",
    "{} saya sedang di luar kantor sampai Senin, hubungi Joko.",
    "Mohon maaf, kami sedang dinas luar sampai 30 Desember. {}",
    "Sedang cuti tahunan s.d. 2 Januari, e-mail akan dibalas setelah kembali. {}",
    "Terima kasih atas e-mail Anda. Saat ini saya tidak berada di tempat. {}",
    "{} on annual leave, back on 4 January; limited access to email.",
    "Hari ini saya sakit, tidak masuk kantor. {}",
)


# --- what a reader finds ----------------------------------------------------------------------------------


_UUENCODED = re.compile(r"^begin [0-7]{3} [^\n]*\n(.*?)^end$", re.MULTILINE | re.DOTALL)


def found_in(data: bytes, *, page: bool = False) -> str:
    """All words that stand in bytes, for whoever knows their format: in UTF-8 and UTF-16, in folded lines of a
    calendar, escaped, and in a winmail.dat (whose compressed text here is made of literals, with a NUL before each
    eight)."""
    text = data.decode("utf-8", "replace")
    texts = [text, re.sub(r"\r?\n[ \t]", "", data.replace(b"\0", b"").decode("latin-1"))]
    for block in _UUENCODED.finditer(text.replace("\r\n", "\n")):
        lines = [line for line in block[1].split("\n") if line.strip("`")]
        texts.append(b"".join(map(binascii.a2b_uu, lines)).replace(b"\0", b"").decode("latin-1"))
    if page:
        texts = [unquote(entities.unescape(re.sub(r"<wbr>", "", one))) for one in texts]
    return "\n".join(texts)
