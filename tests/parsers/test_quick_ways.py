"""What is read many thousand times in a large mail is read in a quick way; here stands the plain one beside it."""

from __future__ import annotations

import re
from itertools import islice
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.model import Message
from mailbot.parsers.forms import cells, form, freetext
from mailbot.parsers.mime import addresses, characters, headers, html, message, rtf
from mailbot.parsers.mime.files import forms
from mailbot.parsers.mime.limits import Findings, Limits
from mailbot.parsers.reply import own_quote, quote_heads
from mailbot.parsers.reply.quotable import Sent
from mailbot.rules.language.normalise import one_slip
from mailbot.templates.catalogue import MAILS
from mailbot.templates.render import Renderer
from mailbot.wordfile import small
from tests.sample_values import sample

ALWAYS = re.compile("")
NEVER, NEVER_BYTES = re.compile(r"(?!)"), re.compile(rb"(?!)")
BLANKS = "".join(char for char in map(chr, range(0x110000)) if char.isspace())


def texts(*pieces: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces) | st.text(max_size=3), max_size=12).map("".join)


# --- one blank between words --------------------------------------------------------------------------------


@given(texts(" ", "\n", "\r\n", "é", "ya", *BLANKS))
@example("".join(f"a{blank}b{blank * 3}" for blank in BLANKS))
@example("\ud800 \udfff")
def test_blanks_are_taken_together_as_by_splitting_into_words(text: str) -> None:
    assert characters.single_blanks(text) == re.sub(r"\s+", " ", text)
    assert b"".join(message._words(text)) == " ".join(text.split()).encode("utf-8", "surrogatepass")


# --- addresses ----------------------------------------------------------------------------------------------

WORDS_OF_NAMES = st.sampled_from(
    ["Budi", "S.", "PT", "O'Neill", "R&D", "-", "a.b.", "'", "_", "1/2", "Kom,", "(x)", "é", "=?utf-8?q?B=C3=A9?="]
)
NAMES = st.lists(WORDS_OF_NAMES, max_size=3).map(" ".join)
SPECS = st.sampled_from(
    [
        "budi@penyedia.test",
        "b.s+1@a-b.go.id",
        "B_S@X.ID",
        "a@b",
        "a@@b",
        "a",
        ".a@b.id",
        "a.@b.id",
        "a@b..id",
        "é@b.id",
        "a b@c.id",
    ]
)
BOXES = st.one_of(
    st.builds("{} <{}>".format, NAMES, SPECS),
    st.builds('"{}" <{}>'.format, NAMES, SPECS),
    st.builds("{}<{}>".format, NAMES, SPECS),
    SPECS,
    st.text(max_size=4),
)
ADDRESSES = st.builds(str.join, st.sampled_from([", ", ",", " , ", "; "]), st.lists(BOXES, max_size=3))


@given(st.dictionaries(st.sampled_from(["From", "To", "Cc", "Reply-To"]), ADDRESSES))
@example(
    {"From": "Budi <budi@penyedia.test>", "To": '"Santoso, B." <b@c.id>, d@e.id', "Cc": "\udc80 <", "Reply-To": "x"}
)
@example({"From": "a@b.id, a@b.id", "To": "é <a@b.id>"})
@example({"From": "", "To": "a@b.id, "})
def test_addresses_with_nothing_odd_are_those_that_the_library_finds(written: dict[str, str]) -> None:
    fields = tuple((name, headers.unfold(value)) for name, value in written.items())
    quick, slow = Findings(), Findings()
    found = addresses.mailboxes(fields, quick)
    with patch.object(addresses, "_plain", lambda value: None):
        assert (found, quick) == (addresses.mailboxes(fields, slow), slow)


@given(st.lists(st.builds("{} <{}>".format, NAMES, SPECS), min_size=1, max_size=3).map(", ".join))
def test_where_the_library_fails_the_rest_is_read_as_before(value: str) -> None:
    fields = (("From", headers.unfold(value)), ("To", "é <a@b.id>"))
    quick, slow = Findings(), Findings()
    with patch("mailparser.parse_from_string", side_effect=RuntimeError):
        found = addresses.mailboxes(fields, quick)
        with patch.object(addresses, "_plain", lambda value: None):
            assert (found, quick) == (addresses.mailboxes(fields, slow), slow)


