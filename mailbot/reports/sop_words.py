"""Indonesian words for the table's names that have none of their own: conditions, reasons, lengths, repetitions."""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.config.settings import Sop
from mailbot.model import Duration
from mailbot.rules.sop.clocks import CLASSIFY_WITHIN, HEAD_FROM, ONE_WEEK, ONE_WORKING_DAY
from mailbot.rules.worktime.durations import in_words

#: The performers in the order of the paper form's columns.
PERFORMERS: Mapping[str, str] = {
    "user": "Pengguna SPSE",
    "lpse": "Bidang Layanan dan Dukungan",
    "lkpp": "Helpdesk LKPP",
}

CONDITION_WORDS: Mapping[str, str] = {
    "answered": "bagian C Formulir Konsultasi sudah terisi",
    "before_limit": "batasnya belum lewat",
    "breached": "ada batas waktu yang terlampaui",
    "by_email": "LKPP dihubungi melalui e-mail",
    "by_lpse_support": "LKPP dihubungi melalui LPSE Support",
    "data_held": "ada data pengguna yang ditahan",
    "discarded": "tiket telah dibuang",
    "escalation_runs": "tenggat eskalasi masih berjalan",
    "forwarding_runs": "tenggat penerusan data masih berjalan",
    "handled": "sudah ada petugas yang menangani",
    "nothing_held": "tidak ada data pengguna yang ditahan",
    "meaning_awaited": "ada balasan LKPP yang menunggu penetapan arti",
    "must_be_looked_at": "lampiran perlu diperiksa petugas, atau LKPP dihubungi melalui LPSE Support",
    "never_with_lkpp": "tiket belum pernah dieskalasikan kepada LKPP",
    "not_data": "isi e-mail bukan data (hanya pertanyaan, janji, atau ucapan terima kasih)",
    "only_thanks": "isi e-mail hanya ucapan terima kasih",
    "other_party": "dari pihak lain, bukan pengguna",
    "results_fail": "keaslian pengirim tidak terbukti",
    "said_by_lkpp": "berasal dari LKPP sendiri",
    "said_by_staff": "ditetapkan oleh petugas",
    "says_done": "pengguna menjawab SELESAI",
    "something_waits": "masih ada e-mail yang tertunda",
    "thanks_or_survey": "isi e-mail hanya ucapan terima kasih atau jawaban survei",
    "to_user": "ditujukan kepada pengguna",
    "urgent": "prioritas 1 atau 2",
    "user_reachable": "alamat pengguna terjangkau",
}

#: Lengths that no single number can stand for: they differ from priority to priority, or are a part of another one.
PRIORITY_LENGTHS: Mapping[str, str] = {
    "first_response": "batas respons awal menurut Tabel Prioritas",
    "half_first_response": "setengah batas respons awal menurut Tabel Prioritas",
    "three_quarters_first_response": "tiga perempat batas respons awal menurut Tabel Prioritas",
    "limit": "batas penanganan menurut Tabel Prioritas",
    "half_limit": "setengah batas penanganan menurut Tabel Prioritas",
    "three_quarters_limit": "tiga perempat batas penanganan menurut Tabel Prioritas",
    "three_quarters_escalate_within": "tiga perempat batas eskalasi",
    "three_quarters_forward_data_within": "tiga perempat batas penerusan data",
}

#: Lengths that nobody can set.
FIXED_LENGTHS: Mapping[str, str] = {
    "classify_within": in_words(CLASSIFY_WITHIN),
    "one_working_day": in_words(ONE_WORKING_DAY),
    "one_week": in_words(ONE_WEEK),
}


def default_lengths() -> dict[str, str]:
    """The defaults of the configuration's `sop:` in words, by key; `enquiries_max` as a number."""
    settings = Sop()
    found = {name: value for name in Sop.model_fields if isinstance(value := getattr(settings, name), Duration)}
    return {name: in_words(value) for name, value in found.items()} | {"enquiries_max": str(settings.enquiries_max)}


def times_words(name: str, lengths: Mapping[str, str]) -> str:
    """How often a stage fires (clocks.Timing.times); the enquiries by number where `enquiries_max` is known."""
    if name == "always":
        return "terus berulang"
    if name not in ("enquiries_between", "enquiries_last"):
        return "satu kali"
    known = lengths.get("enquiries_max", "")
    if not (known.isascii() and known.isdigit() and len(known) <= 4):
        if name == "enquiries_last":
            return "sampai permohonan harian terakhir"
        return "permohonan ke-2 sampai sebelum kepala unit diberi tahu"
    most = int(known)
    before_head = max(0, min(most, HEAD_FROM) - 2)
    first, last = (2, 1 + before_head) if name == "enquiries_between" else (2 + before_head, most)
    if last < first:
        return "tidak pernah"
    if last == first:
        return f"satu kali (permohonan ke-{first})"
    return f"{last - first + 1} kali (permohonan ke-{first} sampai ke-{last})"
