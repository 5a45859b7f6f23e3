"""HTML → plain text, safely. The only importer of inscriptis.

The markup first goes through a small scanner of our own, linear on any input: it drops what a reader
does not see and marks what is quoted. inscriptis then lays out tables and lists; where the markup is
nested so deeply that the library would lose text, the scanner's own text is used.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, repeat
from typing import NamedTuple

from mailbot import late
from mailbot.parsers.mime.characters import single_blanks
from mailbot.wordfile import small

LIMIT = 320 * 1024  # characters of markup that are laid out
_TOKENS = 16_000  # tags and runs of text of a page that are looked at; what people write has some 10,000
_LAID_OUT = 6_000  # tags and runs of text that inscriptis gets: a table's cells cost it a hundred times our scanner's
_LONG_TAG = 2000  # a tag longer than this carries an image as data: only its name matters here
CUT = "\n[…]"  # stands at the end of what was cut
_MAX_DEPTH = 150  # libxml2 stops at 256 levels and drops the text inside without a word

# Stand-ins for the begin and end of a quotation; private-use characters, removed from the input first.
_OPEN, _CLOSE = "\ue000", "\ue001"

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
# Nearly every tag: without quotes, or with pairs of them in which no ">" stands.
_MOST_TAGS = r"""<(/?)([a-zA-Z][^\s/>"']{0,40}+)(?!["'])(?:[^">]*+|[^"'<>]*+(?:"[^"<>]*+"[^"'<>]*+)++)>"""
_PLAIN_TAG = re.compile(rf"([^<]*+)({_MOST_TAGS})")  # with the text before it
# What stands between the texts of a page of ours: what nobody sees, as `layout.html.j2` writes it, or a tag.
_BETWEEN = re.compile(
    r"<!--(?s:.*?)-->|<!DOCTYPE html>|<title>[^<]*+</title>|<style>[^<]*+</style>"
    rf'|<div style="display:none;[^"<>]{{0,400}}">[^<]*+</div>|({_MOST_TAGS})'
)
_HIDDEN = re.compile(r"""(?:display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden)""", re.I)
_HIDDEN_ATTRIBUTE = re.compile(r"""\shidden(?:\s|=|/|\Z)""", re.I)
_STYLE = re.compile(r"""style\s{0,3}=\s{0,3}("[^"]{0,4000}"|'[^']{0,4000}'|[^\s"'>]{1,4000})""", re.I)
_UNBORDERED = re.compile(r"border\s{0,3}:\s{0,3}(?:none|0)", re.I)
_CITED = re.compile(r"""type\s{0,3}=\s{0,3}["']?cite|(?<!block)quote""", re.I)

# Elements by which mail programs set the answered mail apart, where no <blockquote> does.
_HOLDERS = frozenset(("div", "span", "p", "section", "table"))
_QUOTE_HOLDER = late.pattern(
    r"""(?:class|id|name|data-marker)\s{0,3}=\s{0,3}["']?[^"'>]{0,80}(?<![\w-])(?:yahoo_quoted|protonmail_quote|tutanota_quote"""
    r"""|zmail_extra|moz-forward-container|OLK_SRC_BODY_SECTION|ms-outlook-mobile-reference-message|isForwardContent"""
    r"""|mail-app-auto-quote|__QUOTED_TEXT__)(?![a-zA-Z])""",
    re.I,
)
_ATTRIBUTION = late.pattern(
    r"""(?:class|id)\s{0,3}=\s{0,3}["']?[^"'>]{0,80}(?<![\w-])(?:gmail_attr|moz-cite-prefix|__HEADERS__)(?![\w-])""",
    re.I,
)
_OUTLOOK_HEAD = late.pattern(r"""id\s{0,3}=\s{0,3}["']?(?:divRplyFwdMsg|stopSpelling)(?![\w-])""", re.I)
_OUTLOOK_LINE = re.compile(r"border-top\s{0,3}:\s{0,3}solid", re.I)
_OUTLOOK_BAR = late.pattern(r"border-left\s{0,3}:\s{0,3}solid\s{0,3}(?:blue|#?0000ff)", re.I)
# A sign of each of these in small letters, without which there is nothing to search for.
_SIGNS = re.compile(r"quote|extra|forward|olk_src|reference-message|gmail_attr|moz-cite|__headers__|border-left")
_AHEAD = 80  # tags and runs of text
_RULES = 200  # <hr> that become a line of the text

# Nothing here runs over the next "<", so that each character is looked at a bounded number of times.
_QUOTED_TAG = re.compile(r"""<[^"'<>]{0,2000}(?:(?:"[^"<]{0,9000}"|'[^'<]{0,9000}')[^"'<>]{0,2000}){1,60}>""")

_VOID = frozenset(re.findall(r"\S+", "area base br col embed hr img input link meta param source track wbr "))
_CLOSES_ITSELF = frozenset(re.findall(r"\S+", "p li td th tr dt dd option thead tbody tfoot colgroup "))
_PAGE = frozenset(("html", "head", "body"))
_UNSEEN = frozenset(re.findall(r"\S+", "script style title template noscript object iframe svg math "))
_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        "address article aside blockquote body center dd div dl dt fieldset footer form h1 h2 h3 "
        "h4 h5 h6 header hr li main nav ol p pre section table tbody thead tr ul br ",
    )
)
#: What of a tag stands in plain text.
_BREAK = {**dict.fromkeys(_BLOCKS, "\n"), "td": "  ", "th": "  "}
#: Words of a tag that hides what is in it, and how a tag of ours holds them that does not.
_HARMLESS = (("display", "display:block;"), ("hidden", "overflow:hidden;"))
# Blocks that the library takes for parts of a line, so that "<dt>Sandi</dt><dd>x</dd>" became one word.
_LIKE_MAIN = ("center", "dd", "dl", "dt", "fieldset", "form", "section")


