"""config.yaml: what is read, what is refused with its line, and that secrets stay secret."""

from __future__ import annotations

import dataclasses
import pickle
import re
import traceback
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from mailbot import yamlfile
from mailbot.config import fault_words, service_hours, values
from mailbot.config import settings as configuration
from mailbot.config.settings import Config, MailboxConfig
from mailbot.errors import ConfigError
from mailbot.model import Duration, Role
from mailbot.rules.worktime.dates import format_duration
from mailbot.rules.worktime.durations import parse_duration
from tests import ROOT, TESTS

SHIPPED = ROOT / "config.yaml"
BAD = sorted((TESTS / "bad_configs").glob("*.yaml"))

SECRET = "s3cret canary"
ENVIRONMENT = {"MAIL_PASSWORD": SECRET}
BAD_ENVIRONMENT = {"MAIL_PASSWORD": "canary"}

SMALLEST = """\
mailboxes:
  - name: batang
    organisation: LPSE Kabupaten Batang
    address: LPSE@batangkab.go.id
    ticket_prefix: LPSE-BTG
    imap: {host: mail.batangkab.go.id, username: lpse, password: {env: MAIL_PASSWORD}}
    smtp: {host: mail.batangkab.go.id}
    staff: [{name: Sari, address: Sari@batangkab.go.id}]
    lkpp: {address: Helpdesk-LPSE@lkpp.go.id}
"""


