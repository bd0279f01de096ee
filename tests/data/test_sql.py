"""Tables in SQLite and in a real PostgreSQL server of this test, against the same rows in a file.

The independent source is `data=table` on Parquet files with the same values.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.commands import main
from recsys.data.sql import Sql
from recsys.data.table import Table
from recsys.types import Events, UserError

COLUMNS = {
    "user": {"user": "id", "age": "number"},
    "item": {"item": "id", "where": "geo", "kinds": "categories", "out": "time", "new": "flag"},
    "context": {"at": "time", "page": "category"},
    "feedback": {"rating": "number"},
}
BARE = {"user": {"user": "id"}, "item": {"item": "id"}}
LOG = [(7, "b", 1000, "home", 3.5), (5, "a", 2000, None, 4.0), (7, "a", 1500, "home", 1.0)]
USERS = [(5, 30), (7, None)]
ITEMS = [("a", "52.5;13.4", "x|y", 86400, 1), ("b", None, None, None, 0)]
QUERIES = {
    "events": 'SELECT "user", item, at, page, rating FROM log ORDER BY place',
    "users": 'SELECT * FROM people ORDER BY "user"',
    "items": "SELECT * FROM things ORDER BY item",
}
SCHEMA = """
CREATE TABLE log (place INTEGER, "user" INTEGER, item TEXT, at INTEGER, page TEXT, rating REAL);
CREATE TABLE people ("user" INTEGER, age INTEGER);
CREATE TABLE things (item TEXT, "where" TEXT, kinds TEXT, out INTEGER, new INTEGER);
"""


def literal(value: Any) -> str:
    return "NULL" if value is None else repr(value)


def script() -> str:
    """The tables and their rows, in SQL that both databases know."""
    rows = [("log", (place, *row)) for place, row in enumerate(LOG)]
    rows += [("people", row) for row in USERS] + [("things", row) for row in ITEMS]
    lines = [f"INSERT INTO {table} VALUES ({', '.join(map(literal, row))});" for table, row in rows]
    return SCHEMA + "\n".join(lines)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shop(here: Path) -> str:
    """The address of a SQLite database."""
    run_sqlite(script())
    return "sqlite:///shop.db"


def run_sqlite(text: str) -> None:
    connection = sqlite3.connect("shop.db")
    connection.executescript(text)
    connection.close()


def from_files(folder: Path) -> Events:
    """The same rows through files."""
    names = {"events": ["user", "item", "at", "page", "rating"], "users": ["user", "age"]}
    names["items"] = list(COLUMNS["item"])
    for role, rows in {"events": LOG, "users": USERS, "items": ITEMS}.items():
        pl.DataFrame(rows, schema=names[role], orient="row").write_parquet(folder / f"{role}.parquet")
    files: dict[str, Any] = {role: str(folder / f"{role}.parquet") for role in names}
    return Table(columns=COLUMNS, **files).load()


def same(one: Events, other: Events) -> bool:
    frames = [(one.log, other.log), (one.users, other.users), (one.items, other.items)]
    return all(mine.equals(theirs) and mine.schema == theirs.schema for mine, theirs in frames)


def test_sqlite_is_read_like_files(shop: str, here: Path) -> None:
    assert same(Sql(uri=shop, columns=COLUMNS, **QUERIES).load(), from_files(here))


def test_a_query_alone_is_enough(shop: str) -> None:
    events = Sql(uri=shop, events="SELECT user, item FROM log ORDER BY place", columns=BARE).load()
    assert events.log.rows() == [(0, 0), (1, 1), (0, 1)]
    assert events.users["user"].to_list() == [7, 5]


CHANGES = [
    "UPDATE log SET rating = 3.25 WHERE place = 0",
    "UPDATE log SET page = '' WHERE place = 1",
    "DELETE FROM log WHERE place = 2",
    "INSERT INTO people VALUES (9, 9)",
    "UPDATE log SET place = 5 - place",
    "ALTER TABLE things ADD colour TEXT",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_fingerprint_follows_what_the_queries_give(shop: str, change: str) -> None:
    before = Sql(uri=shop, columns=COLUMNS, **QUERIES).fingerprint()
    assert Sql(uri=shop, columns=COLUMNS, **QUERIES).fingerprint() == before
    run_sqlite(change)
    assert Sql(uri=shop, columns=COLUMNS, **QUERIES).fingerprint() != before


def test_the_fingerprint_is_the_same_in_another_process(shop: str) -> None:
    source = f"Sql(uri={shop!r}, columns={BARE!r}, events='SELECT * FROM log')"
    code = f"from recsys.data.sql import Sql; print({source}.fingerprint())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == Sql(uri=shop, columns=BARE, events="SELECT * FROM log").fingerprint()


def test_rows_that_change_between_fingerprint_and_reading_are_refused(shop: str) -> None:
    source = Sql(uri=shop, columns=COLUMNS, **QUERIES)
    source.fingerprint()
    run_sqlite(CHANGES[0])
    with pytest.raises(UserError, match=r"data\.events: the result changed between two readings.*ORDER BY"):
        source.load()


def test_the_database_is_not_written_to(shop: str) -> None:
    with pytest.raises(UserError, match=r"data\.events: the query fails: attempt to write a readonly database"):
        Sql(uri=shop, columns=BARE, events="DELETE FROM log").load()


def query(select: str, columns: dict[str, Any] = BARE) -> dict[str, Any]:
    return {"events": select, "columns": columns}


RATED = {**BARE, "feedback": {"rating": "number"}, "context": {"at": "time"}}
MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("no SQL", query("SELEC 1"), 'data.events: the query fails: near "SELEC": syntax error'),
    ("no table", query("SELECT * FROM logs"), "data.events: the query fails: no such table: logs"),
    (
        "two queries",
        query("SELECT 1; SELECT 2"),
        "data.events: the query fails: You can only execute one statement",
    ),
    ("no query", query("PRAGMA user_version = 1"), "data.events: "),
    ("no rows", query("SELECT user, item FROM log WHERE place > 9"), "data.events: the query gives no rows"),
    ("no column", query("SELECT user FROM log"), "data.events: there is no column 'item'; it has 'user'"),
    (
        "two of a name",
        query("SELECT user, item, item FROM log"),
        "data.events: the query gives two columns one name",
    ),
    (
        "no user",
        query("SELECT NULL AS user, item FROM log"),
        "data.events: row 1, column 'user': the value is miss",
    ),
    (
        "a word for a number",
        query(
            "SELECT user, item, at, CASE place WHEN 1 THEN 'x' ELSE rating END rating FROM log ORDER BY place",
            RATED,
        ),
        "data.events: row 2, column 'rating': 'x' is no number",
    ),
    (
        "milliseconds",
        query("SELECT user, item, rating, 1748779200000 AS at FROM log", RATED),
        "data.events: row 1, column 'at': 1748779200000 is no time in seconds",
    ),
    (
        "bytes among words",
        query("SELECT x'00' AS user, item FROM log UNION SELECT 1, 2"),
        "column 'user': is binary",
    ),
    (
        "no file",
        {**query("SELECT 1"), "uri": "sqlite:///shopp.db"},
        "data.uri: shopp.db: no such file; did you mean",
    ),
    (
        "another database",
        {**query("SELECT 1"), "uri": "mysql://x/y"},
        "data.uri=mysql://x/y: write sqlite:///<path>",
    ),
    ("a user twice", {**query("SELECT user, item FROM log"), "users": "SELECT user FROM log"}, "stands twice"),
    ("no users", query("SELECT user, item FROM log", COLUMNS), "data.users: nothing is given"),
]


@pytest.mark.parametrize(("arguments", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_named(shop: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as error:
        Sql(**{"uri": shop, **arguments}).load()
    assert message in str(error.value)
    assert all("\n" not in problem for problem in error.value.problems)


def test_a_file_that_is_no_database_is_named(here: Path) -> None:
    Path("shop.db").write_text("user,item\n" * 99)
    with pytest.raises(UserError, match=r"data\.events: the query fails: file is not a database"):
        Sql(uri="sqlite:///shop.db", **query("SELECT * FROM log")).load()


@pytest.mark.parametrize("uri", ["postgresql://me:hush@host/shop", "postgresql://me@host/shop?password=hush"])
def test_a_password_is_refused_without_being_shown(uri: str) -> None:
    with pytest.raises(UserError, match=r"data\.uri: holds a password.*PGPASSWORD") as error:
        Sql(uri=uri, **query("SELECT 1"))
    assert "hush" not in str(error.value)


def test_a_missing_driver_gets_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", None)
    with pytest.raises(UserError) as error:
        Sql(uri="postgresql://me@host/shop", **query("SELECT 1")).fingerprint()
    assert error.value.problems == (
        "data.uri: PostgreSQL is read with adbc_driver_postgresql, which is not installed: "
        "pip install 'recsys[sql]'",
    )


def test_a_run_on_sqlite_is_prepared_once(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ",".join(f"({n}, {n % 40}, 'i{n * 7 % 31}', {n}, NULL, 1)" for n in range(400))
    run_sqlite(SCHEMA + f"INSERT INTO log VALUES {rows};")
    columns = "data.columns={user:{user:id},item:{item:id}}"
    words = [
        "data=sql",
        "data.uri=sqlite:///shop.db",
        "data.events='SELECT * FROM log ORDER BY place'",
        columns,
    ]
    for wanted in ("prepared in", "taken from the cache"):
        assert main(["train", *words, "split=random", "model=popularity"]) == 0
        assert wanted in capsys.readouterr().out


POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None) or shutil.which("initdb")


def as_nobody_special() -> dict[str, Any]:
    """PostgreSQL does not start as root: there it runs as another user."""
    if os.geteuid():
        return {}
    names = [entry.pw_name for entry in pwd.getpwall()]
    return {"user": "postgres" if "postgres" in names else "nobody"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server with the tables; skips where there is none."""
    if POSTGRES is None:
        pytest.skip("postgresql: no initdb; apt-get install postgresql")
    if importlib.util.find_spec("adbc_driver_postgresql") is None:
        pytest.skip("postgresql: no driver; pip install 'recsys[sql]'")
    binaries = Path(POSTGRES).parent
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pg-") as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        folder, who = Path(name), as_nobody_special()
        if who:
            shutil.chown(folder, who["user"])
        options = {"capture_output": True, "text": True, "check": True, "cwd": folder, **who}
        data = folder / "data"
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "me", "-A", "trust", "-E", "UTF8", "--no-sync"], **options
        )
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        control = [binaries / "pg_ctl", "-D", data, "-w"]
        subprocess.run(
            [*control, "-l", folder / "log", "-o", settings, "start"], **{**options, "capture_output": False}
        )
        try:
            address = f"postgresql://me@127.0.0.1:{port}/postgres"
            run_postgres(address, script())
            yield address
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **options)


