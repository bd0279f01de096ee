"""Against the definition: 1 where the impression was clicked."""

from typing import Any

import polars as pl
import pytest

from recsys.label.click import Click
from recsys.types import Columns, Events, UserError


def shown(clicks: list[Any], type_: Any = "flag") -> Events:
    n = len(clicks)
    return Events(
        log=pl.DataFrame({"user": [0] * n, "item": range(n), "click": clicks}),
        users=pl.DataFrame({"u": [7]}),
        items=pl.DataFrame({"i": range(n)}),
        columns=Columns(user={"u": "id"}, item={"i": "id"}, feedback={"click": type_}),
        impressions=True,
    )


def test_clicked_impressions_are_the_positives() -> None:
    log = Click().apply(shown([True, False, True])).log
    assert log["label"].to_list() == [1, 0, 1]
    assert log["label"].dtype == pl.Float32


def test_any_number_of_clicks_above_none_is_a_click() -> None:
    assert Click().apply(shown([0.0, 3.0, 1.0], "number")).log["label"].to_list() == [0, 1, 1]


def test_no_click_at_all_is_refused_with_the_key() -> None:
    with pytest.raises(UserError, match=r"label\.column=click: no row is positive"):
        Click().apply(shown([False, False]))


def test_a_missing_click_is_refused_with_its_row() -> None:
    with pytest.raises(UserError, match="1 of 3 rows have no click to decide by, the first is row 2"):
        Click().apply(shown([True, None, False]))


def test_a_column_of_text_is_refused() -> None:
    with pytest.raises(UserError, match=r"label\.column=click: is declared as text; .* flag or number"):
        Click().apply(shown(["yes"], "text"))


def test_it_needs_the_column_it_is_given() -> None:
    assert [need.what for need in Click(column="like").needs] == ["data.like"]
