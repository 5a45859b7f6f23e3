"""Notices of programs: monitoring, scheduled jobs, virus and spam filters, senders' verification, mail statistics.

Each is known by what its program writes, from its own kind of address; a person's "[SPAM] …" or "virus?" is none.
"""

from __future__ import annotations

import re

from mailbot.model import Message
from mailbot.parsers.robots.wording import one_of

# Headers that only such programs write.
_HEADERS = (
    ("x-cron-env", "Surat ini adalah hasil pekerjaan terjadwal (cron)."),
    ("x-tmda-confirm-append", "Surat ini meminta pembuktian pengirim (challenge-response)."),
    ("x-tmda-fingerprint", "Surat ini meminta pembuktian pengirim (challenge-response)."),
    ("x-boxbe-challenge", "Surat ini meminta pembuktian pengirim (challenge-response)."),
    ("x-spamarrest-noauth", "Surat ini meminta pembuktian pengirim (challenge-response)."),
    ("x-challenge-response", "Surat ini meminta pembuktian pengirim (challenge-response)."),
)  # fmt: skip
_PROGRAMS = re.compile(
    r"(?:root|cron|daemon|nobody|www-data|apache|nginx|logwatch|fail2ban|nagios|icinga\d?|zabbix|monit(?:or(?:ing)?)?|prtg|uptime(?:-?robot)?|grafana"
    r"|alert(?:s|manager)?|backup|amavis(?:d)?|clamav|virus-?alert|anti-?virus|anti-?spam|spam(?:-?filter|-?digest|assassin)?|quarantine|karantina|mailscanner"
    r"|mail-?gateway|postmaster|mailer|system|server|security-?alert|notifications?|notifikasi|no-?reply|do-?not-?reply|dmarc.{0,30}|.{0,20}-?dmarc.{0,20}|.{0,30}reports?|challenge|verify|verification|confirm)(?:[+=-].*)?\Z"
)
_SCHEDULED = one_of(
    r"""
    cron <[\w.-]{1,60}@[\w.-]{1,200}>
    anacron job
    logwatch for\s
    \[fail2ban\]
    \*{3} security information for
    smart error
    daily (?:security )?run output
    output from your job
    """
)
_MONITORING = one_of(
    r"""
    (?:\*{1,3} ?)?(?:(?:problem|recovery|acknowledgement|flapping|downtime)\w* (?:service |host )?alert
    …|(?:problem|resolved|recovery|ok|warning|critical|down|up)\s?:\s|host (?:down|up) alert|\[(?:alert|alerting
    …|firing|ok|resolved|problem|critical|warning|down|up)[:\s\d]{0,6}\]|monit alert|(?:monitor|server|host
    …|service|situs|website) (?:is )?(?:down|up)\b|disk (?:usage|space)|backup (?:job |report|berhasil|gagal
    …|completed|failed|success))
    """
)
_FILTER = one_of(
    r"""
    virus (?:\([^)]{0,80}\) )?(?:in mail|found|detected|alert|ditemukan)
    (?:warning|alert|peringatan)[:!]? .{0,40}virus
    banned (?:contents?|file)
    considered unsolicited bulk
    (?:mail|message|e-?mail|content) (?:blocked|quarantined|held)
    (?:end[- ]user |e-?mail )?(?:spam )?(?:spam|quarantine|karantina) (?:digest|notification|report|summary
    …|alert|laporan|notice)
    (?:laporan|ringkasan|notifikasi|pemberitahuan) (?:karantina|spam)
    (?:you have )?\d{0,4} ?(?:new )?messages? (?:in )?(?:your )?quarantine
    mailscanner
    end[- ]user (?:spam|digest)
    (?:e-?mail|surat|pesan|surel) (?:anda )?(?:diblokir|dikarantina|ditahan)
    """
)
_CHALLENGE = one_of(
    r"""
    (?:please |mohon |silakan )?(?:confirm|verify|konfirmasi
    …|verifikasi)(?:kan)? (?:your |that you |alamat |e-?mail |pengirim|pesan )?(?:message|mail|e-?mail|sender
    …|address|identity|human|sent|anda)
    (?:sender|e-?mail|message) (?:verification|confirmation|authentication) (?:required|needed|request)
    (?:your )?(?:e-?mail|message|mail) (?:to .{1,100} )?(?:requires|needs|is awaiting
    …|awaits) (?:your )?(?:verification|confirmation|authorization|approval)
    action required to deliver
    \[?spam ?arrest\]?
    boxbe
    challenge[- ]response
    re: .{0,100}\(confirm [\w.-]{4,60}\)
    verifikasi (?:diperlukan|pengirim)
    """
)
_CHALLENGE_TEXT = one_of(
    r"""
    (?:your |this |the )?(?:message|mail|e-?mail)[^.]{0,80}(?:has been|is being|is|will be
    …|was) (?:temporarily )?(?:held|quarantined|pending|not (?:yet )?(?:been )?delivered|delivered (?:once|after
    …|as soon|when))
    (?:pesan|e-?mail|surel)(?: anda)?[^.]{0,60}(?:sedang|telah|masih) ditahan
    baru (?:akan )?(?:dikirimkan|disampaikan) (?:setelah|bila)
    one[- ]time (?:confirmation|verification|process)
    prove (?:that )?you(?: are|.re) (?:a )?(?:human|person|real|not)
    not a (?:robot|spammer)
    membuktikan (?:bahwa )?(?:anda|pengirim)
    (?:safe|white|approved|allowed)[- ]?(?:list|senders?)
    unknown sender
    daftar pengirim (?:yang )?(?:dikenal|disetujui|tepercaya)
    """
)
_STATISTICS = one_of(
    r"""
    (?:\[preview\] )?(?:dmarc )?(?:aggregate )?report domain:
    dmarc (?:aggregate|failure|forensic) report
    tls(?:-?rpt)? report domain:
    report-id: ?<?[\w.@-]{4,}
    """
)


def reason(message: Message, sender: str, *, nobody: bool) -> str | None:
    """Why this mail is a program's notice, in Indonesian for staff; None: it is none.

    `sender`: the bare address; `nobody`: the mail has no return address.
    """
    for name, why in _HEADERS:
        if message.header(name) is not None:
            return why
    subject = message.subject[:400]
    program = nobody or _PROGRAMS.match(sender.partition("@")[0]) is not None
    if not program:
        return _challenge(message, subject)
    if _SCHEDULED.match(subject):
        return "Surat ini adalah hasil pekerjaan terjadwal di sebuah server."
    if _STATISTICS.match(subject):
        return "Surat ini adalah laporan statistik e-mail (DMARC atau TLS)."
    if _MONITORING.match(subject):
        return "Surat ini adalah pemberitahuan sistem pemantauan."
    if _FILTER.match(subject):
        return "Surat ini adalah pemberitahuan penyaring virus atau spam."
    return _challenge(message, subject)


def _challenge(message: Message, subject: str) -> str | None:
    """Whoever must prove to be a person is not written to by one: both the subject and the text must say so."""
    if _CHALLENGE.match(subject) and _CHALLENGE_TEXT.search(message.text[:4000]):
        return "Surat ini meminta pembuktian pengirim (challenge-response)."
    return None