class _Token(NamedTuple):  # a frozen dataclass takes three times as long to make
    kind: str  # "text", "start" or "end"
    name: str
    source: str
    mark: bool = False  # markup with a stand-in, made here


@dataclass(slots=True)
class Room:
    """What is still read and laid out of some pages together: a mail may have two hundred of them."""

    characters: int = LIMIT
    tokens: int = _TOKENS
    laid_out: int = _LAID_OUT


def to_text(source: str, room: Room | None = None) -> str:
    """What a person reads in an HTML mail, as lines of text; quoted blocks get "> " before each line.

    Total, and linear in the length of the markup. At most LIMIT characters of it are read (after
    scripts, styles and hidden parts are gone), and no more than there is room for; text that was cut ends in "[…]".
    """
    room = room or Room()
    source = _without_stand_ins(source)
    kept: list[_Token] = []
    length = 0
    most, limit = min(_TOKENS, room.tokens), min(LIMIT, room.characters)
    cut = source.count("<") > most
    tokens = list(islice(_tokens(source), most))
    room.tokens -= len(tokens)
    for token in _visible(iter(tokens)):
        if token.kind != "text" and len(token.source) > _LONG_TAG:
            token = _Token(token.kind, token.name, f"<{token.name}>")
        length += len(token.source)
        if length > limit:
            cut = True
            if token.kind == "text":
                kept.append(_Token("text", "", token.source[: limit - length]))
            break
        kept.append(token)
    room.characters -= min(length, limit)
    text = _layout(list(_marked(kept)), room)
    return _quoted(text) + (CUT if cut else "")


def plain_lines(source: str) -> str:
    """The words of a page that a reader sees, a line for each block: for pages of ours, whose layout is of no interest.
    A sixth of the time of `to_text`. Total, and read up to the same limit."""
    source = _without_stand_ins(source[:LIMIT])
    quick = _quick_lines(source)
    return _plain(list(_visible(islice(_tokens(source), _TOKENS)))) if quick is None else quick


def _quick_lines(source: str) -> str | None:
    """The same of a page of ours, taken apart all at once; None: it holds more than plain tags and what is known to
    hide something, or too much."""
    parts = _BETWEEN.split(source)  # text, tag, "/" and name, text, …
    texts, names = parts[::4], [name and name.lower() for name in parts[3::4]]
    if len(parts) > _TOKENS or "<" in "".join(texts) or not _UNSEEN.isdisjoint(names):
        return None
    tags = small("".join(filter(None, parts[1::4])))
    if any(tags.count(word) > tags.count(harmless) for word, harmless in _HARMLESS):
        return None
    lines = [""] * (2 * len(texts) - 1)
    lines[::2], lines[1::2] = _words(texts), map(_BREAK.get, names, repeat(""))
    return "".join(lines)


def _without_stand_ins(source: str) -> str:
    return source.replace(_OPEN, "").replace(_CLOSE, "").replace("\x00", "")


def _layout(tokens: list[_Token], room: Room) -> str:
    if len(tokens) > room.laid_out or _depth(tokens) > _MAX_DEPTH:
        return _plain(tokens)
    room.laid_out -= len(tokens)
    engine = _engine()
    try:
        text = engine("".join(map(_for_layout, tokens)))
    except Exception:  # whatever lxml makes of a stranger's markup: the words count more than the layout
        return _plain(tokens)
    forged = any(text.count(m) != sum(m in t.source for t in tokens) for m in (_OPEN, _CLOSE))
    # "&#xE001;" would end a quotation early, and quoted words would pass for the writer's own
    return _plain(tokens) if forged or not text.strip() else text


