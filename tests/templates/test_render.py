"""The renderer: values are opaque, templates are checked, a site's own templates replace ours by name."""

from __future__ import annotations

import textwrap
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.clean import _TABLE, clean, one_line, shorten
from mailbot.errors import PermanentFailure
from mailbot.templates import markup, render
from mailbot.templates.catalogue import MAILS
from mailbot.templates.files import without_tag_lines
from mailbot.templates.html_blocks import to_html
from mailbot.templates.render import Renderer
from tests.sample_values import sample

RENDERER = Renderer()


@pytest.fixture(scope="module", autouse=True)
def _made_anew() -> None:
    """So that `make mutants`, which imports this file once for all mutants, meets those of `Renderer.__init__` too."""
    global RENDERER
    for name in ("_COMPILED_BODIES", "_COMPILED_LAYOUTS"):
        setattr(render, name, render._Compiled())
    RENDERER = Renderer()


# --- cleaners -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf"),
        ("tab\tstays", "tab\tstays"),
        ("nul\0 esc\x1b[31m del\x7f c1\x9b", "nul esc[31m del c1"),
        ("gpj.\u202eexe \u2066x\u2069 \u200f", "gpj.exe x "),
        ("in\u200bvi\u2060si\ufeffble\U000e0041", "invisible"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("\uf0b7 butir Outlook", "• butir Outlook"),
        ("join\u034fed", "joined"),
        ("é ü – 漢字 👩‍💻 stay", "é ü – 漢字 👩‍💻 stay"),
    ],
)
def test_hidden_characters_are_taken_out_and_words_stay(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_no_hidden_character_looks_harmless_to_the_short_way() -> None:
    hidden = [chr(code) for code, becomes in _TABLE.items() if chr(code) != becomes]
    assert [one for one in hidden if clean(one) == one] == []


@given(st.text(alphabet=st.characters()))
def test_a_cleaned_line_is_one_line_and_cleaning_again_changes_nothing(text: str) -> None:
    line = one_line(text, 40)
    assert len(line) <= 40
    assert line.splitlines() in ([], [line])
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


def test_a_cut_is_visible() -> None:
    assert shorten("permasalahan login", 13) == "permasalahan…"


# --- values are opaque ----------------------------------------------------------------------

HOSTILE = [
    "{{7*7}}",
    "{% for x in y %}",
    "{# note #}",
    "# Judul palsu",
    "| label | nilai",
    "-> Klik | mailto:x@y.z | #tutup | x",
    '"""',
    "'''",
    "```",
    "---",
    "- butir",
    "! peringatan",
    "**tebal**",
    "\\",
    "\ue0000\ue001",
    "<script>alert(1)</script>",
    "<img src=http://x.example/p.png onerror=x>",
    '"><a href="javascript:x">klik</a>',
    "]]> --> <!-- <![endif]-->",
    "&lt;b&gt; &#x3c;",
]


@pytest.mark.parametrize("payload", HOSTILE)
def test_a_value_is_shown_as_it_is_and_never_becomes_markup(payload: str) -> None:
    plain = RENDERER.body("staff_new_ticket", sample("staff_new_ticket", text="X", reason="Y"))
    values = sample("staff_new_ticket", text=f"a\n{payload}\nb", reason=payload)
    values["ticket"] = {**values["ticket"], "subject": payload}
    body = RENDERER.body("staff_new_ticket", values)
    shown = clean(payload)
    assert f"│ a\n│ {shown}\n│ b\n" in body.text
    assert "49" not in body.text + body.html
    for tag in ("<table", "<a ", "<h1", "<h2", "<li", "<strong", "<script", "<img"):
        assert body.html.count(tag) == plain.html.count(tag), tag


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_text_whatever_adds_a_block(payload: str) -> None:
    plain = RENDERER.body("lkpp_message", sample("lkpp_message", text="X"))
    body = RENDERER.body("lkpp_message", sample("lkpp_message", text=payload))
    for tag in ("<table", "<h1", "<h2", "<li", "<p ", "<div"):
        assert body.html.count(tag) == plain.html.count(tag), tag


@pytest.mark.parametrize(
    "href",
    [
        "https://lpse.example/",
        "javascript:alert(1)",
        "MAILTO:a@b.id",
        "mailto:a@b.id\nBcc: x",
        'mailto:a@b.id" onclick="x',
        " data:text/html,x",
        "mailto:" + "a" * 9000,
    ],
)
def test_only_mailto_links_may_stand_in_a_mail(href: str) -> None:
    action = {"label": "x", "href": href, "command": "#x", "hint": ""}
    if href == "mailto:a@b.id\nBcc: x":  # one_line first: then the space is refused
        assert "\n" not in one_line(href)
    with pytest.raises(PermanentFailure, match="only mailto: links"):
        RENDERER.body("staff_new_ticket", sample("staff_new_ticket", actions=[action]))


def test_an_action_without_a_link_is_still_an_instruction() -> None:
    action = {"label": "Ambil", "href": None, "command": "#ambil", "hint": None}
    body = RENDERER.body(
        "staff_new_ticket", sample("staff_new_ticket", actions=[action], similar=[], others=[], approve=None)
    )
    assert "- Ambil. Balas dengan: #ambil\n" in body.text
    assert "<a " not in body.html


def test_very_long_words_are_cut_visibly() -> None:
    body = RENDERER.body("lkpp_message", sample("lkpp_message", text="x" * (markup.WORDS_LIMIT + 1)))
    assert markup.CUT_NOTE in body.text
    assert "dipotong" in body.html


# --- the values a mail takes ----------------------------------------------------------------


def test_a_missing_value_is_refused_by_name() -> None:
    values = sample("user_info")
    del values["text"]
    with pytest.raises(PermanentFailure, match="user_info: values missing: text"):
        RENDERER.body("user_info", values)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("text", ["a"], "text must be one value, found list"),
        ("text", object(), "text must be one value, found object"),
        ("ticket", "LPSE", "ticket must be a record, found str"),
        ("attachments", {"name": "x"}, "attachments must be a list, found dict"),
        ("attachments", [{"name": b"x"}], r"attachments\[0\].name must be one value, found bytes"),
    ],
)
def test_a_value_of_another_shape_is_refused(name: str, value: Any, fault: str) -> None:
    with pytest.raises(PermanentFailure, match=fault):
        RENDERER.body("user_info", sample("user_info", **{name: value}))


