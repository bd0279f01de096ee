"""Waves, the linear layer and ReLU written out for each value."""

import math
import statistics

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.periodic import Periodic

numbers = st.lists(st.none() | st.integers(-100, 100), min_size=1, max_size=20)


@given(numbers, numbers)
@settings(deadline=None, max_examples=30)
def test_it_is_the_papers_formula(train: list[int | None], other: list[int | None]) -> None:
    torch.manual_seed(0)
    encoder = Periodic(frequencies=3)
    state = encoder.fit(pl.Series("c", train, dtype=pl.Int64))
    module = encoder.module(state, 4)
    there = [v for v in train if v is not None]
    mean, std = (statistics.fmean(there), statistics.pstdev(there) or 1.0) if there else (0.0, 1.0)
    vectors = module(encoder.encode(pl.Series("c", other, dtype=pl.Int64), state))
    for vector, value in zip(vectors.tolist(), other, strict=True):
        x = 0.0 if value is None else (value - mean) / std
        angles = [2 * math.pi * c * x for c in module.frequencies.tolist()]
        slots = [*map(math.sin, angles), *map(math.cos, angles), float(value is None)]
        rows = zip(module.linear.weight.tolist(), module.linear.bias.tolist(), strict=True)
        linear = [sum(w * s for w, s in zip(weights, slots, strict=True)) + b for weights, b in rows]
        assert vector == pytest.approx([max(v, 0.0) for v in linear], abs=1e-3)


def test_frequencies_are_drawn_with_sigma_and_learnt() -> None:
    torch.manual_seed(0)
    module = Periodic(frequencies=2000, sigma=0.3, dim=7).module({"mean": 0.0, "std": 1.0}, 4)
    assert module.frequencies.std().item() == pytest.approx(0.3, rel=0.05)
    vectors = module(torch.tensor([[[0.5, 0.0], [0.0, 1.0]]]))
    assert vectors.shape == (1, 2, 7)
    vectors.sum().backward()
    assert bool(module.frequencies.grad.abs().sum() > 0)
