"""Broken files, each written here: the message says what and where, the exit status is 2, nothing is cached.

What is broken, and in which line and column, is known because this file broke it.
"""

import gzip
import io
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.commands import main
from recsys.data.table import Table

COLUMNS = "{user:{user:id},item:{item:id},context:{at:time},feedback:{rating:number}}"
ITEMS = (
    "{user:{user:id},item:{item:id,where:geo,new:flag,price:number},context:{at:time},feedback:{rating:number}}"
)
HEAD = "user,item,rating,at\n"
GOOD = HEAD + "1,2,3,4\n5,6,7,8\n"
ROW = '{"user": 1, "item": 2, "rating": 3, "at": 4}\n'
PLACES = "item,where,new,price\n"


def parquet(**columns: Any) -> bytes:
    """A log in Parquet, some columns replaced, those that are None left out."""
    log: dict[str, Any] = {"user": [1, 5], "item": [2, 6], "rating": [3.0, 7.0], "at": [4, 8], **columns}
    buffer = io.BytesIO()
    pl.DataFrame({name: values for name, values in log.items() if values is not None}).write_parquet(buffer)
    return buffer.getvalue()


def arrow(**columns: Any) -> bytes:
    buffer = io.BytesIO()
    pl.read_parquet(parquet(**columns)).write_ipc(buffer)
    return buffer.getvalue()


def packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


NOISE = "".join(f"{row},{row * 7919 % 104729},3,{row * 31}\n" for row in range(1, 3000))
NOTHING = dict.fromkeys(("user", "item", "rating", "at"), pl.Series([], dtype=pl.Int64))
LOG, GZ, PQ, JSON, IPC = "log.csv", "log.csv.gz", "log.parquet", "log.jsonl", "log.arrow"