@pytest.mark.parametrize("name", MAILS)
def test_unknown_details_show_as_a_dash_and_never_as_none(name: str) -> None:
    values = {key: dict.fromkeys(value) if isinstance(value, dict) else value for key, value in sample(name).items()}
    body = RENDERER.body(name, values)
    assert "None" not in body.text


# --- templates ------------------------------------------------------------------------------


def _site(folder: Path, **files: str) -> Renderer:
    for name, source in files.items():
        (folder / f"{name}.j2").write_text(source, encoding="utf-8")
    return Renderer(folder)


def test_a_site_replaces_a_template_by_its_name(tmp_path: Path) -> None:
    site = _site(
        tmp_path,
        user_info="Halo {{ recipient.name }}.\n{% include 'part_salam.j2' %}\n",
        part_salam="Salam.\n",
    )
    assert site.check() == []
    text = site.body("user_info", sample("user_info")).text
    assert "Informasi\n=========\n\nHalo Budi Santoso. Salam.\n" in text


def test_two_sites_templates_of_one_name_stay_apart(tmp_path: Path) -> None:
    """What has been compiled for one is not what the other gets, nor what stood there before."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first = _site(tmp_path / "a", user_info="Halo {{ recipient.name }}.\n")
    second = _site(tmp_path / "b", user_info="Salam {{ recipient.name }}.\n")
    for _ in range(2):
        assert "Halo Budi Santoso." in first.body("user_info", sample("user_info")).text
        assert "Salam Budi Santoso." in second.body("user_info", sample("user_info")).text
    changed = _site(tmp_path / "a", user_info="Hai {{ recipient.name }}.\n")
    assert "Hai Budi Santoso." in changed.body("user_info", sample("user_info")).text


def test_a_sites_template_reaches_ours_under_builtin(tmp_path: Path) -> None:
    site = _site(tmp_path, user_info='# Kabar\n{% include "builtin/user_info.j2" %}\n')
    assert site.check() == []
    text = site.body("user_info", sample("user_info")).text
    assert "Kabar\n=====\n\nYth. Bapak/Ibu Budi Santoso," in text


@pytest.mark.parametrize(
    ("source", "line", "fault"),
    [
        ("a\n\n{{ tiket.number }}", 3, "unknown variable 'tiket'; did you mean 'ticket'?"),
        ("{{ ticket.numbr }}", 1, "unknown field 'numbr'; did you mean 'number'?"),
        ("{{ ticket.lkpp_number }}", 1, "unknown field 'lkpp_number'"),
        ("{{ actor.address }}", 1, "unknown field 'address'"),
        ("a\n{% if text %}\nb", 3, "Unexpected end of template"),
        ("{% for file in attachments %}\n{{ file.nama }}\n{% endfor %}", 2, "unknown field 'nama'"),
        ("{% for x in ticket %}{{ x }}{% endfor %}", 1, "for needs a list"),
        ("{{ text.upper() }}", 1, "calls are not allowed"),
        ("{{ text.__class__ }}", 1, "this is not a record"),
        ("{% macro m() %}{% endmacro %}", 1, "macro %} is not allowed"),
        ("{% extends 'user_answer.j2' %}", 1, "extends %} is not allowed"),
        ("{% include 'part_greting.j2' %}", 1, "unknown template 'part_greting.j2'; did you mean"),
        ("{% include text %}", 1, "include needs one name in quotes"),
        ("{% include 'user_info.j2' %}", 1, "include one another without end"),
        ("{{ attachments }}", 1, "only single values can be shown, found a list"),
        ("{{ 'a' * 99 }}", 1, "* is not allowed"),
        ('"""\n{{ text }}', 1, "has no end"),
        ("| label {{ text }}", 1, "a table row needs a label and a value"),
        ("-> label", 1, "an action is -> label | href"),
        ("-> Situs | https://x.id", 1, "only mailto: links"),
        ("ini **tebal", 1, "** without its partner"),
        ("a \ue000 b", 1, "private characters"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, source: str, line: int, fault: str) -> None:
    faults = _site(tmp_path, user_info=source).check()
    assert any(found.startswith(f"{tmp_path / 'user_info.j2'}:{line}: ") and fault in found for found in faults), faults