# --- words of a mail that may quote ours --------------------------------------------------------------------

OURS = own_quote.Ours([Sent(("https://spse.example/bantuan",))])
QUOTING = texts(
    *("Kata", "sandi ", "STRASSE", "ß", "İ", "ſ", "Σ", "\u00ad", "\u200b", "✔", "\n", "> ", "_", "1", "\u2028", "\x1c"),
    *(*own_quote._SIGNS, "\ud800", "\u0345", "\u0660", "K", "\U0001d400", "\U0001f600", "\r", "\x7f"),
    *("<mailto:a@b.example>", "<https://spse.example/bantuan>", "<https://lain.example/a>", " [1]", "[1]", "[12] "),
    *("\n[1] mailto:a@b.example", "\n> [12] https://spse.example/bantuan \n", "\n\n[1]\thttps://lain.example"),
)


def _plain_words(text: str) -> tuple[list[list[str]], list[list[tuple[int, int]]]]:
    """The words of each line, and their places in it: one by one."""
    added = [match.span() for match in own_quote._LINK.finditer(text) if own_quote._is_added(match[0], OURS)]
    notes = {
        match[1]: match.span()
        for match in own_quote._FOOTNOTE.finditer(text)
        if own_quote._is_added(f"<{match[2]}>", OURS)
    }
    added += notes.values()
    added += [match.span() for match in re.finditer(r"(?<=\w)\s?\[\d{1,3}\]", text) if match[0].strip() in notes]
    words, places, offset = [], [], 0
    for line in text.split("\n"):
        found = [
            match
            for match in own_quote._WORD.finditer(line)
            if not any(start <= match.start() + offset < end for start, end in added)
        ]
        words.append([match[0].translate(own_quote._UNSEEN).casefold() for match in found])
        places.append([match.span() for match in found])
        offset += len(line) + 1
    return words, places


@given(QUOTING)
@example("Kata [1]\nsandi<mailto:a@b.example>\n> [1] https://spse.example/bantuan \nßİ")
def test_the_words_of_a_mail_and_their_places_are_those_that_are_read_one_by_one(text: str) -> None:
    words, places = _plain_words(text)
    mail = own_quote.Mail(text, OURS)
    assert mail.words == [word for line in words for word in line]
    assert [mail.words[first:last] for first, last in zip(mail.first, mail.last, strict=True)] == words
    assert [mail.places(number) for number in range(len(mail.lines))] == places
    assert mail.line_of == [number for number, line in enumerate(words) for _ in line]


TEXTS = st.lists(QUOTING | texts("a ", "b ", "c ", "\n"), max_size=3)


@given(TEXTS)
def test_the_words_and_lines_of_mails_of_ours_are_those_that_are_read_one_by_one(parts: list[str]) -> None:
    ours = own_quote.Ours([Sent(tuple(parts))])
    words: list[str] = []
    lines = []
    for text in dict.fromkeys(parts):
        for line in text.split("\n"):
            found = [match[0].translate(own_quote._UNSEEN).casefold() for match in own_quote._WORD.finditer(line)]
            lines += [(len(words), found)] if found else []
            words += found
        words.append(own_quote._BREAK)
    assert ours.words == words
    assert [number for number, word in enumerate(words) if word == own_quote._BREAK] == ours.breaks
    assert ours.begins == {begin for begin, _ in lines} and ours.ends == {begin + len(line) for begin, line in lines}
    assert ours.lines == {tuple(line): [at for at, other in lines if other == line] for _, line in lines}


@given(TEXTS, QUOTING | texts("a ", "b ", "c "))
@example(["a b c a b c a b", "c a b c a b c a b c a b"], "c b a")
def test_the_runs_of_ours_that_a_mail_may_have_stand_where_they_do_among_all(parts: list[str], text: str) -> None:
    ours = own_quote.Ours([Sent(tuple(parts))])
    words = own_quote.words_of(text)
    wanted: dict[tuple[str, ...], list[int]] = {}
    for at, run in enumerate(own_quote._runs(ours.words)):
        if set(run) <= set(words):
            wanted.setdefault(run, []).append(at)
    assert ours.places(words) == wanted


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_runs_are_all_words_in_a_row_of_their_length(words: list[str]) -> None:
    length = own_quote._RUN
    assert list(own_quote._runs(words)) == [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]


