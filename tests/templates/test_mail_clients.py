"""The HTML of every mail against what mail programs do to it.

Outlook for Windows lays out with Word; Gmail takes <style> away for accounts that are not its own and cuts a mail at
102 KB; webmail drops <body> with its attributes; dark modes invert colours. What can be told from the markup alone is
told from it; where Chromium is installed it also measures the pages at the width of a telephone.
"""

from __future__ import annotations

import colorsys
import html as entities
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mailbot.parsers.mime.html import to_text
from mailbot.parsers.reply.quoted import MARKER, new_text
from mailbot.templates import markup
from mailbot.templates.catalogue import MAILS
from mailbot.templates.render import Renderer
from mailbot.templates.visible_fields import Shape
from tests.page import Element, tree
from tests.sample_values import ACTIONS, MONTH, sample

RENDERER = Renderer()
GMAIL_CLIPS_AT = 102 * 1024  # bytes of HTML
GMAIL_STYLE_LIMIT = 8192  # characters of one <style>
WIDEST = 600  # pixels
LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
TOUCH = 44  # pixels: the height that a thumb meets
SAMPLES = {name: RENDERER.body(name, sample(name)).html for name in MAILS} | {
    f"{name} with text to copy": RENDERER.body(
        name, sample(name, paste="Nomor : 1\n\n  kolom   lebar", actions=ACTIONS)
    ).html
    for name in ("staff_receipt", "staff_reminder")
}
for _name in ("head_report", "coordinator_report"):
    _values = sample(_name, month=MONTH, ticket=None)
    SAMPLES[f"{_name} with a month"] = RENDERER.body(_name, _values).html
SAMPLES["staff_receipt with a month"] = RENDERER.body("staff_receipt", sample("staff_receipt", month=MONTH)).html
every_mail = pytest.mark.parametrize("html", SAMPLES.values(), ids=SAMPLES.keys())

_GLOBAL = {"class", "style"}
_TABLE = {"role", "width", "cellpadding", "cellspacing", "border", "align", "bgcolor", "lang"}
_CELL = {"align", "valign", "width", "height", "bgcolor", "colspan"}
ALLOWED: dict[str, set[str]] = {
    "html": {"lang", "dir", "xmlns", "xmlns:o"},
    "head": set(),
    "title": set(),
    "style": set(),
    "meta": {"charset", "name", "content"},
    "body": {"bgcolor"},
    "div": set(),
    "table": _TABLE,
    "tbody": set(),  # stands in every table, written or not
    "tr": set(),
    "td": _CELL,
    "th": _CELL | {"scope"},
    "a": {"href"},
    **{tag: set() for tag in ("p", "h1", "h2", "ul", "li", "strong", "span", "br", "wbr", "pre")},
}
# What every program honours, or what does no harm where it is not honoured.
PROPERTIES = re.compile(
    r"font-(?:family|size|weight)|line-height|(?:background-)?color|text-(?:align|decoration)|margin|padding"
    r"|border(?:-top|-bottom|-left|-collapse|-radius)?|display|max-(?:width|height)|overflow(?:-wrap)?|word-break"
    r"|white-space|table-layout|mso-line-height-rule|mso-padding-alt|mso-hide|-(?:webkit|ms)-text-size-adjust"
)


def with_words(html: str) -> list[Element]:
    """The elements that have words of their own, without those that nobody sees."""
    return [e for e in tree(html) if e.seen and any(isinstance(c, str) and c.strip("\xa0 \n") for c in e.children)]


def without_style(html: str) -> str:
    """As Gmail's app shows it to an account of another provider."""
    return re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


