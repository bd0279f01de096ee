"""Columns of numbers as tensors, with a mark where there is none."""

import polars as pl
import torch
from torch import Tensor


def finite(values: pl.Series) -> pl.Series:
    """The values as Float64; those that are not finite are missing."""
    numbers = values.cast(pl.Float64)
    return pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series()


def moments(numbers: pl.Series) -> dict[str, float]:
    """`mean` and `std` (of the population) of the values that are there; 0 and 1 where none is.

    Where all are equal, `std` is 1.
    """
    there = numbers.drop_nulls().to_numpy()
    if not len(there):
        return {"mean": 0.0, "std": 1.0}
    if there.min() == there.max():  # Rounding makes the deviation of most constants a little more than 0.
        return {"mean": float(there[0]), "std": 1.0}
    return {"mean": float(there.mean()), "std": float(there.std()) or 1.0}


def marked(numbers: pl.Series, missing: float = 0.0) -> Tensor:
    """The values, `missing` where there is none, beside a 1 where there is none. `[N, 2]` float32."""
    filled = numbers.fill_null(missing).cast(pl.Float32).to_numpy()
    return torch.stack([torch.tensor(filled), torch.tensor(numbers.is_null().cast(pl.Float32).to_numpy())], 1)
