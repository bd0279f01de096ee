"""Against the definition, row by row; and the gain of a grade against NDCG by hand."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.label.graded import Graded
from recsys.types import Columns, Events, UserError

Row = tuple[bool | None, float | None, bool | None, bool | None]
TYPES = {"click": pl.Boolean, "dwell_seconds": pl.Float64, "like": pl.Boolean, "share": pl.Boolean}


def shown(rows: list[Row]) -> Events:
    log = pl.DataFrame(rows, schema=TYPES, orient="row")
    columns = Columns(
        {"u": "id"},
        {"i": "id"},
        feedback={"click": "flag", "dwell_seconds": "number", "like": "flag", "share": "flag"},
    )
    log = log.with_columns(user=pl.lit(0, pl.UInt32), item=pl.int_range(pl.len(), dtype=pl.UInt32))
    return Events(log, pl.DataFrame({"u": [7]}), pl.DataFrame({"i": range(len(rows))}), columns, True)


flag = st.none() | st.booleans()


@given(st.lists(st.tuples(st.booleans(), st.none() | st.floats(0, 50), flag, flag), min_size=1))
def test_the_grade_is_the_highest_that_was_reached(rows: list[Row]) -> None:
    wanted = [
        3.0 if like or share else 2.0 if click and (stay or 0) >= 20 else float(bool(click))
        for click, stay, like, share in rows
    ]
    if not any(wanted):
        with pytest.raises(UserError, match=r"label\.click=click: no row is positive, every grade is 0"):
            Graded(seconds=20).apply(shown(rows))
        return
    labels = Graded(seconds=20).apply(shown(rows)).log["label"]
    assert labels.to_list() == wanted
    assert labels.dtype == pl.Float32


def test_a_long_stay_without_a_click_is_no_grade() -> None:
    rows: list[Row] = [(False, 90.0, False, None), (True, 5.0, None, False), (True, 15.0, False, False)]
    assert Graded().apply(shown(rows)).log["label"].to_list() == [0, 1, 2]


def test_what_counts_as_further_engagement_can_be_named() -> None:
    rows: list[Row] = [(True, 0.0, True, False), (True, 0.0, False, True)]
    rule = Graded(further=["share"])
    assert rule.apply(shown(rows)).log["label"].to_list() == [1, 3]
    assert [need.what for need in rule.needs] == ["data.click", "data.dwell_seconds", "data.share"]


def test_a_missing_click_is_refused_even_beside_a_like() -> None:
    with pytest.raises(UserError, match="1 of 2 rows have no click to decide by, the first is row 2"):
        Graded().apply(shown([(True, 1.0, False, False), (None, 1.0, True, False)]))


def test_it_gives_grades_and_no_classes() -> None:
    assert Graded.gives == {"label.negatives", "label.grades"}


def judged(grades: list[float]) -> Events:
    log = pl.DataFrame({"user": [0, 0, 1], "item": [0, 1, 0], "relevance": grades})
    columns = Columns(user={"u": "id"}, item={"i": "id"}, feedback={"relevance": "number"})
    return Events(log, pl.DataFrame({"u": [0, 1]}), pl.DataFrame({"i": [0, 1]}), columns)


def test_a_column_of_grades_is_taken_as_it_is() -> None:
    label = Graded(grade="relevance")
    assert [need.what for need in label.needs] == ["data.relevance"]
    assert label.apply(judged([0.0, 2.0, 1.0])).log["label"].to_list() == [0, 2, 1]
    assert label.apply(judged([0.0, 30.0, 1.0])).log["label"].to_list() == [0, 30, 1]


@pytest.mark.parametrize("wrong", [-1.0, 31.0, 30.5, 200.0, float("inf"), float("nan")])
def test_a_grade_that_has_no_gain_in_32_bits_is_named_with_row_and_column(wrong: float) -> None:
    """LightGBM's gains, 2^grade - 1 of 0 to 30, likewise."""
    says = rf"label\.grade=relevance: the grade of row 2 is {wrong}; grades are 0 to 30, .* gains 2\^grade - 1"
    with pytest.raises(UserError, match=says):
        Graded(grade="relevance").apply(judged([0.0, wrong, 1.0]))
