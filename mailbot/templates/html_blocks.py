"""Blocks → the inside of the HTML alternative. The frame around it is `layout.html.j2`, which says what mail programs
demand of both. Written in Python, because a mail has hundreds of such pieces and a sandbox asks at each of them.

All text is escaped (`_escaped`); whatever else is put together here is markup already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import unescape

import markupsafe

from mailbot.sentences import Sentences
from mailbot.templates.markup import Action, Bar, Block, Entry, Fixed, Line, kept_spaces

_SAID = Sentences(__file__)

_FONT = "font-family:Segoe UI,Roboto,Helvetica,Arial,sans-serif;"
_MONO = "font-family:Consolas,Menlo,DejaVu Sans Mono,monospace;"
_LAYOUT = 'role="presentation" cellpadding="0" cellspacing="0" border="0"'
_INK, _SOFT, _BLUE, _EDGE = "color:#1f2933;", "color:#55606b;", "color:#0f3d66;", "#d5dce4"
_SIZE, _SMALL = 16, 13  # px
#: Bars of a chart: told apart by their length and their words, too, for who sees no difference of colours.
_TONES = {"plain": "#3d78ad", "good": "#2e7d5b", "fair": "#b7791f", "bad": "#b03a2e"}
_TRACK = "#e6ebf0"
_BAR_CELL = "padding:8px 0 4px;"
_TIED = 25  # characters: longer words may break
_DOT = re.compile(r" ·(?![^ ])")


def to_html(blocks: Iterable[Block]) -> markupsafe.Markup:
    """The blocks of a mail or of a signature, one below the other."""
    small, html = False, []
    for number, block in enumerate(blocks):
        made = _kept_block if isinstance(block, Fixed) else _block
        html.append(made(block, small, first=number == 0))
        small = small or block.kind == "small_print"
    return markupsafe.Markup("".join(html))


def _block(block: Block, small: bool, *, first: bool) -> str:
    tone, color, px = ("soft", _SOFT, _SMALL) if small else ("ink", _INK, _SIZE)
    match block.kind:
        case "heading":
            style = f"margin:0 0 16px;{_type(22, 130)}font-weight:bold;{_BLUE}"
            return f'<h1 class="head" style="{style}">{_hard(block.lines)}</h1>\n'
        case "subheading":
            style = f"margin:{0 if first else 22}px 0 8px;{_type(16, 140)}font-weight:bold;{_BLUE}"
            return f'<h2 class="head" style="{style}">{_hard(block.lines)}</h2>\n'
        case "paragraph":
            leads = bool(block.lines[-1]) and block.lines[-1][-1].text.endswith(":")
            style = f"margin:0 0 {8 if small or leads else 16}px;{_type(px)}{color}"
            return f'<p class="{tone}" style="{style}">{_hard(block.lines)}</p>\n'
        case "warning":
            bar = "border-left:4px solid #d18b00;background-color:#fff5d9;color:#4d3800;"
            style = f"{_type(16)}padding:12px 16px;{bar}"
            return _panel("warn", style, "#fff5d9", _hard(block.lines))
        case "list":
            items = "".join(f'<li style="margin:0 0 4px;">{_runs(item)}</li>\n' for item in block.lines)
            return f'<ul class="{tone}" style="margin:0 0 16px 24px;padding:0;{_type(px)}{color}">\n{items}</ul>\n'
        case "table":
            return _table(block.rows)
        case "entries":
            return _entries(block.entries)
        case "bars":
            return _bars(block.bars)
        case "actions":
            return _actions(block.actions)
        case "small_actions":
            return _small_actions(block.actions)
        case "quote":
            style = f"{_type(16)}padding:12px 16px;border-left:4px solid #8fb1cf;background-color:#f2f6fa;{_INK}"
            return _caption(block.caption) + _panel("quote", style, "#f2f6fa", _words(block.text))
        case "raw":
            style = f"padding:12px 16px;border:1px dashed #8fb1cf;background-color:#f2f6fa;{_INK}"
            text = f"margin:0;{_MONO}font-size:14px;mso-line-height-rule:exactly;line-height:150%;white-space:pre-wrap;"
            return _panel("quote", style, "#f2f6fa", f'<pre style="{text}">{_escaped(block.text)}</pre>')
        case "words":
            return f'<p class="{tone}" style="margin:0 0 16px;{_type(px)}{color}">{_words(block.text)}</p>\n'
        case _:  # small_print
            style = f"border-top:1px solid {_EDGE};font-size:1px;mso-line-height-rule:exactly;line-height:12px;"
            cell = f'<td class="edge" height="12" style="{style}">&nbsp;</td>'
            return f'<table {_LAYOUT} width="100%" style="margin:0;"><tr>{cell}</tr></table>\n'


_kept_block = lru_cache(maxsize=256)(_block)  # of templates' own words alone


def _escaped(text: str) -> str:
    return str(markupsafe.escape(text))


# --- words ------------------------------------------------------------------------------------------------------


def _runs(line: Line) -> str:
    return "".join(f"<strong>{_tied(run.text)}</strong>" if run.bold else _tied(run.text) for run in line)


def _hard(lines: Sequence[Line]) -> str:
    return "<br>".join(map(_runs, lines))


@lru_cache(maxsize=1024)  # most are the same in each mail
def _tied(text: str) -> str:
    """ "e-mail", "13.00–16.00" and a ticket's number stay in one piece, and a dot between two things at the end of its
    line."""
    html = _escaped(text)
    if "-" in html or "–" in html:
        html = " ".join([_nobr(word) if "-" in word or "–" in word else word for word in html.split(" ")])
    return _DOT.sub("&nbsp;·", html) if "·" in html else html


def _nobr(word: str) -> str:
    return f'<span style="white-space:nowrap;">{word}</span>' if 1 < len(unescape(word)) < _TIED else word


def _label(line: Line) -> str:
    return "".join(_escaped(run.text).replace("/", "/<wbr>") for run in line)


def _words(text: str) -> str:
    return _escaped(kept_spaces(text)).replace("\n", "<br>")


# --- pieces -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _type(size: int, leading: int = 150) -> str:
    return f"{_FONT}font-size:{size}px;mso-line-height-rule:exactly;line-height:{leading}%;"


def _gap(px: int) -> str:
    """Word gives a table no margin below, and grows tables together that nothing parts."""
    style = f"margin:0;font-size:1px;mso-line-height-rule:exactly;line-height:{px}px;"
    return f'<!--[if mso]><p style="{style}">&nbsp;</p><![endif]-->'


def _panel(kind: str, style: str, color: str, inside: str) -> str:
    table = "margin:0 0 18px;border-collapse:separate;table-layout:fixed;"
    return (
        f'<table {_LAYOUT} width="100%" style="{table}"><tr>\n'
        f'<td class="{kind}" bgcolor="{color}" style="{style}">{inside}</td>\n</tr></table>{_gap(18)}\n'
    )


def _caption(caption: Line) -> str:
    if not caption:
        return ""
    return f'<p class="soft" style="margin:0 0 6px;{_type(14)}{_SOFT}">{_runs(caption)}</p>\n'


def _table(rows: Sequence[tuple[Line, Line]]) -> str:
    border = f"border-bottom:1px solid {_EDGE};"
    left = f"padding:8px 12px 8px 0;{border}{_type(14, 155)}font-weight:normal;text-align:left;{_SOFT}"
    right = f"padding:8px 0;{border}{_type(16, 140)}{_INK}"
    html = []
    for label, value in rows:
        if not value:
            style = f"padding:8px 0;{border}{_type(16, 140)}font-weight:normal;text-align:left;{_SOFT}"
            html.append(
                '<tr>\n<th class="soft edge" scope="row" colspan="2" align="left" valign="top"'
                f' style="{style}">{_runs(label)}&nbsp;:</th>\n</tr>\n'
            )
            continue
        html.append(
            '<tr class="row edge">\n<th class="soft edge cell" scope="row" align="left" valign="top" width="33%"'
            f' style="{left}">{_label(label)}</th>\n'
            f'<td class="ink edge cell" align="left" valign="top" style="{right}">{_runs(value)}</td>\n</tr>\n'
        )
    style = f"margin:0 0 18px;border-collapse:collapse;border-top:1px solid {_EDGE};"
    return (
        f'<table class="edge" width="100%" cellpadding="0" cellspacing="0" border="0" style="{style}">\n'
        f"{''.join(html)}</table>{_gap(18)}\n"
    )


def _entries(entries: Sequence[Entry]) -> str:
    html = []
    for entry in entries:
        border, type_ = f"border-top:1px solid {_EDGE};", _type(16, 140)
        if entry.href:
            style = f"display:block;padding:14px 0 8px;{type_}font-weight:bold;{_BLUE}text-decoration:underline;"
            label = "".join(_escaped(run.text) for run in entry.label)
            link = f'<a class="head" href="{_escaped(entry.href)}" style="{style}">{label}</a>'
            html.append(
                f'<tr><td class="edge" align="left" style="mso-padding-alt:14px 0 8px;{border}">{link}</td></tr>\n'
            )
        else:
            style = f"padding:14px 0 8px;{border}{type_}font-weight:bold;{_INK}"
            html.append(f'<tr><td class="ink edge" align="left" style="{style}">{_runs(entry.label)}</td></tr>\n')
        if entry.lines:
            style = f"padding:0 0 {2 if len(entry.lines) > 1 else 14}px;{type_}{_INK}"
            html.append(f'<tr><td class="ink" align="left" style="{style}">{_runs(entry.lines[0])}</td></tr>\n')
        if len(entry.lines) > 1:
            style = f"padding:0 0 14px;{_type(14)}{_SOFT}"
            html.append(f'<tr><td class="soft" align="left" style="{style}">{_hard(entry.lines[1:])}</td></tr>\n')
    style = f"margin:0 0 18px;border-collapse:collapse;table-layout:fixed;border-bottom:1px solid {_EDGE};"
    return f'<table {_LAYOUT} class="edge" width="100%" style="{style}">\n{"".join(html)}</table>{_gap(18)}\n'


def _bars(bars: Sequence[Bar]) -> str:
    """A chart of table cells, which every program shows: label and value side by side, the bar below them."""
    left, right = f"{_BAR_CELL}{_type(15, 135)}{_SOFT}", f"{_BAR_CELL}{_type(16, 135)}font-weight:bold;{_INK}"
    html = []
    for bar in bars:
        note = f'<br><span style="font-size:13px;">{_runs(bar.note)}</span>' if bar.note else ""
        html.append(
            f'<tr>\n<td class="soft" align="left" valign="bottom" style="{left}">{_runs(bar.label)}{note}</td>\n'
            f'<td class="ink" align="right" valign="bottom" style="{right}">{_runs(bar.value)}</td>\n'
            f'</tr>\n<tr><td colspan="2" style="padding:0 0 8px;">{_bar(bar)}</td></tr>\n'
        )
    style = "margin:0 0 18px;border-collapse:collapse;"
    return f'<table {_LAYOUT} width="100%" style="{style}">\n{"".join(html)}</table>{_gap(18)}\n'


def _bar(bar: Bar) -> str:
    """The dark ground stands in the style alone, as the layout has it; a cell of nothing would have a width in Word."""
    thin = "font-size:1px;mso-line-height-rule:exactly;line-height:10px;"
    cells = ""
    if bar.percent:
        style = f"{thin}background-color:{_TONES[bar.tone]};"
        cells += f'<td class="bar-{bar.tone}" width="{bar.percent}%" height="10" style="{style}">&nbsp;</td>'
    if bar.percent < 100:
        rest, style = 100 - bar.percent, f"{thin}background-color:{_TRACK};"
        cells += f'<td class="track" bgcolor="{_TRACK}" width="{rest}%" height="10" style="{style}">&nbsp;</td>'
    return (
        f'<table {_LAYOUT} width="100%" style="border-collapse:collapse;table-layout:fixed;"><tr>{cells}</tr></table>'
    )


def _actions(actions: Sequence[Action]) -> str:
    style = "margin:0 0 8px;max-width:400px;border-collapse:separate;table-layout:fixed;"
    return (
        f'<!--[if mso]><table {_LAYOUT} width="400"><tr><td><![endif]-->\n'
        f'<table {_LAYOUT} class="full" width="100%" style="{style}">\n{"".join(map(_action, actions))}</table>\n'
        f"<!--[if mso]></td></tr></table><![endif]-->{_gap(8)}\n"
    )


def _action(action: Action) -> str:
    if action.href:
        style = f"display:block;padding:12px 16px;{_type(16)}font-weight:bold;color:#ffffff;text-decoration:none;"
        button = (
            '<td class="button" align="center"'
            ' style="mso-padding-alt:12px 16px;background-color:#14558f;border-radius:6px;">'
            f'<a class="press" href="{_escaped(action.href)}" style="{style}">{_escaped(action.label)}</a></td>'
        )
    else:
        style = f"{_type(16)}font-weight:bold;{_INK}"
        button = f'<td class="ink" align="left" style="{style}">{_escaped(action.label)}</td>'
    style = f"padding:6px 0 16px;{_type(14, 145)}{_SOFT}"
    return f'<tr>\n{button}\n</tr>\n<tr><td class="soft" align="left" style="{style}">{_by_hand(action)}</td></tr>\n'


def _small_actions(actions: Sequence[Action]) -> str:
    """Links for what is seldom done: a line each, as high as a thumb."""
    link = f"display:block;padding:11px 0;{_type(16, 140)}{_BLUE}font-weight:bold;text-decoration:underline;"
    said = f"{_type(13, 140)}font-weight:normal;{_SOFT}"
    html = []
    for action in actions:
        command = f' <span class="soft" style="{said}">· {_escaped(action.command)}</span>' if action.command else ""
        hint = f'<p class="soft" style="margin:0;{said}">{_tied(action.hint)}</p>' if action.hint else ""
        href = _escaped(action.href or "")
        html.append(
            '<tr><td style="mso-padding-alt:11px 0;">'
            f'<a class="head" href="{href}" style="{link}">{_escaped(action.label)}{command}</a>{hint}</td></tr>\n'
        )
    style = "margin:0;border-collapse:collapse;table-layout:fixed;"
    return f'<table {_LAYOUT} width="100%" style="{style}">\n{"".join(html)}</table>{_gap(8)}\n'


def _by_hand(action: Action) -> str:
    if action.command:
        lead = _SAID("or_reply_with") if action.href else _SAID("reply_with")
        said = f'{lead}: <strong class="ink" style="{_INK}">{_escaped(action.command)}</strong>'
    else:
        said = "" if action.href else _SAID("reply")
    return said + (" · " if said and action.hint else "") + (_tied(action.hint) if action.hint else "")
