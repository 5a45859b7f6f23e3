"""One reply in every MIME shape that mail programs make of it: the same words and the same quotation in each form.

`SHAPES` names a builder for each shape: `SHAPES["Gmail"](reply)` gives the whole mail as bytes with CRLF. A shape holds
`reply.words` and `reply.quoted` in each of its forms; real files beside them have names of `REAL`.
"""

from __future__ import annotations

import base64
import binascii
import html as entities
import quopri
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

from tests.parsers.test_tnef import BINARY, MESSAGE, UNICODE, attribute, compressed, packed_file, properties, winmail

#: The names of the files that a shape may hold beside its body.
REAL = ("surat.pdf", "layar.png", "gambar.png")

HEADERS = ("From: a@contoh.example", "To: lpse@batangkab.go.id", "Subject: Re: bantuan")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply says. words, quoted: plain text, lines apart by "\\n", without marks of quotation. headers: whole
    lines of the mail's head, without those of MIME. words_html, quoted_html: the same as HTML, "": made of the text."""

    words: str
    quoted: str
    headers: tuple[str, ...] = HEADERS
    words_html: str = ""
    quoted_html: str = ""

    def __post_init__(self) -> None:
        for name in ("words", "quoted"):
            object.__setattr__(self, name, getattr(self, name).replace("\r\n", "\n"))

    @property
    def plain(self) -> str:
        """Both as text: the words above, a line of attribution, "> " before each quoted line."""
        return f"{self.words}\n\n{ATTRIBUTION}\n" + "".join(f"> {line}\n" for line in self.quoted.split("\n"))

    @property
    def html(self) -> str:
        """Both as a page: the words above, the quotation in a blockquote."""
        return self._page(
            f'<div class="gmail_quote"><div class="gmail_attr">{ATTRIBUTION}<br></div>'
            f'<blockquote type="cite">{self.below}</blockquote></div>'
        )

    @property
    def outlook_plain(self) -> str:
        """Both as Outlook writes them: nothing is marked below the headers of the answered mail."""
        return f"{self.words}\n\n{'_' * 32}\n{OUTLOOK}\n\n{self.quoted}\n"

    @property
    def outlook_html(self) -> str:
        head = "<br>".join(f"<b>{line.replace(': ', ':</b> ', 1)}" for line in OUTLOOK.split("\n"))
        return self._page(f'<hr><div id="divRplyFwdMsg">{head}</div><div>{self.below}</div>')

    @property
    def above(self) -> str:
        return self.words_html or _paragraphs(self.words)

    @property
    def below(self) -> str:
        return self.quoted_html or _paragraphs(self.quoted)

    def _page(self, rest: str) -> str:
        style = "<style>p {margin: 0}</style>"
        return f"<!DOCTYPE html>\n<html><head>{style}</head><body>{self.above}\n{rest}</body></html>"


ATTRIBUTION = "Pada Sen, 2 Nov 2026 pukul 09.00 Helpdesk LPSE <lpse@batangkab.go.id> menulis:"
OUTLOOK = (
    "From: Helpdesk LPSE <lpse@batangkab.go.id>\nSent: Monday, November 2, 2026 9:00 AM\nTo: Siti\nSubject: Bantuan"
)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{entities.escape(line)}</p>" for line in text.split("\n") if line.strip())


# --- forms of the body ------------------------------------------------------------------------------------


def rtf(text: str) -> bytes:
    """A document in Rich Text."""
    out = []
    for char in text:
        code = ord(char)
        out.append({"\n": "\\par\r\n", "\\": "\\\\", "{": "\\{", "}": "\\}"}.get(char, char))
        if code > 126:
            out[-1] = f"\\u{code if code < 32768 else code - 65536}?"
    return ("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\\pard " + "".join(out) + "}").encode("ascii")


