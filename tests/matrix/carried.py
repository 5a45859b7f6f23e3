"""A mail of ours that goes along as a file: attached by "forward as attachment", saved as a page, or packed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.matrix.clients import Ours
from tests.mime_shapes import Reply, attached, calendar, mail, multi, packed_html, part, rtf, text_of, tnef
from tests.parsers.test_tnef import packed_file

#: Reply, the mail of ours as it was sent, the same as its reader's program shows it → the whole mail.
Builder = Callable[[Reply, bytes, Ours], bytes]


def _page(ours: Ours) -> str:
    return f"<!DOCTYPE html><html><head><title>{ours.subject}</title></head><body>{ours.page}</body></html>"


def _zip(name: str, data: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def _with(made: Callable[[bytes, Ours], bytes]) -> Builder:
    return lambda reply, raw, ours: mail(reply, multi("mixed", text_of(reply), made(raw, ours)))


SHAPES: dict[str, Builder] = {
    "our mail attached": _with(
        lambda raw, ours: (
            b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n"
            + raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        )
    ),
    "our mail saved as a mail": _with(
        lambda raw, ours: part('application/octet-stream; name="surat.eml"', raw, attached("surat.eml"))
    ),
    "our mail saved as a page": _with(
        lambda raw, ours: part('text/html; name="simpanan.html"', _page(ours), attached("simpanan.html"))
    ),
    "our mail saved as text": _with(
        lambda raw, ours: part('text/plain; name="simpanan.txt"', ours.text, attached("simpanan.txt"))
    ),
    "our mail saved as Rich Text": _with(
        lambda raw, ours: part("application/rtf", rtf(ours.text), attached("simpanan.rtf"))
    ),
    "our mail in an archive": _with(
        lambda raw, ours: part("application/zip", _zip("simpanan.txt", ours.text), attached("simpanan.zip"))
    ),
    "our mail in an appointment": _with(
        lambda raw, ours: part("text/calendar", calendar(ours.text), attached("rapat.ics"))
    ),
    "our mail in winmail.dat": lambda reply, raw, ours: mail(
        reply,
        multi("mixed", text_of(reply), tnef(reply, packed_file("simpanan.htm", _page(ours).encode(), "text/html"))),
    ),
    "our mail as the page of a winmail.dat": lambda reply, raw, ours: mail(
        reply, multi("mixed", text_of(reply), tnef(reply, packed_html(_page(ours))))
    ),
}
