"""The identity fields of the Formulir Konsultasi, as far as a mail gives them. Pure and total.

Source: "Form Konsultasi Pengguna SPSE", part A (nama, instansi/perusahaan, alamat, telepon/HP), and the
identifiers that users quote (User ID, kode tender, NPWP, NIB).
"""

from __future__ import annotations

import re
import unicodedata

VALUE_LENGTH = 200

# Labels as users write them: lower case, without numbering, brackets, full stops and "no"/"nomor" in front.
_FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("nama", "nama lengkap", "nama pengguna", "nama pelapor", "nama pemohon", "nama user"),
    "organisation": (
        "nama instansi/perusahaan",
        "instansi/perusahaan",
        "nama instansi",
        "instansi",
        "nama perusahaan",
        "perusahaan",
        "perusahaan/instansi",
        "nama perusahaan/instansi",
        "nama penyedia",
        "nama badan usaha",
        "badan usaha",
        "satuan kerja",
        "satker",
        "opd",
    ),
    "street": ("alamat", "alamat perusahaan", "alamat instansi", "alamat kantor", "alamat lengkap"),
    "phone": (
        "telepon/hp",
        "hp/telepon",
        "telepon",
        "telp",
        "tlp",
        "telp/hp",
        "hp/telp",
        "hp",
        "handphone",
        "hp/wa",
        "wa/hp",
        "wa",
        "whatsapp",
        "ponsel",
    ),
    "user_id": ("user id", "userid", "user id spse", "id pengguna", "id user"),
    "tender_code": ("kode tender", "kode tender/paket", "kode paket", "kode lelang", "id tender", "id paket"),
    "npwp": ("npwp", "npwp perusahaan"),
    "nib": ("nib", "induk berusaha", "induk berusaha/nib"),
}
_BY_LABEL = {label: key for key, labels in _FIELDS.items() for label in labels}

_PREFIX = re.compile(r"[\s>|*•·–-]{0,40}(?:(?:[A-Za-z]|\d{1,2})[.)]\s{0,10})?")
_BRACKETS = re.compile(r"\([^()]{0,60}\)")
_NUMBER_WORD = re.compile(r"^(?:no|nomor|nomer)\b ?")
_LABEL_LENGTH = 80
_EMPTY = re.compile(r"[\s.…_–—*/-]*")


def read_form(text: str) -> dict[str, str]:
    """The fields found as "Label : value" lines, quoted or not; the first value of each counts.

    Keys: name, organisation, street, phone, user_id, tender_code, npwp, nib; only those that are given.
    Values: one line without control characters, at most 200 characters. They are what the writer says, not
    what is known.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        label, colon, value = line[: _LABEL_LENGTH + 4 * VALUE_LENGTH].partition(":")
        if not colon or len(label) > _LABEL_LENGTH:
            continue
        key = _BY_LABEL.get(_folded(label))
        if key is None or key in found:
            continue
        cleaned = _cleaned(value)
        if cleaned:
            found[key] = cleaned
    return found


def _folded(label: str) -> str:
    prefix = _PREFIX.match(label)
    label = label[prefix.end() :] if prefix else label
    label = _BRACKETS.sub(" ", unicodedata.normalize("NFKC", label).lower())
    label = " ".join(re.sub(r"[*._]", " ", label).split())
    return re.sub(r" ?/ ?", "/", _NUMBER_WORD.sub("", label))


def _cleaned(value: str) -> str:
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in value)
    kept = " ".join(kept.split()).strip("*").strip()
    return "" if _EMPTY.fullmatch(kept) else kept[:VALUE_LENGTH].strip()