def calendar(text: str, method: str = "REQUEST") -> str:
    """An event whose description is the text (RFC 5545 §3.1: lines folded after 75 octets)."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    lines = [
        *("BEGIN:VCALENDAR", f"METHOD:{method}", "VERSION:2.0", "BEGIN:VEVENT", "UID:1@contoh.example"),
        *("DTSTART:20261104T020000Z", "DTEND:20261104T030000Z", f"DESCRIPTION;LANGUAGE=id:{escaped}"),
        *("END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join("\r\n ".join(line[at : at + 70] for at in range(0, len(line) or 1, 70)) for line in lines)


def enriched(text: str) -> str:
    """RFC 1896: a line break is written twice, "<" as well."""
    return "<fontfamily><param>Arial</param>" + text.replace("<", "<<").replace("\n", "\n\n") + "</fontfamily>"


def packed_rtf(text: str) -> bytes:
    return attribute(MESSAGE, 0x9003, properties((0x1009, BINARY, compressed(rtf(text)))))


def packed_html(page: str) -> bytes:
    return attribute(MESSAGE, 0x9003, properties((0x1013, BINARY, page.encode())))


def packed_text(text: str) -> bytes:
    return attribute(MESSAGE, 0x9003, properties((0x1000, UNICODE, (text + "\0").encode("utf-16-le"))))


# --- parts ------------------------------------------------------------------------------------------------


def part(kind: str, body: str | bytes, *more: str, charset: str = "utf-8", encoding: str = "") -> bytes:
    """One part with its headers. kind: its Content-Type; text gets the charset added. encoding: "" for 8bit, or for
    bytes base64."""
    if isinstance(body, str):
        kind += f"; charset={charset}"
        body = body.replace("\r\n", "\n").replace("\n", "\r\n").encode(charset, "xmlcharrefreplace")
    else:
        encoding = encoding or "base64"
    if encoding == "base64":
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    heads = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding or '8bit'}", *more]
    return "\r\n".join(heads).encode() + b"\r\n\r\n" + body


def multi(kind: str, *parts: bytes) -> bytes:
    """A multipart of these parts; `kind` with its parameters, if any."""
    boundary = b"=_batas_%08x" % (binascii.crc32(b"".join(parts)) & 0xFFFFFFFF)
    inner = b"".join(b"--" + boundary + b"\r\n" + each + b"\r\n" for each in parts)
    return b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n%s--%s--\r\n' % (kind.encode(), boundary, inner, boundary)


def attached(name: str) -> str:
    return f'Content-Disposition: attachment; filename="{name}"'


def inline(name: str = "") -> str:
    return f'Content-Disposition: inline; filename="{name}"' if name else "Content-Disposition: inline"


def mail(reply: Reply, body: bytes, *more: str) -> bytes:
    return "\r\n".join([*reply.headers, "MIME-Version: 1.0", *more]).encode() + b"\r\n" + body


PDF = part('application/pdf; name="surat.pdf"', b"%PDF-1.7 isi", attached("surat.pdf"))
PICTURE = part('image/png; name="layar.png"', b"\x89PNG\r\n", inline("layar.png"))
SHOWN = part('image/png; name="gambar.png"', b"\x89PNG\r\n\x1a", inline("gambar.png"), "Content-ID: <gambar1>")
PKCS7 = part('application/pkcs7-signature; name="smime.p7s"', b"0\x80tanda", attached("smime.p7s"))
PGP = part('application/pgp-signature; name="signature.asc"', "-----BEGIN PGP SIGNATURE-----\n")


def text_of(reply: Reply) -> bytes:
    return part("text/plain", reply.plain)


def page_of(reply: Reply, *more: str) -> bytes:
    return part("text/html", reply.html, *more, encoding="quoted-printable")


def both(reply: Reply) -> bytes:
    """As nearly every program writes it (RFC 2046 §5.1.4)."""
    return multi("alternative", text_of(reply), page_of(reply))


def outlook_both(reply: Reply) -> bytes:
    return multi("alternative", part("text/plain", reply.outlook_plain), part("text/html", reply.outlook_html))


def tnef(reply: Reply, *attributes: bytes) -> bytes:
    return part('application/ms-tnef; name="winmail.dat"', winmail(*attributes), attached("winmail.dat"))


def _flowed(reply: Reply) -> bytes:
    lines = []
    for line in reply.plain.split("\n"):
        mark = "> " if line.startswith("> ") else ""
        words = line.removeprefix(mark).split(" ")
        lines += [mark + " ".join(words[at : at + 8]) + " " for at in range(0, len(words), 8)]
        lines[-1] = lines[-1].rstrip(" ")
    return part("text/plain; format=flowed", "\n".join(lines))


def _wrapped(reply: Reply) -> bytes:
    """Hard line ends, also inside the quotation, as Outlook's text has them."""
    words = reply.outlook_plain.replace("\n", " \n ").split(" ")
    lines = " ".join(words).replace(" \n ", "\n").split("\n")
    out = []
    for line in lines:
        each = line.split(" ")
        out += [" ".join(each[at : at + 7]) for at in range(0, len(each), 7)]
    return part("text/plain", "\n".join(out))


