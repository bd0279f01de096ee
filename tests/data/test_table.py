"""A person's own files: read as they say, and every mistake named with its file, line and column."""

import csv
import gzip
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.data.table import Table
from recsys.types import Events, UserError

COLUMNS = {
    "user": {"user": "id"},
    "item": {"item": "id"},
    "context": {"at": "time"},
    "feedback": {"rating": "number"},
}
PEOPLE = {**COLUMNS, "user": {"user": "id", "age": "number"}}
PLACES = {
    **COLUMNS,
    "item": {"item": "id", "where": "geo", "kinds": "categories", "out": "time", "new": "flag"},
}
HEAD = "user,item,rating,at\n"
GOOD = HEAD + "1,2,3,4\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)


def load(**arguments: Any) -> Events:
    source = Table(**{"events": "log.csv", "columns": COLUMNS, **arguments})
    source.fingerprint()
    return source.load()


def refused(message: str, **arguments: Any) -> None:
    with pytest.raises(UserError) as error:
        load(**arguments)
    assert message in str(error.value)
    assert all("\n" not in problem for problem in error.value.problems)


LOGS: list[tuple[str, str | bytes, str]] = [
    ("an empty file", "", ": the file is empty; it needs a line of column names"),
    ("a blank file", "\n\n", ": the file has no rows"),
    ("no rows", HEAD, ": the file has no rows"),
    ("no UTF-8", (GOOD + "é,2,3,4\n").encode("latin-1"), ": line 3: byte 0xe9 is no utf-8 text"),
    ("a missing column", GOOD.replace("item", "itm"), ": there is no column 'item'; it has 'user', 'itm', "),
    ("a misspelt column", GOOD.replace("item", "itm"), "; did you mean 'itm'?"),
    (
        "another separator",
        GOOD.replace(",", ";"),
        "it has 'user;item;rating;at'; is it written with another sep",
    ),
    ("a column twice", "user,item,user,at\n1,2,3,4\n", ": line 1: the column name 'user' stands twice"),
    ("a row too long", GOOD + "1,2,3,4,5\n", ": line 3 has 5 fields, the first line has 4"),
    ("a row too short", GOOD + "1,2,3\n", ": line 3 has 3 fields, the first line has 4"),
    ("a row of one word", GOOD + "1\n", ": line 3 has 1 field, the first line has 4"),
    ("a quote that stays open", GOOD + '"1,2,3,4\n1,2,3,4\n', ": line 3: a quote is out of place"),
    ("no number", GOOD + "1,2,good,4\n", ": line 3, column 'rating': 'good' is no number"),
    ("a decimal comma", GOOD + '1,2,"3,5",4\n', ": line 3, column 'rating': '3,5' is no number"),
    ("not a number", GOOD + "1,2,NaN,4\n", ": line 3, column 'rating': 'NaN' is no number"),
    ("infinity", GOOD + "1,2,-inf,4\n", ": line 3, column 'rating': '-inf' is no number"),
    ("too large a number", GOOD + "1,2,1e999,4\n", ": line 3, column 'rating': '1e999' is no number"),
    ("a missing rating", GOOD + "1,2,,4\n", ": line 3, column 'rating': the value is missing"),
    ("a missing user", GOOD + ",2,3,4\n", ": line 3, column 'user': the value is missing"),
    ("an empty quoted item", GOOD + '1,"",3,4\n', ": line 3, column 'item': the value is missing"),
    ("a row of commas", GOOD + ",,,\n", ": line 3, column 'user': the value is missing"),
    ("a missing time", GOOD + "1,2,3,\n", ": line 3, column 'at': the value is missing"),
    ("a negative time", GOOD + "1,2,3,-4\n", ": line 3, column 'at': '-4' is no time of an event"),
    ("an infinite time", HEAD + "1,2,3,inf\n", ": line 2, column 'at': 'inf' is no time"),
    (
        "no time",
        GOOD + "1,2,3,noon\n",
        ": line 3, column 'at': 'noon' is no time: write seconds since 1970 UTC",
    ),
    (
        "milliseconds",
        GOOD + "1,2,3,881250949000\n",
        "line 3, column 'at': '881250949000' is no time in seconds: ",
    ),
    (
        "what to do",
        HEAD + "1,2,3,881250949000\n",
        "seconds since 1970 UTC are expected; with data=table say data",
    ),
    ("the unit", HEAD + "1,2,3,881250949000\n", "say data.time_unit=milliseconds"),
    ("nanoseconds", HEAD + "1,2,3,881250949000000000\n", "say data.time_unit=nanoseconds"),
    ("an ambiguous date", HEAD + "1,2,3,01/02/2025\n", ": line 2, column 'at': '01/02/2025' is no time"),
    ("a day that is none", HEAD + "1,2,3,2025-02-30\n", ": line 2, column 'at': '2025-02-30' is no time"),
    (
        "a number among dates",
        HEAD + "1,2,3,2025-02-03\n1,2,3,5\n",
        ": line 3, column 'at': '5' is no time: write",
    ),
    ("after a blank line", "\n" + GOOD + "\n1,2,x,4\n", ": line 5, column 'rating'"),
    ("after a break in a field", HEAD + '"a\nb",2,3,4\n1,2,x,4\n', ": line 4, column 'rating'"),
]
"""The text of log.csv, and what is said of it."""


