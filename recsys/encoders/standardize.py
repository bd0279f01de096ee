"""A number with mean 0 and standard deviation 1."""

from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops import scales
from recsys.types import ColumnType


@final
class Standardize(Encoder):
    """(x - mean) / standard deviation of the training values, beside a 1 where the value is missing.

    A missing value has the mean. A column that is constant in training is only centred.
    """

    accepts = frozenset[ColumnType]({"number"})

    def fit(self, values: pl.Series) -> State:
        """Mean and standard deviation of the values that are there; 0 and 1 where none is."""
        return scales.moments(scales.finite(values))

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The standardised value and the mark of a missing one, `[N, 2]` float32."""
        return scales.marked((scales.finite(values) - state["mean"]) / state["std"])

    def module(self, state: State, dim: int) -> nn.Module:
        """The two numbers as they are."""
        return Same(2)
