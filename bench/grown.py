"""A database as an office has it after years: some lives of tickets, played once, and their rows multiplied.

    python -m bench.grown FOLDER --tickets 100000

What is played is what the program itself has written, in its own schema; the copies get ids, numbers, keys, addresses
and dates of their own. Thinned: of each mail only the first bytes are kept. In the past everything is closed, sent and
marked; in the present (the same few hundred tickets at any size) limits run, and mails wait. The folder holds a
configuration beside its data: daemon and commands work on it as on any other.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from mailbot import log
from mailbot.store import journal, mail_bytes, outbox
from mailbot.store.database import NAME, Store
from tests.steps import BORDER, IDENTITY, results
from tests.world import PEOPLE, Letter, PaperWorld, letter

#: Tickets that are open in the present, at any size.
OPEN = 400
#: Tickets a day in the past: a larger office is an older one, not a busier one.
_A_DAY = 150
#: Bytes that are kept of each mail.
_THIN = 120
#: When the present is, by the clock of its office: a Monday.
NOW = datetime.fromisoformat("2026-12-21T09:00:00+07:00")

_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
#: What is found by its words, table → its source: an index of its own, filled from its rows.
_SEARCHED = {"search_tickets": ("card", "tickets"), "search_texts": ("body", "texts")}
#: Belong to the process or to the schema, and do not grow.
_ONCE = {
    "_sqlite_migrations",
    "counters",
    "folders",
    "owner",
    "erasure_salt",
    "restorations",
    "restored",
    "leaves",
    "unindexed",
    "tallies",
}


# --- the lives -------------------------------------------------------------------------------------------


class Office:
    """People who write to a grown office, or to a new one, minutes apart."""

    def __init__(self, folder: Path) -> None:
        self.world = PaperWorld(folder, authentication={"authserv_id": BORDER})
        store = self.world.store
        self._before = int(store.value("SELECT coalesce(max(id), 0) FROM outbox"))
        self._users = int(store.value("SELECT coalesce(max(id), 0) FROM tickets"))
        self.world._uid = int(store.value("SELECT max(last_uid) FROM folders"))

    def later(self, **time: float) -> None:
        self.world.now += timedelta(**time)
        assert self.world.once()

    def asks(self, subject: str, text: str) -> str:
        """A new user opens a ticket; the user's address."""
        self._users += 1
        user = f"user{self._users}@penyedia.test"
        self.world.write(
            user,
            f"Yth. Admin,\n\n{text}\n\n{IDENTITY}",
            subject=subject,
            sender=f"Budi Santoso <{user}>",
            headers=[results("pass", "penyedia.test")],
        )
        self.later(minutes=4)
        return user

    def last(self, who: str, template: str) -> Letter:
        """The last such mail to a party that was written since the people of this office began to write."""
        found = self.world.store.value(
            "SELECT id FROM outbox WHERE id > ? AND +recipient = ? AND +template = ? ORDER BY id DESC LIMIT 1",
            self._before,
            PEOPLE.get(who, who),
            template,
        )
        return letter(outbox.bytes_of(self.world.store, int(found)))

    def answers(self, who: str, template: str, text: str) -> None:
        """Replies to the last such mail; the undo window passes."""
        domain = who.partition("@")[2] or {"lkpp": "lkpp.test"}.get(who, "batangkab.test")
        self.world.write(who, text, answers=self.last(who, template), headers=[results("pass", domain)], quote=False)
        self.later(minutes=1)
        self.later(minutes=5)


#: What users ask for in the past, subject and text.
ASKED = (
    ("Tidak bisa login SPSE", "Kami tidak bisa login SPSE sejak kemarin pagi."),
    ("Unggah dokumen penawaran gagal", "Berkas penawaran tidak dapat diunggah, selalu galat 500."),
    ("Apendo tidak terbuka", "Aplikasi Apendo tidak terbuka setelah pembaruan."),
)
_LOGIN, _UPLOAD, _APENDO = ASKED
_ESCALATES = "#eskalasi\nRingkasan:\nLogin gagal\nUpaya yang telah dilakukan:\nreset kata sandi\n"


def confirmed(office: Office) -> None:
    user = office.asks(*_LOGIN)
    office.answers("petugas", "staff_new_ticket", "Silakan hapus cache peramban, lalu coba masuk kembali.")
    office.answers(user, "user_answer", "SELESAI, terima kasih.")


def silent(office: Office) -> None:
    office.asks(*_UPLOAD)
    office.answers("rekan", "staff_new_ticket", "Silakan perkecil ukuran berkas, lalu unggah kembali.")
    for _ in range(4):
        office.later(days=1)