@pytest.mark.parametrize(
    ("source", "line", "fault"),
    [
        ("{{ tiket.number }}", 1, "unknown variable 'tiket'; did you mean 'ticket'?"),
        ("{{ ticket.numbr.x }}", 1, "unknown field 'numbr'; did you mean 'number'?"),
        ("{{ ticket.number.x }}", 1, "no field 'x': this is not a record"),
        ("a\n{% set one = tiket %}", 2, "unknown variable 'tiket'; did you mean 'ticket'?"),
        ("{% set one = ticket %}\n{{ one.numbr }}", 2, "unknown field 'numbr'; did you mean 'number'?"),
        (
            "{% set all = attachments %}{% for x in all %}{{ x.nama }}{% endfor %}",
            1,
            "unknown field 'nama'; did you mean 'name'?",
        ),
        ("{% set one = text %}\n{{ one.name }}", 2, "no field 'name': this is not a record"),
        ("{% set one = text.upper() %}", 1, "calls are not allowed in a template"),
        ("{% for x in ticket.numbr %}x{% endfor %}", 1, "unknown field 'numbr'; did you mean 'number'?"),
        ("{% for x in ticket %}x{% endfor %}", 1, "for needs a list"),
        ("{% for x in attachments if x.nama %}x{% endfor %}", 1, "unknown field 'nama'; did you mean 'name'?"),
        ("{% for x in attachments %}x{% else %}{{ one.a }}{% set one = 1 %}{% endfor %}", 1, "unknown variable 'one'"),
        ("{% include text %}", 1, "include needs one name in quotes"),
    ],
)
def test_a_fault_is_told_once_and_exactly(tmp_path: Path, source: str, line: int, fault: str) -> None:
    found = _site(tmp_path, user_info=source).check()
    assert len(found) == 1
    assert found[0].startswith(f"{tmp_path / 'user_info.j2'}:{line}: {fault}"), found
    assert fault == "unknown variable 'one'" or found[0].endswith(f": {fault}"), found