@pytest.mark.parametrize(("text", "message"), [m[1:] for m in LOGS], ids=[m[0] for m in LOGS])
def test_a_mistake_in_the_log_is_named(text: str | bytes, message: str, here: Path) -> None:
    write({"log.csv": text})
    refused(("log.csv" if message.startswith(":") else "") + message)


MORE = "user,item,rating,at,x\n" + "1,2,3,4,5\n"
ITEMS = "item,where,kinds,out,new\n"
FILES: list[tuple[str, dict[str, str | bytes], dict[str, Any], str]] = [
    ("a missing file", {"logs.csv": GOOD}, {}, "data.events: log.csv: no such file; did you mean logs.csv?"),
    ("a missing folder", {}, {"events": "x/l.csv"}, "x/l.csv: no such file; there is no folder x either"),
    ("a folder", {"x/log.csv": GOOD}, {"events": "x"}, "x: is a folder; name its files, for example x/*.csv"),
    ("a glob of nothing", {}, {"events": "*.csv"}, "data.events=*.csv: no file matches in "),
    ("an empty list", {}, {"events": []}, "data.events=[]: no file is given"),
    ("a file named twice", {"log.csv": GOOD}, {"events": ["log.csv", "*.csv"]}, "log.csv is named twice"),
    ("no Parquet", {"log.parquet": "a"}, {"events": "log.parquet"}, "log.parquet: cannot be read as Parquet"),
    (
        "a column more",
        {"1.csv": GOOD, "2.csv": MORE},
        {"events": "*.csv"},
        "2.csv: has the column 'x', unlike 1.csv",
    ),
    (
        "a column less",
        {"1.csv": MORE, "2.csv": GOOD},
        {"events": "*.csv"},
        "2.csv: lacks the column 'x', unlike 1",
    ),
    (
        "the second file",
        {"1.csv": GOOD, "2.csv": HEAD + "1,2,x,4\n"},
        {"events": "*.csv"},
        "2.csv: line 2, column",
    ),
    ("a missing file of users", {"log.csv": GOOD}, {"users": "u.csv"}, "data.users: u.csv: no such file"),
    (
        "a user twice",
        {"u.csv": "user\n1\n2\n1\n"},
        {"users": "u.csv"},
        "u.csv: line 4, column 'user': 1 stands twice",
    ),
    (
        "a user twice in two files",
        {"u1.csv": "user\n1\n", "u2.csv": "user\n2\n1\n"},
        {"users": "u?.csv"},
        "u2.csv: line 3, column 'user': 1 stands twice; every row needs an id of its own",
    ),
    (
        "a user without an id",
        {"u.csv": "user,age\n,20\n"},
        {"users": "u.csv", "columns": PEOPLE},
        "u.csv: line 2, column 'user': the value is missing",
    ),
    (
        "a place beyond the pole",
        {"i.csv": ITEMS + "2,91;0,,,\n"},
        {"items": "i.csv", "columns": PLACES},
        "i.csv: line 2, column 'where': '91;0' is no place: write latitude;longitude in degrees",
    ),
    (
        "a place of one number",
        {"i.csv": ITEMS + "2,52.5,,,\n"},
        {"items": "i.csv", "columns": PLACES},
        "i.csv: line 2, column 'where': '52.5' is no place",
    ),
    (
        "no flag",
        {"i.csv": ITEMS + "2,,,,maybe\n"},
        {"items": "i.csv", "columns": PLACES},
        "i.csv: line 2, column 'new': 'maybe' is no flag: write true or false, 1 or 0",
    ),
]
"""Files beside a good log.csv (where the case has none of its own), arguments, and what is said."""