def run_postgres(address: str, text: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        for statement in text.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        connection.commit()


def test_postgresql_is_read_like_files(server: str, here: Path) -> None:
    assert same(Sql(uri=server, columns=COLUMNS, **QUERIES).load(), from_files(here))


def test_the_types_of_postgresql_are_read_as_declared(server: str) -> None:
    select = """
        SELECT '6e8bc430-9c3a-11d9-9669-0800200c9a66'::uuid::text AS "user", 5::bigint AS item,
            timestamptz '2025-06-01 12:00+02' AS at, true AS click, 3.25::numeric AS rating,
            date '2025-06-02' AS day, ARRAY['a', 'b'] AS kinds, 7::smallint AS n
    """
    columns = {
        **BARE,
        "context": {"at": "time", "day": "time", "kinds": "categories", "n": "number"},
        "feedback": {"click": "flag", "rating": "number"},
    }
    events = Sql(uri=server, events=select, columns=columns).load()
    at = int(datetime(2025, 6, 1, 10, tzinfo=UTC).timestamp())
    day = (date(2025, 6, 2) - date(1970, 1, 1)).days * 86400
    assert events.log.rows() == [(0, 0, at, day, ["a", "b"], 7.0, True, 3.25)]
    assert events.items["item"].to_list() == [5]


def test_the_fingerprint_follows_the_rows_of_postgresql(server: str) -> None:
    run_postgres(server, 'DROP TABLE IF EXISTS more;\nCREATE TABLE more AS SELECT 1 AS "user", 2 AS item')
    source = query('SELECT * FROM more ORDER BY "user", item')
    before = Sql(uri=server, **source).fingerprint()
    assert Sql(uri=server, **source).fingerprint() == before
    run_postgres(server, "INSERT INTO more VALUES (3, 4)")
    assert Sql(uri=server, **source).fingerprint() != before


PG_MISTAKES: list[tuple[str, str, str]] = [
    ("no SQL", "SELEC 1", "data.events: the query fails: "),
    ("no table", "SELECT * FROM logs", 'relation "logs" does not exist'),
    ("no rows", 'SELECT "user", item FROM log WHERE place > 9', "data.events: the query gives no rows"),
    ("no column", 'SELECT "user" FROM log', "data.events: there is no column 'item'"),
    ("two of a name", "SELECT 1 AS item, 2 AS item", "two columns one name; rename one with AS"),
    (
        "no user",
        'SELECT NULL::int AS "user", 1 AS item',
        "data.events: row 1, column 'user': the value is missing",
    ),
]


@pytest.mark.parametrize(("select", "message"), [m[1:] for m in PG_MISTAKES], ids=[m[0] for m in PG_MISTAKES])
def test_a_mistake_in_postgresql_is_named(server: str, select: str, message: str) -> None:
    with pytest.raises(UserError) as error:
        Sql(uri=server, **query(select)).load()
    assert message in str(error.value)
    assert all("\n" not in problem for problem in error.value.problems)


def test_a_server_of_postgresql_that_is_not_there_is_named(server: str) -> None:
    with pytest.raises(UserError, match=r"data\.uri: cannot connect: .*refused"):
        Sql(uri="postgresql://me@127.0.0.1:9/shop", **query("SELECT 1")).load()


def test_a_query_does_not_write_to_postgresql(server: str) -> None:
    write = Sql(uri=server, **query('INSERT INTO people VALUES (99, 1) RETURNING "user", age AS item'))
    with pytest.raises(UserError, match=r"data\.events: "):
        write.load()
    seen = Sql(uri=server, **query('SELECT "user", 1 AS item FROM people')).load()
    assert 99 not in seen.users["user"].to_list()