def uuencoded(name: str, data: bytes) -> str:
    lines = [binascii.b2a_uu(data[at : at + 45], backtick=True).decode() for at in range(0, len(data), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


# --- shapes -----------------------------------------------------------------------------------------------

Builder = Callable[[Reply], bytes]


def _whole(body: Callable[[Reply], bytes], *more: str) -> Builder:
    return lambda reply: mail(reply, body(reply), *more)


def _nested(order: tuple[str, ...], *, side_by_side: bool) -> Builder:
    """mixed, related and alternative inside one another in this order; the forms stand in the innermost, or (side by
    side) the text stands in the outermost and the page in the innermost."""

    def build(reply: Reply) -> bytes:
        beside = {"mixed": [PDF], "related": [SHOWN], "alternative": []}
        body = page_of(reply) if side_by_side else text_of(reply)
        rest = [] if side_by_side else [page_of(reply)]
        for number, kind in enumerate(reversed(order)):
            first = [text_of(reply)] if side_by_side and number == len(order) - 1 else []
            body = multi(kind, *first, body, *(rest if number == 0 else []), *beside[kind])
        return mail(reply, body)

    return build


def _named_twice(text: str, page: str, how: Callable[[str], str]) -> Builder:
    return _whole(
        lambda r: multi(
            "mixed",
            part(f'text/plain; name="{text}"' if text else "text/plain", r.plain, *([how(text)] if text else [])),
            part(f'text/html; name="{page}"', r.html, how(page)),
        )
    )


SHAPES: dict[str, Builder] = {
    # one form
    "plain": _whole(text_of),
    "HTML only": _whole(page_of),
    "flowed": _whole(_flowed, "User-Agent: Mozilla Thunderbird"),
    # alternatives
    "Gmail": _whole(both),
    "Gmail with a file": _whole(lambda r: multi("mixed", both(r), PDF)),
    "Android Gmail with a picture": _whole(
        lambda r: multi("mixed", multi("related", both(r), SHOWN), PICTURE), "X-Mailer: Gmail for Android"
    ),
    "Yahoo": _whole(lambda r: multi("mixed", both(r), PICTURE), "X-Mailer: WebService/1.1 YMailNorrin"),
    "HTML before text": _whole(lambda r: multi("alternative", page_of(r), text_of(r))),
    "Thunderbird": _whole(lambda r: multi("alternative", _flowed(r), multi("related", page_of(r), SHOWN))),
    "Roundcube": _whole(
        lambda r: multi("mixed", multi("alternative", _flowed(r), multi("related", page_of(r), SHOWN)), PDF),
        "User-Agent: Roundcube Webmail/1.6",
    ),
    "Zimbra": _whole(
        lambda r: multi("mixed", multi("alternative", text_of(r), multi("related", page_of(r), SHOWN)), PDF),
        "X-Mailer: Zimbra 9.0",
    ),
    "Outlook": _whole(lambda r: multi("mixed", multi("related", outlook_both(r), SHOWN), PDF)),
    "Outlook, wrapped": _whole(
        lambda r: multi("alternative", _wrapped(r), part("text/html", r.outlook_html, charset="iso-8859-1"))
    ),
    "Outlook Rich Text": _whole(lambda r: multi("alternative", text_of(r), part("text/rtf", rtf(r.plain)))),
    "Rich Text as an application": _whole(
        lambda r: multi("alternative", text_of(r), page_of(r), part('application/rtf; name="a.rtf"', rtf(r.plain)))
    ),
    "Rich Text as an attached alternative": _whole(
        lambda r: multi("alternative", text_of(r), part("application/rtf", rtf(r.plain), attached("body.rtf")))
    ),
    "enriched": _whole(lambda r: multi("alternative", text_of(r), part("text/enriched", enriched(r.plain)))),
    "enriched alone": _whole(lambda r: multi("alternative", part("text/enriched", enriched(r.plain)))),
    "AMP and the watch": _whole(
        lambda r: multi(
            "alternative", text_of(r), part("text/x-amp-html", r.html), part("text/watch-html", r.html), page_of(r)
        )
    ),
    "XHTML": _whole(lambda r: multi("alternative", text_of(r), part("application/xhtml+xml", r.html.encode()))),
    "Lotus Notes": _whole(
        lambda r: multi(
            "related",
            multi(
                "alternative",
                part("text/plain", r.plain, inline(), encoding="base64"),
                part("text/html", r.html, inline("notes.html"), encoding="base64"),
            ),
            SHOWN,
        ),
        "X-Mailer: Lotus Notes Release 9.0",
    ),
    "UTF-16": _whole(
        lambda r: multi("mixed", text_of(r), part("text/html", r.html, charset="utf-16", encoding="base64"))
    ),
    # calendars
    "Teams invitation": _whole(
        lambda r: multi(
            "alternative", part("text/plain", r.outlook_plain), page_of(r), part("text/calendar", calendar(r.plain))
        )
    ),
    "Exchange invitation without HTML": _whole(
        lambda r: multi("alternative", text_of(r), part("text/calendar; method=REQUEST", calendar(r.plain)))
    ),
    "Google invitation": _whole(
        lambda r: multi(
            "mixed",
            multi("alternative", text_of(r), page_of(r), part("text/calendar; method=REQUEST", calendar(r.plain))),
            part('application/ics; name="invite.ics"', calendar(r.plain).encode(), attached("invite.ics")),
        )
    ),
    "calendar beside the text": _whole(
        lambda r: multi("mixed", text_of(r), part("text/calendar; method=PUBLISH", calendar(r.plain, "PUBLISH")))
    ),
    "calendar attached to an alternative": _whole(
        lambda r: multi("alternative", text_of(r), part("text/calendar", calendar(r.plain), attached("meeting.ics")))
    ),
    # side by side
    "mixed, text and HTML": _whole(lambda r: multi("mixed", text_of(r), page_of(r))),
    "mixed, HTML and text": _whole(lambda r: multi("mixed", page_of(r), text_of(r))),
    "related, text and HTML": _whole(lambda r: multi("related", text_of(r), page_of(r), SHOWN)),
    "related, HTML and text": _whole(lambda r: multi("related", page_of(r), SHOWN, text_of(r))),
    "mixed, flowed and HTML": _whole(lambda r: multi("mixed", _flowed(r), page_of(r))),
    "mixed, Outlook's two forms": _whole(lambda r: multi("mixed", _wrapped(r), part("text/html", r.outlook_html), PDF)),
    "mixed, marked text and Outlook's HTML": _whole(
        lambda r: multi("mixed", text_of(r), part("text/html", r.outlook_html))
    ),
    "mixed, text and Rich Text": _whole(lambda r: multi("mixed", text_of(r), part("text/rtf", rtf(r.plain)))),
    "a list's footer": _whole(
        lambda r: multi("mixed", multi("mixed", text_of(r), page_of(r)), part("text/plain", "_____\nMilis LPSE\n"))
    ),
    "a gateway's copy": _whole(lambda r: multi("mixed", both(r), part("text/html", r.html))),
    "the text twice": _whole(lambda r: multi("mixed", text_of(r), part("text/plain", r.plain, encoding="base64"))),
    "the page twice": _whole(lambda r: multi("mixed", page_of(r), page_of(r))),
    "the quotation in the HTML only": _whole(lambda r: multi("mixed", part("text/plain", r.words), page_of(r))),
    "the quotation in the HTML alternative only": _whole(
        lambda r: multi("alternative", part("text/plain", r.words), page_of(r))
    ),
    # named as files
    "named inline": _named_twice("mail.txt", "mail.html", inline),
    "page named inline": _named_twice("", "body.html", inline),
    "page attached": _named_twice("", "message.html", attached),
    "page attached under any name": _named_twice("", "Balasan untuk LPSE.html", attached),
    "page attached by a name alone": _whole(
        lambda r: multi("mixed", text_of(r), part('text/html; name="isi.htm"', r.html))
    ),
    "page without a type": _whole(
        lambda r: multi(
            "mixed", text_of(r), part('application/octet-stream; name="x.html"', r.html.encode(), attached("x.html"))
        )
    ),
    "text attached": _whole(lambda r: multi("mixed", page_of(r), part("text/plain", r.plain, attached("mail.txt")))),
    "Rich Text attached": _whole(
        lambda r: multi("mixed", text_of(r), part("application/rtf", rtf(r.plain), attached("reply.rtf")))
    ),
    "only an attached page": _whole(lambda r: multi("mixed", part("text/html", r.html, attached("body.html")))),
    "a stub and an attached page": _whole(
        lambda r: multi(
            "mixed",
            part("text/plain", "Program Anda tidak dapat menampilkan pesan HTML ini."),
            part("text/html", r.html, attached("message.html")),
        )
    ),
    "everything twice": _whole(
        lambda r: multi(
            "mixed", both(r), part("text/html", r.html, attached("body.html")), tnef(r, packed_rtf(r.plain))
        )
    ),
    # Exchange
    "Exchange, the rest as ATT": _whole(
        lambda r: multi(
            "mixed",
            part("text/plain", r.words),
            PICTURE,
            part('text/html; name="ATT00001.htm"', r.html.replace(r.above, ""), attached("ATT00001.htm")),
        )
    ),
    "Exchange, a copy as ATT": _whole(
        lambda r: multi("mixed", text_of(r), part('text/html; name="ATT00002.htm"', r.html, attached("ATT00002.htm")))
    ),
    "Exchange, a text as ATT": _whole(
        lambda r: multi("mixed", page_of(r), part('text/plain; name="ATT00001.txt"', r.plain, attached("ATT00001.txt")))
    ),
    # winmail.dat
    "winmail.dat with Rich Text": _whole(lambda r: multi("mixed", text_of(r), tnef(r, packed_rtf(r.plain)))),
    "winmail.dat with HTML": _whole(lambda r: multi("mixed", text_of(r), tnef(r, packed_html(r.html)))),
    "winmail.dat with text": _whole(lambda r: multi("mixed", text_of(r), tnef(r, packed_text(r.plain)))),
    "winmail.dat with a file": _whole(
        lambda r: multi("mixed", text_of(r), tnef(r, packed_rtf(r.plain), packed_file("surat.pdf", b"%PDF-1.7 isi")))
    ),
    "winmail.dat beside two forms": _whole(lambda r: multi("mixed", outlook_both(r), tnef(r, packed_html(r.html)))),
    "winmail.dat of no type": _whole(
        lambda r: multi(
            "mixed",
            text_of(r),
            part("application/octet-stream", winmail(packed_rtf(r.plain)), attached("ATT00003.dat")),
        )
    ),
    "a page inside winmail.dat": _whole(
        lambda r: multi("mixed", text_of(r), tnef(r, packed_file("ATT00001.htm", r.html.encode(), "text/html")))
    ),
    "winmail.dat alone": _whole(lambda r: multi("mixed", tnef(r, packed_text(r.plain)))),
    "winmail.dat that breaks off": _whole(
        lambda r: multi(
            "mixed",
            text_of(r),
            part('application/ms-tnef; name="winmail.dat"', winmail(packed_rtf(r.plain), packed_text(r.plain))[:-9]),
        )
    ),
    # Apple
    "Apple Mail": _whole(
        lambda r: multi("alternative", text_of(r), multi("mixed", part("text/html", r.above), PICTURE, page_of(r)))
    ),
    "Apple Mail, pieces of HTML": _whole(
        lambda r: multi("mixed", part("text/html", r.above), PICTURE, part("text/html", r.html.replace(r.above, "")))
    ),
    "iOS": _whole(
        lambda r: multi("mixed", part("text/plain", r.words), PICTURE, part("text/plain", r.plain[len(r.words) :])),
        "X-Mailer: iPhone Mail (20A362)",
    ),
    "Apple Mail, text, picture and HTML": _whole(lambda r: multi("mixed", text_of(r), PICTURE, page_of(r))),
    "AppleDouble": _whole(
        lambda r: multi(
            "mixed",
            text_of(r),
            page_of(r),
            multi("appledouble", part('application/applefile; name="surat.pdf"', b"\0\5\x16\7"), PDF),
        )
    ),
    # signed
    "S/MIME": _whole(lambda r: multi("signed", both(r), PKCS7)),
    "S/MIME around two forms": _whole(lambda r: multi("signed", multi("mixed", text_of(r), page_of(r)), PKCS7)),
    "PGP": _whole(lambda r: multi("signed", multi("mixed", both(r), PDF), PGP)),
    "PGP around Rich Text": _whole(
        lambda r: multi("signed", multi("alternative", text_of(r), part("text/rtf", rtf(r.plain))), PGP)
    ),
    # uuencode
    "uuencode": _whole(lambda r: part("text/plain", r.plain + uuencoded("surat.pdf", b"%PDF-1.7 isi"))),
    "uuencoded page": _whole(lambda r: part("text/plain", r.plain + uuencoded("mail.html", r.html.encode()))),
    "uuencoded winmail.dat": _whole(
        lambda r: part("text/plain", r.plain + uuencoded("winmail.dat", winmail(packed_rtf(r.plain))))
    ),
    # every order
    **{
        " in ".join(reversed(order)): _nested(order, side_by_side=False)
        for order in permutations(("mixed", "related", "alternative"))
    },
    **{
        f"HTML deep inside {'/'.join(order)}": _nested(order, side_by_side=True)
        for order in permutations(("mixed", "related", "alternative"))
    },
}