def with_lkpp(office: Office) -> None:
    user = office.asks(*_APENDO)
    office.answers("petugas", "staff_new_ticket", _ESCALATES)
    office.answers("lkpp", "lkpp_escalation", "Tiket Anda #778899 telah kami terima.")
    office.answers("lkpp", "lkpp_escalation", "Mohon dilengkapi tangkapan layar dan kode tender.")
    office.answers(user, "user_data_request", "Berikut datanya, kode tender 87654321.")
    office.later(days=1)
    office.answers("lkpp", "lkpp_escalation", "Permasalahan telah selesai, mohon disampaikan kepada pengguna.")
    office.answers("petugas", "staff_lkpp_reply", "#teruskan")
    for _ in range(4):
        office.later(days=1)


def discarded(office: Office) -> None:
    office.asks("Penawaran kerja sama", "Kami menawarkan jasa pembuatan situs web.")
    office.answers("petugas", "staff_new_ticket", "#buang")


def nobodys(office: Office) -> None:
    """Mail of machines, and of one whose authority is not proven."""
    world = office.world
    world.write(
        "robot@luar.test",
        "Saya sedang cuti.",
        subject="Tidak di tempat",
        headers=[("Auto-Submitted", "auto-replied"), results("pass", "luar.test")],
    )
    world.write("petugas", "#tutup", subject="[LPSE-BTG-2026-000001]", headers=[results("fail", "batangkab.test")])
    office.later(minutes=5)


def _past(office: Office) -> None:
    for live in (confirmed, silent, with_lkpp, confirmed, silent, discarded, nobodys):
        live(office)
        office.later(days=1)
    store = office.world.store
    with store.immediate():
        for row in journal.quarantined(store, "batang"):
            journal.discard(store, int(row["id"]), "buang", PEOPLE["petugas"])


def _present(office: Office) -> None:
    office.asks("Tidak bisa login", "Kami tidak bisa login SPSE.")
    office.answers("petugas", "staff_new_ticket", "#minta-data\nMohon kirimkan tangkapan layar galatnya.")
    office.asks("Apendo tidak terbuka", "Aplikasi Apendo tidak terbuka.")
    office.answers("petugas", "staff_new_ticket", _ESCALATES)
    office.answers("lkpp", "lkpp_escalation", "Permasalahan masih dalam proses penanganan oleh Tim Teknis LKPP.")
    office.asks("Unggah gagal", "Dokumen tidak dapat diunggah.")
    office.answers("rekan", "staff_new_ticket", "#ambil")
    office.asks("Lupa kata sandi", "Kami lupa kata sandi.")


def _played(folder: Path, begins: datetime, live: Callable[[Office], None], *, sparse: bool = False) -> Path:
    """The database after these lives. sparse: with one row of a kind for each ticket."""
    folder.mkdir()
    office = Office(folder)
    office.world.now = begins
    live(office)
    store = office.world.store
    with store.immediate():
        for row in store.rows("SELECT id FROM outbox_bytes"):
            thin = mail_bytes.without_parts(store, int(row["id"]))[:_THIN]
            store.update("outbox_bytes", int(row["id"]), raw=thin, packed=0)
    store.complete()
    store.close()
    path = office.world.config.data / NAME
    if sparse:
        _thin_out(path)
    return path


def _thin_out(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'ticket_id'"
            " WHERE m.type = 'table' AND m.sql NOT LIKE '%WITHOUT ROWID%'"
        ).fetchall()
        for (table,) in tables:
            database.execute(
                f"DELETE FROM {table} WHERE rowid NOT IN (SELECT min(rowid) FROM {table} GROUP BY ticket_id)"
            )
        database.execute("DELETE FROM outbox_bytes WHERE id NOT IN (SELECT id FROM outbox)")
        for table in ("fields", "proposals"):  # asked by their key alone
            database.execute(f"DELETE FROM {table}")
        database.execute("DELETE FROM search_texts WHERE rowid NOT IN (SELECT id FROM texts)")
        database.commit()


# --- multiplying -----------------------------------------------------------------------------------------


