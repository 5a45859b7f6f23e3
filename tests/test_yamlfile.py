"""YAML with line numbers: what is text stays text, and every fault names its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot import yamlfile
from mailbot.errors import ConfigError
from tests.quick import within


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of PyYAML's parsers must do: libyaml's is not built everywhere."""
    if request.param == "pure":
        monkeypatch.setattr(yamlfile, "_Loader", yaml.SafeLoader)
    elif yamlfile._Loader is yaml.SafeLoader:
        pytest.skip("PyYAML was built without libyaml")


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "x.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        yamlfile.read(path)
    return [fault.removeprefix(str(path)) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("10:30", "10:30"),  # YAML 1.1: 630
        ("07:30-12:00", "07:30-12:00"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("Off", "Off"),
        ("0123", "0123"),
        ("0x1f", "0x1f"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("+62285123", "+62285123"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("2026-12-24", "2026-12-24"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("'null'", "null"),
        ("'~'", "~"),
        ("9" * 30, "9" * 30),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("2.50", 2.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("=", "="),
        ("<<", "<<"),
        ("[1, a, [~]]", [1, "a", [None]]),
        ("{a: {b: c}}", {"a": {"b": "c"}}),
        ("|\n  1\n  2\n", "1\n2\n"),
    ],
)
def test_only_plain_numbers_true_false_and_null_are_not_text(tmp_path: Path, typed: str, value: Any) -> None:
    data = yamlfile.read(written(tmp_path, f"key: {typed}\n")).data
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


def test_keys_are_always_text(tmp_path: Path) -> None:
    assert yamlfile.read(written(tmp_path, "1: a\ntrue: b\n10:30: c\n<<: {d: e}\n")).data == {
        "1": "a",
        "true": "b",
        "10:30": "c",
        "<<": {"d": "e"},
    }


def test_every_key_and_item_has_its_line(tmp_path: Path) -> None:
    document = yamlfile.read(written(tmp_path, "# first\na:\n  - b: 1\n    c: {d: 2,\n        e: 3}\n  -\n    f\n"))
    assert document.line() == 2
    assert document.line("a") == 2
    assert document.line("a", 0) == 3
    assert document.line("a", 0, "c", "d") == 4
    assert document.line("a", 0, "c", "e") == 5
    assert document.line("a", 1) == 7


def test_a_missing_key_has_the_line_of_what_lacks_it(tmp_path: Path) -> None:
    path = written(tmp_path, "a:\n  b:\n    c: 1\n")
    document = yamlfile.read(path)
    assert document.line("a", "b", "x", 3) == 2
    assert document.line("z") == 1
    assert document.fault(("a", "b", "x", 3), "gone") == f"{path}:2: a.b.x[3]: gone"
    assert document.fault((), "gone") == f"{path}:1: gone"


def test_odd_keys_are_quoted_and_cut_in_a_path() -> None:
    assert yamlfile.key_path(("a", 0, "b c", 'd"\n')) == 'a[0]."b c"."d\\"\\n"'
    assert len(yamlfile.key_path(("x" * 5000,))) < 80


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [":3: a: the key stands twice, first in line 1"]),
        ("a: {b: 1, 'b': 2}\n", [":1: a.b: the key stands twice, first in line 1"]),
        (
            "a: 1\na: {c: 2, c: 3}\na: 4\n",
            [
                ":2: a: the key stands twice, first in line 1",
                ':2: "a (again)".c: the key stands twice, first in line 2',
                ":3: a: the key stands twice, first in line 1",
            ],
        ),
        ("a: &x 1\nb: *x\n", [":2: b: an alias (*…) is not used here; write the value out, text in quotes"]),
        ("a: *nowhere\n", [":1: a: an alias (*…) is not used here; write the value out, text in quotes"]),
        (
            "a: !!python/object/apply:os.system [id]\n",
            [":1: a: a tag (!…) is not used here; put text that begins with ! in quotes"],
        ),
        ("a: !!int 3\n", [":1: a: a tag (!…) is not used here; put text that begins with ! in quotes"]),
        ("a: 1\n---\nb: 2\n", [":2: behind a line of --- YAML begins another file; take that line out"]),
        ("? [a, b]\n: 1\n", [":1: a key must be one word of text"]),
        ("? {a: b}\n: 1\n", [":1: a key must be one word of text"]),
        ("a: 1\n*b : 2\n", [":2: a key must be one word of text"]),
        ("a: 1\nb: \x07\n", [":2: the control character U+0007 is not allowed"]),
        (b"a: 1\nb: \xff\n", [":2: not UTF-8; save the file as UTF-8"]),
        ("[" * 5000, [":1: more than 40 levels deep"]),
        ("a: " * 1 + "{a: " * 5000, [":1: more than 40 levels deep"]),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str | bytes, expected: list[str]) -> None:
    assert faults_of(written(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "2"),
        ("a:\n\tb: 1\n", "2"),
        ("a: 'x\n", "1"),
        ("a: b: c\n", "1"),
        ("a: %x\n", "1"),
    ],
)
def test_broken_syntax_names_its_line(tmp_path: Path, text: str, line: str) -> None:
    [fault] = faults_of(written(tmp_path, text))
    assert fault.startswith(f":{line}: not readable as YAML: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  host:mail\n  b: 1\n", ":2: … a space is missing after the colon"),
        ("a:\n  -b: 1\n   c: 2\n", ":2: … a space is missing after the dash"),
        ("a:\n  host= mail\n  b: 1\n", ':2: … write "KEY: value", with a colon and a space instead of ='),
        ("a:\n  port\uff1a 993\n  b: 1\n", ":2: … a wide colon; type a plain one and a space behind it"),
        ("a:\n  b:\n    c: 1\n\u00a0   d: 1\n    e: 1\n", ":4: … a space that is no plain one"),
        ("a:\n  c:\u00a01\n  b: 1\n", ":2: … a space that is no plain one"),
        ("```yaml\na: 1\n```\n", ":1: … ``` belongs to a web page"),
        ("a: 1\nb: LPSE: Batang\n", ":2: … a text with a colon and a space in it must stand in quotes"),
        ('a: "LPSE\nb: "x"\n', ":1: … a quotation mark is opened here and not closed in this line"),
        ("a: 1\nb: @x\n", ":2: … a text that begins with @ must stand in quotes"),
        ("password: @x\n", ":1: … a password never stands in this file"),
        ("a:\n  b: 1\n c: 2\n", ":3: … this line is indented otherwise than those it belongs to"),
        ("a:\n  b: 1\n   c: 2\n", ":3: … this line is indented otherwise than those it belongs to"),
        ("a: 1\n\tb: 2\n", ":2: … a tab at the beginning; indent with spaces"),
    ],
)
def test_a_slip_is_told_by_its_cause_and_in_its_line(tmp_path: Path, text: str, expected: str) -> None:
    [fault] = faults_of(written(tmp_path, text))
    assert fault.startswith(expected.replace("…", "not readable as YAML:"))


