"""A number with mean 0 and standard deviation 1."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.types import ColumnType


@final
class Standardize(Encoder):
    """(x - mean) / standard deviation of the training values, beside a 1 where the value is missing.

    A missing value has the mean. A column that is constant in training is only centred.
    """

    accepts = frozenset[ColumnType]({"number"})

    def fit(self, values: pl.Series) -> State:
        """Mean and standard deviation of the values that are there; 0 and 1 where none is."""
        numbers = _numbers(values).drop_nulls()
        mean = numbers.mean() if len(numbers) else 0.0
        std = numbers.std(ddof=0) if len(numbers) else 1.0
        return {"mean": mean, "std": std if std else 1.0}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The standardised value and the mark of a missing one, `[N, 2]` float32."""
        numbers = _numbers(values)
        scaled = ((numbers - state["mean"]) / state["std"]).fill_null(0.0)
        columns = [scaled.cast(pl.Float32).to_numpy(), numbers.is_null().cast(pl.Float32).to_numpy()]
        return torch.stack([torch.tensor(column) for column in columns], 1)

    def module(self, state: State, dim: int) -> nn.Module:
        """The two numbers as they are."""
        return Same(2)


def _numbers(values: pl.Series) -> pl.Series:
    return values.cast(pl.Float64).fill_nan(None)
