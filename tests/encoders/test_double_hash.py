"""Two looked-up rows put together in a Python loop."""

import itertools

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.double_hash import DoubleHash

texts = st.lists(st.none() | st.text(max_size=5), min_size=1, max_size=12)


@pytest.mark.parametrize("operation", ["sum", "concat"])
@given(texts)
@settings(deadline=None, max_examples=25)
def test_a_vector_is_one_row_of_each_table(operation: str, values: list[str | None]) -> None:
    encoder = DoubleHash(buckets=6, operation=operation)  # type: ignore[arg-type]
    places = encoder.encode(pl.Series("c", values, dtype=pl.String), {})
    module = encoder.module({}, 5)
    first, second = (table.weight for table in module.tables)
    assert [first.shape[1], second.shape[1]] == ([5, 5] if operation == "sum" else [3, 2])
    for (one, other), vector, value in zip(places.tolist(), module(places), values, strict=True):
        assert (one, other) == (0, 0) if value is None else min(one, other) >= 1
        expected = first[one] + second[other] if operation == "sum" else torch.cat([first[one], second[other]])
        assert torch.equal(vector, expected)


def test_the_two_hashes_are_independent() -> None:
    """Of n values all pairs of buckets are met equally often, as two fair dice."""
    pairs = DoubleHash(buckets=6).encode(pl.Series(range(36_000)), {}) - 1
    counts = torch.bincount(pairs[:, 0] * 6 + pairs[:, 1], minlength=36)
    assert float(((counts - 1000.0) ** 2 / 1000).sum()) < 66.6, "the 0.1 % quantile with 35 degrees of freedom"


def test_two_tables_tell_more_values_apart_than_one_of_their_size() -> None:
    pairs = DoubleHash(buckets=50).encode(pl.Series(range(1000)), {}).tolist()
    same = sum(a == b for a, b in itertools.combinations(pairs, 2))
    assert same < 2 * 1000 * 999 / 2 / 50**2
    assert len({one for one, _ in pairs}) <= 50


def test_the_sum_starts_with_the_standard_deviation_asked_for() -> None:
    torch.manual_seed(0)
    module = DoubleHash(buckets=400, init_std=0.2).module({}, 64)
    vectors = module(DoubleHash(buckets=400).encode(pl.Series(range(500)), {}))
    assert float(vectors.std()) == pytest.approx(0.2, rel=0.1)
