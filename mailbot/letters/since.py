"""What a mail to staff says of the links that its reader has used since the last one: these needed no receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailbot.config.site import Site
from mailbot.sentences import Sentences
from mailbot.store.untold import Done

_SAID = Sentences(__file__)


def said(site: Site, done: Sequence[Done], now: datetime) -> str | None:
    """ "Sejak e-mail sebelumnya: #ambil – tiket ini sekarang Anda tangani (pukul 09.12)." None: there is nothing."""
    if not done:
        return None
    return _SAID("since", done="; ".join(line(site, one, now) for one in done))


def line(site: Site, done: Done, now: datetime) -> str:
    """One of them, for a mail about several tickets."""
    words = done.said.rstrip(".")
    at, today = site.local(done.at), site.local(now).date()
    when = _SAID("at", hour=f"{at:%H.%M}") if at.date() == today else site.say(done.at)
    return _SAID("one", command=done.command, said=words[:1].lower() + words[1:], when=when)
