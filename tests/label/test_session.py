"""Against pairs found by two loops over each user's events."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.label.session import Session
from recsys.types import Columns, Events, UserError

Row = tuple[int, int, int, int, bool | None]
rows = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.integers(0, 30), st.integers(0, 1), st.none() | st.booleans()
    ),
    min_size=1,
    max_size=25,
)


def logged(rows: list[Row], impressions: bool = True) -> Events:
    schema = {
        "user": pl.UInt32,
        "item": pl.UInt32,
        "time": pl.Int64,
        "visit": pl.Int64,
        "click": pl.Boolean,
        "row": pl.Int64,
    }
    log = pl.DataFrame([(*row, n) for n, row in enumerate(rows)], schema=schema, orient="row")
    columns = Columns({"u": "id"}, {"i": "id"}, {"at": "time", "visit": "id"}, {"click": "flag"})
    items = pl.DataFrame({"i": ["a", "b", "c", "d"]})
    return Events(log, pl.DataFrame({"u": range(3)}), items, columns, impressions)


def slow(rows: list[Row], seconds: int, most: int, within: bool) -> list[tuple[int, str, float]]:
    pairs = []
    for n, (user, item, time, visit, click) in enumerate(rows):
        before = [
            (t, m, i)
            for m, (u, i, t, v, c) in enumerate(rows)
            if u == user and c and (t, m) < (time, n) and time - t <= seconds and i != item
            if not within or v == visit
        ]
        latest = sorted(before, reverse=True)[:most]
        pairs += [(n, "abcd"[i], float(bool(click))) for _, _, i in latest]
    return pairs


@given(rows, st.sampled_from([1, 2, 5]), st.booleans())
@settings(deadline=None, max_examples=150)
def test_each_event_is_paired_with_what_its_user_took_up_within_the_window(
    rows: list[Row], most: int, within: bool
) -> None:
    rule = Session(seconds=7, most=most, within="visit" if within else None)
    wanted = slow(rows, 7, most, within)
    if not any(label for *_, label in wanted):
        with pytest.raises(UserError, match=r"label\.seconds=7: no row is positive"):
            rule.apply(logged(rows))
        return
    done = rule.apply(logged(rows))
    assert list(done.log.select("row", "query_item", "label").iter_rows()) == wanted
    assert done.log["label"].dtype == pl.Float32


def test_a_row_keeps_the_time_of_its_event_so_that_the_query_item_was_known() -> None:
    rows: list[Row] = [(0, 0, 0, 0, True), (0, 1, 5, 0, True), (0, 2, 9, 0, False)]
    log = Session(seconds=9).apply(logged(rows)).log
    assert log.select("item", "time", "query_item", "label").rows() == [
        (1, 5, "a", 1),
        (2, 9, "b", 0),
        (2, 9, "a", 0),
    ]


def test_the_query_item_is_a_context_column() -> None:
    done = Session(seconds=9).apply(logged([(0, 0, 0, 0, True), (0, 1, 5, 0, True)]))
    assert done.columns.context == {"at": "time", "visit": "id", "query_item": "category"}
    assert dict(Session.adds) == {"query_item": "category"}


def test_without_a_condition_every_row_was_taken_up() -> None:
    rule = Session(seconds=9, where=None)
    log = rule.apply(logged([(0, 0, 0, 0, False), (0, 1, 5, 0, None)], impressions=False)).log
    assert log.select("query_item", "label").rows() == [("a", 1)]
    assert rule.gives == frozenset()
    with pytest.raises(UserError, match="the rows are impressions"):
        rule.apply(logged([(0, 0, 0, 0, True)]))


def test_a_session_column_that_is_not_there_is_refused() -> None:
    rows: list[Any] = [(0, 0, 0, 0, True), (0, 1, 5, 0, True)]
    with pytest.raises(UserError, match=r"label\.within=trip: .* it has at, visit"):
        Session(within="trip").apply(logged(rows))
