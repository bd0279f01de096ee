"""The given split against its column read row by row, and Python's `round` for each user's validation rows."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.split.given import Given
from recsys.types import Columns, Events, Split, UserError

Row = tuple[int, int]
rows = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 0, 0, 2])), max_size=80)


def events(log: list[Row]) -> Events:
    frame = pl.DataFrame(
        {"user": [u for u, _ in log], "part": [p for _, p in log], "row": range(len(log))},
        schema={"user": pl.UInt32, "part": pl.Int8, "row": pl.Int64},
    ).with_columns(item=pl.col("user"), label=pl.lit(1.0, pl.Float32))
    users, items = pl.DataFrame({"u": range(4)}), pl.DataFrame({"i": range(4)})
    return Events(frame, users, items, Columns(user={"u": "id"}, item={"i": "id"}))


def parts(split: Split) -> tuple[list[int], list[int], list[int]]:
    train, valid, test = (p.events.log["row"].to_list() for p in (split.train, split.valid, split.test))
    return train, valid, test


def published(log: list[Row], mark: int) -> list[int]:
    return [row for row, (_, part) in enumerate(log) if part == mark]


@given(rows)
@settings(deadline=None, max_examples=40)
def test_three_published_parts_are_taken_as_they_are(log: list[Row]) -> None:
    log = [(0, 0), (1, 1), (2, 2), *log]
    split = Given(valid=0.5).split(events(log))
    assert parts(split) == tuple(published(log, mark) for mark in range(3))
    assert split.notes == ("train, valid and test as published",)


@given(rows, st.sampled_from([0.1, 0.25, 0.5, 1.0]), st.integers(0, 3))
@settings(deadline=None, max_examples=80)
def test_without_a_validation_part_it_is_drawn_from_each_users_rows_of_train(
    log: list[Row], share: float, seed: int
) -> None:
    log = [(0, 0)] * 10 + [(1, 2)] + log
    split = Given(valid=share, seed=seed).split(events(log))
    train, valid, test = parts(split)
    assert test == published(log, 2)
    assert sorted(train + valid) == published(log, 0)
    before = Counter(log[row][0] for row in published(log, 0))
    after = Counter(log[row][0] for row in valid)
    assert {user: after[user] for user in before} == {
        u: min(round(n * share), n - 1) for u, n in before.items()
    }
    assert f"valid is {len(valid)} rows at random of the {len(train + valid)} " in split.notes[0]


def test_the_drawing_repeats_itself_by_seed() -> None:
    log = [(n % 4, 0) for n in range(200)] + [(0, 2)]
    assert parts(Given(seed=1).split(events(log))) == parts(Given(seed=1).split(events(log)))
    assert parts(Given(seed=1).split(events(log))) != parts(Given(seed=2).split(events(log)))


def test_nothing_is_drawn_where_no_validation_part_is_asked_for() -> None:
    split = Given(valid=0.0).split(events([(0, 0)] * 20 + [(0, 2)]))
    assert parts(split) == (list(range(20)), [], [20])
    assert split.notes == ("train and test as published, no validation part",)


def test_users_of_one_row_each_leave_nothing_to_draw() -> None:
    with pytest.raises(UserError, match="the validation part would have no rows"):
        Given().split(events([(0, 0), (1, 0), (2, 2)]))
