"""Contents in pieces, against the same file read whole by polars and a dictionary that numbers ids."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.data.table import Table
from recsys.ops import contents, keys
from recsys.ops.casting import Form
from recsys.ops.lines import Dialect
from recsys.ops.reading import read
from recsys.types import UserError

COLUMNS = {"user": {"who": "id"}, "item": {"what": "id"}, "feedback": {"stars": "number"}}
USERS = ["ann", "bob", "ann", "eve", "7", "bob", "dan"]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Seven rows, read in pieces of two."""
    monkeypatch.setattr(contents, "PIECE", 2)
    frame = pl.DataFrame({"who": USERS, "what": range(7, 0, -1), "stars": [float(n) for n in range(7)]})
    frame.with_columns(more=pl.lit("never read")).write_parquet(tmp_path / "log.parquet", row_group_size=3)
    return tmp_path / "log.parquet"


def test_a_column_in_pieces_is_the_column(log: Path) -> None:
    read_lazily = read(log, Dialect())
    pieces = list(read_lazily.pieces("who"))
    assert [start for start, _ in pieces] == [0, 2, 4, 6]
    assert [value for _, piece in pieces for value in piece] == USERS == read_lazily.column("who").to_list()
    assert (read_lazily.rows, read_lazily.columns) == (7, ["who", "what", "stars", "more"])


def test_ids_are_numbered_as_they_appear_in_pieces_too(log: Path) -> None:
    events = Table(events=str(log), columns=COLUMNS).load()
    order = list(dict.fromkeys(USERS))
    assert events.users["who"].to_list() == order
    assert events.log["user"].to_list() == [order.index(user) for user in USERS]
    assert events.items["what"].to_list() == list(range(7, 0, -1))
    assert events.log["stars"].to_list() == [float(n) for n in range(7)]


def test_only_declared_columns_are_read_one_at_a_time(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, collect = [], pl.LazyFrame.collect

    def watched(frame: pl.LazyFrame, *args: Any, **kwargs: Any) -> Any:
        done = collect(frame, *args, **kwargs)
        if Path(log).name in frame.explain():
            asked.append(tuple(done.columns))
        return done

    monkeypatch.setattr(pl.LazyFrame, "collect", watched)
    Table(events=str(log), columns=COLUMNS).load()
    assert set(asked) - {("len",)} == {("who",), ("what",), ("stars",)}


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["1", "2", "3"], [1, 2, 3]),
        (["1", "2", "03"], ["1", "2", "03"]),
        ([None, None, "3"], [None, None, 3]),
        ([None, None, "x"], [None, None, "x"]),
        ([None, None, None], [None, None, None]),
    ],
)
def test_ids_are_numbers_where_those_of_all_pieces_are(
    values: list[str | None], wanted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "PIECE", 2)
    frame = pl.DataFrame({"who": values}, schema={"who": pl.String})
    assert keys.read(contents.Contents("a log", frame), "who", Form()).to_list() == wanted


def test_ids_of_several_files_are_text_where_those_of_one_are(tmp_path: Path) -> None:
    for name, who in (("1.parquet", ["3", "1"]), ("2.parquet", ["x", "3"])):
        frame = pl.DataFrame({"who": who, "what": [1, 2], "stars": [1.0, 2.0]})
        frame.write_parquet(tmp_path / name)
    events = Table(events=str(tmp_path / "*.parquet"), columns=COLUMNS).load()
    assert events.users["who"].to_list() == ["3", "1", "x"]
    assert events.log["user"].to_list() == [0, 1, 2, 0]


def test_a_bad_id_in_a_later_piece_is_named_by_its_row(log: Path) -> None:
    frame = pl.read_parquet(log).with_columns(what=pl.Series([1.0, 2, 3, 4, 5, 6.5, 7]))
    frame.write_parquet(log)
    with pytest.raises(UserError, match=r"row 6, column 'what': 6\.5 is no id"):
        Table(events=str(log), columns=COLUMNS).load()


def test_a_column_that_is_damaged_is_named(tmp_path: Path) -> None:
    file = tmp_path / "log.parquet"
    pl.DataFrame({"who": ["ann"] * 100, "what": [1] * 100, "stars": [1.0] * 100}).write_parquet(file)
    content = bytearray(file.read_bytes())
    content[4:24] = b"\xff" * 20
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"log\.parquet: column 'who' cannot be read: "):
        Table(events=str(file), columns=COLUMNS).load()