# --- pages, Rich Text, headers, forms of a body -------------------------------------------------------------

PAGES = texts(
    *("<p>", "</p>", "<P class='x'>", '<div style="a:b">', '<a title="x>y">', "<a title='x>y'>", "<a'b>", '<a"b>', "<"),
    *(
        "<b ",
        '"',
        "'",
        ">",
        "/",
        "=",
        "<!-- x -->",
        "<!--",
        "</",
        "<!",
        "<?x>",
        "<br/>",
        f"<{'n' * 45}>",
        "</td",
        "a b",
    ),
    *("kata  sandi\n", "&amp;lt", "&am", "p;", "&#xE000;", "&#0;", "<hr>", "<blockquote>", "</blockquote>", "\u00a0"),
)


@given(PAGES)
@example("<a'b\"c\">d'e>f")
@example('<p a="x" b=\'y\' c="z<">t')
def test_a_plain_tag_ends_where_any_tag_does(source: str) -> None:
    quick = list(html._tokens(source))
    with patch.object(html, "_PLAIN_TAG", NEVER):
        assert list(html._tokens(source)) == quick


@given(PAGES)
@example("a &amp<b>p; b</b>\n c")
def test_all_texts_of_a_page_at_once_are_the_words_of_each(source: str) -> None:
    tokens = list(html._marked(list(html._visible(html._tokens(html._without_stand_ins(source))))))
    each = "".join(html._plain([token]) for token in tokens)
    assert html._plain(tokens) == each


OUR_PAGES = texts(
    *("<!DOCTYPE html>", "<title>Tiket</title>", "<title>", "</title>", "<style>.a { b: c }</style>", "<style>"),
    *('<div style="display:none;mso-hide:all;overflow:hidden;">', "Sandi baru", "</div>", "<div>", "</script>"),
    *('<a style="display:block;" href="mailto:a@b.example">', "</a>", '<p hidden="">', "<p hidden>", "<SCRIPT>"),
    *('<td style="overflow:hidden;">', '<b style="Di\u017fplay : none">', '<b style="visibility:overflow:hidden;">'),
    *("<td>", "</td>", "<br>", "<BR/>", "<!--[if mso]><p>&nbsp;</p><![endif]-->", "<!-- > -->", "<!-->", "\ue001"),
    *("satu  dua\n", "&amp;lt", "&am", "p;", "&#xE000;", "&#0;", "&nbsp;·", "<", ">", "a < b", "\u00a0", "\x00"),
)


def _lines_of_tokens(source: str) -> str:
    tokens = html._tokens(html._without_stand_ins(source[: html.LIMIT]))
    return html._plain(list(html._visible(islice(tokens, html._TOKENS))))


@given(OUR_PAGES | PAGES, st.sampled_from([4, 9, html._TOKENS]))
@example('a<div style="display:none;">b</div>c<title>d</title>', html._TOKENS)
@example('<p style="display:block;display:none">a</p>', html._TOKENS)
def test_a_page_of_ours_is_taken_apart_at_once_as_tag_by_tag(source: str, most: int) -> None:
    with patch.object(html, "_TOKENS", most):
        assert html.plain_lines(source) == _lines_of_tokens(source)


@pytest.mark.parametrize("name", MAILS)
def test_each_page_of_ours_is_taken_apart_at_once(name: str) -> None:
    page = Renderer().body(name, sample(name)).html
    assert html._quick_lines(page) == _lines_of_tokens(page)


@given(PAGES)
def test_tags_are_searched_only_for_what_they_have_signs_of(source: str) -> None:
    quick = html.to_text(source)
    with patch.object(html, "_SIGNS", ALWAYS):
        assert html.to_text(source) == quick


@given(
    texts(
        *("Subject: x\r\n", "To:y\n", "a : b\n", " c\n", "\td\r\n", " \n", "\r", "\n", "From x\n", ">From x\n", ": \n"),
        *("Content-Type: multipart/mixed; boundary=\"a\n b\"\n", "ya\n", "\x0b", "\x85", "é\n", "To: z", "X-Y:\n"),
    )
)  # fmt: skip
def test_a_whole_field_is_read_as_any_other(text: str) -> None:
    raw = text.encode("utf-8", "replace")

    def read() -> object:
        findings = Findings()
        return headers.scan(raw, 0, len(raw), Limits(), findings, top=True), findings

    quick = read()
    with patch.object(headers, "_WHOLE_FIELD", NEVER_BYTES):
        assert read() == quick