def load(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return configuration.load(path, ENVIRONMENT if environment is None else environment)


def faults_of(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, environment)
    return [fault.removeprefix(f"{tmp_path}/config.yaml") for fault in caught.value.faults]


def mailbox_with(tmp_path: Path, lines: str) -> MailboxConfig:
    return load(tmp_path, SMALLEST + "".join(f"    {line}\n" for line in lines.splitlines())).mailboxes[0]


# --- the shipped file ---------------------------------------------------------------------------


@pytest.fixture
def shipped(tmp_path: Path) -> Config:
    (tmp_path / "batang-mail").write_text("rahasia\n")
    return configuration.load(SHIPPED, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_the_shipped_file_is_valid_once_its_credential_exists(shipped: Config) -> None:
    [mailbox] = shipped.mailboxes
    assert mailbox.imap.password == values.Secret("rahasia")
    assert mailbox.smtp.password and mailbox.smtp.password.reveal() == "rahasia"
    assert [warning.partition(": ")[2].partition(":")[0] for warning in shipped.warnings] == [
        "alarms.smtp",
        "mailboxes[0].authentication.authserv_id",
    ]


def test_the_shipped_file_shows_the_values_of_what_is_left_out(shipped: Config, tmp_path: Path) -> None:
    [smallest], [mailbox] = load(tmp_path, SMALLEST).mailboxes, shipped.mailboxes
    same = ("authentication", "hours", "holidays", "sop", "rules", "templates", "priorities", "limits")
    for key in same:
        assert getattr(smallest, key) == getattr(mailbox, key), key
    for key in ("port", "security", "ca_file", "folder", "since", "done"):
        assert getattr(smallest.imap, key) == getattr(mailbox.imap, key), key
    for key in ("port", "security", "ca_file", "rate", "max_size", "null_sender"):
        assert getattr(smallest.smtp, key) == getattr(mailbox.smtp, key), key
    for key in ("channel", "accept_from", "number"):
        assert getattr(smallest.lkpp, key) == getattr(mailbox.lkpp, key), key
    assert (shipped.timezone, shipped.log) == (
        load(tmp_path, SMALLEST).timezone,
        load(tmp_path, SMALLEST).log,
    )
    assert (shipped.data, load(tmp_path, SMALLEST).data) == (SHIPPED.parent / "data", tmp_path / "data")


def model_keys(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, field in model.model_fields.items():
        yield (*path, key)
        if below := fault_words._model_of(field.annotation):
            yield from model_keys(below, (*path, key))


def test_every_key_stands_in_the_shipped_file_and_no_other() -> None:
    document = yamlfile.read(SHIPPED)
    shown = {tuple(step for step in path if isinstance(step, str)) for path in document.lines} - {()}
    known = set(model_keys(configuration._TopLevel))
    known |= {("mailboxes", *path) for path in model_keys(MailboxConfig)}
    # Mappings of the user's own choice of keys: of days, of where a password is.
    free = {("mailboxes", "hours"), ("mailboxes", "imap", "password"), ("mailboxes", "smtp", "password")}
    free |= {("mailboxes", "sop", "data_from_user_within")}
    # Of these null is shown; their keys stand in a comment or on the page.
    known -= {("mailboxes", "proof", key) for key in ("folder", "bcc", "wait")}
    known = {path for path in known if "oauth2" not in path[:-1]}
    known -= {path for path in known if path[0] == "alarms" and len(path) > 2}  # those of a mailbox's smtp and operator
    assert {path for path in shown if path[:2] not in free and path[:3] not in free} == {
        path for path in known if path not in free and path[2:] not in (("add", "date"), ("add", "reason"))
    } - {("mailboxes", "holidays", key, part) for key in ("add", "remove") for part in ("date", "reason")}
    assert "date: 2026-04-08, reason: " in SHIPPED.read_text(encoding="utf-8")
    assert ("mailboxes", "hours", "ramadan", "from") in shown


# --- what is read -----------------------------------------------------------------------------------


def test_the_smallest_file_has_the_usual_values(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST)
    mailbox = config.mailbox("batang")
    assert config.zone.key == config.timezone == "Asia/Jakarta"
    assert mailbox.address == "lpse@batangkab.go.id"
    assert mailbox.domain == "batangkab.go.id"
    assert (mailbox.imap.port, mailbox.imap.security, mailbox.imap.folder) == (993, "tls", ("INBOX",))
    assert mailbox.imap.done == values.Done("keyword")
    assert (mailbox.smtp.port, mailbox.smtp.username, mailbox.smtp.password) == (465, None, None)
    assert mailbox.smtp.max_size == 10_000_000
    assert mailbox.lkpp.address == "helpdesk-lpse@lkpp.go.id"
    assert mailbox.sop.escalate_within == Duration(minutes=5)
    assert mailbox.sop.reopen_within == Duration(days=7)
    assert mailbox.limits.header_line == 64_000
    assert mailbox.hours.ramadan is None
    with pytest.raises(KeyError):
        config.mailbox("kendal")


def test_a_configuration_cannot_be_changed(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(config, "data", tmp_path)  # noqa: B010
    with pytest.raises(ValueError, match="frozen"):
        setattr(config.mailboxes[0], "name", "x")  # noqa: B010


def test_values_are_read_as_their_types(tmp_path: Path) -> None:
    text = SMALLEST.replace(
        "imap: {", 'imap: {folder: [inbox, Junk], since: 2026-11-01, done: "move:Selesai Dibaca", '
    ).replace("lkpp: {", 'lkpp: {number: "LKPP#([0-9]+)", accept_from: ["@LKPP.go.id", A@b.id], ')
    mailbox = load(tmp_path, text).mailboxes[0]
    assert mailbox.imap.folder == ("INBOX", "Junk")
    assert mailbox.imap.since == date(2026, 11, 1)
    assert mailbox.imap.done == values.Done("move", "Selesai Dibaca")
    assert mailbox.lkpp.number and mailbox.lkpp.number.search("no lkpp#77")
    assert mailbox.lkpp.accept_from == ("@lkpp.go.id", "a@b.id")


def test_a_folder_with_a_comma_in_its_name_is_an_entry_of_a_list(tmp_path: Path) -> None:
    text = SMALLEST.replace("imap: {", 'imap: {folder: ["Arsip, lama"], ')
    assert load(tmp_path, text).mailboxes[0].imap.folder == ("Arsip, lama",)


@pytest.mark.parametrize(
    ("server", "security", "port"),
    [("imap", "tls", 993), ("imap", "starttls", 143), ("smtp", "tls", 465), ("smtp", "starttls", 587)],
)
def test_a_port_left_out_is_the_usual_one(tmp_path: Path, server: str, security: str, port: int) -> None:
    text = SMALLEST.replace(f"{server}: {{", f"{server}: {{security: {security}, port: null, ")
    assert getattr(load(tmp_path, text).mailboxes[0], server).port == port


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", '"::1"', "LOCALHOST."])
def test_a_server_on_loopback_needs_no_encryption(tmp_path: Path, host: str) -> None:
    config = load(tmp_path, SMALLEST.replace("host: mail.batangkab.go.id", f"security: none, host: {host}"))
    assert config.all_loopback()
    assert (config.mailboxes[0].imap.port, config.mailboxes[0].smtp.port) == (143, 25)


@pytest.mark.parametrize("host", ["localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0", '"::"'])
def test_no_other_server_goes_without_encryption(tmp_path: Path, host: str) -> None:
    text = SMALLEST.replace("smtp: {host: mail.batangkab.go.id", f"smtp: {{security: none, host: {host}")
    [fault] = faults_of(tmp_path, text)
    assert fault.startswith(':7: mailboxes[0].smtp.security: found "none", which sends the password ')


def test_one_server_elsewhere_is_not_all_on_loopback(tmp_path: Path) -> None:
    assert not load(
        tmp_path, SMALLEST.replace("imap: {host: mail.batangkab.go.id", "imap: {host: localhost")
    ).all_loopback()


def test_people_have_their_roles(tmp_path: Path) -> None:
    mailbox = mailbox_with(
        tmp_path,
        "coordinator: [{name: Budi, address: budi@x.go.id}]\n"
        "head: [{name: Wati, address: wati@x.go.id}]\n"
        "operator: [{name: Budi, address: Budi@x.go.id}, {name: Joko, address: joko@x.go.id}]",
    )
    assert [(person.name, person.role) for person in mailbox.people()] == [
        ("Sari", Role.STAFF),
        ("Budi", Role.COORDINATOR),
        ("Wati", Role.HEAD),
        ("Budi", Role.OPERATOR),
        ("Joko", Role.OPERATOR),
    ]
    assert mailbox.role("BUDI@x.go.id") is Role.COORDINATOR
    assert mailbox.role("joko@x.go.id") is Role.OPERATOR
    assert mailbox.role("helpdesk-lpse@lkpp.go.id") is None
    found = mailbox.person("Wati@X.go.id")
    assert found is not None and found.address == "wati@x.go.id"


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("helpdesk-lpse@lkpp.go.id", True),
        ("Orang@LKPP.go.id", True),
        ("helpdeskpspe@gmail.com", True),
        ("x@evil.lkpp.go.id", False),
        ("x@evillkpp.go.id", False),
        ("xhelpdeskpspe@gmail.com", False),
        ("", False),
    ],
)
def test_lkpp_is_who_is_listed(tmp_path: Path, address: str, accepted: bool) -> None:
    assert load(tmp_path, SMALLEST).mailboxes[0].lkpp.accepts(address) is accepted


def test_relative_paths_start_at_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rules", "templates", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "prioritas.yaml").write_text("x")
    (tmp_path / "password").write_text("rahasia\r\n")
    (tmp_path / "ca.pem").write_text("x")
    (tmp_path / "config.yaml").write_text(
        "data: ../data\n"
        + SMALLEST.replace("{env: MAIL_PASSWORD}}", "{file: password}, ca_file: ./ca.pem}")
        + "    rules: ./rules\n    templates: templates\n    priorities: prioritas.yaml\n"
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = configuration.load(Path("../config.yaml"), {})
    mailbox = config.mailboxes[0]
    assert config.data == tmp_path.parent / "data"
    assert (mailbox.rules, mailbox.templates) == (tmp_path / "rules", tmp_path / "templates")
    assert mailbox.priorities == tmp_path / "prioritas.yaml"
    assert mailbox.imap.ca_file == tmp_path / "ca.pem"
    assert mailbox.imap.password == values.Secret("rahasia")


# --- defaults --------------------------------------------------------------------------------------


def test_defaults_stand_under_every_mailbox(tmp_path: Path) -> None:
    defaults = (
        "defaults:\n"
        "  imap: {host: mail.prov.go.id, security: starttls, password: {credential: gone}}\n"
        "  sop: {enquiries_max: 3, undo_window: 0m}\n"
        "  head: [{name: Wati, address: wati@prov.go.id}]\n"
        "  coordinator: [{name: Budi, address: budi@prov.go.id}]\n"
    )
    second = (
        SMALLEST.partition("\n")[2].replace("name: batang", "name: kendal").replace("LPSE@b", "lpse@k")
        .replace("BTG", "KDL").replace("username: lpse", "username: kendal")
        .replace("host: mail.batangkab.go.id, ", "")
    )  # fmt: skip
    text = defaults.replace(", password: {credential: gone}", "") + SMALLEST + second
    one, two = load(tmp_path, text + "    sop: {enquiries_max: 9}\n    head: []\n").mailboxes
    assert (one.imap.host, one.imap.security, one.imap.port) == ("mail.batangkab.go.id", "starttls", 143)
    assert two.imap.host == "mail.prov.go.id"
    assert (one.sop.enquiries_max, two.sop.enquiries_max) == (3, 9)
    assert one.sop.undo_window == two.sop.undo_window == Duration()
    assert ([p.name for p in one.head], two.head) == (["Wati"], ())
    assert one.coordinator == two.coordinator != ()


def test_a_password_s_source_replaces_that_of_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("other")
    text = "defaults: {imap: {password: {file: password}}}\n" + SMALLEST
    assert load(tmp_path, text).mailboxes[0].imap.password == values.Secret(SECRET)


def test_a_fault_of_the_defaults_is_told_once_and_where_it_stands(tmp_path: Path) -> None:
    second = SMALLEST.partition("\n")[2].replace("name: batang", "name: kendal").replace("LPSE@b", "lpse@k")
    second = second.replace("BTG", "KDL").replace("username: lpse", "username: kendal")
    text = "defaults:\n  sop:\n    enquiries: 5\n    review: maybe\n" + SMALLEST + second
    assert faults_of(tmp_path, text) == [
        ":3: defaults.sop.enquiries: unknown key; did you mean enquiries_max?",
        ':4: defaults.sop.review: found "maybe"; must be uncertain, always or never',
    ]


def test_defaults_may_be_completed_by_the_mailbox(tmp_path: Path) -> None:
    text = 'defaults: {hours: {mon-thu: ["08:00-15:00"]}}\n' + SMALLEST + '    hours: {fri: ["08:00-11:00"]}\n'
    week = load(tmp_path, text).mailboxes[0].hours.week
    assert week[0] == ((time(8), time(15)),)
    assert week[4] == ((time(8), time(11)),)


# --- hours ---------------------------------------------------------------------------------------


def test_the_usual_week_has_37_and_a_half_hours_and_ramadan_32_and_a_half(tmp_path: Path) -> None:
    def minutes(week: service_hours.Week) -> int:
        return sum((b.hour - a.hour) * 60 + b.minute - a.minute for day in week for a, b in day)

    hours = mailbox_with(tmp_path, "hours: {ramadan: {from: 2027-02-08, to: 2027-03-09}}").hours
    assert minutes(hours.week) == 37.5 * 60
    assert hours.ramadan is not None
    assert minutes(hours.ramadan.week) == 32.5 * 60
    assert (hours.ramadan.first, hours.ramadan.last) == (date(2027, 2, 8), date(2027, 3, 9))


def test_days_ranges_and_closed_days_make_a_week(tmp_path: Path) -> None:
    hours = mailbox_with(
        tmp_path,
        "hours:\n"
        '  mon-wed: ["07.30-12.00", "12:00 - 16:00"]\n'
        '  thu: ["8:00-9:00"]\n'
        "  fri: closed\n"
        '  sun: ["10:00-11:00"]',
    ).hours
    assert [len(spans) for spans in hours.week] == [2, 2, 2, 1, 0, 0, 1]
    assert hours.week[0] == ((time(7, 30), time(12)), (time(12), time(16)))


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_configuration_is_refused_with_exactly_these_faults(path: Path) -> None:
    expected = [
        line.removeprefix("# expect ")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("# expect ")
    ]
    with pytest.raises(ConfigError) as caught:
        configuration.load(path, BAD_ENVIRONMENT)
    found = [fault.removeprefix(str(path)) for fault in caught.value.faults]
    assert len(found) == len(expected) > 0
    for fault, wanted in zip(found, expected, strict=True):
        # The parser's own words about broken syntax differ between PyYAML's two parsers.
        assert fault.startswith(wanted[:-1]) if wanted.endswith("…") else fault == wanted
    assert "canary" not in "".join(found)
    assert "canary" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("key", "part"),
    [(key, part) for key in ("coordinator", "head", "operator") for part in ("our address", "LKPP's address")],
)
def test_nobody_listed_has_our_address_or_lkpp_s(tmp_path: Path, key: str, part: str) -> None:
    address = "lpse@batangkab.go.id" if part == "our address" else "helpdesk-lpse@lkpp.go.id"
    [fault] = faults_of(tmp_path, SMALLEST + f"    {key}: [{{name: X, address: {address}}}]\n")
    assert fault.startswith(
        f":10: mailboxes[0].{key}[0].address:" if part == "our address" else ":9: mailboxes[0].lkpp.address:"
    )


@pytest.mark.parametrize("junk", [None, True, 3, -1.5, "text", "", [], ["a"], [[]], {}, {"a": 1}, {"1": None}])
def test_any_shape_at_any_key_is_a_fault_and_never_a_crash(tmp_path: Path, junk: Any) -> None:
    document = yamlfile.read(SHIPPED)
    for path in document.lines:
        if not path:
            continue
        data = yamlfile.read(SHIPPED).data
        at = data
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = junk
        (tmp_path / "config.yaml").write_text(as_yaml(data), encoding="utf-8")
        try:
            configuration.load(tmp_path / "config.yaml", {"CREDENTIALS_DIRECTORY": str(tmp_path)})
        except ConfigError as error:
            assert all(re.match(r".*/config\.yaml:[0-9]+: ", fault) for fault in error.faults), error.faults


def as_yaml(value: Any) -> str:
    """One line of flow style; enough for plain data."""
    match value:
        case dict():
            return "{" + ", ".join(f"{as_yaml(key)}: {as_yaml(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_yaml, value)) + "]"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case None:
            return "null"
        case _:
            return str(value).lower()


# --- secrets ---------------------------------------------------------------------------------------


def test_a_secret_shows_itself_to_nobody_by_accident(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST)
    secret = config.mailboxes[0].imap.password
    assert secret is not None and secret.reveal() == SECRET
    shown = [repr(config), str(secret), f"{secret}", f"{secret!r:>5}", repr([secret])]
    assert SECRET not in "".join(shown)
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"rahasia", "rahasia"),
        (b"rahasia\n", "rahasia"),
        (b"rahasia\r\n", "rahasia"),
        (b" with spaces \n", " with spaces "),
        ("kata sandi é".encode(), "kata sandi é"),
        (b"", None),
        (b"\n", None),
        (b"two\nlines\n", None),
        (b"a\x00b", None),
        (b"\xff\xfe", None),
        (b"x" * 5000, None),
    ],
)
def test_a_secret_is_one_line_of_its_file(tmp_path: Path, content: bytes, expected: str | None) -> None:
    (tmp_path / "mail").write_bytes(content)
    text = SMALLEST.replace("env: MAIL_PASSWORD", "credential: mail")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    if expected is None:
        [fault] = faults_of(tmp_path, text, environment)
        assert fault.startswith(":6: mailboxes[0].imap.password: the ")
    else:
        assert load(tmp_path, text, environment).mailboxes[0].imap.password == values.Secret(expected)