LOGS: dict[str, tuple[str, str | bytes, list[str]]] = {
    # encodings
    "latin-1": (LOG, (GOOD + "é,2,3,4\n").encode("latin-1"), ["line 4", "0xe9", "save it as utf-8"]),
    "windows-1252 quotes": (LOG, (GOOD + "“a”,2,3,4\n").encode("cp1252"), ["line 4", "0x93"]),
    "latin-1 in the header": (LOG, "usér,item,rating,at\n1,2,3,4\n".encode("latin-1"), ["line 1", "0xe9"]),
    "UTF-16 with a mark": (LOG, GOOD.encode("utf-16"), ["line 1", "UTF-16", "save it as utf-8"]),
    "UTF-16, big end first": (LOG, b"\xfe\xff" + GOOD.encode("utf-16-be"), ["line 1", "UTF-16"]),
    "UTF-16 without a mark": (LOG, GOOD.encode("utf-16-le"), ["line 1", "NUL byte", "UTF-16"]),
    "a NUL byte": (LOG, GOOD + "1,a\0b,3,4\n", ["line 4", "NUL byte"]),
    "a NUL byte in the header": (LOG, "us\0er,item,rating,at\n1,2,3,4\n", ["line 1", "NUL byte"]),
    "half a character": (LOG, GOOD.encode() + b"\xe2\x82", ["line 4", "0xe2"]),
    "a mark and latin-1": (LOG, b"\xef\xbb\xbf" + (GOOD + "é,2,3,4\n").encode("latin-1"), ["line 4", "0xe9"]),
    # shape
    "empty": (LOG, "", ["the file is empty"]),
    "only blank lines": (LOG, "\n\n\n", ["has no rows"]),
    "only a byte order mark": (LOG, b"\xef\xbb\xbf", ["has no rows"]),
    "only a header": (LOG, HEAD, ["has no rows"]),
    "only a header without an end": (LOG, HEAD.strip(), ["has no rows"]),
    "too many fields": (LOG, GOOD + "1,2,3,4,5\n", ["line 4 has 5 fields", "the first line has 4"]),
    "too few fields": (LOG, GOOD + "1,2,3\n", ["line 4 has 3 fields", "the first line has 4"]),
    "one field too many in every row": (LOG, HEAD + "1,2,3,4,5\n6,7,8,9,0\n", ["line 2 has 5 fields"]),
    "a decimal comma without quotes": (LOG, GOOD + "1,2,3,5,4\n", ["line 4 has 5 fields"]),
    "two rows in one line": (LOG, GOOD + "1,2,3,4 1,2,3,4\n", ["line 4 has 7 fields"]),
    "a file that breaks off": (LOG, GOOD + "1,2", ["line 4 has 2 fields"]),
    "semicolons": (LOG, GOOD.replace(",", ";"), ["'item'", "another separator?"]),
    "tabs": (LOG, GOOD.replace(",", "\t"), ["'item'", "another separator?"]),
    "commas in a .tsv": ("log.tsv", GOOD, ["'item'", "another separator?"]),
    "a quote that stays open": (LOG, GOOD + '1,"2,3,4\n5,6,7,8\n', ["line 4", "quote is out of place"]),
    "text after a quote": (LOG, GOOD + '1,"2"x,3,4\n', ["line 4", "quote is out of place"]),
    "no header": (LOG, "1,2,3,4\n5,6,7,8\n", ["no column 'user'", "'1', '2', '3', '4'; does the first line"]),
    "a missing column": (LOG, "user,item,at\n1,2,4\n", ["no column 'rating'"]),
    "spaces in the header": (LOG, "user, item,rating,at\n1,2,3,4\n", ["no column 'item'", "' item'"]),
    "capitals in the header": (LOG, GOOD.replace("item", "Item"), ["no column 'item'", "did you mean 'Item'?"]),
    "a name twice": (LOG, "user,item,rating,at,at\n1,2,3,4,5\n", ["line 1", "'at' stands twice"]),
    "a title above the header": (LOG, "Export of June\n" + GOOD, ["line 2 has 4 fields", "first line has 1"]),
    "old line ends": (LOG, (GOOD + "1,2,x,4\n").replace("\n", "\r"), ["line 4, column 'rating'"]),
    "Windows line ends": (LOG, (GOOD + "1,2,x,4\n").replace("\n", "\r\n"), ["line 4, column 'rating'", "'x'"]),
    # values
    "NaN": (LOG, GOOD + "1,2,NaN,4\n", ["line 4, column 'rating'", "NaN"]),
    "a hyphen for nothing": (LOG, GOOD + "1,2,-,4\n", ["line 4, column 'rating'", "'-'"]),
    "NULL for nothing": (LOG, GOOD + "1,2,NULL,4\n", ["line 4, column 'rating'", "'NULL'"]),
    "a word for a number": (LOG, GOOD + "1,2,good,4\n", ["line 4, column 'rating'", "'good'"]),
    "thousands": (LOG, GOOD + '1,2,"1,000",4\n', ["line 4, column 'rating'", "'1,000'"]),
    "a number beyond all": (LOG, GOOD + "1,2,1e400,4\n", ["line 4, column 'rating'"]),
    "no rating": (LOG, GOOD + "1,2,,4\n", ["line 4, column 'rating'", "missing"]),
    "no user": (LOG, GOOD + ",2,3,4\n", ["line 4, column 'user'", "missing"]),
    "no item": (LOG, GOOD + "1,,3,4\n", ["line 4, column 'item'", "missing"]),
    "no time": (LOG, GOOD + "1,2,3,\n", ["line 4, column 'at'", "missing"]),
    "milliseconds": (LOG, HEAD + "1,2,3,1748779200000\n", ["line 2, column 'at'", "time_unit=milliseconds"]),
    "one in milliseconds": (LOG, GOOD + "1,2,3,1748779200000\n", ["line 4, column 'at'", "milliseconds"]),
    "microseconds": (LOG, HEAD + "1,2,3,1748779200000000\n", ["line 2, column 'at'", "time_unit=microseconds"]),
    "a negative time": (LOG, GOOD + "1,2,3,-4\n", ["line 4, column 'at'", "before 1970"]),
    "a time beyond int64": (LOG, GOOD + "1,2,3,99999999999999999999\n", ["line 4, column 'at'", "in any unit"]),
    "dates of two kinds": (LOG, HEAD + "1,2,3,2025-06-01\n1,2,3,1748779200\n", ["line 3, column 'at'"]),
    "an American date": (LOG, HEAD + "1,2,3,06/01/2025\n", ["line 2, column 'at'", "'06/01/2025'"]),
    "the 30th of February": (LOG, HEAD + "1,2,3,2025-02-30\n", ["line 2, column 'at'", "'2025-02-30'"]),
    # compressed
    "no bytes of gzip": (GZ, b"", ["the file is empty"]),
    "gzip of nothing": (GZ, packed(""), ["has no rows"]),
    "gzip that breaks off": (GZ, packed(HEAD + NOISE)[:-400], ["line ", "compressed file is damaged"]),
    "gzip with a wrong sum": (GZ, packed(GOOD)[:-8] + b"\0" * 8, ["compressed file is damaged"]),
    "text named gzip": (GZ, GOOD, ["compressed file is damaged"]),
    "latin-1 in gzip": (GZ, gzip.compress((GOOD + "é,2,3,4\n").encode("latin-1")), ["line 4", "0xe9"]),
    "a word for a number in gzip": (GZ, packed(GOOD + "1,2,x,4\n"), ["line 4, column 'rating'"]),
    # Parquet and Arrow
    "Parquet without rows": (PQ, parquet(**NOTHING), ["has no rows"]),
    "Parquet that breaks off": (PQ, parquet()[:-40], ["cannot be read as Parquet"]),
    "Parquet without an end": (PQ, parquet()[:100], ["cannot be read as Parquet"]),
    "text named Parquet": (PQ, GOOD, ["cannot be read as Parquet"]),
    "no bytes of Parquet": (PQ, b"", ["the file is empty"]),
    "packed Parquet": ("log.parquet.gz", gzip.compress(parquet(), mtime=0), ["compressed in itself", "gunzip"]),
    "Parquet without a column": (PQ, parquet(item=None), ["no column 'item'"]),
    "lists in Parquet": (PQ, parquet(rating=[[1.0], [2.0]]), ["column 'rating' is List(Float64)", "number"]),
    "lists for ids in Parquet": (PQ, parquet(user=[[1], [2]]), ["column 'user' is List(Int64)", "id"]),
    "words in Parquet": (PQ, parquet(rating=["3", "good"]), ["row 2, column 'rating'", "'good'"]),
    "bytes in Parquet": (PQ, parquet(rating=[b"\xff", b"3"]), ["column 'rating' is Binary"]),
    "NaN in Parquet": (PQ, parquet(rating=[3.0, float("nan")]), ["row 2, column 'rating'", "nan"]),
    "a missing id in Parquet": (PQ, parquet(user=[1, None]), ["row 2, column 'user'", "missing"]),
    "half an id in Parquet": (PQ, parquet(user=[1.0, 1.5]), ["row 2, column 'user'", "1.5"]),
    "years beyond in Parquet": (PQ, parquet(at=[4, 1748779200000]), ["row 2, column 'at'", "milliseconds"]),
    "before 1970 in Parquet": (PQ, parquet(at=[date(2025, 1, 1), date(1969, 1, 1)]), ["row 2", "1969-01-01"]),
    "objects in Parquet": (PQ, parquet(user=[{"id": 1}, {"id": 2}]), ["column 'user' is Struct", "id"]),
    "text named Arrow": (IPC, GOOD, ["cannot be read as Arrow"]),
    "Arrow that breaks off": (IPC, arrow()[:-30], ["cannot be read as Arrow"]),
    "words in Arrow": (IPC, arrow(rating=["3", "good"]), ["row 2, column 'rating'", "'good'"]),
    # JSON Lines
    "a broken line": (JSON, ROW + '{"user": 1, "item"\n', ["line 2", "is no JSON (Expecting ':' delimiter"]),
    "a line that breaks off": (JSON, ROW * 3 + ROW[:-4], ["line 4", "is no JSON"]),
    "one array of all": (JSON, f"[{ROW.strip()},{ROW.strip()}]\n", ["line 1", "is a JSON list"]),
    "an array among objects": (JSON, ROW + "[1, 2, 3, 4]\n", ["line 2", "is a JSON list"]),
    "a number among objects": (JSON, ROW + "\n5\n", ["line 3", "is a JSON number"]),
    "two objects in a line": (JSON, ROW.strip() * 2, ["line 1", "is no JSON"]),
    "a key less": (JSON, ROW + '{"user": 1, "rating": 3, "at": 4}\n', ["line 2, column 'item'", "missing"]),
    "a misspelt key": (JSON, ROW + ROW.replace("rating", "ratng"), ["line 2, column 'rating'", "missing"]),
    "a null": (JSON, ROW + "\n" + ROW.replace("3", "null"), ["line 3, column 'rating'", "missing"]),
    "NaN in JSON": (JSON, ROW + ROW.replace("3", "NaN"), ["line 2", "NaN is no number of JSON"]),
    "a list for a number": (JSON, ROW + ROW.replace("3", "[3]"), ["line 2, column 'rating'", "list"]),
    "a flag for a number": (JSON, ROW + ROW.replace("3", "true"), ["line 2, column 'rating'", "flag"]),
    "a word in JSON": (JSON, ROW + ROW.replace("3", '"good"'), ["line 2, column 'rating'", "'good'"]),
    "single quotes": (JSON, ROW.replace('"', "'"), ["line 1", "is no JSON"]),
    "CSV named JSON": (JSON, GOOD, ["line 1", "is no JSON"]),
    "empty objects": (JSON, "{}\n{}\n", ["no column 'user'; it has no columns"]),
    "blank lines of JSON": (JSON, "\n\n", ["has no rows"]),
    "latin-1 in JSON": (JSON, (ROW + ROW.replace("1", '"é"')).encode("latin-1"), ["line 2", "0xe9"]),
    "UTF-16 in JSON": (JSON, ROW.encode("utf-16"), ["line 1", "UTF-16"]),
    "a NUL byte in JSON": (JSON, ROW + ROW.replace("1", '"a\0"'), ["line 2", "NUL byte"]),
    "packed JSON that breaks off": ("log.jsonl.gz", packed(ROW * 3)[:-9], ["compressed file is damaged"]),
}  # fmt: skip
"""By what is broken: the name of the log, what stands in it, and what is said beside the name."""

