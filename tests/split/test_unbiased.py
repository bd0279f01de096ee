"""Against a slow version over rows, and against Coat's own files."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.data.coat import Coat
from recsys.split.unbiased import Unbiased
from recsys.types import Columns, Events, Split, UserError

Row = tuple[int, bool]
rows = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=4, max_size=30)


def events(rows: list[Row], *, time: bool) -> Events:
    moments, drawn = zip(*rows, strict=True)
    log = pl.DataFrame(
        {"user": 0, "item": 0, "time": moments, "random_exposure": drawn, "row": range(len(rows))},
        schema_overrides={"user": pl.UInt32, "item": pl.UInt32, "time": pl.Int64},
    )
    columns = Columns({"u": "id"}, {"i": "id"}, {"at": "time"} if time else {}, {"random_exposure": "flag"})
    one = pl.DataFrame({"u": [0]}), pl.DataFrame({"i": [0]})
    return Events(log if time else log.drop("time"), *one, columns)


def parts(split: Split) -> list[list[int]]:
    return [part.events.log["row"].to_list() for part in (split.train, split.valid, split.test)]


def tried(splitter: Unbiased, log: Events) -> list[list[int]]:
    """The parts of a log that has rows for every part."""
    try:
        return parts(splitter.split(log))
    except UserError:
        assume(False)
        raise


@given(rows, st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_test_part_is_what_was_shown_at_random_and_nothing_else(log: list[Row], time: bool) -> None:
    train, valid, test = tried(Unbiased(valid=0.3), events(log, time=time))
    assert test == [row for row, (_, drawn) in enumerate(log) if drawn]
    assert sorted(train + valid) == [row for row, (_, drawn) in enumerate(log) if not drawn]


@given(rows)
@settings(deadline=None, max_examples=60)
def test_valid_is_the_last_of_the_rest_where_there_is_time(log: list[Row]) -> None:
    train, valid, _ = tried(Unbiased(valid=0.3), events(log, time=True))
    assert max(log[row][0] for row in train) < min(log[row][0] for row in valid)
    chosen = sorted(moment for moment, drawn in log if not drawn)
    first = chosen[round(len(chosen) * 0.7)]
    assert valid == [row for row, (moment, drawn) in enumerate(log) if not drawn and moment >= first]


def test_test_rows_before_the_last_of_train_are_counted_in_the_notes() -> None:
    log = events([(1, False), (5, False), (9, False), (2, True), (4, True), (5, True), (7, True)], time=True)
    split = Unbiased(valid=0.3).split(log)
    assert parts(split) == [[0, 1], [2], [3, 4, 5, 6]]
    assert split.notes[0].startswith("2 test rows are earlier than the last of train")


def test_valid_is_a_share_at_random_by_seed_where_there_is_no_time() -> None:
    log = events([(0, row % 5 == 0) for row in range(100)], time=False)
    first, again, other = (parts(Unbiased(valid=0.25, seed=seed).split(log)) for seed in (1, 1, 2))
    assert first == again
    assert first[1] != other[1]
    assert [len(part) for part in first] == [60, 20, 20]


def test_without_a_share_there_is_no_validation_part() -> None:
    for time in (True, False):
        train, valid, test = parts(Unbiased(valid=0.0).split(events([(1, False), (2, True)], time=time)))
        assert (train, valid, test) == ([0], [], [1])


def test_a_log_without_either_kind_and_an_unknown_row_are_refused() -> None:
    with pytest.raises(UserError, match="the test part would have no rows of 3"):
        Unbiased(valid=0.0).split(events([(0, False)] * 3, time=False))
    with pytest.raises(UserError, match="the training part would have no rows of 3"):
        Unbiased(valid=0.0).split(events([(0, True)] * 3, time=False))
    with pytest.raises(UserError, match=r"split\.valid=1"):
        Unbiased(valid=1.0)
    log = events([(0, False), (1, True), (2, False)], time=False)
    unknown = log.log.with_columns(random_exposure=pl.Series([False, True, None]))
    with pytest.raises(UserError, match="row 3 of the log has no random_exposure"):
        Unbiased().split(Events(unknown, log.users, log.items, log.columns))


def test_coat_is_tested_on_its_test_file(recsys_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA", str(recsys_data))
    split = Unbiased().split(Coat().load())
    assert [len(part.events.log) for part in (split.train, split.valid, split.test)] == [6_264, 696, 4_640]
    grid = np.zeros((290, 300))
    test = split.test.events.log
    grid[test["user"], test["item"]] = test["rating"]
    assert (grid == np.loadtxt(recsys_data / "coat/test.ascii")).all()
