"""Who takes part in the demo, and the configuration of the helpdesk they write to. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from mailbot.demo import record

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
    return f"""\
# Written by `mailbot demo`: a small LPSE whose mail servers are mailbot's own, on this machine.
# The config.yaml that comes with mailbot explains these keys and all others.
data: ./data
timezone: {ZONE.key}
log: {{format: json, level: info}}
mailboxes:
  - name: batang
    organisation: {ORGANISATION}
    address: {ADDRESS}
    ticket_prefix: LPSE-BTG
    contact: {{street: "Jl. Contoh 1, Batang", phone: "(0285) 000000"}}
    imap:
      host: 127.0.0.1
      port: {imap_port}
      security: none
      username: {ADDRESS}
      password: {{file: ./password}}
      since: 2020-01-01         # also what arrived before mailbot's first start
      poll: "1s"
      done: seen                # the demo's server keeps no keywords
    smtp:
      host: 127.0.0.1
      port: {smtp_port}
      security: none
      username: {ADDRESS}
      password: {{file: ./password}}
      rate: {{per_minute: 1000, per_hour: 10000, per_day: 100000}}   # days pass within seconds
    staff: [{{name: {STAFF.name}, address: {STAFF.address}}}]
    coordinator: [{{name: {COORDINATOR.name}, address: {COORDINATOR.address}}}]
    head: [{{name: {HEAD.name}, address: {HEAD.address}}}]
    lkpp: {{address: {LKPP.address}, accept_from: ["@{LKPP.domain}"]}}
    authentication: {{authserv_id: {AUTHSERV_ID}}}
"""