def grow(folder: Path, tickets: int, *, opened: int = OPEN, sparse: bool = False) -> Path:
    """Make the office in `folder`; its configuration file. opened: so many of the tickets are open. sparse: with a part
    of the rows, in a sixth of the time."""
    with tempfile.TemporaryDirectory() as name:
        past = _played(Path(name) / "past", NOW - timedelta(days=60), _past, sparse=sparse)
        present = _played(Path(name) / "present", NOW - timedelta(hours=2), _present)
        data = folder / "data"
        Store.open(data).close()
        written = yaml.safe_load((Path(name) / "present" / "config.yaml").read_text())
        secret = folder / "password"
        secret.write_text("secret")
        secret.chmod(0o600)
        written["mailboxes"][0]["imap"]["password"]["file"] = str(secret)
        (folder / "config.yaml").write_text(yaml.safe_dump(written, allow_unicode=True))
        with closing(sqlite3.connect(data / NAME, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")
            database.execute("PRAGMA cache_size = -400000")
            database.execute("PRAGMA temp_store = FILE")
            database.execute("PRAGMA journal_mode = OFF")
            indexes = _without_indexes(database)
            _multiply(database, past, tickets - opened, days=_A_DAY)
            _multiply(database, present, min(tickets, opened), days=0)
            for sql in indexes:
                database.execute(sql)
            _conclude(database)
            database.execute("PRAGMA journal_mode = WAL")
    return folder / "config.yaml"


def _without_indexes(database: sqlite3.Connection) -> list[str]:
    """Drop them, and the triggers: made at the end, they are made in one go. The statements that make them."""
    found = database.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    ).fetchall()
    for kind, name, _ in found:
        database.execute(f'DROP {kind} "{name}"')
    return [sql for _, _, sql in found]


def _multiply(database: sqlite3.Connection, played: Path, tickets: int, *, days: int) -> None:
    """Copies of what was played until there are so many tickets more. days: so many tickets lie on each day back from
    the present; 0: all are of today."""
    database.execute("ATTACH ? AS played", (str(played),))
    [(each,)] = database.execute("SELECT count(*) FROM played.tickets")
    copies = -(-tickets // each)
    if copies > 0:
        tables = _tables(database)
        offsets = {table: _highest(database, "main", table) for table in tables}
        spans = {table: _highest(database, "played", table) for table in tables}
        database.execute(
            "CREATE TEMP TABLE copies AS WITH RECURSIVE n(n) AS"
            f" (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {copies - 1}) SELECT n,"
            f" CASE {days} WHEN 0 THEN 0 ELSE ({copies} - n) * {each} / {max(days, 1)} + 1 END AS back FROM n"
        )
        database.execute("BEGIN")
        for table in tables:
            _copy(database, table, offsets, spans)
        for table, (column, source) in _SEARCHED.items():
            _index(database, table, column, source, offsets[source], spans[source])
        database.execute("COMMIT")
        database.execute("DROP TABLE copies")
    database.execute("DETACH played")


def _tables(database: sqlite3.Connection) -> list[str]:
    found = database.execute(
        "SELECT name FROM played.sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        " AND name NOT GLOB 'search_*' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in found if name not in _ONCE]


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f"PRAGMA played.table_info({table})")]


def _highest(database: sqlite3.Connection, schema: str, table: str) -> int:
    """The last id of a table; 0: it has none."""
    if "id" not in _columns(database, table):
        return 0
    return int(database.execute(f"SELECT coalesce(max(id), 0) FROM {schema}.{table}").fetchone()[0])


#: (table, column) → the value of a copy; {of}: the column, {n}: the copy, unique over both multiplications.
_OWN: Mapping[tuple[str, str], str] = {
    ("tickets", "number"): "substr({of}, 1, 9) || substr(date({at}), 1, 4) || printf('-%06d', {id} % 1000000)",
    ("tickets", "form_number"): "printf('%06d/', {id}) || substr({of}, 6)",
    ("journal", "uid"): "{id}",
    ("journal", "message_id"): "'<' || printf('%08d.', {n}) || substr({of}, 2)",
    ("journal", "fingerprint"): "printf('%08d', {n}) || {of}",
    ("journal", "sha256"): "printf('%08d', {n}) || substr({of}, 9)",
    ("journal", "said"): "CASE {of} WHEN '' THEN '' ELSE printf('%08d', {n}) || {of} END",
    ("journal", "raw"): f"substr({{of}}, 1, {_THIN})",
    ("journal", "mark"): "'done'",
    ("outbox", "message_id"): "'<' || printf('%08d.', {n}) || substr({of}, 2)",
    ("history", "before"): "NULL",  # asked only where something is taken back
    ("history", "after"): "NULL",
    ("codes", "code"): "printf('%08d', {n}) || {of}",
    ("warnings", "key"): "{of} || printf('.%08d', {n})",
    ("texts", "body"): "substr({of}, 1, 200) || printf(' Kode tender %08d.', ({n} * 7919) % 100000000)",
}
#: A key that names an entry of the journal, or a ticket: j12.receipt, d7.1.
_KEY = re.compile(r"([a-z])(\d+)((?:\D.*)?)")


