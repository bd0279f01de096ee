"""Ages against the standard library's dates."""

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.elapsed import Elapsed
from recsys.types import UserError

moments = st.lists(st.none() | st.integers(-(10**9), 4 * 10**9), min_size=1, max_size=10)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def column(seconds: list[int | None]) -> pl.Series:
    return pl.Series("c", seconds, dtype=pl.Int64)


@given(moments, moments)
@settings(deadline=None, max_examples=50)
def test_it_is_the_signed_logarithm_of_the_days_before_the_latest_training_value(
    train: list[int | None], other: list[int | None]
) -> None:
    encoder = Elapsed()
    encoded = encoder.encode(column(other), encoder.fit(column(train))).tolist()
    latest = max((v for v in train if v is not None), default=0)
    for pair, value in zip(encoded, other, strict=True):
        age = 0.0 if value is None else timedelta(seconds=latest - value) / timedelta(days=1)
        expected = math.copysign(math.log1p(abs(age)), age)
        assert pair == pytest.approx([expected, float(value is None)], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("reference", "moment"),
    [
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
        ("2024-01-31T18:00:00", datetime(2024, 1, 31, 18, tzinfo=UTC)),
        ("2024-01-31T18:00:00+02:00", datetime(2024, 1, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_reference_can_be_given(reference: str, moment: datetime) -> None:
    encoder = Elapsed(reference=reference)
    state = encoder.fit(column([0, None]))
    assert state == {"reference": (moment - EPOCH) / timedelta(seconds=1)}
    seconds = int(moment.timestamp())
    ages = encoder.encode(column([seconds - 3 * 86_400, seconds, seconds + 86_400]), state)[:, 0].tolist()
    assert ages == pytest.approx([math.log(4), 0.0, -math.log(2)])


def test_a_reference_that_is_no_moment_is_refused() -> None:
    with pytest.raises(UserError, match="reference='yesterday' is no moment; write it like 2024-01-31"):
        Elapsed(reference="yesterday").fit(column([0]))
