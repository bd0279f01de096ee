"""Against the definition, row by row: the amount where there is one, capped, and its logarithm."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.label.regression import Regression
from recsys.types import Columns, Events, UserError

Row = tuple[bool | None, float | None]


def shown(rows: list[Row]) -> Events:
    log = pl.DataFrame(rows, schema={"click": pl.Boolean, "dwell_seconds": pl.Float64}, orient="row")
    return Events(
        log=log.with_columns(user=pl.lit(0, pl.UInt32), item=pl.int_range(pl.len(), dtype=pl.UInt32)),
        users=pl.DataFrame({"u": [7]}),
        items=pl.DataFrame({"i": range(len(rows))}),
        columns=Columns(
            user={"u": "id"}, item={"i": "id"}, feedback={"click": "flag", "dwell_seconds": "number"}
        ),
        impressions=True,
    )


@given(
    st.lists(st.tuples(st.none() | st.booleans(), st.none() | st.floats(0, 100, width=32)), min_size=1),
    st.sampled_from([None, 20.0]),
    st.booleans(),
)
def test_the_label_is_the_amount_and_rows_without_one_are_left_out(
    rows: list[Row], cap: float | None, log: bool
) -> None:
    wanted = [(i, seconds) for i, (click, seconds) in enumerate(rows) if click and seconds is not None]
    label = Regression(cap=cap, log=log)
    if not any(seconds for _, seconds in wanted):
        with pytest.raises(UserError, match=r"label\.column=dwell_seconds: no row is positive"):
            label.apply(shown(rows))
        return
    labelled = label.apply(shown(rows)).log
    assert labelled["item"].to_list() == [i for i, _ in wanted]
    assert labelled["label"].dtype == pl.Float32
    amounts = [min(seconds, cap or math.inf) for _, seconds in wanted]
    expected = [math.log1p(amount) for amount in amounts] if log else amounts
    assert labelled["label"].to_list() == pytest.approx(expected)


def test_without_a_condition_every_value_counts() -> None:
    labelled = Regression(where=None).apply(shown([(False, 0.0), (None, 3.0), (True, math.nan), (True, None)]))
    assert labelled.log["label"].to_list() == [0, 3]


def test_a_negative_amount_has_no_logarithm() -> None:
    rows: list[Row] = [(True, 3.0), (True, -0.5)]
    assert Regression().apply(shown(rows)).log["label"].to_list() == [3, -0.5]
    with pytest.raises(UserError, match=r"label\.log=true: dwell_seconds is -0\.5 in a row"):
        Regression(log=True).apply(shown(rows))


def test_a_column_that_is_no_number_is_refused() -> None:
    with pytest.raises(UserError, match=r"label\.column=click: is declared as flag; it takes .* number"):
        Regression(column="click").apply(shown([(True, 1.0)]))


def test_it_needs_the_columns_it_is_given_and_gives_amounts() -> None:
    assert [need.what for need in Regression(column="rating", where=None).needs] == ["data.rating"]
    assert [need.what for need in Regression().needs] == ["data.dwell_seconds", "data.click"]
    assert Regression.gives == {"label.real"}