def test_a_template_that_includes_itself_somewhere_is_refused(tmp_path: Path) -> None:
    inside = "{% for x in attachments %}{% if x.sent %}{% include 'user_info.j2' %}{% endif %}{% endfor %}"
    below = "{% for x in attachments %}x{% else %}{% include 'user_info.j2' %}{% endfor %}"
    for source in (inside, below, "{% if text %}{% include 'user_info.j2' %}{% endif %}"):
        found = _site(tmp_path, user_info=source).check()
        assert f"{tmp_path / 'user_info.j2'}:1: templates include one another without end" in found


def test_a_loop_may_number_and_take_apart_what_it_goes_through(tmp_path: Path) -> None:
    counted = "{% for x in attachments %}{{ loop.index }}. {{ x.name }}\n{% endfor %}"
    assert _site(tmp_path, user_info=counted).check() == []
    [fault] = _site(tmp_path, user_info="{% for a, b in attachments %}{{ a }}{{ c }}{% endfor %}").check()
    assert "unknown variable 'c'" in fault


def test_a_notice_stands_as_a_warning_right_below_the_one_heading() -> None:
    words = "Mungkin sudah Anda terima & <b>berulang</b>."
    plain = RENDERER.body("user_info", sample("user_info"))
    noticed = RENDERER.body("user_info", sample("user_info"), notice=words)
    assert noticed.text == plain.text.replace("\n=========\n", f"\n=========\n\nPERHATIAN: {words}\n", 1)
    assert escape(words, quote=False) in noticed.html
    assert noticed.html.count("<h1") == plain.html.count("<h1") == 1
    assert RENDERER.body("user_info", sample("user_info"), notice="") == plain


def test_a_mail_without_a_heading_gets_its_kind_for_one_and_no_second(tmp_path: Path) -> None:
    bare = _site(tmp_path, user_info="Halo.\n").body("user_info", sample("user_info")).text
    assert "\n\nInformasi\n=========\n\nHalo.\n" in bare
    headed = _site(tmp_path, user_info="# Kabar\n\nHalo.\n").body("user_info", sample("user_info")).text
    assert "ini ──\n\nKabar\n=====\n\nHalo.\n" in headed


def test_what_is_missing_or_of_another_shape_is_named_with_its_mail() -> None:
    values = sample("user_info")
    with pytest.raises(PermanentFailure) as refused:
        RENDERER.body("user_info", {key: values[key] for key in values if key not in ("text", "actor")})
    assert str(refused.value) == "user_info: values missing: actor, text"
    with pytest.raises(PermanentFailure, match=r"^user_info: "):
        RENDERER.body("user_info", {**values, "attachments": "none"})


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "user_answer.j2").write_bytes(b"\xff\xfe")
    site = _site(tmp_path, user_info="{{ a }}{{ b }}", lkpp_message="{{ c }}", user_inof="x")
    faults = "\n".join(site.check())
    for expected in ("'a'", "'b'", "'c'", "did you mean user_info.j2?", "cannot be read as UTF-8"):
        assert expected in faults


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be read" in Renderer(tmp_path / "none").check()[0]