@pytest.mark.parametrize("name", ["../config.yaml", "/etc/passwd", "..", ".", "a/b"])
def test_a_credential_lies_in_its_directory(tmp_path: Path, name: str) -> None:
    text = SMALLEST.replace("env: MAIL_PASSWORD", f'credential: "{name}"')
    [fault] = faults_of(tmp_path, text, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert fault.endswith("a credential's name holds no slash; for a path use {file: PATH}")


# --- warnings ----------------------------------------------------------------------------------------


def test_what_is_seldom_meant_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x")
    (tmp_path / "password").chmod(0o644)
    text = SMALLEST.replace("env: MAIL_PASSWORD", "file: password").replace(
        "lkpp: {", "lkpp: {accept_from: [helpdeskpspe@gmail.com], "
    )
    second = SMALLEST.partition("\n")[2].replace("name: batang", "name: kendal").replace("LPSE@b", "lpse@k")
    second = second.replace("LPSE-BTG", "X-LPSE-BTG").replace("username: lpse", "username: kendal")
    complete = "".join(
        f"    {key}: [{{name: X, address: {key}@x.id}}]\n" for key in ("coordinator", "head", "operator")
    )
    complete += "    authentication: {authserv_id: Mail.Batangkab.go.id}\n"
    config = load(tmp_path, text + second + complete)
    assert "an account that is dead cannot tell of itself" in config.warnings[0]
    assert [warning.split(": ")[1] for warning in config.warnings[1:]] == [
        "mailboxes[0].authentication.authserv_id",
        "mailboxes[0].coordinator",
        "mailboxes[0].head",
        "mailboxes[0].operator",
        "mailboxes[0].ticket_prefix",
        "mailboxes[0].imap.password",
        "mailboxes[0].lkpp.accept_from",
    ]
    assert config.mailboxes[1].authentication.authserv_id == "mail.batangkab.go.id"


# --- values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "duration", "words"),
    [
        ("2 hari kerja", Duration(working_days=2), "2 hari kerja"),
        ("1 Hari  Kerja", Duration(working_days=1), "1 hari kerja"),
        ("7d", Duration(days=7), "7 hari"),
        ("7 hari", Duration(days=7), "7 hari"),
        ("4h", Duration(minutes=240), "4 jam"),
        ("4 jam", Duration(minutes=240), "4 jam"),
        ("5m", Duration(minutes=5), "5 menit"),
        ("90 menit", Duration(minutes=90), "1 jam 30 menit"),
        ("0m", Duration(), "0 menit"),
    ],
)
def test_a_duration_is_read_and_said_again(text: str, duration: Duration, words: str) -> None:
    assert parse_duration(text) == duration
    assert format_duration(duration) == words


