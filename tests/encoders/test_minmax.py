"""The formula, value by value."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.minmax import MinMax

numbers = st.lists(st.none() | st.floats(-1e3, 1e3, width=32), min_size=1, max_size=20)


@pytest.mark.parametrize("clip", [True, False])
@given(numbers, numbers)
@settings(deadline=None, max_examples=40)
def test_it_is_the_formula_and_marks_missing_values(
    clip: bool, train: list[float | None], other: list[float | None]
) -> None:
    encoder = MinMax(clip=clip)
    state = encoder.fit(pl.Series("c", train, dtype=pl.Float64))
    there = [v for v in train if v is not None] or [0.0, 1.0]
    low, span = min(there), (max(there) - min(there)) or 1.0
    encoded = encoder.encode(pl.Series("c", other, dtype=pl.Float64), state).tolist()
    for pair, value in zip(encoded, other, strict=True):
        scaled = 0.5 if value is None else (value - low) / span
        expected = min(max(scaled, 0.0), 1.0) if clip else scaled
        assert pair == pytest.approx([expected, float(value is None)], rel=1e-5, abs=1e-6)


def test_what_is_not_finite_is_missing() -> None:
    values = pl.Series("c", [1.0, float("nan"), float("inf"), 3.0])
    encoder = MinMax()
    assert encoder.fit(values) == {"min": 1.0, "max": 3.0}
    assert encoder.encode(values, encoder.fit(values)).tolist() == [[0, 0], [0.5, 1], [0.5, 1], [1, 0]]
