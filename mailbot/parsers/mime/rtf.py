"""Rich Text as Outlook packs it into a winmail.dat: unpacked (MS-OXRTFCP) and read as plain text.

Bounded: no more than LIMIT bytes come out, whatever the input says of itself.
"""

from __future__ import annotations

import re
import struct

from mailbot.parsers.mime.charsets import decode_bytes

LIMIT = 512 * 1024  # bytes of Rich Text that are looked at
_TOKENS = 60_000  # words, signs and runs of text; what programs write has some 30,000 in LIMIT

# MS-OXRTFCP §2.1.2.1: what the dictionary holds before the first byte.
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par "
    rb"\pard\plain\f0\fs20\b\i\u\tab\tx"
)
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]{1,4096})|[\r\n]+|\\"
)
# Groups that hold no text of the document (RTF 1.9.1, destinations).
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf "
    b"listtable listoverridetable rsidtbl generator themedata xmlnstbl filetbl revtbl fldinst".split()
)
_WRITTEN = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"row": "\n",
    b"tab": "\t",
    b"cell": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
}
_MEANT = _SKIPPED | _WRITTEN.keys() | {b"bin", b"ansicpg", b"uc", b"u"}  # all other words are for the eye
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\", b"\r": "\n", b"\n": "\n"}


def decompress(data: bytes) -> bytes:
    """Compressed Rich Text unpacked; b"" where it is none. A broken stream gives what stands before the break."""
    if len(data) < 16:
        return b""
    raw_size, magic = struct.unpack_from("<I4s", data, 4)
    size = min(raw_size, LIMIT)
    if magic == _PLAIN:
        return data[16 : 16 + size]
    if magic != _COMPRESSED:
        return b""
    out = bytearray(_DICTIONARY)
    end = len(_DICTIONARY) + size
    position = 16
    while len(out) < end and position < len(data):
        flags = data[position]
        position += 1
        for bit in range(8):
            if position >= len(data) or len(out) >= end:
                break
            if not flags >> bit & 1:
                out.append(data[position])
                position += 1
                continue
            if position + 2 > len(data):
                position = len(data)
                break
            reference = data[position] << 8 | data[position + 1]
            position += 2
            # Places in a ring of 4,096 bytes; a reference to the place that is written next is the end.
            back = (len(out) - (reference >> 4)) % 4096
            length = (reference & 15) + 2
            if back == 0 or back > len(out):
                position = len(data)
                break
            piece = bytes(out[len(out) - back : len(out) - back + length])
            out += (piece * length)[:length]
    return bytes(out[len(_DICTIONARY) : end])


def to_text(source: bytes) -> str:
    """What a person reads in Rich Text: no formatting, no tables' borders. Total, linear."""
    out: list[str] = []
    pending = bytearray()  # bytes in the document's code page
    codepage = "cp1252"
    stack: list[tuple[bool, int]] = []
    skip, width = False, 1  # inside a group without text; characters that stand for a \u elsewhere
    unread = 0
    source = source[:LIMIT]
    tokens = _TOKEN.finditer(source)

    def flush() -> None:
        if pending:
            out.append(decode_bytes(bytes(pending), codepage))
            pending.clear()

    def write(text: str) -> None:
        if text.isascii() and codepage.startswith("cp125"):  # a byte is a letter: nothing need be decoded before it
            pending.extend(text.encode("ascii"))
        else:
            flush()
            out.append(text)

    for _ in range(_TOKENS):
        token = next(tokens, None)
        if token is None:
            break
        group = token.lastindex
        if group == 6:  # a run of text
            if not skip:
                text = token[6]
                pending += text[unread:]
                unread = max(0, unread - len(text))
        elif group == 5:
            if token[5] == b"{":
                stack.append((skip, width))
            else:
                skip, width = stack.pop() if stack else (False, 1)
                unread = 0
        elif group == 4:
            if token[4] == b"*":
                skip = True
            elif not skip and token[4] in _SYMBOLS:
                write(_SYMBOLS[token[4]])
        elif group == 3:
            if skip:
                continue
            if unread:
                unread -= 1
            else:
                pending.append(int(token[3], 16))
        elif group is not None:  # a word, and perhaps its number; else the end of a line of the source
            word, number = token.group(1, 2)
            if word not in _MEANT:
                continue
            if word in _SKIPPED:
                skip = True
            elif word == b"bin":
                tokens = _TOKEN.finditer(source, token.end() + max(0, int(number or 0)))
            elif skip:
                continue
            elif word in _WRITTEN:
                write(_WRITTEN[word])
            elif word == b"ansicpg" and number:
                codepage = f"cp{int(number)}"
            elif word == b"uc":
                width = max(0, min(int(number or 1), 10))
            elif word == b"u" and number:
                write(chr(int(number) % 65536))
                unread = width
    flush()
    # \u gives characters beyond U+FFFF as two surrogates.
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
