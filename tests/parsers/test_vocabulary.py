"""The words of the language, and who may use them."""

from __future__ import annotations

from mailbot.model import Role
from mailbot.parsers.commands.vocabulary import SPECS, VOCABULARY, may_use


def usages(role: Role) -> list[str]:
    return [spec.usage for spec in VOCABULARY if role in spec.roles]


def test_each_role_has_its_commands() -> None:
    assert len(usages(Role.COORDINATOR)) == len(VOCABULARY)
    assert [spec.name for spec in VOCABULARY if Role.STAFF not in spec.roles] == ["direction"]
    assert usages(Role.HEAD) == [
        "#arahan TEKS",
        "#bukutamu [BULAN]",
        "#status [NOMOR]",
        "#daftar [saya|terlambat|lkpp]",
        "#cari KATA",
        "#rekap [BULAN] [KANAL]",
        "#laporan [BULAN]",
        "#arsip [BULAN] [KANAL]",
        "#bantuan [PERINTAH]",
    ]
    assert usages(Role.OPERATOR) == ["#bantuan [PERINTAH]"]
    assert usages(Role.USER) == usages(Role.LKPP) == []


def test_only_the_lpses_people_may_use_commands() -> None:
    assert may_use("escalate", Role.STAFF) and may_use("escalate", Role.COORDINATOR)
    assert may_use("status", Role.HEAD) and not may_use("escalate", Role.HEAD)
    assert not any(may_use(name, role) for name in SPECS for role in (Role.USER, Role.LKPP, Role.MAILBOT))
    assert not may_use("rm", Role.STAFF)