def as_word_reads_it(html: str) -> str:
    """With what stands in [if mso], but for the settings, which are no HTML: Outlook for Windows."""
    shown = re.sub(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", r"\1", html, flags=re.DOTALL)
    return re.sub(r"<xml>.*?</xml>", "", shown)


def pixels(value: str) -> int:
    found = re.fullmatch(r"(\d+)(?:px)?", value)
    assert found, value
    return int(found[1])


# --- markup ---------------------------------------------------------------------------------


@every_mail
def test_only_elements_attributes_and_styles_that_programs_honour_are_used(html: str) -> None:
    for element in list(tree(html))[1:]:
        assert element.tag in ALLOWED
        assert set(element.attributes) <= ALLOWED[element.tag] | _GLOBAL, element
        assert all(map(PROPERTIES.fullmatch, element.style)), element.style


@every_mail
def test_nothing_is_loaded_from_elsewhere_and_no_link_leads_anywhere_but_to_a_reply(html: str) -> None:
    page = tree(as_word_reads_it(html))
    assert all(link.attributes["href"].startswith("mailto:") for link in page.all("a"))
    for words in (*(e.attributes.get("style", "") for e in page), *(style.text for style in page.all("style"))):
        assert re.search(r"url\s*\(|@import|@font-face|https?:|expression|position|float|flex|grid", words) is None
    assert re.search(r"\s(?:src|srcset|background|poster|data)=", html) is None


@every_mail
def test_what_outlook_alone_reads_is_whole(html: str) -> None:
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->") == html.count("<!--") == html.count("-->")
    page = tree(as_word_reads_it(html))  # well-formed in Word's reading too
    cards = [table for table in page.all("table") if table.attributes.get("width") == str(WIDEST)]
    assert len(cards) == 1  # Word knows no max-width
    (settings,) = re.findall(r"<xml>.*?</xml>", html)
    assert re.fullmatch(r"<xml>(?:</?o:\w+>|\d+)+</xml>", settings)
    ElementTree.fromstring(settings.replace("<xml>", '<xml xmlns:o="urn:schemas-microsoft-com:office:office">'))


@every_mail
def test_word_finds_padding_in_cells_only_and_margins_where_it_honours_them(html: str) -> None:
    for element in tree(html):
        padded = any(value != "0" for name, value in element.style.items() if name == "padding")
        if element.tag == "a":
            assert element.parent is not None
            assert element.parent.style["mso-padding-alt"] == element.style["padding"]
        elif element.tag not in ("td", "th"):
            assert not padded, element
        if element.tag == "div":
            assert "margin" not in element.style
        if "line-height" in element.style and element.seen:
            assert element.style["mso-line-height-rule"] == "exactly", element


@every_mail
def test_layout_is_tables_that_readers_for_the_blind_pass_over(html: str) -> None:
    page = tree(html)
    assert [div for div in page.all("div") if div.seen] == []
    for table in page.all("table"):
        assert (table.attributes["cellpadding"], table.attributes["cellspacing"]) == ("0", "0")
        assert table.attributes["border"] == "0"
        headings = [cell for row in table.all("tr") for cell in row.all("th")]
        if table.attributes.get("role") == "presentation":
            assert [th for th in headings if next(e for e in th.line if e.tag == "table") is table] == []
        else:
            assert all(row.all("th")[0].attributes["scope"] == "row" for row in table.all("tr"))


@every_mail
def test_the_language_is_told_where_webmail_keeps_it(html: str) -> None:
    page = tree(html)
    assert page.all("html")[0].attributes["lang"] == "id"
    assert page.all("table")[0].attributes["lang"] == "id"  # webmail drops <html>


@every_mail
def test_nothing_is_fixed_wider_than_a_column_and_what_is_fixed_gives_way(html: str) -> None:
    for element in tree(as_word_reads_it(html)):
        width = element.attributes.get("width", "100%")
        assert width.endswith("%") or int(width) <= WIDEST
        assert "width" not in element.style
        if "max-width" in element.style:
            assert pixels(element.style["max-width"]) <= WIDEST
            assert (element.tag, width) == ("table", "100%")
    for table in tree(html).all("table"):
        assert table.attributes["width"] == "100%"  # pixels stand in Outlook's own tables only


@every_mail
def test_long_words_break_wherever_words_stand(html: str) -> None:
    for element in with_words(html):
        if element.text == MARKER:
            continue
        assert element.inherited("overflow-wrap") == "anywhere", element.text


@every_mail
def test_long_words_do_not_widen_their_panel_in_word(html: str) -> None:
    panels = [cell for cell in tree(html).all("td") if {"quote", "warn"} & set(cell.classes)]
    for panel in panels:
        table = next(around for around in panel.line if around.tag == "table")
        assert table.style["table-layout"] == "fixed"  # Word knows no overflow-wrap


@every_mail
def test_gmail_neither_clips_it_nor_drops_its_style(html: str) -> None:
    assert len(html.encode()) < GMAIL_CLIPS_AT * 2 / 5  # what is left is for the words of people
    assert all(len(style.text) < GMAIL_STYLE_LIMIT for style in tree(html).all("style"))


@every_mail
def test_a_page_without_its_style_says_and_looks_the_same(html: str) -> None:
    stripped = without_style(html)
    assert "<style" not in stripped
    assert to_text(stripped) == to_text(html)
    for element in with_words(stripped):
        for essential in ("font-family", "font-size", "line-height", "color"):
            assert element.inherited(essential), (essential, element.text)
        assert pixels(element.inherited("font-size")) >= 13


@every_mail
def test_words_are_no_smaller_than_16_pixels_but_for_captions_and_small_print(html: str) -> None:
    for element in with_words(html):
        small = any(set(e.classes) & {"soft", "band"} or e.tag == "pre" for e in element.line)
        assert pixels(element.inherited("font-size")) >= (13 if small else 16), element.text


# --- buttons --------------------------------------------------------------------------------


@every_mail
def test_a_button_is_a_link_that_a_thumb_meets(html: str) -> None:
    for link in tree(html).all("a"):
        assert link.text.strip()
        assert link.style["display"] == "block"
        leading = pixels(link.style["font-size"]) * int(link.style["line-height"].removesuffix("%")) // 100
        assert 2 * pixels(link.style["padding"].split()[0]) + leading >= TOUCH


@every_mail
def test_light_letters_and_their_dark_ground_are_kept_or_lost_together(html: str) -> None:
    for element in tree(html):
        if "bgcolor" in element.attributes:  # stays where styles are taken away: black on it must be legible
            assert contrast("#000000", element.attributes["bgcolor"]) > 10
            assert element.attributes["bgcolor"] == element.style["background-color"]


# --- the line in the inbox ------------------------------------------------------------------


@every_mail
def test_a_bar_and_its_rest_are_the_whole_width(html: str) -> None:
    for rest in (cell for cell in tree(html).all("td") if cell.classes == ["track"]):
        assert rest.parent is not None
        cells = rest.parent.all("td")
        assert sum(int(cell.attributes["width"].removesuffix("%")) for cell in cells) == 100
        assert all(cell.style["background-color"] for cell in cells)


@pytest.mark.parametrize("name", MAILS)
def test_the_inbox_shows_what_the_mail_says_and_not_the_marker(name: str) -> None:
    page = tree(SAMPLES[name]).all("body")[0]
    hidden = page.all("div")[0]
    assert page.text.strip().startswith(hidden.text)
    assert hidden.style["display"] == "none"
    assert 20 < len(hidden.text) <= markup.PREVIEW_LENGTH
    # What the subject says already takes no room from what it does not.
    assert hidden.text.startswith(f"{MAILS[name].kind}. ") is MAILS[name].outside
    assert "Yth." not in hidden.text


@pytest.mark.parametrize("name", ["staff_new_ticket", "staff_user_reply", "staff_reminder"])
@pytest.mark.parametrize("overdue", [None, "12 menit"])
def test_a_telephones_inbox_shows_staff_by_when_something_is_due(name: str, overdue: str | None) -> None:
    """Some 45 characters of the line are seen there."""
    due = "Rabu, 30 September 2026 pukul 09.20 WIB"
    late = {"what": "Respons awal", "due": due, "overdue": overdue, "limit": "15 menit", "postponed": None}
    values = sample(name, deadline=late, denied=False, form_missing=True)
    hidden = tree(RENDERER.body(name, values).html).all("body")[0].all("div")[0]
    assert ("Terlambat 12 menit: Respons awal" if overdue else f"Batas: {due[:36]}") in hidden.text[:45]


@pytest.mark.parametrize("name", [name for name, kind in MAILS.items() if "text" in kind.variables])
def test_the_inbox_shows_no_words_that_are_passed_on(name: str) -> None:
    html = RENDERER.body(name, sample(name, text="Kata sandi baru: RAHASIA-123")).html
    assert "RAHASIA" not in tree(html).all("div")[0].text


@pytest.mark.parametrize("name", [name for name, kind in MAILS.items() if kind.marker])
def test_nothing_of_the_inbox_line_is_read_above_the_marker(name: str) -> None:
    assert to_text(RENDERER.body(name, sample(name, form_missing=False)).html).lstrip().startswith(MARKER)


@pytest.mark.parametrize("missing", [True, False])
def test_only_a_mail_that_holds_the_form_has_no_marker(missing: bool) -> None:
    """A notice that tells staff of the form is answered like any other."""
    assert RENDERER.body("staff_new_ticket", sample("staff_new_ticket", form_missing=missing)).text.startswith(MARKER)
    text = RENDERER.body("user_acknowledgement", sample("user_acknowledgement", form_missing=missing)).text
    assert text.startswith(MARKER) is not missing


def test_a_reply_that_quotes_the_hidden_line_in_the_open_is_still_the_writers_words_alone() -> None:
    page = tree(SAMPLES["user_resolved"]).all("body")[0]
    quoted = "\n".join(f"> {line}" for line in (page.all("div")[0].text, MARKER, "", "Permasalahan …"))
    reply = f"SELESAI\n\nPada Sel, 24 Nov 2026 pukul 09.00 LPSE <lpse@batangkab.go.id> menulis:\n{quoted}"
    assert (new_text(reply).text, new_text(reply).doubt) == ("SELESAI", None)


def test_the_inbox_line_is_made_of_our_prose_or_else_of_the_first_table() -> None:
    def preview(source: str) -> str:
        return markup.preview(markup.parse(source, []))

    assert preview("Yth. Bapak/Ibu,\n\nDengan hormat,\n\nAkun telah **kami** pulihkan hari ini.") == (
        "Akun telah kami pulihkan hari ini."
    )
    assert preview(
        "| #ambil | ditangani Sari\n| #cek |\n| #tutup | ditutup\n\n## Lalu\nSilakan membalas e-mail ini lagi."
    ) == ("#ambil: ditangani Sari; #tutup: ditutup")
    assert preview("'''\nx\n'''") == ""
    assert preview("# Kabar\nYth. Bapak/Ibu,\n\nDengan hormat,") == "Kabar."
    assert len(preview("! " + "panjang " * 99)) == markup.PREVIEW_LENGTH


def test_words_keep_their_columns_where_spaces_are_folded() -> None:
    assert markup.kept_spaces("  a   b") == "\xa0\xa0a \xa0 b"
    assert markup.kept_spaces(" a b\tc") == "\xa0a b \xa0 \xa0c"
    assert markup.kept_spaces("a\n b\n\tc\n\n   d ") == "a\n\xa0b\n\xa0\xa0 \xa0c\n\n\xa0\xa0 d "
    for words in ("", "a b", "a    b", "\ta", "   "):
        kept = markup.kept_spaces(words)
        assert kept.replace("\xa0", " ") == words.expandtabs(4)
        assert "  " not in kept
        assert not kept.startswith(" ")


@pytest.mark.parametrize("name", ["staff_new_ticket", "user_info"])  # set apart as a quote, and as the mail's own words
def test_columns_of_a_persons_words_need_no_white_space_property(name: str) -> None:
    html = RENDERER.body(name, sample(name, text="  1. kesatu    kedua")).html
    cell = next(element for element in with_words(html) if "kesatu" in element.text)
    assert cell.text == "\xa0\xa01. kesatu \xa0 \xa0kedua"


# --- colours --------------------------------------------------------------------------------


def channels(colour: str) -> tuple[float, float, float]:
    assert re.fullmatch(r"#[0-9a-f]{6}", colour), colour
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def inverted(colour: str) -> str:
    """As a mail program darkens a page that it does not trust: lightness turned over, hue kept."""
    hue, light, saturation = colorsys.rgb_to_hls(*channels(colour))
    return "#" + "".join(f"{round(c * 255):02x}" for c in colorsys.hls_to_rgb(hue, 1 - light, saturation))


def rules(css: str, prefix: str = "") -> dict[str, dict[str, str]]:
    """Class → declarations, of the rules whose selectors are `prefix` and one class."""
    found: dict[str, dict[str, str]] = {}
    for selectors, declarations in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        values = {n: v for n, v in re.findall(r"([a-z-]+):\s*(#[0-9a-f]{6}) !important", declarations)}
        for selector in selectors.split(","):
            if selector.strip().startswith(f"{prefix}."):
                found.setdefault(selector.strip()[len(prefix) + 1 :], {}).update(values)
    return found


def dark_rules(html: str) -> dict[str, dict[str, str]]:
    css = tree(html).all("style")[1].text
    return rules(css[css.index("{", css.index("prefers-color-scheme: dark")) + 1 : css.index("\n}")])


def pairs(html: str, dark: dict[str, dict[str, str]] | None = None) -> set[tuple[str, str]]:
    """Every (letters, ground) that stands in the page; `dark`: what these rules make of it."""

    def effective(element: Element, name: str) -> str:
        for around in element.line:
            changed = [dark[c][name] for c in around.classes if dark and name in dark.get(c, {})]
            if changed or name in around.style:
                return changed[0] if changed else around.style[name]
        raise AssertionError(f"no {name}")

    return {(effective(e, "color"), effective(e, "background-color")) for e in with_words(html)}


@every_mail
def test_letters_stand_out_from_their_ground_by_day_and_by_night(html: str) -> None:
    by_day, by_night = pairs(html), pairs(html, dark_rules(html))
    for letters, ground in by_day | by_night:
        assert contrast(letters, ground) >= LEAST_CONTRAST, (letters, ground)
    # Nothing is forgotten: by night every ground is dark and every letter light.
    assert all(luminance(ground) < 0.2 < luminance(letters) for letters, ground in by_night)


@every_mail
def test_letters_survive_a_program_that_turns_the_colours_over_itself(html: str) -> None:
    for letters, ground in pairs(html):
        assert contrast(inverted(letters), inverted(ground)) >= LEAST_CONTRAST, (letters, ground)


def test_outlooks_own_dark_mode_gets_the_same_colours() -> None:
    html = SAMPLES["staff_new_ticket"]
    css = tree(html).all("style")[1].text
    letters, grounds = rules(css, "[data-ogsc] "), rules(css, "[data-ogsb] ")
    merged = {name: {**grounds.get(name, {}), **letters.get(name, {})} for name in {*letters, *grounds}}
    assert merged == dark_rules(html)


# --- in a browser ---------------------------------------------------------------------------

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE = 360  # pixels: the narrowest telephones that are still sold
_MEASURED = (
    "staff_new_ticket",
    "staff_receipt",
    "staff_lkpp_reply",
    "lkpp_escalation",
    "user_resolved",
    "user_acknowledgement",
    "head_report with a month",
)
_SCRIPT = """
onload = () => {
  const found = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument;
    return [frame.title, page.documentElement.scrollWidth,
            ...[...page.querySelectorAll("a")].map(link => link.getBoundingClientRect().height)];
  });
  document.body.textContent = JSON.stringify(found);
};
"""


def _unbreakable(shape: Shape, name: str) -> Any:
    """Values of which each is one word of 300 letters."""
    if isinstance(shape, list):
        return [_unbreakable(shape[0], name)]
    if isinstance(shape, str) or shape is None:
        return "mailto:a@b.id?body=" + "x" * 300 if name == "href" else "x" * 300
    return {key: _unbreakable(inner, key) for key, inner in shape.items()}


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_at_the_width_of_a_telephone_nothing_has_to_be_pushed_sideways(tmp_path: Path) -> None:
    pages = {name: SAMPLES[name] for name in _MEASURED}
    for name in _MEASURED:
        mail = name.partition(" ")[0]
        values = {key: _unbreakable(shape, key) for key, shape in MAILS[mail].shapes.items()}
        pages[f"{name}, long words"] = RENDERER.body(mail, values).html
    pages |= {f"{name}, no style": without_style(html) for name, html in pages.items()}
    frames = "".join(
        f'<iframe title="{title}" width="{PHONE}" style="border:0" srcdoc="{entities.escape(html)}"></iframe>'
        for title, html in pages.items()
    )
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><meta charset=utf-8>{frames}<script>{_SCRIPT}</script>")
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--virtual-time-budget=5000", "--dump-dom", (tmp_path / "page.html").as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = json.loads(shown[shown.index("[[") : shown.rindex("]]") + 2])
    assert len(found) == 4 * len(_MEASURED)
    assert [(title, width) for title, width, *_ in found if width > PHONE] == []
    heights = [height for _, _, *links in found for height in links]
    assert min(heights) >= TOUCH