def test_a_faulty_layout_is_told(tmp_path: Path) -> None:
    (tmp_path / "layout.html.j2").write_text("a\n{% if %}", encoding="utf-8")
    assert Renderer(tmp_path).check()[0].startswith(f"{tmp_path / 'layout.html.j2'}:2: ")


def test_what_a_checked_template_still_does_wrong_fails_with_its_place(tmp_path: Path) -> None:
    site = _site(tmp_path, user_info="a\n\n{{ text|int / 0 }}")
    with pytest.raises(PermanentFailure, match=r"user_info.j2:3: "):
        site.body("user_info", sample("user_info"))


def test_a_site_cannot_show_what_was_not_declared_even_unchecked(tmp_path: Path) -> None:
    site = _site(tmp_path, user_info="{{ ticket.lkpp_number }}")
    with pytest.raises(PermanentFailure):
        site.body("user_info", sample("user_info"))


@pytest.mark.parametrize(
    "source",
    ["{{ text.__class__.__mro__ }}", "{{ [].append(1) }}", "{{ text|attr('format') }}", "{{ _sink }}"],
)
def test_the_sandbox_gives_nothing_but_values(tmp_path: Path, source: str) -> None:
    site = _site(tmp_path, user_info=source)
    assert site.check() != []
    with pytest.raises(PermanentFailure):
        site.body("user_info", sample("user_info"))


def test_a_line_of_one_tag_prints_nothing_and_keeps_line_numbers() -> None:
    source = "a\n  {% if x %}\nb{% endif %}\n{# note #}\nc\n"
    assert without_tag_lines(source) == "a\n{% if x %}{#\n#}b{% endif %}\n{# note #}{#\n#}c\n"


@pytest.mark.parametrize("source", ["{{ text.upper() }}", "{{ recipient.name.strip() }}", "{{ loop() }}"])
def test_nothing_is_called_even_unchecked(tmp_path: Path, source: str) -> None:
    """The sandbox alone would let a template call what it deems harmless, for as long as it likes."""
    with pytest.raises(PermanentFailure):
        _site(tmp_path, user_info=source).body("user_info", sample("user_info"))


@pytest.mark.parametrize("layout", ["layout.txt.j2", "layout.html.j2", "layout.styles.html.j2"])
def test_a_layout_that_names_what_is_not_there_fails(tmp_path: Path, layout: str) -> None:
    (tmp_path / layout).write_text("{{ nope }}", encoding="utf-8")
    with pytest.raises(PermanentFailure, match=f"{layout}:1: 'nope' is undefined"):
        Renderer(tmp_path).body("user_info", sample("user_info"))


def test_the_text_is_as_it_was_written_and_the_html_escaped() -> None:
    body = RENDERER.body("user_info", sample("user_info", text="a < b & c"))
    assert "a < b & c" in body.text
    assert "a &lt; b &amp; c" in body.html


def test_the_html_is_headed_by_its_sender_s_name_and_titled_by_its_kind_both_escaped() -> None:
    values = sample("user_info", text="Server & jaringan <b>pulih</b>.")
    named = {**values, "organisation": {**values["organisation"], "name": "LPSE <Uji> & Co"}}
    html = RENDERER.body("user_info", named).html
    assert f"<title>{MAILS['user_info'].kind}</title>" in html
    assert "color:#ffffff;" in html and ">LPSE &lt;Uji&gt; &amp; Co</td>" in html
    assert "<Uji>" not in html and "<b>pulih" not in html


def test_the_first_words_of_a_mail_are_its_preview_escaped(tmp_path: Path) -> None:
    site = _site(tmp_path, user_info="Ada kabar tentang tiket, untuk {{ recipient.name }}.\n")
    budi = {"name": "Budi & <Putra>", "address": "budi@penyedia.test"}
    html = site.body("user_info", sample("user_info", recipient=budi)).html
    assert "tiket, untuk Budi &amp; &lt;Putra&gt;." in html.partition("display:none")[2].partition("</div>")[0]