def _copy(database: sqlite3.Connection, table: str, offsets: Mapping[str, int], spans: Mapping[str, int]) -> None:
    columns = _columns(database, table)
    refers = {row[3]: row[2] for row in database.execute(f"PRAGMA played.foreign_key_list({table})")}
    first = 0 if not offsets["tickets"] else offsets["tickets"]  # so that the second copies are others than the first
    n = f"(c.n + {first})"
    at = next((name for name in ("opened_at", "at", "created_at") if name in columns), "")
    values = []
    for column in columns:
        own, of = _OWN.get((table, column)), f"t.{column}"
        if column == "id" or column in refers:
            other = table if column == "id" else refers[column]
            if other not in spans:
                values.append(of)
                continue
            values.append(f"{of} + c.n * {spans[other]} + {offsets[other]}")
        elif own:
            made = f"(t.id + c.n * {spans[table]} + {offsets[table]})" if "id" in columns else ""
            day = f"date(substr(t.{at}, 1, 10), '-' || c.back || ' days')" if at else ""
            values.append(own.format(of=of, n=n, id=made, at=day))
        elif column == "event_key":
            values.append(f"keyed({of}, c.n, {n})")
        elif (kind := _kind(database, table, column)) == "instant":
            values.append(
                f"CASE c.back WHEN 0 THEN {of} ELSE date(substr({of}, 1, 10), '-' || c.back || ' days')"
                f" || substr({of}, 11) END"
            )
        elif kind == "address":
            values.append(f"replace({of}, '@penyedia.test', '.' || ({n} % 20000) || '@penyedia.test')")
        else:
            values.append(of)
    journal, span = offsets["journal"], spans["journal"]

    def keyed(key: str, copy: int, unique: int) -> str:
        found = _KEY.fullmatch(key)
        if found is None or found[1] != "j":
            return f"{key}.{unique:08}"
        return f"j{int(found[2]) + copy * span + journal}{found[3]}"

    database.create_function("keyed", 3, keyed, deterministic=True)
    order = "c.n, t.id" if "id" in columns else "c.n"
    again = "OR IGNORE " if table == "silences" else ""  # users come again after a while
    database.execute(
        f"INSERT {again}INTO main.{table} ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM temp.copies c CROSS JOIN played.{table} t ORDER BY {order}"
    )


def _kind(database: sqlite3.Connection, table: str, column: str) -> str:
    """What a column holds, by what was played: instant | address | ''."""
    found = [
        value
        for (value,) in database.execute(f"SELECT DISTINCT {column} FROM played.{table} WHERE {column} IS NOT NULL")
    ]
    texts = [value for value in found if isinstance(value, str)]
    if not texts or len(texts) < len(found):
        return ""
    if all(map(_AT.fullmatch, filter(None, texts))) and any(texts):
        return "instant"
    return "address" if any(text.endswith("@penyedia.test") for text in texts) else ""


def _index(database: sqlite3.Connection, table: str, column: str, source: str, offset: int, span: int) -> None:
    """The words of the copies."""
    words = {
        "search_tickets": "replace(substr(t.card, 1, 400), '@penyedia', '.' || (c.n % 20000) || '@penyedia')",
        "search_texts": "substr(t.body, 1, 200) || printf(' Kode tender %08d.', (c.n * 7919) % 100000000)",
    }[table]
    database.execute(
        f"INSERT INTO main.{table} (rowid, {column}) SELECT t.rowid + c.n * {span} + {offset}, {words}"
        f" FROM temp.copies c CROSS JOIN played.{table} t ORDER BY c.n, t.rowid"
    )


def _conclude(database: sqlite3.Connection) -> None:
    """What the program knows of the whole: how far numbers and folders have come."""
    [(last,)] = database.execute("SELECT min(coalesce(max(id), 0), 999999) FROM tickets")
    years = database.execute("SELECT DISTINCT substr(number, 10, 4) FROM tickets").fetchall()
    database.executemany(
        "INSERT OR REPLACE INTO counters (prefix, year, last) VALUES ('LPSE-BTG', ?, ?)",
        [(int(year), last) for (year,) in years],
    )
    [(uid,)] = database.execute("SELECT coalesce(max(uid), 0) FROM journal")
    database.execute(
        "INSERT INTO folders (mailbox, folder, uidvalidity, last_uid, started_at, counted_uid)"
        " VALUES ('batang', 'INBOX', 1, ?, ?, ?)",
        (uid, NOW.isoformat(), uid),
    )
    for table, state in (("journal", "state"), ("outbox", "state"), ("tickets", "status")):
        database.execute(
            f"INSERT INTO tallies SELECT mailbox, '{table}', {state}, count(*) FROM {table} GROUP BY mailbox, {state}"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--tickets", type=int, default=100_000)
    given = arguments.parse_args()
    log.configure("json", "error")
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    print(grow(given.folder, given.tickets))


if __name__ == "__main__":
    main()
