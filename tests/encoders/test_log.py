"""Python's log1p and statistics, value by value."""

import math
import statistics

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.encoders.log import Log

numbers = st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=1, max_size=20)


def slow(x: float) -> float:
    return math.copysign(math.log1p(abs(x)), x)


@given(numbers, numbers)
@settings(deadline=None, max_examples=50)
def test_it_is_the_standardised_logarithm_with_the_sign_kept(
    train: list[int | None], other: list[int | None]
) -> None:
    encoder = Log()
    state = encoder.fit(pl.Series("c", train, dtype=pl.Int64))
    there = [slow(v) for v in train if v is not None]
    mean, std = (statistics.fmean(there), statistics.pstdev(there)) if there else (0.0, 1.0)
    assume(std == 0 or std > 1e-6)
    std = 1.0 if len(set(there)) == 1 else std
    encoded = encoder.encode(pl.Series("c", other, dtype=pl.Int64), state).tolist()
    for pair, value in zip(encoded, other, strict=True):
        expected = 0.0 if value is None else (slow(value) - mean) / std
        assert pair == pytest.approx([expected, float(value is None)], rel=1e-3, abs=1e-3)


def test_orders_of_magnitude_are_equally_far_apart() -> None:
    values = pl.Series("c", [-999.0, -99.0, 0.0, 99.0, 999.0, float("nan")])
    encoder = Log()
    encoded = encoder.encode(values, encoder.fit(values))
    assert encoded[5].tolist() == [0, 1]
    x = encoded[:5, 0].tolist()
    assert x[2] == pytest.approx(0, abs=1e-6)
    assert x[3] / x[4] == pytest.approx(2 / 3)
    assert x[:2] == pytest.approx([-x[4], -x[3]])