@given(
    texts("www.", "WWW.a ", "http://b ", "cid:c ", "1) ", "12. ", "> 3.", "\n", "Kata ", "ß", "\u200b", "a", "\u2028")
)
@example("\u200b1. satu\nKATA http://a.example dua")
def test_lines_without_a_sign_of_an_address_or_a_number_have_neither(text: str) -> None:
    quick = forms.Said.of(text)
    with patch.object(forms, "_may_hold_between", lambda small: True):
        assert forms.Said.of(text) == quick


# --- text on one line ---------------------------------------------------------------------------------------


@given(texts(" ", "  ", "\t", "\n", "\x00", "\x7f", "\u202e", "é", "e\u0301", "ﬁ", "kata", *BLANKS))
def test_printable_ascii_is_one_line_as_it_is(text: str) -> None:
    plain = re.sub(r"\s+", " ", characters._CONTROL.sub(" ", characters.normalise(text, "NFC"))).strip()
    assert characters.one_line(text) == plain
    found = characters._CONTROL.search(text.replace("\t", " "))
    assert characters.has_control(text) == (found is not None)


# --- what is looked at only with a sign of it ---------------------------------------------------------------


class _Everything(frozenset[object]):
    def __contains__(self, item: object) -> bool:
        return True


@given(
    texts("{", "}", "\\b ", "\\par ", "\\fonttbl ", "\\bin3 ", "\\u228 ?", "\\uc2 ", "\\'e9", "\\*", "\\", "\n", "kata")
)
def test_words_of_rich_text_without_a_meaning_say_nothing(source: str) -> None:
    raw = source.encode("latin-1", "replace")
    quick = rtf.to_text(raw)
    with patch.object(rtf, "_MEANT", _Everything()):
        assert rtf.to_text(raw) == quick


@given(texts("menulis", "WROTE", " wrote:", " 写道：", "schrieb", "ſchrieb", "İ", ":", " ", "*", "a", "\u2028", ">"))
def test_a_line_ends_with_a_verb_only_where_its_last_letters_are_a_verbs(line: str) -> None:
    quick = quote_heads._ends_with_verb(line)
    with patch.object(quote_heads, "_LAST_LETTERS", _Everything()):
        assert quote_heads._ends_with_verb(line) == quick


LABELS = sorted(label for label in form._BY_LABEL if len(label) > 3)


@given(st.sampled_from(LABELS), st.integers(0, 40), st.sampled_from(["", "x", "a"]), st.integers(0, 2))
def test_a_slip_is_forgiven_as_by_comparing_with_every_label(label: str, at: int, letter: str, dropped: int) -> None:
    slipped = label[:at] + letter + label[at + dropped :]
    near = {
        key
        for known, key in form._BY_LABEL.items()
        if len(known) > 3 and slipped and known[0] == slipped[0] and one_slip(slipped, known)
    }
    by_parts = form._keys(slipped, try_misspelt=False)
    wanted = by_parts
    if by_parts is None and 3 <= len(slipped) <= 40 and len(near) == 1:
        [key] = near
        wanted = (key,) if key else ()
    assert form._keys(slipped, try_misspelt=True) == wanted


# --- lines of a form ----------------------------------------------------------------------------------------

CELLS = st.sampled_from(
    [
        *("", " ", "a.", "1)", "12.", "Nama", "Nama :", ":", ": Budi", "No HP", "Alamat", "Instansi  Dinas A"),
        *("| a. | Nama | : | Budi |", "| Nama | Budi |", "|", "||", "+", "+--+", "|--|", "|:-:|", "| x", "Saya Budi."),
        *("\x0b", "\u3000Nama"),
    ]
)


