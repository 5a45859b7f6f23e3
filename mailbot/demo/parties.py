"""Who takes part in the demo, and the configuration of the helpdesk they write to. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from mailbot.demo import record
from mailbot.reports.pages import Pages

ORGANISATION = "LPSE Kabupaten Batang"
ADDRESS = "lpse@batangkab.example"
ZONE = ZoneInfo("Asia/Jakarta")
PASSWORD = "rahasia-demo"
AUTHSERV_ID = "mx.mailbot.test"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a mailbox of his own. `word`: what he is in the procedure, one of the words of the record."""

    word: str
    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


BUDI = Party(record.USER, "Budi Santoso", "budi.santoso@majujaya.example")
SITI = Party(record.USER, "Siti Rahmawati", "siti.rahmawati@karyanusa.example")
STAFF = Party(record.STAFF, "Sari Wulandari", "sari@batangkab.example")
COORDINATOR = Party(record.COORDINATOR, "Indah Lestari", "indah@batangkab.example")
HEAD = Party(record.HEAD, "Hadi Prasetyo", "hadi@batangkab.example")
LKPP = Party(record.LKPP, "Helpdesk LKPP", "helpdesk-lpse@lkpp.example")
EVERYBODY = (BUDI, SITI, STAFF, COORDINATOR, HEAD, LKPP)


def config(imap_port: int, smtp_port: int) -> str:
    """The text of config.yaml."""
    return Pages(Path(__file__).parent, str).render(
        "config.yaml.j2",
        organisation=ORGANISATION,
        address=ADDRESS,
        zone=ZONE.key,
        authserv_id=AUTHSERV_ID,
        staff=STAFF,
        coordinator=COORDINATOR,
        head=HEAD,
        lkpp=LKPP,
        imap_port=imap_port,
        smtp_port=smtp_port,
    )
