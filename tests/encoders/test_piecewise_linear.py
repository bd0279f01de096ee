"""Equation 1 of Gorishniy et al. 2022, entry by entry."""

import statistics

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.piecewise_linear import PiecewiseLinear

numbers = st.lists(st.none() | st.integers(-50, 50), min_size=1, max_size=20)


def slow(x: float, edges: list[float]) -> list[float]:
    """With T ranges, t from 1."""
    ranges, found = len(edges) - 1, []
    for t in range(1, ranges + 1):
        if x < edges[t - 1] and t > 1:
            found.append(0.0)
        elif x >= edges[t] and t < ranges:
            found.append(1.0)
        else:
            found.append((x - edges[t - 1]) / (edges[t] - edges[t - 1]))
    return found


@given(numbers, numbers, st.integers(1, 6))
@settings(deadline=None, max_examples=60)
def test_it_is_the_papers_equation_and_a_missing_value_has_its_own_slot(
    train: list[int | None], other: list[int | None], bins: int
) -> None:
    encoder = PiecewiseLinear(bins=bins)
    state = encoder.fit(pl.Series("c", train, dtype=pl.Int64))
    module = encoder.module(state, 8)
    vectors = module(encoder.encode(pl.Series("c", other, dtype=pl.Int64), state))
    ranges = max(len(state["edges"]) - 1, 0)
    assert vectors.shape == (len(other), module.width) == (len(other), ranges + 1)
    for vector, x in zip(vectors.tolist(), other, strict=True):
        expected = [0.0] * ranges if x is None or not ranges else slow(x, state["edges"])
        assert vector == pytest.approx([*expected, float(x is None)], rel=1e-4, abs=1e-4)


def test_edges_are_the_quantiles_of_the_training_values() -> None:
    values = [float(v * v) for v in range(50)]
    edges = PiecewiseLinear(bins=4).fit(pl.Series("c", values))["edges"]
    assert edges == pytest.approx([0.0, *statistics.quantiles(values, n=4, method="inclusive"), 49.0**2])


def test_values_outside_the_range_of_training_go_on_in_the_end_ranges() -> None:
    encoder = PiecewiseLinear(bins=2)
    state = encoder.fit(pl.Series("c", [0.0, 10.0, 20.0]))
    encoded = encoder.encode(pl.Series("c", [-10.0, 15.0, 40.0, float("inf")]), state)
    vectors = encoder.module(state, 8)(encoded.view(2, 2, 2)).view(4, 3)
    assert torch.equal(vectors, torch.tensor([[-1.0, 0, 0], [1, 0.5, 0], [1, 3, 0], [0, 0, 1]]))