def _cells_put_together(lines: list[str]) -> list[str]:
    """As `cells.lines_of`, with a look back at each line."""
    found: list[str] = []
    waiting = False
    for raw in lines:
        line = "" if cells._RULE.fullmatch(raw.strip()) else cells._row(raw, form.is_label)
        bare = line.strip()
        if not bare and waiting:
            continue
        waiting = False
        near = range(len(found) - 1, max(len(found) - 4, -1), -1)
        above = next((number for number in near if found[number].strip()), None) if bare else None
        if above is not None:
            numbered = cells._NUMBERING.fullmatch(found[above].strip())
            if form.is_label(bare) if numbered else bare.startswith(":") and form.is_label(found[above].strip()):
                found[above] = f"{found[above].rstrip()} {bare}"
                del found[above + 1 :]
                waiting = bare == ":"
                continue
        found.append(line)
    return found


@given(st.lists(CELLS, max_size=10))
def test_cells_are_put_together_as_by_a_look_at_each_line_above(lines: list[str]) -> None:
    assert cells.lines_of(lines, form.is_label) == _cells_put_together(lines)


@given(st.lists(CELLS | st.text(max_size=5), max_size=8).map("\n".join))
@example("Nama \x0b\nBudi\nAlamat\nJl. Melati")
def test_a_line_without_a_mark_of_labels_and_cells_is_one_cell(text: str) -> None:
    quick = form.read_own(text), form.read_form("", quoted=text)
    with patch.object(form, "_MARKS", ALWAYS):
        assert (form.read_own(text), form.read_form("", quoted=text)) == quick


# --- words by which somebody introduces himself -------------------------------------------------------------

FORMS = r"(?:CV|PT|UD|PD|TB|FA|Firma|Koperasi|Yayasan|Perum|Perumda|BUMDes)"
FIRM = re.compile(rf"(?<![\w.]){FORMS}\.?(?=[ \t.])", re.IGNORECASE)
OFFICE = re.compile(rf"(?<![\w.]){freetext._WORDS['offices'].any_of}\b")
NAME_AFTER = re.compile(
    r"\b(?:nama[ \t]{1,3}saya|perkenalkan,?[ \t]{1,3}(?:nama[ \t]{1,3})?saya|saya[ \t]{1,3}(?:yang[ \t]{1,3})?bernama"
    r"|saya[ \t]{1,3}atas[ \t]{1,3}nama|my[ \t]{1,3}name[ \t]{1,3}is|saya)[ \t:,]{1,5}(?=\S)",
    re.IGNORECASE,
)
INTRODUCING = texts(
    *("CV", "pt.", "Perumda ", "perum", "KOPERA\u017fI ", "Dinas", "dpu", "DPUPR ", "Kantor ", "SMAN", ".", " ", "\n"),
    *(
        "nama",
        "saya",
        "Saya ",
        "perkenalkan, ",
        "yang ",
        "bernama ",
        "atas nama ",
        "my name is ",
        "Budi",
        ",",
        ":",
        "_",
    ),
    *("\t", "é"),
)


@given(INTRODUCING)
def test_firms_offices_and_names_are_found_where_any_word_may_begin(text: str) -> None:
    for quick, lowered, plain in (
        (freetext._FIRM, small(text), FIRM),
        (freetext._OFFICE, text, OFFICE),
        (freetext._NAME_AFTER, small(text), NAME_AFTER),
    ):
        assert [found.span() for found in quick.finditer(lowered)] == [found.span() for found in plain.finditer(text)]


@given(st.data())
def test_closing_words_have_their_sign(data: st.DataObject) -> None:
    line = data.draw(st.from_regex(re.compile(freetext._CLOSING.pattern, re.IGNORECASE), fullmatch=True))
    assert freetext._SIGN_OF_CLOSING.search(small(line))


# --- headers ------------------------------------------------------------------------------------------------

NAMED = st.lists(st.tuples(st.sampled_from(["To", "to", "TO", "Cc", "X-A"]), st.text(max_size=2)), max_size=5)
SEVERAL = st.lists(NAMED.map(tuple), min_size=1, max_size=3)


@given(SEVERAL, st.lists(st.integers(0, 9), max_size=6))
def test_headers_are_those_of_the_mail_that_is_asked(
    mails: list[tuple[tuple[str, str], ...]], asked: list[int]
) -> None:
    messages = [Message(headers=mail, subject="", from_=()) for mail in mails]
    for number in asked:
        message = messages[number % len(messages)]
        for name in ("to", "To", "CC", "x-a", "x-b"):
            values = tuple(value for written, value in message.headers if written.lower() == name.lower())
            assert message.header_all(name) == values
            assert message.header(name) == (values[0] if values else None)