@cache
def _engine() -> Callable[[str], str]:
    """The library, which only pages of others need."""
    from inscriptis import get_text
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    css = CSS_PROFILES["relaxed"]
    config = ParserConfig(css={**dict.fromkeys(_LIKE_MAIN, css["main"]), **css})
    return lambda markup: str(get_text(markup, config))


def _for_layout(token: _Token) -> str:
    """The markup that is handed to the library.

    Without the page's own begin and end: it would drop what stands behind them, which browsers show. And it resolves
    character references twice (once in libxml2, once in itself), so that "&amp;lt;" would become "<".
    """
    if token.kind == "text":
        if token.mark:
            return token.source
        words = entities.unescape(token.source).replace(_OPEN, "").replace(_CLOSE, "")
        return entities.escape(entities.escape(words, quote=False), quote=False)
    if token.name in _PAGE:
        return "<div></div>"
    return token.source


def _tokens(source: str) -> Iterator[_Token]:
    position = 0
    while position < len(source):
        while (match := _PLAIN_TAG.match(source, position)) is not None:
            text, tag, closing, name = match.groups()
            if text:
                yield _Token("text", "", text)
            yield _Token("end" if closing else "start", name.lower(), tag)
            position = match.end()
        start = source.find("<", position)
        if start < 0:
            break
        if start > position:
            yield _Token("text", "", source[position:start])
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
            if end < 0:
                return  # browsers, too, take the rest for a comment
            position = end + 3
            continue
        match = _TAG.match(source, start)
        if match is None and source[start + 1 : start + 2] not in ("!", "?", "/"):
            yield _Token("text", "", "&lt;")
            position = start + 1
            continue
        end = _tag_end(source, start)
        if end < 0:
            return
        if match is not None:
            kind = "end" if match.group(1) else "start"
            yield _Token(kind, match.group(2).lower(), source[start : end + 1])
        position = end + 1
    if position < len(source) and source.find("<", position) < 0:
        yield _Token("text", "", source[position:])


def _tag_end(source: str, start: int) -> int:
    """The ">" that ends a tag: not one inside a quoted value, unless the quote never closes."""
    end = source.find(">", start)
    if end < 0 or source.find('"', start, end) < 0:
        return end
    match = _QUOTED_TAG.match(source, start)
    return match.end() - 1 if match else end


def _visible(tokens: Iterator[_Token]) -> Iterator[_Token]:
    """The tokens without scripts, styles and elements that their own markup hides."""
    skipping = ""
    depth = 0
    for token in tokens:
        if skipping:
            if token.name == skipping and token.kind == "end":
                depth -= 1
            elif token.name == skipping and token.kind == "start":
                if skipping in _CLOSES_ITSELF and not _hides(token):
                    depth = 0
                elif skipping not in _CLOSES_ITSELF:
                    depth += 1
            if depth > 0:
                continue
            skipping = ""
            if token.kind == "end":
                continue
        if token.kind == "start" and (token.name in _UNSEEN or _hides(token)):
            if token.name not in _VOID and not token.source.endswith("/>"):
                skipping, depth = token.name, 1
            continue
        yield token


def _hides(token: _Token) -> bool:
    written = small(token.source)
    if "hidden" not in written and "display" not in written:
        return False
    style = _STYLE.search(token.source)
    if style is not None and _HIDDEN.search(style.group(1)):
        return True
    if "hidden" not in token.source.lower():
        return False
    return _HIDDEN_ATTRIBUTE.search(re.sub(r'"[^"]*"', '""', token.source.rstrip(">"))) is not None


def _marked(tokens: list[_Token]) -> Iterator[_Token]:
    """Stand-ins around what is quoted; an indented block without a border is the writer's own."""
    stack: list[bool] = []  # the blockquotes around, and whether they are quotes
    scope, level = "", 0  # another element that holds a quote, and how many of its name are open in it
    rest = False  # whether everything from here on is quoted
    rules = 0
    for number, token in enumerate(tokens):
        if token.name == "blockquote" and token.kind == "start":
            style = _STYLE.search(token.source)
            own = style is not None and _UNBORDERED.search(style.group(1)) and not _CITED.search(token.source)
            stack.append(not own)
            if not own:
                yield _mark(_OPEN)
            yield token
            continue
        if token.name == "blockquote":
            yield token
            if stack and stack.pop():
                yield _mark(_CLOSE)
            continue
        if scope and token.name == scope:
            level += 1 if token.kind == "start" else -1
            if level == 0:
                scope = ""
                yield token
                yield _mark(_CLOSE)
                continue
        elif token.kind == "start" and not (scope or rest or any(stack)):
            if _begins_quoted_rest(tokens, number):
                rest = True
                yield _mark(_OPEN)
            elif token.name in _HOLDERS and _holds_quote(tokens, number):
                scope, level = token.name, 1
                yield _mark(_OPEN)
        yield token
        if token.name == "hr" and token.kind != "end" and rules < _RULES:
            rules += 1
            yield from (_Token("start", "div", "<div>"), _Token("text", "", "_" * 32), _Token("end", "div", "</div>"))
    if scope or rest:
        yield _mark(_CLOSE)