def test_nothing_but_line_ends_is_cut_from_the_ends_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "layout.txt.j2").write_text("\n\n  X {{ body }} X  \n\n")
    body = _site(tmp_path, user_info="Halo.\n").body("user_info", sample("user_info")).text
    assert body.startswith("  X ") and body.endswith(" X  \n")


def test_a_missing_template_is_told_at_its_first_line(tmp_path: Path) -> None:
    [fault] = _site(tmp_path, user_info="{% include 'part_salm.j2' %}", part_salam="Salam.").check()
    assert fault == f"{tmp_path / 'user_info.j2'}:1: unknown template 'part_salm.j2'; did you mean 'part_salam.j2'?"
    renderer = Renderer()
    renderer._files.sources.pop("user_info.j2")
    assert [fault for fault in renderer.check() if fault.endswith("user_info.j2:1: template is missing")]


@pytest.mark.parametrize(
    "around",
    ["{}", "{{% if text %}}{}{{% endif %}}", "{{% for x in attachments %}}{}{{% endfor %}}", "{{% set x = text %}}{}"],
)
def test_templates_may_stand_in_one_another_eight_deep_and_no_deeper(tmp_path: Path, around: str) -> None:
    chain = {f"part_{n}": around.format(f"{{% include 'part_{n + 1}.j2' %}}") for n in range(1, 8)}
    site = _site(tmp_path, **chain, part_8="x\n", user_info=around.format("{% include 'part_1.j2' %}"))
    assert site.check() == []
    (tmp_path / "part_8.j2").write_text(around.format("{% include 'part_9.j2' %}"))
    (tmp_path / "part_9.j2").write_text("x\n")
    [fault] = Renderer(tmp_path).check()
    assert fault == f"{tmp_path / 'part_8.j2'}:1: templates include one another without end"


def test_a_failure_names_its_mail(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure) as failed:
        _site(tmp_path, user_info="{{ 1 / 0 }}").body("user_info", sample("user_info"))
    assert failed.value.what == "user_info"


def test_a_template_that_has_changed_is_compiled_anew_and_one_that_has_not_is_not(tmp_path: Path) -> None:
    first = _site(tmp_path, user_info="Satu.\n").body("user_info", sample("user_info")).text
    second = _site(tmp_path, user_info="Dua.\n").body("user_info", sample("user_info")).text
    assert "Satu." in first and "Dua." in second
    for known in (render._COMPILED_BODIES, render._COMPILED_LAYOUTS):
        assert known._known
    before = dict(render._COMPILED_BODIES._known)
    _site(tmp_path, user_info="Dua.\n").body("user_info", sample("user_info"))
    assert all(render._COMPILED_BODIES._known[key] is value for key, value in before.items())


def test_a_record_without_a_field_says_which(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure, match="has no attribute 'zzz'"):
        _site(tmp_path, user_info="{{ recipient.zzz }}").body("user_info", sample("user_info"))


def test_lines_of_tags_leave_no_trace_in_the_layouts(tmp_path: Path) -> None:
    (tmp_path / "layout.txt.j2").write_text("{% if marker %}\n  {% if body %}\nx\n  {% endif %}\n{% endif %}\ny\n")
    assert Renderer(tmp_path).body("user_info", sample("user_info")).text == "x\ny\n"


