"""Against the definition: 1 where the rating is at least the threshold."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.label.rating_threshold import RatingThreshold
from recsys.types import Columns, Events, UserError


def rated(ratings: Sequence[float | None], **feedback: str) -> Events:
    n = len(ratings)
    log = pl.DataFrame(
        {"user": [0] * n, "item": range(n), "rating": ratings},
        schema={"user": pl.UInt32, "item": pl.UInt32, "rating": pl.Float64},
    )
    columns = Columns(user={"u": "id"}, item={"i": "id"}, feedback=feedback or {"rating": "number"})  # type: ignore[arg-type]
    return Events(log, pl.DataFrame({"u": [7]}), pl.DataFrame({"i": range(n)}), columns)


@given(st.lists(st.integers(1, 10).map(lambda n: n / 2), min_size=1), st.integers(1, 10).map(lambda n: n / 2))
def test_labels_say_which_ratings_reach_the_threshold(ratings: list[float], threshold: float) -> None:
    rule = RatingThreshold(threshold=threshold)
    if max(ratings) < threshold:
        with pytest.raises(UserError):
            rule.apply(rated(ratings))
        return
    labelled = rule.apply(rated(ratings))
    assert labelled.log["label"].to_list() == [float(rating >= threshold) for rating in ratings]
    assert labelled.log["label"].dtype == pl.Float32
    assert labelled.log.drop("label").equals(rated(ratings).log)


def test_the_default_takes_four_stars_as_positive() -> None:
    assert RatingThreshold().apply(rated([3.5, 4.0, 5.0])).log["label"].to_list() == [0, 1, 1]


def test_a_threshold_above_every_rating_is_refused_with_the_highest() -> None:
    with pytest.raises(UserError, match=r"label\.threshold=6: no row is positive, the highest rating is 4\.5"):
        RatingThreshold(threshold=6).apply(rated([1.0, 4.5]))


def test_a_missing_rating_is_refused_with_its_row() -> None:
    with pytest.raises(UserError, match=r"2 of 4 rows have no rating to decide by, the first is row 2"):
        RatingThreshold().apply(rated([5.0, None, 4.0, None]))


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(UserError, match=r"label\.column=rating: is declared as category; .* number"):
        RatingThreshold().apply(rated([5.0], rating="category"))


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match=r"label\.column=stars: .* it has rating"):
        RatingThreshold(column="stars").apply(rated([5.0]))


def test_it_needs_the_column_it_is_given_and_gives_negatives() -> None:
    rule = RatingThreshold(column="stars")
    assert [need.what for need in rule.needs] == ["data.stars"]
    assert rule.gives == {"label.negatives"}