def _mark(stand_in: str) -> _Token:
    return _Token("text", "", f"<div>{stand_in}</div>", mark=True)


def _holds_quote(tokens: list[_Token], number: int) -> bool:
    """Whether an element is one in which a mail program keeps the mail that is answered, or the line above it."""
    source = tokens[number].source
    if len(source) < 12 or not _SIGNS.search(small(source)):
        return False
    if _QUOTE_HOLDER.search(source):
        return True
    style = _STYLE.search(source)
    if style is not None and _OUTLOOK_BAR.search(style.group(1)):
        return True
    return _ATTRIBUTION.search(source) is not None and _blockquote_follows(tokens, number)


def _blockquote_follows(tokens: list[_Token], number: int) -> bool:
    """Whether the element that begins here is followed by a quote, with nothing but blanks between."""
    name, level = tokens[number].name, 0
    for token in tokens[number : number + _AHEAD]:
        if token.kind != "text" and token.name == name:
            level += 1 if token.kind == "start" else -1
        elif level == 0:
            if token.name == "blockquote":
                return token.kind == "start"
            if token.kind == "text" and token.source.strip():
                return False
    return False


def _begins_quoted_rest(tokens: list[_Token], number: int) -> bool:
    """Whether Outlook has put the headers of the answered mail here: all that follows is that mail."""
    source = tokens[number].source
    if tokens[number].name not in ("div", "hr") or len(source) < 12:
        return False
    if _OUTLOOK_HEAD.search(source):
        return True
    style = _STYLE.search(source)
    if style is None or not _OUTLOOK_LINE.search(style.group(1)):
        return False
    words = "".join(token.source for token in tokens[number : number + _AHEAD] if token.kind == "text")[:600]
    return words.count(":") + words.count("：") >= 3 and any(map(str.isdigit, words))


def _depth(tokens: list[_Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token.kind == "text" or token.name in _VOID or token.name in _CLOSES_ITSELF:
            continue
        depth += 1 if token.kind == "start" else -1
        deepest = max(deepest, depth)
        depth = max(depth, 0)
    return deepest


def _words(texts: Iterable[str]) -> list[str]:
    """What the texts of a page say, each with single blanks."""
    # All at once, since a page has thousands: NUL stands in none of them, and ends an entity.
    joined = entities.unescape("\x00".join(texts)).replace(_OPEN, "").replace(_CLOSE, "")
    return single_blanks(joined).split("\x00")


def _plain(tokens: list[_Token]) -> str:
    words = iter(_words(token.source for token in tokens if token.kind == "text" and not token.mark))
    out: list[str] = []
    for kind, name, source, mark in tokens:
        if mark:
            out.append(f"\n{_OPEN if _OPEN in source else _CLOSE}\n")
        elif kind == "text":
            out.append(next(words))  # outside <pre> a line break in the source is a blank
        else:
            out.append(_BREAK.get(name, ""))
    return "".join(out)


def _quoted(text: str) -> str:
    """The stand-ins become "> " before each line between them; blank lines are thinned out."""
    depth, last = 0, ""
    lines: list[str] = []
    for line in text.split("\n"):
        closed, stood_in = 0, False
        if not line.isascii() and (_OPEN in line or _CLOSE in line):
            depth, closed, stood_in = depth + line.count(_OPEN), line.count(_CLOSE), True
            line = line.replace(_OPEN, "").replace(_CLOSE, "")
        bare = line.strip() if depth else line.rstrip()
        if bare or not stood_in:
            if depth:
                bare = f"{'>' * min(depth, 20)} {bare}" if bare else ">" * min(depth, 20)
            if bare != last or bare.strip(">"):
                lines.append(bare)
                last = bare
        depth = max(0, depth - closed)
    return "\n".join(_dedented(lines)).strip("\n")


def _dedented(lines: list[str]) -> list[str]:
    """Without the blanks by which a page inside elements is set in as a whole."""
    if any(line and line[0] not in " >" for line in lines):
        return lines
    own = [len(line) - len(line.lstrip(" ")) for line in lines if line and not line.startswith(">")]
    margin = min(own, default=0)
    return [line if line.startswith(">") else line[margin:] for line in lines]
