"""Against the definition, row by row; and that training is the same whatever happens after the cut-off."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.label.delayed import Delayed
from recsys.ops.settling import settle
from recsys.split.random import Random
from recsys.split.temporal import Temporal
from recsys.types import Columns, Events, Split, UserError

Row = tuple[int, int, int, str]
rows = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 2), st.integers(0, 40), st.sampled_from(["view", "cart", "purchase"])
    ),
    min_size=6,
    max_size=40,
)
SCHEMA = {"user": pl.UInt32, "item": pl.UInt32, "time": pl.Int64, "event": pl.String, "row": pl.Int64}


def logged(rows: list[Row]) -> Events:
    log = pl.DataFrame([(*row, n) for n, row in enumerate(rows)], schema=SCHEMA, orient="row")
    columns = Columns({"u": "id"}, {"i": "id"}, {"at": "time"}, {"event": "category"})
    return Events(log, pl.DataFrame({"u": range(2)}), pl.DataFrame({"i": range(3)}), columns)


@given(rows)
@settings(deadline=None)
def test_a_view_is_positive_where_a_purchase_of_the_pair_follows_in_time(rows: list[Row]) -> None:
    last = max(time for *_, time, _ in rows)
    wanted = [
        (n, float(any(r[:2] == (u, i) and r[3] == "purchase" and t <= r[2] <= t + 6 for r in rows)), t + 6)
        for n, (u, i, t, event) in enumerate(rows)
        if event == "view" and t + 6 <= last
    ]
    if not any(label for _, label, _ in wanted):
        with pytest.raises(UserError, match=r"label\.seconds=6: no row is positive"):
            Delayed(seconds=6).apply(logged(rows))
        return
    log = Delayed(seconds=6).apply(logged(rows)).log
    assert log.select("row", "label", "label.closes").rows() == wanted


def test_an_outcome_with_its_own_time_counts_in_the_window_alone() -> None:
    rows = [(0, True, 10), (1, True, 11), (2, True, None), (3, True, 2), (4, False, None), (14, True, 20)]
    log = pl.DataFrame(rows, schema={"time": pl.Int64, "click": pl.Boolean, "bought": pl.Int64}, orient="row")
    log = log.with_columns(user=pl.lit(0, pl.UInt32), item=pl.lit(0, pl.UInt32))
    columns = Columns({"u": "id"}, {"i": "id"}, {"at": "time"}, {"bought": "time", "click": "flag"})
    events = Events(log, pl.DataFrame({"u": [0]}), pl.DataFrame({"i": [0]}), columns)
    done = Delayed(seconds=10, at="bought", where="click").apply(events).log
    assert done.select("time", "label", "label.closes").rows() == [
        (0, 1, 10),
        (1, 1, 11),
        (2, 0, 12),
        (3, 0, 13),
    ]


def test_a_purchase_in_the_last_second_of_the_window_counts() -> None:
    rows = [(0, 0, 0, "view"), (0, 0, 6, "purchase"), (0, 1, 0, "view"), (0, 1, 7, "purchase")]
    assert Delayed(seconds=6).apply(logged(rows)).log["label"].to_list() == [1, 0]


ANCHORS: list[Row] = [(0, 0, 0, "view"), (0, 0, 3, "purchase"), (0, 1, 16, "view"), (0, 2, 30, "view")]
"""In every part something is known in time."""


def cut(log: list[Row]) -> Split:
    return settle(TIMES.split(Delayed(seconds=6).apply(logged(log))))


TIMES = Temporal(valid_from="1970-01-01T00:00:15", test_from="1970-01-01T00:00:25")


@given(rows, rows)
@settings(deadline=None, max_examples=150)
def test_nothing_after_the_cut_off_changes_a_training_row(before: list[Row], after: list[Row]) -> None:
    known = [*ANCHORS, (1, 2, 50, "view"), *(row for row in before if row[2] < 15)]
    one = known + [row for row in before if row[2] >= 15]
    other = known + [row for row in after if row[2] >= 15]
    trains = [cut(log).train.events.log for log in (one, other)]
    assert trains[0].equals(trains[1])
    assert trains[0]["label.closes"].max() < 15  # type: ignore[operator]


@given(rows)
@settings(deadline=None, max_examples=80)
def test_open_windows_are_left_out_of_train_and_valid_whatever_their_label(rows: list[Row]) -> None:
    log = [*ANCHORS, (1, 2, 50, "view"), *rows]
    labelled = {row["row"]: row for row in Delayed(seconds=6).apply(logged(log)).log.iter_rows(named=True)}
    split = cut(log)
    parts = [part.events.log["row"].to_list() for part in (split.train, split.valid, split.test)]
    assert parts[0] == [n for n, row in labelled.items() if row["time"] + 6 < 15]
    assert parts[1] == [n for n, row in labelled.items() if row["time"] >= 15 and row["time"] + 6 < 25]
    assert parts[2] == [n for n, row in labelled.items() if row["time"] >= 25]
    late = [sum(a <= row["time"] < b for row in labelled.values()) for a, b in ((9, 15), (19, 25))]
    assert (
        f"{late[0]} training and {late[1]} validation rows whose outcome was not yet known" in split.notes[-1]
    )


def test_a_split_without_cut_offs_is_refused() -> None:
    assert "split.cutoff" in [need.what for need in Delayed().needs]
    assert "split.cutoff" in Temporal.gives
    assert "split.cutoff" not in Random.gives
    rows = [(0, n % 3, n, "view") for n in range(20)] + [(0, 0, 30, "purchase")]
    labelled = Delayed(seconds=30 - 18).apply(logged([*rows, (0, 1, 5, "purchase")]))
    with pytest.raises(UserError, match="choose split=temporal"):
        settle(Random().split(labelled))


def test_a_window_longer_than_the_training_time_is_refused() -> None:
    rows: list[Any] = [(0, 0, 8, "view"), (0, 0, 10, "purchase"), (0, 1, 16, "view"), (0, 1, 26, "view")]
    labelled = Delayed(seconds=9).apply(logged([*rows, (0, 1, 40, "view")]))
    with pytest.raises(
        UserError, match=r"label\.seconds: the outcome of none of the 1 training rows was known"
    ):
        settle(TIMES.split(labelled))


def test_labels_that_are_known_at_once_are_left_alone() -> None:
    events = logged([(0, n % 3, n, "view") for n in range(40)])
    log = events.log.with_columns(label=pl.lit(1.0, pl.Float32))
    split = Temporal().split(Events(log, events.users, events.items, events.columns))
    assert settle(split) is split


def test_it_needs_the_columns_that_it_reads() -> None:
    assert [need.what for need in Delayed(at="bought", where="click").needs][2:] == [
        "data.bought",
        "data.click",
    ]
    assert [need.what for need in Delayed().needs][2:] == ["data.event"]
    with pytest.raises(UserError, match=r"label\.where: goes with label\.at"):
        Delayed(where="click")