ITEM_FILES: dict[str, tuple[str, str, list[str]]] = {
    "an item twice": ("items.csv", PLACES + "2,,,\n6,,,\n2,,,\n", ["line 4, column 'item'", "2 stands twice"]),
    "an item without an id": ("items.csv", PLACES + "2,,,\n,,,\n", ["line 3, column 'item'", "missing"]),
    "a place beyond the pole": ("items.csv", PLACES + "2,91;0,,\n", ["line 2, column 'where'", "'91;0'"]),
    "a place of three numbers": ("items.csv", PLACES + "2,1;2;3,,\n", ["line 2, column 'where'", "'1;2;3'"]),
    "a place with a comma": ("items.csv", PLACES + '2,"52,5;13",,\n', ["line 2, column 'where'", "'52,5;13'"]),
    "no flag": ("items.csv", PLACES + "2,,maybe,\n", ["line 2, column 'new'", "'maybe'"]),
    "a flag of 2": ("items.csv", PLACES + "2,,1,\n6,,2,\n", ["line 3, column 'new'", "'2'"]),
    "a currency": ("items.csv", PLACES + "2,,,9.99 €\n", ["line 2, column 'price'", "'9.99 €'"]),
    "an item twice in JSON": (
        "items.jsonl",
        '{"item": 2, "where": null, "new": true, "price": 1}\n' * 2,
        ["line 2, column 'item'", "2 stands twice"],
    ),
    "a place in JSON": (
        "items.jsonl",
        '{"item": 2, "where": [52.5, 200], "new": true, "price": 1}\n',
        ["line 1, column 'where'", "is no place"],
    ),
}