@pytest.mark.parametrize(("files", "arguments", "message"), [m[1:] for m in FILES], ids=[m[0] for m in FILES])
def test_a_mistake_in_the_files_is_named(
    files: dict[str, str | bytes], arguments: dict[str, Any], message: str, here: Path
) -> None:
    write(files)
    if any(file[0] in "ui" for file in files):
        write({"log.csv": GOOD})
    refused(message, **arguments)


DECLARATIONS: list[tuple[str, dict[str, Any], str]] = [
    (
        "a type",
        {"feedback": {"rating": "numbr"}},
        ".feedback.rating=numbr: there is no such type; did you mean 'num",
    ),
    ("a side", {"items": {}}, ".items: there is no such side; did you mean 'item'?"),
    ("no id", {"item": {"item": "category"}}, ".item: no column is of type id; it needs one"),
    ("two ids", {"item": {"item": "id", "asin": "id"}}, ".item: 2 columns are of type id"),
    ("a list", {"user": ["user"]}, ".user=['user']: write {<column>: <type>, …}"),
    ("a taken name", {"feedback": {"label": "flag"}}, ".feedback.label: 'label' has a meaning of its own"),
    (
        "a name that labels take",
        {"feedback": {"label.weight": "number"}},
        ".feedback.label.weight: 'label.weight' has a meaning of its own",
    ),
    (
        "a second time",
        {"context": {"at": "time", "time": "time"}},
        ".context.time: 'time' has a meaning of its own",
    ),
    ("both", {"feedback": {"at": "number"}}, ": 'at' is declared as two things in the events; keep one"),
    ("one id", {"user": {"n": "id"}, "item": {"n": "id"}}, ": 'n' is declared as two things in the events"),
    ("no file", {"user": {"user": "id", "age": "number"}}, ".user has columns beside the id; give data.users"),
]


@pytest.mark.parametrize(("sides", "message"), [m[1:] for m in DECLARATIONS], ids=[m[0] for m in DECLARATIONS])
def test_a_mistake_in_the_declaration_is_named_before_anything_is_read(
    sides: dict[str, Any], message: str
) -> None:
    refused("data.columns" + message, columns={**COLUMNS, **sides})


@pytest.mark.parametrize("name", ["separator", "list_separator"])
@pytest.mark.parametrize("value", ["", '"', "\n"])
def test_a_separator_that_cannot_separate_is_refused(name: str, value: str) -> None:
    refused(f"data.{name}={value!r}: write one or more characters", **{name: value})


def test_what_is_optional_is_feedback() -> None:
    refused("data.optional: 'at' is no feedback column; there are: rating", optional=["at"])


def test_all_columns_with_a_mistake_are_named_at_once(here: Path) -> None:
    write({"log.csv": HEAD + "1,2,x,y\n"})
    with pytest.raises(UserError) as error:
        load()
    assert len(error.value.problems) == 2


def test_the_log_keeps_its_order_and_is_indexed(here: Path) -> None:
    write({"log.csv": HEAD + "b,9,3,40\na,7,5,30\nb,7,1.5,20\n"})
    events = load()
    assert events.log.rows() == [(0, 0, 40, 3.0), (1, 1, 30, 5.0), (0, 1, 20, 1.5)]
    assert events.log.schema == {"user": pl.UInt32, "item": pl.UInt32, "time": pl.Int64, "rating": pl.Float64}
    assert events.users["user"].to_list() == ["b", "a"]
    assert events.items["item"].to_list() == [9, 7]
    assert not events.impressions


def test_known_users_come_first_and_the_others_have_no_attributes(here: Path) -> None:
    write({"log.csv": HEAD + "5,1,3,4\n3,1,3,4\n", "users.csv": "age,user\n30,1\n,3\n"})
    events = load(users="users.csv", columns=PEOPLE)
    assert events.users.rows() == [(1, 30.0), (3, None), (5, None)]
    assert events.log["user"].to_list() == [2, 1]


def test_ids_that_are_numbers_here_and_text_there_meet(here: Path) -> None:
    write({"log.csv": HEAD + "5,1,3,4\n3,1,3,4\n", "users.csv": "user,age\nx,1\n3,2\n"})
    events = load(users="users.csv", columns=PEOPLE)
    assert events.users["user"].to_list() == ["x", "3", "5"]
    assert events.log["user"].to_list() == [2, 1]


def test_ids_with_leading_zeros_stay_text(here: Path) -> None:
    write({"log.csv": HEAD + "007,1,3,4\n7,1,3,4\n"})
    assert load().users["user"].to_list() == ["007", "7"]


