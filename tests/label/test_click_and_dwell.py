"""Against the definition, row by row: clicked, and stayed at least so many seconds."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.label.click_and_dwell import ClickAndDwell
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


@given(st.lists(st.tuples(st.booleans(), st.none() | st.floats(0, 100)), min_size=1))
def test_a_positive_is_clicked_and_stayed_at(rows: list[Row]) -> None:
    wanted = [float(bool(click) and (dwell or 0) >= 10) for click, dwell in rows]
    if not any(wanted):
        with pytest.raises(UserError, match=r"label\.seconds=10: no row is positive"):
            ClickAndDwell().apply(shown(rows))
        return
    assert ClickAndDwell().apply(shown(rows)).log["label"].to_list() == wanted


def test_the_message_names_the_longest_stay_after_a_click() -> None:
    with pytest.raises(UserError, match=r"label\.seconds=30: .* longest stay after a click is 12\.5 seconds"):
        ClickAndDwell(seconds=30).apply(shown([(True, 12.5), (True, 3.0), (False, 40.0)]))


def test_a_missing_click_is_refused_however_short_the_stay() -> None:
    with pytest.raises(UserError, match="1 of 2 rows have no click to decide by, the first is row 2"):
        ClickAndDwell().apply(shown([(True, 20.0), (None, 1.0)]))


def test_it_needs_both_columns() -> None:
    rule = ClickAndDwell(click="like", dwell="watched")
    assert [need.what for need in rule.needs] == ["data.like", "data.watched"]