def cached(cache: Path) -> list[Path]:
    """The entries of a cache, locks aside."""
    return [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"]


def check_refused(words: list[str], name: str, parts: list[str], error: str, cache: Path) -> None:
    for part in (name, *parts):
        assert part in error
    assert "Traceback" not in error
    assert all(line.startswith("error: ") for line in error.splitlines())
    assert cached(cache) == []


@pytest.fixture
def cache(workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own for the test, in whose empty folder it runs."""
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)


def train(events: str, columns: str = COLUMNS, **more: str) -> list[str]:
    words = [f"data.{key}={value}" for key, value in {"events": events, "columns": columns, **more}.items()]
    return ["train", "data=table", *words, "model=popularity", "split=random"]


@pytest.mark.parametrize("case", LOGS)
def test_a_broken_log_is_refused(case: str, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, content, parts = LOGS[case]
    write({name: content})
    assert main(train(name)) == 2
    check_refused(train(name), name, parts, capsys.readouterr().err, cache)
    assert [path.name for path in Path().iterdir()] == [name]


@pytest.mark.parametrize("case", ITEM_FILES)
def test_a_broken_file_of_items_is_refused(case: str, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, content, parts = ITEM_FILES[case]
    write({LOG: GOOD, name: content})
    words = train(LOG, ITEMS, items=name)
    assert main(words) == 2
    check_refused(words, name, parts, capsys.readouterr().err, cache)


def test_a_folder_is_refused(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("log").mkdir()
    write({"log/1.csv": GOOD})
    assert main(train("log")) == 2
    check_refused([], "data.events: log: is a folder", ["log/*.csv"], capsys.readouterr().err, cache)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions: root reads everything")
def test_a_file_that_may_not_be_read_is_refused(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write({LOG: GOOD})
    Path(LOG).chmod(0)
    assert main(train(LOG)) == 2
    check_refused([], LOG, ["Permission denied"], capsys.readouterr().err, cache)


def test_a_link_to_nothing_is_refused(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(LOG).symlink_to("gone.csv")
    assert main(train(LOG)) == 2
    check_refused([], LOG, ["no such file"], capsys.readouterr().err, cache)


BOTH = {"user": {"user": "id"}, "item": {"item": "id"}, "feedback": {"rating": "number"}}
FINE: dict[str, tuple[str, str | bytes, list[object]]] = {
    "a byte order mark": (LOG, b"\xef\xbb\xbf" + GOOD.encode(), [1, 5]),
    "a byte order mark in JSON": (JSON, b"\xef\xbb\xbf" + ROW.encode(), [1]),
    "Windows line ends": (LOG, GOOD.replace("\n", "\r\n"), [1, 5]),
    "old line ends": (LOG, GOOD.replace("\n", "\r"), [1, 5]),
    "Windows line ends in JSON": (JSON, ROW.replace("\n", "\r\n") * 2, [1]),
    "blank lines in JSON": (JSON, "\n" + ROW + "\n\n" + ROW.replace("1", "5"), [1, 5]),
    "no line end": (LOG, GOOD.rstrip(), [1, 5]),
    "ids of two kinds": (LOG, HEAD + "1,2,3,4\na,2,3,4\n", ["1", "a"]),
    "ids of two kinds in JSON": (JSON, ROW + ROW.replace("1", '"a"'), ["1", "a"]),
    "ids beyond int64": (LOG, HEAD + "9223372036854775808,2,3,4\n7,2,3,4\n", ["9223372036854775808", "7"]),
    "ids beyond int64 in JSON": (JSON, ROW.replace("1", "99999999999999999999"), ["99999999999999999999"]),
    "the largest int64": (LOG, HEAD + "9223372036854775807,2,3,4\n", [9223372036854775807]),
    "packed JSON": ("log.ndjson.gz", packed(ROW), [1]),
    "Arrow": (IPC, arrow(), [1, 5]),
    "Parquet with numbers as text": (PQ, parquet(user=["7", "8"]), [7, 8]),
}


@pytest.mark.parametrize("case", FINE)
def test_what_looks_strange_and_is_fine_is_read(case: str, workplace: Path) -> None:
    name, content, users = FINE[case]
    write({name: content})
    events = Table(events=name, columns=BOTH).load()
    assert events.users["user"].to_list() == users