def test_values_are_read_by_their_declared_types(here: Path) -> None:
    rows = "1,52.52; 13.4,drama| war,1960-01-01,yes\n2,,,,0\n3,-33.9;18.4,,2025-06-01T12:00+02:00,\n"
    write({"log.csv": GOOD, "items.csv": ITEMS + rows})
    items = load(items="items.csv", columns=PLACES).items
    noon = int(datetime(2025, 6, 1, 10, tzinfo=UTC).timestamp())
    before = int(datetime(1960, 1, 1, tzinfo=UTC).timestamp())
    assert items.rows() == [
        (1, [52.52, 13.4], ["drama", "war"], before, True),
        (2, None, [], None, False),
        (3, [-33.9, 18.4], [], noon, None),
    ]


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),
    st.sampled_from([("", 0), ("Z", 0), ("+05:30", 19800), ("-0800", -28800)]),
    st.sampled_from(["minutes", "seconds", "milliseconds"]),
    st.sampled_from("T "),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_iso_times_are_what_python_reads(
    here: Path, moment: datetime, zone: tuple[str, int], precision: str, between: str
) -> None:
    text = moment.isoformat(timespec=precision, sep=between) + zone[0]
    write({"log.csv": f"{HEAD}1,2,3,{text}\n"})
    read = datetime.fromisoformat(text)
    exact = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    assert load().log["time"].item() == exact // 1


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("seconds", "881250949.9"),
        ("milliseconds", "881250949999"),
        ("microseconds", "881250949000001"),
        ("nanoseconds", "881250949000000001"),
    ],
)
def test_times_in_a_smaller_unit_are_rounded_down(unit: str, text: str, here: Path) -> None:
    write({"log.csv": f"{HEAD}1,2,3,{text}\n"})
    assert load(time_unit=unit).log["time"].item() == 881250949


def test_feedback_may_be_missing_where_that_is_said(here: Path) -> None:
    write({"log.csv": HEAD + "1,2,,4\n"})
    assert load(optional=["rating"]).log["rating"].to_list() == [None]


def test_blank_lines_and_a_byte_order_mark_are_no_data(here: Path) -> None:
    write({"log.csv": "\ufeff" + GOOD + "\n1,3,,4\n\n"})
    assert load(optional=["rating"]).items["item"].to_list() == [2, 3]


def test_columns_that_are_not_declared_are_left_alone(here: Path) -> None:
    write({"log.csv": ",user,item,rating,at,note\n0,1,2,3,4,\n"})
    assert load().log.columns == ["user", "item", "time", "rating"]


@pytest.mark.parametrize(
    ("name", "separator", "character"),
    [("log.tsv", None, "\t"), ("log.csv", ";", ";"), ("log.txt", "::", "::"), ("log.csv", "→", "→")],
)
def test_separators(name: str, separator: str | None, character: str, here: Path) -> None:
    write({name: GOOD.replace(",", character)})
    assert load(events=name, separator=separator).log.rows() == [(0, 0, 4, 3.0)]


def test_compressed_text_is_read_and_its_lines_are_named(here: Path) -> None:
    write({"log.csv.gz": gzip.compress(GOOD.encode(), mtime=0)})
    assert load(events="log.csv.gz").log.rows() == [(0, 0, 4, 3.0)]
    write({"log.csv.gz": gzip.compress((GOOD + "1,2,x,4\n").encode())})
    with pytest.raises(UserError, match=r"log\.csv\.gz: line 3, column 'rating'"):
        load(events="log.csv.gz")


def test_files_of_a_glob_follow_each_other_by_name(here: Path) -> None:
    write({"day/2.csv": HEAD + "1,20,3,4\n", "day/1.csv": HEAD + "1,10,3,4\n", "more.csv": HEAD + "1,5,3,4\n"})
    assert load(events=["more.csv", "day/*.csv"]).items["item"].to_list() == [5, 10, 20]


def test_a_file_whose_name_looks_like_a_glob_is_read(here: Path) -> None:
    write({"log[1].csv": GOOD})
    assert len(load(events="log[1].csv").log) == 1


def test_the_home_folder_may_be_written_short(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"home/log.csv": GOOD})
    monkeypatch.setenv("HOME", str(here / "home"))
    assert len(load(events="~/log.csv").log) == 1


def test_the_fingerprint_follows_the_files(here: Path) -> None:
    write({"log.csv": GOOD})
    source = Table(events="log.csv", columns=COLUMNS)
    before = source.fingerprint()
    assert source.fingerprint() == before
    write({"log.csv": GOOD + "1,2,3,4\n"})
    assert source.fingerprint() != before