@pytest.mark.parametrize(
    "text",
    ["\ufeffa: 1\n", "a: 1\r\n", "---\na: 1\n", "a: 1", "a: 1 # kata \u201cx\u201d\n", "# a= b\na: 1\n"],
)
def test_what_is_odd_and_clear_is_read(tmp_path: Path, text: str) -> None:
    assert yamlfile.read(written(tmp_path, text)).data == {"a": 1}


def test_typographic_quotation_marks_around_a_text_are_a_slip_and_within_it_none(tmp_path: Path) -> None:
    [fault] = faults_of(written(tmp_path, "a: \u201cx\u201d\n"))
    assert fault.startswith(":1: a: typographic quotation marks")
    assert yamlfile.read(written(tmp_path, "a: \u201cx\u201d dan y\n")).data == {"a": "\u201cx\u201d dan y"}


@pytest.mark.parametrize("typed", ["*canary", "!canary", "!canary!x", "!<canary>", "canary: {", "[canary", "'canary"])
def test_a_value_is_never_printed(tmp_path: Path, typed: str) -> None:
    assert "canary" not in "\n".join(faults_of(written(tmp_path, f"password: {typed}\n")))


def test_faults_that_leave_the_rest_readable_can_be_collected(tmp_path: Path) -> None:
    collected = ["earlier"]
    document = yamlfile.read(written(tmp_path, "a: 1\na: 2\nb: *a\nc: 3\n"), collected)
    assert document.data == {"a": 1, "b": None, "c": 3}
    assert len(collected) == 3


def test_collected_faults_are_kept_when_the_syntax_breaks_later(tmp_path: Path) -> None:
    assert len(faults_of(written(tmp_path, "a: 1\na: 2\nb: [\n"))) == 2


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "none.yaml") == [": cannot be read: No such file or directory"]
    assert faults_of(tmp_path) == [": cannot be read: Is a directory"]


def test_a_file_too_large_is_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, b"#" * (yamlfile.MAX_BYTES + 1))
    assert faults_of(path) == [": larger than 1,000,000 bytes"]


def test_an_empty_file_is_nothing(tmp_path: Path) -> None:
    assert yamlfile.read(written(tmp_path, "")).data is None
    assert yamlfile.read(written(tmp_path, "# only a comment\n")).data is None


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert yamlfile.read(written(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")).data == {"a": 1, "b": 2}


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 60))
    with within(2):
        assert len(faults_of(written(tmp_path, bomb))) == 59 * 9


@given(st.one_of(st.text(), st.text(alphabet="ab:-[]{}'\"\n\t &*!?|>#%@,~1.")))
@example("? ")
@example("- - ? : -")
def test_any_text_gives_data_or_a_fault_with_a_line(text: str) -> None:
    path = Path("x.yaml")
    faults: list[str] = []
    raw = text.encode("utf-8", "surrogatepass")
    try:
        document = yamlfile._parse(path, yamlfile._decode(path, raw), faults)
    except ConfigError as error:
        faults = error.faults
        assert faults
    else:
        assert all(document.line(*at) >= 1 for at in document.lines)
    assert all(fault.startswith("x.yaml:") and fault[7].isdigit() for fault in faults)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**17), 10**17)
        | st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"])),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc 1", min_size=1), inner, max_size=4),
        max_leaves=20,
    )
)
def test_data_written_by_another_program_is_read_back(data: Any) -> None:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    text = yaml.dump(data, Dumper=Plain, allow_unicode=True, default_style='"' if isinstance(data, str) else None)
    document = yamlfile._parse(Path("x.yaml"), text, [])
    assert document.data == data