@pytest.mark.parametrize(
    "text",
    ["", "5", "m", "-5m", "5 s", "60s", "1.5 jam", "1 minggu", "hari kerja",
     "2 hari kerja lagi", "12345m", "٣m", "5m\n4h", "5m" + " " * 99],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hari kerja"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10MB", 10_000_000), ("64KB", 64_000), ("64 kb", 64_000), ("1GB", 10**9), ("500B", 500),
     ("0MB", None), ("10", None), ("10M", None), ("1.5MB", None), ("-1MB", None), ("9999999999MB", None)],
)  # fmt: skip
def test_sizes_are_in_decimal_units(text: str, expected: int | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="a size such as"):
            values.size(text)
    else:
        assert values.size(text) == expected


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("sari@batangkab.go.id", True),
        ("Sari.A+x@Batangkab.GO.id", True),
        ("root@localhost", True),
        ("a'b@x.id", True),
        ("sari", False),
        ("sari@", False),
        ("@x.id", False),
        ("sari@x..id", False),
        (".sari@x.id", False),
        ("sari@-x.id", False),
        ("sari @x.id", False),
        (" sari@x.id", False),
        ("sari@x.id\n", False),
        ("a@x.id,b@x.id", False),
        ("Sari <sari@x.id>", False),
        ('"sari"@x.id', False),
        ("sari@[127.0.0.1]", False),
        ("sari@münchen.de", False),
        ("x" * 65 + "@x.id", False),
        ("\u212a@x.id", False),  # KELVIN SIGN, which lower-cases to an ASCII k
        ("a." * 100_000 + "@", False),
    ],
)
def test_an_address_is_a_plain_ascii_addr_spec(text: str, good: bool) -> None:
    if good:
        assert values.address(text) == text.lower()
    else:
        with pytest.raises(ValueError, match="a plain address"):
            values.address(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [("LPSE-BTG", True), ("LPSE", True), ("L1-2-B3", True), ("LPSE-2026", False), ("lpse", False),
     ("-LPSE", False), ("LPSE-", False), ("LPSE--B", False), ("1LPSE", False),
     ("LPSE BTG", False), ("L" * 25, False), ("LPSE\n", False)],
)  # fmt: skip
def test_a_ticket_prefix_cannot_be_mistaken_for_a_year(text: str, good: bool) -> None:
    if good:
        assert values.ticket_prefix(text) == text
    else:
        with pytest.raises(ValueError, match="LPSE-BTG"):
            values.ticket_prefix(text)


@pytest.mark.parametrize("name", ["", "Asia", "../../etc/passwd", "/etc/localtime", "Asia/Jakarta\n", "WIB+7 x", 7])
def test_a_time_zone_is_one_of_iana_s(name: Any) -> None:
    with pytest.raises(ValueError, match="an IANA time zone"):
        values.zone(name)