def test_what_it_gives_follows_from_the_columns() -> None:
    assert Table(events="log.csv", columns=COLUMNS).gives == {"data.time", "data.rating"}
    bare = {"user": {"user": "id"}, "item": {"item": "id"}}
    assert Table(events="log.csv", columns=bare).gives == frozenset()


def test_impressions_are_as_declared(here: Path) -> None:
    write({"log.csv": GOOD})
    assert load(impressions=True).impressions


PARQUET = {
    "user": {"user": "id"},
    "item": {"item": "id", "where": "geo", "kinds": "categories"},
    "context": {"at": "time", "page": "category"},
    "feedback": {"click": "flag", "rating": "number"},
}


def parquet(**columns: Any) -> pl.DataFrame:
    log = {
        "user": ["a"],
        "item": [3],
        "at": [datetime(2025, 6, 1, 12)],
        "page": ["x"],
        "click": [1],
        "rating": [4],
    }
    return pl.DataFrame({**log, **columns})


def test_parquet_keeps_its_types(here: Path) -> None:
    parquet(page=pl.Series(["x"], dtype=pl.Categorical), click=[1.0]).write_parquet("log.parquet")
    pl.DataFrame({"item": [3.0], "where": [[1, 2]], "kinds": [["b", "", "a", "b "]]}).write_parquet(
        "items.parquet"
    )
    events = load(events="log.parquet", items="items.parquet", columns=PARQUET)
    assert events.log.rows() == [(0, 0, int(datetime(2025, 6, 1, 12, tzinfo=UTC).timestamp()), "x", True, 4.0)]
    assert events.items.rows() == [(3, [1.0, 2.0], ["b", "a"])]


def test_parquet_times_with_a_zone_are_moments(here: Path) -> None:
    moment = pl.Series([datetime(2025, 6, 1, 12)]).dt.replace_time_zone("Europe/Berlin")
    parquet(at=moment).write_parquet("log.parquet")
    columns = {**PARQUET, "item": {"item": "id"}}
    log = load(events="log.parquet", columns=columns).log
    assert log["time"].item() == int(datetime(2025, 6, 1, 10, tzinfo=UTC).timestamp())


PARQUET_MISTAKES = [
    (
        "a list for a number",
        {"rating": [[4.0]]},
        ": column 'rating' is List(Float64), which cannot be read as number",
    ),
    ("not a number", {"rating": [float("nan")]}, ": row 1, column 'rating': nan is no number"),
    ("an id with a fraction", {"item": [3.5]}, ": row 1, column 'item': 3.5 is no id"),
    ("a flag of 2", {"click": [2]}, ": row 1, column 'click': 2 is no flag"),
    ("a flag of 0.7", {"click": [0.7]}, ": row 1, column 'click': 0.7 is no flag"),
    (
        "a missing click",
        {"click": pl.Series([None], dtype=pl.Boolean)},
        ": row 1, column 'click': the value is miss",
    ),
    ("milliseconds", {"at": [881250949000]}, ": row 1, column 'at': 881250949000 is no time in seconds"),
    ("a moment for a number", {"rating": [datetime(2025, 6, 1)]}, ": column 'rating' is Datetime("),
    ("a clock time", {"at": [time(12)]}, ": column 'at' is Time, which cannot be read as time"),
]


@pytest.mark.parametrize(
    ("columns", "message"), [m[1:] for m in PARQUET_MISTAKES], ids=[m[0] for m in PARQUET_MISTAKES]
)
def test_a_mistake_in_parquet_is_named(columns: dict[str, Any], message: str, here: Path) -> None:
    parquet(**columns).write_parquet("log.parquet")
    refused("log.parquet" + message, events="log.parquet", columns={**PARQUET, "item": {"item": "id"}})


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(WORDS, st.integers(-(2**63), 2**63 - 1), st.floats(0, 5)), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_pythons_csv_writes_is_read_back(here: Path, rows: list[tuple[str, int, float]]) -> None:
    with Path("log.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("user", "item", "rating"), *rows])
    columns = {"user": {"user": "id"}, "item": {"item": "id"}, "feedback": {"rating": "number"}}
    events = load(columns=columns)
    users = events.users["user"].gather(events.log["user"]).cast(pl.String)
    items = events.items["item"].gather(events.log["item"])
    assert list(zip(users, items, events.log["rating"], strict=True)) == rows