def test_a_fault_in_an_included_template_is_told_with_that_templates_place(tmp_path: Path) -> None:
    site = _site(tmp_path, user_info="a\n{% include 'part_salam.j2' %}", part_salam="b\n\n{{ 1 / 0 }}")
    with pytest.raises(PermanentFailure, match=r"part_salam.j2:3: "):
        site.body("user_info", sample("user_info"))
    site = _site(tmp_path, part_salam="b\n{% if %}")
    with pytest.raises(PermanentFailure, match=r"part_salam.j2:2: "):
        site.body("user_info", sample("user_info"))


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{% if recipient.name %}{{ 1 / 0 }}{% endif %}", "division by zero"),
        ("{% if not recipient.name %}{{ 1 / 0 }}{% endif %}", "division by zero"),
        ("{% for file in attachments %}{{ 1 / 0 }}{% endfor %}", "division by zero"),
        ("{% for a in actions %}-> x | {{ a.href }} | #x | y\n{% endfor %}{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_a_rehearsal_finds_what_only_some_mails_would_meet(tmp_path: Path, source: str, fault: str) -> None:
    site = _site(tmp_path, staff_new_ticket=source)
    assert [fault in found for found in site.check()] == [True]


def test_what_is_not_near_to_anything_is_told_with_all_that_is_known(tmp_path: Path) -> None:
    [fault] = _site(tmp_path, user_info="{{ recipient.zzzz }}").check()
    assert fault.endswith("unknown field 'zzzz'; known: address, name")


# --- markup ---------------------------------------------------------------------------------


def test_prose_is_wrapped_at_78_columns_and_table_values_hang() -> None:
    source = "kata " * 40 + "\n\n| Nama | " + "nilai " * 30 + "\n| Alamat lengkap |\n"
    text = markup.to_text(markup.parse(source, []))
    assert max(map(len, text.split("\n"))) <= 78
    assert "  Nama           : nilai" in text
    assert "\n                   nilai" in text
    assert text.endswith("  Alamat lengkap :")


#: Words of all lengths, with and without dashes, mostly with one space between them.
WORDS = st.tuples(st.sampled_from(["", "-", "–", "·", "<&", "-–"]), st.integers(0, 30) | st.integers(60, 90))
SPACES = st.sampled_from([*" " * 40, "  ", "\t", "\n", "\xa0"])
PROSE = st.lists(st.tuples(WORDS, SPACES), max_size=40).map(
    lambda pieces: "".join(f"{mark}{'x' * length}{space}" for (mark, length), space in pieces).removesuffix(" ")
)


@settings(max_examples=500)
@given(PROSE, st.integers(0, 120).map("x".__mul__))
def test_prose_is_wrapped_as_the_standard_library_does_it(text: str, label: str) -> None:
    def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
        return textwrap.wrap(
            text, 78, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
        )

    line, name = (markup.Run(text),), (markup.Run(label),)
    blocks = [
        markup.Block(kind="paragraph", lines=(line,)),
        markup.Block(kind="list", lines=(line, name)),
        markup.Block(kind="table", rows=((name, line),)),
    ]
    lead = f"  {label} : "
    hanging = wrapped(text, lead, " " * (min(len(label), 44) + 5)) or [lead.rstrip()]
    items = [*wrapped(text, "- ", "  "), *wrapped(label, "- ", "  ")]
    assert markup.to_text(blocks) == "\n\n".join("\n".join(lines) for lines in (wrapped(text), items, hanging))


@settings(max_examples=500)
@given(PROSE)
def test_a_short_word_with_a_dash_stays_in_one_piece_and_a_dot_on_the_line_of_the_word_before_it(text: str) -> None:
    def tied(word: str) -> str:
        dashed = 1 < len(word) < 25 and ("-" in word or "–" in word)
        return f'<span style="white-space:nowrap;">{escape(word)}</span>' if dashed else escape(word)

    first, *others = text.split(" ")
    html = tied(first) + "".join(("&nbsp;" if word == "·" else " ") + tied(word) for word in others)
    assert f'">{html}</p>' in to_html([markup.Block(kind="paragraph", lines=((markup.Run(text),),))])


def test_a_backslash_ends_a_line_hard() -> None:
    assert markup.to_text(markup.parse("satu\\\ndua\ntiga", [])) == "satu\ndua tiga"


def test_words_passed_on_are_kept_as_written() -> None:
    words = "  kolom   lebar\n\n\n" + "x" * 200 + " akhir"
    text = markup.to_text(markup.parse(f"'''\n{markup.token(0)}\n'''", [words]))
    assert text == words
